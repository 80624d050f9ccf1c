package requestlog

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"

	"golang.org/x/time/rate"
)

// Record is a request that was answered, as the edge knows it. The log may hold on to
// what it points at, which must not be changed any more.
type Record struct {
	World, App      string
	ID              string
	Method          string
	Path, Query     string // as they were sent
	Operation       string
	Status          int
	Took            time.Duration
	Keep            bool // Wants has said so; else it is only counted
	RequestHeaders  map[string][]string
	ResponseHeaders map[string][]string
	RequestBody     []byte
	ResponseBody    []byte // its beginning at least
	ResponseSize    int64
	Fault           *fault.Error // nil when nothing went wrong
}

// Bounds of what one application writes, and of what a node has not yet written.
const (
	perSecond  = 50
	burst      = 1000
	queueMost  = 4096
	queueBytes = 16 << 20
	batchMost  = 256
)

// writer is an application whose requests are kept.
type writer struct {
	world, app string
	limit      *rate.Limiter
	missed     atomic.Int64 // requests that were not kept, and are not written down yet
	written    atomic.Int64 // rows since its log was last cut to its length
}

func (l *Log) writer(world, app string) *writer {
	if w, ok := l.apps.Load(app); ok {
		return w.(*writer)
	}
	w, _ := l.apps.LoadOrStore(app, &writer{world: world, app: app, limit: rate.NewLimiter(perSecond, burst)})
	return w.(*writer)
}

// Wants reports whether a request of an application, which is one of a sandbox, is to be
// kept. One that is not because there are too many is counted.
func (l *Log) Wants(world, app string) bool {
	w := l.writer(world, app)
	if w.limit.AllowN(clock.Machine(), 1) {
		return true
	}
	w.missed.Add(1)
	return false
}

// Add takes a request in.
func (l *Log) Add(r Record) {
	now := clock.Machine()
	l.count.add(now, &r)
	if !r.Keep {
		return
	}
	e := &kept{Record: r, at: now.Add(-r.Took), seq: db.NextID(), requestSize: int64(len(r.RequestBody))}
	e.RequestBody, e.requestCut = head(r.RequestBody)
	e.ResponseBody, e.responseCut = head(r.ResponseBody)
	e.responseCut = e.responseCut || r.ResponseSize > int64(len(r.ResponseBody))
	if !l.queue.put(e) {
		l.writer(r.World, r.App).missed.Add(1)
	}
}

// head is a body's beginning. That of a long one is a copy, so that the whole is not
// held.
func head(body []byte) (beginning []byte, cut bool) {
	if len(body) <= BodyMost {
		return body, false
	}
	return bytes.Clone(body[:BodyMost]), true
}

// kept is a record on its way to the database.
type kept struct {
	Record
	at                      time.Time
	seq                     int64
	requestSize             int64
	requestCut, responseCut bool
}

func (e *kept) size() int { return len(e.RequestBody) + len(e.ResponseBody) }

// queue is what is not yet written.
type queue struct {
	mu    sync.Mutex
	list  []*kept
	bytes int
	wake  chan struct{} // there is something
	full  chan struct{} // there is a whole batch
}

// put appends, and reports whether there was room.
func (q *queue) put(e *kept) bool {
	q.mu.Lock()
	if len(q.list) >= queueMost || q.bytes > queueBytes {
		q.mu.Unlock()
		return false
	}
	q.list = append(q.list, e)
	q.bytes += e.size()
	n := len(q.list)
	q.mu.Unlock()
	if n == 1 {
		signal(q.wake)
	}
	if n == batchMost {
		signal(q.full)
	}
	return true
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list)
}

// take takes a batch, the oldest first.
func (q *queue) take() []*kept {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.list), batchMost)
	batch := q.list[:n:n]
	q.list = q.list[n:]
	if len(q.list) == 0 {
		q.list = nil
	}
	for _, e := range batch {
		q.bytes -= e.size()
	}
	return batch
}

// giveBack puts what could not be written in front again.
func (q *queue) giveBack(batch []*kept) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(batch, q.list...)
	for _, e := range batch {
		q.bytes += e.size()
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it was said already
	}
}
