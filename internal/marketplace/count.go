package marketplace

import (
	"strconv"
	"strings"
)

// Count is an amount of usage in millionths, so that sums are exact on every
// database.
type Count int64

const countScale = 1_000_000

// MaxCount bounds one update and MaxTotal one month.
const (
	MaxCount = Count(1_000_000_000 * countScale)
	MaxTotal = Count(9_000_000_000 * countScale)
)

// ParseCount reads a number that is not negative, with at most six decimals. It may
// have an exponent, which some languages write for any large number: 1.5E7.
func ParseCount(text string) (Count, bool) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		text = withoutExponent(text[:i], text[i+1:])
	}
	whole, decimals, point := strings.Cut(text, ".")
	if whole == "" || point && decimals == "" || len(whole) > 10 || len(decimals) > 6 || !digits(whole) || !digits(decimals) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(decimals + "000000")[:6], 10, 64)
	if err != nil || Count(n) > MaxCount {
		return 0, false
	}
	return Count(n), true
}

// mostExponent bounds exponents; what is beyond it is out of bounds either way, or is
// written for show.
const mostExponent = 30

// withoutExponent moves a number's point; "" when there is none to move.
func withoutExponent(number, exponent string) string {
	whole, decimals, point := strings.Cut(number, ".")
	by, err := strconv.Atoi(exponent)
	if err != nil || by < -mostExponent || by > mostExponent || len(number) > mostExponent ||
		whole == "" || point && decimals == "" || !digits(whole) || !digits(decimals) {
		return ""
	}
	zeros := strings.Repeat("0", mostExponent)
	all, at := zeros+whole+decimals+zeros, mostExponent+len(whole)+by
	whole, decimals = strings.TrimLeft(all[:at], "0"), strings.TrimRight(all[at:], "0")
	if whole == "" {
		whole = "0"
	}
	if decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String writes the number without needless zeros: 12, 1.5.
func (c Count) String() string {
	whole := strconv.FormatInt(int64(c)/countScale, 10)
	decimals := strings.TrimRight(strconv.FormatInt(int64(c)%countScale+countScale, 10)[1:], "0")
	if decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

// MarshalJSON writes a JSON number.
func (c Count) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }
