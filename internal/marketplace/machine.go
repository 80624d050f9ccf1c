package marketplace

import "demarc/internal/machine"

// States of a provider.
const (
	ProviderPending   = "pending"
	ProviderActive    = "active"
	ProviderSuspended = "suspended"
)

// States of a product.
const (
	OfferListed    = "listed"
	OfferWithdrawn = "withdrawn"
)

// States of a subscription.
const (
	SubProvisioning = "provisioning"
	SubActive       = "active"
	SubEnding       = "ending"
	SubExpired      = "expired"
	SubFailed       = "failed"
)

// Events.
const (
	EventApprove = "approve"
	EventSuspend = "suspend"
	EventResume  = "resume"

	EventWithdraw = "withdraw"
	EventList     = "list"

	evOpened  = "opened"
	evRefused = "refused"
	evGivenUp = "given up"
	evUpdated = "updated"
	evEnd     = "end"
	evExpired = "expired"
	evLapsed  = "lapsed"
)

// ProviderMachine is a provider's life.
var ProviderMachine = &machine.Table{
	Name: "marketplace provider", Title: "A provider, from onboarding on",
	Initial: ProviderPending, Final: nil,
	Rows: []machine.Row{
		{From: ProviderPending, Event: EventApprove, To: ProviderActive, Why: "the carrier has accepted it; a sandbox's accepts itself"},
		{From: ProviderActive, Event: EventSuspend, To: ProviderSuspended, Why: "the carrier stops new sales; running subscriptions go on"},
		{From: ProviderSuspended, Event: EventResume, To: ProviderActive, Why: "the carrier lets it sell again"},
	},
}

// OfferMachine is a product's life.
var OfferMachine = &machine.Table{
	Name: "marketplace product", Title: "A product in the catalogue",
	Initial: OfferListed, Final: nil,
	Rows: []machine.Row{
		{From: OfferListed, Event: EventWithdraw, To: OfferWithdrawn, Why: "it is sold no more; running subscriptions go on"},
		{From: OfferWithdrawn, Event: EventList, To: OfferListed, Why: "it is sold again"},
	},
}

// SubscriptionMachine is a subscription's life.
var SubscriptionMachine = &machine.Table{
	Name: "marketplace subscription", Title: "A subscription, from the buyer's form to its end",
	Initial: SubProvisioning, Final: []string{SubExpired, SubFailed},
	Rows: []machine.Row{
		{From: SubProvisioning, Event: evOpened, To: SubActive, Why: "the provider answered 201 with its customer id"},
		{From: SubProvisioning, Event: evRefused, To: SubFailed, Why: "the provider answered 40x, or what cannot be an account"},
		{From: SubProvisioning, Event: evGivenUp, To: SubFailed, Why: "the provider failed for a whole day"},
		{From: SubActive, Event: evUpdated, To: SubActive, Why: "the provider told of usage"},
		{From: SubActive, Event: evEnd, To: SubEnding, Why: "the buyer ended it; the provider has 30 days for its last update"},
		{From: SubActive, Event: evExpired, To: SubExpired, Why: "the provider told that services ended"},
		{From: SubEnding, Event: evUpdated, To: SubEnding, Why: "the provider told of the last usage"},
		{From: SubEnding, Event: evExpired, To: SubExpired, Why: "the provider told that services ended"},
		{From: SubEnding, Event: evLapsed, To: SubExpired, Why: "30 days have passed since the buyer ended it"},
	},
}

// Machines are the product's tables, for the docs and for the test that walks them.
func Machines() []*machine.Table {
	return []*machine.Table{ProviderMachine, OfferMachine, SubscriptionMachine}
}
