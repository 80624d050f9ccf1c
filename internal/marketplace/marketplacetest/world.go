// Package marketplacetest is what tests of the marketplace stand on: a seeded world
// with its use cases and due work, a provider's server that can be made to misbehave,
// and the contract that every server must satisfy.
package marketplacetest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacesql"
	"demarc/internal/seal"
	"demarc/internal/worldtest"
)

// Customers of a World: the one that the seeded subscription is of, and another.
const (
	Customer = "1-ABCDE"
	Other    = "1-WXYZ9"
)

// World is a sandbox in which providers sell.
type World struct {
	*worldtest.World
	Desk    *marketplace.Desk
	Sandbox bool
	Org     string
}

// New makes a world, seeded as every fresh one is, whose providers have this server.
func New(t testing.TB, d *db.DB, server marketplace.Server) *World {
	t.Helper()
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	w := &World{World: worldtest.New(t, d, 4), Sandbox: true, Org: "org_test", Desk: &marketplace.Desk{DB: d, Store: marketplacesql.New(d),
		Server: server, Counters: db.NewCounters(d), Seal: ring, Customer: Customer, Allowed: func(netip.Addr) bool { return true }}}
	w.Checks = append(w.Checks, w.Desk.Check)
	w.Desk.Handle(w.Runner)
	w.Begin(w.Desk.Seed)
	return w
}

// Buyer is who subscribes.
func (w *World) Buyer() marketplace.Party {
	return marketplace.Party{World: w.ID, App: w.App, Sandbox: w.Sandbox, Customer: Customer}
}

// Manager is who onboards providers.
func (w *World) Manager() marketplace.Manager {
	return marketplace.Manager{World: w.ID, Org: w.Org, Actor: w.App, Sandbox: w.Sandbox}
}

// TryOnboard asks to onboard a provider.
func (w *World) TryOnboard(r marketplace.ProviderRequest) (p marketplace.Provider, err error) {
	prepared, err := w.Desk.PrepareProvider(w.T.Context(), w.Manager(), &r)
	if err != nil {
		return p, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		p, err = w.Desk.Onboard(tx, w.Manager(), *prepared)
		return err
	})
	return p, err
}

// Onboard onboards a provider whose server is at a URL.
func (w *World) Onboard(name, url string) marketplace.Provider {
	w.T.Helper()
	p, err := w.TryOnboard(marketplace.ProviderRequest{Name: name, Title: "Provider " + name, BaseURL: url, ResellerKey: "reseller-of-" + name})
	w.Must("onboard "+name, err)
	return p
}

// TryOffer asks to offer a product.
func (w *World) TryOffer(provider string, r marketplace.OfferRequest) (o marketplace.Offer, err error) {
	prepared, err := w.Desk.PrepareOffer(w.T.Context(), w.Manager(), &r)
	if err != nil {
		return o, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		o, err = w.Desk.Offer(tx, w.Manager(), provider, prepared)
		return err
	})
	return o, err
}

// Offer offers a product with the source's form and one SKU of that id.
func (w *World) Offer(provider, sku string) marketplace.Offer {
	w.T.Helper()
	o, err := w.TryOffer(provider, marketplace.OfferRequest{Name: "Product of " + provider, SKUs: []marketplace.SKU{{ID: sku, Name: "Seats", Unit: "seat"}}})
	w.Must("offer", err)
	return o
}

// TrySubscribe asks for a subscription.
func (w *World) TrySubscribe(p marketplace.Party, product string, fields map[string]string) (s marketplace.Subscription, err error) {
	prepared, err := w.Desk.PrepareSubscription(w.T.Context(), p, &marketplace.SubscriptionRequest{ProductID: product, Fields: fields})
	if err != nil {
		return s, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		s, err = w.Desk.Subscribe(tx, prepared)
		return err
	})
	return s, err
}

// Subscribe subscribes to a product with the source's form; the holder's name may
// carry a magic word.
func (w *World) Subscribe(product, holder string) marketplace.Subscription {
	w.T.Helper()
	s, err := w.TrySubscribe(w.Buyer(), product, map[string]string{marketplace.FieldHolder: holder, marketplace.FieldEmail: "buyer@example.com"})
	w.Must("subscribe", err)
	return s
}

// Sub reads a subscription.
func (w *World) Sub(id string) marketplace.Subscription {
	w.T.Helper()
	var s *marketplace.Subscription
	w.View(func(tx *db.Tx) (err error) {
		s, err = w.Desk.Store.Subscription(tx, id)
		return err
	})
	if s == nil {
		w.T.Fatalf("there is no subscription %s", id)
	}
	return *s
}

// TryUpdate tells of a subscription as its provider does, with the elements of the
// body as Go values.
func (w *World) TryUpdate(body map[string]any) (a marketplace.Applied, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	var r marketplace.UpdateRequest
	if err := json.Unmarshal(text, &r); err != nil {
		return a, err
	}
	told, wrong := marketplace.CheckUpdate(&r)
	if err := wrong.As(marketplace.UpdateInvalid); err != nil {
		return a, err
	}
	src, err := w.Desk.SourceOf(w.T.Context(), told.Key)
	if err != nil {
		return a, err
	}
	err = w.DB.Within(w.T.Context(), src.World, func(tx *db.Tx) error {
		a, err = w.Desk.Apply(tx, *src, told)
		return err
	})
	return a, err
}

// Update is TryUpdate of usage, which has to be taken.
func (w *World) Update(key, coid, sku string, count any) marketplace.Applied {
	w.T.Helper()
	a, err := w.TryUpdate(map[string]any{"coid": coid, "expired": false, "sku": sku, "count": count, "providerkey": key})
	w.Must("update", err)
	return a
}

// Refused holds an error against a fault and the rules that it names.
func (w *World) Refused(err error, code *fault.Code, rules ...string) {
	w.T.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code {
		w.T.Fatalf("got %v, want %s", err, code.ID)
	}
	var got []string
	for _, v := range f.Violations {
		got = append(got, v.Rule)
	}
	if len(rules) > 0 && fmt.Sprint(got) != fmt.Sprint(rules) {
		w.T.Fatalf("rules %v, want %v", got, rules)
	}
}
