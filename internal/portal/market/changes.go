package market

import (
	"slices"
	"time"

	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// change is what changed on a day, of one product; "platform" for what all of them share.
type change struct {
	day     string // 2026-11-21
	product string
	version string // of its document
	texts   []string
}

// changes is the change log, newest first. What a partner's program could notice belongs
// here, and nothing else.
var changes = []change{
	{"2026-11-21", "platform", "1.0.0", []string{
		"Worlds with a clock, faults, magic values, settings, snapshots and forks; OAuth 2.0 client credentials; webhooks and the notifications to read; the request log.",
		"The portal: sign-up, applications and keys, webhooks, the request log, the sandbox, usage."}},
	{"2026-11-21", "voice", "1.0.0", []string{
		"Rate centers, coverage, reservations with short supply and backorders, installs, ports, changes, disconnects, the pool and what is in service, notifications in XML and JSON.",
		"Each path with Numbers is also there with Number."}},
	{"2026-11-21", "ondemand", "1.0.0", []string{
		"Providers, locations, prices, quotes, orders that add, change and end a service, the inventory, the month's charges."}},
	{"2026-11-21", "preorder", "1.0.0", []string{
		"Qualification with near matches, configuration with credit, completion, orders to read and cancel.",
		"The three calls are there with and without /Product/v1."}},
	{"2026-11-21", "care", "1.0.0", []string{
		"Identification by account and by telephone number in Puerto Rico, Jamaica, Panama and Chile. The other units answer 501."}},
	{"2026-11-21", "marketplace", "1.0.0", []string{
		"Catalogue, subscriptions and usage for buyers; onboarding, products, test calls, the call log and usage updates for providers."}},
}

func (s *screens) changeLog(v *web.Visit) error {
	f := v.Form()
	choices := []ui.Choice{{Value: "platform", Label: "Platform"}}
	titles := map[string]string{"platform": "Platform"}
	for _, p := range products {
		choices = append(choices, ui.Choice{Value: p.Name, Label: p.Title})
		titles[p.Name] = p.Title
	}
	chosen := f.Value("product")
	var days []string
	cards := map[string][]ui.Node{}
	for _, c := range changes {
		if chosen != "" && c.product != chosen {
			continue
		}
		if !slices.Contains(days, c.day) {
			days = append(days, c.day)
		}
		cards[c.day] = append(cards[c.day], ui.Card(titles[c.product]+" "+c.version, ui.Each(c.texts, ui.P)))
	}
	return v.Show("Change log",
		ui.Head("Change log", "What a program of yours could notice. Nothing that works is taken away within a version."),
		ui.Filter(f, ui.Select{Name: "product", Label: "Product", Choices: choices, Blank: "All"}.In(f)),
		ui.Each(days, func(day string) ui.Node {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				return ui.Text("")
			}
			return ui.Section(at.Format("2 January 2006"), ui.Grid(cards[day]...))
		}),
		ui.When(len(days) == 0, func() ui.Node {
			return ui.Empty("Nothing of this kind has changed.", "Choose another product, or all.")
		}))
}
