package marketplacehttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"demarc/internal/contract"
	"demarc/internal/marketplace"
)

// updates is the operation that providers call, under both its names.
var updates = []string{"updateSubscription", "updateSubscriptionNoSlash"}

// told is a call of a provider's, which has no token.
func told(body string) ask { return ask{token: "-", body: body} }

func TestAnUpdateIsReadInEverySpellingOfTheSource(t *testing.T) {
	t.Parallel()
	e := serve(t)
	key := e.key(t, marketplace.ExampleProvider)
	total := 0.0
	for _, expired := range []string{`false`, `"false"`, `"False"`, `"FALSE"`, ` "fAlSe" `} {
		for count, n := range map[string]float64{`1`: 1, `"1"`: 1, `" 2.5 "`: 2.5, `0.5`: 0.5, `0`: 0, `""`: 0, `null`: 0} {
			for _, op := range updates {
				body := fmt.Sprintf(`{"coid":"CO-1001","expired":%s,"expired-date":"","sku":"SKU-SEATS","count":%s,"providerkey":%q}`, expired, count, key)
				total += n
				a := e.send(t, op, told(body), true)
				if want := fmt.Sprintf(`{"coid":"CO-1001","sku":"SKU-SEATS","state":"active","month":"2040-06","total":%v}`, total); strings.TrimSpace(a.body) != want ||
					a.status != 201 {
					t.Fatalf("%s %s: %d %s, want %s", op, body, a.status, a.body, want)
				}
			}
		}
	}
	// The names' case is the caller's, and what we do not know is let through.
	e.send(t, updates[0], told(`{"CoID":"CO-1001","Expired":"False","SKU":"SKU-STORAGE","Count":"1.5","ProviderKey":"`+key+`","region":"EU"}`), true).
		has(t, `"sku":"SKU-STORAGE"`, `"total":1.5`)
	e.good(t, "getUsage", in(marketplace.ExampleSubscription), 200, nil).has(t, fmt.Sprintf(`"total":%v`, total), `"unit":"GB","total":1.5,"updates":1`)
	e.CheckAll()
}

// telling is a provider's updates that are refused: every fault is named.
func (e *edge) telling(t *testing.T) {
	key := e.key(t, marketplace.ExampleProvider)
	required := []string{"MKT-UPD-01 coid", "MKT-UPD-01 expired", "MKT-UPD-01 sku", "MKT-UPD-01 providerkey"}
	for _, op := range updates {
		e.refused(t, op, told(`{}`), 400, "update_invalid", required...)
		e.refused(t, op, told(`{"coid":"","expired":"","expired-date":"","sku":"","count":"","providerkey":""}`), 400, "update_invalid", required...)
		e.refused(t, op, told(`{"coid":["x"],"expired":true,"sku":{},"count":-1,"providerkey":"`+key+`"}`), 400, "update_invalid",
			"MKT-UPD-01 coid", "MKT-UPD-03 expired-date", "MKT-UPD-01 sku", "MKT-UPD-04 count")
		e.refused(t, op, told(`{"coid":"CO-1001","expired":"yes","expired-date":"last week","sku":"SKU-SEATS","count":"many","providerkey":"x"}`),
			400, "update_invalid", "MKT-UPD-02 expired", "MKT-UPD-03 expired-date", "MKT-UPD-04 count")
		e.refused(t, op, told(`{'coid': ''}`), 400, "malformed_request", "EDGE-JSON-01 body")
		e.refused(t, op, told(`{"coid":"CO-1001","expired":true,"expired_date":"2040-06-01"}`), 400, "malformed_request", "EDGE-JSON-03 expired_date")

		wrong := e.refused(t, op, told(tells("CO-1001", "SKU-SEATS", "pk_none")), 401, "providerkey_unknown", "MKT-UPD-01 providerkey")
		if got := wrong.header.Get("WWW-Authenticate"); got != `providerkey realm="demarc"` {
			t.Errorf("challenged with %q", got)
		}
		e.refused(t, op, told(tells("CO-1001", "SKU-SEATS", "pk_nowhere."+strings.Repeat("x", 43))), 401, "providerkey_unknown", "MKT-UPD-01 providerkey")
		e.good(t, op, told(tells("CO-1001", "SKU-SEATS", key)), 201, nil)
		e.refused(t, op, told(tells("CO-9999", "SKU-SEATS", key)), 404, "coid_unknown", "MKT-UPD-05 coid")
		e.refused(t, op, told(tells("CO-1001", "SKU-BACKUP", key)), 404, "sku_unknown", "MKT-UPD-06 sku")
		e.refused(t, op, told(`{"coid":"CO-1001","expired":true,"expired-date":"2041-06-03","sku":"SKU-SEATS","providerkey":"`+key+`"}`),
			400, "update_invalid", "MKT-UPD-08 expired-date")
	}
	// Refusals of a known provider are in its log: its own words for whom and what, and
	// no other value.
	e.good(t, "listProviderCalls", in(marketplace.ExampleProvider), 200, nil).
		has(t, "coid_unknown", "sku_unknown", "expired-date must not lie in the future", `"status":404`, `"request":"coid CO-9999, expired, sku SKU-SEATS, count, providerkey"`,
			`"subscriptionId":"SUB-1","status":404`, `"request":"coid CO-1001, expired, sku SKU-BACKUP, count, providerkey"`,
			`"request":"coid, expired, sku, count, providerkey"`).
		hasNot(t, key, "2041-06-03", "last week", `"status":401`)

	// A provider's key opens its own customers only.
	p := e.Onboard("stratus", "https://saas.example.com")
	e.refused(t, updates[0], told(tells("CO-1001", "SKU-SEATS", p.Keys[0].Clear)), 404, "coid_unknown", "MKT-UPD-05 coid")
}

// A provider's people find out why all its updates are refused: its key has ended. What
// stands in the place of a coid is not kept when it is a key, or may be a card's number.
func TestAnUpdateWithAKeyThatHasEndedIsInItsProvidersLog(t *testing.T) {
	t.Parallel()
	e := serve(t)
	revoked := e.key(t, marketplace.ExampleProvider)
	expired := e.key(t, marketplace.ExampleProvider)
	e.good(t, "rotateProviderKey", in(marketplace.ExampleProvider).with(`{"expireOld":"PT1H"}`), 201, nil)
	e.Advance(2 * time.Hour)
	for _, key := range []string{revoked, expired} {
		e.refused(t, updates[0], told(tells("CO-1001", "SKU-SEATS", key)), 401, "providerkey_unknown", "MKT-UPD-01 providerkey")
	}
	e.refused(t, updates[0], told(tells(expired, "4111 1111 1111 1111", expired)), 401, "providerkey_unknown", "MKT-UPD-01 providerkey")
	e.good(t, "listProviderCalls", in(marketplace.ExampleProvider), 200, nil).
		has(t, `"subscriptionId":"SUB-1","status":401`, "providerkey_unknown: the key KEY-100001 was revoked, or has expired", "the key KEY-100002 was",
			`"request":"coid CO-1001, expired, sku SKU-SEATS, count, providerkey"`, `"request":"coid, expired, sku, count, providerkey"`).
		hasNot(t, "pk_", "4111")
	e.good(t, "getUsage", in(marketplace.ExampleSubscription), 200, nil).has(t, `"usage":[]`)
	e.CheckAll()
}

func TestAMonthsTotalHasABound(t *testing.T) {
	t.Parallel()
	e := serve(t)
	body := strings.Replace(tells("CO-1001", "SKU-SEATS", e.key(t, marketplace.ExampleProvider)), `"count":1`, `"count":1000000000`, 1)
	for range 9 {
		e.good(t, updates[0], told(body), 201, nil)
	}
	for _, op := range updates {
		e.refused(t, op, told(body), 400, "usage_total_exceeded")
	}
	e.Advance(30 * 24 * time.Hour)
	e.good(t, updates[0], told(body), 201, nil).has(t, `"month":"2040-07","total":1000000000`)
	e.CheckAll()
}

func TestARepeatedUpdateIsCountedOnce(t *testing.T) {
	t.Parallel()
	e := serve(t)
	body := tells("CO-1001", "SKU-SEATS", e.key(t, marketplace.ExampleProvider))
	for i, op := range updates {
		key := fmt.Sprint("call-", i)
		first := e.good(t, op, told(body).keyed(key), 201, nil).has(t, fmt.Sprintf(`"total":%d`, i+1))
		again := e.good(t, op, told(body).keyed(key), 201, nil)
		if again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s again: %v %s", op, again.header, again.body)
		}
		e.refused(t, op, told(strings.Replace(body, `"count":1`, `"count":2`, 1)).keyed(key), 422, "idempotency_key_reused")
	}
	e.good(t, "getUsage", in(marketplace.ExampleSubscription), 200, nil).has(t, `"total":2,"updates":2`)
	// An application's key of the same text is another's.
	e.good(t, "subscribe", ask{}.with(form("PRD-1", "Example Buyer")).keyed("call-0"), 201, nil)
	e.CheckAll()
}

func TestOnlyTheTwoPathsTakeUpdates(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for path, want := range map[string]int{"/update-subscription/x": 404, "/update-subscription/x/": 404, "/update-subscription": 405, "/update-subscription/": 405} {
		method := http.MethodPost
		if want == http.StatusMethodNotAllowed {
			method = http.MethodGet
		}
		req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := contract.Client(t, nil).Do(contract.Bad(req))
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if res.StatusCode != want || want == http.StatusMethodNotAllowed && res.Header.Get("Allow") != http.MethodPost {
			t.Errorf("%s %s: %d, Allow %q", method, path, res.StatusCode, res.Header.Get("Allow"))
		}
	}
}
