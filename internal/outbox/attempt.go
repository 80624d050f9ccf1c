package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// head is the oldest pending delivery of a lane, with what it takes to send it.
type head struct {
	id, endpoint, app string
	subject, typ      string
	message, body     string
	form              string // of the body
	attempts, tries   int
	nextAt            time.Time
	url               string
	auth              Auth
	secrets           []string
}

// How much of a lane one visit works off: several deliveries, so that a lane with
// many does not begin anew for each, while there is time for one more attempt
// before the lease on the lane's timer runs out.
const (
	perVisit    = 50
	longAttempt = 16 * time.Second // a Sender's deadline, and a little
)

// roomy reports whether one more attempt fits into the job's time.
func roomy(ctx context.Context) bool {
	end, bounded := ctx.Deadline()
	return !bounded || end.Sub(clock.Machine()) > longAttempt
}

// Deliver is the due work of a lane: it sends the lane's oldest pending delivery
// and records what came of it, and goes on with the next. The lane's timer is
// finished in the same unit as the last record, so a node that dies before that
// leaves the work to another, which sends the same message under the same id once
// more.
func (s *Service) Deliver(ctx context.Context, j timer.Job) error {
	h, moving, err := s.head(ctx, j)
	if err != nil {
		return err
	}
	if h == nil || h.nextAt.After(j.Due) {
		// Nothing to do, or not yet: the lane was changed after it came due.
		return s.d.Within(ctx, j.World, func(tx *db.Tx) error {
			_, err := settle(tx, j.Key, false)
			return err
		})
	}
	endpoint := j.World + "|" + h.endpoint
	// A clock that is being moved runs one thing after the other, and waits for it.
	if err := s.gate.Enter(ctx, endpoint, moving); err != nil {
		return err
	}
	var a Answer
	defer func() { s.gate.Leave(endpoint, a.Took) }()
	for n := 1; h != nil; n++ {
		a = s.send(ctx, h, endpoint)
		more, err := s.record(ctx, j, h, a, n < perVisit && roomy(ctx))
		if err != nil || !more {
			return err
		}
		if h, _, err = s.head(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// send makes one attempt. A form may be missing while an upgrade rolls through and
// this node is not yet the one that knows it: the attempt fails, and the next may
// be another node's.
func (s *Service) send(ctx context.Context, h *head, endpoint string) Answer {
	f, known := findForm(h.form)
	if !known {
		return Answer{Problem: "nothing was sent: this server does not know the form " + h.form}
	}
	return s.sender.Send(ctx, Message{ID: h.message, URL: h.url, Method: f.Method, ContentType: f.ContentType, Body: []byte(h.body),
		Secrets: h.secrets, Auth: h.auth, Key: endpoint})
}

func (s *Service) head(ctx context.Context, j timer.Job) (h *head, moving bool, err error) {
	err = s.d.View(ctx, j.World, func(tx *db.Tx) error {
		moving = tx.Clock().Moving
		now := tx.Now()
		return tx.Each(func(scan func(...any) error) error {
			h = &head{}
			var auth, secret, oldSecret string
			var oldUntil, nextAt int64
			if err := scan(&h.id, &h.endpoint, &h.app, &h.subject, &h.typ, &h.message, &h.body, &h.form, &h.attempts, &h.tries,
				&nextAt, &h.url, &auth, &secret, &oldSecret, &oldUntil); err != nil {
				return err
			}
			h.nextAt = clock.FromMicros(nextAt)
			if !now.Before(clock.FromMicros(oldUntil)) {
				oldSecret = ""
			}
			return s.openHead(h, auth, secret, oldSecret)
		}, `SELECT d.id, d.endpoint, d.app, d.subject, d.type, d.message, d.body, d.form, d.attempts, d.tries,
				d.next_at, e.url, e.auth, e.secret, e.old_secret, e.old_until
			FROM delivery d JOIN endpoint e ON e.world = d.world AND e.id = d.endpoint
			WHERE d.world = $1 AND d.lane = $2 AND d.state = 'pending' ORDER BY d.n, d.id LIMIT 1`, j.Key)
	})
	return h, moving, err
}

// openHead reads the endpoint's secrets.
func (s *Service) openHead(h *head, auth, secret, oldSecret string) (err error) {
	for _, sealed := range []string{secret, oldSecret} {
		text, err := s.openText(h.endpoint, sealed)
		if err != nil {
			return err
		}
		if text != "" {
			h.secrets = append(h.secrets, text)
		}
	}
	h.auth, err = s.readAuth(h.endpoint, auth)
	return err
}

// errStale ends the record of an attempt on a delivery that has ended meanwhile,
// or that another node has tried as well.
var errStale = errors.New("outbox: the delivery has changed meanwhile")

// recordFor bounds the recording of an attempt, which is tried even when the
// attempt has used up its caller's time: what was sent should be known.
const recordFor = 5 * time.Second

// record writes attempt, outcome and next timer in one unit of work. It reports
// whether this visit goes on with the lane, which it does only when it may stay.
func (s *Service) record(ctx context.Context, j timer.Job, h *head, a Answer, stay bool) (more bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	err = s.d.Within(ctx, j.World, func(tx *db.Tx) (err error) {
		more, err = write(tx, j.Key, h, a, stay)
		return err
	})
	if errors.Is(err, errStale) {
		// Whoever changed it has seen to the lane's timer, too.
		s.log.Debug("an attempt came to nothing: its delivery has changed meanwhile", "world", j.World, "delivery", h.id)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("the attempt on %s is not recorded and will be repeated: %w", h.id, err)
	}
	return more, nil
}

// write puts the record of an attempt into the unit.
func write(tx *db.Tx, lane string, h *head, a Answer, stay bool) (more bool, err error) {
	f, err := factsOf(tx, h, a)
	if err != nil {
		return false, err
	}
	v := judge(f)
	if v.disable != "" {
		// It takes the endpoint for itself, before any timer: see dialect.go.
		if _, err := own(tx, h.app, h.endpoint); err != nil {
			return false, err
		}
	}
	state, err := DeliveryMachine.Fire(Pending, v.event)
	if err != nil {
		return false, err
	}
	now := clock.Micros(f.now)
	var nextAt, endedAt int64
	if state == Pending {
		nextAt = clock.Micros(f.now.Add(v.wait))
	} else {
		endedAt = now
	}
	tx.One(errStale, `UPDATE delivery SET state = $4, attempts = attempts + 1, tries = tries + 1, next_at = $5, ended_at = $6
		WHERE world = $1 AND id = $2 AND state = 'pending' AND attempts = $3`, h.id, int64(h.attempts), state, nextAt, endedAt)
	tx.Do(`INSERT INTO attempt (world, delivery, n, at, status, problem, answer, took_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		h.id, int64(h.attempts+1), now, int64(a.Status), a.Problem, a.Body, a.Took.Microseconds())
	switch failing := !f.failingSince.IsZero(); {
	case v.event == evTake && failing:
		tx.Do(`UPDATE endpoint SET failing_since = 0 WHERE world = $1 AND id = $2`, h.endpoint)
	case v.event != evTake && !failing:
		tx.Do(`UPDATE endpoint SET failing_since = $3 WHERE world = $1 AND id = $2`, h.endpoint, now)
	}
	if v.disable != "" {
		if err := disable(tx, h.app, h.endpoint, v.disable); err != nil {
			return false, err
		}
	}
	return settle(tx, lane, stay)
}

// factsOf reads what the verdict on an attempt depends on, and has the endpoint's
// count of failures for this unit alone.
func factsOf(tx *db.Tx, h *head, a Answer) (facts, error) {
	f := facts{answer: a, tries: h.tries, draw: h.subject + "|" + h.typ}
	found := false
	var failing int64
	tx.AskOne(&found, []any{&failing}, `SELECT failing_since FROM endpoint WHERE world = $1 AND id = $2 AND state = 'enabled'`+touch(tx), h.endpoint)
	tx.AskOne(nil, []any{&f.seed}, `SELECT seed FROM world WHERE id = $1`)
	if err := tx.Flush(); err != nil {
		return f, err
	}
	if !found {
		return f, errStale // disabled or deleted, which has ended the delivery
	}
	if failing != 0 {
		f.failingSince = clock.FromMicros(failing)
	}
	f.now = tx.Now()
	return f, nil
}

// settle leaves a lane with the timer that it needs: at the moment of its oldest
// pending delivery, or none. A visit that may stay, and finds that delivery due,
// keeps the timer as it has it, under its lease, and goes on.
//
// A unit that posts writes its delivery first and then nudges the lane's timer.
// The nudge here takes the timer's row before the deliveries are read. So either
// that unit has committed, and its delivery is read here; or it waits for this
// one to commit, and then finds the timer, or sets it anew. No delivery is left
// without one.
func settle(tx *db.Tx, lane string, stay bool) (more bool, err error) {
	timer.Nudge(tx, KindDeliver, lane, tx.Now())
	found := false
	var nextAt int64
	tx.AskOne(&found, []any{&nextAt}, `SELECT next_at FROM delivery WHERE world = $1 AND lane = $2 AND state = 'pending' ORDER BY n, id LIMIT 1`, lane)
	if err := tx.Flush(); err != nil {
		return false, err
	}
	switch due := clock.FromMicros(nextAt); {
	case !found:
		timer.Clear(tx, KindDeliver, lane)
	case due.After(tx.Now()):
		timer.Set(tx, KindDeliver, lane, due, "")
	case stay:
		return true, nil
	default:
		timer.Set(tx, KindDeliver, lane, tx.Now(), "")
	}
	return false, nil
}
