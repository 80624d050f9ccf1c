// Package db runs units of work on SQLite or PostgreSQL, with the same SQL text.
//
// A unit of work is one durable transaction in one world:
//
//	err := d.Within(ctx, world, func(tx *db.Tx) error { ... })
//
// Inside it, $1 is always the world: callers pass the other arguments, from $2
// on, so that a statement which forgets its world does not run. tx.Now is the
// world's one moment for the whole unit. Statements that need no answer (Do, One)
// are queued and travel together before the next read or the commit, which makes
// one network round trip of many on PostgreSQL.
//
// On SQLite one writer goroutine takes the units that wait, runs each in a
// savepoint and commits them together: one sync to disk for the whole group, and
// nobody is answered before it. On PostgreSQL units run side by side on a pool.
//
// A unit may run more than once (PostgreSQL asks for that after a deadlock), so
// it must have no effect outside the transaction; what must happen after the
// commit goes into tx.After.
package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
)

// ErrNone is what Row.Scan answers when there is no row.
var ErrNone = errors.New("db: no row")

// ErrNoWorld is the answer about a world that does not exist (any more).
var ErrNoWorld = errors.New("db: no such world")

// Options tune a database; the zero value is right for most.
type Options struct {
	Readers  int  // SQLite: connections for reads (default 4)
	MaxConns int  // PostgreSQL: pool size (default 24)
	NoGroup  bool // SQLite: commit every unit by itself; only benchmarks want this
}

// Dialect says which database a unit runs on, for the few texts that must differ.
type Dialect int

// The two databases.
const (
	SQLite Dialect = iota
	Postgres
)

func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Stats counts what the database has done since it was opened.
type Stats struct {
	Units   int64 // units of work that were committed
	Commits int64 // commits that carried them; each is one sync to disk
}

// engine is what the two databases do differently.
type engine interface {
	within(ctx context.Context, u *unit) error
	view(ctx context.Context, u *unit) error
	migrate(ctx context.Context) error
	ping(ctx context.Context) error
	close() error
}

// unit is one unit of work on its way through an engine.
type unit struct {
	world     string
	exclusive bool
	moment    time.Time // a given moment instead of the world's, zero otherwise
	fn        func(*Tx) error
	after     []func()
}

// DB is an open database.
type DB struct {
	dialect Dialect
	eng     engine
	worlds  *worlds
	due     chan struct{}
	units   atomic.Int64
	commits atomic.Int64
}

// Open opens the database that url names: sqlite:PATH or postgres://... It does
// not migrate it.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 24
	}
	d := &DB{due: make(chan struct{}, 1)}
	var err error
	switch path, isFile := strings.CutPrefix(url, "sqlite:"); {
	case isFile:
		d.dialect = SQLite
		d.worlds = newWorlds(d, 0)
		d.eng, err = openSQLite(ctx, d, path, o)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		d.dialect = Postgres
		d.worlds = newWorlds(d, 250*time.Millisecond)
		d.eng, err = openPostgres(ctx, d, url, o)
	default:
		return nil, fmt.Errorf("db: %q is neither sqlite:PATH nor postgres://HOST/DATABASE", redact(url))
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// redact keeps a URL's password out of messages.
func redact(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if _, host, hasUser := strings.Cut(rest, "@"); hasUser {
		rest = "***@" + host
	}
	return scheme + "://" + rest
}

// Dialect is the database's kind.
func (d *DB) Dialect() Dialect { return d.dialect }

// Stats are the counters so far.
func (d *DB) Stats() Stats { return Stats{Units: d.units.Load(), Commits: d.commits.Load()} }

// Migrate brings the schema up to date. Several nodes may call it at once.
func (d *DB) Migrate(ctx context.Context) error { return d.eng.migrate(ctx) }

// Ping asks whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.eng.ping(ctx) }

// Close ends all work in flight and closes the database.
func (d *DB) Close() error { return d.eng.close() }

// Due signals that a unit of this node has committed work that is due at once.
func (d *DB) Due() <-chan struct{} { return d.due }

func (d *DB) signalDue() {
	select {
	case d.due <- struct{}{}:
	default: // a signal is waiting already
	}
}

// Option changes how one unit of work runs.
type Option func(*unit)

// Exclusive runs the unit alone in its world: units in flight end first, and
// later ones wait. Moves of the clock and resets need it.
func Exclusive() Option { return func(u *unit) { u.exclusive = true } }

type momentKey struct{}

// AtMoment makes units that are begun under ctx see the given moment instead of
// the world's clock. Due work that a moving clock runs uses it, so that each
// piece sees the moment at which it was due.
func AtMoment(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, momentKey{}, t)
}

// Within runs fn as one unit of work in a world and commits it, or returns fn's
// error and changes nothing.
func (d *DB) Within(ctx context.Context, world string, fn func(*Tx) error, opts ...Option) error {
	if world == "" {
		return ErrNoWorld
	}
	return d.run(ctx, &unit{world: world, fn: fn}, opts)
}

// System runs fn as one unit of work across worlds (identity, housekeeping).
// Statements name all their arguments, from $1 on, and Now is the machine's.
func (d *DB) System(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, &unit{fn: fn}, nil)
}

func (d *DB) run(ctx context.Context, u *unit, opts []Option) error {
	for _, o := range opts {
		o(u)
	}
	u.moment, _ = ctx.Value(momentKey{}).(time.Time)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.eng.within(ctx, u); err != nil {
		return err
	}
	for _, f := range u.after {
		f()
	}
	return nil
}

// View runs fn's reads in a world. Each statement sees what was committed when it
// began; nothing can be written.
func (d *DB) View(ctx context.Context, world string, fn func(*Tx) error) error {
	if world == "" {
		return ErrNoWorld
	}
	u := &unit{world: world, fn: fn}
	u.moment, _ = ctx.Value(momentKey{}).(time.Time)
	return d.eng.view(ctx, u)
}

// SystemView runs fn's reads across worlds.
func (d *DB) SystemView(ctx context.Context, fn func(*Tx) error) error {
	return d.eng.view(ctx, &unit{fn: fn})
}

// Clock is the world's clock as this node knows it: exact on SQLite, at most a
// quarter of a second old on PostgreSQL. Units of work read it in the
// transaction and need not ask here.
func (d *DB) Clock(ctx context.Context, world string) (clock.State, error) {
	return d.worlds.get(ctx, world)
}
