// Package httpkit is the edge that all products share: routes with an operation
// id, handlers that return errors, one place that renders them, bearer tokens,
// Idempotency-Key, limits, metrics.
//
// A handler decodes, calls one use case, and encodes:
//
//	func (h *handlers) create(w http.ResponseWriter, r *http.Request) error {
//		var req createRequest
//		if err := h.kit.Decode(r, &req); err != nil {
//			return err
//		}
//		return h.kit.Commit(w, r, 201, func(tx *db.Tx) (any, error) {
//			return h.svc.Create(tx, httpkit.From(r.Context()), req)
//		})
//	}
//
// Errors that are faults are rendered in the family's envelope; all others are
// our own mistakes, are logged, and reach the caller as an opaque 500 with a
// request id.
package httpkit

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// Handler answers a request or returns why it cannot.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one operation of the contract.
type Route struct {
	Method      string
	Pattern     string  // a net/http pattern's path: /x/{id}
	OperationID string  // its name in the OpenAPI document
	Open        bool    // needs no bearer token
	Product     string  // the product that the application must have been approved for, "" for none
	Sandbox     bool    // only applications of a sandbox world
	Slow        bool    // may take longer than the request deadline (streams, clock moves)
	Family      *Family // whose ways it follows; nil: the platform's
	Handle      Handler
}

// Caller is the application behind a bearer token, and where and for whom it may
// act. It is shared between requests and must not be changed.
type Caller struct {
	App       string
	Org       string
	World     string
	Secret    string // the id of the secret it used
	Sandbox   bool
	Products  []string            // approved ones
	Customers map[string]Customer // by every number that it may give
}

// Customer is one that a caller may act for.
type Customer struct {
	Number string // the number it goes by
	Name   string
	State  string // active, suspended
}

// Authenticator turns a bearer token into its caller, or answers a fault.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (*Caller, error)
}

// Options are what a Kit needs.
type Options struct {
	DB       *db.DB
	Auth     Authenticator
	Log      *slog.Logger
	MaxBody  int64         // bytes; default 1 MiB
	Deadline time.Duration // per request; default 30 s
	InFlight int64         // requests at once before shedding; default 2,048
	// Rate is how many requests a second one application may make, in production
	// and in a sandbox; 0: any number.
	Rate, SandboxRate float64
	Observe           func(operation string, status int, took time.Duration) // metrics; may be nil
	// Refuse is asked about every call whose caller may make it: an error is answered
	// instead. May be nil.
	Refuse func(ctx context.Context, c *Caller, route *Route) error
	// Recorder is told of every call whose caller is known. May be nil.
	Recorder Recorder
}

// Kit is the edge. Add its routes, then serve.
type Kit struct {
	o        Options
	mux      *http.ServeMux
	routes   []Route
	missing  http.Handler // for people, where there is nothing
	inFlight atomic.Int64
	limits   sync.Map // application -> *rate.Limiter
	busyKeys sync.Map // idempotency keys under way on this node
}

// New makes a kit without routes.
func New(o Options) *Kit {
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	if o.Deadline <= 0 {
		o.Deadline = 30 * time.Second
	}
	if o.InFlight <= 0 {
		o.InFlight = 2048
	}
	k := &Kit{o: o, mux: http.NewServeMux()}
	k.mux.Handle("/", k.wrap(&Route{OperationID: "unknown", Open: true, Handle: k.unknown}))
	return k
}

// Add mounts routes. A pattern that ends in a slash is that path alone, not all below
// it as net/http would have it.
func (k *Kit) Add(routes ...Route) {
	for i := range routes {
		r := routes[i]
		k.routes = append(k.routes, r)
		pattern := r.Pattern
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		k.mux.Handle(r.Method+" "+pattern, k.wrap(&r))
	}
}

// Mount serves a plain handler (documents, the docs' pages) beside the routes.
func (k *Kit) Mount(pattern string, h http.Handler) { k.mux.Handle(pattern, h) }

// Routes is every operation that is served.
func (k *Kit) Routes() []Route { return k.routes }

func (k *Kit) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.mux.ServeHTTP(w, r) }

// exchange is what the kit knows of one request.
type exchange struct {
	id     string
	route  *Route
	caller *Caller
	body   []byte // once it was read
	read   bool
	key    string      // Idempotency-Key
	name   string      // what it is kept under
	seal   cipher.AEAD // of its answer
	hash   []byte      // of method, path and body, with a key
	w      *statusWriter
	wanted bool         // by the recorder, with headers and bodies
	fault  *fault.Error // what was answered, of what went wrong
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// From is the caller of the request, nil on an open route.
func From(ctx context.Context) *Caller {
	if x := exchangeOf(ctx); x != nil {
		return x.caller
	}
	return nil
}

// RequestID is the id under which the request is logged and answered.
func RequestID(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.id
	}
	return ""
}

func (k *Kit) wrap(route *Route) http.Handler {
	if route.Family == nil {
		route.Family = platformFamily
	}
	correlation := route.Family.Correlation
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		took := clock.Elapsed()
		x := &exchange{id: requestID(r, correlation), route: route}
		w := &statusWriter{ResponseWriter: rw}
		x.w = w
		w.Header().Set("X-Request-Id", x.id)
		if correlation != "" {
			w.Header()[correlation] = []string{x.id} // Set would spell it in its own way
		}
		if route.Family.NoStore {
			w.Header().Set("Cache-Control", "no-store")
		}
		trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("demarc.request_id", x.id))
		ctx := context.WithValue(r.Context(), exchangeKey{}, x)
		if !route.Slow {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, k.o.Deadline)
			defer cancel()
		}
		r = r.WithContext(ctx)
		if err := k.serve(w, r, x); err != nil {
			k.fail(w, r, x, err)
		}
		k.done(r, x, w.status, took())
	})
}

func (k *Kit) done(r *http.Request, x *exchange, status int, took time.Duration) {
	if k.o.Observe != nil {
		k.o.Observe(x.route.OperationID, status, took)
	}
	k.record(r, x, took)
	if !k.o.Log.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	app := ""
	if x.caller != nil {
		app = x.caller.App
	}
	k.o.Log.Debug("request", "id", x.id, "method", r.Method, "path", r.URL.Path, "operation", x.route.OperationID,
		"status", status, "took", took, "app", app)
}

// serve runs the layers of a request, outermost first.
func (k *Kit) serve(w http.ResponseWriter, r *http.Request, x *exchange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what net/http panics with
				panic(p)
			}
			err = fmt.Errorf("handler of %s panicked: %v", x.route.OperationID, p)
		}
	}()
	if n := k.inFlight.Add(1); n > k.o.InFlight && !x.route.Open {
		k.inFlight.Add(-1)
		return Overloaded.Say("%s", Overloaded.Text)
	}
	defer k.inFlight.Add(-1)
	if err := checkText(r); err != nil {
		return err
	}
	if !x.route.Open {
		if err := k.admit(r, x); err != nil {
			return err
		}
		if k.o.Refuse != nil {
			if err := k.o.Refuse(r.Context(), x.caller, x.route); err != nil {
				return err
			}
		}
		defer k.releaseKey(x)
		if replayed, err := k.replay(w, r, x); replayed || err != nil {
			return err
		}
	}
	return x.route.Handle(w, r)
}

// admit authenticates the caller and checks what it may do.
func (k *Kit) admit(r *http.Request, x *exchange) error {
	caller, err := k.authenticate(r, x)
	if err != nil {
		return err
	}
	x.caller = caller
	k.begin(x)
	if x.route.Sandbox && !caller.Sandbox {
		return SandboxOnly.Say("%s", SandboxOnly.Text)
	}
	if p := x.route.Product; p != "" && !slices.Contains(caller.Products, p) {
		return ProductNotApproved.Say("This application has not been approved for the product %q.", p)
	}
	return k.Limit(caller)
}

func (k *Kit) authenticate(r *http.Request, x *exchange) (*Caller, error) {
	if own := x.route.Family.Authenticate; own != nil {
		return own(r)
	}
	token, ok := bearer(r)
	if !ok {
		return nil, Unauthorized.Say("%s", Unauthorized.Text)
	}
	return k.o.Auth.Authenticate(r.Context(), token)
}

// Limit counts a request of the caller's, or answers that it makes too many.
func (k *Kit) Limit(c *Caller) error {
	perSecond := k.o.Rate
	if c.Sandbox {
		perSecond = k.o.SandboxRate
	}
	if perSecond <= 0 {
		return nil
	}
	l, ok := k.limits.Load(c.App)
	if !ok {
		l, _ = k.limits.LoadOrStore(c.App, rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))))
	}
	if !l.(*rate.Limiter).AllowN(clock.Machine(), 1) {
		f := TooManyRequests.Say("This application may make %g requests a second.", perSecond)
		f.RetryAfter = time.Second
		return f
	}
	return nil
}

// bearer reads the token of an Authorization header.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !ok || token == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return token, true
}

// View runs reads in the caller's world.
func (k *Kit) View(r *http.Request, fn func(tx *db.Tx) error) error {
	return k.o.DB.View(r.Context(), From(r.Context()).World, fn)
}

// errTimeout tells a deadline that passed from other failures.
func timedOut(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
