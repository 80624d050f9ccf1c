package postal

import (
	"cmp"
	"slices"
	"strings"
)

// What each part of an address says about whether it is the one that was meant. The
// number and the name of the street decide; the rest tells like ones apart.
const (
	weighNumber = 0.24
	weighName   = 0.36
	weighSuffix = 0.07
	weighDirs   = 0.07
	weighUnit   = 0.08
	weighZIP    = 0.10
	weighCity   = 0.06
	weighState  = 0.02
)

// Score says how likely somebody who wrote query meant candidate, from 0 to 1; only
// equal addresses score 1. It forgives what people get wrong: letters and digits
// that are swapped, missing or wrong; a suffix or directional left out or given
// wrongly; words in another order; one digit of the ZIP code; the name of the city
// when the ZIP code is right; a unit that is missing.
func Score(query, candidate Address) float64 {
	q := asked(query)
	return q.score(candidate)
}

// Rank orders entries by Score, best first, and those of one score by where they
// are, so that the answer does not depend on the order of the entries.
func Rank(query Address, entries []Entry) []Match {
	q := asked(query)
	list := make([]Match, 0, len(entries))
	for _, e := range entries {
		list = append(list, Match{Entry: e, Score: q.score(e.Address)})
	}
	slices.SortFunc(list, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), compareAddresses(a.Address, b.Address))
	})
	return list
}

// compareAddresses sorts addresses as one walks past them.
func compareAddresses(a, b Address) int {
	return cmp.Or(
		cmp.Compare(a.ZIP, b.ZIP), cmp.Compare(a.Street, b.Street), cmp.Compare(a.StreetKey(), b.StreetKey()),
		cmp.Compare(a.HouseNumber(), b.HouseNumber()), cmp.Compare(a.Number, b.Number),
		cmp.Compare(a.UnitType, b.UnitType), cmp.Compare(len(a.Unit), len(b.Unit)), cmp.Compare(a.Unit, b.Unit),
	)
}

// StreetNames are the names that the street of an address may have, as somebody
// wrote it: what was read as its suffix may be the end of its name.
func (a Address) StreetNames() []string {
	if a.Suffix == "" {
		return []string{a.Street}
	}
	return []string{a.Street, joined(a.Street, spelt(a.Suffix))}
}

// query is an address that is compared with many: what it costs to read is paid
// once, and a street that comes again is not compared again.
type query struct {
	Address
	whole  string // the street with its suffix as a word
	streak Address
	street float64
}

func asked(a Address) *query {
	return &query{Address: a, whole: joined(a.Street, spelt(a.Suffix))}
}

func (q *query) score(c Address) float64 {
	if q.Address == c {
		return 1
	}
	street := Address{Predir: c.Predir, Street: c.Street, Suffix: c.Suffix, Postdir: c.Postdir, City: c.City, State: c.State, ZIP: c.ZIP}
	if q.streak != street {
		q.streak, q.street = street, q.scoreStreet(c)
	}
	s := q.street * (1 - weighNumber - weighUnit)
	s += weighNumber*numbers(q.Address, c) + weighUnit*unitsAlike(q.Address, c)
	// Nothing else makes up for a street that is another.
	return min(s*min(1, 0.25+q.street), 0.999)
}

// scoreStreet compares all but the number and the unit, from 0 to 1.
func (q *query) scoreStreet(c Address) float64 {
	named, place := q.name(c), q.place(c)
	s := named*(weighName+weighSuffix+weighDirs) + place*(weighZIP+weighCity+weighState)
	s /= 1 - weighNumber - weighUnit
	// A name that shares less than half its letters is another name, and a like name
	// in another place another street.
	return s * min(1, 0.4+named) * min(1, 0.6+place)
}

// name compares the streets' names with suffixes and directionals. What is taken
// for the suffix of one may belong to the name of the other (OAK RIDGE without its
// LN, or MAIN STEET), so the names are compared in each way and the best counts.
func (q *query) name(c Address) float64 {
	const all = weighName + weighSuffix + weighDirs
	dirs := weighDirs * directions(q.Address, c)
	best := weighName*sameName(q.Street, c.Street) + weighSuffix*suffixes(q.Suffix, c.Suffix) + dirs
	if q.Suffix != "" && q.Suffix != c.Suffix {
		best = max(best, weighName*sameName(q.whole, c.Street)+weighSuffix*suffixes("", c.Suffix)+dirs)
	}
	if c.Suffix != "" && q.Suffix != c.Suffix {
		best = max(best, weighName*sameName(q.Street, joined(c.Street, spelt(c.Suffix)))+weighSuffix*0.85+dirs)
	}
	if q.Predir == "" && c.Predir != "" || q.Postdir == "" && c.Postdir != "" {
		// A directional that was misspelt is taken for a part of the name.
		full := joined(spoken(c.Predir), c.Street, spoken(c.Postdir))
		best = max(best, weighName*sameName(q.Street, full)+weighSuffix*suffixes(q.Suffix, c.Suffix)+weighDirs*0.85)
	}
	return best / all
}

// sameName compares names also with their words sorted and run together.
func sameName(a, b string) float64 {
	if a == b {
		return 1
	}
	best := alike(a, b)
	inA, inB := strings.Contains(a, " "), strings.Contains(b, " ")
	if inA || inB {
		best = max(best, 0.99*alike(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", "")))
	}
	if inA && inB {
		best = max(best, 0.97*alike(sorted(a), sorted(b)))
	}
	return best
}

// sorted is a name with its words in alphabetical order.
func sorted(name string) string {
	list := strings.Fields(name)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// spoken is a directional as a word.
func spoken(dir string) string {
	switch dir {
	case "N":
		return "NORTH"
	case "S":
		return "SOUTH"
	case "E":
		return "EAST"
	case "W":
		return "WEST"
	case "":
		return ""
	}
	return spoken(dir[:1]) + spoken(dir[1:])
}

func suffixes(q, c string) float64 {
	switch {
	case q == c:
		return 1
	case q == "":
		return 0.8
	case c == "":
		return 0.7
	}
	return 0.3 * alike(spelt(q), spelt(c))
}

// directions compares both directionals; on the wrong side is better than wrong.
func directions(q, c Address) float64 {
	if q.Predir != q.Postdir && q.Predir == c.Postdir && q.Postdir == c.Predir {
		return 0.9
	}
	return (direction(q.Predir, c.Predir) + direction(q.Postdir, c.Postdir)) / 2
}

func direction(q, c string) float64 {
	switch {
	case q == c:
		return 1
	case q == "":
		return 0.7
	case c == "":
		return 0.6
	case strings.Contains(q, c) || strings.Contains(c, q):
		return 0.5
	}
	return 0.1
}

// place compares ZIP code, city and state, from 0 to 1.
func (q *query) place(c Address) float64 {
	zip := zips(q.ZIP, c.ZIP)
	town := alike(q.City, c.City)
	if zip == 1 {
		town = max(town, 0.6) // one place may have several names
	}
	if town < 0.5 || q.State != c.State && zip < 0.7 {
		town = 0 // nearly every state has a SPRINGFIELD
	}
	s := weighZIP*zip + weighCity*town
	if q.State == c.State {
		s += weighState
	}
	return s / (weighZIP + weighCity + weighState)
}

func zips(q, c string) float64 {
	switch {
	case q == c:
		return 1
	case distance(q, c) == 1:
		return 0.7
	case len(q) == 5 && len(c) == 5 && q[:3] == c[:3]:
		return 0.4
	}
	return 0
}

// numbers compares house numbers: a slip is likelier than a neighbour, and a
// neighbour likelier the nearer he is.
func numbers(q, c Address) float64 {
	if q.Number == c.Number {
		return 1
	}
	x, y := q.HouseNumber(), c.HouseNumber()
	apart := x - y
	if apart < 0 {
		apart = -apart
	}
	near := 1 / (1 + float64(apart)/20)
	if apart == 0 {
		return 0.8 // 12 and 12A
	}
	slip := 0.0
	if q.Number != "" && len(c.Number) > 1 && distance(q.Number, c.Number) == 1 {
		slip = 0.45
	}
	return 0.2 + slip + 0.15*near
}

// unitsAlike compares units.
func unitsAlike(q, c Address) float64 {
	a, b := q.UnitKey(), c.UnitKey()
	switch {
	case a == b:
		if q.UnitType == c.UnitType && q.Unit == c.Unit {
			return 1
		}
		return 0.95
	case a == "":
		return 0.6
	case b == "":
		return 0.5
	}
	return 0.5 * alike(a, b)
}
