package requestlog

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// buckets is how many classes latencies are counted in.
const buckets = 16

// bounds are their upper ends; the last one takes what is longer.
var bounds = [buckets]time.Duration{
	100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 30 * time.Second,
}

// histogram is how many latencies fell into each class.
type histogram [buckets]int64

func (h *histogram) add(took time.Duration) {
	i := 0
	for i < buckets-1 && took > bounds[i] {
		i++
	}
	h[i]++
}

// percentile is the latency that a share of all did not exceed, as near as the classes
// tell: within one, they are taken to be spread as evenly as its ends are drawn, by
// factors and not by sums.
func (h *histogram) percentile(share float64) time.Duration {
	var all int64
	for _, n := range h {
		all += n
	}
	rank := share * float64(all)
	below := 0.0
	for i, n := range h {
		if n == 0 || below+float64(n) < rank {
			below += float64(n)
			continue
		}
		within := (rank - below) / float64(n)
		if i == 0 {
			return time.Duration(within * float64(bounds[0]))
		}
		low, high := float64(bounds[i-1]), float64(bounds[i])
		return time.Duration(low * math.Pow(high/low, within))
	}
	return 0
}

// use is one row of usage.
type use struct {
	world, app string
	at         int64 // the minute, in microseconds
	operation  string
}

type tally struct {
	n, client, server, took int64
	histogram
}

func (t *tally) add(o *tally) {
	t.n, t.client, t.server, t.took = t.n+o.n, t.client+o.client, t.server+o.server, t.took+o.took
	for i := range o.histogram {
		t.histogram[i] += o.histogram[i]
	}
}

// counts is the usage that is not yet written.
type counts struct {
	mu   sync.Mutex
	uses map[use]*tally
}

// mostUses bounds what is held while the database does not answer.
const mostUses = 100_000

func (c *counts) add(now time.Time, r *Record) {
	key := use{r.World, r.App, clock.Micros(now.Truncate(time.Minute)), r.Operation}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.uses[key]
	if t == nil {
		if len(c.uses) >= mostUses {
			return
		}
		if c.uses == nil {
			c.uses = map[use]*tally{}
		}
		t = &tally{}
		c.uses[key] = t
	}
	t.n++
	t.took += r.Took.Microseconds()
	t.histogram.add(r.Took)
	switch {
	case r.Status >= 500:
		t.server++
	case r.Status >= 400:
		t.client++
	}
}

func (c *counts) take() map[use]*tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	uses := c.uses
	c.uses = nil
	return uses
}

// giveBack adds what could not be written to what has come since.
func (c *counts) giveBack(uses map[use]*tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.uses == nil {
		c.uses = map[use]*tally{}
	}
	for key, t := range uses {
		if have := c.uses[key]; have != nil {
			have.add(t)
		} else if len(c.uses) < mostUses {
			c.uses[key] = t
		}
	}
}

// flushMost is how many rows one unit of work adds to.
const flushMost = 200

const addUsage = `INSERT INTO request_usage (world, app, at, operation, n, client, server, took_us,
	b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15)
	SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24 FROM world WHERE id = $1
	ON CONFLICT (world, app, at, operation) DO UPDATE SET n = request_usage.n + excluded.n, client = request_usage.client + excluded.client,
	server = request_usage.server + excluded.server, took_us = request_usage.took_us + excluded.took_us,
	b0 = request_usage.b0 + excluded.b0, b1 = request_usage.b1 + excluded.b1, b2 = request_usage.b2 + excluded.b2,
	b3 = request_usage.b3 + excluded.b3, b4 = request_usage.b4 + excluded.b4, b5 = request_usage.b5 + excluded.b5,
	b6 = request_usage.b6 + excluded.b6, b7 = request_usage.b7 + excluded.b7, b8 = request_usage.b8 + excluded.b8,
	b9 = request_usage.b9 + excluded.b9, b10 = request_usage.b10 + excluded.b10, b11 = request_usage.b11 + excluded.b11,
	b12 = request_usage.b12 + excluded.b12, b13 = request_usage.b13 + excluded.b13, b14 = request_usage.b14 + excluded.b14,
	b15 = request_usage.b15 + excluded.b15`

// FlushUsage adds the usage so far to its rows, and writes how many requests were not
// kept.
func (l *Log) FlushUsage(ctx context.Context) error {
	uses := l.count.take()
	for chunk := range slices.Chunk(sorted(uses), flushMost) {
		err := l.d.System(ctx, func(tx *db.Tx) error {
			for _, k := range chunk {
				addTo(tx, k, uses[k])
			}
			return nil
		})
		if err != nil {
			l.count.giveBack(uses)
			return errors.Join(err, l.flushMissed(ctx))
		}
		for _, k := range chunk {
			delete(uses, k)
		}
	}
	return l.flushMissed(ctx)
}

// flushMissed writes how many requests were not kept, and drops the writers that have
// nothing to remember.
func (l *Log) flushMissed(ctx context.Context) error {
	var wrong error
	now := clock.Machine()
	l.apps.Range(func(app, v any) bool {
		w := v.(*writer)
		n := w.missed.Swap(0)
		if n == 0 {
			// A request that comes in between begins with a fresh limit, which this one was.
			if w.written.Load() == 0 && w.limit.TokensAt(now) >= burst {
				l.apps.CompareAndDelete(app, v)
			}
			return true
		}
		err := l.d.System(ctx, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO request_log (world, app, seq, id, at, method, path, operation, status, missed, took_us)
				SELECT id, $2, $3, '', $4, '', '', '', 0, $5, 0 FROM world WHERE id = $1 ON CONFLICT DO NOTHING`,
				w.world, w.app, db.NextID(), clock.Micros(now), n)
			return nil
		})
		if err != nil {
			w.missed.Add(n)
			wrong = err
		} else {
			w.written.Add(1)
		}
		return wrong == nil
	})
	return wrong
}
