package postal

import (
	"slices"
	"strconv"
	"strings"
)

// street takes the words of a street apart, by Publication 28: directionals at both
// ends, the suffix, and what is left, which is its name.
func street(list []string) (predir, name, suf, postdir string) {
	list = slices.DeleteFunc(slices.Clone(list), func(w string) bool { return w == "#" })
	if len(list) == 0 {
		return "", "", "", ""
	}
	list = unhyphenated(list)
	predir, list = takePredir(list)
	postdir, list = takePostdir(list)
	if n := len(list); n > 1 {
		if road := highway(list); road != "" {
			return predir, road, "", postdir
		}
		if s, ok := suffix(list[n-1]); ok {
			suf, list = s, list[:n-1]
		}
	}
	return predir, streetName(list, suf), suf, postdir
}

// takePredir takes the directional in front, unless it is the street's name.
func takePredir(list []string) (string, []string) {
	first, ok := directional(list[0])
	if !ok || !named(list[1:]) {
		return "", list
	}
	if both, ok := combined(list[:2]); ok && named(list[2:]) {
		return both, list[2:]
	}
	return first, list[1:]
}

// named says whether a street with these words has a name: NORTH AVE would have
// none without its NORTH, nor E ST NW without its E.
func named(list []string) bool {
	switch len(list) {
	case 0:
		return false
	case 1:
		_, isSuffix := suffix(list[0])
		return !isSuffix
	case 2:
		_, isSuffix := suffix(list[0])
		_, isDir := directional(list[1])
		return !isSuffix || !isDir || len(list[1]) == 1 && spelt(list[0]) == "AVENUE"
	}
	return true
}

// takePostdir takes the directional behind, unless it is a letter that is the
// street's name: AVENUE E.
func takePostdir(list []string) (string, []string) {
	n := len(list)
	if n < 2 {
		return "", list
	}
	last, ok := directional(list[n-1])
	if !ok {
		return "", list
	}
	if s, isSuffix := suffix(list[0]); n == 2 && isSuffix && s == "AVE" {
		return "", list
	}
	if n > 2 {
		if both, ok := combined(list[n-2:]); ok {
			return both, list[:n-2]
		}
	}
	return last, list[:n-1]
}

// combined makes NW of NORTH WEST.
func combined(two []string) (string, bool) {
	if len(two) != 2 {
		return "", false
	}
	a, _ := directional(two[0])
	b, _ := directional(two[1])
	both, ok := directional(a + b)
	return both, ok && len(both) == 2 && len(a) == 1
}

// nameFirst are the short forms that begin a street's name.
var nameFirst = map[string]string{"DR": "DOCTOR", "MT": "MOUNT", "FT": "FORT", "PT": "POINT", "ST": "SAINT", "STE": "SAINTE", "RT": "ROUTE"}

// nameAny are short forms wherever they are in a name.
var nameAny = map[string]string{
	"JR": "JUNIOR", "MLK": "MARTIN LUTHER KING", "CNTY": "COUNTY", "GENL": "GENERAL", "BROS": "BROTHERS", "NATL": "NATIONAL", "INTL": "INTERNATIONAL",
}

// streetName spells a street's name the one way it is stored: no suffix is
// abbreviated inside a name, saints are SAINT, and numbers are 5TH.
func streetName(list []string, suf string) string {
	list = ordinals(list)
	out := make([]string, 0, len(list))
	for i, w := range list {
		last := i == len(list)-1
		switch {
		case i == 0 && !last && nameFirst[w] != "":
			w = nameFirst[w]
		case w == "ST" && i > 0 && !last && ordinal(list[i-1]) == "":
			w = "SAINT"
		case nameAny[w] != "":
			w = nameAny[w]
		case len(list) > 1 || suf != "":
			if word := spelt(w); word != "" && w != "VIA" { // which is a word, and short for VIADUCT
				w = word
			}
		}
		out = append(out, w)
	}
	if len(out) == 1 && digits(out[0]) && slices.Contains([]string{"ST", "AVE", "PL", "TER", "CT"}, suf) {
		out[0] = ordinalOf(out[0])
	}
	return strings.Join(out, " ")
}

var units = []string{"", "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH", "ELEVENTH", "TWELFTH",
	"THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH", "EIGHTEENTH", "NINETEENTH"}

var tens = []string{"", "", "TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"}

// ordinals writes FIFTH, TWENTY FIRST, 5 TH and 2TH as 5TH, 21ST, 5TH and 2ND.
func ordinals(list []string) []string {
	out := make([]string, 0, len(list))
	for i := 0; i < len(list); i++ {
		w := list[i]
		if o := ordinal(w); o != "" {
			out = append(out, o)
			continue
		}
		next := ""
		if i+1 < len(list) {
			next = list[i+1]
		}
		if t := slices.Index(tens, w); t > 0 {
			if u := slices.Index(units, next); u > 0 && u < 10 {
				out, i = append(out, ordinalOf(strconv.Itoa(10*t+u))), i+1
				continue
			}
		}
		if digits(w) && (next == "TH" || next == "ND" && strings.HasSuffix(w, "2")) {
			out, i = append(out, ordinalOf(w)), i+1
			continue
		}
		out = append(out, w)
	}
	return out
}

// ordinal is the word as digits with their ending, or "" when it is no ordinal.
func ordinal(w string) string {
	if n := len(w); n > 2 && isDigit(w[0]) {
		if end := w[n-2:]; digits(w[:n-2]) && (end == "ST" || end == "ND" || end == "RD" || end == "TH") {
			return ordinalOf(w[:n-2])
		}
		return ""
	}
	if u := slices.Index(units, w); u > 0 {
		return ordinalOf(strconv.Itoa(u))
	}
	for t := 2; t < len(tens); t++ {
		rest, ok := strings.CutPrefix(w, tens[t][:len(tens[t])-1])
		if !ok {
			continue
		}
		if rest == "IETH" {
			return ordinalOf(strconv.Itoa(10 * t))
		}
		if u := slices.Index(units, strings.TrimPrefix(rest, "Y")); u > 0 && u < 10 && rest[0] == 'Y' {
			return ordinalOf(strconv.Itoa(10*t + u))
		}
	}
	return ""
}

// ordinalOf gives digits the ending they have.
func ordinalOf(n string) string {
	n = trimZeros(n)
	end := "TH"
	if len(n) < 2 || n[len(n)-2] != '1' {
		switch n[len(n)-1] {
		case '1':
			end = "ST"
		case '2':
			end = "ND"
		case '3':
			end = "RD"
		}
	}
	return n + end
}
