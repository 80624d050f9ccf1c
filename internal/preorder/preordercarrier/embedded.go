// Package preordercarrier asks the backends of PreOrder: the address service, LoopQual,
// the catalogue and the credit system. The types named Embedded… come with the program;
// those named HTTP… are connectors to real ones. Each satisfies its port in package
// preorder and the contract suite of that port in preordertest.
//
// Map: embedded.go what comes with the program; http.go the connectors and their
// protocols, wire.go their bodies, line.go the way to each (deadlines, second tries and
// the breaker are package backend's); backends.go puts them together, with sandboxes
// kept away from real systems; trouble.go lets sandboxes' owners make them fail.
package preordercarrier

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"demarc/internal/magic"
	"demarc/internal/postal"
	"demarc/internal/preorder"
)

// Book is the book of known addresses; postalsql.Book is one.
type Book interface {
	Exact(ctx context.Context, a postal.Address) (*postal.Entry, error)
	Near(ctx context.Context, a postal.Address, limit int) ([]postal.Match, error)
}

// mostNear is how many near matches are looked for.
const mostNear = 10

// EmbeddedAddresses is the address service that comes with the program: the book of
// known addresses, and the reference carrier's footprint.
type EmbeddedAddresses struct{ Book Book }

var _ preorder.Addresses = EmbeddedAddresses{}

// Find is the address that was written, down to the unit: a building that has units is
// no address to bring a line to.
func (e EmbeddedAddresses) Find(ctx context.Context, q preorder.Query, a postal.Address) (*preorder.Address, error) {
	if ctx.Err() != nil || says(q, preorder.WordNoMatch) || says(q, preorder.WordNear) {
		return nil, ctx.Err()
	}
	found, err := e.Book.Exact(ctx, a)
	if err != nil || found == nil || found.Units > 0 && found.Address.UnitKey() == "" {
		return nil, err
	}
	return &preorder.Address{DetailID: found.ID, Address: found.Address}, nil
}

// Near are the addresses in the book that may be meant; of a building that has units,
// they are its units.
func (e EmbeddedAddresses) Near(ctx context.Context, q preorder.Query, a postal.Address) ([]preorder.NearMatch, error) {
	if ctx.Err() != nil || says(q, preorder.WordNoMatch) {
		return nil, ctx.Err()
	}
	found, err := e.Book.Near(ctx, a, mostNear)
	if err != nil {
		return nil, err
	}
	near := make([]preorder.NearMatch, len(found))
	for i, m := range found {
		near[i] = preorder.NearMatch{Address: preorder.Address{DetailID: m.ID, Address: m.Address}, Score: m.Score}
	}
	return near, nil
}

// Footprint is the reference carrier's, see postal.Footprint.
func (EmbeddedAddresses) Footprint(ctx context.Context, _ preorder.Query, zip string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return postal.Footprint(zip), nil
}

// EmbeddedLoopQual is the LoopQual that comes with the program. What a building's line
// carries follows from its address alone, by a hash, so that it is the same on every
// node and in every version:
//
//	GPON    35 %   940/940, or 200/200 in three of ten
//	VDSL2   35 %   100/20, 60/10 or 40/5, in five, three and two of ten
//	ADSL2+  25 %   20/2, 12/1 or 7/1, in six, three and one of ten
//	none     5 %
//
// Of the lines, 15 % need a technician.
type EmbeddedLoopQual struct{}

var _ preorder.LoopQual = EmbeddedLoopQual{}

// speeds are what each technology's lines carry, for each tenth of them.
var speeds = map[string][10][2]int{
	preorder.TechFiber: {{940, 940}, {940, 940}, {940, 940}, {940, 940}, {940, 940}, {940, 940}, {940, 940}, {200, 200}, {200, 200}, {200, 200}},
	preorder.TechVDSL:  {{100, 20}, {100, 20}, {100, 20}, {100, 20}, {100, 20}, {60, 10}, {60, 10}, {60, 10}, {40, 5}, {40, 5}},
	preorder.TechADSL:  {{20, 2}, {20, 2}, {20, 2}, {20, 2}, {20, 2}, {20, 2}, {12, 1}, {12, 1}, {12, 1}, {7, 1}},
}

// Loop is what the line to an address carries.
func (EmbeddedLoopQual) Loop(ctx context.Context, q preorder.Query, a preorder.Address) (preorder.Loop, error) {
	if err := ctx.Err(); err != nil {
		return preorder.Loop{}, err
	}
	switch {
	case says(q, preorder.WordNoOffer):
		return preorder.Loop{}, nil
	case says(q, preorder.WordNoFiber):
		return preorder.Loop{Technology: preorder.TechADSL, MaxDown: 20, MaxUp: 2}, nil
	case says(q, preorder.WordFastFiber):
		return preorder.Loop{Technology: preorder.TechFiber, MaxDown: 940, MaxUp: 940}, nil
	}
	draw := drawn("loop", a.Building().ID())
	technology := preorder.TechADSL
	switch n := draw(100); {
	case n < 35:
		technology = preorder.TechFiber
	case n < 70:
		technology = preorder.TechVDSL
	case n >= 95:
		return preorder.Loop{}, nil
	}
	speed := speeds[technology][draw(10)]
	return preorder.Loop{Technology: technology, MaxDown: speed[0], MaxUp: speed[1], TechRequired: draw(100) < 15}, nil
}

// EmbeddedCatalog sells the whole catalogue.
type EmbeddedCatalog struct{}

var _ preorder.Catalog = EmbeddedCatalog{}

// Offerings are all products.
func (EmbeddedCatalog) Offerings(ctx context.Context, _ preorder.Query) ([]preorder.Offering, error) {
	return preorder.Catalogue(), ctx.Err()
}

// EmbeddedCredit is the credit system that comes with the program. In a sandbox the
// numbers and the date that seed.go lists decide. Who refuses a number pays two months'
// charge; all others are decided by a hash of their name and number, so that the same
// customer is always decided alike: 60 % are approved, 30 % pay a deposit of one to
// three months, and 10 % are stopped, half of them for a final bill.
type EmbeddedCredit struct{}

var _ preorder.Credit = EmbeddedCredit{}

// What the magic inputs are, see seed.go of package preorder.
const (
	refusedSSN = "999999999"
	unknownDOB = "1901-01-01"
)

var (
	approved  = preorder.CreditDecision{Decision: preorder.DecisionApproved}
	twoMonths = deposit(2)
	badCredit = preorder.CreditDecision{Decision: preorder.DecisionHardStop, Reason: preorder.ReasonCredit}
	finalBill = preorder.CreditDecision{Decision: preorder.DecisionHardStop, Reason: preorder.ReasonFinalBill}
	forced    = map[string]preorder.CreditDecision{"0001": approved, "0002": twoMonths, "0003": badCredit, "0004": finalBill}
)

func deposit(months int) preorder.CreditDecision {
	return preorder.CreditDecision{Decision: preorder.DecisionDeposit, Class: months}
}

// Check authenticates a customer and decides about the credit.
func (EmbeddedCredit) Check(ctx context.Context, q preorder.Query, c preorder.Customer, billType string) (preorder.CreditResult, error) {
	if err := ctx.Err(); err != nil {
		return preorder.CreditResult{}, err
	}
	if q.Sandbox && c.DOB == unknownDOB {
		return preorder.CreditResult{}, nil
	}
	return preorder.CreditResult{Authenticated: true, Decision: decide(q, c, billType)}, nil
}

func decide(q preorder.Query, c preorder.Customer, billType string) preorder.CreditDecision {
	if billType == preorder.Prepaid {
		return approved
	}
	if c.SSN == refusedSSN {
		return twoMonths
	}
	if d, ok := forced[c.SSN[max(0, len(c.SSN)-4):]]; ok && q.Sandbox {
		return d
	}
	draw := drawn("credit", strings.ToUpper(c.First+" "+c.Last), c.SSN)
	switch n := draw(100); {
	case n < 60:
		return approved
	case n < 90:
		return deposit(1 + draw(3))
	case n < 95:
		return badCredit
	}
	return finalBill
}

// says reports whether a sandbox's caller has put a magic word.
func says(q preorder.Query, word string) bool { return q.Sandbox && magic.Has(q.Hint, word) }

// drawn makes a series of numbers, each below a bound, that follows from texts and from
// nothing else.
func drawn(texts ...string) func(below int) int {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	next := 0
	return func(below int) int {
		n := binary.BigEndian.Uint32(sum[next:])
		next += 4
		return int(n % uint32(below))
	}
}
