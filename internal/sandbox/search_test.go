package sandbox

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
)

func TestStaffFindsWorlds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		if err := s.EnsureProduction(t.Context()); err != nil {
			t.Fatal(err)
		}
		made := create(t, s, 0)
		short := create(t, s, time.Hour)
		list, total, err := s.Search(t.Context(), "", 0, 2)
		if err != nil || total != 3 || len(list) != 2 || list[0].ID != Production || list[1].ID != short.ID || list[1].Org != org {
			t.Errorf("all: %+v of %d, %v", list, total, err)
		}
		if rest, _, err := s.Search(t.Context(), "", 2, 2); err != nil || len(rest) != 1 || rest[0].ID != made.ID {
			t.Errorf("the next page: %+v, %v", rest, err)
		}
		for text, want := range map[string]int{made.ID[4:12]: 1, "PRODUCT": 1, org: 2, "%": 0} {
			if _, total, err := s.Search(t.Context(), text, 0, 10); total != want || err != nil {
				t.Errorf("%q finds %d, want %d, %v", text, total, want, err)
			}
		}
	})
}

// Production has no owner whose customers could be counted, and nobody gets a right by
// what staff says of a customer.
func TestStaffKeepsCustomersOfEveryWorld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		if err := s.EnsureProduction(t.Context()); err != nil {
			t.Fatal(err)
		}
		made := create(t, s, 0)
		for _, world := range []string{Production, made.ID} {
			err := d.Within(t.Context(), world, func(tx *db.Tx) error {
				name, state := "New Ltd", "suspended"
				c, err := s.KeepCustomer(tx, "staff@example.com", "1-NEW", CustomerChange{Name: &name})
				if err != nil || c.State != "active" || c.Name != name {
					t.Errorf("made in %s: %+v, %v", world, c, err)
				}
				if c, err = s.KeepCustomer(tx, "staff@example.com", "1-NEW", CustomerChange{State: &state}); err != nil || c.State != state || c.Name != name {
					t.Errorf("suspended in %s: %+v, %v", world, c, err)
				}
				apps, err := identity.ActingFor(tx, "1-NEW", 10)
				if want := map[string]int{Production: 0, made.ID: 1}[world]; err != nil || len(apps) != want { // the sandbox's own acts for all
					t.Errorf("in %s %+v act for it, %v", world, apps, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
