package outbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errBusy puts a lane off for a moment of machine time.
var errBusy = errors.New("outbox: the endpoint has as many attempts under way as it may have here")

// gate shares the node's workers out: a bounded number of attempts at once for
// each endpoint and for all. Work that finds its endpoint's places taken waits
// for one only when the endpoint is known to answer quickly, and then not long:
// it would hold a worker that others need.
type gate struct {
	all, each int
	mu        sync.Mutex
	inFlight  int
	at        map[string]*places
	freed     chan struct{} // closed, and replaced, when a place is freed
}

type places struct {
	taken, waiting int
	quick          bool // its last attempt took less than quickly
}

const (
	quickly   = time.Second
	shortWait = 200 * time.Millisecond
	maxPlaces = 10_000
)

func newGate(all, each int) *gate {
	return &gate{all: all, each: each, at: map[string]*places{}, freed: make(chan struct{})}
}

// enter takes a place. patient callers wait as long as their context lasts.
func (g *gate) enter(ctx context.Context, endpoint string, patient bool) error {
	if !patient {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, shortWait)
		defer cancel()
	}
	for {
		freed, ok := g.try(endpoint, patient)
		if ok {
			return nil
		}
		if freed == nil {
			return errBusy
		}
		select {
		case <-freed:
			g.waited(endpoint)
		case <-ctx.Done():
			g.waited(endpoint)
			return errBusy
		}
	}
}

// try takes a place, or gives what to wait for; nil when waiting is not worth it.
func (g *gate) try(endpoint string, patient bool) (freed <-chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.at[endpoint]
	if p == nil {
		g.forget()
		p = &places{}
		g.at[endpoint] = p
	}
	switch {
	case p.taken < g.each && g.inFlight < g.all:
		p.taken++
		g.inFlight++
		return nil, true
	case patient || p.quick && p.waiting < g.each:
		p.waiting++
		return g.freed, false
	default:
		return nil, false
	}
}

// forget bounds what is remembered of endpoints at rest.
func (g *gate) forget() {
	if len(g.at) < maxPlaces {
		return
	}
	for name, p := range g.at {
		if p.taken == 0 && p.waiting == 0 {
			delete(g.at, name)
		}
	}
}

func (g *gate) waited(endpoint string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at[endpoint].waiting--
}

// leave gives the place back, after an attempt that took so long.
func (g *gate) leave(endpoint string, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.at[endpoint]
	p.taken--
	p.quick = took < quickly
	g.inFlight--
	close(g.freed)
	g.freed = make(chan struct{})
}
