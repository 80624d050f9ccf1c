package preorder_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordertest"

	"github.com/google/go-cmp/cmp"
)

var page = preorder.Paging{Limit: 10}

func TestConfiguredTransactionsAreListedWithTheirOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for n := range 24 {
			w.Fakes.Line(preordertest.Home(n+1), preordertest.Fiber)
		}
		w.Qualify(preordertest.Home(1)) // only qualified: not listed
		ordered := w.Complete(w.Configure(w.Config(w.Qualify(preordertest.Home(2)), "HSI-100-POST")))
		w.Advance(time.Minute)
		cancelled := w.Ordered(preordertest.Home(3), "LOCAL-POST")
		if _, err := w.TryCancel(cancelled.Number); err != nil {
			t.Fatal(err)
		}
		w.Advance(time.Minute)
		bare := w.Configure(w.Config(w.Qualify(preordertest.Home(14)), "LD-POST")).Transaction
		for _, c := range []struct {
			f    preorder.ConfiguredFilter
			want []string
		}{
			{preorder.ConfiguredFilter{}, []string{bare.ID, cancelled.Transaction, ordered.Transaction}},
			{preorder.ConfiguredFilter{State: preorder.StateUnordered}, []string{bare.ID}},
			{preorder.ConfiguredFilter{State: preorder.OrderReceived}, []string{ordered.Transaction}},
			{preorder.ConfiguredFilter{State: preorder.OrderCancelled, Text: "maple"}, []string{cancelled.Transaction}},
			{preorder.ConfiguredFilter{Text: ordered.Number[3:]}, []string{ordered.Transaction}},
			{preorder.ConfiguredFilter{Text: "po " + bare.ID}, []string{bare.ID}},
			{preorder.ConfiguredFilter{Text: "%"}, nil},
		} {
			w.View(func(tx *db.Tx) error {
				list, total, err := w.Desk.List(tx, w.Party(), c.f, page)
				var got []string
				for _, k := range list {
					got = append(got, k.Transaction.ID)
					if k.Order != nil && k.Order.Transaction != k.Transaction.ID || k.State() == "" {
						t.Errorf("%s is listed with order %+v", k.Transaction.ID, k.Order)
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" || total != len(c.want) {
					t.Errorf("%+v: %d (-want +got):\n%s", c.f, total, diff)
				}
				return err
			})
		}
		w.View(func(tx *db.Tx) error {
			second, total, err := w.Desk.List(tx, w.Party(), preorder.ConfiguredFilter{}, preorder.Paging{Offset: 1, Limit: 1})
			if len(second) != 1 || second[0].Transaction.ID != cancelled.Transaction || total != 3 {
				t.Errorf("the second page is %+v of %d", second, total)
			}
			return err
		})
		foreign := w.Party()
		foreign.Partner = preorder.OtherPartner
		w.View(func(tx *db.Tx) error {
			list, total, err := w.Desk.List(tx, foreign, preorder.ConfiguredFilter{}, page)
			if len(list)+total != 0 {
				t.Errorf("another partner sees %d of %d", len(list), total)
			}
			return err
		})
	})
}

func TestALookAtATransactionTellsWhatCanBeDoneWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		w.Fakes.Line(preordertest.Home(2), preordertest.Fiber)
		w.Fakes.Line(preordertest.Home(4), preordertest.Fiber)
		look := func(id string) (l preorder.Look) {
			t.Helper()
			w.View(func(tx *db.Tx) (err error) {
				l, err = w.Desk.Look(tx, w.Party(), id)
				return err
			})
			return l
		}
		q := w.Qualify(preordertest.Home(2))
		if l := look(q.Transaction.ID); l.Configured != nil || l.Completable() || len(l.Offers) != len(q.Offers) || !l.Today {
			t.Errorf("what is qualified is %+v", l)
		}
		r := w.Config(q, "HSI-100-POST")
		self := preorder.Text(preorder.Self)
		r.Install, r.ModemOption, r.AddOns = &self, "PURCHASE", []preorder.Text{"JACK"}
		c := w.Configure(r)
		l := look(q.Transaction.ID)
		if diff := cmp.Diff(c.Totals.Monthly.String()+c.Totals.OneTime.String(), l.Configured.Totals.Monthly.String()+l.Configured.Totals.OneTime.String()); diff != "" || !l.Completable() || len(l.Configured.Charges) != len(c.Charges) {
			t.Errorf("what is configured is %+v", l.Configured)
		}
		if _, modems, _ := l.Transaction.Extras(c.Offer); len(modems) != 3 || len(preorder.PromotionsOf(c.Offer)) != 2 {
			t.Errorf("beside it there are %+v and %+v", modems, preorder.PromotionsOf(c.Offer))
		}
		o := w.Complete(c)
		byNumber := look(o.Number)
		if byNumber.Transaction.ID != q.Transaction.ID || byNumber.Completable() || byNumber.Trail[0].To != preorder.OrderReceived || len(byNumber.Trail) != 3 {
			t.Errorf("by its order's number it is %+v", byNumber)
		}
		idle := w.Configure(w.Config(w.Qualify(preordertest.Home(4)), "LD-POST")).Transaction
		w.Advance(25 * time.Hour)
		if l := look(idle.ID); l.Today || l.Completable() || !l.Transaction.DayEnd().Before(w.Now()) {
			t.Errorf("the day after it is %+v", l)
		}
		foreign := w.Party()
		foreign.Partner = preorder.OtherPartner
		w.View(func(tx *db.Tx) error {
			for _, id := range []string{q.Transaction.ID, o.Number, "PX-AAAAAAAA", "N1", ""} {
				if _, err := w.Desk.Look(tx, foreign, id); !errors.Is(err, preorder.OrderUnknown) {
					t.Errorf("another partner looks at %q: %v", id, err)
				}
			}
			return nil
		})
	})
}

func TestSellersAreTheApplicationsPartners(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		w.Within(func(tx *db.Tx) error {
			w.Desk.Store.Bind(tx, "app_bound", preorder.OtherPartner)
			w.Desk.Store.Bind(tx, "app_gone", "PTNR9999")
			return nil
		})
		for _, c := range []struct {
			apps    []string
			sandbox bool
			want    []string
		}{
			{nil, true, nil},
			{[]string{"app_a", "app_b"}, true, []string{preorder.ExamplePartner + " app_a"}},
			{[]string{"app_a"}, false, nil},
			{[]string{"app_bound", "app_a", "app_gone"}, true, []string{preorder.OtherPartner + " app_bound", preorder.ExamplePartner + " app_a"}},
			{[]string{"app_a", "app_bound"}, false, []string{preorder.OtherPartner + " app_bound"}},
		} {
			w.View(func(tx *db.Tx) error {
				list, err := w.Desk.Sellers(tx, c.apps, c.sandbox)
				var got []string
				for _, s := range list {
					got = append(got, s.ID+" "+s.App)
					if len(s.SalesCodes) == 0 {
						t.Errorf("%s has no sales code", s.ID)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%v sell for %v, want %v", c.apps, got, c.want)
				}
				return err
			})
		}
	})
}
