// Package preorder is PX PreOrder: a partner qualifies a customer's address, learns
// what can be sold there, configures a product with the customer's credit, and turns
// the configuration into an order.
//
// The rooms:
//
//	preorder.go   types
//	request.go    what a partner sends
//	codes.go      the coded messages, with their texts; faults.go: how they become errors
//	rules.go      pure decisions about a qualification; configrules.go about a configuration
//	catalog.go    products, promotions, modems, add-ons; which fit where
//	day.go        the Central-Time day that a transaction lives for
//	machine.go    an order's life, as a table
//	ports.go      what it needs from storage and from the carrier's backends
//	qualify.go configure.go complete.go    the use cases
//	queue.go      what is under way, and in jeopardy, as the carrier's staff sees it
//	read.go       what people look at: what was qualified and configured, with its history
//	timers.go     the end of a transaction's day; an order's progress
//	notices.go    what partners are told
//	seed.go       what every fresh world holds
//	check.go      the invariants
//	preorderhttp/ the wire; preordersql/ the rows; preordercarrier/ the backends
//	preordertest/ worlds, and backends that fail
//
// The rules are named for the code that they answer: PX-QUAL-2000 is code 2000 of a
// qualification, PX-CFG-2000 that of a configuration, PX-CMP-… of a completion (ours).
package preorder
