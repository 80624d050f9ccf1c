package identity

import (
	"context"
	"errors"
	"slices"
	"strings"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// CreateOrg makes an organisation.
func (s *Service) CreateOrg(ctx context.Context, name string) (Organisation, error) {
	var wrong fault.List
	checkName(&wrong, "name", name)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return Organisation{}, err
	}
	org := Organisation{ID: newID(orgPrefix, 20), Name: name}
	err := s.d.System(ctx, func(tx *db.Tx) error {
		org.CreatedAt = tx.Now()
		tx.Do(`INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3)`, org.ID, org.Name, clock.Micros(org.CreatedAt))
		return nil
	})
	return org, err
}

// Organisations are all there are, by name.
func (s *Service) Organisations(ctx context.Context) (list []Organisation, err error) {
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		list, err = db.Every(tx, scanOrg, `SELECT id, name, created_at FROM organisation ORDER BY name, id`)
		return err
	})
	return list, err
}

// Organisation is one of them.
func (s *Service) Organisation(ctx context.Context, id string) (Organisation, error) {
	if !plausible(id) {
		return Organisation{}, OrgUnknown
	}
	var found *Organisation
	err := s.d.SystemView(ctx, func(tx *db.Tx) (err error) {
		found, err = db.First(tx, scanOrg, `SELECT id, name, created_at FROM organisation WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return Organisation{}, err
	}
	if found == nil {
		return Organisation{}, OrgUnknown
	}
	return *found, nil
}

func scanOrg(scan func(...any) error) (o Organisation, err error) {
	var created int64
	err = scan(&o.ID, &o.Name, &created)
	o.CreatedAt = clock.FromMicros(created)
	return o, err
}

// OrgThere says that there is no such organisation, when there is none.
func OrgThere(tx *db.Tx, id string) error {
	var known int64
	if err := tx.Row(`SELECT count(*) FROM organisation WHERE id = $2 AND $1 <> ''`, id).Scan(&known); err != nil {
		return err
	}
	if known == 0 {
		return OrgUnknown
	}
	return nil
}

// CreateApp makes an application with its first secret, which is shown only here.
func (s *Service) CreateApp(ctx context.Context, actor string, n NewApp) (App, error) {
	var app App
	err := s.d.Within(ctx, n.World, func(tx *db.Tx) (err error) {
		app, err = s.CreateAppIn(tx, actor, n)
		return err
	})
	if errors.Is(err, db.ErrNoWorld) {
		err = WorldUnknown
	}
	return app, err
}

// CreateAppIn is CreateApp as part of a unit of work in the application's world:
// whoever makes a world makes its first application along with it.
func (s *Service) CreateAppIn(tx *db.Tx, actor string, n NewApp) (App, error) {
	var facts appFacts
	var known int64
	n.World = tx.World()
	err := tx.Row(`SELECT w.kind, w.org, (SELECT count(*) FROM organisation o WHERE o.id = $2) FROM world w WHERE w.id = $1`, n.Org).
		Scan(&facts.worldKind, &facts.worldOrg, &known)
	if err != nil {
		return App{}, err
	}
	facts.products = s.o.Products
	if err := checkApp(n, facts).As(httpkit.Invalid); err != nil {
		return App{}, err
	}
	if n.Org != "" && known == 0 {
		return App{}, OrgUnknown
	}
	sandbox := facts.worldKind != production
	app := App{ID: newID(appPrefix, 20), Org: n.Org, World: n.World, Name: n.Name, State: Approval.Initial, CreatedAt: tx.Now()}
	switch {
	case n.NewOrg != "":
		app.Org = newID(orgPrefix, 20)
		tx.Do(`INSERT INTO organisation (id, name, created_at) SELECT $2, $3, $4 FROM world WHERE id = $1`,
			app.Org, n.NewOrg, clock.Micros(app.CreatedAt))
	case n.Org == "":
		app.Org = facts.worldOrg
	}
	for _, name := range n.Products {
		app.Products = append(app.Products, Product{Name: name, State: Approval.Initial})
	}
	s.record(tx, app.ID, actor, "create", "", app.State, "")
	if sandbox && !s.o.ReviewSandbox { // IDN-APP-05
		if err := s.moveApp(tx, "sandbox", &app, approve, n.Products); err != nil {
			return App{}, err
		}
	}
	tx.Do(`INSERT INTO app (id, org, world, name, state, products, created_at) VALUES ($2, $3, $1, $4, $5, $6, $7)`,
		app.ID, app.Org, app.Name, app.State, joinProducts(app.Products), clock.Micros(app.CreatedAt))
	for _, number := range n.Customers {
		s.grant(tx, app.ID, number)
		app.Customers = append(app.Customers, number)
	}
	app.Secrets = []Secret{s.addSecret(tx, app.ID, sandbox, n.SecretTTL)}
	tx.After(func() { s.apps.forget(app.ID) })
	return app, tx.Flush()
}

// record adds to the application's trail.
func (s *Service) record(tx *db.Tx, app, actor, event, from, to, note string) {
	audit.Record(tx, audit.Event{Subject: "app/" + app, Actor: actor, Event: event, From: from, To: to, Note: note})
}

// ApproveApp approves an application, and the named products of it: all that it
// asked for when none is named.
func (s *Service) ApproveApp(ctx context.Context, actor, id string, products ...string) (App, error) {
	return s.change(ctx, id, func(tx *db.Tx, app *App) error { return s.approve(tx, actor, app, products) })
}

func (s *Service) approve(tx *db.Tx, actor string, app *App, products []string) error {
	if len(products) == 0 {
		for _, p := range app.Products {
			if p.State == Pending {
				products = append(products, p.Name)
			}
		}
	}
	if app.State != Approved || len(products) == 0 {
		if err := s.moveApp(tx, actor, app, approve, nil); err != nil {
			return err
		}
	}
	return s.moveProducts(tx, actor, app, approve, products)
}

// RevokeApp revokes an application, or only its approval for the named products.
// Its tokens end with it.
func (s *Service) RevokeApp(ctx context.Context, actor, id string, products ...string) (App, error) {
	return s.change(ctx, id, func(tx *db.Tx, app *App) error {
		if len(products) > 0 {
			return s.moveProducts(tx, actor, app, revoke, products)
		}
		return s.moveApp(tx, actor, app, revoke, nil)
	})
}

// moveApp fires the event at the application and at the named products.
func (s *Service) moveApp(tx *db.Tx, actor string, app *App, event string, products []string) error {
	to, err := fire("The application", app.State, event)
	if err != nil {
		return err
	}
	s.record(tx, app.ID, actor, event, app.State, to, "")
	app.State = to
	return s.moveProducts(tx, actor, app, event, products)
}

func (s *Service) moveProducts(tx *db.Tx, actor string, app *App, event string, products []string) error {
	for _, name := range products {
		i := slices.IndexFunc(app.Products, func(p Product) bool { return p.Name == name })
		if i < 0 {
			return httpkit.Invalid.With(fault.Field(ruleProducts, "products", "must be among those that the application asked for: "+
				strings.Join(productNames(app.Products), ", ")))
		}
		p := &app.Products[i]
		to, err := fire("The product "+name, p.State, event)
		if err != nil {
			return err
		}
		s.record(tx, app.ID, actor, event, p.State, to, "product "+name)
		p.State = to
	}
	return nil
}

// change reads an application, lets edit change its approvals, and writes them
// back if nobody else did meanwhile.
func (s *Service) change(ctx context.Context, id string, edit func(tx *db.Tx, app *App) error) (App, error) {
	var app App
	err := s.within(ctx, id, func(tx *db.Tx) error {
		was, err := readApp(tx, id, "")
		if err != nil {
			return err
		}
		app = was
		app.Products = slices.Clone(was.Products)
		if err := edit(tx, &app); err != nil {
			return err
		}
		tx.One(AppChanged, `UPDATE app SET state = $3, products = $4 WHERE world = $1 AND id = $2 AND state = $5 AND products = $6`,
			id, app.State, joinProducts(app.Products), was.State, joinProducts(was.Products))
		return nil
	})
	return app, err
}

// within runs a unit of work in the application's world, and forgets what was
// remembered of it.
func (s *Service) within(ctx context.Context, id string, fn func(tx *db.Tx) error) error {
	if !plausible(id) {
		return AppUnknown
	}
	var world string
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT world FROM app WHERE id = $1`, id).Scan(&world)
	})
	if errors.Is(err, db.ErrNone) {
		return AppUnknown
	}
	if err != nil {
		return err
	}
	return s.d.Within(ctx, world, func(tx *db.Tx) error {
		tx.After(func() { s.apps.forget(id) })
		return fn(tx)
	})
}

const appColumns = `a.id, a.org, a.world, a.name, a.state, a.products, a.created_at`

func scanApp(scan func(...any) error, more ...any) (App, error) {
	var app App
	var products string
	var created int64
	err := scan(append([]any{&app.ID, &app.Org, &app.World, &app.Name, &app.State, &products, &created}, more...)...)
	app.Products = splitProducts(products)
	app.CreatedAt = clock.FromMicros(created)
	return app, err
}

// readApp reads the application in its world; lock is the suffix of the query.
func readApp(tx *db.Tx, id, lock string) (App, error) {
	app, err := scanApp(func(dst ...any) error {
		return tx.Row(`SELECT `+appColumns+` FROM app a WHERE a.world = $1 AND a.id = $2`+lock, id).Scan(dst...)
	})
	if errors.Is(err, db.ErrNone) {
		return app, AppUnknown
	}
	return app, err
}

// Products are kept as "ondemand:approved care:pending".
func joinProducts(products []Product) string {
	parts := make([]string, len(products))
	for i, p := range products {
		parts[i] = p.Name + ":" + p.State
	}
	return strings.Join(parts, " ")
}

func splitProducts(text string) (products []Product) {
	for part := range strings.FieldsSeq(text) {
		name, state, _ := strings.Cut(part, ":")
		products = append(products, Product{name, state})
	}
	return products
}

func productNames(products []Product) (names []string) {
	for _, p := range products {
		names = append(names, p.Name)
	}
	return names
}

// Filter chooses applications; empty fields choose all.
type Filter struct {
	Org, World string
	After      string // the last id of the page before
	Limit      int    // default 100, at most 1,000
}

// ListApps lists applications by id, with their secrets and customers.
func (s *Service) ListApps(ctx context.Context, f Filter) ([]App, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	apps := []App{}
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		apps = apps[:0]
		err := tx.Each(func(scan func(...any) error) error {
			app, err := scanApp(scan)
			apps = append(apps, app)
			return err
		}, `SELECT `+appColumns+` FROM app a WHERE a.id > $1 AND ($2 = '' OR a.org = $2) AND ($3 = '' OR a.world = $3) ORDER BY a.id LIMIT $4`,
			f.After, f.Org, f.World, int64(min(f.Limit, 1000)))
		if err != nil {
			return err
		}
		for i := range apps {
			readKeys(tx, &apps[i])
		}
		return tx.Flush()
	})
	return apps, err
}

// App is one application, with its secrets and customers.
func (s *Service) App(ctx context.Context, id string) (App, error) {
	if !plausible(id) {
		return App{}, AppUnknown
	}
	var app App
	err := s.d.SystemView(ctx, func(tx *db.Tx) (err error) {
		app, err = scanApp(func(dst ...any) error {
			return tx.Row(`SELECT `+appColumns+` FROM app a WHERE a.id = $1`, id).Scan(dst...)
		})
		if err != nil {
			return err
		}
		readKeys(tx, &app)
		return tx.Flush()
	})
	if errors.Is(err, db.ErrNone) {
		return App{}, AppUnknown
	}
	return app, err
}

// readKeys queues the reading of an application's secrets and customers.
func readKeys(tx *db.Tx, app *App) {
	tx.Ask(func(scan func(...any) error) error {
		var sec Secret
		var created, expires, used int64
		if err := scan(&sec.ID, &created, &expires, &used); err != nil {
			return err
		}
		sec.CreatedAt, sec.ExpiresAt, sec.LastUsedAt = clock.FromMicros(created), clock.FromMicrosOrZero(expires), clock.FromMicrosOrZero(used)
		app.Secrets = append(app.Secrets, sec)
		return nil
	}, `SELECT id, created_at, expires_at, last_used_at FROM app_secret WHERE app = $1 AND revoked_at = 0 ORDER BY created_at, id`, app.ID)
	tx.Ask(func(scan func(...any) error) error {
		var number string
		err := scan(&number)
		app.Customers = append(app.Customers, number)
		return err
	}, `SELECT customer FROM app_customer WHERE app = $1 ORDER BY customer`, app.ID)
}

// DropApps removes the applications of the unit's world with all that is theirs:
// the world is going.
func (s *Service) DropApps(tx *db.Tx) {
	const mine = ` WHERE app IN (SELECT id FROM app WHERE world = $1)`
	tx.Do(`DELETE FROM token` + mine)
	tx.Do(`DELETE FROM app_secret` + mine)
	tx.Do(`DELETE FROM app_customer` + mine)
	tx.Do(`DELETE FROM customer_claim` + mine)
	tx.Do(`DELETE FROM app WHERE world = $1`)
	world := tx.World()
	tx.After(func() { s.ForgetWorld(world) })
}
