package nanp

import "testing"

func TestNamesFitTowns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		town, name string
		least      float64
		most       float64
	}{
		{"DENVER", "DENVER", 1, 1},
		{"COLORADO SPRINGS", "COLORDOSPG", 0.6, 0.99},
		{"SPRINGFIELD", "SPRINGFLD", 0.8, 0.99},
		{"SALT LAKE CITY", "SALTLAKE", 0.6, 0.99}, // the last word may go
		{"SAN DIEGO", "SNDG", 0.6, 0.99},
		{"LOS BANOS", "LSAN", 0, 0}, // but not the first letter of one that stays
		{"WESTON", "EASTON", 0, 0},
		{"DENVER", "DENVERS", 0, 0},
		{"DENVER", "DE", 0, 0}, // too short to tell
		{"DENVER", "DNEVR", 0, 0},
		{"ALTADENA", "ALTA", 0.01, fitRoomLeft - 0.01},
	} {
		w := wordOf(c.town)
		if fit := w.fit(c.name); fit < c.least || fit > c.most {
			t.Errorf("%s fits %s by %.2f", c.name, c.town, fit)
		}
	}
}

func TestZonesAreNoPartOfAName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"CHICGOZN02": "CHICGO", "PTTSBGZON1": "PTTSBG", "WSNG236Z13": "WSNG", "LAUREL236": "LAUREL", "DENVER": "DENVER", "LSAN DA 01": "LSANDA", "GRAND JCT": "GRANDJUNCTION",
		"ST JO": "SAINTJO", "DOVER PL": "DOVERPLAINS", "BRAZ": "BRAZ",
	} {
		list, _ := readings(name)
		if got := list[0].letters; got != want {
			t.Errorf("%s is read %s, want %s", name, got, want)
		}
	}
}

func TestMostRateCentersHaveATown(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{"CO": 90, "TX": 75, "CA": 85, "NY": 80, "DC": 100} {
		linked := map[*RateCenter]bool{}
		m := mapOf(state)
		for _, town := range m.served {
			for _, rc := range town.centers {
				linked[rc] = true
			}
		}
		all := len(InState(state))
		if share := 100 * len(linked) / all; share < want {
			t.Errorf("%d of the %d rate centers of %s have a town", len(linked), all, state)
		}
	}
}

// What is read once is measured here; it is asked for by the first caller.
func BenchmarkReading(b *testing.B) {
	b.Run("the plan", func(b *testing.B) {
		for b.Loop() {
			if len(readPlan().centers) != manyCenters {
				b.Fatal("broken")
			}
		}
	})
	for _, state := range []string{"TX", "CA", "IL", "DE"} {
		b.Run(state, func(b *testing.B) {
			for b.Loop() {
				if len(drawn(state).towns) == 0 {
					b.Fatal("broken")
				}
			}
		})
	}
}
