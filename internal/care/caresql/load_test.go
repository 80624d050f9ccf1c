package caresql_test

import (
	"fmt"
	"iter"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// synthetic are so many accounts of a unit.
func synthetic(unit string, from, to int64) iter.Seq[care.Account] {
	return func(yield func(care.Account) bool) {
		for n := from; n < to; n++ {
			if !yield(care.Synthetic(unit, n)) {
				return
			}
		}
	}
}

// BenchmarkLoad writes as many accounts as it has iterations, each with two lines.
func BenchmarkLoad(b *testing.B) {
	dbtest.EachBench(b, func(b *testing.B, d *db.DB) {
		world := dbtest.World(b, d)
		b.ResetTimer()
		if _, err := caresql.Load(b.Context(), d, world, synthetic("PR", 0, int64(b.N))); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkFind finds accounts among a hundred thousand.
func BenchmarkFind(b *testing.B) {
	dbtest.EachBench(b, func(b *testing.B, d *db.DB) {
		const accounts = 100_000
		world := dbtest.World(b, d)
		if _, err := caresql.Load(b.Context(), d, world, synthetic("PR", 0, accounts)); err != nil {
			b.Fatal(err)
		}
		s := caresql.New(d)
		b.Run("account", func(b *testing.B) {
			for i := range b.N {
				id := fmt.Sprintf("%016d", i*7919%accounts)
				if a, err := s.FindAccount(b.Context(), world, "PR", id); err != nil || a == nil {
					b.Fatal(id, a, err)
				}
			}
		})
		b.Run("number", func(b *testing.B) {
			for i := range b.N {
				number := care.Synthetic("PR", int64(i*7919%accounts)).Contacts[0]
				if list, err := s.FindByNumber(b.Context(), world, "PR", care.LineContact, number); err != nil || len(list) != 5 {
					b.Fatal(number, len(list), err)
				}
			}
		})
	})
}
