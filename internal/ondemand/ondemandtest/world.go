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
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandsql"
	"demarc/internal/outbox"
	"demarc/internal/timer"
)

// Start is the moment at which a World begins: the first of a month of 30 days,
// which is what a monthly price is made of.
var Start = time.Date(2040, time.June, 1, 0, 0, 0, 0, time.UTC)

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
	ID      string
	App     string
	DB      *db.DB
	Desk    *ondemand.Desk
	Runner  *timer.Runner
	Sandbox bool // whether magic words count; true unless a test says otherwise

	t        testing.TB
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
	w := &World{ID: dbtest.World(t, d), App: "app_test", DB: d, Sandbox: true, t: t, customer: ondemand.ExampleCustomer,
		Desk:   &ondemand.Desk{DB: d, Store: ondemandsql.New(d), Network: ondemandcarrier.Reference{}, Counters: db.NewCounters(d)},
		Runner: timer.NewRunner(d, slog.New(slog.DiscardHandler), 4)}
	for _, o := range options {
		o(w)
	}
	w.Desk.Handle(w.Runner)
	_, err := w.Runner.Change(t.Context(), w.ID, func(tx *db.Tx) (clock.State, error) {
		return tx.Clock().Freeze(tx.Machine()).To(tx.Machine(), Start)
	})
	if err == nil {
		err = d.Within(t.Context(), w.ID, w.Desk.Seed)
	}
	if err != nil {
		t.Fatalf("make a world: %v", err)
	}
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
	w.t.Helper()
	p, err := w.Acting(w.customer)
	w.must("act for "+w.customer, err)
	return p
}

func (w *World) must(what string, err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatalf("%s: %v", what, err)
	}
}

// View runs reads in the world.
func (w *World) View(fn func(tx *db.Tx) error) {
	w.t.Helper()
	w.must("view", w.DB.View(context.Background(), w.ID, fn))
}

// Within runs a unit of work in the world.
func (w *World) Within(fn func(tx *db.Tx) error) {
	w.t.Helper()
	w.must("unit", w.DB.Within(context.Background(), w.ID, fn))
}

// Now is the world's moment.
func (w *World) Now() (now time.Time) {
	w.t.Helper()
	w.View(func(tx *db.Tx) error { now = tx.Now(); return nil })
	return now
}

// Advance moves the world's clock by a span and answers what ran on the way; what
// fails on the way fails the test.
func (w *World) Advance(by time.Duration) []timer.Ran {
	w.t.Helper()
	ran, err := w.TryAdvance(context.Background(), by)
	w.must(fmt.Sprintf("advance by %v", by), err)
	for _, r := range ran {
		if r.Problem != "" {
			w.t.Fatalf("%s of %s failed: %s", r.Kind, r.Key, r.Problem)
		}
	}
	return ran
}

// AdvanceTo moves the world's clock to a moment.
func (w *World) AdvanceTo(to time.Time) []timer.Ran {
	w.t.Helper()
	return w.Advance(to.Sub(w.Now()))
}

// TryAdvance is Advance where work may fail.
func (w *World) TryAdvance(ctx context.Context, by time.Duration) ([]timer.Ran, error) {
	_, ran, err := w.Runner.Move(ctx, w.ID, func(now time.Time) time.Time { return now.Add(by) })
	return ran, err
}

// Jump moves the world's clock without running what falls due: it is due then, for
// workers to take up.
func (w *World) Jump(by time.Duration) {
	w.t.Helper()
	_, err := w.Runner.Change(w.t.Context(), w.ID, func(tx *db.Tx) (clock.State, error) {
		return tx.Clock().To(tx.Machine(), tx.Now().Add(by))
	})
	w.must("jump", err)
}

// Settle moves the clock until every order has ended; a day must do.
func (w *World) Settle() {
	w.t.Helper()
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
	w.t.Fatal("a day has passed and there are orders that have not ended")
}

// Order reads an order.
func (w *World) Order(id string) ondemand.Order {
	w.t.Helper()
	var o *ondemand.Order
	w.View(func(tx *db.Tx) (err error) {
		o, err = w.Desk.Store.Order(tx, id)
		return err
	})
	if o == nil {
		w.t.Fatalf("there is no order %s", id)
	}
	return *o
}

// Service reads a service.
func (w *World) Service(id string) ondemand.Service {
	w.t.Helper()
	s, err := w.Desk.Store.FindService(context.Background(), w.ID, id)
	w.must("read service "+id, err)
	if s == nil {
		w.t.Fatalf("there is no service %s", id)
	}
	return *s
}

// Everything reads all rows of the product.
func (w *World) Everything() (all *ondemand.Everything) {
	w.t.Helper()
	w.View(func(tx *db.Tx) (err error) {
		all, err = w.Desk.Store.All(tx)
		return err
	})
	return all
}

// Port reads a port.
func (w *World) Port(site, id string) ondemand.Port {
	w.t.Helper()
	var p *ondemand.Port
	w.View(func(tx *db.Tx) (err error) {
		p, err = w.Desk.Store.Port(tx, site, id)
		return err
	})
	if p == nil {
		w.t.Fatalf("there is no port %s at %s", id, site)
	}
	return *p
}

// Notices lists what the application was told about an order, in that order.
func (w *World) Notices(order string) (list []outbox.Entry) {
	w.t.Helper()
	w.settled()
	w.View(func(tx *db.Tx) (err error) {
		list, err = outbox.List(tx, outbox.Filter{App: w.App, Subject: ondemand.SubjectOrder + order}, 100)
		return err
	})
	return list
}

// settled returns when readers see everything that has been committed so far. On
// PostgreSQL that is when whatever was under way beside it, in any database of the
// server, has ended: a notice of the test's own shows it.
func (w *World) settled() {
	w.t.Helper()
	if w.DB.Dialect() != db.Postgres {
		return
	}
	marker := fmt.Sprintf("marker/%d", db.NextID())
	w.Within(func(tx *db.Tx) error {
		return outbox.Post(tx, outbox.Notice{App: marker, Subject: marker, Type: "test.marker"})
	})
	for seen := false; !seen; {
		w.must("wait for readers", clock.Sleep(w.t.Context(), time.Millisecond))
		w.View(func(tx *db.Tx) error {
			list, err := outbox.List(tx, outbox.Filter{App: marker}, 1)
			seen = len(list) > 0
			return err
		})
	}
}

// Told lists the types of Notices.
func (w *World) Told(order string) (types []string) {
	w.t.Helper()
	for _, n := range w.Notices(order) {
		types = append(types, n.Type)
	}
	return types
}

// CheckAll audits every invariant of the world.
func (w *World) CheckAll() {
	w.t.Helper()
	problems, err := w.Problems()
	w.must("audit", err)
	for _, p := range problems {
		w.t.Error(p)
	}
}

// Problems is what an audit finds. Nothing may change the world meanwhile: the
// audit is a unit that runs alone in it.
func (w *World) Problems() (problems []string, err error) {
	err = w.DB.Within(context.Background(), w.ID, func(tx *db.Tx) error {
		of, err := w.Desk.Check(tx)
		if err != nil {
			return err
		}
		more, err := outbox.Check(tx)
		problems = slices.Concat(of, more)
		return err
	}, db.Exclusive())
	return problems, err
}
