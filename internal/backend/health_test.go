package backend

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
)

func TestALineKnowsHowItsBackendIsDoing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, w := connect(t, silent)
		known := &Registry{}
		known.Add(l)
		known.Embed("tests", "another")
		if all := known.All(); len(all) != 2 || all[0].Name != "another" || !all[0].Embedded || !all[0].Well() || !all[1].Well() || all[1].Calls != 0 || all[1].State != Closed {
			t.Errorf("at the start: %+v", all)
		}
		if err := ask(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		w.answer = func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
		later(t, time.Second)
		_ = ask(t.Context(), l) // is tried twice
		h := l.Health()
		if h.Of != "tests" || h.Name != "wire" || h.Deadline != deadline || h.Calls != 3 || h.Failures != 2 || h.State != Closed || h.Well() ||
			!h.FailedAt.After(h.WorkedAt) || h.Why != io.ErrUnexpectedEOF.Error() {
			t.Errorf("after a failure: %+v", h)
		}
		for range 3 {
			_ = ask(t.Context(), l)
		}
		before := l.Health()
		_ = ask(t.Context(), l) // the breaker lets nothing through, which is no call
		if h = l.Health(); h.State != Open || h.Well() || h.Calls != before.Calls {
			t.Errorf("left alone: %+v, and %+v before", h, before)
		}
		later(t, rests+time.Second)
		if h = l.Health(); h.State != HalfOpen || h.Well() {
			t.Errorf("after its rest: %+v", h)
		}
		w.answer = reply(http.StatusOK, good)
		later(t, minutes*time.Minute)
		if err := ask(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if h = l.Health(); h.State != Closed || !h.Well() || h.Calls != 1 || h.Failures != 0 || h.FailedAt.IsZero() {
			t.Errorf("well again: %+v", h)
		}
	})
}

func TestAMeterPassesOverWhatSaysNothing(t *testing.T) {
	t.Parallel()
	var m Meter
	for _, err := range []error{context.Canceled, gobreaker.ErrOpenState, gobreaker.ErrTooManyRequests} {
		m.Note(err)
	}
	if h := m.Health("tests", "meter", 0, gobreaker.StateClosed); h.Calls != 0 || !h.Well() {
		t.Errorf("%+v", h)
	}
	m.Note(&url.Error{Op: "Get", URL: "http://user:password@host/219090001", Err: errors.New("refused")})
	if h := m.Health("tests", "meter", 0, gobreaker.StateClosed); h.Why != "refused" {
		t.Errorf("it says %q", h.Why)
	}
	m.Note(errors.New(strings.Repeat("é", 400)))
	if h := m.Health("tests", "meter", 0, gobreaker.StateClosed); len([]rune(h.Why)) != 300 {
		t.Errorf("it says %d letters", len([]rune(h.Why)))
	}
}

func TestARegistryThatNobodyWantsForgets(t *testing.T) {
	t.Parallel()
	var none *Registry
	none.Embed("tests", "x")
	if all := none.All(); all != nil {
		t.Errorf("%v", all)
	}
}
