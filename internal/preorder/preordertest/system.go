package preordertest

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
)

// System is all four backends on a port of its own, in the connectors' protocols, with
// the embedded ones behind them. It can be told to fail, before a request has taken its
// effect or after.
type System struct {
	URL string

	backends preordercarrier.Backends
	mu       sync.Mutex
	hint     string // magic words, which the protocols do not carry
	faults   []Answer
	calls    []Call
	checks   map[string]int             // how often credit was run, by transaction
	answered map[[2]string]*wireVerdict // by key and body
}

// Answer is how one request goes wrong.
type Answer struct {
	After bool             // after the request has taken its effect; otherwise it has none
	With  http.HandlerFunc // instead of the answer; nil: nothing goes wrong
}

// Call is one that the system was asked.
type Call struct{ Method, Path, Query, Key, Body string }

type wireVerdict struct {
	Authenticated bool   `json:"authenticated"`
	Decision      string `json:"decision,omitempty"`
	Reason        string `json:"reason,omitempty"`
	Months        int    `json:"depositMonths,omitempty"`
}

// NewSystem starts the backends until the end of the test.
func NewSystem(t testing.TB, backends preordercarrier.Backends) *System {
	t.Helper()
	s := &System{backends: backends, checks: map[string]int{}, answered: map[[2]string]*wireVerdict{}}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/px"
	return s
}

// URLs are where the backends are.
func (s *System) URLs() preordercarrier.URLs {
	return preordercarrier.URLs{Addresses: s.URL + "/addresses", LoopQual: s.URL + "/lines/", Catalog: s.URL + "/catalog", Credit: s.URL + "/credit"}
}

// Connect makes connectors to the backends.
func (s *System) Connect(t testing.TB) preordercarrier.Backends {
	t.Helper()
	return Connect(t, s.URLs())
}

// Connect makes connectors that also sandboxes ask.
func Connect(t testing.TB, urls preordercarrier.URLs) (b preordercarrier.Backends) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	var errs [4]error
	b.Addresses, errs[0] = preordercarrier.NewHTTPAddresses(urls.Addresses, log)
	b.LoopQual, errs[1] = preordercarrier.NewHTTPLoopQual(urls.LoopQual, log)
	b.Catalog, errs[2] = preordercarrier.NewHTTPCatalog(urls.Catalog, log)
	b.Credit, errs[3] = preordercarrier.NewHTTPCredit(urls.Credit, log)
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

// Checks is how often the system has run credit, by transaction.
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
	switch {
	case f.With == nil:
		s.answer(w, r, body)
	case f.After:
		s.answer(httptest.NewRecorder(), r, body)
		f.With(w, r)
	default:
		f.With(w, r)
	}
}

type question struct {
	Transaction string                      `json:"transactionId"`
	Address     preordercarrier.WireAddress `json:"address"`
	Limit       int                         `json:"limit"`
	ZIP         string                      `json:"zip"`
	BillType    string                      `json:"billType"`
	Customer    struct{ FirstName, LastName, SSN, DOB string }
}

func (s *System) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	var a question
	if json.Unmarshal(body, &a) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.RawQuery != "" {
		http.Error(w, "a POST of a question", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	q := preorder.Query{Sandbox: true, Transaction: a.Transaction, Hint: s.hint}
	s.mu.Unlock()
	var said any
	var err error
	switch r.URL.Path {
	case "/px/addresses/find":
		var found *preorder.Address
		if found, err = s.backends.Addresses.Find(r.Context(), q, a.Address.Postal()); found != nil {
			said = map[string]any{"address": preordercarrier.Wire(found.DetailID, found.Address)}
		} else {
			said = map[string]any{"address": nil}
		}
	case "/px/addresses/near":
		var near []preorder.NearMatch
		near, err = s.backends.Addresses.Near(r.Context(), q, a.Address.Postal())
		said = map[string]any{"matches": matches(near[:min(len(near), a.Limit)])}
	case "/px/addresses/footprint":
		var served bool
		served, err = s.backends.Addresses.Footprint(r.Context(), q, a.ZIP)
		said = map[string]any{"served": served}
	case "/px/lines/loop":
		said, err = s.backends.LoopQual.Loop(r.Context(), q, preorder.Address{DetailID: a.Address.DetailID, Address: a.Address.Postal()})
	case "/px/catalog/offerings":
		var sold []preorder.Offering
		sold, err = s.backends.Catalog.Offerings(r.Context(), q)
		codes := []string{}
		for _, o := range sold {
			codes = append(codes, o.Code)
		}
		said = map[string]any{"productCodes": codes}
	case "/px/credit/check":
		said, err = s.check(r, q, a, string(body))
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	JSON(said)(w, r)
}

func matches(near []preorder.NearMatch) []any {
	type match struct {
		preordercarrier.WireAddress
		Score float64 `json:"score"`
	}
	list := []any{}
	for _, n := range near {
		list = append(list, match{preordercarrier.Wire(n.DetailID, n.Address.Address), n.Score})
	}
	return list
}

// check runs credit, once for a key and what is asked under it.
func (s *System) check(r *http.Request, q preorder.Query, a question, body string) (any, error) {
	key := [2]string{r.Header.Get("Idempotency-Key"), body}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.answered[key]; v != nil && key[0] != "" {
		return v, nil
	}
	s.checks[a.Transaction]++
	result, err := s.backends.Credit.Check(r.Context(), q, preorder.Customer{First: a.Customer.FirstName, Last: a.Customer.LastName, SSN: a.Customer.SSN, DOB: a.Customer.DOB}, a.BillType)
	v := &wireVerdict{result.Authenticated, result.Decision.Decision, result.Decision.Reason, result.Decision.Class}
	s.answered[key] = v
	return v, err
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
	_, _ = w.Write([]byte(`{"served":true`))
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
