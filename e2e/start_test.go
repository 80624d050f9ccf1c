package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowStart is when a start fails the tests. The aim is a second, on a machine that
// does nothing else.
const slowStart = 5 * time.Second

// The first start writes what a first client needs, for its owner alone; a shell can
// source it, and the keys work. Later starts keep them.
func TestFirstStartWritesKeysThatWork(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		n := startNode(t, argsFor(t, database)...)
		began := n.ready
		path := filepath.Join(n.dir, "quickstart.env")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("quickstart.env has the mode %o", info.Mode().Perm())
		}
		if info, err = os.Stat(n.dir); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("the data directory is open to others: %v %v", info.Mode(), err)
		}
		for _, name := range []string{"DEMARC_URL", "DEMARC_CLIENT_ID", "DEMARC_CLIENT_SECRET", "DEMARC_CUSTOMER_NUMBER", "DEMARC_CUSTOMER_SERVICE_NAME", "DEMARC_ADMIN_EMAIL", "DEMARC_ADMIN_PASSWORD"} {
			out, err := exec.Command("sh", "-euc", `. "$1"; eval "printf %s \"\$$2\""`, "sh", path, name).Output()
			if got := string(out); err != nil || got == "" || got != n.env(t)[name] {
				t.Errorf("the shell reads %s as %q (%v), the file has %q", name, got, err, n.env(t)[name])
			}
		}
		a := first(t, n)
		a.must(http.StatusOK, http.MethodGet, "/ProductInventory/v1/inventory?serviceId=77133831778", "", nil)

		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.stop(); err != nil {
			t.Fatal(err)
		}
		if err := n.start(); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("the second start changed quickstart.env (%v)", err)
		}
		first(t, n).must(http.StatusOK, http.MethodGet, "/Network/v1/provider", "", nil)

		t.Logf("ready in %v at the first start, in %v at the second", began, n.ready)
		if began > slowStart || n.ready > slowStart {
			t.Errorf("a start takes more than %v", slowStart)
		}
	})
}

// The call that the server suggests at its start works as it is printed.
func TestFirstStartSuggestsACallThatWorks(t *testing.T) {
	t.Parallel()
	n := startNode(t)
	_, call, found := strings.Cut(n.banner, "  . ")
	if !found {
		t.Fatalf("the banner suggests no call:\n%s", n.banner)
	}
	cmd := exec.Command("sh", "-euc", ". "+strings.TrimSpace(call))
	cmd.Dir = filepath.Dir(n.dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"serviceId":"77133831778"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// A SQLite file has one server; a second one says what to do instead.
func TestTwoServersOnOneDataDirectoryAreRefused(t *testing.T) {
	t.Parallel()
	n := startNode(t)
	out, err := n.command("serve", "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another demarc serves from") || !strings.Contains(string(out), "--db postgres://") {
		t.Errorf("the second server says (%v): %s", err, out)
	}
	first(t, n).must(http.StatusOK, http.MethodGet, "/Network/v1/provider", "", nil)
}

// A server that is told to stop takes no more connections, answers what is in flight,
// and ends well.
func TestSIGTERMDrainsRequestsInFlight(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		n := startNode(t, argsFor(t, database)...)
		a := newWorld(t, n)
		a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/freeze", "", nil)
		hooks := newReceiver(t)
		order := place(t, a, "NaaS-7888", "in flight")
		a.must(http.StatusCreated, http.MethodPost, "/webhooks/v1/endpoints", fmt.Sprintf(`{"url":%q,"events":["ondemand.*"]}`, hooks.URL), nil)

		// The move of the clock waits for a webhook, which is not answered yet.
		release := hooks.holdAll()
		defer release()
		moved := make(chan answer, 1)
		go func() {
			res, err := a.try(a.request(http.MethodPost, "/sandbox/v1/clock/advance", "application/json", `{"by":"PT1M"}`))
			if err != nil {
				t.Errorf("the request in flight was not answered: %v", err)
			}
			moved <- res
		}()
		waitFor(t, hooks, 1)
		if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, "no more connections are taken", func() bool {
			c, err := net.Dial("tcp", n.addr)
			if err == nil {
				_ = c.Close()
			}
			return err != nil
		})
		release()
		if res := <-moved; res.status != http.StatusOK {
			t.Errorf("the request in flight was answered %v", res)
		}
		if err := n.await(); err != nil {
			t.Errorf("the server ended with %v", err)
		}

		if err := n.start(); err != nil {
			t.Fatal(err)
		}
		a.http.CloseIdleConnections()
		var o struct{ State string }
		a.must(http.StatusOK, http.MethodGet, orderPath+"/"+order, "", &o)
		if o.State != "inProgress" {
			t.Errorf("what the move did is lost: the order is %s", o.State)
		}
		if err := a.check(); err != nil {
			t.Error(err)
		}
	})
}

// More than an application may send is refused with the moment to come back.
func TestRateLimitsAreToldWithRetryAfter(t *testing.T) {
	t.Parallel()
	n := startNode(t, "--sandbox-rate", "2")
	a := first(t, n)
	refused := 0
	for range 12 {
		res := a.call(http.MethodGet, "/Network/v1/provider", "")
		if res.status == http.StatusTooManyRequests && res.header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused == 0 {
		t.Error("of 12 requests at once none was refused, and 2 a second are allowed")
	}
}

// What is served beside the APIs.
func TestPagesAreServed(t *testing.T) {
	t.Parallel()
	n := startNode(t)
	for path, want := range map[string]string{
		"/":                  "demarc",
		"/docs/":             "demarc APIs",
		"/docs/errors":       "quote_expired",
		"/docs/machines":     "acknowledged",
		"/api/platform.yaml": "openapi:",
		"/api/ondemand.yaml": "createOrderRequest",
		"/metrics":           "demarc_db_commits_total",
		"/healthz":           `"status":"ok"`,
		"/readyz":            `"status":"ok"`,
	} {
		res, err := http.Get(n.base + path)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(body.String(), want) {
			t.Errorf("%s answers %s without %q (%v)", path, res.Status, want, err)
		}
	}
}
