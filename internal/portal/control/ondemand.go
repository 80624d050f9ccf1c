package control

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// The addresses of On-demand internet.
const (
	odHome   = "/control/ondemand"
	odOrders = odHome + "/orders"
	odNew    = odHome + "/new"
	odBills  = "/control/bills"
)

// onDemandRoutes are the pages of On-demand internet: services, orders, bills.
func (s *screens) onDemandRoutes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: odHome, Nav: "On-demand internet", Live: true, Do: s.odServices},
		{Method: http.MethodGet, Path: odNew, Do: s.odNewPage},
		{Method: http.MethodPost, Path: odNew, Do: s.odNewSend},
		{Method: http.MethodGet, Path: odOrders, Live: true, Do: s.odOrderList},
		{Method: http.MethodGet, Path: odOrders + "/{id}", Live: true, Do: s.odOrder},
		{Method: http.MethodGet, Path: odHome + "/{id}", Live: true, Do: s.odService},
		{Method: http.MethodGet, Path: odHome + "/{id}/change/bandwidth", Do: s.odBandwidthPage},
		{Method: http.MethodPost, Path: odHome + "/{id}/change/bandwidth", Do: s.odBandwidthSend},
		{Method: http.MethodGet, Path: odHome + "/{id}/change/name", Do: s.odRenamePage},
		{Method: http.MethodPost, Path: odHome + "/{id}/change/name", Do: s.odRenameSend},
		{Method: http.MethodPost, Path: odHome + "/{id}/disconnect", Do: s.odDisconnect},
		{Method: http.MethodGet, Path: odBills, Nav: "Bills", Do: s.odBills},
		{Method: http.MethodGet, Path: odBills + ".csv", Slow: true, Do: s.odBillsCSV},
	}
	for i := range routes {
		routes[i].Area, routes[i].Needs, routes[i].Customer = area, web.Buy, true
	}
	return routes
}

// odParty is who looks, and for which customer.
func odParty(v *web.Visit) ondemand.Party {
	return ondemand.Party{World: v.World.ID, Sandbox: v.Sandbox(), Customer: v.Customer.Number, Actor: v.Actor()}
}

// odActing lets the use cases act for the customer that was chosen, and no other.
func (s *screens) odActing(v *web.Visit) func(number string) (ondemand.Party, error) {
	return func(number string) (p ondemand.Party, err error) {
		if number != v.Customer.Number {
			return p, ondemand.ServiceUnknown
		}
		p = odParty(v)
		p.App, err = v.Application(ondemand.Product)
		return p, err
	}
}

// missing says that there is no page about what the customer has not.
func missing(err error, unknown ...*fault.Code) error {
	if slices.ContainsFunc(unknown, func(c *fault.Code) bool { return errors.Is(err, c) }) {
		return web.NoSuchPage
	}
	return err
}

// but is a refusal without what it says about fields that are not on the page: its text
// says that, too.
func but(err error, hidden ...string) error {
	f := fault.Of(err)
	if f == nil || f.Code == fault.Invalid {
		return err
	}
	shown := *f
	shown.Violations = slices.DeleteFunc(slices.Clone(f.Violations), func(v fault.Violation) bool { return slices.Contains(hidden, v.Field) })
	return &shown
}

// pageOf is a page of a list as the person wants it.
func pageOf(q url.Values) (offset int64, limit int) {
	return int64(ui.PageOf(q)-1) * ui.PageSize, ui.PageSize
}

// siteName is a site for people.
func siteName(id string) string {
	site, ok := ondemand.SiteByID(id)
	if !ok {
		return id
	}
	if strings.HasSuffix(site.Name, ", "+site.City) {
		return site.Name + " " + site.State
	}
	return site.Name + ", " + site.City + " " + site.State
}

func (s *screens) odServices(v *web.Visit) error {
	f := v.Form()
	offset, limit := pageOf(v.Query())
	list, total, err := s.OnDemand.Inventory(v.Context(), odParty(v), ondemand.ServiceFilter{Text: f.Value("q"), Status: f.Value("status"), Site: f.Value("site")},
		ondemand.Paging{Offset: offset, Limit: limit})
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, o := range list {
		rows[i] = []ui.Node{ui.Link(odHome+"/"+o.ID, o.Name), ui.Mono(o.ID), ui.State(o.Status), ui.Text(siteName(o.Site)), ui.Text(o.Speed.String()),
			ui.Text(ondemand.USD(o.Hourly)), ui.Text(ondemand.USD(ondemand.Monthly(o.Hourly)))}
	}
	empty := ui.Empty("No service", "A service is a connection to the internet at a site, at a speed that you change when you like. It is paid by the hour.", ui.Button(odNew, "Order a service"))
	if f.Value("q")+f.Value("status")+f.Value("site") != "" {
		empty = ui.Empty("Nothing fits", "No service of this customer has all that is asked for above.", ui.Quiet(odHome, "Show all services"))
	}
	return v.Show("On-demand internet",
		ui.Head("On-demand internet", "Connections at data centers and at your own sites. Change the speed at any time; pay by the hour.",
			ui.Button(odNew, "Order a service"), ui.Quiet(odOrders, "Orders")),
		ui.Filter(f, ui.Input{Name: "q", Label: "Name or id"}.In(f),
			ui.Select{Name: "status", Label: "Status", Blank: "Any", Choices: ui.Of(ondemand.ServiceMachine.States()...)}.In(f),
			ui.Select{Name: "site", Label: "Site", Blank: "Any", Choices: siteChoices()}.In(f)),
		ui.Live("services", ui.Table("Services", []string{"Service", "Id", "Status", "Site", "Bandwidth", "An hour", "A month"}, rows, empty),
			ui.Pager(odHome, v.Query(), total)))
}

// siteChoices are all sites, for a filter.
func siteChoices() []ui.Choice {
	var list []ui.Choice
	for _, p := range ondemand.Partners() {
		for _, site := range ondemand.SitesOf(p.ID) {
			list = append(list, ui.Choice{Value: site.ID, Label: siteName(site.ID)})
		}
	}
	return list
}

// odFind reads the service that the page is about.
func (s *screens) odFind(v *web.Visit) (service ondemand.Service, trail []audit.Event, err error) {
	err = v.View(func(tx *db.Tx) (err error) {
		service, trail, err = s.OnDemand.ServiceOf(tx, odParty(v), v.Path("id"))
		return err
	})
	v.Under(odHome)
	return service, trail, missing(err, ondemand.ServiceUnknown)
}

func (s *screens) odService(v *web.Visit) error {
	o, trail, err := s.odFind(v)
	if err != nil {
		return err
	}
	of := monthAsked(v.Query())
	var orders []ondemand.Order
	var month ondemand.ServiceMonth
	var now time.Time
	err = v.View(func(tx *db.Tx) (err error) {
		now = tx.Now()
		if orders, _, err = s.OnDemand.Store.Orders(tx, ondemand.OrderFilter{Customer: o.Customer, Service: o.ID}, ondemand.Paging{Limit: 10}); err != nil {
			return err
		}
		month, err = s.OnDemand.MonthOf(tx, odParty(v), o.ID, of)
		return err
	})
	if err != nil {
		return err
	}
	path := odHome + "/" + o.ID
	var acts []ui.Node
	if o.Status == ondemand.StatusActive && o.InFlight == "" {
		acts = []ui.Node{ui.Button(path+"/change/bandwidth", "Change the bandwidth"), ui.Quiet(path+"/change/name", "Rename"),
			ui.Confirm(v.CSRF(), path+"/disconnect", "Disconnect…", "Disconnect “"+o.Name+"”, service "+o.ID+"? Its VLAN and its addresses are given back; what is metered ends.", "Disconnect "+o.ID)}
	}
	busy := ui.All()
	if o.InFlight != "" {
		busy = ui.Notice(ui.Waiting, ui.P("An order is changing this service. "), ui.Link(odOrders+"/"+o.InFlight, "See the order"))
	}
	return v.Show(o.Name,
		ui.Head(o.Name, o.Speed.String()+" at "+siteName(o.Site)),
		ui.Live("service", busy, ui.If(len(acts) > 0, ui.Actions(acts...)), s.odFacts(o), monthCharge(path, month, now),
			ui.Section("Orders for this service", odOrderTable(orders, ui.Empty("No order yet", "This service was there from the beginning. Changes of it are orders; they stand here.")),
				ui.Quiet(odOrders+"?service="+o.ID, "All orders of this service")),
			ui.Section("Its states", web.Life(ondemand.ServiceMachine, o.Status, trail)),
			ui.Section("History", web.Trail(trail))))
}

func (s *screens) odFacts(o ondemand.Service) ui.Node {
	prefix := ui.Text("given back")
	vlan := prefix
	if o.Holds {
		prefix, vlan = ui.Mono(o.Prefix), ui.Textf("%d", o.VLAN)
	}
	return ui.Facts(
		ui.Fact{Name: "Status", Value: ui.State(o.Status)}, ui.Fact{Name: "Service id", Value: ui.Mono(o.ID)},
		ui.Fact{Name: "Bandwidth", Value: ui.Text(o.Speed.String())},
		ui.Fact{Name: "Price", Value: ui.Textf("%s an hour, %s a month of 720 hours", ondemand.USD(o.Hourly), ondemand.USD(ondemand.Monthly(o.Hourly)))},
		ui.Fact{Name: "Site", Value: ui.All(ui.Text(siteName(o.Site)+" "), ui.Mono(o.Site))}, ui.Fact{Name: "Port", Value: ui.Mono(o.Port)},
		ui.Fact{Name: "VLAN", Value: vlan}, ui.Fact{Name: "IPv4 addresses", Value: prefix},
		ui.Fact{Name: "Billed to", Value: ui.All(ui.Text(o.AccountName+" "), ui.Mono(o.Account))}, ui.Fact{Name: "Since", Value: ui.Time(o.CreatedAt)})
}

// monthCharge is what a service costs in a month: by the day, and by price.
func monthCharge(path string, m ondemand.ServiceMonth, now time.Time) ui.Node {
	plot := ui.Plot{Title: "Charge by the day", Unit: "USD", Bars: true, Series: []ui.Series{{Name: "Charge"}}}
	for _, d := range m.Days {
		amount, _ := d.Amount.Float64()
		plot.Times = append(plot.Times, d.Day)
		plot.Series[0].Values = append(plot.Series[0].Values, amount)
	}
	rows := make([][]ui.Node, len(m.Lines))
	for i, l := range m.Lines {
		rows[i] = []ui.Node{ui.Text(ondemand.CanonicalSpeed(l.Mbps).String()), ui.Text(ondemand.USD(l.Hourly)), ui.Text(ui.Count(l.Hours)), ui.Text(ondemand.USD(l.Amount))}
	}
	name := m.Month.Format("January 2006")
	so := "The month is over: this is what it cost."
	if now.Before(m.Month.AddDate(0, 1, 0)) {
		so = "So far. An hour that has begun is billed, at the highest price that it had."
	}
	around := []ui.Node{ui.Quiet(path+"?month="+m.Month.AddDate(0, -1, 0).Format(monthForm), "The month before")}
	if !now.Before(m.Month.AddDate(0, 1, 0)) {
		around = append(around, ui.Quiet(path+"?month="+m.Month.AddDate(0, 1, 0).Format(monthForm), "The month after"))
	}
	return ui.Section("Charge of "+name,
		ui.Stats(ui.Stat(ondemand.USD(ondemand.Total(m.Lines)), "in "+name, "")), ui.Small(so), ui.When(len(m.Days) > 0, plot.Node),
		ui.Table("Hours by price", []string{"Bandwidth", "An hour", "Hours", "Amount"}, rows,
			ui.Empty("Nothing to pay", "The service has not run in "+name+".")),
		ui.Actions(around...))
}

const monthForm = "2006-01"

// monthAsked is the month that a page is asked for; zero: the present one.
func monthAsked(q url.Values) time.Time {
	m, err := time.Parse(monthForm, q.Get("month"))
	if err != nil || m.Year() < 2000 || m.Year() > 2200 {
		return time.Time{}
	}
	return m
}

// reference is the default of an order's reference of the customer's own.
func reference(now time.Time) string { return "CC-" + now.UTC().Format("20060102-150405") }

// worldNow is the world's moment.
func worldNow(v *web.Visit) (now time.Time, err error) {
	err = v.View(func(tx *db.Tx) error {
		now = tx.Now()
		return nil
	})
	return now, err
}

// left is how long something is still valid.
func left(until, now time.Time) string {
	if !now.Before(until) {
		return "It has expired."
	}
	return "It is valid for " + ui.Duration(until.Sub(now).Truncate(time.Second)) + ", until " + until.UTC().Format("15:04:05") + " UTC."
}
