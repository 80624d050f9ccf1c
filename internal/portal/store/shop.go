package store

import (
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// shop is the catalogue.
func (s *screens) shop(v *web.Visit) error {
	f := v.Form()
	var sales []marketplace.Sale
	var total int
	var sellers []ui.Choice
	err := v.View(func(tx *db.Tx) error {
		list, err := s.Marketplace.Sellers(tx)
		if err != nil {
			return err
		}
		for _, p := range list {
			sellers = append(sellers, ui.Choice{Value: p.ID, Label: p.Title})
		}
		sales, total, err = s.Marketplace.Shop(tx, marketplace.OfferFilter{Text: f.Value("q"), Provider: f.Value("provider")}, paging(v.Query()))
		return err
	})
	if err != nil {
		return err
	}
	cards := make([]ui.Node, len(sales))
	for i, x := range sales {
		cards[i] = ui.Card(x.Offer.Name, ui.Small("by "+x.Provider.Title), ui.P(x.Offer.Description), ui.Small("Counted: "+counted(x.Offer.SKUs)+"."),
			ui.Actions(ui.Button(shopHome+"/"+x.Offer.ID, "See "+x.Offer.Name)))
	}
	body := ui.Grid(cards...)
	switch {
	case len(cards) > 0:
	case f.Value("q")+f.Value("provider") != "":
		body = ui.Empty("Nothing fits", "No product in the catalogue has that in its name or description.", ui.Quiet(shopHome, "Show all"))
	default:
		body = ui.Empty("Nothing is sold yet", "Providers' products stand here as soon as a provider offers one.")
	}
	return v.Show("Catalogue",
		ui.Head("Catalogue", "Software of other companies. Subscribe here; its provider opens the account, usually within seconds.", ui.Quiet(subsHome, "Subscriptions")),
		ui.Filter(f, ui.Input{Name: "q", Label: "Search"}.In(f), ui.Select{Name: "provider", Label: "Provider", Blank: "Any", Choices: sellers}.In(f)),
		body, ui.Pager(shopHome, v.Query(), total))
}

// counted are the units that a product's use is counted in.
func counted(skus []marketplace.SKU) string {
	parts := make([]string, len(skus))
	for i, k := range skus {
		parts[i] = k.Name + " by the " + k.Unit
	}
	return strings.Join(parts, ", ")
}

func (s *screens) productPage(v *web.Visit) error { return s.productForm(v, v.Form()) }

// productForm is a product, and its form.
func (s *screens) productForm(v *web.Visit, f *ui.Form) error {
	v.Under(shopHome)
	var sale marketplace.Sale
	err := v.View(func(tx *db.Tx) (err error) {
		sale, err = s.Marketplace.Sale(tx, v.Path("product"))
		return err
	})
	if err != nil {
		return missing(err)
	}
	rows := make([][]ui.Node, len(sale.Offer.SKUs))
	for i, k := range sale.Offer.SKUs {
		rows[i] = []ui.Node{ui.Text(k.Name), ui.Text(k.Unit), ui.Mono(k.ID)}
	}
	about := ui.All(ui.Section("What is counted", ui.Table("Plans", []string{"Plan", "By the", "SKU"}, rows, nil),
		ui.Small("The provider tells what was used; you see it at your subscription, by the day and by the month. Its prices are in your contract with it.")),
		ui.Section("Provider", ui.Facts(ui.Fact{Name: "Name", Value: ui.Text(sale.Provider.Title)}, ui.Fact{Name: "Sells here since", Value: ui.Day(sale.Provider.CreatedAt)})))
	form := ui.Notice(ui.Waiting, ui.P("It is not sold at present. Subscriptions that run go on."))
	if sale.Sold() {
		form = ui.Card("Subscribe", f.Node("Subscribe", fieldsOf(v, f, sale)...), ui.Small("No payment card is asked for, and no card's number is accepted anywhere here."))
	}
	return v.Show(sale.Offer.Name, ui.Head(sale.Offer.Name, sale.Offer.Description), ui.Split(form, about))
}

// kindsOf says how a field of the twelve is typed in.
var kindsOf = map[string]ui.Input{
	marketplace.FieldUsername: {Autocomplete: "off"},
	marketplace.FieldPassword: {Type: "password", Autocomplete: "new-password", Hint: "Sent to the provider once; it is never shown here, or kept readable."},
	marketplace.FieldCompany:  {Autocomplete: "organization"},
	marketplace.FieldHolder:   {Autocomplete: "name"},
	marketplace.FieldEmail:    {Type: "email", Autocomplete: "email"},
	marketplace.FieldAddress1: {Autocomplete: "address-line1"},
	marketplace.FieldAddress2: {Autocomplete: "address-line2"},
	marketplace.FieldCountry:  {Autocomplete: "country", Hint: "Two letters: US.", Narrow: true, Max: 2},
	marketplace.FieldState:    {Autocomplete: "address-level1"},
	marketplace.FieldPostal:   {Autocomplete: "postal-code", Narrow: true},
	marketplace.FieldPhone:    {Type: "tel", InputMode: "tel", Autocomplete: "tel"},
	marketplace.FieldReseller: {Type: "password", Autocomplete: "off"},
}

// fieldsOf are the inputs that a product's form shows.
func fieldsOf(v *web.Visit, f *ui.Form, sale marketplace.Sale) (fields []ui.Node) {
	if v.Posting() {
		for name := range f.Values { // a card's number goes nowhere, not back either
			if marketplace.HoldsCardNumber(f.Values.Get(name)) {
				f.Values.Del(name)
			}
		}
	} else {
		f.Default("fields."+marketplace.FieldEmail, v.User.Email)
	}
	for _, field := range sale.Offer.Form {
		if !field.Shown {
			continue
		}
		in := kindsOf[field.Field]
		in.Name, in.Label, in.Required = "fields."+field.Field, field.Label, field.Required
		if in.Max == 0 {
			in.Max = 255
		}
		if field.Field == marketplace.FieldHolder && sale.Provider.BaseURL == marketplace.EmbeddedURL {
			in.Hint = "This provider is played by the sandbox: [demarc:provider-refuses] in this field makes it refuse."
		}
		fields = append(fields, in.In(f))
	}
	return fields
}

func (s *screens) subscribe(v *web.Visit) error {
	f := v.Form()
	r := &marketplace.SubscriptionRequest{ProductID: v.Path("product"), Fields: map[string]string{}}
	for name := range f.Values {
		if field, ok := strings.CutPrefix(name, "fields."); ok && f.Values.Get(name) != "" {
			r.Fields[field] = f.Values.Get(name)
			if kindsOf[field].Type != "password" {
				r.Fields[field] = f.Value(name)
			}
		}
	}
	p := party(v)
	var err error
	if p.App, err = v.Application(marketplace.Product); err != nil {
		return v.Refused(f, err, s.productForm)
	}
	prepared, err := s.Marketplace.PrepareSubscription(v.Context(), p, r)
	if err != nil {
		return v.Refused(f, missing(err), s.productForm)
	}
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.Marketplace.Subscribe(tx, prepared)
		return err
	}); err != nil {
		return v.Refused(f, about(err), s.productForm)
	}
	return v.Go(subsHome + "/" + prepared.ID())
}

// about is a refusal by its text alone, where its fields are none of the page's.
func about(err error) error {
	f := fault.Of(err)
	if f == nil || f.Code == fault.Invalid {
		return err
	}
	said := *f
	said.Violations = nil
	return &said
}
