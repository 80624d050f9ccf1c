// Package store is the storefront, where a customer subscribes to providers' software,
// and the provider's console, where a provider sees what that looks like from its side.
//
//	shop.go           the catalogue, and a product with its form
//	subscriptions.go  what a customer has subscribed to
//	usage.go          what was used, drawn, for both sides
//	provider.go       providers, their keys
//	products.go       a provider's products; productform.go the form that makes one
//	calls.go          what a provider and the marketplace told each other
//	buyers.go         subscriptions, as their provider sees them
//	integration.go    how the two servers call each other
package store

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"demarc/internal/fault"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// Options are the use cases that these pages call.
type Options struct {
	Marketplace *marketplace.Desk
	UpdatePath  string // where providers tell of their customers
}

type screens struct{ Options }

// Routes are the pages.
func Routes(o Options) []web.Route {
	s := &screens{o}
	return slices.Concat(s.storeRoutes(), s.providerRoutes())
}

const (
	shopHome = "/store"
	subsHome = shopHome + "/subscriptions"
	provHome = "/provider"
)

func (s *screens) storeRoutes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: shopHome, Nav: "Catalogue", Do: s.shop},
		{Method: http.MethodGet, Path: shopHome + "/{product}", Do: s.productPage},
		{Method: http.MethodPost, Path: shopHome + "/{product}", Do: s.subscribe},
		{Method: http.MethodGet, Path: subsHome, Nav: "Subscriptions", Live: true, Do: s.subscriptions},
		{Method: http.MethodGet, Path: subsHome + "/{id}", Live: true, Do: s.subscription},
		{Method: http.MethodPost, Path: subsHome + "/{id}/end", Do: s.end},
	}
	for i := range routes {
		routes[i].Area, routes[i].Needs, routes[i].Customer = "Storefront", web.Buy, true
	}
	return routes
}

func (s *screens) providerRoutes() []web.Route {
	const (
		one     = provHome + "/{id}"
		list    = one + "/products"
		product = list + "/{product}"
	)
	get, post := http.MethodGet, http.MethodPost
	routes := []web.Route{
		{Method: get, Path: provHome, Nav: "Providers", Do: s.providers},
		{Method: get, Path: provHome + "/new", Nav: "Onboard a provider", Fresh: true, Do: s.onboardPage},
		{Method: post, Path: provHome + "/new", Fresh: true, Do: s.onboard},
		{Method: get, Path: one, Do: s.provider},
		{Method: get, Path: one + "/change", Do: s.changePage},
		{Method: post, Path: one + "/change", Do: s.change},
		{Method: post, Path: one + "/keys", Fresh: true, Do: s.rotate},
		{Method: post, Path: one + "/keys/{key}/revoke", Fresh: true, Do: s.revoke},
		{Method: get, Path: list, Do: s.products},
		{Method: get, Path: list + "/new", Do: s.offerPage},
		{Method: post, Path: list + "/new", Do: s.offer},
		{Method: get, Path: product, Do: s.product},
		{Method: get, Path: product + "/change", Do: s.changeOfferPage},
		{Method: post, Path: product + "/change", Do: s.changeOffer},
		{Method: post, Path: product + "/state", Do: s.moveOffer},
		{Method: post, Path: product + "/test", Do: s.test},
		{Method: get, Path: one + "/calls", Live: true, Do: s.calls},
		{Method: get, Path: one + "/calls/{call}", Do: s.call},
		{Method: get, Path: one + "/subscriptions", Live: true, Do: s.buyers},
		{Method: get, Path: one + "/subscriptions/{subscription}", Live: true, Do: s.buyer},
		{Method: get, Path: one + "/integration", Do: s.integration},
	}
	for i := range routes {
		routes[i].Area, routes[i].Needs = "Provider", web.Sell
	}
	return routes
}

// party is who looks as a buyer, and for whom.
func party(v *web.Visit) marketplace.Party {
	return marketplace.Party{World: v.World.ID, Sandbox: v.Sandbox(), Customer: v.Customer.Number, Actor: v.Actor()}
}

// manager is who manages the providers of the visitor's organisation.
func manager(v *web.Visit) marketplace.Manager {
	return marketplace.Manager{World: v.World.ID, Org: v.User.Org, Actor: v.Actor(), Sandbox: v.Sandbox()}
}

// paging is a page of a list as the person wants it.
func paging(q url.Values) marketplace.Paging {
	return marketplace.Paging{Offset: int64(ui.PageOf(q)-1) * ui.PageSize, Limit: ui.PageSize}
}

// missing says that there is no page about what is not there, or not the visitor's.
func missing(err error) error {
	for _, c := range []*fault.Code{marketplace.ProductUnknown, marketplace.ProviderUnknown, marketplace.SubUnknown} {
		if errors.Is(err, c) {
			return web.NoSuchPage
		}
	}
	return err
}

const monthForm = "2006-01"

// monthAsked is the month that a page is asked for; zero: the present one.
func monthAsked(q url.Values) time.Time {
	m, err := time.Parse(monthForm, q.Get("month"))
	if err != nil || m.Year() < 2000 || m.Year() > 2200 {
		return time.Time{}
	}
	return m
}

// subState is a subscription's state as a badge.
func subState(state string) ui.Node {
	tone := map[string]ui.Tone{marketplace.SubProvisioning: ui.Waiting, marketplace.SubActive: ui.Good, marketplace.SubEnding: ui.Waiting,
		marketplace.SubExpired: ui.Bad, marketplace.SubFailed: ui.Bad}[state]
	return ui.Badge(tone, state)
}

func orDash(s string) ui.Node {
	if s == "" {
		return ui.Text("–")
	}
	return ui.Text(s)
}
