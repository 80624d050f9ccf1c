package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"demarc/internal/clock"
)

// ErrReadOnly refuses a write in a View.
var ErrReadOnly = errors.New("db: a view cannot write")

// Rows walks the answer of a query.
type Rows interface {
	Next() bool
	Scan(dst ...any) error
	Err() error
	Close()
}

// session is one connection in one unit of work.
type session interface {
	// flush runs the statements in order, in one round trip where the database
	// can, and checks what each expects.
	flush(ctx context.Context, stmts []stmt) error
	query(ctx context.Context, sql string, args []any) (Rows, error)
	// begin makes sure that the transaction has begun and answers the world's
	// clock, after running stmts in the same round trip.
	begin(ctx context.Context, stmts []stmt) (clock.State, error)
}

// stmt is one queued statement.
type stmt struct {
	sql  string
	args []any
	one  error                               // when set: exactly one row must be affected, else this error
	ask  func(scan func(...any) error) error // when set: a query; called for each row
}

// Tx is one unit of work.
type Tx struct {
	d        *DB
	ctx      context.Context
	dialect  Dialect
	world    string
	readOnly bool
	sess     session
	queue    []stmt
	begun    bool
	state    clock.State
	machine  time.Time
	now      time.Time
	moment   time.Time
	after    []func()
	err      error // the first failure; sticky, so that nothing commits after it
}

// Context is the caller's context.
func (t *Tx) Context() context.Context { return t.ctx }

// World is the unit's world, "" in a system unit.
func (t *Tx) World() string { return t.world }

// Dialect is the database's kind.
func (t *Tx) Dialect() Dialect { return t.dialect }

// Now is the world's moment, one for the whole unit.
func (t *Tx) Now() time.Time {
	t.ready()
	return t.now
}

// Clock is the world's clock at the beginning of the unit, and Machine the
// machine's moment that belongs to it.
func (t *Tx) Clock() clock.State {
	t.ready()
	return t.state
}

// Machine is the machine's moment at the beginning of the unit.
func (t *Tx) Machine() time.Time {
	t.ready()
	return t.machine
}

// Wake is the machine moment at which work that is due at due can be taken up.
func (t *Tx) Wake(due time.Time) int64 {
	t.ready()
	if t.state.Moving || due.After(t.now) {
		return t.state.Wake(t.machine, due)
	}
	return clock.Micros(t.machine)
}

// ready begins the transaction if it has not begun, together with what is queued.
func (t *Tx) ready() {
	if t.begun || t.err != nil {
		return
	}
	queue := t.queue
	t.queue = nil
	state, err := t.sess.begin(t.ctx, queue)
	if err != nil {
		_ = t.fail(err)
		return
	}
	t.setClock(state)
}

func (t *Tx) setClock(s clock.State) {
	t.begun = true
	t.state = s
	t.machine = clock.Machine()
	t.now = s.Now(t.machine)
	if !t.moment.IsZero() {
		t.now = t.moment
	}
}

func (t *Tx) fail(err error) error {
	if t.err == nil {
		t.err = err
	}
	return t.err
}

// bind puts the world in front of the arguments. PostgreSQL refuses a statement
// that leaves it unused; SQLite would run it, so it is refused here for both.
func (t *Tx) bind(sql string, args []any) []any {
	if t.world == "" {
		return args
	}
	if !strings.Contains(sql, "$1") {
		_ = t.fail(fmt.Errorf("db: no world ($1) in %q", sql))
	}
	bound := make([]any, 0, len(args)+1)
	return append(append(bound, t.world), args...)
}

// Flush runs what is queued.
func (t *Tx) Flush() error {
	if t.err != nil {
		return t.err
	}
	if !t.begun {
		t.ready()
		return t.err
	}
	if len(t.queue) == 0 {
		return nil
	}
	queue := t.queue
	t.queue = nil
	if err := t.sess.flush(t.ctx, queue); err != nil {
		return t.fail(err)
	}
	return nil
}

// Do queues a statement whose outcome does not matter beyond its success.
func (t *Tx) Do(sql string, args ...any) { t.push(stmt{sql: sql, args: t.bind(sql, args)}) }

// One queues a statement that must affect exactly one row; if it does not, the
// unit fails with conflict. Guarded updates and inserts that may collide use it:
// the database settles the race, and the caller reads the rule's own error.
func (t *Tx) One(conflict error, sql string, args ...any) {
	t.push(stmt{sql: sql, args: t.bind(sql, args), one: conflict})
}

func (t *Tx) push(s stmt) {
	if t.readOnly && s.ask == nil {
		_ = t.fail(ErrReadOnly)
		return
	}
	t.queue = append(t.queue, s)
}

// Ask queues a query; row is called for each of its rows when the queue runs.
// Several Asks, and then Flush, cost one round trip.
func (t *Tx) Ask(row func(scan func(...any) error) error, sql string, args ...any) {
	t.push(stmt{sql: sql, args: t.bind(sql, args), ask: row})
}

// AskOne queues a query for at most one row and scans it into dst; *found tells
// whether there was one. found may be nil.
func (t *Tx) AskOne(found *bool, dst []any, sql string, args ...any) {
	t.Ask(func(scan func(...any) error) error {
		if found != nil {
			*found = true
		}
		return scan(dst...)
	}, sql, args...)
}

// Exec runs a statement at once, after what is queued, and answers how many rows
// it affected.
func (t *Tx) Exec(sql string, args ...any) (int64, error) {
	if t.readOnly {
		return 0, t.fail(ErrReadOnly)
	}
	var n int64
	s := stmt{sql: sql, args: t.bind(sql, args), one: errCount}
	if err := t.Flush(); err != nil {
		return 0, err
	}
	err := t.sess.flush(t.ctx, []stmt{s})
	var c *countError
	switch {
	case err == nil:
		n = 1
	case errors.As(err, &c):
		n = c.rows
	default:
		return 0, t.fail(err)
	}
	return n, nil
}

// errCount asks flush to answer a *countError when the count is not one.
var errCount = errors.New("db: count")

type countError struct{ rows int64 }

func (c *countError) Error() string { return "db: rows affected" }

// expect turns a count of affected rows into what the statement asked for.
func (s *stmt) expect(rows int64) error {
	switch {
	case s.one == nil || rows == 1:
		return nil
	case errors.Is(s.one, errCount):
		return &countError{rows}
	default:
		return s.one
	}
}

// Query runs a query, after what is queued. The caller closes the rows before it
// uses the unit again.
func (t *Tx) Query(sql string, args ...any) (Rows, error) {
	bound := t.bind(sql, args)
	if err := t.Flush(); err != nil {
		return nil, err
	}
	rows, err := t.sess.query(t.ctx, sql, bound)
	if err != nil {
		return nil, t.fail(err)
	}
	return rows, nil
}

// Each runs a query and calls row for each of its rows.
func (t *Tx) Each(row func(scan func(...any) error) error, sql string, args ...any) error {
	t.Ask(row, sql, args...)
	return t.Flush()
}

// Row is the single row of a query.
type Row struct {
	t    *Tx
	sql  string
	args []any
}

// Row asks for a single row; its Scan runs the query.
func (t *Tx) Row(sql string, args ...any) Row { return Row{t, sql, args} }

// Scan runs the query and reads its first row, or answers ErrNone.
func (r Row) Scan(dst ...any) error {
	found := false
	if err := r.t.Each(func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dst...)
	}, r.sql, r.args...); err != nil {
		return err
	}
	if !found {
		return ErrNone
	}
	return nil
}

// After runs f when the unit has been committed. It must not block.
func (t *Tx) After(f func()) { t.after = append(t.after, f) }

// DueNow tells this node's due work, after the commit, that there is some.
func (t *Tx) DueNow() { t.After(t.d.signalDue) }

// ForUpdate is the suffix that locks the rows a SELECT reads, where the database
// has such locks; SQLite's single writer needs none.
func (t *Tx) ForUpdate() string {
	if t.dialect == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// ForShare is the suffix that keeps the rows a SELECT reads as they are until the unit
// ends, without keeping other readers off.
func (t *Tx) ForShare() string {
	if t.dialect == Postgres {
		return " FOR SHARE"
	}
	return ""
}

// SkipLocked is ForUpdate that passes over rows which other units hold.
func (t *Tx) SkipLocked() string {
	if t.dialect == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// AnyOf is the condition that a text column has one of the values, to follow the
// column's name, and the one argument that it needs; n is the argument's number.
// It is one statement however many values there are.
func (t *Tx) AnyOf(n int, values []string) (condition string, arg any) {
	if t.dialect == Postgres {
		return fmt.Sprintf("= ANY($%d)", n), values
	}
	list, err := json.Marshal(values)
	if err != nil {
		_ = t.fail(err) // texts always marshal
	}
	return fmt.Sprintf("IN (SELECT value FROM json_each($%d))", n), string(list)
}
