package voice

import (
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/timer"
)

// Waiting is an order under way, as the carrier's staff sees it.
type Waiting struct {
	Order
	Due     time.Time // when somebody has to look after it, see the bounds
	Problem string    // why the last attempt at its due work failed
}

// Overdue reports whether an order is in jeopardy: its moment has passed.
func (w Waiting) Overdue(now time.Time) bool { return now.After(w.Due) }

// How long an order may stay as it is before it is in jeopardy.
//
//   - VOICE-DSK-31: an hour after its day, of a port with a firm order commitment.
//   - VOICE-DSK-32: a day on credit hold.
//   - VOICE-DSK-33: five days with a losing carrier, and thirty once that has rejected it.
//   - VOICE-DSK-34: an hour after the end of its offers and backorders, of a reservation.
//   - VOICE-DSK-35: an hour after its work was due, of every other one.
const (
	GraceOfWork   = time.Hour
	GraceOfCredit = 24 * time.Hour
	GraceOfLosing = 5 * 24 * time.Hour
	GraceOfReject = 30 * 24 * time.Hour
)

// QueueFilter says which orders under way are meant; what is empty does not matter.
type QueueFilter struct {
	Type, State, Customer, Product string
	Overdue                        bool
}

// Queued is how many orders under way there are of a type in a state, and how many of
// them are in jeopardy.
type Queued struct {
	Type, State string
	N, Overdue  int
}

// OrderAt is any order, with its parts and its trail, for the carrier's staff.
func (d *Desk) OrderAt(tx *db.Tx, id string) (o Order, parts []Part, trail []audit.Event, err error) {
	found, err := d.Store.Order(tx, id)
	if err != nil {
		return o, nil, nil, err
	}
	if found == nil {
		return o, nil, nil, OrderUnknown.With()
	}
	if parts, err = d.Store.Parts(tx, id); err != nil {
		return o, nil, nil, err
	}
	trail, err = audit.Page(tx, subjectOrder+id, 0, mostTrail)
	return *found, parts, trail, err
}

// mostTrail is how much of a trail the carrier's staff is shown.
const mostTrail = 200

// mostSilent bounds how long a losing carrier is made to stay silent.
const mostSilent = 30

// Silence has a losing carrier not answer for so many days: nobody asks it until then.
//
//   - VOICE-DSK-36: from 1 to 30 days, of a port that waits for its answer.
func (d *Desk) Silence(tx *db.Tx, actor, id string, days int) (Order, error) {
	seen, err := d.Store.Order(tx, id)
	if err != nil {
		return Order{}, err
	}
	if seen == nil || seen.Type != TypePort {
		return Order{}, OrderUnknown.With()
	}
	if days < 1 || days > mostSilent {
		return *seen, wrongDays()
	}
	out := *seen
	err = d.withOrder(tx, *seen, func(_ *teller, o *Order, _ []Part) error {
		if o.State == OrderCreated {
			o.Detail.Asked = tx.Now()
			if err := d.fire(tx, o, actor, evAsked, ""); err != nil {
				return err
			}
		}
		if _, err := o.Machine().Fire(o.State, evConcurred); err != nil {
			return legal(err)
		}
		until := tx.Now().AddDate(0, 0, days)
		timer.Set(tx, TimerOrder, o.ID, until, "")
		audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: actor, Event: "silent", Note: "until " + until.Format(time.RFC3339)})
		out = *o
		return nil
	})
	return out, meanwhile(err)
}

func wrongDays() error {
	return fault.Invalid.With(fault.Field("VOICE-DSK-36", "days", "must be from 1 to 30"))
}
