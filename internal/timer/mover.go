package timer

import (
	"context"
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// ErrMoving refuses to move or set a clock that is being moved.
var ErrMoving = errors.New("timer: the clock is being moved")

// ErrMoveLost ends a move that took so long over one piece of work that others
// gave it up and let the clock go.
var ErrMoveLost = errors.New("timer: the move was given up by others")

// moverLease is how long a mover may take for one step before its move is given
// up: longer than a job's lease, for which it may have to wait.
func (r *Runner) moverLease() time.Duration { return r.lease + r.lease*4/5 }

// Ran is one piece of work that a move of the clock has run.
type Ran struct {
	Kind    string
	Key     string
	Due     time.Time
	Problem string // why it failed; it will come again by itself
}

// Move moves the world's clock to the moment that target answers, running what
// falls due on the way in due order, each piece at its own moment; what was due
// before runs at the moment from which the clock is moved. It answers the clock as
// it then is and what ran. Another move at the same time is refused with
// ErrMoving, a move back with clock.ErrBackwards.
func (r *Runner) Move(ctx context.Context, world string, target func(now time.Time) time.Time) (clock.State, []Ran, error) {
	m := &move{r: r, world: world, visits: map[[2]string]*visit{}}
	if err := m.begin(ctx, target); err != nil {
		return clock.State{}, nil, err
	}
	walkErr := m.walk(ctx)
	state, err := m.end(context.WithoutCancel(ctx), walkErr == nil)
	return state, m.ran, errors.Join(walkErr, err)
}

// move is one move of a clock under way.
type move struct {
	r      *Runner
	world  string
	at     time.Time // how far it got: nothing sees an earlier moment
	to     time.Time
	until  int64                // what it wrote to the world's moving_until, by which it knows its own move
	fresh  func() time.Duration // since then
	ran    []Ran
	visits map[[2]string]*visit // by kind and key
	over   int                  // how many visits are over
}

// visit is what a move knows of a job that it has run.
type visit struct {
	due     time.Time
	version int64
	times   int  // how often it ran at this moment
	over    bool // it is not to run again at this moment
	last    int  // its last run, in ran
}

// manyTimes bounds how often work may make itself due at one and the same moment
// of a move.
const manyTimes = 100

// begin claims the clock: until the move ends, due work of this world belongs to
// the mover.
func (m *move) begin(ctx context.Context, target func(time.Time) time.Time) error {
	return m.r.d.Within(ctx, m.world, func(tx *db.Tx) error {
		s := tx.Clock()
		if s.Moving {
			return ErrMoving
		}
		m.at = tx.Now()
		m.to = clock.FromMicros(clock.Micros(target(m.at)))
		if m.to.Before(m.at) {
			return clock.ErrBackwards
		}
		tx.Do(`UPDATE timer SET wake_at = $2 WHERE world = $1 AND lease_until <= $3`, clock.Never, clock.Micros(tx.Machine()))
		return m.set(tx, s)
	}, db.Exclusive())
}

// set writes the clock and claims it anew.
func (m *move) set(tx *db.Tx, s clock.State) error {
	lease := m.r.moverLease()
	until, fresh := clock.Micros(tx.Machine().Add(lease)), clock.Elapsed()
	tx.After(func() { m.until, m.fresh = until, fresh })
	return tx.SetClock(s, lease)
}

// mine makes the unit fail when the move is no longer this one's.
func (m *move) mine(tx *db.Tx) {
	tx.One(ErrMoveLost, `UPDATE world SET moving_until = $2 WHERE id = $1 AND moving_until = $2`, m.until)
}

// walk runs what is due up to the moment to, one piece after the other.
func (m *move) walk(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		j, found, err := m.earliest(ctx)
		switch {
		case err != nil:
			return err
		case !found:
			return nil
		case j.lease > clock.Micros(clock.Machine()):
			// A worker took it up before the move began; it will be done soon.
			if err := clock.Sleep(ctx, 2*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		if j.lease != 0 {
			if mine, err := m.inherit(ctx, &j); err != nil {
				return err
			} else if !mine {
				continue // a worker was quicker, who then has a lease
			}
		}
		if m.comesBack(j) {
			continue
		}
		if err := m.step(ctx, j); err != nil {
			return err
		}
	}
}

// inherit takes up what a worker has left under a lease that has run out: until now a
// worker may take it as well. It reports whether it is the mover's.
func (m *move) inherit(ctx context.Context, j *Job) (mine bool, err error) {
	err = m.r.d.Within(ctx, m.world, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE timer SET lease_until = 0, wake_at = $4 WHERE world = $1 AND kind = $2 AND key = $3 AND lease_until = $5`,
			j.Kind, j.Key, clock.Never, j.lease)
		mine = n == 1
		return err
	})
	if mine {
		j.lease = 0
	}
	return mine, err
}

// earliest is the world's first timer due up to the moment to, without those that
// are over.
func (m *move) earliest(ctx context.Context) (j Job, found bool, err error) {
	err = m.r.d.View(ctx, m.world, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			next, err := scanJob(scan)
			if v := m.visits[[2]string{next.Kind, next.Key}]; err != nil || found || v != nil && v.over && v.due.Equal(next.Due) {
				return err
			}
			j, found = next, true
			return nil
		}, `SELECT `+jobColumns+` FROM timer WHERE world = $1 AND due_at <= $2 ORDER BY due_at, kind, key LIMIT $3`,
			clock.Micros(m.to), int64(m.over+1))
	})
	return j, found, err
}

// comesBack notes that the job is about to run, and reports whether it must not:
// because it ran and its handler left it as it was, or because it makes itself due
// at the same moment for ever.
func (m *move) comesBack(j Job) bool {
	key := [2]string{j.Kind, j.Key}
	v := m.visits[key]
	switch {
	case v == nil || !v.due.Equal(j.Due):
		if v != nil && v.over {
			m.over--
		}
		m.visits[key] = &visit{due: j.Due, version: j.version, times: 1}
		return false
	case v.version == j.version:
		m.stop(v, "its handler neither failed nor finished it")
		return true
	case v.times == manyTimes:
		m.stop(v, "it comes due again and again at the same moment")
		return true
	}
	v.version = j.version
	v.times++
	return false
}

func (m *move) stop(v *visit, problem string) {
	v.over = true
	m.over++
	m.ran[v.last].Problem = problem
}

// step brings the clock to the job's moment and runs it there.
func (m *move) step(ctx context.Context, j Job) error {
	if j.Due.After(m.at) || m.fresh() > m.r.lease/5 {
		there, err := m.advance(ctx, j)
		if err != nil || !there {
			return err
		}
	}
	jobCtx, cancel := context.WithTimeout(db.AtMoment(ctx, m.at), m.r.limit())
	defer cancel()
	err := m.r.call(jobCtx, j)
	v := m.visits[[2]string{j.Kind, j.Key}]
	v.last = len(m.ran)
	m.ran = append(m.ran, Ran{Kind: j.Kind, Key: j.Key, Due: j.Due})
	switch {
	case err == nil, errors.Is(err, ErrTaken):
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		m.r.log.Warn("due work failed while the clock moved", "world", j.World, "kind", j.Kind, "key", j.Key, "err", err)
		m.stop(v, err.Error())
		m.r.putOff(ctx, j, err, j.Attempts+1, backoff(j.Attempts))
	}
	return nil
}

// advance brings the clock to the job's moment. It reports whether the job is
// still as it was: a request may have changed it just now.
func (m *move) advance(ctx context.Context, j Job) (there bool, err error) {
	at := m.at
	err = m.r.d.Within(ctx, m.world, func(tx *db.Tx) error {
		at, there = m.at, false
		s := tx.Clock()
		if j.Due.After(at) {
			at = j.Due
		}
		if at.After(tx.Now()) {
			var err error
			if s, err = s.To(tx.Machine(), at); err != nil {
				return err
			}
		}
		var version int64
		tx.Ask(func(scan func(...any) error) error {
			err := scan(&version)
			there = version == j.version
			return err
		}, `SELECT version FROM timer WHERE world = $1 AND kind = $2 AND key = $3`, j.Kind, j.Key)
		m.mine(tx)
		return m.set(tx, s)
	}, db.Exclusive())
	if err == nil {
		m.at = at
	}
	return there && err == nil, err
}

// end leaves the clock at the target (or where it is) and gives the world's due
// work back to the workers.
func (m *move) end(ctx context.Context, arrived bool) (clock.State, error) {
	return m.r.change(ctx, m.world, func(tx *db.Tx) (clock.State, error) {
		m.mine(tx)
		s := tx.Clock()
		if !arrived || !m.to.After(tx.Now()) {
			return s, nil
		}
		return s.To(tx.Machine(), m.to)
	})
}

// Change sets the world's clock to what the function answers, alone in the world,
// and works out anew when each of its timers wakes. It is refused with ErrMoving
// while the clock is being moved.
func (r *Runner) Change(ctx context.Context, world string, to func(tx *db.Tx) (clock.State, error)) (clock.State, error) {
	return r.change(ctx, world, func(tx *db.Tx) (clock.State, error) {
		if tx.Clock().Moving {
			return clock.State{}, ErrMoving
		}
		return to(tx)
	})
}

func (r *Runner) change(ctx context.Context, world string, to func(tx *db.Tx) (clock.State, error)) (clock.State, error) {
	var s clock.State
	err := r.d.Within(ctx, world, func(tx *db.Tx) error {
		var err error
		if s, err = to(tx); err != nil {
			return err
		}
		s.Moving = false
		if err := tx.SetClock(s, 0); err != nil {
			return err
		}
		rewake(tx, s)
		return nil
	}, db.Exclusive())
	return s, err
}

func rewake(tx *db.Tx, s clock.State) {
	const due = `UPDATE timer SET wake_at = CASE WHEN due_at <= $2 THEN $3 ELSE `
	now, machine := clock.Micros(tx.Now()), clock.Micros(tx.Machine())
	if s.Frozen.IsZero() {
		tx.Do(due+`due_at - $4 END WHERE world = $1 AND lease_until <= $3`, now, machine, s.Offset.Microseconds())
	} else {
		tx.Do(due+`$4 END WHERE world = $1 AND lease_until <= $3`, now, machine, clock.Never)
	}
	tx.DueNow()
}

// sweep ends the moves of nodes that died in the middle of one: the clock stays
// where it got to.
func (r *Runner) sweep(ctx context.Context) {
	var stuck []string
	err := r.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			stuck = append(stuck, id)
			return err
		}, `SELECT id FROM world WHERE moving_until > 0 AND moving_until <= $1`, clock.Micros(clock.Machine()))
	})
	for _, world := range stuck {
		r.d.KnowClock(world)
		_, changeErr := r.Change(ctx, world, func(tx *db.Tx) (clock.State, error) { return tx.Clock(), nil })
		if changeErr != nil && !errors.Is(changeErr, ErrMoving) {
			err = errors.Join(err, changeErr)
		}
	}
	if err != nil && ctx.Err() == nil {
		r.log.Error("clocks that a dead node was moving cannot be released", "err", err)
	}
}
