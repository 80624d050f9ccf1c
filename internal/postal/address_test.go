package postal_test

import (
	"strings"
	"testing"

	"demarc/internal/postal"
)

// at reads a line somewhere in Springfield.
func at(t *testing.T, line string) postal.Address {
	t.Helper()
	a, bad := postal.Parse(postal.Input{StreetAddress: line, City: "Springfield", State: "MA", ZIP: "01104"})
	if bad != 0 {
		t.Fatalf("%q has problems %d: %q", line, bad, a)
	}
	return a
}

func TestAnAddressIsWrittenOnALine(t *testing.T) {
	t.Parallel()
	a := postal.Address{Number: "12 1/2", Predir: "E", Street: "OAK GROVE", Suffix: "AVE", Postdir: "NW", UnitType: "APT", Unit: "4B",
		City: "SPRINGFIELD", State: "MA", ZIP: "01104"}
	if got, want := a.String(), "12 1/2 E OAK GROVE AVE NW APT 4B, SPRINGFIELD MA 01104"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := a.Building().Line(), "12 1/2 E OAK GROVE AVE NW"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnIDIsOfTheDeliveryPoint(t *testing.T) {
	t.Parallel()
	id := at(t, "12 Main St Apt 4").ID()
	if want := "AD-58S6AC1W37R37Z00"; id != want {
		t.Errorf("the id is %s, was %s: every id that was ever given out is another now", id, want)
	}
	for _, same := range []string{"12 main street, unit 4", "12 Main St #4", "12 MAIN STR STE 4", "No. 12 Main St apt # 4"} {
		if got := at(t, same).ID(); got != id {
			t.Errorf("%s is another than 12 Main St Apt 4", same)
		}
	}
	elsewhere := at(t, "12 Main St Apt 4")
	elsewhere.City = "WEST SPRINGFIELD"
	if elsewhere.ID() != id {
		t.Error("a place of two names has two ids")
	}
	seen := map[string]string{id: "12 Main St Apt 4"}
	for _, line := range []string{"12 Main St", "12 Main St Bldg 4", "12 Main St Fl 4", "12 Main St Lot 4", "12 Main St Apt 14", "12A Main St Apt 4",
		"12 Main Ave Apt 4", "12 N Main St Apt 4", "12 Main St N Apt 4", "12 1/2 Main St Apt 4", "12 Main St Bldg 3 Apt 4", "12 Main St Rear"} {
		id := at(t, line).ID()
		if was, ok := seen[id]; ok {
			t.Errorf("%s and %s share an id", line, was)
		}
		seen[id] = line
	}
}

func TestNumbersHaveNeighbours(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]int64{"12": 12, "12A": 12, "12 1/2": 12, "112-10": 11210, "N30W1234": 301234, "": 0, strings.Repeat("9", 40): 999999999999999} {
		if got := (postal.Address{Number: number}).HouseNumber(); got != want {
			t.Errorf("%q is %d, want %d", number, got, want)
		}
	}
}
