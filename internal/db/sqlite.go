package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"demarc/internal/clock"
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
	w       *sqliteConn
	idle    chan *sqliteConn
	work    chan *job
	closing chan struct{}
	closed  chan struct{}
	noGroup bool
	careful int // how many of the next groups use savepoints
}

// job is a unit that waits for the writer.
type job struct {
	ctx  context.Context
	u    *unit
	err  error
	done chan struct{}
}

const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(8192)"

func openSQLite(ctx context.Context, d *DB, path string, o Options) (engine, error) {
	if path == "" || strings.ContainsAny(path, "?#") {
		return nil, fmt.Errorf("db: %q is not a file's path", path)
	}
	e := &sqliteEngine{d: d, noGroup: o.NoGroup, work: make(chan *job, groupUnits),
		closing: make(chan struct{}), closed: make(chan struct{}), idle: make(chan *sqliteConn, o.Readers)}
	var err error
	if e.w, err = openSQLiteConn("file:" + path + "?_txlock=immediate&" + sqlitePragmas); err != nil {
		return nil, fmt.Errorf("db: open %s: %w", path, err)
	}
	if err = e.checkPragmas(ctx); err != nil {
		return nil, errors.Join(err, e.w.close())
	}
	for range o.Readers {
		c, err := openSQLiteConn("file:" + path + "?" + sqlitePragmas + "&_pragma=query_only(1)")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("db: open %s: %w", path, err), e.closeReaders(len(e.idle)), e.w.close())
		}
		e.idle <- c
	}
	go e.write()
	return e, nil
}

// closeReaders closes so many of them, as they fall idle.
func (e *sqliteEngine) closeReaders(n int) (err error) {
	for range n {
		err = errors.Join(err, (<-e.idle).close())
	}
	return err
}

// checkPragmas asserts what durability depends on: drivers differ in their
// defaults, and a wrong one is silent.
func (e *sqliteEngine) checkPragmas(ctx context.Context) error {
	for _, want := range [][2]string{{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}} {
		got, err := e.w.text(ctx, "PRAGMA "+want[0])
		if err != nil {
			return err
		}
		if got != want[1] {
			return fmt.Errorf("db: SQLite runs with %s=%s, need %s", want[0], got, want[1])
		}
	}
	return nil
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
//
// A savepoint around each unit would make SQLite copy every page that the unit
// changes, for the sake of the few that fail after they have written something. So
// units run without one. When one fails late, the group is rolled back and its
// units run again, each in a savepoint; and so do those of the next groups, since
// whoever makes one unit fail may go on.
func (e *sqliteEngine) group(first *job) {
	jobs, run := []*job{first}, e.plain
	if e.careful > 0 {
		e.careful--
		run = e.saved
	}
	err := e.transact(func() (err error) {
		jobs, err = e.gather(first, run)
		return err
	})
	if errors.Is(err, errLate) {
		err, e.careful = nil, carefulGroups
		if len(jobs) > 1 {
			err = e.transact(func() error { return rerun(jobs, e.saved) })
		}
	}
	e.d.worlds.settle()
	for _, j := range jobs {
		if err == nil && j.err == nil {
			e.d.units.Add(1)
		}
		j.finish(err)
	}
}

// carefulGroups is how many groups use savepoints after one that had to run again.
const carefulGroups = 64

// errLate says that a unit without a savepoint failed after it had written.
var errLate = errors.New("db: a unit failed late")

// transact commits what run does. An error of run says that the transaction is
// lost.
func (e *sqliteEngine) transact(run func() error) error {
	ctx := context.Background()
	if _, err := e.w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := run()
	if err == nil {
		_, err = e.w.exec(ctx, "COMMIT")
	}
	if err == nil {
		e.d.commits.Add(1)
		return nil
	}
	// After some errors, such as a full disk, SQLite rolls back by itself; then
	// this is the second time, and fails.
	_, rollback := e.w.exec(ctx, "ROLLBACK")
	return errors.Join(fmt.Errorf("db: commit: %w", err), rollback)
}

// gather runs jobs while some wait. Those that failed wait for the commit like the
// others, because what made them fail may be what an earlier one of the group has
// done. An error says that the whole transaction is lost.
func (e *sqliteEngine) gather(first *job, run func(*job) (lost, err error)) (ran []*job, lost error) {
	spent := clock.Elapsed()
	for j := first; j != nil; {
		ran = append(ran, j)
		if lost, j.err = run(j); lost != nil {
			return ran, lost
		}
		if e.noGroup || len(ran) >= groupUnits || spent() >= groupSpan {
			return ran, nil
		}
		j = e.waiting()
	}
	return ran, nil
}

// waiting is a job that waits, nil when none does. Before it says so it lets others
// run who may be about to bring one: it shares this group's sync instead of needing
// another.
func (e *sqliteEngine) waiting() *job {
	select {
	case j := <-e.work:
		return j
	default:
	}
	runtime.Gosched()
	select {
	case j := <-e.work:
		return j
	default:
		return nil
	}
}

// rerun runs jobs that have run before.
func rerun(jobs []*job, run func(*job) (lost, err error)) (lost error) {
	for _, j := range jobs {
		if lost, j.err = run(j); lost != nil {
			return lost
		}
	}
	return nil
}

// finish answers a job: with the group's error, or else with its own.
func (j *job) finish(group error) {
	if group != nil {
		j.err = group
	}
	close(j.done)
}

// plain runs a job without a savepoint. One that fails before it has written
// anything leaves nothing behind.
func (e *sqliteEngine) plain(j *job) (lost, err error) {
	clean, err := e.call(j)
	if err != nil && !clean {
		return errLate, err
	}
	return nil, err
}

// saved runs a job inside a savepoint. After some errors, such as a full disk,
// SQLite rolls the whole transaction back by itself: then the savepoint is gone,
// and what ran before in this group is lost with it.
func (e *sqliteEngine) saved(j *job) (lost, err error) {
	ctx := context.Background()
	if _, err := e.w.exec(ctx, "SAVEPOINT unit"); err != nil {
		return lostWith(err), err
	}
	_, err = e.call(j)
	if err != nil {
		if _, rollback := e.w.exec(ctx, "ROLLBACK TO unit"); rollback != nil {
			return lostWith(errors.Join(err, rollback)), err
		}
	}
	if _, release := e.w.exec(ctx, "RELEASE unit"); release != nil {
		return lostWith(errors.Join(err, release)), err
	}
	return nil, err
}

func lostWith(err error) error {
	return fmt.Errorf("db: lost with another unit of its group: %w", err)
}

// call runs the unit's function on the writer. clean says of a unit that failed
// that none of its statements has written or failed.
func (e *sqliteEngine) call(j *job) (clean bool, err error) {
	if err := j.ctx.Err(); err != nil {
		return true, err
	}
	// A cancelled caller must not interrupt a statement of the shared
	// transaction, which would roll the whole group back.
	s := &sqliteSession{e: e, c: e.w, world: j.u.world}
	tx := &Tx{d: e.d, ctx: context.WithoutCancel(j.ctx), dialect: SQLite, world: j.u.world, moment: j.u.moment, sess: s}
	if err = call(j.u.fn, tx); err == nil {
		err = tx.Flush()
	}
	if err != nil {
		return !s.wrote && tx.err == nil, err
	}
	j.u.after = tx.after
	return true, nil
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
	err := e.closeReaders(cap(e.idle))
	// Folding the log back into the file leaves one plain file behind.
	rows, checkpoint := e.w.query(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)", nil)
	if checkpoint == nil {
		rows.Close()
	}
	return errors.Join(err, checkpoint, e.w.close())
}

// sqliteSession runs a unit's statements on one connection.
type sqliteSession struct {
	e     *sqliteEngine
	c     *sqliteConn
	world string
	wrote bool // something, or tried to
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
			s.wrote = true
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
	s.wrote = s.wrote || !strings.HasPrefix(text, "SELECT ") // it may be a RETURNING
	rows, err := s.c.query(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return rows, nil
}
