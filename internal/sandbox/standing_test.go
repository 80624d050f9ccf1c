package sandbox

import (
	"sync"
	"testing"

	"demarc/internal/identity"
)

// Whoever comes first makes an organisation's sandbox; nobody makes a second.
func TestAnOrganisationGetsOneStandingSandbox(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := s.EnsureStanding(t.Context(), org, "Test", "jane@example.com", false); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := s.List(t.Context(), org)
		if err != nil || len(list) != 1 || !list[0].ExpiresAt.IsZero() || list[0].Name != "Test" {
			t.Fatalf("there are %+v, %v", list, err)
		}
		if len(rows(t, s, list[0].ID)) == 0 {
			t.Error("it is empty")
		}
		apps, err := s.o.Identity.ListApps(t.Context(), identity.Filter{Org: org})
		if err != nil || len(apps) != 0 {
			t.Errorf("it has applications: %+v, %v", apps, err)
		}
		if err := s.EnsureStanding(t.Context(), "org_unknown", "Test", "jane@example.com", false); err == nil {
			t.Error("an unknown organisation gets one")
		}
		other, err := s.o.Identity.CreateOrg(t.Context(), "Buyers")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EnsureStanding(t.Context(), other.ID, "Buyers", "jane@example.com", true); err != nil {
			t.Fatal(err)
		}
		apps, err = s.o.Identity.ListApps(t.Context(), identity.Filter{Org: other.ID})
		if err != nil || len(apps) != 1 || apps[0].State != identity.Approved || len(apps[0].Customers) != 1 || apps[0].Customers[0] != identity.All {
			t.Errorf("what its people order belongs to %+v, %v", apps, err)
		}
	})
}
