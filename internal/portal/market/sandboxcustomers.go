package market

import (
	"errors"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

const customersLead = "The customers of this sandbox, and for which of them an application may act. Make one that is suspended, or one that you may not act for, and see what your program does."

// customers are those of a sandbox, as one of its applications sees them.
func (s *screens) customers(v *web.Visit) error {
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	if len(apps) == 0 {
		return noApps(v, "Customers", customersLead)
	}
	f := v.Form()
	app, err := appOf(apps, f.Value("app"))
	if err != nil {
		return err
	}
	f.Default("app", app.ID)
	var list []identity.SeenCustomer
	err = v.View(func(tx *db.Tx) (err error) {
		list, err = identity.ListCustomers(tx, app.ID, f.Value("after"), ui.PageSize+1)
		return err
	})
	if err != nil {
		return err
	}
	next := ""
	if len(list) > ui.PageSize {
		list = list[:ui.PageSize]
		next = list[ui.PageSize-1].Number
	}
	rows := make([][]ui.Node, len(list))
	for i, c := range list {
		goesBy, granted := ui.Text("itself"), ui.Badge(ui.Plain, "no")
		if c.GoesBy != c.Number {
			goesBy = ui.Mono(c.GoesBy)
		}
		if c.Granted {
			granted = ui.Badge(ui.Good, "yes")
		}
		rows[i] = []ui.Node{ui.Mono(c.Number), ui.Text(c.Name), goesBy, ui.State(c.State), granted, ui.Quiet(customerPath(app.ID, c.Number), "Change")}
	}
	return v.Show("Customers", ui.Head("Customers", customersLead, ui.Button(customerPath(app.ID, ""), "New customer")),
		ui.When(len(apps) > 1, func() ui.Node {
			return ui.Filter(f, ui.Select{Name: "app", Label: "As seen by", Choices: appChoices(apps)}.In(f))
		}),
		ui.Table("Customers", []string{"Number", "Name", "Goes by", "State", "May act for it", ""}, rows,
			ui.Empty("There is no further customer.", "A reset brings back those of a fresh world.", ui.Quiet("/sandbox/customers", "From the first"))),
		ui.Older("/sandbox/customers", v.Query(), "after", next))
}

func customerPath(app, number string) string {
	path := ui.With("/sandbox/customers/edit", nil, "app", app)
	if number == "" {
		return path
	}
	return path + "&" + ui.With("", nil, "number", number)[1:]
}

// editCustomer makes or changes one.
func (s *screens) editCustomer(v *web.Visit) error {
	v.Under("/sandbox/customers")
	f := v.Form()
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	app, err := appOf(apps, f.Value("app"))
	if err != nil {
		return err
	}
	f.Default("app", app.ID)
	if !v.Posting() {
		if err := s.fillCustomer(v, f, app); err != nil {
			return err
		}
		return s.customerPage(v, f)
	}
	name, state, granted := f.Value("name"), f.Value("state"), f.Has("granted", "true")
	change := sandbox.CustomerChange{State: &state, Granted: &granted, Actor: v.Actor()}
	if name != "" {
		change.Name = &name
	}
	err = v.Within(func(tx *db.Tx) error {
		_, err := s.Sandbox.PutCustomer(tx, app.ID, f.Value("number"), change)
		return err
	})
	if err != nil {
		return v.Refused(f, err, s.customerPage)
	}
	return v.Done("/sandbox/customers?app="+app.ID, f.Value("number")+" is as you said.")
}

// fillCustomer puts what is known of the customer into the form.
func (s *screens) fillCustomer(v *web.Visit, f *ui.Form, app identity.App) error {
	number := f.Value("number")
	if number == "" {
		f.Default("state", "active")
		f.Default("granted", "true")
		return nil
	}
	var c identity.SeenCustomer
	err := v.View(func(tx *db.Tx) (err error) {
		c, err = identity.FindCustomer(tx, app.ID, number)
		return err
	})
	if errors.Is(err, identity.CustomerUnknown) {
		return identity.CustomerUnknown.Say("This sandbox has no customer %s.", number)
	}
	f.Default("name", c.Name)
	f.Default("state", c.State)
	if c.Granted {
		f.Default("granted", "true")
	}
	return err
}

func (s *screens) customerPage(v *web.Visit, f *ui.Form) error {
	title := "New customer"
	if n := v.Query().Get("number"); n != "" {
		title = "Customer " + n
	}
	return v.Show(title, ui.Head(title, "A number that is there already is changed; another one is made."),
		f.Node("Put it", ui.Hidden(f, "app"),
			ui.Input{Name: "number", Label: "Number", Hint: "1 to 40 characters without blanks, such as 1-NEW01", Required: true, Narrow: true, Focus: true}.In(f),
			ui.Input{Name: "name", Label: "Name", Hint: "Stays as it is when empty; a new customer is called by its number then", Max: 255}.In(f),
			ui.Choices{Name: "state", Label: "State", Required: true, Choices: []ui.Choice{{Value: "active", Label: "Active"}, {Value: "suspended", Label: "Suspended", Hint: "Calls for it are refused."}}}.In(f),
			ui.Check{Name: "granted", Label: "The application may act for it"}.In(f)))
}
