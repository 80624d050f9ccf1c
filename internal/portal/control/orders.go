package control

import (
	"slices"
	"time"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// typeNames are what orders are called here.
var typeNames = map[string]string{voice.TypeReserve: "Reservation", voice.TypeInstall: "Install", voice.TypePort: "Port in",
	voice.TypeChange: "Change", voice.TypeDisconnect: "Disconnect"}

var types = []string{voice.TypeReserve, voice.TypeInstall, voice.TypePort, voice.TypeChange, voice.TypeDisconnect}

// channelName is where an order was made.
func channelName(channel string) string {
	if channel == voice.ChannelPortal {
		return "Control Center"
	}
	return "API"
}

func typeChoices() []ui.Choice {
	list := make([]ui.Choice, len(types))
	for i, t := range types {
		list[i] = ui.Choice{Value: t, Label: typeNames[t]}
	}
	return list
}

// stateChoices are the states that an order can be in.
func stateChoices() []ui.Choice {
	var all []string
	for _, t := range types {
		all = append(all, voice.Order{Type: t}.Machine().States()...)
	}
	slices.Sort(all)
	return ui.Of(slices.Compact(all)...)
}

// paging is the part of a list that a page shows.
func paging(page int) voice.Paging {
	return voice.Paging{Offset: int64(page-1) * ui.PageSize, Limit: ui.PageSize}
}

// dayIn reads a day of a filter: its first moment, or its last. What is no day is said
// beside its field.
func dayIn(f *ui.Form, name string, last bool) time.Time {
	text := f.Value(name)
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		f.Add(name, "must be a day such as 2026-11-21")
		return time.Time{}
	}
	if last {
		return day.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	return day
}

// numberIn reads a telephone number of a filter.
func numberIn(f *ui.Form, name string) nanp.TN {
	text := f.Value(name)
	if text == "" {
		return 0
	}
	n, ok := nanp.ParseTN(digits(text))
	if !ok {
		f.Add(name, "must be a telephone number such as 303-555-0116")
	}
	return n
}

func (s *screens) orders(v *web.Visit) error {
	f := v.Form()
	filter := voice.OrderFilter{Type: f.Value("type"), State: f.Value("state"), Channel: f.Value("channel"), Name: f.Value("order"),
		TN: numberIn(f, "number"), From: dayIn(f, "from", false), To: dayIn(f, "to", true)}
	var list []voice.Order
	var total int
	var now time.Time
	if !f.Wrong() {
		err := v.View(func(tx *db.Tx) (err error) {
			now = tx.Now()
			list, total, err = s.Voice.Orders(tx, party(v), filter, paging(ui.PageOf(v.Query())))
			return err
		})
		if err != nil {
			return err
		}
	}
	return v.Show("Orders", ui.Head("Orders", "All orders of telephone numbers of "+v.Customer.Number+", made here or by API.", ui.Button("/control/new", "New order")),
		ui.Filter(f,
			ui.Select{Name: "type", Label: "Kind", Blank: "All", Choices: typeChoices()}.In(f),
			ui.Select{Name: "state", Label: "State", Blank: "All", Choices: stateChoices()}.In(f),
			ui.Select{Name: "channel", Label: "Made", Blank: "Anywhere", Choices: []ui.Choice{{Value: voice.ChannelPortal, Label: "In the Control Center"}, {Value: voice.ChannelAPI, Label: "By API"}}}.In(f),
			ui.Input{Name: "order", Label: "Order number", Placeholder: "V100000001", Autocomplete: "off"}.In(f),
			ui.Input{Name: "number", Label: "Telephone number", Type: "tel", Placeholder: "303-555-0116", Autocomplete: "off"}.In(f),
			ui.Input{Name: "from", Label: "From", Type: "date"}.In(f),
			ui.Input{Name: "to", Label: "To", Type: "date"}.In(f)),
		orderTable(list, now, noOrders(v)),
		ui.Pager(v.URL(), v.Query(), total))
}

// noOrders stands where there are none.
func noOrders(v *web.Visit) ui.Node {
	if len(v.Query()) > 0 {
		return ui.Empty("No such order", "No order fits what you look for. A telephone number leads to the order that it came by last, and to the one under way with it.", ui.Quiet("/control/orders", "All orders"))
	}
	return ui.Empty("No order yet", "Orders of telephone numbers stand here, with their state. Reserve numbers to begin with.", ui.Button("/control/numbers/reserve", "Reserve numbers"))
}

func orderTable(list []voice.Order, now time.Time, empty ui.Node) ui.Node {
	rows := make([][]ui.Node, len(list))
	for i, o := range list {
		state := []ui.Node{orderState(o)}
		if o.Jeopardy(now) != "" {
			state = append(state, ui.Text(" "), ui.Badge(ui.Bad, "jeopardy"))
		}
		rows[i] = []ui.Node{ui.Link("/control/orders/"+o.ID, o.ID), ui.Text(typeNames[o.Type]), ui.All(state...), ui.Text(productShort(o.Product)),
			ui.Text(orDash(o.ExternalID)), ui.Text(channelName(o.Channel)), ui.Time(o.CreatedAt)}
	}
	return ui.Table("Orders", []string{"Order", "Kind", "State", "Product", "Your number", "Made", "Placed"}, rows, empty)
}

// orderState is an order's state as a badge.
func orderState(o voice.Order) ui.Node {
	switch o.State {
	case voice.PortRejected, voice.OrderNoCredit:
		return ui.Badge(ui.Bad, o.State)
	case voice.PortFOC, voice.OrderInWork, voice.OrderCredit:
		return ui.Badge(ui.Waiting, o.State)
	}
	return ui.State(o.State)
}

// partState is a part's status as a badge.
func partState(p voice.Part) ui.Node {
	if p.Status == voice.PartApproval {
		return ui.Badge(ui.Waiting, p.Status)
	}
	return ui.State(p.Status)
}
