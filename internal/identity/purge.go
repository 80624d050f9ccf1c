package identity

import (
	"context"
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// retention is how long a token's row stays beyond its life, on the machine's
// clock: long enough to say that it has expired, and for worlds whose clock
// stands still. A row's age is in its id.
const retention = 7 * 24 * time.Hour

// purgeMost is how many rows one unit of work removes: units that wait behind it
// must not notice.
const purgeMost = 500

// idBefore is the smallest id of the tokens that were issued at m or later.
func idBefore(m time.Time) int64 { return clock.Micros(m) << 10 }

// Purge removes tokens that are past their retention, tokens without an application,
// sessions that are over, and counts of windows that have ended. It answers how many.
func (s *Service) Purge(ctx context.Context) (int64, error) {
	before := idBefore(clock.Machine().Add(-retention - s.o.TokenTTL))
	old, err := s.purge(ctx, `SELECT id, hash FROM token WHERE id < $1 ORDER BY id LIMIT $2`, before, int64(purgeMost))
	if err != nil {
		return old, err
	}
	lost, err := s.purgeLost(ctx)
	if err != nil {
		return old + lost, err
	}
	// A session that has lived its time is not seen any more.
	now := clock.Machine()
	over, err := s.sweep(ctx, `DELETE FROM account_session WHERE hash IN (SELECT hash FROM account_session WHERE seen_at < $1 ORDER BY seen_at LIMIT $2`,
		clock.Micros(now.Add(-sessionIdle)), int64(purgeMost))
	if err != nil {
		return old + lost + over, err
	}
	counts, err := s.sweep(ctx, `DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE ends_at < $1 ORDER BY ends_at LIMIT $2`,
		clock.Micros(now), int64(purgeMost))
	return old + lost + over + counts, err
}

// purge removes the tokens that a query names.
func (s *Service) purge(ctx context.Context, which string, args ...any) (total int64, err error) {
	return s.sweep(ctx, `DELETE FROM token WHERE (id, hash) IN (`+which, args...)
}

// sweep removes rows, batch after batch. The statement ends in the query that names
// them, without its last parenthesis.
func (s *Service) sweep(ctx context.Context, sql string, args ...any) (total int64, err error) {
	for {
		var n int64
		err := s.d.System(ctx, func(tx *db.Tx) (err error) {
			n, err = tx.Exec(sql+tx.SkipLocked()+`)`, args...)
			return err
		})
		total += n
		if err != nil || n < purgeMost {
			return total, err
		}
		// Let others have the database.
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			return total, err
		}
	}
}

// purgeLost removes tokens whose application went while they were being issued
// on another node. Nobody can use them. It steps from application to application
// through the index, and reads no more than one row of each.
func (s *Service) purgeLost(ctx context.Context) (total int64, err error) {
	for app := ""; ; {
		known := false
		err := s.d.SystemView(ctx, func(tx *db.Tx) error {
			if err := tx.Row(`SELECT app FROM token WHERE app > $1 ORDER BY app LIMIT 1`, app).Scan(&app); err != nil {
				return err
			}
			var one int64
			tx.AskOne(&known, []any{&one}, `SELECT 1 FROM app WHERE id = $1`, app)
			return tx.Flush()
		})
		if errors.Is(err, db.ErrNone) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		if known {
			continue
		}
		n, err := s.purge(ctx, `SELECT id, hash FROM token WHERE app = $1 LIMIT $2`, app, int64(purgeMost))
		total += n
		if err != nil {
			return total, err
		}
	}
}
