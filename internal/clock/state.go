package clock

import (
	"errors"
	"math"
	"time"
)

// Never is the machine moment (in microseconds) of something that will not come
// by itself, such as a timer in a world whose clock stands still.
const Never = int64(math.MaxInt64)

// ErrBackwards refuses a clock move into the past.
var ErrBackwards = errors.New("clock: a world's clock never moves back")

// State is one world's clock.
type State struct {
	Sandbox bool          // production worlds run on the machine's clock, whatever the rest says
	Offset  time.Duration // how far the world is ahead of the machine while it flows
	Frozen  time.Time     // the moment at which it stands; zero while it flows
	Moving  bool          // being moved: due work belongs to the mover alone
}

// Now is the world's moment when the machine's is m.
func (s State) Now(m time.Time) time.Time {
	switch {
	case !s.Sandbox:
		return m
	case !s.Frozen.IsZero():
		return s.Frozen
	default:
		return m.Add(s.Offset)
	}
}

// Freeze stops the clock where it is.
func (s State) Freeze(m time.Time) State {
	if s.Frozen.IsZero() {
		s.Frozen = s.Now(m)
	}
	return s
}

// Thaw lets a stopped clock flow on from where it stood.
func (s State) Thaw(m time.Time) State {
	if !s.Frozen.IsZero() {
		s.Offset = s.Frozen.Sub(m)
		s.Frozen = time.Time{}
	}
	return s
}

// To moves the clock to a moment that is not before its present one.
func (s State) To(m, to time.Time) (State, error) {
	if to.Before(s.Now(m)) {
		return s, ErrBackwards
	}
	if s.Frozen.IsZero() {
		s.Offset = to.Sub(m)
	} else {
		s.Frozen = to
	}
	return s, nil
}

// Wake is the machine moment, in microseconds, at which work that is due in the
// world at due can be taken up: Never while the clock stands short of it or is
// being moved.
func (s State) Wake(m, due time.Time) int64 {
	switch {
	case s.Moving:
		return Never
	case !due.After(s.Now(m)):
		return Micros(m)
	case !s.Sandbox:
		return Micros(due)
	case !s.Frozen.IsZero():
		return Never
	default:
		return Micros(due.Add(-s.Offset))
	}
}
