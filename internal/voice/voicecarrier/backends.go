package voicecarrier

import (
	"context"
	"fmt"
	"log/slog"

	"demarc/internal/backend"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Backends are all that Voice asks.
type Backends struct {
	Administration voice.Administration
	Credit         voice.CreditDesk
	Losing         voice.LosingCarrier
	Providers      voice.Providers
}

// URLs are where the real backends are; the embedded one stands in for what has none.
type URLs struct {
	Administration, Credit, Losing, Providers string

	Health *backend.Registry // may be nil
}

// Embedded are the backends that come with the program.
func Embedded(source Source) Backends {
	return Backends{EmbeddedAdministration{source}, EmbeddedCredit{source}, EmbeddedLosing{}, EmbeddedProviders{}}
}

// Connect makes the backends: real ones for production, where they have a URL, and
// embedded ones for sandboxes, and elsewhere.
func Connect(embedded Backends, urls URLs, log *slog.Logger) (Backends, error) {
	b := embedded
	for _, c := range []struct {
		name, url string
		connect   func(url string) error
	}{
		{voice.BackendAdministration, urls.Administration, func(url string) error {
			connector, err := NewHTTPAdministration(url, log)
			b.Administration = SplitAdministration{connector, embedded.Administration}
			return urls.know(connector.line, err)
		}},
		{voice.BackendCredit, urls.Credit, func(url string) error {
			connector, err := NewHTTPCredit(url, log)
			b.Credit = SplitCredit{connector, embedded.Credit}
			return urls.know(connector.line, err)
		}},
		{voice.BackendLosing, urls.Losing, func(url string) error {
			connector, err := NewHTTPLosing(url, log)
			b.Losing = SplitLosing{connector, embedded.Losing}
			return urls.know(connector.line, err)
		}},
		{voice.BackendProviders, urls.Providers, func(url string) error {
			connector, err := NewHTTPProviders(url, log)
			b.Providers = SplitProviders{connector, embedded.Providers}
			return urls.know(connector.line, err)
		}},
	} {
		if c.url == "" {
			urls.Health.Embed(voice.Product, c.name)
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

// of keeps the questions of sandboxes away from real systems: whatever is tried there,
// nobody's credit is looked at, no administration counts it as a query, and no carrier
// or directory hears of it.
func of[T any](q voice.Query, production, sandbox T) T {
	if q.Sandbox {
		return sandbox
	}
	return production
}

// SplitAdministration is a number administration for production and one for sandboxes.
type SplitAdministration struct{ Production, Sandbox voice.Administration }

var _ voice.Administration = SplitAdministration{}

// Lookup asks the number administration of the question's world.
func (s SplitAdministration) Lookup(ctx context.Context, q voice.Query, list []nanp.TN) ([]voice.Number, error) {
	return of(q, s.Production, s.Sandbox).Lookup(ctx, q, list)
}

// Ready asks the number administration of the question's world.
func (s SplitAdministration) Ready(ctx context.Context, q voice.Query, state, center string) error {
	return of(q, s.Production, s.Sandbox).Ready(ctx, q, state, center)
}

// SplitCredit is a credit system for production and one for sandboxes.
type SplitCredit struct{ Production, Sandbox voice.CreditDesk }

var _ voice.CreditDesk = SplitCredit{}

// Check asks the credit system of the question's world.
func (s SplitCredit) Check(ctx context.Context, q voice.Query, order string) (bool, error) {
	return of(q, s.Production, s.Sandbox).Check(ctx, q, order)
}

// SplitLosing are the losing carriers of production and those of sandboxes.
type SplitLosing struct{ Production, Sandbox voice.LosingCarrier }

var _ voice.LosingCarrier = SplitLosing{}

// Ask asks the losing carriers of the question's world.
func (s SplitLosing) Ask(ctx context.Context, q voice.Query, p voice.Port) (voice.Reply, error) {
	return of(q, s.Production, s.Sandbox).Ask(ctx, q, p)
}

// SplitProviders are the providers of production and those of sandboxes.
type SplitProviders struct{ Production, Sandbox voice.Providers }

var _ voice.Providers = SplitProviders{}

// List tells the directory of the question's world.
func (s SplitProviders) List(ctx context.Context, q voice.Query, order string, list []voice.Range, service voice.Service) error {
	return of(q, s.Production, s.Sandbox).List(ctx, q, order, list, service)
}

// Locate tells E911 of the question's world.
func (s SplitProviders) Locate(ctx context.Context, q voice.Query, order string, list []voice.Range, service voice.Service) error {
	return of(q, s.Production, s.Sandbox).Locate(ctx, q, order, list, service)
}

// Name tells the CNAM databases of the question's world.
func (s SplitProviders) Name(ctx context.Context, q voice.Query, order string, list []voice.Range, service voice.Service) error {
	return of(q, s.Production, s.Sandbox).Name(ctx, q, order, list, service)
}
