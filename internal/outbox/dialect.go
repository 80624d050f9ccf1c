package outbox

import "demarc/internal/db"

// A reader who pulls by cursor must never pass a notice by. Reading in the order
// of ids is not enough on PostgreSQL: of two units that run side by side, the one
// with the greater id may commit first, a reader sees it and moves its cursor
// past the smaller id, and what commits a moment later is never seen.
//
// So a notice is written with the number of its transaction (seq), and the order
// of reading is (seq, id). Readers see only rows whose seq is below the oldest
// transaction that is still under way: every transaction below that has ended, so
// nothing can turn up any more before or among the rows that a reader has seen. A
// notice becomes visible to readers a little after its commit: when the
// transactions that were under way beside it have ended. Somebody who leaves a
// writing transaction open, anywhere in the cluster, holds readers back for as
// long; demarc's own are ended after a minute of idleness.
//
// On SQLite there is one writer. Ids are drawn inside the unit of work, units run
// one after the other, and the order of ids is the order of commit: seq is 0.
//
// Transaction numbers belong to a PostgreSQL cluster. Rows that are carried to a
// new cluster by dump and restore have numbers of the old one; so every number is
// counted from a base, which Adopt raises above all of them when it finds itself in
// another cluster. Cursors stay good.

const base = `COALESCE((SELECT c.base FROM notice_cluster c), 0) + `

// seqOf is the seq of a row, in an INSERT.
func seqOf(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return `(` + base + `CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT))`
	}
	return `0`
}

// settled is the condition on rows that no earlier one can follow any more.
func settled(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return ` AND seq < ` + base + `CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)`
	}
	return ``
}

// Who locks what on PostgreSQL, so that no delivery is ever pending at an endpoint
// that is disabled or gone, and nobody waits in a circle. An endpoint is locked
// before the timers of its lanes, in one of three strengths:
//
//   - a unit that posts keeps the endpoint as it is (keep): any number may do so
//     at once, and they do not wait for attempts being recorded;
//   - a unit that records an attempt changes its count of failures (touch): one
//     at a time;
//   - a unit that disables or deletes it, or queues deliveries anew, has it for
//     itself (tx.ForUpdate).
//
// SQLite's single writer needs none of them.

func keep(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return ` FOR KEY SHARE`
	}
	return ``
}

func touch(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return ` FOR NO KEY UPDATE`
	}
	return ``
}
