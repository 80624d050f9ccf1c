package postal

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the ZIP codes
	"io"
	"iter"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/zips.txt.gz
var zipFile []byte

// zipLines are the ZIP codes, one to a line and in order: 01001MA4207 -7262 Agawam.
// They are looked up where they lie; a table of them would cost more than they are
// asked for.
var zipLines = sync.OnceValue(func() string {
	r, err := gzip.NewReader(bytes.NewReader(zipFile))
	if err != nil {
		return "" // the tests read it
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return ""
	}
	return string(text)
})

// Place is where a ZIP code is, by GeoNames.
type Place struct {
	ZIP       string
	City      string // as the post office calls it, in the canonical form of an address
	State     string
	Latitude  float64 // of its middle, to a hundredth of a degree
	Longitude float64
}

// PlaceOf is where a ZIP code is. Those of Puerto Rico and of the armed forces are
// not known.
func PlaceOf(zip string) (Place, bool) {
	if len(zip) != 5 {
		return Place{}, false
	}
	line := lineFrom(zip)
	if !strings.HasPrefix(line, zip) {
		return Place{}, false
	}
	return placeOn(line), true
}

// PlacesIn walks the places of a state, by ZIP code. It reads the whole list for them:
// who needs them often keeps them.
func PlacesIn(state string) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for line := range strings.Lines(zipLines()) {
			line = strings.TrimSuffix(line, "\n")
			if len(line) > 7 && line[5:7] == state && !yield(placeOn(line)) {
				return
			}
		}
	}
}

// City is a city's name in the canonical form of an address: SAINT LOUIS for "St.
// Louis". It is empty when there is none.
func City(name string) string { return city(name) }

// lineFrom is the first line that does not come before the prefix.
func lineFrom(prefix string) string {
	text := zipLines()
	at := sort.Search(len(text), func(i int) bool { return text[lineStart(text, i):] >= prefix })
	if at == len(text) {
		return ""
	}
	line, _, _ := strings.Cut(text[lineStart(text, at):], "\n")
	return line
}

// lineStart is where the line around i begins.
func lineStart(text string, i int) int { return strings.LastIndexByte(text[:i], '\n') + 1 }

func placeOn(line string) Place {
	lat, rest, _ := strings.Cut(line[7:], " ")
	lng, name, _ := strings.Cut(rest, " ")
	return Place{ZIP: line[:5], State: line[5:7], City: city(name), Latitude: hundredths(lat), Longitude: hundredths(lng)}
}

func hundredths(s string) float64 {
	n, _ := strconv.Atoi(s) // the file is ours
	return float64(n) / 100
}

// served is how many of a hundred sectional areas (the first three digits of a ZIP
// code) the carrier serves beside those of the known addresses.
const served = 60

// Footprint says whether the reference carrier serves a ZIP code. It decides by
// sectional area, the first three digits: all areas in which data/ has addresses are
// served; of the others a fixed share is, chosen by a hash of the three digits, so
// that the answer never changes. Areas that are not on the list of ZIP codes, such
// as Puerto Rico's, are not served.
func Footprint(zip string) bool {
	if len(zip) != 5 || !digits(zip) {
		return false
	}
	area := zip[:3]
	if knownAreas()[area] {
		return true
	}
	return mix(uint64(area[0])<<16|uint64(area[1])<<8|uint64(area[2]))%100 < served && strings.HasPrefix(lineFrom(area), area)
}

// knownAreas are the sectional areas of the data set.
var knownAreas = sync.OnceValue(func() map[string]bool {
	areas := map[string]bool{}
	for r := range records(addressFile) {
		areas[r[2][:3]] = true
	}
	return areas
})

// mix spreads the bits of a number (the finalizer of SplitMix64): a hash that will
// be the same in every version.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
