package desk

import (
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// centerAddress is where a rate center is shown.
func centerAddress(state, name string) string { return address("stock", state, name) }

// stock lists rate centers.
func (s *screens) stock(v *web.Visit) error { return s.stockPage(v, nil) }

func (s *screens) stockPage(v *web.Visit, f *ui.Form) error {
	filter := v.Form()
	if v.Posting() {
		filter = ui.NewForm(nil)
	}
	state := strings.ToUpper(filter.Value("state"))
	if !nanp.IsState(state) {
		state = ""
	}
	var list []voice.Center
	var total int
	var count voice.StockCount
	var takes, said bool
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Voice.Stock(tx, voice.StockFilter{State: state, Text: filter.Value("text"), Served: filter.Value("served")},
			voice.Paging{Offset: int64(offset(v)), Limit: ui.PageSize})
		if err == nil {
			count, err = s.Voice.Store.StockCount(tx, "", "")
		}
		if err == nil && state != "" {
			takes, said, err = s.Voice.Backorders(tx, state)
		}
		return err
	})
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, c := range list {
		rows = append(rows, []ui.Node{ui.Link(centerAddress(c.State, c.Name), c.Name), ui.Text(c.State), centerState(c), ui.Text(yes(c.Native)), ui.Text(yes(c.Static911))})
	}
	region := ui.Small("Choose a state to see, and to switch, whether it takes backorders.")
	if state != "" {
		region = regionSwitch(v, state, takes, said)
	}
	lead := "Rate centers, and the thousands-blocks that numbers are taken from."
	if !v.Sandbox() {
		lead = "Rate centers that this carrier has loaded, and the thousands-blocks that numbers are taken from."
	}
	return v.Show("Stock", ui.Head("Stock", lead, ui.Quiet("/desk/stock/load", "Load blocks from a file")),
		countStats(count, true),
		ui.If(v.Sandbox(), ui.Small("A sandbox begins with the numbering plan's rate centers; blocks are counted once they are opened.")),
		ui.Filter(filter, ui.Input{Name: "state", Label: "State", Narrow: true, Max: 2, Hint: "Such as CO."}.In(filter), ui.Input{Name: "text", Label: "Rate center"}.In(filter),
			ui.Select{Name: "served", Label: "Served", Blank: "no matter", Narrow: true, Choices: []ui.Choice{{Value: "yes", Label: "yes"}, {Value: "no", Label: "no"}}}.In(filter)),
		region,
		ui.Table("Rate centers", []string{"Rate center", "State", "Orders", "Native numbers", "Static 911"}, rows,
			ui.Empty("No such rate center is in stock.", "Add a block of it, or load a file of blocks; it is served from then on.", ui.Quiet("/desk/stock/load", "Load blocks"))),
		ui.If(total > 0, ui.Pager(v.URL(), v.Query(), total)),
		blockForm(v, f, ""))
}

// centerState is whether a rate center takes orders.
func centerState(c voice.Center) ui.Node {
	switch {
	case c.Into != "":
		return ui.Badge(ui.Plain, "part of "+c.Into)
	case !c.Covered:
		return ui.Badge(ui.Plain, "not served")
	case !c.Open:
		return ui.Badge(ui.Bad, "closed")
	}
	return ui.Badge(ui.Good, "open")
}

// countStats are figures of a stock.
func countStats(n voice.StockCount, centers bool) ui.Node {
	var list []ui.Node
	if centers {
		list = append(list, ui.Stat(ui.Count(n.Centers), "Rate centers touched", ""))
	}
	list = append(list, ui.Stat(ui.Count(n.Blocks), "Open blocks", ""), ui.Stat(ui.Count(n.Free), "Free numbers", ""))
	for _, status := range []string{voice.Reserved, voice.Active, voice.Held, voice.Aging, voice.Withheld} {
		list = append(list, ui.Stat(ui.Count(n.Taken[status]), strings.ToUpper(status[:1])+status[1:], ""))
	}
	return ui.Stats(list...)
}

func regionSwitch(v *web.Visit, state string, takes, said bool) ui.Node {
	back := ui.With("/desk/stock", nil, "state", state)
	text := "takes no backorders: a short supply ends there."
	button := ui.Act(v.CSRF(), "/desk/stock", "Take backorders in "+state, actField, "region", "region", state, "backorders", "true", "back", back)
	if takes {
		text = "takes backorders: what a short supply leaves over waits for numbers."
		button = ui.Confirm(v.CSRF(), "/desk/stock", "Take no backorders in "+state+"…", "Take no more backorders in "+state+"? What waits there already goes on waiting.",
			"Take none", actField, "region", "region", state, "backorders", "false", "back", back)
	}
	if !said {
		text += " Nobody has said otherwise."
	}
	return ui.Card(state, ui.P(state+" "+text), ui.Actions(button))
}

// blockForm adds a thousands-block: of a rate center, or of any.
func blockForm(v *web.Visit, f *ui.Form, name string) ui.Node {
	b := only(v, f, "block")
	where := ui.All(ui.Input{Name: "state", Label: "State of the block", Hint: "Such as CO.", Required: true, Narrow: true, Max: 2}.In(b),
		ui.Input{Name: "rateCenter", Label: "Rate center of the block", Hint: "Such as DENVER.", Required: true, Max: 40}.In(b))
	if name != "" {
		where = ui.Text("")
	}
	return ui.Section("Add a thousands-block", b.Node("Add the block", ui.Hidden(b, actField), ui.Row(where,
		ui.Input{Name: "npa", Label: "Area code (NPA)", Hint: "Such as 303.", Required: true, Narrow: true, Max: 3, InputMode: "numeric"}.In(b),
		ui.Input{Name: "nxx", Label: "Prefix (NXX)", Hint: "Such as 225.", Required: true, Narrow: true, Max: 3, InputMode: "numeric"}.In(b),
		ui.Input{Name: "x", Label: "Thousand (X)", Hint: "0 to 9.", Required: true, Narrow: true, Max: 1, InputMode: "numeric"}.In(b))))
}

// addBlock adds a block, and answers where it is.
func (s *screens) addBlock(v *web.Visit, f *ui.Form, state, name string) (said string, err error) {
	var r voice.BlockRequest
	if !f.Into(&r) {
		return "", nil
	}
	if name != "" {
		r.State, r.RateCenter = text(state), text(name)
	}
	err = v.Within(func(tx *db.Tx) error {
		c, block, err := s.Voice.AddBlock(tx, v.Actor(), &r)
		said = "Block " + block.String() + " was added to " + c.Name + ", " + c.State + "."
		return err
	})
	return said, err
}

func (s *screens) stockAct(v *web.Visit) error {
	f := v.Form()
	back := "/desk/stock"
	if f.Value(actField) == "region" {
		back = web.Local(f.Value("back"))
	}
	return perform(v, back, map[string]act{
		"block": {fields: true, do: func(f *ui.Form) (string, error) { return s.addBlock(v, f, "", "") }},
		"region": {do: func(f *ui.Form) (string, error) {
			state, takes := f.Value("region"), f.Value("backorders")
			if takes != "true" && takes != "false" {
				return "", fault.Invalid.With(fault.Field("VOICE-DSK-06", "backorders", "must be true or false"))
			}
			said := state + " takes no backorders from now on."
			if takes == "true" {
				said = state + " takes backorders from now on."
			}
			return said, v.Within(func(tx *db.Tx) error { return s.Voice.PutRegion(tx, v.Actor(), state, takes == "true") })
		}},
	}, s.stockPage)
}
