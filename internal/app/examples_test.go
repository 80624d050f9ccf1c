package app

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"demarc/api"
	"demarc/internal/docs"

	"github.com/getkin/kin-openapi/openapi3"
)

// exampleCall is a call as the docs page fills it in before anybody has typed: every
// parameter that has an example, and one of the body's examples.
type exampleCall struct {
	name, method, path string
	header             http.Header
	body               map[string]any
	own                bool // it names the headers that prove the caller
}

// exampleCalls are those of a document.
func exampleCalls(t *testing.T, name string) (list []exampleCall) {
	t.Helper()
	i := slices.IndexFunc(api.Documents(), func(d api.Document) bool { return d.Name == name })
	doc, err := openapi3.NewLoader().LoadFromData(api.Documents()[i].Text)
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			c := exampleCall{name: op.OperationID, method: method, path: path, header: http.Header{}, own: name == "care"}
			query := "?"
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.Value.Example == nil {
					continue
				}
				text := fmt.Sprint(p.Value.Example)
				switch p.Value.In {
				case "path":
					c.path = strings.Replace(c.path, "{"+p.Value.Name+"}", text, 1)
				case "header":
					c.header.Set(p.Value.Name, text)
				default:
					c.path += query + p.Value.Name + "=" + text
					query = "&"
				}
			}
			if op.RequestBody == nil {
				list = append(list, c)
				continue
			}
			for name, e := range op.RequestBody.Value.Content.Get("application/json").Examples {
				with := c
				with.name += " " + name
				with.body = e.Value.Value.(map[string]any)
				list = append(list, with)
			}
		}
	}
	return list
}

// What the docs page is prefilled with works in a fresh world, as it stands. The one
// thing that no document can know is a provider's key: it says where there is one.
func TestTheDocumentsExamplesWorkInAFreshWorld(t *testing.T) {
	p := newPartner(t)
	for _, c := range slices.Concat(exampleCalls(t, "care"), exampleCalls(t, "marketplace")) {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.authorize(p.env["DEMARC_CLIENT_ID"], p.env["DEMARC_CLIENT_SECRET"])
			status, world := p.call("POST", "/sandbox/v1/worlds", `{"ttl":"PT1H"}`, false)
			if status != http.StatusCreated {
				t.Fatalf("%d %v", status, world)
			}
			id, secret := world["clientId"].(string), world["clientSecret"].(string)
			p.authorize(id, secret)
			status, key := p.call("POST", "/marketplace/v1/providers/PRV-1/keys", `{}`, false)
			if status != http.StatusCreated {
				t.Fatalf("%d %v", status, key)
			}
			body := ""
			if c.body != nil {
				if c.body["providerkey"] != nil {
					c.body["providerkey"] = key["clear"]
				}
				text, err := json.Marshal(c.body)
				if err != nil {
					t.Fatal(err)
				}
				body = string(text)
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, p.base+c.path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = c.header
			req.Header.Set("Authorization", "Bearer "+p.token)
			if body != "" {
				req.Header.Set("Content-Type", "application/json")
			}
			if c.own {
				req.Header.Del("Authorization")
				req.Header.Set("client_id", id)
				req.Header.Set("client_secret", secret)
			}
			res, err := p.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode > 299 {
				t.Errorf("%s %s: %d %s, %v", c.method, c.path, res.StatusCode, text, err)
			}
		})
	}
}

var (
	linked  = regexp.MustCompile(`href="([^"]+)"`)
	marked  = regexp.MustCompile(`id="([^"]+)"`)
	reasons = regexp.MustCompile(`/docs/errors#([a-z_0-9]+)`)
)

// The pages lead nowhere that is not there, and the documents' errors are explained.
func TestTheServedPagesLinkToNothingMissing(t *testing.T) {
	kit := open(t).Kit
	page := func(path string) string {
		w := httptest.NewRecorder()
		kit.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody))
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", path, w.Code)
		}
		return w.Body.String()
	}
	seen := map[string]bool{"": true}
	for _, path := range []string{"/", "/docs/", "/docs/errors", "/docs/machines", "/products", "/products/voice", "/products/care/start", "/products/ondemand/errors", "/changes"} {
		for _, m := range linked.FindAllStringSubmatch(page(path), -1) {
			to, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if strings.HasPrefix(to, "?") {
				to = path + to
			}
			if !seen[to] {
				seen[to] = true
				page(to)
			}
		}
	}
	explained := map[string]bool{}
	for _, m := range marked.FindAllStringSubmatch(page("/docs/errors"), -1) {
		explained[m[1]] = true
	}
	for _, d := range api.Documents() {
		for _, m := range reasons.FindAllStringSubmatch(string(d.Text), -1) {
			if !explained[m[1]] {
				t.Errorf("%s leads to /docs/errors#%s, which is not there", d.File, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^    url: (/\S+)$`).FindAllStringSubmatch(string(d.Text), -1) {
			page(m[1])
		}
	}
	if len(explained) < 50 || !strings.Contains(docs.ErrorsMarkdown(), "without a `reason`") {
		t.Error("the errors are not explained")
	}
}
