package preordertest

import (
	"context"
	"errors"
	"testing"

	"demarc/internal/postal"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
	"demarc/internal/worldtest"

	"github.com/google/go-cmp/cmp"
)

// Bench is backends under their contracts, and what the contracts must be able to do to
// them. They know the Homes and the Units, and the embedded ones stand behind them.
type Bench struct {
	preordercarrier.Backends
	World string
	// Force makes the backends treat a question as a magic word says.
	Force func(q *preorder.Query, word string)
}

func (b Bench) query() preorder.Query {
	return preorder.Query{World: b.World, Sandbox: true, Transaction: "PX-CONTRACT", Now: worldtest.Start}
}

func (b Bench) forced(word string) preorder.Query {
	q := b.query()
	b.Force(&q, word)
	return q
}

// Contracts are what every set of backends must do, whatever is behind it. open makes
// one for each part of the contracts.
func Contracts(t *testing.T, open func(t *testing.T) Bench) {
	t.Run("addresses", func(t *testing.T) { AddressesContract(t, open) })
	t.Run("loopqual", func(t *testing.T) { LoopQualContract(t, open) })
	t.Run("catalog", func(t *testing.T) { CatalogContract(t, open) })
	t.Run("credit", func(t *testing.T) { CreditContract(t, open) })
}

// AddressesContract is what every address service must do.
func AddressesContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "finds the address that was written, and its unit", func(t *testing.T, b Bench) {
		for _, a := range append(Homes()[:3], Units()...) {
			found, err := b.Addresses.Find(t.Context(), b.query(), a)
			if err != nil || found == nil || found.Address != a || found.DetailID != a.ID() {
				t.Errorf("%s: %+v, %v", a, found, err)
			}
		}
	})
	run(t, open, "finds nothing where no address is just that", func(t *testing.T, b Bench) {
		stranger, elsewhere := Home(1), Home(1)
		stranger.Number, elsewhere.ZIP = "7", "80203"
		noSuchUnit := Unit(1)
		noSuchUnit.Unit = "77"
		for _, a := range []postal.Address{stranger, elsewhere, noSuchUnit, Unit(1).Building()} {
			if found, err := b.Addresses.Find(t.Context(), b.query(), a); err != nil || found != nil {
				t.Errorf("%s: %+v, %v", a, found, err)
			}
		}
	})
	nearContract(t, open)
	run(t, open, "knows its footprint", func(t *testing.T, b Bench) {
		for zip, want := range map[string]bool{"80202": true, "99501": true, "00601": false, "00000": false} {
			if got, err := b.Addresses.Footprint(t.Context(), b.query(), zip); err != nil || got != want {
				t.Errorf("%s: %v, %v", zip, got, err)
			}
		}
	})
	run(t, open, "obeys the words of a sandbox", func(t *testing.T, b Bench) {
		q := b.forced(preorder.WordNoMatch)
		found, err := b.Addresses.Find(t.Context(), q, Home(1))
		near, err2 := b.Addresses.Near(t.Context(), q, Home(1))
		if err != nil || err2 != nil || found != nil || len(near) != 0 {
			t.Errorf("no match: %+v, %v, %+v, %v", found, err, near, err2)
		}
		q = b.forced(preorder.WordNear)
		found, err = b.Addresses.Find(t.Context(), q, Home(1))
		near, err2 = b.Addresses.Near(t.Context(), q, Home(1))
		if err != nil || err2 != nil || found != nil || len(near) == 0 || near[0].Address.Address != Home(1) {
			t.Errorf("near match: %+v, %v, %+v, %v", found, err, near, err2)
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		ctx := gone(t)
		found, err := b.Addresses.Find(ctx, b.query(), Home(1))
		near, err2 := b.Addresses.Near(ctx, b.query(), Home(1))
		served, err3 := b.Addresses.Footprint(ctx, b.query(), "80202")
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if found != nil || near != nil || served {
			t.Errorf("with the error comes %+v, %+v, %v", found, near, served)
		}
	})
}

// nearContract is the part of AddressesContract about what may be meant.
func nearContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "offers what may be meant, likeliest first, each once", func(t *testing.T, b Bench) {
		misspelt := Home(5)
		misspelt.Street, misspelt.Suffix = "MAPEL GROVE", ""
		near, err := b.Addresses.Near(t.Context(), b.query(), misspelt)
		if err != nil || len(near) == 0 || near[0].Address.Address != Home(5) || near[0].DetailID != Home(5).ID() {
			t.Fatalf("%+v, %v", near, err)
		}
		seen := map[string]bool{}
		for i, n := range near {
			if i > 0 && n.Score > near[i-1].Score || n.Score < 0 || n.Score > 1 || seen[n.DetailID] || n.DetailID != n.ID() {
				t.Errorf("%d of %+v", i, near)
			}
			seen[n.DetailID] = true
		}
	})
	run(t, open, "offers the units of a building", func(t *testing.T, b Bench) {
		near, err := b.Addresses.Near(t.Context(), b.query(), Unit(1).Building())
		units := map[postal.Address]bool{}
		for _, n := range near {
			units[n.Address.Address] = true
		}
		if err != nil || len(near) < 3 || !units[Unit(1)] || !units[Unit(2)] || !units[Unit(3)] {
			t.Errorf("%+v, %v", near, err)
		}
	})
	run(t, open, "offers nothing for what is like nothing", func(t *testing.T, b Bench) {
		nowhere := postal.Address{Number: "1", Street: "XYLOPHONE", Suffix: "PLZ", City: "ANCHORAGE", State: "AK", ZIP: "99501"}
		if near, err := b.Addresses.Near(t.Context(), b.query(), nowhere); err != nil || len(near) != 0 {
			t.Errorf("%+v, %v", near, err)
		}
	})
}

// LoopQualContract is what every LoopQual must do.
func LoopQualContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "answers one line for an address, whenever it is asked", func(t *testing.T, b Bench) {
		for _, a := range Homes() {
			at := preorder.Address{DetailID: a.ID(), Address: a}
			first, err := b.LoopQual.Loop(t.Context(), b.query(), at)
			again, err2 := b.LoopQual.Loop(t.Context(), b.query(), at)
			if err != nil || err2 != nil || first != again {
				t.Errorf("%s: %+v, %v; %+v, %v", a, first, err, again, err2)
			}
			switch first.Technology {
			case preorder.TechADSL, preorder.TechVDSL, preorder.TechFiber:
				if first.MaxDown <= 0 || first.MaxUp <= 0 {
					t.Errorf("%s: %+v", a, first)
				}
			case "":
				if first != (preorder.Loop{}) {
					t.Errorf("%s: %+v", a, first)
				}
			default:
				t.Errorf("%s: %+v", a, first)
			}
		}
	})
	run(t, open, "obeys the words of a sandbox", func(t *testing.T, b Bench) {
		at := preorder.Address{DetailID: Home(1).ID(), Address: Home(1)}
		for word, want := range map[string]preorder.Loop{preorder.WordNoOffer: {}, preorder.WordNoFiber: Copper, preorder.WordFastFiber: Fiber} {
			if got, err := b.LoopQual.Loop(t.Context(), b.forced(word), at); err != nil || got != want {
				t.Errorf("%s: %+v, %v", word, got, err)
			}
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		if loop, err := b.LoopQual.Loop(gone(t), b.query(), preorder.Address{DetailID: Home(1).ID(), Address: Home(1)}); !errors.Is(err, context.Canceled) || loop != (preorder.Loop{}) {
			t.Errorf("%+v, %v", loop, err)
		}
	})
}

// CatalogContract is what every catalogue must do.
func CatalogContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "says what is sold", func(t *testing.T, b Bench) {
		sold, err := b.Catalog.Offerings(t.Context(), b.query())
		if diff := cmp.Diff(preorder.Catalogue(), sold); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		if _, err := b.Catalog.Offerings(gone(t), b.query()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// CreditContract is what every credit system must do.
func CreditContract(t *testing.T, open func(t *testing.T) Bench) {
	person := func(ssn string) preorder.Customer {
		return preorder.Customer{First: "Avery", Last: "Example", SSN: ssn, DOB: "1980-02-29"}
	}
	run(t, open, "decides about a postpaid customer", func(t *testing.T, b Bench) {
		for ssn, want := range map[string]preorder.CreditDecision{
			"123450001": {Decision: preorder.DecisionApproved}, "123450002": {Decision: preorder.DecisionDeposit, Class: 2},
			"999999999": {Decision: preorder.DecisionDeposit, Class: 2},
			"123450003": {Decision: preorder.DecisionHardStop, Reason: preorder.ReasonCredit},
			"123450004": {Decision: preorder.DecisionHardStop, Reason: preorder.ReasonFinalBill},
		} {
			got, err := b.Credit.Check(t.Context(), b.query(), person(ssn), preorder.Postpaid)
			if err != nil || !got.Authenticated || got.Decision != want {
				t.Errorf("…%s: %+v, %v", ssn[5:], got, err)
			}
		}
	})
	run(t, open, "decides about the same customer alike", func(t *testing.T, b Bench) {
		for _, ssn := range []string{"123456789", "219099999", "457555462"} {
			first, err := b.Credit.Check(t.Context(), b.query(), person(ssn), preorder.Postpaid)
			again, err2 := b.Credit.Check(t.Context(), b.query(), person(ssn), preorder.Postpaid)
			if err != nil || err2 != nil || first != again || !first.Authenticated || first.Decision.Decision == "" {
				t.Errorf("…%s: %+v, %v; %+v, %v", ssn[5:], first, err, again, err2)
			}
		}
	})
	run(t, open, "authenticates a prepaid customer, and decides about nothing", func(t *testing.T, b Bench) {
		got, err := b.Credit.Check(t.Context(), b.query(), person("999999999"), preorder.Prepaid)
		if err != nil || !got.Authenticated || got.Decision.Decision == preorder.DecisionHardStop || got.Decision.Class != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	run(t, open, "does not authenticate whom it does not know", func(t *testing.T, b Bench) {
		unknown := person("123450001")
		unknown.DOB = "1901-01-01"
		for _, billType := range []string{preorder.Prepaid, preorder.Postpaid} {
			if got, err := b.Credit.Check(t.Context(), b.query(), unknown, billType); err != nil || got != (preorder.CreditResult{}) {
				t.Errorf("%s: %+v, %v", billType, got, err)
			}
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		if got, err := b.Credit.Check(gone(t), b.query(), person("123450001"), preorder.Postpaid); !errors.Is(err, context.Canceled) || got != (preorder.CreditResult{}) {
			t.Errorf("%+v, %v", got, err)
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
