package marketplace

import (
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
)

// Waiting is a subscription that waits for its provider, as the carrier's staff sees it.
type Waiting struct {
	Subscription
	Due     time.Time // when somebody has to look after it
	Problem string    // why the last attempt at its due work failed
}

// Overdue reports whether the subscription is in jeopardy: its moment has passed.
func (w Waiting) Overdue(now time.Time) bool { return now.After(w.Due) }

// How long a subscription may stay as it is before it is in jeopardy: a provider that has
// not opened an account for an hour has failed more than once; and what ends lapses
// thirty days after its buyer asked for that.
const (
	GraceOfProvider = time.Hour
	GraceOfEnd      = 31 * 24 * time.Hour
)

// QueueFilter says which subscriptions are meant; what is empty does not matter.
type QueueFilter struct {
	State, Customer string
	Overdue         bool
}

// Queued is how many subscriptions wait in a state, and how many of them are in jeopardy.
type Queued struct {
	State      string
	N, Overdue int
}

// mostTrail is how much of a trail the carrier's staff is shown.
const mostTrail = 200

// SubscriptionAt is any subscription, with its trail, newest first, for the carrier's staff.
func (d *Desk) SubscriptionAt(tx *db.Tx, id string) (Subscription, []audit.Event, error) {
	s, err := d.Store.Subscription(tx, id)
	if err != nil {
		return Subscription{}, nil, err
	}
	if s == nil {
		return Subscription{}, nil, SubUnknown.With()
	}
	s.Secrets = nil
	trail, err := audit.Page(tx, SubjectSubscription+id, 0, mostTrail)
	return *s, trail, err
}
