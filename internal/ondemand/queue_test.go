package ondemand_test

import (
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"
)

func TestStaffSeesWhatIsUnderWayAndInJeopardy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		look := func(f ondemand.QueueFilter, want int) (list []ondemand.Waiting) {
			t.Helper()
			w.View(func(tx *db.Tx) (err error) {
				var total int
				list, total, err = w.Desk.Store.Queue(tx, f, ondemand.Paging{Limit: 10})
				if total != want || len(list) != want {
					t.Errorf("%+v: %d of %d, want %d", f, len(list), total, want)
				}
				return err
			})
			return list
		}
		look(ondemand.QueueFilter{}, 0)
		o := w.Add("100 Mbps", "one")
		list := look(ondemand.QueueFilter{State: ondemand.OrderAcknowledged, Customer: o.Customer}, 1)
		if !list[0].Due.Equal(o.CreatedAt.Add(ondemand.GraceOfDispatch)) || list[0].Overdue(w.Now()) {
			t.Errorf("%+v", list[0])
		}
		look(ondemand.QueueFilter{State: ondemand.OrderInProgress}, 0)
		look(ondemand.QueueFilter{Overdue: true}, 0)
		w.Jump(2 * ondemand.GraceOfDispatch)
		look(ondemand.QueueFilter{Overdue: true}, 1)
		w.View(func(tx *db.Tx) error {
			counts, err := w.Desk.Store.QueueCounts(tx)
			if len(counts) != 1 || counts[0] != (ondemand.Queued{State: ondemand.OrderAcknowledged, N: 1, Overdue: 1}) {
				t.Errorf("%+v", counts)
			}
			got, trail, err2 := w.Desk.OrderAt(tx, o.ID)
			if got.ID != o.ID || len(trail) == 0 || err2 != nil {
				t.Errorf("%+v with %+v, %v", got, trail, err2)
			}
			if _, _, err2 = w.Desk.OrderAt(tx, "none"); err2 == nil {
				t.Error("an order that there is not")
			}
			return err
		})
		w.Settle()
		look(ondemand.QueueFilter{}, 0)
	})
}
