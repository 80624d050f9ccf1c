package outbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Two forms of two products: one has all that a form can have, the other no more
// than it must.
var (
	paper = outbox.DeclareForm(outbox.Form{Name: "paper", Method: "PUT", ContentType: "application/xml", Path: "/paper/notifications",
		Text: "A page of XML.", Setup: func(customer string) string { return "<setup>" + customer + "</setup>" }})
	plain = outbox.DeclareForm(outbox.Form{Name: "plain", Method: "POST", ContentType: "text/plain; charset=utf-8", Text: "A line."})
)

// actsFor is an application's customers; 2-XYZ also goes by an older number.
func actsFor(number string) (string, bool) {
	known := map[string]string{"1-ABCDE": "1-ABCDE", "2-XYZ": "2-XYZ", "0002": "2-XYZ"}[number]
	return known, known != ""
}

// formed registers an endpoint of a form for everything.
func (g *rig) formed(form, url, customer string) (e outbox.Endpoint, secret string) {
	g.t.Helper()
	g.within(func(tx *db.Tx) (err error) {
		e, secret, err = g.s.Create(tx, outbox.Endpoint{App: app, URL: url, Form: form, Customer: customer, Events: []string{"*"},
			Auth: outbox.Auth{Type: outbox.AuthBasic, Username: "me", Password: "hush"}}, actsFor)
		return err
	})
	return e, secret
}

func (g *rig) postBodies(customer, subject string, n int, bodies map[string]string) {
	g.t.Helper()
	g.within(func(tx *db.Tx) error {
		return outbox.Post(tx, outbox.Notice{App: app, Customer: customer, Subject: subject, Type: "a.b", Data: map[string]int{"n": n}, Bodies: bodies})
	})
}

// after is what a receiver has got beyond the first n.
func (r *receiver) after(n int) (bodies []string) {
	for _, h := range r.got()[n:] {
		bodies = append(bodies, h.body)
	}
	return bodies
}

// Everything that a body may be changed by on its way: JSON, HTML, the end of a line.
const awkward = "<?xml version=\"1.0\"?>\r\n<a b=\"plain\\\">\u2028é&amp;%_' \"plain\": \\\"paper\\\":</a>\n"

func TestAnEndpointOfAFormGetsItsBodiesAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		sheets, lines, standard := receive(t, nil), receive(t, nil), receive(t, nil)
		e, secret := g.formed("paper", sheets.URL, "")
		g.formed("plain", lines.URL+"/lines", "")
		g.endpoint(standard.URL)
		g.move(0)
		begun := len(sheets.got())
		g.postBodies("", "order/1", 1, map[string]string{"paper": awkward})
		g.postBodies("", "order/1", 2, map[string]string{"plain": "two", "paper": "<two/>"})
		g.postBodies("", "order/1", 3, nil)
		g.postBodies("", "order/1", 4, map[string]string{"plain": "four"})
		g.move(0)
		if got := fmt.Sprintf("%q", sheets.after(begun)); got != fmt.Sprintf("%q", []string{awkward, "<two/>"}) {
			t.Errorf("the one form: %s", got)
		}
		if got := fmt.Sprint(lines.after(0)); got != "[two four]" {
			t.Errorf("the other form: %s", got)
		}
		for i, h := range standard.want(t, 4) {
			if !strings.HasSuffix(h.body, fmt.Sprintf(`"data":{"n":%d}}`, i+1)) || h.line != "POST /" || h.head.Get("Content-Type") != "application/json" {
				t.Errorf("the standard form: %s %s", h.line, h.body)
			}
		}
		h := sheets.got()[begun]
		if h.line != "PUT /paper/notifications" || h.head.Get("Content-Type") != "application/xml" || !strings.HasPrefix(h.head.Get("Authorization"), "Basic ") {
			t.Errorf("%s %v", h.line, h.head)
		}
		if h.id != standard.got()[0].id {
			t.Errorf("the same notice is %s in one form and %s in another", h.id, standard.got()[0].id)
		}
		verify, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := verify.Verify([]byte(h.body), h.head); err != nil {
			t.Errorf("the signature: %v", err)
		}
		if h := lines.got()[0]; h.line != "POST /lines" || h.head.Get("Content-Type") != plain.ContentType {
			t.Errorf("%s %v", h.line, h.head)
		}
		if e.Form != paper.Name || g.state(e.ID).Form != paper.Name {
			t.Errorf("%+v", e)
		}
	})
}

func TestABodyThatCouldNotArriveAsItIsIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		for what, bodies := range map[string]map[string]string{
			"in no known form":     {"telegram": "STOP"},
			"in the standard form": {outbox.FormStandard: "{}"},
			"not UTF-8":            {"paper": "\xff"},
			"with NUL":             {"paper": "a\x00b"},
		} {
			err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				return outbox.Post(tx, outbox.Notice{App: app, Subject: "order/1", Type: "a.b", Bodies: bodies})
			})
			if err == nil {
				t.Errorf("a body %s was taken", what)
			}
		}
		if list := g.list(); len(list) != 0 {
			t.Errorf("%d notices were written", len(list))
		}
	})
}

func TestADeliveryInAFormIsRetriedAndReplayedAsItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.formed("plain", r.URL, "")
		r.tell(status(500))
		g.postBodies("", "order/1", 1, map[string]string{"plain": awkward})
		g.move(time.Hour)
		r.tell(nil)
		g.move(3 * time.Hour)
		del := g.only()
		if del.State != outbox.Delivered || del.Attempts != 5 || del.Form != plain.Name {
			t.Fatalf("%+v", del)
		}
		g.within(func(tx *db.Tx) error { _, err := g.s.ReplayDelivery(tx, app, del.ID); return err })
		g.move(0)
		for _, h := range r.want(t, 6) {
			if h.body != awkward || h.line != "POST /" || h.head.Get("Content-Type") != plain.ContentType || h.id != del.Message {
				t.Errorf("%s %s %q", h.id, h.line, h.body)
			}
		}
		g.view(func(tx *db.Tx) error {
			_, body, _, err := g.s.Delivery(tx, app, del.ID)
			if body != awkward {
				t.Errorf("shown as %q", body)
			}
			return err
		})
	})
}

func TestAReplaySinceAMomentSendsAFormsBodies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		g.formed("paper", receive(t, nil).URL, "") // what it is sent when it is set up is its own
		g.move(0)
		g.postBodies("1-ABCDE", "order/1", 1, map[string]string{"paper": awkward}) // which has "plain": in it
		g.postBodies("1-ABCDE", "order/1", 2, map[string]string{"paper": "<two/>", "plain": "two"})
		g.postBodies("1-ABCDE", "order/2", 3, nil)
		g.postBodies("2-XYZ", "order/3", 4, map[string]string{"paper": "<four/>", "plain": ""})
		g.list()
		replayed := func(form, customer string) string {
			t.Helper()
			r := receive(t, nil)
			e, _ := g.formed(form, r.URL, customer)
			g.move(0)
			begun := len(r.got())
			var res outbox.Replayed
			g.within(func(tx *db.Tx) (err error) {
				res, err = g.s.Replay(tx, app, e.ID, time.Unix(0, 0))
				return err
			})
			g.move(0)
			got := r.after(begun)
			if int(res.Queued) != len(got) || len(res.Deliveries) != len(got) {
				t.Errorf("%s: %+v, and %d came", form, res, len(got))
			}
			for _, h := range r.got()[begun:] {
				if f := map[string]outbox.Form{"paper": paper, "plain": plain}[form]; h.head.Get("Content-Type") != f.ContentType || !strings.HasPrefix(h.line, f.Method+" ") {
					t.Errorf("%s: %s %v", form, h.line, h.head)
				}
			}
			g.within(func(tx *db.Tx) error { _, err := g.s.Replay(tx, app, e.ID, time.Unix(0, 0)); return err })
			g.move(0)
			if again := r.after(begun + len(got)); !sameBodies(got, again) {
				t.Errorf("%s: %q, and again %q", form, got, again)
			}
			return inAnyOrder(got)
		}
		if got, want := replayed("plain", ""), inAnyOrder([]string{"two", ""}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got, want := replayed("paper", ""), inAnyOrder([]string{awkward, "<two/>", "<four/>"}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got, want := replayed("paper", "1-ABCDE"), inAnyOrder([]string{awkward, "<two/>"}); got != want {
			t.Errorf("of one customer %s, want %s", got, want)
		}
	})
}

// inAnyOrder is for what comes in several lanes.
func inAnyOrder(bodies []string) string {
	return fmt.Sprintf("%q", slices.Sorted(slices.Values(bodies)))
}

func sameBodies(a, b []string) bool { return inAnyOrder(a) == inAnyOrder(b) }

func TestAnEndpointMayBeToldAboutOneCustomerOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		standard, sheets := receive(t, nil), receive(t, nil)
		var e outbox.Endpoint
		g.within(func(tx *db.Tx) (err error) {
			e, _, err = g.s.Create(tx, outbox.Endpoint{App: app, URL: standard.URL, Customer: "0002", Events: []string{"*"}, Auth: outbox.Auth{Type: outbox.AuthNone}}, actsFor)
			return err
		})
		if e.Customer != "2-XYZ" || g.state(e.ID).Customer != "2-XYZ" {
			t.Errorf("kept under the number %s", e.Customer)
		}
		g.formed("paper", sheets.URL, "1-ABCDE")
		g.move(0)
		begun := len(sheets.got())
		post := func(n int) {
			for _, customer := range []string{"1-ABCDE", "2-XYZ", ""} {
				g.postBodies(customer, "order/1", n, map[string]string{"paper": "of " + customer})
			}
			g.move(0)
		}
		post(1)
		if h := standard.want(t, 1); !strings.Contains(h[0].body, `"n":1}`) {
			t.Error(h[0].body)
		}
		if got := fmt.Sprint(sheets.after(begun)); got != "[of 1-ABCDE]" {
			t.Error(got)
		}
		change := func(customer string) (err error) {
			return d.Within(t.Context(), g.world, func(tx *db.Tx) error {
				_, err := g.s.Update(tx, app, e.ID, outbox.Change{Customer: &customer}, actsFor)
				return err
			})
		}
		if err := change("3-OTHER"); !errors.Is(err, outbox.EndpointInvalid) {
			t.Errorf("a customer of others: %v", err)
		}
		if err := change(""); err != nil {
			t.Fatal(err)
		}
		g.wantAudit(e.ID, "update")
		post(2)
		standard.want(t, 4)
	})
}

func TestAnEndpointOfAFormIsToldThatItIsSetUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r, standard, another := receive(t, nil), receive(t, nil), receive(t, nil)
		g.endpoint(standard.URL)
		g.formed("paper", another.URL, "")
		e, _ := g.formed("paper", r.URL+"/?key=1", "1-ABCDE")
		g.move(0)
		if h := r.want(t, 1)[0]; h.body != "<setup>1-ABCDE</setup>" || h.line != "PUT /paper/notifications?key=1" || h.head.Get("webhook-signature") == "" {
			t.Errorf("%s %s", h.line, h.body)
		}
		if got := another.want(t, 1)[0].body; got != "<setup></setup>" {
			t.Error(got)
		}
		standard.want(t, 0)
		first := g.deliveries()[0]
		if first.Type != outbox.TypeSetup || first.Endpoint != e.ID || first.Subject != "endpoint/"+e.ID {
			t.Fatalf("%+v", first)
		}
		var id string
		g.within(func(tx *db.Tx) (err error) {
			id, err = g.s.Test(tx, app, e.ID)
			return err
		})
		g.within(func(tx *db.Tx) error { _, err := g.s.ReplayDelivery(tx, app, first.ID); return err })
		g.move(0)
		if got := fmt.Sprint(r.after(1)); got != "[<setup>1-ABCDE</setup> <setup>1-ABCDE</setup>]" || g.deliveries()[0].ID != id {
			t.Error(got)
		}
		// What one endpoint was told about itself is not among what all of them can have again.
		g.list()
		for _, e := range []string{first.Endpoint, g.deliveries()[2].Endpoint} {
			g.within(func(tx *db.Tx) error {
				res, err := g.s.Replay(tx, app, e, time.Unix(0, 0))
				if res.Queued != 0 {
					t.Errorf("%+v", res)
				}
				return err
			})
		}
		changed := "https://partner.example.net"
		g.within(func(tx *db.Tx) error {
			got, err := g.s.Update(tx, app, e.ID, outbox.Change{URL: &changed}, actsFor)
			if got.URL != changed+paper.Path {
				t.Errorf("changed to %s", got.URL)
			}
			return err
		})
		another.want(t, 1)
		standard.want(t, 0)
	})
}

func TestAnEndpointOfAFormThatSaysNothingCannotBeTested(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		e, _ := g.formed("plain", r.URL, "")
		g.move(0)
		r.want(t, 0)
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error { _, err := g.s.Test(tx, app, e.ID); return err })
		if !errors.Is(err, outbox.EndpointUntestable) || len(g.deliveries()) != 0 || len(g.list()) != 0 {
			t.Errorf("%v", err)
		}
	})
}

// The address of an endpoint whose form has no path, and of one in the standard
// form, stays as it was given.
func TestAnAddressStaysAsItWasGivenWhereNoFormSaysOtherwise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		for _, form := range []string{"", outbox.FormStandard, "plain"} {
			if e, _ := g.formed(form, "https://partner.example.net", ""); e.URL != "https://partner.example.net" || e.Form == "" {
				t.Errorf("%s: %+v", form, e)
			}
		}
		if e, _ := g.formed("paper", "https://partner.example.net/own", ""); e.URL != "https://partner.example.net/own" {
			t.Errorf("%+v", e)
		}
		form := "plain"
		e, _ := g.endpoint("https://partner.example.net")
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error {
			_, err := g.s.Update(tx, app, e.ID, outbox.Change{Form: &form}, nil)
			return err
		})
		if !errors.Is(err, outbox.EndpointInvalid) || g.state(e.ID).Form != outbox.FormStandard {
			t.Errorf("another form: %v", err)
		}
	})
}

// While an upgrade rolls through, a delivery may come to a node that does not know
// its form yet.
func TestADeliveryInAnUnknownFormWaitsForANodeThatKnowsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		e, _ := g.formed("plain", r.URL, "")
		g.postBodies("", "order/1", 1, map[string]string{"plain": "one"})
		become := func(form string) {
			g.within(func(tx *db.Tx) error {
				tx.Do(`UPDATE delivery SET form = $2 WHERE world = $1`, form)
				tx.Do(`UPDATE endpoint SET form = $2 WHERE world = $1`, form)
				return nil
			})
		}
		become("telegram")
		g.move(0)
		r.want(t, 0)
		del := g.only()
		if log := g.log(del.ID); del.State != outbox.Pending || len(log) != 1 || log[0].Status != 0 || !strings.Contains(log[0].Problem, "telegram") {
			t.Fatalf("%+v %+v", del, log)
		}
		err := d.Within(t.Context(), g.world, func(tx *db.Tx) error { _, err := g.s.Test(tx, app, e.ID); return err })
		if !errors.Is(err, outbox.EndpointUntestable) {
			t.Errorf("a test: %v", err)
		}
		become("plain")
		g.move(time.Minute)
		if got := r.want(t, 1)[0].body; got != "one" {
			t.Error(got)
		}
	})
}

// What a node of the version before writes has none of the columns of forms.
func TestRowsWithoutAFormAreOfTheStandardOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		r := receive(t, nil)
		g.within(func(tx *db.Tx) error {
			now := clock.Micros(tx.Now())
			tx.Do(`INSERT INTO endpoint (world, id, app, url, events, auth, description, state, secret, created_at)
				VALUES ($1, 'ep_old', $2, $3, '*', '{"type":"none"}', '', 'enabled', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', $4)`, app, r.URL, now)
			tx.Do(`INSERT INTO notice (world, seq, id, app, customer, subject, type, body, at)
				VALUES ($1, 0, 1, $2, '1-ABCDE', 'order/1', 'a.b', '{"old":1}', $3)`, app, now)
			return nil
		})
		g.post("order/1", "a.b", 2)
		g.move(0)
		g.within(func(tx *db.Tx) error {
			res, err := g.s.Replay(tx, app, "ep_old", time.Unix(0, 0))
			if res.Queued != 2 {
				t.Errorf("%+v", res)
			}
			return err
		})
		g.move(0)
		hits := r.want(t, 3)
		if hits[1].body != `{"old":1}` || hits[2].body != hits[0].body {
			t.Errorf("%+v", hits)
		}
		for _, h := range hits {
			if h.line != http.MethodPost+" /" || h.head.Get("Content-Type") != "application/json" {
				t.Errorf("%s %v", h.line, h.head)
			}
		}
		if e := g.state("ep_old"); e.Form != outbox.FormStandard || e.Customer != "" {
			t.Errorf("%+v", e)
		}
	})
}
