package clock

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrDuration is what every malformed or unbounded duration is answered with.
var ErrDuration = errors.New("an ISO 8601 duration such as PT15M, PT4H or P3D, of at most ten years")

// MaxSpan bounds one move of a clock.
const MaxSpan = 3660 * 24 * time.Hour

// ParseDuration reads the ISO 8601 durations that have a fixed length: weeks,
// days (of 24 hours), hours, minutes and seconds, the last with at most six
// decimals. Months and years have no fixed length and are refused.
func ParseDuration(s string) (time.Duration, error) {
	if len(s) < 3 || len(s) > 40 || s[0] != 'P' {
		return 0, ErrDuration
	}
	date, clock, hasClock := strings.Cut(s[1:], "T")
	if hasClock && clock == "" {
		return 0, ErrDuration
	}
	d1, err := parseUnits(date, "WD", [2]time.Duration{7 * 24 * time.Hour, 24 * time.Hour})
	if err != nil {
		return 0, err
	}
	d2, err := parseUnits(clock, "HMS", [3]time.Duration{time.Hour, time.Minute, time.Second})
	if err != nil {
		return 0, err
	}
	if d1+d2 > MaxSpan {
		return 0, ErrDuration
	}
	return d1 + d2, nil
}

// parseUnits reads a run of number-unit pairs whose units appear in order and at
// most once.
func parseUnits[A [2]time.Duration | [3]time.Duration](s, units string, spans A) (time.Duration, error) {
	var total time.Duration
	next := 0
	for s != "" {
		end := strings.IndexAny(s, units)
		if end <= 0 {
			return 0, ErrDuration
		}
		at := strings.IndexByte(units, s[end])
		if at < next {
			return 0, ErrDuration
		}
		d, err := scale(s[:end], spans[at], s[end] == 'S')
		if err != nil {
			return 0, err
		}
		total += d
		if total > MaxSpan {
			return 0, ErrDuration
		}
		next, s = at+1, s[end+1:]
	}
	return total, nil
}

func scale(number string, unit time.Duration, decimals bool) (time.Duration, error) {
	whole, frac, hasFrac := strings.Cut(number, ".")
	if hasFrac && (!decimals || frac == "" || len(frac) > 6) {
		return 0, ErrDuration
	}
	n, err := strconv.ParseUint(whole, 10, 32)
	if err != nil || time.Duration(n) > MaxSpan/unit {
		return 0, ErrDuration
	}
	d := time.Duration(n) * unit
	if hasFrac {
		us, err := strconv.ParseUint(frac+strings.Repeat("0", 6-len(frac)), 10, 32)
		if err != nil {
			return 0, ErrDuration
		}
		d += time.Duration(us) * time.Microsecond
	}
	return d, nil
}

// FormatDuration writes d as ISO 8601, to the microsecond; a negative span gets a
// leading minus, which ParseDuration does not take.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "PT0S"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	b.WriteByte('P')
	d = take(&b, d, 24*time.Hour, 'D')
	if d == 0 {
		return b.String()
	}
	b.WriteByte('T')
	d = take(&b, d, time.Hour, 'H')
	d = take(&b, d, time.Minute, 'M')
	if d > 0 {
		sec := strconv.FormatInt(int64(d/time.Second), 10)
		if us := int64(d%time.Second) / 1000; us > 0 {
			frac := strconv.FormatInt(1_000_000+us, 10)[1:]
			sec += "." + strings.TrimRight(frac, "0")
		}
		b.WriteString(sec + "S")
	}
	return b.String()
}

// take writes how many whole units are in d, unless there is none, and answers the
// rest.
func take(b *strings.Builder, d, unit time.Duration, letter byte) time.Duration {
	if n := int64(d / unit); n > 0 {
		b.WriteString(strconv.FormatInt(n, 10))
		b.WriteByte(letter)
	}
	return d % unit
}
