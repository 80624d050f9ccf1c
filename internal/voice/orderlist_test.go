package voice_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/lenient"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// inPortal is a party of the Control Center.
func inPortal(w *voicetest.World, customer string) voice.Party {
	p := w.Party(customer)
	p.Channel, p.Actor = voice.ChannelPortal, "buyer@example.com"
	return p
}

// portalReserve is a reservation that a person has made.
func portalReserve(w *voicetest.World, customer string, lines ...voice.LineRequest) (o voice.Order) {
	w.T.Helper()
	prepared, err := w.Desk.PrepareReserve(w.T.Context(), inPortal(w, customer), voicetest.Ask(lines...))
	w.Must("prepare", err)
	w.Within(func(tx *db.Tx) (err error) {
		o, _, err = w.Desk.Reserve(tx, prepared)
		return err
	})
	return o
}

func ordersOf(w *voicetest.World, customer string, f voice.OrderFilter, page voice.Paging) (ids []string, total int) {
	w.T.Helper()
	w.View(func(tx *db.Tx) error {
		list, n, err := w.Desk.Orders(tx, w.Party(customer), f, page)
		total = n
		ids = nil
		for _, o := range list {
			ids = append(ids, o.ID)
		}
		return err
	})
	return ids, total
}

func TestOrdersOfACustomerAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		first := w.Worked(w.ReserveFor(voicetest.Other, voicetest.Ask(voicetest.Line("ALAMOSA", 3))))
		named := voicetest.Ask(voicetest.Line("PUEBLO", 2))
		named.ExternalID = "PO-7"
		second := w.ReserveFor(voicetest.Other, named)
		third := portalReserve(w, voicetest.Other, voicetest.Line("DURANGO", 1))
		w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("DENVER", 1)))
		pool, _ := w.Pool(voicetest.Other)
		tn := pool[0].Start + 1
		for _, c := range []struct {
			name string
			f    voice.OrderFilter
			want []string
		}{
			{"all, newest first", voice.OrderFilter{}, []string{third.ID, second.ID, first.ID}},
			{"a type", voice.OrderFilter{Type: voice.TypePort}, nil},
			{"a state", voice.OrderFilter{State: voice.OrderCompleted}, []string{first.ID}},
			{"a channel", voice.OrderFilter{Channel: voice.ChannelPortal}, []string{third.ID}},
			{"an id", voice.OrderFilter{Name: second.ID}, []string{second.ID}},
			{"the customer's own id", voice.OrderFilter{Name: "PO-7"}, []string{second.ID}},
			{"a number within a range", voice.OrderFilter{TN: tn}, []string{first.ID}},
			{"a number that it has not", voice.OrderFilter{TN: 3035550100}, nil},
			{"under way, oldest first", voice.OrderFilter{Open: true}, []string{second.ID, third.ID}},
			{"since a moment", voice.OrderFilter{From: second.CreatedAt}, []string{third.ID, second.ID}},
			{"until a moment", voice.OrderFilter{To: first.CreatedAt}, []string{first.ID}},
		} {
			if got, total := ordersOf(w, voicetest.Other, c.f, voice.Paging{Limit: 10}); !slices.Equal(got, c.want) || total != len(c.want) {
				t.Errorf("%s: %v of %d, want %v", c.name, got, total, c.want)
			}
		}
		if got, total := ordersOf(w, voicetest.Other, voice.OrderFilter{}, voice.Paging{Offset: 1, Limit: 1}); !slices.Equal(got, []string{second.ID}) || total != 3 {
			t.Errorf("the second page has %v of %d", got, total)
		}
		w.View(func(tx *db.Tx) error {
			p := w.Party(voicetest.Other)
			_, parts, err := w.Desk.Status(tx, p, voice.ChannelAny, first.ID)
			if err != nil {
				return err
			}
			brought, total, err := w.Desk.BroughtBy(tx, p, parts, voice.Paging{Limit: 10})
			if err != nil || total != len(brought) || len(brought) == 0 || brought[0].Start != pool[0].Start {
				t.Errorf("the order has brought %v (%d, %v)", brought, total, err)
			}
			n, err := w.Desk.NumberOf(tx, p, tn)
			if err != nil || n == nil || n.Status != voice.Reserved {
				t.Errorf("the number is %v (%v)", n, err)
			}
			n, err = w.Desk.NumberOf(tx, w.Party(voicetest.Customer), tn)
			if err != nil || n != nil {
				t.Errorf("another customer sees %v (%v)", n, err)
			}
			n, err = w.Desk.NumberOf(tx, w.Party(voicetest.Customer), 3035550101)
			if err != nil || n == nil || n.Service.RouteName != voice.ExampleRoute {
				t.Errorf("the number in service is %v (%v)", n, err)
			}
			holdings, err := w.Desk.Holdings(tx, w.Party(voicetest.Customer))
			if err != nil || len(holdings) != 2 || holdings[1].Center != "DENVER" || holdings[1].Active != 16 {
				t.Errorf("holdings are %v (%v)", holdings, err)
			}
			codes, _, err := w.Desk.Notifications(tx, p, voice.ChannelAny, voice.ToldFilter{Code: 10002}, voice.Paging{Limit: 10})
			if err != nil || len(codes) != 2 || codes[0].Code != 10002 {
				t.Errorf("notifications of one code are %v (%v)", codes, err)
			}
			return nil
		})
	})
}

// What was made in the Control Center is changed there, and what was made by API by API.
func TestChannelsKeepApart(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		api, person := w.Party(voicetest.Other), inPortal(w, voicetest.Other)
		w.Supply("ALAMOSA", 2)
		cancel := func(p voice.Party, id string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := w.Desk.Cancel(tx, p, &voice.CancelRequest{VoiceOrderID: lenient.Text(id)})
				return err
			}
		}
		approve := func(p voice.Party, id string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := w.Desk.Approve(tx, p, p.Channel, &voice.ApproveRequest{VoiceOrderID: lenient.Text(id), RateCenter: "ALAMOSA", State: "CO", Action: voice.ActAvailable}, 0)
				return err
			}
		}
		api.Channel = voice.ChannelAPI
		here := portalReserve(w, voicetest.Other, voicetest.Line("ALAMOSA", 5))
		if here.Channel != voice.ChannelPortal {
			t.Fatalf("the order comes from %q", here.Channel)
		}
		w.Advance(3 * time.Second)
		refused(t, w, unit(w, cancel(api, here.ID)), "20055 voiceOrderId")
		refused(t, w, unit(w, approve(api, here.ID)), "20060 voiceOrderId")
		w.Must("approve", unit(w, approve(person, here.ID))())
		there := w.ReserveFor(voicetest.Other, voicetest.Ask(voicetest.Line("PUEBLO", 1)))
		refused(t, w, unit(w, cancel(person, there.ID)), "20055 voiceOrderId")
		for _, p := range []struct {
			party voice.Party
			id    string
		}{{api, here.ID}, {person, there.ID}} {
			refused(t, w, unit(w, func(tx *db.Tx) error {
				_, err := w.Desk.PortNow(tx, p.party, p.id)
				return err
			}), "20060 voiceOrderId")
			refused(t, w, unit(w, func(tx *db.Tx) error {
				_, _, err := w.Desk.Supplement(tx, p.party, p.id, &voice.Detail{})
				return err
			}), "20060 voiceOrderId")
		}
		w.View(func(tx *db.Tx) error {
			_, _, err := w.Desk.Status(tx, api, voice.ChannelAny, here.ID)
			if err != nil {
				t.Errorf("an order of the other channel cannot be looked at: %v", err)
			}
			trail, err := audit.History(tx, "voice/order/"+here.ID)
			byPerson := 0
			for _, e := range trail {
				if e.Actor == person.Actor {
					byPerson++
				}
			}
			if byPerson < 2 {
				t.Errorf("the trail names the person %d times: %v", byPerson, trail)
			}
			return err
		})
	})
}

func TestOrdersAreInJeopardy(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2032, 1, n, 18, 0, 0, 0, time.UTC) } // the 12th is a Monday
	port := func(state string, d voice.Detail) voice.Order {
		return voice.Order{Type: voice.TypePort, State: state, Detail: &d}
	}
	for _, c := range []struct {
		name string
		o    voice.Order
		want string
	}{
		{"a credit hold", voice.Order{Type: voice.TypeReserve, State: voice.OrderCredit}, "held until the carrier has decided about its credit"},
		{"a reservation in work", voice.Order{Type: voice.TypeReserve, State: voice.OrderInWork}, ""},
		{"a rejected port", port(voice.PortRejected, voice.Detail{Rejection: "why not"}), "rejected by the losing carrier: why not"},
		{"asked three business days ago", port(voice.OrderInWork, voice.Detail{Asked: day(9)}), ""},
		{"asked four business days ago", port(voice.OrderInWork, voice.Detail{Asked: day(8)}), "the losing carrier has not answered for more than three business days"},
		{"wanted yesterday", port(voice.OrderInWork, voice.Detail{Wanted: day(13)}), "the day that was asked for is over"},
		{"wanted today", port(voice.OrderInWork, voice.Detail{Wanted: day(14)}), ""},
		{"ended", port(voice.OrderCompleted, voice.Detail{Wanted: day(1)}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.o.Jeopardy(day(14)); got != c.want {
				t.Errorf("jeopardy is %q, want %q", got, c.want)
			}
		})
	}
	committed := port(voice.PortFOC, voice.Detail{Wanted: day(13)})
	committed.FOCAt = day(20)
	if got := committed.Jeopardy(day(14)); got != "" {
		t.Errorf("with a commitment of a later day it is in jeopardy: %q", got)
	}
	if !committed.Cancellable(day(14)) || committed.Cancellable(day(20)) || !committed.Supplementable(day(19)) || committed.Supplementable(day(20)) {
		t.Error("until when it can be changed is wrong")
	}
}

func TestOrdersOfOneMomentArePagedWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		var want []string
		for i := range 7 {
			o := w.ReserveFor(voicetest.Other, voicetest.Ask(voicetest.Line([]string{"ALAMOSA", "PUEBLO", "DURANGO"}[i%3], 1)))
			want = append([]string{o.ID}, want...)
		}
		var got []string
		for i := range 4 {
			ids, _ := ordersOf(w, voicetest.Other, voice.OrderFilter{}, voice.Paging{Offset: int64(2 * i), Limit: 2})
			got = append(got, ids...)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pages have %v, want %v", got, want)
		}
	})
}
