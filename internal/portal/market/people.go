package market

import (
	"net/url"
	"slices"
	"strings"

	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// rolesIn are what people of an organisation can be.
func rolesIn(org string) []ui.Choice {
	if org == identity.CarrierOrg {
		return []ui.Choice{
			{Value: identity.RoleStaff, Label: "Staff", Hint: "Does the carrier's work: approvals, stock, holds, answers."},
			{Value: identity.RoleAdministrator, Label: "Administrator", Hint: "May do everything, and adds people."},
		}
	}
	return []ui.Choice{
		{Value: identity.RoleDeveloper, Label: "Developer", Hint: "Applications, keys, webhooks and the sandbox; adds people."},
		{Value: identity.RoleBuyer, Label: "Buyer", Hint: "The Control Center and the storefront."},
		{Value: identity.RoleProvider, Label: "Provider", Hint: "Products and subscriptions on the marketplace."},
	}
}

// people are those of one's own organisation.
func (s *screens) people(v *web.Visit) error {
	list, err := s.Identity.People(v.Context(), v.User.Org)
	if err != nil {
		return err
	}
	wanted := v.Form().Value("q")
	if wanted != "" {
		list = slices.DeleteFunc(list, func(u identity.User) bool { return !contains(u.Email, wanted) })
	}
	total := len(list)
	list = pageOf(v, list)
	rows := make([][]ui.Node, len(list))
	for i, u := range list {
		change := ui.Text("you")
		if u.Email != v.User.Email {
			change = ui.Link("/account/people/change?email="+url.QueryEscape(u.Email), "Change")
		}
		rows[i] = []ui.Node{ui.Text(u.Email), ui.Text(u.Role), ui.Day(u.CreatedAt), change}
	}
	return v.Show("People", ui.Head("People", "Who else of your organisation signs in here, and what they do.", ui.Button("/account/people/new", "Add somebody")),
		filterOf(v, "q", "E-mail address", total > ui.PageSize || wanted != ""),
		ui.Table("People of the organisation", []string{"E-mail address", "Role", "Since", ""}, rows,
			ui.Empty("Nobody with such an address.", "Clear the filter to see everybody.")),
		ui.Pager(v.URL(), v.Query(), total))
}

// newPerson adds somebody, with a password that is shown here once.
func (s *screens) newPerson(v *web.Visit) error {
	v.Under("/account/people")
	f := v.Form()
	if !v.Posting() {
		return s.newPersonPage(v, f)
	}
	password, err := s.Identity.AddPerson(v.Context(), v.Actor(), v.User.Org, f.Value("email"), f.Value("role"))
	if err != nil {
		return v.Refused(f, err, s.newPersonPage)
	}
	email := f.Value("email")
	return v.Show("Added", ui.Head("Added", email+" is a "+f.Value("role")+" of your organisation now."),
		ui.Secret("One-time password of "+email, password, "It is shown this once. Give it to them by another way than their mail; at the first sign-in they choose their own."),
		ui.Actions(ui.Button("/account/people", "People"), ui.Quiet("/account/people/new", "Add another")),
		ui.Pf("They sign in at %s/signin?email=%s", v.BaseURL(), url.QueryEscape(email)))
}

func (s *screens) newPersonPage(v *web.Visit, f *ui.Form) error {
	choices := rolesIn(v.User.Org)
	f.Default("role", choices[0].Value)
	return v.Show("Add somebody", ui.Head("Add somebody", "They get a password for once, which you will see and pass on."),
		f.Node("Add",
			ui.Input{Name: "email", Label: "E-mail address", Type: "email", Required: true, Autocomplete: "off", Focus: !f.Wrong(), Max: 254}.In(f),
			ui.Choices{Name: "role", Label: "Role", Choices: choices, Required: true}.In(f)))
}

// changePerson gives somebody another role, or leads to their removal.
func (s *screens) changePerson(v *web.Visit) error {
	v.Under("/account/people")
	f := v.Form()
	email := strings.ToLower(f.Value("email"))
	list, err := s.Identity.People(v.Context(), v.User.Org)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(u identity.User) bool { return u.Email == email })
	if i < 0 {
		return identity.PersonUnknown
	}
	page := func(v *web.Visit, f *ui.Form) error { return s.changePersonPage(v, f, list[i]) }
	if !v.Posting() {
		return page(v, f)
	}
	if err := s.Identity.SetRole(v.Context(), v.Actor(), v.User.Org, email, f.Value("role")); err != nil {
		return v.Refused(f, err, page)
	}
	return v.Done("/account/people", email+" is a "+f.Value("role")+" now, from the next sign-in on.")
}

func (s *screens) changePersonPage(v *web.Visit, f *ui.Form, u identity.User) error {
	f.Default("role", u.Role)
	return v.Show("Change a role", ui.Head("Change a role", u.Email+". Another role signs them out."),
		f.Node("Change the role", ui.Hidden(f, "email"), ui.Choices{Name: "role", Label: "Role", Choices: rolesIn(v.User.Org), Required: true}.In(f)),
		ui.Section("The end", ui.P("Who is removed is signed out, and cannot sign in any more. What they have done stays in the trail under their address."),
			ui.Confirm(v.CSRF(), "/account/people/remove", "Remove…", "Remove "+u.Email+"?", "Remove "+u.Email, "email", u.Email)))
}

func (s *screens) removePerson(v *web.Visit) error {
	email := v.Form().Value("email")
	if err := s.Identity.RemovePerson(v.Context(), v.Actor(), v.User.Org, email); err != nil {
		return v.Failed("/account/people", err)
	}
	return v.Done("/account/people", email+" was removed.")
}
