package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"demarc/internal/clock"

	_ "modernc.org/sqlite" // the embedded database
)

// How long one group may gather before it is committed: long enough to share a
// sync among all who wait, short enough that nobody notices.
const (
	groupUnits = 256
	groupSpan  = 8 * time.Millisecond
)

// sqliteEngine is one writer connection owned by one goroutine, and a few reader
// connections.
type sqliteEngine struct {
	d       *DB
	writer  *sql.DB
	readers *sql.DB
	w       *sqliteConn
	idle    chan *sqliteConn
	work    chan *job
	closing chan struct{}
	closed  chan struct{}
	noGroup bool
}

// job is a unit that waits for the writer.
type job struct {
	ctx  context.Context
	u    *unit
	err  error
	done chan struct{}
}

// sqliteConn is a connection with its prepared statements.
type sqliteConn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=cache_size(-8192)"

func openSQLite(ctx context.Context, d *DB, path string, o Options) (engine, error) {
	if path == "" || strings.ContainsAny(path, "?#") {
		return nil, fmt.Errorf("db: %q is not a file's path", path)
	}
	e := &sqliteEngine{d: d, noGroup: o.NoGroup, work: make(chan *job, groupUnits),
		closing: make(chan struct{}), closed: make(chan struct{}), idle: make(chan *sqliteConn, o.Readers)}
	var err error
	if e.writer, err = sql.Open("sqlite", "file:"+path+"?_txlock=immediate&"+sqlitePragmas); err != nil {
		return nil, err
	}
	e.writer.SetMaxOpenConns(1)
	if e.w, err = newSQLiteConn(ctx, e.writer); err != nil {
		return nil, errors.Join(fmt.Errorf("db: open %s: %w", path, err), e.writer.Close())
	}
	if err = e.checkPragmas(ctx); err != nil {
		return nil, errors.Join(err, e.writer.Close())
	}
	if e.readers, err = sql.Open("sqlite", "file:"+path+"?"+sqlitePragmas+"&_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, e.writer.Close())
	}
	e.readers.SetMaxOpenConns(o.Readers)
	for range o.Readers {
		c, err := newSQLiteConn(ctx, e.readers)
		if err != nil {
			return nil, errors.Join(err, e.readers.Close(), e.writer.Close())
		}
		e.idle <- c
	}
	go e.write()
	return e, nil
}

// checkPragmas asserts what durability depends on: drivers differ in their
// defaults, and a wrong one is silent.
func (e *sqliteEngine) checkPragmas(ctx context.Context) error {
	for _, want := range [][2]string{{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}} {
		var got string
		if err := e.w.c.QueryRowContext(ctx, "PRAGMA "+want[0]).Scan(&got); err != nil {
			return err
		}
		if got != want[1] {
			return fmt.Errorf("db: SQLite runs with %s=%s, need %s", want[0], got, want[1])
		}
	}
	return nil
}

func newSQLiteConn(ctx context.Context, pool *sql.DB) (*sqliteConn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteConn{c: c, stmts: map[string]*sql.Stmt{}}, nil
}

// prepared statements are few and written in the code; the bound is for safety.
const maxStatements = 1000

func (c *sqliteConn) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := c.stmts[text]; s != nil {
		return s, nil
	}
	s, err := c.c.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	if len(c.stmts) >= maxStatements {
		for _, old := range c.stmts {
			_ = old.Close()
		}
		clear(c.stmts)
	}
	c.stmts[text] = s
	return s, nil
}

func (c *sqliteConn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("db: %w in %q", err, text)
	}
	return r.RowsAffected()
}

// write is the writer's life: take a unit, gather what waits, commit, answer.
func (e *sqliteEngine) write() {
	defer close(e.closed)
	for {
		select {
		case j := <-e.work:
			e.group(j)
		case <-e.closing:
			for {
				select {
				case j := <-e.work:
					e.group(j)
				default:
					return
				}
			}
		}
	}
}

// group runs the first job and those that wait behind it in one transaction.
func (e *sqliteEngine) group(first *job) {
	ctx := context.Background()
	if _, err := e.w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		first.finish(err)
		return
	}
	jobs, err := e.gather(first)
	if err == nil {
		_, err = e.w.exec(ctx, "COMMIT")
	}
	if err != nil {
		_, rollback := e.w.exec(ctx, "ROLLBACK")
		err = errors.Join(fmt.Errorf("db: commit: %w", err), rollback)
	} else {
		e.d.commits.Add(1)
	}
	e.d.worlds.settle()
	for _, j := range jobs {
		if err == nil && j.err == nil {
			e.d.units.Add(1)
		}
		j.finish(err)
	}
}

// gather runs jobs while some wait, and answers them all. Those that failed have
// been rolled back to where they began; they wait for the commit too, because what
// made them fail may be what an earlier one of the group has done. An error says
// that the whole transaction is lost.
func (e *sqliteEngine) gather(first *job) (ran []*job, err error) {
	spent := clock.Elapsed()
	for j := first; j != nil; {
		var lost bool
		lost, j.err = e.one(j)
		ran = append(ran, j)
		if lost {
			return ran, fmt.Errorf("db: lost with another unit of its group: %w", j.err)
		}
		j = nil
		if !e.noGroup && len(ran) < groupUnits && spent() < groupSpan {
			select {
			case j = <-e.work:
			default:
			}
		}
	}
	return ran, nil
}

// finish answers a job: with the group's error, or else with its own.
func (j *job) finish(group error) {
	if group != nil {
		j.err = group
	}
	close(j.done)
}

// one runs a job inside a savepoint. After some errors, such as a full disk,
// SQLite rolls the whole transaction back by itself: then the savepoint is gone,
// and what ran before in this group is lost with it.
func (e *sqliteEngine) one(j *job) (lost bool, err error) {
	ctx := context.Background()
	if err := j.ctx.Err(); err != nil {
		return false, err
	}
	if _, err := e.w.exec(ctx, "SAVEPOINT unit"); err != nil {
		return true, err
	}
	err = e.call(j)
	if err != nil {
		if _, rollback := e.w.exec(ctx, "ROLLBACK TO unit"); rollback != nil {
			return true, errors.Join(err, rollback)
		}
	}
	if _, release := e.w.exec(ctx, "RELEASE unit"); release != nil {
		return true, errors.Join(err, release)
	}
	return false, err
}

// call runs the unit's function on the writer.
func (e *sqliteEngine) call(j *job) error {
	// A cancelled caller must not interrupt a statement of the shared
	// transaction, which would roll the whole group back.
	tx := &Tx{d: e.d, ctx: context.WithoutCancel(j.ctx), dialect: SQLite, world: j.u.world, moment: j.u.moment,
		sess: &sqliteSession{e: e, c: e.w, world: j.u.world}}
	if err := call(j.u.fn, tx); err != nil {
		return err
	}
	if err := tx.Flush(); err != nil {
		return err
	}
	j.u.after = tx.after
	return nil
}

func (e *sqliteEngine) within(ctx context.Context, u *unit) error {
	j := &job{ctx: ctx, u: u, done: make(chan struct{})}
	select {
	case <-e.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case e.work <- j:
	}
	select {
	case <-j.done:
	case <-e.closed:
		select {
		case <-j.done:
		default:
			return errClosed
		}
	}
	return j.err
}

var errClosed = errors.New("db: closed")

func (e *sqliteEngine) view(ctx context.Context, u *unit) error {
	var c *sqliteConn
	select {
	case c = <-e.idle:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closing:
		return errClosed
	}
	defer func() { e.idle <- c }()
	tx := &Tx{d: e.d, ctx: ctx, dialect: SQLite, world: u.world, moment: u.moment, readOnly: true,
		sess: &sqliteSession{e: e, c: c, world: u.world}}
	if err := call(u.fn, tx); err != nil {
		return err
	}
	return tx.Flush()
}

func (e *sqliteEngine) ping(ctx context.Context) error {
	return e.view(ctx, &unit{fn: func(tx *Tx) error {
		var one int
		return tx.Row(`SELECT 1`).Scan(&one)
	}})
}

func (e *sqliteEngine) close() error {
	select {
	case <-e.closing:
		return nil
	default:
	}
	close(e.closing)
	<-e.closed
	for range cap(e.idle) {
		<-e.idle
	}
	// Folding the log back into the file leaves one plain file behind.
	_, err := e.w.c.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, e.readers.Close(), e.writer.Close())
}

// sqliteSession runs a unit's statements on one connection.
type sqliteSession struct {
	e     *sqliteEngine
	c     *sqliteConn
	world string
}

func (s *sqliteSession) begin(ctx context.Context, stmts []stmt) (clock.State, error) {
	state, err := s.clock(ctx)
	if err != nil {
		return state, err
	}
	return state, s.flush(ctx, stmts)
}

// clock is known to the process; only a world not met before is read.
func (s *sqliteSession) clock(ctx context.Context) (clock.State, error) {
	if s.world == "" {
		return clock.State{}, nil
	}
	if state, ok := s.e.d.worlds.lookup(s.world); ok {
		return state, nil
	}
	gen := s.e.d.worlds.gen.Load()
	found := false
	var k knownWorld
	err := s.flush(ctx, []stmt{{sql: clockSQL, args: []any{s.world}, ask: func(scan func(...any) error) (err error) {
		found = true
		k, err = scanWorld(scan)
		return err
	}}})
	if err == nil && !found {
		err = ErrNoWorld
	}
	// What the writer reads in the middle of a group may yet be rolled back.
	if err == nil && s.c != s.e.w {
		s.e.d.worlds.set(s.world, k, gen)
	}
	return k.state, err
}

func (s *sqliteSession) flush(ctx context.Context, stmts []stmt) error {
	for i := range stmts {
		st := &stmts[i]
		if st.ask == nil {
			n, err := s.c.exec(ctx, st.sql, st.args...)
			if err != nil {
				return err
			}
			if err := st.expect(n); err != nil {
				return err
			}
			continue
		}
		if err := s.each(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteSession) each(ctx context.Context, st *stmt) error {
	rows, err := s.query(ctx, st.sql, st.args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		if err := st.ask(rows.Scan); err != nil {
			return err
		}
		if n%rowsUnwatched == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return rows.Err()
}

// rowsUnwatched is how many rows are read before somebody looks whether the caller
// still waits for them. A driver that watches the context itself starts two
// goroutines for every query, which costs as much as finding a row.
const rowsUnwatched = 64

func (s *sqliteSession) query(ctx context.Context, text string, args []any) (Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := p.QueryContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	return sqliteRows{rows}, nil
}

// sqliteRows gives *sql.Rows our interface.
type sqliteRows struct{ *sql.Rows }

func (r sqliteRows) Close() { _ = r.Rows.Close() }
