package timer

import (
	"context"
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// ErrMoving refuses a second move of a clock that is being moved.
var ErrMoving = errors.New("timer: the clock is being moved")

// moverLease is how long a mover may take for one step before its move is given
// up: longer than a job's lease.
const moverLease = Lease + 20*time.Second

// Ran is one piece of work that a move of the clock has run.
type Ran struct {
	Kind    string
	Key     string
	Due     time.Time
	Problem string // why it failed; it will come again by itself
}

// Move moves the world's clock to the moment that target answers, running what
// falls due on the way in due order, each piece at its own moment. It answers the
// clock as it then is and what ran. Another move at the same time is refused with
// ErrMoving, a move back with clock.ErrBackwards.
func (r *Runner) Move(ctx context.Context, world string, target func(now time.Time) time.Time) (clock.State, []Ran, error) {
	to, err := r.beginMove(ctx, world, target)
	if err != nil {
		return clock.State{}, nil, err
	}
	ran, walkErr := r.walk(ctx, world, to)
	if walkErr != nil {
		to = time.Time{} // it stays where the walk ended
	}
	state, err := r.endMove(context.WithoutCancel(ctx), world, to)
	return state, ran, errors.Join(walkErr, err)
}

// beginMove claims the clock: until the move ends, due work of this world belongs
// to the mover.
func (r *Runner) beginMove(ctx context.Context, world string, target func(time.Time) time.Time) (to time.Time, err error) {
	err = r.d.Within(ctx, world, func(tx *db.Tx) error {
		s := tx.Clock()
		if s.Moving {
			return ErrMoving
		}
		to = target(tx.Now())
		if to.Before(tx.Now()) {
			return clock.ErrBackwards
		}
		tx.After(func() { r.d.KnowClock(world) })
		tx.Do(`UPDATE timer SET wake_at = $2 WHERE world = $1 AND lease_until <= $3`, clock.Never, clock.Micros(tx.Machine()))
		return tx.SetClock(s, moverLease)
	}, db.Exclusive())
	return to, err
}

// walk runs what is due up to the moment to, one piece after the other.
func (r *Runner) walk(ctx context.Context, world string, to time.Time) ([]Ran, error) {
	var ran []Ran
	failed := map[[2]string]bool{}
	for {
		if err := ctx.Err(); err != nil {
			return ran, err
		}
		j, leased, err := r.earliest(ctx, world, to, failed)
		if errors.Is(err, db.ErrNone) {
			return ran, nil
		}
		if err != nil {
			return ran, err
		}
		if leased {
			// A worker took it up before the move began; it will be done soon.
			if err := clock.Sleep(ctx, 2*time.Millisecond); err != nil {
				return ran, err
			}
			continue
		}
		done, err := r.step(ctx, j)
		if err != nil {
			return ran, err
		}
		if done.Problem != "" {
			failed[[2]string{j.Kind, j.Key}] = true
		}
		ran = append(ran, done)
	}
}

// earliest is the world's first timer due up to the moment to, without those that
// failed in this move.
func (r *Runner) earliest(ctx context.Context, world string, to time.Time, failed map[[2]string]bool) (j Job, leased bool, err error) {
	err = db.ErrNone
	viewErr := r.d.View(ctx, world, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var until int64
			next, scanErr := scanJob(scan, &until)
			if scanErr != nil || err == nil || failed[[2]string{next.Kind, next.Key}] {
				return scanErr
			}
			j, leased, err = next, until > clock.Micros(clock.Machine()), nil
			return nil
		}, `SELECT `+jobColumns+`, lease_until FROM timer WHERE world = $1 AND due_at <= $2 ORDER BY due_at, kind, key LIMIT $3`,
			clock.Micros(to), int64(len(failed)+1))
	})
	if viewErr != nil {
		return j, false, viewErr
	}
	return j, leased, err
}

// step brings the clock to the job's moment and runs it there.
func (r *Runner) step(ctx context.Context, j Job) (Ran, error) {
	err := r.d.Within(ctx, j.World, func(tx *db.Tx) error {
		s := tx.Clock()
		if j.Due.After(tx.Now()) {
			var err error
			if s, err = s.To(tx.Machine(), j.Due); err != nil {
				return err
			}
		}
		tx.After(func() { r.d.KnowClock(j.World) })
		tx.Do(`UPDATE timer SET attempts = attempts + 1 WHERE world = $1 AND kind = $2 AND key = $3`, j.Kind, j.Key)
		return tx.SetClock(s, moverLease)
	}, db.Exclusive())
	if err != nil {
		return Ran{}, err
	}
	jobCtx, cancel := context.WithTimeout(db.AtMoment(ctx, j.Due), Lease-2*time.Second)
	defer cancel()
	done := Ran{Kind: j.Kind, Key: j.Key, Due: j.Due}
	switch err := r.call(jobCtx, j); {
	case err == nil, errors.Is(err, ErrTaken):
	case ctx.Err() != nil:
		return done, ctx.Err()
	default:
		r.log.Warn("due work failed while the clock moved", "world", j.World, "kind", j.Kind, "key", j.Key, "err", err)
		done.Problem = err.Error()
	}
	return done, nil
}

// endMove leaves the clock at the moment to (zero: where it is) and gives the
// world's due work back to the workers.
func (r *Runner) endMove(ctx context.Context, world string, to time.Time) (clock.State, error) {
	return r.Change(ctx, world, func(tx *db.Tx) (clock.State, error) {
		s := tx.Clock()
		if to.IsZero() || !to.After(tx.Now()) {
			return s, nil
		}
		return s.To(tx.Machine(), to)
	})
}

// Change sets the world's clock to what the function answers, alone in the world,
// and works out anew when each of its timers wakes.
func (r *Runner) Change(ctx context.Context, world string, to func(tx *db.Tx) (clock.State, error)) (clock.State, error) {
	var s clock.State
	err := r.d.Within(ctx, world, func(tx *db.Tx) error {
		var err error
		if s, err = to(tx); err != nil {
			return err
		}
		s.Moving = false
		tx.After(func() { r.d.KnowClock(world) })
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
		_, changeErr := r.Change(ctx, world, func(tx *db.Tx) (clock.State, error) {
			if tx.Clock().Moving {
				return clock.State{}, ErrMoving
			}
			return tx.Clock(), nil
		})
		if changeErr != nil && !errors.Is(changeErr, ErrMoving) {
			err = errors.Join(err, changeErr)
		}
	}
	if err != nil && ctx.Err() == nil {
		r.log.Error("clocks that a dead node was moving cannot be released", "err", err)
	}
}
