package outbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
	"demarc/internal/outbox/deliver"
	"demarc/internal/seal"
	"demarc/internal/timer"
)

const app = "app_test"

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// rig is a world with an outbox. Due work runs when the test moves the clock, or
// all the time after start.
type rig struct {
	t     *testing.T
	d     *db.DB
	world string
	s     *outbox.Service
	other *outbox.Service // another node's
	r     *timer.Runner
	mu    sync.Mutex
	sent  func(outbox.Message, outbox.Answer) // called after each attempt, before its record
}

// spy lets a test do something between an attempt and its record.
type spy struct {
	outbox.Sender
	rig *rig
}

func (s spy) Send(ctx context.Context, m outbox.Message) outbox.Answer {
	a := s.Sender.Send(ctx, m)
	s.rig.mu.Lock()
	sent := s.rig.sent
	s.rig.mu.Unlock()
	if sent != nil {
		sent(m, a)
	}
	return a
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	g := &rig{t: t, d: d, world: dbtest.World(t, d)}
	client := deliver.New(deliver.Options{AllowPrivate: loopback, Version: "test"})
	log := slog.New(slog.DiscardHandler)
	o := outbox.Options{DB: d, Seal: testKeys(t), Sender: spy{client, g}, Log: log, Workers: 8, StreamsPerApp: 2}
	g.s, g.other = outbox.New(o), outbox.New(o)
	g.r = timer.NewRunner(d, log, 8)
	g.s.Register(g.r)
	t.Cleanup(func() {
		g.check()
		g.s.Close()
		client.Close()
	})
	return g
}

// start runs due work all the time, until the end of the test.
func (g *rig) start() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { g.r.Run(ctx) })
	g.t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

// check audits the outbox; every test ends with it.
func (g *rig) check() {
	g.t.Helper()
	ctx := context.WithoutCancel(g.t.Context())
	err := g.d.Within(ctx, g.world, func(tx *db.Tx) error {
		problems, err := outbox.Check(tx)
		for _, p := range problems {
			g.t.Error(p)
		}
		return err
	})
	if err != nil {
		g.t.Errorf("check: %v", err)
	}
}

func (g *rig) within(f func(tx *db.Tx) error) {
	g.t.Helper()
	if err := g.d.Within(g.t.Context(), g.world, f); err != nil {
		g.t.Fatal(err)
	}
}

// endpoint registers an endpoint for everything and answers it with its secret.
func (g *rig) endpoint(url string, events ...string) (e outbox.Endpoint, secret string) {
	g.t.Helper()
	if len(events) == 0 {
		events = []string{"*"}
	}
	g.within(func(tx *db.Tx) (err error) {
		e, secret, err = g.s.Create(tx, outbox.Endpoint{App: app, URL: url, Events: events, Auth: outbox.Auth{Type: outbox.AuthNone}}, nil)
		return err
	})
	return e, secret
}

func (g *rig) post(subject, typ string, n int) {
	g.t.Helper()
	g.within(func(tx *db.Tx) error { return postTo(tx, subject, typ, n) })
}

func postTo(tx *db.Tx, subject, typ string, n int) error {
	return outbox.Post(tx, outbox.Notice{App: app, Customer: "1-ABCDE", Subject: subject, Type: typ, Data: map[string]int{"n": n}})
}

// move moves the clock, which runs what falls due, and answers how much that was.
func (g *rig) move(by time.Duration) int {
	g.t.Helper()
	_, ran, err := g.r.Move(g.t.Context(), g.world, func(now time.Time) time.Time { return now.Add(by) })
	if err != nil {
		g.t.Fatal(err)
	}
	for _, r := range ran {
		if r.Problem != "" {
			g.t.Fatalf("%s %s: %s", r.Kind, r.Key, r.Problem)
		}
	}
	return len(ran)
}

// freeze stops the clock, so that moments can be held against each other.
func (g *rig) freeze() {
	g.t.Helper()
	_, err := g.r.Change(g.t.Context(), g.world, func(tx *db.Tx) (clock.State, error) { return tx.Clock().Freeze(tx.Machine()), nil })
	if err != nil {
		g.t.Fatal(err)
	}
}

// deliveries are all of the application, newest first.
func (g *rig) deliveries() (list []outbox.Delivery) {
	g.t.Helper()
	g.view(func(tx *db.Tx) (err error) {
		list, _, err = g.s.Deliveries(tx, outbox.DeliveryFilter{App: app}, 0, 1000)
		return err
	})
	return list
}

func (g *rig) view(f func(tx *db.Tx) error) {
	g.t.Helper()
	if err := g.d.View(g.t.Context(), g.world, f); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) log(id string) (log []outbox.Attempt) {
	g.t.Helper()
	g.view(func(tx *db.Tx) (err error) {
		_, _, log, err = g.s.Delivery(tx, app, id)
		return err
	})
	return log
}

// only is the one delivery that there is.
func (g *rig) only() outbox.Delivery {
	g.t.Helper()
	list := g.deliveries()
	if len(list) != 1 {
		g.t.Fatalf("%d deliveries, want one", len(list))
	}
	return list[0]
}

// state is the one endpoint as it is now.
func (g *rig) state(id string) (e outbox.Endpoint) {
	g.t.Helper()
	g.view(func(tx *db.Tx) (err error) {
		e, err = g.s.Endpoint(tx, app, id)
		return err
	})
	return e
}

func (g *rig) pending(kind string) (n int64) {
	g.t.Helper()
	g.view(func(tx *db.Tx) (err error) {
		n, err = timer.Pending(tx, kind)
		return err
	})
	return n
}

// list pulls everything.
func (g *rig) list() (list []outbox.Entry) {
	g.t.Helper()
	soon(g.t, "every notice is settled", func() bool {
		var n int64
		g.view(func(tx *db.Tx) (err error) {
			if err = tx.Row(`SELECT count(*) FROM notice WHERE world = $1`).Scan(&n); err != nil {
				return err
			}
			list, err = outbox.List(tx, outbox.Filter{App: app}, 100_000)
			return err
		})
		return int64(len(list)) == n
	})
	return list
}

// soon polls for what no signal announces, with a bound.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for !holds() {
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			t.Fatalf("still not: %s", what)
		}
	}
}

// hit is one message as a receiver got it.
type hit struct {
	id   string
	head http.Header
	body string
	line string // PUT /voice
}

// receiver is a customer's endpoint. It answers as told, 204 unless told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	hits   []hit
	answer http.HandlerFunc
}

func receive(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.hits = append(r.hits, hit{req.Header.Get("webhook-id"), req.Header, string(body), req.Method + " " + req.URL.RequestURI()})
		answer := r.answer
		r.mu.Unlock()
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (r *receiver) tell(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) got() []hit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]hit(nil), r.hits...)
}

// want fails unless the receiver got n messages.
func (r *receiver) want(t *testing.T, n int) []hit {
	t.Helper()
	hits := r.got()
	if len(hits) != n {
		t.Fatalf("the endpoint got %d messages, want %d", len(hits), n)
	}
	return hits
}

func subject(n int) string { return fmt.Sprintf("order/%d", n) }

// testKeys are the keys of one test.
func testKeys(t testing.TB) *seal.Ring {
	t.Helper()
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
