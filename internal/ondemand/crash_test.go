package ondemand_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
)

// ledger is the embedded network with a memory: it makes one change an order,
// however often it is asked. Whoever calls it can be struck down right after it
// has answered.
type ledger struct {
	mu      sync.Mutex
	tickets map[string]ondemand.Ticket // a change made, by order
	asked   map[string]int
	strike  func(call string, c ondemand.Change) // may be nil
}

var reference ondemandcarrier.Reference

func (l *ledger) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tickets == nil {
		l.tickets, l.asked = map[string]ondemand.Ticket{}, map[string]int{}
	}
	l.asked[c.Order]++
	ticket, known := l.tickets[c.Order]
	var err error
	if !known {
		if ticket, err = reference.Start(ctx, c); err == nil {
			l.tickets[c.Order] = ticket
		}
	}
	if l.strike != nil {
		l.strike("start", c)
	}
	return ticket, err
}

func (l *ledger) Status(ctx context.Context, c ondemand.Change, ref string) (ondemand.Progress, error) {
	p, err := reference.Status(ctx, c, ref)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.strike != nil {
		l.strike("status", c)
	}
	return p, err
}

func TestANodeThatDiesBetweenTheNetworkAndItsRecordLeavesOneChangeAndOneEnd(t *testing.T) {
	for why, c := range map[string]struct {
		call  string
		order func(w *ondemandtest.World) ondemand.Order
		state string
		told  []string
	}{
		"OND-NET-01 taken":      {"start", func(w *ondemandtest.World) ondemand.Order { return w.Add("1 Gbps", "x") }, ondemand.OrderCompleted, []string{"ondemand.order.acknowledged", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"}},
		"OND-NET-02 refused":    {"start", func(w *ondemandtest.World) ondemand.Order { return w.Add("1 Gbps", "x"+refused) }, ondemand.OrderFailed, []string{"ondemand.order.acknowledged", "ondemand.order.failed", "ondemand.service.disconnected"}},
		"OND-NET-03 done":       {"status", func(w *ondemandtest.World) ondemand.Order { return w.Add("1 Gbps", "x") }, ondemand.OrderCompleted, []string{"ondemand.order.acknowledged", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"}},
		"OND-NET-03 failed":     {"status", func(w *ondemandtest.World) ondemand.Order { return w.Add("1 Gbps", "x"+fails) }, ondemand.OrderFailed, []string{"ondemand.order.acknowledged", "ondemand.order.in_progress", "ondemand.order.failed", "ondemand.service.disconnected"}},
		"OND-NET-01 a change":   {"start", func(w *ondemandtest.World) ondemand.Order { return w.Modify(ondemand.ExampleService, "1 Gbps", "") }, ondemand.OrderCompleted, []string{"ondemand.order.acknowledged", "ondemand.service.change_pending", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"}},
		"OND-NET-03 an end":     {"status", func(w *ondemandtest.World) ondemand.Order { return w.Delete(ondemand.ExampleService) }, ondemand.OrderCompleted, []string{"ondemand.order.acknowledged", "ondemand.service.disconnect_pending", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.disconnected"}},
		"OND-NET-03 less speed": {"status", func(w *ondemandtest.World) ondemand.Order { return w.Modify(ondemand.ExampleService, "10 Mbps", "") }, ondemand.OrderCompleted, []string{"ondemand.order.acknowledged", "ondemand.service.change_pending", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"}},
	} {
		t.Run(why, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				network := &ledger{}
				w := ondemandtest.New(t, d, ondemandtest.WithNetwork(network))
				o := c.order(w)
				struck := 0
				for struck < 2 {
					ctx, die := context.WithCancel(t.Context())
					hit := false
					network.strike = func(call string, _ ondemand.Change) {
						if call == c.call {
							hit = true
							die()
						}
					}
					_, err := w.TryAdvance(ctx, time.Hour)
					die()
					if !hit {
						t.Fatal("the network was not asked")
					}
					if !errors.Is(err, context.Canceled) {
						t.Fatalf("the node lived on: %v", err)
					}
					struck++
					w.CheckAll()
				}
				network.strike = nil
				w.Settle()
				if got := w.Order(o.ID); got.State != c.state {
					t.Errorf("the order is %s: %s", got.State, got.Failure)
				}
				if diff := cmp.Diff(c.told, w.Told(o.ID)); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				if c.call == "start" && network.asked[o.ID] != 3 {
					t.Errorf("the network was asked %d times, want 3", network.asked[o.ID])
				}
				if want := 1; len(network.tickets) > want {
					t.Errorf("the network made %d changes", len(network.tickets))
				}
				w.CheckAll()
			})
		})
	}
}

// rude answers what no network should: a refusal without a reason, and texts that
// not every database can hold.
type rude struct {
	ledger
	refusal, failure *string
}

func (r *rude) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	if r.refusal != nil {
		return ondemand.Ticket{}, &ondemand.Refusal{Reason: *r.refusal}
	}
	ticket, err := r.ledger.Start(ctx, c)
	ticket.CheckAfter = -time.Hour
	return ticket, err
}

func (r *rude) Status(context.Context, ondemand.Change, string) (ondemand.Progress, error) {
	return ondemand.Progress{Failed: *r.failure}, nil
}

func TestWhateverReasonANetworkGivesTheOrderFailsAndSaysOne(t *testing.T) {
	nasty := "no \x00 and \xff" + string(slices.Repeat([]rune{'é'}, 5000))
	empty, blank := "", " \x00 "
	for why, n := range map[string]struct{ refusal, failure *string }{
		"OND-NET-02 a refusal without a reason":      {refusal: &empty},
		"OND-NET-02 a refusal with a blank reason":   {refusal: &blank},
		"OND-NET-02 a refusal that cannot be stored": {refusal: &nasty},
		"OND-NET-03 a failure for a blank reason":    {failure: &blank},
		"OND-NET-03 a failure that cannot be stored": {failure: &nasty},
	} {
		t.Run(why, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				network := &rude{refusal: n.refusal, failure: n.failure}
				w := ondemandtest.New(t, d, ondemandtest.WithNetwork(network))
				o := w.Add("1 Gbps", "Branch")
				w.Settle()
				got := w.Order(o.ID)
				if got.State != ondemand.OrderFailed || got.Failure == "" || len(got.Failure) > 1000 {
					t.Errorf("the order is %s: %.80q", got.State, got.Failure)
				}
				if s := w.Service(o.Service); s.Status != ondemand.StatusDisconnected || s.Holds {
					t.Errorf("the service is %+v", s)
				}
				w.CheckAll()
			})
		})
	}
}
