package desk

import (
	"slices"

	"demarc/internal/audit"
	"demarc/internal/machine"
	"demarc/internal/portal/ui"
)

// entries is a trail as it is shown.
func entries(trail []audit.Event) []ui.Entry {
	list := make([]ui.Entry, len(trail))
	for i, e := range trail {
		list[i] = ui.Entry{At: e.At, Who: e.Actor, What: e.Event, From: e.From, To: e.To, Note: e.Note}
	}
	return list
}

// history shows a trail that is given with its newest entry first.
func history(trail []audit.Event) ui.Node {
	if len(trail) == 0 {
		return ui.Section("History", ui.Empty("Nothing has happened yet.", "What is done about it, and by whom, will stand here."))
	}
	return ui.Section("History", ui.History(entries(trail)...))
}

// life draws the machine of something, with the way that its trail tells.
func life(t *machine.Table, current string, trail []audit.Event) ui.Node {
	if t == nil {
		return ui.Text("")
	}
	var been []string
	for _, e := range slices.Backward(trail) {
		if e.To != "" && slices.Contains(t.States(), e.To) {
			been = append(been, e.To)
		}
	}
	return ui.Section("Its life", ui.Diagram(t, current, been))
}
