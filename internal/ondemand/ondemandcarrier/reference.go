// Package ondemandcarrier makes changes to a network: Reference is the embedded
// one, HTTP the connector to a real one. Both satisfy ondemand.Network and its
// contract suite in ondemandtest.
package ondemandcarrier

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/magic"
	"demarc/internal/ondemand"
)

// Reference is the embedded network. It keeps no state: how long a change takes is
// a function of the order's id, which comes from the world's seed, and when it is
// ready is written into the reference that it hands out. So it runs on any number
// of nodes, survives any of them, and does the same thing again in a world that is
// started again.
type Reference struct{}

var _ ondemand.Network = Reference{}

// How long changes take, on the world's clock: a base, and up to as much again by
// the order's id.
const (
	addTakes    = 2 * time.Minute
	changeTakes = 45 * time.Second
	slowTakes   = 4 * time.Hour
)

const (
	refPrefix = "ref-"
	refFails  = "f"
)

var errRef = errors.New("ondemandcarrier: not a reference of the embedded network")

// Start takes the change.
func (Reference) Start(_ context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	if magic.Has(c.Hint, ondemand.WordRefused) {
		return ondemand.Ticket{}, &ondemand.Refusal{Reason: "the port is reserved for maintenance"}
	}
	takes := takesOf(c)
	ref := refPrefix + strconv.FormatInt(clock.Micros(c.Now.Add(takes)), 36)
	if magic.Has(c.Hint, ondemand.WordFails) {
		ref += refFails + "-"
	}
	return ondemand.Ticket{Ref: ref, CheckAfter: takes}, nil
}

func takesOf(c ondemand.Change) time.Duration {
	base := changeTakes
	switch {
	case magic.Has(c.Hint, ondemand.WordSlow):
		return slowTakes
	case c.Action == ondemand.ActionAdd:
		base = addTakes
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.Order))
	return base + time.Duration(h.Sum64()%uint64(base/time.Second))*time.Second
}

// Status says whether the moment in the reference has come.
func (Reference) Status(_ context.Context, c ondemand.Change, ref string) (ondemand.Progress, error) {
	text, ok := strings.CutPrefix(ref, refPrefix)
	if !ok {
		return ondemand.Progress{}, errRef
	}
	text, fails := strings.CutSuffix(text, refFails+"-")
	us, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return ondemand.Progress{}, errRef
	}
	switch wait := clock.FromMicros(us).Sub(c.Now); {
	case wait > 0:
		return ondemand.Progress{CheckAfter: wait}, nil
	case fails:
		return ondemand.Progress{Failed: "the remote end does not answer"}, nil
	}
	return ondemand.Progress{Done: true}, nil
}
