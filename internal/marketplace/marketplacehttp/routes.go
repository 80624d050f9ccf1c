// Package marketplacehttp is the marketplace on the wire: each handler decodes, calls
// one use case and encodes, in the shapes of api/marketplace.yaml.
//
//	providers.go      onboarding and keys, for a provider's manager
//	products.go       products, for their manager and for buyers
//	calls.go          what a manager sees: the call log, subscriptions, a test call
//	subscriptions.go  a buyer's subscriptions and their usage
//	update.go         what a provider tells, which it proves by a key in the body
package marketplacehttp

import (
	"net/http"
	"slices"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

type handlers struct {
	kit  *httpkit.Kit
	desk *marketplace.Desk
	o    Options
}

// Page sizes of the product's lists.
const (
	defaultPage = 10
	largestPage = 100
)

const base = "/marketplace/v1"

// Routes are the product's operations, but for the one that providers call.
func Routes(kit *httpkit.Kit, desk *marketplace.Desk, o Options) []httpkit.Route {
	h := &handlers{kit: kit, desk: desk, o: o}
	get, post, patch := http.MethodGet, http.MethodPost, http.MethodPatch
	const (
		providers     = base + "/providers"
		provider      = providers + "/{id}"
		products      = provider + "/products"
		product       = products + "/{product}"
		subscriptions = base + "/subscriptions"
		subscription  = subscriptions + "/{id}"
	)
	routes := []httpkit.Route{
		{Method: post, Pattern: providers, OperationID: "onboardProvider", Handle: h.onboard},
		{Method: get, Pattern: providers, OperationID: "listMarketplaceProviders", Handle: h.providers},
		{Method: get, Pattern: provider, OperationID: "getMarketplaceProvider", Handle: h.provider},
		{Method: patch, Pattern: provider, OperationID: "changeMarketplaceProvider", Handle: h.changeProvider},
		{Method: post, Pattern: provider + "/keys", OperationID: "rotateProviderKey", Handle: h.rotateKey},
		{Method: http.MethodDelete, Pattern: provider + "/keys/{key}", OperationID: "revokeProviderKey", Handle: h.revokeKey},
		{Method: post, Pattern: products, OperationID: "offerProduct", Handle: h.offer},
		{Method: get, Pattern: products, OperationID: "listProviderProducts", Handle: h.offers},
		{Method: patch, Pattern: product, OperationID: "changeProduct", Handle: h.changeOffer},
		{Method: post, Pattern: product + "/test-call", OperationID: "testProvider", Handle: h.testCall},
		{Method: get, Pattern: provider + "/calls", OperationID: "listProviderCalls", Handle: h.calls},
		{Method: get, Pattern: provider + "/subscriptions", OperationID: "listProviderSubscriptions", Handle: h.providerSubscriptions},
		{Method: get, Pattern: base + "/products", OperationID: "listProducts", Handle: h.catalogue},
		{Method: get, Pattern: base + "/products/{id}", OperationID: "getProduct", Handle: h.sale},
		{Method: post, Pattern: subscriptions, OperationID: "subscribe", Handle: h.subscribe},
		{Method: get, Pattern: subscriptions, OperationID: "listSubscriptions", Handle: h.subscriptions},
		{Method: get, Pattern: subscription, OperationID: "getSubscription", Handle: h.subscription},
		{Method: post, Pattern: subscription + "/end", OperationID: "endSubscription", Handle: h.end},
		{Method: get, Pattern: subscription + "/usage", OperationID: "getUsage", Handle: h.usage},
	}
	for i := range routes {
		routes[i].Product = marketplace.Product
	}
	return routes
}

// manager is who calls, as a manager of its organisation's providers.
func manager(r *http.Request) marketplace.Manager {
	c := httpkit.From(r.Context())
	return marketplace.Manager{World: c.World, Org: c.Org, Actor: c.App, Sandbox: c.Sandbox}
}

// party is who calls, as a buyer, and for whom.
func party(r *http.Request) (marketplace.Party, error) {
	c := httpkit.From(r.Context())
	customer, err := httpkit.CustomerOf(r)
	return marketplace.Party{World: c.World, App: c.App, Sandbox: c.Sandbox, Customer: customer.Number}, err
}

func pageOf(r *http.Request) (httpkit.Page, marketplace.Paging, error) {
	p, err := httpkit.PageOf(r, defaultPage, largestPage)
	return p, marketplace.Paging{Offset: p.Offset(), Limit: p.Size}, err
}

// paged begins every page of this product.
type paged struct {
	PageNumber  int `json:"pageNumber"`
	PageSize    int `json:"pageSize"`
	ResultCount int `json:"resultCount"`
}

// stateOf reads the state that subscriptions are asked for in. (MKT-LST-01: it is one)
func stateOf(r *http.Request) (string, error) {
	state := r.URL.Query().Get("state")
	if state != "" && !slices.Contains(marketplace.SubscriptionMachine.States(), state) {
		return "", fault.Invalid.With(fault.Field("MKT-LST-01", "state", "must be provisioning, active, ending, expired or failed"))
	}
	return state, nil
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// created answers a unit of work that makes the thing at a location.
func (h *handlers) created(w http.ResponseWriter, location string, commit func() error) error {
	w.Header().Set("Location", location)
	err := commit()
	if err != nil {
		w.Header().Del("Location")
	}
	return err
}
