package contract

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"demarc/api"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// The operations by name: a client's generated methods are called so, and renaming
// one breaks them.
var promised = map[string][]string{
	"care": {"getBalanceEnquiry", "listAccounts"},
	"marketplace": {
		"listProducts", "getProduct", "subscribe", "listSubscriptions", "getSubscription", "endSubscription", "getUsage",
		"onboardProvider", "listMarketplaceProviders", "getMarketplaceProvider", "changeMarketplaceProvider", "rotateProviderKey", "revokeProviderKey",
		"offerProduct", "listProviderProducts", "changeProduct", "testProvider", "listProviderCalls", "listProviderSubscriptions",
		"updateSubscription", "updateSubscriptionNoSlash",
	},
	"ondemand": {
		"listProviders", "listLocations", "getPrices", "createPriceRequest", "listBillingAccounts", "createOrderRequest",
		"getOrderRequest", "listOrderRequests", "listInventory", "getCustomerBill", "getServiceLevelChargeDetails",
	},
	"preorder": {
		"pxQualify", "pxQualifyNoPrefix", "pxConfigure", "pxConfigureNoPrefix", "pxCompleteOrder", "pxCompleteOrderNoPrefix",
		"listPxOrders", "getPxOrder", "cancelPxOrder",
	},
	"voice": {
		"listRateCenters", "listRateCentersNoS", "getCoverage", "getCoverageNoS", "postCoverage", "postCoverageNoS",
		"getUtilization", "getUtilizationNoS", "orderInventory", "orderInventoryNoS", "getInventory", "getInventoryNoS",
		"approveShortSupply", "approveShortSupplyNoS", "requestTNException", "requestTNExceptionNoS",
		"listTNExceptions", "listTNExceptionsNoS", "getTNException", "getTNExceptionNoS", "getVoiceNotifications", "getOrderStatus",
		"orderNumbers", "orderNumbersNoS", "orderNumbersPlural", "orderNumbersPluralNoS", "supplementOrder", "supplementOrderNoS",
		"portNow", "portNowNoS", "changeNumbers", "changeNumbersNoS", "cancelOrder", "cancelOrderNoS",
		"disconnectNumbers", "disconnectNumbersNoS", "getInventoryDetails", "getInventoryDetailsNoS",
		"deskQueue", "deskGetRateCenter", "deskChangeRateCenter", "deskConsolidate", "deskSupply", "deskReclaim", "deskAddBlock",
		"deskPutRegion", "deskDecideCredit", "deskPutCustomer", "deskDecideException",
		"deskAnswerPort", "deskPortOut", "deskListRoutes", "deskPutRoute", "deskDropRoute",
	},
	"platform": {
		"issueToken", "issueTokenV2", "revokeToken", "introspectToken", "getAuthorizationServerMetadata",
		"getHealth", "getReadiness",
		"getClock", "advanceClock", "freezeClock", "thawClock", "listMagicValues", "listSettings", "putSetting", "listCustomers", "putCustomer",
		"listFaults", "putFault", "clearFault", "clearFaults", "listRequests", "getRequest",
		"createWorld", "listWorlds", "deleteWorld", "getWorld", "resetWorld",
		"createSnapshot", "listSnapshots", "restoreSnapshot", "deleteSnapshot", "forkWorld", "exportWorld", "checkWorld", "listAudit",
		"createEndpoint", "listEndpoints", "getEndpoint", "updateEndpoint", "deleteEndpoint", "rotateEndpointSecret",
		"testEndpoint", "replayEndpoint", "listDeliveries", "getDelivery", "replayDelivery",
		"listNotifications", "streamNotifications",
	},
}

func TestOperationsAreThePromisedOnesBecauseClientsAreGeneratedFromThem(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for id, op := range Operations() {
		got[op.Doc] = append(got[op.Doc], id)
	}
	for doc, ids := range promised {
		slices.Sort(ids)
		slices.Sort(got[doc])
		if diff := cmp.Diff(ids, got[doc]); diff != "" {
			t.Errorf("%s: operations (-promised +documented):\n%s", doc, diff)
		}
	}
	want := Operation{Method: "GET", Path: "/Customer/v3/Ordering/orderRequest/{id}", Doc: "ondemand"}
	if got := Operations()["getOrderRequest"]; got != want {
		t.Errorf("getOrderRequest is %+v, want %+v", got, want)
	}
}

// each runs over every operation of every document.
func each(t *testing.T, check func(t *testing.T, e entry)) {
	t.Helper()
	for _, e := range must().entries {
		t.Run(e.route.Operation.OperationID, func(t *testing.T) {
			t.Parallel()
			check(t, e)
		})
	}
}

func TestEveryAnswerPromisesARequestIdBecauseSupportAsksForIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e entry) {
		for status, r := range e.route.Operation.Responses.Map() {
			if h := r.Value.Headers["X-Request-Id"]; h == nil || !h.Value.Required {
				t.Errorf("the answer %s has no required header X-Request-Id", status)
			}
			again := r.Value.Headers["Retry-After"]
			if wanted := status == "429" || status == "503"; wanted != (again != nil) {
				t.Errorf("the answer %s: header Retry-After is there: %v, should be: %v", status, again != nil, wanted)
			}
		}
	})
}

func TestEveryOperationDocumentsTheErrorsItCanMeet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e entry) {
		op := e.route.Operation
		oauth := strings.HasPrefix(e.route.Path, "/oauth/")
		open := oauth || op.Security != nil && len(*op.Security) == 0
		changes := slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, e.route.Method) && !oauth
		must := []string{"400", "503"} // text that cannot be decoded; shedding and deadlines
		if !open {
			must = append(must, "403", "429")
			if family(e.route.Path) != "Voice" { // its source answers 403 where others answer 401
				must = append(must, "401")
			}
		}
		if changes {
			must = append(must, "409", "413", "422") // the idempotency key's, and its reading the body
		}
		if changes && op.RequestBody != nil {
			must = append(must, "415")
		}
		if len(op.Responses.Map()) <= len(must) {
			t.Error("has no answer for success")
		}
		for _, status := range must {
			if op.Responses.Value(status) == nil {
				t.Errorf("does not document %s", status)
			}
		}
		// Of care and of Voice the published documents have it, and a sandbox's caller can ask
		// for one. Of PreOrder some have codes; one without a code must not pass.
		published := e.doc == "care" || family(e.route.Path) == "Voice"
		if r := op.Responses.Value("500"); r != nil && !published && !onlyCoded(r.Value, e.doc) {
			t.Error("documents 500, so that a test would let one pass")
		}
		if key := op.Parameters.GetByInAndName("header", "Idempotency-Key"); (key != nil) != changes {
			t.Errorf("takes an Idempotency-Key: %v, should: %v", key != nil, changes)
		}
		if !changes {
			return
		}
		for status, r := range op.Responses.Map() {
			if status[0] == '2' && r.Value.Headers["Idempotent-Replayed"] == nil {
				t.Errorf("the answer %s has no header Idempotent-Replayed", status)
			}
		}
	})
}

// onlyCoded reports whether an answer is in its document's second envelope alone.
func onlyCoded(r *openapi3.Response, doc string) bool {
	media := r.Content.Get("application/json")
	coded := must().coded[doc]
	return coded != nil && media != nil && media.Schema.Value == coded
}

func TestEveryInputIsBoundedBecauseUnboundedOnesAreHowServersFall(t *testing.T) {
	t.Parallel()
	var bounded func(t *testing.T, at string, ref *openapi3.SchemaRef)
	bounded = func(t *testing.T, at string, ref *openapi3.SchemaRef) {
		s := ref.Value
		switch {
		case s.Type.Is("string") && s.MaxLength == nil && len(s.Enum) == 0 && s.Pattern == "":
			t.Errorf("%s is a text of any length", at)
		case s.Type.Is("array"):
			if s.MaxItems == nil {
				t.Errorf("%s is an array of any length", at)
			}
			bounded(t, at+"[]", s.Items)
		}
		for name, p := range s.Properties {
			bounded(t, at+"."+name, p)
		}
		for _, part := range slices.Concat(s.OneOf, s.AllOf, s.AnyOf) {
			bounded(t, at, part)
		}
	}
	each(t, func(t *testing.T, e entry) {
		for _, p := range slices.Concat(e.route.PathItem.Parameters, e.route.Operation.Parameters) {
			bounded(t, p.Value.Name, p.Value.Schema)
		}
		if body := e.route.Operation.RequestBody; body != nil {
			for _, media := range body.Value.Content {
				bounded(t, "body", media.Schema)
			}
		}
	})
}

// components cuts a document's components into their texts, "schemas.Error" and so on.
func components(text []byte) map[string]string {
	all := map[string]string{}
	_, rest, _ := strings.Cut(string(text), "\ncomponents:\n")
	kind, name := "", ""
	for line := range strings.Lines(rest) {
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case strings.TrimSpace(line) == "":
		case indent == 2:
			kind, name = strings.TrimSuffix(strings.TrimSpace(line), ":"), ""
		case indent == 4:
			name = kind + "." + strings.TrimSuffix(strings.TrimSpace(line), ":")
			all[name] = ""
		default:
			all[name] += line
		}
	}
	return all
}

func TestSharedComponentsAreTheSameTextBecauseEachDocumentStandsAlone(t *testing.T) {
	t.Parallel()
	texts := map[string]map[string]string{}
	for _, d := range api.Documents() {
		texts[d.Name] = components(d.Text)
	}
	for doc, own := range texts {
		shared := 0
		for name, text := range texts["platform"] {
			other, both := own[name]
			if !both || doc == "platform" {
				continue
			}
			shared++
			if diff := cmp.Diff(text, other); diff != "" {
				t.Errorf("%s differs (-platform +%s):\n%s", name, doc, diff)
			}
		}
		// The other families' errors and ways are their own.
		if ours := doc == "ondemand" || doc == "marketplace" || doc == "preorder" || doc == "voice"; ours && shared < 20 {
			t.Errorf("%s shares only %d components: %v", doc, shared, slices.Sorted(maps.Keys(own)))
		}
	}
}

// What the linter cannot see, the reading of the documents must; and what it can
// see must not pass here either when someone leaves the linter out.
func TestAPlantedMistakeInADocumentIsFound(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string][2]string{
		"a default out of its bounds":  {"maximum: 100, default: 10}", "maximum: 100, default: 1000}"},
		"a header's wrong example":     {"      example: 30\n", "      example: soon\n"},
		"an answer's wrong example":    {"resultCount: 4\n", "resultCount: four\n"},
		"a webhook's wrong example":    {"                state: inProgress\n", "                state: busy\n"},
		"a webhook of another type":    {"              type: ondemand.order.failed\n", "              type: ondemand.order.completed\n"},
		"an operation id given twice":  {"operationId: listLocations", "operationId: listProviders"},
		"a reference to nothing":       {"schemas/PriceList'}", "schemas/PriceLst'}"},
		"a pattern that is no pattern": {"pattern: '^NaaS-[0-9]+$', description", "pattern: '^NaaS-[0-9+$', description"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := api.Documents()
			for i, d := range documents {
				if d.Name != "ondemand" {
					continue
				}
				if !bytes.Contains(d.Text, []byte(plant[0])) {
					t.Fatalf("the document has no %q to plant the mistake in", plant[0])
				}
				documents[i].Text = bytes.Replace(d.Text, []byte(plant[0]), []byte(plant[1]), 1)
			}
			if _, err := readBook(documents); err == nil {
				t.Errorf("%q in place of %q went unnoticed", plant[1], plant[0])
			}
		})
	}
}

func TestAddressesFindTheirOperationAsInTheServersRouteTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, id, param string }{
		{"GET", "/sandbox/v1/world", "getWorld", ""},
		{"DELETE", "/sandbox/v1/worlds/w_1", "deleteWorld", "w_1"},
		{"HEAD", "/Network/v1/provider", "listProviders", ""},
		{"POST", "/webhooks/v1/endpoints/ep%2F1/secret", "rotateEndpointSecret", "ep/1"},
		{"POST", "/sandbox/v1/world/snapshots/w_2/restore", "restoreSnapshot", "w_2"},
		{"DELETE", "/sandbox/v1/worlds/", "", ""},
		{"GET", "/network/v1/provider", "", ""},
		{"PUT", "/Network/v1/provider", "", ""},
	} {
		u, err := url.Parse("http://127.0.0.1:8080" + c.path + "?x=1")
		if err != nil {
			t.Fatal(err)
		}
		e, params := must().find(c.method, u)
		switch {
		case e == nil && c.id != "":
			t.Errorf("%s %s found nothing, want %s", c.method, c.path, c.id)
		case e != nil && e.route.Operation.OperationID != c.id:
			t.Errorf("%s %s found %s, want %q", c.method, c.path, e.route.Operation.OperationID, c.id)
		case e != nil && params["id"] != c.param:
			t.Errorf("%s %s has the id %q, want %q", c.method, c.path, params["id"], c.param)
		}
	}
}
