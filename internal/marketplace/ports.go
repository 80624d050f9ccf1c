package marketplace

import (
	"context"
	"time"

	"demarc/internal/db"
)

// Store is the product's rows. Methods that lock do so where the database has row
// locks; methods that save queue their statements.
type Store interface {
	// Outside a unit of work, for many callers at once: whose key has that hash in that
	// world, nil when there is none. One that has ended is found, and says so.
	FindKey(ctx context.Context, world, hash string) (*Source, error)

	// Providers.
	Provider(tx *db.Tx, id string) (*Provider, error) // with its keys
	Providers(tx *db.Tx, f ProviderFilter, page Paging) ([]Provider, int, error)
	LockProvider(tx *db.Tx, id string) (*Provider, error)
	AddProvider(tx *db.Tx, p Provider)
	// SaveProvider saves a provider that was in the state from.
	SaveProvider(tx *db.Tx, from string, p Provider)
	AddKey(tx *db.Tx, provider string, k Key, hash string)
	// EndKey makes a key end at a moment, which may have come.
	EndKey(tx *db.Tx, provider, id string, at time.Time, unknown error)

	// Products.
	Offer(tx *db.Tx, id string) (*Offer, error)
	Offers(tx *db.Tx, f OfferFilter, page Paging) ([]Offer, int, error)
	LockOffer(tx *db.Tx, id string) (*Offer, error)
	AddOffer(tx *db.Tx, o Offer)
	SaveOffer(tx *db.Tx, from string, o Offer)
	AddSKU(tx *db.Tx, offer, provider string, s SKU)

	// Subscriptions.
	Subscription(tx *db.Tx, id string) (*Subscription, error)
	Subscriptions(tx *db.Tx, f SubFilter, page Paging) ([]Subscription, int, error)
	LockSubscription(tx *db.Tx, id string) (*Subscription, error)
	AddSubscription(tx *db.Tx, s Subscription)
	// MoveSubscription saves a subscription that was in the state from.
	MoveSubscription(tx *db.Tx, from string, s Subscription)
	// COIDHolder is the subscription of the provider that has the coid, "" when none has.
	COIDHolder(tx *db.Tx, provider, coid string) (subscription string, err error)
	// NextAttempts is when the providers of those subscriptions are asked the next time.
	NextAttempts(tx *db.Tx, subscriptions []string) (map[string]time.Time, error)

	// Queue are the subscriptions that wait for their providers, oldest first, as the carrier's staff sees them.
	Queue(tx *db.Tx, f QueueFilter, page Paging) ([]Waiting, int, error)
	QueueCounts(tx *db.Tx) ([]Queued, error)

	// Updates. AskUpdate queues the locking reads that an update needs.
	AskUpdate(tx *db.Tx, provider, coid, sku string) *UpdateFacts
	// CountUsage adds to a month; the caller holds the subscription.
	CountUsage(tx *db.Tx, u Usage, add Count)
	AddUpdate(tx *db.Tx, u Update)
	Usage(tx *db.Tx, f UsageFilter) ([]Usage, error)
	// DailyUsage sums a subscription's updates up by SKU and GMT day, from a moment to
	// another.
	DailyUsage(tx *db.Tx, subscription string, from, to time.Time) ([]DayUsage, error)

	// The call log, newest first, before the entry with the given number.
	AddCall(tx *db.Tx, c Call)
	Calls(tx *db.Tx, f CallFilter, before int64, limit int) ([]Call, error)
	Updates(tx *db.Tx, f CallFilter, before int64, limit int) ([]Update, error)
	// SweepCalls deletes a batch of entries from before a moment.
	SweepCalls(tx *db.Tx, before time.Time) (more bool, err error)

	// Auditing.
	All(tx *db.Tx) (*Everything, error)
}

// Paging is a part of a list: so many entries from an offset.
type Paging struct {
	Offset int64
	Limit  int
}

// ProviderFilter narrows providers; empty fields do not.
type ProviderFilter struct{ Org, Name, State string }

// OfferFilter narrows products; empty fields do not. Sold asks for those in the
// catalogue: listed, of an active provider.
type OfferFilter struct {
	Provider string
	Sold     bool
	Text     string // in the name or the description, in any case
}

// SubFilter narrows subscriptions; empty fields do not.
type SubFilter struct {
	Customer string
	Provider string
	Offer    string
	State    string
}

// UsageFilter chooses the usage of a subscription, from a month to another, both
// included; empty months do not narrow.
type UsageFilter struct{ Subscription, From, To string }

// CallFilter chooses the calls of a provider, or of one subscription of its.
type CallFilter struct {
	Provider, Subscription string
	Direction              string // out, test, in
	Wrong                  bool   // only those with a problem
}

// UpdateFacts is what AskUpdate found, once its reads have run.
type UpdateFacts struct {
	Subscription *Subscription
	SKU          *SKU
	SKUOffer     string // the product that the SKU is part of
	Month        string // the last in which the SKU was used
	Total        Count  // of that month
	Updates      int64
}

// Everything is all rows of a world, for the audit of its invariants.
type Everything struct {
	Providers     []Provider
	Offers        []Offer
	Subscriptions []Subscription
	Usage         []Usage
	Counted       []Usage           // what the ledger of updates sums up to
	Waiting       map[string]bool   // subscriptions that a provisioning is due for
	Lapsing       map[string]bool   // subscriptions whose lapse is due
	Told          map[string]string // what each subscription's trail says it became last
}

// Server is the providers' servers. The HTTP client to real ones and the embedded
// provider both satisfy it, and its contract suite.
type Server interface {
	// Provision asks a provider's server to open an account. An error means that
	// there was no answer, so that nobody knows, and the call is made again under
	// the same key.
	Provision(ctx context.Context, o Order) (Reply, error)
}

// Order is what a provider's server is sent to open one account.
type Order struct {
	World   string
	BaseURL string
	Name    string // the provider's, for the path
	Key     string // Idempotency-Key: the same for every attempt at one account
	Body    []byte // JSON
	Test    bool   // no account is wanted; an Demarc-Test header says so
	Attempt int    // from 1
	Hint    string // texts in which a sandbox's caller may have put a magic word; "" in production
	Sandbox bool
}

// Reply is what the server answered.
type Reply struct {
	Status     int
	Body       []byte // its beginning
	RetryAfter time.Duration
	Took       time.Duration
}

// Sealer seals secrets that must be readable again.
type Sealer interface {
	Seal(purpose string, text []byte) []byte
	Open(purpose string, sealed []byte) ([]byte, error)
}

// EmbeddedURL is the base URL of the provider that demarc itself plays in sandboxes.
const EmbeddedURL = "embedded:"
