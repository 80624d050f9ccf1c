package preorder_test

import (
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordertest"
	"demarc/internal/timer"
	"demarc/internal/worldtest"
)

// morning is what partners have begun on a day.
type morning struct {
	near       preorder.Qualified // waits for a choice
	late       preorder.Qualified // likewise, and comes too late
	qualified  preorder.Qualified
	configured preorder.Configured
}

func begin(t *testing.T, w *preordertest.World) (m morning) {
	t.Helper()
	for _, q := range []*preorder.Qualified{&m.near, &m.late} {
		r := preordertest.Ask(preordertest.Unit(1).Building())
		var err error
		if *q, err = w.TryQualify(r); err != nil || q.Transaction.State != preorder.TxNear {
			t.Fatalf("%+v, %v", q, err)
		}
	}
	m.qualified = w.Qualify(preordertest.Home(1))
	m.configured = w.Configure(w.Config(w.Qualify(preordertest.Home(2)), "HSI-20-POST"))
	return m
}

// A transaction lives until its Central-Time day is over, to the microsecond: one of 24
// hours, the one of 25 in November and the one of 23 in March.
func TestPX_QUAL_2220_AndPX_CFG_2200_ATransactionLivesForItsCentralDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for n := range 2 {
			w.Fakes.Line(preordertest.Home(n+1), preordertest.Fiber)
			w.Fakes.Line(preordertest.Unit(n+1), preordertest.Fiber)
		}
		for _, day := range []struct {
			begins time.Time
			takes  time.Duration
		}{
			{worldtest.Start, 5 * time.Hour}, // in the evening before
			{time.Date(2040, 6, 2, 5, 0, 0, 0, time.UTC), 24 * time.Hour},
			{time.Date(2040, 11, 4, 5, 0, 0, 0, time.UTC), 25 * time.Hour},
			{time.Date(2041, 3, 10, 6, 0, 0, 0, time.UTC), 23 * time.Hour},
		} {
			w.AdvanceTo(day.begins)
			m := begin(t, w)
			w.Advance(day.takes - time.Microsecond)
			if _, err := w.TryQualify(preordertest.Choose(m.near, m.near.Transaction.Near[0].DetailID)); err != nil {
				t.Errorf("%v: a choice at the end of the day: %v", day.begins, err)
			}
			c := w.Configure(w.Config(m.qualified, "HSI-20-POST"))
			id := m.configured.Transaction.ID
			if w.Sealed(id) == nil || w.Sealed(c.Transaction.ID) == nil {
				t.Errorf("%v: personal data is gone before its day is over", day.begins)
			}
			purged := w.Advance(time.Microsecond)
			for _, tx := range []string{id, c.Transaction.ID} {
				if !slices.ContainsFunc(purged, func(r timer.Ran) bool { return r.Kind == preorder.TimerPurge && r.Key == tx }) || w.Sealed(tx) != nil {
					t.Errorf("%v: personal data of %s outlives its day", day.begins, tx)
				}
			}
			_, err := w.TryQualify(preordertest.Choose(m.late, m.late.Transaction.Near[0].DetailID))
			preordertest.Refused(t, err, "px_2220", "PX-QUAL-2220")
			_, err = w.TryConfigure(w.Config(m.qualified, "HSI-20-POST"))
			preordertest.Refused(t, err, "px_2200", "PX-CFG-2200")
			_, err = w.TryConfigure(w.Reconfig(m.qualified, "HSI-20-POST"))
			preordertest.Refused(t, err, "px_2200", "PX-CFG-2200")
			_, err = w.TryComplete(preordertest.Completion(c.Transaction))
			preordertest.Refused(t, err, "px_2200", "PX-CFG-2200")
			w.View(func(tx *db.Tx) error { // the decision and the last four digits stay
				kept, err := w.Desk.Store.Transaction(tx, id)
				if kept == nil || kept.Config.SSNLast4 != "0001" || kept.Config.Credit.Decision != preorder.DecisionApproved {
					t.Errorf("%v: kept is %+v", day.begins, kept)
				}
				return err
			})
			w.CheckAll()
		}
	})
}

// The day may end between the answer of the credit system and the commit, and before
// whoever removes personal data has come.
func TestPX_CFG_2200_NothingIsWrittenOnTheNextDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		w.Fakes.Fail(preorder.BackendCredit, preordertest.Fault{Do: func() { w.Jump(5 * time.Hour) }})
		_, err := w.TryConfigure(w.Config(q, "LOCAL-POST"))
		preordertest.Refused(t, err, "px_2200", "PX-CFG-2200")
		if w.Sealed(q.Transaction.ID) != nil {
			t.Error("personal data was written on the next day")
		}
		c := w.Configure(w.Config(w.Qualify(preordertest.Home(2)), "LOCAL-POST"))
		w.Jump(24 * time.Hour)
		_, err = w.TryComplete(preordertest.Completion(c.Transaction))
		preordertest.Refused(t, err, "px_2200", "PX-CFG-2200")
		w.CheckAll()
		w.Advance(0)
		if w.Sealed(c.Transaction.ID) != nil {
			t.Error("what was due has not been removed")
		}
	})
}
