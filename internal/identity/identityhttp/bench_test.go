package identityhttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/pgtest"
)

const benchAnswer = `{"access_token":"dt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","token_type":"Bearer","expires_in":1799}`

// BenchmarkIssueTokenHTTP asks for tokens over loopback with 64 clients, next to a
// floor: a bare handler that writes the same bytes. The clients share the machine.
func BenchmarkIssueTokenHTTP(b *testing.B) {
	floor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, benchAnswer)
	}))
	b.Run("floor", func(b *testing.B) { ask64(b, floor.URL, "app_x", "sk_y") })
	floor.Close()
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
		s := newServer(b, d, "w_bench")
		b.Run(name, func(b *testing.B) { ask64(b, s.URL, s.id(), s.secret()) })
		s.Close()
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func ask64(b *testing.B, url, id, secret string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	spent := clock.Elapsed()
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(id, secret)
			res, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, res.Body); err != nil || n != int64(len(benchAnswer)) || res.StatusCode != http.StatusOK {
				b.Fatal(res.StatusCode, n, err)
			}
			res.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/spent().Seconds(), "tokens/s")
}
