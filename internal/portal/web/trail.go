package web

import (
	"slices"

	"demarc/internal/audit"
	"demarc/internal/machine"
	"demarc/internal/portal/ui"
)

// Trail shows what was done about something, newest first: what, who, when, and why.
func Trail(trail []audit.Event) ui.Node {
	if len(trail) == 0 {
		return ui.Small("Nothing has happened to it yet. What is done, and by whom, will stand here.")
	}
	entries := make([]ui.Entry, len(trail))
	for i, e := range trail {
		entries[i] = ui.Entry{At: e.At, Who: e.Actor, What: e.Event, From: e.From, To: e.To, Note: e.Note}
	}
	return ui.History(entries...)
}

// Life draws the machine of something, with its present state and the way that its
// trail, newest first, has led.
func Life(t *machine.Table, current string, trail []audit.Event) ui.Node {
	states := t.States()
	var been []string
	for _, e := range slices.Backward(trail) {
		for _, s := range []string{e.From, e.To} {
			if slices.Contains(states, s) && (len(been) == 0 || been[len(been)-1] != s) {
				been = append(been, s)
			}
		}
	}
	return ui.Diagram(t, current, been)
}
