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
	// Who was not called yet has one place, and all of them together half.
	must("new", true)
	took := clock.Elapsed()
	must("new", false) // at once: it is not known to be quick
	if took() > shortWait {
		t.Error("waited for a server that is not known to be quick")
	}
	must("other", true)
	must("third", false)
	g.Leave("new", time.Minute)
	must("new", true) // it is slow, and still has its one place
	must("new", false)
	must("third", false)
	g.Leave("other", 2*time.Second) // it answers, if not quickly
	must("other", true)
	must("other", true)
	must("other", false)
	must("third", true) // one of the unproven ones' places was freed
	must("fourth", false)
	g.Leave("third", time.Minute)
	g.Leave("new", time.Minute)
	g.Leave("other", time.Minute)
	g.Leave("other", time.Minute)
	if g.inFlight != 0 || g.unproven != 0 {
		t.Fatalf("%d in flight, %d unproven", g.inFlight, g.unproven)
	}
}

// Of a quick server work waits for a place that is freed soon; the patient wait as long
// as they may.
func TestTheGateWaitsForQuickServers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	g := New(4, 2)
	enter := func() {
		t.Helper()
		if err := g.Enter(ctx, "quick", false); err != nil {
			t.Fatal(err)
		}
	}
	enter()
	g.Leave("quick", time.Millisecond)
	enter()
	enter()
	in := make(chan error)
	go func() { in <- g.Enter(ctx, "quick", false) }()
	for {
		g.mu.Lock()
		waiting := g.at["quick"].waiting
		g.mu.Unlock()
		if waiting > 0 {
			break
		}
		if err := clock.Sleep(ctx, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	g.Leave("quick", time.Millisecond)
	if err := <-in; err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 2*shortWait)
	defer cancel()
	took := clock.Elapsed()
	if err := g.Enter(short, "quick", true); !errors.Is(err, timer.ErrBusy) || took() < 2*shortWait {
		t.Fatalf("%v after %v", err, took())
	}
	if p := g.at["quick"]; p.taken != 2 || p.waiting != 0 || g.inFlight != 2 {
		t.Fatalf("%+v, %d in flight", p, g.inFlight)
	}
}
