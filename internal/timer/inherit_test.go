package timer_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/timer"
)

// A dead node's lease runs out while the clock is being moved: the mover takes the work
// up, and a worker, who could do so from that moment on, does not take it as well.
func TestADeadNodesWorkRunsOnceWhileTheClockMoves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		var calls atomic.Int32
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			calls.Add(1)
			if err := clock.Sleep(ctx, 300*time.Millisecond); err != nil { // a backend takes its time
				return err
			}
			return d.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
		})
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", start, "") })
		until := clock.Micros(clock.Machine().Add(700 * time.Millisecond)) // what a dead node left
		within(t, d, w, func(tx *db.Tx) {
			tx.Do(`UPDATE timer SET lease_until = $2, wake_at = $2 WHERE world = $1`, until)
		})
		stop := func() {}
		if d.Dialect() == db.Postgres { // a SQLite file has one process, which frees such leases at its start
			stop = run(t, r)
		}
		if _, _, err := r.Move(t.Context(), w, by(time.Minute)); err != nil {
			t.Fatal(err)
		}
		stop()
		if n := calls.Load(); n != 1 {
			t.Errorf("the work ran %d times", n)
		}
	})
}
