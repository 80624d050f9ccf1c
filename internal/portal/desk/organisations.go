package desk

import (
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// organisations lists them.
func (s *screens) organisations(v *web.Visit) error {
	f := v.Form()
	list, total, err := s.Identity.OrganisationRows(v.Context(), f.Value("text"), offset(v), ui.PageSize)
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, o := range list {
		rows = append(rows, []ui.Node{ui.Link(address("organisations", o.ID), o.Name), ui.Mono(o.ID), ui.Text(ui.Count(o.People)), ui.Text(ui.Count(o.Apps)),
			ui.Text(ui.Count(o.Worlds)), ui.Time(o.CreatedAt)})
	}
	return v.Show("Organisations", ui.Head("Organisations", "Everybody who has signed up, and this carrier."),
		ui.Filter(f, ui.Input{Name: "text", Label: "Name or id"}.In(f)),
		ui.Table("Organisations", []string{"Name", "Id", "People", "Applications", "Sandboxes", "Since"}, rows, ui.Empty("No such organisation.", "Organisations are made when people sign up.")),
		ui.If(total > 0, ui.Pager(v.URL(), v.Query(), total)))
}

// organisation shows one, with its people, applications and worlds.
func (s *screens) organisation(v *web.Visit) error {
	v.Under("/desk/organisations")
	o, err := s.Identity.Organisation(v.Context(), v.Path("id"))
	if err != nil {
		return err
	}
	people, err := s.Identity.People(v.Context(), o.ID)
	if err != nil {
		return err
	}
	apps, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: o.ID, After: v.Query().Get("after"), Limit: ui.PageSize + 1})
	if err != nil {
		return err
	}
	worlds, err := s.Sandbox.List(v.Context(), o.ID)
	if err != nil {
		return err
	}
	next := ""
	if len(apps) > ui.PageSize {
		apps = apps[:ui.PageSize]
		next = apps[ui.PageSize-1].ID
	}
	var persons, programs, places [][]ui.Node
	for _, p := range people {
		persons = append(persons, []ui.Node{ui.Text(p.Email), ui.Text(p.Role), ui.Time(p.CreatedAt)})
	}
	for _, a := range apps {
		programs = append(programs, []ui.Node{ui.Link(address("apps", a.ID), a.Name), ui.Mono(a.World), ui.State(a.State), productBadges(a.Products), ui.Time(a.CreatedAt)})
	}
	for _, w := range worlds[:min(len(worlds), ui.PageSize)] {
		places = append(places, []ui.Node{ui.All(ui.Strong(worldName(w)), ui.Small(w.ID)), ui.Time(w.CreatedAt), ui.Time(w.ExpiresAt),
			ui.Act(v.CSRF(), "/choose", "Look at it", "world", w.ID, "back", "/desk")})
	}
	return v.Show(o.Name, ui.Head(o.Name, "An organisation, since "+o.CreatedAt.UTC().Format("2 January 2006")+".", ui.Quiet("/desk/organisations", "All organisations")),
		ui.Section("People", ui.Table("People", []string{"E-mail address", "Role", "Since"}, persons, ui.Empty("It has no people.", "Its applications were made at the command line."))),
		ui.Section("Applications", ui.Table("Applications", []string{"Name", "World", "State", "Products", "Made"}, programs, ui.Empty("It has no applications.", "Its developers make them under Build.")),
			ui.If(next != "", ui.Actions(ui.Quiet(ui.With(v.URL(), v.Query(), "after", next), "Next applications")))),
		ui.Section("Sandboxes", ui.Table("Sandboxes", []string{"World", "Made", "Expires", ""}, places, ui.Empty("It has no sandbox.", "A developer's first page makes one.")),
			ui.If(len(worlds) > ui.PageSize, ui.Small(ui.Count(len(worlds))+" in all; the others are under Worlds."))))
}
