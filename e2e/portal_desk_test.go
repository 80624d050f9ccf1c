package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// refuses presses a button whose form is refused with something about a field.
func (b *browser) refuses(button, label, message, value string) {
	b.t.Helper()
	if status := b.press(button); status != http.StatusUnprocessableEntity {
		b.fail("%q is answered %d", button, status)
	}
	b.wrong(label, message, value)
}

// voiceOrder places an order by the API, and answers its id.
func (a *actor) voiceOrder(path, body string) string {
	a.t.Helper()
	var o struct {
		ID string `json:"voiceOrderId"`
	}
	a.must(http.StatusAccepted, http.MethodPost, "/Voice/v1/Numbers/"+path, body, &o)
	return o.ID
}

// portIn is a port of some number of Denver's.
func portIn(line, external string, day time.Time) string {
	return fmt.Sprintf(`{"productID":"2036","orderType":"LNP","customerServiceName":"MAIN-ROUTE","externalOrderId":%q,"customerRequestDate":%q,"subscriberLines":[{
		"customerType":"R","firstName":"Avery","lastName":"Example","serviceAddress":{"streetNumber":"100","streetName":"Main","streetSuffix":"Street","city":"Denver","state":"CO","zip":"80202"},
		"tnList":[{"startTN":%q}]}],"lnp":{"loaName":"Avery Example","loaReceived":"Y","loaDateTime":%q,"workingTelephoneNumber":%q,"losingCarrierAccountNumber":"ACC-1234","losingCarrierWireless":"N"}}`,
		external, day.UTC().Format(time.RFC3339), line, day.AddDate(0, 0, -20).UTC().Format(time.RFC3339), line)
}

// now is the moment of the actor's world.
func (a *actor) now() (now time.Time) {
	a.t.Helper()
	var clock struct{ Now time.Time }
	a.must(http.StatusOK, http.MethodGet, "/sandbox/v1/clock", "", &clock)
	return clock.Now
}

// In its own sandbox a developer is the carrier, too: what waits for staff waits for it.
func TestPortalDeskQueue(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	a := b.withApp(n)
	b.visit("/desk", "Carrier desk")
	b.sees("Nothing waits.", "Telephone numbers (Voice)", "PreOrder")
	held := a.voiceOrder("orderInventory", `{"productID":"2036","externalOrderId":"A [demarc:credit-hold]","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":5}]}`)
	again := a.voiceOrder("orderInventory", `{"productID":"2036","externalOrderId":"B [demarc:credit-hold]","rateCenterOrders":[{"rateCenter":"PUEBLO","state":"CO","quantity":5}]}`)
	silent := a.voiceOrder("order", portIn("3032212000", "C [demarc:port-silent]", a.now().AddDate(0, 0, 30)))
	other := a.voiceOrder("order", portIn("3032212001", "D [demarc:port-silent]", a.now().AddDate(0, 0, 30)))
	b.sees("2 Orders on credit hold", "2 Ports with a losing carrier") // without a reload
	b.look("desk-waiting")

	b.visit("/desk/queue", "Queue")
	b.sees(held, again, silent, "pending credit check", "in-progress")
	b.choose("State", "pending credit check")
	b.press("Filter")
	b.lacks(silent)
	b.fill("Order", held)
	b.press("Filter")
	b.heading("Reservation " + held)
	b.look("/desk/orders/hold")
	b.press("Release the order")
	b.sees(held+" goes on.", "completed")
	b.goTo("/desk/orders/" + again)
	b.confirm("Reject…", "Reject it")
	b.sees(again+" was rejected.", "credit check rejected")
	if status := b.goTo("/desk/orders/V1"); status != http.StatusNotFound {
		t.Errorf("an order that there is not: %d", status)
	}

	b.goTo("/desk/orders/" + silent)
	b.look("/desk/orders/port")
	b.choose("The losing carrier", "Rejects")
	b.refuses("Answer", "Reason", "must be concur, with a day that is not over, or reject with a reason", "")
	b.choose("The losing carrier", "Stays silent")
	b.fill("Days", "31")
	b.refuses("Answer", "Days", "must be from 1 to 30", "31")
	b.fill("Days", "2")
	b.press("Answer")
	b.sees("The losing carrier stays silent for 2 days.")
	b.choose("The losing carrier", "Confirms")
	b.fill("Day of the port", "2020-01-01")
	b.refuses("Answer", "Day of the port", "a day that is not over", "2020-01-01")
	b.fill("Day of the port", a.now().AddDate(0, 0, 7).Format(time.DateOnly))
	b.press("Answer")
	b.sees("The losing carrier has confirmed "+silent+".", "FOC scheduled")
	b.goTo("/desk/orders/" + other)
	b.choose("The losing carrier", "Rejects")
	b.fill("Reason", "The PIN is another")
	b.press("Answer")
	b.sees("rejected by the losing carrier", "The PIN is another")

	b.goTo("/desk/queue?product=ondemand")
	b.look("/desk/queue-ondemand")
	b.sees("Nothing like that is under way.")
	if status := b.goTo("/desk/queue/ondemand/none"); status != http.StatusNotFound {
		t.Errorf("an on-demand order that there is not: %d", status)
	}
	b.visit("/desk/portout", "Port out")
	b.fill("Telephone numbers", "3035550199")
	b.refuses("Take them out of service", "Telephone numbers", "must be telephone numbers that are in service", "3035550199")
	b.fill("Telephone numbers", a.inService())
	b.press("Take them out of service")
	b.sees("1 number ported out.")
}

// inService is a number that the actor's customer has in service.
func (a *actor) inService() string {
	a.t.Helper()
	var page struct {
		Numbers []struct {
			TN int64 `json:"telephoneNumber"`
		} `json:"telephoneNumbers"`
	}
	a.must(http.StatusOK, http.MethodGet, "/Voice/v1/Numbers/inventory/details?productID=2036&pageSize=1", "", &page)
	if len(page.Numbers) == 0 {
		a.t.Fatal("no number is in service")
	}
	return fmt.Sprint(page.Numbers[0].TN)
}

func TestPortalDeskExceptionsAndCustomers(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	a := b.withApp(n)
	const exception = `{"productID":"2036","rateCenter":"PUEBLO","state":"CO","quantity":1200,"reason":"A call centre moves here."}`
	for range 2 {
		a.must(http.StatusCreated, http.MethodPost, "/Voice/v1/Numbers/tnExceptions", exception, nil)
	}
	b.visit("/desk/approvals", "Approvals")
	b.sees("A call centre moves here.", "1,200")
	b.lacks("Customers asked for") // that is staff's
	b.open("Decide…")
	b.look("/desk/approvals/deciding")
	b.fill("Note", strings.Repeat("x", 1001))
	b.refuses("Approve", "Note", "must have at most 1,000 characters", "")
	b.fill("Note", "Go ahead.")
	b.press("Approve")
	b.sees("X100000001 was approved.", "X100000002")
	b.open("Decide…")
	b.press("Reject")
	b.sees("X100000002 was rejected.", "No request is here.")

	b.visit("/desk/customers", "Customers")
	b.sees("1-ABCDE", "Other customer")
	b.fill("Customer number", "1-ABCDE")
	b.fill("Name", "Again")
	b.refuses("Make the customer", "Customer number", "must be another one", "1-ABCDE")
	b.fill("Customer number", "1-NEW")
	b.fill("Name", "New Ltd")
	b.press("Make the customer")
	b.heading("New Ltd")
	b.look("/desk/customers/one")
	b.choose("Credit", "hold")
	b.tick("It has a CNAM subscription")
	b.press("Save")
	b.sees("What is known of 1-NEW was saved.", "hold")
	b.fill("Route", strings.Repeat("r", 61))
	b.refuses("Add the route", "Route", "must have 1 to 60 characters", "")
	b.fill("Route", "SOUTH")
	b.press("Add the route")
	b.sees("SOUTH was added.")
	b.confirm("Take away…", "Take it away")
	b.sees("SOUTH was taken away.")
	b.confirm("Suspend…", "Suspend it")
	b.sees("1-NEW is suspended.")
	b.press("Make it active again")
	b.sees("1-NEW is active.")
	b.open("Rename…")
	b.fill("Name", "Newer Ltd")
	b.press("Rename")
	b.heading("Newer Ltd")
	b.open("Merge into another…")
	b.fill("Customer number that remains", "1-NEW")
	if status := b.press("Merge 1-NEW into it"); status != http.StatusUnprocessableEntity {
		t.Errorf("merged into itself: %d", status)
	}
	b.sees("must not go by the number that is merged into it")
	b.fill("Customer number that remains", "1-ABCDE")
	b.press("Merge 1-NEW into it")
	b.sees("1-NEW goes by 1-ABCDE.", "This number goes by 1-ABCDE.")
}

func TestPortalDeskStock(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	a := b.withApp(n)
	b.visit("/desk/stock?state=CO&text=denver", "Stock")
	b.confirm("Take no backorders in CO…", "Take none")
	b.sees("CO takes no backorders from now on.")
	b.press("Take backorders in CO")
	b.sees("CO takes backorders from now on.")
	b.fill("Area code (NPA)", "303")
	b.fill("Prefix (NXX)", "555")
	b.fill("Thousand (X)", "0")
	b.fill("State of the block", "CO")
	b.fill("Rate center of the block", "DENVER")
	b.refuses("Add the block", "Area code (NPA)", "must be a thousands-block", "303")
	b.visit("/desk/stock/CO/DENVER", "DENVER, CO")
	b.confirm("Close for orders…", "Close it")
	b.sees("DENVER, CO is closed for orders.")
	b.press("Open for orders")
	b.sees("DENVER, CO is open for orders.")
	b.open("Withhold numbers…")
	b.fill("Free numbers that are left", "many")
	b.refuses("Withhold numbers of DENVER, CO", "Free numbers that are left", "must be a whole number", "many")
	b.fill("Free numbers that are left", "50")
	b.press("Withhold numbers of DENVER, CO")
	b.sees("DENVER, CO has 50 free numbers.")
	b.fill("Area code (NPA)", "303")
	b.fill("Prefix (NXX)", "970")
	b.fill("Thousand (X)", "4")
	b.press("Add the block")
	b.sees("Block 303-970-4 was added to DENVER, CO.", "1,050")
	a.voiceOrder("orderInventory", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":7}]}`)
	a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/advance", `{"by":"PT1M"}`, nil)
	b.open("Reclaim numbers…")
	b.fill("Customer number", "1-NOBODY")
	b.fill("How many", "5")
	b.refuses("Reclaim numbers of DENVER, CO", "Customer number", "must be a customer of this world", "1-NOBODY")
	b.fill("Customer number", "1-ABCDE")
	b.press("Reclaim numbers of DENVER, CO")
	b.sees("5 numbers taken back from")
	b.open("Open at a moment…")
	b.fill("Opens at", "tomorrow")
	b.refuses("Set the moment", "Opens at", "must be a moment", "tomorrow")
	b.open("Consolidate…")
	b.open("Withhold numbers…")
	b.look("/desk/stock/acts")
	b.fill("Into state", "CO")
	b.fill("Into rate center", "DENVER")
	if status := b.press("Consolidate DENVER, CO"); status != http.StatusUnprocessableEntity {
		t.Errorf("consolidated into itself: %d", status)
	}
	b.wrong("Into rate center", "must be another rate center", "DENVER")
	b.fill("Into rate center", "AURORA")
	b.press("Consolidate DENVER, CO")
	b.sees("It was consolidated into AURORA, CO")
	if status := b.goTo("/desk/stock/CO/NOWHERE"); status != http.StatusNotFound {
		t.Errorf("a rate center that there is not: %d", status)
	}

	b.visit("/desk/stock/load", "Load blocks")
	const header = "state,rate_center,npa,nxx,x,static911\n"
	bad := header + "CO,PUEBLO,719,970,0,Y\nXX,PUEBLO,719,970,1,Y\nCO,PUEBLO,719,970,2,maybe\n"
	b.fill("Or its lines", bad)
	b.refuses("Load them", "Or its lines", "line 3", "")
	b.sees("static911 must be Y or N")
	b.fill("Or its lines", header+"CO,PUEBLO,719,970,0,Y\nCO,PUEBLO,719,970,1,N\n")
	b.press("Load them")
	b.sees("2 thousands-blocks loaded")
	b.goTo("/desk/stock/load")
	var chosen bool
	b.js(&chosen, `(() => { const list = new DataTransfer(); list.items.add(new File([$0], 'stock.csv', {type: 'text/csv'})); const field = document.querySelector('input[type=file]'); field.files = list.files; return field.files.length === 1; })()`,
		header+"CO,PUEBLO,719,970,1,N\nCO,PUEBLO,719,970,2,N\n")
	b.press("Load them")
	b.sees("1 thousands-block loaded")
}

func TestPortalDeskBackendsAndAudit(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	b.withApp(n)
	b.visit("/desk/backends", "Backends")
	b.choose("Backend", "voice.credit")
	b.choose("How", "slow: it answers late")
	b.fill("Seconds", "61")
	b.refuses("Make it fail", "Seconds", "must be from 0 to 60", "61")
	b.fill("Seconds", "1")
	b.fill("Calls", "2")
	b.press("Make it fail")
	b.sees("voice.credit: slow, PT1S, for 2 calls.")
	b.look("/desk/backends-failing")
	b.goTo("/desk")
	b.sees("slow, PT1S, for 2 calls")
	b.goTo("/desk/backends")
	b.press("Clear")
	b.sees("voice.credit works again.")

	b.visit("/desk/audit", "Audit")
	b.sees("fault/voice.credit", "cleared")
	b.fill("Subject", "fault/")
	b.fill("What", "put")
	b.press("Filter")
	b.sees("slow, PT1S, for 2 calls")
	b.lacks("cleared")
	var file struct{ Body, Kind string }
	b.js(&file, `(async () => { const r = await fetch(document.querySelector('main a[href*="audit.csv"]').href); return {body: await r.text(), kind: r.headers.get('content-type')}; })()`)
	if lines := strings.Split(strings.TrimSpace(file.Body), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "when,subject,who") || !strings.Contains(lines[1], "fault/voice.credit,"+b.email+",put") || !strings.HasPrefix(file.Kind, "text/csv") {
		t.Errorf("the file is %q, %s", file.Body, file.Kind)
	}
	b.fill("From", "2999-01-01")
	b.press("Filter")
	b.sees("Nothing like that is in the trail.")
	for _, path := range []string{"/desk/worlds", "/desk/organisations", "/desk/people", "/desk/approvals/applications", "/desk/approvals/customers", "/desk/apps/x"} {
		if status := b.goTo(path); status != http.StatusForbidden {
			t.Errorf("a developer is answered %d at %s", status, path)
		}
	}
}

// Staff decides about production, and looks after everything.
func TestPortalDeskStaff(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	n.runs(t, "customer", "put", "1-DESK-1", "--name", "Desk Ltd")
	b := openBrowser(t, n)
	a := b.withApp(n)
	a.must(http.StatusNotFound, http.MethodGet, "/Voice/v1/Numbers/tnExceptions/X1", "", nil)
	b.goTo("/apps/new")
	b.fill("Name", "Real shop")
	b.choose("Environment", "Production")
	b.fill("Customers, in production", "1-DESK-1")
	b.press("Create")
	b.heading("Your key")
	developer := b.email
	b.run("signing out", network.ClearBrowserCookies())
	b.signInAsAdmin(n)
	b.lookAtWorld("Production")

	b.visit("/desk", "Carrier desk")
	b.press("Approvals")
	b.look("/desk/approvals/applications")
	b.press("Real shop")
	b.heading("Real shop")
	b.look("/desk/apps/one")
	b.sees("What it has tried", "voice_exception_unknown", "Every notification was delivered")
	b.fill("Note", strings.Repeat("x", 501))
	b.refuses("Approve", "Note", "must be at most 500 printable characters", "")
	b.fill("Note", "Voice first.")
	b.choose("Products to approve", "Telephone numbers (Voice)")
	b.press("Approve")
	b.sees("Real shop was approved.", "Voice first.")
	b.open("Decline or withdraw…")
	b.choose("Products to decline or withdraw", "Care")
	b.press("Decline or withdraw Real shop")
	b.sees("The approval of Real shop was ended.", "revoked")

	b.visit("/desk/approvals/customers", "Approvals")
	b.sees("1-DESK-1", developer)
	b.open("Decide…")
	b.fill("Note", "They know.")
	b.press("Approve")
	b.sees("may act for customer 1-DESK-1.")
	b.goTo("/desk/customers/1-DESK-1")
	b.sees("Real shop")

	b.visit("/desk/worlds", "Worlds")
	b.fill("World or organisation", "production")
	b.press("Filter")
	b.press("Check")
	b.sees("Every invariant of Production (production) holds.")
	b.visit("/desk/organisations", "Organisations")
	b.fill("Name or id", "quick")
	b.press("Filter")
	b.press("Quick start")
	b.look("/desk/organisations/one")
	b.sees("It has no people.")
	b.press("Look at it")
	b.heading("Carrier desk")
	b.goTo("/desk/audit?subject=app/")
	b.sees("create")
	b.lookAtWorld("Production")
	b.visit("/desk/backends", "Backends")
	b.look("/desk/backends-production")
	b.sees("losing-carrier", "embedded")

	b.visit("/desk/people", "People")
	b.fill("E-mail address", "nobody")
	b.refuses("Add them", "E-mail address", "must", "nobody")
	b.fill("E-mail address", "clerk@example.com")
	b.press("Add them")
	b.heading("Somebody was added")
	b.sees("Password of clerk@example.com", "shown this once")
	b.press("To the people of the carrier")
	b.confirm("Make administrator…", "Make an administrator")
	b.sees("clerk@example.com is an administrator now.")
	b.confirm("Remove…", "Remove clerk@example.com")
	b.sees("clerk@example.com was removed.")
	b.goTo("/desk/audit?subject=person/clerk@example.com")
	b.sees("remove", "role", "add")
}
