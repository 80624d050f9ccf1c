package ondemand

import (
	"context"
	"time"

	"demarc/internal/db"

	"github.com/govalues/decimal"
)

// ServiceCharge is what one service costs in a month, a line for each price it ran
// at.
type ServiceCharge struct {
	Service Service
	Lines   []ChargeLine
}

// Bill is what a billing account owes for a month.
type Bill struct {
	Account Account
	Due     decimal.Decimal
	Lines   int
	Closed  bool // the month is over, the amount will not change
}

// month is the span of a calendar month, in GMT.
func month(m time.Time) (from, to time.Time) {
	from = time.Date(m.Year(), m.Month(), 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 1, 0)
}

// ServiceCharges answers the charges of a page of the customer's services for the
// month that m lies in (zero: the present one), and how many services there are.
func (d *Desk) ServiceCharges(ctx context.Context, p Party, f ServiceFilter, m time.Time, page Paging) (list []ServiceCharge, of time.Time, total int, err error) {
	f.Customer = p.Customer
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) error {
		if m.IsZero() {
			m = tx.Now()
		}
		from, to := month(m)
		of = from
		services, n, err := d.Store.Services(tx, f, page)
		if err != nil || len(services) == 0 {
			total = n
			return err
		}
		total = n
		runs := map[string][]Run{}
		span := RunFilter{Customer: p.Customer, Account: f.Account, First: services[0].ID, Last: services[len(services)-1].ID}
		err = d.Store.EachRun(tx, span, from, to, func(service string, r Run) error {
			runs[service] = append(runs[service], r)
			return nil
		})
		for _, s := range services {
			list = append(list, ServiceCharge{Service: s, Lines: Charges(runs[s.ID], m, tx.Now())})
		}
		return err
	})
	return list, of, total, err
}

// Bills answers the month's bill of each billing account on a page.
func (d *Desk) Bills(ctx context.Context, p Party, account string, m time.Time, page Paging) (list []Bill, of time.Time, total int, err error) {
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) error {
		if m.IsZero() {
			m = tx.Now()
		}
		from, to := month(m)
		of = from
		accounts, n, err := d.accountsFor(tx, p, account, page)
		total = n
		if err != nil {
			return err
		}
		for _, a := range accounts {
			b, err := d.bill(tx, p, a, m, to)
			if err != nil {
				return err
			}
			list = append(list, b)
		}
		return nil
	})
	return list, of, total, err
}

func (d *Desk) accountsFor(tx *db.Tx, p Party, account string, page Paging) ([]Account, int, error) {
	if account == "" {
		return d.Store.Accounts(tx, AccountFilter{Customer: p.Customer}, page)
	}
	a, err := d.Store.Account(tx, account)
	if err != nil || a == nil || a.Customer != p.Customer {
		return nil, 0, err
	}
	if page.Offset > 0 {
		return nil, 1, nil
	}
	return []Account{*a}, 1, nil
}

// bill adds up an account's services one after the other, so that a large account
// needs no more memory than a small one.
func (d *Desk) bill(tx *db.Tx, p Party, a Account, m, to time.Time) (Bill, error) {
	b := Bill{Account: a, Closed: !tx.Now().Before(to)}
	from, _ := month(m)
	var runs []Run
	var of string
	add := func() {
		lines := Charges(runs, m, tx.Now())
		b.Lines += len(lines)
		if sum, err := b.Due.Add(Total(lines)); err == nil {
			b.Due = sum
		}
		runs = runs[:0]
	}
	err := d.Store.EachRun(tx, RunFilter{Customer: p.Customer, Account: a.ID}, from, to, func(service string, r Run) error {
		if service != of {
			add()
			of = service
		}
		runs = append(runs, r)
		return nil
	})
	add()
	return b, err
}
