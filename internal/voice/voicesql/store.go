// Package voicesql keeps the rows of Voice, with one SQL text for both databases.
//
//	store.go   rate centers, regions, customers
//	blocks.go  thousands-blocks
//	ledger.go  who has which numbers; how many
//	orders.go  orders and their parts; orderlist.go as they are looked up
//	queue.go   orders under way, whosever they are
//	told.go    notifications; exceptions.go exceptions
//	all.go     everything, for audits
package voicesql

import (
	"errors"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Store implements voice.Store.
type Store struct{}

var _ voice.Store = Store{}

// errChanged: a row was changed by another unit since it was read.
var errChanged = errors.New("voicesql: a row was changed meanwhile")

// scanner reads the columns of a row.
type scanner = func(dst ...any) error

// flag is a boolean as it is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const centerColumns = `state, name, covered, static911, is_open, opens_at, native, into_key, opened, absorbed, sealed`

// scanCenter reads a rate center. The numbering plan's part of it is looked up.
func scanCenter(scan scanner) (c voice.Center, err error) {
	var covered, static911, open, native, sealed, opens int64
	var absorbed string
	if err = scan(&c.State, &c.Name, &covered, &static911, &open, &opens, &native, &c.Into, &c.Opened, &absorbed, &sealed); err != nil {
		return c, err
	}
	c.Covered, c.Static911, c.Open, c.Native, c.Sealed = covered != 0, static911 != 0, open != 0, native != 0, sealed != 0
	if opens != 0 {
		c.OpensAt = clock.FromMicros(opens)
	}
	if absorbed != "" {
		c.Absorbed = strings.Split(absorbed, "\t")
	}
	c.Plan = nanp.Find(c.State, c.Name)
	return c, nil
}

func centerValues(c voice.Center) []any {
	return []any{c.State, c.Name, flag(c.Covered), flag(c.Static911), flag(c.Open), clock.MicrosOrZero(c.OpensAt), flag(c.Native), c.Into,
		int64(c.Opened), strings.Join(c.Absorbed, "\t"), flag(c.Sealed)}
}

const readCenter = `SELECT ` + centerColumns + ` FROM vn_center WHERE world = $1 AND state = $2 AND name = $3`

func into(c *voice.Center) func(scan scanner) error {
	return func(scan scanner) error {
		found, err := scanCenter(scan)
		*c = found
		return err
	}
}

// AskCenter queues the reading of a rate center's row.
func (Store) AskCenter(tx *db.Tx, c *voice.Center) {
	tx.Ask(into(c), readCenter, c.State, c.Name)
}

// LockCenter writes the row if there is none, and queues its locking.
func (Store) LockCenter(tx *db.Tx, c *voice.Center) {
	tx.Do(`INSERT INTO vn_center (world, `+centerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`, centerValues(*c)...)
	tx.Ask(into(c), readCenter+tx.ForUpdate(), c.State, c.Name)
}

// LockIfAny queues the locking of the row, if there is one.
func (Store) LockIfAny(tx *db.Tx, c *voice.Center) {
	tx.Ask(into(c), readCenter+tx.ForUpdate(), c.State, c.Name)
}

// SaveCenter writes a rate center that has a row.
func (Store) SaveCenter(tx *db.Tx, c voice.Center) {
	tx.One(errChanged, `UPDATE vn_center SET covered = $4, static911 = $5, is_open = $6, opens_at = $7, native = $8, into_key = $9, opened = $10,
		absorbed = $11, sealed = $12 WHERE world = $1 AND state = $2 AND name = $3`, centerValues(c)...)
}

// Centers are the rate centers that have a row.
func (Store) Centers(tx *db.Tx, state string) ([]voice.Center, error) {
	return db.Every(tx, scanCenter, `SELECT `+centerColumns+` FROM vn_center WHERE world = $1 AND ($2 = '' OR state = $2) ORDER BY state, name`, state)
}

// AskRegion queues whether a region takes backorders.
func (Store) AskRegion(tx *db.Tx, state string, have *bool) {
	tx.Ask(func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		*have = n != 0
		return err
	}, `SELECT backorders FROM vn_region WHERE world = $1 AND state = $2`, state)
}

// PutRegion says whether a region takes backorders.
func (Store) PutRegion(tx *db.Tx, state string, backorders bool) {
	tx.Do(`INSERT INTO vn_region (world, state, backorders) VALUES ($1, $2, $3)
		ON CONFLICT (world, state) DO UPDATE SET backorders = excluded.backorders`, state, flag(backorders))
}

// Regions are those about which somebody has said so.
func (Store) Regions(tx *db.Tx) (map[string]bool, error) {
	list := map[string]bool{}
	err := tx.Each(func(scan func(...any) error) error {
		var state string
		var n int64
		err := scan(&state, &n)
		list[state] = n != 0
		return err
	}, `SELECT state, backorders FROM vn_region WHERE world = $1`)
	return list, err
}

// AskProfile queues the reading of what is known of a customer.
func (Store) AskProfile(tx *db.Tx, customer string, p *voice.Profile) {
	if p.Credit == "" {
		p.Credit = voice.CreditGood
	}
	tx.Ask(func(scan func(...any) error) error {
		var cp911, cnam int64
		err := scan(&cp911, &p.Credit, &cnam)
		p.CP911, p.CNAM = cp911 != 0, cnam != 0
		return err
	}, `SELECT cp911, credit, cnam FROM vn_customer WHERE world = $1 AND number = $2`, customer)
}

// PutProfile writes it.
func (Store) PutProfile(tx *db.Tx, customer string, p voice.Profile) {
	tx.Do(`INSERT INTO vn_customer (world, number, cp911, credit, cnam) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (world, number) DO UPDATE SET cp911 = excluded.cp911, credit = excluded.credit, cnam = excluded.cnam`,
		customer, flag(p.CP911), p.Credit, flag(p.CNAM))
}

// Merged moves what a customer has to the one that it goes by from now on: its numbers
// and counts with its orders.
func Merged(tx *db.Tx, from, into string) {
	// Rate centers first, and orders after them: whoever changes numbers holds one, so that
	// what was under way has ended then, and is counted.
	tx.Ask(func(func(...any) error) error { return nil }, `SELECT name FROM vn_center WHERE world = $1 ORDER BY state, name`+tx.ForUpdate())
	for _, table := range []string{"vn_order", "vn_part", "vn_range", "vn_told", "vn_exception", "vn_service"} {
		tx.Do(`UPDATE `+table+` SET customer = $3 WHERE world = $1 AND customer = $2`, from, into)
	}
	tx.Do(`INSERT INTO vn_holding (world, customer, product, state, center, reserved, active)
		SELECT world, CAST($3 AS TEXT), product, state, center, reserved, active FROM vn_holding WHERE world = $1 AND customer = $2
		ON CONFLICT (world, customer, product, state, center) DO UPDATE SET reserved = vn_holding.reserved + excluded.reserved,
		active = vn_holding.active + excluded.active`, from, into)
	tx.Do(`DELETE FROM vn_holding WHERE world = $1 AND customer = $2`, from)
	tx.Do(`INSERT INTO vn_active (world, customer, product, block, route_name, state, center, n)
		SELECT world, CAST($3 AS TEXT), product, block, route_name, state, center, n FROM vn_active WHERE world = $1 AND customer = $2
		ON CONFLICT (world, customer, product, block, route_name, state, center) DO UPDATE SET n = vn_active.n + excluded.n`, from, into)
	tx.Do(`DELETE FROM vn_active WHERE world = $1 AND customer = $2`, from)
	tx.Do(`INSERT INTO vn_route (world, customer, kind, name) SELECT world, CAST($3 AS TEXT), kind, name FROM vn_route
		WHERE world = $1 AND customer = $2 ON CONFLICT DO NOTHING`, from, into)
	tx.Do(`DELETE FROM vn_route WHERE world = $1 AND customer = $2`, from)
}
