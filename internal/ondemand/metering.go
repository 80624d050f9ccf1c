package ondemand

import (
	"cmp"
	"slices"
	"time"

	"github.com/govalues/decimal"
)

// Run is a stretch of time in which a service ran at one speed and price: from From
// up to, and not including, To. A zero To is a service that still runs.
type Run struct {
	From   time.Time
	To     time.Time
	Mbps   int
	Hourly decimal.Decimal
}

// ChargeLine is the hours of a month at one speed and price.
type ChargeLine struct {
	Mbps   int
	Hourly decimal.Decimal
	Hours  int
	Amount decimal.Decimal // Hours times Hourly, exactly
}

// meterHours is the longest month.
const meterHours = 31 * 24

// Charges is what a service costs in the month that holds the given moment, as far
// as it has run by now. The lines come by speed, then by price, ascending.
//
// OND-BIL-01: every UTC clock hour in which the service ran, even for a moment, is
// billed once, at the highest hourly price it had in that hour. An hour belongs to
// the month it begins in, and nothing after now is billed. A run that begins and
// ends at the same moment never ran. So thirty days at one speed are 720 hours, and
// to change the speed up and down within an hour costs that hour once.
//
// The work is bounded by the hours of a month for each run, however long ago the
// run began.
func Charges(runs []Run, month, now time.Time) []ChargeLine {
	billed, _, _ := meterBilled(runs, month, now)
	var lines []ChargeLine
	for h := 0; h < meterHours; {
		by, first := billed[h], h
		for h < meterHours && billed[h] == by {
			h++
		}
		if by != 0 {
			lines = meterAdd(lines, runs[by-1], h-first)
		}
	}
	for i := range lines {
		lines[i].Amount = exactTimes(lines[i].Hourly, lines[i].Hours)
	}
	slices.SortFunc(lines, func(a, b ChargeLine) int {
		return cmp.Or(cmp.Compare(a.Mbps, b.Mbps), a.Hourly.Cmp(b.Hourly))
	})
	return lines
}

// DayCharge is what one day of a month costs.
type DayCharge struct {
	Day    time.Time
	Amount decimal.Decimal
}

// Daily is Charges by the day: an entry for each GMT day of the month that has begun.
func Daily(runs []Run, month, now time.Time) []DayCharge {
	billed, start, end := meterBilled(runs, month, now)
	var days []DayCharge
	for day := start; day.Before(end); day = day.AddDate(0, 0, 1) {
		first := int(day.Sub(start) / time.Hour)
		var lines []ChargeLine
		for h := first; h < first+24; h++ {
			if billed[h] != 0 {
				lines = append(lines, ChargeLine{Amount: runs[billed[h]-1].Hourly})
			}
		}
		days = append(days, DayCharge{day, Total(lines)})
	}
	return days
}

// meterBilled says of each hour of a month by which run it is billed: by its index plus
// one, so that zero is none. The month begins at start, and ends at end for now.
func meterBilled(runs []Run, month, now time.Time) (billed [meterHours]int, start, end time.Time) {
	year, m, _ := month.UTC().Date()
	start = time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	end = start.AddDate(0, 1, 0)
	if now.Before(end) {
		end = now
	}
	for i, run := range runs {
		from, until := meterHoursOf(run, start, end)
		for h := from; h < until; h++ {
			if billed[h] == 0 || meterDearer(run, runs[billed[h]-1]) {
				billed[h] = i + 1
			}
		}
	}
	return billed, start, end
}

// Total is the sum of the lines' amounts; 0.00 of none. Like the amounts it is
// exact, and panics rather than be anything else.
func Total(lines []ChargeLine) decimal.Decimal {
	total := decimal.MustNew(0, 2)
	for _, line := range lines {
		sum, err := total.AddExact(line.Amount, max(total.Scale(), line.Amount.Scale()))
		if err != nil {
			panic("ondemand: the month's charges have no exact sum: " + err.Error())
		}
		total = sum
	}
	return total
}

// meterHoursOf is the clock hours, counted from start, that a run touches between
// start and end: from the first up to, and not including, until.
func meterHoursOf(run Run, start, end time.Time) (from, until int) {
	begins, ends := run.From, end
	if begins.Before(start) {
		begins = start
	}
	if !run.To.IsZero() && run.To.Before(end) {
		ends = run.To
	}
	// A run that ended where it began, or before the month, touches nothing; so does
	// one whose end lies before its beginning, wherever that came from.
	if !begins.Before(ends) {
		return 0, 0
	}
	from = int(begins.Sub(start) / time.Hour)
	until = int((ends.Sub(start) + time.Hour - 1) / time.Hour) // the hour that is cut is whole
	return from, until
}

// meterDearer orders runs that share an hour. At one price the faster one is named,
// so that the line does not depend on the order of the runs.
func meterDearer(a, b Run) bool {
	return cmp.Or(a.Hourly.Cmp(b.Hourly), cmp.Compare(a.Mbps, b.Mbps)) > 0
}

// meterAdd adds hours to the line of a run's speed and price. A service has a
// handful of lines, so they are looked through.
func meterAdd(lines []ChargeLine, run Run, hours int) []ChargeLine {
	for i := range lines {
		if lines[i].Mbps == run.Mbps && lines[i].Hourly.Equal(run.Hourly) {
			lines[i].Hours += hours
			return lines
		}
	}
	return append(lines, ChargeLine{Mbps: run.Mbps, Hourly: run.Hourly, Hours: hours})
}
