package voicesql

import (
	"encoding/json"
	"strconv"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/voice"
)

// arg names the n-th argument.
func arg(n int) string { return "$" + strconv.Itoa(n) }

const orderColumns = `id, app, customer, customer_name, channel, product, external_id, exception, state, code, version, created_at, ended_at,
	type, foc_at, detail, pin`

func scanOrder(scan scanner) (o voice.Order, err error) {
	var created, ended, foc int64
	var detail string
	if err = scan(&o.ID, &o.App, &o.Customer, &o.CustomerName, &o.Channel, &o.Product, &o.ExternalID, &o.Exception, &o.State, &o.Code, &o.Version,
		&created, &ended, &o.Type, &foc, &detail, &o.PIN); err != nil {
		return o, err
	}
	o.CreatedAt = clock.FromMicros(created)
	if ended != 0 {
		o.EndedAt = clock.FromMicros(ended)
	}
	if foc != 0 {
		o.FOCAt = clock.FromMicros(foc)
	}
	o.Detail, err = detailOf(detail)
	return o, err
}

// detailOf reads what an order asks for.
func detailOf(text string) (*voice.Detail, error) {
	if text == "" {
		return nil, nil
	}
	d := &voice.Detail{}
	return d, json.Unmarshal([]byte(text), d)
}

// textOf is a value of ours as JSON, "" for none; these always marshal.
func textOf[T any](v *T) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic("voicesql: " + err.Error())
	}
	return string(text)
}

// AddOrder writes a new order.
func (Store) AddOrder(tx *db.Tx, o voice.Order) {
	tx.Do(`INSERT INTO vn_order (world, `+orderColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		o.ID, o.App, o.Customer, o.CustomerName, o.Channel, o.Product, o.ExternalID, o.Exception, o.State, int64(o.Code), int64(o.Version),
		clock.Micros(o.CreatedAt), clock.MicrosOrZero(o.EndedAt), o.Type, clock.MicrosOrZero(o.FOCAt), textOf(o.Detail), o.PIN)
}

const readOrder = `SELECT ` + orderColumns + ` FROM vn_order WHERE world = $1 AND id = $2`

// Order reads one order.
func (Store) Order(tx *db.Tx, id string) (*voice.Order, error) {
	return db.First(tx, scanOrder, readOrder, id)
}

// LockOrder reads one order for change.
func (Store) LockOrder(tx *db.Tx, id string) (*voice.Order, error) {
	return db.First(tx, scanOrder, readOrder+tx.ForUpdate(), id)
}

// AskOrder queues LockOrder.
func (Store) AskOrder(tx *db.Tx, id string, o **voice.Order) {
	tx.Ask(func(scan func(...any) error) error {
		found, err := scanOrder(scan)
		*o = &found
		return err
	}, readOrder+tx.ForUpdate(), id)
}

// SaveOrder writes what may change of an order that is locked.
func (Store) SaveOrder(tx *db.Tx, o *voice.Order) {
	tx.One(errChanged, `UPDATE vn_order SET state = $3, code = $4, version = version + 1, ended_at = $5, foc_at = $7, detail = $8, pin = $9
		WHERE world = $1 AND id = $2 AND version = $6`,
		o.ID, o.State, int64(o.Code), clock.MicrosOrZero(o.EndedAt), int64(o.Version), clock.MicrosOrZero(o.FOCAt), textOf(o.Detail), o.PIN)
	o.Version++
}

// OrdersIn are the orders in a state.
func (Store) OrdersIn(tx *db.Tx, state string, page voice.Paging) (list []voice.Order, total int, err error) {
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM vn_order WHERE world = $1 AND state = $2`, state)
	list, err = db.Every(tx, scanOrder, `SELECT `+orderColumns+` FROM vn_order WHERE world = $1 AND state = $2 ORDER BY id LIMIT $3 OFFSET $4`,
		state, int64(page.Limit), page.Offset)
	return list, total, err
}

const partColumns = `id, order_id, n, parent, customer, product, state, center, quantity, run, pbx_index, pbx_value, status, held, reserved, code,
	created_at, until_at, ended_at, kind, detail, pin`

func scanPart(scan scanner) (p voice.Part, err error) {
	var created, until, ended int64
	var detail string
	err = scan(&p.ID, &p.Order, &p.N, &p.Parent, &p.Customer, &p.Product, &p.State, &p.Center, &p.Wish.Quantity, &p.Wish.Run, &p.Wish.PBXIndex,
		&p.Wish.PBXValue, &p.Status, &p.Held, &p.Reserved, &p.Code, &created, &until, &ended, &p.Kind, &detail, &p.PIN)
	if err != nil {
		return p, err
	}
	p.CreatedAt = clock.FromMicros(created)
	if until != 0 {
		p.Until = clock.FromMicros(until)
	}
	if ended != 0 {
		p.EndedAt = clock.FromMicros(ended)
	}
	p.Detail, err = detailOf(detail)
	return p, err
}

// AddPart writes a new part.
func (Store) AddPart(tx *db.Tx, p voice.Part) {
	tx.Do(`INSERT INTO vn_part (world, `+partColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
		p.ID, p.Order, int64(p.N), p.Parent, p.Customer, p.Product, p.State, p.Center, int64(p.Wish.Quantity), int64(p.Wish.Run),
		int64(p.Wish.PBXIndex), int64(p.Wish.PBXValue), p.Status, int64(p.Held), int64(p.Reserved), int64(p.Code),
		clock.Micros(p.CreatedAt), clock.MicrosOrZero(p.Until), clock.MicrosOrZero(p.EndedAt), p.Kind, textOf(p.Detail), p.PIN)
}

// SavePart writes what may change of a part that had a status.
func (Store) SavePart(tx *db.Tx, was string, p voice.Part) {
	tx.One(errChanged, `UPDATE vn_part SET status = $4, held = $5, reserved = $6, code = $7, until_at = $8, ended_at = $9, pin = $11
		WHERE world = $1 AND order_id = $2 AND n = $3 AND status = $10`,
		p.Order, int64(p.N), p.Status, int64(p.Held), int64(p.Reserved), int64(p.Code), clock.MicrosOrZero(p.Until), clock.MicrosOrZero(p.EndedAt), was, p.PIN)
}

const readParts = `SELECT ` + partColumns + ` FROM vn_part WHERE world = $1 AND order_id = $2 ORDER BY n`

// Parts are an order's, in their order.
func (Store) Parts(tx *db.Tx, order string) ([]voice.Part, error) {
	return db.Every(tx, scanPart, readParts, order)
}

// AskParts queues Parts.
func (Store) AskParts(tx *db.Tx, order string, parts *[]voice.Part) {
	*parts = nil
	tx.Ask(func(scan func(...any) error) error {
		p, err := scanPart(scan)
		*parts = append(*parts, p)
		return err
	}, readParts, order)
}

// Part reads one part.
func (Store) Part(tx *db.Tx, id string) (*voice.Part, error) {
	order, number, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseInt(number, 10, 64) // what is no part's id has none
	return db.First(tx, scanPart, `SELECT `+partColumns+` FROM vn_part WHERE world = $1 AND order_id = $2 AND n = $3`, order, n)
}

// AskOlder queues whether an older order of the customer's has something open for a
// part's rate center. The index holds all that is asked for: SQLite would rather go
// through all parts of the world otherwise.
func (Store) AskOlder(tx *db.Tx, o voice.Order, p voice.Part, found *bool) {
	tx.Ask(func(func(...any) error) error {
		*found = true
		return nil
	}, `SELECT n FROM vn_part WHERE world = $1 AND customer = $4 AND state = $2 AND center = $3 AND ended_at = 0
		AND (created_at, order_id) < ($5, $6) LIMIT 1`,
		p.State, p.Center, o.Customer, clock.Micros(o.CreatedAt), o.ID)
}

// OpenParts are a rate center's with a status, oldest first.
func (Store) OpenParts(tx *db.Tx, c voice.Center, status string, limit int) ([]voice.Part, error) {
	return db.Every(tx, scanPart, `SELECT `+partColumns+` FROM vn_part WHERE world = $1 AND state = $2 AND center = $3 AND ended_at = 0 AND status = $4
		ORDER BY created_at, id LIMIT $5`, c.State, c.Name, status, int64(limit))
}
