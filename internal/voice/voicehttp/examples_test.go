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

// before is the example that another one stands on: of an order, or of a request.
var before = map[string][2]string{
	"getOrderStatus": {"orderInventory", "plain"}, "approveShortSupply": {"orderInventory", "short"}, "deskDecideCredit": {"orderInventory", "credit"},
	"getTNException": {"requestTNException", "call"}, "deskDecideException": {"requestTNException", "call"},
}

// What the docs page is prefilled with works in a fresh world as it stands; what is about
// an order or a request, after the first one was made there.
func TestTheDocumentsExamplesWorkInAFreshWorld(t *testing.T) {
	t.Parallel()
	all := examples(t)
	if len(all) < 30 {
		t.Fatalf("only %d examples", len(all))
	}
	for _, c := range all {
		t.Run(c.op+" "+c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, "")
			if first, needs := before[c.op]; needs {
				i := slices.IndexFunc(all, func(x example) bool { return x.op == first[0] && x.name == first[1] })
				if got := e.send(t, first[0], all[i].ask, false); got.status > 299 {
					t.Fatalf("%d %s", got.status, got.body)
				}
				e.pass(2 * time.Second)
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

// showsItsWord: an example that says what will come of it says so rightly.
func (e *edge) showsItsWord(t *testing.T, c example) {
	t.Helper()
	want := map[string]string{"plain": "completed", "special": "completed", "short": "in-progress", "credit": "pending credit check"}[c.name]
	if c.op != "orderInventory" {
		return
	}
	if s, got := e.status(t, "V100000001"); s.OrderStatus != want {
		t.Errorf("the order of the example %q is %s", c.name, got.body)
	}
}
