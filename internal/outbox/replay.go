package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// Replayed is what a replay has queued.
type Replayed struct {
	Queued     int64    // how many notices will be sent
	Deliveries []string // their ids, when they are few
}

// fewDeliveries is how many ids an answer lists.
const fewDeliveries = 100

// replayBatch is how many notices of a long replay are queued in one unit; the
// rest follows in units of their own.
const replayBatch = 500

// ReplayDelivery sends one delivery again, whether or not it was delivered, with
// all its attempts before it.
func (s *Service) ReplayDelivery(tx *db.Tx, app, id string) (Replayed, error) {
	d, err := findDelivery(tx, app, id)
	if err != nil {
		return Replayed{}, err
	}
	e, err := own(tx, app, d.Endpoint)
	switch {
	case gone(err):
		return Replayed{}, EndpointDeleted.Say("%s", EndpointDeleted.Text)
	case err != nil:
		return Replayed{}, err
	case e.State != Enabled:
		return Replayed{}, EndpointDisabled.Say("%s", EndpointDisabled.Text)
	}
	requeue(tx, d.ID, laneOf(e.ID, d.Subject))
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: "replay_delivery", From: e.State, To: e.State, Note: d.ID})
	return Replayed{Queued: 1, Deliveries: []string{d.ID}}, nil
}

// requeue makes a delivery pending from the first attempt on, whatever it was,
// and its lane due. The unit has the endpoint for itself.
func requeue(tx *db.Tx, id, lane string) {
	now := tx.Now()
	tx.Do(`UPDATE delivery SET state = 'pending', tries = 0, next_at = $3, ended_at = 0 WHERE world = $1 AND id = $2`,
		id, clock.Micros(now))
	timer.Set(tx, KindDeliver, lane, now, "")
}

// Replay sends an endpoint everything that it subscribes to since a moment,
// delivered or not, and also what was posted while it was disabled or not yet
// registered.
func (s *Service) Replay(tx *db.Tx, app, id string, since time.Time) (Replayed, error) {
	var r Replayed
	e, err := own(tx, app, id)
	if err != nil {
		return r, err
	}
	if e.State != Enabled {
		return r, EndpointDisabled.Say("%s", EndpointDisabled.Text)
	}
	p := replayPlan{App: app, Since: since, Until: tx.Now()}
	if r.Queued, err = p.count(tx, &e); err != nil {
		return r, err
	}
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: evReplay, From: e.State, To: e.State,
		Note: "since " + rfc3339(since)})
	ids, more, err := p.step(tx, &e)
	if err != nil {
		return r, err
	}
	if r.Queued <= fewDeliveries {
		r.Deliveries = ids
	}
	if more {
		// A replay that is still under way is superseded.
		timer.Set(tx, KindReplay, e.ID, tx.Now(), p.payload())
	}
	return r, nil
}

// continueReplay queues the next part of a long replay.
func (s *Service) continueReplay(ctx context.Context, j timer.Job) error {
	var p replayPlan
	if err := json.Unmarshal([]byte(j.Payload), &p); err != nil {
		return fmt.Errorf("outbox: the plan of a replay: %w", err)
	}
	return s.d.Within(ctx, j.World, func(tx *db.Tx) error {
		p := p // a unit may run more than once
		e, err := own(tx, p.App, j.Key)
		if err != nil && !gone(err) {
			return err
		}
		more := false
		if err == nil && e.State == Enabled {
			if _, more, err = p.step(tx, &e); err != nil {
				return err
			}
		}
		if more {
			j.Again(tx, tx.Now(), p.payload())
		} else {
			j.Done(tx)
		}
		return nil
	})
}

// replayPlan is what of a replay is still to be queued.
type replayPlan struct {
	App   string    `json:"app"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"` // what came later has deliveries of its own
	After Cursor    `json:"after"`
}

func (p *replayPlan) payload() string {
	b, _ := json.Marshal(p) // it has nothing that could fail
	return string(b)
}

// count is how many notices the plan is about.
func (p *replayPlan) count(tx *db.Tx, e *Endpoint) (total int64, err error) {
	patterns := strings.Join(e.Events, " ")
	where, args := p.filter(e).where()
	err = tx.Each(func(scan func(...any) error) error {
		var typ string
		var n int64
		err := scan(&typ, &n)
		if matchesAny(patterns, typ) {
			total += n
		}
		return err
	}, `SELECT type, count(*)`+where+` GROUP BY type`, args...)
	return total, err
}

// filter is what is left of the plan, as far as the database can tell what the
// endpoint is told about.
func (p *replayPlan) filter(e *Endpoint) Filter {
	f := Filter{App: p.App, After: p.After, Customer: e.Customer, From: p.Since, To: p.Until.Add(time.Microsecond)}
	if e.Form != FormStandard {
		f.form = e.Form
	}
	return f
}

// step queues the next part of the plan and tells whether there is more of it.
func (p *replayPlan) step(tx *db.Tx, e *Endpoint) (ids []string, more bool, err error) {
	// All that is committed, settled or not: what is committed from now on has
	// deliveries of its own.
	list, err := read(tx, p.filter(e), "", replayBatch)
	if err != nil || len(list) == 0 {
		return nil, false, err
	}
	had, err := deliveriesOf(tx, e.ID, list)
	if err != nil {
		return nil, false, err
	}
	patterns := strings.Join(e.Events, " ")
	for _, entry := range list {
		if !matchesAny(patterns, entry.Type) {
			continue
		}
		id := had[entry.ID()]
		if id != "" {
			requeue(tx, id, laneOf(e.ID, entry.Subject))
		} else {
			id = queue(tx, e.ID, entry, messageOf(entry))
			// It may come before one that waits for its next attempt.
			timer.Set(tx, KindDeliver, laneOf(e.ID, entry.Subject), tx.Now(), "")
		}
		ids = append(ids, id)
	}
	p.After = list[len(list)-1].Cursor
	return ids, len(list) == replayBatch, nil
}

// messageOf is the webhook-id of a notice that was written before, as SQL. $9 is
// the notice's id.
func messageOf(e Entry) string {
	return fmt.Sprintf(`'%s%d_' || CAST(CAST($9 AS BIGINT) AS TEXT)`, messagePrefix, e.Cursor.Seq)
}

// deliveriesOf is the deliveries that an endpoint has of these notices, by
// message.
func deliveriesOf(tx *db.Tx, endpoint string, list []Entry) (map[string]string, error) {
	low, high := list[0].Cursor.ID, list[0].Cursor.ID
	for _, e := range list {
		low, high = min(low, e.Cursor.ID), max(high, e.Cursor.ID)
	}
	had := map[string]string{}
	err := tx.Each(func(scan func(...any) error) error {
		var id, message string
		err := scan(&id, &message)
		had[message] = id
		return err
	}, `SELECT id, message FROM delivery WHERE world = $1 AND endpoint = $2 AND n >= $3 AND n <= $4`, endpoint, low, high)
	return had, err
}
