package nanp_test

import (
	"fmt"
	"testing"

	"demarc/internal/nanp"
)

func TestNumbersAreRead(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]nanp.TN{
		"3032960123": 3032960123, "13032960123": 3032960123, "+13032960123": 3032960123,
		"3035550100": 3035550100, "3035550199": 3035550199, "9709999999": 9709999999, "2002000000": 2002000000,
	} {
		if got, ok := nanp.ParseTN(s); got != want || !ok {
			t.Errorf("%q is %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "+", "+1", "303296012", "30329601234", "+3032960123", "113032960123", "1303296012", "++13032960123", "+1 3032960123",
		"303-296-0123", "(303)2960123", "303296012x", "303 296012", " 3032960123", "3032960123 ", "-032960123", "３032960123",
		"23032960123", // another country
		"1032960123", "0032960123", "9112960123", "4112960123", "2912960123", "3702960123", "3792960123", "9602960123", "9692960123",
		"3031960123", "3030960123", "3039110123", "3034110123", "3039500123", "3039580123", "3039590123", "3039760123",
		"3035550099", "3035550200", "3035551212", "3035559999", "0000000000",
	} {
		if got, ok := nanp.ParseTN(s); got != 0 || ok {
			t.Errorf("%q is %d, %v", s, got, ok)
		}
	}
}

func TestNumbersHaveParts(t *testing.T) {
	t.Parallel()
	n, ok := nanp.FromParts("303", "555", "0142")
	if !ok {
		t.Fatal("303 555 0142 is refused")
	}
	got := fmt.Sprint(n, n.NPA(), n.NXX(), n.Line(), n.Block(), n.Code(), n.E164(), n.Valid(), n.Block().X(), n.Block().First(), n.Block().Code())
	if want := "3035550142 303 555 142 303-555-0 303-555 13035550142 true 0 3035550000 303-555"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for i, want := range []int{0, 3, 0, 3, 5, 5, 5, 0, 1, 4, 2, 0} {
		if got := n.Digit(i); got != want {
			t.Errorf("the digit %d is %d, want %d", i, got, want)
		}
	}
	if got := n.Digit(-1); got != 0 {
		t.Errorf("the digit -1 is %d", got)
	}
	var none nanp.TN
	if none.Valid() || none.String() != "" || none.E164() != 0 {
		t.Errorf("no number is %q, %d, valid: %v", none, none.E164(), none.Valid())
	}
	for _, parts := range [][3]string{{"30", "3555", "0100"}, {"303", "55", "50100"}, {"303", "555", "100"}, {"303", "555", ""}, {"3o3", "555", "0100"}, {"303", "555", "0200"}} {
		if n, ok := nanp.FromParts(parts[0], parts[1], parts[2]); ok || n != 0 {
			t.Errorf("%q is %d", parts, n)
		}
	}
	for _, n := range []nanp.TN{-3035550100, 303555010, 13035550100, 93035550100} {
		if n.Valid() {
			t.Errorf("%d is valid", int64(n))
		}
	}
}

func TestBlocksAreRead(t *testing.T) {
	t.Parallel()
	b, ok := nanp.ParseBlock("303", "296", "7")
	if !ok || b != 3032967 || b.String() != "303-296-7" || b.X() != 7 || b.Code() != nanp.CodeOf(303, 296) || b.First() != 3032967000 || b.Code().Block(7) != b {
		t.Errorf("303-296-7 is %d, %s, %v", int32(b), b, ok)
	}
	if b, ok := nanp.ParseBlock("303", "555", "0"); !ok || b != 3035550 {
		t.Errorf("303-555-0 is %d, %v", int32(b), ok)
	}
	for _, parts := range [][3]string{
		{"303", "555", "1"}, {"303", "555", "9"}, {"303", "976", "0"}, {"303", "196", "0"}, {"911", "296", "0"}, {"293", "296", "0"},
		{"303", "296", ""}, {"303", "296", "10"}, {"303", "296", "x"}, {"30", "3296", "0"}, {"", "", ""},
	} {
		if b, ok := nanp.ParseBlock(parts[0], parts[1], parts[2]); ok || b != 0 {
			t.Errorf("%q is %s", parts, b)
		}
	}
	if nanp.Block(-3032967).Valid() || nanp.Block(303296).Valid() || nanp.Block(30329670).Valid() {
		t.Error("a block that is none is valid")
	}
}

func TestFormsAreCounted(t *testing.T) {
	t.Parallel()
	npas, nxxs := 0, 0
	for n := -1000; n < 2000; n++ {
		if nanp.ValidNPA(n) {
			npas++
		}
		if nanp.ValidNXX(n) {
			nxxs++
		}
	}
	// No N11 is an N9X, and none of either is a 37X or a 96X.
	if npas != 800-8-80-20 {
		t.Errorf("%d area codes", npas)
	}
	if nxxs != 800-8-5 {
		t.Errorf("%d codes", nxxs)
	}
}

func FuzzParseTN(f *testing.F) {
	for _, s := range []string{"3035550100", "+13032960123", "13032960123", "303", "+1", "9112960123", "aaaaaaaaaa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := nanp.ParseTN(s)
		if ok != n.Valid() || ok != (n != 0) {
			t.Fatalf("%q is %d, ok %v, valid %v", s, n, ok, n.Valid())
		}
		if ok {
			roundTrip(t, n)
		}
	})
}

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	valid := 0
	for n := nanp.TN(0); n < 10_000_000_000; n += 99_991 { // a prime, so that every part changes
		if back, ok := nanp.ParseTN(fmt.Sprintf("%010d", int64(n))); ok != n.Valid() || ok && back != n {
			t.Fatalf("%d is read as %d", int64(n), back)
		}
		if n.Valid() {
			valid++
			roundTrip(t, n)
		}
	}
	if valid < 50_000 {
		t.Errorf("no more than %d numbers were valid", valid)
	}
}

// roundTrip takes a valid number apart in every way and puts it together again.
func roundTrip(t *testing.T, n nanp.TN) {
	t.Helper()
	digits := nanp.TN(0)
	for i := 1; i <= 10; i++ {
		digits = digits*10 + nanp.TN(n.Digit(i))
	}
	s := n.String()
	plain, ok1 := nanp.ParseTN(s)
	e164, ok2 := nanp.ParseTN(fmt.Sprint(n.E164()))
	plus, ok3 := nanp.ParseTN(fmt.Sprintf("+%d", n.E164()))
	parts, ok4 := nanp.FromParts(s[:3], s[3:6], s[6:])
	block, ok5 := nanp.ParseBlock(s[:3], s[3:6], s[6:7])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		t.Fatalf("%s is refused", s)
	}
	if plain != n || e164 != n || plus != n || parts != n || digits != n || block != n.Block() || block.First()+n%1000 != n ||
		n.Code() != nanp.CodeOf(n.NPA(), n.NXX()) || block.Code() != n.Code() {
		t.Fatalf("%s is %s, %s, %s, %s, %s in %s", s, plain, e164, plus, parts, digits, block)
	}
}
