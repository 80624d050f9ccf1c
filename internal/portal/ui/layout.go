package ui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"demarc/internal/machine"
)

// A machine is laid out in columns, from its initial state on. Between two columns of
// states lies one of labels, so that a label has a place of its own like a state has, and
// none lies on another. An edge that goes further than the next column passes those in
// between at a place of its own, too.
//
// The steps are the usual ones of drawings in layers: leave out what leads back, give each
// state its column by the longest way to it, order each column so that few edges cross,
// and move everything up and down towards what it is tied to.

// Sizes, in pixels. Text is measured with wide letters, so that it fits in any font.
const (
	letter      = 8.4 // of a state's name
	small       = 7.1 // of a label
	lineHeight  = 17
	eventHeight = 15
	wrapState   = 17 // letters after which a name goes on in another line
	wrapEvent   = 18
	margin      = 12
	leftOfStart = 34 // room for the mark of the beginning
	gapNodes    = 18 // between two things of a column
	portGap     = 11 // between two edges at one box
	loopHeight  = 22
)

type point struct{ x, y int }

type box struct {
	state      string
	lines      []string
	x, y, w, h int
}

type edge struct {
	from, to string
	lines    []string
	path     []point // where it passes; between them it bends
	loop     bool    // it leads to where it comes from
	heading  int     // 1: it ends going right, -1: left
	label    struct{ x, y, w, h int }
}

type layout struct {
	boxes         []box // the initial state's first
	edges         []edge
	width, height int
}

// node is what takes room in a column: a state, a label, or an edge that passes.
type node struct {
	state    string
	edge     *link
	labelled bool // the edge's label is here
	rank     int
	w        float64
	up, down float64 // how far it reaches from y
	y        float64
	prev     []*node
	next     []*node
	place    int // in its column
}

// link is all ways from one state to another.
type link struct {
	from, to string
	events   []string
	lines    []string
	back     bool    // drawn from right to left
	chain    []*node // from the left one to the right one, those two included
}

// graph is a machine on its way to a layout.
type graph struct {
	table  *machine.Table
	nodes  map[string]*node
	order  []string
	links  []*link
	loops  map[string]*link
	layers [][]*node
}

func layOut(t *machine.Table) layout {
	gr := &graph{table: t, nodes: map[string]*node{}, order: t.States(), loops: map[string]*link{}}
	gr.gather()
	gr.rank()
	gr.chains()
	gr.sortLayers()
	gr.settle()
	return gr.finish()
}

// gather makes a node of every state and a link of every pair that has an event.
func (gr *graph) gather() {
	byPair := map[[2]string]*link{}
	for _, r := range gr.table.Rows {
		key := [2]string{r.From, r.To}
		l := byPair[key]
		if l == nil {
			l = &link{from: r.From, to: r.To}
			byPair[key] = l
			if r.From == r.To {
				gr.loops[r.From] = l
			} else {
				gr.links = append(gr.links, l)
			}
		}
		l.events = append(l.events, words(r.Event))
		l.lines = append(l.lines, wrap(words(r.Event), wrapEvent)...)
	}
	ways := map[string][2]int{} // at the right, at the left: no more than these
	for _, l := range gr.links {
		for _, s := range []string{l.from, l.to} {
			w := ways[s]
			w[0]++
			ways[s] = w
		}
	}
	for _, s := range gr.order {
		lines := wrap(words(s), wrapState)
		height := max(48, float64(lineHeight*(len(lines)+1)+14), float64(portGap*(ways[s][0]-1)+20))
		n := &node{state: s, w: max(84, widest(lines, letter)+28), up: height / 2, down: height / 2}
		if l := gr.loops[s]; l != nil {
			n.up += float64(loopHeight + eventHeight*len(l.lines))
			n.w = max(n.w, widest(l.lines, small)+8)
		}
		gr.nodes[s] = n
	}
}

// rank gives each state its column: the longest way to it, without going back.
func (gr *graph) rank() {
	out := map[string][]*link{}
	for _, l := range gr.links {
		out[l.from] = append(out[l.from], l)
	}
	const onTheWay, done = 1, 2
	seen := map[string]int{}
	var topological []string
	var visit func(s string)
	visit = func(s string) {
		seen[s] = onTheWay
		for _, l := range out[s] {
			switch seen[l.to] {
			case onTheWay:
				l.back = true
			case done:
			default:
				visit(l.to)
			}
		}
		seen[s] = done
		topological = append(topological, s)
	}
	for _, s := range gr.order { // what cannot be reached is drawn, too
		if seen[s] == 0 {
			visit(s)
		}
	}
	for _, s := range slices.Backward(topological) {
		for _, l := range out[s] {
			if !l.back {
				gr.nodes[l.to].rank = max(gr.nodes[l.to].rank, gr.nodes[s].rank+2)
			}
		}
	}
}

// chains puts a node into every column that a link passes; its label is beside the state
// that it comes from.
func (gr *graph) chains() {
	last := 0
	for _, n := range gr.nodes {
		last = max(last, n.rank)
	}
	gr.layers = make([][]*node, last+1)
	for _, s := range gr.order {
		n := gr.nodes[s]
		gr.layers[n.rank] = append(gr.layers[n.rank], n)
	}
	for _, l := range gr.links {
		left, right := gr.nodes[l.from], gr.nodes[l.to]
		labelled := left.rank + 1
		if l.back {
			left, right = right, left
			labelled = right.rank - 1
		}
		l.chain = []*node{left}
		for r := left.rank + 1; r < right.rank; r++ {
			n := &node{edge: l, rank: r, up: 5, down: 5}
			if r == labelled {
				n.labelled = true
				n.w = widest(l.lines, small) + 10
				n.up = float64(eventHeight*len(l.lines))/2 + 2
				n.down = n.up
			}
			gr.layers[r] = append(gr.layers[r], n)
			l.chain = append(l.chain, n)
		}
		l.chain = append(l.chain, right)
		for i := 1; i < len(l.chain); i++ {
			l.chain[i-1].next = append(l.chain[i-1].next, l.chain[i])
			l.chain[i].prev = append(l.chain[i].prev, l.chain[i-1])
		}
	}
	gr.number()
}

func (gr *graph) number() {
	for _, layer := range gr.layers {
		for i, n := range layer {
			n.place = i
		}
	}
}

// sortLayers orders the columns: each node towards the middle of its neighbours, again
// and again from both sides, then neighbours change places where that helps. The best
// order that came by is kept.
func (gr *graph) sortLayers() {
	best, least := gr.copyLayers(), gr.crossings()
	for round := range 24 {
		for i := range gr.layers {
			layer, side := gr.layers[i], func(n *node) []*node { return n.prev }
			if round%2 == 1 {
				layer, side = gr.layers[len(gr.layers)-1-i], func(n *node) []*node { return n.next }
			}
			slices.SortStableFunc(layer, func(a, b *node) int {
				x, y := middle(a, side(a)), middle(b, side(b))
				switch {
				case x < y-1e-9:
					return -1
				case x > y+1e-9:
					return 1
				}
				return 0
			})
			gr.number()
		}
		gr.swap()
		if c := gr.crossings(); c < least {
			best, least = gr.copyLayers(), c
		}
	}
	gr.layers = best
	gr.number()
}

func middle(n *node, beside []*node) float64 {
	if len(beside) == 0 {
		return float64(n.place)
	}
	sum := 0.0
	for _, b := range beside {
		sum += float64(b.place)
	}
	return sum / float64(len(beside))
}

func (gr *graph) swap() {
	for _, layer := range gr.layers {
		for i := 1; i < len(layer); i++ {
			before := gr.crossings()
			exchange := func() {
				layer[i-1], layer[i] = layer[i], layer[i-1]
				layer[i-1].place, layer[i].place = i-1, i
			}
			if exchange(); gr.crossings() >= before {
				exchange()
			}
		}
	}
}

func (gr *graph) copyLayers() [][]*node {
	c := make([][]*node, len(gr.layers))
	for i, layer := range gr.layers {
		c[i] = slices.Clone(layer)
	}
	return c
}

// crossings counts the pairs of edges that cross between two columns.
func (gr *graph) crossings() int {
	n := 0
	for _, layer := range gr.layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				for _, x := range a.next {
					for _, y := range b.next {
						if x.place > y.place {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// finish makes whole pixels of it all.
func (gr *graph) finish() layout {
	top := math.Inf(1)
	bottom := math.Inf(-1)
	for _, layer := range gr.layers {
		for _, n := range layer {
			top, bottom = min(top, n.y-n.up), max(bottom, n.y+n.down)
		}
	}
	left, right := gr.columns()
	y := func(v float64) int { return int(math.Round(v-top)) + margin }
	l := layout{width: right[len(right)-1] + margin, height: y(bottom) + margin}
	at := map[string]box{}
	for _, s := range gr.order {
		n := gr.nodes[s]
		b := box{state: s, lines: wrap(words(s), wrapState), w: right[n.rank] - left[n.rank], h: int(2 * n.down)}
		b.x, b.y = left[n.rank], y(n.y)-b.h/2
		at[s] = b
		l.boxes = append(l.boxes, b)
	}
	for _, k := range gr.links {
		l.edges = append(l.edges, gr.route(k, at, left, right, y))
	}
	for _, s := range gr.order {
		if k := gr.loops[s]; k != nil {
			l.edges = append(l.edges, loop(k, at[s]))
		}
	}
	return l
}

// columns are their left and right ends. Where edges climb far there is more room before
// and behind, so that no bend is steep.
func (gr *graph) columns() (left, right []int) {
	x := float64(margin + leftOfStart)
	for i, layer := range gr.layers {
		w, climb := 0.0, 0.0
		for _, n := range layer {
			w = max(w, n.w)
			for _, b := range n.next {
				climb = max(climb, math.Abs(b.y-n.y))
			}
		}
		left = append(left, int(x))
		right = append(right, int(x+w))
		x += w
		if i < len(gr.layers)-1 {
			x += min(64, max(24, climb*0.34))
		}
	}
	return left, right
}

// port is where a link meets a box: the links of one side lie apart, in the order in which
// they come.
func port(side []*node, other *node, b box) int {
	sorted := slices.Clone(side)
	slices.SortStableFunc(sorted, func(a, c *node) int { return a.place - c.place })
	i := slices.Index(sorted, other)
	return b.y + b.h/2 + (2*i-len(sorted)+1)*portGap/2
}

func (gr *graph) route(k *link, at map[string]box, left, right []int, y func(float64) int) edge {
	e := edge{from: k.from, to: k.to, lines: k.lines, heading: 1}
	end := len(k.chain) - 1
	first, last := k.chain[0], k.chain[end]
	e.path = append(e.path, point{right[first.rank], port(first.next, k.chain[1], at[first.state])})
	for _, n := range k.chain[1:end] {
		e.path = append(e.path, point{left[n.rank], y(n.y)}, point{right[n.rank], y(n.y)})
		if n.labelled {
			e.label.w, e.label.h = int(n.w), eventHeight*len(k.lines)
			e.label.x, e.label.y = (left[n.rank]+right[n.rank]-e.label.w)/2, y(n.y)-e.label.h/2
		}
	}
	e.path = append(e.path, point{left[last.rank], port(last.prev, k.chain[end-1], at[last.state])})
	if k.back {
		slices.Reverse(e.path)
		e.heading = -1
	}
	return e
}

// loop leaves a box at its top and comes back there.
func loop(k *link, b box) edge {
	e := edge{from: k.from, to: k.to, lines: k.lines, loop: true, heading: 1}
	x := b.x + b.w/2
	e.path = []point{{x - 15, b.y}, {x + 15, b.y}}
	e.label.w, e.label.h = int(widest(k.lines, small))+8, eventHeight*len(k.lines)
	e.label.x, e.label.y = x-e.label.w/2, b.y-loopHeight-e.label.h+2
	return e
}

// curve is the edge as a path: straight across the columns, bent between them.
func (e edge) curve() string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%d %d", e.path[0].x, e.path[0].y)
	if e.loop {
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", e.path[0].x-4, e.path[0].y-loopHeight-4, e.path[1].x+4, e.path[1].y-loopHeight-4, e.path[1].x, e.path[1].y-4)
		return b.String()
	}
	for i := 1; i < len(e.path); i++ {
		p, q := e.path[i-1], e.path[i]
		if i == len(e.path)-1 {
			q.x -= 6 * e.heading // the head's point is the end, not the line's
		}
		if p.y == q.y {
			fmt.Fprintf(&b, "H%d", q.x)
			continue
		}
		m := (p.x + q.x) / 2
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", m, p.y, m, q.y, q.x, q.y)
	}
	return b.String()
}

func widest(lines []string, letter float64) float64 {
	most := 0.0
	for _, s := range lines {
		n := 0.0
		for _, r := range s {
			n++
			if unicode.IsUpper(r) || r > unicode.MaxLatin1 {
				n += 0.25
			}
		}
		most = max(most, n*letter)
	}
	return most
}

// wrap is a text in lines of about this many letters, none much shorter than the others.
func wrap(text string, limit int) []string {
	all := strings.Fields(text)
	if len([]rune(text)) <= limit || len(all) < 2 {
		return []string{text}
	}
	parts := (len([]rune(text)) + limit - 1) / limit
	each := (len([]rune(text)) + parts - 1) / parts
	lines, line := []string{}, ""
	for _, w := range all {
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) <= limit && len([]rune(line))+len([]rune(w))/2 < each:
			line += " " + w
		default:
			lines, line = append(lines, line), w
		}
	}
	return append(lines, line)
}
