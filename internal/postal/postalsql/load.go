package postalsql

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"demarc/internal/db"
	"demarc/internal/postal"
)

// batchSize is how many addresses one unit of work loads: enough that its commit
// costs little, and few enough that others' units do not wait long for it.
const batchSize = 2000

// Load adds addresses to the book, in units of work of their own. Those that it has
// already stay as they are, so a load that was broken off is begun again from the
// start. Addresses of one street are best given one after the other.
func Load(ctx context.Context, d *db.DB, addresses iter.Seq[postal.Address]) error {
	loaded := 0
	batch := make([]postal.Address, 0, batchSize)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := d.System(ctx, func(tx *db.Tx) error {
			insert(tx, batch)
			return nil
		})
		loaded, batch = loaded+len(batch), batch[:0]
		return err
	}
	for a := range addresses {
		if batch = append(batch, a); len(batch) == batchSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil || loaded < manyAddresses {
		return err
	}
	return analyze(ctx, d)
}

// manyAddresses is how many change what PostgreSQL should know of the book.
const manyAddresses = 5 * batchSize

// analyze tells PostgreSQL at once how large the tables have become: until it finds
// out by itself it plans for what they were. SQLite plans by the indexes alone.
func analyze(ctx context.Context, d *db.DB) error {
	if d.Dialect() != db.Postgres {
		return nil
	}
	return d.System(ctx, func(tx *db.Tx) error {
		tx.Do(`ANALYZE postal_street, postal_address`)
		return nil
	})
}

var errSet = errors.New("postal: the set of addresses vanished")

// setName is the data set's name among the sets that were loaded.
const setName = "data"

// EnsureDataSet loads the addresses that come with the program, once for each
// version of them. Several nodes may call it at once: one loads, the others wait for
// it.
func EnsureDataSet(ctx context.Context, d *db.DB) error {
	version := ""
	if err := d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(nil, []any{&version}, `SELECT version FROM postal_set WHERE name = $1`, setName)
		return nil
	}); err != nil || version == postal.DataSetVersion {
		return err
	}
	all := slices.Collect(postal.DataSet())
	return d.System(ctx, func(tx *db.Tx) error {
		tx.Do(`INSERT INTO postal_set (name, version) VALUES ($1, '') ON CONFLICT DO NOTHING`, setName)
		if err := tx.Row(`SELECT version FROM postal_set WHERE name = $1`+tx.ForUpdate(), setName).Scan(&version); err != nil {
			return err
		}
		if version == postal.DataSetVersion {
			return nil
		}
		insert(tx, all)
		tx.One(errSet, `UPDATE postal_set SET version = $2 WHERE name = $1`, setName, postal.DataSetVersion)
		return nil
	})
}

const (
	insertStreet  = `INSERT INTO postal_street (id, zip, state, city, predir, name, suffix, postdir, head, tail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	insertAddress = `INSERT INTO postal_address (street, num, number, unit_key, unit_type, unit, id) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	unlessKnown   = ` ON CONFLICT DO NOTHING`
)

// insert queues the rows of addresses and their streets. The rows go in the order of
// their keys: two nodes that load the same wait for each other then, and do not
// block each other.
func insert(tx *db.Tx, addresses []postal.Address) {
	type row struct {
		street int64
		a      postal.Address
		num    int64
		unit   string
	}
	rows := make([]row, 0, len(addresses))
	var last postal.Address
	var id int64
	for _, a := range addresses {
		if street := streetOf(a); street != last || id == 0 {
			last, id = street, streetID(a)
		}
		rows = append(rows, row{id, a, a.HouseNumber(), a.UnitKey()})
	}
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(x.street, y.street), cmp.Compare(x.num, y.num),
			strings.Compare(x.a.Number, y.a.Number), strings.Compare(x.unit, y.unit))
	})
	streets, doors := values{columns: 10}, values{columns: 7}
	for i, r := range rows {
		a := r.a
		if i == 0 || rows[i-1].street != r.street {
			head, tail := keys(a.Street)
			streets.add(r.street, a.ZIP, a.State, a.City, a.Predir, a.Street, a.Suffix, a.Postdir, head, tail)
		}
		doors.add(r.street, r.num, a.Number, r.unit, a.UnitType, a.Unit, a.ID())
	}
	streets.insert(tx, insertStreet)
	doors.insert(tx, insertAddress)
}

// streetOf is the address of the whole street.
func streetOf(a postal.Address) postal.Address {
	a = a.Building()
	a.Number = ""
	return a
}

// values are rows that wait to be inserted, their columns one after the other.
type values struct {
	columns int
	args    []any
}

func (v *values) add(row ...any) { v.args = append(v.args, row...) }

// insert queues statements of eight rows and of one, so that each database prepares
// two texts and not one for every count. More rows to a statement cost SQLite more
// than they save: it looks for the name of each argument among all of them.
func (v *values) insert(tx *db.Tx, one string) {
	for _, rows := range []int{8, 1} {
		text := one + further(v.columns, rows) + unlessKnown
		for size := rows * v.columns; len(v.args) >= size; v.args = v.args[size:] {
			tx.Do(text, v.args[:size]...)
		}
	}
}

// further are the placeholders of the rows behind the first.
func further(columns, rows int) string {
	var b strings.Builder
	for i := columns; i < columns*rows; i++ {
		if i%columns == 0 {
			b.WriteString(", ($")
		} else {
			b.WriteString(", $")
		}
		b.WriteString(decimal(int64(i + 1)))
		if i%columns == columns-1 {
			b.WriteByte(')')
		}
	}
	return b.String()
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
