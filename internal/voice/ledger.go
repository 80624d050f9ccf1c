package voice

import (
	"fmt"
	"maps"
	"slices"

	"demarc/internal/db"
	"demarc/internal/nanp"
)

// overlaps finds the ledger's entries for ranges: for each range, those that share a
// number with it, lowest first.
func (d *Desk) overlaps(tx *db.Tx, list []Range) ([][]Entry, error) {
	found := make([][]Entry, len(list))
	for i, r := range list {
		d.Store.AskOverlaps(tx, r, &found[i])
	}
	return found, tx.Flush()
}

// each goes through the numbers of ranges with the entry of each, nil where the ledger
// has none.
func each(list []Range, found [][]Entry, visit func(r Range, e *Entry)) {
	for i, r := range list {
		next := r.Start
		for j := range found[i] {
			e := &found[i][j]
			if e.Start > next {
				visit(Range{next, e.Start - 1}, nil)
			}
			visit(Range{max(e.Start, r.Start), min(e.End, r.End)}, e)
			next = e.End + 1
		}
		if next <= r.End {
			visit(Range{next, r.End}, nil)
		}
	}
}

// carve makes ranges entries of their own: what else was in their entries stays as it
// was. The entries that it answers are not in the ledger any more: the caller writes
// them anew, as they are to be. Every number must be in the ledger.
func (d *Desk) carve(tx *db.Tx, list []Range) ([]Entry, error) {
	found, err := d.overlaps(tx, list)
	if err != nil {
		return nil, err
	}
	var out []Entry
	pieces := map[nanp.TN][]Range{} // by the start of an entry: what is taken out of it
	entries := map[nanp.TN]Entry{}
	var missing error
	each(list, found, func(r Range, e *Entry) {
		if e == nil {
			missing = fmt.Errorf("voice: %s is not in the ledger", r.Start)
			return
		}
		pieces[e.Start] = append(pieces[e.Start], r)
		entries[e.Start] = *e
	})
	if missing != nil {
		return nil, missing
	}
	for start, e := range entries {
		d.Store.DropEntry(tx, e)
		next := start
		rest := func(to nanp.TN) {
			if to >= next {
				part := e
				part.Range = Range{next, to}
				d.Store.AddEntries(tx, []Entry{part})
			}
		}
		taken := pieces[start]
		slices.SortFunc(taken, func(a, b Range) int { return int(a.Start - b.Start) })
		for _, r := range taken {
			rest(r.Start - 1)
			part := e
			part.Range = r
			out = append(out, part)
			next = r.End + 1
		}
		rest(e.End)
	}
	slices.SortFunc(out, func(a, b Entry) int { return int(a.Start - b.Start) })
	return out, nil
}

// count adds numbers to what their customer has, so many times.
func (d *Desk) count(tx *db.Tx, e Entry, times int) {
	if h := e.holding(times); h.Reserved != 0 || h.Active != 0 {
		d.Store.AddHolding(tx, h)
	}
	if e.Status == Active {
		d.Store.AddActive(tx, e, times*e.Len())
	}
}

// busy marks numbers as an order's, or, with "", as nobody's.
func (d *Desk) busy(tx *db.Tx, list []Range, order string) error {
	entries, err := d.carve(tx, list)
	for i := range entries {
		entries[i].Busy = order
	}
	d.Store.AddEntries(tx, entries)
	return err
}

// lockNumbers queues the locking of the rate centers of entries.
func (d *Desk) lockNumbers(tx *db.Tx, centers map[string]*Center) error {
	for _, key := range slices.Sorted(maps.Keys(centers)) {
		d.lock(tx, centers[key])
	}
	return tx.Flush()
}
