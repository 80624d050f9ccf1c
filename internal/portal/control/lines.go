package control

import (
	"fmt"
	"maps"
	"strings"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// Where a subscriber line is in a request, and its numbers.
const (
	line     = "subscriberLines[0]."
	lineTNs  = line + "tnList"
	endTNs   = "tnList" // of a disconnect
	address  = line + "serviceAddress."
	listing  = line + "directoryListing."
	cnamAt   = line + "cnam."
	dateName = "customerRequestDate"
)

// products are the two that numbers are for.
var products = []ui.Choice{
	{Value: voice.LocalInbound, Label: productName(voice.LocalInbound)},
	{Value: voice.EnhancedLocal, Label: productName(voice.EnhancedLocal)},
}

func productName(id string) string {
	switch id {
	case voice.LocalInbound:
		return "Local Inbound (2036)"
	case voice.EnhancedLocal:
		return "Enhanced Local Service (2042)"
	}
	return id
}

// productShort is a product in a table.
func productShort(id string) string {
	name, _, _ := strings.Cut(productName(id), " (")
	return name
}

// productField asks for which product an order is.
func productField(f *ui.Form, text string) ui.Node {
	f.Default("productID", voice.LocalInbound)
	return ui.Select{Name: "productID", Label: "Product", Hint: text, Choices: products, Required: true}.In(f)
}

func externalField(f *ui.Form) ui.Node {
	return ui.Input{Name: "externalOrderId", Label: "Your own order number", Hint: "Comes back in all notifications.", Max: 64, Autocomplete: "off"}.In(f)
}

// tn is a number as people read it: 303-555-0100.
func tn(n nanp.TN) string {
	text := n.String()
	if text == "" {
		return ""
	}
	return text[:3] + "-" + text[3:6] + "-" + text[6:]
}

// rangeText is numbers in a row as people read them.
func rangeText(r voice.Range) string {
	if r.Start == r.End {
		return tn(r.Start)
	}
	return tn(r.Start) + " to " + tn(r.End)
}

// numbersGroup asks for numbers, in rows of a first and a last one.
func numbersGroup(f *ui.Form, list, text string) ui.Node {
	rows := f.Rows(list, 1)
	f.Move(list, list+"[0].startTN")
	fields := []ui.Node{}
	for i := range rows {
		at := fmt.Sprintf("%s[%d]", list, i)
		f.Move(at, at+".startTN")
		first, last := "First number", "Last number"
		if i > 0 {
			first, last = fmt.Sprintf("First number, row %d", i+1), fmt.Sprintf("Last number, row %d", i+1)
		}
		fields = append(fields, ui.Row(
			ui.Input{Name: at + ".startTN", Label: first, Type: "tel", InputMode: "tel", Required: i == 0, Autocomplete: "off"}.In(f),
			ui.Input{Name: at + ".endTN", Label: last, Type: "tel", InputMode: "tel", Autocomplete: "off"}.In(f)))
	}
	return ui.Group("Numbers", text, append(fields, ui.MoreRows(list, "One more row"))...)
}

// subscriberGroup asks whose the numbers are.
func subscriberGroup(f *ui.Form, text string, required bool) ui.Node {
	return ui.Group("Subscriber", text,
		ui.Select{Name: line + "customerType", Label: "Kind of customer", Blank: "Choose…", Required: required,
			Choices: []ui.Choice{{Value: voice.Business, Label: "Business"}, {Value: voice.Residential, Label: "Residential"}}}.In(f),
		ui.Input{Name: line + "businessName", Label: "Business name", Hint: "Of a business; then without a person's name.", Autocomplete: "organization", Max: 60}.In(f),
		ui.Row(
			ui.Input{Name: line + "firstName", Label: "First name", Autocomplete: "given-name", Max: 60}.In(f),
			ui.Input{Name: line + "middleInitial", Label: "Middle initial", Autocomplete: "additional-name", Max: 5, Narrow: true}.In(f),
			ui.Input{Name: line + "lastName", Label: "Last name", Autocomplete: "family-name", Max: 60}.In(f)))
}

// addressGroup asks where the numbers are used.
func addressGroup(f *ui.Form, text string, required bool) ui.Node {
	return ui.Group("Service address", text,
		ui.Row(
			ui.Input{Name: address + "streetNumber", Label: "Street number", Required: required, Narrow: true, Autocomplete: "off"}.In(f),
			ui.Input{Name: address + "streetName", Label: "Street name", Required: required, Autocomplete: "off"}.In(f),
			ui.Input{Name: address + "streetSuffix", Label: "Street suffix", Narrow: true, Autocomplete: "off", Suggest: []string{"ST", "AVE", "BLVD", "DR", "LN", "RD", "WAY"}}.In(f)),
		ui.Input{Name: address + "secondaryLocation", Label: "Suite, floor or apartment", Max: 20, Autocomplete: "address-line2"}.In(f),
		ui.Row(
			ui.Input{Name: address + "city", Label: "City", Required: required, Autocomplete: "address-level2"}.In(f),
			ui.Input{Name: address + "state", Label: "State", Required: required, Narrow: true, Max: 2, Autocomplete: "address-level1"}.In(f),
			ui.Input{Name: address + "zip", Label: "ZIP code", Required: required, Narrow: true, Max: 5, InputMode: "numeric", Autocomplete: "postal-code"}.In(f)))
}

// optionsGroup asks what else numbers are to have. change says that they are in service
// already.
func optionsGroup(f *ui.Form, change bool) ui.Node {
	f.Move(strings.TrimSuffix(listing, "."), listing+"directoryListingType")
	f.Move(strings.TrimSuffix(cnamAt, "."), cnamAt+"blockCustomerName")
	f.Move(listing+"directoryListingAction", listing+"directoryListingType")
	e911, list, name := "None, as Local Inbound has it", "No listing", "The rate center's name"
	kinds := []ui.Choice{{Value: "1", Label: "Listed and published"}, {Value: "2", Label: "Listed only"}}
	if change {
		e911, list, name = "As it is", "As it is", "As it is"
		kinds = append(kinds, ui.Choice{Value: unlisted, Label: "Take it out of the directory"})
	}
	return ui.Group("E911, directory and caller's name", "Enhanced Local Service needs an E911 option. Local Inbound has neither E911 nor a directory listing.",
		ui.Select{Name: line + "e911Option", Label: "E911", Blank: e911, Hint: "The carrier's E911 needs a rate center with static 911, and an address in it.",
			Choices: []ui.Choice{{Value: voice.E911Standard, Label: "The carrier's, at the service address"}, {Value: voice.E911Customer, Label: "Your own provider's (CP911)"}}}.In(f),
		ui.Select{Name: listing + "directoryListingType", Label: "Directory listing", Blank: list, Choices: kinds}.In(f),
		ui.Row(
			ui.Input{Name: listing + "directoryBusinessName", Label: "Business name in the directory", Autocomplete: "off", Max: 60}.In(f),
			ui.Input{Name: listing + "directoryFirstName", Label: "First name in the directory", Autocomplete: "off", Max: 60}.In(f),
			ui.Input{Name: listing + "directoryLastName", Label: "Last name in the directory", Autocomplete: "off", Max: 60}.In(f)),
		ui.Select{Name: cnamAt + "blockCustomerName", Label: "What others see when you call", Blank: name, Hint: "With Local Inbound, only with an approved subscription of CNAM.",
			Choices: []ui.Choice{{Value: "N", Label: "The name below"}, {Value: "Y", Label: "No name"}}}.In(f),
		ui.Input{Name: cnamAt + "cnamCustomerName", Label: "Name that others see", Hint: "At most 15 characters.", Max: 30, Autocomplete: "off"}.In(f))
}

// unlisted is the form's own word for the end of a listing.
const unlisted = "R"

// withListing is a form as its request says what is to happen with a directory listing: a
// new one is added, one that is there is changed or removed.
func withListing(f *ui.Form, change bool) *ui.Form {
	to := ui.NewForm(maps.Clone(f.Values))
	kind, names := f.Value(listing+"directoryListingType"), ""
	for _, name := range []string{"directoryBusinessName", "directoryFirstName", "directoryLastName"} {
		names += f.Value(listing + name)
	}
	action := "A"
	switch {
	case kind == "" && names == "":
		return to
	case kind == unlisted:
		to.Values.Del(listing + "directoryListingType")
		action = "R"
	case change:
		action = "C"
	}
	to.Values.Set(listing+"directoryListingAction", action)
	return to
}

// routesOf are the names of where the customer's calls can be sent.
func (s *screens) routesOf(v *web.Visit) (names, plans []ui.Choice, err error) {
	err = v.View(func(tx *db.Tx) error {
		routes, err := s.Voice.Store.Routes(tx, v.Customer.Number)
		for _, r := range routes {
			c := ui.Choice{Value: r.Name, Label: r.Name}
			if r.Kind == voice.RoutePlan {
				plans = append(plans, c)
			} else {
				names = append(names, c)
			}
		}
		return err
	})
	return names, plans, err
}

// serviceNameField asks for a customer service name.
func serviceNameField(f *ui.Form, names []ui.Choice) ui.Node {
	const text = "Where its calls are sent. The carrier sets these names up for a customer."
	if len(names) == 1 {
		f.Default("customerServiceName", names[0].Value)
	}
	return ui.Select{Name: "customerServiceName", Label: "Customer service name", Hint: text, Blank: "Choose…", Choices: names, Required: true}.In(f)
}

func dateField(f *ui.Form, label, text string, required bool) ui.Node {
	return ui.Input{Name: dateName, Label: label, Type: "date", Hint: text, Required: required, Narrow: true, Autocomplete: "off"}.In(f)
}

// accepted writes an order that has been prepared, and leads to it.
func (s *screens) accepted(v *web.Visit, f *ui.Form, p voice.Party, prepared *voice.Prepared, err error, page func(*web.Visit, *ui.Form) error) error {
	var o voice.Order
	if err == nil {
		err = v.Within(func(tx *db.Tx) (err error) {
			o, _, err = s.Voice.Accept(tx, p, prepared)
			return err
		})
	}
	if err != nil {
		return v.Refused(f, refusal(err), page)
	}
	return v.Done("/control/orders/"+o.ID, "The order "+o.ID+" was accepted.")
}
