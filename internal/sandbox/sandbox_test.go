package sandbox

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
	"demarc/internal/timer"

	"github.com/google/go-cmp/cmp"
)

const org = "org_test"

// newService makes the sandboxes of one node, whose worlds hold two customers and
// one piece of due work an hour ahead.
func newService(t *testing.T, d *db.DB) *Service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	r := timer.NewRunner(d, log, 4)
	r.Handle("test", func(ctx context.Context, j timer.Job) error {
		return d.Within(ctx, j.World, func(tx *db.Tx) error {
			j.Done(tx)
			trail(tx, "clock", "rang", j.Key)
			return nil
		})
	})
	return New(Options{DB: d, Runner: r, Identity: identity.New(d, identity.Options{}), Counters: db.NewCounters(d), Log: log,
		Products: []string{"ondemand"},
		Seeders: []func(*db.Tx) error{func(tx *db.Tx) error {
			identity.PutCustomer(tx, identity.Customer{Number: "1-A", Name: "A"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-B", Name: "B"})
			timer.Set(tx, "test", "bell", tx.Now().Add(time.Hour), "")
			return nil
		}},
		Checks: []func(*db.Tx) ([]string, error){identity.Check},
	})
}

func create(t *testing.T, s *Service, ttl time.Duration) Created {
	t.Helper()
	seed := int64(7)
	made, err := s.Create(t.Context(), NewWorld{Org: org, Name: "test", TTL: ttl, Seed: &seed, Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// rows is everything in a world, as its export shows it, without its first line.
func rows(t *testing.T, s *Service, world string) []string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Export(t.Context(), world, "test", &b); err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n")[1:] {
		if !strings.Contains(line, `"table":"audit"`) {
			kept = append(kept, line)
		}
	}
	slices.Sort(kept)
	return kept
}

func suspend(t *testing.T, s *Service, world string) {
	t.Helper()
	err := s.o.DB.Within(t.Context(), world, func(tx *db.Tx) error {
		identity.PutCustomer(tx, identity.Customer{Number: "1-A", Name: "A", State: "suspended"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func eachService(t *testing.T, test func(t *testing.T, s *Service)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO organisation (id, name, created_at) VALUES ($1, 'Test', 0)`, org)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, newService(t, d))
	})
}

// A table that no list names would be forgotten by a snapshot, or outlive its world.
func TestEveryTableOfAWorldIsClassified(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		listed := append(append([]string{}, stateTables...), accessTables...)
		listed = append(listed, "app") // identity's own, see DropApps
		slices.Sort(listed)
		var have []string
		query := `SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'world')`
		if s.o.DB.Dialect() == db.Postgres {
			query = `SELECT CAST(table_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'world'`
		}
		err := s.o.DB.SystemView(t.Context(), func(tx *db.Tx) error {
			return tx.Each(func(scan func(...any) error) error {
				var name string
				err := scan(&name)
				have = append(have, name)
				return err
			}, query)
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(have)
		if diff := cmp.Diff(listed, have); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestAFreshWorldHasItsKeysItsSeedAndItsCustomers(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		made := create(t, s, time.Hour)
		if made.Seed != 7 || len(made.App.Secrets) != 1 || made.App.State != "approved" {
			t.Fatalf("made %+v", made)
		}
		if left := made.ExpiresAt.Sub(clock.Machine()); left < 59*time.Minute || left > time.Hour {
			t.Fatalf("expires in %v", left)
		}
		if got := len(rows(t, s, made.ID)); got != 3 {
			t.Fatalf("%d rows, want two customers and a timer", got)
		}
	})
}

func TestASnapshotIsGoneBackToWithItsClockAndItsDueWork(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0).ID
		if _, err := s.Freeze(t.Context(), world); err != nil {
			t.Fatal(err)
		}
		before := rows(t, s, world)
		snap, err := s.Snapshot(t.Context(), world, "test")
		if err != nil {
			t.Fatal(err)
		}
		suspend(t, s, world)
		if _, ran, err := s.Advance(t.Context(), world, func(now time.Time) time.Time { return now.Add(2 * time.Hour) }); err != nil || len(ran) != 1 {
			t.Fatalf("ran %v, %v", ran, err)
		}
		w, err := s.Restore(t.Context(), world, snap.ID, "test")
		if err != nil {
			t.Fatal(err)
		}
		if !w.Clock.Frozen.Equal(snap.At) {
			t.Fatalf("the clock is at %v, want %v", w.Clock.Frozen, snap.At)
		}
		if diff := cmp.Diff(before, rows(t, s, world)); diff != "" {
			t.Fatal(diff)
		}
		if _, ran, err := s.Advance(t.Context(), world, func(now time.Time) time.Time { return now.Add(2 * time.Hour) }); err != nil || len(ran) != 1 {
			t.Fatalf("after the restore ran %v, %v", ran, err)
		}
	})
}

func TestAForkGoesItsOwnWay(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0)
		fork, err := s.Fork(t.Context(), world.ID, world.App.ID, NewWorld{Org: org, TTL: time.Hour, Actor: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if fork.App.ID == world.App.ID || fork.Seed != world.Seed {
			t.Fatalf("fork %+v of %+v", fork, world)
		}
		before := rows(t, s, world.ID)
		suspend(t, s, fork.ID)
		if diff := cmp.Diff(before, rows(t, s, world.ID)); diff != "" {
			t.Fatalf("a change in the fork reached its origin:\n%s", diff)
		}
		if snaps, err := s.Snapshots(t.Context(), world.ID); err != nil || len(snaps) != 0 {
			t.Fatalf("the fork left snapshots: %v, %v", snaps, err)
		}
	})
}

func TestAResetWorldIsAFreshOne(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0).ID
		suspend(t, s, world)
		if _, _, err := s.Advance(t.Context(), world, func(now time.Time) time.Time { return now.Add(48 * time.Hour) }); err != nil {
			t.Fatal(err)
		}
		w, err := s.Reset(t.Context(), world, "test")
		if err != nil {
			t.Fatal(err)
		}
		if w.Clock.Offset != 0 || !w.Clock.Frozen.IsZero() {
			t.Fatalf("clock %+v", w.Clock)
		}
		if got := rows(t, s, world); len(got) != 3 || strings.Contains(strings.Join(got, ""), "suspended") {
			t.Fatalf("rows %v", got)
		}
	})
}

func TestADeletedWorldLeavesNothingAndTheStandingOneStays(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		standing, short := create(t, s, 0), create(t, s, time.Hour)
		if err := s.Delete(t.Context(), org, standing.ID); !errors.Is(err, WorldStanding) {
			t.Fatalf("err = %v", err)
		}
		if err := s.Delete(t.Context(), "org_other", short.ID); !errors.Is(err, WorldUnknown) {
			t.Fatalf("another organisation deleted it: %v", err)
		}
		if _, err := s.Snapshot(t.Context(), short.ID, "test"); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), org, short.ID); err != nil {
			t.Fatal(err)
		}
		for _, table := range append(append([]string{"world", "app"}, stateTables...), accessTables...) {
			column := "world"
			if table == "world" {
				column = "id"
			}
			var n int
			err := s.o.DB.SystemView(t.Context(), func(tx *db.Tx) error {
				return tx.Row(`SELECT count(*) FROM `+table+` WHERE `+column+` <> $1`, standing.ID).Scan(&n)
			})
			if err != nil || n != 0 {
				t.Errorf("%s keeps %d rows, %v", table, n, err)
			}
		}
	})
}

func TestAnExpiredWorldIsSwept(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		short, long := create(t, s, time.Hour), create(t, s, 2*time.Hour)
		err := s.o.DB.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`UPDATE world SET expires_at = $2 WHERE id = $1`, short.ID, clock.Micros(clock.Machine().Add(-time.Second)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), short.ID); !errors.Is(err, WorldUnknown) {
			t.Fatalf("the expired world is there: %v", err)
		}
		if _, err := s.Get(t.Context(), long.ID); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAWorldsInvariantsAreChecked(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0).ID
		if problems, err := s.Check(t.Context(), world); err != nil || len(problems) != 0 {
			t.Fatalf("%v, %v", problems, err)
		}
	})
}
