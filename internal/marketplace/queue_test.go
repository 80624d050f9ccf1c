package marketplace_test

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/marketplace"
)

func TestStaffSeesWhatWaitsForProvidersAndIsInJeopardy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _, s := bought(t, d, serving(silent))
		look := func(f marketplace.QueueFilter, want int) (list []marketplace.Waiting) {
			t.Helper()
			w.View(func(tx *db.Tx) (err error) {
				var total int
				list, total, err = w.Desk.Store.Queue(tx, f, marketplace.Paging{Limit: 10})
				if total != want || len(list) != want {
					t.Errorf("%+v: %d of %d, want %d", f, len(list), total, want)
				}
				return err
			})
			return list
		}
		list := look(marketplace.QueueFilter{State: marketplace.SubProvisioning, Customer: s.Customer}, 1)
		if list[0].ID != s.ID || list[0].Secrets != nil || !list[0].Due.Equal(s.CreatedAt.Add(marketplace.GraceOfProvider)) {
			t.Errorf("%+v", list[0])
		}
		look(marketplace.QueueFilter{Overdue: true}, 0)
		w.Jump(marketplace.GraceOfProvider + time.Second)
		look(marketplace.QueueFilter{Overdue: true}, 1)
		look(marketplace.QueueFilter{State: marketplace.SubEnding}, 0)
		w.View(func(tx *db.Tx) error {
			counts, err := w.Desk.Store.QueueCounts(tx)
			if len(counts) != 1 || counts[0] != (marketplace.Queued{State: marketplace.SubProvisioning, N: 1, Overdue: 1}) {
				t.Errorf("%+v", counts)
			}
			got, trail, err2 := w.Desk.SubscriptionAt(tx, s.ID)
			if got.ID != s.ID || len(trail) == 0 || err2 != nil {
				t.Errorf("%+v with %+v, %v", got, trail, err2)
			}
			if _, _, err2 = w.Desk.SubscriptionAt(tx, "none"); err2 == nil {
				t.Error("a subscription that there is not")
			}
			return err
		})
	})
}
