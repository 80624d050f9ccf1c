package care

import (
	"slices"
	"strconv"
	"strings"
)

// Unit is a business unit whose billing system answers.
type Unit struct {
	Code     string
	Country  string // as its addresses name it
	Currency string
	Digits   int // decimals of the currency

	AccountNo Form // of an account's number
	Number    Form // of a telephone number
	Customer  Form // of a customer's id
	Postcode  int  // digits of a postcode; 0: addresses have none

	States []string // the words for an account's state; the first is the usual one

	// Quirks: the unit's billing system fills fields that have nothing to say, with
	// empty texts and the first day of the year 1, and names some things in two ways.
	// The source shows it of PR, whose clients expect it so.
	Quirks bool
}

// Form is what a number looks like: so many digits, with one of the prefixes if
// there are any, or whatever fits says.
type Form struct {
	Digits   int
	Prefixes []string
	fits     func(string) bool
}

// Fits reports whether s has the form.
func (f Form) Fits(s string) bool {
	if f.fits != nil {
		return f.fits(s)
	}
	if len(s) != f.Digits || !allDigits(s) {
		return false
	}
	return len(f.Prefixes) == 0 || slices.ContainsFunc(f.Prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// units are those that the source calls actual implementations.
var units = []Unit{
	{
		Code: "PR", Country: "USA", Currency: "USD", Digits: 2,
		AccountNo: Form{Digits: 16}, Number: Form{Digits: 10, Prefixes: []string{"787", "939"}}, Customer: Form{Digits: 13}, Postcode: 9,
		States: []string{"normal", "Chard Off", "Non Pay"}, Quirks: true,
	},
	{
		Code: "JM", Country: "JAMAICA", Currency: "JMD", Digits: 2,
		AccountNo: Form{Digits: 9}, Number: Form{Digits: 10, Prefixes: []string{"876", "658"}}, Customer: Form{Digits: 10},
		States: []string{"active", "suspended", "closed"},
	},
	{
		Code: "PA", Country: "PANAMA", Currency: "PAB", Digits: 2,
		AccountNo: Form{Digits: 8}, Number: Form{Digits: 7}, Customer: Form{Digits: 9},
		States: []string{"activa", "suspendida", "cerrada"},
	},
	{
		Code: "CL", Country: "CHILE", Currency: "CLP", Digits: 0,
		AccountNo: Form{Digits: 10}, Number: Form{Digits: 9}, Customer: Form{fits: fitsRUT}, Postcode: 7,
		States: []string{"vigente", "suspendida", "cerrada"},
	},
}

// stubs are the carrier's other business units.
var stubs = []string{"TT", "BB", "BS", "CW", "LC", "VC", "AG", "GD", "TC", "KY", "AI", "KN", "MS", "VG", "DM"}

// Units are the business units that answer.
func Units() []Unit { return slices.Clone(units) }

// UnitByCode finds a business unit that answers.
func UnitByCode(code string) (Unit, bool) {
	for i := range units {
		if units[i].Code == code {
			return units[i], true
		}
	}
	return Unit{}, false
}

// RUT writes the number of a Chilean taxpayer with its check digit: 12345678-5.
func RUT(n int64) string {
	sum, factor := int64(0), int64(2)
	for rest := n; rest > 0; rest /= 10 {
		sum += rest % 10 * factor
		if factor++; factor > 7 {
			factor = 2
		}
	}
	return strconv.FormatInt(n, 10) + "-" + string("0123456789K0"[11-sum%11])
}

// fitsRUT holds a RUT to its check digit: the sum of its digits times 2 to 7, from
// the right, modulo 11.
func fitsRUT(s string) bool {
	digits, _, ok := strings.Cut(s, "-")
	if !ok || len(digits) < 7 || len(digits) > 8 || !allDigits(digits) || digits[0] == '0' {
		return false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return err == nil && RUT(n) == s
}
