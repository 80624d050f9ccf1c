package bench

import (
	"math/rand/v2"
	"strings"

	"demarc/internal/postal"
)

// misspelling is an address as somebody wrote it, who meant another.
type misspelling struct {
	kind  string
	in    postal.Input
	meant string // its addressDetailId
}

// written is an address as it is written without a mistake.
func written(a postal.Address) postal.Input {
	return postal.Input{StreetAddress: a.Line(), City: a.City, State: a.State, ZIP: a.ZIP}
}

// slip is a kind of mistake. It answers false about an address in which it cannot be
// made.
type slip struct {
	kind string
	make func(r *rand.Rand, a postal.Address) (postal.Input, bool)
}

// slips are the mistakes, each as frequent as any other. Letters are mistaken in the
// name of the street.
var slips = []slip{
	{"wrong letter", wrongLetter},
	{"swapped letters", inName(func(_ *rand.Rand, s string, i int) string { return swapped(s, max(i, 1)) })},
	{"missing letter", inName(func(_ *rand.Rand, s string, i int) string { return s[:i] + s[i+1:] })},
	{"extra letter", inName(func(r *rand.Rand, s string, i int) string { return s[:i] + letter(r) + s[i:] })},
	{"missing suffix", func(_ *rand.Rand, a postal.Address) (postal.Input, bool) {
		has := a.Suffix != ""
		a.Suffix = ""
		return written(a), has
	}},
	{"missing directional", func(_ *rand.Rand, a postal.Address) (postal.Input, bool) {
		has := a.Predir != ""
		a.Predir = ""
		return written(a), has
	}},
	{"swapped words", func(_ *rand.Rand, a postal.Address) (postal.Input, bool) {
		first, second, two := strings.Cut(a.Street, " ")
		a.Street = second + " " + first
		return written(a), two
	}},
	{"wrong ZIP digit", func(r *rand.Rand, a postal.Address) (postal.Input, bool) {
		a.ZIP = wrongDigit(r, a.ZIP)
		return written(a), true
	}},
	{"swapped ZIP digits", func(r *rand.Rand, a postal.Address) (postal.Input, bool) {
		zip := swapped(a.ZIP, 1+r.IntN(len(a.ZIP)-1))
		changed := zip != a.ZIP
		a.ZIP = zip
		return written(a), changed
	}},
	{"another city", func(_ *rand.Rand, a postal.Address) (postal.Input, bool) {
		a.City = "LOWER NOWHERE"
		return written(a), true
	}},
	{"missing digit", func(r *rand.Rand, a postal.Address) (postal.Input, bool) {
		i := r.IntN(len(a.Number))
		a.Number = a.Number[:i] + a.Number[i+1:]
		return written(a), len(a.Number) > 1 && a.Number[0] != '0'
	}},
	{"letter and ZIP digit", func(r *rand.Rand, a postal.Address) (postal.Input, bool) {
		a.ZIP = wrongDigit(r, a.ZIP)
		return wrongLetter(r, a)
	}},
}

var wrongLetter = inName(func(r *rand.Rand, s string, i int) string { return s[:i] + letter(r) + s[i+1:] })

// inName makes a mistake at a letter of the street's name.
func inName(change func(r *rand.Rand, name string, i int) string) func(*rand.Rand, postal.Address) (postal.Input, bool) {
	return func(r *rand.Rand, a postal.Address) (postal.Input, bool) {
		name := a.Street
		i := r.IntN(len(name))
		a.Street = change(r, name, i)
		return written(a), len(name) > 4 && name[i] != ' ' && a.Street != name && !strings.HasPrefix(a.Street, " ")
	}
}

func letter(r *rand.Rand) string { return string(rune('A' + r.IntN(26))) }

// swapped changes a text's i-th byte with the one before it.
func swapped(s string, i int) string { return s[:i-1] + s[i:i+1] + s[i-1:i] + s[i+1:] }

func wrongDigit(r *rand.Rand, s string) string {
	i := r.IntN(len(s))
	return s[:i] + string('0'+(s[i]-'0'+byte(1+r.IntN(9)))%10) + s[i+1:]
}

// misspell makes a mistake of the kind in one of the first n synthetic addresses.
func misspell(r *rand.Rand, n int, s slip) misspelling {
	for {
		a := postal.Synthetic(r.Int64N(int64(n)))
		if in, ok := s.make(r, a); ok {
			return misspelling{s.kind, in, a.ID()}
		}
	}
}
