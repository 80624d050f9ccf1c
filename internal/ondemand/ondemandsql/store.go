// Package ondemandsql keeps the rows of Internet On-Demand, with one SQL text for
// both databases.
package ondemandsql

import (
	"context"
	"strings"

	"demarc/internal/db"
	"demarc/internal/ondemand"

	"github.com/govalues/decimal"
)

// Store implements ondemand.Store.
type Store struct {
	quotes   db.Group[key, *ondemand.Quote]
	services db.Group[key, *ondemand.Service]
	accounts db.Group[key, *ondemand.Account]
}

var _ ondemand.Store = (*Store)(nil)

type key struct{ world, id string }

// New makes the store of one database.
func New(d *db.DB) *Store {
	return &Store{
		quotes: db.Group[key, *ondemand.Quote]{Load: func(ctx context.Context, keys []key) (map[key]*ondemand.Quote, error) {
			return load(ctx, d, keys, quoteColumns, "od_quote", scanQuote)
		}},
		services: db.Group[key, *ondemand.Service]{Load: func(ctx context.Context, keys []key) (map[key]*ondemand.Service, error) {
			return load(ctx, d, keys, serviceColumns, "od_service", scanService)
		}},
		accounts: db.Group[key, *ondemand.Account]{Load: func(ctx context.Context, keys []key) (map[key]*ondemand.Account, error) {
			return load(ctx, d, keys, accountColumns, "billing_account", scanAccount)
		}},
	}
}

type scanner func(dst ...any) error

// load reads many rows by their world and id with one query.
func load[T any](ctx context.Context, d *db.DB, keys []key, columns, table string, scan func(scanner) (T, string, error)) (map[key]*T, error) {
	found := make(map[key]*T, len(keys))
	err := d.SystemView(ctx, func(tx *db.Tx) error {
		for world, ids := range byWorld(keys) {
			row := func(s func(...any) error) error {
				v, id, err := scan(s)
				found[key{world, id}] = &v
				return err
			}
			many := `SELECT ` + columns + ` FROM ` + table + ` WHERE world = $1 AND id `
			if len(ids) == 1 {
				tx.Ask(row, many+`= $2`, world, ids[0])
			} else {
				in, arg := tx.AnyOf(2, ids)
				tx.Ask(row, many+in, world, arg)
			}
		}
		return nil
	})
	return found, err
}

func byWorld(keys []key) map[string][]string {
	m := map[string][]string{}
	for _, k := range keys {
		m[k.world] = append(m[k.world], k.id)
	}
	return m
}

func price(text string) decimal.Decimal {
	d, err := decimal.Parse(text)
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// first keeps the single row of a query.
func first[T any](tx *db.Tx, scan func(scanner) (T, string, error), sql string, args ...any) (*T, error) {
	var found *T
	err := tx.Each(func(s func(...any) error) error {
		v, _, err := scan(s)
		found = &v
		return err
	}, sql, args...)
	return found, err
}

// listed answers a page of a query and how many rows there are in all.
func listed[T any](tx *db.Tx, scan func(scanner) (T, string, error), columns, from, order string, w *where, page ondemand.Paging) ([]T, int, error) {
	list := []T{}
	var total int
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM `+from+` WHERE `+w.text(), w.args...)
	limited := append(append([]any{}, w.args...), int64(page.Limit), page.Offset)
	n := len(w.args) + 2
	err := tx.Each(func(s func(...any) error) error {
		v, _, err := scan(s)
		list = append(list, v)
		return err
	}, `SELECT `+columns+` FROM `+from+` WHERE `+w.text()+` ORDER BY `+order+` LIMIT `+placeholder(n)+` OFFSET `+placeholder(n+1), limited...)
	return list, total, err
}

// where builds a condition of what is asked for; $1 is the world.
type where struct {
	parts []string
	args  []any
}

// inWorld begins a condition on the rows of the world; table is the alias, if any.
func inWorld(table string) *where { return &where{parts: []string{table + "world = $1"}} }

func (w *where) and(column string, value string) {
	if value != "" {
		w.args = append(w.args, value)
		w.parts = append(w.parts, column+" = "+placeholder(len(w.args)+1))
	}
}

// contains adds that one of the columns has the text somewhere in it, in any case.
func (w *where) contains(text string, columns ...string) {
	if text == "" {
		return
	}
	w.args = append(w.args, db.Containing(text))
	at := placeholder(len(w.args) + 1)
	conditions := make([]string, len(columns))
	for i, c := range columns {
		conditions[i] = "lower(" + c + ") LIKE " + at + ` ESCAPE '\'`
	}
	w.parts = append(w.parts, "("+strings.Join(conditions, " OR ")+")")
}

// entitled adds a condition that ends in a flag, when one is asked for.
func (w *where) entitled(condition string, want *bool) {
	if want != nil {
		w.args = append(w.args, flag(*want))
		w.parts = append(w.parts, condition+placeholder(len(w.args)+1))
	}
}

func (w *where) text() string { return strings.Join(w.parts, " AND ") }

func placeholder(n int) string {
	const digits = "0123456789"
	if n < 10 {
		return "$" + digits[n:n+1]
	}
	return "$" + digits[n/10:n/10+1] + digits[n%10:n%10+1]
}
