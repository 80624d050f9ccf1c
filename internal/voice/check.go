package voice

import (
	"fmt"
	"time"

	"demarc/internal/db"
	"demarc/internal/nanp"
)

// Check audits the product's invariants in a world: no number twice, every number that
// is not free in the ledger, counts that agree, and everything that waits with
// something due.
func (d *Desk) Check(tx *db.Tx) ([]string, error) {
	all, err := d.Store.All(tx)
	if err != nil {
		return nil, err
	}
	a := &auditor{all: all, now: tx.Now(), orders: map[string]Order{}, parts: map[string]Part{}}
	for _, o := range all.Orders {
		a.orders[o.ID] = o
	}
	for _, p := range all.Parts {
		a.parts[p.ID] = p
	}
	a.ledger()
	a.counts()
	a.lives()
	return a.problems, nil
}

type auditor struct {
	all      *Everything
	now      time.Time
	orders   map[string]Order
	parts    map[string]Part
	problems []string
}

func (a *auditor) wrong(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

// ledger holds the ledger of numbers against the blocks.
func (a *auditor) ledger() {
	taken, foreign := map[nanp.Block]Bits{}, map[nanp.Block]Bits{} // no block is both
	for _, e := range a.all.Entries {
		block, from, to := e.places()
		in := taken
		if e.Ported {
			in = foreign
		}
		bits := in[block]
		if from < 0 || to >= PerBlock || from > to {
			a.wrong("the range %v to %v is not of one block", e.Start, e.End)
		} else if !bits.Set(from, to) {
			a.wrong("a number of %v to %v, %s, is in the ledger twice", e.Start, e.End, e.Status)
		}
		in[block] = bits
		if at := a.all.At[block]; !e.Ported && (at.State != e.State || at.Center != e.Center) {
			a.wrong("%v to %v is of %s/%s, its block of %s/%s", e.Start, e.End, e.State, e.Center, at.State, at.Center)
		}
		if (e.Status == Aging) == e.FreeAt.IsZero() {
			a.wrong("%v to %v is %s and free at %v", e.Start, e.End, e.Status, e.FreeAt)
		}
		if (e.Status == Withheld || e.Status == Away) != (e.Customer == "") {
			a.wrong("%v to %v is %s, of %q", e.Start, e.End, e.Status, e.Customer)
		}
		if e.Status == Aging && !a.all.Due[TimerAge+" "+CenterKey(e.State, e.Center)] {
			a.wrong("%v to %v ages, and nothing will free it", e.Start, e.End)
		}
	}
	for block, o := range a.all.Blocks {
		if foreign[block] != (Bits{}) {
			a.wrong("numbers of block %v have come from another carrier, and it is open", block)
		}
		if o.Taken != taken[block] {
			a.wrong("block %v does not say of its numbers what the ledger says", block)
		}
		delete(taken, block)
	}
	for block := range taken {
		a.wrong("numbers of block %v are given out, and it is not open", block)
	}
}

// counts holds what is counted against what there is.
func (a *auditor) counts() {
	type key struct{ customer, product, state, center string }
	have := map[key]Holding{}
	held, reserved := map[string]int{}, map[string]int{}
	for _, e := range a.all.Entries {
		k := key{e.Customer, e.Product, e.State, e.Center}
		h, more := have[k], e.holding(1)
		h.Reserved, h.Active = h.Reserved+more.Reserved, h.Active+more.Active
		have[k] = h
		if e.Status == Held {
			held[e.Part] += e.Len()
		}
	}
	for _, h := range a.all.Holdings {
		k := key{h.Customer, h.Product, h.State, h.Center}
		if is := have[k]; is.Reserved != h.Reserved || is.Active != h.Active {
			a.wrong("%s has %d and %d numbers in %s, and %d and %d are counted", h.Customer, is.Reserved, is.Active, CenterKey(h.State, h.Center), h.Reserved, h.Active)
		}
		delete(have, k)
	}
	active := map[ActiveKey]int{}
	for _, e := range a.all.Entries {
		if e.Status == Active {
			active[e.counted()] += e.Len()
		}
		if e.Status == Active && a.all.Services[e.Service].Customer != e.Customer {
			a.wrong("%v to %v of %s is in service with %q, which is %q's", e.Start, e.End, e.Customer, e.Service, a.all.Services[e.Service].Customer)
		}
	}
	for k, n := range a.all.Active {
		if active[k] != n {
			a.wrong("%d numbers are in service for %+v, and %d are counted", active[k], k, n)
		}
		delete(active, k)
	}
	for k := range active {
		a.wrong("numbers in service are not counted: %+v", k)
	}
	for k, h := range have {
		if h.Reserved+h.Active != 0 {
			a.wrong("numbers of %s in %s/%s are not counted", k.customer, k.state, k.center)
		}
	}
	for _, p := range a.all.Parts {
		if p.Held != held[p.ID] {
			a.wrong("%s holds %d numbers, and says %d", p.ID, held[p.ID], p.Held)
		}
		reserved[p.Order] += p.Reserved
		delete(held, p.ID)
		if open := !PartMachine.Ended(p.Status); open != p.EndedAt.IsZero() || !open && p.Held != 0 {
			a.wrong("%s is %s, ended at %v, with %d set aside", p.ID, p.Status, p.EndedAt, p.Held)
		}
		if p.Kind == "" && (p.Reserved > p.Wish.Quantity || (p.Status == PartCompleted) != (p.Reserved > 0)) {
			a.wrong("%s is %s with %d of %d numbers", p.ID, p.Status, p.Reserved, p.Wish.Quantity)
		}
	}
	for part := range held {
		a.wrong("numbers are set aside for %s, which there is not", part)
	}
}

// forgotten reports whether what an order's customer was told last is so old that it is
// not kept any more.
func (a *auditor) forgotten(o Order) bool {
	last := o.CreatedAt
	if !o.EndedAt.IsZero() {
		last = o.EndedAt
	}
	return last.Before(a.now.Add(-KeptFor))
}

// lives holds orders, what is due, their histories and what was told against each
// other.
func (a *auditor) lives() {
	last := map[string]Told{}
	for _, t := range a.all.Told {
		if t.Part == "" && t.ID > last[t.Order].ID {
			last[t.Order] = t
		}
	}
	busy := map[string]int{}
	for _, e := range a.all.Entries {
		if e.Busy != "" {
			busy[e.Busy] += e.Len()
		}
	}
	for _, o := range a.all.Orders {
		open, quantity := map[string]bool{}, 0
		for _, p := range a.all.Parts {
			if p.Order == o.ID && p.Kind == "" && !PartMachine.Ended(p.Status) {
				open[p.Status] = true
				quantity += p.Wish.Quantity
			}
		}
		ended := o.Machine().Ended(o.State)
		switch {
		case (len(open) > 0) == ended:
			a.wrong("order %s is %s, its parts %v", o.ID, o.State, open)
		case o.EndedAt.IsZero() == ended:
			a.wrong("order %s is %s and ended at %v", o.ID, o.State, o.EndedAt)
		case o.worked(open) != a.all.Due[TimerOrder+" "+o.ID]:
			a.wrong("order %s is %s, and its work is due: %v", o.ID, o.State, a.all.Due[TimerOrder+" "+o.ID])
		case open[PartApproval] != a.all.Due[TimerApproval+" "+o.ID]:
			a.wrong("order %s has something on offer: %v, that will end: %v", o.ID, open[PartApproval], a.all.Due[TimerApproval+" "+o.ID])
		case (o.State == PortFOC) != a.all.Due[TimerFOC+" "+o.ID]:
			a.wrong("order %s is %s, and will be ported: %v", o.ID, o.State, a.all.Due[TimerFOC+" "+o.ID])
		case a.all.Became[subjectOrder+o.ID] != o.State:
			a.wrong("order %s is %s, its history ends in %q", o.ID, o.State, a.all.Became[subjectOrder+o.ID])
		case last[o.ID].Code != o.Code && (last[o.ID].ID != 0 || !a.forgotten(o)):
			a.wrong("the last thing that was told of order %s is %d, not %d", o.ID, last[o.ID].Code, o.Code)
		case o.Type != TypeReserve && busy[o.ID] > quantity, (o.Type == TypeInstall || o.Type == TypePort) && busy[o.ID] != quantity:
			a.wrong("order %s is under way with %d numbers, its parts with %d", o.ID, busy[o.ID], quantity)
		}
		delete(busy, o.ID)
	}
	for id := range busy {
		a.wrong("numbers are under way with order %s, which there is not", id)
	}
	for _, p := range a.all.Parts {
		if (p.Status == PartBackordered) != a.all.Due[TimerBackorder+" "+p.ID] {
			a.wrong("%s is %s, and its wait will end: %v", p.ID, p.Status, a.all.Due[TimerBackorder+" "+p.ID])
		}
		if _, there := a.orders[p.Order]; !there {
			a.wrong("%s has no order", p.ID)
		}
	}
	for _, p := range a.all.Parts {
		if p.Kind == PartSupplement && (p.Status == PartCreated) != a.all.Due[TimerSupplement+" "+p.ID] {
			a.wrong("supplement %s is %s, and will be applied: %v", p.ID, p.Status, a.all.Due[TimerSupplement+" "+p.ID])
		}
	}
	for _, e := range a.all.Exceptions {
		o := a.orders[e.Order]
		if (e.Status == ExceptionUsed) != (o.Exception == e.ID) || a.all.Became[subjectException+e.ID] != e.Status {
			a.wrong("exception %s is %s, used by %q", e.ID, e.Status, e.Order)
		}
	}
	for i, t := range a.all.Told {
		if i > 0 && a.all.Told[i-1].Order == t.Order && t.At.Before(a.all.Told[i-1].At) {
			a.wrong("order %s was told of %d before what came earlier", t.Order, t.Code)
		}
	}
}

// worked reports whether an order has work that is due, open being its parts' statuses.
func (o Order) worked(open map[string]bool) bool {
	switch {
	case o.State == OrderCreated:
		return true
	case o.Type == TypePort:
		return o.State == OrderInWork
	}
	return o.State == OrderInWork && open[PartCreated]
}

// counted is what an entry's numbers in service are counted under.
func (e Entry) counted() ActiveKey {
	return ActiveKey{e.Customer, e.Product, e.Start.Block(), e.RouteName, e.State, e.Center}
}
