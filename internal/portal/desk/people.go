package desk

import (
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// people are the carrier's own.
func (s *screens) people(v *web.Visit) error { return s.peoplePage(v, nil) }

func (s *screens) peoplePage(v *web.Visit, f *ui.Form) error {
	list, err := s.Identity.People(v.Context(), identity.CarrierOrg)
	if err != nil {
		return err
	}
	other := map[string]string{identity.RoleStaff: identity.RoleAdministrator, identity.RoleAdministrator: identity.RoleStaff}
	var rows [][]ui.Node
	for _, p := range list {
		acts := ui.Small("This is you.")
		if p.Email != v.User.Email {
			acts = ui.Actions(ui.Confirm(v.CSRF(), v.URL(), "Make "+other[p.Role]+"…", "Make "+p.Email+" "+article(other[p.Role])+"? Their sessions end; they sign in again.", "Make "+article(other[p.Role]), actField, "role", "person", p.Email, "role", other[p.Role]),
				ui.Confirm(v.CSRF(), v.URL(), "Remove…", "Remove "+p.Email+" from this carrier? Their sessions end at once.", "Remove "+p.Email, actField, "remove", "person", p.Email))
		}
		rows = append(rows, []ui.Node{ui.Text(p.Email), ui.Badge(ui.Plain, p.Role), ui.Time(p.CreatedAt), acts})
	}
	add := only(v, f, "add")
	add.Default("role", identity.RoleStaff)
	return v.Show("People", ui.Head("People", "Who does this carrier's work. Staff does it; administrators say who staff is, too."),
		ui.Table("People of the carrier", []string{"E-mail address", "Role", "Since", ""}, rows, ui.Text("")),
		ui.Section("Add somebody", add.Node("Add them", ui.Hidden(add, actField), ui.Row(
			ui.Input{Name: "email", Label: "E-mail address", Type: "email", Required: true, Max: 254, Autocomplete: "off"}.In(add),
			ui.Select{Name: "role", Label: "Role", Required: true, Choices: ui.Of(identity.RoleStaff, identity.RoleAdministrator)}.In(add)),
			ui.Small("They get a password that is shown once, here, and that they change when they first sign in."))))
}

func article(role string) string {
	if role == identity.RoleAdministrator {
		return "an administrator"
	}
	return "one of the staff"
}

func (s *screens) peopleAct(v *web.Visit) error {
	f := v.Form()
	if f.Value(actField) == "add" {
		return s.addPerson(v, f)
	}
	return perform(v, "/desk/people", map[string]act{
		"role": {do: func(f *ui.Form) (string, error) {
			return f.Value("person") + " is " + article(f.Value("role")) + " now.", s.Identity.SetRole(v.Context(), v.Actor(), identity.CarrierOrg, f.Value("person"), f.Value("role"))
		}},
		"remove": {do: func(f *ui.Form) (string, error) {
			return f.Value("person") + " was removed.", s.Identity.RemovePerson(v.Context(), v.Actor(), identity.CarrierOrg, f.Value("person"))
		}},
	}, s.peoplePage)
}

// addPerson adds somebody, and shows the password that is shown once.
func (s *screens) addPerson(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/people")
	email := f.Value("email")
	password, err := s.Identity.AddPerson(v.Context(), v.Actor(), identity.CarrierOrg, email, f.Value("role"))
	if err != nil {
		return v.Refused(f, err, s.peoplePage)
	}
	return v.Show("Somebody was added", ui.Head("Somebody was added", email+" is "+article(f.Value("role"))+" now."),
		ui.Secret("Password of "+email, password, "It is shown this once. Hand it over in a way that you trust; it is changed when they first sign in."),
		ui.Actions(ui.Button("/desk/people", "To the people of the carrier")))
}
