package voice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// twoHundred are numbers of one customer's, in its pool.
func twoHundred(w *voicetest.World) (list []voice.Range) {
	for _, r := range stockOf(w, voicetest.Other, "ALAMOSA", voice.LocalInbound, 200) {
		for tn := r.Start; tn <= r.End; tn++ {
			list = append(list, voicetest.One(tn))
		}
	}
	return list
}

// A crowd installs, changes, disconnects and cancels the same numbers, while orders are
// worked and some numbers are ported out; each number is one order's at a time, and in
// one service.
func TestACrowdIsAtTheSameNumbers(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list := twoHundred(w)
		installed(w, list[:100], plain)
		stop := workers(t, w)
		var mu sync.Mutex
		var orders []string
		outcome := map[string]int{}
		count := func(what string, o voice.Order, err error) {
			mu.Lock()
			defer mu.Unlock()
			switch f := fault.Of(err); {
			case err == nil:
				outcome[what]++
				if o.ID != "" {
					orders = append(orders, o.ID)
				}
			case f == nil:
				t.Errorf("%s: %v", what, err)
			default:
				outcome[voice.CodeOf(f.Code)]++
			}
		}
		var crowded sync.WaitGroup
		for i := range crowd {
			crowded.Go(func() {
				random := rand.New(rand.NewPCG(uint64(i), 31))
				for range 6 {
					var some []voice.Range
					at := random.IntN(len(list) - 8)
					for _, k := range random.Perm(8)[:1+random.IntN(5)] {
						some = append(some, list[at+k])
					}
					switch random.IntN(10) {
					case 0, 1, 2:
						o, err := w.TryOrder(voicetest.Other, installOf(some, plain))
						count("install", o, err)
					case 3, 4:
						o, err := w.TryChange(voicetest.Other, object{"subscriberLines": []any{object{"customerType": "B",
							"businessName": fmt.Sprint("Example ", i), "tnList": voicetest.TNs(some...)}}})
						count("change", o, err)
					case 5:
						o, err := w.TryDisconnect(voicetest.Other, w.Now().Add(5*day), voicetest.TNs(some...))
						count("disconnect", o, err)
					case 6:
						_, err := w.TryOrder(voicetest.Customer, portOf(plain, portable)) // all of them want this one
						count("port", voice.Order{}, err)
					case 7:
						mu.Lock()
						id := ""
						if len(orders) > 0 {
							id = orders[random.IntN(len(orders))]
						}
						mu.Unlock()
						if id != "" {
							count("cancel", voice.Order{}, w.TryCancel(voicetest.Other, id, ""))
						}
					case 8:
						w.Jump(2 * minute)
					case 9:
						count("portout", voice.Order{}, unit(w, func(tx *db.Tx) error {
							_, err := w.Desk.PortOut(tx, "desk", some[:1])
							return err
						})())
					}
				}
			})
		}
		crowded.Wait()
		w.CheckAll()
		for range 2 {
			w.Jump(6 * day)
			idle(t, w)
			w.CheckAll()
		}
		stop()
		t.Log(outcome)
		for _, what := range []string{"install", "change", "disconnect", "cancel", "portout", "1612"} {
			if outcome[what] == 0 {
				t.Errorf("nothing was %s", what)
			}
		}
		if outcome["port"] != 1 {
			t.Errorf("%d ports of one number were accepted", outcome["port"])
		}
		for _, r := range list {
			e := entryOf(w, r)
			if e.Busy != "" || !slices.Contains([]string{voice.Reserved, voice.Active, voice.Aging, voice.Away}, e.Status) {
				t.Errorf("%v is %s, under way with %q", r.Start, e.Status, e.Busy)
			}
		}
		for _, o := range rows(w).Orders {
			if !o.Machine().Ended(o.State) && o.State != voice.PortFOC {
				t.Errorf("%s, %s, is %s", o.ID, o.Type, o.State)
			}
		}
	})
}

// Everybody wants to cancel, supplement, answer and port the same order.
func TestACrowdIsAtTheSamePort(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		o := portIn(w, plain, inDenver, inAurora)
		w.Advance(minute)
		stop := workers(t, w)
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() {
				var err error
				switch i % 5 {
				case 0:
					_, err = w.TrySupplement(voicetest.Other, o.ID, object{"customerRequestDate": voicetest.Stamp(w.Now().Add(9 * day))})
				case 1:
					err = answer(w, o, voice.Reply{State: voice.PortConcur, FOC: w.Now().Add(5 * day)})()
				case 2:
					err = w.TryPortNow(voicetest.Other, o.ID)
				case 3:
					err = answer(w, o, voice.Reply{State: voice.PortRefusing, Reason: "random"})()
				case 4:
					w.Jump(3 * second)
				}
				if err != nil && fault.Of(err) == nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for range 4 {
			w.Jump(10 * day)
			idle(t, w)
			w.CheckAll()
		}
		stop()
		fresh, parts := w.Order(o.ID)
		if codes := w.Codes(o.ID); fresh.State != voice.PortRejected && (fresh.State != voice.OrderCompleted || len(w.InService(voicetest.Other)) != 2) {
			t.Errorf("it is %s after %v", fresh.State, codes)
		}
		for _, p := range parts {
			if p.Kind == voice.PartSupplement && !voice.PartMachine.Ended(p.Status) {
				t.Errorf("%s is %s", p.ID, p.Status)
			}
		}
	})
}
