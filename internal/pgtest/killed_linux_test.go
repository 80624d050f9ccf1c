package pgtest

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// A test process may be killed at any moment (a timeout, an impatient person,
// the kernel short of memory). Nothing of it may stay: neither the server nor
// its directory.
func TestAKilledProcessLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"=1")
	holder.Stderr = os.Stderr
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	dir := lines.Text()
	lines.Scan()
	port, err := strconv.Atoi(lines.Text())
	if err != nil {
		t.Fatalf("the holder did not start: %v", err)
	}
	s := &Server{port: port}
	if got := ask(t, s.URL("postgres"), "SELECT 'alive'"); got != "alive" {
		t.Fatal("the server never lived")
	}
	held, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := flock(held, syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		t.Fatal("a running server does not hold its lock")
	}

	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()

	// The lock comes free when the last process of the server has ended.
	if err := flock(held, syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if s.portTaken() {
		t.Error("the server outlived its process")
	}
	_ = held.Close()
	soon(t, "the directory is removed", func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, os.ErrNotExist)
	})
}
