package marketplace

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/timer"
)

// SubscriptionRequest is a buyer's: a product, and its form filled in.
type SubscriptionRequest struct {
	ProductID string            `json:"productId"`
	Fields    map[string]string `json:"fields"`
}

// PreparedSubscription is one whose form has passed its rules.
type PreparedSubscription struct {
	party Party
	sub   Subscription
}

// ID is the id that it will have.
func (p *PreparedSubscription) ID() string { return p.sub.ID }

// PrepareSubscription decides about a buyer's form before the unit of work, and seals
// its secrets. Nothing of a refused form is kept anywhere.
func (d *Desk) PrepareSubscription(ctx context.Context, p Party, r *SubscriptionRequest) (*PreparedSubscription, error) {
	var o Offer
	var owner Provider
	err := d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		o, owner, err = d.OfferToBuyer(tx, strings.TrimSpace(r.ProductID))
		return err
	})
	if err != nil {
		return nil, err
	}
	wrong, err := checkValues(o.Form, r.Fields)
	if err != nil {
		return nil, err
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return nil, err
	}
	id, err := d.next(ctx, p.World, counterSubscription, "SUB-")
	if err != nil {
		return nil, err
	}
	s := Subscription{ID: id, Provider: owner.ID, Offer: o.ID, App: p.App, Customer: p.Customer, Values: map[string]string{}}
	secrets := map[string]string{}
	for field, v := range r.Fields {
		switch {
		case v == "":
		case isSecret(field):
			secrets[field] = v
		default:
			s.Values[field] = v
		}
	}
	s.Secrets, err = d.sealSecrets(id, secrets)
	return &PreparedSubscription{party: p, sub: s}, err
}

func (d *Desk) sealSecrets(subscription string, secrets map[string]string) ([]byte, error) {
	if len(secrets) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return d.Seal.Seal(secretsPurpose(subscription), text), nil
}

func secretsPurpose(subscription string) string { return "marketplace secrets of " + subscription }

// Subscribe writes a prepared subscription, and the order to its provider's server.
//
//   - MKT-SUB-05: the product is in the catalogue, and its provider sells.
//     What was not approved yet is as unknown as it is to those who look for it.
func (d *Desk) Subscribe(tx *db.Tx, p *PreparedSubscription) (Subscription, error) {
	s := p.sub
	o, owner, err := d.OfferToBuyer(tx, s.Offer)
	switch {
	case err != nil:
		return s, err
	case o.State != OfferListed:
		return s, ProductWithdrawn.With(fault.Field("MKT-SUB-05", "productId", "must be of a listed product"))
	case owner.State != ProviderActive:
		return s, ProviderInactive.With(fault.Field("MKT-SUB-05", "productId", "must be of a provider that sells"))
	}
	s.State, s.CreatedAt = SubscriptionMachine.Initial, tx.Now()
	d.Store.AddSubscription(tx, s)
	record(tx, subSubject(s.ID), p.party.actor(), "subscribed", "", s.State, o.Name)
	timer.Set(tx, TimerProvision, s.ID, s.CreatedAt, "")
	s.NextAt = s.CreatedAt
	return s, nil
}

// EndAfter is how long a provider may still tell of usage after the buyer has ended a
// subscription.
const EndAfter = 30 * 24 * time.Hour

// End ends a subscription at its buyer's wish. The v1 API has no call that tells the
// provider: it sees the end in its console, and its last update, or 30 days, make it
// final. (MKT-SUB-06)
func (d *Desk) End(tx *db.Tx, p Party, id string) (Subscription, error) {
	s, err := d.Store.LockSubscription(tx, id)
	if err != nil || s == nil || s.Customer != p.Customer {
		return Subscription{}, orUnknown(err, SubUnknown)
	}
	was := s.State
	if !slices.Contains(SubscriptionMachine.Legal(was), evEnd) {
		return *s, SubMove.Instead([]string{}) // what else may happen to it is not the buyer's to do
	}
	if err := fire(tx, SubscriptionMachine, SubMove, subSubject(id), p.actor(), &s.State, evEnd, ""); err != nil {
		return *s, err
	}
	s.EndAskedAt = tx.Now()
	d.Store.MoveSubscription(tx, was, *s)
	timer.Set(tx, TimerLapse, id, s.EndAskedAt.Add(EndAfter), "")
	return *s, d.notify(tx, NoticeUpdated, *s, nil)
}

// Subscriptions lists a buyer's subscriptions.
func (d *Desk) Subscriptions(tx *db.Tx, p Party, f SubFilter, page Paging) ([]Subscription, int, error) {
	f.Customer = p.Customer
	list, total, err := d.Store.Subscriptions(tx, f, page)
	if err != nil {
		return nil, 0, err
	}
	return list, total, d.scheduled(tx, list)
}

// scheduled adds to subscriptions when their providers are asked (again).
func (d *Desk) scheduled(tx *db.Tx, list []Subscription) error {
	var waiting []string
	for _, s := range list {
		if s.State == SubProvisioning {
			waiting = append(waiting, s.ID)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	next, err := d.Store.NextAttempts(tx, waiting)
	for i, s := range list {
		list[i].NextAt = next[s.ID]
	}
	return err
}

// Subscription is one of a buyer's, with its history. (MKT-SUB-07: another's is not
// known to be there)
func (d *Desk) Subscription(tx *db.Tx, p Party, id string) (Subscription, []audit.Event, error) {
	s, err := d.Store.Subscription(tx, id)
	if err != nil || s == nil || s.Customer != p.Customer {
		return Subscription{}, nil, orUnknown(err, SubUnknown)
	}
	one := []Subscription{*s}
	if err := d.scheduled(tx, one); err != nil {
		return Subscription{}, nil, err
	}
	trail, err := audit.History(tx, subSubject(id))
	return one[0], trail, err
}

// Usage is what a buyer's subscription has used, by month and SKU, and the SKUs of its
// product, which say what was counted.
func (d *Desk) Usage(tx *db.Tx, p Party, id, from, to string) ([]Usage, []SKU, error) {
	s, err := d.Store.Subscription(tx, id)
	if err != nil || s == nil || s.Customer != p.Customer {
		return nil, nil, orUnknown(err, SubUnknown)
	}
	o, err := d.Store.Offer(tx, s.Offer)
	if err != nil || o == nil {
		return nil, nil, orUnknown(err, ProductUnknown)
	}
	used, err := d.Store.Usage(tx, UsageFilter{Subscription: id, From: from, To: to})
	return used, o.SKUs, err
}

// SourceOf is the provider that a key belongs to. With the refusal of a key that has
// ended comes whose it was: for the call log, where its people look for the reason,
// and for nothing else.
func (d *Desk) SourceOf(ctx context.Context, key string) (*Source, error) {
	var src *Source
	if world, ok := worldOf(key); ok {
		var err error
		if src, err = d.Store.FindKey(ctx, world, HashKey(key)); err != nil {
			return nil, err
		}
	}
	if src == nil || src.Ended {
		return src, UpdateKeyUnknown.With(fault.Field("MKT-UPD-01", "providerkey", "must be a live key of an onboarded provider"))
	}
	return src, nil
}

// Applied is what an update came to.
type Applied struct {
	Subscription Subscription
	Usage        Usage // of the month
}

// Apply takes an update of a provider's in: usage is added to the SKU's month, and
// what has ended expires.
func (d *Desk) Apply(tx *db.Tx, src Source, t Told) (Applied, error) {
	facts := d.Store.AskUpdate(tx, src.Provider, t.COID, t.SKU)
	if err := tx.Flush(); err != nil {
		return Applied{}, err
	}
	now := tx.Now()
	month := monthOf(now)
	if facts.Month != month { // the first update of a month
		facts.Total, facts.Updates = 0, 0
	}
	state, err := checkTold(t, facts, now)
	if err != nil {
		return Applied{}, err
	}
	s := *facts.Subscription
	used := Usage{Subscription: s.ID, SKU: t.SKU, Month: month, Total: facts.Total + t.Count, Updates: facts.Updates}
	if t.Counted {
		used.Updates++
		d.Store.CountUsage(tx, used, t.Count)
	}
	d.Store.AddUpdate(tx, Update{N: db.NextID(), Provider: src.Provider, Subscription: s.ID, COID: t.COID, SKU: t.SKU, Month: month,
		Count: t.Count, Counted: t.Counted, Expired: t.Expired, At: now})
	if state != s.State {
		was := s.State
		s.State, s.ExpiredAt = state, t.ExpiredOn
		d.Store.MoveSubscription(tx, was, s)
		timer.Clear(tx, TimerLapse, s.ID)
		record(tx, subSubject(s.ID), providerSubject(src.Provider), evExpired, was, state, "on "+t.ExpiredOn.Format(time.DateOnly))
	}
	return Applied{s, used}, d.notify(tx, NoticeUpdated, s, &used)
}
