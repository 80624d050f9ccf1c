package control

import (
	"net/http"
	"time"

	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
	"demarc/internal/voice"
)

// homeRoutes are the pages across products.
func (s *screens) homeRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/control", Nav: "Overview", Area: area, Needs: web.Buy, Customer: true, Live: true, Do: s.home},
	}
}

// How much of each list the overview shows.
const (
	recent    = 5
	mostOpen  = 200 // orders under way that are looked through, the oldest first
	mostOffer = 20
)

// overview is what the first page shows of telephone numbers.
type overview struct {
	now      time.Time
	offers   []voice.Part
	open     []voice.Order
	opens    int
	recent   []voice.Order
	holdings []voice.Holding
	told     []voice.Told
	services int // of On-demand internet
	od       []ondemand.Order
}

func (s *screens) overview(v *web.Visit) (o overview, err error) {
	p := party(v)
	err = v.View(func(tx *db.Tx) (err error) {
		o.now = tx.Now()
		if o.offers, err = s.Voice.Offers(tx, p, mostOffer); err != nil {
			return err
		}
		if o.open, o.opens, err = s.Voice.Orders(tx, p, voice.OrderFilter{Open: true}, voice.Paging{Limit: mostOpen}); err != nil {
			return err
		}
		if o.recent, _, err = s.Voice.Orders(tx, p, voice.OrderFilter{}, voice.Paging{Limit: recent}); err != nil {
			return err
		}
		if o.holdings, err = s.Voice.Holdings(tx, p); err != nil {
			return err
		}
		if o.told, _, err = s.Voice.Notifications(tx, p, voice.ChannelAny, voice.ToldFilter{}, voice.Paging{Limit: recent}); err != nil {
			return err
		}
		if _, o.services, err = s.OnDemand.Store.Services(tx, ondemand.ServiceFilter{Customer: p.Customer, Status: ondemand.StatusActive}, ondemand.Paging{Limit: 1}); err != nil {
			return err
		}
		o.od, _, err = s.OnDemand.Store.Orders(tx, ondemand.OrderFilter{Customer: p.Customer}, ondemand.Paging{Limit: recent})
		return err
	})
	return o, err
}

func (s *screens) home(v *web.Visit) error {
	o, err := s.overview(v)
	if err != nil {
		return err
	}
	kept, err := s.recentPreOrders(v)
	if err != nil {
		return err
	}
	stock, service := 0, 0
	for _, h := range o.holdings {
		stock, service = stock+h.Reserved, service+h.Active
	}
	return v.Show("Control Center", ui.Head(v.Customer.Name, "Customer "+v.Customer.Number, ui.Button("/control/new", "New order")),
		ui.Live("overview",
			ui.Stats(ui.Stat(ui.Count(stock), "numbers in stock", "/control/numbers"), ui.Stat(ui.Count(service), "numbers in service", serviceAt),
				ui.Stat(ui.Count(o.opens), "orders of numbers under way", "/control/orders"), ui.Stat(ui.Count(o.services), "on-demand services active", odHome)),
			ui.Section("What waits for you", o.waits()),
			ui.Section("Numbers by rate center", holdingTable(o.holdings)),
			ui.Section("Latest orders of telephone numbers", orderTable(o.recent, o.now, noOrders(v)), seeAll(len(o.recent), "/control/orders", "All orders")),
			ui.Section("Latest on-demand orders", odOrderTable(o.od, ui.Empty("No on-demand order yet", "Orders of internet connections stand here.", ui.Quiet(odNew, "Order a service"))), seeAll(len(o.od), odOrders, "All on-demand orders")),
			ui.When(kept != nil, func() ui.Node {
				return ui.Section("Latest preorders", preOrderTable(kept), seeAll(len(kept), pxHome, "All preorders"))
			}),
			ui.Section("Notifications lately", toldTable(o.told, true), seeAll(len(o.told), "/control/notices", "All notifications"))))
}

// seeAll leads from a short list to the whole of it.
func seeAll(n int, href, text string) ui.Node {
	return ui.When(n > 0, func() ui.Node { return ui.Link(href, text) })
}

// waits are what the customer has to do something about, or to keep an eye on.
func (o overview) waits() ui.Node {
	var rows [][]ui.Node
	for _, p := range o.offers {
		rows = append(rows, []ui.Node{ui.Link("/control/orders/"+p.Order, p.Order), ui.Badge(ui.Waiting, "answer a short supply"),
			ui.Textf("%s, %s has %d of %d numbers.", p.Center, p.State, p.Held, p.Wish.Quantity), ui.All(ui.Text("until "), ui.Time(p.Until))})
	}
	for _, order := range o.open {
		why := order.Jeopardy(o.now)
		switch {
		case order.State == voice.PortRejected:
			rows = append(rows, []ui.Node{orderLink(order.ID), ui.Badge(ui.Bad, "mend a port"), ui.Text("The losing carrier says: " + order.Detail.Rejection), ui.Text("supplement or cancel it")})
		case why != "":
			rows = append(rows, []ui.Node{orderLink(order.ID), ui.Badge(ui.Bad, "jeopardy"), ui.Text(typeNames[order.Type] + ": " + why), ui.Text("–")})
		}
	}
	return ui.Table("What waits for you", []string{"Order", "What", "Why", "When"}, rows,
		ui.Empty("Nothing waits for you", "Short supplies to answer, ports that were rejected and orders in jeopardy stand here."))
}

// recentPreOrders are the latest of the first partner that the visitor may sell for; nil
// when there is none.
func (s *screens) recentPreOrders(v *web.Visit) (list []preorder.Kept, err error) {
	p, sellers, err := s.pxParty(v, "")
	if err != nil || sellers == nil {
		return nil, err
	}
	list = []preorder.Kept{}
	err = v.View(func(tx *db.Tx) error {
		found, _, err := s.PreOrder.List(tx, p, preorder.ConfiguredFilter{}, preorder.Paging{Limit: recent})
		list = append(list, found...)
		return err
	})
	return list, err
}

func preOrderTable(list []preorder.Kept) ui.Node {
	rows := make([][]ui.Node, len(list))
	for i, k := range list {
		t := k.Transaction
		product, _ := preorder.OfferingByCode(t.Config.ProductCode)
		rows[i] = []ui.Node{ui.Link(pxHome+"/"+t.ID, t.PartnerOrderID), ui.Text(t.Address.Address.String()), ui.Text(product.Name), pxState(k.State()), ui.Time(t.CreatedAt)}
	}
	return ui.Table("Latest preorders", []string{"Reference", "Address", "Product", "Order", "Qualified"}, rows, ui.Empty("No preorder yet", "Products that are configured for an address stand here.", ui.Quiet(pxNew, "Qualify an address")))
}
