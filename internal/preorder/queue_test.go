package preorder_test

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordertest"
)

func TestStaffSeesWhatIsUnderWayAndInJeopardy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		look := func(f preorder.QueueFilter, want int) (list []preorder.Waiting) {
			t.Helper()
			w.View(func(tx *db.Tx) (err error) {
				var total int
				list, total, err = w.Desk.Store.Queue(tx, f, preorder.Paging{Limit: 10})
				if total != want || len(list) != want {
					t.Errorf("%+v: %d of %d, want %d", f, len(list), total, want)
				}
				return err
			})
			return list
		}
		o := w.Ordered(preordertest.Home(1), "HSI-20-PRE")
		list := look(preorder.QueueFilter{State: preorder.OrderReceived, Partner: o.Partner}, 1)
		if !list[0].Due.Equal(o.CreatedAt.Add(time.Hour + preorder.GraceOfStep)) {
			t.Errorf("received, it is due at %v", list[0].Due)
		}
		w.Advance(time.Hour)
		list = look(preorder.QueueFilter{State: preorder.OrderInProcess}, 1)
		look(preorder.QueueFilter{Overdue: true}, 0)
		w.Jump(list[0].Due.Sub(w.Now()) + time.Second)
		look(preorder.QueueFilter{Overdue: true}, 1)
		w.View(func(tx *db.Tx) error {
			counts, err := w.Desk.Store.QueueCounts(tx)
			if len(counts) != 1 || counts[0] != (preorder.Queued{State: preorder.OrderInProcess, N: 1, Overdue: 1}) {
				t.Errorf("%+v", counts)
			}
			got, trail, err2 := w.Desk.OrderAt(tx, o.Number)
			if got.Number != o.Number || len(trail) != 2 || err2 != nil {
				t.Errorf("%+v with %+v, %v", got, trail, err2)
			}
			if _, _, err2 = w.Desk.OrderAt(tx, "none"); err2 == nil {
				t.Error("an order that there is not")
			}
			return err
		})
	})
}
