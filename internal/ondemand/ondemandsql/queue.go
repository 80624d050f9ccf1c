package ondemandsql

import (
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/ondemand"
)

// dueAt is when an order has to be looked after; problem is why its due work failed.
var (
	dueAt = fmt.Sprintf(`CASE WHEN state = '%s' THEN created_at + %d ELSE created_at + %d END`,
		ondemand.OrderInProgress, ondemand.GraceOfNetwork.Microseconds(), ondemand.GraceOfDispatch.Microseconds())
	problem = `COALESCE((SELECT t.problem FROM timer t WHERE t.world = $1 AND t.kind = '` + ondemand.TimerOrder + `' AND t.key = od_order.id), '')`
)

// Queue are the orders under way, the oldest first.
func (s *Store) Queue(tx *db.Tx, f ondemand.QueueFilter, page ondemand.Paging) ([]ondemand.Waiting, int, error) {
	w := inWorld("")
	w.parts = append(w.parts, "ended_at = 0")
	w.and("state", f.State)
	w.and("customer", f.Customer)
	if f.Overdue {
		w.args = append(w.args, clock.Micros(tx.Now()))
		w.parts = append(w.parts, dueAt+" < "+placeholder(len(w.args)+1))
	}
	return listed(tx, func(scan scanner) (v ondemand.Waiting, id string, err error) {
		var due int64
		v.Order, id, err = scanOrder(func(into ...any) error { return scan(append(into, &due, &v.Problem)...) })
		v.Due = clock.FromMicros(due)
		return v, id, err
	}, orderColumns+`, `+dueAt+`, `+problem, "od_order", "created_at, id", w, page)
}

// QueueCounts counts the orders under way.
func (s *Store) QueueCounts(tx *db.Tx) ([]ondemand.Queued, error) {
	return db.Every(tx, func(scan func(...any) error) (q ondemand.Queued, err error) {
		return q, scan(&q.State, &q.N, &q.Overdue)
	}, `SELECT state, count(*), CAST(SUM(CASE WHEN `+dueAt+` < $2 THEN 1 ELSE 0 END) AS BIGINT) FROM od_order
		WHERE world = $1 AND ended_at = 0 GROUP BY state ORDER BY state`, clock.Micros(tx.Now()))
}
