package httpkit_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// taker takes what the edge tells of, and wants so much of each answer.
type taker struct {
	most int
	mu   sync.Mutex
	got  []httpkit.Recorded
}

func (k *taker) Wants(c *httpkit.Caller, route *httpkit.Route) int {
	if c == nil || route.OperationID == "unwanted" {
		return 0
	}
	return k.most
}

func (k *taker) Record(r *httpkit.Recorded) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got = append(k.got, *r)
}

// take is what it has been told since.
func (k *taker) take() []httpkit.Recorded {
	k.mu.Lock()
	defer k.mu.Unlock()
	got := k.got
	k.got = nil
	return got
}

// knownToken takes one token.
type knownToken struct{}

func (knownToken) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	if token != "known" {
		return nil, httpkit.Unauthorized.With()
	}
	return &httpkit.Caller{App: "app_known", World: "w"}, nil
}

func TestEveryRequestOfAKnownCallerIsRecorded(t *testing.T) {
	t.Parallel()
	k := &taker{most: 8}
	own := &fault.Code{ID: "own", Status: 418, Text: "In our terms.", Family: "test"}
	broken := fault.Invalid.With(fault.Field("TST-1", "x", "is wrong"))
	kit := httpkit.New(httpkit.Options{Auth: knownToken{}, Log: slog.New(slog.DiscardHandler), MaxBody: 1000, Recorder: k,
		Refuse: func(_ context.Context, _ *httpkit.Caller, route *httpkit.Route) error {
			if route.OperationID == "refused" {
				return httpkit.Overloaded.With()
			}
			return nil
		}})
	route := func(id string, handle httpkit.Handler) httpkit.Route {
		return httpkit.Route{Method: http.MethodPost, Pattern: "/" + id, OperationID: id, Handle: handle}
	}
	echo := func(w http.ResponseWriter, r *http.Request) error {
		body, err := kit.Body(r)
		if err != nil {
			return err
		}
		return httpkit.Raw(w, http.StatusCreated, append([]byte("[1,2]"), body...))
	}
	fails := func(http.ResponseWriter, *http.Request) error { return broken }
	kit.Add(route("echo", echo), route("unwanted", echo), route("fails", fails), route("refused", echo),
		route("panics", func(http.ResponseWriter, *http.Request) error { panic("oh") }),
		route("silent", func(http.ResponseWriter, *http.Request) error { return nil }),
		route("late", func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "begun ")
			_, _ = io.WriteString(w, "and broken off")
			return broken
		}),
		httpkit.Route{Method: http.MethodPost, Pattern: "/product", OperationID: "product", Product: "none", Handle: echo},
		httpkit.Route{Method: http.MethodPost, Pattern: "/open", OperationID: "open", Open: true, Handle: echo})
	kit.AddFamily(&httpkit.Family{
		Authenticate: func(r *http.Request) (*httpkit.Caller, error) {
			if r.Header.Get("password") != "right" {
				return nil, httpkit.Unauthorized.With()
			}
			return &httpkit.Caller{App: "app_own", World: "w"}, nil
		},
		Translate: func(*http.Request, *fault.Error) *fault.Error { return own.With() },
	}, route("own", fails))
	server := httptest.NewServer(kit)
	defer server.Close()
	for _, c := range []struct{ path, token, body, want string }{
		{"echo?a=b", "known", "body", "app_known echo 201 wanted /echo?a=b body [1,2]bod"},
		{"unwanted", "known", "body", "app_known unwanted 201 /unwanted body "},
		{"silent", "known", "", "app_known silent 200 wanted /silent  "},
		{"fails", "known", "unread", `app_known fails 400 wanted /fails unread {"code": invalid_request TST-1`},
		{"panics", "known", "", `app_known panics 500 wanted /panics  {"code": internal_error`},
		{"late", "known", "unread", `app_known late 200 wanted /late  begun an invalid_request TST-1`},
		{"refused", "known", "unread", `app_known refused 503 wanted /refused unread {"code": overloaded`},
		{"product", "known", "unread", `app_known product 403 wanted /product unread {"code": product_not_approved`},
		{"echo", "known", strings.Repeat("x", 1001), `app_known echo 413 wanted /echo  {"code": body_too_large`},
		{"own", "right", "", `app_own own 418 wanted /own  {"code": own TST-1`},
		{"own", "wrong", "", ""},
		{"echo", "wrong", "", ""},
		{"echo", "", "", ""},
		{"open", "known", "", ""},
		{"nowhere", "known", "", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		req.Header.Set("password", c.token)
		req.Header.Set("X-Request-Id", "req-1")
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err = errorsOf(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range k.take() {
			if r.ID != "req-1" || r.Status != res.StatusCode || r.AnswerSize != int64(len(answer)) || r.Took <= 0 || r.Took > time.Minute || r.Header.Get("X-Request-Id") != "req-1" {
				t.Errorf("%s: answered was %d with %d bytes, recorded is %+v", c.path, res.StatusCode, len(answer), r)
			}
			got += fmt.Sprint(r.Caller.App, " ", r.Operation, " ", r.Status)
			if r.Wanted {
				got += " wanted"
			}
			got += fmt.Sprint(" ", r.Request.URL, " ", string(r.Body), " ", string(r.Answer))
			if r.Fault != nil {
				got += " " + r.Fault.Code.ID
				for _, v := range r.Fault.Violations {
					got += " " + v.Rule
				}
			}
		}
		if got != c.want {
			t.Errorf("%s with %q is recorded as\n%s, want\n%s", c.path, c.token, got, c.want)
		}
	}
}

func errorsOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// A live stream reaches its reader piece by piece, and none of it is held.
func TestAStreamIsRecordedWithoutItsEvents(t *testing.T) {
	t.Parallel()
	k, read := &taker{most: 100}, make(chan struct{})
	kit := httpkit.New(httpkit.Options{Auth: knownToken{}, Log: slog.New(slog.DiscardHandler), Recorder: k})
	kit.Add(httpkit.Route{Method: http.MethodGet, Pattern: "/stream", OperationID: "stream", Slow: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-read:
		case <-r.Context().Done():
			return r.Context().Err()
		}
		_, _ = io.WriteString(w, "data: 2\n\n")
		return nil
	}})
	server := httptest.NewServer(kit)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/stream", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer known")
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 9)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "data: 1\n\n" {
		t.Fatalf("%q, %v", first, err)
	}
	if got := k.take(); len(got) != 0 {
		t.Errorf("recorded before it has ended: %+v", got)
	}
	close(read)
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	if got := k.take(); len(got) != 1 || len(got[0].Answer) != 0 || got[0].AnswerSize != 18 || !got[0].Wanted {
		t.Errorf("recorded is %+v", got)
	}
}
