package control

import (
	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// odActions are what orders do, for people.
var odActions = map[string]string{ondemand.ActionAdd: "New service", ondemand.ActionBandwidth: "Change of bandwidth", ondemand.ActionRename: "New name", ondemand.ActionDelete: "Disconnect"}

func (s *screens) odOrderList(v *web.Visit) error {
	v.Under(odHome)
	f := v.Form()
	offset, limit := pageOf(v.Query())
	var list []ondemand.Order
	var total int
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.OnDemand.Store.Orders(tx, ondemand.OrderFilter{Customer: v.Customer.Number, Service: f.Value("service"), State: f.Value("state"), ExternalID: f.Value("reference")},
			ondemand.Paging{Offset: offset, Limit: limit})
		return err
	})
	if err != nil {
		return err
	}
	empty := ui.Empty("No order", "Orders of new services, of changes and of ends stand here, newest first.", ui.Button(odNew, "Order a service"))
	if f.Value("state")+f.Value("service")+f.Value("reference") != "" {
		empty = ui.Empty("Nothing fits", "No order of this customer has all that is asked for above.", ui.Quiet(odOrders, "Show all orders"))
	}
	return v.Show("On-demand orders",
		ui.Head("On-demand orders", "Whoever ordered: people here, and programs by the API.", ui.Button(odNew, "Order a service"), ui.Quiet(odHome, "Services")),
		ui.Filter(f, ui.Select{Name: "state", Label: "State", Blank: "Any", Choices: ui.Of(ondemand.OrderMachine.States()...)}.In(f),
			ui.Input{Name: "service", Label: "Service id"}.In(f), ui.Input{Name: "reference", Label: "Your reference"}.In(f)),
		ui.Live("orders", odOrderTable(list, empty), ui.Pager(odOrders, v.Query(), total)))
}

func odOrderTable(list []ondemand.Order, empty ui.Node) ui.Node {
	rows := make([][]ui.Node, len(list))
	for i, o := range list {
		rows[i] = []ui.Node{ui.Link(odOrders+"/"+o.ID, o.ExternalID), ui.Text(odActions[o.Action]), ui.State(o.State), ui.Link(odHome+"/"+o.Service, o.Service), ui.Text(odWhat(o)), ui.Time(o.CreatedAt)}
	}
	return ui.Table("Orders", []string{"Reference", "Order", "State", "Service", "To become", "Placed"}, rows, empty)
}

// odWhat is what an order makes of its service.
func odWhat(o ondemand.Order) string {
	switch {
	case o.Speed.Mbps > 0:
		return o.Speed.String()
	case o.Name != "":
		return o.Name
	}
	return "–"
}

func (s *screens) odOrder(v *web.Visit) error {
	v.Under(odHome)
	var o ondemand.Order
	var trail []audit.Event
	err := v.View(func(tx *db.Tx) (err error) {
		o, trail, err = s.OnDemand.OrderOf(tx, odParty(v), v.Path("id"))
		return err
	})
	if err != nil {
		return missing(err, ondemand.OrderUnknown)
	}
	facts := []ui.Fact{{Name: "State", Value: ui.State(o.State)}, {Name: "Order", Value: ui.Text(odActions[o.Action])}, {Name: "Service", Value: ui.Link(odHome+"/"+o.Service, o.Service)},
		{Name: "Your reference", Value: ui.Text(o.ExternalID)}, {Name: "Order id", Value: ui.Mono(o.ID)}}
	if o.Speed.Mbps > 0 {
		facts = append(facts, ui.Fact{Name: "Bandwidth", Value: ui.Text(o.Speed.String() + ", " + ondemand.USD(o.Hourly) + " an hour")})
	}
	if o.Name != "" {
		facts = append(facts, ui.Fact{Name: "Name", Value: ui.Text(o.Name)})
	}
	if o.Quote != "" {
		facts = append(facts, ui.Fact{Name: "Quote", Value: ui.Mono(o.Quote)})
	}
	facts = append(facts, ui.Fact{Name: "Placed", Value: ui.Time(o.CreatedAt)}, ui.Fact{Name: "Application", Value: ui.Mono(o.App)})
	if !o.EndedAt.IsZero() {
		facts = append(facts, ui.Fact{Name: "Ended", Value: ui.Time(o.EndedAt)})
	}
	return v.Show("Order "+o.ExternalID,
		ui.Head(odActions[o.Action]+" "+o.ExternalID, "", ui.Quiet(odHome+"/"+o.Service, "See the service")),
		ui.Live("order", odNews(o), ui.Facts(facts...),
			ui.Section("Its states", web.Life(ondemand.OrderMachine, o.State, trail)),
			ui.Section("History", web.Trail(trail))))
}

// odNews says how an order is doing.
func odNews(o ondemand.Order) ui.Node {
	switch o.State {
	case ondemand.OrderCompleted:
		return ui.Notice(ui.Good, ui.P("It is done."))
	case ondemand.OrderFailed:
		return ui.Notice(ui.Bad, ui.P("It failed: "+o.Failure+". Everything that was held for it was given back; order again when you like."))
	}
	return ui.Notice(ui.Waiting, ui.P("It is under way. This page follows it."))
}
