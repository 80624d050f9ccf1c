package control

import (
	"net/url"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// number is all that is known of one of the customer's numbers.
func (s *screens) number(v *web.Visit) error {
	number, ok := nanp.ParseTN(digits(v.Path("tn")))
	if !ok {
		return web.NoSuchPage.Say("That is no telephone number.")
	}
	var n *voice.InService
	err := v.View(func(tx *db.Tx) (err error) {
		n, err = s.Voice.NumberOf(tx, party(v), number)
		return err
	})
	if err != nil {
		return err
	}
	if n == nil {
		return web.NoSuchPage.Say("The customer does not have the number %s.", tn(number))
	}
	one := voice.Range{Start: number, End: number}
	var acts []ui.Node
	switch {
	case n.Busy != "":
	case n.Status == voice.Reserved:
		acts = append(acts, ui.Button(formWith("/control/numbers/install", lineTNs, one, url.Values{"productID": {n.Product}}), "Install"))
	case n.Status == voice.Active:
		acts = append(acts, ui.Button(formWith("/control/numbers/change", lineTNs, one, nil), "Change"), ui.Quiet(formWith("/control/numbers/disconnect", endTNs, one, nil), "Disconnect"))
	}
	facts := []ui.Fact{
		{Name: "Status", Value: ui.State(statusName(n.Entry))},
		{Name: "Product", Value: ui.Text(productName(n.Product))},
		{Name: "Rate center", Value: ui.Text(orDash(n.Center) + ", " + orDash(n.State))},
		{Name: "Since", Value: ui.Time(n.At)},
		{Name: "Order", Value: orderLink(n.Order)},
	}
	if n.Ported {
		facts = append(facts, ui.Fact{Name: "Ported in from", Value: ui.Text(orDash(n.Donor))})
	}
	if n.Busy != "" {
		facts = append(facts, ui.Fact{Name: "Under way with it", Value: orderLink(n.Busy)})
	}
	if n.Entry.Len() > 1 && n.Status == voice.Reserved {
		facts = append(facts, ui.Fact{Name: "In the range", Value: ui.Text(rangeText(n.Range))})
	}
	card := ui.Text("")
	if n.Status == voice.Active {
		v.Under(serviceAt)
		card = serviceCard("The service", n.Service)
	} else {
		v.Under("/control/numbers")
	}
	return v.Show(tn(number), ui.Head(tn(number), "", acts...), ui.Grid(ui.Card("The number", ui.Facts(facts...)), card))
}
