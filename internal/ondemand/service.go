package ondemand

import (
	"context"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/magic"
	"demarc/internal/outbox"
)

// Desk is the product's use cases.
type Desk struct {
	DB       *db.DB
	Store    Store
	Network  Network
	Counters *db.Counters
	Blocks   int64 // how many /24s of the pools may be opened; 0: all
}

// Party is who calls and for whom: an application in a world, and the customer
// that it acts for.
type Party struct {
	World    string
	App      string
	Sandbox  bool
	Customer string // canonical number
	Actor    string // who does it, in trails; App if it is empty
}

// actor is who is written into trails.
func (p Party) actor() string {
	if p.Actor == "" {
		return p.App
	}
	return p.Actor
}

// Magic words of the product; they count in sandboxes only.
const whereName = `the "Customer Service Name" of an order`

var (
	wordRefused     = magic.Word(Product, whereName, "activation-refused", "the network refuses the order: acknowledged, then failed")
	wordFails       = magic.Word(Product, whereName, "activation-fails", "the network takes the order and then cannot make the change: inProgress, then failed; everything is given back")
	wordSlow        = magic.Word(Product, whereName, "activation-slow", "the network takes four hours instead of minutes")
	wordNoCapacity  = magic.Word(Product, whereName, "no-capacity", "no port at the site has room: 409 no_capacity")
	wordNoAddresses = magic.Word(Product, whereName, "no-addresses", "the carrier has no free IPv4 block of that size: 409 no_addresses")
)

// Words for the reference network.
var (
	WordRefused = wordRefused
	WordFails   = wordFails
	WordSlow    = wordSlow
)

// Counters of a world.
const (
	counterQuote   = "ondemand.quote"
	counterOrder   = "ondemand.order"
	counterService = "ondemand.service"
)

// firstQuote keeps a world's own quotes clear of those that it holds from the
// start.
const firstQuote = 10_000

// PreparedQuote is a price request that has passed its rules and only needs to be
// written.
type PreparedQuote struct {
	Quote   Quote
	Request *PriceRequest
}

// PrepareQuote decides about a price request (source, step 4). acting resolves a
// customer's number to the party that the caller may be for it; header is the
// number that the call itself names, "" when it names none.
func (d *Desk) PrepareQuote(ctx context.Context, header string, acting func(number string) (Party, error), r *PriceRequest) (*PreparedQuote, error) {
	p, wrong := checkPrice(r)
	var party Party
	if number := r.CustomerNumber.Trim(); number != "" {
		var err error
		if party, err = acting(number); err != nil {
			return nil, err
		}
		if header != "" {
			named, err := acting(header)
			if err != nil {
				return nil, err
			}
			if named.Customer != party.Customer {
				wrong.Add("OND-QTE-06", "customerNumber", "must be the customer of the x-customer-number header")
			}
		}
	}
	var partner, uni string
	if p.site.ID != "" && party.Customer != "" {
		named, err := d.attachmentOf(ctx, party, r.ServiceID.Trim())
		if err != nil {
			return nil, err
		}
		var more fault.List
		partner, uni, more = checkAttachment(r, p.site, named)
		wrong = append(wrong, more...)
	}
	if len(wrong) > 0 {
		return nil, wrong.As(fault.Invalid)
	}
	n, err := d.Counters.Next(ctx, party.World, counterQuote)
	if err != nil {
		return nil, err
	}
	return &PreparedQuote{Request: r, Quote: Quote{ID: QuoteID(firstQuote + n), Customer: party.Customer, Site: p.site.ID,
		Partner: partner, UNI: uni, Speed: p.speed, Hourly: p.offer.Hourly}}, nil
}

// attachmentOf is the port that a serviceId names for this customer: a UNI, or the
// port that a service of the customer runs on. nil when it names neither.
func (d *Desk) attachmentOf(ctx context.Context, party Party, id string) (*attachment, error) {
	if id == "" {
		return nil, nil
	}
	s, err := d.Store.FindService(ctx, party.World, id)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if s.Customer != party.Customer {
			return nil, nil
		}
		a := &attachment{site: s.Site}
		if s.Partner == "" {
			a.uni = s.Port
		}
		return a, nil
	}
	var port *Port
	err = d.DB.View(ctx, party.World, func(tx *db.Tx) error {
		port, err = d.Store.PortOfCustomer(tx, party.Customer, id)
		return err
	})
	if err != nil || port == nil {
		return nil, err
	}
	return &attachment{site: port.Site, uni: port.ID}, nil
}

// SaveQuote writes the quote; it is valid from the unit's moment.
func (d *Desk) SaveQuote(tx *db.Tx, p *PreparedQuote) Quote {
	q := p.Quote
	q.CreatedAt = tx.Now()
	q.ExpiresAt = q.CreatedAt.Add(QuoteLife)
	d.Store.AddQuote(tx, q)
	return q
}

// Inventory answers one service of the customer by its id, or a page of them.
func (d *Desk) Inventory(ctx context.Context, p Party, f ServiceFilter, page Paging) ([]Service, int, error) {
	f.Customer = p.Customer
	if f.ID != "" && f.Entitled == nil && f.Account == "" {
		s, err := d.Store.FindService(ctx, p.World, f.ID)
		if err != nil || s == nil || s.Customer != p.Customer {
			return nil, 0, err
		}
		if page.Offset > 0 {
			return nil, 1, nil
		}
		return []Service{*s}, 1, nil
	}
	var list []Service
	var total int
	err := d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		list, total, err = d.Store.Services(tx, f, page)
		return err
	})
	return list, total, err
}

// hint is the text in which a sandbox's caller may have put a magic word.
func (p Party) hint(name string) string {
	if p.Sandbox && strings.Contains(name, "[") {
		return name
	}
	return ""
}

// gmtDay counts the GMT days since 1970.
func gmtDay(tx *db.Tx) int64 { return clock.Micros(tx.Now()) / (24 * 3600 * 1_000_000) }

// targetsOf queues the read of who is to be told about an order.
func targetsOf(tx *db.Tx, app string) *outbox.Targets { return outbox.Prepare(tx, app) }
