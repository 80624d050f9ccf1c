package market

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"demarc/internal/clock"
	"demarc/internal/fault"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/timer"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

const sandboxArea = "Sandbox"

// The request log, usage, and what the owner of a sandbox can do with it.
func (s *screens) sandboxRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	own := func(method, path, nav string, do web.Handler) web.Route {
		return web.Route{Method: method, Path: path, Needs: web.Own, Area: sandboxArea, Nav: nav, Do: do}
	}
	slow := func(r web.Route) web.Route { r.Slow = true; return r }
	fresh := func(r web.Route) web.Route { r.Fresh = true; return r }
	live := func(r web.Route) web.Route { r.Live = true; return r }
	build := func(path, nav string, do web.Handler) web.Route {
		return web.Route{Method: get, Path: path, Needs: web.Build, Area: "Build", Nav: nav, Do: do}
	}
	return []web.Route{
		live(build("/requests", "Request log", s.requests)),
		build("/requests/{seq}", "", s.request),
		build("/usage", "Usage", s.usage),
		build("/apps/{id}/golive", "", s.goLive),

		live(own(get, "/sandbox", "Overview", s.sandboxHome)),
		own(get, "/sandbox/faults", "Faults", s.faults),
		own(post, "/sandbox/faults", "", s.putFault),
		own(post, "/sandbox/faults/clear", "", s.clearFault),
		own(get, "/sandbox/magic", "Magic values", s.magicValues),
		own(get, "/sandbox/customers", "Customers", s.customers),
		own(get, "/sandbox/customers/edit", "", s.editCustomer),
		own(post, "/sandbox/customers/edit", "", s.editCustomer),
		own(get, "/sandbox/settings", "Settings", s.settings),
		own(post, "/sandbox/settings", "", s.putSetting),
		own(get, "/sandbox/worlds", "Worlds", s.worlds),
		fresh(own(get, "/sandbox/worlds/new", "", s.newWorld)),
		fresh(own(post, "/sandbox/worlds/new", "", s.newWorld)),
		slow(own(post, "/sandbox/worlds/delete", "", s.deleteWorld)),
		own(get, "/sandbox/snapshots", "Snapshots", s.snapshots),
		slow(own(post, "/sandbox/snapshots", "", s.takeSnapshot)),
		slow(own(post, "/sandbox/snapshots/restore", "", s.restoreSnapshot)),
		slow(own(post, "/sandbox/snapshots/delete", "", s.deleteSnapshot)),
		fresh(own(get, "/sandbox/fork", "", s.fork)),
		slow(fresh(own(post, "/sandbox/fork", "", s.fork))),

		own(get, "/sandbox/clock", "", s.toSandbox),
		slow(own(post, "/sandbox/clock", "", s.advance)),
		own(post, "/sandbox/clock/freeze", "", s.freeze),
		own(post, "/sandbox/clock/thaw", "", s.thaw),
		own(get, "/sandbox/check", "", s.toSandbox),
		slow(own(post, "/sandbox/check", "", s.check)),
		slow(own(post, "/sandbox/export", "", s.export)),
		slow(own(post, "/sandbox/reset", "", s.reset)),
	}
}

func bullets(texts ...string) ui.Node {
	return h.Ul(g.Map(texts, func(t string) ui.Node { return h.Li(g.Text(t)) }))
}

// toSandbox is for those who reload what a form has answered elsewhere.
func (s *screens) toSandbox(v *web.Visit) error { return v.Go("/sandbox") }

func (s *screens) sandboxHome(v *web.Visit) error { return s.sandboxPage(v, v.Form()) }

func (s *screens) sandboxPage(v *web.Visit, f *ui.Form) error {
	w, err := s.Sandbox.Get(v.Context(), v.World.ID) // the clock, exactly
	if err != nil {
		return err
	}
	f.Action = "/sandbox/clock"
	machine := clock.Machine()
	now := w.Clock.Now(machine)
	frozen := !w.Clock.Frozen.IsZero()
	clockActs := []ui.Node{}
	for _, step := range []struct{ by, label string }{{"PT5M", "5 minutes"}, {"PT1H", "1 hour"}, {"P1D", "1 day"}, {"P7D", "1 week"}} {
		clockActs = append(clockActs, ui.Act(v.CSRF(), "/sandbox/clock", "+ "+step.label, "by", step.by))
	}
	state := ui.Badge(ui.Good, "runs")
	turn := ui.Act(v.CSRF(), "/sandbox/clock/freeze", "Freeze")
	if frozen {
		state, turn = ui.Badge(ui.Waiting, "stands still"), ui.Act(v.CSRF(), "/sandbox/clock/thaw", "Let it run")
	}
	expires := ui.Text("It stays")
	if !w.ExpiresAt.IsZero() {
		expires = ui.Time(w.ExpiresAt)
	}
	return v.Show("Sandbox", ui.Head(sandboxName(v), "A carrier of your own: its time, its faults and its rows are yours. Nobody else sees it."),
		ui.Live("clock", ui.Facts(
			ui.Fact{Name: "Its clock", Value: ui.All(ui.Time(now.Truncate(time.Second)), ui.Text(" "), state)},
			ui.Fact{Name: "Ahead of the machine's", Value: ui.Text(ahead(now.Sub(machine)))},
			ui.Fact{Name: "World", Value: ui.Mono(w.ID)}, ui.Fact{Name: "Seed", Value: ui.Mono(strconv.FormatInt(w.Seed, 10))}, ui.Fact{Name: "Ends", Value: expires})),
		ui.Section("Move the clock", ui.P("What falls due on the way is done in its order: orders, quotes that end, retries of webhooks. The clock never moves back. An access token ends by this clock, too."),
			ui.Actions(append(clockActs, turn)...),
			f.Node("Move the clock", ui.Row(
				ui.Input{Name: "by", Label: "By a span", Hint: "ISO 8601: PT30M, P1D, P1DT2H", Placeholder: "PT30M", Suggest: []string{"PT1M", "PT15M", "PT4H", "P2D", "P30D"}}.In(f),
				ui.Input{Name: "to", Label: "Or to a moment", Hint: "In UTC: " + now.Add(24*time.Hour).Format("2006-01-02T15:04:05Z"), Placeholder: "2027-01-01T00:00:00Z"}.In(f)))),
		ui.Section("Act as the other side", ui.Split(ui.All(
			ui.P("What a carrier's people, other carriers and networks do, you do here yourself, for this world:"),
			bullets("answer for the losing carrier of a port", "release or reject a credit hold, decide about TN exceptions", "close a rate center, take its supply, add a block",
				"see the queues, and what is late", "turn a subscription's provider on and off")), ui.Actions(ui.Button("/desk", "Open the carrier desk"), ui.Quiet("/provider", "Open the provider's console")))),
		ui.Section("The world as a whole", ui.Grid(
			ui.Card("Check", ui.P("Audits every invariant: stock, holdings, histories, bills."), ui.Act(v.CSRF(), "/sandbox/check", "Check everything")),
			ui.Card("Export", ui.P("Every row, one JSON object a line, as of one moment."), ui.Act(v.CSRF(), "/sandbox/export", "Export")),
			ui.Card("Reset", ui.P("Makes it a fresh world of the same seed. Applications, keys and webhook addresses stay; orders and their history go."),
				ui.Confirm(v.CSRF(), "/sandbox/reset", "Reset…", "Reset "+sandboxName(v)+"? All its orders, services and notifications go, and its clock goes back to the machine's.", "Reset "+sandboxName(v))))))
}

// ahead is how far a world's clock is ahead. Moving it took a moment, too.
func ahead(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < 0:
		return "It is behind by " + ui.Duration(-d)
	case d == 0:
		return "Not at all"
	}
	return ui.Duration(d)
}

// target reads where the clock is to go.
func target(f *ui.Form) func(now time.Time) time.Time {
	by, to := f.Value("by"), f.Value("to")
	switch {
	case by == "" && to == "":
		f.Add("by", "must be given, or a moment instead")
	case by != "" && to != "":
		f.Add("to", "must be empty when a span is given")
	case by != "":
		d, err := clock.ParseDuration(by)
		if err == nil {
			return func(now time.Time) time.Time { return now.Add(d) }
		}
		f.Add("by", "must be "+err.Error())
	default:
		at, err := time.Parse(time.RFC3339, to)
		if err == nil && at.Sub(clock.Machine()) <= clock.MaxSpan {
			return func(time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
		}
		f.Add("to", "must be a moment within ten years, such as 2027-01-01T00:00:00Z")
	}
	return nil
}

func (s *screens) advance(v *web.Visit) error {
	v.Under("/sandbox")
	f := v.Form()
	move := target(f)
	if move == nil {
		return v.Refused(f, nil, s.sandboxPage)
	}
	state, ran, err := s.Sandbox.Advance(v.Context(), v.World.ID, move)
	if err != nil {
		if fault.Of(err) != nil && f.Value("to") != "" {
			f.Add("to", "must lie ahead of the world's clock")
			return v.Refused(f, nil, s.sandboxPage)
		}
		return v.Refused(f, err, s.sandboxPage)
	}
	return v.Show("The clock was moved", ui.Head("The clock was moved", "In "+sandboxName(v)+" it is now "+state.Now(clock.Machine()).Format("2 Jan 2006, 15:04:05 UTC")+".", ui.Button("/sandbox", "Back to the sandbox")),
		ui.Section("What ran", whatRan(ran)))
}

// whatRan is how much of each kind there was, and the first of it.
func whatRan(ran []timer.Ran) ui.Node {
	kinds := map[string]int{}
	rows := make([][]ui.Node, 0, min(len(ran), ui.PageSize))
	for _, r := range ran {
		kinds[r.Kind]++
		if len(rows) == ui.PageSize {
			continue
		}
		result := ui.Badge(ui.Good, "done")
		if r.Problem != "" {
			result = ui.All(ui.Badge(ui.Bad, "will come again"), ui.Text(" "+r.Problem))
		}
		rows = append(rows, []ui.Node{ui.Time(r.Due), ui.Mono(r.Kind), ui.Mono(r.Key), result})
	}
	return ui.All(
		ui.When(len(ran) > 0, func() ui.Node {
			return ui.Stats(ui.Each(slices.Sorted(maps.Keys(kinds)), func(k string) ui.Node { return ui.Stat(ui.Count(kinds[k]), k, "") }))
		}),
		ui.Table("What ran, in its order", []string{"Due", "What", "Which", "Result"}, rows,
			ui.Empty("Nothing was due.", "Orders, retries and deadlines between then and now would be listed here.")),
		ui.When(len(ran) > len(rows), func() ui.Node {
			return ui.Small("These are the first " + ui.Count(len(rows)) + " of " + ui.Count(len(ran)) + ". Each order's history has its own.")
		}))
}

func (s *screens) freeze(v *web.Visit) error {
	if _, err := s.Sandbox.Freeze(v.Context(), v.World.ID); err != nil {
		return v.Failed("/sandbox", err)
	}
	return v.Done("/sandbox", "The clock stands still. Nothing falls due by itself until you let it run.")
}

func (s *screens) thaw(v *web.Visit) error {
	if _, err := s.Sandbox.Thaw(v.Context(), v.World.ID); err != nil {
		return v.Failed("/sandbox", err)
	}
	return v.Done("/sandbox", "The clock runs on from where it stood.")
}

func (s *screens) check(v *web.Visit) error {
	v.Under("/sandbox")
	problems, err := s.Sandbox.Check(v.Context(), v.World.ID)
	if err != nil {
		return v.Failed("/sandbox", err)
	}
	result := ui.Notice(ui.Good, ui.P("Every invariant holds."))
	if len(problems) > 0 {
		result = ui.Notice(ui.Bad, ui.P("These do not hold. That is a mistake of this server's; please report it."), bullets(problems...))
	}
	return v.Show("Check", ui.Head("Check of "+sandboxName(v), "Stock is given once, histories follow their machines, bills add up.", ui.Button("/sandbox", "Back to the sandbox")), result)
}

func (s *screens) export(v *web.Visit) error {
	return v.File(v.World.ID+".ndjson", "application/x-ndjson", func(w io.Writer) error {
		return s.Sandbox.Export(v.Context(), v.World.ID, v.Actor(), w)
	})
}

func (s *screens) reset(v *web.Visit) error {
	if _, err := s.Sandbox.Reset(v.Context(), v.World.ID, v.Actor()); err != nil {
		return v.Failed("/sandbox", err)
	}
	return v.Done("/sandbox", sandboxName(v)+" is a fresh world again.")
}

// sandboxName is what people call the sandbox that is looked at.
func sandboxName(v *web.Visit) string {
	if v.World.Name != "" {
		return v.World.Name
	}
	return v.World.ID
}
