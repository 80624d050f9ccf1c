package sandboxhttp_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/sandbox"
	"demarc/internal/sandbox/sandboxhttp"
)

const customersPath = "/sandbox/v1/customers"

// eachOwner serves the sandbox's calls to a real application, whose token stands in for
// its name.
func eachOwner(t *testing.T, test func(t *testing.T, e *edge, token string)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		ids := identity.New(d, identity.Options{})
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			identity.PutCustomer(tx, identity.Customer{Number: "1-A", Name: "Able"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-OLD", GoesBy: "1-A", Name: "Old"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-B", Name: "Baker"})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		token := identitytest.Token(t, ids, identitytest.App(t, ids, world, "ondemand"))
		k := httpkit.New(httpkit.Options{DB: d, Auth: ids, Log: slog.New(slog.DiscardHandler)})
		k.Add(sandboxhttp.Routes(k, sandbox.New(sandbox.Options{DB: d, Identity: ids}), sandboxhttp.Options{})...)
		s := httptest.NewServer(k)
		t.Cleanup(s.Close)
		test(t, &edge{d, world, s.URL, contract.Client(t, s.Client().Transport)}, token)
	})
}

const (
	able  = `{"number":"1-A","goesBy":"1-A","name":"Able","state":"active","granted":true}`
	old   = `{"number":"1-OLD","goesBy":"1-A","name":"Able","state":"active","granted":true}`
	baker = `{"number":"1-B","goesBy":"1-B","name":"Baker","state":"active","granted":true}`
)

func TestAnOwnerListsAndPutsTheCustomersOfItsWorld(t *testing.T) {
	eachOwner(t, func(t *testing.T, e *edge, token string) {
		put := func(number, body, want string) {
			t.Helper()
			e.wants(t, call{method: "PUT", path: customersPath + "/" + number, body: body, app: token}, want)
		}
		lists := func(query, want string) {
			t.Helper()
			e.wants(t, call{method: "GET", path: customersPath + query, app: token}, want)
		}
		lists("", `{"customers":[`+able+`,`+baker+`,`+old+`],"next":""}`)
		lists("?pageSize=2", `{"customers":[`+able+`,`+baker+`],"next":"1-B"}`)
		lists("?pageSize=2&after=1-B", `{"customers":[`+old+`],"next":""}`)
		lists("?after=2", `{"customers":[],"next":""}`)

		put("1-A", `{}`, able)
		put("1-A", `{"name":"Able & Co","state":"suspended"}`, `{"number":"1-A","goesBy":"1-A","name":"Able & Co","state":"suspended","granted":true}`)
		put("1-OLD", `{"granted":false}`, `{"number":"1-OLD","goesBy":"1-A","name":"Able & Co","state":"suspended","granted":false}`)
		put("1-A", `{"name":"Able","state":"active","granted":true}`, able)
		// What a list or an answer has can be put as it is.
		put("1-OLD", old, old)
		put("1%2FC", `{"name":"Charlie"}`, `{"number":"1/C","goesBy":"1/C","name":"Charlie","state":"active","granted":true}`)
	})
}

func TestARuleThatACustomerBreaksIsNamedOverHTTP(t *testing.T) {
	eachOwner(t, func(t *testing.T, e *edge, token string) {
		for _, c := range []struct{ number, body, want string }{
			{"*", `{}`, "invalid_request SBX-CUS-01 number"},
			{"a%20b", `{"name":"","state":""}`, "invalid_request SBX-CUS-01 number SBX-CUS-02 name SBX-CUS-03 state"},
			{"1-A", `{"state":"closed"}`, "invalid_request SBX-CUS-03 state"},
			{"1-OLD", `{"state":"suspended"}`, "invalid_request SBX-CUS-05 state"},
			{"1-A", `{"granted":"no"}`, "malformed_request EDGE-JSON-02 granted"},
			{"1-A", `{"grantd":false}`, "malformed_request EDGE-JSON-03 grantd"},
			{"1-A", ``, "malformed_request EDGE-JSON-01 body"},
			{"a%00b", `{}`, "malformed_request EDGE-TEXT-01 path"},
		} {
			e.refused(t, call{method: "PUT", path: customersPath + "/" + c.number, body: c.body, app: token, bad: true}, "400 "+c.want)
		}
		e.refused(t, call{method: "GET", path: customersPath + "?pageSize=1001", app: token, bad: true}, "400 invalid_request EDGE-PAGE-01 pageSize")
		e.wants(t, call{method: "GET", path: customersPath, app: token}, `{"customers":[`+able+`,`+baker+`,`+old+`],"next":""}`)
	})
}

func TestCustomersOfProductionAreNotTheApplications(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.refused(t, call{method: "GET", path: customersPath, app: "live"}, "403 sandbox_only")
		e.refused(t, call{method: "PUT", path: customersPath + "/1-A", body: `{"state":"suspended"}`, app: "live"}, "403 sandbox_only")
	})
}

// The second request with a key is answered as the first was, and takes nothing again.
func TestACustomerIsPutWithAKeyOnce(t *testing.T) {
	eachOwner(t, func(t *testing.T, e *edge, token string) {
		first := call{method: "PUT", path: customersPath + "/1-B", body: `{"granted":false}`, key: "key-1", app: token}
		want := `{"number":"1-B","goesBy":"1-B","name":"Baker","state":"active","granted":false}`
		if status, body, replayed := e.call(t, first); status != http.StatusOK || body != want || replayed {
			t.Fatalf("the first answered %d %s, replayed: %v", status, body, replayed)
		}
		e.wants(t, call{method: "PUT", path: customersPath + "/1-B", body: `{"granted":true}`, app: token}, baker)
		if status, body, replayed := e.call(t, first); status != http.StatusOK || body != want || !replayed {
			t.Errorf("the second answered %d %s, replayed: %v", status, body, replayed)
		}
		e.wants(t, call{method: "PUT", path: customersPath + "/1-B", body: `{}`, app: token}, baker)
	})
}
