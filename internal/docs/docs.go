// Package docs serves the contract to people: the OpenAPI documents of package api
// at /api/, and a page at /docs/ that renders them, with a form to fetch a token
// and to try every call against the server that the page came from.
//
// The page is Swagger UI, embedded: nothing on it comes from another host, and its
// Content-Security-Policy sees to it that nothing can, nor is anything sent to one.
// Above it is a bar of ours (assets/), which leads back to the portal and fetches, from
// the portal, a token for one of the reader's own sandbox applications.
// Begin at Handler (the page) or Specs (the documents); markdown.go makes the pages in
// docs/ that come from the code.
package docs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"demarc/api"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

// Where the handlers are to be mounted. The page's addresses are made of them.
const (
	base      = "/docs/"
	specsBase = "/api/"
)

// listed are the documents in the order of the page's list: first what a newcomer came
// for, the platform's last.
func listed() []api.Document {
	list := api.Documents()
	return append(list[1:], list[0])
}

//go:embed assets
var bar embed.FS

// ours are the files of the bar.
var ours = map[string]string{
	"docs.css": "text/css; charset=utf-8",
	"docs.js":  "text/javascript; charset=utf-8",
}

// assets are the files of Swagger UI that the page needs. The library has more,
// which are nobody's business.
var assets = map[string]bool{
	"swagger-ui.css":                  true,
	"swagger-ui-bundle.js":            true,
	"swagger-ui-standalone-preset.js": true,
	"favicon-16x16.png":               true,
	"favicon-32x32.png":               true,
}

// Handler serves the page. Mount it at /docs/. It panics when the page cannot be
// built, which depends on nothing but this program.
func Handler() http.Handler {
	ui := v5emb.NewHandlerWithConfig(settings(listed()))
	var built page
	ui.ServeHTTP(&built, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: base}})
	text := built.body.Bytes()
	policy, err := contentPolicy(text)
	if err != nil {
		panic("docs: " + err.Error())
	}
	tag := etag(text)
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		switch name := strings.TrimPrefix(r.URL.Path, base); {
		case ours[name] != "":
			own(w, r, name)
		case name == "":
			h := w.Header()
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Content-Security-Policy", policy)
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cache-Control", "no-cache")
			h.Set("ETag", tag)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
		case assets[name]:
			w.Header().Set("Cache-Control", "public, max-age=3600")
			ui.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// own serves a file of the bar.
func own(w http.ResponseWriter, r *http.Request, name string) {
	text, err := bar.ReadFile("assets/" + name)
	if err != nil {
		panic("docs: " + err.Error()) // it was embedded
	}
	h := w.Header()
	h.Set("Content-Type", ours[name])
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", etag(text))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// Specs serves the documents, and the schemas beside them. Mount it at /api/.
func Specs() http.Handler {
	type file struct {
		text  []byte
		tag   string
		media string
	}
	files := map[string]file{}
	for _, d := range api.Documents() {
		files[d.File] = file{d.Text, etag(d.Text), "application/yaml"} // RFC 9512
	}
	for _, s := range api.Schemas() {
		files[s.File] = file{s.Text, etag(s.Text), "application/xml"}
	}
	return readOnly(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[strings.TrimPrefix(r.URL.Path, specsBase)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.media)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", f.tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.text))
	})
}

// readOnly refuses what is neither GET nor HEAD.
func readOnly(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are possible here", http.StatusMethodNotAllowed)
			return
		}
		serve(w, r)
	})
}

// settings is Swagger UI's configuration.
func settings(list []api.Document) swgui.Config {
	type entry struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	}
	var urls []entry
	names := map[string]string{}
	for _, d := range list {
		urls = append(urls, entry{specsBase + d.File, d.Title})
		names[d.Name] = d.Title
	}
	return swgui.Config{
		Title:       "demarc APIs",
		BasePath:    base,
		SwaggerJSON: urls[0].URL,
		ShowTopBar:  true, // it has the list of documents
		SettingsUI: map[string]string{
			"urls":                     script(urls),
			`"urls.primaryName"`:       script(names) + `[new URLSearchParams(location.search).get("api")] || ` + script(list[0].Title),
			"queryConfigEnabled":       "false", // else ?url=… would render anybody's document here
			"validatorUrl":             "null",  // else a badge would ask another host
			"defaultModelsExpandDepth": "0",
			"displayRequestDuration":   "true",
			"plugins":                  plugins,
		},
		AppendHead:  `<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs/docs.css"><script src="/docs/docs.js" defer></script>`,
		PrependHTML: barHTML,
	}
}

// barHTML is the bar before its script has found out who reads.
const barHTML = `<a class="skip" href="#swagger-ui">Skip to the documents</a>
<header class="portal">
<nav aria-label="Portal"><a class="home" href="/">demarc</a><a href="/products">Products</a><a href="/docs/" aria-current="page">API reference</a><a href="/docs/errors">Errors</a><a href="/docs/machines">State machines</a></nav>
<div class="fill"><div id="authorize"><a href="/signin?back=%2Fdocs%2F">Sign in</a> to have Authorize filled for you, with your own sandbox.</div><div id="authorize-said" role="status"></div></div>
</header>`

// plugins puts our name where Swagger UI's logo is: the logo brings a style of its
// own, which the policy would refuse. And it puts a day of next week where an example of
// a request has the day that its caller must choose: no document can know one that is
// good on every day.
const plugins = `[SwaggerUIBundle.plugins.DownloadUrl, function (system) {
	return {components: {Logo: function () {
		return system.React.createElement("strong", null, "demarc");
	}}};
}, function () {
	return {statePlugins: {spec: {wrapActions: {updateSpec: function (update) {
		return function (text) {
			var day = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString().slice(0, 19) + "Z";
			return update(text.replace(/(customerRequestDate: )'2040-06-08T15:00:00Z'/g, "$1'" + day + "'"));
		};
	}}}}};
}]`

// script writes a value as JavaScript.
func script(v any) string {
	b, err := json.Marshal(v) // it escapes what could end a script element
	if err != nil {
		panic("docs: " + err.Error())
	}
	return string(b)
}

var inline = regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`)

// contentPolicy allows what the page needs and nothing else: its own files, the
// scripts and styles that are in it now, by their hashes, and calls to its own
// server. What Swagger UI does to elements' styles it does through the DOM, which
// no policy forbids.
func contentPolicy(text []byte) (string, error) {
	hashes := map[string][]string{}
	for _, m := range inline.FindAllSubmatch(text, -1) {
		sum := sha256.Sum256(m[2])
		kind := string(m[1])
		hashes[kind] = append(hashes[kind], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	if len(hashes["script"]) == 0 || len(hashes["style"]) == 0 {
		return "", fmt.Errorf("found %d scripts and %d styles in the page", len(hashes["script"]), len(hashes["style"]))
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' " + strings.Join(hashes["script"], " "),
		"style-src 'self' " + strings.Join(hashes["style"], " "),
		"img-src 'self' data:", // Swagger UI's icons are data
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; "), nil
}

// page keeps what a handler writes.
type page struct {
	header http.Header
	body   bytes.Buffer
}

// Header is where the handler puts its headers, which nobody reads.
func (p *page) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}

// Write keeps the body.
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }

// WriteHeader is for http.ResponseWriter's sake.
func (p *page) WriteHeader(int) {}

func etag(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
