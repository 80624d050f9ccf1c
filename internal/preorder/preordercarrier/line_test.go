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

func connect(t *testing.T, log *slog.Logger) (*HTTPAddresses, *wire) {
	t.Helper()
	w := &wire{}
	o := options(preorder.BackendAddress, "http://addresses.example", log)
	o.Transport = w
	l, err := lineOf(o)
	if err != nil {
		t.Fatal(err)
	}
	return &HTTPAddresses{l}, w
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

func TestABackendThatDoesNotAnswerIsLateAfterTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := connect(t, silent)
		w.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if how := failedHow(ask(t.Context(), h)); how != preorder.HowLate || took() != 5*time.Second || w.calls != 1 {
			t.Errorf("%q after %v and %d calls", how, took(), w.calls)
		}
	})
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
