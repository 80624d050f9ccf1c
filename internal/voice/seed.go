package voice

import (
	"errors"
	"time"

	"demarc/internal/db"
	"demarc/internal/magic"
	"demarc/internal/nanp"
)

// What a fresh world holds: two pools of the example's customer, of numbers that are
// for fiction, and rate centers that take no orders.
const (
	exampleState = "CO"
	Example      = "DENVER" // four fifths of its numbers are in service: more can be ordered
	ExampleIdle  = "AURORA" // two fifths: 1648
	ExampleShut  = "VAIL"   // closed for orders: 1302
	ExampleSoon  = "ASPEN"  // opens in a month: 1302
	opensAfter   = 30 * 24 * time.Hour
	exampleOrder = "V100000000" // that brought the numbers
)

// exampleCenters are served everywhere, whatever the draw says.
var exampleCenters = []string{"CO/DENVER", "CO/AURORA", "CO/VAIL", "CO/ASPEN", "AK/ANCHORAGE"}

const whereCenter = "rateCenter and state of orderInventory"

var _ = []magic.Value{
	magic.Example(Product, whereCenter, "DENVER, CO", "16 of the customer's 20 numbers are in service: more can be ordered"),
	magic.Example(Product, whereCenter, "AURORA, CO", "4 of the customer's 10 numbers are in service: 1648"),
	magic.Example(Product, whereCenter, "VAIL, CO", "closed for orders: 1302"),
	magic.Example(Product, whereCenter, "ASPEN, CO", "opens thirty days after the world began: 1302 until then"),
	magic.Example(Product, whereCenter, "ANCHORAGE, AK", "a region without backorders: a short supply is 10012"),
}

// Seed fills a fresh world.
func (d *Desk) Seed(tx *db.Tx) error {
	for _, s := range []struct {
		center string
		npa    int
		active int
		all    int
	}{{Example, 303, 16, 20}, {ExampleIdle, 720, 4, 10}} {
		if err := d.seedPool(tx, s.center, nanp.CodeOf(s.npa, fictional).Block(0), s.active, s.all); err != nil {
			return err
		}
	}
	shut, soon := center(true, exampleState, ExampleShut), center(true, exampleState, ExampleSoon)
	shut.Open, soon.OpensAt = false, tx.Now().Add(opensAfter)
	for _, c := range []*Center{shut, soon} {
		d.Store.LockCenter(tx, c)
	}
	for _, r := range []Route{{d.Customer, RouteName, ExampleRoute}, {d.Customer, RouteName, "BACKUP-ROUTE"}, {d.Customer, RoutePlan, "PLAN-A"}, {d.Customer, RoutePlan, "PLAN-B"}} {
		d.Store.PutRoute(tx, r)
	}
	return tx.Flush()
}

// ExampleRoute is a customer service name of the example's customer.
const ExampleRoute = "MAIN-ROUTE"

// exampleService is what a fresh world's numbers in service have.
func exampleService(c *Center) Service {
	return Service{ID: exampleOrder + "-" + c.Name, Subscriber: Subscriber{Type: Business, Business: "Example Subscriber " + c.Name},
		Address: Address{Number: "100", Name: "MAIN", Suffix: "ST", City: c.Name, State: c.State, ZIP: exampleZIPs[c.Name]}, RouteName: ExampleRoute}
}

var exampleZIPs = map[string]string{Example: "80202", ExampleIdle: "80012"}

// seedPool gives the example's customer numbers from 555-0100 on; the rest of their
// block is kept back.
func (d *Desk) seedPool(tx *db.Tx, name string, block nanp.Block, active, all int) error {
	const first = 100
	c := center(true, exampleState, name)
	d.Store.LockCenter(tx, c)
	o := OpenBlock{Block: block}
	if !o.Taken.Set(0, PerBlock-1) {
		return errors.New("voice: a new block is taken")
	}
	at := func(from, n int, status, customer string) Entry {
		return Entry{Range: rangeOf(block, run{from, n}), Status: status, Customer: customer, State: c.State, Center: c.Name, At: tx.Now()}
	}
	mine := []Entry{at(first, active, Active, d.Customer), at(first+active, all-active, Reserved, d.Customer)}
	for i := range mine {
		mine[i].Product, mine[i].Order, mine[i].Part = LocalInbound, exampleOrder, exampleOrder+"-1"
	}
	d.Store.AddBlock(tx, *c, o, errOpen)
	s := exampleService(c)
	s.Customer = d.Customer
	mine[0].Service, mine[0].RouteName = s.ID, s.RouteName
	d.Store.AddService(tx, s)
	d.Store.AddActive(tx, mine[0], active)
	d.Store.AddEntries(tx, append(mine, at(0, first, Withheld, ""), at(first+all, PerBlock-first-all, Withheld, "")))
	d.Store.AddHolding(tx, Holding{Customer: d.Customer, Product: LocalInbound, State: c.State, Center: c.Name, Reserved: all - active, Active: active})
	return nil
}
