package trouble

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// raft is what the nodes of this test call.
var raft = Declare("test.raft", "a raft")

// A node of another process does not learn by itself that something was set; it only
// does not believe for long what it has read. So whoever sets something is answered
// when no node believes any more what it read before. (This test runs alone: others
// count changes too.)
func TestWhoSetsSomethingIsAnsweredWhenNoNodeBelievesOtherwise(t *testing.T) {
	url := dbtest.Postgres(t)
	here, there := dbtest.Open(t, url), dbtest.Open(t, url)
	world := dbtest.World(t, here)
	other := New(there)
	spot := other.Spot(raft, time.Minute, 1)
	for range 3 {
		// The other process has counted as many changes as this one will have.
		other.remember(world, quiet{changes.Load() + 1, other.since()})
		err := here.Within(t.Context(), world, func(tx *db.Tx) error {
			_, err := Put(tx, "somebody", Trouble{Target: raft, Mode: Failure, Count: 1})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ModeOf(spot.Meet(t.Context(), world)); got != Failure {
			t.Errorf("the other node met %q", got)
		}
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	m := New(dbtest.Open(t, dbtest.SQLite(t)))
	for i := range maxQuiet + 10 {
		m.remember(string(rune('a'+i%26))+time.Duration(i).String(), quiet{})
	}
	if len(m.quiet) > maxQuiet {
		t.Errorf("it remembers %d worlds", len(m.quiet))
	}
}
