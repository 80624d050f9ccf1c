package desk

import (
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// applications lists those that wait for a decision.
func (s *screens) applications(v *web.Visit) error {
	list, total, err := s.Identity.WaitingApps(v.Context(), offset(v), ui.PageSize)
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, a := range list {
		kind := "Production"
		if a.Sandbox {
			kind = "Sandbox"
		}
		rows = append(rows, []ui.Node{ui.All(ui.Link(address("apps", a.ID), a.Name), ui.Small(kind)), ui.Link(address("organisations", a.Org), a.OrgName),
			ui.State(a.State), productBadges(a.Products), ui.Time(a.CreatedAt)})
	}
	return v.Show("Approvals", ui.Head("Approvals", "Applications, and products of theirs, that wait for your decision."), approvalTabs(v, "applications"),
		ui.Table("Applications that wait", []string{"Application", "Organisation", "State", "Products", "Asked"}, rows,
			ui.Empty("No application waits.", "Applications of production wait here until you decide about them; those of sandboxes approve themselves.")),
		ui.If(total > 0, ui.Pager(v.URL(), v.Query(), total)))
}

// productBadges are an application's products, each with how far it got.
func productBadges(products []identity.Product) ui.Node {
	return ui.Each(products, func(p identity.Product) ui.Node {
		return ui.All(ui.Badge(ui.ToneOf(p.State), p.Name+": "+p.State), ui.Text(" "))
	})
}
