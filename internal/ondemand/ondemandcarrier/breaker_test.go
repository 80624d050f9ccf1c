package ondemandcarrier

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"demarc/internal/clock"
	"demarc/internal/ondemand"

	"github.com/sony/gobreaker/v2"
)

// line carries requests nowhere: it answers as the test says, and counts.
type line struct {
	calls  int
	answer func(*http.Request) (*http.Response, error)
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.calls++
	return l.answer(r)
}

func reply(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// connect makes a connector whose requests go over the line.
func connect(t *testing.T) (*HTTP, *line) {
	t.Helper()
	h, err := NewHTTP("http://controller.example/v1")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{answer: reply(http.StatusAccepted, `{"ref":"x"}`)}
	h.client.Transport = l
	return h, l
}

// later lets time pass; the bubble that the test runs in makes it pass at once.
func later(t *testing.T, d time.Duration) {
	t.Helper()
	if err := clock.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestTheBreakerOpensBehindFiveFailuresInARowAndClosesWhenACallSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		c := ondemand.Change{Order: "o"}
		ask := func() error {
			_, err := h.Start(t.Context(), c)
			return err
		}
		down := reply(http.StatusServiceUnavailable, "")
		// Four failures, and one that works: it stays closed.
		for range 3 {
			l.answer = down
			for range 4 {
				if err := ask(); err == nil || errors.Is(err, gobreaker.ErrOpenState) {
					t.Fatalf("a failing call: %v", err)
				}
			}
			l.answer = reply(http.StatusAccepted, `{"ref":"x"}`)
			if err := ask(); err != nil {
				t.Fatalf("a call that works: %v", err)
			}
		}
		// Five in a row: it opens, and nobody is asked.
		l.answer = down
		for range 5 {
			if err := ask(); err == nil {
				t.Fatal("a failing call succeeded")
			}
		}
		calls := l.calls
		l.answer = reply(http.StatusAccepted, `{"ref":"x"}`)
		for range 3 {
			if err := ask(); !errors.Is(err, gobreaker.ErrOpenState) {
				t.Errorf("with the breaker open: %v", err)
			}
			later(t, 4*time.Second)
		}
		if l.calls != calls {
			t.Errorf("the controller was asked %d times with the breaker open", l.calls-calls)
		}
		// After its rest one call is let through. It fails: open again.
		later(t, 4*time.Second)
		l.answer = down
		if err := ask(); err == nil || errors.Is(err, gobreaker.ErrOpenState) {
			t.Errorf("the call that tries: %v", err)
		}
		if err := ask(); !errors.Is(err, gobreaker.ErrOpenState) {
			t.Errorf("after it has failed: %v", err)
		}
		// The next one works: closed.
		later(t, 16*time.Second)
		l.answer = reply(http.StatusAccepted, `{"ref":"x"}`)
		for range 3 {
			if err := ask(); err != nil {
				t.Errorf("with the breaker closed again: %v", err)
			}
		}
	})
}

func TestRefusalsAreAnswersAndDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		l.answer = reply(http.StatusUnprocessableEntity, `{"reason":"full"}`)
		for range 20 {
			var no *ondemand.Refusal
			if _, err := h.Start(t.Context(), ondemand.Change{Order: "o"}); !errors.As(err, &no) {
				t.Fatalf("a refusal: %v", err)
			}
		}
	})
}

func TestACallThatItsCallerGivesUpSaysNothingAboutTheNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		for range 20 {
			ctx, giveUp := context.WithCancel(t.Context())
			l.answer = func(r *http.Request) (*http.Response, error) {
				giveUp()
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			if _, err := h.Start(ctx, ondemand.Change{Order: "o"}); !errors.Is(err, context.Canceled) {
				t.Fatalf("a call that was given up: %v", err)
			}
		}
	})
}

func TestANetworkThatDoesNotAnswerIsGivenUpAfterItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		l.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if _, err := h.Start(t.Context(), ondemand.Change{Order: "o"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the order: %v", err)
		}
		if _, err := h.Status(t.Context(), ondemand.Change{Order: "o"}, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the question: %v", err)
		}
		if took() != 2*callDeadline {
			t.Errorf("it was waited for %v, the deadline of each is %v", took(), callDeadline)
		}
	})
}

func TestGarbageOpensTheBreakerToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		l.answer = reply(http.StatusOK, `<html>Log in to the hotel's network</html>`)
		for range 5 {
			if _, err := h.Start(t.Context(), ondemand.Change{Order: "o"}); err == nil || errors.Is(err, gobreaker.ErrOpenState) {
				t.Fatalf("garbage: %v", err)
			}
		}
		if _, err := h.Status(t.Context(), ondemand.Change{Order: "o"}, "x"); !errors.Is(err, gobreaker.ErrOpenState) {
			t.Errorf("after five answers that cannot be read: %v", err)
		}
	})
}
