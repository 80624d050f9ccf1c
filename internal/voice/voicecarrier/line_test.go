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

const shut = `{"ready":false}`

func connect(t *testing.T, log *slog.Logger) (*HTTPAdministration, *wire) {
	t.Helper()
	w := &wire{}
	return &HTTPAdministration{over(t, w, log)}, w
}

// over is a way that leads to a wire.
func over(t *testing.T, w *wire, log *slog.Logger) *line {
	t.Helper()
	o := options(voice.BackendAdministration, "http://numbers.example", log)
	o.Transport = w
	l, err := lineOf(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
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

// What a losing carrier and the providers must know is personal. It stands in no log,
// whatever they answer.
func TestTheOperatorIsToldNothingOfASubscriber(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &wire{}
	logger := slog.New(slog.NewTextHandler(&log, nil))
	losing, providers := &HTTPLosing{over(t, w, logger)}, &HTTPProviders{over(t, w, logger)}
	s := voice.Service{Subscriber: voice.Subscriber{Type: voice.Residential, First: "Avery", Last: "Example"}, Address: voice.Address{Number: "98765", Name: "MAIN"},
		Listing: &voice.Listing{First: "Avery"}, CNAM: &voice.CNAM{Name: "AVERY E"}}
	p := voice.Port{Order: "V100000001", Round: 2, Numbers: []nanp.TN{303_555_0100}, LNP: voice.LNP{LOAName: "Avery", WTN: 303_555_0100, Account: "ACC-1234", PIN: "4321"}, Service: s}
	q := voice.Query{World: "w_1"}
	answers := []func(*http.Request) (*http.Response, error){
		func(r *http.Request) (*http.Response, error) { // what was asked comes back
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			return reply(http.StatusUnprocessableEntity, string(text)+"}")(r)
		},
		reply(http.StatusOK, `{"state":"concur","focDate":"Avery ACC-1234"}`),
		func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
	}
	for _, w.answer = range answers {
		_, _ = losing.Ask(t.Context(), q, p)
	}
	w.answer = answers[0]
	for _, tell := range []func(context.Context, voice.Query, string, []voice.Range, voice.Service) error{providers.List, providers.Locate, providers.Name} {
		_ = tell(t.Context(), q, p.Order, []voice.Range{{Start: 303_555_0100, End: 303_555_0100}}, s)
	}
	for _, want := range []string{"world=w_1", "about=V100000001/2", "about=listings/V100000001", "about=locations/V100000001", "about=names/V100000001", "422", "cannot be read"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &log)
		}
	}
	for _, secret := range []string{"3035550100", "Avery", "AVERY", "ACC-1234", "4321", "98765"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s: %s", secret, &log)
		}
	}
}
