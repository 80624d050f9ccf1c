package carecarrier

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"demarc/internal/care"
	"demarc/internal/clock"
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
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func connect(t *testing.T) (*HTTP, *line) {
	t.Helper()
	h, err := NewHTTP("http://billing.example", "PR", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := &line{answer: reply(http.StatusNotFound, "")}
	h.client.Transport = l
	return h, l
}

var question = care.Query{Unit: "PR", RefID: care.RefAccount, Value: care.ExampleAccount}

func down(err error) bool {
	var u *care.Unavailable
	return errors.As(err, &u)
}

func later(t *testing.T, d time.Duration) {
	t.Helper()
	if err := clock.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestCARE_NET_01_TheBreakerOpensBehindFiveFailuresInARow(t *testing.T) {
	t.Parallel()
	for _, wrong := range []struct {
		what   string
		answer func(*http.Request) (*http.Response, error)
	}{{"unavailable", reply(503, "")}, {"out of reach", func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }}} {
		synctest.Test(t, func(t *testing.T) {
			h, l := connect(t)
			ask := func() error {
				_, err := h.Account(t.Context(), question)
				return err
			}
			for range 3 { // four failures and one that works: it stays closed
				l.answer = wrong.answer
				for range 4 {
					if err := ask(); err == nil {
						t.Fatalf("%s: a failing call succeeded", wrong.what)
					}
				}
				l.answer = reply(404, "")
				if err := ask(); err != nil {
					t.Fatalf("%s: a call that works: %v", wrong.what, err)
				}
			}
			l.answer = wrong.answer
			for range 5 {
				if err := ask(); err == nil {
					t.Fatalf("%s: a failing call succeeded", wrong.what)
				}
			}
			calls := l.calls
			l.answer = reply(404, "")
			for range 3 {
				err := ask()
				if u, ok := errors.AsType[*care.Unavailable](err); !ok || u.RetryAfter != leftAlone {
					t.Errorf("%s: with the breaker open: %v", wrong.what, err)
				}
				later(t, 4*time.Second)
			}
			if l.calls != calls {
				t.Errorf("%s: the system was asked %d times with the breaker open", wrong.what, l.calls-calls)
			}
			later(t, 4*time.Second)
			for range 3 {
				if err := ask(); err != nil {
					t.Errorf("%s: after its rest: %v", wrong.what, err)
				}
			}
		})
	}
}

func TestCARE_NET_01_ASystemThatDoesNotAnswerIsGivenUpAfterItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		l.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		took := clock.Elapsed()
		if _, err := h.Account(t.Context(), question); !down(err) {
			t.Errorf("got %v", err)
		}
		if took() != callDeadline {
			t.Errorf("it was waited for %v, the deadline is %v", took(), callDeadline)
		}
	})
}

func TestACallThatItsCallerGivesUpSaysNothingAboutTheSystem(t *testing.T) {
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
			if _, err := h.Account(ctx, question); !errors.Is(err, context.Canceled) {
				t.Fatalf("a call that was given up: %v", err)
			}
		}
		l.answer = reply(404, "")
		if _, err := h.Account(t.Context(), question); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// rows has one account, and no database.
type rows struct{ care.Store }

func (rows) FindAccount(context.Context, string, string, string) (*care.Account, error) {
	a := care.Examples()[0]
	return &a, nil
}

func TestMagicWordsMakeTheEmbeddedSystemSlow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word    string
		sandbox bool
		takes   time.Duration
		down    bool
	}{
		{care.WordSlow, true, 2 * time.Second, false}, {care.WordTimeout, true, 8 * time.Second, true},
		{care.WordSlow, false, 0, false}, {care.WordTimeout, false, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := question
			q.Sandbox, q.Hint = c.sandbox, "[demarc:"+c.word+"]"
			took := clock.Elapsed()
			a, err := Embedded{rows{}}.Account(t.Context(), q)
			if took() != c.takes || down(err) != c.down || (a != nil) == c.down {
				t.Errorf("%+v: it takes %v and answers %v, %v", c, took(), a, err)
			}
		})
	}
}

// An answer of no use is one account's matter: the system goes on answering others.
func TestCARE_NET_02_AnswersOfNoUseDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, l := connect(t)
		l.answer = reply(200, "<html>")
		for range 20 {
			if _, err := h.Account(t.Context(), question); err == nil {
				t.Fatal("garbage was taken")
			}
		}
		l.answer = reply(404, "")
		if _, err := h.Account(t.Context(), question); err != nil {
			t.Fatalf("the next one: %v", err)
		}
	})
}
