package voice

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/nanp"
)

// StockLine is a thousands-block of a carrier's own stock.
type StockLine struct {
	State, Center string
	Block         nanp.Block
	Static911     bool
}

// StockHeader is the first line of a stock file.
var StockHeader = []string{"state", "rate_center", "npa", "nxx", "x", "static911"}

// perLoad is how many blocks one unit of work loads.
const perLoad = 1000

// LoadStock loads thousands-blocks into a world, from CSV with the header StockHeader;
// static911 is Y or N. Blocks that the world has already stay as they are. It answers
// how many were new. What is wrong with a line ends the load there: what came before
// stays, and loading the file again goes on.
func (d *Desk) LoadStock(ctx context.Context, world, actor string, from io.Reader) (loaded int, err error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord = len(StockHeader)
	header, err := r.Read()
	if err != nil || !slices.Equal(header, StockHeader) {
		return 0, fmt.Errorf("the first line must be %s", strings.Join(StockHeader, ","))
	}
	var batch []StockLine
	for {
		line, err := nextLine(r)
		if err == nil {
			batch = append(batch, line)
		}
		if len(batch) == perLoad || err != nil && len(batch) > 0 {
			n, err := d.loadBatch(ctx, world, actor, batch)
			if err != nil {
				return loaded, err
			}
			loaded += n
			batch = batch[:0]
		}
		switch {
		case errors.Is(err, io.EOF):
			return loaded, nil
		case err != nil:
			return loaded, err
		}
	}
}

// StockProblem is why a block cannot be loaded that is well-formed.
type StockProblem string

func (p StockProblem) Error() string { return string(p) }

// CheckStock is what is wrong with the lines of a stock file, up to so many of them: each
// with the number of its line.
func CheckStock(from io.Reader, most int) (problems []string) {
	r := csv.NewReader(from)
	r.FieldsPerRecord = len(StockHeader)
	header, err := r.Read()
	if err != nil || !slices.Equal(header, StockHeader) {
		return []string{"must begin with the line " + strings.Join(StockHeader, ",")}
	}
	for len(problems) < most {
		_, err := nextLine(r)
		if errors.Is(err, io.EOF) {
			return problems
		}
		if err == nil {
			continue
		}
		problems = append(problems, err.Error())
		if broken, ok := errors.AsType[*csv.ParseError](err); ok && !errors.Is(broken, csv.ErrFieldCount) {
			return problems // what follows cannot be told apart
		}
	}
	return problems
}

// nextLine reads a line of a stock file; io.EOF ends it.
func nextLine(r *csv.Reader) (StockLine, error) {
	record, err := r.Read()
	if err != nil {
		return StockLine{}, err
	}
	line, err := stockLine(record)
	if err != nil {
		n, _ := r.FieldPos(0)
		return line, fmt.Errorf("line %d: %w", n, err)
	}
	return line, nil
}

func stockLine(record []string) (l StockLine, err error) {
	l.State, l.Center = strings.ToUpper(strings.TrimSpace(record[0])), strings.ToUpper(strings.TrimSpace(record[1]))
	block, ok := nanp.ParseBlock(record[2], record[3], record[4])
	switch {
	case !nanp.IsState(l.State):
		return l, fmt.Errorf("%q is no state", record[0])
	case l.Center == "" || len(l.Center) > maxCenterName:
		return l, fmt.Errorf("%q is no rate center", record[1])
	case !ok || !block.First().Valid(): // of 555 there are only numbers for fiction
		return l, fmt.Errorf("%s-%s-%s is no thousands-block", record[2], record[3], record[4])
	case record[5] != "Y" && record[5] != "N":
		return l, errors.New("static911 must be Y or N")
	}
	l.Block, l.Static911 = block, record[5] == "Y"
	return l, nil
}

// loadBatch writes a batch, in one unit of work.
func (d *Desk) loadBatch(ctx context.Context, world, actor string, batch []StockLine) (loaded int, err error) {
	err = d.DB.Within(ctx, world, func(tx *db.Tx) error {
		loaded = 0
		centers := map[string]*Center{}
		keys := make([]string, 0, len(batch))
		for _, l := range batch {
			if key := CenterKey(l.State, l.Center); centers[key] == nil {
				centers[key] = center(tx.Clock().Sandbox, l.State, l.Center)
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		for _, key := range keys {
			d.Store.LockCenter(tx, centers[key])
		}
		found := make([][]Entry, len(batch))
		for i, l := range batch {
			d.Store.AskOverlaps(tx, rangeOf(l.Block, run{0, PerBlock}), &found[i])
		}
		if err := tx.Flush(); err != nil {
			return err
		}
		for i, l := range batch {
			if f := found[i]; len(f) > 0 && f[0].Ported {
				return StockProblem(f[0].Start.String() + " has come from another carrier: its block is not this one's")
			}
			c := centers[CenterKey(l.State, l.Center)]
			if c.Into != "" {
				return StockProblem(c.Key() + " was consolidated into " + c.Into)
			}
			if !c.Covered || !c.Native {
				c.Open = true
			}
			c.Covered, c.Native, c.Static911 = true, true, l.Static911
			d.Store.PutBlock(tx, *c, l.Block, &loaded)
		}
		if err := tx.Flush(); err != nil {
			return err
		}
		for _, key := range keys {
			d.Store.SaveCenter(tx, *centers[key])
			if err := d.wakeBackorders(tx, *centers[key]); err != nil {
				return err
			}
		}
		audit.Record(tx, audit.Event{Subject: "voice/stock", Actor: actor, Event: "load", Note: strconv.Itoa(loaded) + " thousands-blocks"})
		return nil
	})
	return loaded, err
}
