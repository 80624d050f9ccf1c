package marketplacehttp_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/api"
	"demarc/internal/contract"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every status that the document promises is met, for every operation, and every
// coded error of the product.
func TestEveryDocumentedAnswerIsMet(t *testing.T) {
	e := serve(t)
	t.Run("onboarding", e.onboarding)
	t.Run("keys", e.keys)
	t.Run("offering", e.offering)
	t.Run("trying", e.trying)
	t.Run("buying", e.buying)
	t.Run("ending", e.ending)
	t.Run("telling", e.telling)
	t.Run("edge", e.everywhere)
	t.Run("insight", e.insight)
	e.CheckAll()
	for want := range documented(t) {
		if !e.seen[want] && unmet[want] == "" {
			t.Errorf("%s was not met", want)
		}
	}
	for _, c := range fault.Catalogue() {
		if c.Family == marketplace.Product && !e.seen[c.ID] && unmet[c.ID] == "" {
			t.Errorf("%s was not met", c.ID)
		}
	}
}

// unmet is what cannot be met here, and why.
var unmet = map[string]string{
	"changeMarketplaceProvider 409": "only while a request with the same key is under way, which is over at once",
	"provider_test_busy":            "TestASecondTestCallOfAProviderIsRefusedAtOnce",
	"provider_wrong_move":           "the carrier moves providers, not over HTTP",
	"usage_total_exceeded":          "TestAMonthsTotalHasABound",
}

// documented is "operation status" for all that the document promises.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, d := range api.Documents() {
		if d.Name != "marketplace" {
			continue
		}
		doc, err := openapi3.NewLoader().LoadFromData(d.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				for status := range op.Responses.Map() {
					all[op.OperationID+" "+status] = true
				}
			}
		}
	}
	if len(all) < 150 {
		t.Fatalf("the document promises only %d answers", len(all))
	}
	return all
}

// samples are good calls of every operation, as far as the edge can tell.
func (e *edge) samples(key string) map[string]ask {
	const provider, product, sub = "PRV-1", "PRD-1", marketplace.ExampleSubscription
	return map[string]ask{
		"onboardProvider": ask{}.with(strings.Replace(e.nimbus(), `"nimbus"`, `"cumulus"`, 1)), "listMarketplaceProviders": {},
		"getMarketplaceProvider": in(provider), "changeMarketplaceProvider": in(provider).with(`{"title":"Example"}`),
		"rotateProviderKey": in(provider).with(`{}`), "revokeProviderKey": in(provider, "KEY-1"),
		"offerProduct": in(provider).with(`{"name":"More","skus":[{"name":"More","unit":"GB"}]}`), "listProviderProducts": in(provider),
		"changeProduct": in(provider, product).with(`{"name":"Example"}`), "testProvider": in(provider, product),
		"listProviderCalls": in(provider), "listProviderSubscriptions": in(provider),
		"listProducts": {}, "getProduct": in(product), "subscribe": ask{}.with(form(product, "A Buyer")), "listSubscriptions": {},
		"getSubscription": in(sub), "endSubscription": in(sub), "getUsage": in(sub),
		updates[0]: told(tells("CO-1001", "SKU-SEATS", key)), updates[1]: told(tells("CO-1001", "SKU-SEATS", key)),
	}
}

// everywhere is what the edge answers before a product's own rules are asked.
func (e *edge) everywhere(t *testing.T) {
	key := e.key(t, marketplace.ExampleProvider)
	samples := e.samples(key)
	busy := e.serve(t, httpkit.Options{SandboxRate: 1e-6}) // one request in eleven days, each caller
	late := e.serve(t, httpkit.Options{Deadline: time.Nanosecond})
	small := e.serve(t, httpkit.Options{MaxBody: 8})
	e.good(t, "listProducts", ask{url: busy}, 200, nil)
	e.good(t, updates[0], func() ask { a := samples[updates[0]]; a.url = busy; return a }(), 201, nil)
	e.good(t, "changeMarketplaceProvider", in("PRV-1").with(`{}`).keyed("used"), 200, nil)
	e.good(t, updates[0], samples[updates[0]].keyed("used"), 201, nil)
	for id, op := range contract.Operations() {
		if op.Doc != "marketplace" {
			continue
		}
		sample, ok := samples[id]
		if !ok {
			t.Errorf("there is no sample of %s", id)
			continue
		}
		at := func(url string) ask { a := sample; a.url = url; return a }
		e.refused(t, id, sample.where("?x=%zz"), 400, "malformed_request", "EDGE-TEXT-01 query")
		e.refused(t, id, at(busy), 429, "rate_limited")
		e.refused(t, id, at(late), 503, "deadline_exceeded")
		if !slices.Contains(updates, id) {
			e.refused(t, id, sample.as("-"), 401, "token_missing")
			e.refused(t, id, sample.as(barred), 403, "product_not_approved")
		}
		if op.Method != http.MethodPost && op.Method != http.MethodPatch {
			continue
		}
		large := at(small).keyed("large")
		large.body = fmt.Sprintf(`{"x":%q}`, strings.Repeat("x", 8))
		e.refused(t, id, large, 413, "body_too_large")
		other := sample.keyed("used")
		if slices.Contains(updates, id) {
			other.body = strings.Replace(other.body, `"count":1`, `"count":2`, 1)
		}
		e.refused(t, id, other, 422, "idempotency_key_reused")
		if sample.body != "" {
			plain := sample
			plain.media = "text/plain"
			e.refused(t, id, plain, 415, "unsupported_media_type")
		}
	}
}
