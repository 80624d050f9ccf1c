package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/app"
	"demarc/internal/pgtest"
)

func TestPercentilesAreWithinAThirtysecondOfTheTruth(t *testing.T) {
	t.Parallel()
	var h histogram
	for us := range 100_000 {
		h.add(time.Duration(us+1) * time.Microsecond)
	}
	for _, part := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
		want := part * 100_000
		got := float64(h.at(part).Microseconds())
		if got < want*31/32-1 || got > want*33/32+1 {
			t.Errorf("p%v = %v us, the truth is %v", 100*part, got, want)
		}
	}
}

func TestBucketsCoverEveryLatencyInOrder(t *testing.T) {
	t.Parallel()
	last := -1
	for us := uint64(0); us < 1<<40; us += us/100 + 1 {
		b := bucketOf(us)
		if b < last || b >= histogramBuckets {
			t.Fatalf("%d us is in bucket %d, after %d of %d", us, b, last, histogramBuckets)
		}
		last = b
	}
	if h := (&histogram{}).at(0.5); h != 0 {
		t.Errorf("the median of nothing is %v", h)
	}
}

// server answers so many clients' requests and counts them.
func server(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestTheLoadSendsWhatItIsToldAndCountsEveryAnswer(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	large := strings.Repeat("x", 50_000) // more than the reader's first buffer
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Quote string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Quote != "NaaS-7" || r.Header.Get("X-A") != "b" {
			t.Errorf("%v %+v %v", err, body, r.Header)
		}
		seen.Add(1)
		w.Header().Set("Content-Length", fmt.Sprint(len(large)))
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(large))
	})
	m := post(http.MethodPost, "/orders", [2]string{"X-A", "b"}, jsonType)
	var left atomic.Int64
	left.Store(500)
	s, err := load{addr: addr, clients: 8, want: http.StatusCreated, next: func(_ int, b []byte) []byte {
		if left.Add(-1) < 0 {
			return nil
		}
		return m.with(b, `{"Quote":"`, "NaaS-7", `"}`)
	}, took: func(_ int, body []byte) error {
		if len(body) != len(large) {
			t.Errorf("%d bytes of %d", len(body), len(large))
		}
		return nil
	}}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.done != 500 || seen.Load() != 500 || s.times.total != 500 || s.rate() <= 0 {
		t.Errorf("%d done, %d seen, %d timed, %v a second", s.done, seen.Load(), s.times.total, s.rate())
	}
}

func TestAWrongAnswerEndsTheRunAndSaysWhatItWas(t *testing.T) {
	t.Parallel()
	addr := server(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no more quotes", http.StatusConflict) })
	_, err := load{addr: addr, clients: 2, span: time.Minute, want: http.StatusOK, next: same(get("/").with(nil))}.run(t.Context())
	if err == nil || !strings.Contains(fmt.Sprint(err), "409") || !strings.Contains(fmt.Sprint(err), "no more quotes") {
		t.Errorf("err = %v", err)
	}
}

// onBoth runs a test beside a floor on a new database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, kind, floor string)) {
	t.Helper()
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) string{
		SQLite:   func(t *testing.T) string { t.Helper(); return "sqlite:" + filepath.Join(t.TempDir(), "floor.db") },
		Postgres: func(t *testing.T) string { t.Helper(); return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name, open(t))
		})
	}
}

func TestTheFloorCommitsARowForEveryAnswerOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, _, database string) {
		floor, count := startFloor(t, database)
		res := &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req_1"}}}
		if err := teach(t.Context(), floor, figureOrder, res, []byte(`{"id":"1"}`)); err != nil {
			t.Fatal(err)
		}
		for path, rows := range map[string]int{bare + figureOrder: 0, commit + figureOrder: 400, onebyone + figureOrder: 400} {
			before := count()
			var left atomic.Int64
			left.Store(400)
			request := post(http.MethodPost, path, jsonType).with(nil, `{}`)
			s, err := load{addr: floor.addr, clients: 16, want: http.StatusCreated, next: func(_ int, b []byte) []byte {
				if left.Add(-1) < 0 {
					return nil
				}
				return append(b, request...)
			}, took: func(_ int, body []byte) error {
				if string(body) != `{"id":"1"}` {
					t.Errorf("answer %q", body)
				}
				return nil
			}}.run(t.Context())
			if err != nil || s.done != 400 {
				t.Fatalf("%s: %v, %d done", path, err, s.done)
			}
			if got := count() - before; got != rows {
				t.Errorf("%s committed %d rows, not %d", path, got, rows)
			}
		}
	})
}

func TestTheFloorReadsARowForEveryAnswerOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, _, database string) {
		floor, _ := startFloor(t, database)
		const rows = 2*floorFill + 17
		for _, n := range []int{rows + 40, rows} { // the second in place of the first
			if err := fillFloor(t.Context(), database, n); err != nil {
				t.Fatal(err)
			}
		}
		res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}}
		if err := teach(t.Context(), floor, careByNumber, res, []byte(`[]`)); err != nil {
			t.Fatal(err)
		}
		ask := func(refs ...string) error {
			var at atomic.Int64
			_, err := load{addr: floor.addr, clients: 8, want: http.StatusOK, next: func(_ int, b []byte) []byte {
				i := int(at.Add(1)) - 1
				if i >= len(refs) {
					return nil
				}
				return get(looked+careByNumber, [2]string{"refvalue", refs[i]}).with(b)
			}}.run(t.Context())
			return err
		}
		refs := []string{"0", "0000049999", "0000050000", fmt.Sprint(rows - 1)}
		for i := range 400 {
			refs = append(refs, fmt.Sprintf("%016d", i*250))
		}
		if err := ask(refs...); err != nil {
			t.Error(err)
		}
		// What it answers does depend on the row.
		for _, ref := range []string{fmt.Sprint(rows), "-1", "one"} {
			if err := ask(ref); err == nil {
				t.Errorf("row %s was read", ref)
			}
		}
	})
}

// startFloor serves a floor in this process, and answers how to count its rows.
func startFloor(t *testing.T, database string) (*process, func() int) {
	t.Helper()
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeFloor(ctx, ln, database) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	p := &process{addr: ln.Addr().String(), ended: make(chan struct{})}
	if err := p.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, func() (n int) {
		s, err := openStore(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		switch s := s.(type) {
		case *sqliteFloor:
			err = s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM floor`).Scan(&n)
		case *postgresFloor:
			err = s.pool.QueryRow(t.Context(), `SELECT count(*) FROM floor`).Scan(&n)
		}
		if closeErr := s.close(); err != nil || closeErr != nil {
			t.Fatal(err, closeErr)
		}
		return n
	}
}

// startProgram serves the program in this process, on a database beside the floor's,
// and answers it with a floor and a client.
func startProgram(t *testing.T, kind, floorURL string) *bed {
	t.Helper()
	b := &bed{kind: kind, data: t.TempDir(), floorURL: floorURL}
	if kind == Postgres {
		b.url = pgtest.URL(t)
	}
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Config{Data: b.data, DB: b.url, Listen: ln.Addr().String(), TokenTTL: time.Hour, InFlight: 100,
		Workers: 4, Connections: 8, Drain: time.Second, Version: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	})
	b.server = &process{addr: ln.Addr().String(), ended: make(chan struct{})}
	if err := b.server.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.partner, err = newPartner(t.Context(), b.server.addr, b.data); err != nil {
		t.Fatal(err)
	}
	b.floor, _ = startFloor(t, floorURL)
	return b
}

// quick is a run of one short round.
func quick(out *bytes.Buffer) *run {
	return &run{o: Options{Out: out, Rounds: 1, Span: 40 * time.Millisecond, Clients: []int{1, 4}, Sellers: 3}}
}

func TestCareIsAskedAboutTheAccountsThatWereLoadedOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floor string) {
		b := startProgram(t, kind, floor)
		world, err := b.partner.world(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		const accounts = 300
		known, l, err := loadCare(t.Context(), b.database(), world, accounts)
		if err != nil {
			t.Fatal(err)
		}
		if l.Rows != accounts || l.Seconds <= 0 || l.Bytes < 1<<16 {
			t.Errorf("loaded %+v", l)
		}
		if err := errors.Join(fillFloor(t.Context(), floor, accounts), b.teachCare(t.Context(), known)); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		r := quick(&out)
		r.load(l)
		if err := r.figures(t.Context(), kind, b.careFigures(known), r.o.Clients); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "care: 300 accounts loaded in") || !strings.Contains(out.String(), "a full run loads 1,000,000") {
			t.Errorf("printed\n%s", &out)
		}
		if rows := r.report.Rows; len(rows) != 4 || rows[3].Figure != "care by number" || rows[3].Clients != 4 || rows[3].Requests == 0 ||
			len(rows[3].Against) != 2 || rows[3].Against[0].Floor != "one indexed read" || rows[3].Against[0].Requests == 0 {
			t.Errorf("rows %+v", rows)
		}
		// An account that is not there, or is another, ends the run.
		for _, c := range careCalls(known) {
			none := b.atRandom(b.server.addr, c.path, c, 1, func(to []byte, _ int) []byte { return append(to, "5555555555"...) }, &known.numbers)
			if _, err := none(t.Context(), 1, r.o.Span); err == nil || !strings.Contains(fmt.Sprint(err), "answered 404") {
				t.Errorf("%s: err = %v", c.title, err)
			}
			other := b.atRandom(b.server.addr, c.path, c, 1, func(to []byte, _ int) []byte { return append(to, c.refs.at(7)...) }, &known.numbers)
			if _, err := other(t.Context(), 1, r.o.Span); err == nil || !strings.Contains(fmt.Sprint(err), "asked about account 0000000000000000") {
				t.Errorf("%s: err = %v", c.title, err)
			}
		}
	})
}

func TestAnAnswerIsHeldToTheAccountThatWasAskedFor(t *testing.T) {
	t.Parallel()
	for body, right := range map[string]bool{
		`{"id":"0017","name":"X"}`: true, `[{"id":"0017"}]`: true,
		`{"id":"0018"}`: false, `[{"id":"00170"}]`: false, `{"id":"001`: false, `[]`: false, ``: false, `0017"`: false, `{"name":"0017"}`: false,
		`{"account":{"id":"0017"}}`: false,
	} {
		if err := about([]byte(body), []byte("0017")); (err == nil) != right {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestUsageAddsUpToWhatProvidersToldOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floor string) {
		b := startProgram(t, kind, floor)
		var out bytes.Buffer
		r := quick(&out)
		if err := r.usage(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if len(r.report.Rows) != 2 || r.report.Rows[0].Clients != 3 || r.report.Rows[0].Requests == 0 || len(r.report.Totals) != 1 ||
			r.report.Totals[0].Updates == 0 || !strings.Contains(out.String(), "totals exact: ") {
			t.Errorf("%+v\n%s", r.report, &out)
		}
	})
}

func TestUsageThatIsCountedTwiceOrLostEndsTheRun(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floor string) {
		b := startProgram(t, kind, floor)
		sellers, err := b.partner.onboard(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		run := told(b.server.addr, sellers, true)
		for sellers[0].repeats == 0 || sellers[1].repeats == 0 {
			if _, err := run(t.Context(), 2, 50*time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		sum, err := b.partner.totals(t.Context(), sellers)
		if err != nil || sum.Updates != sellers[0].updates+sellers[1].updates || sum.Repeats < 2 {
			t.Fatalf("%+v %v", sum, err)
		}
		for _, wrong := range []int64{1, -1} {
			sellers[1].updates += wrong
			if _, err := b.partner.totals(t.Context(), sellers); err == nil || !strings.Contains(fmt.Sprint(err), "the totals are wrong") {
				t.Errorf("%+d: err = %v", wrong, err)
			}
			sellers[1].updates -= wrong
		}
		sellers[0].updates++
		if _, err := told(b.server.addr, sellers, false)(t.Context(), 1, 50*time.Millisecond); err == nil || !strings.Contains(fmt.Sprint(err), "has told") {
			t.Errorf("an answer that does not add up: err = %v", err)
		}
	})
}

func samples(rates ...int) []*sample {
	var list []*sample
	for _, r := range rates {
		s := &sample{done: r, spent: time.Second}
		s.times.add(time.Duration(1_000_000/r) * time.Microsecond)
		list = append(list, s)
	}
	return list
}

func TestARatioIsTheMedianOfTheRoundsSoThatNoiseHitsBoth(t *testing.T) {
	t.Parallel()
	// In the second round the machine was busy with something else.
	f := figure{way: way{name: "read"}, database: SQLite, rate: 900, floors: []against{{way: way{name: "bare"}, target: 0.5}}}
	row := rowOf(f, 64, true, [][]*sample{samples(1000, 100, 1010), samples(2000, 190, 1900)})
	if row.Rate != 1000 || row.Low != 100 || row.High != 1010 || row.Verdict != "met" {
		t.Errorf("row %+v", row)
	}
	if c := row.Against[0]; c.Ratio < 0.52 || c.Ratio > 0.54 || c.Verdict != "met" {
		t.Errorf("ratio %+v", c)
	}
}

func TestATargetThatIsMissedIsSaidPlainlyAndIsNoError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := &run{o: Options{Out: &out, Rounds: 1, Span: time.Second}}
	f := figure{way: way{name: "order"}, database: SQLite, rate: 5000, floors: []against{{way: way{name: "one row"}, target: 0.3, most: true}}}
	r.line(rowOf(f, 16, false, [][]*sample{samples(100), samples(1000)}))
	if strings.Contains(out.String(), "MISSED") {
		t.Errorf("a target for the most clients was held against fewer:\n%s", &out)
	}
	r.line(rowOf(f, 64, true, [][]*sample{samples(100), samples(1000)}))
	r.body(Body{Database: SQLite, What: "memory at rest", Bytes: 100 << 20, Most: restTarget})
	r.close()
	if got := strings.Count(out.String(), "MISSED"); got != 3 { // the ratio, the rate, the sum
		t.Errorf("MISSED %d times:\n%s", got, &out)
	}
	if !strings.Contains(out.String(), "3 targets were MISSED.") {
		t.Errorf("no sum:\n%s", &out)
	}
	path := filepath.Join(t.TempDir(), "deep", "bench.json")
	if err := r.report.write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(text, &back); err != nil || len(back.Rows) != 2 || back.Rows[1].Against[0].Verdict != "MISSED" {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestStraceSummariesAreAddedUp(t *testing.T) {
	t.Parallel()
	const summary = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 90.00    0.300000         150      2000         1 fsync
 10.00    0.033333         111       300           fdatasync
------ ----------- ----------- --------- --------- ----------------
100.00    0.333333         144      2300         1 total
`
	if n := countCalls(summary); n != 2300 {
		t.Errorf("%d syncs", n)
	}
	if n := countCalls(""); n != 0 {
		t.Errorf("%d syncs of none", n)
	}
}

func TestNoPartIsMeasuredThatDoesNotExist(t *testing.T) {
	t.Parallel()
	err := Run(t.Context(), Options{Only: []string{"reads"}, Dir: t.TempDir()})
	if err == nil || !strings.Contains(fmt.Sprint(err), "read, token") {
		t.Errorf("err = %v", err)
	}
}

func TestWhatOthersTakeOfTheProcessorsIsKnown(t *testing.T) {
	t.Parallel()
	pid, ppid, used, ok := readStat(`1234 (a (strange) name) S 1 1234 1234 0 -1 4194560 100 200 0 0 7 5 2 1 20 0 9 0 100 200 300`)
	if !ok || pid != 1234 || ppid != 1 || used != 15 {
		t.Errorf("%d %d %d %v", pid, ppid, used, ok)
	}
	if part := elsewhere(busy{all: 100, ours: 50, idle: 100}, busy{all: 200, ours: 100, idle: 200}); part != 0.25 {
		t.Errorf("%v of the processors", part)
	}
}
