package outbox

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"demarc/internal/db"
	"demarc/internal/gate"
	"demarc/internal/timer"
)

// Kinds of due work.
const (
	KindDeliver = "outbox.deliver" // keyed by lane
	KindReplay  = "outbox.replay"  // keyed by endpoint: the rest of a long replay
)

// Notice is something that an application is told.
type Notice struct {
	App      string // whose notice it is
	Customer string // whom it is about
	Subject  string // what it is about: order/…; notices about one subject arrive in order
	Type     string // ondemand.order.completed
	Data     any    // a JSON object; nil for an empty one
	// Bodies are what endpoints of other forms than the standard one are sent, by the
	// form's name, to the byte. Those of a form without a body here are not told.
	Bodies map[string]string
}

// Message is one notice on its way to one endpoint.
type Message struct {
	ID          string // webhook-id
	URL         string
	Method      string // "" for POST
	ContentType string // "" for application/json
	Body        []byte
	Secrets     []string // each signs; more than one while a secret rotates
	Auth        Auth
	Key         string // names the endpoint, for what a sender remembers of it
}

// Answer is what came of sending a message once.
type Answer struct {
	Status     int           // HTTP status, 0 when there was no answer
	Problem    string        // what went wrong, for the endpoint's owner; "" when nothing did
	Body       string        // the beginning of the answer's body
	RetryAfter time.Duration // what the endpoint asked for, 0 when it did not
	Took       time.Duration
}

// Sender carries messages; deliver.Client is the real one. Send has a deadline of
// its own, well below a timer's lease.
type Sender interface {
	Send(ctx context.Context, m Message) Answer
	// Allowed reports whether an endpoint may have this address at all.
	Allowed(addr netip.Addr) bool
}

// Options are what a Service needs.
type Options struct {
	DB     *db.DB
	Sender Sender
	Seal   Sealer // of endpoints' secrets
	Log    *slog.Logger
	// Workers is how many jobs the node's timer.Runner works on at once. Deliveries
	// take at most three quarters of them and one endpoint at most a quarter, so
	// that receivers who do not answer hold up nothing but themselves.
	Workers int
	// Gate shares the node's calls out between the servers that it calls, other than
	// endpoints too; nil: one of this service's own.
	Gate *gate.Gate
	// Streams is how many live streams this node serves at once (default 256), and
	// StreamsPerApp how many of them one application may have (default 8).
	Streams, StreamsPerApp int
}

// Service delivers notices and serves their endpoints and readers, on one node.
type Service struct {
	d       *db.DB
	sender  Sender
	seal    Sealer
	log     *slog.Logger
	gate    *gate.Gate
	seats   *seats
	closing chan struct{}
	close   sync.Once
}

// New makes a service; Register must give it its due work.
func New(o Options) *Service {
	if o.Workers <= 0 {
		o.Workers = 16
	}
	if o.Streams <= 0 {
		o.Streams = 256
	}
	if o.StreamsPerApp <= 0 {
		o.StreamsPerApp = 8
	}
	if o.Gate == nil {
		o.Gate = GateFor(o.Workers)
	}
	return &Service{d: o.DB, sender: o.Sender, seal: o.Seal, log: o.Log, closing: make(chan struct{}),
		gate:  o.Gate,
		seats: newSeats(o.Streams, o.StreamsPerApp)}
}

// GateFor is the gate of a node with so many workers: calls to others take at most
// three quarters of them, and to one server at most a quarter.
func GateFor(workers int) *gate.Gate {
	if workers <= 0 {
		workers = 16
	}
	return gate.New(max(1, workers*3/4), max(1, workers/4))
}

// Register makes the runner call the service for its kinds of due work.
func (s *Service) Register(r *timer.Runner) {
	r.Handle(KindDeliver, s.Deliver)
	r.Handle(KindReplay, s.continueReplay)
}

// Close ends the live streams; http.Server.RegisterOnShutdown should call it.
// Deliveries under way are the timer.Runner's, which waits for them.
func (s *Service) Close() { s.close.Do(func() { close(s.closing) }) }

// Cursor is a place in the order in which notices were committed. The zero cursor
// comes before all of them.
type Cursor struct{ Seq, ID int64 }

// String is the cursor as readers get it, which is also its notice's id.
func (c Cursor) String() string { return messageID(c.Seq, c.ID) }

const messagePrefix = "msg_"

// messageID names a notice to the world outside: it is the webhook-id of every
// delivery and the cursor of the notice. It has no full stop, since the content
// that is signed is divided by those.
func messageID(seq, id int64) string {
	return messagePrefix + strconv.FormatInt(seq, 10) + "_" + strconv.FormatInt(id, 10)
}

// ParseCursor reads what Cursor.String wrote; "" is the zero cursor.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	rest, ok := strings.CutPrefix(text, messagePrefix)
	left, right, cut := strings.Cut(rest, "_")
	seq, seqOK := digits(left)
	id, idOK := digits(right)
	if !ok || !cut || !seqOK || !idOK {
		return Cursor{}, CursorInvalid.Say("%s", CursorInvalid.Text)
	}
	return Cursor{seq, id}, nil
}

// digits reads a number written in the only way that we write it.
func digits(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// rfc3339 writes moments for people and programs outside: UTC, to the
// microsecond, no longer than needed.
func rfc3339(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }
