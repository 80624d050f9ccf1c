package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
)

// sqliteConn is a connection with its prepared statements. It speaks to the driver
// itself: each connection has one user at a time here, and what database/sql does
// to share them (locks, goroutines, pools of statements) costs a good part of what
// finding a row does.
type sqliteConn struct {
	c     driver.Conn
	stmts map[string]driver.Stmt
	args  []driver.NamedValue // of the statement that is about to run
}

func openSQLiteConn(dsn string) (*sqliteConn, error) {
	c, err := (&sqlite.Driver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{c: c, stmts: map[string]driver.Stmt{}}, nil
}

func (c *sqliteConn) close() error {
	return errors.Join(c.forgetStatements(), c.c.Close())
}

func (c *sqliteConn) forgetStatements() (err error) {
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	clear(c.stmts)
	return err
}

// prepared statements are few and written in the code; the bound is for safety.
const maxStatements = 1000

func (c *sqliteConn) prepare(ctx context.Context, text string) (driver.Stmt, error) {
	if s := c.stmts[text]; s != nil {
		return s, nil
	}
	s, err := c.c.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	if len(c.stmts) >= maxStatements {
		if err := c.forgetStatements(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	c.stmts[text] = s
	return s, nil
}

// bind gives the arguments the driver's types. What it answers is good until the
// next statement.
func (c *sqliteConn) bind(args []any) ([]driver.NamedValue, error) {
	c.args = c.args[:0]
	for i, arg := range args {
		v := arg
		switch arg := arg.(type) {
		case string, int64, []byte, nil:
		case int:
			v = int64(arg)
		default:
			var err error
			if v, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args, nil
}

func (c *sqliteConn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	bound, err := c.bind(args)
	if err != nil {
		return 0, fmt.Errorf("db: %w in %q", err, text)
	}
	r, err := s.(driver.StmtExecContext).ExecContext(ctx, bound)
	if err != nil {
		return 0, fmt.Errorf("db: %w in %q", err, text)
	}
	return r.RowsAffected()
}

func (c *sqliteConn) query(ctx context.Context, text string, args []any) (*sqliteRows, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	bound, err := c.bind(args)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, bound)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	return &sqliteRows{rows: rows, values: make([]driver.Value, len(rows.Columns()))}, nil
}

// text is the single text of a query, such as a pragma's.
func (c *sqliteConn) text(ctx context.Context, query string) (s string, err error) {
	rows, err := c.query(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", errors.Join(ErrNone, rows.Err())
	}
	return s, rows.Scan(&s)
}

// sqliteRows walks the answer of a query.
type sqliteRows struct {
	rows   driver.Rows
	values []driver.Value
	err    error
}

// Next moves to the next row, and closes after the last.
func (r *sqliteRows) Next() bool {
	if r.rows == nil {
		return false
	}
	err := r.rows.Next(r.values)
	if err == nil {
		return true
	}
	if !errors.Is(err, io.EOF) {
		r.err = err
	}
	r.Close()
	return false
}

func (r *sqliteRows) Err() error { return r.err }

func (r *sqliteRows) Close() {
	if r.rows == nil {
		return
	}
	if err := r.rows.Close(); r.err == nil {
		r.err = err
	}
	r.rows = nil
}

// Scan reads the row's columns.
func (r *sqliteRows) Scan(dst ...any) error {
	if len(dst) != len(r.values) {
		return fmt.Errorf("db: %d columns into %d places", len(r.values), len(dst))
	}
	for i, v := range r.values {
		if err := assign(dst[i], v); err != nil {
			return fmt.Errorf("db: column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign converts as database/sql does; what nearly all columns are needs no
// conversion.
func assign(dst any, v driver.Value) error {
	switch d := dst.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
		return convert(d, v)
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
		return convert(d, v)
	case *int:
		if n, ok := v.(int64); ok && int64(int(n)) == n {
			*d = int(n)
			return nil
		}
		return convert(d, v)
	case *[]byte:
		return convert(d, v)
	case *bool:
		return convert(d, v)
	case *float64:
		return convert(d, v)
	case *any:
		*d = v
		return nil
	}
	return fmt.Errorf("%T is not a type that columns are read into", dst)
}

// convert is database/sql's own conversion.
func convert[T any](dst *T, v driver.Value) error {
	var n sql.Null[T]
	if err := n.Scan(v); err != nil {
		return err
	}
	if _, bytes := any(dst).(*[]byte); !n.Valid && !bytes {
		return fmt.Errorf("NULL into %T", dst)
	}
	*dst = n.V
	return nil
}
