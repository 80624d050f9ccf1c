package ondemand

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// Kinds of due work: an order's next step, and the end of a prefix's rest.
const (
	TimerOrder = "ondemand.order"
	TimerRest  = "ondemand.rest"
)

// networkActor stands in the trail for what the network did.
const networkActor = "network"

// Handle registers the product's due work.
func (d *Desk) Handle(r *timer.Runner) {
	r.Handle(TimerOrder, d.work)
	r.Handle(TimerRest, d.rested)
}

// work takes an order one step on. The network is asked outside any unit of work,
// by the order's id, so that asking again after a crash asks for the same change;
// the answer is recorded in one unit with what follows from it.
func (d *Desk) work(ctx context.Context, j timer.Job) error {
	o, c, err := d.look(ctx, j)
	if err != nil {
		return err
	}
	switch {
	case o == nil || OrderMachine.Ended(o.State):
		return d.DB.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
	case o.Action == ActionRename:
		return d.end(ctx, j, o.ID, evRecorded, "")
	case o.State == OrderAcknowledged:
		return d.dispatch(ctx, j, o, c)
	default:
		return d.ask(ctx, j, o, c)
	}
}

// look reads the order and what the network must know of it.
func (d *Desk) look(ctx context.Context, j timer.Job) (o *Order, c Change, err error) {
	err = d.DB.View(ctx, j.World, func(tx *db.Tx) error {
		if o, err = d.Store.Order(tx, j.Key); err != nil || o == nil {
			return err
		}
		services, _, err := d.Store.Services(tx, ServiceFilter{ID: o.Service}, Paging{Limit: 1})
		if err != nil {
			return err
		}
		if len(services) == 0 {
			return fmt.Errorf("ondemand: order %s has no service %s", o.ID, o.Service)
		}
		s := services[0]
		c = Change{World: j.World, Order: o.ID, Action: o.Action, Service: s.ID, Site: s.Site, Port: s.Port, VLAN: s.VLAN, Prefix: s.Prefix,
			Mbps: o.Speed.Mbps, Now: tx.Now()}
		if c.Sandbox = tx.Clock().Sandbox; c.Sandbox {
			c.Hint = s.Name + " " + o.Name
		}
		return nil
	})
	return o, c, err
}

// dispatch hands an acknowledged order to the network (rules OND-NET-01: taken, it
// is in progress; OND-NET-02: refused, it has failed).
func (d *Desk) dispatch(ctx context.Context, j timer.Job, o *Order, c Change) error {
	ticket, err := d.Network.Start(ctx, c)
	if refusal := asRefusal(err); refusal != nil {
		return d.end(ctx, j, o.ID, evRefused, reasonOf(refusal.Reason))
	}
	if err != nil {
		return err
	}
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		to := targetsOf(tx, o.App)
		fresh, err := d.Store.LockOrder(tx, o.ID)
		if err != nil {
			return err
		}
		if fresh == nil || fresh.State != OrderAcknowledged {
			return timer.ErrTaken
		}
		s, err := d.Store.LockService(tx, o.Service)
		if err != nil {
			return err
		}
		fresh.NetworkRef = ticket.Ref
		if err := d.fire(tx, fresh, evDispatched, "reference "+ticket.Ref); err != nil {
			return err
		}
		j.Again(tx, tx.Now().Add(bounded24h(ticket.CheckAfter)), "")
		return notify(tx, to, *fresh, *s)
	})
}

// reasonOf is a network's reason as it is kept and told: as much of it as a person
// reads, in text that both databases can hold, and never nothing.
func reasonOf(text string) string {
	const most = 300
	kept := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text[:min(len(text), 10*most)])))
	if len(kept) == 0 {
		return "the network gave no reason"
	}
	return string(kept[:min(len(kept), most)])
}

// bounded24h keeps a network's own idea of when to ask again within reason.
func bounded24h(after time.Duration) time.Duration {
	return min(max(after, time.Second), 24*time.Hour)
}

// ask asks the network how an order in progress is doing (rule OND-NET-03: done or
// failed, the order ends so).
func (d *Desk) ask(ctx context.Context, j timer.Job, o *Order, c Change) error {
	p, err := d.Network.Status(ctx, c, o.NetworkRef)
	switch {
	case err != nil:
		return err
	case p.Done:
		return d.end(ctx, j, o.ID, evCompleted, "")
	case p.Failed != "":
		return d.end(ctx, j, o.ID, evFailed, reasonOf(p.Failed))
	}
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		j.Again(tx, tx.Now().Add(bounded24h(p.CheckAfter)), "")
		return nil
	})
}

// fire moves an order by its table and writes the move to the trail.
func (d *Desk) fire(tx *db.Tx, o *Order, event, note string) error {
	was := o.State
	to, err := OrderMachine.Fire(was, event)
	if err != nil {
		return err
	}
	o.State = to
	if OrderMachine.Ended(to) {
		o.EndedAt = tx.Now()
	}
	d.Store.MoveOrder(tx, was, *o)
	audit.Record(tx, audit.Event{Subject: orderSubject(o.ID), Actor: networkActor, Event: event, From: was, To: to, Note: note})
	return nil
}

// end brings an order and its service to what the event makes of them.
func (d *Desk) end(ctx context.Context, j timer.Job, id, event, failure string) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		o, err := d.Store.LockOrder(tx, id)
		if err != nil {
			return err
		}
		if o == nil || OrderMachine.Ended(o.State) {
			return timer.ErrTaken
		}
		to := targetsOf(tx, o.App)
		s, err := d.Store.LockService(tx, o.Service)
		if err != nil {
			return err
		}
		if s == nil || s.InFlight != o.ID {
			return fmt.Errorf("ondemand: service %s is not in order %s's hands", o.Service, o.ID)
		}
		o.Failure = failure
		if err := d.fire(tx, o, event, failure); err != nil {
			return err
		}
		if err := d.settle(tx, o, s, o.State == OrderCompleted); err != nil {
			return err
		}
		j.Done(tx)
		if err := notify(tx, to, *o, *s); err != nil {
			return err
		}
		return notifyService(tx, to, *o, *s)
	})
}

// settle gives a service what its order ended in.
func (d *Desk) settle(tx *db.Tx, o *Order, s *Service, ok bool) error {
	was, event := s.Status, serviceEvent(o.Action, ok)
	to, err := ServiceMachine.Fire(was, event)
	if err != nil {
		return err
	}
	s.Status, s.InFlight = to, ""
	switch {
	case o.Action == ActionAdd && ok:
		d.Store.StartRun(tx, s.ID, Run{From: tx.Now(), Mbps: s.Speed.Mbps, Hourly: s.Hourly})
	case o.Action == ActionAdd:
		err = d.giveBack(tx, s, 0)
	case o.Action == ActionBandwidth:
		err = d.settleBandwidth(tx, o, s, ok)
	case o.Action == ActionDelete && ok:
		d.Store.EndRun(tx, s.ID, tx.Now())
		err = d.giveBack(tx, s, PrefixRest)
	}
	if err != nil {
		return err
	}
	if ok && o.Name != "" {
		s.Name = o.Name
	}
	d.Store.SaveService(tx, *s)
	recordService(tx, *s, networkActor, event, was, "order "+o.ID)
	return nil
}

// settleBandwidth runs the service at its new speed, or gives back what was held
// for it.
func (d *Desk) settleBandwidth(tx *db.Tx, o *Order, s *Service, ok bool) error {
	give := max(0, o.Speed.Mbps-s.Speed.Mbps)
	if ok {
		give = max(0, s.Speed.Mbps-o.Speed.Mbps)
		s.Speed, s.Hourly = o.Speed, o.Hourly
		d.Store.EndRun(tx, s.ID, tx.Now())
		d.Store.StartRun(tx, s.ID, Run{From: tx.Now(), Mbps: s.Speed.Mbps, Hourly: s.Hourly})
	}
	if give == 0 {
		return nil
	}
	port, err := d.Store.LockPort(tx, s.Site, s.Port)
	if err != nil {
		return err
	}
	port.Used -= give
	d.Store.SavePort(tx, *port)
	return nil
}

// giveBack frees what a service holds: capacity and VLAN at once, the prefix after
// its rest.
func (d *Desk) giveBack(tx *db.Tx, s *Service, rest time.Duration) error {
	port, err := d.Store.LockPort(tx, s.Site, s.Port)
	if err != nil {
		return err
	}
	if port == nil {
		return errors.New("ondemand: port " + s.Port + " at " + s.Site + " is gone")
	}
	port.Used -= s.Speed.Mbps
	port.VLANs = GiveVLAN(port.VLANs, s.VLAN)
	port.VLANsUsed--
	d.Store.SavePort(tx, *port)
	s.Holds = false
	if rest > 0 {
		timer.Set(tx, TimerRest, s.Prefix, tx.Now().Add(rest), "")
		return nil
	}
	return d.freePrefix(tx, s.Prefix)
}

// rested ends a prefix's rest.
func (d *Desk) rested(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		j.Done(tx)
		return d.freePrefix(tx, j.Key)
	})
}

// freePrefix returns a prefix to its block.
func (d *Desk) freePrefix(tx *db.Tx, text string) error {
	n, at, bits, err := locate(text)
	if err != nil {
		return err
	}
	block, err := d.Store.LockBlock(tx, n)
	if err != nil {
		return err
	}
	if block == nil {
		return errors.New("ondemand: the block of " + text + " is gone")
	}
	taken, ok := block.Taken.Give(at, bits)
	if !ok {
		return errors.New("ondemand: " + text + " is free already")
	}
	block.Taken = taken
	d.Store.SaveBlock(tx, *block)
	return nil
}

// locate answers in which /24 of the pools a prefix lies, and at which /30 of it.
func locate(text string) (n int64, at, bits int, err error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("ondemand: prefix %s: %w", strconv.Quote(text), err)
	}
	pool := Pools()[0]
	a, base := p.Addr().As4(), pool.Masked().Addr().As4()
	offset := (int64(a[0])<<24 | int64(a[1])<<16 | int64(a[2])<<8 | int64(a[3])) -
		(int64(base[0])<<24 | int64(base[1])<<16 | int64(base[2])<<8 | int64(base[3]))
	if !pool.Contains(p.Addr()) {
		return 0, 0, 0, errors.New("ondemand: " + text + " is not of the pools")
	}
	return offset >> 8, int(offset&0xff) / 4, p.Bits(), nil
}
