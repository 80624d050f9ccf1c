package db

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
)

// clockSQL reads a world's clock. It is the first statement of every unit of work
// in a sandbox.
const clockSQL = `SELECT kind, offset_us, frozen_us, moving_until, seed FROM world WHERE id = $1`

// worlds is what this node knows of the worlds' clocks. SQLite has one process,
// so what it knows is true until it changes it itself; on PostgreSQL other nodes
// move clocks too, and an entry is good for maxAge only. That a world is the
// production world never changes.
//
// A clock that SQLite's writer is changing is not known at all until the group
// that changes it has ended: later units of the group see the change, everybody
// else does not.
type worlds struct {
	d        *DB
	maxAge   time.Duration // 0: good until set
	mu       sync.RWMutex
	known    map[string]knownWorld
	changing map[string]bool // SQLite only
	gen      atomic.Uint64   // counts what was forgotten
	reads    Group[string, knownWorld]
}

type knownWorld struct {
	state       clock.State
	movingUntil int64
	seed        int64
	read        time.Time
}

func newWorlds(d *DB, maxAge time.Duration) *worlds {
	w := &worlds{d: d, maxAge: maxAge, known: map[string]knownWorld{}, changing: map[string]bool{}}
	w.reads.Load = w.load
	return w
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

// set records what was read, unless something was forgotten since before the
// read (gen): what was read may then be the old state.
func (w *worlds) set(id string, k knownWorld, gen uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gen.Load() != gen || w.changing[id] {
		return
	}
	if len(w.known) >= maxKnown {
		clear(w.known)
	}
	k.read = clock.Machine()
	w.known[id] = k
}

func (w *worlds) forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gen.Add(1)
	delete(w.known, id)
}

// change begins a change of the world's row by SQLite's writer.
func (w *worlds) change(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changing[id] = true
	delete(w.known, id)
}

// settle ends all such changes, when the group has been committed or rolled back.
func (w *worlds) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.changing) > 0 {
		w.gen.Add(1)
		clear(w.changing)
	}
}

// get answers from what is known, or reads.
func (w *worlds) get(ctx context.Context, id string) (clock.State, error) {
	if s, ok := w.lookup(id); ok {
		return s, nil
	}
	k, err := w.read(ctx, id)
	return k.state, err
}

// read asks the database, once for all who ask at the same time.
func (w *worlds) read(ctx context.Context, id string) (knownWorld, error) {
	k, found, err := w.reads.Get(ctx, id)
	if err == nil && !found {
		err = ErrNoWorld
	}
	return k, err
}

func (w *worlds) load(ctx context.Context, ids []string) (map[string]knownWorld, error) {
	gen := w.gen.Load()
	found := make(map[string]knownWorld, len(ids))
	err := w.d.SystemView(ctx, func(tx *Tx) error {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			tx.Ask(func(scan func(...any) error) error {
				k, err := scanWorld(scan)
				found[id] = k
				return err
			}, clockSQL, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, k := range found {
		w.set(id, k, gen)
	}
	return found, nil
}

// Seed is the number that everything random in the world comes from. It never
// changes.
func (d *DB) Seed(ctx context.Context, world string) (int64, error) {
	d.worlds.mu.RLock()
	k, ok := d.worlds.known[world]
	d.worlds.mu.RUnlock()
	if ok {
		return k.seed, nil
	}
	k, err := d.worlds.read(ctx, world)
	return k.seed, err
}

func scanWorld(scan func(...any) error) (k knownWorld, err error) {
	var kind string
	var offset, frozen int64
	if err := scan(&kind, &offset, &frozen, &k.movingUntil, &k.seed); err != nil {
		return k, err
	}
	k.state = clock.State{
		Sandbox: kind != "production",
		Offset:  time.Duration(offset) * time.Microsecond,
		Moving:  k.movingUntil > clock.Micros(clock.Machine()),
	}
	if frozen != 0 {
		k.state.Frozen = clock.FromMicros(frozen)
	}
	return k, nil
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
	t.WorldChanged(t.world)
	s.Moving = movingUntil != 0
	t.state = s
	if t.moment.IsZero() {
		t.now = s.Now(t.machine)
	}
	return nil
}

// WorldChanged says that the unit has changed or deleted the row of a world, so
// that units which come right after it do not live by what this node knew of it.
// SetClock says it by itself.
func (t *Tx) WorldChanged(world string) {
	if t.dialect == SQLite {
		t.d.worlds.change(world)
	}
	t.After(func() { t.d.worlds.forget(world) })
}

// KnowClock makes this node know the clock that a unit has set, or forget the
// world when it is gone; callers put it in tx.After.
func (d *DB) KnowClock(world string) { d.worlds.forget(world) }
