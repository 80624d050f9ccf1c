package timer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/timer"
)

// trail is what ran, in order, and at which moment of its world.
type trail struct {
	mu  sync.Mutex
	ran []step
}

type step struct {
	key string
	at  time.Time
}

func (s step) String() string { return s.key + "@" + s.at.Format("02T15:04:05.999999") }

func (tr *trail) add(key string, at time.Time) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.ran = append(tr.ran, step{key, at})
}

func (tr *trail) steps() []step {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.ran)
}

// following finishes each job, doing more in the same unit, and notes it.
func following(d *db.DB, tr *trail, more func(tx *db.Tx, j timer.Job)) timer.Handler {
	return func(ctx context.Context, j timer.Job) error {
		var at time.Time
		err := d.Within(ctx, j.World, func(tx *db.Tx) error {
			at = tx.Now()
			j.Done(tx)
			if more != nil {
				more(tx, j)
			}
			return nil
		})
		tr.add(j.Key, at)
		return err
	}
}

func freeze(t *testing.T, r *timer.Runner, w string) time.Time {
	t.Helper()
	s, err := r.Change(t.Context(), w, func(tx *db.Tx) (clock.State, error) { return tx.Clock().Freeze(tx.Machine()), nil })
	if err != nil {
		t.Fatal(err)
	}
	return s.Frozen
}

func thaw(t *testing.T, r *timer.Runner, w string) {
	t.Helper()
	if _, err := r.Change(t.Context(), w, func(tx *db.Tx) (clock.State, error) { return tx.Clock().Thaw(tx.Machine()), nil }); err != nil {
		t.Fatal(err)
	}
}

// by and to are targets of moves.
func by(d time.Duration) func(time.Time) time.Time {
	return func(now time.Time) time.Time { return now.Add(d) }
}

func to(at time.Time) func(time.Time) time.Time { return func(time.Time) time.Time { return at } }

func now(t *testing.T, d *db.DB, w string) (at time.Time) {
	t.Helper()
	within(t, d, w, func(tx *db.Tx) { at = tx.Now() })
	return at
}

func moving(t *testing.T, d *db.DB, w string) (is bool) {
	t.Helper()
	within(t, d, w, func(tx *db.Tx) { is = tx.Clock().Moving })
	return is
}

func TestAMoveRunsWhatFallsDueInOrderEachAtItsOwnMoment(t *testing.T) {
	for _, frozen := range []bool{true, false} {
		t.Run(fmt.Sprintf("frozen %v", frozen), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w, other := dbtest.World(t, d), dbtest.World(t, d)
				r := newRunner(d)
				start := clock.Machine()
				if frozen {
					start = freeze(t, r, w)
				}
				var tr trail
				at := func(m int) time.Time { return start.Add(time.Hour + time.Duration(m)*time.Minute) }
				r.Handle("work", following(d, &tr, func(tx *db.Tx, j timer.Job) {
					switch j.Key {
					case "b": // on the way, at this very moment, and beyond
						timer.Set(tx, "work", "b2", at(25), "")
						timer.Set(tx, "work", "b1", tx.Now(), "")
						timer.Set(tx, "work", "b3", at(61), "")
					case "c": // what is still to come is changed
						timer.Clear(tx, "work", "e")
						timer.Set(tx, "work", "f", at(45), "")
					case "b1": // due before it is set
						timer.Set(tx, "work", "b0", at(-20), "")
					}
				}))
				within(t, d, w, func(tx *db.Tx) {
					for key, m := range map[string]int{"a": 0, "b": 20, "c": 30, "d": 40, "e": 50, "f": 35, "g": 60} {
						timer.Set(tx, "work", key, at(m), "")
					}
					timer.Set(tx, "work", "too late", at(60).Add(time.Microsecond), "")
				})
				within(t, d, other, func(tx *db.Tx) { timer.Set(tx, "work", "other", at(5), "") })

				state, ran, err := r.Move(t.Context(), w, to(at(60).Add(999*time.Nanosecond)))
				if err != nil {
					t.Fatal(err)
				}
				want := []step{{"a", at(0)}, {"b", at(20)}, {"b1", at(20)}, {"b0", at(20)}, {"b2", at(25)}, {"c", at(30)}, {"d", at(40)}, {"f", at(45)}, {"g", at(60)}}
				if got := tr.steps(); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("ran  %v\nwant %v", got, want)
				}
				var reported []step
				for _, one := range ran {
					if one.Problem != "" || one.Kind != "work" {
						t.Errorf("reported %+v", one)
					}
					reported = append(reported, step{one.Key, one.Due})
				}
				want[3].at = at(-20) // reported with its own due moment
				if fmt.Sprint(reported) != fmt.Sprint(want) {
					t.Errorf("reported %v\nwant     %v", reported, want)
				}
				known, err := d.Clock(t.Context(), w)
				if err != nil || known != state || state.Moving {
					t.Errorf("the move answers %+v, the database %+v, %v", state, known, err)
				}
				switch at60 := now(t, d, w); {
				case frozen && !at60.Equal(at(60)):
					t.Errorf("the frozen clock ends at %v, want %v", at60, at(60))
				case at60.Before(at(60)) || at60.After(at(60).Add(time.Minute)):
					t.Errorf("the clock ends at %v, want %v", at60, at(60))
				}
				if a, b := pending(t, d, w, "work"), pending(t, d, other, "work"); a != 2 || b != 1 {
					t.Errorf("%d and %d timers are left", a, b)
				}
			})
		})
	}
}

// What was due before the move began cannot run in the world's past.
func TestOverdueWorkRunsAtTheMomentFromWhichTheClockIsMoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		var tr trail
		r.Handle("work", following(d, &tr, nil))
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "overdue", start.Add(-time.Hour), "")
			timer.Set(tx, "work", "long overdue", start.Add(-2*time.Hour), "")
			timer.Set(tx, "work", "now", start, "")
		})
		if _, _, err := r.Move(t.Context(), w, by(0)); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(tr.steps()), fmt.Sprint([]step{{"long overdue", start}, {"overdue", start}, {"now", start}}); got != want {
			t.Errorf("ran  %v\nwant %v", got, want)
		}
		if at := now(t, d, w); !at.Equal(start) {
			t.Errorf("a move by nothing moved to %v", at)
		}
	})
}

func TestOfMovesAtOnceOneMovesAndTheOthersAreRefused(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		first := dbtest.Open(t, url)
		nodes := []*db.DB{first}
		if first.Dialect() == db.Postgres {
			nodes = append(nodes, dbtest.Open(t, url))
		}
		w := dbtest.World(t, first)
		start := freeze(t, newRunner(first), w)
		within(t, first, w, func(tx *db.Tx) { timer.Set(tx, "work", "a", start.Add(time.Minute), "") })
		const movers = 24
		refused := make(chan struct{}, movers)
		var wg sync.WaitGroup
		var moved, ran int
		var mu sync.Mutex
		for i := range movers {
			d := nodes[i%len(nodes)]
			r := newRunner(d)
			r.Handle("work", func(ctx context.Context, j timer.Job) error {
				for range movers - 1 {
					await(t, refused)
				}
				if _, err := r.Change(ctx, w, func(tx *db.Tx) (clock.State, error) { return tx.Clock().Thaw(tx.Machine()), nil }); !errors.Is(err, timer.ErrMoving) {
					t.Errorf("a moving clock was thawed: %v", err)
				}
				return finish(d)(ctx, j)
			})
			wg.Go(func() {
				_, did, err := r.Move(context.Background(), w, by(time.Hour))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					moved++
					ran += len(did)
				case errors.Is(err, timer.ErrMoving):
					refused <- struct{}{}
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if moved != 1 || ran != 1 {
			t.Errorf("%d moves, %d jobs ran", moved, ran)
		}
		if at := now(t, first, w); !at.Equal(start.Add(time.Hour)) {
			t.Errorf("the clock is at %v, want %v", at, start.Add(time.Hour))
		}
	})
}

func TestAMoveBackIsRefusedAndChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		ran := make(chan timer.Job, 1)
		r.Handle("work", telling(d, ran))
		set(t, d, w, "work", "a")
		before := read(t, d, w, "work", "a")
		_, did, err := r.Move(t.Context(), w, by(-time.Microsecond))
		if !errors.Is(err, clock.ErrBackwards) || len(did) != 0 {
			t.Fatalf("err = %v, ran %v", err, did)
		}
		if after := read(t, d, w, "work", "a"); after != before || moving(t, d, w) {
			t.Fatalf("it left %+v of %+v", after, before)
		}
		run(t, r)
		await(t, ran)
	})
}

func TestTheProductionWorldCannotBeMoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ('live', 'production', 'live', '', 1, 0)`)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		r := newRunner(d)
		var tr trail
		r.Handle("work", following(d, &tr, nil))
		within(t, d, "live", func(tx *db.Tx) { timer.Set(tx, "work", "a", tx.Now().Add(time.Minute), "") })
		before := read(t, d, "live", "work", "a")
		if _, ran, err := r.Move(t.Context(), "live", by(time.Hour)); err == nil || len(ran) != 0 {
			t.Errorf("moved: %v, %v", ran, err)
		}
		if _, err := r.Change(t.Context(), "live", func(tx *db.Tx) (clock.State, error) {
			return tx.Clock().Freeze(tx.Machine()), nil
		}); err == nil {
			t.Error("frozen")
		}
		if after := read(t, d, "live", "work", "a"); after != before || len(tr.steps()) != 0 {
			t.Errorf("the refused move left %+v of %+v, ran %v", after, before, tr.steps())
		}
		if at, m := now(t, d, "live"), clock.Machine(); at.After(m) || m.Sub(at) > time.Minute {
			t.Errorf("production is at %v, the machine at %v", at, m)
		}
	})
}

func TestAJobThatFailsInAMoveIsReportedAndDoesNotHoldUpTheOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		var tr trail
		r.Handle("work", following(d, &tr, nil))
		failing := true
		retried := make(chan timer.Job, 10)
		r.Handle("bad", func(ctx context.Context, j timer.Job) error {
			tr.add(j.Key, j.Due)
			switch {
			case !failing:
				return telling(d, retried)(ctx, j)
			case j.Key == "panic":
				panic(nasty)
			case j.Key == "again":
				within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "bad", "again", start.Add(50*time.Minute), "") })
			}
			return errors.New(nasty)
		})
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "a", start.Add(10*time.Minute), "")
			timer.Set(tx, "bad", "error", start.Add(20*time.Minute), "")
			timer.Set(tx, "bad", "panic", start.Add(20*time.Minute), "")
			timer.Set(tx, "unheard of", "what", start.Add(25*time.Minute), "")
			timer.Set(tx, "bad", "again", start.Add(28*time.Minute), "")
			timer.Set(tx, "work", "b", start.Add(30*time.Minute), "")
		})
		_, ran, err := r.Move(t.Context(), w, by(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range ran {
			got = append(got, fmt.Sprint(one.Key, " ", one.Problem != ""))
		}
		want := []string{"a false", "error true", "panic true", "what true", "again true", "b false", "again true"}
		if !slices.Equal(got, want) {
			t.Errorf("reported %v, want %v", got, want)
		}
		if at := now(t, d, w); !at.Equal(start.Add(time.Hour)) {
			t.Errorf("the clock is at %v", at)
		}
		if e := read(t, d, w, "bad", "error"); e.attempts != 1 || e.problem == "" || e.lease != 0 {
			t.Errorf("the failed one is left as %+v", e)
		}
		failing = false
		run(t, r)
		for range 3 {
			await(t, retried)
		}
	})
}

// Handlers with bugs of their own must not keep a clock moving for ever.
func TestWorkThatDoesNotEndDoesNotKeepTheClockMoving(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		runs := map[string]int{}
		r.Handle("bad", func(ctx context.Context, j timer.Job) error {
			runs[j.Key]++
			return d.Within(ctx, w, func(tx *db.Tx) error {
				switch j.Key {
				case "for ever":
					j.Again(tx, tx.Now(), "")
				case "taken":
					return timer.ErrTaken
				case "often":
					if runs[j.Key] == 50 {
						j.Done(tx)
					} else {
						j.Again(tx, tx.Now(), "")
					}
				}
				return nil
			})
		})
		within(t, d, w, func(tx *db.Tx) {
			for _, key := range []string{"unfinished", "for ever", "taken", "often"} {
				timer.Set(tx, "bad", key, start.Add(time.Minute), "")
			}
			timer.Set(tx, "bad", "unfinished later", start.Add(2*time.Minute), "")
		})
		_, ran, err := r.Move(t.Context(), w, by(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"unfinished": 1, "for ever": 100, "taken": 1, "often": 50, "unfinished later": 1}
		problems := map[string]int{}
		for _, one := range ran {
			if one.Problem != "" {
				problems[one.Key]++
			}
		}
		if fmt.Sprint(runs) != fmt.Sprint(want) {
			t.Errorf("ran %v, want %v", runs, want)
		}
		if got, want := fmt.Sprint(problems), fmt.Sprint(map[string]int{"unfinished": 1, "for ever": 1, "taken": 1, "unfinished later": 1}); got != want {
			t.Errorf("problems %v, want %v", got, want)
		}
		if at := now(t, d, w); !at.Equal(start.Add(time.Hour)) || moving(t, d, w) {
			t.Errorf("the clock is at %v", at)
		}
	})
}

// A worker has taken a job up when the move begins, and later ones depend on it.
func TestAMoveWaitsForWhatWorkersHaveTakenUp(t *testing.T) {
	for _, ends := range []string{"done", "fails", "nudged", "dies"} {
		t.Run(ends, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := dbtest.World(t, d)
				lease := timer.Lease
				if ends == "dies" {
					lease = 300 * time.Millisecond
				}
				worker, mover := newRunner(d, timer.WithLease(lease)), newRunner(d, timer.WithLease(lease))
				start := freeze(t, worker, w)
				var tr trail
				taken, release := make(chan struct{}), make(chan struct{})
				once := sync.OnceFunc(func() { close(taken); <-release })
				worker.Handle("work", func(ctx context.Context, j timer.Job) error {
					once()
					switch ends {
					case "fails", "dies":
						return errors.New("why")
					case "nudged":
						within(t, d, w, func(tx *db.Tx) { timer.Nudge(tx, "work", j.Key, tx.Now()) })
						return d.Within(ctx, w, func(tx *db.Tx) error { j.Done(tx); return nil })
					}
					return following(d, &tr, nil)(ctx, j)
				})
				mover.Handle("work", following(d, &tr, nil))
				set(t, d, w, "work", "taken")
				within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "later", start.Add(time.Minute), "") })
				run(t, worker)
				await(t, taken)
				moved := make(chan error, 1)
				go func() {
					_, _, err := mover.Move(context.Background(), w, by(time.Hour))
					moved <- err
				}()
				until(t, "the clock is moving", func() bool { return moving(t, d, w) })
				if ends == "dies" { // it does not come back before the move is over
					err := await(t, moved)
					close(release)
					moved <- err
				} else {
					if got := tr.steps(); len(got) != 0 {
						t.Errorf("the move did not wait: %v", got)
					}
					close(release)
				}
				if err := await(t, moved); err != nil {
					t.Fatal(err)
				}
				if got, want := fmt.Sprint(tr.steps()), fmt.Sprint([]step{{"taken", start}, {"later", start.Add(time.Minute)}}); got != want {
					t.Errorf("ran  %v\nwant %v", got, want)
				}
			})
		})
	}
}

// While a clock moves its work belongs to the mover, whoever sets it, and even
// what a worker gives back.
func TestWorkersDoNotTakeUpAMovingWorldsWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, other := dbtest.World(t, d), dbtest.World(t, d)
		worker, mover := newRunner(d), newRunner(d)
		freeze(t, worker, w)
		var tr trail
		marker := make(chan timer.Job, 1)
		worker.Handle("work", func(_ context.Context, j timer.Job) error {
			t.Errorf("a worker took up %s", j.Key)
			return nil
		})
		worker.Handle("marker", telling(d, marker))
		mover.Handle("work", func(ctx context.Context, j timer.Job) error {
			err := following(d, &tr, func(tx *db.Tx, j timer.Job) {
				if j.Key == "first" {
					timer.Set(tx, "work", "by the work", tx.Now(), "")
				}
			})(ctx, j)
			if j.Key == "first" {
				set(t, d, w, "work", "by a request")
				within(t, d, w, func(tx *db.Tx) { timer.Nudge(tx, "work", "nudged", tx.Now()) })
				for range 3 { // workers come by
					set(t, d, other, "marker", "m")
					await(t, marker)
				}
			}
			return err
		})
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "first", tx.Now().Add(time.Minute), "") })
		run(t, worker)
		if _, ran, err := mover.Move(t.Context(), w, by(time.Hour)); err != nil || len(ran) != 4 {
			t.Errorf("ran %v, %v", ran, err)
		}
	})
}

// A job under a worker's lease fails, or finds that it was changed, while the
// clock moves: it must not come back to the workers before the move has ended.
func TestWhatAWorkerGivesBackDuringAMoveIsTheMovers(t *testing.T) {
	for _, ends := range []error{errors.New("why"), timer.ErrTaken} {
		t.Run(ends.Error(), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := dbtest.World(t, d)
				worker, mover := newRunner(d), newRunner(d)
				start := freeze(t, worker, w)
				taken, giveBack, given := make(chan struct{}), make(chan struct{}), make(chan timer.Job, 10)
				worker.Handle("work", func(_ context.Context, j timer.Job) error {
					close(taken) // a second time panics
					<-giveBack
					return ends
				})
				mover.Handle("work", func(ctx context.Context, j timer.Job) error {
					if j.Key == "a" {
						if got := read(t, d, w, "work", "a"); got.wake != clock.Never {
							t.Errorf("workers may take it up at %d", got.wake)
						}
					}
					return telling(d, given)(ctx, j)
				})
				set(t, d, w, "work", "a")
				within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "b", start.Add(time.Minute), "") })
				run(t, worker)
				await(t, taken)
				moved := make(chan error, 1)
				go func() {
					_, _, err := mover.Move(context.Background(), w, by(time.Hour))
					moved <- err
				}()
				until(t, "the clock is moving", func() bool { return moving(t, d, w) })
				close(giveBack)
				for _, want := range []string{"a", "b"} {
					if j := await(t, given); j.Key != want {
						t.Errorf("the mover ran %s, want %s", j.Key, want)
					}
				}
				if err := await(t, moved); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAFrozenClockLeavesWorkUndoneAndAThawedOneLetsItRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, other := dbtest.World(t, d), dbtest.World(t, d)
		r := newRunner(d)
		ran := make(chan timer.Job, 10)
		r.Handle("work", telling(d, ran))
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "before", tx.Now().Add(150*time.Millisecond), "") })
		start := freeze(t, r, w)
		if got := read(t, d, w, "work", "before"); got.wake != clock.Never {
			t.Fatalf("frozen, it wakes at %d", got.wake)
		}
		within(t, d, w, func(tx *db.Tx) { timer.Set(tx, "work", "during", start.Add(time.Millisecond), "") })
		run(t, r)
		within(t, d, other, func(tx *db.Tx) { timer.Set(tx, "work", "other", tx.Now().Add(200*time.Millisecond), "") })
		if j := await(t, ran); j.Key != "other" {
			t.Fatalf("%s ran in a frozen world", j.Key)
		}
		set(t, d, w, "work", "due already") // time stands still, work that is due does not
		if j := await(t, ran); j.Key != "due already" {
			t.Fatalf("%s ran", j.Key)
		}
		thaw(t, r, w)
		for _, want := range []string{"during", "before"} {
			if j := await(t, ran); j.Key != want {
				t.Fatalf("%s ran after the thaw, want %s", j.Key, want)
			}
		}
		if at := now(t, d, w); at.Sub(start) > time.Minute || !at.After(start) {
			t.Fatalf("it stood at %v and flows at %v", start, at)
		}
	})
}

// A node dies in the middle of a move: its world waits for moving_until, and then
// any node ends the move where it got to.
func TestTheMoveOfADeadNodeIsEndedByAnother(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		w := dbtest.World(t, d)
		start := freeze(t, newRunner(d), w)
		ran := make(chan timer.Job, 10)
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "due", start.Add(time.Minute), "")
			timer.Set(tx, "work", "not due", start.Add(time.Hour), "")
		})
		if err := d.Within(t.Context(), w, func(tx *db.Tx) error { // as a mover leaves it
			tx.Do(`UPDATE timer SET wake_at = $2 WHERE world = $1`, clock.Never)
			s, err := tx.Clock().To(tx.Machine(), start.Add(30*time.Minute))
			if err != nil {
				return err
			}
			return tx.SetClock(s, 50*time.Millisecond)
		}, db.Exclusive()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := newRunner(d).Move(t.Context(), w, by(time.Hour)); err != nil && !errors.Is(err, timer.ErrMoving) {
			t.Fatal(err)
		} else if err == nil {
			t.Log("this machine was slow: the dead move was over already")
			return
		}
		until(t, "the dead node's time is up", func() bool { return !moving(t, d, w) })
		again := dbtest.Open(t, url)
		r := newRunner(again)
		r.Handle("work", telling(again, ran))
		run(t, r)
		if j := await(t, ran); j.Key != "due" {
			t.Fatalf("ran %s", j.Key)
		}
		if at := now(t, again, w); !at.Equal(start.Add(30 * time.Minute)) {
			t.Fatalf("the clock is at %v", at)
		}
	})
}

// A mover that took so long over one job that others gave its move up.
func TestAMoverThatLostItsMoveLeavesTheClockAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		var tr trail
		begun, release := make(chan struct{}), make(chan struct{})
		r.Handle("slow", func(ctx context.Context, j timer.Job) error {
			close(begun)
			<-release
			return following(d, &tr, nil)(ctx, j)
		})
		r.Handle("work", following(d, &tr, nil))
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "slow", "slow", start.Add(time.Minute), "")
			timer.Set(tx, "work", "next", start.Add(2*time.Minute), "")
		})
		moved := make(chan error, 1)
		go func() {
			_, _, err := r.Move(context.Background(), w, by(time.Hour))
			moved <- err
		}()
		await(t, begun)
		within(t, d, w, func(tx *db.Tx) { // its time is up
			tx.Do(`UPDATE world SET moving_until = 1 WHERE id = $1`)
			tx.WorldChanged(w)
		})
		other := newRunner(d)
		other.Handle("work", following(d, &tr, nil))
		other.Handle("slow", following(d, &tr, nil))
		if _, ran, err := other.Move(t.Context(), w, to(start.Add(10*time.Minute))); err != nil || len(ran) != 2 {
			t.Fatalf("ran %v, %v", ran, err)
		}
		close(release)
		if err := await(t, moved); !errors.Is(err, timer.ErrMoveLost) {
			t.Fatalf("the first mover ended with %v", err)
		}
		if at := now(t, d, w); !at.Equal(start.Add(10*time.Minute)) || moving(t, d, w) {
			t.Fatalf("the clock is at %v", at)
		}
	})
}

func TestAMoveThatIsCalledOffLeavesTheClockWhereItGotToAndTheRestUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		r := newRunner(d)
		start := freeze(t, r, w)
		var tr trail
		ctx, cancel := context.WithCancel(t.Context())
		r.Handle("work", following(d, &tr, nil))
		r.Handle("cancel", func(jobCtx context.Context, j timer.Job) error {
			err := following(d, &tr, nil)(jobCtx, j)
			cancel()
			return err
		})
		within(t, d, w, func(tx *db.Tx) {
			timer.Set(tx, "work", "a", start.Add(time.Minute), "")
			timer.Set(tx, "cancel", "b", start.Add(2*time.Minute), "")
			timer.Set(tx, "work", "c", start.Add(3*time.Minute), "")
		})
		state, ran, err := r.Move(ctx, w, by(time.Hour))
		if !errors.Is(err, context.Canceled) || len(ran) != 2 {
			t.Fatalf("ran %v, %v", ran, err)
		}
		if at := now(t, d, w); !at.Equal(start.Add(2*time.Minute)) || !state.Frozen.Equal(at) || moving(t, d, w) {
			t.Fatalf("the clock is at %v", at)
		}
		if _, ran, err := r.Move(t.Context(), w, to(start.Add(time.Hour))); err != nil || len(ran) != 1 || ran[0].Key != "c" {
			t.Fatalf("then ran %v, %v", ran, err)
		}
	})
}

// Many watch while a clock is moved, frozen and thawed: nobody sees it go back,
// and nobody sets a timer past the mover.
func TestNobodySeesTheClockGoBack(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		nodes := []*db.DB{d}
		if d.Dialect() == db.Postgres {
			nodes = append(nodes, dbtest.Open(t, url))
		}
		w := dbtest.World(t, d)
		r := newRunner(d)
		var tr trail
		r.Handle("work", following(d, &tr, nil))
		done := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 8 {
			n := nodes[i%len(nodes)]
			wg.Go(func() {
				var last time.Time
				for k := 0; ; k++ {
					select {
					case <-done:
						return
					default:
					}
					var at time.Time
					var wake int64
					var is bool
					err := n.Within(context.Background(), w, func(tx *db.Tx) error {
						at, is = tx.Now(), tx.Clock().Moving
						wake = tx.Wake(at)
						if k < 50 { // more and more of it would keep the mover busy for ever
							timer.Set(tx, "work", fmt.Sprint(i, "-", k%5), at.Add(time.Duration(k%7)*time.Minute), "")
						}
						return nil
					})
					if err != nil || at.Before(last) {
						t.Errorf("after %v came %v, %v", last, at, err)
						return
					}
					if is && wake != clock.Never {
						t.Errorf("work of a moving world wakes at %d", wake)
					}
					last = at
				}
			})
		}
		for range 15 {
			_, ran, err := r.Move(t.Context(), w, by(5*time.Minute))
			if err != nil {
				t.Error(err)
			}
			for _, one := range ran {
				if one.Problem != "" {
					t.Errorf("%s: %s", one.Key, one.Problem)
				}
			}
			freeze(t, r, w)
			thaw(t, r, w)
		}
		close(done)
		wg.Wait()
		var last time.Time
		for _, s := range tr.steps() {
			if s.at.Before(last) {
				t.Errorf("%v ran after %v", s, last)
			}
			last = s.at
		}
	})
}
