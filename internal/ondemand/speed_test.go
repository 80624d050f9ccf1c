package ondemand

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSpeedsAreReadInAnySpacingAndCase(t *testing.T) {
	for in, want := range map[string]Speed{
		"100 Mbps":                         {100, "100 Mbps"},
		"100MBPS":                          {100, "100 Mbps"},
		" 1  gbps ":                        {1000, "1 Gbps"},
		"1000 mbps":                        {1000, "1000 Mbps"},
		"1GBPS":                            {1000, "1 Gbps"},
		"1.5 Gbps":                         {1500, "1.5 Gbps"},
		"0.5gBpS":                          {500, "0.5 Gbps"},
		"0.001 Gbps":                       {1, "0.001 Gbps"},
		"\t10.000\r\nMbps\n":               {10, "10.000 Mbps"},
		"1000000 Mbps":                     {1_000_000, "1000000 Mbps"},
		"1000.000 Gbps":                    {1_000_000, "1000.000 Gbps"},
		"1 Mbps" + strings.Repeat(" ", 26): {1, "1 Mbps"},
	} {
		got, err := ParseSpeed(in)
		if err != nil || got != want {
			t.Errorf("ParseSpeed(%q) = %+v, %v, want %+v", in, got, err, want)
		}
	}
}

func TestWhatIsNoSpeedIsRefusedWithTheReason(t *testing.T) {
	for want, inputs := range map[error][]string{
		errSpeedForm: {
			"", " ", "100", "Mbps", " Gbps", "fast", "100 M", "100 Mb/s", "100 Kbps", "100 Tbps", "100 Mbps x", "100 Mbps 100 Mbps",
			"-100 Mbps", "+100 Mbps", "1e3 Mbps", "1E2Gbps", "0x10 Mbps", "NaN Mbps", "Inf Gbps", "1,000 Mbps", "1_000 Mbps",
			".5 Gbps", "1. Gbps", "1.2.3 Gbps", "1.0000 Gbps", "1 .5 Gbps", "0100 Mbps", "00.5 Gbps", "١٠٠ Mbps", "１００ Mbps",
			"100\u00a0Mbps", "100 Mbpſ", "100\x00Mbps", "100 \xff", "100 ÍBPS",
		},
		errSpeedWhole: {"1.5 Mbps", "0.5 Mbps", "99.999 Mbps"},
		errSpeedRange: {
			"0 Mbps", "0.000 Gbps", "1000001 Mbps", "1000.001 Gbps", "1001 Gbps",
			"9223372036854775808 Mbps", "99999999999999999999999999 Gbps", "18446744073709551617 Mbps",
		},
		errSpeedLong: {"1 Mbps" + strings.Repeat(" ", 27), strings.Repeat("9", 1<<20)},
	} {
		for _, in := range inputs {
			if got, err := ParseSpeed(in); !errors.Is(err, want) || got != (Speed{}) {
				t.Errorf("ParseSpeed(%.40q) = %+v, %v, want the error: %v", in, got, err, want)
			}
		}
	}
}

func TestCanonicalSpeedsReadAsTheCatalogueWritesThem(t *testing.T) {
	for mbps, want := range map[int]string{
		1: "1 Mbps", 10: "10 Mbps", 100: "100 Mbps", 999: "999 Mbps", 1000: "1 Gbps", 1500: "1.5 Gbps", 2500: "2.5 Gbps",
		1001: "1.001 Gbps", 1050: "1.05 Gbps", 10_000: "10 Gbps", 1_000_000: "1000 Gbps",
	} {
		if got := CanonicalSpeed(mbps); got.Text != want || got.Mbps != mbps || got.String() != want || (Speed{Mbps: mbps}).String() != want {
			t.Errorf("CanonicalSpeed(%d) = %+v, want %s", mbps, got, want)
		}
	}
	if got := (Speed{Mbps: 1000, Text: "1000 Mbps"}).String(); got != "1000 Mbps" {
		t.Errorf("the caller's spelling became %s", got)
	}
}

func TestEveryCanonicalSpeedReadsBackAsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := CanonicalSpeed(rapid.IntRange(1, speedMax).Draw(t, "mbps"))
		if got, err := ParseSpeed(want.Text); err != nil || got != want {
			t.Errorf("%+v is read as %+v, %v", want, got, err)
		}
	})
}

func TestATidySpeedIsReadWithoutAllocating(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		if _, err := ParseSpeed(" 100 Mbps"); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseSpeed(f *testing.F) {
	for _, s := range []string{"100 Mbps", " 1  gbps ", "1.5 Gbps", "1000000Mbps", "0.001GBPS", "-1 Mbps", "1e9 Gbps", "NaN Mbps", "٣ Mbps", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := ParseSpeed(in)
		if err != nil {
			if got != (Speed{}) {
				t.Errorf("%q is refused and read as %+v", in, got)
			}
			return
		}
		if got.Mbps < 1 || got.Mbps > speedMax || len(in) > speedMaxInput {
			t.Errorf("%q is read as %+v, out of range", in, got)
		}
		// The text is tidy, keeps the bandwidth, and tidying again changes nothing.
		again, err := ParseSpeed(got.Text)
		if err != nil || again != got {
			t.Errorf("%q is read as %+v, and that as %+v, %v", in, got, again, err)
		}
		if canonical, err := ParseSpeed(CanonicalSpeed(got.Mbps).Text); err != nil || canonical.Mbps != got.Mbps {
			t.Errorf("%q: its canonical spelling is read as %+v, %v", in, canonical, err)
		}
		number, unit, _ := strings.Cut(got.Text, " ")
		if !strings.Contains(in, number) || !strings.Contains(strings.ToLower(in), strings.ToLower(unit)) {
			t.Errorf("%q became %q, which is not the caller's number and unit", in, got.Text)
		}
	})
}

func BenchmarkParseSpeed(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseSpeed("1.5 Gbps"); err != nil {
			b.Fatal(err)
		}
	}
}
