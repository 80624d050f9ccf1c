package preorder_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/postal"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordertest"
)

// misspelt is a house that is written as people write.
func misspelt(a postal.Address) *preorder.QualifyRequest {
	r := preordertest.Ask(a)
	r.Address.StreetAddress = preorder.Text(a.Number + " Mapel Grove")
	return r
}

func TestFromNearMatchesToAServiceThatIsInstalled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for n, c := range []struct {
			segment, product, install string
			loop                      preorder.Loop
			once, monthly             string
			takes                     time.Duration
		}{
			{preorder.Consumer, "HSI-20-PRE", preorder.Self, preordertest.Copper, "37.95", "64.99", 48 * time.Hour},
			{preorder.Consumer, "HSI-20-PRE", preorder.Tech, preordertest.Copper, "124.00", "64.99", 120 * time.Hour},
			{preorder.Consumer, "HSI-100-POST", preorder.Self, preordertest.Fiber, "37.95", "84.99", 48 * time.Hour},
			{preorder.Consumer, "HSI-100-POST", preorder.Tech, preordertest.VDSL, "124.00", "84.99", 120 * time.Hour},
			{preorder.Consumer, "BUNDLE-20-POST", preorder.Self, preordertest.Copper, "37.95", "94.99", 48 * time.Hour},
			{preorder.Consumer, "LOCAL-PRE", "", preordertest.Copper, "25.00", "30.00", 48 * time.Hour},
			{preorder.SmallBusiness, "BIZ-BUNDLE-100", preorder.Tech, preordertest.VDSL, "124.00", "129.99", 120 * time.Hour},
			{preorder.SmallBusiness, "HSI-940-POST", preorder.Tech, preordertest.Fiber, "124.00", "89.99", 120 * time.Hour},
			{preorder.SmallBusiness, "HSI-20-POST", preorder.Self, preordertest.Copper, "37.95", "69.99", 48 * time.Hour},
			{preorder.SmallBusiness, "BIZ-LINE", "", preordertest.Copper, "25.00", "45.00", 48 * time.Hour},
		} {
			home := preordertest.Home(n + 1)
			w.Fakes.Line(home, c.loop)
			r := misspelt(home)
			r.MarketSegment = preorder.Text(c.segment)
			first, err := w.TryQualify(r)
			if err != nil || first.Transaction.State != preorder.TxNear || len(first.Offers) != 0 || first.Transaction.Near[0].Address.Address != home {
				t.Fatalf("%s: %+v, %v", c.product, first, err)
			}
			choice := preordertest.Choose(first, home.ID())
			choice.MarketSegment = r.MarketSegment
			q, err := w.TryQualify(choice)
			if err != nil || q.Transaction.ID != first.Transaction.ID || q.Transaction.State != preorder.TxQualified || q.Transaction.Address.Address != home || q.Transaction.Loop != c.loop {
				t.Fatalf("%s: %+v, %v", c.product, q, err)
			}
			config := w.Config(q, c.product)
			if config.Install != nil {
				*config.Install = preorder.Text(c.install)
			}
			made := w.Configure(config)
			if made.Totals.OneTime.String() != c.once || made.Totals.Monthly.String() != c.monthly || made.Deposit.String() != "0.00" ||
				made.Transaction.Config.Credit.Decision != preorder.DecisionApproved {
				t.Errorf("%s: %+v", c.product, made)
			}
			o := w.Complete(made)
			if o.State != preorder.OrderReceived || !strings.HasPrefix(o.Number, "N4") || o.Transaction != q.Transaction.ID || o.Address != home.String() || o.Totals != made.Totals {
				t.Errorf("%s: %+v", c.product, o)
			}
			w.Advance(time.Hour - time.Microsecond)
			if o, _ := w.Order(o.Number); o.State != preorder.OrderReceived {
				t.Errorf("%s: within the hour it is %s", c.product, o.State)
			}
			w.Advance(time.Microsecond)
			w.Advance(c.takes - time.Microsecond)
			if o, _ := w.Order(o.Number); o.State != preorder.OrderInProcess || !o.EndedAt.IsZero() {
				t.Errorf("%s: before its day it is %s", c.product, o.State)
			}
			w.Advance(time.Microsecond)
			done, states := w.Order(o.Number)
			if want := []string{preorder.OrderReceived, preorder.OrderInProcess, preorder.OrderCompleted}; done.State != preorder.OrderCompleted || !done.EndedAt.Equal(w.Now()) || !slices.Equal(states, want) {
				t.Errorf("%s: %+v through %v", c.product, done, states)
			}
			if told := w.Told("order/" + o.Number); !slices.Equal(told, []string{"preorder.order.received", "preorder.order.in_process", "preorder.order.completed"}) {
				t.Errorf("%s: told %v", c.product, told)
			}
		}
		w.CheckAll()
	})
}

func TestPX_QUAL_2096_AndPX_QUAL_2086_WithoutAMatchTheFootprintDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for zip, want := range map[string]string{"80202": "PX-QUAL-2096", "00601": "PX-QUAL-2086"} {
			a := postal.Address{Number: "5", Street: "XYLOPHONE", Suffix: "PLZ", City: "NOWHERE", State: "CO", ZIP: zip}
			q, err := w.TryQualify(preordertest.Ask(a))
			if err != nil || q.Message == nil || q.Message.Violations[0].Rule != want || q.Message.Code.Status != 200 || q.Transaction.State != preorder.TxNoMatch {
				t.Fatalf("%s: %+v, %v", zip, q, err)
			}
			_, err = w.TryQualify(preordertest.Choose(q, preordertest.Home(1).ID()))
			preordertest.Refused(t, err, "px_2070", "PX-QUAL-2070")
		}
		w.CheckAll()
	})
}

func TestPX_QUAL_6000_NothingCanBeSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		w.Fakes.Line(preordertest.Home(1), preorder.Loop{})
		_, err := w.TryQualify(preordertest.Ask(preordertest.Home(1)))
		preordertest.Refused(t, err, "px_6000", "PX-QUAL-6000")
		w.Fakes.Line(preordertest.Home(1), preordertest.Fiber)
		w.Fakes.Sell(func(o preorder.Offering) bool { return o.Code == "BIZ-LINE" })
		_, err = w.TryQualify(preordertest.Ask(preordertest.Home(1)))
		preordertest.Refused(t, err, "px_6000", "PX-QUAL-6000")
		w.CheckAll()
	})
}

func TestMagicWordsCountInSandboxesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		asked := func(word string) (preorder.Qualified, error) {
			r := preordertest.Ask(preordertest.Home(1))
			r.Address.StreetAddress += preorder.Text(" [demarc:" + word + "]")
			return w.TryQualify(r)
		}
		if q, err := asked(preorder.WordNoMatch); err != nil || q.Transaction.State != preorder.TxNoMatch {
			t.Errorf("no-match: %+v, %v", q, err)
		}
		if q, err := asked(preorder.WordNear); err != nil || q.Transaction.State != preorder.TxNear || q.Transaction.Near[0].Address.Address != preordertest.Home(1) {
			t.Errorf("near-match: %+v, %v", q, err)
		}
		if q, err := asked(preorder.WordFastFiber); err != nil || q.Transaction.Loop != preordertest.Fiber {
			t.Errorf("fiber: %+v, %v", q, err)
		}
		if q, err := asked(preorder.WordNoFiber); err != nil || q.Transaction.Loop != preordertest.Copper {
			t.Errorf("slow-loop: %+v, %v", q, err)
		}
		_, err := asked(preorder.WordNoOffer)
		preordertest.Refused(t, err, "px_6000", "PX-QUAL-6000")
		w.Sandbox = false
		if q, err := asked(preorder.WordNoMatch); err == nil && q.Transaction.State == preorder.TxNoMatch {
			t.Error("a magic word counts in production")
		}
	})
}

func TestBackendsThatFailAreAnsweredWithTheSourcesCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for _, c := range []struct{ why, backend, how, code string }{
			{"PX-QUAL-4000 the address service is not available", preorder.BackendAddress, preorder.HowDown, "4000"},
			{"PX-QUAL-4010 the address service does not answer in time", preorder.BackendAddress, preorder.HowLate, "4010"},
			{"PX-QUAL-5000 the address service answers what nobody knows", preorder.BackendAddress, preorder.HowWrong, "5000"},
			{"PX-QUAL-4020 LoopQual is not available", preorder.BackendLoopQual, preorder.HowDown, "4020"},
			{"PX-QUAL-4030 LoopQual does not answer in time", preorder.BackendLoopQual, preorder.HowLate, "4030"},
			{"PX-QUAL-5010 LoopQual answers what nobody knows", preorder.BackendLoopQual, preorder.HowWrong, "5010"},
		} {
			for _, after := range []bool{false, true} {
				w.Fakes.Fail(c.backend, preordertest.Fault{After: after, Err: preordertest.Fails(c.backend, c.how)})
				_, err := w.TryQualify(preordertest.Ask(preordertest.Home(1)))
				if f := fault.Of(err); f == nil || f.Code.ID != "px_"+c.code || f.Code.Status != 500 || len(f.Violations) != 1 || f.Violations[0].Rule != "PX-QUAL-"+c.code || !strings.Contains(f.Message, "TxID PX-") {
					t.Errorf("%s: %v", c.why, err)
				}
			}
		}
		for n := range 2 { // the second and third question to the address service
			w.Fakes.Fail(preorder.BackendAddress, append(make([]preordertest.Fault, n+1), preordertest.Fault{Err: preordertest.Fails(preorder.BackendAddress, preorder.HowDown)})...)
			_, err := w.TryQualify(preordertest.Ask(postal.Address{Number: "5", Street: "XYLOPHONE", Suffix: "PLZ", City: "NOWHERE", State: "CO", ZIP: "80202"}))
			preordertest.Refused(t, err, "px_4000", "PX-QUAL-4000")
		}
		w.Fakes.Fail(preorder.BackendCatalog, preordertest.Fault{Err: preordertest.Fails(preorder.BackendCatalog, preorder.HowLate)})
		_, err := w.TryQualify(preordertest.Ask(preordertest.Home(1)))
		preordertest.Refused(t, err, "preorder_backend_unavailable")
		w.View(func(tx *db.Tx) error {
			all, err := w.Desk.Store.All(tx)
			if len(all.Transactions) != 0 {
				t.Errorf("written all the same: %+v", all.Transactions)
			}
			return err
		})
		broken := errors.New("the disk is full")
		w.Fakes.Fail(preorder.BackendLoopQual, preordertest.Fault{Err: broken})
		if _, err := w.TryQualify(preordertest.Ask(preordertest.Home(1))); !errors.Is(err, broken) || fault.Of(err) != nil {
			t.Errorf("a mistake of our own is %v", err)
		}
	})
}

func TestACreditSystemThatFailsLeavesNothingBehind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		for _, how := range []string{preorder.HowDown, preorder.HowLate, preorder.HowWrong} {
			for _, after := range []bool{false, true} {
				w.Fakes.Fail(preorder.BackendCredit, preordertest.Fault{After: after, Err: preordertest.Fails(preorder.BackendCredit, how)})
				_, err := w.TryConfigure(w.Config(q, "LOCAL-POST"))
				preordertest.Refused(t, err, "preorder_backend_unavailable")
			}
		}
		if w.Sealed(q.Transaction.ID) != nil {
			t.Error("personal data was written")
		}
		_, err := w.TryConfigure(w.Reconfig(q, "LOCAL-POST"))
		preordertest.Refused(t, err, "px_2090", "PX-CFG-2090")
		w.Configure(w.Config(q, "LOCAL-POST"))
		w.CheckAll()
	})
}

func TestPX_CFG_1080_WhoCannotBeAuthenticatedHasToCall(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		for _, product := range []string{"LOCAL-PRE", "LOCAL-POST"} {
			r := w.Config(q, product)
			r.Customer.DOB = "01/01/1901"
			_, err := w.TryConfigure(r)
			preordertest.Refused(t, err, "px_1080", "PX-CFG-1080")
			if f := fault.Of(err); !strings.HasPrefix(f.Message, "Please call CenturyLink at 800#") {
				t.Errorf("it says %q", f.Message)
			}
		}
		if w.Sealed(q.Transaction.ID) != nil {
			t.Error("personal data of somebody unknown is kept")
		}
	})
}

func TestDecisionsMakeDeposits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		w.Fakes.Line(preordertest.Home(1), preordertest.Fiber)
		q := w.Qualify(preordertest.Home(1))
		for _, c := range []struct{ ssn, product, decision, reason, deposit, last4 string }{
			{"123-45-0001", "HSI-100-POST", preorder.DecisionApproved, "", "0.00", "0001"},
			{"123450002", "HSI-100-POST", preorder.DecisionDeposit, "", "140.00", "0002"},
			{"999 99 9999", "HSI-20-POST", preorder.DecisionDeposit, "", "110.00", ""},
			{"123 45 0003", "HSI-100-POST", preorder.DecisionHardStop, preorder.ReasonCredit, "0.00", "0003"},
			{"123-45-0004", "HSI-100-POST", preorder.DecisionHardStop, preorder.ReasonFinalBill, "0.00", "0004"},
			{"999999999", "HSI-100-PRE", preorder.DecisionApproved, "", "0.00", ""},
		} {
			r := w.Config(q, c.product)
			r.Customer.SSN = preorder.Text(c.ssn)
			got := w.Configure(r)
			config := got.Transaction.Config
			if config.Credit.Decision != c.decision || config.Credit.Reason != c.reason || got.Deposit.String() != c.deposit || config.SSNLast4 != c.last4 || config.Stopped != (c.decision == preorder.DecisionHardStop) {
				t.Errorf("…%s: %+v with %s", c.last4, config, got.Deposit)
			}
			w.CheckAll()
		}
	})
}

// What a Reconfig changes is computed from what was decided: the credit system is asked
// once for each Config, and no more.
func TestAReconfigNeverAsksForCreditAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		w.Fakes.Line(preordertest.Home(1), preordertest.Fiber)
		q := w.Qualify(preordertest.Home(1))
		id := q.Transaction.ID
		r := w.Config(q, "HSI-20-POST")
		r.Customer.SSN = "123450002"
		if c := w.Configure(r); c.Deposit.String() != "110.00" {
			t.Errorf("the deposit is %s", c.Deposit)
		}
		sealed := w.Sealed(id)
		for product, deposit := range map[string]string{"HSI-100-POST": "140.00", "BUNDLE-100-POST": "210.00", "LOCAL-POST": "70.00", "HSI-20-POST": "110.00"} {
			c := w.Configure(w.Reconfig(q, product))
			if c.Deposit.String() != deposit || c.Transaction.Config.Credit.Decision != preorder.DecisionDeposit || c.Transaction.Config.SSNLast4 != "0002" {
				t.Errorf("%s: %+v with %s", product, c.Transaction.Config, c.Deposit)
			}
		}
		for _, spoil := range []func(r *preorder.ConfigureRequest){
			func(r *preorder.ConfigureRequest) { r.Customer = preordertest.Customer("123450001") },
			func(r *preorder.ConfigureRequest) { r.ProductCode, r.BillType = "HSI-20-PRE", preorder.Prepaid },
			func(r *preorder.ConfigureRequest) { r.ModemOption = "SPOON" },
		} {
			r := w.Reconfig(q, "HSI-20-POST")
			spoil(r)
			if _, err := w.TryConfigure(r); fault.Of(err) == nil {
				t.Errorf("a wrong Reconfig: %v", err)
			}
		}
		if n := w.Fakes.CreditRuns(id); n != 1 {
			t.Errorf("credit was asked %d times for one Config", n)
		}
		if !slices.Equal(w.Sealed(id), sealed) {
			t.Error("a Reconfig has touched the customer's data")
		}
		w.Configure(w.Config(q, "HSI-20-PRE")) // another bill type is another Config
		if n := w.Fakes.CreditRuns(id); n != 2 {
			t.Errorf("credit was asked %d times for two Configs", n)
		}
		w.CheckAll()
	})
}

func TestPX_CMP_02_AHardStopIsNotCompletedNorReconfiguredAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		r := w.Config(q, "LOCAL-POST")
		r.Customer.SSN = "123-45-0003"
		w.Configure(r)
		c := w.Configure(w.Reconfig(q, "LD-POST"))
		if !c.Transaction.Config.Stopped {
			t.Error("a Reconfig has lifted a hard stop")
		}
		_, err := w.TryComplete(preordertest.Completion(c.Transaction))
		preordertest.Refused(t, err, "preorder_hard_stop", "PX-CMP-02")
		o := w.Complete(w.Configure(w.Config(q, "LOCAL-PRE"))) // without credit there is no stop
		if o.BillType != preorder.Prepaid {
			t.Errorf("%+v", o)
		}
		w.CheckAll()
	})
}

func TestPX_CMP_01_OnlyTheSellersConfiguredTransactionIsCompleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		q := w.Qualify(preordertest.Home(1))
		unconfigured := preordertest.Completion(q.Transaction)
		unconfigured.PartnerOrderID = "PO 1"
		_, err := w.TryComplete(unconfigured)
		preordertest.Refused(t, err, "px_2090", "PX-CFG-2090")
		c := w.Configure(w.Config(q, "LOCAL-POST"))
		for why, x := range map[string]struct {
			spoil func(r *preorder.CompleteRequest)
			code  string
			rules []string
		}{
			"another order id":            {func(r *preorder.CompleteRequest) { r.PartnerOrderID = "PO 2" }, "px_2131", []string{"PX-CFG-2131"}},
			"no order id":                 {func(r *preorder.CompleteRequest) { r.PartnerOrderID = "" }, "px_2131", []string{"PX-CFG-2131"}},
			"another sales code":          {func(r *preorder.CompleteRequest) { r.SalesCode = "SC10002" }, "px_2070", []string{"PX-CFG-2070"}},
			"another's sales code":        {func(r *preorder.CompleteRequest) { r.SalesCode = "SC20002" }, "px_2000", []string{"PX-CFG-2000", "PX-CFG-2070"}},
			"another partner":             {func(r *preorder.CompleteRequest) { r.PartnerID = preorder.OtherPartner }, "px_2030", []string{"PX-CFG-2030"}},
			"no transaction":              {func(r *preorder.CompleteRequest) { r.TransactionID = "" }, "px_2070", []string{"PX-CFG-2070"}},
			"nobody's transaction":        {func(r *preorder.CompleteRequest) { r.TransactionID = "PX-AAAAAAAAAAAAAAAA" }, "px_2070", []string{"PX-CFG-2070"}},
			"no transaction of anybody's": {func(r *preorder.CompleteRequest) { r.TransactionID = "' OR 1=1" }, "px_2070", []string{"PX-CFG-2070"}},
		} {
			r := preordertest.Completion(c.Transaction)
			x.spoil(r)
			_, err := w.TryComplete(r)
			t.Log(why)
			preordertest.Refused(t, err, x.code, x.rules...)
		}
		w.Partner = preorder.OtherPartner
		foreign := preordertest.Completion(c.Transaction)
		foreign.SalesCode, foreign.PartnerID = "SC20002", preorder.OtherPartner
		_, err = w.TryComplete(foreign)
		preordertest.Refused(t, err, "px_2070", "PX-CFG-2070")
		w.Partner = preorder.ExamplePartner
		w.Complete(c)
		w.CheckAll()
	})
}

func TestPX_CMP_03_ATransactionIsCompletedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		c := w.Configure(w.Config(w.Qualify(preordertest.Home(1)), "LOCAL-POST"))
		o := w.Complete(c)
		_, err := w.TryComplete(preordertest.Completion(c.Transaction))
		preordertest.Refused(t, err, "px_2130", "PX-CFG-2130")
		if _, err := w.TryCancel(o.Number); err != nil {
			t.Fatal(err)
		}
		_, err = w.TryComplete(preordertest.Completion(c.Transaction)) // a cancelled order is one, too
		preordertest.Refused(t, err, "px_2130", "PX-CFG-2130")
		q := preorder.Qualified{Transaction: c.Transaction}
		for _, r := range []*preorder.ConfigureRequest{w.Config(q, "LOCAL-POST"), w.Reconfig(q, "LD-POST")} {
			_, err = w.TryConfigure(r)
			preordertest.Refused(t, err, "px_2130", "PX-CFG-2130")
		}
		w.CheckAll()
	})
}

func TestPX_QUAL_1005_AnOrderBlocksItsAddressForThirtyDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		early := w.Configure(w.Config(w.Qualify(preordertest.Home(1)), "LOCAL-POST")) // before the address is blocked
		o := w.Ordered(preordertest.Home(1), "LOCAL-POST")
		blocked := func(when string) {
			t.Helper()
			_, err := w.TryQualify(preordertest.Ask(preordertest.Home(1)))
			preordertest.Refused(t, err, "px_1005", "PX-QUAL-1005")
			if !strings.Contains(err.Error(), "on order number "+o.Number+".") {
				t.Errorf("%s: it says %v", when, err)
			}
		}
		blocked("at once")
		_, err := w.TryComplete(preordertest.Completion(early.Transaction))
		preordertest.Refused(t, err, "px_1005", "PX-QUAL-1005")
		near, err := w.TryQualify(misspelt(preordertest.Home(1)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.TryQualify(preordertest.Choose(near, preordertest.Home(1).ID()))
		preordertest.Refused(t, err, "px_1005", "PX-QUAL-1005")
		w.Qualify(preordertest.Home(2)) // a neighbour is free
		w.Advance(time.Hour)
		blocked("in process")
		w.Advance(10 * 24 * time.Hour)
		if done, _ := w.Order(o.Number); done.State != preorder.OrderCompleted {
			t.Fatalf("it is %s", done.State)
		}
		blocked("completed")
		w.AdvanceTo(o.CreatedAt.Add(30*24*time.Hour - time.Microsecond))
		blocked("at the end of the thirtieth day")
		w.Advance(time.Microsecond)
		again := w.Ordered(preordertest.Home(1), "LOCAL-POST")
		if again.Number == o.Number {
			t.Error("two orders have one number")
		}
		o = again
		blocked("by the next one")
		w.CheckAll()
	})
}

func TestACancelledOrderFreesItsAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		for _, after := range []time.Duration{0, time.Hour} {
			o := w.Ordered(preordertest.Home(1), "LOCAL-POST")
			w.Advance(after)
			cancelled, err := w.TryCancel(o.Number)
			if err != nil || cancelled.State != preorder.OrderCancelled || !cancelled.EndedAt.Equal(w.Now()) {
				t.Fatalf("%+v, %v", cancelled, err)
			}
			w.CheckAll()
			told := w.Told("order/" + o.Number)
			if told[len(told)-1] != "preorder.order.cancelled" {
				t.Errorf("told %v", told)
			}
			if f := fault.Of(second(w.TryCancel(o.Number))); f == nil || f.Code != preorder.OrderMove || len(f.Next) != 0 {
				t.Errorf("cancelled twice: %v", f)
			}
		}
		o := w.Ordered(preordertest.Home(1), "LOCAL-POST")
		w.Advance(10 * 24 * time.Hour)
		_, err := w.TryCancel(o.Number)
		preordertest.Refused(t, err, "preorder_order_wrong_move")
		w.CheckAll()
	})
}

func second[T any](_ T, err error) error { return err }

func TestAPartnerSeesNothingOfAnothers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		near, err := w.TryQualify(misspelt(preordertest.Home(2)))
		if err != nil {
			t.Fatal(err)
		}
		o := w.Ordered(preordertest.Home(1), "LOCAL-POST")
		q := w.Qualify(preordertest.Home(3))
		for _, partner := range []string{preorder.OtherPartner, "", "PTNR0000"} {
			w.Partner = partner
			_, err := w.TryCancel(o.Number)
			preordertest.Refused(t, err, "preorder_order_unknown")
			err = w.DB.View(t.Context(), w.ID, func(tx *db.Tx) error {
				_, _, err := w.Desk.Order(tx, w.Party(), o.Number)
				return err
			})
			preordertest.Refused(t, err, "preorder_order_unknown")
			choice := preordertest.Choose(near, preordertest.Home(2).ID())
			config := w.Config(q, "LOCAL-POST")
			if partner == preorder.OtherPartner {
				choice.SalesCode, choice.PartnerID, config.SalesCode, config.PartnerID = "SC20002", preorder.OtherPartner, "SC20002", preorder.OtherPartner
				_, err = w.TryQualify(choice)
				preordertest.Refused(t, err, "px_2070", "PX-QUAL-2070")
				_, err = w.TryConfigure(config)
				preordertest.Refused(t, err, "px_2070", "PX-CFG-2070")
				continue
			}
			_, err = w.TryQualify(choice)
			preordertest.Refused(t, err, "px_2000", "PX-QUAL-2000", "PX-QUAL-2030", "PX-QUAL-2070")
			_, err = w.TryConfigure(config)
			preordertest.Refused(t, err, "px_2000", "PX-CFG-2000", "PX-CFG-2030", "PX-CFG-2070")
		}
	})
}

func TestPersonalDataIsSealedAndBoundToItsTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		c := w.Configure(w.Config(w.Qualify(preordertest.Home(1)), "LOCAL-POST"))
		other := w.Configure(w.Config(w.Qualify(preordertest.Home(2)), "LOCAL-POST"))
		sealed := w.Sealed(c.Transaction.ID)
		for _, secret := range []string{"123450001", "0001", "Avery", "1980"} {
			if strings.Contains(string(sealed), secret) {
				t.Errorf("what is kept tells %q", secret)
			}
		}
		purpose := preorder.SealedColumns()[0].Purpose
		if plain, err := w.Desk.Seal.Open(purpose(c.Transaction.ID), sealed); err != nil || !strings.Contains(string(plain), `"ssn":"123450001"`) {
			t.Errorf("it does not open: %v", err)
		}
		if _, err := w.Desk.Seal.Open(purpose(other.Transaction.ID), sealed); err == nil {
			t.Error("it opens as another transaction's")
		}
	})
}

func TestTheAuditFindsWhatIsWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for why, spoil := range map[string]func(w *preordertest.World, c preorder.Configured, o preorder.Order, tx *db.Tx){
			"an address that is not held": func(w *preordertest.World, _ preorder.Configured, o preorder.Order, tx *db.Tx) {
				w.Desk.Store.ReleaseAddress(tx, o.DetailID, o.Number)
			},
			"a state that nobody was told of": func(w *preordertest.World, _ preorder.Configured, o preorder.Order, tx *db.Tx) {
				moved := o
				moved.State = preorder.OrderInProcess
				w.Desk.Store.MoveOrder(tx, o.State, moved)
			},
			"a qualification for nothing": func(w *preordertest.World, c preorder.Configured, _ preorder.Order, tx *db.Tx) {
				bad := c.Transaction
				bad.ID, bad.Offers, bad.Config, bad.PartnerOrderID = "PX-SPOILT77", nil, nil, ""
				w.Desk.Store.AddTransaction(tx, bad)
			},
			"a qualification without address": func(w *preordertest.World, c preorder.Configured, _ preorder.Order, tx *db.Tx) {
				bad := c.Transaction
				bad.ID, bad.Address, bad.Config, bad.PartnerOrderID = "PX-SPOILT77", nil, nil, ""
				w.Desk.Store.AddTransaction(tx, bad)
			},
			"one pair of two transactions": func(w *preordertest.World, c preorder.Configured, _ preorder.Order, tx *db.Tx) {
				bad := c.Transaction
				bad.ID = "PX-SPOILT77"
				w.Desk.Store.AddTransaction(tx, bad)
			},
			"personal data that nothing will remove": func(w *preordertest.World, c preorder.Configured, _ preorder.Order, tx *db.Tx) {
				bad := c.Transaction
				bad.ID, bad.PartnerOrderID = "PX-SPOILT77", "PO 77"
				w.Desk.Store.AddTransaction(tx, bad)
				w.Desk.Store.SaveConfig(tx, bad, []byte("sealed"), errors.New("taken"))
			},
			"an order of nothing": func(w *preordertest.World, _ preorder.Configured, o preorder.Order, tx *db.Tx) {
				bad := o
				bad.Number, bad.Transaction, bad.PartnerOrderID = "N1", "PX-SPOILT77", "PO 77"
				w.Desk.Store.AddOrder(tx, bad)
			},
		} {
			w := preordertest.New(t, d)
			c := w.Configure(w.Config(w.Qualify(preordertest.Home(1)), "LOCAL-POST"))
			o := w.Complete(c)
			w.CheckAll()
			w.Within(func(tx *db.Tx) error {
				spoil(w, c, o, tx)
				return nil
			})
			if problems, err := w.Problems(); err != nil || len(problems) == 0 {
				t.Errorf("%s is not found: %v", why, err)
			}
		}
	})
}

func TestWhomAnApplicationSellsFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		store := w.Desk.Store
		w.Within(func(tx *db.Tx) error {
			store.Bind(tx, "app_bound", preorder.OtherPartner)
			store.Bind(tx, "app_moved", preorder.OtherPartner)
			store.Bind(tx, "app_moved", preorder.ExamplePartner)
			return nil
		})
		for _, c := range []struct {
			app     string
			sandbox bool
			want    string
		}{
			{"app_bound", true, preorder.OtherPartner}, {"app_bound", false, preorder.OtherPartner}, {"app_moved", false, preorder.ExamplePartner},
			{"app_free", true, preorder.ExamplePartner}, {"app_free", false, ""},
		} {
			if got, err := store.PartnerOf(t.Context(), w.ID, c.app, c.sandbox); err != nil || got != c.want {
				t.Errorf("%+v: %q, %v", c, got, err)
			}
		}
	})
}

func TestOrdersAreListedByNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		var numbers []string
		for n := range 5 {
			numbers = append(numbers, w.Ordered(preordertest.Home(n+1), "LOCAL-POST").Number)
		}
		if _, err := w.TryCancel(numbers[2]); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			partner, state string
			page           preorder.Paging
			want           []string
			total          int
		}{
			{preorder.ExamplePartner, "", preorder.Paging{Limit: 10}, numbers, 5},
			{preorder.ExamplePartner, "", preorder.Paging{Offset: 3, Limit: 10}, numbers[3:], 5},
			{preorder.ExamplePartner, "", preorder.Paging{Offset: 1, Limit: 2}, numbers[1:3], 5},
			{preorder.ExamplePartner, preorder.OrderCancelled, preorder.Paging{Limit: 10}, numbers[2:3], 1},
			{preorder.ExamplePartner, preorder.OrderCompleted, preorder.Paging{Limit: 10}, nil, 0},
			{preorder.OtherPartner, "", preorder.Paging{Limit: 10}, nil, 0},
		} {
			w.View(func(tx *db.Tx) error {
				list, total, err := w.Desk.Store.Orders(tx, c.partner, c.state, c.page)
				var got []string
				for _, o := range list {
					got = append(got, o.Number)
				}
				if !slices.Equal(got, c.want) || total != c.total {
					t.Errorf("%+v: %v of %d", c, got, total)
				}
				return err
			})
		}
	})
}
