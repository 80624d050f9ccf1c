package httpkit_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"demarc/internal/httpkit"
)

// known authenticates every token as one caller.
type known struct{ caller *httpkit.Caller }

func (k known) Authenticate(context.Context, string) (*httpkit.Caller, error) { return k.caller, nil }

func TestEDGE_CUS_01_TheCustomerIsNamedUnlessThereIsOnlyOne(t *testing.T) {
	active := func(number string) httpkit.Customer { return httpkit.Customer{Number: number, State: "active"} }
	one := map[string]httpkit.Customer{"1-A": active("1-A"), "1-ALIAS": active("1-A")}
	two := map[string]httpkit.Customer{"1-A": active("1-A"), "1-B": {Number: "1-B", State: "suspended"}}
	for _, c := range []struct {
		why       string
		customers map[string]httpkit.Customer
		number    string
		status    int
		has       string
	}{
		{"the only one", one, "", 200, `"1-A"`},
		{"by its other number", one, " 1-ALIAS ", 200, `"1-A"`},
		{"one of two", two, "1-A", 200, `"1-A"`},
		{"which of two", two, "", 400, `"rule":"EDGE-CUS-01"`},
		{"of none", nil, "", 400, `"reason":"customer_number_required"`},
		{"another's", one, "1-B", 403, `"reason":"customer_forbidden"`},
		{"a suspended one", two, "1-B", 403, `"reason":"customer_suspended"`},
	} {
		t.Run(c.why, func(t *testing.T) {
			kit := httpkit.New(httpkit.Options{Auth: known{&httpkit.Caller{App: "app", Customers: c.customers}}, Log: slog.New(slog.DiscardHandler)})
			kit.Add(httpkit.Route{Method: http.MethodGet, Pattern: "/x", OperationID: "getX", Handle: func(w http.ResponseWriter, r *http.Request) error {
				customer, err := httpkit.CustomerOf(r)
				if err != nil {
					return err
				}
				return httpkit.JSON(w, http.StatusOK, customer.Number)
			}})
			r := httptest.NewRequest(http.MethodGet, "/x", http.NoBody)
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Set(httpkit.CustomerHeader, c.number)
			w := httptest.NewRecorder()
			kit.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("%d %s, want %d with %s", w.Code, w.Body, c.status, c.has)
			}
		})
	}
}

// net/http takes a pattern that ends in a slash for everything below it.
func TestAPatternThatEndsInASlashIsThatPathAlone(t *testing.T) {
	kit := httpkit.New(httpkit.Options{Auth: noTokens{}, Log: slog.New(slog.DiscardHandler)})
	kit.Add(httpkit.Route{Method: http.MethodPost, Pattern: "/told/", OperationID: "tell", Open: true,
		Handle: func(w http.ResponseWriter, _ *http.Request) error { return httpkit.JSON(w, http.StatusCreated, nil) }})
	for call, want := range map[string]int{"POST /told/": 201, "POST /told/x": 404, "POST /told/x/": 404, "GET /told/": 405} {
		method, path, _ := strings.Cut(call, " ")
		w := httptest.NewRecorder()
		kit.ServeHTTP(w, httptest.NewRequest(method, path, http.NoBody))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", call, w.Code, want)
		}
	}
}
