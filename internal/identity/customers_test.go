package identity_test

import (
	"maps"
	"slices"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
)

func (n node) customers(t *testing.T, world string, list ...identity.Customer) {
	t.Helper()
	err := n.d.Within(t.Context(), world, func(tx *db.Tx) error {
		for _, c := range list {
			identity.PutCustomer(tx, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n.ForgetWorld(world)
}

// acting is what each number stands for that the token's application may give.
func (n node) acting(t *testing.T, token string) map[string]string {
	t.Helper()
	caller, err := n.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for number, c := range caller.Customers {
		got[number] = c.Number + " " + c.Name + " " + c.State
	}
	return got
}

func wantActing(t *testing.T, got, want map[string]string) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Fatalf("may act for %v, want %v", got, want)
	}
}

func TestIDN_CUS_02_ActingForANumberIsActingForTheCustomerItGoesBy(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, other := dbtest.World(t, n.d), dbtest.World(t, n.d)
		n.customers(t, other, identity.Customer{Number: "1-AAA-1", Name: "Another world's"})
		n.customers(t, w, identity.Customer{Number: "1-AAA-1", Name: "Able"}, identity.Customer{Number: "1-BBB-2", Name: "Baker"},
			identity.Customer{Number: "1-CCC-3", Name: "Charlie", State: "suspended"})
		app, secret := n.create(t, w)
		token := n.token(t, app.ID, secret)
		wantActing(t, n.acting(t, token), map[string]string{})
		refused(t, n.Grant(t.Context(), "usr_1", app.ID, "1-NOBODY"), identity.CustomerUnknown)

		for range 2 { // twice is once
			if err := n.Grant(t.Context(), "usr_1", app.ID, "1-AAA-1"); err != nil {
				t.Fatal(err)
			}
		}
		wantActing(t, n.acting(t, token), map[string]string{"1-AAA-1": "1-AAA-1 Able active"})

		if err := n.MergeCustomer(t.Context(), "usr_1", w, "1-AAA-1", "1-BBB-2"); err != nil {
			t.Fatal(err)
		}
		both := map[string]string{"1-AAA-1": "1-BBB-2 Baker active", "1-BBB-2": "1-BBB-2 Baker active"}
		wantActing(t, n.acting(t, token), both)
		refused(t, n.MergeCustomer(t.Context(), "usr_1", w, "1-BBB-2", "1-AAA-1"), httpkit.Invalid)
		refused(t, n.MergeCustomer(t.Context(), "usr_1", w, "1-NOBODY", "1-AAA-1"), identity.CustomerUnknown)
		refused(t, n.MergeCustomer(t.Context(), "usr_1", w, "1-AAA-1", "1-NOBODY"), identity.CustomerUnknown)

		// A second merger takes along what had been merged before.
		if err := n.MergeCustomer(t.Context(), "usr_1", w, "1-BBB-2", "1-CCC-3"); err != nil {
			t.Fatal(err)
		}
		charlie := "1-CCC-3 Charlie suspended"
		wantActing(t, n.acting(t, token), map[string]string{"1-AAA-1": charlie, "1-BBB-2": charlie, "1-CCC-3": charlie})

		if err := n.Ungrant(t.Context(), "usr_1", app.ID, "1-AAA-1"); err != nil {
			t.Fatal(err)
		}
		wantActing(t, n.acting(t, token), map[string]string{})
	})
}

func TestIDN_CUS_01_AllCustomersAreGrantedInASandboxOnly(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		n.customers(t, w, identity.Customer{Number: "1-AAA-1", Name: "Able"}, identity.Customer{Number: "1-OLD", GoesBy: "1-AAA-1", Name: "Old"})
		app, secret := n.create(t, w)
		token := n.token(t, app.ID, secret)
		if err := n.Grant(t.Context(), "usr_1", app.ID, identity.All); err != nil {
			t.Fatal(err)
		}
		n.customers(t, w, identity.Customer{Number: "1-LATER", Name: "Later"})
		wantActing(t, n.acting(t, token), map[string]string{"1-AAA-1": "1-AAA-1 Able active", "1-OLD": "1-AAA-1 Able active", "1-LATER": "1-LATER Later active"})

		p, org := identitytest.Production(t, n.d, n.Service)
		prod, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{Org: org.ID, World: p, Name: "Real", Products: []string{"ondemand"}})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, n.Grant(t.Context(), "usr_1", prod.ID, identity.All), httpkit.Invalid)
		apps, err := n.ListApps(t.Context(), identity.Filter{Org: org.ID})
		if err != nil || len(apps) != 1 || slices.Contains(apps[0].Customers, identity.All) {
			t.Fatalf("%+v, %v", apps, err)
		}
	})
}
