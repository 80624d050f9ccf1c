package postal_test

import (
	"fmt"
	"math"
	"testing"

	"demarc/internal/postal"
)

func TestPlacesAreKnown(t *testing.T) {
	t.Parallel()
	for zip, want := range map[string]postal.Place{
		"00501": {ZIP: "00501", City: "HOLTSVILLE", State: "NY", Latitude: 40.82, Longitude: -73.05}, // the first
		"01001": {ZIP: "01001", City: "AGAWAM", State: "MA", Latitude: 42.07, Longitude: -72.62},
		"99950": {ZIP: "99950", City: "KETCHIKAN", State: "AK", Latitude: 55.34, Longitude: -131.65}, // the last
	} {
		if got, ok := postal.PlaceOf(zip); got != want || !ok {
			t.Errorf("%s is %+v, want %+v", zip, got, want)
		}
	}
	for _, zip := range []string{"", "00000", "00500", "99999", "0100", "010010", "00601", "1001M", "01001MA"} {
		if p, ok := postal.PlaceOf(zip); ok {
			t.Errorf("%q is %+v", zip, p)
		}
	}
	n := 0
	for i := range 100_000 {
		p, ok := postal.PlaceOf(fmt.Sprintf("%05d", i))
		if !ok {
			continue
		}
		if n++; p.City == "" || len(p.State) != 2 || math.Abs(p.Latitude) > 72 || p.Longitude > 172 || p.Latitude == 0 {
			t.Fatalf("%+v", p)
		}
	}
	if n != 40_972 {
		t.Errorf("%d ZIP codes", n)
	}
}

func TestTheFootprintIsFixed(t *testing.T) {
	t.Parallel()
	areas := map[string]bool{}
	for a := range postal.DataSet() {
		areas[a.ZIP[:3]] = true
		if !postal.Footprint(a.ZIP) {
			t.Fatalf("%s is not served", a)
		}
	}
	in, all := 0, 0
	for i := range 100_000 {
		zip := fmt.Sprintf("%05d", i)
		if _, ok := postal.PlaceOf(zip); ok && !areas[zip[:3]] {
			if all++; postal.Footprint(zip) {
				in++
			}
		}
	}
	if share := float64(in) / float64(all); share < 0.57 || share > 0.63 {
		t.Errorf("%.1f %% of the other ZIP codes are served", 100*share)
	}
	for zip, want := range map[string]bool{
		"00601": false, "00725": false, "00901": false, // Puerto Rico
		"00000": false, "": false, "0110": false, "01104-1234": false, "ABCDE": false,
		"01104": true, "20001": true,
		"10001": true, "60601": false, // as the hash has it: they stay so
	} {
		if got := postal.Footprint(zip); got != want {
			t.Errorf("%q served: %v, want %v", zip, got, want)
		}
	}
}

func TestPlacesOfAState(t *testing.T) {
	t.Parallel()
	n, last := 0, ""
	for p := range postal.PlacesIn("CO") {
		if at, ok := postal.PlaceOf(p.ZIP); !ok || at != p || p.State != "CO" || p.ZIP <= last {
			t.Fatalf("%+v after %s", p, last)
		}
		last = p.ZIP
		n++
	}
	if n != 645 {
		t.Errorf("Colorado has %d ZIP codes", n)
	}
	for range postal.PlacesIn("CO") {
		n++
		break
	}
	if n != 646 {
		t.Error("the walk goes on behind the break")
	}
	for p := range postal.PlacesIn("XX") {
		t.Errorf("%+v", p)
	}
}

func TestCitiesAndStatesHaveOneForm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"St. Louis": "SAINT LOUIS", "ft collins": "FORT COLLINS", "Mt. Vernon": "MOUNT VERNON", "Port St. Lucie": "PORT SAINT LUCIE", "": "", " . ": "",
	} {
		if got := postal.City(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for code, want := range map[string]string{
		"CO": "state", "DC": "district", "PR": "territory", "MH": "freely associated state", "AE": "military", "co": "", "XX": "", "": "",
	} {
		if got := postal.KindOf(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}
