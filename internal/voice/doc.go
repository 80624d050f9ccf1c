// Package voice is the Voice API: telephone numbers for Local Inbound (2036) and
// Enhanced Local Service (2042). A customer looks up rate centers and coverage, orders
// numbers into its pool, is asked when there are fewer than it wants, waits for more,
// puts them in service, changes them and ends that, brings numbers along from other
// carriers, and is told of everything that happens.
//
// Numbers come in thousands-blocks, and a block is one row with a bit for each number.
// Beside the blocks stands the ledger: a row for each range of numbers that somebody
// has, and how. What customers see is the ledger; what is free, the blocks say.
//
// The rooms:
//
//	voice.go        types
//	codes.go        the source's coded errors; noticecodes.go its notifications
//	request.go      what customers send; rules.go pure decisions about it
//	block.go        a thousands-block as bits; supply.go which numbers a wish gets
//	reference.go    the stock of a sandbox, made up over the real numbering plan
//	machine.go      the lives of orders, of their parts and of exceptions
//	ports.go        what it needs from storage and from the carrier's backends
//	desk.go         the use cases' common ground; stock.go numbers taken and freed
//	reserve.go      a reservation is accepted; timers.go and looked at
//	approve.go      a short supply and its endings; backorder.go and what waits
//	exception.go    requests for more than an order may have
//	line.go         numbers in service; linerequest.go what customers send about them,
//	                linerules.go decisions, servicecodes.go the coded errors
//	lineorder.go    installs and ports are accepted; lineprepare.go changes and ends
//	linework.go     and worked when their moment has come
//	port.go         losing carriers, supplements and the day of a port
//	cancel.go       orders that nobody wants any more; calendar.go business days
//	ledger.go       ranges are carved; details.go what is in service, page by page
//	report.go       what customers can look up; orderlist.go what people can
//	carrierdesk.go  what the carrier's staff does; queue.go what waits for it, and for
//	                how long; stocklist.go the stock that it looks through
//	notices.go      what customers are told, and in which form
//	seed.go         what every fresh world holds
//	check.go        the invariants
//	voicehttp/ the wire; voicesql/ the rows; voicecarrier/ the backends
//	voicetest/ worlds, and backends that fail
//
// The rules are named for the code that they answer: VOICE-ERR-20000 is an error's,
// VOICE-NTC-1302 a notification's. Those of the carrier desk and of exceptions are ours:
// VOICE-DSK-…, VOICE-EXC-….
//
// A unit of work locks rate centers first, in the order of their keys, and orders after
// them.
package voice
