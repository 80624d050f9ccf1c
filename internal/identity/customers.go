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

// MergeCustomer makes a number, and all that go by it, go by another customer, whose
// state counts for all of them: they keep none of their own.
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
		n, err := tx.Exec(`UPDATE customer SET customer = $3, state = 'active' WHERE world = $1 AND (number = $2 OR customer = $2)`, number, target)
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

// mayAct is 1 when the application $2 may act for the customer of the row n, as
// actingSQL has it: by a grant of any number of that customer or, in a sandbox, of
// all. (IDN-CUS-01, IDN-CUS-02)
const mayAct = `CASE WHEN EXISTS (SELECT 1 FROM app a JOIN app_customer g ON g.app = a.id JOIN customer m ON m.world = a.world AND m.number = g.customer
		WHERE a.world = $1 AND a.id = $2 AND m.customer = n.customer)
	OR EXISTS (SELECT 1 FROM app a JOIN world w ON w.id = a.world JOIN app_customer g ON g.app = a.id
		WHERE a.world = $1 AND a.id = $2 AND g.customer = '*' AND w.kind <> 'production') THEN 1 ELSE 0 END`

// Standing is how a number stands now, for work that falls due long after the call
// that it comes from: whether the unit's world has it, whether it and the customer
// that it goes by are active, and whether the application may act for it. It is what
// a call would meet in this moment, read without the caches.
func Standing(tx *db.Tx, app, number string) (exists, active, granted bool, err error) {
	var own, state string
	var may int64
	tx.AskOne(&exists, []any{&own, &state, &may}, `SELECT n.state, c.state, `+mayAct+`
		FROM customer n JOIN customer c ON c.world = n.world AND c.number = n.customer
		WHERE n.world = $1 AND n.number = $3`, app, number)
	err = tx.Flush()
	return exists, own == "active" && state == "active", may == 1, err
}

// AskSelf queues whether a number is a customer's own, and keeps it so until the unit
// ends: a merger waits, and takes along what the unit has written. What a call knows of
// its customer may be a moment old.
func AskSelf(tx *db.Tx, number string, self *bool) {
	tx.Ask(func(scan func(...any) error) error {
		var goesBy string
		err := scan(&goesBy)
		*self = goesBy == number
		return err
	}, `SELECT customer FROM customer WHERE world = $1 AND number = $2`+tx.ForShare(), number)
}

// SeenCustomer is a number as an application sees it: with the name and the state of
// the customer that it goes by.
type SeenCustomer struct {
	Customer
	Granted bool // the application may act for it
}

const seenSQL = `SELECT n.number, n.customer, c.name, c.state, ` + mayAct + `
	FROM customer n JOIN customer c ON c.world = n.world AND c.number = n.customer WHERE n.world = $1`

func scanSeen(scan func(...any) error) (c SeenCustomer, err error) {
	var may int64
	err = scan(&c.Number, &c.GoesBy, &c.Name, &c.State, &may)
	c.Granted = may == 1
	return c, err
}

// FindCustomer is one number of the unit's world as the application sees it.
func FindCustomer(tx *db.Tx, app, number string) (SeenCustomer, error) {
	c, err := db.First(tx, scanSeen, seenSQL+` AND n.number = $3`, app, number)
	if err != nil {
		return SeenCustomer{}, err
	}
	if c == nil {
		return SeenCustomer{}, CustomerUnknown
	}
	return *c, nil
}

// ListCustomers is a page of the numbers of the unit's world after one of them, "" for
// the first.
func ListCustomers(tx *db.Tx, app, after string, limit int) ([]SeenCustomer, error) {
	return db.Every(tx, scanSeen, seenSQL+` AND n.number > $3 ORDER BY n.number LIMIT $4`, app, after, int64(limit))
}

// Customers are all numbers of a world, each with the name and the state of the
// customer that it goes by.
func (s *Service) Customers(ctx context.Context, world string) ([]Customer, error) {
	return s.customers(ctx, world, `SELECT n.number, n.customer, c.name, c.state
		FROM customer n JOIN customer c ON c.world = n.world AND c.number = n.customer WHERE n.world = $1 ORDER BY n.number`)
}

// ActsFor is the customers of a world, by the numbers they go by, that an organisation's
// people may act for: those that any of its approved applications there may. The
// carrier's people, of CarrierOrg or "", may act for all.
func (s *Service) ActsFor(ctx context.Context, org, world string) ([]Customer, error) {
	if org == "" || org == CarrierOrg {
		return s.customers(ctx, world, `SELECT number, customer, name, state FROM customer WHERE world = $1 AND customer = number ORDER BY number`)
	}
	return s.customers(ctx, world, `SELECT c.number, c.customer, c.name, c.state FROM customer c WHERE c.world = $1 AND c.customer = c.number
		AND (EXISTS (SELECT 1 FROM app a JOIN world w ON w.id = a.world JOIN app_customer g ON g.app = a.id
				WHERE a.world = $1 AND a.org = $2 AND a.state = $3 AND g.customer = '*' AND w.kind <> 'production')
			OR c.number IN (SELECT m.customer FROM app a JOIN app_customer g ON g.app = a.id JOIN customer m ON m.world = a.world AND m.number = g.customer
				WHERE a.world = $1 AND a.org = $2 AND a.state = $3))
		ORDER BY c.number`, org, Approved)
}

func (s *Service) customers(ctx context.Context, world, sql string, args ...any) (list []Customer, err error) {
	err = s.d.View(ctx, world, func(tx *db.Tx) error {
		list, err = db.Every(tx, func(scan func(...any) error) (c Customer, err error) {
			err = scan(&c.Number, &c.GoesBy, &c.Name, &c.State)
			return c, err
		}, sql, args...)
		return err
	})
	if errors.Is(err, db.ErrNoWorld) {
		err = WorldUnknown
	}
	return list, err
}

// HoldCustomers lets one unit at a time change the customers of its world and what
// applications may do for them, and answers how many numbers there are.
func HoldCustomers(tx *db.Tx) (have int, err error) {
	var world string
	if err := tx.Row(`SELECT id FROM world WHERE id = $1` + tx.ForUpdate()).Scan(&world); err != nil {
		return 0, err
	}
	err = tx.Row(`SELECT count(*) FROM customer WHERE world = $1`).Scan(&have)
	return have, err
}

// GrantIn is Grant as part of a unit that holds the customers of its world.
func (s *Service) GrantIn(tx *db.Tx, actor, app, number string) {
	s.grant(tx, app, number)
	s.record(tx, app, actor, "grant", "", "", "customer "+number)
	tx.After(func() { s.apps.forget(app) })
}

// UngrantIn takes from an application, as part of a unit that holds the customers of
// its world, the right to act for a customer by whichever of its numbers. Who might
// act for all of the world may act for all the others from then on: for those that
// there are, not for those to come.
func (s *Service) UngrantIn(tx *db.Tx, actor, app, number string) error {
	all, err := tx.Exec(`DELETE FROM app_customer WHERE app = $2 AND customer = '*' AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)`, app)
	if err != nil {
		return err
	}
	note := "customer " + number
	if all > 0 {
		note += ", of all"
		tx.Do(`INSERT INTO app_customer (app, customer) SELECT a.id, c.number FROM app a JOIN customer c ON c.world = a.world
			WHERE a.world = $1 AND a.id = $2 AND c.number = c.customer ON CONFLICT DO NOTHING`, app)
	}
	tx.Do(`DELETE FROM app_customer WHERE app = $2 AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)
		AND customer IN (SELECT m.number FROM customer m JOIN customer n ON n.world = m.world AND n.customer = m.customer
			WHERE m.world = $1 AND n.number = $3)`, app, number)
	s.record(tx, app, actor, "ungrant", "", "", note)
	tx.After(func() { s.apps.forget(app) })
	return nil
}

// DropLostGrants removes the grants of customers that the unit's world no longer has:
// it was made another.
func DropLostGrants(tx *db.Tx) {
	tx.Do(`DELETE FROM app_customer WHERE customer <> '*' AND app IN (SELECT id FROM app WHERE world = $1)
		AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.world = $1 AND c.number = app_customer.customer)`)
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
