package voice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/nanp"
	"demarc/internal/timer"
)

// changeTakes is how long a sandbox's change takes (source: complete within minutes).
const changeTakes = 2 * time.Minute

// perform works an order about numbers in service when its moment has come. What others
// must be asked for is asked before, outside any unit of work.
func (d *Desk) perform(ctx context.Context, j timer.Job, o Order, q Query) error {
	switch o.Type {
	case TypePort:
		return d.performPort(ctx, j, o, q)
	case TypeInstall:
		why, err := d.provide(ctx, q, o, o.Detail.Ranges, *o.Detail.Service)
		if err != nil {
			return err
		}
		return d.finish(ctx, j, o, why, func(tx *db.Tx, t *teller, o *Order, parts []Part) error {
			return d.putInService(tx, t, o, parts, evInstalled, n902)
		})
	case TypeChange:
		why, err := d.provideChange(ctx, q, o)
		if err != nil {
			return err
		}
		return d.finish(ctx, j, o, why, d.changeNumbers)
	case TypeDisconnect:
		return d.finish(ctx, j, o, nil, d.disconnectNumbers)
	}
	return errors.New("voice: nobody knows how to work a " + o.Type)
}

// provide tells the providers of listings, E911 and CNAM what numbers are to have. It
// answers what they have against it. (VOICE-NTC-20020)
func (d *Desk) provide(ctx context.Context, q Query, o Order, list []Range, s Service) (why *Notice, err error) {
	refused := func(err error) error {
		if _, no := errors.AsType[*Refusal](err); no {
			why = n20020
			return nil
		}
		return err
	}
	if s.Listing != nil {
		if err := refused(d.Providers.List(ctx, q, o.ID, list, s)); err != nil || why != nil {
			return why, err
		}
	}
	if s.E911 == E911Standard {
		if err := d.Providers.Locate(ctx, q, o.ID, list, s); err != nil {
			return nil, err
		}
	}
	if s.CNAM != nil {
		return nil, d.Providers.Name(ctx, q, o.ID, list, s)
	}
	return nil, nil
}

// finish ends an order in one unit of work: as do says, or rejected with why, or for
// what stands against its customer by now.
func (d *Desk) finish(ctx context.Context, j timer.Job, seen Order, why *Notice, do func(tx *db.Tx, t *teller, o *Order, parts []Part) error) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		return d.withOrder(tx, seen, func(t *teller, o *Order, parts []Part) error {
			j.Done(tx) // behind the locks, as whoever cancels it meanwhile clears it
			exists, active, granted, err := identity.Standing(tx, o.App, o.Customer)
			if err != nil {
				return err
			}
			if against := standing(exists, active, granted); against != nil {
				return d.rejectOrder(tx, t, o, parts, against)
			}
			if why != nil {
				return d.rejectOrder(tx, t, o, parts, why)
			}
			return do(tx, t, o, parts)
		})
	})
}

// withOrder locks the rate centers of an order's parts and the order, and hands it over
// if it is as it was seen.
func (d *Desk) withOrder(tx *db.Tx, seen Order, do func(t *teller, o *Order, parts []Part) error) error {
	parts, err := d.Store.Parts(tx, seen.ID)
	if err != nil {
		return err
	}
	locked := d.lockCenters(tx, parts, tx.Clock().Sandbox)
	var o *Order
	d.Store.AskOrder(tx, seen.ID, &o)
	t := newTeller(d, tx, seen.App)
	if err := tx.Flush(); err != nil {
		return err
	}
	if o == nil || o.State != seen.State || o.Version != seen.Version {
		return timer.ErrTaken
	}
	if parts, err = d.Store.Parts(tx, seen.ID); err != nil {
		return err
	}
	for _, p := range parts {
		if locked[p.Key()] == nil {
			return timer.ErrTaken // its rate center has become part of another
		}
	}
	if err := do(t, o, parts); err != nil {
		return err
	}
	d.Store.SaveOrder(tx, o)
	return nil
}

// meanwhile is what a caller is answered whose order has changed since it was looked at.
// (VOICE-ERR-409001)
func meanwhile(err error) error {
	if errors.Is(err, timer.ErrTaken) {
		return e409001.With()
	}
	return err
}

// rejectOrder ends an order without effect, and lets go of its numbers.
func (d *Desk) rejectOrder(tx *db.Tx, t *teller, o *Order, parts []Part, why *Notice, values ...string) error {
	if err := d.letGo(tx, o, nil); err != nil {
		return err
	}
	for i := range parts {
		if parts[i].Kind == PartSupplement || PartMachine.Ended(parts[i].Status) {
			continue // a supplement ends by itself
		}
		parts[i].Code = why.Code
		if err := d.move(tx, &parts[i], carrier, evNotFilled, why.Text); err != nil {
			return err
		}
	}
	if err := d.fire(tx, o, carrier, evRejected, why.Text); err != nil {
		return err
	}
	return t.orderSaying(o, why, values...)
}

// letGo makes an order's numbers nobody's business again; those that were to come from
// another carrier leave the ledger. part is whose numbers are meant, nil for all.
func (d *Desk) letGo(tx *db.Tx, o *Order, part *Part) error {
	entries, err := d.Store.BusyEntries(tx, o.ID)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if part != nil && !slices.ContainsFunc(part.Detail.Ranges, func(r Range) bool { return r.Start <= e.Start && e.Start <= r.End }) {
			continue
		}
		d.Store.DropEntry(tx, e)
		if e.Status == Porting {
			continue
		}
		e.Busy = ""
		d.Store.AddEntries(tx, []Entry{e})
	}
	return nil
}

// putInService makes an order's numbers active, with what it asks for.
func (d *Desk) putInService(tx *db.Tx, t *teller, o *Order, parts []Part, event string, notice *Notice) error {
	entries, err := d.Store.BusyEntries(tx, o.ID)
	if err != nil {
		return err
	}
	s := *o.Detail.Service
	s.ID, s.Customer = fmt.Sprintf("%s-%d", o.ID, o.Version), o.Customer
	d.Store.AddService(tx, s)
	for _, e := range entries {
		d.count(tx, e, -1)
		d.Store.DropEntry(tx, e)
		e.Status, e.Service, e.RouteName, e.Busy, e.At, e.Product = Active, s.ID, s.RouteName, "", tx.Now(), o.Product
		e.Order, e.ExternalID = o.ID, o.ExternalID
		d.count(tx, e, 1)
		d.Store.AddEntries(tx, []Entry{e})
	}
	return d.fulfil(tx, t, o, parts, event, notice)
}

// fulfil ends an order and its parts, and tells of both.
func (d *Desk) fulfil(tx *db.Tx, t *teller, o *Order, parts []Part, event string, notice *Notice) error {
	for i := range parts {
		p := &parts[i]
		if p.Kind == PartSupplement || PartMachine.Ended(p.Status) {
			continue // a supplement ends by itself
		}
		p.Reserved = p.Wish.Quantity
		if err := t.part(*o, p, notice); err != nil {
			return err
		}
		if err := d.move(tx, p, carrier, evFilled, ""); err != nil {
			return err
		}
	}
	if err := d.fire(tx, o, carrier, event, ""); err != nil {
		return err
	}
	return t.order(o, notice)
}

// changeNumbers gives an order's numbers what it changes: all or nothing for each of
// them. Numbers that had the same have the same afterwards.
//
//   - VOICE-NTC-1616: they are in service still. VOICE-NTC-20063: the service name is
//     still one of the customer's.
func (d *Desk) changeNumbers(tx *db.Tx, t *teller, o *Order, parts []Part) error {
	c := o.Detail.Change
	if c.RouteName != nil {
		routes, err := d.Store.Routes(tx, o.Customer)
		if err != nil {
			return err
		}
		if !(facts{routes: routes}).has(RouteName, *c.RouteName) {
			return d.rejectOrder(tx, t, o, parts, n20063)
		}
	}
	entries, err := d.Store.BusyEntries(tx, o.ID)
	if err != nil {
		return err
	}
	if !allActive(entries, parts) {
		return d.rejectOrder(tx, t, o, parts, n1616)
	}
	made := map[string]Service{}
	for _, e := range entries {
		if _, have := made[e.Service]; !have {
			was, err := d.Store.Service(tx, e.Service)
			if err != nil {
				return err
			}
			s := c.apply(was)
			s.ID, s.Customer = fmt.Sprintf("%s-%d", o.ID, len(made)+1), o.Customer
			d.Store.AddService(tx, s)
			made[e.Service] = s
		}
	}
	for _, e := range entries {
		s := made[e.Service]
		d.count(tx, e, -1)
		d.Store.DropEntry(tx, e)
		e.Service, e.RouteName, e.Busy = s.ID, s.RouteName, ""
		d.count(tx, e, 1)
		d.Store.AddEntries(tx, []Entry{e})
	}
	if err := t.order(o, n904); err != nil {
		return err
	}
	return d.fulfil(tx, t, o, parts, evChanged, n902)
}

// allActive reports whether every number of parts that are open is in service still.
func allActive(entries []Entry, parts []Part) bool {
	n := 0
	for _, e := range entries {
		if e.Status == Active {
			n += e.Len()
		}
	}
	for _, p := range parts {
		if p.Kind == "" && !PartMachine.Ended(p.Status) {
			n -= p.Wish.Quantity
		}
	}
	return n == 0
}

// disconnectNumbers ends the service of an order's numbers. The carrier's own age;
// those of others go back to them. (VOICE-NTC-906; VOICE-NTC-1616: none is in service)
func (d *Desk) disconnectNumbers(tx *db.Tx, t *teller, o *Order, parts []Part) error {
	entries, err := d.Store.BusyEntries(tx, o.ID)
	if err != nil {
		return err
	}
	if !allActive(entries, parts) {
		return d.rejectOrder(tx, t, o, parts, n1616)
	}
	byCenter := map[string][]Entry{}
	for _, e := range entries {
		if e.Ported {
			d.count(tx, e, -1)
			d.Store.DropEntry(tx, e)
			continue
		}
		key := CenterKey(e.State, e.Center)
		byCenter[key] = append(byCenter[key], e)
	}
	sandbox := tx.Clock().Sandbox
	for _, key := range slices.Sorted(maps.Keys(byCenter)) {
		list := byCenter[key]
		c := center(sandbox, list[0].State, list[0].Center)
		if err := d.age(tx, c, list, carrier); err != nil {
			return err
		}
	}
	return d.fulfil(tx, t, o, parts, evDisconnected, n906)
}

// invalid are the numbers of an order that the number administration does not know.
func invalid(numbers []Number) (list []nanp.TN) {
	for _, n := range numbers {
		if !n.Known {
			list = append(list, n.TN)
		}
	}
	return list
}
