package market

import (
	"errors"
	"slices"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// appCustomers is whom an application acts for. In a sandbox its owner grants that; in
// production the carrier's staff does, when asked.
func (s *screens) appCustomers(v *web.Visit) error {
	v.Under("/apps")
	f := v.Form()
	app, err := s.ownApp(v, v.Path("id"))
	if err != nil {
		return err
	}
	page := func(v *web.Visit, f *ui.Form) error { return s.appCustomersPage(v, f, app) }
	if !v.Posting() {
		return page(v, f)
	}
	number, back := f.Value("customer"), v.URL()
	if app.World == sandbox.Production {
		if _, err := s.Identity.AskClaim(v.Context(), v.Actor(), app.ID, number); err != nil {
			return v.Refused(f, besideCustomer(f, err), page)
		}
		return v.Done(back, "You asked for "+number+". The carrier's staff decides.")
	}
	if err := s.Identity.Grant(v.Context(), v.Actor(), app.ID, number); err != nil {
		return v.Refused(f, besideCustomer(f, err), page)
	}
	return v.Done(back, app.Name+" may act for "+called(number)+".")
}

// besideCustomer puts what is wrong with a customer beside its field.
func besideCustomer(f *ui.Form, err error) error {
	if errors.Is(err, identity.CustomerUnknown) {
		f.Add("customer", "must be a customer of this world")
		return nil
	}
	return err
}

func called(number string) string {
	if number == identity.All {
		return "every customer of the sandbox"
	}
	return number
}

func (s *screens) appCustomersPage(v *web.Visit, f *ui.Form, app identity.App) error {
	production := app.World == sandbox.Production
	rows := make([][]ui.Node, len(app.Customers))
	for i, n := range app.Customers {
		rows[i] = []ui.Node{ui.Text(called(n)), ui.Confirm(v.CSRF(), v.URL()+"/remove", "Take back…",
			"Shall "+app.Name+" not act for "+called(n)+" any more?", "Take it back", "customer", n)}
	}
	nodes := []ui.Node{ui.Head("Customers", "Whom "+app.Name+" may act for: "+s.environmentOf(v, app.World)+".", ui.Quiet("/apps/"+app.ID, app.Name)),
		ui.Table("Customers", []string{"Customer", ""}, rows, ui.Empty("Nobody yet.", "Calls that name a customer are refused until there is one."))}
	if !production {
		return s.grantForm(v, f, app, nodes)
	}
	claims, err := s.claimsOf(v, app)
	if err != nil {
		return err
	}
	asked := make([][]ui.Node, len(claims))
	for i, c := range claims {
		asked[i] = []ui.Node{ui.Mono(c.Customer), ui.State(c.State), ui.Text(c.AskedBy), ui.Time(c.CreatedAt), ui.Time(c.DecidedAt), ui.Text(c.Note)}
	}
	nodes = append(nodes, ui.Section("Asked for", ui.Table("Requests to act for customers", []string{"Customer", "State", "Asked by", "Asked", "Decided", "Note"}, asked,
		ui.Empty("Nothing asked for.", "Ask below; the carrier's staff decides."))))
	if !identity.Approval.Ended(app.State) {
		nodes = append(nodes, ui.Section("Ask for a customer", f.Node("Ask",
			ui.Input{Name: "customer", Label: "Customer", Hint: "A BusOrg number such as 1-ABC-23.", Required: true, Autocomplete: "off", Max: 64}.In(f))))
	}
	return v.Show("Customers", nodes...)
}

// claimsOf are an application's, the newest first.
func (s *screens) claimsOf(v *web.Visit, app identity.App) (mine []identity.Claim, err error) {
	const most = 1000
	all, err := s.Identity.Claims(v.Context(), v.User.Org, "", "", most)
	for _, c := range slices.Backward(all) {
		if c.App == app.ID {
			mine = append(mine, c)
		}
	}
	return mine, err
}

func (s *screens) grantForm(v *web.Visit, f *ui.Form, app identity.App, nodes []ui.Node) error {
	const suggested = 50
	suggest := []string{identity.All}
	err := s.DB.View(v.Context(), app.World, func(tx *db.Tx) error {
		known, err := identity.ListCustomers(tx, app.ID, "", suggested)
		for _, c := range known {
			suggest = append(suggest, c.Number)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.Show("Customers", append(nodes, ui.Section("Let it act for another", f.Node("Grant",
		ui.Input{Name: "customer", Label: "Customer", Hint: "A BusOrg number of the sandbox such as 1-ABC-23, or * for all of them.", Required: true, Autocomplete: "off", Max: 64, Suggest: suggest}.In(f))))...)
}

func (s *screens) ungrant(v *web.Visit) error {
	back, number := "/apps/"+v.Path("id")+"/customers", v.Form().Value("customer")
	app, err := s.ownApp(v, v.Path("id"))
	if err == nil {
		err = s.Identity.Ungrant(v.Context(), v.Actor(), app.ID, number)
	}
	if err != nil {
		return v.Failed(back, err)
	}
	return v.Done(back, app.Name+" does not act for "+called(number)+" any more.")
}
