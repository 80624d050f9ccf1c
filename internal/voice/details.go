package voice

import (
	"context"
	"maps"
	"slices"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/nanp"
)

// DetailFilter says which numbers in service are meant; what is empty does not matter.
type DetailFilter struct {
	Customer, Product string
	From, To          nanp.TN
	State, Center     string
	RouteName         string
}

// ActiveBlock is how many numbers of a thousands-block a customer has in service.
type ActiveBlock struct {
	Block nanp.Block
	N     int
}

// Details lists a customer's numbers in service (source, GET /Numbers/inventory/details).
// Where a page begins is counted out over thousands-blocks, so that the last page takes
// no longer than the first.
//
//   - VOICE-ERR-20102: for which product. VOICE-ERR-20000: one that there is.
func (d *Desk) Details(tx *db.Tx, p Party, f DetailFilter, page Paging) (list []InService, total int, err error) {
	f.Customer = p.Customer
	counts, err := d.Store.ActiveBlocks(tx, f)
	if err != nil {
		return nil, 0, err
	}
	var from nanp.TN
	skip := page.Offset
	for _, c := range counts {
		if from == 0 && skip < int64(c.N) {
			from = c.Block.First()
		}
		if from == 0 {
			skip -= int64(c.N)
		}
		total += c.N
	}
	if from == 0 || page.Limit == 0 {
		return nil, total, nil
	}
	entries, err := d.Store.ActiveEntries(tx, f, from, int(skip)+page.Limit)
	if err != nil {
		return nil, 0, err
	}
	ids := map[string]bool{}
	for _, e := range entries {
		for tn := e.Start; tn <= e.End && len(list) < page.Limit; tn++ {
			if skip > 0 {
				skip--
				continue
			}
			list = append(list, InService{TN: tn, Entry: e})
			ids[e.Service] = true
		}
	}
	services, err := d.Store.Services(tx, slices.Sorted(maps.Keys(ids)))
	for i := range list {
		list[i].Service = services[list[i].Entry.Service]
	}
	return list, total, err
}

// inUse is numbers that have the same service.
type inUse struct {
	service Service
	product string
	centers []Center
	ranges  []Range
}

// servicesOf are the different services that a customer's numbers have, by id.
func (d *Desk) servicesOf(ctx context.Context, p Party, f facts, ranges []Range) (list []inUse, err error) {
	found := map[string]*inUse{}
	at := map[string]bool{}
	each(ranges, f.found, func(r Range, e *Entry) {
		if e == nil || e.Status != Active || e.Customer != p.Customer {
			return
		}
		u := found[e.Service]
		if u == nil {
			u = &inUse{product: e.Product}
			found[e.Service] = u
		}
		u.ranges = append(u.ranges, r)
		key := CenterKey(e.State, e.Center)
		if c := f.centers[key]; c != nil && !at[e.Service+" "+key] {
			at[e.Service+" "+key] = true
			u.centers = append(u.centers, *c)
		}
	})
	ids := slices.Sorted(maps.Keys(found))
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) error {
		services, err := d.Store.Services(tx, ids)
		for id, u := range found {
			u.service = services[id]
		}
		return err
	})
	for _, id := range ids {
		list = append(list, *found[id])
	}
	return list, err
}

// provideChange tells the providers what numbers are to have after a change: those of
// each service for themselves.
func (d *Desk) provideChange(ctx context.Context, q Query, o Order) (why *Notice, err error) {
	c := o.Detail.Change
	if !c.provided() {
		return nil, nil
	}
	var found [][]Entry
	err = d.DB.View(ctx, q.World, func(tx *db.Tx) (err error) {
		found, err = d.overlaps(tx, o.Detail.Ranges)
		return err
	})
	if err != nil {
		return nil, err
	}
	list, err := d.servicesOf(ctx, Party{World: q.World, Customer: o.Customer}, facts{found: found}, o.Detail.Ranges)
	for _, u := range list {
		if err != nil || why != nil {
			break
		}
		why, err = d.provide(ctx, q, o, u.ranges, c.apply(u.service))
	}
	return why, err
}

// PortOut takes numbers in service away: their users took them to another carrier. The
// carrier's own stay with that one from then on; others leave the ledger. In a
// sandbox its owner does it. (VOICE-DSK-22: each of them is in service)
func (d *Desk) PortOut(tx *db.Tx, actor string, list []Range) (n int, err error) {
	found, err := d.overlaps(tx, list)
	if err != nil {
		return 0, err
	}
	centers := map[string]*Center{}
	each(list, found, func(_ Range, e *Entry) {
		if e != nil {
			centers[CenterKey(e.State, e.Center)] = center(tx.Clock().Sandbox, e.State, e.Center)
		}
	})
	if err := d.lockNumbers(tx, centers); err != nil {
		return 0, err
	}
	if found, err = d.overlaps(tx, list); err != nil {
		return 0, err
	}
	bad := len(list) == 0
	each(list, found, func(_ Range, e *Entry) { bad = bad || e == nil || e.Status != Active })
	if bad {
		return 0, fault.Invalid.With(fault.Field("VOICE-DSK-22", "tnList", "must be telephone numbers that are in service"))
	}
	entries, err := d.carve(tx, list)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		n += e.Len()
		d.count(tx, e, -1)
		audit.Record(tx, audit.Event{Subject: subjectCenter + CenterKey(e.State, e.Center), Actor: actor, Event: "port out",
			Note: e.Start.String() + " to " + e.End.String()})
		if e.Ported {
			continue
		}
		e.Status, e.Customer, e.Service, e.RouteName, e.Product = Away, "", "", "", ""
		d.Store.AddEntries(tx, []Entry{e})
	}
	return n, nil
}

// RangesOf are the numbers of a list, for the carrier desk. (VOICE-DSK-22)
func RangesOf(list []TNRequest) ([]Range, error) {
	var wrong broken
	bad := func(string) { wrong.rule("VOICE-DSK-22", "tnList", "must be telephone numbers that are in service") }
	out := listed(&wrong, "tnList", &list, bad, bad, PerChange)
	if len(wrong.list) > 0 {
		return nil, wrong.list.As(fault.Invalid)
	}
	return out, nil
}
