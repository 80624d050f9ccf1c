package voicehttp_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/api"
	"demarc/internal/voice"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is the contract.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	i := slices.IndexFunc(api.Documents(), func(d api.Document) bool { return d.Name == voice.Product })
	doc, err := openapi3.NewLoader().LoadFromData(api.Documents()[i].Text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// example is a call as the docs page fills it in before anybody has typed: every
// parameter that has an example, and one of the body's examples.
type example struct {
	op, name string
	ask      ask
}

// examples are those of the document, but for the second spelling's, which are the same.
func examples(t *testing.T) (list []example) {
	t.Helper()
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			a := ask{args: map[string]string{}, header: map[string]string{}}
			query := url.Values{}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				switch text := fmt.Sprint(p.Value.Example); {
				case p.Value.Example == nil:
				case p.Value.In == "path":
					a.args[p.Value.Name] = text
				case p.Value.In == "header":
					a.header[p.Value.Name] = text
				default:
					query.Set(p.Value.Name, strings.Trim(text, "[]"))
				}
			}
			a.query = "?" + query.Encode()
			switch {
			case strings.HasSuffix(op.OperationID, "NoS"):
			case op.RequestBody == nil:
				list = append(list, example{op.OperationID, "", a})
			default:
				for name, one := range op.RequestBody.Value.Content.Get("application/json").Examples {
					with := a
					with.body = one.Value.Value
					list = append(list, example{op.OperationID, name, with})
				}
			}
		}
	}
	return list
}

// needed is what an example stands on: another one, and the time that goes by after it.
type needed struct {
	op, name string
	pass     time.Duration
}

const soon = 2 * time.Second

var before = map[string]needed{
	"getOrderStatus": {"orderInventory", "plain", soon}, "approveShortSupply": {"orderInventory", "short", soon}, "deskDecideCredit": {"orderInventory", "credit", soon},
	"getTNException": {"requestTNException", "call", soon}, "deskDecideException": {"requestTNException", "call", soon},
	"supplementOrder": {"orderNumbers", "port", soon}, "cancelOrder": {"orderNumbers", "port", soon}, "deskAnswerPort": {"orderNumbers", "port", soon},
	"portNow": {"orderNumbers", "port", 5 * 24 * time.Hour},
}

// What the docs page is prefilled with works in a fresh world as it stands; what is about
// an order or a request, after the first one was made there.
func TestTheDocumentsExamplesWorkInAFreshWorld(t *testing.T) {
	t.Parallel()
	all := examples(t)
	if len(all) < 50 {
		t.Fatalf("only %d examples", len(all))
	}
	for _, c := range all {
		t.Run(c.op+" "+c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, "")
			if first, needs := before[c.op]; needs {
				i := slices.IndexFunc(all, func(x example) bool { return x.op == first.op && x.name == first.name })
				if got := e.send(t, first.op, all[i].ask, false); got.status > 299 {
					t.Fatalf("%d %s", got.status, got.body)
				}
				e.pass(first.pass)
			}
			if got := e.send(t, c.op, c.ask, false); got.status > 299 {
				t.Errorf("%d %s", got.status, got.body)
			}
			e.pass(3 * time.Second)
			e.CheckAll()
			e.showsItsWord(t, c)
		})
	}
}

// becomes is what comes of an order that an example places, or is about.
var becomes = map[string]string{
	"orderInventory plain": "completed", "orderInventory special": "completed", "orderInventory short": "in-progress", "orderInventory credit": "pending credit check",
	"orderNumbers install": "completed", "orderNumbers business": "completed", "orderNumbers port": "FOC scheduled", "orderNumbers enhanced": "FOC scheduled",
	"orderNumbers notPorted": "rejected by the losing carrier", "portNow now": "completed", "cancelOrder order": "cancelled", "cancelOrder part": "cancelled",
	"changeNumbers name": "completed", "changeNumbers route": "completed", "disconnectNumbers two": "created",
	"deskAnswerPort concur": "FOC scheduled", "deskAnswerPort reject": "rejected by the losing carrier",
}

// showsItsWord: what comes of the orders of examples is what they say.
func (e *edge) showsItsWord(t *testing.T, c example) {
	t.Helper()
	want := becomes[strings.ReplaceAll(c.op, "Plural", "")+" "+c.name]
	if want == "" {
		return
	}
	if strings.HasPrefix(want, "FOC") || strings.HasPrefix(want, "rejected by") || c.op == "changeNumbers" {
		e.pass(5 * 24 * time.Hour) // for changes and losing carriers to have been thought about
		e.CheckAll()
	}
	if s, got := e.status(t, "V100000001"); s.OrderStatusDetail != want {
		t.Errorf("the order of the example %q is %s", c.name, got.body)
	}
}
