package desk

import (
	"slices"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/trouble"
	"demarc/internal/voice"
)

// underWay is how much of a product is under way, and how much of that is in jeopardy.
type underWay struct {
	product    string
	n, overdue int
}

// waiting is what waits in a world for who does the carrier's work.
type waiting struct {
	products              []underWay
	holds, ports, refused int
	exceptions            int
	troubles              []trouble.Standing
}

func (s *screens) waiting(tx *db.Tx) (w waiting, err error) {
	numbers, err := s.Voice.Store.QueueCounts(tx)
	if err != nil {
		return w, err
	}
	counts := underWay{product: voice.Product}
	for _, q := range numbers {
		counts.n += q.N
		counts.overdue += q.Overdue
		switch {
		case q.State == voice.OrderCredit:
			w.holds += q.N
		case q.Type == voice.TypePort && q.State == voice.OrderInWork:
			w.ports += q.N
		case q.State == voice.PortRejected:
			w.refused += q.N
		}
	}
	w.products = append(w.products, counts)
	for _, q := range otherQueues {
		n, overdue, err := q.count(s, tx)
		if err != nil {
			return w, err
		}
		w.products = append(w.products, underWay{q.product, n, overdue})
	}
	if _, w.exceptions, err = s.Voice.Store.Exceptions(tx, "", voice.ExceptionOpen, voice.Paging{Limit: 1}); err != nil {
		return w, err
	}
	w.troubles, err = trouble.List(tx)
	return w, err
}

func (w waiting) jeopardy() (n int) {
	for _, p := range w.products {
		n += p.overdue
	}
	return n
}

// overview shows what waits, with the way to it.
func (s *screens) overview(v *web.Visit) error {
	var w waiting
	err := v.View(func(tx *db.Tx) (err error) {
		w, err = s.waiting(tx)
		return err
	})
	if err != nil {
		return err
	}
	var figures []ui.Node
	total := w.exceptions + w.holds + w.ports + w.jeopardy()
	figure := func(n int, name, href string) { figures = append(figures, ui.Stat(ui.Count(n), name, href)) }
	if v.May(web.Staff) {
		apps, claims, err := s.Identity.Waiting(v.Context())
		if err != nil {
			return err
		}
		total += apps + claims
		figure(apps, "Applications to decide", "/desk/approvals/applications")
		figure(claims, "Customers asked for", "/desk/approvals/customers")
	}
	figure(w.exceptions, "TN exceptions to decide", "/desk/approvals/exceptions")
	figure(w.holds, "Orders on credit hold", ui.With("/desk/queue", nil, "state", voice.OrderCredit))
	figure(w.ports, "Ports with a losing carrier", ui.With("/desk/queue", map[string][]string{"state": {voice.OrderInWork}}, "type", voice.TypePort))
	figure(w.jeopardy(), "Orders in jeopardy", w.worst())
	lead := "What waits for the carrier's staff in this world."
	if v.Sandbox() && !v.May(web.Staff) {
		lead = "In your sandbox you are the carrier, too: what waits for its staff waits for you."
	}
	return v.Show("Carrier desk", ui.Head("Carrier desk", lead, ui.Quiet("/desk/queue", "Open the queue")), ui.Live("waiting",
		ui.Stats(figures...),
		ui.If(total == 0, ui.Notice(ui.Good, ui.P("Nothing waits. Orders go on by themselves."))),
		ui.Section("Under way, by product", w.table()),
		s.unwell(v, w)))
}

// worst is where most is in jeopardy.
func (w waiting) worst() string {
	most := slices.MaxFunc(w.products, func(a, b underWay) int { return a.overdue - b.overdue })
	return "/desk/queue?jeopardy=true&product=" + most.product
}

func (w waiting) table() ui.Node {
	var rows [][]ui.Node
	for _, p := range w.products {
		at := ui.With("/desk/queue", nil, "product", p.product)
		late := ui.Text("none")
		if p.overdue > 0 {
			late = ui.All(ui.Badge(ui.Bad, ui.Count(p.overdue)), ui.Text(" "), ui.Link(at+"&jeopardy=true", "look at them"))
		}
		rows = append(rows, []ui.Node{ui.Link(at, product(p.product)), ui.Text(ui.Count(p.n)), late})
	}
	return ui.Table("Under way, by product", []string{"Product", "Under way", "In jeopardy"}, rows, ui.Text(""))
}

// unwell shows which backends fail: of production as they do, of a sandbox as its owner
// wants it.
func (s *screens) unwell(v *web.Visit, w waiting) ui.Node {
	all := ui.P("All backends are well, as far as they were asked.")
	if v.Sandbox() {
		if len(w.troubles) == 0 {
			all = ui.P("No backend of this sandbox is made to fail.")
		} else {
			var rows [][]ui.Node
			for _, t := range w.troubles {
				rows = append(rows, []ui.Node{ui.Mono(string(t.Target)), ui.Badge(ui.Bad, t.String()), ui.Time(t.At)})
			}
			all = ui.Table("Backends that are made to fail", []string{"Backend", "Is made to", "Since"}, rows, all)
		}
	} else if list := s.Backends.All(); slices.ContainsFunc(list, unhealthy) {
		all = healthTable(slices.DeleteFunc(list, func(h health) bool { return !unhealthy(h) }))
	}
	return ui.Section("Backends", all, ui.Actions(ui.Quiet("/desk/backends", "All backends")))
}
