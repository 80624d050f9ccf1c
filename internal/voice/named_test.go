package voice_test

import (
	"fmt"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/timer"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// Cases that went wrong once.

// Numbers of a customer age where its oldest backorder holds some: the rate center that
// they are of has become part of this one.
func TestReclamationElsewhereEndsABackorderHereAndTheNextOneIsFilled(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Worked(w.Reserve(voicetest.Line("SALIDA", 3)))
		reclaim(w, voicetest.Other, "SALIDA", 3)
		w.Supply("SALIDA", 0)
		first := waiting(t, w, voicetest.Other, 100)
		second := waiting(t, w, voicetest.Customer, 10)
		third := waiting(t, w, w.AddCustomer("1-B"), 50)
		w.Supply("ALAMOSA", 20)
		w.Advance(time.Second)
		told(t, w, first, 901, 10001)
		consolidate(w, "SALIDA", "ALAMOSA")
		w.Advance(time.Second)
		told(t, w, first, 901, 10001, 10006, 10006)
		told(t, w, second, 901, 10001, 10002, 10002)
		told(t, w, third, 901, 10001)
		w.View(func(tx *db.Tx) error {
			if n, err := timer.Pending(tx, voice.TimerFill); n != 0 || err != nil {
				t.Errorf("%d rate centers are being looked at without end, %v", n, err)
			}
			return nil
		})
	})
}

func TestVOICE_NTC_10008_EndsAllThatWaitThere(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		var orders []voice.Order
		for i := range 23 {
			orders = append(orders, waiting(t, w, w.AddCustomer(fmt.Sprintf("1-%02d", i)), 100))
		}
		w.Fakes.FailTimes(voicetest.Ready, voice.HowWrong, 100)
		w.Supply("ALAMOSA", 50)
		w.Advance(24 * time.Hour)
		for _, o := range orders {
			told(t, w, o, 901, 10001, 10008, 10008)
		}
	})
}

// A backorder is as old as its order: what was placed before it began does not overtake
// it.
func TestABackorderIsInTheWayOfAnOrderThatWasHeldMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Supply("ALAMOSA", 30)
		first := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 100)))
		r := voicetest.Ask(voicetest.Line("ALAMOSA", 5))
		r.ExternalID = "[demarc:credit-hold]"
		held := w.Worked(w.ReserveFor(voicetest.Other, r))
		w.Approve(first, "ALAMOSA", voice.ActBackorder)
		told(t, w, first, 901, 10001, 10002)
		w.Within(func(tx *db.Tx) error {
			_, err := w.Desk.DecideCredit(tx, "desk", held.ID, true)
			return err
		})
		w.Advance(time.Second)
		told(t, w, held, 901, 1807, 4011, 4011)
	})
}

// What stands against an order is what its customer has in the end.
func TestACustomerIsMergedWhileItsOrderIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		o := w.Reserve(voicetest.Line("PUEBLO", 5), voicetest.Line("AURORA", 6))
		w.Fakes.Fail(voicetest.Ready, voicetest.Fault{Do: func() { merge(w, voicetest.Other, voicetest.Customer) }})
		if _, err := w.TryAdvance(t.Context(), 3*time.Second); err != nil {
			t.Fatal(err)
		}
		w.CheckAll()
		w.Advance(time.Second)
		told(t, w, o, 901, 10002, 1648, 10002)
		if _, n := w.Pool(voicetest.Customer); n != 4+6+5 {
			t.Errorf("%d numbers", n)
		}
		for _, h := range rows(w).Holdings {
			if h.Customer != voicetest.Customer {
				t.Errorf("%+v is nobody's", h)
			}
		}
	})
}

// A call may know its customer as it was a moment ago: what it would write under a
// number that goes by another by now is refused.
func TestWhatIsAskedForAMergedNumberIsRefusedAndWrittenNowhere(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		pool, _ := w.Pool(voicetest.Customer)
		reservation, err := w.Desk.PrepareReserve(t.Context(), w.Party(voicetest.Customer), voicetest.Ask(voicetest.Line("PUEBLO", 5)))
		w.Must("prepare", err)
		install, err := w.Desk.PrepareOrder(t.Context(), w.Party(voicetest.Customer),
			voicetest.Read[voice.OrderRequest](voicetest.Install(voicetest.Dwelling(voicetest.TNs(pool[0].Range)))))
		w.Must("prepare", err)
		merge(w, voicetest.Customer, voicetest.Other)
		for name, write := range map[string]func(tx *db.Tx) error{
			"a reservation": func(tx *db.Tx) error { _, _, err := w.Desk.Reserve(tx, reservation); return err },
			"an install": func(tx *db.Tx) error {
				_, _, err := w.Desk.Accept(tx, w.Party(voicetest.Customer), install)
				return err
			},
		} {
			if f := fault.Of(w.DB.Within(t.Context(), w.ID, write)); f == nil || voice.CodeOf(f.Code) != "409001" {
				t.Errorf("%s: %v", name, f)
			}
		}
		for _, o := range rows(w).Orders {
			t.Errorf("%s was written for %s", o.ID, o.Customer)
		}
	})
}
