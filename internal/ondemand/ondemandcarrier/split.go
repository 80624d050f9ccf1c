package ondemandcarrier

import (
	"context"

	"demarc/internal/ondemand"
)

// Split keeps the orders of sandboxes away from the real network: whatever a
// partner's engineer tries there, no port of a customer's changes.
type Split struct{ Production, Sandbox ondemand.Network }

var _ ondemand.Network = Split{}

func (s Split) of(c ondemand.Change) ondemand.Network {
	if c.Sandbox {
		return s.Sandbox
	}
	return s.Production
}

// Start asks the network of the change's world.
func (s Split) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	return s.of(c).Start(ctx, c)
}

// Status asks the network of the change's world.
func (s Split) Status(ctx context.Context, c ondemand.Change, ref string) (ondemand.Progress, error) {
	return s.of(c).Status(ctx, c, ref)
}
