package ondemand_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
)

func TestOND_ORD_17_AServiceIsInTheHandsOfOneOrderAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		added := w.Add("100 Mbps", "Branch")
		faster := func() *ondemand.OrderRequest { return w.ModifyRequest(added.Service, w.Quote("1 Gbps").ID, "") }
		busy := func(when string) {
			t.Helper()
			for why, r := range map[string]*ondemand.OrderRequest{
				"a bandwidth": faster(), "a name": w.ModifyRequest(added.Service, "", "New"), "an end": w.DeleteRequest(added.Service),
			} {
				_, err := w.Place(r)
				wantFault(t, when+", "+why, err, ondemand.ServiceBusy, "OND-ORD-17")
			}
			w.CheckAll()
		}
		busy("while it is added")
		w.Settle()
		w.Modify(added.Service, "500 Mbps", "")
		busy("while its bandwidth changes")
		w.Settle()
		w.Modify(added.Service, "", "New")
		busy("while its name changes")
		w.Settle()
		w.Delete(added.Service)
		busy("while it ends")
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_17_OfChangesThatRaceForAServiceOneIsTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		for race := range 6 {
			s := w.Active("100 Mbps", fmt.Sprint("Branch ", race))
			var requests []*ondemand.OrderRequest
			for i := range 8 {
				requests = append(requests, w.ModifyRequest(s.ID, w.Quote("1 Gbps").ID, ""),
					w.ModifyRequest(s.ID, "", fmt.Sprint("New ", i)), w.DeleteRequest(s.ID))
			}
			taken := 0
			for _, err := range atOnce(w, requests) {
				switch {
				case err == nil:
					taken++
				case !errors.Is(err, ondemand.ServiceBusy):
					t.Errorf("refused with %v", err)
				}
			}
			if taken != 1 {
				t.Errorf("%d orders were taken", taken)
			}
			w.CheckAll()
			w.Settle()
			w.CheckAll()
		}
	})
}

// atOnce places all the orders at the same time and answers what became of each.
func atOnce(w *ondemandtest.World, requests []*ondemand.OrderRequest) []error {
	errs := make([]error, len(requests))
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i, r := range requests {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			_, errs[i] = w.Place(r)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

func TestOND_ORD_18_ACustomerPlacesTwentyFourChangesAGMTDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		w.AdvanceTo(ondemandtest.Start.Add(3 * time.Hour))
		s := w.Active("100 Mbps", "Branch")
		other := w.As(ondemand.OtherCustomer)
		foreign := other.Add("100 Mbps", "Foreign")
		w.Settle()
		rename := func() error {
			_, err := w.Place(w.ModifyRequest(s.ID, "", "New"))
			w.Advance(10 * time.Second)
			return err
		}
		for n := range ondemand.ChangesPerDay {
			if err := rename(); err != nil {
				t.Fatalf("change %d: %v", n+1, err)
			}
			// What is refused does not count.
			_, err := w.Place(w.ModifyRequest("77139999999", "", "New"))
			wantFault(t, "a service that there is not", err, ondemand.ServiceUnknown, "OND-ORD-16")
		}
		limited := func(why string, r *ondemand.OrderRequest) {
			t.Helper()
			_, err := w.Place(r)
			f := wantFault(t, why, err, ondemand.ChangeLimit, "OND-ORD-18")
			midnight := ondemandtest.Start.Add(24 * time.Hour)
			if f != nil && f.RetryAfter != midnight.Sub(w.Now()) {
				t.Errorf("%s: may come back after %v, midnight is in %v", why, f.RetryAfter, midnight.Sub(w.Now()))
			}
		}
		limited("one name more", w.ModifyRequest(s.ID, "", "New"))
		limited("one bandwidth more", w.ModifyRequest(s.ID, w.Quote("1 Gbps").ID, ""))
		limited("an end", w.DeleteRequest(s.ID))
		w.CheckAll()
		// Neither adds nor other customers are held up.
		w.Add("10 Mbps", "Another")
		other.Modify(foreign.Service, "", "Still possible")
		// The day ends at midnight GMT, to the microsecond.
		w.AdvanceTo(ondemandtest.Start.Add(24*time.Hour - time.Microsecond))
		limited("a microsecond before midnight", w.DeleteRequest(s.ID))
		w.Advance(time.Microsecond)
		if err := rename(); err != nil {
			t.Errorf("after midnight: %v", err)
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_18_ChangesThatRaceForTheLastOfTheDayGetNoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		var requests []*ondemand.OrderRequest
		for i := range ondemand.ChangesPerDay + 8 {
			requests = append(requests, w.ModifyRequest(w.Add("10 Mbps", fmt.Sprint("Branch ", i)).Service, "", "New"))
		}
		w.Settle()
		taken := 0
		for _, err := range atOnce(w, requests) {
			switch {
			case err == nil:
				taken++
			case !errors.Is(err, ondemand.ChangeLimit):
				t.Errorf("refused with %v", err)
			}
		}
		if taken != ondemand.ChangesPerDay {
			t.Errorf("%d changes were taken", taken)
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestAQuoteLastsFifteenMinutesToTheMicrosecond(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		late, last, change := w.Quote("100 Mbps"), w.Quote("100 Mbps"), w.Quote("1 Gbps")
		w.Advance(15*time.Minute - time.Microsecond)
		if _, err := w.Place(w.AddRequest(last.ID, "in time")); err != nil {
			t.Errorf("OND-ORD-13 a microsecond before its end: %v", err)
		}
		w.Advance(time.Microsecond)
		_, err := w.Place(w.AddRequest(late.ID, "too late"))
		wantFault(t, "an add at its end", err, ondemand.QuoteExpired, "OND-ORD-13")
		_, err = w.Place(w.ModifyRequest(ondemand.ExampleService, change.ID, ""))
		wantFault(t, "a change at its end", err, ondemand.QuoteExpired, "OND-ORD-13")
		// The quotes of the published examples last ten years.
		w.AdvanceTo(ondemandtest.Start.AddDate(10, 0, 0).Add(-time.Hour))
		if _, err := w.Place(w.AddRequest("NaaS-7898", "a pasted example")); err != nil {
			t.Errorf("OND-ORD-13 a quote of the examples: %v", err)
		}
		w.Settle()
		_, err = w.Place(w.AddRequest("NaaS-1466", "a pasted example"))
		wantFault(t, "an example after ten years", err, ondemand.QuoteExpired, "OND-ORD-13")
		w.CheckAll()
	})
}

func TestAQuoteThatIsForeignUnknownUsedOrForElsewhereIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		other := w.As(ondemand.OtherCustomer)
		used := w.Add("100 Mbps", "Branch").Quote
		center, _ := ondemand.SiteByID(ondemandtest.Center)
		elsewhere := ondemand.SitesOf(center.PartnerID)[1].ID
		for _, c := range []struct {
			why  string
			w    *ondemandtest.World
			r    *ondemand.OrderRequest
			code *fault.Code
			rule string
		}{
			{"another customer's", w, w.AddRequest(other.Quote("100 Mbps").ID, "x"), ondemand.QuoteUnknown, "OND-ORD-12"},
			{"one that there is not", w, w.AddRequest("NaaS-999", "x"), ondemand.QuoteUnknown, "OND-ORD-12"},
			{"no quote's id at all", w, w.AddRequest("1466", "x"), ondemand.QuoteUnknown, "OND-ORD-12"},
			{"a quote's id in other case", w, w.AddRequest("naas-1466", "x"), ondemand.QuoteUnknown, "OND-ORD-12"},
			{"one without header that there is not", w.As(""), w.AddRequest("NaaS-999", "x"), ondemand.QuoteUnknown, "OND-ORD-12"},
			{"one that an add used", w, w.AddRequest(used, "x"), ondemand.QuoteUsed, "OND-ORD-14"},
			{"one that an add used, for a change", w, w.ModifyRequest(ondemand.ExampleService, used, ""), ondemand.QuoteUsed, "OND-ORD-14"},
			{"another data center's, for a change", w, w.ModifyRequest(ondemand.ExampleService, w.QuoteAt(elsewhere, "1 Gbps").ID, ""),
				ondemand.QuoteMismatch, "OND-ORD-20"},
			{"the office's, for a change", w, w.ModifyRequest(ondemand.ExampleService, w.QuoteAt(ondemandtest.Premises, "1 Gbps").ID, ""),
				ondemand.QuoteMismatch, "OND-ORD-20"},
			{"another customer's, for a change", w, w.ModifyRequest(ondemand.ExampleService, other.Quote("1 Gbps").ID, ""), ondemand.QuoteUnknown, "OND-ORD-12"},
		} {
			_, err := c.w.Place(c.r)
			wantFault(t, c.why, err, c.code, c.rule)
		}
		w.CheckAll()
	})
}

func TestWhatIsAnotherCustomersIsNotThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		other := w.As(ondemand.OtherCustomer)
		_, err := other.Place(other.ModifyRequest(ondemand.ExampleService, "", "Mine"))
		wantFault(t, "another customer's service", err, ondemand.ServiceUnknown, "OND-ORD-16")
		_, err = other.Place(other.DeleteRequest(ondemand.ExampleService))
		wantFault(t, "the end of another customer's service", err, ondemand.ServiceUnknown, "OND-ORD-16")
		r := other.AddRequest(other.Quote("100 Mbps").ID, "x")
		r.BillingAccount = &ondemand.AccountRef{ID: ondemand.ExampleAccount, Name: "Company or account name"}
		_, err = other.Place(r)
		wantFault(t, "another customer's account", err, ondemand.AccountUnknown, "OND-ORD-02")
		// A quote on another customer's port.
		pr := other.PriceRequest(ondemandtest.Premises, "100 Mbps")
		_, err = other.TryQuote(pr)
		wantFault(t, "another customer's port", err, fault.Invalid, "OND-QTE-08")
		pr = other.PriceRequest(ondemandtest.Center, "100 Mbps")
		pr.PartnerID, pr.ServiceID = "", ondemand.ExampleService
		_, err = other.TryQuote(pr)
		wantFault(t, "another customer's service for its partner", err, fault.Invalid, "OND-QTE-07")
		// And customers that the application may not act for at all.
		if _, err := w.As("1-NOBODY").TryQuote(w.PriceRequest(ondemandtest.Center, "100 Mbps")); !errors.Is(err, ondemandtest.ErrForbidden) {
			t.Errorf("a price for a customer that it may not act for: %v", err)
		}
		pr = w.PriceRequest(ondemandtest.Center, "100 Mbps")
		pr.CustomerNumber = ondemand.OtherCustomer
		_, err = w.TryQuote(pr)
		wantFault(t, "another customer in the body than in the header", err, fault.Invalid, "OND-QTE-06")
		w.CheckAll()
	})
}

func TestACustomerGoesByEachOfItsNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		alias := w.As(ondemand.ExampleAlias)
		o := alias.Add("100 Mbps", "by its other number")
		if o.Customer != ondemand.ExampleCustomer {
			t.Errorf("the order is %s's", o.Customer)
		}
		// Without a header, the quote or the service says whose order it is.
		silent := w.As("")
		if o, err := silent.Place(silent.AddRequest(w.Quote("100 Mbps").ID, "by its quote")); err != nil || o.Customer != ondemand.ExampleCustomer {
			t.Errorf("by its quote: %v, %v", o.Customer, err)
		}
		if o, err := silent.Place(silent.ModifyRequest(ondemand.ExampleService, "", "by its service")); err != nil || o.Customer != ondemand.ExampleCustomer {
			t.Errorf("by its service: %v, %v", o.Customer, err)
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_14_AQuoteIsPromotedOnceBySixtyFourOrdersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		q := w.Quote("100 Mbps")
		var requests []*ondemand.OrderRequest
		for i := range 64 {
			r := w.AddRequest(q.ID, fmt.Sprint("order ", i))
			if i%4 == 3 {
				r = w.ModifyRequest(ondemand.ExampleService, q.ID, "")
			}
			requests = append(requests, r)
		}
		taken := 0
		for i, err := range atOnce(w, requests) {
			var f *fault.Error
			switch {
			case err == nil:
				taken++
			case errors.Is(err, ondemand.ServiceBusy) && i%4 == 3: // a change that was later than the one that was taken
			case !errors.As(err, &f) || f.Code != ondemand.QuoteUsed || len(f.Violations) != 1 || f.Violations[0].Rule != "OND-ORD-14":
				t.Errorf("refused with %v", err)
			}
		}
		if taken != 1 {
			t.Errorf("the quote was promoted %d times", taken)
		}
		if n := len(w.Everything().Orders); n != 1 {
			t.Errorf("there are %d orders", n)
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_24_ACustomersPortHasRoomForAsMuchAsItsCapacity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		uni := func() ondemand.Port { return w.Port(ondemandtest.Premises, ondemand.ExampleUNI) }
		full := func(why string, r *ondemand.OrderRequest) {
			t.Helper()
			before := uni()
			_, err := w.Place(r)
			wantFault(t, why, err, ondemand.NoCapacity, "OND-ORD-24")
			if diff := cmp.Diff(before, uni()); diff != "" {
				t.Errorf("%s: the refusal changed the port:\n%s", why, diff)
			}
			w.CheckAll()
		}
		// The seeded service has 100 of 1,000 Mbps.
		full("1 Gbps more", w.AddRequest(w.QuoteAt(ondemandtest.Premises, "1 Gbps").ID, "x"))
		o := w.AddAt(ondemandtest.Premises, "500 Mbps", "second")
		w.Settle()
		if s := w.Service(o.Service); s.Port != ondemand.ExampleUNI || s.Partner != "" || uni().Used != 600 {
			t.Errorf("the second service is %+v on %+v", s, uni())
		}
		full("a third of 500 Mbps", w.AddRequest(w.QuoteAt(ondemandtest.Premises, "500 Mbps").ID, "x"))
		full("the second to 1 Gbps", w.ModifyRequest(o.Service, w.QuoteAt(ondemandtest.Premises, "1 Gbps").ID, ""))
		// What a change has held counts until the change has ended.
		w.Modify(ondemand.ServiceID(0), "500 Mbps", fails)
		if uni().Used != 1000 {
			t.Errorf("%d Mbps are held", uni().Used)
		}
		full("10 Mbps while a change holds the rest", w.AddRequest(w.QuoteAt(ondemandtest.Premises, "10 Mbps").ID, "x"))
		w.Settle()
		if uni().Used != 600 {
			t.Errorf("after the change has failed %d Mbps are in use", uni().Used)
		}
		w.AddAt(ondemandtest.Premises, "200 Mbps", "third")
		w.AddAt(ondemandtest.Premises, "200 Mbps", "fourth")
		full("10 Mbps on a full port", w.AddRequest(w.QuoteAt(ondemandtest.Premises, "10 Mbps").ID, "x"))
		w.Settle()
		w.Delete(o.Service)
		w.Settle()
		if uni().Used != 500 {
			t.Errorf("after an end %d Mbps are in use", uni().Used)
		}
		w.CheckAll()
	})
}

func TestOND_ORD_24_ServicesThatRaceForAPortGetNoMoreThanItHas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		var requests []*ondemand.OrderRequest
		for i := range 24 {
			requests = append(requests, w.AddRequest(w.QuoteAt(ondemandtest.Premises, "100 Mbps").ID, fmt.Sprint("order ", i)))
		}
		requests = append(requests, w.ModifyRequest(ondemand.ServiceID(0), w.QuoteAt(ondemandtest.Premises, "500 Mbps").ID, ""))
		for _, err := range atOnce(w, requests) {
			if err != nil && !errors.Is(err, ondemand.NoCapacity) {
				t.Errorf("refused with %v", err)
			}
		}
		if p := w.Port(ondemandtest.Premises, ondemand.ExampleUNI); p.Used > p.Capacity || p.Used < 600 {
			t.Errorf("%d of %d Mbps are in use", p.Used, p.Capacity)
		}
		w.CheckAll()
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_24_ADataCenterHasRoomForAsMuchAsAllItsPorts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		// A port has room for ten services of 10 Gbps; on the first, the seeded service
		// is in the way of one.
		const room = ondemand.NNIPorts*10 - 1
		var callers sync.WaitGroup
		var next, taken, none atomic.Int64
		quotes := w.Quotes(room+20, "10 Gbps")
		for range 32 {
			callers.Go(func() {
				for n := next.Add(1) - 1; n < int64(len(quotes)); n = next.Add(1) - 1 {
					switch _, err := w.Place(w.AddRequest(quotes[n].ID, fmt.Sprint("order ", n))); {
					case err == nil:
						taken.Add(1)
					case errors.Is(err, ondemand.NoCapacity):
						none.Add(1)
					default:
						t.Errorf("order %d: %v", n, err)
					}
				}
			})
		}
		callers.Wait()
		if taken.Load() != room || none.Load() != 20 {
			t.Errorf("%d orders were taken and %d refused; there was room for %d", taken.Load(), none.Load(), room)
		}
		w.CheckAll()
		// What is left fits in.
		if _, err := w.Place(w.AddRequest(w.Quote("5 Gbps").ID, "beside the seeded one")); err != nil {
			t.Errorf("5 Gbps on the first port: %v", err)
		}
		w.CheckAll()
	})
}

func TestOND_ORD_24_MagicWordsRefuseForWantOfRoomInSandboxesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		for _, c := range []struct {
			word string
			code *fault.Code
		}{{"[demarc:no-capacity]", ondemand.NoCapacity}, {"[Demarc:No-Addresses]", ondemand.NoAddresses}} {
			q := w.Quote("100 Mbps")
			_, err := w.Place(w.AddRequest(q.ID, "Branch "+c.word))
			wantFault(t, c.word, err, c.code, "OND-ORD-24")
			// The quote is as it was.
			if _, err := w.Place(w.AddRequest(q.ID, "Branch")); err != nil {
				t.Errorf("the refused order's quote: %v", err)
			}
		}
		_, err := w.Place(w.ModifyRequest(ondemand.ExampleService, w.Quote("1 Gbps").ID, "[demarc:no-capacity]"))
		wantFault(t, "a change", err, ondemand.NoCapacity, "OND-ORD-24")
		w.Sandbox = false
		if _, err := w.Place(w.AddRequest(w.Quote("100 Mbps").ID, "[demarc:no-capacity] [demarc:no-addresses]")); err != nil {
			t.Errorf("outside a sandbox: %v", err)
		}
		w.Settle()
		w.CheckAll()
	})
}

func TestOND_ORD_24_WhenThePoolIsUsedUpThereAreNoAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d, ondemandtest.WithBlocks(1))
		fill := func(size string) (n int) {
			for {
				r := ondemandtest.Sized(w.AddRequest(w.Quote("10 Mbps").ID, "fills"), size)
				_, err := w.Place(r)
				if err != nil {
					wantFault(t, "a "+size+" when there is none", err, ondemand.NoAddresses, "OND-ORD-24")
					return n
				}
				n++
			}
		}
		// A /24 is sixty-four /30s: the seeded services have four, fifteen /28s the rest.
		for _, c := range []struct {
			size string
			want int
		}{{"/28", 15}, {"/29", 0}, {"/30", 0}} {
			if got := fill(c.size); got != c.want {
				t.Errorf("%d services with a %s, want %d", got, c.size, c.want)
			}
		}
		w.CheckAll()
		w.Settle()
		w.CheckAll()
	})
}
