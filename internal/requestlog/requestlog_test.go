package requestlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"

	"github.com/google/go-cmp/cmp"
)

var quiet = slog.New(slog.DiscardHandler)

// wrongMove is a fault of a product.
var wrongMove = &fault.Code{ID: "test_wrong_move", Status: 409, Text: "Not now.", Family: "test"}

func each(t *testing.T, test func(t *testing.T, l *Log, world string)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, New(d, quiet), dbtest.World(t, d)) })
}

// asked is a request of an application as the edge tells it.
func asked(world, app, id string) Record {
	return Record{World: world, App: app, ID: id, Method: "POST", Path: "/x/" + id, Operation: "makeX", Status: 201, Took: 1500 * time.Microsecond, Keep: true,
		RequestHeaders:  map[string][]string{"Authorization": {"Bearer t"}, "Content-Type": {"application/json"}},
		ResponseHeaders: map[string][]string{"Content-Type": {"application/json"}},
		RequestBody:     []byte(`{"name":"n","pin":"1234"}`), ResponseBody: []byte(`{"id":1}`), ResponseSize: 8}
}

func (l *Log) flushed(t *testing.T) {
	t.Helper()
	if err := errors.Join(l.Flush(t.Context()), l.FlushUsage(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func (l *Log) list(t *testing.T, world string, f Filter) (list []Entry) {
	t.Helper()
	err := l.d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		list, err = l.List(tx, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (l *Log) find(t *testing.T, world, app, id string) (e Entry, err error) {
	t.Helper()
	err = l.d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		e, err = l.Find(tx, app, id)
		return err
	})
	return e, err
}

func ids(list []Entry) (ids []string) {
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestARequestIsKeptWithItsAnswerAndWhyItFailed(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		before := clock.Machine()
		r := asked(world, "app_a", "r-1")
		r.Query, r.Status = "token=s&full=yes", 409
		r.Fault = wrongMove.Instead([]string{"cancel"}, fault.Field("TST-X-01", "x", "must go"))
		l.Add(r)
		bad := asked(world, "app_a", "r-2\x00\xff")
		bad.Fault = wrongMove.Say("said \x00")
		bad.RequestBody = []byte(`{"a":"` + strings.Repeat("b", BodyMost) + `"}`)
		bad.ResponseBody, bad.ResponseSize = []byte(`[1,2`), 1<<40
		l.Add(bad)
		l.flushed(t)
		got, err := l.find(t, world, "app_a", "r-1")
		if err != nil {
			t.Fatal(err)
		}
		if got.At.Before(before.Add(-r.Took)) || got.At.After(clock.Machine()) {
			t.Errorf("it came at %v", got.At)
		}
		want := Entry{World: world, App: "app_a", ID: "r-1", Seq: got.Seq, At: got.At, Method: "POST", Path: "/x/r-1?token=…&full=yes", Operation: "makeX",
			Status: 409, Took: r.Took, RequestHeaders: map[string][]string{"Authorization": {"…"}, "Content-Type": {"application/json"}},
			ResponseHeaders: r.ResponseHeaders, RequestBody: `{"name":"n","pin":"…"}`, ResponseBody: `{"id":1}`, RequestSize: 25, ResponseSize: 8,
			Code: "test_wrong_move", Message: "Not now.", Why: []fault.Violation{{Rule: "TST-X-01", Field: "x", Message: "must go"}}, Next: []string{"cancel"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		list := l.list(t, world, Filter{App: "app_a"})
		if len(list) != 2 || list[0].ID != "r-2\uFFFD\uFFFD" || list[1].Code != "test_wrong_move" || list[1].RequestBody != "" || list[1].RequestHeaders != nil {
			t.Fatalf("listed are %+v", list)
		}
		got, err = l.find(t, world, "app_a", fmt.Sprint(list[0].Seq))
		if err != nil || !got.RequestCut || got.RequestBody != `{"a":` || got.RequestSize != BodyMost+8 || !got.ResponseCut || got.ResponseBody != "[1," || got.ResponseSize != 1<<40 ||
			got.Message != "said \uFFFD" {
			t.Errorf("what is too long was kept as %+v, %v", got, err)
		}
	})
}

func TestTheLogOfOneApplicationIsNotAnothers(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		other := dbtest.World(t, l.d)
		for _, r := range []Record{asked(world, "app_a", "mine"), asked(world, "app_b", "theirs"), asked(other, "app_a", "elsewhere"), asked("w_gone", "app_a", "gone")} {
			l.Add(r)
		}
		l.flushed(t)
		for app, want := range map[string][]string{"app_a": {"mine"}, "app_b": {"theirs"}, "": nil, "%": nil} {
			if got := ids(l.list(t, world, Filter{App: app})); !slices.Equal(got, want) {
				t.Errorf("%q sees %v, want %v", app, got, want)
			}
		}
		for _, id := range []string{"theirs", "elsewhere", "gone", "none", "", "12"} {
			if _, err := l.find(t, world, "app_a", id); !errors.Is(err, RequestUnknown) {
				t.Errorf("app_a finds %q: %v", id, err)
			}
		}
		seq := l.list(t, world, Filter{App: "app_b"})[0].Seq
		err := l.d.View(t.Context(), world, func(tx *db.Tx) error {
			_, err := l.Get(tx, "app_a", seq)
			return err
		})
		if !errors.Is(err, RequestUnknown) {
			t.Errorf("app_a gets a request of app_b: %v", err)
		}
	})
}

func TestAListIsFilteredAndPaged(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		for i, status := range []int{200, 302, 400, 404, 404, 500, 503} {
			r := asked(world, "app_a", fmt.Sprintf("r%d", i))
			r.Status, r.Operation = status, []string{"getX", "makeX"}[i%2]
			if status >= 400 {
				r.Fault = wrongMove.With()
			}
			if status == 302 {
				r.Path = `/100%/a_b\c`
			}
			l.Add(r)
		}
		l.writer(world, "app_a").missed.Add(7)
		l.flushed(t)
		if all := l.list(t, world, Filter{App: "app_a"}); len(all) != 8 || all[0].NotKept != 7 || all[0].Status != 0 {
			t.Fatalf("all are %+v", all)
		}
		for _, c := range []struct {
			f    Filter
			want string
		}{
			{Filter{Status: "ok"}, "r1 r0"},
			{Filter{Status: "failed"}, "r6 r5 r4 r3 r2"},
			{Filter{Status: "4xx"}, "r4 r3 r2"},
			{Filter{Status: "5xx"}, "r6 r5"},
			{Filter{Status: "404"}, "r4 r3"},
			{Filter{Status: "404", Limit: 1}, "r4"},
			{Filter{Operation: "makeX"}, "r5 r3 r1"},
			{Filter{Operation: "getX", Status: "4xx"}, "r4 r2"},
			{Filter{Contains: "/X/R3"}, "r3"},
			{Filter{Contains: "WRONG", Limit: 2}, "r6 r5"},
			{Filter{Contains: "R6"}, "r6"},
			{Filter{Contains: "0%/A_B\\"}, "r1"},
			{Filter{Contains: "a%b"}, ""},
			{Filter{Contains: "_"}, "r6 r5 r4 r3 r2 r1"},
		} {
			c.f.App = "app_a"
			if got := strings.Join(ids(l.list(t, world, c.f)), " "); got != c.want {
				t.Errorf("%+v finds %q, want %q", c.f, got, c.want)
			}
		}
		var paged []string
		for f := (Filter{App: "app_a", Limit: 3, Status: "failed"}); ; {
			page := l.list(t, world, f)
			if len(page) == 0 {
				break
			}
			paged, f.Before = append(paged, ids(page)...), page[len(page)-1].Seq
		}
		if got := strings.Join(paged, " "); got != "r6 r5 r4 r3 r2" {
			t.Errorf("the pages have %s", got)
		}
	})
}

func TestRLG_STS_01_aStatusIsOneThatThereCanBe(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		for _, status := range []string{"x", "99", "600", "-404", "+404", "4XX", "200 "} {
			err := l.d.View(t.Context(), world, func(tx *db.Tx) error {
				_, err := l.List(tx, Filter{App: "app_a", Status: status})
				return err
			})
			if f := fault.Of(err); f == nil || len(f.Violations) != 1 || f.Violations[0].Rule != ruleStatus {
				t.Errorf("%q: %v", status, err)
			}
		}
	})
}

func TestWhatOneApplicationWritesIsBounded(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		started, wanted := clock.Elapsed(), 0
		for range 3 * burst {
			if l.Wants(world, "app_loud") {
				wanted++
			}
		}
		if most := burst + 1 + int(started().Seconds()*perSecond); wanted < burst || wanted > most {
			t.Errorf("%d were wanted, not %d to %d", wanted, burst, most)
		}
		if !l.Wants(world, "app_calm") {
			t.Error("another application's is not wanted")
		}
		l.flushed(t)
		if list := l.list(t, world, Filter{App: "app_loud"}); len(list) != 1 || list[0].NotKept != int64(3*burst-wanted) {
			t.Errorf("the log says %+v", list)
		}
	})
}

func TestAFullQueueCountsWhatItDoesNotTake(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		r := asked(world, "app_a", "r")
		for range queueMost + 5 {
			l.Add(r)
		}
		big := New(l.d, quiet)
		r.App, r.RequestBody = "app_big", make([]byte, 1<<20)
		n := 0
		for big.writer(world, "app_big").missed.Load() == 0 {
			big.Add(r)
			n++
		}
		if held := n * BodyMost; held > queueBytes+3*BodyMost {
			t.Errorf("%d bytes are held, %d are the most", held, queueBytes)
		}
		l.flushed(t)
		list := l.list(t, world, Filter{App: "app_a", Limit: 2})
		if len(list) != 2 || list[0].NotKept != 5 || list[1].ID != "r" {
			t.Errorf("the log ends with %+v", list)
		}
	})
}

func TestWhatIsQueuedAtTheEndIsWritten(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		for i := range batchMost + 10 {
			l.Add(asked(world, "app_a", fmt.Sprint("r", i)))
		}
		l.writer(world, "app_a").missed.Add(3)
		stop()
		running.Wait()
		list := l.list(t, world, Filter{App: "app_a", Limit: 200})
		if len(list) != 200 || list[0].NotKept != 3 || list[1].ID != fmt.Sprint("r", batchMost+9) {
			t.Errorf("of what was queued %d are there, first %+v", len(list), list[0])
		}
		if p := l.usage(t, world, "", ""); p.N != batchMost+10 {
			t.Errorf("counted are %+v", p)
		}
	})
}

func TestRunWritesWithoutBeingAsked(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		running.Go(func() { l.Run(ctx) })
		for range 2 { // it has slept in between
			l.Add(asked(world, "app_a", "r"))
			for w := l.writer(world, "app_a"); w.written.Swap(0) == 0; {
				if err := clock.Sleep(t.Context(), time.Millisecond); err != nil {
					t.Fatal(err)
				}
			}
		}
		if list := l.list(t, world, Filter{App: "app_a"}); len(list) != 2 {
			t.Errorf("written are %+v", list)
		}
	})
}

// What a database in trouble did not take is written when it is well again.
func TestWhatCouldNotBeWrittenIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		l.Add(asked(world, "app_a", "r-1"))
		l.writer(world, "app_a").missed.Add(1)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if l.Flush(gone) == nil || l.FlushUsage(gone) == nil {
			t.Fatal("it was written after the end")
		}
		l.Add(asked(world, "app_a", "r-2"))
		l.flushed(t)
		if got := ids(l.list(t, world, Filter{App: "app_a"})); !slices.Equal(got, []string{"", "r-2", "r-1"}) {
			t.Errorf("the log has %v", got)
		}
		if p := l.usage(t, world, "app_a", ""); p.N != 2 {
			t.Errorf("counted are %+v", p)
		}
	})
}

// A batch that the database never takes is given up and counted; what comes later is
// written.
func TestWhatCanNeverBeWrittenDoesNotStopTheRest(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		rename := func(from, to string) {
			t.Helper()
			if err := l.d.System(t.Context(), func(tx *db.Tx) error { tx.Do(`ALTER TABLE ` + from + ` RENAME TO ` + to); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		for range batchMost + 1 {
			l.Add(asked(world, "app_a", "never"))
		}
		rename("request_log", "elsewhere")
		for i := range triesMost {
			if l.Flush(t.Context()) == nil {
				t.Fatalf("the %dth try was well", i)
			}
		}
		rename("elsewhere", "request_log")
		l.Add(asked(world, "app_a", "later"))
		l.flushed(t)
		list := l.list(t, world, Filter{App: "app_a"})
		if len(list) != 3 || list[0].NotKept != batchMost || list[1].ID != "later" || list[2].ID != "never" {
			t.Errorf("the log has %+v", list)
		}
	})
}

func TestALogIsCutToItsLengthAndItsAge(t *testing.T) {
	each(t, func(t *testing.T, l *Log, world string) {
		const more = sweepMost + 20
		fill := func(app string, n int, from int64) {
			t.Helper()
			err := l.d.System(t.Context(), func(tx *db.Tx) error {
				tx.Do(`INSERT INTO request_log (world, app, seq, id, at, method, path, operation, status, took_us)
					WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
					SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($4 AS BIGINT) + i, '', 0, '', '', '', 200, 0 FROM n`, world, app, int64(n), from)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		count := func(app string) (n, least int64) {
			t.Helper()
			err := l.d.View(t.Context(), world, func(tx *db.Tx) error {
				return tx.Row(`SELECT count(*), coalesce(min(seq), 0) FROM request_log WHERE world = $1 AND app = $2`, app).Scan(&n, &least)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n, least
		}
		recent := seqAt(clock.Machine())
		fill("app_long", KeptMost+more, recent)
		fill("app_short", 10, recent)
		l.writer(world, "app_long").written.Store(1)
		l.writer(world, "app_short").written.Store(1)
		if err := l.trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, least := count("app_long"); n != KeptMost || least != recent+more+1 {
			t.Errorf("%d are left, from the %dth on", n, least-recent)
		}
		old := clock.Machine().Add(-KeptFor)
		fill("app_old", more, seqAt(old)-more-1)
		fill("app_old", 50, seqAt(old.Add(time.Hour)))
		fill("app_older", 3, seqAt(old.Add(-time.Hour)))
		if err := l.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for app, want := range map[string]int64{"app_long": KeptMost, "app_short": 10, "app_old": 50, "app_older": 0} {
			if n, _ := count(app); n != want {
				t.Errorf("%s has %d left, want %d", app, n, want)
			}
		}
	})
}
