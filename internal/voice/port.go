package voice

import (
	"context"
	"errors"
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

// TimerFOC has a port happen on its day, by order.
const TimerFOC = "voice.foc"

// TimerSupplement applies a supplement, by part.
const TimerSupplement = "voice.supplement"

// foreign asks the number administration where numbers are that come from elsewhere.
func (d *Desk) foreign(ctx context.Context, p Party, list []Range) (map[nanp.TN]Number, error) {
	tns := numbersOf(list)
	if len(tns) == 0 {
		return nil, nil
	}
	known, err := d.Administration.Lookup(ctx, Query{World: p.World, Sandbox: p.Sandbox, Customer: p.Customer}, tns)
	if err != nil {
		return nil, backendFault(err)
	}
	s, err := d.seeCenters(ctx, p, centersOfNumbers(known))
	if err != nil {
		return nil, err
	}
	where := make(map[nanp.TN]Number, len(known))
	for _, n := range known {
		if n.Known {
			c := s.now(CenterKey(n.State, n.Center))
			n.State, n.Center = c.State, c.Name
		} else {
			n.State = nanp.StateOf(n.TN.NPA())
		}
		where[n.TN] = n
	}
	return where, nil
}

// centersOfNumbers are the keys of the rate centers that numbers are of.
func centersOfNumbers(numbers []Number) []string {
	keys := map[string]bool{}
	for _, n := range numbers {
		if n.Known {
			keys[CenterKey(n.State, n.Center)] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func numbersOf(list []Range) (tns []nanp.TN) {
	for _, r := range list {
		for tn := r.Start; tn <= r.End; tn++ {
			tns = append(tns, tn)
		}
	}
	return tns
}

// portEntries are the entries of numbers on their way in, one for each.
func portEntries(o Order, parts []Part, where map[nanp.TN]Number) (list []Entry) {
	for _, tn := range numbersOf(o.Detail.Ranges) {
		n := where[tn]
		e := Entry{Range: Range{tn, tn}, Status: Porting, Customer: o.Customer, Product: o.Product, State: n.State, Center: n.Center, Order: o.ID,
			ExternalID: o.ExternalID, At: o.CreatedAt, Ported: true, Donor: n.Carrier, Busy: o.ID}
		for _, p := range parts {
			if p.Key() == CenterKey(n.State, n.Center) {
				e.Part = p.ID
			}
		}
		list = append(list, e)
	}
	return list
}

// Port is what a losing carrier is asked.
type Port struct {
	Order   string
	Round   int // counts what the order asks for: the same round is the same question
	Numbers []nanp.TN
	LNP     LNP
	Service Service
	Carrier string
	Wanted  time.Time
	Asked   time.Time
}

// Answers of a losing carrier.
const (
	PortPending  = "pending"
	PortConcur   = "concur"
	PortRefusing = "reject"
)

// Reply is what it answers.
type Reply struct {
	State      string
	FOC        time.Time
	Reason     string
	CheckAfter time.Duration
}

// mostPortCheck bounds how long a losing carrier is left alone.
const mostPortCheck = 24 * time.Hour

// performPort asks the losing carrier, or how it has decided.
//
//   - VOICE-NTC-20217: each number is one that the administration knows.
func (d *Desk) performPort(ctx context.Context, j timer.Job, o Order, q Query) error {
	numbers, err := d.Administration.Lookup(ctx, q, numbersOf(o.Detail.Ranges))
	if err != nil {
		return err
	}
	if o.State == OrderCreated {
		if bad := invalid(numbers); len(bad) > 0 {
			return d.finish(ctx, j, o, nil, func(tx *db.Tx, t *teller, o *Order, parts []Part) error {
				return d.rejectOrder(tx, t, o, parts, n20217, bad[0].String())
			})
		}
		o.Detail.Asked = q.Now
	}
	reply, err := d.askLosing(ctx, q, o, numbers)
	if err != nil {
		return err
	}
	seen := o
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		again := func() {
			j.Again(tx, tx.Now().Add(min(max(reply.CheckAfter, time.Minute), mostPortCheck)), "")
		}
		if reply.State == PortPending && seen.State == OrderInWork {
			again()
			return nil
		}
		return d.withOrder(tx, seen, func(t *teller, o *Order, parts []Part) error {
			if reply.State == PortPending { // behind the locks, as whoever cancels it meanwhile clears it
				again()
			} else {
				j.Done(tx)
			}
			if o.State == OrderCreated {
				exists, active, granted, err := identity.Standing(tx, o.App, o.Customer)
				if err != nil {
					return err
				}
				if why := standing(exists, active, granted); why != nil {
					timer.Clear(tx, TimerOrder, o.ID)
					return d.rejectOrder(tx, t, o, parts, why)
				}
				*o.Detail = *seen.Detail
				if err := d.fire(tx, o, o.Detail.Carrier, evAsked, ""); err != nil {
					return err
				}
			}
			return d.replied(tx, t, o, reply)
		})
	})
}

// askLosing asks the losing carrier, unless it is clear without that the numbers cannot
// come: they are not portable, or the product is not available where they are.
func (d *Desk) askLosing(ctx context.Context, q Query, o Order, numbers []Number) (Reply, error) {
	if slices.ContainsFunc(numbers, func(n Number) bool { return !n.Portable }) {
		return Reply{State: PortRefusing, Reason: "TN not portable"}, nil
	}
	if slices.ContainsFunc(numbers, func(n Number) bool { return n.Carrier != o.Detail.Carrier }) {
		return Reply{State: PortRefusing, Reason: "TN of another carrier"}, nil
	}
	keys := centersOfNumbers(numbers)
	s, err := d.seeCenters(ctx, Party{World: q.World, Sandbox: q.Sandbox, Customer: o.Customer}, keys)
	if err != nil {
		return Reply{}, err
	}
	s.profile.CP911 = s.profile.CP911 || o.Detail.Service.E911 == E911Customer
	for _, key := range keys {
		if c := s.now(key); !c.Serves(o.Product, s.profile) {
			return Reply{State: PortRefusing, Reason: "no coverage in " + c.Name + ", " + c.State}, nil
		}
	}
	p := o.port()
	if p.LNP.PIN, err = d.openPIN(o.ID, o.PIN); err != nil {
		return Reply{}, err
	}
	return d.Losing.Ask(ctx, q, p)
}

func (o Order) port() Port {
	return Port{Order: o.ID, Round: o.Detail.Round, Numbers: numbersOf(o.Detail.Ranges), LNP: *o.Detail.LNP, Service: *o.Detail.Service,
		Carrier: o.Detail.Carrier, Wanted: o.Detail.Wanted, Asked: o.Detail.Asked}
}

// replied does what a losing carrier's answer brings about.
//
//   - VOICE-NTC-903: it concurs, and commits to a day. VOICE-NTC-904: it does not.
func (d *Desk) replied(tx *db.Tx, t *teller, o *Order, r Reply) error {
	switch r.State {
	case PortConcur:
		o.FOCAt = r.FOC
		if o.FOCAt.Before(tx.Now()) {
			o.FOCAt = tx.Now()
		}
		if err := d.fire(tx, o, o.Detail.Carrier, evConcurred, o.FOCAt.Format(time.RFC3339)); err != nil {
			return err
		}
		timer.Set(tx, TimerFOC, o.ID, o.FOCAt, "")
		return t.order(o, n903)
	case PortRefusing:
		o.Detail.Rejection = r.Reason
		if err := d.fire(tx, o, o.Detail.Carrier, evNotPorted, r.Reason); err != nil {
			return err
		}
		return t.order(o, n904)
	}
	return nil
}

// portDay has a port happen on its day. (VOICE-NTC-902)
func (d *Desk) portDay(ctx context.Context, j timer.Job) error {
	var o *Order
	var q Query
	err := d.DB.View(ctx, j.World, func(tx *db.Tx) (err error) {
		o, err = d.Store.Order(tx, j.Key)
		if o != nil {
			q = o.query(j.World, tx.Clock().Sandbox)
			q.Now = tx.Now()
		}
		return err
	})
	if err != nil {
		return err
	}
	if o == nil || o.State != PortFOC {
		return d.DB.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
	}
	s := *o.Detail.Service
	why, err := d.provide(ctx, q, *o, o.Detail.Ranges, s)
	if err == nil && why != nil { // what the directory does not take does not hold up a port: the rest is provided
		s.Listing = nil
		_, err = d.provide(ctx, q, *o, o.Detail.Ranges, s)
	}
	if err != nil {
		return err
	}
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		return d.withOrder(tx, *o, func(t *teller, o *Order, parts []Part) error {
			j.Done(tx)
			o.Detail.Service = &s
			if why != nil {
				if err := t.order(o, why); err != nil {
					return err
				}
			}
			return d.putInService(tx, t, o, parts, evPorted, n902)
		})
	})
}

// ownPort finds a port of the customer's, and locks it with its rate centers.
//
//   - VOICE-ERR-20049, 20060: an order of the customer's, from this channel.
//   - VOICE-ERR-20109: it is a port.
func (d *Desk) ownPort(tx *db.Tx, p Party, id string) (Order, error) {
	o, err := d.visible(tx, p, p.channel(), id)
	if err != nil {
		return Order{}, err
	}
	if o.Type != TypePort {
		return *o, one(e20109, "voiceOrderId")
	}
	return *o, nil
}

// PortNow has a port happen at once, once its day is set (source: coming soon).
func (d *Desk) PortNow(tx *db.Tx, p Party, id string) (Order, error) {
	seen, err := d.ownPort(tx, p, id)
	if err != nil {
		return seen, err
	}
	err = d.withOrder(tx, seen, func(_ *teller, o *Order, _ []Part) error {
		if _, err := o.Machine().Fire(o.State, evPorted); err != nil {
			return legalFor(err)
		}
		timer.Set(tx, TimerFOC, o.ID, tx.Now(), "")
		audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: p.actor(), Event: "port now"})
		return nil
	})
	return seen, meanwhile(err)
}

// PrepareSupplement decides about a supplement's request.
//
//   - VOICE-ERR-20069: the form of its date. VOICE-ERR-20048: something changes.
func (d *Desk) PrepareSupplement(ctx context.Context, p Party, r *SupplementRequest) (*Detail, error) {
	var now time.Time
	err := d.DB.View(ctx, p.World, func(tx *db.Tx) error { now = tx.Now(); return nil })
	if err != nil {
		return nil, err
	}
	var wrong broken
	to := &Detail{Wanted: checkDate(&wrong, e20069, r.RequestDate, now)}
	if r.SubscriberLines != nil {
		if l := lineOf(&wrong, r.SubscriberLines); l != nil {
			var s Service
			if l.Address != nil {
				s.Address = checkAddress(&wrong, l.Address)
			}
			if l.Address == nil || l.named() {
				s.Subscriber = checkSubscriber(&wrong, l)
			}
			to.Service = &s
		}
	}
	if r.LNP != nil {
		to.LNP = checkLNP(&wrong, r.LNP)
	}
	if r.RequestDate.Trim() == "" && r.SubscriberLines == nil && r.LNP == nil {
		wrong.add(e20048, "subscriberLines")
	}
	return to, wrong.inOrder().err()
}

// named reports whether a line says whose its numbers are.
func (l *LineOrder) named() bool {
	return l.CustomerType.Trim()+l.First.Trim()+l.Last.Trim()+l.Middle.Trim()+l.Business.Trim() != ""
}

// Supplement changes a port that is under way, before its day: the losing carrier is
// asked again. It answers the supplement's own part.
func (d *Desk) Supplement(tx *db.Tx, p Party, id string, to *Detail) (Order, Part, error) {
	seen, err := d.ownPort(tx, p, id)
	if err != nil {
		return seen, Part{}, err
	}
	var made Part
	err = d.withOrder(tx, seen, func(_ *teller, o *Order, parts []Part) error {
		if _, err := o.Machine().Fire(o.State, evSupplement); err != nil {
			return legalFor(err)
		}
		if o.State == PortFOC && !day(tx.Now()).Before(day(o.FOCAt)) {
			return WrongMove.Instead(nil, fault.Field("VOICE-LNP-01", "voiceOrderId", "cannot be supplemented on the day of its firm order commitment"))
		}
		if err := d.checkMoved(tx, *o, parts, to); err != nil {
			return err
		}
		n := len(parts) + 1
		made = Part{ID: fmt.Sprintf("%s-%d", o.ID, n), Order: o.ID, N: n, Kind: PartSupplement, Detail: to, PIN: d.sealPIN(o.ID, to.LNP), Customer: o.Customer, Product: o.Product,
			Status: PartMachine.Initial, CreatedAt: tx.Now()}
		d.Store.AddPart(tx, made)
		timer.Set(tx, TimerSupplement, made.ID, tx.Now().Add(workAfter(tx)), "")
		audit.Record(tx, audit.Event{Subject: subjectOrder + o.ID, Actor: p.actor(), Event: "supplement", Note: made.ID})
		return nil
	})
	return seen, made, meanwhile(err)
}

// checkMoved holds a port whose numbers are to be used at another address against what
// their product allows. (VOICE-ERR-20040, 400001)
func (d *Desk) checkMoved(tx *db.Tx, o Order, parts []Part, to *Detail) error {
	if to.Service == nil || to.Service.Address == (Address{}) {
		return nil
	}
	centers := map[string]*Center{}
	for _, p := range parts {
		if p.Kind == "" && !PartMachine.Ended(p.Status) {
			centers[p.Key()] = center(tx.Clock().Sandbox, p.State, p.Center)
			d.Store.AskCenter(tx, centers[p.Key()])
		}
	}
	if err := tx.Flush(); err != nil {
		return err
	}
	s := *o.Detail.Service
	s.Address = to.Service.Address
	var wrong broken
	checkOptions(&wrong, s, productFacts{o.Product, Profile{CNAM: true}, centersOf(centers)})
	return wrong.err()
}

// supplement applies a supplement, and has the losing carrier asked again.
// (VOICE-NTC-904)
func (d *Desk) supplement(ctx context.Context, j timer.Job) error {
	id, _, _ := strings.Cut(j.Key, "-")
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		seen, err := d.Store.Order(tx, id)
		if err != nil {
			return err
		}
		if seen == nil {
			return errors.New("voice: the order of a supplement is gone: " + j.Key)
		}
		return d.withOrder(tx, *seen, func(t *teller, o *Order, parts []Part) error {
			j.Done(tx)
			i := slices.IndexFunc(parts, func(p Part) bool { return p.ID == j.Key })
			if i < 0 || parts[i].Status != PartCreated {
				return nil
			}
			if _, err := o.Machine().Fire(o.State, evSupplement); err != nil {
				return d.move(tx, &parts[i], carrier, evDeclined, "too late") // the port has ended meanwhile
			}
			parts[i].Detail.over(o.Detail)
			if parts[i].Detail.LNP != nil {
				o.PIN = parts[i].PIN
			}
			if err := d.fire(tx, o, o.App, evSupplement, parts[i].ID); err != nil {
				return err
			}
			o.FOCAt = time.Time{}
			timer.Clear(tx, TimerFOC, o.ID)
			timer.Set(tx, TimerOrder, o.ID, tx.Now(), "")
			parts[i].Reserved = 0
			if err := d.move(tx, &parts[i], carrier, evFilled, ""); err != nil {
				return err
			}
			return t.order(o, n904)
		})
	})
}

// over puts a supplement's changes over what was asked for.
func (to *Detail) over(was *Detail) {
	if !to.Wanted.IsZero() {
		was.Wanted = to.Wanted
	}
	if to.LNP != nil {
		was.LNP = to.LNP
	}
	if to.Service != nil {
		if to.Service.Subscriber != (Subscriber{}) {
			was.Service.Subscriber = to.Service.Subscriber
		}
		if to.Service.Address != (Address{}) {
			was.Service.Address = to.Service.Address
		}
	}
	was.Rejection = ""
	was.Round++
}

// AnswerPort answers for a losing carrier: in a sandbox its owner may.
//
//   - VOICE-DSK-21: concur with a day that is not over, or reject with a reason.
func (d *Desk) AnswerPort(tx *db.Tx, actor, id string, r Reply) (Order, error) {
	seen, err := d.Store.Order(tx, id)
	if err != nil {
		return Order{}, err
	}
	if seen == nil || seen.Type != TypePort {
		return Order{}, OrderUnknown.With()
	}
	if r.State == PortConcur && r.FOC.IsZero() {
		r.FOC = seen.Detail.Wanted
	}
	if r.State != PortConcur && r.State != PortRefusing || r.State == PortRefusing && (r.Reason == "" || len(r.Reason) > reasonLength) ||
		r.State == PortConcur && day(r.FOC).Before(day(tx.Now())) {
		return *seen, fault.Invalid.With(fault.Field("VOICE-DSK-21", "answer", "must be concur, with a day that is not over, or reject with a reason"))
	}
	out := *seen
	err = d.withOrder(tx, *seen, func(t *teller, o *Order, _ []Part) error {
		timer.Clear(tx, TimerOrder, o.ID)
		if o.State == OrderCreated {
			o.Detail.Asked = tx.Now()
			if err := d.fire(tx, o, actor, evAsked, ""); err != nil {
				return err
			}
		}
		err := d.replied(tx, t, o, r)
		out = *o
		return err
	})
	return out, meanwhile(err)
}
