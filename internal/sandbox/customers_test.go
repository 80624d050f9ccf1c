package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"

	"github.com/google/go-cmp/cmp"
)

// owner is a world's application, with what it changes about its customers.
type owner struct {
	t          *testing.T
	s          *Service
	world, app string
	token      string
}

func eachOwner(t *testing.T, test func(o *owner)) {
	t.Helper()
	eachService(t, func(t *testing.T, s *Service) {
		made := create(t, s, time.Hour)
		o := &owner{t: t, s: s, world: made.ID, app: made.App.ID}
		c, err := s.o.Identity.VerifyClient(t.Context(), made.App.ID, made.App.Secrets[0].Clear)
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.o.Identity.Issue(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		o.token = token.Clear
		o.within(func(tx *db.Tx) error {
			identity.PutCustomer(tx, identity.Customer{Number: "1-A-OLD", GoesBy: "1-A", Name: "A"})
			return nil
		})
		s.o.Identity.ForgetWorld(o.world)
		test(o)
		problems, err := s.Check(t.Context(), o.world)
		if err != nil || len(problems) > 0 {
			t.Errorf("the world is not sound: %v %v", problems, err)
		}
	})
}

func (o *owner) within(fn func(tx *db.Tx) error) {
	o.t.Helper()
	if err := o.s.o.DB.Within(o.t.Context(), o.world, fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *owner) try(number string, c CustomerChange) (seen identity.SeenCustomer, err error) {
	err = o.s.o.DB.Within(context.Background(), o.world, func(tx *db.Tx) (err error) {
		seen, err = o.s.PutCustomer(tx, o.app, number, c)
		return err
	})
	return seen, err
}

// put changes a customer, and wants it to be "number goesBy name state granted" then,
// in the answer and when it is read.
func (o *owner) put(number string, c CustomerChange, want string) {
	o.t.Helper()
	got, err := o.try(number, c)
	if err != nil {
		o.t.Fatalf("%s: %v", number, err)
	}
	var read identity.SeenCustomer
	o.within(func(tx *db.Tx) error {
		read, err = identity.FindCustomer(tx, o.app, number)
		return err
	})
	if text := seenText(got); text != want || got != read {
		o.t.Errorf("%s was answered %s, is %s, want %s", number, text, seenText(read), want)
	}
}

func seenText(c identity.SeenCustomer) string {
	return fmt.Sprintf("%s %s %s %s %v", c.Number, c.GoesBy, c.Name, c.State, c.Granted)
}

// breaks wants these rules and fields, and nothing changed.
func (o *owner) breaks(number string, c CustomerChange, want ...string) {
	o.t.Helper()
	before := o.listed()
	_, err := o.try(number, c)
	var f *fault.Error
	if !errors.As(err, &f) || !errors.Is(err, fault.Invalid) {
		o.t.Errorf("%q %+v: %v", number, c, err)
		return
	}
	got := []string{}
	for _, v := range f.Violations {
		got = append(got, v.Rule+" "+v.Field)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("%q (-want +got): %s", number, diff)
	}
	if diff := cmp.Diff(before, o.listed()); diff != "" {
		o.t.Errorf("%q changed something: %s", number, diff)
	}
}

// listed is every number as the list shows it.
func (o *owner) listed() (list []string) {
	o.t.Helper()
	o.within(func(tx *db.Tx) error {
		all, err := identity.ListCustomers(tx, o.app, "", 10_000)
		for _, c := range all {
			list = append(list, seenText(c))
		}
		return err
	})
	slices.Sort(list)
	return list
}

// meets is what the next request of the application meets: each number that it may
// give, with the state of its customer.
func (o *owner) meets(want ...string) {
	o.t.Helper()
	caller, err := o.s.o.Identity.Authenticate(o.t.Context(), o.token)
	if err != nil {
		o.t.Fatal(err)
	}
	got := []string{}
	for number, c := range caller.Customers {
		got = append(got, number+" "+c.State)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("the next request (-want +got): %s", diff)
	}
}

// grants are those of the application, as they are kept.
func (o *owner) grants() (list []string) {
	o.t.Helper()
	o.within(func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var number string
			err := scan(&number)
			list = append(list, number)
			return err
		}, `SELECT customer FROM app_customer WHERE app = $2 AND $1 <> '' ORDER BY customer`, o.app)
	})
	return list
}

func (o *owner) trail(subject string) (list []string) {
	o.t.Helper()
	o.within(func(tx *db.Tx) error {
		all, err := audit.History(tx, subject)
		for _, e := range all {
			if e.Actor == o.app {
				list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s>%s %s", e.Event, e.From, e.To, e.Note)))
			}
		}
		return err
	})
	return list
}

func TestACustomerIsMadeAndChanged(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.meets("1-A active", "1-A-OLD active", "1-B active")
		o.put("1-C", CustomerChange{}, "1-C 1-C 1-C active true")
		o.put("1-C", CustomerChange{}, "1-C 1-C 1-C active true")
		o.put("1-C", CustomerChange{Name: new("Charlie & Söhne")}, "1-C 1-C Charlie & Söhne active true")
		o.put("1-C", CustomerChange{State: new("suspended")}, "1-C 1-C Charlie & Söhne suspended true")
		o.put("1-D", CustomerChange{Name: new("Dog"), State: new("suspended"), Granted: new(true)}, "1-D 1-D Dog suspended true")
		o.put("1-A", CustomerChange{State: new("suspended")}, "1-A 1-A A suspended true")
		o.meets("1-A suspended", "1-A-OLD suspended", "1-B active", "1-C suspended", "1-D suspended")
		o.put("1-A", CustomerChange{State: new("active")}, "1-A 1-A A active true")
		o.meets("1-A active", "1-A-OLD active", "1-B active", "1-C suspended", "1-D suspended")
		want := []string{"put >active 1-C", "put active>active Charlie & Söhne", "put active>suspended Charlie & Söhne"}
		if diff := cmp.Diff(want, o.trail("customer/1-C")); diff != "" {
			t.Error(diff)
		}
		if got := o.grants(); !slices.Equal(got, []string{"*"}) || o.trail("app/"+o.app) != nil {
			t.Errorf("the grants are %v, the trail has %v", got, o.trail("app/"+o.app))
		}
	})
}

func TestTheRightToActIsTakenFromAllAndGivenBack(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.put("1-A-OLD", CustomerChange{Granted: new(false)}, "1-A-OLD 1-A A active false")
		o.meets("1-B active")
		if got := o.grants(); !slices.Equal(got, []string{"1-B"}) {
			t.Errorf("without 1-A the grants are %v", got)
		}
		want := []string{"1-A 1-A A active false", "1-A-OLD 1-A A active false", "1-B 1-B B active true"}
		if diff := cmp.Diff(want, o.listed()); diff != "" {
			t.Error(diff)
		}
		o.put("1-A", CustomerChange{Granted: new(false)}, "1-A 1-A A active false") // twice is once
		o.put("1-C", CustomerChange{}, "1-C 1-C 1-C active true")                   // who makes one may act for it
		o.put("1-D", CustomerChange{Granted: new(false)}, "1-D 1-D 1-D active false")
		o.meets("1-B active", "1-C active")
		o.put("1-A-OLD", CustomerChange{Granted: new(true)}, "1-A-OLD 1-A A active true")
		o.put("1-A", CustomerChange{Granted: new(true)}, "1-A 1-A A active true")
		o.meets("1-A active", "1-A-OLD active", "1-B active", "1-C active")
		if got := o.grants(); !slices.Equal(got, []string{"1-A", "1-B", "1-C"}) {
			t.Errorf("at last the grants are %v", got)
		}
		wantTrail := []string{"ungrant > customer 1-A, of all", "grant > customer 1-C", "grant > customer 1-A"}
		if diff := cmp.Diff(wantTrail, o.trail("app/"+o.app)); diff != "" {
			t.Error(diff)
		}
		o.put("1-E", CustomerChange{Granted: new(true)}, "1-E 1-E 1-E active true")
	})
}

// A grant that was given to any of a customer's numbers goes with the right.
func TestTheRightToActIsTakenWhateverNumberItWasGivenFor(t *testing.T) {
	eachOwner(t, func(o *owner) {
		for _, number := range []string{"1-A-OLD", "1-A"} {
			if err := o.s.o.Identity.Grant(t.Context(), "usr_1", o.app, number); err != nil {
				t.Fatal(err)
			}
		}
		o.put("1-A", CustomerChange{Granted: new(false)}, "1-A 1-A A active false")
		o.meets("1-B active")
	})
}

// Takings at the same time do not give each other back what they take.
func TestRightsAreTakenAtTheSameTime(t *testing.T) {
	eachOwner(t, func(o *owner) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				number := fmt.Sprintf("1-N%d", i)
				if _, err := o.try(number, CustomerChange{Granted: new(false)}); err != nil {
					o.t.Errorf("%s: %v", number, err)
				}
			})
		}
		all.Wait()
		o.meets("1-A active", "1-A-OLD active", "1-B active")
	})
}

// Other applications of the world, and other worlds, keep what they may do.
func TestOnlyTheApplicationThatAsksLosesARight(t *testing.T) {
	eachOwner(t, func(o *owner) {
		second, err := o.s.o.Identity.CreateApp(t.Context(), "usr_1", identity.NewApp{World: o.world, Name: "Second", Products: []string{"ondemand"},
			Customers: []string{identity.All}})
		if err != nil {
			t.Fatal(err)
		}
		other := create(t, o.s, time.Hour)
		o.put("1-A", CustomerChange{Granted: new(false)}, "1-A 1-A A active false")
		for _, c := range []struct{ world, app string }{{o.world, second.ID}, {other.ID, other.App.ID}} {
			err := o.s.o.DB.View(t.Context(), c.world, func(tx *db.Tx) error {
				seen, err := identity.FindCustomer(tx, c.app, "1-A")
				if !seen.Granted {
					t.Errorf("%s may not act for 1-A any more", c.app)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A reset brings the customers back as they were at first; what an application may do
// for those is its own, and stays.
func TestAResetKeepsTheGrantsOfCustomersThatAreBack(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.put("1-C", CustomerChange{}, "1-C 1-C 1-C active true")
		o.put("1-B", CustomerChange{State: new("suspended"), Name: new("Bee"), Granted: new(false)}, "1-B 1-B Bee suspended false")
		snap, err := o.s.Snapshot(t.Context(), o.world, "test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.s.Reset(t.Context(), o.world, "test"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1-A 1-A A active true", "1-B 1-B B active false"}, o.listed()); diff != "" {
			t.Error(diff)
		}
		if got := o.grants(); !slices.Equal(got, []string{"1-A"}) {
			t.Errorf("after the reset the grants are %v", got)
		}
		o.meets("1-A active")
		if _, err := o.s.Restore(t.Context(), o.world, snap.ID, "test"); err != nil {
			t.Fatal(err)
		}
		o.meets("1-A active", "1-A-OLD active")
		fork, err := o.s.Fork(t.Context(), o.world, o.app, NewWorld{Org: org, TTL: time.Hour, Actor: o.app})
		if err != nil || !slices.Equal(fork.App.Customers, []string{"*"}) {
			t.Errorf("a fork's application may act for %v: %v", fork.App.Customers, err)
		}
	})
}

func TestSBX_CUS_01_ANumberFitsIntoAHeader(t *testing.T) {
	eachOwner(t, func(o *owner) {
		for _, number := range []string{"", "*", "1 A", "1-A ", "\t", "1-Ä", "1\x7f", strings.Repeat("n", 41)} {
			o.breaks(number, CustomerChange{}, "SBX-CUS-01 number")
		}
		long := strings.Repeat("~", 40)
		o.put(long, CustomerChange{}, long+" "+long+" "+long+" active true")
		o.put("**", CustomerChange{}, "** ** ** active true")
	})
}

func TestSBX_CUS_02_ANameHasOneTo255Characters(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.breaks("1-C", CustomerChange{Name: new("")}, "SBX-CUS-02 name")
		o.breaks("1-B", CustomerChange{Name: new(strings.Repeat("ü", 256))}, "SBX-CUS-02 name")
		longest := strings.Repeat("ü", 255)
		o.put("1-B", CustomerChange{Name: &longest}, "1-B 1-B "+longest+" active true")
	})
}

func TestSBX_CUS_03_ACustomerIsActiveOrSuspended(t *testing.T) {
	eachOwner(t, func(o *owner) {
		for _, state := range []string{"", "Active", "closed"} {
			o.breaks("1-B", CustomerChange{State: &state}, "SBX-CUS-03 state")
		}
		o.breaks("", CustomerChange{Name: new(""), State: new("")}, "SBX-CUS-01 number", "SBX-CUS-02 name", "SBX-CUS-03 state")
	})
}

func TestSBX_CUS_04_AWorldHasAThousandCustomersAtMost(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.within(func(tx *db.Tx) error {
			for i := range MaxCustomers - 4 { // there are three
				identity.PutCustomer(tx, identity.Customer{Number: fmt.Sprintf("2-%d", i), Name: "Many"})
			}
			return nil
		})
		o.put("1-LAST", CustomerChange{}, "1-LAST 1-LAST 1-LAST active true")
		o.breaks("1-ONEMORE", CustomerChange{}, "SBX-CUS-04 number")
		o.put("1-LAST", CustomerChange{Granted: new(false)}, "1-LAST 1-LAST 1-LAST active false")
		if got := len(o.grants()); got != MaxCustomers-2 { // all but the last one and the alias
			t.Errorf("there are %d grants", got)
		}
	})
}

func TestSBX_CUS_05_AnAliasHasTheNameAndStateOfTheCustomerItGoesBy(t *testing.T) {
	eachOwner(t, func(o *owner) {
		o.breaks("1-A-OLD", CustomerChange{Name: new("Other"), State: new("suspended"), Granted: new(false)}, "SBX-CUS-05 name", "SBX-CUS-05 state")
		o.put("1-A-OLD", CustomerChange{Name: new("A"), State: new("active")}, "1-A-OLD 1-A A active true")
		o.put("1-A", CustomerChange{Name: new("Able"), State: new("suspended")}, "1-A 1-A Able suspended true")
		o.put("1-A-OLD", CustomerChange{}, "1-A-OLD 1-A Able suspended true")
	})
}
