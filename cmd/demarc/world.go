package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// show calls the server and prints its answer, indented.
func show(g *Globals, method, path string, body any) error {
	c, err := dial(g.Context, g)
	if err != nil {
		return err
	}
	var answer []byte
	if err := c.call(g.Context, method, path, body, &answer); err != nil {
		return err
	}
	return prettyPrint(g, answer)
}

func prettyPrint(g *Globals, answer []byte) error {
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer, "", "  ") == nil {
		answer = append(bytes.TrimSpace(pretty.Bytes()), '\n')
	}
	_, err := g.Stdout.Write(answer)
	return err
}

const worldPath, worldsPath = "/sandbox/v1/world", "/sandbox/v1/worlds"

// WorldCmd works on the sandbox worlds of a running server.
type WorldCmd struct {
	List     listWorlds  `cmd:"" help:"The organisation's worlds."`
	Show     showWorld   `cmd:"" help:"The application's own world."`
	Create   createWorld `cmd:"" help:"Make a short-lived world; prints its keys."`
	Delete   deleteWorld `cmd:"" help:"Delete a world."`
	Reset    resetWorld  `cmd:"" help:"Begin the application's world again."`
	Snapshot snapshotCmd `cmd:"" help:"Keep the world as it is."`
	Restore  restoreCmd  `cmd:"" help:"Go back to a snapshot."`
	Fork     forkWorld   `cmd:"" help:"Copy the world to one of its own; prints its keys."`
	Export   exportWorld `cmd:"" help:"Print the world's rows, one JSON object a line."`
	Check    checkWorld  `cmd:"" help:"Audit every invariant of the world."`
}

type (
	listWorlds  struct{}
	showWorld   struct{}
	resetWorld  struct{}
	snapshotCmd struct{}
	exportWorld struct{}
	checkWorld  struct{}
)

type createWorld struct {
	TTL  string `help:"How long it lives, ISO 8601." default:"PT1H"`
	Seed *int64 `help:"What everything random in it comes from."`
	Name string `help:"What it is for."`
}

type forkWorld struct {
	TTL  string `help:"How long it lives, ISO 8601." default:"PT1H"`
	Name string `help:"What it is for."`
}

type deleteWorld struct {
	ID string `arg:"" help:"The world."`
}

type restoreCmd struct {
	ID string `arg:"" help:"The snapshot."`
}

func (listWorlds) Run(g *Globals) error { return show(g, http.MethodGet, worldsPath, nil) }
func (showWorld) Run(g *Globals) error  { return show(g, http.MethodGet, worldPath, nil) }
func (resetWorld) Run(g *Globals) error { return show(g, http.MethodPost, worldPath+"/reset", nil) }
func (snapshotCmd) Run(g *Globals) error {
	return show(g, http.MethodPost, worldPath+"/snapshots", nil)
}
func (exportWorld) Run(g *Globals) error { return show(g, http.MethodGet, worldPath+"/export", nil) }

func (checkWorld) Run(g *Globals) error {
	c, err := dial(g.Context, g)
	if err != nil {
		return err
	}
	var answer struct {
		OK       bool     `json:"ok"`
		Problems []string `json:"problems"`
	}
	if err := c.call(g.Context, http.MethodGet, worldPath+"/check", nil, &answer); err != nil {
		return err
	}
	for _, p := range answer.Problems {
		fmt.Fprintln(g.Stdout, p)
	}
	if !answer.OK {
		return fmt.Errorf("%d invariants do not hold", len(answer.Problems))
	}
	_, err = fmt.Fprintln(g.Stdout, "Every invariant holds.")
	return err
}

func (c createWorld) Run(g *Globals) error {
	body := map[string]any{"ttl": c.TTL, "name": c.Name}
	if c.Seed != nil {
		body["seed"] = *c.Seed
	}
	return show(g, http.MethodPost, worldsPath, body)
}

func (c forkWorld) Run(g *Globals) error {
	return show(g, http.MethodPost, worldPath+"/fork", map[string]any{"ttl": c.TTL, "name": c.Name})
}

func (c deleteWorld) Run(g *Globals) error {
	return show(g, http.MethodDelete, worldsPath+"/"+url.PathEscape(c.ID), nil)
}

func (c restoreCmd) Run(g *Globals) error {
	return show(g, http.MethodPost, worldPath+"/snapshots/"+url.PathEscape(c.ID)+"/restore", nil)
}

const clockPath = "/sandbox/v1/clock"

// ClockCmd reads and moves the clock of the application's world.
type ClockCmd struct {
	Show    showClock    `cmd:"" default:"1" help:"What time it is there."`
	Advance advanceClock `cmd:"" help:"Move it on, running what falls due."`
	Freeze  freezeClock  `cmd:"" help:"Stop it."`
	Thaw    thawClock    `cmd:"" help:"Let it flow on."`
}

type (
	showClock   struct{}
	freezeClock struct{}
	thawClock   struct{}
)

type advanceClock struct {
	By string `arg:"" optional:"" help:"By a span, ISO 8601: PT15M."`
	To string `help:"To a moment, RFC 3339."`
}

func (showClock) Run(g *Globals) error   { return show(g, http.MethodGet, clockPath, nil) }
func (freezeClock) Run(g *Globals) error { return show(g, http.MethodPost, clockPath+"/freeze", nil) }
func (thawClock) Run(g *Globals) error   { return show(g, http.MethodPost, clockPath+"/thaw", nil) }

func (c advanceClock) Run(g *Globals) error {
	body := map[string]any{}
	if c.By != "" {
		body["by"] = c.By
	}
	if c.To != "" {
		body["to"] = c.To
	}
	return show(g, http.MethodPost, clockPath+"/advance", body)
}
