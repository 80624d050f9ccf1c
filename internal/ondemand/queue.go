package ondemand

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

// How long an order may stay as it is before it is in jeopardy: until the network has
// taken it, and until the network has made the change.
const (
	GraceOfDispatch = time.Hour
	GraceOfNetwork  = 24 * time.Hour
)

// QueueFilter says which orders under way are meant; what is empty does not matter.
type QueueFilter struct {
	State, Customer string
	Overdue         bool
}

// Queued is how many orders under way there are in a state, and how many of them are in
// jeopardy.
type Queued struct {
	State      string
	N, Overdue int
}

// OrderAt is any order, with its history, newest first, for the carrier's staff.
func (d *Desk) OrderAt(tx *db.Tx, id string) (Order, []audit.Event, error) {
	o, err := d.Store.Order(tx, id)
	if err != nil {
		return Order{}, nil, err
	}
	if o == nil {
		return Order{}, nil, OrderUnknown
	}
	trail, err := audit.Page(tx, orderSubject(id), 0, mostHistory)
	return *o, trail, err
}
