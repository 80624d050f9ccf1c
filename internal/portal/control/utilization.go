package control

import (
	"strconv"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// utilization answers how much of what the customer has is in service.
func (s *screens) utilization(v *web.Visit) error {
	f := v.Form()
	if len(v.Query()) == 0 {
		return s.utilizationPage(v, f)
	}
	var r voice.UtilizationRequest
	err := fill(f, &r)
	var used []voice.Used
	if err == nil {
		err = v.View(func(tx *db.Tx) (err error) {
			used, err = s.Voice.Utilization(tx, party(v), &r)
			return err
		})
	}
	if err != nil {
		return v.Refused(f, refusal(err), func(v *web.Visit, f *ui.Form) error { return s.utilizationPage(v, f) })
	}
	rows := make([][]ui.Node, len(used))
	for i, u := range used {
		rows[i] = append(holdingRow(u.Holding), yes(u.Allowed, "accepted", "rejected"))
	}
	return s.utilizationPage(v, f, ui.Section("The answer", ui.Table("The answer", append(holdingColumns(), "Ordering more"), rows, ui.Text(""))))
}

func (s *screens) utilizationPage(v *web.Visit, f *ui.Form, answer ...ui.Node) error {
	v.Under("/control/new")
	const at = "rateCenters[0]."
	f.Move("rateCenters", at+"rateCenter")
	f.Default("productID", voice.LocalInbound)
	var holdings []voice.Holding
	err := v.View(func(tx *db.Tx) (err error) {
		holdings, err = s.Voice.Holdings(tx, party(v))
		return err
	})
	if err != nil {
		return err
	}
	return v.Show("Utilization", ui.Head("Utilization", "Three quarters of your numbers in a rate center must be in service before you may order more there."),
		f.Ask("Look up",
			ui.Select{Name: "productID", Label: "Product", Required: true, Choices: products}.In(f),
			ui.Row(ui.Input{Name: at + "state", Label: "State", Required: true, Narrow: true, Max: 2, Placeholder: "CO", Autocomplete: "off"}.In(f),
				ui.Input{Name: at + "rateCenter", Label: "Rate center", Required: true, Placeholder: "DENVER", Autocomplete: "off"}.In(f))),
		ui.All(answer...), ui.Section("What you have", holdingTable(holdings)))
}

func holdingColumns() []string {
	return []string{"Rate center", "Product", "In stock", "In service", "Utilization"}
}

func holdingRow(h voice.Holding) []ui.Node {
	tone := ui.Good
	if !h.Allowed() {
		tone = ui.Waiting
	}
	return []ui.Node{ui.Text(h.Center + ", " + h.State), ui.Text(productShort(h.Product)), ui.Text(ui.Count(h.Reserved)), ui.Text(ui.Count(h.Active)), ui.Badge(tone, strconv.Itoa(h.Percent())+" %")}
}

// mostHoldings bounds the rate centers of a page.
const mostHoldings = 50

func holdingTable(list []voice.Holding) ui.Node {
	rows := [][]ui.Node{}
	for _, h := range list[:min(len(list), mostHoldings)] {
		rows = append(rows, holdingRow(h))
	}
	return ui.All(ui.Table("What you have", holdingColumns(), rows, ui.Empty("No numbers yet", "Rate centers stand here once you have numbers in them.", ui.Button("/control/numbers/reserve", "Reserve numbers"))),
		ui.When(len(list) > mostHoldings, func() ui.Node {
			return ui.Small(ui.Count(len(list)-mostHoldings) + " more rate centers: ask for each above.")
		}))
}
