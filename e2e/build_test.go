package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where the program is, once the first test has asked for it.
var built struct {
	dir  string
	once sync.Once
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.stop != nil {
		shared.stop()
	}
	if built.dir != "" {
		if err := os.RemoveAll(built.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := settleCoverage(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// program is the path of the program, built once for the whole test process. With
// E2E_PROGRAM it is one that has been built already, a release for instance.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() { built.path, built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// build builds the program into a directory that TestMain removes.
func build() (path string, err error) {
	if path = os.Getenv("E2E_PROGRAM"); path != "" {
		return filepath.Abs(path)
	}
	if built.dir, err = os.MkdirTemp("", "demarc-e2e-"); err != nil {
		return "", err
	}
	path = filepath.Join(built.dir, "demarc")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, "demarc/cmd/demarc")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the program cannot be built: %w\n%s", err, out)
	}
	return path, nil
}
