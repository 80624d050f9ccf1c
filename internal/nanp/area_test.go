package nanp_test

import (
	"testing"

	"demarc/internal/nanp"
)

func TestAreaCodesAreKnown(t *testing.T) {
	t.Parallel()
	known, inService, bare := 0, 0, 0
	has := map[int]bool{}
	for _, rc := range nanp.RateCenters() {
		for _, npa := range rc.NPAs {
			has[npa] = true
		}
	}
	for npa := range 1000 {
		state := nanp.StateOf(npa)
		if state == "" {
			if nanp.InService(npa) || nanp.Zone(npa).String() != "UTC" {
				t.Errorf("%d is in no state, but in %s", npa, nanp.Zone(npa))
			}
			continue
		}
		known++
		if !nanp.ValidNPA(npa) || !nanp.IsState(state) || nanp.Zone(npa).String() == "UTC" {
			t.Errorf("%d is in %s, in %s", npa, state, nanp.Zone(npa))
		}
		if nanp.InService(npa) {
			inService++
			if !has[npa] {
				bare++
			}
		}
	}
	if known != 380 || inService != 375 || len(has) != 303 || bare != 72 {
		t.Errorf("%d area codes, %d in service, %d with codes, %d in service without", known, inService, len(has), bare)
	}
}

func TestAreaCodesHaveStatesAndZones(t *testing.T) {
	t.Parallel()
	for npa, want := range map[int][2]string{
		303: {"CO", "America/Denver"}, 212: {"NY", "America/New_York"}, 907: {"AK", "America/Anchorage"}, 808: {"HI", "Pacific/Honolulu"},
		602: {"AZ", "America/Phoenix"}, 208: {"ID", "America/Boise"}, 701: {"ND", "America/Chicago"}, 605: {"SD", "America/Chicago"},
		787: {"PR", "America/Puerto_Rico"}, 671: {"GU", "Pacific/Guam"}, 983: {"CO", "America/Denver"}, 775: {"NV", "America/Los_Angeles"},
	} {
		if state, zone := nanp.StateOf(npa), nanp.Zone(npa).String(); state != want[0] || zone != want[1] || !nanp.InService(npa) {
			t.Errorf("%d is in %s, %s, in service: %v; want %s", npa, state, zone, nanp.InService(npa), want)
		}
	}
	for _, npa := range []int{465, 471, 483, 565, 761} { // given, but not yet opened
		if nanp.StateOf(npa) == "" || nanp.InService(npa) {
			t.Errorf("%d of %s is in service: %v", npa, nanp.StateOf(npa), nanp.InService(npa))
		}
	}
	for _, npa := range []int{0, -1, 416, 800, 911, 1303, 242} {
		if nanp.InService(npa) || nanp.StateOf(npa) != "" {
			t.Errorf("%d is in %q", npa, nanp.StateOf(npa))
		}
	}
}

func TestStatesAreStates(t *testing.T) {
	t.Parallel()
	n := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if nanp.IsState(string([]rune{a, b})) {
				n++
			}
		}
	}
	if n != 50+1+5 {
		t.Errorf("%d states, districts and territories", n)
	}
	for code, want := range map[string]bool{
		"CO": true, "DC": true, "PR": true, "GU": true, "VI": true, "AS": true, "MP": true,
		"AA": false, "AE": false, "AP": false, "FM": false, "MH": false, "PW": false,
		"co": false, "": false, "C": false, "COLORADO": false, "CO1": false, "ON": false,
	} {
		if got := nanp.IsState(code); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}
