package care

import (
	"context"
	"errors"
	"time"

	"demarc/internal/db"
)

// Billing is the billing system of a business unit. The embedded one and the
// connector to a real one both satisfy it, and its contract suite.
//
// An *Unavailable error means that the system did not answer; any other that its
// answer is of no use.
type Billing interface {
	// Account finds the one account by its number; nil when there is none.
	Account(ctx context.Context, q Query) (*Account, error)
	// Accounts finds the accounts that have a number, by id, MostAccounts at most. Of
	// each it tells whose it is; balances, dates and plans may be left out.
	Accounts(ctx context.Context, q Query) ([]Account, error)
}

// Query is what a billing system is asked.
type Query struct {
	World       string
	Unit        string
	Sandbox     bool   // of a sandbox world: no real system is to hear of it
	Line        string // of business
	RefID       string
	Value       string // has the unit's form; "" when a sandbox's caller gave a magic word alone
	Hint        string // text in which a sandbox's caller has put a magic word; "" in production
	Correlation string
}

// Unavailable is the error about a billing system that cannot be reached. The
// resource is named without the system's own host, which is nobody's business.
type Unavailable struct {
	Method, Resource string
	RetryAfter       time.Duration // how long it will be left alone; 0 when nobody knows
}

func (u *Unavailable) Error() string {
	return "HTTP " + u.Method + " on resource '" + u.Resource + "' failed: service unavailable (503)."
}

// Down is the error about a unit's billing system.
func Down(unit string) *Unavailable {
	return &Unavailable{Method: "POST", Resource: "http://billing/v1/" + unit + "/billingAccount/"}
}

// asDown answers the *Unavailable in err, or nil.
func asDown(err error) *Unavailable {
	u, _ := errors.AsType[*Unavailable](err)
	return u
}

// Store is the rows of the embedded billing system.
type Store interface {
	// Outside a unit of work, for many callers at once.
	FindAccount(ctx context.Context, world, unit, id string) (*Account, error)
	// FindByNumber finds the accounts with a line of the kind, by id, MostAccounts at
	// most, and of each whose it is.
	FindByNumber(ctx context.Context, world, unit, kind, number string) ([]Account, error)

	// Add queues the writing of accounts with their lines; one that is there already
	// is replaced. No two of them may be the same.
	Add(tx *db.Tx, accounts []Account)

	// Auditing.
	EachAccount(tx *db.Tx, fn func(a *Account) error) error
	// EachLine walks all lines; found says whether the account is there.
	EachLine(tx *db.Tx, fn func(l Line, found bool) error) error
}

// Line is a number by which an account is found.
type Line struct{ Unit, Number, Kind, Account string }
