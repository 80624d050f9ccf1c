package marketplacecarrier

import (
	"context"
	"errors"

	"demarc/internal/marketplace"
)

// Switch asks the provider that the order's base URL names: the embedded one, or a
// server out there.
type Switch struct{ Embedded, HTTP marketplace.Server }

var _ marketplace.Server = Switch{}

var errOutside = errors.New("the provider that demarc plays exists in sandboxes only")

// Provision asks the order's provider. The embedded one opens no accounts that
// anybody could use, so outside a sandbox it is not asked.
func (s Switch) Provision(ctx context.Context, o marketplace.Order) (marketplace.Reply, error) {
	switch {
	case o.BaseURL != marketplace.EmbeddedURL:
		return s.HTTP.Provision(ctx, o)
	case !o.Sandbox:
		return marketplace.Reply{}, errOutside
	}
	return s.Embedded.Provision(ctx, o)
}
