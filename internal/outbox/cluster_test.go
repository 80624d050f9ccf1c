package outbox_test

import (
	"errors"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
)

// A dump restored into a cluster whose transactions are numbered from lower on:
// what is posted there is read after what was carried along, and nothing is hidden.
func TestNoticesOfARestoredDumpComeBeforeNewOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := dbtest.World(t, d)
		adopt := func() {
			t.Helper()
			if err := outbox.Adopt(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		say := func(typ string) {
			t.Helper()
			err := d.Within(t.Context(), w, func(tx *db.Tx) error {
				return outbox.Post(tx, outbox.Notice{App: "app_a", Customer: "1-A", Subject: "order/1", Type: typ, Data: map[string]any{}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		adopt()
		say("test.carried")
		if d.Dialect() == db.Postgres {
			// As after a restore: the rows' numbers are far above this cluster's, and
			// the row that names the cluster names another.
			err := d.System(t.Context(), func(tx *db.Tx) error {
				tx.Do(`UPDATE notice SET seq = seq + 1000000000`)
				tx.Do(`UPDATE notice_cluster SET id = 42`)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		adopt()
		adopt()
		say("test.new")
		var list []outbox.Entry
		var err error
		// Other tests' transactions on the same server may hold readers back a little.
		for waited := clock.Elapsed(); len(list) < 2 && err == nil && waited() < 10*time.Second; {
			err = d.View(t.Context(), w, func(tx *db.Tx) (err error) {
				list, err = outbox.List(tx, outbox.Filter{App: "app_a"}, 10)
				return err
			})
			err = errors.Join(err, clock.Sleep(t.Context(), time.Millisecond))
		}
		if err != nil || len(list) != 2 || list[0].Type != "test.carried" || list[1].Type != "test.new" {
			t.Fatalf("list %+v, %v", list, err)
		}
	})
}
