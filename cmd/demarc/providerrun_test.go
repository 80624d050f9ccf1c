package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"

	"github.com/alecthomas/kong"
)

// TestMain lets the test binary be the program, for what starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "provider" {
		main()
		return
	}
	m.Run()
}

// opens asks a provider's server for an account.
func opens(t *testing.T, url string) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/demo-provision-account/", strings.NewReader(`{"name":"Robin Example"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "k")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return res.StatusCode, nil
}

// patient ends a test that waits for what does not come.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestTheDemosProviderIsAProcessOfItsOwnThatEndsWithIt(t *testing.T) {
	t.Parallel()
	var complaints bytes.Buffer
	g := &Globals{Context: patient(t), Stderr: &complaints}
	n, err := g.neighbour(g.Context)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := opens(t, n.URL); err != nil || status != http.StatusCreated {
		t.Errorf("it answers %d, %v", status, err)
	}
	if err := n.End(); err != nil {
		t.Errorf("it ends with %v: %s", err, complaints.String())
	}
	if status, err := opens(t, n.URL); err == nil {
		t.Errorf("it still answers, %d", status)
	}
}

// The demo may be killed; then nobody ends its provider, and the pipe just closes.
func TestAProvidersServerEndsWhenItsInputCloses(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(patient(t), os.Args[0], "provider", "run")
	held, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	url, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if status, err := opens(t, strings.TrimSpace(url)); err != nil || status != http.StatusCreated {
		t.Errorf("it answers %d, %v", status, err)
	}
	if err := held.Close(); err != nil {
		t.Error(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.HasPrefix(string(rest), "call /demo-provision-account/: 201, ") {
		t.Errorf("it said %q, %v", rest, err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// An input that is no pipe has no other end: a service's is /dev/null.
func TestAProvidersServerStaysWithoutAPipe(t *testing.T) {
	t.Parallel()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	ctx, stop := context.WithCancel(patient(t))
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serveProvider(&Globals{Context: ctx, Stdout: w}, anyPort, nothing) }()
	lines := bufio.NewReader(r)
	url, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // nobody reads its calls here
	if err := clock.Sleep(ctx, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if status, err := opens(t, strings.TrimSpace(url)); err != nil || status != http.StatusCreated {
		t.Errorf("it answers %d, %v", status, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// The carrier's server may have its address in the environment or in a file; only on
// the command line it is this server's.
func TestAProvidersServerListensWhereTheCommandLineSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demarc.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:7002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DEMARC_LISTEN", "127.0.0.1:7001")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "127.0.0.1:0"},
		{[]string{"--config", file}, "127.0.0.1:0"},
		{[]string{"--listen", "127.0.0.1:7003"}, "127.0.0.1:7003"},
		{[]string{"--config", file, "--listen", "127.0.0.1:7003"}, "127.0.0.1:7003"},
	} {
		var cmd cli
		parser, err := kong.New(&cmd, kong.Name("demarc"), kong.Vars{"version": "test"}, kong.Configuration(yamlConfig))
		if err != nil {
			t.Fatal(err)
		}
		k, err := parser.Parse(append([]string{"provider", "run"}, c.args...))
		if err != nil {
			t.Fatal(err)
		}
		if got := providerAddress(&Globals{Config: cmd.Settings}, k); got != c.want {
			t.Errorf("%v: it listens on %s, it should be %s", c.args, got, c.want)
		}
	}
}
