package control

import (
	"fmt"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
)

// spoken is a refusal as a form says it: the source's texts repeat their field and end
// in the transaction's id.
func spoken(err error) error {
	f := fault.Of(err)
	if f == nil || preorder.CodeOf(f.Code) == "" && f.Code != preorder.BackendUnavailable {
		return err
	}
	said := fault.Invalid.With()
	if len(f.Violations) == 0 {
		return fault.Invalid.Say("%s", withoutTx(f.Message))
	}
	for _, b := range f.Violations {
		code := b.Rule[strings.LastIndexByte(b.Rule, '-')+1:]
		text := withoutTx(b.Message)
		head, rest, _ := strings.Cut(text, "; ")
		switch {
		case strings.HasPrefix(head, "Missing") || strings.HasPrefix(head, "Invalid"):
			if rest != "" {
				rest = "; " + rest
			}
			said.Violations = append(said.Violations, fault.Field(b.Rule, b.Field, "is missing or not valid"+rest+" ("+code+")"))
		case code == "1005" || b.Field == "transactionId" || b.Field == "products" || f.Code.Status >= 500:
			return fault.Invalid.Say("%s (%s)", text, code)
		default:
			said.Violations = append(said.Violations, fault.Field(b.Rule, b.Field, "is refused: "+text+" ("+code+")"))
		}
	}
	return said
}

// withoutTx is a text without the transaction's id at its end.
func withoutTx(text string) string {
	for _, mark := range []string{" TxID ", " TxIX "} {
		if i := strings.LastIndex(text, mark); i >= 0 {
			text = text[:i]
		}
	}
	return strings.Trim(text, "“”;. ")
}

func (s *screens) pxQualifyPage(v *web.Visit) error { return s.pxQualifyForm(v, v.Form()) }

// pxQualifyForm asks for an address, and who sells there.
func (s *screens) pxQualifyForm(v *web.Visit, f *ui.Form) error {
	v.Under(pxHome)
	p, sellers, err := s.pxParty(v, f.Value("partner"))
	if err != nil {
		return err
	}
	if sellers == nil {
		return pxNobody(v)
	}
	var codes []ui.Choice
	for _, o := range sellers {
		for _, code := range o.SalesCodes {
			c := ui.Choice{Value: o.ID + "/" + code, Label: code}
			if len(sellers) > 1 {
				c.Label += ", " + o.ID
			}
			codes = append(codes, c)
		}
	}
	hint := ""
	if v.Sandbox() {
		f.Default("agentId", preorder.ExampleAgent)
		hint = "One that works here: 1320 Huffman Park Dr, a building with suites in Anchorage, AK 99515."
	}
	f.Default("marketSegment", preorder.Consumer)
	return v.Show("Qualify an address",
		ui.Head("Qualify an address", "Step 1 of 4. Learn what the line to an address carries, and what can be sold there. "+p.Partner+" sells."),
		f.With([]ui.Node{ui.Submit("", "", "Qualify"), ui.Quiet(pxHome, "Back")},
			ui.Group("The address", "",
				ui.Input{Name: "streetAddress", Label: "Street address", Hint: hint, Required: true, Autocomplete: "off", Focus: true}.In(f),
				ui.Input{Name: "unit", Label: "Unit", Hint: "Apartment or suite: APT 4.", Narrow: true, Autocomplete: "off"}.In(f),
				ui.Row(ui.Input{Name: "city", Label: "City", Required: true, Autocomplete: "off"}.In(f), ui.Input{Name: "state", Label: "State", Required: true, Narrow: true, Autocomplete: "off"}.In(f),
					ui.Input{Name: "zip", Label: "ZIP code", Required: true, Narrow: true, InputMode: "numeric", Autocomplete: "off"}.In(f))),
			ui.Choices{Name: "marketSegment", Label: "Customer", Choices: ui.Of(preorder.Consumer, preorder.SmallBusiness), Required: true}.In(f),
			ui.Row(ui.Select{Name: "salesCode", Label: "Sales code", Choices: codes, Required: true}.In(f), ui.Input{Name: "agentId", Label: "Agent id", Required: true}.In(f))))
}

func (s *screens) pxQualify(v *web.Visit) error {
	f := v.Form()
	partner, code, _ := strings.Cut(f.Value("salesCode"), "/")
	p, sellers, err := s.pxParty(v, partner)
	if err != nil {
		return err
	}
	if sellers == nil {
		return pxNobody(v)
	}
	t := func(name string) preorder.Text { return preorder.Text(f.Value(name)) }
	return s.pxAsk(v, f, p, &preorder.QualifyRequest{SalesCode: preorder.Text(code), AgentID: t("agentId"), PartnerID: preorder.Text(p.Partner), MarketSegment: t("marketSegment"),
		QualForVideo: []byte("false"), Address: &preorder.AddressRequest{StreetAddress: t("streetAddress"), Unit: t("unit"), City: t("city"), State: t("state"), ZIP: t("zip")}}, s.pxQualifyForm)
}

// pxAsk qualifies, and goes on to what came of it.
func (s *screens) pxAsk(v *web.Visit, f *ui.Form, p preorder.Party, r *preorder.QualifyRequest, page func(*web.Visit, *ui.Form) error) error {
	prepared, err := s.PreOrder.PrepareQualify(v.Context(), p, r)
	if err != nil {
		return v.Refused(f, spoken(err), page)
	}
	var q preorder.Qualified
	if err := v.Within(func(tx *db.Tx) error {
		q = s.PreOrder.SaveQualify(tx, prepared)
		return nil
	}); err != nil {
		return v.Refused(f, spoken(err), page)
	}
	if q.Message != nil {
		return v.Refused(f, fault.Invalid.Say("%s", withoutTx(q.Message.Message)), page)
	}
	return v.Go(pxHome + "/" + q.Transaction.ID)
}

// pxNear asks which of the near matches is meant.
func (s *screens) pxNear(v *web.Visit, f *ui.Form, l preorder.Look) error {
	f.Action = pxHome + "/" + l.Transaction.ID + "/match"
	var choices []ui.Choice
	for _, n := range l.Transaction.Near {
		choices = append(choices, ui.Choice{Value: n.DetailID, Label: n.Address.String(), Hint: fmt.Sprintf("%s, %.0f %% alike", n.DetailID, n.Score*100)})
	}
	return v.Show("Which address?",
		ui.Head("Which address is meant?", "Step 1 of 4. What was written is not just an address that the carrier knows. These are near to it; of a building with units, they are its units."),
		f.With([]ui.Node{ui.Submit("", "", "This one"), ui.Quiet(pxNew, "None of these")},
			ui.Choices{Name: "addressDetailId", Label: "Near matches", Choices: choices, Required: true}.In(f)))
}

func (s *screens) pxMatch(v *web.Visit) error {
	l, p, err := s.pxFind(v)
	if err != nil {
		return err
	}
	t := l.Transaction
	f := v.Form()
	page := func(v *web.Visit, f *ui.Form) error { return s.pxNear(v, f, l) }
	return s.pxAsk(v, f, p, &preorder.QualifyRequest{SalesCode: preorder.Text(t.SalesCode), AgentID: preorder.Text(t.AgentID), PartnerID: preorder.Text(t.Partner),
		MarketSegment: preorder.Text(t.Segment), QualForVideo: []byte("false"), TransactionID: preorder.Text(t.ID), DetailID: preorder.Text(f.Value("addressDetailId"))}, page)
}

func (s *screens) pxConfigurePage(v *web.Visit) error {
	f := v.Form()
	l, _, err := s.pxFind(v)
	if err != nil {
		return err
	}
	if c := l.Transaction.Config; c != nil && f.Value("productCode") == "" {
		f.Default("productCode", c.ProductCode)
		f.Default("promoCode", c.PromoCode)
		f.Default("interestedInSelfInstallOrTechInstall", c.Install)
		f.Default("modemOption", c.Modem)
		f.Values["addOns"] = c.AddOns
	}
	return s.pxConfigureForm(v, f)
}

// pxConfigureForm asks for what goes with a product, and, the first time, who is to have
// it. What is known of the customer is never shown again.
func (s *screens) pxConfigureForm(v *web.Visit, f *ui.Form) error {
	l, _, err := s.pxFind(v)
	if err != nil {
		return err
	}
	t := l.Transaction
	if !l.Today || t.State != preorder.TxQualified || l.Order != nil {
		return v.Go(pxHome + "/" + t.ID)
	}
	offer, ok := preorder.OfferingByCode(f.Value("productCode"))
	if !ok {
		return v.Go(pxHome + "/" + t.ID)
	}
	now, err := worldNow(v)
	if err != nil {
		return err
	}
	f.Default("partnerOrderId", t.PartnerOrderID)
	if f.Value("partnerOrderId") == "" {
		f.Values.Set("partnerOrderId", reference(now))
	}
	for _, secret := range []string{"customer.ssn", "customer.dob"} { // a page never says them back
		f.Values.Del(secret)
	}
	fields := []ui.Node{ui.Hidden(f, "productCode")}
	if t.Config != nil {
		fields = append(fields, pxProducts(l, f)) // another product can be had with the same credit
	}
	fields = append(fields, pxExtras(f, t, offer)...)
	fields = append(fields, ui.Input{Name: "partnerOrderId", Label: "Your reference", Hint: "One for each transaction, and it stays the same until the order: at most 50 letters, digits, dots, hyphens and spaces.", Required: true, Max: 50}.In(f))
	lead, submit := "Step 3 of 4. "+dollars(offer.Monthly)+" a month. The customer's credit is run when you go on.", "Configure"
	if t.Config != nil {
		lead, submit = "The customer and the credit decision stay as they are.", "Change the configuration"
	} else {
		fields = append(fields, pxCustomer(v, f, offer))
	}
	title := "Configure " + offer.Name
	return v.Show(title, ui.Head(title, lead), f.With([]ui.Node{ui.Submit("", "", submit), ui.Quiet(pxHome+"/"+t.ID, "Back")}, fields...))
}

// pxProducts leads to the same form for another product of the same bill type.
func pxProducts(l preorder.Look, f *ui.Form) ui.Node {
	var links []ui.Node
	for _, o := range l.Offers {
		if o.BillType == l.Transaction.Config.BillType && o.Code != f.Value("productCode") {
			links = append(links, ui.Quiet(pxHome+"/"+l.Transaction.ID+"/configure?productCode="+o.Code, o.Name))
		}
	}
	return ui.More("Another product", ui.Actions(links...))
}

// pxExtras are the fields of what can be chosen beside a product, from the catalogue.
func pxExtras(f *ui.Form, t preorder.Transaction, offer preorder.Offering) (fields []ui.Node) {
	installs, modems, addOns := t.Extras(offer)
	if promos := preorder.PromotionsOf(offer); len(promos) > 0 {
		choices := make([]ui.Choice, len(promos))
		for i, p := range promos {
			choices[i] = ui.Choice{Value: p.Code, Label: p.Code + ": " + p.Text}
		}
		fields = append(fields, ui.Select{Name: "promoCode", Label: "Promotion", Blank: "None", Choices: choices}.In(f))
	}
	if len(installs) > 0 {
		f.Default("interestedInSelfInstallOrTechInstall", installs[0])
		ways := map[string]ui.Choice{preorder.Self: {Value: preorder.Self, Label: "By the customer", Hint: "Shipping and handling are added to the modem."},
			preorder.Tech: {Value: preorder.Tech, Label: "By a technician", Hint: "$99.00 once. The customer's own modem cannot be used."}}
		var choices []ui.Choice
		for _, way := range installs {
			choices = append(choices, ways[way])
		}
		fields = append(fields, ui.Choices{Name: "interestedInSelfInstallOrTechInstall", Label: "Installation", Choices: choices, Required: true}.In(f))
	}
	if len(modems) > 0 {
		f.Default("modemOption", "LEASE")
		var choices []ui.Choice
		for _, m := range modems {
			choices = append(choices, ui.Choice{Value: m.Code, Label: m.Name, Hint: priceOf(preorder.AddOn{Once: m.Once, Monthly: m.Monthly})})
		}
		fields = append(fields, ui.Choices{Name: "modemOption", Label: "Modem", Choices: choices, Required: true}.In(f))
	}
	var choices []ui.Choice
	for _, a := range addOns {
		choices = append(choices, ui.Choice{Value: a.Code, Label: a.Name, Hint: priceOf(a)})
	}
	return append(fields, ui.Choices{Name: "addOns", Label: "Beside it", Choices: choices, Many: true}.In(f))
}

func priceOf(a preorder.AddOn) string {
	switch {
	case !a.Monthly.IsZero():
		return dollars(a.Monthly) + " a month"
	case !a.Once.IsZero():
		return dollars(a.Once) + " once"
	}
	return "Without a charge."
}

// pxCustomer asks who is to have the product.
func pxCustomer(v *web.Visit, f *ui.Form, offer preorder.Offering) ui.Node {
	ssn := "Nine digits, with or without separators; all 9s when it is refused."
	if offer.BillType == preorder.Prepaid {
		ssn = "All 9s: a prepaid product asks for no number."
	} else if v.Sandbox() {
		ssn += " Here a number that ends in 0001 is approved, 0002 takes a deposit, 0003 is a hard stop."
	}
	return ui.Group("The customer", "The number and the date go to the credit system, and are forgotten when the day is over. They are never shown again, here neither.",
		ui.Row(ui.Input{Name: "customer.accountFirstName", Label: "First name", Required: true, Autocomplete: "off"}.In(f), ui.Input{Name: "customer.accountLastName", Label: "Last name", Required: true, Autocomplete: "off"}.In(f)),
		ui.Row(ui.Input{Name: "customer.ssn", Label: "Social Security number", Hint: ssn, Required: true, Autocomplete: "off", InputMode: "numeric"}.In(f),
			ui.Input{Name: "customer.dob", Label: "Date of birth", Hint: "MM/DD/YYYY; 18 years or older.", Required: true, Autocomplete: "off", Placeholder: "06/15/1980"}.In(f)))
}

func (s *screens) pxConfigure(v *web.Visit) error {
	l, p, err := s.pxFind(v)
	if err != nil {
		return err
	}
	f := v.Form()
	t := l.Transaction
	page := func(v *web.Visit, f *ui.Form) error {
		for _, name := range []string{"ssn", "dob", "accountFirstName", "accountLastName"} {
			f.Move(name, "customer."+name)
		}
		return s.pxConfigureForm(v, f)
	}
	if l.Order != nil || t.State != preorder.TxQualified {
		return v.Go(pxHome + "/" + t.ID)
	}
	r := preorder.ConfigureRequest{ConfigType: "Config"}
	if !f.Into(&r) {
		return v.Refused(f, nil, page)
	}
	offer, _ := preorder.OfferingByCode(f.Value("productCode"))
	r.TransactionID, r.SalesCode, r.PartnerID, r.BillType = preorder.Text(t.ID), preorder.Text(t.SalesCode), preorder.Text(t.Partner), preorder.Text(offer.BillType)
	if t.Address != nil {
		r.DetailID = preorder.Text(t.Address.DetailID)
	}
	if t.Config != nil {
		r.ConfigType, r.Customer = "Reconfig", nil
	}
	prepared, err := s.PreOrder.PrepareConfigure(v.Context(), p, &r)
	if err != nil {
		return v.Refused(f, spoken(err), page)
	}
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.PreOrder.SaveConfigure(tx, prepared)
		return err
	}); err != nil {
		return v.Refused(f, spoken(err), page)
	}
	return v.Done(pxHome+"/"+t.ID, "It is configured. Check what it costs, and order it.")
}

// pxComplete makes an order of what was configured.
func (s *screens) pxComplete(v *web.Visit) error {
	l, p, err := s.pxFind(v)
	if err != nil {
		return err
	}
	t := l.Transaction
	number, err := s.PreOrder.PrepareComplete(v.Context(), p)
	if err != nil {
		return err
	}
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.PreOrder.Complete(tx, p, &preorder.CompleteRequest{TransactionID: preorder.Text(t.ID), SalesCode: preorder.Text(t.SalesCode), PartnerID: preorder.Text(t.Partner),
			PartnerOrderID: preorder.Text(t.PartnerOrderID)}, number)
		return err
	}); err != nil {
		return v.Failed(pxHome+"/"+t.ID, spoken(err))
	}
	return v.Done(pxHome+"/"+t.ID, "Order "+number+" was placed.")
}

// pxCancel ends an order before its service is installed.
func (s *screens) pxCancel(v *web.Visit) error {
	l, p, err := s.pxFind(v)
	if err != nil {
		return err
	}
	if l.Order == nil {
		return web.NoSuchPage
	}
	path := pxHome + "/" + l.Transaction.ID
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.PreOrder.Cancel(tx, p, l.Order.Number)
		return err
	}); err != nil {
		return v.Failed(path, err)
	}
	return v.Done(path, "Order "+l.Order.Number+" was cancelled.")
}
