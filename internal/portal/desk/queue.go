package desk

import (
	"net/url"
	"slices"
	"time"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// queueRow is an order under way, of whichever product.
type queueRow struct {
	id, href, kind, customer, state string
	created, due                    time.Time
	overdue                         bool
	problem                         string
}

// queueFilter is what a person looks for in a queue.
type queueFilter struct {
	kind, state, customer string
	overdue               bool
}

// voiceTypes are the types of voice orders as people call them.
var voiceTypes = map[string]string{voice.TypeReserve: "Reservation", voice.TypeInstall: "Install", voice.TypePort: "Port in", voice.TypeChange: "Change",
	voice.TypeDisconnect: "Disconnect"}

func voiceQueue(s *screens, tx *db.Tx, f queueFilter, offset int) ([]queueRow, int, error) {
	list, total, err := s.Voice.Store.Queue(tx, voice.QueueFilter{Type: f.kind, State: f.state, Customer: f.customer, Overdue: f.overdue},
		voice.Paging{Offset: int64(offset), Limit: ui.PageSize})
	rows := make([]queueRow, len(list))
	for i, w := range list {
		rows[i] = queueRow{id: w.ID, href: address("orders", w.ID), kind: voiceTypes[w.Type], customer: w.Customer, state: w.State,
			created: w.CreatedAt, due: w.Due, overdue: w.Overdue(tx.Now()), problem: w.Problem}
	}
	return rows, total, err
}

// voiceStates are the states of voice orders under way.
func voiceStates() (list []string) {
	for _, t := range voice.Machines() {
		for _, state := range t.States() {
			if t != voice.PartMachine && t != voice.ExceptionMachine && !t.Ended(state) && !slices.Contains(list, state) {
				list = append(list, state)
			}
		}
	}
	return list
}

// queue lists what is under way.
func (s *screens) queue(v *web.Visit) error {
	q := v.Query()
	f := v.Form()
	if id := f.Value("order"); id != "" {
		return v.Go(placeOf(f.Value("product"), id))
	}
	name := f.Value("product")
	other := otherQueue(name)
	list, states, page := voiceQueue, voiceStates(), ui.Text("")
	if other != nil {
		list, states = other.list, other.states()
	} else {
		name = voice.Product
		page = ui.Select{Name: "type", Label: "Kind", Blank: "any", Narrow: true, Choices: kindChoices()}.In(f)
	}
	var rows []queueRow
	var total int
	var now time.Time
	err := v.View(func(tx *db.Tx) (err error) {
		now = tx.Now()
		rows, total, err = list(s, tx, queueFilter{f.Value("type"), f.Value("state"), f.Value("customer"), f.Value("jeopardy") != ""}, offset(v))
		return err
	})
	if err != nil {
		return err
	}
	f.Default("product", name)
	who := "Customer"
	if other != nil && other.who != "" {
		who = other.who
	}
	return v.Show("Queue", ui.Head("Queue", "Orders under way, the oldest first. One is in jeopardy when its moment has passed.", ui.Quiet("/desk/portout", "Port out numbers")),
		queueTabs(name),
		ui.Filter(f, ui.Hidden(f, "product"), page, ui.Select{Name: "state", Label: "State", Blank: "any", Narrow: true, Choices: ui.Of(states...)}.In(f),
			ui.Input{Name: "customer", Label: who}.In(f), ui.Input{Name: "order", Label: "Order", Hint: "Any order, by its id."}.In(f),
			ui.Check{Name: "jeopardy", Label: "In jeopardy only"}.In(f)),
		ui.Live("queue", queueTable(rows, now, who), ui.If(total > 0, ui.Pager(v.URL(), q, total))),
		jeopardyRules(name))
}

func kindChoices() (list []ui.Choice) {
	for _, t := range []string{voice.TypeReserve, voice.TypeInstall, voice.TypePort, voice.TypeChange, voice.TypeDisconnect} {
		list = append(list, ui.Choice{Value: t, Label: voiceTypes[t]})
	}
	return list
}

func queueTabs(current string) ui.Node {
	tabs := []ui.Tab{{Href: "/desk/queue", Label: product(voice.Product), Current: current == voice.Product}}
	for _, q := range otherQueues {
		tabs = append(tabs, ui.Tab{Href: "/desk/queue?product=" + url.QueryEscape(q.product), Label: product(q.product), Current: current == q.product})
	}
	return ui.Tabs("Products", tabs...)
}

func queueTable(rows []queueRow, now time.Time, who string) ui.Node {
	var list [][]ui.Node
	for _, r := range rows {
		due := ui.All(ui.Text("in "+age(r.due, now)), ui.Small(r.due.UTC().Format("2 Jan, 15:04")))
		if r.overdue {
			due = ui.All(ui.Badge(ui.Bad, "in jeopardy"), ui.Small("for "+age(now, r.due)))
		}
		customer := ui.Text(dash(r.customer))
		if who == "Customer" {
			customer = ui.Link(address("customers", r.customer), r.customer)
		}
		list = append(list, []ui.Node{ui.All(ui.Link(r.href, r.id), ui.Small(r.kind)), customer, ui.All(ui.State(r.state), ui.If(r.problem != "", ui.Small(r.problem))),
			ui.Text(age(now, r.created)), due})
	}
	return ui.Table("Orders under way", []string{"Order", who, "State", "Age", "Due"}, list,
		ui.Empty("Nothing like that is under way.", "Orders stand here from the moment they are accepted until they end. Clear the filter to see all of them."))
}

// jeopardyRules says when an order is in jeopardy.
func jeopardyRules(name string) ui.Node {
	texts := map[string][]string{voice.Product: {
		"A port with a firm order commitment: an hour after that day.",
		"On credit hold: after a day.",
		"With a losing carrier: after five days; once that has rejected it, after thirty.",
		"A reservation: an hour after the end of its offers and backorders.",
		"Anything else: an hour after its work was due.",
	}}
	if q := otherQueue(name); q != nil {
		texts[name] = q.rules
	}
	return ui.More("When is an order in jeopardy?", ui.Each(texts[name], ui.P))
}

// placeOf is where an order is shown.
func placeOf(name, id string) string {
	if otherQueue(name) != nil {
		return address("queue", name, id)
	}
	return address("orders", id)
}
