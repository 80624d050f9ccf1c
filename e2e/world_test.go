package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"demarc/internal/contract"
)

// actor is an application with its keys, in its world.
type actor struct {
	t        testing.TB
	node     *node
	http     *http.Client
	world    string
	id       string
	secret   string
	token    string
	customer string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string {
	return fmt.Sprintf("%d %s", a.status, short(string(bytes.TrimSpace(a.body))))
}

// watched is a client whose every request and answer is held to the contract, and whose
// answers are counted, with connections of its own: those to a server that is killed are nobody else's.
func watched(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	c := contract.Client(t, recorder{transport, &covered})
	c.Timeout = 4 * patience
	return c
}

// first is the application of a server's first start.
func first(t testing.TB, n *node) *actor {
	t.Helper()
	env := n.env(t)
	a := &actor{t: t, node: n, http: watched(t), id: env["DEMARC_CLIENT_ID"], secret: env["DEMARC_CLIENT_SECRET"],
		customer: env["DEMARC_CUSTOMER_NUMBER"]}
	a.login()
	return a
}

// newWorld is an application of a fresh world on the server.
func newWorld(t testing.TB, n *node) *actor {
	t.Helper()
	return first(t, n).makes(`{"ttl":"PT1H","seed":7,"name":"e2e"}`)
}

// makes has the actor's organisation make a world, and answers its application.
func (a *actor) makes(body string) *actor {
	a.t.Helper()
	var made struct {
		ID, ClientID, ClientSecret, CustomerNumber string
	}
	a.must(http.StatusCreated, http.MethodPost, "/sandbox/v1/worlds", body, &made)
	b := &actor{t: a.t, node: a.node, http: a.http, world: made.ID, id: made.ClientID, secret: made.ClientSecret, customer: made.CustomerNumber}
	b.login()
	return b
}

// login gets a token as clients of the real API do.
func (a *actor) login() {
	a.t.Helper()
	res := a.send(a.request(http.MethodPost, "/oauth/v2/token", "application/x-www-form-urlencoded", "grant_type=client_credentials"))
	var token struct {
		Text string `json:"access_token"`
	}
	if res.status != http.StatusOK || json.Unmarshal(res.body, &token) != nil || token.Text == "" {
		a.t.Fatalf("no token: %v", res)
	}
	a.token = token.Text
}

// request is a request with the actor's credentials: its token, or at the token
// endpoint its id and secret.
func (a *actor) request(method, path, contentType, body string) *http.Request {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.node.base+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if strings.HasPrefix(path, "/oauth/") {
		req.SetBasicAuth(url.QueryEscape(a.id), url.QueryEscape(a.secret))
		return req
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("x-customer-number", a.customer)
	return req
}

// try sends a request and answers what came back, or why nothing did.
func (a *actor) try(req *http.Request) (answer, error) {
	res, err := a.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, body}, err
}

// send is try for servers that must be there.
func (a *actor) send(req *http.Request) answer {
	a.t.Helper()
	res, err := a.try(req)
	if err != nil {
		a.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	return res
}

// call sends a JSON request.
func (a *actor) call(method, path, body string) answer {
	a.t.Helper()
	return a.send(a.request(method, path, "application/json", body))
}

// must is call, which must be answered with this status; into may be nil.
func (a *actor) must(status int, method, path, body string, into any) answer {
	a.t.Helper()
	res := a.call(method, path, body)
	if res.status != status {
		a.t.Fatalf("%s %s answers %v, want %d", method, path, res, status)
	}
	if into != nil {
		if err := json.Unmarshal(res.body, into); err != nil {
			a.t.Fatalf("%s %s answers %v: %v", method, path, res, err)
		}
	}
	return res
}

// advance moves the world's clock; the token, which lives by it, is renewed.
func (a *actor) advance(body string) answer {
	a.t.Helper()
	res := a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/advance", body, nil)
	a.login()
	return res
}

// check audits every invariant of the world.
func (a *actor) check() error {
	a.t.Helper()
	var audit struct {
		OK       bool
		Problems []string
	}
	a.must(http.StatusOK, http.MethodGet, "/sandbox/v1/world/check", "", &audit)
	if !audit.OK {
		return fmt.Errorf("invariants of the world do not hold:\n%s", strings.Join(audit.Problems, "\n"))
	}
	return nil
}

// rows is everything that the world holds, except what is written about the world
// itself when it is looked at.
func (a *actor) rows() []string {
	a.t.Helper()
	res := a.must(http.StatusOK, http.MethodGet, "/sandbox/v1/world/export", "", nil)
	var rows []string
	for line := range bytes.Lines(res.body) {
		var row struct {
			Table string
			Row   map[string]any
		}
		if err := json.Unmarshal(line, &row); err != nil {
			a.t.Fatalf("export: %v in %s", err, line)
		}
		subject, _ := row.Row["subject"].(string)
		if row.Table == "world" || row.Table == "audit" && strings.HasPrefix(subject, "world/") {
			continue
		}
		rows = append(rows, strings.TrimSpace(string(line)))
	}
	return rows
}
