package nanp

import (
	"regexp"
	"strings"

	"demarc/internal/postal"
)

// A rate center is named for a town by at most ten characters. Longer names are
// shortened by leaving letters out, seldom the first of a word, vowels before
// consonants: COLORDOSPG, SPRINGFLD, SNDG. A zone's number may follow (CHICGOZN02),
// or what part of the town it is (ATLANTA NE, SNJS WEST). So a name fits a town when
// it is found in the town's letters, in their order; how well it fits is what share
// of them it keeps.

// What leaving out a letter costs.
const (
	costConsonant = 4
	costWeak      = 3 // Y, W and H, which are half a vowel
	costVowel     = 2
	costDouble    = 1 // the second of two equal letters
)

// Fits of less are accidents. A name that has room left, so that it was not
// shortened for want of it, must fit better; four letters that stand for a town
// before a part of it fit worse by nature.
const (
	fitShortened = 0.5
	fitRoomLeft  = 0.7
	fitCode      = 0.4
	fitNothing   = 0

	room        = 9 // a name so long was cut to fit
	shortest    = 3 // letters of a name; fewer fit too many towns
	codeLetters = 4
)

// word is a town's name prepared for matching.
type word struct {
	letters string // COLORADOSPRINGS
	costs   []uint8
	starts  uint64 // by bit, where a word of the name begins
	total   int    // of costs
}

// wordOf prepares a name whose words stand apart.
func wordOf(name string) word {
	var w word
	var b strings.Builder
	for part := range strings.FieldsSeq(name) {
		if part = squeeze(part); part == "" || b.Len()+len(part) > 63 {
			continue
		}
		w.starts |= 1 << b.Len()
		for i := range len(part) {
			w.costs = append(w.costs, costOf(part, i))
			w.total += int(w.costs[len(w.costs)-1])
		}
		b.WriteString(part)
	}
	w.letters = b.String()
	return w
}

func costOf(s string, i int) uint8 {
	if i == 0 {
		return costConsonant
	}
	if s[i] == s[i-1] {
		return costDouble
	}
	switch s[i] {
	case 'A', 'E', 'I', 'O', 'U':
		return costVowel
	case 'Y', 'W', 'H':
		return costWeak
	}
	return costConsonant
}

// fit is how well the letters stand for the town: 1 when they are all of it, 0 when
// they cannot.
func (w *word) fit(s string) float64 {
	if len(s) < shortest || !within(s, w.letters) {
		return fitNothing
	}
	if s == w.letters {
		return 1
	}
	// left[i] is the least that was left out of the town's letters so far, when i
	// letters of the name were found.
	const never = 1 << 20
	left := make([]int, len(s)+1)
	for i := range left {
		left[i] = never
	}
	left[0] = 0
	for j := range len(w.letters) {
		for i := len(s); i >= 0; i-- {
			cost := never
			// The first letter of a word stays, unless all that follows goes.
			if w.starts>>j&1 == 0 || i == len(s) {
				cost = left[i] + int(w.costs[j])
			}
			if i > 0 && s[i-1] == w.letters[j] {
				cost = min(cost, left[i-1])
			}
			left[i] = min(cost, never)
		}
	}
	if left[len(s)] >= never {
		return fitNothing
	}
	return 1 - float64(left[len(s)])/float64(w.total)
}

// within says whether the letters of s are found in t in their order, the first of
// both being the same.
func within(s, t string) bool {
	if s[0] != t[0] || len(s) > len(t) {
		return false
	}
	i := 0
	for j := 0; j < len(t) && i < len(s); j++ {
		if s[i] == t[j] {
			i++
		}
	}
	return i == len(s)
}

// zone is the end of a name that numbers a zone.
var zone = regexp.MustCompile(`(ZO?N?)?[0-9]+(Z[0-9]+)?$`)

// reading is one way to read a rate center's name: the letters, and how well they
// have to fit.
type reading struct {
	letters string
	least   float64
}

// readings are the ways to read a name. A later one counts only when no earlier one
// fits. beside is what the name's second part may stand for, a town near the first:
// OKLD BKLY is Oakland's and Berkeley's.
func readings(name string) (list []reading, beside reading) {
	bare := strings.TrimRight(zone.ReplaceAllString(name, ""), " -")
	least := fitRoomLeft
	if len(name) >= room {
		least = fitShortened
	}
	// Spelt out first: ST JO is no abbreviation of another town than SAINT JO.
	list = []reading{{squeeze(spelt(postal.City(bare))), least}}
	if short := squeeze(bare); short != list[0].letters {
		list = append(list, reading{short, least})
	}
	first, second, parted := cutAny(bare, " -/")
	if !parted || len(first) < codeLetters {
		return list, reading{}
	}
	hyphen := strings.Contains(bare, "-")
	switch {
	case isCode(first):
		list = append(list, reading{first, fitCode})
	case hyphen:
		list = append(list, reading{first, fitShortened})
	case isClipped(first): // COLDWTR LK
		list = append(list, reading{first, fitRoomLeft})
	default: // ATLANTA NE; but PINE CREEK is not Pinole's
		list = append(list, reading{first, 1})
	}
	if (isCode(first) || hyphen) && len(second) >= codeLetters && second != first {
		beside = reading{squeeze(second), fitShortened}
	}
	return list, beside
}

// spelt spells out the last word of a name, where it is one that is no abbreviation in
// an address.
func spelt(name string) string {
	for short, long := range endings {
		if whole, cut := strings.CutSuffix(name, " "+short); cut {
			return whole + " " + long
		}
	}
	return name
}

var endings = map[string]string{"PL": "PLAINS", "LDG": "LANDING", "RPDS": "RAPIDS"}

// isCode says whether a part of a name is four letters for a town: all consonants,
// but for the first.
func isCode(s string) bool {
	return len(s) == codeLetters && !strings.ContainsAny(s[1:], "AEIOU")
}

// isClipped says whether a part of a name is no whole word, having lost its vowels.
func isClipped(s string) bool {
	vowels := 0
	for i := range len(s) {
		if strings.IndexByte("AEIOU", s[i]) >= 0 {
			vowels++
		}
	}
	return len(s) > codeLetters && vowels < 2
}

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// squeeze leaves of a name its letters, in capitals.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, s)
}
