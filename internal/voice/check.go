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
	taken := map[nanp.Block]Bits{}
	for _, e := range a.all.Entries {
		block, from, to := e.places()
		bits := taken[block]
		if from < 0 || to >= PerBlock || from > to {
			a.wrong("the range %v to %v is not of one block", e.Start, e.End)
		} else if !bits.Set(from, to) {
			a.wrong("a number of %v to %v, %s, is in the ledger twice", e.Start, e.End, e.Status)
		}
		taken[block] = bits
		if at := a.all.At[block]; at.State != e.State || at.Center != e.Center {
			a.wrong("%v to %v is of %s/%s, its block of %s/%s", e.Start, e.End, e.State, e.Center, at.State, at.Center)
		}
		if (e.Status == Aging) == e.FreeAt.IsZero() {
			a.wrong("%v to %v is %s and free at %v", e.Start, e.End, e.Status, e.FreeAt)
		}
		if (e.Status == Withheld) != (e.Customer == "") {
			a.wrong("%v to %v is %s, of %q", e.Start, e.End, e.Status, e.Customer)
		}
		if e.Status == Aging && !a.all.Due[TimerAge+" "+CenterKey(e.State, e.Center)] {
			a.wrong("%v to %v ages, and nothing will free it", e.Start, e.End)
		}
	}
	for block, o := range a.all.Blocks {
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
		if p.Reserved > p.Wish.Quantity || (p.Status == PartCompleted) != (p.Reserved > 0) {
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
	for _, o := range a.all.Orders {
		states := map[string]bool{}
		for _, p := range a.all.Parts {
			if p.Order == o.ID {
				states[p.Status] = true
			}
		}
		open := states[PartCreated] || states[PartApproval] || states[PartBackordered]
		switch {
		case open == ReserveMachine.Ended(o.State):
			a.wrong("order %s is %s, its parts %v", o.ID, o.State, states)
		case o.EndedAt.IsZero() == ReserveMachine.Ended(o.State):
			a.wrong("order %s is %s and ended at %v", o.ID, o.State, o.EndedAt)
		case (o.State == OrderCreated || o.State == OrderInWork && states[PartCreated]) != a.all.Due[TimerOrder+" "+o.ID]:
			a.wrong("order %s is %s, and its checks are due: %v", o.ID, o.State, a.all.Due[TimerOrder+" "+o.ID])
		case states[PartApproval] != a.all.Due[TimerApproval+" "+o.ID]:
			a.wrong("order %s has something on offer: %v, that will end: %v", o.ID, states[PartApproval], a.all.Due[TimerApproval+" "+o.ID])
		case a.all.Became[subjectOrder+o.ID] != o.State:
			a.wrong("order %s is %s, its history ends in %q", o.ID, o.State, a.all.Became[subjectOrder+o.ID])
		case last[o.ID].Code != o.Code && (last[o.ID].ID != 0 || !a.forgotten(o)):
			a.wrong("the last thing that was told of order %s is %d, not %d", o.ID, last[o.ID].Code, o.Code)
		}
	}
	for _, p := range a.all.Parts {
		if (p.Status == PartBackordered) != a.all.Due[TimerBackorder+" "+p.ID] {
			a.wrong("%s is %s, and its wait will end: %v", p.ID, p.Status, a.all.Due[TimerBackorder+" "+p.ID])
		}
		if _, there := a.orders[p.Order]; !there {
			a.wrong("%s has no order", p.ID)
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
