package ondemand

import (
	"errors"
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"

	"github.com/google/go-cmp/cmp"
)

func TestAnOrderIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("ü", n) }
	for _, c := range []struct{ rule, why, action, old, by, field string }{
		{"OND-ORD-01", "an external id of 21 characters", add, "EXT-000027740", long(21), "externalId"},
		{"OND-ORD-01", "a blank external id", add, "EXT-000027740", " ", "externalId"},
		{"OND-ORD-01", "no external id", del, `"externalId":"x",`, "", "externalId"},
		{"OND-ORD-01", "an external id with a control character", add, "EXT-000027740", `a\u001bb`, "externalId"},
		{"OND-ORD-02", "no id of the account", add, `"5-RHQBGCGK"`, `""`, "billingAccount.id"},
		{"OND-ORD-02", "no name of the account", add, `"Company or account name"`, `null`, "billingAccount.name"},
		{"OND-ORD-02", "a blank name of the account", modify, `"Company or account name"`, `"  "`, "billingAccount.name"},
		{"OND-ORD-04", "another channel", add, `"99"`, `"98"`, "channel[0].id"},
		{"OND-ORD-04", "another channel as a number", modify, `"id":99`, `"id":98`, "channel[0].id"},
		{"OND-ORD-04", "another name of the channel", add, "NaaS ExternalAPI", "NaaS", "channel[0].name"},
		{"OND-ORD-04", "no channel", del, `"channel":[{"id":"99","name":"NaaS ExternalAPI"}],`, ``, "channel"},
		{"OND-ORD-04", "two channels", del, `[{"id":"99",`, `[{"id":"99","name":"NaaS ExternalAPI"},{"id":"99",`, "channel"},
		{"OND-ORD-06", "two at once", add, `"quantity": 1`, `"quantity": 2`, itemAt + "quantity"},
		{"OND-ORD-06", "none at all", add, `"quantity": 1`, `"quantity": 0`, itemAt + "quantity"},
		{"OND-ORD-06", "no quantity", add, `"quantity": 1,`, ``, itemAt + "quantity"},
		{"OND-ORD-06", "a quantity of null", add, `"quantity": 1`, `"quantity": null`, itemAt + "quantity"},
		{"OND-ORD-08", "no product", modify,
			`"product":{"id":"77133831778","productCharacteristic":[],"productSpecification":{"id":"5001","name":"NaaS Internet"}},`, ``, itemAt + "product"},
		{"OND-ORD-08", "a characteristic that there is not", modify, `"productCharacteristic":[]`,
			`"productCharacteristic":[{"name":"IPV6 Block Size","value":"/64"}]`, at(0, "name")},
		{"OND-ORD-08", "a characteristic twice", modify, `"productCharacteristic":[]`,
			`"productCharacteristic":[{"name":"Customer Service Name","value":"a"},{"name":"customer service name","value":"b"}]`, at(1, "name")},
		{"OND-ORD-09", "another VLAN", add, `"Auto Assign"`, `"100"`, at(1, "value")},
		{"OND-ORD-09", "another size of block", add, `"/29"`, `"/27"`, at(2, "value")},
		{"OND-ORD-09", "a size without its slash", add, `"/29"`, `29`, at(2, "value")},
		{"OND-ORD-09", "another routing", add, `"Static"`, `"BGP"`, at(3, "value")},
		{"OND-ORD-09", "an empty name", add, `"My First NaaS"`, `" "`, at(0, "value")},
		{"OND-ORD-09", "a name too long", add, `My First NaaS`, long(101), at(0, "value")},
		{"OND-ORD-09", "a name with a control character", add, `My First NaaS`, `a\nb`, at(0, "value")},
		{"OND-ORD-09", "a change of the block", modify, `"productCharacteristic":[]`,
			`"productCharacteristic":[{"name":"IPV4 Block Size","value":"/28"}]`, at(0, "name")},
		{"OND-ORD-10", "another specification", add, `"5001"`, `"5002"`, itemAt + "product.productSpecification.id"},
		{"OND-ORD-10", "another name of the specification", add, "\"5001\",\n                    \"name\": \"NaaS Internet\"",
			`"5001", "name": "Internet"`, itemAt + "product.productSpecification.name"},
		{"OND-ORD-10", "no specification", del, `,"productSpecification":{"id":"5001","name":"NaaS Internet"}`, ``, itemAt + "product.productSpecification"},
		{"OND-ORD-10", "another offering", add, `"718"`, `"719"`, itemAt + "productOffering.id"},
		{"OND-ORD-10", "another name of the offering", del, `"NaaS Internet On-Demand"`, `"Ethernet On-Demand"`, itemAt + "productOffering.name"},
		{"OND-ORD-10", "no offering", del, `"productOffering":{"id":"718","name":"NaaS Internet On-Demand"}`, `"productOffering":null`, itemAt + "productOffering"},
		{"OND-ORD-11", "no quote to promote", add, `"NaaS-7888"`, `""`, "quote[0].id"},
		{"OND-ORD-11", "two quotes", modify, `"quote":[`, `"quote":[{"id":"NaaS-7888"},`, "quote"},
		{"OND-ORD-11", "a quote to end a service", del, `"externalId"`, `"quote":[{"id":"NaaS-7888"}],"externalId"`, "quote"},
		{"OND-ORD-11", "a quote's name too long", add, `quoteId`, long(101), "quote[0].name"},
		{"OND-ORD-15", "another role", add, "Order Contact", "Billing Contact", "relatedContactInformation[0].role"},
		{"OND-ORD-15", "one name", add, "FirstName LastName", "FirstName", "relatedContactInformation[0].name"},
		{"OND-ORD-15", "a name too long", add, "FirstName LastName", long(100) + " " + long(100), "relatedContactInformation[0].name"},
		{"OND-ORD-15", "a number of another country", add, "+16157691234", "+442079460000", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "a number too short", add, "+16157691234", "+1615769123", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "an area that begins with 1", add, "+16157691234", "+11157691234", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "an area that is a service code", add, "+16157691234", "+19117691234", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "an exchange that is a service code", add, "+16157691234", "+16154111234", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "letters in a number", add, "+16157691234", "615-FLOWERS", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "a plus within", add, "+16157691234", "1+6157691234", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "a number too long to be one", add, "+16157691234", "+1" + strings.Repeat(" ", 1000) + "6157691234", "relatedContactInformation[0].number"},
		{"OND-ORD-15", "no address", add, "first.lastname@domain.com", "", "relatedContactInformation[0].emailAddress"},
		{"OND-ORD-15", "an address without a host", add, "first.lastname@domain.com", "first.lastname", "relatedContactInformation[0].emailAddress"},
		{"OND-ORD-15", "an address with a name", add, "first.lastname@domain.com", "F L <first.l@domain.com>", "relatedContactInformation[0].emailAddress"},
		{"OND-ORD-15", "two addresses", add, "first.lastname@domain.com", "a@b.com, c@d.com", "relatedContactInformation[0].emailAddress"},
		{"OND-ORD-15", "an organization too long", add, "Org Name", long(201), "relatedContactInformation[0].organization"},
		{"OND-ORD-15", "an extension too long", add, `"numberExtension": ""`, `"numberExtension": "` + long(21) + `"`, "relatedContactInformation[0].numberExtension"},
		{"OND-ORD-15", "no contact of an add", add, `"relatedContactInformation"`, `"contacts"`, "relatedContactInformation"},
		{"OND-ORD-15", "a change's contact that is half there", modify, `"quote":`,
			`"relatedContactInformation":[{"number":"+16157691234","emailAddress":"a.b@c.com","role":"Order Contact","name":"One"}],"quote":`,
			"relatedContactInformation[0].name"},
		{"OND-ORD-15", "a change's blank contact with an endless organization", modify, `"quote":`,
			`"relatedContactInformation":[{"organization":"` + long(201) + `"}],"quote":`, "relatedContactInformation[0].organization"},
		{"OND-ORD-15", "six contacts", modify, `"quote":`, `"relatedContactInformation":[{},{},{},{},{},{}],"quote":`, "relatedContactInformation"},
		{"OND-ORD-16", "no service to change", modify, `"product":{"id":"77133831778",`, `"product":{`, itemAt + "product.id"},
		{"OND-ORD-16", "no service to end", del, `"product":{"id":"77133831778",`, `"product":{"id":" ",`, itemAt + "product.id"},
		{"OND-ORD-19", "a change of nothing", modify, `"quote":[{"id":"NaaS-1466","name":"NaaS-1466"}]`, `"quote":[]`, "quote[0].id"},
		{"OND-ORD-21", "no id of the item", add, `"Customer internal order line ID."`, `null`, itemAt + "id"},
		{"OND-ORD-21", "an id of the item too long", add, `Customer internal order line ID.`, long(101), itemAt + "id"},
		{"OND-ORD-21", "a note too long", add, `This is your reference note for tracking purposes.`, long(1001), "note[0].text"},
		{"OND-ORD-21", "a note with a control character", add, `This is your reference note for tracking purposes.`, `a\u0008b`, "note[0].text"},
		{"OND-ORD-21", "eleven notes", modify, `[{"text":"schedule"}]`, `[` + strings.Repeat(`{"text":"x"},`, 10) + `{"text":"x"}]`, "note"},
		{"OND-ORD-21", "an endless type of a value", modify, `"productCharacteristic":[]`,
			`"productCharacteristic":[{"name":"Customer Service Name","value":"a","valueType":"` + long(101) + `"}]`, at(0, "valueType")},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			_, wrong := checkOrder(read[OrderRequest](t, replaced(t, bodies(t, c.action), c.old, c.by)))
			broken(t, wrong, c.rule+" "+c.field)
		})
	}
}

func TestAnOrderHasExactlyOneItem(t *testing.T) {
	t.Parallel()
	whole := read[OrderRequest](t, sourceOrder)
	for why, items := range map[string][]OrderItem{
		"OND-ORD-05 none": nil,
		"OND-ORD-05 two":  {whole.Items[0], whole.Items[0]},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r := *whole
			r.Items = items
			_, wrong := checkOrder(&r)
			broken(t, wrong, "OND-ORD-05 productOrderItem")
		})
	}
}

func TestAnActionIsAddModifyOrDelete(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"", "alter", "adds", "add,delete", "null"} {
		t.Run("OND-ORD-07 "+action, func(t *testing.T) {
			t.Parallel()
			_, wrong := checkOrder(read[OrderRequest](t, replaced(t, sourceOrder, `"action": "add"`, `"action": "`+action+`"`)))
			broken(t, wrong, "OND-ORD-07 "+itemAt+"action")
		})
	}
}

func TestAnAddNeedsEachOfItsFourCharacteristics(t *testing.T) {
	t.Parallel()
	for i, name := range []string{charName, charVLAN, charIPv4, charRouting} {
		t.Run("OND-ORD-08 without "+name, func(t *testing.T) {
			t.Parallel()
			r := read[OrderRequest](t, sourceOrder)
			list := &r.Items[0].Product.Characteristics
			*list = append((*list)[:i], (*list)[i+1:]...)
			_, wrong := checkOrder(r)
			broken(t, wrong, "OND-ORD-08 "+charsAt)
			if !strings.Contains(wrong[0].Message, name) {
				t.Errorf("it does not say which: %s", wrong[0].Message)
			}
		})
	}
}

func TestAnOrderThatBreaksEveryRuleIsToldSoAtOnce(t *testing.T) {
	t.Parallel()
	two := Text("2")
	const contact = "relatedContactInformation[0]."
	t.Run("an add", func(t *testing.T) {
		t.Parallel()
		_, wrong := checkOrder(&OrderRequest{
			Note:     make([]Note, 11),
			Items:    []OrderItem{{Quantity: &two, Action: "add", Product: &ItemProduct{Characteristics: []Characteristic{{Name: "Colour"}}}}},
			Contacts: []OrderContact{{}},
		})
		broken(t, wrong, "OND-ORD-01 externalId", "OND-ORD-02 billingAccount.id", "OND-ORD-02 billingAccount.name", "OND-ORD-04 channel",
			"OND-ORD-21 note", "OND-ORD-21 "+itemAt+"id", "OND-ORD-06 "+itemAt+"quantity", "OND-ORD-10 "+itemAt+"product.productSpecification",
			"OND-ORD-08 "+at(0, "name"), "OND-ORD-08 "+charsAt, "OND-ORD-08 "+charsAt, "OND-ORD-08 "+charsAt, "OND-ORD-08 "+charsAt,
			"OND-ORD-10 "+itemAt+"productOffering", "OND-ORD-11 quote[0].id",
			"OND-ORD-15 "+contact+"role", "OND-ORD-15 "+contact+"name", "OND-ORD-15 "+contact+"number", "OND-ORD-15 "+contact+"emailAddress")
	})
	t.Run("a modify without its product", func(t *testing.T) {
		t.Parallel()
		_, wrong := checkOrder(&OrderRequest{Items: []OrderItem{{Action: "modify"}}, Contacts: make([]OrderContact, 6)})
		broken(t, wrong, "OND-ORD-01 externalId", "OND-ORD-02 billingAccount.id", "OND-ORD-02 billingAccount.name", "OND-ORD-04 channel",
			"OND-ORD-21 "+itemAt+"id", "OND-ORD-06 "+itemAt+"quantity", "OND-ORD-08 "+itemAt+"product", "OND-ORD-10 "+itemAt+"productOffering",
			"OND-ORD-19 quote[0].id", "OND-ORD-15 relatedContactInformation")
	})
	t.Run("no item", func(t *testing.T) {
		t.Parallel()
		_, wrong := checkOrder(&OrderRequest{Quote: make([]QuoteRef, 2), Contacts: []OrderContact{{Number: "1"}}})
		broken(t, wrong, "OND-ORD-01 externalId", "OND-ORD-02 billingAccount.id", "OND-ORD-02 billingAccount.name", "OND-ORD-04 channel",
			"OND-ORD-05 productOrderItem", "OND-ORD-11 quote",
			"OND-ORD-15 "+contact+"role", "OND-ORD-15 "+contact+"name", "OND-ORD-15 "+contact+"number", "OND-ORD-15 "+contact+"emailAddress")
	})
}

var noon = time.Date(2040, 6, 1, 12, 0, 0, 0, time.UTC)

// faultOf is a fault's code and its one violation: "quote_used OND-ORD-14 quote[0].id".
func faultOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Violations) != 1 {
		t.Fatalf("not a fault with one violation: %v", err)
	}
	return f.Code.ID + " " + f.Violations[0].Rule + " " + f.Violations[0].Field
}

func TestAQuoteIsPromotedByItsCustomerWithinFifteenMinutesAndOnce(t *testing.T) {
	t.Parallel()
	fresh := Quote{ID: "NaaS-1", Customer: "1-ABCDE", CreatedAt: noon, ExpiresAt: noon.Add(QuoteLife)}
	with := func(f func(*Quote)) *Quote { q := fresh; f(&q); return &q }
	for _, c := range []struct {
		why  string
		q    *Quote
		now  time.Time
		want string
	}{
		{"OND-ORD-12 its own quote", &fresh, noon, ""},
		{"OND-ORD-12 no quote", nil, noon, "quote_unknown OND-ORD-12 quote[0].id"},
		{"OND-ORD-12 another customer's quote", with(func(q *Quote) { q.Customer = "1-WXYZ9" }), noon, "quote_unknown OND-ORD-12 quote[0].id"},
		{"OND-ORD-13 a microsecond before its end", &fresh, noon.Add(QuoteLife - time.Microsecond), ""},
		{"OND-ORD-13 at its end", &fresh, noon.Add(15 * time.Minute), "quote_expired OND-ORD-13 quote[0].id"},
		{"OND-ORD-13 a year later", &fresh, noon.AddDate(1, 0, 0), "quote_expired OND-ORD-13 quote[0].id"},
		{"OND-ORD-14 promoted already", with(func(q *Quote) { q.UsedBy = "o" }), noon, "quote_used OND-ORD-14 quote[0].id"},
		{"OND-ORD-14 promoted and expired", with(func(q *Quote) { q.UsedBy = "o" }), noon.Add(time.Hour), "quote_used OND-ORD-14 quote[0].id"},
		{"OND-ORD-12 another customer's that is promoted", with(func(q *Quote) { q.UsedBy, q.Customer = "o", "x" }), noon, "quote_unknown OND-ORD-12 quote[0].id"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			if got := faultOf(t, checkQuote(c.q, "1-ABCDE", c.now)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnOrderIsBilledToAnEntitledAccountOfTheCustomerInTheUS(t *testing.T) {
	t.Parallel()
	account := Account{ID: "5-RHQBGCGK", Customer: "1-ABCDE", Name: "Company or account name", HQCountry: "US", Entitled: true}
	with := func(f func(*Account)) *Account { a := account; f(&a); return &a }
	for _, c := range []struct {
		why  string
		a    *Account
		name string
		want string
	}{
		{"OND-ORD-02 its account", &account, "Company or account name", ""},
		{"OND-ORD-02 the name in other case", &account, " COMPANY or account name ", ""},
		{"OND-ORD-02 no account", nil, "x", "billing_account_unknown OND-ORD-02 billingAccount.id"},
		{"OND-ORD-02 another customer's", with(func(a *Account) { a.Customer = "x" }), account.Name, "billing_account_unknown OND-ORD-02 billingAccount.id"},
		{"OND-ORD-02 another name", &account, "Company", "billing_account_unknown OND-ORD-02 billingAccount.name"},
		{"OND-ORD-03 headquarters in Canada", with(func(a *Account) { a.HQCountry = "CA" }), account.Name, "billing_account_not_us OND-ORD-03 billingAccount.id"},
		{"OND-ORD-22 not entitled", with(func(a *Account) { a.Entitled = false }), account.Name, "billing_account_not_entitled OND-ORD-22 billingAccount.id"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			if got := faultOf(t, checkAccount(c.a, "1-ABCDE", &AccountRef{ID: "5-RHQBGCGK", Name: c.name})); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAServiceIsChangedByItsCustomerOneOrderAtATimeWhileItRuns(t *testing.T) {
	t.Parallel()
	const field = " productOrderItem[0].product.id"
	runs := Service{ID: "s", Customer: "1-ABCDE", Status: StatusActive}
	with := func(f func(*Service)) *Service { s := runs; f(&s); return &s }
	for _, c := range []struct {
		why   string
		s     *Service
		event string
		to    string
		want  string
		next  []string
	}{
		{"OND-ORD-16 its own, to change", &runs, evChange, StatusChangePending, "", nil},
		{"OND-ORD-16 its own, to end", &runs, evDisconnect, StatusDisconnectPending, "", nil},
		{"OND-ORD-16 no service", nil, evChange, "", "service_unknown OND-ORD-16" + field, nil},
		{"OND-ORD-16 another customer's", with(func(s *Service) { s.Customer, s.InFlight = "x", "o" }), evChange, "", "service_unknown OND-ORD-16" + field, nil},
		{"OND-ORD-17 in another order's hands", with(func(s *Service) { s.InFlight, s.Status = "o", StatusChangePending }), evChange, "",
			"service_busy OND-ORD-17" + field, nil},
		{"OND-ORD-17 not up yet", with(func(s *Service) { s.InFlight, s.Status = "o", StatusInProgress }), evDisconnect, "",
			"service_busy OND-ORD-17" + field, nil},
		{"OND-ORD-23 ended", with(func(s *Service) { s.Status = StatusDisconnected }), evChange, "", "service_state OND-ORD-23" + field, []string{}},
		{"OND-ORD-23 about to end", with(func(s *Service) { s.Status = StatusDisconnectPending }), evDisconnect, "",
			"service_state OND-ORD-23" + field, []string{evEnded, evNotEnded}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			to, err := checkService(c.s, "1-ABCDE", c.event)
			if got := faultOf(t, err); got != c.want || to != c.to {
				t.Fatalf("got %q, %q; want %q, %q", to, got, c.to, c.want)
			}
			if f := fault.Of(err); f != nil {
				if diff := cmp.Diff(c.next, f.Next); diff != "" {
					t.Errorf("the legal next moves:\n%s", diff)
				}
			}
		})
	}
}

func TestAQuoteFitsWhereTheServiceIs(t *testing.T) {
	t.Parallel()
	center := Service{Site: "PL0001247634", Partner: "43558", Port: "NNI-02"}
	office := Service{Site: "PL0001247700", Port: "77130000001"}
	for why, c := range map[string]struct {
		q    Quote
		s    Service
		want string
	}{
		"OND-ORD-20 the same data center":            {Quote{Site: "PL0001247634", Partner: "43558"}, center, ""},
		"OND-ORD-20 the same port":                   {Quote{Site: "PL0001247700", UNI: "77130000001"}, office, ""},
		"OND-ORD-20 another site":                    {Quote{Site: "PL0001300000", Partner: "43558"}, center, "quote_mismatch OND-ORD-20 quote[0].id"},
		"OND-ORD-20 another partner":                 {Quote{Site: "PL0001247634", Partner: "362232"}, center, "quote_mismatch OND-ORD-20 quote[0].id"},
		"OND-ORD-20 another port of the same office": {Quote{Site: "PL0001247700", UNI: "77130000002"}, office, "quote_mismatch OND-ORD-20 quote[0].id"},
		"OND-ORD-20 the office for the data center":  {Quote{Site: "PL0001247700", UNI: "77130000001"}, center, "quote_mismatch OND-ORD-20 quote[0].id"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			if got := faultOf(t, checkQuoteFits(c.q, c.s)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOND_ORD_18_WhoHasPlacedTheDaysChangesMayComeBackAtMidnightGMT(t *testing.T) {
	t.Parallel()
	for now, want := range map[time.Time]time.Duration{
		noon: 12 * time.Hour,
		time.Date(2040, 6, 1, 0, 0, 0, 0, time.UTC):                                              24 * time.Hour,
		time.Date(2040, 6, 1, 23, 59, 59, 999_999_000, time.UTC):                                 time.Microsecond,
		time.Date(2040, 6, 1, 12, 0, 0, 0, time.FixedZone("CST", -6*3600)):                       6 * time.Hour,
		time.Date(2040, 6, 1, 23, 0, 0, 0, time.FixedZone("where tomorrow is already", 13*3600)): 14 * time.Hour,
	} {
		var f *fault.Error
		if !errors.As(changeLimit(now), &f) || f.Code != ChangeLimit || f.RetryAfter != want || f.Violations[0].Rule != "OND-ORD-18" {
			t.Errorf("at %v: %+v, want to come back after %v", now, f, want)
		}
	}
}
