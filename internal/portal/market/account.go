package market

import (
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// account is who is signed in.
func (s *screens) account(v *web.Visit) error {
	session, _ := v.Session()
	var rows [][]ui.Node
	for _, w := range v.Worlds() {
		if w.Kind == sandbox.Production || w.Org != v.User.Org {
			continue
		}
		ends := ui.Text("stays")
		if !w.ExpiresAt.IsZero() {
			ends = ui.Time(w.ExpiresAt)
		}
		rows = append(rows, []ui.Node{ui.Text(worldName(w)), ui.Mono(w.ID), ui.Time(w.CreatedAt), ends})
	}
	nodes := []ui.Node{
		ui.Head("Account", "Who you are here.", ui.Quiet("/account/password", "Change the password")),
		ui.Facts(
			ui.Fact{Name: "E-mail address", Value: ui.Text(v.User.Email)},
			ui.Fact{Name: "Organisation", Value: ui.All(ui.Text(session.OrgName+" "), ui.Mono(v.User.Org))},
			ui.Fact{Name: "Role", Value: ui.Text(v.User.Role)},
			ui.Fact{Name: "Since", Value: ui.Day(v.User.CreatedAt)},
			ui.Fact{Name: "Signed in", Value: ui.Time(session.CreatedAt)},
			ui.Fact{Name: "Session ends", Value: ui.All(ui.Time(session.ExpiresAt), ui.Text(" unless you use it, and seven days after you signed in at the latest"))},
		),
	}
	if !v.User.Carrier() {
		nodes = append(nodes, ui.Section("Sandboxes", ui.Table("Sandboxes of your organisation", []string{"Name", "Id", "Made", "Ends"}, rows,
			ui.Empty("No sandbox.", "The next sign-in makes one."))))
	}
	who := "The developers of your organisation add people and give them roles."
	switch {
	case v.May(web.Build):
		who = ""
		nodes = append(nodes, ui.Section("People", ui.P("You add the people of your organisation, and say what they do."), ui.Actions(ui.Quiet("/account/people", "People"))))
	case v.User.Role == identity.RoleStaff:
		who = "The administrator adds people and gives them roles."
	}
	if who != "" {
		nodes = append(nodes, ui.Small(who))
	}
	return v.Show("Account", nodes...)
}

// worldName is what a world is called.
func worldName(w sandbox.World) string {
	if w.Name == "" {
		return w.ID
	}
	return w.Name
}

// password changes one's own.
func (s *screens) password(v *web.Visit) error {
	f := v.Form()
	if !v.Posting() {
		return s.passwordPage(v, f)
	}
	if f.Values.Get("new") != f.Values.Get("again") {
		f.Add("again", "must be the new password once more")
		return v.Refused(f, nil, s.passwordPage)
	}
	session, token := v.Session()
	if err := s.Identity.ChangePassword(v.Context(), token, f.Values.Get("old"), f.Values.Get("new"), v.From()); err != nil {
		return v.Refused(f, patience(err), s.passwordPage)
	}
	to := "/account"
	if session.MustChange {
		to = homeOf(v.User)
	}
	return v.Done(to, "Your password is the new one. Wherever else you were signed in, you are signed out.")
}

func (s *screens) passwordPage(v *web.Visit, f *ui.Form) error {
	lead, old := "All your other sessions end with it.", "Present password"
	if session, _ := v.Session(); session.MustChange {
		lead, old = "The password that you were given is for once. Choose one that only you know; then you can go on.", "Password that you were given"
	}
	return v.Show("Change the password", ui.Head("Change the password", lead),
		f.Node("Change the password",
			ui.Input{Name: "old", Label: old, Type: "password", Required: true, Autocomplete: "current-password", Focus: !f.Wrong()}.In(f),
			ui.Input{Name: "new", Label: "New password", Type: "password", Hint: goodOne, Required: true, Autocomplete: "new-password", Max: 128}.In(f),
			ui.Input{Name: "again", Label: "New password again", Type: "password", Required: true, Autocomplete: "new-password", Max: 128}.In(f)))
}
