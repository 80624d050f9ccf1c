package gate

import (
	"context"
	"errors"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/timer"
)

// A server that does not answer takes its share of the workers and no more.
func TestTheGateKeepsPlacesForOtherServers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	g := New(4, 2)
	must := func(server string, want bool) {
		t.Helper()
		if err := g.Enter(ctx, server, false); (err == nil) != want {
			t.Fatalf("enter %s: %v", server, err)
		}
	}
	must("slow", true)
	must("slow", true)
	took := clock.Elapsed()
	must("slow", false) // at once: it is not known to be quick
	if took() > shortWait {
		t.Error("waited for an server that is not known to be quick")
	}
	must("other", true)
	must("third", true)
	must("fourth", false) // all places are taken
	g.Leave("slow", time.Minute)
	must("fourth", true)
	g.Leave("fourth", time.Millisecond)
	g.Leave("slow", time.Millisecond)
	g.Leave("other", time.Millisecond)
	g.Leave("third", time.Millisecond)

	// Of a quick server it waits for a place that is freed soon.
	must("slow", true)
	must("slow", true)
	in := make(chan error)
	go func() { in <- g.Enter(ctx, "slow", false) }()
	for {
		g.mu.Lock()
		waiting := g.at["slow"].waiting
		g.mu.Unlock()
		if waiting > 0 {
			break
		}
		if err := clock.Sleep(ctx, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	g.Leave("slow", time.Millisecond)
	if err := <-in; err != nil {
		t.Fatal(err)
	}
	// The patient wait as long as they may.
	short, cancel := context.WithTimeout(ctx, 2*shortWait)
	defer cancel()
	took = clock.Elapsed()
	if err := g.Enter(short, "slow", true); !errors.Is(err, timer.ErrBusy) || took() < 2*shortWait {
		t.Fatalf("%v after %v", err, took())
	}
	if p := g.at["slow"]; p.taken != 2 || p.waiting != 0 || g.inFlight != 2 {
		t.Fatalf("%+v, %d in flight", p, g.inFlight)
	}
}
