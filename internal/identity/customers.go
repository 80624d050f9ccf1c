package identity

import (
	"context"
	"errors"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// Customer is one BusOrg number. After a merger a number goes by another one;
// acting for either is acting for that one.
type Customer struct {
	Number string
	GoesBy string // itself, or the number it was merged into; "": itself
	Name   string
	State  string // active, suspended; "": active
}

// PutCustomer writes a customer of the unit's world. Callers that do not end in
// MergeCustomer or the making of a world call ForgetWorld after it.
func PutCustomer(tx *db.Tx, c Customer) {
	if c.GoesBy == "" {
		c.GoesBy = c.Number
	}
	if c.State == "" {
		c.State = "active"
	}
	tx.Do(`INSERT INTO customer (world, number, customer, name, state) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (world, number) DO UPDATE SET customer = excluded.customer, name = excluded.name, state = excluded.state`,
		c.Number, c.GoesBy, c.Name, c.State)
}

// MergeCustomer makes a number, and all that go by it, go by another customer.
func (s *Service) MergeCustomer(ctx context.Context, actor, world, number, into string) error {
	err := s.d.Within(ctx, world, func(tx *db.Tx) error {
		var target string
		err := tx.Row(`SELECT customer FROM customer WHERE world = $1 AND number = $2`+tx.ForUpdate(), into).Scan(&target)
		if errors.Is(err, db.ErrNone) {
			return CustomerUnknown
		}
		if err != nil {
			return err
		}
		if target == number {
			return httpkit.Invalid.With(fault.Field("IDN-CUS-02", "into", "must not go by the number that is merged into it"))
		}
		n, err := tx.Exec(`UPDATE customer SET customer = $3 WHERE world = $1 AND (number = $2 OR customer = $2)`, number, target)
		if err != nil {
			return err
		}
		if n == 0 {
			return CustomerUnknown
		}
		if s.o.Merged != nil {
			s.o.Merged(tx, number, target)
		}
		audit.Record(tx, audit.Event{Subject: "customer/" + number, Actor: actor, Event: "merge", From: number, To: target})
		tx.After(func() { s.ForgetWorld(world) })
		return nil
	})
	if errors.Is(err, db.ErrNoWorld) {
		return WorldUnknown
	}
	return err
}

// Grant lets an application act for a customer, or, in a sandbox, for All.
func (s *Service) Grant(ctx context.Context, actor, app, number string) error {
	return s.within(ctx, app, func(tx *db.Tx) error {
		if number == All {
			var kind string
			if err := tx.Row(`SELECT kind FROM world WHERE id = $1`).Scan(&kind); err != nil {
				return err
			}
			if kind == production {
				return httpkit.Invalid.With(fault.Field(ruleAll, "customer", "must be one customer's number; * is for sandboxes"))
			}
		}
		s.grant(tx, app, number)
		s.record(tx, app, actor, "grant", "", "", "customer "+number)
		return nil
	})
}

// grant queues a grant; the customer must be there. Granting twice is granting.
func (s *Service) grant(tx *db.Tx, app, number string) {
	if number == All {
		tx.Do(`INSERT INTO app_customer (app, customer) SELECT id, '*' FROM app WHERE world = $1 AND id = $2 ON CONFLICT DO NOTHING`, app)
		return
	}
	tx.Do(`INSERT INTO app_customer (app, customer) SELECT a.id, c.number FROM app a JOIN customer c ON c.world = a.world
		WHERE a.world = $1 AND a.id = $2 AND c.number = $3 ON CONFLICT DO NOTHING`, app, number)
	tx.One(CustomerUnknown, `UPDATE app_customer SET customer = $3 WHERE app = $2 AND customer = $3
		AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)`, app, number)
}

// Ungrant takes a grant back. Taking back what was not granted changes nothing.
func (s *Service) Ungrant(ctx context.Context, actor, app, number string) error {
	return s.within(ctx, app, func(tx *db.Tx) error {
		n, err := tx.Exec(`DELETE FROM app_customer WHERE app = $2 AND customer = $3 AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)`,
			app, number)
		if err == nil && n > 0 {
			s.record(tx, app, actor, "ungrant", "", "", "customer "+number)
		}
		return err
	})
}
