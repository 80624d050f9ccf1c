package store

import (
	"fmt"
	"strings"

	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// A product's form is put together by saying of each of the twelve fields whether
// buyers see it, and under which name it travels. Names of the inputs: use_email,
// json_email; of what is counted: skus[0].name.

// What can be done with a field.
const (
	useNone     = ""
	useShown    = "shown"
	useRequired = "required"
	useSent     = "sent" // of the reseller key: the provider's own
)

// theirForm is a product's form as a person has put it together. at is the input that
// each field of it is from.
func theirForm(f *ui.Form) (form []marketplace.Field, at []string) {
	for _, k := range marketplace.FullForm() {
		use := f.Value("use_" + k.Field)
		if use == useNone {
			continue
		}
		form = append(form, marketplace.Field{Field: k.Field, JSON: f.Value("json_" + k.Field), Label: f.Value("label_" + k.Field), Shown: use != useSent, Required: use == useRequired})
		at = append(at, k.Field)
	}
	return form, at
}

// placeErrors puts what a rule said about the request's form to the inputs that it is from.
func placeErrors(f *ui.Form, at []string, before int) {
	for i, field := range at {
		path := fmt.Sprintf("form[%d].", i)
		f.Move(path+"jsonName", "json_"+field)
		f.Move(path+"label", "label_"+field)
		for _, name := range []string{"field", "required", "shown"} {
			f.Move(path+name, "use_"+field)
		}
	}
	for i := range mostRows { // rules count those that the product has already
		for _, name := range []string{"sku", "name", "unit"} {
			if before > 0 {
				f.Move(fmt.Sprintf("skus[%d].%s", before+i, name), fmt.Sprintf("addSkus[%d].%s", i, name))
			}
		}
	}
	f.Move("form", "use_"+marketplace.FieldHolder)
}

const mostRows = 50

// formFields are the inputs of a product's form; from is what it is now.
func formFields(f *ui.Form, from []marketplace.Field) ui.Node {
	if !f.Values.Has("use_" + marketplace.FieldHolder) {
		for _, k := range from {
			use := useShown
			switch {
			case !k.Shown:
				use = useSent
			case k.Required:
				use = useRequired
			}
			f.Values.Set("use_"+k.Field, use)
			f.Values.Set("json_"+k.Field, k.JSON)
			f.Values.Set("label_"+k.Field, k.Label)
		}
	}
	var rows []ui.Node
	for _, k := range marketplace.FullForm() {
		f.Default("json_"+k.Field, k.JSON)
		choices := []ui.Choice{{Value: useNone, Label: "Not asked for"}, {Value: useShown, Label: "Buyers may fill it in"}, {Value: useRequired, Label: "Buyers must fill it in"}}
		if k.Field == marketplace.FieldReseller {
			choices = append(choices, ui.Choice{Value: useSent, Label: "The provider's own is sent"})
		}
		rows = append(rows, ui.Row(ui.Select{Name: "use_" + k.Field, Label: k.Label, Choices: choices, Required: true}.In(f),
			ui.Input{Name: "json_" + k.Field, Label: k.Label + " is sent as", Autocomplete: "off", Required: true}.In(f)), ui.Hidden(f, "label_"+k.Field))
	}
	return ui.Group("Its form", "What buyers fill in, and the JSON names under which it is sent to the provider's server.", rows...)
}

// skuFields are the inputs of what is counted.
func skuFields(f *ui.Form, list, legend, text string, least int) ui.Node {
	var rows []ui.Node
	for i := range f.Rows(list, least) {
		at := fmt.Sprintf("%s[%d].", list, i)
		rows = append(rows, ui.Row(ui.Input{Name: at + "name", Label: fmt.Sprintf("Name %d", i+1), Required: least > 0, Placeholder: "Mailboxes", Autocomplete: "off"}.In(f),
			ui.Input{Name: at + "unit", Label: fmt.Sprintf("Unit %d", i+1), Required: least > 0, Placeholder: "seat", Autocomplete: "off"}.In(f),
			ui.Input{Name: at + "sku", Label: fmt.Sprintf("SKU %d", i+1), Placeholder: "made for you", Autocomplete: "off"}.In(f)))
	}
	return ui.Group(legend, text, append(rows, ui.Actions(ui.MoreRows(list, "One more")))...)
}

func (s *screens) offerPage(v *web.Visit) error { return s.offerForm(v, v.Form()) }

func (s *screens) offerForm(v *web.Visit, f *ui.Form) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	return v.Show("Offer a product", ui.Head("Offer a product of "+p.Title, "Buyers see it in the catalogue at once, when the provider is active."),
		f.With([]ui.Node{ui.Submit("", "", "Offer it"), ui.Quiet(provHome+"/"+p.ID+"/products", "Back")},
			ui.Input{Name: "name", Label: "Name", Required: true, Max: 100, Focus: true}.In(f), ui.Textarea{Name: "description", Label: "Description"}.In(f),
			skuFields(f, "skus", "What is counted", "The provider tells how many of each were used.", 1), formFields(f, marketplace.ExampleForm())))
}

func (s *screens) offer(v *web.Visit) error {
	f := v.Form()
	if f.WantsMore() {
		return s.offerForm(v, f)
	}
	form, at := theirForm(f)
	page := func(v *web.Visit, f *ui.Form) error {
		placeErrors(f, at, 0)
		return s.offerForm(v, f)
	}
	var r marketplace.OfferRequest
	if !f.Into(&r) {
		return v.Refused(f, nil, page)
	}
	r.Form = form
	if len(r.SKUs) == 0 { // what is wrong is said in the first row
		r.SKUs = []marketplace.SKU{{}}
	}
	m := manager(v)
	if len(form) == 0 { // none at all would be the example's
		r.Form = []marketplace.Field{}
		f.Add("use_"+marketplace.FieldHolder, "must be asked for, or one of the others")
		return v.Refused(f, nil, page)
	}
	prepared, err := s.Marketplace.PrepareOffer(v.Context(), m, &r)
	if err != nil {
		return v.Refused(f, err, page)
	}
	var o marketplace.Offer
	if err := v.Within(func(tx *db.Tx) (err error) {
		o, err = s.Marketplace.Offer(tx, m, v.Path("id"), prepared)
		return err
	}); err != nil {
		return v.Refused(f, missing(err), page)
	}
	return v.Done(provHome+"/"+v.Path("id")+"/products/"+o.ID, o.Name+" was offered.")
}

func (s *screens) changeOfferPage(v *web.Visit) error { return s.changeOfferForm(v, v.Form()) }

func (s *screens) changeOfferForm(v *web.Visit, f *ui.Form) error {
	o, p, _, err := s.findOffer(v)
	if err != nil {
		return err
	}
	f.Default("name", o.Name)
	f.Default("description", o.Description)
	return v.Show("Change "+o.Name, ui.Head("Change "+o.Name, "Subscriptions that run keep what their buyers filled in. What is counted stays; more can be added: so far "+counted(o.SKUs)+"."),
		f.With([]ui.Node{ui.Submit("", "", "Save"), ui.Quiet(provHome+"/"+p.ID+"/products/"+o.ID, "Leave it as it is")},
			ui.Input{Name: "name", Label: "Name", Required: true, Max: 100}.In(f), ui.Textarea{Name: "description", Label: "Description"}.In(f),
			skuFields(f, "addSkus", "What is counted beside", "", 0), formFields(f, o.Form)))
}

func (s *screens) changeOffer(v *web.Visit) error {
	f := v.Form()
	if f.WantsMore() {
		return s.changeOfferForm(v, f)
	}
	o, _, _, err := s.findOffer(v)
	if err != nil {
		return err
	}
	form, at := theirForm(f)
	before := len(o.SKUs)
	page := func(v *web.Visit, f *ui.Form) error {
		placeErrors(f, at, before)
		return s.changeOfferForm(v, f)
	}
	var c marketplace.OfferChange
	if !f.Into(&c) {
		return v.Refused(f, nil, page)
	}
	name, description := f.Value("name"), strings.ReplaceAll(f.Value("description"), "\r\n", "\n")
	c.Name, c.Description, c.Form, c.State = &name, &description, form, nil
	if c.Form == nil {
		c.Form = []marketplace.Field{}
	}
	m := manager(v)
	if err := s.Marketplace.PrepareOfferChange(v.Context(), m, &c); err != nil {
		return v.Refused(f, err, page)
	}
	if err := v.Within(func(tx *db.Tx) (err error) {
		o, err = s.Marketplace.ChangeOffer(tx, m, v.Path("id"), v.Path("product"), &c)
		return err
	}); err != nil {
		return v.Refused(f, missing(err), page)
	}
	return v.Done(provHome+"/"+v.Path("id")+"/products/"+o.ID, o.Name+" was changed.")
}
