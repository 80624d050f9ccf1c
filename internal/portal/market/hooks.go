package market

import (
	"cmp"
	"strings"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// hookApps are the applications of the world that is looked at, and the one that is
// chosen among them: the one that the address names, or the first that lives. The
// address may name one of another world; then that one is answered alone.
func (s *screens) hookApps(v *web.Visit, wanted string) (list []identity.App, chosen *identity.App, err error) {
	if wanted != "" {
		app, err := s.ownApp(v, wanted)
		if err != nil {
			return nil, nil, err
		}
		if app.World != v.World.ID {
			return nil, nil, web.NoSuchPage.Say("That application is in another world: %s. Choose it above.", s.environmentOf(v, app.World))
		}
		chosen = &app
	}
	list, err = s.Identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org, World: v.World.ID})
	if err != nil {
		return nil, nil, err
	}
	for i := range list {
		if chosen == nil && list[i].State != identity.Revoked {
			chosen = &list[i]
		}
	}
	if chosen == nil && len(list) > 0 {
		chosen = &list[0]
	}
	return list, chosen, nil
}

// noApp stands where there is no application to have webhooks.
func noApp(v *web.Visit, title string) error {
	return v.Show(title, ui.Head(title, ""), ui.Empty("No application in this world.", "Webhooks belong to an application. Make one first.", ui.Button("/apps/new", "New application")))
}

// appTabs lead to the same page of each application.
func appTabs(path string, list []identity.App, chosen string) ui.Node {
	if len(list) < 2 {
		return ui.All()
	}
	tabs := make([]ui.Tab, len(list))
	for i, a := range list {
		tabs[i] = ui.Tab{Href: path + "?app=" + a.ID, Label: a.Name, Current: a.ID == chosen}
	}
	return ui.Tabs("Applications", tabs...)
}

// hooks lists an application's endpoints and its latest deliveries.
func (s *screens) hooks(v *web.Visit) error {
	list, app, err := s.hookApps(v, v.Query().Get("app"))
	if err != nil {
		return err
	}
	if app == nil {
		return noApp(v, "Webhooks")
	}
	var hooks []outbox.Endpoint
	if err := v.View(func(tx *db.Tx) (err error) {
		hooks, err = s.Outbox.Endpoints(tx, app.ID)
		return err
	}); err != nil {
		return err
	}
	rows := make([][]ui.Node, len(hooks))
	for i, e := range hooks {
		health := ui.Text("well")
		if !e.FailingSince.IsZero() {
			health = ui.All(ui.Badge(ui.Bad, "failing"), ui.Text(" since "), ui.Time(e.FailingSince))
		}
		rows[i] = []ui.Node{ui.Link(hookPath(e), e.URL), ui.State(e.State), health, ui.Text(strings.Join(e.Events, ", ")), ui.Text(e.Description)}
	}
	return v.Show("Webhooks", ui.Head("Webhooks", "What happens in "+app.Name+"'s world is told to these addresses, signed, until they take it.", ui.Button("/hooks/new?app="+app.ID, "New webhook")),
		appTabs("/hooks", list, app.ID),
		ui.Table("Webhooks", []string{"Address", "State", "Health", "Events", "What for"}, rows,
			ui.Empty("No webhook yet.", "Give an address of yours, or use a receiver of this portal to see what comes.", ui.Button("/hooks/new?app="+app.ID, "New webhook"))),
		ui.Small("Each delivery carries webhook-id, webhook-timestamp and webhook-signature, as Standard Webhooks say. A failed one is tried again for three days; then it can be replayed by hand."))
}

func hookPath(e outbox.Endpoint) string { return "/hooks/" + e.ID + "?app=" + e.App }

// acts answers for whom an application may act, in the unit that asks.
func acts(tx *db.Tx, app string) outbox.Acts {
	return func(number string) (string, bool) {
		c, err := identity.FindCustomer(tx, app, number)
		if err != nil {
			return number, false
		}
		return c.GoesBy, c.Granted
	}
}

// byPerson adds to the trail of an endpoint who it was that did for the application what
// the outbox notes as the application's.
func byPerson(tx *db.Tx, v *web.Visit, endpoint, what string) {
	audit.Record(tx, audit.Event{Subject: "endpoint/" + endpoint, Actor: v.Actor(), Event: what, Note: "in the portal"})
}

// hookOf is an endpoint of an application of the visitor's, in the world that is looked
// at. Where the address does not say which application it is, it is searched.
func (s *screens) hookOf(v *web.Visit) (app identity.App, e outbox.Endpoint, err error) {
	wanted := v.Query().Get("app")
	list, chosen, err := s.hookApps(v, wanted)
	if err != nil {
		return app, e, err
	}
	if wanted != "" && chosen != nil {
		list = []identity.App{*chosen}
	}
	err = v.View(func(tx *db.Tx) error {
		err := error(outbox.EndpointNotFound)
		for _, app = range list {
			if e, err = s.Outbox.Endpoint(tx, app.ID, cmp.Or(v.Path("id"), v.Query().Get("id"))); err == nil {
				return nil
			}
		}
		return err
	})
	return app, e, err
}
