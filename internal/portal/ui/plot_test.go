package ui_test

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"demarc/internal/portal/ui"
)

// every is n moments, the same span apart.
func every(n int, span time.Duration) []time.Time {
	times := make([]time.Time, n)
	for i := range times {
		times[i] = noon.Add(time.Duration(i) * span)
	}
	return times
}

func TestPlotsOfAnyFigures(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		times  []time.Time
		values []float64
		empty  bool
		axis   string // what the value axis says, from below
	}{
		{"no moments", nil, nil, true, ""},
		{"no values", every(3, time.Hour), nil, true, ""},
		{"only gaps", every(3, time.Hour), []float64{nan, nan, inf}, true, ""},
		{"one value", every(1, 0), []float64{7}, false, "0 2 4 6 8"},
		{"zeros", every(3, time.Hour), []float64{0, 0, 0}, false, "0 0.5 1"},
		{"a gap", every(5, time.Hour), []float64{1, 2, nan, 4, nan}, false, "0 1 2 3 4"},
		{"below zero", every(3, time.Hour), []float64{-30, 10, 20}, false, "-40 -20 0 20"},
		{"fractions", every(3, time.Hour), []float64{0.12, 0.31, 0.2}, false, "0 0.1 0.2 0.3 0.4"},
		{"thousands", every(3, time.Hour), []float64{12_345, 3, 0}, false, "0 5,000 10,000 15,000"},
		{"the largest", every(3, time.Hour), []float64{math.MaxFloat64, -math.MaxFloat64, 1}, false, "-1e+300 -5e+299 0 5e+299 1e+300"},
		{"the smallest", every(3, time.Hour), []float64{math.SmallestNonzeroFloat64, 1e-299, 0}, false, "0 5e-300 1e-299"},
		{"all at once", every(1, 0)[:1:1], []float64{5, 6, 7}, false, "0 2 4 6"},
		{"the same moment twice", []time.Time{noon, noon}, []float64{1, 2}, false, "0 0.5 1 1.5 2"},
		{"two thousand years", []time.Time{{}, noon}, []float64{1, 2}, false, "0 0.5 1 1.5 2"},
		{"not in order", []time.Time{noon.Add(time.Hour), noon}, []float64{1, 2}, false, "0 0.5 1 1.5 2"},
	} {
		for _, bars := range []bool{false, true} {
			p := ui.Plot{Title: "Requests", Unit: "a minute", Times: c.times, Bars: bars, Series: []ui.Series{{Name: "All", Values: c.values}}}
			out := rendered(t, p.Node())
			for _, bad := range []string{"NaN", "Inf", "inf"} {
				if strings.Contains(out, bad) {
					t.Errorf("%s: %s in %s", c.name, bad, out)
				}
			}
			root := page(t, p.Node())
			if !strings.Contains(textOf(one(t, root, "figcaption", "", "")), "Requests") {
				t.Errorf("%s: it has no title", c.name)
			}
			if says := strings.Contains(textOf(root), "Nothing yet"); says != c.empty {
				t.Errorf("%s: says that there is nothing: %v", c.name, says)
			}
			if c.empty {
				continue
			}
			var axis []string
			for _, n := range elements(root, "text", "x", "-10") {
				axis = append(axis, textOf(n))
			}
			if got := strings.Join(axis, " "); got != c.axis {
				t.Errorf("%s (bars %v): the axis says %s, want %s", c.name, bars, got, c.axis)
			}
			if n := len(elements(one(t, root, "tbody", "", ""), "tr", "", "")); n != len(c.times) {
				t.Errorf("%s: %d rows in the table of %d moments", c.name, n, len(c.times))
			}
			for _, number := range regexp.MustCompile(`(?:x|x1|x2|cx|data-x)="(-?[0-9.]+)%?"`).FindAllStringSubmatch(out, -1) {
				if x := number[1]; strings.HasPrefix(x, "-") && x != "-10" || len(strings.Split(x, ".")[0]) > 3 {
					t.Errorf("%s: something is at %s", c.name, x)
				}
			}
		}
	}
}

func TestAGapInALineIsAGap(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	root := page(t, ui.Plot{Title: "x", Times: every(8, time.Hour), Series: []ui.Series{{Name: "a", Values: []float64{1, 2, nan, 3, nan, nan, 4, 5}}}}.Node())
	if n := len(elements(root, "path", "class", "stroke")); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
	if n := len(elements(root, "circle", "class", "dot")); n != 1 {
		t.Errorf("%d dots, want 1: the value that stands alone", n)
	}
	var cells []string
	for _, td := range elements(root, "td", "data-label", "a") {
		cells = append(cells, textOf(td))
	}
	if got := strings.Join(cells, " "); got != "1 2 – 3 – – 4 5" {
		t.Errorf("the table has %s", got)
	}
}

func TestBarsStandOnEachOther(t *testing.T) {
	t.Parallel()
	root := page(t, ui.Plot{Title: "x", Bars: true, Times: every(1, 0), Series: []ui.Series{{Name: "a", Values: []float64{60}}, {Name: "b", Values: []float64{40}, Tone: ui.Bad}, {Name: "c", Values: []float64{-100}}}}.Node())
	type bar struct{ class, y, height string }
	var got []bar
	for _, n := range elements(root, "rect", "class", "bar-of") {
		if of(n, "x") != "1" { // not those of the legend
			got = append(got, bar{of(n, "class"), of(n, "y"), of(n, "height")})
		}
	}
	want := []bar{{"bar-of s1", "40.00", "60.00"}, {"bar-of tone bad", "0.00", "40.00"}, {"bar-of s2", "100.00", "100.00"}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("the bars are %v, want %v", got, want)
	}
	if legend := textOf(one(t, root, "ul", "class", "legend")); legend != "abc" {
		t.Errorf("the legend says %q", legend)
	}
}

func TestTheTimeAxisSpeaksAsFitsTheSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    int
		span time.Duration
		want string
	}{
		{1, 0, "14 Mar, 12:00:00"},
		{2, 7 * time.Second, "12:00:00 12:00:01 12:00:02 12:00:03 12:00:04 12:00:05 12:00:06 12:00:07"},
		{2, time.Minute, "12:00:00 12:00:10 12:00:20 12:00:30 12:00:40 12:00:50 12:01:00"},
		{61, time.Minute, "12:00 12:10 12:20 12:30 12:40 12:50 13:00"},
		{25, time.Hour, "12:00 18:00 15 Mar 06:00 12:00"},
		{8, 24 * time.Hour, "15 Mar 16 Mar 17 Mar 18 Mar 19 Mar 20 Mar 21 Mar"},
		{31, 24 * time.Hour, "15 Mar 22 Mar 29 Mar 5 Apr 12 Apr"},
		{13, 30 * 24 * time.Hour, "Apr 2026 Jul 2026 Oct 2026 Jan 2027"},
		{11, 365 * 24 * time.Hour, "2028 2030 2032 2034 2036"},
	} {
		p := ui.Plot{Title: "x", Times: every(c.n, c.span), Series: []ui.Series{{Name: "a", Values: make([]float64, c.n)}}}
		var said []string
		for _, n := range elements(page(t, p.Node()), "text", "class", "moment") {
			said = append(said, textOf(n))
		}
		if got := strings.Join(said, " "); got != c.want {
			t.Errorf("%d times %s: %s, want %s", c.n, c.span, got, c.want)
		}
	}
}

func TestSeriesAreToldApart(t *testing.T) {
	t.Parallel()
	var series []ui.Series
	for _, tone := range []ui.Tone{"", ui.Bad, ui.Plain, "", ui.Good} {
		series = append(series, ui.Series{Name: "n", Values: []float64{1, 2}, Tone: tone})
	}
	var classes []string
	for _, n := range elements(page(t, ui.Plot{Title: "x", Times: every(2, time.Hour), Series: series}.Node()), "line", "class", "stroke") {
		classes = append(classes, of(n, "class"))
	}
	if got := strings.Join(classes, ", "); got != "stroke s1, stroke tone bad, stroke s2, stroke s3, stroke tone good" {
		t.Errorf("the legend's lines are %s", got)
	}
}
