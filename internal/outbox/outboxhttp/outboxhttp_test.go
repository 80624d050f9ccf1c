package outboxhttp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
	"demarc/internal/outbox/deliver"
	"demarc/internal/outbox/outboxhttp"
	"demarc/internal/seal"
	"demarc/internal/timer"
)

// tokens authenticates: the token is the application's name.
type tokens struct{ world string }

func (t tokens) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	customer := httpkit.Customer{Number: "1-ABCDE", State: "suspended"}
	return &httpkit.Caller{App: token, World: t.world, Sandbox: true,
		Customers: map[string]httpkit.Customer{customer.Number: customer, "0001": customer}}, nil
}

// rig is a server whose every answer is held to the contract.
type rig struct {
	t      *testing.T
	d      *db.DB
	world  string
	s      *outbox.Service
	r      *timer.Runner
	url    string
	client *http.Client
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	sender := deliver.New(deliver.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	g := &rig{t: t, d: d, world: dbtest.World(t, d), client: contract.Client(t, nil)}
	g.s = outbox.New(outbox.Options{DB: d, Seal: testKeys(t), Sender: sender, Log: log, Workers: 4, StreamsPerApp: 1})
	g.r = timer.NewRunner(d, log, 4)
	g.s.Register(g.r)
	k := httpkit.New(httpkit.Options{DB: d, Auth: tokens{g.world}, Log: log})
	k.Add(outboxhttp.Routes(k, g.s)...)
	server := httptest.NewServer(k)
	g.url = server.URL
	t.Cleanup(func() {
		g.s.Close()
		sender.Close()
		server.Close()
		g.check()
	})
	return g
}

func (g *rig) check() {
	err := g.d.Within(context.Background(), g.world, func(tx *db.Tx) error {
		problems, err := outbox.Check(tx)
		for _, p := range problems {
			g.t.Error(p)
		}
		return err
	})
	if err != nil {
		g.t.Error(err)
	}
}

// request prepares a call of an application.
func (g *rig) request(app, method, path, body string) *http.Request {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+app)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// do makes a call and answers its status and body.
func (g *rig) do(req *http.Request) (int, map[string]any) {
	g.t.Helper()
	resp, err := g.client.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	var body map[string]any
	if len(text) > 0 {
		if err := json.Unmarshal(text, &body); err != nil {
			g.t.Fatalf("%s: %v", text, err)
		}
	}
	return resp.StatusCode, body
}

// call is do for the application app, which must be answered as wanted.
func (g *rig) call(method, path, body string, want int) map[string]any {
	g.t.Helper()
	got, answer := g.do(g.request("app", method, path, body))
	if got != want {
		g.t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, want)
	}
	return answer
}

func (g *rig) post(subject, typ string, n int) {
	g.t.Helper()
	err := g.d.Within(g.t.Context(), g.world, func(tx *db.Tx) error {
		return outbox.Post(tx, outbox.Notice{App: "app", Customer: "1-ABCDE", Subject: subject, Type: typ, Data: map[string]int{"n": n}})
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// settle runs what is due.
func (g *rig) settle() {
	g.t.Helper()
	if _, _, err := g.r.Move(g.t.Context(), g.world, func(now time.Time) time.Time { return now }); err != nil {
		g.t.Fatal(err)
	}
}

func TestTheLifeOfAnEndpointOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		got := make(chan string, 10)
		hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("webhook-id") }))
		defer hook.Close()
		const endpoints = "/webhooks/v1/endpoints"
		created := g.call("POST", endpoints, fmt.Sprintf(`{"url":%q,"events":["demarc.*"],"auth":{"type":"basic","username":"me","password":"hush"},"description":"Desk"}`, hook.URL), 201)
		id := created["id"].(string)
		if !strings.HasPrefix(created["secret"].(string), "whsec_") {
			t.Fatalf("%v", created)
		}
		if all := fmt.Sprint(created, g.call("GET", endpoints, "", 200), g.call("GET", endpoints+"/"+id, "", 200)); strings.Contains(all, "hush") ||
			strings.Count(all, "whsec_") != 1 || !strings.Contains(all, "username:me") {
			t.Fatalf("shown: %s", all)
		}
		g.post("order/1", "demarc.b", 1)
		g.settle()
		message := <-got
		list := g.call("GET", "/webhooks/v1/deliveries?endpointId="+id+"&state=delivered&pageSize=5", "", 200)
		if list["resultCount"].(float64) != 1 {
			t.Fatalf("%v", list)
		}
		first := list["deliveries"].([]any)[0].(map[string]any)
		detail := g.call("GET", "/webhooks/v1/deliveries/"+first["id"].(string), "", 200)
		if first["messageId"] != message || len(detail["attempts"].([]any)) != 1 || detail["body"].(map[string]any)["type"] != "demarc.b" {
			t.Fatalf("%v", detail)
		}
		if q := g.call("POST", "/webhooks/v1/deliveries/"+first["id"].(string)+"/replay", "", 202); q["queued"].(float64) != 1 {
			t.Fatalf("%v", q)
		}
		g.settle()
		if again := <-got; again != message {
			t.Fatalf("replayed as %s, was %s", again, message)
		}
		test := g.call("POST", endpoints+"/"+id+"/test", "", 202)
		g.settle()
		if <-got == message || len(test["deliveries"].([]any)) != 1 {
			t.Fatalf("%v", test)
		}
		if q := g.call("POST", endpoints+"/"+id+"/replay", `{"since":"2020-01-01T00:00:00+02:00"}`, 202); q["queued"].(float64) < 1 {
			t.Fatalf("%v", q)
		}
		if r := g.call("POST", endpoints+"/"+id+"/secret", "", 200); r["secret"] == created["secret"] {
			t.Fatal("the secret stayed")
		}
		changed := g.call("PATCH", endpoints+"/"+id, `{"state":"disabled","auth":{"type":"none"}}`, 200)
		if changed["state"] != "disabled" || changed["why"] == "" || changed["description"] != "Desk" {
			t.Fatalf("%v", changed)
		}
		if f := g.call("POST", endpoints+"/"+id+"/test", "", 409); f["reason"] != "endpoint_disabled" {
			t.Fatalf("%v", f)
		}
		if f := g.call("POST", endpoints+"/"+id+"/replay", `{"since":"2020-01-01T00:00:00Z"}`, 409); f["reason"] != "endpoint_disabled" {
			t.Fatalf("%v", f)
		}
		g.call("DELETE", endpoints+"/"+id, "", 204)
		g.call("DELETE", endpoints+"/"+id, "", 404)
		g.call("GET", endpoints+"/"+id, "", 404)
	})
}

var paper = outbox.DeclareForm(outbox.Form{Name: "paper", Method: "PUT", ContentType: "application/xml", Path: "/paper",
	Text: "A page of XML.", Setup: func(customer string) string { return "<setup>" + customer + "</setup>" }})

func TestAnEndpointOfAProductsOwnFormOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		got := make(chan string, 10)
		hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		}))
		defer hook.Close()
		const endpoints, deliveries = "/webhooks/v1/endpoints", "/webhooks/v1/deliveries"
		created := g.call("POST", endpoints, fmt.Sprintf(`{"url":%q,"events":["*"],"form":%q,"customer":"0001"}`, hook.URL, paper.Name), 201)
		own := endpoints + "/" + created["id"].(string)
		for what, e := range map[string]map[string]any{"created": created, "read": g.call("GET", own, "", 200),
			"listed": g.call("GET", endpoints, "", 200)["endpoints"].([]any)[0].(map[string]any)} {
			if e["form"] != "paper" || e["customer"] != "1-ABCDE" || e["url"] != hook.URL+"/paper" {
				t.Errorf("%s: %v", what, e)
			}
		}
		g.settle()
		const setup = "PUT /paper application/xml <setup>1-ABCDE</setup>"
		if first := <-got; first != setup {
			t.Error(first)
		}
		test := g.call("POST", own+"/test", "", 202)
		g.settle()
		if again := <-got; again != setup {
			t.Error(again)
		}
		detail := g.call("GET", deliveries+"/"+test["deliveries"].([]any)[0].(string), "", 200)
		if detail["type"] != "demarc.setup" || detail["body"] != "<setup>1-ABCDE</setup>" {
			t.Errorf("%v", detail)
		}
		changed := g.call("PATCH", own, `{"customer":"","form":"paper"}`, 200)
		if changed["customer"] != "" || changed["form"] != "paper" {
			t.Errorf("%v", changed)
		}
		if changed = g.call("PATCH", own, `{"customer":"0001"}`, 200); changed["customer"] != "1-ABCDE" {
			t.Errorf("%v", changed)
		}
		standard := g.call("POST", endpoints, fmt.Sprintf(`{"url":%q,"events":["*"],"form":"standard"}`, hook.URL), 201)
		if standard["form"] != "standard" || standard["customer"] != "" || standard["url"] != hook.URL {
			t.Errorf("%v", standard)
		}
	})
}

// One key, one endpoint; and the secret can be read again from the kept answer.
func TestAnIdempotencyKeyMakesOneEndpoint(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		var ids []any
		for range 2 {
			req := g.request("app", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"]}`)
			req.Header.Set("Idempotency-Key", "k1")
			_, body := g.do(req)
			ids = append(ids, body["id"])
		}
		if list := g.call("GET", "/webhooks/v1/endpoints", "", 200)["endpoints"].([]any); len(list) != 1 || ids[0] != ids[1] {
			t.Fatalf("%v of %v", list, ids)
		}
	})
}

func TestWrongInputIsAnsweredWithItsFields(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		id := g.call("POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"]}`, 201)["id"].(string)
		own := "/webhooks/v1/endpoints/" + id
		for _, tc := range []struct {
			why, method, path, body string
			status                  int
			want                    string // reason, and the fields
		}{
			{"nothing", "POST", "/webhooks/v1/endpoints", `{}`, 400, "endpoint_invalid url events"},
			{"HOOK-URL-02 an address inside", "POST", "/webhooks/v1/endpoints", `{"url":"http://169.254.169.254/","events":["*"]}`, 400, "endpoint_invalid url"},
			{"a type's type", "POST", "/webhooks/v1/endpoints", `{"url":1,"events":["*"]}`, 400, "malformed_request url"},
			{"a name nearly known", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"],"desciption":"x"}`, 400, "malformed_request desciption"},
			{"no authentication", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"],"auth":{}}`, 400, "endpoint_invalid auth.type"},
			{"HOOK-FRM-01 a form that there is not", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"],"form":"telegram"}`, 400, "endpoint_invalid form"},
			{"HOOK-FRM-01 another form", "PATCH", own, `{"form":"paper"}`, 400, "endpoint_invalid form"},
			{"HOOK-CUS-01 a customer of others", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/","events":["*"],"customer":"2-XYZ"}`, 400, "endpoint_invalid customer"},
			{"HOOK-CUS-01 a customer of others, later", "PATCH", own, `{"customer":"2-XYZ"}`, 400, "endpoint_invalid customer"},
			{"all of them", "POST", "/webhooks/v1/endpoints", `{"url":"x","events":[],"customer":"2-XYZ","form":"telegram"}`, 400, "endpoint_invalid url form events customer"},
			{"no JSON", "POST", "/webhooks/v1/endpoints", `{`, 400, "malformed_request body"},
			{"HOOK-QRY-01 no change", "PATCH", own, `{}`, 400, "malformed_request body"},
			{"an empty list", "PATCH", own, `{"events":[]}`, 400, "endpoint_invalid events"},
			{"a state", "PATCH", own, `{"state":"gone"}`, 400, "endpoint_invalid state"},
			{"HOOK-QRY-01 no moment", "POST", own + "/replay", `{}`, 400, "invalid_request since"},
			{"HOOK-QRY-01 a moment that is none", "POST", own + "/replay", `{"since":"yesterday"}`, 400, "invalid_request since"},
			{"HOOK-QRY-01 a moment before all", "POST", own + "/replay", `{"since":"0001-01-01T00:00:00Z"}`, 400, "invalid_request since"},
			{"an unknown endpoint", "POST", "/webhooks/v1/endpoints/ep_x/test", ``, 404, "endpoint_not_found"},
			{"an unknown delivery", "GET", "/webhooks/v1/deliveries/dlv_x", ``, 404, "delivery_not_found"},
			{"an unknown delivery again", "POST", "/webhooks/v1/deliveries/dlv_x/replay", ``, 404, "delivery_not_found"},
			{"HOOK-QRY-01 a delivery's state", "GET", "/webhooks/v1/deliveries?state=lost", ``, 400, "invalid_request state"},
			{"a page", "GET", "/webhooks/v1/deliveries?pageNumber=0", ``, 400, "invalid_request pageNumber"},
			{"a size", "GET", "/notifications?pageSize=101", ``, 400, "invalid_request pageSize"},
			{"a cursor", "GET", "/notifications?after=x", ``, 400, "cursor_of_notifications_invalid"},
			{"HOOK-QRY-01 filters", "GET", "/notifications?type=A&from=x&to=y&subject=" + strings.Repeat("x", 129), ``, 400, "invalid_request subject type from to"},
		} {
			status, body := g.do(contract.Bad(g.request("app", tc.method, tc.path, tc.body)))
			got := fmt.Sprint(body["reason"])
			for _, e := range body["errors"].([]any) {
				got += " " + e.(map[string]any)["field"].(string)
			}
			if status != tc.status || got != tc.want {
				t.Errorf("%s: %d %s, want %d %s", tc.why, status, got, tc.status, tc.want)
			}
		}
		for _, path := range []string{own, own + "/test", own + "/secret"} {
			method := "POST"
			if path == own {
				method = "GET"
			}
			if status, _ := g.do(g.request("another", method, path, "")); status != 404 {
				t.Errorf("%s %s of another application: %d", method, path, status)
			}
		}
	})
}

func TestNotificationsArePulledInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		for n := range 5 {
			g.post(fmt.Sprint("order/", n%2), "demarc.b", n)
		}
		seen, next := 0, ""
		deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for seen < 5 {
			page := g.call("GET", "/notifications?pageSize=2&after="+next, "", 200)
			for _, v := range page["notifications"].([]any) {
				n := v.(map[string]any)
				if int(n["data"].(map[string]any)["n"].(float64)) != seen || n["subject"] != fmt.Sprint("order/", seen%2) {
					t.Fatalf("%v, want number %d", n, seen)
				}
				seen++
				next = n["id"].(string)
			}
			if page["next"] != next {
				t.Fatalf("next = %v, want %s", page["next"], next)
			}
			if err := clock.Sleep(deadline, time.Millisecond); err != nil {
				t.Fatalf("only %d came", seen)
			}
		}
		if page := g.call("GET", "/notifications?subject=order/1&type=demarc.*&from=2020-01-01T00:00:00Z&to=2200-01-01T00:00:00Z", "", 200); len(page["notifications"].([]any)) != 2 {
			t.Fatalf("%v", page)
		}
		if _, page := g.do(g.request("another", "GET", "/notifications", "")); len(page["notifications"].([]any)) != 0 {
			t.Fatalf("another application reads %v", page)
		}
	})
}

// open begins a live stream and answers its lines.
func (g *rig) open(last string) (lines <-chan string, closed func()) {
	g.t.Helper()
	ctx, cancel := context.WithCancel(g.t.Context())
	req := g.request("app", "GET", "/notifications/stream", "").WithContext(ctx)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		g.t.Fatalf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	g.t.Cleanup(func() { _ = resp.Body.Close() })
	c := make(chan string, 100)
	go func() {
		defer close(c)
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if s.Text() != "" {
				c <- s.Text()
			}
		}
	}()
	return c, cancel
}

func TestTheStreamIsLiveResumesIsBoundedAndEndsWithTheServer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		lines, closed := g.open("")
		if first := <-lines; !strings.HasPrefix(first, ":") {
			t.Fatalf("began with %q", first)
		}
		if f := g.call("GET", "/notifications/stream", "", 429); f["reason"] != "too_many_streams" {
			t.Fatalf("a second one: %v", f)
		}
		g.post("order/1", "demarc.b", 1)
		g.post("order/1", "demarc.c", 2)
		id := strings.TrimPrefix(<-lines, "id: ")
		event, data := <-lines, <-lines
		if event != "event: demarc.b" || !strings.HasPrefix(data, `data: {"id":"`+id+`","type":"demarc.b","timestamp":"`) || !strings.HasSuffix(data, `"subject":"order/1","data":{"n":1}}`) {
			t.Fatalf("%s\n%s\n%s", id, event, data)
		}
		<-lines
		if event = <-lines; event != "event: demarc.c" {
			t.Fatal(event)
		}
		closed()
		for range lines { // until it has ended
		}
		// Its place is free once the server has noticed.
		deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for {
			req := g.request("app", "GET", "/notifications/stream", "").WithContext(deadline)
			req.Header.Set("Last-Event-ID", id)
			resp, err := g.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode == http.StatusTooManyRequests {
				_ = resp.Body.Close()
				if err := clock.Sleep(deadline, time.Millisecond); err != nil {
					t.Fatal("the place is not freed")
				}
				continue
			}
			s := bufio.NewScanner(resp.Body)
			for s.Scan() && !strings.HasPrefix(s.Text(), "event:") {
			}
			if s.Text() != "event: demarc.c" {
				t.Fatalf("resumed with %q", s.Text())
			}
			g.s.Close()
			for s.Scan() { // the server ends it
			}
			_ = resp.Body.Close()
			return
		}
	})
}

// testKeys are the keys of one test.
func testKeys(t testing.TB) *seal.Ring {
	t.Helper()
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
