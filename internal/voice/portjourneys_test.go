package voice_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// Numbers come from other carriers, and go to them.

// portOf is a port of numbers of Denver, with what is to be different.
func portOf(change func(m, l object), tns ...nanp.TN) object {
	l := voicetest.Dwelling(nil)
	m := voicetest.PortIn(l)
	change(m, l)
	var list []any
	for _, tn := range tns {
		list = append(list, tnOf(tn))
	}
	l["tnList"] = list
	return m
}

// portIn asks for a port that has to be accepted.
func portIn(w *voicetest.World, change func(m, l object), tns ...nanp.TN) voice.Order {
	w.T.Helper()
	return w.Ordered(voicetest.Other, portOf(change, tns...))
}

// answer answers for a losing carrier.
func answer(w *voicetest.World, o voice.Order, r voice.Reply) func() error {
	return unit(w, func(tx *db.Tx) error {
		_, err := w.Desk.AnswerPort(tx, "desk", o.ID, r)
		return err
	})
}

// supplemented changes a port that has to be open.
func supplemented(w *voicetest.World, o voice.Order, m object) voice.Part {
	w.T.Helper()
	p, err := w.TrySupplement(voicetest.Other, o.ID, m)
	w.Must("supplement", err)
	return p
}

// committed is a port of two numbers with a day, a week ahead.
func committed(t *testing.T, w *voicetest.World) voice.Order {
	t.Helper()
	o := portIn(w, plain, portable, portable+1)
	w.Advance(hour)
	is(t, w, o, voice.PortFOC)
	return o
}

// foc is the day of a port.
func foc(w *voicetest.World, o voice.Order) time.Time {
	fresh, _ := w.Order(o.ID)
	return fresh.FOCAt
}

// nonBonded is a number of Denver whose carrier takes days.
const nonBonded = nanp.TN(3032032000)

func TestLosingCarriersTakeTheirTime(t *testing.T) {
	t.Run("VOICE-NTC-903 one that is bonded ten minutes", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, portable)
			w.Worked(o)
			is(t, w, o, voice.OrderInWork)
			w.Advance(10*minute - 2*second)
			told(t, w, o, 901)
			w.Advance(second)
			told(t, w, o, 901, 903)
			n := w.Notifications(o.ID)[1]
			if !n.FOC.Equal(time.Date(2040, time.June, 7, 5, 0, 0, 0, time.UTC)) || !n.FOC.Equal(foc(w, o)) {
				t.Errorf("told of %v", n.FOC)
			}
		})
	})
	t.Run("the others two business days", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, top("customerRequestDate", "2040-06-16T15:00:00Z"), nonBonded) // a Saturday
			w.AdvanceTo(time.Date(2040, time.June, 4, 4, 59, 59, 0, time.UTC))
			told(t, w, o, 901) // Friday was one
			w.Advance(second)
			told(t, w, o, 901, 903)
			if at := foc(w, o); !at.Equal(time.Date(2040, time.June, 18, 15, 0, 0, 0, time.UTC)) {
				t.Errorf("committed to %v", at)
			}
		})
	})
	t.Run("one that is silent leaves the order in progress, until the desk answers for it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, top("externalOrderId", "PO 1 [demarc:port-silent]"), portable)
			w.Advance(40 * day)
			told(t, w, o, 901)
			is(t, w, o, voice.OrderInWork)
			w.Must("concur", answer(w, o, voice.Reply{State: voice.PortConcur, FOC: w.Now().Add(day)})())
			told(t, w, o, 901, 903)
			w.Advance(day)
			told(t, w, o, 901, 903, 902, 902)
		})
	})
	t.Run("one that cannot be reached is asked again", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, portable)
			w.Fakes.FailTimes(voicetest.Port, voice.HowDown, 2)
			for range 3 {
				if _, err := w.TryAdvance(t.Context(), 10*minute); err != nil {
					t.Fatal(err)
				}
			}
			w.Advance(hour)
			told(t, w, o, 901, 903)
		})
	})
}

func TestLosingCarriersSayWhyNot(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		change       func(m, l object)
		numbers      []nanp.TN
	}{
		{"the account is another", "account number mismatch", lnp("losingCarrierAccountNumber", "ACC-0001"), []nanp.TN{portable}},
		{"the PIN is another", "PIN mismatch", all(lnp("losingCarrierPin", "0000"), lnp("losingCarrierWireless", "Y")), []nanp.TN{portable}},
		{"the name is another", "subscriber name mismatch", top("externalOrderId", "[demarc:port-name]"), []nanp.TN{portable}},
		{"the address is another", "service address mismatch", top("externalOrderId", "[demarc:port-address]"), []nanp.TN{portable}},
		{"it lets none of its numbers go", "TN not portable", plain, []nanp.TN{3032402000}},
		{"one of them is another carrier's", "TN of another carrier", plain, []nanp.TN{ported, portable}},
	} {
		t.Run("VOICE-NTC-904 "+c.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *voicetest.World) {
				o := portIn(w, c.change, c.numbers...)
				w.Advance(hour)
				told(t, w, o, 901, 904)
				is(t, w, o, voice.PortRejected)
				if n := w.Notifications(o.ID)[1]; n.Reason != c.reason {
					t.Errorf("told %q", n.Reason)
				}
				w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
				told(t, w, o, 901, 904, 904)
				is(t, w, portIn(w, plain, c.numbers...), voice.OrderCreated) // they can be asked for again
			})
		})
	}
	t.Run("VOICE-NTC-904 the carrier does not serve where the numbers are", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			no := false
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "DENVER", voice.CenterChange{Native: &no})
				return err
			})
			o := portIn(w, plain, portable)
			w.Advance(minute)
			told(t, w, o, 901, 904)
			if n := w.Notifications(o.ID)[1]; n.Reason != "no coverage in DENVER, CO" || w.Fakes.Asked(voicetest.Port) != 0 {
				t.Errorf("told %q", n.Reason)
			}
		})
	})
	t.Run("VOICE-NTC-20217 nobody uses the code", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, portable, 3037002000)
			w.Advance(minute)
			told(t, w, o, 901, 20217)
			is(t, w, o, voice.OrderRejected)
			if n := w.Notifications(o.ID)[1]; !strings.HasPrefix(n.Message, "3037002000 is not valid") {
				t.Errorf("told %q", n.Message)
			}
			portIn(w, plain, portable)
		})
	})
}

func TestTheDeskAnswersForALosingCarrier(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d)
		concur := voice.Reply{State: voice.PortConcur}
		reject := voice.Reply{State: voice.PortRefusing, Reason: "no such account"}
		fresh := portIn(w, plain, portable)
		for _, c := range []struct {
			name string
			r    voice.Reply
		}{
			{"VOICE-DSK-21 neither", voice.Reply{State: voice.PortPending}},
			{"VOICE-DSK-21 no reason", voice.Reply{State: voice.PortRefusing}},
			{"VOICE-DSK-21 a long one", voice.Reply{State: voice.PortRefusing, Reason: strings.Repeat("x", 2000)}},
			{"VOICE-DSK-21 yesterday", voice.Reply{State: voice.PortConcur, FOC: w.Now().Add(-day)}},
		} {
			t.Run(c.name, func(t *testing.T) { refused(t, w, answer(w, fresh, c.r), "VOICE-DSK-21 answer") })
		}
		unknown := fresh
		unknown.ID = "V100000999"
		if err := answer(w, unknown, concur)(); !answered(err, voice.OrderUnknown) {
			t.Errorf("got %v", err)
		}
		w.Must("concur before it was asked", answer(w, fresh, concur)())
		told(t, w, fresh, 901, 903)
		wrongMove(t, answer(w, fresh, reject)())
		wrongMove(t, answer(w, fresh, concur)())
		w.Must("port now", w.TryPortNow(voicetest.Other, fresh.ID))
		w.Advance(0)
		told(t, w, fresh, 901, 903, 902, 902)
		wrongMove(t, answer(w, fresh, reject)())

		asked := portIn(w, plain, portable+1)
		w.Worked(asked)
		w.Must("reject", answer(w, asked, reject)())
		told(t, w, asked, 901, 904)
		wrongMove(t, answer(w, asked, concur)())
		supplemented(w, asked, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(3 * day))})
		w.Worked(asked)
		w.Must("concur today", answer(w, asked, voice.Reply{State: voice.PortConcur, FOC: w.Now().Add(-second)})())
		told(t, w, asked, 901, 904, 904, 903)
		w.Advance(0)
		told(t, w, asked, 901, 904, 904, 903, 902, 902)
		gone := portIn(w, plain, portable+2)
		w.Must("cancel", w.TryCancel(voicetest.Other, gone.ID, ""))
		wrongMove(t, answer(w, gone, concur)())
		w.CheckAll()
	})
}

func TestASupplementChangesAPortUnderWay(t *testing.T) {
	t.Run("before its day: the losing carrier is asked again, about what it is then", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := committed(t, w)
			was := foc(w, o)
			supplemented(w, o, object{"customerRequestDate": voicetest.Stamp(was.Add(4 * day)), "subscriberLines": []any{object{"serviceAddress": object{
				"streetNumber": 7, "streetName": "Pearl", "city": "Denver", "state": "CO", "zip": "80203"}}}})
			told(t, w, o, 901, 903)
			w.Advance(3 * second)
			told(t, w, o, 901, 903, 904)
			is(t, w, o, voice.OrderInWork)
			w.Advance(hour)
			told(t, w, o, 901, 903, 904, 903)
			asked := w.Fakes.Ports(o.ID)
			if last := asked[len(asked)-1]; last.Round != 2 || last.Service.Address.Name != "Pearl" || last.Service.Subscriber.Last != "Example" || asked[0].Round != 1 {
				t.Errorf("asked %+v", last)
			}
			w.Advance(was.Sub(w.Now()))
			told(t, w, o, 901, 903, 904, 903)
			w.Advance(4 * day)
			told(t, w, o, 901, 903, 904, 903, 902, 902)
		})
	})
	t.Run("with another account, after it was rejected", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			m := portOf(all(lnp("losingCarrierAccountNumber", "ACC-0001"), lnp("losingCarrierPin", "7788")), portable)
			o := w.Ordered(voicetest.Other, m)
			w.Advance(hour)
			told(t, w, o, 901, 904)
			m["lnp"].(object)["losingCarrierAccountNumber"] = "ACC-0002"
			m["lnp"].(object)["losingCarrierPin"] = "8899"
			supplemented(w, o, object{"lnp": m["lnp"]})
			w.Advance(hour)
			told(t, w, o, 901, 904, 904, 903)
			asked := w.Fakes.Ports(o.ID)
			if first, last := asked[0].LNP, asked[len(asked)-1].LNP; first.PIN != "7788" || last.PIN != "8899" || last.Account != "ACC-0002" {
				t.Errorf("asked %+v and %+v", first, last)
			}
		})
	})
	t.Run("cancelled before it is applied, it changes nothing", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := committed(t, w)
			p := supplemented(w, o, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(20 * day))})
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, p.ID))
			told(t, w, o, 901, 903, 904)
			is(t, w, o, voice.PortFOC)
			w.AdvanceTo(foc(w, o))
			told(t, w, o, 901, 903, 904, 902, 902)
		})
	})
	t.Run("too late: the port has happened before it is applied", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := committed(t, w)
			p := supplemented(w, o, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(20 * day))})
			w.Must("port now", w.TryPortNow(voicetest.Other, o.ID))
			w.Advance(0)
			told(t, w, o, 901, 903, 902, 902)
			w.Advance(3 * second)
			told(t, w, o, 901, 903, 902, 902)
			if _, parts := w.Order(o.ID); parts[1].ID != p.ID || parts[1].Status != voice.PartCancelled {
				t.Errorf("the supplement is %s", parts[1].Status)
			}
		})
	})
	t.Run("nor is it applied to what was rejected meanwhile", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, portable)
			w.Advance(second)
			supplemented(w, o, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(20 * day))})
			w.Suspend(voicetest.Other)
			w.Advance(second)
			told(t, w, o, 901, 1429)
			w.Advance(3 * second)
			told(t, w, o, 901, 1429)
		})
	})
}

func TestAPortIsCancelledInTime(t *testing.T) {
	t.Run("VOICE-NTC-20066 not within the last business day", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, top("customerRequestDate", "2040-06-18T15:00:00Z"), portable) // a Monday
			w.AdvanceTo(time.Date(2040, time.June, 15, 15, 0, 0, 0, time.UTC))           // Friday
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
			told(t, w, o, 901, 903, 20066)
			is(t, w, o, voice.PortFOC)
			p := supplemented(w, o, object{"customerRequestDate": "2040-06-25T15:00:00Z"})
			w.Must("cancel the supplement", w.TryCancel(voicetest.Other, o.ID, p.ID))
			told(t, w, o, 901, 903, 20066, 904)
			w.AdvanceTo(foc(w, o))
			told(t, w, o, 901, 903, 20066, 904, 902, 902)
		})
	})
	t.Run("until a business day before it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, top("customerRequestDate", "2040-06-18T15:00:00Z"), portable)
			w.AdvanceTo(time.Date(2040, time.June, 15, 14, 59, 59, 0, time.UTC))
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
			told(t, w, o, 901, 903, 904)
		})
	})
	t.Run("before it, in every state", func(t *testing.T) {
		for state, until := range map[string]time.Duration{voice.OrderCreated: second, voice.OrderInWork: minute, voice.PortFOC: 4 * day} {
			t.Run(state, func(t *testing.T) {
				each(t, func(t *testing.T, w *voicetest.World) {
					o := portIn(w, plain, portable)
					w.Advance(until)
					is(t, w, o, state)
					supplemented(w, o, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(20 * day))})
					w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, ""))
					is(t, w, o, voice.OrderCancelled)
					w.Advance(30 * day)
					codes := w.Codes(o.ID)
					if codes[len(codes)-1] != 904 || slices.Contains(codes, 902) {
						t.Errorf("told %v", codes)
					}
					portIn(w, plain, portable)
				})
			})
		}
	})
	t.Run("a part of it, of one rate center", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, 3032062000, 3032062001, 3033402000)
			if _, parts := w.Order(o.ID); len(parts) != 2 || parts[0].Center != "AURORA" {
				t.Fatalf("%+v", parts)
			}
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-1"))
			told(t, w, o, 901, 904)
			w.Advance(hour)
			told(t, w, o, 901, 904, 903)
			asked := w.Fakes.Ports(o.ID)
			if !slices.Equal(asked[0].Numbers, []nanp.TN{3032062000, 3032062001}) {
				t.Errorf("asked for %v", asked[0].Numbers)
			}
			w.AdvanceTo(foc(w, o))
			told(t, w, o, 901, 904, 903, 902, 902)
			if n := len(w.InService(voicetest.Other)); n != 2 {
				t.Errorf("%d numbers came", n)
			}
			portIn(w, plain, 3033402000)
		})
	})
	t.Run("its last part, with it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, 3032062000, 3033402000)
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-2"))
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-1"))
			told(t, w, o, 901, 904, 904)
			is(t, w, o, voice.OrderCancelled)
		})
	})
}

func TestANumberLeavesAndComesAgain(t *testing.T) {
	arrive := func(t *testing.T, w *voicetest.World) {
		t.Helper()
		o := committed(t, w)
		w.Must("port now", w.TryPortNow(voicetest.Other, o.ID))
		w.Advance(0)
		told(t, w, o, 901, 903, 902, 902)
		if list := w.InService(voicetest.Other); len(list) != 2 || !list[0].Ported || list[0].Donor != "Fictional Fiber" {
			t.Fatalf("%+v", list)
		}
	}
	t.Run("given back to the carrier that it came from, it is portable again", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			arrive(t, w)
			x := disconnected(w, []voice.Range{{Start: portable, End: portable + 1}})
			w.Advance(5 * day)
			told(t, w, x, 901, 906, 906)
			if e := entryOf(w, voicetest.One(portable)); e.Status != "" {
				t.Errorf("it is %s still", e.Status)
			}
			arrive(t, w)
		})
	})
	t.Run("taken on to another carrier, it leaves the ledger", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			arrive(t, w)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.PortOut(tx, "desk", []voice.Range{voicetest.One(portable)})
				return err
			})
			w.CheckAll()
			if e := entryOf(w, voicetest.One(portable)); e.Status != "" || len(w.InService(voicetest.Other)) != 1 {
				t.Errorf("it is %s still", e.Status)
			}
			portIn(w, plain, portable)
		})
	})
	t.Run("VOICE-DSK-22 only what is in service leaves", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			w := voicetest.New(t, d)
			list := w.Stock(2)
			for _, r := range []voice.Range{list[0], voicetest.One(portable), {Start: 3035550115, End: 3035550116}} {
				refused(t, w, unit(w, func(tx *db.Tx) error {
					_, err := w.Desk.PortOut(tx, "desk", []voice.Range{r})
					return err
				}), "VOICE-DSK-22 tnList")
			}
		})
	})
}

func TestOneOfTwoDisconnectsIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list := w.Stock(2)
		installed(w, list, plain)
		ask := voicetest.Read[voice.DisconnectRequest](object{"tnList": voicetest.TNs(list...), "customerRequestDate": voicetest.Stamp(w.Now().Add(5 * day))})
		first, err := w.Desk.PrepareDisconnect(t.Context(), w.Party(voicetest.Other), ask)
		w.Must("one", err)
		second, err := w.Desk.PrepareDisconnect(t.Context(), w.Party(voicetest.Other), ask)
		w.Must("the other", err)
		_, err = w.Accept(voicetest.Other, first, nil)
		w.Must("the first to write", err)
		refused(t, w, func() error { _, err := w.Accept(voicetest.Other, second, nil); return err }, "1612 tnList")
	})
}

func TestTwoCustomersWantTheSameNumber(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		ask := func(customer string) (*voice.Prepared, error) {
			return w.Desk.PrepareOrder(t.Context(), w.Party(customer), voicetest.Read[voice.OrderRequest](portOf(plain, portable)))
		}
		first, err := ask(voicetest.Other)
		w.Must("one", err)
		second, err := ask(voicetest.Customer)
		w.Must("the other", err)
		third, err := ask(voicetest.Other)
		w.Must("the first once more", err)
		o, err := w.Accept(voicetest.Other, first, nil)
		w.Must("the first to write", err)
		t.Run("VOICE-ERR-20041 the second is refused", func(t *testing.T) {
			refused(t, w, func() error { _, err := w.Accept(voicetest.Customer, second, nil); return err }, "20041"+tnList)
		})
		t.Run("VOICE-ERR-1612 so is the first, a second time", func(t *testing.T) {
			refused(t, w, func() error { _, err := w.Accept(voicetest.Other, third, nil); return err }, "1612"+tnList)
		})
		w.Advance(hour)
		told(t, w, o, 901, 903)

		var both sync.WaitGroup
		var mu sync.Mutex
		var outcome []string
		for i := range 8 {
			customer := []string{voicetest.Other, voicetest.Customer}[i%2]
			both.Go(func() {
				_, err := w.TryOrder(customer, portOf(plain, portable+5))
				code := "accepted"
				if f := fault.Of(err); f != nil {
					code = voice.CodeOf(f.Code)
				} else if err != nil {
					code = fmt.Sprint(err)
				}
				mu.Lock()
				defer mu.Unlock()
				outcome = append(outcome, code)
			})
		}
		both.Wait()
		slices.Sort(outcome)
		if outcome[7] != "accepted" || outcome[6] == "accepted" ||
			slices.ContainsFunc(outcome[:7], func(code string) bool { return code != "1612" && code != "20041" }) {
			t.Errorf("%v", outcome)
		}
	})
}
