package main

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/voice"
)

// DeskRouteCmd is about where a customer's calls can be sent.
type DeskRouteCmd struct {
	Customer string `arg:"" help:"The customer's number."`
	Action   string `arg:"" help:"list, put or drop." enum:"list,put,drop"`
	Kind     string `arg:"" optional:"" help:"Of the one to put or drop: service (a customer service name) or plan (a route plan)."`
	Name     string `arg:"" optional:"" help:"And its name."`
	World    string `help:"The world." default:"production" placeholder:"ID"`
}

// Run changes one, and lists them as they are then.
func (c DeskRouteCmd) Run(g *Globals) error {
	if list := c.Action == "list"; list && c.Kind != "" || !list && c.Name == "" {
		return errors.New("put and drop are told the KIND and the NAME of a route, list is not")
	}
	var list []voice.Route
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		if err := knownCustomer(tx, c.Customer); err != nil {
			return err
		}
		r := voice.Route{Customer: c.Customer, Kind: c.Kind, Name: strings.TrimSpace(c.Name)}
		switch c.Action {
		case "put":
			err = desk.PutRoute(tx, operator, r)
		case "drop":
			err = desk.DropRoute(tx, operator, r)
		}
		if err == nil {
			list, err = desk.Store.Routes(tx, c.Customer)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return said(g, nil, "%s has no routes.", c.Customer)
	}
	var lines [][2]any
	for _, r := range list {
		lines = append(lines, [2]any{r.Kind, r.Name})
	}
	return printTable(g, "", lines)
}

// DeskPortCmd answers for a losing carrier.
type DeskPortCmd struct {
	Order  string    `arg:"" help:"The order, such as V100000001."`
	Answer string    `arg:"" help:"concur or reject." enum:"concur,reject"`
	FOC    time.Time `name:"foc" help:"When the numbers come, such as 2030-01-31T15:00:00Z (default: when the customer wants them)." placeholder:"TIME"`
	Reason string    `help:"Why they do not; the customer reads it." placeholder:"TEXT"`
	World  string    `help:"The world." default:"production" placeholder:"ID"`
}

// Run answers.
func (c DeskPortCmd) Run(g *Globals) error {
	reply := voice.Reply{State: c.Answer, Reason: strings.TrimSpace(c.Reason), FOC: c.FOC.UTC().Truncate(time.Microsecond)}
	if reply.State == voice.PortConcur && reply.Reason != "" || reply.State == voice.PortRefusing && !reply.FOC.IsZero() {
		return errors.New("--foc goes with concur, and --reason with reject")
	}
	var o voice.Order
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		o, err = desk.AnswerPort(tx, operator, c.Order, reply)
		return err
	})
	if err == nil && o.State == voice.PortFOC {
		return said(g, nil, "%s: %s for %s.", o.ID, o.State, moment(o.FOCAt))
	}
	return said(g, err, "%s: %s.", o.ID, o.State)
}

// DeskPortoutCmd takes numbers out of service.
type DeskPortoutCmd struct {
	Numbers []string `arg:"" name:"number" help:"The telephone numbers, such as 3035550100."`
	World   string   `help:"The world." default:"production" placeholder:"ID"`
}

// Run takes them out, all or none.
func (c DeskPortoutCmd) Run(g *Globals) error {
	list, err := numbersOf(c.Numbers)
	if err != nil {
		return explained(err)
	}
	n := 0
	err = atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		n, err = desk.PortOut(tx, operator, list)
		return err
	})
	return said(g, err, "Gone to another carrier: %d.", n)
}

// numbersOf reads numbers as a request of the desk's has them.
func numbersOf(texts []string) ([]voice.Range, error) {
	var asked []map[string]string
	for _, text := range texts {
		asked = append(asked, map[string]string{"startTN": text})
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	var list []voice.TNRequest
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	return voice.RangesOf(list)
}
