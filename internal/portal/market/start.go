package market

import (
	"slices"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
)

// progress is how far an organisation has come.
type progress struct {
	app, production        *identity.App // of the sandbox, and the one asked for in production
	called, hook, received bool
	requests, failed       int64 // of the last day
	slow                   time.Duration
}

// lookedAt bounds how many applications are asked for how far they have come: this page
// is made again every second.
const lookedAt = 5

// start leads from nothing to the first call, and on to production.
func (s *screens) start(v *web.Visit) error {
	p, err := s.progress(v)
	if err != nil {
		return err
	}
	lead := "Five steps from here to production. What is done is ticked by itself."
	steps := []ui.Step{
		{Title: "Make an application", Text: "Its key is shown once; your programs call with it.", Done: p.app != nil, Action: ui.Button("/apps/new", "New application")},
		{Title: "Make your first call", Text: "From the reference, without a program: choose a call and try it out. What fails says why in the request log.", Done: p.called,
			Action: ui.Actions(ui.Button("/docs/", "Try it out"), ui.Quiet("/requests", "Request log"))},
		{Title: "Say where webhooks go", Text: "To a server of yours, or to a receiver of this portal if you have none yet.", Done: p.hook, Action: ui.Button("/hooks/new", "New webhook")},
		{Title: "Receive a webhook", Text: "Send a test from the webhook's page, or order something: what happens is told there.", Done: p.received, Action: ui.Quiet("/hooks", "Webhooks")},
		{Title: "Ask for production", Text: "An application of the production world, for the products and customers that you need. The carrier's staff approves it.", Done: p.production != nil,
			Action: ui.Quiet("/apps/new?world="+sandbox.Production, "Production application")},
	}
	nodes := []ui.Node{ui.Head("Getting started", lead), ui.Steps(steps...)}
	if p.requests > 0 {
		nodes = append(nodes, ui.Section("The last day in your sandbox", ui.Stats(
			ui.Stat(ui.Count(p.requests), "requests", "/usage"), ui.Stat(ui.Count(p.failed), "of these failed", "/requests?status=failed"), ui.Stat(ui.Duration(p.slow), "99 of 100 are faster, in the slowest hour", "/usage"))))
	}
	if p.production != nil {
		nodes = append(nodes, ui.Section("Production", ui.All(ui.Link("/apps/"+p.production.ID, p.production.Name), ui.Text(" "), ui.State(p.production.State))))
	}
	return v.Show("Getting started", ui.Live("progress", nodes...))
}

// trialWorld is the sandbox that the steps are about: the one that is looked at, or else
// the organisation's first.
func trialWorld(v *web.Visit) string {
	if v.Sandbox() && v.World.Org == v.User.Org {
		return v.World.ID
	}
	for _, w := range ownWorlds(v) {
		if w.Kind != sandbox.Production {
			return w.ID
		}
	}
	return ""
}

func (s *screens) progress(v *web.Visit) (p progress, err error) {
	inProduction, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org, World: sandbox.Production, Limit: 1})
	if err != nil {
		return p, err
	}
	if len(inProduction) > 0 {
		p.production = &inProduction[0]
	}
	world := trialWorld(v)
	if world == "" {
		return p, nil
	}
	mine, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org, World: world})
	if err != nil {
		return p, err
	}
	mine = slices.DeleteFunc(mine, func(a identity.App) bool { return a.State == identity.Revoked })
	if len(mine) == 0 {
		return p, nil
	}
	slices.SortFunc(mine, func(a, b identity.App) int { return b.CreatedAt.Compare(a.CreatedAt) })
	p.app = &mine[0]
	return p, s.DB.View(v.Context(), world, func(tx *db.Tx) error {
		for _, a := range mine[:min(len(mine), lookedAt)] {
			if err := p.add(tx, s, a.ID); err != nil {
				return err
			}
		}
		points, err := s.Requests.Usage(tx, "", "", clock.Machine().Add(-24*time.Hour), time.Hour)
		for _, at := range points {
			p.requests, p.failed, p.slow = p.requests+at.N, p.failed+at.Client+at.Server, max(p.slow, at.P99)
		}
		return err
	})
}

// add adds how far one application has come.
func (p *progress) add(tx *db.Tx, s *screens, app string) error {
	good, err := s.Requests.List(tx, requestlog.Filter{App: app, Status: "ok", Limit: 1})
	if err != nil {
		return err
	}
	hooks, err := s.Outbox.Endpoints(tx, app)
	if err != nil {
		return err
	}
	took, _, err := s.Outbox.Deliveries(tx, outbox.DeliveryFilter{App: app, State: outbox.Delivered}, 0, 1)
	p.called, p.hook, p.received = p.called || len(good) > 0, p.hook || len(hooks) > 0, p.received || len(took) > 0
	return err
}
