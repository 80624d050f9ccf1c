package marketplace

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Lengths of card numbers.
const (
	cardShortest = 13
	cardLongest  = 19
)

// HoldsCardNumber reports whether a text holds what may be a payment card's number:
// 13 to 19 digits that pass the Luhn check, in any script, in any groups, alone or in
// a sentence, beside other numbers, or escaped as JSON, HTML or an address would. A
// number that is spelt in words, or disguised otherwise, is not known as one.
//
// One number of ten passes the check by chance, so what is no single number should
// not be taken for one: phone numbers with an extension, two of them, dates with a
// time. Hence the two ways in which groups may belong together, see gap.
func HoldsCardNumber(text string) bool {
	for range mostEscapes + 1 {
		groups := groupsOf(text)
		if cardIn(groups) || isCard(text, groups) {
			return true
		}
		plain := unescaped(text)
		if plain == text {
			break
		}
		text = plain
	}
	return false
}

// mostEscapes is how often a text may have been escaped, one time over the other.
const mostEscapes = 3

// gap is what parts a group of digits from the one before it.
type gap int

const (
	// gapFar parts two numbers.
	gapFar gap = iota
	// gapOther may be within a number whose groups are regular: letters, brackets,
	// commas and the like, which also part phone numbers and the halves of a time.
	gapOther
	// gapWithin is what people put between the groups of one number: spaces,
	// dashes, dots, and what cannot be seen.
	gapWithin
)

// farthest is how many characters may be between the groups of one number, unless
// they are all of the kind that people put there.
const farthest = 10

// group is digits without anything between them.
type group struct {
	digits []byte
	gap    gap
	plus   bool // a plus sign is directly before it
}

func groupsOf(text string) []group {
	var groups []group
	before, between, others := rune(0), 1, false
	for _, r := range text {
		d, ok := digitOf(r)
		switch {
		case !ok:
			between++
			others = others || !isWithin(r)
		case between == 0:
			last := &groups[len(groups)-1]
			last.digits = append(last.digits, d)
		default:
			g := group{digits: []byte{d}, gap: gapWithin, plus: before == '+'}
			switch {
			case len(groups) == 0, others && between > farthest:
				g.gap = gapFar
			case others:
				g.gap = gapOther
			}
			groups = append(groups, g)
			between, others = 0, false
		}
		before = r
	}
	return groups
}

func isWithin(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("._\u2212\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff0e\uff3f", r) ||
		unicode.In(r, unicode.Z, unicode.Pd, unicode.M, unicode.Cc, unicode.Cf)
}

// cardIn tries every run of whole groups.
func cardIn(groups []group) bool {
	for i := range groups {
		var number []byte
		within := true
		for j := i; j < len(groups); j++ {
			if j > i {
				if groups[j].gap == gapFar {
					break
				}
				within = within && groups[j].gap == gapWithin
			}
			number = append(number, groups[j].digits...)
			if len(number) > cardLongest && j == i {
				// A field of a fixed width is filled up with zeros.
				number = []byte(strings.TrimLeft(string(number), "\x00"))
			}
			if len(number) > cardLongest {
				break
			}
			if len(number) < cardShortest || !within && !regular(groups[i:j+1]) || !luhn(number) {
				continue
			}
			if !isPhone(groups, i, j, len(number)) {
				return true
			}
		}
	}
	return false
}

// isCard reports whether the text is one number and nothing else, whatever parts its
// digits, unless it is what stands in phone numbers and times only.
func isCard(text string, groups []group) bool {
	if strings.ContainsAny(text, "+#():") || strings.ContainsFunc(text, func(r rune) bool {
		_, digit := digitOf(r)
		return !digit && unicode.IsLetter(r)
	}) {
		return false
	}
	var number []byte
	for _, g := range groups {
		number = append(number, g.digits...)
	}
	return len(number) >= cardShortest && len(number) <= cardLongest && luhn(number)
}

// isPhone knows the international phone numbers that are long enough to be taken for
// a card's: China's and Brazil's have 13 digits after the plus sign, which nobody puts
// before a card's number; and no cards with 13 digits have been issued for decades.
func isPhone(groups []group, from, last, digits int) bool {
	ends := last+1 == len(groups) || groups[last+1].gap != gapWithin
	return groups[from].plus && digits == cardShortest && ends
}

// regular reports whether groups are those of a number that was written by a scheme:
// 4-4-4-4, 4-6-5, one digit after the other, thousands.
func regular(groups []group) bool {
	if n := len(groups); n == 3 && len(groups[0].digits) == 4 && len(groups[1].digits) == 6 && len(groups[2].digits) <= 5 {
		return true
	}
	// All alike, but the first of thousands or the last of others may be shorter.
	first, last := len(groups[0].digits), len(groups[len(groups)-1].digits)
	size := max(first, last)
	for _, g := range groups[1 : len(groups)-1] {
		if len(g.digits) != size {
			return false
		}
	}
	return size <= 4
}

// digitOf is the value of a digit of any script.
func digitOf(r rune) (byte, bool) {
	if r < 0x80 {
		return byte(r - '0'), r >= '0' && r <= '9'
	}
	if unicode.IsDigit(r) { // their blocks have ten each, from 0 to 9, and some adjoin
		n := rune(0)
		for unicode.IsDigit(r - n - 1) {
			n++
		}
		return byte(n % 10), true
	}
	for _, d := range moreDigits {
		if r >= d.first && r <= d.last {
			return d.value + byte(r-d.first), true
		}
	}
	if i := strings.IndexRune(hanDigits, r); i >= 0 {
		return byte(i / len("一")), true
	}
	return 0, r == '零'
}

const hanDigits = "〇一二三四五六七八九"

// moreDigits are those that Unicode does not count among the decimal ones: raised,
// lowered, circled and the like, and those of scripts without a zero.
var moreDigits = []struct {
	first, last rune
	value       byte // of the first
}{
	{0xb2, 0xb3, 2}, {0xb9, 0xb9, 1}, {0x2070, 0x2070, 0}, {0x2074, 0x2079, 4}, {0x2080, 0x2089, 0},
	{0x24ea, 0x24ea, 0}, {0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24f5, 0x24fd, 1},
	{0x24ff, 0x24ff, 0}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	{0x1f100, 0x1f100, 0}, {0x1f101, 0x1f10a, 0}, {0x1f10b, 0x1f10b, 0}, {0x1f10c, 0x1f10c, 0},
	{0x1369, 0x1371, 1}, {0x19da, 0x19da, 1}, {0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1},
}

var (
	jsonEscapes    = regexp.MustCompile(`(?:\\+u[0-9A-Fa-f]{4})+`)
	addressEscapes = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
)

// unescaped undoes one time of escaping.
func unescaped(text string) string {
	if !strings.ContainsAny(text, `\%&`) {
		return text
	}
	text = jsonEscapes.ReplaceAllStringFunc(text, func(run string) string {
		var units []uint16
		for _, hex := range strings.Split(strings.ReplaceAll(run, `\`, ""), "u")[1:] {
			unit, _ := strconv.ParseUint(hex, 16, 16) // the pattern lets nothing else through
			units = append(units, uint16(unit))
		}
		return string(utf16.Decode(units))
	})
	text = addressEscapes.ReplaceAllStringFunc(text, func(run string) string {
		var b []byte
		for _, hex := range strings.Split(run, "%")[1:] {
			octet, _ := strconv.ParseUint(hex, 16, 8)
			b = append(b, byte(octet))
		}
		return string(b)
	})
	return html.UnescapeString(text)
}

// luhn is the check of ISO/IEC 7812-1, annex B. A row of zeros passes it and is
// nobody's card.
func luhn(number []byte) bool {
	sum, all := 0, 0
	for i := range number {
		d := int(number[len(number)-1-i])
		all += d
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return all > 0 && sum%10 == 0
}
