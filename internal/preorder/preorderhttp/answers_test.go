package preorderhttp_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"demarc/api"
	"demarc/internal/contract"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/preorder"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every status that the document promises is met, for every operation, and every coded
// error of the product that is not in the source's table.
func TestEveryDocumentedAnswerIsMet(t *testing.T) {
	seen := map[string]bool{}
	t.Run("both paths", func(t *testing.T) {
		for _, suffix := range []string{"", "NoPrefix"} {
			e := serve(t, suffix)
			t.Run("edge"+suffix, e.everywhere)
			t.Run("codes"+suffix, e.codes)
			t.Run("orders"+suffix, e.orders)
			t.Run("conflicts"+suffix, e.conflicts)
			e.CheckAll()
			e.noSecrets(t)
			maps.Copy(seen, e.seen)
		}
	})
	for want := range documented(t) {
		if !seen[want] {
			t.Errorf("%s was not met", want)
		}
	}
	for _, c := range fault.Catalogue() {
		if c.Family == preorder.Product && preorder.CodeOf(c) == "" && !seen[c.ID] {
			t.Errorf("%s was not met", c.ID)
		}
	}
}

// documented is "operation status" for all that the document promises.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, d := range api.Documents() {
		if d.Name != preorder.Product {
			continue
		}
		doc, err := openapi3.NewLoader().LoadFromData(d.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				for status := range op.Responses.Map() {
					all[op.OperationID+" "+status] = true
				}
			}
		}
	}
	if len(all) < 85 {
		t.Fatalf("the document promises only %d answers", len(all))
	}
	return all
}

// everywhere is what the edge answers before the product's own rules are asked.
func (e *edge) everywhere(t *testing.T) {
	busy := e.serve(t, httpkit.Options{SandboxRate: 1e-6}) // one request in eleven days, each caller
	late := e.serve(t, httpkit.Options{Deadline: time.Nanosecond})
	small := e.serve(t, httpkit.Options{MaxBody: 8})
	calls := map[string]ask{
		"pxQualify": {body: qualifying("10 Main St")}, "pxConfigure": {body: configuring("PX-AAAAAAAA", "AD-1", "PO-1")},
		"pxCompleteOrder": {body: completing("PX-AAAAAAAA", "PO-1")},
		"listPxOrders":    {}, "getPxOrder": {arg: "N400000001"}, "cancelPxOrder": {arg: "N400000001"},
	}
	e.good(t, "listPxOrders", ask{url: busy}, 200, nil)
	e.good(t, e.op("pxQualify"), ask{body: qualifying("11 Main St"), key: "used"}, 200, nil)
	for id, op := range contract.Operations() {
		sample, ok := calls[strings.TrimSuffix(id, "NoPrefix")]
		if !ok || op.Doc != preorder.Product {
			continue
		}
		at := func(url string) ask { a := sample; a.url = url; return a }
		as := func(token string) ask { a := sample; a.token = token; return a }
		wrong := sample
		wrong.query = "?x=%zz"
		e.refused(t, id, wrong, 400, "malformed_request", "EDGE-TEXT-01 query")
		e.refused(t, id, at(busy), 429, "rate_limited")
		e.refused(t, id, at(late), 503, "deadline_exceeded")
		if got := e.refused(t, id, as("-"), 401, "token_missing").header.Get("WWW-Authenticate"); got != `Bearer realm="demarc"` {
			t.Errorf("%s: challenged with %q", id, got)
		}
		e.refused(t, id, as("unknown"), 401, "token_missing")
		e.refused(t, id, as(barred), 403, "product_not_approved")
		e.refused(t, id, as(unbound), 403, "preorder_partner_unbound")
		if op.Method != http.MethodPost {
			continue
		}
		large := at(small)
		large.key, large.body = "large", body{"x": strings.Repeat("x", 8)}
		e.refused(t, id, large, 413, "body_too_large")
		other := sample
		other.key = "used"
		e.refused(t, id, other, 422, "idempotency_key_reused")
		if sample.body != nil {
			plain := sample
			plain.media = "text/plain"
			e.refused(t, id, plain, 415, "unsupported_media_type")
			near := sample
			near.body = near.body.with("salesCod", "SC10001")
			e.refused(t, id, near, 400, "malformed_request", "EDGE-JSON-03 salesCod")
		}
	}
}

// sent makes a call and answers its status and codes: "401 2000 2010".
func (e *edge) sent(t *testing.T, op string, b body) string {
	t.Helper()
	got := e.send(t, op, ask{body: b}, true)
	var c coded
	got.read(t, &c)
	text := fmt.Sprint(got.status)
	for _, m := range c.Messages {
		text += " " + m.Code
	}
	return text
}

// codes are calls that break several rules at once: all are told, in the order of the
// source's table, and the first one decides about the status.
func (e *edge) codes(t *testing.T) {
	tx, detail := e.qualify(t)
	e.good(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-ALL")}, 200, nil)
	bare, house := e.qualify(t)
	for _, c := range []struct {
		why, call, want string
		body            body
	}{
		{"nothing at all", "pxQualify", "401 2000 2010 2020 2030 2040 1000 1010 1020 1030", body{}},
		{"no address", "pxQualify", "410 1000 1010 1020 1030", qualifying("").with("address", nil)},
		{"nothing at all", "pxConfigure", "401 2106 2000 2030 2070 2225 2120", body{}},
		{"no customer", "pxConfigure", "410 1040 1050 1060 1070", configuring(bare, house, "PO-NONE").without("customer")},
		{"a Reconfig of nothing with a customer", "pxConfigure", "410 2170 2090", configuring(bare, house, "PO-NONE").with("configType", "Reconfig")},
		{"PX-CMP-01 nothing at all", "pxCompleteOrder", "401 2000 2030 2070", body{}},
		{"PX-CMP-01 another sales code of the partner's", "pxCompleteOrder", "410 2070", completing(tx, "PO-ALL").with("salesCode", "SC10002")},
		{"PX-CMP-01 nothing was configured", "pxCompleteOrder", "410 2090", completing(bare, "PO-NONE")},
		{"PX-CMP-01 another partner order id", "pxCompleteOrder", "410 2131", completing(tx, "PO-OTHER")},
	} {
		t.Run(c.call+" "+c.why, func(t *testing.T) {
			if got := e.sent(t, e.op(c.call), c.body); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	t.Run("a backend without a code", func(t *testing.T) {
		for name, call := range map[string]ask{preorder.BackendCatalog: {body: qualifying(e.house())}, preorder.BackendCredit: {body: configuring(bare, house, "PO-1")}} {
			op := map[string]string{preorder.BackendCatalog: "pxQualify", preorder.BackendCredit: "pxConfigure"}[name]
			e.back.set(func(b *backends) { b.fails[name] = preorder.HowLate })
			got := e.refused(t, e.op(op), call, 503, "preorder_backend_unavailable")
			e.back.set(func(b *backends) { delete(b.fails, name) })
			if !regexp.MustCompile(`The `+name+` service does not answer; try again. TxID PX-[A-Z2-7]{16}`).MatchString(got.body) || got.header.Get("Retry-After") == "" {
				t.Errorf("got %s", got.body)
			}
		}
	})
	t.Run("a backend with one", func(t *testing.T) {
		e.back.set(func(b *backends) { b.fails[preorder.BackendAddress] = preorder.HowDown })
		defer e.back.set(func(b *backends) { b.fails = map[string]string{} })
		if got := e.sent(t, e.op("pxQualify"), qualifying(e.house())); got != "500 4000" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("modem and add-ons have no codes", func(t *testing.T) {
		b := configuring(bare, house, "PO-EXTRAS").with("modemOption", "TOASTER").with("addOns", []string{"TOAST"})
		e.refused(t, e.op("pxConfigure"), ask{body: b}, 400, "invalid_request", "PX-CFG-MODEM modemOption", "PX-CFG-ADDON addOns")
	})
}

// orders are listed, read, moved and cancelled, by their own partner.
func (e *edge) orders(t *testing.T) {
	number, tx, detail := e.order(t, "PO-KEEP")
	gone, _, _ := e.order(t, "PO-CANCEL")
	t.Run("PX-CMP-03 an order is completed once", func(t *testing.T) {
		if got := e.sent(t, e.op("pxCompleteOrder"), completing(tx, "PO-KEEP")); got != "410 2130" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("PX-CMP-03 a second order of an address", func(t *testing.T) {
		street := strings.TrimPrefix(detail, "AD-") + "9 Main St"
		var twins [2]qualified
		for i := range twins { // before an order blocks the address
			e.good(t, e.op("pxQualify"), ask{body: qualifying(street)}, 200, &twins[i])
		}
		for i, q := range twins {
			id, order := q.TransactionID, fmt.Sprint("PO-TWIN-", i)
			e.good(t, e.op("pxConfigure"), ask{body: configuring(id, q.AddressDetailID, order)}, 200, nil)
			want := []string{"201", "410 1005"}[i]
			if got := e.sent(t, e.op("pxCompleteOrder"), completing(id, order)); got != want {
				t.Errorf("order %d: %s, want %s", i, got, want)
			}
		}
	})
	var o struct{ Status, Address string }
	e.good(t, "cancelPxOrder", ask{arg: gone}, 200, &o).has(t, `"status":"CANCELLED"`, `"salesCode":"SC10001"`)
	e.told(t, gone, "received", "cancelled")
	e.refused(t, "cancelPxOrder", ask{arg: gone}, 409, "preorder_order_wrong_move")
	for _, op := range []string{"getPxOrder", "cancelPxOrder"} {
		e.refused(t, op, ask{arg: "N1"}, 404, "preorder_order_unknown")
		e.refused(t, op, ask{arg: number, token: foreign}, 404, "preorder_order_unknown")
	}
	e.good(t, "getPxOrder", ask{arg: number}, 200, &o).has(t, `"address":"`, ` MAIN ST, MONROE LA 71203"`, `"productCode":"HSI-20-POST"`,
		`"createdAt":"2040-06-01T00:00:00Z"`, `"totals":{"oneTime":37.95,"monthly":69.99}`, `"deposit":{"amount":0.00,"currency":"USD"}`,
		`"history":[{"at":"2040-06-01T00:00:00Z","event":"completed by the partner","from":"","to":"RECEIVED"}]`)
	t.Run("PX-LST-01 a list by status", func(t *testing.T) {
		for query, want := range map[string]string{
			"": "3", "?status=RECEIVED": "2", "?status=PROVIDER%20IN%20PROCESS": "0", "?status=COMPLETED": "0", "?status=CANCELLED": "1",
			"?pageNumber=2&pageSize=2": "3", "?pageNumber=9": "3",
		} {
			e.good(t, "listPxOrders", ask{query: query}, 200, nil).has(t, `"resultCount":`+want+`,"orders":[`)
		}
		e.good(t, "listPxOrders", ask{token: foreign}, 200, nil).has(t, `{"pageNumber":1,"pageSize":10,"resultCount":0,"orders":[]}`)
		e.refused(t, "listPxOrders", ask{query: "?status=DONE"}, 400, "invalid_request", "PX-LST-01 status")
		e.refused(t, "listPxOrders", ask{query: "?pageSize=101"}, 400, "invalid_request", "EDGE-PAGE-01 pageSize")
	})
}

// conflicts are 409s, for which there are no codes.
func (e *edge) conflicts(t *testing.T) {
	tx, detail := e.qualify(t)
	for _, c := range []struct {
		call, backend string
		body          body
	}{
		{"pxQualify", preorder.BackendAddress, qualifying(e.house())},
		{"pxConfigure", preorder.BackendCredit, configuring(tx, detail, "PO-KEYED")},
	} {
		t.Run("the first call is under way: "+c.call, func(t *testing.T) {
			g := &gate{name: c.backend, reached: make(chan struct{}), leave: make(chan struct{})}
			e.back.set(func(b *backends) { b.gate = g })
			a := ask{body: c.body, key: "under-way-" + c.call}
			first := make(chan answer)
			go func() { first <- e.send(t, e.op(c.call), a, false) }()
			<-g.reached
			e.refused(t, e.op(c.call), a, 409, "idempotency_in_progress")
			e.back.set(func(b *backends) { b.gate = nil })
			close(g.leave)
			got := <-first
			asked := e.back.times(c.backend)
			again := e.good(t, e.op(c.call), a, 200, nil)
			if got.status != 200 || again.body != got.body || again.header.Get("Idempotent-Replayed") != "true" || e.back.times(c.backend) != asked {
				t.Errorf("got %d %s, and again %s %v; asked %d and %d times", got.status, got.body, again.body, again.header, asked, e.back.times(c.backend))
			}
		})
	}
	t.Run("PX-CMP-02 after a hard stop", func(t *testing.T) {
		stop := preorder.CreditDecision{Decision: preorder.DecisionHardStop, Reason: preorder.ReasonFinalBill}
		e.back.set(func(b *backends) { b.credit.Decision = stop })
		defer e.back.set(func(b *backends) { b.credit.Decision = preorder.CreditDecision{Decision: preorder.DecisionApproved} })
		tx, detail := e.qualify(t)
		e.good(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-STOP")}, 200, nil).
			has(t, `"charges":[],"deposit":{"amount":0.00,"currency":"USD"},"creditResult":{"decision":"HARD_STOP","reason":"FINAL_BILL_OUTSTANDING"},`+
				`"totals":{"oneTime":0.00,"monthly":0.00}`)
		got := e.refused(t, e.op("pxCompleteOrder"), ask{body: completing(tx, "PO-STOP")}, 409, "preorder_hard_stop", "PX-CMP-02 transactionId")
		if got.header.Get("Location") != "" {
			t.Error("there is a Location without an order")
		}
	})
}
