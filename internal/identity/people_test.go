package identity_test

import (
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
		u, err := n.SignIn(t.Context(), "ADMIN@example.com", password)
		if err != nil || u != (identity.User{Email: "admin@example.com", Org: identity.CarrierOrg, Role: "administrator"}) {
			t.Fatalf("%+v, %v", u, err)
		}
		_, err = n.SignIn(t.Context(), "admin@example.com", password+"x")
		refused(t, err, identity.SignInFailed)
		_, err = n.SignIn(t.Context(), "nobody@example.com", password)
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
