package marketplace

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// The numbers that card schemes publish for tests, and numbers made up for the
// lengths that no scheme issues at present.
var testCards = []string{
	"4222222222222",       // Visa of 13
	"30569309025904",      // Diners Club
	"38520000023237",      // Diners Club
	"36148900647913",      // Diners Club
	"378282246310005",     // American Express
	"371449635398431",     // American Express
	"343434343434343",     // American Express
	"135412345678911",     // UATP
	"4111111111111111",    // Visa
	"4242424242424242",    // Visa
	"4000056655665556",    // Visa, debit
	"5555555555554444",    // Mastercard
	"2223003122003222",    // Mastercard, its second range
	"6011111111111117",    // Discover
	"3530111333300000",    // JCB
	"6200000000000005",    // UnionPay
	"6759649826438453",    // Maestro
	"2200000000000004",    // Mir
	"50339619890917",      // Maestro
	"676777000000000008",  // Maestro of 18
	"6304000000000000000", // Laser
	"6205500000000000004", // UnionPay of 19
}

// withCheckDigit makes a number pass.
func withCheckDigit(number string) string {
	for d := '0'; d <= '9'; d++ {
		if passes(number + string(d)) {
			return number + string(d)
		}
	}
	return ""
}

// passes is the check written down in another way than the code has it.
func passes(number string) bool {
	double := []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}
	sum := 0
	for i, c := range number {
		if d := int(c - '0'); (len(number)-i)%2 == 0 {
			sum += double[d]
		} else {
			sum += d
		}
	}
	return sum%10 == 0
}

// parted puts a separator after each group; the last size is repeated.
func parted(number, separator string, sizes ...int) string {
	var groups []string
	for i := 0; number != ""; i++ {
		n := min(sizes[min(i, len(sizes)-1)], len(number))
		groups = append(groups, number[:n])
		number = number[n:]
	}
	return strings.Join(groups, separator)
}

// inScript writes the digits with others, of which zero is the first.
func inScript(number string, zero rune) string {
	return strings.Map(func(r rune) rune { return zero + r - '0' }, number)
}

func each(number string, write func(r rune) string) string {
	var b strings.Builder
	for _, r := range number {
		b.WriteString(write(r))
	}
	return b.String()
}

func fullWidth(r rune) rune {
	if r >= '0' && r <= '9' {
		return '０' + r - '0'
	}
	return r
}

func TestCardNumbersAreKnownInEveryNotation(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for _, card := range testCards {
		seen[len(card)] = true
		if !passes(card) {
			t.Errorf("%s is no good example: it fails the check", card)
		}
		notations := map[string]string{
			"plain":                        card,
			"in spaces":                    "  " + card + "\n",
			"in a sentence":                "my card is " + card + ", thanks",
			"glued to letters":             "Visa" + card + "exp",
			"with its expiry date":         card + " 12/27",
			"with its expiry date glued":   "12/27/" + card,
			"with date and code":           parted(card, " ", 4) + " 0327 123",
			"with a code before":           "123 " + parted(card, " ", 4),
			"after a phone number":         "303-555-0100, " + card,
			"after a phone in spaces":      "303 555 0100 " + parted(card, " ", 4),
			"track data":                   "%B" + card + "^DOE/J^2712101123400000000000?",
			"second track":                 ";" + card + "=271210112340000?",
			"spaces":                       parted(card, " ", 4),
			"dashes":                       parted(card, "-", 4),
			"dots":                         parted(card, ".", 4),
			"underscores":                  parted(card, "_", 4),
			"4-6-5":                        parted(card, " ", 4, 6, 5),
			"any groups":                   parted(card, " ", 1, 5, 2, 3),
			"any groups in dashes":         "card " + parted(card, " - ", 7, 2, 3),
			"slashes":                      parted(card, "/", 4),
			"any groups in slashes":        parted(card, "/", 4, 8),
			"any groups in commas":         parted(card, ",", 6, 3),
			"commas":                       parted(card, ",", 4),
			"colons":                       parted(card, ":", 4),
			"thousands":                    parted(card, ",", 1+(len(card)-1)%3, 3),
			"brackets":                     "(" + parted(card, ")(", 4) + ")",
			"letters":                      parted(card, "x", 4),
			"words":                        parted(card, " and ", 4),
			"stars":                        parted(card, "*", 1),
			"one digit after the other":    parted(card, " ", 1),
			"one digit, then a letter":     parted(card, "o", 1),
			"pluses":                       parted(card, "+", 4),
			"quotes":                       `["` + parted(card, `", "`, 4) + `"]`,
			"tabs and newlines":            parted(card, "\t\r\n", 4),
			"non-breaking spaces":          parted(card, "\u00a0", 3, 5),
			"thin spaces":                  parted(card, "\u2009", 3, 5),
			"ideographic spaces":           parted(card, "\u3000", 3, 5),
			"zero width spaces":            parted(card, "\u200b", 1, 5),
			"zero width joiners":           parted(card, "\u200d", 1, 5),
			"word joiners":                 parted(card, "\u2060", 1, 5),
			"soft hyphens":                 parted(card, "\u00ad", 1, 5),
			"byte order marks":             parted(card, "\ufeff", 1, 5),
			"bidirectional marks":          parted(card, "\u202e", 1, 5),
			"control characters":           parted(card, "\x00", 1, 5),
			"combining marks":              parted(card, "\u0336", 1),
			"en dashes":                    parted(card, "\u2013", 4),
			"minus signs":                  parted(card, "\u2212", 3, 5),
			"full-width dashes":            parted(card, "\uff0d", 3, 5),
			"bullets":                      parted(card, "\u2022", 3, 5),
			"other spaces each time":       parted(parted(card, " ", 4), "\u2003", 5),
			"keycaps":                      parted(card, "\ufe0f\u20e3", 1) + "\ufe0f\u20e3",
			"full-width digits":            inScript(card, '０'),
			"full-width digits in groups":  each(parted(card, "\u3000", 4), func(r rune) string { return string(fullWidth(r)) }),
			"Arabic digits":                inScript(card, '\u0660'),
			"Persian digits":               inScript(card, '\u06f0'),
			"Devanagari digits":            inScript(card, '\u0966'),
			"Thai digits":                  inScript(card, '\u0e50'),
			"bold mathematical digits":     inScript(card, '\U0001d7ce'),
			"monospace digits":             inScript(card, '\U0001d7f6'),
			"raised digits":                each(card, func(r rune) string { return string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0']) }),
			"lowered digits":               inScript(card, '\u2080'),
			"circled digits":               each(card, func(r rune) string { return string([]rune("⓪①②③④⑤⑥⑦⑧⑨")[r-'0']) }),
			"Han digits":                   each(card, func(r rune) string { return string([]rune("〇一二三四五六七八九")[r-'0']) }),
			"Han digits with another zero": each(card, func(r rune) string { return string([]rune("零一二三四五六七八九")[r-'0']) }),
			"two scripts":                  card[:5] + inScript(card[5:], '\u0660'),
			"JSON escapes":                 each(card, func(r rune) string { return fmt.Sprintf(`\u%04x`, r) }),
			"JSON escapes, capitals":       each(card, func(r rune) string { return fmt.Sprintf(`\u%04X`, r+'０'-'0') }),
			"some JSON escapes":            card[:3] + fmt.Sprintf(`\u%04x`, card[3]) + card[4:],
			"JSON escapes, twice":          each(card, func(r rune) string { return fmt.Sprintf(`\\u%04x`, r) }),
			"JSON escapes, in pairs":       each(card, func(r rune) string { return fmt.Sprintf(`\ud835\u%04x`, 0xdfce+r-'0') }),
			"JSON spaces":                  parted(card, `\u00a0`, 3, 5),
			"JSON newlines":                parted(card, `\n`, 4),
			"address escapes":              each(card, func(r rune) string { return fmt.Sprintf(`%%%02X`, r) }),
			"address spaces":               parted(card, `%20`, 4),
			"address spaces, any groups":   parted(card, `%20`, 3, 5),
			"address no-break spaces":      parted(card, `%c2%a0`, 3, 5),
			"address escapes, twice":       each(card, func(r rune) string { return fmt.Sprintf(`%%25%02x`, r) }),
			"HTML escapes":                 each(card, func(r rune) string { return fmt.Sprintf(`&#%d;`, r) }),
			"HTML escapes, sixteens":       each(card, func(r rune) string { return fmt.Sprintf(`&#x%x;`, r) }),
			"HTML spaces":                  parted(card, `&nbsp;`, 3, 5),
			"HTML escapes in JSON":         each(card, func(r rune) string { return fmt.Sprintf(`\u0026#%d;`, r) }),
			"a JSON number":                `{"name":` + card + `}`,
			"a JSON text":                  `{"name":"` + parted(card, " ", 4) + `","email":"a@example.com"}`,
			"filled up with zeros":         fmt.Sprintf("%024s", card),
			"after bytes that are no text": "\xff\xfe" + parted(card, "\xff", 4),
			"twice":                        card + card[:1] + " " + card,
		}
		for why, text := range notations {
			if !HoldsCardNumber(text) {
				t.Errorf("%s: %q passes", why, text)
			}
		}
	}
	// American Express and Diners Club print three groups.
	for _, text := range []string{"no. 3782/822463/10005 it is", "3056+930902+5904"} {
		if !HoldsCardNumber(text) {
			t.Errorf("%q passes", text)
		}
	}
	for _, n := range []int{13, 14, 15, 16, 18, 19} {
		if !seen[n] {
			t.Errorf("no card of %d digits was tried", n)
		}
	}
	if seventeen := withCheckDigit("5018000000000001"); !HoldsCardNumber(seventeen) {
		t.Errorf("%s passes", seventeen)
	}
}

// What is no card number must not be taken for one by chance either, so each of these
// is tried with thousands of digits.
func TestWhatIsNoCardNumberPassesWhateverItsDigitsAre(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, shape := range []string{
		"###-555-01##", "(###) 555-01##", "+1 ### 555 01##", "1-###-555-01##", "+1 (###) 555-01##",
		"###-555-01## ext. ####", "###-555-01## x####", "(###) 555-01## #####", "+1 (###) 555-01## #####", "###.555.01##;ext=####",
		"###-555-01## / ###-555-01##", "###-555-01##, ###-555-01##", "(###) 555-01##, (###) 555-01##", "###55501##/###55501##",
		"+1 ### 555 01## or +1 ### 555 01##",
		"+44 20 79## ####", "+44 (0)20 79## ####", "+49 151 ########", "+86 1## #### ####", "+861##########", "+55 11 9#### ####",
		"+86 1## #### ####; +86 1## #### ####",
		"800##", "800##-####", "#### California Street", "#### E. ##th Ave., Apt. ###", "Suite ###, #### #th Street, Denver, CO 800##-####",
		"P.O. Box #####", "####-## Main Street", "##-## ###th Street",
		"############", "#### #### ####", "1###########", "1###################", "buyer####@example.com", "user############",
		"20##-0#-1#", "20##-0#-1#T1#:2#:3#Z", "20##-0#-1#T1#:2#:3#.######+00:00", "20##-0#-1# 1#:2#:3#", "20##-0#-1# 1#:2#:3#.###", "1#/1#/20##",
		"20##-0#-1# to 20##-0#-1#",
		"##.##.##.##", "SKU-######-####", "a-############", `{"status":400,"code":40####,"id":############}`,
		"ab##-cd##-##ef-#a#b-############",
		`{"at":"20##-0#-1#T1#:2#:3#Z","code":4####}`,
	} {
		for range 2000 {
			text := each(shape, func(r rune) string {
				if r == '#' {
					return string('0' + rune(rnd.IntN(10)))
				}
				return string(r)
			})
			if HoldsCardNumber(text) {
				t.Errorf("%s: %q is refused", shape, text)
				break
			}
		}
	}
	for _, text := range []string{
		"", " ", "-", "\x00", "\xff", "0", "0000000000000", "0000 0000 0000 0000", "0000000000000000000", "000000000000000000000000",
		"4111111111111112", "4111 1111 1111 1112", "4111-1111-1111-111", "411111111111", "+8613812345678",
		"hunter2", "correct horse battery staple", "four one two three", `\u`, `\u00`, "%", "%4", "&#;", "&#99999999999;", `\ud835`,
	} {
		if HoldsCardNumber(text) {
			t.Errorf("%q is refused", text)
		}
	}
}

// A provider's answer may be long, and made to take long; were the time more than
// proportional, this would take minutes.
func TestLongTextsAreReadInGoodTime(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	for _, part := range []string{"0", "0 ", "1 ", "1x", "00000000000000000000 ", " ", "日", `\`, "%31", "%25", `\\u0030 `, "&amp;", "&#48;", "+"} {
		text := strings.Repeat(part, size/len(part))
		HoldsCardNumber(text)
		if !HoldsCardNumber(text + " card 4111 1111 1111 1111") {
			t.Errorf("after many of %q a number passes", part)
		}
	}
}

func TestNumbersOfOtherLengthsAndThoseThatFailTheCheckPass(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[1-9][0-9]{0,30}`).Draw(t, "number")
		separator := rapid.SampledFrom([]string{"", " ", "-", ","}).Draw(t, "separator")
		// One number alone: no part of it is one.
		if n := len(number); separator == "" && HoldsCardNumber(number) != (n >= 13 && n <= 19 && passes(number)) {
			t.Errorf("%s: %v", number, HoldsCardNumber(number))
		}
		if text := parted(number, separator, 5); len(number) < 13 && HoldsCardNumber(text) {
			t.Errorf("%q is refused", text)
		}
	})
}

// Each digit of every script has its own value.
func TestDigitsOfEveryScriptAreRead(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		v, ok := digitOf(r)
		if v > 9 || unicode.IsDigit(r) && !ok {
			t.Errorf("%U is read as %d, %v", r, v, ok)
		}
	}
	for text, want := range map[string]byte{"〇零⓪⓿０٠०𝟎𝟘𝟬𝟶⁰₀🄀🄁🄋🄌": 0, "一①⑴⒈⓵❶➀➊１١¹₁🄂፩": 1, "二²２": 2, "三³": 3, "九⑨⑼⒐⓽❾➈➒９٩९𝟗𝟡𝟵𝟿⁹₉🄊፱": 9} {
		for _, r := range text {
			if v, ok := digitOf(r); !ok || v != want {
				t.Errorf("%c is read as %d, %v; want %d", r, v, ok, want)
			}
		}
	}
	for _, r := range "aZ½Ⅷ十百⑩⒑❿/:\u00a0" {
		if v, ok := digitOf(r); ok {
			t.Errorf("%c is read as %d", r, v)
		}
	}
}

// Separators that may stand anywhere within a number, and those that may when there
// is nothing else.
var (
	fuzzWithin = []string{"", "", "", " ", "-", ".", "_", "  ", " - ", "\u00a0", "\u2009", "\u200b", "\u2011", "\u2013", "\u3000", "\n", "\t", "\u00ad", "·"}
	fuzzAlone  = append([]string{",", "/", ";", "*", "|", "=", "~", "'", `"`, "\\", "@", "€"}, fuzzWithin...)
)

// Any number that passes is found, whatever separators it has, and no text panics.
func FuzzHoldsCardNumber(f *testing.F) {
	f.Add("4111111111111111", uint64(1), "my card is ", " 12/27")
	f.Add("30569309025904", uint64(2), `{"a":"\u0034`, "%34&#52;")
	f.Add("1", uint64(3), "\xff\xf0\x9f", "\u0336")
	f.Fuzz(func(t *testing.T, digits string, seed uint64, before, after string) {
		HoldsCardNumber(before + digits + after)
		number := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, digits)
		number = number[:min(len(number), cardLongest-1)]
		number = withCheckDigit(strings.Repeat("4", max(0, cardShortest-1-len(number))) + number)
		if strings.Trim(number, "0") == "" {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		spread := func(separators []string) string {
			var b strings.Builder
			for i, r := range number {
				if i > 0 {
					b.WriteString(separators[rnd.IntN(len(separators))])
				}
				b.WriteRune(r)
			}
			return b.String()
		}
		for _, text := range []string{
			spread(fuzzAlone), html.EscapeString(spread(fuzzAlone)), "card " + spread(fuzzWithin) + " of mine", before + " , card: " + spread(fuzzWithin) + " ; " + after,
		} {
			if !HoldsCardNumber(text) {
				t.Fatalf("%q passes", text)
			}
		}
	})
}
