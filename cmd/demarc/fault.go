package main

import (
	"net/http"
	"net/url"
)

const faultsPath = "/sandbox/v1/faults"

// FaultCmd sets what is to go wrong in the application's world, on a running server.
type FaultCmd struct {
	List  listFaults `cmd:"" default:"1" help:"What is set, and what can be made to fail."`
	Put   putFault   `cmd:"" help:"Make something fail: so many calls, or all until it is cleared."`
	Clear clearFault `cmd:"" help:"End it: at one target, or everywhere."`
}

type listFaults struct{}

type putFault struct {
	Target  string `arg:"" help:"What is to fail, such as care.billing; the list has all."`
	Mode    string `arg:"" help:"How: unavailable, timeout, error or slow."`
	Count   int64  `help:"How many calls meet it; 0: all, until it is cleared."`
	Latency string `help:"How long it takes then, ISO 8601; what is slow takes PT2S unless told otherwise." placeholder:"PT2S"`
}

type clearFault struct {
	Target string `arg:"" optional:"" help:"What is to work again; without it, everything."`
}

func (listFaults) Run(g *Globals) error { return show(g, http.MethodGet, faultsPath, nil) }

func (c putFault) Run(g *Globals) error {
	body := map[string]any{"target": c.Target, "mode": c.Mode, "count": c.Count}
	if c.Latency != "" {
		body["latency"] = c.Latency
	}
	return show(g, http.MethodPost, faultsPath, body)
}

func (c clearFault) Run(g *Globals) error {
	path := faultsPath
	if c.Target != "" {
		path += "/" + url.PathEscape(c.Target)
	}
	return show(g, http.MethodDelete, path, nil)
}
