package postal

import (
	_ "embed" // the known addresses
	"iter"
	"slices"
	"strconv"
)

//go:embed data/us_addresses.csv
var addressFile string

// DataSetVersion names what DataSet yields. A test computes it; whoever changes the
// addresses, or how they are read, puts the new one here, and every database loads
// the set once more.
const DataSetVersion = "a0ac7d09a70e"

// DataSet yields the addresses of data/, each in canonical form and none twice. A
// building of which the source knows one unit gets a few more, made up after the
// pattern of the one.
func DataSet() iter.Seq[Address] {
	return func(yield func(Address) bool) {
		for r := range records(addressFile) {
			a, bad := Parse(Input{
				StreetNumber: r[3], StreetName: joined(r[4], r[5], r[6], r[7]), Unit: joined(r[8], r[9]),
				City: r[1], State: r[0], ZIP: r[2],
			})
			if bad != 0 {
				continue
			}
			for _, unit := range siblings(a.Unit) {
				a.Unit = unit
				if !yield(a) {
					return
				}
			}
		}
	}
}

// siblings are the units of a building in which there is this one, and no more than
// itself for one that has no pattern.
func siblings(unit string) []string {
	list := []string{unit}
	add := func(prefix string, n int, suffix string) {
		if n > 0 {
			if u := prefix + strconv.Itoa(n) + suffix; u != unit {
				list = append(list, u)
			}
		}
	}
	n := len(unit)
	switch {
	case n == 0 || n > 5:
	case digits(unit):
		at, _ := strconv.Atoi(unit)
		if at < 100 {
			for i := range 4 {
				add("", max(at-2, 1)+i, "")
			}
			break
		}
		for _, floor := range []int{at / 100, at/100 + 1} { // 204: 201 to 203, 301 to 303
			for door := 1; door <= 3; door++ {
				add("", floor*100+door, "")
			}
		}
	case n == 1:
		for _, u := range []string{"A", "B", "C", "D"} {
			if u != unit {
				list = append(list, u)
			}
		}
	case digits(unit[:n-1]): // 3B
		at, _ := strconv.Atoi(unit[:n-1])
		for i := -1; i <= 1; i++ {
			add("", at+i, "A")
			add("", at+i, "B")
		}
	case isLetter(unit[0]) && digits(unit[1:]): // C27
		at, _ := strconv.Atoi(unit[1:])
		for i := -2; i <= 2; i++ {
			add(unit[:1], at+i, "")
		}
	}
	return slices.Compact(list)
}
