package marketplacehttp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacetest"
	"demarc/internal/setting"
)

type keyed struct {
	ID    string
	Clear string
	Keys  []struct{ ID, ExpiresAt string }
	Key   struct{ ID, Clear string }
}

func (e *edge) nimbus() string {
	return `{"name":"nimbus","title":"Nimbus Mail","baseUrl":"` + e.provider.URL + `","resellerKey":"reseller-1"}`
}

// onboarding is a provider's life for its manager. It leaves PRV-100001.
func (e *edge) onboarding(t *testing.T) {
	var p keyed
	first := e.good(t, "onboardProvider", ask{}.with(e.nimbus()).keyed("onboard"), 201, &p)
	first.has(t, `"state":"active"`, `"hasResellerKey":true`, `"provisionUrl":"`+e.provider.URL+`/nimbus-provision-account/"`, `"clear":"pk_`)
	first.hasNot(t, "reseller-1")
	if want := "/marketplace/v1/providers/" + p.ID; first.header.Get("Location") != want {
		t.Errorf("it is at %q, not %q", first.header.Get("Location"), want)
	}
	again := e.good(t, "onboardProvider", ask{}.with(e.nimbus()).keyed("onboard"), 201, nil)
	if again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("asked twice: %v %s", again.header, again.body)
	}
	for _, op := range []ask{in(p.ID), in(p.ID).as(both)} {
		e.good(t, "getMarketplaceProvider", op, 200, nil).has(t, p.ID, p.Keys[0].ID).hasNot(t, "reseller-1", p.Key.Clear)
	}
	e.good(t, "getMarketplaceProvider", in("PRV-1").as(foreign), 200, nil).
		has(t, `"provisionUrl":null`, `"updateUrl":"https://api.carrier.example/update-subscription/"`)
	e.good(t, "listMarketplaceProviders", ask{}, 200, nil).has(t, `"resultCount":2`, `"id":"PRV-1"`, p.Keys[0].ID).hasNot(t, p.Key.Clear)
	e.good(t, "listMarketplaceProviders", ask{}.as(foreign), 200, nil).has(t, `"resultCount":1`)
	e.good(t, "listMarketplaceProviders", ask{}.where("?pageNumber=2&pageSize=1"), 200, nil).has(t, `"pageNumber":2`, `"id":"`+p.ID)
	e.refused(t, "listMarketplaceProviders", ask{}.where("?pageSize=101"), 400, "invalid_request", "EDGE-PAGE-01 pageSize")

	e.refused(t, "onboardProvider", ask{}.with(e.nimbus()), 409, "provider_name_taken")
	e.refused(t, "onboardProvider", ask{}.with(`{"name":"No Path","baseUrl":"ftp://example.com","resellerKey":"`+strings.Repeat("x", 256)+`"}`),
		400, "invalid_request", "MKT-PRV-01 name", "MKT-PRV-02 title", "MKT-PRV-03 baseUrl", "MKT-PRV-04 resellerKey")
	e.good(t, "changeMarketplaceProvider", in(p.ID).with(`{"title":"Nimbus","resellerKey":""}`), 200, nil).
		has(t, `"title":"Nimbus"`, `"hasResellerKey":false`, p.Keys[0].ID)
	e.good(t, "changeMarketplaceProvider", in(p.ID).with(`{"resellerKey":"reseller-1","title":null}`), 200, nil).
		has(t, `"title":"Nimbus"`, `"hasResellerKey":true`)
	e.refused(t, "changeMarketplaceProvider", in(p.ID).with(`{"title":""}`), 400, "invalid_request", "MKT-PRV-02 title")
	for op, body := range map[string]string{"getMarketplaceProvider": "", "changeMarketplaceProvider": "{}", "rotateProviderKey": "", "offerProduct": product,
		"listProviderProducts": "", "listProviderCalls": "", "listProviderSubscriptions": ""} {
		e.refused(t, op, in(p.ID).as(foreign).with(body), 404, "provider_unknown")
	}
	e.refused(t, "revokeProviderKey", in(p.ID, p.Keys[0].ID).as(foreign), 404, "provider_unknown")
	e.refused(t, "changeProduct", in(p.ID, "PRD-1").as(foreign).with("{}"), 404, "provider_unknown")
	e.refused(t, "testProvider", in(p.ID, "PRD-1").as(foreign), 404, "provider_unknown")

	e.set("closed")
	e.refused(t, "onboardProvider", ask{}.with(strings.Replace(e.nimbus(), "nimbus", "late", 1)), 403, "onboarding_closed")
	e.refused(t, "offerProduct", in(p.ID).with(product), 403, "onboarding_closed")
	e.set("open")
}

// set lets new providers in, or does not.
func (e *edge) set(value string) {
	e.Within(func(tx *db.Tx) error { return setting.Put(tx, "test", "marketplace.v1.onboarding", value) })
}

// keys is a provider's change from one key to another.
func (e *edge) keys(t *testing.T) {
	const id = "PRV-100001"
	var old, second keyed
	e.good(t, "getMarketplaceProvider", in(id), 200, &old)
	e.good(t, "rotateProviderKey", in(id), 201, &second)
	limit := e.refused(t, "rotateProviderKey", in(id), 409, "provider_key_limit")
	limit.has(t, `"next":["revoke `+old.Keys[0].ID+`","revoke `+second.ID+`"]`)
	e.good(t, "revokeProviderKey", in(id, old.Keys[0].ID), 204, nil)
	e.refused(t, "revokeProviderKey", in(id, old.Keys[0].ID), 404, "provider_key_not_found")
	t.Run("MKT-PRV-06 the present key goes on for at most 30 days", func(t *testing.T) {
		for _, text := range []string{"P31D", "1h", "P1M", "", "-PT1H"} {
			e.refused(t, "rotateProviderKey", in(id).with(`{"expireOld":"`+text+`"}`), 400, "invalid_request", "MKT-PRV-06 expireOld")
		}
	})
	e.good(t, "rotateProviderKey", in(id).with(`{"expireOld":"P30D"}`).keyed("rotate"), 201, nil)
	var twice keyed
	e.good(t, "getMarketplaceProvider", in(id), 200, &twice)
	if len(twice.Keys) != 2 || twice.Keys[0].ExpiresAt != "2040-07-01T00:00:00Z" || twice.Keys[1].ExpiresAt != "" {
		t.Errorf("keys: %+v", twice.Keys)
	}
	tell := func() answer {
		return e.send(t, "updateSubscription", ask{token: "-"}.with(tells("nobody", "SKU-SEATS", second.Clear)), false)
	}
	tell().has(t, "coid_unknown")
	e.Advance(30 * 24 * time.Hour)
	tell().has(t, "providerkey_unknown")
	e.good(t, "getMarketplaceProvider", in(id), 200, &old)
	if len(old.Keys) != 1 || old.Keys[0].ID != twice.Keys[1].ID {
		t.Errorf("keys after 30 days: %+v", old.Keys)
	}
}

const product = `{"name":"Nimbus Mailbox","skus":[{"name":"Mailboxes","unit":"seat"}]}`

// offering is what a provider sells. It leaves e.product.
func (e *edge) offering(t *testing.T) {
	const id = "PRV-100001"
	var p struct{ ID string }
	offered := e.good(t, "offerProduct", in(id).with(product).keyed("offer"), 201, &p)
	e.product = p.ID
	offered.has(t, `"jsonName":"resellerkey"`, `"sku":"SKU-1000`, `"state":"listed"`, `"label":"Email Address"`)
	e.good(t, "offerProduct", in(id).with(product).keyed("offer"), 201, nil).has(t, p.ID)
	e.good(t, "listProviderProducts", in(id), 200, nil).has(t, `"resultCount":1`, p.ID, `"jsonName":"email"`)
	e.refused(t, "listProviderProducts", in(id).where("?pageNumber=0"), 400, "invalid_request", "EDGE-PAGE-01 pageNumber")
	e.refused(t, "offerProduct", in(id).with(`{"name":"","form":[{"field":"shoeSize","jsonName":"1"}],"skus":[]}`), 400, "invalid_request",
		"MKT-PRD-01 name", "MKT-PRD-02 form[0].field", "MKT-PRD-03 form[0].jsonName", "MKT-PRD-07 form", "MKT-PRD-06 skus")
	e.refused(t, "offerProduct", in(id).with(strings.Replace(product, `{"name":"Mail`, `{"sku":"SKU-SEATS","name":"Mail`, 1)), 409, "sku_taken")

	e.good(t, "getProduct", in(p.ID).as(foreign), 200, nil).has(t, `"sold":true`, `"title":"Nimbus"`, `"field":"emailAddress"`).
		hasNot(t, "resellerKey", "jsonName")
	e.good(t, "changeProduct", in(id, p.ID).with(`{"state":"withdrawn","addSkus":[{"sku":"SKU-ARCHIVE","name":"Archive","unit":"GB"}]}`), 200, nil).
		has(t, `"state":"withdrawn"`, "SKU-ARCHIVE")
	e.good(t, "getProduct", in(p.ID), 200, nil).has(t, `"sold":false`, "SKU-ARCHIVE")
	e.good(t, "listProducts", ask{}, 200, nil).has(t, `"resultCount":2`, "PRD-2").hasNot(t, p.ID)
	e.refused(t, "subscribe", ask{}.with(form(p.ID, "Late Buyer")), 409, "product_withdrawn", "MKT-SUB-05 productId")
	e.good(t, "changeProduct", in(id, p.ID).with(`{"state":"listed","name":"Mailbox","description":"By the seat."}`), 200, nil).has(t, `"name":"Mailbox"`)
	e.good(t, "listProducts", ask{}.as(foreign).where("?pageSize=1&pageNumber=2"), 200, nil).has(t, `"resultCount":3`, `"id":"`+p.ID).hasNot(t, "jsonName")
	e.refused(t, "changeProduct", in(id, p.ID).with(`{"state":"gone"}`), 400, "invalid_request", "MKT-PRD-01 state")
	e.refused(t, "changeProduct", in(id, p.ID).with(`{"addSkus":[{"sku":"SKU-SEATS","name":"Seats","unit":"seat"}]}`), 409, "sku_taken")
	e.refused(t, "changeProduct", in(id, "PRD-1").with(`{}`), 404, "product_unknown")
	e.refused(t, "changeProduct", in("PRV-1", "PRD-3").with(`{}`), 404, "product_unknown")
	e.refused(t, "getProduct", in("PRD-3"), 404, "product_unknown")
	e.refused(t, "listProducts", ask{}.where("?pageSize=x"), 400, "invalid_request", "EDGE-PAGE-01 pageSize")

	e.move(id, marketplace.EventSuspend)
	e.good(t, "getProduct", in(p.ID), 200, nil).has(t, `"sold":false`)
	e.refused(t, "subscribe", ask{}.with(form(p.ID, "Late Buyer")), 409, "provider_not_active", "MKT-SUB-05 productId")
	e.move(id, marketplace.EventResume)
}

// move is the carrier's doing.
func (e *edge) move(provider, event string) {
	e.Within(func(tx *db.Tx) error {
		_, err := e.Desk.MoveProvider(tx, "carrier", provider, event)
		return err
	})
}

// A product of a provider that the carrier has not approved is not there for others.
func TestBuyersDoNotSeeWhatTheCarrierHasNotApproved(t *testing.T) {
	t.Parallel()
	e := serve(t)
	e.auth[mine].Sandbox = false // in production a provider waits
	var p, o struct{ ID string }
	e.good(t, "onboardProvider", ask{}.with(e.nimbus()), 201, &p).has(t, `"state":"pending"`)
	e.good(t, "offerProduct", in(p.ID).with(product), 201, &o)
	e.refused(t, "getProduct", in(o.ID), 404, "product_unknown")
	e.good(t, "listProducts", ask{}, 200, nil).hasNot(t, o.ID)
	e.good(t, "testProvider", in(p.ID, o.ID), 200, nil).has(t, `"status":201`)
	e.move(p.ID, marketplace.EventApprove)
	e.good(t, "getProduct", in(o.ID), 200, nil)
}

// trying is a manager's test calls of its own server.
func (e *edge) trying(t *testing.T) {
	test := in("PRV-100001", e.product)
	e.good(t, "testProvider", test, 200, nil).has(t, `"status":201`, `"problem":null`, `"coid":"`, `{\"resellerkey\":\"[redacted]\",\"name\":\"[`)
	e.provider.Next(marketplacetest.Refuses("Not today."))
	e.good(t, "testProvider", test.keyed("try"), 200, nil).has(t, `"status":400`, `"coid":null`, `"problem":"Not today."`)
	replayed := e.good(t, "testProvider", test.keyed("try"), 200, nil).has(t, "Not today.")
	if replayed.header.Get("Idempotent-Replayed") != "true" {
		t.Error("a test call under the same key called again")
	}
	e.refused(t, "testProvider", in("PRV-100001", "PRD-1"), 404, "product_unknown")
	e.good(t, "testProvider", in("PRV-1", "PRD-2"), 200, nil).has(t, `"status":201`).hasNot(t, "not-a-password")

	before := len(e.provider.Calls())
	e.provider.Next(marketplacetest.Hangs())
	first := make(chan answer, 1)
	go func() { first <- e.send(t, "testProvider", test.keyed("slow"), false) }()
	if _, err := e.provider.Await(t.Context(), before+1); err != nil {
		t.Fatal(err)
	}
	e.refused(t, "testProvider", test.keyed("slow"), 409, "idempotency_in_progress")
	e.provider.Release()
	if a := <-first; a.status != 200 {
		t.Errorf("a slow answer: %d %s", a.status, a.body)
	}
}

// insight is what a manager sees of calls and subscriptions; it needs what the others
// leave.
func (e *edge) insight(t *testing.T) {
	type page struct {
		Calls []struct{ ID, Direction, Request, Problem string }
		Next  *string
	}
	var all page
	text := e.good(t, "listProviderCalls", in("PRV-100001").where("?pageSize=100"), 200, &all).
		has(t, `"direction":"in"`, `"direction":"test"`, `"direction":"out"`, "Not today.").
		hasNot(t, "Example Buyer", "buyer@example.com", "reseller-1", "pk_")
	if all.Next != nil || len(all.Calls) < 6 {
		t.Fatalf("the log: %s", text.body)
	}
	read, query := "", "?pageSize=2"
	for range len(all.Calls) {
		var part page
		e.good(t, "listProviderCalls", in("PRV-100001").where(query), 200, &part)
		for _, c := range part.Calls {
			read += c.ID + " "
		}
		if part.Next == nil {
			break
		}
		query = "?pageSize=2&before=" + *part.Next
	}
	whole := ""
	for i, c := range all.Calls {
		whole += c.ID + " "
		if i > 0 && c.ID >= all.Calls[i-1].ID {
			t.Errorf("%s is not older than %s", c.ID, all.Calls[i-1].ID)
		}
	}
	if read != whole {
		t.Errorf("page by page: %s, at once: %s", read, whole)
	}
	t.Run("MKT-LST-03 a page begins where an earlier one ended", func(t *testing.T) {
		for _, text := range []string{"x", "-1", "0", "1e3", "99999999999999999999"} {
			e.refused(t, "listProviderCalls", in("PRV-100001").where("?before="+text), 400, "invalid_request", "MKT-LST-03 before")
		}
	})
	e.good(t, "listProviderSubscriptions", in("PRV-100001").where("?state=expired"), 200, nil).
		has(t, `"state":"expired"`, `"endAskedAt":"20`, `"expiredAt":"20`).hasNot(t, "Example Buyer", "1-ABCDE", `"state":"active"`)
	t.Run("MKT-LST-01 a state is one that subscriptions have", func(t *testing.T) {
		for _, op := range []struct {
			id  string
			ask ask
		}{{"listProviderSubscriptions", in("PRV-100001")}, {"listSubscriptions", ask{}}} {
			e.refused(t, op.id, op.ask.where("?state=gone"), 400, "invalid_request", "MKT-LST-01 state")
		}
	})
	e.good(t, "testProvider", in("PRV-100001", e.product), 200, nil)
	if err := e.provider.Close(); err != nil {
		t.Fatal(err)
	}
	e.good(t, "testProvider", in("PRV-100001", e.product), 200, nil).has(t, `"status":null`, "There was no answer")
}

func tells(coid, sku, key string) string {
	return fmt.Sprintf(`{"coid":%q,"expired":false,"sku":%q,"count":1,"providerkey":%q}`, coid, sku, key)
}
