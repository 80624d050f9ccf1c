package audit

import (
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Filter says which entries of a world's trail are meant; what is empty does not matter.
type Filter struct {
	Subject  string    // a subject, or how subjects begin: voice/order/
	Actor    string    // who, in full
	Event    string    // what, in full
	From, To time.Time // moments of the world; To itself is not meant
	Before   int64     // entries before the one with this id; 0: from the newest
	Limit    int       // 0: 50
}

// looked is how much of a trail one search goes through: it has no index of actors and
// events, which every order would pay for, so a search for what is rare goes on where
// the one before has stopped.
const looked = 20_000

// pageDefault is how many entries a search answers when it does not say.
const pageDefault = 50

// Search finds entries of the world's trail, newest first. next is where to look on, as
// the next filter's Before; 0 when there is nothing older. A page may have fewer entries
// than its limit, even none, and a next one.
func Search(tx *db.Tx, f Filter) (found []Event, next int64, err error) {
	if f.Before <= 0 {
		f.Before = clock.Never
	}
	if f.Limit <= 0 {
		f.Limit = pageDefault
	}
	to := clock.Never
	if !f.To.IsZero() {
		to = clock.Micros(f.To)
		if !tx.Clock().Sandbox { // there the trail's ids are made of its moments
			f.Before = min(f.Before, db.IDAt(f.To))
		}
	}
	one, err := f.one(tx)
	if err != nil {
		return nil, 0, err
	}
	var floor int64 // the end of what this search goes through
	if !one {
		tx.AskOne(nil, []any{&floor}, `SELECT id FROM audit WHERE world = $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3`, f.Before, int64(looked-1))
		if err := tx.Flush(); err != nil {
			return nil, 0, err
		}
	}
	where := `substr(subject, 1, length($2)) = $2`
	if one {
		where = `subject = $2`
	}
	found, err = list(tx, `SELECT `+columns+` FROM audit WHERE world = $1 AND `+where+` AND id < $3 AND id >= $4 AND ($5 = '' OR actor = $5)
		AND ($6 = '' OR event = $6) AND at >= $7 AND at < $8 ORDER BY id DESC LIMIT $9`,
		f.Subject, f.Before, floor, f.Actor, f.Event, clock.MicrosOrZero(f.From), to, int64(f.Limit))
	switch {
	case err != nil:
		return nil, 0, err
	case len(found) == f.Limit:
		next = found[len(found)-1].ID
	case floor > 0:
		next, err = f.goOn(tx, floor)
	}
	return found, next, err
}

// goOn is the floor, or 0 when what is older is from before the filter's moment.
func (f Filter) goOn(tx *db.Tx, floor int64) (int64, error) {
	if f.From.IsZero() {
		return floor, nil
	}
	var at int64
	tx.AskOne(nil, []any{&at}, `SELECT at FROM audit WHERE world = $1 AND id <= $2 ORDER BY id DESC LIMIT 1`, floor)
	if err := tx.Flush(); err != nil || at < clock.Micros(f.From) {
		return 0, err
	}
	return floor, nil
}

// one reports whether the filter's subject is one that there is, and not how some begin:
// that one's trail is read by its key.
func (f Filter) one(tx *db.Tx) (is bool, err error) {
	if f.Subject == "" || strings.HasSuffix(f.Subject, "/") {
		return false, nil
	}
	var id int64
	tx.AskOne(&is, []any{&id}, `SELECT id FROM audit WHERE world = $1 AND subject = $2 LIMIT 1`, f.Subject)
	return is, tx.Flush()
}
