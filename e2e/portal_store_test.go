package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// A product is found in the catalogue, subscribed to, followed while its account is
// opened, and ended.
func TestPortalStorefront(t *testing.T) {
	t.Parallel()
	b := shopper(t)
	b.visit("/store", "Catalogue")
	b.sees("Example Mail", "Example Backup", "2 in all")
	b.fill("Search", "BACKUPS of")
	b.press("Filter")
	b.sees("1 in all")
	b.lacks("Example Mail")
	b.fill("Search", "nothing like it")
	b.press("Filter")
	b.sees("Nothing fits")

	b.visit("/store/PRD-2", "Example Backup")
	b.fill("Username", "alex")
	b.fill("Password", "a-secret-of-mine-1")
	b.fill("Company Name", "4111 1111 1111 1111")
	b.fill("Account Holder's Name", "Alex Example")
	b.refused("Subscribe")
	b.wrong("Company Name", "must not be a payment card's number", "")
	b.wrong("Username", "", "alex")
	var html string
	b.js(&html, `document.documentElement.outerHTML`)
	if strings.Contains(html, "4111 1111") || strings.Contains(html, "a-secret-of-mine-1") {
		t.Error("the page says a card's number or a password back")
	}
	b.fill("Password", "a-secret-of-mine-1")
	b.fill("Country", "usa")
	b.fill("Email Address", "alex")
	b.refused("Subscribe")
	b.wrong("Email Address", "must be an e-mail address", "alex")
	b.fill("Country", "US")
	b.fill("Email Address", "alex@example.com")
	b.fill("Password", "a-secret-of-mine-1")
	b.press("Subscribe")
	b.heading("Example Backup")
	b.sees("The account is open.", "Your id at the provider is CO-") // by itself: the page follows it
	b.sees("alex@example.com", "Nothing used yet", "subscribed", b.email)
	b.lacks("a-secret-of-mine-1")
	b.look("/store/subscriptions/one")
	id := strings.TrimPrefix(b.at(), "/store/subscriptions/")
	b.visit("/store/subscriptions", "Subscriptions")
	b.sees("Example Backup", id, "Example Mail", "SUB-1")
	b.goTo("/store/subscriptions/" + id)
	b.confirm("End it…", "End "+id)
	b.sees("was ended", "ending", "for 30 days")
	b.lacks("End it…")

	b.goTo("/store/PRD-1")
	b.fill("Account Holder's Name", "[demarc:provider-refuses]")
	b.fill("Email Address", "alex@example.com")
	b.press("Subscribe")
	b.sees("The account could not be opened.", "There is no account for this company at present.", "Subscribe again")
	b.look("/store/subscriptions/failed")
	if status := b.goTo("/store/subscriptions/SUB-99999"); status != http.StatusNotFound {
		t.Errorf("a subscription that is not there is answered %d", status)
	}
}

// A provider is onboarded, offers a product, tries its server, and changes its keys.
func TestPortalProviderConsole(t *testing.T) {
	t.Parallel()
	b := shopper(t)
	b.visit("/provider", "Providers")
	b.sees("Example Provider", "played by this sandbox")
	b.visit("/provider/new", "Onboard a provider")
	b.fill("Name for people", "Testware")
	b.fill("Name in paths", "Test Ware")
	b.fill("Base URL of its server", "ftp://testware.example.com/")
	b.refused("Onboard")
	b.wrong("Name in paths", "must be 2 to 40 letters", "Test Ware")
	b.wrong("Base URL of its server", "must", "ftp://testware.example.com/")
	b.fill("Name in paths", "testware")
	b.fill("Base URL of its server", "https://testware.example.com/api")
	b.press("Onboard")
	b.heading("Testware was onboarded")
	b.sees("Provider key KEY-", "It is active.")
	b.look("/provider/onboarded")

	b.press("Offer a product")
	b.heading("Offer a product of Testware")
	b.look("/provider/one/products/new")
	b.press("One more")
	b.sees("Name 2")
	b.refused("Offer it")
	b.wrong("Name", "must be one line of 1 to 100 characters", "")
	b.wrong("Unit 1", "must be one line of 1 to 30 characters", "")
	b.fill("Name", "Test Drive")
	b.fill("Name 1", "Rides")
	b.fill("Unit 1", "ride")
	b.fill("Name 2", "Laps")
	b.fill("Unit 2", "lap")
	b.choose("Phone Number", "Buyers may fill it in")
	b.press("Offer it")
	b.heading("Test Drive")
	b.sees("was offered", "listed", "Rides", "Phone Number", "may fill it in")
	b.look("/provider/one/products/one")
	b.press("Change")
	b.look("/provider/one/products/one/change")
	b.fill("Name", "Test Drive 2")
	b.press("One more")
	b.fill("Name 1", "Miles")
	b.refused("Save")
	b.wrong("Unit 1", "must be one line of 1 to 30 characters", "")
	b.fill("Unit 1", "mile")
	b.press("Save")
	b.sees("was changed", "Miles", "Test Drive 2")
	b.confirm("Withdraw…", "Withdraw Test Drive 2")
	b.sees("withdrawn")
	b.press("List it again")
	b.sees("is listed")

	b.visit("/provider/PRV-1", "Example Provider")
	b.press("Make a key")
	b.sees("shown this once", "Provider key KEY-")
	b.press("Done")
	b.choose("The present one goes on working", "for an hour")
	b.press("Make another key")
	b.press("Done")
	b.press("Make another key")
	b.sees("The provider has two live keys already; revoke one first.")
	key := b.text("main table code")
	b.confirm("Revoke…", "Revoke "+key)
	b.sees("Key " + key + " was revoked.")
	b.visit("/provider/PRV-1/change", "Change Example Provider")
	b.fill("Name for people", " ")
	b.refused("Save")
	b.wrong("Name for people", "must be one line", "")
	b.fill("Name for people", "Sample Provider")
	b.press("Save")
	b.heading("Sample Provider")
}

// A provider's server is tried, and what was called and used is looked at.
func TestPortalProviderCalls(t *testing.T) {
	t.Parallel()
	b := shopper(t)
	b.visit("/provider/PRV-1/products", "Example Provider")
	b.press("Example Mail")
	b.press("Make a test call")
	b.sees("would have opened account CO-", "201", "resellerkey")
	b.visit("/provider/PRV-1/calls", "Example Provider")
	b.sees("Test call", "201")
	b.choose("Who called", "It called")
	b.press("Filter")
	b.sees("Nothing fits")

	// The provider tells what is used, as its integration page says.
	b.visit("/provider/PRV-1/integration", "Example Provider")
	b.sees("curl -X POST", "CO-1001", "SKU-SEATS")
	b.goTo("/provider/PRV-1")
	b.press("Make a key")
	key := b.text(".secret code")
	var status int
	b.js(&status, `fetch('/update-subscription/', {method: 'POST', headers: {'Content-Type': 'application/json'},
		body: JSON.stringify({coid: 'CO-1001', expired: false, sku: 'SKU-SEATS', count: 12.5, providerkey: $0})}).then(r => r.status)`, key)
	if status != http.StatusCreated {
		t.Fatalf("the update is answered %d", status)
	}
	b.visit("/provider/PRV-1/subscriptions", "Example Provider")
	b.sees("SUB-1", "CO-1001")
	b.visit("/provider/PRV-1/subscriptions/SUB-1", "Subscription SUB-1")
	b.sees("12.5", "Mailboxes (seat)")
	b.lacks("Example Buyer")
	b.goTo("/provider/PRV-1/calls?direction=in")
	b.sees("It called", "SUB-1")
	b.visit("/store/subscriptions/SUB-1", "Example Mail")
	b.sees("12.5", "By the day", "Example Buyer")
}
