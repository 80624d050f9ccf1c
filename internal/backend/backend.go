// Package backend is the way to a system of the carrier's that is asked over HTTP and
// answers in JSON: a deadline for each question, a second try where nobody has answered,
// and a breaker that leaves alone what fails.
//
//	line, err := backend.New(backend.Options{Of: "voice", Name: "credit", Base: base, Deadline: 2 * time.Second, Log: log})
//	err = line.Ask(ctx, backend.Question{Method: "POST", Path: "/checks", Body: check}, func(status int, answer []byte) error {
//		return backend.Decode(answer, &decision)
//	})
//
// Ask answers nil, the caller's own ctx.Err(), or a *Failure that says how the backend
// has failed: who asks tells its callers in its own words, and the operator has been
// told by then. What is asked and answered is personal, and does not stand in the log:
// a question says in About what may.
//
// How the backends of a node are doing, a Registry knows; see health.go.
//
// The connectors of the network's controller and of the billing systems are not made of
// this: their questions have no second try, and a wrong answer there is no failure of
// the whole system.
package backend

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
	"slices"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
)

// The breaker opens behind so many failures in a row, for so long.
const (
	failuresInRow = 5
	rests         = 15 * time.Second
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// How a backend can fail.
type How string

// Ways to fail.
const (
	Down  How = "unavailable" // not reached, broken off, a 5xx, or left alone by the breaker
	Late  How = "timeout"
	Wrong How = "error" // an answer that is of no use
)

// Errors of a Line. They repeat nothing of what was answered.
var (
	ErrURL      = errors.New("backend: a backend's URL must be http(s)://host/path")
	ErrUnread   = errors.New("backend: the answer cannot be read")
	ErrForeign  = errors.New("backend: the answer is about something that was not asked for")
	errLong     = errors.New("backend: the answer is too long")
	errBrokeOff = errors.New("backend: the answer broke off")
)

// statusError is an answer with a status that is none of the question's.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("backend: the answer is a %d", int(s)) }

// Failure is a question that was not answered, or badly.
type Failure struct {
	Name string // of the backend
	How  How
	Err  error // for the log
}

func (f *Failure) Error() string { return "backend: " + f.Name + " " + string(f.How) }

func (f *Failure) Unwrap() error { return f.Err }

// Options are what a Line is made of.
type Options struct {
	Of        string        // the product that asks, for the log
	Name      string        // of the backend
	Base      string        // its URL
	Deadline  time.Duration // of one question, its second try included
	Log       *slog.Logger
	Transport http.RoundTripper // nil: the usual one
}

// Line is the way to one backend.
type Line struct {
	Options
	client  *http.Client
	breaker *gobreaker.CircuitBreaker[struct{}]
	budget  budget
	meter   Meter
}

// New makes the way to a backend.
func New(o Options) (*Line, error) {
	u, err := url.Parse(o.Base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrURL
	}
	o.Base = strings.TrimRight(o.Base, "/")
	return &Line{
		Options: o,
		client: &http.Client{Timeout: o.Deadline, Transport: o.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name: o.Of + " " + o.Name, Timeout: rests,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresInRow },
			// A caller that gives up says nothing about the backend.
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}, nil
}

// Question is what a backend is asked.
type Question struct {
	Method, Path string
	Key          string // its Idempotency-Key; "": none
	Body         any    // nil: none
	About        []any  // what the log says of it: names and values, as slog has them
	// Beside 200, the statuses of an answer: those whose body is read, and those that say
	// everything themselves.
	Also []int
	Bare func(status int) bool
}

// Ask asks a question and hands the answer to read, whose errors count against the
// backend like the line's own. A question that has not arrived, or whose answer has
// not, is asked once more where the budget allows it.
func (l *Line) Ask(ctx context.Context, q Question, read func(status int, answer []byte) error) error {
	var body []byte
	var err error
	if q.Body != nil {
		if body, err = json.Marshal(q.Body); err != nil {
			return err
		}
	}
	own, cancel := context.WithTimeout(ctx, l.Deadline)
	defer cancel()
	try := func() error {
		_, err := l.breaker.Execute(func() (struct{}, error) {
			status, answer, err := l.send(own, q, body)
			if err == nil {
				err = read(status, answer)
			}
			l.meter.Note(err)
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
	return l.Fail(q, howOf(err), err)
}

// Fail tells the operator of a failure, and answers it: for what is no failure of the
// backend's, so that the breaker does not count it, and of no use to who asked.
func (l *Line) Fail(q Question, how How, err error) error {
	about := append([]any{"backend", l.Name, "how", string(how)}, q.About...)
	l.Log.Warn("a backend of "+l.Of+" fails", append(about, "err", err)...)
	return &Failure{Name: l.Name, How: how, Err: err}
}

// howOf is how a question has failed.
func howOf(err error) How {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Late
	case lost(err), errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return Down
	}
	return Wrong
}

// lost reports whether nobody has answered, so that asking again may help.
func lost(err error) bool {
	if status, ok := errors.AsType[statusError](err); ok {
		return status >= http.StatusInternalServerError
	}
	_, broken := errors.AsType[*url.Error](err)
	return (broken || errors.Is(err, errBrokeOff)) && !errors.Is(err, context.DeadlineExceeded)
}

func (l *Line) send(ctx context.Context, q Question, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, q.Method, l.Base+q.Path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if q.Key != "" {
		req.Header.Set("Idempotency-Key", q.Key)
	}
	res, err := l.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	status = res.StatusCode
	switch {
	case q.Bare != nil && q.Bare(status):
		return status, nil, nil
	case status != http.StatusOK && !slices.Contains(q.Also, status):
		return 0, nil, statusError(status)
	}
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, nil, ctx.Err()
	case err != nil:
		return 0, nil, errBrokeOff
	case len(answer) > maxAnswer:
		return 0, nil, errLong
	}
	return status, answer, nil
}

// Decode reads an answer. The decoder's own errors repeat what they met, which may be
// personal.
func Decode[T any](answer []byte, into *T) error {
	if json.Unmarshal(answer, into) != nil {
		return ErrUnread
	}
	return nil
}
