package marketplace

import (
	"fmt"

	"demarc/internal/db"
)

// Check audits the product's invariants in a world.
func (d *Desk) Check(tx *db.Tx) ([]string, error) {
	all, err := d.Store.All(tx)
	if err != nil {
		return nil, err
	}
	a := auditor{all: all, offers: map[string]Offer{}, providers: map[string]Provider{}}
	for _, p := range all.Providers {
		a.providers[p.ID] = p
	}
	for _, o := range all.Offers {
		a.offers[o.ID] = o
		if _, ok := a.providers[o.Provider]; !ok {
			a.wrong("product %s is of provider %q, which is not there", o.ID, o.Provider)
		}
	}
	coids := map[[2]string]string{}
	for _, s := range all.Subscriptions {
		a.checkSubscription(s)
		if s.COID == "" {
			continue
		}
		at := [2]string{s.Provider, s.COID}
		if other, twice := coids[at]; twice {
			a.wrong("coid %s of provider %s is of %s and of %s", s.COID, s.Provider, other, s.ID)
		}
		coids[at] = s.ID
	}
	a.checkUsage()
	return a.problems, nil
}

type auditor struct {
	all       *Everything
	offers    map[string]Offer
	providers map[string]Provider
	problems  []string
}

func (a *auditor) wrong(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

func (a *auditor) checkSubscription(s Subscription) {
	opening := s.State == SubProvisioning
	open := s.State == SubActive || s.State == SubEnding || s.State == SubExpired
	o, known := a.offers[s.Offer]
	switch {
	case !known || o.Provider != s.Provider:
		a.wrong("subscription %s is to product %s of %s, which is not there", s.ID, s.Offer, s.Provider)
	case opening != a.all.Waiting[s.ID]:
		a.wrong("subscription %s is %s and an attempt at it is due: %v", s.ID, s.State, a.all.Waiting[s.ID])
	case (s.State == SubEnding) != a.all.Lapsing[s.ID]:
		a.wrong("subscription %s is %s and its lapse is due: %v", s.ID, s.State, a.all.Lapsing[s.ID])
	case open != (s.COID != ""):
		a.wrong("subscription %s is %s with the coid %q", s.ID, s.State, s.COID)
	case open != !s.ActiveAt.IsZero():
		a.wrong("subscription %s is %s and was active at %v", s.ID, s.State, s.ActiveAt)
	case (s.State == SubFailed) != (s.Failure != ""):
		a.wrong("subscription %s is %s with the failure %q", s.ID, s.State, s.Failure)
	case (s.State == SubExpired) != !s.ExpiredAt.IsZero():
		a.wrong("subscription %s is %s and expired at %v", s.ID, s.State, s.ExpiredAt)
	case !opening && s.Secrets != nil:
		a.wrong("subscription %s is %s and still holds its buyer's secrets", s.ID, s.State)
	case a.all.Told[s.ID] != s.State:
		a.wrong("subscription %s is %s, its history ends in %q", s.ID, s.State, a.all.Told[s.ID])
	}
	for field, v := range s.Values {
		if isSecret(field) || HoldsCardNumber(v) {
			a.wrong("subscription %s holds a secret or a card number as its %s", s.ID, field)
		}
	}
}

// checkUsage compares the months' totals with the ledger of updates.
func (a *auditor) checkUsage() {
	type month struct{ subscription, sku, month string }
	ledger := map[month]Usage{}
	for _, u := range a.all.Counted {
		ledger[month{u.Subscription, u.SKU, u.Month}] = u
	}
	for _, u := range a.all.Usage {
		at := month{u.Subscription, u.SKU, u.Month}
		if is := ledger[at]; is.Total != u.Total || is.Updates != u.Updates {
			a.wrong("usage of %s %s in %s says %s by %d updates, the ledger says %s by %d",
				u.Subscription, u.SKU, u.Month, u.Total, u.Updates, is.Total, is.Updates)
		}
		delete(ledger, at)
	}
	for at, u := range ledger {
		a.wrong("the ledger has %s of %s %s in %s, which no total holds", u.Total, at.subscription, at.sku, at.month)
	}
}
