// Package audit keeps the trail: who did what to which subject, when, and from
// which state to which. An order's history is the part of the trail that is about
// it. Entries are written in the unit of work that they tell of, and never
// changed.
package audit

import (
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Event is one entry of the trail.
type Event struct {
	Subject string // order/…, service/…, app/…, world/…
	Actor   string // an application's or user's id, "network", "clock"
	Event   string // the state machine's event, or a verb
	From    string // state before; "" when it began
	To      string // state after
	Note    string // why, for a person
	At      time.Time
	ID      int64
}

// Record adds e to the trail at the world's moment.
func Record(tx *db.Tx, e Event) {
	tx.Do(`INSERT INTO audit (world, subject, id, at, actor, event, was, became, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.Subject, db.NextID(), clock.Micros(tx.Now()), e.Actor, e.Event, e.From, e.To, e.Note)
}

const columns = `subject, id, at, actor, event, was, became, note`

func scan(scan func(...any) error) (e Event, err error) {
	var at int64
	err = scan(&e.Subject, &e.ID, &at, &e.Actor, &e.Event, &e.From, &e.To, &e.Note)
	e.At = clock.FromMicros(at)
	return e, err
}

// History is the trail of one subject, oldest first.
func History(tx *db.Tx, subject string) ([]Event, error) {
	return list(tx, `SELECT `+columns+` FROM audit WHERE world = $1 AND subject = $2 ORDER BY id`, subject)
}

// Page is the trail of the world, or of one subject when it is not empty, newest
// first, before the entry with the given id (0: from the newest).
func Page(tx *db.Tx, subject string, before int64, limit int) ([]Event, error) {
	if before <= 0 {
		before = clock.Never
	}
	if subject != "" {
		return list(tx, `SELECT `+columns+` FROM audit WHERE world = $1 AND subject = $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
			subject, before, int64(limit))
	}
	return list(tx, `SELECT `+columns+` FROM audit WHERE world = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, before, int64(limit))
}

func list(tx *db.Tx, sql string, args ...any) ([]Event, error) {
	events := []Event{}
	err := tx.Each(func(row func(...any) error) error {
		e, err := scan(row)
		events = append(events, e)
		return err
	}, sql, args...)
	return events, err
}
