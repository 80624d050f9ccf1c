package ondemandcarrier_test

import (
	"errors"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/trouble"
)

func TestOnlyASandboxsOrdersMeetWhatItsOwnerWantsToGoWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, other := dbtest.World(t, d), dbtest.World(t, d)
		n := ondemandcarrier.Trouble(ondemandcarrier.Reference{}, trouble.New(d))
		both := func(c ondemand.Change) (start, status error) {
			ticket, err := ondemandcarrier.Reference{}.Start(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			_, start = n.Start(t.Context(), c)
			_, status = n.Status(t.Context(), c, ticket.Ref)
			return start, status
		}
		for _, mode := range []trouble.Mode{trouble.Unavailable, trouble.Timeout, trouble.Failure} {
			err := d.Within(t.Context(), world, func(tx *db.Tx) error {
				_, err := trouble.Put(tx, "test", trouble.Trouble{Target: "ondemand.network", Mode: mode})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []ondemand.Change{{World: world, Order: "a"}, {World: other, Order: "a", Sandbox: true}} {
				if start, status := both(c); start != nil || status != nil {
					t.Errorf("%s: %+v: %v, %v", mode, c, start, status)
				}
			}
			start, status := both(ondemand.Change{World: world, Order: "a", Sandbox: true})
			for _, err := range []error{start, status} {
				if _, refused := errors.AsType[*ondemand.Refusal](err); trouble.ModeOf(err) != mode || refused {
					t.Errorf("%s: %v", mode, err)
				}
			}
		}
	})
}
