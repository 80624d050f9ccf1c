package requestlog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// usage is the sum of what was asked in the last hours, with the percentiles of one step.
func (l *Log) usage(t *testing.T, world, app, operation string) (sum Point) {
	t.Helper()
	for _, p := range l.points(t, world, app, operation, clock.Machine().Add(-time.Hour), 24*time.Hour) {
		sum.N, sum.Client, sum.Server = sum.N+p.N, sum.Client+p.Client, sum.Server+p.Server
	}
	return sum
}

func (l *Log) points(t *testing.T, world, app, operation string, since time.Time, step time.Duration) (points []Point) {
	t.Helper()
	err := l.d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		points, err = l.Usage(tx, app, operation, since, step)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// Whatever latencies there were, a percentile is in the same class as the true one.
func TestAPercentileIsInTheClassOfTheTrueOne(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var h histogram
		all := make([]time.Duration, 1+r.IntN(500))
		for i := range all {
			all[i] = time.Duration(float64(50*time.Microsecond) * (1 + 2*r.ExpFloat64()*float64(uint(1)<<r.IntN(12))))
			h.add(all[i])
		}
		slices.Sort(all)
		for _, share := range []float64{0.5, 0.95, 0.99, 1} {
			rank := int(share * float64(len(all)))
			if float64(rank) < share*float64(len(all)) {
				rank++
			}
			true_ := all[max(rank, 1)-1]
			low, high := time.Duration(0), bounds[0]
			for i := 0; i < buckets-1 && true_ > bounds[i]; i++ {
				low, high = bounds[i], bounds[i+1]
			}
			if got := h.percentile(share); got < low || got > high {
				t.Errorf("round %d: the %g percentile is %v, the true one %v", round, share, got, true_)
			}
		}
	}
	var none histogram
	if got := none.percentile(0.99); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
	var slow histogram
	slow.add(time.Hour)
	if got := slow.percentile(0.5); got < 5*time.Second || got > 30*time.Second {
		t.Errorf("of what is longer than all classes it is %v", got)
	}
}

func TestNodesAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, other := dbtest.World(t, d), dbtest.World(t, d)
		one, two := New(d, quiet), New(d, quiet)
		for _, l := range []*Log{one, two} {
			for i, status := range []int{200, 201, 404, 409, 500} {
				r := asked(world, []string{"app_a", "app_b"}[i%2], "r")
				r.Status, r.Keep, r.Took = status, false, time.Duration(i+1)*time.Millisecond
				r.Operation = map[bool]string{true: "getX", false: "makeX"}[status < 409]
				l.Add(r)
			}
			l.Add(asked(other, "app_c", "r"))
			l.flushed(t)
		}
		one.flushed(t) // nothing is counted twice
		for _, c := range []struct {
			app, operation string
			want           Point
		}{
			{"", "", Point{N: 10, Client: 4, Server: 2}},
			{"app_a", "", Point{N: 6, Client: 2, Server: 2}},
			{"app_b", "", Point{N: 4, Client: 2}},
			{"app_b", "makeX", Point{N: 2, Client: 2}},
			{"", "getX", Point{N: 6, Client: 2}},
			{"app_c", "", Point{}},
			{"", "none", Point{}},
		} {
			if diff := cmp.Diff(c.want, one.usage(t, world, c.app, c.operation)); diff != "" {
				t.Errorf("%q %q: %s", c.app, c.operation, diff)
			}
		}
		if list := one.list(t, world, Filter{App: "app_a"}); len(list) != 0 {
			t.Errorf("what was only counted is in the log: %+v", list)
		}
		var got []OperationUsage
		err := d.View(t.Context(), world, func(tx *db.Tx) (err error) {
			got, err = two.Operations(tx, "", clock.Machine().Add(-time.Hour))
			return err
		})
		if err != nil || len(got) != 2 || got[0].Operation != "getX" || got[0].N != 6 || got[1].N != 4 || got[1].Server != 2 ||
			got[0].P50 < time.Millisecond || got[0].P50 > 2*time.Millisecond || got[1].P99 < 2*time.Millisecond || got[1].P99 > 5*time.Millisecond {
			t.Errorf("the operations are %+v, %v", got, err)
		}
	})
}

// set writes a row of usage as Flush would have done it then.
func (l *Log) set(t *testing.T, world, app string, at time.Time, n int64) {
	t.Helper()
	l.setOf(t, use{world, app, clock.Micros(at), "makeX"}, n)
}

func (l *Log) setOf(t *testing.T, k use, n int64) {
	t.Helper()
	c := tally{n: n, took: n * 1000}
	c.histogram[3] = n
	if err := l.d.System(t.Context(), func(tx *db.Tx) error { addTo(tx, k, &c); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestStepsWithoutTrafficAreZero(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		now := clock.Machine()
		begin := now.Truncate(time.Hour).Add(-3 * time.Hour)
		l.set(t, world, "app_a", begin, 1)
		l.set(t, world, "app_a", begin.Add(59*time.Minute), 2)
		l.set(t, world, "app_a", begin.Add(2*time.Hour), 4)
		l.set(t, world, "app_a", begin.Add(-time.Minute), 8)
		l.set(t, world, "app_a", now.Add(3*time.Hour), 16) // of a node that is ahead
		var got []string
		points := l.points(t, world, "app_a", "", begin.Add(30*time.Minute), time.Hour)
		for _, p := range points {
			got = append(got, fmt.Sprint(p.At.Sub(begin), " ", p.N))
			if p.N > 0 && (p.P50 < 500*time.Microsecond || p.P99 > time.Millisecond) || p.N == 0 && p.P99 != 0 {
				t.Errorf("the percentiles are %+v", p)
			}
		}
		if diff := cmp.Diff([]string{"0s 3", "1h0m0s 0", "2h0m0s 4", "3h0m0s 0"}, got); diff != "" {
			t.Error(diff)
		}
		if n := len(l.points(t, world, "", "", time.Time{}, 0)); n < 30*24*60 || n > 30*24*60+2 {
			t.Errorf("since ever there are %d minutes", n)
		}
	})
}

func TestMinutesBecomeHoursAndAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		l := New(d, quiet)
		now := clock.Machine()
		hour := now.Truncate(time.Hour).Add(-MinutesTo - 2*time.Hour)
		for i := range 2 * 60 {
			for _, app := range []string{"app_a", "app_b", "app_c", "app_d", "app_e"} { // more than one batch
				l.set(t, world, app, hour.Add(time.Duration(i)*time.Minute), 1)
			}
		}
		l.setOf(t, use{world, "app_a", clock.Micros(hour.Add(time.Minute)), "getX"}, 5)
		young := now.Truncate(time.Hour).Add(-MinutesTo + time.Minute)
		l.set(t, world, "app_a", young, 3)
		l.set(t, world, "app_a", now.Add(-KeptFor-time.Minute).Truncate(time.Minute), 7)
		l.set(t, world, "app_a", now.Add(-KeptFor+time.Hour).Truncate(time.Hour), 9)
		for range 2 { // the second finds nothing to do
			if err := l.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		err := d.View(t.Context(), world, func(tx *db.Tx) error {
			return tx.Each(func(scan func(...any) error) error {
				var at, n, took, b3 int64
				var operation string
				err := scan(&at, &operation, &n, &took, &b3)
				got = append(got, fmt.Sprint(clock.FromMicros(at).Sub(hour).Truncate(time.Minute), " ", operation, " ", n, " ", took, " ", b3))
				return err
			}, `SELECT at, operation, n, took_us, b3 FROM request_usage WHERE world = $1 AND app = 'app_a' ORDER BY at, operation`)
		})
		if err != nil {
			t.Fatal(err)
		}
		oldest := fmt.Sprint(now.Add(-KeptFor+time.Hour).Truncate(time.Hour).Sub(hour), " makeX 9 9000 9")
		want := []string{oldest, "0s getX 5 5000 5", "0s makeX 60 60000 60", "1h0m0s makeX 60 60000 60", "2h1m0s makeX 3 3000 3"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
