package httpkit_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// A family answers in its own way whatever happens below its prefix: its routes'
// errors, wrong credentials, wrong methods, paths that are not there.
func TestAFamilyAnswersInItsOwnWay(t *testing.T) {
	kit := httpkit.New(httpkit.Options{Auth: noTokens{}, Log: slog.New(slog.DiscardHandler)})
	family := &httpkit.Family{
		Prefix: "/own/", Challenge: "Own", Correlation: "Correlation-ID", NoStore: true,
		Authenticate: func(r *http.Request) (*httpkit.Caller, error) {
			if r.Header.Get("password") != "right" {
				return nil, httpkit.Unauthorized.With()
			}
			return &httpkit.Caller{App: "app_own", World: "production", Products: []string{"own"}}, nil
		},
		Render: func(r *http.Request, f *fault.Error) any {
			return map[string]any{"own": f.Code.ID, "said": f.Message, "id": httpkit.RequestID(r.Context())}
		},
		NotAllowed: func(method, pattern string) error {
			return httpkit.MethodNotAllowed.Say("%s of %s", strings.ToLower(method), pattern)
		},
	}
	kit.AddFamily(family,
		httpkit.Route{Method: "GET", Pattern: "/own/{id}", OperationID: "getOwn", Product: "own", Handle: func(w http.ResponseWriter, r *http.Request) error {
			return httpkit.JSON(w, 200, httpkit.From(r.Context()).App)
		}},
		httpkit.Route{Method: "GET", Pattern: "/own/{id}/other", OperationID: "getOther", Product: "other", Handle: func(http.ResponseWriter, *http.Request) error {
			t.Error("a caller without the product got in")
			return nil
		}})
	kit.Add(httpkit.Route{Method: "GET", Pattern: "/plain", OperationID: "getPlain", Handle: func(http.ResponseWriter, *http.Request) error { return nil }})
	for _, c := range []struct {
		name, method, path, password string
		status                       int
		has                          string
	}{
		{"a proven caller gets in", "GET", "/own/1", "right", 200, `"app_own"`},
		{"a wrong password is refused in the family's words", "GET", "/own/1", "wrong", 401, `"own":"token_missing"`},
		{"a product that was not approved is refused in them too", "GET", "/own/1/other", "right", 403, `"own":"product_not_approved"`},
		{"a wrong method names the pattern", "POST", "/own/1", "right", 405, `"said":"post of /own/{id}"`},
		{"a path that is not there is the family's", "GET", "/own/1/2/3", "right", 404, `"own":"not_found"`},
		{"other paths stay the platform's", "GET", "/plain", "right", 401, `"reason":"token_missing"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Header.Set("password", c.password)
			r.Header.Set("Correlation-ID", "mine-1")
			w := httptest.NewRecorder()
			kit.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Fatalf("got %d %s, want %d with %s", w.Code, w.Body, c.status, c.has)
			}
			own := strings.HasPrefix(c.path, "/own/")
			// The map's key is what goes over the wire.
			if got := w.Header()["Correlation-ID"]; own != slices.Equal(got, []string{"mine-1"}) {
				t.Errorf("Correlation-ID came back as %q", got)
			}
			if got := w.Header().Get("Cache-Control"); own != (got == "no-store") {
				t.Errorf("Cache-Control is %q", got)
			}
			if want := map[bool]string{true: "Own", false: `Bearer realm="demarc"`}[own]; c.status == 401 && w.Header().Get("WWW-Authenticate") != want {
				t.Errorf("challenged with %q, want %q", w.Header().Get("WWW-Authenticate"), want)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("not JSON: %s", w.Body)
			}
		})
	}
}

var (
	ownSeller = fault.New("test", "own_seller", 401, "The seller is not known.")
	ownGone   = fault.New("test", "own_gone", 404, "It is gone.")
)

// A family may render some errors and leave the others to the platform: then each
// body has the challenge that belongs to it, and a seller who is not known is not said
// to have sent a wrong token.
func TestAFamilyMayLeaveErrorsToThePlatform(t *testing.T) {
	kit := httpkit.New(httpkit.Options{Auth: aToken{}, Log: slog.New(slog.DiscardHandler)})
	family := &httpkit.Family{Challenge: `Bearer realm="demarc"`, Render: func(_ *http.Request, f *fault.Error) any {
		if f.Code != ownSeller {
			return nil
		}
		return map[string]any{"own": f.Code.ID}
	}}
	fails := func(id string, err error) httpkit.Route {
		return httpkit.Route{Method: http.MethodGet, Pattern: "/own/" + id, OperationID: id, Handle: func(http.ResponseWriter, *http.Request) error { return err }}
	}
	kit.AddFamily(family, fails("seller", ownSeller), fails("gone", ownGone))
	for _, c := range []struct {
		name, path, token string
		status            int
		has, challenge    string
	}{
		{"its own error, with a challenge that tells nothing wrong of the token", "/own/seller", "good", 401, `{"own":"own_seller"}`, `Bearer realm="demarc"`},
		{"another of the family's", "/own/gone", "good", 404, `"reason":"own_gone"`, ""},
		{"no token", "/own/gone", "", 401, `"reason":"token_missing"`, `Bearer realm="demarc"`},
		{"a wrong token", "/own/seller", "bad", 401, `"reason":"own_token"`,
			`Bearer realm="demarc", error="invalid_token", error_description="That token is not known."`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			w := httptest.NewRecorder()
			kit.ServeHTTP(w, r)
			if got := w.Header().Get("WWW-Authenticate"); w.Code != c.status || !strings.Contains(w.Body.String(), c.has) || got != c.challenge {
				t.Fatalf("got %d %s challenged with %q, want %d with %s and %q", w.Code, w.Body, got, c.status, c.has, c.challenge)
			}
		})
	}
}

var ownToken = fault.New("test", "own_token", 401, "That token is not known.")

// aToken knows one token.
type aToken struct{}

func (aToken) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	if token != "good" {
		return nil, ownToken
	}
	return &httpkit.Caller{App: "app_own", World: "production"}, nil
}

type noTokens struct{}

func (noTokens) Authenticate(context.Context, string) (*httpkit.Caller, error) {
	return nil, httpkit.Unauthorized
}

// terms are what the errors of a family are called that knows no 401 and has codes for
// our own mistakes.
var terms = map[*fault.Code]*fault.Code{
	httpkit.Unauthorized:     fault.New("test", "terms_nobody", 403, "Nobody knows you."),
	httpkit.MethodNotAllowed: fault.New("test", "terms_method", 405, "Not like that."),
	httpkit.TooManyRequests:  fault.New("test", "terms_often", 429, "Not so often."),
	httpkit.Internal:         fault.New("test", "terms_broken", 500, "It is broken."),
	httpkit.Timeout:          fault.New("test", "terms_late", 504, "It is late."),
	httpkit.Overloaded:       fault.New("test", "terms_full", 503, "It is full."),
}

// What an error is called is said before anything is answered: the status is the
// family's, and so is what goes with it. What the caller needs to go on stays.
func TestAFamilyMayCallErrorsByItsOwnNames(t *testing.T) {
	kit := httpkit.New(httpkit.Options{Auth: aToken{}, Log: slog.New(slog.DiscardHandler), Deadline: 50 * time.Millisecond, Rate: 1e-6})
	family := &httpkit.Family{Prefix: "/own/", Translate: func(r *http.Request, f *fault.Error) *fault.Error {
		if r.URL.Path == "" {
			t.Error("a translation without a request")
		}
		if own := terms[f.Code]; own != nil {
			return own.With()
		}
		return f
	}}
	route := func(id string, open bool, handle httpkit.Handler) httpkit.Route {
		return httpkit.Route{Method: http.MethodGet, Pattern: "/own/" + id, OperationID: id, Open: open, Handle: handle}
	}
	kit.AddFamily(family,
		route("closed", false, func(http.ResponseWriter, *http.Request) error { return nil }),
		route("panics", true, func(http.ResponseWriter, *http.Request) error { panic("as the test wants it") }),
		route("late", true, func(_ http.ResponseWriter, r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }),
		route("full", true, func(http.ResponseWriter, *http.Request) error { return httpkit.Overloaded }),
		route("gone", true, func(http.ResponseWriter, *http.Request) error { return ownGone }))
	kit.Add(httpkit.Route{Method: http.MethodGet, Pattern: "/plain", OperationID: "plain", Handle: func(http.ResponseWriter, *http.Request) error { return nil }})
	for _, c := range []struct {
		name, method, path, token string
		status                    int
		reason                    string
		header                    map[string]string
	}{
		{"a 401 becomes a 403, and challenges nobody", "GET", "/own/closed", "", 403, "terms_nobody", map[string]string{"WWW-Authenticate": ""}},
		{"also where there is nothing", "DELETE", "/own/closed", "", 405, "terms_method", map[string]string{"Allow": "GET"}},
		{"a mistake of ours", "GET", "/own/panics", "", 500, "terms_broken", nil},
		{"a deadline", "GET", "/own/late", "", 504, "terms_late", map[string]string{"Retry-After": ""}},
		{"a 503 says when to come back", "GET", "/own/full", "", 503, "terms_full", map[string]string{"Retry-After": "1"}},
		{"the first call", "GET", "/own/closed", "good", 200, "", nil},
		{"the second says so too", "GET", "/own/closed", "good", 429, "terms_often", map[string]string{"Retry-After": "1"}},
		{"what it has no name for stays", "GET", "/own/gone", "", 404, "own_gone", nil},
		{"other paths are the platform's", "GET", "/plain", "", 401, "token_missing", map[string]string{"WWW-Authenticate": `Bearer realm="demarc"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			w := httptest.NewRecorder()
			kit.ServeHTTP(w, r)
			if w.Code != c.status || c.reason != "" && !strings.Contains(w.Body.String(), `"reason":"`+c.reason+`"`) {
				t.Fatalf("got %d %s, want %d %s", w.Code, w.Body, c.status, c.reason)
			}
			for name, want := range c.header {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}
