package voice

import (
	"errors"
	"strconv"

	"demarc/internal/db"
	"demarc/internal/magic"
	"demarc/internal/timer"
)

// blocksPage is how many open blocks are read together.
const blocksPage = 8

// errOpen fails a unit that opens a block which another one has opened: the rate
// center is locked, so only a mistake of ours can.
var errOpen = errors.New("voice: the block is open already")

// find looks for numbers of a rate center that is locked. Nothing is taken before the
// blocks that it answers are saved.
func (d *Desk) find(tx *db.Tx, c *Center, w Wish, sandbox bool, text string) (Taken, error) {
	return d.findFrom(tx, c, nil, w, sandbox, text)
}

// firstBlocks are the open blocks that a wish is looked for in first, read together with
// what decides about it: so the rate center is not locked for as long as it takes to ask
// once more.
type firstBlocks struct {
	run  int
	list []*OpenBlock
}

// askFirst queues the reading of them, behind the rate center's lock.
func (d *Desk) askFirst(tx *db.Tx, c *Center, w Wish) *firstBlocks {
	f := &firstBlocks{run: 1}
	if w.Run > 0 {
		f.run = min(w.Run, w.Quantity)
	}
	d.Store.AskOpenBlocks(tx, *c, f.run, blocksPage, &f.list)
	return f
}

// findFrom is find that begins with blocks which are known, if it is not nil.
func (d *Desk) findFrom(tx *db.Tx, c *Center, first *firstBlocks, w Wish, sandbox bool, text string) (Taken, error) {
	asked := w
	if magic.Has(hint(sandbox, text), wordShort) {
		w.Quantity /= 2
	}
	b := d.supply(tx, c, sandbox)
	if first != nil {
		more := b.more
		b.more = func(run int) ([]*OpenBlock, error) {
			if len(b.seen) == 0 && run == first.run {
				return first.list, nil
			}
			return more(run)
		}
	}
	taken, err := b.take(w)
	taken.Short += asked.Quantity - w.Quantity
	return taken, err
}

// supply is a rate center's blocks.
func (d *Desk) supply(tx *db.Tx, c *Center, sandbox bool) *blocks {
	b := &blocks{}
	after := map[int]*OpenBlock{} // by run: where to look on
	have := func(o *OpenBlock) bool {
		for _, s := range b.seen {
			if s.Block == o.Block {
				return true
			}
		}
		return false
	}
	b.more = func(run int) ([]*OpenBlock, error) {
		for {
			page, err := d.Store.OpenBlocks(tx, *c, run, after[run], blocksPage)
			if err != nil || len(page) == 0 {
				return nil, err
			}
			after[run] = page[len(page)-1]
			var list []*OpenBlock
			for _, o := range page {
				if !have(o) {
					list = append(list, o)
				}
			}
			if len(list) > 0 {
				return list, nil
			}
		}
	}
	b.open = func(w Wish, run int) (*OpenBlock, error) {
		if !sandbox || c.Sealed {
			return nil, nil
		}
		list := c.sources()
		for i := c.Opened; i < len(list); i++ {
			o := &OpenBlock{Block: list[i], Was: newBlock}
			if unfit := w.unfit(o.Block); unfit.Longest() < run || have(o) {
				continue
			}
			was, _, err := d.Store.Block(tx, o.Block)
			if err != nil || was == nil {
				return o, err
			}
			if i == c.Opened {
				c.Opened++ // it was opened before its turn
			}
		}
		return nil, nil
	}
	return b
}

// assign takes what was found for a part.
func (d *Desk) assign(tx *db.Tx, o Order, p Part, c *Center, taken Taken, status string) {
	d.saveBlocks(tx, c, taken.Blocks)
	entries := make([]Entry, len(taken.Ranges))
	for i, r := range taken.Ranges {
		entries[i] = Entry{Range: r, Status: status, Customer: o.Customer, Product: o.Product, State: c.State, Center: c.Name,
			Part: p.ID, Order: o.ID, ExternalID: o.ExternalID, At: tx.Now()}
	}
	d.Store.AddEntries(tx, entries)
}

// saveBlocks saves what has changed of a rate center's blocks, and opens those that are
// new.
func (d *Desk) saveBlocks(tx *db.Tx, c *Center, changed []*OpenBlock) {
	list := c.sources()
	was := c.Opened
	for _, o := range changed {
		if o.Was != newBlock {
			d.Store.SaveBlock(tx, *c, o)
			continue
		}
		d.Store.AddBlock(tx, *c, *o, errOpen)
		if c.Opened < len(list) && list[c.Opened] == o.Block {
			c.Opened++
		}
	}
	if c.Opened != was {
		d.Store.SaveCenter(tx, *c)
	}
}

// release frees the numbers of ranges of a rate center that is locked, and has its
// backorders filled.
func (d *Desk) release(tx *db.Tx, c Center, entries []Entry) error {
	at := map[int64]*OpenBlock{}
	for _, e := range entries {
		block, from, to := e.places()
		o := at[int64(block)]
		if o == nil {
			found, _, err := d.Store.Block(tx, block)
			if err != nil {
				return err
			}
			if found == nil {
				return errors.New("voice: the block of " + e.Start.String() + " is not open")
			}
			o = found
			at[int64(block)] = o
		}
		if !o.Taken.Clear(from, to) {
			return errors.New("voice: " + e.Start.String() + " is free already")
		}
		d.Store.DropEntry(tx, e)
	}
	for _, o := range at {
		d.Store.SaveBlock(tx, c, o)
	}
	if len(entries) == 0 {
		return nil
	}
	return d.wakeBackorders(tx, c)
}

// wakeBackorders has a rate center's backorders looked at, if there are any.
func (d *Desk) wakeBackorders(tx *db.Tx, c Center) error {
	waiting, err := d.Store.OpenParts(tx, c, PartBackordered, 1)
	if err == nil && len(waiting) > 0 {
		timer.Set(tx, TimerFill, c.Key(), tx.Now(), "")
	}
	return err
}

// giveBack frees what a part has set aside.
func (d *Desk) giveBack(tx *db.Tx, c Center, p Part) error {
	entries, err := d.Store.EntriesOf(tx, p.ID, Held)
	if err != nil {
		return err
	}
	return d.release(tx, c, entries)
}

func countText(n int) string { return strconv.Itoa(n) }
