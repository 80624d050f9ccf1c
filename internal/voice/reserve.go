package voice

import (
	"context"
	"fmt"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/timer"
)

// PreparedReserve is a reservation whose request has passed its rules and only needs to
// be written.
type PreparedReserve struct {
	order Order
	parts []Part
	actor string
}

// PrepareReserve decides about a reservation's request.
func (d *Desk) PrepareReserve(ctx context.Context, p Party, r *ReserveRequest) (*PreparedReserve, error) {
	exception, err := d.named(ctx, p, r)
	if err != nil {
		return nil, err
	}
	lines, err := checkReserve(r, p.Customer, exception)
	if err != nil {
		return nil, err
	}
	id, err := d.number(ctx, p.World, counterOrder, "V")
	if err != nil {
		return nil, err
	}
	o := Order{ID: id, Type: TypeReserve, App: p.App, Customer: p.Customer, CustomerName: p.Name, Channel: p.channel(), Product: r.ProductID.Trim(),
		ExternalID: r.ExternalID.Trim(), State: ReserveMachine.Initial, Version: 1}
	if exception != nil {
		o.Exception = exception.ID
	}
	prepared := &PreparedReserve{order: o, actor: p.actor()}
	for i, l := range lines {
		prepared.parts = append(prepared.parts, Part{ID: fmt.Sprintf("%s-%d", id, i+1), Order: id, N: i + 1, Customer: o.Customer, Product: o.Product,
			State: l.State, Center: l.Center, Wish: l.Wish, Status: PartMachine.Initial})
	}
	return prepared, nil
}

// Reserve writes a reservation: accepted, and looked at by due work.
func (d *Desk) Reserve(tx *db.Tx, p *PreparedReserve) (Order, []Part, error) {
	t := newTeller(d, tx, p.order.App)
	self := false
	identity.AskSelf(tx, p.order.Customer, &self)
	if err := tx.Flush(); err != nil { // with what begins the unit; nothing else is read
		return p.order, nil, err
	}
	if !self {
		return p.order, nil, e409001.With() // it was merged into another meanwhile
	}
	o, now := p.order, tx.Now()
	o.CreatedAt = now
	if o.Exception != "" {
		if err := d.useException(tx, o, p.actor); err != nil {
			return o, nil, err
		}
	}
	audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: p.actor, Event: "reserve", To: o.State})
	parts := append([]Part(nil), p.parts...)
	for i := range parts {
		parts[i].CreatedAt = now
		d.Store.AddPart(tx, parts[i])
	}
	timer.Set(tx, TimerOrder, o.ID, now.Add(workAfter(tx)), "")
	if err := t.order(&o, n901); err != nil {
		return o, nil, err
	}
	d.Store.AddOrder(tx, o)
	return o, parts, nil
}

// workAfter is how long an accepted order waits for its checks. Production does not
// wait. In a sandbox an order can be seen before anything has happened to it, and
// things can be made to happen meanwhile.
func workAfter(tx *db.Tx) time.Duration {
	if tx.Clock().Sandbox {
		return 2 * time.Second
	}
	return 0
}
