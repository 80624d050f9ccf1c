package control

import (
	"fmt"
	"strings"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// centers is the list of a reservation's rows.
const centers = "rateCenterOrders"

// namesWanted is what a person asks for who wants the names of the rate centers first.
const namesWanted = "names"

func (s *screens) reserveForm(v *web.Visit) error { return s.reservePage(v, v.Form()) }

func (s *screens) reservePage(v *web.Visit, f *ui.Form) error {
	v.Under("/control/new")
	f.Move(centers, centers+"[0].rateCenter")
	rows := []ui.Node{}
	if f.Values.Get(centers+"[0].state") == "" && !v.Posting() {
		f.Default(centers+"[0].state", stateOf(v))
	}
	for i := range f.Rows(centers, 1) {
		row, err := s.reserveRow(v, f, i)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return v.Show("Reserve numbers", ui.Head("Reserve numbers", "Numbers go into your stock. You are told when they are there, usually at once."),
		f.Node("Reserve", append(append([]ui.Node{productField(f, "Enhanced Local Service needs rate centers with static 911.")}, rows...),
			ui.Actions(ui.MoreRows(centers, "One more rate center"), ui.MoreRows(namesWanted, "Suggest rate centers")),
			ui.Group("About the order", "",
				externalField(f),
				ui.Input{Name: "tnExceptionId", Label: "TN exception", Hint: "Only for more than 399 numbers of a rate center: the number of an approved exception, X100000001.", Max: 20, Autocomplete: "off"}.In(f)))...),
		ui.More("What happens then", ui.P("Numbers are taken from the block that is open and most used; nobody picks them. When there are fewer than you want, those are set aside for four hours, and you choose: these only, these now and the rest as a backorder, or none."),
			ui.P("Three quarters of your numbers in a rate center must be in service before you may order more there; otherwise the order is rejected (1648).")),
		sandboxHint(v, "DENVER and PUEBLO in CO have numbers. AURORA is rejected (1648), VAIL is closed (1302). The own order number “[demarc:short-supply]” leaves half of what you ask for."))
}

// reserveRow is what is wanted of one rate center.
func (s *screens) reserveRow(v *web.Visit, f *ui.Form, i int) (ui.Node, error) {
	at := fmt.Sprintf("%s[%d].", centers, i)
	suggest, err := s.centerNames(v, f.Value("productID"), f.Value(at+"state"))
	if err != nil {
		return nil, err
	}
	title := "Numbers"
	if i > 0 {
		title = fmt.Sprintf("Numbers, row %d", i+1)
	}
	label := func(text string) string {
		if i > 0 {
			return fmt.Sprintf("%s, row %d", text, i+1)
		}
		return text
	}
	hint := ""
	if len(suggest) > 0 {
		hint = fmt.Sprintf("%d in %s are suggested as you type.", len(suggest), strings.ToUpper(f.Value(at+"state")))
	}
	return ui.Group(title, "", ui.Row(
		ui.Input{Name: at + "state", Label: label("State"), Required: true, Narrow: true, Max: 2, Placeholder: "CO", Autocomplete: "off", Focus: i == 0}.In(f),
		ui.Input{Name: at + "rateCenter", Label: label("Rate center"), Hint: hint, Required: true, Placeholder: "DENVER", Suggest: suggest, Autocomplete: "off", Max: 40}.In(f),
		ui.Input{Name: at + "quantity", Label: label("How many"), Required: true, Narrow: true, InputMode: "numeric", Placeholder: "10", Autocomplete: "off", Max: 6}.In(f)),
		ui.More(label("Sequence and PBX restriction"), ui.Row(
			ui.Input{Name: at + "sequentialIndicator", Label: label("In sequence"), Hint: "Y for all in one run, or how many follow each other.", Narrow: true, Max: 6, Autocomplete: "off"}.In(f),
			ui.Input{Name: at + "pbxIndex", Label: label("Place of a digit"), Hint: "1 to 10, from the left.", Narrow: true, InputMode: "numeric", Max: 2, Autocomplete: "off"}.In(f),
			ui.Input{Name: at + "pbxValue", Label: label("Digit that must not be there"), Hint: "0 to 9.", Narrow: true, InputMode: "numeric", Max: 2, Autocomplete: "off"}.In(f)))), nil
}

// stateOf is the state to begin with: of a sandbox the one of its examples.
func stateOf(v *web.Visit) string {
	if v.Sandbox() {
		return "CO"
	}
	return ""
}

// mostNames bounds the rate centers that are suggested: no state has more.
const mostNames = 2000

// centerNames are the rate centers of a state that serve a product.
func (s *screens) centerNames(v *web.Visit, product, state string) (names []string, err error) {
	if state = strings.ToUpper(state); !nanp.IsState(state) {
		return nil, nil
	}
	err = v.View(func(tx *db.Tx) error {
		list, _, err := s.Voice.RateCenters(tx, party(v), voice.CenterFilter{Product: product, State: state}, voice.Paging{Limit: mostNames})
		for _, c := range list {
			if c.OpenForOrders {
				names = append(names, c.Name)
			}
		}
		return err
	})
	return names, err
}

func (s *screens) reserve(v *web.Visit) error {
	f := v.Form()
	if refuses(f, centers) {
		return s.reservePage(v, f)
	}
	o, err := s.reserved(v, f)
	if err != nil {
		return v.Refused(f, refusal(err), s.reservePage)
	}
	return v.Done("/control/orders/"+o.ID, "The order "+o.ID+" was accepted.")
}

func (s *screens) reserved(v *web.Visit, f *ui.Form) (o voice.Order, err error) {
	var r voice.ReserveRequest
	if err := fill(f, &r); err != nil {
		return o, err
	}
	p, err := s.acting(v)
	if err != nil {
		return o, err
	}
	prepared, err := s.Voice.PrepareReserve(v.Context(), p, &r)
	if err != nil {
		return o, err
	}
	err = v.Within(func(tx *db.Tx) (err error) {
		o, _, err = s.Voice.Reserve(tx, prepared)
		return err
	})
	return o, err
}

// sandboxHint says what a form's fields do in a sandbox.
func sandboxHint(v *web.Visit, text string) ui.Node {
	if !v.Sandbox() {
		return ui.Text("")
	}
	return ui.More("What works in a fresh sandbox", ui.P(text))
}
