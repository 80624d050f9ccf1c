package ondemand

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
	"pgregory.net/rapid"
)

// meterTime reads "2026-06-01 10:20" with any further digits, in UTC; "" is no time.
func meterTime(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	full := "0000-01-01 00:00:00.000000"
	at, err := time.Parse("2006-01-02 15:04:05.000000", s+full[len(s):])
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func meterRun(t testing.TB, from, to string, mbps int, hourly string) Run {
	t.Helper()
	return Run{From: meterTime(t, from), To: meterTime(t, to), Mbps: mbps, Hourly: decimal.MustParse(hourly)}
}

// meterText makes lines readable: "100x720@0.46=331.20", the total at the end.
func meterText(lines []ChargeLine) string {
	var parts []string
	for _, l := range lines {
		parts = append(parts, fmt.Sprintf("%dx%d@%s=%s", l.Mbps, l.Hours, l.Hourly, l.Amount))
	}
	return strings.Join(append(parts, Total(lines).String()), " ")
}

func TestOND_BIL_01_EveryClockHourIsBilledOnceAtItsHighestPrice(t *testing.T) {
	run := func(from, to string, mbps int, hourly string) Run { return meterRun(t, from, to, mbps, hourly) }
	for _, c := range []struct {
		why        string
		runs       []Run
		month, now string
		want       string
	}{
		{"nothing ran", nil, "2026-06-15", "2026-06-15", "0.00"},
		{
			"a whole month of thirty days is the quoted monthly price",
			[]Run{run("2026-06-01", "2026-07-01", 100, "0.46")},
			"2026-06-30 23:59:59.999999", "2026-07-09", "100x720@0.46=331.20 331.20",
		},
		{
			"a service that still runs is billed for the whole of a past month",
			[]Run{run("2019-01-01", "", 100, "0.46")},
			"2026-06-01", "2030-01-01", "100x720@0.46=331.20 331.20",
		},
		{
			"a month of thirty-one days has 744 hours",
			[]Run{run("2026-06-01", "", 100, "0.46")},
			"2026-07-01", "2026-08-01", "100x744@0.46=342.24 342.24",
		},
		{
			"the February of a leap year has 696",
			[]Run{run("2028-01-01", "", 100, "0.46")},
			"2028-02-29", "2029-01-01", "100x696@0.46=320.16 320.16",
		},
		{
			"no hour is lost or doubled where Denver and New York change their clocks",
			[]Run{run("2026-03-01", "2026-04-01", 100, "0.46")},
			"2026-03-08 10:00", "2027-01-01", "100x744@0.46=342.24 342.24",
		},
		{
			"a moment in an hour costs the hour",
			[]Run{run("2026-06-10 10:59:59.999999", "2026-06-10 11:00", 100, "0.46")},
			"2026-06-10", "2026-07-01", "100x1@0.46=0.46 0.46",
		},
		{
			"two moments in two hours cost both",
			[]Run{run("2026-06-10 10:59:59.999999", "2026-06-10 11:00:00.000001", 100, "0.46")},
			"2026-06-10", "2026-07-01", "100x2@0.46=0.92 0.92",
		},
		{
			"the hour that an end falls on exactly is not begun",
			[]Run{run("2026-06-10 10:00", "2026-06-10 11:00", 100, "0.46")},
			"2026-06-10", "2026-07-01", "100x1@0.46=0.46 0.46",
		},
		{
			"a change within an hour bills the hour once, at the higher price",
			[]Run{run("2026-06-10 10:10", "2026-06-10 12:30", 100, "0.46"), run("2026-06-10 12:30", "2026-06-10 14:00", 1000, "1.78")},
			"2026-06-10", "2026-07-01", "100x2@0.46=0.92 1000x2@1.78=3.56 4.48",
		},
		{
			"a change on the hour bills each hour at its own price",
			[]Run{run("2026-06-10 10:00", "2026-06-10 12:00", 1000, "1.78"), run("2026-06-10 12:00", "2026-06-10 13:00", 100, "0.46")},
			"2026-06-10", "2026-07-01", "100x1@0.46=0.46 1000x2@1.78=3.56 4.02",
		},
		{
			"up, down and up within one hour costs that hour once",
			[]Run{
				run("2026-06-10 10:00", "2026-06-10 10:10", 100, "0.46"), run("2026-06-10 10:10", "2026-06-10 10:20", 1000, "1.78"),
				run("2026-06-10 10:20", "2026-06-10 10:30", 100, "0.46"), run("2026-06-10 10:30", "2026-06-10 10:40", 500, "1.15"),
			},
			"2026-06-10", "2026-07-01", "1000x1@1.78=1.78 1.78",
		},
		{
			"a run of no length never ran, on an hour or inside one",
			[]Run{
				run("2026-06-10 10:00", "2026-06-10 10:00", 10000, "8.60"), run("2026-06-10 10:30", "2026-06-10 10:30", 10000, "8.60"),
				run("2026-06-10 10:00", "2026-06-10 10:30", 100, "0.46"),
			},
			"2026-06-10", "2026-07-01", "100x1@0.46=0.46 0.46",
		},
		{
			"a run that ends before it begins never ran",
			[]Run{run("2026-06-10 10:00", "2026-06-10 09:00", 100, "0.46")},
			"2026-06-10", "2026-07-01", "0.00",
		},
		{
			"the hour that runs now is billed whole, those after it not yet",
			[]Run{run("2026-06-10 10:00", "", 100, "0.46")},
			"2026-06-10", "2026-06-10 12:00:00.000001", "100x3@0.46=1.38 1.38",
		},
		{
			"on the hour the next hour has not begun",
			[]Run{run("2026-06-10 10:00", "", 100, "0.46")},
			"2026-06-10", "2026-06-10 12:00", "100x2@0.46=0.92 0.92",
		},
		{
			"what begins now has not run yet",
			[]Run{run("2026-06-10 10:30", "", 100, "0.46")},
			"2026-06-10", "2026-06-10 10:30", "0.00",
		},
		{
			"an end in the future bills nothing after now",
			[]Run{run("2026-06-10 10:00", "2026-06-20", 100, "0.46")},
			"2026-06-10", "2026-06-10 10:30", "100x1@0.46=0.46 0.46",
		},
		{"a future month is not billed", []Run{run("2026-06-10", "", 100, "0.46")}, "2026-07-01", "2026-06-30 23:59", "0.00"},
		{"nor is a month before the service", []Run{run("2026-06-10", "", 100, "0.46")}, "2026-05-01", "2026-06-30", "0.00"},
		{"nor one after its end", []Run{run("2026-06-10", "2026-06-30 23:59:59", 100, "0.46")}, "2026-07-01", "2026-08-01", "0.00"},
		{
			"the last hour of a month belongs to it, whole",
			[]Run{run("2026-06-30 23:30", "2026-07-01 00:30", 100, "0.46")},
			"2026-06-01", "2026-08-01", "100x1@0.46=0.46 0.46",
		},
		{
			"and the first hour of the next to that one",
			[]Run{run("2026-06-30 23:30", "2026-07-01 00:30", 100, "0.46")},
			"2026-07-01", "2026-08-01", "100x1@0.46=0.46 0.46",
		},
		{
			"one speed at two prices is two lines",
			[]Run{run("2026-06-10 10:00", "2026-06-10 11:00", 100, "0.50"), run("2026-06-10 11:00", "2026-06-10 13:00", 100, "0.46")},
			"2026-06-10", "2026-07-01", "100x2@0.46=0.92 100x1@0.50=0.50 1.42",
		},
		{
			"one speed that is left and taken again is one line",
			[]Run{
				run("2026-06-10 10:00", "2026-06-10 11:00", 100, "0.46"), run("2026-06-10 11:00", "2026-06-10 12:00", 200, "0.68"),
				run("2026-06-10 12:00", "2026-06-10 14:00", 100, "0.46"),
			},
			"2026-06-10", "2026-07-01", "100x3@0.46=1.38 200x1@0.68=0.68 2.06",
		},
	} {
		if got := meterText(Charges(c.runs, meterTime(t, c.month), meterTime(t, c.now))); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestOND_BIL_01_TheMonthIsThatOfUTCWhateverZoneTheTimesAreIn(t *testing.T) {
	denver := time.FixedZone("MST", -7*3600)
	runs := []Run{{From: meterTime(t, "2026-06-01").In(denver), Mbps: 100, Hourly: decimal.MustParse("0.46")}}
	// 18:00 on 30 June in Denver is July in UTC.
	got := meterText(Charges(runs, meterTime(t, "2026-07-01 01:00").In(denver), meterTime(t, "2026-07-01 02:00").In(denver)))
	if want := "100x2@0.46=0.92 0.92"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// meterNaive asks of every hour of the month, one after another, what ran in it.
func meterNaive(runs []Run, month, now time.Time) map[string]int {
	type key struct {
		mbps  int
		price string
	}
	hours := map[key]int{}
	for h := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC); h.Month() == month.Month(); h = h.Add(time.Hour) {
		var best *Run
		for i, r := range runs {
			// Microseconds are the finest the database keeps: look for one that ran.
			first, last := h, h.Add(time.Hour-time.Microsecond)
			if r.From.After(first) {
				first = r.From
			}
			end := now
			if !r.To.IsZero() && r.To.Before(now) {
				end = r.To
			}
			if end = end.Add(-time.Microsecond); end.Before(last) {
				last = end
			}
			if first.After(last) {
				continue
			}
			if best == nil || r.Hourly.Cmp(best.Hourly) > 0 || (r.Hourly.Equal(best.Hourly) && r.Mbps > best.Mbps) {
				best = &runs[i]
			}
		}
		if best != nil {
			hours[key{best.Mbps, best.Hourly.String()}]++
		}
	}
	lines := map[string]int{}
	for k, n := range hours {
		lines[fmt.Sprintf("%d at %s", k.mbps, k.price)] = n
	}
	return lines
}

func TestOND_BIL_01_ChargesAgreeWithAskingEveryHour(t *testing.T) {
	base := meterTime(t, "2027-12-01")
	rapid.Check(t, func(t *rapid.T) {
		// Three months around a leap February; moments on, just before and just after the
		// hour are where mistakes live, so they are drawn as often as all others.
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			hour := rapid.OneOf(rapid.IntRange(0, 150*24), rapid.IntRange(62*24-2, 62*24+6), rapid.IntRange(91*24-4, 91*24+2)).Draw(t, "hour")
			micros := rapid.OneOf(rapid.SampledFrom([]int{0, 0, 1, 3_599_999_999}), rapid.IntRange(0, 3_599_999_999)).Draw(t, "micros")
			return base.Add(time.Duration(hour)*time.Hour + time.Duration(micros)*time.Microsecond)
		})
		run := rapid.Custom(func(t *rapid.T) Run {
			// Two speeds share a price, and one speed has two.
			offer := rapid.SampledFrom([]Run{
				{Mbps: 100, Hourly: decimal.MustNew(46, 2)}, {Mbps: 100, Hourly: decimal.MustNew(50, 2)},
				{Mbps: 200, Hourly: decimal.MustNew(50, 2)}, {Mbps: 1000, Hourly: decimal.MustNew(178, 2)},
			}).Draw(t, "offer")
			offer.From = moment.Draw(t, "from")
			switch rapid.IntRange(0, 3).Draw(t, "end") {
			case 0: // still running
			case 1:
				offer.To = offer.From.Add(time.Duration(rapid.IntRange(0, 2_000_000_000).Draw(t, "short")) * time.Microsecond * 4)
			default:
				offer.To = moment.Draw(t, "to")
			}
			return offer
		})
		runs := rapid.SliceOfN(run, 0, 6).Draw(t, "runs")
		month := base.AddDate(0, rapid.IntRange(0, 3).Draw(t, "month"), rapid.IntRange(0, 27).Draw(t, "day"))
		now := moment.Draw(t, "now")

		lines := Charges(runs, month, now)
		got := map[string]int{}
		for _, l := range lines {
			got[fmt.Sprintf("%d at %s", l.Mbps, l.Hourly)] = l.Hours
			if want := exactTimes(l.Hourly, l.Hours); !l.Amount.Equal(want) {
				t.Fatalf("%d hours at %s are %s, want %s", l.Hours, l.Hourly, l.Amount, want)
			}
		}
		if diff := cmp.Diff(meterNaive(runs, month, now), got); diff != "" || len(got) != len(lines) {
			t.Fatalf("%s%v", diff, lines)
		}
		slices.Reverse(runs)
		if diff := cmp.Diff(meterText(lines), meterText(Charges(runs, month, now))); diff != "" {
			t.Fatalf("the order of the runs matters: %s", diff)
		}
	})
}

func TestATotalIsExactOrNotAnswered(t *testing.T) {
	line := func(amount string) ChargeLine { return ChargeLine{Amount: decimal.MustParse(amount)} }
	for want, lines := range map[string][]ChargeLine{
		"0.00":   nil,
		"0.30":   {line("0.1"), line("0.2")},
		"331.20": {line("331.20")},
		"1.0001": {line("0.9999"), line("0.0002")},
	} {
		if got := Total(lines).String(); got != want {
			t.Errorf("Total(%v) = %s, want %s", lines, got, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a sum that cannot be exact was answered")
		}
	}()
	Total([]ChargeLine{line("0.01"), line("9999999999999999999")})
}

func BenchmarkCharges(b *testing.B) {
	start := meterTime(b, "2026-06-01")
	now := meterTime(b, "2026-07-01")
	offers := Offers(Site{DataCenter: true})
	for name, runs := range map[string]int{"1run": 1, "720runs": 720} {
		b.Run(name, func(b *testing.B) {
			var list []Run
			step := 720 * time.Hour / time.Duration(runs)
			for i := range runs {
				o := offers[i%len(offers)]
				from := start.Add(time.Duration(i) * step).Add(time.Minute)
				list = append(list, Run{From: from, To: from.Add(step), Mbps: o.Speed.Mbps, Hourly: o.Hourly})
			}
			b.ReportAllocs()
			for b.Loop() {
				if len(Charges(list, start, now)) != min(runs, len(offers)) {
					b.Fatal("lines are missing")
				}
			}
		})
	}
}
