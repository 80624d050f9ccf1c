package db_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// Far more readers than connections, for long enough that what the node knows of
// the world's clock goes stale several times: nobody holds a connection while
// waiting for another one.
func TestReadersOfAWorldNeverWaitForEachOthersConnections(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d, err := db.Open(t.Context(), url, db.Options{MaxConns: 4, Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}()
		w := dbtest.World(t, d)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for spent := clock.Elapsed(); spent() < 700*time.Millisecond; {
					err := d.View(ctx, w, func(tx *db.Tx) error {
						var n int
						tx.Now()
						return tx.Row(`SELECT count(*) FROM counter WHERE world = $1`).Scan(&n)
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}
