package postalsql

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"demarc/internal/postal"
)

// streetID is the id of the street an address is on. It never leaves the database.
func streetID(a postal.Address) int64 {
	sum := sha256.Sum256([]byte(a.StreetKey()))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// keyLetters is how many letters of a name are a key: few enough that one slip in a
// name of six letters or more leaves the key at one of its ends whole, and enough
// that not many names of a ZIP code share one.
const keyLetters = 3

// keys are the first and last letters of a street's name, its words sorted so that
// their order does not matter.
func keys(name string) (head, tail string) {
	return ends(sortedWords(name))
}

func sortedWords(name string) []string {
	list := strings.Fields(name)
	slices.Sort(list)
	return list
}

func ends(list []string) (head, tail string) {
	s := strings.Join(list, "")
	n := min(len(s), keyLetters)
	return s[:n], s[len(s)-n:]
}

// askedKeys are the keys under which a street that somebody wrote may be found. What
// was read as a suffix may belong to the name, and a word with a wrong first letter
// may be sorted to another place, so each word is taken for the first and the last.
func askedKeys(q postal.Address) (heads, tails []string) {
	for _, name := range q.StreetNames() {
		list := sortedWords(name)
		for i := range list {
			head, tail := ends(slices.Concat(list[i:], list[:i]))
			heads, tails = append(heads, head), append(tails, tail)
		}
	}
	slices.Sort(heads)
	slices.Sort(tails)
	return slices.Compact(heads), slices.Compact(tails)
}

// zipsNear are a ZIP code and all that one slip makes of it: another digit, or two
// neighbours swapped.
func zipsNear(zip string) []string {
	list := []string{zip}
	for i := range len(zip) {
		for c := byte('0'); c <= '9'; c++ {
			if c != zip[i] {
				list = append(list, zip[:i]+string(c)+zip[i+1:])
			}
		}
		if i > 0 && zip[i] != zip[i-1] {
			list = append(list, zip[:i-1]+zip[i:i+1]+zip[i-1:i]+zip[i+1:])
		}
	}
	return list
}

// numbersNear are the numbers that one slip makes of a house number.
func numbersNear(number int64) []int64 {
	var list []int64
	s := []byte(decimal(number))
	add := func(parts ...[]byte) {
		var n int64
		for _, p := range parts {
			for _, c := range p {
				n = n*10 + int64(c-'0')
			}
		}
		if n != number {
			list = append(list, n)
		}
	}
	if number <= 0 || len(s) > 9 {
		return nil
	}
	for i := range len(s) + 1 {
		for c := byte('0'); c <= '9'; c++ {
			add(s[:i], []byte{c}, s[i:])
			if i < len(s) {
				add(s[:i], []byte{c}, s[i+1:])
			}
		}
		if i < len(s) && len(s) > 1 {
			add(s[:i], s[i+1:])
		}
		if i > 0 && i < len(s) {
			add(s[:i-1], s[i:i+1], s[i-1:i], s[i+1:])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
