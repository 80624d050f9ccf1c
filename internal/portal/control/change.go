package control

import (
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

func (s *screens) changeForm(v *web.Visit) error { return s.changePage(v, v.Form()) }

func (s *screens) changePage(v *web.Visit, f *ui.Form) error {
	v.Under("/control/new")
	names, plans, err := s.routesOf(v)
	if err != nil {
		return err
	}
	f.Move("subscriberLines[0]", line+"customerType")
	return v.Show("Change numbers", ui.Head("Change numbers", "What you leave empty stays as it is. All of the numbers are changed, or none.", ui.Quiet("/control/numbers/service", "Numbers in service")),
		f.Node("Change", numbersGroup(f, lineTNs, "In service: one number, or the first and the last of a range; at most 1,000 in one order."),
			subscriberGroup(f, "A new name is the whole name, with the kind of customer.", false),
			addressGroup(f, "A new address is the whole address.", false),
			ui.Group("Service", "",
				ui.Select{Name: "customerServiceName", Label: "Customer service name", Blank: "As it is", Choices: names}.In(f),
				ui.Select{Name: "routePlanName", Label: "Route plan", Blank: "As it is", Choices: plans}.In(f),
				dateField(f, "Day", "At nine in the morning, Central Time, up to 30 days ahead. Without a day, within minutes.", false),
				externalField(f)),
			optionsGroup(f, true)),
		sandboxHint(v, "303-555-0100 to 303-555-0115 are in service for 1-ABCDE. BACKUP-ROUTE is another customer service name of it."))
}

func (s *screens) change(v *web.Visit) error {
	f := v.Form()
	if refuses(f, lineTNs) {
		return s.changePage(v, f)
	}
	p, prepared, err := s.prepareChange(v, withListing(f, true))
	return s.accepted(v, f, p, prepared, err, s.changePage)
}

func (s *screens) prepareChange(v *web.Visit, f *ui.Form) (p voice.Party, prepared *voice.Prepared, err error) {
	var r voice.ChangeRequest
	if err := fill(f, &r); err != nil {
		return p, nil, err
	}
	if p, err = s.acting(v); err != nil {
		return p, nil, err
	}
	prepared, err = s.Voice.PrepareChange(v.Context(), p, &r)
	return p, prepared, err
}
