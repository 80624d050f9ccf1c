package identity_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/pgtest"
)

func benchEach(b *testing.B, bench func(b *testing.B, n node, app identity.App)) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "demarc.db") },
		"postgres": func() string { return pgtest.URL(b) },
	} {
		d, err := db.Open(b.Context(), url(), db.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Migrate(b.Context()); err != nil {
			b.Fatal(err)
		}
		err = d.System(b.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ('w_bench', 'sandbox', 'bench', 'org_b', 1, 0)`)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		n := node{identity.New(d, identity.Options{}), d}
		app := identitytest.App(b, n.Service, "w_bench", "ondemand")
		b.Run(name, func(b *testing.B) { bench(b, n, app) })
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIssueToken has 64 clients prove themselves and get durable tokens.
func BenchmarkIssueToken(b *testing.B) {
	benchEach(b, func(b *testing.B, n node, app identity.App) {
		before := n.d.Stats()
		spent := clock.Elapsed()
		b.ReportAllocs()
		b.SetParallelism(32) // times two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				c, err := n.VerifyClient(b.Context(), app.ID, app.Secrets[0].Clear)
				if err == nil {
					_, err = n.Issue(b.Context(), c)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/spent().Seconds(), "tokens/s")
		b.ReportMetric(float64(n.d.Stats().Commits-before.Commits)/float64(b.N), "commits/op")
	})
}

// BenchmarkAuthenticate asks for one token that is known, and for tokens that are
// read from the database each time.
func BenchmarkAuthenticate(b *testing.B) {
	benchEach(b, func(b *testing.B, n node, app identity.App) {
		tokens := make([]string, 4096)
		for i := range tokens {
			tokens[i] = identitytest.Token(b, n.Service, app)
		}
		ask := func(b *testing.B, s *identity.Service, token string) {
			if _, err := s.Authenticate(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("known", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(b, n.Service, tokens[0])
			}
		})
		b.Run("known-64-clients", func(b *testing.B) {
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask(b, n.Service, tokens[0])
				}
			})
		})
		b.Run("unknown-64-clients", func(b *testing.B) {
			small := identity.New(n.d, identity.Options{MaxTokens: 64})
			var next atomic.Int64
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask(b, small, tokens[next.Add(1)%int64(len(tokens))])
				}
			})
		})
	})
}
