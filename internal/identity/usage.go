package identity

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"demarc/internal/db"
)

// usage remembers when secrets were last used, until Flush writes it down: a
// write for each use would cost as much as the use.
type usage struct {
	mu   sync.Mutex
	last map[usedSecret]int64
}

type usedSecret struct{ app, secret string }

// mark notes that a secret was used at a moment of its world.
func (u *usage) mark(app, secret string, at int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[usedSecret]int64{}
	}
	u.last[usedSecret{app, secret}] = at
}

func (u *usage) take() map[usedSecret]int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.last
	u.last = nil
	return last
}

// giveBack keeps, of what could not be written, what has not been used since.
func (u *usage) giveBack(last map[usedSecret]int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[usedSecret]int64{}
	}
	for secret, at := range last {
		u.last[secret] = max(at, u.last[secret])
	}
}

// flushMost is how many secrets one unit of work updates.
const flushMost = 500

// Flush writes down when secrets were last used.
func (s *Service) Flush(ctx context.Context) error {
	last := s.usage.take()
	secrets := make([]usedSecret, 0, len(last))
	for secret := range last {
		secrets = append(secrets, secret)
	}
	// Nodes that update the same rows do it in one order, and cannot deadlock.
	slices.SortFunc(secrets, func(a, b usedSecret) int {
		return cmp.Or(cmp.Compare(a.app, b.app), cmp.Compare(a.secret, b.secret))
	})
	for chunk := range slices.Chunk(secrets, flushMost) {
		err := s.d.System(ctx, func(tx *db.Tx) error {
			for _, secret := range chunk {
				tx.Do(`UPDATE app_secret SET last_used_at = $3 WHERE app = $1 AND id = $2 AND last_used_at < $3`,
					secret.app, secret.secret, last[secret])
			}
			return nil
		})
		if err != nil {
			s.usage.giveBack(last)
			return err
		}
	}
	return nil
}
