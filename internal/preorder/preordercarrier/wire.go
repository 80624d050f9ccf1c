package preordercarrier

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"demarc/internal/backend"
	"demarc/internal/postal"
	"demarc/internal/preorder"
)

// WireAddress is an address as the connectors write and read it, in the form of USPS
// Publication 28:
//
//	{"addressDetailId": "AD-…", "number": "12", "predir": "E", "street": "OAK GROVE", "suffix": "AVE",
//	 "postdir": "", "unitType": "APT", "unit": "4", "city": "SAINT LOUIS", "state": "MO", "zip": "63101"}
type WireAddress struct {
	DetailID string `json:"addressDetailId,omitempty"`
	Number   string `json:"number"`
	Predir   string `json:"predir"`
	Street   string `json:"street"`
	Suffix   string `json:"suffix"`
	Postdir  string `json:"postdir"`
	UnitType string `json:"unitType"`
	Unit     string `json:"unit"`
	City     string `json:"city"`
	State    string `json:"state"`
	ZIP      string `json:"zip"`
}

// Wire writes an address as the protocols do.
func Wire(id string, a postal.Address) WireAddress {
	return WireAddress{DetailID: id, Number: a.Number, Predir: a.Predir, Street: a.Street, Suffix: a.Suffix, Postdir: a.Postdir,
		UnitType: a.UnitType, Unit: a.Unit, City: a.City, State: a.State, ZIP: a.ZIP}
}

// Postal is the address that was written, whoever's it is.
func (w WireAddress) Postal() postal.Address {
	return postal.Address{Number: w.Number, Predir: w.Predir, Street: w.Street, Suffix: w.Suffix, Postdir: w.Postdir,
		UnitType: w.UnitType, Unit: w.Unit, City: w.City, State: w.State, ZIP: w.ZIP}
}

var (
	detailID = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	stateOf  = regexp.MustCompile(`^[A-Z]{2}$`)
	zipOf    = regexp.MustCompile(`^[0-9]{5}$`)
)

// address is the known address that a backend has written.
func (w WireAddress) address() (preorder.Address, error) {
	for _, s := range []string{w.Number, w.Predir, w.Street, w.Suffix, w.Postdir, w.UnitType, w.Unit, w.City} {
		if !plausible(s) {
			return preorder.Address{}, backend.ErrUnread
		}
	}
	if !detailID.MatchString(w.DetailID) || w.Number == "" || w.Street == "" || w.City == "" || !stateOf.MatchString(w.State) || !zipOf.MatchString(w.ZIP) {
		return preorder.Address{}, backend.ErrUnread
	}
	return preorder.Address{DetailID: w.DetailID, Address: w.Postal()}, nil
}

// plausible keeps texts out that no address has.
func plausible(s string) bool {
	return len(s) <= 100 && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

type wireQuestion struct {
	Transaction string       `json:"transactionId"`
	Address     *WireAddress `json:"address,omitempty"`
	Limit       int          `json:"limit,omitempty"`
	ZIP         string       `json:"zip,omitempty"`
}

type wireNear struct {
	WireAddress
	Score float64 `json:"score"`
}

type wireCheck struct {
	Transaction string       `json:"transactionId"`
	BillType    string       `json:"billType"`
	Customer    wireCustomer `json:"customer"`
}

type wireCustomer struct {
	First string `json:"firstName"`
	Last  string `json:"lastName"`
	SSN   string `json:"ssn"`
	DOB   string `json:"dob"`
}

type wireCredit struct {
	Authenticated *bool  `json:"authenticated"`
	Decision      string `json:"decision"`
	Reason        string `json:"reason"`
	Months        int    `json:"depositMonths"`
}

// most is what bounds deposits, in months, and speeds, in Mbps.
const (
	mostMonths = 12
	mostMbps   = 100_000
)

// result is the answer of a credit system, if it is one.
func (w wireCredit) result(billType string) (preorder.CreditResult, error) {
	switch {
	case w.Authenticated == nil:
		return preorder.CreditResult{}, backend.ErrUnread
	case !*w.Authenticated:
		return preorder.CreditResult{}, nil
	case billType == preorder.Prepaid:
		return preorder.CreditResult{Authenticated: true, Decision: approved}, nil
	}
	d := preorder.CreditDecision{Decision: w.Decision, Reason: w.Reason, Class: w.Months}
	var good bool
	switch w.Decision {
	case preorder.DecisionApproved:
		good = w.Reason == "" && w.Months == 0
	case preorder.DecisionDeposit:
		good = w.Reason == "" && w.Months > 0 && w.Months <= mostMonths
	case preorder.DecisionHardStop:
		good = (w.Reason == preorder.ReasonCredit || w.Reason == preorder.ReasonFinalBill) && w.Months == 0
	}
	if !good {
		return preorder.CreditResult{}, backend.ErrUnread
	}
	return preorder.CreditResult{Authenticated: true, Decision: d}, nil
}
