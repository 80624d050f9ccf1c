package identity

import (
	"context"
	"crypto/subtle"
	"errors"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/httpkit"
)

// tokenEntry is what is remembered of a token. Its row never changes; it goes
// when the token is revoked or old.
type tokenEntry struct {
	app     string
	secret  string
	issued  int64
	expires int64
}

// Authenticate answers whose token this is, or why nobody's. The caller is shared
// and must not be changed. (IDN-TOK-02)
func (s *Service) Authenticate(ctx context.Context, token string) (*httpkit.Caller, error) {
	_, _, caller, err := s.resolve(ctx, token)
	return caller, err
}

// resolve finds a live token's row, its application and its caller.
func (s *Service) resolve(ctx context.Context, token string) (*tokenEntry, *appEntry, *httpkit.Caller, error) {
	key, ok := keyOf(token)
	if !ok {
		return nil, nil, nil, TokenInvalid
	}
	t, err := s.tokens.get(ctx, key)
	if err != nil {
		return nil, nil, nil, err
	}
	if t == nil {
		return nil, nil, nil, TokenInvalid
	}
	e, err := s.apps.get(ctx, t.app)
	if err != nil {
		return nil, nil, nil, err
	}
	if e == nil {
		return nil, nil, nil, TokenInvalid
	}
	if e.app.State != Approved {
		return nil, nil, nil, AppRevoked
	}
	now, err := s.now(ctx, e.app.World)
	if errors.Is(err, db.ErrNoWorld) {
		return nil, nil, nil, TokenInvalid
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if clock.Micros(now) >= t.expires {
		return nil, nil, nil, TokenExpired
	}
	caller := e.caller(t.secret)
	if caller == nil {
		return nil, nil, nil, TokenRevoked
	}
	return t, e, caller, nil
}

// loadTokens reads tokens. A row is found by its id and told by its hash.
func (s *Service) loadTokens(ctx context.Context, keys []tokenKey) (map[tokenKey]*tokenEntry, error) {
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = k.id
	}
	found := make(map[tokenKey]*tokenEntry, len(keys))
	in, args := inList(ids)
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			t := &tokenEntry{}
			var id int64
			var hash []byte
			if err := scan(&id, &hash, &t.app, &t.secret, &t.issued, &t.expires); err != nil {
				return err
			}
			for _, k := range keys {
				if k.id == id && subtle.ConstantTimeCompare(k.hash[:], hash) == 1 {
					found[k] = t
				}
			}
			return nil
		}, `SELECT id, hash, app, secret, issued_at, expires_at FROM token WHERE id IN `+in, args...)
	})
	return found, err
}
