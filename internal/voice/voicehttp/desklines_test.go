package voicehttp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// The desk's rules about numbers in service, each told in the platform's envelope.
func TestTheCarrierDesksRulesOfNumbersInService(t *testing.T) {
	e := serve(t, "")
	port := order(e.accept(t, "orderNumbers", ask{body: porting(13033312000)}))
	install := order(e.accept(t, "orderNumbers", ask{body: installing(13035550116)}))
	answer := func(b body) ask { return ask{args: port, body: b} }
	list := func(tns ...any) ask { return ask{body: body{"tnList": tns}} }
	named := func(kind, name string) ask { return ask{args: route(kind, name)} }
	for _, c := range []struct {
		name, op string
		a        ask
		rule     string
	}{
		{"VOICE-DSK-21 no answer", "deskAnswerPort", answer(body{}), "VOICE-DSK-21 answer"},
		{"VOICE-DSK-21 another answer", "deskAnswerPort", answer(body{"answer": "perhaps"}), "VOICE-DSK-21 answer"},
		{"VOICE-DSK-21 no while nobody has said why", "deskAnswerPort", answer(body{"answer": "reject", "reason": " "}), "VOICE-DSK-21 answer"},
		{"VOICE-DSK-21 too much of a reason", "deskAnswerPort", answer(body{"answer": "reject", "reason": strings.Repeat("x", 1001)}), "VOICE-DSK-21 answer"},
		{"VOICE-DSK-21 a day that is over", "deskAnswerPort", answer(body{"answer": "concur", "focDate": "2040-05-30T12:00:00Z"}), "VOICE-DSK-21 answer"},
		{"VOICE-DSK-21 no moment", "deskAnswerPort", answer(body{"answer": "concur", "focDate": "2040-06-08"}), "VOICE-DSK-21 focDate"},
		{"VOICE-DSK-22 no list", "deskPortOut", ask{body: body{}}, "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-22 none", "deskPortOut", list(), "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-22 no number", "deskPortOut", list("911"), "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-22 one that is reserved", "deskPortOut", list(13035550115, 13035550117), "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-22 one that nobody has", "deskPortOut", list(13035550115, 13035560100), "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-22 one that is on its way in", "deskPortOut", list(13033312000), "VOICE-DSK-22 tnList"},
		{"VOICE-DSK-23 another kind", "deskPutRoute", named("trunk", "NIGHT-ROUTE"), "VOICE-DSK-23 name"},
		{"VOICE-DSK-23 no name", "deskPutRoute", named(voice.RoutePlan, " "), "VOICE-DSK-23 name"},
		{"VOICE-DSK-23 a long name", "deskPutRoute", named(voice.RoutePlan, strings.Repeat("x", 61)), "VOICE-DSK-23 name"},
		{"VOICE-DSK-23 of another kind is none to drop", "deskDropRoute", named("trunk", "NIGHT-ROUTE"), "VOICE-DSK-23 name"},
	} {
		t.Run(c.name, func(t *testing.T) { e.denied(t, c.op, c.a, 400, "invalid_request", c.rule) })
	}
	concur := body{"answer": "concur"}
	e.denied(t, "deskAnswerPort", ask{args: install, body: concur}, 404, "voice_order_unknown")
	e.good(t, "deskAnswerPort", answer(concur), 200, nil)
	e.denied(t, "deskAnswerPort", answer(concur), 409, "voice_wrong_move").has(t, `"next":[`)
	e.CheckAll()
}

// The desk answers in the place of the losing carrier, before that one does.
func TestTheDeskAnswersForTheLosingCarrier(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	id := e.accept(t, "orderNumbers", ask{body: porting(13033312000).with("externalOrderId", "[demarc:port-silent]")})
	e.pass(3 * time.Second)
	asked := ask{args: order(id), key: "once", body: body{"answer": "reject", "reason": "a letter is missing"}}
	first := e.good(t, "deskAnswerPort", asked, 200, nil).has(t, `"voiceOrderId":"`+id+`"`, `"orderStatus":"rejected"`, `"orderStatusDetail":"rejected by the losing carrier"`,
		`"rejectionReason":"a letter is missing"`)
	if again := e.good(t, "deskAnswerPort", asked, 200, nil); again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("and again %s", again.body)
	}
	e.accept(t, "supplementOrder", ask{args: order(id), body: body{"lnp": losing().with("losingCarrierAccountNumber", "ACC-9")}})
	e.pass(3 * time.Second)
	e.good(t, "deskAnswerPort", ask{args: order(id), body: body{"answer": "concur", "focDate": "2040-06-12T09:30:00-06:00"}}, 200, nil).
		has(t, `"orderStatus":"in-progress"`, `"orderStatusDetail":"FOC scheduled"`, `"focDate":"2040-06-12T15:30:00Z"`)
	e.pass(10*day + 16*time.Hour)
	e.accept(t, "cancelOrder", ask{body: body{"voiceOrderId": id}}) // less than a business day before: nothing changes, and 20066 says so
	e.refused(t, "cancelOrder", ask{body: body{"voiceOrderId": id, "transactionOrderId": id + "-2"}}, 400, "20070 transactionOrderId")
	if s, got := e.status(t, id); s.OrderStatusDetail != voice.PortFOC {
		t.Errorf("got %s", got.body)
	}
	e.pass(20 * time.Hour)
	late := ask{args: order(id), body: body{"lnp": losing()}}
	e.refused(t, "supplementOrder", late, 409, "409001 voiceOrderId").has(t, `"message":"voiceOrderId cannot be supplemented on the day of its firm order commitment"`)
	e.pass(4 * time.Hour)
	if codes := fmt.Sprint(e.Codes(id)); codes != "[901 904 904 903 20066 902 902]" {
		t.Errorf("told %s", codes)
	}
	e.CheckAll()
}

// Numbers that were taken to another carrier are in nobody's report, and what was under way
// with them is rejected.
func TestTheDeskTakesNumbersToAnotherCarrier(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	change := e.accept(t, "changeNumbers", ask{body: changing(business("Example Bakery"), 13035550100)})
	asked := ask{key: "once", body: body{"tnList": []any{body{"startTN": 13035550100, "endTN": 13035550101}, body{"npa": 720, "nxx": "555", "line": "0100"}}}}
	for range 2 {
		if got := e.good(t, "deskPortOut", asked, 200, nil); strings.TrimSpace(got.body) != `{"portedOut":3}` {
			t.Fatalf("got %s", got.body)
		}
	}
	e.good(t, "getInventoryDetails", ask{query: "?productID=2036&pageSize=1"}, 200, nil).has(t, `"totalCount":17,`, `"telephoneNumber":13035550102`)
	e.pass(3 * time.Minute)
	if s, got := e.status(t, change); s.OrderStatus != "rejected" || *s.RateCenterOrders[0].NotificationCode != 1616 {
		t.Errorf("got %s", got.body)
	}
	e.refused(t, "changeNumbers", ask{body: changing(business("Example Bakery"), 13035550101)}, 400, "20042 "+atNumbers)
	e.CheckAll()
}

// What routes a customer has is for the desk to say; its orders may name no others.
func TestTheDeskGivesAndTakesRoutes(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	e.AddCustomer("1-ALIAS")
	e.Must("merge", e.Identity.MergeCustomer(t.Context(), "test", e.ID, "1-ALIAS", voicetest.Customer))
	const seeded = `{"customerNumber":"1-ABCDE","routes":[{"kind":"plan","name":"PLAN-A"},{"kind":"plan","name":"PLAN-B"},{"kind":"service","name":"BACKUP-ROUTE"},{"kind":"service","name":"MAIN-ROUTE"}`
	list := func(who, want string) {
		t.Helper()
		if got := e.good(t, "deskListRoutes", ask{args: number(who)}, 200, nil); strings.TrimSpace(got.body) != want {
			t.Errorf("got %s, want %s", got.body, want)
		}
	}
	list("1-ALIAS", seeded+"]}")
	list(voicetest.Other, `{"customerNumber":"1-WXYZ9","routes":[{"kind":"service","name":"MAIN-ROUTE"}]}`)
	night := ask{args: route(voice.RouteName, "Night & day/1")}
	reroute := ask{body: changing(body{}, 13035550100).with("customerServiceName", "Night & day/1")}
	e.refused(t, "changeNumbers", reroute, 400, "1405 customerServiceName")
	const one = seeded + `,{"kind":"service","name":"Night & day/1"}]}`
	for range 2 {
		if got := e.good(t, "deskPutRoute", night, 200, nil); strings.TrimSpace(got.body) != one {
			t.Errorf("got %s, want %s", got.body, one)
		}
	}
	id := e.accept(t, "changeNumbers", reroute)
	for range 2 {
		if got := e.good(t, "deskDropRoute", night, 204, nil); got.body != "" {
			t.Errorf("got %s", got.body)
		}
	}
	list(voicetest.Customer, seeded+"]}")
	e.pass(3 * time.Minute)
	if codes := fmt.Sprint(e.Codes(id)); codes != "[901 20063]" {
		t.Errorf("told %s", codes)
	}
	e.CheckAll()
}
