package voicecarrier

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"demarc/internal/clock"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// wire carries requests nowhere: it answers as the test says, and counts.
type wire struct {
	calls  int
	answer func(*http.Request) (*http.Response, error)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.calls++
	return w.answer(r)
}

func reply(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

const (
	good = `{"ready":true}`
	shut = `{"ready":false}`
)

func connect(t *testing.T, log *slog.Logger) (*HTTPAdministration, *wire) {
	t.Helper()
	h, err := NewHTTPAdministration("http://numbers.example", log)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{answer: reply(http.StatusOK, good)}
	h.line.client.Transport = w
	return h, w
}

var silent = slog.New(slog.DiscardHandler)

func ask(ctx context.Context, h *HTTPAdministration) error {
	return h.Ready(ctx, voice.Query{World: "w_1"}, "CO", "DENVER")
}

func failedHow(err error) string {
	b, ok := errors.AsType[*voice.Backend](err)
	if !ok {
		return ""
	}
	return b.How
}

func later(t *testing.T, d time.Duration) {
	t.Helper()
	if err := clock.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestTheBreakerOpensBehindFiveFailuresInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		for range 3 { // four failures and a call that works: it stays closed
			w.answer = reply(http.StatusOK, "<html>")
			for range 4 {
				if how := failedHow(ask(t.Context(), h)); how != voice.HowWrong {
					t.Fatalf("a wrong answer is %q", how)
				}
			}
			w.answer = reply(http.StatusOK, good)
			if err := ask(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		w.answer = reply(http.StatusOK, "<html>")
		for range 5 {
			_ = ask(t.Context(), h)
		}
		calls := w.calls
		w.answer = reply(http.StatusOK, good)
		for range 3 {
			if how := failedHow(ask(t.Context(), h)); how != voice.HowDown {
				t.Errorf("with the breaker open: %q", how)
			}
			later(t, 4*time.Second)
		}
		if w.calls != calls {
			t.Errorf("asked %d times with the breaker open", w.calls-calls)
		}
		later(t, 4*time.Second)
		for range 3 {
			if err := ask(t.Context(), h); err != nil {
				t.Errorf("after its rest: %v", err)
			}
		}
	})
}

// A rate center that is not ready, and one that there is not, are answers: however many
// customers ask for them, the backend works.
func TestAnswersThatNobodyLikesAreNoFailures(t *testing.T) {
	t.Parallel()
	h, w := connect(t, silent)
	for range 20 {
		w.answer = reply(http.StatusOK, shut)
		if how := failedHow(ask(t.Context(), h)); how != voice.HowWrong {
			t.Fatalf("not ready is %q", how)
		}
	}
	for range 20 {
		w.answer = reply(http.StatusNotFound, "no such rate center")
		if err := ask(t.Context(), h); err != nil {
			t.Fatalf("no such rate center: %v", err)
		}
	}
	if w.calls != 40 {
		t.Errorf("asked %d times, want 40: each once", w.calls)
	}
	w.answer = reply(http.StatusNotFound, "")
	if _, err := h.Lookup(t.Context(), voice.Query{}, []nanp.TN{303_555_0100}); failedHow(err) != voice.HowWrong {
		t.Errorf("a lookup's 404: %v", err)
	}
}

func TestABackendThatDoesNotAnswerIsLateAfterTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), h)); how != voice.HowLate || took() != 2*time.Second || w.calls != 1 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
}

func TestBothTriesShareTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			if err := clock.Sleep(r.Context(), 1500*time.Millisecond); err != nil {
				return nil, err
			}
			return reply(http.StatusBadGateway, "")(r)
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), h)); how != voice.HowLate || took() != 2*time.Second || w.calls != 2 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
}

func TestACallThatItsCallerGivesUpSaysNothingAboutTheBackend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		for range 20 {
			ctx, giveUp := context.WithCancel(t.Context())
			w.answer = func(r *http.Request) (*http.Response, error) {
				giveUp()
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			if err := ask(ctx, h); !errors.Is(err, context.Canceled) {
				t.Fatalf("given up: %v", err)
			}
		}
		if w.calls != 20 {
			t.Errorf("asked %d times", w.calls)
		}
		w.answer = reply(http.StatusOK, good)
		if err := ask(t.Context(), h); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// Every fourth call fails at its first try.
func TestOneCallInTenIsTriedAgain(t *testing.T) {
	t.Parallel()
	h, w := connect(t, silent)
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
		err := ask(t.Context(), h)
		again[n] = w.calls == before+2
		if again[n] != (err == nil) {
			t.Fatalf("call %d: %v after %d tries", n, err, w.calls-before)
		}
		failing = false
		for range 3 { // so that the breaker stays closed
			if err := ask(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
	}
	most, total := 0, 0
	for n := range again { // 100 calls are 25 of these: each is followed by three that work
		sum := 0
		for _, tried := range again[n:min(n+25, len(again))] {
			if tried {
				sum++
			}
		}
		most = max(most, sum)
		if again[n] {
			total++
		}
	}
	if most != 10 || total < 150 || total > 160 {
		t.Errorf("of 1600 calls %d were tried again, in 100 up to %d", total, most)
	}
}

func TestTheOperatorIsToldWhyAndNoTelephoneNumber(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h, w := connect(t, slog.New(slog.NewTextHandler(&log, nil)))
	for _, answer := range []string{"3035550100", `{"numbers":[{"telephoneNumber":"3035550101","known":false}]}`} {
		w.answer = reply(http.StatusOK, answer)
		_, _ = h.Lookup(t.Context(), voice.Query{World: "w_1"}, []nanp.TN{303_555_0100})
	}
	w.answer = reply(http.StatusOK, shut)
	_ = ask(t.Context(), h)
	w.answer = reply(http.StatusServiceUnavailable, "")
	_ = ask(t.Context(), h)
	for _, want := range []string{"backend=administration", "how=error", "how=unavailable", "world=w_1", `about="1 numbers"`, "about=CO/DENVER", "503", "cannot be given out"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &log)
		}
	}
	if strings.Contains(log.String(), "30355501") {
		t.Errorf("the log tells: %s", &log)
	}
}
