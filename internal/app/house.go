package app

import (
	"context"
	"errors"
	"time"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

// houseEvery is how often the house is kept.
const houseEvery = time.Minute

// sweepOnce goes through the worlds, a batch of each, so that it never holds
// anybody up.
func (a *App) sweepOnce(ctx context.Context) error {
	var worlds []string
	err := a.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			worlds = append(worlds, id)
			return err
		}, `SELECT id FROM world WHERE kind <> 'snapshot'
			AND (EXISTS (SELECT 1 FROM idempotency i WHERE i.world = world.id) OR EXISTS (SELECT 1 FROM notice n WHERE n.world = world.id)
			OR EXISTS (SELECT 1 FROM mk_call c WHERE c.world = world.id) OR EXISTS (SELECT 1 FROM vn_told t WHERE t.world = world.id))`)
	})
	for _, world := range worlds {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if sweepErr := a.sweepWorld(ctx, world); sweepErr != nil && !errors.Is(sweepErr, db.ErrNoWorld) {
			err = errors.Join(err, sweepErr)
		}
	}
	return errors.Join(err, a.Inbox.Sweep(ctx))
}

// sweepBatches bounds what one round does in one world.
const sweepBatches = 100

// sweepWorld forgets, a batch a unit, what a world need not keep.
func (a *App) sweepWorld(ctx context.Context, world string) error {
	more := true
	for n := 0; more && n < sweepBatches && ctx.Err() == nil; n++ {
		err := a.DB.Within(ctx, world, func(tx *db.Tx) (err error) {
			if _, err := httpkit.SweepKept(tx); err != nil {
				return err
			}
			if more, err = outbox.Sweep(tx, outbox.KeptFor); err != nil {
				return err
			}
			calls, err := a.Marketplace.Sweep(tx)
			if err != nil {
				return err
			}
			told, err := a.Voice.Sweep(tx)
			more = more || calls || told
			return err
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
