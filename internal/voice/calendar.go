package voice

import (
	"time"
	_ "time/tzdata" // machines without zones have ours
)

// zone is the carrier's: days begin and end there.
var zone = mustZone("America/Chicago")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic("voice: " + err.Error()) // the zones are part of the binary
	}
	return z
}

// day is a calendar day of the carrier's, at its midnight.
func day(t time.Time) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// BusinessDay reports whether the carrier works on the day of a moment: no weekend, and
// no federal holiday (5 U.S.C. 6103), nor the weekday on which one is observed.
func BusinessDay(t time.Time) bool {
	d := day(t)
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return !holiday(d) && !(d.Weekday() == time.Friday && fixed(d.AddDate(0, 0, 1))) && !(d.Weekday() == time.Monday && fixed(d.AddDate(0, 0, -1)))
}

// fixed reports a holiday that has its date every year.
func fixed(d time.Time) bool {
	switch d.Format("01-02") {
	case "01-01", "07-04", "11-11", "12-25":
		return true
	case "06-19":
		return d.Year() >= 2021
	}
	return false
}

// holiday reports a federal holiday on its own day.
func holiday(d time.Time) bool {
	nth := func(w time.Weekday, n int) bool { return d.Weekday() == w && (d.Day()-1)/7+1 == n }
	switch d.Month() {
	case time.January, time.February:
		return fixed(d) || nth(time.Monday, 3)
	case time.May:
		return d.Weekday() == time.Monday && d.Day() > 24
	case time.September:
		return nth(time.Monday, 1)
	case time.October:
		return nth(time.Monday, 2)
	case time.November:
		return fixed(d) || nth(time.Thursday, 4)
	case time.March, time.April, time.June, time.July, time.August, time.December:
	}
	return fixed(d)
}

// lastCancel is until when a port can be cancelled: one business day before its moment.
func lastCancel(foc time.Time) time.Time {
	return addBusiness(foc, -1).Add(foc.Sub(day(foc)))
}

// AddBusinessDays is addBusiness for backends.
func AddBusinessDays(t time.Time, n int) time.Time { return addBusiness(t, n) }

// addBusiness is the day that lies so many business days behind a moment's, or, for a
// negative number, before it.
func addBusiness(t time.Time, n int) time.Time {
	d, step := day(t), 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d = d.AddDate(0, 0, step); BusinessDay(d) {
			n--
		}
	}
	return d
}
