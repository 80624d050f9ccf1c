package care

import (
	"time"

	"github.com/govalues/decimal"
)

// Product is what applications are approved for.
const Product = "care"

// Kinds of an account.
const (
	Residential = "RES"
	Business    = "BUS"
)

// Kinds of a line: one that the account pays for, and one at which its owner is
// reached.
const (
	LineService = "SERVICE"
	LineContact = "CONTACT"
)

// Account is what a billing system says of one account. Amounts are in the unit's
// currency; a zero time is one that the system does not have.
type Account struct {
	Unit          string
	ID            string
	Kind          string // Residential, Business
	Name          string
	State         string // in the unit's own words
	PaymentStatus string
	Customer      string // the customer's id
	Party         string // the owner, as the billing system numbers people
	Address       Address
	Phone         string
	PhoneType     string // Home, Work, Mobile
	Email         string

	Currency   string
	Receivable decimal.Decimal // owed, of the billing period
	Delinquent decimal.Decimal // overdue
	Paid       decimal.Decimal // the last payment
	Credit     decimal.Decimal // limit
	Financial  Financial
	Plan       Plan

	Media           string // how bills are presented: Email, Paper
	CycleShift      int    // the day of the month on which the billing cycle begins
	Location        string
	Dunning         string // the group that reminders are sent by
	DelinquencyDays int

	PaidAt     time.Time // the last payment
	ModifiedAt time.Time
	OpenedAt   time.Time
	ClosedAt   time.Time
	PeriodFrom time.Time // the billing period
	PeriodTo   time.Time

	// The numbers that the account is found by. They are given when an account is
	// stored and by systems that are asked over a network; what is read for an answer
	// does without.
	Services []string
	Contacts []string
}

// Address is where the account's owner lives. Region is the parish, province or
// región; City the town, distrito or comuna.
type Address struct {
	Street, City, Region, Postcode string
}

// Financial is the account in the carrier's books behind the billing account.
type Financial struct {
	ID  string
	Due decimal.Decimal
}

// Plan is how the customer has agreed to pay; Type is empty when nothing is agreed.
type Plan struct {
	Type, Every string
	Amount      decimal.Decimal
}

// Party is who asks: an application of a world.
type Party struct {
	World       string
	Sandbox     bool
	Correlation string // the call's id, for the systems behind us
}

// Request is what a caller sends, as it is sent: of each header all its values.
type Request struct {
	Unit     string
	Line     []string // lob
	RefID    []string
	RefValue []string
}

// Operation is one of the two calls of the API.
type Operation string

// The operations, as their paths name them.
const (
	BalanceEnquiry Operation = "balanceEnquiry"
	Accounts       Operation = "accounts"
)

// MostAccounts is how many accounts one answer holds, the first by id.
const MostAccounts = 100
