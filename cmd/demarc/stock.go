package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"demarc/internal/app"
	"demarc/internal/db"
	"demarc/internal/lenient"
	"demarc/internal/voice"
)

// StockCmd works on the telephone numbers that a carrier has in stock, in the database
// itself, as AppCmd does. What follows from a change (backorders that are filled,
// numbers that have aged) a running server does.
type StockCmd struct {
	Load        StockLoadCmd        `cmd:"" help:"Load thousands-blocks from a CSV file."`
	Count       StockCountCmd       `cmd:"" help:"Say how many rate centers are served, and what their numbers are used for."`
	Show        StockShowCmd        `cmd:"" help:"Show a rate center and its numbers."`
	Block       StockBlockCmd       `cmd:"" help:"Add a thousands-block to a rate center, which is served from then on."`
	Open        StockOpenCmd        `cmd:"" help:"Open a rate center for orders, now or later."`
	Close       StockCloseCmd       `cmd:"" help:"Close a rate center for orders."`
	Native      StockNativeCmd      `cmd:"" help:"Say whether a rate center has numbers of its own to give; one that ends it ends its backorders."`
	Consolidate StockConsolidateCmd `cmd:"" help:"Make a rate center part of another one; what waits for it ends."`
	Withhold    StockWithholdCmd    `cmd:"" help:"Keep numbers of a rate center back, or let go of them."`
	Reclaim     StockReclaimCmd     `cmd:"" help:"Take numbers in a customer's pool back; they age, and are free then."`
	Region      StockRegionCmd      `cmd:"" help:"Say whether a state takes backorders."`
}

// withVoice runs fn with the use cases of Voice on the configured database.
func withVoice(g *Globals, world string, fn func(desk *voice.Desk) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	// Backends are asked by orders alone.
	err = explained(fn(app.NewVoice(d, db.NewCounters(d), nil, nil)))
	return errors.Join(noWorld(err, world), d.Close())
}

// atDesk runs fn as one unit of work in a world.
func atDesk(g *Globals, world string, fn func(desk *voice.Desk, tx *db.Tx) error) error {
	return withVoice(g, world, func(desk *voice.Desk) error {
		return desk.DB.Within(g.Context, world, func(tx *db.Tx) error { return fn(desk, tx) })
	})
}

// StockLoadCmd loads thousands-blocks.
type StockLoadCmd struct {
	File  string `arg:"" help:"CSV that begins with the line state,rate_center,npa,nxx,x,static911 (docs/operations.md); - for standard input." placeholder:"FILE"`
	World string `help:"The world that is to have them." default:"production" placeholder:"ID"`
}

// Run loads them. Loading a block again changes nothing.
func (c StockLoadCmd) Run(g *Globals) (err error) {
	var from io.ReadCloser = os.Stdin
	if c.File != "-" {
		from, err = os.Open(c.File)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no file %s", c.File)
		}
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, from.Close()) }()
	}
	return withVoice(g, c.World, func(desk *voice.Desk) error {
		n, err := desk.LoadStock(g.Context, c.World, operator, from)
		is := "thousands-blocks are"
		if n == 1 {
			is = "thousands-block is"
		}
		if err != nil && n > 0 {
			return fmt.Errorf("%w; %d %s new, from before it", err, n, is)
		}
		return said(g, err, "%d %s new.", n, is)
	})
}

// StockCountCmd counts the stock.
type StockCountCmd struct {
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// Run counts it.
func (c StockCountCmd) Run(g *Globals) error {
	var n voice.StockCount
	sandbox := false
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		sandbox = tx.Clock().Sandbox
		n, err = desk.Store.StockCount(tx, "", "")
		return err
	})
	if err != nil {
		return err
	}
	what := [][2]any{{"rate centers served", n.Centers}}
	if err := printTable(g, "", append(what, counted(n)...)); err != nil || !sandbox {
		return err
	}
	centers, numbers := voice.ReferenceStock()
	return said(g, nil, "A sandbox has %d rate centers with %d numbers to begin with; those that were not used are not counted.", centers, numbers)
}

// counted are the lines about a stock's numbers.
func counted(n voice.StockCount) [][2]any {
	lines := [][2]any{{"thousands-blocks", n.Blocks}, {"numbers free", n.Free}}
	for _, status := range []string{voice.Held, voice.Reserved, voice.Active, voice.Aging, voice.Withheld} {
		lines = append(lines, [2]any{"numbers " + status, n.Taken[status]})
	}
	return lines
}

// printTable prints names and values, below each other.
func printTable(g *Globals, indent string, lines [][2]any) error {
	w := tabwriter.NewWriter(g.Stdout, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintf(w, "%s%v\t%v\n", indent, l[0], l[1])
	}
	return w.Flush()
}

// inCenter is a command about one rate center.
type inCenter struct {
	State  string `arg:"" help:"The two letters of its state."`
	Center string `arg:"" name:"ratecenter" help:"Its name, in quotes if it has a blank."`
	World  string `help:"The world." default:"production" placeholder:"ID"`
}

// name is the rate center as the stock names it.
func (c inCenter) name() (state, center string) {
	return strings.ToUpper(strings.TrimSpace(c.State)), strings.ToUpper(strings.TrimSpace(c.Center))
}

// run changes a rate center in one unit of work, and prints the one that is answered
// as it is then.
func (c inCenter) run(g *Globals, change func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error)) error {
	var at voice.Center
	var n voice.StockCount
	var now time.Time
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		state, center := c.name()
		now = tx.Now()
		if at, err = change(desk, tx, state, center); err == nil {
			n, err = desk.Store.StockCount(tx, at.State, at.Name)
		}
		return err
	})
	if err != nil {
		return err
	}
	return printCenter(g, at, n, now)
}

func printCenter(g *Globals, c voice.Center, n voice.StockCount, now time.Time) error {
	if c.Into != "" {
		return said(g, nil, "%s is part of %s.", c.Key(), c.Into)
	}
	orders := "closed"
	switch {
	case c.Orderable(now):
		orders = "open"
	case c.Open:
		orders = "open from " + moment(c.OpensAt)
	}
	if err := said(g, nil, "%s", c.Key()); err != nil {
		return err
	}
	lines := [][2]any{{"served", yes(c.Covered)}, {"orders", orders}, {"native numbers", yes(c.Native)}, {"static 911", yes(c.Static911)}}
	return printTable(g, "  ", append(lines, counted(n)...))
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// StockShowCmd shows a rate center.
type StockShowCmd struct{ inCenter }

// Run shows it.
func (c StockShowCmd) Run(g *Globals) error {
	return c.run(g, func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error) {
		at, _, _, err := desk.CenterAt(tx, state, center)
		return at, err
	})
}

// StockBlockCmd adds a thousands-block.
type StockBlockCmd struct {
	inCenter
	NPA string `arg:"" name:"npa" help:"The block's area code, such as 303."`
	NXX string `arg:"" name:"nxx" help:"Its prefix, such as 225."`
	X   string `arg:"" name:"x" help:"The first digit of its lines, such as 4."`
}

// Run adds it.
func (c StockBlockCmd) Run(g *Globals) error {
	return c.run(g, func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error) {
		at, _, err := desk.AddBlock(tx, operator, &voice.BlockRequest{State: lenient.Text(state), RateCenter: lenient.Text(center),
			NPA: lenient.Text(c.NPA), NXX: lenient.Text(c.NXX), X: lenient.Text(c.X)})
		return at, err
	})
}

// change runs one change of a rate center.
func (c inCenter) change(g *Globals, ch voice.CenterChange) error {
	return c.run(g, func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error) {
		return desk.ChangeCenter(tx, operator, state, center, ch)
	})
}

// StockOpenCmd opens a rate center.
type StockOpenCmd struct {
	inCenter
	At time.Time `help:"When it opens, such as 2030-01-31T08:00:00Z (default: now)." placeholder:"TIME"`
}

// Run opens it.
func (c StockOpenCmd) Run(g *Globals) error {
	open, at := true, c.At.UTC()
	return c.change(g, voice.CenterChange{Open: &open, OpensAt: &at})
}

// StockCloseCmd closes a rate center.
type StockCloseCmd struct{ inCenter }

// Run closes it.
func (c StockCloseCmd) Run(g *Globals) error { return c.change(g, voice.CenterChange{Open: new(bool)}) }

// StockNativeCmd says whether a rate center has numbers of its own to give.
type StockNativeCmd struct {
	inCenter
	Offer bool `help:"--offer=true: it has; --offer=false: it has none." required:""`
}

// Run says so.
func (c StockNativeCmd) Run(g *Globals) error {
	return c.change(g, voice.CenterChange{Native: &c.Offer})
}

// StockConsolidateCmd makes a rate center part of another.
type StockConsolidateCmd struct {
	inCenter
	IntoState  string `arg:"" help:"The state of the one that takes its numbers over."`
	IntoCenter string `arg:"" name:"into-ratecenter" help:"And its name."`
}

// Run consolidates them.
func (c StockConsolidateCmd) Run(g *Globals) error {
	return c.run(g, func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error) {
		intoState, into := inCenter{State: c.IntoState, Center: c.IntoCenter}.name()
		return desk.Consolidate(tx, operator, state, center, intoState, into)
	})
}

// StockWithholdCmd keeps numbers back.
type StockWithholdCmd struct {
	inCenter
	Leave int `help:"How many free numbers are left for orders, or as many as there are." required:"" placeholder:"N"`
}

// Run keeps them back.
func (c StockWithholdCmd) Run(g *Globals) error {
	return c.run(g, func(desk *voice.Desk, tx *db.Tx, state, center string) (voice.Center, error) {
		at, _, err := desk.Withhold(tx, operator, state, center, c.Leave)
		return at, err
	})
}

// StockReclaimCmd takes numbers of a customer's back.
type StockReclaimCmd struct {
	inCenter
	Customer string `arg:"" help:"The customer's number."`
	Quantity int    `arg:"" help:"How many, the lowest first."`
}

// Run takes them back.
func (c StockReclaimCmd) Run(g *Globals) error {
	n := 0
	state, center := c.name()
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		if err = knownCustomer(tx, c.Customer); err == nil {
			n, err = desk.Reclaim(tx, operator, c.Customer, state, center, c.Quantity)
		}
		return err
	})
	return said(g, err, "Taken back in %s from %s: %d.", voice.CenterKey(state, center), c.Customer, n)
}

// StockRegionCmd says whether a state takes backorders.
type StockRegionCmd struct {
	State      string `arg:"" help:"Its two letters."`
	Backorders bool   `help:"--backorders=true: it does; --backorders=false: a short supply is refused there." required:""`
	World      string `help:"The world." default:"production" placeholder:"ID"`
}

// Run says so.
func (c StockRegionCmd) Run(g *Globals) error {
	state := strings.ToUpper(c.State)
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) error { return desk.PutRegion(tx, operator, state, c.Backorders) })
	return said(g, err, "Backorders in %s: %s.", state, yes(c.Backorders))
}
