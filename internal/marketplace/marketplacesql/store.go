// Package marketplacesql keeps the rows of the marketplace, with one SQL text for both
// databases.
package marketplacesql

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/marketplace"
)

// Store implements marketplace.Store.
type Store struct {
	keys db.Group[keyOf, *marketplace.Source]
	d    *db.DB
}

var _ marketplace.Store = (*Store)(nil)

// New makes the store of one database.
func New(d *db.DB) *Store {
	s := &Store{d: d}
	s.keys.Load = s.loadKeys
	return s
}

type keyOf struct{ world, hash string }

// FindKey is the provider of a key, found together with everybody else's who asks now.
func (s *Store) FindKey(ctx context.Context, world, hash string) (*marketplace.Source, error) {
	src, _, err := s.keys.Get(ctx, keyOf{world, hash})
	return src, err
}

// loadKeys reads the keys of many callers. A key ends on its world's clock, and is
// there as long as its provider is: a reset takes providers away.
func (s *Store) loadKeys(ctx context.Context, keys []keyOf) (map[keyOf]*marketplace.Source, error) {
	found := make(map[keyOf]*marketplace.Source, len(keys))
	ends := map[keyOf]int64{}
	worlds := map[string][]string{}
	for _, k := range keys {
		worlds[k.world] = append(worlds[k.world], k.hash)
	}
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		for world, hashes := range worlds {
			in, arg := tx.AnyOf(2, hashes)
			tx.Ask(func(scan func(...any) error) error {
				var kind string
				var until int64
				k, src := keyOf{world: world}, marketplace.Source{World: world}
				err := scan(&k.hash, &src.Provider, &src.Key, &until, &kind)
				src.Sandbox = kind != production
				found[k], ends[k] = &src, until
				return err
			}, `SELECT k.hash, k.provider, k.id, k.ends_at, w.kind FROM mk_key k JOIN world w ON w.id = k.world
				JOIN mk_provider p ON p.world = k.world AND p.id = k.provider WHERE k.world = $1 AND k.hash `+in, world, arg)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for k, until := range ends {
		if until == 0 {
			continue
		}
		state, err := s.d.Clock(ctx, k.world)
		if err != nil {
			return nil, err
		}
		if clock.Micros(state.Now(clock.Machine())) >= until {
			found[k].Ended = true
		}
	}
	return found, nil
}

// production is the kind of the world that is no sandbox.
const production = "production"

// scanner reads the columns of a row.
type scanner = func(dst ...any) error

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// asJSON is a value of ours as text; these always marshal.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("marketplacesql: " + err.Error())
	}
	return string(text)
}

// listed answers a page of a query and how many rows there are in all.
func listed[T any](tx *db.Tx, scan func(scanner) (T, error), columns, table string, w *where, page marketplace.Paging) ([]T, int, error) {
	var total int
	tx.AskOne(nil, []any{&total}, `SELECT count(*) FROM `+table+` WHERE `+w.text(), w.args...)
	limit, offset := w.next(), w.next()
	w.args = append(w.args, int64(page.Limit), page.Offset)
	list, err := db.Every(tx, scan, `SELECT `+columns+` FROM `+table+` WHERE `+w.text()+` ORDER BY id LIMIT `+limit+` OFFSET `+offset, w.args...)
	return list, total, err
}

// where builds a condition of what is asked for; $1 is the world.
type where struct {
	parts []string
	args  []any
	named int // arguments that have a number
}

func inWorld() *where { return &where{parts: []string{"world = $1"}, named: 1} }

// next is the number of the next argument.
func (w *where) next() string {
	w.named++
	return "$" + strconv.Itoa(w.named)
}

// and adds a condition, when there is a value, that ends in it.
func (w *where) and(condition, value string) *where {
	if value != "" {
		w.parts = append(w.parts, condition+w.next())
		w.args = append(w.args, value)
	}
	return w
}

// contains adds that one of the columns has the text somewhere in it, in any case.
func (w *where) contains(text string, columns ...string) {
	if text == "" {
		return
	}
	at := w.next()
	w.args = append(w.args, db.Containing(text))
	conditions := make([]string, len(columns))
	for i, c := range columns {
		conditions[i] = "lower(" + c + ") LIKE " + at + ` ESCAPE '\'`
	}
	w.parts = append(w.parts, "("+strings.Join(conditions, " OR ")+")")
}

func (w *where) text() string { return strings.Join(w.parts, " AND ") }
