package identity_test

import (
	"slices"
	"sync"
	"testing"

	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

func TestIDN_USR_01_TheFirstStartMakesOneAdministratorWhosePasswordIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		password, created, err := n.EnsureAdmin(t.Context(), " Admin@Example.com ")
		if err != nil || !created || password == "" {
			t.Fatal(created, err)
		}
		again, created, err := n.EnsureAdmin(t.Context(), "other@example.com")
		if err != nil || created || again != "" {
			t.Fatalf("a second administrator: %v, %v", created, err)
		}
		u, err := n.SignIn(t.Context(), "ADMIN@example.com", password, here)
		if err != nil || u.Email != "admin@example.com" || u.Org != identity.CarrierOrg || u.Role != identity.RoleAdministrator || !u.Carrier() {
			t.Fatalf("%+v, %v", u, err)
		}
		_, err = n.SignIn(t.Context(), "admin@example.com", password+"x", here)
		refused(t, err, identity.SignInFailed)
		_, err = n.SignIn(t.Context(), "nobody@example.com", password, here)
		refused(t, err, identity.SignInFailed)
		_, _, err = n.EnsureAdmin(t.Context(), "not an address")
		refused(t, err, httpkit.Invalid)
	})
}

func TestNodesThatStartTogetherMakeOneAdministrator(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		made := make(chan string, 3)
		for i := range 3 {
			s := identity.New(dbtest.Open(t, url), identity.Options{})
			wg.Go(func() {
				email := []string{"a@example.com", "b@example.com", "a@example.com"}[i]
				if password, created, err := s.EnsureAdmin(t.Context(), email); err != nil {
					t.Error(err)
				} else if created {
					made <- password
				}
			})
		}
		wg.Wait()
		if len(made) != 1 {
			t.Fatalf("%d administrators", len(made))
		}
	})
}

// carrier makes the first administrator, with a password of their own.
func (n node) carrier(t *testing.T) (token string) {
	t.Helper()
	password, made, err := n.EnsureAdmin(t.Context(), "admin@example.com")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	token, _ = n.comes(t, "admin@example.com", password)
	if err := n.ChangePassword(t.Context(), token, password, good, here); err != nil {
		t.Fatal(err)
	}
	return token
}

func TestIDN_USR_05_WhoWasGivenAPasswordChangesIt(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		org := n.joins(t, "dev@example.com", "developer")
		password, err := n.AddPerson(ctx, "dev@example.com", org, "New@Example.com", "buyer")
		if err != nil {
			t.Fatal(err)
		}
		token, sess := n.comes(t, "new@example.com", password)
		if !sess.MustChange || !n.in(t, token).MustChange || sess.User.Org != org || sess.User.Role != identity.RoleBuyer {
			t.Fatalf("%+v", sess)
		}
		breaks(t, n.ChangePassword(ctx, token, password, password, here), httpkit.Invalid, "IDN-PWD-05", "new")
		if err := n.ChangePassword(ctx, token, password, good, here); err != nil {
			t.Fatal(err)
		}
		if n.in(t, token).MustChange {
			t.Fatal("it was changed")
		}
		if _, sess := n.comes(t, "new@example.com", good); sess.MustChange {
			t.Fatal("it was changed, and is asked for again")
		}
		want := []string{"add by dev@example.com", "sign in by new@example.com", "password by new@example.com", "sign in by new@example.com"}
		if got := n.told(t, "new@example.com"); !slices.Equal(got, want) {
			t.Fatalf("the trail says %q", got)
		}
		people, err := n.People(ctx, org)
		if err != nil || len(people) != 2 || people[0].Email != "dev@example.com" || people[1].Email != "new@example.com" {
			t.Fatalf("%+v, %v", people, err)
		}
		// The first administrator was given a password, too.
		password, _, err = n.EnsureAdmin(ctx, "admin@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if _, sess := n.comes(t, "admin@example.com", password); !sess.MustChange || !sess.User.Carrier() || sess.OrgName != "Carrier" {
			t.Fatalf("%+v", sess)
		}
	})
}

func TestIDN_USR_02_StaffAndAdministratorsAreTheCarriersAndOnlyThey(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		n.carrier(t)
		org := n.joins(t, "dev@example.com", "developer")
		for role, where := range map[string]string{"administrator": org, "staff": org, "developer": identity.CarrierOrg, "buyer": identity.CarrierOrg,
			"provider": identity.CarrierOrg, "": org, "king": org} {
			_, err := n.AddPerson(ctx, "admin@example.com", where, "new@example.com", role)
			breaks(t, err, httpkit.Invalid, "IDN-USR-02", "role")
			who := map[string]string{org: "dev@example.com", identity.CarrierOrg: "admin@example.com"}[where]
			breaks(t, n.SetRole(ctx, "admin@example.com", where, who, role), httpkit.Invalid, "IDN-USR-02", "role")
		}
		if _, err := n.AddPerson(ctx, "admin@example.com", identity.CarrierOrg, "staff@example.com", "staff"); err != nil {
			t.Fatal(err)
		}
		_, err := n.AddPerson(ctx, "admin@example.com", org, "staff@example.com", "buyer")
		refused(t, err, identity.PersonKnown)
		_, err = n.AddPerson(ctx, "admin@example.com", "org_none", "new@example.com", "buyer")
		refused(t, err, identity.OrgUnknown)
		_, err = n.AddPerson(ctx, "admin@example.com", org, "new", "buyer")
		breaks(t, err, httpkit.Invalid, "IDN-USR-01", "email")
		// Nobody reaches into another organisation.
		for _, email := range []string{"staff@example.com", "nobody@example.com", "", "x\x00@example.com"} {
			refused(t, n.SetRole(ctx, "dev@example.com", org, email, "buyer"), identity.PersonUnknown)
			refused(t, n.RemovePerson(ctx, "dev@example.com", org, email), identity.PersonUnknown)
		}
	})
}

func TestIDN_USR_03_ThereIsAlwaysAnAdministrator(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		token := n.carrier(t)
		if _, err := n.AddPerson(ctx, "admin@example.com", identity.CarrierOrg, "b@example.com", "staff"); err != nil {
			t.Fatal(err)
		}
		breaks(t, n.RemovePerson(ctx, "b@example.com", identity.CarrierOrg, "admin@example.com"), identity.PersonStays, "IDN-USR-03", "email")
		breaks(t, n.SetRole(ctx, "admin@example.com", identity.CarrierOrg, "admin@example.com", "staff"), identity.PersonStays, "IDN-USR-03", "role")
		n.in(t, token)
		if err := n.SetRole(ctx, "admin@example.com", identity.CarrierOrg, "b@example.com", "administrator"); err != nil {
			t.Fatal(err)
		}
		// Two who remove each other, or step down, at the same time: one is left.
		const admins = `SELECT count(*) FROM account_user WHERE role = 'administrator'`
		both := []string{"admin@example.com", "b@example.com"}
		for round := range 12 {
			var wg sync.WaitGroup
			errs := make(chan error, 2)
			for i, email := range both {
				wg.Go(func() {
					if round%2 == 0 {
						errs <- n.RemovePerson(ctx, both[1-i], identity.CarrierOrg, email)
					} else {
						errs <- n.SetRole(ctx, email, identity.CarrierOrg, email, "staff")
					}
				})
			}
			wg.Wait()
			close(errs)
			done := 0
			for err := range errs {
				if err == nil {
					done++
					continue
				}
				refused(t, err, identity.PersonStays)
			}
			if left := count(t, n.d, admins); done != 1 || left != 1 {
				t.Fatalf("%d went, %d are left", done, left)
			}
			for _, email := range both {
				system(t, n.d, `INSERT INTO account_user (email, org, role, password, created_at) VALUES ($1, $2, 'administrator', '', 0)
					ON CONFLICT (email) DO UPDATE SET role = excluded.role`, email, identity.CarrierOrg)
			}
		}
	})
}

func TestIDN_USR_04_NobodyRemovesThemselves(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		org := n.joins(t, "dev@example.com", "developer")
		breaks(t, n.RemovePerson(t.Context(), "Dev@example.com", org, "dev@example.com "), identity.PersonStays, "IDN-USR-04", "email")
		if _, err := n.AddPerson(t.Context(), "dev@example.com", org, "b@example.com", "buyer"); err != nil {
			t.Fatal(err)
		}
		if err := n.RemovePerson(t.Context(), "b@example.com", org, "dev@example.com"); err != nil {
			t.Fatal(err)
		}
		_, err := n.SignIn(t.Context(), "dev@example.com", good, here)
		refused(t, err, identity.SignInFailed)
		if got := n.told(t, "dev@example.com"); got[len(got)-1] != "remove by b@example.com" {
			t.Fatalf("the trail says %q", got)
		}
	})
}
