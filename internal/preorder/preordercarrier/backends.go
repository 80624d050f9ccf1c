package preordercarrier

import (
	"context"
	"fmt"
	"log/slog"

	"demarc/internal/backend"
	"demarc/internal/postal"
	"demarc/internal/preorder"
)

// Backends are all that PreOrder asks.
type Backends struct {
	Addresses preorder.Addresses
	LoopQual  preorder.LoopQual
	Catalog   preorder.Catalog
	Credit    preorder.Credit
}

// URLs are where the real backends are; the embedded one stands in for what has none.
type URLs struct {
	Addresses, LoopQual, Catalog, Credit string

	Health *backend.Registry // may be nil
}

// Embedded are the backends that come with the program.
func Embedded(book Book) Backends {
	return Backends{EmbeddedAddresses{book}, EmbeddedLoopQual{}, EmbeddedCatalog{}, EmbeddedCredit{}}
}

// Connect makes the backends: real ones for production, where they have a URL, and
// embedded ones for sandboxes, and elsewhere.
func Connect(book Book, urls URLs, log *slog.Logger) (Backends, error) {
	b := Embedded(book)
	for _, c := range []struct {
		name, url string
		connect   func(url string) error
	}{
		{preorder.BackendAddress, urls.Addresses, func(url string) error {
			connector, err := NewHTTPAddresses(url, log)
			b.Addresses = SplitAddresses{connector, b.Addresses}
			return urls.know(connector.line, err)
		}},
		{preorder.BackendLoopQual, urls.LoopQual, func(url string) error {
			connector, err := NewHTTPLoopQual(url, log)
			b.LoopQual = SplitLoopQual{connector, b.LoopQual}
			return urls.know(connector.line, err)
		}},
		{preorder.BackendCatalog, urls.Catalog, func(url string) error {
			connector, err := NewHTTPCatalog(url, log)
			b.Catalog = SplitCatalog{connector, b.Catalog}
			return urls.know(connector.line, err)
		}},
		{preorder.BackendCredit, urls.Credit, func(url string) error {
			connector, err := NewHTTPCredit(url, log)
			b.Credit = SplitCredit{connector, b.Credit}
			return urls.know(connector.line, err)
		}},
	} {
		if c.url == "" {
			urls.Health.Embed(preorder.Product, c.name)
			continue
		}
		if err := c.connect(c.url); err != nil {
			return Backends{}, fmt.Errorf("%w (%s)", err, c.name)
		}
	}
	return b, nil
}

// know makes a connector's line known to whoever looks after backends.
func (u URLs) know(l *line, err error) error {
	if err == nil {
		u.Health.Add(l)
	}
	return err
}

// of keeps the questions of sandboxes away from real systems: whatever a partner's
// engineer tries there, no customer is asked about and nobody's credit is run.
func of[T any](q preorder.Query, production, sandbox T) T {
	if q.Sandbox {
		return sandbox
	}
	return production
}

// SplitAddresses is an address service for production and one for sandboxes.
type SplitAddresses struct{ Production, Sandbox preorder.Addresses }

var _ preorder.Addresses = SplitAddresses{}

// Find asks the address service of the question's world.
func (s SplitAddresses) Find(ctx context.Context, q preorder.Query, a postal.Address) (*preorder.Address, error) {
	return of(q, s.Production, s.Sandbox).Find(ctx, q, a)
}

// Near asks the address service of the question's world.
func (s SplitAddresses) Near(ctx context.Context, q preorder.Query, a postal.Address) ([]preorder.NearMatch, error) {
	return of(q, s.Production, s.Sandbox).Near(ctx, q, a)
}

// Footprint asks the address service of the question's world.
func (s SplitAddresses) Footprint(ctx context.Context, q preorder.Query, zip string) (bool, error) {
	return of(q, s.Production, s.Sandbox).Footprint(ctx, q, zip)
}

// SplitLoopQual is a LoopQual for production and one for sandboxes.
type SplitLoopQual struct{ Production, Sandbox preorder.LoopQual }

var _ preorder.LoopQual = SplitLoopQual{}

// Loop asks the LoopQual of the question's world.
func (s SplitLoopQual) Loop(ctx context.Context, q preorder.Query, a preorder.Address) (preorder.Loop, error) {
	return of(q, s.Production, s.Sandbox).Loop(ctx, q, a)
}

// SplitCatalog is a catalogue for production and one for sandboxes.
type SplitCatalog struct{ Production, Sandbox preorder.Catalog }

var _ preorder.Catalog = SplitCatalog{}

// Offerings asks the catalogue of the question's world.
func (s SplitCatalog) Offerings(ctx context.Context, q preorder.Query) ([]preorder.Offering, error) {
	return of(q, s.Production, s.Sandbox).Offerings(ctx, q)
}

// SplitCredit is a credit system for production and one for sandboxes.
type SplitCredit struct{ Production, Sandbox preorder.Credit }

var _ preorder.Credit = SplitCredit{}

// Check asks the credit system of the question's world.
func (s SplitCredit) Check(ctx context.Context, q preorder.Query, c preorder.Customer, billType string) (preorder.CreditResult, error) {
	return of(q, s.Production, s.Sandbox).Check(ctx, q, c, billType)
}
