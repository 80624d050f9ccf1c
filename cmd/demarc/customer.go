package main

import (
	"errors"
	"fmt"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandsql"
	"demarc/internal/sandbox"
)

// CustomerCmd works on customers and what they own, in the database itself, as
// AppCmd does: it is how an operator fills the production world.
type CustomerCmd struct {
	Put     CustomerPutCmd     `cmd:"" help:"Make a customer, or change its name or state."`
	Merge   CustomerMergeCmd   `cmd:"" help:"Make one number go by another customer's."`
	Account CustomerAccountCmd `cmd:"" help:"Give a customer a billing account."`
	Port    CustomerPortCmd    `cmd:"" help:"Give a customer a port of its own at a site."`
}

// inWorld runs fn as one unit of work in a world of the configured database.
func inWorld(g *Globals, world string, fn func(d *db.DB, tx *db.Tx) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	err = explained(d.Within(g.Context, world, func(tx *db.Tx) error { return fn(d, tx) }))
	if errors.Is(err, db.ErrNoWorld) {
		err = fmt.Errorf("there is no world %q (the production world is called %s, and made by the first start of the server)", world, sandbox.Production)
	}
	return errors.Join(err, d.Close())
}

// CustomerPutCmd makes or changes a customer.
type CustomerPutCmd struct {
	Number string `arg:"" help:"Its BusOrg number, such as 1-ABC-23."`
	World  string `help:"The world it lives in." default:"production" placeholder:"ID"`
	Name   string `help:"What it is called." required:""`
	State  string `help:"active or suspended." enum:"active,suspended" default:"active"`
}

// Run writes the customer.
func (c *CustomerPutCmd) Run(g *Globals) error {
	err := inWorld(g, c.World, func(_ *db.DB, tx *db.Tx) error {
		identity.PutCustomer(tx, identity.Customer{Number: c.Number, Name: c.Name, State: c.State})
		audit.Record(tx, audit.Event{Subject: "customer/" + c.Number, Actor: operator, Event: "put", To: c.State, Note: c.Name})
		return nil
	})
	return said(g, err, "%s is %s.", c.Number, c.State)
}

// CustomerMergeCmd merges a customer into another.
type CustomerMergeCmd struct {
	Number string `arg:"" help:"The number that is to go by another."`
	Into   string `arg:"" help:"The customer that it belongs to from now on."`
	World  string `help:"Their world." default:"production" placeholder:"ID"`
}

// Run merges them.
func (c *CustomerMergeCmd) Run(g *Globals) error {
	err := withIdentity(g, func(s *identity.Service) error {
		return s.MergeCustomer(g.Context, operator, c.World, c.Number, c.Into)
	})
	return said(g, err, "%s goes by %s.", c.Number, c.Into)
}

// CustomerAccountCmd makes a billing account.
type CustomerAccountCmd struct {
	ID          string `arg:"" help:"The account's id, such as 5-RHQBGCGK."`
	Customer    string `arg:"" help:"The customer that it bills."`
	World       string `help:"Their world." default:"production" placeholder:"ID"`
	Name        string `help:"The account's name, which orders repeat." required:""`
	Street      string `help:"Street address." required:""`
	City        string `required:""`
	State       string `help:"State or province." required:""`
	Postcode    string `required:""`
	HQCountry   string `name:"hq-country" help:"Where its headquarters are; orders need US." default:"US"`
	NotEntitled bool   `help:"It may not buy on-demand services."`
}

// Run makes the account.
func (c *CustomerAccountCmd) Run(g *Globals) error {
	err := inWorld(g, c.World, func(d *db.DB, tx *db.Tx) error {
		if err := knownCustomer(tx, c.Customer); err != nil {
			return err
		}
		store := ondemandsql.New(d)
		have, err := store.Account(tx, c.ID)
		if err != nil {
			return err
		}
		if have != nil {
			return fmt.Errorf("there is an account %s already, of %s", c.ID, have.Customer)
		}
		store.AddAccount(tx, ondemand.Account{ID: c.ID, Customer: c.Customer, Name: c.Name, Street: c.Street, City: c.City, State: c.State,
			Postcode: c.Postcode, Country: "USA", CountryCode: "100", HQCountry: c.HQCountry, Currency: "USD", Entitled: !c.NotEntitled})
		audit.Record(tx, audit.Event{Subject: "account/" + c.ID, Actor: operator, Event: "made", Note: "for " + c.Customer})
		return nil
	})
	return said(g, err, "%s bills %s.", c.ID, c.Customer)
}

// CustomerPortCmd makes a port of the customer's own.
type CustomerPortCmd struct {
	UNI      string `arg:"" name:"uni" help:"Its UNI service id."`
	Customer string `arg:"" help:"The customer."`
	Site     string `arg:"" help:"The masterSiteId of a site that is not a data center."`
	World    string `help:"Their world." default:"production" placeholder:"ID"`
	Mbps     int    `help:"What it carries." default:"1000"`
}

// Run makes the port.
func (c *CustomerPortCmd) Run(g *Globals) error {
	site, ok := ondemand.SiteByID(c.Site)
	if !ok || site.DataCenter || c.Mbps < 1 || c.Mbps > ondemand.NNICapacity {
		return explained(fault.Invalid.With(fault.Field("OND-QTE-08", "site", "must be a site outside data centers, and mbps from 1 to 100000")))
	}
	err := inWorld(g, c.World, func(d *db.DB, tx *db.Tx) error {
		if err := knownCustomer(tx, c.Customer); err != nil {
			return err
		}
		store := ondemandsql.New(d)
		have, err := store.Port(tx, c.Site, c.UNI)
		if err != nil {
			return err
		}
		if have != nil {
			return fmt.Errorf("there is a port %s at %s already", c.UNI, c.Site)
		}
		store.AddPort(tx, ondemand.Port{Site: c.Site, ID: c.UNI, Customer: c.Customer, Capacity: c.Mbps})
		audit.Record(tx, audit.Event{Subject: "port/" + c.UNI, Actor: operator, Event: "made", Note: "for " + c.Customer + " at " + c.Site})
		return nil
	})
	return said(g, err, "%s is %s's port at %s.", c.UNI, c.Customer, c.Site)
}

// knownCustomer makes sure that a number is a customer's, and the one it goes by.
func knownCustomer(tx *db.Tx, number string) error {
	var goesBy string
	err := tx.Row(`SELECT customer FROM customer WHERE world = $1 AND number = $2`, number).Scan(&goesBy)
	switch {
	case errors.Is(err, db.ErrNone):
		return identity.CustomerUnknown
	case err != nil:
		return err
	case goesBy != number:
		return fmt.Errorf("%s goes by %s; use that", number, goesBy)
	}
	return nil
}

func said(g *Globals, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(g.Stdout, format+"\n", args...)
	return err
}
