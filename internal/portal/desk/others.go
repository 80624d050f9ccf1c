package desk

import (
	"slices"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
)

// seen is an order of a product other than Voice, as its page shows it.
type seen struct {
	title, state, machine string
	facts                 []ui.Fact
	trail                 []audit.Event
}

// queueOf is the queue of a product other than Voice.
type queueOf struct {
	product string
	who     string // what its customers are called; "": customers
	states  func() []string
	rules   []string
	count   func(s *screens, tx *db.Tx) (n, overdue int, err error)
	list    func(s *screens, tx *db.Tx, f queueFilter, offset int) ([]queueRow, int, error)
	one     func(s *screens, tx *db.Tx, id string) (seen, error)
}

var otherQueues = []queueOf{
	{product: ondemand.Product, states: func() []string { return []string{ondemand.OrderAcknowledged, ondemand.OrderInProgress} },
		rules: []string{"Acknowledged: an hour after it was placed, for the network has not taken it.", "In progress: a day after it was placed."},
		count: countOnDemand, list: listOnDemand, one: oneOnDemand},
	{product: preorder.Product, who: "Partner", states: func() []string { return []string{preorder.OrderReceived, preorder.OrderInProcess} },
		rules: []string{"An hour after its next step was due: to be taken up, or to be installed."},
		count: countPreOrder, list: listPreOrder, one: onePreOrder},
	{product: marketplace.Product, states: func() []string { return []string{marketplace.SubProvisioning, marketplace.SubEnding} },
		rules: []string{"Provisioning: an hour after it was bought, for its provider has not opened the account.", "Ending: thirty-one days after its buyer ended it."},
		count: countMarketplace, list: listMarketplace, one: oneMarketplace},
}

// otherQueue is the queue of a product; nil when it is Voice's.
func otherQueue(product string) *queueOf {
	if i := slices.IndexFunc(otherQueues, func(q queueOf) bool { return q.product == product }); i >= 0 {
		return &otherQueues[i]
	}
	return nil
}

func countOnDemand(s *screens, tx *db.Tx) (n, overdue int, err error) {
	list, err := s.OnDemand.Store.QueueCounts(tx)
	for _, q := range list {
		n += q.N
		overdue += q.Overdue
	}
	return n, overdue, err
}

func listOnDemand(s *screens, tx *db.Tx, f queueFilter, offset int) ([]queueRow, int, error) {
	list, total, err := s.OnDemand.Store.Queue(tx, ondemand.QueueFilter{State: f.state, Customer: f.customer, Overdue: f.overdue},
		ondemand.Paging{Offset: int64(offset), Limit: ui.PageSize})
	rows := make([]queueRow, len(list))
	for i, w := range list {
		rows[i] = queueRow{id: w.ID, href: address("queue", ondemand.Product, w.ID), kind: w.Action, customer: w.Customer, state: w.State,
			created: w.CreatedAt, due: w.Due, overdue: w.Overdue(tx.Now()), problem: w.Problem}
	}
	return rows, total, err
}

func oneOnDemand(s *screens, tx *db.Tx, id string) (seen, error) {
	o, trail, err := s.OnDemand.OrderAt(tx, id)
	return seen{title: "Order " + o.ID, state: o.State, machine: ondemand.OrderMachine.Name, trail: trail, facts: facts(o.CreatedAt, o.EndedAt,
		ui.Fact{Name: "Customer", Value: ui.Link(address("customers", o.Customer), o.Customer)}, ui.Fact{Name: "What", Value: ui.Text(o.Action)},
		ui.Fact{Name: "Service", Value: ui.Mono(o.Service)}, ui.Fact{Name: "Customer's own id", Value: ui.Text(dash(o.ExternalID))},
		ui.Fact{Name: "The network's reference", Value: ui.Text(dash(o.NetworkRef))}, ui.Fact{Name: "Why it failed", Value: ui.Text(dash(o.Failure))})}, err
}

func countPreOrder(s *screens, tx *db.Tx) (n, overdue int, err error) {
	list, err := s.PreOrder.Store.QueueCounts(tx)
	for _, q := range list {
		n += q.N
		overdue += q.Overdue
	}
	return n, overdue, err
}

func listPreOrder(s *screens, tx *db.Tx, f queueFilter, offset int) ([]queueRow, int, error) {
	list, total, err := s.PreOrder.Store.Queue(tx, preorder.QueueFilter{State: f.state, Partner: f.customer, Overdue: f.overdue},
		preorder.Paging{Offset: int64(offset), Limit: ui.PageSize})
	rows := make([]queueRow, len(list))
	for i, w := range list {
		rows[i] = queueRow{id: w.Number, href: address("queue", preorder.Product, w.Number), kind: w.ProductCode, customer: w.Partner, state: w.State,
			created: w.CreatedAt, due: w.Due, overdue: w.Overdue(tx.Now()), problem: w.Problem}
	}
	return rows, total, err
}

func onePreOrder(s *screens, tx *db.Tx, number string) (seen, error) {
	o, trail, err := s.PreOrder.OrderAt(tx, number)
	return seen{title: "Order " + o.Number, state: o.State, machine: preorder.OrderMachine.Name, trail: trail, facts: facts(o.CreatedAt, o.EndedAt,
		ui.Fact{Name: "Partner", Value: ui.Mono(o.Partner)}, ui.Fact{Name: "Partner's own id", Value: ui.Text(dash(o.PartnerOrderID))},
		ui.Fact{Name: "Product", Value: ui.Text(o.ProductCode + ", " + o.BillType)}, ui.Fact{Name: "Address", Value: ui.Text(o.Address)},
		ui.Fact{Name: "Once", Value: ui.Text("$" + o.Totals.OneTime.String())}, ui.Fact{Name: "Each month", Value: ui.Text("$" + o.Totals.Monthly.String())})}, err
}

func countMarketplace(s *screens, tx *db.Tx) (n, overdue int, err error) {
	list, err := s.Marketplace.Store.QueueCounts(tx)
	for _, q := range list {
		n += q.N
		overdue += q.Overdue
	}
	return n, overdue, err
}

func listMarketplace(s *screens, tx *db.Tx, f queueFilter, offset int) ([]queueRow, int, error) {
	list, total, err := s.Marketplace.Store.Queue(tx, marketplace.QueueFilter{State: f.state, Customer: f.customer, Overdue: f.overdue},
		marketplace.Paging{Offset: int64(offset), Limit: ui.PageSize})
	rows := make([]queueRow, len(list))
	for i, w := range list {
		rows[i] = queueRow{id: w.ID, href: address("queue", marketplace.Product, w.ID), kind: w.Offer, customer: w.Customer, state: w.State,
			created: w.CreatedAt, due: w.Due, overdue: w.Overdue(tx.Now()), problem: w.Problem}
	}
	return rows, total, err
}

func oneMarketplace(s *screens, tx *db.Tx, id string) (seen, error) {
	o, trail, err := s.Marketplace.SubscriptionAt(tx, id)
	return seen{title: "Subscription " + o.ID, state: o.State, machine: marketplace.SubscriptionMachine.Name, trail: trail, facts: facts(o.CreatedAt, o.ExpiredAt,
		ui.Fact{Name: "Customer", Value: ui.Link(address("customers", o.Customer), o.Customer)}, ui.Fact{Name: "Provider", Value: ui.Mono(o.Provider)},
		ui.Fact{Name: "Product", Value: ui.Mono(o.Offer)}, ui.Fact{Name: "The provider's id (coid)", Value: ui.Text(dash(o.COID))},
		ui.Fact{Name: "Attempts", Value: ui.Text(ui.Count(o.Attempts))}, ui.Fact{Name: "Why it failed", Value: ui.Text(dash(o.Failure))})}, err
}

// facts are some of what there is to know, between when it began and when it ended.
func facts(began, ended time.Time, more ...ui.Fact) []ui.Fact {
	return append(append([]ui.Fact{{Name: "Placed", Value: ui.Time(began)}}, more...), ui.Fact{Name: "Ended", Value: ui.Time(ended)})
}

// other shows an order of another product than Voice.
func (s *screens) other(v *web.Visit) error {
	v.Under("/desk/queue")
	q := otherQueue(v.Path("product"))
	if q == nil {
		return web.NoSuchPage
	}
	var o seen
	err := v.View(func(tx *db.Tx) (err error) {
		o, err = q.one(s, tx, v.Path("id"))
		return err
	})
	if err != nil {
		return err
	}
	return v.Show(o.title, ui.Head(o.title, product(q.product)+".", ui.Quiet("/desk/queue?product="+q.product, "The queue")),
		ui.Live("order", ui.Facts(append([]ui.Fact{{Name: "State", Value: ui.State(o.state)}}, o.facts...)...),
			life(s.table(o.machine), o.state, o.trail), history(o.trail)))
}
