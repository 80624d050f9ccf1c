package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// makeApplication makes an application of the world that is looked at.
func (b *browser) makeApplication(name string) {
	b.t.Helper()
	b.goTo("/apps/new")
	b.fill("Name", name)
	b.press("Create")
	b.sees("sk_sandbox_")
}

// The sandbox's own pages: each form's good way, and one that is refused.
func TestPortalSandbox(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, sharedNode(t, onSQLite))
	b.signUp("developer")
	b.goTo("/requests")
	b.sees("There is no application in this world.")
	b.makeApplication("Shop")
	b.visit("/sandbox", "")
	b.sees("Its clock", "runs", "Act as the other side")
	b.fill("By a span", "P1M")
	if status := b.press("Move the clock"); status != http.StatusUnprocessableEntity {
		t.Errorf("a month is answered %d", status)
	}
	b.wrong("By a span", "must be", "P1M")
	b.fill("By a span", "P30D")
	b.press("Move the clock")
	b.heading("The clock was moved")
	b.sees("What ran")
	b.look("/sandbox/clock")
	b.goTo("/sandbox")
	b.sees("30 d")
	b.press("Freeze")
	b.sees("stands still")
	b.press("Let it run")
	var exported string
	b.js(&exported, `fetch('/sandbox/export', {method: 'POST', body: new URLSearchParams(new FormData([...document.forms].find(f => f.action.endsWith('/sandbox/export'))))})
		.then(r => r.text().then(t => r.status + ' ' + r.headers.get('Content-Disposition') + ' ' + t))`)
	if !strings.HasPrefix(exported, `200 attachment; filename="w_`) || !strings.Contains(exported, `{"table":"customer","row":`) {
		t.Errorf("the export begins %s", short(exported))
	}
	b.press("Check everything")
	b.sees("Every invariant holds")

	b.visit("/sandbox/faults", "Faults")
	b.fill("For so many calls", "many")
	b.choose("What", "ondemand.network: the network that on-demand orders change")
	b.press("Make it fail")
	b.wrong("For so many calls", "must be a whole number", "many")
	b.fill("For so many calls", "3")
	b.press("Make it fail")
	b.sees("for 3 calls")
	b.press("Let it work")
	b.sees("ondemand.network works again.")

	b.visit("/sandbox/magic", "Magic values")
	b.choose("Product", "Care")
	b.press("Filter")
	b.sees("[demarc:billing-slow]")
	b.lacks("[demarc:short-supply]")

	b.visit("/sandbox/settings", "Settings")
	b.choose("voice.aging-days", "45")
	b.press("Put the settings")
	b.sees("The settings hold from now on.")

	portalSandboxCustomers(b)
	portalSandboxWorlds(t, b)
}

func portalSandboxCustomers(b *browser) {
	b.t.Helper()
	b.visit("/sandbox/customers", "Customers")
	b.press("New customer")
	b.look("/sandbox/customers/edit")
	b.fill("Number", "one two")
	b.fill("Name", "New Ltd")
	b.press("Put it")
	b.wrong("Number", "printable ASCII", "one two")
	b.fill("Number", "1-NEW01")
	b.choose("State", "Suspended")
	b.press("Put it")
	b.sees("1-NEW01 is as you said.", "New Ltd", "suspended")
}

func portalSandboxWorlds(t *testing.T, b *browser) {
	t.Helper()
	b.visit("/sandbox/worlds", "Worlds")
	b.press("New world")
	b.look("/sandbox/worlds/new")
	b.fill("Name", "case 17")
	b.fill("Seed", "-1")
	b.press("Make it")
	b.wrong("Seed", "must be a whole number", "-1")
	b.fill("Seed", "17")
	b.press("Make it")
	b.heading("case 17")
	b.sees("DEMARC_CLIENT_SECRET=sk_sandbox_")
	b.look("/sandbox/worlds/made")
	b.press("Look at it")
	b.heading("case 17")

	b.visit("/sandbox/snapshots", "Snapshots")
	b.sees("There is no snapshot yet.")
	b.press("Take a snapshot")
	b.sees("was taken.")
	b.look("/sandbox/snapshots with one")
	b.confirm("Restore…", "Restore it")
	b.sees("is as it was then.")
	b.confirm("Delete…", "Delete it")
	b.sees("There is no snapshot yet.")
	b.press("Copy the world")
	b.look("/sandbox/fork")
	b.fill("Name", "case 18")
	b.press("Copy it")
	b.sees("DEMARC_CLIENT_SECRET=sk_sandbox_")
	b.goTo("/sandbox")
	b.confirm("Reset…", "Reset case 17")
	b.sees("case 17 is a fresh world again.")
	b.goTo("/sandbox/worlds")
	b.confirm("Delete…", "Delete case 17")
	b.sees("The world is gone.")
	b.lacks("case 17")
}

// tryOut has an operation of the API reference tried out with its example, and answers
// the status that the page shows.
func (b *browser) tryOut(operation string) string {
	b.t.Helper()
	at := "#operations-" + operation
	var status string
	b.run("trying "+operation+" out",
		chromedp.WaitVisible(at, chromedp.ByQuery), chromedp.Click(at+` .opblock-summary-control`, chromedp.ByQuery),
		chromedp.WaitVisible(at+` .try-out__btn`, chromedp.ByQuery), chromedp.Click(at+` .try-out__btn`, chromedp.ByQuery),
		chromedp.WaitVisible(at+` .execute`, chromedp.ByQuery), chromedp.Click(at+` .execute`, chromedp.ByQuery),
		chromedp.WaitVisible(at+` .live-responses-table .response-col_status`, chromedp.ByQuery),
		chromedp.Text(at+` .live-responses-table tbody .response-col_status`, &status, chromedp.ByQuery))
	return strings.TrimSpace(status)
}

// authorizeByBar has the bar above the documents authorize them.
func (b *browser) authorizeByBar(label string) {
	b.t.Helper()
	b.run("authorizing", chromedp.WaitVisible(`//button[text()='`+label+`']`, chromedp.BySearch), chromedp.Click(`#authorize button`, chromedp.ByQuery),
		chromedp.WaitVisible(`//div[@id='authorize-said' and contains(., 'Authorized as')]`, chromedp.BySearch))
}

// From signing up to a first answer, to one that failed, to why it did.
func TestPortalTryItOutAndWhyItFailed(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, sharedNode(t, onSQLite))
	b.goTo("/docs/?api=ondemand")
	b.sees("Sign in to have Authorize filled for you")
	b.signUp("developer")
	b.makeApplication("Shop")
	b.goTo("/requests")
	b.sees("has not called yet")
	b.goTo("/docs/?api=ondemand")
	b.authorizeByBar("Authorize with this application")
	if status := b.tryOut("Network-listProviders"); status != "200" {
		b.fail("the first call is answered %s", status)
	}
	b.shoot("docs-authorized.png")
	b.run("turning the light off", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	b.shoot("docs-authorized-dark.png")
	b.goTo("/docs/?api=care")
	b.authorizeByBar("Make a key that ends in an hour")
	if status := b.tryOut("Identification-listAccounts"); status != "200" {
		b.fail("Care is answered %s", status)
	}

	b.goTo("/sandbox/faults")
	b.choose("What", "api: this API itself, but for /sandbox/v1 and /oauth")
	b.choose("How", "Unavailable")
	b.press("Make it fail")
	b.goTo("/docs/?api=ondemand#/Network/listProviders")
	b.authorizeByBar("Authorize with this application")
	b.run("calling again", chromedp.WaitVisible(`#operations-Network-listProviders .try-out__btn`, chromedp.ByQuery), chromedp.Click(`#operations-Network-listProviders .try-out__btn`, chromedp.ByQuery),
		chromedp.Click(`#operations-Network-listProviders .execute`, chromedp.ByQuery),
		chromedp.WaitVisible(`#operations-Network-listProviders .live-responses-table .response-col_status`, chromedp.ByQuery))

	b.visit("/requests", "Request log")
	b.sees("listAccounts", "503")
	b.choose("Answer", "Failed")
	b.press("Filter")
	b.lacks("listAccounts")
	b.press("GET /Network/v1/provider")
	b.heading("GET /Network/v1/provider")
	b.sees("Why did this fail?", "Perhaps something was told to fail", "Authorization: Bearer $TOKEN")
	b.look("/requests/one")
	b.press("Try again in the docs")
	b.sees("List the data-center providers")

	b.visit("/usage?span=hour", "Usage")
	b.sees("listProviders")
	b.press("Week")
	b.goTo("/requests")
	b.choose("Answer", "Good")
	b.fill("Path, id or code", "bot-ux")
	b.press("Filter")
	b.sees("listAccounts")
	b.lacks("listProviders")

	var id string
	b.js(&id, `fetch('/docs/session').then(r => r.json()).then(s => s.apps[0].id)`)
	b.goTo("/apps/" + id + "/golive")
	b.heading("Go-live report")
	b.sees("1 of 2 operations were called.", "overloaded")
	b.look("/apps/golive")
}

// What is another organisation's is nobody else's.
func TestPortalOthersApplicationsAreNotThere(t *testing.T) {
	t.Parallel()
	n := sharedNode(t, onSQLite)
	b := openBrowser(t, n)
	b.signUp("developer")
	b.makeApplication("Shop")
	other := n.env(t)["DEMARC_CLIENT_ID"]
	for _, path := range []string{"/requests?app=" + other, "/requests/1?app=" + other, "/usage?app=" + other, "/sandbox/customers?app=" + other, "/apps/" + other + "/golive"} {
		if status := b.goTo(path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
	for _, path := range []string{"/docs/authorize", "/docs/key"} {
		var status int
		b.js(&status, `fetch('/docs/session').then(r => r.json()).then(s => fetch($0, {method: 'POST', body: new URLSearchParams({_csrf: s.csrf, app: $1})})).then(r => r.status)`, path, other)
		if status != http.StatusNotFound {
			t.Errorf("%s answers %d about another's application", path, status)
		}
		b.js(&status, `fetch($0, {method: 'POST', body: new URLSearchParams({app: $1})}).then(r => r.status)`, path, other)
		if status != http.StatusForbidden {
			t.Errorf("%s answers %d to a form from elsewhere", path, status)
		}
	}
}
