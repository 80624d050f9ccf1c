package postal

// widest is how much of a word is compared; names of streets are shorter.
const widest = 48

// distance is how many slips of a pen lie between two words: letters left out, put
// in, put in place of another, or swapped with their neighbour (Damerau's distance,
// in which no letter is touched twice).
func distance(a, b string) int {
	// What they begin and end with alike is no part of the difference.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	a, b = a[:min(len(a), widest)], b[:min(len(b), widest)]
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	var rows [3][widest + 1]uint8 // of the table: two rows back, one back, this
	before, last, this := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		this[0] = uint8(i)
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, this[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			this[j] = d
		}
		before, last, this = last, this, before
	}
	return int(last[len(b)])
}

// alike is 1 for equal words and 0 for words that have nothing in common.
func alike(a, b string) float64 {
	if a == b {
		return 1
	}
	longer := min(max(len(a), len(b)), widest)
	return 1 - float64(min(distance(a, b), longer))/float64(longer)
}
