package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/voice"
)

// Report is everything that a run found.
type Report struct {
	Version  string     `json:"version"`
	Machine  Machine    `json:"machine"`
	Seconds  float64    `json:"seconds"`
	Rows     []Row      `json:"figures"`
	Loads    []Load     `json:"loads"`
	Near     []Found    `json:"nearMatches"`
	Totals   []Total    `json:"totals"`
	Reserved []Reserved `json:"reserved"`
	Syncs    []Syncs    `json:"syncs"`
	Bodies   []Body     `json:"bodies"`
}

// Taken is a rate, the median of its rounds, with their extremes, and latencies
// over all of them.
type Taken struct {
	Rate     float64 `json:"rate"` // per second
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	P50      float64 `json:"p50ms"`
	P99      float64 `json:"p99ms"`
	Requests int     `json:"requests"`
}

// Row is one figure with so many clients.
type Row struct {
	Database string     `json:"database"`
	Figure   string     `json:"figure"`
	Clients  int        `json:"clients"`
	Taken               // of the program
	Target   float64    `json:"target,omitempty"` // a rate
	Verdict  string     `json:"verdict,omitempty"`
	Against  []Compared `json:"against"`
}

// Compared is a floor of the figure.
type Compared struct {
	Floor   string  `json:"floor"`
	Taken           // of the floor
	Ratio   float64 `json:"ratio"` // of the figure to it: the median of the rounds' own
	Target  float64 `json:"target,omitempty"`
	Verdict string  `json:"verdict,omitempty"`
}

// Body is a size or a span that is not a rate.
type Body struct {
	Database string  `json:"database,omitempty"`
	What     string  `json:"what"`
	Bytes    int64   `json:"bytes,omitempty"`
	Peak     int64   `json:"peakBytes,omitempty"`
	Millis   float64 `json:"ms,omitempty"`
	Most     int64   `json:"targetBytes,omitempty"`
	Longest  float64 `json:"targetMs,omitempty"`
	Verdict  string  `json:"verdict,omitempty"`
	Note     string  `json:"note,omitempty"`
}

// Syncs is how many syncs to disk some orders took.
type Syncs struct {
	Database string `json:"database"`
	How      string `json:"how"`
	Orders   int    `json:"orders"`
	Clients  int    `json:"clients"`
	Units    int64  `json:"units"`   // the server's own counters
	Commits  int64  `json:"commits"` // of its own
	Traced   int64  `json:"traced"`  // by strace; -1: not counted
	Note     string `json:"note,omitempty"`
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

func takenOf(samples []*sample) Taken {
	var all histogram
	rates := make([]float64, len(samples))
	for i, s := range samples {
		rates[i] = s.rate()
		all.merge(&s.times)
	}
	return Taken{Rate: median(rates), Low: slices.Min(rates), High: slices.Max(rates), Requests: all.total,
		P50: millis(all.at(0.5)), P99: millis(all.at(0.99))}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// rowOf makes the line of a figure: its own samples come first, then its floors'.
func rowOf(f figure, clients int, last bool, taken [][]*sample) Row {
	row := Row{Database: f.database, Figure: f.name, Clients: clients, Taken: takenOf(taken[0])}
	if f.rate > 0 && last {
		row.Target, row.Verdict = f.rate, verdict(row.Rate >= f.rate)
	}
	for i, a := range f.floors {
		ratios := make([]float64, len(taken[0]))
		for round, s := range taken[0] {
			ratios[round] = s.rate() / max(1e-9, taken[i+1][round].rate())
		}
		c := Compared{Floor: a.name, Taken: takenOf(taken[i+1]), Ratio: median(ratios)}
		if a.target > 0 && (last || !a.most) {
			c.Target, c.Verdict = a.target, verdict(c.Ratio >= a.target)
		}
		row.Against = append(row.Against, c)
	}
	return row
}

// The table, line by line as it is measured.

const (
	leftForm  = "%-19s %7s %9s %6s %8s %8s   "
	rightForm = "%-27s %9s %6s   %-11s %s"
)

func (r *run) print(format string, args ...any) {
	fmt.Fprintln(r.o.Out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// open says what is about to be measured, and how.
func (r *run) open() {
	m := r.report.Machine
	r.print("demarc %s on %s, %d x %s, %s", r.report.Version, m.System, m.CPUs, m.CPU, m.Go)
	r.print("Load average before: %s. Databases in %s.", m.LoadBefore, r.dir)
	r.print("")
	r.print("Each figure and its floors took turns, %d rounds of %v each; a rate is the median of its", r.o.Rounds, r.o.Span)
	r.print("rounds, +- how far the furthest was from it, and a ratio the median of the rounds' ratios.")
	r.print("The load is raw HTTP/1.1 on keep-alive loopback connections, requests made beforehand,")
	r.print("answers read for status and length; it shares the processors with the servers. Server and")
	r.print("floor are processes of their own; orders are placed under a frozen clock, each with a")
	r.print("fresh quote that was made before the time was taken.")
	if r.wants(partCare) {
		r.print("Care is asked about accounts at random, and each answer held to the account asked for.")
	}
	if r.wants(partQualify) {
		r.print("Addresses that are qualified are drawn at random, and so are misspelt ones; each of the")
		r.print("others' answers is held to the address. A qualification is a transaction, and so a commit.")
	}
	if r.wants(partUsage) {
		r.print("Usage is told by %d providers at once; with keys every %dth update is sent twice.", r.o.Sellers, repeatEvery)
	}
	if r.wants(partReserve) {
		r.openReserve()
	}
	if r.wants(partLines) {
		r.openLines()
	}
}

// openReserve says how reservations are measured.
func (r *run) openReserve() {
	r.print("Numbers are reserved %d at a time. Answered: by the server over HTTP, which works the orders", voice.PerOrder)
	r.print("meanwhile; the times are those of the answers, the rate is that of what was completed.")
	r.print("Completed: by a node in this process, from the request to the commit that completes it.")
	r.print("The two stocks: %d reservations a run, in %d times as many rounds.", smallRun, stockRounds)
}

// openLines says how orders about numbers in service are measured.
func (r *run) openLines() {
	r.print("Installs have %d numbers, ports %d, changes %s, each client's of a customer and rate center", voice.PerInstall, voice.PerPort, whole(voice.PerChange))
	r.print("of its own; they are placed and worked by a node in this process, from the request to the")
	r.print("commit that completes it. Losing carriers concur at once. Pages of the inventory have %d of", linePage)
	r.print("one customer's numbers; that the last takes at most 1.5 times as long as the first is a ratio")
	r.print("of at least %.2f.", pageOfFirst)
}

func (r *run) heading(kind string) {
	r.print("")
	r.print("%s", title(kind))
	if r.wants(append(slices.Clone(figureNames), partCare, partQualify, partUsage, partReserve, partLines)...) {
		r.print(leftForm+rightForm, "figure", "clients", "per s", "+-", "p50 ms", "p99 ms", "beside", "per s", "ratio", "target", "")
	}
}

func title(kind string) string {
	return map[string]string{SQLite: "SQLite", Postgres: "PostgreSQL"}[kind]
}

// line adds a figure to the report and prints it.
func (r *run) line(row Row) {
	r.report.Rows = append(r.report.Rows, row)
	left := fmt.Sprintf(leftForm, row.Figure, strconv.Itoa(row.Clients), whole(row.Rate), row.spread(), three(row.P50), three(row.P99))
	blank := fmt.Sprintf(leftForm, "", "", "", "", "", "")
	for _, c := range row.Against {
		target := ""
		if c.Target > 0 {
			target = fmt.Sprintf(">= %.2f", c.Target)
		}
		r.print("%s"+rightForm, left, c.Floor, whole(c.Rate), fmt.Sprintf("%.2f", c.Ratio), target, c.Verdict)
		left = blank
	}
	if row.Target > 0 {
		r.print("%s"+rightForm, left, "", "", "", ">= "+whole(row.Target), row.Verdict)
	}
}

func (t Taken) spread() string {
	if t.Rate <= 0 {
		return ""
	}
	return strconv.Itoa(int(100*max(t.High-t.Rate, t.Rate-t.Low)/t.Rate+0.5)) + "%"
}

// three writes a number with about three digits.
func three(v float64) string {
	switch {
	case v < 1:
		return fmt.Sprintf("%.3f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// whole writes a number with its thousands apart.
func whole(v float64) string {
	text := strconv.FormatInt(int64(v+0.5), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// body adds a size or a span.
func (r *run) body(b Body) {
	switch {
	case b.Most > 0:
		b.Verdict = verdict(b.Bytes > 0 && b.Bytes < b.Most)
	case b.Longest > 0:
		b.Verdict = verdict(b.Millis > 0 && b.Millis < b.Longest)
	}
	r.report.Bodies = append(r.report.Bodies, b)
}

// bodies prints those of a database, or of none.
func (r *run) bodies(database string) {
	first := true
	for _, b := range r.report.Bodies {
		if b.Database != database {
			continue
		}
		if first {
			r.print("")
			first = false
		}
		value, target := b.text()
		r.print("%-55s %s%s %s", b.What, value, target, b.Verdict)
		if b.Note != "" {
			r.print("  (%s)", b.Note)
		}
	}
}

func (b Body) text() (value, target string) {
	switch {
	case b.Bytes > 0:
		value = megabytes(b.Bytes)
		if b.Peak > 0 {
			value += ", at most " + megabytes(b.Peak)
		}
	case b.Millis > 0:
		value = three(b.Millis) + " ms"
	default:
		value = "not measured"
	}
	switch {
	case b.Most > 0:
		target = "   < " + megabytes(b.Most)
	case b.Longest > 0:
		target = "   < " + three(b.Longest) + " ms"
	}
	return value, target
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

func (r *run) synced(s Syncs) {
	r.report.Syncs = append(r.report.Syncs, s)
	traced := "not traced: " + s.Note
	if s.Traced >= 0 {
		traced = fmt.Sprintf("%s syncs by strace (%.3f an order)", whole(float64(s.Traced)), float64(s.Traced)/float64(s.Orders))
	}
	r.print("syncs: %s orders, %d clients, %-22s %s commits of %s units by /metrics, %s", whole(float64(s.Orders)), s.Clients, s.How+":",
		whole(float64(s.Commits)), whole(float64(s.Units)), traced)
}

// close says how the run went.
func (r *run) close() {
	r.bodies("")
	targets, missed := 0, 0
	count := func(v string) {
		if v != "" {
			targets++
		}
		if v == "MISSED" {
			missed++
		}
	}
	for _, row := range r.report.Rows {
		count(row.Verdict)
		for _, c := range row.Against {
			count(c.Verdict)
		}
	}
	for _, b := range r.report.Bodies {
		count(b.Verdict)
	}
	m := r.report.Machine
	r.print("")
	r.print("Took %.0f s. Load average after: %s; other programs took %.0f%% of the processors meanwhile.", r.report.Seconds, m.LoadAfter, 100*m.Elsewhere)
	switch {
	case targets == 0:
		r.print("Nothing that was measured has a target.")
	case missed == 0:
		r.print("Every target was met.")
	case missed == 1:
		r.print("1 target was MISSED.")
	default:
		r.print("%d targets were MISSED.", missed)
	}
}

// write leaves the report as JSON.
func (rep *Report) write(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // figures are no secret
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644) //nolint:gosec // figures are no secret
}
