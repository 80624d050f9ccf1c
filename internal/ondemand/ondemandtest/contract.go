package ondemandtest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"demarc/internal/ondemand"
)

// Line is a network under its contract, and what the contract must be able to do
// to it.
type Line struct {
	Network ondemand.Network
	// Force makes the network treat a change that has not begun as a magic word says.
	Force func(c *ondemand.Change, word string)
	// At tells a network that has a clock of its own what time it is; may be nil.
	At func(now time.Time)
	// Changes is how many changes the network has made; nil when it keeps no count.
	Changes func() int
}

func (l Line) at(c *ondemand.Change, now time.Time) {
	c.Now = now
	if l.At != nil {
		l.At(now)
	}
}

func (l Line) wantChanges(t *testing.T, want int) {
	t.Helper()
	if l.Changes == nil {
		return
	}
	if got := l.Changes(); got != want {
		t.Errorf("the network has made %d changes, want %d", got, want)
	}
}

// change is one that a network can make.
func change(action string) ondemand.Change {
	return ondemand.Change{Order: ondemand.OrderID(7, 1), Action: action, Service: "77133831780", Site: Center, Port: "NNI-01", VLAN: 2,
		Prefix: "100.64.0.0/29", Mbps: 100, Now: Start}
}

// NetworkContract is what every network must do, whatever is behind it. open makes
// one for each part of the contract.
func NetworkContract(t *testing.T, open func(t *testing.T) Line) {
	for _, action := range []string{ondemand.ActionAdd, ondemand.ActionBandwidth, ondemand.ActionDelete} {
		t.Run("OND-NET-01 takes and makes a change to "+action, func(t *testing.T) {
			t.Parallel()
			takesAndMakes(t, open(t), change(action))
		})
	}
	t.Run("OND-NET-01 makes one change however often it is asked", func(t *testing.T) {
		t.Parallel()
		asksTwice(t, open(t))
	})
	t.Run("OND-NET-02 refuses for good", func(t *testing.T) {
		t.Parallel()
		refuses(t, open(t))
	})
	t.Run("OND-NET-03 takes a change and fails for good", func(t *testing.T) {
		t.Parallel()
		takesAndFails(t, open(t))
	})
	t.Run("OND-NET-03 says neither yes nor no about what it does not know", func(t *testing.T) {
		t.Parallel()
		doesNotKnow(t, open(t))
	})
}

// begin starts a change that is to be taken.
func (l Line) begin(t *testing.T, c ondemand.Change) ondemand.Ticket {
	t.Helper()
	ticket, err := l.Network.Start(t.Context(), c)
	if err != nil || ticket.Ref == "" || ticket.CheckAfter <= 0 {
		t.Fatalf("it answers %+v, %v", ticket, err)
	}
	return ticket
}

// finish asks when it is told to until the change has ended.
func (l Line) finish(t *testing.T, c *ondemand.Change, ticket ondemand.Ticket) ondemand.Progress {
	t.Helper()
	wait := ticket.CheckAfter
	for range 20 {
		l.at(c, c.Now.Add(wait))
		p, err := l.Network.Status(t.Context(), *c, ticket.Ref)
		if err != nil {
			t.Fatalf("after %v: %v", c.Now.Sub(Start), err)
		}
		if p.Done || p.Failed != "" {
			return p
		}
		if wait = p.CheckAfter; wait <= 0 {
			t.Fatalf("it is to be asked again after %v", wait)
		}
	}
	t.Fatalf("it has not ended after %v", c.Now.Sub(Start))
	return ondemand.Progress{}
}

func takesAndMakes(t *testing.T, l Line, c ondemand.Change) {
	l.at(&c, Start)
	ticket := l.begin(t, c)
	l.wantChanges(t, 1)
	p, err := l.Network.Status(t.Context(), c, ticket.Ref)
	if err != nil || p.Done || p.Failed != "" || p.CheckAfter <= 0 {
		t.Fatalf("right after it was taken: %+v, %v", p, err)
	}
	if p := l.finish(t, &c, ticket); !p.Done || p.Failed != "" {
		t.Errorf("it ends in %+v", p)
	}
	l.at(&c, c.Now.AddDate(1, 0, 0))
	if p, err := l.Network.Status(t.Context(), c, ticket.Ref); err != nil || !p.Done || p.Failed != "" {
		t.Errorf("a year later: %+v, %v", p, err)
	}
	l.wantChanges(t, 1)
}

func asksTwice(t *testing.T, l Line) {
	c := change(ondemand.ActionAdd)
	l.at(&c, Start)
	tickets := make([]ondemand.Ticket, 16)
	errs := make([]error, len(tickets))
	var callers sync.WaitGroup
	for i := range tickets {
		callers.Go(func() { tickets[i], errs[i] = l.Network.Start(t.Context(), c) })
	}
	callers.Wait()
	for i, ticket := range tickets {
		if errs[i] != nil || ticket != tickets[0] {
			t.Errorf("asked again it answers %+v, %v; before %+v", ticket, errs[i], tickets[0])
		}
	}
	l.wantChanges(t, 1)
	if p := l.finish(t, &c, tickets[0]); !p.Done {
		t.Errorf("it ends in %+v", p)
	}
	// Once more, by somebody who does not know that it has been made.
	l.begin(t, c)
	l.wantChanges(t, 1)
	other := change(ondemand.ActionAdd)
	other.Order = ondemand.OrderID(7, 2)
	l.at(&other, c.Now)
	l.begin(t, other)
	l.wantChanges(t, 2)
}

func refuses(t *testing.T, l Line) {
	c := change(ondemand.ActionAdd)
	l.at(&c, Start)
	l.Force(&c, ondemand.WordRefused)
	for range 2 {
		ticket, err := l.Network.Start(t.Context(), c)
		var no *ondemand.Refusal
		if !errors.As(err, &no) || no.Reason == "" || ticket != (ondemand.Ticket{}) {
			t.Errorf("it answers %+v, %v", ticket, err)
		}
		l.wantChanges(t, 0)
		l.at(&c, c.Now.Add(time.Hour))
	}
}

func takesAndFails(t *testing.T, l Line) {
	c := change(ondemand.ActionAdd)
	l.at(&c, Start)
	l.Force(&c, ondemand.WordFails)
	ticket := l.begin(t, c)
	first := l.finish(t, &c, ticket)
	if first.Failed == "" || first.Done {
		t.Fatalf("it ends in %+v", first)
	}
	l.at(&c, c.Now.AddDate(1, 0, 0))
	if p, err := l.Network.Status(t.Context(), c, ticket.Ref); err != nil || p.Failed != first.Failed || p.Done {
		t.Errorf("a year later: %+v, %v", p, err)
	}
}

func doesNotKnow(t *testing.T, l Line) {
	c := change(ondemand.ActionAdd)
	l.at(&c, Start.AddDate(1, 0, 0))
	for _, ref := range []string{"", "x", "ref", "ref-", "ref-f-", "ref-!", "ref-zzzzzzzzzzzzzzzzzzzz", "chg/1", "../changes", "."} {
		p, err := l.Network.Status(t.Context(), c, ref)
		var no *ondemand.Refusal
		if err == nil || errors.As(err, &no) || p != (ondemand.Progress{}) {
			t.Errorf("about %q it answers %+v, %v", ref, p, err)
		}
	}
}
