package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/timer"
	"demarc/internal/trouble"
)

// The tables of a world. A test holds these lists against the schema.
var (
	// stateTables are what a snapshot keeps, a reset empties and a fork copies.
	stateTables = []string{"audit", "idempotency", "timer", "notice", "customer", "setting", "trouble",
		"billing_account", "od_quote", "od_port", "od_block", "od_service", "od_order", "od_quota", "od_run", "care_account", "care_line",
		"mk_provider", "mk_product", "mk_sku", "mk_subscription", "mk_usage", "mk_update", "mk_call",
		"px_partner", "px_sales_code", "px_binding", "px_transaction", "px_pair", "px_order", "px_hold",
		"vn_center", "vn_region", "vn_block", "vn_range", "vn_holding", "vn_order", "vn_part", "vn_told", "vn_customer", "vn_exception",
		"vn_service", "vn_active", "vn_route"}
	// transitTables are deliveries under way: they belong to endpoints, which stay
	// as they are, and end when the world they tell of is replaced.
	transitTables = []string{"delivery", "attempt"}
	// accessTables are the keys and addresses of a world's owner. They outlive a
	// reset, and only go with the world. Counters are among them, so that no id is
	// ever given twice, and the keys of providers; and what its applications asked for,
	// which has happened whatever becomes of what it changed, and what came to their
	// receivers.
	accessTables = []string{"endpoint", "delivery", "attempt", "counter", "mk_key", "request_log", "request_usage", "portal_inbox", "portal_inbox_request"}
	// appColumns are the columns that name the application a row belongs to; a fork
	// hands them to its own.
	appColumns = map[string]string{"notice": "app", "od_order": "app", "mk_subscription": "app",
		"px_binding": "app", "px_transaction": "app", "px_order": "app", "vn_order": "app", "vn_exception": "app"}
)

// transitKinds is the due work that goes with the transit tables.
const transitKinds = `kind LIKE 'outbox.%'`

func deleteRows(tx *db.Tx, tables []string) {
	for _, table := range tables {
		tx.Do(`DELETE FROM ` + table + ` WHERE world = $1`)
	}
}

// empty removes what a reset or restore is about to replace. The clock is about to go
// back, perhaps: provider keys that have ended have ended for good.
func empty(tx *db.Tx) {
	tx.Do(`UPDATE mk_key SET ends_at = 1 WHERE world = $1 AND ends_at > 0 AND ends_at <= $2`, clock.Micros(tx.Now()))
	deleteRows(tx, stateTables)
	deleteRows(tx, transitTables)
}

// columnsOf is the columns of a table beside its world.
func columnsOf(tx *db.Tx, table string) (list string, err error) {
	query := `SELECT name FROM pragma_table_info($2) WHERE $1 <> '' ORDER BY cid`
	if tx.Dialect() == db.Postgres {
		query = `SELECT column_name FROM information_schema.columns WHERE $1 <> '' AND table_schema = current_schema() AND table_name = $2 ORDER BY ordinal_position`
	}
	err = tx.Each(func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		if name != "world" {
			list += ", " + name
		}
		return nil
	}, query, table)
	if err == nil && list == "" {
		err = fmt.Errorf("sandbox: there is no table %s", table)
	}
	return list, err
}

// copyRows copies the rows of tables between the unit's world and another one,
// out to it or in from it.
func copyRows(tx *db.Tx, tables []string, other string, out bool) error {
	for _, table := range tables {
		columns, err := columnsOf(tx, table)
		if err != nil {
			return err
		}
		from, to := "$2", "$1"
		if out {
			from, to = to, from
		}
		text := `INSERT INTO ` + table + ` (world` + columns + `) SELECT CAST(` + to + ` AS TEXT)` + columns + ` FROM ` + table + ` WHERE world = ` + from
		if table == "timer" {
			text += ` AND NOT ` + transitKinds
		}
		tx.Do(text, other)
	}
	return tx.Flush()
}

// Reset makes the world what a fresh one of its seed is, with its clock back on
// the machine's. Applications and endpoints stay, and the grants of customers that the
// fresh world has as well.
func (s *Service) Reset(ctx context.Context, world, actor string) (World, error) {
	return s.replace(ctx, world, func(tx *db.Tx) (clock.State, error) {
		state := clock.State{Sandbox: true}
		empty(tx)
		if err := tx.SetClock(state, 0); err != nil {
			return state, err
		}
		err := s.fill(tx)
		trail(tx, actor, "reset", "")
		return state, err
	})
}

// replace runs a change of the whole world, alone in it.
func (s *Service) replace(ctx context.Context, world string, change func(tx *db.Tx) (clock.State, error)) (World, error) {
	_, err := s.o.Runner.Change(ctx, world, func(tx *db.Tx) (clock.State, error) {
		tx.After(func() { s.o.Identity.ForgetWorld(world) })
		state, err := change(tx)
		if err == nil {
			identity.DropLostGrants(tx)
		}
		return state, err
	})
	if err != nil {
		return World{}, moving(err)
	}
	return s.Get(ctx, world)
}

// moving words the timer's refusal to touch a clock that is being moved.
func moving(err error) error {
	if errors.Is(err, timer.ErrMoving) {
		return ClockMoving
	}
	return err
}

// Snapshot is the world at a moment.
type Snapshot struct {
	ID string
	At time.Time // the world's clock then
}

// Snapshot keeps the world as it is.
func (s *Service) Snapshot(ctx context.Context, world, actor string) (Snapshot, error) {
	snap := Snapshot{ID: newID()}
	err := s.o.DB.Within(ctx, world, func(tx *db.Tx) error {
		if tx.Clock().Moving {
			return ClockMoving
		}
		var have int
		if err := tx.Row(`SELECT count(*) FROM world WHERE parent = $1 AND kind = 'snapshot'`).Scan(&have); err != nil {
			return err
		}
		if have >= MaxSnapshots {
			return TooManySnaps
		}
		snap.At = tx.Now()
		tx.Do(`INSERT INTO world (id, kind, name, org, parent, seed, created_at, frozen_us)
			SELECT $2, 'snapshot', name, org, id, seed, $3, $4 FROM world WHERE id = $1`,
			snap.ID, clock.Micros(tx.Machine()), clock.Micros(snap.At))
		if err := copyRows(tx, stateTables, snap.ID, true); err != nil {
			return err
		}
		// What is due in a snapshot never wakes: its time stands still.
		tx.Do(`UPDATE timer SET wake_at = $3, lease_until = 0 WHERE world = $2 AND $1 <> ''`, snap.ID, clock.Never)
		trail(tx, actor, "snapshot", snap.ID)
		return nil
	}, db.Exclusive())
	return snap, err
}

// Snapshots are the world's, oldest first.
func (s *Service) Snapshots(ctx context.Context, world string) ([]Snapshot, error) {
	list := []Snapshot{}
	err := s.o.DB.View(ctx, world, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var snap Snapshot
			var at int64
			err := scan(&snap.ID, &at)
			snap.At = clock.FromMicros(at)
			list = append(list, snap)
			return err
		}, `SELECT id, frozen_us FROM world WHERE parent = $1 AND kind = 'snapshot' ORDER BY created_at, id`)
	})
	return list, err
}

// Restore makes the world what it was at a snapshot, its clock with it: it goes on
// from there, or stands there, as it does now.
func (s *Service) Restore(ctx context.Context, world, id, actor string) (World, error) {
	return s.replace(ctx, world, func(tx *db.Tx) (clock.State, error) {
		var at int64
		err := tx.Row(`SELECT frozen_us FROM world WHERE parent = $1 AND kind = 'snapshot' AND id = $2`, id).Scan(&at)
		if errors.Is(err, db.ErrNone) {
			return clock.State{}, SnapshotUnknown
		}
		if err != nil {
			return clock.State{}, err
		}
		state := clock.State{Sandbox: true, Frozen: clock.FromMicros(at)}
		if tx.Clock().Frozen.IsZero() {
			state = state.Thaw(tx.Machine())
		}
		empty(tx)
		if err := copyRows(tx, stateTables, id, false); err != nil {
			return state, err
		}
		if err := trouble.Copied(tx); err != nil {
			return state, err
		}
		err = tx.SetClock(state, 0)
		trail(tx, actor, "restore", id)
		return state, err
	})
}

// DeleteSnapshot removes a snapshot of the world.
func (s *Service) DeleteSnapshot(ctx context.Context, world, id string) error {
	return s.o.DB.Within(ctx, world, func(tx *db.Tx) error {
		tx.One(SnapshotUnknown, `DELETE FROM world WHERE parent = $1 AND kind = 'snapshot' AND id = $2`, id)
		for _, table := range stateTables {
			tx.Do(`DELETE FROM `+table+` WHERE world = $2 AND $1 <> ''`, id)
		}
		return nil
	})
}

// Fork makes a second world that begins as this one is now, clock included, with an
// application of its own; what the caller's application had there is the new one's.
func (s *Service) Fork(ctx context.Context, world, app string, n NewWorld) (Created, error) {
	snap, err := s.Snapshot(ctx, world, n.Actor)
	if err != nil {
		return Created{}, err
	}
	defer func() { _ = s.DeleteSnapshot(context.WithoutCancel(ctx), world, snap.ID) }()
	seed, err := s.o.DB.Seed(ctx, world)
	if err != nil {
		return Created{}, err
	}
	made, err := s.make(ctx, n, seed, world, func(tx *db.Tx) error {
		if err := copyRows(tx, stateTables, snap.ID, false); err != nil {
			return err
		}
		tx.Do(`INSERT INTO counter (world, name, next) SELECT CAST($1 AS TEXT), name, next FROM counter WHERE world = $2`, world)
		return nil
	}, func(tx *db.Tx, own identity.App) {
		for table, column := range appColumns {
			tx.Do(`UPDATE `+table+` SET `+column+` = $3 WHERE world = $1 AND `+column+` = $2`, app, own.ID)
		}
	})
	if err != nil {
		return made, err
	}
	from, err := s.Get(ctx, world)
	if err != nil {
		return made, err
	}
	made.Clock, err = s.o.Runner.Change(ctx, made.ID, func(tx *db.Tx) (clock.State, error) {
		state := clock.State{Sandbox: true, Frozen: snap.At}
		if from.Clock.Frozen.IsZero() {
			state = state.Thaw(tx.Machine())
		}
		return state, nil
	})
	return made, err
}

// Export writes the world's rows, one JSON object a line. They are those of one
// moment: a snapshot is taken for it, and removed afterwards.
func (s *Service) Export(ctx context.Context, world, actor string, w io.Writer) error {
	snap, err := s.Snapshot(ctx, world, actor)
	if err != nil {
		return err
	}
	defer func() { _ = s.DeleteSnapshot(context.WithoutCancel(ctx), world, snap.ID) }()
	seed, err := s.o.DB.Seed(ctx, world)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	type line struct {
		Table string         `json:"table"`
		Row   map[string]any `json:"row"`
	}
	if err := enc.Encode(line{"world", map[string]any{"id": world, "seed": seed, "now": snap.At.Format(time.RFC3339Nano)}}); err != nil {
		return err
	}
	return s.o.DB.View(ctx, snap.ID, func(tx *db.Tx) error {
		for _, table := range stateTables {
			columns, err := columnsOf(tx, table)
			if err != nil {
				return err
			}
			names := splitColumns(columns)
			err = tx.Each(func(scan func(...any) error) error {
				row, err := scanRow(scan, names)
				if err != nil {
					return err
				}
				return enc.Encode(line{table, row})
			}, `SELECT `+columns[2:]+` FROM `+table+` WHERE world = $1 ORDER BY `+columns[2:])
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Clock reads the world's clock, exactly.
func (s *Service) Clock(ctx context.Context, world string) (clock.State, time.Time, error) {
	w, err := s.Get(ctx, world)
	return w.Clock, clock.Machine(), err
}

// Advance moves the clock, running what falls due on the way.
func (s *Service) Advance(ctx context.Context, world string, target func(now time.Time) time.Time) (clock.State, []timer.Ran, error) {
	state, ran, err := s.o.Runner.Move(ctx, world, target)
	switch {
	case errors.Is(err, timer.ErrMoving):
		err = ClockMoving
	case errors.Is(err, clock.ErrBackwards):
		err = ClockBackwards
	}
	return state, ran, err
}

// Freeze stops the clock where it is; Thaw lets it flow on from there.
func (s *Service) Freeze(ctx context.Context, world string) (clock.State, error) {
	return s.change(ctx, world, clock.State.Freeze)
}

// Thaw lets the clock flow on from where it stands.
func (s *Service) Thaw(ctx context.Context, world string) (clock.State, error) {
	return s.change(ctx, world, clock.State.Thaw)
}

func (s *Service) change(ctx context.Context, world string, to func(clock.State, time.Time) clock.State) (clock.State, error) {
	state, err := s.o.Runner.Change(ctx, world, func(tx *db.Tx) (clock.State, error) {
		return to(tx.Clock(), tx.Machine()), nil
	})
	return state, moving(err)
}
