package main

import (
	"errors"
	"fmt"
	"io"
	stdlog "log" //nolint:depguard // it is only told to be silent
	"log/slog"
	"net"
	"path/filepath"

	"demarc/internal/app"
)

// ServeCmd serves until it is told to stop.
type ServeCmd struct{}

// Run serves.
func (*ServeCmd) Run(g *Globals) error {
	log := newLogger(g)
	// net/http writes to the standard log what strange servers send, which may be what
	// they were sent.
	stdlog.SetOutput(io.Discard)
	ln, err := (&net.ListenConfig{}).Listen(g.Context, "tcp", g.Config.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", g.Config.Listen, err)
	}
	cfg := g.Config
	cfg.Listen = ln.Addr().String()
	a, err := app.Open(g.Context, cfg, log)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	banner(g, cfg)
	return errors.Join(a.Serve(g.Context, ln), a.Close())
}

func newLogger(g *Globals) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(g.Config.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if g.Config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(g.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(g.Stderr, o))
}

// banner says what is served and how to make the first call.
func banner(g *Globals, cfg app.Config) {
	base := cfg.PublicURL
	if base == "" {
		base = "http://" + cfg.Listen
	}
	where := "SQLite in " + filepath.Join(cfg.Data, "demarc.db")
	if cfg.DB != "" {
		where = "PostgreSQL"
	}
	env := filepath.Join(cfg.Data, app.QuickstartFile)
	fmt.Fprintf(g.Stdout, `demarc %s serves
  APIs      %[2]s
  portal    %[2]s/                 (sign up there; the administrator is in the keys below)
  docs      %[2]s/docs/            (sign in or Authorize with the keys, then Try it out)
  health    %[2]s/healthz  /readyz  /metrics
  data      %[3]s
  keys      %[4]s

A first call, as it stands:

  . %[4]s && curl -s "%[2]s/ProductInventory/v1/inventory?serviceId=77133831778" -H "x-customer-number: $DEMARC_CUSTOMER_NUMBER" -H "Authorization: Bearer $(curl -s -u "$DEMARC_CLIENT_ID:$DEMARC_CLIENT_SECRET" -d grant_type=client_credentials %[2]s/oauth/v2/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"

`, cfg.Version, base, where, shellPath(env))
}

// shellPath makes a relative path one that the shell's dot will find.
func shellPath(p string) string {
	if filepath.IsAbs(p) || p[0] == '.' {
		return p
	}
	return "./" + p
}

// MigrateCmd brings the schema up to date.
type MigrateCmd struct{}

// Run migrates.
func (*MigrateCmd) Run(g *Globals) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	fmt.Fprintln(g.Stdout, "The schema is up to date.")
	return d.Close()
}

// VersionCmd prints the version.
type VersionCmd struct{}

// Run prints it.
func (*VersionCmd) Run(g *Globals) error {
	_, err := fmt.Fprintln(g.Stdout, "demarc", g.Config.Version)
	return err
}
