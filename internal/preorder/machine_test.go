package preorder

import (
	"errors"
	"slices"
	"testing"

	"demarc/internal/machine"

	"github.com/google/go-cmp/cmp"
)

// The table as it was agreed on: a row that comes or goes is a decision, so it is made
// twice.
var agreed = []string{
	"RECEIVED -- taken up --> PROVIDER IN PROCESS", "RECEIVED -- cancel --> CANCELLED",
	"PROVIDER IN PROCESS -- completed --> COMPLETED", "PROVIDER IN PROCESS -- cancel --> CANCELLED",
}

func TestTheTableIsSound(t *testing.T) {
	t.Parallel()
	for _, m := range Machines() {
		for _, problem := range m.Check() {
			t.Error(problem)
		}
		for _, r := range m.Rows {
			if r.Why == "" {
				t.Errorf("%s -- %s has no reason", r.From, r.Event)
			}
		}
	}
}

func TestEveryRowIsWalkedAndNothingIsPossibleThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	var walked []string
	seen := map[string]bool{}
	for todo := []string{OrderMachine.Initial}; len(todo) > 0; todo = todo[1:] {
		from := todo[0]
		if seen[from] {
			continue
		}
		seen[from] = true
		for _, event := range []string{evTaken, evCompleted, evCancel, "", "CANCEL"} {
			to, err := OrderMachine.Fire(from, event)
			move, wrong := errors.AsType[*machine.WrongMove](err)
			switch {
			case err == nil:
				walked = append(walked, from+" -- "+event+" --> "+to)
				todo = append(todo, to)
			case !wrong || to != "" || !slices.Equal(move.Legal, OrderMachine.Legal(from)):
				t.Errorf("%q from %q: %q, %v", event, from, to, err)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(agreed)), slices.Sorted(slices.Values(walked))); diff != "" {
		t.Errorf("(-agreed +walked):\n%s", diff)
	}
}

func TestEveryStateIsTold(t *testing.T) {
	t.Parallel()
	for _, state := range OrderMachine.States() {
		if orderNotices[state] == "" {
			t.Errorf("nobody is told of %s", state)
		}
		if ended := state == OrderCompleted || state == OrderCancelled; OrderMachine.Ended(state) != ended {
			t.Errorf("%s has ended: %v", state, !ended)
		}
	}
}
