package ondemandtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
)

// Controller is a network controller on a port of its own that speaks the
// connector's protocol: the embedded network with a memory and a clock. It makes
// one change an order, and it can be told to fail, before it has made a change or
// after.
type Controller struct {
	URL string

	network ondemandcarrier.Reference
	mu      sync.Mutex
	now     func() time.Time
	byOrder map[string]*made
	byRef   map[string]*made
	hints   map[string]string // by order: magic words, which the protocol does not carry
	faults  []Fault
	calls   int
}

// made is a change that the controller has made.
type made struct {
	change ondemand.Change
	ref    string // the controller's
	inner  string // the embedded network's
	after  time.Duration
}

// Fault is how one request goes wrong.
type Fault struct {
	After  bool             // after the request has taken its effect; otherwise it has none
	Answer http.HandlerFunc // instead of the answer; nil: nothing goes wrong
}

// NewController starts a controller until the end of the test.
func NewController(t testing.TB) *Controller {
	t.Helper()
	c := &Controller{now: func() time.Time { return Start }, byOrder: map[string]*made{}, byRef: map[string]*made{}, hints: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/changes", c.start)
	mux.HandleFunc("GET /v1/changes/{ref}", c.status)
	server := httptest.NewUnstartedServer(c.faulty(mux))
	// On a connection that was used before, net/http sends a request again by
	// itself, and how many faults are met would be chance.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	t.Cleanup(server.Close)
	c.URL = server.URL + "/v1"
	return c
}

// Connect is a connector to the controller.
func (c *Controller) Connect(t testing.TB) *ondemandcarrier.HTTP {
	t.Helper()
	n, err := ondemandcarrier.NewHTTP(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Clock makes the controller live by a clock.
func (c *Controller) Clock(now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// Force makes the controller read a magic word into an order's change.
func (c *Controller) Force(order, word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hints[order] = "[demarc:" + word + "]"
}

// Fail makes the next requests go wrong, one for each fault.
func (c *Controller) Fail(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, faults...)
}

// Changes is how many changes the controller has made.
func (c *Controller) Changes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byOrder)
}

// Calls is how often the controller was called, for better or worse.
func (c *Controller) Calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// faulty lets requests through, or makes them go wrong.
func (c *Controller) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.calls++
		var f *Fault
		if len(c.faults) > 0 {
			f, c.faults = &c.faults[0], c.faults[1:]
		}
		c.mu.Unlock()
		switch {
		case f == nil || f.Answer == nil:
			next.ServeHTTP(w, r)
		case f.After:
			next.ServeHTTP(httptest.NewRecorder(), r)
			f.Answer(w, r)
		default:
			f.Answer(w, r)
		}
	})
}

type asked struct {
	Order, Action, Service, Site, Port, Prefix string
	VLAN, Mbps                                 int
}

func (c *Controller) start(w http.ResponseWriter, r *http.Request) {
	var a asked
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil || a.Order == "" || a.Order != r.Header.Get("Idempotency-Key") {
		http.Error(w, "an order, and its id as the key of the request", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.byOrder[a.Order]
	if m == nil {
		m = &made{change: ondemand.Change{Order: a.Order, Action: a.Action, Service: a.Service, Site: a.Site, Port: a.Port, VLAN: a.VLAN,
			Prefix: a.Prefix, Mbps: a.Mbps, Hint: c.hints[a.Order], Now: c.now()}}
		ticket, err := c.network.Start(r.Context(), m.change)
		if no, ok := errors.AsType[*ondemand.Refusal](err); ok {
			answer(w, http.StatusUnprocessableEntity, map[string]any{"reason": no.Reason})
			return
		}
		m.ref, m.inner, m.after = fmt.Sprintf("chg/%d?é", len(c.byOrder)+1), ticket.Ref, ticket.CheckAfter
		c.byOrder[a.Order], c.byRef[m.ref] = m, m
	}
	answer(w, http.StatusAccepted, map[string]any{"ref": m.ref, "checkAfterSeconds": m.after.Seconds()})
}

func (c *Controller) status(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.byRef[r.PathValue("ref")]
	if m == nil {
		http.Error(w, "no such change", http.StatusNotFound)
		return
	}
	at := m.change
	at.Now = c.now()
	p, err := c.network.Status(r.Context(), at, m.inner)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case p.Done:
		answer(w, http.StatusOK, map[string]any{"state": "done"})
	case p.Failed != "":
		answer(w, http.StatusOK, map[string]any{"state": "failed", "reason": p.Failed})
	default:
		answer(w, http.StatusOK, map[string]any{"state": "pending", "checkAfterSeconds": p.CheckAfter.Seconds()})
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever called may be gone
}

// Ways to answer wrongly.

// Status answers a status and no more.
func Status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, http.StatusText(code), code) }
}

// Text answers 200 with a text.
func Text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

// Cut ends the connection without an answer.
func Cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Half promises more than it answers.
func Half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"ref":"half","state":"done"`))
}

// Redirect sends the caller elsewhere.
func Redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
}

// Hang answers nothing until the caller has given up, which then may do at once.
func Hang(arrived context.CancelFunc) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the caller has gone
		arrived()
		<-r.Context().Done()
	}
}
