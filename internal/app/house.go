package app

import (
	"context"
	"errors"
	"time"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

// How often the house is kept, and how long notifications can be pulled.
const (
	houseEvery = time.Minute
	noticeLife = 180 * 24 * time.Hour
)

// sweepOnce goes through the worlds, a batch of each, so that it never holds
// anybody up; what is left is done the next time.
func (a *App) sweepOnce(ctx context.Context) error {
	var worlds []string
	err := a.DB.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			worlds = append(worlds, id)
			return err
		}, `SELECT id FROM world WHERE kind <> 'snapshot'
			AND (EXISTS (SELECT 1 FROM idempotency i WHERE i.world = world.id) OR EXISTS (SELECT 1 FROM notice n WHERE n.world = world.id))`)
	})
	for _, world := range worlds {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sweepErr := a.DB.Within(ctx, world, func(tx *db.Tx) error {
			if _, err := httpkit.SweepKept(tx); err != nil {
				return err
			}
			_, err := outbox.Sweep(tx, noticeLife)
			return err
		})
		if sweepErr != nil && !errors.Is(sweepErr, db.ErrNoWorld) {
			err = errors.Join(err, sweepErr)
		}
	}
	return err
}
