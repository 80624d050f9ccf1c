package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const testID = "req_01JD6V9Y2N4QK8" // the request id of the documents' examples

// goodHeader is what every answer carries, whatever its status.
func goodHeader(contentType string) http.Header {
	h := http.Header{
		"X-Request-Id": {testID}, "Retry-After": {"30"}, "Www-Authenticate": {`Bearer realm="demarc"`}, "Cache-Control": {"no-store"},
		"Location": {"/Customer/v3/Ordering/orderRequest/1ec0b2a0"}, "Correlation-Id": {testID}, "Allow": {"GET"},
		"Etag": {`"3"`}, "Vary": {"Accept"},
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return h
}

// answer is one example of an answer in the documents.
type answer struct {
	name   string
	method string
	path   string
	status int
	media  string
	where  string // the example of its Location
	value  any
	schema *openapi3.Schema
}

// header is a good one for the answer.
func (a answer) header() http.Header {
	h := goodHeader(a.media)
	if a.where != "" {
		h.Set("Location", a.where)
	}
	return h
}

// filled is a path with something for each of its parameters.
func filled(path string) string {
	path = strings.Replace(path, "{state}", "CO", 1)
	return regexp.MustCompile(`\{[a-zA-Z]+\}`).ReplaceAllString(path, "abc-1")
}

// answers are all examples of all answers, also those behind a reference.
func answers() []answer {
	var all []answer
	for _, e := range must().entries {
		path := filled(e.route.Path)
		for code, r := range e.route.Operation.Responses.Map() {
			status, err := strconv.Atoi(code)
			if err != nil {
				continue
			}
			where := ""
			if h := r.Value.Headers["Location"]; h != nil {
				where, _ = h.Value.Example.(string)
			}
			for media, m := range r.Value.Content {
				values := map[string]any{}
				if m.Example != nil {
					values["example"] = m.Example
				}
				for name, x := range m.Examples {
					values[name] = x.Value.Value
				}
				for name, value := range values {
					all = append(all, answer{
						name:   e.route.Operation.OperationID + " " + code + " " + name,
						method: e.route.Method, path: path, status: status, media: media, where: where, value: value, schema: m.Schema.Value,
					})
				}
			}
		}
	}
	return all
}

func (a answer) body(t *testing.T) []byte {
	t.Helper()
	if text, ok := a.value.(string); ok {
		return []byte(text)
	}
	return encoded(t, a.value)
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func request(method, path string) *http.Request {
	return httptest.NewRequest(method, "http://127.0.0.1:8080"+path, http.NoBody)
}

func TestEveryExampleOfAnAnswerIsAGoodAnswer(t *testing.T) {
	t.Parallel()
	all := answers()
	if len(all) < 300 {
		t.Fatalf("found only %d examples", len(all))
	}
	successes := map[string]bool{}
	for _, a := range all {
		if err := Check(request(a.method, a.path), a.status, a.header(), a.body(t)); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
		if a.status < 300 {
			successes[strings.Fields(a.name)[0]] = true
		}
	}
	for _, e := range must().entries {
		id := e.route.Operation.OperationID
		bodyless := id == "revokeToken" || e.route.Method == http.MethodDelete
		if successes[id] == bodyless {
			t.Errorf("%s has an example of its success: %v", id, successes[id])
		}
	}
}

// open are the schemas that let unknown fields through, with the reason.
var open = map[string]string{
	"introspectToken":                "RFC 7662 lets servers add to it",
	"getAuthorizationServerMetadata": "RFC 8414 lets servers add to it",
	"getHealth":                      "probes read the status alone",
	"getReadiness":                   "probes read the status alone",
}

// This is what makes the documents worth checking against: take any field away from
// any answer, add one, or null one, and it is noticed.
func TestAnAnswerWithAFieldMissingOrTooManyIsCaught(t *testing.T) {
	t.Parallel()
	for _, a := range answers() {
		object, ok := a.value.(map[string]any)
		if !ok {
			continue
		}
		check := func(change string, v map[string]any) {
			if err := Check(request(a.method, a.path), a.status, a.header(), encoded(t, v)); err == nil {
				t.Errorf("%s: %s went unnoticed", a.name, change)
			}
		}
		schema := a.schema
		for _, one := range schema.OneOf { // of several shapes, the one that it has
			if visit(one.Value, object) == nil {
				schema = one.Value
			}
		}
		for _, name := range schema.Required {
			less := maps.Clone(object)
			delete(less, name)
			check("without "+name, less)
			if visit(schema.Properties[name].Value, nil) != nil { // it is not nullable, nor what it refers to
				less[name] = nil
				check("with a null "+name, less)
			}
		}
		if open[strings.Fields(a.name)[0]] == "" || a.status >= 400 {
			more := maps.Clone(object)
			more["surprise"] = "x"
			check("with an unknown field", more)
		}
	}
}

// wrong is one answer that is nearly right.
type wrong struct {
	why    string
	op     string // whose example of success is changed
	from   string // in its JSON
	to     string
	expect string // in the message
}

var wrongs = []wrong{
	{"a float slip in the price is what the source shows, and we do not", "createPriceRequest", `"$331.20"`, `"$331.20000000000005"`, "/price/1/price"},
	{"prices are text", "getPrices", `"$0.46"`, `0.46`, "/pricePerSpeed/0/price"},
	{"quotes are called NaaS-n", "createPriceRequest", `"NaaS-1466"`, `"1466"`, "/id"},
	{"the page's first site is described beside the list too", "listLocations", `"location"`, `"locations"`, "location"},
	{"a site's country has a key of its own", "listLocations", `"locality"`, `"localty"`, "locality"},
	{"pagination is an array of one", "listProviders", `"pagination":[{`, `"pagination":[{"pageNumber":1,"pageSize":1,"totalRecords":2},{`, "/pagination"},
	{"the null fields are null", "createOrderRequest", `"itemPrice":null`, `"itemPrice":{}`, "/productOrderItem/0/itemPrice"},
	{"the null fields are there", "createOrderRequest", `"quoteItem":null,`, ``, "quoteItem"},
	{"the item says its type", "createOrderRequest", `"@type":"ProductOrderItem"`, `"@type":"Item"`, "@type"},
	{"the channel comes back as text", "createOrderRequest", `"id":"99"`, `"id":99`, "/channel/0/id"},
	{"an accepted order has no state at its top", "createOrderRequest", `"externalId"`, `"state":"acknowledged","externalId"`, "state"},
	{"an order's state is one of four", "getOrderRequest", `"state":"completed"`, `"state":"done"`, "/state"},
	{"times are UTC", "getOrderRequest", `"orderDate":"2026-11-21T09:00:00Z"`, `"orderDate":"2026-11-21T10:00:00+01:00"`, "/orderDate"},
	{"an order has a history", "getOrderRequest", `"history":[`, `"history":[],"x":[`, "/history"},
	{"clients read masterSiteid too", "listInventory", `"masterSiteid"`, `"masterSiteID"`, "masterSiteid"},
	{"clients read the characteristics within the product", "listInventory", `"id":"77133831778","productCharacteristic"`, `"id":"77133831778","characteristic"`, "productCharacteristic"},
	{"dataCenter is true or false, clients branch on it", "listInventory", `"dataCenter":true`, `"dataCenter":"true"`, "dataCenter"},
	{"a status is one of five", "listInventory", `"status":"Active"`, `"status":"active"`, "/status"},
	{"hours are whole", "getServiceLevelChargeDetails", `"hours":12`, `"hours":12.5`, "/hours"},
	{"a bill is open or closed", "getCustomerBill", `"open"`, `"paid"`, "/state"},
	{"expires_in is a number, clients add to it", "issueTokenV2", `1799`, `"1799"`, "/expires_in"},
	{"there is no refresh token", "issueToken", `"token_type"`, `"refresh_token":"x","token_type"`, "refresh_token"},
	{"the offset is a duration", "getClock", `"PT0S"`, `"0s"`, "/offset"},
	{"what ran says when it was due", "advanceClock", `"due"`, `"at"`, "due"},
	{"a secret is a Standard Webhooks one", "createEndpoint", `whsec_`, `secret_`, "/secret"},
	{"secrets are shown once", "getEndpoint", `"state"`, `"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","state"`, "secret"},
	{"a receiver's password is never shown", "listEndpoints", `"type":"none"`, `"type":"basic","password":"x"`, "password"},
	{"amounts are numbers", "pxCompleteOrder", `"oneTime":37.95`, `"oneTime":"37.95"`, "/totals/oneTime"},
	{"an order's status is in the source's words", "getPxOrder", `"status":"PROVIDER IN PROCESS"`, `"status":"IN PROCESS"`, "/status"},
	{"numbers are numbers in E.164", "getInventory", `"startTN":13035550116`, `"startTN":"13035550116"`, "/startTN"},
	{"lines keep their zeros", "getInventory", `"line":"0116"`, `"line":116`, "/line"},
	{"a part says what it has brought", "getOrderStatus", `"reservedQuantity"`, `"reserved"`, "reservedQuantity"},
	{"a notification keeps to its type", "listNotifications", `"state":"completed"`, `"state":"broken"`, "/state"},
	{"a notification's type is documented", "listNotifications", `"ondemand.order.completed"`, `"ondemand.order.perfected"`, "perfected"},
}

func TestANearlyRightAnswerIsCaughtAndTheMessageSaysWhere(t *testing.T) {
	t.Parallel()
	examples := map[string]answer{}
	for _, a := range answers() {
		if a.status < 300 {
			examples[strings.Fields(a.name)[0]] = a
		}
	}
	for _, w := range wrongs {
		a, ok := examples[w.op]
		if !ok {
			t.Fatalf("%s has no example", w.op)
		}
		good := string(a.body(t))
		bad := strings.Replace(good, w.from, w.to, 1)
		if bad == good {
			t.Errorf("%s: the example of %s has no %s", w.why, w.op, w.from)
			continue
		}
		err := Check(request(a.method, a.path), a.status, a.header(), []byte(bad))
		switch {
		case err == nil:
			t.Errorf("%s: went unnoticed", w.why)
		case !strings.Contains(err.Error(), w.expect):
			t.Errorf("%s: the message does not lead to %q:\n%v", w.why, w.expect, err)
		case len(err.Error()) > 600:
			t.Errorf("%s: nobody reads a message of %d bytes:\n%v", w.why, len(err.Error()), err)
		}
	}
}

const errorBody = `{"code":404,"message":"There is no such thing.","reason":"not_found","errors":[],` +
	`"doc":"/docs/errors#not_found","requestId":"` + testID + `"}`

const careBody = `{"errors":[{"code":404,"message":"The request is invalid or not properly formed.","description":"x"}]}`

const voiceBody = `{"code":"20049","message":"Invalid Voice Order ID.","errors":[{"code":"20049","message":"Invalid Voice Order ID.",` +
	`"field":"voiceOrderId"}],"requestId":"` + testID + `"}`

func TestWhatAnAnswerSaysTwiceItSaysAlike(t *testing.T) {
	t.Parallel()
	replaced := func(from, to string) string { return strings.Replace(errorBody, from, to, 1) }
	for _, c := range []struct {
		why, method, path string
		status            int
		header            func(http.Header)
		body, expect      string
	}{
		{"good", "GET", "/Customer/v3/Ordering/orderRequest/1", 404, nil, errorBody, ""},
		{"the code is the status", "GET", "/Customer/v3/Ordering/orderRequest/1", 404, nil, replaced("404", "400"), "/code"},
		{"the request id is the header's", "GET", "/Customer/v3/Ordering/orderRequest/1", 404, nil, replaced(testID, "other"), "/requestId"},
		{"the document leads to the reason", "GET", "/Customer/v3/Ordering/orderRequest/1", 404, nil, replaced("#not_found", "#lost"), "/doc"},
		{"a reason is an id", "GET", "/Customer/v3/Ordering/orderRequest/1", 404, nil, strings.ReplaceAll(errorBody, "not_found", "Not found"), "/reason"},
		{"no status that is not documented", "GET", "/Customer/v3/Ordering/orderRequest/1", 500, nil, replaced("404", "500"), "may not answer 500"},
		{"no answer without a request id", "GET", "/Customer/v3/Ordering/orderRequest/1", 404,
			func(h http.Header) { h.Del("X-Request-Id") }, errorBody, "X-Request-Id"},
		{"no 429 without Retry-After", "GET", "/Customer/v3/Ordering/orderRequest/1", 429,
			func(h http.Header) { h.Del("Retry-After") }, replaced("404", "429"), "Retry-After"},
		{"no 401 without a challenge", "GET", "/Customer/v3/Ordering/orderRequest/1", 401,
			func(h http.Header) { h.Del("WWW-Authenticate") }, replaced("404", "401"), "WWW-Authenticate"},
		{"no token that may be cached", "POST", "/oauth/token", 200,
			func(h http.Header) { h.Set("Cache-Control", "private") },
			`{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":1799}`, "Cache-Control"},
		{"no error as a page", "GET", "/Customer/v3/Ordering/orderRequest/1", 404,
			func(h http.Header) { h.Set("Content-Type", "text/html") }, errorBody, "Content-Type"},
		{"no body where none is promised", "DELETE", "/webhooks/v1/endpoints/ep_1", 204, nil, `{}`, "without a body"},
		{"no empty answer where a body is promised", "GET", "/sandbox/v1/clock", 200, nil, ``, "body"},
		{"no export that is not lines of objects", "GET", "/sandbox/v1/world/export", 200,
			func(h http.Header) { h.Set("Content-Type", "application/x-ndjson") }, "{\"a\":1}\n[1]\n", "line 2"},
		{"an unknown address is not found", "GET", "/nowhere", 404, nil, errorBody, ""},
		{"an unknown address finds nothing", "GET", "/nowhere", 200, nil, `{}`, "no document has this operation"},
		{"an unknown method says which are known", "PUT", "/sandbox/v1/clock", 405,
			func(h http.Header) { h.Del("Allow") }, replaced("404", "405"), "Allow"},
		{"a family of its own has its own envelope", "GET", "/bot-ux/v1/PR/accounts", 404, nil, careBody, ""},
		{"also where there is nothing", "GET", "/bot-ux/v2", 404, nil, careBody, ""},
		{"and not the platform's", "GET", "/bot-ux/v1/PR/accounts", 404, nil, errorBody, "errors"},
		{"also one that stands in a document beside the platform's", "GET", "/Voice/v1/orderStatus", 400, nil, voiceBody, ""},
		{"and nothing else there", "GET", "/Voice/v1/orderStatus", 400, nil, replaced("404", "400"), "code"},
		{"what is repeated on top is the first", "GET", "/Voice/v1/orderStatus", 400, nil, strings.Replace(voiceBody, "20049", "20060", 1), "/code"},
		{"in its own words", "GET", "/Voice/v1/orderStatus", 400, nil, strings.Replace(voiceBody, "Invalid", "No", 1), "/message"},
		{"and of this call", "GET", "/Voice/v1/orderStatus", 400, nil, strings.Replace(voiceBody, testID, "other", 1), "/requestId"},
		{"a code with a status in it has this one", "GET", "/Voice/v1/orderStatus", 400, nil, strings.ReplaceAll(voiceBody, "20049", "409001"), "/code"},
		{"no 401 where there is none", "GET", "/Voice/v1/orderStatus", 401, nil, voiceBody, "may not answer 401"},
		{"where there is nothing too", "GET", "/Voice/v2", 404, nil, strings.ReplaceAll(voiceBody, "20049", "404001"), ""},
		{"in the family's own words", "GET", "/Voice/v2", 404, nil, errorBody, "code"},
		{"the platform's calls of the same document are the platform's", "GET", "/sandbox/v1/voice/queue", 400, nil, replaced("404", "400"), ""},
		{"and not the family's", "GET", "/sandbox/v1/voice/queue", 400, nil, voiceBody, "reason"},
		{"not even there", "GET", "/bot-ux/v2", 404, nil, errorBody, "errors"},
		{"which stays the platform's", "GET", "/nowhere", 404, nil, careBody, "code"},
		{"an unknown address has the envelope too", "GET", "/nowhere", 404, nil, "404 page not found", "not JSON"},
		{"a page is no part of the contract", "GET", "/docs/", 200,
			func(h http.Header) { h.Set("Content-Type", "text/html") }, "<html>", ""},
		{"HEAD is answered without a body", "HEAD", "/Network/v1/provider", 200, nil, "", ""},
	} {
		h := goodHeader("application/json; charset=utf-8")
		if c.header != nil {
			c.header(h)
		}
		err := Check(request(c.method, c.path), c.status, h, []byte(c.body))
		switch {
		case c.expect == "" && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.expect != "" && (err == nil || !strings.Contains(err.Error(), c.expect)):
			t.Errorf("%s: got %v, want something about %q", c.why, err, c.expect)
		}
	}
}

const codedBody = `{"transactionId":"PX-MFRGGZDFMZTWQ2LK","status":"ERROR","messages":[` +
	`{"code":"2000","field":"salesCode","message":"Missing or Invalid salesCode; TxID PX-MFRGGZDFMZTWQ2LK"}]}`

// PreOrder has two envelopes, and which one comes is not the server's choice.
func TestADocumentMayHaveTwoEnvelopesEachInItsPlace(t *testing.T) {
	t.Parallel()
	replaced := func(from, to string) string { return strings.Replace(codedBody, from, to, 1) }
	platform := func(status string) string { return strings.Replace(errorBody, "404", status, 1) }
	quoted := replaced(`Missing or Invalid salesCode; TxID PX-MFRGGZDFMZTWQ2LK`, `“An order; TxID PX-MFRGGZDFMZTWQ2LK”`)
	for _, c := range []struct {
		why, path    string
		status       int
		body, expect string
	}{
		{"a coded 401", "/Product/v1/pxQualify", 401, codedBody, ""},
		{"the same without the prefix", "/pxQualify", 401, codedBody, ""},
		{"a 401 about the token", "/Product/v1/pxQualify", 401, platform("401"), ""},
		{"a coded 410", "/Product/v1/pxConfigure", 410, codedBody, ""},
		{"a text that ends in a quotation mark", "/Product/v1/pxQualify", 410, quoted, ""},
		{"a coded 500", "/Product/v1/pxQualify", 500, codedBody, ""},
		{"a 500 of our own making", "/Product/v1/pxQualify", 500, platform("500"), "transactionId"},
		{"a 500 where there are no codes for it", "/Product/v1/pxConfigure", 500, codedBody, "may not answer 500"},
		{"a 410 in the platform's envelope", "/Product/v1/pxConfigure", 410, platform("410"), "transactionId"},
		{"a 400 in the source's", "/Product/v1/pxQualify", 400, codedBody, "reason"},
		{"the platform's envelope is held to itself here too", "/Product/v1/pxQualify", 401, platform("400"), "/code"},
		{"another transaction in the text", "/Product/v1/pxQualify", 401, replaced("TxID PX-MFRGGZDFMZTWQ2LK", "TxID PX-AAAAAAAAAAAAAAAA"), "/messages/0/message"},
		{"no message", "/Product/v1/pxQualify", 401, `{"transactionId":"","status":"ERROR","messages":[]}`, "messages"},
		{"a code that is no code", "/Product/v1/pxQualify", 401, replaced("2000", "sales"), "code"},
	} {
		err := Check(request("POST", c.path), c.status, goodHeader("application/json"), []byte(c.body))
		switch {
		case c.expect == "" && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.expect != "" && (err == nil || !strings.Contains(err.Error(), c.expect)):
			t.Errorf("%s: got %v, want something about %q", c.why, err, c.expect)
		}
	}
}

func TestACallersOwnWellFormedRequestIdIsEchoed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent http.Header
		good bool
	}{
		{http.Header{"X-Correlation-Id": {testID}}, true},
		{http.Header{"X-Correlation-Id": {"mine"}}, false},
		{http.Header{"X-Request-Id": {"mine"}}, false},
		{http.Header{"X-Correlation-Id": {testID}, "X-Request-Id": {"mine"}}, true},
		{http.Header{"X-Request-Id": {"not well formed"}}, true},
		{http.Header{"X-Request-Id": {strings.Repeat("x", 129)}}, true},
	} {
		req := request("GET", "/nowhere/at/all")
		req.URL.Path = "/sandbox/v1/worlds/x"
		req.Method = "DELETE"
		req.Header = c.sent
		err := Check(req, 404, goodHeader("application/json"), []byte(errorBody))
		if (err == nil) != c.good {
			t.Errorf("%v: %v", c.sent, err)
		}
	}
}

// What an order's and a service's notifications hold.
const (
	orderData = `{"orderId":"1ec0b2a0","externalId":"E","customerNumber":"1-ABCDE","action":"add","state":"completed",` +
		`"serviceId":"77133831779","serviceStatus":"Active","failure":null}`
	serviceData = `{"serviceId":"77133831779","customerNumber":"1-ABCDE","customerServiceName":"N","status":"Active",` +
		`"bandwidth":"100 Mbps","vlan":100,"ipv4Prefix":"100.64.0.8/29","masterSiteId":"PL0001247634","orderId":"1ec0b2a0"}`
)

const voiceData = `{"orderNumber":"V100000001","customerNumber":"1-ABCDE","customerName":"N",` +
	`"voiceOrderStatus":{"notificationCode":901,"notificationMessage":"Order successfully submitted."}}`

func TestANotificationIsHeldToItsType(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(must().types)); len(got) != 16 {
		t.Errorf("the documents describe %d types of notification: %v", len(got), got)
	}
	const at = `"timestamp":"2026-11-21T09:00:00Z"`
	changed := func(text, from, to string) string { return strings.Replace(text, from, to, 1) }
	for _, c := range []struct {
		body string
		good bool
	}{
		{`{"type":"ondemand.order.completed",` + at + `,"data":` + orderData + `}`, true},
		{`{"type":"ondemand.order.failed",` + at + `,"data":` + changed(orderData, `null`, `"no port"`) + `}`, true},
		{`{"type":"ondemand.service.active","timestamp":"2026-11-21T09:00:00.25Z","data":` + serviceData + `}`, true},
		{`{"type":"demarc.test",` + at + `,"data":{}}`, true},
		{`{"type":"ondemand.order.completed",` + at + `,"data":` + serviceData + `}`, false},
		{`{"type":"ondemand.order.completed",` + at + `,"data":` + changed(orderData, `"state":"completed",`, ``) + `}`, false},
		{`{"type":"ondemand.order.completed","timestamp":"yesterday","data":` + orderData + `}`, false},
		{`{"type":"ondemand.service.active",` + at + `,"data":` + changed(serviceData, "Active", "active") + `}`, false},
		{`{"type":"ondemand.service.active",` + at + `,"data":` + changed(serviceData, "100,", `"100",`) + `}`, false},
		{`{"type":"voice.notification.901",` + at + `,"data":` + voiceData + `}`, true},
		{`{"type":"voice.notification.901",` + at + `,"data":` + changed(voiceData, `901`, `"901"`) + `}`, false},
		{`{"type":"voice.notification.accepted",` + at + `,"data":` + voiceData + `}`, false},
		{`{"type":"voice.message.901",` + at + `,"data":` + voiceData + `}`, false},
		{`{"type":"ondemand.order.lost",` + at + `,"data":` + orderData + `}`, false},
		{`{"type":"demarc.test","data":{}}`, false},
		{`{"type":"demarc.test",` + at + `,"data":{},"extra":1}`, false},
		{`[]`, false},
		{`{`, false},
	} {
		if err := CheckNotification([]byte(c.body)); (err == nil) != c.good {
			t.Errorf("%s: %v", c.body, err)
		}
	}
}
