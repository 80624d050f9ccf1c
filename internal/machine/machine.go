// Package machine holds order state machines as tables.
//
// One table says everything about an order's life: which event leads from which
// state to which. The code fires events through it, the docs and the portal draw
// it, an error about a wrong move lists what would have been legal from it, and
// one test walks every row of it. A move that has no row does not exist.
package machine

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Row is one transition.
type Row struct {
	From  string
	Event string
	To    string
	Why   string // one clause for the diagram's reader
}

// Table is one machine. Check must find nothing wrong with it; Fire trusts that.
type Table struct {
	Name    string
	Title   string // one line for the reader of the docs
	Initial string
	Final   []string
	Rows    []Row
}

// WrongMove says that an event has no row from a state, and what has.
type WrongMove struct {
	Machine string
	State   string
	Event   string
	Legal   []string
}

func (w *WrongMove) Error() string {
	return fmt.Sprintf("%s: %q is not possible in state %q (possible: %s)", w.Machine, w.Event, w.State, strings.Join(w.Legal, ", "))
}

// Fire answers the state that event leads to, or a *WrongMove.
func (t *Table) Fire(state, event string) (string, error) {
	for _, r := range t.Rows {
		if r.From == state && r.Event == event {
			return r.To, nil
		}
	}
	return "", &WrongMove{Machine: t.Name, State: state, Event: event, Legal: t.Legal(state)}
}

// Legal is the events that have a row from state, in the table's order.
func (t *Table) Legal(state string) []string {
	legal := []string{}
	for _, r := range t.Rows {
		if r.From == state {
			legal = append(legal, r.Event)
		}
	}
	return legal
}

// Ended reports whether state is a final one.
func (t *Table) Ended(state string) bool {
	return slices.Contains(t.Final, state)
}

// States is every state: the initial one, then in the order of the rows.
func (t *Table) States() []string {
	states, seen := []string{t.Initial}, map[string]bool{t.Initial: true}
	for _, r := range t.Rows {
		for _, s := range []string{r.From, r.To} {
			if !seen[s] {
				seen[s] = true
				states = append(states, s)
			}
		}
	}
	return states
}

// Check finds what a table must not have: two rows for one event from one state,
// a state that cannot be reached, a dead end that is not final, a final state
// with a way out of it.
func (t *Table) Check() []string {
	var problems []string
	rows := map[[2]string]bool{}
	out := map[string][]string{}
	for _, r := range t.Rows {
		key := [2]string{r.From, r.Event}
		if rows[key] {
			problems = append(problems, fmt.Sprintf("%s: two rows for %q from %q", t.Name, r.Event, r.From))
		}
		rows[key] = true
		out[r.From] = append(out[r.From], r.To)
	}
	reached := map[string]bool{}
	for todo := []string{t.Initial}; len(todo) > 0; todo = todo[1:] {
		if s := todo[0]; !reached[s] {
			reached[s] = true
			todo = append(todo, out[s]...)
		}
	}
	for _, s := range t.States() {
		switch final := t.Ended(s); {
		case !reached[s]:
			problems = append(problems, fmt.Sprintf("%s: %q cannot be reached", t.Name, s))
		case final && len(out[s]) > 0:
			problems = append(problems, fmt.Sprintf("%s: %q is final but has a way out", t.Name, s))
		case !final && len(out[s]) == 0:
			problems = append(problems, fmt.Sprintf("%s: %q is a dead end", t.Name, s))
		}
	}
	sort.Strings(problems)
	return problems
}

// Diagram draws the table as a Mermaid state diagram.
func (t *Table) Diagram() string {
	name := func(s string) string { return strings.NewReplacer(" ", "_", "-", "_").Replace(s) }
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range t.States() {
		if name(s) != s {
			fmt.Fprintf(&b, "    state %q as %s\n", s, name(s))
		}
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", name(t.Initial))
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", name(r.From), name(r.To), r.Event)
	}
	for _, s := range t.Final {
		fmt.Fprintf(&b, "    %s --> [*]\n", name(s))
	}
	return b.String()
}
