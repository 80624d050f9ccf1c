package marketplace

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCountsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Count{
		"0": 0, "0.0": 0, "0.000000": 0, "00": 0, "1": 1_000_000, "12": 12_000_000, "012": 12_000_000, "1.5": 1_500_000, "1.50": 1_500_000,
		"0.000001": 1, "0.1": 100_000, "999999999.999999": MaxCount - 1, "1000000000": MaxCount, "1000000000.000000": MaxCount, "0000000001": 1_000_000,
		"1e0": 1_000_000, "1e3": 1_000_000_000, "1E3": 1_000_000_000, "1E+3": 1_000_000_000, "1.5e3": 1_500_000_000, "1500e-3": 1_500_000, "1e-6": 1,
		"1.0E9": MaxCount, "1.2345678E7": 12_345_678_000_000, "10e-7": 1, "0e30": 0, "0.0e-30": 0, "1e09": MaxCount, "0.0000001e1": 1,
	} {
		if got, ok := ParseCount(text); !ok || got != want {
			t.Errorf("%q is read as %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestWhatIsNoCountIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", ".", "-", "-1", "-0", "-0.5", "+1", "1.", ".5", "1..2", "1.2.3", "1,5", "1,000", "1 000", " 1", "1 ", "1\n", "1_000", "0x10", "1/2",
		"1000000000.000001", "1000000001", "9999999999", "10000000000", "00000000001", "9223372036854775807", "9223372036854775808", strings.Repeat("9", 5000),
		"0.0000001", "1.0000001", "1.1234567", "0." + strings.Repeat("0", 5000) + "1",
		"e", "e3", "1e", "1e+", "1e-", "1ee3", "1e3e3", "1e3.5", "1.e3", ".1e3", "1e 3", "-1e3", "1e10", "1e30", "1e31", "1e-7", "1e-31", "1.5e-6",
		"1e999999999", "1e-999999999", "1e99999999999999999999", strings.Repeat("1", 40) + "e-30",
		"NaN", "Infinity", "inf", "null", "true", "one", "１", "٣", "1\x00", "\xff", "1٫5",
	} {
		if got, ok := ParseCount(text); ok {
			t.Errorf("%.40q is read as %s", text, got)
		}
	}
}

// exact is a number as arithmetic has it.
func exact(t interface{ Fatalf(string, ...any) }, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func anyCount(most Count) *rapid.Generator[Count] {
	return rapid.Map(rapid.Int64Range(0, int64(most)), func(n int64) Count { return Count(n) })
}

func TestACountIsWrittenInOneWayAndReadBack(t *testing.T) {
	t.Parallel()
	for c, want := range map[Count]string{0: "0", 1: "0.000001", 100_000: "0.1", 1_000_000: "1", 1_500_000: "1.5", 10_000_000: "10", MaxCount: "1000000000",
		MaxCount - 1: "999999999.999999", MaxTotal: "9000000000"} {
		if got := c.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(c), got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCount(MaxCount).Draw(t, "count")
		text := c.String()
		if got, ok := ParseCount(text); !ok || got != c {
			t.Errorf("%s is read as %d, %v", text, got, ok)
		}
		body, err := json.Marshal(struct{ Total Count }{c})
		var back struct{ Total json.Number }
		if err != nil || json.Unmarshal(body, &back) != nil || back.Total.String() != text {
			t.Errorf("%s becomes %s, %v", text, body, err)
		}
		if exact(t, text).Cmp(big.NewRat(int64(c), countScale)) != 0 {
			t.Errorf("%d is written %s", int64(c), text)
		}
	})
}

// Sums are those of arithmetic, up to a month's most.
func TestSumsOfCountsAreExact(t *testing.T) {
	t.Parallel()
	// A tenth, ten million times over, is what floats get wrong.
	tenth, _ := ParseCount("0.1")
	sum := Count(0)
	for range 10_000_000 {
		sum += tenth
	}
	if sum.String() != "1000000" {
		t.Errorf("ten million tenths are %s", sum)
	}
	if most := MaxTotal + MaxCount; most < MaxTotal || most.String() != "10000000000" {
		t.Errorf("what is added to a month's most overflows: %d", int64(most))
	}
	rapid.Check(t, func(t *rapid.T) {
		sum, want := Count(0), new(big.Rat)
		for _, c := range rapid.SliceOfN(anyCount(MaxCount), 0, 9).Draw(t, "counts") {
			sum += c
			want.Add(want, exact(t, c.String()))
		}
		if exact(t, sum.String()).Cmp(want) != 0 {
			t.Errorf("the sum is %s, want %s", sum, want.FloatString(6))
		}
	})
}

// What is read is what the text says, within the bounds.
func FuzzParseCount(f *testing.F) {
	for _, text := range []string{"0", "12.5", "1000000000", "1e3", "1.5E-3", "-1", "1.", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := ParseCount(text)
		if !ok {
			if c != 0 {
				t.Fatalf("%q is refused and read as %d", text, int64(c))
			}
			return
		}
		if c < 0 || c > MaxCount || exact(t, text).Cmp(big.NewRat(int64(c), countScale)) != 0 {
			t.Fatalf("%q is read as %s", text, c)
		}
		if again, ok := ParseCount(c.String()); !ok || again != c {
			t.Fatalf("%q is read as %s, and that as %s", text, c, again)
		}
	})
}
