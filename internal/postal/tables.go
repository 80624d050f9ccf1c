package postal

import (
	_ "embed" // the tables of data/
	"strings"
	"sync"
)

//go:embed data/street_suffix.csv
var suffixFile string

//go:embed data/secondary_unit.csv
var unitFile string

//go:embed data/directional.csv
var directionalFile string

//go:embed data/state.csv
var stateFile string

// designator is a word for a part of a building.
type designator struct {
	abbreviation string
	ranged       bool // needs a number behind it
	spelt        bool // the word as written is not the abbreviation
}

// tables are Publication 28's, by what people write.
type tables struct {
	suffixes     map[string]string // any variant -> standard abbreviation
	primaries    map[string]string // standard abbreviation -> the word
	units        map[string]designator
	directionals map[string]string
	states       map[string]string // code or name -> code
	stateNames   map[string]string // code -> name
	stateKinds   map[string]string // code -> kind
}

var pub28 = sync.OnceValue(readTables)

func readTables() *tables {
	t := &tables{
		suffixes: map[string]string{}, primaries: map[string]string{}, units: map[string]designator{},
		directionals: map[string]string{}, states: map[string]string{}, stateNames: map[string]string{}, stateKinds: map[string]string{},
	}
	for r := range records(suffixFile) {
		primary, variant, abbreviation := r[0], r[1], r[2]
		t.suffixes[variant], t.suffixes[primary], t.suffixes[abbreviation] = abbreviation, abbreviation, abbreviation
		// Of PARK and PARKS, which share an abbreviation, the shorter is meant.
		if was := t.primaries[abbreviation]; was == "" || len(primary) < len(was) {
			t.primaries[abbreviation] = primary
		}
	}
	for r := range records(unitFile) {
		word, abbreviation := r[0], r[1]
		ranged := r[2] == "Y"
		t.units[word] = designator{abbreviation, ranged, word != abbreviation}
		t.units[abbreviation] = designator{abbreviation, ranged, false}
	}
	// What else is written for them.
	for word, of := range map[string]string{"FLR": "FL", "APARTMENTS": "APT", "HANGAR": "HNGR", "SUIT": "STE", "BLD": "BLDG", "BSM": "BSMT"} {
		t.units[word] = designator{of, t.units[of].ranged, true}
	}
	for r := range records(directionalFile) {
		t.directionals[r[0]], t.directionals[r[1]] = r[1], r[1]
	}
	for r := range records(stateFile) {
		t.states[r[0]] = r[0]
		name := strings.Join(words(r[1]), " ")
		t.states[name], t.stateNames[r[0]], t.stateKinds[r[0]] = r[0], name, r[2]
	}
	t.states["VIRGIN ISLANDS OF THE US"], t.states["WASHINGTON DC"] = "VI", "DC"
	return t
}

// records walks a table's lines behind the first, each split into its fields. The
// tables have at most one quoted field to a line, and no quote within it.
func records(file string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		_, rest, _ := strings.Cut(file, "\n")
		for line := range strings.Lines(rest) {
			line = strings.TrimRight(line, "\r\n")
			if line == "" {
				continue
			}
			before, quoted, found := strings.Cut(line, `"`)
			fields := strings.Split(line, ",")
			if found {
				inside, after, _ := strings.Cut(quoted, `"`)
				fields = append(strings.Split(before, ","), strings.Split(after, ",")[1:]...)
				fields[strings.Count(before, ",")] = inside
			}
			if !yield(fields) {
				return
			}
		}
	}
}

// suffix is the standard abbreviation of a street suffix as people write it.
func suffix(word string) (string, bool) {
	s, ok := pub28().suffixes[word]
	return s, ok
}

// spelt is the word that a suffix's standard abbreviation stands for.
func spelt(abbreviation string) string { return pub28().primaries[abbreviation] }

func directional(word string) (string, bool) {
	d, ok := pub28().directionals[word]
	return d, ok
}

// KindOf is what a code in the place of a state's stands for: "state", "district",
// "territory", "freely associated state" or "military". It is empty for what is no
// such code; codes are capitals.
func KindOf(code string) string { return pub28().stateKinds[code] }

// Suffix is the standard abbreviation of a street suffix, which may be written in any of
// the ways that Publication 28 lists.
func Suffix(word string) (string, bool) {
	return suffix(strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(word), ".")))
}
