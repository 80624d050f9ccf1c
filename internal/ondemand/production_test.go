package ondemand_test

import (
	"context"
	"sync"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"
)

func TestInProductionMagicWordsAreOnlyText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		asked := make(chan ondemand.Change, 1)
		network := &ledger{strike: func(_ string, c ondemand.Change) { asked <- c }}
		w := ondemandtest.New(t, d, ondemandtest.WithNetwork(network))
		w.Sandbox = false
		w.Within(func(tx *db.Tx) error {
			tx.Do(`UPDATE world SET kind = 'production', frozen_us = 0, offset_us = 0 WHERE id = $1`)
			tx.WorldChanged(w.ID)
			return nil
		})
		o := w.Add("100 Mbps", "[demarc:no-capacity]"+refused+fails)
		// Nobody can move this clock, so the order is made due.
		w.Within(func(tx *db.Tx) error {
			tx.Do(`UPDATE timer SET wake_at = 0 WHERE world = $1 AND key = $2`, o.ID)
			return nil
		})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.Runner.Run(ctx) })
		c := <-asked
		stop()
		running.Wait()
		if c.Order != o.ID || c.Hint != "" {
			t.Errorf("the network was asked for %+v", c)
		}
		if got := w.Order(o.ID); got.State != ondemand.OrderInProgress {
			t.Errorf("the order is %s: %s", got.State, got.Failure)
		}
		w.CheckAll()
	})
}
