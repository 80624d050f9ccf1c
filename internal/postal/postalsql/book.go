// Package postalsql is the book of known addresses, in the database: which exist,
// and which of them somebody may have meant.
//
// The book is the same for every world, so its units of work are the system's and
// its rows have no world. Whatever its size, a lookup reads by index: an address by
// its id, which follows from the address itself; a street by a few short keys.
//
// Map: book.go finds one address, near.go those that are like one, keys.go has the
// keys of a street, load.go fills the book.
package postalsql

import (
	"context"

	"demarc/internal/db"
	"demarc/internal/postal"
)

// Book is the book of one database.
type Book struct {
	d       *db.DB
	entries db.Group[string, postal.Entry] // by addressDetailId
}

// New opens the book.
func New(d *db.DB) *Book {
	b := &Book{d: d}
	b.entries.Load = b.load
	return b
}

const entryColumns = `a.id, a.number, s.predir, s.name, s.suffix, s.postdir, a.unit_type, a.unit, s.city, s.state, s.zip,
	(SELECT count(*) FROM postal_address u WHERE u.street = a.street AND u.num = a.num AND u.number = a.number AND u.unit_key <> '')`

func scanEntry(scan func(...any) error) (e postal.Entry, err error) {
	a := &e.Address
	err = scan(&e.ID, &a.Number, &a.Predir, &a.Street, &a.Suffix, &a.Postdir, &a.UnitType, &a.Unit, &a.City, &a.State, &a.ZIP, &e.Units)
	return e, err
}

// load reads many entries with one query.
func (b *Book) load(ctx context.Context, ids []string) (map[string]postal.Entry, error) {
	found := make(map[string]postal.Entry, len(ids))
	err := b.d.SystemView(ctx, func(tx *db.Tx) error {
		askEntries(tx, ids, func(e postal.Entry) { found[e.ID] = e })
		return nil
	})
	return found, err
}

// askEntries queues the query for the entries.
func askEntries(tx reader, ids []string, take func(postal.Entry)) {
	row := func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		take(e)
		return err
	}
	if len(ids) == 1 {
		tx.Ask(row, `SELECT `+entryColumns+` FROM postal_address a JOIN postal_street s ON s.id = a.street WHERE a.id = $1`, ids[0])
		return
	}
	in, list := tx.AnyOf(2, ids)
	tx.Ask(row, `SELECT `+entryColumns+` FROM postal_address a JOIN postal_street s ON s.id = a.street WHERE a.id `+in+` LIMIT $1`, len(ids), list)
}

// Get finds an address by its addressDetailId, together with everybody else who
// looks for one now; nil when there is none.
func (b *Book) Get(ctx context.Context, id string) (*postal.Entry, error) {
	e, found, err := b.entries.Get(ctx, id)
	if err != nil || !found {
		return nil, err
	}
	return &e, nil
}

// Exact finds an address as it was written; nil when it is not known. The answer
// has the address as the book has it: what a unit is called may differ, and so may
// the city, when both are names of the ZIP code's place. The building of a unit is
// not an address of its own unless the book has it as one.
func (b *Book) Exact(ctx context.Context, a postal.Address) (*postal.Entry, error) {
	e, err := b.Get(ctx, a.ID())
	if e == nil || err != nil {
		return nil, err
	}
	if e.Address.State != a.State {
		return nil, nil
	}
	if e.Address.City != a.City {
		if p, ok := postal.PlaceOf(a.ZIP); !ok || p.City != a.City {
			return nil, nil
		}
	}
	return e, nil
}
