package market

import (
	"fmt"
	"strconv"
	"strings"

	"demarc/internal/docs"
	"demarc/internal/fault"
	"demarc/internal/machine"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func familyHead(family string) string { return docs.FamilyHead(family) }

// familyName is what people call the errors of a family.
func familyName(family string) string {
	switch family {
	case "oauth":
		return "OAuth 2.0"
	case "platform", "portal":
		return strings.ToUpper(family[:1]) + family[1:]
	}
	return nameOf(family)
}

// anchor is a code at which the address of a page can end.
func anchor(id string) ui.Node { return h.Code(h.ID(id), g.Text(id)) }

// errorsPage is every coded error, each at an anchor of its own: answers lead here.
func (s *screens) errorsPage(v *web.Visit) error {
	var families []string
	rows := map[string][][]ui.Node{}
	for _, c := range fault.Catalogue() {
		if rows[c.Family] == nil {
			families = append(families, c.Family)
		}
		rows[c.Family] = append(rows[c.Family], []ui.Node{anchor(c.ID), ui.Text(strconv.Itoa(c.Status)), ui.Text(c.Text)})
	}
	return v.Show("Errors",
		ui.Head("Errors", "Every error that the platform and its products answer, by its reason. A broken rule of a request by itself is invalid_request, with every violation in errors."),
		ui.Each(families, func(family string) ui.Node {
			head := strings.ReplaceAll(familyHead(family), "`", "")
			return ui.Section(familyName(family), ui.When(head != "", func() ui.Node { return ui.P(head) }),
				ui.Table("Errors of "+family, []string{"Reason", "Status", "What it says"}, rows[family], nil))
		}))
}

// machinesPage is every state machine, drawn.
func (s *screens) machinesPage(v *web.Visit) error {
	return v.Show("State machines",
		ui.Head("State machines", "What can happen to an order and to a service, and when. The code fires its events through these very tables; a move that is not here does not exist."),
		ui.Each(s.Machines, func(t *machine.Table) ui.Node {
			rows := make([][]ui.Node, len(t.Rows))
			for i, r := range t.Rows {
				rows[i] = []ui.Node{ui.State(r.From), ui.Mono(r.Event), ui.State(r.To), ui.Text(r.Why)}
			}
			return ui.Section(t.Title, ui.Diagram(t, "", nil),
				ui.More(fmt.Sprintf("Its %d moves, with their reasons", len(rows)), ui.Table(t.Title, []string{"From", "Event", "To", "Why"}, rows, nil)))
		}))
}
