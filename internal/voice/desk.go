package voice

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/machine"
	"demarc/internal/magic"
	"demarc/internal/nanp"
	"demarc/internal/setting"
)

// Desk is the product's use cases.
type Desk struct {
	DB             *db.DB
	Store          Store
	Administration Administration
	Credit         CreditDesk
	Losing         LosingCarrier
	Providers      Providers
	Counters       *db.Counters
	Seal           Sealer
	// Customer is the example's, whose pool a fresh world fills.
	Customer string
}

// Counters of a world, and where they begin.
const (
	counterOrder     = "voice.order"
	counterException = "voice.exception"
	firstNumber      = 100_000_000
)

// What a carrier can decide about a world.
var (
	settingBackorder = setting.Declare(setting.Setting{Name: "voice.backorder-days", Values: []string{"7", "14", "30", "60", "90"}, Default: "30",
		Text: "how many days a backorder waits for numbers before it is cancelled (10004)"})
	settingAging = setting.Declare(setting.Setting{Name: "voice.aging-days", Values: []string{"1", "30", "45", "90", "180", "365"}, Default: "90",
		Text: "how many days a number that was given back ages before it is free again"})
)

const whereExternal = "externalOrderId of orderInventory"

// Words for sandboxes.
var (
	WordCreditHold = magic.Word(Product, whereExternal, "credit-hold", "the order is put on credit hold: 1807, until the carrier desk releases or rejects it")
	wordShort      = magic.Word(Product, whereExternal, "short-supply", "each rate center has half of what is asked for, rounded down: 10001")
)

const whereOrder = "externalOrderId of an LNP order"

// Words about losing carriers.
var (
	WordPortSilent  = magic.Word(Product, whereOrder, "port-silent", "the losing carrier does not answer")
	WordPortName    = magic.Word(Product, whereOrder, "port-name", "the losing carrier rejects the port the first time: the subscriber's name is another")
	WordPortAddress = magic.Word(Product, whereOrder, "port-address", "the losing carrier rejects the port the first time: the service address is another")
	_               = magic.Example(Product, "losingCarrierAccountNumber", "any that ends in 0001", "the losing carrier rejects the port: the account number is another")
	_               = magic.Example(Product, "losingCarrierPin", "0000", "the losing carrier rejects the port: the PIN is another")
)

// hint is the text in which a sandbox's caller may have put a magic word.
func hint(sandbox bool, text string) string {
	if sandbox {
		return text
	}
	return ""
}

// subjectOrder begins the subject of an order's trail and notifications.
const (
	subjectOrder     = "voice/order/"
	subjectException = "voice/exception/"
	subjectCenter    = "voice/center/"
)

// Errors that the source has no code for.
var (
	ExceptionUnknown = fault.New(Product, "voice_exception_unknown", 404, "This customer has no such TN exception request.")
	WrongMove        = fault.New(Product, "voice_wrong_move", 409, "That is not possible in the present state.")
	CenterUnknown    = fault.New(Product, "voice_center_unknown", 404, "There is no such rate center.")
	OrderUnknown     = fault.New(Product, "voice_order_unknown", 404, "There is no such voice order.")
	BlockTaken       = fault.New(Product, "voice_block_taken", 409, "That thousands-block is in the stock already.")
)

// center is a rate center as it is without a row of the world's: what the reference
// says in a sandbox; in production nothing is served until the carrier has loaded it.
func center(sandbox bool, state, name string) *Center {
	plan := nanp.Find(state, name)
	switch {
	case plan != nil && sandbox:
		c := referenceOf(plan)
		return &c
	case plan != nil:
		return &Center{State: plan.State, Name: plan.Name, Plan: plan, Open: true} // not closed, but not served: 1303
	}
	return &Center{State: state, Name: name}
}

// Known reports whether there is such a rate center, in the numbering plan or in this
// carrier's stock.
func (c Center) Known() bool { return c.Plan != nil || c.Covered }

// fire moves an order by its table, and writes the move to the trail.
func (d *Desk) fire(tx *db.Tx, o *Order, actor, event, note string) error {
	was := o.State
	to, err := o.Machine().Fire(was, event)
	if err != nil {
		return legal(err)
	}
	o.State = to
	if o.Machine().Ended(to) {
		o.EndedAt, o.PIN = tx.Now(), nil
	}
	audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: actor, Event: event, From: was, To: to, Note: note})
	return nil
}

// move moves a part by its table, and saves it.
func (d *Desk) move(tx *db.Tx, p *Part, actor, event, note string) error {
	was := p.Status
	to, err := PartMachine.Fire(was, event)
	if err != nil {
		return legal(err)
	}
	p.Status = to
	if PartMachine.Ended(to) {
		p.EndedAt, p.PIN = tx.Now(), nil
	}
	d.Store.SavePart(tx, was, *p)
	if note != "" {
		note = ": " + note
	}
	audit.Record(tx, audit.Event{Subject: subjectOrder + p.Order, Actor: actor, Event: "part " + p.ID + " " + event, Note: p.Key() + note})
	return nil
}

// legal words a move that is not possible.
func legal(err error) error {
	if wrong, ok := errors.AsType[*machine.WrongMove](err); ok {
		f := WrongMove.Instead(wrong.Legal)
		f.Message = fmt.Sprintf("That is not possible while it is %s.", wrong.State)
		return f
	}
	return err
}

// customers are the moves that a customer can make itself.
var customers = []string{evSupplement, evPorted, evCancelled}

// legalFor is legal for a customer, who is told of its own moves alone.
func legalFor(err error) error {
	f := fault.Of(legal(err))
	if f == nil {
		return err
	}
	f.Next = slices.DeleteFunc(slices.Clone(f.Next), func(move string) bool { return !slices.Contains(customers, move) })
	return f
}

// query is what a backend is told about an order.
func (o Order) query(world string, sandbox bool) Query {
	return Query{World: world, Sandbox: sandbox, Customer: o.Customer, Hint: hint(sandbox, o.ExternalID)}
}

// number makes the next id of a kind.
func (d *Desk) number(ctx context.Context, world, counter, prefix string) (string, error) {
	n, err := d.Counters.Next(ctx, world, counter)
	return fmt.Sprintf("%s%d", prefix, firstNumber+n), err
}
