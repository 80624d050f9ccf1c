package identity_test

import (
	"slices"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"

	"github.com/google/go-cmp/cmp"
)

func TestIDN_APP_05_ASandboxApplicationIsApprovedAtOnceAndCalls(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		app, secret := n.create(t, w)
		if app.State != identity.Approved || app.Products[0] != (identity.Product{Name: "ondemand", State: identity.Approved}) {
			t.Fatalf("app = %+v", app)
		}
		got, err := n.Authenticate(t.Context(), n.token(t, app.ID, secret))
		if err != nil {
			t.Fatal(err)
		}
		want := &httpkit.Caller{App: app.ID, Org: "org_test", World: w, Secret: app.Secrets[0].ID, Sandbox: true, Products: []string{"ondemand"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestIDN_APP_05_ASandboxThatReviewsLetsItsApplicationsWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := identity.New(d, identity.Options{ReviewSandbox: true})
		app, err := s.CreateApp(t.Context(), "usr_1", identity.NewApp{World: dbtest.World(t, d), Name: "Planner", Products: []string{"ondemand"}})
		if err != nil || app.State != identity.Pending {
			t.Fatalf("state = %q, %v", app.State, err)
		}
	})
}

func TestIDN_TOK_01_AProductionApplicationWaitsForApprovalOfItselfAndOfEachProduct(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, org := identitytest.Production(t, n.d, n.Service)
		app, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{Org: org.ID, World: w, Name: "Planner", Products: []string{"ondemand", "care"}})
		if err != nil {
			t.Fatal(err)
		}
		secret := app.Secrets[0].Clear
		c, err := n.VerifyClient(t.Context(), app.ID, secret)
		if err != nil || app.State != identity.Pending {
			t.Fatal(app.State, err)
		}
		_, err = n.Issue(t.Context(), c)
		refused(t, err, identity.OAuthUnauthorizedClient)

		if _, err := n.ApproveApp(t.Context(), "usr_staff", app.ID, "care"); err != nil {
			t.Fatal(err)
		}
		token := n.token(t, app.ID, secret)
		products := func() []string {
			t.Helper()
			caller, err := n.Authenticate(t.Context(), token)
			if err != nil || caller.Sandbox {
				t.Fatal(caller, err)
			}
			return caller.Products
		}
		if got := products(); !slices.Equal(got, []string{"care"}) {
			t.Fatalf("products = %v", got)
		}
		if _, err := n.ApproveApp(t.Context(), "usr_staff", app.ID); err != nil { // all that wait
			t.Fatal(err)
		}
		if got := products(); !slices.Equal(got, []string{"ondemand", "care"}) {
			t.Fatalf("products = %v", got)
		}
		if _, err := n.RevokeApp(t.Context(), "usr_staff", app.ID, "care"); err != nil {
			t.Fatal(err)
		}
		if got := products(); !slices.Equal(got, []string{"ondemand"}) {
			t.Fatalf("products = %v", got)
		}
		wantTrail(t, n.d, w, app.ID, [][3]string{{"create", "", "pending"}, {"approve", "pending", "approved"}, {"approve", "pending", "approved"},
			{"approve", "pending", "approved"}, {"revoke", "approved", "revoked"}})
	})
}

func wantTrail(t *testing.T, d *db.DB, world, app string, want [][3]string) {
	t.Helper()
	var got [][3]string
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		events, err := audit.History(tx, "app/"+app)
		for _, e := range events {
			got = append(got, [3]string{e.Event, e.From, e.To})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnApprovalMovesOnlyAsItsTableSaysAndTheFaultListsTheMoves(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, _ := n.create(t, dbtest.World(t, n.d))
		_, err := n.ApproveApp(t.Context(), "usr_staff", app.ID)
		refused(t, err, identity.ApprovalMove)
		legal(t, err, "revoke")
		_, err = n.ApproveApp(t.Context(), "usr_staff", app.ID, "voice")
		refused(t, err, httpkit.Invalid)
		if _, err := n.RevokeApp(t.Context(), "usr_staff", app.ID); err != nil {
			t.Fatal(err)
		}
		_, err = n.RevokeApp(t.Context(), "usr_staff", app.ID)
		refused(t, err, identity.ApprovalMove)
		_, err = n.ApproveApp(t.Context(), "usr_staff", app.ID, "ondemand")
		refused(t, err, identity.ApprovalMove)
		_, err = n.RotateSecret(t.Context(), "usr_staff", app.ID, identity.Rotation{})
		refused(t, err, identity.ApprovalMove)
		_, err = n.ApproveApp(t.Context(), "usr_staff", "app_nobody")
		refused(t, err, identity.AppUnknown)
	})
}

func TestIDN_TOK_02_ARevokedApplicationIsOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, secret := n.create(t, dbtest.World(t, n.d))
		token := n.token(t, app.ID, secret)
		if _, err := n.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := n.RevokeApp(t.Context(), "usr_staff", app.ID); err != nil {
			t.Fatal(err)
		}
		_, err := n.Authenticate(t.Context(), token)
		refused(t, err, identity.AppRevoked)
		c, err := n.VerifyClient(t.Context(), app.ID, secret)
		if err == nil {
			_, err = n.Issue(t.Context(), c)
		}
		refused(t, err, identity.OAuthUnauthorizedClient)
	})
}

func TestAnApplicationThatBreaksRulesLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		_, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: w, Name: "", Products: []string{"ondemand"}})
		refused(t, err, httpkit.Invalid)
		_, err = n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: "w_nowhere", Name: "x", Products: []string{"ondemand"}})
		refused(t, err, identity.WorldUnknown)
		_, err = n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: w, Name: "x", Products: []string{"ondemand"}, Customers: []string{"1-NOBODY"}})
		refused(t, err, identity.CustomerUnknown)
		p, _ := identitytest.Production(t, n.d, n.Service)
		_, err = n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: p, Org: "org_nobody", Name: "x", Products: []string{"ondemand"}})
		refused(t, err, identity.OrgUnknown)
		if rows := count(t, n.d, `SELECT (SELECT count(*) FROM app) + (SELECT count(*) FROM app_secret) + (SELECT count(*) FROM audit)`); rows != 0 {
			t.Fatalf("%d rows are left", rows)
		}
	})
}

func TestAnApplicationCanBringItsOrganisationAlong(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, _ := identitytest.Production(t, n.d, n.Service)
		before := count(t, n.d, `SELECT count(*) FROM organisation`)
		app, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{NewOrg: "Zeta Telecom", World: w, Name: "x", Products: []string{"ondemand"}})
		if err != nil {
			t.Fatal(err)
		}
		if c := count(t, n.d, `SELECT count(*) FROM organisation WHERE id = $1 AND name = 'Zeta Telecom' AND created_at > 0`, app.Org); c != 1 {
			t.Fatalf("%d organisations %s", c, app.Org)
		}
		_, err = n.CreateApp(t.Context(), "usr_1", identity.NewApp{NewOrg: "Eta Telecom", World: w, Name: "x", Products: []string{"ondemand"}, Customers: []string{"1-NOBODY"}})
		refused(t, err, identity.CustomerUnknown)
		if c := count(t, n.d, `SELECT count(*) FROM organisation`); c != before+1 {
			t.Fatalf("%d organisations, want %d: one is left of an application that was not made", c, before+1)
		}
	})
}

func TestListingShowsSecretsWithoutTheirTextAndPages(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, other := dbtest.World(t, n.d), dbtest.World(t, n.d)
		var ids []string
		for range 5 {
			app, _ := n.create(t, w)
			ids = append(ids, app.ID)
		}
		n.create(t, other)
		slices.Sort(ids)
		var got []string
		for after := ""; ; {
			page, err := n.ListApps(t.Context(), identity.Filter{World: w, After: after, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, app := range page {
				if len(app.Secrets) != 1 || app.Secrets[0].Clear != "" || app.Secrets[0].CreatedAt.IsZero() {
					t.Fatalf("secrets = %+v", app.Secrets)
				}
				got = append(got, app.ID)
			}
			after = page[len(page)-1].ID
		}
		if !slices.Equal(got, ids) {
			t.Fatalf("listed %v, want %v", got, ids)
		}
	})
}

func TestAWorldThatGoesTakesItsApplicationsAlong(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w, other := dbtest.World(t, n.d), dbtest.World(t, n.d)
		app, secret := n.create(t, w)
		stays, staysSecret := n.create(t, other)
		token := n.token(t, app.ID, secret)
		if _, err := n.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		err := n.d.Within(t.Context(), w, func(tx *db.Tx) error {
			n.DropApps(tx)
			tx.Do(`DELETE FROM audit WHERE world = $1`)
			tx.Do(`DELETE FROM world WHERE id = $1`)
			tx.After(func() { n.d.KnowClock(w) })
			return nil
		}, db.Exclusive())
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.Authenticate(t.Context(), token)
		refused(t, err, identity.TokenInvalid)
		if n.proves(t, app.ID, secret) || !n.proves(t, stays.ID, staysSecret) {
			t.Fatal("the wrong applications can prove themselves")
		}
	})
}
