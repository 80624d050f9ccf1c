package marketplacesql

import (
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/marketplace"
)

// waiting is which subscriptions wait for their providers, as their index has it; dueAt is
// when one has to be looked after.
var (
	waiting = ` AND state IN ('` + marketplace.SubProvisioning + `', '` + marketplace.SubEnding + `')`
	dueAt   = fmt.Sprintf(`CASE WHEN state = '%s' THEN end_asked_at + %d ELSE created_at + %d END`,
		marketplace.SubEnding, marketplace.GraceOfEnd.Microseconds(), marketplace.GraceOfProvider.Microseconds())
	problem = `COALESCE((SELECT t.problem FROM timer t WHERE t.world = $1 AND t.key = mk_subscription.id AND t.kind =
		CASE WHEN mk_subscription.state = '` + marketplace.SubEnding + `' THEN '` + marketplace.TimerLapse + `' ELSE '` + marketplace.TimerProvision + `' END), '')`
)

// Queue are the subscriptions that wait for their providers, the oldest first.
func (s *Store) Queue(tx *db.Tx, f marketplace.QueueFilter, page marketplace.Paging) (list []marketplace.Waiting, total int, err error) {
	where := ` FROM mk_subscription WHERE world = $1` + waiting + ` AND ($2 = '' OR state = $2) AND ($3 = '' OR customer = $3)`
	args := []any{f.State, f.Customer}
	limits := ` ORDER BY created_at, id LIMIT $4 OFFSET $5`
	if f.Overdue {
		where += ` AND ` + dueAt + ` < $4`
		args = append(args, clock.Micros(tx.Now()))
		limits = ` ORDER BY created_at, id LIMIT $5 OFFSET $6`
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, args...)
	list, err = db.Every(tx, func(scan func(...any) error) (w marketplace.Waiting, err error) {
		var due int64
		w.Subscription, err = scanSub(func(into ...any) error { return scan(append(into, &due, &w.Problem)...) })
		w.Secrets, w.Due = nil, clock.FromMicros(due)
		return w, err
	}, `SELECT `+subColumns+`, `+dueAt+`, `+problem+where+limits, append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// QueueCounts counts them.
func (s *Store) QueueCounts(tx *db.Tx) ([]marketplace.Queued, error) {
	return db.Every(tx, func(scan func(...any) error) (q marketplace.Queued, err error) {
		return q, scan(&q.State, &q.N, &q.Overdue)
	}, `SELECT state, count(*), CAST(SUM(CASE WHEN `+dueAt+` < $2 THEN 1 ELSE 0 END) AS BIGINT) FROM mk_subscription WHERE world = $1`+waiting+`
		GROUP BY state ORDER BY state`, clock.Micros(tx.Now()))
}
