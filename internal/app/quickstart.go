package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/marketplace"
	"demarc/internal/ondemand"
	"demarc/internal/preorder"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
)

// The organisation and the administrator of the first start.
const (
	quickstartOrg = "org_quickstart"
	adminEmail    = "admin@demarc.localhost"
	// QuickstartFile holds what a first client needs, in the data directory.
	QuickstartFile = "quickstart.env"
)

// lockDir makes sure that one process at a time serves a SQLite file: it knows its
// worlds' clocks, and others would not be told of changes.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "demarc.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another demarc serves from %s; for many nodes use --db postgres://…", dir), f.Close())
	}
	return f, nil
}

// quickstart makes, once, the administrator and an organisation with a sandbox and
// an application that may use every product, and writes its keys to a file that
// only this user can read.
func (a *App) quickstart(ctx context.Context) error {
	path := filepath.Join(a.cfg.Data, QuickstartFile)
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	mine, err := a.claim(ctx)
	if err != nil || !mine {
		return err
	}
	password, _, err := a.Identity.EnsureAdmin(ctx, adminEmail)
	if err != nil {
		return err
	}
	app, err := a.quickstartApp(ctx)
	if err != nil {
		return err
	}
	key, err := a.quickstartKey(ctx, app.World)
	if err != nil {
		return err
	}
	return writeEnv(path, [][2]string{
		{"DEMARC_URL", a.selfURL()},
		{"DEMARC_CLIENT_ID", app.ID},
		{"DEMARC_CLIENT_SECRET", app.Secrets[len(app.Secrets)-1].Clear},
		{"DEMARC_CUSTOMER_NUMBER", ondemand.ExampleCustomer},
		{"DEMARC_CUSTOMER_SERVICE_NAME", voice.ExampleRoute}, // where Voice sends that customer's calls
		{"DEMARC_PROVIDER_ID", marketplace.ExampleProvider},
		{"DEMARC_PROVIDER_KEY", key},
		{"DEMARC_PARTNER_ID", preorder.ExamplePartner},
		{"DEMARC_SALES_CODE", preorder.ExampleSalesCode},
		{"DEMARC_AGENT_ID", preorder.ExampleAgent},
		{"DEMARC_ADMIN_EMAIL", adminEmail},
		{"DEMARC_ADMIN_PASSWORD", password},
	})
}

// selfURL is where this server will be reached from this machine.
func (a *App) selfURL() string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	return "http://" + strings.Replace(a.cfg.Listen, "0.0.0.0", "127.0.0.1", 1)
}

// claim makes the organisation of the first start. On PostgreSQL one of the nodes
// that start together wins, and it has the file; a SQLite file has one server, and
// when the keys are missing there, they are made again.
func (a *App) claim(ctx context.Context) (mine bool, err error) {
	taken := errors.New("taken")
	err = a.DB.System(ctx, func(tx *db.Tx) error {
		tx.One(taken, `INSERT INTO organisation (id, name, created_at) VALUES ($1, 'Quick start', $2) ON CONFLICT DO NOTHING`,
			quickstartOrg, clock.Micros(tx.Machine()))
		return nil
	})
	if errors.Is(err, taken) {
		return a.DB.Dialect() == db.SQLite, nil
	}
	return err == nil, err
}

// quickstartApp makes the organisation's sandbox with its application, or, when
// they are there, another secret for it.
func (a *App) quickstartApp(ctx context.Context) (identity.App, error) {
	apps, err := a.Identity.ListApps(ctx, identity.Filter{Org: quickstartOrg})
	if err != nil {
		return identity.App{}, err
	}
	if len(apps) == 0 {
		seed := int64(1)
		made, err := a.Sandbox.Create(ctx, sandbox.NewWorld{Org: quickstartOrg, Name: "Quick start", Seed: &seed, Actor: "first start"})
		return made.App, err
	}
	approved := slices.IndexFunc(apps, func(a identity.App) bool { return a.State == identity.Approved })
	if approved < 0 {
		return a.Identity.CreateApp(ctx, "first start", identity.NewApp{World: apps[0].World, Name: "Quick start",
			Products: Products, Customers: []string{identity.All}})
	}
	app := apps[approved]
	for len(app.Secrets) > 1 {
		if err := a.Identity.RevokeSecret(ctx, "first start", app.ID, app.Secrets[0].ID); err != nil {
			return app, err
		}
		app.Secrets = app.Secrets[1:]
	}
	secret, err := a.Identity.RotateSecret(ctx, "first start", app.ID, identity.Rotation{})
	app.Secrets = append(app.Secrets, secret)
	return app, err
}

// quickstartKey makes a provider key of the provider that a fresh world holds; older
// ones end.
func (a *App) quickstartKey(ctx context.Context, world string) (string, error) {
	m := marketplace.Manager{World: world, Org: quickstartOrg, Actor: "first start", Sandbox: true}
	key, err := a.Marketplace.PrepareKey(ctx, world)
	if err != nil {
		return "", err
	}
	err = a.DB.Within(ctx, world, func(tx *db.Tx) error {
		p, err := a.Marketplace.Provider(tx, m, marketplace.ExampleProvider)
		if err != nil {
			return err
		}
		for _, old := range p.Keys {
			if err := a.Marketplace.RevokeKey(tx, m, p.ID, old.ID); err != nil {
				return err
			}
		}
		_, err = a.Marketplace.RotateKey(tx, m, p.ID, key, nil)
		return err
	})
	return key.Clear, err
}

// writeEnv writes a file for a shell to source. A value that a shell would read
// otherwise is quoted. The file appears whole or not at all.
func writeEnv(path string, values [][2]string) error {
	var b strings.Builder
	b.WriteString("# Made at the first start. Source it: set -a; . " + filepath.Base(path) + "; set +a\n")
	for _, v := range values {
		if v[1] == "" {
			continue
		}
		fmt.Fprintf(&b, "%s='%s'\n", v[0], strings.ReplaceAll(v[1], `'`, `'\''`))
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// sweep keeps house once a minute: results that are no longer kept, notifications
// past their time.
func (a *App) sweep(ctx context.Context) {
	for clock.Sleep(ctx, houseEvery) == nil {
		if err := a.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("housekeeping failed", "err", err)
		}
	}
}
