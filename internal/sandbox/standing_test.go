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
				if err := s.EnsureStanding(t.Context(), org, "Test", "jane@example.com"); err != nil {
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
		if err := s.EnsureStanding(t.Context(), "org_unknown", "Test", "jane@example.com"); err == nil {
			t.Error("an unknown organisation gets one")
		}
	})
}
