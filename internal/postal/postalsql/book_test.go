package postalsql_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"

	"github.com/google/go-cmp/cmp"
)

// at reads a line somewhere in Springfield.
func at(t *testing.T, line string) postal.Address {
	t.Helper()
	a, bad := postal.Parse(postal.Input{StreetAddress: line, City: "Springfield", State: "MA", ZIP: "01104"})
	if bad != 0 {
		t.Fatalf("%q has problems %d: %q", line, bad, a)
	}
	return a
}

// bookOf is a book of these lines.
func bookOf(t *testing.T, d *db.DB, lines ...string) *postalsql.Book {
	t.Helper()
	var list []postal.Address
	for _, l := range lines {
		list = append(list, at(t, l))
	}
	if err := postalsql.Load(t.Context(), d, slices.Values(list)); err != nil {
		t.Fatal(err)
	}
	return postalsql.New(d)
}

func TestAnAddressIsFoundExactly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		book := bookOf(t, d, "12 Main St", "14 Main St Apt 1", "14 Main St Apt 2", "14 Main St Apt 3", "14 Main St", "12A Main St", "14 Main St Bldg 1")
		for line, units := range map[string]int{"12 Main Street": 0, "14 Main St": 4, "14 main st, apt 2": 4, "12-A main st": 0, "14 Main St Bldg 1": 4} {
			a := at(t, line)
			e, err := book.Exact(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			if want := (&postal.Entry{ID: a.ID(), Address: a, Units: units}); !cmp.Equal(e, want) {
				t.Errorf("%s is %+v, want %+v", line, e, want)
			}
			if got, err := book.Get(t.Context(), a.ID()); err != nil || !cmp.Equal(got, e) {
				t.Errorf("by its id %s is %+v (%v)", line, got, err)
			}
		}
		if e, err := book.Exact(t.Context(), at(t, "14 Main St Unit 2")); err != nil || e == nil || e.Address.UnitType != "APT" {
			t.Errorf("a unit by another word is %+v (%v)", e, err)
		}
		for _, line := range []string{"16 Main St", "12 Main Ave", "12 N Main St", "12 Main St Apt 1", "14 Main St Apt 9"} {
			if e, err := book.Exact(t.Context(), at(t, line)); e != nil || err != nil {
				t.Errorf("%s is %+v (%v)", line, e, err)
			}
		}
		if e, err := book.Get(t.Context(), "AD-NONE"); e != nil || err != nil {
			t.Errorf("an id there is not is %+v (%v)", e, err)
		}
	})
}

func TestAPlaceMayHaveSeveralNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := at(t, "12 Main St")
		a.City, a.State, a.ZIP = "ANCHORAGE", "AK", "99567" // which the post office calls CHUGIAK
		if err := postalsql.Load(t.Context(), d, slices.Values([]postal.Address{a})); err != nil {
			t.Fatal(err)
		}
		book := postalsql.New(d)
		for _, c := range []struct {
			city, state string
			found       bool
		}{{"ANCHORAGE", "AK", true}, {"CHUGIAK", "AK", true}, {"NOME", "AK", false}, {"ANCHORAGE", "MA", false}} {
			q := a
			q.City, q.State = c.city, c.state
			e, err := book.Exact(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if (e != nil) != c.found || e != nil && e.Address != a {
				t.Errorf("%s is %+v", q, e)
			}
			near, err := book.Near(t.Context(), q, 1)
			if err != nil || len(near) != 1 || near[0].Address != a {
				t.Errorf("near %s is %v (%v)", q, near, err)
			}
		}
	})
}

func lines(matches []postal.Match) []string {
	var list []string
	for _, m := range matches {
		list = append(list, m.Address.Line())
	}
	return list
}

func TestNearAddressesAreOffered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		street := []string{"100 Main St", "110 Main St", "120 Main St", "130 Main St", "140 Main St", "152 Main Ave",
			"12 Oak Grove Ln Apt 1", "12 Oak Grove Ln Apt 2", "12 Oak Grove Ln Apt 10", "12 Oak Grove Ln Apt 3"}
		book := bookOf(t, d, street...)
		for _, c := range []struct {
			why, line string
			limit     int
			want      []string
		}{
			{"a number beside known ones", "127 Main St", 3, []string{"120 MAIN ST", "130 MAIN ST", "140 MAIN ST"}},
			{"a number beyond them", "990 Main St", 2, []string{"140 MAIN ST", "130 MAIN ST"}},
			{"a slip in the number", "1340 Main St", 2, []string{"140 MAIN ST", "130 MAIN ST"}},
			{"a misspelt street", "110 Mian St", 1, []string{"110 MAIN ST"}},
			{"the wrong suffix", "152 Main St", 1, []string{"152 MAIN AVE"}},
			{"a building without its unit", "12 Oak Grove Ln", 0, []string{"12 OAK GROVE LN APT 1", "12 OAK GROVE LN APT 2", "12 OAK GROVE LN APT 3", "12 OAK GROVE LN APT 10"}},
			{"so many of its units", "12 Oak Grove", 2, []string{"12 OAK GROVE LN APT 1", "12 OAK GROVE LN APT 2"}},
			{"a unit there is not", "12 Oak Grove Ln Apt 11", 1, []string{"12 OAK GROVE LN APT 1"}},
			{"a unit where there is none", "110 Main St Apt 4", 1, []string{"110 MAIN ST"}},
			{"itself", "110 Main St", 1, []string{"110 MAIN ST"}},
			{"another street", "12 Wholly Different Blvd", 5, nil},
		} {
			got, err := book.Near(t.Context(), at(t, c.line), c.limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, lines(got)); diff != "" {
				t.Errorf("%s, %s: %s", c.why, c.line, diff)
			}
			for i, m := range got {
				e, err := book.Get(t.Context(), m.ID)
				if err != nil || e == nil || !cmp.Equal(*e, m.Entry) {
					t.Errorf("%s is %+v, and by its id %+v (%v)", c.line, m.Entry, e, err)
				}
				if m.Score < postalsql.Unlike || i > 0 && m.Score > got[i-1].Score {
					t.Errorf("%s has the score %v", m.Address, m.Score)
				}
			}
		}
	})
}

func TestALargeBuildingDoesNotHideItsUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tower := at(t, "500 Tower Rd Apt 1")
		err := postalsql.Load(t.Context(), d, func(yield func(postal.Address) bool) {
			for floor := range 60 {
				for door := range 10 {
					tower.Unit = string(rune('0'+floor/10)) + string(rune('0'+floor%10)) + string(rune('A'+door))
					if !yield(tower) {
						return
					}
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := postalsql.New(d).Near(t.Context(), at(t, "500 Towre Rd Apt 57C"), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || got[0].Address.Unit != "57C" || got[0].Units != 600 {
			t.Errorf("%+v", got)
		}
	})
}

func TestStrangersAreSeldomOffered(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	if err := postalsql.EnsureDataSet(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	book, offered := postalsql.New(d), 0
	for n := range int64(1000) { // in the same places, on streets that the book does not have
		got, err := book.Near(t.Context(), postal.Synthetic(n*317), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > 0 {
			offered++
		}
	}
	if offered > 10 {
		t.Errorf("for %d of 1,000 addresses on other streets something is offered", offered)
	}
}

func TestALoadMayBeRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		count := func() (n [2]int) {
			t.Helper()
			if err := d.SystemView(t.Context(), func(tx *db.Tx) error {
				tx.AskOne(nil, []any{&n[0]}, `SELECT count(*) FROM postal_street`)
				tx.AskOne(nil, []any{&n[1]}, `SELECT count(*) FROM postal_address`)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for range 2 {
			if err := postalsql.Load(t.Context(), d, synthetic(4100)); err != nil {
				t.Fatal(err)
			}
			if got, want := count(), [2]int{257, 4100}; got != want {
				t.Errorf("%v streets and addresses, want %v", got, want)
			}
		}
		refused := errors.New("refused")
		if err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.One(refused, `UPDATE postal_set SET version = $1`, "there is none yet")
			return nil
		}); !errors.Is(err, refused) {
			t.Errorf("a load by hand left a version: %v", err)
		}
	})
}

func TestTheDataSetIsLoadedOnce(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		nodes := []*db.DB{dbtest.Open(t, url)}
		if nodes[0].Dialect() == db.Postgres {
			nodes = append(nodes, dbtest.Open(t, url), dbtest.Open(t, url))
		}
		var group sync.WaitGroup
		for range 2 {
			for _, d := range nodes {
				group.Go(func() {
					if err := postalsql.EnsureDataSet(t.Context(), d); err != nil {
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
		book, n := postalsql.New(nodes[0]), 0
		for a := range postal.DataSet() {
			if n++; n%50 != 0 {
				continue
			}
			if e, err := book.Exact(t.Context(), a); err != nil || e == nil || e.Address != a {
				t.Errorf("%s is %+v (%v)", a, e, err)
			}
		}
		// What a newer version brings is added.
		d := nodes[0]
		if err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`UPDATE postal_set SET version = 'old'`)
			tx.Do(`DELETE FROM postal_address WHERE num < 100`)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := postalsql.EnsureDataSet(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := d.SystemView(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT count(*) FROM postal_address`).Scan(&rows)
		}); err != nil || rows != n {
			t.Errorf("%d addresses (%v), want %d", rows, err, n)
		}
	})
}

func TestManyAskAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		book := bookOf(t, d, "12 Main St", "14 Main St", "16 Main St")
		var group sync.WaitGroup
		asked := []postal.Address{at(t, "12 Main St"), at(t, "14 Main St"), at(t, "16 Main St"), at(t, "18 Main St")}
		for i := range 60 {
			group.Go(func() {
				a := asked[i%4]
				e, err := book.Exact(t.Context(), a)
				if err != nil || (e != nil) != (i%4 < 3) || e != nil && e.Address != a {
					t.Errorf("%s is %+v (%v)", a, e, err)
				}
			})
		}
		group.Wait()
	})
}
