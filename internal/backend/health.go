package backend

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"demarc/internal/clock"

	"github.com/sony/gobreaker/v2"
)

// States of a breaker.
const (
	Closed   = "closed"    // questions are asked
	HalfOpen = "half-open" // one is asked, to see whether the backend is well again
	Open     = "open"      // none is: the backend is left alone
)

// Health is how a backend is doing, as this node has met it.
type Health struct {
	Of, Name string // the product that asks, and the backend
	Embedded bool   // the one that comes with the program stands in for it
	State    string // of the breaker; "" of an embedded one
	Deadline time.Duration
	Calls    int // of the last quarter of an hour
	Failures int // among those
	Why      string
	FailedAt time.Time // with Why; zero: not since the start
	WorkedAt time.Time // zero: not since the start
}

// Well reports whether the backend answers, as far as anybody has asked.
func (h Health) Well() bool { return h.Embedded || h.State == Closed && !h.FailedAt.After(h.WorkedAt) }

// minutes is for how long a meter remembers.
const minutes = 15

// Meter counts the calls of one backend. The zero value counts.
type Meter struct {
	mu       sync.Mutex
	buckets  [minutes]bucket
	why      string
	failedAt time.Time
	workedAt time.Time
}

type bucket struct {
	minute          int64
	calls, failures int
}

// Note counts a call: err is how the backend has failed, nil when it has answered. A
// caller that gave up, and a call that the breaker did not let through, say nothing.
func (m *Meter) Note(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return
	}
	now := clock.Machine()
	minute := now.Unix() / 60
	m.mu.Lock()
	defer m.mu.Unlock()
	b := &m.buckets[minute%minutes]
	if b.minute != minute {
		*b = bucket{minute: minute}
	}
	b.calls++
	if err == nil {
		m.workedAt = now
		return
	}
	b.failures++
	m.failedAt, m.why = now, plain(err)
}

// plain is an error without where it was asked: an address may hold what is secret.
func plain(err error) string {
	if broken, ok := errors.AsType[*url.Error](err); ok {
		err = broken.Err
	}
	text := []rune(err.Error())
	return string(text[:min(len(text), 300)])
}

// Health is what was counted.
func (m *Meter) Health(of, name string, deadline time.Duration, state gobreaker.State) Health {
	minute := clock.Machine().Unix() / 60
	m.mu.Lock()
	defer m.mu.Unlock()
	h := Health{Of: of, Name: name, State: state.String(), Deadline: deadline, Why: m.why, FailedAt: m.failedAt, WorkedAt: m.workedAt}
	for _, b := range m.buckets {
		if minute-b.minute < minutes {
			h.Calls += b.calls
			h.Failures += b.failures
		}
	}
	return h
}

// Health is how the backend is doing.
func (l *Line) Health() Health { return l.meter.Health(l.Of, l.Name, l.Deadline, l.breaker.State()) }

// Watched is the way to a backend that knows how it is doing.
type Watched interface{ Health() Health }

// Registry knows the backends of a node. A nil one takes them and forgets them.
type Registry struct {
	mu   sync.Mutex
	list []Watched
}

// Add makes a backend known.
func (r *Registry) Add(w Watched) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, w)
}

type embedded Health

func (e embedded) Health() Health { return Health(e) }

// Embed makes a backend known for which the one of the program stands in.
func (r *Registry) Embed(of, name string) { r.Add(embedded{Of: of, Name: name, Embedded: true}) }

// All is how each backend is doing, by product and name.
func (r *Registry) All() []Health {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	list := make([]Health, len(r.list))
	for i, w := range r.list {
		list[i] = w.Health()
	}
	r.mu.Unlock()
	slices.SortFunc(list, func(a, b Health) int { return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Name, b.Name)) })
	return list
}
