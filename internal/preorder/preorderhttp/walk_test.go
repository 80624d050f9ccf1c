package preorderhttp_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/preorder"
)

// noSecrets looks for what is known of customers in everything that was answered, told
// and written to the trail.
func (e *edge) noSecrets(t *testing.T) {
	t.Helper()
	texts := slices.Clone(e.bodies)
	for _, n := range e.Notices("") {
		texts = append(texts, n.Body)
	}
	e.View(func(tx *db.Tx) error {
		trail, err := audit.Page(tx, "", 0, 10_000)
		for _, entry := range trail {
			texts = append(texts, strings.Join([]string{entry.Subject, entry.Actor, entry.Event, entry.Note}, " "))
		}
		return err
	})
	if len(texts) < 5 {
		t.Fatalf("only %d texts to look through", len(texts))
	}
	for _, text := range texts {
		for _, secret := range []string{ssn, "123458894", "8894", dob, "1980-02-28", "Robin"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in %s", secret, text)
			}
		}
	}
}

// TestFromNearMatchToInstalledService goes all the way, for both segments, both bill
// types and both ways of installing, with every amount as it stands on the wire.
func TestFromNearMatchToInstalledService(t *testing.T) {
	t.Parallel()
	deposit := preorder.CreditDecision{Decision: preorder.DecisionDeposit, Class: 2}
	for _, c := range []struct {
		segment, product, bill, install, ssn, other string
		credit                                      preorder.CreditDecision
		costs                                       []string // of the first choice
		again                                       []string // of the other
		takes                                       time.Duration
	}{
		{preorder.Consumer, "HSI-100-POST", preorder.Postpaid, preorder.Self, ssn, "HSI-20-POST", deposit,
			[]string{`"deposit":{"amount":140.00,"currency":"USD"},"creditResult":{"decision":"DEPOSIT"},"totals":{"oneTime":37.95,"monthly":84.99}`,
				`{"code":"MODEM-LEASE","name":"Modem lease","type":"ONE_TIME","amount":12.95}`, `"installOptions":["SELF","TECH"]`,
				`{"code":"OWN","name":"I have my own modem","price":{"amount":0.00,"currency":"USD","period":"ONCE"}}`},
			[]string{`"deposit":{"amount":110.00,"currency":"USD"}`}, 2 * 24 * time.Hour},
		{preorder.Consumer, "HSI-20-PRE", preorder.Prepaid, preorder.Tech, "999 99 9999", "HSI-100-PRE", deposit,
			[]string{`"deposit":{"amount":0.00,"currency":"USD"},"creditResult":{"decision":"APPROVED"},"totals":{"oneTime":124.00,"monthly":64.99}`},
			[]string{`"totals":{"oneTime":124.00,"monthly":79.99}`}, 5 * 24 * time.Hour},
		{preorder.SmallBusiness, "BIZ-BUNDLE-100", preorder.Postpaid, preorder.Tech, "999999999", "HSI-940-POST", deposit,
			[]string{`"deposit":{"amount":230.00,"currency":"USD"}`, `{"code":"TECH","name":"Tech installation","type":"ONE_TIME","amount":99.00}`,
				`"modemOptions":[{"code":"PURCHASE","name":"Modem purchase","price":{"amount":150.00,"currency":"USD","period":"ONCE"}},` +
					`{"code":"LEASE","name":"Modem lease","price":{"amount":14.99,"currency":"USD","period":"MONTH"}}]`},
			[]string{`"deposit":{"amount":150.00,"currency":"USD"}`, `"installOptions":["TECH"]`}, 5 * 24 * time.Hour},
		{preorder.Consumer, "LOCAL-PRE", preorder.Prepaid, "", "999-99-9999", "LOCAL-PRE", deposit,
			[]string{`"installOptions":[],"modemOptions":[],`, `"totals":{"oneTime":25.00,"monthly":30.00}`}, nil, 2 * 24 * time.Hour},
	} {
		t.Run(c.segment+" "+c.product, func(t *testing.T) {
			t.Parallel()
			e := serve(t, "")
			e.back.set(func(b *backends) { b.credit.Decision = c.credit })
			tx, details := e.near(t)
			got := e.good(t, "pxQualify", ask{body: choosing(tx, details[1]).with("marketSegment", c.segment)}, 200, nil)
			got.has(t, `"transactionId":"`+tx+`","status":"QUALIFIED","address":{"streetAddress":"5 ELM ST","unit":"APT 4","city":"MONROE","state":"LA","zip":"71203"},`+
				`"addressDetailId":"AD-5APT4","loop":{"technology":"GPON","maxDownMbps":940,"maxUpMbps":940,"techInstallRequired":false}`,
				`{"productCode":"`+c.product+`"`)
			var install any = c.install
			if c.install == "" {
				install = nil
			}
			config := configuring(tx, "AD-5APT4", "PO.1_a-b c").with("productCode", c.product).with("billType", c.bill).
				with("interestedInSelfInstallOrTechInstall", install).with("ssn", c.ssn)
			e.good(t, "pxConfigure", ask{body: config}, 200, nil).has(t, c.costs...)
			if want := (preorder.Customer{First: "Robin", Last: "Example", SSN: strings.NewReplacer("-", "", " ", "").Replace(c.ssn), DOB: "1980-02-28"}); e.back.customer != want {
				t.Errorf("credit was asked about %+v", e.back.customer)
			}
			again := config.with("configType", "Reconfig").without("customer").with("productCode", c.other)
			e.good(t, "pxConfigure", ask{body: again}, 200, nil).has(t, c.again...)
			if n := e.back.times(preorder.BackendCredit); n != 1 {
				t.Errorf("credit ran %d times", n)
			}
			e.completes(t, tx, c.takes)
			e.CheckAll()
			e.noSecrets(t)
		})
	}
}

// completes orders what was configured and waits for its installation.
func (e *edge) completes(t *testing.T, tx string, takes time.Duration) {
	t.Helper()
	var o struct{ OrderNumber, Status string }
	a := ask{body: completing(tx, "PO.1_a-b c"), key: "complete"}
	first := e.good(t, "pxCompleteOrder", a, 201, &o)
	again := e.good(t, "pxCompleteOrder", a, 201, nil)
	where := "/Product/v1/pxOrders/" + o.OrderNumber
	if first.header.Get("Location") != where || again.header.Get("Location") != where || again.body != first.body || o.Status != preorder.OrderReceived {
		t.Errorf("got %s %v, again %s %v", first.body, first.header, again.body, again.header)
	}
	e.Advance(time.Hour)
	e.good(t, "getPxOrder", ask{arg: o.OrderNumber}, 200, nil).has(t, `"status":"PROVIDER IN PROCESS"`)
	e.Advance(takes)
	e.good(t, "getPxOrder", ask{arg: o.OrderNumber}, 200, nil).has(t, `"status":"COMPLETED"`,
		`"event":"taken up","from":"RECEIVED","to":"PROVIDER IN PROCESS"`, `"event":"completed","from":"PROVIDER IN PROCESS","to":"COMPLETED"`)
	e.told(t, o.OrderNumber, "received", "in_process", "completed")
}

// told holds what the application was told about an order to the documents.
func (e *edge) told(t *testing.T, number string, states ...string) {
	t.Helper()
	var got []string
	for _, n := range e.Notices(preorder.SubjectOrder + number) {
		got = append(got, strings.TrimPrefix(n.Type, "preorder.order."))
		if err := contract.CheckNotification([]byte(n.Body)); err != nil {
			t.Errorf("%s: %v", n.Body, err)
		}
	}
	if !slices.Equal(got, states) {
		t.Errorf("told %v, want %v", got, states)
	}
}

// What is sent in another form than the document's example is read all the same, as the
// source's clients send it.
func TestWhatClientsSendInOtherForms(t *testing.T) {
	e := serve(t, "NoPrefix")
	numbers := qualifying("").with("agentId", 10001).with("somethingElse", true).
		with("address", body{"streetNumber": 900, "streetName": "main street", "unit": nil, "city": "MONROE", "state": "Louisiana", "zip": 71203})
	e.good(t, "pxQualifyNoPrefix", ask{body: numbers}, 200, nil).has(t, `"streetAddress":"900 MAIN ST","city":"MONROE","state":"LA","zip":"71203"}`)
	tx, detail := e.qualify(t)
	var number json.Number = "123458894"
	config := configuring(tx, detail, "77").with("partnerOrderId", 77).with("ssn", number)
	e.good(t, "pxConfigureNoPrefix", ask{body: config}, 200, nil).has(t, `"partnerOrderId":"77"`)
	e.good(t, "cancelPxOrder", ask{arg: func() string {
		var o struct{ OrderNumber string }
		e.good(t, "pxCompleteOrderNoPrefix", ask{body: completing(tx, "77")}, 201, &o)
		return o.OrderNumber
	}()}, 200, nil)
	e.noSecrets(t)
}
