package identityhttp_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identityhttp"
	"demarc/internal/identity/identitytest"
)

// server is the program's edge with the OAuth routes, and one route that needs a
// token.
type server struct {
	*httptest.Server
	s   *identity.Service
	d   *db.DB
	app identity.App
}

func newServer(t testing.TB, d *db.DB, world string) *server {
	t.Helper()
	s := identity.New(d, identity.Options{})
	k := httpkit.New(httpkit.Options{DB: d, Auth: s, Log: slog.New(slog.DiscardHandler)})
	k.Add(identityhttp.Routes(k, s, identityhttp.Options{})...)
	k.Add(httpkit.Route{Method: http.MethodGet, Pattern: "/whoami", OperationID: "whoami", Product: "ondemand",
		Handle: func(w http.ResponseWriter, r *http.Request) error {
			return httpkit.JSON(w, http.StatusOK, map[string]string{"app": httpkit.From(r.Context()).App})
		}})
	srv := httptest.NewServer(k)
	t.Cleanup(srv.Close)
	return &server{Server: srv, s: s, d: d, app: identitytest.App(t, s, world, "ondemand")}
}

func each(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newServer(t, d, dbtest.World(t, d))) })
}

// sqlite runs a test of what does not depend on the database.
func sqlite(t *testing.T) *server {
	t.Helper()
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	return newServer(t, d, dbtest.World(t, d))
}

func (s *server) id() string     { return s.app.ID }
func (s *server) secret() string { return s.app.Secrets[0].Clear }

// request is one call of the tests.
type request struct {
	method, path, body string
	header             http.Header
	basic              [2]string
}

type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (s *server) do(t *testing.T, q request) answer {
	t.Helper()
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.path == "" {
		q.path = "/oauth/token"
	}
	r, err := http.NewRequestWithContext(t.Context(), q.method, s.URL+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	if q.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, q.header)
	if q.basic[0] != "" {
		r.SetBasicAuth(q.basic[0], q.basic[1])
	}
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(body)}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &a.json); err != nil {
			t.Fatalf("%s %s answered %d %q, which is not JSON: %v", q.method, q.path, a.status, body, err)
		}
	}
	return a
}

// own is a request of the server's application, by HTTP Basic.
func (s *server) own(path string, pairs ...string) request {
	return request{path: path, body: encode(pairs...), basic: [2]string{s.id(), s.secret()}}
}

func encode(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// token gets one.
func (s *server) token(t *testing.T) string {
	t.Helper()
	a := s.do(t, s.own("/oauth/token", "grant_type", "client_credentials"))
	token, _ := a.json["access_token"].(string)
	if a.status != http.StatusOK || token == "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	return token
}

// whoami is the status of a call with the token, and the error of its challenge.
func (s *server) whoami(t *testing.T, token string) (status int, challenge, reason string) {
	t.Helper()
	a := s.do(t, request{method: http.MethodGet, path: "/whoami", header: http.Header{"Authorization": {"Bearer " + token}}})
	reason, _ = a.json["reason"].(string)
	return a.status, a.header.Get("WWW-Authenticate"), reason
}
