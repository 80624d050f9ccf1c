package care

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"demarc/internal/magic"
)

// Desk is the product's use cases.
type Desk struct {
	Billing map[string]Billing // by business unit, one for each of Units
	Store   Store              // of the embedded billing system
}

// Magic words of the product; they count in sandboxes only.
const whereRefValue = "the header refvalue of a care call, behind a value or alone"

// Words for the embedded billing system.
var (
	WordUnavailable = magic.Word(Product, whereRefValue, "billing-unavailable", "the billing system does not answer: 503")
	WordWrong       = magic.Word(Product, whereRefValue, "billing-wrong", "the billing system's answer cannot be read: 500")
	WordSlow        = magic.Word(Product, whereRefValue, "billing-slow", "the billing system takes two seconds")
	WordTimeout     = magic.Word(Product, whereRefValue, "billing-timeout", "the billing system is given up after eight seconds: 503")
)

var (
	errNoBilling = errors.New("care: the business unit has no billing system")
	errForeign   = errors.New("care: the billing system answered with another account than the one asked for")
)

// BalanceEnquiry identifies a customer by the account's number (source, use case 1).
func (d *Desk) BalanceEnquiry(ctx context.Context, p Party, r *Request) (*Account, error) {
	q, b, err := d.prepare(p, BalanceEnquiry, r)
	if err != nil {
		return nil, err
	}
	a, err := b.Account(ctx, q)
	if err != nil {
		return nil, failed(err)
	}
	if a == nil {
		return nil, NotFound.With()
	}
	if a.ID != q.Value {
		return nil, errForeign
	}
	own := *a // what a store has found may be shared with others who asked
	if err := d.accept(q, &own); err != nil {
		return nil, err
	}
	return &own, nil
}

// Accounts identifies customers by a telephone number (source, use case 2). The
// accounts come by id.
func (d *Desk) Accounts(ctx context.Context, p Party, r *Request) ([]Account, error) {
	q, b, err := d.prepare(p, Accounts, r)
	if err != nil {
		return nil, err
	}
	found, err := b.Accounts(ctx, q)
	if err != nil {
		return nil, failed(err)
	}
	if len(found) == 0 {
		return nil, NotFound.With()
	}
	list := slices.Clone(found)
	for i := range list {
		if err := d.accept(q, &list[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	return list[:min(len(list), MostAccounts)], nil
}

// prepare turns a request into the question for a billing system.
func (d *Desk) prepare(p Party, op Operation, r *Request) (Query, Billing, error) {
	a, err := check(op, r)
	if err != nil {
		return Query{}, nil, err
	}
	q := Query{World: p.World, Unit: a.unit.Code, Sandbox: p.Sandbox, Line: a.line, RefID: a.refID, Value: a.reference, Correlation: p.Correlation}
	if p.Sandbox {
		q.Value, q.Hint = splitHint(a.reference)
	}
	if !findable(a.unit, q.RefID, q.Value) {
		if q.Hint == "" {
			return Query{}, nil, NotFound.With()
		}
		q.Value = ""
	}
	b := d.Billing[q.Unit]
	if b == nil {
		return Query{}, nil, fmt.Errorf("%w: %s", errNoBilling, q.Unit)
	}
	return q, b, nil
}

// splitHint takes apart a value and the magic word behind it.
func splitHint(reference string) (value, hint string) {
	i := strings.IndexByte(reference, '[')
	if i < 0 {
		return reference, ""
	}
	return strings.TrimSpace(reference[:i]), reference[i:]
}

// accept holds what a billing system answered to what can be an account of the unit.
func (d *Desk) accept(q Query, a *Account) error {
	u, _ := UnitByCode(q.Unit)
	if why := problem(u, a); why != "" {
		return fmt.Errorf("care: the billing system of %s answered with %s", q.Unit, why)
	}
	return nil
}

// failed turns a billing system's error into ours: 503 when it did not answer
// (CARE-NET-01), and else our own failure, of which the caller learns nothing
// (CARE-NET-02).
func failed(err error) error {
	if down := asDown(err); down != nil {
		f := NotAvailable.Say("%s", down.Error())
		f.RetryAfter = down.RetryAfter
		return f
	}
	return err
}
