package ondemandcarrier

import (
	"context"

	"demarc/internal/ondemand"
	"demarc/internal/trouble"
)

var network = trouble.Declare("ondemand.network", "the network that on-demand orders change")

// mostWaiting is how many of a node's workers wait at once for a network that its
// sandbox's owner wants to be slow: the others are for everybody's due work.
const mostWaiting = 4

// Troubled is a network that fails in a sandbox as its owner wants it to. Whatever it
// is that fails, nobody knows what became of the change, and the order's timer asks
// again.
type Troubled struct {
	ondemand.Network
	spot *trouble.Spot
}

var _ ondemand.Network = Troubled{}

// Trouble puts a network in the hands of sandboxes' owners, for the orders of their
// sandboxes.
func Trouble(n ondemand.Network, m *trouble.Maker) Troubled {
	return Troubled{n, m.Spot(network, callDeadline, mostWaiting)}
}

// Start asks for a change, unless that is to fail.
func (t Troubled) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	if err := t.meet(ctx, c); err != nil {
		return ondemand.Ticket{}, err
	}
	return t.Network.Start(ctx, c)
}

// Status asks how a change is doing, unless that is to fail.
func (t Troubled) Status(ctx context.Context, c ondemand.Change, ref string) (ondemand.Progress, error) {
	if err := t.meet(ctx, c); err != nil {
		return ondemand.Progress{}, err
	}
	return t.Network.Status(ctx, c, ref)
}

func (t Troubled) meet(ctx context.Context, c ondemand.Change) error {
	if !c.Sandbox {
		return nil
	}
	return t.spot.Meet(ctx, c.World)
}
