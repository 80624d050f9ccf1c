package marketplace

import (
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
)

// mostSellers is how many providers a buyer can choose from.
const mostSellers = 200

// Sellers are the providers that sell, by id.
func (d *Desk) Sellers(tx *db.Tx) ([]Provider, error) {
	list, _, err := d.Store.Providers(tx, ProviderFilter{State: ProviderActive}, Paging{Limit: mostSellers})
	return list, err
}

// ProviderTrail is a provider of the manager's with its history, newest first.
func (d *Desk) ProviderTrail(tx *db.Tx, m Manager, id string) (Provider, []audit.Event, error) {
	p, err := d.Provider(tx, m, id)
	if err != nil {
		return p, nil, err
	}
	trail, err := audit.Page(tx, providerSubject(id), 0, mostHistory)
	return p, trail, err
}

// mostHistory is how much of a trail people are shown.
const mostHistory = 100

// ProviderOffer is a product of a provider of the manager's, with its history, newest
// first.
func (d *Desk) ProviderOffer(tx *db.Tx, m Manager, provider, id string) (Offer, Provider, []audit.Event, error) {
	owner, err := d.Provider(tx, m, provider)
	if err != nil {
		return Offer{}, owner, nil, err
	}
	found, err := d.Store.Offer(tx, id)
	o, err := offerOf(provider, found, err)
	if err != nil {
		return o, owner, nil, err
	}
	trail, err := audit.Page(tx, offerSubject(id), 0, mostHistory)
	return o, owner, trail, err
}

// Report is what a subscription has used: by month since it began, and by day in one
// month.
type Report struct {
	Month  time.Time // the first day of that month
	SKUs   []SKU
	Months []Usage
	Days   []DayUsage
	Now    time.Time // the world's
}

// Report is what a buyer's subscription has used.
func (d *Desk) Report(tx *db.Tx, p Party, id string, month time.Time) (Report, error) {
	s, err := d.Store.Subscription(tx, id)
	if err != nil || s == nil || s.Customer != p.Customer {
		return Report{}, orUnknown(err, SubUnknown)
	}
	return d.report(tx, *s, month)
}

// ProviderReport is a subscription to a product of the manager's provider, and what it
// has used. What its buyer filled in stays with the buyer.
func (d *Desk) ProviderReport(tx *db.Tx, m Manager, provider, id string, month time.Time) (Subscription, Report, error) {
	if _, err := d.Provider(tx, m, provider); err != nil {
		return Subscription{}, Report{}, err
	}
	s, err := d.Store.Subscription(tx, id)
	if err != nil || s == nil || s.Provider != provider {
		return Subscription{}, Report{}, orUnknown(err, SubUnknown)
	}
	s.Values, s.Secrets, s.Customer, s.App = nil, nil, "", ""
	r, err := d.report(tx, *s, month)
	return *s, r, err
}

func (d *Desk) report(tx *db.Tx, s Subscription, month time.Time) (r Report, err error) {
	r.Now = tx.Now()
	if month.IsZero() {
		month = r.Now
	}
	r.Month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	o, err := d.Store.Offer(tx, s.Offer)
	if err != nil || o == nil {
		return r, orUnknown(err, ProductUnknown)
	}
	r.SKUs = o.SKUs
	if r.Months, err = d.Store.Usage(tx, UsageFilter{Subscription: s.ID}); err != nil {
		return r, err
	}
	r.Days, err = d.Store.DailyUsage(tx, s.ID, r.Month, r.Month.AddDate(0, 1, 0))
	return r, err
}

// FullForm has all twelve fields that a form can be made of, under names that a provider
// may choose: where a form is put together, it is what is chosen from.
func FullForm() []Field { return fullForm() }

// Amount is a count as a number to be drawn; sums are made of counts.
func (c Count) Amount() float64 { return float64(c) / countScale }
