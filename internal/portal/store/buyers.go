package store

import (
	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// buyers are the subscriptions to a provider's products. Whose they are stays with the
// buyers: the provider knows them by its own ids.
func (s *screens) buyers(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	f := v.Form()
	var list []marketplace.Subscription
	var total int
	err = v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Marketplace.ProviderSubscriptions(tx, manager(v), p.ID, f.Value("state"), paging(v.Query()))
		return err
	})
	if err != nil {
		return missing(err)
	}
	path := provHome + "/" + p.ID + "/subscriptions"
	rows := make([][]ui.Node, len(list))
	for i, x := range list {
		rows[i] = []ui.Node{ui.Link(path+"/"+x.ID, x.ID), subState(x.State), orDash(x.COID), ui.Link(provHome+"/"+p.ID+"/products/"+x.Offer, x.Offer), ui.Time(x.CreatedAt), ui.Time(x.EndAskedAt)}
	}
	empty := ui.Empty("No subscription yet", "When somebody subscribes to one of the products, it stands here, with what is used.")
	if f.Value("state") != "" {
		empty = ui.Empty("Nothing fits", "No subscription is in that state.", ui.Quiet(path, "Show all"))
	}
	return v.Show("Subscriptions of "+p.Title, ui.Head(p.Title, ""), tabs(p, "Subscriptions"),
		ui.Filter(f, ui.Select{Name: "state", Label: "State", Blank: "Any", Choices: ui.Of(marketplace.SubscriptionMachine.States()...)}.In(f)),
		ui.Live("buyers", ui.Table("Subscriptions", []string{"Subscription", "State", "Your id (coid)", "Product", "Since", "End asked for"}, rows, empty), ui.Pager(path, v.Query(), total)))
}

// buyer is one subscription for its provider, with its usage.
func (s *screens) buyer(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	var x marketplace.Subscription
	var used marketplace.Report
	err = v.View(func(tx *db.Tx) (err error) {
		x, used, err = s.Marketplace.ProviderReport(tx, manager(v), p.ID, v.Path("subscription"), monthAsked(v.Query()))
		return err
	})
	if err != nil {
		return missing(err)
	}
	path := provHome + "/" + p.ID + "/subscriptions/" + x.ID
	note := ui.All()
	switch x.State {
	case marketplace.SubFailed:
		note = ui.Notice(ui.Bad, ui.P("The account could not be opened. "+x.Failure))
	case marketplace.SubEnding:
		note = ui.Notice(ui.Waiting, ui.P("The buyer has ended it. Send the last update, with expired true, within 30 days."))
	}
	return v.Show("Subscription "+x.ID, ui.Head("Subscription "+x.ID, "", ui.Quiet(provHome+"/"+p.ID+"/calls?subscription="+x.ID, "Its calls")), tabs(p, "Subscriptions"),
		ui.Live("buyer", note, ui.Facts(append([]ui.Fact{{Name: "State", Value: subState(x.State)}, {Name: "Your id of the customer (coid)", Value: orDash(x.COID)},
			{Name: "Product", Value: ui.Link(provHome+"/"+p.ID+"/products/"+x.Offer, x.Offer)}, {Name: "Since", Value: ui.Time(x.CreatedAt)}}, moments(x)...)...),
			usage(path, used)))
}
