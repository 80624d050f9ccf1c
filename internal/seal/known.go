package seal

import (
	"context"
	"errors"
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// ErrOther is Known's answer about a key file that is not the database's.
var ErrOther = errors.New("seal: this node has another key file than the one that this database's secrets were sealed with")

// probed is what a probe says, unsealed.
const probed = "demarc"

func probePurpose(id string) string { return "seal_key.probe " + id }

// Known holds the ring against the database, before a node serves: each of its keys
// leaves a proof there once, and it must have every key that left one. Of two nodes
// with different rings that start together, the later one fails.
func (r *Ring) Known(ctx context.Context, d *db.DB) error {
	return d.System(ctx, func(tx *db.Tx) error {
		if tx.Dialect() == db.Postgres {
			// Else two nodes would each leave their proof and not see the other's.
			tx.Do(`LOCK TABLE seal_key IN SHARE ROW EXCLUSIVE MODE`)
		}
		there, err := r.proven(tx)
		if err != nil {
			return err
		}
		for _, k := range r.in.keys {
			if !there[k.id] {
				tx.Do(`INSERT INTO seal_key (id, probe, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
					k.id, k.seal(probePurpose(k.id), []byte(probed)), clock.Micros(tx.Now()))
			}
		}
		return nil
	})
}

// proven is the keys that left a proof, all of which the ring must have.
func (r *Ring) proven(tx *db.Tx) (map[string]bool, error) {
	there := map[string]bool{}
	var wrong error
	err := tx.Each(func(scan func(...any) error) error {
		var id string
		var probe []byte
		if err := scan(&id, &probe); err != nil {
			return err
		}
		there[id] = true
		if wrong == nil {
			wrong = r.prove(id, probe)
		}
		return nil
	}, `SELECT id, probe FROM seal_key ORDER BY id`)
	return there, errors.Join(err, wrong)
}

func (r *Ring) prove(id string, probe []byte) error {
	k, ok := r.key(id)
	if !ok {
		return fmt.Errorf("%w (it lacks the key %q): give all nodes the same --key-file", ErrOther, id)
	}
	if of, ok := keyOf(probe); ok && of == id {
		if plain, err := k.open(probePurpose(id), probe); err == nil && string(plain) == probed {
			return nil
		}
	}
	return fmt.Errorf("%w (its key %q is not the one of that name): give all nodes the same --key-file", ErrOther, id)
}

// Used reports whether a key has left its proof in the database: secrets in it may be
// sealed.
func Used(ctx context.Context, d *db.DB) (used bool, err error) {
	err = d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id string
			used = true
			return scan(&id)
		}, `SELECT id FROM seal_key LIMIT 1`)
	})
	return used, err
}
