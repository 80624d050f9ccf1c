package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func TestAnOperatorKeepsACustomersRoutes(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d)
		number := w.AddCustomer("1-ROUTED")
		c := console{t, url, []string{"--world", w.ID}}
		route := func(args ...string) []string { return append([]string{"desk", "route", number}, args...) }
		c.says("1-ROUTED has no routes.\n", route("list")...)
		c.says("service  FIRST ROUTE\n", route("put", "service", " FIRST ROUTE ")...)
		c.says("plan     P1\nservice  FIRST ROUTE\n", route("put", "plan", "P1")...)
		c.says("plan     P1\nservice  FIRST ROUTE\n", route("put", "plan", "P1")...) // again
		c.says("plan     P1\nservice  FIRST ROUTE\n", route("list")...)
		c.says("plan  P1\n", route("drop", "service", "FIRST ROUTE")...)
		c.says("1-ROUTED has no routes.\n", route("drop", "plan", "P1")...)
		c.says("1-ROUTED has no routes.\n", route("drop", "plan", "P1")...) // again
		const kinds = "The request breaks one or more rules.\n  name must have 1 to 60 characters, and be of the kind service or plan (VOICE-DSK-23)"
		c.refuses(kinds, route("put", "trunk", "T1")...)
		c.refuses(kinds, route("put", "plan", " ")...)
		c.refuses(kinds, route("drop", "plan", strings.Repeat("x", 61))...)
		for _, args := range [][]string{{"put"}, {"drop", "service"}, {"list", "plan"}} {
			c.refuses("put and drop are told the KIND and the NAME of a route, list is not", route(args...)...)
		}
		c.refuses("The world has no such customer.", "desk", "route", "1-NOBODY", "put", "plan", "P1")
		if _, err := run(t, url, "desk", "route", number, "change"); err == nil || !strings.Contains(err.Error(), "<action>") {
			t.Errorf("another action: %v", err)
		}
		byOperator(t, w, "voice/customer/"+number)
		w.CheckAll()
	})
}

// byOperator holds that something was done about a subject, by the operator alone.
func byOperator(t *testing.T, w *voicetest.World, subject string) {
	t.Helper()
	w.View(func(tx *db.Tx) error {
		list, err := audit.History(tx, subject)
		if len(list) == 0 || slices.ContainsFunc(list, func(e audit.Event) bool { return e.Actor != operator }) {
			t.Errorf("%s: %+v", subject, list)
		}
		return err
	})
}

func TestAnOperatorAnswersForALosingCarrier(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d)
		c := console{t, url, []string{"--world", w.ID}}
		order := func(first voice.Range) voice.Order {
			m := voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(first)))
			m["externalOrderId"] = "[demarc:port-silent]"
			return w.Ordered(voicetest.Other, m)
		}
		first, second := order(voice.Range{Start: 303_331_2000, End: 303_331_2004}), order(voicetest.One(303_331_2010))
		w.Advance(time.Minute) // one has been asked; the other is answered before that
		third := order(voicetest.One(303_331_2011))
		const foc = "2040-06-20T15:00:00Z"
		c.says(first.ID+": FOC scheduled for "+foc+".\n", "desk", "port", first.ID, "concur", "--foc", "2040-06-20T09:00:00-06:00")
		c.says(second.ID+": rejected by the losing carrier.\n", "desk", "port", second.ID, "reject", "--reason", " no such account ")
		c.says(third.ID+": FOC scheduled for "+moment(third.Detail.Wanted)+".\n", "desk", "port", third.ID, "concur")
		if o, _ := w.Order(second.ID); o.Detail.Rejection != "no such account" {
			t.Errorf("it is %+v", o.Detail)
		}
		c.refuses("That is not possible while it is FOC scheduled.\n  possible: ported, supplemented, cancelled", "desk", "port", first.ID, "reject", "--reason", "too late")
		const what = "The request breaks one or more rules.\n  answer must be concur, with a day that is not over, or reject with a reason (VOICE-DSK-21)"
		c.refuses(what, "desk", "port", second.ID, "reject")
		c.refuses(what, "desk", "port", second.ID, "concur", "--foc", "2040-05-01T00:00:00Z")
		c.refuses("There is no such voice order.", "desk", "port", "V1", "concur")
		for _, args := range [][]string{{"concur", "--reason", "x"}, {"reject", "--reason", "x", "--foc", foc}} {
			c.refuses("--foc goes with concur, and --reason with reject", append([]string{"desk", "port", second.ID}, args...)...)
		}
		w.Advance(21 * 24 * time.Hour) // the server ports them
		for id, want := range map[string]string{first.ID: voice.OrderCompleted, second.ID: voice.PortRejected, third.ID: voice.OrderCompleted} {
			if o, _ := w.Order(id); o.State != want {
				t.Errorf("%s is %s, want %s", id, o.State, want)
			}
		}
		if list := w.InService(voicetest.Other); len(list) != 6 {
			t.Errorf("%d numbers in service", len(list))
		}
		w.CheckAll()
	})
}

func TestAnOperatorLetsNumbersGo(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d) // 303-555-0100 to 0115 are in service
		c := console{t, url, []string{"--world", w.ID}}
		const what = "The request breaks one or more rules.\n  tnList must be telephone numbers that are in service (VOICE-DSK-22)"
		c.refuses(what, "desk", "portout", "3035550100", "3035550116") // one is reserved: all or none
		c.refuses(what, "desk", "portout", "3035550100", "555-0101")
		c.refuses(what, "desk", "portout", "3035550100", "")
		c.says("Gone to another carrier: 3.\n", "desk", "portout", "3035550101", "13035550100", "+13035550105", "3035550101")
		c.refuses(what, "desk", "portout", "3035550100")
		if list := w.InService(voicetest.Customer); len(list) != 17 || list[0].TN != 303_555_0102 { // with 4 of AURORA
			t.Errorf("%d numbers in service, from %v", len(list), list[0].TN)
		}
		byOperator(t, w, "voice/center/CO/DENVER")
		w.CheckAll()
	})
}
