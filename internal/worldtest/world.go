// Package worldtest is what every product's tests stand on: a sandbox world with its
// due work, whose clock stands still unless the test moves it, so that a test waits
// for nothing and sees the same moments every time.
package worldtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
	"demarc/internal/timer"
)

// Start is the moment at which a World begins: the first of a month of 30 days.
var Start = time.Date(2040, time.June, 1, 0, 0, 0, 0, time.UTC)

// World is a sandbox. A product's World embeds it and adds its use cases.
type World struct {
	ID     string
	App    string // the application that acts in it
	DB     *db.DB
	Runner *timer.Runner
	T      testing.TB
	// Checks are the invariants that CheckAll audits, beside the outbox's.
	Checks []func(tx *db.Tx) ([]string, error)
}

// New makes an empty world, with a runner of so many workers. Start sets its clock.
func New(t testing.TB, d *db.DB, workers int) *World {
	t.Helper()
	return &World{ID: dbtest.World(t, d), App: "app_test", DB: d, T: t, Runner: timer.NewRunner(d, slog.New(slog.DiscardHandler), workers)}
}

// Begin freezes the clock at Start and seeds the world.
func (w *World) Begin(seed func(tx *db.Tx) error) {
	w.T.Helper()
	_, err := w.Runner.Change(w.T.Context(), w.ID, func(tx *db.Tx) (clock.State, error) {
		return tx.Clock().Freeze(tx.Machine()).To(tx.Machine(), Start)
	})
	if err == nil {
		err = w.DB.Within(w.T.Context(), w.ID, seed)
	}
	w.Must("make a world", err)
}

// Must ends the test when something that has to work does not.
func (w *World) Must(what string, err error) {
	if err != nil {
		w.T.Helper()
		w.T.Fatalf("%s: %v", what, err)
	}
}

// View runs reads in the world.
func (w *World) View(fn func(tx *db.Tx) error) {
	w.T.Helper()
	w.Must("view", w.DB.View(context.Background(), w.ID, fn))
}

// Within runs a unit of work in the world.
func (w *World) Within(fn func(tx *db.Tx) error) {
	w.T.Helper()
	w.Must("unit", w.DB.Within(context.Background(), w.ID, fn))
}

// Now is the world's moment.
func (w *World) Now() (now time.Time) {
	w.T.Helper()
	w.View(func(tx *db.Tx) error { now = tx.Now(); return nil })
	return now
}

// Advance moves the world's clock by a span and answers what ran on the way; what
// fails on the way fails the test.
func (w *World) Advance(by time.Duration) []timer.Ran {
	w.T.Helper()
	ran, err := w.TryAdvance(context.Background(), by)
	w.Must(fmt.Sprintf("advance by %v", by), err)
	for _, r := range ran {
		if r.Problem != "" {
			w.T.Fatalf("%s of %s failed: %s", r.Kind, r.Key, r.Problem)
		}
	}
	return ran
}

// AdvanceTo moves the world's clock to a moment.
func (w *World) AdvanceTo(to time.Time) []timer.Ran {
	w.T.Helper()
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
	w.T.Helper()
	_, err := w.Runner.Change(w.T.Context(), w.ID, func(tx *db.Tx) (clock.State, error) {
		return tx.Clock().To(tx.Machine(), tx.Now().Add(by))
	})
	w.Must("jump", err)
}

// Notices lists what the application was told about a subject, in that order.
func (w *World) Notices(subject string) (list []outbox.Entry) {
	w.T.Helper()
	w.settled()
	w.View(func(tx *db.Tx) (err error) {
		list, err = outbox.List(tx, outbox.Filter{App: w.App, Subject: subject}, 100)
		return err
	})
	return list
}

// Told lists the types of Notices.
func (w *World) Told(subject string) (types []string) {
	w.T.Helper()
	for _, n := range w.Notices(subject) {
		types = append(types, n.Type)
	}
	return types
}

// settled returns when readers see everything that has been committed so far. On
// PostgreSQL that is when whatever was under way beside it, in any database of the
// server, has ended: a notice of the test's own shows it.
func (w *World) settled() {
	w.T.Helper()
	if w.DB.Dialect() != db.Postgres {
		return
	}
	marker := fmt.Sprintf("marker/%d", db.NextID())
	w.Within(func(tx *db.Tx) error {
		return outbox.Post(tx, outbox.Notice{App: marker, Subject: marker, Type: "test.marker"})
	})
	for seen := false; !seen; {
		w.Must("wait for readers", clock.Sleep(w.T.Context(), time.Millisecond))
		w.View(func(tx *db.Tx) error {
			list, err := outbox.List(tx, outbox.Filter{App: marker}, 1)
			seen = len(list) > 0
			return err
		})
	}
}

// CheckAll audits every invariant of the world.
func (w *World) CheckAll() {
	w.T.Helper()
	problems, err := w.Problems()
	w.Must("audit", err)
	for _, p := range problems {
		w.T.Error(p)
	}
}

// Problems is what an audit finds. Nothing may change the world meanwhile: the
// audit is a unit that runs alone in it.
func (w *World) Problems() (problems []string, err error) {
	err = w.DB.Within(context.Background(), w.ID, func(tx *db.Tx) error {
		problems = nil
		for _, check := range slices.Concat(w.Checks, []func(*db.Tx) ([]string, error){outbox.Check}) {
			found, err := check(tx)
			if err != nil {
				return err
			}
			problems = append(problems, found...)
		}
		return nil
	}, db.Exclusive())
	return problems, err
}
