package machine

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func door() *Table {
	return &Table{Name: "door", Initial: "open", Final: []string{"walled up"}, Rows: []Row{
		{From: "open", Event: "close", To: "closed"},
		{From: "closed", Event: "open", To: "open"},
		{From: "closed", Event: "wall up", To: "walled up"},
	}}
}

func TestFireFollowsTheTable(t *testing.T) {
	if to, err := door().Fire("closed", "wall up"); err != nil || to != "walled up" {
		t.Fatalf("got %q, %v", to, err)
	}
}

func TestAnUndeclaredMoveNamesTheLegalOnes(t *testing.T) {
	_, err := door().Fire("closed", "close")
	var wrong *WrongMove
	if !errors.As(err, &wrong) {
		t.Fatalf("err = %v", err)
	}
	if diff := cmp.Diff([]string{"open", "wall up"}, wrong.Legal); diff != "" {
		t.Fatal(diff)
	}
}

func TestCheckFindsWhatATableMustNotHave(t *testing.T) {
	if p := door().Check(); len(p) > 0 {
		t.Fatalf("a sound table is faulted: %v", p)
	}
	bad := door()
	bad.Rows = append(bad.Rows,
		Row{From: "open", Event: "close", To: "open"},
		Row{From: "walled up", Event: "tear down", To: "open"},
		Row{From: "attic", Event: "fall", To: "cellar"},
		Row{From: "open", Event: "burn", To: "ashes"})
	want := []string{
		`door: "ashes" is a dead end`,
		`door: "attic" cannot be reached`,
		`door: "cellar" cannot be reached`,
		`door: "walled up" is final but has a way out`,
		`door: two rows for "close" from "open"`,
	}
	if diff := cmp.Diff(want, bad.Check()); diff != "" {
		t.Fatal(diff)
	}
}

func TestDiagramDrawsEveryRowAndBothEnds(t *testing.T) {
	d := door().Diagram()
	for _, line := range []string{"[*] --> open", "open --> closed: close", "closed --> walled_up: wall up", "walled_up --> [*]"} {
		if !strings.Contains(d, line) {
			t.Errorf("no %q in\n%s", line, d)
		}
	}
}
