// Package sandbox is what the owner of a sandbox world can do with it: move its
// clock, change its customers, reset it, keep and restore snapshots, fork it, take
// its rows away, audit its invariants; and make more worlds, short-lived ones, one
// for each test.
//
// A world is rows that carry its id. So a snapshot is a copy of them under an id of
// its own, a restore copies them back, a fork copies them to a world with its own
// application, and a reset deletes them and seeds anew.
package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"log/slog"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/timer"
)

const family = "platform"

// The faults of sandboxes.
var (
	ClockBackwards  = fault.New(family, "clock_backwards", 400, "A world's clock never moves back.")
	ClockMoving     = fault.New(family, "clock_moving", 409, "The clock is being moved; try again when that is done.")
	WorldUnknown    = fault.New(family, "world_not_found", 404, "This organisation has no such world.")
	WorldStanding   = fault.New(family, "world_standing", 409, "The organisation's own sandbox cannot be deleted; reset it instead.")
	TooManyWorlds   = fault.New(family, "too_many_worlds", 409, "This organisation has as many worlds as it may have; delete some, or let them expire.")
	SnapshotUnknown = fault.New(family, "snapshot_unknown", 404, "This world has no such snapshot.")
	TooManySnaps    = fault.New(family, "too_many_snapshots", 409, "This world has as many snapshots as it may have; delete some.")
)

// Bounds of worlds.
const (
	DefaultTTL   = time.Hour
	MaxTTL       = 7 * 24 * time.Hour
	MaxWorlds    = 500 // per organisation
	MaxSnapshots = 50  // per world
)

// Production is the id of the one production world.
const Production = "production"

// Options are what a Service needs.
type Options struct {
	DB       *db.DB
	Runner   *timer.Runner
	Identity *identity.Service
	Counters *db.Counters
	Log      *slog.Logger
	Products []string                            // what the application of a new world is approved for
	Seeders  []func(tx *db.Tx) error             // what a fresh world holds
	Checks   []func(tx *db.Tx) ([]string, error) // its invariants
}

// Service is the sandboxes of one node.
type Service struct{ o Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// World is a world as its owner sees it.
type World struct {
	ID        string
	Kind      string
	Name      string
	Org       string // "" of production
	Seed      int64
	CreatedAt time.Time
	ExpiresAt time.Time // zero: it stays
	Clock     clock.State
}

// Created is a new world with the keys to it.
type Created struct {
	World
	App identity.App // its secret is shown here only
}

// NewWorld asks for a world.
type NewWorld struct {
	Org   string
	Name  string
	TTL   time.Duration // 0: it stays
	Seed  *int64        // nil: any
	Actor string
}

func newID() string {
	var b [10]byte
	_, _ = rand.Read(b[:])
	return "w_" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

func anySeed() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return int64(binary.BigEndian.Uint64(b[:]) >> 12) // exact in every client's numbers
}

// provisional is how long a world may exist without being finished; what dies in
// between leaves a world that the sweep removes.
const provisional = 5 * time.Minute

// Create makes a fresh sandbox world with an approved application of its own.
func (s *Service) Create(ctx context.Context, n NewWorld) (Created, error) {
	seed := anySeed()
	if n.Seed != nil {
		seed = *n.Seed
	}
	return s.make(ctx, n, seed, "", func(tx *db.Tx) error { return s.fill(tx) }, nil)
}

// fill seeds the unit's world.
func (s *Service) fill(tx *db.Tx) error {
	for _, seed := range s.o.Seeders {
		if err := seed(tx); err != nil {
			return err
		}
	}
	return nil
}

// make writes the world's row, fills the world, and gives it its application.
func (s *Service) make(ctx context.Context, n NewWorld, seed int64, parent string, fill func(*db.Tx) error, after func(tx *db.Tx, app identity.App)) (Created, error) {
	w := World{ID: newID(), Kind: "sandbox", Name: n.Name, Org: n.Org, Seed: seed}
	if err := s.reserve(ctx, &w, n.Org, parent); err != nil {
		return Created{}, err
	}
	var app identity.App
	err := s.finish(ctx, &w, n.TTL, fill, func(tx *db.Tx) (err error) {
		name := n.Name
		if name == "" {
			name = "Sandbox"
		}
		app, err = s.o.Identity.CreateAppIn(tx, n.Actor, identity.NewApp{Name: name, Products: s.o.Products, Customers: []string{identity.All}})
		if err == nil && after != nil {
			after(tx, app)
		}
		return err
	})
	return Created{w, app}, err
}

// finish fills a world whose row is there, and lets it live for ttl: for ever when that
// is 0.
func (s *Service) finish(ctx context.Context, w *World, ttl time.Duration, fill, furnish func(*db.Tx) error) error {
	return s.o.DB.Within(ctx, w.ID, func(tx *db.Tx) error {
		if err := fill(tx); err != nil {
			return err
		}
		if err := furnish(tx); err != nil {
			return err
		}
		if ttl > 0 {
			w.ExpiresAt = tx.Machine().Add(ttl)
		}
		tx.One(WorldUnknown, `UPDATE world SET expires_at = $2 WHERE id = $1`, clock.MicrosOrZero(w.ExpiresAt))
		w.Clock = tx.Clock()
		tx.After(func() { s.o.DB.KnowClock(w.ID) })
		return nil
	})
}

// reserve writes the row of a world that is about to be filled.
func (s *Service) reserve(ctx context.Context, w *World, org, parent string) error {
	return s.o.DB.System(ctx, func(tx *db.Tx) error {
		var have int
		err := tx.Row(`SELECT count(*) FROM world WHERE org = $1 AND kind = 'sandbox'`, org).Scan(&have)
		if err != nil {
			return err
		}
		if have >= MaxWorlds {
			return TooManyWorlds
		}
		w.CreatedAt = tx.Machine()
		return insertWorld(tx, *w, org, parent, w.CreatedAt.Add(provisional))
	})
}

func insertWorld(tx *db.Tx, w World, org, parent string, expires time.Time) error {
	tx.Do(`INSERT INTO world (id, kind, name, org, parent, seed, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.ID, w.Kind, w.Name, org, parent, w.Seed, clock.Micros(w.CreatedAt), clock.MicrosOrZero(expires))
	return tx.Flush()
}

// EnsureProduction makes the production world when it is not there yet.
func (s *Service) EnsureProduction(ctx context.Context) error {
	return s.o.DB.System(ctx, func(tx *db.Tx) error {
		tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ($1, 'production', 'Production', '', 0, $2) ON CONFLICT DO NOTHING`,
			Production, clock.Micros(tx.Machine()))
		return nil
	})
}

const worldColumns = `id, kind, name, org, seed, created_at, expires_at, offset_us, frozen_us`

func scanWorld(scan func(...any) error) (w World, err error) {
	var created, expires, offset, frozen int64
	err = scan(&w.ID, &w.Kind, &w.Name, &w.Org, &w.Seed, &created, &expires, &offset, &frozen)
	w.CreatedAt = clock.FromMicros(created)
	if expires != 0 {
		w.ExpiresAt = clock.FromMicros(expires)
	}
	w.Clock = clock.State{Sandbox: w.Kind != Production, Offset: time.Duration(offset) * time.Microsecond}
	if frozen != 0 {
		w.Clock.Frozen = clock.FromMicros(frozen)
	}
	return w, err
}

// List is the organisation's sandbox worlds, oldest first.
func (s *Service) List(ctx context.Context, org string) ([]World, error) {
	list := []World{}
	err := s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			w, err := scanWorld(scan)
			list = append(list, w)
			return err
		}, `SELECT `+worldColumns+` FROM world WHERE org = $1 AND kind = 'sandbox' AND (expires_at = 0 OR expires_at > $2) ORDER BY created_at, id`,
			org, clock.Micros(clock.Machine()))
	})
	return list, err
}

// All is production and then the newest sandbox worlds of all organisations, for the
// carrier's staff.
func (s *Service) All(ctx context.Context, limit int) ([]World, error) {
	list := []World{}
	err := s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			w, err := scanWorld(scan)
			list = append(list, w)
			return err
		}, `SELECT `+worldColumns+` FROM world WHERE kind <> 'snapshot' AND (expires_at = 0 OR expires_at > $1)
			ORDER BY CASE WHEN kind = 'production' THEN 0 ELSE 1 END, created_at DESC, id LIMIT $2`, clock.Micros(clock.Machine()), int64(limit))
	})
	return list, err
}

// Get is one world.
func (s *Service) Get(ctx context.Context, id string) (w World, err error) {
	err = s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		w, err = scanWorld(func(dst ...any) error {
			return tx.Row(`SELECT `+worldColumns+` FROM world WHERE id = $1`, id).Scan(dst...)
		})
		return err
	})
	if errors.Is(err, db.ErrNone) {
		err = WorldUnknown
	}
	return w, err
}

// Delete removes a short-lived world of the organisation with all that is in it.
func (s *Service) Delete(ctx context.Context, org, id string) error {
	var kind, owner string
	var expires int64
	err := s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT kind, org, expires_at FROM world WHERE id = $1`, id).Scan(&kind, &owner, &expires)
	})
	switch {
	case errors.Is(err, db.ErrNone) || err == nil && (owner != org || kind != "sandbox"):
		return WorldUnknown
	case err != nil:
		return err
	case expires == 0:
		return WorldStanding
	}
	return s.remove(ctx, id)
}

// remove deletes a world's snapshots, its rows, its applications, and at last the
// world itself. Each is a unit of its own; what dies in between is removed by the
// next sweep.
func (s *Service) remove(ctx context.Context, id string) error {
	snapshots, err := s.children(ctx, id)
	if err != nil {
		return err
	}
	for _, child := range append(snapshots, id) {
		err := s.o.DB.Within(ctx, child, func(tx *db.Tx) error {
			tx.Now()
			s.o.Identity.DropApps(tx)
			deleteRows(tx, stateTables)
			deleteRows(tx, accessTables)
			tx.Do(`DELETE FROM world WHERE id = $1`)
			tx.After(func() {
				s.o.DB.KnowClock(child)
				s.o.Counters.Forget(child)
			})
			return nil
		}, db.Exclusive())
		if err != nil && !errors.Is(err, db.ErrNoWorld) {
			return err
		}
	}
	return nil
}

// children are the snapshots of a world.
func (s *Service) children(ctx context.Context, id string) (list []string, err error) {
	err = s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var child string
			err := scan(&child)
			list = append(list, child)
			return err
		}, `SELECT id FROM world WHERE parent = $1 AND kind = 'snapshot'`, id)
	})
	return list, err
}

// Run removes worlds that have expired, until the context ends.
func (s *Service) Run(ctx context.Context) {
	for clock.Sleep(ctx, 15*time.Second) == nil {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("expired worlds cannot be removed", "err", err)
		}
	}
}

// Sweep removes the worlds that have expired.
func (s *Service) Sweep(ctx context.Context) error {
	var gone []string
	err := s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			gone = append(gone, id)
			return err
		}, `SELECT id FROM world WHERE expires_at > 0 AND expires_at <= $1 ORDER BY expires_at LIMIT 100`, clock.Micros(clock.Machine()))
	})
	for _, id := range gone {
		err = errors.Join(err, s.remove(ctx, id))
	}
	return err
}

// Check audits every invariant of a world and answers what is wrong.
func (s *Service) Check(ctx context.Context, world string) ([]string, error) {
	problems := []string{}
	err := s.o.DB.Within(ctx, world, func(tx *db.Tx) error {
		problems = problems[:0]
		for _, check := range s.o.Checks {
			found, err := check(tx)
			if err != nil {
				return err
			}
			problems = append(problems, found...)
		}
		return nil
	}, db.Exclusive())
	return problems, err
}

// trail notes what was done to a world.
func trail(tx *db.Tx, actor, event, note string) {
	audit.Record(tx, audit.Event{Subject: "world/" + tx.World(), Actor: actor, Event: event, Note: note})
}
