//go:build linux || darwin

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// downloading bounds an installation, on a slow line.
const downloading = 10 * time.Minute

// debianBinaries is where Debian's packages put the server's programs, one
// directory per major version. They are not in anybody's PATH.
const debianBinaries = "/usr/lib/postgresql/*/bin"

// remedy is what a person types when the programs are missing.
const remedy = "sudo apt-get update && sudo apt-get install -y --no-install-recommends postgresql"

// binaries are the programs of one PostgreSQL installation.
type binaries struct {
	initdb, postgres string
	version          string // as it names itself: "postgres (PostgreSQL) 15.14 (Debian …)"
}

// find looks for PostgreSQL once per process, and installs it if it may.
var find = sync.OnceValues(func() (binaries, error) {
	return discover(debianBinaries, install)
})

// discover returns what pattern or the PATH offers, after an install if need be.
func discover(pattern string, install func() error) (binaries, error) {
	if b, ok := locate(pattern); ok {
		return b, nil
	}
	if err := install(); err != nil {
		return binaries{}, fmt.Errorf("no PostgreSQL in %s nor in PATH, and it could not be installed (%w); install it with: %s",
			pattern, err, remedy)
	}
	b, ok := locate(pattern)
	if !ok {
		return binaries{}, fmt.Errorf("PostgreSQL was installed, yet there is none in %s nor in PATH; try: %s", pattern, remedy)
	}
	return b, nil
}

// locate takes the newest version among the directories of pattern, else what
// the PATH offers.
func locate(pattern string) (binaries, bool) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return binaries{}, false
	}
	best, bestMajor := binaries{}, -1
	for _, dir := range dirs {
		major, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err != nil || major <= bestMajor {
			continue
		}
		if b, ok := in(dir); ok {
			best, bestMajor = b, major
		}
	}
	if bestMajor >= 0 {
		return best, true
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return binaries{}, false
	}
	// initdb in the PATH is often a link; the server lies beside the target.
	if target, err := filepath.EvalSymlinks(initdb); err == nil {
		initdb = target
	}
	return in(filepath.Dir(initdb))
}

// in says whether dir holds a server that can be made and run.
func in(dir string) (binaries, bool) {
	b := binaries{initdb: filepath.Join(dir, "initdb"), postgres: filepath.Join(dir, "postgres")}
	if _, err := os.Stat(b.initdb); err != nil {
		return b, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, b.postgres, "-V").Output()
	b.version = strings.TrimSpace(string(out))
	return b, err == nil
}

// install installs PostgreSQL if we may.
func install() error {
	if os.Geteuid() != 0 {
		return errors.New("only root can install packages")
	}
	return aptGet(debianBinaries)
}

// aptGet asks apt-get for PostgreSQL. Test processes run side by side, so one
// of them installs; the others wait and then find it done.
func aptGet(pattern string) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(os.TempDir(), "demarc-pg-install.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := locate(pattern); ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), downloading)
	defer cancel()
	for _, args := range [][]string{{"update", "-q"}, {"install", "-qy", "--no-install-recommends", "postgresql"}} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, tail(out))
		}
	}
	return nil
}

// tail keeps the end of a program's output, where its reason usually is.
func tail(out []byte) string {
	const most = 2000
	return strings.TrimSpace(string(out[max(0, len(out)-most):]))
}
