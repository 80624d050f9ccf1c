package carehttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"demarc/internal/care"
	"demarc/internal/care/carehttp"
	"demarc/internal/care/caretest"
	"demarc/internal/contract"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

const (
	base   = "https://carrier.example"
	secret = "s3cret-that-no-log-may-hold"
)

// clients are applications by their ids, all with the one secret.
type clients map[string]any // *httpkit.Caller or error

func (c clients) AuthenticateClient(_ context.Context, id, given string) (*httpkit.Caller, error) {
	switch found := c[id].(type) {
	case *httpkit.Caller:
		if given == secret {
			return found, nil
		}
	case error:
		return nil, found
	}
	return nil, identity.OAuthInvalidClient
}

// logs gathers what is logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// edge serves a world's product over HTTP; the client holds every answer to the
// contract.
type edge struct {
	w      *caretest.World
	url    string
	client *http.Client
	logs   *logs
}

func serve(t *testing.T, change ...func(*httpkit.Options)) *edge {
	t.Helper()
	d := dbtest.Open(t, dbtest.SQLite(t))
	w := caretest.New(t, d)
	own := func(world string, sandbox bool, products ...string) *httpkit.Caller {
		return &httpkit.Caller{App: "app_test", World: world, Sandbox: sandbox, Products: products}
	}
	known := clients{
		"app": own(w.ID, true, care.Product), "production": own(w.ID, false, care.Product), "elsewhere": own(dbtest.World(t, d), true, care.Product),
		"other-product": own(w.ID, true, "ondemand"), "pending": identity.OAuthUnauthorizedClient, "revoked": identity.AppRevoked,
		"broken": errors.New("the database is gone, says its driver"),
	}
	e := &edge{w: w, client: contract.Client(t, nil), logs: &logs{}}
	o := httpkit.Options{DB: d, Log: slog.New(slog.NewTextHandler(e.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, c := range change {
		c(&o)
	}
	kit := httpkit.New(o)
	kit.AddFamily(carehttp.Family(known), carehttp.Routes(w.Desk, carehttp.Options{BaseURL: func(*http.Request) string { return base }})...)
	server := httptest.NewServer(kit)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// headers are those of a good call.
func headers(refID, refValue string) http.Header {
	return http.Header{"client_id": {"app"}, "client_secret": {secret}, "lob": {"FIXED"}, "refid": {refID}, "refvalue": {refValue}}
}

func (e *edge) call(t *testing.T, method, path string, h http.Header, good bool) (int, []byte, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range h {
		for _, v := range values {
			req.Header.Add(name, v)
		}
	}
	if !good {
		req = contract.Bad(req)
	}
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body, res.Header
}

// outline is a JSON text's keys in their order, its nesting, and its values or their
// types.
func outline(t *testing.T, d *json.Decoder, values bool) string {
	t.Helper()
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch v := token.(type) {
	case json.Delim:
		var b strings.Builder
		b.WriteString(v.String())
		for d.More() {
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprint(&b, "\n", key, ": ")
			}
			b.WriteString(outline(t, d, values) + ",")
		}
		end, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		return b.String() + fmt.Sprint(end)
	case json.Number:
		if f, err := v.Float64(); values && err == nil {
			return fmt.Sprint(f)
		}
	case string:
		if values {
			return v
		}
	}
	return fmt.Sprintf("%T", token)
}

func outlineOf(t *testing.T, text []byte, values bool) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return outline(t, d, values)
}

func published(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The published answers, with other e-mail addresses and another contact number:
// keys, their order, nesting, types and values.
func TestThePublishedExamplesAreAnsweredAsPublished(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for _, c := range []struct{ path, refID, value, file string }{
		{"/bot-ux/v1/PR/balanceEnquiry", care.RefAccount, care.ExampleAccount, "balanceEnquiry.json"},
		{"/bot-ux/v1/PR/accounts", care.RefService, care.ExampleNumber, "accounts.json"},
	} {
		status, body, h := e.call(t, http.MethodGet, c.path, headers(c.refID, c.value), true)
		if diff := cmp.Diff(outlineOf(t, published(t, c.file), true), outlineOf(t, body, true)); status != 200 || diff != "" {
			t.Errorf("%s: %d (-published +answered):\n%s", c.path, status, diff)
		}
		if h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control is %q", c.path, h.Get("Cache-Control"))
		}
	}
	// More than three: the first of them has the published shape.
	_, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/PR/accounts", headers(care.RefService, care.ExampleFour), true)
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil || len(list) != 4 {
		t.Fatalf("%v: %s", err, body)
	}
	first := append(append([]byte("["), list[0]...), ']')
	if diff := cmp.Diff(outlineOf(t, published(t, "accounts_many.json"), false), outlineOf(t, first, false)); diff != "" {
		t.Errorf("four accounts (-published +answered):\n%s", diff)
	}
}

func TestCARE_AMT_01_AmountsAreNumbersWithTheirCurrencysDecimals(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for unit, want := range map[string][]string{
		"PR " + care.ExampleAccount: {`"unit":"USD","value":277.94`, `"value":0.00`, `"value":100.00`, `"value":1.00`},
		"JM 200500101":              {`"unit":"JMD","value":4599.00`}, "PA 20050101": {`"unit":"PAB","value":4599.00`}, "CL 2000500101": {`"unit":"CLP","value":459900}`},
	} {
		code, account, _ := strings.Cut(unit, " ")
		status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/"+code+"/balanceEnquiry", headers(care.RefAccount, account), true)
		for _, text := range want {
			if status != 200 || !strings.Contains(string(body), text) {
				t.Errorf("%s: %d, no %s in %s", unit, status, text, body)
			}
		}
	}
}

func TestCARE_PRIV_01_EmailAddressesAreForThreeAccountsAtMost(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for number, want := range map[string][2]int{
		"PR " + care.ExampleNumber: {1, 1}, "PR " + care.ExampleThree: {3, 3}, "PR " + care.ExampleFour: {4, 0},
		"JM 8765550101": {1, 1}, "JM 8765550104": {4, 0}, "PA 5550104": {4, 0}, "CL 225550101": {1, 1}, "CL 225550104": {4, 0},
	} {
		unit, value, _ := strings.Cut(number, " ")
		status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/"+unit+"/accounts", headers(care.RefService, value), true)
		var list []any
		if err := json.Unmarshal(body, &list); err != nil || status != 200 {
			t.Fatalf("%s: %d %s", number, status, body)
		}
		if got := [2]int{len(list), strings.Count(string(body), "@EXAMPLE.COM")}; got != want {
			t.Errorf("%s: accounts and addresses %v, want %v", number, got, want)
		}
	}
}

// Only PR's answers have PR's oddities.
func TestOtherUnitsSayNothingWhereThereIsNothingToSay(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for unit, c := range map[string]struct{ first, account, number string }{
		"JM": {"2005001", "200500101", "8765550104"}, "PA": {"200501", "20050101", "5550104"}, "CL": {"20005001", "2000500101", "225550104"},
	} {
		for i := range 4 {
			account := fmt.Sprint(c.first, fmt.Sprintf("%02d", i+1))
			status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/"+unit+"/balanceEnquiry", headers(care.RefAccount, account), true)
			for _, odd := range []string{`""`, `" "`, "0001-01-01", "Chard Off", "defaultPaymentMethod", "null"} {
				if status != 200 || strings.Contains(string(body), odd) {
					t.Errorf("%s %s: %d, %s in %s", unit, account, status, odd, body)
				}
			}
		}
		_, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/"+unit+"/accounts", headers(care.RefService, c.number), true)
		for _, odd := range []string{`""`, "XXXX", "BillingAddress", "null"} {
			if strings.Contains(string(body), odd) {
				t.Errorf("%s accounts: %s in %s", unit, odd, body)
			}
		}
		if want := base + "/tmf-api/account-management-ux/v4/" + unit + "/billingAccount/individual/" + c.account; !strings.Contains(string(body), want) {
			t.Errorf("%s accounts: no %s in %s", unit, want, body)
		}
	}
}

// refusal is one entry of the envelope.
type refusal struct {
	Code                 int
	Message, Description string
}

func refusals(t *testing.T, body []byte) []refusal {
	t.Helper()
	var e struct{ Errors []refusal }
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return e.Errors
}

const (
	badRequest   = "APIKIT:BAD_REQUEST"
	notDone      = "Not implemented"
	unauthorized = "The request has not been applied because it lacks valid authentication credentials for the target resource"
	notFound     = "The requested operation failed because a resource associated with the request could not be found."
)

// Every row of the published errors.
func TestErrorsAreAnsweredAsPublished(t *testing.T) {
	t.Parallel()
	e := serve(t)
	const enquiry = "/bot-ux/v1/PR/balanceEnquiry"
	set := func(name string, values ...string) func(h http.Header) {
		return func(h http.Header) { h[name] = values }
	}
	refused := refusal{403, "The client is not permitted to perform this request.", "The server understood the request but refuses to fulfill it"}
	nobody := refusal{401, "The user could not be authenticated for this request.", unauthorized}
	none := refusal{404, "The request is invalid or not properly formed.", notFound}
	for _, c := range []struct {
		name, method, path string
		change             func(h http.Header)
		want               []refusal
	}{
		{"CARE-UNIT-01 no unit", "GET", "/bot-ux/v1/OO/balanceEnquiry", nil,
			[]refusal{{400, badRequest, "Invalid value 'OO' for uri parameter businessId. OO is not a valid enum value"}}},
		{"CARE-LOB-01 all that is wrong", "GET", "/bot-ux/v1/OO/accounts", func(h http.Header) { clear(h); h["client_id"], h["client_secret"] = []string{"app"}, []string{secret} },
			[]refusal{{400, badRequest, "Invalid value 'OO' for uri parameter businessId. OO is not a valid enum value"}, {400, badRequest, "Required header 'lob' not specified"},
				{400, badRequest, "Required header 'refid' not specified"}, {400, badRequest, "Required header 'refvalue' not specified"}}},
		{"CARE-LOB-01 no line of business", "GET", enquiry, set("lob", "X"), []refusal{{400, badRequest, "Invalid value 'X' for header lob. X is not a valid enum value"}}},
		{"CARE-HDR-01 two references", "GET", enquiry, set("refvalue", "1", "2"), []refusal{{400, badRequest, "Header 'refvalue' specified more than once"}}},
		{"text that cannot be decoded", "GET", "/bot-ux/v1/%ff/accounts", nil, []refusal{{400, badRequest, "path must be UTF-8 text without NUL"}}},
		{"CARE-AUTH-01 no id", "GET", enquiry, set("client_id"), []refusal{nobody}},
		{"CARE-AUTH-01 no secret", "GET", enquiry, set("client_secret"), []refusal{nobody}},
		{"CARE-AUTH-01 two ids", "GET", enquiry, set("client_id", "app", "app"), []refusal{nobody}},
		{"CARE-AUTH-01 a wrong id", "GET", enquiry, set("client_id", "nobody"), []refusal{nobody}},
		{"CARE-AUTH-01 a wrong secret", "GET", enquiry, set("client_secret", "wrong"), []refusal{nobody}},
		{"CARE-AUTH-01 a revoked application", "GET", enquiry, set("client_id", "revoked"), []refusal{nobody}},
		{"CARE-AUTH-01 before what is wrong with the request", "GET", "/bot-ux/v1/OO/accounts", set("client_id"), []refusal{nobody}},
		{"CARE-AUTH-02 not approved yet", "GET", enquiry, set("client_id", "pending"), []refusal{refused}},
		{"CARE-AUTH-02 not for this product", "GET", enquiry, set("client_id", "other-product"), []refusal{refused}},
		{"no account", "GET", enquiry, set("refvalue", "8211990010013291"), []refusal{none}},
		{"CARE-REF-04 a value that none can have", "GET", enquiry, set("refvalue", "1"), []refusal{none}},
		{"another world", "GET", enquiry, set("client_id", "elsewhere"), []refusal{none}},
		{"nothing there", "GET", "/bot-ux/v1/PR/payments", nil, []refusal{none}},
		{"nothing at all there", "GET", "/bot-ux/", nil, []refusal{none}},
		{"POST", "POST", enquiry, nil, []refusal{{405, "APIKIT:METHOD_NOT_ALLOWED", "HTTP Method post not allowed for : /{businessId}/balanceEnquiry"}}},
		{"DELETE", "DELETE", "/bot-ux/v1/JM/accounts", nil, []refusal{{405, "APIKIT:METHOD_NOT_ALLOWED", "HTTP Method delete not allowed for : /{businessId}/accounts"}}},
		{"CARE-UNIT-02 a stub", "GET", "/bot-ux/v1/TT/balanceEnquiry", nil,
			[]refusal{{501, notDone, "Not implemented for Operation GET /balanceEnquiry for Business Id: TT not implemented"}}},
		{"CARE-LOB-02 another line of business", "GET", enquiry, set("lob", "PREPAID"),
			[]refusal{{501, notDone, "Not implemented for Operation GET /balanceEnquiry with lob PREPAID for Business Id: PR not implemented"}}},
		{"CARE-REF-02 another reference", "GET", "/bot-ux/v1/PR/accounts", set("refid", "CUSTOMER_ID"),
			[]refusal{{501, notDone, "Not implemented for Operation GET /accounts with refid CUSTOMER_ID for Business Id: PR not implemented"}}},
		{"CARE-NET-02 an answer of no use", "GET", enquiry, set("refvalue", "[demarc:billing-wrong]"),
			[]refusal{{500, "The request failed due to an internal error.", "The Correlation-ID corr-9 finds it in our logs"}}},
		{"who calls cannot be found out", "GET", enquiry, set("client_id", "broken"),
			[]refusal{{500, "The request failed due to an internal error.", "The Correlation-ID corr-9 finds it in our logs"}}},
		{"CARE-NET-01 no answer", "GET", enquiry, set("refvalue", care.ExampleAccount+" [demarc:billing-unavailable]"),
			[]refusal{{503, "HTTP:SERVICE_UNAVAILABLE", "HTTP POST on resource 'http://billing/v1/PR/billingAccount/' failed: service unavailable (503)."}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := headers(care.RefAccount, care.ExampleAccount)
			h.Set("Correlation-ID", "corr-9")
			if c.change != nil {
				c.change(h)
				h.Set("Correlation-ID", "corr-9")
			}
			status, body, answered := e.call(t, c.method, c.path, h, false)
			if got := refusals(t, body); status != c.want[0].Code || !slices.Equal(got, c.want) {
				t.Errorf("%d %+v, want %+v", status, got, c.want)
			}
			if got := answered.Get("Correlation-ID"); got != "corr-9" {
				t.Errorf("Correlation-ID came back as %q", got)
			}
			if got := answered.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control is %q", got)
			}
			if strings.Contains(string(body), "DOE") {
				t.Errorf("it tells of somebody: %s", body)
			}
		})
	}
}

func TestThePlatformsOwnErrorsComeInTheFamilysEnvelope(t *testing.T) {
	t.Parallel()
	e := serve(t, func(o *httpkit.Options) { o.SandboxRate = 1 })
	for range 2 {
		status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/PR/balanceEnquiry", headers(care.RefAccount, care.ExampleAccount), false)
		if status == 200 {
			continue
		}
		want := refusal{429, "HTTP:TOO_MANY_REQUESTS", "This application may make 1 requests a second."}
		if got := refusals(t, body); status != 429 || !slices.Equal(got, []refusal{want}) {
			t.Errorf("%d %+v, want %+v", status, got, want)
		}
		return
	}
	t.Error("two calls in a moment were both answered")
}

func TestCARE_AUTH_02_MagicWordsAreForSandboxes(t *testing.T) {
	t.Parallel()
	e := serve(t)
	h := headers(care.RefAccount, care.ExampleAccount+"[demarc:billing-unavailable]")
	h["client_id"] = []string{"production"}
	if status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/PR/balanceEnquiry", h, true); status != 404 {
		t.Errorf("%d %s", status, body)
	}
}

func TestNoLogHoldsASecretOrAPerson(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for _, value := range []string{care.ExampleAccount, "8211990010013291", care.ExampleAccount + "[demarc:billing-wrong]", "[demarc:billing-unavailable]"} {
		for _, id := range []string{"app", "nobody", "pending", "broken"} {
			h := headers(care.RefAccount, value)
			h["client_id"] = []string{id}
			h.Set("Correlation-ID", "corr-log")
			e.call(t, http.MethodGet, "/bot-ux/v1/PR/balanceEnquiry", h, false)
		}
	}
	text := e.logs.String()
	if strings.Count(text, "corr-log") < 16 {
		t.Errorf("the calls are not in the log under their Correlation-ID:\n%s", text)
	}
	for _, private := range []string{secret, care.ExampleAccount, "8211990010013291", "DOE", "EXAMPLE.COM", "[demarc"} {
		if strings.Contains(text, private) {
			t.Errorf("the log holds %s:\n%s", private, text)
		}
	}
}

// BenchmarkEnquire is a balance enquiry over HTTP on one connection.
func BenchmarkEnquire(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b))
	w := caretest.New(b, d)
	kit := httpkit.New(httpkit.Options{DB: d, Log: slog.New(slog.DiscardHandler)})
	known := clients{"app": &httpkit.Caller{App: "app_test", World: w.ID, Sandbox: true, Products: []string{care.Product}}}
	kit.AddFamily(carehttp.Family(known), carehttp.Routes(w.Desk, carehttp.Options{BaseURL: func(*http.Request) string { return base }})...)
	r := httptest.NewRequest(http.MethodGet, "/bot-ux/v1/PR/balanceEnquiry", http.NoBody)
	for name, values := range headers(care.RefAccount, care.ExampleAccount) {
		r.Header.Set(name, values[0])
	}
	b.ReportAllocs()
	for b.Loop() {
		a := httptest.NewRecorder()
		if kit.ServeHTTP(a, r); a.Code != 200 {
			b.Fatal(a.Code, a.Body)
		}
	}
}
