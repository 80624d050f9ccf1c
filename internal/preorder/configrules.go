package preorder

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"

	"github.com/govalues/decimal"
)

// Types of a configuration.
const (
	typeConfig   = "Config"
	typeReconfig = "Reconfig"
)

// maxPartnerOrderID is how long a partner's order id may be.
const maxPartnerOrderID = 50

// adult is the least age of a customer, in years.
const adult = 18

// configFacts are what a configuration is decided by beside the request.
type configFacts struct {
	partner   *Partner
	tx        *Transaction // nil when it is not there, or not this partner's
	now       time.Time
	pairTx    string // the transaction that has the pair of sales code and partner order id
	pairOrder bool   // the pair is an order's, this transaction's or another's
}

// choice is a configuration that has passed its rules.
type choice struct {
	offer    Offering
	promo    Promotion
	install  string
	modem    ModemOption
	addOns   []AddOn
	customer *Customer // nil for a Reconfig
}

// checkConfigure decides about a configuration (source, rows Config).
//
//   - PX-CFG-2106, 2000, 2030, 2070, 2200: its type, seller and transaction, today's.
//   - PX-CFG-2025: the address that was qualified.
//   - PX-CFG-2105, 2225, 2130, 2131: the partner's order id, one transaction's.
//   - PX-CFG-2120, 2110, 2140, 2100, 2180: a product that was offered, its bill type, a
//     promotion that was offered and applies.
//   - PX-CFG-2160: how broadband is installed; nothing for voice.
//   - PX-CFG-1040, 1050, 1060, 1070, 1090: the customer of a Config.
//   - PX-CFG-2090, 2170, 2181: a Reconfig follows a Config, without a customer, with
//     the same bill type.
func (d *Desk) checkConfigure(r *ConfigureRequest, f configFacts) (choice, error) {
	id := r.TransactionID.Trim()
	m := &messages{d: d, tx: txText(id)}
	kind := r.ConfigType.Trim()
	if kind != typeConfig && kind != typeReconfig {
		m.add(m2106, "PX-CFG-2106", "configType")
	}
	d.checkSeller(m, "PX-CFG-", r.SalesCode, r.PartnerID, f.partner, func() {})
	qualified := f.tx != nil && f.tx.State == TxQualified
	known := qualified && f.tx.SalesCode == r.SalesCode.Trim()
	switch {
	case qualified && !known && kind == typeReconfig: // 2090, below
	case !known:
		m.add(m2070, "PX-CFG-2070", "transactionId")
	case !sameDay(f.tx.CreatedAt, f.now):
		m.add(m2200, "PX-CFG-2200", "transactionId")
	case f.tx.Address.DetailID != r.DetailID.Trim():
		m.add(m2025, "PX-CFG-2025", "addressDetailId")
	}
	d.checkPartnerOrder(m, r, f)
	var c choice
	if known {
		c = d.checkChoice(m, r, f.tx)
	} else if r.ProductCode.Trim() == "" {
		m.add(m2120, "PX-CFG-2120", "productCode")
	}
	switch kind {
	case typeConfig:
		c.customer = checkCustomer(m, r.Customer, r.BillType.Trim(), f.now)
	case typeReconfig:
		if r.Customer != nil {
			m.add(m2170, "PX-CFG-2170", "customer")
		}
		switch {
		case qualified && (!known || f.tx.Config == nil):
			m.add(m2090, "PX-CFG-2090", "configType", id, bounded(r.SalesCode.Trim()))
		case known && (changed(f.tx.Config.BillType, r.BillType.Trim()) || changed(f.tx.Config.BillType, c.offer.BillType)):
			m.add(m2181, "PX-CFG-2181", "billType")
		}
	}
	if err := m.err(); err != nil {
		return c, err
	}
	return c, checkExtras(&c, r)
}

// changed reports whether a bill type is given that is not the configured one.
func changed(configured, billType string) bool { return billType != "" && billType != configured }

// txText is a transaction's id as a text may repeat it.
func txText(id string) string {
	if !txID.MatchString(id) {
		return ""
	}
	return id
}

func (d *Desk) checkPartnerOrder(m *messages, r *ConfigureRequest, f configFacts) {
	poid := r.PartnerOrderID.Trim()
	switch {
	case utf8.RuneCountInString(poid) > maxPartnerOrderID:
		m.add(m2105, "PX-CFG-2105", "partnerOrderId")
	case !orderID.MatchString(poid):
		m.add(m2225, "PX-CFG-2225", "partnerOrderId", bounded(poid))
	case f.tx != nil && f.tx.PartnerOrderID != "" && f.tx.PartnerOrderID != poid:
		m.inconstant(poid)
	case f.pairOrder:
		m.add(m2130, "PX-CFG-2130", "partnerOrderId", bounded(r.SalesCode.Trim()), poid)
	case f.tx != nil && f.pairTx != "" && f.pairTx != f.tx.ID:
		m.inconstant(poid)
	}
}

// bounded is what a caller sent, fit to be repeated in a text.
func bounded(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}

// checkChoice decides about the product, its bill type, promotion and installation.
func (d *Desk) checkChoice(m *messages, r *ConfigureRequest, tx *Transaction) choice {
	var c choice
	code := r.ProductCode.Trim()
	switch {
	case code == "":
		m.add(m2120, "PX-CFG-2120", "productCode")
		return c
	case !slices.Contains(tx.Offers, code):
		m.add(m2110, "PX-CFG-2110", "productCode")
		return c
	}
	c.offer, _ = OfferingByCode(code)
	if r.BillType.Trim() != c.offer.BillType {
		m.add(m2140, "PX-CFG-2140", "billType", code, bounded(r.BillType.Trim()))
	}
	if promo := r.PromoCode.Trim(); promo != "" {
		var ok bool
		switch c.promo, ok = promotionByCode(promo); {
		case !ok || !offered(tx, promo):
			m.add(m2100, "PX-CFG-2100", "promoCode")
		case !slices.Contains(c.offer.PromoCodes, promo):
			m.add(m2180, "PX-CFG-2180", "promoCode", promo, code)
		}
	}
	if r.Install != nil {
		c.install = r.Install.Trim()
	}
	switch {
	case !c.offer.broadband() && r.Install != nil && c.install != "":
		m.add(m2160, "PX-CFG-2160", "interestedInSelfInstallOrTechInstall")
	case c.offer.broadband() && c.install != Tech && (c.install != Self || needsTech(c.offer, tx.Loop)):
		m.add(m2160, "PX-CFG-2160", "interestedInSelfInstallOrTechInstall")
	}
	return c
}

// offered reports whether a qualification offered a promotion.
func offered(tx *Transaction, promo string) bool {
	return slices.ContainsFunc(tx.Offers, func(code string) bool {
		o, _ := OfferingByCode(code)
		return slices.Contains(o.PromoCodes, promo)
	})
}

// checkExtras decides about modem and add-ons, for which the source has no codes.
//
//   - PX-CFG-MODEM: purchase, lease or one's own; the last not with a technician, and
//     none without broadband (source, Add-ons: Modem options).
//   - PX-CFG-ADDON: accessories that go with the product.
func checkExtras(c *choice, r *ConfigureRequest) error {
	var wrong fault.List
	modem := r.ModemOption.Trim()
	if modem == "" && c.offer.broadband() {
		modem = "LEASE"
	}
	if modem != "" {
		i := slices.IndexFunc(modems, func(o ModemOption) bool { return o.Code == modem })
		switch {
		case i < 0 || !c.offer.broadband():
			wrong.Add("PX-CFG-MODEM", "modemOption", "must be PURCHASE, LEASE or OWN, for a product with broadband")
		case modems[i].Own && c.install == Tech:
			wrong.Add("PX-CFG-MODEM", "modemOption", "must not be OWN with a tech installation")
		default:
			c.modem = modems[i]
		}
	}
	for i, code := range r.AddOns {
		j := slices.IndexFunc(addOns, func(a AddOn) bool { return a.Code == code.Trim() })
		if i >= len(addOns) || j < 0 || addOns[j].Broadband && !c.offer.broadband() || slices.Contains(c.addOns, addOns[max(j, 0)]) {
			wrong.Addf("PX-CFG-ADDON", "addOns", "must be add-ons of the product, each once")
			break
		}
		c.addOns = append(c.addOns, addOns[j])
	}
	return wrong.As(fault.Invalid)
}

// checkCustomer decides about the customer of a Config.
func checkCustomer(m *messages, r *CustomerRequest, billType string, now time.Time) *Customer {
	if r == nil {
		r = &CustomerRequest{}
	}
	c := &Customer{First: r.First.Trim(), Last: r.Last.Trim()}
	if !isName(c.First) {
		m.add(m1040, "PX-CFG-1040", "accountFirstName")
	}
	if !isName(c.Last) {
		m.add(m1050, "PX-CFG-1050", "accountLastName")
	}
	var ok bool
	if c.SSN, ok = parseSSN(r.SSN.Trim()); !ok || billType == Prepaid && c.SSN != refusedSSN {
		m.add(m1060, "PX-CFG-1060", "ssn")
	}
	born, err := time.Parse("01/02/2006", r.DOB.Trim())
	switch {
	case r.DOB.Trim() == "":
		m.add(m1070, "PX-CFG-1070", "dob")
	case err != nil || born.Year() < 1900:
		m.add(m1090, "PX-CFG-1090", "dob")
	case born.AddDate(adult, 0, 0).After(dateOf(now)):
		m.add(m1070, "PX-CFG-1070", "dob")
	default:
		c.DOB = born.Format(time.DateOnly)
	}
	return c
}

// dateOf is the Central-Time date of a moment.
func dateOf(now time.Time) time.Time {
	y, mo, d := now.In(central).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
}

// isName reports whether a text can be a person's name.
func isName(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !strings.ContainsRune(" '’.-", r) && !unicode.Is(unicode.Mn, r):
			return false
		}
	}
	return letters > 0 && utf8.RuneCountInString(s) <= 50
}

// refusedSSN stands for one that the customer refuses or does not have.
const refusedSSN = "999999999"

// parseSSN reads a social security number, with or without separators.
func parseSSN(s string) (string, bool) {
	if len(s) == 11 && (s[3] == '-' || s[3] == ' ') && s[6] == s[3] {
		s = s[:3] + s[4:6] + s[7:]
	}
	if len(s) != 9 || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", false
	}
	never := s[:3] == "000" || s[:3] == "666" || s[0] == '9' || s[3:5] == "00" || s[5:] == "0000"
	return s, s == refusedSSN || !never
}

// Charge is one line of what a configuration costs.
type Charge struct {
	Code   string
	Name   string
	Type   string // ONE_TIME, MONTHLY
	Amount decimal.Decimal
}

// Types of charges.
const (
	ChargeOnce    = "ONE_TIME"
	ChargeMonthly = "MONTHLY"
)

// charges are what a choice costs.
func (c choice) charges() []Charge {
	list := []Charge{{c.offer.Code, c.offer.Name, ChargeMonthly, c.offer.Monthly}, {"ACTIVATION", "Activation", ChargeOnce, activation}}
	once := func(code, name string, d decimal.Decimal) {
		if !d.IsZero() {
			list = append(list, Charge{code, name, ChargeOnce, d})
		}
	}
	monthly := func(code, name string, d decimal.Decimal) {
		if !d.IsZero() {
			list = append(list, Charge{code, name, ChargeMonthly, d})
		}
	}
	if c.install == Tech {
		once("TECH", "Tech installation", techVisit)
	}
	if c.modem.Code != "" {
		fee := c.modem.Once
		if c.install == Self && !c.modem.Own { // shipping and handling are added to the modem
			fee = sum(fee, shipping)
		}
		once("MODEM-"+c.modem.Code, c.modem.Name, fee)
		monthly("MODEM-"+c.modem.Code, c.modem.Name, c.modem.Monthly)
	}
	for _, a := range c.addOns {
		once(a.Code, a.Name, a.Once)
		monthly(a.Code, a.Name, a.Monthly)
	}
	once(c.promo.Code, c.promo.Text, c.promo.Once.Neg())
	monthly(c.promo.Code, c.promo.Text, c.promo.Monthly.Neg())
	return list
}

// totals sum charges up.
func totals(list []Charge) Totals {
	t := Totals{OneTime: usd("0.00"), Monthly: usd("0.00")}
	for _, c := range list {
		if c.Type == ChargeOnce {
			t.OneTime = sum(t.OneTime, c.Amount)
		} else {
			t.Monthly = sum(t.Monthly, c.Amount)
		}
	}
	return t
}

// sum adds amounts of money, which are far from what a decimal holds.
func sum(a, b decimal.Decimal) decimal.Decimal {
	s, err := a.Add(b)
	if err != nil {
		panic("preorder: " + err.Error())
	}
	return s
}

// deposit is what a decision takes as deposit for a product: months of its charge
// (source, Config logic: postpaid; prepaid pays none).
func deposit(o Offering, c CreditDecision) decimal.Decimal {
	d := usd("0.00")
	if o.BillType != Postpaid || c.Decision != DecisionDeposit {
		return d
	}
	for range c.Class {
		d = sum(d, o.Monthly)
	}
	return d
}
