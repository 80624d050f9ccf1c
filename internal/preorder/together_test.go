package preorder_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordertest"
)

// crowd is how many do the same at once.
const crowd = 8

// together does something for everybody at once.
func together(do func(n int) error) (errs [crowd]error) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for n := range crowd {
		wg.Go(func() {
			<-start
			errs[n] = do(n)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// one expects that one has succeeded, and that the others were refused by a rule.
func one(t *testing.T, errs [crowd]error, code, rule string) (winner int) {
	t.Helper()
	winner = -1
	for n, err := range errs {
		switch {
		case err != nil:
			preordertest.Refused(t, err, code, rule)
		case winner >= 0:
			t.Fatalf("%d and %d have both succeeded", winner, n)
		default:
			winner = n
		}
	}
	if winner < 0 {
		t.Fatal("nobody has succeeded")
	}
	return winner
}

func TestPX_CFG_2131_APairIsOneTransactionsHoweverManyWantIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for round := range 5 {
			var prepared [crowd]*preorder.PreparedConfigure
			poid := preorder.Text(fmt.Sprintf("PO %d", round))
			for n := range prepared {
				r := w.Config(w.Qualify(preordertest.Home(n+1)), "LOCAL-POST")
				r.PartnerOrderID = poid
				var err error
				if prepared[n], err = w.Desk.PrepareConfigure(t.Context(), w.Party(), r); err != nil {
					t.Fatal(err)
				}
			}
			winner := one(t, together(func(n int) error {
				_, err := w.SaveConfigure(prepared[n])
				return err
			}), "px_2131", "PX-CFG-2131")
			for n, p := range prepared {
				if kept := w.Sealed(p.Answer.Transaction.ID) != nil; kept != (n == winner) {
					t.Errorf("personal data of %d is kept: %v", n, kept)
				}
			}
			r := w.Config(w.Qualify(preordertest.Home(9)), "LOCAL-POST") // and who comes later
			r.PartnerOrderID = poid
			_, err := w.TryConfigure(r)
			preordertest.Refused(t, err, "px_2131", "PX-CFG-2131")
			r.SalesCode = "SC10002" // the transaction is not one of this code, but the pair is free
			_, err = w.TryConfigure(r)
			preordertest.Refused(t, err, "px_2070", "PX-CFG-2070")
		}
		w.CheckAll()
	})
}

func TestPX_CFG_2131_APairIsOfOneSalesCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for n, sales := range []preorder.Text{preorder.ExampleSalesCode, "SC10002"} {
			ask := preordertest.Ask(preordertest.Home(n + 1))
			ask.SalesCode = sales
			q, err := w.TryQualify(ask)
			if err != nil {
				t.Fatal(err)
			}
			r := w.Config(q, "LOCAL-POST")
			r.PartnerOrderID = "PO 1"
			w.Complete(w.Configure(r))
		}
		r := w.Config(w.Qualify(preordertest.Home(3)), "LOCAL-POST")
		r.PartnerOrderID = "PO 1"
		_, err := w.TryConfigure(r)
		preordertest.Refused(t, err, "px_2130", "PX-CFG-2130")
		w.CheckAll()
	})
}

func TestPX_QUAL_1005_AnAddressGetsOneOrderHoweverManyWantIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for round := range 3 {
			var configured [crowd]preorder.Configured
			for n := range configured {
				configured[n] = w.Configure(w.Config(w.Qualify(preordertest.Home(round+1)), "LOCAL-POST"))
			}
			var orders [crowd]preorder.Order
			errs := together(func(n int) (err error) {
				orders[n], err = w.TryComplete(preordertest.Completion(configured[n].Transaction))
				return err
			})
			winner := one(t, errs, "px_1005", "PX-QUAL-1005")
			for n, err := range errs {
				if n != winner && !strings.Contains(err.Error(), "on order number "+orders[winner].Number+".") {
					t.Errorf("%d is told %v, the order is %s", n, err, orders[winner].Number)
				}
			}
		}
		w.CheckAll()
	})
}

func TestPX_CMP_03_ATransactionIsCompletedOnceHoweverManyTry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for round := range 3 {
			c := w.Configure(w.Config(w.Qualify(preordertest.Home(round+1)), "LOCAL-POST"))
			one(t, together(func(int) error {
				_, err := w.TryComplete(preordertest.Completion(c.Transaction))
				return err
			}), "px_2130", "PX-CFG-2130")
		}
		w.CheckAll()
	})
}

func TestPX_QUAL_2070_OneChoiceAmongNearMatchesCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for n := range 3 {
			w.Fakes.Line(preordertest.Unit(n+1), preordertest.Fiber)
		}
		for range 3 {
			near, err := w.TryQualify(preordertest.Ask(preordertest.Unit(1).Building()))
			if err != nil {
				t.Fatal(err)
			}
			var prepared [crowd]*preorder.PreparedQualify
			for n := range prepared {
				r := preordertest.Choose(near, preordertest.Unit(n%3+1).ID())
				if n%2 == 1 {
					r.SalesCode, r.AgentID = "SC10002", "AGENT02"
				}
				if prepared[n], err = w.Desk.PrepareQualify(t.Context(), w.Party(), r); err != nil {
					t.Fatal(err)
				}
			}
			winner := one(t, together(func(n int) error {
				return w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error {
					w.Desk.SaveQualify(tx, prepared[n])
					return nil
				})
			}), "px_2070", "PX-QUAL-2070")
			want := prepared[winner].Answer.Transaction
			w.View(func(tx *db.Tx) error {
				got, err := w.Desk.Store.Transaction(tx, near.Transaction.ID)
				if got == nil || *got.Address != *want.Address || got.SalesCode != want.SalesCode || got.AgentID != want.AgentID || len(got.Near) != 0 {
					t.Errorf("kept is %+v, chosen was %+v", got, want)
				}
				return err
			})
			q := prepared[winner].Answer
			w.Configure(w.Config(q, "LOCAL-POST"))
		}
		w.CheckAll()
	})
}

// What a Reconfig was decided by may have changed when it is written.
func TestPX_CFG_2181_AReconfigStandsOnWhatIsDecidedNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		w.Configure(w.Config(q, "LOCAL-POST"))
		late := func(meanwhile func()) (preorder.Configured, error) {
			t.Helper()
			prepared, err := w.Desk.PrepareConfigure(t.Context(), w.Party(), w.Reconfig(q, "LD-POST"))
			if err != nil {
				t.Fatal(err)
			}
			meanwhile()
			return w.SaveConfigure(prepared)
		}
		c, err := late(func() {
			r := w.Config(q, "LOCAL-POST")
			r.Customer.SSN = "123450002"
			w.Configure(r)
		})
		if err != nil || c.Deposit.String() != "40.00" || c.Transaction.Config.SSNLast4 != "0002" || c.Transaction.Config.ProductCode != "LD-POST" {
			t.Errorf("a deposit was decided meanwhile: %+v, %v", c.Transaction.Config, err)
		}
		c, err = late(func() {
			r := w.Config(q, "LOCAL-POST")
			r.Customer.SSN = "123450003"
			w.Configure(r)
		})
		if err != nil || !c.Transaction.Config.Stopped {
			t.Errorf("a hard stop was decided meanwhile: %+v, %v", c.Transaction.Config, err)
		}
		_, err = late(func() { w.Configure(w.Config(q, "LOCAL-PRE")) })
		preordertest.Refused(t, err, "px_2181", "PX-CFG-2181")
		w.Configure(w.Config(q, "LOCAL-POST"))
		_, err = late(func() { w.Complete(w.Configure(w.Config(q, "LOCAL-POST"))) })
		preordertest.Refused(t, err, "px_2130", "PX-CFG-2130")
		w.CheckAll()
	})
}

func TestPX_CFG_2131_TwoConfigsOfOneTransactionAgreeOnItsOrderId(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		var prepared [crowd]*preorder.PreparedConfigure
		for n := range prepared {
			r := w.Config(q, "LOCAL-POST")
			r.PartnerOrderID = preorder.Text(fmt.Sprintf("PO %d", n))
			var err error
			if prepared[n], err = w.Desk.PrepareConfigure(t.Context(), w.Party(), r); err != nil {
				t.Fatal(err)
			}
		}
		winner := one(t, together(func(n int) error {
			_, err := w.SaveConfigure(prepared[n])
			return err
		}), "px_2131", "PX-CFG-2131")
		for n := range prepared { // the others' ids are free again
			if n == winner {
				continue
			}
			r := w.Config(w.Qualify(preordertest.Home(n+2)), "LOCAL-POST")
			r.PartnerOrderID = preorder.Text(fmt.Sprintf("PO %d", n))
			w.Configure(r)
		}
		w.CheckAll()
	})
}
