// Package requestlog keeps what applications asked for, and what they were answered.
//
// Of a sandbox's applications it keeps each request: headers and bodies without their
// secrets, and of one that failed the rules that it broke and the moves that would have
// been legal. Of all applications it keeps the usage: how many requests there were of
// each operation, how they ended and how long they took.
//
// The edge tells it of every request whose caller is known, and waits for nothing:
//
//	if log.Wants(world, app) { ... }    // is this one to be kept?
//	log.Add(requestlog.Record{ ... })   // it was answered
//
// What was added is in memory until Run writes it, batch by batch, or somebody who wants
// to read it calls Flush. A node that is killed loses what it had not written; one that
// ends in good order loses nothing. An application's requests beyond a rate that no
// person reads are counted instead of kept, and the log says how many there were.
//
// record.go takes requests in, write.go writes them, read.go reads them; redact.go,
// redactjson.go and redactxml.go take out what is nobody's business; usage.go counts and
// usageread.go reads the counts, and
// report.go which errors were met; sweep.go forgets.
package requestlog

import (
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
)

// Bounds of what is kept.
const (
	BodyMost  = 16 << 10            // bytes of a body
	KeptFor   = 30 * 24 * time.Hour // on the machine's clock
	KeptMost  = 10_000              // requests of one application
	MinutesTo = 48 * time.Hour      // the age from which usage is kept by the hour
)

// RequestUnknown is the answer about a request that is not in the log.
var RequestUnknown = fault.New("platform", "request_unknown", 404, "The log of this application has no such request (any more).")

// ruleStatus: a filter's status is one that there can be.
const ruleStatus = "RLG-STS-01"

// Entry is one request with its answer. In an entry with NotKept above zero there is
// neither: so many requests came about then and were not kept.
type Entry struct {
	World, App string
	ID         string // as it was answered, or as its caller had chosen it
	Seq        int64  // grows with time; unique in an application
	At         time.Time
	Method     string
	Path       string // with its query
	Operation  string
	Status     int
	Took       time.Duration
	NotKept    int64

	RequestHeaders, ResponseHeaders map[string][]string
	// A body is cut after BodyMost bytes. One that is neither JSON nor XML nor a form is
	// empty, and only its size is known.
	RequestBody, ResponseBody string
	RequestSize, ResponseSize int64 // as they came and went, in bytes
	RequestCut, ResponseCut   bool

	Code    string // of what went wrong; the docs explain it at /docs/errors#Code
	Message string
	Why     []fault.Violation
	Next    []string // the legal moves, after a wrong one
}

// Filter says which requests are wanted.
type Filter struct {
	App       string // whose; there is no log of everybody's
	Status    string // "", ok, failed, 4xx, 5xx, or a status such as 404
	Operation string // "" for all
	Contains  string // in the path, the id or the code; upper and lower case are alike
	Before    int64  // the Seq of the last entry of the page before; 0: from the newest
	Limit     int    // at most 200; 0: 50
}

// Bounds of pages.
const (
	pageMost    = 200
	pageDefault = 50
)

// statuses are the least and the most status of what is wanted. Zero, which is none, is
// what entries have that tell of requests which were not kept.
func (f Filter) statuses() (least, most int64, err error) {
	switch f.Status {
	case "":
		return 0, math.MaxInt32, nil
	case "ok":
		return 1, 399, nil
	case "failed":
		return 400, math.MaxInt32, nil
	case "4xx":
		return 400, 499, nil
	case "5xx":
		return 500, 599, nil
	}
	n, err := strconv.ParseInt(f.Status, 10, 64)
	if err != nil || n < 100 || n > 599 || strings.HasPrefix(f.Status, "+") {
		return 0, 0, fault.Invalid.With(fault.Field(ruleStatus, "status", "must be ok, failed, 4xx, 5xx, or a status such as 404"))
	}
	return n, n, nil
}

// Log is the request log of one node.
type Log struct {
	d   *db.DB
	log *slog.Logger
	// Private may say of a value in a request that it must not be kept, whatever it is
	// called: the number of a payment card, say. To be set before the first request.
	Private func(text string) bool

	queue queue
	apps  sync.Map // application -> *writer
	count counts

	writing  sync.Mutex // held by who writes what is queued
	failures int        // of the batch that is first, one after the other
}

// New makes the log of a node. Run writes what it is told.
func New(d *db.DB, log *slog.Logger) *Log {
	l := &Log{d: d, log: log}
	l.queue.wake, l.queue.full = make(chan struct{}, 1), make(chan struct{}, 1)
	return l
}
