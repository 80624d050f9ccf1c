package voice

import (
	"context"
	"maps"
	"slices"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/timer"
)

// Kinds of due work.
const (
	TimerOrder     = "voice.order"     // by order: its checks
	TimerApproval  = "voice.approval"  // by order: the end of its offers
	TimerBackorder = "voice.backorder" // by part: the end of its wait
	TimerFill      = "voice.fill"      // by rate center: numbers came free, and backorders wait
	TimerAge       = "voice.age"       // by rate center: numbers have aged
)

// Handle registers the product's due work.
func (d *Desk) Handle(r *timer.Runner) {
	r.Handle(TimerOrder, d.work)
	r.Handle(TimerApproval, d.unheard)
	r.Handle(TimerBackorder, d.waitedEnough)
	r.Handle(TimerFill, d.fillBackorders)
	r.Handle(TimerAge, d.aged)
	r.Handle(TimerFOC, d.portDay)
	r.Handle(TimerSupplement, d.supplement)
}

// carrier stands in the trail for what the carrier did by itself.
const carrier = "carrier"

// work takes a reservation one step on: its credit, and then its rate centers. The
// backends are asked outside any unit of work.
func (d *Desk) work(ctx context.Context, j timer.Job) error {
	var o *Order
	var parts []Part
	var q Query
	err := d.DB.View(ctx, j.World, func(tx *db.Tx) (err error) {
		d.Store.AskParts(tx, j.Key, &parts)
		if o, err = d.Store.Order(tx, j.Key); err != nil || o == nil {
			return err
		}
		q = o.query(j.World, tx.Clock().Sandbox)
		q.Now = tx.Now()
		return nil
	})
	if err != nil {
		return err
	}
	if o == nil || o.State != OrderCreated && o.State != OrderInWork {
		return d.DB.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
	}
	if o.Type != TypeReserve {
		return d.perform(ctx, j, *o, q)
	}
	if o.State == OrderCreated {
		hold, err := d.Credit.Check(ctx, q, o.ID)
		if err != nil {
			return err
		}
		if hold {
			return d.hold(ctx, j, o.ID)
		}
	}
	for _, p := range parts {
		if err := d.Administration.Ready(ctx, q, p.State, p.Center); err != nil {
			return err
		}
	}
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		j.Done(tx)
		return d.check(tx, *o, slices.Clone(parts), q.Sandbox) // a unit may run more than once
	})
}

// hold puts an order on credit hold; the carrier desk goes on with it.
// (VOICE-NTC-1807)
func (d *Desk) hold(ctx context.Context, j timer.Job, id string) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		o, err := d.Store.LockOrder(tx, id)
		if err != nil {
			return err
		}
		if o == nil || o.State != OrderCreated {
			return timer.ErrTaken
		}
		t := newTeller(d, tx, o.App)
		if err := tx.Flush(); err != nil {
			return err
		}
		if err := d.fire(tx, o, "credit", evHold, ""); err != nil {
			return err
		}
		j.Done(tx)
		if err := t.order(o, n1807); err != nil {
			return err
		}
		d.Store.SaveOrder(tx, o)
		return nil
	})
}

// lockCenters queues the locking of parts' rate centers, in the order of their keys, and
// answers them by key.
func (d *Desk) lockCenters(tx *db.Tx, parts []Part, sandbox bool) map[string]*Center {
	keys := map[string]*Center{}
	for _, p := range parts {
		if keys[p.Key()] == nil {
			keys[p.Key()] = center(sandbox, p.State, p.Center)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		d.lock(tx, keys[key])
	}
	return keys
}

// lock queues the locking of a rate center, of which the numbering plan may not know.
func (d *Desk) lock(tx *db.Tx, c *Center) {
	if c.Plan != nil {
		d.Store.LockCenter(tx, c)
	} else {
		d.Store.LockIfAny(tx, c)
	}
}

// check decides about every rate center of an order, in one unit of work. seen is the
// order as it was seen before.
func (d *Desk) check(tx *db.Tx, seen Order, parts []Part, sandbox bool) error {
	centers := d.lockCenters(tx, parts, sandbox)
	var o *Order
	d.Store.AskOrder(tx, seen.ID, &o)
	t := newTeller(d, tx, seen.App)
	f := make([]lineFacts, len(parts))
	var profile Profile
	d.Store.AskProfile(tx, seen.Customer, &profile)
	first := map[string]bool{} // what a part takes, a later one of its rate center does not find
	for i, p := range parts {
		f[i] = lineFacts{product: seen.Product, center: centers[p.Key()], backorders: takesBackorders(sandbox, p.State),
			holding: Holding{Customer: seen.Customer, Product: seen.Product, State: p.State, Center: p.Center}}
		d.Store.AskOlder(tx, seen, p, &f[i].older)
		d.Store.AskHolding(tx, &f[i].holding)
		d.Store.AskRegion(tx, p.State, &f[i].backorders)
		if !first[p.Key()] {
			first[p.Key()] = true
			f[i].first = d.askFirst(tx, f[i].center, p.Wish)
		}
	}
	exists, active, granted, err := identity.Standing(tx, seen.App, seen.Customer) // reads all that was asked
	switch {
	case err != nil:
		return err
	case o == nil || o.State != seen.State || o.Version != seen.Version || o.Customer != seen.Customer:
		return timer.ErrTaken
	}
	if why := standing(exists, active, granted); why != nil {
		return d.refuse(tx, t, o, parts, why)
	}
	if o.State == OrderCreated {
		if err := d.fire(tx, o, carrier, evTaken, ""); err != nil {
			return err
		}
	}
	for i := range parts {
		if PartMachine.Ended(parts[i].Status) {
			continue // it was cancelled
		}
		f[i].now, f[i].profile = tx.Now(), profile
		if err := d.line(tx, t, o, &parts[i], f[i], sandbox); err != nil {
			return err
		}
	}
	return d.settle(tx, t, o, parts, carrier)
}

// takesBackorders is whether a region has backorders while nobody has said otherwise.
func takesBackorders(sandbox bool, state string) bool {
	return !sandbox || !slices.Contains(noBackorders, state)
}

// standing is what stands against working an order of a customer's; nil when nothing
// does.
//
//   - VOICE-NTC-1429: the customer exists, and is active.
//   - VOICE-NTC-1403: the application may act for it.
func standing(exists, active, granted bool) *Notice {
	switch {
	case !exists || !active:
		return n1429
	case !granted:
		return n1403
	}
	return nil
}

// refuse rejects a whole order.
func (d *Desk) refuse(tx *db.Tx, t *teller, o *Order, parts []Part, why *Notice) error {
	for i := range parts {
		if PartMachine.Ended(parts[i].Status) {
			continue
		}
		parts[i].Code = why.Code
		if err := d.move(tx, &parts[i], carrier, evNotFilled, why.Text); err != nil {
			return err
		}
	}
	if err := d.fire(tx, o, carrier, evRejected, why.Text); err != nil {
		return err
	}
	if err := t.order(o, why); err != nil {
		return err
	}
	d.Store.SaveOrder(tx, o)
	return nil
}

// line fills one line of an order, asks its customer what to do about a short supply,
// or rejects it.
func (d *Desk) line(tx *db.Tx, t *teller, o *Order, p *Part, f lineFacts, sandbox bool) error {
	reject := func(why *Notice) error {
		if err := t.part(*o, p, why); err != nil {
			return err
		}
		return d.move(tx, p, carrier, evNotFilled, why.Text)
	}
	if against := checkLine(f); len(against) > 0 {
		return reject(against[0])
	}
	taken, err := d.findFrom(tx, f.center, f.first, p.Wish, sandbox, o.ExternalID)
	if err != nil {
		return err
	}
	if taken.Short > 0 {
		if why := checkShort(p.Wish, f.backorders); why != nil {
			return reject(why) // and nothing of what was found is taken
		}
		return d.offer(tx, t, o, p, f.center, taken)
	}
	if taken.Broken {
		if err := t.part(*o, p, n19001); err != nil {
			return err
		}
	}
	d.assign(tx, *o, *p, f.center, taken, Reserved)
	p.Reserved = p.Wish.Quantity
	d.Store.AddHolding(tx, Holding{Customer: o.Customer, Product: o.Product, State: p.State, Center: p.Center, Reserved: p.Reserved})
	if err := t.part(*o, p, n10002); err != nil {
		return err
	}
	return d.move(tx, p, carrier, evFilled, "")
}

// offer sets aside what there is of a short supply, and asks the customer.
// (VOICE-NTC-10001)
func (d *Desk) offer(tx *db.Tx, t *teller, o *Order, p *Part, c *Center, taken Taken) error {
	d.assign(tx, *o, *p, c, taken, Held)
	p.Held = p.Wish.Quantity - taken.Short
	p.Until = tx.Now().Add(ApprovalWindow)
	timer.Set(tx, TimerApproval, o.ID, p.Until, "")
	if err := t.part(*o, p, n10001, countText(p.Held)); err != nil {
		return err
	}
	return d.move(tx, p, carrier, evShort, "")
}

// settle ends an order whose parts have all ended, tells of it, and saves it.
//
//   - VOICE-NTC-10002: one of them brought numbers.
//   - VOICE-NTC-1921: the customer was asked, and said nothing.
//   - What the last of them was told, otherwise.
func (d *Desk) settle(tx *db.Tx, t *teller, o *Order, parts []Part, actor string) error {
	defer d.Store.SaveOrder(tx, o)
	return d.conclude(tx, t, o, parts, actor)
}

// conclude is settle without the saving.
func (d *Desk) conclude(tx *db.Tx, t *teller, o *Order, parts []Part, actor string) error {
	var completed, rejected, unheard bool
	var last Part
	for _, p := range parts {
		if !PartMachine.Ended(p.Status) {
			return nil
		}
		completed = completed || p.Status == PartCompleted
		rejected = rejected || p.Status == PartRejected
		unheard = unheard || p.Code == n10013.Code
		if !p.EndedAt.Before(last.EndedAt) {
			last = p
		}
	}
	event, why := evCancelled, byCode[last.Code]
	switch {
	case completed:
		event, why = evCompleted, n10002
	case unheard:
		event, why = evRejected, n1921
	case rejected:
		event = evRejected
	}
	if err := d.fire(tx, o, actor, event, ""); err != nil {
		return err
	}
	return t.order(o, why)
}
