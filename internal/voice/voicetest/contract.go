package voicetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/worldtest"

	"github.com/google/go-cmp/cmp"
)

// Bench is backends under their contracts, and what the contracts must be able to do to
// them. They know Stocked, Moved and Held, and the embedded ones stand behind them.
type Bench struct {
	voicecarrier.Backends
	World string
	// Force makes the backends treat a question as a magic word says.
	Force func(q *voice.Query, word string)
	// At makes them take a moment for the one at which a question is asked.
	At func(q *voice.Query, now time.Time)
}

// Asking is the At of backends that believe the question.
func Asking(q *voice.Query, now time.Time) { q.Now = now }

// What a bench's carrier has in stock, and what it knows of its customers.
var (
	Stocked = nanp.CodeOf(303, 555).Block(0) // in CO/DENVER: of no code of the numbering plan, as every fresh world has it
	Moved   = nanp.TN(303_296_0000).Block()  // of CO/DENVER by the plan, and consolidated into CO/AURORA
	stock   = map[nanp.Block]voice.BlockAt{Stocked: {State: "CO", Center: "DENVER"}, Moved: {State: "CO", Center: "AURORA"}}
)

// Held is a customer on credit hold.
const Held = "1-HELD9"

// Memory is the Source of a bench.
func Memory() Source {
	return Source{Blocks: stock, Profiles: map[string]voice.Profile{Held: {Credit: voice.CreditHold}}}
}

func (b Bench) query(customer string) voice.Query {
	return voice.Query{World: b.World, Sandbox: true, Customer: customer, Now: worldtest.Start}
}

// Unknown are numbers whose code is not in use.
var Unknown = []nanp.TN{303_970_0100, 212_555_0100}

// Owned is a number in a block of CO/DENVER that a sandbox's carrier owns.
func Owned(t testing.TB) nanp.TN { return inDenver(t, true) }

// Foreign is a number of CO/DENVER in a block that it does not own.
func Foreign(t testing.TB) nanp.TN { return inDenver(t, false) }

func inDenver(t testing.TB, owned bool) nanp.TN {
	t.Helper()
	for code := range nanp.Find("CO", "DENVER").Codes() {
		for x := range 10 {
			b := code.Block(x)
			if tn := b.First() + 123; b != Moved && voice.OwnsReference(tn) == owned {
				return tn
			}
		}
	}
	t.Fatalf("no number of DENVER, owned %v", owned)
	return 0
}

// Contracts are what every set of backends must do, whatever is behind it. open makes
// one for each part of the contracts.
func Contracts(t *testing.T, open func(t *testing.T) Bench) {
	t.Run("administration", func(t *testing.T) { AdministrationContract(t, open) })
	t.Run("credit", func(t *testing.T) { CreditContract(t, open) })
	t.Run("losing carriers", func(t *testing.T) { LosingContract(t, open) })
	t.Run("providers", func(t *testing.T) { ProvidersContract(t, open) })
}

// AdministrationContract is what every number administration must do.
func AdministrationContract(t *testing.T, open func(t *testing.T) Bench) {
	lookupContract(t, open)
	run(t, open, "answers for each number, in their order", func(t *testing.T, b Bench) {
		list := []nanp.TN{Foreign(t), Unknown[0], Owned(t), Stocked.First() + 100, Foreign(t), Moved.First() + 7, Unknown[1]}
		found, err := b.Administration.Lookup(t.Context(), b.query(""), list)
		if err != nil || len(found) != len(list) {
			t.Fatalf("%+v, %v", found, err)
		}
		for i, tn := range list {
			if known := !slices.Contains(Unknown, tn); found[i].TN != tn || found[i].Known != known {
				t.Errorf("%s: %+v", tn, found[i])
			}
		}
		if found[0] != found[4] {
			t.Errorf("twice the same: %+v, %+v", found[0], found[4])
		}
	})
	run(t, open, "answers for a thousand numbers, and for none", func(t *testing.T, b Bench) {
		var list []nanp.TN
		for i := range nanp.TN(voice.MostAsked) {
			list = append(list, Foreign(t).Block().First()+i)
		}
		found, err := b.Administration.Lookup(t.Context(), b.query(""), list)
		if err != nil || len(found) != len(list) || slices.ContainsFunc(found, func(n voice.Number) bool { return !n.Known }) {
			t.Errorf("%d, %v", len(found), err)
		}
		if found, err := b.Administration.Lookup(t.Context(), b.query(""), nil); err != nil || len(found) != 0 {
			t.Errorf("for none: %+v, %v", found, err)
		}
	})
	run(t, open, "is ready, also where there is no such rate center", func(t *testing.T, b Bench) {
		for _, at := range []voice.BlockAt{{State: "CO", Center: "DENVER"}, {State: "AK", Center: "BIRD CREEK"}, {State: "CO", Center: "DENVRE"},
			{State: "CO", Center: "A/B?C"}, {State: "CO", Center: ".."}, {State: "CO", Center: "ÉÉ"}} {
			if err := b.Administration.Ready(t.Context(), b.query(""), at.State, at.Center); err != nil {
				t.Errorf("%+v: %v", at, err)
			}
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		found, err := b.Administration.Lookup(gone(t), b.query(""), []nanp.TN{Foreign(t)})
		none, err2 := b.Administration.Lookup(gone(t), b.query(""), nil)
		err3 := b.Administration.Ready(gone(t), b.query(""), "CO", "DENVER")
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if found != nil || none != nil {
			t.Errorf("with the error comes %+v, %+v", found, none)
		}
	})
}

// lookupContract is the part of AdministrationContract about what is known.
func lookupContract(t *testing.T, open func(t *testing.T) Bench) {
	denver := nanp.Find("CO", "DENVER")
	run(t, open, "knows nothing of numbers whose code is not in use", func(t *testing.T, b Bench) {
		for _, tn := range Unknown {
			found, err := b.Administration.Lookup(t.Context(), b.query(""), []nanp.TN{tn})
			if diff := cmp.Diff([]voice.Number{{TN: tn}}, found); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
	run(t, open, "knows the rate center, the LATA and the carrier of another carrier's number", func(t *testing.T, b Bench) {
		tn := Foreign(t)
		found, err := b.Administration.Lookup(t.Context(), b.query(""), []nanp.TN{tn})
		again, err2 := b.Administration.Lookup(t.Context(), b.query(""), []nanp.TN{tn})
		if err != nil || err2 != nil || len(found) != 1 || !slices.Equal(found, again) {
			t.Fatalf("%+v, %v; %+v, %v", found, err, again, err2)
		}
		n := found[0]
		if n.State != "CO" || n.Center != "DENVER" || n.LATA != denver.LATA || n.Carrier == "" || n.Carrier == voicecarrier.OwnCarrier {
			t.Errorf("%+v", n)
		}
	})
	run(t, open, "knows the carrier's own numbers, where the stock has them", func(t *testing.T, b Bench) {
		for tn, center := range map[nanp.TN]string{Owned(t): "DENVER", Stocked.First() + 100: "DENVER", Moved.First(): "AURORA", Moved.First() + 999: "AURORA"} {
			found, err := b.Administration.Lookup(t.Context(), b.query(""), []nanp.TN{tn})
			want := []voice.Number{{TN: tn, Known: true, State: "CO", Center: center, LATA: nanp.Find("CO", center).LATA, Carrier: voicecarrier.OwnCarrier, Portable: true}}
			if diff := cmp.Diff(want, found); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
}

// CreditContract is what every credit system must do.
func CreditContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "holds the orders of a customer on hold, and no others", func(t *testing.T, b Bench) {
		for customer, want := range map[string]bool{Held: true, "1-ABCDE": false, "1-NOBODY": false} {
			for range 2 {
				if hold, err := b.Credit.Check(t.Context(), b.query(customer), "V1"+customer); err != nil || hold != want {
					t.Errorf("%s: %v, %v", customer, hold, err)
				}
			}
		}
	})
	run(t, open, "obeys the words of a sandbox", func(t *testing.T, b Bench) {
		q := b.query("1-ABCDE")
		b.Force(&q, voice.WordCreditHold)
		if hold, err := b.Credit.Check(t.Context(), q, "V100000001"); err != nil || !hold {
			t.Errorf("%v, %v", hold, err)
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		if hold, err := b.Credit.Check(gone(t), b.query(Held), "V100000001"); !errors.Is(err, context.Canceled) || hold {
			t.Errorf("%v, %v", hold, err)
		}
	})
}

func run(t *testing.T, open func(t *testing.T) Bench, what string, part func(t *testing.T, b Bench)) {
	t.Run(what, func(t *testing.T) {
		t.Parallel()
		part(t, open(t))
	})
}

// gone is the context of a caller who has given up.
func gone(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
