package docs

import (
	"fmt"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/machine"
)

const generated = "<!-- Made from the code by `make docs`; do not edit. -->\n\n"

// ErrorsMarkdown is docs/errors.md: every coded error.
func ErrorsMarkdown() string {
	var b strings.Builder
	b.WriteString(generated + "# Errors\n\nEvery error that the platform and its products answer, by its `reason`.\n")
	family := ""
	for _, c := range fault.Catalogue() {
		if c.Family != family {
			family = c.Family
			fmt.Fprintf(&b, "\n## %s\n\n", family)
			if head := familyHeads[family]; head != "" {
				b.WriteString(head + "\n\n")
			}
			b.WriteString("| reason | status | what it says |\n|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| <a id=\"%s\"></a>`%s` | %d | %s |\n", c.ID, c.ID, c.Status, c.Text)
	}
	return b.String()
}

// familyHeads is what stands before the errors of families that have ways of their own.
var familyHeads = map[string]string{
	"care": "Care answers in the envelope of its established API, `{\"errors\":[{\"code\",\"message\",\"description\"}]}`, without a `reason`: " +
		"look at the status. The reasons below are what the server calls them; the texts are the `message`.",
}

// FamilyHead is what is to be said before the errors of a family, in Markdown; "" for most.
func FamilyHead(family string) string { return familyHeads[family] }

// MachinesMarkdown is docs/machines.md: every state machine, drawn.
func MachinesMarkdown(tables []*machine.Table) string {
	var b strings.Builder
	b.WriteString(generated + "# State machines\n\nThe code fires its events through these very tables; a move that has no row does not exist.\n")
	for _, t := range tables {
		fmt.Fprintf(&b, "\n## %s\n\n```mermaid\n%s```\n\n| from | event | to | why |\n|---|---|---|---|\n", t.Title, t.Diagram())
		for _, r := range t.Rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.From, r.Event, r.To, r.Why)
		}
	}
	return b.String()
}
