package voicecarrier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"demarc/internal/voice"

	"github.com/sony/gobreaker/v2"
)

// Deadline of one question, its second try included, and how much of an answer is read.
const (
	callDeadline = 2 * time.Second
	maxAnswer    = 1 << 20
)

// The breaker opens behind so many failures in a row, for so long.
const (
	failuresInRow = 5
	breakerRests  = 15 * time.Second
)

var (
	errURL      = errors.New("voicecarrier: a backend's URL must be http(s)://host/path")
	errUnread   = errors.New("voicecarrier: the answer cannot be read")
	errForeign  = errors.New("voicecarrier: the answer is about something that was not asked for")
	errLong     = errors.New("voicecarrier: the answer is too long")
	errBrokeOff = errors.New("voicecarrier: the answer broke off")
)

// statusError is an answer that is no 200.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("voicecarrier: the answer is a %d", int(s)) }

// line is the way to one backend.
type line struct {
	name    string // of the backend
	base    string
	log     *slog.Logger
	client  *http.Client
	breaker *gobreaker.CircuitBreaker[struct{}]
	budget  budget
}

func newLine(name, base string, log *slog.Logger) (*line, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errURL
	}
	return &line{
		name: name, base: strings.TrimRight(base, "/"), log: log,
		client: &http.Client{Timeout: callDeadline, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name: "voice " + name, Timeout: breakerRests,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresInRow },
			// A caller that gives up says nothing about the backend.
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}, nil
}

// question is what a backend is asked.
type question struct {
	method, path string
	key          string // its Idempotency-Key; "": none
	body         any    // nil: none
	noneIs404    bool   // a 404 is an answer, which is read as nil
	about        string // for the log
}

// ask asks a question and hands the answer to read, whose errors count against the
// backend like the line's own. A question that has not arrived, or whose answer has
// not, is asked once more where the budget allows it.
func (l *line) ask(ctx context.Context, q voice.Query, a question, read func(answer []byte) error) error {
	var body []byte
	var err error
	if a.body != nil {
		if body, err = json.Marshal(a.body); err != nil {
			return err
		}
	}
	own, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	try := func() error {
		_, err := l.breaker.Execute(func() (struct{}, error) {
			answer, err := l.send(own, a, body)
			if err == nil {
				err = read(answer)
			}
			return struct{}{}, err
		})
		return err
	}
	again := l.budget.call()
	if err = try(); own.Err() == nil && lost(err) && again() {
		err = try()
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the caller has gone, or has waited as long as it may
	}
	return l.failed(q, a, how(err), err)
}

// failed tells the operator of a failure, and answers it.
func (l *line) failed(q voice.Query, a question, how string, err error) error {
	l.log.Warn("a backend of voice fails", "backend", l.name, "how", how, "world", q.World, "about", a.about, "err", err)
	return &voice.Backend{Name: l.name, How: how, Err: err}
}

// how a question has failed.
func how(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return voice.HowLate
	case lost(err), errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return voice.HowDown
	}
	return voice.HowWrong
}

// lost reports whether nobody has answered, so that asking again may help.
func lost(err error) bool {
	if status, ok := errors.AsType[statusError](err); ok {
		return status >= http.StatusInternalServerError
	}
	_, broken := errors.AsType[*url.Error](err)
	return (broken || errors.Is(err, errBrokeOff)) && !errors.Is(err, context.DeadlineExceeded)
}

func (l *line) send(ctx context.Context, a question, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, a.method, l.base+a.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.key != "" {
		req.Header.Set("Idempotency-Key", a.key)
	}
	res, err := l.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound && a.noneIs404:
		return nil, nil
	case res.StatusCode != http.StatusOK:
		return nil, statusError(res.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, errBrokeOff
	case len(answer) > maxAnswer:
		return nil, errLong
	}
	return answer, nil
}

// budget bounds second tries: of any hundred calls that follow each other, ten may have
// one. When everything fails, trying all of it again would double the load on what is
// failing.
type budget struct {
	mu     sync.Mutex
	window [window]bool // the last calls: whether each was tried again
	at     int
	spent  int
}

const (
	window = 100
	tries  = window / 10
)

// call counts a call; again asks for its second try.
func (b *budget) call() (again func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.at
	b.at = (b.at + 1) % window
	if b.window[at] {
		b.window[at] = false
		b.spent--
	}
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.spent >= tries || b.window[at] {
			return false
		}
		b.window[at] = true
		b.spent++
		return true
	}
}
