package ondemand

import (
	"errors"
	"strconv"
)

// Speed is a bandwidth. Two spellings of one bandwidth have the same Mbps and
// different Texts: compare Mbps, show Text.
type Speed struct {
	Mbps int
	Text string // as the caller wrote it, spacing and unit tidied; may be empty
}

const (
	speedMax      = 1_000_000 // Mbps; no port is near it, a typing slip is
	speedMaxInput = 32        // bytes; what is longer is no speed and is not read
)

var (
	errSpeedLong  = errors.New("must be at most 32 bytes long")
	errSpeedForm  = errors.New(`must be a number and a unit, such as "100 Mbps" or "1 Gbps"`)
	errSpeedWhole = errors.New("must be a whole number of Mbps")
	errSpeedRange = errors.New("must be from 1 Mbps to 1000 Gbps")
)

// ParseSpeed reads "100 Mbps", "100MBPS", " 1  gbps " or "1.5 Gbps": a plain
// decimal number with at most three decimals and one of two units, in any case and
// with any ASCII spacing around and between them.
func ParseSpeed(s string) (Speed, error) {
	if len(s) > speedMaxInput {
		return Speed{}, errSpeedLong
	}
	s = speedTrim(s)
	number, thousandths, ok := speedNumber(s)
	if !ok {
		return Speed{}, errSpeedForm
	}
	var mbps int64
	unit := speedUnit(speedTrim(s[len(number):]))
	switch unit {
	case "Mbps":
		if thousandths%1000 != 0 {
			return Speed{}, errSpeedWhole
		}
		mbps = thousandths / 1000
	case "Gbps":
		mbps = thousandths
	default:
		return Speed{}, errSpeedForm
	}
	if mbps < 1 || mbps > speedMax {
		return Speed{}, errSpeedRange
	}
	return Speed{Mbps: int(mbps), Text: speedText(s, number, unit)}, nil
}

// String is the caller's spelling, or the canonical one where there is none.
func (s Speed) String() string {
	if s.Text != "" {
		return s.Text
	}
	return CanonicalSpeed(s.Mbps).Text
}

// CanonicalSpeed is a bandwidth in the spelling of the catalogue: Mbps below
// 1 Gbps, Gbps from there on, no decimal that says nothing.
func CanonicalSpeed(mbps int) Speed {
	if mbps < 1000 {
		return Speed{Mbps: mbps, Text: strconv.Itoa(mbps) + " Mbps"}
	}
	text := strconv.Itoa(mbps / 1000)
	if rest := mbps % 1000; rest != 0 {
		decimals := strconv.Itoa(1000 + rest)[1:] // three digits with their leading zeros
		for decimals[len(decimals)-1] == '0' {
			decimals = decimals[:len(decimals)-1]
		}
		text += "." + decimals
	}
	return Speed{Mbps: mbps, Text: text + " Gbps"}
}

// speedNumber reads the number that s begins with, and its value in thousandths.
// Zeros in front are refused: no one writes them, and one spelling less is one
// surprise less where texts are compared.
func speedNumber(s string) (number string, thousandths int64, ok bool) {
	i := 0
	for ; i < len(s) && speedDigit(s[i]); i++ {
		// Numbers beyond the range stay beyond it, without overflowing.
		if thousandths <= speedMax {
			thousandths = thousandths*10 + int64(s[i]-'0')
		}
	}
	if i == 0 || (i > 1 && s[0] == '0') {
		return "", 0, false
	}
	thousandths *= 1000
	if i < len(s) && s[i] == '.' {
		first, place := i+1, int64(100)
		for i = first; i < len(s) && speedDigit(s[i]); i++ {
			thousandths += int64(s[i]-'0') * place
			place /= 10
		}
		if i == first || i-first > 3 {
			return "", 0, false
		}
	}
	return s[:i], thousandths, true
}

// speedUnit is the tidy spelling of a unit, or nothing.
func speedUnit(s string) string {
	if len(s) != 4 || s[1]|0x20 != 'b' || s[2]|0x20 != 'p' || s[3]|0x20 != 's' {
		return ""
	}
	switch s[0] | 0x20 {
	case 'm':
		return "Mbps"
	case 'g':
		return "Gbps"
	}
	return ""
}

// speedText joins number and unit, or keeps s where it already reads that way,
// which is nearly always and then costs nothing.
func speedText(s, number, unit string) string {
	n := len(number)
	if len(s) == n+1+len(unit) && s[n] == ' ' && s[n+1:] == unit {
		return s
	}
	return number + " " + unit
}

func speedTrim(s string) string {
	for s != "" && speedSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && speedSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func speedDigit(c byte) bool { return c >= '0' && c <= '9' }

func speedSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }
