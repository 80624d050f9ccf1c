package sandbox

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/trouble"
)

var ferry = trouble.Declare("test.ferry", "a ferry")

func putTrouble(t *testing.T, s *Service, world string, count int64) {
	t.Helper()
	err := s.o.DB.Within(t.Context(), world, func(tx *db.Tx) error {
		_, err := trouble.Put(tx, "test", trouble.Trouble{Target: ferry, Mode: trouble.Failure, Count: count})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hit expects that exactly so many calls meet trouble.
func hit(t *testing.T, spot *trouble.Spot, what, world string, want int) {
	t.Helper()
	got := 0
	for trouble.ModeOf(spot.Meet(t.Context(), world)) == trouble.Failure && got <= want {
		got++
	}
	if got != want {
		t.Errorf("%s: %d calls met trouble, want %d", what, got, want)
	}
}

// A node that has seen a world without trouble meets what a restore brings back.
func TestTroubleIsKeptCopiedPutBackAndClearedWithItsWorld(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0)
		spot := trouble.New(s.o.DB).Spot(ferry, time.Minute, 1)
		hit(t, spot, "a fresh world", world.ID, 0)
		putTrouble(t, s, world.ID, 3)
		hit(t, spot, "set", world.ID, 3)
		putTrouble(t, s, world.ID, 3)
		snap, err := s.Snapshot(t.Context(), world.ID, "test")
		if err != nil {
			t.Fatal(err)
		}
		fork, err := s.Fork(t.Context(), world.ID, world.App.ID, NewWorld{Org: org, TTL: time.Hour, Actor: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reset(t.Context(), world.ID, "test"); err != nil {
			t.Fatal(err)
		}
		hit(t, spot, "reset", world.ID, 0)
		hit(t, spot, "reset, again", world.ID, 0)
		hit(t, spot, "the fork", fork.ID, 3)
		for range 2 {
			if _, err := s.Restore(t.Context(), world.ID, snap.ID, "test"); err != nil {
				t.Fatal(err)
			}
			hit(t, spot, "restored", world.ID, 3)
			hit(t, spot, "restored and spent", world.ID, 0)
		}
		hit(t, spot, "the fork's is spent", fork.ID, 0)
	})
}
