package voice_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/timer"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// crowd is how many customers there are at once, and how many workers.
const crowd = 64

// workers takes up due work, as a node does, until it is stopped.
func workers(t *testing.T, w *voicetest.World) (stop func()) {
	t.Helper()
	runner := timer.NewRunner(w.DB, slog.New(slog.NewTextHandler(complaints{t}, nil)), crowd)
	w.Desk.Handle(runner)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { runner.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// complaints are what a node logs while nothing should go wrong.
type complaints struct{ t *testing.T }

func (c complaints) Write(line []byte) (int, error) {
	c.t.Errorf("%s", line)
	return len(line), nil
}

// idle waits until nothing is due.
func idle(t *testing.T, w *voicetest.World) {
	t.Helper()
	waited := clock.Elapsed()
	for due := 1; due > 0; {
		w.Must("wait", clock.Sleep(t.Context(), 2*time.Millisecond))
		w.View(func(tx *db.Tx) error {
			return tx.Row(`SELECT count(*) FROM timer WHERE world = $1 AND kind LIKE 'voice.%' AND due_at <= $2`, clock.Micros(tx.Now())).Scan(&due)
		})
		if waited() > 2*time.Minute {
			t.Fatalf("%d pieces of work are not done", due)
		}
	}
}

// worked lets workers do what is due.
func worked(t *testing.T, w *voicetest.World) {
	t.Helper()
	stop := workers(t, w)
	defer stop()
	idle(t, w)
}

// customers makes a crowd of them.
func customers(w *voicetest.World) (list [crowd]string) {
	for i := range list {
		list[i] = w.AddCustomer(fmt.Sprintf("1-C%03d", i))
	}
	return list
}

// together lets each customer of a crowd do something at the same time.
func together(list [crowd]string, do func(i int, customer string)) {
	var all sync.WaitGroup
	for i, customer := range list {
		all.Go(func() { do(i, customer) })
	}
	all.Wait()
}

// freeIn is how many numbers are free in the open blocks of a rate center of Colorado.
func freeIn(w *voicetest.World, name string) (free int) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		_, _, free, err = w.Desk.CenterAt(tx, "CO", name)
		return err
	})
	return free
}

func TestACrowdInOneRateCenterGetsEachNumberOnce(t *testing.T) {
	t.Run("of the plan", func(t *testing.T) { crowdIn(t, "ALAMOSA") })
	t.Run("that this carrier alone knows", func(t *testing.T) { crowdIn(t, "OUR OWN") })
}

func crowdIn(t *testing.T, center string) {
	t.Helper()
	each(t, func(t *testing.T, w *voicetest.World) {
		const quantity, stock = 45, 2000
		addOwn(w, "OUR OWN", spareBlocks(2)[0])
		addOwn(w, "OUR OWN", spareBlocks(2)[1])
		list := customers(w)
		together(list, func(_ int, customer string) {
			if _, err := w.TryReserve(customer, voicetest.Ask(voicetest.Line(center, quantity))); err != nil {
				t.Error(err)
			}
		})
		w.Jump(3 * time.Second)
		worked(t, w)
		w.CheckAll()
		complete, held := 0, 0
		for _, p := range rows(w).Parts {
			switch p.Status {
			case voice.PartCompleted:
				complete++
			case voice.PartApproval:
				held += p.Held
			default:
				t.Errorf("%s is %s", p.ID, p.Status)
			}
		}
		if complete != stock/quantity || held != stock%quantity || freeIn(w, center) != 0 {
			t.Errorf("of %d numbers %d orders of %d were filled and %d are on offer, %d free", stock, complete, quantity, held, freeIn(w, center))
		}
		for _, customer := range list {
			if _, n := w.Pool(customer); n != 0 && n != quantity {
				t.Errorf("%s has %d numbers", customer, n)
			}
		}
	})
}

// crowded are small rate centers of Colorado, which a crowd empties.
var crowded = []string{"AGATE", "AGUILAR", "AKRON", "ALAMOSA", "ALLISON", "ANTON", "ARRIBA", "BASALT", "BAYFIELD", "BENNETT", "BEULAH", "BLANCA"}

func TestACrowdInManyRateCentersGetsEachNumberOnce(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		together(customers(w), func(i int, customer string) {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			r := voicetest.Ask()
			for _, at := range random.Perm(len(crowded))[:6] {
				r.RateCenterOrders = append(r.RateCenterOrders, voicetest.Line(crowded[at], 40+random.IntN(20)))
			}
			if _, err := w.TryReserve(customer, r); err != nil {
				t.Error(err)
			}
		})
		w.Jump(3 * time.Second)
		worked(t, w)
		w.CheckAll()
		short := map[string]bool{}
		wanted := map[string]int{}
		for _, p := range rows(w).Parts {
			wanted[p.Center] += p.Wish.Quantity
			switch {
			case p.Status == voice.PartApproval && p.Held < p.Wish.Quantity:
				short[p.Center] = true
			case p.Status != voice.PartCompleted || p.Reserved != p.Wish.Quantity:
				t.Errorf("%s is %s with %d and %d of %d", p.ID, p.Status, p.Held, p.Reserved, p.Wish.Quantity)
			}
		}
		for center, n := range wanted {
			have := len(voice.ReferenceBlocks(nanp.Find("CO", center))) * voice.PerBlock
			if (n > have) != short[center] {
				t.Errorf("%s has %d numbers for %d, and is short: %v", center, have, n, short[center])
			}
			if short[center] && freeIn(w, center) != 0 {
				t.Errorf("%s is short, with %d free", center, freeIn(w, center))
			}
		}
		if len(short) == 0 || len(short) == len(crowded) {
			t.Errorf("%d of %d rate centers are short: nothing is proven", len(short), len(crowded))
		}
	})
}

// contested are rate centers that a crowd and the carrier are at.
var contested = []string{"OUR OWN", "AGATE", "AKRON", "ALAMOSA"}

// While a crowd orders and answers, the carrier gives and takes, and customers merge; in
// the end everything has come to one.
func TestACrowdAndTheCarrierAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		addOwn(w, contested[0], spareBlocks(1)[0])
		stop := workers(t, w)
		list := customers(w)
		desk := make(chan string, crowd)
		var carrier sync.WaitGroup
		carrier.Go(func() { carry(t, w, desk) })
		together(list, func(i int, customer string) {
			random := rand.New(rand.NewPCG(uint64(i), 5))
			for range 2 {
				r := voicetest.Ask()
				for _, at := range random.Perm(len(contested))[:2] {
					r.RateCenterOrders = append(r.RateCenterOrders, voicetest.Line(contested[at], 1+random.IntN(300)))
				}
				o, err := w.TryReserve(customer, r)
				if err != nil {
					t.Error(err)
					return
				}
				w.Jump(3 * time.Second)
				for _, l := range r.RateCenterOrders {
					action := []string{voice.ActAvailable, voice.ActBackorder, voice.ActReject}[random.IntN(3)]
					if err := w.TryApprove(o, string(l.RateCenter), action); err != nil {
						t.Errorf("%s of %s: %v", action, o.ID, err)
					}
				}
			}
			desk <- customer
		})
		close(desk)
		carrier.Wait()
		for range 3 {
			idle(t, w)
			w.CheckAll()
			w.Jump(100 * 24 * time.Hour)
		}
		idle(t, w)
		stop()
		for _, o := range rows(w).Orders {
			if !voice.ReserveMachine.Ended(o.State) {
				t.Errorf("%s is %s", o.ID, o.State)
			}
		}
	})
}

// carry is the carrier at work while customers are; those who have done may be merged.
func carry(t *testing.T, w *voicetest.World, done <-chan string) {
	random := rand.New(rand.NewPCG(1, 6))
	var last string
	for customer := range done {
		center := contested[random.IntN(len(contested))]
		for _, do := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error {
				_, _, err := w.Desk.Withhold(tx, "desk", "CO", center, random.IntN(1500))
				return err
			},
			func(tx *db.Tx) error {
				_, err := w.Desk.Reclaim(tx, "desk", customer, "CO", center, 1+random.IntN(200))
				return err
			},
		} {
			if err := unit(w, do)(); err != nil {
				t.Error(err)
			}
		}
		if last != "" && random.IntN(2) == 0 {
			merge(w, last, customer)
		}
		last = customer
	}
}

// Whoever merges while numbers are given to it brings them along, and is not counted any
// more.
func TestACrowdMergesWhileItsOrdersAreLookedAt(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list := customers(w)
		together(list, func(_ int, customer string) {
			if _, err := w.TryReserve(customer, voicetest.Ask(voicetest.Line("DENVER", 20), voicetest.Line("PUEBLO", 10))); err != nil {
				t.Error(err)
			}
		})
		w.Jump(3 * time.Second)
		stop := workers(t, w)
		together(list, func(i int, customer string) {
			for w.Fakes.Asked(voicetest.Ready) < 2*i { // just now its order is looked at, or nearly
				w.Must("wait", clock.Sleep(t.Context(), time.Millisecond))
			}
			if i > 0 {
				merge(w, customer, list[0])
			}
		})
		idle(t, w)
		stop()
		w.CheckAll()
		for _, e := range rows(w).Entries {
			if e.Part != "" && e.Customer != list[0] && e.Customer != voicetest.Customer {
				t.Errorf("%v to %v are of %s, who is merged", e.Start, e.End, e.Customer)
			}
		}
	})
}

func TestACrowdMergesWhileItsNumbersAreReclaimed(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list := customers(w)
		together(list, func(_ int, customer string) {
			if _, err := w.TryReserve(customer, voicetest.Ask(voicetest.Line("DENVER", 20), voicetest.Line("PUEBLO", 10))); err != nil {
				t.Error(err)
			}
		})
		w.Jump(3 * time.Second)
		worked(t, w)
		var carrier sync.WaitGroup
		for _, center := range []string{"DENVER", "PUEBLO"} {
			carrier.Go(func() {
				for _, customer := range list {
					if err := unit(w, func(tx *db.Tx) error {
						_, err := w.Desk.Reclaim(tx, "desk", customer, "CO", center, 7)
						return err
					})(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for _, customer := range list[1:] {
			merge(w, customer, list[0])
		}
		carrier.Wait()
	})
}
