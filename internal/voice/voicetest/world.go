// Package voicetest is what tests of Voice stand on: a seeded sandbox world with its use
// cases and due work, backends that fail on command and count what they are asked, and
// servers that speak the connectors' protocols.
//
//	w := voicetest.New(t, d)
//	o := w.Reserve(voicetest.Line("DENVER", 25))      // accepted: 901
//	w.Advance(3 * time.Second)                         // looked at: 10002
//	w.Codes(o.ID)                                      // [901 10002 10002]
//	w.CheckAll()
//
// world.go is the world, lines.go its orders of numbers in service; fakes.go the failing
// backends, system.go and systemlines.go the servers; contract.go and contractlines.go
// what every set of backends must do.
package voicetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/lenient"
	"demarc/internal/seal"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/voice/voicesql"
	"demarc/internal/worldtest"
)

// Customers of a world.
const (
	Customer = "1-ABCDE" // whose pool a fresh world fills
	Other    = "1-WXYZ9"
)

// World is a sandbox in which customers order numbers.
type World struct {
	*worldtest.World
	Desk     *voice.Desk
	Identity *identity.Service
	Fakes    *Fakes
	Sandbox  bool
}

// New makes a world, seeded as every fresh one is, whose backends are the embedded ones
// unless they are told to fail. Its application acts for every customer.
func New(t testing.TB, d *db.DB) *World {
	t.Helper()
	store := voicesql.Store{}
	ring, err := seal.Parse(seal.Generate())
	if err != nil {
		t.Fatal(err)
	}
	fakes := NewFakes(voicecarrier.Embedded(voicesql.NewSource(d)))
	b := fakes.Backends()
	w := &World{World: worldtest.New(t, d, 4), Identity: identity.New(d, identity.Options{Products: []string{voice.Product}}), Fakes: fakes, Sandbox: true, Desk: &voice.Desk{DB: d, Store: store,
		Administration: b.Administration, Credit: b.Credit, Losing: b.Losing, Providers: b.Providers, Seal: ring, Counters: db.NewCounters(d), Customer: Customer}}
	w.Checks = append(w.Checks, w.Desk.Check)
	w.Desk.Handle(w.Runner)
	w.Begin(func(tx *db.Tx) error {
		for _, number := range []string{Customer, Other} {
			identity.PutCustomer(tx, identity.Customer{Number: number, Name: "Customer " + number})
		}
		w.Desk.Store.PutRoute(tx, voice.Route{Customer: Other, Kind: voice.RouteName, Name: Route})
		return w.Desk.Seed(tx)
	})
	w.App = identitytest.App(t, w.Identity, w.ID, voice.Product).ID
	return w
}

// AddCustomer makes another customer.
func (w *World) AddCustomer(number string) string {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		identity.PutCustomer(tx, identity.Customer{Number: number, Name: "Customer " + number})
		return nil
	})
	return number
}

// Suspend suspends a customer.
func (w *World) Suspend(number string) {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		identity.PutCustomer(tx, identity.Customer{Number: number, Name: "Customer " + number, State: "suspended"})
		return nil
	})
}

// Party is who calls for a customer.
func (w *World) Party(customer string) voice.Party {
	return voice.Party{World: w.ID, App: w.App, Sandbox: w.Sandbox, Customer: customer, Name: "Customer " + customer}
}

// Line asks for numbers of a rate center: of Colorado, unless its name says otherwise
// ("AK/ANCHORAGE").
func Line(center string, quantity int) voice.LineRequest {
	state, name, ok := strings.Cut(center, "/")
	if !ok {
		state, name = "CO", center
	}
	return voice.LineRequest{RateCenter: lenient.Text(name), State: lenient.Text(state), Quantity: lenient.Text(fmt.Sprint(quantity))}
}

// InSequence is a line whose numbers follow each other: "Y", or so many at a time.
func InSequence(l voice.LineRequest, indicator string) voice.LineRequest {
	raw := json.RawMessage(fmt.Sprintf("%q", indicator))
	l.Sequential = &raw
	return l
}

// Without is a line whose numbers do not have a digit in a place.
func Without(l voice.LineRequest, index, value int) voice.LineRequest {
	l.PBXIndex, l.PBXValue = lenient.Text(fmt.Sprint(index)), lenient.Text(fmt.Sprint(value))
	return l
}

// Ask is a reservation of Local Inbound.
func Ask(lines ...voice.LineRequest) *voice.ReserveRequest {
	return &voice.ReserveRequest{ProductID: voice.LocalInbound, RateCenterOrders: lines}
}

// TryReserve asks for a reservation for a customer.
func (w *World) TryReserve(customer string, r *voice.ReserveRequest) (o voice.Order, err error) {
	p, err := w.Desk.PrepareReserve(w.T.Context(), w.Party(customer), r)
	if err != nil {
		return o, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		o, _, err = w.Desk.Reserve(tx, p)
		return err
	})
	return o, err
}

// Reserve asks for what has to be accepted, for the other customer, who has nothing yet.
func (w *World) Reserve(lines ...voice.LineRequest) voice.Order {
	w.T.Helper()
	return w.ReserveFor(Other, Ask(lines...))
}

// ReserveFor is Reserve for a customer.
func (w *World) ReserveFor(customer string, r *voice.ReserveRequest) voice.Order {
	w.T.Helper()
	o, err := w.TryReserve(customer, r)
	w.Must("reserve", err)
	return o
}

// Worked is an order that has been looked at.
func (w *World) Worked(o voice.Order) voice.Order {
	w.T.Helper()
	w.Advance(3 * time.Second)
	fresh, _ := w.Order(o.ID)
	return fresh
}

// Order reads an order and its parts.
func (w *World) Order(id string) (o voice.Order, parts []voice.Part) {
	w.T.Helper()
	w.View(func(tx *db.Tx) error {
		found, err := w.Desk.Store.Order(tx, id)
		if err != nil || found == nil {
			return fmt.Errorf("no order %s: %w", id, err)
		}
		o = *found
		parts, err = w.Desk.Store.Parts(tx, id)
		return err
	})
	return o, parts
}

// Codes are what an order's customer was told, oldest first.
func (w *World) Codes(id string) (codes []int) {
	w.T.Helper()
	for _, t := range w.Notifications(id) {
		codes = append(codes, t.Code)
	}
	return codes
}

// Notifications are those of an order, oldest first.
func (w *World) Notifications(id string) (list []voice.Told) {
	w.T.Helper()
	w.View(func(tx *db.Tx) error {
		o, err := w.Desk.Store.Order(tx, id)
		if err != nil || o == nil {
			return fmt.Errorf("no order %s: %w", id, err)
		}
		newest, _, err := w.Desk.Store.ToldOf(tx, voice.ToldFilter{Customer: o.Customer, Order: id}, voice.Paging{Limit: 1000})
		for i := range newest {
			list = append(list, newest[len(newest)-1-i])
		}
		return err
	})
	return list
}

// TryApprove answers a short supply.
func (w *World) TryApprove(o voice.Order, center, action string) error {
	l := Line(center, 1)
	return w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		_, err := w.Desk.Approve(tx, w.Party(o.Customer), voice.ChannelAPI, &voice.ApproveRequest{VoiceOrderID: lenient.Text(o.ID),
			RateCenter: l.RateCenter, State: l.State, Action: lenient.Text(action)}, 0)
		return err
	})
}

// Approve answers what has to be on offer.
func (w *World) Approve(o voice.Order, center, action string) {
	w.T.Helper()
	w.Must(action, w.TryApprove(o, center, action))
}

// Supply leaves a rate center so many free numbers.
func (w *World) Supply(center string, available int) {
	w.T.Helper()
	l := Line(center, 1)
	w.Within(func(tx *db.Tx) error {
		_, _, err := w.Desk.Withhold(tx, "desk", string(l.State), string(l.RateCenter), available)
		return err
	})
}

// Pool is a customer's reserved numbers.
func (w *World) Pool(customer string) (list []voice.Entry, numbers int) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		list, _, err = w.Desk.PoolOf(tx, w.Party(customer), voice.PoolFilter{}, voice.Paging{Limit: 100_000})
		return err
	})
	for _, e := range list {
		numbers += e.Len()
	}
	return list, numbers
}

// Refused holds an error against the codes that it names, all of them.
func Refused(t testing.TB, err error, codes ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("got %v, want %v", err, codes)
	}
	var got []string
	for _, v := range f.Violations {
		got = append(got, voice.CodeOfRule(v.Rule))
	}
	if fmt.Sprint(got) != fmt.Sprint(codes) {
		t.Fatalf("codes %v, want %v", got, codes)
	}
}
