package control

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// shown is all that a page says of an order.
type shown struct {
	order   voice.Order
	parts   []voice.Part
	trail   []audit.Event
	told    []voice.Told
	tolds   int
	numbers []voice.Entry // that a reservation has brought
	brought int
	now     time.Time
}

// How many notifications and entries of its history an order's page shows.
const mostTold, mostTrail = 20, 200

func (s *screens) seen(v *web.Visit, id string) (x shown, err error) {
	p := party(v)
	err = v.View(func(tx *db.Tx) error {
		x.now = tx.Now()
		if x.order, x.parts, err = s.Voice.Status(tx, p, voice.ChannelAny, id); err != nil {
			return err
		}
		if x.trail, err = audit.Page(tx, "voice/order/"+id, 0, mostTrail); err != nil {
			return err
		}
		if x.order.Type == voice.TypeReserve {
			if x.numbers, x.brought, err = s.Voice.BroughtBy(tx, p, x.parts, paging(ui.PageOf(v.Query()))); err != nil {
				return err
			}
		}
		x.told, x.tolds, err = s.Voice.Notifications(tx, p, voice.ChannelAny, voice.ToldFilter{Order: id}, voice.Paging{Limit: mostTold})
		return err
	})
	return x, err
}

// here reports whether the order was made here, and so can be changed here.
func (x shown) here() bool { return x.order.Channel == voice.ChannelPortal }

func (s *screens) order(v *web.Visit) error {
	v.Under("/control/orders")
	x, err := s.seen(v, v.Path("id"))
	if err != nil {
		return noSuchOrder(err)
	}
	o := x.order
	title := typeNames[o.Type] + " " + o.ID
	return v.Show(title, ui.Head(title, v.Customer.Name+", "+v.Customer.Number), ui.Live("order",
		x.jeopardy(), x.offers(v), x.moves(v),
		ui.Split(ui.All(
			ui.Section("State", web.Life(o.Machine(), o.State, x.trail)),
			x.partsSection(),
			x.numbersSection(v)),
			ui.All(ui.Card("The order", x.facts()), x.asks())),
		ui.Section("Notifications", toldTable(x.told, false), ui.When(x.tolds > len(x.told), func() ui.Node {
			return ui.Link("/control/notices?order="+o.ID, fmt.Sprintf("All %d", x.tolds))
		})),
		ui.Section("History", web.Trail(x.trail))))
}

// noSuchOrder shows what is none of the customer's orders as a page that there is not.
func noSuchOrder(err error) error {
	if f := refusalCode(err); f == "20049" || f == "20060" {
		return web.NoSuchPage.Say("The customer has no such order.")
	}
	return err
}

func (x shown) jeopardy() ui.Node {
	why := x.order.Jeopardy(x.now)
	if why == "" {
		return ui.Text("")
	}
	return ui.Notice(ui.Bad, ui.P("This order is in jeopardy: "+strings.TrimSuffix(why, ".")+"."))
}

func (x shown) facts() ui.Node {
	o := x.order
	facts := []ui.Fact{
		{Name: "State", Value: orderState(o)},
		{Name: "Product", Value: ui.Text(productName(o.Product))},
		{Name: "Made", Value: ui.Text(channelName(o.Channel))},
		{Name: "Placed", Value: ui.Time(o.CreatedAt)},
	}
	add := func(name string, value ui.Node, when bool) {
		if when {
			facts = append(facts, ui.Fact{Name: name, Value: value})
		}
	}
	add("Ended", ui.Time(o.EndedAt), !o.EndedAt.IsZero())
	add("Your number", ui.Mono(o.ExternalID), o.ExternalID != "")
	add("TN exception", ui.Link("/control/exceptions/"+o.Exception, o.Exception), o.Exception != "")
	if d := o.Detail; d != nil {
		add("Wanted", ui.Time(d.Wanted), !d.Wanted.IsZero())
		add("Losing carrier", ui.Text(d.Carrier), d.Carrier != "")
		add("Asked", ui.Time(d.Asked), !d.Asked.IsZero())
		add("Firm order commitment", ui.Time(o.FOCAt), !o.FOCAt.IsZero())
		add("Rejected because", ui.Text(d.Rejection), d.Rejection != "")
	}
	return ui.Facts(facts...)
}

// asks are what an order about numbers in service asks for.
func (x shown) asks() ui.Node {
	d := x.order.Detail
	switch {
	case d == nil:
		return ui.Text("")
	case d.Service != nil:
		return ui.All(serviceCard("The service", *d.Service), lnpCard(d.LNP))
	case d.Change != nil:
		return changeCard(*d.Change)
	}
	return ui.Text("")
}

func (x shown) partsSection() ui.Node {
	rows := make([][]ui.Node, len(x.parts))
	for i, p := range x.parts {
		what, asked, got := orDash(strings.Trim(p.Center+", "+p.State, ", ")), ui.Count(p.Wish.Quantity), ui.Count(p.Reserved)
		if p.Kind == voice.PartSupplement {
			what, asked, got = "Supplement", "–", "–"
		}
		until := ui.Text("–")
		if !p.Until.IsZero() && p.EndedAt.IsZero() {
			until = ui.Time(p.Until)
		}
		if p.Parent != "" {
			what += " (backorder of " + p.Parent + ")"
		}
		code := "–"
		if p.Code != 0 {
			code = strconv.Itoa(p.Code)
		}
		rows[i] = []ui.Node{ui.Mono(p.ID), ui.Text(what), partState(p), ui.Text(asked), ui.Text(got), ui.Text(wishText(p.Wish)), until, ui.Text(code)}
	}
	return ui.Section("Parts", ui.Table("Parts", []string{"Part", "Rate center", "Status", "Asked for", "Got", "Wishes", "Until", "Told last"}, rows, ui.Text("")))
}

// wishText is what else is wanted of numbers.
func wishText(w voice.Wish) string {
	var list []string
	if w.Run > 1 {
		list = append(list, fmt.Sprintf("%d in a row", w.Run))
	}
	if w.PBXIndex > 0 {
		list = append(list, fmt.Sprintf("no %d at place %d", w.PBXValue, w.PBXIndex))
	}
	return orDash(strings.Join(list, "; "))
}

// numbersSection are the order's numbers.
func (x shown) numbersSection(v *web.Visit) ui.Node {
	if d := x.order.Detail; d != nil {
		page := ui.PageOf(v.Query())
		from := min((page-1)*ui.PageSize, len(d.Ranges))
		rows := [][]ui.Node{}
		for _, r := range d.Ranges[from:min(from+ui.PageSize, len(d.Ranges))] {
			rows = append(rows, []ui.Node{numberLink(r), ui.Text(ui.Count(r.Len()))})
		}
		return ui.Section("Numbers", ui.Table("Numbers", []string{"Numbers", "How many"}, rows, ui.P("None.")), pager(v, len(d.Ranges)))
	}
	rows := make([][]ui.Node, len(x.numbers))
	for i, e := range x.numbers {
		rows[i] = []ui.Node{numberLink(e.Range), ui.Text(ui.Count(e.Len())), ui.Text(e.Center + ", " + e.State), ui.State(statusName(e))}
	}
	return ui.Section("Numbers", ui.Table("Numbers", []string{"Numbers", "How many", "Rate center", "Now"}, rows,
		ui.Empty("No numbers yet", "Numbers that this order brings are listed here once a part of it is completed.")), pager(v, x.brought))
}

func pager(v *web.Visit, total int) ui.Node {
	return ui.When(total > ui.PageSize, func() ui.Node { return ui.Pager(v.URL(), v.Query(), total) })
}

// numberLink leads to a number, or names a range with a link to its first.
func numberLink(r voice.Range) ui.Node {
	return ui.Link("/control/numbers/"+r.Start.String(), rangeText(r))
}

// statusName is how a customer has a number.
func statusName(e voice.Entry) string {
	switch e.Status {
	case voice.Reserved:
		return "in stock"
	case voice.Active:
		return "in service"
	case voice.Porting:
		return "coming in"
	}
	return e.Status
}
