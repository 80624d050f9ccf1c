package carecarrier

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/care"

	"github.com/govalues/decimal"
)

type wireQuery struct {
	Line     string `json:"lob"`
	RefID    string `json:"refId"`
	RefValue string `json:"refValue"`
}

type wireAnswer struct {
	Accounts []WireAccount `json:"accounts"`
}

// WireAccount is care.Account as a billing system behind the connector writes it:
//
//	{
//	  "unit": "JM", "id": "200500101", "type": "RES", "name": "JM EXAMPLE 1",
//	  "state": "active", "paymentStatus": "A", "customerId": "1200500101", "partyId": "101",
//	  "address": {"street": "1 SAMPLE ROAD", "city": "KINGSTON", "region": "ST. ANDREW", "postcode": ""},
//	  "phone": "8765550101", "phoneType": "Home", "email": "JM.EXAMPLE1@EXAMPLE.COM",
//	  "currency": "JMD", "receivable": "4599.00", "delinquent": "0.00", "lastPayment": "4599.00", "creditLimit": "10000.00",
//	  "financialAccount": {"id": "3001", "receivable": "4599.00"},
//	  "paymentPlan": {"type": "Auto Pay Enable", "frequency": "01", "amount": "4599.00"},
//	  "presentation": "Email", "cycleDay": 1, "locationId": "", "dunningGroup": "", "delinquencyDays": 0,
//	  "lastPaymentAt": "2023-06-15T00:00:00Z", "modifiedAt": "2023-06-15T00:00:00Z",
//	  "openedAt": "2021-04-06T00:00:00Z", "closedAt": "",
//	  "periodFrom": "2023-06-01T00:00:00Z", "periodTo": "2023-06-30T00:00:00Z",
//	  "serviceNumbers": ["8765550101"], "contactNumbers": ["8765550110"]
//	}
//
// unit, id, name and currency must be there, and the number that was asked for among
// serviceNumbers (SERVICE_NO) or contactNumbers (CONTACT_NO); whatever else the system
// does not have it leaves out or empty. Amounts are decimals, as texts or as numbers,
// moments RFC 3339. Unknown fields are passed over.
type WireAccount struct {
	Unit            string      `json:"unit"`
	ID              string      `json:"id"`
	Type            string      `json:"type"`
	Name            string      `json:"name"`
	State           string      `json:"state"`
	PaymentStatus   string      `json:"paymentStatus"`
	CustomerID      string      `json:"customerId"`
	PartyID         string      `json:"partyId"`
	Address         WireAddress `json:"address"`
	Phone           string      `json:"phone"`
	PhoneType       string      `json:"phoneType"`
	Email           string      `json:"email"`
	Currency        string      `json:"currency"`
	Receivable      wireAmount  `json:"receivable"`
	Delinquent      wireAmount  `json:"delinquent"`
	LastPayment     wireAmount  `json:"lastPayment"`
	CreditLimit     wireAmount  `json:"creditLimit"`
	Financial       wireBook    `json:"financialAccount"`
	Plan            wirePlan    `json:"paymentPlan"`
	Presentation    string      `json:"presentation"`
	CycleDay        int         `json:"cycleDay"`
	LocationID      string      `json:"locationId"`
	DunningGroup    string      `json:"dunningGroup"`
	DelinquencyDays int         `json:"delinquencyDays"`
	LastPaymentAt   wireTime    `json:"lastPaymentAt"`
	ModifiedAt      wireTime    `json:"modifiedAt"`
	OpenedAt        wireTime    `json:"openedAt"`
	ClosedAt        wireTime    `json:"closedAt"`
	PeriodFrom      wireTime    `json:"periodFrom"`
	PeriodTo        wireTime    `json:"periodTo"`
	ServiceNumbers  []string    `json:"serviceNumbers"`
	ContactNumbers  []string    `json:"contactNumbers"`
}

// WireAddress is care.Address on the wire.
type WireAddress struct {
	Street   string `json:"street"`
	City     string `json:"city"`
	Region   string `json:"region"`
	Postcode string `json:"postcode"`
}

type wireBook struct {
	ID         string     `json:"id"`
	Receivable wireAmount `json:"receivable"`
}

type wirePlan struct {
	Type      string     `json:"type"`
	Frequency string     `json:"frequency"`
	Amount    wireAmount `json:"amount"`
}

// What is wrong with a field, for those who have written it.
var (
	errAmount = errors.New("must be an amount such as 4599.00")
	errTime   = errors.New("must be a moment such as 2023-06-15T00:00:00Z")
)

// wireAmount is a decimal that may be absent or empty.
type wireAmount struct{ decimal.Decimal }

// UnmarshalJSON reads a number, a text that is one, an empty text or null.
func (a *wireAmount) UnmarshalJSON(text []byte) (err error) {
	s := strings.Trim(string(text), `"`)
	if s == "" || s == "null" {
		return nil
	}
	if a.Decimal, err = decimal.Parse(s); err != nil {
		return errAmount
	}
	return nil
}

// MarshalJSON writes a text.
func (a wireAmount) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// wireTime is a moment that may be absent or empty.
type wireTime struct{ time.Time }

// UnmarshalJSON reads RFC 3339, an empty text or null.
func (t *wireTime) UnmarshalJSON(text []byte) (err error) {
	s := strings.Trim(string(text), `"`)
	if s == "" || s == "null" {
		return nil
	}
	if t.Time, err = time.Parse(time.RFC3339Nano, s); err != nil {
		return errTime
	}
	t.Time = t.UTC()
	return nil
}

// MarshalJSON writes RFC 3339, or an empty text.
func (t wireTime) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte(`""`), nil
	}
	return json.Marshal(t.UTC().Format(time.RFC3339Nano))
}

// Wire writes an account as the protocol does.
func Wire(a *care.Account) WireAccount {
	return WireAccount{
		Unit: a.Unit, ID: a.ID, Type: a.Kind, Name: a.Name, State: a.State, PaymentStatus: a.PaymentStatus, CustomerID: a.Customer, PartyID: a.Party,
		Address: WireAddress(a.Address), Phone: a.Phone, PhoneType: a.PhoneType, Email: a.Email, Currency: a.Currency,
		Receivable: wireAmount{a.Receivable}, Delinquent: wireAmount{a.Delinquent}, LastPayment: wireAmount{a.Paid}, CreditLimit: wireAmount{a.Credit},
		Financial:    wireBook{a.Financial.ID, wireAmount{a.Financial.Due}},
		Plan:         wirePlan{a.Plan.Type, a.Plan.Every, wireAmount{a.Plan.Amount}},
		Presentation: a.Media, CycleDay: a.CycleShift, LocationID: a.Location, DunningGroup: a.Dunning, DelinquencyDays: a.DelinquencyDays,
		LastPaymentAt: wireTime{a.PaidAt}, ModifiedAt: wireTime{a.ModifiedAt}, OpenedAt: wireTime{a.OpenedAt}, ClosedAt: wireTime{a.ClosedAt},
		PeriodFrom: wireTime{a.PeriodFrom}, PeriodTo: wireTime{a.PeriodTo}, ServiceNumbers: a.Services, ContactNumbers: a.Contacts,
	}
}

// Account is the account that was written.
func (w *WireAccount) Account() (care.Account, error) {
	for _, s := range []string{w.Unit, w.ID, w.Type, w.Name, w.State, w.PaymentStatus, w.CustomerID, w.PartyID, w.Address.Street, w.Address.City,
		w.Address.Region, w.Address.Postcode, w.Phone, w.PhoneType, w.Email, w.Currency, w.Financial.ID, w.Plan.Type, w.Plan.Frequency,
		w.Presentation, w.LocationID, w.DunningGroup} {
		if !plausible(s) {
			return care.Account{}, errUnread
		}
	}
	return care.Account{
		Unit: w.Unit, ID: w.ID, Kind: w.Type, Name: w.Name, State: w.State, PaymentStatus: w.PaymentStatus, Customer: w.CustomerID, Party: w.PartyID,
		Address: care.Address(w.Address), Phone: w.Phone, PhoneType: w.PhoneType, Email: w.Email, Currency: w.Currency,
		Receivable: w.Receivable.Decimal, Delinquent: w.Delinquent.Decimal, Paid: w.LastPayment.Decimal, Credit: w.CreditLimit.Decimal,
		Financial: care.Financial{ID: w.Financial.ID, Due: w.Financial.Receivable.Decimal},
		Plan:      care.Plan{Type: w.Plan.Type, Every: w.Plan.Frequency, Amount: w.Plan.Amount.Decimal},
		Media:     w.Presentation, CycleShift: w.CycleDay, Location: w.LocationID, Dunning: w.DunningGroup, DelinquencyDays: w.DelinquencyDays,
		PaidAt: w.LastPaymentAt.Time, ModifiedAt: w.ModifiedAt.Time, OpenedAt: w.OpenedAt.Time, ClosedAt: w.ClosedAt.Time,
		PeriodFrom: w.PeriodFrom.Time, PeriodTo: w.PeriodTo.Time, Services: w.ServiceNumbers, Contacts: w.ContactNumbers,
	}, nil
}

// plausible keeps texts out that no account has.
func plausible(s string) bool {
	return len(s) <= 300 && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
