package ondemand_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"

	"github.com/google/go-cmp/cmp"
)

// wantFault expects an error of a code that names a rule.
func wantFault(t *testing.T, why string, err error, code *fault.Code, rule string) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code || len(f.Violations) != 1 || f.Violations[0].Rule != rule {
		t.Errorf("%s: got %v, want %s by rule %s", why, err, code.ID, rule)
		return nil
	}
	return f
}

// nni is the shared port that the seeded service and the first others run on.
func nni(w *ondemandtest.World) ondemand.Port {
	return w.Port(ondemandtest.Center, ondemand.PortName(1))
}

func TestTheBodiesOfTheSourceMakeAQuoteAndAnActiveService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		price, err := ondemandtest.Read[ondemand.PriceRequest](ondemand.SourcePrice)
		if err != nil {
			t.Fatal(err)
		}
		q, err := w.TryQuote(price)
		if err != nil || ondemand.USD(q.Hourly) != "$0.46" || ondemand.USD(ondemand.Monthly(q.Hourly)) != "$331.20" ||
			!strings.HasPrefix(q.ID, "NaaS-") || q.ExpiresAt.Sub(q.CreatedAt) != 15*time.Minute {
			t.Fatalf("step 4 answers %+v, %v", q, err)
		}
		order, err := ondemandtest.Read[ondemand.OrderRequest](ondemand.SourceOrder)
		if err != nil {
			t.Fatal(err)
		}
		o, err := w.Place(order)
		if err != nil || o.State != ondemand.OrderAcknowledged || o.Quote != "NaaS-7888" || o.WireAction() != "add" {
			t.Fatalf("step 6 answers %+v, %v", o, err)
		}
		w.Settle()
		if s := w.Service(o.Service); s.Status != ondemand.StatusActive || s.Name != "My First NaaS" || s.Speed.Mbps != 100 {
			t.Errorf("step 7 shows %+v", s)
		}
		w.CheckAll()
	})
}

func TestAnAddedServiceRunsWithItsOwnAndIsMetered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		before := nni(w)
		o := w.Add("1 Gbps", "Branch")
		s := w.Service(o.Service)
		if s.Status != ondemand.StatusInProgress || s.InFlight != o.ID || !s.Holds || s.VLAN < 2 || s.Bits != 29 || s.Port != "NNI-01" {
			t.Errorf("ordered, it is %+v", s)
		}
		if p := nni(w); p.Used != before.Used+1000 || p.VLANsUsed != before.VLANsUsed+1 {
			t.Errorf("the port has %d Mbps and %d VLANs in use, had %d and %d", p.Used, p.VLANsUsed, before.Used, before.VLANsUsed)
		}
		w.CheckAll()
		w.Advance(10 * time.Second)
		if o := w.Order(o.ID); o.State != ondemand.OrderInProgress || o.NetworkRef == "" {
			t.Errorf("after ten seconds it is %+v", o)
		}
		if s := w.Service(o.Service); s.Status != ondemand.StatusInProgress {
			t.Errorf("after ten seconds the service is %q", s.Status)
		}
		w.CheckAll()
		w.Advance(10 * time.Minute)
		if o := w.Order(o.ID); o.State != ondemand.OrderCompleted || o.EndedAt.IsZero() || o.Failure != "" {
			t.Errorf("in the end it is %+v", o)
		}
		if s := w.Service(o.Service); s.Status != ondemand.StatusActive || s.InFlight != "" || !s.Holds {
			t.Errorf("in the end the service is %+v", s)
		}
		if lines, total := w.Charged(o.Service); len(lines) != 1 || lines[0].Mbps != 1000 || lines[0].Hours != 1 || total.String() != "1.78" {
			t.Errorf("its first hour is charged as %v", lines)
		}
		want := []string{"ondemand.order.acknowledged", "ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"}
		if diff := cmp.Diff(want, w.Told(o.ID)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		w.CheckAll()
	})
}

func TestBandwidthGoesUpAndDownAndThePortFollows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		s := w.Active("100 Mbps", "Branch")
		base := nni(w).Used
		for _, step := range []struct {
			to             string
			held, runs, by int // Mbps of the port beyond base: while the order is under way, and after it
		}{
			{"1 Gbps", 900, 900, 1000},
			{"10 Gbps", 9900, 9900, 10000},
			{"10 Gbps", 9900, 9900, 10000}, // to the speed that it has
			{"20 Mbps", 9900, -80, 20},     // less is given back when it is done
			{"100 Mbps", 0, 0, 100},
		} {
			o := w.Modify(s.ID, step.to, "")
			if got := nni(w).Used - base; got != step.held {
				t.Errorf("to %s: %d Mbps are held, want %d", step.to, got, step.held)
			}
			if s := w.Service(s.ID); s.Status != ondemand.StatusChangePending || s.InFlight != o.ID {
				t.Errorf("to %s: the service is %+v", step.to, s)
			}
			w.CheckAll()
			w.Advance(5 * time.Minute)
			if got := nni(w).Used - base; got != step.runs {
				t.Errorf("at %s: %d Mbps are in use, want %d", step.to, got, step.runs)
			}
			if s := w.Service(s.ID); s.Status != ondemand.StatusActive || s.Speed.Mbps != step.by || s.Speed.String() != step.to || s.Name != "Branch" {
				t.Errorf("at %s: the service is %+v", step.to, s)
			}
			want := []string{"ondemand.order.acknowledged", "ondemand.service.change_pending", "ondemand.order.in_progress",
				"ondemand.order.completed", "ondemand.service.active"}
			if diff := cmp.Diff(want, w.Told(o.ID)); diff != "" {
				t.Errorf("to %s, told (-want +got):\n%s", step.to, diff)
			}
			w.CheckAll()
		}
	})
}

func TestAServiceIsRenamedAloneAndTogetherWithItsBandwidth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		o := w.Modify(ondemand.ExampleService, "", "Second name")
		if s := w.Service(ondemand.ExampleService); s.Name != "My First NaaS" || s.Status != ondemand.StatusChangePending {
			t.Errorf("before its order has ended it is %+v", s)
		}
		w.Advance(10 * time.Second)
		if o := w.Order(o.ID); o.State != ondemand.OrderCompleted || o.NetworkRef != "" || o.WireAction() != "modify" {
			t.Errorf("the order of a name is %+v", o)
		}
		if s := w.Service(ondemand.ExampleService); s.Name != "Second name" || s.Status != ondemand.StatusActive || s.Speed.Mbps != 100 {
			t.Errorf("renamed, it is %+v", s)
		}
		want := []string{"ondemand.order.acknowledged", "ondemand.service.change_pending", "ondemand.order.completed", "ondemand.service.active"}
		if diff := cmp.Diff(want, w.Told(o.ID)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		w.CheckAll()

		w.Modify(ondemand.ExampleService, "500 Mbps", "Third name")
		w.Settle()
		if s := w.Service(ondemand.ExampleService); s.Name != "Third name" || s.Speed.Mbps != 500 {
			t.Errorf("renamed and faster, it is %+v", s)
		}
		w.CheckAll()
	})
}

func TestAPrefixRestsADayBeforeSomebodyElseHasIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d, ondemandtest.WithBlocks(1))
		// The whole pool is one /24: a service takes a quarter of it at a time.
		first := w.Active("100 Mbps", "first")
		before := nni(w)
		for range 3 {
			if _, err := w.Place(ondemandtest.Sized(w.AddRequest(w.Quote("100 Mbps").ID, "fills the pool"), "/28")); err != nil {
				t.Fatal(err)
			}
		}
		w.Settle()
		o := w.Delete(first.ID)
		if s := w.Service(first.ID); s.Status != ondemand.StatusDisconnectPending || !s.Holds {
			t.Errorf("about to end, it is %+v", s)
		}
		w.CheckAll()
		w.Advance(5 * time.Minute)
		if s := w.Service(first.ID); s.Status != ondemand.StatusDisconnected || s.Holds || s.InFlight != "" {
			t.Errorf("ended, it is %+v", s)
		}
		want := []string{"ondemand.order.acknowledged", "ondemand.service.disconnect_pending", "ondemand.order.in_progress",
			"ondemand.order.completed", "ondemand.service.disconnected"}
		if diff := cmp.Diff(want, w.Told(o.ID)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		// Port and VLAN are free at once, the prefix is not.
		if p := nni(w); p.Used != before.Used-100+300 || p.VLANsUsed != before.VLANsUsed-1+3 {
			t.Errorf("the port says %+v, before it said %+v", p, before)
		}
		w.CheckAll()
		if used(w, first.Prefix) {
			t.Fatal("a prefix at rest was handed out")
		}
		ends := w.Order(o.ID).EndedAt.Add(ondemand.PrefixRest)
		w.AdvanceTo(ends.Add(-time.Microsecond))
		for fill := 0; ; fill++ {
			o, err := w.Place(w.AddRequest(w.Quote("10 Mbps").ID, "another"))
			if errors.Is(err, ondemand.NoAddresses) && fill > 0 {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if s := w.Service(o.Service); s.Prefix == first.Prefix {
				t.Fatalf("%s was handed out a microsecond before the end of its rest", s.Prefix)
			}
		}
		w.CheckAll()
		w.AdvanceTo(ends)
		again := w.Add("10 Mbps", "its successor")
		if s := w.Service(again.Service); s.Prefix != first.Prefix {
			t.Errorf("after its rest %s is not handed out, %s is", first.Prefix, s.Prefix)
		}
		w.CheckAll()
	})
}

// used says whether a service holds the prefix.
func used(w *ondemandtest.World, prefix string) bool {
	return slices.ContainsFunc(w.Everything().Services, func(s ondemand.Service) bool { return s.Holds && s.Prefix == prefix })
}

func TestAnAddThatTheNetworkDoesNotMakeGivesEverythingBackAtOnce(t *testing.T) {
	for word, told := range map[string][]string{
		refused: {"ondemand.order.acknowledged", "ondemand.order.failed", "ondemand.service.disconnected"},
		fails:   {"ondemand.order.acknowledged", "ondemand.order.in_progress", "ondemand.order.failed", "ondemand.service.disconnected"},
	} {
		t.Run(map[string]string{refused: "OND-NET-02 refused", fails: "OND-NET-03 failed"}[word], func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := ondemandtest.New(t, d)
				port, blocks := nni(w), w.Everything().Blocks
				o := w.Add("1 Gbps", "Branch"+word)
				held := w.Service(o.Service)
				w.Settle()
				if o := w.Order(o.ID); o.State != ondemand.OrderFailed || o.Failure == "" || o.EndedAt.IsZero() {
					t.Errorf("the order is %+v", o)
				}
				if s := w.Service(o.Service); s.Status != ondemand.StatusDisconnected || s.Holds || s.InFlight != "" {
					t.Errorf("the service is %+v", s)
				}
				if diff := cmp.Diff(port, nni(w)); diff != "" {
					t.Errorf("the port is not as it was:\n%s", diff)
				}
				if diff := cmp.Diff(blocks, w.Everything().Blocks); diff != "" {
					t.Errorf("the blocks are not as they were:\n%s", diff)
				}
				if diff := cmp.Diff(told, w.Told(o.ID)); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				if lines, _ := w.Charged(o.Service); len(lines) != 0 {
					t.Errorf("it is charged: %v", lines)
				}
				// It carried no traffic, so it need not rest.
				if s := w.Service(w.Add("1 Gbps", "again").Service); s.Prefix != held.Prefix || s.VLAN != held.VLAN {
					t.Errorf("the next service has VLAN %d and %s, the failed one had %d and %s", s.VLAN, s.Prefix, held.VLAN, held.Prefix)
				}
				w.CheckAll()
			})
		})
	}
}

func TestAChangeThatTheNetworkDoesNotMakeLeavesTheServiceAsItWas(t *testing.T) {
	for word, why := range map[string]string{refused: "OND-NET-02 refused", fails: "OND-NET-03 failed"} {
		t.Run(why, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := ondemandtest.New(t, d)
				s := w.Active("100 Mbps", "Branch")
				port := nni(w)
				for _, speed := range []string{"10 Gbps", "10 Mbps", "100 Mbps"} {
					o := w.Modify(s.ID, speed, "New"+word)
					w.Settle()
					if o := w.Order(o.ID); o.State != ondemand.OrderFailed || o.Failure == "" {
						t.Errorf("the order is %+v", o)
					}
					if diff := cmp.Diff(s, w.Service(s.ID)); diff != "" {
						t.Errorf("to %s: the service is not as it was:\n%s", speed, diff)
					}
					if diff := cmp.Diff(port, nni(w)); diff != "" {
						t.Errorf("to %s: the port is not as it was:\n%s", speed, diff)
					}
					told := w.Told(o.ID)
					if tail := told[len(told)-2:]; !slices.Equal(tail, []string{"ondemand.order.failed", "ondemand.service.active"}) {
						t.Errorf("told %q", told)
					}
					w.CheckAll()
				}
			})
		})
	}
}

func TestAnEndThatTheNetworkDoesNotMakeLeavesTheServiceRunning(t *testing.T) {
	for word, why := range map[string]string{refused: "OND-NET-02 refused", fails: "OND-NET-03 failed"} {
		t.Run(why, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := ondemandtest.New(t, d)
				s := w.Active("100 Mbps", "Branch")
				w.Modify(s.ID, "", "Stays"+word)
				w.Settle()
				s, port := w.Service(s.ID), nni(w)
				o := w.Delete(s.ID)
				w.CheckAll()
				w.Settle()
				if o := w.Order(o.ID); o.State != ondemand.OrderFailed || o.Failure == "" {
					t.Errorf("the order is %+v", o)
				}
				if diff := cmp.Diff(s, w.Service(s.ID)); diff != "" {
					t.Errorf("the service is not as it was:\n%s", diff)
				}
				if diff := cmp.Diff(port, nni(w)); diff != "" {
					t.Errorf("the port is not as it was:\n%s", diff)
				}
				w.AdvanceTo(w.Now().Add(48 * time.Hour)) // nothing of it is at rest
				if !used(w, s.Prefix) {
					t.Errorf("%s was freed", s.Prefix)
				}
				// It is metered as if nothing had happened, and ends once it has a name
				// that lets it.
				w.CheckAll()
				w.Modify(s.ID, "", "Ends")
				w.Settle()
				w.Delete(s.ID)
				w.Settle()
				if s := w.Service(s.ID); s.Status != ondemand.StatusDisconnected {
					t.Errorf("the service is %q", s.Status)
				}
				w.CheckAll()
			})
		})
	}
}

func TestASlowActivationTakesFourHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		o := w.Add("100 Mbps", "Branch"+slow)
		w.Advance(4*time.Hour - time.Second)
		if s := w.Service(o.Service); s.Status != ondemand.StatusInProgress {
			t.Errorf("within four hours it is %q", s.Status)
		}
		w.Advance(time.Minute)
		if s := w.Service(o.Service); s.Status != ondemand.StatusActive {
			t.Errorf("after four hours it is %q", s.Status)
		}
		w.CheckAll()
	})
}

func TestWhatNotificationsSayIsWhatTheOrderAndTheServiceAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		o := w.Add("100 Mbps", "Branch"+fails)
		w.Settle()
		s := w.Service(o.Service)
		reason := w.Order(o.ID).Failure
		order := func(state, service string, failure *string) any {
			return ondemand.OrderNotice{OrderID: o.ID, ExternalID: "EXT-000027740", CustomerNumber: "1-ABCDE", Action: "add", State: state,
				ServiceID: o.Service, ServiceStatus: service, Failure: failure}
		}
		want := []any{
			order("acknowledged", "In progress", nil), order("inProgress", "In progress", nil), order("failed", "Disconnected", &reason),
			ondemand.ServiceNotice{ServiceID: s.ID, CustomerNumber: "1-ABCDE", Name: "Branch" + fails, Status: "Disconnected", Bandwidth: "100 Mbps",
				VLAN: s.VLAN, IPv4Prefix: s.Prefix, MasterSiteID: s.Site, OrderID: o.ID},
		}
		got := w.Notices(o.ID)
		if len(got) != len(want) {
			t.Fatalf("%d notices, want %d", len(got), len(want))
		}
		for i, n := range got {
			var body struct{ Data json.RawMessage }
			if err := json.Unmarshal([]byte(n.Body), &body); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(want[i])
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(data), string(body.Data)); diff != "" || n.Customer != "1-ABCDE" {
				t.Errorf("notice %d, about %s (-want +got):\n%s", i, n.Customer, diff)
			}
		}
	})
}
