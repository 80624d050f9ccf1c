package marketplace

import (
	"errors"
	"slices"
	"testing"

	"demarc/internal/machine"

	"github.com/google/go-cmp/cmp"
)

// The tables as they were agreed on: a row that comes or goes is a decision, so it is
// made twice.
var agreed = map[*machine.Table][]string{
	ProviderMachine: {
		"pending -- approve --> active", "active -- suspend --> suspended", "suspended -- resume --> active",
	},
	OfferMachine: {
		"listed -- withdraw --> withdrawn", "withdrawn -- list --> listed",
	},
	SubscriptionMachine: {
		"provisioning -- opened --> active", "provisioning -- refused --> failed", "provisioning -- given up --> failed",
		"active -- updated --> active", "active -- end --> ending", "active -- expired --> expired",
		"ending -- updated --> ending", "ending -- expired --> expired", "ending -- lapsed --> expired",
	},
}

func drawn(from, event, to string) string { return from + " -- " + event + " --> " + to }

func TestTheTablesAreSound(t *testing.T) {
	t.Parallel()
	if len(Machines()) != len(agreed) {
		t.Errorf("there are %d tables, %d were agreed on", len(Machines()), len(agreed))
	}
	for _, m := range Machines() {
		for _, problem := range m.Check() {
			t.Error(problem)
		}
		for _, r := range m.Rows {
			if r.Why == "" {
				t.Errorf("%s: %s has no reason", m.Name, drawn(r.From, r.Event, r.To))
			}
		}
	}
}

// events are all that may happen in a table.
func events(m *machine.Table) []string {
	var all []string
	for _, r := range m.Rows {
		if !slices.Contains(all, r.Event) {
			all = append(all, r.Event)
		}
	}
	return all
}

func TestEveryRowIsWalkedAndNothingIsPossibleThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	for _, m := range Machines() {
		var walked []string
		// From the beginning on, by every event from every state that is come to; the
		// events of the other tables, too, which mean nothing here.
		var tried []string
		for _, other := range Machines() {
			tried = append(tried, events(other)...)
		}
		for todo, seen := []string{m.Initial}, map[string]bool{}; len(todo) > 0; todo = todo[1:] {
			from := todo[0]
			if seen[from] {
				continue
			}
			seen[from] = true
			for _, event := range tried {
				to, err := m.Fire(from, event)
				move, wrong := errors.AsType[*machine.WrongMove](err)
				switch {
				case err == nil:
					walked = append(walked, drawn(from, event, to))
					todo = append(todo, to)
				case !wrong || to != "" || !slices.Equal(move.Legal, m.Legal(from)) || slices.Contains(move.Legal, event):
					t.Errorf("%s: %q from %q: %q, %v", m.Name, event, from, to, err)
				}
			}
		}
		want := slices.Sorted(slices.Values(agreed[m]))
		slices.Sort(walked)
		if diff := cmp.Diff(want, walked); diff != "" {
			t.Errorf("%s (-agreed +walked):\n%s", m.Name, diff)
		}
	}
}

// What has ended stays so, whatever happens.
func TestAnEndedSubscriptionDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, state := range []string{SubExpired, SubFailed} {
		if !SubscriptionMachine.Ended(state) || len(SubscriptionMachine.Legal(state)) > 0 {
			t.Errorf("%s has a way out: %q", state, SubscriptionMachine.Legal(state))
		}
	}
	for _, state := range []string{ProviderPending, ProviderActive, ProviderSuspended} {
		if ProviderMachine.Ended(state) {
			t.Errorf("a provider that is %s has ended", state)
		}
	}
}

// The words that a manager writes to move a product lead where they say.
func TestAProductsStatesAreReachedByTheEventsOfTheirNames(t *testing.T) {
	t.Parallel()
	for _, from := range OfferMachine.States() {
		for want, event := range offerEvents {
			if to, err := OfferMachine.Fire(from, event); err == nil && to != want {
				t.Errorf("%s from %s leads to %s, not to %s", event, from, to, want)
			}
		}
		if offerEvents[from] == "" {
			t.Errorf("no event leads to %s", from)
		}
	}
}
