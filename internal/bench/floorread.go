package bench

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
)

// looked begins the paths at which the floor answers after it has found one row of
// many by its key, the number in the header refvalue.
const looked = "/read/"

// The table that is read. A row is about as wide as an account's, so that as much has
// to be kept at hand.
const (
	floorReadTable  = `CREATE TABLE IF NOT EXISTS floor_read (id BIGINT PRIMARY KEY, note TEXT NOT NULL)`
	floorReadSQLite = `CREATE TABLE IF NOT EXISTS floor_read (id INTEGER PRIMARY KEY, note TEXT NOT NULL)`
	floorSelect     = `SELECT note FROM floor_read WHERE id = $1`
	floorRowWidth   = 400
	floorFill       = 50_000 // rows in a transaction
)

var errNoRow = errors.New("bench: the floor has no such row")

// lookedUp answers after a row was read.
func (f *floor) lookedUp(a *atomic.Pointer[answer]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.Header.Get("Refvalue"), 10, 64)
		if err == nil {
			err = f.store.read(r.Context(), id)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		a.Load().write(w)
	}
}

// floorReader is a connection that reads. Like the program it speaks to the driver
// itself, which costs less than database/sql.
type floorReader struct {
	conn driver.Conn
	stmt driver.Stmt
	args []driver.NamedValue
	row  []driver.Value
}

// floorReaders is how many of them there are, as many as the program has.
const floorReaders = 4

func (s *sqliteFloor) openReaders(ctx context.Context, path string) error {
	s.readers = make(chan *floorReader, floorReaders)
	for range floorReaders {
		conn, err := (&sqlite.Driver{}).Open("file:" + path + floorPragmas + "&_pragma=cache_size(-8192)&_pragma=query_only(1)")
		if err != nil {
			return err
		}
		stmt, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, floorSelect)
		if err != nil {
			return errors.Join(err, conn.Close())
		}
		s.readers <- &floorReader{conn, stmt, []driver.NamedValue{{Ordinal: 1}}, make([]driver.Value, 1)}
	}
	return nil
}

func (s *sqliteFloor) closeReaders() (err error) {
	for range len(s.readers) {
		r := <-s.readers
		err = errors.Join(err, r.stmt.Close(), r.conn.Close())
	}
	return err
}

func (s *sqliteFloor) read(ctx context.Context, id int64) error {
	r := <-s.readers
	defer func() { s.readers <- r }()
	r.args[0].Value = id
	// What can be cancelled is watched by the driver, at a cost.
	rows, err := r.stmt.(driver.StmtQueryContext).QueryContext(context.WithoutCancel(ctx), r.args)
	if err != nil {
		return err
	}
	if err = rows.Next(r.row); errors.Is(err, io.EOF) {
		err = errNoRow
	}
	return errors.Join(err, rows.Close())
}

func (p *postgresFloor) read(ctx context.Context, id int64) error {
	var note string
	return p.pool.QueryRow(ctx, floorSelect, id).Scan(&note)
}

// fillFloor gives a floor that has started its rows to read, numbered from 0, in place
// of those that it has.
func fillFloor(ctx context.Context, database string, rows int) (err error) {
	note := strings.Repeat("x", floorRowWidth)
	path, isFile := strings.CutPrefix(database, "sqlite:")
	if !isFile {
		conn, err := pgx.Connect(ctx, database)
		if err != nil {
			return err
		}
		if _, err = conn.Exec(ctx, `TRUNCATE floor_read`); err == nil {
			_, err = conn.Exec(ctx, `INSERT INTO floor_read (id, note) SELECT i, $2::text FROM generate_series(0, $1::bigint - 1) AS i`, rows, note)
		}
		return errors.Join(err, conn.Close(ctx), tidy(ctx, database))
	}
	d, err := sql.Open("sqlite", "file:"+path+floorPragmas)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := d.ExecContext(ctx, `DELETE FROM floor_read`); err != nil {
		return err
	}
	for from := 0; from < rows; from += floorFill {
		_, err := d.ExecContext(ctx, `INSERT INTO floor_read (id, note)
			WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2) SELECT i, $3 FROM n`,
			from, min(from+floorFill, rows), note)
		if err != nil {
			return fmt.Errorf("bench: the floor's rows: %w", err)
		}
	}
	_, err = d.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// checkpoint folds the log of a SQLite database back into its file.
func checkpoint(ctx context.Context, path string) error {
	d, err := sql.Open("sqlite", "file:"+path+floorPragmas)
	if err != nil {
		return err
	}
	_, err = d.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return errors.Join(err, d.Close())
}

// tidy has PostgreSQL do at once what it would do of itself after a load, in the
// middle of what is measured.
func tidy(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `VACUUM (ANALYZE)`)
	return errors.Join(err, conn.Close(ctx))
}
