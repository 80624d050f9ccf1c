package trouble_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/trouble"

	"github.com/google/go-cmp/cmp"
)

// long is more than a test waits for; whoever sleeps so long has been let go early
// when the test ends well.
const long = time.Minute

func spotOf(d *db.DB, target trouble.Target) *trouble.Spot {
	return trouble.New(d).Spot(target, long, 100)
}

// meets expects a call to go wrong in a way, or not when that is "".
func meets(t *testing.T, s *trouble.Spot, world string, want trouble.Mode) {
	t.Helper()
	err := s.Meet(t.Context(), world)
	if got := trouble.ModeOf(err); got != want || (err != nil) != (want != "") {
		t.Errorf("the call met %q (%v), want %q", got, err, want)
	}
}

func TestACallMeetsWhatIsSetFromTheCommitOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here, there := dbtest.World(t, d), dbtest.World(t, d)
		m := trouble.New(d)
		s, other := m.Spot(ferry, long, 100), m.Spot(bridge, long, 100)
		for _, mode := range []trouble.Mode{trouble.Unavailable, trouble.Timeout, trouble.Failure} {
			meets(t, s, here, "") // and now the node knows that there is nothing
			meets(t, s, here, "")
			mustPut(t, d, here, trouble.Trouble{Target: ferry, Mode: mode})
			for range 3 {
				meets(t, s, here, mode)
			}
			meets(t, other, here, "")
			meets(t, s, there, "")
			within(t, d, here, func(tx *db.Tx) error { return trouble.Clear(tx, "somebody", ferry) })
		}
		meets(t, s, here, "")
		mustPut(t, d, here, trouble.Trouble{Target: ferry, Mode: trouble.Unavailable, Count: 2})
		mustPut(t, d, here, trouble.Trouble{Target: ferry, Mode: trouble.Failure, Count: 1})
		meets(t, s, here, trouble.Failure)
		meets(t, s, here, "")
		err := (&trouble.Error{Target: ferry, Mode: trouble.Timeout}).Error()
		if want := "test.ferry: timeout, as the owner of this sandbox wants it"; err != want {
			t.Errorf("the error reads %q, want %q", err, want)
		}
	})
}

func TestWhatIsUndoneWithItsUnitIsNotMet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, s := dbtest.World(t, d), spotOf(d, ferry)
		meets(t, s, world, "")
		changed := errors.New("changed its mind")
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			_, err := trouble.Put(tx, "somebody", trouble.Trouble{Target: ferry, Mode: trouble.Failure})
			return errors.Join(err, tx.Flush(), changed)
		})
		if !errors.Is(err, changed) {
			t.Fatal(err)
		}
		meets(t, s, world, "")
	})
}

// crowd has so many callers meet trouble at once, each through the next of the spots,
// and answers how many were hit.
func crowd(t *testing.T, callers int, world string, spots ...*trouble.Spot) int64 {
	t.Helper()
	var hits atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range callers {
		all.Go(func() {
			<-start
			switch err := spots[i%len(spots)].Meet(t.Context(), world); {
			case trouble.ModeOf(err) == trouble.Unavailable:
				hits.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	return hits.Load()
}

func TestOfManyCallersAtOnceExactlyTheCountIsHit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, s := dbtest.World(t, d), spotOf(d, ferry)
		for _, count := range []int64{1, 7, 31, 32, 40} {
			mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: trouble.Unavailable, Count: count})
			if got := crowd(t, 32, world, s); got != min(count, 32) {
				t.Errorf("of 32 callers %d met it, want %d", got, min(count, 32))
			}
			if got := crowd(t, 32, world, s); got != max(count-32, 0) {
				t.Errorf("of 32 further callers %d met it, want %d", got, max(count-32, 0))
			}
			if got := list(t, d, world); len(got) != 0 {
				t.Errorf("left is %v", got)
			}
		}
		want := []string{"somebody put  > unavailable, for 1 call", "sandbox spent unavailable, for 1 call > "}
		if diff := cmp.Diff(want, trail(t, d, world, ferry)[:2]); diff != "" {
			t.Error(diff)
		}
	})
}

// Two nodes share the count, and what one of them sets the other meets as soon as
// that is answered, though it has just seen that there is nothing.
func TestOnSeveralNodesExactlyTheCountIsHitToo(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	one, two := dbtest.Open(t, url), dbtest.Open(t, url)
	world := dbtest.World(t, one)
	here, there := spotOf(one, ferry), spotOf(two, ferry)
	for i := range 10 {
		if got := crowd(t, 32, world, here, there); got != 0 {
			t.Fatalf("%d met what nobody has set", got)
		}
		setter := []*db.DB{one, two}[i%2]
		mustPut(t, setter, world, trouble.Trouble{Target: ferry, Mode: trouble.Unavailable, Count: 9})
		meets(t, here, world, trouble.Unavailable)
		meets(t, there, world, trouble.Unavailable)
		if got := crowd(t, 32, world, here, there); got != 7 {
			t.Errorf("of 32 callers of two nodes %d met it, want 7", got)
		}
	}
	if got := list(t, two, world); len(got) != 0 {
		t.Errorf("left is %v", got)
	}
}

// Where there is no trouble, a node asks its database once, and not again. (This test
// runs alone: what others set would make the node look again.)
func TestAWorldWithoutTroubleCostsNoReading(t *testing.T) {
	d, err := db.Open(t.Context(), dbtest.SQLite(t), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	world, s := dbtest.World(t, d), spotOf(d, ferry)
	meets(t, s, world, "")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	meets(t, s, world, "") // of a closed database it could not learn it
	if err := s.Meet(t.Context(), "w_other"); err == nil {
		t.Error("a closed database answered")
	}
}

func TestWhatIsSlowAnswersAfterItsLatencyAndWhatGoesWrongMayTakeAWhileToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, s := dbtest.World(t, d), spotOf(d, ferry)
		const span = 30 * time.Millisecond
		for mode, want := range map[trouble.Mode]trouble.Mode{trouble.Slow: "", trouble.Timeout: trouble.Timeout,
			trouble.Unavailable: trouble.Unavailable, trouble.Failure: trouble.Failure} {
			mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: mode, Count: 1, Latency: new(span)})
			took := clock.Elapsed()
			meets(t, s, world, want)
			if took() < span {
				t.Errorf("%s took %v", mode, took())
			}
		}
		if got := list(t, d, world); len(got) != 0 {
			t.Errorf("left is %v", got)
		}
	})
}

func TestNobodyWaitsLongerThanItsLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		s := trouble.New(d).Spot(ferry, time.Millisecond, 100)
		for _, mode := range []trouble.Mode{trouble.Slow, trouble.Unavailable, trouble.Failure} {
			mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: mode, Latency: new(long)})
			meets(t, s, world, trouble.Timeout)
		}
	})
}

func TestWhoGivesUpIsNotKeptWaiting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, s := dbtest.World(t, d), spotOf(d, ferry)
		mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: trouble.Slow, Latency: new(long)})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := s.Meet(ctx, world); !errors.Is(err, context.DeadlineExceeded) || trouble.ModeOf(err) != "" {
			t.Errorf("it was answered %v", err)
		}
	})
}

// Whoever comes when enough are waiting already is not made to wait as well.
func TestOnlySoManyWaitAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		s := trouble.New(d).Spot(ferry, long, 2)
		mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: trouble.Slow, Latency: new(long)})
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan error)
		const callers, waiting = 7, 2
		for range callers {
			go func() { answered <- s.Meet(ctx, world) }()
		}
		for range callers - waiting {
			if err := <-answered; err != nil {
				t.Errorf("who need not wait was answered %v", err)
			}
		}
		cancel()
		for range waiting {
			if err := <-answered; !errors.Is(err, context.Canceled) {
				t.Errorf("who waited was answered %v", err)
			}
		}
	})
}

func TestAWorldThatIsGoneHasNoTrouble(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		meets(t, spotOf(d, ferry), "w_gone", "")
	})
}

func TestWhoHasGoneBeforeIsNotCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, s := dbtest.World(t, d), spotOf(d, ferry)
		mustPut(t, d, world, trouble.Trouble{Target: ferry, Mode: trouble.Failure, Count: 1})
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if err := s.Meet(gone, world); !errors.Is(err, context.Canceled) {
				t.Errorf("who has gone was answered %v", err)
			}
		}
		meets(t, s, world, trouble.Failure)
	})
}
