package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

func TestAUnitThatFailsChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		boom := errors.New("boom")
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, $3)`, "a", 1)
			if err := tx.Flush(); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("err = %v", err)
		}
		if n := count(t, d, w); n != 0 {
			t.Fatalf("%d rows are left of a failed unit", n)
		}
	})
}

func count(t *testing.T, d *db.DB, world string) (n int64) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		return tx.Row(`SELECT count(*) FROM counter WHERE world = $1`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAPanicIsOneUnitsErrorAndNobodyElses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		if err := d.Within(t.Context(), w, func(tx *db.Tx) error { panic("ouch") }); err == nil {
			t.Fatal("no error")
		}
		put(t, d, w, "after", 1)
		if n := count(t, d, w); n != 1 {
			t.Fatalf("rows = %d", n)
		}
	})
}

func put(t *testing.T, d *db.DB, world, name string, v int64) {
	t.Helper()
	if err := d.Within(t.Context(), world, func(tx *db.Tx) error {
		tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, $3)`, name, v)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestOneFailsTheUnitWithTheCallersErrorWhenNoRowMatched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		taken := errors.New("taken")
		insert := func() error {
			return d.Within(t.Context(), w, func(tx *db.Tx) error {
				tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`, "other")
				tx.One(taken, `INSERT INTO counter (world, name, next) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`, "a")
				return nil
			})
		}
		if err := insert(); err != nil {
			t.Fatal(err)
		}
		if err := insert(); !errors.Is(err, taken) {
			t.Fatalf("err = %v", err)
		}
	})
}

func TestAUnitReadsItsOwnQueuedWrites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		var n int64
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, 41)`, "a")
			tx.Do(`UPDATE counter SET next = next + 1 WHERE world = $1 AND name = $2`, "a")
			return tx.Row(`SELECT next FROM counter WHERE world = $1 AND name = $2`, "a").Scan(&n)
		})
		if err != nil || n != 42 {
			t.Fatalf("n = %d, err = %v", n, err)
		}
	})
}

func TestWorldsDoNotSeeEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := dbtest.World(t, d), dbtest.World(t, d)
		put(t, d, a, "x", 1)
		if n := count(t, d, b); n != 0 {
			t.Fatalf("world b sees %d rows of world a", n)
		}
	})
}

func TestAStatementWithoutItsWorldDoesNotRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		put(t, d, w, "x", 1)
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM counter`)
			return err
		})
		if err == nil {
			t.Fatal("a statement that names no world ran")
		}
		if n := count(t, d, w); n != 1 {
			t.Fatal("and it deleted rows")
		}
	})
}

func TestAnUnknownWorldIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Within(t.Context(), "nowhere", func(tx *db.Tx) error { tx.Now(); return nil }); !errors.Is(err, db.ErrNoWorld) {
			t.Fatalf("err = %v", err)
		}
	})
}

func TestAViewCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		err := d.View(t.Context(), w, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, 'x', 0)`)
			return nil
		})
		if !errors.Is(err, db.ErrReadOnly) {
			t.Fatalf("err = %v", err)
		}
	})
}

// Sixty-four writers on one row: no update is lost, and SQLite commits far fewer
// times than there are units.
func TestConcurrentUnitsLoseNothingAndShareCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		put(t, d, w, "hits", 0)
		before := d.Stats()
		var wg sync.WaitGroup
		var failed atomic.Int64
		for range 64 {
			wg.Go(func() {
				for range 10 {
					err := d.Within(t.Context(), w, func(tx *db.Tx) error {
						tx.One(errors.New("gone"), `UPDATE counter SET next = next + 1 WHERE world = $1 AND name = $2`, "hits")
						return nil
					})
					if err != nil {
						failed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		var n int64
		_ = d.View(t.Context(), w, func(tx *db.Tx) error {
			return tx.Row(`SELECT next FROM counter WHERE world = $1 AND name = $2`, "hits").Scan(&n)
		})
		if n != 640 || failed.Load() != 0 {
			t.Fatalf("counted %d of 640, %d failed", n, failed.Load())
		}
		after := d.Stats()
		units, commits := after.Units-before.Units, after.Commits-before.Commits
		if units != 640 {
			t.Fatalf("units = %d", units)
		}
		if d.Dialect() == db.SQLite && commits > units/2 {
			t.Fatalf("%d commits for %d units: they did not share", commits, units)
		}
	})
}

// One unit of a group fails at its last statement: its neighbours keep their rows.
func TestAFailingUnitDoesNotTakeItsGroupWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_ = d.Within(t.Context(), w, func(tx *db.Tx) error {
					tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, 0)`, fmt.Sprint("n", i))
					if i%2 == 0 {
						tx.One(boom, `UPDATE counter SET next = 1 WHERE world = $1 AND name = $2`, "no such row")
					}
					return nil
				})
			})
		}
		wg.Wait()
		if n := count(t, d, w); n != 20 {
			t.Fatalf("%d rows, want the 20 of the units that succeeded", n)
		}
	})
}

func TestTheClockOfAWorldIsReadInTheUnitAndMovesForAllWhoComeAfter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		var before, after time.Time
		now := func(into *time.Time) {
			if err := d.Within(t.Context(), w, func(tx *db.Tx) error { *into = tx.Now(); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		now(&before)
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			s, err := tx.Clock().To(tx.Machine(), tx.Now().Add(time.Hour))
			if err != nil {
				return err
			}
			tx.After(func() { d.KnowClock(w) })
			return tx.SetClock(s.Freeze(tx.Machine()), 0)
		}, db.Exclusive())
		if err != nil {
			t.Fatal(err)
		}
		now(&after)
		if d := after.Sub(before); d < time.Hour || d > time.Hour+time.Minute {
			t.Fatalf("moved by %v", d)
		}
		var again time.Time
		if now(&again); !again.Equal(after) {
			t.Fatal("a frozen clock moved")
		}
	})
}

func TestAUnitAtAGivenMomentSeesThatMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		moment := clock.Machine().Add(-48 * time.Hour)
		var saw time.Time
		err := d.Within(db.AtMoment(t.Context(), moment), w, func(tx *db.Tx) error { saw = tx.Now(); return nil })
		if err != nil || !saw.Equal(moment) {
			t.Fatalf("saw %v, %v", saw, err)
		}
	})
}

func TestAfterRunsOnlyWhenTheUnitWasCommitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		ran := 0
		unit := func(err error) {
			_ = d.Within(t.Context(), w, func(tx *db.Tx) error { tx.After(func() { ran++ }); return err })
		}
		unit(nil)
		unit(errors.New("no"))
		if ran != 1 {
			t.Fatalf("ran %d times", ran)
		}
	})
}

func TestManyNodesMigrateAtOnce(t *testing.T) {
	url := dbtest.Empty(t)
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for range 4 {
		wg.Go(func() {
			d, err := db.Open(context.Background(), url, db.Options{})
			if err == nil {
				err = errors.Join(d.Migrate(context.Background()), d.Close())
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestACloseEndsWhatWaitsAndRefusesWhatComesAfter(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.System(t.Context(), func(tx *db.Tx) error { return nil }); err == nil {
		t.Fatal("a closed database took a unit")
	}
	if err := d.Close(); err != nil {
		t.Fatalf("closing twice: %v", err)
	}
}

func TestAGroupSharesQueriesAndGivesEachItsOwnAnswer(t *testing.T) {
	var loads atomic.Int64
	release := make(chan struct{})
	g := db.Group[int, string]{Lanes: 1, Load: func(_ context.Context, keys []int) (map[int]string, error) {
		if loads.Add(1) == 1 {
			<-release
		}
		m := map[int]string{}
		for _, k := range keys {
			if k%7 != 0 {
				m[k] = fmt.Sprint(k)
			}
		}
		return m, nil
	}}
	var wg, started sync.WaitGroup
	for i := range 50 {
		started.Add(1)
		wg.Go(func() {
			started.Done()
			v, ok, err := g.Get(context.Background(), i)
			if err != nil || ok != (i%7 != 0) || (ok && v != fmt.Sprint(i)) {
				t.Errorf("Get(%d) = %q, %v, %v", i, v, ok, err)
			}
		})
	}
	started.Wait()
	close(release)
	wg.Wait()
	if n := loads.Load(); n >= 50 {
		t.Fatalf("%d queries for 50 lookups", n)
	}
}

// Eight nodes' worth of callers on one counter: every number once.
func TestCountersGiveEveryNumberOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for range 4 {
			node := db.NewCounters(d)
			for range 2 {
				wg.Go(func() {
					for range 100 {
						n, err := node.Next(context.Background(), w, "quote")
						mu.Lock()
						if err != nil || n < 1 || seen[n] {
							t.Errorf("got %d again or %v", n, err)
						}
						seen[n] = true
						mu.Unlock()
					}
				})
			}
		}
		wg.Wait()
		if len(seen) != 800 {
			t.Fatalf("%d numbers, want 800", len(seen))
		}
	})
}

func TestNextIDGrows(t *testing.T) {
	last := int64(0)
	for range 10_000 {
		id := db.NextID()
		if id <= last {
			t.Fatalf("%d after %d", id, last)
		}
		last = id
	}
}
