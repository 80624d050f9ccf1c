package voicehttp_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

const day = 24 * time.Hour

// An install is accepted and worked two seconds later, under every path; a second request
// with its key changes nothing, and one without is told that the numbers are busy.
func TestNumbersGoInServiceUnderEveryPath(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"orderNumbers", "orderNumbersNoS", "orderNumbersPlural", "orderNumbersPluralNoS"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			e := serve(t, "")
			asked := ask{key: "once", body: installing(body{"startTN": 13035550116, "endTN": 13035550117}).with("externalOrderId", 4711)}
			first := e.good(t, call, asked, 202, nil)
			if want := `{"voiceOrderId":"V100000001","externalOrderId":"4711","orderStatus":"created","rateCenterOrders":[` +
				`{"transactionOrderId":"V100000001-1","rateCenter":"DENVER","state":"CO","quantity":2}]}`; strings.TrimSpace(first.body) != want {
				t.Fatalf("got %s", first.body)
			}
			again := e.good(t, call, asked, 202, nil)
			const where = "/Voice/v1/orderStatus?voiceOrderId=V100000001"
			if again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Location") != where || again.header.Get("Location") != where {
				t.Fatalf("got %s %v, and again %s %v", first.body, first.header, again.body, again.header)
			}
			got := e.refused(t, call, ask{body: installing(13035550117)}, 400, "1612 subscriberLines[0].tnList")
			if got.header.Get("Location") != "" {
				t.Error("an order that was refused is somewhere")
			}
			e.pass(2 * time.Second)
			s, got := e.status(t, "V100000001")
			if s.OrderType != "NEW" || s.OrderStatus != "completed" || s.OrderStatusDetail != "completed" || s.CustomerRequestDate != nil || s.FOCDate != nil ||
				s.RateCenterOrders[0].ReservedQuantity != 2 || *s.RateCenterOrders[0].NotificationCode != 902 {
				t.Errorf("got %s", got.body)
			}
			if codes := fmt.Sprint(e.Codes("V100000001")); codes != "[901 902 902]" {
				t.Errorf("told %s", codes)
			}
			e.CheckAll()
		})
	}
}

// What is asked for may be written in every way, and is stored alike.
func TestNumbersInServiceAreAskedForLeniently(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]body{
		"E.164 as numbers":   installing(13035550116, 13035550117),
		"texts":              installing("13035550116", "+13035550117").with("productID", 2036),
		"ten digits":         installing(3035550116, "3035550117"),
		"a range":            installing(body{"startTN": "13035550116", "endTN": 13035550117}),
		"in parts":           installing(body{"npa": 303, "nxx": "555", "line": "0116", "endLine": "0117"}),
		"mixed, and twice":   installing(body{"npa": "303", "nxx": "555", "line": "0117"}, 13035550116, 13035550117),
		"any case of values": installing(13035550116, 13035550117).with("orderType", "new").line(func(l body) body { return l.with("customerType", "r") }),
		"any case of names": {"ProductID": " 2036 ", "OrderType": "NEW", "CustomerServiceName": " MAIN-ROUTE ",
			"SubscriberLines": lines(resident(13035550116, 13035550117))},
		"numbers as texts, null, and fields of one's own": installing(13035550116, 13035550117).with("colour", "green").with("customerRequestDate", nil).
			with("lnp", nil).line(func(l body) body {
			return l.with("middleInitial", nil).with("e911Option", "").with("serviceAddress", denver().with("streetNumber", 100).with("zip", 80202).with("state", "co"))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, "")
			e.lenient(t, "orderNumbers", ask{body: b}, 202, nil).has(t, `"quantity":2}`)
			e.pass(2 * time.Second)
			e.good(t, "getInventoryDetails", ask{query: "?productID=2036&rateCenter=DENVER&pageNumber=18&pageSize=1"}, 200, nil).
				has(t, `{"pageNumber":18,"pageSize":1,"totalCount":18,"telephoneNumbers":[{"telephoneNumber":13035550117,"npa":"303","nxx":"555","line":"0117","productID":"2036",`+
					`"rateCenter":"DENVER","state":"CO","customerServiceName":"MAIN-ROUTE","routePlanName":null,`+
					`"subscriber":{"customerType":"R","firstName":"Avery","lastName":"Example"},`+
					`"serviceAddress":{"streetNumber":"100","streetName":"Main","streetSuffix":"ST","city":"Denver","state":"CO","zip":"80202"},`+
					`"e911Address":null,"e911Option":null,"directoryListing":null,"cnam":{"blockCustomerName":"N","cnamCustomerName":"DENVER CO"},`+
					`"ported":false,"activeDate":"2040-06-01T00:00:02Z","voiceOrderId":"V100000001"}]}`)
			e.CheckAll()
		})
	}
}

// A port that the losing carrier rejects is supplemented, committed to, and made to happen
// now. What was told says when, and why not.
func TestAPortIsRejectedSupplementedCommittedToAndPortedNow(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "NoS"} {
		t.Run("path"+suffix, func(t *testing.T) {
			t.Parallel()
			valid := schema(t)
			e := serve(t, suffix)
			e.good(t, "deskPutRoute", ask{args: route(voice.RouteName, "PORT-ROUTE")}, 200, nil)
			full := porting(13033312000).with("productID", 2042).with("externalOrderId", "[demarc:port-name]").with("customerServiceName", "PORT-ROUTE").line(func(l body) body {
				return l.with("e911Option", "e911").with("cnam", body{"blockCustomerName": "N", "cnamCustomerName": "A EXAMPLE"}).
					with("directoryListing", body{"directoryListingAction": "a", "directoryListingType": 1, "directoryFirstName": "Avery", "directoryLastName": "Example"})
			})
			var o accepted
			e.lenient(t, e.op("orderNumbers"), ask{body: full}, 202, &o)
			id := o.VoiceOrderID
			now := ask{body: body{"voiceOrderId": id}}
			e.refused(t, e.op("portNow"), now, 409, "409001").has(t, `"next":[`)
			if s, got := e.status(t, id); s.OrderType != "LNP" || s.OrderStatus != "created" || s.LosingCarrier == "" || *s.CustomerRequestDate != "2040-06-07T05:00:00Z" {
				t.Fatalf("got %s", got.body)
			}
			e.pass(5 * day)
			if s, got := e.status(t, id); s.OrderStatus != "rejected" || s.OrderStatusDetail != voice.PortRejected || s.RejectionReason != "subscriber name mismatch" || s.CompletedDate != nil {
				t.Fatalf("got %s", got.body)
			}
			supplement := ask{args: order(id), key: "once", body: body{"customerRequestDate": "2040-06-16T15:00:00Z"}}
			got := e.good(t, e.op("supplementOrder"), supplement, 202, nil)
			const where = "/Voice/v1/orderStatus?voiceOrderId=V100000001"
			if want := `{"voiceOrderId":"V100000001","externalOrderId":"[demarc:port-name]","orderStatus":"rejected","transactionOrderId":"V100000001-2"}`; strings.TrimSpace(got.body) != want ||
				got.header.Get("Location") != where {
				t.Fatalf("got %s %v", got.body, got.header)
			}
			if again := e.good(t, e.op("supplementOrder"), supplement, 202, nil); again.body != got.body || again.header.Get("Idempotent-Replayed") != "true" {
				t.Fatalf("and again %s", again.body)
			}
			e.good(t, "getOrderStatus", ask{query: "?voiceOrderId=" + id}, 200, nil).
				has(t, `{"transactionOrderId":"V100000001-2","kind":"supplement","rateCenter":"","state":"","quantity":0,"reservedQuantity":0,"status":"created","notificationCode":null}`)
			e.pass(3 * time.Second)
			e.refused(t, e.op("cancelOrder"), ask{body: body{"voiceOrderId": id, "transactionOrderId": id + "-2"}}, 400, "20070 transactionOrderId")
			e.pass(5 * day)
			s, got := e.status(t, id)
			if s.OrderStatus != "in-progress" || s.OrderStatusDetail != voice.PortFOC || s.RejectionReason != "" || *s.FOCDate != "2040-06-18T15:00:00Z" || // the 16th is a Saturday
				*s.CustomerRequestDate != "2040-06-16T15:00:00Z" {
				t.Fatalf("got %s", got.body)
			}
			if got := e.good(t, e.op("portNow"), now, 202, nil); strings.TrimSpace(got.body) != `{"voiceOrderId":"V100000001","externalOrderId":"[demarc:port-name]","orderStatus":"in-progress"}` ||
				got.header.Get("Location") != where {
				t.Fatalf("got %s", got.body)
			}
			e.pass(time.Second)
			e.good(t, e.op("getInventoryDetails"), ask{query: "?productID=2042&customerServiceName=PORT-ROUTE"}, 200, nil).
				has(t, `"totalCount":1`, `"telephoneNumber":13033312000`, `"e911Address":{"streetNumber":"100"`, `"e911Option":"E911"`,
					`"directoryListing":{"directoryListingType":"1","directoryFirstName":"Avery","directoryLastName":"Example"}`,
					`"cnam":{"blockCustomerName":"N","cnamCustomerName":"A EXAMPLE"},"ported":true,`)
			e.refused(t, e.op("portNow"), now, 409, "409001")
			e.toldOfPort(t, valid, id)
			e.CheckAll()
		})
	}
}

// toldOfPort: what a port's customer was told has the day and the reason, in JSON and XML.
func (e *edge) toldOfPort(t *testing.T, valid func(string) error, id string) {
	t.Helper()
	if codes := fmt.Sprint(e.Codes(id)); codes != "[901 904 904 903 902 902]" {
		t.Errorf("told %s", codes)
	}
	e.good(t, "getVoiceNotifications", ask{query: "?voiceOrderId=" + id}, 200, nil).has(t,
		`"notificationCode":903,"notificationMessage":"LNP (porting) order FOC (Firm Order Commitment) is scheduled. Please see FOC data provided."},"focDate":"2040-06-18T15:00:00Z","notificationDate"`,
		`"notificationMessage":"Your LNP (porting) order action has been updated."},"reason":"subscriber name mismatch","notificationDate"`,
		`"notificationMessage":"Your LNP (porting) order action has been updated."},"notificationDate"`)
	page := e.good(t, "getVoiceNotifications", ask{query: "?voiceOrderId=" + id}.with("Accept", "application/xml"), 200, nil)
	page.has(t, `</voiceOrderStatus><focDate>2040-06-18T15:00:00Z</focDate></PartnerNotification>`, `</voiceOrderStatus><reason>subscriber name mismatch</reason></PartnerNotification>`)
	documents := []string{page.body}
	for _, told := range e.Notifications(id) {
		documents = append(documents, told.Notification("Customer & Sons").XML())
	}
	for _, document := range documents {
		if err := valid(document); err != nil {
			t.Errorf("%v: %s", err, document)
		}
	}
	for name, change := range map[string][2]string{
		"a day alone":       {"18T15:00:00Z</focDate>", "18</focDate>"},
		"the reason first":  {"</voiceOrderStatus><reason>subscriber name mismatch</reason>", "<reason>subscriber name mismatch</reason></voiceOrderStatus>"},
		"an empty reason":   {"<reason>subscriber name mismatch</reason>", "<reason/>"},
		"both, in disorder": {"<focDate>2040", "<reason>x</reason><focDate>2040"},
	} {
		wrong := strings.ReplaceAll(page.body, change[0], change[1])
		if wrong == page.body || valid(wrong) == nil {
			t.Errorf("%s: it is valid: %s", name, wrong)
		}
	}
}

// Numbers in service are changed, cancelled and ended, under both spellings.
func TestNumbersAreChangedAndTheirServiceEnds(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "NoS"} {
		t.Run("path"+suffix, func(t *testing.T) {
			t.Parallel()
			e := serve(t, suffix)
			id := e.accept(t, "changeNumbers", ask{body: changing(body{"customerType": "B", "businessName": "Example Bakery"}, 13035550100, body{"npa": "720", "nxx": 555, "line": "0100"}).
				with("routePlanName", "PLAN-A").with("customerServiceName", "BACKUP-ROUTE").with("externalOrderId", "C-1")})
			e.refused(t, e.op("disconnectNumbers"), ask{body: ending("2040-06-08T15:00:00Z", 13035550100)}, 400, "1612 tnList")
			e.pass(2 * time.Minute)
			s, got := e.status(t, id)
			if s.OrderType != "CHANGE" || s.OrderStatus != "completed" || len(s.RateCenterOrders) != 2 {
				t.Fatalf("got %s", got.body)
			}
			for query, number := range map[string]string{"rateCenter=aurora": "17205550100", "NPA=303&NXX=555": "13035550100"} {
				e.good(t, e.op("getInventoryDetails"), ask{query: "?productID=2036&customerServiceName=BACKUP-ROUTE&" + query}, 200, nil).
					has(t, `"totalCount":1`, `"telephoneNumber":`+number, `"customerServiceName":"BACKUP-ROUTE","routePlanName":"PLAN-A","subscriber":{"customerType":"B","businessName":"Example Bakery"}`)
			}
			late := e.accept(t, "changeNumbers", ask{body: changing(body{}, 13035550101).with("routePlanName", "PLAN-B").with("customerRequestDate", "2040-06-10T15:00:00Z")})
			e.pass(day)
			if s, got := e.status(t, late); s.OrderStatus != "created" || *s.CustomerRequestDate != "2040-06-10T15:00:00Z" {
				t.Fatalf("got %s", got.body)
			}
			cancel := ask{body: body{"voiceOrderId": late}, key: "once"}
			got = e.good(t, e.op("cancelOrder"), cancel, 202, nil)
			if strings.TrimSpace(got.body) != `{"voiceOrderId":"`+late+`","externalOrderId":"","orderStatus":"cancelled"}` || got.header.Get("Location") != "/Voice/v1/orderStatus?voiceOrderId="+late {
				t.Fatalf("got %s %v", got.body, got.header)
			}
			if again := e.good(t, e.op("cancelOrder"), cancel, 202, nil); again.body != got.body || again.header.Get("Idempotent-Replayed") != "true" {
				t.Fatalf("and again %s", again.body)
			}
			end := e.accept(t, "disconnectNumbers", ask{body: ending("2040-06-08T15:00:00Z", body{"startTN": 13035550100, "endTN": 13035550101}, "17205550100").with("externalOrderId", 5)})
			e.accept(t, "cancelOrder", ask{body: body{"voiceOrderId": end, "transactionOrderId": end + "-1"}})
			e.pass(7 * day)
			s, got = e.status(t, end)
			if s.OrderType != "DISCONNECT" || s.OrderStatus != "completed" || *s.CompletedDate != "2040-06-08T15:00:00Z" || s.RateCenterOrders[0].Status != voice.PartCancelled ||
				s.RateCenterOrders[1].Status != voice.PartCompleted || *s.RateCenterOrders[1].NotificationCode != 906 {
				t.Fatalf("got %s", got.body)
			}
			e.good(t, e.op("getInventoryDetails"), ask{query: "?productID=2036"}, 200, nil).has(t, `"totalCount":18,`)
			e.CheckAll()
		})
	}
}

// The report is filtered and paged, its parameters in any spelling of case.
func TestTheReportIsFilteredAndPaged(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	type page struct {
		PageNumber, PageSize, TotalCount int
		TelephoneNumbers                 []struct{ TelephoneNumber int64 }
	}
	for query, want := range map[string]string{
		"": "1 100 20: 13035550100 13035550101 13035550102 13035550103 13035550104 13035550105 13035550106 13035550107 13035550108 13035550109 13035550110 13035550111 " +
			"13035550112 13035550113 13035550114 13035550115 17205550100 17205550101 17205550102 17205550103",
		"&pageSize=2": "1 2 20: 13035550100 13035550101", "&pageSize=3&pageNumber=6": "6 3 20: 13035550115 17205550100 17205550101",
		"&PageSize=19&PAGENUMBER=2": "2 19 20: 17205550103", "&pageNumber=3&pageSize=10": "3 10 20:", "&pageNumber=1000000": "1000000 100 20:",
		"&rateCenter=aurora&pageSize=1": "1 1 4: 17205550100", "&state=co&pageSize=1": "1 1 20: 13035550100", "&state=AK": "1 100 0:",
		"&NPA=720&pageSize=1&pageNumber=4": "4 1 4: 17205550103", "&npa=303&nxx=555&pageSize=1": "1 1 16: 13035550100", "&NPA=303&NXX=556": "1 100 0:",
		"&customerServiceName=MAIN-ROUTE&pageSize=1": "1 1 20: 13035550100", "&customerservicename=BACKUP-ROUTE": "1 100 0:",
	} {
		var got page
		e.lenient(t, "getInventoryDetails", ask{query: "?productID=2036" + query}, 200, &got)
		text := fmt.Sprintf("%d %d %d:", got.PageNumber, got.PageSize, got.TotalCount)
		for _, n := range got.TelephoneNumbers {
			text += fmt.Sprintf(" %d", n.TelephoneNumber)
		}
		if text != want {
			t.Errorf("%s: got %s\nwant %s", query, text, want)
		}
	}
	none := `{"pageNumber":1,"pageSize":100,"totalCount":0,"telephoneNumbers":[]}`
	e.good(t, "getInventoryDetails", ask{query: "?productID=2042"}, 200, nil).has(t, none)
	e.good(t, "getInventoryDetailsNoS", ask{query: "?productID=2036"}.with("x-customer-number", voicetest.Other), 200, nil).has(t, none)
	e.good(t, "getInventoryDetails", ask{query: "?productID=2036&customerServiceName=" + url.QueryEscape("MAIN-ROUTE ") + "&pageSize=1"}, 200, nil).
		has(t, `[{"telephoneNumber":13035550100,"npa":"303","nxx":"555","line":"0100","productID":"2036","rateCenter":"DENVER","state":"CO","customerServiceName":"MAIN-ROUTE",`+
			`"routePlanName":null,"subscriber":{"customerType":"B","businessName":"Example Subscriber DENVER"},"serviceAddress":{"streetNumber":"100","streetName":"MAIN",`+
			`"streetSuffix":"ST","city":"DENVER","state":"CO","zip":"80202"},"e911Address":null,"e911Option":null,"directoryListing":null,`+
			`"cnam":{"blockCustomerName":"N","cnamCustomerName":"DENVER CO"},"ported":false,"activeDate":"2040-06-01T00:00:00Z","voiceOrderId":"V100000000"}]}`)
}

// A name that is not shown, and other customers' orders, are nobody's business.
func TestWhatIsShownOfACallerIsItsCustomersChoice(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	hidden := changing(body{"cnam": body{"blockCustomerName": "Y"}}, 13035550100)
	e.refused(t, "changeNumbers", ask{body: hidden}, 400, "400001 subscriberLines[0].cnam")
	e.good(t, "deskPutCustomer", ask{args: number(voicetest.Customer), body: body{"cnam": true}}, 200, nil).has(t, `"cp911":false,"cnam":true}`)
	id := e.accept(t, "changeNumbers", ask{body: hidden})
	e.pass(2 * time.Minute)
	e.good(t, "getInventoryDetails", ask{query: "?productID=2036&pageSize=1"}, 200, nil).has(t, `"cnam":{"blockCustomerName":"Y","cnamCustomerName":""}`)
	e.refused(t, "getOrderStatus", ask{query: "?voiceOrderId=" + id}.with("x-customer-number", voicetest.Other), 400, "20060 voiceOrderId")
	e.CheckAll()
}

// A port asks the number administration whose the numbers are; while it does not answer,
// nothing is ordered.
func TestAPortWaitsForTheNumberAdministration(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	port := ask{key: "once", body: porting(13033312000)}
	e.Fakes.FailTimes(voicetest.Lookup, voice.HowLate, 1)
	e.refused(t, "orderNumbers", port, 504, "504002")
	e.Fakes.FailTimes(voicetest.Lookup, voice.HowDown, 1)
	if got := e.refused(t, "orderNumbers", port, 503, "503001"); got.header.Get("Retry-After") == "" {
		t.Error("nobody is told when to try again")
	}
	if id := e.accept(t, "orderNumbers", port); id != "V100000001" {
		t.Errorf("the third try is %s", id)
	}
	e.CheckAll()
}
