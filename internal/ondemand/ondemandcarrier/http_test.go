package ondemandcarrier_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
)

// ways are how an answer goes wrong, for a call that should then be made again.
func ways() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"500":                       ondemandtest.Status(http.StatusInternalServerError),
		"503":                       ondemandtest.Status(http.StatusServiceUnavailable),
		"401":                       ondemandtest.Status(http.StatusUnauthorized),
		"404":                       ondemandtest.Status(http.StatusNotFound),
		"409":                       ondemandtest.Status(http.StatusConflict),
		"429":                       ondemandtest.Status(http.StatusTooManyRequests),
		"a cut connection":          ondemandtest.Cut,
		"half an answer":            ondemandtest.Half,
		"no JSON":                   ondemandtest.Text(`<html>Welcome</html>`),
		"nothing":                   ondemandtest.Text(``),
		"another shape":             ondemandtest.Text(`[{"ref":"x"}]`),
		"null":                      ondemandtest.Text(`null`),
		"other fields":              ondemandtest.Text(`{"id":"x","status":"ok"}`),
		"fields of another type":    ondemandtest.Text(`{"ref":7,"state":true}`),
		"an endless answer":         ondemandtest.Text(`{"ref":"` + strings.Repeat("x", 4<<20) + `","state":"done"}`),
		"an endless blank":          ondemandtest.Text(strings.Repeat(" ", 4<<20) + `{"ref":"x","state":"done"}`),
		"two answers":               ondemandtest.Text(`{"ref":"x","state":"done"}{"ref":"y","state":"done"}`),
		"a state that there is not": ondemandtest.Text(`{"ref":"","state":"perhaps"}`),
	}
}

func order(n int64) ondemand.Change {
	return ondemand.Change{Order: ondemand.OrderID(7, n), Action: ondemand.ActionAdd, Service: "77133831780", Site: ondemandtest.Center,
		Port: "NNI-01", VLAN: 2, Prefix: "100.64.0.0/29", Mbps: 100, Now: ondemandtest.Start}
}

// unsure expects an error that leaves open whether the change was made.
func unsure(t *testing.T, what string, err error) {
	t.Helper()
	var no *ondemand.Refusal
	if err == nil || errors.As(err, &no) {
		t.Errorf("%s is answered with %v", what, err)
	}
}

func TestACallThatGoesWrongIsMadeAgainAndTheNetworkMakesOneChange(t *testing.T) {
	t.Parallel()
	for why, answer := range ways() {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after its effect %v", why, after), func(t *testing.T) {
				t.Parallel()
				c := ondemandtest.NewController(t)
				n := c.Connect(t)
				c.Fail(ondemandtest.Fault{After: after, Answer: answer})
				ticket, err := n.Start(t.Context(), order(1))
				unsure(t, "the order", err)
				if ticket != (ondemand.Ticket{}) {
					t.Errorf("with the error comes %+v", ticket)
				}
				if want := map[bool]int{true: 1}[after]; c.Changes() != want {
					t.Fatalf("%d changes were made, want %d", c.Changes(), want)
				}
				if ticket, err = n.Start(t.Context(), order(1)); err != nil || c.Changes() != 1 {
					t.Fatalf("asked again: %v, and %d changes", err, c.Changes())
				}
				c.Clock(func() time.Time { return ondemandtest.Start.Add(time.Hour) })
				c.Fail(ondemandtest.Fault{After: after, Answer: answer})
				p, err := n.Status(t.Context(), order(1), ticket.Ref)
				unsure(t, "the question", err)
				if p != (ondemand.Progress{}) {
					t.Errorf("with the error comes %+v", p)
				}
				if p, err := n.Status(t.Context(), order(1), ticket.Ref); err != nil || !p.Done {
					t.Errorf("asked again: %+v, %v", p, err)
				}
			})
		}
	}
}

func TestTheConnectorStaysWithItsController(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called <- r.Method
		_, _ = w.Write([]byte(`{"ref":"x","state":"done"}`))
	}))
	defer elsewhere.Close()
	c := ondemandtest.NewController(t)
	n := c.Connect(t)
	redirect := ondemandtest.Fault{Answer: ondemandtest.Redirect(elsewhere.URL)}
	c.Fail(redirect, redirect)
	_, err := n.Start(t.Context(), order(1))
	unsure(t, "the order", err)
	_, err = n.Status(t.Context(), order(1), "chg-1")
	unsure(t, "the question", err)
	if len(called) != 0 {
		t.Errorf("it was sent elsewhere with %s", <-called)
	}
}

func TestACallIsGivenUpWithItsContext(t *testing.T) {
	t.Parallel()
	c := ondemandtest.NewController(t)
	n := c.Connect(t)
	for _, after := range []bool{false, true} {
		ctx, giveUp := context.WithCancel(t.Context())
		c.Fail(ondemandtest.Fault{After: after, Answer: ondemandtest.Hang(giveUp)})
		if _, err := n.Start(ctx, order(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("the order: %v", err)
		}
	}
	ctx, giveUp := context.WithCancel(t.Context())
	c.Fail(ondemandtest.Fault{Answer: ondemandtest.Hang(giveUp)})
	if _, err := n.Status(ctx, order(1), "chg-1"); !errors.Is(err, context.Canceled) {
		t.Errorf("the question: %v", err)
	}
	if c.Changes() != 1 {
		t.Errorf("%d changes were made", c.Changes())
	}
}

func TestAReferenceThatCannotBeAskedForIsNone(t *testing.T) {
	t.Parallel()
	c := ondemandtest.NewController(t)
	n := c.Connect(t)
	for _, ref := range []string{``, ` `, `.`, `..`, `a\u0000b`, `a\nb`, strings.Repeat("x", 201)} {
		c.Fail(ondemandtest.Fault{Answer: ondemandtest.Text(`{"ref":"` + ref + `","checkAfterSeconds":5}`)})
		ticket, err := n.Start(t.Context(), order(1))
		unsure(t, fmt.Sprintf("the reference %.20q", ref), err)
		if ticket != (ondemand.Ticket{}) {
			t.Errorf("with the error comes %+v", ticket)
		}
	}
}

func TestWhenToAskAgainIsKeptWithinReason(t *testing.T) {
	t.Parallel()
	c := ondemandtest.NewController(t)
	n := c.Connect(t)
	for text, want := range map[string]time.Duration{
		`5`: 5 * time.Second, `90.9`: 90 * time.Second, `0`: time.Second, `-1`: time.Second, `null`: time.Second, `0.001`: time.Second,
		`1e300`: 24 * time.Hour, `9223372036854775807`: 24 * time.Hour, `-1e300`: time.Second,
	} {
		c.Fail(ondemandtest.Fault{Answer: ondemandtest.Text(`{"ref":"x","checkAfterSeconds":` + text + `}`)},
			ondemandtest.Fault{Answer: ondemandtest.Text(`{"state":"pending","checkAfterSeconds":` + text + `}`)})
		if ticket, err := n.Start(t.Context(), order(1)); err != nil || ticket.CheckAfter != want {
			t.Errorf("%s: asked to come back after %v, %v; want %v", text, ticket.CheckAfter, err, want)
		}
		if p, err := n.Status(t.Context(), order(1), "x"); err != nil || p.CheckAfter != want {
			t.Errorf("%s: asked to come back after %v, %v; want %v", text, p.CheckAfter, err, want)
		}
	}
}

func TestARefusalAlwaysHasAReasonThatCanBeKept(t *testing.T) {
	t.Parallel()
	c := ondemandtest.NewController(t)
	n := c.Connect(t)
	for _, body := range []string{``, `no`, `{}`, `{"reason":""}`, `{"reason":null}`, `{"reason":{"code":1}}`, `{"reason":"full"}`,
		`{"reason":"` + strings.Repeat("é", 1000) + `"}`, `{"reason":"` + strings.Repeat("x", 299) + `é"}`, strings.Repeat("x", 1<<20)} {
		c.Fail(ondemandtest.Fault{Answer: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(body))
		}})
		_, err := n.Start(t.Context(), order(1))
		var no *ondemand.Refusal
		if !errors.As(err, &no) || no.Reason == "" || len(no.Reason) > 1000 || !utf8.ValidString(no.Reason) {
			t.Errorf("%.40q: %v", body, err)
		}
	}
	if c.Calls() != 10 {
		t.Errorf("of ten refusals the controller heard of %d", c.Calls())
	}
	c.Fail(ondemandtest.Fault{Answer: ondemandtest.Text(`{"state":"failed"}`)})
	if p, err := n.Status(t.Context(), order(1), "x"); err != nil || p.Failed == "" {
		t.Errorf("a failure without a reason is %+v, %v", p, err)
	}
}

func TestAConnectorNeedsTheURLOfAController(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "controller", "ftp://host/x", "http://", "https:///x", "://", "host:8080", "http://host/x?y=z", "http://host/x#y", "http://ho st"} {
		if _, err := ondemandcarrier.NewHTTP(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{"http://127.0.0.1:9", "https://controller.example/v1/", "http://[::1]:80/a/b"} {
		if _, err := ondemandcarrier.NewHTTP(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	// A slash at the end makes no difference.
	c := ondemandtest.NewController(t)
	n, err := ondemandcarrier.NewHTTP(c.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Start(t.Context(), order(1)); err != nil {
		t.Error(err)
	}
}

func TestOrdersEndOnceWhateverTheirNetworkAnswersOnTheWay(t *testing.T) {
	t.Parallel()
	for why, answer := range ways() {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, dbtest.SQLite(t))
			c := ondemandtest.NewController(t)
			w := ondemandtest.New(t, d, ondemandtest.WithNetwork(c.Connect(t)))
			c.Clock(w.Now)
			o := w.Add("1 Gbps", "Branch")
			for _, after := range []bool{true, false} {
				for range 2 { // the order, and then the question
					c.Fail(ondemandtest.Fault{After: after, Answer: answer})
					ran, err := w.TryAdvance(t.Context(), 6*time.Minute)
					if err != nil {
						t.Fatal(err)
					}
					if len(ran) == 0 || ran[0].Problem == "" {
						t.Errorf("it ran as if nothing had happened: %+v", ran)
					}
					w.CheckAll()
					c.Fail(ondemandtest.Fault{After: true, Answer: answer})
					if _, err := w.TryAdvance(t.Context(), time.Second); err != nil {
						t.Fatal(err)
					}
					w.CheckAll()
					w.Advance(time.Second) // and once without trouble
				}
				w.Settle()
				if o.Action == ondemand.ActionAdd {
					if s := w.Service(o.Service); s.Status != ondemand.StatusActive {
						t.Fatalf("the service is %q, its order %+v", s.Status, w.Order(o.ID))
					}
					o = w.Delete(o.Service)
				}
			}
			want := []string{"ondemand.order.acknowledged", "ondemand.service.disconnect_pending", "ondemand.order.in_progress",
				"ondemand.order.completed", "ondemand.service.disconnected"}
			if diff := cmp.Diff(want, w.Told(o.ID)); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if c.Changes() != 2 {
				t.Errorf("%d changes were made for two orders", c.Changes())
			}
			w.CheckAll()
		})
	}
}

func TestManyOrdersOverAnUnreliableNetworkEndOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := ondemandtest.NewController(t)
		w := ondemandtest.New(t, d, ondemandtest.WithNetwork(c.Connect(t)))
		c.Clock(w.Now)
		const orders = 40
		for i := range orders {
			w.Add("10 Mbps", fmt.Sprint("Branch ", i))
		}
		// Every third call goes wrong, which is not enough to open the breaker.
		after := false
		for _, answer := range ways() {
			after = !after
			c.Fail(ondemandtest.Fault{After: after, Answer: answer}, ondemandtest.Fault{}, ondemandtest.Fault{})
		}
		for range 10 {
			if _, err := w.TryAdvance(t.Context(), 10*time.Minute); err != nil {
				t.Fatal(err)
			}
			w.CheckAll()
		}
		w.Settle()
		for _, o := range w.Everything().Orders {
			if o.State != ondemand.OrderCompleted {
				t.Errorf("order %s is %s: %s", o.ID, o.State, o.Failure)
			}
		}
		if c.Changes() != orders {
			t.Errorf("%d changes were made for %d orders", c.Changes(), orders)
		}
		w.CheckAll()
	})
}
