package ondemand_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"

	"pgregory.net/rapid"
)

// modelBlocks is how many /24s the model's pool has: few, so that it runs out.
const modelBlocks = 1

// model is what a world of on-demand services should be, kept without a database.
type model struct {
	w       *ondemandtest.World
	fail    func(format string, args ...any)
	now     time.Time
	quotes  []*modelQuote
	ids     []string // services, in the order of their making
	service map[string]*modelService
	pending map[string]*modelOrder // orders that have not ended
	ended   map[string]*modelOrder
	rest    map[string]time.Time // prefixes at rest, and until when
	changes map[int64]int        // by GMT day
}

type modelQuote struct {
	id      string
	mbps    int
	expires time.Time
	used    bool
}

type modelService struct {
	name, prefix string
	port         string
	mbps         int
	status       string
	busy         bool
}

type modelOrder struct {
	service, action, name string
	mbps                  int
	fate                  string // completed, refused or failed, as its magic words say
}

func newModel(w *ondemandtest.World, fail func(format string, args ...any)) *model {
	m := &model{w: w, fail: fail, now: w.Now(), service: map[string]*modelService{}, pending: map[string]*modelOrder{},
		ended: map[string]*modelOrder{}, rest: map[string]time.Time{}, changes: map[int64]int{}}
	// The seeded service on the customer's own port is left alone: its quotes are
	// for another site.
	for _, s := range w.Everything().Services {
		m.service[s.ID] = &modelService{name: s.Name, prefix: s.Prefix, port: s.Port, mbps: s.Speed.Mbps, status: s.Status}
	}
	m.ids = []string{ondemand.ExampleService}
	return m
}

func (m *model) expect(what string, err error, want *fault.Code) bool {
	switch {
	case want == nil && err != nil:
		m.fail("%s at %v: %v", what, m.now, err)
	case want != nil && !errors.Is(err, want):
		m.fail("%s at %v: got %v, want %s", what, m.now, err, want.ID)
	}
	return err == nil
}

func (m *model) quote(mbps int) {
	q, err := m.w.TryQuote(m.w.PriceRequest(ondemandtest.Center, ondemand.CanonicalSpeed(mbps).Text))
	if m.expect("quote", err, nil) {
		m.quotes = append(m.quotes, &modelQuote{id: q.ID, mbps: mbps, expires: m.now.Add(15 * time.Minute)})
	}
}

func (m *model) quoteFault(q *modelQuote) *fault.Code {
	switch {
	case q.used:
		return ondemand.QuoteUsed
	case !m.now.Before(q.expires):
		return ondemand.QuoteExpired
	}
	return nil
}

func (m *model) add(q *modelQuote, name string, bits int) {
	want := m.quoteFault(q)
	switch {
	case want != nil:
	case strings.Contains(name, "no-capacity"):
		want = ondemand.NoCapacity
	case strings.Contains(name, "no-addresses") || !m.fits(bits):
		want = ondemand.NoAddresses
	}
	o, err := m.w.Place(ondemandtest.Sized(m.w.AddRequest(q.id, name), fmt.Sprintf("/%d", bits)))
	if !m.expect("add "+name, err, want) {
		return
	}
	q.used = true
	made := m.w.Service(o.Service)
	prefix := made.Prefix
	if m.overlaps(prefix) {
		m.fail("%s was given to service %s, but it is not free", prefix, o.Service)
	}
	m.ids = append(m.ids, o.Service)
	m.service[o.Service] = &modelService{name: name, prefix: prefix, port: made.Port, mbps: q.mbps, status: "In progress", busy: true}
	m.pending[o.ID] = &modelOrder{service: o.Service, action: "add", fate: fateOf(name)}
}

func (m *model) modify(id string, q *modelQuote, name string) {
	s, quote, speed := m.service[id], "", 0
	want := m.serviceFault(s)
	if q != nil {
		quote, speed = q.id, q.mbps
		if want == nil {
			want = m.quoteFault(q)
		}
		more := q.mbps - s.mbps
		if want == nil && more > 0 && (strings.Contains(name, "no-capacity") || m.used(s.port)+more > ondemand.NNICapacity) {
			want = ondemand.NoCapacity
		}
	}
	want = m.limited(want)
	o, err := m.w.Place(m.w.ModifyRequest(id, quote, name))
	if !m.expect(fmt.Sprintf("modify %s %s %q", id, quote, name), err, want) {
		return
	}
	fate := "completed"
	if q != nil {
		q.used = true
		fate = fateOf(s.name + " " + name)
	}
	s.status, s.busy = "Change pending", true
	m.changes[m.day()]++
	m.pending[o.ID] = &modelOrder{service: id, action: "modify", name: name, mbps: speed, fate: fate}
}

// used is what the services of a port run at, or are to run at if that is more.
func (m *model) used(port string) int {
	sum := 0
	for _, s := range m.service {
		if s.port == port && s.prefix != "" {
			sum += s.mbps
		}
	}
	for _, o := range m.pending {
		if s := m.service[o.service]; s.port == port && o.action == "modify" {
			sum += max(0, o.mbps-s.mbps)
		}
	}
	return sum
}

func (m *model) end(id string) {
	s := m.service[id]
	o, err := m.w.Place(m.w.DeleteRequest(id))
	if !m.expect("delete "+id, err, m.limited(m.serviceFault(s))) {
		return
	}
	s.status, s.busy = "Disconnect pending", true
	m.changes[m.day()]++
	m.pending[o.ID] = &modelOrder{service: id, action: "delete", fate: fateOf(s.name)}
}

func (m *model) serviceFault(s *modelService) *fault.Code {
	switch {
	case s.busy:
		return ondemand.ServiceBusy
	case s.status == "Disconnected":
		return ondemand.ServiceState
	}
	return nil
}

func (m *model) limited(other *fault.Code) *fault.Code {
	if other == nil && m.changes[m.day()] >= 24 {
		return ondemand.ChangeLimit
	}
	return other
}

func (m *model) day() int64 { return m.now.Unix() / (24 * 3600) }

func fateOf(text string) string {
	switch {
	case strings.Contains(text, refused):
		return "refused"
	case strings.Contains(text, fails):
		return "failed"
	}
	return "completed"
}

// advance moves the clock, and lets orders that have ended have their effect.
func (m *model) advance(by time.Duration) {
	ran, err := m.w.TryAdvance(context.Background(), by)
	m.expect("advance", err, nil)
	for _, r := range ran {
		if r.Problem != "" {
			m.fail("%s of %s failed: %s", r.Kind, r.Key, r.Problem)
		}
	}
	m.now = m.now.Add(by)
	for prefix, until := range m.rest {
		if !m.now.Before(until) {
			delete(m.rest, prefix)
		}
	}
	for _, o := range m.w.Everything().Orders {
		p := m.pending[o.ID]
		if p == nil || !ondemand.OrderMachine.Ended(o.State) {
			continue
		}
		if (o.State == ondemand.OrderCompleted) != (p.fate == "completed") {
			m.fail("the %s order of %s is %s, want %s", p.action, p.service, o.State, p.fate)
		}
		m.settle(p, o)
		m.ended[o.ID] = p
		delete(m.pending, o.ID)
	}
}

func (m *model) settle(p *modelOrder, o ondemand.Order) {
	s := m.service[p.service]
	s.busy = false
	done := p.fate == "completed"
	switch {
	case p.action == "add" && !done:
		s.status, s.prefix = "Disconnected", ""
	case p.action == "delete" && done:
		if until := o.EndedAt.Add(24 * time.Hour); m.now.Before(until) {
			m.rest[s.prefix] = until
		}
		s.status, s.prefix = "Disconnected", ""
	default:
		s.status = "Active"
		if done && p.name != "" {
			s.name = p.name
		}
		if done && p.mbps != 0 {
			s.mbps = p.mbps
		}
	}
}

// taken is which /30s of the pool somebody holds, or rests.
func (m *model) taken() (units [64 * modelBlocks]bool) {
	mark := func(text string) {
		if text == "" {
			return
		}
		p := netip.MustParsePrefix(text)
		a, pool := p.Addr().As4(), ondemand.Pools()[0].Addr().As4()
		from := (binary.BigEndian.Uint32(a[:]) - binary.BigEndian.Uint32(pool[:])) / 4
		for i := range uint32(1) << (30 - p.Bits()) {
			units[from+i] = true
		}
	}
	for _, s := range m.service {
		mark(s.prefix)
	}
	for prefix := range m.rest {
		mark(prefix)
	}
	return units
}

func (m *model) fits(bits int) bool {
	units, n := m.taken(), 1<<(30-bits)
	for at := 0; at < len(units); at += n {
		if !slices.Contains(units[at:at+n], true) {
			return true
		}
	}
	return false
}

func (m *model) overlaps(prefix string) bool {
	p := netip.MustParsePrefix(prefix)
	for _, s := range m.service {
		if s.prefix != "" && netip.MustParsePrefix(s.prefix).Overlaps(p) {
			return true
		}
	}
	for rests := range m.rest {
		if netip.MustParsePrefix(rests).Overlaps(p) {
			return true
		}
	}
	return false
}

// check compares the world with the model, and audits it.
func (m *model) check() {
	problems, err := m.w.Problems()
	if err != nil || len(problems) > 0 {
		m.fail("the audit finds %q, %v", problems, err)
	}
	all := m.w.Everything()
	if len(all.Services) != len(m.service) || len(all.Orders) != len(m.pending)+len(m.ended) {
		m.fail("%d services and %d orders, want %d and %d", len(all.Services), len(all.Orders), len(m.service), len(m.pending)+len(m.ended))
	}
	for _, s := range all.Services {
		want := *m.service[s.ID]
		got := modelService{name: s.Name, prefix: s.Prefix, port: s.Port, mbps: s.Speed.Mbps, status: s.Status, busy: s.InFlight != ""}
		if !s.Holds {
			got.prefix = ""
		}
		if got != want {
			m.fail("service %s is %+v, want %+v", s.ID, got, want)
		}
	}
}

// told checks what the application heard of every order.
func (m *model) told() {
	for id, o := range m.ended {
		want := map[string][]string{"add": {"acknowledged"}, "modify": {"acknowledged", "change_pending"}, "delete": {"acknowledged", "disconnect_pending"}}[o.action]
		if o.fate != "refused" && !(o.action == "modify" && o.mbps == 0) {
			want = append(want, "in_progress")
		}
		last := "failed"
		if o.fate == "completed" {
			last = "completed"
		}
		status := "active"
		if o.action == "add" && last == "failed" || o.action == "delete" && last == "completed" {
			status = "disconnected"
		}
		want = append(want, last, status)
		got := []string{}
		for _, n := range m.w.Told(id) {
			got = append(got, n[strings.LastIndexByte(n, '.')+1:])
		}
		if !slices.Equal(got, want) {
			m.fail("of the %s order %s that was %s it was told %q, want %q", o.action, id, o.fate, got, want)
		}
	}
}

var (
	modelSpeeds = []int{10, 100, 1000, 10_000}
	modelWords  = []string{"", "", "", "", refused, fails, slow, " [demarc:no-capacity]", " [demarc:no-addresses]"}
	modelMoves  = []time.Duration{0, time.Microsecond, time.Second, 10 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute,
		15 * time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour}
)

// modelBudget is how long the machine looks for a sequence that breaks the model;
// longer, where it is busy, until so many steps were taken and orders ended.
const (
	modelBudget = 5 * time.Second
	modelSteps  = 100
	modelEnds   = 50
)

func TestWorldsDoWhatTheModelSays(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	spent := clock.Elapsed()
	failed := false
	steps, ends := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		if spent() > modelBudget && steps >= modelSteps && ends >= modelEnds && !failed {
			return
		}
		m := newModel(ondemandtest.New(t, d, ondemandtest.WithBlocks(modelBlocks)), func(format string, args ...any) {
			failed = true
			rt.Fatalf(format, args...)
		})
		quote := func(rt *rapid.T) *modelQuote {
			if len(m.quotes) == 0 || rapid.IntRange(0, 3).Draw(rt, "fresh") > 0 {
				m.quote(rapid.SampledFrom(modelSpeeds).Draw(rt, "mbps"))
				return m.quotes[len(m.quotes)-1]
			}
			return rapid.SampledFrom(m.quotes).Draw(rt, "quote")
		}
		name := func(rt *rapid.T) string {
			return fmt.Sprint("n", rapid.IntRange(0, 3).Draw(rt, "name"), rapid.SampledFrom(modelWords).Draw(rt, "word"))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {
				steps++
				m.check()
			},
			"add": func(rt *rapid.T) { m.add(quote(rt), name(rt), rapid.IntRange(28, 30).Draw(rt, "bits")) },
			"addMany": func(rt *rapid.T) {
				for range 4 {
					m.add(quote(rt), "many", rapid.IntRange(28, 30).Draw(rt, "bits"))
				}
			},
			"bandwidth": func(rt *rapid.T) { m.modify(rapid.SampledFrom(m.ids).Draw(rt, "service"), quote(rt), "") },
			"rename":    func(rt *rapid.T) { m.modify(rapid.SampledFrom(m.ids).Draw(rt, "service"), nil, name(rt)) },
			"both":      func(rt *rapid.T) { m.modify(rapid.SampledFrom(m.ids).Draw(rt, "service"), quote(rt), name(rt)) },
			"delete":    func(rt *rapid.T) { m.end(rapid.SampledFrom(m.ids).Draw(rt, "service")) },
			"advance":   func(rt *rapid.T) { m.advance(rapid.SampledFrom(modelMoves).Draw(rt, "by")) },
			"settle":    func(*rapid.T) { m.advance(5 * time.Hour) },
		})
		m.advance(5 * time.Hour)
		if len(m.pending) > 0 {
			m.fail("%d orders have not ended", len(m.pending))
		}
		m.check()
		m.told()
		ends += len(m.ended)
	})
	if steps < modelSteps || ends < modelEnds {
		t.Errorf("only %d steps were taken and %d orders ended: nothing is proven", steps, ends)
	}
	t.Logf("%d steps, %d orders, in %v", steps, ends, spent())
}
