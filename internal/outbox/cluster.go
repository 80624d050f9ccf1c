package outbox

import (
	"context"
	"errors"

	"demarc/internal/db"
)

// Adopt makes sure, before a node serves, that new notices follow all that are
// there: when the database was restored into another PostgreSQL cluster, whose
// transactions are numbered anew, they are counted from above the old ones. Several
// nodes may call it at once.
func Adopt(ctx context.Context, d *db.DB) error {
	if d.Dialect() != db.Postgres {
		return nil
	}
	return d.System(ctx, func(tx *db.Tx) error {
		var cluster, known, from int64
		if err := tx.Row(`SELECT system_identifier FROM pg_control_system()`).Scan(&cluster); err != nil {
			return err
		}
		tx.Do(`INSERT INTO notice_cluster (id, base) SELECT $1, 0 WHERE NOT EXISTS (SELECT 1 FROM notice_cluster) ON CONFLICT DO NOTHING`, cluster)
		err := tx.Row(`SELECT id, base FROM notice_cluster ORDER BY base LIMIT 1`+tx.ForUpdate()).Scan(&known, &from)
		if err != nil || known == cluster {
			return err
		}
		if err := tx.Row(`SELECT COALESCE(MAX(seq), 0) + 1 FROM notice`).Scan(&from); err != nil {
			return err
		}
		tx.One(errAdopted, `UPDATE notice_cluster SET id = $1, base = $3 WHERE id = $2`, cluster, known, from)
		return nil
	})
}

// errAdopted cannot happen while the row is locked.
var errAdopted = errors.New("outbox: the cluster was adopted meanwhile")
