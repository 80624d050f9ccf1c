package marketplacecarrier

import (
	"context"
	"errors"
	"net/http"
	"time"

	"demarc/internal/clock"
	"demarc/internal/marketplace"
	"demarc/internal/trouble"
)

var provider = trouble.Declare("marketplace.provider", "the servers of the marketplace's providers")

// patience is how long package guard waits for a provider, and mostWaiting how many
// of a node's workers wait at once for one that its sandbox's owner wants to be slow:
// the others are for everybody's due work.
const (
	patience    = 15 * time.Second
	mostWaiting = 4
)

// Troubled is providers' servers that fail in a sandbox as its owner wants them to.
type Troubled struct {
	marketplace.Server
	spot *trouble.Spot
}

var _ marketplace.Server = Troubled{}

// Trouble puts providers' servers in the hands of sandboxes' owners, for the orders of
// their sandboxes.
func Trouble(s marketplace.Server, m *trouble.Maker) Troubled {
	return Troubled{s, m.Spot(provider, patience, mostWaiting)}
}

var errUnreachable = errors.New("connection refused")

// Provision asks the order's provider, unless it is to fail: then it is not asked, and
// has opened no account.
func (t Troubled) Provision(ctx context.Context, o marketplace.Order) (marketplace.Reply, error) {
	if !o.Sandbox {
		return t.Server.Provision(ctx, o)
	}
	took := clock.Elapsed()
	err := t.spot.Meet(ctx, o.World)
	switch trouble.ModeOf(err) {
	case trouble.Unavailable:
		return marketplace.Reply{Took: took()}, &silence{errUnreachable.Error(), err}
	case trouble.Timeout:
		return marketplace.Reply{Took: took()}, unheard(context.DeadlineExceeded)
	case trouble.Failure:
		r, err := reply(http.StatusInternalServerError, "message", "Something went wrong. Please try again later.")
		r.Took = took()
		return r, err
	default:
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return marketplace.Reply{Took: took()}, unheard(ctx.Err())
	case err != nil:
		return marketplace.Reply{}, err
	}
	late := took()
	r, err := t.Server.Provision(ctx, o)
	r.Took += late
	return r, err
}
