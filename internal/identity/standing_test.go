package identity_test

import (
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
)

// standing is "active", "suspended", "" for not granted, as due work reads it; seen is
// whether the world has the number.
func (n node) standing(t *testing.T, world, app, number string) (word string, seen bool) {
	t.Helper()
	var exists, active, granted bool
	err := n.d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		exists, active, granted, err = identity.Standing(tx, app, number)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case !granted:
		return "", exists
	case active:
		return "active", exists
	}
	return "suspended", exists
}

// What due work reads of a number is what a call with it meets, however the right to
// act for it came about.
func TestIDN_CUS_02_DueWorkMeetsWhatACallMeets(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		p, org := identitytest.Production(t, n.d, n.Service)
		for _, world := range []string{dbtest.World(t, n.d), p} {
			n.customers(t, world, identity.Customer{Number: "1-AAA-1", Name: "Able"}, identity.Customer{Number: "1-OLD", GoesBy: "1-AAA-1", Name: "Old"},
				identity.Customer{Number: "1-BBB-2", Name: "Baker"}, identity.Customer{Number: "1-CCC-3", Name: "Charlie", State: "suspended"},
				identity.Customer{Number: "1-DDD-4", Name: "Dog", State: "suspended"})
			apps := map[string]string{}
			grants := map[string][]string{"none": nil, "own": {"1-AAA-1"}, "alias": {"1-OLD"}, "several": {"1-BBB-2", "1-CCC-3"}}
			if world != p {
				grants["all"] = []string{identity.All}
				grants["both"] = []string{identity.All, "1-OLD"}
			}
			for name, numbers := range grants {
				ask := identity.NewApp{World: world, Name: name, Products: []string{"ondemand"}, Customers: numbers}
				if world == p {
					ask.Org = org.ID
				}
				made, err := n.CreateApp(t.Context(), "usr_1", ask)
				if err == nil && world == p {
					_, err = n.ApproveApp(t.Context(), "usr_1", made.ID)
				}
				if err != nil {
					t.Fatal(err)
				}
				apps[made.ID] = n.token(t, made.ID, made.Secrets[0].Clear)
			}
			n.agree(t, world, "at first", apps)
			if err := n.MergeCustomer(t.Context(), "usr_1", world, "1-BBB-2", "1-CCC-3"); err != nil {
				t.Fatal(err)
			}
			n.agree(t, world, "after a merger into a suspended one", apps)
			if err := n.MergeCustomer(t.Context(), "usr_1", world, "1-DDD-4", "1-AAA-1"); err != nil {
				t.Fatal(err)
			}
			n.agree(t, world, "after a merger of a suspended one", apps)
			n.customers(t, world, identity.Customer{Number: "1-AAA-1", Name: "Able", State: "suspended"})
			n.agree(t, world, "after a suspension", apps)
		}
	})
}

// agree holds the standing of every number against what its token makes of it.
func (n node) agree(t *testing.T, world, when string, apps map[string]string) {
	t.Helper()
	for app, token := range apps {
		caller, err := n.Authenticate(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		for number, there := range map[string]bool{"1-AAA-1": true, "1-OLD": true, "1-BBB-2": true, "1-CCC-3": true, "1-DDD-4": true, "1-NOBODY": false, "*": false} {
			word, exists := n.standing(t, world, app, number)
			if want := caller.Customers[number].State; word != want || exists != there {
				t.Errorf("%s, in %s %s stands %q with %s, there: %v; a call meets %q", when, world, number, word, app, exists, want)
			}
		}
	}
}

// Another world's application, or none at all, may act for nobody of this one; and a
// number that was suspended by itself does not stand.
func TestStandingIsOfOneWorld(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, other := dbtest.World(t, n.d), dbtest.World(t, n.d)
		for _, world := range []string{w, other} {
			n.customers(t, world, identity.Customer{Number: "1-AAA-1", Name: "Able"},
				identity.Customer{Number: "1-OLD", GoesBy: "1-AAA-1", Name: "Old", State: "suspended"})
		}
		app := identitytest.App(t, n.Service, w, "ondemand")
		for _, c := range []struct {
			world, app, number      string
			exists, active, granted bool
		}{
			{w, app.ID, "1-AAA-1", true, true, true}, {w, app.ID, "1-OLD", true, false, true}, {w, app.ID, "1-NOBODY", false, false, false},
			{other, app.ID, "1-AAA-1", true, true, false}, {w, "app_none", "1-AAA-1", true, true, false}, {w, "", "", false, false, false},
		} {
			err := n.d.View(t.Context(), c.world, func(tx *db.Tx) error {
				exists, active, granted, err := identity.Standing(tx, c.app, c.number)
				if exists != c.exists || active != c.active || granted != c.granted {
					t.Errorf("%+v: %v, %v, %v", c, exists, active, granted)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
