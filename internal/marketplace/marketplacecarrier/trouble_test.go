package marketplacecarrier_test

import (
	"context"
	"errors"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/trouble"
)

func TestOnlyASandboxsOrdersMeetWhatItsOwnerWantsToGoWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, other := dbtest.World(t, d), dbtest.World(t, d)
		s := marketplacecarrier.Trouble(named("provider"), trouble.New(d))
		for _, c := range []struct {
			mode    trouble.Mode
			status  int
			problem string
		}{
			{trouble.Unavailable, 0, "connection refused"},
			{trouble.Timeout, 0, "no answer within 15s"},
			{trouble.Failure, 500, ""},
		} {
			err := d.Within(t.Context(), world, func(tx *db.Tx) error {
				_, err := trouble.Put(tx, "test", trouble.Trouble{Target: "marketplace.provider", Mode: c.mode})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []marketplace.Order{{World: world}, {World: other, Sandbox: true}} {
				if r, err := s.Provision(t.Context(), o); string(r.Body) != "provider" || !errors.Is(err, errNamed) {
					t.Errorf("%s: %+v: %s, %v", c.mode, o, r.Body, err)
				}
			}
			r, err := s.Provision(t.Context(), marketplace.Order{World: world, Sandbox: true})
			problem := ""
			if err != nil {
				problem = err.Error()
			}
			if r.Status != c.status || problem != c.problem {
				t.Errorf("%s: %d %s, %v", c.mode, r.Status, r.Body, err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Provision(gone, marketplace.Order{World: world, Sandbox: true}); !errors.Is(err, context.Canceled) {
			t.Errorf("who has gone was answered %v", err)
		}
	})
}
