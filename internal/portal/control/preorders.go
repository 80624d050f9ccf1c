package control

import (
	"net/http"
	"slices"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"

	"github.com/govalues/decimal"
)

const (
	pxHome = "/control/preorders"
	pxNew  = pxHome + "/new"
)

// preOrderRoutes are the pages of PreOrder: addresses that are qualified, products that
// are configured, orders.
func (s *screens) preOrderRoutes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: pxHome, Nav: "PreOrder", Live: true, Do: s.pxList},
		{Method: http.MethodGet, Path: pxNew, Do: s.pxQualifyPage},
		{Method: http.MethodPost, Path: pxNew, Do: s.pxQualify},
		{Method: http.MethodGet, Path: pxHome + "/{id}", Live: true, Do: s.pxLook},
		{Method: http.MethodPost, Path: pxHome + "/{id}/match", Do: s.pxMatch},
		{Method: http.MethodGet, Path: pxHome + "/{id}/configure", Do: s.pxConfigurePage},
		{Method: http.MethodPost, Path: pxHome + "/{id}/configure", Do: s.pxConfigure},
		{Method: http.MethodPost, Path: pxHome + "/{id}/complete", Do: s.pxComplete},
		{Method: http.MethodPost, Path: pxHome + "/{id}/cancel", Do: s.pxCancel},
	}
	for i := range routes {
		routes[i].Area, routes[i].Needs, routes[i].Customer = area, web.Buy, true
	}
	return routes
}

// mostApps bounds the applications whose partners a page looks for.
const mostApps = 500

// pxSellers are the partners that the visitor may sell for.
func (s *screens) pxSellers(v *web.Visit) (list []preorder.Seller, err error) {
	org := v.User.Org
	if v.User.Carrier() {
		org = ""
	}
	apps, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: org, World: v.World.ID, Limit: mostApps})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, app := range apps {
		if app.State == identity.Approved && slices.Contains(app.Products, identity.Product{Name: preorder.Product, State: identity.Approved}) {
			ids = append(ids, app.ID)
		}
	}
	err = v.View(func(tx *db.Tx) (err error) {
		list, err = s.PreOrder.Sellers(tx, ids, v.Sandbox())
		return err
	})
	return list, err
}

// pxParty is who sells, for one of the visitor's partners: the one that the page is asked
// for, else the first.
func (s *screens) pxParty(v *web.Visit, partner string) (preorder.Party, []preorder.Seller, error) {
	p := preorder.Party{World: v.World.ID, Sandbox: v.Sandbox(), Actor: v.Actor()}
	sellers, err := s.pxSellers(v)
	if err != nil || len(sellers) == 0 {
		return p, nil, err
	}
	i := max(0, slices.IndexFunc(sellers, func(o preorder.Seller) bool { return o.ID == partner }))
	p.Partner, p.App = sellers[i].ID, sellers[i].App
	return p, sellers, nil
}

// pxNobody is shown to those who sell for no partner.
func pxNobody(v *web.Visit) error {
	v.Under(pxHome)
	return v.Show("PreOrder", ui.Head("PreOrder", ""), ui.Empty("Your organisation sells for no partner in this world.",
		"PreOrder is for partners, who sell the carrier's products under their sales codes. An application has to be approved for it; then the carrier's staff binds it to its partner."))
}

func (s *screens) pxList(v *web.Visit) error {
	f := v.Form()
	p, sellers, err := s.pxParty(v, f.Value("partner"))
	if err != nil {
		return err
	}
	if sellers == nil {
		return pxNobody(v)
	}
	offset, limit := pageOf(v.Query())
	var list []preorder.Kept
	var total int
	err = v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.PreOrder.List(tx, p, preorder.ConfiguredFilter{State: f.Value("state"), Text: f.Value("q")}, preorder.Paging{Offset: offset, Limit: limit})
		return err
	})
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, k := range list {
		t := k.Transaction
		product, _ := preorder.OfferingByCode(t.Config.ProductCode)
		number := ui.Text("–")
		if k.Order != nil {
			number = ui.Mono(k.Order.Number)
		}
		rows[i] = []ui.Node{ui.Link(pxHome+"/"+t.ID, t.PartnerOrderID), ui.Text(t.Address.Address.String()), ui.Text(product.Name), pxState(k.State()), number, ui.Time(t.CreatedAt)}
	}
	empty := ui.Empty("Nothing configured yet", "Qualify an address, choose one of the products that its line carries, and configure it. What was configured stands here, with its order.", ui.Button(pxNew, "Qualify an address"))
	if f.Value("q")+f.Value("state") != "" {
		empty = ui.Empty("Nothing fits", "Nothing that was configured has all that is asked for above.", ui.Quiet(pxHome, "Show all"))
	}
	filters := []ui.Node{ui.Input{Name: "q", Label: "Address, reference or order"}.In(f),
		ui.Select{Name: "state", Label: "Order", Blank: "Any", Choices: ui.Of(append([]string{preorder.StateUnordered}, preorder.OrderMachine.States()...)...)}.In(f)}
	if len(sellers) > 1 {
		filters = append(filters, partnerSelect(f, sellers))
	}
	return v.Show("PreOrder",
		ui.Head("PreOrder", "What "+p.Partner+" has configured for its customers, by people here and by the API.", ui.Button(pxNew, "Qualify an address")),
		ui.Filter(f, filters...),
		ui.Live("preorders", ui.Table("Configured products", []string{"Reference", "Address", "Product", "Order", "Number", "Qualified"}, rows, empty), ui.Pager(pxHome, v.Query(), total)))
}

func partnerSelect(f *ui.Form, sellers []preorder.Seller) ui.Node {
	choices := make([]ui.Choice, len(sellers))
	for i, o := range sellers {
		choices[i] = ui.Choice{Value: o.ID, Label: o.ID + ", " + o.Name}
	}
	return ui.Select{Name: "partner", Label: "Partner", Choices: choices, Required: true}.In(f)
}

// pxState is an order's state as a badge.
func pxState(state string) ui.Node {
	tone := map[string]ui.Tone{preorder.OrderReceived: ui.Waiting, preorder.OrderInProcess: ui.Waiting, preorder.OrderCompleted: ui.Good, preorder.OrderCancelled: ui.Bad}[state]
	if tone == "" {
		tone = ui.Plain
	}
	return ui.Badge(tone, state)
}

// pxFind reads the transaction that a page is about, as one of the partners of the
// visitor's that has it.
func (s *screens) pxFind(v *web.Visit) (preorder.Look, preorder.Party, error) {
	v.Under(pxHome)
	p, sellers, err := s.pxParty(v, "")
	if err != nil {
		return preorder.Look{}, p, err
	}
	for _, o := range sellers {
		p.Partner, p.App = o.ID, o.App
		var l preorder.Look
		err := v.View(func(tx *db.Tx) (err error) {
			l, err = s.PreOrder.Look(tx, p, v.Path("id"))
			return err
		})
		if err = missing(err, preorder.OrderUnknown); err != web.NoSuchPage { //nolint:errorlint // missing answers the code itself
			return l, p, err
		}
	}
	return preorder.Look{}, p, web.NoSuchPage
}

// pxLook is a transaction: near matches to choose from, products to configure, or what
// was configured, with its order.
func (s *screens) pxLook(v *web.Visit) error {
	l, _, err := s.pxFind(v)
	if err != nil {
		return err
	}
	t := l.Transaction
	over := "Its day is over; qualify the address again."
	switch {
	case t.State == preorder.TxNear && l.Today:
		return s.pxNear(v, v.Form(), l)
	case t.State == preorder.TxNear || t.State == preorder.TxNoMatch:
		if t.State == preorder.TxNoMatch {
			over = "No address that the carrier knows matches what was written."
		}
		return v.Show("Qualification "+t.ID, ui.Head("Qualification "+t.ID, ""), ui.Empty(over, "A transaction is for one address and one day, in Central Time.", ui.Button(pxNew, "Qualify an address")))
	case l.Configured == nil:
		return s.pxOffers(v, l)
	}
	return s.pxConfigured(v, l)
}

// pxOffers is what can be sold at a qualified address.
func (s *screens) pxOffers(v *web.Visit, l preorder.Look) error {
	t := l.Transaction
	address := t.Address.Address.String()
	var cards []ui.Node
	for _, o := range l.Offers {
		var parts []ui.Node
		for _, c := range o.Components {
			parts = append(parts, ui.Small(c.Name))
		}
		parts = append(parts, ui.Facts(ui.Fact{Name: "A month", Value: ui.Strong(dollars(o.Monthly))}, ui.Fact{Name: "Paid", Value: ui.Text(paid(o))}))
		if l.Today {
			parts = append(parts, ui.Actions(ui.Button(pxHome+"/"+t.ID+"/configure?productCode="+o.Code, "Configure "+o.Name)))
		}
		cards = append(cards, ui.Card(o.Name, parts...))
	}
	return v.Show("Products at "+address,
		ui.Head("Products at "+address, "Step 2 of 4. "+t.Segment+". Choose what the customer wants to have."),
		pxLine(l), ui.Section("Products", ui.Grid(cards...)), ui.More("History", web.Trail(l.Trail)))
}

// pxLine is what is known of the address and its line.
func pxLine(l preorder.Look) ui.Node {
	t := l.Transaction
	line := "nothing"
	if t.Loop.Technology != "" {
		line = t.Loop.Technology + ", " + ui.Count(t.Loop.MaxDown) + " Mbps down, " + ui.Count(t.Loop.MaxUp) + " Mbps up"
	}
	return ui.Facts(ui.Fact{Name: "Transaction", Value: ui.Mono(t.ID)}, ui.Fact{Name: "Address", Value: ui.All(ui.Text(t.Address.Address.String()+" "), ui.Mono(t.Address.DetailID))},
		ui.Fact{Name: "The line carries", Value: ui.Text(line)}, ui.Fact{Name: "Segment", Value: ui.Text(t.Segment)},
		ui.Fact{Name: "Sales code, agent", Value: ui.Text(t.SalesCode + ", " + t.AgentID)}, ui.Fact{Name: "Its day ends", Value: ui.Time(t.DayEnd())})
}

// dollars is an amount with its cents.
func dollars(d decimal.Decimal) string {
	if d.IsNeg() {
		return "-$" + d.Abs().Pad(2).String()
	}
	return "$" + d.Pad(2).String()
}

// pxConfigured is what was configured, and its order.
func (s *screens) pxConfigured(v *web.Visit, l preorder.Look) error {
	t, c := l.Transaction, l.Configured
	path := pxHome + "/" + t.ID
	var rows [][]ui.Node
	for _, x := range c.Charges {
		when := "once"
		if x.Type == preorder.ChargeMonthly {
			when = "a month"
		}
		rows = append(rows, []ui.Node{ui.Text(x.Name), ui.Mono(x.Code), ui.Text(when), ui.Text(dollars(x.Amount))})
	}
	title := c.Offer.Name + " at " + t.Address.Address.String()
	facts := []ui.Fact{{Name: "Product", Value: ui.All(ui.Text(c.Offer.Name+" "), ui.Mono(c.Offer.Code))}, {Name: "Reference", Value: ui.Mono(t.PartnerOrderID)},
		{Name: "Paid", Value: ui.Text(paid(c.Offer))}, {Name: "Installation", Value: ui.Text(orDash(t.Config.Install))}, {Name: "Modem", Value: ui.Text(orDash(t.Config.Modem))},
		{Name: "Credit", Value: ui.All(creditBadge(t.Config.Credit), ui.Text(" "+t.Config.Credit.Reason))}, {Name: "Customer's SSN", Value: ui.Text(last4(t.Config.SSNLast4))}}
	parts := []ui.Node{pxNews(v, l, path), ui.Section("What was configured", ui.Facts(facts...))}
	if !t.Config.Stopped { // there is nothing to be paid for what cannot be ordered
		parts = append(parts, ui.Section("What it costs",
			ui.Stats(ui.Stat(dollars(c.Totals.OneTime), "once", ""), ui.Stat(dollars(c.Totals.Monthly), "a month", ""), ui.Stat(dollars(c.Deposit), "deposit", "")),
			ui.Table("Charges", []string{"Charge", "Code", "Paid", "Amount"}, rows, nil)))
	}
	parts = append(parts, ui.Section("Address and line", pxLine(l)))
	if l.Order != nil {
		parts = append(parts, ui.Section("The order's states", web.Life(preorder.OrderMachine, l.Order.State, l.Trail)))
	}
	parts = append(parts, ui.Section("History", web.Trail(l.Trail)))
	return v.Show(title, ui.Head(title, t.Segment+", reference "+t.PartnerOrderID), ui.Live("preorder", parts...))
}

// paid is a product's bill type for people.
func paid(o preorder.Offering) string {
	if o.BillType == preorder.Prepaid {
		return "in advance (prepaid)"
	}
	return "by bill (postpaid)"
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// last4 is all that is kept of a number.
func last4(digits string) string {
	if digits == "" {
		return "refused"
	}
	return "ends in " + digits
}

func creditBadge(c preorder.CreditDecision) ui.Node {
	tone := map[string]ui.Tone{preorder.DecisionApproved: ui.Good, preorder.DecisionDeposit: ui.Waiting, preorder.DecisionHardStop: ui.Bad}[c.Decision]
	return ui.Badge(tone, c.Decision)
}

// pxNews says how a configuration is doing, and what can be done with it.
func pxNews(v *web.Visit, l preorder.Look, path string) ui.Node {
	again := ui.Quiet(path+"/configure", "Change the configuration")
	switch {
	case l.Order != nil:
		var cancel ui.Node
		if !preorder.OrderMachine.Ended(l.Order.State) {
			cancel = ui.Actions(ui.Confirm(v.CSRF(), path+"/cancel", "Cancel the order…", "Cancel order "+l.Order.Number+"? Its address is free for another order then.", "Cancel "+l.Order.Number))
		}
		return ui.All(ui.Facts(ui.Fact{Name: "Order", Value: ui.Mono(l.Order.Number)}, ui.Fact{Name: "State", Value: pxState(l.Order.State)},
			ui.Fact{Name: "Ordered", Value: ui.Time(l.Order.CreatedAt)}), cancel)
	case l.Transaction.Config.Stopped:
		return ui.Notice(ui.Bad, ui.P("The customer's credit is a hard stop: there can be no order."))
	case l.Completable():
		return ui.All(ui.Notice(ui.Waiting, ui.P("Step 4 of 4. It is configured and not ordered yet.")),
			ui.Actions(ui.Act(v.CSRF(), path+"/complete", "Order it"), again))
	}
	return ui.Notice(ui.Waiting, ui.P("It was not ordered on its day. Qualify the address again to order."), ui.Link(pxNew, "Qualify an address"))
}
