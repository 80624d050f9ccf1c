package requestlog

import (
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

func TestTheErrorsThatAnApplicationHasMetAreCounted(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		for _, id := range []string{"r-1", "r-2"} {
			r := asked(world, "app_a", id)
			r.Status, r.Fault = 409, wrongMove.With()
			l.Add(r)
		}
		other := asked(world, "app_b", "r-3")
		other.Status, other.Fault = 409, wrongMove.With()
		l.Add(other)
		l.Add(asked(world, "app_a", "r-4"))
		l.flushed(t)
		err := l.d.View(t.Context(), world, func(tx *db.Tx) error {
			met, err := l.Codes(tx, "app_a", clock.Machine().Add(-time.Hour), 10)
			if err != nil || len(met) != 1 || met[0].Code != wrongMove.ID || met[0].N != 2 || met[0].Status != 409 || met[0].Operation != "makeX" || met[0].Last.IsZero() {
				t.Errorf("%+v, %v", met, err)
			}
			if met, err = l.Codes(tx, "app_a", clock.Machine().Add(time.Hour), 10); len(met) != 0 || err != nil {
				t.Errorf("from now on: %+v, %v", met, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
