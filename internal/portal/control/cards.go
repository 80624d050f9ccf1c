package control

import (
	"strings"

	"demarc/internal/portal/ui"
	"demarc/internal/voice"
)

func subscriberText(s voice.Subscriber) string {
	if s.Type == voice.Business {
		return orDash(s.Business)
	}
	return orDash(strings.Join(strings.Fields(s.First+" "+s.Middle+" "+s.Last), " "))
}

func addressText(a voice.Address) string {
	street := strings.Join(strings.Fields(a.Number+" "+a.Name+" "+a.Suffix+" "+a.Secondary), " ")
	if street == "" {
		return "–"
	}
	return street + ", " + a.City + ", " + a.State + " " + a.ZIP
}

func listingText(l *voice.Listing) string {
	if l == nil {
		return "none"
	}
	kind := "listed and published"
	if l.Type == "2" {
		kind = "listed only"
	}
	return strings.Join(strings.Fields(l.Business+" "+l.First+" "+l.Last), " ") + ", " + kind
}

func cnamText(c *voice.CNAM) string {
	switch {
	case c == nil:
		return "the rate center's name"
	case c.Blocked:
		return "no name"
	}
	return c.Name
}

func e911Text(option string) string {
	switch option {
	case voice.E911Standard:
		return "the carrier's, at the service address"
	case voice.E911Customer:
		return "your own provider's (CP911)"
	}
	return "none"
}

// serviceCard is what numbers have, or will.
func serviceCard(title string, s voice.Service) ui.Node {
	facts := []ui.Fact{
		{Name: "Subscriber", Value: ui.Text(subscriberText(s.Subscriber))},
		{Name: "Address", Value: ui.Text(addressText(s.Address))},
		{Name: "Customer service name", Value: ui.Text(orDash(s.RouteName))},
	}
	if s.RoutePlan != "" {
		facts = append(facts, ui.Fact{Name: "Route plan", Value: ui.Text(s.RoutePlan)})
	}
	return ui.Card(title, ui.Facts(append(facts, ui.Fact{Name: "E911", Value: ui.Text(e911Text(s.E911))}, ui.Fact{Name: "Directory listing", Value: ui.Text(listingText(s.Listing))},
		ui.Fact{Name: "Others see", Value: ui.Text(cnamText(s.CNAM))})...))
}

func lnpCard(l *voice.LNP) ui.Node {
	if l == nil {
		return ui.Text("")
	}
	wireless := "no"
	if l.Wireless {
		wireless = "yes"
	}
	return ui.Card("What the losing carrier is told", ui.Facts(
		ui.Fact{Name: "Letter of authorization", Value: ui.All(ui.Text(l.LOAName+", "), ui.Day(voice.Day(l.LOAAt)))},
		ui.Fact{Name: "Billing number", Value: ui.Text(tn(l.WTN))},
		ui.Fact{Name: "Account", Value: ui.Mono(l.Account)},
		ui.Fact{Name: "Wireless", Value: ui.Text(wireless)}))
}

// changeCard is what changes of numbers in service.
func changeCard(c voice.Change) ui.Node {
	var facts []ui.Fact
	add := func(name, text string) { facts = append(facts, ui.Fact{Name: name, Value: ui.Text(text)}) }
	if c.Subscriber != nil {
		add("Subscriber", subscriberText(*c.Subscriber))
	}
	if c.Address != nil {
		add("Address", addressText(*c.Address))
	}
	if c.RouteName != nil {
		add("Customer service name", *c.RouteName)
	}
	if c.RoutePlan != nil {
		add("Route plan", *c.RoutePlan)
	}
	if c.E911 != nil {
		add("E911", e911Text(*c.E911))
	}
	switch {
	case c.Unlist:
		add("Directory listing", "taken out")
	case c.Listing != nil:
		add("Directory listing", strings.TrimPrefix(listingText(c.Listing), ", "))
	}
	if c.CNAM != nil {
		add("Others see", cnamText(c.CNAM))
	}
	return ui.Card("What changes", ui.Facts(facts...))
}
