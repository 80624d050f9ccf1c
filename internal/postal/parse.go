package postal

import "strings"

// Input is an address as a caller sends it: the street either as number and name or
// on one line, the unit in its own field or at the end of the line.
type Input struct {
	StreetNumber  string
	StreetName    string
	StreetAddress string
	Unit          string
	City          string
	State         string
	ZIP           string
}

// Problems are the parts of an address that are missing or not valid.
type Problems uint8

// The parts.
const (
	BadStreet Problems = 1 << iota // no street, or no number
	BadCity
	BadState // neither a code nor a name of a state
	BadZIP   // neither five digits nor five and four
)

// Has says whether the part is among them.
func (p Problems) Has(part Problems) bool { return p&part != 0 }

// Parse reads an address. What it could read it answers in canonical form also when
// there are problems with the rest. The canonical form is a fixed point: its own
// Line is parsed to the same address again.
func Parse(in Input) (Address, Problems) {
	var a Address
	var bad Problems
	a.City = city(in.City)
	a.State = pub28().states[strings.Join(words(in.State), " ")]
	if a.State == "" {
		bad |= BadState
	} else {
		for strings.HasSuffix(a.City, " "+a.State) { // "Washington, D.C."
			a.City = strings.TrimSuffix(a.City, " "+a.State)
		}
	}
	if !strings.ContainsFunc(a.City, func(r rune) bool { return r >= 'A' }) {
		a.City = ""
		bad |= BadCity
	}
	a.ZIP = zip5(in.ZIP)
	if a.ZIP == "" {
		bad |= BadZIP
	}
	if !a.readLine(streetLine(in), words(in.Unit)) {
		bad |= BadStreet
	}
	return a, bad
}

// streetLine is the words of the street, number first.
func streetLine(in Input) []string {
	if strings.TrimSpace(in.StreetName) == "" {
		line := words(in.StreetAddress)
		if number := words(in.StreetNumber); len(number) > 0 {
			if _, rest := takeNumber(line); len(rest) == len(line) {
				return append(number, line...)
			}
		}
		return line
	}
	return append(words(in.StreetNumber), words(in.StreetName)...)
}

// settles is how often a line is read again until it stays as it is. One reading is
// nearly always enough; lines that never settle are not addresses.
const settles = 4

// readLine fills in the delivery line and says whether it has a number and a street.
func (a *Address) readLine(line, unit []string) bool {
	if len(line) == 0 {
		return false
	}
	was := a.read(line, unit)
	for range settles {
		again := a.read(words(was.Line()), nil)
		if again == was {
			*a = was
			return a.Number != "" && a.Street != ""
		}
		was = again
	}
	return false
}

// read takes a delivery line apart once.
func (a *Address) read(line, unit []string) Address {
	got := Address{City: a.City, State: a.State, ZIP: a.ZIP}
	var rest []string
	got.Number, rest = takeNumber(line)
	rest, got.UnitType, got.Unit = takeUnit(rest)
	if typ, id := unitField(unit); typ != "" {
		switch {
		case got.UnitType == "" || got.UnitType == typ && got.Unit == id:
			got.UnitType, got.Unit = typ, id
		case got.UnitType == "#" && got.Unit == id, typ == "#" && got.Unit == id:
			if got.UnitType == "#" {
				got.UnitType = typ
			}
		default:
			got.Unit = joined(got.Unit, typ, id)
		}
	}
	got.Predir, got.Street, got.Suffix, got.Postdir = street(rest)
	return got
}

// takeNumber takes the house number off the front of a line.
func takeNumber(line []string) (number string, rest []string) {
	at := 0
	if len(line) > 1 {
		switch line[0] {
		case "NO", "NUMBER", "NUM", "NBR", "#":
			at = 1
		}
	}
	if at >= len(line) {
		return "", line
	}
	n, fraction, ok := houseNumber(line[at])
	if !ok {
		return "", line
	}
	rest = line[at+1:]
	if fraction == "" && len(rest) > 0 && isFraction(rest[0]) && digits(n) {
		fraction, rest = rest[0], rest[1:]
	}
	return joined(n, fraction), rest
}

// houseNumber reads one word as a house number: 12, 12A, 12-A, 112-10, 12-1/2, and
// the grid numbers N30W1234, W1234 and 30W104.
func houseNumber(w string) (number, fraction string, ok bool) {
	if head, tail, cut := strings.Cut(w, "-"); cut {
		switch {
		case digits(head) && isFraction(tail):
			return trimZeros(head), tail, len(head) <= 8
		case digits(head) && len(tail) == 1 && isLetter(tail[0]):
			return trimZeros(head) + tail, "", len(head) <= 8
		case digits(head) && simpleNumber(tail):
			return trimZeros(head) + "-" + tail, "", len(w) <= 12
		}
		return "", "", false
	}
	if simpleNumber(w) {
		return trimZeros(w), "", len(w) <= 9
	}
	return w, "", len(w) <= 12 && gridNumber(w)
}

// simpleNumber is digits with at most one letter behind them.
func simpleNumber(w string) bool {
	if w == "" {
		return false
	}
	if isLetter(w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	return digits(w)
}

// gridNumber is a number of a county that counts from two axes.
func gridNumber(w string) bool {
	groups, was := 0, byte('0')
	for i := range len(w) {
		c := w[i]
		switch {
		case isDigit(c):
		case strings.IndexByte("NSEW", c) >= 0 && (i == 0 || isDigit(was)):
			groups++
		default:
			return false
		}
		was = c
	}
	return groups >= 1 && groups <= 2 && isDigit(was)
}

func isFraction(w string) bool {
	top, bottom, cut := strings.Cut(w, "/")
	return cut && digits(top) && digits(bottom) && len(w) <= 5
}

// zip5 is the ZIP code without its last four, or "" when it is none.
func zip5(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 5 && (s[5] == '-' || s[5] == ' ') {
		s = s[:5] + s[6:]
	}
	if !digits(s) || len(s) != 5 && len(s) != 9 {
		return ""
	}
	return s[:5]
}

// cityWords are the short forms that Publication 28 wants spelt out in a city's
// name; what comes first in it is often a direction or a saint.
var cityFirst = map[string]string{
	"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST", "ST": "SAINT", "STE": "SAINTE", "FT": "FORT", "MT": "MOUNT", "PT": "POINT", "LK": "LAKE",
}

var cityLater = map[string]string{
	"ST": "SAINT", "HTS": "HEIGHTS", "BCH": "BEACH", "SPGS": "SPRINGS", "SPG": "SPRING", "CTR": "CENTER", "VLG": "VILLAGE", "VLY": "VALLEY",
	"JCT": "JUNCTION", "HBR": "HARBOR", "PK": "PARK", "IS": "ISLAND", "LK": "LAKE", "MT": "MOUNT", "FT": "FORT", "TWP": "TOWNSHIP",
	"CY": "CITY", "HLS": "HILLS", "GDNS": "GARDENS", "CRK": "CREEK", "MTN": "MOUNTAIN", "AFB": "AIR FORCE BASE",
}

// city is a city's name as Publication 28 prefers it, or "" when there is none.
func city(s string) string {
	list := strings.FieldsFunc(strings.Join(words(s), " "), func(r rune) bool { return r == ' ' || r == '#' || r == '-' })
	for i, w := range list {
		to, known := cityLater[w]
		if i == 0 {
			to, known = cityFirst[w]
		}
		if known && len(list) > 1 {
			list[i] = to
		}
	}
	s = strings.Join(list, " ")
	if len(s) > longest {
		return ""
	}
	return s
}
