package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/chrometest"
	"demarc/internal/clock"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The tests of the portal drive Debian's Chromium, as a person does: by the labels of
// fields and the names of buttons. Each test has a browser of
// its own.
//
//	b := openBrowser(t, sharedNode(t, onSQLite))
//	b.signUp("developer")                 // a new organisation, signed in
//	b.visit("/apps/new", "New application")  // the page's heading; looked at in every way
//	b.fill("Name", "Shop")
//	b.choose("Products", "Telephone numbers (Voice)")
//	b.press("Create")                     // a button or link that leads to another page
//	b.sees("Shop")
//
// Every page that is visited is looked at: it must answer 200, ask no other host for
// anything, log no error, not be wider than the window at 380, 1024 and 1600 px, and give
// axe nothing serious to say, in light and in dark. Pictures of it are left in
// build/screenshots.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu       sync.Mutex
	troubles []string
	status   int64 // of the last document
	email    string
}

// looked are the pages that have been looked at, and axe's script.
var looked struct {
	sync.Mutex
	axe   string
	pages map[string]bool
}

// browsers bounds how many there are at once: each takes a core by itself.
var browsers = make(chan struct{}, 2)

const screenshots = "../build/screenshots"

// prepare reads axe, which is installed when it is missing.
func prepare(t *testing.T) {
	t.Helper()
	looked.Lock()
	defer looked.Unlock()
	if looked.pages != nil {
		return
	}
	const axe = "../api/node_modules/axe-core/axe.min.js"
	if _, err := os.Stat(axe); err != nil {
		cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund")
		cmd.Dir = "../api"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("axe cannot be installed: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(axe)
	if err == nil {
		err = os.MkdirAll(screenshots, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	looked.axe, looked.pages = string(text), map[string]bool{}
}

// openBrowser starts a browser for this test.
func openBrowser(t *testing.T, n *node) *browser {
	t.Helper()
	prepare(t)
	browsers <- struct{}{}
	t.Cleanup(func() { <-browsers })
	// The test's context ends before its cleanup begins; the browser is to end in order.
	ctx, stop, err := chrometest.Start(context.WithoutCancel(t.Context()), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx, base: n.base}
	chromedp.ListenTarget(ctx, b.listen)
	b.run("watching the page", network.Enable(), log.Enable(), runtime.Enable())
	b.size(1280)
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.base+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.troubles = append(b.troubles, "it asked for "+u)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.status = e.Response.Status
		}
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, "exception: "+e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError && !strings.Contains(e.Entry.Text, "Failed to load resource") {
			b.troubles = append(b.troubles, string(e.Entry.Source)+": "+e.Entry.Text)
		}
	}
}

func (b *browser) run(what string, steps ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, steps...); err != nil {
		b.fail("%s: %v", what, err)
	}
}

// fail ends the test with what is on the page.
func (b *browser) fail(format string, args ...any) {
	b.t.Helper()
	var at, text string
	ctx, cancel := context.WithTimeout(b.ctx, patience/6)
	defer cancel()
	_ = chromedp.Run(ctx, chromedp.Location(&at), chromedp.Evaluate(`document.body ? document.body.innerText : ''`, &text))
	b.t.Fatalf("%s\nat %s (%d), where it says:\n%s\ntroubles: %q", fmt.Sprintf(format, args...), at, b.status, short(text), b.did())
}

func (b *browser) did() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.troubles...)
}

// js evaluates an expression; args are put into it as JSON, for $0, $1, ….
func (b *browser) js(result any, expression string, args ...any) {
	b.t.Helper()
	for i, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			b.t.Fatal(err)
		}
		expression = strings.ReplaceAll(expression, fmt.Sprint("$", i), string(text))
	}
	b.run("evaluating "+short(expression), chromedp.Evaluate(expression, result, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
}

// goTo opens a page and answers its status.
func (b *browser) goTo(path string) int64 {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Navigate(b.base+path))
	if err != nil {
		b.fail("opening %s: %v", path, err)
	}
	return res.Status
}

// visit opens a page, which has this heading, and looks at it in every way.
func (b *browser) visit(path, heading string) {
	b.t.Helper()
	if status := b.goTo(path); status != 200 {
		b.fail("%s answers %d", path, status)
	}
	b.heading(heading)
	b.look(path)
}

// heading is the page's first heading.
func (b *browser) heading(want string) {
	b.t.Helper()
	var got string
	b.js(&got, `(document.querySelector('h1') || {innerText: 'no heading'}).innerText`)
	if !strings.Contains(got, want) {
		b.fail("the heading is %q, want %q", got, want)
	}
}

var unsafe = regexp.MustCompile(`[^a-z0-9]+`)

// look looks at the present page in every way, under a name of its own.
func (b *browser) look(name string) {
	b.t.Helper()
	if list := b.did(); len(list) > 0 {
		b.fail("the page is in trouble: %q", list)
	}
	name = strings.Trim(unsafe.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name == "" {
		name = "home"
	}
	looked.Lock()
	seen := looked.pages[name]
	looked.pages[name] = true
	looked.Unlock()
	if seen {
		return
	}
	took := clock.Elapsed()
	defer func() { b.t.Logf("looked at %s in %v", name, took()) }()
	for _, theme := range []string{"light", "dark"} {
		b.run("setting the theme", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
		for _, width := range []int64{380, 1024, 1600} {
			b.size(width)
			var over []string
			// A phone's window grows with what is in it.
			b.js(&over, `document.documentElement.scrollWidth <= $0 ? [] : ['all of it', ...[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > $0 + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 120))]`, width)
			if len(over) > 0 {
				b.t.Errorf("%s is wider than its window at %d px: %q", name, width, over)
			}
			b.shoot(fmt.Sprintf("%s-%s-%d.png", name, theme, width))
		}
		b.size(1280)
		b.axe(name, theme)
	}
}

func (b *browser) size(width int64) {
	b.run("setting the window's size", emulation.SetDeviceMetricsOverride(width, 900, 1, width < 500))
}

// shoot leaves a picture of the page, however long it is up to a bound.
func (b *browser) shoot(name string) {
	b.t.Helper()
	var picture []byte
	b.run("taking a picture", chromedp.ActionFunc(func(ctx context.Context) error {
		var height float64
		if err := chromedp.Evaluate(`Math.min(document.documentElement.scrollHeight, 1800)`, &height).Do(ctx); err != nil {
			return err
		}
		var width float64
		if err := chromedp.Evaluate(`innerWidth`, &width).Do(ctx); err != nil {
			return err
		}
		var err error
		picture, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).WithOptimizeForSpeed(true).WithCaptureBeyondViewport(true).
			WithClip(&page.Viewport{Width: width, Height: height, Scale: 1}).Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(screenshots, name), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// axe fails for everything serious that axe finds on the page.
func (b *browser) axe(name, theme string) {
	b.t.Helper()
	only := `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}`
	if theme == "dark" {
		only = `{type: 'rule', values: ['color-contrast']}` // all else is the same
	}
	var loaded bool
	b.js(&loaded, `typeof axe === 'object'`)
	if !loaded {
		b.run("loading axe", chromedp.Evaluate(looked.axe, nil))
	}
	var found []string
	b.js(&found, `axe.run(document, {resultTypes: ['violations'], runOnly: `+only+`}).then(r => r.violations
		.filter(v => v.impact === 'serious' || v.impact === 'critical').flatMap(v => v.nodes.slice(0, 3).map(n => v.id + ': ' + n.html.slice(0, 160) + ' ' + (n.failureSummary || '').slice(0, 200))))`)
	for _, f := range found {
		b.t.Errorf("%s, %s: axe finds %s", name, theme, f)
	}
}

// control finds the field with a label, or the group with a legend.
const control = `(label => { const is = e => e.innerText.replace(/\s*\(optional\)\s*$/, '').trim() === label;
	const l = [...document.querySelectorAll('main label')].find(is); if (l) return l.control || l.querySelector('input');
	const g = [...document.querySelectorAll('main legend')].find(is); if (g) return g.parentElement;
	return [...document.querySelectorAll('main [aria-label]')].find(e => e.getAttribute('aria-label') === label) || null; })`

// fill writes into the field with this label.
func (b *browser) fill(label, value string) {
	b.t.Helper()
	var ok bool
	b.js(&ok, `(() => { const e = `+control+`($0); if (!e || !('value' in e)) return false; e.focus(); e.value = $1;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return true; })()`, label, value)
	if !ok {
		b.fail("there is no field %q", label)
	}
}

// choose chooses in the list with this label, or ticks a box, or one of a group.
func (b *browser) choose(label, choice string) {
	b.t.Helper()
	var ok bool
	b.js(&ok, `(() => { const e = `+control+`($0); if (!e) return false;
		if (e.tagName === 'SELECT') { const o = [...e.options].find(o => o.text.trim() === $1 || o.value === $1); if (!o) return false; e.value = o.value; e.dispatchEvent(new Event('change', {bubbles: true})); return true; }
		if (e.tagName === 'FIELDSET') { const l = [...e.querySelectorAll('label')].find(l => l.innerText.trim().split('\n')[0].trim() === $1); if (!l) return false; const i = l.querySelector('input'); if (!i.checked) i.click(); return true; }
		return false; })()`, label, choice)
	if !ok {
		b.fail("%q cannot be chosen at %q", choice, label)
	}
}

// tick ticks the box with this label.
func (b *browser) tick(label string) {
	b.t.Helper()
	var ok bool
	b.js(&ok, `(() => { const l = [...document.querySelectorAll('main label')].find(l => l.innerText.trim().split('\n')[0].trim() === $0); const i = l && l.querySelector('input[type=checkbox]'); if (!i) return false; if (!i.checked) i.click(); return true; })()`, label)
	if !ok {
		b.fail("there is no box %q", label)
	}
}

// press presses the button, or follows the link, that has this name, and waits for the
// page that it leads to; it answers that page's status. A button in a question that is
// closed (Confirm) is not to be seen: open it first.
func (b *browser) press(name string) int64 {
	b.t.Helper()
	const find = `[...document.querySelectorAll('button, a, input[type=submit]')].filter(e => e.checkVisibility() && (e.innerText || e.value || '').trim() === $0)`
	var n int
	b.js(&n, find+`.length`, name)
	if n == 0 {
		b.fail("there is no button or link %q", name)
	}
	quoted, _ := json.Marshal(name)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	// Those on the page itself come before those around it.
	click := `(() => { const l = ` + strings.ReplaceAll(find, "$0", string(quoted)) + `; (l.find(e => e.closest('main')) || l[0]).click(); })()`
	res, err := chromedp.RunResponse(ctx, chromedp.Evaluate(click, nil))
	if err != nil {
		b.fail("pressing %q: %v", name, err)
	}
	return res.Status
}

// open opens what is behind a summary: a question, a menu, more of something.
func (b *browser) open(summary string) {
	b.t.Helper()
	var ok bool
	b.js(&ok, `(() => { const s = [...document.querySelectorAll('summary')].find(s => s.innerText.trim() === $0); if (!s) return false; if (!s.parentElement.open) s.click(); return true; })()`, summary)
	if !ok {
		b.fail("there is nothing to open that is called %q", summary)
	}
}

// confirm opens the question and says yes.
func (b *browser) confirm(summary, yes string) int64 {
	b.t.Helper()
	b.open(summary)
	return b.press(yes)
}

// sees waits until the page says all of this; a page may be on its way.
func (b *browser) sees(texts ...string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for _, text := range texts {
		says := fmt.Sprintf(`document.body.innerText.replace(/\s+/g, ' ').includes(%s)`, quote(strings.Join(strings.Fields(text), " ")))
		for {
			var ok bool
			if chromedp.Run(ctx, chromedp.Evaluate(says, &ok)) == nil && ok {
				break
			}
			if clock.Sleep(ctx, 50*time.Millisecond) != nil {
				b.fail("it does not say %q", text)
			}
		}
	}
}

// lacks fails when the page says this.
func (b *browser) lacks(text string) {
	b.t.Helper()
	var has bool
	b.js(&has, `document.body.innerText.includes($0)`, text)
	if has {
		b.fail("it says %q", text)
	}
}

// wrong checks that the form was refused: the message stands beside its field and in the
// list above, which has the focus, and the field still has its value ("" for any).
func (b *browser) wrong(label, message, value string) {
	b.t.Helper()
	var got struct{ Beside, Summary, Value, Focus string }
	b.js(&got, `(() => { const e = `+control+`($0); if (!e) return {beside: 'there is no such field', summary: '', value: '', focus: ''};
		const by = (e.getAttribute('aria-describedby') || '').split(' ').map(id => (document.getElementById(id) || {innerText: ''}).innerText).join(' ') + ' ' + ((e.tagName === 'FIELDSET' && e.querySelector('.wrong')) || {innerText: ''}).innerText;
		return {beside: by, summary: (document.getElementById('errors') || {innerText: ''}).innerText, value: e.value || '', focus: (document.activeElement || {id: ''}).id}; })()`, label)
	if !strings.Contains(got.Beside, message) || !strings.Contains(got.Summary, message) {
		b.fail("%q is not said of %q: beside it %q, above %q", message, label, got.Beside, got.Summary)
	}
	if value != "" && got.Value != value {
		b.fail("%q had the value %q and has %q", label, value, got.Value)
	}
	if got.Focus != "errors" {
		b.fail("the focus is on %q, not on what is wrong", got.Focus)
	}
}

// keys types on the keyboard alone.
func (b *browser) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.run("typing", chromedp.KeyEvent(k))
	}
}

// tabTo moves the focus with the Tab key until it is on the control with this name, as
// those hear it who cannot see the page.
func (b *browser) tabTo(name string) {
	b.t.Helper()
	var passed []string
	for range 200 {
		b.run("moving on", chromedp.KeyEvent(kb.Tab))
		var at string
		b.js(&at, `(() => { const e = document.activeElement; if (!e) return ''; const l = e.labels && e.labels[0]; return (e.getAttribute('aria-label') || (l ? l.innerText.split('\n')[0].replace(/\s*\(optional\)\s*$/, '') : e.innerText) || '').replace(/\u200b/g, '').replace(/\s+/g, ' ').trim(); })()`)
		if at == name {
			return
		}
		passed = append(passed, at)
	}
	b.fail("the Tab key does not lead to %q, but to %q", name, passed)
}

// begins waits until the focus is on the field with this label, where the page put it.
func (b *browser) begins(label string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	at := fmt.Sprintf(`(() => { const e = `+control+`(%s); return e !== null && e === document.activeElement; })()`, quote(label))
	for {
		var ok bool
		if chromedp.Run(ctx, chromedp.Evaluate(at, &ok)) == nil && ok {
			return
		}
		if clock.Sleep(ctx, 50*time.Millisecond) != nil {
			b.fail("the focus is not on %q", label)
		}
	}
}

// text is the text of the first element that a selector finds.
func (b *browser) text(selector string) string {
	b.t.Helper()
	var text string
	b.js(&text, `(document.querySelector($0) || {innerText: ''}).innerText.trim()`, selector)
	return text
}

// at is the path of the present page, with its query.
func (b *browser) at() string {
	b.t.Helper()
	var at string
	b.run("looking where we are", chromedp.Location(&at))
	u, err := url.Parse(at)
	if err != nil {
		b.t.Fatal(err)
	}
	return u.RequestURI()
}

func quote(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.TrimSpace(out.String())
}

// visitorPassword is that of everybody whom the tests sign up.
const visitorPassword = "walrus-lantern-otter-93"

var visitors struct {
	sync.Mutex
	n int
}

// signUp makes an organisation with one person, and signs that person in.
func (b *browser) signUp(role string) {
	b.t.Helper()
	visitors.Lock()
	visitors.n++
	n := visitors.n
	visitors.Unlock()
	b.email = fmt.Sprintf("visitor%d@example.com", n)
	b.goTo("/signup")
	b.fill("E-mail address", b.email)
	b.fill("Password", visitorPassword)
	b.fill("Organisation", fmt.Sprintf("Visitor %d Ltd", n))
	label := map[string]string{"developer": "I build against the APIs", "buyer": "I buy and order", "provider": "I sell software on the marketplace"}[role]
	b.choose("What you do", label)
	b.press("Sign up")
	b.signIn(b.email, visitorPassword)
}

// signIn signs a person in.
func (b *browser) signIn(email, password string) {
	b.t.Helper()
	b.goTo("/signin")
	b.fill("E-mail address", email)
	b.fill("Password", password)
	b.press("Sign in")
	b.lacks("That did not work")
}

// admins are the administrators' passwords, by server: the one of the first start is good
// until it is changed, which the first to sign in must do.
var admins struct {
	sync.Mutex
	passwords map[string]string
}

// signInAsAdmin signs the administrator in.
func (b *browser) signInAsAdmin(n *node) {
	b.t.Helper()
	admins.Lock()
	defer admins.Unlock()
	env := n.env(b.t)
	if password := admins.passwords[n.base]; password != "" {
		b.signIn(env["DEMARC_ADMIN_EMAIL"], password)
		return
	}
	b.signIn(env["DEMARC_ADMIN_EMAIL"], env["DEMARC_ADMIN_PASSWORD"])
	if at := b.at(); at != "/account/password" {
		b.fail("the first administrator need not change the password: it is sent to %s", at)
	}
	b.fill("Password that you were given", env["DEMARC_ADMIN_PASSWORD"])
	b.fill("New password", visitorPassword)
	b.fill("New password again", visitorPassword)
	b.press("Change the password")
	b.lacks("That did not work")
	if admins.passwords == nil {
		admins.passwords = map[string]string{}
	}
	admins.passwords[n.base] = visitorPassword
}

// lookAtWorld chooses the world with this name in the bar.
func (b *browser) lookAtWorld(name string) {
	b.t.Helper()
	var ok bool
	b.js(&ok, `[...document.querySelectorAll('form.chooser select[name=world] option')].some(o => o.text.trim() === $0)`, name)
	if !ok {
		b.fail("there is no world %q to look at", name)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Evaluate(fmt.Sprintf(`(() => { const f = document.querySelector('form.chooser'), s = f.querySelector('select[name=world]');
		s.value = [...s.options].find(o => o.text.trim() === %s).value; f.requestSubmit ? f.requestSubmit() : f.submit(); })()`, quote(name)), nil)); err != nil {
		b.fail("choosing the world %q: %v", name, err)
	}
}
