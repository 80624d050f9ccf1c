package ui_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"demarc/internal/portal/ui"
)

// asset is a file as a browser gets it.
func asset(t *testing.T, name string) (string, *http.Response) {
	t.Helper()
	w := httptest.NewRecorder()
	ui.Assets().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, ui.Asset(name), http.NoBody))
	r := w.Result()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), r
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"demarc.css": "text/css; charset=utf-8", "demarc.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		text, r := asset(t, name)
		if r.StatusCode != http.StatusOK || len(text) < 100 || r.Header.Get("Content-Type") != kind || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %v", name, r.StatusCode, len(text), r.Header)
		}
		if len(text) > 40_000 {
			t.Errorf("%s has %d bytes; a first page is to be small", name, len(text))
		}
		if !regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(ui.Asset(name)) {
			t.Errorf("%s is at %s, which does not change with it", name, ui.Asset(name))
		}
		if strings.Contains(text, "http://") && name != "icon.svg" || strings.Contains(text, "https://") || strings.Contains(text, "@import") || strings.Contains(text, "url(") {
			t.Errorf("%s asks for something else", name)
		}
	}
	w := httptest.NewRecorder()
	ui.Assets().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assets/demarc.css", http.NoBody))
	if w.Code != http.StatusNotFound {
		t.Errorf("a name that does not change answers %d", w.Code)
	}
}

// luminance is how bright a colour is to the eye, 0 to 1.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("#%s is no colour", hex)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// What is written can be read, and what can be operated can be seen, in both themes: WCAG
// asks for 4.5 to 1 for text, 3 to 1 for edges, marks and lines.
func TestColoursAreFarEnoughApart(t *testing.T) {
	t.Parallel()
	css, _ := asset(t, "demarc.css")
	tokens := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`).FindAllStringSubmatch(css, -1) {
		tokens[m[1]] = [2]string{m[2], m[3]}
	}
	tokens["plot-1"] = tokens["accent"]
	type pair struct {
		front, back string
		least       float64
	}
	pairs := []pair{
		{"on-accent", "accent", 4.5}, {"on-accent", "accent-strong", 4.5}, {"on-bad", "bad", 4.5}, {"on-bad", "bad-strong", 4.5}, {"accent-strong", "accent-soft", 4.5}, {"accent", "accent-soft", 3},
		{"good", "good-soft", 4.5}, {"waiting", "waiting-soft", 4.5}, {"bad", "bad-soft", 4.5},
	}
	for _, back := range []string{"ground", "surface", "sunk"} {
		for _, front := range []string{"ink", "muted", "accent", "accent-strong", "bad"} {
			pairs = append(pairs, pair{front, back, 4.5})
		}
		pairs = append(pairs, pair{"edge", back, 3})
	}
	for _, soft := range []string{"good-soft", "waiting-soft", "bad-soft", "accent-soft"} {
		pairs = append(pairs, pair{"ink", soft, 4.5}, pair{"muted", soft, 4.5})
	}
	for i := range 6 {
		pairs = append(pairs, pair{fmt.Sprintf("plot-%d", i+1), "surface", 3})
	}
	for _, p := range pairs {
		front, back := tokens[p.front], tokens[p.back]
		for i, theme := range []string{"light", "dark"} {
			a, b := luminance(t, front[i]), luminance(t, back[i])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < p.least {
				t.Errorf("%s: %s on %s is %.2f to 1, want %.1f", theme, p.front, p.back, ratio, p.least)
			}
		}
	}
	if rest := regexp.MustCompile(`(?m)^[^-\n]*#[0-9a-f]{3,6}\b.*$`).FindAllString(css[strings.Index(css, "\n}"):strings.Index(css, "@media print")], -1); len(rest) > 0 {
		t.Errorf("colours that are no tokens: %q", rest)
	}
}

// Every class that a component gives its element means something to the style sheet, or
// is the plain one of several.
func TestEveryClassHasItsStyle(t *testing.T) {
	t.Parallel()
	css, _ := asset(t, "demarc.css")
	plain := map[string]bool{"todo": true, "state": true, "plain": true, "final": true}
	for name, node := range galleryPages("") {
		for _, n := range elements(page(t, node), "", "", "") {
			for class := range strings.FieldsSeq(of(n, "class")) {
				if !plain[class] && !regexp.MustCompile(`\.`+regexp.QuoteMeta(class)+`\b`).MatchString(css) {
					t.Errorf("%s: <%s class=%q>: the style sheet does not know %s", name, n.Data, of(n, "class"), class)
				}
			}
		}
	}
}
