package db

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// dialectFS is the migrations as one database reads them. They are one text; what
// only one database needs stands in a comment that names it, /*sqlite ... */ or
// /*postgres ... */, and is laid bare for that one.
type dialectFS struct{ mine *regexp.Regexp }

func newDialectFS(d Dialect) fs.FS {
	return dialectFS{regexp.MustCompile(`/\*` + d.String() + `\s(.*?)\*/`)}
}

type textFile struct {
	fs.File
	*bytes.Reader
	size int64
}

type sizedInfo struct {
	fs.FileInfo
	size int64
}

func (i sizedInfo) Size() int64               { return i.size }
func (f textFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }
func (f textFile) Stat() (fs.FileInfo, error) {
	i, err := f.File.Stat()
	return sizedInfo{i, f.size}, err
}

func (d dialectFS) Open(name string) (fs.File, error) {
	f, err := migrations.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	text = d.mine.ReplaceAll(text, []byte("$1"))
	return textFile{f, bytes.NewReader(text), int64(len(text))}, nil
}

func (d dialectFS) ReadDir(name string) ([]fs.DirEntry, error) { return migrations.ReadDir(name) }

func migrate(ctx context.Context, pool *sql.DB, kind goose.Dialect, d Dialect, opts ...goose.ProviderOption) error {
	texts, err := fs.Sub(newDialectFS(d), "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(kind, pool, texts, append(opts, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return fmt.Errorf("db: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}

// The writer's single connection is taken, so migrations open their own.
func (e *sqliteEngine) migrate(ctx context.Context) error {
	path, err := e.w.text(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`)
	if err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&"+sqlitePragmas)
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	return errors.Join(migrate(ctx, pool, goose.DialectSQLite3, SQLite), pool.Close())
}

// Nodes that start together take turns on an advisory lock.
func (e *pgEngine) migrate(ctx context.Context) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	pool := stdlib.OpenDBFromPool(e.pool)
	return errors.Join(migrate(ctx, pool, goose.DialectPostgres, Postgres, goose.WithSessionLocker(locker)), pool.Close())
}
