package voicetest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/worldtest"
)

// System is all backends on a port of its own, in the connectors' protocols, with
// others behind them. It can be told to fail, before a request has taken its effect or
// after.
type System struct {
	URL string

	backends voicecarrier.Backends
	mux      *http.ServeMux
	mu       sync.Mutex
	hint     string // magic words, which the protocols do not carry
	faults   []Answer
	calls    []Call
	shut     map[string]bool // rate centers that are not ready, by key
	checks   map[string]int  // how often credit was looked at, by order
	answered map[string]any  // by Idempotency-Key
	now      time.Time       // of the losing carriers, whose protocol does not carry it either
	ports    map[string]voice.Port
	provided map[string]int // how often providers took something, by what and whose
}

// Answer is how one request goes wrong.
type Answer struct {
	After bool             // after the request has taken its effect; otherwise it has none
	With  http.HandlerFunc // instead of the answer; nil: nothing goes wrong
}

// Call is one that the system was asked.
type Call struct{ Method, Path, Query, Key, Body string }

// NewSystem starts the backends until the end of the test.
func NewSystem(t testing.TB, b voicecarrier.Backends) *System {
	t.Helper()
	s := &System{backends: b, mux: http.NewServeMux(), shut: map[string]bool{}, checks: map[string]int{}, answered: map[string]any{},
		now: worldtest.Start, ports: map[string]voice.Port{}, provided: map[string]int{}}
	s.mux.HandleFunc("POST /vn/numbers/lookup", s.lookup)
	s.mux.HandleFunc("GET /vn/numbers/rate-centers/{state}/{center}", s.ready)
	s.mux.HandleFunc("POST /vn/credit/checks", s.check)
	s.mux.HandleFunc("POST /vn/lnp/ports", s.port)
	s.mux.HandleFunc("PUT /vn/providers/listings/{order}", s.list)
	s.mux.HandleFunc("PUT /vn/providers/locations/{order}", s.locate)
	s.mux.HandleFunc("PUT /vn/providers/names/{order}", s.name)
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/vn"
	return s
}

// URLs are where the backends are.
func (s *System) URLs() voicecarrier.URLs {
	return voicecarrier.URLs{Administration: s.URL + "/numbers", Credit: s.URL + "/credit/", Losing: s.URL + "/lnp", Providers: s.URL + "/providers/"}
}

// Connect makes connectors to the backends.
func (s *System) Connect(t testing.TB) voicecarrier.Backends {
	t.Helper()
	return Connect(t, s.URLs())
}

// Connect makes connectors that also sandboxes ask.
func Connect(t testing.TB, urls voicecarrier.URLs) (b voicecarrier.Backends) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	var errs [4]error
	b.Administration, errs[0] = voicecarrier.NewHTTPAdministration(urls.Administration, log)
	b.Credit, errs[1] = voicecarrier.NewHTTPCredit(urls.Credit, log)
	b.Losing, errs[2] = voicecarrier.NewHTTPLosing(urls.Losing, log)
	b.Providers, errs[3] = voicecarrier.NewHTTPProviders(urls.Providers, log)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Force makes the system read a magic word into every question.
func (s *System) Force(word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hint = "[demarc:" + word + "]"
}

// At is the moment that it is for losing carriers from now on.
func (s *System) At(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Ports are those that the losing carriers were asked for, by Idempotency-Key.
func (s *System) Ports() map[string]voice.Port {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.ports)
}

// Provided is how often the providers took something: "listings/V100000001".
func (s *System) Provided() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.provided)
}

// Shut makes a rate center one whose numbers cannot be given out now.
func (s *System) Shut(state, center string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut[voice.CenterKey(state, center)] = true
}

// Fail makes the next requests go wrong, one for each answer.
func (s *System) Fail(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, answers...)
}

// Calls are those that the system was asked so far, for better or worse.
func (s *System) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Checks is how often the system has looked at credit, by order.
func (s *System) Checks() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.checks)
}

func (s *System) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Idempotency-Key"), string(body)})
	var f Answer
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	answer := func(w http.ResponseWriter) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		s.mux.ServeHTTP(w, again)
	}
	switch {
	case f.With == nil:
		answer(w)
	case f.After:
		answer(httptest.NewRecorder())
		f.With(w, r)
	default:
		f.With(w, r)
	}
}

func (s *System) query() voice.Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return voice.Query{World: "w", Sandbox: true, Hint: s.hint, Now: s.now}
}

func (s *System) lookup(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Numbers []string `json:"telephoneNumbers"`
	}
	if !read(w, r, &a) {
		return
	}
	var list []nanp.TN
	for _, text := range a.Numbers {
		tn, ok := nanp.ParseTN(text)
		if !ok || len(text) != 10 || slices.Contains(list, tn) {
			http.Error(w, "ten digits, each number once", http.StatusBadRequest)
			return
		}
		list = append(list, tn)
	}
	found, err := s.backends.Administration.Lookup(r.Context(), s.query(), list)
	if err != nil || len(found) > 1000 {
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	numbers := []voicecarrier.WireNumber{}
	for _, n := range found {
		wire := voicecarrier.WireNumber{TN: n.TN.String(), Known: &n.Known}
		if n.Known {
			wire.State, wire.Center, wire.LATA, wire.Carrier, wire.Portable = n.State, n.Center, n.LATA, n.Carrier, &n.Portable
		}
		numbers = append(numbers, wire)
	}
	slices.Reverse(numbers) // in any order
	JSON(map[string]any{"numbers": numbers})(w, r)
}

func (s *System) ready(w http.ResponseWriter, r *http.Request) {
	state, center := r.PathValue("state"), r.PathValue("center")
	if nanp.Find(state, center) == nil {
		http.NotFound(w, r)
		return
	}
	err := s.backends.Administration.Ready(r.Context(), s.query(), state, center)
	s.mu.Lock()
	shut := s.shut[voice.CenterKey(state, center)]
	s.mu.Unlock()
	JSON(map[string]any{"ready": err == nil && !shut})(w, r)
}

// check looks at credit, once for a key.
func (s *System) check(w http.ResponseWriter, r *http.Request) {
	var a struct{ Customer, Order string }
	if !read(w, r, &a) {
		return
	}
	q := s.query()
	q.Customer = a.Customer
	key := r.Header.Get("Idempotency-Key")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answered[key] == nil || key == "" {
		s.checks[a.Order]++
		hold, err := s.backends.Credit.Check(r.Context(), q, a.Order)
		if err != nil {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		s.answered[key] = map[string]any{"decision": map[bool]string{true: voice.CreditHold, false: voice.CreditGood}[hold]}
	}
	JSON(s.answered[key])(w, r)
}

// read reads a question.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	ok := json.NewDecoder(r.Body).Decode(into) == nil && r.Header.Get("Content-Type") == "application/json" && r.URL.RawQuery == ""
	if !ok {
		http.Error(w, "a question in JSON", http.StatusBadRequest)
	}
	return ok
}

// Ways to answer.

// JSON answers 200 with a value.
func JSON(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // whoever called may be gone
	}
}

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
	_, _ = w.Write([]byte(`{"ready":true`))
}

// Redirect sends the caller elsewhere.
func Redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
}

// Hang answers nothing until the caller has given up, which then may do at once.
func Hang(arrived func()) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		arrived()
		<-r.Context().Done()
	}
}
