package db

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Group answers many single lookups with few queries: while one query runs, the
// lookups that arrive wait together and share the next one. A lone caller is
// served at once; under load the cost of a round trip is split among all who
// wait, and who wait for the same key ask once. Every answer comes from a query
// that began after its caller asked, so nothing stale is ever read.
//
// The same shape serves many independent writes (see identity's tokens).
type Group[K comparable, V any] struct {
	// Load answers keys; keys without an answer are left out of the map.
	Load func(ctx context.Context, keys []K) (map[K]V, error)
	// Lanes is how many queries may run at once (default 2), Max how many keys
	// one query takes (default 128).
	Lanes, Max int

	mu      sync.Mutex
	running int
	waiting *gather[K, V]
}

type gather[K comparable, V any] struct {
	keys []K
	done chan struct{}
	vals map[K]V
	err  error
	next *gather[K, V]
}

// Get looks one key up. The second result tells whether there was an answer.
func (g *Group[K, V]) Get(ctx context.Context, key K) (V, bool, error) {
	batch, mine := g.join(key)
	if mine {
		g.serve(batch)
		if next := g.next(); next != nil {
			go g.work(next)
		}
	}
	select {
	case <-batch.done:
	case <-ctx.Done():
		var none V
		return none, false, ctx.Err()
	}
	v, ok := batch.vals[key]
	return v, ok, batch.err
}

// join adds the key to the batch that waits, or opens one; mine says that a lane
// is free and the caller must set it to work.
func (g *Group[K, V]) join(key K) (batch *gather[K, V], mine bool) {
	lanes, most := g.Lanes, g.Max
	if lanes <= 0 {
		lanes = 2
	}
	if most <= 0 {
		most = 128
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running < lanes {
		g.running++
		return &gather[K, V]{keys: []K{key}, done: make(chan struct{})}, true
	}
	b := g.waiting
	for b != nil && len(b.keys) >= most && b.next != nil {
		b = b.next
	}
	switch {
	case b == nil:
		b = &gather[K, V]{done: make(chan struct{})}
		g.waiting = b
	case len(b.keys) >= most:
		b.next = &gather[K, V]{done: make(chan struct{})}
		b = b.next
	}
	if !slices.Contains(b.keys, key) { // a hundred comparisons cost less than one lookup
		b.keys = append(b.keys, key)
	}
	return b, false
}

// deadline bounds one query on behalf of everybody who waits for it.
const deadline = 10 * time.Second

func (g *Group[K, V]) serve(b *gather[K, V]) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	b.vals, b.err = g.Load(ctx, b.keys)
	close(b.done)
}

// next takes the batch that has gathered, or gives the lane back.
func (g *Group[K, V]) next() *gather[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.waiting
	if b == nil {
		g.running--
		return nil
	}
	g.waiting = b.next
	return b
}

func (g *Group[K, V]) work(b *gather[K, V]) {
	for ; b != nil; b = g.next() {
		g.serve(b)
	}
}
