//go:build linux || darwin

package pgtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"demarc/internal/clock"
)

const (
	// patience bounds every wait on the server: to come up, to answer, to end.
	patience = 60 * time.Second
	// attempts at a port: between finding one free and the server taking it,
	// another program may have come first.
	attempts = 5
	// socketPathLimit is what a unix socket's address holds on Linux, less the
	// name that PostgreSQL adds to the directory.
	socketPathLimit = 107 - len("/.s.PGSQL.65535")
)

// Server is a running PostgreSQL that only this process uses.
type Server struct {
	dir     string   // holds the lock, the log, the socket and the data
	port    int      // on 127.0.0.1
	lock    *os.File // held while any process of the server lives
	cmd     *exec.Cmd
	exited  <-chan struct{} // closed when the server has ended
	own     bool            // dir is this server's own, and goes with it
	cleaner *exec.Cmd       // removes dir when everything has ended; see clean
	stop    sync.Once

	mu        sync.Mutex
	templates map[string]func() (string, error)
}

// Start runs a server and returns when it answers.
//
// An empty dir means a directory of its own, removed when the server ends.
// Otherwise the server lives in dir, which stays, and a later Start on the same
// dir finds its databases again. A durable server flushes every commit to disk,
// as in production; without that it is quicker and a crash of the machine (not of
// the server) may lose its data.
func Start(dir string, durable bool) (*Server, error) {
	b, err := find()
	if err != nil {
		return nil, err
	}
	a, err := serverAccount()
	if err != nil {
		return nil, err
	}
	h, err := findHomes(a, durable)
	if err != nil {
		return nil, err
	}
	s := &Server{own: dir == "", templates: map[string]func() (string, error){}}
	if s.own {
		s.dir, s.lock, err = runDirectory(h.runs, a)
	} else {
		s.dir, s.lock, err = callersDirectory(dir, a)
	}
	if err != nil {
		return nil, err
	}
	if s.own {
		s.cleaner = clean(s.dir)
	}
	if err := s.launch(b, a, h.cache, durable); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// callersDirectory claims a directory that the caller named.
func callersDirectory(dir string, a account) (string, *os.File, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", nil, err
	}
	if err := a.reach(dir); err != nil {
		return "", nil, err
	}
	f, err := claim(dir, a)
	return dir, f, err
}

// launch makes the data directory and starts the server on a free port.
func (s *Server) launch(b binaries, a account, cache string, durable bool) error {
	data := filepath.Join(s.dir, "data")
	if err := cluster(b, a, cache, data, durable); err != nil {
		return err
	}
	var err error
	for range attempts {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.serve(b, a, data, durable); err == nil {
			return nil
		}
		if !s.portTaken() {
			return err
		}
	}
	return err
}

// serve starts the server itself, not a program that starts it and leaves: the
// process that this one holds is the one that must end.
func (s *Server) serve(b binaries, a account, data string, durable bool) error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", data}
	for _, setting := range s.settings(durable) {
		args = append(args, "-c", setting)
	}
	s.cmd = exec.Command(b.postgres, args...) //nolint:noctx // Stop ends it
	s.cmd.Dir = "/"
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.ExtraFiles = []*os.File{s.lock}
	a.as(s.cmd)
	if s.exited, err = hold(s.cmd); err != nil {
		return err
	}
	if err := s.await(data); err != nil {
		s.end(syscall.SIGQUIT)
		return fmt.Errorf("%w; the end of its log:\n%s", err, s.logTail())
	}
	return nil
}

func (s *Server) settings(durable bool) []string {
	sockets := s.dir
	if len(sockets) > socketPathLimit {
		sockets = "" // no socket at all; we speak TCP
	}
	list := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(s.port),
		"unix_socket_directories=" + sockets,
		"max_connections=200",
		"shared_buffers=64MB",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if durable {
		return list
	}
	return append(list,
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",
		// Nothing is replicated or archived, and the databases do not live
		// long enough to be vacuumed (a vacuum would also be in the way of
		// copying a template).
		"wal_level=minimal",
		"max_wal_senders=0",
		"autovacuum=off",
		"max_wal_size=128MB",
		"jit=off",
	)
}

// await returns when the server answers, and is this server: on the same port,
// a moment later, another one might.
func (s *Server) await(data string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		answered, err := s.greet(ctx)
		if err == nil {
			if answered == data {
				return nil
			}
			return fmt.Errorf("port %d is served by another PostgreSQL, in %s", s.port, answered)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("PostgreSQL ended while starting: %s", s.cmd.ProcessState)
		default:
		}
		if clock.Sleep(ctx, 5*time.Millisecond) != nil {
			return fmt.Errorf("PostgreSQL did not answer within %s: %w", patience, err)
		}
	}
}

// greet asks whoever listens on the port for its data directory.
func (s *Server) greet(ctx context.Context) (data string, err error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SHOW data_directory").Scan(&data)
	return data, err
}

// portTaken says whether the last attempt failed for want of its port.
func (s *Server) portTaken() bool {
	l, err := listen(s.port)
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}

func freePort() (int, error) {
	l, err := listen(0)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func listen(port int) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(context.Background(), "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// URL is the address of a database of this server. The database "postgres" is
// always there; others are made with Create.
func (s *Server) URL(db string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, db)
}

// Create makes an empty database.
func (s *Server) Create(db string) error { return s.create(db, "") }

// create copies a database; the empty one is template0.
func (s *Server) create(db, source string) error {
	if source == "" {
		source = "template0"
	}
	return s.admin("CREATE DATABASE " + ident(db) + " TEMPLATE " + ident(source))
}

// Drop removes a database and cuts whoever is connected to it.
func (s *Server) Drop(db string) error {
	return s.admin("DROP DATABASE IF EXISTS " + ident(db) + " WITH (FORCE)")
}

// seal closes a database to everybody, so that it can be copied at any time.
func (s *Server) seal(db string) error {
	return s.admin(
		"ALTER DATABASE "+ident(db)+" WITH ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '"+db+"'",
	)
}

// admin runs statements as the server's owner.
func (s *Server) admin(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

// Stop ends the server and, unless the directory is the caller's, removes it.
// It may be called more than once.
func (s *Server) Stop() {
	s.stop.Do(func() {
		if s.own {
			s.end(syscall.SIGQUIT)
			_ = os.RemoveAll(s.dir)
		} else {
			s.end(syscall.SIGINT) // in good order: the data stays
		}
		_ = s.lock.Close()
		if s.cleaner != nil {
			_ = s.cleaner.Wait()
		}
	})
}

// end asks the server to end, then sees to it.
func (s *Server) end(how syscall.Signal) {
	if s.exited == nil {
		return
	}
	_ = s.cmd.Process.Signal(how)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-s.exited:
	case <-ctx.Done():
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
	s.exited = nil
}

// hold starts cmd on a thread that lives as long as cmd does: the kernel's
// promise to signal it when its parent dies is tied to the thread that started
// it, not to the process.
func hold(cmd *exec.Cmd) (<-chan struct{}, error) {
	started, exited := make(chan error), make(chan struct{})
	go func() {
		defer close(exited)
		defer pinThread()()
		dieWithParent(cmd)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stays in cmd.ProcessState
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return exited, nil
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

func (s *Server) logTail() string {
	out, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return tail(out)
}

// clean starts a helper that waits until the lock in dir is free, which is when
// this process and every process of the server have ended, and removes dir. It
// covers the common end of a test process, which is to end without a word.
func clean(dir string) *exec.Cmd {
	cmd := exec.Command("flock", filepath.Join(dir, lockName), "rm", "-rf", "--", dir) //nolint:noctx // it outlives us
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil // no such program here: the next start sweeps
	}
	return cmd
}
