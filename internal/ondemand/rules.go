package ondemand

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"
)

// What the source's texts must say, compared without regard to case.
const (
	sourceSystem  = "NaaS ExternalAPI"
	channelID     = "99"
	productCode   = "718"
	specification = "5001"
	currencyUSD   = "USD"
	contactRole   = "Order Contact"
)

// Names of the specification and the offering that clients of such APIs send.
var productNames = []string{"NaaS Internet", "NaaS Internet On-Demand", "Internet On-Demand"}

// Names of characteristics.
const (
	charName    = "Customer Service Name"
	charVLAN    = "VLAN Assignment"
	charIPv4    = "IPV4 Block Size"
	charRouting = "Routing Options"
)

func sameText(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), b) }

func oneOf(s string, list []string) bool {
	for _, v := range list {
		if sameText(s, v) {
			return true
		}
	}
	return false
}

// bounded adds a violation when s is longer than most characters or holds a
// control character.
func bounded(wrong *fault.List, rule, field, s string, most int) {
	if utf8.RuneCountInString(s) > most {
		wrong.Addf(rule, field, "must have at most %d characters", most)
	} else if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		wrong.Add(rule, field, "must not contain control characters")
	}
}

// priced is a price request as the rules understood it.
type priced struct {
	site  Site
	offer Offer
	speed Speed
}

// checkPrice decides what can be decided about a price request without looking
// anything up but the catalogue (source, step 4).
func checkPrice(r *PriceRequest) (priced, fault.List) {
	var wrong fault.List
	var p priced
	if !sameText(r.SourceSystem, sourceSystem) {
		wrong.Add("OND-QTE-01", "sourceSystem", `must be "NaaS ExternalAPI"`)
	}
	if !sameText(r.CurrencyCode, currencyUSD) {
		wrong.Add("OND-QTE-02", "currencyCode", "must be USD")
	}
	var known bool
	if p.site, known = SiteByID(strings.TrimSpace(r.MasterSiteID)); !known {
		wrong.Add("OND-QTE-03", "masterSiteId", "must be the masterSiteId of a location")
	}
	if r.ProductCode.Trim() != productCode {
		wrong.Add("OND-QTE-04", "productCode", "must be 718")
	}
	if s, err := ParseSpeed(r.Speed); err != nil {
		wrong.Add("OND-QTE-05", "speed", err.Error())
	} else if p.speed = s; known {
		if p.offer, known = OfferFor(p.site, s); !known {
			wrong.Addf("OND-QTE-05", "speed", "must be one that is offered at this site: %s", offeredAt(p.site))
		}
	}
	if r.CustomerNumber.Trim() == "" {
		wrong.Add("OND-QTE-06", "customerNumber", "must be given")
	}
	bounded(&wrong, "OND-QTE-09", "customerPriceRequestDescription", r.Description, 500)
	bounded(&wrong, "OND-QTE-09", "customerPurchaseOrderNumber", string(r.PurchaseOrder), 100)
	bounded(&wrong, "OND-QTE-09", "productName", r.ProductName, 100)
	return p, wrong
}

func offeredAt(s Site) string {
	names := make([]string, len(s.Access))
	for i, a := range s.Access {
		names[i] = a.String()
	}
	return strings.Join(names, ", ")
}

// checkAttachment decides where a quoted service would be attached: by partnerId at
// a data center, by the customer's UNI on its own premises (rules OND-QTE-07 and
// 08). named is the customer's port or service that serviceId names, if any.
func checkAttachment(r *PriceRequest, site Site, named *attachment) (partner, uni string, wrong fault.List) {
	partnerID := r.PartnerID.Trim()
	if site.DataCenter {
		switch {
		case partnerID == "" && named != nil && named.site == site.ID:
			return site.PartnerID, "", nil
		case partnerID != site.PartnerID:
			wrong.Addf("OND-QTE-07", "partnerId", "must be %s, the provider at this site", site.PartnerID)
		}
		return site.PartnerID, "", wrong
	}
	switch {
	case r.ServiceID.Trim() == "":
		wrong.Add("OND-QTE-08", "serviceId", "must be the UNI service id of the customer's port at this site")
	case named == nil || named.site != site.ID || named.uni == "":
		wrong.Add("OND-QTE-08", "serviceId", "is not a port of this customer at this site")
	default:
		uni = named.uni
	}
	if partnerID != "" {
		wrong.Add("OND-QTE-07", "partnerId", "must not be given: the site is not a data center")
	}
	return "", uni, wrong
}

// attachment is the port that a serviceId names: a UNI itself, or the port that a
// service runs on.
type attachment struct {
	site string
	uni  string // "" on a shared port
}

// ordered is an order request as the rules understood it.
type ordered struct {
	action  string // add, modify, delete, as on the wire
	service string // of a modify or delete
	quote   string
	name    string
	bits    int // of the IPv4 block
}

// checkOrder decides what can be decided about an order from the request alone
// (source, step 6 and its two tables).
func checkOrder(r *OrderRequest) (ordered, fault.List) {
	var wrong fault.List
	var o ordered
	if id := r.ExternalID.Trim(); id == "" {
		wrong.Add("OND-ORD-01", "externalId", "must be given")
	} else {
		bounded(&wrong, "OND-ORD-01", "externalId", id, 20)
	}
	if r.BillingAccount == nil || r.BillingAccount.ID.Trim() == "" {
		wrong.Add("OND-ORD-02", "billingAccount.id", "must be given")
	}
	if r.BillingAccount == nil || strings.TrimSpace(r.BillingAccount.Name) == "" {
		wrong.Add("OND-ORD-02", "billingAccount.name", "must be given")
	}
	checkChannel(&wrong, r.Channel)
	for i, n := range r.Note {
		bounded(&wrong, "OND-ORD-21", fmt.Sprintf("note[%d].text", i), n.Text, 1000)
	}
	if len(r.Note) > 10 {
		wrong.Add("OND-ORD-21", "note", "must have at most 10 entries")
	}
	if len(r.Items) != 1 {
		wrong.Add("OND-ORD-05", "productOrderItem", "must have exactly one item")
	} else {
		checkItem(&wrong, &r.Items[0], &o)
	}
	checkQuoteRefs(&wrong, r, &o)
	checkContacts(&wrong, r.Contacts, o.action == ActionAdd)
	return o, wrong
}

func checkChannel(wrong *fault.List, channel []ChannelRef) {
	if len(channel) != 1 {
		wrong.Add("OND-ORD-04", "channel", "must have exactly one entry")
		return
	}
	if channel[0].ID.Trim() != channelID {
		wrong.Add("OND-ORD-04", "channel[0].id", "must be 99")
	}
	if !sameText(channel[0].Name, sourceSystem) {
		wrong.Add("OND-ORD-04", "channel[0].name", `must be "NaaS ExternalAPI"`)
	}
}

const itemPath = "productOrderItem[0]."

func checkItem(wrong *fault.List, item *OrderItem, o *ordered) {
	if item.ID.Trim() == "" {
		wrong.Add("OND-ORD-21", itemPath+"id", "must be given")
	} else {
		bounded(wrong, "OND-ORD-21", itemPath+"id", string(item.ID), 100)
	}
	if item.Quantity == nil || item.Quantity.Trim() != "1" {
		wrong.Add("OND-ORD-06", itemPath+"quantity", "must be 1")
	}
	switch action := strings.ToLower(strings.TrimSpace(item.Action)); action {
	case ActionAdd, "modify", ActionDelete:
		o.action = action
	default:
		wrong.Add("OND-ORD-07", itemPath+"action", "must be add, modify or delete")
	}
	if item.Product == nil {
		wrong.Add("OND-ORD-08", itemPath+"product", "must be given")
	} else {
		checkProduct(wrong, item.Product, o)
	}
	checkNamed(wrong, itemPath+"productOffering", item.Offering, productCode)
}

func checkProduct(wrong *fault.List, product *ItemProduct, o *ordered) {
	checkNamed(wrong, itemPath+"product.productSpecification", product.Specification, specification)
	if o.action == "modify" || o.action == ActionDelete {
		if o.service = product.ID.Trim(); o.service == "" {
			wrong.Add("OND-ORD-16", itemPath+"product.id", "must be the id of the service")
		}
	}
	checkCharacteristics(wrong, product.Characteristics, o)
}

// checkNamed is rule OND-ORD-10.
func checkNamed(wrong *fault.List, path string, ref *NamedRef, id string) {
	if ref == nil {
		wrong.Add("OND-ORD-10", path, "must be given")
		return
	}
	if ref.ID.Trim() != id {
		wrong.Add("OND-ORD-10", path+".id", "must be "+id)
	}
	if !oneOf(ref.Name, productNames) {
		wrong.Add("OND-ORD-10", path+".name", `must be "NaaS Internet", "NaaS Internet On-Demand" or "Internet On-Demand"`)
	}
}

func checkCharacteristics(wrong *fault.List, list []Characteristic, o *ordered) {
	given := map[string]bool{}
	for i, c := range list {
		path := fmt.Sprintf(itemPath+"product.productCharacteristic[%d].", i)
		value := strings.TrimSpace(string(c.Value))
		name := canonicalCharacteristic(c.Name)
		switch {
		case name == "":
			wrong.Addf("OND-ORD-08", path+"name", "must be %q, %q, %q or %q", charName, charVLAN, charIPv4, charRouting)
			continue
		case given[name]:
			wrong.Add("OND-ORD-08", path+"name", "must not be given twice")
			continue
		case o.action == "modify" && name != charName:
			wrong.Addf("OND-ORD-09", path+"name", "cannot be changed by a modify; only %q can", charName)
			continue
		}
		given[name] = true
		bounded(wrong, "OND-ORD-21", path+"valueType", c.ValueType, 100)
		checkCharacteristic(wrong, path+"value", name, value, o)
	}
	if o.action != ActionAdd {
		return
	}
	for _, name := range []string{charName, charVLAN, charIPv4, charRouting} {
		if !given[name] {
			wrong.Addf("OND-ORD-08", itemPath+"product.productCharacteristic", "must have %q", name)
		}
	}
}

func canonicalCharacteristic(name string) string {
	for _, c := range []string{charName, charVLAN, charIPv4, charRouting} {
		if sameText(name, c) {
			return c
		}
	}
	return ""
}

// checkCharacteristic is rule OND-ORD-09 (source, productCharacteristic array).
func checkCharacteristic(wrong *fault.List, path, name, value string, o *ordered) {
	switch name {
	case charName:
		if value == "" {
			wrong.Add("OND-ORD-09", path, "must not be empty")
		}
		bounded(wrong, "OND-ORD-09", path, value, 100)
		o.name = value
	case charVLAN:
		if !sameText(value, "Auto Assign") {
			wrong.Add("OND-ORD-09", path, `must be "Auto Assign"`)
		}
	case charIPv4:
		bits, err := ParseBlockSize(value)
		if err != nil {
			wrong.Add("OND-ORD-09", path, err.Error())
		}
		o.bits = bits
	case charRouting:
		if !sameText(value, "Static") {
			wrong.Add("OND-ORD-09", path, `must be "Static"`)
		}
	}
}

// checkQuoteRefs is rules OND-ORD-11 and 19: an add promotes one quote; a modify
// promotes a quote or gives a name, or both; a delete needs neither.
func checkQuoteRefs(wrong *fault.List, r *OrderRequest, o *ordered) {
	if len(r.Quote) > 1 {
		wrong.Add("OND-ORD-11", "quote", "must have at most one entry")
		return
	}
	if len(r.Quote) == 1 {
		o.quote = r.Quote[0].ID.Trim()
		bounded(wrong, "OND-ORD-11", "quote[0].name", string(r.Quote[0].Name), 100)
	}
	switch {
	case o.action == ActionAdd && o.quote == "":
		wrong.Add("OND-ORD-11", "quote[0].id", "must be the id of a quote")
	case o.action == "modify" && o.quote == "" && o.name == "":
		wrong.Addf("OND-ORD-19", "quote[0].id", "must be given to change the bandwidth, or %q to rename the service", charName)
	case o.action == ActionDelete && o.quote != "":
		wrong.Add("OND-ORD-11", "quote", "must not be given to end a service")
	}
}

// checkContacts is rule OND-ORD-15. Orders that change a service may leave the
// contact out, or send it blank, as clients of such APIs do.
func checkContacts(wrong *fault.List, contacts []OrderContact, required bool) {
	if len(contacts) == 0 {
		if required {
			wrong.Add("OND-ORD-15", "relatedContactInformation", "must have the order contact")
		}
		return
	}
	if len(contacts) > 5 {
		wrong.Add("OND-ORD-15", "relatedContactInformation", "must have at most 5 entries")
		return
	}
	for i, c := range contacts {
		path := fmt.Sprintf("relatedContactInformation[%d].", i)
		if required || !c.blank() {
			checkContact(wrong, path, c)
		}
		bounded(wrong, "OND-ORD-15", path+"name", c.Name, 200)
		bounded(wrong, "OND-ORD-15", path+"emailAddress", c.EmailAddress, 254)
		bounded(wrong, "OND-ORD-15", path+"organization", c.Organization, 200)
		bounded(wrong, "OND-ORD-15", path+"role", c.Role, 100)
		bounded(wrong, "OND-ORD-15", path+"numberExtension", string(c.NumberExtension), 20)
	}
}

func (c OrderContact) blank() bool {
	return c.Number.Trim() == "" && strings.TrimSpace(c.EmailAddress) == "" && strings.TrimSpace(c.Name) == ""
}

func checkContact(wrong *fault.List, path string, c OrderContact) {
	if !sameText(c.Role, contactRole) {
		wrong.Add("OND-ORD-15", path+"role", `must be "Order Contact"`)
	}
	if len(strings.Fields(c.Name)) < 2 {
		wrong.Add("OND-ORD-15", path+"name", "must be a first and a last name")
	}
	if !usNumber(string(c.Number)) {
		wrong.Add("OND-ORD-15", path+"number", "must be a telephone number in the United States, such as +16155550123")
	}
	if a, err := mail.ParseAddress(strings.TrimSpace(c.EmailAddress)); err != nil || a.Name != "" || !strings.Contains(c.EmailAddress, ".") {
		wrong.Add("OND-ORD-15", path+"emailAddress", "must be an e-mail address")
	}
}

// usNumber takes ten digits of the North American plan, with or without +1 or 1 in
// front and with the usual separators: NPA and NXX begin with 2 to 9 and are not
// N11.
func usNumber(s string) bool {
	if len(s) > 40 {
		return false
	}
	var digits []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && i > 0:
			return false
		case !strings.ContainsRune("+ -.()", rune(c)):
			return false
		}
	}
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if len(digits) != 10 {
		return false
	}
	for _, part := range [][]byte{digits[0:3], digits[3:6]} {
		if part[0] < '2' || part[1] == '1' && part[2] == '1' {
			return false
		}
	}
	return true
}

// checkQuote decides whether a quote can be promoted now, to an order for this
// customer (rules OND-ORD-12 to 14; source, step 4: valid for 15 minutes).
func checkQuote(q *Quote, customer string, now time.Time) error {
	const field = "quote[0].id"
	switch {
	case q == nil || q.Customer != customer:
		return QuoteUnknown.With(fault.Field("OND-ORD-12", field, "is not a quote of this customer"))
	case q.UsedBy != "":
		return quoteUsed()
	case !now.Before(q.ExpiresAt):
		return QuoteExpired.With(fault.Field("OND-ORD-13", field, "expired at "+q.ExpiresAt.Format(time.RFC3339)))
	}
	return nil
}

// quoteUsed is rule OND-ORD-14, whether the rule or the database found it broken.
func quoteUsed() error {
	return QuoteUsed.With(fault.Field("OND-ORD-14", "quote[0].id", "was promoted to an order already"))
}

// checkAccount decides whether orders may be billed to the account (rules
// OND-ORD-02 and 03; source, step 5).
func checkAccount(a *Account, customer string, ref *AccountRef) error {
	switch {
	case a == nil || a.Customer != customer:
		return AccountUnknown.With(fault.Field("OND-ORD-02", "billingAccount.id", "is not a billing account of this customer"))
	case !sameText(ref.Name, a.Name):
		return AccountUnknown.With(fault.Field("OND-ORD-02", "billingAccount.name", "is not the name of this billing account"))
	case a.HQCountry != "US":
		return AccountForeign.With(fault.Field("OND-ORD-03", "billingAccount.id", "has its headquarters in "+a.HQCountry))
	case !a.Entitled:
		return AccountUntitled.With(fault.Field("OND-ORD-22", "billingAccount.id", "is not entitled"))
	}
	return nil
}

// checkService decides whether an order may change the service now (rules
// OND-ORD-16, 17 and 23).
func checkService(s *Service, customer string, event string) (string, error) {
	const field = itemPath + "product.id"
	switch {
	case s == nil || s.Customer != customer:
		return "", ServiceUnknown.With(fault.Field("OND-ORD-16", field, "is not a service of this customer"))
	case s.InFlight != "":
		return "", ServiceBusy.With(fault.Field("OND-ORD-17", field, "is being changed by order "+s.InFlight))
	}
	to, err := ServiceMachine.Fire(s.Status, event)
	if err != nil {
		return "", ServiceState.Instead(ServiceMachine.Legal(s.Status), fault.Field("OND-ORD-23", field, `is "`+s.Status+`"`))
	}
	return to, nil
}

// checkQuoteFits decides whether a quote was made for where the service is (rule
// OND-ORD-20).
func checkQuoteFits(q Quote, s Service) error {
	if q.Site == s.Site && q.Partner == s.Partner && (q.UNI == "" || q.UNI == s.Port) {
		return nil
	}
	return QuoteMismatch.With(fault.Field("OND-ORD-20", "quote[0].id", "was made for "+q.Site+", the service is at "+s.Site))
}

// changeLimit is rule OND-ORD-18; the caller may come back when the GMT day is over.
func changeLimit(now time.Time) error {
	f := ChangeLimit.With(fault.Field("OND-ORD-18", "x-customer-number", "has placed 24 change orders today"))
	f.RetryAfter = now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now)
	return f
}
