package control

import (
	"net/url"
	"strings"

	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// odNewPage leads from a site by a speed and its quote to an order. How far one has come
// is in the page's address.
func (s *screens) odNewPage(v *web.Visit) error { return s.odNewForm(v, v.Form()) }

func (s *screens) odNewForm(v *web.Visit, f *ui.Form) error {
	v.Under(odHome)
	id := f.Value("quote")
	if v.Posting() {
		id = f.Value(odQuote)
	}
	switch {
	case id != "":
		return s.odOrderForm(v, f, id)
	case f.Value("site") != "":
		return s.odSpeedForm(v, f)
	}
	return s.odSites(v, f)
}

// ownPorts bounds the customer's own ports that a page lists.
const ownPorts = 100

// odSites is the first step: where.
func (s *screens) odSites(v *web.Visit, f *ui.Form) error {
	var ports []ondemand.Port
	err := v.View(func(tx *db.Tx) (err error) {
		ports, err = s.OnDemand.Store.PortsOfCustomer(tx, v.Customer.Number, ownPorts)
		return err
	})
	if err != nil {
		return err
	}
	var rows, own [][]ui.Node
	for _, p := range ports {
		site, ok := ondemand.SiteByID(p.Site)
		if ok {
			own = append(own, []ui.Node{ui.Link(odNew+"?"+url.Values{"site": {site.ID}, "port": {p.ID}}.Encode(), site.Name), ui.Text(site.StreetAddress), ui.Mono(p.ID),
				ui.Textf("%s of %s", ondemand.CanonicalSpeed(p.Capacity-p.Used), ondemand.CanonicalSpeed(p.Capacity))})
		}
	}
	var partners []ui.Choice
	for _, p := range ondemand.Partners() {
		partners = append(partners, ui.Choice{Value: p.ID, Label: p.Name})
		for _, site := range ondemand.SitesOf(p.ID) {
			if f.Value("provider") != "" && f.Value("provider") != p.ID || !strings.Contains(strings.ToLower(site.Name+" "+site.City+" "+site.State+" "+site.ID), strings.ToLower(f.Value("q"))) {
				continue
			}
			rows = append(rows, []ui.Node{ui.Link(odNew+"?"+url.Values{"site": {site.ID}}.Encode(), site.Name), ui.Text(p.Name), ui.Text(site.City + ", " + site.State), ui.Text(site.Access[len(site.Access)-1].String())})
		}
	}
	return v.Show("Order a service",
		ui.Head("Where is it to be?", "Step 1 of 3. A service is at a data center that the network reaches, or on a port at a site of your own."),
		ui.When(len(own) > 0, func() ui.Node {
			return ui.Section("Your own ports", ui.Table("Your own ports", []string{"Site", "Address", "Port", "Free"}, own, ui.All()))
		}),
		ui.Section("Data centers",
			ui.Filter(f, ui.Input{Name: "q", Label: "Name, city or state", Placeholder: "Denver"}.In(f), ui.Select{Name: "provider", Label: "Provider", Blank: "Any", Choices: partners}.In(f)),
			ui.Table("Data centers", []string{"Site", "Provider", "City", "Up to"}, rows,
				ui.Empty("Nothing fits", "No data center has that in its name, city or state.", ui.Quiet(odNew, "Show all")))))
}

// odSpeedForm is the second step: how fast.
func (s *screens) odSpeedForm(v *web.Visit, f *ui.Form) error {
	site, ok := ondemand.SiteByID(f.Value("site"))
	if !ok {
		return web.NoSuchPage
	}
	return v.Show("Order a service",
		ui.Head("How fast?", "Step 2 of 3. "+siteName(site.ID)+". The speed can be changed at any time; what is asked for here is a quote, nothing is ordered yet."),
		f.With([]ui.Node{ui.Submit("", "", "Get a quote"), ui.Quiet(odNew, "Another site")},
			ui.Hidden(f, "site"), ui.Hidden(f, "port"),
			ui.Choices{Name: "speed", Label: "Bandwidth", Choices: speedChoices(site, 0), Required: true}.In(f)))
}

// odNewSend makes a quote of the second step, and an order of the third.
func (s *screens) odNewSend(v *web.Visit) error {
	f := v.Form()
	if f.Value(odQuote) != "" {
		return s.odOrderSend(v, f)
	}
	site, ok := ondemand.SiteByID(f.Value("site"))
	if !ok {
		return web.NoSuchPage
	}
	q, err := s.quote(v, &ondemand.PriceRequest{MasterSiteID: site.ID, Speed: f.Value("speed"), PartnerID: ondemand.Text(site.PartnerID), ServiceID: ondemand.Text(f.Value("port"))})
	if err != nil {
		return v.Refused(f, err, s.odNewForm)
	}
	return v.Go(odNew + "?quote=" + url.QueryEscape(q.ID))
}

// odOrderForm is the third step: who pays, what it is called, whom to talk to.
func (s *screens) odOrderForm(v *web.Visit, f *ui.Form, id string) error {
	q, now, err := s.quoted(v, id)
	if err != nil {
		return err
	}
	again := odNew + "?" + url.Values{"site": {q.Site}, "port": {q.UNI}}.Encode()
	if why := unusable(q, now); why != "" && !v.Posting() {
		return v.Show("Order a service", ui.Head("Order a service", ""), ui.Empty(why, "Nothing was ordered by this page. Get another quote: the price is the same as long as the tariff is.", ui.Button(again, "Get another quote")))
	}
	accounts, err := s.odAccounts(v)
	if err != nil {
		return err
	}
	f.Values.Set(odQuote, q.ID)
	f.Default("externalId", reference(now))
	f.Default(odSize, "/30")
	f.Default("relatedContactInformation[0].emailAddress", v.User.Email)
	if v.Sandbox() {
		f.Default("relatedContactInformation[0].name", "Alex Example")
		f.Default("relatedContactInformation[0].number", "+1 303 555 0123")
	}
	const contact = "relatedContactInformation[0]."
	return v.Show("Order a service",
		ui.Head("Order "+q.Speed.String()+" at "+siteName(q.Site), "Step 3 of 3."),
		ui.Facts(ui.Fact{Name: "Quote", Value: ui.Mono(q.ID)}, ui.Fact{Name: "An hour", Value: ui.Text(ondemand.USD(q.Hourly))},
			ui.Fact{Name: "A month of 720 hours", Value: ui.Text(ondemand.USD(ondemand.Monthly(q.Hourly)))}, ui.Fact{Name: "This price", Value: ui.Text(left(q.ExpiresAt, now))}),
		f.With([]ui.Node{ui.Submit("", "", "Order for "+ondemand.USD(q.Hourly)+" an hour"), ui.Quiet(again, "Another speed")},
			ui.Hidden(f, odQuote),
			ui.Group("The service", "",
				ui.Input{Name: odName, Label: "Service name", Hint: "As you will find it in your list: Broomfield office.", Required: true, Max: 100, Focus: true}.In(f),
				ui.Select{Name: odSize, Label: "IPv4 block", Hint: "How many public addresses are routed to it.", Required: true, Choices: []ui.Choice{{Value: "/30", Label: "/30: 4 addresses"}, {Value: "/29", Label: "/29: 8 addresses"}, {Value: "/28", Label: "/28: 16 addresses"}}}.In(f)),
			ui.Group("Who pays", "Accounts of this customer that may buy on-demand services.",
				ui.Select{Name: "billingAccount.id", Label: "Billing account", Choices: accounts, Required: true}.In(f),
				ui.Input{Name: "externalId", Label: "Your reference", Hint: "At most 20 characters.", Required: true, Max: 20}.In(f)),
			ui.Group("Whom to talk to", "",
				ui.Input{Name: contact + "name", Label: "First and last name", Required: true, Autocomplete: "name"}.In(f),
				ui.Row(ui.Input{Name: contact + "number", Label: "Telephone", Hint: "In the United States: +1 303 555 0123.", Type: "tel", InputMode: "tel", Required: true, Autocomplete: "tel"}.In(f),
					ui.Input{Name: contact + "emailAddress", Label: "E-mail address", Type: "email", Required: true, Autocomplete: "email"}.In(f)))))
}

// odAccounts are the billing accounts that orders can use.
func (s *screens) odAccounts(v *web.Visit) (list []ui.Choice, err error) {
	yes := true
	err = v.View(func(tx *db.Tx) error {
		accounts, _, err := s.OnDemand.Store.Accounts(tx, ondemand.AccountFilter{Customer: v.Customer.Number, Entitled: &yes}, ondemand.Paging{Limit: 200})
		for _, a := range accounts {
			if a.HQCountry == "US" {
				list = append(list, ui.Choice{Value: a.ID, Label: a.ID + ", " + a.Name})
			}
		}
		return err
	})
	return list, err
}

func (s *screens) odOrderSend(v *web.Visit, f *ui.Form) error {
	var account *ondemand.Account
	err := v.View(func(tx *db.Tx) (err error) {
		account, err = s.OnDemand.Store.Account(tx, f.Value("billingAccount.id"))
		return err
	})
	if err != nil {
		return err
	}
	name := "-" // an account that is not there, or not theirs, has no name; the rule says so
	if account != nil {
		name = account.Name
	}
	r := odOrderOf(ondemand.ActionAdd, "", f.Value("billingAccount.id"), name, f.Value("externalId"))
	r.Quote = []ondemand.QuoteRef{{ID: ondemand.Text(f.Value(odQuote))}}
	r.Items[0].Product.Characteristics = []ondemand.Characteristic{{Name: "Customer Service Name", Value: ondemand.Text(f.Value(odName))},
		{Name: "VLAN Assignment", Value: "Auto Assign"}, {Name: "IPV4 Block Size", Value: ondemand.Text(f.Value(odSize))}, {Name: "Routing Options", Value: "Static"}}
	const contact = "relatedContactInformation[0]."
	r.Contacts = []ondemand.OrderContact{{Role: "Order Contact", Name: f.Value(contact + "name"), Number: ondemand.Text(f.Value(contact + "number")), EmailAddress: f.Value(contact + "emailAddress")}}
	o, err := s.odPlace(v, r)
	if err != nil {
		return v.Refused(f, but(err, odQuote, odItem+"product.productCharacteristic"), s.odNewForm)
	}
	return v.Done(odOrders+"/"+o.ID, "The order was placed. The network takes a few minutes.")
}
