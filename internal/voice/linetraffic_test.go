package voice_test

import (
	"fmt"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// Random use of numbers in service, among everything else that traffic does.

// donors are where other carriers' numbers begin, of bonded ones and of others, of rate
// centers that orders are for; the last are not portable, and of a code that nobody uses.
var donors = []nanp.TN{portable, inDenver, inAurora, nonBonded, 7192062000, 7194802000, 7192932000, 3032402000, 3037002000}

// pick picks numbers that somebody has in a way: of one customer mostly, in ranges that
// may be parts of what the ledger has; one in so many of those with which an order is
// under way, too.
func (tr *traffic) pick(status string, busy int) (customer, product string, list []voice.Range) {
	tr.t.Helper()
	var have []voice.Entry
	for _, e := range rows(tr.World).Entries {
		if e.Status == status && e.Customer != "" && (e.Busy == "" || tr.random.IntN(busy) == 0) {
			have = append(have, e)
		}
	}
	if len(have) == 0 {
		return "", "", nil
	}
	first := one(tr, have...)
	for range 1 + tr.random.IntN(3) {
		e := one(tr, have...)
		if len(list) == 0 {
			e = first
		} else if (e.Customer != first.Customer || e.Product != first.Product) && tr.random.IntN(10) > 0 {
			continue
		}
		from := e.Start + nanp.TN(tr.random.IntN(e.Len()))
		to := min(e.End, from+nanp.TN(one(tr, 0, 0, 1, 5, 40)))
		list = append(list, voice.Range{Start: from, End: to})
	}
	return first.Customer, first.Product, list
}

// when sets the day of a request, sometimes.
func (tr *traffic) when(m object) {
	if tr.random.IntN(3) == 0 {
		m["customerRequestDate"] = voicetest.Stamp(tr.Now().Add(one(tr, hour, 3*day, 8*day, 9*day, 14*day, 29*day)))
	}
}

// dress gives a line of a product something that it may have.
func (tr *traffic) dress(m, l object, product string) {
	if m["productID"] = product; product == voice.EnhancedLocal {
		l["e911Option"] = one(tr, "CP911", "CP911", "E911")
		if tr.random.IntN(2) == 0 {
			listed(object{"directoryFirstName": one(tr, "Avery", "Robin", "."), "directoryLastName": one(tr, "Example", ".")})(m, l)
		}
		l["cnam"] = one(tr, nil, object{"blockCustomerName": "Y"}, object{"blockCustomerName": "N", "cnamCustomerName": "EXAMPLE"})
	}
	if tr.random.IntN(3) == 0 {
		business(m, l)
		delete(l, "directoryListing")
	}
}

func (tr *traffic) install() {
	customer, product, list := tr.pick(voice.Reserved, 8)
	if list == nil {
		return
	}
	m := installOf(list, func(m, l object) { tr.dress(m, l, product) })
	tr.when(m)
	o, err := tr.TryOrder(customer, m)
	tr.try(fmt.Sprintf("install %s for %s: %v, %v", o.ID, customer, list, m["customerRequestDate"]), err)
}

func (tr *traffic) port() {
	customer := one(tr, tr.customers...)
	var tns []nanp.TN
	first := one(tr, donors...)
	for i := range nanp.TN(1 + tr.random.IntN(5)) {
		tns = append(tns, first+nanp.TN(tr.random.IntN(12))+i)
	}
	if first == inDenver && tr.random.IntN(2) == 0 {
		tns = append(tns, inAurora+nanp.TN(tr.random.IntN(12)))
	}
	m := portOf(func(m, l object) {
		tr.dress(m, l, one(tr, voice.LocalInbound, voice.LocalInbound, voice.EnhancedLocal))
	}, tns...)
	m["externalOrderId"] = one(tr, "", "", "", "[demarc:port-name]", "[demarc:port-silent]")
	m["lnp"].(object)["losingCarrierAccountNumber"] = one(tr, "ACC-1", "ACC-1", "ACC-0001")
	tr.when(m)
	o, err := tr.TryOrder(customer, m)
	tr.try(fmt.Sprintf("port %s for %s: %v, %v", o.ID, customer, tns, m["externalOrderId"]), err)
}

// some is an order of some types, one that is open mostly.
func (tr *traffic) order(types ...string) (o voice.Order, ok bool) {
	var list []voice.Order
	for _, o := range rows(tr.World).Orders {
		for _, kind := range types {
			if o.Type == kind && (!o.Machine().Ended(o.State) || tr.random.IntN(30) == 0) {
				list = append(list, o)
			}
		}
	}
	if len(list) == 0 {
		return o, false
	}
	return one(tr, list...), true
}

// underWay does something about a port.
func (tr *traffic) underWay() {
	o, ok := tr.order(voice.TypePort)
	if !ok {
		tr.port()
		return
	}
	what := one(tr, "supplement", "portnow", "concur", "concur", "reject")
	if o.State == voice.PortFOC {
		what = one(tr, "supplement", "portnow")
	}
	var err error
	switch what {
	case "supplement":
		m := object{"subscriberLines": []any{object{"serviceAddress": one(tr, elsewhere, voicetest.Dwelling(nil)["serviceAddress"].(object))}}}
		if tr.random.IntN(2) == 0 {
			m = object{"lnp": voicetest.PortIn(nil)["lnp"]}
		}
		tr.when(m)
		_, err = tr.TrySupplement(o.Customer, o.ID, m)
	case "portnow":
		err = tr.TryPortNow(o.Customer, o.ID)
	case "concur":
		err = answer(tr.World, o, voice.Reply{State: voice.PortConcur, FOC: tr.Now().Add(one(tr, 0, day, 5*day))})()
	case "reject":
		err = answer(tr.World, o, voice.Reply{State: voice.PortRefusing, Reason: "random"})()
	}
	tr.try(what+" "+o.ID, err)
}

func (tr *traffic) alter() {
	customer, product, list := tr.pick(voice.Active, 8)
	if list == nil {
		return
	}
	l := object{"tnList": voicetest.TNs(list...)}
	m := object{"subscriberLines": []any{l}}
	if tr.random.IntN(3) > 0 {
		l["customerType"], l["businessName"] = "B", one(tr, "Example Bakery", "Example Books")
	}
	if product == voice.EnhancedLocal && tr.random.IntN(2) == 0 {
		l["directoryListing"] = one(tr, object{"directoryListingAction": "R"}, object{"directoryListingAction": "C", "directoryLastName": "Sample", "directoryFirstName": one(tr, "Robin", ".")})
	}
	if tr.random.IntN(2) == 0 {
		m["customerServiceName"] = one(tr, voicetest.Route, "SECOND", "SECOND")
	}
	tr.when(m)
	o, err := tr.TryChange(customer, m)
	tr.try(fmt.Sprintf("alter %s for %s: %v, %v", o.ID, customer, list, m["customerServiceName"]), err)
}

func (tr *traffic) cancel() {
	o, ok := tr.order(voice.TypeReserve, voice.TypeInstall, voice.TypePort, voice.TypePort, voice.TypeChange, voice.TypeDisconnect)
	if !ok {
		return
	}
	_, parts := tr.Order(o.ID)
	part := one(tr, "", "", one(tr, parts...).ID)
	tr.try(fmt.Sprintf("cancel %s, %s", o.ID, part), tr.TryCancel(o.Customer, o.ID, part))
}

func (tr *traffic) disconnect() {
	customer, _, list := tr.pick(voice.Active, 8)
	if list == nil {
		return
	}
	o, err := tr.TryDisconnect(customer, tr.Now().Add(one(tr, 3*day, 5*day, 20*day)), voicetest.TNs(list...))
	tr.try(fmt.Sprintf("disconnect %s for %s: %v", o.ID, customer, list), err)
}

func (tr *traffic) portOut() {
	if _, _, list := tr.pick(voice.Active, 1); list != nil {
		list = list[:1] // what the desk is asked for has no number twice
		tr.unit(fmt.Sprint("portout ", list), func(tx *db.Tx) error {
			_, err := tr.Desk.PortOut(tx, "desk", list)
			return err
		})
	}
}

// route has a service name come or go.
func (tr *traffic) route(customer, name string) {
	r := voice.Route{Customer: customer, Kind: voice.RouteName, Name: name}
	tr.unit("route of "+customer, func(tx *db.Tx) error {
		if tr.random.IntN(2) == 0 && r.Name == "SECOND" {
			return tr.Desk.DropRoute(tx, "desk", r)
		}
		return tr.Desk.PutRoute(tx, "desk", r)
	})
}

// runLines does so much, and lets everything come to its end.
func (tr *traffic) runLines(steps int) {
	for _, customer := range tr.customers {
		tr.route(customer, voicetest.Route)
		tr.route(customer, "SECOND")
	}
	route := func() { tr.route(one(tr, tr.customers...), "SECOND") }
	soon := func() {
		by := one(tr, second, 3*second, 3*minute, 3*minute, hour, hour, day, 8*day, 8*day, 100*day)
		_, err := tr.TryAdvance(tr.t.Context(), by)
		tr.try(fmt.Sprint("advance by ", by), err)
	}
	for i := range steps {
		one(tr, tr.reserve, tr.reserve, tr.install, tr.install, tr.install, tr.install, tr.port, tr.port, tr.underWay, tr.underWay, tr.underWay,
			tr.alter, tr.alter, tr.alter, tr.disconnect, tr.disconnect, tr.cancel, tr.cancel, tr.portOut, soon, soon, soon, soon, soon,
			tr.approve, tr.stock, tr.reclaim, tr.change, tr.change, tr.people, route, route, route)()
		if i%5 == 4 {
			tr.check()
		}
	}
	for range 12 {
		if _, err := tr.TryAdvance(tr.t.Context(), 60*24*time.Hour); err != nil {
			tr.broken(fmt.Sprint(err))
		}
	}
	tr.check()
	for _, o := range rows(tr.World).Orders {
		silent := o.Type == voice.TypePort && (o.State == voice.PortRejected || o.State == voice.OrderInWork)
		if !o.Machine().Ended(o.State) && o.State != voice.OrderCredit && !silent {
			tr.broken(fmt.Sprintf("%s, %s, is %s after two years", o.ID, o.Type, o.State))
		}
	}
}

func TestRandomTrafficOfNumbersInServiceKeepsTheBooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url         func(t testing.TB) string
		from, seeds uint64
	}{"sqlite": {dbtest.SQLite, 1000, 10}, "postgres": {dbtest.Postgres, 1100, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, c.url(t))
			done, codes := map[string]int{}, map[int]int{}
			for seed := c.from; seed < c.from+c.seeds; seed++ {
				tr := newTraffic(t, d, seed)
				tr.runLines(160)
				for kind, n := range tr.done {
					done[kind] += n
				}
				for _, told := range rows(tr.World).Told {
					codes[told.Code]++
				}
			}
			t.Logf("done %v, told %v", done, codes)
			for _, kind := range []string{"reserve", "install", "port", "supplement", "portnow", "concur", "reject", "alter", "disconnect", "cancel", "portout", "consolidate", "merge", "suspend"} {
				if done[kind] == 0 && name == "sqlite" {
					t.Errorf("nothing was done of %s", kind)
				}
			}
			for _, code := range []int{901, 902, 903, 904, 906, 1429, 1616, 20217, 10002} {
				if codes[code] == 0 && name == "sqlite" {
					t.Errorf("nobody was told %d", code)
				}
			}
		})
	}
}
