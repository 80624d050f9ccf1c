package timer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Lease is how long a node may work on one job before others take it up again. It
// is longer than any call to a backend or a customer's endpoint may take.
const Lease = 25 * time.Second

// Poll is the longest that a node sleeps between two looks for due work; work
// that this node itself makes due is taken up at once.
const poll = 250 * time.Millisecond

// Runner takes up due work of all worlds on one node.
type Runner struct {
	d        *db.DB
	log      *slog.Logger
	handlers map[string]Handler
	slots    chan struct{}
	wg       sync.WaitGroup
	idle     chan struct{}
}

// NewRunner makes a runner that works on at most so many jobs at once.
func NewRunner(d *db.DB, log *slog.Logger, workers int) *Runner {
	return &Runner{d: d, log: log, handlers: map[string]Handler{}, slots: make(chan struct{}, workers), idle: make(chan struct{}, 1)}
}

// Handle registers the handler of a kind, before Run.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

// Run takes up due work until the context ends, and then waits for what is in
// flight.
func (r *Runner) Run(ctx context.Context) {
	defer r.wg.Wait()
	r.release(ctx)
	swept := clock.Elapsed()
	for ctx.Err() == nil {
		next, err := r.next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				r.log.Error("due work cannot be read", "err", err)
			}
			next = poll
		}
		if next <= 0 {
			full, err := r.take(ctx)
			if err != nil && ctx.Err() == nil {
				r.log.Error("due work cannot be taken", "err", err)
			}
			if full {
				clock.Wait(ctx, poll, r.idle)
				continue
			}
			if err == nil {
				continue
			}
			next = poll
		}
		if swept() > 5*time.Second {
			r.sweep(ctx)
			swept = clock.Elapsed()
		}
		clock.Wait(ctx, min(next, poll), r.d.Due())
	}
}

// release frees what a previous process on this SQLite file left under lease; on
// PostgreSQL other nodes may be at work, and leases run out by themselves.
func (r *Runner) release(ctx context.Context) {
	if r.d.Dialect() != db.SQLite {
		return
	}
	err := r.d.System(ctx, func(tx *db.Tx) error {
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = 0 WHERE lease_until > 0`)
		tx.Do(`UPDATE world SET moving_until = 1 WHERE moving_until > 0`)
		return nil
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("leases cannot be released", "err", err)
	}
	r.sweep(ctx)
}

// next is how long until some timer wakes: zero or less when one is due.
func (r *Runner) next(ctx context.Context) (time.Duration, error) {
	wait := poll
	err := r.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var at int64
			if err := scan(&at); err != nil {
				return err
			}
			// Far moments overflow a Duration, and need no exact answer.
			wait = min(poll, time.Duration(at-clock.Micros(clock.Machine()))*time.Microsecond)
			if at == clock.Never {
				wait = poll
			}
			return nil
		}, `SELECT wake_at FROM timer ORDER BY wake_at LIMIT 1`)
	})
	return wait, err
}

// take leases as many due jobs as there are free workers, and sets them to work.
// It reports whether all workers were busy.
func (r *Runner) take(ctx context.Context) (full bool, err error) {
	free := cap(r.slots) - len(r.slots)
	if free == 0 {
		return true, nil
	}
	var jobs []Job
	err = r.d.System(ctx, func(tx *db.Tx) error {
		jobs = jobs[:0]
		now := clock.Machine()
		return tx.Each(func(scan func(...any) error) error {
			j, err := scanJob(scan)
			jobs = append(jobs, j)
			return err
		}, `UPDATE timer SET lease_until = $1, wake_at = $1, attempts = attempts + 1
			WHERE (world, kind, key) IN (SELECT world, kind, key FROM timer WHERE wake_at <= $2 ORDER BY wake_at LIMIT $3`+tx.SkipLocked()+`)
			RETURNING `+jobColumns, clock.Micros(now.Add(Lease)), clock.Micros(now), int64(free))
	})
	if err != nil {
		return false, err
	}
	for _, j := range jobs {
		r.slots <- struct{}{}
		r.wg.Go(func() {
			defer func() {
				<-r.slots
				select {
				case r.idle <- struct{}{}:
				default:
				}
			}()
			r.work(context.WithoutCancel(ctx), j)
		})
	}
	return false, nil
}

// work runs one job within its lease, and puts it off when it fails.
func (r *Runner) work(ctx context.Context, j Job) {
	ctx, cancel := context.WithTimeout(ctx, Lease-2*time.Second)
	defer cancel()
	err := r.call(ctx, j)
	if err == nil {
		return
	}
	if errors.Is(err, ErrTaken) {
		r.free(j)
		return
	}
	r.log.Warn("due work failed and will come again", "world", j.World, "kind", j.Kind, "key", j.Key, "attempt", j.Attempts, "err", err)
	r.putOff(j, err)
}

// free ends the lease of a job that was changed while it ran, so that the change
// is taken up without waiting for the lease to run out.
func (r *Runner) free(j Job) {
	_ = r.d.System(context.Background(), func(tx *db.Tx) error {
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = $4 WHERE world = $1 AND kind = $2 AND key = $3 AND lease_until > 0`,
			j.World, j.Kind, j.Key, clock.Micros(clock.Machine()))
		tx.DueNow()
		return nil
	})
}

// backoff is how long a failed job rests, on the machine's clock: these failures
// are ours, not the world's.
func backoff(attempts int) time.Duration {
	return min(5*time.Minute, time.Second<<min(attempts, 10))
}

func (r *Runner) putOff(j Job, problem error) {
	text := problem.Error()
	if len(text) > 500 {
		text = text[:500]
	}
	err := r.d.System(context.Background(), func(tx *db.Tx) error {
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = $5, problem = $6 WHERE world = $1 AND kind = $2 AND key = $3 AND version = $4`,
			j.World, j.Kind, j.Key, j.version, clock.Micros(clock.Machine().Add(backoff(j.Attempts))), text)
		return nil
	})
	if err != nil {
		r.log.Error("failed work cannot be put off; its lease will run out", "kind", j.Kind, "key", j.Key, "err", err)
	}
}
