package ondemand_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"
	"demarc/internal/timer"
)

// Everybody does everything at the same time: two customers order, change and end
// services at a data center and on one port, with a pool that runs out, while the
// clock is moved by whoever is first. Between the rounds everything is audited.
func TestWhateverHappensTogetherEveryInvariantHolds(t *testing.T) {
	const rounds, callers, each = 8, 12, 4
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d, ondemandtest.WithBlocks(2))
		var refused sync.Map
		for round := range rounds {
			services := w.Everything().Services
			var busy sync.WaitGroup
			for caller := range callers {
				busy.Go(func() {
					r := rand.New(rand.NewPCG(uint64(round), uint64(caller)))
					who := w
					if caller%3 == 0 {
						who = w.As(ondemand.OtherCustomer)
					}
					for range each {
						err := anything(who, r, services)
						var f *fault.Error
						switch {
						case err == nil, errors.Is(err, timer.ErrMoving):
						case errors.As(err, &f) && f.Code.Family == ondemand.Product:
							refused.Store(f.Code.ID, true)
						default:
							t.Errorf("round %d: %v", round, err)
						}
					}
				})
			}
			busy.Wait()
			w.CheckAll()
			if t.Failed() {
				t.FailNow()
			}
		}
		w.Settle()
		w.CheckAll()
		w.Advance(25 * time.Hour)
		w.CheckAll()
		for _, code := range []*fault.Code{ondemand.ServiceUnknown, ondemand.ServiceBusy, ondemand.NoCapacity} {
			if _, met := refused.Load(code.ID); !met {
				t.Errorf("nobody met %s: the callers were not in each other's way", code.ID)
			}
		}
	})
}

// anything does one thing by chance.
func anything(w *ondemandtest.World, r *rand.Rand, services []ondemand.Service) error {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	name := fmt.Sprint("n", r.IntN(100), pick("", "", "", "", refused, fails))
	one := services[r.IntN(len(services))]
	site := pick(ondemandtest.Center, ondemandtest.Center, ondemandtest.Premises)
	what := r.IntN(10)
	switch {
	case what >= 8:
		_, err := w.TryAdvance(context.Background(), time.Duration(r.IntN(600))*time.Second)
		return err
	case what >= 5 && r.IntN(3) == 0:
		_, err := w.Place(w.DeleteRequest(one.ID))
		return err
	case what >= 6:
		_, err := w.Place(w.ModifyRequest(one.ID, "", name))
		return err
	case what >= 4:
		site = one.Site
	}
	q, err := w.TryQuote(w.PriceRequest(site, pick("10 Mbps", "100 Mbps", "1 Gbps")))
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Code == fault.Invalid: // the port is another customer's
		return nil
	case err != nil:
		return err
	case what >= 4:
		_, err = w.Place(w.ModifyRequest(one.ID, q.ID, pick("", name)))
		return err
	}
	_, err = w.Place(ondemandtest.Sized(w.AddRequest(q.ID, name), pick("/28", "/29", "/30")))
	return err
}
