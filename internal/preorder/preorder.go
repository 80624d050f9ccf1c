package preorder

import (
	"time"

	"demarc/internal/postal"

	"github.com/govalues/decimal"
)

// Segments of the market.
const (
	Consumer      = "Consumer"
	SmallBusiness = "Small Business"
)

// Bill types.
const (
	Prepaid  = "PREPAID"
	Postpaid = "POSTPAID"
)

// Families of products.
const (
	FamilyLocal     = "LOCAL_SERVICE"
	FamilyLong      = "LONG_DISTANCE"
	FamilyBroadband = "BROADBAND"
	FamilyBundle    = "BUNDLE"
)

// Ways of installing.
const (
	Self = "SELF"
	Tech = "TECH"
)

// Party is who calls: an application, and the partner that it is bound to.
type Party struct {
	World   string
	App     string
	Sandbox bool
	Partner string // "" when it is bound to none
	Actor   string // who does it, in trails; App if it is empty
}

// actor is who is written into trails.
func (p Party) actor() string {
	if p.Actor == "" {
		return p.App
	}
	return p.Actor
}

// Address is an address that the carrier knows.
type Address struct {
	DetailID string
	postal.Address
}

// NearMatch is an address that the partner may have meant.
type NearMatch struct {
	Address
	Score float64
}

// Loop is what the line to an address carries.
type Loop struct {
	Technology   string `json:"technology"`
	MaxDown      int    `json:"maxDownMbps"`
	MaxUp        int    `json:"maxUpMbps"`
	TechRequired bool   `json:"techInstallRequired"`
}

// States of a transaction.
const (
	TxNear      = "NEAR_MATCHES"
	TxNoMatch   = "NO_MATCH"
	TxQualified = "QUALIFIED"
)

// Transaction is one customer's qualification, for its Central-Time day.
type Transaction struct {
	ID             string
	Partner        string
	SalesCode      string
	AgentID        string
	App            string
	Segment        string
	State          string
	PartnerOrderID string
	Near           []NearMatch // while it is NEAR_MATCHES
	Address        *Address    // once it is QUALIFIED
	Loop           Loop
	Offers         []string // product codes, in the answer's order
	CreatedAt      time.Time

	Config *Configuration // nil until it was configured
}

// Configuration is what was chosen, and what the customer's credit came to.
type Configuration struct {
	ProductCode string         `json:"productCode"`
	BillType    string         `json:"billType"`
	PromoCode   string         `json:"promoCode"`
	Install     string         `json:"install"`
	Modem       string         `json:"modem"`
	AddOns      []string       `json:"addOns"`
	Credit      CreditDecision `json:"credit"`
	SSNLast4    string         `json:"ssnLast4"` // "" when refused
	Stopped     bool           `json:"stopped"`  // the decision was a hard stop
}

// Decisions about a customer's credit.
const (
	DecisionApproved = "APPROVED"
	DecisionDeposit  = "DEPOSIT"
	DecisionHardStop = "HARD_STOP"

	ReasonCredit    = "CREDIT_ISSUE"
	ReasonFinalBill = "FINAL_BILL_OUTSTANDING"
)

// CreditDecision is what the credit system decided, once for a transaction. The
// deposit for a product is computed from it.
type CreditDecision struct {
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	Class    int    `json:"class"` // months of charges that a postpaid product takes as deposit
}

// Customer is the personal data of a Config. It is sealed at rest, and gone when its
// Central-Time day is over.
type Customer struct {
	First string `json:"first"`
	Last  string `json:"last"`
	SSN   string `json:"ssn"` // nine digits; all 9s when refused
	DOB   string `json:"dob"` // 2006-01-02
}

// Order is a completed configuration.
type Order struct {
	Number         string
	Transaction    string
	Partner        string
	SalesCode      string
	PartnerOrderID string
	App            string
	DetailID       string
	Address        string
	ProductCode    string
	BillType       string
	State          string
	Totals         Totals
	Deposit        decimal.Decimal
	CreatedAt      time.Time
	EndedAt        time.Time
}

// Totals are what a configuration costs.
type Totals struct {
	OneTime decimal.Decimal
	Monthly decimal.Decimal
}

// Currency is that of all amounts of money.
const Currency = "USD"
