package store

import (
	"cmp"
	"slices"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

func (s *screens) subscriptions(v *web.Visit) error {
	f := v.Form()
	var list []marketplace.Subscription
	var total int
	names := map[string]string{}
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Marketplace.Subscriptions(tx, party(v), marketplace.SubFilter{State: f.Value("state")}, paging(v.Query()))
		for _, x := range list {
			if _, known := names[x.Offer]; known || err != nil {
				continue
			}
			var sale marketplace.Sale
			if sale, err = s.Marketplace.Sale(tx, x.Offer); err == nil {
				names[x.Offer] = sale.Offer.Name
			}
		}
		return err
	})
	if err != nil {
		return missing(err)
	}
	rows := make([][]ui.Node, len(list))
	for i, x := range list {
		rows[i] = []ui.Node{ui.Link(subsHome+"/"+x.ID, names[x.Offer]), ui.Mono(x.ID), subState(x.State), orDash(x.Values[marketplace.FieldHolder]), orDash(x.COID), ui.Time(x.CreatedAt)}
	}
	empty := ui.Empty("No subscription", "Choose a product in the catalogue. Its provider opens the account, and tells what is used.", ui.Button(shopHome, "See the catalogue"))
	if f.Value("state") != "" {
		empty = ui.Empty("Nothing fits", "No subscription of this customer is in that state.", ui.Quiet(subsHome, "Show all"))
	}
	return v.Show("Subscriptions",
		ui.Head("Subscriptions", "What this customer has subscribed to, by people here and by the API.", ui.Button(shopHome, "See the catalogue")),
		ui.Filter(f, ui.Select{Name: "state", Label: "State", Blank: "Any", Choices: ui.Of(marketplace.SubscriptionMachine.States()...)}.In(f)),
		ui.Live("subscriptions", ui.Table("Subscriptions", []string{"Product", "Id", "State", "For", "Account", "Subscribed"}, rows, empty), ui.Pager(subsHome, v.Query(), total)))
}

// subscription follows a subscription from its form to its end.
func (s *screens) subscription(v *web.Visit) error {
	v.Under(subsHome)
	id := v.Path("id")
	var x marketplace.Subscription
	var trail []audit.Event
	var sale marketplace.Sale
	var used marketplace.Report
	err := v.View(func(tx *db.Tx) (err error) {
		if x, trail, err = s.Marketplace.Subscription(tx, party(v), id); err != nil {
			return err
		}
		if sale, err = s.Marketplace.Sale(tx, x.Offer); err != nil {
			return err
		}
		used, err = s.Marketplace.Report(tx, party(v), id, monthAsked(v.Query()))
		return err
	})
	if err != nil {
		return missing(err)
	}
	slices.SortStableFunc(trail, func(a, b audit.Event) int { return cmp.Compare(b.ID, a.ID) })
	path := subsHome + "/" + id
	acts := ui.All()
	if x.State == marketplace.SubActive {
		acts = ui.Actions(ui.Confirm(v.CSRF(), path+"/end", "End it…", "End "+sale.Offer.Name+", subscription "+id+"? The provider may still tell of what was used for 30 days; it cannot be taken up again.", "End "+id))
	}
	parts := []ui.Node{provisioning(x, sale), acts,
		ui.Section("The subscription", ui.Facts(slices.Concat([]ui.Fact{{Name: "State", Value: subState(x.State)}, {Name: "Subscription", Value: ui.Mono(id)}, {Name: "Product", Value: ui.Link(shopHome+"/"+x.Offer, sale.Offer.Name)},
			{Name: "Provider", Value: ui.Text(sale.Provider.Title)}, {Name: "Account with the provider", Value: orDash(x.COID)}, {Name: "Subscribed", Value: ui.Time(x.CreatedAt)}},
			moments(x), filled(sale.Offer, x.Values))...))}
	if x.State != marketplace.SubProvisioning && x.State != marketplace.SubFailed {
		parts = append(parts, usage(path, used))
	}
	parts = append(parts, ui.Section("Its states", web.Life(marketplace.SubscriptionMachine, x.State, trail)), ui.Section("History", web.Trail(trail)))
	return v.Show(sale.Offer.Name+" "+id, ui.Head(sale.Offer.Name, "by "+sale.Provider.Title), ui.Live("subscription", parts...))
}

// moments are those of a subscription's that have come.
func moments(x marketplace.Subscription) (facts []ui.Fact) {
	for _, m := range []struct {
		name string
		at   time.Time
	}{{"Active since", x.ActiveAt}, {"End asked for", x.EndAskedAt}, {"Ended", x.ExpiredAt}} {
		if !m.at.IsZero() {
			facts = append(facts, ui.Fact{Name: m.name, Value: ui.Time(m.at)})
		}
	}
	return facts
}

// filled is what the buyer filled in; secrets are not among it.
func filled(o marketplace.Offer, values map[string]string) (facts []ui.Fact) {
	for _, f := range o.Form {
		if value := values[f.Field]; value != "" {
			facts = append(facts, ui.Fact{Name: f.Label, Value: ui.Text(value)})
		}
	}
	return facts
}

// provisioning is the opening of the account, step by step.
func provisioning(x marketplace.Subscription, sale marketplace.Sale) ui.Node {
	title := sale.Provider.Title
	asked := ui.Step{Title: title + " is asked to open the account", Text: "That is done at once.", Done: x.Attempts > 0 && x.State != marketplace.SubProvisioning}
	switch {
	case x.State == marketplace.SubProvisioning && x.Attempts > 0:
		asked.Text = "It was asked " + times(x.Attempts) + " and has not opened it yet. It is asked again, under the same key, for a day at most."
		if !x.NextAt.IsZero() {
			asked.Action = ui.All(ui.Text("The next time is "), ui.Time(x.NextAt))
		}
	case x.Attempts > 0:
		asked.Text = "It was asked " + times(x.Attempts) + "."
	}
	opened := ui.Step{Title: "The account is open", Text: "The provider answers with your id at its side.", Done: !x.ActiveAt.IsZero()}
	if x.COID != "" {
		opened.Text = "Your id at the provider is " + x.COID + "."
	}
	steps := ui.Steps(ui.Step{Title: "Subscribed", Text: "Your form was taken.", Done: true}, asked, opened)
	switch x.State {
	case marketplace.SubFailed:
		return ui.All(ui.Notice(ui.Bad, ui.P("The account could not be opened. "+x.Failure), ui.P("Nothing runs and nothing is counted. Mend what it says and subscribe again."), ui.Link(shopHome+"/"+x.Offer, "Subscribe again")), steps)
	case marketplace.SubProvisioning:
		return ui.All(ui.Notice(ui.Waiting, ui.P("The account is being opened. This page follows it.")), steps)
	case marketplace.SubActive:
		return ui.All(ui.Notice(ui.Good, ui.P("The account is open.")), steps)
	case marketplace.SubEnding:
		return ui.Notice(ui.Waiting, ui.P("You have ended it. The provider may tell of what was used for 30 days; then it is over."))
	}
	return ui.Notice(ui.Plain, ui.P("It is over."))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return ui.Count(n) + " times"
}

func (s *screens) end(v *web.Visit) error {
	id := v.Path("id")
	p := party(v)
	var err error
	if p.App, err = v.Application(marketplace.Product); err != nil {
		return v.Failed(subsHome+"/"+id, err)
	}
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.Marketplace.End(tx, p, id)
		return err
	}); err != nil {
		return v.Failed(subsHome+"/"+id, missing(err))
	}
	return v.Done(subsHome+"/"+id, "Subscription "+id+" was ended.")
}
