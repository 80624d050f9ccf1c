package control

import (
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

func (s *screens) installForm(v *web.Visit) error { return s.installPage(v, v.Form()) }

func (s *screens) installPage(v *web.Visit, f *ui.Form) error {
	v.Under("/control/new")
	names, _, err := s.routesOf(v)
	if err != nil {
		return err
	}
	return v.Show("Install numbers", ui.Head("Install numbers", "Numbers from your stock go in service, at most 399 in one order.", ui.Quiet("/control/numbers", "Numbers in stock")),
		f.Node("Install", productField(f, "That for which the numbers were reserved."),
			numbersGroup(f, lineTNs, "Of your stock: one number, or the first and the last of a range."),
			subscriberGroup(f, "Whose numbers they will be.", true),
			addressGroup(f, "Where they will be used.", true),
			ui.Group("Service", "", serviceNameField(f, names),
				dateField(f, "Day", "At nine in the morning, Central Time, up to 30 days ahead. Without a day, at once.", false),
				externalField(f)),
			optionsGroup(f, false)),
		sandboxHint(v, "303-555-0116 to 303-555-0119 are in the stock of 1-ABCDE for Local Inbound, of DENVER, CO. An address there: 100 Main St, Denver, CO 80202. Its customer service name is MAIN-ROUTE."))
}

func (s *screens) install(v *web.Visit) error {
	f := v.Form()
	if refuses(f, lineTNs) {
		return s.installPage(v, f)
	}
	p, prepared, err := s.prepareOrder(v, withListing(f, false), voice.TypeInstall)
	return s.accepted(v, f, p, prepared, err, s.installPage)
}

// prepareOrder decides about an order that puts numbers in service.
func (s *screens) prepareOrder(v *web.Visit, f *ui.Form, kind string) (p voice.Party, prepared *voice.Prepared, err error) {
	f.Values.Set("orderType", kind)
	var r voice.OrderRequest
	if err := fill(f, &r); err != nil {
		return p, nil, err
	}
	if p, err = s.acting(v); err != nil {
		return p, nil, err
	}
	prepared, err = s.Voice.PrepareOrder(v.Context(), p, &r)
	return p, prepared, err
}
