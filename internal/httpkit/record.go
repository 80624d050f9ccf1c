package httpkit

import (
	"net/http"
	"strings"
	"time"

	"demarc/internal/fault"
)

// Recorder is told of every request whose caller is known. Others belong to nobody.
type Recorder interface {
	// Wants is asked once the caller is known: how many bytes of the answer's body are to
	// be handed on with the request, or zero when only the fact of it matters.
	Wants(c *Caller, route *Route) int
	// Record is told when the request was answered. It must not wait for anything.
	Record(r *Recorded)
}

// Recorded is a request that was answered. What it points at is not changed any more.
type Recorded struct {
	Caller     *Caller
	ID         string
	Operation  string
	Request    *http.Request
	Body       []byte // of the request; nil when nobody has read it
	Status     int
	Took       time.Duration
	Wanted     bool        // Wants has wanted more than the fact of it
	Header     http.Header // of the answer
	Answer     []byte      // the beginning of its body; nothing of a stream of events
	AnswerSize int64
	Fault      *fault.Error // as the caller was told; nil when nothing went wrong
}

// begin asks whether the request of a caller that has just become known is wanted.
func (k *Kit) begin(x *exchange) {
	if k.o.Recorder != nil {
		x.w.most = k.o.Recorder.Wants(x.caller, x.route)
		x.wanted = x.w.most > 0
	}
}

// mostUnread bounds the body that is read only because it is wanted.
const mostUnread = 64 << 10

// readWanted reads the body of a request that is refused before anybody has read it,
// when it is wanted and its caller is sending it anyway.
func (k *Kit) readWanted(r *http.Request, x *exchange) {
	if x.wanted && !x.read && r.ContentLength > 0 && r.ContentLength <= mostUnread && r.Header.Get("Expect") == "" {
		_, _ = k.Body(r) // what breaks off is not kept
	}
}

// failed remembers what the caller is told: in its family's terms, and by the rules that
// were broken where those do not say any.
func (x *exchange) failed(told, was *fault.Error) {
	if len(told.Violations) == 0 && len(was.Violations) > 0 {
		own := *told
		own.Violations = was.Violations
		told = &own
	}
	x.fault = told
}

func (k *Kit) record(r *http.Request, x *exchange, took time.Duration) {
	if k.o.Recorder == nil || x.caller == nil {
		return
	}
	status := x.w.status
	if status == 0 {
		status = http.StatusOK // as net/http answers who says nothing
	}
	k.o.Recorder.Record(&Recorded{Caller: x.caller, ID: x.id, Operation: x.route.OperationID, Request: r, Body: x.body, Status: status, Took: took,
		Wanted: x.wanted, Header: x.w.Header(), Answer: x.w.beginning, AnswerSize: x.w.size, Fault: x.fault})
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status    int
	most      int // bytes to remember
	size      int64
	beginning []byte
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.most > 0 {
		w.remember(p)
	}
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

func (w *statusWriter) remember(p []byte) {
	if w.size == 0 && strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
		w.most = 0
		return
	}
	if room := w.most - len(w.beginning); room > 0 {
		w.beginning = append(w.beginning, p[:min(len(p), room)]...)
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
