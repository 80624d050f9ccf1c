package ui_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"demarc/internal/chrometest"
	"demarc/internal/portal/ui"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// policy is what the portal sends with every page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// browser is a page in a fresh Chromium, and what went wrong in it.
type browser struct {
	ctx      context.Context
	mu       sync.Mutex
	troubles []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	// The test's context ends before its cleanup begins; the browser is to end in order.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, stop, err := chrometest.Start(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	b := &browser{ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.troubles = append(b.troubles, "exception: "+e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				b.troubles = append(b.troubles, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	b.run(t, "starting", log.Enable(), runtime.Enable())
	return b
}

// run takes steps, and says at which it stopped.
func (b *browser) run(t *testing.T, what string, steps ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, steps...); err != nil {
		t.Fatalf("%s: %v\nthe page's troubles: %q", what, err, b.troubles)
	}
}

// ask is what a piece of script answers; promises are waited for.
func ask[T any](t *testing.T, b *browser, script string) T {
	t.Helper()
	var answer T
	b.run(t, script, chromedp.Evaluate(script, &answer, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return answer
}

// quiet fails the test when anything went wrong in the page.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.troubles) > 0 {
		t.Errorf("the page had troubles: %q", b.troubles)
	}
}

// serve serves a page under the portal's policy, beside the assets.
func serve(t *testing.T, pages func(name, theme string) ui.Node) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(ui.AssetsPath, ui.Assets())
	mux.HandleFunc("GET /page/{theme}/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		if err := pages(r.PathValue("name"), r.PathValue("theme")).Render(w); err != nil {
			t.Errorf("rendering: %v", err)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestTheGalleryFitsEveryWidthInBothThemes(t *testing.T) {
	t.Parallel()
	s := serve(t, func(name, theme string) ui.Node { return galleryPages(theme)[name] })
	b := newBrowser(t)
	dir := filepath.Join("..", "..", "..", "build", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name := range galleryPages("") {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{380, 1024, 1600} {
				where := fmt.Sprintf("gallery-%s-%s-%d", name, theme, width)
				var picture []byte
				b.run(t, where, chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.URL+"/page/"+theme+"/"+name),
					chromedp.WaitReady("main"), chromedp.FullScreenshot(&picture, 100))
				if err := os.WriteFile(filepath.Join(dir, where+".png"), picture, 0o644); err != nil {
					t.Fatal(err)
				}
				ask[bool](t, b, `document.querySelectorAll("main details").forEach(d => { d.open = true; }), true`)
				if wide := ask[int64](t, b, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s: the page is %d px wide; it is made so by %s", where, wide, ask[string](t, b,
						fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest(".canvas,.table,.areas,.side,pre,.tabs")).map(e => e.tagName + "." + e.getAttribute("class")).slice(0, 5).join(" ")`, width)))
				}
			}
		}
	}
	b.quiet(t)
}
