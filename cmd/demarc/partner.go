package main

import (
	"errors"
	"fmt"
	"strings"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordersql"
)

// PartnerCmd works on the partners that sell by PreOrder, in the database itself, as
// AppCmd does.
type PartnerCmd struct {
	Put  PartnerPutCmd  `cmd:"" help:"Make a partner, or change its name and sales codes."`
	Bind PartnerBindCmd `cmd:"" help:"Make an application sell for a partner."`
}

// PartnerPutCmd makes or changes a partner.
type PartnerPutCmd struct {
	ID         string   `arg:"" help:"Its partnerId."`
	SalesCodes []string `arg:"" name:"sales-code" help:"The sales codes that it sells under; those that it had go."`
	Name       string   `help:"What it is called." required:""`
	World      string   `help:"Its world." default:"production" placeholder:"ID"`
}

// Run writes the partner.
func (c *PartnerPutCmd) Run(g *Globals) error {
	err := inWorld(g, c.World, func(d *db.DB, tx *db.Tx) error {
		store := preordersql.New(d)
		for _, code := range c.SalesCodes {
			owner, err := store.SalesCodeOwner(tx, code)
			if err != nil {
				return err
			}
			if owner != "" && owner != c.ID {
				return fmt.Errorf("the sales code %s is %s's", code, owner)
			}
		}
		store.PutPartner(tx, preorder.Partner{ID: c.ID, Name: c.Name, SalesCodes: c.SalesCodes})
		audit.Record(tx, audit.Event{Subject: "partner/" + c.ID, Actor: operator, Event: "put", Note: c.Name + ": " + strings.Join(c.SalesCodes, ", ")})
		return nil
	})
	return said(g, err, "%s sells under %s.", c.ID, strings.Join(c.SalesCodes, ", "))
}

// PartnerBindCmd binds an application to a partner.
type PartnerBindCmd struct {
	App   string `arg:"" help:"The application."`
	ID    string `arg:"" help:"The partner."`
	World string `help:"Their world." default:"production" placeholder:"ID"`
}

// Run binds it.
func (c *PartnerBindCmd) Run(g *Globals) error {
	err := inWorld(g, c.World, func(d *db.DB, tx *db.Tx) error {
		store := preordersql.New(d)
		p, err := store.Partner(tx, c.ID)
		if err != nil {
			return err
		}
		if p == nil {
			return fmt.Errorf("there is no partner %s in this world", c.ID)
		}
		var name string
		err = tx.Row(`SELECT name FROM app WHERE world = $1 AND id = $2`, c.App).Scan(&name)
		if errors.Is(err, db.ErrNone) {
			return fmt.Errorf("there is no application %s in this world", c.App)
		}
		if err != nil {
			return err
		}
		store.Bind(tx, c.App, c.ID)
		audit.Record(tx, audit.Event{Subject: "app/" + c.App, Actor: operator, Event: "bound", Note: "partner " + c.ID})
		return nil
	})
	return said(g, err, "%s sells for %s.", c.App, c.ID)
}
