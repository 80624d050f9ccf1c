package voice_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

// someLedger is random ranges of three thousands-blocks, with gaps between them, each
// unlike the others.
func someLedger(random *rand.Rand, first nanp.Block) (list []voice.Entry) {
	for b := range nanp.Block(3) {
		for at := random.IntN(40); at < voice.PerBlock; at += 1 + random.IntN(60) {
			to := min(at+random.IntN(80), voice.PerBlock-1)
			n := nanp.TN(len(list))
			list = append(list, voice.Entry{Range: voice.Range{Start: (first + b).First() + nanp.TN(at), End: (first + b).First() + nanp.TN(to)},
				Status: voice.Reserved, Customer: fmt.Sprint("1-", n), Product: voice.LocalInbound, State: "CO", Center: "ALAMOSA",
				Part: fmt.Sprint("V1-", n), Order: "V1", ExternalID: fmt.Sprint(n), RouteName: fmt.Sprint("R", n), Ported: n%3 == 0, Donor: fmt.Sprint("D", n)})
			at = to
		}
	}
	return list
}

// byNumber is a ledger, number by number: who has it, and how.
func byNumber(list []voice.Entry) map[nanp.TN]voice.Entry {
	m := map[nanp.TN]voice.Entry{}
	for _, e := range list {
		for tn := e.Start; tn <= e.End; tn++ {
			one := e
			one.Range = voicetest.One(tn)
			m[tn] = one
		}
	}
	return m
}

// some picks numbers of a ledger, in ranges that may go over the ends of its entries, but
// not over gaps or the ends of blocks.
func some(random *rand.Rand, have map[nanp.TN]voice.Entry, share float64) (list []voice.Range) {
	var all []nanp.TN
	for tn := range have {
		all = append(all, tn)
	}
	slices.Sort(all)
	picking := false
	for _, tn := range all {
		if random.Float64() < 0.2 {
			picking = random.Float64() < share
		}
		n := len(list)
		switch {
		case !picking:
		case n > 0 && list[n-1].End+1 == tn && tn.Block() == list[n-1].End.Block() && random.IntN(9) > 0:
			list[n-1].End = tn
		default:
			list = append(list, voicetest.One(tn))
		}
	}
	return list
}

func TestCarvingIsAsASlowModelSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 21))
			w := voicetest.New(t, d)
			entries := someLedger(random, nanp.CodeOf(719, 206).Block(0))
			w.Within(func(tx *db.Tx) error { w.Desk.Store.AddEntries(tx, entries); return nil })
			for round := range 3 {
				before := rows(w).Entries
				want := byNumber(before)
				list := some(random, want, 0.1+0.3*float64(round))
				var carved []voice.Entry
				w.Within(func(tx *db.Tx) (err error) {
					if carved, err = w.Desk.Carve(tx, list); err != nil {
						return err
					}
					changed := slices.Clone(carved)
					for i := range changed {
						changed[i].Busy = fmt.Sprint("V", round)
					}
					w.Desk.Store.AddEntries(tx, changed)
					return nil
				})
				chosen := map[nanp.TN]bool{}
				for _, r := range list {
					for tn := r.Start; tn <= r.End; tn++ {
						chosen[tn] = true
						e := want[tn]
						e.Busy = fmt.Sprint("V", round)
						want[tn] = e
					}
				}
				after := rows(w).Entries
				if got := byNumber(after); !maps.Equal(want, got) {
					t.Fatalf("seed %d, round %d: who has which number (-want +got):\n%s", seed, round, cmp.Diff(want, got))
				}
				if n := len(byNumber(carved)); n != len(chosen) {
					t.Fatalf("seed %d, round %d: %d numbers were carved out, not %d", seed, round, n, len(chosen))
				}
				for _, e := range before {
					touched := false
					for tn := e.Start; tn <= e.End; tn++ {
						touched = touched || chosen[tn]
					}
					if !touched && !slices.Contains(after, e) {
						t.Fatalf("seed %d, round %d: the row of %v to %v, of which nothing was chosen, is gone", seed, round, e.Start, e.End)
					}
				}
			}
		}
	})
}

func TestWhatIsNotInTheLedgerIsNotCarved(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		before := rows(w)
		block := nanp.CodeOf(303, 555).Block(0).First()
		for _, list := range [][]voice.Range{
			{{Start: 3032052000, End: 3032052001}},
			{{Start: block + 100, End: block + 101}, {Start: block + 1000, End: block + 1000}},
			{{Start: block + 999, End: block + 1001}},
		} {
			if err := unit(w, func(tx *db.Tx) error { _, err := w.Desk.Carve(tx, list); return err })(); err == nil {
				t.Errorf("%v was carved", list)
			}
		}
		if diff := cmp.Diff(before.Entries, rows(w).Entries); diff != "" {
			t.Error(diff)
		}
	})
}

// A thousand single numbers, in as many ranges, out of numbers in a few.
func TestAThousandSingleNumbersAreChangedAndDisconnected(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		for _, n := range []int{399, 399, 202} {
			w.Worked(w.Reserve(voicetest.Line("ALAMOSA", n)))
			var stock []voice.Range
			pool, _ := w.Pool(voicetest.Other)
			for _, e := range pool {
				stock = append(stock, e.Range)
			}
			w.Worked(w.Ordered(voicetest.Other, voicetest.Install(voicetest.Dwelling(voicetest.TNs(stock...)))))
		}
		list := w.InService(voicetest.Other)
		if len(list) != 1000 {
			t.Fatalf("%d numbers in service", len(list))
		}
		var singles []voice.Range
		for _, i := range rand.New(rand.NewPCG(1, 22)).Perm(1000) {
			singles = append(singles, voicetest.One(list[i].TN))
		}
		line := voicetest.Map{"customerType": "B", "businessName": "Example Bakery", "tnList": voicetest.TNs(singles[:500]...)}
		c, err := w.TryChange(voicetest.Other, voicetest.Map{"subscriberLines": []any{line}})
		w.Must("change", err)
		w.Advance(3 * time.Minute)
		told(t, w, c, 901, 904, 902, 902)
		bakeries := 0
		for _, n := range w.InService(voicetest.Other) {
			if n.Service.Subscriber.Business != "" {
				bakeries++
			}
		}
		if bakeries != 500 {
			t.Errorf("%d numbers were changed", bakeries)
		}
		x, err := w.TryDisconnect(voicetest.Other, w.Now().Add(5*day), voicetest.TNs(singles...))
		w.Must("disconnect", err)
		w.Advance(5 * day)
		told(t, w, x, 901, 906, 906)
		w.Advance(91 * day)
		w.CheckAll()
		if n := freeIn(w, "ALAMOSA"); n != 1000 {
			t.Errorf("%d numbers are free again", n)
		}
	})
}
