package voicecarrier

import (
	"context"
	"fmt"
	"log/slog"

	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Backends are all that Voice asks.
type Backends struct {
	Administration voice.Administration
	Credit         voice.CreditDesk
}

// URLs are where the real backends are; the embedded one stands in for what has none.
type URLs struct{ Administration, Credit string }

// Embedded are the backends that come with the program.
func Embedded(source Source) Backends {
	return Backends{EmbeddedAdministration{source}, EmbeddedCredit{source}}
}

// Connect makes the backends: real ones for production, where they have a URL, and
// embedded ones for sandboxes, and elsewhere.
func Connect(embedded Backends, urls URLs, log *slog.Logger) (Backends, error) {
	b := embedded
	if urls.Administration != "" {
		connector, err := NewHTTPAdministration(urls.Administration, log)
		if err != nil {
			return Backends{}, fmt.Errorf("%w (%s)", err, voice.BackendAdministration)
		}
		b.Administration = SplitAdministration{connector, embedded.Administration}
	}
	if urls.Credit != "" {
		connector, err := NewHTTPCredit(urls.Credit, log)
		if err != nil {
			return Backends{}, fmt.Errorf("%w (%s)", err, voice.BackendCredit)
		}
		b.Credit = SplitCredit{connector, embedded.Credit}
	}
	return b, nil
}

// of keeps the questions of sandboxes away from real systems: whatever is tried there,
// nobody's credit is looked at and no administration counts it as a query.
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
