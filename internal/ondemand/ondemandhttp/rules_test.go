package ondemandhttp_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"demarc/internal/contract"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandhttp"
	"demarc/internal/ondemand/ondemandtest"
)

// caller is what every token of the test stands for.
type caller struct{ httpkit.Caller }

func (c *caller) Authenticate(context.Context, string) (*httpkit.Caller, error) {
	return &c.Caller, nil
}

// edge serves a world's product over HTTP; the client holds every answer to the
// contract.
type edge struct {
	w      *ondemandtest.World
	t      *testing.T
	url    string
	client *http.Client
}

func serve(t *testing.T, customers ...string) *edge {
	t.Helper()
	w := ondemandtest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	c := &caller{httpkit.Caller{App: w.App, Org: "org_test", World: w.ID, Sandbox: true, Products: []string{ondemand.Product},
		Customers: map[string]httpkit.Customer{}}}
	for _, number := range customers {
		p, err := w.Acting(number)
		if err != nil {
			t.Fatal(err)
		}
		c.Customers[number] = httpkit.Customer{Number: p.Customer, Name: number, State: "active"}
	}
	kit := httpkit.New(httpkit.Options{DB: w.DB, Auth: c, Log: slog.New(slog.DiscardHandler)})
	kit.Add(ondemandhttp.Routes(kit, w.Desk)...)
	server := httptest.NewServer(kit)
	t.Cleanup(server.Close)
	return &edge{w, t, server.URL, contract.Client(t, nil)}
}

// call makes a call for a customer, "" for none, and answers its status and body.
// Calls that are to be refused may break the contract's side of the caller.
func (e *edge) call(t *testing.T, method, path, customer, body string, bad bool) (int, []byte, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if customer != "" {
		req.Header.Set("x-customer-number", customer)
	}
	if bad {
		req = contract.Bad(req)
	}
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer, res.Header
}

type envelope struct {
	Code   int    `json:"code"`
	Reason string `json:"reason"`
	Errors []struct{ Field, Message, Rule string }
	Next   []string
}

// refused expects a call to be refused: "400 invalid_request OND-LOC-01 partnerId".
func (e *edge) refused(t *testing.T, method, path, customer, body string, status int, reason string, rules ...string) {
	t.Helper()
	got, answer, _ := e.call(t, method, path, customer, body, true)
	var env envelope
	if err := json.Unmarshal(answer, &env); err != nil {
		t.Fatalf("%s: %d %s", path, got, answer)
	}
	var broke []string
	for _, v := range env.Errors {
		broke = append(broke, v.Rule+" "+v.Field)
	}
	if got != status || env.Code != status || env.Reason != reason || !slices.Equal(broke, rules) {
		t.Errorf("%s %s: %d %s %q, want %d %s %q", method, path, got, env.Reason, broke, status, reason, rules)
	}
}

const customer = ondemand.ExampleCustomer

func TestQueriesAreRefusedWithTheRuleThatTheyBreak(t *testing.T) {
	t.Parallel()
	e := serve(t, ondemand.ExampleCustomer, ondemand.OtherCustomer)
	const bills, orders = "/Billing/v2/CustomerBillManagement/customerBill", "/Customer/v3/Ordering/orderRequest"
	for _, c := range []struct {
		rule, why, path string
		status          int
		reason          string
		fields          string
	}{
		{"OND-LOC-01", "no provider", "/Network/v1/location", 400, "invalid_request", "partnerId"},
		{"OND-LOC-01", "a blank provider", "/Network/v1/location?partnerId=%20", 400, "invalid_request", "partnerId"},
		{"OND-LOC-01", "a provider that there is not", "/Network/v1/location?partnerId=1", 404, "partner_unknown", "partnerId"},
		{"OND-PRC-01", "no site", "/Product/v1/price?productCode=718", 400, "invalid_request", "masterSiteId"},
		{"OND-PRC-01", "a site that there is not", "/Product/v1/price?productCode=718&masterSiteId=PL0", 404, "site_unknown", "masterSiteId"},
		{"OND-PRC-02", "another product", "/Product/v1/price?productCode=719&masterSiteId=PL0001247634", 400, "invalid_request", "productCode"},
		{"OND-PRC-02", "no product", "/Product/v1/price?masterSiteId=PL0001247634", 400, "invalid_request", "productCode"},
		{"OND-LST-01", "a state that there is not", orders + "?state=done", 400, "invalid_request", "state"},
		{"OND-ACC-01", "another country", "/Account/v1/billingAccount?countryCode=101", 400, "invalid_request", "countryCode"},
		{"OND-ACC-02", "another currency", "/Account/v1/billingAccount?currencyCode=EUR", 400, "invalid_request", "currencyCode"},
		{"OND-BIL-02", "no month", bills + "?month=2040-13", 400, "invalid_request", "month"},
		{"OND-BIL-02", "a day", bills + "?month=2040-06-01", 400, "invalid_request", "month"},
		{"OND-BIL-02", "a month long ago", bills + "?month=0001-01", 400, "invalid_request", "month"},
		{"OND-BIL-02", "no date", bills + "?startBillDate=June", 400, "invalid_request", "startBillDate endBillDate"},
		{"OND-BIL-02", "a span that ends before it begins", bills + "?startBillDate=2040-06-01&endBillDate=2040-05-31", 400, "invalid_request", "endBillDate"},
		{"OND-BIL-02", "a span of many years", bills + "?startBillDate=2040-06-01&endBillDate=2090-06-01", 400, "invalid_request", "endBillDate"},
		{"OND-BIL-03", "no invoice", bills + "?invoiceNumber=2040-06", 400, "invalid_request", "invoiceNumber"},
		{"OND-BIL-03", "an invoice of another account", bills + "?invoiceNumber=5-RHQBGCGK-2040-06&billingAccountId=5-OTHRCSTM", 400, "invalid_request", "invoiceNumber"},
		{"OND-BIL-05", "no limit", bills + "?limit=0", 400, "invalid_request", "limit"},
		{"OND-BIL-05", "a limit beyond the largest page", bills + "?limit=101", 400, "invalid_request", "limit"},
		{"OND-BIL-05", "an offset below zero", bills + "?offset=-1", 400, "invalid_request", "offset"},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			var rules []string
			for f := range strings.FieldsSeq(c.fields) {
				rules = append(rules, c.rule+" "+f)
			}
			e.refused(t, http.MethodGet, c.path, customer, "", c.status, c.reason, rules...)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		t.Parallel()
		e.refused(t, http.MethodGet, "/Product/v1/price", "", "", 400, "invalid_request", "OND-PRC-01 masterSiteId", "OND-PRC-02 productCode")
		e.refused(t, http.MethodGet, "/Account/v1/billingAccount?countryCode=1&currencyCode=EUR", customer, "", 400, "invalid_request",
			"OND-ACC-01 countryCode", "OND-ACC-02 currencyCode")
		e.refused(t, http.MethodGet, bills+"?limit=x&offset=y", customer, "", 400, "invalid_request", "OND-BIL-05 limit", "OND-BIL-05 offset")
	})
	t.Run("OND-BIL-04 an account that is nobody's", func(t *testing.T) {
		t.Parallel()
		e.refused(t, http.MethodGet, bills+"?billingAccountNumber=5-NOBODYS", "", "", 400, "billing_account_unknown", "OND-BIL-04 billingAccountNumber")
	})
	t.Run("OND-QTE-06 another customer in the body than in the header", func(t *testing.T) {
		t.Parallel()
		e.refused(t, http.MethodPost, "/Product/v1/priceRequest", ondemand.OtherCustomer, priceBody, 400, "invalid_request", "OND-QTE-06 customerNumber")
	})
}

const priceBody = `{"sourceSystem":"NaaS ExternalApi","customerNumber":"1-ABCDE","currencyCode":"usd","masterSiteId":"PL0001247634",
	"productCode":"718","speed":"100MBPS","PartnerId":"43558"}`

func TestEDGE_CUS_01_TheCustomerIsNamedUnlessThereIsOnlyOne(t *testing.T) {
	t.Parallel()
	asked := []string{"/Account/v1/billingAccount", "/ProductInventory/v1/inventory", "/Customer/v3/Ordering/orderRequest",
		"/Billing/v2/CustomerBillManagement/customerBill", "/Billing/v2/CustomerBillManagement/serviceLevelChargeDetails"}
	many := serve(t, ondemand.ExampleCustomer, ondemand.OtherCustomer)
	one := serve(t, ondemand.ExampleCustomer, ondemand.ExampleAlias) // two numbers of one customer
	none := serve(t)
	for _, path := range asked {
		for _, e := range []*edge{many, none} {
			e.refused(t, http.MethodGet, path, "", "", 400, "customer_number_required", "EDGE-CUS-01 x-customer-number")
			e.refused(t, http.MethodGet, path, "1-NOBODY", "", 403, "customer_forbidden")
		}
		for _, number := range []string{"", ondemand.ExampleCustomer, ondemand.ExampleAlias} {
			if status, body, _ := one.call(t, http.MethodGet, path, number, "", number == ""); status != http.StatusOK {
				t.Errorf("%s for %q: %d %s", path, number, status, body)
			}
		}
		one.refused(t, http.MethodGet, path, ondemand.OtherCustomer, "", 403, "customer_forbidden")
	}
	// An account says whose bill it is.
	if status, body, _ := many.call(t, http.MethodGet, asked[3]+"?billingAccountNumber=5-OTHRCSTM", "", "", false); status != http.StatusOK ||
		!strings.Contains(string(body), "5-OTHRCSTM-2040-06") {
		t.Errorf("the bill of an account: %d %s", status, body)
	}
	one.refused(t, http.MethodGet, asked[3]+"?billingAccountNumber=5-OTHRCSTM", "", "", 400, "billing_account_unknown", "OND-BIL-04 billingAccountNumber")
}

func TestWhatTheFieldAsksForIsAnswered(t *testing.T) {
	t.Parallel()
	e := serve(t, ondemand.ExampleCustomer)
	const bills = "/Billing/v2/CustomerBillManagement/customerBill"
	for path, want := range map[string]string{
		"/Network/v1/provider":                                                       "43558",
		"/Network/v1/location?partnerId=43558&pageSize=1":                            "PL0001247634",
		"/Product/v1/price?masterSiteId=PL0001247634&productCode=718":                "$0.46",
		"/Account/v1/billingAccount?entitled=True&countryCode=100&currencyCode=usd":  "5-RHQBGCGK",
		"/ProductInventory/v1/inventory?serviceId=77133831778":                       "Active",
		"/Customer/v3/Ordering/orderRequest?state=completed":                         "orderRequest",
		bills + "?month=2040-06":                                                     "5-RHQBGCGK-2040-06",
		bills + "?startBillDate=2040-05-31&endBillDate=2040-06-01&limit=50&offset=0": "5-RHQBGCGK-2040-05",
		bills + "?invoiceNumber=5-RHQBGCGK-2040-06":                                  "5-RHQBGCGK-2040-06",
	} {
		if status, body, _ := e.call(t, http.MethodGet, path, customer, "", false); status != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s, want %s in it", path, status, body, want)
		}
	}
	status, body, _ := e.call(t, http.MethodPost, "/Product/v1/priceRequest", customer, priceBody, false)
	if status != http.StatusOK || !strings.Contains(string(body), `"$331.20"`) {
		t.Errorf("a price: %d %s", status, body)
	}
}
