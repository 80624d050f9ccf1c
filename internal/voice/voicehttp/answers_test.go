package voicehttp_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"demarc/internal/contract"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// samples is a good call of every operation. Those about an order or a request are made
// after the first of each.
func samples() map[string]ask {
	reserve := reserving("DENVER", 10)
	return map[string]ask{
		"listRateCenters": {query: "?productID=2036&state=CO"}, "getCoverage": {query: "?productID=2036&tn=13035550116"},
		"postCoverage":   {body: body{"productID": 2036, "tnList": []any{13035550116}}},
		"getUtilization": {body: body{"productID": "2036", "rateCenters": lines(line("DENVER", nil).without("quantity"))}},
		"orderInventory": {body: reserve}, "getInventory": {},
		"approveShortSupply": {body: approving("V100000001", "DENVER", voice.ActReject)},
		"requestTNException": {body: requesting(400)}, "listTNExceptions": {}, "getTNException": {args: map[string]string{"id": "X100000001"}},
		"getVoiceNotifications": {}, "getOrderStatus": {query: "?voiceOrderId=V100000001"},

		"deskQueue": {}, "deskGetRateCenter": {args: place("DENVER")}, "deskChangeRateCenter": {args: place("DENVER"), body: body{"open": true}},
		"deskConsolidate":     {args: place("AURORA"), body: body{"into": body{"rateCenter": "DENVER", "state": "CO"}}},
		"deskSupply":          {args: place("DENVER"), body: body{"available": 30}},
		"deskReclaim":         {args: place("DENVER"), body: body{"customerNumber": voicetest.Customer, "quantity": 1}},
		"deskAddBlock":        {body: body{"npa": "303", "nxx": 226, "x": 4, "rateCenter": "denver", "state": "co"}},
		"deskPutRegion":       {args: map[string]string{"state": "CO"}, body: body{"backorders": true}},
		"deskDecideCredit":    {args: map[string]string{"voiceOrderId": "V100000001"}, body: body{"action": "release"}},
		"deskPutCustomer":     {args: map[string]string{"number": voicetest.Customer}, body: body{"credit": voice.CreditGood}},
		"deskDecideException": {args: map[string]string{"id": "X100000001"}, body: body{"action": "approve"}},

		"orderNumbers": {body: installing(13035550119)}, "orderNumbersPlural": {body: porting(13033312000)},
		"supplementOrder": {args: order("V100000001"), body: body{"lnp": losing()}}, "portNow": {body: body{"voiceOrderId": "V100000001"}},
		"changeNumbers": {body: changing(body{"customerType": "B", "businessName": "Example Bakery"}, 13035550100)},
		"cancelOrder":   {body: body{"voiceOrderId": "V100000001"}}, "disconnectNumbers": {body: ending("2040-06-08T15:00:00Z", 13035550110)},
		"getInventoryDetails": {query: "?productID=2036"},

		"deskAnswerPort": {args: order("V100000001"), body: body{"answer": "concur"}}, "deskPortOut": {body: body{"tnList": []any{13035550111}}},
		"deskListRoutes": {args: number(voicetest.Customer)}, "deskPutRoute": {args: route(voice.RouteName, "NIGHT-ROUTE")},
		"deskDropRoute": {args: route(voice.RouteName, "NIGHT-ROUTE")},
	}
}

// Every status that the document promises is met, for every operation in both spellings.
func TestEveryDocumentedAnswerIsMet(t *testing.T) {
	seen := map[string]bool{}
	t.Run("both spellings", func(t *testing.T) {
		for _, suffix := range []string{"", "NoS"} {
			e := serve(t, suffix)
			e.succeed(t)
			e.everywhere(t)
			e.CheckAll()
			maps.Copy(seen, e.seen)
		}
	})
	promised := documented(t)
	if t.Failed() {
		return // what was not met is not the first thing to look at
	}
	for want := range promised {
		if !seen[want] {
			t.Errorf("%s was not met", want)
		}
	}
	if len(promised) < 550 {
		t.Fatalf("the document promises only %d answers", len(promised))
	}
}

// documented is "operation status" for all that the document promises.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				all[op.OperationID+" "+status] = true
			}
		}
	}
	return all
}

// of are the operations of this edge's spelling with their samples.
func (e *edge) of() map[string]ask {
	all := map[string]ask{}
	for id, a := range samples() {
		all[e.op(id)] = a
	}
	return all
}

// own says whether a call is a customer's.
func own(op string) bool { return strings.HasPrefix(contract.Operations()[op].Path, "/Voice/") }

// succeed makes every call once with success, in an order in which that is possible.
func (e *edge) succeed(t *testing.T) {
	e.good(t, "deskPutCustomer", ask{args: map[string]string{"number": voicetest.Customer}, body: body{"credit": voice.CreditHold}}, 200, nil)
	e.good(t, e.op("orderInventory"), samples()["orderInventory"], 202, nil)
	e.good(t, e.op("requestTNException"), samples()["requestTNException"], 201, nil)
	e.pass(3 * time.Second)
	for _, id := range []string{
		"deskQueue", "deskDecideCredit", "deskDecideException", "deskGetRateCenter", "deskChangeRateCenter", "deskReclaim", "deskSupply", "deskAddBlock",
		"deskPutRegion", "deskPutCustomer", "deskConsolidate",
	} {
		status := 200
		if id == "deskAddBlock" {
			status = 201
		}
		e.good(t, id, samples()[id], status, nil)
	}
	for _, id := range []string{
		"listRateCenters", "getCoverage", "postCoverage", "getUtilization", "getInventory", "listTNExceptions", "getTNException", "getVoiceNotifications",
		"getOrderStatus",
	} {
		e.good(t, e.op(id), samples()[id], 200, nil)
	}
	e.good(t, e.op("approveShortSupply"), samples()["approveShortSupply"], 202, nil)
	e.serveNumbers(t)
}

// serveNumbers makes every call about numbers in service once with success.
func (e *edge) serveNumbers(t *testing.T) {
	of := func(call, id string) ask {
		a := samples()[call]
		if a.args != nil {
			a.args = order(id)
		}
		if b, ok := a.body.(body); ok && b["voiceOrderId"] != nil {
			a.body = b.with("voiceOrderId", id)
		}
		return a
	}
	accepted := func(call, id string) (o accepted) {
		t.Helper()
		e.good(t, e.op(call), of(call, id), 202, &o)
		return o
	}
	accepted("orderNumbers", "")
	port := accepted("orderNumbersPlural", "").VoiceOrderID
	accepted("supplementOrder", port)
	e.pass(3 * time.Second)
	e.good(t, "deskAnswerPort", of("deskAnswerPort", port), 200, nil)
	accepted("portNow", port)
	accepted("changeNumbers", "")
	accepted("cancelOrder", accepted("disconnectNumbers", "").VoiceOrderID)
	e.good(t, e.op("getInventoryDetails"), samples()["getInventoryDetails"], 200, nil)
	e.good(t, "deskPortOut", samples()["deskPortOut"], 200, nil)
	for _, id := range []string{"deskPutRoute", "deskListRoutes"} {
		e.good(t, id, samples()[id], 200, nil)
	}
	e.good(t, "deskDropRoute", samples()["deskDropRoute"], 204, nil)
}

// errRefused is a mistake of ours.
var errRefused = errors.New("as the test wants it")

// everywhere is what every call answers before the product's own rules are asked.
func (e *edge) everywhere(t *testing.T) {
	refuse := func(err error) httpkit.Options {
		return httpkit.Options{Refuse: func(context.Context, *httpkit.Caller, *httpkit.Route) error { return err }}
	}
	busy := e.serve(t, httpkit.Options{SandboxRate: 1e-6}) // one request in eleven days
	late, small := e.serve(t, httpkit.Options{Deadline: time.Nanosecond}), e.serve(t, httpkit.Options{MaxBody: 8})
	broken, full := e.serve(t, refuse(errRefused)), e.serve(t, refuse(httpkit.Overloaded))
	e.good(t, "getVoiceNotifications", ask{url: busy}, 200, nil)
	e.good(t, e.op("postCoverage"), ask{key: "used", body: body{"productID": "2036", "tnLocZip": "80202"}}, 200, nil)
	release := e.hold(t, "under-way")
	defer release()
	for op, sample := range e.of() {
		at := func(url string) ask { a := sample; a.url = url; return a }
		malformed, wide := sample, at(small)
		malformed.query = "?x=%zz"
		wide.key, wide.body = "large", body{"x": strings.Repeat("x", 8)}
		method := contract.Operations()[op].Method
		post := method == http.MethodPost || method == http.MethodPut
		if !own(op) {
			e.denied(t, op, malformed, 400, "malformed_request", "EDGE-TEXT-01 query")
			e.denied(t, op, at(busy), 429, "rate_limited")
			e.denied(t, op, at(full), 503, "overloaded")
			e.denied(t, op, sample.by("-"), 401, "token_missing")
			e.denied(t, op, sample.by(unknown), 401, "token_invalid")
			if post {
				e.denied(t, op, wide, 413, "body_too_large")
				e.denied(t, op, sample.keyed("used"), 422, "idempotency_key_reused")
				e.denied(t, op, sample.keyed("under-way"), 409, "idempotency_in_progress")
				if plain := sample; plain.body != nil {
					plain.media = "text/plain"
					e.denied(t, op, plain, 415, "unsupported_media_type")
				}
			}
			continue
		}
		e.refused(t, op, malformed, 400, "400001 query")
		e.refused(t, op, at(busy), 429, "429001")
		e.refused(t, op, at(late), 504, "504001")
		e.refused(t, op, at(broken), 500, "500001")
		e.refused(t, op, at(full), 503, "503001")
		e.refused(t, op, sample.by("-"), 403, "403001 Authorization")
		e.refused(t, op, sample.by(unknown), 403, "403002 Authorization")
		e.refused(t, op, sample.by(barred), 403, "403005 Authorization")
		e.refused(t, op, sample.with(httpkit.CustomerHeader, "-"), 403, "1403 x-customer-number")
		e.refused(t, op, sample.with(httpkit.CustomerHeader, "1-NOBODY"), 403, "1403 x-customer-number")
		e.refused(t, op, sample.with("Accept", "text/html"), 406, "406001 Accept")
		e.refused(t, op, sample.with("Content-Digest", "sha-256=:AAAA:"), 403, "403004 Content-Digest")
		if post {
			e.refused(t, op, wide, 413, "413001")
			e.refused(t, op, sample.keyed("used"), 422, "422001")
			e.refused(t, op, sample.keyed("under-way"), 409, "409001")
			plain := sample
			plain.media = "text/plain"
			e.refused(t, op, plain, 415, "415001")
		}
	}
	e.refused(t, e.op("getTNException"), ask{args: map[string]string{"id": "X1"}}, 404, "404001")
	e.nothing(t)
}

// nothing is what the carrier desk answers about what there is not, and to a production
// application.
func (e *edge) nothing(t *testing.T) {
	for op, reason := range map[string]string{
		"deskGetRateCenter": "voice_center_unknown", "deskChangeRateCenter": "voice_center_unknown", "deskConsolidate": "voice_center_unknown",
		"deskSupply": "voice_center_unknown", "deskReclaim": "voice_center_unknown", "deskDecideCredit": "voice_order_unknown",
		"deskPutCustomer": "customer_unknown", "deskDecideException": "voice_exception_unknown", "deskAnswerPort": "voice_order_unknown",
		"deskListRoutes": "customer_unknown", "deskPutRoute": "customer_unknown", "deskDropRoute": "customer_unknown",
	} {
		a := samples()[op]
		args := map[string]string{}
		for name := range a.args {
			args[name] = "NOWHERE"
		}
		if args["state"] != "" {
			args["state"] = "CO"
		}
		a.args = args
		e.denied(t, op, a, 404, reason)
	}
	gone := samples()["deskAddBlock"]
	gone.body = gone.body.(body).with("rateCenter", "AURORA").with("x", 5)
	e.denied(t, "deskAddBlock", gone, 404, "voice_center_unknown") // it was consolidated
	for op := range samples() {
		if !own(op) {
			e.denied(t, op, samples()[op].by(e.production(t)), 403, "sandbox_only")
		}
	}
}

func (a ask) by(who string) ask    { a.who = who; return a }
func (a ask) keyed(key string) ask { a.key = key; return a }

// hold keeps a call with an Idempotency-Key under way until it is released.
func (e *edge) hold(t *testing.T, key string) (release func()) {
	t.Helper()
	reached, leave, done := make(chan struct{}), make(chan struct{}), make(chan answer)
	e.Fakes.Fail(voicetest.Lookup, voicetest.Fault{Do: func() { close(reached); <-leave }})
	go func() { done <- e.send(t, e.op("postCoverage"), samples()["postCoverage"].keyed(key), false) }()
	<-reached
	return func() {
		close(leave)
		if got := <-done; got.status != 200 {
			t.Errorf("the call that was held answered %d %s", got.status, got.body)
		}
	}
}
