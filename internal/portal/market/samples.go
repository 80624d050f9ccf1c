package market

import (
	"embed"
	"strings"
	"sync"
	"text/template"

	"demarc/internal/portal/ui"
)

//go:embed samples
var sampleFiles embed.FS

// language is one that samples are written in: with its own libraries, and no others.
type language struct {
	key, name string
	file      string // what the sample is to be called
	run       string // and how it is run
	needs     string
}

var languages = []language{
	{"curl", "curl", "first-call.sh", "sh first-call.sh", "curl"},
	{"go", "Go", "first_call.go", "go run first_call.go", "Go 1.21 or later"},
	{"python", "Python", "first_call.py", "python3 first_call.py", "Python 3.8 or later"},
	{"java", "Java", "FirstCall.java", "java FirstCall.java", "Java 17 or later"},
	{"javascript", "JavaScript", "first-call.mjs", "node first-call.mjs", "Node 18 or later"},
}

// sample is the first call of a product in a language, as it is shown.
func sample(p *product, lang string) string { return samples()[p.Name+" "+lang] }

// samples are all of them. There is one template for each language: whoever reads two
// products finds the same program around another call.
var samples = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, l := range languages {
		t := template.Must(template.ParseFS(sampleFiles, "samples/"+l.key+".tmpl"))
		for _, p := range products {
			var b strings.Builder
			if err := t.Execute(&b, p.First); err != nil {
				panic("market: " + err.Error()) // the template and its data are both ours
			}
			all[p.Name+" "+l.key] = b.String()
		}
	}
	return all
})

// environment is what every sample reads.
func environment(base, customer string) string {
	return "export DEMARC_URL=" + base + "\nexport DEMARC_CLIENT_ID=app_…\nexport DEMARC_CLIENT_SECRET=sk_sandbox_…\nexport DEMARC_CUSTOMER_NUMBER=" + customer
}

// sampleTabs leads to the sample of a product in each language.
func sampleTabs(p *product, lang string) ui.Node {
	tabs := make([]ui.Tab, len(languages))
	for i, l := range languages {
		tabs[i] = ui.Tab{Href: "/products/" + p.Name + "/start?in=" + l.key, Label: l.name, Current: l.key == lang}
	}
	return ui.Tabs("Languages", tabs...)
}
