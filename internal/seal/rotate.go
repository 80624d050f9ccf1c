package seal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"demarc/internal/db"
)

// Column is a column in which sealed values are kept, in a table whose rows are named
// by their world and an id.
type Column struct {
	Table, ID, Name string
	Text            bool                   // base64 in a TEXT column
	Purpose         func(id string) string // of a row's value
}

// value is one sealed value and where it is.
type value struct {
	world, id string
	sealed    []byte
}

// batch is how many values are read at a time.
const batch = 500

// each walks a column's sealed values, a batch at a time.
func (c Column) each(ctx context.Context, d *db.DB, visit func(v value) error) error {
	last := value{}
	for more := true; more; {
		var list []value
		err := d.SystemView(ctx, func(tx *db.Tx) error {
			list = list[:0]
			return tx.Each(func(scan func(...any) error) error {
				v, err := c.scan(scan)
				list = append(list, v)
				return err
			}, `SELECT world, `+c.ID+`, `+c.Name+` FROM `+c.Table+` WHERE (world, `+c.ID+`) > ($1, $2) AND `+c.Name+` IS NOT NULL
				ORDER BY world, `+c.ID+` LIMIT $3`, last.world, last.id, int64(batch))
		})
		if err != nil {
			return err
		}
		for _, v := range list {
			if _, ok := keyOf(v.sealed); !ok {
				continue // empty, or from before there were keys
			}
			if err := visit(v); err != nil {
				return err
			}
		}
		if more = len(list) == batch; more {
			last = list[len(list)-1]
		}
	}
	return nil
}

func (c Column) scan(scan func(...any) error) (v value, err error) {
	if !c.Text {
		err = scan(&v.world, &v.id, &v.sealed)
		return v, err
	}
	var text string
	if err = scan(&v.world, &v.id, &text); err == nil {
		v.sealed, _ = base64.StdEncoding.DecodeString(text) // what is none was never sealed
	}
	return v, err
}

// stored is a sealed value as the column holds it.
func (c Column) stored(sealed []byte) any {
	if c.Text {
		return base64.StdEncoding.EncodeToString(sealed)
	}
	return sealed
}

// Count is how many values each key has sealed, by the key's id.
func Count(ctx context.Context, d *db.DB, columns []Column) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, c := range columns {
		err := c.each(ctx, d, func(v value) error {
			id, _ := keyOf(v.sealed)
			counts[id]++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// Reseal seals anew, with the first key, what another one has sealed, and answers how
// many values that were. It may run beside servers: what changes meanwhile is left as
// it then is, and what runs into it is seen by a second Reseal.
func (r *Ring) Reseal(ctx context.Context, d *db.DB, columns []Column) (n int64, err error) {
	for _, c := range columns {
		err := c.each(ctx, d, func(v value) error {
			if !r.Stale(v.sealed) {
				return nil
			}
			plain, err := r.Open(c.Purpose(v.id), v.sealed)
			if err != nil {
				return fmt.Errorf("%w (%s.%s of %s in %s)", err, c.Table, c.Name, v.id, v.world)
			}
			return d.System(ctx, func(tx *db.Tx) error {
				changed, err := tx.Exec(`UPDATE `+c.Table+` SET `+c.Name+` = $3 WHERE world = $1 AND `+c.ID+` = $2 AND `+c.Name+` = $4`,
					v.world, v.id, c.stored(r.Seal(c.Purpose(v.id), plain)), c.stored(v.sealed))
				n += changed
				return err
			})
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Errors of Forget.
var (
	ErrFirst = errors.New("seal: it is the key that seals; put another one in front first")
	ErrInUse = errors.New("seal: values are sealed with it; seal them again first")
)

// Forget makes the database forget a key that seals nothing any more, so that it may
// be taken out of the key files.
func (r *Ring) Forget(ctx context.Context, d *db.DB, columns []Column, id string) error {
	if id == r.in.keys[0].id {
		return ErrFirst
	}
	counts, err := Count(ctx, d, columns)
	if err != nil {
		return err
	}
	if n := counts[id]; n > 0 {
		return fmt.Errorf("%w (%d)", ErrInUse, n)
	}
	return d.System(ctx, func(tx *db.Tx) error {
		tx.Do(`DELETE FROM seal_key WHERE id = $1`, id)
		return nil
	})
}

// Keys is the ids of the ring's keys, the one that seals first.
func (r *Ring) Keys() []string {
	ids := make([]string, len(r.in.keys))
	for i, k := range r.in.keys {
		ids[i] = k.id
	}
	return ids
}
