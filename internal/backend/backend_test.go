package backend

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"demarc/internal/clock"
)

// wire carries requests nowhere: it answers as the test says, and counts.
type wire struct {
	calls  int
	last   *http.Request
	answer func(*http.Request) (*http.Response, error)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.calls++
	w.last = r
	return w.answer(r)
}

func reply(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

const (
	good     = `{"good":true}`
	deadline = 3 * time.Second
)

func connect(t *testing.T, log *slog.Logger) (*Line, *wire) {
	t.Helper()
	w := &wire{answer: reply(http.StatusOK, good)}
	l, err := New(Options{Of: "tests", Name: "wire", Base: "http://user:password@backend.example/base/", Deadline: deadline, Log: log, Transport: w})
	if err != nil {
		t.Fatal(err)
	}
	return l, w
}

var silent = slog.New(slog.DiscardHandler)

var errBad = errors.New("bad")

// ask asks what can be answered well, badly or not at all.
func ask(ctx context.Context, l *Line) error {
	return l.Ask(ctx, Question{Method: http.MethodPost, Path: "/question", About: []any{"order", "V1"}}, func(_ int, answer []byte) error {
		var w struct{ Good bool }
		if err := Decode(answer, &w); err != nil || w.Good {
			return err
		}
		return errBad
	})
}

func failedHow(err error) How {
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		return ""
	}
	return f.How
}

func later(t *testing.T, d time.Duration) {
	t.Helper()
	if err := clock.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestEveryWayToFail(t *testing.T) {
	t.Parallel()
	broken := func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	for why, c := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		how    How
		cause  error
		calls  int
	}{
		"well":            {reply(200, good), "", nil, 1},
		"with what reads": {reply(200, `{"good":false}`), Wrong, errBad, 1},
		"not in JSON":     {reply(200, "<html>"), Wrong, ErrUnread, 1},
		"endlessly":       {reply(200, good+strings.Repeat(" ", maxAnswer)), Wrong, errLong, 1},
		"up to the end":   {reply(200, good+strings.Repeat(" ", maxAnswer-len(good))), "", nil, 1},
		"a 202":           {reply(202, good), Wrong, statusError(202), 1},
		"a redirect":      {reply(307, good), Wrong, statusError(307), 1},
		"a 404":           {reply(404, good), Wrong, statusError(404), 1},
		"a 500":           {reply(500, good), Down, statusError(500), 2},
		"a 503":           {reply(503, good), Down, statusError(503), 2},
		"not at all":      {broken, Down, io.ErrUnexpectedEOF, 2},
		"half": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"go`), errReader{}))}, nil
		}, Down, errBrokeOff, 2},
	} {
		l, w := connect(t, silent)
		w.answer = c.answer
		err := ask(t.Context(), l)
		if failedHow(err) != c.how || !errors.Is(err, c.cause) || w.calls != c.calls {
			t.Errorf("%s: %v (%v), asked %d times, want %q, %v, %d", why, err, errors.Unwrap(err), w.calls, c.how, c.cause, c.calls)
		}
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAQuestionSaysWhichStatusesAreAnswers(t *testing.T) {
	t.Parallel()
	l, w := connect(t, silent)
	q := Question{Method: http.MethodPut, Path: "/x", Also: []int{202, 422}, Bare: func(status int) bool { return status == 404 || status == 204 }}
	for status, want := range map[int]string{200: good, 202: good, 422: good, 204: "", 404: ""} {
		w.answer = reply(status, good)
		err := l.Ask(t.Context(), q, func(got int, answer []byte) error {
			if got != status || string(answer) != want {
				t.Errorf("%d: read %d %s", status, got, answer)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.answer = reply(201, good)
	if err := l.Ask(t.Context(), q, func(int, []byte) error { return nil }); failedHow(err) != Wrong {
		t.Errorf("another: %v", err)
	}
}

func TestWhatAQuestionIsOnTheWire(t *testing.T) {
	t.Parallel()
	l, w := connect(t, silent)
	none := func(int, []byte) error { return nil }
	var body string
	w.answer = func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		body = string(text)
		if err != nil {
			t.Error(err)
		}
		return reply(200, good)(r)
	}
	if err := l.Ask(t.Context(), Question{Method: "PUT", Path: "/a%2Fb", Key: "V1/1", Body: map[string]int{"n": 1}}, none); err != nil {
		t.Fatal(err)
	}
	h := w.last.Header
	if w.last.Method != http.MethodPut || w.last.URL.EscapedPath() != "/base/a%2Fb" || body != `{"n":1}` || h.Get("Idempotency-Key") != "V1/1" ||
		h.Get("Content-Type") != "application/json" || h.Get("Accept") != "application/json" {
		t.Errorf("%+v with %s", w.last, body)
	}
	if err := l.Ask(t.Context(), Question{Method: "GET", Path: "/c"}, none); err != nil {
		t.Fatal(err)
	}
	if h := w.last.Header; body != "" || h.Get("Content-Type") != "" || h.Values("Idempotency-Key") != nil {
		t.Errorf("%+v with %s", w.last, body)
	}
	if err := l.Ask(t.Context(), Question{Method: "PUT", Body: func() {}}, none); err == nil || failedHow(err) != "" || w.calls != 2 {
		t.Errorf("what cannot be written: %v after %d calls", err, w.calls)
	}
}

func TestTheBreakerOpensBehindFiveFailuresInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, w := connect(t, silent)
		for range 3 { // four failures and a call that works: it stays closed
			w.answer = reply(http.StatusOK, "<html>")
			for range 4 {
				if how := failedHow(ask(t.Context(), l)); how != Wrong {
					t.Fatalf("a wrong answer is %q", how)
				}
			}
			w.answer = reply(http.StatusOK, good)
			if err := ask(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		w.answer = reply(http.StatusOK, "<html>")
		for range 5 {
			_ = ask(t.Context(), l)
		}
		calls := w.calls
		w.answer = reply(http.StatusOK, good)
		for range 3 {
			if how := failedHow(ask(t.Context(), l)); how != Down {
				t.Errorf("with the breaker open: %q", how)
			}
			later(t, 4*time.Second)
		}
		if w.calls != calls {
			t.Errorf("asked %d times with the breaker open", w.calls-calls)
		}
		later(t, 4*time.Second)
		for range 3 {
			if err := ask(t.Context(), l); err != nil {
				t.Errorf("after its rest: %v", err)
			}
		}
	})
}

func TestABackendThatDoesNotAnswerIsLateAfterTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), l)); how != Late || took() != deadline || w.calls != 1 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
}

func TestBothTriesShareTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			if err := clock.Sleep(r.Context(), 2*time.Second); err != nil {
				return nil, err
			}
			return reply(http.StatusBadGateway, "")(r)
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), l)); how != Late || took() != deadline || w.calls != 2 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
}

func TestACallThatItsCallerGivesUpSaysNothingAboutTheBackend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, w := connect(t, silent)
		for range 20 {
			ctx, giveUp := context.WithCancel(t.Context())
			w.answer = func(r *http.Request) (*http.Response, error) {
				giveUp()
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			if err := ask(ctx, l); !errors.Is(err, context.Canceled) {
				t.Fatalf("given up: %v", err)
			}
		}
		if w.calls != 20 {
			t.Errorf("asked %d times", w.calls)
		}
		w.answer = reply(http.StatusOK, good)
		if err := ask(t.Context(), l); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// Every fourth call fails at its first try.
func TestOneCallInTenIsTriedAgain(t *testing.T) {
	t.Parallel()
	l, w := connect(t, silent)
	again := make([]bool, 400)
	for n := range again {
		failing := true
		before := w.calls
		w.answer = func(r *http.Request) (*http.Response, error) {
			if failing {
				failing = false
				return reply(http.StatusServiceUnavailable, "")(r)
			}
			return reply(http.StatusOK, good)(r)
		}
		err := ask(t.Context(), l)
		again[n] = w.calls == before+2
		if again[n] != (err == nil) {
			t.Fatalf("call %d: %v after %d tries", n, err, w.calls-before)
		}
		failing = false
		for range 3 { // so that the breaker stays closed
			if err := ask(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
	}
	most, total := 0, 0
	for n := range again { // a window is 25 of these: each is followed by three that work
		sum := 0
		for _, tried := range again[n:min(n+window/4, len(again))] {
			if tried {
				sum++
			}
		}
		most = max(most, sum)
		if again[n] {
			total++
		}
	}
	if most != tries || total < 150 || total > 160 {
		t.Errorf("of %d calls %d were tried again, in a window up to %d", 4*len(again), total, most)
	}
}

func TestTheOperatorIsToldWhyAndNotWhat(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l, w := connect(t, slog.New(slog.NewTextHandler(&log, nil)))
	w.answer = reply(http.StatusServiceUnavailable, "Avery 219090001")
	_ = ask(t.Context(), l)
	w.answer = reply(http.StatusOK, "Avery 219090001")
	_ = ask(t.Context(), l)
	w.answer = func(*http.Request) (*http.Response, error) { return nil, io.EOF }
	_ = ask(t.Context(), l)
	_ = l.Fail(Question{About: []any{"order", "V2"}}, Wrong, errBad)
	for _, want := range []string{"a backend of tests fails", "backend=wire", "how=unavailable", "how=error", "order=V1", "503", "cannot be read", "EOF",
		"order=V2 err=bad"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &log)
		}
	}
	for _, secret := range []string{"219090001", "Avery", "password"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s: %s", secret, &log)
		}
	}
}

func TestALineNeedsTheURLOfABackend(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "backend", "ftp://host/x", "http://", "https:///x", "://", "host:8080", "http://host/x?y=z", "http://host/x#y", "http://ho st"} {
		if _, err := New(Options{Base: bad}); !errors.Is(err, ErrURL) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Redirects are answers, not ways: what is asked goes to nobody else.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	met := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met = true }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	l, err := New(Options{Of: "tests", Name: "server", Base: server.URL, Deadline: deadline, Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(t.Context(), l); failedHow(err) != Wrong || !errors.Is(err, statusError(307)) || met {
		t.Errorf("%v, met %v", err, met)
	}
}
