package market

import (
	"errors"
	"strconv"
	"unicode"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/magic"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/setting"
	"demarc/internal/trouble"
)

func (s *screens) faults(v *web.Visit) error { return s.faultsPage(v, v.Form()) }

func (s *screens) faultsPage(v *web.Visit, f *ui.Form) error {
	var standing []trouble.Standing
	err := v.View(func(tx *db.Tx) (err error) {
		standing, err = trouble.List(tx)
		return err
	})
	if err != nil {
		return err
	}
	at := map[trouble.Target]trouble.Standing{}
	for _, st := range standing {
		at[st.Target] = st
	}
	var choices []ui.Choice
	var rows [][]ui.Node
	for _, t := range trouble.Targets() {
		choices = append(choices, ui.Choice{Value: string(t.Target), Label: string(t.Target) + ": " + t.Text})
		st, wrong := at[t.Target]
		state, act := ui.All(ui.Badge(ui.Good, "works")), ui.Quiet("/sandbox/faults?target="+string(t.Target)+"#f-target", "Choose")
		if wrong {
			state = ui.All(ui.Badge(ui.Bad, string(st.Mode)), ui.Text(" "+howLong(st)))
			act = ui.Act(v.CSRF(), "/sandbox/faults/clear", "Let it work", "target", string(t.Target))
		}
		rows = append(rows, []ui.Node{ui.Mono(string(t.Target)), ui.Text(t.Text), state, act})
	}
	f.Default("mode", string(trouble.Unavailable))
	f.Default("count", "1")
	return v.Show("Faults", ui.Head("Faults", "What is to go wrong in "+sandboxName(v)+": a program that has never met a failure cannot handle one.",
		ui.When(len(standing) > 0, func() ui.Node {
			return ui.Act(v.CSRF(), "/sandbox/faults/clear", "Let everything work")
		})),
		ui.Table("What can be made to fail", []string{"Target", "What it is", "Now", ""}, rows, nil),
		ui.Section("Make something fail", f.Node("Make it fail",
			ui.Select{Name: "target", Label: "What", Choices: choices, Required: true}.In(f),
			ui.Choices{Name: "mode", Label: "How", Required: true, Choices: []ui.Choice{
				{Value: string(trouble.Unavailable), Label: "Unavailable", Hint: "It cannot be reached."},
				{Value: string(trouble.Timeout), Label: "Timeout", Hint: "It does not answer in time."},
				{Value: string(trouble.Failure), Label: "Error", Hint: "It answers that it has failed."},
				{Value: string(trouble.Slow), Label: "Slow", Hint: "It answers late, and well."}}}.In(f),
			ui.Row(
				ui.Input{Name: "count", Label: "For so many calls", Hint: "0: until you clear it", InputMode: "numeric", Required: true}.In(f),
				ui.Input{Name: "latency", Label: "After", Hint: "ISO 8601, at most PT1M; two seconds for slow", Placeholder: "PT2S"}.In(f)))))
}

// howLong is until when trouble stands.
func howLong(st trouble.Standing) string {
	text := "until it is cleared"
	switch st.Remaining {
	case 0:
	case 1:
		text = "for 1 call"
	default:
		text = "for " + ui.Count(st.Remaining) + " calls"
	}
	if st.Latency > 0 {
		text += ", after " + ui.Duration(st.Latency)
	}
	return text
}

func (s *screens) putFault(v *web.Visit) error {
	f := v.Form()
	wanted := trouble.Trouble{Target: trouble.Target(f.Value("target")), Mode: trouble.Mode(f.Value("mode"))}
	var err error
	if wanted.Count, err = strconv.ParseInt(f.Value("count"), 10, 64); err != nil {
		wanted.Count = -1 // no number at all is as good as one that is out of bounds
	}
	if text := f.Value("latency"); text != "" {
		d, err := clock.ParseDuration(text)
		if err != nil {
			d = -1
		}
		wanted.Latency = &d
	}
	err = v.Within(func(tx *db.Tx) error {
		_, err := trouble.Put(tx, v.Actor(), wanted)
		return err
	})
	if err != nil {
		return v.Refused(f, err, s.faultsPage)
	}
	return v.Done("/sandbox/faults", "From now on calls of "+string(wanted.Target)+" meet it.")
}

func (s *screens) clearFault(v *web.Visit) error {
	target := trouble.Target(v.Form().Value("target"))
	err := v.Within(func(tx *db.Tx) error {
		if target == "" {
			return trouble.ClearAll(tx, v.Actor())
		}
		return trouble.Clear(tx, v.Actor(), target)
	})
	if err != nil {
		return v.Failed("/sandbox/faults", err)
	}
	if target == "" {
		return v.Done("/sandbox/faults", "Everything works again.")
	}
	return v.Done("/sandbox/faults", string(target)+" works again.")
}

// magicValues is the grammar of inputs that force an outcome.
func (s *screens) magicValues(v *web.Visit) error {
	f := v.Form()
	var chosen []magic.Value
	for _, m := range magic.List() {
		if p := f.Value("product"); p != "" && m.Product != p {
			continue
		}
		if contains(m.Where+" "+m.Value+" "+m.Effect, f.Value("text")) {
			chosen = append(chosen, m)
		}
	}
	var rows [][]ui.Node
	for _, m := range pageOf(v, chosen) {
		rows = append(rows, []ui.Node{ui.Text(nameOf(m.Product)), ui.Text(m.Where), ui.Mono(m.Value), ui.Text(m.Effect)})
	}
	var choices []ui.Choice
	for _, p := range products {
		choices = append(choices, ui.Choice{Value: p.Name, Label: p.Title})
	}
	return v.Show("Magic values", ui.Head("Magic values", "Inputs that force a documented outcome in a sandbox: put the value where it says, and it happens. In production they mean nothing."),
		ui.Filter(f, ui.Select{Name: "product", Label: "Product", Blank: "All", Choices: choices}.In(f), ui.Input{Name: "text", Label: "Contains", Type: "search"}.In(f)),
		ui.Table("Magic values", []string{"Product", "Where", "Value", "What happens"}, rows, ui.Empty("No magic value is like that.", "Choose less, or clear the filter.", ui.Quiet("/sandbox/magic", "Clear"))),
		ui.Pager("/sandbox/magic", v.Query(), len(chosen)))
}

func (s *screens) settings(v *web.Visit) error { return s.settingsPage(v, v.Form()) }

func (s *screens) settingsPage(v *web.Visit, f *ui.Form) error {
	var list []setting.Value
	err := v.View(func(tx *db.Tx) (err error) {
		list, err = setting.List(tx)
		return err
	})
	if err != nil {
		return err
	}
	var fields []ui.Node
	for _, one := range list {
		f.Default(one.Name, one.Value)
		var choices []ui.Choice
		for _, value := range one.Values {
			label := value
			if value == one.Default {
				label += ", by default"
			}
			choices = append(choices, ui.Choice{Value: value, Label: label})
		}
		fields = append(fields, ui.Select{Name: one.Name, Label: one.Name, Hint: sentence(one.Text), Choices: choices, Required: true}.In(f))
	}
	body := f.Node("Put the settings", fields...)
	if len(list) == 0 {
		body = ui.Empty("There is nothing to set.", "No product has a setting.")
	}
	return v.Show("Settings", ui.Head("Settings", "What a carrier can change while it runs. A setting holds in "+sandboxName(v)+" from the moment it is put."), body)
}

func (s *screens) putSetting(v *web.Visit) error {
	f := v.Form()
	err := v.Within(func(tx *db.Tx) error {
		list, err := setting.List(tx)
		if err != nil {
			return err
		}
		for _, one := range list {
			value := f.Value(one.Name)
			if value == "" {
				continue // not on the page
			}
			err := setting.Put(tx, v.Actor(), one.Name, value)
			if err != nil && f.Fault(err) {
				f.Move("value", one.Name)
			} else if err != nil {
				return err
			}
		}
		if f.Wrong() {
			return errRefused
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	if err != nil || f.Wrong() {
		return v.Refused(f, err, s.settingsPage)
	}
	return v.Done("/sandbox/settings", "The settings hold from now on.")
}

// errRefused undoes a unit of work whose form has been told already what is wrong.
var errRefused = errors.New("refused")

// sentence begins a text with a capital.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
