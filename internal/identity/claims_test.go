package identity_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
)

// market is the production world with customers, and an application that may act for none.
func (n node) market(t *testing.T) (world string, org identity.Organisation, app identity.App) {
	t.Helper()
	world, org = identitytest.Production(t, n.d, n.Service)
	n.customers(t, world, identity.Customer{Number: "1-AAA-1", Name: "Able"}, identity.Customer{Number: "1-OLD", GoesBy: "1-AAA-1", Name: "Old"},
		identity.Customer{Number: "1-BBB-2", Name: "Baker"})
	return world, org, n.seller(t, org.ID)
}

func (n node) seller(t *testing.T, org string) identity.App {
	t.Helper()
	app, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: "production", Org: org, Name: "Shop", Products: []string{"voice"}})
	if err == nil {
		_, err = n.ApproveApp(t.Context(), "usr_1", app.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// granted is the customers of an application.
func (n node) granted(t *testing.T, app string) string {
	t.Helper()
	got, err := n.App(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got.Customers, " ")
}

func TestIDN_CLM_01_StaffDecidesWhomAnApplicationMayActFor(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		world, org, app := n.market(t)
		asked, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-AAA-1")
		if err != nil {
			t.Fatal(err)
		}
		if asked.State != identity.Pending || asked.Org != org.ID || asked.OrgName != "Acme Networks" || asked.App != app.ID || asked.World != world ||
			asked.Customer != "1-AAA-1" || asked.AskedBy != "dev@example.com" || asked.CreatedAt.IsZero() || !asked.DecidedAt.IsZero() || asked.DecidedBy != "" {
			t.Fatalf("%+v", asked)
		}
		token := n.token(t, app.ID, app.Secrets[0].Clear)
		if c, err := n.Authenticate(ctx, token); err != nil || len(c.Customers) != 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		got, err := n.DecideClaim(ctx, "staff@example.com", asked.ID, true, "They are who they say.")
		if err != nil || got.State != identity.Approved || got.DecidedBy != "staff@example.com" || got.DecidedAt.IsZero() || got.Note != "They are who they say." {
			t.Fatalf("%+v, %v", got, err)
		}
		if c, err := n.Authenticate(ctx, token); err != nil || c.Customers["1-OLD"].Number != "1-AAA-1" { // at once, by any number
			t.Fatalf("%+v, %v", c, err)
		}
		_, err = n.DecideClaim(ctx, "staff@example.com", asked.ID, true, "")
		refused(t, err, identity.ApprovalMove)
		legal(t, err, "revoke")

		// What was granted can be withdrawn, and asked for again.
		if got, err = n.DecideClaim(ctx, "staff@example.com", asked.ID, false, "It was sold."); err != nil || got.State != identity.Revoked || n.granted(t, app.ID) != "" {
			t.Fatalf("%+v, %v, %q", got, err, n.granted(t, app.ID))
		}
		_, err = n.DecideClaim(ctx, "staff@example.com", asked.ID, true, "")
		refused(t, err, identity.ApprovalMove)
		again, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-AAA-1")
		if err != nil {
			t.Fatal(err)
		}
		if got, err = n.DecideClaim(ctx, "staff@example.com", again.ID, false, ""); err != nil || got.State != identity.Revoked || n.granted(t, app.ID) != "" {
			t.Fatalf("declined: %+v, %v", got, err)
		}
		var told []string
		err = n.d.View(ctx, world, func(tx *db.Tx) error {
			events, err := audit.History(tx, "app/"+app.ID)
			for _, e := range events {
				told = append(told, e.Event+" "+e.To)
			}
			return err
		})
		const want = "create pending, approve approved, approve approved, claim pending, grant , claim approve approved, ungrant , claim revoke revoked, claim pending, claim revoke revoked"
		if err != nil || strings.Join(told, ", ") != want {
			t.Fatalf("the trail says %q, %v", told, err)
		}
	})
}

func TestIDN_CLM_02_NobodyAsksTwiceNorForWhatIsGranted(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		_, _, app := n.market(t)
		var wg sync.WaitGroup
		errs := make(chan error, 4)
		for range cap(errs) {
			wg.Go(func() {
				_, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-AAA-1")
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		made := 0
		for err := range errs {
			if err == nil {
				made++
			} else if !errors.Is(err, identity.ClaimPending) {
				t.Error(err)
			}
		}
		if made != 1 {
			t.Fatalf("%d requests", made)
		}
		if err := n.Grant(ctx, "staff@example.com", app.ID, "1-BBB-2"); err != nil {
			t.Fatal(err)
		}
		_, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-BBB-2")
		refused(t, err, identity.ClaimNeedless)
		for _, number := range []string{"", "*", "x\x00", strings.Repeat("1", 65)} {
			_, err = n.AskClaim(ctx, "dev@example.com", app.ID, number)
			refused(t, err, identity.CustomerUnknown)
		}
		// Whether production has a customer is the staff's to know.
		unknown, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-NOBODY")
		if err != nil || unknown.State != identity.Pending {
			t.Fatalf("asking for a customer that there is not: %+v, %v", unknown, err)
		}
		_, err = n.DecideClaim(ctx, "staff@example.com", unknown.ID, true, "")
		refused(t, err, identity.CustomerUnknown)
		for _, id := range []string{"app_none", "", "x\x00"} {
			_, err = n.AskClaim(ctx, "dev@example.com", id, "1-AAA-1")
			refused(t, err, identity.AppUnknown)
			_, err = n.DecideClaim(ctx, "staff@example.com", id, true, "")
			refused(t, err, identity.ClaimUnknown)
		}
	})
}

// Two decisions at the same time are one.
func TestIDN_CLM_01_AClaimIsDecidedOnce(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		_, _, app := n.market(t)
		asked, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-AAA-1")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make(chan error, 4)
		for range cap(errs) {
			wg.Go(func() {
				_, err := n.DecideClaim(ctx, "staff@example.com", asked.ID, true, "")
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		done := 0
		for err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, identity.ApprovalMove) {
				t.Error(err)
			}
		}
		if done != 1 || n.granted(t, app.ID) != "1-AAA-1" {
			t.Fatalf("%d decisions, granted %q", done, n.granted(t, app.ID))
		}
	})
}

func TestAnApplicationThatIsRevokedActsForNobodyAnyMore(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		_, _, app := n.market(t)
		asked, err := n.AskClaim(ctx, "dev@example.com", app.ID, "1-AAA-1")
		if err == nil {
			_, err = n.RevokeApp(ctx, "staff@example.com", app.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.DecideClaim(ctx, "staff@example.com", asked.ID, true, "")
		refused(t, err, identity.ApprovalMove)
		_, err = n.AskClaim(ctx, "dev@example.com", app.ID, "1-BBB-2")
		refused(t, err, identity.ApprovalMove)
		if got, err := n.DecideClaim(ctx, "staff@example.com", asked.ID, false, ""); err != nil || got.State != identity.Revoked {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestIDN_CLM_03_WhatIsSaidAboutADecisionIsShort(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		_, _, app := n.market(t)
		asked, err := n.AskClaim(t.Context(), "dev@example.com", app.ID, "1-AAA-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, note := range []string{strings.Repeat("é", 501), "a\x00", "\xff"} {
			_, err := n.DecideClaim(t.Context(), "staff@example.com", asked.ID, true, note)
			breaks(t, err, httpkit.Invalid, "IDN-CLM-03", "note")
		}
		if _, err := n.DecideClaim(t.Context(), "staff@example.com", asked.ID, true, "Two\nlines"+strings.Repeat("é", 491)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestClaimsAreListedByOrganisationAndStateInTheOrderOfAsking(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		_, org, app := n.market(t)
		other, err := n.CreateOrg(ctx, "Baker Telecom")
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, ask := range [][2]string{{app.ID, "1-AAA-1"}, {n.seller(t, other.ID).ID, "1-AAA-1"}, {app.ID, "1-BBB-2"}} {
			c, err := n.AskClaim(ctx, "dev@example.com", ask[0], ask[1])
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, c.ID)
		}
		if _, err := n.DecideClaim(ctx, "staff@example.com", ids[0], false, ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			org, state, after string
			limit             int
			want              []string
		}{
			{"", "", "", 0, ids}, {"", "", "", 2, ids[:2]}, {"", "", ids[1], 2, ids[2:]}, {"", "pending", "", 0, ids[1:]},
			{org.ID, "", "", 0, []string{ids[0], ids[2]}}, {org.ID, "revoked", "", 0, ids[:1]}, {other.ID, "", "", 0, ids[1:2]}, {"org_none", "", "", 0, nil},
		} {
			list, err := n.Claims(ctx, c.org, c.state, c.after, c.limit)
			var got []string
			for _, claim := range list {
				got = append(got, claim.ID)
			}
			if err != nil || strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("%+v: %v, %v", c, got, err)
			}
		}
	})
}

func TestClaimsGoWithTheirWorld(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		world, _, app := n.market(t)
		if _, err := n.AskClaim(t.Context(), "dev@example.com", app.ID, "1-AAA-1"); err != nil {
			t.Fatal(err)
		}
		err := n.d.Within(t.Context(), world, func(tx *db.Tx) error { n.DropApps(tx); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if c := count(t, n.d, `SELECT count(*) FROM customer_claim`); c != 0 {
			t.Fatalf("%d requests are left", c)
		}
	})
}
