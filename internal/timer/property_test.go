package timer_test

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/timer"

	"pgregory.net/rapid"
)

// The model of a world's timers: plain values, no database. Moments are whole
// hours from the beginning, so that the milliseconds by which a flowing clock runs
// on while a test runs do not matter.
type model struct {
	now    int // the world's last known hour; while it flows it is a little later
	frozen bool
	timers map[string]modelTimer
}

type modelTimer struct {
	due     int
	payload string
}

// What a job does when it runs, by its payload:
//
//	""        it finishes
//	again:N   it comes again N hours later, and then finishes
//	set:K:N   it sets the timer K to N hours later
//	clear:K   it clears the timer K
//	nudge:K   it nudges the timer K
//	fail      it fails
func (m *model) run(key string, ran *[]string) (failed bool) {
	job := m.timers[key]
	at := max(job.due, m.now)
	*ran = append(*ran, fmt.Sprintf("%s@%d due %d", key, at, job.due))
	m.now = at
	verb, arg, _ := strings.Cut(job.payload, ":")
	if verb == "fail" {
		return true
	}
	delete(m.timers, key)
	other, hours, _ := strings.Cut(arg, ":")
	switch verb {
	case "again":
		m.timers[key] = modelTimer{due: at + number(arg)}
	case "set":
		m.timers[other] = modelTimer{due: at + number(hours)}
	case "clear":
		delete(m.timers, other)
	case "nudge":
		m.nudge(other, at)
	}
	return false
}

func (m *model) nudge(key string, due int) {
	if _, ok := m.timers[key]; !ok {
		m.timers[key] = modelTimer{due: due}
	}
}

func (m *model) move(to int) (ran []string) {
	over := map[string]int{} // failed, and when it was due
	for {
		var keys []string
		for key, tm := range m.timers {
			if due, failed := over[key]; tm.due <= to && !(failed && due == tm.due) {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			m.now = to
			return ran
		}
		sort.Slice(keys, func(i, j int) bool {
			a, b := m.timers[keys[i]], m.timers[keys[j]]
			return a.due < b.due || a.due == b.due && keys[i] < keys[j]
		})
		due := m.timers[keys[0]].due
		if m.run(keys[0], &ran) {
			over[keys[0]] = due
		}
	}
}

func number(s string) (n int) {
	_, _ = fmt.Sscan(s, &n)
	return n
}

// actual is the same world in a database.
type actual struct {
	t     *rapid.T
	d     *db.DB
	r     *timer.Runner
	w     string
	start time.Time
	ran   []string
}

var errWanted = errors.New("it was told to fail")

func (x *actual) at(hour int) time.Time { return x.start.Add(time.Duration(hour) * time.Hour) }

// hour is a moment as the model has it; a flowing clock is a little late.
func (x *actual) hour(at time.Time) int {
	d := at.Sub(x.start)
	if late := d % time.Hour; late > 10*time.Minute {
		x.t.Fatalf("%v is no moment of the model", at)
	}
	return int(d / time.Hour)
}

func (x *actual) within(fn func(tx *db.Tx)) {
	if err := x.d.Within(context.Background(), x.w, func(tx *db.Tx) error { fn(tx); return nil }); err != nil {
		x.t.Fatal(err)
	}
}

func (x *actual) handle(ctx context.Context, j timer.Job) error {
	verb, arg, _ := strings.Cut(j.Payload, ":")
	other, hours, _ := strings.Cut(arg, ":")
	return x.d.Within(ctx, x.w, func(tx *db.Tx) error {
		x.ran = append(x.ran, fmt.Sprintf("%s@%d due %d", j.Key, x.hour(tx.Now()), x.hour(j.Due)))
		if j.Due.After(tx.Now()) {
			x.t.Errorf("%s ran before its time", j.Key)
		}
		now := x.at(x.hour(tx.Now()))
		if verb == "fail" {
			return errWanted
		}
		if verb == "again" {
			j.Again(tx, now.Add(time.Duration(number(arg))*time.Hour), "")
			return nil
		}
		j.Done(tx)
		switch verb {
		case "set":
			timer.Set(tx, "work", other, now.Add(time.Duration(number(hours))*time.Hour), "")
		case "clear":
			timer.Clear(tx, "work", other)
		case "nudge":
			timer.Nudge(tx, "work", other, now)
		}
		return nil
	})
}

func (x *actual) move(to int) []string {
	x.ran = nil
	_, reported, err := x.r.Move(context.Background(), x.w, func(now time.Time) time.Time {
		if target := x.at(to); target.After(now) {
			return target
		}
		return now // it flows, and is a little further
	})
	if err != nil {
		x.t.Fatal(err)
	}
	if len(reported) != len(x.ran) {
		x.t.Fatalf("%v ran, and %v is reported", x.ran, reported)
	}
	for _, one := range reported {
		if one.Problem != "" && !strings.Contains(one.Problem, errWanted.Error()) {
			x.t.Fatalf("%s: %s", one.Key, one.Problem)
		}
	}
	return x.ran
}

func (x *actual) change(to func(tx *db.Tx) clock.State) {
	if _, err := x.r.Change(context.Background(), x.w, func(tx *db.Tx) (clock.State, error) { return to(tx), nil }); err != nil {
		x.t.Fatal(err)
	}
}

// timers is what waits, and checks when it wakes.
func (x *actual) timers() map[string]modelTimer {
	all := map[string]modelTimer{}
	x.within(func(tx *db.Tx) {
		state, machine := tx.Clock(), clock.Micros(tx.Machine())
		err := tx.Each(func(scan func(...any) error) error {
			var key, payload string
			var due, wake, lease int64
			if err := scan(&key, &due, &wake, &lease, &payload); err != nil {
				return err
			}
			all[key] = modelTimer{x.hour(clock.FromMicros(due)), payload}
			want := state.Wake(tx.Machine(), clock.FromMicros(due))
			if due <= clock.Micros(tx.Now()) { // it may be taken up since some moment before this one
				want = min(want, wake)
			}
			if wake != want || lease != 0 || state.Moving {
				x.t.Errorf("%s, due %d, wakes at %d, want %d (now %d, lease %d)", key, due, wake, want, machine, lease)
			}
			return nil
		}, `SELECT key, due_at, wake_at, lease_until, payload FROM timer WHERE world = $1 AND kind = 'work'`)
		if err != nil {
			x.t.Fatal(err)
		}
	})
	return all
}

// Whatever is set, nudged, cleared, moved, frozen and thawed: what runs, when, and
// what is left is what the model says.
func TestTimersDoWhatTheModelSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		hours := rapid.IntRange(0, 12)
		payload := rapid.OneOf(rapid.Just(""), rapid.Just("fail"),
			rapid.Map(rapid.IntRange(1, 5), func(n int) string { return fmt.Sprint("again:", n) }),
			rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("set:%s:%d", key.Draw(t, "other"), hours.Draw(t, "in")) }),
			rapid.Map(key, func(k string) string { return "clear:" + k }),
			rapid.Map(key, func(k string) string { return "nudge:" + k }))
		rapid.Check(t, func(rt *rapid.T) {
			x := &actual{t: rt, d: d, r: newRunner(d), w: dbtest.World(t, d)}
			x.r.Handle("work", x.handle)
			x.within(func(tx *db.Tx) { x.start = tx.Now() })
			m := &model{timers: map[string]modelTimer{}}
			rt.Repeat(map[string]func(*rapid.T){
				"set": func(rt *rapid.T) {
					k, in, p := key.Draw(rt, "key"), rapid.IntRange(-3, 12).Draw(rt, "in"), payload.Draw(rt, "payload")
					m.timers[k] = modelTimer{m.now + in, p}
					x.within(func(tx *db.Tx) { timer.Set(tx, "work", k, x.at(m.now+in), p) })
				},
				"nudge": func(rt *rapid.T) {
					k, in := key.Draw(rt, "key"), hours.Draw(rt, "in")
					m.nudge(k, m.now+in)
					x.within(func(tx *db.Tx) { timer.Nudge(tx, "work", k, x.at(m.now+in)) })
				},
				"clear": func(rt *rapid.T) {
					k := key.Draw(rt, "key")
					delete(m.timers, k)
					x.within(func(tx *db.Tx) { timer.Clear(tx, "work", k) })
				},
				"move": func(rt *rapid.T) {
					to := m.now + hours.Draw(rt, "by")
					want := m.move(to)
					if got := x.move(to); fmt.Sprint(got) != fmt.Sprint(want) {
						rt.Fatalf("the move to %d ran  %v\nthe model says %v", to, got, want)
					}
				},
				"freeze": func(*rapid.T) {
					m.frozen = true
					x.change(func(tx *db.Tx) clock.State { return tx.Clock().Freeze(tx.Machine()) })
				},
				"thaw": func(*rapid.T) {
					m.frozen = false
					x.change(func(tx *db.Tx) clock.State { return tx.Clock().Thaw(tx.Machine()) })
				},
				"": func(rt *rapid.T) {
					if got := x.timers(); fmt.Sprint(got) != fmt.Sprint(m.timers) {
						rt.Fatalf("left %v\nthe model says %v", got, m.timers)
					}
					x.within(func(tx *db.Tx) {
						if x.hour(tx.Now()) != m.now || tx.Clock().Frozen.IsZero() == m.frozen {
							rt.Fatalf("the clock %+v is at %v, the model's at %d", tx.Clock(), tx.Now(), m.now)
						}
					})
				},
			})
		})
	})
}
