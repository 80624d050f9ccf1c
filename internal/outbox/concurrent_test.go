package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
	"demarc/internal/timer"
)

// Notices are posted to a few lanes while those are worked: a lane that is just
// about to finish must not miss the notice that is posted at that moment.
func TestNoNoticeIsLeftBehindInALaneThatFinishes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.endpoint(r.URL)
		g.start()
		const writers, each = 8, 25
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					// Two writers share a subject; each one's own notices are in order.
					err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
						return postTo(tx, subject(w/2), fmt.Sprintf("a.w%d", w), n)
					})
					if err != nil {
						t.Error(err)
					}
					if n%5 == 0 { // let the lane run dry now and then
						soon(t, "the lane is empty", func() bool { return len(r.got()) >= n })
					}
				}
			})
		}
		wg.Wait()
		soon(t, "everything is delivered", func() bool {
			for _, del := range g.deliveries() {
				if del.State != outbox.Delivered {
					return false
				}
			}
			return true
		})
		soon(t, "no lane has a timer", func() bool { return g.pending(outbox.KindDeliver) == 0 })
		last, seen := map[string]string{}, map[string]bool{}
		for _, h := range r.got() {
			if seen[h.id] {
				continue
			}
			seen[h.id] = true
			_, rest, _ := strings.Cut(h.body, `"type":"`)
			typ, rest, _ := strings.Cut(rest, `"`)
			_, n, _ := strings.Cut(rest, `"n":`)
			n = fmt.Sprintf("%04s", strings.TrimRight(n, "}"))
			if n <= last[typ] && last[typ] != "" {
				t.Errorf("%s: %s came after %s", typ, n, last[typ])
			}
			last[typ] = n
		}
		if len(seen) != writers*each {
			t.Errorf("%d notices arrived, want %d", len(seen), writers*each)
		}
	})
}

// Sixteen writers commit in any order while a reader pulls by cursor: it sees
// every notice exactly once.
func TestACursorNeverPassesANoticeThatIsCommittedLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		const writers, each = 16, 20
		var posted atomic.Int64
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
						if err := postTo(tx, subject(w), "a.b", n); err != nil {
							return err
						}
						if err := tx.Flush(); err != nil || w%3 != 0 {
							return err
						}
						// Some take their number early and commit late.
						var x int
						for range 1 + n%7 {
							if err := tx.Row(`SELECT 1 WHERE $1 <> ''`).Scan(&x); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
					posted.Add(1)
				}
			})
		}
		seen := map[string]bool{}
		var after outbox.Cursor
		soon(t, "the reader has seen all", func() bool {
			var list []outbox.Entry
			g.view(func(tx *db.Tx) (err error) {
				list, err = outbox.List(tx, outbox.Filter{App: app, After: after}, 7)
				return err
			})
			for _, e := range list {
				if seen[e.ID()] {
					t.Errorf("%s twice", e.ID())
				}
				seen[e.ID()] = true
				after = e.Cursor
			}
			return len(seen) == writers*each || len(list) == 0 && posted.Load() == writers*each && settledAll(g, after)
		})
		wg.Wait()
		if len(seen) != writers*each {
			t.Fatalf("the reader saw %d of %d", len(seen), writers*each)
		}
	})
}

// settledAll reports whether nothing will come after the cursor any more.
func settledAll(g *rig, after outbox.Cursor) bool {
	var n int64
	g.view(func(tx *db.Tx) error {
		return tx.Row(`SELECT count(*) FROM notice WHERE world = $1 AND (seq, id) > ($2, $3)`, after.Seq, after.ID).Scan(&n)
	})
	return n == 0
}

// A unit that took its number first and commits last must hold readers back, or
// what it writes would be passed by.
func TestAReaderWaitsForTheUnitThatBeganFirst(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Empty(t)) // PostgreSQL: on SQLite there are no units side by side
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, d)
	wrote, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(commit) })
	defer release()
	go func() {
		done <- d.Within(t.Context(), g.world, func(tx *db.Tx) error {
			if err := postTo(tx, "order/1", "a.b", 1); err != nil {
				return err
			}
			if err := tx.Flush(); err != nil {
				return err
			}
			close(wrote)
			<-commit
			return nil
		})
	}()
	<-wrote
	g.post("order/2", "a.b", 2)
	read := func() (list []outbox.Entry) {
		g.view(func(tx *db.Tx) (err error) {
			list, err = outbox.List(tx, outbox.Filter{App: app}, 10)
			return err
		})
		return list
	}
	if list := read(); len(list) != 0 {
		t.Fatalf("a reader sees %+v while an earlier unit is under way", list)
	}
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if list := g.list(); len(list) != 2 || list[0].Subject != "order/1" || list[1].Subject != "order/2" {
		t.Fatalf("read %+v", list)
	}
}

// The moment itself, held still: an attempt is recorded while a unit that has
// posted to its lane has not committed yet.
func TestALaneDoesNotFinishOverANoticeThatIsBeingPosted(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Empty(t)) // PostgreSQL: on SQLite there are no units side by side
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, d)
	r := receive(t, nil)
	g.endpoint(r.URL)
	g.post("order/1", "a.b", 1)
	wrote, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(commit) })
	defer release()
	first := true
	g.sent = func(outbox.Message, outbox.Answer) {
		if !first {
			return
		}
		first = false
		go func() {
			done <- d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				if err := postTo(tx, "order/1", "a.b", 2); err != nil {
					return err
				}
				if err := tx.Flush(); err != nil {
					return err
				}
				close(wrote)
				<-commit
				return nil
			})
		}()
		<-wrote
		go func() {
			// The record waits for that unit; then let it go.
			for {
				var n int64
				err := d.SystemView(t.Context(), func(tx *db.Tx) error {
					return tx.Row(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
				})
				if err != nil || n > 0 {
					release()
					return
				}
			}
		}()
	}
	lane := timer.Job{World: g.world, Kind: outbox.KindDeliver, Key: g.only().Endpoint + "|order/1", Due: clock.Machine()}
	if err := g.s.Deliver(t.Context(), lane); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	g.check()
	g.move(0)
	if got := numbers(r.want(t, 2)); got != "12" {
		t.Fatalf("got %s", got)
	}
}

// Endpoints come and go, are disabled and replayed while notices are posted and
// delivered: nothing deadlocks, and the audit finds nothing pending at an endpoint
// that is not there.
func TestEndpointsComeAndGoUnderLoad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		var n atomic.Int64
		r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1)%3 == 0 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		g.endpoint(r.URL)
		g.start()
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for i := range 15 {
					if err := d.Within(t.Context(), g.world, func(tx *db.Tx) error { return postTo(tx, subject(w%3), "a.b", i) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				for i := range 6 {
					if err := churn(t.Context(), g, r.URL, i); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		g.check()
	})
}

func churn(ctx context.Context, g *rig, url string, i int) error {
	var e outbox.Endpoint
	off, on := outbox.Disabled, outbox.Enabled
	unit := func(f func(tx *db.Tx) error) func() error {
		return func() error { return g.d.Within(ctx, g.world, f) }
	}
	for _, step := range []func() error{
		unit(func(tx *db.Tx) (err error) {
			e, _, err = g.s.Create(tx, outbox.Endpoint{App: app, URL: url, Events: []string{"a.*"}, Auth: outbox.Auth{Type: outbox.AuthNone}}, nil)
			return err
		}),
		unit(func(tx *db.Tx) error { _, err := g.s.Replay(tx, app, e.ID, time.Unix(0, 0)); return err }),
		unit(func(tx *db.Tx) error {
			_, err := g.s.Update(tx, app, e.ID, outbox.Change{State: &off}, nil)
			return err
		}),
		unit(func(tx *db.Tx) error { _, err := g.s.Update(tx, app, e.ID, outbox.Change{State: &on}, nil); return err }),
		unit(func(tx *db.Tx) error { _, err := g.s.Replay(tx, app, e.ID, time.Unix(0, 0)); return err }),
		unit(func(tx *db.Tx) error {
			if i%2 == 0 {
				return nil
			}
			return g.s.Delete(tx, app, e.ID)
		}),
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func TestALiveStreamGivesEverythingInOrderResumesAndEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.post("order/0", "a.b", 0) // before: not part of a stream that begins now
		g.list()
		got, begun := make(chan outbox.Entry, 100), make(chan struct{}, 100)
		ended := make(chan error, 1)
		follow := func(ctx context.Context, after *outbox.Cursor) {
			ended <- g.s.Follow(ctx, g.world, app, after, func(list []outbox.Entry) error {
				for _, e := range list {
					got <- e
				}
				return nil
			}, func() error { begun <- struct{}{}; return nil })
		}
		ctx, cancel := context.WithCancel(t.Context())
		go follow(ctx, nil)
		<-begun
		var first outbox.Entry
		for n := 1; n <= 5; n++ {
			g.post("order/1", "a.b", n)
			e := <-got
			if !strings.HasSuffix(e.Body, fmt.Sprintf(`{"n":%d}}`, n)) {
				t.Fatalf("got %s, want %d", e.Body, n)
			}
			if n == 1 {
				first = e
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		go follow(t.Context(), &first.Cursor)
		for n := 2; n <= 5; n++ {
			if e := <-got; !strings.HasSuffix(e.Body, fmt.Sprintf(`{"n":%d}}`, n)) {
				t.Fatalf("resumed with %s, want %d", e.Body, n)
			}
		}
		if d.Dialect() == db.Postgres { // another node's commit wakes nobody here
			g.within(func(tx *db.Tx) error {
				tx.Do(`INSERT INTO notice (world, seq, id, app, customer, subject, type, body, at)
					VALUES ($1, CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $2, $3, '', 'order/1', 'a.b', '{"n":6}}', 0)`, db.NextID(), app)
				return nil
			})
			if e := <-got; e.Body != `{"n":6}}` {
				t.Fatalf("polled %s", e.Body)
			}
		}
		g.s.Close()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

func TestStreamsAreBoundedForEachApplication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		begun := make(chan struct{}, 3)
		beat := func() error { begun <- struct{}{}; return nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 3)
		open := func(ctx context.Context) {
			ended <- g.s.Follow(ctx, g.world, app, nil, func([]outbox.Entry) error { return nil }, beat)
		}
		go open(ctx)
		go open(t.Context())
		<-begun
		<-begun
		open(t.Context())
		if err := <-ended; !errors.Is(err, outbox.TooManyStreams) {
			t.Fatalf("a third stream: %v", err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		go open(t.Context())
		<-begun
	})
}
