package desk

import (
	"slices"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
)

// mostApps is how many applications a customer's page names.
const mostApps = 50

// known is what the carrier knows of a customer.
type known struct {
	identity.Customer
	apps    []identity.AppRow
	profile voice.Profile
	routes  []voice.Route
	trail   []audit.Event
}

func (s *screens) know(tx *db.Tx, number string) (k known, err error) {
	seen, err := identity.FindCustomer(tx, "", number)
	if err != nil {
		return k, err
	}
	k.Customer = seen.Customer
	k.profile.Credit = voice.CreditGood
	s.Voice.Store.AskProfile(tx, k.GoesBy, &k.profile)
	if k.routes, err = s.Voice.Store.Routes(tx, k.GoesBy); err != nil {
		return k, err
	}
	if k.apps, err = identity.ActingFor(tx, number, mostApps); err != nil {
		return k, err
	}
	own, err := audit.Page(tx, "customer/"+number, 0, mostTrail)
	if err != nil {
		return k, err
	}
	numbers, err := audit.Page(tx, "voice/customer/"+k.GoesBy, 0, mostTrail)
	k.trail = slices.Concat(own, numbers)
	slices.SortFunc(k.trail, func(a, b audit.Event) int { return int(min(max(b.ID-a.ID, -1), 1)) })
	return k, err
}

func (s *screens) customer(v *web.Visit) error { return s.customerPage(v, nil) }

func (s *screens) customerPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/customers")
	var k known
	err := v.View(func(tx *db.Tx) (err error) {
		k, err = s.know(tx, v.Path("number"))
		return err
	})
	if err != nil {
		return err
	}
	goes := ui.Text("itself")
	alias := k.GoesBy != k.Number
	if alias {
		goes = ui.Link(address("customers", k.GoesBy), k.GoesBy)
	}
	var apps [][]ui.Node
	for _, a := range k.apps {
		name := ui.Text(a.Name)
		if v.May(web.Staff) {
			name = ui.Link(address("apps", a.ID), a.Name)
		}
		apps = append(apps, []ui.Node{name, ui.Text(dash(a.OrgName)), ui.State(a.State)})
	}
	return v.Show(k.Name, ui.Head(k.Name, "Customer "+k.Number+".", ui.Quiet(ui.With("/desk/queue", nil, "customer", k.GoesBy), "Its orders under way")),
		ui.If(alias, ui.Notice(ui.Plain, ui.P("This number goes by "+k.GoesBy+". What is said of a customer is said there."))),
		ui.Split(ui.All(ui.Facts(ui.Fact{Name: "Number", Value: ui.Mono(k.Number)}, ui.Fact{Name: "State", Value: ui.State(k.State)}, ui.Fact{Name: "Goes by", Value: goes},
			ui.Fact{Name: "Credit", Value: ui.State(k.profile.Credit)}, ui.Fact{Name: "Provides E911 itself (CP911)", Value: ui.Text(yes(k.profile.CP911))},
			ui.Fact{Name: "CNAM subscription", Value: ui.Text(yes(k.profile.CNAM))}),
			ui.Section("Who acts for it", ui.Table("Applications", []string{"Application", "Organisation", "State"}, apps,
				ui.Empty("No application acts for it.", "A developer asks for this customer at an application, and staff decides under Approvals."))),
			s.routeSection(v, f, k)),
			ui.When(!alias, func() ui.Node { return customerForms(v, f, k) })),
		history(k.trail))
}

func customerForms(v *web.Visit, f *ui.Form, k known) ui.Node {
	path := address("customers", k.Number)
	profile, name, merge := only(v, f, "profile"), only(v, f, "rename"), only(v, f, "merge")
	profile.Default("credit", k.profile.Credit)
	if profile != f {
		if k.profile.CP911 {
			profile.Values.Set("cp911", "true")
		}
		if k.profile.CNAM {
			profile.Values.Set("cnam", "true")
		}
	}
	name.Default("name", k.Name)
	state := ui.Confirm(v.CSRF(), path, "Suspend…", "Suspend "+k.Name+" ("+k.Number+")? Nothing can be ordered for it until it is active again; what is in service stays.", "Suspend it", actField, "suspend")
	if k.State == "suspended" {
		state = ui.Act(v.CSRF(), path, "Make it active again", actField, "activate")
	}
	opened := func(title string, form *ui.Form, n ui.Node) ui.Node {
		if form.Wrong() {
			return ui.Section(title, n)
		}
		return ui.More(title+"…", n)
	}
	return ui.All(ui.Card("Standing", ui.Actions(state)),
		ui.Card("Telephone numbers", profile.Node("Save", ui.Hidden(profile, actField),
			ui.Select{Name: "credit", Label: "Credit", Hint: "On hold, its orders wait for your decision.", Choices: ui.Of(voice.CreditGood, voice.CreditHold), Required: true}.In(profile),
			ui.Check{Name: "cp911", Label: "It provides E911 itself", Hint: "CP911: its numbers need no address of ours."}.In(profile),
			ui.Check{Name: "cnam", Label: "It has a CNAM subscription", Hint: "Names of callers may be set."}.In(profile))),
		opened("Rename", name, name.Node("Rename", ui.Hidden(name, actField), ui.Input{Name: "name", Label: "Name", Required: true, Max: 255}.In(name))),
		opened("Merge into another", merge, merge.Node("Merge "+k.Number+" into it", ui.Hidden(merge, actField),
			ui.P("Everything that "+k.Name+" has will belong to the other customer, and "+k.Number+" will go by that one's number. This cannot be undone."),
			ui.Input{Name: "into", Label: "Customer number that remains", Required: true, Max: 40, Autocomplete: "off"}.In(merge))))
}

// kinds are the kinds of routes as people call them.
var kinds = map[string]string{voice.RouteName: "Customer service name", voice.RoutePlan: "Route plan"}

func (s *screens) routeSection(v *web.Visit, f *ui.Form, k known) ui.Node {
	path := address("customers", k.Number)
	var rows [][]ui.Node
	for _, r := range k.routes {
		rows = append(rows, []ui.Node{ui.Text(kinds[r.Kind]), ui.Mono(r.Name), ui.Confirm(v.CSRF(), path, "Take away…",
			"Take the "+kinds[r.Kind]+" "+r.Name+" from "+k.Name+"? Numbers that use it keep it.", "Take it away", actField, "drop", "kind", r.Kind, "route", r.Name)})
	}
	add := only(v, f, "route")
	return ui.Section("Where its calls can be sent", ui.Table("Routes", []string{"Kind", "Name", ""}, rows,
		ui.Empty("Its calls can be sent nowhere yet.", "A customer service name is needed before numbers can be put in service.")),
		ui.When(k.GoesBy == k.Number, func() ui.Node {
			return add.Node("Add the route", ui.Hidden(add, actField), ui.Row(
				ui.Select{Name: "kind", Label: "Kind", Required: true, Choices: []ui.Choice{{Value: voice.RouteName, Label: kinds[voice.RouteName]}, {Value: voice.RoutePlan, Label: kinds[voice.RoutePlan]}}}.In(add),
				ui.Input{Name: "route", Label: "Route", Required: true, Max: 60, Autocomplete: "off"}.In(add)))
		}))
}

func (s *screens) customerAct(v *web.Visit) error {
	number := v.Path("number")
	change := func(c sandbox.CustomerChange) error {
		return v.Within(func(tx *db.Tx) error {
			if _, err := identity.FindCustomer(tx, "", number); err != nil {
				return err
			}
			_, err := s.Sandbox.KeepCustomer(tx, v.Actor(), number, c)
			return err
		})
	}
	state := func(to, said string) act {
		return act{do: func(*ui.Form) (string, error) { return number + said, change(sandbox.CustomerChange{State: &to}) }}
	}
	route := func(do func(tx *db.Tx, actor string, r voice.Route) error, said string, fields bool) act {
		return act{fields: fields, do: func(f *ui.Form) (string, error) {
			r := voice.Route{Customer: number, Kind: f.Value("kind"), Name: f.Value("route")}
			err := v.Within(func(tx *db.Tx) error { return s.ofItself(tx, number, func() error { return do(tx, v.Actor(), r) }) })
			if fields && err != nil && f.Fault(err) {
				f.Move("name", "route")
				return "", nil
			}
			return r.Name + said, err
		}}
	}
	return perform(v, address("customers", number), map[string]act{
		"suspend":  state("suspended", " is suspended."),
		"activate": state("active", " is active."),
		"rename": {fields: true, do: func(f *ui.Form) (string, error) {
			name := f.Value("name")
			return number + " is called " + name + ".", change(sandbox.CustomerChange{Name: &name})
		}},
		"merge": {fields: true, do: func(f *ui.Form) (string, error) {
			return number + " goes by " + f.Value("into") + ".", s.Identity.MergeCustomer(v.Context(), v.Actor(), v.World.ID, number, f.Value("into"))
		}},
		"profile": {fields: true, do: func(f *ui.Form) (string, error) {
			return "What is known of " + number + " was saved.", v.Within(func(tx *db.Tx) error {
				return s.ofItself(tx, number, func() error {
					_, err := s.Voice.PutProfile(tx, v.Actor(), number, func(p *voice.Profile) {
						p.Credit, p.CP911, p.CNAM = f.Value("credit"), f.Has("cp911", "true"), f.Has("cnam", "true")
					})
					return err
				})
			})
		}},
		"route": route(s.Voice.PutRoute, " was added.", true),
		"drop":  route(s.Voice.DropRoute, " was taken away.", false),
	}, s.customerPage)
}

// ofItself does something to a customer that goes by its own number.
func (s *screens) ofItself(tx *db.Tx, number string, do func() error) error {
	c, err := identity.FindCustomer(tx, "", number)
	if err != nil {
		return err
	}
	if c.GoesBy != number {
		return identity.CustomerUnknown.Say("%s goes by %s; change that one.", number, c.GoesBy)
	}
	return do()
}
