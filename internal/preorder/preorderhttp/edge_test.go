package preorderhttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/postal"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preorderhttp"
	"demarc/internal/preorder/preordersql"
	"demarc/internal/seal"
	"demarc/internal/worldtest"
)

// Tokens of the test, and who they stand for.
const (
	mine    = "mine"    // sells for the example's partner
	foreign = "foreign" // sells for the other partner
	unbound = "unbound" // sells for nobody
	barred  = "barred"  // was not approved for PreOrder
)

type tokens map[string]*httpkit.Caller

func (t tokens) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	if c := t[token]; c != nil {
		return c, nil
	}
	return nil, httpkit.Unauthorized
}

// backends are all four of them, in the test's hands. Addresses of Main Street are
// known, for those of Elm Street two may be meant, others are not there; ZIP codes that
// begin with 7 are served.
type backends struct {
	mu       sync.Mutex
	fails    map[string]string // backend -> how
	loop     preorder.Loop
	credit   preorder.CreditResult
	asked    map[string]int
	customer preorder.Customer // whom credit was asked about last
	gate     *gate
}

// gate holds one question until the test lets it go.
type gate struct {
	name           string
	reached, leave chan struct{}
}

var fiber = preorder.Loop{Technology: preorder.TechFiber, MaxDown: 940, MaxUp: 940}

func (b *backends) ask(name string) error {
	b.mu.Lock()
	b.asked[name]++
	how, g := b.fails[name], b.gate
	b.mu.Unlock()
	if g != nil && g.name == name {
		g.reached <- struct{}{}
		<-g.leave
	}
	if how != "" {
		return &preorder.Backend{Name: name, How: how, Err: errors.New("as the test wants it")}
	}
	return nil
}

func (b *backends) set(change func(b *backends)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// times is how often a backend was asked.
func (b *backends) times(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked[name]
}

func detail(a postal.Address) preorder.Address {
	return preorder.Address{DetailID: strings.TrimSpace("AD-" + a.Number + a.UnitType + a.Unit), Address: a}
}

func (b *backends) Find(_ context.Context, _ preorder.Query, a postal.Address) (*preorder.Address, error) {
	if err := b.ask(preorder.BackendAddress); err != nil || a.Street != "MAIN" {
		return nil, err
	}
	found := detail(a)
	return &found, nil
}

func (b *backends) Near(_ context.Context, _ preorder.Query, a postal.Address) ([]preorder.NearMatch, error) {
	if a.Street != "ELM" {
		return nil, nil
	}
	with := a
	with.UnitType, with.Unit = "APT", "4"
	return []preorder.NearMatch{{Address: detail(a), Score: 0.94}, {Address: detail(with), Score: 0.8125}}, nil
}

func (b *backends) Footprint(_ context.Context, _ preorder.Query, zip string) (bool, error) {
	return zip[0] == '7', nil
}

func (b *backends) Loop(context.Context, preorder.Query, preorder.Address) (preorder.Loop, error) {
	err := b.ask(preorder.BackendLoopQual)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.loop, err
}

func (b *backends) Offerings(context.Context, preorder.Query) ([]preorder.Offering, error) {
	return preorder.Catalogue(), b.ask(preorder.BackendCatalog)
}

func (b *backends) Check(_ context.Context, _ preorder.Query, c preorder.Customer, _ string) (preorder.CreditResult, error) {
	err := b.ask(preorder.BackendCredit)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.customer = c
	return b.credit, err
}

// edge serves a world's PreOrder over HTTP. Its client holds every answer to the
// contract, and it remembers which statuses and reasons each operation answered, and
// every body.
type edge struct {
	*worldtest.World
	desk   *preorder.Desk
	back   *backends
	auth   tokens
	url    string
	suffix string // of the operations: with the prefix, or NoPrefix

	mu     sync.Mutex
	seen   map[string]bool
	bodies []string
}

func serve(t *testing.T, suffix string) *edge {
	t.Helper()
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, dbtest.SQLite(t))
	e := &edge{World: worldtest.New(t, d, 2), suffix: suffix, seen: map[string]bool{},
		back: &backends{fails: map[string]string{}, asked: map[string]int{}, loop: fiber,
			credit: preorder.CreditResult{Authenticated: true, Decision: preorder.CreditDecision{Decision: preorder.DecisionApproved}}}}
	e.desk = &preorder.Desk{DB: d, Store: preordersql.New(d), Addresses: e.back, LoopQual: e.back, Catalog: e.back, Credit: e.back, Seal: ring,
		Counters: db.NewCounters(d)}
	e.Checks = append(e.Checks, e.desk.Check)
	e.desk.Handle(e.Runner)
	e.Begin(e.desk.Seed)
	e.Within(func(tx *db.Tx) error {
		e.desk.Store.Bind(tx, "app_foreign", preorder.OtherPartner)
		return nil
	})
	caller := func(app string, sandbox bool, products ...string) *httpkit.Caller {
		return &httpkit.Caller{App: app, Org: "org_test", World: e.ID, Sandbox: sandbox, Products: products}
	}
	e.auth = tokens{mine: caller(e.App, true, preorder.Product), foreign: caller("app_foreign", true, preorder.Product),
		unbound: caller("app_unbound", false, preorder.Product), barred: caller("app_barred", true)}
	e.url = e.serve(t, httpkit.Options{})
	return e
}

// serve serves the world at an edge of these options.
func (e *edge) serve(t *testing.T, o httpkit.Options) string {
	t.Helper()
	o.DB, o.Auth, o.Log = e.DB, e.auth, slog.New(slog.DiscardHandler)
	kit := httpkit.New(o)
	kit.AddFamily(preorderhttp.Family(), preorderhttp.Routes(kit, e.desk)...)
	server := httptest.NewServer(kit)
	t.Cleanup(server.Close)
	return server.URL
}

// op is an operation of the source's calls in the form that this edge tries.
func (e *edge) op(call string) string { return call + e.suffix }

// body is a JSON object that a test changes a little.
type body map[string]any

// with is the body with another value of a field, of the address's and the customer's
// too.
func (b body) with(name string, value any) body {
	b = maps.Clone(b)
	for _, inner := range []string{"address", "customer"} {
		if sub, ok := b[inner].(body); ok && sub[name] != nil {
			b[inner] = sub.with(name, value)
			return b
		}
	}
	b[name] = value
	return b
}

// without is the body without a field.
func (b body) without(name string) body {
	b = maps.Clone(b)
	delete(b, name)
	return b
}

// ask is one call of an operation.
type ask struct {
	token string // mine when empty; "-" for none
	arg   string // for the path's parameter
	query string
	body  body
	key   string // Idempotency-Key
	media string // application/json when empty and there is a body
	url   string // of another edge
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send makes a call. A bad one may break the contract's side of the caller.
func (e *edge) send(t *testing.T, op string, a ask, bad bool) answer {
	t.Helper()
	known, ok := contract.Operations()[op]
	if !ok {
		t.Fatalf("there is no operation %s", op)
	}
	base, text := e.url, ""
	if a.url != "" {
		base = a.url
	}
	if a.body != nil {
		text = encoded(t, a.body)
	}
	path := strings.Replace(known.Path, "{orderNumber}", a.arg, 1)
	req, err := http.NewRequestWithContext(t.Context(), known.Method, base+path+a.query, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if a.token == "" {
		a.token = mine
	}
	if a.body != nil && a.media == "" {
		a.media = "application/json"
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + a.token, "Content-Type": a.media, "Idempotency-Key": a.key,
		"X-Request-Id": "req_test"} {
		if value != "" && value != "Bearer -" {
			req.Header.Set(name, value)
		}
	}
	if bad {
		req = contract.Bad(req)
	}
	res, err := contract.Client(t, nil).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if cache := res.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("%s may be cached: %q", op, cache)
	}
	e.mu.Lock()
	e.seen[fmt.Sprintf("%s %d", op, res.StatusCode)] = true
	e.bodies = append(e.bodies, string(got))
	e.mu.Unlock()
	return answer{res.StatusCode, res.Header, string(got)}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// good makes a call that is answered with a status, and reads the answer into v.
func (e *edge) good(t *testing.T, op string, a ask, status int, v any) answer {
	t.Helper()
	got := e.send(t, op, a, false)
	if got.status != status {
		t.Fatalf("%s: %d %s, want %d", op, got.status, got.body, status)
	}
	got.read(t, v)
	return got
}

func (a answer) read(t *testing.T, v any) {
	t.Helper()
	if v == nil {
		return
	}
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// refused makes a call that is refused in the platform's envelope, for a reason and the
// rules that it names: "PX-LST-01 status".
func (e *edge) refused(t *testing.T, op string, a ask, status int, reason string, rules ...string) answer {
	t.Helper()
	got := e.send(t, op, a, true)
	var env struct {
		Reason string
		Errors []struct{ Rule, Field string }
	}
	got.read(t, &env)
	broke := []string{}
	for _, v := range env.Errors {
		broke = append(broke, v.Rule+" "+v.Field)
	}
	if got.status != status || env.Reason != reason || fmt.Sprint(broke) != fmt.Sprint(rules) {
		t.Errorf("%s %+v: %d %s %q, want %d %s %q", op, a, got.status, env.Reason, broke, status, reason, rules)
	}
	e.mu.Lock()
	e.seen[env.Reason] = true
	e.mu.Unlock()
	return got
}

// has holds an answer's text against what must be in it.
func (a answer) has(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("no %s in %s", text, a.body)
		}
	}
	return a
}
