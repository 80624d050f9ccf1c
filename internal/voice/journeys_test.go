package voice_test

import (
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/nanp"
	"demarc/internal/setting"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

// each runs a story in a seeded world on each database, and audits it.
func each(t *testing.T, story func(t *testing.T, w *voicetest.World)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d)
		story(t, w)
		w.CheckAll()
	})
}

// told expects what an order's customer was told, oldest first.
func told(t *testing.T, w *voicetest.World, o voice.Order, codes ...int) {
	t.Helper()
	if diff := cmp.Diff(codes, w.Codes(o.ID)); diff != "" {
		t.Fatalf("told (-want +got):\n%s", diff)
	}
	w.CheckAll()
}

// is expects an order's state.
func is(t *testing.T, w *voicetest.World, o voice.Order, state string) {
	t.Helper()
	if got, _ := w.Order(o.ID); got.State != state {
		t.Fatalf("the order is %s, want %s", got.State, state)
	}
}

func TestReservationFillsThePool(t *testing.T) {
	t.Run("VOICE-NTC-901 and VOICE-NTC-10002: accepted, looked at, and its numbers are in the pool", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Reserve(voicetest.Line("DENVER", 399), voicetest.Line("ALAMOSA", 25))
			is(t, w, o, voice.OrderCreated)
			told(t, w, o, 901)
			if _, n := w.Pool(voicetest.Other); n != 0 {
				t.Errorf("%d numbers before the order was looked at", n)
			}
			w.Worked(o)
			told(t, w, o, 901, 10002, 10002, 10002)
			is(t, w, o, voice.OrderCompleted)
			list, n := w.Pool(voicetest.Other)
			if n != 424 || len(list) != 2 {
				t.Errorf("%d numbers in %d ranges", n, len(list))
			}
			for _, e := range list {
				plan := nanp.ByCode(e.Start.Block().Code())
				if plan == nil || plan.Name != e.Center || plan.State != e.State || e.Order != o.ID {
					t.Errorf("%v to %v of %s is in %v", e.Start, e.End, e.Center, plan)
				}
			}
		})
	})
	t.Run("the block that is open is filled before another is opened", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			blocks := map[nanp.Block]int{}
			for i := range 5 {
				customer := w.AddCustomer("1-C" + string(rune('A'+i)))
				w.Worked(w.ReserveFor(customer, voicetest.Ask(voicetest.Line("PUEBLO", 399))))
				list, n := w.Pool(customer)
				if n != 399 {
					t.Fatalf("%d numbers", n)
				}
				for _, e := range list {
					blocks[e.Start.Block()] += e.Len()
				}
			}
			if len(blocks) != 2 || !slices.Contains([]int{1000, 995}, blocks[slices.Collect(keys(blocks))[0]]) {
				t.Errorf("1995 numbers of %v", blocks)
			}
		})
	})
}

func keys(m map[nanp.Block]int) func(yield func(nanp.Block) bool) {
	return func(yield func(nanp.Block) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestLinesThatCannotBeFilledAreRejectedWithTheReason(t *testing.T) {
	for _, c := range []struct {
		name     string
		customer string
		line     voice.LineRequest
		product  string
		codes    []int
	}{
		{"VOICE-NTC-1302 closed for orders", voicetest.Other, voicetest.Line("VAIL", 5), voice.LocalInbound, []int{901, 1302, 1302}},
		{"VOICE-NTC-1302 opens in a month", voicetest.Other, voicetest.Line("ASPEN", 5), voice.LocalInbound, []int{901, 1302, 1302}},
		{"VOICE-NTC-1304 no such rate center", voicetest.Other, voicetest.Line("ATLANTIS", 5), voice.LocalInbound, []int{901, 1304, 1304}},
		{"VOICE-NTC-1648 two fifths in service", voicetest.Customer, voicetest.Line("AURORA", 5), voice.LocalInbound, []int{901, 1648, 1648}},
		{"four fifths in service is enough", voicetest.Customer, voicetest.Line("DENVER", 5), voice.LocalInbound, []int{901, 10002, 10002}},
		{"what is held for one product does not count for the other", voicetest.Customer, voicetest.Line("AURORA", 5), voice.EnhancedLocal, []int{901, 10002, 10002}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *voicetest.World) {
				r := voicetest.Ask(c.line)
				r.ProductID = "2036"
				if c.product == voice.EnhancedLocal {
					r.ProductID = "2042"
					w.Within(func(tx *db.Tx) error {
						_, err := w.Desk.PutProfile(tx, "desk", c.customer, func(p *voice.Profile) { p.CP911 = true })
						return err
					})
				}
				o := w.ReserveFor(c.customer, r)
				w.Worked(o)
				told(t, w, o, c.codes...)
			})
		})
	}
	t.Run("a rate center that opens in a month takes orders then", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Advance(31 * 24 * time.Hour)
			o := w.Reserve(voicetest.Line("ASPEN", 5))
			w.Worked(o)
			told(t, w, o, 901, 10002, 10002)
		})
	})
	t.Run("VOICE-NTC-4011 an older order of the customer's is open there, another's is not in the way", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			first := w.Reserve(voicetest.Line("DENVER", 5))
			second := w.Reserve(voicetest.Line("DENVER", 5))
			other := w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("DENVER", 5)))
			w.Advance(3 * time.Second)
			told(t, w, first, 901, 10002, 10002)
			told(t, w, other, 901, 10002, 10002)
			if codes := w.Codes(second.ID); codes[1] != 1648 && codes[1] != 4011 {
				t.Errorf("the second was told %v", codes)
			}
			w.Supply("ALAMOSA", 3)
			waiting := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 5)))
			again := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 2)))
			told(t, w, waiting, 901, 10001)
			told(t, w, again, 901, 4011, 4011)
		})
	})
	t.Run("VOICE-NTC-1303 no static 911 for Enhanced Local Service, unless another provides E911; nor where the carrier serves nobody", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			no := false
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "PUEBLO", voice.CenterChange{Static911: &no})
				return err
			})
			ask := voicetest.Ask(voicetest.Line("PUEBLO", 5))
			ask.ProductID = voice.EnhancedLocal
			o := w.Worked(w.ReserveFor(voicetest.Other, ask))
			told(t, w, o, 901, 1303, 1303)
			is(t, w, o, voice.OrderRejected)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.PutProfile(tx, "desk", voicetest.Other, func(p *voice.Profile) { p.CP911 = true })
				return err
			})
			told(t, w, w.Worked(w.ReserveFor(voicetest.Other, ask)), 901, 10002, 10002)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "PUEBLO", voice.CenterChange{Native: &no})
				return err
			})
			told(t, w, w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("PUEBLO", 5)))), 901, 1303, 1303)
		})
	})
}

func TestAShortSupplyIsAskedAbout(t *testing.T) {
	short := func(t *testing.T, w *voicetest.World) voice.Order {
		t.Helper()
		w.Supply("ALAMOSA", 30)
		o := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 100)))
		told(t, w, o, 901, 10001)
		is(t, w, o, voice.OrderInWork)
		if list := w.Notifications(o.ID); !slices.ContainsFunc(list, func(n voice.Told) bool {
			return n.Code == 10001 && n.Message[:len("Requested amount exceeds the 30 telephone numbers available.")] == "Requested amount exceeds the 30 telephone numbers available."
		}) {
			t.Errorf("told %+v", list)
		}
		if _, n := w.Pool(voicetest.Other); n != 0 {
			t.Errorf("%d numbers before anybody approved", n)
		}
		return o
	}
	t.Run("VOICE-NTC-10001 what is on offer is set aside: nobody else gets it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			short(t, w)
			other := w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("ALAMOSA", 1))))
			told(t, w, other, 901, 10001)
			w.Approve(other, "ALAMOSA", voice.ActAvailable) // of nothing
			told(t, w, other, 901, 10001, 10005, 10005)
		})
	})
	t.Run("accepted, available only: those, and no more", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := short(t, w)
			w.Approve(o, "ALAMOSA", voice.ActAvailable)
			told(t, w, o, 901, 10001, 10002, 10002)
			is(t, w, o, voice.OrderCompleted)
			if _, n := w.Pool(voicetest.Other); n != 30 {
				t.Errorf("%d numbers", n)
			}
		})
	})
	t.Run("VOICE-NTC-10005 rejected: none, and they are free again", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := short(t, w)
			w.Approve(o, "ALAMOSA", voice.ActReject)
			told(t, w, o, 901, 10001, 10005, 10005)
			is(t, w, o, voice.OrderCancelled)
			told(t, w, w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("ALAMOSA", 30)))), 901, 10002, 10002)
		})
	})
	t.Run("VOICE-NTC-10013 and VOICE-NTC-1921: nothing heard for four hours", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := short(t, w)
			w.Advance(voice.ApprovalWindow - 4*time.Second)
			told(t, w, o, 901, 10001)
			w.Advance(4 * time.Second)
			told(t, w, o, 901, 10001, 10013, 1921)
			is(t, w, o, voice.OrderRejected)
			w.Must("too late", w.TryApprove(o, "ALAMOSA", voice.ActAvailable))
			told(t, w, o, 901, 10001, 10013, 1921, 20107)
		})
	})
	t.Run("accepted, with backorder: those now, the rest when numbers come free", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := short(t, w)
			w.Approve(o, "ALAMOSA", voice.ActBackorder)
			told(t, w, o, 901, 10001, 10002)
			if _, n := w.Pool(voicetest.Other); n != 30 {
				t.Errorf("%d numbers", n)
			}
			w.Supply("ALAMOSA", 20)
			w.Advance(time.Second)
			told(t, w, o, 901, 10001, 10002)
			w.Supply("ALAMOSA", 60)
			w.Advance(time.Second)
			told(t, w, o, 901, 10001, 10002, 10002, 10002)
			is(t, w, o, voice.OrderCompleted)
			if _, n := w.Pool(voicetest.Other); n != 100 {
				t.Errorf("%d numbers", n)
			}
		})
	})
	t.Run("VOICE-NTC-20107 a word about what does not wait for one changes nothing", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Worked(w.Reserve(voicetest.Line("DENVER", 3)))
			w.Approve(o, "DENVER", voice.ActReject)
			told(t, w, o, 901, 10002, 10002, 20107)
			is(t, w, o, voice.OrderCompleted)
		})
	})
	t.Run("VOICE-NTC-10012 a region without backorders rejects", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("AK/ANCHORAGE", 3)
			o := w.Worked(w.Reserve(voicetest.Line("AK/ANCHORAGE", 5)))
			told(t, w, o, 901, 10012, 10012)
			w.Within(func(tx *db.Tx) error { return w.Desk.PutRegion(tx, "desk", "AK", true) })
			told(t, w, w.Worked(w.Reserve(voicetest.Line("AK/ANCHORAGE", 5))), 901, 10001)
		})
	})
	t.Run("VOICE-NTC-10015 a PBX restriction has no backorder, and its order goes on", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("ALAMOSA", 10)
			o := w.Worked(w.Reserve(voicetest.Without(voicetest.Line("ALAMOSA", 10), 10, 9), voicetest.Line("DENVER", 5)))
			told(t, w, o, 901, 10015, 10002, 10002)
			is(t, w, o, voice.OrderCompleted)
		})
	})
}

// waiting is a backorder of 100 numbers of Alamosa, where there are none.
func waiting(t *testing.T, w *voicetest.World, customer string, quantity int) voice.Order {
	t.Helper()
	w.Supply("ALAMOSA", 0)
	o := w.Worked(w.ReserveFor(customer, voicetest.Ask(voicetest.Line("ALAMOSA", quantity))))
	told(t, w, o, 901, 10001)
	w.Approve(o, "ALAMOSA", voice.ActBackorder)
	told(t, w, o, 901, 10001)
	return o
}

func TestABackorderEnds(t *testing.T) {
	t.Run("the oldest is filled first, and keeps what it has until it is", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			first := waiting(t, w, voicetest.Other, 100)
			second := waiting(t, w, voicetest.Customer, 10)
			w.Supply("ALAMOSA", 50)
			w.Advance(time.Second)
			told(t, w, first, 901, 10001)
			told(t, w, second, 901, 10001)
			w.Supply("ALAMOSA", 55)
			w.Advance(time.Second)
			told(t, w, first, 901, 10001, 10002, 10002)
			told(t, w, second, 901, 10001)
			w.Supply("ALAMOSA", 5)
			w.Advance(time.Second)
			told(t, w, second, 901, 10001, 10002, 10002)
		})
	})
	t.Run("VOICE-NTC-10004 after thirty days", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := waiting(t, w, voicetest.Other, 100)
			w.Supply("ALAMOSA", 40)
			w.Advance(30*24*time.Hour - time.Minute)
			told(t, w, o, 901, 10001)
			w.Advance(time.Minute)
			told(t, w, o, 901, 10001, 10004, 10004)
			is(t, w, o, voice.OrderCancelled)
			told(t, w, w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("ALAMOSA", 40)))), 901, 10002, 10002)
		})
	})
	t.Run("as its customer wants", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := waiting(t, w, voicetest.Other, 100)
			w.Approve(o, "ALAMOSA", voice.ActBackorder)
			told(t, w, o, 901, 10001, 20107)
			w.Approve(o, "ALAMOSA", voice.ActReject)
			told(t, w, o, 901, 10001, 20107, 10005, 10005)
			is(t, w, o, voice.OrderCancelled)
		})
	})
	t.Run("VOICE-NTC-10006 its customer's own numbers are reclaimed there", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("DENVER", 0)
			o := w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("DENVER", 100))))
			w.Approve(o, "DENVER", voice.ActBackorder)
			other := w.Worked(w.Reserve(voicetest.Line("DENVER", 3)))
			w.Approve(other, "DENVER", voice.ActBackorder)
			w.Within(func(tx *db.Tx) error {
				n, err := w.Desk.Reclaim(tx, "desk", voicetest.Customer, "CO", "DENVER", 3)
				if n != 3 {
					t.Errorf("%d were reclaimed", n)
				}
				return err
			})
			told(t, w, o, 901, 10001, 10006, 10006)
			if _, n := w.Pool(voicetest.Customer); n != 1+6 {
				t.Errorf("%d numbers are left", n)
			}
			told(t, w, other, 901, 10001)
			w.Within(func(tx *db.Tx) error { return setting.Put(tx, "desk", "voice.backorder-days", "90") })
			w.Advance(29 * 24 * time.Hour)
			told(t, w, other, 901, 10001)
		})
	})
	t.Run("numbers that were given back age, and then go to whoever waits", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Within(func(tx *db.Tx) error {
				if err := setting.Put(tx, "desk", "voice.aging-days", "45"); err != nil {
					return err
				}
				return setting.Put(tx, "desk", "voice.backorder-days", "90")
			})
			w.Supply("DENVER", 0)
			o := w.Worked(w.Reserve(voicetest.Line("DENVER", 3)))
			w.Approve(o, "DENVER", voice.ActBackorder)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.Reclaim(tx, "desk", voicetest.Customer, "CO", "DENVER", 3)
				return err
			})
			w.Advance(45*24*time.Hour - time.Second)
			told(t, w, o, 901, 10001)
			w.Advance(time.Second)
			told(t, w, o, 901, 10001, 10002, 10002)
		})
	})
	t.Run("VOICE-NTC-10008 the inventory fails again and again", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := waiting(t, w, voicetest.Other, 100)
			w.Fakes.FailTimes(voicetest.Ready, voice.HowWrong, 5)
			w.Supply("ALAMOSA", 100)
			if _, err := w.TryAdvance(t.Context(), 24*time.Hour); err != nil {
				t.Fatal(err)
			}
			told(t, w, o, 901, 10001, 10008, 10008)
		})
	})
	t.Run("VOICE-NTC-10009 its rate center becomes part of another", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("ALAMOSA", 7))))
			o := waiting(t, w, voicetest.Other, 100)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.Consolidate(tx, "desk", "CO", "ALAMOSA", "CO", "PUEBLO")
				return err
			})
			told(t, w, o, 901, 10001, 10009, 10009)
			told(t, w, w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 5))), 901, 1304, 1304)
			if list, n := w.Pool(voicetest.Customer); n != 7+4+6 || !slices.ContainsFunc(list, func(e voice.Entry) bool { return e.Center == "PUEBLO" }) {
				t.Errorf("%d numbers: %+v", n, list)
			}
		})
	})
	t.Run("VOICE-NTC-10010 its rate center has no native numbers any more", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := waiting(t, w, voicetest.Other, 100)
			no := false
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "ALAMOSA", voice.CenterChange{Native: &no})
				return err
			})
			told(t, w, o, 901, 10001, 10010, 10010)
		})
	})
}

func TestAnOrderIsHeldOrRefusedAsAWhole(t *testing.T) {
	t.Run("VOICE-NTC-1807 on credit hold until the carrier desk releases it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			r := voicetest.Ask(voicetest.Line("DENVER", 5))
			r.ExternalID = "PO 7 [demarc:credit-hold]"
			o := w.Worked(w.ReserveFor(voicetest.Other, r))
			told(t, w, o, 901, 1807)
			is(t, w, o, voice.OrderCredit)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.DecideCredit(tx, "desk", o.ID, true)
				return err
			})
			w.Advance(time.Second)
			told(t, w, o, 901, 1807, 10002, 10002)
		})
	})
	t.Run("on credit hold until the carrier desk refuses it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.PutProfile(tx, "desk", voicetest.Other, func(p *voice.Profile) { p.Credit = voice.CreditHold })
				return err
			})
			o := w.Worked(w.Reserve(voicetest.Line("DENVER", 5)))
			told(t, w, o, 901, 1807)
			w.Within(func(tx *db.Tx) error {
				_, err := w.Desk.DecideCredit(tx, "desk", o.ID, false)
				return err
			})
			is(t, w, o, voice.OrderNoCredit)
			w.CheckAll()
		})
	})
	t.Run("VOICE-NTC-1429 its customer is suspended before it is looked at", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Reserve(voicetest.Line("DENVER", 5))
			w.Suspend(voicetest.Other)
			w.Worked(o)
			told(t, w, o, 901, 1429)
			is(t, w, o, voice.OrderRejected)
		})
	})
	t.Run("VOICE-NTC-1403 its customer is not its application's any more", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Reserve(voicetest.Line("DENVER", 5))
			w.Must("ungrant", w.Identity.Ungrant(t.Context(), "desk", w.App, "*"))
			w.Worked(o)
			told(t, w, o, 901, 1403)
		})
	})
}

func TestNumbersInSequence(t *testing.T) {
	t.Run("Y is one run, though the open block has none that long", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("PUEBLO", 399))))
			w.Worked(w.ReserveFor(w.AddCustomer("1-B"), voicetest.Ask(voicetest.Line("PUEBLO", 399))))
			o := w.Worked(w.Reserve(voicetest.InSequence(voicetest.Line("PUEBLO", 300), "Y")))
			told(t, w, o, 901, 10002, 10002)
			if list, _ := w.Pool(voicetest.Other); len(list) != 1 || list[0].Len() != 300 {
				t.Errorf("%+v", list)
			}
		})
	})
	t.Run("VOICE-NTC-19001 what is not there in sequence comes as it is", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("ALAMOSA", 200)
			customer := w.AddCustomer("1-B")
			w.Worked(w.ReserveFor(customer, voicetest.Ask(voicetest.Without(voicetest.Line("ALAMOSA", 100), 10, 5))))
			o := w.Worked(w.Reserve(voicetest.InSequence(voicetest.Line("ALAMOSA", 100), "Y")))
			told(t, w, o, 901, 19001, 10002, 10002)
			if _, n := w.Pool(voicetest.Other); n != 100 {
				t.Errorf("%d numbers", n)
			}
		})
	})
	t.Run("a PBX restriction keeps a digit out of its place", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Worked(w.Reserve(voicetest.Without(voicetest.Line("DENVER", 399), 9, 7), voicetest.Without(voicetest.Line("PUEBLO", 50), 7, 0)))
			list, n := w.Pool(voicetest.Other)
			if n != 449 {
				t.Fatalf("%d numbers", n)
			}
			for _, e := range list {
				for tn := e.Start; tn <= e.End; tn++ {
					if e.Center == "DENVER" && tn.Digit(9) == 7 || e.Center == "PUEBLO" && tn.Digit(7) == 0 {
						t.Errorf("%s is among them", tn)
					}
				}
			}
		})
	})
}
