// Package bench measures the program against floors: the least that anything
// which does the same could cost, on the same machine in the same minute.
//
// A rate alone says as much about the machine as about the program. So each
// figure stands beside its floor: a bare net/http handler that writes the same
// bytes and decodes nothing, or the same handler after it has committed a single
// row as durably to the same database, or has read one by its key. Floor and figure take turns in several
// rounds, so that whatever else the machine does hits both; what is shown is the
// median of the rounds and how far apart they were, and a ratio is the median of
// the rounds' own ratios.
//
// The server under test is the real program in a process of its own, started as
// anybody starts it, and so is the floor. The load comes from this process: see
// load.go for how little it does per request. All of them share the machine's
// processors, which the rates include.
//
// Map: bench.go is the run, figures.go what is measured and its targets, load.go
// and wire.go the load, histogram.go its latencies, partner.go the client that
// knows the API, floor.go and floorread.go the floor's server, care.go care's
// figures over many accounts, qualify.go those of addresses and misspell.go mistakes in
// them, usage.go what providers tell, reserve.go reservations of numbers, lines.go orders about
// numbers in service and their inventory, node.go who does that in this process, process.go the processes, syncs.go the counting
// of syncs, body.go memory, start-up and size, machine.go what else the machine is
// doing, report.go the table and the JSON.
package bench
