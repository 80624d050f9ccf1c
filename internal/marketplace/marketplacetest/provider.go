package marketplacetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/guard"
	"demarc/internal/marketplace/marketplacecarrier"
)

// Provider is a provider's server on a port of its own. Left alone it is as it should
// be: it opens one account for each Idempotency-Key, and says its id again to whoever
// asks again. It remembers every call, in memory.
//
//	p := marketplacetest.NewProvider(t)               // until the test ends
//	p.Next(marketplacetest.Fails(500).AfterOpening()) // what it does with its next call
//	… a subscription to a product of the provider at p.URL …
//	p.Accounts()                                      // one, whatever went wrong
type Provider struct {
	URL string // the base URL under which it is registered

	server *http.Server
	served chan error
	ended  chan struct{} // closed when it closes
	busy   sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	calls    []Call
	attempts map[string]int // calls so far, by key
	accounts []Account
	byKey    map[string]string // the first account of a key: its coid
	next     []Act
	choose   func(Call) Act
	release  chan struct{} // closed, and replaced, by Release
	news     chan struct{} // closed, and replaced, with every call
}

// Call is one call that arrived, whatever became of it.
type Call struct {
	N       int // from 1
	Attempt int // of those with its key, from 1
	Method  string
	Path    string
	Header  http.Header
	Name    string // the provider's, as the path has it; "" when it is another path
	Key     string // Idempotency-Key
	Test    bool   // no account is wanted
	Body    []byte
}

// Account is one that the provider has opened, and keeps.
type Account struct {
	COID   string
	Key    string            // under which it was asked for
	Name   string            // of the provider
	Fields map[string]string // what it was opened with
}

const (
	basePath  = "/saas"
	maxCall   = 1 << 20
	firstCOID = 2001
)

// OpenProvider starts a provider, which runs until Close.
func OpenProvider(ctx context.Context) (*Provider, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Provider{URL: "http://" + listener.Addr().String() + basePath, served: make(chan error, 1), ended: make(chan struct{}),
		attempts: map[string]int{}, byKey: map[string]string{}, release: make(chan struct{}), news: make(chan struct{})}
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	go func() { p.served <- p.server.Serve(listener) }()
	return p, nil
}

// NewProvider starts a provider until the end of the test.
func NewProvider(t testing.TB) *Provider {
	t.Helper()
	p, err := OpenProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Close ends the provider, with the calls that it has not answered.
func (p *Provider) Close() error {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		return nil
	}
	close(p.ended)
	err := p.server.Close()
	if served := <-p.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	p.busy.Wait()
	return err
}

// Connect is a connector that may call the provider although it is on loopback; it
// waits for an answer as long as it is told, 0 for as long as in production.
func (p *Provider) Connect(t testing.TB, patience time.Duration) marketplacecarrier.HTTP {
	t.Helper()
	g := guard.New(guard.Options{Version: "test", Timeout: patience, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(g.Close)
	return marketplacecarrier.HTTP{Guard: g}
}

// Next tells the provider what to do with its next calls, one Act for each, whoever
// makes them. A call that is not as it should be takes none of them.
func (p *Provider) Next(acts ...Act) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = append(p.next, acts...)
}

// Choose makes the provider decide call by call what to do, once all that Next told
// it is done. nil makes it behave again.
func (p *Provider) Choose(choose func(Call) Act) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.choose = choose
}

// Release makes the provider answer the calls that hang.
func (p *Provider) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.release)
	p.release = make(chan struct{})
}

// Accounts are the accounts that are open, in the order of their opening.
func (p *Provider) Accounts() []Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.Clone(p.accounts)
	for i := range list {
		list[i].Fields = maps.Clone(list[i].Fields)
	}
	return list
}

// Calls are the calls that have arrived.
func (p *Provider) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Await waits until so many calls have arrived.
func (p *Provider) Await(ctx context.Context, n int) ([]Call, error) {
	for {
		p.mu.Lock()
		list, news := slices.Clone(p.calls), p.news
		p.mu.Unlock()
		if len(list) >= n {
			return list, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return list, ctx.Err()
		}
	}
}

// exchange is one call on its way to its answer.
type exchange struct {
	p       *Provider
	w       http.ResponseWriter
	r       *http.Request
	call    Call
	fields  map[string]string
	coid    string // of the account, once there is one
	release <-chan struct{}
}

// enter reports whether there is still somebody to take a call.
func (p *Provider) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.busy.Add(1)
	return true
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		panic(http.ErrAbortHandler)
	}
	defer p.busy.Done()
	x := exchange{p: p, w: w, r: r}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCall)) // to its end: only then the server sees its caller go
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	name := nameIn(r.URL.Path)
	status, wrong := x.check(name, body)
	act := x.arrive(name, body, status == 0)
	if status != 0 {
		x.say(status, "message", wrong)
		return
	}
	act.do(&x)
}

// nameIn is the provider that a path is of; "" when it is not where accounts are
// opened.
func nameIn(path string) string {
	rest, ours := strings.CutPrefix(path, basePath+"/")
	name, whole := strings.CutSuffix(rest, "-provision-account/")
	if !ours || !whole || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// check is what is wrong with a call, with the status that says so; 0 when it is as
// it should be.
func (x *exchange) check(name string, body []byte) (status int, wrong string) {
	kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	switch {
	case name == "" || x.r.Method != http.MethodPost:
		return http.StatusNotFound, "There is nothing here."
	case err != nil || kind != "application/json":
		return http.StatusUnsupportedMediaType, "The body must be JSON, and say so."
	case x.r.Header.Get("Idempotency-Key") == "":
		return http.StatusBadRequest, "There must be an Idempotency-Key."
	case json.Unmarshal(body, &x.fields) != nil || x.fields == nil:
		return http.StatusBadRequest, "The body must be a JSON object of texts."
	}
	return 0, ""
}

// arrive notes a call and takes what is to be done with it.
func (x *exchange) arrive(name string, body []byte, proper bool) Act {
	p := x.p
	p.mu.Lock()
	key := x.r.Header.Get("Idempotency-Key")
	p.attempts[key]++
	c := Call{N: len(p.calls) + 1, Attempt: p.attempts[key], Method: x.r.Method, Path: x.r.URL.Path, Header: x.r.Header.Clone(), Name: name,
		Key: key, Test: x.r.Header.Get("Demarc-Test") == "true", Body: body}
	p.calls = append(p.calls, c)
	close(p.news)
	p.news = make(chan struct{})
	x.call, x.release = c, p.release
	act, choose := Opens(), p.choose
	if proper && len(p.next) > 0 {
		act, p.next, choose = p.next[0], p.next[1:], nil
	}
	p.mu.Unlock()
	if proper && choose != nil {
		return choose(c)
	}
	return act
}

// open makes sure that there is an account of the call's key, or that there is
// another. A test opens none, but is told of one.
func (x *exchange) open(another bool) {
	if x.call.Test {
		x.coid = "CO-TEST-" + x.call.Key
		return
	}
	x.p.mu.Lock()
	defer x.p.mu.Unlock()
	coid, known := x.p.byKey[x.call.Key]
	if !known || another {
		coid = fmt.Sprintf("CO-%d", firstCOID+len(x.p.accounts))
		x.p.accounts = append(x.p.accounts, Account{COID: coid, Key: x.call.Key, Name: x.call.Name, Fields: x.fields})
	}
	if !known {
		x.p.byKey[x.call.Key] = coid
	}
	x.coid = coid
}

// say answers with one field.
func (x *exchange) say(status int, name, text string) {
	body, err := json.Marshal(map[string]string{name: text})
	if err != nil {
		panic(err) // a text always encodes
	}
	x.write(status, string(body))
}

func (x *exchange) write(status int, body string) {
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	_, _ = io.WriteString(x.w, body) // whoever called may be gone
}
