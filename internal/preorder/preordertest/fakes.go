package preordertest

import (
	"context"
	"sync"

	"demarc/internal/postal"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
)

// Fakes are backends that fail as a test says, before or after they have done what they
// were asked to do, and count.
type Fakes struct {
	real preordercarrier.Backends

	mu     sync.Mutex
	faults map[string][]Fault
	asked  map[string]int
	credit map[string]int               // by transaction: how often customers were checked
	loops  map[string]preorder.Loop     // by addressDetailId
	sold   func(preorder.Offering) bool // nil: all
}

// Fault is how one call goes wrong.
type Fault struct {
	After bool   // after the call has taken its effect; otherwise it has none
	Do    func() // what happens meanwhile; may be nil
	Err   error  // instead of the answer; nil: the call is answered
}

// Fails is a backend's failure.
func Fails(backend, how string) error { return &preorder.Backend{Name: backend, How: how} }

// NewFakes puts backends in a test's hands.
func NewFakes(backends preordercarrier.Backends) *Fakes {
	return &Fakes{real: backends, faults: map[string][]Fault{}, asked: map[string]int{}, credit: map[string]int{}, loops: map[string]preorder.Loop{}}
}

// Backends are the fakes as the product sees them.
func (f *Fakes) Backends() preordercarrier.Backends {
	return preordercarrier.Backends{Addresses: fakeAddresses{f}, LoopQual: fakeLoopQual{f}, Catalog: fakeCatalog{f}, Credit: fakeCredit{f}}
}

// Fail makes a backend's next calls go wrong, each in one way.
func (f *Fakes) Fail(backend string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[backend] = append(f.faults[backend], faults...)
}

// Asked is how often a backend was asked, for better or worse.
func (f *Fakes) Asked(backend string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[backend]
}

// CreditRuns is how often a transaction's customer was authenticated, or credit run.
func (f *Fakes) CreditRuns(transaction string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.credit[transaction]
}

// Line lays a line to an address.
func (f *Fakes) Line(a postal.Address, loop preorder.Loop) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loops[a.ID()] = loop
}

// Sell restricts what is sold.
func (f *Fakes) Sell(sold func(preorder.Offering) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sold = sold
}

// call runs one call to a backend.
func call[T any](f *Fakes, backend string, do func() (T, error)) (answer T, err error) {
	f.mu.Lock()
	f.asked[backend]++
	var fault Fault
	if next := f.faults[backend]; len(next) > 0 {
		fault, f.faults[backend] = next[0], next[1:]
	}
	f.mu.Unlock()
	if fault.Err == nil || fault.After {
		answer, err = do()
	}
	if fault.Do != nil {
		fault.Do()
	}
	if fault.Err != nil {
		var none T
		return none, fault.Err
	}
	return answer, err
}

type fakeAddresses struct{ *Fakes }

func (f fakeAddresses) Find(ctx context.Context, q preorder.Query, a postal.Address) (*preorder.Address, error) {
	return call(f.Fakes, preorder.BackendAddress, func() (*preorder.Address, error) { return f.real.Addresses.Find(ctx, q, a) })
}

func (f fakeAddresses) Near(ctx context.Context, q preorder.Query, a postal.Address) ([]preorder.NearMatch, error) {
	return call(f.Fakes, preorder.BackendAddress, func() ([]preorder.NearMatch, error) { return f.real.Addresses.Near(ctx, q, a) })
}

func (f fakeAddresses) Footprint(ctx context.Context, q preorder.Query, zip string) (bool, error) {
	return call(f.Fakes, preorder.BackendAddress, func() (bool, error) { return f.real.Addresses.Footprint(ctx, q, zip) })
}

type fakeLoopQual struct{ *Fakes }

func (f fakeLoopQual) Loop(ctx context.Context, q preorder.Query, a preorder.Address) (preorder.Loop, error) {
	return call(f.Fakes, preorder.BackendLoopQual, func() (preorder.Loop, error) {
		f.mu.Lock()
		loop, laid := f.loops[a.DetailID]
		f.mu.Unlock()
		if laid {
			return loop, nil
		}
		return f.real.LoopQual.Loop(ctx, q, a)
	})
}

type fakeCatalog struct{ *Fakes }

func (f fakeCatalog) Offerings(ctx context.Context, q preorder.Query) ([]preorder.Offering, error) {
	return call(f.Fakes, preorder.BackendCatalog, func() (list []preorder.Offering, err error) {
		all, err := f.real.Catalog.Offerings(ctx, q)
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, o := range all {
			if f.sold == nil || f.sold(o) {
				list = append(list, o)
			}
		}
		return list, err
	})
}

type fakeCredit struct{ *Fakes }

func (f fakeCredit) Check(ctx context.Context, q preorder.Query, c preorder.Customer, billType string) (preorder.CreditResult, error) {
	return call(f.Fakes, preorder.BackendCredit, func() (preorder.CreditResult, error) {
		f.mu.Lock()
		f.credit[q.Transaction]++
		f.mu.Unlock()
		return f.real.Credit.Check(ctx, q, c, billType)
	})
}
