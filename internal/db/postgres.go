package db

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"slices"
	"sync"

	"demarc/internal/clock"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgEngine runs units side by side on a pool.
type pgEngine struct {
	d    *DB
	url  string
	pool *pgxpool.Pool
}

func openPostgres(ctx context.Context, d *DB, url string, o Options) (engine, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("db: cannot read the URL %s", redact(url))
	}
	if cfg.MaxConns < int32(o.MaxConns) {
		cfg.MaxConns = int32(o.MaxConns)
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "demarc"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	e := &pgEngine{d: d, url: url, pool: pool}
	if err := e.ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("db: %s does not answer: %w", redact(url), err)
	}
	return e, nil
}

func (e *pgEngine) ping(ctx context.Context) error { return e.pool.Ping(ctx) }

func (e *pgEngine) close() error {
	e.pool.Close()
	return nil
}

// retries is how often a unit runs again after PostgreSQL found it in a deadlock.
const retries = 5

func (e *pgEngine) within(ctx context.Context, u *unit) error {
	for try := 0; ; try++ {
		err := e.once(ctx, u)
		if try >= retries || !again(err) {
			return err
		}
	}
}

// again reports whether PostgreSQL rolled the unit back for a reason that the
// next run may not meet: a deadlock or a serialization failure.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func (e *pgEngine) once(ctx context.Context, u *unit) error {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	s := &pgSession{e: e, conn: conn.Conn(), world: u.world, exclusive: u.exclusive, write: true}
	tx := &Tx{d: e.d, ctx: ctx, dialect: Postgres, world: u.world, moment: u.moment, sess: s}
	err = call(u.fn, tx)
	if err == nil {
		err = tx.err
	}
	if err == nil {
		err = s.commit(ctx, tx)
	}
	if err != nil {
		s.rollback(ctx)
		return err
	}
	if s.begun {
		e.d.units.Add(1)
		e.d.commits.Add(1)
	}
	u.after = tx.after
	return nil
}

// call turns a panic of the unit's function into an error, so that the
// connection goes back clean and SQLite's writer lives on.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("db: a unit of work panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

func (e *pgEngine) view(ctx context.Context, u *unit) error {
	// The clock may have to be read, on a connection of its own. Whoever held one
	// already while waiting for that could wait for ever, with all others like it.
	var state clock.State
	if u.world != "" {
		var err error
		if state, err = e.d.worlds.get(ctx, u.world); err != nil {
			return err
		}
	}
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx := &Tx{d: e.d, ctx: ctx, dialect: Postgres, world: u.world, moment: u.moment, readOnly: true,
		sess: &pgSession{e: e, conn: conn.Conn(), world: u.world, known: state}}
	if err := call(u.fn, tx); err != nil {
		return err
	}
	return tx.Flush()
}

// pgSession runs a unit's statements on one connection.
type pgSession struct {
	e         *pgEngine
	conn      *pgx.Conn
	world     string
	exclusive bool
	write     bool
	begun     bool
	known     clock.State // of a view: the world's clock
}

// lockKey is the advisory lock of a world: units share it, moves of its clock
// hold it alone.
func lockKey(world string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("demarc world " + world))
	return int64(h.Sum64())
}

// begin sends BEGIN, the world's lock and clock, and the queued statements in one
// round trip. The production world has neither lock nor clock of its own.
func (s *pgSession) begin(ctx context.Context, stmts []stmt) (clock.State, error) {
	if !s.write {
		if len(stmts) == 0 {
			return s.known, nil
		}
		return s.known, s.flush(ctx, stmts)
	}
	var state clock.State
	gen := s.e.d.worlds.gen.Load()
	lead := []stmt{{sql: "BEGIN"}}
	found := s.world == "" || s.e.d.worlds.production(s.world)
	if !found {
		lock := "SELECT pg_advisory_xact_lock_shared($1)"
		if s.exclusive {
			lock = "SELECT pg_advisory_xact_lock($1)"
		}
		lead = append(lead, stmt{sql: lock, args: []any{lockKey(s.world)}},
			stmt{sql: clockSQL, args: []any{s.world}, ask: func(scan func(...any) error) error {
				found = true
				k, err := scanWorld(scan)
				if err == nil {
					s.e.d.worlds.set(s.world, k, gen)
					state = k.state
				}
				return err
			}})
	}
	s.begun = true
	if err := s.flush(ctx, append(lead, stmts...)); err != nil {
		return state, err
	}
	if !found {
		return state, ErrNoWorld
	}
	return state, nil
}

// flush sends the statements as one batch and reads their answers in order.
func (s *pgSession) flush(ctx context.Context, stmts []stmt) error {
	if len(stmts) == 1 {
		return s.single(ctx, &stmts[0])
	}
	b := &pgx.Batch{}
	for i := range stmts {
		b.Queue(stmts[i].sql, stmts[i].args...)
	}
	br := s.conn.SendBatch(ctx, b)
	for i := range stmts {
		if err := s.read(br, &stmts[i]); err != nil {
			_ = br.Close()
			return err
		}
	}
	return br.Close()
}

func (s *pgSession) read(br pgx.BatchResults, st *stmt) error {
	if st.ask == nil {
		tag, err := br.Exec()
		var pg *pgconn.PgError
		if st.one != nil && errors.As(err, &pg) && pg.Code == divisionByZero {
			return st.one
		}
		if err != nil {
			return fmt.Errorf("db: %w in %q", err, st.sql)
		}
		return st.outcome(tag)
	}
	rows, err := br.Query()
	if err != nil {
		return fmt.Errorf("db: %w in %q", err, st.sql)
	}
	return each(rows, st)
}

var errNotCommitted = errors.New("db: the transaction had failed and did not commit")

// outcome checks a statement's answer. PostgreSQL answers the COMMIT of a failed
// transaction with a rollback and no error; a unit gets there when it does not
// look at the error of its rows.
func (s *stmt) outcome(tag pgconn.CommandTag) error {
	if s.sql == "COMMIT" && tag.String() != s.sql {
		return errNotCommitted
	}
	return s.expect(tag.RowsAffected())
}

func each(rows pgx.Rows, st *stmt) error {
	defer rows.Close()
	for rows.Next() {
		if err := st.ask(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("db: %w in %q", err, st.sql)
	}
	return nil
}

func (s *pgSession) single(ctx context.Context, st *stmt) error {
	if st.ask == nil {
		tag, err := s.conn.Exec(ctx, st.sql, st.args...)
		if err != nil {
			return fmt.Errorf("db: %w in %q", err, st.sql)
		}
		return st.outcome(tag)
	}
	rows, err := s.conn.Query(ctx, st.sql, st.args...)
	if err != nil {
		return fmt.Errorf("db: %w in %q", err, st.sql)
	}
	return each(rows, st)
}

func (s *pgSession) query(ctx context.Context, text string, args []any) (Rows, error) {
	rows, err := s.conn.Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("db: %w in %q", err, text)
	}
	return rows, nil
}

// commit runs what is queued and commits, in one round trip unless a query's rows
// have a say in it: locks are held for as long as that takes. A statement that must
// affect one row sees to it by itself then, or the commit would be on its way
// before the count is known.
func (s *pgSession) commit(ctx context.Context, tx *Tx) error {
	if !tx.begun && len(tx.queue) == 0 {
		return nil
	}
	if !tx.begun {
		if tx.ready(); tx.err != nil {
			return tx.err
		}
	}
	queue := tx.queue
	if slices.ContainsFunc(queue, func(st stmt) bool { return st.ask != nil }) {
		if err := s.flush(ctx, queue); err != nil {
			return err
		}
		queue = nil
	}
	for i := range queue {
		if queue[i].one != nil {
			queue[i].sql = guarded(queue[i].sql)
		}
	}
	return s.flush(ctx, append(queue, stmt{sql: "COMMIT"}))
}

// guarded is a statement that fails, by a division by zero, unless it affects
// exactly one row.
func guarded(text string) string {
	if g, ok := guards.Load(text); ok {
		return g.(string)
	}
	g := "WITH one AS (" + text + " RETURNING 1) SELECT 1 / CAST(count(*) = 1 AS INTEGER) FROM one"
	guards.Store(text, g)
	return g
}

// guards are the texts that were asked for before; statements are few.
var guards sync.Map

const divisionByZero = "22012"

// rollback leaves the connection clean; a connection that cannot be cleaned is
// dropped by the pool.
func (s *pgSession) rollback(ctx context.Context) {
	if s.begun && !s.conn.IsClosed() && s.conn.PgConn().TxStatus() != 'I' {
		_, _ = s.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK")
	}
}
