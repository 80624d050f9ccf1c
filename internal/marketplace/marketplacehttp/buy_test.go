package marketplacehttp_test

import (
	"fmt"
	"testing"
	"time"

	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacetest"
)

// form is the source's form, filled in.
func form(product, holder string) string {
	return fmt.Sprintf(`{"productId":%q,"fields":{"accountHolderName":%q,"emailAddress":"buyer@example.com"}}`, product, holder)
}

type bought struct{ ID, State, COID, Failure string }

// buying is a buyer's subscriptions, from the form to the end.
func (e *edge) buying(t *testing.T) {
	var s bought
	first := e.good(t, "subscribe", ask{}.with(form(e.product, "Example Buyer")).keyed("buy"), 201, &s)
	first.has(t, `"state":"provisioning"`, `"coid":null`, `"attempts":0,"nextAttemptAt":"20`, `"customerNumber":"1-ABCDE"`)
	if want := "/marketplace/v1/subscriptions/" + s.ID; first.header.Get("Location") != want {
		t.Errorf("it is at %q, not %q", first.header.Get("Location"), want)
	}
	e.good(t, "subscribe", ask{}.with(form(e.product, "Example Buyer")).keyed("buy"), 201, nil).has(t, s.ID)
	e.Advance(time.Second)
	e.good(t, "getSubscription", in(s.ID), 200, &s).
		has(t, `"state":"active"`, `"event":"subscribed"`, `"event":"opened"`, `"actor":"provider/PRV-100001"`, `"attempts":1,"nextAttemptAt":null`).
		hasNot(t, "reseller-1")
	e.good(t, "listSubscriptions", ask{}.as(both).acting("1-ABCDE").where("?state=active"), 200, nil).has(t, s.ID, "SUB-1")
	e.good(t, "listSubscriptions", ask{}.as(both).acting("1-WXYZ9"), 200, nil).has(t, `"resultCount":0`)

	e.provider.Next(marketplacetest.Refuses("No more mailboxes."))
	var failed bought
	e.good(t, "subscribe", ask{}.with(form(e.product, "Other Buyer")), 201, &failed)
	e.Advance(time.Second)
	e.good(t, "getSubscription", in(failed.ID), 200, nil).has(t, `"state":"failed"`, `"failure":"No more mailboxes."`, `"coid":null`)
	e.refused(t, "endSubscription", in(failed.ID), 409, "subscription_wrong_move").has(t, `"next":[]`)
	e.secretsStay(t)
	e.refusedForms(t)

	for _, op := range []string{"getSubscription", "endSubscription", "getUsage"} {
		e.refused(t, op, in(s.ID).as(foreign), 404, "subscription_unknown")
		e.refused(t, op, in("SUB-2"), 404, "subscription_unknown")
		e.refused(t, op, in(s.ID).as(both), 400, "customer_number_required", "EDGE-CUS-01 x-customer-number")
		e.refused(t, op, in(s.ID).acting("1-WXYZ9"), 403, "customer_forbidden")
	}
	e.refused(t, "listSubscriptions", ask{}.as(both), 400, "customer_number_required", "EDGE-CUS-01 x-customer-number")
	e.refused(t, "listSubscriptions", ask{}.where("?pageSize=0"), 400, "invalid_request", "EDGE-PAGE-01 pageSize")
	e.refused(t, "subscribe", ask{}.as(both).with(form("PRD-1", "A Buyer")), 400, "customer_number_required", "EDGE-CUS-01 x-customer-number")
}

// secretsStay: what is secret in a form is in no answer.
func (e *edge) secretsStay(t *testing.T) {
	const body = `{"productId":"PRD-2","fields":{"username":"example","password":"hush-hush-1","accountHolderName":"A B","emailAddress":"ab@example.com"}}`
	var s bought
	e.good(t, "subscribe", ask{}.with(body), 201, &s).has(t, `"username":"example"`).hasNot(t, "hush", "password")
	e.Advance(time.Second)
	e.good(t, "getSubscription", in(s.ID), 200, nil).has(t, `"state":"active"`).hasNot(t, "hush")
	e.good(t, "listProviderCalls", in("PRV-1"), 200, nil).has(t, s.ID, "[redacted]").hasNot(t, "hush")
}

// refusedForms are those that a buyer has to fill in again.
func (e *edge) refusedForms(t *testing.T) {
	const card = "4111 1111 1111 1111"
	for _, body := range []string{form("PRD-1", card), `{"productId":"PRD-1","fields":{"companyName":"` + card + `"}}`} {
		field := map[bool]string{true: "fields.companyName", false: "fields.accountHolderName"}[body != form("PRD-1", card)]
		e.refused(t, "subscribe", ask{}.with(body), 400, "card_number_refused", "MKT-SUB-04 "+field).hasNot(t, "4111")
	}
	e.refused(t, "subscribe", ask{}.with(`{"productId":"PRD-1","fields":{"`+card+`":"x"}}`), 400, "card_number_refused", "MKT-SUB-04 fields").hasNot(t, "4111")
	e.refused(t, "subscribe", ask{}.with(`{"productId":"PRD-1","fields":{"emailAddress":"nobody","phoneNumber":"1"}}`), 400, "invalid_request",
		"MKT-SUB-01 fields.accountHolderName", "MKT-SUB-03 fields.emailAddress", "MKT-SUB-02 fields.phoneNumber")
	e.refused(t, "subscribe", ask{}.with(`{"productId":"PRD-1","fields":{"accountHolderName":4111111111111111}}`), 400, "malformed_request",
		"EDGE-JSON-02 fields").hasNot(t, "4111")
	e.refused(t, "subscribe", ask{}.with(form("PRD-3", "A Buyer")), 404, "product_unknown")
}

// ending is the end of a subscription that its provider has opened and tells of.
func (e *edge) ending(t *testing.T) {
	var list struct{ Subscriptions []bought }
	e.good(t, "listSubscriptions", ask{}.where("?state=active&pageSize=100"), 200, &list)
	var s bought
	for _, one := range list.Subscriptions {
		if one.ID > "SUB-1" && s.ID == "" {
			s = one
		}
	}
	key := e.key(t, "PRV-100001")
	e.good(t, "updateSubscription", ask{token: "-"}.with(tells(s.COID, e.sku(t), key)), 201, nil).has(t, `"total":1`)
	e.good(t, "endSubscription", in(s.ID).keyed("end"), 200, nil).has(t, `"state":"ending"`, `"endAskedAt":"20`)
	e.good(t, "endSubscription", in(s.ID).keyed("end"), 200, nil).has(t, `"state":"ending"`)
	e.refused(t, "endSubscription", in(s.ID), 409, "subscription_wrong_move")
	last := fmt.Sprintf(`{"coid":%q,"expired":"TRUE","expired-date":"2040-07-01","sku":%q,"count":"0.5","providerkey":%q}`, s.COID, e.sku(t), key)
	for _, op := range updates {
		a := e.send(t, op, ask{token: "-"}.with(last), false)
		if op == updates[0] {
			a.has(t, `"state":"expired"`, `"total":1.5`)
		}
		e.refused(t, op, ask{token: "-"}.with(last), 409, "subscription_expired", "MKT-UPD-07 coid")
	}
	e.good(t, "getSubscription", in(s.ID), 200, nil).has(t, `"expiredDate":"2040-07-01T00:00:00Z"`, `"event":"expired"`)
	e.good(t, "getUsage", in(s.ID), 200, nil).has(t, `"usage":[{"month":"2040-07","sku":"`, `"unit":"seat","total":1.5,"updates":2}]`)
	e.good(t, "getUsage", in(s.ID).where("?from=2040-07&to=2040-07"), 200, nil).has(t, `"total":1.5`)
	e.good(t, "getUsage", in(s.ID).where("?to=2040-06"), 200, nil).has(t, `"usage":[]`)
	t.Run("MKT-LST-02 months are months, in order", func(t *testing.T) {
		e.refused(t, "getUsage", in(s.ID).where("?from=2040-13&to=June"), 400, "invalid_request", "MKT-LST-02 from", "MKT-LST-02 to")
		e.refused(t, "getUsage", in(s.ID).where("?from=2040-07&to=2040-06"), 400, "invalid_request", "MKT-LST-02 to")
	})
}

// key gives a provider another key, in place of the one it has.
func (e *edge) key(t *testing.T, provider string) string {
	t.Helper()
	var k, p keyed
	e.good(t, "getMarketplaceProvider", in(provider), 200, &p)
	for _, old := range p.Keys {
		e.good(t, "revokeProviderKey", in(provider, old.ID), 204, nil)
	}
	e.good(t, "rotateProviderKey", in(provider), 201, &k)
	return k.Clear
}

// sku is the first of e.product's.
func (e *edge) sku(t *testing.T) string {
	t.Helper()
	var o struct{ SKUs []marketplace.SKU }
	e.good(t, "getProduct", in(e.product), 200, &o)
	return o.SKUs[0].ID
}
