// Package ondemandtest is what tests of Internet On-Demand stand on: a seeded
// sandbox world with its use cases and its due work, a network controller that can
// be made to fail, and the contract that every network must satisfy.
//
//	w := ondemandtest.New(t, d)                     // frozen at Start, seeded
//	o := w.Add("100 Mbps", "Branch office")         // quoted and ordered
//	w.Advance(10 * time.Minute)                     // runs what falls due on the way
//	w.Service(o.Service)                            // "Active"
//	w.CheckAll()                                    // every invariant of the world
//
// The clock of a World stands still unless the test moves it, so a test waits for
// nothing and sees the same moments every time.
package ondemandtest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandsql"
	"demarc/internal/outbox"
	"demarc/internal/timer"
	"demarc/internal/worldtest"
)

// Start is the moment at which a World begins.
var Start = worldtest.Start

// Sites of the catalogue: a data center, and a customer's premises.
const (
	Center   = "PL0001247634"
	Premises = "PL0001247700"
)

// ErrForbidden is what the world answers about customers that its application may
// not act for.
var ErrForbidden = errors.New("ondemandtest: this application may not act for that customer")

// World is a sandbox in which the service is sold.
type World struct {
	*worldtest.World
	Desk    *ondemand.Desk
	Sandbox bool // whether magic words count; true unless a test says otherwise

	customer string // x-customer-number
}

// Option changes how a World is made.
type Option func(*World)

// WithNetwork makes the world's changes on another network than Reference.
func WithNetwork(n ondemand.Network) Option { return func(w *World) { w.Desk.Network = n } }

// WithBlocks bounds the address pool to so many /24s.
func WithBlocks(n int64) Option { return func(w *World) { w.Desk.Blocks = n } }

// WithWorkers makes the world's Runner, when a test lets it Run, work on so many
// jobs at once.
func WithWorkers(n int) Option {
	return func(w *World) { w.Runner = timer.NewRunner(w.DB, slog.New(slog.DiscardHandler), n) }
}

// New makes a world, seeded as every fresh one is, whose clock stands at Start.
func New(t testing.TB, d *db.DB, options ...Option) *World {
	t.Helper()
	w := &World{World: worldtest.New(t, d, 4), Sandbox: true, customer: ondemand.ExampleCustomer,
		Desk: &ondemand.Desk{DB: d, Store: ondemandsql.New(d), Network: ondemandcarrier.Reference{}, Counters: db.NewCounters(d)}}
	w.Checks = append(w.Checks, w.Desk.Check)
	for _, o := range options {
		o(w)
	}
	w.Desk.Handle(w.Runner)
	w.Begin(w.Desk.Seed)
	return w
}

// As is the same world, called for another customer; "" names none.
func (w *World) As(customer string) *World {
	other := *w
	other.customer = customer
	return &other
}

// Acting is the party that the world's application may be for a number.
func (w *World) Acting(number string) (ondemand.Party, error) {
	p := ondemand.Party{World: w.ID, App: w.App, Sandbox: w.Sandbox}
	switch number {
	case ondemand.ExampleCustomer, ondemand.ExampleAlias:
		p.Customer = ondemand.ExampleCustomer
	case ondemand.OtherCustomer:
		p.Customer = number
	default:
		return p, ErrForbidden
	}
	return p, nil
}

// Party is who calls.
func (w *World) Party() ondemand.Party {
	w.T.Helper()
	p, err := w.Acting(w.customer)
	w.Must("act for "+w.customer, err)
	return p
}

// Settle moves the clock until every order has ended; a day must do.
func (w *World) Settle() {
	w.T.Helper()
	for range 24 {
		var waiting int64
		w.View(func(tx *db.Tx) (err error) {
			waiting, err = timer.Pending(tx, ondemand.TimerOrder)
			return err
		})
		if waiting == 0 {
			return
		}
		w.Advance(time.Hour)
	}
	w.T.Fatal("a day has passed and there are orders that have not ended")
}

// Order reads an order.
func (w *World) Order(id string) ondemand.Order {
	w.T.Helper()
	var o *ondemand.Order
	w.View(func(tx *db.Tx) (err error) {
		o, err = w.Desk.Store.Order(tx, id)
		return err
	})
	if o == nil {
		w.T.Fatalf("there is no order %s", id)
	}
	return *o
}

// Service reads a service.
func (w *World) Service(id string) ondemand.Service {
	w.T.Helper()
	s, err := w.Desk.Store.FindService(context.Background(), w.ID, id)
	w.Must("read service "+id, err)
	if s == nil {
		w.T.Fatalf("there is no service %s", id)
	}
	return *s
}

// Everything reads all rows of the product.
func (w *World) Everything() (all *ondemand.Everything) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		all, err = w.Desk.Store.All(tx)
		return err
	})
	return all
}

// Port reads a port.
func (w *World) Port(site, id string) ondemand.Port {
	w.T.Helper()
	var p *ondemand.Port
	w.View(func(tx *db.Tx) (err error) {
		p, err = w.Desk.Store.Port(tx, site, id)
		return err
	})
	if p == nil {
		w.T.Fatalf("there is no port %s at %s", id, site)
	}
	return *p
}

// Notices lists what the application was told about an order, in that order.
func (w *World) Notices(order string) []outbox.Entry {
	w.T.Helper()
	return w.World.Notices(ondemand.SubjectOrder + order)
}

// Told lists the types of Notices.
func (w *World) Told(order string) []string {
	w.T.Helper()
	return w.World.Told(ondemand.SubjectOrder + order)
}
