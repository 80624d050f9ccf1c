package requestlog

import (
	"fmt"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// What the edge pays for a request: it is asked about and counted, and, if it is one of
// a sandbox within its limit, queued.
func BenchmarkOnTheWay(b *testing.B) {
	for _, kept := range []bool{false, true} {
		b.Run(fmt.Sprintf("kept=%v", kept), func(b *testing.B) {
			l := New(nil, quiet)
			r := asked("w", "app_a", "r")
			r.Keep = kept
			b.ReportAllocs()
			for b.Loop() {
				l.Wants("w", "app_a")
				l.Add(r)
				if len(l.queue.list) == batchMost {
					l.queue.take()
				}
			}
		})
	}
}

// What the writer pays for a request, in batches as they come under load.
func BenchmarkWrite(b *testing.B) {
	dbtest.EachBench(b, func(b *testing.B, d *db.DB) {
		l, world := New(d, quiet), dbtest.World(b, d)
		r := asked(world, "app_a", "r")
		n := 0
		for b.Loop() {
			l.Add(r)
			if n++; n%batchMost == 0 {
				if err := l.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
