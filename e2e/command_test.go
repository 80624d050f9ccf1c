package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// run runs a command of the program on the node's data, with these variables.
func (n *node) run(t testing.TB, env map[string]string, args ...string) (string, error) {
	t.Helper()
	cmd := n.command(args...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// reads is run with a text on its standard input.
func (n *node) reads(t testing.TB, input string, args ...string) (string, error) {
	t.Helper()
	cmd := n.command(args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// runs is run, which must go well.
func (n *node) runs(t testing.TB, args ...string) string {
	t.Helper()
	out, err := n.run(t, nil, append(args, n.database()...)...)
	if err != nil {
		t.Fatalf("demarc %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// database is the node's flags of its database, and of the keys that open what is
// sealed in it.
func (n *node) database() []string {
	var flags []string
	for _, name := range []string{"--db", "--key-file"} {
		if value := n.flag(name); value != "" {
			flags = append(flags, name, value)
		}
	}
	return flags
}

// flag is the value of one of the node's flags, "" when it was started without.
func (n *node) flag(name string) string {
	if i := slices.Index(n.args, name); i >= 0 {
		return n.args[i+1]
	}
	return ""
}

func found(t testing.TB, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in:\n%s", pattern, text)
	}
	return m[1]
}

// inProduction is an application in the production world, with a customer and an
// account, which waits for its approval.
func inProduction(t testing.TB, n *node) *actor {
	t.Helper()
	n.runs(t, "customer", "put", "1-REAL1", "--name", "Example Org")
	n.runs(t, "customer", "account", "5-REALACCT", "1-REAL1", "--name", "Example Org", "--street", "1 Main St",
		"--city", "Nashville", "--state", "TN", "--postcode", "37201")
	made := n.runs(t, "app", "create", "Billing program", "--new-org", "Example Org", "--customers", "1-REAL1")
	return &actor{t: t, node: n, http: watched(t), id: found(t, made, `client id\s+(\S+)`),
		secret: found(t, made, `client secret\s+(\S+)`), customer: "1-REAL1"}
}

// placeReal orders in production, with a quote of its own.
func (a *actor) placeReal(t testing.TB, name string) string {
	t.Helper()
	var quote, order struct{ ID string }
	a.must(http.StatusOK, http.MethodPost, "/Product/v1/priceRequest", strings.ReplaceAll(priceBody, "1-ABCDE", "1-REAL1"), &quote)
	body := strings.NewReplacer("5-RHQBGCGK", "5-REALACCT", "Company or account name", "Example Org").Replace(addBody("real", name, quote.ID))
	a.must(http.StatusCreated, http.MethodPost, orderPath, body, &order)
	return order.ID
}

// While the server runs, an operator makes a customer and an application in
// production, approves it, changes its secret, and revokes it; the server sees each
// change within seconds.
func TestApplicationsAreManagedBesideARunningServer(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		n := startNode(t, argsFor(t, database)...)
		a := inProduction(t, n)
		id, secret := a.id, a.secret
		token := func() answer {
			return a.send(a.request(http.MethodPost, "/oauth/v2/token", "application/x-www-form-urlencoded", "grant_type=client_credentials"))
		}

		// It waits for approval.
		if res := token(); res.status != http.StatusBadRequest || !strings.Contains(string(res.body), "unauthorized_client") {
			t.Errorf("an application that waits gets %v", res)
		}
		n.runs(t, "app", "approve", id)
		eventually(t, "the approved application gets a token", func() bool { return token().status == http.StatusOK })
		a.login()
		a.must(http.StatusOK, http.MethodGet, "/Account/v1/billingAccount", "", nil)

		// It is production: it orders, and nobody moves its clock.
		a.placeReal(t, "A real one")
		if res := a.call(http.MethodPost, "/sandbox/v1/clock/advance", `{"by":"PT1H"}`); reasonOf(res) != "sandbox_only" {
			t.Errorf("moving the production clock answers %v", res)
		}

		// Its secret is changed while it works: both are good, then one.
		rotated := n.runs(t, "app", "rotate", id)
		fresh := found(t, rotated, `client secret\s+(\S+)`)
		old := found(t, n.runs(t, "app", "list"), id+`[\s\S]*?secret\s+(\S+)`)
		a.secret = fresh
		eventually(t, "the second secret works", func() bool { return token().status == http.StatusOK })
		a.secret = secret
		a.login()
		n.runs(t, "app", "revoke", id, "--secret", old)
		eventually(t, "the revoked secret's token stops", func() bool {
			return a.call(http.MethodGet, "/Network/v1/provider", "").status == http.StatusUnauthorized
		})
		a.secret = fresh
		a.login()

		n.runs(t, "app", "revoke", id)
		eventually(t, "the revoked application stops", func() bool {
			return a.call(http.MethodGet, "/Network/v1/provider", "").status == http.StatusUnauthorized
		})
		if out, err := n.run(t, nil, append([]string{"app", "approve", "app_nobody"}, n.database()...)...); err == nil || !strings.Contains(out, "no such application") {
			t.Errorf("approving nobody: %v %s", err, out)
		}
	})
}

// The commands about worlds and clocks speak to the running server.
func TestWorldsAndClocksFromTheCommandLine(t *testing.T) {
	t.Parallel()
	n := startNode(t)
	if out := n.runs(t, "clock", "freeze"); !strings.Contains(out, `"frozen": true`) {
		t.Error(out)
	}
	if out := n.runs(t, "clock", "advance", "PT15M"); !strings.Contains(out, `"ran": []`) {
		t.Error(out)
	}
	if out := n.runs(t, "world", "check"); !strings.Contains(out, "Every invariant holds.") {
		t.Error(out)
	}
	made := n.runs(t, "world", "create", "--ttl", "PT10M", "--seed", "5", "--name", "from the command line")
	id := found(t, made, `"id": "([^"]+)"`)
	if out := n.runs(t, "world", "list"); !strings.Contains(out, id) {
		t.Error(out)
	}
	snapshot := found(t, n.runs(t, "world", "snapshot"), `"id": "([^"]+)"`)
	n.runs(t, "world", "restore", snapshot)
	if out := n.runs(t, "world", "export"); !strings.Contains(out, `"table":"od_service"`) {
		t.Error(out)
	}
	n.runs(t, "world", "fork", "--ttl", "PT10M")
	n.runs(t, "world", "delete", id)
	n.runs(t, "world", "reset")
	if out, err := n.run(t, nil, "world", "delete", id); err == nil || !strings.Contains(out, "no such world") {
		t.Errorf("deleting a world twice: %v %s", err, out)
	}
}

// A configuration file sets what flags set; a name that no flag has is a slip of the
// pen, and says so.
func TestConfigurationFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wrong, right := filepath.Join(dir, "wrong.yaml"), filepath.Join(dir, "right.yaml")
	for path, text := range map[string]string{
		wrong: "listen: 127.0.0.1:0\nlisen: 127.0.0.1:0\n",
		right: "sandbox-rate: 1\ntoken-ttl: 60s\nallow-webhooks-to: [127.0.0.0/8, 10.0.0.0/8]\nlog-format: json\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := newNode(t, filepath.Join(dir, "data"))
	out, err := n.run(t, nil, "serve", "--config", wrong)
	if err == nil || !strings.Contains(out, `"lisen"`) {
		t.Errorf("a wrong name: %v\n%s", err, out)
	}
	started := startNode(t, "--config", right)
	env := started.env(t)
	a := &actor{t: t, node: started, http: watched(t), id: env["DEMARC_CLIENT_ID"], secret: env["DEMARC_CLIENT_SECRET"]}
	res := a.send(a.request(http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", "grant_type=client_credentials"))
	if !strings.Contains(string(res.body), `"expires_in":60`) {
		t.Errorf("the file's token-ttl is not in force: %v", res)
	}
	// The example of the documentation is a good file.
	if out, err := n.run(t, nil, "version", "--config", "../docs/config.example.yaml"); err != nil {
		t.Errorf("docs/config.example.yaml: %v\n%s", err, out)
	}
}

// The demo walks its journeys against a running server, and brings one of its own
// when there is none; what surprises it ends it with 1.
func TestTheDemoWalksItsJourneys(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		n := startNode(t, argsFor(t, database)...)
		out := n.runs(t, "demo")
		for _, want := range []string{
			"against " + n.base, " 1  Find providers", " 7  Check the webhooks", "told: ondemand.order.failed", "12  End it",
			"each with a signature that fits", "Every invariant of the world holds.", "export DEMARC_CLIENT_SECRET=sk_sandbox_",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("the demo does not say %q:\n%s", want, out)
			}
		}
		if strings.Contains(out, "\x1b") {
			t.Error("what is no terminal gets colours")
		}
		// It left the data of others alone.
		var list struct{ ResultCount int }
		first(t, n).must(http.StatusOK, http.MethodGet, orderPath, "", &list)
		if list.ResultCount != 0 {
			t.Errorf("the demo left %d orders in another's world", list.ResultCount)
		}
	})
}

// See TestTheDemoWalksItsJourneys.
func TestTheDemoBringsItsOwnServer(t *testing.T) {
	t.Parallel()
	n := newNode(t, filepath.Join(t.TempDir(), "nothing-here"))
	out, err := n.run(t, nil, "demo")
	if err != nil || !strings.Contains(out, "This demo brings its own") || !strings.Contains(out, "Every invariant of the world holds.") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(n.dir); !os.IsNotExist(err) {
		t.Errorf("the demo left %s behind (%v)", n.dir, err)
	}
}

// Where the server may not call this machine, the demo pulls what it would be told.
func TestTheDemoPullsWhereItCannotBeCalled(t *testing.T) {
	t.Parallel()
	n := startNode(t, "--allow-webhooks-to", "192.0.2.0/24")
	out := n.runs(t, "demo", "ondemand")
	if !strings.Contains(out, "so notifications are pulled") || !strings.Contains(out, "22 notifications about its orders were pulled.") {
		t.Error(out)
	}
}

// See TestTheDemoWalksItsJourneys.
func TestTheDemoFailsAtTheFirstSurprise(t *testing.T) {
	t.Parallel()
	n := startNode(t)
	out, err := n.run(t, map[string]string{"DEMARC_CLIENT_SECRET": "wrong"}, "demo")
	if err == nil || !strings.Contains(out, "401 Unauthorized") {
		t.Errorf("with a wrong secret: %v\n%s", err, out)
	}
	if out, err = n.run(t, nil, "demo", "sailing"); err == nil || !strings.Contains(out, `no journey "sailing"`) {
		t.Errorf("a journey that does not exist: %v\n%s", err, out)
	}
}
