package preorder

import (
	"context"
	"errors"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/postal"
)

// Store is the product's rows. Methods that lock do so where the database has row
// locks; methods that save queue their statements.
type Store interface {
	// Partners.
	Partner(tx *db.Tx, id string) (*Partner, error)
	PartnerOf(ctx context.Context, world, app string, sandbox bool) (string, error)
	PutPartner(tx *db.Tx, p Partner)
	Bind(tx *db.Tx, app, partner string)
	// Bound are the partners that those applications are bound to, by application.
	Bound(tx *db.Tx, apps []string) (map[string]string, error)

	// Transactions.
	Transaction(tx *db.Tx, id string) (*Transaction, error)
	LockTransaction(tx *db.Tx, id string) (*Transaction, error)
	AddTransaction(tx *db.Tx, t Transaction)
	// SaveQualified saves what a second qualification made of a transaction that was
	// waiting for it, or fails the unit.
	SaveQualified(tx *db.Tx, t Transaction, used error)
	// SaveConfig saves a configuration with the customer's sealed data (nil leaves what
	// is there). The pair of sales code and partner order id is one transaction's, or
	// the unit fails with taken.
	SaveConfig(tx *db.Tx, t Transaction, customer []byte, taken error)
	// Customer is the sealed personal data of a transaction, nil when it is gone.
	Customer(tx *db.Tx, id string) ([]byte, error)
	// Configured lists a partner's transactions that were configured, newest first, each
	// with its order.
	Configured(tx *db.Tx, f ConfiguredFilter, page Paging) ([]Kept, int, error)
	// Forget removes the personal data of a transaction.
	Forget(tx *db.Tx, id string)

	// Orders.
	OrderOf(tx *db.Tx, transaction string) (*Order, error)
	OrderByPair(tx *db.Tx, salesCode, partnerOrderID string) (*Order, error)
	PairOwner(tx *db.Tx, salesCode, partnerOrderID string) (transaction string, err error)
	RecentOrder(tx *db.Tx, detailID string, since time.Time) (number string, err error)
	// HoldAddress makes an order the address's unless another one is, and answers which
	// one then is.
	HoldAddress(tx *db.Tx, detailID, number string, now, until time.Time) (holder string, err error)
	ReleaseAddress(tx *db.Tx, detailID, number string)
	AddOrder(tx *db.Tx, o Order)
	Order(tx *db.Tx, number string) (*Order, error)
	LockOrder(tx *db.Tx, number string) (*Order, error)
	MoveOrder(tx *db.Tx, from string, o Order)
	Orders(tx *db.Tx, partner, state string, page Paging) ([]Order, int, error)

	// Queue are the orders under way, oldest first, as the carrier's staff sees them.
	Queue(tx *db.Tx, f QueueFilter, page Paging) ([]Waiting, int, error)
	QueueCounts(tx *db.Tx) ([]Queued, error)

	// Auditing.
	All(tx *db.Tx) (*Everything, error)
}

// Paging is a part of a list: so many entries from an offset.
type Paging struct {
	Offset int64
	Limit  int
}

// ConfiguredFilter narrows a partner's configured transactions; empty fields do not.
type ConfiguredFilter struct {
	Partner string
	State   string // of the order; StateUnordered: there is none
	Text    string // in the address, the partner's order id or the order's number, in any case
}

// StateUnordered stands for the state of an order that was not placed.
const StateUnordered = "NOT ORDERED"

// Kept is a configured transaction, and the order that was made of it.
type Kept struct {
	Transaction Transaction
	Order       *Order // nil when none was
}

// State is that of the order, or that there is none.
func (k Kept) State() string {
	if k.Order == nil {
		return StateUnordered
	}
	return k.Order.State
}

// Partner sells for the carrier, under its sales codes.
type Partner struct {
	ID         string
	Name       string
	SalesCodes []string
}

// Everything is all rows of a world, for the audit of its invariants.
type Everything struct {
	Transactions []Transaction
	Sealed       map[string]bool // transactions that hold personal data
	Purges       map[string]bool // transactions whose purge is due
	Orders       []Order
	Waiting      map[string]bool   // orders for which something is due
	Held         map[string]string // addresses and the order that holds them
	Told         map[string]string // what each order's trail says it became last
}

// Query says for whom a backend is asked.
type Query struct {
	World       string
	Sandbox     bool
	Transaction string // the idempotency key of whatever is asked
	Hint        string // texts in which a sandbox's caller may have put a magic word; "" in production
	Now         time.Time
}

// Addresses is the address service.
type Addresses interface {
	// Find is the one address that is meant, nil when none is just that.
	Find(ctx context.Context, q Query, a postal.Address) (*Address, error)
	// Near are addresses that may be meant, likeliest first.
	Near(ctx context.Context, q Query, a postal.Address) ([]NearMatch, error)
	// Footprint reports whether a ZIP code is served at all.
	Footprint(ctx context.Context, q Query, zip string) (bool, error)
}

// LoopQual knows what the line to an address carries.
type LoopQual interface {
	Loop(ctx context.Context, q Query, a Address) (Loop, error)
}

// Catalog knows what is sold.
type Catalog interface {
	Offerings(ctx context.Context, q Query) ([]Offering, error)
}

// Credit authenticates customers and decides about their credit.
type Credit interface {
	// Check authenticates a customer and, for a postpaid product, runs credit. It is
	// asked once for a Config and never for a Reconfig.
	Check(ctx context.Context, q Query, c Customer, billType string) (CreditResult, error)
}

// CreditResult is what the credit system says.
type CreditResult struct {
	Authenticated bool
	Decision      CreditDecision
}

// Backend tells which backend failed, and how.
type Backend struct {
	Name string // address, loopqual, catalog, credit
	How  string // HowDown, HowLate, HowWrong
	Err  error  // for the log
}

// How a backend can fail.
const (
	HowDown  = "unavailable"
	HowLate  = "timeout"
	HowWrong = "error"
)

func (b *Backend) Error() string { return "preorder: " + b.Name + " " + b.How }

func (b *Backend) Unwrap() error { return b.Err }

// Names of the backends.
const (
	BackendAddress  = "address"
	BackendLoopQual = "loopqual"
	BackendCatalog  = "catalog"
	BackendCredit   = "credit"
)

// failures are the documented codes of backends that fail; the source has none for the
// catalogue and for credit.
var failures = map[[2]string]*fault.Code{
	{BackendAddress, HowDown}: m4000, {BackendAddress, HowLate}: m4010, {BackendAddress, HowWrong}: m5000,
	{BackendLoopQual, HowDown}: m4020, {BackendLoopQual, HowLate}: m4030, {BackendLoopQual, HowWrong}: m5010,
}

// Sealer seals personal data.
type Sealer interface {
	Seal(purpose string, text []byte) []byte
	Open(purpose string, sealed []byte) ([]byte, error)
}

// failed turns a backend's failure into the documented error.
func (d *Desk) failed(err error, tx string) error {
	b, ok := errors.AsType[*Backend](err)
	if !ok {
		return err
	}
	code := failures[[2]string{b.Name, b.How}]
	if code == nil {
		return BackendUnavailable.Say("The %s service does not answer; try again. TxID %s", b.Name, tx)
	}
	return d.said(code, "PX-QUAL-"+CodeOf(code), b.Name, tx)
}
