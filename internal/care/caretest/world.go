// Package caretest is what tests of customer identification stand on: a seeded
// sandbox world with its use cases, a billing system on a port of its own that can be
// made to fail, and the contract that every billing system must satisfy.
//
//	w := caretest.New(t, d)                                   // seeded
//	a, err := w.Enquire("PR", care.ExampleAccount)            // JOHN DOE
//	list, err := w.List("PR", care.ExampleNumber)             // JANE DOE1
//	w.CheckAll()                                              // every invariant of the world
package caretest

import (
	"context"
	"log/slog"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// World is a sandbox in which customers are identified.
type World struct {
	ID      string
	DB      *db.DB
	Desk    *care.Desk
	Sandbox bool // whether magic words count; true unless a test says otherwise

	t testing.TB
}

// New makes a world, seeded as every fresh one is.
func New(t testing.TB, d *db.DB) *World {
	t.Helper()
	store := caresql.New(d)
	systems, err := carecarrier.Connect(store, "", slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{ID: dbtest.World(t, d), DB: d, Desk: &care.Desk{Store: store, Billing: systems}, Sandbox: true, t: t}
	if err := d.Within(t.Context(), w.ID, w.Desk.Seed); err != nil {
		t.Fatalf("make a world: %v", err)
	}
	return w
}

// Party is who asks.
func (w *World) Party() care.Party {
	return care.Party{World: w.ID, Sandbox: w.Sandbox, Correlation: "corr-1"}
}

// Ask is a request as a well-behaved caller sends it.
func Ask(unit, line, refID, refValue string) *care.Request {
	return &care.Request{Unit: unit, Line: []string{line}, RefID: []string{refID}, RefValue: []string{refValue}}
}

// Enquire asks for the fixed-line account with a number.
func (w *World) Enquire(unit, account string) (*care.Account, error) {
	return w.Desk.BalanceEnquiry(w.t.Context(), w.Party(), Ask(unit, care.Fixed, care.RefAccount, account))
}

// List asks for the accounts with a line.
func (w *World) List(unit, number string) ([]care.Account, error) {
	return w.Desk.Accounts(w.t.Context(), w.Party(), Ask(unit, care.Fixed, care.RefService, number))
}

// Problems is what an audit finds.
func (w *World) Problems() (problems []string) {
	w.t.Helper()
	err := w.DB.Within(context.Background(), w.ID, func(tx *db.Tx) (err error) {
		problems, err = w.Desk.Check(tx)
		return err
	}, db.Exclusive())
	if err != nil {
		w.t.Fatalf("audit: %v", err)
	}
	return problems
}

// CheckAll audits every invariant of the world.
func (w *World) CheckAll() {
	w.t.Helper()
	for _, p := range w.Problems() {
		w.t.Error(p)
	}
}
