package ondemand_test

import (
	"errors"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
)

func TestServicesAreFoundByWhatTheyAreCalledAndWhereTheyAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		branch := w.Active("200 Mbps", "50%_Branch [North]")
		for _, c := range []struct {
			f    ondemand.ServiceFilter
			want []string
		}{
			{ondemand.ServiceFilter{Text: "FIRST naas"}, []string{ondemand.ExampleService}},
			{ondemand.ServiceFilter{Text: "0%_b"}, []string{branch.ID}},
			{ondemand.ServiceFilter{Text: `%`}, []string{branch.ID}},
			{ondemand.ServiceFilter{Text: `\`}, nil},
			{ondemand.ServiceFilter{Text: "33831778"}, []string{ondemand.ExampleService}},
			{ondemand.ServiceFilter{Site: ondemandtest.Premises}, []string{ondemand.ServiceID(0)}},
			{ondemand.ServiceFilter{Status: ondemand.StatusActive, Text: "o"}, []string{ondemand.ServiceID(0), branch.ID}},
			{ondemand.ServiceFilter{Status: ondemand.StatusDisconnected}, nil},
		} {
			list, total, err := w.Desk.Inventory(t.Context(), w.Party(), c.f, all)
			var got []string
			for _, s := range list {
				got = append(got, s.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || total != len(c.want) || err != nil {
				t.Errorf("%+v: %d, %v (-want +got):\n%s", c.f, total, err, diff)
			}
		}
	})
}

func TestWhatIsLookedAtIsTheCustomersOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		o := w.Add("100 Mbps", "Branch office")
		q := w.Quote("50 Mbps")
		w.Settle()
		other := w.As(ondemand.OtherCustomer).Party()
		is := func(what string, err error, code *fault.Code) {
			t.Helper()
			if !errors.Is(err, code) {
				t.Errorf("%s: %v, want %s", what, err, code.ID)
			}
		}
		w.View(func(tx *db.Tx) error {
			s, trail, err := w.Desk.ServiceOf(tx, w.Party(), o.Service)
			if err != nil || s.Name != "Branch office" || len(trail) == 0 || trail[0].To != ondemand.StatusActive {
				t.Errorf("the service is %+v with %+v: %v", s, trail, err)
			}
			_, _, err = w.Desk.ServiceOf(tx, other, o.Service)
			is("another's service", err, ondemand.ServiceUnknown)
			_, _, err = w.Desk.ServiceOf(tx, w.Party(), "")
			is("no service", err, ondemand.ServiceUnknown)
			found, trail, err := w.Desk.OrderOf(tx, w.Party(), o.ID)
			if err != nil || found.State != ondemand.OrderCompleted || len(trail) != 3 || trail[0].To != ondemand.OrderCompleted {
				t.Errorf("the order is %+v with %+v: %v", found, trail, err)
			}
			_, _, err = w.Desk.OrderOf(tx, other, o.ID)
			is("another's order", err, ondemand.OrderUnknown)
			ports, err := w.Desk.Store.PortsOfCustomer(tx, w.Party().Customer, 5)
			if err != nil || len(ports) != 1 || ports[0].ID != ondemand.ExampleUNI {
				t.Errorf("the ports are %+v: %v", ports, err)
			}
			return nil
		})
		if found, err := w.Desk.QuoteOf(t.Context(), w.Party(), q.ID); err != nil || found.Speed.Mbps != 50 {
			t.Errorf("the quote is %+v: %v", found, err)
		}
		_, err := w.Desk.QuoteOf(t.Context(), other, q.ID)
		is("another's quote", err, ondemand.QuoteUnknown)
	})
}

func TestWhoOrdersIsInTheTrailAndItsApplicationIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		acting := func(string) (ondemand.Party, error) {
			p := w.Party()
			p.Actor = "alex@example.com"
			return p, nil
		}
		prepared, err := w.Desk.PrepareOrder(t.Context(), w.ID, ondemand.ExampleCustomer, acting, w.DeleteRequest(ondemand.ExampleService))
		w.Must("prepare", err)
		var o ondemand.Order
		w.Within(func(tx *db.Tx) (err error) {
			o, err = w.Desk.Place(tx, prepared)
			return err
		})
		w.View(func(tx *db.Tx) error {
			for what, look := range map[string]func() (string, error){
				"order": func() (string, error) {
					_, trail, err := w.Desk.OrderOf(tx, w.Party(), o.ID)
					return trail[0].Actor, err
				},
				"service": func() (string, error) {
					_, trail, err := w.Desk.ServiceOf(tx, w.Party(), o.Service)
					return trail[0].Actor, err
				},
			} {
				if who, err := look(); who != "alex@example.com" || err != nil {
					t.Errorf("the %s is changed by %q: %v", what, who, err)
				}
			}
			return nil
		})
		if o.App != w.App || len(w.Told(o.ID)) == 0 {
			t.Errorf("application %q is told %v", o.App, w.Told(o.ID))
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_BIL_01_TheDaysOfAMonthAddUpToItsLines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		w.AdvanceTo(ondemandtest.Start.Add(36 * time.Hour))
		w.Modify(ondemand.ExampleService, "1 Gbps", "")
		w.AdvanceTo(ondemandtest.Start.Add(75 * time.Hour))
		w.View(func(tx *db.Tx) error {
			m, err := w.Desk.MonthOf(tx, w.Party(), ondemand.ExampleService, time.Time{})
			if err != nil || !m.Month.Equal(time.Date(ondemandtest.Start.Year(), ondemandtest.Start.Month(), 1, 0, 0, 0, 0, time.UTC)) {
				t.Fatalf("the month is %v: %v", m.Month, err)
			}
			sum := decimal.MustParse("0.00")
			for i, day := range m.Days {
				if !day.Day.Equal(m.Month.AddDate(0, 0, i)) {
					t.Errorf("day %d is %v", i, day.Day)
				}
				if sum, err = sum.Add(day.Amount); err != nil {
					return err
				}
			}
			if want := ondemand.Total(m.Lines); !sum.Equal(want) || len(m.Lines) != 2 || len(m.Days) != 4 {
				t.Errorf("%d days come to %s, the lines %v to %s", len(m.Days), sum, lines(m.Lines), want)
			}
			if first := m.Days[0].Amount.String(); first != "11.04" { // 24 hours at 0.46
				t.Errorf("the first day comes to %s", first)
			}
			over, err := w.Desk.MonthOf(tx, w.As(ondemand.OtherCustomer).Party(), ondemand.ExampleService, time.Time{})
			if err != nil || len(over.Lines) != 0 {
				t.Errorf("another customer sees %v: %v", lines(over.Lines), err)
			}
			return nil
		})
	})
}
