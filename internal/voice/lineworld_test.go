package voice_test

import (
	"slices"
	"testing"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// What happens around orders about numbers in service: rate centers become part of
// others, customers merge, blocks come.

// Numbers of Aurora and of Denver that one other carrier has.
const inAurora, inDenver = nanp.TN(3033402000), nanp.TN(3032062000)

// underWay is an order of each type, all of them of Aurora; the port is of Denver, too.
func underWay(w *voicetest.World) (install, change, disconnect, port voice.Order) {
	w.T.Helper()
	list := stockOf(w, voicetest.Other, "AURORA", voice.LocalInbound, 6)[0]
	some := func(from, to nanp.TN) []voice.Range {
		return []voice.Range{{Start: list.Start + from, End: list.Start + to}}
	}
	installed(w, some(0, 3), plain)
	install = w.Ordered(voicetest.Other, installOf(some(4, 5), plain))
	change = changed(w, some(0, 1), renamed, nil)
	disconnect = disconnected(w, some(2, 3))
	port = portIn(w, plain, inAurora, inDenver)
	return install, change, disconnect, port
}

func TestARateCenterWithOrdersUnderWayBecomesPartOfAnother(t *testing.T) {
	t.Run("they go on there", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			install, change, disconnect, port := underWay(w)
			consolidate(w, "AURORA", "DENVER")
			w.CheckAll()
			w.Advance(10 * day)
			told(t, w, install, 901, 902, 902)
			told(t, w, change, 901, 904, 902, 902)
			told(t, w, disconnect, 901, 906, 906)
			told(t, w, port, 901, 903, 902, 902, 902)
			list := w.InService(voicetest.Other)
			if len(list) != 6 || slices.ContainsFunc(list, func(n voice.InService) bool { return n.Center != "DENVER" }) {
				t.Errorf("%+v", list)
			}
			w.Advance(100 * day)
		})
	})
	t.Run("a part of an order stays a part of it", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, plain, inAurora, inDenver)
			consolidate(w, "AURORA", "DENVER")
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-1"))
			w.CheckAll()
			w.Advance(10 * day)
			told(t, w, o, 901, 904, 903, 902, 902)
			if list := w.InService(voicetest.Other); len(list) != 1 || list[0].TN != inDenver {
				t.Errorf("%+v", list)
			}
		})
	})
	t.Run("what is ported to it afterwards is the other's", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			consolidate(w, "AURORA", "DENVER")
			o := portIn(w, plain, inAurora, inDenver)
			if _, parts := w.Order(o.ID); len(parts) != 1 || parts[0].Center != "DENVER" {
				t.Errorf("%+v", parts)
			}
			w.Advance(10 * day)
			told(t, w, o, 901, 903, 902, 902)
		})
	})
	t.Run("VOICE-ERR-409001 what was decided before is decided anew", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			list := stockOf(w, voicetest.Other, "AURORA", voice.LocalInbound, 2)
			asked := []object{installOf(list, plain), portOf(plain, inAurora)}
			var decided []*voice.Prepared
			for _, m := range asked {
				p, err := w.Desk.PrepareOrder(t.Context(), w.Party(voicetest.Other), voicetest.Read[voice.OrderRequest](m))
				w.Must("prepare", err)
				decided = append(decided, p)
			}
			consolidate(w, "AURORA", "DENVER")
			for i, p := range decided {
				if _, err := w.Accept(voicetest.Other, p, nil); !answered(err, voice.Coded("409001")) {
					t.Errorf("got %v", err)
				}
				w.Ordered(voicetest.Other, asked[i])
			}
		})
	})
}

// answered reports whether an error is an occurrence of a code.
func answered(err error, code *fault.Code) bool {
	f := fault.Of(err)
	return f != nil && f.Code == code
}

func TestACustomerMergesWithOrdersUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		install, change, disconnect, port := underWay(w)
		merge(w, voicetest.Other, voicetest.Customer)
		w.CheckAll()
		if err := w.TryCancel(voicetest.Other, port.ID, ""); err == nil {
			t.Error("its old number cancels")
		}
		w.Advance(10 * day)
		told(t, w, install, 901, 902, 902)
		told(t, w, change, 901, 904, 902, 902)
		told(t, w, disconnect, 901, 906, 906)
		told(t, w, port, 901, 903, 902, 902, 902)
		if n := len(w.InService(voicetest.Other)); n != 0 {
			t.Errorf("%d numbers are in service of the old number", n)
		}
		if n := len(w.InService(voicetest.Customer)); n != 16+4+6 {
			t.Errorf("%d numbers are in service", n)
		}
	})
}

// A number is the carrier's own, or another one's: no block comes with numbers that were
// ported in.
func TestABlockWithPortedNumbersIsNotTakenIntoStock(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		b := spareBlocks(1)[0]
		portIn(w, func(_, l object) { l["serviceAddress"] = elsewhere }, b.First()+7)
		add := func() error {
			return unit(w, func(tx *db.Tx) error {
				_, _, err := w.Desk.AddBlock(tx, "desk", blockRequest("BUENAVISTA", b))
				return err
			})()
		}
		if !answered(add(), voice.BlockTaken) {
			t.Error("it was added")
		}
		n, err := load(w, stock("CO,BUENAVISTA,"+b.String()[:3]+","+b.String()[4:7]+","+b.String()[8:]+",Y"))
		if n != 0 || err == nil {
			t.Errorf("%d blocks were loaded: %v", n, err)
		}
		w.CheckAll()
		w.Must("cancel", w.TryCancel(voicetest.Other, rows(w).Orders[0].ID, ""))
		w.Must("add", add())
		if _, err := w.TryOrder(voicetest.Other, portOf(plain, b.First()+7)); err == nil {
			t.Error("a number of it was ported")
		}
	})
}

func TestAReservationIsCancelledInPart(t *testing.T) {
	t.Run("the rest goes on", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Reserve(voicetest.Line("PUEBLO", 2), voicetest.Line("ALAMOSA", 3))
			w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-1"))
			told(t, w, o, 901, 10005)
			w.Worked(o)
			told(t, w, o, 901, 10005, 10002, 10002)
		})
	})
	t.Run("VOICE-NTC-10005 all of it, whatever it waits for", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("ALAMOSA", 1)
			r := voicetest.Ask(voicetest.Line("ALAMOSA", 3), voicetest.Line("PUEBLO", 2))
			fresh := w.Reserve(r.RateCenterOrders...)
			w.Must("cancel", w.TryCancel(voicetest.Other, fresh.ID, ""))
			told(t, w, fresh, 901, 10005, 10005, 10005)
			is(t, w, fresh, voice.OrderCancelled)

			offered := w.Worked(w.Reserve(r.RateCenterOrders[0]))
			w.Must("cancel", w.TryCancel(voicetest.Other, offered.ID, ""))
			told(t, w, offered, 901, 10001, 10005, 10005)

			backordered := waiting(t, w, voicetest.Other, 10)
			w.Must("cancel", w.TryCancel(voicetest.Other, backordered.ID, ""))
			told(t, w, backordered, 901, 10001, 10005, 10005)

			r.ExternalID = "[demarc:credit-hold]"
			held := w.Worked(w.ReserveFor(voicetest.Other, r))
			w.Must("cancel", w.TryCancel(voicetest.Other, held.ID, ""))
			told(t, w, held, 901, 1807, 10005, 10005, 10005)
		})
	})
	t.Run("what is left of an order on credit hold is refused, or cancelled when it was released", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			for _, release := range []bool{false, true} {
				r := voicetest.Ask(voicetest.Line("PUEBLO", 2), voicetest.Line("ALAMOSA", 3))
				r.ExternalID = "[demarc:credit-hold]"
				o := w.Worked(w.ReserveFor(voicetest.Other, r))
				w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-2"))
				w.Within(func(tx *db.Tx) error {
					_, err := w.Desk.DecideCredit(tx, "desk", o.ID, release)
					return err
				})
				w.CheckAll()
				if !release {
					is(t, w, o, voice.OrderNoCredit)
					continue
				}
				w.Must("cancel", w.TryCancel(voicetest.Other, o.ID, o.ID+"-1"))
				is(t, w, o, voice.OrderCancelled)
				w.CheckAll()
			}
		})
	})
}

// Reclaiming passes over what an order is under way with, and takes the rest.
func TestWhatIsUnderWayIsNotReclaimed(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list := stockOf(w, voicetest.Other, "ALAMOSA", voice.LocalInbound, 10)[0]
		var busy []voice.Range
		for i := range nanp.TN(4) {
			busy = append(busy, voicetest.One(list.Start+2*i))
		}
		o := w.Ordered(voicetest.Other, installOf(busy, plain))
		w.Within(func(tx *db.Tx) error {
			n, err := w.Desk.Reclaim(tx, "desk", voicetest.Other, "CO", "ALAMOSA", 3)
			if n != 3 {
				t.Errorf("%d were reclaimed", n)
			}
			return err
		})
		w.Worked(o)
		told(t, w, o, 901, 902, 902)
	})
}
