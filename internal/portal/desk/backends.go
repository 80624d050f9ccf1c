package desk

import (
	"strconv"
	"time"

	"demarc/internal/backend"
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/trouble"
)

type health = backend.Health

func unhealthy(h health) bool { return !h.Well() }

// backends shows the systems behind the carrier: how those of production are doing, and
// what a sandbox's owner wants of its own.
func (s *screens) backends(v *web.Visit) error { return s.backendsPage(v, nil) }

func (s *screens) backendsPage(v *web.Visit, f *ui.Form) error {
	if !v.Sandbox() {
		return v.Show("Backends", ui.Head("Backends", "The systems that this carrier's orders are made with, as this node has met them."),
			ui.Live("backends", healthTable(s.Backends.All())),
			ui.Small("A breaker opens after five failures in a row: the backend is left alone for fifteen seconds, and callers are told at once. Half-open, one question is asked to see whether it is well again."))
	}
	var standing []trouble.Standing
	err := v.View(func(tx *db.Tx) (err error) {
		standing, err = trouble.List(tx)
		return err
	})
	if err != nil {
		return err
	}
	at := map[trouble.Target]trouble.Standing{}
	for _, t := range standing {
		at[t.Target] = t
	}
	var rows [][]ui.Node
	var targets []ui.Choice
	for _, t := range trouble.Targets() {
		targets = append(targets, ui.Choice{Value: string(t.Target), Label: string(t.Target)})
		state, button := ui.Badge(ui.Good, "works"), ui.Text("")
		if now, ok := at[t.Target]; ok {
			state = ui.All(ui.Badge(ui.Bad, now.String()), ui.Small("since "+now.At.UTC().Format("2 Jan 2006, 15:04:05")))
			button = ui.Act(v.CSRF(), v.URL(), "Clear", actField, "clear", "cleared", string(t.Target))
		}
		rows = append(rows, []ui.Node{ui.All(ui.Mono(string(t.Target)), ui.Small(t.Text)), state, button})
	}
	return v.Show("Backends", ui.Head("Backends", "A sandbox's backends come with the program: they work, unless you make them fail."),
		ui.Live("backends", ui.Table("Backends of this sandbox", []string{"Backend", "State", ""}, rows, ui.Text("")),
			ui.If(len(standing) > 1, ui.Actions(ui.Confirm(v.CSRF(), v.URL(), "Clear all…", "Let all "+ui.Count(len(standing))+" backends of this sandbox work again?", "Clear all", actField, "clear all")))),
		faultForm(v, f, targets))
}

// healthTable is how backends are doing.
func healthTable(list []health) ui.Node {
	var rows [][]ui.Node
	for _, h := range list {
		state, lately, failed, worked := ui.Badge(ui.Plain, "embedded"), ui.Text("–"), ui.Text("–"), ui.Text("–")
		if !h.Embedded {
			state = ui.All(ui.State(h.State), ui.Small("deadline "+ui.Duration(h.Deadline)))
			lately = ui.Text(ui.Count(h.Calls) + ", " + ui.Count(h.Failures) + " failed")
			worked = ui.Time(h.WorkedAt)
			if !h.FailedAt.IsZero() {
				failed = ui.All(ui.Time(h.FailedAt), ui.Small(h.Why))
			}
		}
		rows = append(rows, []ui.Node{ui.All(ui.Strong(h.Name), ui.Small(product(h.Of))), state, lately, failed, worked})
	}
	return ui.Table("Backends", []string{"Backend", "Breaker", "Last 15 minutes", "Last failure", "Worked last"}, rows, ui.Text(""))
}

// faultForm makes a backend fail.
func faultForm(v *web.Visit, f *ui.Form, targets []ui.Choice) ui.Node {
	t := only(v, f, "put")
	return ui.Section("Make one fail", t.Node("Make it fail", ui.Hidden(t, actField),
		ui.Row(ui.Select{Name: "target", Label: "Backend", Required: true, Choices: targets}.In(t),
			ui.Select{Name: "mode", Label: "How", Required: true, Choices: []ui.Choice{{Value: string(trouble.Unavailable), Label: "unavailable: it cannot be reached"},
				{Value: string(trouble.Timeout), Label: "timeout: it does not answer in time"}, {Value: string(trouble.Failure), Label: "error: it answers that it has failed"},
				{Value: string(trouble.Slow), Label: "slow: it answers late"}}}.In(t)),
		ui.Row(ui.Input{Name: "count", Label: "Calls", Hint: "How many meet it; empty for all, until it is cleared.", Narrow: true, InputMode: "numeric"}.In(t),
			ui.Input{Name: "latency", Label: "Seconds", Hint: "How long each takes before that; up to 60.", Narrow: true, InputMode: "decimal"}.In(t))))
}

// seconds reads how long a call takes, or says beside its field what that can be.
func seconds(f *ui.Form, field string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(f.Value(field), 64)
	ok := err == nil && n >= 0 && n <= trouble.MaxLatency.Seconds()
	if !ok {
		f.Add(field, "must be from 0 to 60")
		return 0, false
	}
	return time.Duration(n * float64(time.Second)), true
}

func (s *screens) backendsAct(v *web.Visit) error {
	within := func(fn func(tx *db.Tx) error) error { return v.Within(fn) }
	return perform(v, "/desk/backends", map[string]act{
		"put": {fields: true, do: func(f *ui.Form) (said string, err error) {
			t := trouble.Trouble{Target: trouble.Target(f.Value("target")), Mode: trouble.Mode(f.Value("mode"))}
			if f.Value("count") != "" {
				n, ok := number(f, "count")
				if !ok {
					return "", nil
				}
				t.Count = int64(n)
			}
			if f.Value("latency") != "" {
				latency, ok := seconds(f, "latency")
				if !ok {
					return "", nil
				}
				t.Latency = &latency
			}
			err = within(func(tx *db.Tx) error {
				standing, err := trouble.Put(tx, v.Actor(), t)
				said = string(t.Target) + ": " + standing.String() + "."
				return err
			})
			return said, err
		}},
		"clear": {do: func(f *ui.Form) (string, error) {
			target := f.Value("cleared")
			return target + " works again.", within(func(tx *db.Tx) error { return trouble.Clear(tx, v.Actor(), trouble.Target(target)) })
		}},
		"clear all": {do: func(*ui.Form) (string, error) {
			return "All backends work again.", within(func(tx *db.Tx) error { return trouble.ClearAll(tx, v.Actor()) })
		}},
	}, s.backendsPage)
}
