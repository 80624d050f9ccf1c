package preordersql

import (
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/preorder"
)

// dueAt is when an order has to be looked after; problem is why its due work failed.
var (
	timerOf = `FROM timer t WHERE t.world = $1 AND t.kind = '` + preorder.TimerOrder + `' AND t.key = px_order.number`
	dueAt   = fmt.Sprintf(`COALESCE((SELECT t.due_at %s), created_at) + %d`, timerOf, preorder.GraceOfStep.Microseconds())
	problem = `COALESCE((SELECT t.problem ` + timerOf + `), '')`
)

// Queue are the orders under way, the oldest first.
func (s *Store) Queue(tx *db.Tx, f preorder.QueueFilter, page preorder.Paging) (list []preorder.Waiting, total int, err error) {
	where := ` FROM px_order WHERE world = $1 AND ended_at = 0 AND ($2 = '' OR state = $2) AND ($3 = '' OR partner = $3)`
	args := []any{f.State, f.Partner}
	limits := ` ORDER BY created_at, number LIMIT $4 OFFSET $5`
	if f.Overdue {
		where += ` AND ` + dueAt + ` < $4`
		args = append(args, clock.Micros(tx.Now()))
		limits = ` ORDER BY created_at, number LIMIT $5 OFFSET $6`
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, args...)
	list, err = db.Every(tx, func(scan func(...any) error) (w preorder.Waiting, err error) {
		var due int64
		w.Order, err = scanOrder(func(into ...any) error { return scan(append(into, &due, &w.Problem)...) })
		w.Due = clock.FromMicros(due)
		return w, err
	}, `SELECT `+orderColumns+`, `+dueAt+`, `+problem+where+limits, append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// QueueCounts counts the orders under way.
func (s *Store) QueueCounts(tx *db.Tx) ([]preorder.Queued, error) {
	return db.Every(tx, func(scan func(...any) error) (q preorder.Queued, err error) {
		return q, scan(&q.State, &q.N, &q.Overdue)
	}, `SELECT state, count(*), CAST(SUM(CASE WHEN `+dueAt+` < $2 THEN 1 ELSE 0 END) AS BIGINT) FROM px_order
		WHERE world = $1 AND ended_at = 0 GROUP BY state ORDER BY state`, clock.Micros(tx.Now()))
}
