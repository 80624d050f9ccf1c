package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/sandbox"
)

// Options are what the kit needs.
type Options struct {
	DB     *db.DB
	People *identity.Service
	Worlds *sandbox.Service
	Log    *slog.Logger
	Brand  string // the carrier's name, on every page
	// BaseURL is where clients reach this server.
	BaseURL func(r *http.Request) string
	Observe func(operation string, status int, took time.Duration) // metrics; may be nil
}

// Handler shows a page, or does what its form asks for.
type Handler func(v *Visit) error

// Route is one page, or one act.
type Route struct {
	Method   string
	Path     string // a net/http pattern's path: /apps/{id}
	Needs    Need
	Area     string // the part of the portal that it belongs to
	Nav      string // its name in the navigation; "": it is not there
	Fresh    bool   // the visitor must have given the password in the last ten minutes
	Customer bool   // it acts on behalf of a customer
	Live     bool   // the page follows what happens
	Slow     bool   // may take longer than the deadline
	Do       Handler
	// Serve, instead of Do, is for programs that come by: no session, no form, no page.
	Serve func(w http.ResponseWriter, r *http.Request) (status int)
}

// Area is a part of the portal; its pages are those routes that name it.
type Area struct {
	Name  string
	Home  string
	Needs Need
}

// Kit serves the portal's pages.
type Kit struct {
	o       Options
	mux     *http.ServeMux
	areas   []Area
	routes  []Route
	cross   *http.CrossOriginProtection
	onces   onces
	streams streams
	closing chan struct{}
	close   sync.Once
}

// Limits of a request.
const (
	maxBody  = 1 << 20
	deadline = 30 * time.Second
	slowest  = 10 * time.Minute
)

// New makes a kit with the parts of the portal, in the order of the bar.
func New(o Options, areas ...Area) *Kit {
	if o.Brand == "" {
		o.Brand = "demarc"
	}
	k := &Kit{o: o, mux: http.NewServeMux(), areas: areas, cross: http.NewCrossOriginProtection(), closing: make(chan struct{})}
	k.Add(k.own()...)
	return k
}

// Add mounts pages.
func (k *Kit) Add(routes ...Route) {
	for _, r := range routes {
		k.routes = append(k.routes, r)
		k.mux.Handle(r.pattern(), k.serve(r))
	}
}

// Routes is every page and act.
func (k *Kit) Routes() []Route { return slices.Clone(k.routes) }

// Patterns are what is the portal's, method and path, for whoever mounts it.
func (k *Kit) Patterns() []string {
	list := make([]string, len(k.routes))
	for i, r := range k.routes {
		list[i] = r.pattern()
	}
	return list
}

// pattern is the route as net/http knows it: a path that ends in a slash is that path
// alone.
func (r Route) pattern() string {
	if strings.HasSuffix(r.Path, "/") {
		return r.Method + " " + r.Path + "{$}"
	}
	return r.Method + " " + r.Path
}

// Close ends the live pages: the server is stopping.
func (k *Kit) Close() { k.close.Do(func() { close(k.closing) }) }

// ServeHTTP serves the portal.
func (k *Kit) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.mux.ServeHTTP(w, r) }

// policy lets a page use what this server sends, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (k *Kit) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		took := clock.Elapsed()
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		limit := deadline
		if route.Slow {
			limit = slowest
		}
		v := &Visit{kit: k, route: &route, w: w, r: r, id: rand.Text()[:16], status: http.StatusOK}
		h.Set("X-Request-Id", v.id)
		switch {
		case route.Serve != nil:
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			if readable(r) != nil {
				v.status = http.StatusBadRequest
				w.WriteHeader(v.status)
				break
			}
			v.status = route.Serve(w, r.WithContext(ctx))
		case route.Live && strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
			v.stream()
		default:
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			v.r = r.WithContext(ctx)
			if err := v.run(); err != nil {
				v.fail(err)
			}
			v.send()
		}
		if k.o.Observe != nil {
			k.o.Observe("portal "+route.Method+" "+route.Path, v.status, took())
		}
	})
}

// run takes a visit through what every page has in common, and then to its page.
func (v *Visit) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what net/http panics with
				panic(p)
			}
			err = fmt.Errorf("%s %s panicked: %v", v.route.Method, v.route.Path, p)
		}
	}()
	if err := v.kit.cross.Check(v.r); err != nil {
		return CrossSite
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxBody)
	if err := v.recognise(); err != nil {
		return err
	}
	if v.r.Method == http.MethodPost {
		if err := v.parseForm(); err != nil {
			return Unreadable
		}
		if err := v.checkCSRF(); err != nil {
			return err
		}
	}
	if err := readable(v.r); err != nil {
		return err
	}
	if go_, err := v.admit(); go_ || err != nil {
		return err
	}
	if v.r.Method != http.MethodPost {
		return v.route.Do(v)
	}
	if err := v.checkPlace(); err != nil {
		return err
	}
	answered, finish, err := v.once()
	if answered || err != nil {
		return err
	}
	defer finish()
	return v.route.Do(v)
}

// admit checks what the route needs; it answers true when it has sent the visitor
// somewhere else first.
func (v *Visit) admit() (elsewhere bool, err error) {
	r := v.route
	switch {
	case r.Needs == Anyone && v.User.Email == "":
		return false, nil
	case r.Needs == Anyone: // what is around the page is still theirs
		return false, v.findWorlds()
	case v.User.Email == "":
		return true, v.Go("/signin?back=" + v.here())
	case v.session.MustChange && r.Path != "/account/password" && r.Path != "/signout":
		return true, v.Go("/account/password")
	}
	if err := v.findWorlds(); err != nil {
		return false, err
	}
	if !r.Needs.Met(v.User, v.place()) {
		return false, NotYours.Say("This page is for %s; you are signed in as %s, a %s.", needNames[r.Needs], v.User.Email, v.User.Role)
	}
	if r.Fresh && clock.Machine().Sub(v.session.ProvedAt) > freshFor {
		return true, v.Go("/prove?back=" + v.here())
	}
	if r.Customer {
		return v.findCustomers()
	}
	return false, nil
}

// send writes what the visit has made.
func (v *Visit) send() {
	if v.sent {
		return
	}
	h := v.w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	if v.User.Email != "" || v.route.Method != http.MethodGet {
		h.Set("Cache-Control", "no-store")
	}
	v.w.WriteHeader(v.status)
	_, _ = v.w.Write(v.body.Bytes()) // a visitor that has gone needs no error
}

// shell is what is around the page.
func (v *Visit) shell(title string) ui.Shell {
	s := ui.Shell{Title: title, Brand: v.kit.o.Brand, Theme: v.theme(), Email: v.User.Email, OrgName: v.session.OrgName, CSRF: v.CSRF(),
		Back: v.r.URL.RequestURI(), Live: v.route.Live, World: v.World.ID, Sandbox: v.World.Kind != sandbox.Production, Customer: v.Customer.Number}
	if v.route.Method != http.MethodGet {
		s.Back = v.r.URL.Path
	}
	for _, a := range v.kit.areas {
		if v.User.Email != "" && a.Needs.Met(v.User, v.place()) {
			s.Areas = append(s.Areas, ui.Item{Href: a.Home, Label: a.Name, Current: a.Name == v.route.Area})
		}
	}
	for _, r := range v.kit.routes {
		if r.Nav != "" && r.Area == v.route.Area && r.Needs.Met(v.User, v.place()) {
			s.Side = append(s.Side, ui.Item{Href: r.Path, Label: r.Nav, Current: r.Path == v.route.Path || v.parent == r.Path})
		}
	}
	if v.route.Area == "Build" {
		s.Side = append(s.Side, ui.Item{Href: "/docs/", Label: "API reference"})
	}
	for _, w := range v.worlds {
		name := w.Name
		if name == "" {
			name = w.ID
		}
		s.Worlds = append(s.Worlds, ui.Choice{Value: w.ID, Label: name})
	}
	for _, c := range v.customers {
		s.Customers = append(s.Customers, ui.Choice{Value: c.Number, Label: c.Number + " " + c.Name})
	}
	return s
}

// render writes a page into the visit.
func (v *Visit) render(title string, nodes []ui.Node) error {
	if v.flash != nil {
		nodes = append([]ui.Node{v.flash}, nodes...)
	}
	var b bytes.Buffer
	var err error
	if v.streaming {
		err = ui.All(nodes...).Render(&b)
	} else {
		err = ui.Document(v.shell(title), nodes...).Render(&b)
	}
	if err != nil {
		return err
	}
	v.body = b
	return nil
}
