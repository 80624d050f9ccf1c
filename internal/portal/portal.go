// Package portal is what a person sees: the developer marketplace, the Control Center,
// the storefront, the provider's console, the carrier desk. Pages are rendered here, on
// the same port as the APIs, and call the same use cases.
//
//	web/      the kit: who visits, what they may do, forms, live pages
//	ui/       the design system: components, style sheet, script
//	market/   the developer marketplace: sign-up, products, applications, webhooks,
//	          the request log, the sandbox, usage
//	control/  the Control Center: a customer's orders and numbers, across products
//	store/    the storefront and the provider's console
//	desk/     the carrier desk
//
// Begin at New, which puts them together.
package portal

import (
	"demarc/internal/backend"
	"demarc/internal/care"
	"demarc/internal/identity"
	"demarc/internal/inbox"
	"demarc/internal/machine"
	"demarc/internal/marketplace"
	"demarc/internal/ondemand"
	"demarc/internal/outbox"
	"demarc/internal/portal/control"
	"demarc/internal/portal/desk"
	"demarc/internal/portal/market"
	"demarc/internal/portal/store"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
)

// Options are the services that the portal's pages call.
type Options struct {
	web.Options
	Identity    *identity.Service
	Sandbox     *sandbox.Service
	Outbox      *outbox.Service
	Requests    *requestlog.Log
	Inbox       *inbox.Service
	OnDemand    *ondemand.Desk
	Care        *care.Desk
	PreOrder    *preorder.Desk
	Marketplace *marketplace.Desk
	Voice       *voice.Desk
	UpdatePath  string // where providers tell of their customers
	Backends    *backend.Registry
	Products    []string // that applications can be approved for
	Machines    []*machine.Table
}

// Areas are the parts of the portal, in the order of its bar.
func Areas() []web.Area {
	return []web.Area{
		{Name: "Build", Home: "/start", Needs: web.Build},
		{Name: "Sandbox", Home: "/sandbox", Needs: web.Own},
		{Name: "Control Center", Home: "/control", Needs: web.Buy},
		{Name: "Storefront", Home: "/store", Needs: web.Buy},
		{Name: "Provider", Home: "/provider", Needs: web.Sell},
		{Name: "Carrier desk", Home: "/desk", Needs: web.Carry},
	}
}

// New puts the portal together.
func New(o Options) *web.Kit {
	k := web.New(o.Options, Areas()...)
	k.Add(market.Routes(market.Options{DB: o.DB, Inbox: o.Inbox, Identity: o.Identity, Sandbox: o.Sandbox, Outbox: o.Outbox, Requests: o.Requests, Products: o.Products, Machines: o.Machines})...)
	k.Add(control.Routes(control.Options{Identity: o.Identity, Voice: o.Voice, OnDemand: o.OnDemand, PreOrder: o.PreOrder})...)
	k.Add(store.Routes(store.Options{Marketplace: o.Marketplace, UpdatePath: o.UpdatePath})...)
	k.Add(desk.Routes(desk.Options{DB: o.DB, Outbox: o.Outbox, Requests: o.Requests, Backends: o.Backends, Identity: o.Identity, Sandbox: o.Sandbox, Voice: o.Voice, OnDemand: o.OnDemand, PreOrder: o.PreOrder, Marketplace: o.Marketplace, Machines: o.Machines})...)
	return k
}
