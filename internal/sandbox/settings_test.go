package sandbox

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/setting"
)

var door = setting.Declare(setting.Setting{Name: "test.door", Values: []string{"open", "closed"}, Default: "open", Text: "How the door is."})

func putDoor(t *testing.T, s *Service, world, value string) {
	t.Helper()
	err := s.o.DB.Within(t.Context(), world, func(tx *db.Tx) error { return setting.Put(tx, "test", "test.door", value) })
	if err != nil {
		t.Fatal(err)
	}
}

func wantDoor(t *testing.T, s *Service, world, want string) {
	t.Helper()
	err := s.o.DB.View(t.Context(), world, func(tx *db.Tx) error {
		got, err := door.Get(tx)
		if got != want {
			t.Errorf("the door is %s, want %s", got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSettingsAreKeptCopiedAndPutBackWithTheirWorld(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		world := create(t, s, 0)
		putDoor(t, s, world.ID, "closed")
		snap, err := s.Snapshot(t.Context(), world.ID, "test")
		if err != nil {
			t.Fatal(err)
		}
		fork, err := s.Fork(t.Context(), world.ID, world.App.ID, NewWorld{Org: org, TTL: time.Hour, Actor: "test"})
		if err != nil {
			t.Fatal(err)
		}
		wantDoor(t, s, fork.ID, "closed")
		if _, err := s.Reset(t.Context(), world.ID, "test"); err != nil {
			t.Fatal(err)
		}
		wantDoor(t, s, world.ID, "open")
		wantDoor(t, s, fork.ID, "closed")
		if _, err := s.Restore(t.Context(), world.ID, snap.ID, "test"); err != nil {
			t.Fatal(err)
		}
		wantDoor(t, s, world.ID, "closed")
	})
}
