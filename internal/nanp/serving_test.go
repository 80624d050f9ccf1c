package nanp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"demarc/internal/nanp"
	"demarc/internal/postal"
)

// names is the names of rate centers, one after the other.
func names(list []*nanp.RateCenter) string {
	var s []string
	for _, rc := range list {
		s = append(s, rc.Name)
	}
	return strings.Join(s, ", ")
}

func TestPlacesAreServed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		place nanp.Place
		want  string
	}{
		{nanp.Place{City: "Denver", State: "CO", ZIP: "80202"}, "DENVER, DENVERSLVN"},
		{nanp.Place{ZIP: "80202"}, "DENVER, DENVERSLVN"},
		{nanp.Place{ZIP: "80202-1234"}, "DENVER, DENVERSLVN"},
		{nanp.Place{City: " denver ", State: "co"}, "DENVER, DENVERSLVN"},
		{nanp.Place{City: "Colorado Springs", State: "CO"}, "COLORDOSPG"},
		{nanp.Place{City: "COLORADO SPRINGS", State: "CO", ZIP: "80903"}, "COLORDOSPG"},
		{nanp.Place{City: "Colorado City", State: "CO"}, "COLORADOCY"},
		{nanp.Place{State: "CO", ZIP: "81501"}, "GRAND JCT"},
		{nanp.Place{City: "St. Louis", State: "MO"}, "CREVECOEUR, KIRKWOOD, LADUE, ST LOUIS"},
		{nanp.Place{City: "saint-louis", State: "MO", ZIP: "63101"}, "CREVECOEUR, KIRKWOOD, LADUE, ST LOUIS"},
		{nanp.Place{City: "Ft. Collins", State: "CO"}, "FT COLLINS"},
		{nanp.Place{City: "Fort Collins", State: "CO"}, "FT COLLINS"},
		{nanp.Place{City: "Mt Vernon", State: "NY"}, "MT VERNON"},
		{nanp.Place{City: "Mount Vernon", State: "NY"}, "MT VERNON"},
		{nanp.Place{City: "Washington", State: "DC", ZIP: "20001"}, "WSHNGTNZN1"},
		{nanp.Place{City: "Atlanta", State: "GA"}, "ATLANTA, ATLANTA NE, ATLANTA NW, ATLANTA SO"},
		{nanp.Place{City: "San Jose", State: "CA"}, "SNJS NORTH, SNJS SOUTH, SNJS WEST"},
		{nanp.Place{City: "Berkeley", State: "CA"}, "OKLD BKLY"},
		{nanp.Place{City: "New York", State: "NY", ZIP: "10001"}, "NWYRCYZN01"},
		{nanp.Place{City: "Staten Island", State: "NY"}, "NWYRCYZN14, NWYRCYZN15"},
		{nanp.Place{City: "Minneapolis", State: "MN"}, "TWINCITIES"},
		{nanp.Place{City: "Pittsburgh", State: "PA"}, "PTTSBGZON1, PTTSBGZON2, PTTSBGZON3, PTTSBGZON4, PTTSBGZON5, PTTSBGZON6, PTTSBGZON7, PTTSBGZON8"},
		// Their neighbours serve these.
		{nanp.Place{City: "Boulder", State: "CO"}, "LONGMONT"},
		{nanp.Place{ZIP: "80421"}, "GEORGETOWN"}, // the hamlet of Bailey
		{nanp.Place{City: "Scottsdale", State: "AZ", ZIP: "85251"}, "PHOENIX"},
	} {
		list, known := nanp.Serving(c.place)
		if got := names(list); got != c.want || !known {
			t.Errorf("%+v is served by %s (known: %v), want %s", c.place, got, known, c.want)
		}
	}
}

func TestPlacesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for _, p := range []nanp.Place{
		{}, {State: "CO"}, {City: "Denver"},
		{City: "Nowhere", State: "CO"}, {City: "Denver", State: "KS"}, {City: "Denver", State: "XX"}, {City: "Denver", State: "Colorado"},
		{ZIP: "00000"}, {ZIP: "8020"}, {ZIP: "802020"}, {ZIP: "8020A"}, {ZIP: "-1234"},
		{State: "KS", ZIP: "80202"}, {City: "Boulder", ZIP: "80202"}, {City: "Boulder", State: "CO", ZIP: "80202"}, {City: "Denver", State: "KS", ZIP: "80202"},
		{City: "...", State: "CO", ZIP: "80202"}, {City: "San Juan", State: "PR"}, {ZIP: "00901"}, {City: "APO", State: "AE"},
	} {
		if list, known := nanp.Serving(p); known || list != nil {
			t.Errorf("%+v is served by %s", p, names(list))
		}
	}
}

func TestEveryZIPCodeIsServed(t *testing.T) {
	t.Parallel()
	n := 0
	for i := range 100_000 {
		zip := fmt.Sprintf("%05d", i)
		at, ok := postal.PlaceOf(zip)
		if !ok || i%7 != 0 && !strings.HasSuffix(zip, "01") {
			continue
		}
		n++
		list, known := nanp.Serving(nanp.Place{City: at.City, State: at.State, ZIP: zip})
		if !known {
			t.Fatalf("%+v is not known", at)
		}
		if len(list) == 0 && len(nanp.InState(at.State)) > 0 {
			t.Fatalf("%+v is not served", at)
		}
		for i, rc := range list {
			if rc.State != at.State || i > 0 && list[i-1].Name >= rc.Name {
				t.Fatalf("%+v is served by %s", at, names(list))
			}
		}
	}
	if n < 5000 {
		t.Errorf("no more than %d were asked for", n)
	}
}

func TestAnswersAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	ask := func(p nanp.Place) []*nanp.RateCenter {
		list, _ := nanp.Serving(p)
		return list
	}
	for _, p := range []nanp.Place{{City: "Atlanta", State: "GA"}, {City: "Marietta", State: "GA"}} {
		before := ask(p)
		was := slices.Clone(before)
		clear(before)
		if !slices.Equal(ask(p), was) {
			t.Errorf("%+v is served by what a caller made of the answer", p)
		}
	}
}

func BenchmarkServing(b *testing.B) {
	for name, p := range map[string]nanp.Place{
		"its own":       {City: "Denver", State: "CO", ZIP: "80202"},
		"a neighbour's": {City: "Scottsdale", State: "AZ", ZIP: "85251"},
		"large state":   {City: "Round Rock", State: "TX"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, known := nanp.Serving(p); !known {
					b.Fatal(p)
				}
			}
		})
	}
}
