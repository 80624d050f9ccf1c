package voice

import (
	"context"
	"fmt"
	"unicode/utf8"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/lenient"
)

// ExceptionRequest asks to have more than 399 numbers of a rate center in one order
// (source, Ordering large number blocks; ours: the source has a form for it).
type ExceptionRequest struct {
	ProductID  lenient.Text `json:"productID"`
	RateCenter lenient.Text `json:"rateCenter"`
	State      lenient.Text `json:"state"`
	Quantity   lenient.Text `json:"quantity"`
	Reason     lenient.Text `json:"reason"`
}

// Bounds of exceptions.
const (
	mostException = 100_000
	reasonLength  = 1000
)

// PrepareException decides about a request for an exception.
//
//   - VOICE-EXC-01: from 400 to 100,000 numbers.
//   - VOICE-EXC-02: a reason, of at most 1,000 characters.
func (d *Desk) PrepareException(ctx context.Context, p Party, r *ExceptionRequest) (Exception, error) {
	var wrong broken
	checkProduct(&wrong, r.ProductID)
	state, name := checkCenter(&wrong, "", r.RateCenter, r.State)
	quantity, ok := whole(r.Quantity)
	if !ok || quantity <= PerOrder || quantity > mostException {
		wrong.rule("VOICE-EXC-01", "quantity", fmt.Sprintf("must be a whole number from %d to %d", PerOrder+1, mostException))
	}
	if reason := r.Reason.Trim(); reason == "" || utf8.RuneCountInString(reason) > reasonLength {
		wrong.rule("VOICE-EXC-02", "reason", fmt.Sprintf("must have 1 to %d characters", reasonLength))
	}
	if err := wrong.err(); err != nil {
		return Exception{}, err
	}
	id, err := d.number(ctx, p.World, counterException, "X")
	return Exception{ID: id, App: p.App, Customer: p.Customer, Product: r.ProductID.Trim(), State: state, Center: name, Quantity: quantity,
		Reason: r.Reason.Trim(), Status: ExceptionMachine.Initial}, err
}

// rule is say with a rule of our own.
func (b *broken) rule(rule, field, text string) {
	if b.code == nil {
		b.code = e400001
	}
	b.list.Add(rule, field, text)
}

// FileException writes a request for the carrier desk.
func (d *Desk) FileException(tx *db.Tx, p Party, e Exception) Exception {
	e.CreatedAt = tx.Now()
	d.Store.AddException(tx, e)
	audit.Record(tx, audit.Event{Subject: subjectException + e.ID, Actor: p.actor(), Event: "request", To: e.Status})
	return e
}

// ExceptionOf reads a request of the customer's.
func (d *Desk) ExceptionOf(tx *db.Tx, p Party, id string) (Exception, error) {
	e, err := d.Store.Exception(tx, id)
	if err != nil {
		return Exception{}, err
	}
	if e == nil || e.Customer != p.Customer {
		return Exception{}, ExceptionUnknown.With()
	}
	return *e, nil
}

// named is the exception that a reservation names, whatever it is; nil when there is
// none.
func (d *Desk) named(ctx context.Context, p Party, r *ReserveRequest) (e *Exception, err error) {
	id := r.Exception.Trim()
	if id == "" {
		return nil, nil
	}
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		e, err = d.Store.Exception(tx, id)
		return err
	})
	return e, err
}

// useException uses an exception up for an order.
func (d *Desk) useException(tx *db.Tx, o Order, actor string) error {
	e, err := d.Store.LockException(tx, o.Exception)
	if err != nil {
		return err
	}
	if e == nil {
		return ExceptionUnknown.With()
	}
	e.Order = o.ID
	return d.decide(tx, e, actor, "use", "")
}

// DecideException approves a request or rejects it.
func (d *Desk) DecideException(tx *db.Tx, actor, id string, approve bool, note string) (Exception, error) {
	e, err := d.Store.LockException(tx, id)
	if err != nil {
		return Exception{}, err
	}
	if e == nil {
		return Exception{}, ExceptionUnknown.With()
	}
	event := "reject"
	if approve {
		event = "approve"
	}
	err = d.decide(tx, e, actor, event, note)
	return *e, err
}

func (d *Desk) decide(tx *db.Tx, e *Exception, actor, event, note string) error {
	was := e.Status
	to, err := ExceptionMachine.Fire(was, event)
	if err != nil {
		return legal(err)
	}
	e.Status = to
	if note != "" {
		e.Note = note
	}
	if ExceptionMachine.Ended(to) {
		e.EndedAt = tx.Now()
	}
	d.Store.SaveException(tx, was, *e, e409001.With())
	audit.Record(tx, audit.Event{Subject: subjectException + e.ID, Actor: actor, Event: event, From: was, To: to, Note: note})
	return nil
}
