package identity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
)

func numbers(list []identity.Customer) string {
	var all []string
	for _, c := range list {
		all = append(all, c.Number+">"+c.GoesBy+" "+c.Name+" "+c.State)
	}
	return strings.Join(all, ", ")
}

// The people of an organisation act for whom any of its approved applications may.
func TestIDN_CUS_02_PeopleActForWhomTheirApplicationsMay(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		world, org, app := n.market(t)
		other, err := n.CreateOrg(ctx, "Baker Telecom")
		if err != nil {
			t.Fatal(err)
		}
		n.customers(t, world, identity.Customer{Number: "1-CCC-3", Name: "Charlie", State: "suspended"})
		acts := func(org string) string {
			list, err := n.ActsFor(ctx, org, world)
			if err != nil {
				t.Fatal(err)
			}
			return numbers(list)
		}
		const able, baker, charlie = "1-AAA-1>1-AAA-1 Able active", "1-BBB-2>1-BBB-2 Baker active", "1-CCC-3>1-CCC-3 Charlie suspended"
		if got := acts(org.ID); got != "" {
			t.Fatalf("without a grant: %s", got)
		}
		second, waiting := n.seller(t, org.ID), n.seller(t, org.ID)
		for app, number := range map[string]string{app.ID: "1-OLD", second.ID: "1-CCC-3", waiting.ID: "1-BBB-2"} {
			if err := n.Grant(ctx, "usr_1", app, number); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.Grant(ctx, "usr_1", second.ID, "1-AAA-1"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.RevokeApp(ctx, "usr_1", waiting.ID); err != nil {
			t.Fatal(err)
		}
		if got := acts(org.ID); got != able+", "+charlie {
			t.Fatalf("of two applications: %s", got)
		}
		if got := acts(other.ID); got != "" {
			t.Fatalf("another organisation's: %s", got)
		}
		for _, carrier := range []string{"", identity.CarrierOrg} {
			if got := acts(carrier); got != able+", "+baker+", "+charlie {
				t.Fatalf("the carrier's: %s", got)
			}
		}
		all, err := n.Customers(ctx, world)
		if got := numbers(all); err != nil || got != able+", "+baker+", "+charlie+", 1-OLD>1-AAA-1 Able active" {
			t.Fatalf("%s, %v", got, err)
		}
		_, err = n.ActsFor(ctx, org.ID, "w_none")
		refused(t, err, identity.WorldUnknown)
		_, err = n.Customers(ctx, "w_none")
		refused(t, err, identity.WorldUnknown)

		sandbox := dbtest.World(t, n.d)
		n.customers(t, sandbox, identity.Customer{Number: "1-AAA-1", Name: "Able"}, identity.Customer{Number: "1-OLD", GoesBy: "1-AAA-1"})
		tester := identitytest.App(t, n.Service, sandbox, "voice")
		if list, err := n.ActsFor(ctx, "org_test", sandbox); err != nil || numbers(list) != able {
			t.Fatalf("of all in a sandbox: %s, %v", numbers(list), err)
		}
		if list, err := n.ActsFor(ctx, org.ID, sandbox); err != nil || len(list) != 0 {
			t.Fatalf("in a sandbox of others: %s, %v", numbers(list), err)
		}
		if _, err := n.RevokeApp(ctx, "usr_1", tester.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := n.ActsFor(ctx, "org_test", sandbox); err != nil || len(list) != 0 {
			t.Fatalf("of all, by an application that was revoked: %s, %v", numbers(list), err)
		}
	})
}

func TestAnApplicationIsShownWithItsSecretsAndCustomers(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		made := identitytest.App(t, n.Service, w, "voice")
		got, err := n.App(t.Context(), made.ID)
		if err != nil || got.Name != made.Name || got.World != w || len(got.Secrets) != 1 || got.Secrets[0].Clear != "" || !slices.Equal(got.Customers, []string{identity.All}) {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, id := range []string{"app_none", "", "x\x00"} {
			_, err = n.App(t.Context(), id)
			refused(t, err, identity.AppUnknown)
		}
	})
}

func TestIDN_TOK_03_AnOwnerTriesACallWithoutASecret(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		w := dbtest.World(t, n.d)
		app := identitytest.App(t, n.Service, w, "voice")
		secret := app.Secrets[0]
		if err := n.RevokeSecret(ctx, "usr_1", app.ID, secret.ID); err != nil {
			t.Fatal(err)
		}
		token, err := n.IssueFor(ctx, app.ID, "dev@example.com")
		if err != nil || token.TTL > 30*time.Minute {
			t.Fatalf("%v, %v", token.TTL, err)
		}
		c, err := n.Authenticate(ctx, token.Clear)
		if err != nil || c.App != app.ID || c.World != w || c.Secret != "portal" || !c.Sandbox || !slices.Equal(c.Products, []string{"voice"}) {
			t.Fatalf("%+v, %v", c, err)
		}
		if told := count(t, n.d, `SELECT count(*) FROM audit WHERE world = $1 AND subject = $2 AND event = 'token' AND actor = 'dev@example.com'`, w, "app/"+app.ID); told != 1 {
			t.Fatalf("the trail tells of %d tokens", told)
		}
		// It is nobody's secret, and proves no client.
		if n.proves(t, app.ID, "portal") {
			t.Fatal("its name is taken for a secret")
		}
		advance(t, n.d, w, 30*time.Minute)
		_, err = n.Authenticate(ctx, token.Clear)
		refused(t, err, identity.TokenExpired)

		if token, err = n.IssueFor(ctx, app.ID, "dev@example.com"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.RevokeApp(ctx, "usr_1", app.ID); err != nil {
			t.Fatal(err)
		}
		_, err = n.Authenticate(ctx, token.Clear)
		refused(t, err, identity.AppRevoked)
		_, err = n.IssueFor(ctx, app.ID, "dev@example.com")
		refused(t, err, identity.NoDocsToken)
	})
}

func TestIDN_TOK_03_NoneWithoutASecretInProduction(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		_, _, app := n.market(t)
		_, err := n.IssueFor(t.Context(), app.ID, "dev@example.com")
		refused(t, err, identity.NoDocsToken)
		_, err = n.IssueFor(t.Context(), "app_none", "dev@example.com")
		refused(t, err, identity.AppUnknown)
		// Nor does a row that came another way open anything there.
		token := n.token(t, app.ID, app.Secrets[0].Clear)
		system(t, n.d, `UPDATE token SET secret = 'portal'`)
		_, err = n.Authenticate(t.Context(), token)
		refused(t, err, identity.TokenRevoked)
	})
}

// A server that gives its tokens a longer life gives these no longer one.
func TestIDN_TOK_03_ItLivesHalfAnHourAtMost(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		s := identity.New(n.d, identity.Options{TokenTTL: 24 * time.Hour})
		token, err := s.IssueFor(t.Context(), identitytest.App(t, s, dbtest.World(t, n.d), "voice").ID, "dev@example.com")
		if err != nil || token.TTL != 30*time.Minute {
			t.Fatalf("%v, %v", token.TTL, err)
		}
	})
}
