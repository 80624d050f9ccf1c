package app

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// stranger is what a page says to whom it is not for.
const stranger = "This page is for "

var pathParts = regexp.MustCompile(`\{[^}]*\}`)

// visitor is a person of one role, who looks at a world.
type visitor struct {
	identity.User
	world string
	place web.Place
}

// matrix asks every page of the portal, as everybody.
type matrix struct {
	t      *testing.T
	app    *App
	server *httptest.Server
	client *http.Client
}

// people is somebody of each role, in production and in a sandbox of their own.
func (m *matrix) people() (list []visitor) {
	m.t.Helper()
	ctx := m.t.Context()
	add := func(org, role string) {
		email := role + "@example.com"
		u := identity.User{Email: email, Org: org, Role: role}
		given, err := m.app.Identity.AddPerson(ctx, "test", org, email, role)
		if err != nil {
			m.t.Fatal(err)
		}
		m.settle(u, given)
		list = append(list, visitor{u, sandbox.Production, web.Place{Mine: false}})
		made, err := m.app.Sandbox.Create(ctx, sandbox.NewWorld{Org: org, Name: role, Actor: "test"})
		if err != nil {
			m.t.Fatal(err)
		}
		list = append(list, visitor{u, made.ID, web.Place{Sandbox: true, Mine: true}})
	}
	add(identity.CarrierOrg, identity.RoleAdministrator)
	add(identity.CarrierOrg, identity.RoleStaff)
	for _, role := range []string{identity.RoleDeveloper, identity.RoleBuyer, identity.RoleProvider} {
		org, err := m.app.Identity.CreateOrg(ctx, "Of the "+role)
		if err != nil {
			m.t.Fatal(err)
		}
		add(org.ID, role)
	}
	return list
}

// settle gives a person a password of their own: until then no page but that one is shown.
func (m *matrix) settle(u identity.User, given string) {
	m.t.Helper()
	token, _, err := m.app.Identity.Begin(m.t.Context(), u, "")
	if err == nil {
		err = m.app.Identity.ChangePassword(m.t.Context(), token, given, "cedar-lantern-otter-71", "192.0.2.1")
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// ask sends a request of a visitor's, in a session of its own; nobody's has none.
func (m *matrix) ask(v visitor, method, path string) (status int, to, page string) {
	m.t.Helper()
	form := url.Values{}
	token := ""
	if v.Email != "" {
		var err error
		if token, _, err = m.app.Identity.Begin(m.t.Context(), v.User, ""); err == nil {
			err = m.app.Identity.Choose(m.t.Context(), token, v.world, "")
		}
		if err != nil {
			m.t.Fatalf("%s: %v", v.Email, err)
		}
		sum := sha256.Sum256([]byte("form of " + token))
		form.Set(ui.CSRFField, base64.RawURLEncoding.EncodeToString(sum[:18]))
	}
	req, err := http.NewRequestWithContext(m.t.Context(), method, m.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		m.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "demarc", Value: token})
	}
	res, err := m.client.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

// What Met says of each page and each act of the portal, for each role, in production and
// in the organisation's own sandbox, is what the server answers: 403 to whom it is not
// for, the way to sign in to those who are nobody, and anything else to the others.
func TestWhatARoleMayDoIsWhatTheServerAnswers(t *testing.T) {
	t.Parallel()
	a := open(t)
	m := &matrix{t: t, app: a, server: httptest.NewServer(a.Kit), client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(m.server.Close)
	people := m.people()
	asked, refused := 0, 0
	for _, method := range []string{http.MethodGet, http.MethodPost} { // what changes things comes last
		for _, route := range a.Portal.Routes() {
			if route.Method != method || route.Serve != nil {
				continue
			}
			path := pathParts.ReplaceAllString(route.Path, "x")
			if status, to, _ := m.ask(visitor{}, method, path); route.Needs != web.Anyone && (status != http.StatusSeeOther || !strings.HasPrefix(to, "/signin")) {
				t.Errorf("nobody: %s %s is answered %d to %q", method, route.Path, status, to)
			}
			for _, v := range people {
				if ends(route) {
					continue
				}
				asked++
				status, _, page := m.ask(v, method, path)
				not := status == http.StatusForbidden && strings.Contains(page, stranger)
				if may := route.Needs == web.Anyone || route.Needs.Met(v.User, v.place); may == not || !may && status != http.StatusForbidden {
					t.Errorf("%s in %s: %s %s is answered %d, and may: %v", v.Role, v.world, method, route.Path, status, may)
				}
				if not {
					refused++
				}
			}
		}
	}
	if asked < 500 || refused < asked/10 {
		t.Errorf("of %d that were asked %d were refused: the matrix is not what it was", asked, refused)
	}
}

// ends reports whether a route ends its visitor's own account or world by one press.
func ends(r web.Route) bool { return r.Path == "/signout" }
