// Package outbox tells applications what happened: notices are written in the
// unit of work of the change they tell of, and delivered after it.
//
// The writing side is Post (or Prepare and Targets.Post, which let the one read it
// needs travel with others). It writes a notice, which the application can pull
// (List, Follow), and, for each of its endpoints that asked for this type, a
// delivery and a timer.
//
// The delivering side is Service. Deliveries to one endpoint about one subject
// form a lane, and a lane has one timer: whichever node takes it up sends the
// oldest pending delivery of the lane, outside any unit of work, and records
// attempt, outcome and next timer in one. So what concerns one order arrives in
// order, at least once, and always under the same webhook-id.
//
// Where to look:
//
//	post.go      writing notices
//	form.go      the forms in which they are pushed, which products may add to
//	pull.go      reading them by cursor, and waiting for more
//	dialect.go   the two databases' order of commit, and locks
//	rules.go     what an endpoint must be like
//	schedule.go  what follows from an attempt: retries, giving up, disabling
//	machine.go   the states of a delivery and of an endpoint
//	endpoint.go  endpoints of an application; replay.go sends again
//	attempt.go   one attempt and its record
//	sign.go      signatures, and whether one is an endpoint's
//	deliver/     sending over HTTP, with authentication (package guard makes the calls)
//	outboxhttp/  the HTTP operations on all of this
//	check.go     what must always hold; sweep.go forgets what is old
package outbox
