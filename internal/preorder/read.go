package preorder

import (
	"cmp"
	"slices"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
)

// Seller is a partner, and an application that sells for it.
type Seller struct {
	Partner
	App string
}

// Sellers are the partners that some applications sell for, each with the first of them.
// In a sandbox, one that is bound to none sells for the example's.
func (d *Desk) Sellers(tx *db.Tx, apps []string, sandbox bool) ([]Seller, error) {
	if len(apps) == 0 {
		return nil, nil
	}
	bound, err := d.Store.Bound(tx, apps)
	if err != nil {
		return nil, err
	}
	var list []Seller
	for _, app := range apps {
		id := bound[app]
		if id == "" && sandbox {
			id = ExamplePartner
		}
		if id == "" || slices.ContainsFunc(list, func(s Seller) bool { return s.ID == id }) {
			continue
		}
		p, err := d.Store.Partner(tx, id)
		if err != nil {
			return nil, err
		}
		if p != nil {
			list = append(list, Seller{*p, app})
		}
	}
	return list, nil
}

// Look is all that a partner may know of a transaction of its own.
type Look struct {
	Transaction Transaction
	Offers      []Offering
	Configured  *Configured // nil until it was
	Order       *Order      // nil until there is one
	Today       bool        // its day is not over: it can be configured and completed
	Trail       []audit.Event
}

// Completable reports whether an order can be made of it now.
func (l Look) Completable() bool {
	return l.Today && l.Configured != nil && l.Order == nil && !l.Transaction.Config.Stopped
}

// Look is a transaction of the partner's, by its own id or its order's number, with its
// history and that of its order, newest first.
func (d *Desk) Look(tx *db.Tx, p Party, id string) (Look, error) {
	var l Look
	var err error
	if txID.MatchString(id) {
		l.Order, err = d.Store.OrderOf(tx, id)
	} else if l.Order, err = d.Store.Order(tx, id); l.Order != nil {
		id = l.Order.Transaction
	}
	if err != nil {
		return l, err
	}
	t, err := d.mine(tx, p, id)
	if err != nil {
		return l, err
	}
	if t == nil {
		return Look{}, OrderUnknown
	}
	l.Transaction, l.Today = *t, sameDay(t.CreatedAt, tx.Now())
	for _, code := range t.Offers {
		if o, ok := OfferingByCode(code); ok {
			l.Offers = append(l.Offers, o)
		}
	}
	if t.Config != nil {
		c, err := t.choice()
		if err != nil {
			return l, err
		}
		a := answerOf(*t, c)
		l.Configured = &a
	}
	l.Trail, err = audit.Page(tx, txSubject(t.ID), 0, mostHistory)
	if err != nil || l.Order == nil {
		return l, err
	}
	more, err := audit.Page(tx, orderSubject(l.Order.Number), 0, mostHistory)
	l.Trail = append(l.Trail, more...)
	slices.SortStableFunc(l.Trail, func(a, b audit.Event) int { return cmp.Compare(b.ID, a.ID) })
	return l, err
}

// mostHistory is how much of a trail people are shown.
const mostHistory = 100

// DayEnd is when a transaction can no longer be configured or completed.
func (t Transaction) DayEnd() time.Time { return dayEnd(t.CreatedAt) }

// Extras are what can be chosen beside a product on a transaction's line: ways of
// installing, ways of getting a modem, add-ons.
func (t Transaction) Extras(o Offering) (installs []string, modemOptions []ModemOption, more []AddOn) {
	a := answerOf(Transaction{Loop: t.Loop, Config: &Configuration{}}, choice{offer: o})
	return a.Installs, a.Modems, a.AddOns
}

// PromotionsOf are the promotions that go with a product.
func PromotionsOf(o Offering) []Promotion { return promosOf([]Offering{o}) }

// List is a page of the partner's configured transactions, newest first, and how many
// there are.
func (d *Desk) List(tx *db.Tx, p Party, f ConfiguredFilter, page Paging) ([]Kept, int, error) {
	f.Partner = p.Partner
	return d.Store.Configured(tx, f, page)
}
