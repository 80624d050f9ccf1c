package contract

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// listener is a test that only takes note of what is said to it.
type listener struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func (l *listener) heard() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.said, "\n")
}

// bodyRequest is a POST of JSON with a token.
func bodyRequest(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	req.Header.Set("Content-Type", "application/json")
	return req
}

// What clients in the field send, and the spec says must be taken.
func TestGoodRequestsPassAsTheFieldSendsThem(t *testing.T) {
	t.Parallel()
	const contact = `[{"number":"+16157691234","emailAddress":"a.b@c.com","role":"Order Contact","organization":"O","name":"A B"}]`
	const modify = `{"externalId":"771338317782611210042","billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},` +
		`"channel":[{"id":99,"name":"NaaS ExternalApi"}],"note":[{"text":"schedule"}],"productOrderItem":[{"id":"77133831778","quantity":1,` +
		`"action":"modify","product":{"id":"77133831778","productCharacteristic":[],"productSpecification":{"id":"5001","name":"NaaS Internet"}},` +
		`"productOffering":{"id":"718","name":"NaaS Internet"}}],"quote":[{"id":"NaaS-1","name":"quoteId"}]`
	const price = `{"sourceSystem":"NaaS ExternalApi","customerNumber":"1-ABCDE","currencyCode":"usd","masterSiteId":"PL0001247634",` +
		`"productCode":"718","speed":"100MBPS"`
	for _, c := range []struct {
		why, method, path, body string
		good                    bool
	}{
		{"PartnerId in capitals", "POST", "/Product/v1/priceRequest", price + `,"PartnerId":"43558"}`, true},
		{"a partner as a number", "POST", "/Product/v1/priceRequest", price + `,"partnerId":43558}`, true},
		{"a port's service", "POST", "/Product/v1/priceRequest", price + `,"serviceId":"77133831778"}`, true},
		{"fields we do not know", "POST", "/Product/v1/priceRequest", price + `,"term":{"months":1}}`, true},
		{"the product as a number", "POST", "/Product/v1/priceRequest", strings.Replace(price, `"718"`, `718`, 1) + `}`, true},
		{"no site", "POST", "/Product/v1/priceRequest", strings.Replace(price, "masterSiteId", "site", 1) + `}`, false},
		{"another product", "POST", "/Product/v1/priceRequest", strings.Replace(price, "718", "719", 1) + `}`, false},
		{"another currency", "POST", "/Product/v1/priceRequest", strings.Replace(price, "usd", "eur", 1) + `}`, false},

		{"a change without a contact", "POST", "/Customer/v3/Ordering/orderRequest", strings.Replace(modify, "771338317782611210042", "77133831778261121042", 1) + `}`, true},
		{"an external id of 21 characters", "POST", "/Customer/v3/Ordering/orderRequest", modify + `}`, false},
		{"a change with a contact", "POST", "/Customer/v3/Ordering/orderRequest",
			strings.Replace(modify, "771338317782611210042", "x", 1) + `,"relatedContactInformation":` + contact + `}`, true},
		{"two items", "POST", "/Customer/v3/Ordering/orderRequest", strings.Replace(strings.Replace(modify, "771338317782611210042", "x", 1),
			`"productOrderItem":[{`, `"productOrderItem":[{"id":"1"},{`, 1) + `}`, false},
		{"another action", "POST", "/Customer/v3/Ordering/orderRequest",
			strings.Replace(strings.Replace(modify, "771338317782611210042", "x", 1), "modify", "alter", 1) + `}`, false},
		{"no JSON", "POST", "/Customer/v3/Ordering/orderRequest", `{`, false},

		{"True and uSd", "GET", "/Account/v1/billingAccount?entitled=True&currencyCode=uSd&countryCode=100", "", true},
		{"nothing asked", "GET", "/Account/v1/billingAccount?entitled=&currencyCode=", "", true},
		{"yes", "GET", "/Account/v1/billingAccount?entitled=yes", "", false},
		{"FALSE", "GET", "/ProductInventory/v1/inventory?naasEnabled=FALSE&serviceType=Internet+On-Demand&pageNumber=1", "", true},
		{"page nought", "GET", "/ProductInventory/v1/inventory?pageNumber=0", "", false},
		{"no partner", "GET", "/Network/v1/location", "", false},
		{"an address of nobody's", "GET", "/Network/v1/locations", "", false},

		{"by a span", "POST", "/sandbox/v1/clock/advance", `{"by":"P1DT2H"}`, true},
		{"to a moment of another zone", "POST", "/sandbox/v1/clock/advance", `{"to":"2026-11-21T10:00:00+01:00"}`, true},
		{"both", "POST", "/sandbox/v1/clock/advance", `{"by":"PT15M","to":"2026-11-21T10:00:00Z"}`, false},
		{"back", "POST", "/sandbox/v1/clock/advance", `{"by":"-PT15M"}`, false},
		{"a world of no wishes", "POST", "/sandbox/v1/worlds", ``, true},
		{"a world that lives an hour", "POST", "/sandbox/v1/worlds", `{"ttl":"PT1H","seed":42}`, true},
		{"an endpoint", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/h","events":["ondemand.order.*","*"],"auth":{"type":"none"}}`, true},
		{"an endpoint without its password", "POST", "/webhooks/v1/endpoints", `{"url":"https://a.example/h","events":["*"],"auth":{"type":"basic"}}`, false},
		{"no change", "PATCH", "/webhooks/v1/endpoints/ep_1", `{}`, false},
	} {
		req := bodyRequest(t, c.method, "http://127.0.0.1"+c.path, "")
		req.Header.Set("x-customer-number", "1-ABC-23")
		if c.body == "" {
			req.Header.Del("Content-Type")
		}
		if err := CheckRequest(req, []byte(c.body)); (err == nil) != c.good {
			t.Errorf("%s: %v", c.why, err)
		} else if err != nil && len(err.Error()) > 900 {
			t.Errorf("%s: nobody reads a message of %d bytes:\n%v", c.why, len(err.Error()), err)
		}
	}
}

func TestEveryExampleOfARequestIsAGoodRequest(t *testing.T) {
	t.Parallel()
	found := 0
	for _, e := range must().entries {
		body := e.route.Operation.RequestBody
		if body == nil {
			continue
		}
		for media, m := range body.Value.Content {
			values := []any{}
			if m.Example != nil {
				values = append(values, m.Example)
			}
			for _, x := range m.Examples {
				values = append(values, x.Value.Value)
			}
			for _, v := range values {
				found++
				req := bodyRequest(t, e.route.Method, "http://127.0.0.1"+filled(e.route.Path), "")
				req.Header.Set("Content-Type", media)
				req.Header.Set("x-customer-number", "1-ABC-23")
				text := encoded(t, v)
				if media == "application/x-www-form-urlencoded" {
					var form []string
					for name, value := range v.(map[string]any) {
						form = append(form, name+"="+strings.ReplaceAll(value.(string), " ", "+"))
					}
					text = []byte(strings.Join(form, "&"))
				}
				if err := CheckRequest(req, text); err != nil {
					t.Errorf("%s: %v\n%s", e.route.Operation.OperationID, err, text)
				}
			}
		}
	}
	if found < 15 {
		t.Errorf("found only %d examples", found)
	}
}

func TestARequestWithoutCredentialsIsNoGoodRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path, authorization string
		good                        bool
	}{
		{"GET", "/sandbox/v1/clock", "Bearer x", true},
		{"GET", "/sandbox/v1/clock", "bearer x", true},
		{"GET", "/sandbox/v1/clock", "", false},
		{"GET", "/sandbox/v1/clock", "Basic eDp5", false},
		{"GET", "/healthz", "", true},
		{"GET", "/.well-known/oauth-authorization-server", "", true},
	} {
		req := request(c.method, c.path)
		if c.authorization != "" {
			req.Header.Set("Authorization", c.authorization)
		}
		if err := CheckRequest(req, nil); (err == nil) != c.good {
			t.Errorf("%s with %q: %v", c.path, c.authorization, err)
		}
	}
	for _, name := range []string{"", "client_id", "client_secret"} { // care's callers send two headers instead
		req := request("GET", "/bot-ux/v1/PR/accounts")
		for _, h := range []string{"client_id", "client_secret", "refvalue"} {
			req.Header.Set(h, "7879900001")
		}
		req.Header.Set("lob", "FIXED")
		req.Header.Set("refid", "SERVICE_NO")
		req.Header.Del(name)
		if err := CheckRequest(req, nil); (err == nil) != (name == "") {
			t.Errorf("without %q: %v", name, err)
		}
	}
}

// serve answers everything alike.
func serve(t *testing.T, status int, contentType, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		maps.Copy(w.Header(), goodHeader(contentType))
		w.Header().Set("X-Body-Length", fmt.Sprint(len(sent)))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const clockBody = `{"now":"2026-11-21T09:00:00Z","frozen":false,"offset":"PT0S"}`

func TestTheClientReportsWhatBreaksTheContractAndNothingElse(t *testing.T) {
	t.Parallel()
	ok := serve(t, 200, "application/json", clockBody)
	slow := serve(t, 200, "application/json", `{"now":"2026-11-21T09:00:00Z","frozen":"no","offset":"PT0S"}`)
	lost := serve(t, 404, "application/json", errorBody)
	for _, c := range []struct {
		why    string
		req    *http.Request
		expect string
	}{
		{"a good call", bodyRequest(t, "GET", ok+"/sandbox/v1/clock", ""), ""},
		{"a wrong answer", bodyRequest(t, "GET", slow+"/sandbox/v1/clock", ""), "/frozen"},
		{"a wrong request", bodyRequest(t, "POST", lost+"/Product/v1/priceRequest", `{}`), "mark it with contract.Bad"},
		{"a wrong request that is meant, and an answer it may have", Bad(bodyRequest(t, "DELETE", lost+"/webhooks/v1/endpoints/%20", ``)), ""},
		{"a wrong answer to a wrong request that is meant", Bad(bodyRequest(t, "POST", ok+"/Product/v1/priceRequest", `{}`)), "the answer 200"},
		{"an address of nobody's", bodyRequest(t, "GET", lost+"/nowhere", ""), "no document has this operation"},
		{"a path that was configured", As(bodyRequest(t, "GET", ok+"/told/clock", ""), "/sandbox/v1/clock"), ""},
		{"a wrong answer at one", As(bodyRequest(t, "GET", slow+"/told/clock", ""), "/sandbox/v1/clock"), "/frozen"},
		{"a wrong request to one", As(bodyRequest(t, "POST", lost+"/told/price", `{}`), "/Product/v1/priceRequest"), "mark it with contract.Bad"},
		{"an address of nobody's that is meant", Bad(bodyRequest(t, "GET", lost+"/nowhere", "")), ""},
	} {
		l := &listener{}
		answer, err := Client(l, nil).Do(c.req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(answer.Body); err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		said := l.heard()
		if (c.expect == "") != (said == "") || !strings.Contains(said, c.expect) {
			t.Errorf("%s: reported %q, want something about %q", c.why, said, c.expect)
		}
	}
}

func TestTheClientChangesNothingOnTheWay(t *testing.T) {
	t.Parallel()
	address := serve(t, 200, "application/json", clockBody)
	for _, mark := range []func(*http.Request) *http.Request{Bad, func(r *http.Request) *http.Request { return r }} {
		req := bodyRequest(t, "POST", address+"/sandbox/v1/clock/freeze", `{"a":1}`)
		answer, err := Client(t, nil).Do(mark(req))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || string(body) != clockBody {
			t.Errorf("the answer's body is %q, %v", body, err)
		}
		if got := answer.Header.Get("X-Body-Length"); got != "7" {
			t.Errorf("the server got a body of %s bytes, 7 were sent", got)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

// broken carries an answer whose connection is lost in the middle.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"now"`), failing{})
	return &http.Response{StatusCode: http.StatusOK, Header: goodHeader("application/json"), Body: io.NopCloser(body)}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestALostConnectionIsTheTestsBusinessBecauseTheContractSaysNothingOfIt(t *testing.T) {
	t.Parallel()
	l := &listener{}
	answer, err := Client(l, broken{}).Do(bodyRequest(t, "GET", "http://127.0.0.1/sandbox/v1/clock", ""))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != `{"now"` {
		t.Errorf("read %q, %v", body, err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	if said := l.heard(); said != "" {
		t.Errorf("reported %q", said)
	}
}

func TestAStreamIsCheckedEventByEventWithoutWaitingForItsEnd(t *testing.T) {
	t.Parallel()
	const good = `{"id":"1","type":"ondemand.order.completed","timestamp":"2026-11-21T09:04:00Z","subject":"order/1","data":` + orderData + `}`
	more := make(chan string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Request-Id"] = []string{testID}
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		for open := true; open; {
			_ = http.NewResponseController(w).Flush()
			var text string
			select {
			case text, open = <-more:
				_, _ = io.WriteString(w, text)
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer s.Close()
	l := &listener{}
	req := bodyRequest(t, "GET", s.URL+"/notifications/stream", "")
	answer, err := Client(l, nil).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	// expect sends a text in pieces and reads it back whole.
	expect := func(text string, pieces ...string) {
		t.Helper()
		for _, p := range pieces {
			more <- p
			got := make([]byte, len(p))
			if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != p {
				t.Fatalf("read %q, %v", got, err)
			}
		}
		if said := l.heard(); (text == "") != (said == "") || !strings.Contains(said, text) {
			t.Errorf("reported %q, want something about %q", said, text)
		}
	}
	expect("", ": hello\n\n")
	expect("", "id: 1\nevent: ondemand.order.completed\nda", "ta: "+good+"\n", "\n")
	expect("/state", "id: 2\r\ndata: "+strings.Replace(good, `"state":"completed"`, `"state":"lost"`, 1)+"\r\n\r\n")
	expect("/subject", "data: "+strings.Replace(good, `"order/1"`, "7", 1)+"\n\n")
	close(more)
	if rest, err := io.ReadAll(answer.Body); err != nil || len(rest) > 0 {
		t.Errorf("the rest is %q, %v", rest, err)
	}
}

func BenchmarkCheck(b *testing.B) {
	must() // read once for all tests, and not what is measured
	req := request("GET", "/sandbox/v1/clock")
	h := goodHeader("application/json")
	for b.Loop() {
		if err := Check(req, 200, h, []byte(clockBody)); err != nil {
			b.Fatal(err)
		}
	}
}
