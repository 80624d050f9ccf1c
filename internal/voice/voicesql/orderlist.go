package voicesql

import (
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/voice"
)

// OrdersOf are a customer's orders: a page of them, and how many there are.
func (Store) OrdersOf(tx *db.Tx, f voice.OrderFilter, page voice.Paging) (list []voice.Order, total int, err error) {
	var where strings.Builder
	where.WriteString(` AND customer = $2`)
	args := []any{f.Customer}
	and := func(condition string, value any) {
		args = append(args, value)
		where.WriteString(` AND ` + strings.ReplaceAll(condition, "?", arg(len(args)+1)))
	}
	for _, c := range []struct{ column, value string }{{"type", f.Type}, {"state", f.State}, {"channel", f.Channel}} {
		if c.value != "" {
			and(c.column+` = ?`, c.value)
		}
	}
	if f.Name != "" {
		and(`(id = ? OR external_id = ?)`, f.Name)
	}
	if !f.From.IsZero() {
		and(`created_at >= ?`, clock.Micros(f.From))
	}
	if !f.To.IsZero() {
		and(`created_at <= ?`, clock.Micros(f.To))
	}
	if ids, only := f.IDs(); only {
		if len(ids) == 0 {
			return nil, 0, tx.Flush()
		}
		condition, arguments := tx.AnyOf(len(args)+2, ids)
		args = append(args, arguments)
		where.WriteString(` AND id ` + condition)
	}
	order := ` ORDER BY created_at DESC, id DESC`
	if f.Open {
		where.WriteString(` AND ended_at = 0`)
		order = ` ORDER BY created_at, id`
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM vn_order WHERE world = $1`+where.String(), args...)
	n := len(args)
	list, err = db.Every(tx, scanOrder, `SELECT `+orderColumns+` FROM vn_order WHERE world = $1`+where.String()+order+` LIMIT `+arg(n+2)+` OFFSET `+arg(n+3),
		append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// OpenPartsOf are a customer's parts with a status, oldest first.
func (Store) OpenPartsOf(tx *db.Tx, customer, status string, limit int) ([]voice.Part, error) {
	return db.Every(tx, scanPart, `SELECT `+partColumns+` FROM vn_part WHERE world = $1 AND customer = $2 AND ended_at = 0 AND status = $3
		ORDER BY created_at, id LIMIT $4`, customer, status, int64(limit))
}

// HoldingsOf are what a customer has, by rate center.
func (Store) HoldingsOf(tx *db.Tx, customer string) ([]voice.Holding, error) {
	return db.Every(tx, func(scan scanner) (h voice.Holding, err error) {
		return h, scan(&h.Customer, &h.Product, &h.State, &h.Center, &h.Reserved, &h.Active)
	}, `SELECT customer, product, state, center, reserved, active FROM vn_holding WHERE world = $1 AND customer = $2 AND (reserved > 0 OR active > 0)
		ORDER BY state, center, product`, customer)
}

// EntriesOfParts are the entries that parts of orders have brought.
func (Store) EntriesOfParts(tx *db.Tx, customer string, parts []string, page voice.Paging) (list []voice.Entry, total int, err error) {
	condition, ids := tx.AnyOf(3, parts)
	where := ` FROM vn_range WHERE world = $1 AND customer = $2 AND status IN ('reserved', 'active') AND part ` + condition
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, customer, ids)
	list, err = db.Every(tx, scanEntry, `SELECT `+entryColumns+where+` ORDER BY start_tn LIMIT $4 OFFSET $5`, customer, ids, int64(page.Limit), page.Offset)
	return list, total, err
}
