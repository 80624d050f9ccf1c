package carecarrier

import (
	"context"
	"log/slog"

	"demarc/internal/backend"
	"demarc/internal/care"
)

// Split keeps the questions of sandboxes away from the real billing system: whatever
// a partner's engineer tries there, no customer's data can come back.
type Split struct{ Production, Sandbox care.Billing }

var _ care.Billing = Split{}

func (s Split) of(q care.Query) care.Billing {
	if q.Sandbox {
		return s.Sandbox
	}
	return s.Production
}

// Account asks the billing system of the question's world.
func (s Split) Account(ctx context.Context, q care.Query) (*care.Account, error) {
	return s.of(q).Account(ctx, q)
}

// Accounts asks the billing system of the question's world.
func (s Split) Accounts(ctx context.Context, q care.Query) ([]care.Account, error) {
	return s.of(q).Accounts(ctx, q)
}

// Connect is the billing systems of all business units: the real ones at base, with
// the embedded one for sandboxes; the embedded one everywhere when base is "". health,
// which may be nil, learns of them.
func Connect(store care.Store, base string, log *slog.Logger, health *backend.Registry) (map[string]care.Billing, error) {
	systems := map[string]care.Billing{}
	for _, u := range care.Units() {
		embedded := Embedded{Store: store}
		systems[u.Code] = embedded
		if base == "" {
			health.Embed(care.Product, "billing of "+u.Code)
			continue
		}
		connector, err := NewHTTP(base, u.Code, log)
		if err != nil {
			return nil, err
		}
		health.Add(connector)
		systems[u.Code] = Split{Production: connector, Sandbox: embedded}
	}
	return systems, nil
}
