package store

import (
	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

func (s *screens) products(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	var list []marketplace.Offer
	var total int
	err = v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Marketplace.Offers(tx, manager(v), p.ID, paging(v.Query()))
		return err
	})
	if err != nil {
		return missing(err)
	}
	path := provHome + "/" + p.ID + "/products"
	rows := make([][]ui.Node, len(list))
	for i, o := range list {
		rows[i] = []ui.Node{ui.Link(path+"/"+o.ID, o.Name), ui.Mono(o.ID), providerState(o.State), ui.Text(counted(o.SKUs)), ui.Day(o.CreatedAt)}
	}
	offer := ui.Button(path+"/new", "Offer a product")
	return v.Show("Products of "+p.Title, ui.Head(p.Title, "", offer), tabs(p, "Products"),
		ui.Table("Products", []string{"Product", "Id", "State", "Counted", "Since"}, rows,
			ui.Empty("No product yet", "A product has a form for buyers, and one or more things that are counted.", offer)),
		ui.Pager(path, v.Query(), total))
}

// findOffer reads the product that the page is about.
func (s *screens) findOffer(v *web.Visit) (o marketplace.Offer, p marketplace.Provider, trail []audit.Event, err error) {
	v.Under(provHome)
	err = v.View(func(tx *db.Tx) (err error) {
		o, p, trail, err = s.Marketplace.ProviderOffer(tx, manager(v), v.Path("id"), v.Path("product"))
		return err
	})
	return o, p, trail, missing(err)
}

func (s *screens) product(v *web.Visit) error { return s.showProduct(v, nil) }

// showProduct is a product for its provider, and, when one was made, a test call's result.
func (s *screens) showProduct(v *web.Visit, tried *marketplace.Tried) error {
	o, p, trail, err := s.findOffer(v)
	if err != nil {
		return err
	}
	path := provHome + "/" + p.ID + "/products/" + o.ID
	move := ui.Act(v.CSRF(), path+"/state", "List it again", "state", marketplace.OfferListed)
	if o.State == marketplace.OfferListed {
		move = ui.Confirm(v.CSRF(), path+"/state", "Withdraw…", "Withdraw "+o.Name+", "+o.ID+"? It is sold no more; subscriptions that run go on. It can be listed again.", "Withdraw "+o.Name, "state", marketplace.OfferWithdrawn)
	}
	var fields, skus [][]ui.Node
	for _, f := range o.Form {
		fields = append(fields, []ui.Node{ui.Text(f.Label), ui.Mono(f.JSON), ui.Text(useOf(f))})
	}
	for _, k := range o.SKUs {
		skus = append(skus, []ui.Node{ui.Mono(k.ID), ui.Text(k.Name), ui.Text(k.Unit)})
	}
	result := ui.All()
	if tried != nil {
		result = triedNode(*tried)
	}
	return v.Show(o.Name,
		ui.Head(o.Name, o.Description, ui.Button(path+"/change", "Change"), move), tabs(p, "Products"), result,
		ui.Facts(ui.Fact{Name: "State", Value: providerState(o.State)}, ui.Fact{Name: "Product id", Value: ui.Mono(o.ID)}, ui.Fact{Name: "Since", Value: ui.Time(o.CreatedAt)}),
		ui.Section("Test the provider's server", ui.P("It is called as if somebody subscribed, with sample values and the header Demarc-Test. No account is wanted."), ui.Act(v.CSRF(), path+"/test", "Make a test call")),
		ui.Section("Its form", ui.Table("Form", []string{"Field", "Sent as", "Buyers"}, fields, nil)),
		ui.Section("What is counted", ui.Table("SKUs", []string{"SKU", "Name", "Unit"}, skus, nil)),
		ui.Section("Its states", web.Life(marketplace.OfferMachine, o.State, trail)), ui.Section("History", web.Trail(trail)))
}

// useOf is what buyers see of a field.
func useOf(f marketplace.Field) string {
	switch {
	case f.Shown && f.Required:
		return "must fill it in"
	case f.Shown:
		return "may fill it in"
	case f.Field == marketplace.FieldReseller:
		return "do not see it; the provider's own is sent"
	}
	return "do not see it"
}

func triedNode(t marketplace.Tried) ui.Node {
	said := ui.Notice(ui.Good, ui.P("The provider's server would have opened account "+t.COID+"."))
	if t.Problem != "" {
		said = ui.Notice(ui.Bad, ui.P(t.Problem))
	}
	return ui.Section("The test call", said, ui.Facts(ui.Fact{Name: "Answer", Value: ui.Text(statusOf(t.Status))}, ui.Fact{Name: "It took", Value: ui.Text(ui.Duration(t.Took))}),
		bodies(t.Request, t.Answer))
}

// bodies are what was sent and answered, as they were kept: without values.
func bodies(request, answer string) ui.Node {
	return ui.All(ui.CodeBlock("Sent, without values", orNothing(request)), ui.CodeBlock("Answered, its beginning", orNothing(answer)))
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (s *screens) test(v *web.Visit) error {
	t, err := s.Marketplace.TestCall(v.Context(), manager(v), v.Path("id"), v.Path("product"))
	if err != nil {
		return v.Failed(provHome+"/"+v.Path("id")+"/products/"+v.Path("product"), missing(err))
	}
	return s.showProduct(v, &t)
}

func (s *screens) moveOffer(v *web.Visit) error {
	path := provHome + "/" + v.Path("id") + "/products/" + v.Path("product")
	state := v.Form().Value("state")
	var o marketplace.Offer
	if err := v.Within(func(tx *db.Tx) (err error) {
		o, err = s.Marketplace.ChangeOffer(tx, manager(v), v.Path("id"), v.Path("product"), &marketplace.OfferChange{State: &state})
		return err
	}); err != nil {
		return v.Failed(path, missing(err))
	}
	return v.Done(path, o.Name+" is "+o.State+".")
}
