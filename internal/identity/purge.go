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

// Purge removes tokens that are past their retention, and tokens without an
// application. It answers how many.
func (s *Service) Purge(ctx context.Context) (int64, error) {
	before := idBefore(clock.Machine().Add(-retention - s.o.TokenTTL))
	old, err := s.purge(ctx, `SELECT id, hash FROM token WHERE id < $1 ORDER BY id LIMIT $2`, before, int64(purgeMost))
	if err != nil {
		return old, err
	}
	lost, err := s.purgeLost(ctx)
	return old + lost, err
}

// purge removes the rows that a query names, batch after batch.
func (s *Service) purge(ctx context.Context, which string, args ...any) (total int64, err error) {
	for {
		var n int64
		err := s.d.System(ctx, func(tx *db.Tx) (err error) {
			n, err = tx.Exec(`DELETE FROM token WHERE (id, hash) IN (`+which+tx.SkipLocked()+`)`, args...)
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
