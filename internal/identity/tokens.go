package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// Token is a new access token.
type Token struct {
	Clear string
	TTL   time.Duration
}

// tokenRow is a token on its way into the database.
type tokenRow struct {
	key     tokenKey
	app     string
	secret  string
	issued  int64
	expires int64
}

// Issue gives an approved application a new token. It answers after the commit.
// (IDN-TOK-01)
func (s *Service) Issue(ctx context.Context, c Client) (Token, error) {
	if c.entry.app.State != Approved {
		return Token{}, OAuthUnauthorizedClient
	}
	text, key := newToken()
	row := &tokenRow{key: key, app: c.entry.app.ID, secret: c.secret.id,
		issued: clock.Micros(c.now), expires: clock.Micros(c.now.Add(s.o.TokenTTL))}
	if _, _, err := s.issues.Get(ctx, row); err != nil {
		return Token{}, fmt.Errorf("identity: issue a token: %w", err)
	}
	return Token{Clear: text, TTL: s.o.TokenTTL}, nil
}

// portalSecret stands, in a token's row, for the secret that it was not issued for. No
// secret's id looks like it, so nothing ends such a token but its age and its
// application.
const portalSecret = "portal"

// portalTTL is how long such a token lives at most.
const portalTTL = 30 * time.Minute

// IssueFor gives an application a token on behalf of a signed-in person who owns it:
// whoever reads the documentation can try a call with it, and needs no secret for that.
// Only an approved application of a sandbox gets one. (IDN-TOK-03)
func (s *Service) IssueFor(ctx context.Context, app, actor string) (Token, error) {
	text, key := newToken()
	ttl := min(s.o.TokenTTL, portalTTL)
	err := s.within(ctx, app, func(tx *db.Tx) error {
		now := tx.Now()
		tx.One(NoDocsToken, `INSERT INTO token (id, hash, app, secret, issued_at, expires_at)
			SELECT $2, $3, a.id, $5, $6, $7 FROM app a JOIN world w ON w.id = a.world
			WHERE a.world = $1 AND a.id = $4 AND a.state = $8 AND w.kind = 'sandbox'`,
			key.id, key.hash[:], app, portalSecret, clock.Micros(now), clock.Micros(now.Add(ttl)), Approved)
		s.record(tx, app, actor, "token", "", "", "without a secret")
		return nil
	})
	if err != nil {
		return Token{}, err
	}
	return Token{Clear: text, TTL: ttl}, nil
}

// insertMost is how many tokens one unit of work inserts. Statements insert
// powers of two of them, so that few are prepared.
const insertMost = 128

var insertSQL = func() map[int]string {
	const columns = 6
	texts := map[int]string{}
	for n := 1; n <= insertMost; n *= 2 {
		var b strings.Builder
		b.WriteString(`INSERT INTO token (id, hash, app, secret, issued_at, expires_at) VALUES `)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			at := i * columns
			fmt.Fprintf(&b, "($%d,$%d,$%d,$%d,$%d,$%d)", at+1, at+2, at+3, at+4, at+5, at+6)
		}
		texts[n] = b.String()
	}
	return texts
}()

// insertTokens writes the tokens of all who wait, in one unit of work.
func (s *Service) insertTokens(ctx context.Context, rows []*tokenRow) (map[*tokenRow]struct{}, error) {
	return nil, s.d.System(ctx, func(tx *db.Tx) error {
		for rest := rows; len(rest) > 0; {
			n := insertMost
			for n > len(rest) {
				n /= 2
			}
			args := make([]any, 0, n*6)
			for _, r := range rest[:n] {
				args = append(args, r.key.id, r.key.hash[:], r.app, r.secret, r.issued, r.expires)
			}
			tx.Do(insertSQL[n], args...)
			rest = rest[n:]
		}
		return nil
	})
}

// Introspection says what a token is, RFC 7662.
type Introspection struct {
	Active   bool
	App      string
	IssuedAt time.Time
	Expires  time.Time
}

// Introspect tells an application about a token of its own organisation; of any
// other, it says what it says of an unknown one.
func (s *Service) Introspect(ctx context.Context, c Client, token string) (Introspection, error) {
	if c.entry.app.State != Approved {
		return Introspection{}, OAuthUnauthorizedClient
	}
	t, e, _, err := s.resolve(ctx, token)
	if _, dead := errors.AsType[*fault.Code](err); dead {
		return Introspection{}, nil
	}
	if err != nil {
		return Introspection{}, err
	}
	if e.app.Org != c.entry.app.Org {
		return Introspection{}, nil
	}
	return Introspection{Active: true, App: t.app, IssuedAt: clock.FromMicros(t.issued), Expires: clock.FromMicros(t.expires)}, nil
}

// Revoke ends a token of the application, RFC 7009. A token that is not known is
// as good as revoked; one of another application is refused.
func (s *Service) Revoke(ctx context.Context, c Client, token string) error {
	key, ok := keyOf(token)
	if !ok {
		return nil
	}
	t, err := s.tokens.get(ctx, key)
	if err != nil || t == nil {
		return err
	}
	if t.app != c.entry.app.ID {
		return OAuthUnauthorizedClient.Say("The token was issued to another application.")
	}
	return s.d.System(ctx, func(tx *db.Tx) error {
		tx.After(func() { s.tokens.forget(key) })
		tx.Do(`DELETE FROM token WHERE id = $1 AND hash = $2 AND app = $3`, key.id, key.hash[:], t.app)
		return nil
	})
}
