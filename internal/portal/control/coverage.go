package control

import (
	"strings"

	"demarc/internal/fault"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// coverage answers where a product is served, and what can be ported.
func (s *screens) coverage(v *web.Visit) error {
	f := v.Form()
	if len(v.Query()) == 0 {
		return coveragePage(v, f)
	}
	r, err := coverageAsked(f)
	var answer voice.CoverageAnswer
	if err == nil {
		answer, err = s.Voice.Coverage(v.Context(), party(v), r)
	}
	if err != nil {
		return v.Refused(f, refusal(inNumbers(err)), func(v *web.Visit, f *ui.Form) error { return coveragePage(v, f) })
	}
	return coveragePage(v, f, coverageAnswer(f, answer))
}

func coveragePage(v *web.Visit, f *ui.Form, answer ...ui.Node) error {
	v.Under("/control/new")
	f.Default("productID", voice.LocalInbound)
	return v.Show("Coverage", append([]ui.Node{ui.Head("Coverage", "Where a product is served, and which numbers can be ported. Ask about numbers, or about a place."),
		f.Ask("Look up",
			ui.Select{Name: "productID", Label: "Product", Required: true, Choices: products}.In(f),
			ui.Input{Name: "numbers", Label: "Numbers", Hint: "Up to 1,000, with commas between them: 303-221-2000, 303-555-0100.", Autocomplete: "off"}.In(f),
			ui.Group("Or a place", "A city with its state, a ZIP code, or an area code with a prefix.",
				ui.Row(ui.Input{Name: "tnLocCity", Label: "City", Autocomplete: "off"}.In(f),
					ui.Input{Name: "tnLocState", Label: "State", Narrow: true, Max: 2, Autocomplete: "off"}.In(f),
					ui.Input{Name: "tnLocZip", Label: "ZIP code", Narrow: true, Max: 5, InputMode: "numeric", Autocomplete: "off"}.In(f)),
				ui.Row(ui.Input{Name: "tnLocNpa", Label: "Area code", Narrow: true, Max: 3, InputMode: "numeric", Autocomplete: "off"}.In(f),
					ui.Input{Name: "tnLocNxx", Label: "Prefix", Narrow: true, Max: 3, InputMode: "numeric", Autocomplete: "off"}.In(f))))}, answer...)...)
}

// coverageAsked reads the question.
func coverageAsked(f *ui.Form) (*voice.CoverageRequest, error) {
	r := &voice.CoverageRequest{}
	if err := fill(f, r); err != nil {
		return nil, err
	}
	var list []voice.TNRequest
	for text := range strings.FieldsFuncSeq(f.Value("numbers"), func(c rune) bool { return strings.ContainsRune(",;\n", c) }) {
		if text = digits(strings.TrimSpace(text)); text != "" {
			var t voice.TNRequest
			if err := t.UnmarshalJSON([]byte(`"` + strings.Trim(text, `"\`) + `"`)); err != nil {
				return nil, web.Unreadable
			}
			list = append(list, t)
		}
	}
	if len(list) > 0 {
		r.TNList = &list
	}
	return r, nil
}

// inNumbers says at the field of this page what is said about its numbers.
func inNumbers(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	for i, broken := range f.Violations {
		if strings.HasPrefix(broken.Field, "tnList") {
			f.Violations[i].Field = "numbers"
		}
	}
	return f
}

func coverageAnswer(f *ui.Form, answer voice.CoverageAnswer) ui.Node {
	if f.Value("numbers") != "" {
		rows := make([][]ui.Node, len(answer.Numbers))
		for i, n := range answer.Numbers {
			place := "–"
			if n.Center != "" {
				place = n.Center + ", " + n.State
			}
			rows[i] = []ui.Node{ui.Text(tn(n.TN)), yes(n.Covered, "covered", "not covered"), yes(n.Portable, "portable", "not portable"), ui.Text(place), ui.Text(orDash(n.LATA)), ui.Text(orDash(n.Carrier))}
		}
		return ui.Section("Numbers", ui.Table("Numbers", []string{"Number", "Coverage", "Porting", "Rate center", "LATA", "Carrier now"}, rows, ui.Text("")))
	}
	rows := make([][]ui.Node, len(answer.Centers))
	for i, c := range answer.Centers {
		lata := ""
		if c.Plan != nil {
			lata = c.Plan.LATA
		}
		rows[i] = []ui.Node{ui.Text(c.Name + ", " + c.State), ui.Text(orDash(lata)), yes(c.OpenForOrders, "open", "closed"), yes(c.Static911, "static 911", "no static 911"), yes(c.Backorders, "backorders", "no backorders")}
	}
	return ui.Section("Rate centers", ui.Table("Rate centers", []string{"Rate center", "LATA", "Orders", "E911", "Short supplies"}, rows,
		ui.Empty("Not served there", "The product is not served at that place.")))
}

// yes is a badge for yes or no.
func yes(is bool, good, bad string) ui.Node {
	if is {
		return ui.Badge(ui.Good, good)
	}
	return ui.Badge(ui.Plain, bad)
}
