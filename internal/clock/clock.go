// Package clock is the only place that asks the machine for the time.
//
// Everything else lives on the time of a world. A world's clock is a State: in
// production it is the machine's clock, in a sandbox it may run ahead of it by
// an offset, or stand still. A State only ever moves forward.
//
// Moments are stored as whole microseconds since 1970 (BIGINT on both
// databases) and are always UTC; Micros and FromMicros convert.
package clock

import (
	"context"
	"time"
)

// Machine is the machine's clock, in UTC and whole microseconds.
func Machine() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Micros is t as microseconds since 1970.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// FromMicros is the moment that Micros gave us, in UTC.
func FromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// MicrosOrZero is Micros, with zero for the zero time: a moment that has not come.
func MicrosOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return Micros(t)
}

// FromMicrosOrZero is the moment that MicrosOrZero gave us.
func FromMicrosOrZero(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return FromMicros(us)
}

// Elapsed measures a span on the machine's monotonic clock: the caller keeps the
// returned function and asks it as often as it likes.
func Elapsed() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Sleep waits for d or for the context's end, whichever comes first, and returns
// the context's error in the second case.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Wait waits for d, for a value on wake, or for the context's end. It reports
// whether the context is still alive.
func Wait(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-wake:
	}
	return ctx.Err() == nil
}
