package voice

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/nanp"
	"demarc/internal/timer"
)

// Prepared is an order about numbers in service whose request has passed its rules. The
// unit that writes it looks at the numbers once more.
type Prepared struct {
	order   Order
	parts   []Part
	centers map[string]*Center
	where   map[nanp.TN]Number // of numbers that come from elsewhere
	due     time.Time          // zero: soon
}

// facts are what decides about an order beside its request.
type facts struct {
	now     time.Time
	profile Profile
	found   [][]Entry
	routes  []Route
	centers map[string]*Center
	ours    broken // what is wrong with numbers of the carrier's own
}

func (f facts) has(kind, name string) bool {
	return slices.ContainsFunc(f.routes, func(r Route) bool { return r.Kind == kind && r.Name == name })
}

// look reads the facts about numbers. where names the rate centers of those that the
// ledger does not know.
func (d *Desk) look(ctx context.Context, p Party, list []Range, where map[nanp.TN]Number) (f facts, err error) {
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		f = facts{now: tx.Now(), centers: map[string]*Center{}}
		d.Store.AskProfile(tx, p.Customer, &f.profile)
		if f.found, err = d.overlaps(tx, list); err != nil {
			return err
		}
		add := func(state, name string) {
			if key := CenterKey(state, name); f.centers[key] == nil {
				f.centers[key] = center(p.Sandbox, state, name)
				d.Store.AskCenter(tx, f.centers[key])
			}
		}
		for _, w := range where {
			add(w.State, w.Center)
		}
		each(list, f.found, func(_ Range, e *Entry) {
			if e != nil {
				add(e.State, e.Center)
			}
		})
		if where != nil {
			if err := d.checkOurs(tx, &f.ours, TypePort, list, f.found); err != nil {
				return err
			}
		}
		f.routes, err = d.Store.Routes(tx, p.Customer)
		return err
	})
	return f, err
}

// checkNumbers decides about the numbers of an order, as the ledger has them.
func checkNumbers(wrong *broken, field, kind string, p Party, product string, list []Range, found [][]Entry) {
	told := map[*fault.Code]bool{}
	each(list, found, func(_ Range, e *Entry) {
		if code := standingOf(kind, p.Customer, product, e); code != nil && !told[code] {
			told[code] = true
			wrong.add(code, field)
		}
	})
}

// PrepareOrder decides about an order that puts numbers in service, from the pool or
// from another carrier (source, Install and Port-in).
//
//   - VOICE-ERR-20000: a product. VOICE-ERR-20032: one of the customer's service names.
//   - VOICE-ERR-20231: a port is a week ahead.
//   - VOICE-ERR-20048: a port says whose the numbers are.
//   - See the rules of lines, numbers and ports.
func (d *Desk) PrepareOrder(ctx context.Context, p Party, r *OrderRequest) (*Prepared, error) {
	var wrong broken
	kind := strings.ToUpper(r.OrderType.Trim())
	checkProduct(&wrong, r.ProductID)
	product := r.ProductID.Trim()
	if wrong.code != nil {
		product = ""
	}
	if kind != TypeInstall && kind != TypePort {
		wrong.say(e400001, "orderType", "must be NEW or LNP")
		return nil, wrong.err()
	}
	checkExternal(&wrong, r.ExternalID)
	l := lineOf(&wrong, r.SubscriberLines)
	var ranges []Range
	if l != nil {
		ranges = checkLineNumbers(&wrong, kind, l.TNList)
	}
	var where map[nanp.TN]Number
	if kind == TypePort {
		var err error
		if where, err = d.foreign(ctx, p, ranges); err != nil {
			return nil, err
		}
	}
	f, err := d.look(ctx, p, ranges, where)
	if err != nil {
		return nil, err
	}
	detail := &Detail{Ranges: ranges}
	if len(ranges) > 0 {
		detail.Carrier = where[ranges[0].Start].Carrier
	}
	name := r.RouteName.Trim()
	if !f.has(RouteName, name) {
		wrong.add(e20032, "customerServiceName")
	}
	detail.Wanted = checkDate(&wrong, e20050, r.RequestDate, f.now)
	if kind == TypePort && !detail.Wanted.IsZero() && day(detail.Wanted).Before(day(f.now).AddDate(0, 0, portDaysAhead)) {
		wrong.add(e20231, "customerRequestDate")
	}
	if l != nil {
		s := readLine(&wrong, l)
		s.RouteName = name
		checkOptions(&wrong, s, productFacts{product, f.profile, centersOf(f.centers)})
		checkNumbers(&wrong, lineAt+"tnList", kind, p, product, ranges, f.found)
		wrong.join(f.ours)
		detail.Service = &s
		if kind == TypePort && s.Subscriber == (Subscriber{}) {
			wrong.add(e20048, lineAt+"customerType")
		}
	}
	if kind == TypePort {
		detail.LNP, detail.Round = checkLNP(&wrong, r.LNP), 1
		if detail.Wanted.IsZero() {
			detail.Wanted = addBusiness(f.now.AddDate(0, 0, portDaysAhead-1), 1)
		}
	}
	if err := wrong.inOrder().err(); err != nil {
		return nil, err
	}
	var due time.Time
	if kind == TypeInstall && detail.Wanted.After(f.now) {
		due = detail.Wanted
	}
	return d.prepared(ctx, p, kind, product, r.ExternalID.Trim(), detail, f, where, due)
}

// checkLineNumbers reads the numbers of a line.
//
//   - VOICE-ERR-20015: some. VOICE-ERR-20025 (ports: 20115): each of them well-formed.
//   - VOICE-ERR-10007: 399 of an install. Ours: 49 of a port, 1,000 otherwise.
func checkLineNumbers(wrong *broken, kind string, list *[]TNRequest) []Range {
	const field = lineAt + "tnList"
	malformed, most := e20025, PerChange
	switch kind {
	case TypeInstall:
		most = PerInstall
	case TypePort:
		malformed, most = e20115, PerPort
	}
	return listed(wrong, field, list, func(at string) { wrong.add(malformed, at) }, func(at string) { wrong.add(e20015, at) }, most)
}

// readLine reads all of a line but its numbers.
func readLine(wrong *broken, l *LineOrder) Service {
	s := Service{Subscriber: checkSubscriber(wrong, l), Address: checkAddress(wrong, l.Address), E911: strings.ToUpper(l.E911.Trim())}
	s.Listing = checkListing(wrong, l.Listing, s.Subscriber.Type)
	s.CNAM = checkCNAM(wrong, l.CNAM)
	return s
}

func centersOf(m map[string]*Center) (list []Center) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, *m[key])
	}
	return list
}

// prepared names an order and its parts: one for each rate center.
func (d *Desk) prepared(ctx context.Context, p Party, kind, product, external string, detail *Detail, f facts, where map[nanp.TN]Number, due time.Time) (*Prepared, error) {
	id, err := d.number(ctx, p.World, counterOrder, "V")
	if err != nil {
		return nil, err
	}
	o := Order{ID: id, Type: kind, App: p.App, Customer: p.Customer, CustomerName: p.Name, Channel: p.channel(), Product: product, ExternalID: external,
		State: machines[kind].Initial, Version: 1, Detail: detail, PIN: d.sealPIN(id, detail.LNP)}
	out := &Prepared{order: o, centers: f.centers, where: where, due: due}
	ranges := map[string][]Range{} // by rate center
	each(detail.Ranges, f.found, func(r Range, e *Entry) {
		if e != nil {
			key := CenterKey(e.State, e.Center)
			ranges[key] = append(ranges[key], r)
			return
		}
		for tn := r.Start; tn <= r.End; tn++ {
			key := CenterKey(where[tn].State, where[tn].Center)
			ranges[key] = append(ranges[key], Range{tn, tn})
		}
	})
	for i, key := range slices.Sorted(maps.Keys(ranges)) {
		state, name, _ := strings.Cut(key, "/")
		out.parts = append(out.parts, Part{ID: fmt.Sprintf("%s-%d", id, i+1), Order: id, N: i + 1, Customer: p.Customer, Product: product,
			State: state, Center: name, Wish: Wish{Quantity: sum(ranges[key])}, Detail: &Detail{Ranges: ranges[key]}, Status: PartMachine.Initial})
	}
	return out, nil
}

// channel is where a party's orders come from.
func (p Party) channel() string {
	if p.Channel == "" {
		return ChannelAPI
	}
	return p.Channel
}

// actor is who is written into trails.
func (p Party) actor() string {
	if p.Actor == "" {
		return p.App
	}
	return p.Actor
}

// moved reports whether numbers are of other rate centers by now than those that are
// locked. (VOICE-ERR-409001)
func (r *Prepared) moved(found [][]Entry) (yes bool) {
	for _, c := range r.centers {
		yes = yes || c.Into != ""
	}
	for _, entries := range found {
		for _, e := range entries {
			yes = yes || r.centers[CenterKey(e.State, e.Center)] == nil
		}
	}
	return yes
}

// checkOurs decides about numbers of a port that the ledger does not know: those of the
// carrier's own thousands-blocks come from nobody else. (VOICE-ERR-20115)
func (d *Desk) checkOurs(tx *db.Tx, wrong *broken, kind string, list []Range, found [][]Entry) error {
	if kind != TypePort {
		return nil
	}
	sandbox := tx.Clock().Sandbox
	ours := map[nanp.Block]bool{}
	var err error
	each(list, found, func(r Range, e *Entry) {
		block := r.Start.Block()
		if _, known := ours[block]; e != nil || known || err != nil {
			return
		}
		var o *OpenBlock
		o, _, err = d.Store.Block(tx, block)
		ours[block] = o != nil || sandbox && OwnsReference(r.Start)
	})
	if slices.Contains(slices.Collect(maps.Values(ours)), true) {
		wrong.add(e20115, lineAt+"tnList")
	}
	return err
}

// Accept writes an order about numbers in service. From now on, nothing else can be
// begun with its numbers. (VOICE-ERR-1612)
func (d *Desk) Accept(tx *db.Tx, p Party, r *Prepared) (Order, []Part, error) {
	o := r.order
	self := false
	identity.AskSelf(tx, o.Customer, &self)
	if err := d.lockNumbers(tx, r.centers); err != nil {
		return o, nil, err
	}
	if !self {
		return o, nil, e409001.With() // it was merged into another meanwhile
	}
	found, err := d.overlaps(tx, o.Detail.Ranges)
	if err != nil {
		return o, nil, err
	}
	var wrong broken
	field := lineAt + "tnList"
	if o.Type == TypeDisconnect {
		field = "tnList"
	}
	checkNumbers(&wrong, field, o.Type, p, o.Product, o.Detail.Ranges, found)
	if err := d.checkOurs(tx, &wrong, o.Type, o.Detail.Ranges, found); err != nil {
		return o, nil, err
	}
	if err := wrong.err(); err != nil {
		return o, nil, err
	}
	if r.moved(found) {
		return o, nil, e409001.With()
	}
	o.CreatedAt = tx.Now()
	if o.Type == TypePort {
		d.Store.AddPorting(tx, portEntries(o, r.parts, r.where), one(e1612, field))
	} else if err := d.busy(tx, o.Detail.Ranges, o.ID); err != nil {
		return o, nil, err
	}
	audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: p.actor(), Event: "order", To: o.State, Note: o.Type})
	parts := slices.Clone(r.parts)
	for i := range parts {
		parts[i].CreatedAt = o.CreatedAt
		d.Store.AddPart(tx, parts[i])
	}
	due := r.due
	if due.IsZero() {
		due = tx.Now().Add(workAfter(tx))
	}
	timer.Set(tx, TimerOrder, o.ID, due, "")
	t := newTeller(d, tx, o.App)
	if err := tx.Flush(); err != nil {
		return o, nil, err
	}
	if err := t.order(&o, n901); err != nil {
		return o, nil, err
	}
	d.Store.AddOrder(tx, o)
	return o, parts, nil
}
