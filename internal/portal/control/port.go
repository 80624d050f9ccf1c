package control

import (
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// lnp is where a request has what the losing carrier must know.
const lnp = "lnp."

func (s *screens) portForm(v *web.Visit) error { return s.portPage(v, v.Form()) }

func (s *screens) portPage(v *web.Visit, f *ui.Form) error {
	v.Under("/control/new")
	names, _, err := s.routesOf(v)
	if err != nil {
		return err
	}
	if !v.Posting() {
		var today string
		if err := v.View(func(tx *db.Tx) error { today = dayOf(tx.Now()); return nil }); err != nil {
			return err
		}
		f.Default(lnp+"loaDateTime", today)
	}
	return v.Show("Port numbers in", ui.Head("Port numbers in", "Numbers come from another carrier, at most 49 in one order.", ui.Quiet("/control/coverage", "Can they be ported?")),
		f.Node("Port in", productField(f, ""),
			numbersGroup(f, lineTNs, "All of one carrier: one number, or the first and the last of a range."),
			subscriberGroup(f, "As the losing carrier has it: another name is a reason to reject the port.", true),
			addressGroup(f, "As the losing carrier has it.", true),
			losingGroup(f, "Letters, digits and hyphens. It is sealed, and never shown again."),
			ui.Group("Service", "", serviceNameField(f, names),
				dateField(f, "Day", "A week ahead or more, up to 30 days. What is no business day (a weekend, a federal holiday) is moved on to the next. Without a day, a week ahead.", false),
				externalField(f)),
			optionsGroup(f, false)),
		sandboxHint(v, "303-221-2000 and those behind it can be ported to DENVER within ten minutes of the sandbox's clock; those of 303-331 take two business days. The account ACC-0001 and the PIN 0000 are rejected. An address there: 100 Main St, Denver, CO 80202."))
}

// losingGroup asks what the losing carrier must know.
func losingGroup(f *ui.Form, pin string) ui.Node {
	f.Default(lnp+"losingCarrierWireless", "N")
	return ui.Group("Losing carrier", "What it must know to let the numbers go.",
		ui.Input{Name: lnp + "loaName", Label: "Name on the letter of authorization", Required: true, Autocomplete: "name", Max: 60}.In(f),
		ui.Select{Name: lnp + "loaReceived", Label: "The letter is there", Required: true, Narrow: true, Blank: "Choose…", Choices: yesNo}.In(f),
		ui.Input{Name: lnp + "loaDateTime", Label: "Day of the letter", Type: "date", Required: true, Narrow: true}.In(f),
		ui.Input{Name: lnp + "workingTelephoneNumber", Label: "Billing number there", Hint: "Under which the losing carrier has the account.", Type: "tel", InputMode: "tel", Required: true, Autocomplete: "off"}.In(f),
		ui.Input{Name: lnp + "losingCarrierAccountNumber", Label: "Account there", Required: true, Autocomplete: "off", Max: 20}.In(f),
		ui.Select{Name: lnp + "losingCarrierWireless", Label: "It is a wireless carrier", Required: true, Narrow: true, Choices: yesNo}.In(f),
		ui.Input{Name: lnp + "losingCarrierPin", Label: "PIN there", Type: "password", Hint: "Of a wireless carrier, 4 to 10 characters. " + pin, Autocomplete: "off", Max: 10, Narrow: true}.In(f))
}

var yesNo = []ui.Choice{{Value: "Y", Label: "Yes"}, {Value: "N", Label: "No"}}

func (s *screens) port(v *web.Visit) error {
	f := v.Form()
	if refuses(f, lineTNs) {
		return s.portPage(v, f)
	}
	p, prepared, err := s.prepareOrder(v, withListing(f, false), voice.TypePort)
	return s.accepted(v, f, p, prepared, err, s.portPage)
}
