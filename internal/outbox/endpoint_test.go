package outbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
)

func TestEndpointsBelongToOneApplicationOfOneWorld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g, other := newRig(t, d), newRig(t, d)
		e, secret := g.endpoint("https://partner.example.net/hooks")
		if !strings.HasPrefix(secret, "whsec_") || len(secret) < 38 || !strings.HasPrefix(e.ID, "ep_") {
			t.Fatalf("%s %s", e.ID, secret)
		}
		foreign := map[string]func(tx *db.Tx) error{
			"another application": func(tx *db.Tx) error { _, err := g.s.Endpoint(tx, "app_other", e.ID); return err },
			"update":              func(tx *db.Tx) error { _, err := g.s.Update(tx, "app_other", e.ID, outbox.Change{}, nil); return err },
			"delete":              func(tx *db.Tx) error { return g.s.Delete(tx, "app_other", e.ID) },
			"rotate":              func(tx *db.Tx) error { _, _, err := g.s.Rotate(tx, "app_other", e.ID); return err },
			"test":                func(tx *db.Tx) error { _, err := g.s.Test(tx, "app_other", e.ID); return err },
			"replay":              func(tx *db.Tx) error { _, err := g.s.Replay(tx, "app_other", e.ID, time.Unix(0, 0)); return err },
		}
		for what, f := range foreign {
			if err := d.Within(t.Context(), g.world, f); !errors.Is(err, outbox.EndpointNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		err := d.View(t.Context(), other.world, func(tx *db.Tx) error { _, err := g.s.Endpoint(tx, app, e.ID); return err })
		if !errors.Is(err, outbox.EndpointNotFound) {
			t.Errorf("another world: %v", err)
		}
		if st := g.state(e.ID); st.URL != "https://partner.example.net/hooks" || st.State != outbox.Enabled {
			t.Errorf("%+v", st)
		}
		other.post("order/1", "a.b", 1)
		if n := len(g.list()); n != 0 {
			t.Errorf("%d notices of another world", n)
		}
	})
}

func TestAnApplicationHasFiftyEndpointsAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.within(func(tx *db.Tx) error {
			for range outbox.MaxEndpoints {
				if _, _, err := g.s.Create(tx, outbox.Endpoint{App: app, URL: "https://a.example", Events: []string{"*"}, Auth: outbox.Auth{Type: "none"}}, nil); err != nil {
					return err
				}
			}
			return nil
		})
		create := func(app string) error {
			return d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				_, _, err := g.s.Create(tx, outbox.Endpoint{App: app, URL: "https://a.example", Events: []string{"*"}, Auth: outbox.Auth{Type: "none"}}, nil)
				return err
			})
		}
		if err := create(app); !errors.Is(err, outbox.EndpointLimit) {
			t.Fatalf("one more: %v", err)
		}
		if err := create("app_other"); err != nil {
			t.Fatalf("another application: %v", err)
		}
	})
}

func TestAChangeChangesWhatItNamesAndIsAuditedWithoutSecrets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		e, secret := g.endpoint("https://partner.example.net/hooks", "a.*")
		events, text := []string{"b.*", "c.d"}, "Desk"
		auth := outbox.Auth{Type: outbox.AuthBasic, Username: "me", Password: "hush", ClientSecret: "hush too"}
		g.within(func(tx *db.Tx) error {
			got, err := g.s.Update(tx, app, e.ID, outbox.Change{Events: &events, Auth: &auth, Description: &text}, nil)
			if got.URL != e.URL || got.Description != text || got.Auth.Username != "me" || got.Auth.ClientSecret != "" {
				t.Errorf("%+v", got)
			}
			return err
		})
		g.wantAudit(e.ID, "update")
		bad := "ftp://x"
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
			_, err := g.s.Update(tx, app, e.ID, outbox.Change{URL: &bad}, nil)
			return err
		})
		if !errors.Is(err, outbox.EndpointInvalid) {
			t.Errorf("a bad URL: %v", err)
		}
		st := g.state(e.ID)
		if st.URL != e.URL || fmt.Sprint(st.Events) != fmt.Sprint(events) || st.Auth.Password != "hush" {
			t.Errorf("%+v", st)
		}
		g.within(func(tx *db.Tx) error {
			if _, _, err := g.s.Rotate(tx, app, e.ID); err != nil {
				return err
			}
			return g.s.Delete(tx, app, e.ID)
		})
		var trail []audit.Event
		g.view(func(tx *db.Tx) (err error) {
			trail, err = audit.History(tx, "endpoint/"+e.ID)
			return err
		})
		var story []string
		for _, ev := range trail {
			story = append(story, ev.Event)
			if ev.Actor != app {
				t.Errorf("actor of %s is %q", ev.Event, ev.Actor)
			}
		}
		if fmt.Sprint(story) != "[create update rotate_secret delete]" {
			t.Errorf("trail = %v", story)
		}
		if all := fmt.Sprint(trail); strings.Contains(all, "hush") || strings.Contains(all, secret) {
			t.Error("a secret is in the audit trail")
		}
	})
}

func TestATestNoticeGoesToThatEndpointWhateverItSubscribesTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r, other := receive(t, nil), receive(t, nil)
		e, _ := g.endpoint(r.URL, "a.b")
		g.endpoint(other.URL)
		var id string
		g.within(func(tx *db.Tx) (err error) {
			id, err = g.s.Test(tx, app, e.ID)
			return err
		})
		g.move(0)
		other.want(t, 0)
		if h := r.want(t, 1)[0]; !strings.Contains(h.body, `"type":"demarc.test"`) {
			t.Fatal(h.body)
		}
		if del := g.only(); del.ID != id || del.State != outbox.Delivered {
			t.Fatalf("%+v", del)
		}
		off := outbox.Disabled
		g.within(func(tx *db.Tx) error {
			_, err := g.s.Update(tx, app, e.ID, outbox.Change{State: &off}, nil)
			return err
		})
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error { _, err := g.s.Test(tx, app, e.ID); return err })
		if !errors.Is(err, outbox.EndpointDisabled) {
			t.Fatalf("a test of a disabled endpoint: %v", err)
		}
	})
}

func TestOneDeliveryIsReplayedUnderItsOwnIDWithAllItsAttempts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		e, _ := g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		g.move(0)
		id := g.only().ID
		replay := func() error {
			return d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				res, err := g.s.ReplayDelivery(tx, app, id)
				if err == nil && (res.Queued != 1 || res.Deliveries[0] != id) {
					t.Errorf("%+v", res)
				}
				return err
			})
		}
		if err := replay(); err != nil {
			t.Fatal(err)
		}
		g.move(0)
		hits := r.want(t, 2)
		if hits[0].id != hits[1].id || hits[0].body != hits[1].body {
			t.Fatal("another message")
		}
		r.tell(status(500)) // and now it waits hours for its next attempt
		if err := replay(); err != nil {
			t.Fatal(err)
		}
		g.move(3 * time.Hour)
		if del := g.only(); del.State != outbox.Pending || del.Attempts != 7 {
			t.Fatalf("%+v", del)
		}
		r.tell(nil)
		if err := replay(); err != nil { // its owner does not
			t.Fatal(err)
		}
		g.move(0)
		if del := g.only(); del.State != outbox.Delivered || del.Attempts != 8 || len(g.log(id)) != 8 {
			t.Fatalf("%+v", del)
		}
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error { _, err := g.s.ReplayDelivery(tx, "app_other", id); return err })
		if !errors.Is(err, outbox.DeliveryNotFound) {
			t.Fatalf("a foreign delivery: %v", err)
		}
		g.within(func(tx *db.Tx) error { return g.s.Delete(tx, app, e.ID) })
		if err := replay(); !errors.Is(err, outbox.EndpointDeleted) {
			t.Fatalf("a delivery without its endpoint: %v", err)
		}
	})
}

// A long outage: the endpoint was disabled, and hundreds of notices passed it by.
func TestAReplaySinceAMomentSendsEverythingItSubscribesTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		e, _ := g.endpoint(r.URL, "a.*")
		g.post("order/0", "a.b", 0)
		g.move(time.Hour)
		var since time.Time
		g.within(func(tx *db.Tx) error { since = tx.Now(); return nil })
		g.post("order/1", "a.b", 1) // delivered
		g.move(time.Second)
		g.post("order/1", "c.d", 2) // not subscribed to
		r.tell(status(410))
		g.post("order/1", "a.b", 3) // failed, and the endpoint is disabled
		g.move(time.Second)
		const missed = 520 // more than one unit queues
		g.within(func(tx *db.Tx) error {
			to := outbox.Prepare(tx, app)
			if err := tx.Flush(); err != nil {
				return err
			}
			for n := range missed {
				if err := to.Post(tx, outbox.Notice{App: app, Subject: subject(1 + n%3), Type: "a.b", Data: map[string]int{"n": 4 + n}}); err != nil {
					return err
				}
			}
			return nil
		})
		g.list() // all are settled
		replay := func() (res outbox.Replayed, err error) {
			err = d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				res, err = g.s.Replay(tx, app, e.ID, since)
				return err
			})
			return res, err
		}
		if _, err := replay(); !errors.Is(err, outbox.EndpointDisabled) {
			t.Fatalf("a replay to a disabled endpoint: %v", err)
		}
		on := outbox.Enabled
		g.within(func(tx *db.Tx) error { _, err := g.s.Update(tx, app, e.ID, outbox.Change{State: &on}, nil); return err })
		r.tell(nil)
		before := r.got()
		res, err := replay()
		if err != nil || res.Queued != missed+2 || res.Deliveries != nil {
			t.Fatalf("%+v, %v", res, err)
		}
		g.move(time.Minute)
		hits := r.got()[len(before):]
		if len(hits) != missed+2 {
			t.Fatalf("%d messages, want %d", len(hits), missed+2)
		}
		if hits[0].id != before[1].id || hits[0].body != before[1].body {
			t.Errorf("the first is %s %s, want what was delivered first: %s", hits[0].id, hits[0].body, before[1].body)
		}
		again := map[string]bool{before[2].id: true}
		for _, h := range hits {
			delete(again, h.id)
		}
		if len(again) != 0 {
			t.Error("what had failed came under another id")
		}
		if n := g.pending(outbox.KindReplay); n != 0 {
			t.Errorf("%d replays are still under way", n)
		}
	})
}

func TestSweepForgetsWhatIsOldAndKeepsTheRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.endpoint(r.URL)
		for n := range 3 {
			g.post(subject(n), "a.b", n)
		}
		g.move(outbox.KeptFor)
		r.tell(status(500))
		g.post("order/9", "a.b", 9)
		g.move(time.Hour)
		sweep := func() {
			t.Helper()
			g.within(func(tx *db.Tx) error {
				more, err := outbox.Sweep(tx, outbox.KeptFor)
				if more {
					t.Error("three notices are more than a batch")
				}
				return err
			})
		}
		sweep()
		if list := g.list(); len(list) != 1 || list[0].Subject != "order/9" {
			t.Fatalf("left: %+v", list)
		}
		if del := g.only(); del.Subject != "order/9" || del.State != outbox.Pending {
			t.Fatalf("left: %+v", del)
		}
		g.move(outbox.KeptFor + 5*24*time.Hour)
		sweep()
		if n := len(g.list()) + len(g.deliveries()); n != 0 {
			t.Fatalf("%d rows are left", n)
		}
	})
}

func TestPullFilters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.freeze()
		var t0 time.Time
		g.within(func(tx *db.Tx) error { t0 = tx.Now(); return nil })
		g.post("order/1", "ondemand.order.completed", 1)
		g.post("order/2", "ondemand.orders", 2)
		g.move(time.Minute)
		g.post("order/1", "ondemand.order.failed", 3)
		g.within(func(tx *db.Tx) error {
			return outbox.Post(tx, outbox.Notice{App: "app_other", Subject: "order/1", Type: "ondemand.order.failed", Data: map[string]int{"n": 4}})
		})
		all := g.list0()
		for want, f := range map[string]outbox.Filter{
			"123": {}, "13": {Subject: "order/1"}, "3": {Type: "ondemand.order.failed"},
			"1 3": {Type: "ondemand.order.*"}, "1 2 3": {Type: "*"}, "3 ": {From: t0.Add(time.Minute)}, "12": {To: t0.Add(time.Minute)},
			"23": {After: all[0].Cursor}, "": {After: all[2].Cursor}, "1": {Subject: "order/1", Type: "ondemand.*", From: t0, To: t0.Add(time.Second)},
		} {
			f.App = app
			var got string
			g.view(func(tx *db.Tx) error {
				list, err := outbox.List(tx, f, 10)
				for _, e := range list {
					_, n, _ := strings.Cut(e.Body, `"n":`)
					got += strings.TrimRight(n, "}")
				}
				return err
			})
			if got != strings.ReplaceAll(want, " ", "") {
				t.Errorf("%+v gives %s, want %s", f, got, want)
			}
		}
		var latest outbox.Cursor
		g.view(func(tx *db.Tx) (err error) {
			latest, err = outbox.Latest(tx, app)
			return err
		})
		if latest != all[2].Cursor {
			t.Errorf("latest = %v", latest)
		}
	})
}

// list0 is list while another application has notices, too.
func (g *rig) list0() (list []outbox.Entry) {
	g.t.Helper()
	soon(g.t, "three notices are settled", func() bool {
		g.view(func(tx *db.Tx) (err error) {
			list, err = outbox.List(tx, outbox.Filter{App: app}, 10)
			return err
		})
		return len(list) == 3
	})
	return list
}

// Every invariant is broken in turn, and the audit names it.
func TestTheAuditFindsWhatIsBroken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		g.move(0)
		r.tell(status(500))
		g.post("order/2", "a.b", 2)
		g.move(0)
		stop := errors.New("put it back")
		for _, tc := range []struct{ want, sql string }{
			{"no timer", `DELETE FROM timer WHERE world = $1`},
			{"sleeps longer", `UPDATE timer SET due_at = due_at * 2 WHERE world = $1`},
			{"disabled or gone", `UPDATE endpoint SET state = 'disabled', why = 'x' WHERE world = $1`},
			{"disabled or gone", `DELETE FROM endpoint WHERE world = $1`},
			{"count of attempts", `UPDATE delivery SET attempts = 2 WHERE world = $1 AND subject = 'order/2'`},
			{"without its delivery", `DELETE FROM delivery WHERE world = $1 AND subject = 'order/1'`},
			{"delivery in a state", `UPDATE delivery SET state = 'lost' WHERE world = $1 AND subject = 'order/1'`},
			{"pending and ended", `UPDATE delivery SET ended_at = 1 WHERE world = $1 AND subject = 'order/2'`},
			{"pending and ended", `UPDATE delivery SET next_at = 1 WHERE world = $1 AND subject = 'order/1'`},
			{"no attempt delivered", `UPDATE attempt SET status = 500 WHERE world = $1`},
			{"more often", `UPDATE delivery SET tries = 11 WHERE world = $1 AND subject = 'order/2'`},
			{"not in its lane", `UPDATE delivery SET lane = 'x' WHERE world = $1 AND subject = 'order/1'`},
			{"delivered twice", `UPDATE delivery SET message = 'x' WHERE world = $1`},
			{"endpoint in a state", `UPDATE endpoint SET state = 'asleep', why = '' WHERE world = $1`},
			{"does not say why", `UPDATE endpoint SET why = 'x' WHERE world = $1`},
		} {
			err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				tx.Do(tc.sql)
				problems, err := outbox.Check(tx)
				if err != nil {
					return err
				}
				if all := strings.Join(problems, "\n"); !strings.Contains(all, tc.want) {
					t.Errorf("after %s: %q, want %q", tc.sql, all, tc.want)
				}
				return stop
			})
			if !errors.Is(err, stop) {
				t.Error(err)
			}
		}
	})
}

// A world's moments may lie far from the machine's; bodies carry the world's.
func TestTheTimestampIsTheWorldsMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.move(1000 * time.Hour)
		g.freeze()
		var now time.Time
		g.within(func(tx *db.Tx) error { now = tx.Now(); return postTo(tx, "order/1", "a.b", 1) })
		want := now.Format("2006-01-02T15:04:05.999999Z07:00")
		if e := g.list()[0]; !e.At.Equal(now) || !strings.Contains(e.Body, `"timestamp":"`+want+`"`) || !now.After(clock.Machine()) {
			t.Fatalf("%s, want %s", e.Body, want)
		}
	})
}
