// Command demarc is a carrier's edge towards its partners, in one binary: see
// demarc --help, or README.md.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"demarc/internal/app"
	"demarc/internal/db"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

// cli is the command line; one file per subcommand.
type cli struct {
	ConfigFile kong.ConfigFlag `name:"config" help:"YAML file with any of the flags, by name." env:"DEMARC_CONFIG" placeholder:"FILE"`
	Settings   app.Config      `embed:""`

	Serve    ServeCmd    `cmd:"" help:"Serve the APIs (SQLite under ./data, on loopback, unless told otherwise)."`
	Demo     DemoCmd     `cmd:"" help:"Walk the journeys against a running server, or against one of its own."`
	App      AppCmd      `cmd:"" help:"Applications: create, approve, rotate, revoke, grant, list."`
	Customer CustomerCmd `cmd:"" help:"Customers and what they own: put, merge, account, port."`
	Care     CareCmd     `cmd:"" help:"The billing systems that come with the program: load, remove, count."`
	Partner  PartnerCmd  `cmd:"" help:"Partners that sell by PreOrder: put, bind."`
	Provider ProviderCmd `cmd:"" help:"Providers of the marketplace: add, list, approve, suspend, resume, rotate, revoke, offer, run."`
	Stock    StockCmd    `cmd:"" help:"The telephone numbers in stock: load, count, show, block, open, close, native, consolidate, withhold, reclaim, region."`
	Desk     DeskCmd     `cmd:"" help:"What waits for the carrier desk of Voice, and its decisions: queue, credit, exception, customer."`
	Key      KeyCmd      `cmd:"" help:"The keys that seal secrets in the database: list, new, reseal, forget."`
	Setting  SettingCmd  `cmd:"" help:"What the carrier decides about a world while it runs: list, put."`
	World    WorldCmd    `cmd:"" help:"Sandbox worlds: list, create, delete, reset, snapshot, restore, fork, export, check."`
	Clock    ClockCmd    `cmd:"" help:"The sandbox's clock: show, advance, freeze, thaw."`
	Fault    FaultCmd    `cmd:"" help:"What is to go wrong in the sandbox: list, put, clear."`
	Listen   ListenCmd   `cmd:"" name:"listen" help:"Forward a sandbox's notifications to a local URL as they happen."`
	Trigger  TriggerCmd  `cmd:"" help:"Send a test notification to every endpoint of the application."`
	Migrate  MigrateCmd  `cmd:"" help:"Bring the database's schema up to date and stop."`
	Bench    BenchCmd    `cmd:"" help:"Measure, on both databases, each figure beside its floor."`
	Version  VersionCmd  `cmd:"" help:"Print the version."`
}

// Globals is what every subcommand can reach.
type Globals struct {
	Context context.Context
	Config  app.Config
	Stdout  io.Writer
	Stderr  io.Writer
}

// OpenDB opens the configured database and brings it up to date.
func (g *Globals) OpenDB(ctx context.Context) (*db.DB, error) {
	url, err := g.Config.DatabaseURL()
	if err != nil {
		return nil, err
	}
	if g.Config.DB == "" {
		if err := os.MkdirAll(g.Config.Data, 0o700); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k := kong.Parse(&c,
		kong.Name("demarc"),
		kong.Description("A carrier's edge towards its partners: on-demand internet, preorder, telephone numbers, customer identification, a marketplace of software."),
		kong.UsageOnError(),
		kong.Configuration(yamlConfig),
		kong.Vars{"version": version},
	)
	c.Settings.Version = version
	k.FatalIfErrorf(k.Run(&Globals{Context: ctx, Config: c.Settings, Stdout: os.Stdout, Stderr: os.Stderr}))
}
