package market

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
)

// span is how far back usage is looked at, and in which steps.
type span struct {
	key, label string
	back, step time.Duration
}

var spans = []span{
	{"hour", "Hour", time.Hour, time.Minute},
	{"day", "Day", 24 * time.Hour, 15 * time.Minute},
	{"week", "Week", 7 * 24 * time.Hour, 2 * time.Hour},
	{"month", "Month", 30 * 24 * time.Hour, 8 * time.Hour},
}

const usageLead = "How many requests there were, how they ended and how long they took here. Counted on the machine's clock, for 30 days."

func (s *screens) usage(v *web.Visit) error {
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	if len(apps) == 0 {
		return noApps(v, "Usage", usageLead)
	}
	f := v.Form()
	over := spans[1]
	for _, o := range spans {
		if o.key == f.Value("span") {
			over = o
		}
	}
	looked := apps
	if id := f.Value("app"); id != "" {
		app, err := appOf(apps, id)
		if err != nil {
			return err
		}
		looked = []identity.App{app}
	}
	if err := s.Requests.FlushUsage(v.Context()); err != nil {
		return err
	}
	u, err := s.readUsage(v, apps, looked, over)
	if err != nil {
		return err
	}
	tabs := make([]ui.Tab, len(spans))
	for i, o := range spans {
		tabs[i] = ui.Tab{Href: ui.With("/usage", v.Query(), "span", o.key), Label: o.label, Current: o == over}
	}
	return v.Show("Usage", ui.Head("Usage", usageLead, ui.When(v.Sandbox(), func() ui.Node { return ui.Quiet("/requests", "Request log") })),
		ui.Filter(f, ui.Select{Name: "app", Label: "Application", Blank: "All of this world", Choices: appChoices(apps)}.In(f), ui.Hidden(f, "span")),
		ui.Tabs("How far back", tabs...), u.nodes(over))
}

// used is the usage of some applications.
type used struct {
	counted    []requestlog.Point
	latency    []ui.Series
	operations []requestlog.OperationUsage
}

// readUsage reads the usage of the applications that are looked at. A sandbox is one
// organisation's alone, so that there all of them are the world's; of production the
// organisation's applications are read one by one, and as no percentile of several is known,
// the slowest twentieth of each is shown.
func (s *screens) readUsage(v *web.Visit, apps, looked []identity.App, over span) (u used, err error) {
	since := clock.Machine().Add(-over.back)
	err = v.View(func(tx *db.Tx) error {
		if len(looked) == 1 || len(looked) == len(apps) && v.Sandbox() {
			id := ""
			if len(looked) == 1 {
				id = looked[0].ID
			}
			if u.counted, err = s.Requests.Usage(tx, id, "", since, over.step); err != nil {
				return err
			}
			u.latency = percentiles(u.counted)
			u.operations, err = s.Requests.Operations(tx, id, since)
			return err
		}
		for _, app := range looked {
			points, err := s.Requests.Usage(tx, app.ID, "", since, over.step)
			if err != nil {
				return err
			}
			u.add(app, points)
			operations, err := s.Requests.Operations(tx, app.ID, since)
			if err != nil {
				return err
			}
			u.merge(operations)
		}
		return nil
	})
	return u, err
}

func percentiles(points []requestlog.Point) []ui.Series {
	list := []ui.Series{{Name: "p50"}, {Name: "p95"}, {Name: "p99"}}
	for _, p := range points {
		for i, took := range []time.Duration{p.P50, p.P95, p.P99} {
			list[i].Values = append(list[i].Values, milliseconds(p, took))
		}
	}
	return list
}

// milliseconds is a latency of a point; where there was no request, none is known.
func milliseconds(p requestlog.Point, took time.Duration) float64 {
	if p.N == 0 {
		return math.NaN()
	}
	return float64(took.Microseconds()) / 1000
}

// mostLines is how many applications' latencies can be told apart in one plot.
const mostLines = 6

// add adds the usage of one application among several.
func (u *used) add(app identity.App, points []requestlog.Point) {
	line, busy := ui.Series{Name: app.Name + ", p95"}, false
	for i, p := range points {
		if i >= len(u.counted) {
			u.counted = append(u.counted, requestlog.Point{At: p.At})
		}
		sum := &u.counted[i]
		sum.N, sum.Client, sum.Server = sum.N+p.N, sum.Client+p.Client, sum.Server+p.Server
		line.Values = append(line.Values, milliseconds(p, p.P95))
		busy = busy || p.N > 0
	}
	if busy && len(u.latency) < mostLines {
		u.latency = append(u.latency, line)
	}
}

// merge adds the operations of one application among several. Of latencies, the longest
// stands.
func (u *used) merge(operations []requestlog.OperationUsage) {
	for _, o := range operations {
		i := slices.IndexFunc(u.operations, func(have requestlog.OperationUsage) bool { return have.Operation == o.Operation })
		if i < 0 {
			u.operations = append(u.operations, o)
			continue
		}
		have := &u.operations[i]
		have.N, have.Client, have.Server = have.N+o.N, have.Client+o.Client, have.Server+o.Server
		have.P50, have.P99 = max(have.P50, o.P50), max(have.P99, o.P99)
	}
	slices.SortStableFunc(u.operations, func(a, b requestlog.OperationUsage) int { return cmp.Compare(b.N, a.N) })
}

func (u *used) nodes(over span) ui.Node {
	good, client, server := ui.Series{Name: "good"}, ui.Series{Name: "4xx", Tone: ui.Waiting}, ui.Series{Name: "5xx", Tone: ui.Bad}
	var times []time.Time
	var all, wrong int64
	for _, p := range u.counted {
		times = append(times, p.At)
		good.Values = append(good.Values, float64(p.N-p.Client-p.Server))
		client.Values = append(client.Values, float64(p.Client))
		server.Values = append(server.Values, float64(p.Server))
		all, wrong = all+p.N, wrong+p.Client+p.Server
	}
	if all == 0 {
		return ui.Empty("No request in this time.", "Look further back, or make a call: it is counted within seconds.", ui.Button("/docs/", "Try it out"))
	}
	rows := make([][]ui.Node, len(u.operations))
	for i, o := range u.operations {
		name := ui.Mono(o.Operation)
		if op, ok := operationByID(o.Operation); ok {
			name = ui.Link(op.docs(), o.Operation)
		}
		rows[i] = []ui.Node{name, ui.Text(ui.Count(o.N)), ui.Text(ui.Count(o.Client)), ui.Text(ui.Count(o.Server)), ui.Text(ui.Duration(o.P50)), ui.Text(ui.Duration(o.P99))}
	}
	return ui.All(
		ui.Stats(ui.Stat(ui.Count(all), "requests", ""), ui.Stat(ui.Count(wrong), "failed", ""), ui.Stat(fmt.Sprintf("%.1f %%", 100*float64(wrong)/float64(all)), "share that failed", "")),
		ui.Plot{Title: "Requests, by how they ended", Unit: "requests", Times: times, Series: []ui.Series{good, client, server}, Bars: true}.Node(),
		ui.When(len(u.latency) > 0, func() ui.Node {
			return ui.Plot{Title: "How long they took", Unit: "ms", Times: times, Series: u.latency}.Node()
		}),
		ui.Section("By operation", ui.Table("Requests by operation in the last "+over.key, []string{"Operation", "Requests", "4xx", "5xx", "p50", "p99"}, rows, nil)))
}
