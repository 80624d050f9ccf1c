// Package timer is durable due work on the world's clock.
//
// A timer is a row: at this moment of this world, do this kind of work for this
// key. It is set in the same unit of work as the change that wants it, so it
// exists exactly when the change does. When the moment comes, some node takes the
// row under a lease and calls the kind's handler; the handler does what it must
// (a call to a backend, say) and finishes the timer, with Done or Again, in the
// unit of work that records the outcome. A node that dies leaves a lease that
// runs out, and another node does the work: handlers are idempotent, keyed by the
// timer's key.
//
// In a sandbox the clock is moved by hand, and Runner.Move runs what falls due on
// the way, in due order, each piece at its own moment.
package timer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// ErrTaken ends a unit of work whose timer was changed or finished meanwhile.
var ErrTaken = errors.New("timer: changed meanwhile")

// ErrBusy is a handler's answer when there is no place for the work just now: it comes
// again after a moment of machine time. That is no failure, and counts as none.
var ErrBusy = errors.New("timer: no place for it just now")

// Job is a timer that has come due.
type Job struct {
	World    string
	Kind     string
	Key      string
	Due      time.Time
	Payload  string
	Attempts int // how often it was taken up before, since it was set
	version  int64
	lease    int64 // the row's lease_until while this taking up of it lasts
}

// Handler does the work of one kind. It returns nil when it has finished the job
// in a unit of work; after an error the job comes again, later and later.
type Handler func(ctx context.Context, j Job) error

// Set makes the timer of this kind and key come due at due, whatever it was set
// to before. A row's first version is one that no earlier row of this key had, so
// that whoever works on a timer that was cleared does not finish its successor.
func Set(tx *db.Tx, kind, key string, due time.Time, payload string) {
	tx.Do(`INSERT INTO timer (world, kind, key, due_at, wake_at, payload, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (world, kind, key) DO UPDATE SET due_at = excluded.due_at, wake_at = excluded.wake_at,
		payload = excluded.payload, version = timer.version + 1, attempts = 0, lease_until = 0, problem = ''`,
		kind, key, clock.Micros(due), wake(tx, due), payload, db.NextID())
}

// Nudge makes sure that a timer of this kind and key exists: it is set to due if
// there is none; one that exists keeps its moment, but whoever is finishing it
// just now will find that there is more to do.
func Nudge(tx *db.Tx, kind, key string, due time.Time) {
	tx.Do(`INSERT INTO timer (world, kind, key, due_at, wake_at, version) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (world, kind, key) DO UPDATE SET version = timer.version + 1`,
		kind, key, clock.Micros(due), wake(tx, due), db.NextID())
}

// wake is when a node may take the work up; this node is told at once when it may
// right after the commit.
func wake(tx *db.Tx, due time.Time) int64 {
	at := tx.Wake(due)
	if at <= clock.Micros(tx.Machine()) {
		tx.DueNow()
	}
	return at
}

// Clear removes a timer, if there is one.
func Clear(tx *db.Tx, kind, key string) {
	tx.Do(`DELETE FROM timer WHERE world = $1 AND kind = $2 AND key = $3`, kind, key)
}

// Done finishes the job. The unit of work fails with ErrTaken when the timer was
// set again or finished by somebody else in the meantime.
func (j Job) Done(tx *db.Tx) {
	tx.One(ErrTaken, `DELETE FROM timer WHERE world = $1 AND kind = $2 AND key = $3 AND version = $4`, j.Kind, j.Key, j.version)
}

// Again finishes the job for this time and makes it come due once more.
func (j Job) Again(tx *db.Tx, due time.Time, payload string) {
	tx.One(ErrTaken, `UPDATE timer SET due_at = $5, wake_at = $6, payload = $7, version = version + 1, attempts = 0,
		lease_until = 0, problem = '' WHERE world = $1 AND kind = $2 AND key = $3 AND version = $4`,
		j.Kind, j.Key, j.version, clock.Micros(due), wake(tx, due), payload)
}

// Pending is how many timers of a kind wait in the world.
func Pending(tx *db.Tx, kind string) (n int64, err error) {
	err = tx.Row(`SELECT count(*) FROM timer WHERE world = $1 AND kind = $2`, kind).Scan(&n)
	return n, err
}

const jobColumns = `world, kind, key, due_at, payload, attempts, version, lease_until`

func scanJob(scan func(...any) error) (j Job, err error) {
	var due int64
	err = scan(&j.World, &j.Kind, &j.Key, &due, &j.Payload, &j.Attempts, &j.version, &j.lease)
	j.Due = clock.FromMicros(due)
	return j, err
}

// call runs the kind's handler; a panic in it is its error.
func (r *Runner) call(ctx context.Context, j Job) (err error) {
	h := r.handlers[j.Kind]
	if h == nil {
		return fmt.Errorf("timer: nothing handles %q", j.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("timer: %s panicked: %v", j.Kind, p)
		}
	}()
	return h(ctx, j)
}
