package desk

import (
	"demarc/internal/clock"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// worlds lists all of them.
func (s *screens) worlds(v *web.Visit) error { return s.worldsPage(v, ui.Text("")) }

func (s *screens) worldsPage(v *web.Visit, found ui.Node) error {
	f := v.Form()
	if v.Posting() {
		f = ui.NewForm(nil)
	}
	list, total, err := s.Sandbox.Search(v.Context(), f.Value("text"), offset(v), ui.PageSize)
	if err != nil {
		return err
	}
	now := clock.Machine()
	var rows [][]ui.Node
	for _, w := range list {
		org := ui.Text("–")
		if w.Org != "" {
			name := w.OrgName
			if name == "" {
				name = w.Org
			}
			org = ui.Link(address("organisations", w.Org), name)
		}
		at := ui.Time(w.Clock.Now(now))
		if !w.Clock.Frozen.IsZero() {
			at = ui.All(at, ui.Badge(ui.Waiting, "stands still"))
		}
		look := ui.Badge(ui.Good, "looked at")
		if w.ID != v.World.ID {
			look = ui.Act(v.CSRF(), "/choose", "Look at it", "world", w.ID, "back", "/desk")
		}
		rows = append(rows, []ui.Node{ui.All(ui.Strong(worldName(w.World)), ui.Small(w.ID)), org, ui.All(ui.Day(w.CreatedAt), ui.When(!w.ExpiresAt.IsZero(), func() ui.Node { return ui.Small("until " + w.ExpiresAt.UTC().Format("2 Jan 2006, 15:04")) })), at,
			ui.Actions(look, ui.Act(v.CSRF(), "/desk/worlds", "Check", actField, "check", "world", w.ID))})
	}
	return v.Show("Worlds", ui.Head("Worlds", "Production, and every sandbox: each a carrier of its own."), found,
		ui.Filter(f, ui.Input{Name: "text", Label: "World or organisation", Hint: "A part of a name or an id."}.In(f)),
		ui.Table("Worlds", []string{"World", "Organisation", "Made", "Its clock", ""}, rows, ui.Empty("No such world.", "Clear the filter to see all of them.")),
		ui.If(total > 0, ui.Pager(v.URL(), v.Query(), total)))
}

func worldName(w sandbox.World) string {
	if w.Name == "" {
		return "Sandbox"
	}
	return w.Name
}

// shownBroken is how many broken invariants a page names.
const shownBroken = 100

// worldsAct checks the invariants of a world.
func (s *screens) worldsAct(v *web.Visit) error {
	f := v.Form()
	if f.Value(actField) != "check" {
		return web.NoSuchPage
	}
	w, err := s.Sandbox.Get(v.Context(), f.Value("world"))
	if err != nil {
		return err
	}
	problems, err := s.Sandbox.Check(v.Context(), w.ID)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		return s.worldsPage(v, ui.Notice(ui.Good, ui.P("Every invariant of "+worldName(w)+" ("+w.ID+") holds.")))
	}
	return s.worldsPage(v, ui.Notice(ui.Bad, ui.P(ui.Count(len(problems))+" things are wrong in "+worldName(w)+" ("+w.ID+"). Keep a copy of the database, and tell whoever runs this server."),
		ui.Each(problems[:min(len(problems), shownBroken)], ui.P)))
}
