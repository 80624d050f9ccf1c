package voice_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"demarc/internal/db"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

// Numbers of the pool go into service, change there, and come back.

// stockOf reserves numbers of a product in a rate center for a customer.
func stockOf(w *voicetest.World, customer, center, product string, n int) (list []voice.Range) {
	w.T.Helper()
	r := voicetest.Ask(voicetest.Line(center, n))
	r.ProductID = lenient.Text(product)
	o := w.Worked(w.ReserveFor(customer, r))
	pool, _ := w.Pool(customer)
	for _, e := range pool {
		if e.Order == o.ID {
			list = append(list, e.Range)
		}
	}
	if numbersIn(list) != n {
		w.T.Fatalf("%d numbers of %s were reserved, told %v", numbersIn(list), center, w.Codes(o.ID))
	}
	return list
}

func numbersIn(list []voice.Range) (n int) {
	for _, r := range list {
		n += r.Len()
	}
	return n
}

// installed puts numbers in service, with what is to be different of a resident's of
// Denver.
func installed(w *voicetest.World, list []voice.Range, change func(m, l object)) voice.Order {
	w.T.Helper()
	o := w.Worked(w.Ordered(voicetest.Other, installOf(list, change)))
	if o.State != voice.OrderCompleted {
		w.T.Fatalf("the install is %s, told %v", o.State, w.Codes(o.ID))
	}
	return o
}

func installOf(list []voice.Range, change func(m, l object)) object {
	l := voicetest.Dwelling(nil)
	m := voicetest.Install(l)
	change(m, l)
	l["tnList"] = voicetest.TNs(list...)
	return m
}

func plain(_, _ object) {}

// changed asks for a change of numbers in service.
func changed(w *voicetest.World, list []voice.Range, fields object, request object) voice.Order {
	w.T.Helper()
	l := object{"tnList": voicetest.TNs(list...)}
	maps.Copy(l, fields)
	m := object{"subscriberLines": []any{l}}
	maps.Copy(m, request)
	o, err := w.TryChange(voicetest.Other, m)
	w.Must("change", err)
	return o
}

// renamed is a change of whose the numbers are.
var renamed = object{"customerType": "B", "businessName": "Example Bakery"}

// disconnected asks for the end of numbers' service in five days.
func disconnected(w *voicetest.World, list []voice.Range) voice.Order {
	w.T.Helper()
	o, err := w.TryDisconnect(voicetest.Other, w.Now().Add(5*day), voicetest.TNs(list...))
	w.Must("disconnect", err)
	return o
}

// serviceOf is what a number of a customer's in service has.
func serviceOf(w *voicetest.World, customer string, r voice.Range) (found voice.InService) {
	w.T.Helper()
	for _, product := range []string{voice.LocalInbound, voice.EnhancedLocal} {
		w.View(func(tx *db.Tx) error {
			list, _, err := w.Desk.Details(tx, w.Party(customer), voice.DetailFilter{Product: product}, voice.Paging{Limit: 1000})
			for _, n := range list {
				if n.TN == r.Start {
					found = n
				}
			}
			return err
		})
	}
	return found
}

// entryOf is the ledger's entry of a number.
func entryOf(w *voicetest.World, r voice.Range) (found voice.Entry) {
	w.T.Helper()
	for _, e := range rows(w).Entries {
		if e.Start <= r.Start && r.Start <= e.End {
			found = e
		}
	}
	return found
}

func TestAnInstallHappensOnItsDay(t *testing.T) {
	t.Run("VOICE-NTC-902 when that lies ahead, and nothing else is begun until then", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := w.Stock(4)
			at := w.Now().Add(20 * day)
			o := w.Ordered(voicetest.Other, installOf(list, top("customerRequestDate", voicetest.Stamp(at))))
			w.Advance(at.Sub(w.Now()) - second)
			told(t, w, o, 901)
			if _, err := w.TryOrder(voicetest.Other, installOf(list[:1], plain)); err == nil {
				t.Error("the same numbers once more")
			}
			reclaim(w, voicetest.Other, "DENVER", 4)
			w.Advance(second)
			told(t, w, o, 901, 902, 902)
			if n := len(w.InService(voicetest.Other)); n != 4 {
				t.Errorf("%d numbers in service", n)
			}
		})
	})
	t.Run("its cancellation makes them the pool's again", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := w.Stock(4)
			o := w.Ordered(voicetest.Other, installOf(list, plain))
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
			told(t, w, o, 901, 904)
			is(t, w, o, voice.OrderCancelled)
			installed(w, list, plain)
		})
	})
}

func TestWhatNumbersCanHaveInService(t *testing.T) {
	t.Run("E911 where they are, a listing and a name", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := stockOf(w, voicetest.Other, "DENVER", voice.EnhancedLocal, 3)
			o := installed(w, list, all(els, listed(nil), set("", "cnam", object{"blockCustomerName": "N", "cnamCustomerName": "AVERY EXAMPLE"})))
			for _, question := range []string{voicetest.List, voicetest.Locate, voicetest.Name} {
				if heard := w.Fakes.Told(question); len(heard) != 1 || heard[0].Order != o.ID || !slices.Equal(heard[0].Numbers, list) {
					t.Errorf("%s was told %+v", question, heard)
				}
			}
			s := serviceOf(w, voicetest.Other, list[0]).Service
			if s.E911 != voice.E911Standard || s.Listing.Last != "Example" || s.CNAM.Name != "AVERY EXAMPLE" {
				t.Errorf("%+v", s)
			}
		})
	})
	t.Run("elsewhere, with the customer's own provider of E911", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := stockOf(w, voicetest.Other, "DENVER", voice.EnhancedLocal, 1)
			installed(w, list, all(els, set("", "e911Option", "CP911"), set("", "serviceAddress", elsewhere)))
			if n := w.Fakes.Asked(voicetest.Locate); n != 0 {
				t.Errorf("E911 was told %d times", n)
			}
		})
	})
	t.Run("a name on Local Inbound, with a subscription", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := w.Stock(2)
			named := set("", "cnam", object{"blockCustomerName": "y"})
			if _, err := w.TryOrder(voicetest.Other, installOf(list, named)); err == nil {
				t.Fatal("without one")
			}
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.PutProfile(tx, "desk", voicetest.Other, func(p *voice.Profile) { p.CNAM = true })
				return err
			})
			installed(w, list, named)
			if s := serviceOf(w, voicetest.Other, list[0]).Service; s.CNAM == nil || !s.CNAM.Blocked {
				t.Errorf("%+v", s)
			}
		})
	})
	t.Run("VOICE-NTC-20020 a resident's listing without a name in it is refused, and the numbers stay in the pool", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := stockOf(w, voicetest.Other, "DENVER", voice.EnhancedLocal, 2)
			o := w.Worked(w.Ordered(voicetest.Other, installOf(list, all(els, listed(object{"directoryFirstName": ".", "directoryLastName": "."})))))
			told(t, w, o, 901, 20020)
			is(t, w, o, voice.OrderRejected)
			installed(w, list, els)
		})
	})
}

func TestAChangeChangesWhatItSaysAndNoMore(t *testing.T) {
	t.Run("VOICE-NTC-904 several attributes of numbers with different services", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Within(func(tx *db.Tx) error {
				return w.Desk.PutRoute(tx, "desk", voice.Route{Customer: voicetest.Other, Kind: voice.RoutePlan, Name: "PLAN-C"})
			})
			list := stockOf(w, voicetest.Other, "DENVER", voice.EnhancedLocal, 4)[0]
			one := func(i int) voice.Range { return voicetest.One(list.Start + nanp.TN(i)) }
			installed(w, []voice.Range{one(0), one(1)}, all(els, listed(nil)))
			installed(w, []voice.Range{one(2)}, all(els, business, set("", "e911Option", "CP911")))
			installed(w, []voice.Range{one(3)}, els)
			before := w.Fakes.Asked(voicetest.Name)
			o := changed(w, []voice.Range{one(0), one(2)}, object{"cnam": object{"blockCustomerName": "N", "cnamCustomerName": "EXAMPLE"}},
				object{"routePlanName": "PLAN-C", "externalOrderId": "PO 9"})
			w.Advance(3 * minute)
			told(t, w, o, 901, 904, 902, 902)
			for i, want := range []struct {
				name, plan, e911 string
				listed           bool
			}{{"EXAMPLE", "PLAN-C", "E911", true}, {"", "", "E911", true}, {"EXAMPLE", "PLAN-C", "CP911", false}, {"", "", "E911", false}} {
				s := serviceOf(w, voicetest.Other, one(i)).Service
				name := ""
				if s.CNAM != nil {
					name = s.CNAM.Name
				}
				if name != want.name || s.RoutePlan != want.plan || s.E911 != want.e911 || (s.Listing != nil) != want.listed {
					t.Errorf("number %d has %+v", i, s)
				}
			}
			if s := serviceOf(w, voicetest.Other, one(2)).Service; s.Subscriber.Business != "Example Bakery" {
				t.Errorf("%+v", s)
			}
			heard := w.Fakes.Told(voicetest.Name)[before:]
			if len(heard) != 2 || !slices.Equal(heard[0].Numbers, []voice.Range{one(0)}) || !slices.Equal(heard[1].Numbers, []voice.Range{one(2)}) {
				t.Errorf("the CNAM databases were told %+v", heard)
			}
		})
	})
	t.Run("a listing of numbers of two rate centers, each used where it is", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			here := stockOf(w, voicetest.Other, "DENVER", voice.EnhancedLocal, 1)
			there := stockOf(w, voicetest.Other, "ALAMOSA", voice.EnhancedLocal, 1)
			installed(w, here, all(els, listed(nil)))
			installed(w, there, all(els, set("", "serviceAddress", elsewhere)))
			o := changed(w, slices.Concat(here, there), object{"directoryListing": object{"directoryListingAction": "C", "directoryLastName": "Sample", "directoryFirstName": "Robin"}}, nil)
			w.Advance(3 * minute)
			told(t, w, o, 901, 904, 902, 902, 902)
			for _, list := range [][]voice.Range{here, there} {
				if s := serviceOf(w, voicetest.Other, list[0]).Service; s.Listing == nil || *s.Listing != (voice.Listing{Type: "1", First: "Robin", Last: "Sample"}) {
					t.Errorf("%+v", s)
				}
			}
			w.Advance(3 * second)
			o = changed(w, here, object{"directoryListing": object{"directoryListingAction": "R"}}, nil)
			w.Advance(3 * minute)
			told(t, w, o, 901, 904, 902, 902)
			if s := serviceOf(w, voicetest.Other, here[0]).Service; s.Listing != nil {
				t.Errorf("%+v", s)
			}
		})
	})
	t.Run("the service name, on the day that is asked for; reports find it by the new one", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Within(func(tx *db.Tx) error {
				return w.Desk.PutRoute(tx, "desk", voice.Route{Customer: voicetest.Other, Kind: voice.RouteName, Name: "SECOND"})
			})
			list := w.Stock(3)
			installed(w, list, plain)
			o := changed(w, list, nil, object{"customerServiceName": "SECOND", "customerRequestDate": voicetest.Stamp(w.Now().Add(2 * day))})
			w.Advance(2*day - second)
			told(t, w, o, 901)
			w.Advance(second)
			told(t, w, o, 901, 904, 902, 902)
			for name, n := range map[string]int{voicetest.Route: 0, "SECOND": 3} {
				w.View(func(tx *db.Tx) error {
					list, total, err := w.Desk.Details(tx, w.Party(voicetest.Other), voice.DetailFilter{Product: voice.LocalInbound, RouteName: name}, voice.Paging{Limit: 10})
					if len(list) != n || total != n {
						t.Errorf("%d of %d by %s", len(list), total, name)
					}
					return err
				})
			}
		})
	})
	t.Run("VOICE-NTC-20063 its service name is dropped meanwhile, and nothing changes", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := w.Stock(2)
			installed(w, list, plain)
			route := voice.Route{Customer: voicetest.Other, Kind: voice.RouteName, Name: "SECOND"}
			w.Within(func(tx *db.Tx) error { return w.Desk.PutRoute(tx, "desk", route) })
			o := changed(w, list, renamed, object{"customerServiceName": "SECOND"})
			w.Within(func(tx *db.Tx) error { return w.Desk.DropRoute(tx, "desk", route) })
			w.Advance(3 * minute)
			told(t, w, o, 901, 20063)
			if s := serviceOf(w, voicetest.Other, list[0]).Service; s.Subscriber.Business != "" || s.RouteName != voicetest.Route {
				t.Errorf("%+v", s)
			}
			w.Advance(3 * second)
			changed(w, list, renamed, nil)
		})
	})
}

func TestNumbersArePortedOutWhileAnOrderIsUnderWay(t *testing.T) {
	for _, c := range []struct {
		name string
		ask  func(w *voicetest.World, list []voice.Range) voice.Order
		out  int
	}{
		{"VOICE-NTC-1616 a change of all of them", func(w *voicetest.World, list []voice.Range) voice.Order { return changed(w, list, renamed, nil) }, 3},
		{"VOICE-NTC-1616 a change of some of them", func(w *voicetest.World, list []voice.Range) voice.Order { return changed(w, list, renamed, nil) }, 1},
		{"VOICE-NTC-1616 a disconnect of all of them", disconnected, 3},
		{"VOICE-NTC-1616 a disconnect of some of them", disconnected, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *voicetest.World) {
				list := w.Stock(3)
				installed(w, list, plain)
				o := c.ask(w, list)
				w.Within(func(tx *db.Tx) error {
					n, err := w.Desk.PortOut(tx, "desk", []voice.Range{{Start: list[0].Start, End: list[0].Start + nanp.TN(c.out-1)}})
					if n != c.out {
						t.Errorf("%d were ported out", n)
					}
					return err
				})
				w.CheckAll()
				w.Advance(6 * day)
				told(t, w, o, 901, 1616)
				is(t, w, o, voice.OrderRejected)
				left := w.InService(voicetest.Other)
				if len(left) != 3-c.out || len(left) > 0 && left[0].Service.Subscriber.Business != "" {
					t.Errorf("in service are %+v", left)
				}
				if e := entryOf(w, list[0]); e.Status != voice.Away || e.Customer != "" || e.Busy != "" {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

func TestNumbersAreFreeAgainAfterTheirService(t *testing.T) {
	t.Run("VOICE-NTC-906 the carrier's own age, and go to whoever asks first", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("ALAMOSA", 3)
			list := stockOf(w, voicetest.Other, "ALAMOSA", voice.LocalInbound, 3)
			installed(w, list, plain)
			o := disconnected(w, list)
			w.Advance(5*day - second)
			told(t, w, o, 901)
			w.Advance(second)
			told(t, w, o, 901, 906, 906)
			if n := freeIn(w, "ALAMOSA"); n != 0 || entryOf(w, list[0]).Status != voice.Aging {
				t.Errorf("%d are free, they are %s", n, entryOf(w, list[0]).Status)
			}
			if _, err := w.TryOrder(voicetest.Other, installOf(list, plain)); err == nil {
				t.Error("they are installed while they age")
			}
			w.Advance(90 * day)
			again := stockOf(w, voicetest.Customer, "ALAMOSA", voice.LocalInbound, 3)
			if diff := cmp.Diff(list, again); diff != "" {
				t.Error(diff)
			}
		})
	})
	t.Run("a disconnect that is cancelled leaves them in service", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := w.Stock(3)
			installed(w, list, plain)
			o := disconnected(w, list)
			w.Advance(2 * day)
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
			w.Advance(10 * day)
			told(t, w, o, 901, 904)
			if n := len(w.InService(voicetest.Other)); n != 3 {
				t.Errorf("%d are in service", n)
			}
		})
	})
	t.Run("VOICE-NTC-10006 what waits for numbers of the same rate center ends", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("ALAMOSA", 4)
			list := stockOf(w, voicetest.Other, "ALAMOSA", voice.LocalInbound, 4)
			installed(w, list, plain)
			o := waiting(t, w, voicetest.Other, 10)
			disconnected(w, list)
			w.Advance(6 * day)
			told(t, w, o, 901, 10001, 10006, 10006)
		})
	})
}

// What stands against a customer ends its orders when they are worked, and the numbers
// are nobody's business again.
func TestACustomerIsGoneWhenItsOrderIsWorked(t *testing.T) {
	gone := map[int]func(w *voicetest.World){
		1429: func(w *voicetest.World) { w.Suspend(voicetest.Other) },
		1403: func(w *voicetest.World) { w.Must("ungrant", w.Identity.Ungrant(w.T.Context(), "desk", w.App, "*")) },
	}
	asks := map[string]func(w *voicetest.World) voice.Order{
		"install": func(w *voicetest.World) voice.Order {
			return w.Ordered(voicetest.Other, installOf(w.Stock(2), plain))
		},
		"port": func(w *voicetest.World) voice.Order { return portIn(w, plain, portable, portable+1) },
		"change": func(w *voicetest.World) voice.Order {
			list := w.Stock(2)
			installed(w, list, plain)
			return changed(w, list, renamed, nil)
		},
		"disconnect": func(w *voicetest.World) voice.Order {
			list := w.Stock(2)
			installed(w, list, plain)
			return disconnected(w, list)
		},
	}
	for code, leave := range gone {
		for kind, ask := range asks {
			t.Run(fmt.Sprintf("VOICE-NTC-%d %s", code, kind), func(t *testing.T) {
				each(t, func(t *testing.T, w *voicetest.World) {
					o := ask(w)
					leave(w)
					w.Advance(6 * day)
					told(t, w, o, 901, code)
					is(t, w, o, voice.OrderRejected)
					for _, e := range rows(w).Entries {
						if e.Busy != "" || e.Status == voice.Porting {
							t.Errorf("%v to %v is %s, under way with %q", e.Start, e.End, e.Status, e.Busy)
						}
					}
				})
			})
		}
	}
}
