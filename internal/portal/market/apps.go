package market

import (
	"net/http"
	"strings"

	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// buildRoutes are the pages about what one builds: applications, webhooks.
func (s *screens) buildRoutes() []web.Route {
	const get, post, area = http.MethodGet, http.MethodPost, "Build"
	page := func(method, path, nav string, do web.Handler) web.Route {
		return web.Route{Method: method, Path: path, Needs: web.Build, Area: area, Nav: nav, Do: do}
	}
	fresh := func(method, path string, do web.Handler) web.Route {
		return web.Route{Method: method, Path: path, Needs: web.Build, Area: area, Fresh: true, Do: do}
	}
	live := func(path, nav string, do web.Handler) web.Route {
		return web.Route{Method: get, Path: path, Needs: web.Build, Area: area, Nav: nav, Live: true, Do: do}
	}
	return []web.Route{
		live("/start", "Getting started", s.start),
		page(get, "/apps", "Applications", s.apps),
		fresh(get, "/apps/new", s.newApp),
		fresh(post, "/apps/new", s.newApp),
		page(get, "/apps/{id}", "", s.app),
		fresh(get, "/apps/{id}/rotate", s.rotate),
		fresh(post, "/apps/{id}/rotate", s.rotate),
		fresh(post, "/apps/{id}/keys/revoke", s.revokeKey),
		fresh(post, "/apps/{id}/revoke", s.revokeApp),
		page(get, "/apps/{id}/customers", "", s.appCustomers),
		fresh(post, "/apps/{id}/customers", s.appCustomers),
		fresh(post, "/apps/{id}/customers/remove", s.ungrant),
		page(get, "/hooks", "Webhooks", s.hooks),
		page(get, "/hooks/new", "", s.newHook),
		page(post, "/hooks/new", "", s.newHook),
		live("/hooks/inbox", "Webhook receiver", s.inbox),
		page(post, "/hooks/inbox", "", s.openInbox),
		page(post, "/hooks/inbox/fail", "", s.failInbox),
		page(post, "/hooks/inbox/empty", "", s.emptyInbox),
		live("/hooks/{id}", "", s.hook),
		page(get, "/hooks/edit", "", s.editHook),
		page(post, "/hooks/edit", "", s.editHook),
		page(post, "/hooks/{id}/state", "", s.hookState),
		fresh(post, "/hooks/{id}/secret", s.rotateHook),
		page(post, "/hooks/{id}/test", "", s.testHook),
		page(post, "/hooks/{id}/replay", "", s.replayHook),
		page(post, "/hooks/{id}/delete", "", s.deleteHook),
		live("/hooks/deliveries/{id}", "", s.delivery),
		page(post, "/hooks/deliveries/{id}/replay", "", s.replayDelivery),
		{Method: post, Path: "/inbox/{token}", Needs: web.Anyone, Serve: s.receive},
		{Method: http.MethodPut, Path: "/inbox/{token}", Needs: web.Anyone, Serve: s.receive},
	}
}

// ownApp is an application of the visitor's organisation, whatever its world.
func (s *screens) ownApp(v *web.Visit, id string) (identity.App, error) {
	app, err := s.Identity.App(v.Context(), id)
	if err == nil && app.Org != v.User.Org {
		return identity.App{}, identity.AppUnknown
	}
	return app, err
}

// ownWorlds are the worlds that an application of the visitor's organisation can be in.
func ownWorlds(v *web.Visit) (list []sandbox.World) {
	for _, w := range v.Worlds() {
		if w.Kind == sandbox.Production || w.Org == v.User.Org {
			list = append(list, w)
		}
	}
	return list
}

// environmentOf is what a world is to an application.
func (s *screens) environmentOf(v *web.Visit, world string) string {
	if world == sandbox.Production {
		return "Production"
	}
	for _, w := range v.Worlds() {
		if w.ID == world {
			return "Sandbox: " + worldName(w)
		}
	}
	return "Sandbox " + world
}

const appsOnPage = ui.PageSize

// apps lists the organisation's applications.
func (s *screens) apps(v *web.Visit) error {
	f := v.Form()
	list, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org, World: f.Value("in"), After: f.Value("after"), Limit: appsOnPage + 1})
	if err != nil {
		return err
	}
	next := ""
	if len(list) > appsOnPage {
		list = list[:appsOnPage]
		next = list[len(list)-1].ID
	}
	var worlds []ui.Choice
	for _, w := range ownWorlds(v) {
		worlds = append(worlds, ui.Choice{Value: w.ID, Label: s.environmentOf(v, w.ID)})
	}
	rows := make([][]ui.Node, len(list))
	for i, a := range list {
		rows[i] = []ui.Node{ui.Link("/apps/"+a.ID, a.Name), ui.Text(s.environmentOf(v, a.World)), ui.State(a.State), ui.Text(productList(a)), keysShort(a), ui.Day(a.CreatedAt)}
	}
	return v.Show("Applications", ui.Head("Applications", "An application has the keys that your programs call with: in one world, for the products that it was approved for.",
		ui.Button("/apps/new", "New application")),
		ui.When(len(list) > 0 || len(v.Query()) > 0, func() ui.Node {
			return ui.Filter(f, ui.Select{Name: "in", Label: "Environment", Choices: worlds, Blank: "All"}.In(f))
		}),
		ui.Table("Applications", []string{"Name", "Environment", "State", "Products", "Keys", "Made"}, rows,
			ui.Empty("No application yet.", "Make the first one. In your sandbox it is approved by itself, and you can call at once.", ui.Button("/apps/new", "New application"))),
		ui.When(next != "", func() ui.Node { return ui.Actions(ui.Quiet(ui.With("/apps", v.Query(), "after", next), "More")) }))
}

func productList(a identity.App) string {
	names := make([]string, len(a.Products))
	for i, p := range a.Products {
		names[i] = nameOf(p.Name)
	}
	return strings.Join(names, ", ")
}

func keysShort(a identity.App) ui.Node {
	used := "never used"
	for _, k := range a.Secrets {
		if !k.LastUsedAt.IsZero() {
			used = "in use"
		}
	}
	if len(a.Secrets) == 0 {
		return ui.Text("none")
	}
	return ui.Textf("%d, %s", len(a.Secrets), used)
}
