package ui_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"demarc/internal/machine"
	"demarc/internal/portal/ui"

	"golang.org/x/net/html"
)

func hostileMachine(x string) *machine.Table {
	return &machine.Table{Name: x, Title: x, Initial: x, Final: []string{"end"}, Rows: []machine.Row{{From: x, Event: x, To: x, Why: x}, {From: x, Event: "go", To: "end"}}}
}

// A machine that goes everywhere: what the real ones might become.
func tangle(n int) *machine.Table {
	t := &machine.Table{Name: "tangle of " + strconv.Itoa(n), Initial: "s0", Final: []string{"end"}}
	for i := range n {
		for _, step := range []int{1, 3, n - 2, 0} {
			t.Rows = append(t.Rows, machine.Row{From: fmt.Sprintf("s%d", i), Event: fmt.Sprintf("event_%d_of some length", step), To: fmt.Sprintf("s%d", (i+step)%n)})
		}
		t.Rows = append(t.Rows, machine.Row{From: fmt.Sprintf("s%d", i), Event: "end", To: "end"})
	}
	return t
}

type rect struct{ x, y, w, h int }

func (a rect) overlaps(b rect) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

func rectOf(t *testing.T, n *html.Node) rect {
	t.Helper()
	number := func(name string) int {
		v, err := strconv.Atoi(of(n, name))
		if err != nil {
			t.Fatalf("<%s %s=%q>", n.Data, name, of(n, name))
		}
		return v
	}
	return rect{number("x"), number("y"), number("width"), number("height")}
}

// said is a text of several lines.
func said(n *html.Node) string {
	var lines []string
	for _, span := range elements(n, "tspan", "", "") {
		lines = append(lines, textOf(span))
	}
	return strings.Join(lines, " ")
}

func spoken(s string) string { return strings.NewReplacer("_", " ", ".", " ").Replace(s) }

func TestEveryMachineIsDrawn(t *testing.T) {
	t.Parallel()
	for _, m := range append(machines(), tangle(5), tangle(9), &machine.Table{Name: "alone", Initial: "only"}) {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			out := rendered(t, ui.Diagram(m, m.Initial, nil))
			if out != rendered(t, ui.Diagram(m, m.Initial, nil)) {
				t.Error("it is drawn differently the second time")
			}
			root := page(t, ui.Diagram(m, "", nil))
			var boxes, labels []rect
			var states []string
			for _, n := range elements(root, "rect", "class", "box") {
				boxes = append(boxes, rectOf(t, n))
			}
			for _, n := range elements(root, "g", "class", "state") {
				states = append(states, said(n))
			}
			var want []string
			for _, s := range m.States() {
				want = append(want, spoken(s))
			}
			if slices.Sort(states); !slices.Equal(states, slices.Sorted(slices.Values(want))) {
				t.Errorf("the states are %q, want %q", states, want)
			}
			for _, r := range m.Rows {
				found := false
				for _, n := range elements(root, "g", "class", "edge") {
					found = found || of(n, "data-from") == r.From && of(n, "data-to") == r.To && strings.Contains(said(n), spoken(r.Event))
				}
				if !found {
					t.Errorf("%s from %s to %s is not drawn", r.Event, r.From, r.To)
				}
			}
			for _, n := range elements(root, "rect", "class", "plate") {
				labels = append(labels, rectOf(t, n))
			}
			apart(t, boxes, labels)
			within(t, one(t, root, "svg", "", ""), append(boxes, labels...))
			desc := textOf(one(t, root, "desc", "", ""))
			for _, r := range m.Rows {
				if !strings.Contains(desc, spoken(r.Event)+" leads to "+spoken(r.To)) {
					t.Errorf("the description does not say that %s leads to %s: %s", r.Event, r.To, desc)
				}
			}
		})
	}
}

// apart fails where anything lies on anything.
func apart(t *testing.T, boxes, labels []rect) {
	t.Helper()
	all := append(slices.Clone(boxes), labels...)
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.overlaps(b) {
				t.Errorf("%v lies on %v", a, b)
			}
		}
	}
}

// within fails where anything, the bends of the edges included, is outside the drawing.
func within(t *testing.T, svg *html.Node, all []rect) {
	t.Helper()
	var left, top, width, height int
	if _, err := fmt.Sscanf(of(svg, "viewbox")+of(svg, "viewBox"), "%d %d %d %d", &left, &top, &width, &height); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.x < 0 || r.y < 0 || r.x+r.w > width || r.y+r.h > height {
			t.Errorf("%v is outside %d by %d", r, width, height)
		}
	}
	for _, p := range elements(svg, "path", "", "") {
		for i, n := range numbersOf(of(p, "d")) {
			if strings.Contains(of(p, "d"), "H") || of(p, "class") == "head" {
				continue // not pairs
			}
			if limit := []int{width, height}[i%2]; n < 0 || n > limit {
				t.Errorf("the path %s leaves the drawing of %d by %d", of(p, "d"), width, height)
				break
			}
		}
	}
}

func numbersOf(d string) []int {
	var all []int
	for _, word := range strings.FieldsFunc(d, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		if n, err := strconv.Atoi(word); err == nil {
			all = append(all, n)
		}
	}
	return all
}

func TestADiagramMarksWhereAnOrderIsAndHasBeen(t *testing.T) {
	t.Parallel()
	root := page(t, ui.Diagram(machineNamed("voice port"), "FOC scheduled", []string{"created", "in-progress"}))
	classes := map[string]string{}
	for _, n := range elements(root, "g", "class", "state") {
		classes[of(n, "data-state")] = of(n, "class")
		if now := of(n, "data-state") == "FOC scheduled"; now != (of(n, "aria-current") == "step") || now != strings.HasSuffix(said(n), " now") {
			t.Errorf("%s: aria-current=%q, says %q", of(n, "data-state"), of(n, "aria-current"), said(n))
		}
	}
	for state, want := range map[string]string{"created": "state been", "in-progress": "state been", "FOC scheduled": "state now", "completed": "state final", "cancelled": "state final", "rejected by the losing carrier": "state"} {
		if classes[state] != want {
			t.Errorf("%s is %q, want %q", state, classes[state], want)
		}
	}
	var taken []string
	for _, n := range elements(root, "g", "class", "taken") {
		taken = append(taken, of(n, "data-from")+" > "+of(n, "data-to"))
	}
	slices.Sort(taken)
	if got := strings.Join(taken, ", "); got != "created > in-progress, in-progress > FOC scheduled" {
		t.Errorf("taken: %s", got)
	}
	if desc := textOf(one(t, root, "desc", "", "")); !strings.HasPrefix(desc, "Now: FOC scheduled. ") || !strings.Contains(desc, "From completed: the end.") {
		t.Errorf("in words: %s", desc)
	}
	// An order that was back where it began, and one whose path ends with its state.
	again := page(t, ui.Diagram(machineNamed("voice port"), "created", []string{"created", "in-progress", "created"}))
	if n := len(elements(again, "g", "class", "taken")); n != 2 {
		t.Errorf("%d edges are taken on the way there and back, want 2", n)
	}
	if n := len(elements(page(t, ui.Diagram(machineNamed("voice port"), "", nil)), "g", "class", "taken")); n != 0 {
		t.Errorf("%d edges are taken by no order", n)
	}
}
