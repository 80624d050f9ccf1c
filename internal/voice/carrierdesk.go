package voice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/timer"
)

// The carrier desk: what the carrier's staff does. In a sandbox its owner does it.

// CenterChange is what is to change of a rate center; what is nil stays.
type CenterChange struct {
	Open      *bool      `json:"open"`
	OpensAt   *time.Time `json:"opensAt"`
	Native    *bool      `json:"native"`
	Static911 *bool      `json:"static911"`
}

// lockKnown locks a rate center that there is.
func (d *Desk) lockKnown(tx *db.Tx, state, name string) (*Center, error) {
	c := center(tx.Clock().Sandbox, state, name)
	d.lock(tx, c)
	if err := tx.Flush(); err != nil {
		return nil, err
	}
	if !c.Known() || c.Into != "" {
		return nil, CenterUnknown.Say("There is no rate center %s.", CenterKey(state, name))
	}
	return c, nil
}

// CenterAt is a rate center as the world has it, also one that was consolidated into
// another, with how many blocks are open there and how many numbers are free in them.
func (d *Desk) CenterAt(tx *db.Tx, state, name string) (c Center, blocks, free int, err error) {
	found := center(tx.Clock().Sandbox, state, name)
	d.Store.AskCenter(tx, found)
	if err := tx.Flush(); err != nil {
		return c, 0, 0, err
	}
	if !found.Known() {
		return c, 0, 0, CenterUnknown.Say("There is no rate center %s.", CenterKey(state, name))
	}
	blocks, free, err = d.Store.Free(tx, *found)
	return *found, blocks, free, err
}

// ChangeCenter opens and closes a rate center and says what it offers.
// (VOICE-NTC-10010: what stops offering native numbers has no backorders)
func (d *Desk) ChangeCenter(tx *db.Tx, actor, state, name string, ch CenterChange) (Center, error) {
	c, err := d.lockKnown(tx, state, name)
	if err != nil {
		return Center{}, err
	}
	was := *c
	set(&c.Open, ch.Open)
	set(&c.OpensAt, ch.OpensAt)
	set(&c.Native, ch.Native)
	set(&c.Static911, ch.Static911)
	if ch.Native != nil && *ch.Native {
		c.Covered = true
	}
	d.Store.SaveCenter(tx, *c)
	audit.Record(tx, audit.Event{Subject: subjectCenter + c.Key(), Actor: actor, Event: "change", Note: fmt.Sprintf("open %v, opens at %v, native %v, static 911 %v",
		c.Open, c.OpensAt.Format(time.RFC3339), c.Native, c.Static911)})
	if was.Native && !c.Native {
		return *c, d.endAll(tx, c, n10010, actor)
	}
	return *c, nil
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

// endAll ends every backorder of a rate center that is locked.
func (d *Desk) endAll(tx *db.Tx, c *Center, why *Notice, actor string) error {
	waiting, err := d.Store.OpenParts(tx, *c, PartBackordered, 100_000)
	if err != nil {
		return err
	}
	return d.endBackorders(tx, c, waiting, why, actor)
}

// Consolidate makes a rate center part of another one: its numbers are that one's from
// now on, and what waited for it ends. (VOICE-NTC-10009)
func (d *Desk) Consolidate(tx *db.Tx, actor, state, name, intoState, intoName string) (Center, error) {
	if CenterKey(state, name) == CenterKey(intoState, intoName) {
		return Center{}, fault.Invalid.With(fault.Field("VOICE-DSK-01", "into", "must be another rate center"))
	}
	first, second := CenterKey(state, name), CenterKey(intoState, intoName)
	locked := map[string]*Center{}
	for _, key := range slices.Sorted(slices.Values([]string{first, second})) {
		s, n, _ := strings.Cut(key, "/")
		c, err := d.lockKnown(tx, s, n)
		if err != nil {
			return Center{}, err
		}
		locked[key] = c
	}
	from, into := locked[first], locked[second]
	offers, err := d.Store.OpenParts(tx, *from, PartApproval, 100_000)
	if err != nil {
		return Center{}, err
	}
	if err := d.endBackorders(tx, from, offers, n10009, actor); err != nil {
		return Center{}, err
	}
	if err := d.endAll(tx, from, n10009, actor); err != nil {
		return Center{}, err
	}
	d.Store.MoveBlocks(tx, *from, *into)
	into.Absorbed = append(into.Absorbed, from.rest()...)
	into.Covered, into.Native = into.Covered || from.Covered, into.Native || from.Native
	from.Into = into.Key()
	timer.Clear(tx, TimerAge, from.Key())
	next, err := d.Store.NextAged(tx, *into)
	if err != nil {
		return Center{}, err
	}
	if !next.IsZero() {
		timer.Set(tx, TimerAge, into.Key(), next, "")
	}
	d.Store.SaveCenter(tx, *from)
	d.Store.SaveCenter(tx, *into)
	audit.Record(tx, audit.Event{Subject: subjectCenter + from.Key(), Actor: actor, Event: "consolidate", To: into.Key()})
	return *into, d.wakeBackorders(tx, *into)
}

// rest are the lists of blocks that a rate center has not opened yet, for the one that
// absorbs it.
func (c Center) rest() (list []string) {
	from := c.Absorbed
	if c.Plan != nil {
		from = append([]string{c.Key() + ":0"}, from...)
	}
	left := c.Opened
	for _, a := range from {
		key, begun, _ := strings.Cut(a, ":")
		state, name, _ := strings.Cut(key, "/")
		n, _ := strconv.Atoi(begun)
		plan := nanp.Find(state, name)
		if plan == nil {
			continue
		}
		have := max(0, len(referenceBlocks(plan))-n)
		used := min(left, have)
		left -= used
		if used < have {
			list = append(list, fmt.Sprintf("%s:%d", key, n+used))
		}
	}
	return list
}

// BlockRequest adds a thousands-block to the stock.
type BlockRequest struct {
	NPA        lenient.Text `json:"npa"`
	NXX        lenient.Text `json:"nxx"`
	X          lenient.Text `json:"x"`
	RateCenter lenient.Text `json:"rateCenter"`
	State      lenient.Text `json:"state"`
}

// AddBlock adds a thousands-block to a rate center, which is served from then on. Its
// numbers go to the rate center's backorders first.
//
//   - VOICE-DSK-02: a well-formed block, not of 555.
//   - VOICE-DSK-03: of a rate center of the numbering plan, or of this carrier's.
func (d *Desk) AddBlock(tx *db.Tx, actor string, r *BlockRequest) (Center, nanp.Block, error) {
	var wrong fault.List
	block, ok := nanp.ParseBlock(r.NPA.Trim(), r.NXX.Trim(), r.X.Trim())
	if !ok || !block.First().Valid() {
		wrong.Add("VOICE-DSK-02", "npa", "nxx and x must be a thousands-block: 303, 225, 4")
	}
	state, name := strings.ToUpper(r.State.Trim()), strings.ToUpper(r.RateCenter.Trim())
	if !nanp.IsState(state) || name == "" || len(name) > maxCenterName {
		wrong.Add("VOICE-DSK-03", "rateCenter", "and state must name a rate center")
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return Center{}, 0, err
	}
	sandbox := tx.Clock().Sandbox
	c := center(sandbox, state, name)
	d.Store.LockCenter(tx, c)
	if err := tx.Flush(); err != nil {
		return Center{}, 0, err
	}
	if c.Into != "" {
		return Center{}, 0, CenterUnknown.Say("%s was consolidated into %s.", c.Key(), c.Into)
	}
	if sandbox {
		if plan := nanp.ByCode(block.Code()); plan != nil && slices.Contains(referenceBlocks(plan), block) {
			return Center{}, 0, BlockTaken.With()
		}
	}
	var ported []Entry
	d.Store.AskOverlaps(tx, Range{block.First(), block.First() + PerBlock - 1}, &ported)
	if err := tx.Flush(); err != nil {
		return Center{}, 0, err
	}
	if len(ported) > 0 {
		return Center{}, 0, BlockTaken.With()
	}
	d.Store.AddBlock(tx, *c, OpenBlock{Block: block}, BlockTaken.With())
	if !c.Covered || !c.Native {
		c.Covered, c.Native, c.Open = true, true, true
	}
	d.Store.SaveCenter(tx, *c)
	audit.Record(tx, audit.Event{Subject: subjectCenter + c.Key(), Actor: actor, Event: "add block", Note: block.String()})
	return *c, block, d.wakeBackorders(tx, *c)
}

// maxCenterName bounds the names of rate centers that the plan does not know.
const maxCenterName = 40

// Withhold leaves a rate center so many free numbers, or as many as it has if those are
// fewer: the carrier keeps the others back, or lets go of what it has kept.
//
//   - VOICE-DSK-04: from 0 on.
func (d *Desk) Withhold(tx *db.Tx, actor, state, name string, available int) (Center, int, error) {
	if available < 0 || available > PerBlock*PerBlock {
		return Center{}, 0, fault.Invalid.With(fault.Field("VOICE-DSK-04", "available", "must be from 0 to 1,000,000"))
	}
	c, err := d.lockKnown(tx, state, name)
	if err != nil {
		return Center{}, 0, err
	}
	kept, err := d.Store.EntriesAt(tx, *c, "", Withheld, 1_000_000)
	if err != nil {
		return Center{}, 0, err
	}
	kept = slices.DeleteFunc(kept, func(e Entry) bool { return e.Start.NXX() == fictional })
	if err := d.release(tx, *c, kept); err != nil {
		return Center{}, 0, err
	}
	c.Sealed = false
	_, free, err := d.Store.Free(tx, *c)
	if err != nil {
		return Center{}, 0, err
	}
	for sandbox := tx.Clock().Sandbox; free < available; {
		o, err := d.supply(tx, c, sandbox).open(Wish{}, 1)
		if err != nil {
			return Center{}, 0, err
		}
		if o == nil {
			break
		}
		d.saveBlocks(tx, c, []*OpenBlock{o})
		free += PerBlock
	}
	c.Sealed = true
	if more := free - available; more > 0 {
		taken, err := d.find(tx, c, Wish{Quantity: more}, false, "")
		if err != nil {
			return Center{}, 0, err
		}
		d.assign(tx, Order{}, Part{}, c, taken, Withheld)
		free = available
	}
	d.Store.SaveCenter(tx, *c)
	audit.Record(tx, audit.Event{Subject: subjectCenter + c.Key(), Actor: actor, Event: "withhold", Note: strconv.Itoa(free) + " are left"})
	return *c, free, d.wakeBackorders(tx, *c)
}

// fictional is the prefix whose lines 0100 to 0199 are for fiction; the rest of it is
// withheld for good.
const fictional = 555

// Reclaim takes numbers in a customer's pool back, the lowest first: they age, and are
// free then. It answers how many.
//
//   - VOICE-DSK-05: from 1 on.
func (d *Desk) Reclaim(tx *db.Tx, actor, customer, state, name string, quantity int) (int, error) {
	if quantity < 1 || quantity > PerBlock*PerBlock {
		return 0, fault.Invalid.With(fault.Field("VOICE-DSK-05", "quantity", "must be from 1 to 1,000,000"))
	}
	c, err := d.lockKnown(tx, state, name)
	if err != nil {
		return 0, err
	}
	entries, err := d.Store.EntriesAt(tx, *c, customer, Reserved, quantity)
	if err != nil {
		return 0, err
	}
	n := 0
	var back []Entry
	for _, e := range entries {
		if n == quantity {
			break
		}
		if over := n + e.Len() - quantity; over > 0 {
			d.Store.DropEntry(tx, e)
			rest := e
			rest.Start = e.End - nanp.TN(over) + 1
			e.End = rest.Start - 1
			d.Store.AddEntries(tx, []Entry{e, rest})
		}
		n += e.Len()
		back = append(back, e)
	}
	audit.Record(tx, audit.Event{Subject: subjectCenter + c.Key(), Actor: actor, Event: "reclaim", Note: fmt.Sprintf("%d of %s", n, customer)})
	return n, d.age(tx, c, back, actor)
}

// PutRegion says whether a region takes backorders.
//
//   - VOICE-DSK-06: a state.
func (d *Desk) PutRegion(tx *db.Tx, actor, state string, backorders bool) error {
	if !nanp.IsState(state) {
		return fault.Invalid.With(fault.Field("VOICE-DSK-06", "state", "must be the two letters of a state"))
	}
	d.Store.PutRegion(tx, state, backorders)
	audit.Record(tx, audit.Event{Subject: "voice/region/" + state, Actor: actor, Event: "put", Note: "backorders " + strconv.FormatBool(backorders)})
	return nil
}

// PutRoute gives a customer a service name or a route plan, DropRoute takes it away.
//
//   - VOICE-DSK-23: service or plan, and a name of at most 60 characters.
func (d *Desk) PutRoute(tx *db.Tx, actor string, r Route) error {
	if err := checkRoute(r); err != nil {
		return err
	}
	d.Store.PutRoute(tx, r)
	audit.Record(tx, audit.Event{Subject: "voice/customer/" + r.Customer, Actor: actor, Event: "put route", Note: r.Kind + " " + r.Name})
	return nil
}

// DropRoute takes a route away. Numbers that use it keep it.
func (d *Desk) DropRoute(tx *db.Tx, actor string, r Route) error {
	if err := checkRoute(r); err != nil {
		return err
	}
	d.Store.DropRoute(tx, r)
	audit.Record(tx, audit.Event{Subject: "voice/customer/" + r.Customer, Actor: actor, Event: "drop route", Note: r.Kind + " " + r.Name})
	return nil
}

func checkRoute(r Route) error {
	if r.Kind != RouteName && r.Kind != RoutePlan || r.Name == "" || len(r.Name) > nameLength {
		return fault.Invalid.With(fault.Field("VOICE-DSK-23", "name", "must have 1 to 60 characters, and be of the kind service or plan"))
	}
	return nil
}

// DecideCredit releases an order that is on credit hold, or rejects it.
func (d *Desk) DecideCredit(tx *db.Tx, actor, id string, release bool) (Order, error) {
	o, err := d.Store.LockOrder(tx, id)
	if err != nil {
		return Order{}, err
	}
	if o == nil {
		return Order{}, OrderUnknown.With()
	}
	if release {
		if err := d.fire(tx, o, actor, evReleased, ""); err != nil {
			return *o, err
		}
		timer.Set(tx, TimerOrder, o.ID, tx.Now(), "")
		d.Store.SaveOrder(tx, o)
		return *o, nil
	}
	if err := d.fire(tx, o, actor, evRefused, ""); err != nil {
		return *o, err
	}
	parts, err := d.Store.Parts(tx, id)
	if err != nil {
		return *o, err
	}
	for i := range parts {
		if PartMachine.Ended(parts[i].Status) {
			continue // it was cancelled
		}
		if err := d.move(tx, &parts[i], actor, evNotFilled, "credit"); err != nil {
			return *o, err
		}
	}
	d.Store.SaveOrder(tx, o)
	return *o, nil
}

// PutProfile changes what the carrier knows of a customer.
//
//   - VOICE-DSK-07: good or hold.
func (d *Desk) PutProfile(tx *db.Tx, actor, customer string, change func(p *Profile)) (Profile, error) {
	p := Profile{Credit: CreditGood}
	d.Store.AskProfile(tx, customer, &p)
	if err := tx.Flush(); err != nil {
		return p, err
	}
	change(&p)
	if p.Credit != CreditGood && p.Credit != CreditHold {
		return p, fault.Invalid.With(fault.Field("VOICE-DSK-07", "credit", "must be good or hold"))
	}
	d.Store.PutProfile(tx, customer, p)
	audit.Record(tx, audit.Event{Subject: "voice/customer/" + customer, Actor: actor, Event: "put", Note: fmt.Sprintf("credit %s, CP911 %v", p.Credit, p.CP911)})
	return p, nil
}
