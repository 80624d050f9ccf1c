package ondemand_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandtest"
)

// The crowd: how many orders come from how many callers, and how many /24s the
// pool has. A /24 holds 32 prefixes of eight; the seeded services have two of them.
const (
	crowdOrders  = 10_000
	crowdCallers = 64
	crowdBlocks  = 300
	crowdRoom    = crowdBlocks*32 - 2
)

// crowdName makes the network refuse three orders of four: they end as soon as
// they have begun, and all that they held goes back at the same time.
func crowdName(n int) string {
	if n%4 != 0 {
		return fmt.Sprint("order ", n, refused)
	}
	return fmt.Sprint("order ", n)
}

func TestTenThousandOrdersOnOneSiteAndPoolAllocateNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		network := &watched{}
		w := ondemandtest.New(t, d, ondemandtest.WithBlocks(crowdBlocks), ondemandtest.WithNetwork(network), ondemandtest.WithWorkers(96))
		took := clock.Elapsed()
		placed, none := crowd(t, w)
		t.Logf("%d orders were placed in %v", crowdOrders, took())
		if placed != crowdRoom || none != crowdOrders-crowdRoom {
			t.Errorf("%d orders were taken and %d refused; there was room for %d", placed, none, crowdRoom)
		}
		w.CheckAll()

		var active int
		for _, s := range w.Everything().Services {
			if s.InFlight != "" && !strings.Contains(s.Name, refused) {
				active++
			}
		}
		work(t, w, time.Minute, network.started.expect(int(placed)))
		t.Logf("%d had been handed to the network after %v", placed, took())
		work(t, w, time.Hour, network.done.expect(active))
		t.Logf("%d had been brought up after %v", active, took())
		w.CheckAll()
		for _, o := range w.Everything().Orders {
			if !ondemand.OrderMachine.Ended(o.State) || (o.State == ondemand.OrderFailed) != strings.Contains(o.Name, refused) {
				t.Fatalf("order %q is %s", o.Name, o.State)
			}
		}
	})
}

// crowd places the orders and answers how many were taken, and how many refused
// because there were no addresses.
func crowd(t *testing.T, w *ondemandtest.World) (placed, none int64) {
	t.Helper()
	quotes := w.Quotes(crowdOrders, "10 Mbps")
	var next, taken, refused atomic.Int64
	var callers sync.WaitGroup
	for range crowdCallers {
		callers.Go(func() {
			for n := next.Add(1) - 1; n < crowdOrders; n = next.Add(1) - 1 {
				switch _, err := w.Place(w.AddRequest(quotes[n].ID, crowdName(int(n)))); {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, ondemand.NoAddresses):
					refused.Add(1)
				default:
					t.Errorf("order %d: %v", n, err)
					return
				}
			}
		})
	}
	callers.Wait()
	return taken.Load(), refused.Load()
}

// work makes everything due that is due within a span, and lets workers take it up
// until the signal comes and what they have in hand is done.
func work(t *testing.T, w *ondemandtest.World, span time.Duration, until <-chan struct{}) {
	t.Helper()
	w.Jump(span)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Runner.Run(ctx) })
	<-until
	stop()
	running.Wait()
}

// watched is the embedded network; it says which orders it was asked to begin, and
// which it has reported as done.
type watched struct {
	ondemandcarrier.Reference
	started, done tally
}

func (n *watched) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	ticket, err := n.Reference.Start(ctx, c)
	n.started.add(c.Order)
	return ticket, err
}

func (n *watched) Status(ctx context.Context, c ondemand.Change, ref string) (ondemand.Progress, error) {
	p, err := n.Reference.Status(ctx, c, ref)
	if p.Done {
		n.done.add(c.Order)
	}
	return p, err
}

// tally counts different orders, and signals when there are as many as expected.
type tally struct {
	mu     sync.Mutex
	orders map[string]bool
	want   int
	full   chan struct{}
}

func (c *tally) expect(n int) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders, c.want, c.full = map[string]bool{}, n, make(chan struct{})
	return c.full
}

func (c *tally) add(order string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.orders == nil || c.orders[order] {
		return
	}
	c.orders[order] = true
	if len(c.orders) == c.want {
		close(c.full)
	}
}
