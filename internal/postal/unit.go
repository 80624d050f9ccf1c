package postal

import "slices"

// strong designators are not part of street names in their short form, so any word
// behind them is a unit's name. The others need a digit or a single letter there:
// 100 OLD KEY RD has no key RD.
var strong = []string{"APT", "STE", "BLDG", "RM", "SPC", "HNGR", "DEPT", "UNIT"}

// worded are designators whose word is a street's name as often: FRONT, LOWER. They
// count at the end of a line and behind a suffix.
var worded = []string{"FRNT", "LOWR", "UPPR", "OFC", "SIDE"}

// takeUnit takes the unit off the end of a street's words. Something of the street
// must be left.
func takeUnit(list []string) (rest []string, typ, id string) {
	for i := 1; i < len(list); i++ {
		if typ, id, ok := unitAt(list, i); ok {
			return list[:i], typ, id
		}
	}
	at := len(list) - 1
	if looseUnit(list) {
		return list[:at], "#", list[at]
	}
	if at > 1 && slices.Contains(strong, list[at]) {
		return list[:at], "", "" // APT, and no number
	}
	return list, "", ""
}

// loose are the suffixes behind which a number cannot be the street's own.
var loose = []string{"ST", "DR", "LN", "CT", "BLVD", "PL", "CIR", "WAY", "TER", "PKWY", "AVE"}

// looseUnit recognises a unit that nobody called one: 12 MAIN ST 4B.
func looseUnit(list []string) bool {
	n := len(list)
	if n < 3 || !hasDigit(list[n-1]) || ordinal(list[n-1]) != "" {
		return false
	}
	if s, ok := suffix(list[n-2]); !ok || !slices.Contains(loose, s) {
		return false
	}
	_, dir := directional(list[n-3])
	return !dir && (list[n-2] != "ST" || !slices.Contains([]string{"US", "OLD"}, list[n-3]))
}

// unitAt reads list[i:] as a unit, to its end.
func unitAt(list []string, i int) (typ, id string, ok bool) {
	d, known := pub28().units[list[i]]
	if !known {
		return floorAt(list, i)
	}
	next := i + 1
	if d.abbreviation == "#" {
		if highwayWord(list[i-1]) {
			return "", "", false // HWY # 6
		}
		return numbered(list[next:])
	}
	for next < len(list) && slices.Contains([]string{"#", "NO", "NUMBER"}, list[next]) {
		next++
	}
	rest := list[next:]
	if len(rest) == 0 {
		return d.abbreviation, "", !d.ranged && next == i+1 && (!d.spelt && d.abbreviation != "SIDE" || stands(list, i, d))
	}
	if !d.ranged {
		if typ, id, ok := unitAt(list, next); ok {
			return d.abbreviation, joined(typ, id), stands(list, i, d)
		}
	}
	id, used := unitID(rest, d)
	if used == 0 || !d.ranged && !stands(list, i, d) {
		return "", "", false
	}
	if used < len(rest) {
		typ, more, ok := unitAt(list, next+used)
		return d.abbreviation, joined(id, typ, more), ok
	}
	return d.abbreviation, id, true
}

// stands says whether a word that may be part of a street's name is none here.
func stands(list []string, i int, d designator) bool {
	if !slices.Contains(worded, d.abbreviation) || list[i] == d.abbreviation && d.abbreviation != "SIDE" {
		return true
	}
	_, isSuffix := suffix(list[i-1])
	_, isDir := directional(list[i-1])
	return i > 1 && (isSuffix || isDir)
}

// numbered reads what is behind a number sign: all of it is the unit's name, unless
// it begins with a designator of its own.
func numbered(rest []string) (typ, id string, ok bool) {
	rest = slices.DeleteFunc(slices.Clone(rest), func(w string) bool { return w == "#" })
	if len(rest) == 0 {
		return "", "", false
	}
	if typ, id, ok := unitAt(append([]string{""}, rest...), 1); ok {
		return typ, id, true
	}
	if id, used := unitID(rest, designator{abbreviation: "#"}); used == len(rest) {
		return "#", id, true
	}
	return "#", joined(rest...), true
}

// floorAt reads 2ND FLOOR.
func floorAt(list []string, i int) (typ, id string, ok bool) {
	n := ordinal(list[i])
	if n == "" || i+2 != len(list) || pub28().units[list[i+1]].abbreviation != "FL" {
		return "", "", false
	}
	return "FL", n[:len(n)-2], true
}

// unitID reads the name of a unit behind its designator and says how many words it
// took: 4, 4B, "4 B" and "R 1", which are 4B and R1, and "4 12" and "A D", which are
// 4-12 and A-D.
func unitID(rest []string, d designator) (id string, used int) {
	first := rest[0]
	switch {
	case hasDigit(first):
		if digits(first) {
			first = trimZeros(first)
		}
	case len(first) == 1:
		_, dir := directional(first)
		if dir && !slices.Contains(strong, d.abbreviation) && d.abbreviation != "#" {
			return "", 0
		}
	default:
		if !slices.Contains(strong, d.abbreviation) || d.spelt || !nameable(first) {
			return "", 0
		}
	}
	if len(rest) == 1 {
		return first, 1
	}
	second := rest[1]
	switch {
	case !hasDigit(first) && !hasDigit(second):
		if len(first) == 1 && len(second) == 1 && len(rest) == 2 && isLetter(second[0]) {
			return first + "-" + second, 2
		}
	case digits(second) && isDigit(first[len(first)-1]):
		return first + "-" + second, 2
	case digits(second), len(second) == 1 && isLetter(second[0]):
		return first + second, 2
	}
	return first, 1
}

// nameable says whether a word of several letters may be the name of a unit: not
// when it is the suffix or directional of a street, or another designator.
func nameable(w string) bool {
	_, isSuffix := suffix(w)
	_, isDir := directional(w)
	_, isUnit := pub28().units[w]
	return letters(w) && !isSuffix && !isDir && !isUnit
}

// unitField reads the field that is the unit's own: with or without a designator.
func unitField(list []string) (typ, id string) {
	if len(list) == 0 {
		return "", ""
	}
	// In its own field a unit needs nothing before it that would prove it one.
	if typ, id, ok := unitAt(append([]string{"ST"}, list...), 1); ok {
		return typ, id
	}
	if d, known := pub28().units[list[0]]; known && d.spelt {
		list = append([]string{d.abbreviation}, list[1:]...)
		if typ, id, ok := unitAt(append([]string{"ST"}, list...), 1); ok {
			return typ, id
		}
	}
	if d, known := pub28().units[list[len(list)-1]]; known && len(list) == 1 && d.ranged {
		return "", "" // APT, and no number
	}
	typ, id, _ = numbered(list)
	return typ, id
}
