package voicehttp_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"demarc/internal/voice/voicetest"
)

// codedCall is a call that is refused, and why: each broken rule with its field.
type codedCall struct {
	op   string
	a    ask
	want []string
}

// serviceOps are the calls about numbers in service.
var serviceOps = []string{"orderNumbers", "orderNumbersPlural", "supplementOrder", "portNow", "changeNumbers", "cancelOrder", "disconnectNumbers", "getInventoryDetails"}

// Every code that the document has for a call about numbers in service is met there, with
// the text and the field of the document's example.
func TestEveryDocumentedCodeOfNumbersInServiceIsMet(t *testing.T) {
	e := serve(t, "")
	w := e.prepareCoded(t)
	met := map[string]string{}
	try := func(name string, c codedCall) {
		t.Run(c.op+" "+name, func(t *testing.T) {
			got := e.refused(t, c.op, c.a, 400, c.want...)
			var v voiced
			got.read(t, &v)
			if v.RequestID != "req_test" || got.header.Get("Location") != "" {
				t.Errorf("got %s %v", got.body, got.header)
			}
			for _, one := range v.Errors {
				met[c.op+" "+one.Code+" "+one.Field+" "+saying(one.Message)] = name
			}
		})
	}
	for _, op := range []string{"orderNumbers", "orderNumbersPlural"} {
		for name, c := range orderCoded() {
			try(name, codedCall{op, c.a, c.want})
		}
	}
	for _, table := range []map[string]codedCall{w.port(), changeCoded(), w.cancel(), endCoded(), reportCoded()} {
		for name, c := range table {
			try(name, c)
		}
	}
	for _, op := range serviceOps {
		a := samples()[op]
		if a.body != nil {
			a.body = "{"
			try("half a body", codedCall{op, a, []string{"400001 body"}})
		}
		a.query = "?x=%zz"
		try("half a parameter", codedCall{op, a, []string{"400001 query"}})
	}
	for want := range e.documentedCodes(t) {
		if met[want] == "" {
			t.Errorf("%s was not met", want)
		}
	}
	e.CheckAll()
}

// saying is a message without what only the request can say.
func saying(message string) string {
	return strings.TrimRight(strings.TrimSuffix(message, ", it is empty"), "0123456789")
}

// documentedCodes are "operation code field message" of the document's examples.
func (e *edge) documentedCodes(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			for _, ours := range serviceOps {
				if op.OperationID != ours {
					continue
				}
				for _, one := range op.Responses.Value("400").Value.Content.Get("application/json").Examples {
					for _, broken := range one.Value.Value.(map[string]any)["errors"].([]any) {
						b := broken.(map[string]any)
						all[fmt.Sprintf("%s %s %s %s", ours, b["code"], b["field"], saying(b["message"].(string)))] = true
					}
				}
			}
		}
	}
	if len(all) < 150 {
		t.Fatalf("the document has only %d", len(all))
	}
	return all
}

// coded are the orders that refused calls are about.
type coded struct{ reserved, installed, changed, ported, supplemented, cancelled string }

// prepareCoded brings about what calls are refused for.
func (e *edge) prepareCoded(t *testing.T) coded {
	t.Helper()
	w := coded{reserved: e.order(t, reserving("DENVER", 1)), installed: e.accept(t, "orderNumbers", ask{body: installing(13035550118)}),
		changed:   e.accept(t, "changeNumbers", ask{body: changing(body{}, 13035550102).with("routePlanName", "PLAN-B")}),
		ported:    e.accept(t, "orderNumbers", ask{body: porting(13033312000)}),
		cancelled: e.accept(t, "orderNumbers", ask{body: porting(13033312001)})}
	e.accept(t, "cancelOrder", ask{body: body{"voiceOrderId": w.cancelled}})
	w.supplemented = e.accept(t, "supplementOrder", ask{args: order(w.ported), body: body{"lnp": losing()}})
	e.pass(3 * time.Minute)
	e.accept(t, "orderNumbers", ask{body: installing(13035550119).with("customerRequestDate", "2040-06-10T15:00:00Z")}) // busy from now on
	e.accept(t, "changeNumbers", ask{body: changing(body{}, 13035550103).with("routePlanName", "PLAN-A").with("customerRequestDate", "2040-06-10T15:00:00Z")})
	return w
}

const long = "Twelve hundred and thirty-four bakers and candlestick makers and sons"

const (
	atLine    = "subscriberLines[0]."
	atAddress = atLine + "serviceAddress."
	atListing = atLine + "directoryListing."
	atNumbers = atLine + "tnList"
)

func dated(b body, at string) body { return b.with("customerRequestDate", at) }

// onLine is a body with a line in which some fields are others.
func onLine(b, with body) body {
	return b.line(func(l body) body {
		for name, value := range with {
			l = l.with(name, value)
		}
		return l
	})
}

// lineCoded is what is refused of every line that says whose numbers are and where.
func lineCoded(op string, call func(with body) ask) map[string]codedCall {
	one := func(with body, want ...string) codedCall { return codedCall{op, call(with), want} }
	at := func(field string, value any, want ...string) codedCall {
		return one(body{"serviceAddress": denver().with(field, value)}, want...)
	}
	return map[string]codedCall{
		"VOICE-ERR-20007": at("streetNumber", " ", "20007 "+atAddress+"streetNumber"), "VOICE-ERR-20008": at("streetName", nil, "20008 "+atAddress+"streetName"),
		"VOICE-ERR-20009": at("streetSuffix", "Streeet", "20009 "+atAddress+"streetSuffix"), "VOICE-ERR-20010": at("city", "", "20010 "+atAddress+"city"),
		"VOICE-ERR-20011": at("state", "ZZ", "20011 "+atAddress+"state"), "VOICE-ERR-20012": at("zip", nil, "20012 "+atAddress+"zip"),
		"VOICE-ERR-20013":         at("zip", "8020", "20013 "+atAddress+"zip"),
		"VOICE-ERR-20014":         at("secondaryLocation", "the third floor, left", "20014 "+atAddress+"secondaryLocation"),
		"VOICE-ERR-20210":         one(body{"customerType": "R", "firstName": "Av3ry", "lastName": "Example"}, "20210 "+atLine+"firstName"),
		"VOICE-ERR-20211":         one(body{"customerType": "R", "firstName": "Avery", "lastName": "Ex@mple"}, "20211 "+atLine+"lastName"),
		"VOICE-ERR-20237":         one(business("Bäckerei"), "20237 "+atLine+"businessName"),
		"VOICE-ERR-400001 long":   one(business(long), "400001 "+atLine+"businessName"),
		"VOICE-ERR-20001 no type": one(body{"customerType": "X", "firstName": nil, "lastName": nil, "serviceAddress": denver()}, "20001 "+atLine+"customerType"),
		"VOICE-ERR-20006":         one(business("Example Bakery").with("firstName", "Avery"), "20006 "+atLine+"firstName"),
	}
}

func business(name string) body {
	return body{"customerType": "B", "firstName": nil, "lastName": nil, "businessName": name}
}

// whoCoded is what is refused of a line that must say whose numbers are.
func whoCoded(op string, call func(with body) ask) map[string]codedCall {
	one := func(with body, want string) codedCall { return codedCall{op, call(with), []string{want}} }
	return map[string]codedCall{
		"VOICE-ERR-20003": one(body{"lastName": nil}, "20003 "+atLine+"firstName"), "VOICE-ERR-20004": one(business(" "), "20004 "+atLine+"businessName"),
		"VOICE-ERR-20005": one(body{"businessName": "Example Bakery"}, "20005 "+atLine+"businessName"),
	}
}

// linesCoded is what is refused of the list of lines.
func linesCoded(op string, call func(lines any) ask) map[string]codedCall {
	one := func(lines any, want string) codedCall { return codedCall{op, call(lines), []string{want}} }
	return map[string]codedCall{
		"VOICE-ERR-20029 no object": one([]any{1}, "20029 subscriberLines[0]"),
		"VOICE-ERR-20030":           one([]any{}, "20030 subscriberLines"), "VOICE-ERR-20031": one([]any{body{}, body{}}, "20031 subscriberLines"),
	}
}

// lnpCoded is what is refused of what a losing carrier must know.
func lnpCoded(op string, call func(lnp body) ask) map[string]codedCall {
	one := func(lnp body, want ...string) codedCall { return codedCall{op, call(lnp), want} }
	return map[string]codedCall{
		"nothing of the losing carrier": one(body{}, "20026 lnp.loaName", "20027 lnp.loaReceived", "20028 lnp.loaDateTime", "20204 lnp.workingTelephoneNumber",
			"20112 lnp.losingCarrierAccountNumber", "20114 lnp.losingCarrierWireless"),
		"VOICE-ERR-20027 not received": one(losing().with("loaReceived", "N"), "20027 lnp.loaReceived"),
		"VOICE-ERR-20047":              one(losing().with("loaDateTime", "2040-05-30"), "20047 lnp.loaDateTime"),
		"VOICE-ERR-20204 no number":    one(losing().with("workingTelephoneNumber", 911), "20204 lnp.workingTelephoneNumber"),
		"VOICE-ERR-20112 blanks":       one(losing().with("losingCarrierAccountNumber", "A 1"), "20112 lnp.losingCarrierAccountNumber"),
		"VOICE-ERR-20113":              one(losing().with("losingCarrierWireless", "y"), "20113 lnp.losingCarrierPin"),
		"VOICE-ERR-20113 blanks":       one(losing().with("losingCarrierPin", "1 2"), "20113 lnp.losingCarrierPin"),
	}
}

// together puts tables together.
func together(tables ...map[string]codedCall) map[string]codedCall {
	all := map[string]codedCall{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// orderCoded is what is refused of an order.
func orderCoded() map[string]codedCall {
	good := installing(13035550116)
	call := func(with body) ask { return ask{body: onLine(good, with)} }
	one := func(b body, want ...string) codedCall { return codedCall{a: ask{body: b}, want: want} }
	line := func(with body, want ...string) codedCall { return one(onLine(good, with), want...) }
	listed := func(l body, want ...string) codedCall {
		b := onLine(porting(13033312002).with("productID", "2042"), body{"e911Option": "E911", "directoryListing": body{"directoryListingAction": "A", "directoryListingType": 1,
			"directoryFirstName": "Avery", "directoryLastName": "Example"}})
		return one(b.line(func(was body) body {
			now := was["directoryListing"].(body)
			for name, value := range l {
				now = now.with(name, value)
			}
			return was.with("directoryListing", now)
		}), want...)
	}
	full := body{"directoryListingAction": "A", "directoryListingType": "1", "directoryFirstName": "Avery", "directoryLastName": "Example"}
	other := one(good, "20041 "+atNumbers)
	other.a = other.a.with("x-customer-number", voicetest.Other)
	return together(lineCoded("", call), whoCoded("", call), linesCoded("", func(lines any) ask { return ask{body: good.with("subscriberLines", lines)} }),
		lnpCoded("", func(lnp body) ask { return ask{body: porting(13033312002).with("lnp", lnp)} }),
		map[string]codedCall{
			"nothing":                             one(body{}, "20000 productID", "400001 orderType"),
			"another type":                        one(good.with("orderType", "CHANGE"), "400001 orderType"),
			"VOICE-ERR-20000":                     one(good.with("productID", 2037), "20000 productID"),
			"a long name":                         one(good.with("externalOrderId", strings.Repeat("x", 65)), "400001 externalOrderId"),
			"VOICE-ERR-20032":                     one(good.with("customerServiceName", "NO-ROUTE"), "20032 customerServiceName"),
			"VOICE-ERR-20029":                     one(good.without("subscriberLines"), "20029 subscriberLines"),
			"VOICE-ERR-20050":                     one(dated(good, "2040-06-10"), "20050 customerRequestDate"),
			"VOICE-ERR-20214":                     one(dated(good, "2040-05-30T12:00:00Z"), "20214 customerRequestDate"),
			"VOICE-ERR-20213":                     one(dated(good, "2040-07-02T12:00:00Z"), "20213 customerRequestDate"),
			"VOICE-ERR-20231":                     one(dated(porting(13033312002), "2040-06-05T12:00:00Z"), "20231 customerRequestDate"),
			"VOICE-ERR-20022":                     listed(body{"directoryListingAction": "R"}, "20022 "+atListing+"directoryListingAction"),
			"VOICE-ERR-20232":                     listed(body{"directoryListingAction": "c"}, "20232 "+atListing+"directoryListingAction"),
			"VOICE-ERR-20021":                     listed(body{"directoryListingType": 3}, "20021 "+atListing+"directoryListingType"),
			"VOICE-ERR-20020":                     listed(body{"directoryLastName": nil}, "20020 "+atListing+"directoryFirstName"),
			"VOICE-ERR-20019":                     one(onLine(onLine(porting(13033312002).with("productID", "2042"), business("Example Bakery")), body{"e911Option": "E911", "directoryListing": full}), "20019 "+atListing+"directoryBusinessName"),
			"VOICE-ERR-20023":                     line(body{"cnam": body{}}, "400001 "+atLine+"cnam", "20023 "+atLine+"cnam.blockCustomerName"),
			"VOICE-ERR-20024":                     line(body{"cnam": body{"blockCustomerName": "n"}}, "400001 "+atLine+"cnam", "20024 "+atLine+"cnam.cnamCustomerName"),
			"VOICE-ERR-20218":                     line(body{"cnam": body{"blockCustomerName": "N", "cnamCustomerName": "SIXTEEN LETTERS!"}}, "400001 "+atLine+"cnam", "20218 "+atLine+"cnam.cnamCustomerName"),
			"VOICE-ERR-20040":                     line(body{"e911Option": "E911"}, "20040 "+atLine+"e911Option"),
			"VOICE-ERR-400001 a listing":          line(body{"directoryListing": full}, "400001 "+atLine+"directoryListing"),
			"VOICE-ERR-20015":                     line(body{"tnList": []any{}}, "20015 "+atNumbers),
			"VOICE-ERR-20025":                     line(body{"tnList": []any{"911"}}, "20025 "+atNumbers+"[0]"),
			"VOICE-ERR-20115":                     one(porting("911"), "20115 "+atNumbers+"[0]"),
			"VOICE-ERR-20115 here already":        one(porting(13035550100), "20115 "+atNumbers),
			"VOICE-ERR-10007":                     line(body{"tnList": []any{body{"startTN": 13033310000, "endTN": 13033310399}}}, "10007 "+atNumbers),
			"VOICE-ERR-400001 fifty to port":      one(porting(body{"startTN": 13033312002, "endTN": 13033312051}), "400001 "+atNumbers),
			"VOICE-ERR-20016":                     one(installing(13035550100), "20016 "+atNumbers),
			"VOICE-ERR-20041":                     other,
			"VOICE-ERR-1612":                      one(installing(13035550119), "1612 "+atNumbers),
			"VOICE-ERR-20048":                     one(onLine(porting(13033312002), body{"customerType": nil, "firstName": nil, "lastName": nil}), "20001 "+atLine+"customerType", "20048 "+atLine+"customerType"),
			"the first on top, and all of them":   one(onLine(good.with("customerServiceName", nil), body{"customerType": nil, "serviceAddress": denver().with("zip", "")}), "20032 customerServiceName", "20001 "+atLine+"customerType", "20012 "+atAddress+"zip"),
			"an E911 option of another's address": one(onLine(porting(13033312002).with("productID", "2042"), body{"e911Option": "E911", "serviceAddress": denver().with("city", "Pueblo").with("zip", "81001")}), "20040 "+atLine+"e911Option"),
		})
}

// port is what is refused of what is done with a port.
func (w coded) port() map[string]codedCall {
	call := func(b body) ask { return ask{args: order(w.ported), body: b} }
	one := func(b body, want ...string) codedCall { return codedCall{"supplementOrder", call(b), want} }
	on := func(with body) ask {
		return call(onLine(body{"subscriberLines": lines(resident().without("tnList"))}, with))
	}
	all := map[string]codedCall{}
	for name, id := range map[string][2]string{
		"20049": {"V1", "20049 voiceOrderId"}, "20060": {"V999999999", "20060 voiceOrderId"}, "20109": {w.installed, "20109 voiceOrderId"},
	} {
		all["supplement of VOICE-ERR-"+name] = codedCall{"supplementOrder", ask{args: order(id[0]), body: body{"lnp": losing()}}, []string{id[1]}}
		all["port now of VOICE-ERR-"+name] = codedCall{"portNow", ask{body: body{"voiceOrderId": id[0]}}, []string{id[1]}}
	}
	theirs := ask{body: body{"voiceOrderId": w.ported}}.with("x-customer-number", voicetest.Other)
	return together(all, lineCoded("supplementOrder", on), whoCoded("supplementOrder", on), lnpCoded("supplementOrder", func(lnp body) ask { return call(body{"lnp": lnp}) }),
		linesCoded("supplementOrder", func(lines any) ask { return call(body{"subscriberLines": lines}) }),
		map[string]codedCall{
			"another customer's": {"portNow", theirs, []string{"20060 voiceOrderId"}},
			"nothing":            one(body{}, "20048 subscriberLines"),
			"VOICE-ERR-20069":    one(dated(body{}, "soon"), "20069 customerRequestDate"),
			"VOICE-ERR-20214":    one(dated(body{}, "2040-05-30T12:00:00Z"), "20214 customerRequestDate"),
			"VOICE-ERR-20213":    one(dated(body{}, "2040-07-02T12:00:00Z"), "20213 customerRequestDate"),
			"VOICE-ERR-20029":    one(body{"subscriberLines": []any{nil}}, "20029 subscriberLines[0]"),
		})
}

// changeCoded is what is refused of a change.
func changeCoded() map[string]codedCall {
	good := changing(business("Example Bakery"), 13035550100)
	const op = "changeNumbers"
	one := func(b body, want ...string) codedCall { return codedCall{op, ask{body: b}, want} }
	line := func(with body, want ...string) codedCall { return one(changing(with, 13035550100), want...) }
	listed := func(l body, want ...string) codedCall { return line(body{"directoryListing": l}, want...) }
	other := one(good, "20041 "+atNumbers)
	other.a = other.a.with("x-customer-number", voicetest.Other)
	return together(lineCoded(op, func(with body) ask { return ask{body: changing(with, 13035550100)} }),
		linesCoded(op, func(lines any) ask { return ask{body: body{"subscriberLines": lines}} }),
		map[string]codedCall{
			"a long name":                one(good.with("externalOrderId", strings.Repeat("x", 65)), "400001 externalOrderId"),
			"VOICE-ERR-20029":            one(body{}, "20029 subscriberLines"),
			"VOICE-ERR-20215":            one(dated(good, "2040-06-10"), "20215 customerRequestDate"),
			"VOICE-ERR-20214":            one(dated(good, "2040-05-30T12:00:00Z"), "20214 customerRequestDate"),
			"VOICE-ERR-20213":            one(dated(good, "2040-07-02T12:00:00Z"), "20213 customerRequestDate"),
			"VOICE-ERR-20043":            line(body{"firstName": "Avery", "lastName": "Example"}, "20043 "+atLine+"customerType"),
			"VOICE-ERR-20044":            line(body{"customerType": "R", "businessName": "Example Bakery"}, "20044 "+atLine+"customerType"),
			"VOICE-ERR-20045":            line(body{"customerType": "B", "firstName": "Avery", "lastName": "Example"}, "20045 "+atLine+"customerType"),
			"VOICE-ERR-20046":            line(body{"customerType": "R", "firstName": "Avery"}, "20046 "+atLine+"firstName"),
			"VOICE-ERR-20021":            listed(body{"directoryListingAction": "R", "directoryListingType": 3}, "20021 "+atListing+"directoryListingType"),
			"VOICE-ERR-20051":            listed(body{"directoryListingAction": "A", "directoryFirstName": "Avery"}, "20051 "+atListing+"directoryListingAction"),
			"VOICE-ERR-20052":            listed(body{"directoryListingAction": "C", "directoryListingType": 2}, "20052 "+atListing+"directoryFirstName"),
			"VOICE-ERR-20023":            line(body{"cnam": body{"cnamCustomerName": "EXAMPLE"}}, "400001 "+atLine+"cnam", "20023 "+atLine+"cnam.blockCustomerName"),
			"VOICE-ERR-20024":            line(body{"cnam": body{"blockCustomerName": "N"}}, "400001 "+atLine+"cnam", "20024 "+atLine+"cnam.cnamCustomerName"),
			"VOICE-ERR-20218":            line(body{"cnam": body{"blockCustomerName": "N", "cnamCustomerName": "SIXTEEN LETTERS!"}}, "400001 "+atLine+"cnam", "20218 "+atLine+"cnam.cnamCustomerName"),
			"VOICE-ERR-20040":            line(body{"e911Option": "cp911"}, "20040 "+atLine+"e911Option"),
			"VOICE-ERR-400001 a listing": listed(body{"directoryListingAction": "C", "directoryBusinessName": "Example Bakery"}, "400001 "+atLine+"directoryListing"),
			"VOICE-ERR-400001 CNAM":      line(body{"cnam": body{"blockCustomerName": "Y"}}, "400001 "+atLine+"cnam"),
			"VOICE-ERR-1405":             one(good.with("customerServiceName", "NO-ROUTE"), "1405 customerServiceName"),
			"VOICE-ERR-20207":            one(good.with("routePlanName", "PLAN-Z"), "20207 routePlanName"),
			"VOICE-ERR-20057":            line(body{}, "20057 subscriberLines[0]"),
			"VOICE-ERR-20015":            one(changing(business("Example Bakery")), "20015 "+atNumbers),
			"VOICE-ERR-20025":            one(changing(business("Example Bakery"), "911"), "20025 "+atNumbers+"[0]"),
			"VOICE-ERR-400001 too many":  one(changing(business("Example Bakery"), body{"startTN": 13033310000, "endTN": 13033310999}, 13033320000), "400001 "+atNumbers),
			"VOICE-ERR-20041":            other,
			"VOICE-ERR-1612":             one(changing(business("Example Bakery"), 13035550103), "1612 "+atNumbers),
			"VOICE-ERR-20042":            one(changing(business("Example Bakery"), 13035550116), "20042 "+atNumbers),
		})
}

// cancel is what is refused of cancelling.
func (w coded) cancel() map[string]codedCall {
	one := func(id, part, want string) codedCall {
		return codedCall{"cancelOrder", ask{body: body{"voiceOrderId": id, "transactionOrderId": part}}, []string{want}}
	}
	theirs := one(w.ported, "", "20055 voiceOrderId")
	theirs.a = theirs.a.with("x-customer-number", voicetest.Other)
	return map[string]codedCall{
		"VOICE-ERR-20064": one("100000001", "", "20064 voiceOrderId"), "VOICE-ERR-20054": one("V999999999", "", "20054 voiceOrderId"),
		"VOICE-ERR-20054 a part": one(w.ported, w.ported+"-9", "20054 transactionOrderId"), "VOICE-ERR-20055": theirs,
		"VOICE-ERR-20108": one(w.cancelled, "", "20108 voiceOrderId"), "VOICE-ERR-20065 a change": one(w.changed, "", "20065 voiceOrderId"),
		"VOICE-ERR-20065 a reservation": one(w.reserved, w.reserved+"-1", "20065 voiceOrderId"), "VOICE-ERR-20238": one(w.installed, "", "20238 voiceOrderId"),
		"VOICE-ERR-20070": one(w.ported, w.ported+"-2", "20070 transactionOrderId"),
	}
}

// endCoded is what is refused of a disconnect.
func endCoded() map[string]codedCall {
	good := ending("2040-06-08T15:00:00Z", 13035550104)
	one := func(b body, want ...string) codedCall { return codedCall{"disconnectNumbers", ask{body: b}, want} }
	other := one(good, "20041 tnList")
	other.a = other.a.with("x-customer-number", voicetest.Other)
	return map[string]codedCall{
		"nothing":         one(body{}, "20067 customerRequestDate", "20015 tnList"),
		"a long name":     one(good.with("externalOrderId", strings.Repeat("x", 65)), "400001 externalOrderId"),
		"VOICE-ERR-20015": one(good.with("tnList", []any{}), "20015 tnList"), "VOICE-ERR-20025": one(good.with("tnList", []any{911}), "20025 tnList[0]"),
		"too many":        one(good.with("tnList", []any{body{"startTN": 13033310000, "endTN": 13033310999}, 13033320000}), "400001 tnList"),
		"VOICE-ERR-20041": other, "VOICE-ERR-1612": one(good.with("tnList", []any{13035550103}), "1612 tnList"),
		"VOICE-ERR-20061": one(good.with("tnList", []any{13035550116}), "20061 tnList"), "VOICE-ERR-20067": one(dated(good, " "), "20067 customerRequestDate"),
		"VOICE-ERR-20069": one(dated(good, "2040-06-08"), "20069 customerRequestDate"), "VOICE-ERR-20068": one(dated(good, "2040-05-31T15:00:00Z"), "20068 customerRequestDate"),
		"VOICE-ERR-20213": one(dated(good, "2040-07-02T12:00:00Z"), "20213 customerRequestDate"),
	}
}

// reportCoded is what is refused of the report.
func reportCoded() map[string]codedCall {
	one := func(query string, want ...string) codedCall {
		return codedCall{"getInventoryDetails", ask{query: query}, want}
	}
	return map[string]codedCall{
		"VOICE-ERR-20102": one("", "20102 productID"), "VOICE-ERR-20000": one("?productID=2037", "20000 productID"),
		"all of it": one("?productID=2036&state=ZZ&NXX=555&pageNumber=0&pageSize=1001", "20011 state", "20091 NPA", "20103 pageNumber", "20104 pageSize"),
	}
}
