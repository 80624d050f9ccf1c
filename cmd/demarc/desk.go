package main

import (
	"demarc/internal/db"
	"demarc/internal/voice"
)

// DeskCmd is what the carrier's staff decides about orders of telephone numbers, in the
// database itself, as AppCmd does. Running servers go on from there.
type DeskCmd struct {
	Queue     DeskQueueCmd     `cmd:"" help:"List what waits: orders on credit hold, and requests for TN exceptions."`
	Credit    DeskCreditCmd    `cmd:"" help:"Release an order that is on credit hold, or reject it."`
	Exception DeskExceptionCmd `cmd:"" help:"Approve a request for more numbers than an order may have, or reject it."`
	Customer  DeskCustomerCmd  `cmd:"" help:"Show or change what is known of a customer: credit, who provides its E911, and whether it has CNAM."`
	Route     DeskRouteCmd     `cmd:"" help:"List a customer's service names and route plans, give it one, or take one away."`
	Port      DeskPortCmd      `cmd:"" help:"Answer for the carrier that an order's numbers are to come from."`
	Portout   DeskPortoutCmd   `cmd:"" help:"Take numbers out of service whose users took them to another carrier."`
}

// DeskQueueCmd lists what waits for the desk.
type DeskQueueCmd struct {
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// queuePage is how many of a queue are read at once.
const queuePage = 100

// Run lists it.
func (c DeskQueueCmd) Run(g *Globals) error {
	var holds []voice.Order
	var requests []voice.Exception
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		if holds, err = allOf(func(p voice.Paging) ([]voice.Order, int, error) { return desk.Store.OrdersIn(tx, voice.OrderCredit, p) }); err != nil {
			return err
		}
		requests, err = allOf(func(p voice.Paging) ([]voice.Exception, int, error) {
			return desk.Store.Exceptions(tx, "", voice.ExceptionOpen, p)
		})
		return err
	})
	if err == nil && len(holds)+len(requests) == 0 {
		return said(g, nil, "Nothing waits for the desk.")
	}
	if len(holds) > 0 {
		err = said(g, err, "Credit holds (demarc desk credit ORDER release|reject):")
	}
	for _, o := range holds {
		err = said(g, err, "  %s  %s  %q  product %s  %s", o.ID, o.Customer, o.CustomerName, o.Product, moment(o.CreatedAt))
	}
	if len(requests) > 0 {
		err = said(g, err, "TN exceptions (demarc desk exception ID approve|reject):")
	}
	for _, e := range requests {
		err = said(g, err, "  %s  %s  %d numbers of %s  product %s  %s\n    %q", e.ID, e.Customer, e.Quantity, voice.CenterKey(e.State, e.Center),
			e.Product, moment(e.CreatedAt), e.Reason)
	}
	return err
}

// allOf reads every page of a list.
func allOf[T any](read func(p voice.Paging) ([]T, int, error)) (list []T, err error) {
	for {
		page, total, err := read(voice.Paging{Offset: int64(len(list)), Limit: queuePage})
		list = append(list, page...)
		if err != nil || len(page) == 0 || len(list) >= total {
			return list, err
		}
	}
}

// DeskCreditCmd decides about a credit hold.
type DeskCreditCmd struct {
	Order    string `arg:"" help:"The order, such as V100000001."`
	Decision string `arg:"" help:"release or reject." enum:"release,reject"`
	World    string `help:"The world." default:"production" placeholder:"ID"`
}

// Run decides.
func (c DeskCreditCmd) Run(g *Globals) error {
	var o voice.Order
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		o, err = desk.DecideCredit(tx, operator, c.Order, c.Decision == "release")
		return err
	})
	return said(g, err, "%s: %s.", o.ID, o.State)
}

// DeskExceptionCmd decides about a request for a TN exception.
type DeskExceptionCmd struct {
	ID       string `arg:"" name:"id" help:"The request, such as X100000001."`
	Decision string `arg:"" help:"approve or reject." enum:"approve,reject"`
	Note     string `help:"What the customer is to read beside it." placeholder:"TEXT"`
	World    string `help:"The world." default:"production" placeholder:"ID"`
}

// Run decides.
func (c DeskExceptionCmd) Run(g *Globals) error {
	var e voice.Exception
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		e, err = desk.DecideException(tx, operator, c.ID, c.Decision == "approve", c.Note)
		return err
	})
	return said(g, err, "%s: %s.", e.ID, e.Status)
}

// DeskCustomerCmd shows or changes a customer's profile.
type DeskCustomerCmd struct {
	Number string  `arg:"" help:"The customer's number."`
	Credit *string `help:"hold: its orders wait for demarc desk credit. good: they go on by themselves." placeholder:"good|hold"`
	CP911  *bool   `name:"cp911" help:"--cp911=true: it provides E911 by another provider."`
	CNAM   *bool   `name:"cnam" help:"--cnam=true: it has an approved subscription of CNAM for Local Inbound."`
	World  string  `help:"The world." default:"production" placeholder:"ID"`
}

// Run changes what is named, and shows the rest.
func (c DeskCustomerCmd) Run(g *Globals) error {
	var p voice.Profile
	err := atDesk(g, c.World, func(desk *voice.Desk, tx *db.Tx) (err error) {
		if err := knownCustomer(tx, c.Number); err != nil {
			return err
		}
		if c.Credit == nil && c.CP911 == nil && c.CNAM == nil {
			p = voice.Profile{}
			desk.Store.AskProfile(tx, c.Number, &p)
			return tx.Flush()
		}
		p, err = desk.PutProfile(tx, operator, c.Number, func(p *voice.Profile) {
			if c.Credit != nil {
				p.Credit = *c.Credit
			}
			if c.CP911 != nil {
				p.CP911 = *c.CP911
			}
			if c.CNAM != nil {
				p.CNAM = *c.CNAM
			}
		})
		return err
	})
	return said(g, err, "%s: credit %s, CP911 %s, CNAM %s.", c.Number, p.Credit, yes(p.CP911), yes(p.CNAM))
}
