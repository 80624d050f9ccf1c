package preordercarrier

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"demarc/internal/backend"
	"demarc/internal/postal"
	"demarc/internal/preorder"
)

// All connectors have this in common. Questions are bodies of POST requests, so that
// nobody's address or number stands in a log of URLs on the way; an answer is a 200
// with JSON, whose unknown fields are passed over. A question and its second try, if
// it has one, take five seconds together; behind five failures in a row the breaker
// opens for fifteen seconds. What cannot be reached, breaks off or answers a 5xx is
// unavailable; what does not answer in time is late; any other answer is wrong.

// HTTPAddresses is the connector to an address service that speaks this protocol
// (addresses are WireAddress):
//
//	POST {base}/find       {"transactionId","address"}          -> 200 {"address": {…}}, or {"address": null}
//	POST {base}/near       {"transactionId","address","limit"}  -> 200 {"matches": [{…,"score": 0.93}]}
//	POST {base}/footprint  {"transactionId","zip"}              -> 200 {"served": true}
type HTTPAddresses struct{ line *line }

var _ preorder.Addresses = (*HTTPAddresses)(nil)

// NewHTTPAddresses makes the connector to the address service at base.
func NewHTTPAddresses(base string, log *slog.Logger) (*HTTPAddresses, error) {
	l, err := newLine(preorder.BackendAddress, base, log)
	return &HTTPAddresses{l}, err
}

// Find asks for the one address that is meant. It must be at the number and in the ZIP
// code that were asked for, or it is somebody else's.
func (h *HTTPAddresses) Find(ctx context.Context, q preorder.Query, a postal.Address) (found *preorder.Address, err error) {
	wire := Wire("", a)
	err = h.line.ask(ctx, q, "/find", "", wireQuestion{Transaction: q.Transaction, Address: &wire}, func(answer []byte) error {
		var w struct {
			Address json.RawMessage `json:"address"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Address == nil {
			return backend.ErrUnread
		}
		var known *WireAddress
		if err := backend.Decode(w.Address, &known); err != nil || known == nil {
			found = nil
			return err
		}
		at, err := known.address()
		if err == nil && (at.Number != a.Number || at.ZIP != a.ZIP) {
			err = backend.ErrForeign
		}
		found = &at
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Near asks for addresses that may be meant, likeliest first.
func (h *HTTPAddresses) Near(ctx context.Context, q preorder.Query, a postal.Address) (near []preorder.NearMatch, err error) {
	wire := Wire("", a)
	err = h.line.ask(ctx, q, "/near", "", wireQuestion{Transaction: q.Transaction, Address: &wire, Limit: mostNear}, func(answer []byte) error {
		var w struct {
			Matches []wireNear `json:"matches"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Matches == nil || len(w.Matches) > mostNear {
			return backend.ErrUnread
		}
		near = make([]preorder.NearMatch, len(w.Matches))
		for i, m := range w.Matches {
			at, err := m.address()
			if err != nil || !(m.Score >= 0 && m.Score <= 1) || slices.ContainsFunc(near[:i], func(n preorder.NearMatch) bool { return n.DetailID == at.DetailID }) {
				return backend.ErrUnread
			}
			near[i] = preorder.NearMatch{Address: at, Score: m.Score}
		}
		slices.SortStableFunc(near, likelier)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return near, nil
}

func likelier(a, b preorder.NearMatch) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	}
	return 0
}

// Footprint asks whether a ZIP code is served.
func (h *HTTPAddresses) Footprint(ctx context.Context, q preorder.Query, zip string) (served bool, err error) {
	err = h.line.ask(ctx, q, "/footprint", "", wireQuestion{Transaction: q.Transaction, ZIP: zip}, func(answer []byte) error {
		var w struct {
			Served *bool `json:"served"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Served == nil {
			return backend.ErrUnread
		}
		served = *w.Served
		return nil
	})
	return served && err == nil, err
}

// HTTPLoopQual is the connector to a LoopQual that speaks this protocol (the address is
// a WireAddress; technology is GPON, VDSL2, ADSL2+, or "" where there is no line):
//
//	POST {base}/loop  {"transactionId","address"}
//	     -> 200 {"technology","maxDownMbps","maxUpMbps","techInstallRequired"}
type HTTPLoopQual struct{ line *line }

var _ preorder.LoopQual = (*HTTPLoopQual)(nil)

// NewHTTPLoopQual makes the connector to the LoopQual at base.
func NewHTTPLoopQual(base string, log *slog.Logger) (*HTTPLoopQual, error) {
	l, err := newLine(preorder.BackendLoopQual, base, log)
	return &HTTPLoopQual{l}, err
}

// Loop asks what the line to an address carries.
func (h *HTTPLoopQual) Loop(ctx context.Context, q preorder.Query, a preorder.Address) (loop preorder.Loop, err error) {
	wire := Wire(a.DetailID, a.Address)
	err = h.line.ask(ctx, q, "/loop", "", wireQuestion{Transaction: q.Transaction, Address: &wire}, func(answer []byte) error {
		var w struct {
			Technology   *string `json:"technology"`
			MaxDown      int     `json:"maxDownMbps"`
			MaxUp        int     `json:"maxUpMbps"`
			TechRequired bool    `json:"techInstallRequired"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Technology == nil || min(w.MaxDown, w.MaxUp) < 0 || max(w.MaxDown, w.MaxUp) > mostMbps {
			return backend.ErrUnread
		}
		switch *w.Technology {
		case preorder.TechADSL, preorder.TechVDSL, preorder.TechFiber:
			loop = preorder.Loop{Technology: *w.Technology, MaxDown: w.MaxDown, MaxUp: w.MaxUp, TechRequired: w.TechRequired}
		case "":
			loop = preorder.Loop{}
		default:
			return backend.ErrUnread
		}
		return nil
	})
	if err != nil {
		return preorder.Loop{}, err
	}
	return loop, nil
}

// HTTPCatalog is the connector to a catalogue that says what is sold now. Names, prices
// and everything else of a product are the program's own (catalog.go of package
// preorder), so that qualification, configuration and order agree about them; a code
// that the program does not know is a wrong answer.
//
//	POST {base}/offerings  {"transactionId"}  -> 200 {"productCodes": ["HSI-20-POST", …]}
type HTTPCatalog struct{ line *line }

var _ preorder.Catalog = (*HTTPCatalog)(nil)

// NewHTTPCatalog makes the connector to the catalogue at base.
func NewHTTPCatalog(base string, log *slog.Logger) (*HTTPCatalog, error) {
	l, err := newLine(preorder.BackendCatalog, base, log)
	return &HTTPCatalog{l}, err
}

// Offerings asks what is sold.
func (h *HTTPCatalog) Offerings(ctx context.Context, q preorder.Query) (sold []preorder.Offering, err error) {
	err = h.line.ask(ctx, q, "/offerings", "", wireQuestion{Transaction: q.Transaction}, func(answer []byte) error {
		var w struct {
			Codes []string `json:"productCodes"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Codes == nil {
			return backend.ErrUnread
		}
		codes := map[string]bool{}
		for _, code := range w.Codes {
			if _, known := preorder.OfferingByCode(code); !known {
				return backend.ErrForeign
			}
			codes[code] = true
		}
		sold = slices.DeleteFunc(preorder.Catalogue(), func(o preorder.Offering) bool { return !codes[o.Code] })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sold, nil
}

// HTTPCredit is the connector to a credit system that speaks this protocol:
//
//	POST {base}/check  Idempotency-Key: <transactionId>
//	     {"transactionId","billType","customer":{"firstName","lastName","ssn","dob"}}
//	     -> 200 {"authenticated": true, "decision": "APPROVED"}
//	        200 {"authenticated": true, "decision": "DEPOSIT", "depositMonths": 2}
//	        200 {"authenticated": true, "decision": "HARD_STOP", "reason": "CREDIT_ISSUE"}, or "FINAL_BILL_OUTSTANDING"
//	        200 {"authenticated": false}
//
// ssn is nine digits, all of them 9 when the customer refuses it; dob is 2006-01-02. For
// the bill type PREPAID customers are authenticated only, and no decision is read.
// Asked the same again under the same key, the system answers what it has answered,
// without running credit again; asked something else under it, another customer or
// bill type, it decides anew: that is a further Config of the transaction.
type HTTPCredit struct{ line *line }

var _ preorder.Credit = (*HTTPCredit)(nil)

// NewHTTPCredit makes the connector to the credit system at base.
func NewHTTPCredit(base string, log *slog.Logger) (*HTTPCredit, error) {
	l, err := newLine(preorder.BackendCredit, base, log)
	return &HTTPCredit{l}, err
}

// Check has a customer authenticated and decided about.
func (h *HTTPCredit) Check(ctx context.Context, q preorder.Query, c preorder.Customer, billType string) (result preorder.CreditResult, err error) {
	question := wireCheck{Transaction: q.Transaction, BillType: billType, Customer: wireCustomer(c)}
	err = h.line.ask(ctx, q, "/check", q.Transaction, question, func(answer []byte) (err error) {
		var w wireCredit
		if err := backend.Decode(answer, &w); err != nil {
			return err
		}
		result, err = w.result(billType)
		return err
	})
	if err != nil {
		return preorder.CreditResult{}, err
	}
	return result, nil
}
