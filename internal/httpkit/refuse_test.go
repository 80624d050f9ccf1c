package httpkit_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"demarc/internal/httpkit"
)

// anyToken takes every token.
type anyToken struct{}

func (anyToken) Authenticate(context.Context, string) (*httpkit.Caller, error) {
	return &httpkit.Caller{App: "app_known", World: "w"}, nil
}

// The hook is asked about calls whose caller may make them, and about no others; what
// it answers is answered, and then the handler does not run.
func TestACallMayBeRefusedWhenItsCallerIsKnown(t *testing.T) {
	t.Parallel()
	var asked, handled []string
	handle := func(w http.ResponseWriter, r *http.Request) error {
		handled = append(handled, r.URL.Path)
		return httpkit.JSON(w, http.StatusOK, nil)
	}
	kit := httpkit.New(httpkit.Options{Auth: anyToken{}, Log: slog.New(slog.DiscardHandler),
		Refuse: func(_ context.Context, c *httpkit.Caller, route *httpkit.Route) error {
			asked = append(asked, route.OperationID)
			if c == nil || route.OperationID == "bad" {
				return httpkit.Overloaded.With()
			}
			return nil
		}})
	kit.Add(httpkit.Route{Method: http.MethodGet, Pattern: "/good", OperationID: "good", Handle: handle},
		httpkit.Route{Method: http.MethodGet, Pattern: "/bad", OperationID: "bad", Handle: handle},
		httpkit.Route{Method: http.MethodGet, Pattern: "/open", OperationID: "open", Open: true, Handle: handle},
		httpkit.Route{Method: http.MethodGet, Pattern: "/product", OperationID: "product", Product: "none", Handle: handle})
	for _, c := range []struct {
		path, token string
		want        int
	}{{"/good", "t", 200}, {"/bad", "t", 503}, {"/open", "", 200}, {"/bad", "", 401}, {"/product", "t", 403}, {"/nowhere", "t", 404}} {
		r := httptest.NewRequest(http.MethodGet, c.path, http.NoBody)
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		w := httptest.NewRecorder()
		kit.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s answered %d %s, want %d", c.path, w.Code, w.Body, c.want)
		}
	}
	if len(asked) != 2 || asked[0] != "good" || asked[1] != "bad" {
		t.Errorf("it was asked about %v", asked)
	}
	if len(handled) != 2 || handled[0] != "/good" || handled[1] != "/open" {
		t.Errorf("handled were %v", handled)
	}
}
