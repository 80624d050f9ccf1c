package marketplacehttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"demarc/internal/contract"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacehttp"
	"demarc/internal/marketplace/marketplacetest"
)

// Tokens of the test, and who they stand for.
const (
	mine    = "mine"    // manages providers of the test's organisation, buys for one customer
	both    = "both"    // the same for two customers
	foreign = "foreign" // another organisation's, and another customer's
	barred  = "barred"  // was not approved for the marketplace
)

type tokens map[string]*httpkit.Caller

func (t tokens) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	if c := t[token]; c != nil {
		return c, nil
	}
	return nil, httpkit.Unauthorized
}

// edge serves a world's marketplace over HTTP. Its client holds every answer to the
// contract, and it remembers which statuses and reasons each operation answered.
type edge struct {
	*marketplacetest.World
	provider *marketplacetest.Provider
	product  string // of PRV-100001, once it is offered
	auth     tokens
	url      string

	mu   sync.Mutex
	seen map[string]bool // "subscribe 201", "coid_unknown"
}

func serve(t *testing.T) *edge {
	t.Helper()
	p := marketplacetest.NewProvider(t)
	w := marketplacetest.New(t, dbtest.Open(t, dbtest.SQLite(t)),
		marketplacecarrier.Switch{Embedded: marketplacecarrier.Embedded{}, HTTP: p.Connect(t, 0)})
	caller := func(app, org string, products []string, customers ...string) *httpkit.Caller {
		c := &httpkit.Caller{App: app, Org: org, World: w.ID, Sandbox: true, Products: products, Customers: map[string]httpkit.Customer{}}
		for _, number := range customers {
			c.Customers[number] = httpkit.Customer{Number: number, Name: number, State: "active"}
		}
		return c
	}
	sells := []string{marketplace.Product}
	e := &edge{World: w, provider: p, seen: map[string]bool{}, auth: tokens{
		mine:    caller(w.App, w.Org, sells, marketplacetest.Customer),
		both:    caller("app_both", w.Org, sells, marketplacetest.Customer, marketplacetest.Other),
		foreign: caller("app_foreign", "org_foreign", sells, marketplacetest.Other),
		barred:  caller("app_barred", w.Org, nil, marketplacetest.Customer),
	}}
	e.url = e.serve(t, httpkit.Options{})
	return e
}

// serve serves the world at an edge of these options.
func (e *edge) serve(t *testing.T, o httpkit.Options) string {
	t.Helper()
	o.DB, o.Auth, o.Log = e.DB, e.auth, slog.New(slog.DiscardHandler)
	kit := httpkit.New(o)
	mine := marketplacehttp.Options{Log: o.Log, BaseURL: func(*http.Request) string { return "https://api.carrier.example" }}
	kit.Add(marketplacehttp.Routes(kit, e.Desk, mine)...)
	family, routes := marketplacehttp.UpdateFamily(kit, e.Desk, mine)
	kit.AddFamily(family, routes...)
	server := httptest.NewServer(kit)
	t.Cleanup(server.Close)
	return server.URL
}

// ask is one call of an operation.
type ask struct {
	token    string   // mine when empty; "-" for none
	args     []string // for the path's parameters
	query    string
	body     string
	key      string // Idempotency-Key
	customer string
	media    string // application/json when empty and there is a body
	url      string // of another edge
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
	path := known.Path
	for _, arg := range a.args {
		from, to := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:from] + arg + path[to+1:]
	}
	base := e.url
	if a.url != "" {
		base = a.url
	}
	req, err := http.NewRequestWithContext(t.Context(), known.Method, base+path+a.query, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.token == "" {
		a.token = mine
	}
	if a.body != "" && a.media == "" {
		a.media = "application/json"
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + a.token, "Content-Type": a.media, "Idempotency-Key": a.key,
		"x-customer-number": a.customer} {
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
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	e.seen[fmt.Sprintf("%s %d", op, res.StatusCode)] = true
	e.mu.Unlock()
	return answer{res.StatusCode, res.Header, string(text)}
}

// good makes a call that is answered with a status, and reads the answer into v.
func (e *edge) good(t *testing.T, op string, a ask, status int, v any) answer {
	t.Helper()
	got := e.send(t, op, a, false)
	if got.status != status {
		t.Fatalf("%s: %d %s, want %d", op, got.status, got.body, status)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(got.body), v); err != nil {
			t.Fatalf("%s: %v: %s", op, err, got.body)
		}
	}
	return got
}

// refused makes a call that is refused for a reason, and the rules that it names:
// "MKT-PRV-01 name".
func (e *edge) refused(t *testing.T, op string, a ask, status int, reason string, rules ...string) answer {
	t.Helper()
	got := e.send(t, op, a, true)
	var env struct {
		Reason string
		Errors []struct{ Rule, Field string }
		Next   []string
	}
	if err := json.Unmarshal([]byte(got.body), &env); err != nil {
		t.Fatalf("%s: %d %s", op, got.status, got.body)
	}
	var broke []string
	for _, v := range env.Errors {
		broke = append(broke, v.Rule+" "+v.Field)
	}
	if got.status != status || env.Reason != reason || !slices.Equal(broke, rules) {
		t.Errorf("%s %v: %d %s %q, want %d %s %q", op, a, got.status, env.Reason, broke, status, reason, rules)
	}
	e.mu.Lock()
	e.seen[env.Reason] = true
	e.mu.Unlock()
	return got
}

// has and hasNot hold an answer's text against what must and must not be in it.
func (a answer) has(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("no %s in %s", text, a.body)
		}
	}
	return a
}

func (a answer) hasNot(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s in %s", text, a.body)
		}
	}
	return a
}

func in(args ...string) ask { return ask{args: args} }

func (a ask) with(body string) ask     { a.body = body; return a }
func (a ask) as(token string) ask      { a.token = token; return a }
func (a ask) where(query string) ask   { a.query = query; return a }
func (a ask) keyed(key string) ask     { a.key = key; return a }
func (a ask) acting(number string) ask { a.customer = number; return a }
