package marketplace

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/gate"
	"demarc/internal/machine"
)

// Desk is the product's use cases.
type Desk struct {
	DB       *db.DB
	Store    Store
	Server   Server
	Counters *db.Counters
	Seal     Sealer
	Allowed  func(netip.Addr) bool // which literal addresses a provider's server may have
	Customer string                // whose subscription a fresh world holds
	Gate     *gate.Gate            // shares the node's calls out between servers; nil: nobody else calls
	tests    tests
}

// Manager is who onboards and manages providers: an application of an organisation.
type Manager struct {
	World   string
	Org     string
	Actor   string
	Sandbox bool
}

// Counters of a world.
const (
	counterProvider     = "marketplace.provider"
	counterOffer        = "marketplace.product"
	counterSubscription = "marketplace.subscription"
	counterSKU          = "marketplace.sku"
	counterKey          = "marketplace.key"
)

// liveKeys is how many keys a provider may have at once, so that it can change from
// one to the other without a pause.
const liveKeys = 2

// PrepareProvider decides what can be decided about a new provider before its unit of
// work, and names it.
func (d *Desk) PrepareProvider(ctx context.Context, m Manager, r *ProviderRequest) (*Provider, error) {
	if err := checkProvider(r, d.Allowed).As(fault.Invalid); err != nil {
		return nil, err
	}
	id, err := d.next(ctx, m.World, counterProvider, "PRV-")
	if err != nil {
		return nil, err
	}
	key, err := d.prepareKey(ctx, m.World)
	if err != nil {
		return nil, err
	}
	p := &Provider{ID: id, Org: m.Org, Name: r.Name, Title: r.Title, BaseURL: r.BaseURL, Keys: []Key{key}}
	p.Reseller = d.sealReseller(id, r.ResellerKey)
	return p, nil
}

// Onboard writes a prepared provider. Its first key is in the answer only. A
// sandbox's provider may sell at once; others wait for the carrier's approval.
// (MKT-PRV-05: while onboarding is open)
func (d *Desk) Onboard(tx *db.Tx, m Manager, p Provider) (Provider, error) {
	open, err := Onboarding.Get(tx)
	if err != nil {
		return p, err
	}
	if open != onboardingOpen {
		return p, OnboardingClosed
	}
	others, _, err := d.Store.Providers(tx, ProviderFilter{Name: p.Name}, Paging{Limit: 1})
	if err != nil {
		return p, err
	}
	if len(others) > 0 {
		return p, ProviderTaken
	}
	p.CreatedAt, p.State = tx.Now(), ProviderMachine.Initial
	p.Keys[0].CreatedAt = p.CreatedAt
	record(tx, providerSubject(p.ID), m.Actor, "onboarded", "", p.State, p.Name)
	if m.Sandbox {
		if err := fire(tx, ProviderMachine, ProviderMove, providerSubject(p.ID), "sandbox", &p.State, EventApprove, ""); err != nil {
			return p, err
		}
	}
	d.Store.AddProvider(tx, p)
	d.Store.AddKey(tx, p.ID, p.Keys[0], HashKey(p.Keys[0].Clear))
	return p, nil
}

// ProviderChange changes a provider; nil leaves as it is. Its name stays: its server
// has it in its path.
type ProviderChange struct {
	Title       *string `json:"title"`
	BaseURL     *string `json:"baseUrl"`
	ResellerKey *string `json:"resellerKey"`
}

// ChangeProvider changes a provider of the manager's organisation.
func (d *Desk) ChangeProvider(tx *db.Tx, m Manager, id string, c ProviderChange) (Provider, error) {
	p, err := d.lockProvider(tx, m, id)
	if err != nil {
		return p, err
	}
	r := ProviderRequest{Name: p.Name, Title: p.Title, BaseURL: p.BaseURL}
	var changed []string
	for _, f := range []struct {
		name string
		from *string
		to   *string
	}{{"title", c.Title, &r.Title}, {"baseUrl", c.BaseURL, &r.BaseURL}, {"resellerKey", c.ResellerKey, &r.ResellerKey}} {
		if f.from != nil {
			*f.to = *f.from
			changed = append(changed, f.name)
		}
	}
	// The address of the provider that demarc plays is none; it may stay, and come back.
	embedded := r.BaseURL == EmbeddedURL && (c.BaseURL == nil || p.Org == "" && m.Sandbox)
	if embedded {
		r.BaseURL = "https://example.com"
	}
	if err := checkProvider(&r, d.Allowed).As(fault.Invalid); err != nil {
		return p, err
	}
	if embedded {
		r.BaseURL = EmbeddedURL
	}
	p.Title, p.BaseURL = r.Title, r.BaseURL
	if c.ResellerKey != nil {
		p.Reseller = d.sealReseller(p.ID, r.ResellerKey)
	}
	d.Store.SaveProvider(tx, p.State, p)
	record(tx, providerSubject(p.ID), m.Actor, "changed", p.State, p.State, "changed: "+strings.Join(changed, ", "))
	return p, nil
}

// MoveProvider is the carrier's approval, suspension or resumption of a provider.
func (d *Desk) MoveProvider(tx *db.Tx, actor, id, event string) (Provider, error) {
	p, err := d.Store.LockProvider(tx, id)
	if err != nil {
		return Provider{}, err
	}
	if p == nil {
		return Provider{}, ProviderUnknown
	}
	was := p.State
	if err := fire(tx, ProviderMachine, ProviderMove, providerSubject(id), actor, &p.State, event, ""); err != nil {
		return *p, err
	}
	d.Store.SaveProvider(tx, was, *p)
	return *p, nil
}

// KeyRequest asks for another key.
type KeyRequest struct {
	ExpireOld *string `json:"expireOld"` // ISO 8601
}

// longestExpiry is how long a provider may take to change from one key to another.
const longestExpiry = 30 * 24 * time.Hour

// Expiry is how long the present key goes on working; nil: until it is revoked.
//
//   - MKT-PRV-06: it is a duration of at most 30 days.
func (r *KeyRequest) Expiry() (*time.Duration, error) {
	if r.ExpireOld == nil {
		return nil, nil
	}
	after, err := clock.ParseDuration(*r.ExpireOld)
	if err != nil || after > longestExpiry {
		return nil, fault.Invalid.With(fault.Field("MKT-PRV-06", "expireOld", "must be an ISO 8601 duration from PT0S to P30D"))
	}
	return &after, nil
}

// PrepareKey makes a key that RotateKey will give to a provider.
func (d *Desk) PrepareKey(ctx context.Context, world string) (Key, error) {
	return d.prepareKey(ctx, world)
}

func (d *Desk) prepareKey(ctx context.Context, world string) (Key, error) {
	id, err := d.next(ctx, world, counterKey, "KEY-")
	return Key{ID: id, Clear: newKey(world)}, err
}

// RotateKey gives a provider another key. Its present one goes on working, until
// expireOld from now when that is given.
func (d *Desk) RotateKey(tx *db.Tx, m Manager, id string, key Key, expireOld *time.Duration) (Key, error) {
	p, err := d.lockProvider(tx, m, id)
	if err != nil {
		return key, err
	}
	now := tx.Now()
	live := p.Keys[:0:0]
	for _, k := range p.Keys {
		if k.Live(now) {
			live = append(live, k)
		}
	}
	if len(live) >= liveKeys {
		next := make([]string, len(live))
		for i, k := range live {
			next[i] = "revoke " + k.ID
		}
		return key, KeyLimit.Instead(next)
	}
	if expireOld != nil {
		for _, k := range live {
			d.Store.EndKey(tx, id, k.ID, now.Add(*expireOld), KeyUnknown)
		}
	}
	key.CreatedAt = now
	d.Store.AddKey(tx, id, key, HashKey(key.Clear))
	record(tx, providerSubject(id), m.Actor, "key rotated", "", "", key.ID)
	return key, nil
}

// forGood is when a revoked key ended: before any moment to which a world's clock can be
// set back.
var forGood = time.UnixMicro(1)

// RevokeKey ends a key at once.
func (d *Desk) RevokeKey(tx *db.Tx, m Manager, id, key string) error {
	if _, err := d.lockProvider(tx, m, id); err != nil {
		return err
	}
	d.Store.EndKey(tx, id, key, forGood, KeyUnknown)
	record(tx, providerSubject(id), m.Actor, "key revoked", "", "", key)
	return nil
}

// ProvisionURL is what is called to open an account with the provider.
func (p Provider) ProvisionURL() string { return ProvisionURL(p.BaseURL, p.Name) }

// Live reports whether the key opens anything at a moment.
func (k Key) Live(now time.Time) bool { return k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt) }

// Providers lists the manager's providers.
func (d *Desk) Providers(tx *db.Tx, m Manager, page Paging) ([]Provider, int, error) {
	return d.Store.Providers(tx, ProviderFilter{Org: m.Org}, page)
}

// Provider is one of the manager's providers.
func (d *Desk) Provider(tx *db.Tx, m Manager, id string) (Provider, error) {
	p, err := d.Store.Provider(tx, id)
	return mine(m, p, err)
}

func (d *Desk) lockProvider(tx *db.Tx, m Manager, id string) (Provider, error) {
	p, err := d.Store.LockProvider(tx, id)
	return mine(m, p, err)
}

// mine hides what belongs to another organisation. The provider that a fresh sandbox
// holds is its owner's.
func mine(m Manager, p *Provider, err error) (Provider, error) {
	switch {
	case err != nil:
		return Provider{}, err
	case p == nil || p.Org != m.Org && p.Org != "":
		return Provider{}, ProviderUnknown
	}
	return *p, nil
}

// next is the next id of a kind.
func (d *Desk) next(ctx context.Context, world, counter, prefix string) (string, error) {
	n, err := d.Counters.Next(ctx, world, counter)
	return idOf(prefix, n), err
}

func (d *Desk) sealReseller(provider, key string) []byte {
	if key == "" {
		return nil
	}
	return d.Seal.Seal(resellerPurpose(provider), []byte(key))
}

func (d *Desk) resellerKey(p Provider) (string, error) {
	if p.Reseller == nil {
		return "", nil
	}
	text, err := d.Seal.Open(resellerPurpose(p.ID), p.Reseller)
	return string(text), err
}

func resellerPurpose(provider string) string { return "marketplace reseller key of " + provider }

// fire moves a state by its table and writes the move to the trail. wrong is the fault
// about a move that the table does not have; nil where no request can ask for one.
func fire(tx *db.Tx, t *machine.Table, wrong *fault.Code, subject, actor string, state *string, event, note string) error {
	was := *state
	to, err := t.Fire(was, event)
	if move, ok := errors.AsType[*machine.WrongMove](err); ok && wrong != nil {
		return wrong.Instead(move.Legal)
	}
	if err != nil {
		return err
	}
	*state = to
	record(tx, subject, actor, event, was, to, note)
	return nil
}

func record(tx *db.Tx, subject, actor, event, from, to, note string) {
	audit.Record(tx, audit.Event{Subject: subject, Actor: actor, Event: event, From: from, To: to, Note: note})
}

// SubjectSubscription begins the subject of a subscription in the trail and in
// notifications.
const SubjectSubscription = "subscription/"

func providerSubject(id string) string { return "provider/" + id }
func offerSubject(id string) string    { return "product/" + id }
func subSubject(id string) string      { return SubjectSubscription + id }
