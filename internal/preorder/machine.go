package preorder

import "demarc/internal/machine"

// States of an order, in the source's words.
const (
	OrderReceived  = "RECEIVED"
	OrderInProcess = "PROVIDER IN PROCESS"
	OrderCompleted = "COMPLETED"
	OrderCancelled = "CANCELLED"
)

// Events of an order.
const (
	evTaken     = "taken up"
	evCompleted = "completed"
	evCancel    = "cancel"
)

// OrderMachine is an order's life.
var OrderMachine = &machine.Table{
	Name: "preorder order", Title: "A PreOrder order, from its completion by the partner to the installed service",
	Initial: OrderReceived, Final: []string{OrderCompleted, OrderCancelled},
	Rows: []machine.Row{
		{From: OrderReceived, Event: evTaken, To: OrderInProcess, Why: "the provider has begun with it, the next hour"},
		{From: OrderReceived, Event: evCancel, To: OrderCancelled, Why: "the partner cancelled it; the address is free again"},
		{From: OrderInProcess, Event: evCompleted, To: OrderCompleted, Why: "the service is installed: two days later by oneself, five by a technician"},
		{From: OrderInProcess, Event: evCancel, To: OrderCancelled, Why: "the partner cancelled it; the address is free again"},
	},
}

// Machines are the product's tables, for the docs and for the test that walks them.
func Machines() []*machine.Table { return []*machine.Table{OrderMachine} }
