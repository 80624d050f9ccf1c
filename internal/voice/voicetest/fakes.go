package voicetest

import (
	"context"
	"slices"
	"sync"

	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
)

// The questions that backends are asked.
const (
	Lookup = "lookup" // the number administration: whose numbers are
	Ready  = "ready"  // the same: whether a rate center's can be given out
	Check  = "check"  // the credit system
	Port   = "port"   // the losing carrier
	List   = "list"   // the providers: the directory
	Locate = "locate" // the same: E911
	Name   = "name"   // the same: CNAM
)

// backends are who is asked each question.
var backends = map[string]string{Lookup: voice.BackendAdministration, Ready: voice.BackendAdministration, Check: voice.BackendCredit,
	Port: voice.BackendLosing, List: voice.BackendProviders, Locate: voice.BackendProviders, Name: voice.BackendProviders}

// Fakes are backends that fail as a test says, before or after they have done what they
// were asked to do, and count.
type Fakes struct {
	real voicecarrier.Backends

	mu      sync.Mutex
	faults  map[string][]Fault
	asked   map[string]int
	checks  map[string]int           // by order
	numbers map[nanp.TN]voice.Number // what the test has said of them
	queries map[string][]voice.Query // by question
	ports   map[string][]voice.Port  // that losing carriers were asked for, by order
	replies map[string]voice.Reply   // what the test has them say, by order
	refused map[string]string        // listings that the directory refuses, and why, by order
	told    map[string][]Told        // what providers were told, by question
}

// Told is what a provider was told.
type Told struct {
	Order   string
	Numbers []voice.Range
	Service voice.Service
}

// Fault is how one question goes wrong.
type Fault struct {
	After bool   // after it has taken its effect; otherwise it has none
	Do    func() // what happens meanwhile; may be nil
	Err   error  // instead of the answer; nil: it is answered
}

// Fails is the failure of whoever is asked a question.
func Fails(question, how string) error { return &voice.Backend{Name: backends[question], How: how} }

// NewFakes puts backends in a test's hands.
func NewFakes(b voicecarrier.Backends) *Fakes {
	return &Fakes{real: b, faults: map[string][]Fault{}, asked: map[string]int{}, checks: map[string]int{}, numbers: map[nanp.TN]voice.Number{},
		queries: map[string][]voice.Query{}, ports: map[string][]voice.Port{}, replies: map[string]voice.Reply{}, refused: map[string]string{},
		told: map[string][]Told{}}
}

// Backends are the fakes as the product sees them.
func (f *Fakes) Backends() voicecarrier.Backends {
	return voicecarrier.Backends{Administration: fakeAdministration{f}, Credit: fakeCredit{f}, Losing: fakeLosing{f}, Providers: fakeProviders{f}}
}

// Fail makes a question go wrong the next times that it is asked, each in one way.
func (f *Fakes) Fail(question string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[question] = append(f.faults[question], faults...)
}

// FailTimes makes a question fail so many times in one way.
func (f *Fakes) FailTimes(question, how string, times int) {
	for range times {
		f.Fail(question, Fault{Err: Fails(question, how)})
	}
}

// Asked is how often a question was asked, for better or worse.
func (f *Fakes) Asked(question string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[question]
}

// Queries are those under which a question was asked.
func (f *Fakes) Queries(question string) []voice.Query {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]voice.Query(nil), f.queries[question]...)
}

// Checks is how often the credit of an order's customer was looked at.
func (f *Fakes) Checks(order string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.checks[order]
}

// Know tells the number administration of a number.
func (f *Fakes) Know(n voice.Number) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.numbers[n.TN] = n
}

// Ports are those that losing carriers were asked for about an order, one for each time.
func (f *Fakes) Ports(order string) []voice.Port {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ports[order])
}

// Reply is what the losing carrier answers about an order from now on.
func (f *Fakes) Reply(order string, r voice.Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replies[order] = r
}

// Refuse makes the directory refuse an order's listings from now on.
func (f *Fakes) Refuse(order, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused[order] = reason
}

// Told are what the providers were told in answer to a question (List, Locate or Name).
func (f *Fakes) Told(question string) []Told {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.told[question])
}

// ask asks one question.
func ask[T any](f *Fakes, question string, q voice.Query, do func() (T, error)) (answer T, err error) {
	f.mu.Lock()
	f.asked[question]++
	f.queries[question] = append(f.queries[question], q)
	var fault Fault
	if next := f.faults[question]; len(next) > 0 {
		fault, f.faults[question] = next[0], next[1:]
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

type fakeAdministration struct{ *Fakes }

func (f fakeAdministration) Lookup(ctx context.Context, q voice.Query, list []nanp.TN) ([]voice.Number, error) {
	return ask(f.Fakes, Lookup, q, func() ([]voice.Number, error) {
		found, err := f.real.Administration.Lookup(ctx, q, list)
		f.mu.Lock()
		defer f.mu.Unlock()
		for i, n := range found {
			if said, ok := f.numbers[n.TN]; ok {
				found[i] = said
			}
		}
		return found, err
	})
}

func (f fakeAdministration) Ready(ctx context.Context, q voice.Query, state, center string) error {
	_, err := ask(f.Fakes, Ready, q, func() (struct{}, error) { return struct{}{}, f.real.Administration.Ready(ctx, q, state, center) })
	return err
}

type fakeCredit struct{ *Fakes }

func (f fakeCredit) Check(ctx context.Context, q voice.Query, order string) (bool, error) {
	return ask(f.Fakes, Check, q, func() (bool, error) {
		f.mu.Lock()
		f.checks[order]++
		f.mu.Unlock()
		return f.real.Credit.Check(ctx, q, order)
	})
}

type fakeLosing struct{ *Fakes }

func (f fakeLosing) Ask(ctx context.Context, q voice.Query, p voice.Port) (voice.Reply, error) {
	return ask(f.Fakes, Port, q, func() (voice.Reply, error) {
		f.mu.Lock()
		f.ports[p.Order] = append(f.ports[p.Order], p)
		said, ok := f.replies[p.Order]
		f.mu.Unlock()
		if ok {
			return said, ctx.Err()
		}
		return f.real.Losing.Ask(ctx, q, p)
	})
}

type fakeProviders struct{ *Fakes }

// tell tells a provider.
func (f fakeProviders) tell(question string, q voice.Query, t Told, do func() error) error {
	_, err := ask(f.Fakes, question, q, func() (struct{}, error) {
		f.mu.Lock()
		f.told[question] = append(f.told[question], t)
		f.mu.Unlock()
		return struct{}{}, do()
	})
	return err
}

func (f fakeProviders) List(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	return f.tell(List, q, Told{order, list, s}, func() error {
		f.mu.Lock()
		why, refused := f.refused[order]
		f.mu.Unlock()
		if refused {
			return &voice.Refusal{Reason: why}
		}
		return f.real.Providers.List(ctx, q, order, list, s)
	})
}

func (f fakeProviders) Locate(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	return f.tell(Locate, q, Told{order, list, s}, func() error { return f.real.Providers.Locate(ctx, q, order, list, s) })
}

func (f fakeProviders) Name(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	return f.tell(Name, q, Told{order, list, s}, func() error { return f.real.Providers.Name(ctx, q, order, list, s) })
}

// Source is a carrier's stock and customers in memory, for backends without a database.
type Source struct {
	Blocks   map[nanp.Block]voice.BlockAt
	Profiles map[string]voice.Profile
}

var _ voicecarrier.Source = Source{}

// Ours are those of some numbers that are in a block.
func (s Source) Ours(ctx context.Context, _ string, list []nanp.TN) (map[nanp.TN]voice.BlockAt, error) {
	ours := map[nanp.TN]voice.BlockAt{}
	for _, tn := range list {
		if at, ok := s.Blocks[tn.Block()]; ok {
			ours[tn] = at
		}
	}
	return ours, ctx.Err()
}

// Profile is what is known of a customer.
func (s Source) Profile(ctx context.Context, _, customer string) (voice.Profile, error) {
	if p, ok := s.Profiles[customer]; ok {
		return p, ctx.Err()
	}
	return voice.Profile{Credit: voice.CreditGood}, ctx.Err()
}
