package sandbox

import (
	"errors"
	"strings"
	"unicode/utf8"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
)

// What the owner of a sandbox may say of its customers.
const (
	ruleNumber    = "SBX-CUS-01" // a number has 1 to 40 characters that a header can carry, and is not *, which stands for all
	ruleName      = "SBX-CUS-02" // a name has 1 to 255 characters
	ruleState     = "SBX-CUS-03" // a customer is active or suspended
	ruleCustomers = "SBX-CUS-04" // a world has at most 1,000 customers
	ruleAlias     = "SBX-CUS-05" // a number that goes by another has that one's name and state
)

const (
	maxNumber = 40
	maxName   = 255
	// MaxCustomers is how many numbers of customers a world may have.
	MaxCustomers = 1000
)

// CustomerChange is what is to become of a customer; what is nil stays as it is.
type CustomerChange struct {
	Name    *string
	State   *string
	Granted *bool  // whether the application that asks may act for it
	Actor   string // who asks, for the trail; "": the application
}

// checkCustomer answers every rule that the change would break, whatever the world holds.
func checkCustomer(number string, c CustomerChange) (wrong fault.List) {
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	if number == "" || len(number) > maxNumber || number == identity.All || strings.ContainsFunc(number, odd) {
		wrong.Addf(ruleNumber, "number", "must be 1 to %d printable ASCII characters without blanks, other than * alone", maxNumber)
	}
	if c.Name != nil && (*c.Name == "" || utf8.RuneCountInString(*c.Name) > maxName) {
		wrong.Addf(ruleName, "name", "must have 1 to %d characters", maxName)
	}
	if c.State != nil && *c.State != "active" && *c.State != "suspended" {
		wrong.Add(ruleState, "state", "must be active or suspended")
	}
	return wrong
}

// checkAlias answers what the change would make of a number that goes by another.
func checkAlias(was, wanted identity.Customer) (wrong fault.List) {
	if was.GoesBy == was.Number {
		return nil
	}
	if wanted.Name != was.Name {
		wrong.Addf(ruleAlias, "name", "must be changed at %s, which this number goes by", was.GoesBy)
	}
	if wanted.State != was.State {
		wrong.Addf(ruleAlias, "state", "must be changed at %s, which this number goes by", was.GoesBy)
	}
	return wrong
}

// PutCustomer makes or changes a customer of the unit's world, and whether the
// application that asks may act for it. One that is made is active, is called by its
// number, and may be acted for, unless the change says otherwise.
func (s *Service) PutCustomer(tx *db.Tx, app, number string, c CustomerChange) (identity.SeenCustomer, error) {
	none := identity.SeenCustomer{}
	if err := checkCustomer(number, c).As(fault.Invalid); err != nil {
		return none, err
	}
	have, err := identity.HoldCustomers(tx)
	if err != nil {
		return none, err
	}
	was, err := identity.FindCustomer(tx, app, number)
	made := errors.Is(err, identity.CustomerUnknown)
	switch {
	case made && have >= MaxCustomers && tx.Clock().Sandbox:
		return none, fault.Invalid.With(fault.Field(ruleCustomers, "number", "must be one of the world's customers: it has as many as it may have"))
	case made:
		was = identity.SeenCustomer{Customer: identity.Customer{Number: number, GoesBy: number, Name: number, State: "active"}, Granted: true}
	case err != nil:
		return none, err
	}
	wanted := was
	if c.Name != nil {
		wanted.Name = *c.Name
	}
	if c.State != nil {
		wanted.State = *c.State
	}
	if c.Granted != nil {
		wanted.Granted = *c.Granted
	}
	if err := checkAlias(was.Customer, wanted.Customer).As(fault.Invalid); err != nil {
		return none, err
	}
	actor := c.Actor
	if actor == "" {
		actor = app
	}
	if made || wanted.Customer != was.Customer {
		s.writeCustomer(tx, actor, was.Customer, wanted.Customer, made)
	}
	return wanted, s.grant(tx, actor, app, wanted)
}

// KeepCustomer makes or changes a customer of the unit's world, production among them,
// for the carrier's staff: nobody's right to act for it changes. Production has as many
// customers as there are.
func (s *Service) KeepCustomer(tx *db.Tx, actor, number string, c CustomerChange) (identity.Customer, error) {
	c.Granted = new(bool)
	seen, err := s.PutCustomer(tx, actor, number, c)
	return seen.Customer, err
}

func (s *Service) writeCustomer(tx *db.Tx, actor string, was, wanted identity.Customer, made bool) {
	from := was.State
	if made {
		from = ""
	}
	identity.PutCustomer(tx, wanted)
	audit.Record(tx, audit.Event{Subject: "customer/" + wanted.Number, Actor: actor, Event: "put", From: from, To: wanted.State, Note: wanted.Name})
	world := tx.World()
	tx.After(func() { s.o.Identity.ForgetWorld(world) })
}

// grant makes the application's right to act for a customer what it is to be.
func (s *Service) grant(tx *db.Tx, actor, app string, wanted identity.SeenCustomer) error {
	_, _, granted, err := identity.Standing(tx, app, wanted.Number)
	switch {
	case err != nil || granted == wanted.Granted:
		return err
	case wanted.Granted:
		s.o.Identity.GrantIn(tx, actor, app, wanted.GoesBy)
		return nil
	}
	return s.o.Identity.UngrantIn(tx, actor, app, wanted.GoesBy)
}
