package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
)

var lastID atomic.Int64

// NextID is a number that grows with time: microseconds since 1970 in the upper bits,
// and in the lower ten a count that begins anywhere. It is unique in this process, and
// unique for a subject everywhere, since changes to one subject follow each other. Two
// nodes may make the same one, so a key that spans subjects needs more than this.
func NextID() int64 {
	for {
		last := lastID.Load()
		id := max(clock.Micros(clock.Machine())<<10|rand.Int64N(1<<10), last+1)
		if lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}

// IDAt is a number below which those lie that NextID made before a moment of the machine.
func IDAt(at time.Time) int64 { return clock.Micros(at) << 10 }

// leaseSize is how many numbers a node takes from a counter at once.
const leaseSize = 64

// Counters hands out the numbers of a world's sequences (quotes, orders,
// services). A node leases a run of them in a unit of work of its own, so that
// the orders that use them never wait for each other; numbers that a node leased
// and did not use are skipped.
type Counters struct {
	d  *DB
	mu sync.Mutex
	at map[[2]string]*lease
}

type lease struct {
	mu        sync.Mutex
	next, end int64
}

// NewCounters makes the counters of one node.
func NewCounters(d *DB) *Counters { return &Counters{d: d, at: map[[2]string]*lease{}} }

// Next is the next number of the world's counter, the first being 1. It must not
// be called inside a unit of work.
func (c *Counters) Next(ctx context.Context, world, name string) (int64, error) {
	key := [2]string{world, name}
	c.mu.Lock()
	l := c.at[key]
	if l == nil {
		if len(c.at) >= maxKnown {
			clear(c.at)
		}
		l = &lease{}
		c.at[key] = l
	}
	c.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next >= l.end {
		end, err := c.take(ctx, world, name)
		if err != nil {
			return 0, err
		}
		l.next, l.end = end-leaseSize, end
	}
	n := l.next
	l.next++
	return n, nil
}

var errCounter = errors.New("db: counter vanished")

func (c *Counters) take(ctx context.Context, world, name string) (end int64, err error) {
	err = c.d.Within(ctx, world, func(tx *Tx) error {
		tx.Do(`INSERT INTO counter (world, name, next) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING`, name)
		tx.One(errCounter, `UPDATE counter SET next = next + $3 WHERE world = $1 AND name = $2`, name, int64(leaseSize))
		return tx.Row(`SELECT next FROM counter WHERE world = $1 AND name = $2`, name).Scan(&end)
	})
	return end, err
}

// Forget drops what is leased in a world: its rows were replaced or deleted.
func (c *Counters) Forget(world string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.at {
		if key[0] == world {
			delete(c.at, key)
		}
	}
}
