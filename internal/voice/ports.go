package voice

import (
	"context"
	"time"

	"demarc/internal/db"
	"demarc/internal/nanp"
)

// Store is the product's rows. Methods that lock do so where the database has row
// locks; methods that save queue their statements. A unit of work locks rate centers
// first, in the order of their keys, and then orders: so no two wait for each other.
type Store interface {
	// Rate centers.

	// AskCenter queues the reading of a rate center's row into c, which holds what it is
	// without one.
	AskCenter(tx *db.Tx, c *Center)
	// LockCenter queues the writing of a rate center's row, if it has none, and its locking
	// and reading. LockIfAny writes none.
	LockCenter(tx *db.Tx, c *Center)
	LockIfAny(tx *db.Tx, c *Center)
	SaveCenter(tx *db.Tx, c Center)
	// Centers are the rate centers of a state ("": of all) that have a row.
	Centers(tx *db.Tx, state string) ([]Center, error)
	// AskRegion queues whether a region takes backorders, into have; it stays as it is
	// when nobody has said so.
	AskRegion(tx *db.Tx, state string, have *bool)
	PutRegion(tx *db.Tx, state string, backorders bool)
	Regions(tx *db.Tx) (map[string]bool, error)

	// Thousands-blocks of a rate center that is locked.

	// OpenBlocks are up to limit open blocks with a run of so many free numbers, the most
	// used first, behind those that a block comes after.
	OpenBlocks(tx *db.Tx, c Center, run int, after *OpenBlock, limit int) ([]*OpenBlock, error)
	// AskOpenBlocks queues the first of them.
	AskOpenBlocks(tx *db.Tx, c Center, run, limit int, list *[]*OpenBlock)
	Block(tx *db.Tx, b nanp.Block) (*OpenBlock, *BlockAt, error)
	// AddBlock opens a block, or fails the unit with taken when it is open.
	AddBlock(tx *db.Tx, c Center, o OpenBlock, taken error)
	SaveBlock(tx *db.Tx, c Center, o *OpenBlock)
	// PutBlock queues a block that is wholly free, unless there is one; *n counts on when
	// there was none.
	PutBlock(tx *db.Tx, c Center, b nanp.Block, n *int)
	MoveBlocks(tx *db.Tx, from, to Center)
	// Free is how many numbers are free in its open blocks.
	Free(tx *db.Tx, c Center) (blocks, free int, err error)
	// StockCount counts the stock of a rate center ("" and "": of the world), as far as it
	// is open.
	StockCount(tx *db.Tx, state, center string) (StockCount, error)

	// The ledger of numbers.

	AddEntries(tx *db.Tx, list []Entry)
	// Keep makes what a part has set aside its customer's own.
	Keep(tx *db.Tx, part string, at time.Time)
	// EntriesOf are a part's with a status; EntriesAt a rate center's of a customer ("" for
	// the carrier's own) with a status, with which no order is under way, lowest first, up
	// to limit.
	EntriesOf(tx *db.Tx, part, status string) ([]Entry, error)
	EntriesAt(tx *db.Tx, c Center, customer, status string, limit int) ([]Entry, error)
	// AgedEntries are those that come free until a moment.
	AgedEntries(tx *db.Tx, c Center, until time.Time) ([]Entry, error)
	NextAged(tx *db.Tx, c Center) (time.Time, error)
	DropEntry(tx *db.Tx, e Entry)
	Pool(tx *db.Tx, f PoolFilter, page Paging) ([]Entry, int, error)
	// AskHolding queues the reading of a holding's counts into it.
	AskHolding(tx *db.Tx, h *Holding)
	AddHolding(tx *db.Tx, h Holding)
	AgingOf(tx *db.Tx, c Center, customer string) (bool, error)
	// HoldingsOf are a customer's that are not empty, by rate center.
	HoldingsOf(tx *db.Tx, customer string) ([]Holding, error)
	// EntriesOfParts are a customer's that parts of orders have brought, lowest first.
	EntriesOfParts(tx *db.Tx, customer string, parts []string, page Paging) ([]Entry, int, error)
	// AskOverlaps queues the reading of the entries that share a number with a range,
	// lowest first.
	AskOverlaps(tx *db.Tx, r Range, found *[]Entry)
	// AddPorting writes numbers on their way in, or fails the unit with taken when one is
	// there already.
	AddPorting(tx *db.Tx, list []Entry, taken error)
	// BusyEntries are those that an order is under way with.
	BusyEntries(tx *db.Tx, order string) ([]Entry, error)
	// AddActive adds to how many numbers of an entry's block are in service.
	AddActive(tx *db.Tx, e Entry, n int)
	// ActiveBlocks are a customer's blocks with numbers in service, lowest first;
	// ActiveEntries their entries from a number on, so many numbers of them at least.
	ActiveBlocks(tx *db.Tx, f DetailFilter) ([]ActiveBlock, error)
	ActiveEntries(tx *db.Tx, f DetailFilter, from nanp.TN, numbers int) ([]Entry, error)
	AddService(tx *db.Tx, s Service)
	Service(tx *db.Tx, id string) (Service, error)
	Services(tx *db.Tx, ids []string) (map[string]Service, error)
	Routes(tx *db.Tx, customer string) ([]Route, error)
	PutRoute(tx *db.Tx, r Route)
	DropRoute(tx *db.Tx, r Route)

	// Orders.

	AddOrder(tx *db.Tx, o Order)
	Order(tx *db.Tx, id string) (*Order, error)
	LockOrder(tx *db.Tx, id string) (*Order, error)
	// AskOrder queues LockOrder.
	AskOrder(tx *db.Tx, id string, o **Order)
	SaveOrder(tx *db.Tx, o *Order)
	AddPart(tx *db.Tx, p Part)
	SavePart(tx *db.Tx, was string, p Part)
	Parts(tx *db.Tx, order string) ([]Part, error)
	// AskParts queues Parts.
	AskParts(tx *db.Tx, order string, parts *[]Part)
	Part(tx *db.Tx, id string) (*Part, error)
	// AskOlder queues whether the customer has an open part for a part's rate center in
	// another order, placed before this one.
	AskOlder(tx *db.Tx, o Order, p Part, found *bool)
	// OpenParts are a rate center's with a status, oldest first, up to limit.
	OpenParts(tx *db.Tx, c Center, status string, limit int) ([]Part, error)

	// Notifications.

	AddTold(tx *db.Tx, t Told)
	ToldOf(tx *db.Tx, f ToldFilter, page Paging) ([]Told, int, error)
	SweepTold(tx *db.Tx, before time.Time) (int64, error)

	// Customers and their requests.

	AskProfile(tx *db.Tx, customer string, p *Profile)
	PutProfile(tx *db.Tx, customer string, p Profile)
	AddException(tx *db.Tx, e Exception)
	Exception(tx *db.Tx, id string) (*Exception, error)
	LockException(tx *db.Tx, id string) (*Exception, error)
	// SaveException saves one that was in a state, or fails the unit with changed.
	SaveException(tx *db.Tx, was string, e Exception, changed error)
	Exceptions(tx *db.Tx, customer, status string, page Paging) ([]Exception, int, error)
	// OrdersIn are the orders in a state, oldest first.
	OrdersIn(tx *db.Tx, state string, page Paging) ([]Order, int, error)
	// OrdersOf are a customer's, newest first; those under way alone, oldest first.
	OrdersOf(tx *db.Tx, f OrderFilter, page Paging) ([]Order, int, error)
	// OpenPartsOf are a customer's with a status, oldest first, up to limit.
	OpenPartsOf(tx *db.Tx, customer, status string, limit int) ([]Part, error)
	// Queue are the orders under way, oldest first, as the carrier's staff sees them.
	Queue(tx *db.Tx, f QueueFilter, page Paging) ([]Waiting, int, error)
	QueueCounts(tx *db.Tx) ([]Queued, error)
	// BlocksOf are a rate center's open blocks, by number.
	BlocksOf(tx *db.Tx, state, center string, page Paging) ([]BlockLine, int, error)

	// Auditing.

	All(tx *db.Tx) (*Everything, error)
}

// StockCount is how much there is in stock.
type StockCount struct {
	Centers int            // rate centers that are served
	Blocks  int            // open thousands-blocks
	Free    int            // numbers in those
	Taken   map[string]int // numbers by their status in the ledger
}

// Paging is a part of a list: so many entries from an offset.
type Paging struct {
	Offset int64
	Limit  int
}

// PoolFilter says which reserved numbers are meant; what is empty does not matter.
type PoolFilter struct {
	Customer      string
	Order         string
	ExternalID    string
	From, To      nanp.TN // an area code's or a prefix's numbers; 0: all
	State, Center string
}

// ToldFilter says which notifications are meant.
type ToldFilter struct {
	Customer string
	Order    string // "" for every one
	Code     int    // 0 for every one
	From, To time.Time
	Latest   bool // the newest alone
}

// BlockAt is where an open block belongs.
type BlockAt struct{ State, Center string }

// Everything is all rows of a world, for the audit of its invariants.
type Everything struct {
	Centers    []Center
	Blocks     map[nanp.Block]OpenBlock
	At         map[nanp.Block]BlockAt
	Entries    []Entry
	Holdings   []Holding
	Orders     []Order
	Parts      []Part
	Told       []Told
	Exceptions []Exception
	Services   map[string]Service
	Active     map[ActiveKey]int
	Due        map[string]bool   // kind and key, with a blank between them, of what is due
	Became     map[string]string // what each order's and exception's trail says it became last
}

// ActiveKey is what numbers in service are counted under.
type ActiveKey struct {
	Customer, Product string
	Block             nanp.Block
	RouteName         string
	State, Center     string
}

// Query says for whom a backend is asked.
type Query struct {
	World    string
	Sandbox  bool
	Customer string
	Hint     string // texts in which a sandbox's caller may have put a magic word; "" in production
	Now      time.Time
}

// Administration is the number administration: who has which number.
type Administration interface {
	// Lookup answers what is known of numbers, one for each and in that order.
	Lookup(ctx context.Context, q Query, list []nanp.TN) ([]Number, error)
	// Ready reports whether numbers of a rate center can be given out now.
	Ready(ctx context.Context, q Query, state, center string) error
}

// Number is what the number administration knows of a telephone number.
type Number struct {
	TN       nanp.TN
	Known    bool   // its code is in use
	State    string // of its rate center
	Center   string
	LATA     string
	Carrier  string
	Portable bool // its carrier lets it be ported
}

// CreditDesk is the credit system.
type CreditDesk interface {
	// Check reports whether a customer's order may go on by itself, or waits for somebody
	// to look at it.
	Check(ctx context.Context, q Query, order string) (hold bool, err error)
}

// LosingCarrier lets numbers go, or does not.
type LosingCarrier interface {
	// Ask asks for a port, or how it has been decided: the same question, by the order and
	// the round, is one request however often it is asked.
	Ask(ctx context.Context, q Query, p Port) (Reply, error)
}

// Providers know what else the world must learn of numbers in service. Every call may
// come again for the same order, which has one for each service that its numbers have.
type Providers interface {
	// List puts numbers into the directory, or answers a *Refusal.
	List(ctx context.Context, q Query, order string, list []Range, s Service) error
	// Locate tells E911 where numbers are.
	Locate(ctx context.Context, q Query, order string, list []Range, s Service) error
	// Name tells the CNAM databases who calls.
	Name(ctx context.Context, q Query, order string, list []Range, s Service) error
}

// Refusal is a provider's answer that it will not, for good.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return "voice: refused: " + r.Reason }

// Backend tells which backend failed, and how.
type Backend struct {
	Name string // administration, credit
	How  string // HowDown, HowLate, HowWrong
	Err  error  // for the log
}

// How a backend can fail.
const (
	HowDown  = "unavailable"
	HowLate  = "timeout"
	HowWrong = "error"
)

// Names of the backends.
const (
	BackendAdministration = "administration"
	BackendCredit         = "credit"
	BackendLosing         = "losing-carrier"
	BackendProviders      = "providers"
)

func (b *Backend) Error() string { return "voice: " + b.Name + " " + b.How }

func (b *Backend) Unwrap() error { return b.Err }
