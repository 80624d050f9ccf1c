// Package marketplace sells software of other companies: a provider is onboarded
// with its products, a buyer subscribes and the provider's server opens the account,
// and from then on the provider tells what is used and when it ends.
//
// The rooms:
//
//	marketplace.go  types
//	form.go         the twelve fields that a product's form is made of
//	card.go         card numbers, which are refused wherever a buyer writes
//	rules.go        pure decisions about providers, products and subscriptions
//	update.go       what a provider tells us, and the rules for it
//	machine.go      a provider's, a product's and a subscription's life, as tables
//	faults.go       the coded errors
//	ports.go        what it needs from storage and from a provider's server
//	provider.go     onboarding: providers, keys, products
//	subscribe.go    buying, reading and ending
//	calls.go        what a provider's manager sees of its calls and buyers
//	queue.go        what waits for providers, and is in jeopardy, as the carrier's staff sees it
//	read.go         what people look at: the shop, a provider's log, usage by the day
//	provision.go    what a provider is sent and what its answer means; timers.go: when
//	notices.go      what buyers are told
//	seed.go         what every fresh world holds
//	check.go        the invariants
//	marketplacehttp/ the wire; marketplacesql/ the rows; marketplacecarrier/ the
//	providers' servers; marketplacetest/ worlds and a provider that misbehaves
//
// The rules, by id (the code comments give the source clause):
//
//	MKT-PRV-01..06  a provider and its keys
//	MKT-PRD-01..08  a product and its form
//	MKT-SUB-01..07  a subscription
//	MKT-OUT-01..06  what a provider's answer to a provisioning does
//	MKT-UPD-01..08  an update from a provider
//	MKT-LST-01..03  what lists are asked for
package marketplace
