package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/sandbox"
)

// Visit is one visit of a page: who comes, where they are, and what is shown to them.
type Visit struct {
	User     identity.User     // nobody's address is "": not signed in
	World    sandbox.World     // the world that is looked at
	Customer identity.Customer // on whose behalf, on pages that have Customer

	kit       *Kit
	route     *Route
	w         http.ResponseWriter
	r         *http.Request
	id        string
	token     string // of the session
	session   identity.Session
	worlds    []sandbox.World
	customers []identity.Customer
	flash     ui.Node
	said      string // the sentence for the next page, as its cookie has it
	parent    string
	status    int
	body      bytes.Buffer
	sent      bool
	streaming bool
}

// Context ends with the request.
func (v *Visit) Context() context.Context { return v.r.Context() }

// Path is a part of the page's path: {id}.
func (v *Visit) Path(name string) string { return v.r.PathValue(name) }

// URL is the page's own path.
func (v *Visit) URL() string { return v.r.URL.Path }

// Query is what the page's address says beside its path.
func (v *Visit) Query() url.Values { return v.r.URL.Query() }

// Posting reports whether a form was sent.
func (v *Visit) Posting() bool { return v.r.Method == http.MethodPost }

// BaseURL is where clients reach this server.
func (v *Visit) BaseURL() string { return v.kit.o.BaseURL(v.r) }

// Actor is who is written into trails.
func (v *Visit) Actor() string { return v.User.Email }

// Sandbox reports whether the world is one.
func (v *Visit) Sandbox() bool { return v.World.Kind != sandbox.Production }

// May reports whether the visitor may do what another page needs: a page that shows a
// way there asks first.
func (v *Visit) May(n Need) bool { return n.Met(v.User, v.place()) }

// View reads in the world that is looked at.
func (v *Visit) View(fn func(tx *db.Tx) error) error {
	return v.kit.o.DB.View(v.Context(), v.World.ID, fn)
}

// Within changes something in the world that is looked at: one unit of work.
func (v *Visit) Within(fn func(tx *db.Tx) error) error {
	return v.kit.o.DB.Within(v.Context(), v.World.ID, fn)
}

// Form is what was sent, or, when the page is only looked at, what its address says.
func (v *Visit) Form() *ui.Form {
	values := v.r.URL.Query()
	if v.Posting() {
		values = v.r.PostForm
	}
	f := ui.NewForm(values)
	f.CSRF = v.CSRF()
	if !v.streaming { // else a page that is followed would change with every look
		f.Once = rand.Text()
	}
	return f
}

// Under says which page of the navigation this one is below, for it to be marked there.
func (v *Visit) Under(path string) { v.parent = path }

// Show shows the page.
func (v *Visit) Show(title string, nodes ...ui.Node) error { return v.render(title, nodes) }

// Refused shows a form again with what is wrong with it: page makes the page from the
// form. An error that is no refusal but a mistake of ours is returned.
func (v *Visit) Refused(f *ui.Form, err error, page func(v *Visit, f *ui.Form) error) error {
	if err != nil && !f.Fault(err) {
		return err
	}
	v.status = http.StatusUnprocessableEntity
	if e := fault.Of(err); e != nil && e.RetryAfter > 0 {
		v.status = http.StatusTooManyRequests
		v.w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)+1))
	}
	return page(v, f)
}

// Go sends the visitor to another page.
func (v *Visit) Go(path string) error {
	v.w.Header().Set("Location", path)
	v.status = http.StatusSeeOther
	return nil
}

// Done sends the visitor to another page and says there that it worked.
func (v *Visit) Done(path, text string) error {
	v.say(ui.Good, text)
	return v.Go(path)
}

// Failed sends the visitor to another page and says there why it did not work: for acts
// of one button. An error that is no refusal but a mistake of ours is returned.
func (v *Visit) Failed(path string, err error) error {
	f := ui.NewForm(nil)
	if !f.Fault(err) {
		return err
	}
	var all []string
	problems := f.Problems()
	all = append(all, problems[""]...)
	for field, list := range problems {
		if field != "" {
			all = append(all, field+" "+strings.Join(list, "; "))
		}
	}
	slices.Sort(all)
	v.say(ui.Bad, strings.Join(all, " "))
	return v.Go(path)
}

// Download sends a file. A name in it that a spreadsheet would take for a formula is the
// writer's business: see CSV.
func (v *Visit) Download(name, mediaType string, body []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	v.body.Reset()
	v.body.Write(body)
	return nil
}

const flashCookie = "demarc_said"

// say keeps a sentence for the next page.
func (v *Visit) say(t ui.Tone, text string) {
	v.said = base64.RawURLEncoding.EncodeToString([]byte(string(t) + "\n" + text))
	v.setCookie(flashCookie, v.said, 60)
}

// heard takes the sentence that the last page left.
func (v *Visit) heard() {
	said := v.cookie(flashCookie)
	if said == "" || v.streaming || v.Posting() {
		return
	}
	v.setCookie(flashCookie, "", -1)
	b, err := base64.RawURLEncoding.DecodeString(said)
	if err != nil {
		return
	}
	tone, text, ok := strings.Cut(string(b), "\n")
	if t := ui.Tone(tone); ok && (t == ui.Good || t == ui.Bad) {
		v.flash = ui.Notice(t, ui.P(text))
	}
}

// here is the page's address, to come back to; of an act, the page that it was on.
func (v *Visit) here() string {
	if v.r.Method == http.MethodGet {
		return url.QueryEscape(v.r.URL.RequestURI())
	}
	if from, err := url.Parse(v.r.Header.Get("Referer")); err == nil && from.Host == v.r.Host {
		return url.QueryEscape(from.RequestURI())
	}
	return "%2F"
}

// Local is a path of this portal to go to, "/" for anything else.
func Local(path string) string {
	u, err := url.Parse(path) // browsers leave out what is no letter, and read a host where there was none
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return path
}

// ServerOf is the server that an address is at: a secret that was given for one is not
// sent to another.
func ServerOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

func (v *Visit) place() Place {
	return Place{Sandbox: v.Sandbox(), Mine: v.World.Org == v.User.Org}
}
