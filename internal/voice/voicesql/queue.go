package voicesql

import (
	"fmt"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// dueAt is when an order has to be looked after, as voice.Waiting says it; timerOf is its
// due work.
var (
	timerOf = `t.world = $1 AND t.key = vn_order.id AND t.kind = CASE WHEN vn_order.state = '` + voice.PortFOC + `' THEN '` + voice.TimerFOC + `' ELSE '` + voice.TimerOrder + `' END`
	dueAt   = `CASE WHEN vn_order.state = '` + voice.PortFOC + `' THEN foc_at + ` + span(voice.GraceOfWork) + `
		WHEN vn_order.state = '` + voice.OrderCredit + `' THEN created_at + ` + span(voice.GraceOfCredit) + `
		WHEN vn_order.state = '` + voice.PortRejected + `' THEN created_at + ` + span(voice.GraceOfReject) + `
		WHEN type = '` + voice.TypePort + `' AND vn_order.state = '` + voice.OrderInWork + `' THEN created_at + ` + span(voice.GraceOfLosing) + `
		WHEN type = '` + voice.TypeReserve + `' AND vn_order.state = '` + voice.OrderInWork + `' THEN ` + span(voice.GraceOfWork) + ` +
			COALESCE((SELECT MAX(CASE WHEN p.until_at = 0 THEN p.created_at ELSE p.until_at END) FROM vn_part p WHERE p.world = $1 AND p.order_id = vn_order.id AND p.ended_at = 0), created_at)
		ELSE COALESCE((SELECT t.due_at FROM timer t WHERE ` + timerOf + `), created_at) + ` + span(voice.GraceOfWork) + ` END`
)

func span(d time.Duration) string { return fmt.Sprint(d.Microseconds()) }

// Queue are the orders under way, the oldest first.
func (Store) Queue(tx *db.Tx, f voice.QueueFilter, page voice.Paging) (list []voice.Waiting, total int, err error) {
	var where strings.Builder
	var args []any
	and := func(condition string, value any) {
		args = append(args, value)
		where.WriteString(` AND ` + condition + arg(len(args)+1))
	}
	for _, c := range []struct{ column, value string }{{"type", f.Type}, {"state", f.State}, {"customer", f.Customer}, {"product", f.Product}} {
		if c.value != "" {
			and(c.column+` = `, c.value)
		}
	}
	if f.Overdue {
		and(dueAt+` < `, clock.Micros(tx.Now()))
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM vn_order WHERE world = $1 AND ended_at = 0`+where.String(), args...)
	n := len(args)
	list, err = db.Every(tx, func(scan scanner) (w voice.Waiting, err error) {
		var due int64
		w.Order, err = scanOrder(func(into ...any) error { return scan(append(into, &due, &w.Problem)...) })
		w.Due = clock.FromMicros(due)
		return w, err
	}, `SELECT `+orderColumns+`, `+dueAt+`, COALESCE((SELECT t.problem FROM timer t WHERE `+timerOf+`), '') FROM vn_order WHERE world = $1 AND ended_at = 0`+where.String()+
		` ORDER BY created_at, id LIMIT `+arg(n+2)+` OFFSET `+arg(n+3), append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// QueueCounts counts the orders under way.
func (Store) QueueCounts(tx *db.Tx) ([]voice.Queued, error) {
	return db.Every(tx, func(scan scanner) (q voice.Queued, err error) {
		return q, scan(&q.Type, &q.State, &q.N, &q.Overdue)
	}, `SELECT type, state, count(*), CAST(SUM(CASE WHEN `+dueAt+` < $2 THEN 1 ELSE 0 END) AS BIGINT) FROM vn_order
		WHERE world = $1 AND ended_at = 0 GROUP BY type, state ORDER BY type, state`, clock.Micros(tx.Now()))
}

// BlocksOf are a rate center's open blocks, by number.
func (Store) BlocksOf(tx *db.Tx, state, center string, page voice.Paging) (list []voice.BlockLine, total int, err error) {
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM vn_block WHERE world = $1 AND state = $2 AND center = $3`, state, center)
	list, err = db.Every(tx, func(scan scanner) (b voice.BlockLine, err error) {
		var block int64
		err = scan(&block, &b.Free)
		b.Block = nanp.Block(block)
		return b, err
	}, `SELECT block, free FROM vn_block WHERE world = $1 AND state = $2 AND center = $3 ORDER BY block LIMIT $4 OFFSET $5`,
		state, center, int64(page.Limit), page.Offset)
	return list, total, err
}
