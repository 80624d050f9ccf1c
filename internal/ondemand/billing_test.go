package ondemand_test

import (
	"fmt"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
)

var all = ondemand.Paging{Limit: 100}

// lines are charge lines as text: "100 Mbps: 720 h at 0.46 = 331.20".
func lines(list []ondemand.ChargeLine) []string {
	text := []string{}
	for _, l := range list {
		text = append(text, fmt.Sprintf("%s: %d h at %s = %s", ondemand.CanonicalSpeed(l.Mbps), l.Hours, l.Hourly, l.Amount))
	}
	return text
}

func charges(t *testing.T, w *ondemandtest.World, service string, month time.Time) []string {
	t.Helper()
	list, of, total, err := w.Desk.ServiceCharges(t.Context(), w.Party(), ondemand.ServiceFilter{ID: service}, month, all)
	if err != nil || total != 1 || len(list) != 1 || of.Day() != 1 {
		t.Fatalf("%d of %d services, from %v: %v", len(list), total, of, err)
	}
	return lines(list[0].Lines)
}

func TestOND_BIL_01_AMonthOfThirtyDaysAt100MbpsIs33120Exactly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		july := ondemandtest.Start.AddDate(0, 1, 0)
		for _, step := range []struct {
			to   time.Time
			want []string
		}{
			{ondemandtest.Start, []string{}},
			{ondemandtest.Start.Add(time.Microsecond), []string{"100 Mbps: 1 h at 0.46 = 0.46"}},
			{ondemandtest.Start.Add(time.Hour), []string{"100 Mbps: 1 h at 0.46 = 0.46"}},
			{ondemandtest.Start.Add(time.Hour + time.Microsecond), []string{"100 Mbps: 2 h at 0.46 = 0.92"}},
			{july.Add(-time.Microsecond), []string{"100 Mbps: 720 h at 0.46 = 331.20"}},
		} {
			w.AdvanceTo(step.to)
			if diff := cmp.Diff(step.want, charges(t, w, ondemand.ExampleService, time.Time{})); diff != "" {
				t.Errorf("at %v (-want +got):\n%s", step.to, diff)
			}
		}
		bill := func(month time.Time) ondemand.Bill {
			list, _, total, err := w.Desk.Bills(t.Context(), w.Party(), ondemand.ExampleAccount, month, all)
			if err != nil || total != 1 || len(list) != 1 {
				t.Fatalf("%d of %d bills: %v", len(list), total, err)
			}
			return list[0]
		}
		// Two seeded services are billed to the account.
		if b := bill(time.Time{}); ondemand.USD(b.Due) != "$662.40" || b.Closed || b.Lines != 2 {
			t.Errorf("the bill before the month's end is %+v", b)
		}
		w.AdvanceTo(july)
		if b := bill(ondemandtest.Start); ondemand.USD(b.Due) != "$662.40" || !b.Closed {
			t.Errorf("the bill at the month's end is %+v", b)
		}
		if b := bill(time.Time{}); ondemand.USD(b.Due) != "$0.00" || b.Closed || b.Lines != 0 {
			t.Errorf("the next month begins with %+v", b)
		}
		w.AdvanceTo(july.AddDate(0, 1, 0))
		if diff := cmp.Diff([]string{"100 Mbps: 744 h at 0.46 = 342.24"}, charges(t, w, ondemand.ExampleService, july)); diff != "" {
			t.Errorf("July (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"100 Mbps: 720 h at 0.46 = 331.20"}, charges(t, w, ondemand.ExampleService, ondemandtest.Start)); diff != "" {
			t.Errorf("June, a month later (-want +got):\n%s", diff)
		}
	})
}

func TestOND_BIL_01_EveryHourIsChargedAtItsDearestPriceWhileTheServiceRuns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		hour := func(h int) time.Time { return ondemandtest.Start.Add(time.Duration(h) * time.Hour) }
		change := func(f func() ondemand.Order) {
			t.Helper()
			o := f()
			w.Advance(10 * time.Minute)
			if state := w.Order(o.ID).State; state != ondemand.OrderCompleted {
				t.Fatalf("the order is %s", state)
			}
		}
		w.AdvanceTo(hour(10))
		var s string
		change(func() ondemand.Order {
			o := w.Add("100 Mbps", "Branch")
			s = o.Service
			return o
		})
		w.AdvanceTo(hour(20)) // ten hours at 100 Mbps
		change(func() ondemand.Order { return w.Modify(s, "1 Gbps", "") })
		w.AdvanceTo(hour(24)) // four at 1 Gbps
		change(func() ondemand.Order { return w.Modify(s, "10 Mbps", "") })
		w.AdvanceTo(hour(30)) // the hour of the change is one of 1 Gbps; five at 10 Mbps
		change(func() ondemand.Order { return w.Modify(s, "2 Gbps", "") })
		change(func() ondemand.Order { return w.Modify(s, "10 Mbps", "Renamed on the way") })
		w.AdvanceTo(hour(33)) // up and down within an hour costs that hour once; two at 10 Mbps
		change(func() ondemand.Order { return w.Modify(s, "", "A name costs nothing") })
		o := w.Modify(s, "10 Gbps", fails) // neither does what does not happen
		w.Advance(10 * time.Minute)
		if w.Order(o.ID).State != ondemand.OrderFailed {
			t.Fatal("the change was made")
		}
		w.AdvanceTo(hour(40)) // seven at 10 Mbps
		change(func() ondemand.Order { return w.Delete(s) })
		w.AdvanceTo(hour(100)) // one more, the hour of the end
		want := []string{"10 Mbps: 15 h at 0.12 = 1.80", "100 Mbps: 10 h at 0.46 = 4.60", "1 Gbps: 5 h at 1.78 = 8.90", "2 Gbps: 1 h at 2.84 = 2.84"}
		if diff := cmp.Diff(want, charges(t, w, s, time.Time{})); diff != "" {
			t.Errorf("charges (-want +got):\n%s", diff)
		}
		w.CheckAll()
	})
}

func TestABillIsTheSumOfItsServicesAndOfNobodyElses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		other := w.As(ondemand.OtherCustomer)
		for i := range 7 {
			w.Add("10 Mbps", fmt.Sprint("Branch ", i))
			other.Add("1 Gbps", fmt.Sprint("Foreign ", i))
		}
		w.Settle()
		w.Advance(50 * time.Hour)
		for _, who := range []*ondemandtest.World{w, other} {
			due := map[string]decimal.Decimal{}
			// Page by page, as a client reads.
			for page := (ondemand.Paging{Limit: 2}); ; page.Offset += 2 {
				list, _, total, err := who.Desk.ServiceCharges(t.Context(), who.Party(), ondemand.ServiceFilter{}, time.Time{}, page)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range list {
					if c.Service.Customer != who.Party().Customer {
						t.Errorf("%s sees a service of %s", who.Party().Customer, c.Service.Customer)
					}
					sum, err := due[c.Service.Account].Add(ondemand.Total(c.Lines))
					if err != nil {
						t.Fatal(err)
					}
					due[c.Service.Account] = sum
				}
				if int(page.Offset)+len(list) >= total {
					break
				}
			}
			bills, _, _, err := who.Desk.Bills(t.Context(), who.Party(), "", time.Time{}, all)
			if err != nil || len(bills) == 0 {
				t.Fatalf("%d bills: %v", len(bills), err)
			}
			for _, b := range bills {
				if b.Account.Customer != who.Party().Customer || b.Due.Cmp(due[b.Account.ID]) != 0 {
					t.Errorf("the bill of %s is %s, its services cost %s", b.Account.ID, b.Due, due[b.Account.ID])
				}
			}
		}
		if list, _, total, err := other.Desk.Bills(t.Context(), other.Party(), ondemand.ExampleAccount, time.Time{}, all); err != nil || total != 0 || len(list) != 0 {
			t.Errorf("another customer's bill: %v, %d, %v", list, total, err)
		}
	})
}
