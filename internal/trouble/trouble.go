// Package trouble is what the owner of a sandbox wants to go wrong there: a backend
// that is not available, does not answer in time, fails, or takes long, for so many
// calls or until it is cleared.
//
// Who calls a backend declares it, once, and asks before each call that a sandbox
// makes; production is never asked about:
//
//	var Billing = trouble.Declare("care.billing", "the billing systems of care")
//
//	spot := maker.Spot(Billing, callDeadline, 64) // maker := trouble.New(d), one for a node
//	switch err := spot.Meet(ctx, world); trouble.ModeOf(err) { ... }
//
// trouble.go is what can be wanted, with its rules, and how it is set and cleared in
// a unit of work; meet.go is how calls meet it.
package trouble

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"sync"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// The faults of faults.
var (
	Unknown     = fault.New("platform", "trouble_unknown_target", 404, "Nothing of that name can be made to fail; the list of faults has the targets that there are.")
	SandboxOnly = fault.New("platform", "trouble_sandbox_only", 403, "Faults can be set in sandbox worlds only.")
)

// Target is something that can be made to fail.
type Target string

// Known is a target as it was declared.
type Known struct {
	Target Target
	Text   string // what it is, for people
}

var declared struct {
	sync.Mutex
	targets map[Target]string
}

var wellFormed = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)

// nameLength bounds names, as the document of the sandbox's calls promises.
const nameLength = 64

// Declare makes a target known: product.backend, and what that is. A name that is
// taken or malformed is a programming error and panics at start.
func Declare(name, text string) Target {
	switch {
	case len(name) > nameLength || !wellFormed.MatchString(name):
		panic(fmt.Sprintf("trouble: %q is no name", name))
	case text == "":
		panic("trouble: " + name + " does not say what it is")
	}
	t := Target(name)
	declared.Lock()
	defer declared.Unlock()
	if declared.targets == nil {
		declared.targets = map[Target]string{}
	}
	if _, taken := declared.targets[t]; taken {
		panic("trouble: two are called " + name)
	}
	declared.targets[t] = text
	return t
}

// Targets is everything that can be made to fail, by name.
func Targets() []Known {
	declared.Lock()
	defer declared.Unlock()
	list := make([]Known, 0, len(declared.targets))
	for t, text := range declared.targets {
		list = append(list, Known{t, text})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Target < list[j].Target })
	return list
}

func known(t Target) bool {
	declared.Lock()
	defer declared.Unlock()
	_, ok := declared.targets[t]
	return ok
}

// Mode is how something goes wrong.
type Mode string

// The modes.
const (
	Unavailable Mode = "unavailable" // it cannot be reached
	Timeout     Mode = "timeout"     // it does not answer in time
	Failure     Mode = "error"       // it answers that it has failed
	Slow        Mode = "slow"        // it answers late
)

// Bounds of trouble.
const (
	MaxCount       = 10_000
	MaxLatency     = time.Minute
	MinSlow        = time.Millisecond
	DefaultLatency = 2 * time.Second // of what is slow
)

// The rules.
const (
	ruleTarget  = "TRB-TGT-01" // it is said what is to fail
	ruleMode    = "TRB-MOD-01" // and how: in one of the modes
	ruleCount   = "TRB-CNT-01" // up to 10,000 calls meet it, or all until it is cleared
	ruleLatency = "TRB-LAT-01" // it takes from nothing to a minute
	ruleSlow    = "TRB-LAT-02" // what is slow takes a millisecond at least
)

// Trouble is what somebody wants to go wrong.
type Trouble struct {
	Target  Target
	Mode    Mode
	Count   int64          // how many calls meet it; 0: all, until it is cleared
	Latency *time.Duration // of the machine's time, before it goes wrong; nil: none, and for what is slow DefaultLatency
}

// Check is every rule that the trouble breaks.
func (t Trouble) Check() (wrong fault.List) {
	if t.Target == "" {
		wrong.Add(ruleTarget, "target", "must be given")
	}
	if !slices.Contains([]Mode{Unavailable, Timeout, Failure, Slow}, t.Mode) {
		wrong.Add(ruleMode, "mode", "must be one of unavailable, timeout, error, slow")
	}
	if t.Count < 0 || t.Count > MaxCount {
		wrong.Addf(ruleCount, "count", "must be a whole number from 0 to %d", MaxCount)
	}
	switch {
	case t.Latency == nil:
	case *t.Latency < 0 || *t.Latency > MaxLatency:
		wrong.Add(ruleLatency, "latency", "must be an ISO 8601 duration from PT0S to PT1M")
	case t.Mode == Slow && *t.Latency < MinSlow:
		wrong.Add(ruleSlow, "latency", "must be PT0.001S at least")
	}
	return wrong
}

// Standing is trouble as it stands in a world.
type Standing struct {
	Target    Target
	Mode      Mode
	Remaining int64 // calls that are still to meet it; 0: all, until it is cleared
	Latency   time.Duration
	At        time.Time // when it was set, on the world's clock
}

// String is the standing as the trail tells it: "slow, PT2S, for 3 calls".
func (s Standing) String() string {
	text := string(s.Mode)
	if s.Latency > 0 {
		text += ", " + clock.FormatDuration(s.Latency)
	}
	switch s.Remaining {
	case 0:
		return text
	case 1:
		return text + ", for 1 call"
	}
	return fmt.Sprintf("%s, for %d calls", text, s.Remaining)
}

const columns = `target, mode, remaining, latency_us, set_at`

func scanStanding(scan func(...any) error, before ...any) (s Standing, err error) {
	var target, mode string
	var latency, at int64
	err = scan(append(before, &target, &mode, &s.Remaining, &latency, &at)...)
	s.Target, s.Mode = Target(target), Mode(mode)
	s.Latency, s.At = time.Duration(latency)*time.Microsecond, clock.FromMicros(at)
	return s, err
}

// lock reads and locks what stands at a target; nil when nothing does.
func lock(tx *db.Tx, t Target) (found *Standing, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		s, err := scanStanding(scan)
		found = &s
		return err
	}, `SELECT `+columns+` FROM trouble WHERE world = $1 AND target = $2`+tx.ForUpdate(), string(t))
	return found, err
}

// Put sets trouble in the unit's world, instead of what stands at the target. Calls
// meet it from the commit on, on every node.
func Put(tx *db.Tx, actor string, t Trouble) (Standing, error) {
	if err := t.Check().As(fault.Invalid); err != nil {
		return Standing{}, err
	}
	if !known(t.Target) {
		return Standing{}, Unknown
	}
	if !tx.Clock().Sandbox {
		return Standing{}, SandboxOnly
	}
	s := Standing{Target: t.Target, Mode: t.Mode, Remaining: t.Count, At: tx.Now()}
	switch {
	case t.Latency != nil:
		s.Latency = t.Latency.Truncate(time.Microsecond)
	case t.Mode == Slow:
		s.Latency = DefaultLatency
	}
	was, err := lock(tx, t.Target)
	if err != nil {
		return Standing{}, err
	}
	tx.Do(`INSERT INTO trouble (world, target, mode, remaining, latency_us, set_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (world, target) DO UPDATE SET mode = excluded.mode, remaining = excluded.remaining,
		latency_us = excluded.latency_us, set_at = excluded.set_at`,
		string(s.Target), string(s.Mode), s.Remaining, s.Latency.Microseconds(), clock.Micros(s.At))
	record(tx, actor, "put", was, &s)
	changed(tx)
	return s, nil
}

// record notes in the trail what became of a target.
func record(tx *db.Tx, actor, event string, was, is *Standing) {
	e := audit.Event{Actor: actor, Event: event}
	for _, side := range []struct {
		s    *Standing
		text *string
	}{{was, &e.From}, {is, &e.To}} {
		if side.s != nil {
			e.Subject, *side.text = "fault/"+string(side.s.Target), side.s.String()
		}
	}
	audit.Record(tx, e)
}

// Clear ends the trouble at a target of the unit's world. Where there is none,
// nothing changes.
func Clear(tx *db.Tx, actor string, t Target) error {
	if !known(t) {
		return Unknown
	}
	was, err := lock(tx, t)
	if err != nil || was == nil {
		return err
	}
	drop(tx, actor, "cleared", *was)
	return nil
}

// ClearAll ends all trouble in the unit's world.
func ClearAll(tx *db.Tx, actor string) error {
	list, err := list(tx, tx.ForUpdate())
	for _, s := range list {
		drop(tx, actor, "cleared", s)
	}
	return err
}

func drop(tx *db.Tx, actor, event string, s Standing) {
	tx.Do(`DELETE FROM trouble WHERE world = $1 AND target = $2`, string(s.Target))
	record(tx, actor, event, &s, nil)
}

// List is all trouble in the unit's world, by target.
func List(tx *db.Tx) ([]Standing, error) { return list(tx, "") }

func list(tx *db.Tx, lock string) ([]Standing, error) {
	all := []Standing{}
	err := tx.Each(func(scan func(...any) error) error {
		s, err := scanStanding(scan)
		all = append(all, s)
		return err
	}, `SELECT `+columns+` FROM trouble WHERE world = $1 ORDER BY target`+lock)
	return all, err
}
