// Package gate shares a node's workers out between the servers of others that it
// calls: webhook servers, providers. A bounded number of calls at once for each
// and for all, so that a server that does not answer holds up nobody but itself.
package gate

import (
	"context"
	"sync"
	"time"

	"demarc/internal/timer"
)

// Gate is one node's places. A server whose last call took long, or who was not called
// yet, has one place, and all such servers together have half of them: so those that
// answer find one, however many do not. Work that finds its server's places taken waits
// for one only when the server is known to answer quickly, and then not long: it would
// hold a worker that others need.
type Gate struct {
	all, each int
	mu        sync.Mutex
	inFlight  int
	unproven  int // of them, of servers that are not known to answer
	at        map[string]*places
	freed     chan struct{} // closed, and replaced, when a place is freed
}

type places struct {
	taken, waiting int
	unproven       int  // of those taken, from before it was known to answer
	proven         bool // its last call took less than slowly
	quick          bool // and less than quickly
}

const (
	quickly   = time.Second
	slowly    = 5 * time.Second
	shortWait = 200 * time.Millisecond
	maxPlaces = 10_000
)

// New makes a gate of so many places in all, and for each server.
func New(all, each int) *Gate {
	return &Gate{all: all, each: each, at: map[string]*places{}, freed: make(chan struct{})}
}

// Enter takes a place, or answers timer.ErrBusy. Patient callers wait as long as
// their context lasts.
func (g *Gate) Enter(ctx context.Context, server string, patient bool) error {
	if !patient {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, shortWait)
		defer cancel()
	}
	for {
		freed, ok := g.try(server, patient)
		if ok {
			return nil
		}
		if freed == nil {
			return timer.ErrBusy
		}
		select {
		case <-freed:
			g.waited(server)
		case <-ctx.Done():
			g.waited(server)
			return timer.ErrBusy
		}
	}
}

// try takes a place, or gives what to wait for; nil when waiting is not worth it.
func (g *Gate) try(server string, patient bool) (freed <-chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.at[server]
	if p == nil {
		g.forget()
		p = &places{}
		g.at[server] = p
	}
	room := p.taken < g.each && g.inFlight < g.all
	if !p.proven {
		room = p.taken < 1 && g.inFlight < g.all && g.unproven < max(1, g.all/2)
	}
	switch {
	case room:
		p.taken++
		g.inFlight++
		if !p.proven {
			p.unproven++
			g.unproven++
		}
		return nil, true
	case patient || p.quick && p.waiting < g.each:
		p.waiting++
		return g.freed, false
	default:
		return nil, false
	}
}

// forget bounds what is remembered of servers at rest.
func (g *Gate) forget() {
	if len(g.at) < maxPlaces {
		return
	}
	for name, p := range g.at {
		if p.taken == 0 && p.waiting == 0 {
			delete(g.at, name)
		}
	}
}

func (g *Gate) waited(server string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at[server].waiting--
}

// Leave gives the place back, after an attempt that took so long.
func (g *Gate) Leave(server string, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.at[server]
	p.taken--
	if p.unproven > 0 {
		p.unproven--
		g.unproven--
	}
	p.proven, p.quick = took < slowly, took < quickly
	g.inFlight--
	close(g.freed)
	g.freed = make(chan struct{})
}
