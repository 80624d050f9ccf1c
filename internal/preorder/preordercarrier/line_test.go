package preordercarrier

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
	"demarc/internal/preorder"
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

const good = `{"served":true}`

func connect(t *testing.T, log *slog.Logger) (*HTTPAddresses, *wire) {
	t.Helper()
	h, err := NewHTTPAddresses("http://addresses.example", log)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{answer: reply(http.StatusOK, good)}
	h.line.client.Transport = w
	return h, w
}

var silent = slog.New(slog.DiscardHandler)

func ask(ctx context.Context, h *HTTPAddresses) error {
	_, err := h.Footprint(ctx, preorder.Query{Transaction: "PX-TESTTEST"}, "80202")
	return err
}

func failedHow(err error) string {
	b, ok := errors.AsType[*preorder.Backend](err)
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
				if how := failedHow(ask(t.Context(), h)); how != preorder.HowWrong {
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
			if how := failedHow(ask(t.Context(), h)); how != preorder.HowDown {
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

func TestABackendThatDoesNotAnswerIsLateAfterTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), h)); how != preorder.HowLate || took() != callDeadline || w.calls != 1 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
}

func TestBothTriesShareTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			if err := clock.Sleep(r.Context(), 3*time.Second); err != nil {
				return nil, err
			}
			return reply(http.StatusBadGateway, "")(r)
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), h)); how != preorder.HowLate || took() != callDeadline || w.calls != 2 {
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

// Every second request fails: each call's first try, were there no budget.
func TestOneCallInTenIsTriedAgain(t *testing.T) {
	t.Parallel()
	h, w := connect(t, silent)
	again := make([]bool, 1000)
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
	for n := range again { // a window of 100 calls is 25 of ours: each is followed by three that work
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
	if most != tries || total < 380 || total > 400 {
		t.Errorf("of %d calls %d were tried again, in a window up to %d", 4*len(again), total, most)
	}
}

func TestTheOperatorIsToldWhyAndNothingOfTheCustomer(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h, w := connect(t, slog.New(slog.NewTextHandler(&log, nil)))
	w.answer = reply(http.StatusServiceUnavailable, "Avery 219090001")
	_ = ask(t.Context(), h)
	for _, want := range []string{"backend=address", "how=unavailable", "transaction=PX-TESTTEST", "503"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &log)
		}
	}
	if strings.Contains(log.String(), "219090001") {
		t.Errorf("the log tells: %s", &log)
	}
}
