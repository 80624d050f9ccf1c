package timer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/timer"
)

// wakeNow makes a job that rests come due on the machine's clock.
func wakeNow(t *testing.T, d *db.DB, world string) {
	t.Helper()
	within(t, d, world, func(tx *db.Tx) {
		tx.Do(`UPDATE timer SET wake_at = 0 WHERE world = $1`)
		tx.DueNow()
	})
}

// nasty is longer than what a row keeps, with a character across its end, and
// with bytes that a PostgreSQL TEXT refuses.
var nasty = "bad \x00 and \xff: " + strings.Repeat("é", 400)

func TestAFailingJobRestsLongerAndLongerAndKeepsWhyItFailed(t *testing.T) {
	failures := map[string]func() error{
		"an error":      func() error { return errors.New(nasty) },
		"a panic":       func() error { panic(nasty) },
		"a nil panic":   func() error { var m map[string]int; m["x"] = 1; return nil },
		"a nasty fault": func() error { return errors.Join(errors.New("first"), errors.New(nasty)) },
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := dbtest.World(t, d)
				set(t, d, w, "work", "a")
				for attempt, rest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
					ran := make(chan timer.Job, 10)
					r := newRunner(d)
					r.Handle("work", func(_ context.Context, j timer.Job) error { ran <- j; return fail() })
					before := clock.Machine()
					stop := run(t, r)
					if j := await(t, ran); j.Attempts != attempt {
						t.Fatalf("taken up %d times before, want %d", j.Attempts, attempt)
					}
					stop()
					after := clock.Machine()
					got := read(t, d, w, "work", "a")
					if got.wake < clock.Micros(before.Add(rest)) || got.wake > clock.Micros(after.Add(rest)) {
						t.Errorf("it rests %v, want %v", clock.FromMicros(got.wake).Sub(before), rest)
					}
					if got.lease != 0 || got.attempts != int64(attempt+1) || got.problem == "" || len(got.problem) > 500 || !utf8.ValidString(got.problem) {
						t.Errorf("left %+v", got)
					}
					wakeNow(t, d, w)
				}
			})
		})
	}
}

// No place is no failure: the job rests as shortly the third time as the first.
func TestWorkWithoutAPlaceRestsAMomentAndCountsAsNoFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		set(t, d, w, "work", "a")
		for range 3 {
			ran := make(chan timer.Job, 10)
			r := newRunner(d)
			r.Handle("work", func(_ context.Context, j timer.Job) error { ran <- j; return timer.ErrBusy })
			before := clock.Machine()
			stop := run(t, r)
			if j := await(t, ran); j.Attempts != 0 {
				t.Fatalf("counted %d failures", j.Attempts)
			}
			stop()
			got := read(t, d, w, "work", "a")
			if rest := clock.FromMicros(got.wake).Sub(before); rest < time.Second || got.wake > clock.Micros(clock.Machine().Add(time.Second)) {
				t.Errorf("it rests %v", rest)
			}
			if got.lease != 0 || got.attempts != 0 {
				t.Errorf("left %+v", got)
			}
			wakeNow(t, d, w)
		}
	})
}

func TestAKindThatNobodyHandlesIsPutOffAndSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		set(t, d, w, "unheard of", "a")
		stop := run(t, newRunner(d))
		until(t, "the job is put off", func() bool { return read(t, d, w, "unheard of", "a").problem != "" })
		stop()
		if got := read(t, d, w, "unheard of", "a"); !strings.Contains(got.problem, "unheard of") || got.lease != 0 {
			t.Fatalf("left %+v", got)
		}
	})
}

// The unit that sets a timer anew wins over the failure of the run before it.
func TestAFailureDoesNotPutOffWhatWasSetAnewMeanwhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		done := finish(d)
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			if j.Payload == "" {
				within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", tx.Now(), "new") })
				ran <- j
				return errors.New("too late")
			}
			ran <- j
			return done(ctx, j)
		})
		set(t, d, w, "work", "a")
		stop := run(t, r)
		await(t, ran)
		if j := await(t, ran); j.Payload != "new" || j.Attempts != 0 {
			t.Fatalf("ran %+v", j)
		}
		stop()
		if n := pending(t, d, w, "work"); n != 0 {
			t.Fatalf("%d timers are left", n)
		}
	})
}

// A nudge while the handler fails: the job rests as after any failure, it does not
// wait for its lease.
func TestAFailureOfANudgedJobIsKeptToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		r.Handle("work", func(_ context.Context, j timer.Job) error {
			within(t, d, w, func(tx *db.Tx) { timer.Nudge(tx, "work", "a", tx.Now()) })
			ran <- j
			return errors.New("why")
		})
		set(t, d, w, "work", "a")
		stop := run(t, r)
		await(t, ran)
		stop()
		if got := read(t, d, w, "work", "a"); got.problem != "why" || got.lease != 0 {
			t.Fatalf("left %+v", got)
		}
	})
}

// A handler that hangs and does not even heed its context: the lease runs out, the
// work is done elsewhere, and the one that comes back too late changes nothing.
func TestWorkOfAHandlerThatHangsIsDoneBySomebodyElseAndOnlyOnce(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		first := dbtest.Open(t, url)
		nodes := []*db.DB{first}
		if first.Dialect() == db.Postgres {
			nodes = append(nodes, dbtest.Open(t, url))
		}
		w := dbtest.World(t, first)
		hanging, release, late := make(chan timer.Job, 10), make(chan struct{}), make(chan error, 10)
		done := make(chan timer.Job, 10)
		node := func(d *db.DB, hangs bool) *timer.Runner {
			r := newRunner(d, timer.WithLease(200*time.Millisecond))
			again := telling(d, done)
			r.Handle("work", func(ctx context.Context, j timer.Job) error {
				if !hangs || j.Attempts > 0 {
					return again(ctx, j)
				}
				hanging <- j
				<-release
				err := d.Within(context.WithoutCancel(ctx), w, func(tx *db.Tx) error {
					tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, 'late', 0)`)
					j.Again(tx, tx.Now(), "from the dead")
					return nil
				})
				late <- err
				return err
			})
			return r
		}
		run(t, node(first, true))
		set(t, first, w, "work", "a")
		if j := await(t, hanging); j.Attempts != 0 {
			t.Fatalf("attempts = %d", j.Attempts)
		}
		if len(nodes) > 1 {
			run(t, node(nodes[1], false))
		}
		if j := await(t, done); j.Attempts != 1 {
			t.Fatalf("the second attempt says %d before it", j.Attempts)
		}
		close(release)
		if err := await(t, late); !errors.Is(err, timer.ErrTaken) {
			t.Fatalf("the one that came back too late got %v", err)
		}
		set(t, first, w, "work", "b") // something after it, so that a third run would be seen
		if j := await(t, done); j.Key != "b" || pending(t, first, w, "work") != 0 {
			t.Fatalf("ran %+v", j)
		}
	})
}

// The late one's ErrTaken must not end the lease under which its successor works.
func TestALateHandlerDoesNotFreeItsSuccessorsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const lease = 400 * time.Millisecond
		w := dbtest.World(t, d)
		calls, marker := make(chan chan error, 10), make(chan timer.Job, 1)
		r := timer.NewRunner(d, newLog(), 2, timer.WithLease(lease))
		r.Handle("work", func(context.Context, timer.Job) error {
			goOn := make(chan error, 1)
			calls <- goOn
			return <-goOn
		})
		r.Handle("marker", telling(d, marker))
		set(t, d, w, "work", "a")
		stop := run(t, r)
		late := await(t, calls)
		second := await(t, calls) // both workers are busy
		held := read(t, d, w, "work", "a")
		late <- timer.ErrTaken
		set(t, d, w, "marker", "m")
		await(t, marker) // the late one is through
		got := read(t, d, w, "work", "a")
		if got.lease != held.lease && got.lease < held.lease+lease.Microseconds() {
			t.Fatalf("the lease went from %d to %d", held.lease, got.lease)
		}
		second <- errors.New("enough")
		go func() { // those who took it up after that, if this test was slow
			for goOn := range calls {
				goOn <- errors.New("enough")
			}
		}()
		stop()
		close(calls)
	})
}

// A timer that another unit is changing is due but cannot be taken: the node waits
// for it without asking all the time.
func TestANodeDoesNotSpinOnWorkThatOthersHold(t *testing.T) {
	url := dbtest.Postgres(t)
	holder, node := dbtest.Open(t, url), dbtest.Open(t, url)
	w := dbtest.World(t, holder)
	set(t, holder, w, "work", "a")
	ran := make(chan timer.Job, 1)
	r := newRunner(node)
	r.Handle("work", telling(node, ran))
	var looks int64
	err := holder.Within(t.Context(), w, func(tx *db.Tx) error {
		timer.Nudge(tx, "work", "a", tx.Now())
		if err := tx.Flush(); err != nil {
			return err
		}
		run(t, r)
		before := node.Stats().Units
		if err := clock.Sleep(t.Context(), 300*time.Millisecond); err != nil {
			return err
		}
		looks = node.Stats().Units - before
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, ran)
	if looks < 2 || looks > 60 {
		t.Fatalf("it looked %d times in 300 ms", looks)
	}
}

// Microseconds until then do not fit into a Duration's nanoseconds.
func TestATimerFarAwayIsNotDue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := make(chan timer.Job, 1)
		r := newRunner(d)
		r.Handle("work", telling(d, ran))
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "far", time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC), "")
		})
		before := d.Stats().Units
		stop := run(t, r)
		if err := clock.Sleep(t.Context(), 50*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		stop()
		if n := d.Stats().Units - before; n > 3 {
			t.Fatalf("it tried to take something up %d times", n)
		}
	})
}

func TestARunnerThatEndsWaitsForWhatIsInFlightAndTakesUpNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		begun, release := make(chan timer.Job, 10), make(chan struct{})
		r := timer.NewRunner(d, newLog(), 1)
		done := finish(d)
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			begun <- j
			<-release
			if err := ctx.Err(); err != nil {
				t.Errorf("the work in flight was cut off: %v", err)
			}
			return done(ctx, j)
		})
		set(t, d, w, "work", "a", "b")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); r.Run(ctx) }()
		await(t, begun)
		cancel()
		select {
		case <-ended:
			t.Error("Run returned before the work in flight")
		default:
		}
		close(release)
		await(t, ended)
		if n := pending(t, d, w, "work"); n != 1 || len(begun) != 0 {
			t.Fatalf("%d are left, %d more were begun", n, len(begun))
		}
	})
}

// What a process on the same SQLite file left under lease when it was killed is
// taken up at once by the next one.
func TestANewProcessOnTheFileTakesUpWhatTheOldOneLeft(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	w := dbtest.World(t, d)
	set(t, d, w, "work", "a")
	within(t, d, w, func(tx *db.Tx) {
		until := clock.Micros(tx.Machine().Add(timer.Lease))
		tx.Do(`UPDATE timer SET lease_until = $2, wake_at = $2 WHERE world = $1`, until)
	})
	ran := make(chan timer.Job, 1)
	r := newRunner(d)
	r.Handle("work", telling(d, ran))
	run(t, r)
	await(t, ran)
}

func TestWorkOfAWorldThatIsGoneEndsQuietly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, other := dbtest.World(t, d), dbtest.World(t, d)
		ran := make(chan timer.Job, 10)
		r := newRunner(d)
		r.Handle("work", func(ctx context.Context, j timer.Job) error {
			if err := d.System(ctx, func(tx *db.Tx) error {
				tx.Do(`DELETE FROM world WHERE id = $1`, w)
				tx.Do(`DELETE FROM timer WHERE world = $1`, w)
				tx.WorldChanged(w)
				return nil
			}); err != nil {
				t.Error(err)
			}
			err := finish(d)(ctx, j)
			if !errors.Is(err, db.ErrNoWorld) && !errors.Is(err, timer.ErrTaken) {
				t.Errorf("err = %v", err)
			}
			ran <- j
			return err
		})
		r.Handle("marker", telling(d, ran))
		set(t, d, w, "work", "a")
		stop := run(t, r)
		await(t, ran)
		set(t, d, other, "marker", "m")
		await(t, ran)
		stop()
	})
}
