package outbox

import "demarc/internal/machine"

// States of a delivery.
const (
	Pending   = "pending"
	Delivered = "delivered"
	Failed    = "failed"
)

// States of an endpoint.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// Events of a delivery and of an endpoint.
const (
	evTake    = "take"
	evRetry   = "retry"
	evGiveUp  = "give_up"
	evReplay  = "replay"
	evEnable  = "enable"
	evDisable = "disable"
)

// DeliveryMachine is the life of a delivery. It has no final state: what has ended
// can be sent again.
var DeliveryMachine = machine.Table{
	Name:    "outbox.delivery",
	Title:   "A notice on its way to one endpoint",
	Initial: Pending,
	Rows: []machine.Row{
		{From: Pending, Event: evTake, To: Delivered, Why: "the endpoint answered 2xx"},
		{From: Pending, Event: evRetry, To: Pending, Why: "it did not, and will be asked again"},
		{From: Pending, Event: evGiveUp, To: Failed, Why: "the last attempt failed, or the endpoint was disabled or deleted"},
		{From: Pending, Event: evReplay, To: Pending, Why: "its owner wants it tried now, with all its attempts"},
		{From: Delivered, Event: evReplay, To: Pending, Why: "its owner wants it sent again"},
		{From: Failed, Event: evReplay, To: Pending, Why: "its owner wants it sent again"},
	},
}

// EndpointMachine is the life of an endpoint, until it is deleted.
var EndpointMachine = machine.Table{
	Name:    "outbox.endpoint",
	Title:   "Where an application wants its notices",
	Initial: Enabled,
	Rows: []machine.Row{
		{From: Enabled, Event: evDisable, To: Disabled, Why: "its owner, its answer 410, or five days of nothing but failures"},
		{From: Disabled, Event: evEnable, To: Enabled, Why: "its owner, and failures are counted anew"},
	},
}
