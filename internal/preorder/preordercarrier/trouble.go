package preordercarrier

import (
	"context"

	"demarc/internal/postal"
	"demarc/internal/preorder"
	"demarc/internal/trouble"
)

// What a sandbox's owner can make fail.
var (
	addressTarget  = trouble.Declare("preorder.address", "the address service of PreOrder")
	loopQualTarget = trouble.Declare("preorder.loopqual", "the LoopQual service of PreOrder")
	catalogTarget  = trouble.Declare("preorder.catalog", "the catalogue of PreOrder")
	creditTarget   = trouble.Declare("preorder.credit", "the credit system of PreOrder")
)

// mostWaiting is how many calls a node lets wait at once for a backend that its
// sandbox's owner wants to be slow.
const mostWaiting = 64

// Trouble puts the backends in the hands of sandboxes' owners, for the questions of
// their sandboxes.
func Trouble(b Backends, m *trouble.Maker) Backends {
	at := func(name string, t trouble.Target) spot { return spot{name, m.Spot(t, callDeadline, mostWaiting)} }
	return Backends{
		troubledAddresses{b.Addresses, at(preorder.BackendAddress, addressTarget)},
		troubledLoopQual{b.LoopQual, at(preorder.BackendLoopQual, loopQualTarget)},
		troubledCatalog{b.Catalog, at(preorder.BackendCatalog, catalogTarget)},
		troubledCredit{b.Credit, at(preorder.BackendCredit, creditTarget)},
	}
}

// spot is where a backend is asked.
type spot struct {
	name string
	at   *trouble.Spot
}

// ways are how a backend fails in each mode of trouble.
var ways = map[trouble.Mode]string{
	trouble.Unavailable: preorder.HowDown, trouble.Timeout: preorder.HowLate, trouble.Failure: preorder.HowWrong,
}

func (s spot) meet(ctx context.Context, q preorder.Query) error {
	if !q.Sandbox {
		return nil
	}
	err := s.at.Meet(ctx, q.World)
	if how := ways[trouble.ModeOf(err)]; how != "" {
		return &preorder.Backend{Name: s.name, How: how, Err: err}
	}
	return err
}

// Each backend as it is, unless it is to fail.

type troubledAddresses struct {
	preorder.Addresses
	spot spot
}

func (t troubledAddresses) Find(ctx context.Context, q preorder.Query, a postal.Address) (*preorder.Address, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Addresses.Find(ctx, q, a)
}

func (t troubledAddresses) Near(ctx context.Context, q preorder.Query, a postal.Address) ([]preorder.NearMatch, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Addresses.Near(ctx, q, a)
}

func (t troubledAddresses) Footprint(ctx context.Context, q preorder.Query, zip string) (bool, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return false, err
	}
	return t.Addresses.Footprint(ctx, q, zip)
}

type troubledLoopQual struct {
	preorder.LoopQual
	spot spot
}

func (t troubledLoopQual) Loop(ctx context.Context, q preorder.Query, a preorder.Address) (preorder.Loop, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return preorder.Loop{}, err
	}
	return t.LoopQual.Loop(ctx, q, a)
}

type troubledCatalog struct {
	preorder.Catalog
	spot spot
}

func (t troubledCatalog) Offerings(ctx context.Context, q preorder.Query) ([]preorder.Offering, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Catalog.Offerings(ctx, q)
}

type troubledCredit struct {
	preorder.Credit
	spot spot
}

func (t troubledCredit) Check(ctx context.Context, q preorder.Query, c preorder.Customer, billType string) (preorder.CreditResult, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return preorder.CreditResult{}, err
	}
	return t.Credit.Check(ctx, q, c, billType)
}
