package trouble_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/trouble"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	bridge = trouble.Declare("test.bridge", "a bridge")
	ferry  = trouble.Declare("test.ferry", "a ferry")
)

func put(t *testing.T, d *db.DB, world string, wanted trouble.Trouble) (s trouble.Standing, err error) {
	t.Helper()
	err = d.Within(t.Context(), world, func(tx *db.Tx) (err error) {
		s, err = trouble.Put(tx, "somebody", wanted)
		return err
	})
	return s, err
}

func mustPut(t *testing.T, d *db.DB, world string, wanted trouble.Trouble) trouble.Standing {
	t.Helper()
	s, err := put(t, d, world, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func within(t *testing.T, d *db.DB, world string, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Within(t.Context(), world, fn); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, d *db.DB, world string) (all []trouble.Standing) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		all, err = trouble.List(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// trail is what happened to a target: "somebody put x > y".
func trail(t *testing.T, d *db.DB, world string, target trouble.Target) (entries []string) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		list, err := audit.History(tx, "fault/"+string(target))
		for _, e := range list {
			entries = append(entries, e.Actor+" "+e.Event+" "+e.From+" > "+e.To)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestWhatIsPutStandsInItsWorldAloneUntilItIsReplacedOrCleared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here, there := dbtest.World(t, d), dbtest.World(t, d)
		first := mustPut(t, d, here, trouble.Trouble{Target: ferry, Mode: trouble.Unavailable, Count: 3})
		second := mustPut(t, d, here, trouble.Trouble{Target: bridge, Mode: trouble.Slow})
		want := []trouble.Standing{
			{Target: bridge, Mode: trouble.Slow, Latency: trouble.DefaultLatency, At: second.At},
			{Target: ferry, Mode: trouble.Unavailable, Remaining: 3, At: first.At},
		}
		if diff := cmp.Diff(want, []trouble.Standing{second, first}); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, list(t, d, here)); diff != "" {
			t.Error(diff)
		}
		if got := list(t, d, there); len(got) != 0 {
			t.Errorf("the other world has %v", got)
		}
		mustPut(t, d, here, trouble.Trouble{Target: ferry, Mode: trouble.Failure, Latency: new(1500 * time.Microsecond)})
		want[1] = trouble.Standing{Target: ferry, Mode: trouble.Failure, Latency: 1500 * time.Microsecond}
		if diff := cmp.Diff(want, list(t, d, here), cmpopts.IgnoreFields(trouble.Standing{}, "At")); diff != "" {
			t.Error(diff)
		}
		for range 2 { // where there is none, nothing changes
			within(t, d, here, func(tx *db.Tx) error { return trouble.Clear(tx, "somebody", ferry) })
		}
		if got := list(t, d, here); len(got) != 1 || got[0].Target != bridge {
			t.Errorf("left are %v", got)
		}
		want2 := []string{"somebody put  > unavailable, for 3 calls", "somebody put unavailable, for 3 calls > error, PT0.0015S",
			"somebody cleared error, PT0.0015S > "}
		if diff := cmp.Diff(want2, trail(t, d, here, ferry)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAllIsClearedAtOnceInOneWorld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here, there := dbtest.World(t, d), dbtest.World(t, d)
		for _, world := range []string{here, there} {
			mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: trouble.Timeout})
			mustPut(t, d, world, trouble.Trouble{Target: bridge, Mode: trouble.Timeout, Count: 1})
		}
		within(t, d, here, func(tx *db.Tx) error { return trouble.ClearAll(tx, "somebody") })
		if got := list(t, d, here); len(got) != 0 {
			t.Errorf("left are %v", got)
		}
		if got := list(t, d, there); len(got) != 2 {
			t.Errorf("the other world has %v", got)
		}
		want := []string{"somebody put  > timeout, for 1 call", "somebody cleared timeout, for 1 call > "}
		if diff := cmp.Diff(want, trail(t, d, here, bridge)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingIsPutIntoProductionOrByAView(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ('production', 'production', '', '', 0, $1)`, clock.Micros(tx.Machine()))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := put(t, d, "production", trouble.Trouble{Target: ferry, Mode: trouble.Failure}); !errors.Is(err, trouble.SandboxOnly) {
			t.Errorf("it was answered %v", err)
		}
		if got := list(t, d, "production"); len(got) != 0 {
			t.Errorf("production has %v", got)
		}
		err = d.View(t.Context(), dbtest.World(t, d), func(tx *db.Tx) error {
			_, err := trouble.Put(tx, "somebody", trouble.Trouble{Target: ferry, Mode: trouble.Failure})
			return err
		})
		if err == nil {
			t.Error("a view put something")
		}
	})
}

func TestWhatNobodyDeclaredIsUnknown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		if _, err := put(t, d, world, trouble.Trouble{Target: "test.tunnel", Mode: trouble.Failure}); !errors.Is(err, trouble.Unknown) {
			t.Errorf("put: %v", err)
		}
		err := d.Within(t.Context(), world, func(tx *db.Tx) error { return trouble.Clear(tx, "somebody", "test.tunnel") })
		if !errors.Is(err, trouble.Unknown) {
			t.Errorf("clear: %v", err)
		}
	})
}

// broken is the rules that the trouble breaks, each with its field.
func broken(wanted trouble.Trouble) (rules []string) {
	f := fault.Of(wanted.Check().As(fault.Invalid))
	if f == nil {
		return nil
	}
	for _, v := range f.Violations {
		rules = append(rules, v.Rule+" "+v.Field)
	}
	return rules
}

func TestTheRulesOfTrouble(t *testing.T) {
	t.Parallel()
	good := trouble.Trouble{Target: ferry, Mode: trouble.Slow, Count: 1, Latency: new(time.Second)}
	but := func(change func(*trouble.Trouble)) trouble.Trouble {
		wanted := good
		change(&wanted)
		return wanted
	}
	for _, c := range []struct {
		why    string
		wanted trouble.Trouble
		want   string // rules and their fields
	}{
		{"TRB-TGT-01 it is said what is to fail", but(func(w *trouble.Trouble) { w.Target = "" }), "TRB-TGT-01 target"},
		{"TRB-MOD-01 it is said how", but(func(w *trouble.Trouble) { w.Mode = "" }), "TRB-MOD-01 mode"},
		{"TRB-MOD-01 in one of four ways", but(func(w *trouble.Trouble) { w.Mode = "Slow" }), "TRB-MOD-01 mode"},
		{"TRB-CNT-01 fewer than none", but(func(w *trouble.Trouble) { w.Count = -1 }), "TRB-CNT-01 count"},
		{"TRB-CNT-01 more than ten thousand", but(func(w *trouble.Trouble) { w.Count = 10_001 }), "TRB-CNT-01 count"},
		{"TRB-CNT-01 ten thousand", but(func(w *trouble.Trouble) { w.Count = 10_000 }), ""},
		{"TRB-CNT-01 until it is cleared", but(func(w *trouble.Trouble) { w.Count = 0 }), ""},
		{"TRB-LAT-01 less than no time", but(func(w *trouble.Trouble) { w.Latency = new(-time.Microsecond) }), "TRB-LAT-01 latency"},
		{"TRB-LAT-01 more than a minute", but(func(w *trouble.Trouble) { w.Latency = new(time.Minute + time.Microsecond) }), "TRB-LAT-01 latency"},
		{"TRB-LAT-01 a minute", but(func(w *trouble.Trouble) { w.Latency = new(time.Minute) }), ""},
		{"TRB-LAT-01 no time at all", but(func(w *trouble.Trouble) { w.Latency, w.Mode = new(time.Duration(0)), trouble.Timeout }), ""},
		{"TRB-LAT-02 slow in no time", but(func(w *trouble.Trouble) { w.Latency = new(time.Duration(0)) }), "TRB-LAT-02 latency"},
		{"TRB-LAT-02 slow in less than a millisecond", but(func(w *trouble.Trouble) { w.Latency = new(999 * time.Microsecond) }), "TRB-LAT-02 latency"},
		{"TRB-LAT-02 slow in a millisecond", but(func(w *trouble.Trouble) { w.Latency = new(time.Millisecond) }), ""},
		{"TRB-LAT-02 slow, without saying how", but(func(w *trouble.Trouble) { w.Latency = nil }), ""},
		{"all of them", trouble.Trouble{Count: -1, Latency: new(-time.Second)}, "TRB-TGT-01 target, TRB-MOD-01 mode, TRB-CNT-01 count, TRB-LAT-01 latency"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(broken(c.wanted), ", "); got != c.want {
				t.Errorf("it breaks %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatBreaksARuleIsNotPut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		if _, err := put(t, d, world, trouble.Trouble{Target: ferry, Mode: "gone"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("it was answered %v", err)
		}
		if got := list(t, d, world); len(got) != 0 {
			t.Errorf("it stands: %v", got)
		}
	})
}

func TestTheTargetsAreListedByName(t *testing.T) {
	t.Parallel()
	want := []trouble.Known{{Target: bridge, Text: "a bridge"}, {Target: ferry, Text: "a ferry"}, {Target: "test.raft", Text: "a raft"}}
	if diff := cmp.Diff(want, trouble.Targets()); diff != "" {
		t.Error(diff)
	}
}

func TestADeclarationThatIsWrongPanicsAtStart(t *testing.T) {
	t.Parallel()
	for why, declare := range map[string]func(){
		"taken":     func() { trouble.Declare("test.ferry", "another ferry") },
		"malformed": func() { trouble.Declare("Test Ferry", "a ferry") },
		"too long":  func() { trouble.Declare("test."+strings.Repeat("x", 60), "a ferry") },
		"no text":   func() { trouble.Declare("test.canoe", "") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it was taken", why)
				}
			}()
			declare()
		}()
	}
}
