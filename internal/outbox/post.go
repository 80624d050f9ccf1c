package outbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// Targets is where the notices of one application go, within one unit of work.
type Targets struct {
	app  string
	read bool
	woke bool
	list []target
}

// target is an endpoint, and what it asked for.
type target struct {
	id, events, form, customer string
	own                        string // a body for it alone, in its form
}

// wants reports whether the endpoint is to be told.
func (e target) wants(n Notice) bool {
	_, has := n.Bodies[e.form]
	return matchesAny(e.events, n.Type) && (has || e.form == FormStandard) && (e.customer == "" || e.customer == n.Customer)
}

// targetsSQL answers at least one row, an empty one when there are no endpoints:
// so Targets knows whether it has been read.
const targetsSQL = `SELECT COALESCE(e.id, ''), COALESCE(e.events, ''), COALESCE(e.form, ''), COALESCE(e.customer, '') FROM (SELECT CAST($1 AS TEXT) AS world) w
	LEFT JOIN endpoint e ON e.world = w.world AND e.app = $2 AND e.state = 'enabled' ORDER BY 1`

// Prepare queues the read that posting for an application needs, so that it
// travels with the unit's other reads. After the next flush, Targets.Post may be
// called any number of times.
func Prepare(tx *db.Tx, app string) *Targets {
	t := &Targets{app: app}
	tx.Ask(func(scan func(...any) error) error {
		t.read = true
		var e target
		err := scan(&e.id, &e.events, &e.form, &e.customer)
		if err == nil && e.id != "" {
			t.list = append(t.list, e)
		}
		return err
	}, targetsSQL, app)
	return t
}

// Post writes a notice and queues its deliveries, reading at once what Prepare
// would have read.
func Post(tx *db.Tx, n Notice) error {
	t := Prepare(tx, n.App)
	if err := tx.Flush(); err != nil {
		return err
	}
	return t.Post(tx, n)
}

var (
	errUnread = errors.New("outbox: Targets.Post needs a flush after Prepare")
	errNoApp  = errors.New("outbox: a notice belongs to the application that Prepare was told")
)

// Post writes a notice and queues its deliveries. All of it is queued in the unit;
// nothing is read.
func (t *Targets) Post(tx *db.Tx, n Notice) error {
	if !t.read {
		return errUnread
	}
	if n.App == "" || n.App != t.app {
		return errNoApp
	}
	var to []target
	for _, e := range t.list {
		if e.wants(n) {
			to = append(to, e)
		}
	}
	if _, err := post(tx, n, to); err != nil {
		return err
	}
	if !t.woke {
		t.woke = true
		wake := readers.key(tx.World(), n.App)
		tx.After(func() { readers.wake(wake) })
	}
	return nil
}

// post writes a notice, and a delivery of it to each of the endpoints, whose ids
// it answers.
func post(tx *db.Tx, n Notice, endpoints []target) ([]string, error) {
	body, err := bodyOf(tx, n)
	if err != nil {
		return nil, err
	}
	bodies, err := packBodies(n.Bodies)
	if err != nil {
		return nil, err
	}
	id, now := db.NextID(), clock.Micros(tx.Now())
	tx.Do(`INSERT INTO notice (world, seq, id, app, customer, subject, type, body, at, bodies)
		VALUES ($1, `+seqOf(tx)+`, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, n.App, n.Customer, n.Subject, n.Type, body, now, bodies)
	var ids []string
	for _, e := range endpoints {
		pushed := body
		if e.form != FormStandard {
			pushed = cmp.Or(e.own, n.Bodies[e.form])
		}
		ids = append(ids, queue(tx, e.id, Entry{Cursor: Cursor{ID: id}, Subject: n.Subject, Type: n.Type, Body: pushed}, messageHere(tx)))
	}
	return ids, nil
}

// messageHere is messageID of a notice that this unit writes, as SQL: the number
// of the transaction is known to the database. $9 is the notice's id.
func messageHere(tx *db.Tx) string {
	return `'` + messagePrefix + `' || CAST(` + seqOf(tx) + ` AS TEXT) || '_' || CAST(CAST($9 AS BIGINT) AS TEXT)`
}

// queue writes a delivery of a notice, unless the endpoint has been disabled or
// deleted meanwhile, and sets its lane to work. The entry's body is in the form of
// the endpoint, which never changes. message is SQL for its webhook-id.
func queue(tx *db.Tx, endpoint string, e Entry, message string) string {
	id, lane, now := newID("dlv_"), laneOf(endpoint, e.Subject), clock.Micros(tx.Now())
	tx.Do(`INSERT INTO delivery (world, id, n, endpoint, app, lane, subject, type, message, body, form, state, next_at, created_at)
		SELECT world, CAST($3 AS TEXT), CAST($9 AS BIGINT), id, app, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT),
		`+message+`, CAST($7 AS TEXT), form, 'pending', CAST($8 AS BIGINT), CAST($8 AS BIGINT)
		FROM endpoint WHERE world = $1 AND id = $2 AND state = 'enabled'`+keep(tx),
		endpoint, id, lane, e.Subject, e.Type, e.Body, now, e.Cursor.ID)
	timer.Nudge(tx, KindDeliver, lane, tx.Now())
	return id
}

// laneOf names what is delivered in order: one subject, to one endpoint.
func laneOf(endpoint, subject string) string { return endpoint + "|" + subject }

// bodyOf is what is posted, and pulled: the same bytes every time.
func bodyOf(tx *db.Tx, n Notice) (string, error) {
	if n.Data == nil {
		n.Data = struct{}{}
	}
	b, err := json.Marshal(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
	}{n.Type, rfc3339(tx.Now()), n.Data})
	if err != nil {
		return "", fmt.Errorf("outbox: the data of %s: %w", n.Type, err)
	}
	return string(b), nil
}
