package market

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
)

// GoLive tells what an application has met in its sandbox, for whoever decides whether
// its like may go into production: which operations it has called, which errors it was
// answered, and what became of the notifications that it was sent.
type GoLive struct {
	DB       *db.DB
	Requests *requestlog.Log
	Outbox   *outbox.Service
}

// mostFailures is how far back failures are looked through.
const mostFailures = 1000

// met is one code that was answered.
type met struct {
	code string
	n    int
	last time.Time
}

type goLive struct {
	operations []requestlog.OperationUsage
	codes      []met
	failures   int
	notices    map[string]int64 // deliveries by state
}

// Report is what a sandbox's application has met in the last 30 days.
func (g GoLive) Report(ctx context.Context, app identity.App) (ui.Node, error) {
	if err := g.Requests.Flush(ctx); err != nil {
		return nil, err
	}
	if err := g.Requests.FlushUsage(ctx); err != nil {
		return nil, err
	}
	r := goLive{notices: map[string]int64{}}
	err := g.DB.View(ctx, app.World, func(tx *db.Tx) (err error) {
		if r.operations, err = g.Requests.Operations(tx, app.ID, clock.Machine().Add(-requestlog.KeptFor)); err != nil {
			return err
		}
		for _, state := range outbox.DeliveryMachine.States() {
			_, total, err := g.Outbox.Deliveries(tx, outbox.DeliveryFilter{App: app.ID, State: state}, 0, 1)
			if err != nil {
				return err
			}
			r.notices[state] = total
		}
		return r.readCodes(tx, g.Requests, app.ID)
	})
	if err != nil {
		return nil, err
	}
	return r.node(app), nil
}

// readCodes gathers the codes of the last failures.
func (r *goLive) readCodes(tx *db.Tx, log *requestlog.Log, app string) error {
	filter := requestlog.Filter{App: app, Status: "failed", Limit: 100}
	for r.failures < mostFailures {
		list, err := log.List(tx, filter)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, e := range list {
			r.failures++
			code := e.Code
			if code == "" {
				code = strconv.Itoa(e.Status)
			}
			i := slices.IndexFunc(r.codes, func(m met) bool { return m.code == code })
			if i < 0 {
				i = len(r.codes)
				r.codes = append(r.codes, met{code: code, last: e.At})
			}
			r.codes[i].n++
		}
		filter.Before = list[len(list)-1].Seq
	}
	slices.SortStableFunc(r.codes, func(a, b met) int { return cmp.Compare(b.n, a.n) })
	return nil
}

func (r *goLive) node(app identity.App) ui.Node {
	var asked, failed int64
	for _, o := range r.operations {
		asked, failed = asked+o.N, failed+o.Client+o.Server
	}
	if asked == 0 {
		return ui.Empty("This application has called nothing in the last 30 days.", "What it calls in its sandbox is counted here, for the approval of its production.", ui.Button("/docs/", "Try it out"))
	}
	sections := []ui.Node{ui.Stats(ui.Stat(ui.Count(asked), "requests", ""), ui.Stat(ui.Count(failed), "of them failed", ""),
		ui.Stat(strconv.Itoa(len(r.codes)), "different errors met", ""), ui.Stat(ui.Count(r.notices["delivered"]), "notifications delivered", ""))}
	for _, p := range app.Products {
		sections = append(sections, r.product(p.Name))
	}
	codes := make([][]ui.Node, len(r.codes))
	for i, m := range r.codes {
		codes[i] = []ui.Node{ui.Link("/docs/errors#"+m.code, m.code), ui.Text(ui.Count(m.n)), ui.Time(m.last)}
	}
	var notices []ui.Fact
	for _, state := range outbox.DeliveryMachine.States() {
		notices = append(notices, ui.Fact{Name: state, Value: ui.Text(ui.Count(r.notices[state]))})
	}
	return ui.All(ui.All(sections...),
		ui.Section("Errors met", ui.When(r.failures >= mostFailures, func() ui.Node { return ui.Small(fmt.Sprintf("Of the last %d failures.", mostFailures)) }),
			ui.Table("Errors met", []string{"Code", "Times", "Last"}, codes,
				ui.Empty("It has met no error.", "A program that has never been refused may not know what to do. Faults and magic values make errors on demand."))),
		ui.Section("Notifications", ui.Facts(notices...)))
}

// product is which of a product's operations were called.
func (r *goLive) product(name string) ui.Node {
	var rows [][]ui.Node
	called := 0
	for _, o := range contract() {
		if o.Document != name || o.Also || o.Tag == "Carrier desk" {
			continue
		}
		state, counts := ui.Badge(ui.Plain, "not called"), [3]int64{}
		for _, u := range r.operations {
			if u.Operation == o.ID {
				state, counts = ui.Badge(ui.Good, "called"), [3]int64{u.N, u.Client, u.Server}
			}
		}
		if counts[0] > 0 {
			called++
		}
		rows = append(rows, []ui.Node{ui.Mono(o.ID), ui.Text(o.Summary), state, ui.Text(ui.Count(counts[0])), ui.Text(ui.Count(counts[1])), ui.Text(ui.Count(counts[2]))})
	}
	return ui.Section(nameOf(name), ui.P(fmt.Sprintf("%d of %d operations were called.", called, len(rows))),
		ui.More("Each of them", ui.Table("Operations of "+nameOf(name), []string{"Operation", "What it does", "", "Requests", "4xx", "5xx"}, rows, nil)))
}

func (s *screens) goLive(v *web.Visit) error {
	v.Under("/apps")
	app, err := s.Identity.App(v.Context(), v.Path("id"))
	if err != nil {
		return err
	}
	if app.Org != v.User.Org && !v.User.Carrier() {
		return identity.AppUnknown
	}
	report, err := GoLive{DB: s.DB, Requests: s.Requests, Outbox: s.Outbox}.Report(v.Context(), app)
	if err != nil {
		return err
	}
	return v.Show("Go-live report", ui.Head("Go-live report", "What "+app.Name+" has met in its sandbox in 30 days. The carrier's staff sees the same when it decides about production.",
		ui.Quiet("/apps/"+app.ID, "The application")), report)
}
