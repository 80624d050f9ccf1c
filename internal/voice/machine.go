package voice

import "demarc/internal/machine"

// States of a reservation order (source, Order status).
const (
	OrderCreated   = "created"
	OrderInWork    = "in-progress"
	OrderCredit    = "pending credit check"
	OrderNoCredit  = "credit check rejected" // #nosec G101 -- no secret
	OrderRejected  = "rejected"
	OrderCancelled = "cancelled"
	OrderCompleted = "completed"
)

// Events of a reservation order.
const (
	evTaken     = "taken up"
	evHold      = "credit hold"
	evReleased  = "released"
	evRefused   = "credit refused"
	evRejected  = "rejected"
	evCancelled = "cancelled"
	evCompleted = "completed"
)

// ReserveMachine is a reservation order's life.
var ReserveMachine = &machine.Table{
	Name: "voice reservation", Title: "A reservation of telephone numbers, from its acceptance (901) to numbers in the customer's pool (10002)",
	Initial: OrderCreated, Final: []string{OrderNoCredit, OrderRejected, OrderCancelled, OrderCompleted},
	Rows: []machine.Row{
		{From: OrderCreated, Event: evTaken, To: OrderInWork, Why: "the customer's credit is good; its rate centers are looked at"},
		{From: OrderCreated, Event: evHold, To: OrderCredit, Why: "the credit system wants somebody to look at it: 1807"},
		{From: OrderCreated, Event: evRejected, To: OrderRejected, Why: "the customer is gone, or not this application's any more: 1429, 1403"},
		{From: OrderCredit, Event: evReleased, To: OrderInWork, Why: "the carrier desk released the hold"},
		{From: OrderCreated, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
		{From: OrderCredit, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
		{From: OrderCredit, Event: evRefused, To: OrderNoCredit, Why: "the carrier desk refused the credit"},
		{From: OrderInWork, Event: evCompleted, To: OrderCompleted, Why: "every rate center order has ended, and one brought numbers: 10002"},
		{From: OrderInWork, Event: evRejected, To: OrderRejected, Why: "no rate center order could be filled"},
		{From: OrderInWork, Event: evCancelled, To: OrderCancelled, Why: "the customer wanted none of what there was"},
	},
}

// Statuses of a rate center order.
const (
	PartCreated     = "created"
	PartApproval    = "awaiting approval"
	PartBackordered = "backordered"
	PartCompleted   = "completed"
	PartRejected    = "rejected"
	PartCancelled   = "cancelled"
)

// Events of a rate center order.
const (
	evFilled    = "filled"
	evNotFilled = "rejected"
	evShort     = "short supply"
	evAvailable = "accepted, available only"
	evBackorder = "accepted, with backorder"
	evDeclined  = "declined"
	evUnheard   = "no approval in time"
	evEnded     = "ended"
)

// PartMachine is a rate center order's life.
var PartMachine = &machine.Table{
	Name: "voice rate center order", Title: "What a reservation asks of one rate center; a backorder is one of its own",
	Initial: PartCreated, Final: []string{PartCompleted, PartRejected, PartCancelled},
	Rows: []machine.Row{
		{From: PartCreated, Event: evFilled, To: PartCompleted, Why: "its numbers are in the pool: 10002"},
		{From: PartCreated, Event: evNotFilled, To: PartRejected, Why: "1302, 1303, 1304, 1648, 4011, 10012 or 10015; or its order was rejected"},
		{From: PartCreated, Event: evShort, To: PartApproval, Why: "fewer numbers are free than asked for; those are set aside: 10001"},
		{From: PartCreated, Event: evDeclined, To: PartCancelled, Why: "its order, or it, was cancelled"},
		{From: PartCreated, Event: evBackorder, To: PartBackordered, Why: "it is what another rate center order left over"},
		{From: PartApproval, Event: evAvailable, To: PartCompleted, Why: "the customer takes what there is: 10002"},
		{From: PartApproval, Event: evBackorder, To: PartBackordered, Why: "there was nothing yet; the customer waits for all of it"},
		{From: PartApproval, Event: evDeclined, To: PartCancelled, Why: "the customer wants none: 10005"},
		{From: PartApproval, Event: evUnheard, To: PartRejected, Why: "four hours without approval: 10013"},
		{From: PartApproval, Event: evEnded, To: PartCancelled, Why: "its rate center is no more: 10009"},
		{From: PartBackordered, Event: evFilled, To: PartCompleted, Why: "numbers came free, the oldest backorder first: 10002"},
		{From: PartBackordered, Event: evDeclined, To: PartCancelled, Why: "the customer does not wait any longer: 10005"},
		{From: PartBackordered, Event: evEnded, To: PartCancelled, Why: "10004, 10006, 10008, 10009 or 10010"},
	},
}

// States of a request for a TN exception.
const (
	ExceptionOpen     = "requested"
	ExceptionApproved = "approved"
	ExceptionRejected = "rejected"
	ExceptionUsed     = "used"
)

// ExceptionMachine is the life of a request for more numbers than an order may have.
var ExceptionMachine = &machine.Table{
	Name: "voice TN exception", Title: "A request for more than 399 numbers of a rate center in one order",
	Initial: ExceptionOpen, Final: []string{ExceptionRejected, ExceptionUsed},
	Rows: []machine.Row{
		{From: ExceptionOpen, Event: "approve", To: ExceptionApproved, Why: "the carrier desk lets one order have so many"},
		{From: ExceptionOpen, Event: "reject", To: ExceptionRejected, Why: "the carrier desk does not"},
		{From: ExceptionApproved, Event: "use", To: ExceptionUsed, Why: "that order was placed"},
	},
}

// States of an order about numbers in service, beside those of a reservation.
const (
	PortFOC      = "FOC scheduled"
	PortRejected = "rejected by the losing carrier"
)

// Events of an order about numbers in service.
const (
	evInstalled    = "installed"
	evChanged      = "changed"
	evDisconnected = "disconnected"
	evAsked        = "losing carrier asked"
	evConcurred    = "concurred"
	evNotPorted    = "rejected by the losing carrier"
	evSupplement   = "supplemented"
	evPorted       = "ported"
)

// simple is the life of an order that happens at one moment.
func simple(name, title, event, why string) *machine.Table {
	return &machine.Table{Name: name, Title: title, Initial: OrderCreated, Final: []string{OrderCompleted, OrderRejected, OrderCancelled},
		Rows: []machine.Row{
			{From: OrderCreated, Event: event, To: OrderCompleted, Why: why},
			{From: OrderCreated, Event: evRejected, To: OrderRejected, Why: "what stood against it when it was worked"},
			{From: OrderCreated, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
		}}
}

// The lives of orders about numbers in service.
var (
	InstallMachine    = simple("voice install", "Numbers of the pool go into service", evInstalled, "at once, or on the day that was asked for: 902")
	ChangeMachine     = simple("voice change", "Numbers in service are changed", evChanged, "within minutes: 904 and 902")
	DisconnectMachine = simple("voice disconnect", "Numbers' service ends", evDisconnected, "on the day that was asked for: 906")
	PortMachine       = &machine.Table{Name: "voice port", Title: "Numbers come from another carrier",
		Initial: OrderCreated, Final: []string{OrderCompleted, OrderRejected, OrderCancelled},
		Rows: []machine.Row{
			{From: OrderCreated, Event: evAsked, To: OrderInWork, Why: "the losing carrier has been asked"},
			{From: OrderCreated, Event: evRejected, To: OrderRejected, Why: "what stood against it when it was worked: 20217, 1403, 1429"},
			{From: OrderCreated, Event: evSupplement, To: OrderCreated, Why: "the customer changed it"},
			{From: OrderCreated, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
			{From: OrderInWork, Event: evConcurred, To: PortFOC, Why: "the losing carrier commits to a day: 903"},
			{From: OrderInWork, Event: evNotPorted, To: PortRejected, Why: "the losing carrier says why not: 904"},
			{From: OrderInWork, Event: evSupplement, To: OrderCreated, Why: "the customer changed it; the losing carrier is asked again"},
			{From: OrderInWork, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
			{From: PortRejected, Event: evSupplement, To: OrderCreated, Why: "the customer mended it; the losing carrier is asked again"},
			{From: PortRejected, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it"},
			{From: PortFOC, Event: evPorted, To: OrderCompleted, Why: "the day has come, or the customer ports now: 902"},
			{From: PortFOC, Event: evSupplement, To: OrderCreated, Why: "before that day, the customer changed it; the losing carrier is asked again"},
			{From: PortFOC, Event: evCancelled, To: OrderCancelled, Why: "the customer cancelled it, up to one business day before"},
		}}
)

// machines are the tables of the types of orders.
var machines = map[string]*machine.Table{TypeReserve: ReserveMachine, TypeInstall: InstallMachine, TypePort: PortMachine,
	TypeChange: ChangeMachine, TypeDisconnect: DisconnectMachine}

// Machine is the order's table.
func (o Order) Machine() *machine.Table { return machines[o.Type] }

// PartSupplement is the kind of a part that changes a port under way.
const PartSupplement = "supplement"

// Machines are the product's tables, for the docs and for the test that walks them.
func Machines() []*machine.Table {
	return []*machine.Table{ReserveMachine, PartMachine, InstallMachine, PortMachine, ChangeMachine, DisconnectMachine, ExceptionMachine}
}
