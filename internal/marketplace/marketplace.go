package marketplace

import (
	"time"

	"demarc/internal/setting"
)

// Product is the name under which applications are approved for the marketplace.
const Product = "marketplace"

// Onboarding is whether new providers may come in. The source closed it for its v1
// integration on 2017-04-08; here the carrier decides.
var Onboarding = setting.Declare(setting.Setting{Name: "marketplace.v1.onboarding", Values: []string{"open", "closed"}, Default: "open",
	Text: "Whether new providers may be onboarded with the v1 integration, and new products be offered."})

const onboardingOpen = "open"

// Provider is a company that sells software through the marketplace.
type Provider struct {
	ID        string // PRV-100001
	Org       string // the organisation whose applications manage it
	Name      string // its name in paths: POST {base}/{name}-provision-account/
	Title     string // its name for people
	BaseURL   string
	State     string
	Reseller  []byte // the reseller key that it gave us, sealed; nil: none
	CreatedAt time.Time
	Keys      []Key // those that are not revoked
}

// Key is a provider key. Its clear text is only in the answer of what made it.
type Key struct {
	ID        string
	Clear     string
	CreatedAt time.Time
	ExpiresAt time.Time // machine time; zero: it does not expire
}

// Offer is a product that a provider sells.
type Offer struct {
	ID          string // PRD-100001
	Provider    string
	Name        string
	Description string
	State       string
	Form        []Field
	SKUs        []SKU
	CreatedAt   time.Time
}

// SKU is a part of a product that is metered and billed by itself.
type SKU struct {
	ID   string `json:"sku"`
	Name string `json:"name"`
	Unit string `json:"unit"` // what a count counts: seat, GB
}

// Subscription is one buyer's account with a provider.
type Subscription struct {
	ID         string // SUB-100001
	Provider   string
	Offer      string
	App        string // the buyer's application
	Customer   string // the buyer
	State      string
	COID       string            // the provider's id of the customer, once it has opened the account
	Values     map[string]string // what the buyer filled in, by field, without secrets
	Secrets    []byte            // the secret ones, sealed, until the provider has answered
	Failure    string            // why it could not be opened
	Attempts   int
	CreatedAt  time.Time
	ActiveAt   time.Time // zero: never was
	ExpiredAt  time.Time // when the provider says that services ended; zero: they have not
	EndAskedAt time.Time // when the buyer asked for the end; zero: did not
	NextAt     time.Time // when the provider is asked (again), of one that is read for its buyer; zero: is not
}

// Usage is what was used of one SKU in one billing month.
type Usage struct {
	Subscription string
	SKU          string
	Month        string // 2040-06, by GMT
	Total        Count
	Updates      int64 // how many updates it is the sum of
}

// DayUsage is what was used of one SKU on one GMT day.
type DayUsage struct {
	SKU   string
	Day   time.Time
	Total Count
}

// Update is one accepted call of a provider's.
type Update struct {
	N            int64 // grows with time
	Provider     string
	Subscription string
	COID         string
	SKU          string
	Month        string
	Count        Count
	Counted      bool // whether it said a count at all
	Expired      bool
	At           time.Time
}

// Call is an entry of a provider's call log: one of our calls, or one of its own that
// was refused. Its bodies hold no value that a buyer wrote and no secret.
type Call struct {
	N            int64
	Provider     string
	Subscription string // "" for a test call
	Direction    string // out, test, in
	At           time.Time
	Status       int    // of HTTP; 0: there was no answer
	Problem      string // what was wrong, "" when nothing was
	Request      string // redacted
	Answer       string // redacted, its beginning
	Took         time.Duration
}

// Directions of a call.
const (
	CallOut  = "out"
	CallTest = "test"
	CallIn   = "in"
)

// Party is a buyer: an application in a world and the customer it acts for.
type Party struct {
	World    string
	App      string
	Sandbox  bool
	Customer string
	Actor    string // who does it, in trails; App if it is empty
}

// actor is who is written into trails.
func (p Party) actor() string {
	if p.Actor == "" {
		return p.App
	}
	return p.Actor
}

// Source is a provider that has proved itself by its key.
type Source struct {
	World    string
	Provider string
	Key      string // the key's id
	Ended    bool   // the key has: it proves nothing any more
	Sandbox  bool
}
