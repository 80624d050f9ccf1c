package trouble

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Error is what a call meets that is to go wrong.
type Error struct {
	Target Target
	Mode   Mode
}

func (e *Error) Error() string {
	return string(e.Target) + ": " + string(e.Mode) + ", as the owner of this sandbox wants it"
}

// ModeOf is how a call is to go wrong; "" when the error is none of a Spot's.
func ModeOf(err error) Mode {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Mode
	}
	return ""
}

// Maker makes trouble on one node.
//
// Most worlds have none, and most calls are made there; so a node remembers of which
// worlds it has read so. SQLite has one process: what it remembers is true until it
// sets something itself. On PostgreSQL other nodes set things too, so it remembers
// for a moment only, and whoever sets something is answered when that moment is over.
type Maker struct {
	d     *db.DB
	reads db.Group[string, map[Target]Standing]
	since func() time.Duration

	mu    sync.RWMutex
	quiet map[string]quiet
}

// quiet is when a world was found without trouble.
type quiet struct {
	changes uint64        // how much this process had changed
	asked   time.Duration // when the question was put
}

// remembered is how long a node of several believes that a world has no trouble.
const remembered = 50 * time.Millisecond

// changes counts what this process has set.
var changes atomic.Uint64

// changed makes the commit of what the unit sets known: on this node at once, and
// before the unit is answered on the others.
func changed(tx *db.Tx) {
	ctx, many := tx.Context(), tx.Dialect() == db.Postgres
	tx.After(func() {
		changes.Add(1)
		if many {
			_ = clock.Sleep(ctx, remembered) // who has gone is not answered
		}
	})
}

// Copied is to be called in a unit that may have brought trouble to its world
// otherwise than by Put.
func Copied(tx *db.Tx) error {
	found := false
	err := tx.Each(func(func(...any) error) error {
		found = true
		return nil
	}, `SELECT target FROM trouble WHERE world = $1 LIMIT 1`)
	if err == nil && found {
		changed(tx)
	}
	return err
}

// New makes the node's maker.
func New(d *db.DB) *Maker {
	m := &Maker{d: d, since: clock.Elapsed(), quiet: map[string]quiet{}}
	m.reads.Load = m.load
	return m
}

// Spot is where a program calls one target.
type Spot struct {
	m       *Maker
	target  Target
	limit   time.Duration
	most    int64
	waiting atomic.Int64
}

// Spot makes the place where a target is called by those who wait so long for an
// answer and no longer, and of whom at most so many are kept waiting at once: what
// they hold meanwhile (a worker, a place among the requests in flight) is taken from
// others. Further ones meet the trouble without its latency.
func (m *Maker) Spot(t Target, limit time.Duration, most int) *Spot {
	return &Spot{m: m, target: t, limit: limit, most: int64(most)}
}

// Meet answers, in a sandbox world, nil when the call is to be made, and an *Error
// when it is to go wrong. What is slow has taken its time then, and so has what goes
// wrong after a while; what would take longer than the limit times out there.
func (s *Spot) Meet(ctx context.Context, world string) error {
	if err := ctx.Err(); err != nil {
		return err // who has gone is not counted
	}
	hit, err := s.m.take(ctx, world, s.target)
	if err != nil || hit == nil {
		return err
	}
	if hit.Latency > 0 {
		if err := s.wait(ctx, hit); err != nil {
			return err
		}
	}
	if hit.Mode == Slow {
		return nil
	}
	return &Error{s.target, hit.Mode}
}

// wait lets the latency pass.
func (s *Spot) wait(ctx context.Context, hit *Standing) error {
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > s.most {
		return nil
	}
	if err := clock.Sleep(ctx, min(hit.Latency, s.limit)); err != nil {
		return err
	}
	if hit.Latency > s.limit {
		return &Error{s.target, Timeout}
	}
	return nil
}

// take finds what a call to the target meets, and counts it; nil when nothing.
func (m *Maker) take(ctx context.Context, world string, t Target) (*Standing, error) {
	if m.isQuiet(world) {
		return nil, nil
	}
	found := quiet{changes.Load(), m.since()}
	all, _, err := m.reads.Get(ctx, world)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		m.remember(world, found)
		return nil, nil
	}
	s, ok := all[t]
	switch {
	case !ok:
		return nil, nil
	case s.Remaining == 0:
		return &s, nil
	}
	return m.count(ctx, world, t)
}

func (m *Maker) isQuiet(world string) bool {
	m.mu.RLock()
	q, ok := m.quiet[world]
	m.mu.RUnlock()
	return ok && q.changes == changes.Load() && (m.d.Dialect() == db.SQLite || m.since()-q.asked < remembered)
}

// maxQuiet bounds what is remembered; past it, it starts afresh.
const maxQuiet = 20_000

func (m *Maker) remember(world string, q quiet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.quiet) >= maxQuiet {
		clear(m.quiet)
	}
	m.quiet[world] = q
}

// load reads what stands in worlds, with one query for all who ask.
func (m *Maker) load(ctx context.Context, worlds []string) (map[string]map[Target]Standing, error) {
	found := map[string]map[Target]Standing{}
	err := m.d.SystemView(ctx, func(tx *db.Tx) error {
		anyWorld, arg := tx.AnyOf(1, worlds)
		return tx.Each(func(scan func(...any) error) error {
			var world string
			s, err := scanStanding(scan, &world)
			if found[world] == nil {
				found[world] = map[Target]Standing{}
			}
			found[world][s.Target] = s
			return err
		}, `SELECT world, `+columns+` FROM trouble WHERE world `+anyWorld, arg)
	})
	return found, err
}

// spender stands in the trail for the calls that have used trouble up.
const spender = "sandbox"

// count takes one of the calls that are to meet the trouble. Of those that come when
// others have taken the last, none meets it.
func (m *Maker) count(ctx context.Context, world string, t Target) (hit *Standing, err error) {
	err = m.d.Within(ctx, world, func(tx *db.Tx) (err error) {
		if hit, err = lock(tx, t); err != nil || hit == nil {
			return err
		}
		switch hit.Remaining {
		case 0:
		case 1:
			drop(tx, spender, "spent", *hit)
		default:
			tx.Do(`UPDATE trouble SET remaining = remaining - 1 WHERE world = $1 AND target = $2`, string(t))
		}
		return nil
	})
	return hit, err
}
