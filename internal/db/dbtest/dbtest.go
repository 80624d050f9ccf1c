// Package dbtest gives tests real databases: every suite runs on SQLite and on
// PostgreSQL, each test on a fresh, migrated one of its own.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/pgtest"
)

// Each runs the test on both databases, side by side.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url)) })
}

// EachURL is Each for tests that open the database themselves: url names a fresh,
// migrated database that goes away with the test.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// Postgres is the URL of a fresh, migrated PostgreSQL database.
func Postgres(t testing.TB) string { return pgtest.Template(t, "migrated", migrate) }

// Empty is the URL of a fresh PostgreSQL database without a schema.
func Empty(t *testing.T) string { return pgtest.URL(t) }

var durable = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start("", true) })

// EachBench runs the benchmark on both databases, one after the other, each
// flushing every commit to disk as in production.
func EachBench(b *testing.B, bench func(b *testing.B, d *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { bench(b, Open(b, SQLite(b))) })
	b.Run("postgres", func(b *testing.B) {
		s, err := durable()
		if err != nil {
			b.Fatal(err)
		}
		name := fmt.Sprintf("bench%d", worlds.Add(1))
		if err := errors.Join(s.Create(name), migrate(s.URL(name))); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := s.Drop(name); err != nil {
				b.Error(err)
			}
		})
		bench(b, Open(b, s.URL(name)))
	})
}

// Open opens a database until the end of the test.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, db.Options{MaxConns: 12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

func migrate(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "demarc-sqlite-")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	file, err := os.ReadFile(path)
	return file, errors.Join(err, os.RemoveAll(dir))
})

// SQLite is the URL of a fresh, migrated SQLite database.
func SQLite(t testing.TB) string {
	t.Helper()
	file, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "demarc.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var worlds atomic.Int64

// World makes an empty sandbox world.
func World(t testing.TB, d *db.DB) string {
	t.Helper()
	id := fmt.Sprintf("w_test%d", worlds.Add(1))
	err := d.System(context.Background(), func(tx *db.Tx) error {
		tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ($1, 'sandbox', 'test', 'org_test', 1, $2)`,
			id, clock.Micros(clock.Machine()))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
