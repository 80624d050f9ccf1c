package outbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
	"demarc/internal/timer"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func TestANoticeReachesTheEndpointsThatAskedForItsType(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		exact, prefix, all, other := receive(t, nil), receive(t, nil), receive(t, nil), receive(t, nil)
		g.endpoint(exact.URL, "ondemand.order.completed")
		g.endpoint(prefix.URL, "care.*", "ondemand.order.*")
		g.endpoint(all.URL, "*")
		g.endpoint(other.URL, "ondemand.service.*", "ondemand.order.failed")
		g.post("order/1", "ondemand.order.completed", 1)
		g.move(0)
		body := exact.want(t, 1)[0].body
		for _, r := range []*receiver{prefix, all} {
			if got := r.want(t, 1)[0].body; got != body {
				t.Fatalf("another body: %s", got)
			}
		}
		other.want(t, 0)
		list := g.list()
		if len(list) != 1 || list[0].Body != body || list[0].ID() != exact.got()[0].id {
			t.Fatalf("pulled %+v, pushed %s", list, body)
		}
		if !strings.HasPrefix(body, `{"type":"ondemand.order.completed","timestamp":"20`) || !strings.HasSuffix(body, `Z","data":{"n":1}}`) {
			t.Fatalf("body = %s", body)
		}
		if n := g.pending(outbox.KindDeliver); n != 0 {
			t.Fatalf("%d lanes still have a timer", n)
		}
	})
}

func TestAnApplicationWithoutEndpointsCostsOneReadAndOneInsert(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.within(func(tx *db.Tx) error {
			var one int
			to := outbox.Prepare(tx, app)
			tx.AskOne(nil, []any{&one}, `SELECT 1 WHERE $1 <> ''`)
			if err := to.Post(tx, outbox.Notice{App: app, Type: "a.b"}); err == nil {
				t.Error("posted before the endpoints were read")
			}
			if err := tx.Flush(); err != nil {
				return err
			}
			for range 2 {
				if err := to.Post(tx, outbox.Notice{App: app, Subject: "order/1", Type: "a.b"}); err != nil {
					return err
				}
			}
			if err := to.Post(tx, outbox.Notice{App: "another", Type: "a.b"}); err == nil {
				t.Error("posted for another application than was read")
			}
			return nil
		})
		if list := g.list(); len(list) != 2 || !strings.HasSuffix(list[0].Body, `"data":{}}`) {
			t.Fatalf("notices = %+v", list)
		}
		if len(g.deliveries()) != 0 || g.pending(outbox.KindDeliver) != 0 {
			t.Fatal("something is to be delivered to nobody")
		}
	})
}

// The schedule of the contract, on the world's clock, with a tenth of jitter that
// comes from the world's seed.
func TestAFailingDeliveryIsRetriedOnTheSchedulesMomentsAndGivenUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		want := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
			10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
		var runs [2][]time.Duration
		for i := range runs { // two worlds of one seed
			g := newRig(t, d)
			g.freeze()
			r := receive(t, status(500))
			e, _ := g.endpoint(r.URL)
			g.post("order/1", "ondemand.order.completed", 1)
			g.move(4 * 24 * time.Hour)
			hits := r.want(t, len(want)+1)
			for _, h := range hits {
				if h.id != hits[0].id || h.body != hits[0].body {
					t.Fatal("an attempt differs from the first")
				}
			}
			del := g.only()
			if del.State != outbox.Failed || del.Attempts != len(hits) || del.EndedAt.IsZero() || !del.NextAt.IsZero() {
				t.Fatalf("delivery = %+v", del)
			}
			log := g.log(del.ID)
			for n, w := range want {
				gap := log[n+1].At.Sub(log[n].At)
				if gap < w*9/10 || gap > w*11/10 {
					t.Errorf("attempt %d came %v after the one before, want %v give or take a tenth", n+2, gap, w)
				}
				runs[i] = append(runs[i], gap)
			}
			if !log[0].At.Equal(del.CreatedAt) || log[0].Status != 500 || log[0].Problem != "the endpoint answered 500" {
				t.Errorf("first attempt = %+v", log[0])
			}
			if st := g.state(e.ID); st.State != outbox.Enabled || !st.FailingSince.Equal(log[0].At) {
				t.Errorf("endpoint = %+v", st)
			}
		}
		if fmt.Sprint(runs[0]) != fmt.Sprint(runs[1]) {
			t.Errorf("two worlds of one seed retried differently:\n%v\n%v", runs[0], runs[1])
		}
	})
}

func TestALaneKeepsItsOrderAndHoldsUpNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		r.tell(func(w http.ResponseWriter, req *http.Request) {
			if hits := r.got(); strings.Contains(hits[len(hits)-1].body, `"n":1}`) && len(hits) < 7 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		g.post("order/1", "a.b", 2)
		g.post("order/2", "a.b", 3)
		g.post("order/1", "a.b", 4)
		g.post("order/2", "a.b", 5)
		g.move(0)
		if got := numbers(r.got()); got != "135" && got != "315" && got != "351" {
			t.Fatalf("got %s: order/1 must wait for its first, order/2 must not", got)
		}
		g.move(4 * time.Hour) // 5 s, 5 min, 30 min, 2 h; the seventh message is taken
		if got := numbers(r.got()); !strings.HasSuffix(got, "111124") {
			t.Fatalf("got %s, want 1 until it is taken, then 2 and 4", got)
		}
		for _, del := range g.deliveries() {
			if del.State != outbox.Delivered {
				t.Errorf("%+v", del)
			}
		}
	})
}

// numbers is the n of each message, in the order in which they came.
func numbers(hits []hit) (s string) {
	for _, h := range hits {
		_, n, _ := strings.Cut(h.body, `"n":`)
		s += strings.TrimRight(n, "}")
	}
	return s
}

func TestWhatFailedForGoodMakesWayForTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		r.tell(func(w http.ResponseWriter, req *http.Request) {
			if hits := r.got(); strings.Contains(hits[len(hits)-1].body, `"n":1}`) {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		g.post("order/1", "a.b", 2)
		g.move(4 * 24 * time.Hour)
		if got := numbers(r.got()); got != "11111111112" {
			t.Fatalf("got %s", got)
		}
		list := g.deliveries()
		if list[1].State != outbox.Failed || list[0].State != outbox.Delivered {
			t.Fatalf("%+v", list)
		}
	})
}

func TestAnswersOtherThan2xxAreFailures(t *testing.T) {
	type row struct {
		answer   http.HandlerFunc
		least    time.Duration // until the next attempt
		most     time.Duration
		problem  string
		disabled bool
	}
	rows := map[string]row{
		"a redirect is not followed": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
			4500 * time.Millisecond, 5500 * time.Millisecond, "the endpoint answered 307; redirects are not followed", false},
		"410 disables": {status(410), 0, 0, "the endpoint answered 410", true},
		"429 is obeyed in seconds": {wait(429, "90"), 90 * time.Second, 90 * time.Second,
			"the endpoint answered 429", false},
		"503 is obeyed in seconds": {wait(503, "3600"), time.Hour, time.Hour, "the endpoint answered 503", false},
		"503 is obeyed as a date": {func(w http.ResponseWriter, r *http.Request) {
			wait(503, clock.Machine().Add(2*time.Hour).Format(http.TimeFormat))(w, r)
		}, 2*time.Hour - 2*time.Minute, 2 * time.Hour, "the endpoint answered 503", false},
		"never sooner than the schedule": {wait(503, "1"), 4500 * time.Millisecond, 5500 * time.Millisecond, "the endpoint answered 503", false},
		"never later than a day":         {wait(429, "99999999"), 24 * time.Hour, 24 * time.Hour, "the endpoint answered 429", false},
		"only with 429 and 503":          {wait(500, "3600"), 4500 * time.Millisecond, 5500 * time.Millisecond, "the endpoint answered 500", false},
		"nonsense is not obeyed":         {wait(503, "soon"), 4500 * time.Millisecond, 5500 * time.Millisecond, "the endpoint answered 503", false},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, tc := range rows {
			t.Run(name, func(t *testing.T) {
				g := newRig(t, d)
				g.freeze()
				r := receive(t, tc.answer)
				e, _ := g.endpoint(r.URL)
				g.post("order/1", "a.b", 1)
				g.move(0)
				r.want(t, 1)
				del := g.only()
				log := g.log(del.ID)
				if len(log) != 1 || log[0].Problem != tc.problem {
					t.Fatalf("log = %+v", log)
				}
				if st := g.state(e.ID); (st.State == outbox.Disabled) != tc.disabled {
					t.Fatalf("endpoint = %+v", st)
				}
				if tc.disabled {
					if del.State != outbox.Failed {
						t.Fatalf("delivery = %+v", del)
					}
					return
				}
				if gap := del.NextAt.Sub(log[0].At); gap < tc.least || gap > tc.most {
					t.Fatalf("next attempt after %v, want %v to %v", gap, tc.least, tc.most)
				}
			})
		}
	})
}

func wait(code int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(code)
	}
}

func Test410DisablesTheEndpointEndsWhatIsPendingAndTellsWhoPulls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, status(410))
		e, _ := g.endpoint(r.URL)
		for n := range 3 {
			g.post("order/1", "a.b", n)
			g.post(subject(n+2), "a.b", n)
		}
		if ran := g.move(0); ran != 1 {
			t.Fatalf("%d pieces of work ran, want the first one only", ran)
		}
		r.want(t, 1)
		for _, del := range g.deliveries() {
			if del.State != outbox.Failed || del.EndedAt.IsZero() {
				t.Errorf("%+v", del)
			}
		}
		st := g.state(e.ID)
		if st.State != outbox.Disabled || st.Why == "" {
			t.Fatalf("endpoint = %+v", st)
		}
		list := g.list()
		last := list[len(list)-1]
		if last.Type != "demarc.endpoint.disabled" || !strings.Contains(last.Body, e.ID) {
			t.Fatalf("last notice = %+v", last)
		}
		g.wantAudit(e.ID, "disable")
		g.post("order/1", "a.b", 9)
		if g.move(0) != 0 {
			t.Fatal("something ran for a disabled endpoint")
		}
	})
}

// wantAudit fails unless the endpoint's trail ends with the event.
func (g *rig) wantAudit(id, event string) {
	g.t.Helper()
	var trail []audit.Event
	g.view(func(tx *db.Tx) (err error) {
		trail, err = audit.History(tx, "endpoint/"+id)
		return err
	})
	if len(trail) == 0 || trail[len(trail)-1].Event != event {
		g.t.Fatalf("trail = %+v, want %s at its end", trail, event)
	}
}

func TestFiveDaysOfNothingButFailuresDisableAnEndpoint(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, status(500))
		e, _ := g.endpoint(r.URL)
		day := 24 * time.Hour
		for n := range 4 {
			g.post(subject(n), "a.b", n)
			g.move(day)
		}
		r.tell(nil)
		g.post("order/9", "a.b", 9) // one success, and the count begins anew
		g.move(0)
		if st := g.state(e.ID); !st.FailingSince.IsZero() {
			t.Fatalf("failing since %v after a success", st.FailingSince)
		}
		r.tell(status(500))
		for n := range 5 {
			g.post(subject(20+n), "a.b", n)
			if g.move(day); g.state(e.ID).State != outbox.Enabled {
				t.Fatalf("disabled after %d days", n+1)
			}
		}
		g.post("order/30", "a.b", 1)
		g.move(0)
		if st := g.state(e.ID); st.State != outbox.Disabled || st.Why != "five days of nothing but failures" {
			t.Fatalf("endpoint = %+v", st)
		}
		g.wantAudit(e.ID, "disable")
		list := g.list()
		if last := list[len(list)-1]; last.Type != outbox.TypeDisabled {
			t.Fatalf("last notice = %+v", last)
		}
		on := outbox.Enabled
		g.within(func(tx *db.Tx) error {
			_, err := g.s.Update(tx, app, e.ID, outbox.Change{State: &on}, nil)
			return err
		})
		if st := g.state(e.ID); st.State != outbox.Enabled || !st.FailingSince.IsZero() || st.Why != "" {
			t.Fatalf("enabled again = %+v", st)
		}
	})
}

// Standard Webhooks' own library is the oracle.
func TestSignaturesVerifyAndBothSecretsSignWhileOneRotates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		e, old := g.endpoint(r.URL)
		verify := func(secret string, h hit) error {
			t.Helper()
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			return wh.Verify([]byte(h.body), h.head)
		}
		send := func() hit {
			t.Helper()
			before := len(r.got())
			g.post("order/1", "a.b", 1)
			g.move(0)
			return r.want(t, before+1)[before]
		}
		// A world far ahead of the machine: receivers check against the machine's time.
		g.move(30 * 24 * time.Hour)
		if err := verify(old, send()); err != nil {
			t.Fatal(err)
		}
		var now string
		var until time.Time
		g.within(func(tx *db.Tx) (err error) {
			now, until, err = g.s.Rotate(tx, app, e.ID)
			if left := until.Sub(tx.Now()); left != 24*time.Hour {
				t.Errorf("the old secret signs for %v", left)
			}
			return err
		})
		h := send()
		if err := errors.Join(verify(old, h), verify(now, h)); err != nil || now == old {
			t.Fatal(err)
		}
		if n := len(strings.Fields(h.head.Get("webhook-signature"))); n != 2 {
			t.Fatalf("%d signatures", n)
		}
		g.move(24*time.Hour + time.Second)
		h = send()
		if err := verify(now, h); err != nil {
			t.Fatal(err)
		}
		if err := verify(old, h); err == nil {
			t.Fatal("the old secret still signs after its day")
		}
		h.body += " "
		if err := verify(now, h); err == nil {
			t.Fatal("the oracle takes anything")
		}
		g.wantAudit(e.ID, "rotate_secret")
	})
}

// The node dies, as it were, after the endpoint took the message and before that
// is on record: its unit of work fails.
func TestWhatWasSentAndNotRecordedIsSentAgainUnderTheSameID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		g.post("order/1", "a.b", 2)
		g.sent = func(outbox.Message, outbox.Answer) {
			g.within(func(tx *db.Tx) error { // its attempt cannot be written twice
				tx.Do(`INSERT INTO attempt (world, delivery, n, at, status, problem, answer, took_us)
					SELECT world, id, 1, 0, 0, '', '', 0 FROM delivery WHERE world = $1 AND state = 'pending' ORDER BY n LIMIT 1`)
				return nil
			})
		}
		_, ran, err := g.r.Move(t.Context(), g.world, func(now time.Time) time.Time { return now })
		if err != nil || len(ran) != 1 || ran[0].Problem == "" {
			t.Fatalf("ran = %+v, %v: want a failed record", ran, err)
		}
		for _, del := range g.deliveries() {
			if del.State != outbox.Pending || del.Attempts != 0 {
				t.Fatalf("half a record: %+v", del)
			}
		}
		g.sent = nil
		g.within(func(tx *db.Tx) error {
			tx.Do(`DELETE FROM attempt WHERE world = $1`)
			return nil
		})
		g.move(0)
		hits := r.want(t, 3)
		if hits[0].id != hits[1].id || hits[0].body != hits[1].body || hits[2].id == hits[0].id {
			t.Fatalf("ids = %s %s %s", hits[0].id, hits[1].id, hits[2].id)
		}
		if got := numbers(hits); got != "112" {
			t.Fatalf("got %s", got)
		}
	})
}

func TestAnEndpointDeletedOrDisabledInTheMiddleOfAnAttemptLeavesNothingBehind(t *testing.T) {
	off := outbox.Disabled
	ends := map[string]func(g *rig, tx *db.Tx, id string) error{
		"deleted": func(g *rig, tx *db.Tx, id string) error { return g.s.Delete(tx, app, id) },
		"disabled": func(g *rig, tx *db.Tx, id string) error {
			_, err := g.s.Update(tx, app, id, outbox.Change{State: &off}, nil)
			return err
		},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, end := range ends {
			for _, code := range []int{204, 500, 410} {
				t.Run(fmt.Sprint(name, " while it answers ", code), func(t *testing.T) {
					g := newRig(t, d)
					r := receive(t, status(code))
					e, _ := g.endpoint(r.URL)
					g.post("order/1", "a.b", 1)
					g.post("order/1", "a.b", 2)
					g.post("order/2", "a.b", 3)
					g.sent = func(outbox.Message, outbox.Answer) {
						g.within(func(tx *db.Tx) error { return end(g, tx, e.ID) })
					}
					g.move(10 * 24 * time.Hour)
					r.want(t, 1)
					for _, del := range g.deliveries() {
						if del.State != outbox.Failed || del.Attempts != 0 {
							t.Errorf("%+v", del)
						}
					}
					if n := g.pending(outbox.KindDeliver); n != 0 {
						t.Errorf("%d timers are left", n)
					}
				})
			}
		}
	})
}

func TestTwoNodesThatTryTheSameDeliveryRecordItOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.endpoint(r.URL)
		g.post("order/1", "a.b", 1)
		lane := timer.Job{World: g.world, Kind: outbox.KindDeliver, Key: g.only().Endpoint + "|order/1", Due: clock.Machine()}
		first := true
		g.sent = func(outbox.Message, outbox.Answer) {
			if first { // this node is slow, its lease has run out, and another does its work
				first = false
				if err := g.other.Deliver(t.Context(), lane); err != nil {
					t.Error(err)
				}
			}
		}
		if err := g.s.Deliver(t.Context(), lane); err != nil {
			t.Fatal(err)
		}
		r.want(t, 2)
		if del := g.only(); del.State != outbox.Delivered || del.Attempts != 1 {
			t.Fatalf("%+v", del)
		}
	})
}
