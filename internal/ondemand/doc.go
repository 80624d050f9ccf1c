// Package ondemand is Internet On-Demand: a partner quotes a speed at a site,
// promotes the quote to an order, watches the service come up, changes its
// bandwidth or its name, and ends it.
//
// The rooms:
//
//	ondemand.go   types
//	request.go    what a caller sends, as it is sent
//	rules.go      pure decisions, each with its id
//	machine.go    an order's and a service's life, as tables
//	faults.go     the coded errors
//	ports.go      what it needs from storage and from the network
//	service.go    reading and quoting; place.go: ordering
//	queue.go      what is under way, and in jeopardy, as the carrier's staff sees it
//	read.go       what people look at: a service, an order, each with its history
//	timers.go     what an order does as time passes
//	notices.go    what its partners are told
//	billing.go    the month's charge
//	seed.go       what every fresh world holds
//	check.go      the invariants
//	catalog.go    sites and tariff; speed.go, ipam.go, vlan.go, metering.go, ids.go: pure parts
//	ondemandhttp/ the wire; ondemandsql/ the rows; ondemandcarrier/ the networks
//	ondemandtest/ worlds, a controller that fails, and the networks' contract
//
// The rules, by id (the code comments give the source clause):
//
//	OND-QTE-01..09  a price request
//	OND-ORD-01..24  an order
//	OND-BIL-01      an hour begun is an hour billed, at its highest price
//	OND-NET-01..03  what the network's answers do
package ondemand
