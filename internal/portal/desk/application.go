package desk

import (
	"strings"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/market"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// mostTrail is how much of a trail a page shows.
const mostTrail = 100

// application shows one to who decides about it.
func (s *screens) application(v *web.Visit) error { return s.applicationPage(v, nil) }

func (s *screens) applicationPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/approvals")
	a, err := s.Identity.App(v.Context(), v.Path("id"))
	if err != nil {
		return err
	}
	org, err := s.Identity.Organisation(v.Context(), a.Org)
	if err != nil {
		return err
	}
	var trail []audit.Event
	err = s.DB.View(v.Context(), a.World, func(tx *db.Tx) error {
		trail, err = audit.Page(tx, "app/"+a.ID, 0, mostTrail)
		return err
	})
	if err != nil {
		return err
	}
	report := ui.Text("")
	if a.World == sandbox.Production {
		report, err = s.goLive(v, a.Org)
	} else if s.Requests != nil && s.Outbox != nil {
		report, err = market.GoLive{DB: s.DB, Requests: s.Requests, Outbox: s.Outbox}.Report(v.Context(), a)
	}
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, p := range a.Products {
		rows = append(rows, []ui.Node{ui.Text(product(p.Name)), ui.State(p.State)})
	}
	customers := "none yet"
	switch {
	case len(a.Customers) == 1 && a.Customers[0] == identity.All:
		customers = "all customers of its sandbox"
	case len(a.Customers) > 0:
		customers = strings.Join(a.Customers, ", ")
	}
	return v.Show(a.Name, ui.Head(a.Name, "An application of "+org.Name+".", ui.Quiet("/desk/approvals/applications", "All that wait")),
		ui.Split(ui.All(
			ui.Facts(ui.Fact{Name: "Organisation", Value: ui.Link(address("organisations", org.ID), org.Name)}, ui.Fact{Name: "World", Value: ui.Mono(a.World)},
				ui.Fact{Name: "State", Value: ui.State(a.State)}, ui.Fact{Name: "Client id", Value: ui.Mono(a.ID)}, ui.Fact{Name: "Made", Value: ui.Time(a.CreatedAt)},
				ui.Fact{Name: "Acts for", Value: ui.Text(customers)}, ui.Fact{Name: "Live secrets", Value: ui.Text(ui.Count(len(a.Secrets)))}),
			ui.Section("Products", ui.Table("Products", []string{"Product", "State"}, rows, ui.Text(""))), report),
			s.applicationForms(v, f, a)),
		history(trail))
}

// applicationForms are what can be decided now.
func (s *screens) applicationForms(v *web.Visit, f *ui.Form, a identity.App) ui.Node {
	if a.State == identity.Revoked {
		return ui.Notice(ui.Plain, ui.P("This application was declined or withdrawn, for good. Its organisation can make another."))
	}
	pending, live := []ui.Choice{}, []ui.Choice{}
	for _, p := range a.Products {
		c := ui.Choice{Value: p.Name, Label: product(p.Name)}
		if p.State == identity.Pending {
			pending = append(pending, c)
		}
		if p.State != identity.Revoked {
			live = append(live, c)
		}
	}
	yes, no := only(v, f, "approve"), only(v, f, "decline")
	approve := ui.P("Nothing of it waits for approval.")
	if !v.Posting() {
		for _, c := range pending {
			yes.Values.Add("products", c.Value)
		}
	}
	if len(pending) > 0 || a.State == identity.Pending {
		approve = yes.Node("Approve", ui.Hidden(yes, actField),
			ui.Choices{Name: "products", Label: "Products to approve", Choices: pending, Many: true}.In(yes),
			ui.Textarea{Name: "note", Label: "Note", Hint: "For the trail; its organisation reads it."}.In(yes))
	}
	declined := func(node ui.Node) ui.Node { return ui.More("Decline or withdraw…", node) }
	if no.Wrong() {
		declined = func(node ui.Node) ui.Node { return ui.Section("Decline or withdraw", node) }
	}
	return ui.All(ui.Card("Approve", approve), declined(no.Node("Decline or withdraw "+a.Name, ui.Hidden(no, actField),
		ui.P("This ends the approval of "+a.Name+", or of the products that you tick, for good. What it has tokens for stops working at once."),
		ui.Choices{Name: "ended", Label: "Products to decline or withdraw", Hint: "Tick none to end the whole application.", Choices: live, Many: true}.In(no),
		ui.Textarea{Name: "reason", Label: "Reason", Hint: "For the trail; its organisation reads it."}.In(no))))
}

func (s *screens) applicationAct(v *web.Visit) error {
	id := v.Path("id")
	back := address("apps", id)
	return perform(v, back, map[string]act{
		"approve": {fields: true, do: func(f *ui.Form) (string, error) {
			if len(f.Values["products"]) == 0 { // to the use case that would be all of them
				f.Add("products", "must have one at least")
				return "", nil
			}
			a, err := s.Identity.DecideApp(v.Context(), v.Actor(), id, true, f.Value("note"), f.Values["products"]...)
			return a.Name + " was approved.", err
		}},
		"decline": {fields: true, do: func(f *ui.Form) (string, error) {
			a, err := s.Identity.DecideApp(v.Context(), v.Actor(), id, false, f.Value("reason"), f.Values["ended"]...)
			if err != nil && f.Fault(err) {
				f.Move("note", "reason")
				f.Move("products", "ended")
				return "", nil
			}
			return "The approval of " + a.Name + " was ended.", err
		}},
	}, s.applicationPage)
}
