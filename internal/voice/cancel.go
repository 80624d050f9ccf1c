package voice

import (
	"slices"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// Cancel cancels an order that is under way, or a part of it (source, POST
// /Numbers/order/cancel).
//
//   - VOICE-ERR-20064: the form of an order's id. VOICE-ERR-20054: there is such an
//     order, and such a part of it. VOICE-ERR-20055: it is the customer's, and from this
//     channel.
//   - VOICE-ERR-20108: it was not cancelled already. VOICE-ERR-20065, 20238: it has not
//     been completed. VOICE-ERR-20070: a supplement was not applied yet.
//   - VOICE-NTC-20066: a port is cancelled up to one business day before its day.
func (d *Desk) Cancel(tx *db.Tx, p Party, r *CancelRequest) (Order, error) {
	id := r.VoiceOrderID.Trim()
	if !orderID.MatchString(id) {
		return Order{}, one(e20064, "voiceOrderId")
	}
	seen, err := d.Store.Order(tx, id)
	switch {
	case err != nil:
		return Order{}, err
	case seen == nil:
		return Order{}, one(e20054, "voiceOrderId")
	case seen.Customer != p.Customer || seen.Channel != p.channel():
		return Order{}, one(e20055, "voiceOrderId")
	}
	out := *seen
	err = d.withOrder(tx, *seen, func(t *teller, o *Order, parts []Part) error {
		chosen, err := cancellable(o, parts, r.Transaction.Trim())
		if err != nil {
			return err
		}
		if o.Type == TypePort && o.State == PortFOC && !(len(chosen) == 1 && chosen[0].Kind == PartSupplement) && !tx.Now().Before(lastCancel(o.FOCAt)) {
			err = t.order(o, n20066)
			out = *o
			return err
		}
		err = d.cancelParts(tx, t, o, parts, chosen, p.actor())
		out = *o
		return err
	})
	return out, meanwhile(err)
}

// cancellable are the parts that are meant, if they can be cancelled.
func cancellable(o *Order, parts []Part, id string) (chosen []*Part, err error) {
	switch {
	case o.State == OrderCancelled:
		return nil, one(e20108, "voiceOrderId")
	case o.State == OrderCompleted && (o.Type == TypeInstall || o.Type == TypePort):
		return nil, one(e20238, "voiceOrderId")
	case o.State == OrderCompleted:
		return nil, one(e20065, "voiceOrderId")
	case o.Machine().Ended(o.State):
		return nil, WrongMove.Instead(o.Machine().Legal(o.State))
	}
	for i := range parts {
		if id == "" && !PartMachine.Ended(parts[i].Status) || id == parts[i].ID {
			chosen = append(chosen, &parts[i])
		}
	}
	if id == "" {
		return chosen, nil
	}
	if len(chosen) == 0 {
		return nil, one(e20054, "transactionOrderId")
	}
	switch s := chosen[0].Status; {
	case s == PartCancelled:
		return nil, one(e20108, "transactionOrderId")
	case s == PartCompleted && chosen[0].Kind == PartSupplement:
		return nil, one(e20070, "transactionOrderId")
	case s == PartCompleted:
		return nil, one(e20065, "transactionOrderId")
	case PartMachine.Ended(s):
		return nil, WrongMove.Instead(PartMachine.Legal(s))
	}
	return chosen, nil
}

// cancelParts cancels parts, and the order with the last of them.
func (d *Desk) cancelParts(tx *db.Tx, t *teller, o *Order, parts []Part, chosen []*Part, actor string) error {
	audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: actor, Event: "cancel"})
	if o.Type == TypeReserve {
		return d.cancelReservation(tx, t, o, parts, chosen, actor)
	}
	for _, p := range chosen {
		if p.Kind == PartSupplement {
			timer.Clear(tx, TimerSupplement, p.ID)
		} else if err := d.letGo(tx, o, p); err != nil {
			return err
		}
		p.Code = n904.Code
		if err := d.move(tx, p, actor, evDeclined, ""); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(parts, func(p Part) bool { return p.Kind == "" && !PartMachine.Ended(p.Status) }) {
		left, err := d.Store.BusyEntries(tx, o.ID)
		if err != nil {
			return err
		}
		o.Detail.Ranges = nil
		o.Detail.Round++ // the losing carrier is asked for fewer
		for _, e := range left {
			o.Detail.Ranges = append(o.Detail.Ranges, e.Range)
		}
		return t.order(o, n904)
	}
	timer.Clear(tx, TimerOrder, o.ID)
	timer.Clear(tx, TimerFOC, o.ID)
	if err := d.fire(tx, o, actor, evCancelled, ""); err != nil {
		return err
	}
	return t.order(o, n904)
}

// cancelReservation cancels what a reservation has not brought yet. (VOICE-NTC-10005)
func (d *Desk) cancelReservation(tx *db.Tx, t *teller, o *Order, parts []Part, chosen []*Part, actor string) error {
	sandbox := tx.Clock().Sandbox
	for _, p := range chosen {
		if err := d.decline(tx, t, o, p, *center(sandbox, p.State, p.Center), actor); err != nil {
			return err
		}
	}
	d.endOffers(tx, *o, parts)
	if !slices.ContainsFunc(parts, func(p Part) bool { return p.Status == PartCreated }) {
		timer.Clear(tx, TimerOrder, o.ID)
	}
	if slices.ContainsFunc(parts, func(p Part) bool { return !PartMachine.Ended(p.Status) }) {
		return nil
	}
	if o.State == OrderInWork {
		return d.conclude(tx, t, o, parts, actor)
	}
	if err := d.fire(tx, o, actor, evCancelled, ""); err != nil {
		return err
	}
	return t.order(o, n10005)
}
