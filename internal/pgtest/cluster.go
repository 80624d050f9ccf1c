//go:build linux || darwin

package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// lockName is the file in a server's directory that is locked for as long as
// the directory is in use. The server inherits the lock, so it is free exactly
// when no process of that server is left.
const lockName = "lock"

// homes are the two directories of this user that outlive a server: cache
// keeps a prepared cluster to copy from, runs has a directory per server.
type homes struct{ cache, runs string }

// findHomes makes them. A quick server's data may be in memory, where making a
// database takes a tenth of the time; a durable one's must not.
func findHomes(a account, durable bool) (h homes, err error) {
	if h.cache, err = home(os.TempDir(), a); err != nil {
		return h, err
	}
	h.runs = h.cache
	if memory := memoryDirectory(); !durable && memory != "" && os.Getenv("TMPDIR") == "" {
		if dir, err := home(memory, a); err == nil {
			h.runs = dir
		}
	}
	return h, nil
}

// home makes this user's directory below temp, or when the server's account
// cannot get there (root may have a private one), below the shared one.
func home(temp string, a account) (string, error) {
	dir, err := homeBelow(temp, a)
	if err != nil && a.switched {
		if shared, err := homeBelow("/tmp", a); err == nil {
			return shared, nil
		}
	}
	return dir, err
}

// homeBelow makes the directory. Its name is no secret, so it must be seen to
// be ours before it is trusted.
func homeBelow(temp string, a account) (string, error) {
	dir := filepath.Join(temp, "demarc-pg-"+strconv.Itoa(os.Geteuid()))
	//nolint:gosec // others may pass through it: the server's account has to
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || ownerOf(info) != os.Geteuid() || info.Mode()&0o022 != 0 {
		return "", fmt.Errorf("%s is not a directory that only this user can write to; remove it", dir)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	return dir, a.reach(filepath.Join(dir, "any"))
}

// sweep removes the directories of servers that are gone. The caller holds
// run.lock, so that no directory is met between its making and its locking.
func sweep(runs string) {
	dirs, err := filepath.Glob(filepath.Join(runs, "run-*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		f, err := tryLock(filepath.Join(dir, lockName))
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir)
		_ = f.Close()
	}
}

// runDirectory makes the directory of a new server and locks it.
func runDirectory(runs string, a account) (string, *os.File, error) {
	unlock, err := lock(filepath.Join(runs, "run.lock"))
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	sweep(runs)
	dir, err := os.MkdirTemp(runs, "run-")
	if err != nil {
		return "", nil, err
	}
	f, err := claim(dir, a)
	return dir, f, err
}

// claim gives dir to the account and locks it; a directory in use is refused.
func claim(dir string, a account) (*os.File, error) {
	if err := a.own(dir); err != nil {
		return nil, err
	}
	f, err := tryLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s is in use by another server: %w", dir, err)
	}
	return f, nil
}

// cluster makes sure that data is a data directory. One that exists is used as
// it is, so a server can be started again on its data.
func cluster(b binaries, a account, cache, data string, durable bool) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	if durable {
		// As an operator would make it, flushed to disk.
		return initdb(b, a, data)
	}
	cached, err := prepared(b, a, cache)
	if err != nil {
		return err
	}
	return run(a, "cp", "-Rp", cached, data)
}

// prepared returns an initialised data directory to copy from: initdb takes
// seconds, a copy of small files does not. It is made once per version and
// account, by whichever process comes first.
func prepared(b binaries, a account, cache string) (string, error) {
	unlock, err := lock(filepath.Join(cache, "cluster.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	key := sha256.Sum256([]byte(b.version + "\n" + b.initdb + "\n" + strconv.Itoa(a.uid) + "\n" + fmt.Sprint(quick)))
	dir := filepath.Join(cache, "cluster-"+hex.EncodeToString(key[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	making := dir + ".making"
	if err := os.RemoveAll(making); err != nil {
		return "", err
	}
	if err := initdb(b, a, making, quick...); err != nil {
		return "", err
	}
	return dir, os.Rename(making, dir)
}

// quick are the initdb options for data that nobody will miss: not flushed,
// and with log segments of one megabyte there is less to copy.
var quick = []string{"--no-sync", "--wal-segsize=1"}

// initdb fills data. The C collation orders text by its bytes, as SQLite does.
func initdb(b binaries, a account, data string, options ...string) error {
	if err := a.own(data); err != nil {
		return err
	}
	return run(a, b.initdb, append([]string{
		"--pgdata=" + data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
	}, options...)...)
}

// run runs a program to its end as the account.
func run(a account, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	a.as(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s as %s: %w\n%s", filepath.Base(program), a.name, err, tail(out))
	}
	return nil
}

// lock waits until it holds the lock on path, and returns how to give it back.
func lock(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil
}

// tryLock takes the lock on path if it is free.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// flock is interrupted by the signals with which Go preempts goroutines.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
