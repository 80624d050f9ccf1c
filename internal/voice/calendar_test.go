package voice_test

import (
	"strings"
	"testing"
	"time"

	"demarc/internal/voice"
)

// holidays are the weekdays on which federal offices were or will be closed, as the
// Office of Personnel Management lists them.
var holidays = map[int]string{
	2020: "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25",
	2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
	2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
	2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
	2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
	2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
	2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
	2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}

// noon is noon of a day in the carrier's zone, or a little off it, as UTC has it.
func noon(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 18, 0, 0, 0, time.UTC)
}

func TestBusinessDaysAreWeekdaysButFederalHolidays(t *testing.T) {
	t.Parallel()
	for year, want := range holidays {
		var closed []string
		for at := noon(year, time.January, 1); at.Year() == year; at = at.AddDate(0, 0, 1) {
			weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
			switch {
			case weekend && voice.BusinessDay(at):
				t.Errorf("%v is a business day", at)
			case !weekend && !voice.BusinessDay(at):
				closed = append(closed, at.Format("01-02"))
			}
		}
		if got := strings.Join(closed, " "); got != want {
			t.Errorf("closed on weekdays of %d:\n%s, want\n%s", year, got, want)
		}
	}
}

func TestDaysBeginAtMidnightInChicago(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at  string
		yes bool
	}{
		{"2026-03-07T05:59:59Z", true},  // Friday still
		{"2026-03-07T06:00:00Z", false}, // Saturday, in winter
		{"2026-03-09T04:59:59Z", false}, // Sunday still: it has 23 hours
		{"2026-03-09T05:00:00Z", true},  // Monday, in summer
		{"2026-11-02T05:59:59Z", false}, // Sunday still: it has 25 hours
		{"2026-11-02T06:00:00Z", true},
		{"2027-01-01T05:59:59Z", true}, // the last hour of the old year
		{"2027-01-01T06:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil || voice.BusinessDay(at) != c.yes {
			t.Errorf("%s is a business day: %v, %v", c.at, !c.yes, err)
		}
	}
}

func TestBusinessDaysAreCountedForwardsAndBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-06-01T18:00:00Z", 0, "2026-06-01T05:00:00Z"}, // its own midnight
		{"2026-06-01T18:00:00Z", 1, "2026-06-02T05:00:00Z"},
		{"2026-06-05T18:00:00Z", 1, "2026-06-08T05:00:00Z"},  // over a weekend
		{"2026-06-06T18:00:00Z", 1, "2026-06-08T05:00:00Z"},  // from one
		{"2026-06-06T18:00:00Z", -1, "2026-06-05T05:00:00Z"}, // and back
		{"2026-07-02T18:00:00Z", 1, "2026-07-06T05:00:00Z"},  // over an observed Friday
		{"2026-07-06T18:00:00Z", -1, "2026-07-02T05:00:00Z"},
		{"2026-03-06T18:00:00Z", 1, "2026-03-09T05:00:00Z"}, // into summer
		{"2026-03-09T18:00:00Z", -1, "2026-03-06T06:00:00Z"},
		{"2026-10-30T18:00:00Z", 1, "2026-11-02T06:00:00Z"},   // into winter
		{"2027-12-23T18:00:00Z", 5, "2028-01-03T06:00:00Z"},   // two observed Fridays
		{"2026-06-02T03:00:00Z", 1, "2026-06-02T05:00:00Z"},   // it is Monday in Chicago still
		{"2026-11-30T18:00:00Z", -10, "2026-11-13T06:00:00Z"}, // Thanksgiving
	} {
		from, _ := time.Parse(time.RFC3339, c.from)
		if got := voice.AddBusinessDays(from, c.n).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%d from %s is %s, want %s", c.n, c.from, got, c.want)
		}
	}
	for at := noon(2020, time.January, 1); at.Year() < 2028; at = at.AddDate(0, 0, 1) {
		if !voice.BusinessDay(at) {
			continue
		}
		here := voice.AddBusinessDays(at, 0)
		for n := 1; n <= 15; n++ {
			there := voice.AddBusinessDays(at, n)
			if back := voice.AddBusinessDays(there, -n); !voice.BusinessDay(there) || !there.After(here) || !back.Equal(here) {
				t.Fatalf("%d business days from %v are %v, and back %v", n, at, there, back)
			}
		}
	}
}
