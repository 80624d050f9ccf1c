package carehttp

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"demarc/internal/care"

	"github.com/govalues/decimal"
)

// The two shapes of the source, fields in its order. What the PR billing system fills
// without having anything to say (Unit.Quirks) the others leave out; so fields that
// are sometimes there are pointers.

type amount struct {
	Unit  string      `json:"unit"`
	Value json.Number `json:"value"`
}

type period struct {
	Start *string `json:"startDateTime,omitempty"`
	End   *string `json:"endDateTime,omitempty"`
}

type balance struct {
	Amount      amount  `json:"amount"`
	BalanceType string  `json:"balanceType"`
	ValidFor    *period `json:"validFor,omitempty"`
}

type enquiry struct {
	ID                   string           `json:"id"`
	AccountType          string           `json:"accountType"`
	Description          string           `json:"description"`
	LastModified         string           `json:"lastModified,omitempty"`
	Name                 string           `json:"name"`
	PaymentStatus        string           `json:"paymentStatus,omitempty"`
	State                string           `json:"state"`
	AccountBalance       []balance        `json:"accountBalance"`
	AccountRelationship  []relationship   `json:"accountRelationship"`
	BillStructure        billStructure    `json:"billStructure"`
	Contact              []contact        `json:"contact"`
	CreditLimit          amount           `json:"creditLimit"`
	DefaultPaymentMethod *ref             `json:"defaultPaymentMethod,omitempty"`
	FinancialAccount     financialAccount `json:"financialAccount"`
	PaymentPlan          []paymentPlan    `json:"paymentPlan,omitempty"`
	Characteristic       []nameValue      `json:"characteristic,omitempty"`
	RelatedParty         []relatedParty   `json:"relatedParty"`
	Type                 string           `json:"@type"`
}

type relationship struct {
	RelationshipType string     `json:"relationshipType"`
	Account          accountRef `json:"account"`
	ValidFor         *period    `json:"validFor,omitempty"`
}

type accountRef struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Name        string `json:"name"`
	Type        string `json:"@type"`
}

type billStructure struct {
	Cycle cycle  `json:"cycleSpecification"`
	Media []name `json:"presentationMedia,omitempty"`
}

type cycle struct {
	Name      string `json:"name"`
	DateShift int    `json:"dateShift"`
	Frequency string `json:"frequency"`
}

type name struct {
	Name string `json:"name"`
}

type ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type nameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type contact struct {
	ContactName   string        `json:"contactName"`
	ContactType   string        `json:"contactType"`
	PartyRoleType string        `json:"partyRoleType,omitempty"`
	ContactMedium []medium      `json:"contactMedium"`
	RelatedParty  *relatedParty `json:"relatedParty,omitempty"`
}

type medium struct {
	MediumType     string         `json:"mediumType"`
	Preferred      bool           `json:"preferred,omitempty"`
	Characteristic characteristic `json:"characteristic"`
}

// characteristic is an address, a telephone number or an e-mail address.
type characteristic struct {
	City            string `json:"city,omitempty"`
	Country         string `json:"country,omitempty"`
	PostCode        string `json:"postCode,omitempty"`
	Street1         string `json:"street1,omitempty"`
	StateOrProvince string `json:"stateOrProvince,omitempty"`
	ContactType     string `json:"contactType,omitempty"`
	PhoneNumber     string `json:"phoneNumber,omitempty"`
	EmailAddress    string `json:"emailAddress,omitempty"`
}

type financialAccount struct {
	ID             string           `json:"id"`
	AccountBalance financialBalance `json:"accountBalance"`
	ReferredType   string           `json:"@referredType"`
}

type financialBalance struct {
	BalanceType string  `json:"balanceType"`
	Amount      amount  `json:"amount"`
	ValidFor    *period `json:"validFor,omitempty"`
}

type paymentPlan struct {
	PaymentFrequency string `json:"paymentFrequency"`
	TotalAmount      amount `json:"totalAmount"`
	PlanType         string `json:"planType"`
}

type relatedParty struct {
	ID           string `json:"id"`
	Href         string `json:"href,omitempty"`
	Name         string `json:"name,omitempty"`
	Role         string `json:"role"`
	ReferredType string `json:"@referredType,omitempty"`
	Type         string `json:"@type,omitempty"`
}

type listed struct {
	ID           string         `json:"id"`
	Href         string         `json:"href"`
	State        string         `json:"state"`
	Name         string         `json:"name"`
	Contact      []contact      `json:"contact"`
	RelatedParty []relatedParty `json:"relatedParty"`
	Type         string         `json:"@type"`
}

const billingAccount = "BillingAccount"

// writer writes one account's parts in its unit's way.
type writer struct {
	u care.Unit
	a *care.Account
}

func writerOf(a *care.Account) writer {
	u, _ := care.UnitByCode(a.Unit)
	return writer{u, a}
}

func (w writer) amount(d decimal.Decimal) amount {
	return amount{w.a.Currency, json.Number(d.String())}
}

// moment is RFC 3339 to the millisecond, as the source has it.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// period is a span of time; an end that there is not is left out, or empty where the
// billing system has its quirks.
func (w writer) period(from, to time.Time) *period {
	start, end := moment(from), moment(to)
	p := &period{&start, &end}
	if w.u.Quirks {
		return p
	}
	if start == "" {
		p.Start = nil
	}
	if end == "" {
		p.End = nil
	}
	if p.Start == nil && p.End == nil {
		return nil
	}
	return p
}

func (w writer) balances() []balance {
	a := w.a
	list := []balance{
		{w.amount(a.Receivable), "ReceivableBalance", w.period(a.PeriodFrom, a.PeriodTo)},
		{w.amount(a.Delinquent), "DelinquentBalance", w.period(time.Time{}, time.Time{})},
	}
	if a.PaidAt.IsZero() && !w.u.Quirks {
		return list // nothing was ever paid
	}
	paid := balance{w.amount(a.Paid), "LastPaymentAmount", w.period(time.Time{}, a.PaidAt)}
	if a.PaidAt.IsZero() {
		never := time.Time{}.Format("2006-01-02T15:04:05.000Z") // 0001-01-01…, as the source has it
		paid.ValidFor.End = &never
	}
	return append(list, paid)
}

// zipDigits is how much of a postcode a balance enquiry of PR shows: 00917 of
// 009170000, as the source has it.
const zipDigits = 5

func (w writer) enquiryMedia() []medium {
	address := characteristic{City: w.a.Address.City, Country: w.u.Country, PostCode: w.a.Address.Postcode, Street1: w.a.Address.Street}
	if w.u.Quirks {
		address.PostCode = address.PostCode[:min(len(address.PostCode), zipDigits)]
	} else {
		address.StateOrProvince = w.a.Address.Region
	}
	list := []medium{{MediumType: "PostalAddress", Preferred: true, Characteristic: address}}
	return w.reach(list, w.a.PhoneType, true)
}

func (w writer) listMedia(email bool) []medium {
	kind := "PostalAddress"
	address := characteristic{City: w.a.Address.City, PostCode: w.a.Address.Postcode, Street1: w.a.Address.Street, StateOrProvince: w.a.Address.Region}
	if w.u.Quirks {
		kind = "BillingAddress"
	} else {
		address.Country = w.u.Country
	}
	return w.reach([]medium{{MediumType: kind, Characteristic: address}}, "", email)
}

// reach adds how the owner is reached.
func (w writer) reach(list []medium, phoneType string, email bool) []medium {
	if w.a.Phone != "" {
		list = append(list, medium{MediumType: "Phone", Characteristic: characteristic{ContactType: phoneType, PhoneNumber: w.a.Phone}})
	}
	if email && w.a.Email != "" {
		list = append(list, medium{MediumType: "Email", Characteristic: characteristic{EmailAddress: w.a.Email}})
	}
	return list
}

func (w writer) characteristics() []nameValue {
	a := w.a
	var list []nameValue
	if a.Location != "" || w.u.Quirks {
		list = append(list, nameValue{"LocationId", a.Location})
	}
	if a.Dunning != "" || w.u.Quirks {
		list = append(list, nameValue{"DunningGroup", a.Dunning})
	}
	if a.DelinquencyDays > 0 || w.u.Quirks {
		list = append(list, nameValue{"DelinquencyDays", strconv.Itoa(a.DelinquencyDays)})
	}
	return list
}

// enquiryOf is the answer of a balance enquiry.
func enquiryOf(a *care.Account) enquiry {
	w := writerOf(a)
	e := enquiry{
		ID: a.ID, AccountType: a.Kind, Description: a.Name, LastModified: moment(a.ModifiedAt), Name: a.Name, PaymentStatus: a.PaymentStatus,
		State: a.State, AccountBalance: w.balances(),
		AccountRelationship: []relationship{{"contains", accountRef{a.ID, a.Kind + " " + a.Name, a.Name, billingAccount}, w.period(a.OpenedAt, a.ClosedAt)}},
		BillStructure:       billStructure{Cycle: cycle{"monthly Billing", a.CycleShift, "monthly"}},
		Contact: []contact{{ContactName: a.Name, ContactType: "Primary", PartyRoleType: "Owner", ContactMedium: w.enquiryMedia(),
			RelatedParty: &relatedParty{ID: a.Party, Name: a.Name, Role: "Owner", Type: "relatedParty"}}},
		CreditLimit: w.amount(a.Credit),
		FinancialAccount: financialAccount{a.Financial.ID,
			financialBalance{"ReceivableBalance", w.amount(a.Financial.Due), w.period(a.PeriodFrom, a.PeriodTo)}, "financialAccount"},
		Characteristic: w.characteristics(),
		RelatedParty:   []relatedParty{{ID: a.Customer, Name: a.Name, Role: "Customer", ReferredType: "Customer"}},
		Type:           billingAccount,
	}
	if a.Media != "" {
		e.BillStructure.Media = []name{{a.Media}}
	}
	if a.Plan.Type != "" {
		e.PaymentPlan = []paymentPlan{{a.Plan.Every, w.amount(a.Plan.Amount), a.Plan.Type}}
	}
	if w.u.Quirks {
		e.DefaultPaymentMethod = &ref{"", " "}
	}
	return e
}

// listOf is the answer of the accounts call.
func listOf(accounts []care.Account, base string) []listed {
	email := care.ShowsEmail(len(accounts))
	list := make([]listed, len(accounts))
	for i := range accounts {
		a := &accounts[i]
		w := writerOf(a)
		root := base + "/tmf-api/account-management-ux/v4/" + url.PathEscape(a.Unit)
		var parties []relatedParty
		if w.u.Quirks {
			// The organisation behind the account is not told, but that there is one is.
			parties = append(parties, relatedParty{ID: "XXXX", Href: root + "/individual/XXXX", Name: a.Name, Role: "N/A", ReferredType: "Organization"})
		}
		list[i] = listed{
			ID: a.ID, Href: root + "/billingAccount/individual/" + url.PathEscape(a.ID), State: a.State, Name: a.Name,
			Contact:      []contact{{ContactName: a.Name, ContactType: "Primary", ContactMedium: w.listMedia(email)}},
			RelatedParty: append(parties, relatedParty{ID: a.Customer, Role: "Customer", ReferredType: "Customer"}),
			Type:         billingAccount,
		}
	}
	return list
}
