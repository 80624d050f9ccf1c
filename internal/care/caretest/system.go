package caretest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
)

// System is a billing system on a port of its own that speaks the connector's
// protocol. It holds the example accounts, and can be told to answer wrongly.
type System struct {
	URL string

	mu       sync.Mutex
	accounts []care.Account
	faults   []http.HandlerFunc
	calls    []Call
}

// Call is one that the system was asked.
type Call struct {
	Method, Path, Query, Correlation string
	Line, RefID, RefValue            string
}

// NewSystem starts a billing system until the end of the test.
func NewSystem(t testing.TB) *System {
	t.Helper()
	s := &System{accounts: care.Examples()}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Connect is a connector to the system of a unit.
func (s *System) Connect(t testing.TB, unit string) *carecarrier.HTTP {
	t.Helper()
	h, err := carecarrier.NewHTTP(s.URL, unit, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Fail makes the next calls go wrong, each in one way; a nil lets one through.
func (s *System) Fail(faults ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Calls are those that the system was asked so far, for better or worse.
func (s *System) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *System) serve(w http.ResponseWriter, r *http.Request) {
	var q struct{ Lob, RefID, RefValue string }
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Correlation-ID"), q.Lob, q.RefID, q.RefValue})
	var f http.HandlerFunc
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	accounts := s.accounts
	s.mu.Unlock()
	if f != nil {
		f(w, r)
		return
	}
	if err != nil || r.Method != http.MethodPost {
		http.Error(w, "a POST of a question", http.StatusBadRequest)
		return
	}
	var found []carecarrier.WireAccount
	for i := range accounts {
		a := &accounts[i]
		if r.URL.Path != "/v1/"+a.Unit+"/billingAccount/" {
			continue
		}
		if q.RefID == care.RefAccount && a.ID == q.RefValue || q.RefID == care.RefService && slices.Contains(a.Services, q.RefValue) ||
			q.RefID == care.RefContact && slices.Contains(a.Contacts, q.RefValue) {
			found = append(found, carecarrier.Wire(a))
		}
	}
	if len(found) == 0 {
		http.Error(w, "none", http.StatusNotFound)
		return
	}
	Answer(found...)(w, r)
}

// Ways to answer.

// Answer answers with accounts, whatever was asked.
func Answer(accounts ...carecarrier.WireAccount) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"accounts": accounts}) // whoever called may be gone
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
	_, _ = w.Write([]byte(`{"accounts":[`))
}

// Redirect sends the caller elsewhere.
func Redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
}

// Hang answers nothing until the caller has given up, which then may do at once.
func Hang(arrived context.CancelFunc) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		arrived()
		<-r.Context().Done()
	}
}
