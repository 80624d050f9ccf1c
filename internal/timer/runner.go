package timer

import (
	"context"
	"errors"
	"log/slog"
	"strings"
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
	lease    time.Duration
	born     time.Time
	wg       sync.WaitGroup
	idle     chan struct{}
}

// Option changes how a runner works.
type Option func(*Runner)

// WithLease sets another span than Lease. All nodes of a database use the same.
func WithLease(d time.Duration) Option { return func(r *Runner) { r.lease = d } }

// NewRunner makes a runner that works on at most so many jobs at once.
func NewRunner(d *db.DB, log *slog.Logger, workers int, options ...Option) *Runner {
	r := &Runner{d: d, log: log, handlers: map[string]Handler{}, lease: Lease, born: clock.Machine(),
		slots: make(chan struct{}, workers), idle: make(chan struct{}, 1)}
	for _, o := range options {
		o(r)
	}
	return r
}

// limit is how long a handler may take: it ends before its lease does.
func (r *Runner) limit() time.Duration { return r.lease - r.lease/12 }

// Handle registers the handler of a kind, before Run.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

// How often a node looks for the moves of dead nodes, and how long it leaves due
// work alone that others hold just now.
const (
	sweepEvery = 5 * time.Second
	aMoment    = 10 * time.Millisecond
)

// Run takes up due work until the context ends, and then waits for what is in
// flight.
func (r *Runner) Run(ctx context.Context) {
	defer r.wg.Wait()
	r.release(ctx)
	r.sweep(ctx)
	swept := clock.Elapsed()
	for ctx.Err() == nil {
		if swept() > sweepEvery {
			r.sweep(ctx)
			swept = clock.Elapsed()
		}
		if wait, wake := r.look(ctx); wait > 0 {
			clock.Wait(ctx, wait, wake)
		}
	}
}

// look takes up what is due and answers how long to wait for more, and for which
// signal.
func (r *Runner) look(ctx context.Context) (time.Duration, <-chan struct{}) {
	wait, err := r.next(ctx)
	if err != nil {
		r.complain(ctx, "due work cannot be read", err)
		return poll, r.d.Due()
	}
	if wait > 0 {
		return wait, r.d.Due()
	}
	free := cap(r.slots) - len(r.slots)
	if free == 0 {
		return poll, r.idle
	}
	taken, err := r.take(ctx, free)
	switch {
	case err != nil:
		r.complain(ctx, "due work cannot be taken", err)
		return poll, r.d.Due()
	case taken == 0: // another node is taking it, or a unit is changing it
		return aMoment, r.d.Due()
	default:
		return 0, nil
	}
}

func (r *Runner) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		r.log.Error(what, "err", err)
	}
}

// release frees what a previous process on this SQLite file left under lease, and
// gives up its moves; what this one has begun meanwhile runs out later. On
// PostgreSQL other nodes may be at work, and leases run out by themselves.
func (r *Runner) release(ctx context.Context) {
	if r.d.Dialect() != db.SQLite {
		return
	}
	err := r.d.System(ctx, func(tx *db.Tx) error {
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = 0 WHERE lease_until > 0 AND lease_until < $1`, clock.Micros(r.born.Add(r.lease)))
		tx.Do(`UPDATE world SET moving_until = 1 WHERE moving_until > 0 AND moving_until < $1`, clock.Micros(r.born.Add(r.moverLease())))
		return nil
	})
	if err != nil {
		r.complain(ctx, "leases cannot be released", err)
	}
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
			// Far moments overflow a Duration: compare before converting.
			us := at - clock.Micros(clock.Machine())
			wait = time.Duration(min(us, poll.Microseconds())) * time.Microsecond
			return nil
		}, `SELECT wake_at FROM timer ORDER BY wake_at LIMIT 1`)
	})
	return wait, err
}

// take leases as many due jobs as there are free workers, sets them to work, and
// answers how many they are.
func (r *Runner) take(ctx context.Context, free int) (int, error) {
	var jobs []Job
	err := r.d.System(ctx, func(tx *db.Tx) error {
		jobs = jobs[:0]
		now := clock.Machine()
		return tx.Each(func(scan func(...any) error) error {
			j, err := scanJob(scan)
			j.Attempts-- // this one is not one before
			jobs = append(jobs, j)
			return err
		}, `WITH due AS MATERIALIZED (SELECT world, kind, key FROM timer WHERE wake_at <= $2 ORDER BY wake_at LIMIT $3`+tx.SkipLocked()+`)
			UPDATE timer SET lease_until = $1, wake_at = $1, attempts = attempts + 1
			WHERE (world, kind, key) IN (SELECT world, kind, key FROM due)
			RETURNING `+jobColumns, clock.Micros(now.Add(r.lease)), clock.Micros(now), int64(free))
	})
	if err != nil {
		return 0, err
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
	return len(jobs), nil
}

// work runs one job within its lease, and puts it off when it fails.
func (r *Runner) work(ctx context.Context, j Job) {
	limited, cancel := context.WithTimeout(ctx, r.limit())
	defer cancel()
	err := r.call(limited, j)
	switch {
	case err == nil:
	case errors.Is(err, ErrTaken):
		r.free(ctx, j)
	case errors.Is(err, ErrBusy):
		r.putOff(ctx, j, err, j.Attempts, busyWait)
	default:
		r.log.Warn("due work failed and will come again", "world", j.World, "kind", j.Kind, "key", j.Key, "attempt", j.Attempts+1, "err", err)
		r.putOff(ctx, j, err, j.Attempts+1, backoff(j.Attempts))
	}
}

// free ends the lease of a job that was changed while it ran, so that the change
// is taken up without waiting for the lease to run out.
func (r *Runner) free(ctx context.Context, j Job) {
	err := r.d.Within(ctx, j.World, func(tx *db.Tx) error {
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = $5 WHERE world = $1 AND kind = $2 AND key = $3 AND lease_until = $4`,
			j.Kind, j.Key, j.lease, wake(tx, j.Due))
		return nil
	})
	if err != nil && !errors.Is(err, db.ErrNoWorld) {
		r.log.Error("changed work cannot be freed; its lease will run out", "kind", j.Kind, "key", j.Key, "err", err)
	}
}

// backoff is how long a failed job rests, on the machine's clock: these failures
// are ours, not the world's.
func backoff(attempts int) time.Duration {
	return min(5*time.Minute, time.Second<<min(attempts, 10))
}

// busyWait is how long work rests that found no place.
const busyWait = time.Second

// putOff records why the job was not done, how often it has failed by now, and lets it
// rest. While the world's clock is being moved it rests until the move has ended.
func (r *Runner) putOff(ctx context.Context, j Job, problem error, attempts int, rest time.Duration) {
	err := r.d.Within(ctx, j.World, func(tx *db.Tx) error {
		at := clock.Never
		if !tx.Clock().Moving {
			at = clock.Micros(tx.Machine().Add(rest))
		}
		tx.Do(`UPDATE timer SET lease_until = 0, wake_at = $5, attempts = $6, problem = $7 WHERE world = $1 AND kind = $2 AND key = $3 AND lease_until = $4`,
			j.Kind, j.Key, j.lease, at, int64(attempts), problemText(problem))
		return nil
	})
	if err != nil && !errors.Is(err, db.ErrNoWorld) {
		r.log.Error("failed work cannot be put off; its lease will run out", "kind", j.Kind, "key", j.Key, "err", err)
	}
}

// problemText is what the row keeps of an error: as much of it as a person reads,
// in text that both databases can hold.
func problemText(problem error) string {
	text := problem.Error()
	text = text[:min(len(text), 500)]
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
