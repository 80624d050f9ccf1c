package preorder

import (
	"testing"
	"time"
)

func TestADayIsTheCentralOne(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for first, end := range map[string]string{
		"2040-06-01T00:00:00Z":        "2040-06-01T05:00:00Z", // May 31, 19:00
		"2040-06-01T04:59:59.999999Z": "2040-06-01T05:00:00Z",
		"2040-06-01T05:00:00Z":        "2040-06-02T05:00:00Z",
		"2040-12-31T23:00:00Z":        "2041-01-01T06:00:00Z",
		"2041-03-10T06:00:00Z":        "2041-03-11T05:00:00Z", // 23 hours
		"2041-03-10T05:59:59.999999Z": "2041-03-10T06:00:00Z",
		"2040-11-04T05:00:00Z":        "2040-11-05T06:00:00Z", // 25 hours
		"2040-11-05T05:59:59.999999Z": "2040-11-05T06:00:00Z",
		"2040-02-29T12:00:00Z":        "2040-03-01T06:00:00Z",
	} {
		from, until := at(first), at(end)
		if got := dayEnd(from); !got.Equal(until) {
			t.Errorf("the day of %s ends at %v, want %s", first, got, end)
		}
		if last := until.Add(-time.Microsecond); !sameDay(from, last) || !sameDay(last, from) || sameDay(from, until) || sameDay(until, from) {
			t.Errorf("the day of %s is not the one until %s", first, end)
		}
	}
	if sameDay(at("2040-06-01T12:00:00Z"), at("2041-06-01T12:00:00Z")) || sameDay(at("2040-06-01T12:00:00Z"), at("2040-07-01T12:00:00Z")) {
		t.Error("days of another year or month are the same")
	}
}
