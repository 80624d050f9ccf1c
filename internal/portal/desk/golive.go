package desk

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
)

// Bounds of a go-live report: it is to be read, and made in a moment.
const (
	reportSince  = 30 * 24 * time.Hour
	reportWorlds = 10 // the organisation's oldest sandboxes
	reportApps   = 20 // of each
	reportCodes  = 50
)

// tried is what an organisation's applications have tried in their sandboxes.
type tried struct {
	apps       int
	operations map[string]*requestlog.OperationUsage
	codes      map[string]*requestlog.CodeMet
	failed     int64
	troubles   map[string]int // why deliveries failed
}

// goLive is the report about what an organisation has tried.
func (s *screens) goLive(v *web.Visit, org string) (ui.Node, error) {
	if s.Requests == nil || s.Outbox == nil {
		return ui.Text(""), nil
	}
	if err := errors.Join(s.Requests.Flush(v.Context()), s.Requests.FlushUsage(v.Context())); err != nil {
		return nil, err
	}
	t := tried{operations: map[string]*requestlog.OperationUsage{}, codes: map[string]*requestlog.CodeMet{}, troubles: map[string]int{}}
	worlds, err := s.Sandbox.List(v.Context(), org)
	if err != nil {
		return nil, err
	}
	for _, w := range worlds[:min(len(worlds), reportWorlds)] {
		apps, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: org, World: w.ID, Limit: reportApps})
		if err != nil {
			return nil, err
		}
		err = s.DB.View(v.Context(), w.ID, func(tx *db.Tx) error {
			for _, a := range apps {
				if err := s.add(tx, &t, a.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		t.apps += len(apps)
	}
	return t.show(), nil
}

// add adds what one application has tried.
func (s *screens) add(tx *db.Tx, t *tried, app string) error {
	since := clock.Machine().Add(-reportSince)
	operations, err := s.Requests.Operations(tx, app, since)
	if err != nil {
		return err
	}
	for _, o := range operations {
		have := t.operations[o.Operation]
		if have == nil {
			have = &requestlog.OperationUsage{Operation: o.Operation}
			t.operations[o.Operation] = have
		}
		have.N += o.N
		have.Client += o.Client
		have.Server += o.Server
	}
	codes, err := s.Requests.Codes(tx, app, since, reportCodes)
	if err != nil {
		return err
	}
	for _, c := range codes {
		have := t.codes[c.Code]
		if have == nil {
			have = &requestlog.CodeMet{Code: c.Code, Status: c.Status}
			t.codes[c.Code] = have
		}
		have.N += c.N
		if c.Last.After(have.Last) {
			have.Last, have.Operation = c.Last, c.Operation
		}
	}
	deliveries, failed, err := s.Outbox.Deliveries(tx, outbox.DeliveryFilter{App: app, State: outbox.Failed}, 0, reportCodes)
	t.failed += failed
	for _, d := range deliveries {
		t.troubles[d.Type]++
	}
	return err
}

func (t tried) show() ui.Node {
	byN := func(n func(string) int64) func(a, b string) int {
		return func(a, b string) int { return cmp.Or(cmp.Compare(n(b), n(a)), cmp.Compare(a, b)) }
	}
	var operations, codes, notices [][]ui.Node
	for _, name := range slices.SortedFunc(maps.Keys(t.operations), byN(func(k string) int64 { return t.operations[k].N })) {
		o := t.operations[name]
		operations = append(operations, []ui.Node{ui.Mono(name), ui.Text(ui.Count(o.N)), ui.Text(ui.Count(o.Client)), ui.Text(ui.Count(o.Server))})
	}
	for _, name := range slices.SortedFunc(maps.Keys(t.codes), byN(func(k string) int64 { return t.codes[k].N })) {
		c := t.codes[name]
		codes = append(codes, []ui.Node{ui.Link("/docs/errors#"+name, name), ui.Text(ui.Count(c.Status)), ui.Text(ui.Count(c.N)), ui.Mono(c.Operation), ui.Time(c.Last)})
	}
	for _, kind := range slices.Sorted(maps.Keys(t.troubles)) {
		notices = append(notices, []ui.Node{ui.Mono(kind), ui.Text(ui.Count(t.troubles[kind]))})
	}
	return ui.Section("What it has tried", ui.Small("What this organisation's applications have done in their sandboxes in the last thirty days: "+ui.Count(t.apps)+" of them."),
		ui.Table("Operations called", []string{"Operation", "Calls", "Refused (4xx)", "Failed (5xx)"}, operations,
			ui.Empty("Nothing was called in a sandbox.", "An application that goes live without a try is worth a question.")),
		ui.If(len(codes) > 0, ui.Table("Error codes met", []string{"Code", "Status", "Times", "Last at", "Last met"}, codes, ui.Text(""))),
		ui.If(len(notices) > 0, ui.Table("Notifications that could not be delivered", []string{"Notification", "Deliveries given up"}, notices, ui.Text(""))),
		ui.If(t.failed == 0, ui.Small("Every notification was delivered, or is still on its way.")))
}
