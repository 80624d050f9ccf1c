package ui_test

import (
	"math"
	"net/url"
	"time"

	"demarc/internal/identity"
	"demarc/internal/machine"
	"demarc/internal/marketplace"
	"demarc/internal/ondemand"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/preorder"
	"demarc/internal/voice"
)

// The gallery is every component with content as it will have, on pages as they will be.
// The pictures of it are for a person to look at; the tests beside it are for the rest.

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func machines() []*machine.Table {
	all := append(ondemand.Machines(), marketplace.Machines()...)
	all = append(append(all, preorder.Machines()...), voice.Machines()...)
	return append(all, &outbox.DeliveryMachine, &outbox.EndpointMachine, &identity.Approval)
}

func machineNamed(name string) *machine.Table {
	for _, t := range machines() {
		if t.Name == name {
			return t
		}
	}
	panic("no machine is called " + name)
}

// galleryPages are the pages by name.
func galleryPages(theme string) map[string]ui.Node {
	return map[string]ui.Node{
		"landing":    ui.Document(ui.Shell{Title: "Welcome", Brand: "demarc", Theme: theme, Areas: []ui.Item{{Href: "/products", Label: "Products"}, {Href: "/docs/", Label: "API reference"}}}, galleryLanding()...),
		"components": ui.Document(galleryShell(theme, "Webhooks"), galleryComponents()...),
		"forms":      ui.Document(galleryShell(theme, "Orders"), galleryForms()...),
		"figures":    ui.Document(galleryShell(theme, "Usage"), galleryFigures()...),
	}
}

func galleryShell(theme, current string) ui.Shell {
	s := ui.Shell{
		Title: current, Brand: "demarc", Theme: theme, Email: "lena.okafor@example.com", OrgName: "Lakeside Networks", CSRF: "token", Back: "/gallery",
		World: "sb_1", Worlds: []ui.Choice{{Value: "production", Label: "Production"}, {Value: "sb_1", Label: "Lakeside, first sandbox"}}, Sandbox: true,
		Customer: "1-ABC", Customers: []ui.Choice{{Value: "1-ABC", Label: "Lakeside Networks (1-ABC)"}},
		Areas: []ui.Item{{Href: "#", Label: "Developer", Current: true}, {Href: "#", Label: "Control Center"}, {Href: "#", Label: "Storefront"}, {Href: "#", Label: "Carrier desk"}},
	}
	for _, label := range []string{"My Apps", "Webhooks", "Request log", "Sandbox", "Usage", "Orders", "Account"} {
		s.Side = append(s.Side, ui.Item{Href: "#", Label: label, Current: label == current})
	}
	return s
}

func galleryLanding() []ui.Node {
	product := func(name, text string) ui.Node {
		return ui.Card(name, ui.P(text), ui.Actions(ui.Quiet("#", "Overview"), ui.Link("#", "Getting started")))
	}
	return []ui.Node{
		ui.Head("Where two networks meet", "Order, change and end wholesale services over an API, and try all of it in a sandbox of your own before anything is real.",
			ui.Button("#", "Get an account"), ui.Quiet("#", "Read the API reference")),
		ui.Section("Five products", ui.Grid(
			product("Internet On-Demand", "Bandwidth at an address, priced, ordered, changed and ended by the hour."),
			product("Service care", "Tickets on a customer's services, with what was done and when."),
			product("Voice", "Telephone numbers reserved, ported, installed and disconnected."),
			product("Preorder", "Which buildings are on the network, and what can be had there."),
			product("Marketplace", "Cloud services of other providers, sold on the carrier's bill."),
		)),
		ui.Section("From nothing to a first order", ui.Steps(
			ui.Step{Title: "Get an account", Text: "An e-mail address and a password are enough.", Done: true},
			ui.Step{Title: "Create an application", Text: "It has its keys at once; in a sandbox it is approved by itself.", Action: ui.Button("#", "Create an application")},
			ui.Step{Title: "Place an order", Text: "The page of each product has a call that runs as it is shown."})),
		ui.Split(
			ui.Section("A first call", ui.CodeBlock("curl", "curl -s https://demarc.example.com/oauth/v2/token \\\n  -u \"$ID:$SECRET\" \\\n  -d grant_type=client_credentials")),
			ui.Card("Rather look first?", ui.P("The documents of all five products can be read without an account."), ui.Actions(ui.Quiet("#", "API reference")))),
	}
}

func galleryComponents() []ui.Node {
	var rows [][]ui.Node
	for i, state := range []string{"delivered", "pending", "failed", "delivered"} {
		rows = append(rows, []ui.Node{
			ui.Mono("evt_01J9Z3K8W2" + string(rune('A'+i))), ui.Text("voice.reservation.completed"), ui.Time(noon.Add(time.Duration(-i) * 97 * time.Minute)), ui.State(state), ui.Text(ui.Count(i*1213 + 1)),
			ui.When(state == "failed", func() ui.Node { return ui.Act("token", "#", "Replay") }),
		})
	}
	return []ui.Node{
		ui.Head("Webhooks", "Where demarc tells your application what happens, and what became of each delivery.", ui.Button("#", "Add an endpoint")),
		ui.Tabs("Views", ui.Tab{Href: "#", Label: "Deliveries", Current: true}, ui.Tab{Href: "#", Label: "Endpoints"}, ui.Tab{Href: "#", Label: "Settings"}),
		ui.Stats(ui.Stat("12,408", "Deliveries today", ""), ui.Stat("99.8 %", "At the first attempt", "#"), ui.Stat("182 ms", "Median", ""), ui.Stat("3", "Given up", "#")),
		ui.Notice(ui.Good, ui.P("The endpoint was saved. A test event is on its way.")),
		ui.Notice(ui.Waiting, ui.P("Your application waits for approval. Staff usually answer within a working day.")),
		ui.Notice(ui.Bad, ui.P("The endpoint has answered nothing but errors for a day and is switched off. Mend it, then switch it on again.")),
		ui.Notice(ui.Plain, ui.P("Deliveries are kept for 30 days.")),
		ui.Section("Deliveries",
			ui.Filter(ui.NewForm(url.Values{"state": {"failed"}}), nodes(func(f *ui.Form) []ui.Node {
				return []ui.Node{ui.Select{Name: "state", Label: "State", Choices: ui.Of("pending", "delivered", "failed"), Blank: "Any"}.In(f), ui.Input{Name: "q", Label: "Event"}.In(f)}
			})...),
			ui.Table("Deliveries", []string{"Event", "Type", "When", "State", "Attempt", ""}, rows, nil),
			ui.Pager("/webhooks", url.Values{"page": {"2"}}, 1234)),
		ui.Split(
			ui.Section("The endpoint",
				ui.Facts(ui.Fact{Name: "Address", Value: ui.Mono("https://hooks.example.com/demarc/production")}, ui.Fact{Name: "State", Value: ui.State("enabled")},
					ui.Fact{Name: "Secret", Value: ui.Text("Changed 14 Mar 2026; the former one works for another 22 h")}, ui.Fact{Name: "Created", Value: ui.Time(noon)}),
				ui.Actions(ui.Quiet("#", "Edit"), ui.Act("token", "#", "Send a test"), ui.Confirm("token", "#", "Delete…", "Delete the endpoint https://hooks.example.com/demarc/production? Deliveries that wait for it are given up.", "Delete the endpoint"))),
			ui.Card("What is sent", ui.P("A POST with JSON, signed in a header."), ui.Small("Answer 2xx within 10 seconds."), ui.Actions(ui.Link("#", "Events and their fields")))),
		ui.Secret("Client secret", "sk_live_5Yq2mJ0cWn8Zt4RkVhXb7LdPfGuEa1Os", "It is shown this once. Keep it where your application's other secrets are."),
		ui.CodeBlock("Request", "POST /demarc/production HTTP/1.1\nContent-Type: application/json\n\n{\"type\":\"voice.reservation.completed\",\"data\":{\"id\":\"res_01J9Z3K8W2\",\"numbers\":[\"+13125550123\",\"+13125550124\"]}}"),
		ui.More("The answer in full", ui.CodeBlock("Answer", "HTTP/1.1 200 OK")),
		ui.Section("History", ui.Live("history", ui.History(
			ui.Entry{At: noon, Who: "lena.okafor@example.com", What: "secret_rotated"},
			ui.Entry{At: noon.Add(-5 * time.Hour), Who: "demarc", What: "switched off", To: "disabled", Note: "100 failures in a row"},
			ui.Entry{At: noon.Add(-50 * time.Hour), Who: "lena.okafor@example.com", What: "created", To: "enabled"}))),
		ui.Section("States", ui.Actions(ui.State("in_progress"), ui.State("completed"), ui.State("failed"), ui.State("withdrawn"), ui.Badge("kind", "Sandbox"))),
		ui.Empty("No deliveries yet", "As soon as something happens to an order, what your application is told about it stands here.", ui.Button("#", "Send a test"), ui.Link("#", "How deliveries work")),
	}
}

// nodes makes fields of a form.
func nodes(fields func(*ui.Form) []ui.Node) []ui.Node { return fields(ui.NewForm(nil)) }

func galleryForms() []ui.Node {
	f := ui.NewForm(url.Values{"customer": {"1-ABC"}, "numbers[0].rateCenter": {"CHICAGO"}, "numbers[0].quantity": {"0"}, "kind": {"reserve"}, "days": {"mon", "fri"}, "terms": {"true"}})
	f.Add("numbers[0].quantity", "must be between 1 and 500")
	f.Add("kind", "cannot be chosen while a port is under way")
	f.Add("", "The rate center CHICAGO has only 240 numbers left.")
	fields := []ui.Node{
		ui.Input{Name: "customer", Label: "Customer", Hint: "On whose behalf the numbers are ordered.", Required: true}.In(f),
		ui.Choices{Name: "kind", Label: "What is to happen", Required: true, Choices: []ui.Choice{
			{Value: "reserve", Label: "Reserve numbers", Hint: "They are held for 45 days."}, {Value: "port", Label: "Port numbers in", Hint: "From another carrier, with its consent."}}}.In(f),
		ui.Group("Numbers", "Each rate center has a line of its own.",
			ui.Row(ui.Input{Name: "numbers[0].rateCenter", Label: "Rate center", Suggest: []string{"CHICAGO", "DENVER"}, Required: true}.In(f),
				ui.Input{Name: "numbers[0].quantity", Label: "Quantity", InputMode: "numeric", Narrow: true, Required: true}.In(f),
				ui.Select{Name: "numbers[0].state", Label: "State", Choices: ui.Of("IL", "CO"), Blank: "Any", Narrow: true}.In(f)),
			ui.MoreRows("numbers", "One more rate center")),
		ui.Choices{Name: "days", Label: "Days on which it may be done", Many: true, Choices: []ui.Choice{{Value: "mon", Label: "Monday"}, {Value: "fri", Label: "Friday"}}}.In(f),
		ui.Textarea{Name: "note", Label: "Note", Hint: "For the carrier's staff."}.In(f),
		ui.Check{Name: "terms", Label: "Tell me when it is done", Hint: "By e-mail, once."}.In(f),
	}
	return []ui.Node{
		ui.Head("Reserve numbers", "Numbers are held for 45 days. Nothing is charged until they are installed."),
		f.With([]ui.Node{ui.Submit("do", "order", "Reserve the numbers"), ui.Link("#", "Back without reserving")}, fields...),
		ui.Section("Acts", ui.Actions(ui.Button("#", "The next thing"), ui.Quiet("#", "Another"), ui.Act("token", "#", "At once"),
			ui.Confirm("token", "#", "Cancel the order…", "Cancel the reservation res_01J9Z3K8W2 of 20 numbers in CHICAGO? They go back to the stock.", "Cancel the reservation"))),
	}
}

func galleryFigures() []ui.Node {
	times, requests, errors, slow := []time.Time{}, []float64{}, []float64{}, []float64{}
	for i := range 48 {
		x := float64(i)
		times = append(times, noon.Add(time.Duration(i-48)*30*time.Minute))
		requests = append(requests, math.Round(900+700*math.Sin(x/7)+120*math.Cos(x*1.7)))
		errors = append(errors, math.Round(40+35*math.Sin(x/3)))
		slow = append(slow, 60+20*math.Sin(x/5)+8*math.Cos(x*2.1))
	}
	gaps := append([]float64{}, slow...)
	for i := 20; i < 27; i++ {
		gaps[i] = math.NaN()
	}
	double := make([]float64, len(slow))
	for i := range slow {
		double[i] = slow[i]*2.2 + 15
	}
	page := []ui.Node{
		ui.Head("Usage", "The last day, in half hours."),
		ui.Plot{Title: "Requests", Unit: "in half an hour", Times: times, Bars: true, Series: []ui.Series{{Name: "Answered", Values: requests}, {Name: "Refused", Values: errors, Tone: ui.Bad}}}.Node(),
		ui.Grid(
			ui.Plot{Title: "Latency", Unit: "ms", Times: times, Series: []ui.Series{{Name: "Median", Values: slow}, {Name: "95 of 100", Values: double}}}.Node(),
			ui.Plot{Title: "Median with a gap", Unit: "ms", Times: times, Series: []ui.Series{{Name: "Median", Values: gaps}}}.Node(),
			ui.Plot{Title: "Spend", Unit: "USD"}.Node()),
	}
	for _, m := range []struct {
		name, now string
		been      []string
	}{
		{"voice port", "FOC scheduled", []string{"created", "in-progress"}}, {"voice rate center order", "backordered", []string{"created", "awaiting approval"}},
		{"marketplace subscription", "", nil}, {"outbox.delivery", "delivered", []string{"pending"}}, {"ondemand service", "Change pending", []string{"In progress", "Active"}},
		{"voice reservation", "cancelled", []string{"created", "pending credit check"}}, {"ondemand order", "failed", []string{"acknowledged"}}, {"preorder order", "", nil}, {"outbox.endpoint", "", nil},
	} {
		page = append(page, ui.Section(m.name, ui.Diagram(machineNamed(m.name), m.now, m.been)))
	}
	return page
}
