package voice

import (
	"time"

	"demarc/internal/nanp"
)

// Types of voice orders.
const (
	TypeReserve    = "RESERVE"
	TypeInstall    = "NEW"
	TypePort       = "LNP"
	TypeChange     = "CHANGE"
	TypeDisconnect = "DISCONNECT"
)

// Limits of orders about numbers in service (source, Install and Port-in).
const (
	PerInstall = 399
	PerPort    = 49
	PerChange  = 1000 // ours; of changes and disconnects
)

// Statuses of numbers that come and go.
const (
	Porting = "porting" // on its way in from another carrier
	Away    = "away"    // the carrier's own, in service with another one
)

// Types of customers.
const (
	Business    = "B"
	Residential = "R"
)

// E911 options of Enhanced Local Service.
const (
	E911Standard = "E911"
	E911Customer = "CP911" // the customer has another provider
)

// Subscriber is whose number it is.
type Subscriber struct {
	Type     string `json:"customerType"`
	First    string `json:"firstName,omitzero"`
	Last     string `json:"lastName,omitzero"`
	Middle   string `json:"middleInitial,omitzero"`
	Business string `json:"businessName,omitzero"`
}

// Address is where a number is used.
type Address struct {
	Number    string `json:"streetNumber"`
	Name      string `json:"streetName"`
	Suffix    string `json:"streetSuffix,omitzero"`
	Secondary string `json:"secondaryLocation,omitzero"`
	City      string `json:"city"`
	State     string `json:"state"`
	ZIP       string `json:"zip"`
}

// Listing is a directory listing.
type Listing struct {
	Type     string `json:"directoryListingType"` // 1: listed and published, 2: listed only
	First    string `json:"directoryFirstName,omitzero"`
	Last     string `json:"directoryLastName,omitzero"`
	Business string `json:"directoryBusinessName,omitzero"`
}

// CNAM is what others see of who calls.
type CNAM struct {
	Blocked bool   `json:"blocked"`
	Name    string `json:"name,omitzero"` // "": the rate center's city and state
}

// Service is what numbers in service have. It never changes: a change makes another.
type Service struct {
	ID         string     `json:"-"`
	Customer   string     `json:"-"`
	Subscriber Subscriber `json:"subscriber"`
	Address    Address    `json:"serviceAddress"`
	E911       string     `json:"e911Option,omitzero"`
	Listing    *Listing   `json:"directoryListing,omitzero"`
	CNAM       *CNAM      `json:"cnam,omitzero"`
	RouteName  string     `json:"customerServiceName"`
	RoutePlan  string     `json:"routePlanName,omitzero"`
}

// LNP is what a losing carrier must know to let numbers go.
type LNP struct {
	LOAName  string    `json:"loaName"`
	LOAAt    time.Time `json:"loaDateTime"`
	WTN      nanp.TN   `json:"workingTelephoneNumber"`
	Account  string    `json:"losingCarrierAccountNumber"`
	PIN      string    `json:"-"` // kept sealed, see sealed.go
	Wireless bool      `json:"losingCarrierWireless"`
}

// Detail is what an order about numbers in service asks for, as it is kept with it.
type Detail struct {
	Ranges    []Range   `json:"ranges"`
	Service   *Service  `json:"service,omitzero"`
	Change    *Change   `json:"change,omitzero"`
	LNP       *LNP      `json:"lnp,omitzero"`
	Carrier   string    `json:"carrier,omitzero"`   // the losing one
	Asked     time.Time `json:"asked,omitzero"`     // when the losing carrier was asked last
	Round     int       `json:"round,omitzero"`     // counts what it is asked for: another with each change
	Rejection string    `json:"rejection,omitzero"` // why it would not
	Wanted    time.Time `json:"wanted,omitzero"`    // the day that the customer wants
}

// Change is what is to change of numbers in service; what is nil stays.
type Change struct {
	Subscriber *Subscriber `json:"subscriber,omitzero"`
	Address    *Address    `json:"serviceAddress,omitzero"`
	E911       *string     `json:"e911Option,omitzero"`
	Listing    *Listing    `json:"directoryListing,omitzero"`
	Unlist     bool        `json:"unlist,omitzero"`
	CNAM       *CNAM       `json:"cnam,omitzero"`
	RouteName  *string     `json:"customerServiceName,omitzero"`
	RoutePlan  *string     `json:"routePlanName,omitzero"`
}

// apply is a service after a change. A new name of a business is its whole name; the
// listing keeps what the change does not say.
func (c Change) apply(s Service) Service {
	if c.Subscriber != nil {
		s.Subscriber = *c.Subscriber
	}
	if c.Address != nil {
		s.Address = *c.Address
	}
	if c.E911 != nil {
		s.E911 = *c.E911
	}
	switch {
	case c.Unlist:
		s.Listing = nil
	case c.Listing != nil:
		l := Listing{Type: "1"}
		if s.Listing != nil {
			l = *s.Listing
		}
		put := func(field *string, to string) {
			if to != "" {
				*field = to
			}
		}
		put(&l.Type, c.Listing.Type)
		put(&l.First, c.Listing.First)
		put(&l.Last, c.Listing.Last)
		put(&l.Business, c.Listing.Business)
		s.Listing = &l
	}
	if c.CNAM != nil {
		s.CNAM = c.CNAM
	}
	if c.RouteName != nil {
		s.RouteName = *c.RouteName
	}
	if c.RoutePlan != nil {
		s.RoutePlan = *c.RoutePlan
	}
	return s
}

// Kinds of a customer's routes.
const (
	RouteName = "service" // a customer service name
	RoutePlan = "plan"
)

// Route is where a customer's calls can be sent.
type Route struct {
	Customer, Kind, Name string
}

// InService is a number in service, as its customer sees it.
type InService struct {
	TN nanp.TN
	Entry
	Service Service
}
