package ondemand

import (
	"context"
	"encoding/json"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/magic"
	"demarc/internal/outbox"
	"demarc/internal/timer"
)

// PreparedOrder is an order whose request alone has passed its rules. What
// depends on other rows is decided in the unit of work that places it.
type PreparedOrder struct {
	party   Party
	req     *OrderRequest
	o       ordered
	order   Order
	quote   *Quote
	account *Account
}

// Order is the order as it will be placed.
func (p *PreparedOrder) Order() Order { return p.order }

// PrepareOrder decides what can be decided about an order before its unit of work
// (source, step 6). The customer is the header's; without one, the quote's or the
// service's, as long as the caller may act for it.
func (d *Desk) PrepareOrder(ctx context.Context, world, header string, acting func(number string) (Party, error), r *OrderRequest) (*PreparedOrder, error) {
	o, wrong := checkOrder(r)
	if len(wrong) > 0 {
		return nil, wrong.As(fault.Invalid)
	}
	p := &PreparedOrder{req: r, o: o}
	var err error
	if o.quote != "" {
		if p.quote, err = d.Store.FindQuote(ctx, world, o.quote); err != nil {
			return nil, err
		}
	}
	number, err := d.customerOf(ctx, world, header, p)
	if err != nil {
		return nil, err
	}
	if p.party, err = acting(number); err != nil {
		if header == "" { // what is somebody else's is not known to be there
			return nil, p.unknown()
		}
		return nil, err
	}
	if p.account, err = d.Store.FindAccount(ctx, world, r.BillingAccount.ID.Trim()); err != nil {
		return nil, err
	}
	if err := checkAccount(p.account, p.party.Customer, r.BillingAccount); err != nil {
		return nil, err
	}
	return p, d.name(ctx, p)
}

// customerOf is the number of the customer that an order is for.
func (d *Desk) customerOf(ctx context.Context, world, header string, p *PreparedOrder) (string, error) {
	switch {
	case header != "":
		return header, nil
	case p.o.service != "":
		s, err := d.Store.FindService(ctx, world, p.o.service)
		if err != nil {
			return "", err
		}
		if s == nil {
			return "", checkServiceKnown()
		}
		return s.Customer, nil
	case p.quote != nil:
		return p.quote.Customer, nil
	}
	return "", checkQuote(nil, "", time.Time{})
}

// unknown is the answer about a service or quote that the caller may not know of.
func (p *PreparedOrder) unknown() error {
	if p.o.service != "" {
		return checkServiceKnown()
	}
	return checkQuote(nil, "", time.Time{})
}

func checkServiceKnown() error {
	_, err := checkService(nil, "", "")
	return err
}

// name gives the order, and the service of an add, their ids.
func (d *Desk) name(ctx context.Context, p *PreparedOrder) error {
	n, err := d.Counters.Next(ctx, p.party.World, counterOrder)
	if err != nil {
		return err
	}
	seed, err := d.DB.Seed(ctx, p.party.World)
	if err != nil {
		return err
	}
	p.order = Order{ID: OrderID(uint64(seed), n), App: p.party.App, Customer: p.party.Customer, Action: p.o.action, Service: p.o.service,
		State: OrderAcknowledged, ExternalID: p.req.ExternalID.Trim(), Quote: p.o.quote}
	switch p.o.action {
	case ActionAdd:
		if n, err = d.Counters.Next(ctx, p.party.World, counterService); err != nil {
			return err
		}
		p.order.Service = ServiceID(n)
		p.order.Name = p.o.name
	case "modify":
		p.order.Name = p.o.name
		p.order.Action = ActionRename
		if p.o.quote != "" {
			p.order.Action = ActionBandwidth
		}
	}
	p.order.Request, err = json.Marshal(answerOf(p.order.ID, p.req))
	return err
}

// Place places a prepared order: facts, rules, rows, audit, timer and notification
// in the caller's unit of work.
func (d *Desk) Place(tx *db.Tx, p *PreparedOrder) (Order, error) {
	if p.o.action == ActionAdd {
		return d.placeAdd(tx, p)
	}
	return d.placeChange(tx, p)
}

func (d *Desk) placeAdd(tx *db.Tx, p *PreparedOrder) (Order, error) {
	o, q := p.order, p.quote
	if q == nil {
		return o, checkQuote(nil, "", tx.Now())
	}
	to := targetsOf(tx, o.App)
	room := d.Store.AskRoom(tx, q.Site, q.UNI, q.Speed.Mbps, Units(p.o.bits))
	if err := tx.Flush(); err != nil {
		return o, err
	}
	o.CreatedAt = tx.Now()
	if err := checkQuote(q, o.Customer, o.CreatedAt); err != nil {
		return o, err
	}
	s := Service{ID: o.Service, Customer: o.Customer, Account: p.account.ID, AccountName: p.account.Name, Name: p.o.name,
		Site: q.Site, Partner: q.Partner, Bits: p.o.bits, Speed: q.Speed, Hourly: q.Hourly,
		Status: ServiceMachine.Initial, InFlight: o.ID, Holds: true, CreatedAt: o.CreatedAt}
	o.Speed, o.Hourly = q.Speed, q.Hourly
	if err := d.allocate(tx, &s, q.UNI, room, p.party.hint(p.o.name)); err != nil {
		return o, err
	}
	d.Store.UseQuote(tx, q.ID, o.ID, o.CreatedAt, quoteUsed())
	d.Store.AddService(tx, s)
	return o, d.accept(tx, p.party.actor(), o, s, to)
}

// allocate gives a new service its port, VLAN and prefix from the room that was
// found, or opens more.
func (d *Desk) allocate(tx *db.Tx, s *Service, uni string, room *Room, hint string) (err error) {
	port, block := room.Port, room.Block
	if port == nil && uni == "" && !magic.Has(hint, wordNoCapacity) {
		if port, err = d.Store.OpenPort(tx, s.Site, s.Speed.Mbps); err != nil {
			return err
		}
	}
	if port == nil || magic.Has(hint, wordNoCapacity) {
		return NoCapacity.With(fault.Field("OND-ORD-24", "quote[0].id", "needs "+s.Speed.String()+", which no port at "+s.Site+" has free"))
	}
	if block == nil && !magic.Has(hint, wordNoAddresses) {
		if block, err = d.Store.OpenBlock(tx, Units(s.Bits), d.blocks()); err != nil {
			return err
		}
	}
	if block == nil || magic.Has(hint, wordNoAddresses) {
		return NoAddresses.With(fault.Field("OND-ORD-24", itemPath+"product.productCharacteristic", "no free block of that size"))
	}
	vlan, vlans, ok := TakeVLAN(port.VLANs)
	if !ok {
		return NoCapacity.With(fault.Field("OND-ORD-24", "quote[0].id", "no VLAN is free on port "+port.ID))
	}
	at, taken, ok := block.Taken.Take(s.Bits)
	if !ok {
		return NoAddresses.With()
	}
	net24, ok := PoolPrefix(Pools()[0], int(block.N))
	if !ok {
		return NoAddresses.With()
	}
	port.VLANs, port.VLANsUsed, port.Used = vlans, port.VLANsUsed+1, port.Used+s.Speed.Mbps
	block.Taken = taken
	s.Port, s.VLAN, s.Prefix = port.ID, vlan, Prefix(net24, at, s.Bits).String()
	d.Store.SavePort(tx, *port)
	d.Store.SaveBlock(tx, *block)
	return nil
}

// blocks is how many /24s may be opened.
func (d *Desk) blocks() int64 {
	if d.Blocks > 0 {
		return d.Blocks
	}
	return int64(1) << (24 - Pools()[0].Bits())
}

// accept writes the order, its history, its first due work and its first
// notification.
func (d *Desk) accept(tx *db.Tx, actor string, o Order, s Service, to *outbox.Targets) error {
	d.Store.AddOrder(tx, o)
	audit.Record(tx, audit.Event{Subject: orderSubject(o.ID), Actor: actor, Event: "placed", To: o.State, Note: o.Action + " " + o.Service})
	timer.Set(tx, TimerOrder, o.ID, o.CreatedAt.Add(dispatchAfter), "")
	return notify(tx, to, o, s)
}

func (d *Desk) placeChange(tx *db.Tx, p *PreparedOrder) (Order, error) {
	o := p.order
	to := targetsOf(tx, o.App)
	s, err := d.Store.LockService(tx, o.Service)
	if err != nil {
		return o, err
	}
	o.CreatedAt = tx.Now()
	event := evChange
	if o.Action == ActionDelete {
		event = evDisconnect
	}
	status, err := checkService(s, o.Customer, event)
	if err != nil {
		return o, err
	}
	if o.Action == ActionBandwidth {
		if err := d.reserveBandwidth(tx, p, &o, s); err != nil {
			return o, err
		}
	}
	d.Store.CountChange(tx, o.Customer, gmtDay(tx), ChangesPerDay, changeLimit(o.CreatedAt))
	was := s.Status
	s.Status, s.InFlight = status, o.ID
	d.Store.SaveService(tx, *s)
	recordService(tx, *s, p.party.actor(), event, was, "order "+o.ID)
	if err := d.accept(tx, p.party.actor(), o, *s, to); err != nil {
		return o, err
	}
	return o, notifyService(tx, to, o, *s)
}

// reserveBandwidth checks the quote of a bandwidth change and, for a faster speed,
// holds the difference on the port until the change has ended.
func (d *Desk) reserveBandwidth(tx *db.Tx, p *PreparedOrder, o *Order, s *Service) error {
	if err := checkQuote(p.quote, o.Customer, o.CreatedAt); err != nil {
		return err
	}
	if err := checkQuoteFits(*p.quote, *s); err != nil {
		return err
	}
	o.Speed, o.Hourly = p.quote.Speed, p.quote.Hourly
	d.Store.UseQuote(tx, p.quote.ID, o.ID, o.CreatedAt, quoteUsed())
	more := o.Speed.Mbps - s.Speed.Mbps
	if more <= 0 {
		return nil
	}
	port, err := d.Store.LockPort(tx, s.Site, s.Port)
	if err != nil {
		return err
	}
	if port == nil || port.Capacity-port.Used < more || magic.Has(p.party.hint(o.Name), wordNoCapacity) {
		return NoCapacity.With(fault.Field("OND-ORD-24", "quote[0].id", "needs more than port "+s.Port+" has free"))
	}
	port.Used += more
	d.Store.SavePort(tx, *port)
	return nil
}
