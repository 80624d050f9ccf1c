package ondemand

import (
	"context"
	"errors"
	"time"

	"demarc/internal/db"
)

// Store is the product's rows. Methods that lock do so where the database has row
// locks; methods that save queue their statements.
type Store interface {
	// Outside a unit of work, for many callers at once.
	FindQuote(ctx context.Context, world, id string) (*Quote, error)
	FindService(ctx context.Context, world, id string) (*Service, error)
	FindAccount(ctx context.Context, world, id string) (*Account, error)

	// Reading.
	Account(tx *db.Tx, id string) (*Account, error)
	Accounts(tx *db.Tx, f AccountFilter, page Paging) ([]Account, int, error)
	Services(tx *db.Tx, f ServiceFilter, page Paging) ([]Service, int, error)
	Order(tx *db.Tx, id string) (*Order, error)
	Orders(tx *db.Tx, f OrderFilter, page Paging) ([]Order, int, error)
	Port(tx *db.Tx, site, id string) (*Port, error)
	PortOfCustomer(tx *db.Tx, customer, id string) (*Port, error)
	// PortsOfCustomer are the first so many of the customer's own ports, by site and id.
	PortsOfCustomer(tx *db.Tx, customer string, limit int) ([]Port, error)
	// EachRun walks the runs of a customer's services that touch the span, service
	// by service.
	EachRun(tx *db.Tx, f RunFilter, from, to time.Time, fn func(service string, r Run) error) error

	// Deciding: these lock what they read.
	LockService(tx *db.Tx, id string) (*Service, error)
	LockOrder(tx *db.Tx, id string) (*Order, error)
	LockPort(tx *db.Tx, site, id string) (*Port, error)
	LockBlock(tx *db.Tx, n int64) (*AddressBlock, error)
	// AskRoom queues the reads that find a shared port with room for so many Mbps
	// and a block with room for so many /30 units. uni names the customer's own
	// port instead of a shared one.
	AskRoom(tx *db.Tx, site, uni string, mbps, units int) *Room
	// OpenPort and OpenBlock find or make another when AskRoom found none that is
	// free at the moment; nil means that there is none.
	OpenPort(tx *db.Tx, site string, mbps int) (*Port, error)
	OpenBlock(tx *db.Tx, units int, limit int64) (*AddressBlock, error)

	// Queue are the orders under way, oldest first, as the carrier's staff sees them.
	Queue(tx *db.Tx, f QueueFilter, page Paging) ([]Waiting, int, error)
	QueueCounts(tx *db.Tx) ([]Queued, error)

	// Saving.
	AddQuote(tx *db.Tx, q Quote)
	// UseQuote promotes a quote, or fails the unit with the error when another order
	// was faster.
	UseQuote(tx *db.Tx, id, order string, now time.Time, used error)
	AddService(tx *db.Tx, s Service)
	SaveService(tx *db.Tx, s Service)
	AddOrder(tx *db.Tx, o Order)
	// MoveOrder saves an order that was in the state from.
	MoveOrder(tx *db.Tx, from string, o Order)
	SavePort(tx *db.Tx, p Port)
	SaveBlock(tx *db.Tx, b AddressBlock)
	// CountChange counts a change order of the customer's day, or fails the unit
	// with the error when the day's limit is reached.
	CountChange(tx *db.Tx, customer string, day int64, limit int, full error)
	StartRun(tx *db.Tx, service string, r Run)
	EndRun(tx *db.Tx, service string, at time.Time)

	// Seeding.
	AddAccount(tx *db.Tx, a Account)
	AddPort(tx *db.Tx, p Port)

	// Auditing.
	All(tx *db.Tx) (*Everything, error)
}

// Paging is a part of a list: so many entries from an offset.
type Paging struct {
	Offset int64
	Limit  int
}

// AccountFilter narrows billing accounts; empty fields do not.
type AccountFilter struct {
	Customer    string
	CountryCode string
	Currency    string
	Entitled    *bool // only those that are entitled, or those that are not
}

// ServiceFilter narrows the inventory; empty fields do not.
type ServiceFilter struct {
	Customer string
	ID       string
	Account  string
	Status   string
	Site     string
	Text     string // in the name or the id, in any case
	Entitled *bool  // only those billed to an account that is entitled, or is not
}

// RunFilter narrows runs: to one account when it is not empty, and to the services
// from First to Last, by id, when those are not.
type RunFilter struct {
	Customer, Account, First, Last string
}

// OrderFilter narrows orders; empty fields do not.
type OrderFilter struct {
	Customer   string
	App        string
	Service    string
	State      string
	ExternalID string
}

// Room is what AskRoom found, once its reads have run.
type Room struct {
	Port  *Port
	Block *AddressBlock
}

// Everything is all rows of a world, for the audit of its invariants.
type Everything struct {
	Services []Service
	Orders   []Order
	Ports    []Port
	Blocks   []AddressBlock
	Quotes   []Quote
	OpenRuns map[string]int  // per service
	Running  map[string]Run  // one of them, per service
	Largest  map[int64]int   // what each block's row says of its Largest
	Resting  map[string]bool // prefixes that wait for their rest to end
	Waiting  map[string]bool // orders for which something is due
	Told     map[string]int  // entries in the trail, per order
	Noticed  map[string]int  // notices, per order
}

// Network makes changes to the carrier's network. The embedded reference network
// and the connector to a real one both satisfy it, and its contract suite.
type Network interface {
	// Start asks for a change. It is idempotent by the order's id: asked twice, it
	// makes one change and answers the same. A *Refusal means never; any other
	// error means that nobody knows, and the call is made again.
	Start(ctx context.Context, c Change) (Ticket, error)
	// Status asks how a change is doing.
	Status(ctx context.Context, c Change, ref string) (Progress, error)
}

// Change is what the network is asked to do for one order.
type Change struct {
	World   string
	Order   string
	Action  string // add, bandwidth, delete
	Service string
	Site    string
	Port    string
	VLAN    int
	Prefix  string
	Mbps    int       // to run at
	Sandbox bool      // of a sandbox world: no real network is to hear of it
	Hint    string    // texts in which a sandbox's caller may have put a magic word; "" in production
	Now     time.Time // the world's
}

// Ticket is the network's promise: its own reference, and when to ask again.
type Ticket struct {
	Ref        string
	CheckAfter time.Duration
}

// Progress is how a change is doing.
type Progress struct {
	Done       bool
	Failed     string // why, when it has failed for good
	CheckAfter time.Duration
}

// Refusal is the network's no.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return "the network refuses: " + r.Reason }

// asRefusal answers the refusal in err, or nil.
func asRefusal(err error) *Refusal {
	r, _ := errors.AsType[*Refusal](err)
	return r
}
