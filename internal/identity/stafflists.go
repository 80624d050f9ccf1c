package identity

import (
	"context"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// What the carrier's staff looks through and decides about, whoever's it is.

// AppRow is an application with what stands around it. Its secrets and customers are not
// read.
type AppRow struct {
	App
	OrgName string
	Sandbox bool
}

// undecided is which applications wait for the carrier's staff: they, or products of
// theirs.
const undecided = ` FROM app a LEFT JOIN organisation o ON o.id = a.org JOIN world w ON w.id = a.world
	WHERE a.state <> $1 AND (a.state = $2 OR ' ' || a.products || ' ' LIKE '%:pending %')`

// WaitingApps is a page of the applications that wait for the carrier's staff, oldest
// first, and how many there are.
func (s *Service) WaitingApps(ctx context.Context, offset, limit int) (list []AppRow, total int, err error) {
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(nil, []any{&total}, `SELECT count(*)`+undecided, Revoked, Pending)
		list, err = db.Every(tx, func(scan func(...any) error) (r AppRow, err error) {
			var kind string
			r.App, err = scanApp(scan, &r.OrgName, &kind)
			r.Sandbox = kind != production
			return r, err
		}, `SELECT `+appColumns+`, COALESCE(o.name, ''), w.kind`+undecided+` ORDER BY a.created_at, a.id LIMIT $3 OFFSET $4`, Revoked, Pending, int64(limit), int64(offset))
		return err
	})
	return list, total, err
}

// Waiting is how many applications, and how many requests to act for customers, wait for
// the carrier's staff.
func (s *Service) Waiting(ctx context.Context) (apps, claims int, err error) {
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(nil, []any{&apps}, `SELECT count(*)`+undecided, Revoked, Pending)
		tx.AskOne(nil, []any{&claims}, `SELECT count(*) FROM customer_claim WHERE state = $1`, Pending)
		return tx.Flush()
	})
	return apps, claims, err
}

// DecideApp is ApproveApp, or RevokeApp, with a note for the trail. (IDN-CLM-03)
func (s *Service) DecideApp(ctx context.Context, actor, id string, approved bool, note string, products ...string) (App, error) {
	var wrong fault.List
	checkNote(&wrong, note)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return App{}, err
	}
	return s.change(ctx, id, func(tx *db.Tx, app *App) error {
		var err error
		switch {
		case approved:
			err = s.approve(tx, actor, app, products)
		case len(products) > 0:
			err = s.moveProducts(tx, actor, app, revoke, products)
		default:
			err = s.moveApp(tx, actor, app, revoke, nil)
		}
		if err == nil && note != "" {
			s.record(tx, app.ID, actor, "note", "", "", note)
		}
		return err
	})
}

// OrgRow is an organisation with how much is its own.
type OrgRow struct {
	Organisation
	People, Apps, Worlds int
}

// OrganisationRows is a page of the organisations whose name or id has the text in it, by
// name, and how many there are.
func (s *Service) OrganisationRows(ctx context.Context, text string, offset, limit int) (list []OrgRow, total int, err error) {
	const where = ` FROM organisation o WHERE ($1 = '' OR lower(o.name) LIKE $1 ESCAPE '\' OR lower(o.id) LIKE $1 ESCAPE '\')`
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, containing(text))
		list, err = db.Every(tx, func(scan func(...any) error) (r OrgRow, err error) {
			var created int64
			err = scan(&r.ID, &r.Name, &created, &r.People, &r.Apps, &r.Worlds)
			r.CreatedAt = clock.FromMicros(created)
			return r, err
		}, `SELECT o.id, o.name, o.created_at, (SELECT count(*) FROM account_user u WHERE u.org = o.id), (SELECT count(*) FROM app a WHERE a.org = o.id),
			(SELECT count(*) FROM world w WHERE w.org = o.id AND w.kind = 'sandbox')`+where+` ORDER BY o.name, o.id LIMIT $2 OFFSET $3`,
			containing(text), int64(limit), int64(offset))
		return err
	})
	return list, total, err
}

// containing is a pattern for texts that have a text in them, in any case; "" for all.
func containing(text string) string {
	if text == "" {
		return ""
	}
	return db.Containing(text)
}

// CustomerFilter says which numbers are meant; what is empty does not matter.
type CustomerFilter struct {
	Text  string // in the number or the name, in any case
	State string // of the customer that it goes by
}

// SearchCustomers is a page of the numbers of the unit's world, each with the name and the
// state of the customer that it goes by, and how many there are.
func SearchCustomers(tx *db.Tx, f CustomerFilter, offset, limit int) (list []Customer, total int, err error) {
	const where = ` FROM customer n JOIN customer c ON c.world = n.world AND c.number = n.customer WHERE n.world = $1
		AND ($2 = '' OR lower(n.number) LIKE $2 ESCAPE '\' OR lower(c.name) LIKE $2 ESCAPE '\') AND ($3 = '' OR c.state = $3)`
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, containing(f.Text), f.State)
	list, err = db.Every(tx, func(scan func(...any) error) (c Customer, err error) {
		return c, scan(&c.Number, &c.GoesBy, &c.Name, &c.State)
	}, `SELECT n.number, n.customer, c.name, c.state`+where+` ORDER BY n.number LIMIT $4 OFFSET $5`, containing(f.Text), f.State, int64(limit), int64(offset))
	return list, total, err
}

// ActingFor are the applications of the unit's world that may act for a customer, by any
// of its numbers or for all; up to limit.
func ActingFor(tx *db.Tx, number string, limit int) ([]AppRow, error) {
	return db.Every(tx, func(scan func(...any) error) (r AppRow, err error) {
		var kind string
		r.App, err = scanApp(scan, &r.OrgName, &kind)
		r.Sandbox = kind != production
		return r, err
	}, `SELECT `+appColumns+`, COALESCE(o.name, ''), w.kind FROM app a LEFT JOIN organisation o ON o.id = a.org JOIN world w ON w.id = a.world WHERE a.world = $1 AND
		EXISTS (SELECT 1 FROM app_customer g WHERE g.app = a.id AND (g.customer = '*' AND w.kind <> 'production' OR g.customer IN
			(SELECT m.number FROM customer m JOIN customer n ON n.world = m.world AND n.customer = m.customer WHERE m.world = $1 AND n.number = $2)))
		ORDER BY a.id LIMIT $3`, number, int64(limit))
}
