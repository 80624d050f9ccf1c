package nanp

import (
	"fmt"
	"strings"
)

// TN is a telephone number, its ten digits read as one number: 3035550100. The zero
// is no number.
type TN int64

// Block is a block of a thousand numbers, by the seven digits that they share.
type Block int32

// Code is a central office code, by the six digits of NPA and NXX.
type Code int32

// fictional is the NXX that belongs to no carrier. Its lines 0100 to 0199 are kept
// for numbers that must never ring.
const fictional = 555

const firstFictional, lastFictional = 100, 199

// ValidNPA says whether an area code can have this form: the first digit is neither
// 0 nor 1, the second is no 9 (kept for longer numbers), the last two are not 11
// (services such as 911), and the first two are neither 37 nor 96 (kept in reserve).
func ValidNPA(n int) bool {
	return n >= 200 && n <= 999 && n%100 != 11 && n/10%10 != 9 && n/10 != 37 && n/10 != 96
}

// ValidNXX says whether a code can be given to a carrier: the first digit is neither
// 0 nor 1, the last two are not 11, and it is none of those that mean something else
// (555 directory and fiction, 950 carrier access, 958 and 959 tests, 976 paid
// services).
func ValidNXX(n int) bool {
	switch n {
	case fictional, 950, 958, 959, 976:
		return false
	}
	return n >= 200 && n <= 999 && n%100 != 11
}

// ParseTN reads ten digits, or eleven that begin with the country code 1, with or
// without a plus sign before them. Anything else, and what is not Valid, is refused.
func ParseTN(s string) (TN, bool) {
	if rest, plus := strings.CutPrefix(s, "+"); plus {
		if len(rest) != 11 {
			return 0, false
		}
		s = rest
	}
	if len(s) == 11 && s[0] == '1' {
		s = s[1:]
	}
	n, ok := number(s, 10)
	if t := TN(n); ok && t.Valid() {
		return t, true
	}
	return 0, false
}

// FromParts puts a number together: "303", "555", "0100". It refuses what ParseTN
// refuses.
func FromParts(npa, nxx, line string) (TN, bool) {
	if len(npa) != 3 || len(nxx) != 3 {
		return 0, false
	}
	n, ok := number(npa+nxx+line, 10)
	if t := TN(n); ok && t.Valid() {
		return t, true
	}
	return 0, false
}

// number reads a run of so many digits.
func number(s string, length int) (int64, bool) {
	if len(s) != length {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

// Valid says whether the number can exist: its NPA and NXX have a valid form, or its
// NXX is 555 and its line is one of those for fiction.
func (t TN) Valid() bool {
	if t < 0 || t > 9_999_999_999 || !ValidNPA(t.NPA()) {
		return false
	}
	if t.NXX() == fictional {
		return t.Line() >= firstFictional && t.Line() <= lastFictional
	}
	return ValidNXX(t.NXX())
}

// NPA is the area code.
func (t TN) NPA() int { return int(t / 1e7) }

// NXX is the three digits behind the area code.
func (t TN) NXX() int { return int(t / 1e4 % 1000) }

// Line is the last four digits.
func (t TN) Line() int { return int(t % 1e4) }

// Block is the thousands-block the number is in.
func (t TN) Block() Block { return Block(t / 1000) }

// Code is the central office code the number is in.
func (t TN) Code() Code { return Code(t / 1e4) }

// String is the ten digits, or nothing for no number.
func (t TN) String() string {
	if t == 0 {
		return ""
	}
	return fmt.Sprintf("%010d", int64(t))
}

// E164 is the number with its country code: 13035550100. It is 0 for no number.
func (t TN) E164() int64 {
	if t == 0 {
		return 0
	}
	return 1e10 + int64(t)
}

// Digit is one of the ten digits; the first, on the left, is 1. It is 0 for a place
// that there is not.
func (t TN) Digit(i int) int {
	if i < 1 || i > 10 {
		return 0
	}
	n := int64(t)
	for range 10 - i {
		n /= 10
	}
	return int(n % 10)
}

// ParseBlock puts a block together: "303", "555", "0". It refuses blocks in which
// there can be no valid number; of NXX 555 there is only the block 0.
func ParseBlock(npa, nxx, x string) (Block, bool) {
	if len(npa) != 3 || len(nxx) != 3 {
		return 0, false
	}
	n, ok := number(npa+nxx+x, 7)
	if b := Block(n); ok && b.Valid() {
		return b, true
	}
	return 0, false
}

// Valid says whether there can be a valid number in the block.
func (b Block) Valid() bool { return b >= 0 && (b.First() + firstFictional).Valid() }

// First is the first number of the block, its line X000.
func (b Block) First() TN { return TN(b) * 1000 }

// Code is the central office code the block is in.
func (b Block) Code() Code { return Code(b / 10) }

// X is the digit that tells the blocks of a code apart.
func (b Block) X() int { return int(b % 10) }

// String is 303-555-0.
func (b Block) String() string { return fmt.Sprintf("%s-%d", b.Code(), b.X()) }

// CodeOf puts a code together. It does not look whether one like that can exist.
func CodeOf(npa, nxx int) Code { return Code(npa*1000 + nxx) }

// NPA is the area code.
func (c Code) NPA() int { return int(c / 1000) }

// NXX is the three digits behind the area code.
func (c Code) NXX() int { return int(c % 1000) }

// Block is one of the code's ten thousands-blocks.
func (c Code) Block(x int) Block { return Block(c)*10 + Block(x) }

// String is 303-555.
func (c Code) String() string { return fmt.Sprintf("%03d-%03d", c.NPA(), c.NXX()) }
