package preorder

import (
	"context"
	"errors"
	"fmt"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/machine"
	"demarc/internal/timer"
)

const (
	counterOrder = "preorder.order"
	firstOrder   = 400_000_000
)

// PrepareComplete names the order that Complete will place.
func (d *Desk) PrepareComplete(ctx context.Context, p Party) (number string, err error) {
	n, err := d.Counters.Next(ctx, p.World, counterOrder)
	return fmt.Sprintf("N%09d", firstOrder+n), err
}

// Complete turns a configured transaction into an order (ours: the source names
// Complete and submit without a schema). The codes are those of the same mistakes in
// a configuration.
//
//   - PX-CMP-01: the seller's own transaction, qualified and configured today, with the
//     partner's order id that it was configured with.
//   - PX-CMP-02: not after a hard stop.
//   - PX-CMP-03: once, and not where an order of the last 30 days is.
func (d *Desk) Complete(tx *db.Tx, p Party, r *CompleteRequest, number string) (Order, error) {
	id := r.TransactionID.Trim()
	m := &messages{d: d, tx: txText(id)}
	partner, err := d.Store.Partner(tx, p.Partner)
	if err != nil {
		return Order{}, err
	}
	d.checkSeller(m, "PX-CFG-", r.SalesCode, r.PartnerID, partner, func() {})
	var t *Transaction
	if txID.MatchString(id) {
		if t, err = d.Store.LockTransaction(tx, id); err != nil {
			return Order{}, err
		}
	}
	now := tx.Now()
	poid := r.PartnerOrderID.Trim()
	switch {
	case t == nil || t.Partner != p.Partner || t.State != TxQualified || t.SalesCode != r.SalesCode.Trim():
		m.add(m2070, "PX-CFG-2070", "transactionId")
	case !sameDay(t.CreatedAt, now):
		m.add(m2200, "PX-CFG-2200", "transactionId")
	case t.Config == nil:
		m.add(m2090, "PX-CFG-2090", "transactionId", id, t.SalesCode)
	case t.PartnerOrderID != poid:
		m.inconstant(bounded(poid))
	}
	if err := m.err(); err != nil {
		return Order{}, err
	}
	if t.Config.Stopped {
		return Order{}, HardStop.With(fault.Field("PX-CMP-02", "transactionId", "was configured with a hard stop: "+t.Config.Credit.Reason))
	}
	had, err := d.Store.OrderByPair(tx, t.SalesCode, poid)
	if err != nil {
		return Order{}, err
	}
	if had != nil {
		return Order{}, d.said(m2130, "PX-CFG-2130", "partnerOrderId", id, t.SalesCode, poid)
	}
	return d.place(tx, p.actor(), t, number)
}

// HardStop is the answer to completing what credit has stopped.
var HardStop = fault.New(Product, "preorder_hard_stop", 409, "The customer's credit is a hard stop; there can be no order.")

func (d *Desk) place(tx *db.Tx, actor string, t *Transaction, number string) (Order, error) {
	c, err := t.choice()
	if err != nil {
		return Order{}, err
	}
	a := answerOf(*t, c)
	o := Order{Number: number, Transaction: t.ID, Partner: t.Partner, SalesCode: t.SalesCode, PartnerOrderID: t.PartnerOrderID, App: t.App,
		DetailID: t.Address.DetailID, Address: t.Address.String(), ProductCode: c.offer.Code, BillType: c.offer.BillType,
		State: OrderMachine.Initial, Totals: a.Totals, Deposit: a.Deposit, CreatedAt: tx.Now()}
	holder, err := d.Store.HoldAddress(tx, o.DetailID, number, o.CreatedAt, o.CreatedAt.Add(blocksFor))
	if err != nil {
		return o, err
	}
	if holder != number {
		return o, d.blocked(holder, t.ID)
	}
	d.Store.AddOrder(tx, o)
	audit.Record(tx, audit.Event{Subject: orderSubject(number), Actor: actor, Event: "completed by the partner", To: o.State, Note: t.ID})
	timer.Set(tx, TimerOrder, number, o.CreatedAt.Add(takenUpAfter), "")
	return o, d.notify(tx, o)
}

// choice is what was configured.
func (t *Transaction) choice() (choice, error) {
	c := choice{install: t.Config.Install}
	var ok bool
	if c.offer, ok = OfferingByCode(t.Config.ProductCode); !ok {
		return c, errors.New("preorder: a configured product is not in the catalogue")
	}
	c.promo, _ = promotionByCode(t.Config.PromoCode)
	for _, m := range modems {
		if m.Code == t.Config.Modem {
			c.modem = m
		}
	}
	for _, code := range t.Config.AddOns {
		for _, a := range addOns {
			if a.Code == code {
				c.addOns = append(c.addOns, a)
			}
		}
	}
	return c, nil
}

// Cancel ends an order of the partner's before its service is installed. Its address
// is free again.
func (d *Desk) Cancel(tx *db.Tx, p Party, number string) (Order, error) {
	o, err := d.Store.LockOrder(tx, number)
	if err != nil {
		return Order{}, err
	}
	if o == nil || o.Partner != p.Partner || p.Partner == "" {
		return Order{}, OrderUnknown.With()
	}
	if err := d.move(tx, o, p.actor(), evCancel); err != nil {
		return *o, err
	}
	d.Store.ReleaseAddress(tx, o.DetailID, number)
	timer.Clear(tx, TimerOrder, number)
	return *o, d.notify(tx, *o)
}

// move fires an event at an order, saves it and writes the move to the trail.
func (d *Desk) move(tx *db.Tx, o *Order, actor, event string) error {
	was := o.State
	to, err := OrderMachine.Fire(was, event)
	if wrong, ok := errors.AsType[*machine.WrongMove](err); ok {
		return OrderMove.Instead(wrong.Legal)
	}
	if err != nil {
		return err
	}
	o.State = to
	if OrderMachine.Ended(to) {
		o.EndedAt = tx.Now()
	}
	d.Store.MoveOrder(tx, was, *o)
	audit.Record(tx, audit.Event{Subject: orderSubject(o.Number), Actor: actor, Event: event, From: was, To: to})
	return nil
}

// Order is an order of the partner's, with its history.
func (d *Desk) Order(tx *db.Tx, p Party, number string) (Order, []audit.Event, error) {
	o, err := d.Store.Order(tx, number)
	if err != nil {
		return Order{}, nil, err
	}
	if o == nil || o.Partner != p.Partner || p.Partner == "" {
		return Order{}, nil, OrderUnknown.With()
	}
	trail, err := audit.History(tx, orderSubject(number))
	return *o, trail, err
}
