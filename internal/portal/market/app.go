package market

import (
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

const historyMost = 50

// app is one application.
func (s *screens) app(v *web.Visit) error {
	v.Under("/apps")
	app, err := s.ownApp(v, v.Path("id"))
	if err != nil {
		return err
	}
	var now time.Time
	var events []audit.Event
	err = s.DB.View(v.Context(), app.World, func(tx *db.Tx) (err error) {
		now = tx.Now()
		events, err = audit.Page(tx, "app/"+app.ID, 0, historyMost)
		return err
	})
	if err != nil {
		return err
	}
	over := identity.Approval.Ended(app.State)
	return v.Show(app.Name, ui.Head(app.Name, s.environmentOf(v, app.World), appActions(app, over)...),
		appNotice(app),
		ui.Facts(
			ui.Fact{Name: "Client id", Value: ui.Mono(app.ID)},
			ui.Fact{Name: "State", Value: ui.State(app.State)},
			ui.Fact{Name: "Made", Value: ui.Time(app.CreatedAt)},
		),
		ui.Section("Products", ui.Table("Products", []string{"Product", "Approval"}, productRows(app), ui.Empty("No product.", "It was approved for none."))),
		ui.Section("Keys", s.keys(v, app, now, over)),
		ui.Section("Customers", customersShort(app), ui.Actions(ui.Quiet("/apps/"+app.ID+"/customers", "Customers"))),
		ui.Section("History", web.Trail(events)),
		ui.When(!over, func() ui.Node {
			return ui.Section("The end", ui.P("A revoked application gets no token, and those that it has end at once. It cannot be undone."),
				ui.Confirm(v.CSRF(), "/apps/"+app.ID+"/revoke", "Revoke the application…", "Revoke "+app.Name+" with all its keys and tokens? It cannot be undone.", "Revoke "+app.Name))
		}))
}

func appActions(app identity.App, over bool) []ui.Node {
	if over {
		return nil
	}
	list := []ui.Node{ui.Quiet("/hooks?app="+app.ID, "Webhooks")}
	if app.World != sandbox.Production {
		list = append([]ui.Node{ui.Button("/docs/", "Try it out")}, append(list, ui.Quiet("/apps/"+app.ID+"/golive", "Go-live report"))...)
	}
	return list
}

func appNotice(app identity.App) ui.Node {
	switch app.State {
	case identity.Pending:
		return ui.Notice(ui.Waiting, ui.P("It waits for the carrier's approval. Its key opens nothing until then."))
	case identity.Revoked:
		return ui.Notice(ui.Bad, ui.P("It is revoked: its keys and tokens open nothing. Make another one if you still need it."))
	}
	return ui.All()
}

func productRows(app identity.App) [][]ui.Node {
	rows := make([][]ui.Node, len(app.Products))
	for i, p := range app.Products {
		rows[i] = []ui.Node{ui.Link("/products/"+p.Name, nameOf(p.Name)), ui.State(p.State)}
	}
	return rows
}

func customersShort(app identity.App) ui.Node {
	switch {
	case len(app.Customers) == 0:
		return ui.P("It may act for nobody yet.")
	case app.Customers[0] == identity.All:
		return ui.P("It may act for every customer of this sandbox.")
	case len(app.Customers) <= 5:
		return ui.P("It may act for " + strings.Join(app.Customers, ", ") + ".")
	}
	return ui.Pf("It may act for %d customers.", len(app.Customers))
}

// keys are an application's keys, and how to have another.
func (s *screens) keys(v *web.Visit, app identity.App, now time.Time, over bool) ui.Node {
	live := 0
	rows := make([][]ui.Node, len(app.Secrets))
	var acts []ui.Node
	for i, k := range app.Secrets {
		state, ends := "live", ui.Text("never")
		if !k.Live(now) {
			state = "expired"
		} else {
			live++
		}
		if !k.ExpiresAt.IsZero() {
			ends = ui.Time(k.ExpiresAt)
		}
		if over {
			state = "revoked"
		}
		rows[i] = []ui.Node{ui.Mono(k.ID), ui.State(state), ui.Day(k.CreatedAt), ends, ui.Time(k.LastUsedAt)}
		acts = append(acts, ui.Confirm(v.CSRF(), "/apps/"+app.ID+"/keys/revoke", "Revoke "+k.ID+"…",
			"Revoke the key "+k.ID+" of "+app.Name+"? The tokens that were issued for it end at once.", "Revoke "+k.ID, "key", k.ID))
	}
	table := ui.Table("Keys", []string{"Key", "State", "Made", "Ends", "Last used"}, rows,
		ui.Empty("No key.", "Without one the application gets no token."))
	text := "Two keys can live at the same time, so that programs change from one to the other without a gap."
	switch {
	case over:
		return table
	case live < 2:
		acts = append([]ui.Node{ui.Quiet("/apps/"+app.ID+"/rotate", "New key")}, acts...)
	default:
		text = "Two keys are live, which is as many as there can be. Revoke one to make another."
	}
	return ui.All(table, ui.Actions(acts...), ui.Small(text))
}

// rotate makes another key, and lets the present one live on for a while.
func (s *screens) rotate(v *web.Visit) error {
	v.Under("/apps")
	f := v.Form()
	app, err := s.ownApp(v, v.Path("id"))
	if err != nil {
		return err
	}
	page := func(v *web.Visit, f *ui.Form) error { return s.rotatePage(v, f, app) }
	if !v.Posting() {
		return page(v, f)
	}
	var r identity.Rotation
	if r.TTL, err = time.ParseDuration(f.Value("ttl")); err != nil {
		f.Add("ttl", "must be one of the list")
	}
	if old := f.Value("expireOld"); old != "" {
		after, err := time.ParseDuration(old)
		if err != nil {
			f.Add("expireOld", "must be one of the list")
		}
		r.ExpireOld = &after
	}
	if f.Wrong() {
		return v.Refused(f, nil, page)
	}
	key, err := s.Identity.RotateSecret(v.Context(), v.Actor(), app.ID, r)
	if err != nil {
		return v.Refused(f, err, page)
	}
	return s.showKey(v, app, key, "Another key")
}

func (s *screens) rotatePage(v *web.Visit, f *ui.Form, app identity.App) error {
	f.Default("ttl", "0s")
	f.Default("expireOld", "24h")
	return v.Show("New key", ui.Head("New key", "For "+app.Name+". It is shown once, on the next page."),
		f.Node("Make the key",
			ui.Select{Name: "ttl", Label: "The new key's life", Choices: lives, Required: true}.In(f),
			ui.Select{Name: "expireOld", Label: "The present key", Hint: "Leave your programs time to change over.", Blank: "Stays until it is revoked",
				Choices: []ui.Choice{{Value: "0s", Label: "Ends at once"}, {Value: "1h", Label: "Ends in an hour"}, {Value: "24h", Label: "Ends in a day"}, {Value: "168h", Label: "Ends in a week"}}}.In(f)))
}

func (s *screens) revokeKey(v *web.Visit) error {
	back := "/apps/" + v.Path("id")
	app, err := s.ownApp(v, v.Path("id"))
	if err == nil {
		err = s.Identity.RevokeSecret(v.Context(), v.Actor(), app.ID, v.Form().Value("key"))
	}
	if err != nil {
		return v.Failed(back, err)
	}
	return v.Done(back, "The key "+v.Form().Value("key")+" is revoked, and so are its tokens.")
}

func (s *screens) revokeApp(v *web.Visit) error {
	app, err := s.ownApp(v, v.Path("id"))
	if err == nil {
		_, err = s.Identity.RevokeApp(v.Context(), v.Actor(), app.ID)
	}
	if err != nil {
		return v.Failed("/apps", err)
	}
	return v.Done("/apps/"+app.ID, app.Name+" is revoked.")
}
