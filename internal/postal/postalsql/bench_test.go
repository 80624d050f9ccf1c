package postalsql_test

import (
	"slices"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"
)

// BenchmarkBook measures lookups among 200,000 addresses.
func BenchmarkBook(b *testing.B) {
	dbtest.EachBench(b, func(b *testing.B, d *db.DB) {
		ctx := b.Context()
		spent := clock.Elapsed()
		if err := postalsql.EnsureDataSet(ctx, d); err != nil {
			b.Fatal(err)
		}
		b.Logf("the data set loads in %v", spent())
		spent = clock.Elapsed()
		if err := postalsql.Load(ctx, d, synthetic(200_000)); err != nil {
			b.Fatal(err)
		}
		b.Logf("200,000 addresses load in %v", spent())
		book := postalsql.New(d)
		known := slices.Collect(postal.DataSet())
		var slipped []postal.Address
		for m := range misspelt(2000, slices.Concat(known, slices.Collect(synthetic(20_000)))) {
			q, _ := postal.Parse(m.in)
			slipped = append(slipped, q)
		}
		run := func(name string, among []postal.Address, ask func(postal.Address) error) {
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for i := 0; b.Loop(); i++ {
					spent := clock.Elapsed()
					if err := ask(among[i*7919%len(among)]); err != nil {
						b.Fatal(err)
					}
					took = append(took, spent())
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
			})
		}
		run("exact", known, func(a postal.Address) error { _, err := book.Exact(ctx, a); return err })
		run("near", slipped, func(a postal.Address) error { _, err := book.Near(ctx, a, 10); return err })
	})
}
