package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// withApp signs somebody up and makes an application, whose key the API's side of the
// story has.
func (b *browser) withApp(n *node) *actor {
	b.t.Helper()
	b.signUp("developer")
	b.goTo("/apps/new")
	b.fill("Name", "Shop")
	b.press("Create")
	b.heading("Your key")
	a := &actor{t: b.t, node: n, http: watched(b.t), id: b.text("figure.code code"), secret: b.text(".secret code"), customer: "1-ABCDE"}
	a.login()
	return a
}

// refusedWith fills a field with what is refused, and back with what is good.
func (b *browser) refusedWith(label, bad, button, message string) {
	b.t.Helper()
	b.fill(label, bad)
	if status := b.press(button); status != http.StatusUnprocessableEntity {
		b.fail("%s %q is answered %d", label, bad, status)
	}
	b.wrong(label, message, bad)
}

// order is the order that the present page is about.
func (b *browser) order() string {
	b.t.Helper()
	path, found := strings.CutPrefix(b.at(), "/control/orders/V")
	if !found {
		b.fail("this is no order's page")
	}
	return "V" + path
}

// becomes waits until the order of the present page is in a state: the page follows it.
func (b *browser) becomes(state string) {
	b.t.Helper()
	b.wait(`[...document.querySelectorAll('.card .facts .badge')].some(e => e.innerText === '`+state+`')`, "it becomes "+state)
}

// fetch asks for a file as the page's own links do.
func (b *browser) fetch(path string) (body string) {
	b.t.Helper()
	b.js(&body, `fetch($0).then(r => r.ok ? r.text() : 'answered ' + r.status)`, path)
	return body
}

// dwelling fills in whose numbers they are, and where.
func (b *browser) dwelling() {
	b.t.Helper()
	b.choose("Kind of customer", "Residential")
	b.fill("First name", "Avery")
	b.fill("Last name", "Example")
	b.fill("Street number", "100")
	b.fill("Street name", "Main")
	b.fill("Street suffix", "ST")
	b.fill("City", "Denver")
	b.fill("State", "CO")
	b.fill("ZIP code", "80202")
}

// Numbers from their reservation to service, and all that can be looked up about them.
func TestPortalControlNumbers(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	b.withApp(n)
	b.visit("/control", "Company or account name")
	b.sees("10 numbers in stock", "20 numbers in service", "Nothing waits for you", "AURORA, CO")
	b.visit("/control/new", "New order")
	b.visit("/control/numbers/reserve", "Reserve numbers")
	b.fill("Rate center", "DENVER")
	b.refusedWith("How many", "0", "Reserve", "Telephone number quantity cannot be zero, please resubmit. (10011)")
	b.press("One more rate center")
	b.wrongIsGone()
	b.fill("How many", "3")
	b.fill("Your own order number", "PO-1")
	b.press("Reserve")
	b.heading("Reservation V")
	reserved := b.order()
	b.sees("was accepted")
	b.becomes("completed")
	b.sees("Got", "10002", "PO-1", "Control Center")
	b.look("control-order")

	b.visit("/control/numbers", "Numbers in stock")
	b.sees("303-555-0116 to 303-555-0119", reserved)
	if rows := b.fetch("/control/numbers.csv"); !strings.Contains(rows, "3035550116,3035550119,4,2036,DENVER,CO") || !strings.Contains(rows, ",PO-1,") {
		t.Errorf("the stock as CSV is %s", rows)
	}
	b.goTo("/control/numbers?order=" + reserved)
	b.lacks("303-555-0116")
	b.goTo("/control/numbers?number=303-555-0117")
	b.sees("1 in all")
	b.press("303-555-0116 to 303-555-0119")
	b.heading("303-555-0116")
	b.look("control-number")
	b.press("Install")
	b.heading("Install numbers")
	b.look("control-install")
	b.dwelling()
	b.refusedWith("ZIP code", "8020", "Install", "(20013)")
	b.fill("ZIP code", "80202")
	b.refusedWith("First number", "303-555-0120", "Install", "(20016)")
	b.press("One more row")
	b.fill("First number", "")
	b.fill("First number, row 2", "(303) 555-0116") // an empty row is no row
	b.fill("Last number, row 2", "303.555.0117")
	b.choose("Customer service name", "MAIN-ROUTE")
	b.press("Install")
	b.heading("Install V")
	b.becomes("completed")
	b.sees("Avery Example", "303-555-0116 to 303-555-0117")

	b.visit("/control/numbers/service", "Numbers in service")
	b.sees("303-555-0117", "22 in all")
	b.goTo("/control/numbers/service?number=3035550116")
	b.sees("Avery Example", "1 in all")
	b.press("Change")
	b.heading("Change numbers")
	b.look("control-change")
	b.press("Change")
	b.sees("has to be selected for change order. (20057)") // nothing is to change
	b.choose("Customer service name", "BACKUP-ROUTE")
	b.press("Change")
	b.heading("Change V")
	b.sees("What changes", "BACKUP-ROUTE", "API")
	b.confirm("Cancel the order…", "Cancel "+b.order())
	b.becomes("cancelled")
	b.goTo("/control/numbers/disconnect?tnList[0].startTN=303-555-0100")
	b.look("control-disconnect")
	b.refusedWith("Last day", "2020-01-01", "Disconnect", "(20068)")
	b.goTo("/control/numbers/disconnect?tnList[0].startTN=303-555-0100")
	b.press("Disconnect") // the day that is filled in is good
	b.heading("Disconnect V")
	if rows := b.fetch("/control/numbers/service.csv"); strings.Count(rows, "\n") != 23 || !strings.Contains(rows, "3035550116,2036,DENVER,CO,R,Avery Example,") {
		t.Errorf("numbers in service as CSV are %s", rows)
	}

	b.visit("/control/orders", "Orders")
	b.sees("4 in all")
	b.goTo("/control/orders?type=NEW&channel=portal&number=303-555-0117")
	b.sees("1 in all")
	b.goTo("/control/orders?order=PO-1")
	b.sees(reserved)
	b.goTo("/control/orders?from=tomorrow")
	b.sees("must be a day such as")
	b.visit("/control/notices", "Notifications")
	b.sees("Accepted", "In service, or changed")
	b.goTo("/control/notices?code=10002&order=" + reserved)
	b.sees("Completed: the numbers are in stock", "2 in all")
	b.goTo("/control/notices?order=V999999999")
	b.sees("is none of this customer's")
	if status := b.goTo("/control/orders/V999999999"); status != http.StatusNotFound {
		t.Errorf("an order that there is not is answered %d", status)
	}
}

// inDays is a moment of so many days ahead, on the world's clock.
func inDays(a *actor, n int) string {
	a.t.Helper()
	var clock struct{ Now time.Time }
	a.must(http.StatusOK, http.MethodGet, "/sandbox/v1/clock", "", &clock)
	return clock.Now.AddDate(0, 0, n).UTC().Format("2006-01-02T15:04:05Z")
}

// wrongIsGone fails when the page says that something is wrong.
func (b *browser) wrongIsGone() {
	b.t.Helper()
	if text := b.text("#errors"); text != "" {
		b.fail("it says what is wrong: %s", text)
	}
}

// Questions, and requests for more numbers than an order may have.
func TestPortalControlQuestions(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	a := b.withApp(n)
	b.visit("/control/coverage", "Coverage")
	b.fill("Numbers", "303-221-2000, 303-555-0100")
	b.press("Look up")
	b.sees("covered", "portable", "DENVER, CO")
	b.goTo("/control/coverage")
	b.refusedWith("Numbers", "911", "Look up", "(20025)")
	b.fill("Numbers", "")
	b.fill("ZIP code", "80202")
	b.press("Look up")
	b.sees("Rate centers", "open")
	b.visit("/control/utilization", "Utilization")
	b.fill("Rate center", "AURORA")
	b.refusedWith("State", "XX", "Look up", "(20011)")
	b.fill("State", "CO")
	b.press("Look up")
	b.sees("40 %", "rejected")

	b.visit("/control/exceptions", "TN exceptions")
	b.visit("/control/exceptions/new", "Ask for an exception")
	b.fill("State", "CO")
	b.fill("Rate center", "PUEBLO")
	b.fill("Reason", "A move of offices.")
	b.refusedWith("How many", "399", "Ask", "must be a whole number from 400 to 100000")
	b.fill("How many", "450")
	b.press("Ask")
	b.heading("Exception X")
	b.sees("The carrier decides about it")
	exception := strings.TrimPrefix(b.at(), "/control/exceptions/")
	a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/voice/exceptions/"+exception+"/decision", `{"action":"approve"}`, nil)
	b.sees("One order may have so many numbers") // it is followed as it happens
	b.look("control-exception")
	b.press("Reserve them")
	b.heading("Reserve numbers")
	b.press("Reserve")
	b.heading("Reservation V")
	b.becomes("completed")
	b.sees(exception)
}

// Ports: rejected and mended, committed to, ported now; and what was made by API is
// changed by API, what was made here is changed here.
func TestPortalControlPortsAndChannels(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	a := b.withApp(n)
	b.visit("/control/numbers/port", "Port numbers in")
	b.fill("First number", "303-221-2000")
	b.dwelling()
	b.fill("Name on the letter of authorization", "Avery Example")
	b.choose("The letter is there", "Yes")
	b.fill("Billing number there", "303-221-2000")
	b.choose("Customer service name", "MAIN-ROUTE")
	b.fill("PIN there", "1234")
	b.refusedWith("Account there", "A!", "Port in", "(20112)")
	var pin string
	b.js(&pin, `document.querySelector('[name="lnp.losingCarrierPin"]').value`)
	if pin != "" {
		t.Errorf("the PIN is shown again: %q", pin)
	}
	b.fill("Account there", "ACC-0001") // which the losing carrier does not know
	b.press("Port in")
	b.heading("Port in V")
	id := b.order()
	b.becomes("in-progress") // two seconds later the losing carrier is asked
	a.advance(`{"by":"PT11M"}`)
	b.sees("This order is in jeopardy: rejected by the losing carrier", "Supplement")
	b.look("control-port-rejected")

	// Not by API.
	for path, call := range map[string]struct{ body, code string }{
		"order/" + id + "/supplement": {`{"subscriberLines":[{"customerType":"B","businessName":"Example Bakery"}]}`, "20060"},
		"order/cancel":                {`{"voiceOrderId":"` + id + `"}`, "20055"},
		"lnp/portnow":                 {`{"voiceOrderId":"` + id + `"}`, "20060"},
	} {
		if res := a.call(http.MethodPost, "/Voice/v1/Numbers/"+path, call.body); res.status != http.StatusBadRequest || !strings.Contains(string(res.body), `"code":"`+call.code+`"`) {
			t.Errorf("%s of an order made here is answered %v, want %s", path, res, call.code)
		}
	}

	b.press("Supplement")
	b.heading("Supplement " + id)
	b.look("control-supplement")
	b.press("Supplement")
	b.sees("(20048)") // nothing changes
	b.refusedWith("Account there", "", "Supplement", "(20112)")
	b.fill("Account there", "ACC-1234")
	b.press("Supplement")
	b.heading("Port in " + id)
	b.sees("was supplemented")
	b.becomes("in-progress")
	a.advance(`{"by":"PT11M"}`)
	b.becomes("FOC scheduled")
	b.press("Port now")
	b.becomes("completed")
	b.goTo("/control/numbers/service?number=303-221")
	b.sees("303-221-2000")

	// A short supply is answered here, and not by API.
	b.goTo("/control/numbers/reserve")
	b.fill("Rate center", "PUEBLO")
	b.fill("How many", "10")
	b.fill("Your own order number", "[demarc:short-supply]")
	b.press("Reserve")
	b.sees("has 5 of the 10 numbers", "Take these 5, backorder 5", "Take none…")
	b.look("control-short-supply")
	scarce := b.order()
	b.visit("/control", "Company or account name")
	b.sees("answer a short supply")
	b.goTo("/control/orders/" + scarce)
	b.press("Take these 5")
	b.sees("Your answer was taken")
	b.becomes("completed")

	// What was made by API is looked at here, and changed there.
	var made struct{ VoiceOrderID string }
	a.must(http.StatusAccepted, http.MethodPost, "/Voice/v1/Numbers/order/disconnect", `{"customerRequestDate":"`+inDays(a, 14)+`","tnList":["13035550103"]}`, &made)
	b.goTo("/control/orders/" + made.VoiceOrderID)
	b.sees("This order was made by API.", "303-555-0103")
	b.lacks("Cancel the order…")
	var refused string
	b.js(&refused, `fetch($0, {method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: '_csrf=' + encodeURIComponent(document.querySelector('[name=_csrf]').value)}).then(r => r.text())`, "/control/orders/"+made.VoiceOrderID+"/cancel")
	if !strings.Contains(refused, "can not be found for the given Customer number") || !strings.Contains(refused, "(20055)") {
		t.Errorf("an order of the API is cancelled here: %s", short(refused))
	}
	b.goTo("/control/orders/" + made.VoiceOrderID)
	b.becomes("created")
	a.must(http.StatusAccepted, http.MethodPost, "/Voice/v1/Numbers/order/cancel", `{"voiceOrderId":"`+made.VoiceOrderID+`"}`, nil)
	b.goTo("/control/orders?channel=api&state=cancelled")
	b.sees(made.VoiceOrderID)
	if err := a.check(); err != nil {
		t.Error(err)
	}
}
