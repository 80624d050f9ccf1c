//go:build linux || darwin

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"demarc/internal/clock"
)

// holderVariable makes this test program start a server, say where, and wait to
// be killed: see TestAKilledProcessLeavesNothingBehind.
const holderVariable = "DEMARC_PGTEST_HOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(holderVariable) != "" {
		s, err := Start("", false)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(s.dir)
		fmt.Println(s.port)
		select {}
	}
	os.Exit(m.Run())
}

// ask runs one query that answers one text.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(t.Context())
	var got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func do(t *testing.T, url, sql string) {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

const tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"

func TestEachURLIsAnEmptyDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			url := URL(t)
			if n := ask(t, url, tables); n != "0" {
				t.Fatalf("a fresh database has %s tables", n)
			}
			do(t, url, "CREATE TABLE orders (id TEXT)")
			if n := ask(t, url, tables); n != "1" {
				t.Fatalf("after CREATE TABLE there are %s tables", n)
			}
		})
	}
}

func TestADatabaseIsDroppedWhenItsTestEndsEvenIfConnected(t *testing.T) {
	other := URL(t)
	var name string
	var open *pgx.Conn
	t.Run("user", func(t *testing.T) {
		url := URL(t)
		name = ask(t, url, "SELECT current_database()")
		open = connect(t, url)
	})
	if n := ask(t, other, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'"); n != "0" {
		t.Fatalf("database %s is still there", name)
	}
	if err := open.Ping(t.Context()); err == nil {
		t.Fatal("a connection outlived its database")
	}
}

func TestATemplateIsBuiltOnceAndCopiedForEveryTest(t *testing.T) {
	var builds atomic.Int64
	build := func(url string) error {
		builds.Add(1)
		ctx := context.Background()
		// Left open on purpose: a build that forgets must not spoil the copies.
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE TABLE sites (id TEXT); INSERT INTO sites VALUES ('PL0001247634')")
		return err
	}
	name := newName("sites")
	t.Run("copies", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				url := Template(t, name, build)
				do(t, url, "INSERT INTO sites VALUES ('another')")
				if n := ask(t, url, "SELECT count(*)::text FROM sites"); n != "2" {
					t.Fatalf("a copy has %s rows, want the template's one and its own", n)
				}
			})
		}
	})
	if n := builds.Load(); n != 1 {
		t.Fatalf("the template was built %d times", n)
	}
}

func TestAFailedTemplateFailsEveryUser(t *testing.T) {
	t.Parallel()
	s := server(t)
	broken := errors.New("migration 7 is broken")
	name := newName("broken")
	for range 2 {
		_, err := s.template(name, func(string) error { return broken })
		if !errors.Is(err, broken) {
			t.Fatalf("got %v, want the build's own error", err)
		}
	}
}

// newName is a template that no earlier run of this process (-count) has built.
func newName(of string) string { return fmt.Sprintf("%s%d", of, databases.Add(1)) }

func TestADurableServerKeepsItsDataBetweenStarts(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	s, err := Start(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := ask(t, s.URL("postgres"), "SHOW "+setting); got != "on" {
			t.Errorf("%s is %s on a durable server", setting, got)
		}
	}
	if err := s.Create("demarc"); err != nil {
		t.Fatal(err)
	}
	do(t, s.URL("demarc"), "CREATE TABLE orders (id TEXT); INSERT INTO orders VALUES ('kept')")
	if _, err := Start(dir, true); err == nil {
		t.Fatal("a second server started on a directory in use")
	}
	s.Stop()
	s.Stop() // again, to no effect

	again, err := Start(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if got := ask(t, again.URL("demarc"), "SELECT id FROM orders"); got != "kept" {
		t.Fatalf("got %q", got)
	}
}

func TestAQuickServerIsClosedToTheWorldAndLeavesNoDirectory(t *testing.T) {
	t.Parallel()
	elapsed := clock.Elapsed()
	s, err := Start("", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", elapsed())
	defer s.Stop()
	for setting, want := range map[string]string{
		"listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "200", "shared_buffers": "64MB",
		"data_directory": filepath.Join(s.dir, "data"), "unix_socket_directories": s.dir, "lc_collate": "C",
	} {
		if got := ask(t, s.URL("postgres"), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	s.Stop()
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server's directory is still there: %v", err)
	}
	if s.portTaken() {
		t.Error("the server's port is still taken")
	}
}

func TestAServerOnAPortOfAnotherIsNotMistakenForIt(t *testing.T) {
	t.Parallel()
	other := server(t)
	s := &Server{port: other.port, exited: make(chan struct{})}
	if err := s.await("/some/other/data"); err == nil {
		t.Fatal("another server's answer was taken for this one's")
	}
}

func TestALostServerIsReportedWithItsLog(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("not a version\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(dir, false)
	if err == nil {
		t.Fatal("a server started on a broken data directory")
	}
	if !strings.Contains(err.Error(), "the end of its log") || !strings.Contains(err.Error(), "postgresql.conf") {
		t.Fatalf("the error does not carry the server's own words: %v", err)
	}
}

func TestTheSweepTakesOnlyWhatNobodyHolds(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	held, left := filepath.Join(home, "run-held"), filepath.Join(home, "run-left")
	for _, dir := range []string{held, left} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f, err := tryLock(filepath.Join(held, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sweep(home)
	if _, err := os.Stat(held); err != nil {
		t.Errorf("a directory in use was swept: %v", err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a left directory was not swept: %v", err)
	}
}

func TestAHomeThatOthersCanWriteToIsRefused(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	dir := filepath.Join(temp, fmt.Sprintf("demarc-pg-%d", os.Geteuid()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got, err := homeBelow(temp, account{}); err == nil {
		t.Fatalf("%s was trusted", got)
	}
}

func TestThePathToADirectoryIsOpenedBelowTheTemporaryDirectoryOnly(t *testing.T) {
	temp := reachable(t)
	private := filepath.Join(temp, "private")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{name: "stranger", uid: 54321, switched: true}

	t.Setenv("TMPDIR", filepath.Join(temp, "elsewhere"))
	if err := os.Mkdir(os.TempDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := stranger.reach(filepath.Join(private, "server")); err == nil {
		t.Error("a private directory outside the temporary one was opened")
	}

	t.Setenv("TMPDIR", filepath.Dir(temp))
	if err := stranger.reach(filepath.Join(private, "server")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(private)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o711 {
		t.Errorf("mode %v: to pass it takes execute, and no more", info.Mode().Perm())
	}
}

func TestTheNewestInstalledVersionIsTaken(t *testing.T) {
	root := t.TempDir()
	pattern := filepath.Join(root, "*", "bin")
	t.Setenv("PATH", root) // nothing there
	if b, ok := locate(pattern); ok {
		t.Fatalf("found %+v where nothing is", b)
	}
	installation(t, filepath.Join(root, "9", "bin"))
	installation(t, filepath.Join(root, "15", "bin"))
	if err := os.MkdirAll(filepath.Join(root, "17", "bin"), 0o755); err != nil { // a client only
		t.Fatal(err)
	}
	b, ok := locate(pattern)
	if want := filepath.Join(root, "15", "bin", "initdb"); !ok || b.initdb != want {
		t.Errorf("took %q, want %q", b.initdb, want)
	}
	t.Setenv("PATH", filepath.Join(root, "9", "bin"))
	b, ok = locate(filepath.Join(root, "none"))
	if want := filepath.Join(root, "9", "bin", "postgres"); !ok || filepath.Base(filepath.Dir(filepath.Dir(b.postgres))) != "9" {
		t.Errorf("took %q from the PATH, want %q", b.postgres, want)
	}
}

func TestAMissingServerIsInstalledOrItsRemedyTold(t *testing.T) {
	root := t.TempDir()
	pattern := filepath.Join(root, "*", "bin")
	t.Setenv("PATH", root)
	refused := errors.New("only root can install packages")
	_, err := discover(pattern, func() error { return refused })
	if !errors.Is(err, refused) || !strings.Contains(err.Error(), remedy) {
		t.Errorf("got %v, want the reason and the remedy", err)
	}
	if _, err := discover(pattern, func() error { return nil }); err == nil {
		t.Error("an install that installed nothing was believed")
	}
	b, err := discover(pattern, func() error {
		installation(t, filepath.Join(root, "15", "bin"))
		return nil
	})
	if err != nil || b.version != "postgres (PostgreSQL) 15.0" {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestAptGetIsAskedOnceAndItsFailureIsTold(t *testing.T) {
	root := t.TempDir()
	pattern, tools := filepath.Join(root, "*", "bin"), filepath.Join(root, "tools")
	t.Setenv("TMPDIR", root)
	t.Setenv("PATH", tools)
	log := filepath.Join(root, "log")
	// It installs what the earlier test of this file calls an installation.
	source := filepath.Join(root, "source")
	installation(t, source)
	script(t, filepath.Join(tools, "apt-get"), `PATH=/usr/bin:/bin
echo "$DEBIAN_FRONTEND $*" >> `+log+`
[ "$1" != install ] || { mkdir `+root+`/15 && cp -R `+source+` `+root+`/15/bin; }`)
	for range 2 {
		if err := aptGet(pattern); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := "noninteractive update -q\nnoninteractive install -qy --no-install-recommends postgresql\n"
	if string(got) != want {
		t.Errorf("apt-get was asked:\n%swant:\n%s", got, want)
	}

	script(t, filepath.Join(tools, "apt-get"), "echo 'no network'; exit 100")
	err = aptGet(filepath.Join(root, "none", "*"))
	if err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("got %v, want apt-get's own words", err)
	}
}

// installation writes what looks like PostgreSQL's programs.
func installation(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"initdb", "postgres"} {
		script(t, filepath.Join(dir, name), "echo 'postgres (PostgreSQL) 15.0'")
	}
}

// reachable is a temporary directory that the server's account can get to,
// even where root's TMPDIR is closed to others.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "demarc-pgtest-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// script writes a program for sh.
func script(t *testing.T, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestANameFitsAnIdentifier(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"TestX/a rule-07 späť":  "testx_a_rule_07_sp__",
		strings.Repeat("a", 90): strings.Repeat("a", 40),
	} {
		if got := slug(in, 40); got != want {
			t.Errorf("slug(%q) = %q, want %q", in, got, want)
		}
	}
}

// soon polls for what no signal announces, with a bound.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !holds() {
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			t.Fatalf("still not: %s", what)
		}
	}
}
