package postal

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// Address is one delivery point, in capitals and with the abbreviations of
// Publication 28. What Parse answers is in this form; comparing two such addresses
// with == is comparing where they are.
type Address struct {
	Number   string // 12, 12A, 12 1/2, 112-10, N30W1234
	Predir   string // N, NE
	Street   string // OAK GROVE, 5TH, COUNTY ROAD 12
	Suffix   string // AVE
	Postdir  string
	UnitType string // APT, STE, REAR; # when nobody said which
	Unit     string // 4B; the rest of the line when there is more: BLDG "3 APT 4"
	City     string
	State    string // two letters
	ZIP      string // five digits
}

// Line is the delivery line: 12 E OAK GROVE AVE APT 4.
func (a Address) Line() string {
	return joined(a.Number, a.Predir, a.Street, a.Suffix, a.Postdir, a.UnitType, a.Unit)
}

// String is the whole address on one line.
func (a Address) String() string {
	return a.Line() + ", " + joined(a.City, a.State, a.ZIP)
}

// Building is the address without its unit.
func (a Address) Building() Address {
	a.UnitType, a.Unit = "", ""
	return a
}

// joined puts single spaces between the parts that are not empty.
func joined(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

// UnitKey is what tells the units of a building apart. Apartment, suite, unit and
// number sign are one kind, because people use each for the others; a building, a
// floor or a lot of that number is something else. It is empty when there is no
// unit.
func (a Address) UnitKey() string {
	if a.UnitType == "" && a.Unit == "" {
		return ""
	}
	kind := a.UnitType
	switch kind {
	case "APT", "STE", "UNIT", "#":
		kind = ""
	}
	return kind + "/" + strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, a.Unit)
}

// StreetKey names the street within the country: two streets of one ZIP code are
// told apart by their whole name.
func (a Address) StreetKey() string {
	return strings.Join([]string{a.ZIP, a.Predir, a.Street, a.Suffix, a.Postdir}, "|")
}

// idCode has no letters that are read as digits.
var idCode = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// ID is the addressDetailId: the same for the same delivery point in every
// database, whenever it was loaded. The city is not part of it, since the ZIP code
// decides where a street is and several names for one place are in use; nor is what
// a unit is called, see UnitKey. Its eighty bits make two of ten million addresses
// share one with a probability of four in a hundred thousand million.
func (a Address) ID() string {
	sum := sha256.Sum256([]byte(a.StreetKey() + "|" + a.Number + "|" + a.UnitKey()))
	return "AD-" + idCode.EncodeToString(sum[:10])
}

// HouseNumber is the number as a number, by which neighbours are found: the digits
// before a fraction, one after the other.
func (a Address) HouseNumber() int64 {
	whole, _, _ := strings.Cut(a.Number, " ")
	var n int64
	for i := range len(whole) {
		if isDigit(whole[i]) && n < 1e14 {
			n = n*10 + int64(whole[i]-'0')
		}
	}
	return n
}

// Entry is an address that is known to exist.
type Entry struct {
	ID      string // addressDetailId, as Address.ID makes it
	Address Address
	Units   int // how many units its building is known to have; 0 when it is one
}

// Match is a known address that somebody may have meant.
type Match struct {
	Entry
	Score float64 // see Score
}
