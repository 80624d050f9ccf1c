package desk

import (
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// customers lists those of the world.
func (s *screens) customers(v *web.Visit) error { return s.customersPage(v, nil) }

func (s *screens) customersPage(v *web.Visit, f *ui.Form) error {
	filter := v.Form()
	if v.Posting() {
		filter = ui.NewForm(nil)
	}
	var list []identity.Customer
	var total int
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = identity.SearchCustomers(tx, identity.CustomerFilter{Text: filter.Value("text"), State: filter.Value("state")}, offset(v), ui.PageSize)
		return err
	})
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, c := range list {
		goes := ui.Text("itself")
		if c.GoesBy != c.Number {
			goes = ui.Link(address("customers", c.GoesBy), c.GoesBy)
		}
		rows = append(rows, []ui.Node{ui.Link(address("customers", c.Number), c.Number), ui.Text(c.Name), ui.State(c.State), goes})
	}
	made := only(v, f, "create")
	return v.Show("Customers", ui.Head("Customers", "Who buys in this world, by the numbers they are known by."),
		ui.Filter(filter, ui.Input{Name: "text", Label: "Number or name"}.In(filter),
			ui.Select{Name: "state", Label: "State", Blank: "any", Choices: ui.Of("active", "suspended"), Narrow: true}.In(filter)),
		ui.Table("Customers", []string{"Number", "Name", "State", "Goes by"}, rows,
			ui.Empty("No such customer.", "Make one below, or clear the filter.")),
		ui.If(total > 0, ui.Pager(v.URL(), v.Query(), total)),
		ui.Section("New customer", made.Node("Make the customer", ui.Hidden(made, actField), ui.Row(
			ui.Input{Name: "number", Label: "Customer number", Hint: "Such as 1-ABC-23. It never changes.", Required: true, Max: 40, Autocomplete: "off"}.In(made),
			ui.Input{Name: "name", Label: "Name", Hint: "What the customer is called.", Required: true, Max: 255, Autocomplete: "off"}.In(made)))))
}

func (s *screens) customersAct(v *web.Visit) error {
	f := v.Form()
	return perform(v, address("customers", f.Value("number")), map[string]act{
		"create": {fields: true, do: func(f *ui.Form) (string, error) {
			number, name := f.Value("number"), f.Value("name")
			err := v.Within(func(tx *db.Tx) error {
				if _, err := identity.FindCustomer(tx, "", number); err == nil {
					f.Add("number", "must be another one: there is such a customer")
					return nil
				}
				_, err := s.Sandbox.KeepCustomer(tx, v.Actor(), number, sandbox.CustomerChange{Name: &name})
				return err
			})
			return number + " was made. It is active, and no application may act for it yet.", err
		}},
	}, s.customersPage)
}
