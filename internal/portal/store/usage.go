package store

import (
	"slices"
	"strconv"
	"time"

	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
)

// mostMonths is how many months a plot shows.
const mostMonths = 24

// usage is what a subscription has used: by the day in one month, and by the month.
func usage(path string, r marketplace.Report) ui.Node {
	name := r.Month.Format("January 2006")
	around := []ui.Node{ui.Quiet(path+"?month="+r.Month.AddDate(0, -1, 0).Format(monthForm), "The month before")}
	if !r.Now.Before(r.Month.AddDate(0, 1, 0)) {
		around = append(around, ui.Quiet(path+"?month="+r.Month.AddDate(0, 1, 0).Format(monthForm), "The month after"))
	}
	names := map[string]marketplace.SKU{}
	for _, k := range r.SKUs {
		names[k.ID] = k
	}
	var stats []ui.Node
	var rows [][]ui.Node
	for _, u := range slices.Backward(r.Months) {
		k := names[u.SKU]
		if u.Month == r.Month.Format(monthForm) {
			stats = append(stats, ui.Stat(u.Total.String(), k.Name+" ("+k.Unit+") in "+name, ""))
		}
		rows = append(rows, []ui.Node{ui.Text(u.Month), ui.Text(k.Name), ui.Mono(u.SKU), ui.Text(u.Total.String() + " " + k.Unit), ui.Text(ui.Count(u.Updates))})
	}
	if len(rows) == 0 {
		return ui.Section("Usage", ui.Empty("Nothing used yet", "The provider tells what was used, as often as it likes. It is drawn here by the day and by the month, as soon as it does."))
	}
	return ui.Section("Usage in "+name, ui.If(len(stats) > 0, ui.Stats(stats...)), daily(r).Node(), ui.Actions(around...), monthly(r).Node(),
		ui.More("All months", ui.Table("Usage by month", []string{"Month", "Plan", "SKU", "Used", "Updates"}, rows, nil)))
}

func daily(r marketplace.Report) ui.Plot {
	plot := ui.Plot{Title: "By the day", Bars: true, Unit: unitOf(r.SKUs)}
	last := r.Month.AddDate(0, 1, 0)
	if r.Now.Before(last) {
		last = r.Now
	}
	for day := r.Month; day.Before(last); day = day.AddDate(0, 0, 1) {
		plot.Times = append(plot.Times, day)
	}
	plot.Series = series(r.SKUs, plot.Times, func(sku string, at time.Time) (marketplace.Count, bool) {
		i := slices.IndexFunc(r.Days, func(u marketplace.DayUsage) bool { return u.SKU == sku && u.Day.Equal(at) })
		if i < 0 {
			return 0, false
		}
		return r.Days[i].Total, true
	})
	return plot
}

func monthly(r marketplace.Report) ui.Plot {
	plot := ui.Plot{Title: "By the month", Bars: true, Unit: unitOf(r.SKUs)}
	first, err := time.Parse(monthForm, r.Months[0].Month)
	if err != nil {
		first = r.Month
	}
	end := time.Date(r.Now.Year(), r.Now.Month(), 1, 0, 0, 0, 0, time.UTC)
	if oldest := end.AddDate(0, 1-mostMonths, 0); first.Before(oldest) {
		first = oldest
	}
	if few := end.AddDate(0, -5, 0); few.Before(first) {
		first = few
	}
	for m := first; !m.After(end); m = m.AddDate(0, 1, 0) {
		plot.Times = append(plot.Times, m)
	}
	plot.Series = series(r.SKUs, plot.Times, func(sku string, at time.Time) (marketplace.Count, bool) {
		i := slices.IndexFunc(r.Months, func(u marketplace.Usage) bool { return u.SKU == sku && u.Month == at.Format(monthForm) })
		if i < 0 {
			return 0, false
		}
		return r.Months[i].Total, true
	})
	return plot
}

// mostSeries is how many SKUs a plot tells apart.
const mostSeries = 6

// series is a line for each SKU that was used.
func series(skus []marketplace.SKU, times []time.Time, total func(sku string, at time.Time) (marketplace.Count, bool)) (list []ui.Series) {
	for _, k := range skus {
		s, used := ui.Series{Name: k.Name + " (" + k.Unit + ")"}, false
		for _, at := range times {
			n, some := total(k.ID, at)
			used = used || some
			s.Values = append(s.Values, n.Amount())
		}
		if used && len(list) < mostSeries {
			list = append(list, s)
		}
	}
	return list
}

// unitOf is the unit of all SKUs, "" when they have several.
func unitOf(skus []marketplace.SKU) string {
	for _, k := range skus {
		if k.Unit != skus[0].Unit {
			return ""
		}
	}
	if len(skus) == 0 {
		return ""
	}
	return skus[0].Unit
}

func statusOf(status int) string {
	if status == 0 {
		return "no answer"
	}
	return strconv.Itoa(status)
}
