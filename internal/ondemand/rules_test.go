package ondemand

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"demarc/internal/fault"
	"demarc/internal/httpkit"

	"github.com/google/go-cmp/cmp"
)

// read decodes a body as the edge does.
func read[T any](t *testing.T, body string) *T {
	t.Helper()
	var v T
	if err := httpkit.DecodeJSON([]byte(body), &v); err != nil {
		t.Fatalf("the body is refused: %v\n%s", err, body)
	}
	return &v
}

// The bodies of the source, steps 4 and 6, as printed.
const (
	sourcePrice = `{
    "sourceSystem": "NaaS ExternalAPI",
    "customerPriceRequestDescription": "NaaS Price Request",
    "customerPurchaseOrderNumber": "PO-12345",
    "customerNumber": "1-ABCDE",
    "currencyCode": "USD",
    "masterSiteId": "PL0001247634",
    "productCode": "718",
    "partnerId": "43558",
    "productName": "Internet On-Demand",
    "speed": "100 Mbps"
}`
	sourceOrder = `{
    "externalId": "EXT-000027740",
    "billingAccount": {
        "id": "5-RHQBGCGK",
        "name": "Company or account name"
    },
    "channel": [
        {
            "id": "99",
            "name": "NaaS ExternalAPI"
        }
    ],
    "note": [
        {
            "text": "This is your reference note for tracking purposes."
        }
    ],
    "productOrderItem": [
        {
            "id": "Customer internal order line ID.",
            "quantity": 1,
            "action": "add",
            "product": {
                "productCharacteristic": [
                    {
                        "name": "Customer Service Name",
                        "valueType": "String",
                        "value": "My First NaaS"
                    },
                    {
                        "name": "VLAN Assignment",
                        "valueType": "String",
                        "value": "Auto Assign"
                    },
                    {
                        "name": "IPV4 Block Size",
                        "valueType": "String",
                        "value": "/29"
                    },
                    {
                        "name": "Routing Options",
                        "valueType": "String",
                        "value": "Static"
                    }
                ],
                "productSpecification": {
                    "id": "5001",
                    "name": "NaaS Internet"
                }
            },
            "productOffering": {
                "id": "718",
                "name": "NaaS Internet"
            }
        }
    ],
    "quote": [
        {
            "id": "NaaS-7888",
            "name": "quoteId"
        }
    ],
    "relatedContactInformation": [
        {
            "number": "+16157691234",
            "emailAddress": "first.lastname@domain.com",
            "role": "Order Contact",
            "organization": "Org Name",
            "name": "FirstName LastName",
            "numberExtension": ""
        }
    ]
}`
	// What clients of such APIs send to change a service's bandwidth.
	fieldModify = `{"externalId":"77133831778261121042","billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},
		"channel":[{"id":99,"name":"NaaS ExternalApi"}],"note":[{"text":"schedule"}],
		"productOrderItem":[{"id":"77133831778","quantity":1,"action":"modify",
			"product":{"id":"77133831778","productCharacteristic":[],"productSpecification":{"id":"5001","name":"NaaS Internet"}},
			"productOffering":{"id":"718","name":"NaaS Internet"}}],
		"quote":[{"id":"NaaS-1466","name":"NaaS-1466"}]}`
	fieldDelete = `{"externalId":"x","billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},
		"channel":[{"id":"99","name":"NaaS ExternalAPI"}],
		"productOrderItem":[{"id":"1","quantity":"1","action":"delete",
			"product":{"id":"77133831778","productSpecification":{"id":"5001","name":"NaaS Internet"}},
			"productOffering":{"id":"718","name":"NaaS Internet On-Demand"}}]}`
)

// replaced is body with one text for another, of which there must be one.
func replaced(t *testing.T, body, old, by string) string {
	t.Helper()
	if n := strings.Count(body, old); n != 1 {
		t.Fatalf("%q is in the body %d times", old, n)
	}
	return strings.Replace(body, old, by, 1)
}

// broken compares the violations with what is wanted: "OND-QTE-01 sourceSystem".
func broken(t *testing.T, wrong fault.List, want ...string) {
	t.Helper()
	got := []string{}
	for _, v := range wrong {
		got = append(got, v.Rule+" "+v.Field)
		if v.Message == "" {
			t.Errorf("%s says nothing about %s", v.Rule, v.Field)
		}
	}
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s%v", diff, wrong)
	}
}

func TestThePriceRequestOfTheSourceAndThoseOfTheFieldBreakNoRule(t *testing.T) {
	t.Parallel()
	for why, change := range map[string][2]string{
		"as printed":                      {"100 Mbps", "100 Mbps"},
		"its source system in other case": {"NaaS ExternalAPI", "NaaS ExternalApi"},
		"its source system with spaces":   {"NaaS ExternalAPI", " naas externalapi "},
		"its currency in small letters":   {`"USD"`, `"usd"`},
		"PartnerId in other case":         {`"partnerId"`, `"PartnerId"`},
		"its partner as a number":         {`"43558"`, `43558`},
		"its product as a number":         {`"718"`, `718`},
		"its speed in other words":        {"100 Mbps", "100MBPS"},
		"its speed in Gbps":               {"100 Mbps", "1 Gbps"},
		"its order number as a number":    {`"PO-12345"`, `12345`},
		"no description":                  {`"customerPriceRequestDescription": "NaaS Price Request",`, ""},
		"a description of null":           {`"NaaS Price Request"`, `null`},
		"no product name":                 {`"productName": "Internet On-Demand",`, ""},
		"a field that we do not know":     {`"speed"`, `"term":{"months":1},"speed"`},
		"the longest description":         {`NaaS Price Request`, strings.Repeat("ü", 500)},
		"the longest order number":        {`PO-12345`, strings.Repeat("ü", 100)},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r := read[PriceRequest](t, replaced(t, sourcePrice, change[0], change[1]))
			p, wrong := checkPrice(r)
			broken(t, wrong)
			partner, uni, wrong := checkAttachment(r, p.site, nil)
			broken(t, wrong)
			if p.site.ID != "PL0001247634" || partner != "43558" || uni != "" || p.offer.Speed.Mbps != p.speed.Mbps {
				t.Errorf("understood as %+v, partner %q, port %q", p, partner, uni)
			}
		})
	}
}

func TestAPriceRequestIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("ü", n) }
	for _, c := range []struct{ rule, why, old, by, field string }{
		{"OND-QTE-01", "another source system", "NaaS ExternalAPI", "NaaS", "sourceSystem"},
		{"OND-QTE-01", "no source system", `"sourceSystem": "NaaS ExternalAPI",`, "", "sourceSystem"},
		{"OND-QTE-02", "another currency", `"USD"`, `"EUR"`, "currencyCode"},
		{"OND-QTE-02", "no currency", `"currencyCode": "USD",`, "", "currencyCode"},
		{"OND-QTE-03", "a site that there is not", "PL0001247634", "PL0000000000", "masterSiteId"},
		{"OND-QTE-03", "a site in small letters", "PL0001247634", "pl0001247634", "masterSiteId"},
		{"OND-QTE-03", "no site", `"masterSiteId": "PL0001247634",`, "", "masterSiteId"},
		{"OND-QTE-04", "another product", `"718"`, `"719"`, "productCode"},
		{"OND-QTE-04", "a product with a decimal", `"718"`, `718.0`, "productCode"},
		{"OND-QTE-04", "no product", `"productCode": "718",`, "", "productCode"},
		{"OND-QTE-05", "a speed that is not offered", "100 Mbps", "101 Mbps", "speed"},
		{"OND-QTE-05", "a speed beyond the offered", "100 Mbps", "20 Gbps", "speed"},
		{"OND-QTE-05", "a speed without a unit", "100 Mbps", "100", "speed"},
		{"OND-QTE-05", "a negative speed", "100 Mbps", "-100 Mbps", "speed"},
		{"OND-QTE-05", "no speed", `"100 Mbps"`, `null`, "speed"},
		{"OND-QTE-06", "no customer", `"1-ABCDE"`, `""`, "customerNumber"},
		{"OND-QTE-06", "a blank customer", `"1-ABCDE"`, `"  "`, "customerNumber"},
		{"OND-QTE-09", "a description too long", "NaaS Price Request", long(501), "customerPriceRequestDescription"},
		{"OND-QTE-09", "a description with a control character", "NaaS Price Request", `a\u0007b`, "customerPriceRequestDescription"},
		{"OND-QTE-09", "an order number too long", "PO-12345", long(101), "customerPurchaseOrderNumber"},
		{"OND-QTE-09", "a product name too long", "Internet On-Demand", long(101), "productName"},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			_, wrong := checkPrice(read[PriceRequest](t, replaced(t, sourcePrice, c.old, c.by)))
			broken(t, wrong, c.rule+" "+c.field)
		})
	}
}

func TestWhereAServiceIsAttachedIsSaidByThePartnerOrThePort(t *testing.T) {
	t.Parallel()
	center, _ := SiteByID("PL0001247634")
	premises, _ := SiteByID("PL0001247700")
	nni := &attachment{site: center.ID}
	uni := &attachment{site: premises.ID, uni: ExampleUNI}
	for _, c := range []struct {
		why              string
		site             Site
		partner, service Text
		named            *attachment
		wantPartner      string
		wantUNI          string
		want             []string
	}{
		{"OND-QTE-07 the partner of the data center", center, "43558", "", nil, "43558", "", nil},
		{"OND-QTE-07 the partner in spaces", center, " 43558 ", "", nil, "43558", "", nil},
		{"OND-QTE-07 no partner but a service there", center, "", "77133831778", nni, "43558", "", nil},
		{"OND-QTE-07 a partner and a service there", center, "43558", "77133831778", nni, "43558", "", nil},
		{"OND-QTE-07 another partner", center, "362232", "", nil, "43558", "", []string{"OND-QTE-07 partnerId"}},
		{"OND-QTE-07 another partner with a service there", center, "362232", "77133831778", nni, "43558", "", []string{"OND-QTE-07 partnerId"}},
		{"OND-QTE-07 no partner", center, "", "", nil, "43558", "", []string{"OND-QTE-07 partnerId"}},
		{"OND-QTE-07 no partner and a service elsewhere", center, "", ExampleUNI, uni, "43558", "", []string{"OND-QTE-07 partnerId"}},
		{"OND-QTE-08 the customer's port", premises, "", ExampleUNI, uni, "", ExampleUNI, nil},
		{"OND-QTE-08 no port", premises, "", "", nil, "", "", []string{"OND-QTE-08 serviceId"}},
		{"OND-QTE-08 somebody else's port or none", premises, "", "77130000009", nil, "", "", []string{"OND-QTE-08 serviceId"}},
		{"OND-QTE-08 a service at a data center", premises, "", "77133831778", nni, "", "", []string{"OND-QTE-08 serviceId"}},
		{"OND-QTE-07 a partner at the customer's premises", premises, "43558", ExampleUNI, uni, "", ExampleUNI, []string{"OND-QTE-07 partnerId"}},
		{"OND-QTE-07 and OND-QTE-08 at once", premises, "43558", "", nil, "", "", []string{"OND-QTE-08 serviceId", "OND-QTE-07 partnerId"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			partner, port, wrong := checkAttachment(&PriceRequest{PartnerID: c.partner, ServiceID: c.service}, c.site, c.named)
			broken(t, wrong, c.want...)
			if partner != c.wantPartner || port != c.wantUNI {
				t.Errorf("partner %q, port %q; want %q, %q", partner, port, c.wantPartner, c.wantUNI)
			}
		})
	}
}

func TestAPriceRequestThatBreaksEveryRuleIsToldSoAtOnce(t *testing.T) {
	t.Parallel()
	_, wrong := checkPrice(&PriceRequest{Description: strings.Repeat("x", 501), PurchaseOrder: "\x07", ProductName: strings.Repeat("x", 101)})
	broken(t, wrong, "OND-QTE-01 sourceSystem", "OND-QTE-02 currencyCode", "OND-QTE-03 masterSiteId", "OND-QTE-04 productCode",
		"OND-QTE-05 speed", "OND-QTE-06 customerNumber", "OND-QTE-09 customerPriceRequestDescription",
		"OND-QTE-09 customerPurchaseOrderNumber", "OND-QTE-09 productName")
}

const add, modify, del = "add", "modify", "delete"

func bodies(t *testing.T, action string) string {
	t.Helper()
	return map[string]string{add: sourceOrder, modify: fieldModify, del: fieldDelete}[action]
}

func TestTheOrderOfTheSourceAndThoseOfTheFieldBreakNoRule(t *testing.T) {
	t.Parallel()
	adds := ordered{action: add, quote: "NaaS-7888", name: "My First NaaS", bits: 29}
	changes := ordered{action: modify, service: "77133831778", quote: "NaaS-1466"}
	named := changes
	named.name = "Renamed"
	renames := named
	renames.quote = ""
	ends := ordered{action: del, service: "77133831778"}
	with := func(o ordered, f func(*ordered)) ordered { f(&o); return o }
	const rename = `"productCharacteristic":[{"name":"Customer Service Name","valueType":"String","value":"Renamed"}]`
	for _, c := range []struct {
		why, action, old, by string
		want                 ordered
	}{
		{"as printed", add, "EXT-000027740", "EXT-000027740", adds},
		{"an external id of 20 characters", add, "EXT-000027740", strings.Repeat("ü", 20), adds},
		{"an external id as a number", add, `"EXT-000027740"`, `1692817140`, adds},
		{"the channel as a number", add, `"99"`, `99`, adds},
		{"the channel's name in other case", add, "NaaS ExternalAPI", "NaaS ExternalApi", adds},
		{"the quantity as a text", add, `"quantity": 1`, `"quantity": "1"`, adds},
		{"the action in capitals", add, `"action": "add"`, `"action": "ADD"`, adds},
		{"a block of 16", add, `"/29"`, `"/28"`, with(adds, func(o *ordered) { o.bits = 28 })},
		{"a block of 4", add, `"/29"`, `"/30"`, with(adds, func(o *ordered) { o.bits = 30 })},
		{"the offering's other name", add, "\"id\": \"718\",\n                \"name\": \"NaaS Internet\"", `"id": 718, "name": "NaaS Internet On-Demand"`, adds},
		{"the offering's third name", add, "\"id\": \"718\",\n                \"name\": \"NaaS Internet\"", `"id": "718", "name": "Internet On-Demand"`, adds},
		{"the quote's id for its name", add, `"quoteId"`, `"NaaS-7888"`, adds},
		{"no name of the quote", add, "\"id\": \"NaaS-7888\",\n            \"name\": \"quoteId\"", `"id": "NaaS-7888"`, adds},
		{"no note", add, `"note"`, `"remarks"`, adds},
		{"a note of null", add, "\"This is your reference note for tracking purposes.\"", `null`, adds},
		{"no type of a value", add, `"valueType": "String",
                        "value": "My First NaaS"`, `"value": "My First NaaS"`, adds},
		{"a characteristic's name in other case", add, `"IPV4 Block Size"`, `"IPv4 block size"`, adds},
		{"a name as a number", add, `"My First NaaS"`, `42`, with(adds, func(o *ordered) { o.name = "42" })},
		{"a number without +1", add, "+16157691234", "(615) 769-1234", adds},
		{"a number with dots", add, "+16157691234", "1.615.769.1234", adds},
		{"a number as a number", add, `"+16157691234"`, `6157691234`, adds},
		{"no extension", add, "\"name\": \"FirstName LastName\",\n            \"numberExtension\": \"\"", `"name": "FirstName LastName"`, adds},
		{"three names", add, "FirstName LastName", "First Middle Last", adds},

		{"a change of bandwidth", modify, "schedule", "schedule", changes},
		{"the characteristics null", modify, `"productCharacteristic":[]`, `"productCharacteristic":null`, changes},
		{"no characteristics", modify, `"productCharacteristic":[],`, ``, changes},
		{"a new name and a quote", modify, `"productCharacteristic":[]`, rename, named},
		{"a new name alone", modify, `"productCharacteristic":[],"productSpecification":{"id":"5001","name":"NaaS Internet"}},
			"productOffering":{"id":"718","name":"NaaS Internet"}}],
		"quote":[{"id":"NaaS-1466","name":"NaaS-1466"}]`, rename + `,"productSpecification":{"id":"5001","name":"NaaS Internet"}},
			"productOffering":{"id":"718","name":"NaaS Internet"}}]`, renames},
		{"a change with an empty list of contacts", modify, `"quote":`, `"relatedContactInformation":[],"quote":`, changes},
		{"a change with a blank contact", modify, `"quote":`,
			`"relatedContactInformation":[{"number":"","emailAddress":"","role":"","organization":"","name":"","numberExtension":""}],"quote":`, changes},
		{"a change with a blank contact that has its role", modify, `"quote":`,
			`"relatedContactInformation":[{"number":"","emailAddress":"","role":"Order Contact","organization":"Org","name":""}],"quote":`, changes},
		{"the service as a number", modify, `"product":{"id":"77133831778"`, `"product":{"id":77133831778`, changes},

		{"the end of a service", del, `"x"`, `"y"`, ends},
		{"an end with a blank quote", del, `"externalId"`, `"quote":[{"id":"","name":""}],"externalId"`, ends},
		{"an end with an empty list of quotes", del, `"externalId"`, `"quote":[],"externalId"`, ends},
		{"an end that repeats what the service has", del, `"product":{`,
			`"product":{"productCharacteristic":[{"name":"VLAN Assignment","value":"Auto Assign"},{"name":"IPV4 Block Size","value":"/29"}],`,
			with(ends, func(o *ordered) { o.bits = 29 })},
	} {
		t.Run(c.action+"/"+c.why, func(t *testing.T) {
			t.Parallel()
			o, wrong := checkOrder(read[OrderRequest](t, replaced(t, bodies(t, c.action), c.old, c.by)))
			broken(t, wrong)
			if o != c.want {
				t.Errorf("understood as %+v, want %+v", o, c.want)
			}
		})
	}
}

func TestTheAnswerToAnOrderIsTheSourcesWithItsNulls(t *testing.T) {
	t.Parallel()
	var got, want any
	body, err := json.Marshal(answerOf("1ec0b2a0-41e7-11ee-86e8-0b78fbf26f76", read[OrderRequest](t, sourceOrder)))
	if err != nil {
		t.Fatal(err)
	}
	// The answer has what was asked, the order's id, and the item's nulls.
	printed := replaced(t, sourceOrder, `"externalId"`, `"id": "1ec0b2a0-41e7-11ee-86e8-0b78fbf26f76", "externalId"`)
	printed = replaced(t, printed, `"action": "add",`, `"action": "add",
            "appointment": null, "billingAccount": null, "itemPrice": null, "itemTerm": null, "itemTotalPrice": null, "payment": null,
            "productOfferingQualificationItem": null, "productOrderItem": null, "productOrderItemRelationship": null, "qualification": null,
            "quoteItem": null, "state": null, "@baseType": null, "@schemaLocation": null, "@type": "ProductOrderItem",`)
	for text, into := range map[string]*any{string(body): &got, printed: &want} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer (-source +ours):\n%s", diff)
	}
}

const (
	itemAt  = "productOrderItem[0]."
	charsAt = itemAt + "product.productCharacteristic"
)

func at(i int, part string) string { return fmt.Sprintf("%s[%d].%s", charsAt, i, part) }
