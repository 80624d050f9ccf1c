package identity

import (
	"context"
	"log/slog"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Options tune the service; the zero value is right for most.
type Options struct {
	Log      *slog.Logger
	Products []string      // the products there are; none: any well-formed name is taken
	TokenTTL time.Duration // how long a token lives, on its world's clock; default 1,799 s
	// Merged moves what a customer owns to the one that it goes by from now on; nil: it
	// owns nothing.
	Merged func(tx *db.Tx, from, into string)
	// ReviewSandbox makes sandbox applications wait for approval like others.
	ReviewSandbox bool
	MaxAge        time.Duration // of what is remembered of other nodes' changes; default 2 s
	MaxTokens     int           // tokens remembered; default 32,768
	MaxApps       int           // applications remembered; default 8,192
}

// Service is the identity of one node.
type Service struct {
	d      *db.DB
	o      Options
	tokens *cache[tokenKey, tokenEntry]
	apps   *cache[string, appEntry]
	issues db.Group[*tokenRow, struct{}]
	usage  usage
	hashes chan struct{} // bounds the memory of password checks under way
}

// New makes the service of one node. Housekeeping needs Run.
func New(d *db.DB, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.TokenTTL <= 0 {
		o.TokenTTL = 1799 * time.Second
	}
	if o.MaxAge <= 0 {
		o.MaxAge = 2 * time.Second
	}
	if o.MaxTokens <= 0 {
		o.MaxTokens = 32_768
	}
	if o.MaxApps <= 0 {
		o.MaxApps = 8_192
	}
	s := &Service{d: d, o: o, hashes: make(chan struct{}, 2)}
	s.tokens = newCache(o.MaxTokens, o.MaxAge, func(k tokenKey) uint8 { return k.hash[0] }, s.loadTokens)
	s.apps = newCache(o.MaxApps, o.MaxAge, lastByte, s.loadApps)
	s.apps.absent = true
	s.issues.Load = s.insertTokens
	s.issues.Max = insertMost
	return s
}

// lastByte spreads application ids, which end in random letters.
func lastByte(id string) uint8 {
	if id == "" {
		return 0
	}
	return id[len(id)-1]
}

// Organisation owns applications.
type Organisation struct {
	ID        string
	Name      string
	CreatedAt time.Time
}

// Product is what an application asked for, and how far it got.
type Product struct {
	Name  string
	State string
}

// App is an application.
type App struct {
	ID        string // the client id
	Org       string
	World     string
	Name      string
	State     string
	Products  []Product
	CreatedAt time.Time

	Secrets   []Secret // without those that were revoked
	Customers []string // the numbers it may act for; * for all
}

// Secret is a key of an application.
type Secret struct {
	ID         string
	Clear      string // only in the answer of what made it
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: not yet
}

// Live reports whether the secret opens anything at a moment of its world.
func (s Secret) Live(now time.Time) bool { return s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt) }

const (
	flushEvery = 10 * time.Second
	purgeEvery = time.Minute
)

// Run keeps house until the context ends: it writes down when secrets were used,
// and removes old tokens. Before it returns it writes down what is left.
func (s *Service) Run(ctx context.Context) {
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushEvery)
		defer cancel()
		s.report(last, "the use of secrets cannot be written down", s.Flush(last))
	}()
	purged := clock.Elapsed()
	for clock.Sleep(ctx, flushEvery) == nil {
		s.report(ctx, "the use of secrets cannot be written down", s.Flush(ctx))
		if purged() < purgeEvery {
			continue
		}
		purged = clock.Elapsed()
		_, err := s.Purge(ctx)
		s.report(ctx, "old tokens cannot be removed", err)
	}
}

func (s *Service) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.o.Log.Error(what, "err", err)
	}
}

// Forget makes this node read the application anew. What this package changes it
// forgets itself; others call it, after the commit, when they change rows of
// identity by other ways.
func (s *Service) Forget(app string) { s.apps.forget(app) }

// ForgetWorld is Forget for all applications of a world: it was reset, or its
// customers changed.
func (s *Service) ForgetWorld(world string) {
	s.apps.forgetIf(func(e *appEntry) bool { return e.app.World == world })
}
