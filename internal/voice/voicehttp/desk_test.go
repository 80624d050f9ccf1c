package voicehttp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func number(n string) map[string]string { return map[string]string{"number": n} }

// The carrier desk's rules, each told in the platform's envelope.
func TestTheCarrierDesksRules(t *testing.T) {
	e := serve(t, "")
	block := samples()["deskAddBlock"].body.(body)
	request := map[string]string{"id": "X100000001"}
	for _, c := range []struct {
		name, op string
		a        ask
		rule     string
	}{
		{"VOICE-DSK-01 into itself", "deskConsolidate", ask{args: place("denver"), body: body{"into": body{"rateCenter": "Denver", "state": "co"}}}, "VOICE-DSK-01 into"},
		{"VOICE-DSK-01 into nothing", "deskConsolidate", ask{args: place("DENVER"), body: body{"into": body{"rateCenter": " ", "state": "CO"}}}, "VOICE-DSK-01 into"},
		{"VOICE-DSK-02 no block", "deskAddBlock", ask{body: block.with("npa", "911")}, "VOICE-DSK-02 npa"},
		{"VOICE-DSK-02 a block of 555", "deskAddBlock", ask{body: block.with("nxx", 555).with("x", 0)}, "VOICE-DSK-02 npa"},
		{"VOICE-DSK-03 no rate center", "deskAddBlock", ask{body: block.without("rateCenter")}, "VOICE-DSK-03 rateCenter"},
		{"VOICE-DSK-03 no state", "deskAddBlock", ask{body: block.with("state", "ZZ")}, "VOICE-DSK-03 rateCenter"},
		{"VOICE-DSK-04 less than none", "deskSupply", ask{args: place("DENVER"), body: body{"available": -1}}, "VOICE-DSK-04 available"},
		{"VOICE-DSK-04 no number", "deskSupply", ask{args: place("DENVER"), body: body{}}, "VOICE-DSK-04 available"},
		{"VOICE-DSK-05 none", "deskReclaim", ask{args: place("DENVER"), body: body{"customerNumber": voicetest.Customer}}, "VOICE-DSK-05 quantity"},
		{"VOICE-DSK-06 no state", "deskPutRegion", ask{args: map[string]string{"state": "ZZ"}, body: body{"backorders": true}}, "VOICE-DSK-06 state"},
		{"VOICE-DSK-06 neither", "deskPutRegion", ask{args: map[string]string{"state": "CO"}, body: body{}}, "VOICE-DSK-06 backorders"},
		{"VOICE-DSK-07 another credit", "deskPutCustomer", ask{args: number(voicetest.Customer), body: body{"credit": "bad"}}, "VOICE-DSK-07 credit"},
		{"VOICE-DSK-08 no moment", "deskChangeRateCenter", ask{args: place("DENVER"), body: body{"opensAt": "soon"}}, "VOICE-DSK-08 opensAt"},
		{"VOICE-DSK-09 another action", "deskDecideCredit", ask{args: map[string]string{"voiceOrderId": "V1"}, body: body{"action": "ignore"}}, "VOICE-DSK-09 action"},
		{"VOICE-DSK-10 another action", "deskDecideException", ask{args: request, body: body{}}, "VOICE-DSK-10 action"},
		{"VOICE-DSK-11 a long note", "deskDecideException", ask{args: request, body: body{"action": "approve", "note": strings.Repeat("x", 1001)}}, "VOICE-DSK-11 note"},
	} {
		t.Run(c.name, func(t *testing.T) { e.denied(t, c.op, c.a, 400, "invalid_request", c.rule) })
	}
	e.denied(t, "deskQueue", ask{query: "?pageSize=1001"}, 400, "invalid_request", "EDGE-PAGE-01 pageSize")
	e.CheckAll()
}

// What the desk does to a rate center is seen by the desk at once, and by customers.
func TestTheDeskChangesRateCenters(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	seen := func(center string, texts ...string) {
		t.Helper()
		e.good(t, "deskGetRateCenter", ask{args: place(center)}, 200, nil).has(t, texts...)
	}
	seen("denver", `{"rateCenter":"DENVER","state":"CO","lata":"656","npas":["303","720"],"covered":true,"native":true,"static911":true,"open":true,"opensAt":null,`+
		`"consolidatedInto":null,"openBlocks":1,"freeNumbers":0}`)
	change := func(b body, texts ...string) {
		t.Helper()
		e.good(t, "deskChangeRateCenter", ask{args: place("Denver"), body: b}, 200, nil).has(t, texts...)
		seen("DENVER", texts...)
	}
	change(body{"open": false, "static911": nil}, `"open":false`, `"static911":true`)
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&rateCenter=DENVER"}, 200, nil).has(t, `"openForOrders":false`)
	change(body{"open": true, "opensAt": "2040-07-01T02:00:00+02:00"}, `"open":true,"opensAt":"2040-07-01T00:00:00Z"`)
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&rateCenter=DENVER"}, 200, nil).has(t, `"openForOrders":false`)
	change(body{"opensAt": "", "static911": false}, `"opensAt":null`, `"static911":false`)
	e.good(t, "listRateCenters", ask{query: "?productID=2042&state=CO&rateCenter=DENVER"}, 200, nil).has(t, `"totalCount":0`)
	e.good(t, "deskPutCustomer", ask{args: number(voicetest.Customer), body: body{"cp911": true}}, 200, nil).has(t, `{"customerNumber":"1-ABCDE","credit":"good","cp911":true,"cnam":false}`)
	e.good(t, "listRateCenters", ask{query: "?productID=2042&state=CO&rateCenter=DENVER"}, 200, nil).has(t, `"totalCount":1`)
	e.good(t, "deskPutRegion", ask{args: map[string]string{"state": "co"}, body: body{"backorders": false}}, 200, nil).has(t, `{"state":"CO","backorders":false}`)
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&rateCenter=DENVER"}, 200, nil).has(t, `"backorderAllowed":false`)

	e.good(t, "deskSupply", ask{args: place("DENVER"), body: body{"available": 30}}, 200, nil).has(t, `"freeNumbers":30}`)
	e.good(t, "deskAddBlock", samples()["deskAddBlock"], 201, nil).has(t, `{"block":"303-226-4","rateCenter":{"rateCenter":"DENVER",`, `"freeNumbers":1030}}`)
	e.denied(t, "deskAddBlock", samples()["deskAddBlock"], 409, "voice_block_taken")
	odd := samples()["deskAddBlock"].body.(body).with("rateCenter", " el paso no").with("x", 6)
	e.good(t, "deskAddBlock", ask{body: odd}, 201, nil).has(t, `{"rateCenter":"EL PASO NO","state":"CO","lata":null,"npas":[],"covered":true`)
	seen("El Paso No", `"freeNumbers":1000`)
	e.good(t, "deskConsolidate", ask{args: place("EL PASO NO"), body: body{"into": body{"rateCenter": "DENVER", "state": "CO"}}}, 200, nil).
		has(t, `"rateCenter":"DENVER"`, `"freeNumbers":2030}`)
	seen("El Paso No", `"consolidatedInto":"CO/DENVER","openBlocks":0,"freeNumbers":0}`)
	e.denied(t, "deskSupply", ask{args: place("EL PASO NO"), body: body{"available": 1}}, 404, "voice_center_unknown")
	e.CheckAll()
}

// The desk decides about credit holds, and takes numbers back.
func TestTheDesksQueueAndItsDecisions(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	e.good(t, "deskQueue", ask{}, 200, nil).has(t, `{"pageNumber":1,"pageSize":100,"creditHoldCount":0,"creditHolds":[],"tnExceptionCount":0,"tnExceptions":[]}`)
	e.good(t, "deskPutCustomer", ask{args: number(voicetest.Customer), body: body{"credit": "hold"}}, 200, nil).has(t, `"credit":"hold","cp911":false`)
	good, bad := e.order(t, reserving("DENVER", 1)), e.order(t, reserving("BOULDER", 1))
	e.good(t, "requestTNException", ask{body: requesting(400)}, 201, nil)
	e.pass(2 * time.Second)
	e.good(t, "deskQueue", ask{query: "?pageSize=1&pageNumber=2"}, 200, nil).has(t, `"creditHoldCount":2,"creditHolds":[{"voiceOrderId":"`+bad+`"`, `"tnExceptionCount":1,"tnExceptions":[]`)
	e.good(t, "deskQueue", ask{}, 200, nil).has(t, `"creditHolds":[{"voiceOrderId":"`+good+`","externalOrderId":"PO-1","customerNumber":"1-ABCDE","customerName":"Customer 1-ABCDE",`+
		`"productID":"2036","orderStatus":"pending credit check","createdDate":"2040-06-01T00:00:00Z"}`, `"tnExceptions":[{"tnExceptionId":"X100000001",`)
	decide := func(id, action string) ask {
		return ask{args: map[string]string{"voiceOrderId": id}, body: body{"action": action}}
	}
	e.good(t, "deskDecideCredit", decide(good, "Release"), 200, nil).has(t, `"orderStatus":"in-progress"`)
	e.good(t, "deskDecideCredit", decide(bad, "reject"), 200, nil).has(t, `"orderStatus":"credit check rejected"`)
	e.denied(t, "deskDecideCredit", decide(bad, "release"), 409, "voice_wrong_move")
	e.pass(time.Second)
	for id, want := range map[string]string{good: "completed", bad: "credit check rejected"} {
		if s, got := e.status(t, id); s.OrderStatus != want {
			t.Errorf("%s is %s", id, got.body)
		}
	}
	e.good(t, "deskReclaim", ask{args: place("DENVER"), body: body{"customerNumber": voicetest.Customer, "quantity": 3}}, 200, nil).
		has(t, `{"customerNumber":"1-ABCDE","rateCenter":"DENVER","state":"CO","reclaimed":3}`)
	e.denied(t, "deskReclaim", ask{args: place("DENVER"), body: body{"customerNumber": "1-NOBODY", "quantity": 3}}, 404, "customer_unknown")
	e.good(t, "getUtilization", samples()["getUtilization"], 200, nil).has(t, `"total":18,"active":16,"reserved":2`)
	by := map[string]bool{}
	e.View(func(tx *db.Tx) error {
		trail, err := audit.Page(tx, "voice/order/"+good, 0, 100)
		for _, entry := range trail {
			if entry.Event == "released" {
				by[entry.Actor] = true
			}
		}
		return err
	})
	if fmt.Sprint(by) != fmt.Sprint(map[string]bool{e.App: true}) {
		t.Errorf("the trail says that %v released the order", by)
	}
	e.CheckAll()
}

// A number that goes by another stands for the same customer.
func TestTheDeskKnowsCustomersByAllTheirNumbers(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	e.AddCustomer("1-ALIAS")
	e.Must("merge", e.Identity.MergeCustomer(t.Context(), "test", e.ID, "1-ALIAS", voicetest.Customer))
	e.good(t, "deskPutCustomer", ask{args: number("1-ALIAS"), body: body{"credit": voice.CreditHold}}, 200, nil).has(t, `"customerNumber":"1-ABCDE"`)
	e.good(t, "deskReclaim", ask{args: place("DENVER"), body: body{"customerNumber": "1-ALIAS", "quantity": 1}}, 200, nil).has(t, `"customerNumber":"1-ABCDE"`, `"reclaimed":1`)
	e.CheckAll()
}
