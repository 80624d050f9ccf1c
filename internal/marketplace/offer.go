package marketplace

import (
	"context"
	"slices"

	"demarc/internal/db"
	"demarc/internal/fault"
)

// PreparedOffer is a product whose request alone has passed its rules.
type PreparedOffer struct {
	offer Offer
	req   *OfferRequest
}

// PrepareOffer reads a new product's request and names it and its SKUs. A product
// without a form gets the source's example.
func (d *Desk) PrepareOffer(ctx context.Context, m Manager, r *OfferRequest) (*PreparedOffer, error) {
	if len(r.Form) == 0 {
		r.Form = ExampleForm()
	}
	id, err := d.next(ctx, m.World, counterOffer, "PRD-")
	if err != nil {
		return nil, err
	}
	skus, err := d.nameSKUs(ctx, m.World, r.SKUs)
	if err != nil {
		return nil, err
	}
	return &PreparedOffer{req: r, offer: Offer{ID: id, Name: r.Name, Description: r.Description, Form: labelled(r.Form), SKUs: skus}}, nil
}

// nameSKUs gives those an id that came without.
func (d *Desk) nameSKUs(ctx context.Context, world string, skus []SKU) ([]SKU, error) {
	named := slices.Clone(skus)
	for i := range named[:min(len(named), maxSKUs)] {
		if named[i].ID != "" {
			continue
		}
		id, err := d.next(ctx, world, counterSKU, "SKU-")
		if err != nil {
			return nil, err
		}
		named[i].ID = id
	}
	return named, nil
}

// labelled gives the fields their usual label where a form has none.
func labelled(form []Field) []Field {
	form = slices.Clone(form)
	for i, f := range form {
		if k, ok := kindOf(f.Field); ok && f.Label == "" {
			form[i].Label = k.label
		}
	}
	return form
}

// Offer offers a prepared product. (MKT-PRD-08: while onboarding is open; a SKU is
// one product's)
func (d *Desk) Offer(tx *db.Tx, m Manager, provider string, p *PreparedOffer) (Offer, error) {
	o := p.offer
	open := ""
	Onboarding.Ask(tx, &open)
	owner, err := d.lockProvider(tx, m, provider)
	switch {
	case err != nil:
		return o, err
	case open != onboardingOpen:
		return o, OnboardingClosed
	}
	if err := checkOffer(p.req, owner.Reseller != nil).As(fault.Invalid); err != nil {
		return o, err
	}
	o.Provider, o.State, o.CreatedAt = owner.ID, OfferMachine.Initial, tx.Now()
	d.Store.AddOffer(tx, o)
	for _, s := range o.SKUs {
		d.Store.AddSKU(tx, o.ID, o.Provider, s)
	}
	record(tx, offerSubject(o.ID), m.Actor, "offered", "", o.State, o.Name)
	return o, nil
}

// OfferChange changes a product; nil leaves as it is. SKUs are added to those that it
// has.
type OfferChange struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Form        []Field `json:"form"`
	AddSKUs     []SKU   `json:"addSkus"`
	State       *string `json:"state"`
}

// PrepareOfferChange names the SKUs that a change adds.
func (d *Desk) PrepareOfferChange(ctx context.Context, m Manager, c *OfferChange) (err error) {
	c.AddSKUs, err = d.nameSKUs(ctx, m.World, c.AddSKUs)
	return err
}

// offerEvents are the events that bring a product into a state.
var offerEvents = map[string]string{OfferListed: EventList, OfferWithdrawn: EventWithdraw}

// ChangeOffer changes a product of a provider of the manager's.
func (d *Desk) ChangeOffer(tx *db.Tx, m Manager, provider, id string, c *OfferChange) (Offer, error) {
	o, owner, err := d.lockOffer(tx, m, provider, id)
	if err != nil {
		return o, err
	}
	was := o.State
	if c.Name != nil {
		o.Name = *c.Name
	}
	if c.Description != nil {
		o.Description = *c.Description
	}
	if c.Form != nil {
		o.Form = labelled(c.Form)
	}
	o.SKUs = append(o.SKUs, c.AddSKUs...)
	wrong := checkOffer(&OfferRequest{Name: o.Name, Description: o.Description, Form: o.Form, SKUs: o.SKUs}, owner.Reseller != nil)
	if c.State != nil && offerEvents[*c.State] == "" {
		wrong.Add("MKT-PRD-01", "state", "must be listed or withdrawn")
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return o, err
	}
	if c.State != nil && *c.State != o.State {
		if err := fire(tx, OfferMachine, nil, offerSubject(id), m.Actor, &o.State, offerEvents[*c.State], ""); err != nil {
			return o, err
		}
	} else {
		record(tx, offerSubject(id), m.Actor, "changed", o.State, o.State, "")
	}
	d.Store.SaveOffer(tx, was, o)
	for _, s := range c.AddSKUs {
		d.Store.AddSKU(tx, o.ID, o.Provider, s)
	}
	return o, nil
}

func (d *Desk) lockOffer(tx *db.Tx, m Manager, provider, id string) (Offer, Provider, error) {
	owner, err := d.Provider(tx, m, provider)
	if err != nil {
		return Offer{}, owner, err
	}
	o, err := d.Store.LockOffer(tx, id)
	of, err := offerOf(provider, o, err)
	return of, owner, err
}

// offerOf hides what another provider sells.
func offerOf(provider string, o *Offer, err error) (Offer, error) {
	if err != nil || o == nil || o.Provider != provider {
		return Offer{}, orUnknown(err, ProductUnknown)
	}
	return *o, nil
}

// orUnknown is unknown for what is not there or not the caller's, else the error.
func orUnknown(err error, unknown *fault.Code) error {
	if err == nil || fault.Of(err) != nil {
		return unknown
	}
	return err
}

// Offers lists a provider's products for its manager.
func (d *Desk) Offers(tx *db.Tx, m Manager, provider string, page Paging) ([]Offer, int, error) {
	if _, err := d.Provider(tx, m, provider); err != nil {
		return nil, 0, err
	}
	return d.Store.Offers(tx, OfferFilter{Provider: provider}, page)
}

// Sale is a product and who sells it.
type Sale struct {
	Offer    Offer
	Provider Provider
}

// Sold reports whether buyers can subscribe to it.
func (s Sale) Sold() bool { return s.Offer.State == OfferListed && s.Provider.State == ProviderActive }

// Catalogue lists what buyers can subscribe to.
func (d *Desk) Catalogue(tx *db.Tx, page Paging) ([]Sale, int, error) {
	return d.Shop(tx, OfferFilter{}, page)
}

// Shop lists those of what buyers can subscribe to that they look for.
func (d *Desk) Shop(tx *db.Tx, f OfferFilter, page Paging) ([]Sale, int, error) {
	f.Sold = true
	offers, total, err := d.Store.Offers(tx, f, page)
	if err != nil {
		return nil, 0, err
	}
	owners := map[string]*Provider{}
	list := make([]Sale, len(offers))
	for i, o := range offers {
		if owners[o.Provider] == nil {
			if owners[o.Provider], err = d.Store.Provider(tx, o.Provider); err != nil {
				return nil, 0, err
			}
		}
		list[i] = Sale{o, *owners[o.Provider]}
	}
	return list, total, nil
}

// Sale is one product for its buyers, who may look at what they subscribed to after
// it was withdrawn.
func (d *Desk) Sale(tx *db.Tx, id string) (Sale, error) {
	o, owner, err := d.OfferToBuyer(tx, id)
	return Sale{o, owner}, err
}

// OfferToBuyer is one product with its form, and its provider. What is of a provider
// that was not approved is not there yet.
func (d *Desk) OfferToBuyer(tx *db.Tx, id string) (Offer, Provider, error) {
	o, err := d.Store.Offer(tx, id)
	if err != nil || o == nil {
		return Offer{}, Provider{}, orUnknown(err, ProductUnknown)
	}
	p, err := d.Store.Provider(tx, o.Provider)
	if err != nil || p == nil || p.State == ProviderPending {
		return Offer{}, Provider{}, orUnknown(err, ProductUnknown)
	}
	return *o, *p, nil
}
