package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the same driver as the program's
)

// What the floor's server does before it answers, as its paths say; there is looked
// too.
const (
	bare     = "/bare/"   // nothing
	commit   = "/commit/" // commits one row, as the program would: on SQLite together with those who wait
	onebyone = "/single/" // commits one row by itself
)

// maxAnswer bounds the answers that the floor is told to give.
const maxAnswer = 1 << 20

// floorPragmas are the program's own: the same durability.
const floorPragmas = "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"

const floorInsert = `INSERT INTO floor (id, note) VALUES ($1, $2)`

// floorNote is what a row holds beside its id.
const floorNote = "one row, committed before the answer"

// store commits single rows, and reads them.
type store interface {
	commit(ctx context.Context, id int64) error
	single(ctx context.Context, id int64) error
	read(ctx context.Context, id int64) error // of another table, see floorread.go
	close() error
}

// answer is what a path of the floor writes.
type answer struct {
	status int
	header http.Header
	body   []byte
}

type floor struct {
	store   store
	lastID  atomic.Int64
	answers map[string]*atomic.Pointer[answer]
}

// ServeFloor serves the floors on the listener until the context ends. The
// database is sqlite:PATH or postgres://…
func ServeFloor(ctx context.Context, ln net.Listener, database string) error {
	s, err := openStore(ctx, database)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	f := &floor{store: s, answers: map[string]*atomic.Pointer[answer]{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("PUT /answer/{name}", f.learn)
	for _, name := range answerNames {
		a := &atomic.Pointer[answer]{}
		a.Store(&answer{status: http.StatusNotFound})
		f.answers[name] = a
		mux.HandleFunc(bare+name, func(w http.ResponseWriter, _ *http.Request) { a.Load().write(w) })
		mux.HandleFunc(commit+name, f.committed(a, s.commit))
		mux.HandleFunc(onebyone+name, f.committed(a, s.single))
		mux.HandleFunc(looked+name, f.lookedUp(a))
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err = server.Serve(ln)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.close())
}

// committed answers after a row.
func (f *floor) committed(a *atomic.Pointer[answer], commit func(context.Context, int64) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := commit(r.Context(), f.lastID.Add(1)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		a.Load().write(w)
	}
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// learn is told what the program answers: the floor writes the same bytes.
func (f *floor) learn(w http.ResponseWriter, r *http.Request) {
	a := f.answers[r.PathValue("name")]
	status, err := strconv.Atoi(r.URL.Query().Get("status"))
	body, readErr := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	if a == nil || err != nil || readErr != nil {
		http.Error(w, "bad answer", http.StatusBadRequest)
		return
	}
	header := http.Header{"Content-Length": {strconv.Itoa(len(body))}}
	for name, values := range r.Header {
		if kept, ok := strings.CutPrefix(name, answerHeader); ok {
			header[kept] = values
		}
	}
	a.Store(&answer{status, header, body})
}

func openStore(ctx context.Context, database string) (store, error) {
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		return openSQLite(ctx, path)
	}
	return openPostgres(ctx, database)
}

// sqliteFloor is one writer that commits what waits, and a connection that commits
// each row by itself. The two are never measured at the same time.
type sqliteFloor struct {
	work    chan *row
	db      *sql.DB // one connection, for rows by themselves
	alone   *sql.Stmt
	group   *sql.DB // one more, for groups
	readers chan *floorReader
	ending  chan struct{}
	ended   chan struct{}
}

type row struct {
	id   int64
	done chan error
}

// floorGroup bounds a group, as the program's groups are bounded.
const floorGroup = 256

func openSQLite(ctx context.Context, path string) (*sqliteFloor, error) {
	s := &sqliteFloor{work: make(chan *row, floorGroup), ending: make(chan struct{}), ended: make(chan struct{})}
	var err error
	if s.db, err = sql.Open("sqlite", "file:"+path+floorPragmas); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(1)
	if _, err := s.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS floor (id INTEGER PRIMARY KEY, note TEXT NOT NULL)`); err != nil {
		return nil, err
	}
	if _, err := s.db.ExecContext(ctx, floorReadSQLite); err != nil {
		return nil, err
	}
	if s.alone, err = s.db.PrepareContext(ctx, floorInsert); err != nil {
		return nil, err
	}
	if s.group, err = sql.Open("sqlite", "file:"+path+floorPragmas); err != nil {
		return nil, err
	}
	conn, err := s.group.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var stmts [3]*sql.Stmt
	for i, text := range []string{"BEGIN IMMEDIATE", floorInsert, "COMMIT"} {
		if stmts[i], err = conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	if err := s.openReaders(ctx, path); err != nil {
		return nil, err
	}
	// What can be cancelled is watched by the driver, at a cost.
	go s.write(context.WithoutCancel(ctx), stmts[0], stmts[1], stmts[2])
	return s, nil
}

func (s *sqliteFloor) close() error {
	close(s.ending)
	<-s.ended
	return errors.Join(s.closeReaders(), s.group.Close(), s.db.Close())
}

// write takes a row and whatever waits behind it, commits, and answers.
func (s *sqliteFloor) write(ctx context.Context, begin, insert, end *sql.Stmt) {
	defer close(s.ended)
	group := make([]*row, 0, floorGroup)
	for {
		select {
		case <-s.ending:
			return
		case first := <-s.work:
			group = append(group[:0], first)
		}
		_, err := begin.ExecContext(ctx)
		for i := 0; err == nil && i < len(group); i++ {
			_, err = insert.ExecContext(ctx, group[i].id, floorNote)
			if len(group) == cap(group) {
				continue
			}
			select {
			case next := <-s.work:
				group = append(group, next)
			default:
			}
		}
		if err == nil {
			_, err = end.ExecContext(ctx)
		}
		for _, r := range group {
			r.done <- err
		}
	}
}

func (s *sqliteFloor) commit(ctx context.Context, id int64) error {
	r := &row{id, make(chan error, 1)}
	select {
	case s.work <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sqliteFloor) single(ctx context.Context, id int64) error {
	_, err := s.alone.ExecContext(context.WithoutCancel(ctx), id, floorNote)
	return err
}

// postgresFloor commits each row by itself, side by side on a pool of the
// program's size.
type postgresFloor struct{ pool *pgxpool.Pool }

func openPostgres(ctx context.Context, url string) (*postgresFloor, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 24
	cfg.MaxConnIdleTime = time.Hour
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	for _, table := range []string{`CREATE TABLE IF NOT EXISTS floor (id BIGINT PRIMARY KEY, note TEXT NOT NULL)`, floorReadTable} {
		if _, err := pool.Exec(ctx, table); err != nil {
			return nil, fmt.Errorf("bench: the floor's table: %w", err)
		}
	}
	return &postgresFloor{pool}, nil
}

func (p *postgresFloor) commit(ctx context.Context, id int64) error {
	_, err := p.pool.Exec(ctx, floorInsert, id, floorNote)
	return err
}

func (p *postgresFloor) single(ctx context.Context, id int64) error { return p.commit(ctx, id) }

func (p *postgresFloor) close() error {
	p.pool.Close()
	return nil
}
