package ondemand

import (
	"context"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
)

// mostHistory is how much of a trail people are shown.
const mostHistory = 100

// ServiceOf is a service of the customer's, with its history, newest first.
func (d *Desk) ServiceOf(tx *db.Tx, p Party, id string) (Service, []audit.Event, error) {
	list, _, err := d.Store.Services(tx, ServiceFilter{Customer: p.Customer, ID: id}, Paging{Limit: 1})
	if err != nil {
		return Service{}, nil, err
	}
	if id == "" || len(list) == 0 {
		return Service{}, nil, ServiceUnknown
	}
	trail, err := audit.Page(tx, serviceSubject(id), 0, mostHistory)
	return list[0], trail, err
}

// OrderOf is an order of the customer's, with its history, newest first.
func (d *Desk) OrderOf(tx *db.Tx, p Party, id string) (Order, []audit.Event, error) {
	o, err := d.Store.Order(tx, id)
	if err != nil {
		return Order{}, nil, err
	}
	if o == nil || o.Customer != p.Customer {
		return Order{}, nil, OrderUnknown
	}
	trail, err := audit.Page(tx, orderSubject(id), 0, mostHistory)
	return *o, trail, err
}

// QuoteOf is a quote of the customer's.
func (d *Desk) QuoteOf(ctx context.Context, p Party, id string) (Quote, error) {
	q, err := d.Store.FindQuote(ctx, p.World, id)
	if err != nil {
		return Quote{}, err
	}
	if q == nil || q.Customer != p.Customer {
		return Quote{}, QuoteUnknown
	}
	return *q, nil
}

// ServiceMonth is what one service costs in a month, by price and by day.
type ServiceMonth struct {
	Month time.Time // its first day
	Lines []ChargeLine
	Days  []DayCharge
}

// MonthOf answers the charges of one service of the customer's for the month that m lies
// in (zero: the present one).
func (d *Desk) MonthOf(tx *db.Tx, p Party, service string, m time.Time) (ServiceMonth, error) {
	if m.IsZero() {
		m = tx.Now()
	}
	from, to := month(m)
	var runs []Run
	err := d.Store.EachRun(tx, RunFilter{Customer: p.Customer, First: service, Last: service}, from, to, func(_ string, r Run) error {
		runs = append(runs, r)
		return nil
	})
	return ServiceMonth{Month: from, Lines: Charges(runs, m, tx.Now()), Days: Daily(runs, m, tx.Now())}, err
}
