package ondemand

import (
	"fmt"
	"time"

	"github.com/govalues/decimal"
)

// Product is the product's name in applications and events.
const Product = "ondemand"

// QuoteLife is how long a quote can be promoted to an order (source, step 4).
const QuoteLife = 15 * time.Minute

// PrefixRest is how long a prefix that was given back is kept from others, so that
// traffic for its old holder has died down.
const PrefixRest = 24 * time.Hour

// ChangesPerDay is how many change orders (modify and delete) a customer may place
// in one GMT day.
const ChangesPerDay = 24

// Quote is a price that was offered for a speed at a site.
type Quote struct {
	ID        string // NaaS-10001
	Customer  string
	Site      string // masterSiteId
	Partner   string // at a data center
	UNI       string // on the customer's own port: its UNI service id
	Speed     Speed
	Hourly    decimal.Decimal // USD
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedBy    string // the order it was promoted to
}

// Account is a billing account of a customer.
type Account struct {
	ID          string
	Customer    string
	Name        string
	Street      string
	City        string
	State       string
	Postcode    string
	Country     string // of the address: USA
	CountryCode string // 100 is the United States
	HQCountry   string // US
	Currency    string
	Entitled    bool // may buy on-demand services
}

// Service is a connection and what it holds.
type Service struct {
	ID          string
	Customer    string
	Account     string
	AccountName string
	Name        string // Customer Service Name
	Site        string
	Port        string // NNI-01 at a data center; the UNI service id on the customer's own port
	Partner     string
	VLAN        int
	Prefix      string // 100.64.0.8/29
	Bits        int    // 28, 29 or 30
	Speed       Speed
	Hourly      decimal.Decimal
	Status      string
	InFlight    string // the order that is changing it
	Holds       bool   // VLAN, prefix and capacity are its own
	CreatedAt   time.Time
}

// Actions of an order, finer than the three of the wire: a modify changes the
// bandwidth, the name, or both.
const (
	ActionAdd       = "add"
	ActionBandwidth = "bandwidth"
	ActionRename    = "rename"
	ActionDelete    = "delete"
)

// Order is one order for one service.
type Order struct {
	ID         string
	App        string
	Customer   string
	Service    string
	Action     string
	State      string
	ExternalID string
	Quote      string
	Speed      Speed           // what the service is to run at; zero when that does not change
	Hourly     decimal.Decimal // at that speed
	Name       string          // what the service is to be called; "" when that does not change
	Request    []byte          // the answer to the order, as JSON
	NetworkRef string          // the network's name for the change
	Failure    string
	CreatedAt  time.Time
	EndedAt    time.Time // zero while under way
}

// WireAction is the action as the caller ordered it.
func (o Order) WireAction() string {
	switch o.Action {
	case ActionAdd, ActionDelete:
		return o.Action
	default:
		return "modify"
	}
}

// Port is where services meet the customer or the partner.
type Port struct {
	Site      string
	ID        string
	Customer  string // "" for a port that the carrier shares with a data center
	Capacity  int    // Mbps
	Used      int    // Mbps
	VLANs     []byte // see TakeVLAN
	VLANsUsed int
}

// AddressBlock is a /24 of the pools.
type AddressBlock struct {
	N     int64
	Taken Block
}

// Largest is how many /30 units the largest prefix that still fits has: 4, 2, 1 or 0.
func (b AddressBlock) Largest() int {
	for _, size := range []struct{ bits, units int }{{28, 4}, {29, 2}, {30, 1}} {
		if b.Taken.Free(size.bits) {
			return size.units
		}
	}
	return 0
}

// Units is how many /30 units a prefix of so many bits has.
func Units(bits int) int { return 1 << (30 - bits) }

// Capacities of the reference network, in Mbps, and how many shared ports one data
// center can have.
const (
	NNICapacity = 100_000
	UNICapacity = 1_000
	NNIPorts    = 64
)

// PortName is the name of the n-th shared port of a data center, from 1.
func PortName(n int) string { return fmt.Sprintf("NNI-%02d", n) }
