package postalsql_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"
)

// synthetic are made-up addresses, from the first on.
func synthetic(n int64) iter.Seq[postal.Address] {
	return func(yield func(postal.Address) bool) {
		for i := range n {
			if !yield(postal.Synthetic(i)) {
				return
			}
		}
	}
}

// slip changes an address as people do; it answers "" for one it cannot be made in.
type slip struct {
	kind  string
	wrong func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// slips are the kinds of misspelling; typos are made in the name of the street.
var slips = []slip{
	{"wrong letter", inName(func(r *rand.Rand, s string, i int) string { return s[:i] + other(r, s[i:i+1]) + s[i+1:] })},
	{"swapped letters", inName(func(_ *rand.Rand, s string, i int) string {
		if i == 0 {
			i = 1
		}
		return s[:i-1] + s[i:i+1] + s[i-1:i] + s[i+1:]
	})},
	{"missing letter", inName(func(_ *rand.Rand, s string, i int) string { return s[:i] + s[i+1:] })},
	{"extra letter", inName(func(r *rand.Rand, s string, i int) string { return s[:i] + other(r, "") + s[i:] })},
	{"missing suffix", func(_ *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		in.StreetAddress = line(a.Number, a.Predir, a.Street, a.Postdir)
		return in, a.Suffix != ""
	}},
	{"missing directional", func(_ *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		in.StreetAddress = line(a.Number, a.Street, a.Suffix)
		return in, a.Predir+a.Postdir != ""
	}},
	{"swapped words", func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		list := strings.Fields(a.Street)
		if len(list) < 2 {
			return in, false
		}
		i := 1 + r.IntN(len(list)-1)
		list[i-1], list[i] = list[i], list[i-1]
		in.StreetAddress = line(a.Number, a.Predir, strings.Join(list, " "), a.Suffix, a.Postdir)
		return in, list[i] != list[i-1]
	}},
	{"wrong ZIP digit", func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		i := r.IntN(5)
		digit := fmt.Sprint((int(a.ZIP[i]-'0') + 1 + r.IntN(9)) % 10)
		in.ZIP = a.ZIP[:i] + digit + a.ZIP[i+1:]
		return in, true
	}},
	{"swapped ZIP digits", func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		i := 1 + r.IntN(4)
		in.ZIP = a.ZIP[:i-1] + a.ZIP[i:i+1] + a.ZIP[i-1:i] + a.ZIP[i+1:]
		return in, in.ZIP != a.ZIP
	}},
	{"wrong city", func(_ *rand.Rand, in postal.Input, _ postal.Address) (postal.Input, bool) {
		in.City = "Lower Nowhere"
		return in, true
	}},
	{"slip in the number", func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		i := r.IntN(len(a.Number))
		if len(a.Number) < 3 || strings.Trim(a.Number, "0123456789") != "" {
			return in, false
		}
		number := a.Number[:i] + a.Number[i+1:]
		in.StreetAddress = line(number, a.Predir, a.Street, a.Suffix, a.Postdir)
		return in, number[0] != '0'
	}},
	{"two at once", func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		i := r.IntN(5)
		in.ZIP = a.ZIP[:i] + fmt.Sprint((int(a.ZIP[i]-'0')+1+r.IntN(9))%10) + a.ZIP[i+1:]
		j := r.IntN(len(a.Street))
		in.StreetAddress = line(a.Number, a.Predir, a.Street[:j]+other(r, a.Street[j:j+1])+a.Street[j+1:], a.Suffix, a.Postdir)
		return in, len(a.Street) > 5 && a.Street[j] != ' '
	}},
}

// inName makes a slip at a letter of the street's name.
func inName(change func(r *rand.Rand, s string, i int) string) func(*rand.Rand, postal.Input, postal.Address) (postal.Input, bool) {
	return func(r *rand.Rand, in postal.Input, a postal.Address) (postal.Input, bool) {
		i := r.IntN(len(a.Street))
		if strings.ContainsAny(a.Street, "0123456789") || a.Street[i] == ' ' || len(a.Street) < 4 {
			return in, false
		}
		name := change(r, a.Street, i)
		in.StreetAddress = line(a.Number, a.Predir, name, a.Suffix, a.Postdir)
		return in, name != a.Street
	}
}

func other(r *rand.Rand, than string) string {
	for {
		i := r.IntN(len(alphabet))
		if c := alphabet[i : i+1]; c != than {
			return c
		}
	}
}

func line(parts ...string) string { return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") }

// misspelling is what somebody wrote, and what was meant.
type misspelling struct {
	kind  string
	in    postal.Input
	meant postal.Address
}

// misspelt are n of the addresses, each with a slip.
func misspelt(n int, all []postal.Address) iter.Seq[misspelling] {
	return func(yield func(misspelling) bool) {
		r := rand.New(rand.NewPCG(28, 2000))
		for i := 0; i < n; {
			a := all[r.IntN(len(all))]
			s := slips[i%len(slips)]
			in := postal.Input{StreetAddress: a.Building().Line(), Unit: line(a.UnitType, a.Unit), City: a.City, State: a.State, ZIP: a.ZIP}
			in, ok := s.wrong(r, in, a)
			if !ok {
				continue
			}
			i++
			if !yield(misspelling{s.kind, in, a}) {
				return
			}
		}
	}
}

func TestMisspeltAddressesAreFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := postalsql.EnsureDataSet(ctx, d); err != nil {
			t.Fatal(err)
		}
		book := postalsql.New(d)
		known := slices.Collect(postal.DataSet())
		measure(ctx, t, book, known, "the data set alone", 0.95)
		if err := postalsql.Load(ctx, d, synthetic(100_000)); err != nil {
			t.Fatal(err)
		}
		measure(ctx, t, book, known, "the data set, with 100,000 made-up addresses beside it", 0.95)
		measure(ctx, t, book, slices.Collect(synthetic(100_000)), "the made-up addresses, thirty streets to a ZIP code", 0.90)
	})
}

// measure finds 2,000 misspelt addresses and prints how many were the first answer.
func measure(ctx context.Context, t *testing.T, book *postalsql.Book, among []postal.Address, what string, least float64) {
	t.Helper()
	asked, first := map[string]int{}, map[string]int{}
	var shown int
	t.Log(what)
	for m := range misspelt(2000, among) {
		kind, meant := m.kind, m.meant
		q, bad := postal.Parse(m.in)
		if bad != 0 {
			t.Fatalf("%+v has problems %d", m.in, bad)
		}
		matches, err := book.Near(ctx, q, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{kind, "all"} {
			asked[k]++
			if len(matches) > 0 && matches[0].ID == meant.ID() {
				first[k]++
			} else if k == kind {
				if shown++; shown < 40 {
					t.Logf("%s: %s => %v", kind, q, brief(matches))
					t.Logf("   meant %s (%.3f)", meant, postal.Score(q, meant))
				}
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(asked)) {
		t.Logf("%-22s %4d of %4d first, %5.1f %%", kind, first[kind], asked[kind], 100*float64(first[kind])/float64(asked[kind]))
	}
	if share := float64(first["all"]) / float64(asked["all"]); share < least {
		t.Errorf("%s: the right address is first for %.1f %% of misspelt ones, want %.0f %%", what, 100*share, 100*least)
	}
}

func brief(matches []postal.Match) []string {
	var list []string
	for _, m := range matches[:min(len(matches), 2)] {
		list = append(list, fmt.Sprintf("%s (%.3f)", m.Address, m.Score))
	}
	return list
}
