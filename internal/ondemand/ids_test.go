package ondemand

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestServiceIdsFollowTheDocumentedOne(t *testing.T) {
	for n, want := range map[int64]string{0: "77133831779", 1: "77133831780", 1_000_000: "77134831779", -1: "77133831778"} {
		if got := ServiceID(n); got != want {
			t.Errorf("ServiceID(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestAQuoteHasOneName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n")
		id := QuoteID(n)
		if got, ok := ParseQuoteID(id); !ok || got != n || id != "NaaS-"+strconv.FormatInt(n, 10) {
			t.Errorf("%s is read as %d, %v", id, got, ok)
		}
	})
	for _, id := range []string{
		"", "NaaS", "NaaS-", "1466", "naas-1466", "NaaS-01466", "NaaS--1", "NaaS-+1", "NaaS- 1", "NaaS-1 ", " NaaS-1", "NaaS-1_0",
		"NaaS-1e3", "NaaS-٣", "NaaS-9223372036854775808", "NaaS-" + strings.Repeat("9", 1000), "NaaS-NaaS-1",
	} {
		if n, ok := ParseQuoteID(id); ok {
			t.Errorf("%.40q is read as %d", id, n)
		}
	}
}

func FuzzParseQuoteID(f *testing.F) {
	for _, s := range []string{"NaaS-1466", "NaaS-0", "NaaS-00", "NaaS--1", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if n, ok := ParseQuoteID(in); ok && (n < 0 || QuoteID(n) != in) {
			t.Errorf("%q is read as %d", in, n)
		}
	})
}

func TestOrderIdsComeFromTheSeedAloneAndLookLikeUUIDs(t *testing.T) {
	// Pinned: an old world keeps its ids in every later version of the program.
	if got, want := OrderID(42, 1), "3cc18d31-3112-8579-bd96-d72e595bf05e"; got != want {
		t.Errorf("OrderID(42, 1) = %s, want %s", got, want)
	}
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for _, seed := range []uint64{0, 1, 42, math.MaxUint64} {
		for n := range int64(1000) {
			id := OrderID(seed, n)
			if !shape.MatchString(id) || seen[id] || id != OrderID(seed, n) {
				t.Fatalf("OrderID(%d, %d) = %s", seed, n, id)
			}
			seen[id] = true
		}
	}
}

func TestOrdersThatFollowEachOtherLieSideBySideInAnIndex(t *testing.T) {
	for n := range int64(10_000) {
		if a, b := OrderID(42, n), OrderID(42, n+1); a >= b {
			t.Fatalf("order %d is %s, the next one %s", n, a, b)
		}
	}
}

func BenchmarkOrderID(b *testing.B) {
	b.ReportAllocs()
	var n int64
	for b.Loop() {
		n++
		if OrderID(42, n) == "" {
			b.Fatal("no id")
		}
	}
}
