package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/httpkit"
)

// appEntry is what is remembered of an application. It is shared and must not be
// changed.
type appEntry struct {
	app     App // without secrets and customers
	sandbox bool
	secrets []secretEntry
	portal  *httpkit.Caller // of the tokens that were issued without a secret; nil: there are none
}

type secretEntry struct {
	id      string
	hash    [32]byte
	expires int64
	caller  *httpkit.Caller // of the tokens that were issued for it
}

// Client is an application that has proved who it is.
type Client struct {
	entry  *appEntry
	secret *secretEntry
	now    time.Time // of its world
}

// App is the application's id.
func (c Client) App() string { return c.entry.app.ID }

// VerifyClient checks an application's id and secret. All that can be wrong with
// them is one fault, OAuthInvalidClient.
func (s *Service) VerifyClient(ctx context.Context, id, secret string) (Client, error) {
	if !plausible(id) || !plausible(secret) {
		return Client{}, OAuthInvalidClient
	}
	hash := hashSecret(secret)
	e, err := s.apps.get(ctx, id)
	if err != nil {
		return Client{}, err
	}
	if e == nil {
		return Client{}, OAuthInvalidClient
	}
	var found *secretEntry
	for i := range e.secrets { // all of them: how long it takes tells nothing
		if subtle.ConstantTimeCompare(e.secrets[i].hash[:], hash[:]) == 1 {
			found = &e.secrets[i]
		}
	}
	if found == nil {
		return Client{}, OAuthInvalidClient
	}
	now, err := s.now(ctx, e.app.World)
	if errors.Is(err, db.ErrNoWorld) {
		return Client{}, OAuthInvalidClient
	}
	if err != nil {
		return Client{}, err
	}
	us := clock.Micros(now)
	if found.expires != 0 && us >= found.expires {
		return Client{}, OAuthInvalidClient
	}
	s.usage.mark(id, found.id, us)
	return Client{entry: e, secret: found, now: now}, nil
}

// AuthenticateClient is the caller that an id and secret prove, for APIs that take
// them with every request instead of a token.
func (s *Service) AuthenticateClient(ctx context.Context, id, secret string) (*httpkit.Caller, error) {
	c, err := s.VerifyClient(ctx, id, secret)
	switch {
	case err != nil:
		return nil, err
	case c.entry.app.State == Revoked:
		return nil, AppRevoked
	case c.entry.app.State != Approved:
		return nil, OAuthUnauthorizedClient
	}
	return c.secret.caller, nil
}

// plausible sorts out what no id and no secret looks like, before it reaches the
// database or the hash.
func plausible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxSecret
}

// now is the world's moment, as this node knows it.
func (s *Service) now(ctx context.Context, world string) (time.Time, error) {
	state, err := s.d.Clock(ctx, world)
	if err != nil {
		return time.Time{}, err
	}
	return state.Now(clock.Machine()), nil
}

// loadApps reads applications with their secrets and customers.
func (s *Service) loadApps(ctx context.Context, ids []string) (map[string]*appEntry, error) {
	entries := make(map[string]*appEntry, len(ids))
	customers := make(map[string]map[string]httpkit.Customer, len(ids))
	in, args := inList(ids)
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.Ask(func(scan func(...any) error) error {
			var kind string
			app, err := scanApp(scan, &kind)
			entries[app.ID] = &appEntry{app: app, sandbox: kind != production}
			return err
		}, `SELECT `+appColumns+`, w.kind FROM app a JOIN world w ON w.id = a.world WHERE a.id IN `+in, args...)
		tx.Ask(func(scan func(...any) error) error {
			var app string
			var hash []byte
			var sec secretEntry
			if err := scan(&app, &sec.id, &hash, &sec.expires); err != nil {
				return err
			}
			copy(sec.hash[:], hash)
			if e := entries[app]; e != nil {
				e.secrets = append(e.secrets, sec)
			}
			return nil
		}, `SELECT app, id, hash, expires_at FROM app_secret WHERE revoked_at = 0 AND app IN `+in, args...)
		tx.Ask(func(scan func(...any) error) error {
			var app, number string
			var c httpkit.Customer
			if err := scan(&app, &number, &c.Number, &c.Name, &c.State); err != nil {
				return err
			}
			if customers[app] == nil {
				customers[app] = map[string]httpkit.Customer{}
			}
			customers[app][number] = c
			return nil
		}, actingSQL(in), args...)
		return tx.Flush()
	})
	if err != nil {
		return nil, err
	}
	for id, e := range entries {
		e.makeCallers(customers[id])
	}
	return entries, nil
}

// actingSQL is every number that an application may give, with the customer it
// goes by: those it was granted, and the other numbers of the same customers. In
// a sandbox * grants all. (IDN-CUS-01, IDN-CUS-02)
func actingSQL(in string) string {
	return `SELECT g.app, n.number, c.number, c.name, c.state
	FROM app_customer g
	JOIN app a ON a.id = g.app
	JOIN customer m ON m.world = a.world AND m.number = g.customer
	JOIN customer n ON n.world = a.world AND n.customer = m.customer
	JOIN customer c ON c.world = a.world AND c.number = m.customer
	WHERE g.app IN ` + in + `
	UNION ALL SELECT g.app, n.number, c.number, c.name, c.state
	FROM app_customer g
	JOIN app a ON a.id = g.app
	JOIN world w ON w.id = a.world
	JOIN customer n ON n.world = a.world
	JOIN customer c ON c.world = a.world AND c.number = n.customer
	WHERE g.customer = '*' AND w.kind <> 'production' AND g.app IN ` + in
}

// makeCallers makes the shared callers: one for each secret, and one for none.
func (e *appEntry) makeCallers(customers map[string]httpkit.Customer) {
	products := []string{}
	for _, p := range e.app.Products {
		if p.State == Approved {
			products = append(products, p.Name)
		}
	}
	caller := func(secret string) *httpkit.Caller {
		return &httpkit.Caller{App: e.app.ID, Org: e.app.Org, World: e.app.World, Secret: secret,
			Sandbox: e.sandbox, Products: products, Customers: customers}
	}
	for i := range e.secrets {
		e.secrets[i].caller = caller(e.secrets[i].id)
	}
	if e.sandbox { // IDN-TOK-03
		e.portal = caller(portalSecret)
	}
}

// caller is the caller with a token of this secret, nil when it was revoked.
func (e *appEntry) caller(secret string) *httpkit.Caller {
	for i := range e.secrets {
		if e.secrets[i].id == secret {
			return e.secrets[i].caller
		}
	}
	if secret == portalSecret {
		return e.portal
	}
	return nil
}

// inSizes are the lengths of lists in statements: few, so that few statements
// are prepared.
var inSizes = [...]int{1, 4, 16, 64, 128}

// inList is keys as a list for IN and its arguments; the last key fills it up.
func inList[K string | int64](keys []K) (list string, args []any) {
	size := len(keys)
	for _, n := range inSizes {
		if n >= size {
			size = n
			break
		}
	}
	args = make([]any, size)
	for i := range args {
		args[i] = keys[min(i, len(keys)-1)]
	}
	if list = inLists[size]; list == "" {
		list = placeholders(size)
	}
	return list, args
}

var inLists = func() map[int]string {
	lists := map[int]string{}
	for _, n := range inSizes {
		lists[n] = placeholders(n)
	}
	return lists
}()

// placeholders is ($1,$2,...,$n).
func placeholders(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(",$" + strconv.Itoa(i+1))
	}
	return "(" + b.String()[1:] + ")"
}
