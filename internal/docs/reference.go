package docs

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/machine"
)

// The pages that are made from the code: every coded error, every state machine.

var pageHead = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} · demarc</title><style>
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#59636e;--line:#d8dee4;--accent:#0b5cad}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--dim:#9198a1;--line:#30363d;--accent:#6cb6ff}}
body{font:16px/1.55 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem}
h1{font-size:1.75rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}p.lead,td.dim{color:var(--dim)}
a{color:var(--accent)}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line)}
code,pre{font:.9em ui-monospace,monospace}pre{overflow:auto;border:1px solid var(--line);border-radius:6px;padding:1rem}
tr:target{background:color-mix(in srgb,var(--accent) 12%,transparent)}nav{margin-bottom:2rem}nav a{margin-right:1rem}
</style></head><body><nav><a href="/">demarc</a><a href="/docs/">APIs</a><a href="/docs/errors">Errors</a><a href="/docs/machines">State machines</a></nav>
<h1>{{.Title}}</h1>`

var errorsPage = template.Must(template.New("errors").Parse(pageHead + `
<p class="lead">Every error that the platform and its products answer, by its <code>reason</code>. A broken rule of a request by itself is
<code>invalid_request</code> with every violation in <code>errors</code>.</p>
{{range .Families}}<h2>{{.Name}}</h2>{{with .Head}}<p>{{.}}</p>{{end}}<table><thead><tr><th>reason</th><th>status</th><th>what it says</th></tr></thead><tbody>
{{range .Codes}}<tr id="{{.ID}}"><td><code>{{.ID}}</code></td><td>{{.Status}}</td><td>{{.Text}}</td></tr>
{{end}}</tbody></table>{{end}}</body></html>`))

var machinesPage = template.Must(template.New("machines").Parse(pageHead + `
<p class="lead">What can happen to an order or a service, and when. The code fires its events through these very tables.</p>
{{range .Tables}}<h2>{{.Title}}</h2><table><thead><tr><th>from</th><th>event</th><th>to</th><th>why</th></tr></thead><tbody>
{{range .Rows}}<tr><td>{{.From}}</td><td>{{.Event}}</td><td>{{.To}}</td><td class="dim">{{.Why}}</td></tr>
{{end}}</tbody></table>{{end}}</body></html>`))

var indexPage = template.Must(template.New("index").Parse(pageHead + `
<p class="lead">A carrier's edge towards its partners. The keys of this server's sandbox are in <code>quickstart.env</code> in its data directory.</p>
<table><tbody>
<tr><td><a href="/docs/">API documents</a></td><td>Read every operation, Authorize with the sandbox's keys, Try it out.</td></tr>
<tr><td><a href="/docs/errors">Errors</a></td><td>Every reason, its status and its text.</td></tr>
<tr><td><a href="/docs/machines">State machines</a></td><td>What can happen to an order and to a service.</td></tr>
<tr><td>{{range $i, $d := .Documents}}{{if $i}}, {{end}}<a href="/api/{{$d.File}}">{{$d.File}}</a>{{end}}</td><td>The contract, OpenAPI 3.</td></tr>
<tr><td><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></td><td>How this server is.</td></tr>
</tbody></table></body></html>`))

// Errors is the page of every coded error.
func Errors() http.Handler {
	type familyCodes struct {
		Name  string
		Head  string
		Codes []*fault.Code
	}
	var families []familyCodes
	for _, c := range fault.Catalogue() {
		if n := len(families); n == 0 || families[n-1].Name != c.Family {
			families = append(families, familyCodes{Name: c.Family, Head: strings.ReplaceAll(familyHeads[c.Family], "`", "")})
		}
		last := &families[len(families)-1]
		last.Codes = append(last.Codes, c)
	}
	return static(errorsPage, map[string]any{"Title": "Errors", "Families": families})
}

// Machines is the page of the state machines.
func Machines(tables []*machine.Table) http.Handler {
	return static(machinesPage, map[string]any{"Title": "State machines", "Tables": tables})
}

// Index is the page at the root.
func Index() http.Handler {
	return static(indexPage, map[string]any{"Title": "demarc", "Documents": listed()})
}

// static renders a page once; it never changes while the program runs.
func static(t *template.Template, data any) http.Handler {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		panic("docs: " + err.Error()) // the template and its data are both ours
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(b.Bytes())
	})
}
