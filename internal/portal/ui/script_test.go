package ui_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"demarc/internal/portal/ui"

	"github.com/chromedp/chromedp"
)

// scripted is a page with something of everything that the script does, and the server
// that it talks to.
type scripted struct {
	*httptest.Server
	sent   chan string // what the page's forms sent
	events chan string // what the page is to be told
	opened chan string // the address of each stream
}

// body is what is in the page's main.
func (s *scripted) body(state string) ui.Node {
	f := ui.NewForm(nil)
	f.Add("a", "must be given")
	f.Action = "/sent"
	return ui.All(
		f.With([]ui.Node{ui.Submit("do", "order", "Order"), ui.Submit("do", "later", "Later")}, ui.Input{Name: "a", Label: "A", Focus: true}.In(f)),
		ui.CodeBlock("Call", "curl -s 'a'\n  b"),
		ui.Plot{Title: "Requests", Times: every(3, time.Hour), Series: []ui.Series{{Name: "All", Values: []float64{1, 20, 3}}}}.Node(),
		ui.Live("one", ui.P(state), ui.CodeBlock("In one", "x"), ui.Diagram(machineNamed("ondemand order"), "failed", nil)),
		ui.Live("two", ui.P(state), ui.Confirm("token", "/sent", "Delete…", "Delete two?", "Delete")),
		ui.Live("three", ui.P(state), ui.Link("#three", "a link")),
		ui.Live("four", ui.P("always the same")))
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	s := &scripted{sent: make(chan string, 10), events: make(chan string), opened: make(chan string, 10)}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetsPath, ui.Assets())
	send := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		s.sent <- r.URL.Path + " " + r.PostForm.Encode()
		w.WriteHeader(http.StatusNoContent) // the page stays where it is
	})
	mux.Handle("POST /sent", send)
	mux.Handle("POST /choose", send)
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		if r.Header.Get("Accept") == "text/event-stream" {
			s.stream(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		shell := galleryShell("light", "Orders")
		shell.Live = r.URL.Query().Has("live")
		if err := ui.Document(shell, s.body("before")).Render(w); err != nil {
			t.Error(err)
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *scripted) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	s.opened <- r.URL.RequestURI()
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-s.events:
			fmt.Fprint(w, event)
			w.(http.Flusher).Flush()
			if strings.HasPrefix(event, "event: done") {
				<-r.Context().Done() // the page is to close it
				s.sent <- "closed"
				return
			}
		}
	}
}

// pageEvent is the event that says what main is now.
func pageEvent(t *testing.T, n ui.Node) string {
	t.Helper()
	data, err := json.Marshal(rendered(t, n))
	if err != nil {
		t.Fatal(err)
	}
	return "event: page\ndata: " + string(data) + "\n\n"
}

func open(t *testing.T, b *browser, address string) {
	t.Helper()
	b.run(t, "opening "+address, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address), chromedp.WaitReady("main"))
}

func TestThePageFollowsWhatHappensAndLeavesAloneWhatIsInUse(t *testing.T) {
	t.Parallel()
	s, b := newScripted(t), newBrowser(t)
	open(t, b, s.URL+"/page?live=1&x=2")
	if at := <-s.opened; at != "/page?live=1&x=2" {
		t.Errorf("the page follows %s, not its own address", at)
	}
	b.run(t, "being busy", chromedp.Click(`#two summary`), chromedp.Focus(`#three a`))
	ask[bool](t, b, `(window.four = document.getElementById("four"), true)`)
	s.events <- pageEvent(t, s.body("after"))
	b.run(t, "waiting for the news", chromedp.WaitVisible(`//div[@id="one"]/p[text()="after"]`, chromedp.BySearch))
	for script, want := range map[string]string{
		`document.querySelector("#two p").textContent`:                                            "before", // the question is open
		`document.querySelector("#three p").textContent`:                                          "before", // one is at the link
		`String(window.four === document.getElementById("four"))`:                                 "true",   // nothing is different
		`String(document.querySelector("#one [data-copy]").hidden)`:                               "false",
		`document.activeElement.textContent`:                                                      "a link",
		`String(document.querySelectorAll("main > form").length)`:                                 "1",
		`[...document.querySelectorAll("[role=status]")].map(e => e.textContent).join("").trim()`: "",
	} {
		if got := ask[string](t, b, script); got != want {
			t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
	b.run(t, "being done with it", chromedp.Click(`#two summary`), chromedp.Focus(`[name=a]`))
	s.events <- pageEvent(t, ui.All(s.body("last"), ui.Live("unknown", ui.Text("<script>alert(1)</script>"))))
	b.run(t, "waiting for the rest", chromedp.WaitVisible(`//div[@id="two"]/p[text()="last"]`, chromedp.BySearch), chromedp.WaitVisible(`//div[@id="three"]/p[text()="last"]`, chromedp.BySearch))
	s.events <- "event: done\ndata: \n\n"
	if got := <-s.sent; got != "closed" {
		t.Errorf("after the end there came %s", got)
	}
	b.quiet(t)
}

func TestAFormIsSentOnceWithTheButtonThatWasPressed(t *testing.T) {
	t.Parallel()
	s, b := newScripted(t), newBrowser(t)
	open(t, b, s.URL+"/page")
	if at := ask[string](t, b, `document.activeElement.id`); at != "errors" {
		t.Errorf("the page begins at %q, want what is wrong", at)
	}
	ask[bool](t, b, `(() => { const button = document.querySelector("[value=later]"); button.click(); button.form.requestSubmit(button); return true; })()`)
	if got := <-s.sent; got != "/sent _csrf=&a=&do=later" {
		t.Errorf("sent was %s", got)
	}
	if got := ask[bool](t, b, `new Promise(done => setTimeout(() => done([...document.querySelectorAll("main > form button")].every(b => b.disabled)), 0))`); !got {
		t.Error("the form's buttons are on after it was sent")
	}
	ask[bool](t, b, `dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
	if got := ask[bool](t, b, `[...document.querySelectorAll("main > form button")].some(b => b.disabled)`); got {
		t.Error("the form's buttons are off when one has come back to the page")
	}
	if got := ask[bool](t, b, `document.querySelector(".chooser button").hidden`); !got {
		t.Error("the chooser's button is to be seen")
	}
	b.run(t, "choosing a world", chromedp.SetValue(`[name=world]`, "production"))
	ask[bool](t, b, `document.querySelector("[name=world]").dispatchEvent(new Event("change", { bubbles: true }))`)
	if got := <-s.sent; got != "/choose _csrf=token&back=%2Fgallery&customer=1-ABC&world=production" {
		t.Errorf("sent was %s", got)
	}
	select {
	case got := <-s.sent:
		t.Errorf("sent was, once more, %s", got)
	default:
	}
	b.quiet(t)
}

func TestCopyingAndReadingAPlot(t *testing.T) {
	t.Parallel()
	s, b := newScripted(t), newBrowser(t)
	open(t, b, s.URL+"/page")
	ask[bool](t, b, `(navigator.clipboard.writeText = async (text) => { window.copied = text; }, true)`)
	b.run(t, "copying", chromedp.Click(`.code [data-copy]`), chromedp.WaitVisible(`//button[text()="Copied"]`, chromedp.BySearch),
		chromedp.Poll(`[...document.querySelectorAll("[role=status]")].some(e => e.textContent === "Copied")`, nil))
	if got := ask[string](t, b, `window.copied`); got != "curl -s 'a'\n  b" {
		t.Errorf("copied was %q", got)
	}
	for _, c := range []struct{ key, want string }{
		{"ArrowLeft", "14 Mar 2026, 14:00 · All 3"}, {"ArrowLeft", "14 Mar 2026, 13:00 · All 20"}, {"Home", "14 Mar 2026, 12:00 · All 1"},
		{"ArrowLeft", "14 Mar 2026, 12:00 · All 1"}, {"End", "14 Mar 2026, 14:00 · All 3"}, {"x", "14 Mar 2026, 14:00 · All 3"},
	} {
		got := ask[string](t, b, fmt.Sprintf(`(() => { const a = document.querySelector(".area"); a.focus(); a.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true })); return document.querySelector(".readout").textContent; })()`, c.key))
		if got != c.want {
			t.Errorf("%s reads %q, want %q", c.key, got, c.want)
		}
	}
	got := ask[string](t, b, `(() => { const svg = document.querySelector(".area svg"), box = svg.getBoundingClientRect();
		svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + box.width * 0.55, clientY: box.top + 20, bubbles: true }));
		const text = document.querySelector(".readout").textContent, at = document.querySelector(".cursor").getAttribute("x1");
		svg.dispatchEvent(new PointerEvent("pointerout", { bubbles: true, relatedTarget: document.body }));
		return text + " | " + at + " | " + document.querySelector(".readout").textContent; })()`)
	if got != "14 Mar 2026, 13:00 · All 20 | 50.00% | " {
		t.Errorf("pointing reads %q", got)
	}
	b.quiet(t)
}
