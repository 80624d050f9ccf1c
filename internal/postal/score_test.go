package postal_test

import (
	"slices"
	"testing"

	"demarc/internal/postal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Somebody wrote the first; the others are in the order in which he may have meant
// them.
var likelier = [][]string{
	{"12 Main St", "12 Main St", "12 Main Ave", "12 Elm St"},
	{"12 Main", "12 Main St", "12 Mason St"},
	{"12 Mian St", "12 Main St", "12 Maine Ave"},
	{"12 Oak Ridge", "12 Oak Ridge Ln", "12 Oak Ln"},
	{"12 Main Steet", "12 Main St", "12 Main Sheet Rd"},
	{"12 Nroth Main St", "12 N Main St", "12 Main St", "12 Elm St"},
	{"12 Grove Oak St", "12 Oak Grove St", "12 Grove St"},
	{"12 N Main St", "12 N Main St", "12 Main St N", "12 Main St", "12 S Main St"},
	{"1234 Main St", "1234 Main St", "1243 Main St", "1240 Main St", "1300 Main St"},
	{"106 Main St", "104 Main St", "110 Main St", "150 Main St"},
	{"12 Main St Apt 4", "12 Main St Apt 4", "12 Main St # 4", "12 Main St", "12 Main St Apt 9"},
	{"12 Main St", "12 Main St", "12 Main St Apt 1", "14 Main St"},
	{"12A Main St", "12 Main St", "13 Main St"},
}

func TestTheLikelierScoresHigher(t *testing.T) {
	t.Parallel()
	for _, c := range likelier {
		asked, last := at(t, c[0]), 1.1
		for i, line := range c[1:] {
			s := postal.Score(asked, at(t, line))
			if s >= last {
				t.Errorf("%s: %s (%.3f) is as likely as %s (%.3f)", c[0], line, s, c[i], last)
			}
			last = s
		}
	}
}

func TestThePlaceCounts(t *testing.T) {
	t.Parallel()
	asked := at(t, "12 Main St")
	was := 1.0
	for _, place := range [][3]string{ // of the same street, ever less likely
		{"WEST SPRINGFIELD", "MA", "01104"},
		{"SPRINGFIELD", "MA", "01140"},
		{"SPRINGFIELD", "MA", "01999"},
		{"BOSTON", "MA", "02108"},
		{"SPRINGFIELD", "IL", "62704"},
	} {
		a := asked
		a.City, a.State, a.ZIP = place[0], place[1], place[2]
		s := postal.Score(asked, a)
		if s >= was {
			t.Errorf("%s (%.3f) is as likely as the one before it (%.3f)", a, s, was)
		}
		was = s
	}
}

func address() *rapid.Generator[postal.Address] {
	return rapid.Custom(func(t *rapid.T) postal.Address {
		word := rapid.StringMatching(`[A-Z]{0,12}( [A-Z]{1,8})?`)
		return postal.Address{
			Number: rapid.StringMatching(`[0-9]{0,5}[A-Z]?`).Draw(t, "number"),
			Predir: rapid.SampledFrom([]string{"", "N", "SE"}).Draw(t, "predir"),
			Street: word.Draw(t, "street"),
			Suffix: rapid.SampledFrom([]string{"", "ST", "AVE", "LN"}).Draw(t, "suffix"),
			Unit:   rapid.StringMatching(`[0-9]{0,3}`).Draw(t, "unit"),
			City:   word.Draw(t, "city"),
			State:  rapid.SampledFrom([]string{"MA", "IL"}).Draw(t, "state"),
			ZIP:    rapid.StringMatching(`[0-9]{5}`).Draw(t, "zip"),
		}
	})
}

func TestScoresAreBetweenZeroAndOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := address().Draw(t, "a"), address().Draw(t, "b")
		s := postal.Score(a, b)
		if s < 0 || s > 1 || s == 1 && a != b {
			t.Fatalf("%q and %q score %v", a, b, s)
		}
		if one := postal.Score(a, a); one != 1 {
			t.Fatalf("%q scores %v with itself", a, one)
		}
	})
}

func TestRankDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := address().Draw(t, "q")
		var entries []postal.Entry
		for _, a := range rapid.SliceOfN(address(), 0, 12).Draw(t, "entries") {
			entries = append(entries, postal.Entry{ID: a.ID(), Address: a})
		}
		want := postal.Rank(q, entries)
		if !slices.IsSortedFunc(want, func(a, b postal.Match) int { return int((b.Score - a.Score) * 1e9) }) {
			t.Fatalf("%v is not in order", want)
		}
		for _, m := range want {
			if s := postal.Score(q, m.Address); s != m.Score {
				t.Fatalf("%s has the score %v in a ranking, and %v alone", m.Address, m.Score, s)
			}
		}
		if diff := cmp.Diff(want, postal.Rank(q, rapid.Permutation(entries).Draw(t, "shuffled"))); diff != "" {
			t.Fatalf("in another order: %s", diff)
		}
	})
}
