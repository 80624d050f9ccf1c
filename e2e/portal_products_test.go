package e2e

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What can be read without signing in, looked at in every way.
func TestPortalProductsAndReference(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	b.visit("/products", "Products")
	b.visit("/products/voice", "Telephone numbers (Voice)")
	b.sees("/Voice/v1/Numbers/rateCenters", "Order numbers into the pool")
	b.visit("/products/voice/start?in=java", "Telephone numbers (Voice)")
	b.press("Python")
	b.sees("urllib.request")
	b.visit("/products/voice/errors", "Telephone numbers (Voice)")
	b.sees("voice_20000", "Page 1 of")
	b.press("Next")
	b.sees("Page 2 of")
	for name, title := range map[string]string{"ondemand": "On-demand internet", "preorder": "PreOrder", "care": "Care", "marketplace": "Marketplace"} {
		for _, page := range []string{"", "/start", "/errors"} {
			if status := b.goTo("/products/" + name + page); status != http.StatusOK {
				t.Errorf("/products/%s%s answers %d", name, page, status)
			}
			b.heading(title)
		}
	}
	if status := b.goTo("/products/telex"); status != http.StatusNotFound {
		t.Errorf("a product that is none answers %d", status)
	}
	b.visit("/changes", "Change log")
	b.choose("Product", "Care")
	b.press("Filter")
	b.sees("Puerto Rico")
	b.lacks("Rate centers")
	b.goTo("/docs/errors") // a long page of what /products/voice/errors has: it is looked at once
	b.heading("Errors")
	b.shoot("docs-errors.png")
	var there bool
	b.js(&there, `!!document.getElementById('quote_expired') && !!document.getElementById('voice_20000')`)
	if !there {
		t.Error("errors have no anchors")
	}
	b.visit("/docs/machines", "State machines")
	b.open("Its 5 moves, with their reasons")
}

// sampleLanguages are those in which the pages show programs: what a sample's file is
// called, how it is run, and Debian's package that brings what runs it.
var sampleLanguages = []struct{ key, file, program, pkg string }{
	{"curl", "first-call.sh", "sh", "curl"},
	{"go", "first_call.go", "go", ""},
	{"python", "first_call.py", "python3", "python3"},
	{"java", "FirstCall.java", "java", "default-jdk-headless"},
	{"javascript", "first-call.mjs", "node", "nodejs"},
}

// needLanguages installs what runs samples when it is missing.
func needLanguages(t *testing.T) {
	t.Helper()
	var missing []string
	for _, l := range sampleLanguages {
		program := l.program
		if l.key == "curl" {
			program = "curl"
		}
		if _, err := exec.LookPath(program); err != nil && l.pkg != "" {
			missing = append(missing, l.pkg)
		}
	}
	if len(missing) == 0 {
		return
	}
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-qy", "--no-install-recommends"}, missing...)} {
		cmd := exec.CommandContext(t.Context(), "apt-get", args...)
		if os.Getuid() != 0 {
			cmd = exec.CommandContext(t.Context(), "sudo", append([]string{"apt-get"}, args...)...)
		}
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q is missing and cannot be installed: %v\n%s", missing, err, out)
		}
	}
}

// figures are the blocks of code of a page, with their names.
var figures = regexp.MustCompile(`(?s)<figure class="code"><figcaption><span>([^<]*)</span>.*?<code>(.*?)</code>`)

// shownSample is the program that a product's page shows.
func shownSample(t *testing.T, n *node, product, language, file string) string {
	t.Helper()
	res, err := http.Get(n.base + "/products/" + product + "/start?in=" + language)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range figures.FindAllStringSubmatch(string(page), -1) {
		if html.UnescapeString(m[1]) == file {
			return html.UnescapeString(m[2])
		}
	}
	t.Fatalf("the page shows no %s", file)
	return ""
}

// Every program that the pages show runs as it is shown, and is answered.
func TestPortalSamplesRunAsShown(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	needLanguages(t)
	env := n.env(t)
	vars := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "DEMARC_") || strings.HasPrefix(v, "GOFLAGS=") })
	for _, name := range []string{"DEMARC_CLIENT_ID", "DEMARC_CLIENT_SECRET", "DEMARC_CUSTOMER_NUMBER"} {
		vars = append(vars, name+"="+env[name])
	}
	vars = append(vars, "DEMARC_URL="+n.base)
	for product, want := range map[string]string{"voice": `"rateCenter":"AGATE"`, "ondemand": `"speed":"500Mbps"`, "preorder": `"transactionId":"PX-`,
		"care": `"id":"8211990010126498"`, "marketplace": `"id":"PRD-1"`} {
		for _, l := range sampleLanguages {
			t.Run(product+" "+l.key, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, l.file), []byte(shownSample(t, n, product, l.key, l.file)), 0o600); err != nil {
					t.Fatal(err)
				}
				args := []string{l.file}
				if l.key == "go" {
					args = []string{"run", l.file}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
				defer cancel()
				cmd := exec.CommandContext(ctx, l.program, args...)
				cmd.Dir, cmd.Env = dir, vars
				out, err := cmd.CombinedOutput()
				if plain := strings.Join(strings.Fields(string(out)), ""); err != nil || !strings.Contains(plain, want) {
					t.Errorf("it ends with %v and printed %s", err, short(fmt.Sprintf("%s", out)))
				}
			})
		}
	}
}
