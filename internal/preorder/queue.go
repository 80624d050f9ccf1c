package preorder

import (
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
)

// Waiting is an order under way, as the carrier's staff sees it.
type Waiting struct {
	Order
	Due     time.Time // when somebody has to look after it
	Problem string    // why the last attempt at its due work failed
}

// Overdue reports whether the order is in jeopardy: its moment has passed.
func (w Waiting) Overdue(now time.Time) bool { return now.After(w.Due) }

// GraceOfStep is how long after its next step was due an order is in jeopardy: after the
// hour in which it is taken up, and after the day on which the service is installed.
const GraceOfStep = time.Hour

// QueueFilter says which orders under way are meant; what is empty does not matter.
type QueueFilter struct {
	State, Partner string
	Overdue        bool
}

// Queued is how many orders under way there are in a state, and how many of them are in
// jeopardy.
type Queued struct {
	State      string
	N, Overdue int
}

// OrderAt is any order, with its history, newest first, for the carrier's staff.
func (d *Desk) OrderAt(tx *db.Tx, number string) (Order, []audit.Event, error) {
	o, err := d.Store.Order(tx, number)
	if err != nil {
		return Order{}, nil, err
	}
	if o == nil {
		return Order{}, nil, OrderUnknown
	}
	trail, err := audit.Page(tx, orderSubject(number), 0, mostHistory)
	return *o, trail, err
}
