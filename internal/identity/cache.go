package identity

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// cacheShards keep callers on different keys out of each other's way.
const cacheShards = 64

// cache is a bounded read-through cache of rows that other nodes may change. An
// entry is used until it is maxAge old; a little before, one of its users reads
// it again while the others go on. What this node changes is forgotten after the
// commit, and a read that began before that is not kept.
type cache[K comparable, V any] struct {
	group  db.Group[K, *V]
	spread func(K) uint8 // an evenly spread byte of the key
	maxAge time.Duration
	most   int  // entries per shard
	absent bool // remember also that there is nothing
	since  func() time.Duration
	shards [cacheShards]cacheShard[K, V]
}

type cacheShard[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]*cacheEntry[V]
	changes uint64 // grows with every forget
}

type cacheEntry[V any] struct {
	value   *V // nil: there is nothing
	read    time.Duration
	used    atomic.Int64
	reading atomic.Bool // somebody reads it again
}

// newCache makes a cache of about size entries in front of load, which leaves out
// the keys that have no row.
func newCache[K comparable, V any](size int, maxAge time.Duration, spread func(K) uint8,
	load func(ctx context.Context, keys []K) (map[K]*V, error)) *cache[K, V] {
	c := &cache[K, V]{spread: spread, maxAge: maxAge, most: max(1, size/cacheShards), since: clock.Elapsed()}
	c.group.Load = load
	for i := range c.shards {
		c.shards[i].entries = map[K]*cacheEntry[V]{}
	}
	return c
}

func (c *cache[K, V]) shard(key K) *cacheShard[K, V] {
	return &c.shards[c.spread(key)%cacheShards]
}

// get answers the key's value, nil when there is none.
func (c *cache[K, V]) get(ctx context.Context, key K) (*V, error) {
	sh := c.shard(key)
	sh.mu.RLock()
	e, changes := sh.entries[key], sh.changes
	sh.mu.RUnlock()
	now := c.since()
	if e == nil {
		return c.load(ctx, sh, key, changes, now)
	}
	age := now - e.read
	switch {
	case age >= c.maxAge:
		return c.load(ctx, sh, key, changes, now)
	case age >= c.maxAge*3/4 && e.reading.CompareAndSwap(false, true):
		v, err := c.load(ctx, sh, key, changes, now)
		if err != nil { // the entry is still good for a while
			e.reading.Store(false)
			return e.value, nil //nolint:nilerr // a later call will meet the error, if it stays
		}
		return v, nil
	}
	if used := e.used.Load(); int64(now)-used > int64(c.maxAge)/8 {
		e.used.Store(int64(now))
	}
	return e.value, nil
}

func (c *cache[K, V]) load(ctx context.Context, sh *cacheShard[K, V], key K, changes uint64, asked time.Duration) (*V, error) {
	v, _, err := c.group.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.changes != changes {
		return v, nil // as old as the question, which is fair to answer; too old to keep
	}
	if v == nil && !c.absent {
		delete(sh.entries, key)
		return nil, nil
	}
	if _, known := sh.entries[key]; !known && len(sh.entries) >= c.most {
		sh.evict()
	}
	e := &cacheEntry[V]{value: v, read: asked}
	e.used.Store(int64(asked))
	sh.entries[key] = e
	return v, nil
}

// evict drops, of a few entries, the one that has not been used for longest.
func (sh *cacheShard[K, V]) evict() {
	var victim K
	oldest, seen := int64(0), 0
	for key, e := range sh.entries { // Go begins at a random one
		if used := e.used.Load(); seen == 0 || used < oldest {
			victim, oldest = key, used
		}
		if seen++; seen == 8 {
			break
		}
	}
	delete(sh.entries, victim)
}

// forget drops what is known of the key, and what is being read.
func (c *cache[K, V]) forget(key K) {
	sh := c.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.changes++
	delete(sh.entries, key)
}

// forgetIf drops every entry of which drop says so, and what is being read.
func (c *cache[K, V]) forgetIf(drop func(*V) bool) {
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.Lock()
		sh.changes++
		for key, e := range sh.entries {
			if e.value == nil || drop(e.value) {
				delete(sh.entries, key)
			}
		}
		sh.mu.Unlock()
	}
}

// len is how many entries there are.
func (c *cache[K, V]) len() (n int) {
	for i := range c.shards {
		c.shards[i].mu.RLock()
		n += len(c.shards[i].entries)
		c.shards[i].mu.RUnlock()
	}
	return n
}
