package voice_test

import (
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// queued is what the carrier's staff sees of the orders under way.
func queued(w *voicetest.World, f voice.QueueFilter) (ids []string, all map[string]voice.Waiting) {
	w.T.Helper()
	all = map[string]voice.Waiting{}
	w.View(func(tx *db.Tx) error {
		list, total, err := w.Desk.Store.Queue(tx, f, voice.Paging{Limit: 100})
		if total != len(list) {
			w.T.Errorf("%+v: %d of %d", f, len(list), total)
		}
		for _, q := range list {
			ids = append(ids, q.ID)
			all[q.ID] = q
			if f.Overdue && !q.Overdue(tx.Now()) {
				w.T.Errorf("%s is due at %v, and not in jeopardy at %v", q.ID, q.Due, tx.Now())
			}
		}
		return err
	})
	return ids, all
}

// jeopardy jumps to just before an order is in jeopardy, and then to just after.
func jeopardy(w *voicetest.World, o voice.Order, due time.Time) {
	w.T.Helper()
	_, all := queued(w, voice.QueueFilter{})
	if got := all[o.ID].Due; !got.Equal(due) {
		w.T.Fatalf("%s, %s, is due at %v, want %v", o.ID, all[o.ID].State, got, due)
	}
	w.Jump(due.Sub(w.Now()))
	if ids, _ := queued(w, voice.QueueFilter{Overdue: true}); slices.Contains(ids, o.ID) {
		w.T.Errorf("%s is in jeopardy on the dot", o.ID)
	}
	w.Jump(second)
	if ids, _ := queued(w, voice.QueueFilter{Overdue: true}); !slices.Contains(ids, o.ID) {
		w.T.Errorf("%s is not in jeopardy", o.ID)
	}
}

func TestOrdersComeIntoJeopardy(t *testing.T) {
	t.Run("VOICE-DSK-31 an hour after the day of a port", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := committed(t, w)
			jeopardy(w, o, foc(w, o).Add(hour))
		})
	})
	t.Run("VOICE-DSK-32 after a day on credit hold", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			r := voicetest.Ask(voicetest.Line("DENVER", 5))
			r.ExternalID = "PO [demarc:credit-hold]"
			o := w.Worked(w.ReserveFor(voicetest.Other, r))
			jeopardy(w, o, o.CreatedAt.Add(24*hour))
		})
	})
	t.Run("VOICE-DSK-33 after five days with a losing carrier, or thirty once rejected", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			silent := w.Worked(portIn(w, top("externalOrderId", "PO [demarc:port-silent]"), portable))
			no := w.Worked(portIn(w, plain, ported))
			w.Must("reject", answer(w, no, voice.Reply{State: voice.PortRefusing, Reason: "name"})())
			jeopardy(w, silent, silent.CreatedAt.Add(5*day))
			jeopardy(w, no, no.CreatedAt.Add(30*day))
		})
	})
	t.Run("VOICE-DSK-34 an hour after the end of an offer", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			w.Supply("DENVER", 3)
			o := w.Worked(w.Reserve(voicetest.Line("DENVER", 10)))
			jeopardy(w, o, o.CreatedAt.Add(2*second+4*hour+hour))
		})
	})
	t.Run("VOICE-DSK-35 an hour after its work was due", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := w.Reserve(voicetest.Line("DENVER", 5))
			jeopardy(w, o, o.CreatedAt.Add(hour+2*second))
		})
	})
}

func TestTheQueueIsFilteredAndCounted(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		first := w.Reserve(voicetest.Line("DENVER", 5))
		port := portIn(w, plain, portable)
		w.Fakes.FailTimes(voicetest.Port, voice.HowDown, 1)
		if _, err := w.TryAdvance(t.Context(), 3*second); err != nil {
			t.Fatal(err)
		}
		ids, all := queued(w, voice.QueueFilter{})
		if !slices.Equal(ids, []string{port.ID}) || all[port.ID].Problem == "" { // the reservation has ended
			t.Errorf("under way are %q: %+v", ids, all)
		}
		later := w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("PUEBLO", 5)))
		for why, c := range map[string]struct {
			f    voice.QueueFilter
			want []string
		}{
			"all": {voice.QueueFilter{}, []string{port.ID, later.ID}}, "ports": {voice.QueueFilter{Type: voice.TypePort}, []string{port.ID}},
			"a state and a customer": {voice.QueueFilter{State: voice.OrderCreated, Customer: voicetest.Customer, Product: voice.LocalInbound}, []string{later.ID}},
			"another product":        {voice.QueueFilter{Product: voice.EnhancedLocal}, nil}, "none in jeopardy": {voice.QueueFilter{Overdue: true}, nil},
		} {
			if got, _ := queued(w, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", why, got, c.want)
			}
		}
		w.Jump(2 * hour)
		w.View(func(tx *db.Tx) error {
			counts, err := w.Desk.Store.QueueCounts(tx)
			n, late := 0, 0
			for _, c := range counts {
				n += c.N
				late += c.Overdue
			}
			if n != 2 || late != 2 {
				t.Errorf("%d under way, %d in jeopardy: %+v", n, late, counts)
			}
			o, parts, trail, err2 := w.Desk.OrderAt(tx, first.ID)
			if err2 != nil || o.ID != first.ID || len(parts) != 1 || len(trail) == 0 || trail[0].ID < trail[len(trail)-1].ID {
				t.Errorf("%+v with %d parts and %+v, %v", o, len(parts), trail, err2)
			}
			_, _, _, err2 = w.Desk.OrderAt(tx, "V1")
			if fault.Of(err2) == nil || fault.Of(err2).Code != voice.OrderUnknown {
				t.Errorf("an order that there is not: %v", err2)
			}
			return err
		})
	})
}

func TestVOICE_DSK_36_ALosingCarrierStaysSilent(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		o := portIn(w, plain, portable)
		silence := func(id string, days int) func() error {
			return unit(w, func(tx *db.Tx) error {
				_, err := w.Desk.Silence(tx, "desk", id, days)
				return err
			})
		}
		for _, days := range []int{0, 31, -1} {
			if f := silence(o.ID, days)(); f == nil || f.Error() == "" {
				t.Errorf("%d days are taken", days)
			}
		}
		w.Must("silence", silence(o.ID, 9)())
		is(t, w, o, voice.OrderInWork)
		w.Advance(9*day - second)
		told(t, w, o, 901)
		w.Advance(second + 10*minute)
		told(t, w, o, 901, 903)
		if err := silence(o.ID, 9)(); err == nil {
			t.Error("a port with its day is silenced")
		}
		if err := silence("V1", 9)(); err == nil {
			t.Error("an order that is none is silenced")
		}
	})
}

func TestStaffLooksThroughTheStock(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Reserve(voicetest.Line("DENVER", 5))
		w.Advance(3 * second)
		w.Within(func(tx *db.Tx) error { return w.Desk.PutRegion(tx, "desk", "CO", false) })
		w.View(func(tx *db.Tx) error {
			list, total, err := w.Desk.Stock(tx, voice.StockFilter{State: "CO", Text: "denv"}, voice.Paging{Limit: 1})
			if err != nil || total != 2 || len(list) != 1 || list[0].Name != "DENVER" {
				t.Errorf("%+v of %d, %v", list, total, err)
			}
			all, served, not := 0, 0, 0
			for filter, n := range map[string]*int{"": &all, "yes": &served, "no": &not} {
				if _, *n, err = w.Desk.Stock(tx, voice.StockFilter{Served: filter}, voice.Paging{Limit: 1, Offset: 10}); err != nil {
					return err
				}
			}
			if all == 0 || served == 0 || not == 0 || all != served+not {
				t.Errorf("%d, %d served and %d not", all, served, not)
			}
			if takes, said, err := w.Desk.Backorders(tx, "CO"); takes || !said || err != nil {
				t.Errorf("CO: %v %v %v", takes, said, err)
			}
			if takes, said, err := w.Desk.Backorders(tx, "TX"); !takes || said || err != nil {
				t.Errorf("TX: %v %v %v", takes, said, err)
			}
			blocks, n, err := w.Desk.Store.BlocksOf(tx, "CO", "DENVER", voice.Paging{Limit: 1})
			c, free, err2 := w.Desk.Store.Free(tx, voice.Center{State: "CO", Name: "DENVER"})
			if err != nil || err2 != nil || len(blocks) != 1 || n != c || free == 0 {
				t.Errorf("%+v of %d, and %d with %d free, %v %v", blocks, n, c, free, err, err2)
			}
			return nil
		})
	})
}
