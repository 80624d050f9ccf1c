package voicesql

import (
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/voice"
)

const toldColumns = `id, order_id, part, customer, code, message, order_code, state, center, at, foc_at, reason`

func scanTold(scan scanner) (t voice.Told, err error) {
	var at, foc int64
	err = scan(&t.ID, &t.Order, &t.Part, &t.Customer, &t.Code, &t.Message, &t.OrderCode, &t.State, &t.Center, &at, &foc, &t.Reason)
	if t.At = clock.FromMicros(at); foc != 0 {
		t.FOC = clock.FromMicros(foc)
	}
	return t, err
}

// AddTold keeps a notification.
func (Store) AddTold(tx *db.Tx, t voice.Told) {
	tx.Do(`INSERT INTO vn_told (world, `+toldColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		t.ID, t.Order, t.Part, t.Customer, int64(t.Code), t.Message, int64(t.OrderCode), t.State, t.Center, clock.Micros(t.At), clock.MicrosOrZero(t.FOC), t.Reason)
}

// ToldOf are a customer's notifications, newest first.
func (Store) ToldOf(tx *db.Tx, f voice.ToldFilter, page voice.Paging) (list []voice.Told, total int, err error) {
	to := clock.Never
	if !f.To.IsZero() {
		to = clock.Micros(f.To)
	}
	const where = ` FROM vn_told WHERE world = $1 AND customer = $2 AND at >= $3 AND at <= $4`
	one := ""
	args := []any{f.Customer, clock.MicrosOrZero(f.From), to}
	if f.Order != "" {
		args = append(args, f.Order)
		one = ` AND order_id = ` + arg(len(args)+1)
	}
	if f.Code != 0 {
		args = append(args, int64(f.Code))
		one += ` AND code = ` + arg(len(args)+1)
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where+one, args...)
	n := len(args)
	list, err = db.Every(tx, scanTold, `SELECT `+toldColumns+where+one+` ORDER BY at DESC, id DESC LIMIT `+arg(n+2)+` OFFSET `+arg(n+3),
		append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// SweepTold forgets a batch of what was told before a moment.
func (Store) SweepTold(tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(`DELETE FROM vn_told WHERE world = $1 AND id IN (SELECT id FROM vn_told WHERE world = $1 AND at < $2 ORDER BY at LIMIT 1000) AND at < $2`,
		clock.Micros(before))
}

const exceptionColumns = `id, app, customer, product, state, center, quantity, reason, status, note, order_id, created_at, ended_at`

func scanException(scan scanner) (e voice.Exception, err error) {
	var created, ended int64
	err = scan(&e.ID, &e.App, &e.Customer, &e.Product, &e.State, &e.Center, &e.Quantity, &e.Reason, &e.Status, &e.Note, &e.Order, &created, &ended)
	e.CreatedAt = clock.FromMicros(created)
	if ended != 0 {
		e.EndedAt = clock.FromMicros(ended)
	}
	return e, err
}

// AddException writes a request.
func (Store) AddException(tx *db.Tx, e voice.Exception) {
	tx.Do(`INSERT INTO vn_exception (world, `+exceptionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		e.ID, e.App, e.Customer, e.Product, e.State, e.Center, int64(e.Quantity), e.Reason, e.Status, e.Note, e.Order,
		clock.Micros(e.CreatedAt), clock.MicrosOrZero(e.EndedAt))
}

const readException = `SELECT ` + exceptionColumns + ` FROM vn_exception WHERE world = $1 AND id = $2`

// Exception reads one request.
func (Store) Exception(tx *db.Tx, id string) (*voice.Exception, error) {
	return db.First(tx, scanException, readException, id)
}

// LockException reads one for change.
func (Store) LockException(tx *db.Tx, id string) (*voice.Exception, error) {
	return db.First(tx, scanException, readException+tx.ForUpdate(), id)
}

// SaveException writes what may change of a request that was in a state.
func (Store) SaveException(tx *db.Tx, was string, e voice.Exception, changed error) {
	tx.One(changed, `UPDATE vn_exception SET status = $3, note = $4, order_id = $5, ended_at = $6 WHERE world = $1 AND id = $2 AND status = $7`,
		e.ID, e.Status, e.Note, e.Order, clock.MicrosOrZero(e.EndedAt), was)
}

// Exceptions are a customer's ("": everybody's) in a state ("": in any), oldest first.
func (Store) Exceptions(tx *db.Tx, customer, status string, page voice.Paging) (list []voice.Exception, total int, err error) {
	const where = ` FROM vn_exception WHERE world = $1 AND ($2 = '' OR customer = $2) AND ($3 = '' OR status = $3)`
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, customer, status)
	list, err = db.Every(tx, scanException, `SELECT `+exceptionColumns+where+` ORDER BY id LIMIT $4 OFFSET $5`, customer, status, int64(page.Limit), page.Offset)
	return list, total, err
}
