package control

import (
	"net/url"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

const serviceAt = "/control/numbers/service"

func serviceFilter(f *ui.Form) voice.DetailFilter {
	from, to := numbersIn(f, "number")
	product := f.Value("product")
	if product != voice.EnhancedLocal {
		product = voice.LocalInbound
	}
	return voice.DetailFilter{Product: product, From: from, To: to, State: stateIn(f, "state"), Center: strings.ToUpper(f.Value("rateCenter")), RouteName: f.Value("route")}
}

// serviceOf is a page of the customer's numbers in service.
func (s *screens) serviceOf(tx *db.Tx, v *web.Visit, f voice.DetailFilter, page voice.Paging) ([]voice.InService, int, error) {
	if f.To == 0 || f.From != f.To {
		return s.Voice.Details(tx, party(v), f, page)
	}
	n, err := s.Voice.NumberOf(tx, party(v), f.From)
	if err != nil || n == nil || n.Status != voice.Active || n.Product != f.Product || page.Offset > 0 {
		return nil, 0, err
	}
	return []voice.InService{*n}, 1, nil
}

func (s *screens) inService(v *web.Visit) error {
	f := v.Form()
	filter := serviceFilter(f)
	var list []voice.InService
	var total int
	if !f.Wrong() {
		err := v.View(func(tx *db.Tx) (err error) {
			list, total, err = s.serviceOf(tx, v, filter, paging(ui.PageOf(v.Query())))
			return err
		})
		if err != nil {
			return err
		}
	}
	names, _, err := s.routesOf(v)
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, n := range list {
		rows[i] = []ui.Node{ui.Link("/control/numbers/"+n.TN.String(), tn(n.TN)), ui.Text(n.Center + ", " + n.State), ui.Text(subscriberText(n.Service.Subscriber)),
			ui.Text(orDash(n.RouteName)), orderLink(n.Order), ui.Time(n.At), serviceActs(n)}
	}
	empty := ui.Empty("No numbers in service", "Numbers stand here once they are installed or ported in.", ui.Button("/control/numbers/install", "Install numbers"), ui.Quiet("/control/numbers/port", "Port numbers in"))
	if f.Value("number")+f.Value("state")+f.Value("rateCenter")+f.Value("route") != "" {
		empty = ui.Empty("No such numbers", "None of the numbers in service fits what you look for.", ui.Quiet(serviceAt, "All numbers in service"))
	}
	tab := func(product string) ui.Tab {
		return ui.Tab{Href: ui.With(serviceAt, v.Query(), "product", product), Label: productName(product), Current: filter.Product == product}
	}
	fields := append(placeFields(f), ui.Select{Name: "route", Label: "Customer service name", Blank: "All", Choices: names}.In(f))
	if f.Value("product") != "" {
		fields = append(fields, ui.Hidden(f, "product"))
	}
	return v.Show("Numbers in service", ui.Head("Numbers in service", "With their subscribers, and where their calls are sent.",
		ui.Button("/control/numbers/port", "Port numbers in"), csvOf(v, serviceAt+".csv")),
		ui.Tabs("Products", tab(voice.LocalInbound), tab(voice.EnhancedLocal)),
		ui.Filter(f, fields...),
		ui.Table("Numbers in service", []string{"Number", "Rate center", "Subscriber", "Service name", "Order", "Since", "Next"}, rows, empty),
		ui.Pager(v.URL(), v.Query(), total))
}

// serviceActs lead to what can be done with a number in service.
func serviceActs(n voice.InService) ui.Node {
	if n.Busy != "" {
		return ui.All(ui.Text("under way: "), orderLink(n.Busy))
	}
	one := voice.Range{Start: n.TN, End: n.TN}
	return ui.All(ui.Link(formWith("/control/numbers/change", lineTNs, one, url.Values{}), "Change"), ui.Text(" "),
		ui.Link(formWith("/control/numbers/disconnect", endTNs, one, url.Values{}), "Disconnect"))
}

func (s *screens) inServiceCSV(v *web.Visit) error {
	f := v.Form()
	filter := serviceFilter(f)
	if f.Wrong() {
		return v.Go(ui.With(serviceAt, v.Query(), "page", ""))
	}
	header := []string{"number", "product", "rate_center", "state", "customer_type", "subscriber", "address", "customer_service_name", "route_plan", "e911", "directory_listing", "cnam", "ported", "order", "since"}
	return v.Rows("numbers-in-service.csv", header, func(after int) (rows [][]string, err error) {
		err = v.View(func(tx *db.Tx) error {
			rows = nil
			list, _, err := s.serviceOf(tx, v, filter, voice.Paging{Offset: int64(after), Limit: perRead})
			for _, n := range list {
				rows = append(rows, serviceRow(n))
			}
			return err
		})
		return rows, err
	})
}

func serviceRow(n voice.InService) []string {
	ported := "N"
	if n.Ported {
		ported = "Y"
	}
	sv := n.Service
	return []string{n.TN.String(), n.Product, n.Center, n.State, sv.Subscriber.Type, subscriberText(sv.Subscriber), addressText(sv.Address), n.RouteName, sv.RoutePlan,
		sv.E911, listingText(sv.Listing), cnamText(sv.CNAM), ported, n.Order, n.At.UTC().Format(time.RFC3339)}
}
