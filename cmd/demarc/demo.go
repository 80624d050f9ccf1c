package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"demarc/internal/app"
	"demarc/internal/clock"
	"demarc/internal/demo"
)

// DemoCmd walks the journeys in a world of their own.
type DemoCmd struct {
	Journeys []string `arg:"" optional:"" help:"Which ones; without a name, all."`
	TTL      string   `name:"ttl" help:"How long the demo's world stays, to be looked at, ISO 8601." default:"PT1H" placeholder:"PT1H"`
}

// Run walks them against the server that is known, or one of its own.
func (c *DemoCmd) Run(g *Globals) (err error) {
	if _, err := clock.ParseDuration(c.TTL); err != nil {
		return fmt.Errorf("--ttl must be %w", err)
	}
	if err := demo.Known(c.Journeys); err != nil {
		return err
	}
	api, err := dial(g.Context, g)
	own := err != nil
	var no *refused
	switch {
	case errors.As(err, &no), g.Context.Err() != nil:
		return err
	case own:
		fmt.Fprintf(g.Stdout, "No server answers (%v).\nThis demo brings its own, which ends with it.\n\n", err)
		var end func() error
		if api, end, err = ownServer(g); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, end()) }()
	}
	fmt.Fprintf(g.Stdout, "demarc demo, against %s\n\n", api.base)
	world, inside, err := c.world(g.Context, api)
	if err != nil {
		return err
	}
	o := demo.Options{API: inside, World: world, Names: c.Journeys, Out: g.Stdout, Again: !own, Provider: g.neighbour, UpdatePath: g.Config.UpdatePath}
	if o.Fancy = terminal(g.Stdout); o.Fancy {
		o.Pace = 40 * time.Millisecond
	}
	return demo.Play(g.Context, o)
}

// world makes the demo's world and a client in it.
func (c *DemoCmd) world(ctx context.Context, api *client) (demo.World, *worldClient, error) {
	var w demo.World
	body := map[string]any{"ttl": c.TTL, "name": "demarc demo", "seed": 42}
	if err := api.call(ctx, http.MethodPost, worldsPath, body, &w); err != nil {
		return w, nil, fmt.Errorf("no world for the demo: %w", err)
	}
	inside := &worldClient{client: client{base: api.base, customer: w.Customer, http: api.http}, world: w}
	// The demo's own base address is the one that was found to answer.
	inside.world.BaseURL = api.base
	return inside.world, inside, inside.authorize(ctx, w.Client, w.Secret)
}

// worldClient is a client of the demo's world. A token lives by the world's clock,
// so moving that clock ends it.
type worldClient struct {
	client
	world demo.World
}

// Call makes a journey's call.
func (w *worldClient) Call(ctx context.Context, c demo.Call, into any) error {
	err := w.attempt(ctx, c, into)
	var no *refused
	if errors.As(err, &no) && no.expired() && !c.Bare {
		// The token has ended; another is fetched, as any client would.
		w.token = "" // else it would go along with the request for the next
		if err := w.authorize(ctx, w.world.Client, w.world.Secret); err != nil {
			return err
		}
		err = w.attempt(ctx, c, into)
	}
	if errors.As(err, &no) {
		return &demo.Refusal{Status: no.code, Message: no.message, Body: no.body}
	}
	return err
}

// expired reports whether a call may be refused because its token has ended: Voice says
// so with a code of its own.
func (r *refused) expired() bool {
	var e struct {
		Code any `json:"code"`
	}
	return r.code == http.StatusUnauthorized || r.code == http.StatusForbidden && json.Unmarshal(r.body, &e) == nil && e.Code == "403006"
}

func (w *worldClient) attempt(ctx context.Context, c demo.Call, into any) error {
	req, err := w.request(ctx, c.Method, c.Path, c.Body)
	if err != nil {
		return err
	}
	maps.Copy(req.Header, c.Header)
	if c.Bare {
		return (&client{http: w.http}).send(req, into)
	}
	return w.send(req, into)
}

// ownServer starts a server for the demo alone, on a free port of the loopback and
// in a directory that is removed afterwards.
func ownServer(g *Globals) (*client, func() error, error) {
	dir, err := os.MkdirTemp("", "demarc-demo-")
	if err != nil {
		return nil, nil, err
	}
	var config net.ListenConfig
	ln, err := config.Listen(g.Context, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	cfg := g.Config
	cfg.Data, cfg.Listen = dir, ln.Addr().String()
	cfg.DB, cfg.PublicURL, cfg.NetworkURL, cfg.AllowWebhooksTo = "", "", "", nil
	log := slog.New(slog.NewTextHandler(g.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(g.Context, cfg, log)
	if err != nil {
		return nil, nil, errors.Join(err, ln.Close(), os.RemoveAll(dir))
	}
	serving, stop := context.WithCancel(g.Context)
	served := make(chan error, 1)
	go func() { served <- a.Serve(serving, ln) }()
	end := func() error {
		stop()
		return errors.Join(<-served, a.Close(), os.RemoveAll(dir))
	}
	env := readEnv(filepath.Join(dir, app.QuickstartFile))
	api := &client{base: env["DEMARC_URL"], customer: env["DEMARC_CUSTOMER_NUMBER"], http: &http.Client{Timeout: time.Minute}}
	if err := api.authorize(g.Context, env["DEMARC_CLIENT_ID"], env["DEMARC_CLIENT_SECRET"]); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return api, end, nil
}

// terminal reports whether w shows colours and lines that change.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
