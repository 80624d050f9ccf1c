package voicesql

import (
	"encoding/json"
	"strings"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// AskOverlaps queues the reading of the entries that share a number with a range. An
// entry lies within its thousands-block, so none that begins before the range's has any.
func (Store) AskOverlaps(tx *db.Tx, r voice.Range, found *[]voice.Entry) {
	tx.Ask(func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		*found = append(*found, e)
		return err
	}, entriesOf+` AND start_tn >= $2 AND start_tn <= $3 AND end_tn >= $4 ORDER BY start_tn`,
		int64(r.Start.Block().First()), int64(r.End), int64(r.Start))
}

// BusyEntries are those that an order is under way with.
func (Store) BusyEntries(tx *db.Tx, order string) ([]voice.Entry, error) {
	return db.Every(tx, scanEntry, entriesOf+` AND busy = $2 AND busy <> '' ORDER BY start_tn`, order)
}

// AddActive adds to how many numbers of an entry's block are in service.
func (Store) AddActive(tx *db.Tx, e voice.Entry, n int) {
	tx.Do(`INSERT INTO vn_active (world, customer, product, block, route_name, state, center, n) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (world, customer, product, block, route_name, state, center) DO UPDATE SET n = vn_active.n + excluded.n`,
		e.Customer, e.Product, int64(e.Start.Block()), e.RouteName, e.State, e.Center, int64(n))
}

// filtered adds a filter's conditions to a query about numbers in service. number is the
// column, and per how many numbers one of its values stands for.
func filtered(f voice.DetailFilter, number string, per int64) (where string, args []any) {
	var b strings.Builder
	args = []any{f.Customer, f.Product}
	b.WriteString(` AND customer = $2 AND product = $3`)
	and := func(condition string, value any) {
		args = append(args, value)
		b.WriteString(` AND ` + condition + arg(len(args)+1))
	}
	if f.To != 0 {
		and(number+` >= `, int64(f.From)/per)
		and(number+` <= `, int64(f.To)/per)
	}
	if f.State != "" {
		and(`state = `, f.State)
	}
	if f.Center != "" {
		and(`center = `, f.Center)
	}
	if f.RouteName != "" {
		and(`route_name = `, f.RouteName)
	}
	return b.String(), args
}

// ActiveBlocks are a customer's blocks with numbers in service.
func (Store) ActiveBlocks(tx *db.Tx, f voice.DetailFilter) ([]voice.ActiveBlock, error) {
	where, args := filtered(f, "block", voice.PerBlock)
	return db.Every(tx, func(scan scanner) (b voice.ActiveBlock, err error) {
		var block int64
		err = scan(&block, &b.N)
		b.Block = nanp.Block(block)
		return b, err
	}, `SELECT block, CAST(SUM(n) AS BIGINT) FROM vn_active WHERE world = $1 AND n > 0`+where+` GROUP BY block ORDER BY block`, args...)
}

// ActiveEntries are entries in service from a number on, until they have so many numbers.
func (Store) ActiveEntries(tx *db.Tx, f voice.DetailFilter, from nanp.TN, numbers int) (list []voice.Entry, err error) {
	where, args := filtered(f, "start_tn", 1)
	n := len(args)
	for next := from; numbers > 0; {
		page, err := db.Every(tx, scanEntry, entriesOf+` AND status = 'active'`+where+` AND start_tn >= `+arg(n+2)+` ORDER BY start_tn LIMIT `+arg(n+3),
			append(args[:n:n], int64(next), int64(min(numbers, 32)))...)
		if err != nil || len(page) == 0 {
			return list, err
		}
		for _, e := range page {
			numbers -= e.Len()
			next = e.End + 1
		}
		list = append(list, page...)
	}
	return list, nil
}

// AddService writes what numbers in service have.
func (Store) AddService(tx *db.Tx, s voice.Service) {
	tx.Do(`INSERT INTO vn_service (world, id, customer, detail) VALUES ($1, $2, $3, $4)`, s.ID, s.Customer, textOf(&s))
}

// Service reads what numbers have.
func (s Store) Service(tx *db.Tx, id string) (voice.Service, error) {
	found, err := s.Services(tx, []string{id})
	return found[id], err
}

// Services reads what numbers have, by id.
func (Store) Services(tx *db.Tx, ids []string) (map[string]voice.Service, error) {
	found := map[string]voice.Service{}
	if len(ids) == 0 {
		return found, tx.Flush()
	}
	condition, list := tx.AnyOf(2, ids)
	err := tx.Each(func(scan func(...any) error) error {
		var id, customer, detail string
		if err := scan(&id, &customer, &detail); err != nil {
			return err
		}
		var s voice.Service
		err := json.Unmarshal([]byte(detail), &s)
		s.ID, s.Customer = id, customer
		found[id] = s
		return err
	}, `SELECT id, customer, detail FROM vn_service WHERE world = $1 AND id `+condition, list)
	return found, err
}

// Routes are a customer's.
func (Store) Routes(tx *db.Tx, customer string) ([]voice.Route, error) {
	return db.Every(tx, func(scan scanner) (r voice.Route, err error) {
		err = scan(&r.Customer, &r.Kind, &r.Name)
		return r, err
	}, `SELECT customer, kind, name FROM vn_route WHERE world = $1 AND customer = $2 ORDER BY kind, name`, customer)
}

// PutRoute writes a route.
func (Store) PutRoute(tx *db.Tx, r voice.Route) {
	tx.Do(`INSERT INTO vn_route (world, customer, kind, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, r.Customer, r.Kind, r.Name)
}

// DropRoute removes one.
func (Store) DropRoute(tx *db.Tx, r voice.Route) {
	tx.Do(`DELETE FROM vn_route WHERE world = $1 AND customer = $2 AND kind = $3 AND name = $4`, r.Customer, r.Kind, r.Name)
}
