package desk

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/lenient"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

func text(s string) lenient.Text { return lenient.Text(s) }

// place is the rate center that a page is about.
func place(v *web.Visit) (state, name string) {
	upper := func(part string) string { return strings.ToUpper(strings.TrimSpace(v.Path(part))) }
	return upper("state"), upper("name")
}

// shelf is a rate center with what is in it.
type shelf struct {
	voice.Center
	count  voice.StockCount
	blocks []voice.BlockLine
	total  int
	trail  []audit.Event
	now    time.Time
}

func (s *screens) center(v *web.Visit) error { return s.centerPage(v, nil) }

func (s *screens) centerPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/stock")
	state, name := place(v)
	var c shelf
	err := v.View(func(tx *db.Tx) (err error) {
		c.now = tx.Now()
		if c.Center, _, _, err = s.Voice.CenterAt(tx, state, name); err != nil {
			return err
		}
		if c.count, err = s.Voice.Store.StockCount(tx, state, name); err != nil {
			return err
		}
		if c.blocks, c.total, err = s.Voice.Store.BlocksOf(tx, state, name, voice.Paging{Offset: int64(offset(v)), Limit: ui.PageSize}); err != nil {
			return err
		}
		c.trail, err = audit.Page(tx, "voice/center/"+c.Key(), 0, mostTrail)
		return err
	})
	if err != nil {
		return err
	}
	title := c.Name + ", " + c.State
	var rows [][]ui.Node
	for _, b := range c.blocks {
		rows = append(rows, []ui.Node{ui.Mono(b.Block.String()), ui.Text(ui.Count(b.Free)), ui.Text(ui.Count(voice.PerBlock - b.Free))})
	}
	body := ui.All(countStats(c.count, false), ui.Facts(centerFacts(c)...), ui.Section("Open thousands-blocks",
		ui.Table("Open thousands-blocks", []string{"Block", "Free", "Taken"}, rows, ui.Empty("No block is open yet.", c.hint(v.Sandbox()))),
		ui.If(c.total > 0, ui.Pager(v.URL(), v.Query(), c.total))))
	head := ui.Head(title, "A rate center.", ui.Quiet(ui.With("/desk/stock", nil, "state", c.State), "All of "+c.State))
	if c.Into != "" {
		into, other, _ := strings.Cut(c.Into, "/")
		return v.Show(title, head, ui.Notice(ui.Plain, ui.P("It was consolidated into "+other+", "+into+", whose its numbers are now."), ui.Actions(ui.Quiet(centerAddress(into, other), "Go there"))), history(c.trail))
	}
	return v.Show(title, head, ui.Split(body, centerForms(v, f, c)), blockForm(v, f, c.Name), history(c.trail))
}

func (c shelf) hint(sandbox bool) string {
	if sandbox && c.Covered {
		return "The first order opens one of the numbering plan's blocks by itself."
	}
	return "Add one below: the rate center is served from then on."
}

func centerFacts(c shelf) []ui.Fact {
	list := []ui.Fact{{Name: "Orders", Value: centerState(c.Center)}, {Name: "Native numbers", Value: ui.Text(yes(c.Native))}, {Name: "Static 911", Value: ui.Text(yes(c.Static911))}}
	if c.OpensAt.After(c.now) {
		list = append(list, ui.Fact{Name: "Opens", Value: ui.Time(c.OpensAt)})
	}
	if p := c.Plan; p != nil {
		npas := make([]string, len(p.NPAs))
		for i, n := range p.NPAs {
			npas[i] = strconv.Itoa(n)
		}
		list = append(list, ui.Fact{Name: "LATA", Value: ui.Text(dash(p.LATA))}, ui.Fact{Name: "Area codes", Value: ui.Text(strings.Join(npas, ", "))})
	}
	if c.Sealed {
		list = append(list, ui.Fact{Name: "Supply", Value: ui.Text("withheld: no further block is opened by itself")})
	}
	return list
}

// centerForms are what can be done with a rate center.
func centerForms(v *web.Visit, f *ui.Form, c shelf) ui.Node {
	path, title := centerAddress(c.State, c.Name), c.Name+", "+c.State
	orders := ui.Act(v.CSRF(), path, "Open for orders", actField, "open")
	if c.Open {
		orders = ui.Confirm(v.CSRF(), path, "Close for orders…", "Close "+title+" for orders? Orders under way go on.", "Close it", actField, "close")
	}
	native := ui.Act(v.CSRF(), path, "Offer native numbers", actField, "native")
	if c.Native {
		native = ui.Confirm(v.CSRF(), path, "Offer no native numbers…", "Offer no native numbers of "+title+" any more? Its backorders end (10010).", "Offer none", actField, "no native")
	}
	static := ui.Act(v.CSRF(), path, "Has static 911", actField, "static")
	if c.Static911 {
		static = ui.Confirm(v.CSRF(), path, "Has no static 911…", "Take static 911 from "+title+"? Enhanced Local Service is not sold there without it.", "Take it away", actField, "no static")
	}
	at, withhold, reclaim, merge := only(v, f, "opens"), only(v, f, "withhold"), only(v, f, "reclaim"), only(v, f, "consolidate")
	opened := func(title string, form *ui.Form, n ui.Node) ui.Node {
		if form.Wrong() {
			return ui.Section(title, n)
		}
		return ui.More(title+"…", n)
	}
	return ui.All(ui.Card("What it offers", ui.Actions(orders, native, static)),
		opened("Open at a moment", at, at.Node("Set the moment", ui.Hidden(at, actField),
			ui.Input{Name: "opensAt", Label: "Opens at", Hint: "UTC, such as 2026-11-21T09:00:00Z; empty for at once.", Max: 40}.In(at))),
		opened("Withhold numbers", withhold, withhold.Node("Withhold numbers of "+title, ui.Hidden(withhold, actField),
			ui.P("Leaves "+title+" so many free numbers; the others are kept back. More than before lets go of what was kept."),
			ui.Input{Name: "available", Label: "Free numbers that are left", Required: true, Narrow: true, InputMode: "numeric"}.In(withhold))),
		opened("Reclaim numbers", reclaim, reclaim.Node("Reclaim numbers of "+title, ui.Hidden(reclaim, actField),
			ui.P("Takes numbers that a customer has in stock in "+title+", and not in service, the lowest first. They age, and are free then."),
			ui.Input{Name: "customer", Label: "Customer number", Required: true, Max: 40}.In(reclaim),
			ui.Input{Name: "quantity", Label: "How many", Required: true, Narrow: true, InputMode: "numeric"}.In(reclaim))),
		opened("Consolidate", merge, merge.Node("Consolidate "+title, ui.Hidden(merge, actField),
			ui.P("Makes "+title+" part of another rate center for good: its numbers are that one's, and what waits for it ends (10009)."),
			ui.Row(ui.Input{Name: "intoState", Label: "Into state", Required: true, Narrow: true, Max: 2}.In(merge),
				ui.Input{Name: "into", Label: "Into rate center", Required: true, Max: 40}.In(merge)))))
}

func (s *screens) centerAct(v *web.Visit) error {
	state, name := place(v)
	title := name + ", " + state
	change := func(c voice.CenterChange) error {
		return v.Within(func(tx *db.Tx) error {
			_, err := s.Voice.ChangeCenter(tx, v.Actor(), state, name, c)
			return err
		})
	}
	on, off, never := true, false, time.Time{}
	say := func(c voice.CenterChange, said string) act {
		return act{do: func(*ui.Form) (string, error) { return title + said, change(c) }}
	}
	return perform(v, centerAddress(state, name), map[string]act{
		"open": say(voice.CenterChange{Open: &on, OpensAt: &never}, " is open for orders."), "close": say(voice.CenterChange{Open: &off}, " is closed for orders."),
		"native": say(voice.CenterChange{Native: &on}, " offers native numbers."), "no native": say(voice.CenterChange{Native: &off}, " offers no native numbers."),
		"static": say(voice.CenterChange{Static911: &on}, " has static 911."), "no static": say(voice.CenterChange{Static911: &off}, " has no static 911."),
		"block": {fields: true, do: func(f *ui.Form) (string, error) { return s.addBlock(v, f, state, name) }},
		"opens": {fields: true, do: func(f *ui.Form) (string, error) {
			at, ok := time.Time{}, true
			if f.Value("opensAt") != "" {
				at, ok = moment(f, "opensAt", time.RFC3339, "must be a moment such as 2026-11-21T09:00:00Z, or empty")
			}
			if !ok {
				return "", nil
			}
			return "The moment at which " + title + " opens was set.", change(voice.CenterChange{Open: &on, OpensAt: &at})
		}},
		"withhold": {fields: true, do: func(f *ui.Form) (said string, err error) {
			n, ok := number(f, "available")
			if !ok {
				return "", nil
			}
			err = v.Within(func(tx *db.Tx) error {
				_, left, err := s.Voice.Withhold(tx, v.Actor(), state, name, n)
				said = title + " has " + ui.Count(left) + " free numbers."
				return err
			})
			return said, err
		}},
		"reclaim":     {fields: true, do: func(f *ui.Form) (string, error) { return s.reclaim(v, f, state, name) }},
		"consolidate": {fields: true, do: func(f *ui.Form) (string, error) { return s.consolidate(v, f, state, name) }},
	}, s.centerPage)
}

func (s *screens) reclaim(v *web.Visit, f *ui.Form, state, name string) (said string, err error) {
	n, ok := number(f, "quantity")
	if !ok {
		return "", nil
	}
	err = v.Within(func(tx *db.Tx) error {
		c, err := identity.FindCustomer(tx, "", f.Value("customer"))
		if errors.Is(err, identity.CustomerUnknown) {
			return fault.Invalid.With(fault.Field("VOICE-DSK-05", "customer", "must be a customer of this world"))
		}
		if err != nil {
			return err
		}
		taken, err := s.Voice.Reclaim(tx, v.Actor(), c.GoesBy, state, name, n)
		said = counted(taken, "number") + " taken back from " + c.Name + "."
		return err
	})
	return said, err
}

func (s *screens) consolidate(v *web.Visit, f *ui.Form, state, name string) (said string, err error) {
	upper := func(field string) string { return strings.ToUpper(f.Value(field)) }
	intoState, into := upper("intoState"), upper("into")
	err = v.Within(func(tx *db.Tx) error {
		_, err := s.Voice.Consolidate(tx, v.Actor(), state, name, intoState, into)
		said = name + ", " + state + ", is part of " + into + ", " + intoState + "."
		return err
	})
	return said, err
}
