package voicecarrier

import (
	"context"

	"demarc/internal/nanp"
	"demarc/internal/trouble"
	"demarc/internal/voice"
)

// What a sandbox's owner can make fail.
var (
	administrationTarget = trouble.Declare("voice.administration", "the number administration of Voice: lookups")
	inventoryTarget      = trouble.Declare("voice.inventory", "the number inventory of Voice: what reservations and backorders take numbers from")
	creditTarget         = trouble.Declare("voice.credit", "the credit system of Voice")
	losingTarget         = trouble.Declare("voice.losing-carrier", "the carriers that numbers are ported from")
	providersTarget      = trouble.Declare("voice.providers", "the providers of listings, E911 and CNAM of Voice")
)

// How many calls a node lets wait at once for a backend that its sandbox's owner wants
// to be slow. Lookups hold a request each; the others hold one of the node's workers,
// of which most are for everybody's due work.
const (
	mostRequests = 64
	mostWorkers  = 4
)

// Trouble puts the backends in the hands of sandboxes' owners, for the questions of
// their sandboxes.
func Trouble(b Backends, m *trouble.Maker) Backends {
	at := func(name string, t trouble.Target, most int) spot { return spot{name, m.Spot(t, callDeadline, most)} }
	return Backends{
		troubledAdministration{b.Administration, at(voice.BackendAdministration, administrationTarget, mostRequests),
			at(voice.BackendAdministration, inventoryTarget, mostWorkers)},
		troubledCredit{b.Credit, at(voice.BackendCredit, creditTarget, mostWorkers)},
		troubledLosing{b.Losing, at(voice.BackendLosing, losingTarget, mostWorkers)},
		troubledProviders{b.Providers, at(voice.BackendProviders, providersTarget, mostWorkers)},
	}
}

// spot is where a backend is asked.
type spot struct {
	name string
	at   *trouble.Spot
}

// ways are how a backend fails in each mode of trouble.
var ways = map[trouble.Mode]string{
	trouble.Unavailable: voice.HowDown, trouble.Timeout: voice.HowLate, trouble.Failure: voice.HowWrong,
}

func (s spot) meet(ctx context.Context, q voice.Query) error {
	if !q.Sandbox {
		return nil
	}
	err := s.at.Meet(ctx, q.World)
	if how := ways[trouble.ModeOf(err)]; how != "" {
		return &voice.Backend{Name: s.name, How: how, Err: err}
	}
	return err
}

// Each backend as it is, unless it is to fail.

type troubledAdministration struct {
	voice.Administration
	lookups, inventory spot
}

func (t troubledAdministration) Lookup(ctx context.Context, q voice.Query, list []nanp.TN) ([]voice.Number, error) {
	if err := t.lookups.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Administration.Lookup(ctx, q, list)
}

func (t troubledAdministration) Ready(ctx context.Context, q voice.Query, state, center string) error {
	if err := t.inventory.meet(ctx, q); err != nil {
		return err
	}
	return t.Administration.Ready(ctx, q, state, center)
}

type troubledCredit struct {
	voice.CreditDesk
	spot spot
}

func (t troubledCredit) Check(ctx context.Context, q voice.Query, order string) (bool, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return false, err
	}
	return t.CreditDesk.Check(ctx, q, order)
}

type troubledLosing struct {
	voice.LosingCarrier
	spot spot
}

func (t troubledLosing) Ask(ctx context.Context, q voice.Query, p voice.Port) (voice.Reply, error) {
	if err := t.spot.meet(ctx, q); err != nil {
		return voice.Reply{}, err
	}
	return t.LosingCarrier.Ask(ctx, q, p)
}

type troubledProviders struct {
	voice.Providers
	spot spot
}

func (t troubledProviders) List(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	if err := t.spot.meet(ctx, q); err != nil {
		return err
	}
	return t.Providers.List(ctx, q, order, list, s)
}

func (t troubledProviders) Locate(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	if err := t.spot.meet(ctx, q); err != nil {
		return err
	}
	return t.Providers.Locate(ctx, q, order, list, s)
}

func (t troubledProviders) Name(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	if err := t.spot.meet(ctx, q); err != nil {
		return err
	}
	return t.Providers.Name(ctx, q, order, list, s)
}
