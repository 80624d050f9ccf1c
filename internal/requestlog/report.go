package requestlog

import (
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// CodeMet is an error that an application has met.
type CodeMet struct {
	Code, Operation string
	Status          int
	N               int64
	Last            time.Time
}

// Codes is which errors an application of the unit's world has met since a moment, as far
// as its requests are kept: the most frequent first, up to limit.
func (l *Log) Codes(tx *db.Tx, app string, since time.Time, limit int) ([]CodeMet, error) {
	return db.Every(tx, func(scan func(...any) error) (c CodeMet, err error) {
		var last int64
		err = scan(&c.Code, &c.Operation, &c.Status, &c.N, &last)
		c.Last = clock.FromMicros(last)
		return c, err
	}, `SELECT code, operation, status, count(*), max(at) FROM request_log WHERE world = $1 AND app = $2 AND at >= $3 AND code <> ''
		GROUP BY code, operation, status ORDER BY count(*) DESC, code, operation LIMIT $4`, app, clock.Micros(since), int64(limit))
}
