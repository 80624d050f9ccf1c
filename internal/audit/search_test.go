package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// trail writes entries into a world, one unit each.
func trail(t *testing.T, d *db.DB, world string, events ...audit.Event) {
	t.Helper()
	for _, e := range events {
		if err := d.Within(t.Context(), world, func(tx *db.Tx) error { audit.Record(tx, e); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func search(t *testing.T, d *db.DB, world string, f audit.Filter) (subjects []string, next int64) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		found, on, err := audit.Search(tx, f)
		subjects, next = []string{}, on
		for _, e := range found {
			subjects = append(subjects, e.Subject+" "+e.Event)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return subjects, next
}

func TestATrailIsSearched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, other := dbtest.World(t, d), dbtest.World(t, d)
		trail(t, d, other, audit.Event{Subject: "voice/order/V9", Actor: "a", Event: "reserve"})
		trail(t, d, world,
			audit.Event{Subject: "voice/order/V1", Actor: "a", Event: "reserve", To: "created"},
			audit.Event{Subject: "voice/order/V11", Actor: "b", Event: "reserve"},
			audit.Event{Subject: "voice/order/V1", Actor: "desk@example.com", Event: "released"},
			audit.Event{Subject: "customer/1-A", Actor: "desk@example.com", Event: "put"})
		for why, c := range map[string]struct {
			f    audit.Filter
			want []string
		}{
			"all, newest first":        {audit.Filter{}, []string{"customer/1-A put", "voice/order/V1 released", "voice/order/V11 reserve", "voice/order/V1 reserve"}},
			"how subjects begin":       {audit.Filter{Subject: "voice/"}, []string{"voice/order/V1 released", "voice/order/V11 reserve", "voice/order/V1 reserve"}},
			"one subject":              {audit.Filter{Subject: "voice/order/V1"}, []string{"voice/order/V1 released", "voice/order/V1 reserve"}},
			"a part of a subject":      {audit.Filter{Subject: "voice/ord"}, []string{"voice/order/V1 released", "voice/order/V11 reserve", "voice/order/V1 reserve"}},
			"no pattern":               {audit.Filter{Subject: "voice/%"}, []string{}},
			"who":                      {audit.Filter{Actor: "desk@example.com"}, []string{"customer/1-A put", "voice/order/V1 released"}},
			"what":                     {audit.Filter{Event: "reserve", Subject: "voice/order/V1"}, []string{"voice/order/V1 reserve"}},
			"from a moment to come":    {audit.Filter{From: clock.Machine().Add(time.Hour)}, []string{}},
			"up to a moment long ago":  {audit.Filter{To: time.Unix(1000, 0)}, []string{}},
			"from long ago, until now": {audit.Filter{From: time.Unix(1000, 0), Event: "put"}, []string{"customer/1-A put"}},
		} {
			got, next := search(t, d, world, c.f)
			if !slices.Equal(got, c.want) || next != 0 {
				t.Errorf("%s: %q and on at %d, want %q", why, got, next, c.want)
			}
		}
		got, next := search(t, d, world, audit.Filter{Limit: 3})
		rest, end := search(t, d, world, audit.Filter{Limit: 3, Before: next})
		if len(got) != 3 || next == 0 || !slices.Equal(rest, []string{"voice/order/V1 reserve"}) || end != 0 {
			t.Errorf("in pages: %q, %q and on at %d", got, rest, end)
		}
	})
}

// A search for what is rare stops after so many entries, and goes on from there.
func TestASearchGoesThroughATrailInSteps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		trail(t, d, world, audit.Event{Subject: "rare/1", Actor: "a", Event: "rare"})
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			for i := range 20_010 {
				audit.Record(tx, audit.Event{Subject: fmt.Sprint("common/", i), Actor: "b", Event: "common"})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, next := search(t, d, world, audit.Filter{Actor: "a"})
		if len(got) != 0 || next == 0 {
			t.Fatalf("the first step finds %q and goes on at %d", got, next)
		}
		for from, on := range map[time.Time]bool{clock.Machine().Add(-time.Hour): true, clock.Machine().Add(time.Hour): false} {
			if _, further := search(t, d, world, audit.Filter{Actor: "a", From: from}); (further != 0) != on {
				t.Errorf("from %v it goes on at %d", from, further)
			}
		}
		if got, next = search(t, d, world, audit.Filter{Actor: "a", Before: next}); !slices.Equal(got, []string{"rare/1 rare"}) || next != 0 {
			t.Errorf("the second finds %q and goes on at %d", got, next)
		}
		if got, _ := search(t, d, world, audit.Filter{Subject: "rare/1"}); !slices.Equal(got, []string{"rare/1 rare"}) {
			t.Errorf("by its key: %q", got)
		}
	})
}
