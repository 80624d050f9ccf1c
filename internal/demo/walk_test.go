package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"demarc/internal/app"
)

// server is a whole server on a fresh SQLite file, with its due work running.
type server struct {
	base       string
	id, secret string // of its first application
}

func serve(t *testing.T, allowed ...string) *server {
	t.Helper()
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a, err := app.Open(t.Context(), app.Config{Data: dir, Listen: ln.Addr().String(), AllowWebhooksTo: allowed, TokenTTL: 1799 * time.Second,
		InFlight: 64, Workers: 4, Drain: 5 * time.Second, Version: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- a.Serve(serving, ln) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-served, a.Close()); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(filepath.Join(dir, app.QuickstartFile))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			env[name] = strings.Trim(value, "'")
		}
	}
	return &server{"http://" + ln.Addr().String(), env["DEMARC_CLIENT_ID"], env["DEMARC_CLIENT_SECRET"]}
}

// world is a fresh world of the server, and a caller in it.
func (s *server) world(t *testing.T) *insider {
	t.Helper()
	first := &insider{World: World{BaseURL: s.base, Client: s.id, Secret: s.secret}}
	in := &insider{}
	c := Call{Method: http.MethodPost, Path: "/sandbox/v1/worlds", Body: map[string]any{"ttl": "PT1H", "name": t.Name()[:10], "seed": 42}}
	if err := first.Call(t.Context(), c, &in.World); err != nil {
		t.Fatal(err)
	}
	in.BaseURL = s.base
	return in
}

// insider calls as a world's application, with a fresh token for every call: the
// journeys move the clock that tokens live by. It may lie about the answers.
type insider struct {
	World
	lie lie
}

// lie changes what the server said to calls of a path.
type lie struct {
	path     string // a part of it
	old, new string // of an answer or refusal
	grant    int    // a refusal that becomes a grant
}

func (in *insider) Call(ctx context.Context, c Call, into any) error {
	req, err := in.request(ctx, c)
	if err != nil {
		return err
	}
	status, text, err := fetch(req)
	if err != nil {
		return err
	}
	if l := in.lie; l.path != "" && strings.Contains(c.Path, l.path) {
		if text = bytes.ReplaceAll(text, []byte(l.old), []byte(l.new)); status == l.grant {
			return nil
		}
	}
	if status > 299 {
		return &Refusal{Status: status, Message: string(text), Body: text}
	}
	if into == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

func (in *insider) request(ctx context.Context, c Call) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if c.Body != nil {
		text, err := json.Marshal(c.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, in.BaseURL+c.Path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	maps.Copy(req.Header, c.Header)
	if c.Bare {
		return req, nil
	}
	token, err := in.token(ctx)
	req.Header.Set("Authorization", "Bearer "+token)
	if in.Customer != "" {
		req.Header.Set("x-customer-number", in.Customer)
	}
	return req, err
}

func (in *insider) token(ctx context.Context) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {in.Client}, "client_secret": {in.Secret}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, in.BaseURL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, text, err := fetch(req)
	if err != nil {
		return "", err
	}
	var a struct {
		Token string `json:"access_token"`
	}
	err = json.Unmarshal(text, &a)
	return a.Token, err
}

func fetch(req *http.Request) (int, []byte, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// walk walks a journey in a fresh world of the server, and answers what it showed.
func (s *server) walk(t *testing.T, journey string, l lie, provider func(context.Context) (Neighbour, error)) (string, error) {
	t.Helper()
	in := s.world(t)
	in.lie = l
	var out bytes.Buffer
	err := Play(t.Context(), Options{API: in, World: in.World, Names: []string{journey}, Out: &out, Provider: provider})
	return out.String(), err
}

func shows(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("it does not show %q:\n%s", text, out)
		}
	}
}

func TestTheCareJourneyComesToItsEnd(t *testing.T) {
	t.Parallel()
	out, err := serve(t).walk(t, "care", lie{}, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "JOHN DOE", "277.94 USD", "JANE.DOE1@EXAMPLE.COM", "FOUR EXAMPLE 4, no e-mail address", "4599.00 JMD", "459900 CLP",
		"400 APIKIT:BAD_REQUEST", "501 Not implemented", "lob PREPAID", "503 HTTP:SERVICE_UNAVAILABLE", "Every invariant of the world holds.")
	if strings.Contains(out, "sk_sandbox_") {
		t.Errorf("it shows a secret:\n%s", out)
	}
}

func TestTheMarketplaceJourneyComesToItsEnd(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var p *Provider
	out, err := s.walk(t, "marketplace", lie{}, func(ctx context.Context) (n Neighbour, err error) {
		if p, err = OpenProvider(ctx, "127.0.0.1:0", io.Discard); err == nil {
			n = Neighbour{p.URL, p.Close}
		}
		return n, err
	})
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "[fail-once]", "told: subscription.active", "seat: 17  (updates: 4)", "seat: 18  (updates: 1)", "No payment card data", "told: subscription.failed",
		"Demo Mail answered 201 without a customer id", "9 notifications about its subscriptions were received", "Every invariant of the world holds.")
	if strings.Contains(out, marketPassword) || strings.Contains(out, "4111") {
		t.Errorf("it shows what is nobody's to see:\n%s", out)
	}
	if open := p.Accounts(); len(open) != 1 {
		t.Errorf("the provider has opened %v", open)
	}
}

func TestThePreOrderJourneyComesToItsEnd(t *testing.T) {
	t.Parallel()
	out, err := serve(t).walk(t, "preorder", lie{}, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "517 WESLEY AVE, NASHVILLE TN 37207", "BUNDLE-100-POST Home Phone", "SSN ***-**-0002", "deposit 140.00 USD", "deposit 210.00 USD",
		"order COMPLETED", "told: preorder.order.completed", "APPROVED; deposit 0.00 USD", "HARD_STOP CREDIT_ISSUE", "410  1000", "410  1010", "401  2106",
		"410  1090", "200  2096", "200  2086", "500  4020", "410  1005", "410  2200", "3 notifications about its orders were received",
		"Every invariant of the world holds.")
	if err := unseen("the journey", []byte(out)); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestTheVoiceJourneyComesToItsEnd(t *testing.T) {
	t.Parallel()
	out, err := serve(t).walk(t, "voice", lie{}, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "LATA 658", "with HTTP Basic, as demo", "PUT: 19000", "PUT: 901", "<PartnerNotification>", "<notificationCode>10002</notificationCode>",
		"<rateCenter>DENVER</rateCenter>", "25 of DENVER", "PUT: 1648", "PUT: 10001", "exceeds the 30 telephone numbers", "backordered, 0 of 70", "completed, 70 of 70",
		"400  20016", "41 of 45 numbers", "Example Bakery", "400  1612", "PUT: 906", "can be ported: false", "subscriber name mismatch", "(FOC scheduled)", "PUT: 903",
		"ported in", "order cancelled", "PUT: 20066", "as many were put to the demo's receiver as XML", "35 notifications about its orders were received",
		"Every invariant of the world holds.")
}

func TestTheVoiceJourneyGoesOnWhereTheServerCallsNobodyHere(t *testing.T) {
	t.Parallel()
	out, err := serve(t, "192.0.2.0/24").walk(t, "voice", lie{}, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "This server sends nothing to this machine", "told: 10002", "as many were pulled", "35 notifications about its orders were pulled.")
}

// A server that may not call this machine says so when a provider is onboarded.
func TestTheMarketplaceJourneyGoesOnWhereTheServerCallsNobodyHere(t *testing.T) {
	t.Parallel()
	out, err := serve(t, "192.0.2.0/24").walk(t, "marketplace", lie{}, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "This server cannot use that provider (it calls no server on this machine", "goes on with PRV-1", "[demarc:provider-fails-once]",
		"Example Provider answered 201 without a customer id", "9 notifications about its subscriptions were pulled.")
}

// A server that runs elsewhere may take the address for one of its own machine's.
func TestTheMarketplaceJourneyGoesOnWhereTheServerDoesNotReachIt(t *testing.T) {
	t.Parallel()
	out, err := serve(t).walk(t, "marketplace", lie{}, func(ctx context.Context) (Neighbour, error) {
		p, err := OpenProvider(ctx, "127.0.0.1:0", io.Discard)
		if err != nil {
			return Neighbour{}, err
		}
		return Neighbour{p.URL, func() error { return nil }}, p.Close()
	})
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	shows(t, out, "This server cannot use that provider (There was no answer", "goes on with PRV-1", "9 notifications about its subscriptions were received")
}

func TestTheJourneysStopAtTheFirstSurprise(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, c := range []struct {
		journey string
		name    string
		lie     lie
		want    string
	}{
		{"care", "an amount is a text", lie{path: "PR/balance", old: "277.94", new: `"277.94"`}, "step 1"},
		{"care", "another customer", lie{path: "PR/balance", old: "JOHN DOE", new: "JOHN ROE"}, "step 1"},
		{"care", "an e-mail address is missing", lie{path: "PR/accounts", old: `"Email"`, new: `"Fax"`}, "step 2"},
		{"care", "an e-mail address of one of four", lie{path: "PR/accounts", old: `{"mediumType":"Phone","characteristic":{"phoneNumber":"7879900004"}}`,
			new: `{"mediumType":"Email","characteristic":{"emailAddress":"x@example.com"}}`}, "step 3"},
		{"care", "another currency", lie{path: "JM/balance", old: "JMD", new: "USD"}, "step 4"},
		{"care", "decimals of a peso", lie{path: "CL/balance", old: "459900", new: "459900.00"}, "step 4"},
		{"care", "other words", lie{path: "/OO/", old: "not a valid", new: "no valid"}, "step 5"},
		{"care", "a stub answers", lie{path: "/TT/", grant: http.StatusNotImplemented}, "was not refused"},
		{"care", "a wrong secret is right", lie{path: "/PR/", grant: http.StatusUnauthorized}, "was not refused"},
		{"care", "a host is told", lie{path: "/PR/", old: "http://billing", new: "http://10.1.2.3"}, "step 6"},
		{"marketplace", "no key", lie{path: "/providers", old: `"clear"`, new: `"hidden"`}, "step 1"},
		{"marketplace", "a JSON name for buyers", lie{path: "/v1/products", old: `"label"`, new: `"jsonName":"x","label"`}, "step 3"},
		{"marketplace", "a password is shown", lie{path: "/subscriptions/SUB", old: "Example Org", new: marketPassword}, "shows the buyer's password"},
		{"marketplace", "the call log names the buyer", lie{path: "/calls", old: "[25 characters]", new: "Robin"}, "step 4"},
		{"marketplace", "an attempt is missing", lie{path: "/calls", old: `"status":500`, new: `"status":null`}, "step 4"},
		{"marketplace", "counted twice", lie{path: "/update-subscription/", old: `"total":15`, new: `"total":27`}, `is "27", should be "15"`},
		{"marketplace", "what is wrong is not named", lie{path: "/update-subscription/", old: `"sku"`, new: `"s"`}, "step 5"},
		{"marketplace", "an old key opens", lie{path: "/update-subscription/", grant: http.StatusUnauthorized}, "was not refused"},
		{"marketplace", "an update too many", lie{path: "/usage", old: `"updates":4`, new: `"updates":5`}, "step 7"},
		{"marketplace", "a card number is repeated", lie{path: "/v1/subscriptions", old: "payment card's number", new: "4111 1111 1111 1111"}, "step 8"},
		{"marketplace", "a card number is taken", lie{path: "/v1/subscriptions", grant: http.StatusBadRequest}, "was not refused"},
		{"marketplace", "nobody failed", lie{path: "/subscriptions/SUB", old: "Demo Mail answered", new: "It answered"}, "does not name the provider"},
		{"marketplace", "an update after the end", lie{path: "/update-subscription/", grant: http.StatusConflict}, "was not refused"},
		{"marketplace", "another history", lie{path: "/subscriptions/SUB", old: `"event":"expired"`, new: `"event":"lapsed"`}, "step 11"},
		{"marketplace", "another subscription", lie{path: "/providers/PRV", old: `"state":"failed"`, new: `"state":"active"`}, "step 11"},
		{"preorder", "the misspelt address is known", lie{path: "/pxQualify", old: "NEAR_MATCHES", new: "QUALIFIED"}, "step 1"},
		{"preorder", "another address is likest", lie{path: "/pxQualify", old: "517 WESLEY", new: "519 WESLEY"}, "step 1"},
		{"preorder", "a bundle is none", lie{path: "/pxQualify", old: `"family":"BUNDLE"`, new: `"family":"BROADBAND"`}, "step 2"},
		{"preorder", "a promotion that nobody explains", lie{path: "/pxQualify", old: `"promoCode":"WELCOME10"`, new: `"promoCode":"BIZ20"`}, "is not explained"},
		{"preorder", "another deposit", lie{path: "/pxConfigure", old: `"amount":140.00`, new: `"amount":70.00`}, "step 3"},
		{"preorder", "a number is answered", lie{path: "/pxConfigure", old: `"SELF"`, new: `"123450002"`}, "shows a customer's personal data"},
		{"preorder", "the deposit stays", lie{path: "/pxConfigure", old: `"amount":210.00`, new: `"amount":140.00`}, "step 4"},
		{"preorder", "credit is run again", lie{path: "/faults", old: `"remaining":1`, new: `"remaining":null`}, "somebody has asked"},
		{"preorder", "an order that is none", lie{path: "/pxCompleteOrder", old: `"RECEIVED"`, new: `"CANCELLED"`}, "step 5"},
		{"preorder", "a date of birth is shown", lie{path: "/pxOrders/", old: "517 WESLEY AVE", new: "1980-02-28"}, "the order shows"},
		{"preorder", "another history", lie{path: "/pxOrders/", old: `"to":"PROVIDER IN PROCESS"`, new: `"to":"CANCELLED"`}, "step 6"},
		{"preorder", "prepaid takes a deposit", lie{path: "/pxConfigure", old: `"deposit":{"amount":0.00`, new: `"deposit":{"amount":50.00`}, "step 7"},
		{"preorder", "what is stopped is ordered", lie{path: "/pxCompleteOrder", grant: http.StatusConflict}, "was not refused"},
		{"preorder", "a message is another's", lie{path: "/pxQualify", old: `"code":"1020"`, new: `"code":"1021"`}, "step 9"},
		{"preorder", "a message names no transaction", lie{path: "/pxConfigure", old: "TxIX PX-", new: "TxIX "}, "step 9"},
		{"preorder", "no type of configuration is one", lie{path: "/pxConfigure", grant: http.StatusUnauthorized}, "was not refused"},
		{"preorder", "LoopQual fails otherwise", lie{path: "/pxQualify", old: `"4020"`, new: `"4030"`}, "step 10"},
		{"preorder", "an order is not named", lie{path: "/pxQualify", old: "on order number N", new: "on order number "}, "does not name order"},
		{"preorder", "yesterday is today", lie{path: "/pxConfigure", old: `"2200"`, new: `"2181"`}, "step 12"},
		{"preorder", "an order too many", lie{path: "/pxOrders", old: `"resultCount":1`, new: `"resultCount":2`}, "step 13"},
		{"voice", "a page is all", lie{path: "/rateCenters?", old: `"totalCount":188`, new: `"totalCount":3`}, "step 1"},
		{"voice", "the endpoint is elsewhere", lie{path: "/endpoints", old: "/voice/notifications", new: "/notifications"}, "step 2"},
		{"voice", "an order is done at once", lie{path: "/orderInventory", old: `"created"`, new: `"completed"`}, "step 3"},
		{"voice", "a number is missing", lie{path: "/inventory?", old: `"quantity":25`, new: `"quantity":24`}, "step 4"},
		{"voice", "more while most are idle", lie{path: "/utilization", old: `"orderAllowed":false`, new: `"orderAllowed":true`}, "most are idle"},
		{"voice", "another supply", lie{path: "/supply", old: `"freeNumbers":30`, new: `"freeNumbers":31`}, "step 6"},
		{"voice", "a backorder is filled by nothing", lie{path: "/orderStatus", old: `"status":"backordered"`, new: `"status":"completed"`}, "step 7"},
		{"voice", "numbers do not come free", lie{path: "/supply", old: `"freeNumbers":50`, new: `"freeNumbers":49`}, "step 8"},
		{"voice", "a mistake is not found", lie{path: "/Numbers/order", old: `"code":"20016"`, new: `"code":"20017"`}, "step 9"},
		{"voice", "mistakes are taken", lie{path: "/Numbers/order", grant: http.StatusBadRequest}, "was not refused"},
		{"voice", "one is not in service", lie{path: "/utilization", old: `"active":41`, new: `"active":40`}, "step 10"},
		{"voice", "another subscriber", lie{path: "/details", old: "Example Bakery", new: "Example Bank"}, "step 11"},
		{"voice", "ended twice", lie{path: "/order/disconnect", grant: http.StatusBadRequest}, "was not refused"},
		{"voice", "freed at once", lie{path: "/rateCenters/CO/DENVER", old: `"freeNumbers":980`, new: `"freeNumbers":975`}, "step 13"},
		{"voice", "all can be ported", lie{path: "/coverage", old: `"portable":false`, new: `"portable":true`}, "step 14"},
		{"voice", "another reason", lie{path: "/orderStatus", old: "subscriber name", new: "account number"}, "step 15"},
		{"voice", "a day that is over", lie{path: "/orderStatus", old: `"focDate":"2`, new: `"focDate":"1`}, "that day is over"},
		{"voice", "they were always here", lie{path: "/details", old: `"ported":true`, new: `"ported":false`}, "step 17"},
		{"voice", "a notification too many", lie{path: "/Voice/v1/notifications", old: `"totalCount":35`, new: `"totalCount":36`}, "step 20"},
		{"marketplace", "an invariant is broken", lie{path: "/world/check", old: `"ok":true`, new: `"ok":false`}, "invariants of the world do not hold"},
	} {
		t.Run(c.journey+": "+c.name, func(t *testing.T) {
			t.Parallel()
			out, err := s.walk(t, c.journey, c.lie, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it ended with %v; it should say %q\n%s", err, c.want, out)
			}
		})
	}
}
