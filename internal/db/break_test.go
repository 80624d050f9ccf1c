package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// A clock is changed among many units that wait: those that run after the change
// see it, even in the same group, and those before it do not.
func TestUnitsRightAfterAClockWasSetSeeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 10 {
			w := dbtest.World(t, d)
			put(t, d, w, "order", 0)
			stop := askAllTheTime(t, d, w)
			type seen struct {
				n   int64
				now time.Time
			}
			const units, setter = 40, 20
			var all [units]seen
			var wg sync.WaitGroup
			for i := range units {
				wg.Go(func() {
					var opts []db.Option
					if i == setter {
						opts = append(opts, db.Exclusive())
					}
					err := d.Within(context.Background(), w, func(tx *db.Tx) error {
						all[i].now = tx.Now()
						tx.Do(`UPDATE counter SET next = next + 1 WHERE world = $1 AND name = 'order'`)
						if err := tx.Row(`SELECT next FROM counter WHERE world = $1 AND name = 'order'`).Scan(&all[i].n); err != nil {
							return err
						}
						if i != setter {
							return nil
						}
						s, err := tx.Clock().To(tx.Machine(), tx.Now().Add(time.Hour))
						if err != nil {
							return err
						}
						return tx.SetClock(s, 0)
					}, opts...)
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			stop()
			for i, s := range all {
				if moved := s.now.Sub(all[setter].now) > 30*time.Minute; moved != (s.n > all[setter].n) {
					t.Errorf("unit %d ran as number %d, the clock was set by number %d, and it saw %v of %v",
						i, s.n, all[setter].n, s.now, all[setter].now)
				}
			}
		}
	})
}

// Readers ask for a clock while it is changed: what one of them read before the
// change must not be what the node knows after it.
func TestANodeNeverKnowsAClockFromBeforeItsChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		stop := askAllTheTime(t, d, w)
		for i := range 30 {
			at := clock.FromMicros(clock.Micros(clock.Machine().Add(time.Duration(i) * time.Hour)))
			err := d.Within(t.Context(), w, func(tx *db.Tx) error {
				return tx.SetClock(clock.State{Sandbox: true, Frozen: at}, 0)
			}, db.Exclusive())
			if err != nil {
				t.Fatal(err)
			}
			if s, err := d.Clock(t.Context(), w); err != nil || !s.Frozen.Equal(at) {
				t.Fatalf("round %d: it knows %v, %v; it is %v", i, s.Frozen, err, at)
			}
		}
		stop()
	})
}

// askAllTheTime has readers ask for a world's clock, so that this node believes to
// know it, until stop is called.
func askAllTheTime(t *testing.T, d *db.DB, world string) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, err := d.Clock(context.Background(), world)
				// Readers without a pause would take the machine from everybody else.
				if err = errors.Join(err, clock.Sleep(context.Background(), 100*time.Microsecond)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { close(done); wg.Wait() }
}

func TestAClockThatWasSetInAUnitThatFailedIsNotKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		boom := errors.New("boom")
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			if err := tx.SetClock(clock.State{Sandbox: true, Offset: time.Hour}, time.Hour); err != nil {
				return err
			}
			if !tx.Clock().Moving || tx.Now().Sub(tx.Machine()) != time.Hour {
				t.Error("the unit itself does not see it")
			}
			return boom
		}, db.Exclusive())
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if s, err := d.Clock(t.Context(), w); err != nil || s.Offset != 0 || s.Moving {
			t.Fatalf("it knows %+v, %v", s, err)
		}
	})
}

func TestAWorldThatIsDeletedIsUnknownAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		if _, err := d.Clock(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		if err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.One(db.ErrNoWorld, `DELETE FROM world WHERE id = $1`, w)
			tx.WorldChanged(w)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		err := d.Within(t.Context(), w, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, 'x', 1)`)
			return nil
		})
		if !errors.Is(err, db.ErrNoWorld) {
			t.Fatalf("err = %v", err)
		}
	})
}

// A unit that fails because of what another one did is answered when that is
// committed: whoever is told that a thing is taken finds it taken.
func TestWhoeverIsRefusedFindsWhatRefusedHim(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		taken := errors.New("taken")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for k := range 40 {
					name := fmt.Sprint("n", k)
					err := d.Within(context.Background(), w, func(tx *db.Tx) error {
						tx.One(taken, `INSERT INTO counter (world, name, next) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, name, i)
						return nil
					})
					if err != nil && !errors.Is(err, taken) {
						t.Error(err)
					}
					var by int64
					if err := d.View(context.Background(), w, func(tx *db.Tx) error {
						return tx.Row(`SELECT next FROM counter WHERE world = $1 AND name = $2`, name).Scan(&by)
					}); err != nil {
						t.Errorf("after %v: %v", taken, err)
					}
				}
			})
		}
		wg.Wait()
	})
}

// The disk is full in the middle of a group: SQLite rolls the whole transaction
// back by itself. Whatever was answered with an error is not there, and whatever
// was answered without one is.
func TestAFullDiskLosesNothingThatWasAnsweredAndKeepsNothingThatFailed(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	w := dbtest.World(t, d)
	var pages int64
	if err := d.System(t.Context(), func(tx *db.Tx) error {
		if err := tx.Row(`PRAGMA page_count`).Scan(&pages); err != nil {
			return err
		}
		var got int64
		return tx.Row(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+60)).Scan(&got)
	}); err != nil {
		t.Fatal(err)
	}
	full := 0
	for round := range 12 {
		const units = 24
		errs := make([]error, units)
		var wg sync.WaitGroup
		for i := range units {
			wg.Go(func() {
				size := 100
				if i%8 == 3 {
					size = 400_000
				}
				errs[i] = d.Within(context.Background(), w, func(tx *db.Tx) error {
					tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, $3)`, fmt.Sprint(round, "-", i), 1)
					tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, $3)`, fmt.Sprint(round, "-", i, strings.Repeat("x", size)), 1)
					return nil
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			var n int64
			if viewErr := d.View(t.Context(), w, func(tx *db.Tx) error {
				return tx.Row(`SELECT count(*) FROM counter WHERE world = $1 AND (name = $2 OR name LIKE $3)`,
					fmt.Sprint(round, "-", i), fmt.Sprint(round, "-", i, "x%")).Scan(&n)
			}); viewErr != nil {
				t.Fatal(viewErr)
			}
			switch {
			case err == nil && n != 2:
				t.Errorf("round %d, unit %d was answered and %d of its 2 rows are there", round, i, n)
			case err != nil && n != 0:
				t.Errorf("round %d, unit %d failed (%v) and %d of its rows are there", round, i, err, n)
			}
			if err != nil {
				full++
			}
		}
	}
	if full == 0 {
		t.Fatal("the disk was never full")
	}
}

// PostgreSQL answers the COMMIT of a failed transaction without an error.
func TestAUnitThatOverlooksAnErrorOfItsRowsIsNotTakenForCommitted(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	w := dbtest.World(t, d)
	put(t, d, w, "zero", 0)
	err := d.Within(t.Context(), w, func(tx *db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO counter (world, name, next) VALUES ($1, 'lost', 1)`); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT 1 / next FROM counter WHERE world = $1 AND name = 'zero'`)
		if err != nil {
			return err
		}
		for rows.Next() { // that is the mistake
		}
		rows.Close()
		return nil
	})
	if n := count(t, d, w); err == nil || n != 1 {
		t.Fatalf("err = %v, %d rows", err, n)
	}
	put(t, d, w, "after", 1) // the connection is clean again
}

func TestAPanicInAViewIsItsErrorAndItsConnectionLivesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		for range 30 {
			if err := d.View(t.Context(), w, func(*db.Tx) error { panic("ouch") }); err == nil {
				t.Fatal("no error")
			}
		}
		if n := count(t, d, w); n != 0 {
			t.Fatal(n)
		}
	})
}
