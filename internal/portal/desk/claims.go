package desk

import (
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// claims lists what organisations ask: that an application may act for a customer.
func (s *screens) claims(v *web.Visit) error { return s.claimsPage(v, nil) }

func (s *screens) claimsPage(v *web.Visit, f *ui.Form) error {
	q := v.Query()
	state := q.Get("state")
	if !q.Has("state") {
		state = identity.Pending
	}
	list, err := s.Identity.Claims(v.Context(), "", state, q.Get("after"), ui.PageSize+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > ui.PageSize {
		list = list[:ui.PageSize]
		next = list[ui.PageSize-1].ID
	}
	var rows [][]ui.Node
	for _, c := range list {
		rows = append(rows, []ui.Node{ui.All(ui.Link(address("organisations", c.Org), c.OrgName), ui.Small("for "+c.App+" in "+c.World)), ui.Mono(c.Customer),
			ui.All(ui.Time(c.CreatedAt), ui.Small("by "+c.AskedBy)), ui.All(ui.State(c.State), ui.If(c.Note != "", ui.Small(c.Note)), claimForm(v, f, c))})
	}
	filter := v.Form()
	filter.Default("state", state)
	return v.Show("Approvals", ui.Head("Approvals", "Organisations ask that an application of theirs may act for a customer."), approvalTabs(v, "customers"),
		ui.Filter(filter, ui.Select{Name: "state", Label: "State", Blank: "any", Choices: ui.Of(identity.Pending, identity.Approved, identity.Revoked), Narrow: true}.In(filter)),
		ui.Table("Customers asked for", []string{"Organisation", "Customer", "Asked", "Decision"}, rows,
			ui.Empty("Nobody asks for a customer.", "A developer asks for one at an application; make sure that the customer knows, then decide here.")),
		ui.If(next != "", ui.Actions(ui.Quiet(ui.With(v.URL(), q, "after", next), "Next"))))
}

// claimForm is what can be decided about a request now.
func claimForm(v *web.Visit, f *ui.Form, c identity.Claim) ui.Node {
	about := c.OrgName + " asks that " + c.App + " may act for customer " + c.Customer + "."
	switch c.State {
	case identity.Pending:
		return decision(v, f, c.ID, about, "Approve", "Decline")
	case identity.Approved:
		return ui.Confirm(v.CSRF(), v.URL(), "Withdraw…", "Take from "+c.App+" of "+c.OrgName+" the right to act for customer "+c.Customer+"?", "Withdraw it",
			actField, "decide "+c.ID, "decision", "no")
	}
	return ui.Small("by " + dash(c.DecidedBy))
}

func (s *screens) claimsAct(v *web.Visit) error {
	return decide(v, v.Form(), v.URL(), s.claimsPage, func(id string, yes bool, note string) (string, error) {
		c, err := s.Identity.DecideClaim(v.Context(), v.Actor(), id, yes, note)
		if yes {
			return c.App + " may act for customer " + c.Customer + ".", err
		}
		return c.App + " may not act for customer " + c.Customer + ".", err
	})
}
