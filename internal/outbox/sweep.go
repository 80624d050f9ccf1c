package outbox

import (
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// KeptFor is how long notices and ended deliveries are kept, on the world's clock.
const KeptFor = 180 * 24 * time.Hour

// sweepBatch bounds what one Sweep removes of each application.
const sweepBatch = 500

// Sweep forgets notices and ended deliveries that are older than a span of the
// world's time (KeptFor), some at a time. It reports whether there may be more, to
// be swept in another unit.
//
// Both are in the order of time under each application's key, so only what is old
// is read, whatever there is besides.
func Sweep(tx *db.Tx, olderThan time.Duration) (more bool, err error) {
	limit := clock.Micros(tx.Now().Add(-olderThan))
	for _, table := range []string{"notice", "delivery"} {
		app, err := nextApp(tx, table, "")
		for ; err == nil; app, err = nextApp(tx, table, app) {
			sweep := sweepNotices
			if table == "delivery" {
				sweep = sweepDeliveries
			}
			n, err := sweep(tx, app, limit)
			if err != nil {
				return more, err
			}
			more = more || n == sweepBatch
		}
		if !errors.Is(err, db.ErrNone) {
			return more, err
		}
	}
	return more, nil
}

// nextApp is the application after another that has rows, found by the key alone.
func nextApp(tx *db.Tx, table, after string) (app string, err error) {
	err = tx.Row(`SELECT app FROM `+table+` WHERE world = $1 AND app > $2 ORDER BY app LIMIT 1`, after).Scan(&app)
	return app, err
}

// sweepNotices removes an application's oldest notices, and answers how many.
func sweepNotices(tx *db.Tx, app string, before int64) (n int, err error) {
	var last Cursor
	young := false
	err = tx.Each(func(scan func(...any) error) error {
		var c Cursor
		var at int64
		if err := scan(&c.Seq, &c.ID, &at); err != nil {
			return err
		}
		if young = young || at >= before; !young {
			last, n = c, n+1
		}
		return nil
	}, `SELECT seq, id, at FROM notice WHERE world = $1 AND app = $2 ORDER BY seq, id LIMIT $3`, app, int64(sweepBatch))
	if err != nil || n == 0 {
		return 0, err
	}
	tx.Do(`DELETE FROM notice WHERE world = $1 AND app = $2 AND (seq, id) <= ($3, $4)`, app, last.Seq, last.ID)
	return n, tx.Flush()
}

// sweepDeliveries removes those of an application's oldest deliveries that have
// ended, with their attempts, and answers how many.
func sweepDeliveries(tx *db.Tx, app string, before int64) (n int, err error) {
	var ids []string
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		var ended int64
		err := scan(&id, &ended)
		if ended != 0 && ended < before {
			ids = append(ids, id)
		}
		return err
	}, `SELECT id, ended_at FROM delivery WHERE world = $1 AND app = $2 ORDER BY n LIMIT $3`, app, int64(sweepBatch))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		// One that is sent again at this moment stays, with its attempts.
		tx.Do(`DELETE FROM delivery WHERE world = $1 AND id = $2 AND state <> 'pending'`, id)
		tx.Do(`DELETE FROM attempt WHERE world = $1 AND delivery = $2 AND NOT EXISTS
			(SELECT 1 FROM delivery d WHERE d.world = $1 AND d.id = $2)`, id)
	}
	return len(ids), tx.Flush()
}
