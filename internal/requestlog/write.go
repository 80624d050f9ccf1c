package requestlog

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// How often things are written.
const (
	writeEvery = 200 * time.Millisecond
	countEvery = 10 * time.Second
	sweepEvery = time.Minute
	agedEvery  = time.Hour
	lastly     = 10 * time.Second // for what is left at the end
)

// Run writes what the log is told, and forgets what is old, until the context ends; then
// it writes what is left.
func (l *Log) Run(ctx context.Context) {
	var house sync.WaitGroup
	house.Go(func() { l.keepHouse(ctx) })
	for clock.Wait(ctx, countEvery, l.queue.wake) {
		if !clock.Wait(ctx, writeEvery, l.queue.full) {
			break
		}
		l.report(ctx, "requests cannot be written to the log", l.Flush(ctx))
	}
	house.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastly)
	defer cancel()
	l.report(last, "the last requests cannot be written to the log", l.Flush(last))
	l.report(last, "the last usage cannot be written down", l.FlushUsage(last))
}

// keepHouse writes the counts, and forgets.
func (l *Log) keepHouse(ctx context.Context) {
	swept, aged := clock.Elapsed(), clock.Elapsed()
	for clock.Sleep(ctx, countEvery) == nil {
		l.report(ctx, "usage cannot be written down", l.FlushUsage(ctx))
		if swept() >= sweepEvery {
			swept = clock.Elapsed()
			l.report(ctx, "the request log cannot be cut to its length", l.trim(ctx))
		}
		if aged() >= agedEvery {
			aged = clock.Elapsed()
			l.report(ctx, "old requests cannot be forgotten", l.Sweep(ctx))
		}
	}
}

func (l *Log) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		l.log.Error(what, "err", err)
	}
}

// Flush writes the requests that were added before it was called. Who wants to read them
// calls it first.
func (l *Log) Flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	for left := l.queue.len(); left > 0; {
		batch := l.queue.take()
		if err := l.write(ctx, batch); err != nil {
			l.failed(ctx, batch)
			return err
		}
		l.failures = 0
		left -= len(batch)
	}
	if l.queue.len() > 0 {
		signal(l.queue.wake)
	}
	return nil
}

// triesMost is how often a batch is tried to be written. It is minutes: a database that
// is away for that long has more to tell than the log, and one that will never take the
// batch must not stop what comes after it.
const triesMost = 30

// failed keeps a batch that could not be written for the next try, or gives it up.
func (l *Log) failed(ctx context.Context, batch []*kept) {
	if ctx.Err() == nil {
		l.failures++
	}
	if l.failures < triesMost {
		l.queue.giveBack(batch)
		return
	}
	l.failures = 0
	for _, e := range batch {
		l.writer(e.World, e.App).missed.Add(1)
	}
}

// row is a record as it is stored.
type row struct {
	e                    *kept
	path, message, why   string
	reqHeader, resHeader string
	reqBody, resBody     string
}

// A world that is gone keeps nothing: each row asks for its world. A key that is taken
// is this row itself, which was written by an attempt that seemed to fail.
const insertRequest = `INSERT INTO request_log (world, app, seq, id, at, method, path, operation, status, took_us, code, message, why,
	request_size, request_cut, response_size, response_cut, request_header, response_header, request_body, response_body)
	SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21 FROM world WHERE id = $1
	ON CONFLICT DO NOTHING`

// write writes a batch as one unit of work.
func (l *Log) write(ctx context.Context, batch []*kept) error {
	rows := make([]row, len(batch))
	for i, e := range batch {
		rows[i] = l.row(e)
	}
	err := l.d.System(ctx, func(tx *db.Tx) error {
		for i := range rows {
			r, e := &rows[i], rows[i].e
			code := ""
			if e.Fault != nil {
				code = e.Fault.Code.ID
			}
			tx.Do(insertRequest, e.World, e.App, e.seq, text(e.ID), clock.Micros(e.at), text(e.Method), r.path, e.Operation, int64(e.Status),
				e.Took.Microseconds(), code, r.message, r.why, e.requestSize, bit(e.requestCut), e.ResponseSize, bit(e.responseCut),
				r.reqHeader, r.resHeader, r.reqBody, r.resBody)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range batch {
		l.writer(e.World, e.App).written.Add(1)
	}
	return nil
}

// reasons is why a request failed, as it is stored.
type reasons struct {
	Why  []fault.Violation `json:"why,omitempty"`
	Next []string          `json:"next,omitempty"`
}

// row redacts a record.
func (l *Log) row(e *kept) row {
	hide := redactor{private: l.Private}
	r := row{e: e, path: text(e.Path)}
	if e.Query != "" {
		r.path += "?" + text(hide.form(e.Query))
	}
	r.reqBody = text(hide.body(e.RequestHeaders, e.RequestBody, e.requestCut))
	hide.private = nil // what was refused was not kept either, so no answer has it
	r.resBody = text(hide.body(e.ResponseHeaders, e.ResponseBody, e.responseCut))
	r.reqHeader, r.resHeader = headers(e.RequestHeaders), headers(e.ResponseHeaders)
	if f := e.Fault; f != nil {
		r.message = text(f.Message)
		if len(f.Violations) > 0 || len(f.Next) > 0 {
			r.why = asJSON(reasons{f.Violations, f.Next})
		}
	}
	return r
}

// headers is headers without their secrets, as JSON.
func headers(h map[string][]string) string {
	shown := make(map[string][]string, len(h))
	for name, values := range h {
		if secretHeader(name) {
			values = []string{hidden}
		}
		shown[name] = values
	}
	return asJSON(shown)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // texts always marshal
	}
	return text(string(b))
}

// text is s as both databases take it.
func text(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
