package desk

import (
	"fmt"
	"testing"
	"time"
)

func TestNumbersAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"3035550100":                              "[{3035550100 3035550100}]",
		"(303) 555-0100":                          "[{3035550100 3035550100}]",
		"303-555-0100\r\n303.555.0101":            "[{3035550100 3035550101}]",
		"3035550100-3035550119":                   "[{3035550100 3035550119}]",
		"303-555-0100 – 303-555-0119":             "[{3035550100 3035550119}]",
		"+13035550100, 1-303-555-0102; \n\n":      "[{3035550100 3035550100} {3035550102 3035550102}]",
		"(303) 555-0100 - (303) 555-0101":         "[{3035550100 3035550101}]",
		"+13035550100, 13035550102; \n\n":         "[{3035550100 3035550100} {3035550102 3035550102}]",
		"":                                        "",
		"303-555":                                 "",
		"3035550119-3035550100":                   "",
		"a number":                                "",
		"303-555-0100-303-555-0119\n720-555-0100": "[{3035550100 3035550119} {7205550100 7205550100}]",
	} {
		list, err := readRanges(text)
		got := ""
		if err == nil {
			got = fmt.Sprint(list)
		}
		if got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
	}
}

func TestAnAgeIsForPeopleWhoLookNowAndThen(t *testing.T) {
	t.Parallel()
	now := time.Date(2040, time.June, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{0: "< 1 min", 59 * time.Second: "< 1 min", 90 * time.Second: "1 min", 59 * time.Minute: "59 min",
		200 * time.Minute: "3 h 20 min", 50 * time.Hour: "2 d 2 h"} {
		if got := age(now, now.Add(-ago)); got != want {
			t.Errorf("%v is %q, want %q", ago, got, want)
		}
	}
}

func TestAddressesTakeWhatNamesHave(t *testing.T) {
	t.Parallel()
	if got := centerAddress("CO", "COLORADO SPRINGS"); got != "/desk/stock/CO/COLORADO%20SPRINGS" {
		t.Error(got)
	}
	if got := address("customers", "1-A/B?C"); got != "/desk/customers/1-A%2FB%3FC" {
		t.Error(got)
	}
}
