package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/sandbox"
	"demarc/internal/timer"
)

const password = "walrus-lantern-otter-93"

// site is a portal of a few pages, with real people and worlds behind it.
type site struct {
	*httptest.Server
	t      *testing.T
	people *identity.Service
	worlds *sandbox.Service
	kit    *Kit
	asked  atomic.Int64 // what the live page says
	shown  atomic.Int64
	jar    *cookiejar.Jar
	client *http.Client
	base   string // what the kit takes its address to be; "": as it is
}

func newSite(t *testing.T) *site {
	t.Helper()
	d := dbtest.Open(t, dbtest.SQLite(t))
	log := slog.New(slog.DiscardHandler)
	s := &site{t: t, people: identity.New(d, identity.Options{Products: []string{"voice"}})}
	s.worlds = sandbox.New(sandbox.Options{DB: d, Runner: timer.NewRunner(d, log, 1), Identity: s.people, Counters: db.NewCounters(d), Log: log, Products: []string{"voice"},
		Seeders: []func(*db.Tx) error{func(tx *db.Tx) error {
			identity.PutCustomer(tx, identity.Customer{Number: "1-A", Name: "A"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-B", Name: "B"})
			return nil
		}}})
	if err := s.worlds.EnsureProduction(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.kit = New(Options{DB: d, People: s.people, Worlds: s.worlds, Log: log, BaseURL: func(r *http.Request) string {
		if s.base != "" {
			return s.base
		}
		return "http://" + r.Host
	}}, Area{Name: "Build", Home: "/build", Needs: Build}, Area{Name: "Desk", Home: "/desk", Needs: Carry})
	s.kit.Add(s.pages()...)
	s.Server = httptest.NewServer(s.kit)
	t.Cleanup(s.Close)
	s.forget()
	return s
}

// forget begins with a browser that has no cookies.
func (s *site) forget() {
	s.jar, _ = cookiejar.New(nil)
	s.client = &http.Client{Jar: s.jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *site) pages() []Route {
	said := func(text string) Handler { return func(v *Visit) error { return v.Show(text, ui.Head(text, "")) } }
	form := func(v *Visit, f *ui.Form) error {
		return v.Show("Form", f.Node("Send", ui.Input{Name: "name", Label: "Name"}.In(f), ui.Input{Name: "pin", Label: "PIN", Type: "password"}.In(f)))
	}
	return []Route{
		{Method: "GET", Path: "/open", Needs: Anyone, Do: said("open")},
		{Method: "POST", Path: "/open", Needs: Anyone, Do: said("posted")},
		{Method: "GET", Path: "/me", Needs: SignedIn, Do: said("me")},
		{Method: "GET", Path: "/build", Needs: Build, Area: "Build", Nav: "Things", Do: said("build")},
		{Method: "GET", Path: "/keys", Needs: Build, Fresh: true, Do: said("keys")},
		{Method: "GET", Path: "/desk", Needs: Carry, Area: "Desk", Do: said("desk")},
		{Method: "GET", Path: "/buy", Needs: Buy, Customer: true, Do: func(v *Visit) error { return v.Show("buy", ui.P("for "+v.Customer.Number)) }},
		{Method: "GET", Path: "/live", Needs: SignedIn, Live: true, Do: func(v *Visit) error {
			return v.Show("live", ui.Live("n", ui.Pf("now %d", s.asked.Load())))
		}},
		{Method: "POST", Path: "/open-once", Needs: SignedIn, Do: said("a key")},
		{Method: "GET", Path: "/order", Needs: Buy, Area: "Build", Customer: true, Do: func(v *Visit) error { return v.Show("Order", v.Form().Node("Order")) }},
		{Method: "POST", Path: "/order", Needs: Buy, Area: "Build", Customer: true, Do: func(v *Visit) error {
			s.asked.Add(1)
			return v.Done("/me", "Ordered for "+v.Customer.Number)
		}},
		{Method: "POST", Path: "/count", Needs: SignedIn, Do: func(v *Visit) error {
			s.asked.Add(1)
			return v.Done("/me", "Counted.")
		}},
		{Method: "GET", Path: "/broken", Needs: Anyone, Do: func(*Visit) error { return errors.New("SELECT secret FROM vault") }},
		{Method: "GET", Path: "/panics", Needs: Anyone, Do: func(*Visit) error { panic("SELECT secret FROM vault") }},
		{Method: "GET", Path: "/form", Needs: SignedIn, Do: func(v *Visit) error { return form(v, v.Form()) }},
		{Method: "POST", Path: "/form", Needs: SignedIn, Do: func(v *Visit) error {
			f := v.Form()
			if f.Value("name") != "good" {
				return v.Refused(f, fault.Invalid.With(fault.Field("X-1", "name", "must be good")), form)
			}
			return v.Done("/me", `It <worked> & "well".`)
		}},
		{Method: "GET", Path: "/signout", Needs: Anyone, Do: func(v *Visit) error {
			if err := v.SignOut(); err != nil {
				return err
			}
			return v.Go("/open")
		}},
		{Method: "POST", Path: "/in", Needs: Anyone, Do: func(v *Visit) error {
			u, err := s.people.SignIn(v.Context(), v.Form().Value("email"), v.Form().Values.Get("password"), v.From())
			if err != nil {
				return err
			}
			if err := v.SignIn(u); err != nil {
				return err
			}
			return v.Go(Local(v.Query().Get("back")))
		}},
	}
}

// person makes a person with an organisation and a sandbox, and signs them in.
func (s *site) person(email, role string) (org string) {
	s.t.Helper()
	org, made, err := s.people.SignUp(s.t.Context(), identity.NewPerson{Email: email, Password: password, Role: role, OrgName: "Acme " + role, From: "127.0.0.1"})
	if err != nil || !made {
		s.t.Fatal(made, err)
	}
	if _, err := s.worlds.Create(s.t.Context(), sandbox.NewWorld{Org: org, Name: "Sandbox of " + role, Actor: email}); err != nil {
		s.t.Fatal(err)
	}
	s.signIn(email)
	return org
}

func (s *site) signIn(email string) *http.Response {
	s.t.Helper()
	res, body := s.post("/in", url.Values{"email": {email}, "password": {password}, ui.CSRFField: {s.csrf()}})
	if res.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("signing in answers %d: %s", res.StatusCode, body)
	}
	return res
}

// csrf is what the page of a form carries.
func (s *site) csrf() string {
	_, body := s.get("/form")
	m := regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func (s *site) get(path string) (*http.Response, string) {
	s.t.Helper()
	return s.send(http.MethodGet, path, nil, nil)
}

func (s *site) post(path string, values url.Values) (*http.Response, string) {
	s.t.Helper()
	return s.send(http.MethodPost, path, values, nil)
}

func (s *site) send(method, path string, values url.Values, header http.Header) (*http.Response, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, string(body)
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	own, other, production := Place{Sandbox: true, Mine: true}, Place{Sandbox: true}, Place{}
	all := []Need{Anyone, SignedIn, Build, Own, Buy, Sell, Carry, Staff, Admin}
	for _, c := range []struct {
		why   string
		role  string
		place Place
		may   []Need
	}{
		{"PORTAL-ROLE-01 nobody sees the open pages only", "", own, []Need{Anyone}},
		{"PORTAL-ROLE-02 another's sandbox is no business of a developer's", identity.RoleDeveloper, other, []Need{Anyone, SignedIn}},
		{"PORTAL-ROLE-02 another's sandbox is no business of a buyer's", identity.RoleBuyer, other, []Need{Anyone, SignedIn}},
		{"PORTAL-ROLE-03 a developer's own sandbox is all of its", identity.RoleDeveloper, own, []Need{Anyone, SignedIn, Build, Own, Buy, Sell, Carry}},
		{"PORTAL-ROLE-04 in production a developer has applications", identity.RoleDeveloper, production, []Need{Anyone, SignedIn, Build}},
		{"PORTAL-ROLE-04 a buyer buys in production", identity.RoleBuyer, production, []Need{Anyone, SignedIn, Buy}},
		{"PORTAL-ROLE-03 a buyer may try everything in its own sandbox, but has no applications", identity.RoleBuyer, own, []Need{Anyone, SignedIn, Own, Buy, Sell, Carry}},
		{"PORTAL-ROLE-04 a provider sells", identity.RoleProvider, production, []Need{Anyone, SignedIn, Sell}},
		{"PORTAL-ROLE-05 staff does the carrier's side of production", identity.RoleStaff, production, []Need{Anyone, SignedIn, Carry, Staff}},
		{"PORTAL-ROLE-05 staff does the carrier's side of any sandbox", identity.RoleStaff, other, []Need{Anyone, SignedIn, Carry, Staff}},
		{"PORTAL-ROLE-06 an administrator may do everything in a sandbox", identity.RoleAdministrator, other, all},
		{"PORTAL-ROLE-06 and in production, which has no owner's page", identity.RoleAdministrator, production, []Need{Anyone, SignedIn, Build, Buy, Sell, Carry, Staff, Admin}},
		{"PORTAL-ROLE-01 a role that there is not may do nothing", "wizard", own, []Need{Anyone, SignedIn}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			u := identity.User{Role: c.role, Email: "a@example.com"}
			if c.role == "" {
				u.Email = ""
			}
			var may []Need
			for _, n := range all {
				if n.Met(u, c.place) {
					may = append(may, n)
				}
			}
			if len(may) != len(c.may) {
				t.Fatalf("may %v, want %v", may, c.may)
			}
			for i := range may {
				if may[i] != c.may[i] {
					t.Errorf("may %v, want %v", may, c.may)
				}
			}
		})
	}
}

func TestAVisitorIsSentToSignInAndComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	res, _ := s.get("/me?x=1")
	if at := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || at != "/signin?back=%2Fme%3Fx%3D1" {
		t.Errorf("a stranger is sent to %q with %d", at, res.StatusCode)
	}
	s.person("dev@example.com", identity.RoleDeveloper)
	if res, body := s.get("/me"); res.StatusCode != http.StatusOK || !strings.Contains(body, "dev@example.com") {
		t.Errorf("the own page answers %d: %s", res.StatusCode, body)
	}
	if res, body := s.get("/desk"); res.StatusCode != http.StatusOK {
		t.Errorf("in its own sandbox a developer is the carrier too: %d %s", res.StatusCode, body)
	}
	s.forget()
	s.person("buyer@example.com", identity.RoleBuyer)
	res, body := s.get("/build")
	if res.StatusCode != http.StatusForbidden || !strings.Contains(body, "for a developer") {
		t.Errorf("a buyer at a developer's page: %d %s", res.StatusCode, body)
	}
}

func TestOnlyPathsOfThisPortalAreGoneTo(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/apps?x=1": "/apps?x=1", "": "/", "apps": "/", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example/": "/", "/a\r\nSet-Cookie: x=1": "/", "/\t/evil.example": "/", "/ /evil.example": "/", "/%09/x": "/%09/x"} {
		if got := Local(path); got != want {
			t.Errorf("Local(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestASessionBeginsAnewAtSignInAndEndsAtSignOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	at, _ := url.Parse(s.URL)
	first := s.jar.Cookies(at)[0].Value
	res := s.signIn("dev@example.com")
	cookie := res.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the session's cookie is %q, without %s", cookie, want)
		}
	}
	if strings.Contains(cookie, first) || strings.Contains(cookie, "Secure") {
		t.Errorf("the second session's cookie is %q, after %q over plain HTTP", cookie, first)
	}
	stolen := http.Header{"Cookie": {"demarc=" + first}}
	s.forget()
	if res, _ := s.send(http.MethodGet, "/me", nil, stolen); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the session before is still good: %d", res.StatusCode)
	}
	s.signIn("dev@example.com")
	now := s.jar.Cookies(at)[0].Value
	s.get("/signout")
	if res, _ := s.send(http.MethodGet, "/me", nil, http.Header{"Cookie": {"demarc=" + now}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a session that was ended is still good: %d", res.StatusCode)
	}
}

func TestBehindTLSTheCookieIsForThisHostAndTLSAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, _, err := s.people.SignUp(t.Context(), identity.NewPerson{Email: "dev@example.com", Password: password, Role: identity.RoleDeveloper, OrgName: "Acme", From: "127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	s.base = "https://portal.example.com"
	res, _ := s.post("/in", url.Values{"email": {"dev@example.com"}, "password": {password}})
	if c := res.Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-demarc=") || !strings.Contains(c, "Secure") {
		t.Errorf("the cookie is %q", c)
	}
}

func TestAFormIsTakenFromAPageOfTheSessionOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	good := s.csrf()
	for name, c := range map[string]struct {
		proof  string
		header http.Header
		want   int
	}{
		"with its proof":                {good, http.Header{}, http.StatusSeeOther},
		"without one":                   {"", http.Header{}, http.StatusForbidden},
		"with another's":                {strings.Repeat("A", len(good)), http.Header{}, http.StatusForbidden},
		"from another site":             {good, http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		"from another origin":           {good, http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"from this site, as it says so": {good, http.Header{"Sec-Fetch-Site": {"same-origin"}}, http.StatusSeeOther},
	} {
		res, body := s.send(http.MethodPost, "/form", url.Values{"name": {"good"}, ui.CSRFField: {c.proof}}, c.header)
		if res.StatusCode != c.want {
			t.Errorf("a form %s answers %d, want %d: %s", name, res.StatusCode, c.want, body)
		}
	}
	s.forget()
	if res, _ := s.send(http.MethodPost, "/open", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("who is not signed in is not protected: %d", res.StatusCode)
	}
}

func TestARefusedFormIsShownWithItsValuesAndNeverWithAPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	res, body := s.post("/form", url.Values{"name": {`b"ad<`}, "pin": {"4711"}, ui.CSRFField: {s.csrf()}})
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("it answers %d", res.StatusCode)
	}
	for _, want := range []string{`value="b&#34;ad&lt;"`, "Name must be good", `aria-invalid="true"`, `href="#f-name"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "4711") {
		t.Error("the page says a password back")
	}
	s.post("/form", url.Values{"name": {"good"}, ui.CSRFField: {s.csrf()}})
	if _, body := s.get("/me"); !strings.Contains(body, "It &lt;worked&gt; &amp; &#34;well&#34;.") {
		t.Errorf("the next page does not say that it worked: %s", body)
	}
	if _, body := s.get("/me"); strings.Contains(body, "worked") {
		t.Error("it says so twice")
	}
}

func TestAFormThatIsSentTwiceIsActedUponOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	proof := s.csrf()
	send := func(number, thing string) {
		t.Helper()
		values := url.Values{"thing": {thing}, ui.CSRFField: {proof}, ui.OnceField: {number}}
		if res, body := s.post("/count", values); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/me" {
			t.Errorf("it answers %d %q: %s", res.StatusCode, res.Header.Get("Location"), body)
		}
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { send("one", "a") })
	}
	both.Wait()
	send("one", "a")
	if n := s.asked.Load(); n != 1 {
		t.Errorf("one form that was sent three times was acted upon %d times", n)
	}
	if _, body := s.get("/me"); !strings.Contains(body, "Counted.") {
		t.Errorf("the second time nothing is said: %s", body)
	}
	for range 2 { // what was shown in answer is not shown twice: a key, say
		values := url.Values{ui.CSRFField: {proof}, ui.OnceField: {"shown"}}
		res, _ := s.post("/open-once", values)
		if want := map[int64]int{1: http.StatusOK, 2: http.StatusConflict}[s.shown.Add(1)]; res.StatusCode != want {
			t.Errorf("a form that is answered with a page is answered %d, want %d", res.StatusCode, want)
		}
	}
	send("one", "b") // its page was gone back to, and another thing was asked for
	send("two", "a")
	if n := s.asked.Load(); n != 3 {
		t.Errorf("three forms were acted upon %d times", n)
	}
	if _, body := s.post("/form", url.Values{"name": {"bad"}, ui.CSRFField: {proof}, ui.OnceField: {"x"}}); !strings.Contains(body, "must be good") {
		t.Errorf("a refusal says %s", body)
	}
	if _, body := s.post("/form", url.Values{"name": {"bad"}, ui.CSRFField: {proof}, ui.OnceField: {"x"}}); !strings.Contains(body, "must be good") {
		t.Errorf("a refusal that is sent again says %s", body)
	}
}

func TestAFormIsForTheWorldAndTheCustomerThatItsPageWasAbout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	org := s.person("dev@example.com", identity.RoleDeveloper)
	second, err := s.worlds.Create(t.Context(), sandbox.NewWorld{Org: org, Name: "second", Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	_, page := s.get("/order")
	proof := regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(page)[1]
	order := func(want int) {
		t.Helper()
		if res, body := s.post("/order", url.Values{ui.CSRFField: {proof}}); res.StatusCode != want {
			t.Errorf("it answers %d, want %d: %s", res.StatusCode, want, body)
		}
	}
	order(http.StatusSeeOther)
	list, err := s.worlds.List(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	choose := func(world, customer string) {
		s.post("/choose", url.Values{"world": {world}, "customer": {customer}, ui.CSRFField: {s.csrf()}})
	}
	choose(second.ID, "") // in another window
	order(http.StatusConflict)
	choose(list[0].ID, "")
	choose(list[0].ID, "1-B")
	order(http.StatusConflict)
	choose(list[0].ID, "1-A")
	order(http.StatusSeeOther)
	if n := s.asked.Load(); n != 2 {
		t.Errorf("%d orders were made", n)
	}
}

func TestWhatNobodyCouldHaveTypedIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	for _, query := range []string{"?a=%00", "?a=%ff", "?%00=a", "?" + strings.Repeat("a.", 5000) + "=1", "?" + strings.Repeat("[0]", 2000) + "=1", "?" + strings.Repeat("a", 300) + "=1", "?a=%07"} {
		if res, _ := s.get("/open" + query); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%.20s is answered %d", query, res.StatusCode)
		}
		if res, _ := s.post("/open"+query, url.Values{ui.CSRFField: {s.csrf()}}); res.StatusCode != http.StatusBadRequest {
			t.Errorf("a form to %.20s is answered %d", query, res.StatusCode)
		}
	}
	for name, value := range map[string]string{"a": "\x00", "b": "\xff", strings.Repeat("x.", 100): "1", "c\x01": "d"} {
		if res, _ := s.post("/open", url.Values{ui.CSRFField: {s.csrf()}, name: {value}}); res.StatusCode != http.StatusBadRequest {
			t.Errorf("a form with %.10q=%q is answered %d", name, value, res.StatusCode)
		}
	}
	if res, _ := s.post("/open", url.Values{ui.CSRFField: {s.csrf()}, "a[0].b": {"two\r\nlines\tand a tab, naïve"}}); res.StatusCode != http.StatusOK {
		t.Errorf("good text is answered %d", res.StatusCode)
	}
}

func TestOnePersonDoesNotTakeAllLivePages(t *testing.T) {
	t.Parallel()
	var s streams
	for range mostOfOne {
		if !s.enter("a") {
			t.Fatal("too few")
		}
	}
	if s.enter("a") || !s.enter("b") {
		t.Error("one person takes another's place")
	}
	s.leave("a")
	if !s.enter("a") {
		t.Error("a place that was left is not free")
	}
	for i := range mostLive {
		s.enter(strconv.Itoa(i))
	}
	if s.enter("z") {
		t.Error("there is no bound for all")
	}
}

func TestOurMistakesAreToldByANumber(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/broken", "/panics"} {
		res, body := s.get(path)
		if res.StatusCode != http.StatusInternalServerError || strings.Contains(body, "vault") || !strings.Contains(body, res.Header.Get("X-Request-Id")) {
			t.Errorf("%s answers %d: %s", path, res.StatusCode, body)
		}
	}
}

func TestEveryPageForbidsWhatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	res, body := s.get("/open")
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; script-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := res.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, inline := range []string{"<style", "style=", "onclick", "javascript:"} {
		if strings.Contains(body, inline) {
			t.Errorf("the page has %s", inline)
		}
	}
	if strings.Contains(strings.ReplaceAll(body, `<script src="`+ui.Asset("demarc.js"), ""), "<script") {
		t.Error("the page has a script of its own")
	}
	s.person("dev@example.com", identity.RoleDeveloper)
	if res, _ := s.get("/me"); res.Header.Get("Cache-Control") != "no-store" {
		t.Error("a person's page may be kept by caches")
	}
}

func TestACustomerIsChosenAmongThoseThatTheOrganisationActsFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	org := s.person("dev@example.com", identity.RoleDeveloper)
	if _, body := s.get("/buy"); !strings.Contains(body, "for 1-A") {
		t.Errorf("no customer is chosen: %s", body)
	}
	list, err := s.worlds.List(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	s.post("/choose", url.Values{"world": {list[0].ID}, "customer": {"1-B"}, "back": {"/buy"}, ui.CSRFField: {s.csrf()}})
	if _, body := s.get("/buy"); !strings.Contains(body, "for 1-B") {
		t.Errorf("the other customer is not chosen: %s", body)
	}
	s.post("/choose", url.Values{"world": {list[0].ID}, "customer": {"1-NOBODY"}, ui.CSRFField: {s.csrf()}})
	if _, body := s.get("/buy"); !strings.Contains(body, "for 1-A") {
		t.Errorf("a customer is chosen that there is not: %s", body)
	}
	res, _ := s.post("/choose", url.Values{"world": {"w_another"}, ui.CSRFField: {s.csrf()}})
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("another's world can be chosen: %d", res.StatusCode)
	}
}

func TestALivePageFollowsWhatHappensAndEndsWithTheServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person("dev@example.com", identity.RoleDeveloper)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/live", nil)
	req.Header.Set("Accept", "text/event-stream")
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func() (page string) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &page); err != nil {
					return data
				}
				return page
			}
		}
		return "the end"
	}
	if page := next(); !strings.Contains(page, "now 0") || strings.Contains(page, "<html") {
		t.Errorf("the stream begins with %s", page)
	}
	s.asked.Store(7)
	if page := next(); !strings.Contains(page, "now 7") {
		t.Errorf("after a change the stream says %s", page)
	}
	s.kit.Close()
	if page := next(); page != "the end" && page != "{}" {
		t.Errorf("the server stops, and the stream says %s", page)
	}
}
