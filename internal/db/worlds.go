package db

import (
	"context"
	"sync"
	"time"

	"demarc/internal/clock"
)

// clockSQL reads a world's clock. It is the first statement of every unit of work
// in a sandbox.
const clockSQL = `SELECT kind, offset_us, frozen_us, moving_until FROM world WHERE id = $1`

// worlds is what this node knows of the worlds' clocks. SQLite has one process,
// so what it knows is true until it changes it itself; on PostgreSQL other nodes
// move clocks too, and an entry is good for maxAge only. That a world is the
// production world never changes.
type worlds struct {
	d      *DB
	maxAge time.Duration // 0: good until set
	mu     sync.RWMutex
	known  map[string]knownWorld
}

type knownWorld struct {
	state       clock.State
	movingUntil int64
	read        time.Time
}

func newWorlds(d *DB, maxAge time.Duration) *worlds {
	return &worlds{d: d, maxAge: maxAge, known: map[string]knownWorld{}}
}

// maxKnown bounds the table; past it, it starts afresh.
const maxKnown = 20_000

func (w *worlds) lookup(id string) (clock.State, bool) {
	w.mu.RLock()
	k, ok := w.known[id]
	w.mu.RUnlock()
	if !ok {
		return clock.State{}, false
	}
	m := clock.Machine()
	if w.maxAge > 0 && k.state.Sandbox && m.Sub(k.read) > w.maxAge {
		return clock.State{}, false
	}
	k.state.Moving = k.movingUntil > clock.Micros(m)
	return k.state, true
}

// production reports whether the world is known to be the production world.
func (w *worlds) production(id string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	k, ok := w.known[id]
	return ok && !k.state.Sandbox
}

func (w *worlds) set(id string, s clock.State, movingUntil int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.known) >= maxKnown {
		clear(w.known)
	}
	w.known[id] = knownWorld{s, movingUntil, clock.Machine()}
}

func (w *worlds) forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, id)
}

// get answers from what is known, or reads.
func (w *worlds) get(ctx context.Context, id string) (clock.State, error) {
	if s, ok := w.lookup(id); ok {
		return s, nil
	}
	var s clock.State
	var moving int64
	err := w.d.SystemView(ctx, func(tx *Tx) error {
		var err error
		s, moving, err = scanClock(func(dst ...any) error { return tx.Row(clockSQL, id).Scan(dst...) })
		return err
	})
	if err == ErrNone {
		return s, ErrNoWorld
	}
	if err != nil {
		return s, err
	}
	w.set(id, s, moving)
	return s, nil
}

func scanClock(scan func(...any) error) (clock.State, int64, error) {
	var kind string
	var offset, frozen, movingUntil int64
	if err := scan(&kind, &offset, &frozen, &movingUntil); err != nil {
		return clock.State{}, 0, err
	}
	s := clock.State{
		Sandbox: kind != "production",
		Offset:  time.Duration(offset) * time.Microsecond,
		Moving:  movingUntil > clock.Micros(clock.Machine()),
	}
	if frozen != 0 {
		s.Frozen = clock.FromMicros(frozen)
	}
	return s, movingUntil, nil
}

// SetClock writes the world's clock in an exclusive unit of work. movingFor is
// how long the mover may take before others give up on it; zero when it is done.
// The rest of the unit sees the new clock.
func (t *Tx) SetClock(s clock.State, movingFor time.Duration) error {
	t.ready()
	var frozen, movingUntil int64
	if !s.Frozen.IsZero() {
		frozen = clock.Micros(s.Frozen)
	}
	if movingFor > 0 {
		movingUntil = clock.Micros(t.machine.Add(movingFor))
	}
	t.One(ErrNoWorld, `UPDATE world SET offset_us = $2, frozen_us = $3, moving_until = $4 WHERE id = $1 AND kind <> 'production'`,
		s.Offset.Microseconds(), frozen, movingUntil)
	if err := t.Flush(); err != nil {
		return err
	}
	s.Moving = movingUntil != 0
	t.state = s
	if t.moment.IsZero() {
		t.now = s.Now(t.machine)
	}
	return nil
}

// KnowClock makes this node know the clock that a unit has set, or forget the
// world when it is gone; callers put it in tx.After.
func (d *DB) KnowClock(world string) { d.worlds.forget(world) }
