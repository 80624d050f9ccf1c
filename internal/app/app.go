// Package app is the composition root: the only place that knows every package. It
// opens the database, makes the services, mounts their routes, runs their due work,
// and ends all of it in order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"demarc/internal/audit"
	"demarc/internal/backend"
	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/care/carehttp"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/docs"
	"demarc/internal/guard"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identityhttp"
	"demarc/internal/inbox"
	"demarc/internal/machine"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacehttp"
	"demarc/internal/marketplace/marketplacesql"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandhttp"
	"demarc/internal/ondemand/ondemandsql"
	"demarc/internal/outbox"
	"demarc/internal/outbox/deliver"
	"demarc/internal/outbox/outboxhttp"
	"demarc/internal/portal"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/postal/postalsql"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
	"demarc/internal/preorder/preorderhttp"
	"demarc/internal/preorder/preordersql"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
	"demarc/internal/sandbox/sandboxhttp"
	"demarc/internal/seal"
	"demarc/internal/timer"
	"demarc/internal/trouble"
	"demarc/internal/voice"
	"demarc/internal/voice/voicehttp"
)

// Products are the products that applications can be approved for.
var Products = []string{ondemand.Product, care.Product, marketplace.Product, preorder.Product, voice.Product}

// Machines are the state machines of the whole program.
func Machines() []*machine.Table {
	return slices.Concat(ondemand.Machines(), marketplace.Machines(), preorder.Machines(), voice.Machines(),
		[]*machine.Table{&outbox.DeliveryMachine, &outbox.EndpointMachine, &identity.Approval})
}

// App is one node.
type App struct {
	cfg         Config
	log         *slog.Logger
	DB          *db.DB
	Kit         *httpkit.Kit
	Identity    *identity.Service
	Sandbox     *sandbox.Service
	Runner      *timer.Runner
	OnDemand    *ondemand.Desk
	Care        *care.Desk
	PreOrder    *preorder.Desk
	Marketplace *marketplace.Desk
	Voice       *voice.Desk
	Outbox      *outbox.Service
	Portal      *web.Kit
	Backends    *backend.Registry
	sender      *deliver.Client
	providers   *guard.Client
	Requests    *requestlog.Log
	Inbox       *inbox.Service
	metrics     *metrics
	keys        *seal.Ring
	lock        *os.File
}

// Open makes a node that is ready to serve: its database is open and up to date,
// its routes are mounted, and the first start's keys are written.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log, metrics: newMetrics()}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	url, err := a.cfg.DatabaseURL()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return err
	}
	if a.cfg.DB == "" {
		if a.lock, err = lockDir(a.cfg.Data); err != nil {
			return err
		}
	}
	if a.DB, err = db.Open(ctx, url, db.Options{MaxConns: a.cfg.Connections, NoGroup: a.cfg.NoGroup}); err != nil {
		return err
	}
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	if a.keys, err = a.cfg.KeyRing(ctx, a.DB); err != nil {
		return err
	}
	if err := outbox.Adopt(ctx, a.DB); err != nil {
		return err
	}
	if err := a.services(); err != nil {
		return err
	}
	if err := postalsql.EnsureDataSet(ctx, a.DB); err != nil {
		return err
	}
	if err := a.routes(); err != nil {
		return err
	}
	a.metrics.watch(a.DB)
	if err := a.Sandbox.EnsureProduction(ctx); err != nil {
		return err
	}
	return a.quickstart(ctx)
}

// services makes the services, from the ground up.
func (a *App) services() error {
	ranges, err := a.cfg.privateRanges()
	if err != nil {
		return err
	}
	var network ondemand.Network = ondemandcarrier.Reference{}
	a.Backends = &backend.Registry{}
	if a.cfg.NetworkURL == "" {
		a.Backends.Embed(ondemand.Product, "network")
	} else {
		controller, err := ondemandcarrier.NewHTTP(a.cfg.NetworkURL)
		if err != nil {
			return err
		}
		a.Backends.Add(controller)
		network = ondemandcarrier.Split{Production: controller, Sandbox: network}
	}
	counters := db.NewCounters(a.DB)
	maker := trouble.New(a.DB)
	a.Runner = timer.NewRunner(a.DB, a.log, a.cfg.Workers)
	a.Identity = identity.New(a.DB, identity.Options{Log: a.log, Products: Products, TokenTTL: a.cfg.TokenTTL, Merged: Merged})
	a.sender = deliver.New(deliver.Options{Version: a.cfg.Version, AllowPrivate: ranges})
	calls := outbox.GateFor(a.cfg.Workers)
	a.Outbox = outbox.New(outbox.Options{DB: a.DB, Gate: calls, Seal: a.keys, Sender: a.sender, Log: a.log, Workers: a.cfg.Workers})
	a.Outbox.Register(a.Runner)
	a.OnDemand = &ondemand.Desk{DB: a.DB, Store: ondemandsql.New(a.DB), Network: ondemandcarrier.Trouble(network, maker), Counters: counters}
	a.OnDemand.Handle(a.Runner)
	billing := caresql.New(a.DB)
	systems, err := carecarrier.Connect(billing, a.cfg.CareURL, a.log, a.Backends)
	if err != nil {
		return err
	}
	a.Care = &care.Desk{Billing: carecarrier.Trouble(systems, maker), Store: billing}
	a.providers = guard.New(guard.Options{Version: a.cfg.Version, AllowPrivate: ranges})
	a.Marketplace = NewMarketplace(a.DB, a.keys, counters, marketplacecarrier.Trouble(marketplacecarrier.Switch{
		Embedded: marketplacecarrier.Embedded{}, HTTP: marketplacecarrier.HTTP{Guard: a.providers}}, maker), a.providers.Allowed)
	a.Marketplace.Gate = calls
	a.Marketplace.Handle(a.Runner)
	if err := a.preorder(counters, maker); err != nil {
		return err
	}
	if err := a.voice(counters, maker); err != nil {
		return err
	}
	a.Sandbox = sandbox.New(sandbox.Options{
		DB: a.DB, Runner: a.Runner, Identity: a.Identity, Counters: counters, Log: a.log, Products: Products,
		Seeders: []func(*db.Tx) error{seedCustomers, a.OnDemand.Seed, a.Care.Seed, a.Marketplace.Seed, a.PreOrder.Seed, a.Voice.Seed},
		Checks:  []func(*db.Tx) ([]string, error){a.OnDemand.Check, a.Care.Check, a.Marketplace.Check, a.PreOrder.Check, a.Voice.Check, outbox.Check, identity.Check},
	})
	a.Inbox = inbox.New(a.DB)
	a.Requests = requestlog.New(a.DB, a.log)
	a.Requests.Private = marketplace.HoldsCardNumber
	a.Kit = httpkit.New(httpkit.Options{DB: a.DB, Auth: a.Identity, Log: a.log, InFlight: a.cfg.InFlight,
		Rate: a.cfg.Rate, SandboxRate: a.cfg.SandboxRate, Observe: a.metrics.observe, Refuse: a.troubleOf(maker), Recorder: recorder{a.Requests}})
	return nil
}

// preorder makes the use cases of PreOrder and connects its backends.
func (a *App) preorder(counters *db.Counters, maker *trouble.Maker) error {
	b, err := preordercarrier.Connect(postalsql.New(a.DB), preordercarrier.URLs{Addresses: a.cfg.AddressURL, LoopQual: a.cfg.LoopQualURL,
		Catalog: a.cfg.CatalogURL, Credit: a.cfg.CreditURL, Health: a.Backends}, a.log)
	if err != nil {
		return err
	}
	b = preordercarrier.Trouble(b, maker)
	a.PreOrder = &preorder.Desk{DB: a.DB, Store: preordersql.New(a.DB), Addresses: b.Addresses, LoopQual: b.LoopQual, Catalog: b.Catalog, Credit: b.Credit,
		Seal: a.keys, Counters: counters, Wording: preorder.Wording{Carrier: a.cfg.CarrierName, Phone: a.cfg.CarrierPhone}}
	a.PreOrder.Handle(a.Runner)
	return nil
}

// NewMarketplace makes the marketplace's use cases; the command line needs them
// without a server.
func NewMarketplace(d *db.DB, keys *seal.Ring, counters *db.Counters, server marketplace.Server, allowed func(netip.Addr) bool) *marketplace.Desk {
	return &marketplace.Desk{DB: d, Store: marketplacesql.New(d), Server: server, Counters: counters, Seal: keys,
		Allowed: allowed, Customer: ondemand.ExampleCustomer}
}

// seedCustomers writes the customers of a fresh world: the one of the published
// examples under both its numbers, and another.
func seedCustomers(tx *db.Tx) error {
	for _, c := range []identity.Customer{
		{Number: ondemand.ExampleCustomer, Name: "Company or account name"},
		{Number: ondemand.ExampleAlias, GoesBy: ondemand.ExampleCustomer, Name: "Company or account name"},
		{Number: ondemand.OtherCustomer, Name: "Other customer"},
	} {
		identity.PutCustomer(tx, c)
	}
	audit.Record(tx, audit.Event{Subject: "world/" + tx.World(), Actor: "seed", Event: "seeded"})
	return nil
}

// routes mounts every operation and page.
func (a *App) routes() error {
	a.Kit.Add(a.systemRoutes()...)
	a.Kit.Add(identityhttp.Routes(a.Kit, a.Identity, identityhttp.Options{BaseURL: a.baseURL})...)
	a.Kit.Add(sandboxhttp.Routes(a.Kit, a.Sandbox, sandboxhttp.Options{BaseURL: a.baseURL, Customer: ondemand.ExampleCustomer, Requests: a.Requests})...)
	a.Kit.Add(outboxhttp.Routes(a.Kit, a.Outbox)...)
	a.Kit.Add(ondemandhttp.Routes(a.Kit, a.OnDemand)...)
	a.Kit.AddFamily(carehttp.Family(a.Identity), carehttp.Routes(a.Care, carehttp.Options{BaseURL: a.baseURL})...)
	market := marketplacehttp.Options{UpdatePath: a.cfg.UpdatePath, Log: a.log, BaseURL: a.baseURL}
	a.Kit.AddFamily(preorderhttp.Family(), preorderhttp.Routes(a.Kit, a.PreOrder)...)
	a.Kit.AddFamily(voicehttp.Family(), voicehttp.Routes(a.Kit, a.Voice)...)
	a.Kit.Add(voicehttp.DeskRoutes(a.Kit, a.Voice)...)
	a.Kit.Add(marketplacehttp.Routes(a.Kit, a.Marketplace, market)...)
	updates, told := marketplacehttp.UpdateFamily(a.Kit, a.Marketplace, market)
	for _, r := range a.Kit.Routes() {
		if r.Method == told[0].Method && (r.Pattern == told[0].Pattern || r.Pattern == told[1].Pattern) {
			return fmt.Errorf("--update-path %s: that path is taken", a.cfg.UpdatePath)
		}
	}
	a.Kit.AddFamily(updates, told...)
	a.Kit.Mount("GET /metrics", a.metrics.handler())
	a.Kit.Mount("GET /docs/", docs.Handler())
	a.Kit.Mount("GET /api/", docs.Specs())
	a.portal()
	return nil
}

// portal mounts the pages that people see.
func (a *App) portal() {
	a.Portal = portal.New(portal.Options{
		Options:  web.Options{DB: a.DB, People: a.Identity, Worlds: a.Sandbox, Log: a.log, Brand: a.cfg.CarrierName, BaseURL: a.baseURL, Observe: a.metrics.observe},
		Identity: a.Identity, Sandbox: a.Sandbox, Outbox: a.Outbox, Requests: a.Requests, Inbox: a.Inbox, OnDemand: a.OnDemand, Care: a.Care, PreOrder: a.PreOrder,
		Marketplace: a.Marketplace, Voice: a.Voice, Backends: a.Backends, UpdatePath: a.cfg.UpdatePath, Products: Products, Machines: Machines(),
	})
	for _, pattern := range a.Portal.Patterns() {
		a.Kit.Mount(pattern, a.Portal)
	}
	a.Kit.Mount("GET "+ui.AssetsPath, ui.Assets())
	a.Kit.Missing(a.Portal.NotFound())
}

// baseURL is where clients reach this server.
func (a *App) baseURL(r *http.Request) string {
	switch {
	case a.cfg.PublicURL != "":
		return a.cfg.PublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (a *App) systemRoutes() []httpkit.Route {
	health := func(ready bool) httpkit.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			if ready {
				if err := a.DB.Ping(r.Context()); err != nil {
					a.log.Warn("not ready", "err", err)
					return httpkit.Overloaded.Say("The database does not answer.")
				}
			}
			return httpkit.JSON(w, http.StatusOK, map[string]string{"status": "ok", "version": a.cfg.Version})
		}
	}
	return []httpkit.Route{
		{Method: http.MethodGet, Pattern: "/healthz", OperationID: "getHealth", Open: true, Handle: health(false)},
		{Method: http.MethodGet, Pattern: "/readyz", OperationID: "getReadiness", Open: true, Handle: health(true)},
	}
}

// gcPercent lets the heap grow to four times what lives before it is collected: that
// is a few megabytes, and every request pays for collections. GOGC overrides it.
const gcPercent = 300

// Serve serves on the listener until the context ends, and then ends in order:
// requests in flight, due work in flight, the database.
func (a *App) Serve(ctx context.Context, ln net.Listener) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	handler, flush, err := a.traced(ctx, a.Kit)
	if err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(a.Outbox.Close)
	server.RegisterOnShutdown(a.Portal.Close)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	for _, run := range []func(context.Context){a.Runner.Run, a.Identity.Run, a.Sandbox.Run, a.Requests.Run, a.sweep} {
		working.Go(func() { run(work) })
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		a.log.Info("stopping")
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Drain)
		err = server.Shutdown(drain)
		cancel()
		if err != nil {
			err = errors.Join(fmt.Errorf("requests were still in flight after %v", a.cfg.Drain), server.Close())
		}
	}
	stopWork()
	working.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, flush(ending))
}

// Close closes the database and whatever else is open.
func (a *App) Close() error {
	var err error
	if a.sender != nil {
		a.sender.Close()
	}
	if a.providers != nil {
		a.providers.Close()
	}
	if a.DB != nil {
		err = a.DB.Close()
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	return err
}
