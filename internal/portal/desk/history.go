package desk

import (
	"demarc/internal/audit"
	"demarc/internal/machine"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// history shows a trail that is given with its newest entry first.
func history(trail []audit.Event) ui.Node { return ui.Section("History", web.Trail(trail)) }

// life draws the machine of something, with the way that its trail tells.
func life(t *machine.Table, current string, trail []audit.Event) ui.Node {
	if t == nil {
		return ui.Text("")
	}
	return ui.Section("Its life", web.Life(t, current, trail))
}
