package ui

import (
	"slices"
	"time"
)

// timeAxis is a plot's axis of time.
type timeAxis struct {
	from  time.Time
	span  time.Duration // from the first moment to the last
	lead  float64       // of the width, before the first moment and behind the last
	bar   float64       // of the width, what belongs to one moment
	ticks []time.Time
	label func(time.Time) string
}

// maxTicks is how many moments are named at most.
const maxTicks = 8

// across is the axis for the plot's moments. Bars stand between the ends, lines reach them.
func (p Plot) across() timeAxis {
	from, to := slices.MinFunc(p.Times, time.Time.Compare).UTC(), slices.MaxFunc(p.Times, time.Time.Compare).UTC()
	a := timeAxis{from: from, span: to.Sub(from), bar: 1}
	if p.Bars && a.span > 0 {
		step := a.span / time.Duration(len(p.Times)-1) // no bar is wider than were they even
		for i := 1; i < len(p.Times); i++ {
			if d := p.Times[i].Sub(p.Times[i-1]); d > a.span/1000 {
				step = min(step, d)
			}
		}
		a.bar = float64(step) / (float64(a.span) + float64(step))
		a.lead = a.bar / 2
	}
	if a.bar == 1 && len(p.Times) > 0 {
		a.bar = 0.1 // a single moment
	}
	a.name(to)
	return a
}

// x is where a moment is: 0 to 1.
func (a timeAxis) x(t time.Time) float64 {
	if a.span <= 0 {
		return 0.5
	}
	return a.lead + min(1, max(0, float64(t.Sub(a.from))/float64(a.span)))*(1-2*a.lead)
}

const day = 24 * time.Hour

// name chooses the moments to be named: the finest steps of which there are not too many,
// at full minutes, hours, days.
func (a *timeAxis) name(to time.Time) {
	even := []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day,
	}
	if a.span < time.Second {
		a.ticks, a.label = []time.Time{a.from}, layoutOf("2 Jan, 15:04:05")
		return
	}
	for _, step := range even {
		if a.span/step < maxTicks {
			a.label = layoutOf(map[bool]string{true: "15:04:05", false: "15:04"}[step < time.Minute])
			if step >= day {
				a.label = layoutOf("2 Jan")
			} else if step >= time.Minute && a.span > step {
				a.label = clockOrDay
			}
			first := a.from.Truncate(step)
			if step > day { // weeks begin with the plot's first whole day
				first = a.from.Add(day - 1).Truncate(day)
			}
			a.fill(first, to, func(t time.Time) time.Time { return t.Add(step) })
			return
		}
	}
	for _, months := range []int{1, 3, 6} {
		if a.span/(30*day*time.Duration(months)) < maxTicks {
			a.label = layoutOf("Jan 2006")
			a.fill(time.Date(a.from.Year(), 1, 1, 0, 0, 0, 0, time.UTC), to, func(t time.Time) time.Time { return t.AddDate(0, months, 0) })
			return
		}
	}
	a.label = layoutOf("2006")
	years := (to.Year()-a.from.Year())/maxTicks + 1
	a.fill(time.Date(a.from.Year(), 1, 1, 0, 0, 0, 0, time.UTC), to, func(t time.Time) time.Time { return t.AddDate(years, 0, 0) })
}

// fill takes the steps that lie within the plot.
func (a *timeAxis) fill(t, to time.Time, next func(time.Time) time.Time) {
	for ; !t.After(to); t = next(t) {
		if !t.Before(a.from) {
			a.ticks = append(a.ticks, t)
		}
	}
}

func layoutOf(layout string) func(time.Time) string {
	return func(t time.Time) string { return t.UTC().Format(layout) }
}

// clockOrDay is the time of day, and the day where a new one begins.
func clockOrDay(t time.Time) string {
	if t = t.UTC(); t.Hour() == 0 && t.Minute() == 0 {
		return t.Format("2 Jan")
	}
	return t.Format("15:04")
}

// exact is a moment as the table has it: no finer than the plot.
func (a timeAxis) exact(t time.Time) string {
	if t = t.UTC(); t.Truncate(time.Minute).Equal(t) {
		return t.Format("2 Jan 2006, 15:04")
	}
	return t.Format("2 Jan 2006, 15:04:05")
}
