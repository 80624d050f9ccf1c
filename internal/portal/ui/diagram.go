package ui

import (
	"fmt"
	"slices"
	"strings"

	"demarc/internal/machine"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Diagram draws a machine, with the present state marked, and the ways it has come.
// been are the states that it has been in, in order; current may be "".
func Diagram(t *machine.Table, current string, been []string) Node {
	l := layOut(t)
	d := drawing{table: t, current: current, been: map[string]bool{}, taken: map[[2]string]bool{}}
	path := slices.Clone(been)
	if current != "" && (len(path) == 0 || path[len(path)-1] != current) {
		path = append(path, current)
	}
	for i, s := range path {
		d.been[s] = true
		if i > 0 {
			d.taken[[2]string{path[i-1], s}] = true
		}
	}
	var edges, marked, boxes g.Group
	for _, e := range l.edges {
		if d.taken[[2]string{e.from, e.to}] {
			marked = append(marked, d.edge(e)) // over the others where they cross
		} else {
			edges = append(edges, d.edge(e))
		}
	}
	for _, b := range l.boxes {
		boxes = append(boxes, d.box(b))
	}
	start := l.boxes[0] // the initial state's
	return h.Figure(h.Class("diagram"), h.Div(h.Class("canvas"), h.TabIndex("0"), h.Role("group"), h.Aria("label", words(t.Name)+", drawn"),
		g.El("svg", h.Role("img"), g.Attr("viewBox", fmt.Sprintf("0 0 %d %d", l.width, l.height)), h.Width(itoa(l.width)), h.Height(itoa(l.height)),
			g.El("title", g.Text(words(t.Name))), g.El("desc", g.Text(d.inWords())),
			edges, marked,
			g.El("g", h.Class("start"), g.El("circle", attr("cx", start.x-leftOfStart+5), attr("cy", start.y+start.h/2), g.Attr("r", "5")),
				g.El("path", g.Attr("d", fmt.Sprintf("M%d %dH%d", start.x-leftOfStart+5, start.y+start.h/2, start.x-1))), arrow(point{start.x, start.y + start.h/2}, 1)),
			boxes)))
}

// drawing is what is to be marked in a machine's layout.
type drawing struct {
	table   *machine.Table
	current string
	been    map[string]bool
	taken   map[[2]string]bool
}

// words is a name as it is read.
func words(s string) string { return strings.NewReplacer("_", " ", ".", " ").Replace(s) }

func attr(name string, n int) Node { return g.Attr(name, itoa(n)) }

func (d drawing) box(b box) Node {
	class, radius := "state", 8
	switch {
	case b.state == d.current:
		class += " now"
	case d.been[b.state]:
		class += " been"
	}
	final := d.table.Ended(b.state)
	if final {
		class += " final"
	}
	lines := b.lines
	if b.state == d.current {
		lines = append(slices.Clone(lines), "now")
	}
	return g.El("g", h.Class(class), g.If(b.state == d.current, h.Aria("current", "step")), g.Attr("data-state", b.state),
		g.El("rect", h.Class("box"), attr("x", b.x), attr("y", b.y), attr("width", b.w), attr("height", b.h), attr("rx", radius)),
		g.If(final, g.El("rect", h.Class("inner"), attr("x", b.x+4), attr("y", b.y+4), attr("width", b.w-8), attr("height", b.h-8), attr("rx", radius-3))),
		text("", b.x+b.w/2, b.y+b.h/2, lines, lineHeight, b.state == d.current))
}

// text is lines around a point. The last one is said more quietly where tail is set.
func text(class string, x, y int, lines []string, height int, tail bool) Node {
	top := y - (len(lines)-1)*height/2 + 4 // the base line lies below the middle
	return g.El("text", g.If(class != "", h.Class(class)), g.Attr("text-anchor", "middle"), attr("x", x), attr("y", top), g.Group(tspans(x, lines, height, tail)))
}

func tspans(x int, lines []string, height int, tail bool) []Node {
	list := make([]Node, len(lines))
	for i, line := range lines {
		list[i] = g.El("tspan", attr("x", x), g.If(i > 0, attr("dy", height)), g.If(tail && i == len(lines)-1, h.Class("tail")), g.Text(line))
	}
	return list
}

func (d drawing) edge(e edge) Node {
	class := "edge"
	if d.taken[[2]string{e.from, e.to}] {
		class += " taken"
	}
	var why []string
	for _, r := range d.table.Rows {
		if r.From == e.from && r.To == e.to {
			why = append(why, strings.TrimSuffix(words(r.Event)+": "+r.Why, ": "))
		}
	}
	end := e.path[len(e.path)-1]
	return g.El("g", h.Class(class), g.Attr("data-from", e.from), g.Attr("data-to", e.to),
		g.El("title", g.Text(words(e.from)+" to "+words(e.to)+"\n"+strings.Join(why, "\n"))),
		g.El("path", g.Attr("d", e.curve())),
		g.If(!e.loop, arrow(end, e.heading)), g.If(e.loop, arrowDown(end)),
		g.El("rect", h.Class("plate"), attr("x", e.label.x), attr("y", e.label.y), attr("width", e.label.w), attr("height", e.label.h), g.Attr("rx", "3")),
		text("event", e.label.x+e.label.w/2, e.label.y+e.label.h/2, e.lines, eventHeight, false))
}

// arrow is the head of an edge that ends at a point, going right (1) or left (-1).
func arrow(at point, heading int) Node {
	return g.El("path", h.Class("head"), g.Attr("d", fmt.Sprintf("M%d %dl%d -4v8z", at.x, at.y, -8*heading)))
}

func arrowDown(at point) Node {
	return g.El("path", h.Class("head"), g.Attr("d", fmt.Sprintf("M%d %dl-4 -8h8z", at.x, at.y)))
}

// inWords says what the drawing shows.
func (d drawing) inWords() string {
	var b strings.Builder
	if d.current != "" {
		b.WriteString("Now: " + words(d.current) + ". ")
	}
	b.WriteString("It begins in " + words(d.table.Initial) + ". ")
	for _, s := range d.table.States() {
		var ways []string
		for _, r := range d.table.Rows {
			if r.From == s {
				ways = append(ways, words(r.Event)+" leads to "+words(r.To))
			}
		}
		b.WriteString("From " + words(s) + ": ")
		if d.table.Ended(s) {
			b.WriteString("the end. ")
			continue
		}
		b.WriteString(strings.Join(ways, ", ") + ". ")
	}
	return strings.TrimSpace(b.String())
}
