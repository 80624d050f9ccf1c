package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ListenCmd follows the notifications of the application's world and hands each to
// a local URL: what a tunnel does for a public carrier, without one.
type ListenCmd struct {
	ForwardTo string `help:"Where to POST each notification; without it they are only printed." placeholder:"URL"`
}

// Run follows until it is stopped or the server ends the stream.
func (c *ListenCmd) Run(g *Globals) error {
	api, err := dial(g.Context, g)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(g.Context, http.MethodGet, api.base+"/notifications/stream", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+api.token)
	req.Header.Set("Accept", "text/event-stream")
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("the server answered " + res.Status)
	}
	fmt.Fprintln(g.Stdout, "Listening; notifications show here as they happen.")
	err = c.follow(g, res)
	if g.Context.Err() != nil {
		return nil
	}
	if err == nil {
		err = errors.New("the server ended the stream")
	}
	return err
}

func (c *ListenCmd) follow(g *Globals, res *http.Response) error {
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var id, event, data string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			data += value
		case "":
			if data != "" {
				fmt.Fprintf(g.Stdout, "%s  %s%s\n", event, data, c.forward(g.Context, id, data))
			}
			id, event, data = "", "", ""
		}
	}
	return lines.Err()
}

// forward posts a notification and answers how that went.
func (c *ListenCmd) forward(ctx context.Context, id, data string) string {
	if c.ForwardTo == "" {
		return ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.ForwardTo, strings.NewReader(data))
	if err != nil {
		return "  -> " + err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", id)
	res, err := (&http.Client{Timeout: 15 * time.Second}).Do(req)
	if err != nil {
		return "  -> " + err.Error()
	}
	_ = res.Body.Close()
	return "  -> " + res.Status
}

// TriggerCmd makes the server send a test notification.
type TriggerCmd struct{}

// Run asks for one at each endpoint.
func (*TriggerCmd) Run(g *Globals) error {
	api, err := dial(g.Context, g)
	if err != nil {
		return err
	}
	var list struct {
		Endpoints []struct{ ID, URL string }
	}
	if err := api.call(g.Context, http.MethodGet, "/webhooks/v1/endpoints", nil, &list); err != nil {
		return err
	}
	if len(list.Endpoints) == 0 {
		return errors.New("the application has no endpoints; register one with POST /webhooks/v1/endpoints")
	}
	for _, e := range list.Endpoints {
		if err := api.call(g.Context, http.MethodPost, "/webhooks/v1/endpoints/"+e.ID+"/test", nil, nil); err != nil {
			return err
		}
		fmt.Fprintf(g.Stdout, "A test notification is on its way to %s\n", e.URL)
	}
	return nil
}
