package voicesql

import (
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

const entryColumns = `start_tn, end_tn, status, customer, product, state, center, part, order_id, external_id, since, free_at,
	service, route_name, ported, donor, busy`

func scanEntry(scan scanner) (e voice.Entry, err error) {
	var start, end, since, free, ported int64
	err = scan(&start, &end, &e.Status, &e.Customer, &e.Product, &e.State, &e.Center, &e.Part, &e.Order, &e.ExternalID, &since, &free,
		&e.Service, &e.RouteName, &ported, &e.Donor, &e.Busy)
	e.Ported = ported != 0
	e.Start, e.End, e.At = nanp.TN(start), nanp.TN(end), clock.FromMicros(since)
	if free != 0 {
		e.FreeAt = clock.FromMicros(free)
	}
	return e, err
}

const entriesOf = `SELECT ` + entryColumns + ` FROM vn_range WHERE world = $1`

const insertEntry = `INSERT INTO vn_range (world, ` + entryColumns + `)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`

func entryValues(e voice.Entry) []any {
	return []any{int64(e.Start), int64(e.End), e.Status, e.Customer, e.Product, e.State, e.Center, e.Part, e.Order, e.ExternalID,
		clock.Micros(e.At), clock.MicrosOrZero(e.FreeAt), e.Service, e.RouteName, flag(e.Ported), e.Donor, e.Busy}
}

// AddEntries writes ranges.
func (Store) AddEntries(tx *db.Tx, list []voice.Entry) {
	for _, e := range list {
		tx.Do(insertEntry, entryValues(e)...)
	}
}

// AddPorting writes numbers on their way in.
func (Store) AddPorting(tx *db.Tx, list []voice.Entry, taken error) {
	for _, e := range list {
		tx.One(taken, insertEntry+` ON CONFLICT DO NOTHING`, entryValues(e)...)
	}
}

// DropEntry removes a range.
func (Store) DropEntry(tx *db.Tx, e voice.Entry) {
	tx.One(errChanged, `DELETE FROM vn_range WHERE world = $1 AND start_tn = $2 AND end_tn = $3 AND status = $4`, int64(e.Start), int64(e.End), e.Status)
}

// Keep makes what is set aside for a part its customer's own.
func (Store) Keep(tx *db.Tx, part string, at time.Time) {
	tx.Do(`UPDATE vn_range SET status = $4, since = $5 WHERE world = $1 AND part = $2 AND status = $3`, part, voice.Held, voice.Reserved, clock.Micros(at))
}

// EntriesOf are a part's.
func (Store) EntriesOf(tx *db.Tx, part, status string) ([]voice.Entry, error) {
	return db.Every(tx, scanEntry, entriesOf+` AND part = $2 AND status = $3 ORDER BY start_tn`, part, status)
}

// EntriesAt are a rate center's of a customer.
func (Store) EntriesAt(tx *db.Tx, c voice.Center, customer, status string, limit int) ([]voice.Entry, error) {
	return db.Every(tx, scanEntry, entriesOf+` AND state = $2 AND center = $3 AND customer = $4 AND status = $5 AND busy = '' ORDER BY start_tn LIMIT $6`,
		c.State, c.Name, customer, status, int64(limit))
}

// AgedEntries are those that come free until a moment.
func (Store) AgedEntries(tx *db.Tx, c voice.Center, until time.Time) ([]voice.Entry, error) {
	return db.Every(tx, scanEntry, entriesOf+` AND state = $2 AND center = $3 AND status = $4 AND free_at <= $5 ORDER BY free_at, start_tn`,
		c.State, c.Name, voice.Aging, clock.Micros(until))
}

// NextAged is when the next range comes free; zero when none ages.
func (Store) NextAged(tx *db.Tx, c voice.Center) (time.Time, error) {
	var at int64
	err := tx.Row(`SELECT COALESCE(MIN(free_at), 0) FROM vn_range WHERE world = $1 AND state = $2 AND center = $3 AND status = $4`,
		c.State, c.Name, voice.Aging).Scan(&at)
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return clock.FromMicros(at), nil
}

// AgingOf reports whether numbers of a customer's age in a rate center.
func (Store) AgingOf(tx *db.Tx, c voice.Center, customer string) (bool, error) {
	found := false
	err := tx.Each(func(func(...any) error) error {
		found = true
		return nil
	}, `SELECT start_tn FROM vn_range WHERE world = $1 AND state = $2 AND center = $3 AND status = $4 AND customer = $5 LIMIT 1`,
		c.State, c.Name, voice.Aging, customer)
	return found, err
}

// Pool is a page of a customer's reserved ranges, by number.
func (Store) Pool(tx *db.Tx, f voice.PoolFilter, page voice.Paging) (list []voice.Entry, total int, err error) {
	var where strings.Builder
	where.WriteString(` AND customer = $2 AND status = $3`)
	args := []any{f.Customer, voice.Reserved}
	and := func(condition string, value any) {
		args = append(args, value)
		where.WriteString(strings.ReplaceAll(condition, "?", arg(len(args)+1)))
	}
	if f.Order != "" {
		and(` AND order_id = ?`, f.Order)
	}
	if f.ExternalID != "" {
		and(` AND external_id = ?`, f.ExternalID)
	}
	if f.To != 0 {
		and(` AND start_tn >= ?`, int64(f.From))
		and(` AND start_tn <= ?`, int64(f.To))
	}
	if f.State != "" {
		and(` AND state = ?`, f.State)
	}
	if f.Center != "" {
		and(` AND center = ?`, f.Center)
	}
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM vn_range WHERE world = $1`+where.String(), args...)
	n := len(args)
	list, err = db.Every(tx, scanEntry, entriesOf+where.String()+` ORDER BY start_tn LIMIT `+arg(n+2)+` OFFSET `+arg(n+3),
		append(args, int64(page.Limit), page.Offset)...)
	return list, total, err
}

// AskHolding queues the reading of a holding's counts.
func (Store) AskHolding(tx *db.Tx, h *voice.Holding) {
	tx.AskOne(nil, []any{&h.Reserved, &h.Active}, `SELECT reserved, active FROM vn_holding
		WHERE world = $1 AND customer = $2 AND product = $3 AND state = $4 AND center = $5`, h.Customer, h.Product, h.State, h.Center)
}

// AddHolding adds to a holding's counts.
func (Store) AddHolding(tx *db.Tx, h voice.Holding) {
	tx.Do(`INSERT INTO vn_holding (world, customer, product, state, center, reserved, active) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (world, customer, product, state, center) DO UPDATE SET reserved = vn_holding.reserved + excluded.reserved,
		active = vn_holding.active + excluded.active`, h.Customer, h.Product, h.State, h.Center, int64(h.Reserved), int64(h.Active))
}
