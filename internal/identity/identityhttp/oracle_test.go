package identityhttp_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// oauth4webapi is a client that holds servers to the letter of the RFCs. It runs
// in Node, from a copy of testdata in which npm installs what the lock file names.
func TestAStrictClientOfOthersAcceptsEveryAnswer(t *testing.T) {
	s := sqlite(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "oauth4webapi"))); err != nil {
		t.Fatal(err)
	}
	run(t, dir, nil, "npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts")
	out := run(t, dir, []string{"DEMARC_URL=" + s.URL, "CLIENT_ID=" + s.id(), "CLIENT_SECRET=" + s.secret()}, "node", "client.mjs")
	if out != "accepted\n" {
		t.Fatalf("it did not come to its end: %q", out)
	}
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is needed; on Debian: apt-get install nodejs npm (%v)", name, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out.String(), problems.String())
	}
	return out.String()
}
