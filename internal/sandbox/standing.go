package sandbox

import (
	"context"

	"demarc/internal/db"
	"demarc/internal/identity"
)

// EnsureStanding gives an organisation a sandbox that stays, unless it has one. For
// developers the world has no application: they make their own, whose keys they are
// shown. For others it has one that may act for everybody, which what they order in the
// portal belongs to.
func (s *Service) EnsureStanding(ctx context.Context, org, name, actor string, withApp bool) error {
	have, err := s.List(ctx, org)
	if err != nil || len(have) > 0 {
		return err
	}
	w := World{ID: newID(), Kind: "sandbox", Name: name, Org: org, Seed: anySeed()}
	mine := false
	err = s.o.DB.System(ctx, func(tx *db.Tx) error {
		// Those who come at the same time take turns.
		var id string
		if err := tx.Row(`SELECT id FROM organisation WHERE id = $1`+tx.ForUpdate(), org).Scan(&id); err != nil {
			return err
		}
		var others int64
		err := tx.Row(`SELECT count(*) FROM world WHERE org = $1 AND kind = 'sandbox'`, org).Scan(&others)
		if mine = others == 0; err != nil || !mine {
			return err
		}
		w.CreatedAt = tx.Machine()
		return insertWorld(tx, w, org, "", w.CreatedAt.Add(provisional))
	})
	if err != nil || !mine {
		return err
	}
	return s.finish(ctx, &w, 0, s.fill, func(tx *db.Tx) error {
		trail(tx, actor, "create", name)
		if !withApp {
			return nil
		}
		_, err := s.o.Identity.CreateAppIn(tx, actor, identity.NewApp{Name: "Orders of the portal", Products: s.o.Products, Customers: []string{identity.All}})
		return err
	})
}
