package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// shopper is somebody with a sandbox and an application, who may buy for its customers.
func shopper(t *testing.T) *browser {
	t.Helper()
	b := openBrowser(t, sharedNode(t, onSQLite))
	b.signUp("developer")
	b.goTo("/apps/new")
	b.fill("Name", "Shop")
	b.press("Create")
	b.sees("Your key")
	return b
}

// refused presses a button of a form that is to be refused.
func (b *browser) refused(button string) {
	b.t.Helper()
	if status := b.press(button); status != http.StatusUnprocessableEntity {
		b.fail("%q is answered %d, not that it was refused", button, status)
	}
}

// later moves the sandbox's clock on by one of the spans that its page has.
func (b *browser) later(span string) {
	b.t.Helper()
	b.goTo("/sandbox")
	b.press(span)
	b.lacks("did not work")
}

// A service is ordered, from its site to the moment at which it runs.
func TestPortalOnDemandOrder(t *testing.T) {
	t.Parallel()
	b := shopper(t)
	b.visit("/control/ondemand", "On-demand internet")
	b.sees("My First NaaS", "Broomfield office", "100 Mbps", "$331.20")
	b.fill("Name or id", "first")
	b.press("Filter")
	b.sees("1 in all")
	b.lacks("Broomfield office")
	b.fill("Name or id", "100%")
	b.press("Filter")
	b.sees("Nothing fits")

	b.goTo("/control/ondemand")
	b.press("Order a service")
	b.look("/control/ondemand/new")
	b.heading("Where is it to be?")
	b.sees("77130000001", "Digital Realty")
	b.fill("Name, city or state", "monroe")
	b.press("Filter")
	b.lacks("Digital Realty ORD10")
	b.press("CenturyLink HQ")
	b.heading("How fast?")
	b.refused("Get a quote")
	b.wrong("Bandwidth", "must be a number and a unit", "")
	b.look("/control/ondemand/new speed")
	b.choose("Bandwidth", "100 Mbps")
	b.press("Get a quote")
	b.heading("Order 100 Mbps at")
	b.sees("$0.46", "$331.20", "It is valid for")
	b.look("/control/ondemand/new order")
	quote := b.at()

	b.fill("Service name", "")
	b.fill("First and last name", "Alex")
	b.refused("Order for $0.46 an hour")
	b.wrong("Service name", "must not be empty", "")
	b.wrong("First and last name", "must be a first and a last name", "Alex")
	b.fill("Service name", "Branch 7")
	b.fill("First and last name", "Alex Example")
	b.press("Order for $0.46 an hour")
	b.heading("New service CC-")
	b.sees("It is under way", "acknowledged", "Application", "placed", "by "+b.email)
	b.look("/control/ondemand/orders/one")
	order := b.at()
	b.goTo(quote)
	b.sees("This quote has been ordered by already.")

	b.later("+ 1 hour")
	b.goTo(order)
	b.sees("It is done.", "completed")
	b.press("See the service")
	b.heading("Branch 7")
	b.sees("Active", "Change the bandwidth")
	b.visit("/control/ondemand/orders", "On-demand orders")
	b.choose("State", "failed")
	b.press("Filter")
	b.sees("Nothing fits")
}

// A service is made faster, renamed and ended, and its month's charge is shown.
func TestPortalOnDemandChanges(t *testing.T) {
	t.Parallel()
	const path = "/control/ondemand/77133831778"
	b := shopper(t)
	b.visit(path, "My First NaaS")
	b.sees("Charge of", "$0.46", "Its states", "100.64.0.0/29")
	b.visit(path+"/change/bandwidth", "Change the bandwidth of My First NaaS")
	b.refused("Get a quote")
	b.wrong("Bandwidth", "is the present one", "")
	b.choose("Bandwidth", "1 Gbps")
	b.press("Get a quote")
	b.sees("Now 100 Mbps $0.46", "After 1 Gbps $1.78", "It is valid for")
	b.look(path + "/change/bandwidth quoted")
	b.press("Change to 1 Gbps")
	b.heading("Change of bandwidth CC-")
	b.goTo(path)
	b.sees("An order is changing this service.")
	b.lacks("Disconnect…")
	b.goTo(path + "/change/bandwidth")
	b.choose("Bandwidth", "2 Gbps")
	b.press("Get a quote")
	b.refused("Change to 2 Gbps")
	b.sees("one change at a time")

	b.later("+ 1 hour")
	b.visit(path+"/change/name", "Rename My First NaaS")
	b.fill("Service name", "")
	b.refused("Rename")
	b.wrong("Service name", "must not be empty", "")
	b.fill("Service name", "Our second NaaS")
	b.press("Rename")
	b.sees("The change was ordered.")
	b.later("+ 1 hour")
	b.goTo(path)
	b.heading("Our second NaaS")
	b.sees("1 Gbps", "$1.78", "Change pending", "Change of bandwidth", "New name")
	b.confirm("Disconnect…", "Disconnect 77133831778")
	b.sees("was ordered")
	b.later("+ 1 hour")
	b.goTo(path)
	b.sees("Disconnected", "given back")
	b.lacks("Change the bandwidth")

	b.visit("/control/bills", "Bills")
	b.sees("5-RHQBGCGK", "open", "Our second NaaS", "Broomfield office")
	var csv string
	b.js(&csv, `fetch('/control/bills.csv').then(r => r.text())`)
	if !strings.HasPrefix(csv, "month,service,name,account,site,mbps,usd_per_hour,hours,usd\n") || !strings.Contains(csv, ",77133831778,Our second NaaS,5-RHQBGCGK,PL0001247634,1000,1.78,") {
		t.Errorf("the bills as CSV are\n%s", csv)
	}
	if status := b.goTo("/control/ondemand/99999999999"); status != http.StatusNotFound {
		t.Errorf("a service that is not there is answered %d", status)
	}
}

// An address is qualified, a product configured for a customer, and ordered.
func TestPortalPreOrder(t *testing.T) {
	t.Parallel()
	b := shopper(t)
	b.visit("/control/preorders", "PreOrder")
	b.sees("Nothing configured yet")
	b.press("Qualify an address")
	b.look("/control/preorders/new")
	b.fill("Street address", "1320 Huffman Park Drive")
	b.fill("City", "Anchorage")
	b.fill("State", "Nowhere")
	b.fill("ZIP code", "99515")
	b.refused("Qualify")
	b.wrong("State", "is missing or not valid (1020)", "Nowhere")
	b.lacks("TxID")
	b.fill("State", "AK")
	b.press("Qualify")
	b.heading("Which address is meant?")
	b.look("/control/preorders/near")
	b.refused("This one")
	var first string
	b.js(&first, `document.querySelector('main .choices .choice span').firstChild.textContent`)
	b.choose("Near matches", first)
	b.press("This one")
	b.heading("Products at 1320 HUFFMAN PARK DR")
	b.sees("GPON", "Fiber Gigabit", "$75.00")
	b.look("/control/preorders/products")

	b.press("Configure Internet 100")
	b.heading("Configure Internet 100")
	b.look("/control/preorders/configure")
	b.fill("Your reference", "PO/1")
	b.fill("First name", "Alex")
	b.fill("Last name", "Example")
	b.fill("Social Security number", "123-45-0002")
	b.fill("Date of birth", "1980-06-15")
	b.refused("Configure")
	b.wrong("Date of birth", "is missing or not valid", "")
	b.wrong("Your reference", "(2225)", "PO/1")
	b.wrong("First name", "", "Alex")
	var html string
	b.js(&html, `document.documentElement.outerHTML`)
	if strings.Contains(html, "123-45-0002") || strings.Contains(html, "1980-06-15") {
		t.Error("the page says the customer's number or date of birth back")
	}
	b.fill("Your reference", "PO-1")
	b.fill("Social Security number", "123-45-0002")
	b.fill("Date of birth", "06/15/1980")
	b.choose("Installation", "By the customer")
	b.choose("Beside it", "Additional jack")
	b.press("Configure")
	b.heading("Internet 100 at")
	b.sees("Step 4 of 4", "DEPOSIT", "$140.00 deposit", "Additional jack", "ends in 0002", "PO-1")
	b.lacks("123-45")
	b.look("/control/preorders/configured")
	b.press("Change the configuration")
	b.heading("Configure Internet 100")
	b.choose("Modem", "Modem purchase")
	b.press("Change the configuration")
	b.sees("$162.95", "Modem purchase")
	b.press("Order it")
	b.sees("was placed", "RECEIVED", "The order's states")
	b.look("/control/preorders/ordered")
	look, _, _ := strings.Cut(b.at(), "?")
	number := b.text("main .facts code")
	b.visit("/control/preorders?q="+url.QueryEscape(strings.ToLower(number)), "PreOrder")
	b.sees("PO-1", number, "1 in all")
	b.goTo(look)
	b.confirm("Cancel the order…", "Cancel "+number)
	b.sees("was cancelled", "CANCELLED")
	b.lacks("Cancel the order…")
}
