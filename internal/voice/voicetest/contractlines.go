package voicetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/worldtest"
)

// The contracts of the backends of numbers in service.

// Carriers of a bench: one of each kind.
var (
	Bonded    = carrier(true)
	NonBonded = carrier(false)
)

func carrier(bonded bool) string {
	for _, name := range []string{"Example Telephone", "Sample Wireless", "Specimen Cable", "Fictional Fiber", "Placeholder Communications", "Imaginary Exchange"} {
		if voicecarrier.Bonded(name) == bonded {
			return name
		}
	}
	panic("voicetest: carriers are all of one kind")
}

// Resident is what numbers of a resident of Denver have, with all that providers are told.
func Resident() voice.Service {
	return voice.Service{Subscriber: voice.Subscriber{Type: voice.Residential, First: "Avery", Last: "Example"},
		Address: voice.Address{Number: "100", Name: "MAIN", Suffix: "ST", City: "DENVER", State: "CO", ZIP: "80202"}, E911: voice.E911Standard,
		Listing: &voice.Listing{Type: "1", First: "Avery", Last: "Example"}, CNAM: &voice.CNAM{Name: "A EXAMPLE"}, RouteName: Route}
}

// Ported is a port of two numbers that a carrier was asked for when worlds begin, and
// that is wanted on a business day.
func Ported(order, carrier string) voice.Port {
	return voice.Port{Order: order, Round: 1, Numbers: []nanp.TN{303_331_2000, 303_331_2001}, Carrier: carrier, Service: Resident(),
		Wanted: time.Date(2040, time.June, 12, 15, 0, 0, 0, time.UTC), Asked: worldtest.Start,
		LNP: voice.LNP{LOAName: "Avery Example", LOAAt: time.Date(2040, time.May, 30, 10, 0, 0, 0, time.UTC), WTN: 303_331_2000, Account: "ACC-1234", PIN: "4321"}}
}

// decided asks until there is an answer, no earlier than the carrier has said.
func decided(t *testing.T, b Bench, p voice.Port, hint string) (r voice.Reply, at time.Time) {
	t.Helper()
	at = p.Asked
	for range 10 {
		q := b.query("1-ABCDE")
		if hint != "" {
			b.Force(&q, hint)
		}
		b.At(&q, at)
		r, err := b.Losing.Ask(t.Context(), q, p)
		if err != nil {
			t.Fatal(err)
		}
		if r.State != voice.PortPending {
			return r, at
		}
		if r.CheckAfter <= 0 || r.FOC != (time.Time{}) || r.Reason != "" {
			t.Fatalf("pending: %+v", r)
		}
		at = at.Add(r.CheckAfter)
	}
	t.Fatalf("%s has not decided by %v", p.Carrier, at)
	return r, at
}

// LosingContract is what every way to losing carriers must do.
func LosingContract(t *testing.T, open func(t *testing.T) Bench) {
	run(t, open, "is asked, and decides in its own time", func(t *testing.T, b Bench) {
		for i, carrier := range []string{Bonded, NonBonded} {
			p := Ported([]string{"V1", "V2"}[i], carrier)
			r, at := decided(t, b, p, "")
			if r.State != voice.PortConcur || !r.FOC.Equal(p.Wanted) || r.Reason != "" || r.CheckAfter != 0 {
				t.Errorf("%s: %+v", carrier, r)
			}
			if !at.After(p.Asked) || at.After(p.Asked.Add(7*24*time.Hour)) {
				t.Errorf("%s took until %v", carrier, at)
			}
			q := b.query("1-ABCDE")
			b.At(&q, at.Add(time.Hour))
			if again, err := b.Losing.Ask(t.Context(), q, p); err != nil || again != r {
				t.Errorf("%s: asked again: %+v, %v; at first %+v", carrier, again, err, r)
			}
		}
	})
	run(t, open, "says why it does not", func(t *testing.T, b Bench) {
		p := Ported("V3", Bonded)
		p.LNP.Account = "ACC-0001"
		if r, _ := decided(t, b, p, ""); r != (voice.Reply{State: voice.PortRefusing, Reason: "account number mismatch"}) {
			t.Errorf("%+v", r)
		}
	})
	run(t, open, "decides about each round of an order", func(t *testing.T, b Bench) {
		p := Ported("V4", Bonded)
		if r, _ := decided(t, b, p, voice.WordPortName); r.State != voice.PortRefusing {
			t.Errorf("%+v", r)
		}
		p.Round = 2
		if r, _ := decided(t, b, p, voice.WordPortName); r.State != voice.PortConcur {
			t.Errorf("mended: %+v", r)
		}
	})
	run(t, open, "gives up with its caller", func(t *testing.T, b Bench) {
		r, err := b.Losing.Ask(gone(t), b.query(""), Ported("V5", Bonded))
		if !errors.Is(err, context.Canceled) || r != (voice.Reply{}) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// tellings are all that providers are told.
var tellings = map[string]func(p voice.Providers, ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error{
	List: voice.Providers.List, Locate: voice.Providers.Locate, Name: voice.Providers.Name,
}

// ProvidersContract is what all providers must do.
func ProvidersContract(t *testing.T, open func(t *testing.T) Bench) {
	numbers := []voice.Range{{Start: 303_331_2000, End: 303_331_2004}, One(720_201_0007)}
	run(t, open, "take what they are told, and take it again", func(t *testing.T, b Bench) {
		business, blocked := Resident(), Resident()
		business.Subscriber, business.Listing = voice.Subscriber{Type: voice.Business, Business: "Example Bakery"}, &voice.Listing{Type: "2", Business: "Example Bakery"}
		blocked.CNAM = &voice.CNAM{Blocked: true}
		for _, s := range []voice.Service{Resident(), business, blocked} {
			for what, tell := range tellings {
				for range 2 {
					if err := tell(b.Providers, t.Context(), b.query(Held), "V1", numbers, s); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
		}
	})
	run(t, open, "refuse a listing that cannot be, for good", func(t *testing.T, b Bench) {
		s := Resident()
		s.Listing = &voice.Listing{Type: "1", First: ".", Last: "."}
		for range 6 { // and work: other listings are taken
			err := b.Providers.List(t.Context(), b.query(""), "V1", numbers, s)
			no, refused := errors.AsType[*voice.Refusal](err)
			if !refused || strings.TrimSpace(no.Reason) == "" {
				t.Fatalf("got %v", err)
			}
		}
		if err := b.Providers.List(t.Context(), b.query(""), "V2", numbers, Resident()); err != nil {
			t.Errorf("another: %v", err)
		}
	})
	run(t, open, "give up with their caller", func(t *testing.T, b Bench) {
		for what, tell := range tellings {
			if err := tell(b.Providers, gone(t), b.query(""), "V1", numbers, Resident()); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
