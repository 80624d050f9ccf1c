package market

import (
	"net/http"

	"demarc/api"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// entryRoutes are the pages on the way in, and those about oneself.
func (s *screens) entryRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: "/", Needs: web.Anyone, Do: s.landing},
		{Method: get, Path: "/signup", Needs: web.Anyone, Do: s.signUp},
		{Method: post, Path: "/signup", Needs: web.Anyone, Do: s.signUp},
		{Method: get, Path: "/signin", Needs: web.Anyone, Do: s.signIn},
		{Method: post, Path: "/signin", Needs: web.Anyone, Do: s.signIn},
		{Method: post, Path: "/signout", Needs: web.Anyone, Do: s.signOut},
		{Method: get, Path: "/prove", Needs: web.SignedIn, Do: s.prove},
		{Method: post, Path: "/prove", Needs: web.SignedIn, Do: s.prove},
		{Method: get, Path: "/account", Needs: web.SignedIn, Area: accountArea, Nav: "Account", Do: s.account},
		{Method: get, Path: "/account/password", Needs: web.SignedIn, Area: accountArea, Nav: "Password", Do: s.password},
		{Method: post, Path: "/account/password", Needs: web.SignedIn, Area: accountArea, Do: s.password},
		{Method: get, Path: "/account/people", Needs: web.Build, Area: accountArea, Nav: "People", Do: s.people},
		{Method: get, Path: "/account/people/new", Needs: web.Build, Area: accountArea, Fresh: true, Do: s.newPerson},
		{Method: post, Path: "/account/people/new", Needs: web.Build, Area: accountArea, Fresh: true, Do: s.newPerson},
		{Method: get, Path: "/account/people/change", Needs: web.Build, Area: accountArea, Fresh: true, Do: s.changePerson},
		{Method: post, Path: "/account/people/change", Needs: web.Build, Area: accountArea, Fresh: true, Do: s.changePerson},
		{Method: post, Path: "/account/people/remove", Needs: web.Build, Area: accountArea, Fresh: true, Do: s.removePerson},
	}
}

// accountArea is no part of the bar: the person's menu leads there.
const accountArea = "Account"

// nameOf is what people call a product.
func nameOf(product string) string {
	if p := productByName(product); p != nil {
		return p.Title
	}
	return product
}

// landing is the first page.
func (s *screens) landing(v *web.Visit) error {
	var cards []ui.Node
	for _, p := range products {
		cards = append(cards, ui.Card(p.Title, ui.P(p.Lead), ui.Actions(ui.Link("/products/"+p.Name, "About "+p.Title))))
	}
	cards = append(cards, ui.Card("Your sandbox", ui.P("A carrier of your own, for trying: its clock moves when you say so, its backends fail on demand, and it forgets everything when you reset it."),
		ui.Actions(ui.Link("/docs/", "API reference"))))
	actions := []ui.Node{ui.Button("/signup", "Sign up"), ui.Quiet("/signin", "Sign in")}
	if v.User.Email != "" {
		actions = []ui.Node{ui.Button(homeOf(v.User), "Go on")}
	}
	return v.Show("A carrier's edge towards its partners",
		ui.Head("A carrier's edge towards its partners",
			"demarc is where a telecommunications carrier lets partners order: five API products, each with a sandbox that behaves like the carrier.", actions...),
		ui.Section("The products", ui.Grid(cards...)),
		ui.Section("How to begin",
			ui.Steps(
				ui.Step{Title: "Sign up", Text: "An e-mail address, a password, the name of your organisation. A sandbox is yours at once."},
				ui.Step{Title: "Make an application", Text: "It has the keys that your programs call with. In the sandbox it is approved by itself."},
				ui.Step{Title: "Try it out", Text: "The reference calls your sandbox from the page: authorize, choose a call, send it.", Action: ui.Link("/docs/", "Open the reference")},
			)),
		ui.Section("For operators",
			ui.P("The keys of this server's first sandbox, and the administrator's address and one-time password, are in quickstart.env in its data directory."),
			ui.CodeBlock("A token with these keys", `set -a; . ./data/quickstart.env; set +a
curl -u "$DEMARC_CLIENT_ID:$DEMARC_CLIENT_SECRET" \
  -d grant_type=client_credentials `+v.BaseURL()+`/oauth/token`),
			ui.Facts(
				ui.Fact{Name: "The contract", Value: ui.Actions(ui.Each(api.Documents(), func(d api.Document) ui.Node { return ui.Link("/api/"+d.File, d.File) }))},
				ui.Fact{Name: "How this server is", Value: ui.Actions(ui.Link("/healthz", "Health"), ui.Link("/readyz", "Readiness"), ui.Link("/metrics", "Metrics"))},
			)))
}

// homeOf is where a person's work is.
func homeOf(u identity.User) string {
	switch u.Role {
	case identity.RoleBuyer:
		return "/control"
	case identity.RoleProvider:
		return "/provider"
	case identity.RoleStaff, identity.RoleAdministrator:
		return "/desk"
	}
	return "/start"
}
