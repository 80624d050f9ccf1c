package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/sandbox"
)

// freshFor is how long a password counts as just given.
const freshFor = 10 * time.Minute

// secure reports whether the visitor came over TLS, as far as this server can know.
func (v *Visit) secure() bool { return strings.HasPrefix(v.kit.o.BaseURL(v.r), "https://") }

func (v *Visit) sessionCookie() string {
	if v.secure() {
		return "__Host-demarc"
	}
	return "demarc"
}

// setCookie sets a cookie for so many seconds; a negative number takes it away, 0 keeps it
// until the browser ends.
func (v *Visit) setCookie(name, value string, seconds int) {
	//nolint:gosec // Secure where the visitor comes over TLS; on a laptop there is none
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: v.secure(), SameSite: http.SameSiteLaxMode})
}

// cookie is a cookie's value, "" when there is none.
func (v *Visit) cookie(name string) string {
	if c, err := v.r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// recognise finds out who comes.
func (v *Visit) recognise() error {
	v.heard()
	token := v.cookie(v.sessionCookie())
	if token == "" {
		return nil
	}
	s, err := v.kit.o.People.Session(v.Context(), token)
	if errors.Is(err, identity.SessionEnded) {
		v.setCookie(v.sessionCookie(), "", -1)
		return nil
	}
	if err != nil {
		return err
	}
	v.session, v.User, v.token = s, s.User, token
	return nil
}

// From is the network address of the visitor.
func (v *Visit) From() string {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		return v.r.RemoteAddr
	}
	return host
}

// SignIn begins a session, whatever the visitor had before.
func (v *Visit) SignIn(u identity.User) error {
	token, s, err := v.kit.o.People.Begin(v.Context(), u, v.token)
	if err != nil {
		return err
	}
	v.token, v.session, v.User = token, s, s.User
	v.setCookie(v.sessionCookie(), token, 0)
	return nil
}

// SignOut ends the session.
func (v *Visit) SignOut() error {
	v.setCookie(v.sessionCookie(), "", -1)
	if v.token == "" {
		return nil
	}
	return v.kit.o.People.End(v.Context(), v.token)
}

// Session is the visitor's session and its token.
func (v *Visit) Session() (identity.Session, string) { return v.session, v.token }

// CSRF proves that a form is from a page of this session: who cannot read the session's
// cookie cannot make it. It also says which world and which customer the page was about.
// Before there is a session, where a request comes from is all that is checked.
func (v *Visit) CSRF() string {
	if v.token == "" {
		return ""
	}
	return v.proof() + "." + base64.RawURLEncoding.EncodeToString([]byte(v.World.ID+"\n"+v.Customer.Number))
}

func (v *Visit) proof() string {
	sum := sha256.Sum256([]byte("form of " + v.token))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

func (v *Visit) checkCSRF() error {
	proof, _, _ := strings.Cut(v.r.PostForm.Get(ui.CSRFField), ".")
	if v.token == "" || subtle.ConstantTimeCompare([]byte(proof), []byte(v.proof())) == 1 {
		return nil
	}
	return CrossSite
}

// checkPlace refuses a form whose page was about another world or customer than the one
// that is looked at now: it was chosen in another window, and an order must not land in
// production that was meant for a sandbox.
func (v *Visit) checkPlace() error {
	_, place, _ := strings.Cut(v.r.PostForm.Get(ui.CSRFField), ".")
	if place == "" || v.route.Area == "" {
		return nil
	}
	about, err := base64.RawURLEncoding.DecodeString(place)
	if err != nil {
		return CrossSite
	}
	world, customer, _ := strings.Cut(string(about), "\n")
	if world != "" && world != v.World.ID || v.route.Customer && customer != "" && customer != v.Customer.Number {
		return Elsewhere
	}
	return nil
}

const themeCookie = "demarc_theme"

func (v *Visit) theme() string {
	if theme := v.cookie(themeCookie); theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}

// findWorlds finds the worlds that the visitor may look at, and the one that is chosen.
func (v *Visit) findWorlds() error {
	if v.worlds != nil {
		return nil
	}
	o := v.kit.o
	var err error
	if v.User.Carrier() {
		v.worlds, err = o.Worlds.All(v.Context(), maxWorlds)
	} else if v.worlds, err = o.Worlds.List(v.Context(), v.User.Org); err == nil {
		var production sandbox.World
		production, err = o.Worlds.Get(v.Context(), sandbox.Production)
		v.worlds = append(v.worlds, production)
	}
	if err != nil {
		return err
	}
	v.World = v.worlds[0]
	if i := slices.IndexFunc(v.worlds, func(w sandbox.World) bool { return w.ID == v.session.World }); i >= 0 {
		v.World = v.worlds[i]
	} else if v.User.Carrier() && v.session.World != "" {
		if w, err := o.Worlds.Get(v.Context(), v.session.World); err == nil {
			v.World, v.worlds = w, append(v.worlds, w)
		}
	}
	return nil
}

// maxWorlds is how many worlds staff has to choose from beside the one that is looked at.
const maxWorlds = 50

// findCustomers finds on whose behalf the visitor may act; where there is nobody, a page
// says so instead.
func (v *Visit) findCustomers() (nobody bool, err error) {
	org := v.User.Org
	if v.User.Carrier() {
		org = ""
	}
	v.customers, err = v.kit.o.People.ActsFor(v.Context(), org, v.World.ID)
	if err != nil {
		return false, err
	}
	if len(v.customers) == 0 {
		actions := []ui.Node{}
		if v.May(Build) {
			actions = append(actions, ui.Button("/apps", "Applications"))
		}
		return true, v.Show("No customer yet", ui.Head("No customer yet", ""), ui.Empty("Your organisation acts for no customer in this world.",
			"What is bought is bought for a customer. Ask for one at one of your applications; the carrier's staff decides about it.", actions...))
	}
	v.Customer = v.customers[0]
	if i := slices.IndexFunc(v.customers, func(c identity.Customer) bool { return c.Number == v.session.Customer }); i >= 0 {
		v.Customer = v.customers[i]
	}
	return false, nil
}

// Customers are those on whose behalf the visitor may act.
func (v *Visit) Customers() []identity.Customer { return v.customers }

// Worlds are those that the visitor may look at.
func (v *Visit) Worlds() []sandbox.World { return v.worlds }

// Own routes: choosing a world and colours.
func (k *Kit) own() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/choose", Needs: SignedIn, Do: (*Visit).choose},
		{Method: http.MethodPost, Path: "/theme", Needs: Anyone, Do: (*Visit).chooseTheme},
	}
}

func (v *Visit) choose() error {
	f := v.Form()
	world := f.Value("world")
	known := slices.ContainsFunc(v.worlds, func(w sandbox.World) bool { return w.ID == world })
	if !known && v.User.Carrier() {
		_, err := v.kit.o.Worlds.Get(v.Context(), world)
		known = err == nil
	}
	if !known {
		return NoSuchPage
	}
	customer := f.Value("customer")
	if world != v.World.ID || len(customer) > longestName {
		customer = ""
	}
	if err := v.Choose(v.Context(), world, customer); err != nil {
		return err
	}
	return v.Go(Local(f.Value("back")))
}

// Choose makes the visitor look at a world, and act for a customer.
func (v *Visit) Choose(ctx context.Context, world, customer string) error {
	return v.kit.o.People.Choose(ctx, v.token, world, customer)
}

func (v *Visit) chooseTheme() error {
	f := v.Form()
	theme := f.Value("theme")
	if theme == "light" || theme == "dark" {
		v.setCookie(themeCookie, theme, 365*24*3600)
	} else {
		v.setCookie(themeCookie, "", -1)
	}
	return v.Go(Local(f.Value("back")))
}

// Errors of the portal's own.
var (
	CrossSite  = fault.New("portal", "portal_cross_site", 403, "This form is from an older page or another site. Open the page again and repeat what you did.")
	Unreadable = fault.New("portal", "portal_unreadable", 400, "What was sent cannot be read as a form, or is too long.")
	Elsewhere  = fault.New("portal", "portal_elsewhere", 409, "This form is from a page about another world or customer than the one that you look at now. Nothing was done. Open the page again.")
	Already    = fault.New("portal", "portal_already", 409, "This form was acted upon already. What came of it was shown then, and is not shown twice.")
	NotYours   = fault.New("portal", "portal_not_yours", 403, "This page is not for you.")
	NoSuchPage = fault.New("portal", "portal_no_page", 404, "There is no such page.")
)
