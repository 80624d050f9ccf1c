package timer_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/timer"
)

// patience ends a test that waits for something which does not come.
const patience = 30 * time.Second

// await is the next value of ch.
func await[T any](t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case v = <-ch:
	case <-ctx.Done():
		t.Fatal("waited in vain")
	}
	return v
}

// until waits for something that only the database knows.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !is() {
		if clock.Sleep(ctx, time.Millisecond) != nil {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// run sets a runner to work until the test's end, or until stop is called, which
// returns when the runner has ended.
func run(t *testing.T, r *timer.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	stop = func() {
		cancel()
		await(t, done)
	}
	t.Cleanup(stop)
	return stop
}

func newLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newRunner(d *db.DB, options ...timer.Option) *timer.Runner {
	return timer.NewRunner(d, newLog(), 8, options...)
}

// finish is the handler that only finishes its job.
func finish(d *db.DB) timer.Handler {
	return func(ctx context.Context, j timer.Job) error {
		return d.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
	}
}

// telling is finish that tells of each job that it has finished.
func telling(d *db.DB, done chan<- timer.Job) timer.Handler {
	return func(ctx context.Context, j timer.Job) error {
		if err := finish(d)(ctx, j); err != nil {
			return err
		}
		done <- j
		return nil
	}
}

func within(t *testing.T, d *db.DB, world string, fn func(tx *db.Tx)) {
	t.Helper()
	if err := d.Within(t.Context(), world, func(tx *db.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// set makes timers that are due now.
func set(t *testing.T, d *db.DB, world, kind string, keys ...string) {
	t.Helper()
	within(t, d, world, func(tx *db.Tx) {
		for _, k := range keys {
			timer.Set(tx, kind, k, tx.Now(), "")
		}
	})
}

func pending(t *testing.T, d *db.DB, world, kind string) (n int64) {
	t.Helper()
	if err := d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		n, err = timer.Pending(tx, kind)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// row is a timer as the database has it.
type row struct {
	due, wake, lease, version, attempts int64
	payload, problem                    string
}

func read(t *testing.T, d *db.DB, world, kind, key string) (r row) {
	t.Helper()
	if err := d.View(t.Context(), world, func(tx *db.Tx) error {
		return tx.Row(`SELECT due_at, wake_at, lease_until, version, attempts, payload, problem FROM timer
			WHERE world = $1 AND kind = $2 AND key = $3`, kind, key).
			Scan(&r.due, &r.wake, &r.lease, &r.version, &r.attempts, &r.payload, &r.problem)
	}); err != nil {
		t.Fatalf("timer %s/%s: %v", kind, key, err)
	}
	return r
}

func TestATimerOfAUnitThatFailsNeverExists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		r.Handle("work", telling(d, ran))
		boom := errors.New("boom")
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			timer.Set(tx, "work", "failed", tx.Now(), "")
			timer.Nudge(tx, "work", "failed too", tx.Now())
			if n, err := timer.Pending(tx, "work"); n != 2 || err != nil {
				t.Errorf("the unit itself sees %d, %v", n, err)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if n := pending(t, d, w, "work"); n != 0 {
			t.Fatalf("%d timers of a failed unit exist", n)
		}
		run(t, r)
		set(t, d, w, "work", "good")
		if j := await(t, ran); j.Key != "good" {
			t.Fatalf("ran %q", j.Key)
		}
	})
}

func TestDueWorkRunsAtOnceAndOnceAndNotBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		r.Handle("work", telling(d, ran))
		run(t, r)
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "later", tx.Now().Add(time.Hour), "")
			timer.Set(tx, "work", "past", tx.Now().Add(-time.Hour), "why")
		})
		if j := await(t, ran); j.Key != "past" || j.Payload != "why" || j.Attempts != 0 || j.World != w || j.Kind != "work" {
			t.Fatalf("ran %+v", j)
		}
		set(t, d, w, "work", "next")
		if j := await(t, ran); j.Key != "next" {
			t.Fatalf("ran %+v", j)
		}
		if n := pending(t, d, w, "work"); n != 1 || len(ran) != 0 {
			t.Fatalf("%d wait, %d ran too much", n, len(ran))
		}
	})
}

// Two nodes on one database; on SQLite one process with many workers.
func TestDueWorkRunsOnceThoughNodesRaceForIt(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		nodes := []*db.DB{d}
		if d.Dialect() == db.Postgres {
			nodes = append(nodes, dbtest.Open(t, url), dbtest.Open(t, url))
		}
		const jobs = 400
		var mu sync.Mutex
		runs, byNode := map[string]int{}, map[int]int{}
		racing, all := make(chan struct{}), make(chan struct{})
		w := dbtest.World(t, d)
		for i, n := range nodes {
			r := newRunner(n)
			done := finish(n)
			r.Handle("work", func(ctx context.Context, j timer.Job) error {
				mu.Lock()
				runs[j.Key]++
				if byNode[i]++; byNode[i] == 1 && len(byNode) == len(nodes) {
					close(racing)
				}
				if len(runs) == jobs {
					close(all)
				}
				mu.Unlock()
				<-racing // nobody works before all nodes have taken something up
				return done(ctx, j)
			})
			run(t, r)
		}
		for batch := range 4 {
			keys := make([]string, jobs/4)
			for i := range keys {
				keys[i] = time.Duration(batch*1000 + i).String()
			}
			set(t, d, w, "work", keys...)
		}
		await(t, all)
		until(t, "all jobs are finished", func() bool { return pending(t, d, w, "work") == 0 })
		mu.Lock()
		defer mu.Unlock()
		for key, n := range runs {
			if n != 1 {
				t.Errorf("%s ran %d times", key, n)
			}
		}
	})
}

func TestSetReplacesATimerAndClearRemovesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		due := clock.Machine().Add(time.Hour)
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", due, "one") })
		first := read(t, d, w, "work", "a")
		within(t, d, w, func(tx *db.Tx) {
			tx.Do(`UPDATE timer SET attempts = 3, problem = 'p', lease_until = 5 WHERE world = $1`)
			timer.Set(tx, "work", "a", due.Add(time.Hour), "two")
		})
		second := read(t, d, w, "work", "a")
		want := row{due: first.due + time.Hour.Microseconds(), wake: second.wake, version: first.version + 1, payload: "two"}
		if second != want {
			t.Fatalf("replaced by %+v, want %+v", second, want)
		}
		if second.wake <= first.wake {
			t.Fatalf("it wakes at %d, before it at %d", second.wake, first.wake)
		}
		within(t, d, w, func(tx *db.Tx) {
			timer.Clear(tx, "work", "a")
			timer.Clear(tx, "work", "never was")
		})
		if n := pending(t, d, w, "work"); n != 0 {
			t.Fatalf("%d timers are left", n)
		}
	})
}

// A timer that is changed while its handler works: the handler's unit fails as a
// whole, and the change is taken up without waiting for the lease to run out.
func TestWorkThatChangedWhileItRanFailsWithItsWholeUnitAndIsTakenUpAgain(t *testing.T) {
	changes := map[string]func(tx *db.Tx){
		"set":           func(tx *db.Tx) { timer.Set(tx, "work", "a", tx.Now(), "new") },
		"nudge":         func(tx *db.Tx) { timer.Nudge(tx, "work", "a", tx.Now().Add(time.Hour)) },
		"clear and set": func(tx *db.Tx) { timer.Clear(tx, "work", "a"); timer.Set(tx, "work", "a", tx.Now(), "new") },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := dbtest.World(t, d)
				outcome := make(chan error, 10)
				r := newRunner(d)
				runs := 0
				r.Handle("work", func(ctx context.Context, j timer.Job) error {
					runs++
					if runs == 1 {
						if err := d.Within(ctx, w, func(tx *db.Tx) error { change(tx); return nil }); err != nil {
							t.Error(err)
						}
					}
					err := d.Within(ctx, w, func(tx *db.Tx) error {
						tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, 0)`, "effect")
						j.Done(tx)
						return nil
					})
					outcome <- err
					return err
				})
				set(t, d, w, "work", "a")
				run(t, r)
				if err := await(t, outcome); !errors.Is(err, timer.ErrTaken) {
					t.Fatalf("the first run ended with %v", err)
				}
				if err := await(t, outcome); err != nil {
					t.Fatalf("the second run ended with %v", err)
				}
				if n := pending(t, d, w, "work"); n != 0 {
					t.Fatalf("%d timers are left", n)
				}
			})
		})
	}
}

func TestNudgeKeepsTheMomentOfATimerAndSetsOneWhereThereIsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		due := clock.Machine().Add(time.Hour)
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", due, "payload") })
		before := read(t, d, w, "work", "a")
		within(t, d, w, func(tx *db.Tx) {
			timer.Nudge(tx, "work", "a", due.Add(-time.Minute))
			timer.Nudge(tx, "work", "b", due.Add(-time.Minute))
		})
		before.version++
		if after := read(t, d, w, "work", "a"); after != before {
			t.Fatalf("nudged to %+v, want %+v", after, before)
		}
		if b := read(t, d, w, "work", "b"); b.due != clock.Micros(due.Add(-time.Minute)) {
			t.Fatalf("the new one is due at %d", b.due)
		}
	})
}

func TestWorkThatWasClearedWhileItRanStaysCleared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		outcome, marker := make(chan error, 10), make(chan timer.Job, 1)
		r := newRunner(d)
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			within(t, d, w, func(tx *db.Tx) { timer.Clear(tx, "work", "a") })
			err := d.Within(ctx, w, func(tx *db.Tx) error { j.Again(tx, tx.Now(), ""); return nil })
			outcome <- err
			return err
		})
		r.Handle("marker", telling(d, marker))
		set(t, d, w, "work", "a")
		stop := run(t, r)
		if err := await(t, outcome); !errors.Is(err, timer.ErrTaken) {
			t.Fatal(err)
		}
		set(t, d, w, "marker", "m")
		await(t, marker)
		stop()
		if n := pending(t, d, w, "work"); n != 0 || len(outcome) != 0 {
			t.Fatalf("%d timers are left, it ran %d times more", n, len(outcome))
		}
	})
}

func TestAgainFinishesAJobForThisTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			err := d.Within(ctx, w, func(tx *db.Tx) error {
				switch j.Payload {
				case "first":
					j.Again(tx, tx.Now(), "second")
				case "second":
					j.Again(tx, tx.Now().Add(time.Hour), "third")
				}
				return nil
			})
			ran <- j
			return err
		})
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", tx.Now(), "first") })
		stop := run(t, r)
		for _, want := range []string{"first", "second"} {
			if j := await(t, ran); j.Payload != want || j.Attempts != 0 {
				t.Fatalf("ran %+v, want %s", j, want)
			}
		}
		stop()
		if got := read(t, d, w, "work", "a"); got.payload != "third" || got.lease != 0 || got.attempts != 0 {
			t.Fatalf("left %+v", got)
		}
	})
}
