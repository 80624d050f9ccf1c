// Package preordertest is what tests of PreOrder stand on: a seeded sandbox world with
// its use cases and due work, a few addresses, backends that fail on command and count
// what they are asked, servers that speak the connectors' protocols, and the contracts
// that every backend must satisfy.
//
//	w := preordertest.New(t, d)
//	q := w.Qualify(preordertest.Home(2))                  // a house on MAPLE ST
//	c := w.Configure(w.Config(q, "HSI-100-POST"))          // approved, by its number
//	o := w.Complete(c)                                     // RECEIVED
//	w.Advance(time.Hour); w.CheckAll()
//
// world.go is the world, fakes.go the failing backends, system.go the servers,
// contract.go the contracts.
package preordertest

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
	"demarc/internal/preorder/preordersql"
	"demarc/internal/seal"
	"demarc/internal/worldtest"
)

// World is a sandbox in which a partner sells.
type World struct {
	*worldtest.World
	Desk    *preorder.Desk
	Fakes   *Fakes
	Sandbox bool
	Partner string
}

// New makes a world, seeded as every fresh one is, whose backends are the embedded
// ones. The book of addresses has Homes and the Units of a building.
func New(t testing.TB, d *db.DB) *World {
	t.Helper()
	if err := postalsql.Load(t.Context(), d, slices.Values(append(Homes(), Units()...))); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	fakes := NewFakes(preordercarrier.Embedded(postalsql.New(d)))
	b := fakes.Backends()
	w := &World{World: worldtest.New(t, d, 4), Fakes: fakes, Sandbox: true, Partner: preorder.ExamplePartner, Desk: &preorder.Desk{
		DB: d, Store: preordersql.New(d), Addresses: b.Addresses, LoopQual: b.LoopQual, Catalog: b.Catalog, Credit: b.Credit,
		Seal: ring, Counters: db.NewCounters(d)}}
	w.Checks = append(w.Checks, w.Desk.Check)
	w.Desk.Handle(w.Runner)
	w.Begin(w.Desk.Seed)
	return w
}

// homes is how many houses there are.
const homes = 24

// Home is a house: the n-th from 1 to 24.
func Home(n int) postal.Address {
	return postal.Address{Number: strconv.Itoa(100 + 2*n), Predir: "E", Street: "MAPLE GROVE", Suffix: "ST", City: "DENVER", State: "CO", ZIP: "80202"}
}

// Homes are all houses.
func Homes() (list []postal.Address) {
	for n := range homes {
		list = append(list, Home(n+1))
	}
	return list
}

// Unit is an apartment: the n-th from 1 to 3.
func Unit(n int) postal.Address {
	return postal.Address{Number: "900", Street: "LARCH", Suffix: "AVE", UnitType: "APT", Unit: strconv.Itoa(n), City: "DENVER", State: "CO", ZIP: "80202"}
}

// Units are all apartments.
func Units() []postal.Address { return []postal.Address{Unit(1), Unit(2), Unit(3)} }

// Loops that tests want to have.
var (
	Fiber  = preorder.Loop{Technology: preorder.TechFiber, MaxDown: 940, MaxUp: 940}
	VDSL   = preorder.Loop{Technology: preorder.TechVDSL, MaxDown: 100, MaxUp: 20}
	Copper = preorder.Loop{Technology: preorder.TechADSL, MaxDown: 20, MaxUp: 2}
)

// Party is who calls.
func (w *World) Party() preorder.Party {
	return preorder.Party{World: w.ID, App: w.App, Sandbox: w.Sandbox, Partner: w.Partner}
}

// Ask is a qualification as a well-behaved partner asks for it.
func Ask(a postal.Address) *preorder.QualifyRequest {
	return &preorder.QualifyRequest{SalesCode: preorder.ExampleSalesCode, AgentID: preorder.ExampleAgent, PartnerID: preorder.ExamplePartner,
		MarketSegment: preorder.Consumer, QualForVideo: []byte("false"), Address: Written(a)}
}

// Written is an address in a request.
func Written(a postal.Address) *preorder.AddressRequest {
	return &preorder.AddressRequest{StreetAddress: preorder.Text(a.Line()), City: preorder.Text(a.City), State: preorder.Text(a.State), ZIP: preorder.Text(a.ZIP)}
}

// Choose is a second qualification: one of the near matches of a first.
func Choose(q preorder.Qualified, id string) *preorder.QualifyRequest {
	r := Ask(postal.Address{})
	r.Address, r.TransactionID, r.DetailID = nil, preorder.Text(q.Transaction.ID), preorder.Text(id)
	return r
}

// TryQualify asks for a qualification.
func (w *World) TryQualify(r *preorder.QualifyRequest) (q preorder.Qualified, err error) {
	prepared, err := w.Desk.PrepareQualify(w.T.Context(), w.Party(), r)
	if err != nil {
		return q, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		q = w.Desk.SaveQualify(tx, prepared)
		return nil
	})
	return q, err
}

// Qualify qualifies an address that is known, for a consumer.
func (w *World) Qualify(a postal.Address) preorder.Qualified {
	w.T.Helper()
	return w.QualifyFor(preorder.Consumer, a)
}

// QualifyFor qualifies an address that is known.
func (w *World) QualifyFor(segment string, a postal.Address) preorder.Qualified {
	w.T.Helper()
	r := Ask(a)
	r.MarketSegment = preorder.Text(segment)
	q, err := w.TryQualify(r)
	w.Must("qualify "+a.String(), err)
	if q.Transaction.State != preorder.TxQualified {
		w.T.Fatalf("%s is %s", a, q.Transaction.State)
	}
	return q
}

// Config is a Config of a product as a well-behaved partner asks for it. The customer
// is approved, by the number; broadband is installed by a technician.
func (w *World) Config(q preorder.Qualified, product string) *preorder.ConfigureRequest {
	w.T.Helper()
	o, ok := preorder.OfferingByCode(product)
	if !ok {
		w.T.Fatalf("there is no product %s", product)
	}
	t := q.Transaction
	r := &preorder.ConfigureRequest{TransactionID: preorder.Text(t.ID), SalesCode: preorder.Text(t.SalesCode), PartnerID: preorder.Text(t.Partner),
		PartnerOrderID: preorder.Text("PO " + t.ID), ConfigType: "Config", DetailID: preorder.Text(t.Address.DetailID), ProductCode: preorder.Text(product),
		BillType: preorder.Text(o.BillType), Customer: Customer("123-45-0001")}
	if o.BillType == preorder.Prepaid {
		r.Customer.SSN = "999 99 9999"
	}
	if o.Speed > 0 {
		tech := preorder.Text(preorder.Tech)
		r.Install = &tech
	}
	return r
}

// Reconfig is a Reconfig of a product.
func (w *World) Reconfig(q preorder.Qualified, product string) *preorder.ConfigureRequest {
	w.T.Helper()
	r := w.Config(q, product)
	r.ConfigType, r.Customer = "Reconfig", nil
	return r
}

// Customer is one with a number.
func Customer(ssn string) *preorder.CustomerRequest {
	return &preorder.CustomerRequest{First: "Avery", Last: "Example", SSN: preorder.Text(ssn), DOB: "02/29/1980"}
}

// TryConfigure asks for a configuration.
func (w *World) TryConfigure(r *preorder.ConfigureRequest) (c preorder.Configured, err error) {
	prepared, err := w.Desk.PrepareConfigure(w.T.Context(), w.Party(), r)
	if err != nil {
		return c, err
	}
	return w.SaveConfigure(prepared)
}

// SaveConfigure writes a configuration that is prepared.
func (w *World) SaveConfigure(p *preorder.PreparedConfigure) (c preorder.Configured, err error) {
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		c, err = w.Desk.SaveConfigure(tx, p)
		return err
	})
	return c, err
}

// Configure configures what has to be possible.
func (w *World) Configure(r *preorder.ConfigureRequest) preorder.Configured {
	w.T.Helper()
	c, err := w.TryConfigure(r)
	w.Must("configure "+string(r.ProductCode), err)
	return c
}

// Completion is how a configured transaction is completed.
func Completion(t preorder.Transaction) *preorder.CompleteRequest {
	return &preorder.CompleteRequest{TransactionID: preorder.Text(t.ID), SalesCode: preorder.Text(t.SalesCode), PartnerID: preorder.Text(t.Partner),
		PartnerOrderID: preorder.Text(t.PartnerOrderID)}
}

// TryComplete asks to complete.
func (w *World) TryComplete(r *preorder.CompleteRequest) (o preorder.Order, err error) {
	number, err := w.Desk.PrepareComplete(w.T.Context(), w.Party())
	if err != nil {
		return o, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		o, err = w.Desk.Complete(tx, w.Party(), r, number)
		return err
	})
	return o, err
}

// Complete completes what has to be possible.
func (w *World) Complete(c preorder.Configured) preorder.Order {
	w.T.Helper()
	o, err := w.TryComplete(Completion(c.Transaction))
	w.Must("complete "+c.Transaction.ID, err)
	return o
}

// Ordered is an order of a product at an address, from the beginning.
func (w *World) Ordered(a postal.Address, product string) preorder.Order {
	w.T.Helper()
	return w.Complete(w.Configure(w.Config(w.Qualify(a), product)))
}

// TryCancel asks to cancel an order.
func (w *World) TryCancel(number string) (o preorder.Order, err error) {
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		o, err = w.Desk.Cancel(tx, w.Party(), number)
		return err
	})
	return o, err
}

// Order reads an order of the partner's, with the states of its history.
func (w *World) Order(number string) (o preorder.Order, states []string) {
	w.T.Helper()
	w.View(func(tx *db.Tx) error {
		found, trail, err := w.Desk.Order(tx, w.Party(), number)
		o = found
		for _, e := range trail {
			states = append(states, e.To)
		}
		return err
	})
	return o, states
}

// Sealed is what is kept of a customer's personal data; nil when it is gone.
func (w *World) Sealed(transaction string) (sealed []byte) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		sealed, err = w.Desk.Store.Customer(tx, transaction)
		return err
	})
	return sealed
}

// Refused holds an error against a fault and the rules that it names, all of them.
func Refused(t testing.TB, err error, code string, rules ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code.ID != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	var got []string
	for _, v := range f.Violations {
		got = append(got, v.Rule)
	}
	if fmt.Sprint(got) != fmt.Sprint(rules) {
		t.Fatalf("rules %v, want %v", got, rules)
	}
}
