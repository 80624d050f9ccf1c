package control

import (
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// newOrder explains what can be ordered.
func (s *screens) newOrder(v *web.Visit) error {
	kind := func(title, text, href, act string) ui.Node {
		return ui.Card(title, ui.P(text), ui.Actions(ui.Button(href, act)))
	}
	return v.Show("New order", ui.Head("New order", "What is ordered here is changed here: an order made by API is changed by API."),
		ui.Section("Telephone numbers", ui.Grid(
			kind("Reserve", "Numbers of a rate center go into your stock. If there are too few, you are asked what to do.", "/control/numbers/reserve", "Reserve numbers"),
			kind("Install", "Numbers from your stock go in service, with a subscriber, an address and a route for their calls.", "/control/numbers/install", "Install numbers"),
			kind("Port in", "Numbers come from another carrier. It is asked for them, and commits to a day.", "/control/numbers/port", "Port numbers in"),
			kind("Change", "Numbers in service get another subscriber, address, route, listing or caller's name.", "/control/numbers/change", "Change numbers"),
			kind("Disconnect", "Numbers' service ends on a day of your choice, one business day ahead or more.", "/control/numbers/disconnect", "Disconnect numbers"),
			kind("More than 399", "One order has at most 399 numbers of a rate center. The carrier can make an exception.", "/control/exceptions/new", "Ask for an exception"))),
		ui.Section("Before you order", ui.Grid(
			kind("Coverage", "Where a product is served, and which numbers can be ported.", "/control/coverage", "Look up coverage"),
			kind("Utilization", "Three quarters of your numbers in a rate center must be in service before you order more there.", "/control/utilization", "Look up utilization"))))
}
