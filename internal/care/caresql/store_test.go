package caresql_test

import (
	"fmt"
	"sync"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/caresql"
	"demarc/internal/care/caretest"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

func TestManyAccountsAreLoadedAndFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := caretest.New(t, d)
		const accounts = 9_000 // more than one unit of work
		for _, unit := range []string{"PR", "CL"} {
			for range 2 { // it may be run again
				if n, err := caresql.Load(t.Context(), d, w.ID, synthetic(unit, 0, accounts)); err != nil || n != accounts {
					t.Fatalf("%s: loaded %d, %v", unit, n, err)
				}
			}
		}
		w.CheckAll()
		for _, n := range []int64{0, 4321, accounts - 1} {
			want := care.Synthetic("CL", n)
			a, err := w.Enquire("CL", want.ID)
			if err != nil || a.Name != want.Name || !a.Receivable.Equal(want.Receivable) || !a.PaidAt.Equal(want.PaidAt) || a.Address != want.Address {
				t.Errorf("account %d: %+v, %v", n, a, err)
			}
			list, err := w.Desk.Accounts(t.Context(), w.Party(), caretest.Ask("CL", care.Fixed, care.RefContact, want.Contacts[0]))
			if err != nil || len(list) != 5 {
				t.Errorf("contact of %d: %d accounts, %v", n, len(list), err)
			}
		}
		changed := care.Synthetic("PR", 1)
		changed.Name = "RENAMED"
		twice := func(yield func(care.Account) bool) { _ = yield(care.Synthetic("PR", 1)) && yield(changed) }
		if n, err := caresql.Load(t.Context(), d, w.ID, twice); err != nil || n != 1 {
			t.Fatalf("loaded %d, %v", n, err)
		}
		if a, err := w.Enquire("PR", changed.ID); err != nil || a.Name != "RENAMED" {
			t.Errorf("an account that was loaded again: %+v, %v", a, err)
		}
		if n, err := caresql.Load(t.Context(), d, "w_nowhere", synthetic("PR", 0, 1)); err == nil {
			t.Errorf("loaded %d into a world that there is not", n)
		}
	})
}

func TestOneNumberAnswersAHundredAccountsAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := caretest.New(t, d)
		const number = "7870000000"
		crowd := func(yield func(care.Account) bool) {
			for n := range int64(130) {
				a := care.Synthetic("PR", 129-n)
				a.Services = []string{number}
				if !yield(a) {
					return
				}
			}
		}
		if _, err := caresql.Load(t.Context(), d, w.ID, crowd); err != nil {
			t.Fatal(err)
		}
		list, err := w.List("PR", number)
		if err != nil || len(list) != care.MostAccounts {
			t.Fatalf("%d accounts, %v", len(list), err)
		}
		for i := range list {
			if want := fmt.Sprintf("%016d", i); list[i].ID != want {
				t.Fatalf("at %d is %s, want %s", i, list[i].ID, want)
			}
		}
	})
}

// Callers who ask at once share queries; each must get what it asked for, of its own
// world.
func TestManyWhoAskAtOnceEachGetTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, empty := caretest.New(t, d), dbtest.World(t, d)
		if _, err := caresql.Load(t.Context(), d, w.ID, synthetic("JM", 0, 500)); err != nil {
			t.Fatal(err)
		}
		s := caresql.New(d)
		var callers sync.WaitGroup
		for n := range int64(500) {
			callers.Go(func() {
				want := care.Synthetic("JM", n)
				if a, err := s.FindAccount(t.Context(), w.ID, "JM", want.ID); err != nil || a == nil || a.Name != want.Name {
					t.Errorf("account %s: %+v, %v", want.ID, a, err)
				}
				if list, err := s.FindByNumber(t.Context(), w.ID, "JM", care.LineService, want.Services[0]); err != nil || len(list) != 1 || list[0].ID != want.ID {
					t.Errorf("number %s: %+v, %v", want.Services[0], list, err)
				}
				if a, err := s.FindAccount(t.Context(), empty, "JM", want.ID); err != nil || a != nil {
					t.Errorf("another world has %+v, %v", a, err)
				}
				if list, err := s.FindByNumber(t.Context(), empty, "JM", care.LineService, want.Services[0]); err != nil || len(list) != 0 {
					t.Errorf("another world has %+v, %v", list, err)
				}
			})
		}
		callers.Wait()
	})
}
