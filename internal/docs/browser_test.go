package docs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/chrometest"
	"demarc/internal/clock"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	testClient = "app_docs_test"
	testSecret = "secret-of-the-docs-test"
	testToken  = "token-of-the-docs-test"
	barToken   = "token-of-the-bar"
	barSecret  = "secret-of-the-bar"
)

// server serves the page and the documents beside a token endpoint and one call,
// and keeps what reached it.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // method, path and Authorization of each call
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{}
	mux := http.NewServeMux()
	mux.Handle(base, Handler())
	mux.Handle(specsBase, Specs())
	mux.HandleFunc("GET /docs/session", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"email":"robin@example.com","build":true,"theme":"","csrf":"proof","apps":[{"id":"app_1","name":"Shop","full":false},{"id":"app_2","name":"Till","full":true}]}`))
	})
	mux.HandleFunc("POST /docs/authorize", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		w.Header().Set("Content-Type", "application/json")
		if r.PostFormValue("_csrf") != "proof" || r.PostFormValue("app") != "app_2" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":"There is no such application."}`))
			return
		}
		_, _ = w.Write([]byte(`{"token":"` + barToken + `","seconds":1799}`))
	})
	mux.HandleFunc("POST /docs/key", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"clientId":"app_1","clientSecret":"` + barSecret + `","seconds":3600}`))
	})
	mux.HandleFunc("GET /bot-ux/v1/PR/accounts", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`[{"id":"` + r.Header.Get("client_id") + " " + r.Header.Get("client_secret") + `"}]`))
	})
	mux.HandleFunc("POST /oauth/v2/token", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		id, secret, ok := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		if !ok || id != testClient || secret != testSecret || r.PostFormValue("grant_type") != "client_credentials" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"` + testToken + `","token_type":"Bearer","expires_in":1799}`))
	})
	mux.HandleFunc("GET /Network/v1/provider", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_docs_test")
		_, _ = w.Write([]byte(`{"pagination":[{"pageNumber":1,"pageSize":1,"totalRecords":1}],"listPartners":[{"id":"43558",` +
			`"name":"Equinix as the server says","datacenterFabricUrl":"https://ecxfabric.equinix.com/","partnerType":"CLOUD_PARTNER"}]}`))
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
}

func (s *server) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.seen...)
}

// browser is a page in a fresh Chromium, and what it did.
type browser struct {
	ctx      context.Context
	mu       sync.Mutex
	requests []string
	troubles []string // scripts that broke, and what the policy refused
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	// The test's context ends before its cleanup begins; the browser is to end in
	// order, and to be gone when its directory is removed.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, stop, err := chrometest.Start(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	b := &browser{ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, "exception: "+e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			b.troubles = append(b.troubles, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// run takes steps, and says at which it stopped.
func (b *browser) run(t *testing.T, what string, steps ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, steps...); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%s: %v\nthe page's troubles: %q", what, err, b.troubles)
	}
}

// did is what the page asked for, and what went wrong in it.
func (b *browser) did() (requests, troubles []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.requests...), append([]string{}, b.troubles...)
}

// screenshot keeps a picture of a part of the page for a person to look at.
func (b *browser) screenshot(t *testing.T, part, name string) {
	t.Helper()
	var picture []byte
	b.run(t, "taking a picture", chromedp.ScrollIntoView(part, chromedp.ByQuery), chromedp.CaptureScreenshot(&picture))
	dir := filepath.Join("..", "..", "build", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	dialog    = `.dialog-ux .modal-ux`
	providers = `#operations-Network-listProviders`
)

// authorize fills in the form as a newcomer does, and waits until the page says
// that it is done.
func (b *browser) authorize(t *testing.T) {
	t.Helper()
	oauth := dialog + ` .auth-container:first-of-type`
	b.run(t, "opening Authorize",
		chromedp.WaitVisible(`.auth-wrapper .btn.authorize`, chromedp.ByQuery),
		chromedp.Click(`.auth-wrapper .btn.authorize`, chromedp.ByQuery),
		chromedp.WaitVisible(dialog, chromedp.ByQuery))
	b.run(t, "entering id and secret",
		chromedp.SendKeys(dialog+` input[data-name="clientId"]`, testClient, chromedp.ByQuery),
		chromedp.SendKeys(dialog+` input[data-name="clientSecret"]`, testSecret, chromedp.ByQuery))
	b.run(t, "authorizing",
		chromedp.Click(oauth+` .btn.modal-btn.auth.authorize`, chromedp.ByQuery),
		chromedp.WaitVisible(`//div[contains(@class,'modal-ux')]//button[text()='Logout']`, chromedp.BySearch),
		chromedp.Click(oauth+` .btn-done`, chromedp.ByQuery),
		chromedp.WaitNotPresent(dialog, chromedp.ByQuery))
}

// dayIn is the customerRequestDate of an example.
func dayIn(example string) (time.Time, error) {
	_, rest, _ := strings.Cut(example, `"customerRequestDate": "`)
	text, _, _ := strings.Cut(rest, `"`)
	return time.Parse(time.RFC3339, text)
}

func TestANewcomerAuthorizesAndTriesACallAndNothingLeavesForAnotherHost(t *testing.T) {
	t.Parallel()
	s, b := newServer(t), newBrowser(t)
	b.run(t, "opening the page",
		log.Enable(), runtime.Enable(), network.Enable(),
		chromedp.Navigate(s.URL+base),
		chromedp.WaitVisible(providers, chromedp.ByQuery))
	b.authorize(t)

	var status, body string
	b.run(t, "trying listProviders",
		chromedp.Click(providers+` .opblock-summary-control`, chromedp.ByQuery),
		chromedp.WaitVisible(providers+` .try-out__btn`, chromedp.ByQuery),
		chromedp.Click(providers+` .try-out__btn`, chromedp.ByQuery),
		chromedp.WaitVisible(providers+` .execute`, chromedp.ByQuery),
		chromedp.Click(providers+` .execute`, chromedp.ByQuery),
		chromedp.WaitVisible(providers+` .live-responses-table .response-col_status`, chromedp.ByQuery),
		chromedp.Text(providers+` .live-responses-table tbody .response-col_status`, &status, chromedp.ByQuery),
		chromedp.Text(providers+` .live-responses-table tbody .response-col_description`, &body, chromedp.ByQuery))
	if !strings.HasPrefix(strings.TrimSpace(status), "200") || !strings.Contains(body, "Equinix as the server says") {
		t.Errorf("the page shows status %q and body %q", status, body)
	}
	b.screenshot(t, providers, "docs.png")

	calls := s.calls()
	want := "GET /Network/v1/provider Bearer " + testToken
	if len(calls) != 2 || !strings.HasPrefix(calls[0], "POST /oauth/v2/token Basic ") || calls[1] != want {
		t.Errorf("the server was called %q, want a token and then %q", calls, want)
	}

	var title string
	b.run(t, "changing to the platform's document",
		chromedp.SetValue(`.topbar select`, "/api/platform.yaml", chromedp.ByQuery),
		chromedp.WaitVisible(`#operations-Clock-advanceClock`, chromedp.ByQuery),
		chromedp.Text(`.info .title`, &title, chromedp.ByQuery))
	if !strings.HasPrefix(title, "demarc platform") {
		t.Errorf("the platform's document is titled %q", title)
	}
	b.screenshot(t, `.topbar`, "docs-platform.png")

	const disconnect = `#operations-In_service-disconnectNumbers`
	var example string
	b.run(t, "changing to Voice, where an example has a day that must lie ahead",
		chromedp.SetValue(`.topbar select`, "/api/voice.yaml", chromedp.ByQuery),
		chromedp.WaitVisible(disconnect, chromedp.ByQuery),
		chromedp.Click(disconnect+` .opblock-summary-control`, chromedp.ByQuery),
		chromedp.WaitVisible(disconnect+` .body-param__example`, chromedp.ByQuery),
		chromedp.Text(disconnect+` .body-param__example`, &example, chromedp.ByQuery))
	ahead, err := dayIn(example)
	if now := clock.Machine(); err != nil || ahead.Before(now.Add(6*24*time.Hour)) || ahead.After(now.Add(8*24*time.Hour)) {
		t.Errorf("the example's day is %v (%v): %s", ahead, err, example)
	}

	requests, troubles := b.did()
	if len(requests) < 8 {
		t.Errorf("heard of only %d requests: %q", len(requests), requests)
	}
	for _, address := range requests {
		if u, err := url.Parse(address); err != nil || u.Scheme != "data" && !strings.HasPrefix(address, s.URL+"/") {
			t.Errorf("the page asked for %.200s", address)
		}
	}
	if len(troubles) > 0 {
		t.Errorf("the page had troubles: %q", troubles)
	}
}

// try has an operation tried out, with its example, and answers what the page shows.
func (b *browser) try(t *testing.T, operation string) (status, body string) {
	t.Helper()
	b.run(t, "trying "+operation,
		chromedp.WaitVisible(operation, chromedp.ByQuery),
		chromedp.Click(operation+` .opblock-summary-control`, chromedp.ByQuery),
		chromedp.WaitVisible(operation+` .try-out__btn`, chromedp.ByQuery),
		chromedp.Click(operation+` .try-out__btn`, chromedp.ByQuery),
		chromedp.WaitVisible(operation+` .execute`, chromedp.ByQuery),
		chromedp.Click(operation+` .execute`, chromedp.ByQuery),
		chromedp.WaitVisible(operation+` .live-responses-table .response-col_status`, chromedp.ByQuery),
		chromedp.Text(operation+` .live-responses-table tbody .response-col_status`, &status, chromedp.ByQuery),
		chromedp.Text(operation+` .live-responses-table tbody .response-col_description`, &body, chromedp.ByQuery))
	return strings.TrimSpace(status), body
}

// The bar fetches what Authorize would ask its reader for: a token, and, where the
// document takes keys, a key.
func TestTheBarAuthorizesWithAnApplicationOfTheReaders(t *testing.T) {
	t.Parallel()
	s, b := newServer(t), newBrowser(t)
	const said = `//div[@id='authorize-said' and contains(., '%s')]`
	b.run(t, "choosing an application",
		log.Enable(), runtime.Enable(), network.Enable(),
		chromedp.Navigate(s.URL+base+"?api=ondemand"),
		chromedp.WaitVisible(providers, chromedp.ByQuery),
		chromedp.WaitVisible(`#authorize-app`, chromedp.ByQuery),
		chromedp.Focus(`#authorize-app`, chromedp.ByQuery),
		chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitVisible(fmt.Sprintf(said, "Authorized as Till"), chromedp.BySearch))
	if status, body := b.try(t, providers); status != "200" || !strings.Contains(body, "Equinix as the server says") {
		t.Errorf("the page shows status %q and body %q", status, body)
	}
	b.run(t, "changing to Care", chromedp.SetValue(`.topbar select`, "/api/care.yaml", chromedp.ByQuery),
		chromedp.WaitVisible(`//button[text()='Make a key that ends in an hour']`, chromedp.BySearch))
	var disabled bool
	b.run(t, "choosing an application with two keys", chromedp.SetValue(`#authorize-app`, "app_2", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("#authorize-app").dispatchEvent(new Event("change"))`, nil),
		chromedp.WaitVisible(fmt.Sprintf(said, "two keys already"), chromedp.BySearch),
		chromedp.Evaluate(`document.querySelector("#authorize button").disabled`, &disabled))
	if !disabled {
		t.Error("a third key is offered")
	}
	b.run(t, "making a key", chromedp.SetValue(`#authorize-app`, "app_1", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("#authorize-app").dispatchEvent(new Event("change"))`, nil),
		chromedp.Click(`#authorize button`, chromedp.ByQuery),
		chromedp.WaitVisible(fmt.Sprintf(said, "Authorized as Shop"), chromedp.BySearch))
	if status, body := b.try(t, `#operations-Identification-listAccounts`); status != "200" || !strings.Contains(body, "app_1 "+barSecret) {
		t.Errorf("Care was asked with another key: %q %q", status, body)
	}
	b.screenshot(t, `.portal`, "docs-bar.png")
	calls := s.calls()
	if len(calls) != 4 || calls[0] != "POST /docs/authorize " || calls[1] != "GET /Network/v1/provider Bearer "+barToken || calls[2] != "POST /docs/key " {
		t.Errorf("the server was called %q", calls)
	}
	if _, troubles := b.did(); len(troubles) > 0 {
		t.Errorf("the page had troubles: %q", troubles)
	}
}
