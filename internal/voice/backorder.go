package voice

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/timer"
)

// perFill is how many backorders one unit of work fills.
const perFill = 20

// Before backorders are given up because of the inventory (source, 10008), their filling
// is tried so often, with a rest between.
const (
	cycles     = 5
	cyclesRest = 15 * time.Minute
)

// fillBackorders gives numbers that came free to a rate center's backorders, the oldest
// first. What does not suffice for the oldest is set aside for it.
//
//   - VOICE-NTC-10008: the inventory fails again and again.
//   - VOICE-NTC-10006: the customer's own numbers are being reclaimed there.
//   - VOICE-NTC-10002: a backorder is filled.
func (d *Desk) fillBackorders(ctx context.Context, j timer.Job) error {
	state, name, _ := strings.Cut(j.Key, "/")
	var q Query
	err := d.DB.View(ctx, j.World, func(tx *db.Tx) error {
		q = Query{World: j.World, Sandbox: tx.Clock().Sandbox, Now: tx.Now()}
		return nil
	})
	if err != nil {
		return err
	}
	ready := d.Administration.Ready(ctx, q, state, name)
	if ready != nil && ctx.Err() != nil {
		return ready
	}
	before, _ := strconv.Atoi(j.Payload)
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		c := center(q.Sandbox, state, name)
		if failed := before + 1; ready != nil && failed < cycles {
			j.Again(tx, tx.Now().Add(cyclesRest), strconv.Itoa(failed))
			return nil
		}
		d.Store.LockCenter(tx, c)
		j.Done(tx) // what is set aside for those that end may wake it anew
		waiting, err := d.Store.OpenParts(tx, *c, PartBackordered, perFill)
		if err != nil {
			return err
		}
		more, payload := true, ""
		if ready != nil {
			payload = j.Payload
			err = d.endBackorders(tx, c, waiting, n10008, carrier)
		} else {
			more, err = d.fill(tx, c, waiting, q.Sandbox)
		}
		if err == nil && more && len(waiting) == perFill {
			timer.Set(tx, TimerFill, j.Key, tx.Now(), payload)
		}
		return err
	})
}

// fill fills backorders of a rate center that is locked. It reports whether numbers may
// be left.
func (d *Desk) fill(tx *db.Tx, c *Center, waiting []Part, sandbox bool) (more bool, err error) {
	more = true
	for _, p := range waiting {
		err := d.within(tx, p.Order, carrier, func(t *teller, o *Order, parts []Part) error {
			for i := range parts {
				if parts[i].ID == p.ID && parts[i].Status == PartBackordered {
					more, err = d.fillOne(tx, t, o, &parts[i], c, sandbox)
				}
			}
			return err
		})
		if err != nil || !more {
			return false, err
		}
	}
	return more, nil
}

// fillOne gives one backorder what there is, up to what it waits for.
func (d *Desk) fillOne(tx *db.Tx, t *teller, o *Order, p *Part, c *Center, sandbox bool) (more bool, err error) {
	aging, err := d.Store.AgingOf(tx, *c, p.Customer)
	if err != nil {
		return false, err
	}
	if aging {
		return true, d.end(tx, t, o, p, *c, evEnded, carrier, n10006)
	}
	w := p.Wish
	w.Quantity -= p.Held
	w.Run = min(w.Run, w.Quantity)
	taken, err := d.find(tx, c, w, sandbox, "")
	if err != nil {
		return false, err
	}
	d.assign(tx, *o, *p, c, taken, Held)
	p.Held += w.Quantity - taken.Short
	if taken.Short > 0 {
		d.Store.SavePart(tx, p.Status, *p)
		return false, nil
	}
	timer.Clear(tx, TimerBackorder, p.ID)
	return true, d.complete(tx, t, o, p, evFilled, carrier)
}

// age puts ranges of a rate center that is locked to rest before they are free again,
// and ends the backorders of whoever had them. (VOICE-NTC-10006)
func (d *Desk) age(tx *db.Tx, c *Center, entries []Entry, actor string) error {
	rest, err := days(tx, settingAging)
	if err != nil {
		return err
	}
	had := map[string]bool{}
	for _, e := range entries {
		d.count(tx, e, -1)
		had[e.Customer] = true
		d.Store.DropEntry(tx, e)
		e.Status, e.At, e.FreeAt = Aging, tx.Now(), tx.Now().Add(rest)
		e.Service, e.RouteName, e.Busy = "", "", ""
		d.Store.AddEntries(tx, []Entry{e})
	}
	next, err := d.Store.NextAged(tx, *c)
	if err != nil {
		return err
	}
	if !next.IsZero() {
		timer.Set(tx, TimerAge, c.Key(), next, "")
	}
	waiting, err := d.Store.OpenParts(tx, *c, PartBackordered, 1000)
	if err != nil {
		return err
	}
	var theirs []Part
	for _, p := range waiting {
		if had[p.Customer] {
			theirs = append(theirs, p)
		}
	}
	return d.endBackorders(tx, c, theirs, n10006, actor)
}

// holding is what an entry counts for in its customer's holding, so many times.
func (e Entry) holding(times int) Holding {
	h := Holding{Customer: e.Customer, Product: e.Product, State: e.State, Center: e.Center}
	switch e.Status {
	case Reserved:
		h.Reserved = times * e.Len()
	case Active:
		h.Active = times * e.Len()
	}
	return h
}

// aged frees what has aged in a rate center.
func (d *Desk) aged(ctx context.Context, j timer.Job) error {
	state, name, _ := strings.Cut(j.Key, "/")
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		c := center(tx.Clock().Sandbox, state, name)
		d.Store.LockCenter(tx, c)
		entries, err := d.Store.AgedEntries(tx, *c, tx.Now())
		if err != nil {
			return err
		}
		if err := d.release(tx, *c, entries); err != nil {
			return err
		}
		next, err := d.Store.NextAged(tx, *c)
		switch {
		case err != nil:
			return err
		case next.IsZero():
			j.Done(tx)
		case next.Equal(j.Due) && len(entries) == 0:
			return errors.New("voice: numbers of " + j.Key + " have aged and cannot be freed")
		default:
			j.Again(tx, next, "")
		}
		return nil
	})
}
