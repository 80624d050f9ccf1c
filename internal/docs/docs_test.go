package docs

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"demarc/api"

	"github.com/google/go-cmp/cmp"
)

// get asks a handler mounted as the server mounts it.
func get(t *testing.T, method, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(base, Handler())
	mux.Handle(specsBase, Specs())
	req := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	maps.Copy(req.Header, header)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, req)
	return w
}

// loads are the addresses that a page makes a browser load or go to; leads are those of
// them to which only its reader goes.
var (
	loads = regexp.MustCompile(`(?i)\b(?:src|href|action|data|poster|srcset|formaction)\s*=\s*["']([^"']*)["']`)
	leads = regexp.MustCompile(`<a [^>]*>`)
)

// elsewhere finds addresses with a host of their own, in any text. What XML calls
// its vocabularies looks like one, and is never asked for.
var elsewhere = regexp.MustCompile(`(?i)(?:https?:|wss?:|["'(=]\s*)//[a-z0-9.-]+`)

func TestThePageLoadsNothingFromAnotherHost(t *testing.T) {
	t.Parallel()
	w := get(t, "GET", "/docs/", nil)
	text := w.Body.String()
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("answered %d %s", w.Code, w.Header())
	}
	for _, a := range leads.FindAllString(text, -1) {
		if m := loads.FindStringSubmatch(a); m == nil || !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") || strings.HasPrefix(m[1], "//") {
			t.Errorf("the page leads elsewhere: %s", a)
		}
	}
	var found []string
	for _, m := range loads.FindAllStringSubmatch(leads.ReplaceAllString(text, ""), -1) {
		found = append(found, m[1])
		if !strings.HasPrefix(m[1], "/docs/") {
			t.Errorf("the page loads %q", m[1])
			continue
		}
		if a := get(t, "GET", m[1], nil); a.Code != http.StatusOK {
			t.Errorf("%s answers %d", m[1], a.Code)
		}
	}
	if len(found) != len(assets)+len(ours) {
		t.Errorf("the page loads %v, which is not what is served: %v and %v", found, assets, ours)
	}
	// The script's own comparison with "https://" names no host.
	if hosts := elsewhere.FindAllString(text, -1); len(hosts) > 0 {
		t.Errorf("the page names other hosts: %v", hosts)
	}
}

func TestTheSettingsNameOurDocumentsOnlyAndNoValidator(t *testing.T) {
	t.Parallel()
	text := get(t, "GET", "/docs/", nil).Body.String()
	for _, want := range []string{
		`[new URLSearchParams(location.search).get("api")] || "Internet On-Demand"`,
		`"urls.primaryName": {"care":"Care: customer identification",`,
		`validatorUrl: null`,
		`queryConfigEnabled: false`,
		`"showTopBar":true`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page's settings have no %s", want)
		}
	}
	listed := regexp.MustCompile(`"url":"([^"]*)"`).FindAllStringSubmatch(text, -1)
	var urls, want []string
	for _, m := range listed {
		urls = append(urls, m[1])
		if a := get(t, "GET", m[1], nil); a.Code != http.StatusOK {
			t.Errorf("%s answers %d", m[1], a.Code)
		}
	}
	for _, d := range api.Documents() {
		want = append(want, "/api/"+d.File)
	}
	want = append(want[1:], want[0]) // the platform's comes last
	if diff := cmp.Diff(want, urls); diff != "" {
		t.Errorf("documents (-wanted +in the page):\n%s", diff)
	}
}

func TestTheStylesheetLoadsNothingFromAnotherHost(t *testing.T) {
	t.Parallel()
	text := get(t, "GET", "/docs/swagger-ui.css", nil).Body.String()
	uses := regexp.MustCompile(`(?:url\(|@import\s+)\s*["']?([^"')]{0,40})`).FindAllStringSubmatch(text, -1)
	if len(uses) == 0 {
		t.Error("found no url() at all, so this looks at the wrong thing")
	}
	for _, m := range uses {
		if !strings.HasPrefix(m[1], "data:") {
			t.Errorf("the stylesheet loads %q", m[1])
		}
	}
}

func TestThePolicyAllowsThePagesOwnScriptsAndNoOthers(t *testing.T) {
	t.Parallel()
	w := get(t, "GET", "/docs/", nil)
	policy := w.Header().Get("Content-Security-Policy")
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy has %q: %s", never, policy)
		}
	}
	again, err := contentPolicy(w.Body.Bytes())
	if err != nil || again != policy {
		t.Errorf("the policy is not that of the page:\n%s\n%s %v", policy, again, err)
	}
	changed, err := contentPolicy([]byte(strings.Replace(w.Body.String(), "window.onload", "alert(1);window.onload", 1)))
	if err != nil || changed == policy {
		t.Errorf("a changed script has the same policy: %v", err)
	}
	if _, err := contentPolicy([]byte("<html></html>")); err == nil {
		t.Error("a page without scripts has a policy, so a new version of Swagger UI would break unnoticed")
	}
}

func TestTheDocumentsAreServedAsTheyWereBuilt(t *testing.T) {
	t.Parallel()
	type file struct{ File, text, media string }
	var all []file
	for _, d := range api.Documents() {
		all = append(all, file{d.File, string(d.Text), "application/yaml"})
	}
	for _, s := range api.Schemas() {
		all = append(all, file{s.File, string(s.Text), "application/xml"})
	}
	for _, d := range all {
		w := get(t, "GET", "/api/"+d.File, nil)
		if w.Code != http.StatusOK || w.Body.String() != d.text {
			t.Errorf("%s: answered %d and %d bytes", d.File, w.Code, w.Body.Len())
		}
		if got := w.Header().Get("Content-Type"); got != d.media {
			t.Errorf("%s is %q", d.File, got)
		}
		tag := w.Header().Get("ETag")
		if len(tag) < 10 {
			t.Errorf("%s has the ETag %q", d.File, tag)
		}
		if again := get(t, "GET", "/api/"+d.File, http.Header{"If-None-Match": {tag}}); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s asked for again answers %d and %d bytes", d.File, again.Code, again.Body.Len())
		}
		if head := get(t, "HEAD", "/api/"+d.File, nil); head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("ETag") != tag {
			t.Errorf("HEAD %s answers %d and %d bytes", d.File, head.Code, head.Body.Len())
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/docs/embed.go", 404},
		{"GET", "/docs/oauth2-redirect.html", 404},
		{"GET", "/docs/swagger-ui.js", 404},
		{"GET", "/docs/x/swagger-ui.css", 404},
		{"GET", "/api/", 404},
		{"GET", "/api/redocly.yaml", 404},
		{"GET", "/api/package.json", 404},
		{"POST", "/docs/", 405},
		{"DELETE", "/api/platform.yaml", 405},
		{"HEAD", "/docs/", 200},
		{"GET", "/docs", 307},
	} {
		w := get(t, c.method, c.path, nil)
		if w.Code != c.status && !(c.status == 307 && w.Code == 301) {
			t.Errorf("%s %s answers %d, want %d", c.method, c.path, w.Code, c.status)
		}
		if c.status == http.StatusMethodNotAllowed && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s does not say what is possible", c.method, c.path)
		}
		if c.path != "/docs" && w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s may be sniffed", c.method, c.path)
		}
	}
}

func TestThePageIsNotSentAgainWhileItIsTheSame(t *testing.T) {
	t.Parallel()
	tag := get(t, "GET", "/docs/", nil).Header().Get("ETag")
	if w := get(t, "GET", "/docs/", http.Header{"If-None-Match": {tag}}); w.Code != http.StatusNotModified {
		t.Errorf("answered %d", w.Code)
	}
	if w := get(t, "GET", "/docs/swagger-ui-bundle.js", http.Header{"Accept-Encoding": {"gzip"}}); w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 600_000 {
		t.Errorf("the script is sent as %q in %d bytes", w.Header().Get("Content-Encoding"), w.Body.Len())
	}
}
