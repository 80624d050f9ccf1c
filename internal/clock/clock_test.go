package clock

import (
	"errors"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestStateFlowsAheadOfTheMachineByItsOffset(t *testing.T) {
	s, err := State{Sandbox: true}.To(noon, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Now(noon.Add(time.Minute)), noon.Add(61*time.Minute); !got.Equal(want) {
		t.Fatalf("now = %v, want %v", got, want)
	}
}

func TestStateStandsStillWhenFrozenAndFlowsOnFromThereWhenThawed(t *testing.T) {
	s := State{Sandbox: true}.Freeze(noon)
	if got := s.Now(noon.Add(time.Hour)); !got.Equal(noon) {
		t.Fatalf("a frozen clock moved to %v", got)
	}
	s, _ = s.To(noon, noon.Add(2*time.Hour))
	s = s.Thaw(noon.Add(time.Hour))
	if got, want := s.Now(noon.Add(90*time.Minute)), noon.Add(150*time.Minute); !got.Equal(want) {
		t.Fatalf("thawed at %v, want %v", got, want)
	}
}

func TestStateNeverMovesBack(t *testing.T) {
	if _, err := (State{Sandbox: true}).To(noon, noon.Add(-time.Microsecond)); !errors.Is(err, ErrBackwards) {
		t.Fatalf("err = %v, want ErrBackwards", err)
	}
}

func TestProductionRunsOnTheMachinesClockWhateverItsRowSays(t *testing.T) {
	s := State{Offset: time.Hour, Frozen: noon.Add(-time.Hour)}
	if got := s.Now(noon); !got.Equal(noon) {
		t.Fatalf("production clock = %v", got)
	}
}

func TestWakeIsTheMachineMomentOfDueWork(t *testing.T) {
	due := noon.Add(time.Hour)
	for name, tc := range map[string]struct {
		s    State
		want int64
	}{
		"production":         {State{}, Micros(due)},
		"ahead by 40 min":    {State{Sandbox: true, Offset: 40 * time.Minute}, Micros(noon.Add(20 * time.Minute))},
		"already due":        {State{Sandbox: true, Offset: 2 * time.Hour}, Micros(noon)},
		"frozen short of it": {State{Sandbox: true, Frozen: noon}, Never},
		"frozen past it":     {State{Sandbox: true, Frozen: due}, Micros(noon)},
		"being moved":        {State{Sandbox: true, Moving: true, Offset: 2 * time.Hour}, Never},
	} {
		if got := tc.s.Wake(noon, due); got != tc.want {
			t.Errorf("%s: wake = %d, want %d", name, got, tc.want)
		}
	}
}

func TestParseDurationTakesWhatHasAFixedLengthAndRefusesTheRest(t *testing.T) {
	good := map[string]time.Duration{
		"PT15M": 15 * time.Minute, "P3D": 72 * time.Hour, "P1W": 168 * time.Hour,
		"PT1H30M": 90 * time.Minute, "P1DT2H3M4.5S": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
		"PT0S": 0, "PT0.000001S": time.Microsecond,
	}
	for in, want := range good {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "P", "PT", "15m", "PT15", "P1M", "P1Y", "PT1M1H", "PT1H1H", "-PT1H", "PT-1H",
		"PT1.5H", "PT1.S", "PT.5S", "PT1.1234567S", "P99999D", "PT99999999999999999999S", "P1DT", "pt1h", "PT1H "} {
		if d, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, d)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT15M", "P1DT2H3M4.5S", "P1W", "PT0.000001S", "P", "PT99999999999999999999S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 || d > MaxSpan {
			t.Fatalf("%q is out of bounds: %v", s, d)
		}
		if back, err := ParseDuration(FormatDuration(d)); err != nil || back != d {
			t.Fatalf("%q -> %v -> %q -> %v, %v", s, d, FormatDuration(d), back, err)
		}
	})
}
