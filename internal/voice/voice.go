package voice

import (
	"time"

	"demarc/internal/nanp"
)

// The two products' ids (source, Reserve telephone numbers).
const (
	LocalInbound  = "2036"
	EnhancedLocal = "2042"
)

// Limits of one order (source, Ordering Large Number Blocks).
const (
	PerOrder       = 399 // numbers of one rate center
	LinesPerOrder  = 100 // ours
	Utilization    = 75  // per cent that have to be active before more is ordered
	ApprovalWindow = 4 * time.Hour
	KeptFor        = 180 * 24 * time.Hour // notifications
)

// Party is who calls, and for which customer.
type Party struct {
	World    string
	App      string
	Sandbox  bool
	Customer string // the number it goes by
	Name     string
	Channel  string // ChannelAPI if it is empty
	Actor    string // who does it, in trails; App if it is empty
}

// Channels that orders come from; what one has begun, the other does not change
// (source, About Control Center).
const (
	ChannelAPI    = "api"
	ChannelPortal = "portal"
	ChannelAny    = "" // what is only looked at is shown wherever it came from
)

// Order is a voice order.
type Order struct {
	ID           string // V100000001
	Type         string // RESERVE, NEW, LNP, CHANGE, DISCONNECT
	App          string
	Customer     string
	CustomerName string
	Channel      string
	Product      string
	ExternalID   string
	Exception    string // the TN exception that it uses, "" for none
	State        string
	Code         int       // what its customer was told last about it as a whole
	Version      int       // counts its changes
	FOCAt        time.Time // when a port happens: its firm order commitment
	Detail       *Detail   // what it asks for; nil of a reservation
	PIN          []byte    // of the losing carrier, sealed, while a port is under way
	CreatedAt    time.Time
	EndedAt      time.Time
}

// Part is what an order asks of one rate center: a rate center order, by its
// transaction order id. A backorder is a part of its own, of a parent.
type Part struct {
	ID        string // V100000001-1
	Order     string
	N         int
	Parent    string
	Customer  string
	Product   string
	State     string // of the rate center: CO
	Center    string // DENVER
	Wish      Wish
	Status    string
	Held      int     // numbers on offer, or set aside for a backorder
	Reserved  int     // numbers it has brought
	Code      int     // what its customer was told last about it
	Kind      string  // "" for numbers, PartSupplement
	Detail    *Detail // of a supplement: what it changes
	PIN       []byte  // of a supplement that waits, sealed
	CreatedAt time.Time
	Until     time.Time // of an offer, or of a backorder
	EndedAt   time.Time
}

// Key names the part's rate center.
func (p Part) Key() string { return CenterKey(p.State, p.Center) }

// Statuses of a number, as the ledger of numbers has them. A number in no range is free.
const (
	Held     = "held"     // on offer, or set aside for a backorder; nobody sees it
	Reserved = "reserved" // in a customer's pool
	Active   = "active"   // in service
	Aging    = "aging"    // given back, and not free yet
	Withheld = "withheld" // kept back by the carrier
)

// Entry is a range in the ledger of numbers: who has it, and how.
type Entry struct {
	Range
	Status     string
	Customer   string // "" for the carrier's own
	Product    string
	State      string
	Center     string
	Part       string
	Order      string
	ExternalID string
	At         time.Time // since when
	FreeAt     time.Time // of what ages
	Service    string    // what a number in service has
	RouteName  string    // its customer service name
	Ported     bool      // it is another carrier's number
	Donor      string    // that carrier
	Busy       string    // the order that is under way with it
}

// Holding is how many numbers a customer has in a rate center for a product.
type Holding struct {
	Customer, Product, State, Center string
	Reserved, Active                 int
}

// Percent is how much of a holding is in service; of nothing, all is.
func (h Holding) Percent() int {
	if h.Reserved+h.Active == 0 {
		return 100
	}
	return h.Active * 100 / (h.Reserved + h.Active)
}

// Allowed reports whether a customer may order more where it has this (source, 75 %).
func (h Holding) Allowed() bool { return h.Active*100 >= Utilization*(h.Reserved+h.Active) }

// Told is a notification, as it is kept.
type Told struct {
	ID        int64
	Order     string
	Part      string // "" about the order as a whole
	Customer  string
	Code      int
	Message   string
	OrderCode int // what the order as a whole was told last
	State     string
	Center    string
	FOC       time.Time // of 903
	Reason    string    // of 904: why a losing carrier does not let numbers go
	At        time.Time
}

// Profile is what the carrier knows of a customer for this product.
type Profile struct {
	CP911  bool // provides E911 by another provider
	CNAM   bool // has an approved subscription of CNAM
	Credit string
}

// Credit standings.
const (
	CreditGood = "good"
	CreditHold = "hold"
)

// Exception is a request for more than an order may have (source, Ordering large
// number blocks).
type Exception struct {
	ID        string // X100000001
	App       string
	Customer  string
	Product   string
	State     string
	Center    string
	Quantity  int
	Reason    string
	Status    string // of ExceptionMachine
	Note      string // of who decided
	Order     string // that has used it
	CreatedAt time.Time
	EndedAt   time.Time
}

// CenterKey names a rate center: CO/DENVER.
func CenterKey(state, name string) string { return state + "/" + name }

// Center is a rate center in a world.
type Center struct {
	State, Name string
	Plan        *nanp.RateCenter // what the numbering plan knows of it; nil: nothing
	Covered     bool             // the carrier serves it
	Static911   bool
	Open        bool      // for orders
	OpensAt     time.Time // zero, or when it opens
	Native      bool      // has numbers of its own to give
	Into        string    // the rate center that it was consolidated into
	Opened      int       // how many of its reference blocks have been opened
	Absorbed    []string  // rate centers that were consolidated into it: CO/ARVADA:3
	Sealed      bool      // no further reference block may be opened
}

// Key names it.
func (c Center) Key() string { return CenterKey(c.State, c.Name) }

// Orderable reports whether it takes orders at a moment.
func (c Center) Orderable(now time.Time) bool { return c.Open && !now.Before(c.OpensAt) }
