package e2e

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
)

// TestUsageIsCountedOnceWhateverDies: many callers tell of usage at once, some of it
// twice, while servers are ended with -9 and the month ends. Whoever is not answered
// asks again under the same key. Afterwards every total is exact.
func TestUsageIsCountedOnceWhateverDies(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		m := newMeters(t, database)
		m.run(10_000, 6)
		m.checkAnswers()
		m.checkTotals()
		if err := m.f.a.check(); err != nil {
			t.Error(err)
		}
	})
}

// used is what a provider tells of usage.
func (v *vendor) used(coid, sku, count string) string {
	return fmt.Sprintf(`{"coid":%q,"expired":false,"sku":%q,"count":%s,"providerkey":%q}`, coid, sku, count, v.key)
}

func pageURL(path string, page int) string {
	return fmt.Sprintf("%s?pageSize=100&pageNumber=%d", path, page)
}

// micros is an amount in millionths.
type micros int64

func (m micros) String() string { return fmt.Sprintf("%d.%06d", m/1e6, m%1e6) }

// parseMicros reads a number exactly.
func parseMicros(t testing.TB, text json.Number) micros {
	t.Helper()
	r, ok := new(big.Rat).SetString(text.String())
	if !ok || !r.Mul(r, big.NewRat(1e6, 1)).IsInt() {
		t.Errorf("%q is no amount in millionths", text)
		return 0
	}
	return micros(r.Num().Int64())
}

// metered is what usage is counted by.
type metered struct{ subscription, sku, month string }

// entry is one update as it was answered.
type entry struct {
	metered
	count, total micros
}

// meters is a provider whose callers tell of what its customers use.
type meters struct {
	t       *testing.T
	f       *fleet
	v       *vendor
	rng     *rand.Rand
	subs    []bought
	entries []entry
}

// How many tell at once, of how many customers.
const (
	tellers   = 64
	customers = 8
)

func newMeters(t *testing.T, database string) *meters {
	t.Helper()
	f := newFleet(t, database)
	m := &meters{t: t, f: f, v: newVendor(t, f.a), rng: rand.New(rand.NewPCG(stormSeed, 1))}
	for i := range customers {
		f.insist(f.a, 0, "/marketplace/v1/subscriptions", buyerName(i), m.v.wants(buyerName(i)))
	}
	eventually(t, "all subscriptions are active", func() bool {
		m.subs = m.v.bought(f.a)
		return !slices.ContainsFunc(m.subs, func(s bought) bool { return s.State != "active" })
	})
	// The month has an hour left.
	var at struct{ Now time.Time }
	f.a.must(http.StatusOK, http.MethodGet, "/sandbox/v1/clock", "", &at)
	y, month, _ := at.Now.Add(2 * time.Hour).UTC().Date()
	f.advance(fmt.Sprintf(`{"to":%q}`, time.Date(y, month+1, 1, -1, 0, 0, 0, time.UTC).Format(time.RFC3339)))
	return m
}

// run tells of so many updates, and meanwhile kills so many times and ends the month.
func (m *meters) run(updates, kills int) {
	m.t.Helper()
	took := clock.Elapsed()
	m.entries = make([]entry, updates)
	told, working := make(chan struct{}, updates), sync.WaitGroup{}
	for i := range tellers {
		me := *m.f.a
		working.Go(func() {
			for n := i; n < updates && !m.t.Failed(); n += tellers {
				m.entries[n] = m.tell(&me, n)
				told <- struct{}{}
			}
		})
	}
	done := make(chan struct{})
	go func() { working.Wait(); close(done) }()
	defer func() { <-done }()
	next := func(n int) int { return n + 1 + m.rng.IntN(2*updates/(kills+2)-1) }
	kill, month := next(0), updates/2
	for n := range updates {
		select {
		case <-told:
		case <-done: // it has failed, or the rest of it is in told
		}
		switch {
		case m.t.Failed():
			return
		case n == month:
			m.f.advance(`{"by":"PT2H"}`)
		case n >= kill && m.f.killed < kills:
			m.f.kill(m.rng.IntN(len(m.f.nodes)))
			kill = next(n)
		}
	}
	m.t.Logf("%d updates, %d kills in %v; %d requests were sent again", updates, m.f.killed, took(), m.f.again.Load())
	if m.f.killed < kills/2 {
		m.t.Errorf("only %d kills", m.f.killed)
	}
}

// tell tells of one update until it is answered, of every twentieth twice at once.
func (m *meters) tell(me *actor, n int) entry {
	rng := rand.New(rand.NewPCG(stormSeed, uint64(n)))
	sub, sku, count := m.subs[rng.IntN(customers)], vendorSKUs[rng.IntN(len(vendorSKUs))], micros(1+rng.IntN(5_000_000))
	text, send := count.String(), m.f.insist
	if n%3 == 0 {
		text = `"` + text + `"` // which the source allows as well
	}
	if n%20 == 0 {
		send = m.f.twice
	}
	res := send(me, n, updatePath, fmt.Sprint("update-", n), m.v.used(sub.COID, sku, text))
	var a struct {
		COID, SKU, State, Month string
		Total                   json.Number
	}
	if err := json.Unmarshal(res.body, &a); err != nil || a.COID != sub.COID || a.SKU != sku || a.State != "active" {
		m.t.Errorf("update %d of %s %s is answered %v", n, sub.COID, sku, res)
		return entry{}
	}
	return entry{metered{sub.ID, sku, a.Month}, count, parseMicros(m.t, a.Total)}
}

// checkAnswers: the totals that were answered are those of one update after the other,
// each counted once.
func (m *meters) checkAnswers() {
	m.t.Helper()
	byMeter := map[metered][]entry{}
	for _, e := range m.entries {
		byMeter[e.metered] = append(byMeter[e.metered], e)
	}
	for at, list := range byMeter {
		slices.SortFunc(list, func(a, b entry) int { return int(a.total - b.total) })
		var sum micros
		for _, e := range list {
			if sum += e.count; e.total != sum {
				m.t.Errorf("an update of %v by %v was answered the total %v, want %v", at, e.count, e.total, sum)
				break
			}
		}
	}
}

// checkTotals: the totals are the sums of what was told, to the millionth.
func (m *meters) checkTotals() {
	m.t.Helper()
	type total struct {
		sum     micros
		updates int
	}
	want, got, months := map[metered]total{}, map[metered]total{}, map[string]bool{}
	for _, e := range m.entries {
		is := want[e.metered]
		want[e.metered] = total{is.sum + e.count, is.updates + 1}
		months[e.month] = true
	}
	for _, sub := range m.subs {
		var list struct {
			Usage []struct {
				Month, SKU, Unit string
				Total            json.Number
				Updates          int
			}
		}
		m.f.a.must(http.StatusOK, http.MethodGet, "/marketplace/v1/subscriptions/"+sub.ID+"/usage", "", &list)
		for _, u := range list.Usage {
			got[metered{sub.ID, u.SKU, u.Month}] = total{parseMicros(m.t, u.Total), u.Updates}
		}
	}
	for at, w := range want {
		if got[at] != w {
			m.t.Errorf("usage of %v is %v, want %v", at, got[at], w)
		}
	}
	if len(got) != len(want) || len(want) != 2*customers*len(vendorSKUs) || len(months) != 2 {
		m.t.Errorf("%d totals were told of and %d are there, of the months %v", len(want), len(got), months)
	}
}
