package identity_test

import (
	"slices"
	"strings"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStaffDecidesAboutApplications(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		const production = "production"
		must(t, n.d.System(t.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ($1, 'production', 'Production', '', 0, 0)`, production)
			return nil
		}))
		org, err := n.CreateOrg(t.Context(), "Shop & Sons")
		must(t, err)
		app, err := n.CreateApp(t.Context(), "shop@example.com", identity.NewApp{Org: org.ID, World: production, Name: "Shop", Products: []string{"voice", "care"}})
		must(t, err)
		list, total, err := n.WaitingApps(t.Context(), 0, 10)
		if err != nil || total != 1 || list[0].ID != app.ID || list[0].OrgName != "Shop & Sons" || list[0].Sandbox {
			t.Fatalf("what waits: %+v of %d, %v", list, total, err)
		}
		_, err = n.DecideApp(t.Context(), "staff@example.com", app.ID, true, strings.Repeat("x", 501))
		breaks(t, err, httpkit.Invalid, "IDN-CLM-03", "note")
		got, err := n.DecideApp(t.Context(), "staff@example.com", app.ID, true, "care later", "voice")
		must(t, err)
		if got.State != identity.Approved || got.Products[0].State != identity.Approved || got.Products[1].State != identity.Pending {
			t.Errorf("approved for one product: %+v", got)
		}
		if apps, claims, err := n.Waiting(t.Context()); apps != 1 || claims != 0 || err != nil {
			t.Errorf("%d applications and %d claims wait, %v", apps, claims, err)
		}
		if _, err = n.DecideApp(t.Context(), "staff@example.com", app.ID, false, "", "care"); err != nil {
			t.Fatal(err)
		}
		if apps, _, err := n.Waiting(t.Context()); apps != 0 || err != nil {
			t.Errorf("%d still wait, %v", apps, err)
		}
		if got, err = n.DecideApp(t.Context(), "staff@example.com", app.ID, false, ""); err != nil || got.State != identity.Revoked {
			t.Errorf("withdrawn: %+v, %v", got, err)
		}
		var notes []string
		must(t, n.d.View(t.Context(), production, func(tx *db.Tx) error {
			trail, err := audit.History(tx, "app/"+app.ID)
			for _, e := range trail {
				notes = append(notes, e.Actor+" "+e.Event+" "+e.Note)
			}
			return err
		}))
		for _, want := range []string{"staff@example.com approve product voice", "staff@example.com note care later", "staff@example.com revoke product care"} {
			if !slices.Contains(notes, want) {
				t.Errorf("the trail lacks %q: %q", want, notes)
			}
		}
	})
}

func TestStaffLooksThroughOrganisationsAndCustomers(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		world := dbtest.World(t, n.d)
		app, _ := n.create(t, world)
		for _, name := range []string{"Ash 100%", "Birch"} {
			_, err := n.CreateOrg(t.Context(), name)
			must(t, err)
		}
		list, total, err := n.OrganisationRows(t.Context(), "100%", 0, 10)
		if err != nil || total != 1 || len(list) != 1 || list[0].Name != "Ash 100%" || list[0].Apps != 0 {
			t.Errorf("%+v of %d, %v", list, total, err)
		}
		if _, total, err = n.OrganisationRows(t.Context(), "a_h", 0, 10); total != 0 || err != nil {
			t.Errorf("an underscore is any letter: %d, %v", total, err)
		}
		must(t, n.d.Within(t.Context(), world, func(tx *db.Tx) error {
			identity.PutCustomer(tx, identity.Customer{Number: "1-ASH", Name: "Ash Ltd"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-OLD", GoesBy: "1-ASH", Name: "Old"})
			identity.PutCustomer(tx, identity.Customer{Number: "1-BIRCH", Name: "Birch", State: "suspended"})
			return nil
		}))
		must(t, n.Grant(t.Context(), "staff", app.ID, "1-OLD"))
		must(t, n.d.View(t.Context(), world, func(tx *db.Tx) error {
			for text, want := range map[identity.CustomerFilter]int{{}: 3, {Text: "ash"}: 2, {Text: "1-b"}: 1, {State: "suspended"}: 1, {Text: "%"}: 0} {
				list, total, err := identity.SearchCustomers(tx, text, 0, 10)
				if err != nil || total != want || len(list) != want {
					t.Errorf("%+v: %+v of %d, %v", text, list, total, err)
				}
			}
			if page, total, err := identity.SearchCustomers(tx, identity.CustomerFilter{}, 2, 10); len(page) != 1 || total != 3 || page[0].Number != "1-OLD" || page[0].Name != "Ash Ltd" || err != nil {
				t.Errorf("the last page: %+v of %d, %v", page, total, err)
			}
			for number, want := range map[string]int{"1-ASH": 1, "1-OLD": 1, "1-BIRCH": 0} {
				if apps, err := identity.ActingFor(tx, number, 10); len(apps) != want || err != nil {
					t.Errorf("for %s act %+v, %v", number, apps, err)
				}
			}
			return nil
		}))
	})
}
