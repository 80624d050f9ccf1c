package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Series is one line, or one colour of bars, of a plot.
type Series struct {
	Name   string
	Values []float64 // one for each moment; NaN where nothing is known
	Tone   Tone      // Bad for errors; Plain takes the next colour
}

// Plot is figures over time, with a table of the same figures for those who cannot see it.
type Plot struct {
	Title  string
	Unit   string // of the values: "requests", "ms", "USD"
	Times  []time.Time
	Series []Series
	Bars   bool // stacked bars rather than lines
}

// The drawing is as wide as its place and this high. Across, everything is in per cent, so
// that lines stretch and letters do not.
const (
	plotHeight  = 200 // of the area
	plotSide    = 24  // what the days and hours need below it
	plotColours = 6
)

// Node draws it.
func (p Plot) Node() Node {
	p = p.sound()
	title := h.FigCaption(h.Strong(g.Text(p.Title)), g.If(p.Unit != "", h.Span(h.Class("unit"), g.Text(p.Unit))), g.Iff(p.any(), p.legend))
	if !p.any() {
		return h.Figure(h.Class("plot"), title, h.P(h.Class("nothing"), g.Text("Nothing yet")))
	}
	v := p.values()
	across := p.across()
	var grid, marks g.Group
	for _, at := range v.ticks {
		y := v.y(at)
		class := "line"
		if at == 0 {
			class = "zero"
		}
		grid = append(grid, g.El("line", h.Class(class), g.Attr("x1", "0"), g.Attr("x2", "100%"), attr("y1", int(y)), attr("y2", int(y))),
			g.El("text", g.Attr("x", "-10"), attr("y", int(y)+4), g.Attr("text-anchor", "end"), g.Text(figure(at))))
	}
	for i, at := range across.ticks {
		class := [4]string{"moment", "moment fine", "moment finer", "moment fine"}[i%4] // fine: left out where it is narrow
		x := percent(across.x(at))
		marks = append(marks, g.El("line", h.Class(class), g.Attr("x1", x), g.Attr("x2", x), attr("y1", plotHeight), attr("y2", plotHeight+4)),
			g.El("text", h.Class(class), g.Attr("x", x), attr("y", plotHeight+18), g.Attr("text-anchor", "middle"), g.Text(across.label(at))))
	}
	body := p.lines
	if p.Bars {
		body = p.bars
	}
	return h.Figure(h.Class("plot"), title,
		h.Div(h.Class("area"), h.Role("group"), h.Aria("label", p.Title),
			g.El("svg", h.Role("img"), h.Width("100%"), h.Height(itoa(plotHeight+plotSide)), h.Aria("label", p.inWords()),
				grid, marks, body(v, across),
				g.El("line", h.Class("cursor"), g.Attr("visibility", "hidden"), g.Attr("x1", "0"), g.Attr("x2", "0"), g.Attr("y1", "0"), attr("y2", plotHeight)))),
		h.P(h.Class("readout"), h.Aria("hidden", "true")),
		p.table(across))
}

// sound is the plot with as many values as moments, none of which cannot be drawn.
func (p Plot) sound() Plot {
	series := make([]Series, len(p.Series))
	for i, s := range p.Series {
		values := make([]float64, len(p.Times))
		for k := range values {
			values[k] = math.NaN()
			if k < len(s.Values) && !math.IsInf(s.Values[k], 0) {
				values[k] = min(1e300, max(-1e300, s.Values[k])) // NaN stays NaN
				if math.Abs(values[k]) < 1e-300 {
					values[k] = 0
				}
			}
		}
		series[i] = Series{Name: s.Name, Tone: s.Tone, Values: values}
	}
	p.Series = series
	return p
}

// any reports whether there is any value.
func (p Plot) any() bool {
	for _, s := range p.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				return true
			}
		}
	}
	return false
}

// class is a series' colour and pattern.
func (p Plot) class(i int) string {
	if t := p.Series[i].Tone; t == Good || t == Waiting || t == Bad {
		return "tone " + string(t)
	}
	n := 0
	for _, s := range p.Series[:i] {
		if s.Tone == "" || s.Tone == Plain {
			n++
		}
	}
	return "s" + itoa(n%plotColours+1)
}

func (p Plot) legend() Node {
	if len(p.Series) < 2 {
		return g.Text("")
	}
	var list g.Group
	for i, s := range p.Series {
		width, sample := "28", g.El("line", h.Class("stroke "+p.class(i)), g.Attr("x1", "1"), g.Attr("x2", "27"), g.Attr("y1", "6"), g.Attr("y2", "6"))
		if p.Bars {
			width, sample = "12", g.El("rect", h.Class("bar-of "+p.class(i)), g.Attr("x", "1"), g.Attr("y", "1"), g.Attr("width", "10"), g.Attr("height", "10"))
		}
		list = append(list, h.Li(g.El("svg", h.Width(width), h.Height("12"), h.Aria("hidden", "true"), sample), g.Text(s.Name)))
	}
	return h.Ul(h.Class("legend"), list)
}

// scale is the values' axis.
type scale struct {
	least, most float64
	ticks       []float64
}

func (s scale) y(v float64) float64 {
	return plotHeight - (v-s.least)/(s.most-s.least)*plotHeight
}

// values is the axis for all values, zero among them, with a line at every round figure.
func (p Plot) values() scale {
	least, most := 0.0, 0.0
	for k := range p.Times {
		up, down := 0.0, 0.0
		for _, s := range p.Series {
			v := s.Values[k]
			switch {
			case math.IsNaN(v):
			case !p.Bars:
				up, down = max(up, v), min(down, v)
			case v > 0:
				up += v
			default:
				down += v
			}
		}
		least, most = min(least, down), max(most, up)
	}
	if least == 0 && most == 0 {
		most = 1
	}
	step := round((most - least) / 4)
	s := scale{least: math.Floor(least/step+1e-9) * step, most: math.Ceil(most/step-1e-9) * step}
	for i := math.Round(s.least / step); i*step <= s.most+step/2; i++ {
		s.ticks = append(s.ticks, i*step)
	}
	return s
}

// round is the next of 1, 2, 5, 10 and so on.
func round(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= v*0.999999 {
			return m * unit
		}
	}
	return 10 * unit
}

// figure is a value for people: thousands apart, no more digits than say something.
func figure(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case size >= 1e15 || size > 0 && size < 1e-4:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v == math.Trunc(v) || size >= 1000:
		return Count(int64(math.Round(v)))
	case size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default: // three digits
		text := strconv.FormatFloat(v, 'f', 2-int(math.Floor(math.Log10(size))), 64)
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 2, 64) + "%" }

// lines draws the series as lines, with a gap where a value is missing. A value with gaps
// on both sides is a dot.
func (p Plot) lines(v scale, across timeAxis) Node {
	var strokes, dots g.Group
	for i, s := range p.Series {
		for _, run := range runs(s.Values) {
			if len(run) == 1 {
				dots = append(dots, g.El("circle", h.Class("dot "+p.class(i)), g.Attr("cx", percent(across.x(p.Times[run[0]]))), attr("cy", int(v.y(s.Values[run[0]]))), g.Attr("r", "3.5")))
				continue
			}
			var b strings.Builder
			for n, k := range run {
				fmt.Fprintf(&b, "%c%.2f %.2f", "ML"[min(n, 1)], 1000*across.x(p.Times[k]), v.y(s.Values[k]))
			}
			if len(p.Series) == 1 {
				strokes = append(strokes, g.El("path", h.Class("under "+p.class(i)), g.Attr("d", fmt.Sprintf("%sL%.2f %.2fL%.2f %.2fz", b.String(),
					1000*across.x(p.Times[run[len(run)-1]]), v.y(0), 1000*across.x(p.Times[run[0]]), v.y(0)))))
			}
			strokes = append(strokes, g.El("path", h.Class("stroke "+p.class(i)), g.Attr("d", b.String())))
		}
	}
	return g.Group{g.El("svg", h.Class("stretch"), g.Attr("viewBox", fmt.Sprintf("0 0 1000 %d", plotHeight)), g.Attr("preserveAspectRatio", "none"),
		h.Width("100%"), h.Height(itoa(plotHeight)), strokes), dots}
}

// runs are the indexes of values that follow each other without a gap.
func runs(values []float64) [][]int {
	var all [][]int
	for k, v := range values {
		switch {
		case math.IsNaN(v):
		case k == 0 || math.IsNaN(values[k-1]):
			all = append(all, []int{k})
		default:
			all[len(all)-1] = append(all[len(all)-1], k)
		}
	}
	return all
}

// bars draws the series on top of each other, what is negative below zero.
func (p Plot) bars(v scale, across timeAxis) Node {
	var list g.Group
	w := across.bar * 0.76
	for k, at := range p.Times {
		up, down := 0.0, 0.0
		for i, s := range p.Series {
			value := s.Values[k]
			if math.IsNaN(value) || value == 0 {
				continue
			}
			from := &up
			if value < 0 {
				from = &down
			}
			top, bottom := v.y(*from+max(value, 0)), v.y(*from+min(value, 0))
			if value < 0 {
				top, bottom = v.y(*from), v.y(*from+value)
			}
			*from += value
			list = append(list, g.El("rect", h.Class("bar-of "+p.class(i)), g.Attr("x", percent(across.x(at)-w/2)), g.Attr("width", percent(w)),
				g.Attr("y", strconv.FormatFloat(top, 'f', 2, 64)), g.Attr("height", strconv.FormatFloat(max(bottom-top, 0.5), 'f', 2, 64))))
		}
	}
	return list
}

// inWords says what the drawing shows at a glance.
func (p Plot) inWords() string {
	var parts []string
	for _, s := range p.Series {
		known := slices.DeleteFunc(slices.Clone(s.Values), math.IsNaN)
		if len(known) == 0 {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s: from %s to %s, at last %s", s.Name, figure(slices.Min(known)), figure(slices.Max(known)), figure(known[len(known)-1])))
	}
	return p.Title + ". " + strings.Join(parts, "; ") + "."
}

// table is the same figures, the latest first, to be read one by one; the script reads
// them from here, too.
func (p Plot) table(across timeAxis) Node {
	head := g.Group{h.Th(h.Scope("col"), g.Text("Time (UTC)"))}
	for _, s := range p.Series {
		head = append(head, h.Th(h.Scope("col"), g.Text(s.Name)))
	}
	rows := make(g.Group, 0, len(p.Times))
	for k, at := range p.Times {
		cells := g.Group{h.Td(g.Attr("data-label", "Time (UTC)"), g.Text(across.exact(at)))}
		for _, s := range p.Series {
			cells = append(cells, h.Td(g.Attr("data-label", s.Name), g.Text(figure(s.Values[k]))))
		}
		rows = append(rows, h.Tr(g.Attr("data-x", strings.TrimSuffix(percent(across.x(at)), "%")), cells))
	}
	return h.Details(h.Class("figures"), h.Summary(g.Text("The figures")),
		h.Div(h.Class("table"), h.TabIndex("0"), h.Role("region"), h.Aria("label", p.Title+", the figures"),
			h.Table(h.Caption(h.Class("hidden"), g.Text(p.Title)), h.THead(h.Tr(head)), h.TBody(rows))))
}
