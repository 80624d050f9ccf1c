package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db/dbtest"
)

// eachPartner calls a node of either database.
func eachPartner(t *testing.T, test func(t *testing.T, p *partner)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, partnerOf(t, open(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, partnerOf(t, openOn(t, dbtest.Postgres(t))))
	})
}

// some is a few milliseconds more than anything here takes by itself.
const some = 60 * time.Millisecond

// fails makes the target fail, for one call unless told otherwise.
func (p *partner) fails(target, mode string, count int) {
	p.t.Helper()
	body := fmt.Sprintf(`{"target":%q,"mode":%q,"count":%d`, target, mode, count)
	if mode == "slow" {
		body += `,"latency":"` + clock.FormatDuration(some) + `"`
	}
	if status, answer := p.call("POST", "/sandbox/v1/faults", body+"}", false); status != 201 {
		p.t.Fatalf("%s answered %d %v", body, status, answer)
	}
}

// spent expects that no fault is left.
func (p *partner) spent() {
	p.t.Helper()
	if _, answer := p.call("GET", "/sandbox/v1/faults", "", false); len(answer["faults"].([]any)) != 0 {
		p.t.Errorf("left is %v", answer["faults"])
	}
}

// must makes a call that has to succeed.
func (p *partner) must(method, path, body string) map[string]any {
	p.t.Helper()
	status, answer := p.call(method, path, body, false)
	if status > 299 {
		p.t.Fatalf("%s %s answered %d %v", method, path, status, answer)
	}
	return answer
}

// uncontracted is the partner without the documents, which have no 500.
func (p *partner) uncontracted() *partner {
	plain := *p
	plain.http = &http.Client{}
	return &plain
}

func TestTheAPIItselfFailsAsItsOwnerWants(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		for _, c := range []struct {
			mode   string
			status int
			reason any
		}{
			{"unavailable", 503, "overloaded"},
			{"timeout", 503, "deadline_exceeded"},
			{"error", 500, "internal_error"},
			{"slow", 200, nil},
		} {
			for _, path := range []string{"/marketplace/v1/products", "/webhooks/v1/endpoints", "/Account/v1/billingAccount"} {
				caller := p
				if c.status == 500 {
					caller = p.uncontracted()
				}
				caller.must("GET", path, "")
				p.fails("api", c.mode, 1)
				took := clock.Elapsed()
				status, answer := caller.call("GET", path, "", false)
				if status != c.status || answer["reason"] != c.reason {
					t.Errorf("%s: %s answered %d %v", c.mode, path, status, answer)
				}
				if c.mode == "slow" && took() < some {
					t.Errorf("slow: %s took %v", path, took())
				}
				p.spent()
				caller.must("GET", path, "")
			}
		}
	})
}

// What is refused so has changed nothing, and nothing is kept of it: the same request
// with its key is made when all is well again.
func TestACallThatTheAPIRefusedIsMadeAgainWithItsKey(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		const body = `{"productId":"PRD-1","fields":{"accountHolderName":"Robin Example","emailAddress":"robin@example.com"}}`
		p.fails("api", "unavailable", 1)
		for i, want := range []int{503, 201, 201} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+"/marketplace/v1/subscriptions", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+p.token)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", "key-1")
			req.Header.Set("x-customer-number", p.env["DEMARC_CUSTOMER_NUMBER"])
			res, err := p.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if replayed := res.Header.Get("Idempotent-Replayed") == "true"; res.StatusCode != want || replayed != (i == 2) {
				t.Errorf("request %d was answered %d, replayed: %v", i, res.StatusCode, replayed)
			}
		}
	})
}

// Whatever fails, its owner can get a token and end it.
func TestTheOwnersOwnCallsAreLeftAlone(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		other := p.must("POST", "/sandbox/v1/worlds", `{}`)
		p.fails("api", "unavailable", 0)
		for range 3 {
			if status, _ := p.call("GET", "/marketplace/v1/products", "", false); status != 503 {
				t.Errorf("answered %d", status)
			}
		}
		if status, answer := p.care("PR", "accounts", "SERVICE_NO", "7879900001"); status != 503 ||
			!strings.HasPrefix(answer.Errors[0].Description, "Too much is under way") {
			t.Errorf("care answered %d %v", status, answer)
		}
		update := fmt.Sprintf(`{"providerkey":%q,"coid":"CO-1001","sku":"SKU-SEATS","count":1,"expired":false}`, p.env["DEMARC_PROVIDER_KEY"])
		if status, answer := p.call("POST", "/update-subscription/", update, false); status != 503 {
			t.Errorf("a provider was answered %d %v", status, answer)
		}
		elsewhere := *p
		elsewhere.authorize(other["clientId"].(string), other["clientSecret"].(string))
		elsewhere.must("GET", "/marketplace/v1/products", "")
		p.authorize(p.env["DEMARC_CLIENT_ID"], p.env["DEMARC_CLIENT_SECRET"])
		for _, path := range []string{"/sandbox/v1/clock", "/sandbox/v1/world", "/sandbox/v1/faults", "/healthz", "/readyz"} {
			p.must("GET", path, "")
		}
		p.must("DELETE", "/sandbox/v1/faults/api", "")
		p.must("GET", "/marketplace/v1/products", "")
	})
}

type careAnswer struct {
	Errors []struct {
		Code        int
		Description string
	}
}

// care asks for customers as a contact centre does.
func (p *partner) care(unit, operation, refid, refvalue string) (int, careAnswer) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.base+"/bot-ux/v1/"+unit+"/"+operation, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range map[string]string{"client_id": p.env["DEMARC_CLIENT_ID"], "client_secret": p.env["DEMARC_CLIENT_SECRET"],
		"lob": "FIXED", "refid": refid, "refvalue": refvalue} {
		req.Header.Set(name, value)
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer careAnswer
	if res.StatusCode != http.StatusOK {
		if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) == 0 {
			p.t.Fatalf("%d %s: %v", res.StatusCode, body, err)
		}
	}
	return res.StatusCode, answer
}

func TestTheBillingSystemsFailAsTheirOwnerWants(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		const down = "HTTP POST on resource 'http://billing/v1/PR/billingAccount/' failed: service unavailable (503)."
		for mode, want := range map[string]int{"unavailable": 503, "timeout": 503, "error": 500, "slow": 200} {
			for operation, ref := range map[string][2]string{"balanceEnquiry": {"ACCOUNT_NO", "8211990010013290"}, "accounts": {"SERVICE_NO", "7879900001"}} {
				p.fails("care.billing", mode, 1)
				took := clock.Elapsed()
				status, answer := p.care("PR", operation, ref[0], ref[1])
				if status != want || want == 503 && answer.Errors[0].Description != down {
					t.Errorf("%s: %s answered %d %v", mode, operation, status, answer)
				}
				if mode == "slow" && took() < some {
					t.Errorf("slow: %s took %v", operation, took())
				}
				p.spent()
				if status, answer := p.care("PR", operation, ref[0], ref[1]); status != 200 {
					t.Errorf("after %s, %s answered %d %v", mode, operation, status, answer)
				}
			}
		}
	})
}

const anOrder = `{"externalId":"EXT-%[1]s","billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},
	"channel":[{"id":"99","name":"NaaS ExternalAPI"}],"productOrderItem":[{"id":"1","quantity":1,"action":"add",
	"product":{"productCharacteristic":[{"name":"Customer Service Name","valueType":"String","value":"%[1]s"},
	{"name":"VLAN Assignment","valueType":"String","value":"Auto Assign"},{"name":"IPV4 Block Size","valueType":"String","value":"/29"},
	{"name":"Routing Options","valueType":"String","value":"Static"}],"productSpecification":{"id":"5001","name":"NaaS Internet"}},
	"productOffering":{"id":"718","name":"NaaS Internet On-Demand"}}],"quote":[{"id":"%[2]s","name":"quoteId"}],
	"relatedContactInformation":[{"number":"+16155550123","emailAddress":"robin@example.com","role":"Order Contact",
	"organization":"Example Org","name":"Robin Example","numberExtension":""}]}`

// advance moves the clock and answers what ran: "ondemand.order done".
func (p *partner) advance(by string) (ran []string) {
	p.t.Helper()
	for _, v := range p.must("POST", "/sandbox/v1/clock/advance", `{"by":"`+by+`"}`)["ran"].([]any) {
		r := v.(map[string]any)
		ran = append(ran, r["kind"].(string)+" "+r["result"].(string))
	}
	return ran
}

// Asked for a change and asked how it is doing, the network fails; each time nobody
// knows, and it is asked again.
func TestTheNetworkFailsAsItsOwnerWantsAndIsAskedAgain(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		p.must("POST", "/sandbox/v1/clock/freeze", "")
		for mode, quote := range map[string]string{"unavailable": "NaaS-1466", "timeout": "NaaS-1468", "error": "NaaS-7888", "slow": "NaaS-7898"} {
			p.authorize(p.env["DEMARC_CLIENT_ID"], p.env["DEMARC_CLIENT_SECRET"]) // the last is half an hour old by and by
			id := p.must("POST", "/Customer/v3/Ordering/orderRequest", fmt.Sprintf(anOrder, mode, quote))["id"].(string)
			state := func(want string) {
				t.Helper()
				if got := p.must("GET", "/Customer/v3/Ordering/orderRequest/"+id, "")["state"]; got != want {
					t.Errorf("%s: the order is %v, want %s", mode, got, want)
				}
			}
			was := "acknowledged"
			for _, step := range []struct{ by, now string }{{"PT10S", "inProgress"}, {"PT10M", "completed"}} {
				p.fails("ondemand.network", mode, 1)
				took := clock.Elapsed()
				ran := p.advance(step.by)
				if mode == "slow" {
					if took() < some {
						t.Errorf("slow: it took %v", took())
					}
				} else {
					if len(ran) != 1 || !strings.HasPrefix(ran[0], "ondemand.order failed, will come again: ondemand.network: "+mode) {
						t.Errorf("%s: %v ran", mode, ran)
					}
					state(was)
					p.advance("PT1S")
				}
				state(step.now)
				was = step.now
				p.spent()
			}
		}
	})
}

func TestAProvidersServerFailsAsItsOwnerWantsAndIsCalledAgain(t *testing.T) {
	eachPartner(t, func(t *testing.T, p *partner) {
		p.must("POST", "/sandbox/v1/clock/freeze", "")
		for mode, problem := range map[string]string{"unavailable": "Example Provider did not answer: connection refused",
			"timeout": "Example Provider did not answer: no answer within 15s", "error": "Example Provider answered 500.", "slow": ""} {
			id := p.must("POST", "/marketplace/v1/subscriptions",
				`{"productId":"PRD-1","fields":{"accountHolderName":"Robin Example","emailAddress":"robin@example.com"}}`)["id"].(string)
			p.fails("marketplace.provider", mode, 1)
			took := clock.Elapsed()
			p.advance("PT1S")
			p.spent()
			first := p.must("GET", "/marketplace/v1/providers/PRV-1/calls", "")["calls"].([]any)[0].(map[string]any)
			if said, _ := first["problem"].(string); said != problem {
				t.Errorf("%s: the call log says %v", mode, first)
			}
			if mode == "slow" {
				if took() < some || first["tookMs"].(float64) < float64(some/time.Millisecond) {
					t.Errorf("slow: it took %v, %v", took(), first)
				}
			} else {
				if got := p.must("GET", "/marketplace/v1/subscriptions/"+id, ""); got["state"] != "provisioning" {
					t.Errorf("%s: it is %v", mode, got)
				}
				p.advance("PT5S")
			}
			if got := p.must("GET", "/marketplace/v1/subscriptions/"+id, ""); got["state"] != "active" {
				t.Errorf("after %s it is %v", mode, got)
			}
		}
	})
}

func TestEveryTargetOfTheProgramIsListed(t *testing.T) {
	p := newPartner(t)
	got := map[string]bool{}
	for _, v := range p.must("GET", "/sandbox/v1/faults", "")["targets"].([]any) {
		got[v.(map[string]any)["target"].(string)] = true
	}
	for _, want := range []string{"api", "care.billing", "ondemand.network", "marketplace.provider"} {
		if !got[want] {
			t.Errorf("%s is not in %v", want, got)
		}
	}
}
