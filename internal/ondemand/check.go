package ondemand

import (
	"fmt"
	"net/netip"
	"time"

	"demarc/internal/db"
	"demarc/internal/outbox"
)

// Check audits the product's invariants in a world and answers what is wrong:
// nothing is allocated twice, every port and block holds exactly what its services
// hold, every order has a history and a step to come, service and order agree.
func (d *Desk) Check(tx *db.Tx) ([]string, error) {
	all, err := d.Store.All(tx)
	if err != nil {
		return nil, err
	}
	a := auditor{now: tx.Now(), orders: map[string]Order{}, services: map[string]Service{}}
	for _, o := range all.Orders {
		a.orders[o.ID] = o
	}
	for _, s := range all.Services {
		a.services[s.ID] = s
	}
	a.checkAllocations(all)
	a.checkOrders(all)
	a.checkServices(all)
	a.checkQuotes(all)
	return a.problems, nil
}

type auditor struct {
	now      time.Time
	problems []string
	orders   map[string]Order
	services map[string]Service
}

func (a *auditor) wrong(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

// checkAllocations compares what services hold with what ports and blocks say.
func (a *auditor) checkAllocations(all *Everything) {
	type port struct{ site, id string }
	used, vlans := map[port]int{}, map[port]map[int]string{}
	taken := map[int64]Block{}
	var prefixes []netip.Prefix
	claim := func(prefix, who string) {
		p, err := netip.ParsePrefix(prefix)
		n, at, bits, locateErr := locate(prefix)
		if err != nil || locateErr != nil {
			a.wrong("%s holds %q, which is no prefix of the pools", who, prefix)
			return
		}
		prefixes = append(prefixes, p)
		taken[n] |= ipamMask(at, bits)
	}
	for _, s := range all.Services {
		if !s.Holds {
			continue
		}
		at := port{s.Site, s.Port}
		used[at] += s.Speed.Mbps
		if o, ok := a.orders[s.InFlight]; ok && o.Action == ActionBandwidth {
			used[at] += max(0, o.Speed.Mbps-s.Speed.Mbps)
		}
		if vlans[at] == nil {
			vlans[at] = map[int]string{}
		}
		if other, twice := vlans[at][s.VLAN]; twice {
			a.wrong("VLAN %d of port %s at %s is held by %s and by %s", s.VLAN, s.Port, s.Site, other, s.ID)
		}
		vlans[at][s.VLAN] = s.ID
		claim(s.Prefix, "service "+s.ID)
	}
	for prefix := range all.Resting {
		claim(prefix, "the rest")
	}
	if x, y, found := Overlaps(prefixes); found {
		a.wrong("prefixes %s and %s overlap", x, y)
	}
	for _, p := range all.Ports {
		at := port{p.Site, p.ID}
		if p.Used != used[at] || p.Used > p.Capacity || p.VLANsUsed != len(vlans[at]) || CountVLANs(p.VLANs) != len(vlans[at]) {
			a.wrong("port %s at %s says %d of %d Mbps and %d VLANs (%d bits); its services hold %d Mbps and %d VLANs",
				p.ID, p.Site, p.Used, p.Capacity, p.VLANsUsed, CountVLANs(p.VLANs), used[at], len(vlans[at]))
		}
		for id, service := range vlans[at] {
			if !HasVLAN(p.VLANs, id) {
				a.wrong("service %s has VLAN %d, which is free on port %s at %s", service, id, p.ID, p.Site)
			}
		}
		delete(used, at)
	}
	for at := range used {
		a.wrong("there is no port %s at %s, but services on it", at.id, at.site)
	}
	for _, b := range all.Blocks {
		if b.Taken != taken[b.N] {
			a.wrong("block %d says %016x, services and rests hold %016x", b.N, uint64(b.Taken), uint64(taken[b.N]))
		}
		if all.Largest[b.N] != b.Largest() {
			a.wrong("block %d says that %d /30s still fit together, it is %d", b.N, all.Largest[b.N], b.Largest())
		}
		delete(taken, b.N)
	}
	for n := range taken {
		a.wrong("there is no block %d, but prefixes in it", n)
	}
}

func (a *auditor) checkOrders(all *Everything) {
	for _, o := range all.Orders {
		s, ok := a.services[o.Service]
		ended := OrderMachine.Ended(o.State)
		switch {
		case !ok:
			a.wrong("order %s is for service %s, which is not there", o.ID, o.Service)
		case !ended && s.InFlight != o.ID:
			a.wrong("order %s is %s, but service %s is in the hands of %q", o.ID, o.State, s.ID, s.InFlight)
		case !ended && !all.Waiting[o.ID]:
			a.wrong("order %s is %s and nothing is due for it", o.ID, o.State)
		case ended && all.Waiting[o.ID]:
			a.wrong("order %s has ended and something is due for it", o.ID)
		case ended == o.EndedAt.IsZero():
			a.wrong("order %s is %s and ended at %v", o.ID, o.State, o.EndedAt)
		}
		want := map[string]int{OrderAcknowledged: 1, OrderInProgress: 2, OrderCompleted: 3, OrderFailed: 3}[o.State]
		if o.State == OrderCompleted && o.Action == ActionRename || o.State == OrderFailed && o.NetworkRef == "" {
			want = 2
		}
		if got := all.Told[o.ID]; got != want {
			a.wrong("order %s is %s with %d entries in its history, want %d", o.ID, o.State, got, want)
		}
		a.checkNotices(o, all.Noticed[o.ID])
	}
}

// checkNotices counts what was told of an order: that it was placed and, of a
// change, what that made of the service; that the network has taken it; that it
// ended, and in what the service then was. Notices are forgotten after a while.
func (a *auditor) checkNotices(o Order, got int) {
	want := 1
	if o.Action != ActionAdd {
		want++
	}
	if o.NetworkRef != "" {
		want++
	}
	if OrderMachine.Ended(o.State) {
		want += 2
	}
	if got != want && a.now.Sub(o.CreatedAt) < outbox.KeptFor {
		a.wrong("order %s is %s and was told of %d times, want %d", o.ID, o.State, got, want)
	}
}

func (a *auditor) checkServices(all *Everything) {
	for _, s := range all.Services {
		busy := s.Status == StatusInProgress || s.Status == StatusChangePending || s.Status == StatusDisconnectPending
		runs, run := all.OpenRuns[s.ID], all.Running[s.ID]
		switch {
		case busy != (s.InFlight != ""):
			a.wrong("service %s is %q in the hands of %q", s.ID, s.Status, s.InFlight)
		case s.Holds == (s.Status == StatusDisconnected):
			a.wrong("service %s is %q and holds=%v", s.ID, s.Status, s.Holds)
		case runs > 1:
			a.wrong("service %s is metered %d times at once", s.ID, runs)
		case (runs == 1) != (s.Status == StatusActive || s.Status == StatusChangePending || s.Status == StatusDisconnectPending):
			a.wrong("service %s is %q with %d open runs", s.ID, s.Status, runs)
		case runs == 1 && (run.Mbps != s.Speed.Mbps || !run.Hourly.Equal(s.Hourly)):
			a.wrong("service %s runs at %d Mbps for %s, it is metered at %d Mbps for %s", s.ID, s.Speed.Mbps, s.Hourly, run.Mbps, run.Hourly)
		}
	}
}

func (a *auditor) checkQuotes(all *Everything) {
	used := map[string]string{}
	for _, o := range all.Orders {
		if o.Quote == "" {
			continue
		}
		if other, twice := used[o.Quote]; twice {
			a.wrong("quote %s was promoted to %s and to %s", o.Quote, other, o.ID)
		}
		used[o.Quote] = o.ID
	}
	for _, q := range all.Quotes {
		if q.UsedBy != used[q.ID] {
			a.wrong("quote %s says it was used by %q, its order is %q", q.ID, q.UsedBy, used[q.ID])
		}
	}
}
