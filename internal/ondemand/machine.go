package ondemand

import "demarc/internal/machine"

// States of an order.
const (
	OrderAcknowledged = "acknowledged"
	OrderInProgress   = "inProgress"
	OrderCompleted    = "completed"
	OrderFailed       = "failed"
)

// Statuses of a service, as the inventory shows them.
const (
	StatusInProgress        = "In progress"
	StatusActive            = "Active"
	StatusChangePending     = "Change pending"
	StatusDisconnectPending = "Disconnect pending"
	StatusDisconnected      = "Disconnected"
)

// Events of orders and services.
const (
	evDispatched = "dispatched"
	evRefused    = "refused"
	evRecorded   = "recorded"
	evCompleted  = "completed"
	evFailed     = "failed"

	evChange       = "order a change"
	evDisconnect   = "order the end"
	evActivated    = "activated"
	evNotActivated = "activation failed"
	evChanged      = "changed"
	evNotChanged   = "change failed"
	evEnded        = "disconnected"
	evNotEnded     = "disconnect failed"
)

// OrderMachine is an order's life.
var OrderMachine = &machine.Table{
	Name: "ondemand order", Title: "An Internet On-Demand order, from acknowledgement to its end",
	Initial: OrderAcknowledged, Final: []string{OrderCompleted, OrderFailed},
	Rows: []machine.Row{
		{From: OrderAcknowledged, Event: evDispatched, To: OrderInProgress, Why: "the network has taken the change"},
		{From: OrderAcknowledged, Event: evRefused, To: OrderFailed, Why: "the network refuses the change; everything is given back"},
		{From: OrderAcknowledged, Event: evRecorded, To: OrderCompleted, Why: "a new name needs no network"},
		{From: OrderInProgress, Event: evCompleted, To: OrderCompleted, Why: "the network has made the change"},
		{From: OrderInProgress, Event: evFailed, To: OrderFailed, Why: "the network could not make it; everything is given back"},
	},
}

// ServiceMachine is a service's life.
var ServiceMachine = &machine.Table{
	Name: "ondemand service", Title: "An Internet On-Demand service, from its order to its end",
	Initial: StatusInProgress, Final: []string{StatusDisconnected},
	Rows: []machine.Row{
		{From: StatusInProgress, Event: evActivated, To: StatusActive, Why: "the add order completed"},
		{From: StatusInProgress, Event: evNotActivated, To: StatusDisconnected, Why: "the add order failed"},
		{From: StatusActive, Event: evChange, To: StatusChangePending, Why: "a modify order was placed"},
		{From: StatusActive, Event: evDisconnect, To: StatusDisconnectPending, Why: "a delete order was placed"},
		{From: StatusChangePending, Event: evChanged, To: StatusActive, Why: "the modify order completed"},
		{From: StatusChangePending, Event: evNotChanged, To: StatusActive, Why: "the modify order failed: it runs as before"},
		{From: StatusDisconnectPending, Event: evEnded, To: StatusDisconnected, Why: "the delete order completed"},
		{From: StatusDisconnectPending, Event: evNotEnded, To: StatusActive, Why: "the delete order failed: it runs as before"},
	},
}

// Machines are the product's tables, for the docs and for the test that walks them.
func Machines() []*machine.Table { return []*machine.Table{OrderMachine, ServiceMachine} }

// serviceEvent is what an order's end does to its service.
func serviceEvent(action string, ok bool) string {
	switch {
	case action == ActionAdd && ok:
		return evActivated
	case action == ActionAdd:
		return evNotActivated
	case action == ActionDelete && ok:
		return evEnded
	case action == ActionDelete:
		return evNotEnded
	case ok:
		return evChanged
	default:
		return evNotChanged
	}
}
