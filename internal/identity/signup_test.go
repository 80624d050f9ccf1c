package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

func TestIDN_SUP_01_WhoSignsUpIsADeveloperABuyerOrAProvider(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ask := identity.NewPerson{Email: "Me@Example.com ", Password: good, OrgName: "Acme Networks", From: here}
		for _, role := range []string{"", "staff", "administrator", "Developer", "king"} {
			ask.Role = role
			_, _, err := n.SignUp(t.Context(), ask)
			breaks(t, err, httpkit.Invalid, "IDN-SUP-01", "role")
		}
		for i, role := range []string{"developer", "buyer", "provider"} {
			ask.Role, ask.Email = role, fmt.Sprintf("Me%d@Example.com ", i)
			org, made, err := n.SignUp(t.Context(), ask)
			if err != nil || !made {
				t.Fatal(made, err)
			}
			people, err := n.People(t.Context(), org)
			if err != nil || len(people) != 1 || people[0].Email != fmt.Sprintf("me%d@example.com", i) || people[0].Role != role || people[0].CreatedAt.IsZero() {
				t.Fatalf("%+v, %v", people, err)
			}
			got, err := n.Organisation(t.Context(), org)
			if err != nil || got.ID != org || got.Name != "Acme Networks" || got.CreatedAt.IsZero() {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		if all, err := n.Organisations(t.Context()); err != nil || len(all) != 3 {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, id := range []string{"", "org_none", "org\x00", "é"} {
			_, err := n.Organisation(t.Context(), id)
			refused(t, err, identity.OrgUnknown)
		}
	})
}

func TestSignUpSaysEverythingThatIsWrongAndRepeatsNothing(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ask := identity.NewPerson{Email: "not-an-address", Password: "hunter2", Role: "king-of-hearts", OrgName: " padded ", From: here}
		_, made, err := n.SignUp(t.Context(), ask)
		refused(t, err, httpkit.Invalid)
		var fields []string
		for _, v := range fault.Of(err).Violations {
			fields = append(fields, v.Field)
			for _, secret := range []string{ask.Email, ask.Password, ask.Role, "padded"} {
				if strings.Contains(v.Message, secret) {
					t.Errorf("%s repeats what was given: %s", v.Field, v.Message)
				}
			}
		}
		if want := []string{"email", "password", "organisation", "role"}; made || !slices.Equal(slices.Compact(fields), want) {
			t.Fatalf("wrong are %v, want %v", fields, want)
		}
		for _, email := range []string{"", "a", "a@", "@example.com", "a b@example.com", "A <a@example.com>", "a@example.com\x00", "a\xff@example.com",
			"a@example.com\r\nBcc: b@example.com", strings.Repeat("a", 250) + "@example.com"} {
			_, _, err := n.SignUp(t.Context(), identity.NewPerson{Email: email, Password: good, Role: "buyer", OrgName: "Acme", From: here})
			breaks(t, err, httpkit.Invalid, "IDN-USR-01", "email")
		}
		if rows := count(t, n.d, `SELECT count(*) FROM account_user`) + count(t, n.d, `SELECT count(*) FROM organisation`); rows != 0 {
			t.Fatalf("%d rows of nobody", rows)
		}
	})
}

func TestIDN_SUP_02_SigningUpWithAKnownAddressChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		const another = "nine Loud herons fish"
		org, made, err := n.SignUp(t.Context(), identity.NewPerson{Email: "DEV@example.com", Password: another, Role: "buyer", OrgName: "Mallory", From: here})
		if org != "" || made || err != nil {
			t.Fatalf("%q, %v, %v", org, made, err)
		}
		if u := n.in(t, token).User; u.Role != "developer" {
			t.Fatalf("%+v", u)
		}
		_, err = n.SignIn(t.Context(), "dev@example.com", another, here)
		refused(t, err, identity.SignInFailed)
		if orgs := count(t, n.d, `SELECT count(*) FROM organisation`); orgs != 1 {
			t.Fatalf("%d organisations", orgs)
		}
		if got := n.told(t, "dev@example.com"); got[len(got)-1] != "sign up again by dev@example.com" {
			t.Fatalf("the owner cannot find it: %q", got)
		}
	})
}

func TestIDN_SUP_02_OneAddressThatSignsUpManyTimesAtOnceIsOnePerson(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		var wg sync.WaitGroup
		orgs := make(chan string, 8)
		for range cap(orgs) {
			wg.Go(func() {
				ask := identity.NewPerson{Email: "dev@example.com", Password: good, Role: "developer", OrgName: "Acme", From: here}
				if org, made, err := n.SignUp(t.Context(), ask); err != nil {
					t.Error(err)
				} else if made {
					orgs <- org
				}
			})
		}
		wg.Wait()
		if len(orgs) != 1 {
			t.Fatalf("%d people have one address", len(orgs))
		}
		if c := count(t, n.d, `SELECT count(*) FROM organisation`); c != 1 {
			t.Fatalf("%d organisations", c)
		}
	})
}

func TestIDN_SUP_03_SignUpsFromOneNetworkAddressAreBounded(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev0@example.com", "developer")
		system(t, n.d, `UPDATE throttle SET hits = 42`)
		var wg sync.WaitGroup
		ask := func(i int, from string) error {
			_, _, err := n.SignUp(t.Context(), identity.NewPerson{Email: fmt.Sprintf("dev%d@example.com", i), Password: good, Role: "buyer", OrgName: "Acme", From: from})
			return err
		}
		answers := make(chan error, 12)
		for i := range cap(answers) {
			wg.Go(func() { answers <- ask(i+1, here) })
		}
		wg.Wait()
		close(answers)
		made := 0
		for err := range answers {
			if err == nil {
				made++
				continue
			}
			throttled(t, err, identity.SignUpThrottled)
		}
		if made != 8 {
			t.Fatalf("%d of the last 8 were made", made)
		}
		if err := ask(99, "198.51.100.7"); err != nil {
			t.Fatalf("from elsewhere: %v", err)
		}
		n.pass(t, throttleWindow)
		if err := ask(100, here); err != nil {
			t.Fatalf("later: %v", err)
		}
	})
}
