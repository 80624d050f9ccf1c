package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/pgtest"
)

// patience bounds every wait for a process or for what it does.
const patience = 30 * time.Second

// node is a running server.
type node struct {
	program string
	dir     string // its data directory
	addr    string // it keeps its address over restarts
	args    []string
	vars    []string // further variables of its environment
	base    string
	cmd     *exec.Cmd
	ended   chan struct{}
	err     error // of Wait, after ended
	banner  string
	ready   time.Duration // from its start to its first good answer
}

// newNode is a server that has not been started yet.
func newNode(t testing.TB, dir string, args ...string) *node {
	t.Helper()
	return &node{program: program(t), dir: dir, addr: "127.0.0.1:0", args: args}
}

// startNode starts a server for this test. It ends with the test, in good order.
func startNode(t testing.TB, args ...string) *node {
	t.Helper()
	n := newNode(t, filepath.Join(t.TempDir(), "data"), args...)
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", n.logTail())
		}
		if err := n.stop(); err != nil {
			t.Errorf("the server did not end in good order: %v\n%s", err, n.logTail())
		}
	})
	return n
}

// command is the program with the node's data directory, and without what this
// environment would configure.
func (n *node) command(args ...string) *exec.Cmd {
	cmd := exec.Command(n.program, append(args, "--data", n.dir)...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DEMARC_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, n.vars...)
	return cmd
}

func (n *node) logPath() string { return n.dir + ".log" }

// start starts the server and returns when it is ready. It reads the address from
// what the server prints, which it does when it listens.
func (n *node) start() error {
	log, err := os.OpenFile(n.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	n.cmd = n.command(append([]string{"serve", "--listen", n.addr}, n.args...)...)
	n.cmd.Stderr = log
	dieWithParent(n.cmd)
	stdout, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	took := clock.Elapsed()
	if err := n.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(stdout)
	banner, base, readErr := readBanner(lines)
	n.banner, n.base, n.ended = banner, base, make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, lines) // Wait wants all to be read
		n.err = n.cmd.Wait()
		close(n.ended)
	}()
	if readErr == nil {
		n.addr = strings.TrimPrefix(base, "http://")
		readErr = n.answers()
	}
	n.ready = took()
	if readErr != nil {
		_ = n.cmd.Process.Kill()
		<-n.ended
		return fmt.Errorf("the server does not start: %w\n%s", readErr, n.logTail())
	}
	return nil
}

// readBanner reads what the server prints at its start, up to the call that it
// suggests.
func readBanner(lines *bufio.Reader) (banner, base string, err error) {
	for !strings.Contains(banner, "curl ") {
		line, err := lines.ReadString('\n')
		if err != nil {
			return banner, base, fmt.Errorf("it printed no banner: %w", err)
		}
		banner += line
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "APIs" {
			base = fields[1]
		}
	}
	return banner, base, nil
}

// answers asks once whether the server is ready: it listens before it says so.
func (n *node) answers() error {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(n.base + "/readyz")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %s", res.Status)
	}
	return nil
}

func (n *node) running() bool {
	if n.ended == nil {
		return false
	}
	select {
	case <-n.ended:
		return false
	default:
		return true
	}
}

// stop ends the server in good order.
func (n *node) stop() error {
	if !n.running() {
		return nil
	}
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return n.await()
}

// await waits until the server has ended.
func (n *node) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-n.ended:
		return n.err
	case <-ctx.Done():
		n.kill()
		return errors.New("the server did not end when it was told to")
	}
}

// kill ends the server as the machine's failure would.
func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	<-n.ended
}

func (n *node) logTail() string {
	b, err := os.ReadFile(n.logPath())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-3000):])
}

// env is what the first start wrote for clients.
func (n *node) env(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(n.dir, "quickstart.env"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range bytes.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(string(line)), "="); ok && !strings.HasPrefix(name, "#") {
			values[name] = strings.Trim(value, "'")
		}
	}
	return values
}

// The databases that everything is run on.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

var databases = []string{onSQLite, onPostgres}

// eachDatabase runs a test on both.
func eachDatabase(t *testing.T, run func(t *testing.T, database string)) {
	for _, database := range databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			run(t, database)
		})
	}
}

// shared are the servers that scenarios share, one for each database, and the
// PostgreSQL of this test process.
var shared struct {
	sync.Mutex
	postgres *pgtest.Server
	nodes    map[string]*node
	dir      string
	stop     func()
	count    atomic.Int64
}

// postgresURL makes an empty database and answers its address.
func postgresURL(t testing.TB) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	return lockedPostgresURL(t)
}

func lockedPostgresURL(t testing.TB) string {
	t.Helper()
	if shared.postgres == nil {
		s, err := pgtest.Start("", false)
		if err != nil {
			t.Fatalf("this test needs PostgreSQL and there is none: %v", err)
		}
		shared.postgres, shared.stop = s, stopShared
	}
	name := fmt.Sprintf("e2e_%d", shared.count.Add(1))
	if err := shared.postgres.Create(name); err != nil {
		t.Fatal(err)
	}
	return shared.postgres.URL(name)
}

// argsFor are the flags that put a server on a database of its own.
func argsFor(t testing.TB, database string) []string {
	t.Helper()
	if database == onSQLite {
		return nil
	}
	return postgresArgs(postgresURL(t), t.TempDir())
}

// postgresArgs are the flags of every node on a PostgreSQL database. Its nodes have one
// key file, which lies in dir.
func postgresArgs(url, dir string) []string {
	return []string{"--db", url, "--connections", "12", "--key-file", filepath.Join(dir, "demarc.key")}
}

// sharedNode is the server that scenarios share on a database.
func sharedNode(t testing.TB, database string) *node {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if n := shared.nodes[database]; n != nil {
		return n
	}
	if err := share(); err != nil {
		t.Fatal(err)
	}
	var args []string
	if database == onPostgres {
		args = postgresArgs(lockedPostgresURL(t), shared.dir)
	}
	n := newNode(t, filepath.Join(shared.dir, database), args...)
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	shared.nodes[database] = n
	return n
}

// share makes the directory of the shared servers, which outlives every test.
func share() (err error) {
	if shared.dir == "" {
		shared.dir, err = os.MkdirTemp("", "demarc-e2e-shared-")
		shared.stop, shared.nodes = stopShared, map[string]*node{}
	}
	return err
}

// stopShared ends what all tests shared. A server that does not end well is said
// on standard error: no test is left that could fail of it.
func stopShared() {
	for database, n := range shared.nodes {
		if err := n.stop(); err != nil {
			fmt.Fprintln(os.Stderr, database, err, n.logTail())
		}
	}
	if shared.postgres != nil {
		shared.postgres.Stop()
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
}
