package voice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"demarc/internal/db"
	"demarc/internal/setting"
	"demarc/internal/timer"
)

// Approve answers the short supply of a rate center order, or ends a backorder (source,
// POST /Numbers/customerApproval). version is what the caller has seen of the order, 0
// when it did not say.
//
//   - VOICE-ERR-20060: an order of the customer's, from this channel.
//   - VOICE-ERR-20089: one of its rate centers.
//   - VOICE-ERR-409001: nothing has changed since the caller looked.
//   - VOICE-NTC-20107: something there waits for the customer's word.
func (d *Desk) Approve(tx *db.Tx, p Party, channel string, r *ApproveRequest, version int) (Order, error) {
	state, name, action, err := checkApprove(r)
	if err != nil {
		return Order{}, err
	}
	c := center(p.Sandbox, state, name)
	d.lock(tx, c)
	o, parts, err := d.own(tx, p, channel, r.VoiceOrderID.Trim())
	if err != nil {
		return Order{}, err
	}
	if version != 0 && version != o.Version {
		return *o, e409001.With()
	}
	named := func(part Part) bool { return part.State == state && part.Center == name }
	if !slices.ContainsFunc(parts, named) {
		var wrong broken
		wrong.add(e20089, "rateCenter")
		return *o, wrong.err()
	}
	t := newTeller(d, tx, o.App)
	if err := tx.Flush(); err != nil {
		return *o, err
	}
	heard := false
	var more []Part
	for i := range parts {
		part := &parts[i]
		if !named(*part) || part.Status != PartApproval && part.Status != PartBackordered {
			continue
		}
		heard = true
		made, err := d.hear(tx, t, o, part, c, answer{action, p.actor()}, len(parts)+len(more))
		if err != nil {
			return *o, err
		}
		more = append(more, made...)
	}
	if !heard {
		about := parts[slices.IndexFunc(parts, named)]
		return *o, t.part(*o, &about, n20107)
	}
	parts = append(parts, more...)
	d.endOffers(tx, *o, parts)
	err = d.settle(tx, t, o, parts, p.actor())
	return *o, err
}

// answer is what a customer says to a short supply, and who says it.
type answer struct{ action, actor string }

// endOffers ends the waiting for approvals once nothing is on offer.
func (d *Desk) endOffers(tx *db.Tx, o Order, parts []Part) {
	if !slices.ContainsFunc(parts, func(p Part) bool { return p.Status == PartApproval }) {
		timer.Clear(tx, TimerApproval, o.ID)
	}
}

// own locks an order of the customer's, and reads its parts.
func (d *Desk) own(tx *db.Tx, p Party, channel, id string) (*Order, []Part, error) {
	o, err := d.Store.LockOrder(tx, id)
	if err != nil {
		return nil, nil, err
	}
	if o == nil || o.Customer != p.Customer || o.Channel != channel {
		var wrong broken
		wrong.add(e20060, "voiceOrderId")
		return nil, nil, wrong.err()
	}
	parts, err := d.Store.Parts(tx, id)
	return o, parts, err
}

// hear does what the customer wants with what is on offer, or with a backorder. It
// answers the backorder that comes of it, n being how many parts the order has.
func (d *Desk) hear(tx *db.Tx, t *teller, o *Order, p *Part, c *Center, said answer, n int) ([]Part, error) {
	switch {
	case p.Status == PartBackordered && said.action != ActReject:
		about := *p // it waits already
		return nil, t.part(*o, &about, n20107)
	case said.action == ActReject, said.action == ActAvailable && p.Held == 0:
		return nil, d.decline(tx, t, o, p, *c, said.actor)
	case said.action == ActAvailable:
		return nil, d.complete(tx, t, o, p, evAvailable, said.actor)
	case p.Held == 0:
		if err := d.backorder(tx, p); err != nil {
			return nil, err
		}
		if err := d.move(tx, p, said.actor, evBackorder, ""); err != nil {
			return nil, err
		}
		return nil, d.wakeBackorders(tx, *c)
	}
	rest := Part{ID: fmt.Sprintf("%s-%d", o.ID, n+1), Order: o.ID, N: n + 1, Parent: p.ID, Customer: p.Customer, Product: p.Product,
		State: p.State, Center: p.Center, Wish: p.Wish, Status: PartMachine.Initial, CreatedAt: p.CreatedAt}
	rest.Wish.Quantity -= p.Held
	rest.Wish.Run = min(rest.Wish.Run, rest.Wish.Quantity)
	if err := d.complete(tx, t, o, p, evAvailable, said.actor); err != nil {
		return nil, err
	}
	if err := d.backorder(tx, &rest); err != nil {
		return nil, err
	}
	d.Store.AddPart(tx, rest)
	if err := d.move(tx, &rest, said.actor, evBackorder, "of "+p.ID); err != nil {
		return nil, err
	}
	return []Part{rest}, d.wakeBackorders(tx, *c)
}

// backorder sets the end of a part's wait for numbers.
func (d *Desk) backorder(tx *db.Tx, p *Part) error {
	wait, err := days(tx, settingBackorder)
	p.Until = tx.Now().Add(wait)
	timer.Set(tx, TimerBackorder, p.ID, p.Until, "")
	return err
}

// days reads a setting that is a number of days.
func days(tx *db.Tx, s *setting.Setting) (time.Duration, error) {
	text, err := s.Get(tx)
	if err != nil {
		return 0, err
	}
	n, err := time.ParseDuration(text + "h")
	return 24 * n, err
}

// complete gives a part's customer what is set aside for it. (VOICE-NTC-10002)
func (d *Desk) complete(tx *db.Tx, t *teller, o *Order, p *Part, event, actor string) error {
	d.Store.Keep(tx, p.ID, tx.Now())
	p.Reserved, p.Held = p.Held, 0
	d.Store.AddHolding(tx, Holding{Customer: p.Customer, Product: p.Product, State: p.State, Center: p.Center, Reserved: p.Reserved})
	if err := t.part(*o, p, n10002); err != nil {
		return err
	}
	return d.move(tx, p, actor, event, "")
}

// decline ends a part as its customer wants. (VOICE-NTC-10005)
func (d *Desk) decline(tx *db.Tx, t *teller, o *Order, p *Part, c Center, actor string) error {
	return d.end(tx, t, o, p, c, evDeclined, actor, n10005)
}

// end ends an open part without numbers, and frees what was set aside for it.
func (d *Desk) end(tx *db.Tx, t *teller, o *Order, p *Part, c Center, event, actor string, why *Notice) error {
	if p.Status == PartBackordered {
		timer.Clear(tx, TimerBackorder, p.ID)
	}
	if err := t.part(*o, p, why); err != nil {
		return err
	}
	p.Held = 0
	if err := d.move(tx, p, actor, event, why.Text); err != nil { // first, so that it is not filled again
		return err
	}
	return d.giveBack(tx, c, *p)
}

// unheard ends what was on offer when four hours have passed. (VOICE-NTC-10013)
func (d *Desk) unheard(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		seen, err := d.Store.Parts(tx, j.Key)
		if err != nil {
			return err
		}
		sandbox := tx.Clock().Sandbox
		centers := d.lockCenters(tx, seen, sandbox)
		j.Done(tx) // behind the locks, as whoever answers meanwhile clears it
		o, err := d.Store.LockOrder(tx, j.Key)
		if err != nil || o == nil {
			return err
		}
		t := newTeller(d, tx, o.App)
		parts, err := d.Store.Parts(tx, j.Key)
		if err != nil {
			return err
		}
		for i := range parts {
			if p := &parts[i]; p.Status == PartApproval {
				if err := d.end(tx, t, o, p, *centers[p.Key()], evUnheard, carrier, n10013); err != nil {
					return err
				}
			}
		}
		return d.settle(tx, t, o, parts, carrier)
	})
}

// waitedEnough ends a backorder that was not filled in its time. (VOICE-NTC-10004)
func (d *Desk) waitedEnough(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		p, err := d.Store.Part(tx, j.Key)
		if err != nil {
			return err
		}
		if p == nil {
			return errors.New("voice: a backorder is gone: " + j.Key)
		}
		c := *center(tx.Clock().Sandbox, p.State, p.Center)
		d.Store.LockCenter(tx, &c)
		j.Done(tx) // behind the lock, as whoever fills it meanwhile clears it
		return d.endBackorders(tx, &c, []Part{*p}, n10004, carrier)
	})
}

// endBackorders ends backorders of a rate center, each with its order. The rate center
// is locked here.
func (d *Desk) endBackorders(tx *db.Tx, c *Center, list []Part, why *Notice, actor string) error {
	if len(list) == 0 {
		return nil
	}
	d.Store.LockCenter(tx, c)
	byOrder := map[string][]string{}
	for _, p := range list {
		byOrder[p.Order] = append(byOrder[p.Order], p.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(byOrder)) {
		err := d.within(tx, id, actor, func(t *teller, o *Order, parts []Part) error {
			for i := range parts {
				p := &parts[i]
				if !slices.Contains(byOrder[id], p.ID) || PartMachine.Ended(p.Status) {
					continue
				}
				if err := d.end(tx, t, o, p, *c, evEnded, actor, why); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// within locks an order, changes some of its parts, and settles it.
func (d *Desk) within(tx *db.Tx, id, actor string, change func(t *teller, o *Order, parts []Part) error) error {
	o, err := d.Store.LockOrder(tx, id)
	if err != nil {
		return err
	}
	if o == nil {
		return errors.New("voice: the order " + id + " is gone")
	}
	t := newTeller(d, tx, o.App)
	parts, err := d.Store.Parts(tx, id)
	if err != nil {
		return err
	}
	if err := change(t, o, parts); err != nil {
		return err
	}
	d.endOffers(tx, *o, parts)
	return d.settle(tx, t, o, parts, actor)
}
