package main

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"demarc/internal/app"

	"github.com/alecthomas/kong"
)

// serving starts a server with its quick start, and answers how to run command lines
// against it.
func serving(t *testing.T) func(args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	a, err := app.Open(t.Context(), app.Config{Data: dir, Listen: "127.0.0.1:0", TokenTTL: 1799e9, Workers: 4, Version: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(a.Kit)
	t.Cleanup(func() {
		s.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, app.QuickstartFile)
	env, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	env = regexp.MustCompile(`DEMARC_URL='[^']*'`).ReplaceAll(env, []byte("DEMARC_URL='"+s.URL+"'"))
	if err := os.WriteFile(path, env, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) (string, error) {
		var c cli
		parser, err := kong.New(&c, kong.Name("demarc"), kong.Vars{"version": "test"})
		if err != nil {
			t.Fatal(err)
		}
		k, err := parser.Parse(append(args, "--data", dir))
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = k.Run(&Globals{Context: t.Context(), Config: c.Settings, Stdout: &out, Stderr: &out})
		return out.String(), err
	}
}

func TestAnOwnerSetsListsAndClearsFaultsFromTheShell(t *testing.T) {
	t.Parallel()
	run := serving(t)
	says := func(want string, args ...string) {
		t.Helper()
		out, err := run(append([]string{"fault"}, args...)...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("fault %v says %s (%v), want %s", args, out, err, want)
		}
	}
	none := func() {
		t.Helper()
		says(`"faults": [],`, "list")
	}
	says(`"target": "care.billing"`)
	none()
	says(`"remaining": 3`, "put", "care.billing", "unavailable", "--count", "3")
	says(`"latency": "PT5S"`, "put", "ondemand.network", "slow", "--latency", "PT5S")
	says(`"mode": "slow"`, "list")
	says("", "clear", "care.billing")
	says(`"mode": "slow"`, "list")
	says("", "clear", "ondemand.network")
	none()
	says(`"remaining": null`, "put", "api", "error")
	says("", "clear")
	none()
	for want, args := range map[string][]string{
		"Nothing of that name can be made to fail":                {"put", "care.bills", "error"},
		"must be one of unavailable, timeout, error, slow":        {"put", "care.billing", "broken"},
		"must be an ISO 8601 duration from PT0S to PT1M":          {"put", "care.billing", "slow", "--latency", "1h"},
		"count must be a whole number from 0 to 10000":            {"put", "care.billing", "slow", "--count=-1"},
		"404 Not Found: Nothing of that name can be made to fail": {"clear", "care.bills"},
	} {
		if _, err := run(append([]string{"fault"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
