package app

import (
	"context"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/trouble"
)

// ourselves is this program's own API, as a sandbox's owner can make it fail.
var ourselves = trouble.Declare("api", "this API itself, but for /sandbox/v1 and /oauth")

// mostWaiting is how many requests a node lets wait at once for itself: a small part
// of those that it has in flight.
const mostWaiting = 256

// troubleOf makes the hook that fails a sandbox's calls as its owner wants it. The
// calls by which the owner ends that are left alone: those of the sandbox, and those
// for a token, which are open.
func (a *App) troubleOf(m *trouble.Maker) func(context.Context, *httpkit.Caller, *httpkit.Route) error {
	most := mostWaiting
	if n := int(a.cfg.InFlight); n > 0 {
		most = max(1, min(most, n/8))
	}
	spot := m.Spot(ourselves, trouble.MaxLatency, most)
	return func(ctx context.Context, c *httpkit.Caller, route *httpkit.Route) error {
		if !c.Sandbox || strings.HasPrefix(route.Pattern, "/sandbox/v1/") {
			return nil
		}
		err := spot.Meet(ctx, c.World)
		if code := answers[trouble.ModeOf(err)]; code != nil {
			return code.Say("%s (So the owner of this sandbox wants it.)", code.Text)
		}
		return err
	}
}

// answers are what a call is answered that is to go wrong.
var answers = map[trouble.Mode]*fault.Code{
	trouble.Unavailable: httpkit.Overloaded, trouble.Timeout: httpkit.Timeout, trouble.Failure: httpkit.Internal,
}
