package postal

import (
	"strings"
	"unicode"
)

// longest is how many bytes of a field are looked at: no line on an envelope comes
// near it, and everything that is computed about a line is bounded by it.
const longest = 160

// plain spells the letters of other alphabets' accents without them, as
// Publication 28 asks.
var plain = strings.NewReplacer(
	"À", "A", "Á", "A", "Â", "A", "Ã", "A", "Ä", "A", "Å", "A", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N", "Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ö", "O", "Ø", "O",
	"Ù", "U", "Ú", "U", "Û", "U", "Ü", "U", "Ý", "Y", "½", " 1/2", "¼", " 1/4", "¾", " 3/4",
	"’", "'", "‘", "'", "–", "-", "—", " ", "‐", "-", "‑", "-",
)

// words takes a line apart: capitals, digits and the few signs that mean something
// in an address. A point stays between digits (39.2), a slash in a fraction, a
// hyphen beside a digit (112-10); the number sign and & are words of their own.
func words(line string) []string {
	if len(line) > longest {
		line = line[:longest]
	}
	s := upper(line)
	var list []string
	var cur []byte
	flush := func() {
		if len(cur) > 0 {
			list = append(list, string(cur))
			cur = cur[:0]
		}
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c) || isLetter(c):
			cur = append(cur, c)
		case c == '\'':
			// O'NEAL is ONEAL.
		case c == '#' || c == '&':
			flush()
			if c == '#' {
				list = append(list, "#")
			} else {
				list = append(list, "AND")
			}
		case joins(s, i, cur):
			if c != '.' || isDigit(s[i+1]) {
				cur = append(cur, c)
			}
		default:
			flush()
		}
	}
	flush()
	return list
}

// upper is the line in capitals, without accents when it has any.
func upper(line string) string {
	for i := range len(line) {
		if line[i] >= 0x80 {
			return plain.Replace(strings.Map(unicode.ToUpper, strings.ToValidUTF8(line, " ")))
		}
	}
	return strings.ToUpper(line)
}

// joins says whether the sign at i holds together what is around it.
func joins(s string, i int, cur []byte) bool {
	if len(cur) == 0 || i+1 >= len(s) {
		return false
	}
	before, after := cur[len(cur)-1], s[i+1]
	switch s[i] {
	case '-':
		return (isDigit(before) || isLetter(before)) && (isDigit(after) || isLetter(after)) && (isDigit(before) || isDigit(after))
	case '/':
		return isDigit(before) && isDigit(after)
	case '.':
		if isDigit(before) && isDigit(after) {
			return true
		}
		// N.W. and U.S.: single letters, each with its point.
		lone := i < 2 || !isLetter(s[i-2]) && !isDigit(s[i-2])
		return lone && isLetter(before) && isLetter(after) && (i+2 >= len(s) || !isLetter(s[i+2]) && !isDigit(s[i+2]))
	}
	return false
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }

// digits says whether s is a run of digits.
func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// letters says whether s is a run of letters.
func letters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return s != ""
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// trimZeros takes leading zeros off a run of digits.
func trimZeros(s string) string {
	t := strings.TrimLeft(s, "0")
	if t == "" || !isDigit(t[0]) {
		return "0" + t
	}
	return t
}
