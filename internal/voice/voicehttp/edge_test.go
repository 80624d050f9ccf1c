package voicehttp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/contract"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/voice"
	"demarc/internal/voice/voicehttp"
	"demarc/internal/voice/voicetest"
)

// Who calls in the tests.
const (
	mine    = "mine"    // acts for all customers of the world
	barred  = "barred"  // was not approved for Voice
	unknown = "unknown" // has a token that nobody gave it
)

// edge serves a world's Voice over HTTP, to applications with real tokens. Its client
// holds every answer to the contract, and it remembers which statuses each operation
// answered.
type edge struct {
	*voicetest.World
	url    string
	suffix string // of the calls below /Numbers, or NoS
	apps   map[string]identity.App
	tokens map[string]string

	mu   sync.Mutex
	seen map[string]bool // "operation status"
}

func serve(t *testing.T, suffix string) *edge {
	t.Helper()
	d := dbtest.Open(t, dbtest.SQLite(t))
	e := &edge{World: voicetest.New(t, d), suffix: suffix, seen: map[string]bool{}, tokens: map[string]string{unknown: "demarc_nobody_gave_it"}}
	e.apps = map[string]identity.App{mine: identitytest.App(t, e.Identity, e.ID, voice.Product), barred: identitytest.App(t, e.Identity, e.ID, voice.Product)}
	_, err := e.Identity.RevokeApp(t.Context(), "test", e.apps[barred].ID, voice.Product)
	e.Must("take the approval away", err)
	e.App = e.apps[mine].ID
	e.refresh()
	e.url = e.serve(t, httpkit.Options{})
	return e
}

// refresh gets everybody a new token: they expire by the world's clock.
func (e *edge) refresh() {
	e.T.Helper()
	for name, app := range e.apps {
		e.tokens[name] = identitytest.Token(e.T, e.Identity, app)
	}
}

// pass moves the world's clock on.
func (e *edge) pass(by time.Duration) {
	e.T.Helper()
	e.Advance(by)
	e.refresh()
}

// serve serves the world at an edge of these options.
func (e *edge) serve(t *testing.T, o httpkit.Options) string {
	t.Helper()
	o.DB, o.Auth, o.Log = e.DB, e.Identity, slog.New(slog.DiscardHandler)
	kit := httpkit.New(o)
	kit.AddFamily(voicehttp.Family(), voicehttp.Routes(kit, e.Desk)...)
	kit.Add(voicehttp.DeskRoutes(kit, e.Desk)...)
	server := httptest.NewServer(kit)
	t.Cleanup(server.Close)
	return server.URL
}

// op is a call below /Numbers in the spelling that this edge tries.
func (e *edge) op(call string) string {
	if _, both := contract.Operations()[call+"NoS"]; both {
		return call + e.suffix
	}
	return call
}

// body is a JSON object that a test changes a little.
type body map[string]any

func (b body) with(name string, value any) body {
	c := body{name: value}
	for k, v := range b {
		if k != name {
			c[k] = v
		}
	}
	return c
}

func (b body) without(name string) body {
	c := b.with(name, nil)
	delete(c, name)
	return c
}

// lines is a body's rate center orders.
func lines(list ...body) []body { return list }

// ask is one call of an operation.
type ask struct {
	who    string            // mine when empty; "-" for nobody
	args   map[string]string // for the path's parameters
	query  string
	body   any
	key    string // Idempotency-Key
	media  string // application/json when empty and there is a body
	header map[string]string
	url    string // of another edge
}

// with is the same call with another header; "-" sends none.
func (a ask) with(name, value string) ask {
	header := map[string]string{name: value}
	for k, v := range a.header {
		if k != name {
			header[k] = v
		}
	}
	a.header = header
	return a
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) read(t *testing.T, v any) {
	t.Helper()
	if v == nil {
		return
	}
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// has holds an answer's text against what must be in it.
func (a answer) has(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("no %s in %s", text, a.body)
		}
	}
	return a
}

// send makes a call. The answer is held to the contract, and the request too unless it is
// bad.
func (e *edge) send(t *testing.T, op string, a ask, bad bool) answer {
	t.Helper()
	known, ok := contract.Operations()[op]
	if !ok {
		t.Fatalf("there is no operation %s", op)
	}
	base, path, text := e.url, known.Path, ""
	if a.url != "" {
		base = a.url
	}
	for name, value := range a.args {
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
	}
	switch b := a.body.(type) {
	case nil:
	case string:
		text = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), known.Method, base+path+a.query, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if a.who == "" {
		a.who = mine
	}
	if a.body != nil && a.media == "" {
		a.media = "application/json"
	}
	header := map[string]string{"Content-Type": a.media, "Idempotency-Key": a.key, "X-Request-Id": "req_test"}
	if a.who != "-" {
		header["Authorization"] = "Bearer " + e.tokens[a.who]
	}
	if strings.HasPrefix(known.Path, "/Voice/") {
		header[httpkit.CustomerHeader] = voicetest.Customer
	}
	maps.Copy(header, a.header)
	for name, value := range header {
		if value != "" && value != "-" {
			req.Header.Set(name, value)
		}
	}
	if bad {
		req = contract.Bad(req)
	}
	res, err := contract.Client(t, nil).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	e.seen[fmt.Sprintf("%s %d", op, res.StatusCode)] = true
	e.mu.Unlock()
	return answer{res.StatusCode, res.Header, string(got)}
}

// good makes a call that is answered with a status, and reads the answer into v.
func (e *edge) good(t *testing.T, op string, a ask, status int, v any) answer {
	t.Helper()
	return e.met(t, op, a, false, status, v)
}

// lenient is good for a request that the document does not promise to take.
func (e *edge) lenient(t *testing.T, op string, a ask, status int, v any) answer {
	t.Helper()
	return e.met(t, op, a, true, status, v)
}

func (e *edge) met(t *testing.T, op string, a ask, bad bool, status int, v any) answer {
	t.Helper()
	got := e.send(t, op, a, bad)
	if got.status != status {
		t.Fatalf("%s: %d %s, want %d", op, got.status, got.body, status)
	}
	got.read(t, v)
	return got
}

// voiced is an error in the source's shape.
type voiced struct {
	Code, Message, RequestID string
	Errors                   []struct{ Code, Message, Field string }
	Next                     []string
}

// refused makes a call that is refused in the source's shape: "20011 state", each broken
// rule with its field.
func (e *edge) refused(t *testing.T, op string, a ask, status int, want ...string) answer {
	t.Helper()
	got := e.send(t, op, a, true)
	var v voiced
	got.read(t, &v)
	var broke []string
	for _, one := range v.Errors {
		broke = append(broke, strings.TrimSpace(one.Code+" "+one.Field))
	}
	if got.status != status || fmt.Sprint(broke) != fmt.Sprint(want) {
		t.Errorf("%s %s %v: %d %q, want %d %q\n%s", op, a.query, a.body, got.status, broke, status, want, got.body)
	}
	if got.header.Get("WWW-Authenticate") != "" {
		t.Errorf("%s challenges a caller that gets no 401", op)
	}
	return got
}

// denied makes a call of the carrier desk that is refused in the platform's envelope:
// "VOICE-DSK-01 into", each broken rule with its field.
func (e *edge) denied(t *testing.T, op string, a ask, status int, reason string, rules ...string) answer {
	t.Helper()
	got := e.send(t, op, a, true)
	var env struct {
		Reason string
		Errors []struct{ Rule, Field string }
		Next   []string
	}
	got.read(t, &env)
	broke := []string{}
	for _, v := range env.Errors {
		broke = append(broke, v.Rule+" "+v.Field)
	}
	if got.status != status || env.Reason != reason || fmt.Sprint(broke) != fmt.Sprint(rules) {
		t.Errorf("%s %v: %d %s %q, want %d %s %q", op, a.body, got.status, env.Reason, broke, status, reason, rules)
	}
	return got
}

// The calls that the tests begin with.

// reserving asks for numbers of a rate center in Colorado.
func reserving(center string, quantity any) body {
	return body{"productID": voice.LocalInbound, "externalOrderId": "PO-1", "rateCenterOrders": lines(line(center, quantity))}
}

func line(center string, quantity any) body {
	return body{"rateCenter": center, "state": "CO", "quantity": quantity}
}

func approving(order, center, action string) body {
	return body{"voiceOrderId": order, "rateCenter": center, "state": "CO", "action": action}
}

func requesting(quantity any) body {
	return body{"productID": voice.LocalInbound, "rateCenter": "DENVER", "state": "CO", "quantity": quantity, "reason": "a call center"}
}

// installing puts numbers of the pool in service.
func installing(tns ...any) body {
	return body{"productID": voice.LocalInbound, "orderType": "NEW", "customerServiceName": voicetest.Route, "subscriberLines": lines(resident(tns...))}
}

// porting takes numbers of another carrier.
func porting(tns ...any) body {
	return installing(tns...).with("orderType", "LNP").with("lnp", losing())
}

// resident is a subscriber of Denver, with numbers.
func resident(tns ...any) body {
	return body{"customerType": "R", "firstName": "Avery", "lastName": "Example", "serviceAddress": denver(), "tnList": tns}
}

func denver() body {
	return body{"streetNumber": "100", "streetName": "Main", "streetSuffix": "Street", "city": "Denver", "state": "CO", "zip": "80202"}
}

// losing is what a losing carrier must know.
func losing() body {
	return body{"loaName": "Avery Example", "loaReceived": "Y", "loaDateTime": "2040-05-30T10:00:00Z", "workingTelephoneNumber": 13033312000,
		"losingCarrierAccountNumber": "ACC-1234", "losingCarrierWireless": "N"}
}

// changing changes numbers in service.
func changing(line body, tns ...any) body {
	return body{"subscriberLines": lines(line.with("tnList", tns))}
}

// ending ends the service of numbers on a day.
func ending(day string, tns ...any) body { return body{"customerRequestDate": day, "tnList": tns} }

// line is a body with another subscriber line.
func (b body) line(change func(line body) body) body {
	return b.with("subscriberLines", lines(change(b["subscriberLines"].([]body)[0])))
}

func order(id string) map[string]string { return map[string]string{"voiceOrderId": id} }

func route(kind, name string) map[string]string {
	return map[string]string{"number": voicetest.Customer, "kind": kind, "name": name}
}

func place(center string) map[string]string {
	return map[string]string{"state": "CO", "rateCenter": center}
}

// order reserves numbers for the customer, and answers the order's id.
func (e *edge) order(t *testing.T, b body) string {
	t.Helper()
	var o struct{ VoiceOrderID string }
	e.good(t, e.op("orderInventory"), ask{body: b}, 202, &o)
	return o.VoiceOrderID
}

// accepted is an order that was accepted.
type accepted struct {
	VoiceOrderID, ExternalOrderID, OrderStatus, TransactionOrderID string
	RateCenterOrders                                               []struct {
		TransactionOrderID, RateCenter, State string
		Quantity                              int
	}
}

// accept makes a call that an order is accepted by, or heard with, and answers its id.
func (e *edge) accept(t *testing.T, call string, a ask) string {
	t.Helper()
	var o accepted
	e.good(t, e.op(call), a, 202, &o)
	return o.VoiceOrderID
}

// status reads an order's status.
func (e *edge) status(t *testing.T, id string) (s orderStatus, got answer) {
	t.Helper()
	got = e.good(t, "getOrderStatus", ask{query: "?voiceOrderId=" + id}, 200, &s)
	return s, got
}

type orderStatus struct {
	OrderType, OrderStatus, OrderStatusDetail   string
	CustomerRequestDate, FOCDate, CompletedDate *string
	LosingCarrier, RejectionReason              string
	RateCenterOrders                            []struct {
		TransactionOrderID, ParentTransactionOrderID, Kind, Status string
		Quantity, ReservedQuantity                                 int
		OfferedQuantity, NotificationCode                          *int
		ApproveBy, BackorderUntil                                  *string
	}
}

// production is an application of the production world.
func (e *edge) production(t *testing.T) string {
	t.Helper()
	const name = "production"
	if _, made := e.apps[name]; !made {
		world, org := identitytest.Production(t, e.DB, e.Identity)
		app, err := e.Identity.CreateApp(t.Context(), "test", identity.NewApp{World: world, Org: org.ID, Name: "Live", Products: []string{voice.Product}})
		if err == nil {
			_, err = e.Identity.ApproveApp(t.Context(), "test", app.ID, voice.Product)
		}
		if err != nil {
			t.Fatal(err)
		}
		e.apps[name] = app
		e.refresh()
	}
	return name
}
