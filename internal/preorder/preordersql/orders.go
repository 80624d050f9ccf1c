package preordersql

import (
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/preorder"

	"github.com/govalues/decimal"
)

const orderColumns = `number, transaction_id, partner, sales_code, partner_order_id, app, detail_id, address, product, bill_type, state,
	one_time, monthly, deposit, created_at, ended_at`

func scanOrder(scan scanner) (o preorder.Order, err error) {
	var once, monthly, deposit string
	var created, ended int64
	if err = scan(&o.Number, &o.Transaction, &o.Partner, &o.SalesCode, &o.PartnerOrderID, &o.App, &o.DetailID, &o.Address, &o.ProductCode,
		&o.BillType, &o.State, &once, &monthly, &deposit, &created, &ended); err != nil {
		return o, err
	}
	o.CreatedAt = clock.FromMicros(created)
	if ended != 0 {
		o.EndedAt = clock.FromMicros(ended)
	}
	if o.Totals.OneTime, err = decimal.Parse(once); err != nil {
		return o, err
	}
	if o.Totals.Monthly, err = decimal.Parse(monthly); err != nil {
		return o, err
	}
	o.Deposit, err = decimal.Parse(deposit)
	return o, err
}

// OrderOf is the order that was made of a transaction.
func (s *Store) OrderOf(tx *db.Tx, transaction string) (*preorder.Order, error) {
	return db.First(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND transaction_id = $2`, transaction)
}

// Configured lists a partner's transactions that were configured.
func (s *Store) Configured(tx *db.Tx, f preorder.ConfiguredFilter, page preorder.Paging) ([]preorder.Kept, int, error) {
	const from = ` FROM px_transaction t LEFT JOIN px_order o ON o.world = t.world AND o.transaction_id = t.id
		WHERE t.world = $1 AND t.partner = $2 AND t.config <> '' AND ($3 = '' OR COALESCE(o.state, $4) = $3)
		AND ($5 = '%%' OR lower(t.address) LIKE $5 ESCAPE '\' OR lower(t.partner_order_id) LIKE $5 ESCAPE '\' OR lower(COALESCE(o.number, '')) LIKE $5 ESCAPE '\')`
	args := []any{f.Partner, f.State, preorder.StateUnordered, db.Containing(f.Text)}
	var total int
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+from, args...)
	ids, err := db.Every(tx, func(scan scanner) (id string, err error) { return id, scan(&id) },
		`SELECT t.id`+from+` ORDER BY t.created_at DESC, t.id LIMIT $6 OFFSET $7`, append(args, int64(page.Limit), page.Offset)...)
	if err != nil || len(ids) == 0 {
		return nil, total, err
	}
	list := make([]preorder.Kept, len(ids))
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	in, keys := tx.AnyOf(2, ids)
	tx.Ask(func(scan func(...any) error) error {
		t, err := scanTx(scan)
		list[at[t.ID]].Transaction = t
		return err
	}, `SELECT `+txColumns+` FROM px_transaction WHERE world = $1 AND id `+in, keys)
	tx.Ask(func(scan func(...any) error) error {
		o, err := scanOrder(scan)
		list[at[o.Transaction]].Order = &o
		return err
	}, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND transaction_id `+in, keys)
	return list, total, tx.Flush()
}

// OrderByPair is the order with a pair of sales code and partner order id.
func (s *Store) OrderByPair(tx *db.Tx, salesCode, partnerOrderID string) (*preorder.Order, error) {
	return db.First(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND sales_code = $2 AND partner_order_id = $3`, salesCode, partnerOrderID)
}

// Order reads one order.
func (s *Store) Order(tx *db.Tx, number string) (*preorder.Order, error) {
	return db.First(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND number = $2`, number)
}

// LockOrder reads one order for change.
func (s *Store) LockOrder(tx *db.Tx, number string) (*preorder.Order, error) {
	return db.First(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND number = $2`+tx.ForUpdate(), number)
}

// AddOrder writes a new order.
func (s *Store) AddOrder(tx *db.Tx, o preorder.Order) {
	tx.Do(`INSERT INTO px_order (world, `+orderColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		o.Number, o.Transaction, o.Partner, o.SalesCode, o.PartnerOrderID, o.App, o.DetailID, o.Address, o.ProductCode, o.BillType, o.State,
		o.Totals.OneTime.String(), o.Totals.Monthly.String(), o.Deposit.String(), clock.Micros(o.CreatedAt), clock.MicrosOrZero(o.EndedAt))
}

// MoveOrder saves an order that was in a state.
func (s *Store) MoveOrder(tx *db.Tx, from string, o preorder.Order) {
	tx.One(errChanged, `UPDATE px_order SET state = $3, ended_at = $4 WHERE world = $1 AND number = $2 AND state = $5`,
		o.Number, o.State, clock.MicrosOrZero(o.EndedAt), from)
}

// Orders lists a partner's orders by number.
func (s *Store) Orders(tx *db.Tx, partner, state string, page preorder.Paging) (list []preorder.Order, total int, err error) {
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM px_order WHERE world = $1 AND partner = $2 AND ($3 = '' OR state = $3)`, partner, state)
	list, err = db.Every(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 AND partner = $2 AND ($3 = '' OR state = $3)
		ORDER BY number LIMIT $4 OFFSET $5`, partner, state, int64(page.Limit), page.Offset)
	return list, total, err
}

// All is every row of the world.
func (s *Store) All(tx *db.Tx) (all *preorder.Everything, err error) {
	all = &preorder.Everything{Sealed: map[string]bool{}, Purges: map[string]bool{}, Waiting: map[string]bool{}, Held: map[string]string{}, Told: map[string]string{}}
	if all.Transactions, err = db.Every(tx, scanTx, `SELECT `+txColumns+` FROM px_transaction WHERE world = $1 ORDER BY id`); err != nil {
		return nil, err
	}
	if all.Orders, err = db.Every(tx, scanOrder, `SELECT `+orderColumns+` FROM px_order WHERE world = $1 ORDER BY number`); err != nil {
		return nil, err
	}
	tx.Ask(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		all.Sealed[id] = true
		return err
	}, `SELECT id FROM px_transaction WHERE world = $1 AND customer IS NOT NULL`)
	tx.Ask(func(scan func(...any) error) error {
		var kind, key string
		err := scan(&kind, &key)
		if kind == preorder.TimerPurge {
			all.Purges[key] = true
		} else {
			all.Waiting[key] = true
		}
		return err
	}, `SELECT kind, key FROM timer WHERE world = $1 AND kind IN ($2, $3)`, preorder.TimerPurge, preorder.TimerOrder)
	tx.Ask(func(scan func(...any) error) error {
		var address, number string
		err := scan(&address, &number)
		all.Held[address] = number
		return err
	}, `SELECT detail_id, number FROM px_hold WHERE world = $1`)
	tx.Ask(func(scan func(...any) error) error {
		var subject, became string
		err := scan(&subject, &became)
		all.Told[subject[len(preorder.SubjectOrder):]] = became
		return err
	}, `SELECT subject, became FROM audit WHERE world = $1 AND subject LIKE $2 AND became <> '' ORDER BY subject, id`, preorder.SubjectOrder+"N%")
	return all, tx.Flush()
}
