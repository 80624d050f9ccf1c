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

// A list is read a page at a time, its parameters in any spelling of case.
func TestRateCentersArePaged(t *testing.T) {
	e := serve(t, "NoS")
	type page struct {
		PageNumber, PageSize, TotalCount int
		RateCenters                      []struct{ RateCenter string }
	}
	var first, second, all page
	e.good(t, "listRateCentersNoS", ask{query: "?productID=2036&state=CO"}, 200, &first)
	if len(first.RateCenters) != 10 || first.PageNumber != 1 || first.PageSize != 10 || first.TotalCount < 50 {
		t.Fatalf("got %+v", first)
	}
	e.lenient(t, "listRateCentersNoS", ask{query: "?productid=2036&STATE=co&PageNumber=2&pagesize=7"}, 200, &second)
	e.lenient(t, "listRateCenters", ask{query: "?ProductId=2036&State=co&pageSize=1000"}, 200, &all)
	if len(all.RateCenters) != all.TotalCount || all.TotalCount != first.TotalCount || second.RateCenters[0] != all.RateCenters[7] || second.RateCenters[6] != all.RateCenters[13] {
		t.Errorf("got %d of %d, and %+v", len(all.RateCenters), first.TotalCount, second)
	}
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&rateCenter=denver"}, 200, nil).
		has(t, `{"pageNumber":1,"pageSize":10,"totalCount":1,"rateCenters":[{"rateCenter":"DENVER","state":"CO","lata":"656","npas":["303","720"],`+
			`"static911":true,"openForOrders":true,"backorderAllowed":true}]}`)
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&rateCenter=VAIL"}, 200, nil).has(t, `"openForOrders":false`)
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=AK&rateCenter=ANCHORAGE"}, 200, nil).has(t, `"backorderAllowed":false`)
	t.Run("VOICE-ERR-20103 pages count from 1", func(t *testing.T) {
		for _, n := range []string{"0", "-1", "x", "1.5", "1234567890"} {
			e.refused(t, "listRateCenters", ask{query: "?productID=2036&state=CO&pageNumber=" + n}, 400, "20103 pageNumber").has(t, `"message":"Invalid page number"`)
		}
	})
	t.Run("VOICE-ERR-20104 a page has 1 to 1,000 entries", func(t *testing.T) {
		for _, n := range []string{"0", "1001", "ten"} {
			e.refused(t, "getInventory", ask{query: "?pageSize=" + n}, 400, "20104 pageSize").has(t, `"message":"Invalid page size"`)
		}
	})
	var npa page
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&npa=720&pageSize=1000"}, 200, &npa)
	if npa.TotalCount == 0 || npa.TotalCount >= all.TotalCount {
		t.Errorf("%d rate centers have codes of 720, of %d", npa.TotalCount, all.TotalCount)
	}
	e.good(t, "listRateCenters", ask{query: "?productID=2036&state=CO&pageNumber=1000000"}, 200, nil).has(t, `"rateCenters":[]`)
}

// What is asked about numbers may be written in every way, and is answered alike.
func TestCoverageOfNumbersAndPlaces(t *testing.T) {
	e := serve(t, "")
	const one = `{"tn":13035550116,"covered":true,"portable":true,"rateCenter":"DENVER","state":"CO","lata":"656","currentCarrier":"demarc"}`
	const two = `{"tn":13035550117,`
	for name, list := range map[string][]any{
		"E.164": {13035550116, "+13035550117"}, "ten digits": {"3035550116", 3035550117}, "a range": {body{"startTN": 13035550116, "endTN": "13035550117"}},
		"in parts": {body{"npa": 303, "nxx": "555", "line": "0116", "endLine": "0117"}},
		"mixed":    {body{"startTN": "13035550116"}, body{"npa": "303", "nxx": "555", "line": "0117"}},
	} {
		t.Run(name, func(t *testing.T) {
			e.good(t, "postCoverage", ask{body: body{"productID": 2036, "tnList": list}}, 200, nil).has(t, `{"productID":"2036","telephoneNumbers":[`+one+`,`+two, `],"rateCenters":[]}`)
		})
	}
	for _, query := range []string{"tn=13035550116&tn=13035550117", "TN=13035550116,3035550117", "tn=13035550116,%2013035550117&tnLocCity="} {
		e.good(t, "getCoverage", ask{query: "?productID=2036&" + query}, 200, nil).has(t, `"telephoneNumbers":[`+one+`,`+two)
	}
	e.good(t, "getCoverage", ask{query: "?productID=2036&tn=14045550100"}, 200, nil).
		has(t, `[{"tn":14045550100,"covered":false,"portable":false,"rateCenter":null,"state":null,"lata":null,"currentCarrier":null}]`)
	for _, query := range []string{"tnLocNpa=303&tnLocNxx=296", "tnLocCity=Denver&tnLocState=co", "TNLOCZIP=80202"} {
		e.good(t, "getCoverage", ask{query: "?productID=2036&" + query}, 200, nil).has(t, `"telephoneNumbers":[],"rateCenters":[`, `{"rateCenter":"DENVER","state":"CO","lata":"656"`)
	}
	for query, want := range map[string]string{"": "20093 tnLocCity", "tnLocCity=Denver": "20093 tnLocState", "tnLocNpa=911&tnLocNxx=296": "20091 tnLocNpa", "tnLocCity=Denver&tnLocState=AK": "20092 tnLocCity"} {
		e.refused(t, "getCoverage", ask{query: "?productID=2036&" + query}, 400, want)
	}
	e.good(t, "getUtilization", ask{body: body{"productID": 2036, "rateCenters": lines(body{"rateCenter": " denver", "state": "co"}, body{"rateCenter": "AURORA", "state": "CO"},
		body{"rateCenter": "PUEBLO", "state": "CO"})}}, 200, nil).has(t, `{"productID":"2036","rateCenters":[`+
		`{"rateCenter":"DENVER","state":"CO","total":20,"active":16,"reserved":4,"utilizationPercent":80,"orderAllowed":true},`+
		`{"rateCenter":"AURORA","state":"CO","total":10,"active":4,"reserved":6,"utilizationPercent":40,"orderAllowed":false},`+
		`{"rateCenter":"PUEBLO","state":"CO","total":0,"active":0,"reserved":0,"utilizationPercent":100,"orderAllowed":true}]}`)
	// Where there is no rate center, nothing can be ordered.
	e.good(t, "getUtilization", ask{body: body{"productID": 2036, "rateCenters": lines(body{"rateCenter": "NOWHERE", "state": "CO"})}}, 200, nil).has(t,
		`{"productID":"2036","rateCenters":[{"rateCenter":"NOWHERE","state":"CO","total":0,"active":0,"reserved":0,"utilizationPercent":100,"orderAllowed":false}]}`)
}

// A reservation is accepted, worked two seconds later, and in the pool; a second request
// with its key changes nothing.
func TestAReservationBecomesNumbersInThePool(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "NoS"} {
		e := serve(t, suffix)
		asked := ask{key: "once", body: reserving("DENVER", "10").with("externalOrderId", 4711)}
		first := e.good(t, e.op("orderInventory"), asked, 202, nil)
		if want := `{"voiceOrderId":"V100000001","externalOrderId":"4711","orderStatus":"created","rateCenterOrders":[` +
			`{"transactionOrderId":"V100000001-1","rateCenter":"DENVER","state":"CO","quantity":10}]}`; strings.TrimSpace(first.body) != want {
			t.Fatalf("got %s", first.body)
		}
		again := e.good(t, e.op("orderInventory"), asked, 202, nil)
		const where = "/Voice/v1/orderStatus?voiceOrderId=V100000001"
		if again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Location") != where || again.header.Get("Location") != where {
			t.Fatalf("got %s %v, and again %s %v", first.body, first.header, again.body, again.header)
		}
		e.lenient(t, "getOrderStatus", ask{query: "?voiceorderid=V100000001"}, 200, nil).
			has(t, `{"voiceOrderId":"V100000001","externalOrderId":"4711","orderType":"RESERVE","productID":"2036","orderStatus":"created",`+
				`"createdDate":"2040-06-01T00:00:00Z","completedDate":null,"orderStatusDetail":"created","rateCenterOrders":[{"transactionOrderId":"V100000001-1","rateCenter":"DENVER","state":"CO",`+
				`"quantity":10,"reservedQuantity":0,"status":"created","notificationCode":null}]}`)
		e.pass(2 * time.Second)
		e.good(t, "getOrderStatus", ask{query: "?voiceOrderId=V100000001"}, 200, nil).
			has(t, `"orderStatus":"completed"`, `"completedDate":"2040-06-01T00:00:02Z"`, `"reservedQuantity":10,"status":"completed","notificationCode":10002}`)
		for query, want := range map[string]int{
			"": 3, "?voiceOrderID=V100000001": 1, "?VOICEORDERID=V100000000": 2, "?externalOrderID=4711": 1, "?rateCenter=aurora": 1, "?state=co&rateCenter=DENVER": 2,
			"?NPA=720": 1, "?npa=303&nxx=555": 1, "?NPA=303&NXX=556": 0, "?state=AK": 0, "?pageSize=1&pageNumber=3": 3, "?externalOrderID=": 3,
		} {
			e.good(t, e.op("getInventory"), ask{query: query}, 200, nil).has(t, fmt.Sprintf(`"totalCount":%d,"tnList":[`, want))
		}
		e.good(t, e.op("getInventory"), ask{query: "?NPA=303&NXX=555"}, 200, nil).
			has(t, `{"pageNumber":1,"pageSize":100,"totalCount":1,"tnList":[{"startTN":13035550116,"endTN":13035550119,"npa":"303","nxx":"555","line":"0116","endLine":"0119",`+
				`"quantity":4,"productID":"2036","rateCenter":"DENVER","state":"CO","voiceOrderId":"V100000000","transactionOrderId":"V100000000-1","externalOrderId":"",`+
				`"reservedDate":"2040-06-01T00:00:00Z"}]}`)
		e.good(t, e.op("getInventory"), ask{query: "?voiceOrderID=V100000001"}, 200, nil).has(t, `"quantity":10`, `"transactionOrderId":"V100000001-1"`, `"externalOrderId":"4711"`)
		e.good(t, e.op("getInventory"), ask{}.with("x-customer-number", voicetest.Other), 200, nil).has(t, `"totalCount":0,"tnList":[]`)
		e.refused(t, "getOrderStatus", ask{query: "?voiceOrderId=V100000001"}.with("x-customer-number", voicetest.Other), 400, "20060 voiceOrderId")
		e.CheckAll()
	}
}

// A request may be written as the source's clients write it.
func TestAReservationIsReadLeniently(t *testing.T) {
	e := serve(t, "")
	for name, c := range map[string]body{
		"numbers as texts":         {"rateCenter": "BOULDER", "state": "CO", "quantity": " 4 ", "pbxIndex": "4", "pbxValue": "9"},
		"texts as numbers":         {"rateCenter": "DENVER", "state": "CO", "quantity": 4, "pbxIndex": 10, "pbxValue": 0},
		"any case":                 {"rateCenter": "vail", "state": "co", "quantity": 4, "sequentialIndicator": "y"},
		"the source's misspelling": {"rateCenter": "ASPEN", "state": "CO", "quantity": 4, "sequentialIndictor": "2"},
		"null and fields of one's own": {"rateCenter": "FTCOLLINS", "state": "CO", "quantity": 4, "sequentialIndicator": nil, "pbxIndex": nil, "pbxValue": "",
			"colour": "green"},
		"names of fields in any case": {"RateCenter": "LOVELAND", "State": "CO", "Quantity": 4},
	} {
		t.Run(name, func(t *testing.T) {
			e.lenient(t, "orderInventory", ask{body: body{"productID": 2036, "customerOrder": body{"x": 1}, "rateCenterOrders": lines(c)}}, 202, nil).
				has(t, `"quantity":4`, `"state":"CO"`)
		})
	}
	e.pass(time.Minute)
	e.CheckAll()
}

// A short supply is offered for four hours. The customer answers with the version of the
// order that it has seen.
func TestAShortSupplyIsAnsweredWithTheVersionThatWasSeen(t *testing.T) {
	e := serve(t, "")
	e.Supply("DENVER", 4)
	id := e.order(t, reserving("DENVER", 10))
	_, fresh := e.status(t, id)
	e.pass(2 * time.Second)
	s, got := e.status(t, id)
	part := s.RateCenterOrders[0]
	if part.Status != voice.PartApproval || *part.OfferedQuantity != 4 || *part.ApproveBy != "2040-06-01T04:00:02Z" || *part.NotificationCode != 10001 || part.BackorderUntil != nil {
		t.Fatalf("got %s", got.body)
	}
	tag, old := got.header.Get("ETag"), fresh.header.Get("ETag")
	if tag == old || !strings.HasPrefix(tag, `"`) || !strings.HasSuffix(tag, `"`) {
		t.Fatalf("the ETag was %s and is %s", old, tag)
	}
	approve := ask{body: approving(id, "denver", strings.ToUpper(voice.ActBackorder)).with("state", " co ")}
	t.Run("VOICE-ERR-409001 another version", func(t *testing.T) {
		for _, match := range []string{old, `"0"`, "3", `W/` + tag, tag + `, "77"`, `"x"`} {
			e.refused(t, "approveShortSupply", approve.with("If-Match", match), 409, "409001").
				has(t, `"code":"409001","message":"Resource could not be updated due to conflicting update"`)
		}
	})
	t.Run("VOICE-ERR-20089 another rate center", func(t *testing.T) {
		e.refused(t, "approveShortSupply", ask{body: approving(id, "AURORA", voice.ActReject)}, 400, "20089 rateCenter")
	})
	got = e.good(t, "approveShortSupply", approve.with("If-Match", tag), 202, nil)
	if want := `{"voiceOrderId":"` + id + `","externalOrderId":"PO-1","orderStatus":"in-progress"}`; strings.TrimSpace(got.body) != want ||
		got.header.Get("Location") != "/Voice/v1/orderStatus?voiceOrderId="+id {
		t.Fatalf("got %s %v", got.body, got.header)
	}
	s, got = e.status(t, id)
	if len(s.RateCenterOrders) != 2 || s.RateCenterOrders[0].ReservedQuantity != 4 {
		t.Fatalf("got %s", got.body)
	}
	rest := s.RateCenterOrders[1]
	if rest.ParentTransactionOrderID != id+"-1" || rest.Quantity != 6 || rest.Status != voice.PartBackordered || *rest.BackorderUntil != "2040-07-01T00:00:02Z" ||
		rest.OfferedQuantity != nil || rest.ApproveBy != nil || rest.NotificationCode != nil {
		t.Errorf("got %s", got.body)
	}
	e.refused(t, "approveShortSupply", approve.with("If-Match", tag), 409, "409001")
	e.good(t, "approveShortSupply", ask{body: approving(id, "DENVER", voice.ActReject)}.with("If-Match", "*"), 202, nil).has(t, `"orderStatus":"completed"`)
	e.good(t, "approveShortSupply", ask{body: approving(id, "DENVER", voice.ActReject)}, 202, nil) // 20107 says that nothing waited
	if codes := fmt.Sprint(e.Codes(id)); codes != "[901 10001 10002 10005 10002 20107]" {
		t.Errorf("told %s", codes)
	}
	e.CheckAll()
}

// What was told is read newest first, of one order or of all, of a span of time.
func TestNotificationsAreReadByOrderAndTime(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	first := e.order(t, reserving("DENVER", 1))
	e.pass(24 * time.Hour)
	second := e.order(t, reserving("BOULDER", 1))
	e.pass(24 * time.Hour)
	type page struct {
		TotalCount    int
		Notifications []struct {
			OrderNumber, NotificationDate string
			VoiceOrderStatus              struct{ NotificationCode int }
			RateCenterOrderStatus         *struct{ RateCenter, TransactionOrderID string }
		}
	}
	for query, want := range map[string]int{
		"": 6, "?voiceOrderId=" + first: 3, "?VoiceOrderID=" + second: 3, "?from=2040-06-02": 3, "?to=2040-06-01": 3, "?from=2040-06-01&to=2040-06-02": 6,
		"?from=" + url.QueryEscape("2040-06-01T00:00:02Z"): 5, "?to=2040-06-01T00:00:01.999999Z": 1, "?from=2040-06-01T02:00:02+02:00": 5, "?from=2040-06-03": 0,
		"?latest=true": 6, "?latest=TRUE&voiceOrderId=" + first: 3, "?latest=false": 6, "?pageSize=2&pageNumber=3": 6,
	} {
		var got page
		e.lenient(t, "getVoiceNotifications", ask{query: query}, 200, &got)
		shown := min(want, 100)
		switch {
		case strings.Contains(strings.ToLower(query), "latest=true"):
			shown = 1
		case strings.Contains(query, "pageSize"):
			shown = 2
		}
		if got.TotalCount != want || len(got.Notifications) != shown {
			t.Errorf("%s: %d of %d, want %d of %d", query, len(got.Notifications), got.TotalCount, shown, want)
		}
	}
	e.refused(t, "getVoiceNotifications", ask{query: "?voiceOrderId=" + first}.with("x-customer-number", voicetest.Other), 400, "20060 voiceOrderId")
	got := e.good(t, "getVoiceNotifications", ask{query: "?voiceOrderId=" + first + "&pageSize=2&pageNumber=1"}, 200, nil)
	got.has(t, `{"pageNumber":1,"pageSize":2,"totalCount":3,"notifications":[{"orderNumber":"`+first+`","customerNumber":"1-ABCDE","customerName":"Customer 1-ABCDE",`+
		`"voiceOrderStatus":{"notificationCode":10002,"notificationMessage":"Voice order is complete. Please refer to Voice Order ID for reference number."},`+
		`"notificationDate":"2040-06-01T00:00:02Z"},{"orderNumber"`,
		`"voiceOrderStatus":{"notificationCode":901,`, `"rateCenterOrderStatus":{"rateCenter":"DENVER","state":"CO","notificationCode":10002,"notificationMessage":"Voice order is complete. `+
			`Please refer to Voice Order ID for reference number.","transactionOrderId":"`+first+`-1"},"notificationDate":"2040-06-01T00:00:02Z"}]}`)
	if got.header.Get("Vary") != "Accept" {
		t.Errorf("Vary is %q", got.header.Get("Vary"))
	}
}

// A request for more than 399 numbers is decided about, and used by one order.
func TestAnExceptionIsFiledDecidedAndUsedOnce(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	first := e.good(t, "requestTNException", ask{body: requesting(500), key: "once"}, 201, nil)
	again := e.good(t, "requestTNException", ask{body: requesting(500), key: "once"}, 201, nil)
	const where = "/Voice/v1/Numbers/tnExceptions/X100000001"
	if want := `{"tnExceptionId":"X100000001","productID":"2036","rateCenter":"DENVER","state":"CO","quantity":500,"reason":"a call center","status":"requested",` +
		`"note":"","voiceOrderId":null,"createdDate":"2040-06-01T00:00:00Z"}`; strings.TrimSpace(first.body) != want || again.body != first.body ||
		first.header.Get("Location") != where || again.header.Get("Location") != where {
		t.Fatalf("got %s %v and %s", first.body, first.header, again.body)
	}
	e.good(t, "requestTNException", ask{body: requesting("400")}, 201, nil)
	id := map[string]string{"id": "X100000001"}
	e.refused(t, "getTNException", ask{args: id}.with("x-customer-number", voicetest.Other), 404, "404001")
	large := reserving("DENVER", 500).with("tnExceptionId", "X100000001")
	e.refused(t, "orderInventory", ask{body: large}, 400, "400001 tnExceptionId", "10007 rateCenterOrders[0].quantity")
	e.good(t, "deskDecideException", ask{args: id, body: body{"action": "Approve", "note": "Once."}}, 200, nil).
		has(t, `"status":"approved","note":"Once."`, `"customerNumber":"1-ABCDE"`)
	e.denied(t, "deskDecideException", ask{args: id, body: body{"action": "reject"}}, 409, "voice_wrong_move").has(t, `"next":["use"]`)
	order := e.order(t, large)
	e.good(t, "getTNException", ask{args: id}, 200, nil).has(t, `"status":"used","note":"Once.","voiceOrderId":"`+order+`"`)
	for query, want := range map[string]int{"": 2, "?status=used": 1, "?STATUS=Requested": 1, "?status=rejected": 0, "?pageSize=1&pageNumber=2": 2} {
		e.good(t, "listTNExceptions", ask{query: query}, 200, nil).has(t, fmt.Sprintf(`"totalCount":%d,"tnExceptions":[`, want))
	}
	e.good(t, "listTNExceptions", ask{}.with("x-customer-number", voicetest.Other), 200, nil).has(t, `"totalCount":0,"tnExceptions":[]`)
	e.pass(3 * time.Second)
	e.CheckAll()
}
