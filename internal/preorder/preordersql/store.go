// Package preordersql keeps the rows of PreOrder, with one SQL text for both databases.
package preordersql

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/preorder"
)

// Store implements preorder.Store.
type Store struct {
	partners db.Group[binding, *string]
	d        *db.DB
}

var _ preorder.Store = (*Store)(nil)

type binding struct{ world, app string }

// New makes the store of one database.
func New(d *db.DB) *Store {
	s := &Store{d: d}
	s.partners.Load = s.loadPartners
	return s
}

// errChanged: a row was changed by another unit since it was read.
var errChanged = errors.New("preordersql: a row was changed meanwhile")

// scanner reads the columns of a row.
type scanner = func(dst ...any) error

// Partner reads a partner with its sales codes.
func (s *Store) Partner(tx *db.Tx, id string) (*preorder.Partner, error) {
	var p *preorder.Partner
	err := tx.Each(func(scan func(...any) error) error {
		var name, code string
		err := scan(&name, &code)
		if p == nil {
			p = &preorder.Partner{ID: id, Name: name}
		}
		if code != "" {
			p.SalesCodes = append(p.SalesCodes, code)
		}
		return err
	}, `SELECT p.name, COALESCE(c.code, '') FROM px_partner p LEFT JOIN px_sales_code c ON c.world = p.world AND c.partner = p.id
		WHERE p.world = $1 AND p.id = $2 ORDER BY 2`, id)
	return p, err
}

// PartnerOf is the partner that an application is bound to; in a sandbox, one that is
// bound to none is bound to the example's.
func (s *Store) PartnerOf(ctx context.Context, world, app string, sandbox bool) (string, error) {
	found, _, err := s.partners.Get(ctx, binding{world, app})
	switch {
	case err != nil:
		return "", err
	case found != nil:
		return *found, nil
	case sandbox:
		return preorder.ExamplePartner, nil
	}
	return "", nil
}

func (s *Store) loadPartners(ctx context.Context, keys []binding) (map[binding]*string, error) {
	found := make(map[binding]*string, len(keys))
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		for _, k := range keys {
			tx.Ask(func(scan func(...any) error) error {
				partner := new(string)
				err := scan(partner)
				found[k] = partner
				return err
			}, `SELECT partner FROM px_binding WHERE world = $1 AND app = $2`, k.world, k.app)
		}
		return nil
	})
	return found, err
}

// PutPartner writes a partner and its sales codes.
func (s *Store) PutPartner(tx *db.Tx, p preorder.Partner) {
	tx.Do(`INSERT INTO px_partner (world, id, name) VALUES ($1, $2, $3) ON CONFLICT (world, id) DO UPDATE SET name = excluded.name`, p.ID, p.Name)
	tx.Do(`DELETE FROM px_sales_code WHERE world = $1 AND partner = $2`, p.ID)
	for _, code := range p.SalesCodes {
		tx.Do(`INSERT INTO px_sales_code (world, code, partner) VALUES ($1, $2, $3)`, code, p.ID)
	}
}

// SalesCodeOwner is the partner that has a sales code; "" when nobody has.
func (s *Store) SalesCodeOwner(tx *db.Tx, code string) (partner string, err error) {
	tx.AskOne(nil, []any{&partner}, `SELECT partner FROM px_sales_code WHERE world = $1 AND code = $2`, code)
	return partner, tx.Flush()
}

// Bind makes an application sell for a partner.
func (s *Store) Bind(tx *db.Tx, app, partner string) {
	tx.Do(`INSERT INTO px_binding (world, app, partner) VALUES ($1, $2, $3) ON CONFLICT (world, app) DO UPDATE SET partner = excluded.partner`, app, partner)
}

// Bound are the partners that applications are bound to.
func (s *Store) Bound(tx *db.Tx, apps []string) (map[string]string, error) {
	bound := map[string]string{}
	in, keys := tx.AnyOf(2, apps)
	err := tx.Each(func(scan func(...any) error) error {
		var app, partner string
		err := scan(&app, &partner)
		bound[app] = partner
		return err
	}, `SELECT app, partner FROM px_binding WHERE world = $1 AND app `+in, keys)
	return bound, err
}

const txColumns = `id, partner, sales_code, agent, app, segment, state, partner_order_id, near, address, loop, offers, config, created_at`

func scanTx(scan scanner) (t preorder.Transaction, err error) {
	var near, address, loop, offers, config string
	var created int64
	if err = scan(&t.ID, &t.Partner, &t.SalesCode, &t.AgentID, &t.App, &t.Segment, &t.State, &t.PartnerOrderID,
		&near, &address, &loop, &offers, &config, &created); err != nil {
		return t, err
	}
	t.CreatedAt, t.Offers = clock.FromMicros(created), strings.Fields(offers)
	err = errors.Join(json.Unmarshal([]byte(near), &t.Near), json.Unmarshal([]byte(loop), &t.Loop))
	if address != "" {
		t.Address = &preorder.Address{}
		err = errors.Join(err, json.Unmarshal([]byte(address), t.Address))
	}
	if config != "" {
		t.Config = &preorder.Configuration{}
		err = errors.Join(err, json.Unmarshal([]byte(config), t.Config))
	}
	return t, err
}

// asJSON is a value of ours as text, ” for none; these always marshal.
func asJSON[T any](v *T) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic("preordersql: " + err.Error())
	}
	return string(text)
}

// Transaction reads one transaction.
func (s *Store) Transaction(tx *db.Tx, id string) (*preorder.Transaction, error) {
	return db.First(tx, scanTx, `SELECT `+txColumns+` FROM px_transaction WHERE world = $1 AND id = $2`, id)
}

// LockTransaction reads one for change.
func (s *Store) LockTransaction(tx *db.Tx, id string) (*preorder.Transaction, error) {
	return db.First(tx, scanTx, `SELECT `+txColumns+` FROM px_transaction WHERE world = $1 AND id = $2`+tx.ForUpdate(), id)
}

// AddTransaction writes a new transaction.
func (s *Store) AddTransaction(tx *db.Tx, t preorder.Transaction) {
	tx.Do(`INSERT INTO px_transaction (world, `+txColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		t.ID, t.Partner, t.SalesCode, t.AgentID, t.App, t.Segment, t.State, t.PartnerOrderID, asJSON(&t.Near), asJSON(t.Address), asJSON(&t.Loop),
		strings.Join(t.Offers, " "), asJSON(t.Config), clock.Micros(t.CreatedAt))
}

// SaveQualified makes a transaction that waited among near matches a qualified one.
func (s *Store) SaveQualified(tx *db.Tx, t preorder.Transaction, used error) {
	tx.One(used, `UPDATE px_transaction SET state = $3, address = $4, loop = $5, offers = $6, segment = $7, sales_code = $8, agent = $9, app = $10, near = '[]'
		WHERE world = $1 AND id = $2 AND state = $11`,
		t.ID, t.State, asJSON(t.Address), asJSON(&t.Loop), strings.Join(t.Offers, " "), t.Segment, t.SalesCode, t.AgentID, t.App, preorder.TxNear)
}

// SaveConfig writes a configuration. The pair of sales code and partner order id is
// claimed first, and whoever else claims it meanwhile is told that it is taken.
func (s *Store) SaveConfig(tx *db.Tx, t preorder.Transaction, customer []byte, taken error) {
	tx.One(taken, `INSERT INTO px_pair (world, sales_code, partner_order_id, transaction_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (world, sales_code, partner_order_id) DO UPDATE SET transaction_id = excluded.transaction_id WHERE px_pair.transaction_id = excluded.transaction_id`,
		t.SalesCode, t.PartnerOrderID, t.ID)
	tx.Do(`UPDATE px_transaction SET partner_order_id = $3, config = $4, customer = COALESCE($5, customer) WHERE world = $1 AND id = $2`,
		t.ID, t.PartnerOrderID, asJSON(t.Config), customer)
}

// Customer is the sealed personal data of a transaction.
func (s *Store) Customer(tx *db.Tx, id string) (sealed []byte, err error) {
	tx.AskOne(nil, []any{&sealed}, `SELECT customer FROM px_transaction WHERE world = $1 AND id = $2 AND customer IS NOT NULL`, id)
	return sealed, tx.Flush()
}

// Forget removes it.
func (s *Store) Forget(tx *db.Tx, id string) {
	tx.Do(`UPDATE px_transaction SET customer = NULL WHERE world = $1 AND id = $2`, id)
}

// PairOwner is the transaction that has a pair; "" when none has.
func (s *Store) PairOwner(tx *db.Tx, salesCode, partnerOrderID string) (id string, err error) {
	tx.AskOne(nil, []any{&id}, `SELECT transaction_id FROM px_pair WHERE world = $1 AND sales_code = $2 AND partner_order_id = $3`,
		salesCode, partnerOrderID)
	return id, tx.Flush()
}

// RecentOrder is the newest order at an address since a moment that was not cancelled.
func (s *Store) RecentOrder(tx *db.Tx, detailID string, since time.Time) (number string, err error) {
	tx.AskOne(nil, []any{&number}, `SELECT number FROM px_order WHERE world = $1 AND detail_id = $2 AND created_at > $3 AND state <> $4
		ORDER BY created_at DESC LIMIT 1`, detailID, clock.Micros(since), preorder.OrderCancelled)
	return number, tx.Flush()
}

// HoldAddress makes an order the address's unless another one is. Who comes second
// waits for the first here, and reads of it then.
func (s *Store) HoldAddress(tx *db.Tx, detailID, number string, now, until time.Time) (holder string, err error) {
	tx.Do(`INSERT INTO px_hold (world, detail_id, number, until_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (world, detail_id) DO UPDATE SET number = excluded.number, until_at = excluded.until_at WHERE px_hold.until_at <= $5`,
		detailID, number, clock.Micros(until), clock.Micros(now))
	tx.AskOne(nil, []any{&holder}, `SELECT number FROM px_hold WHERE world = $1 AND detail_id = $2`, detailID)
	return holder, tx.Flush()
}

// ReleaseAddress frees the address of an order.
func (s *Store) ReleaseAddress(tx *db.Tx, detailID, number string) {
	tx.Do(`DELETE FROM px_hold WHERE world = $1 AND detail_id = $2 AND number = $3`, detailID, number)
}
