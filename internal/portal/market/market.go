// Package market is the developer marketplace: from the landing page through sign-up to
// the first call, and what a partner's engineer comes back for: applications and their
// keys, webhooks and their deliveries, the request log, the sandbox, usage.
package market

import (
	"slices"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/inbox"
	"demarc/internal/machine"
	"demarc/internal/outbox"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
)

// Options are the services that these pages call.
type Options struct {
	DB       *db.DB // for worlds that are not looked at
	Identity *identity.Service
	Sandbox  *sandbox.Service
	Outbox   *outbox.Service
	Requests *requestlog.Log
	Inbox    *inbox.Service
	Products []string
	Machines []*machine.Table
}

type screens struct{ Options }

// Routes are the pages.
func Routes(o Options) []web.Route {
	s := &screens{o}
	return slices.Concat(s.entryRoutes(), s.buildRoutes(), s.productRoutes(), s.sandboxRoutes())
}
