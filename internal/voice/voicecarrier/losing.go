package voicecarrier

import (
	"context"
	"strings"
	"time"

	"demarc/internal/magic"
	"demarc/internal/voice"
)

// EmbeddedLosing are the carriers that numbers come from, made up. Bonded ones answer
// within minutes, the others within days; which is which, and what is in their books, is
// the same every time.
//
// In production nobody makes up what another carrier says: the carrier desk answers, or a
// gateway.
type EmbeddedLosing struct{}

var _ voice.LosingCarrier = EmbeddedLosing{}

// How long they take.
const (
	bondedTakes    = 10 * time.Minute
	nonBondedTakes = 2 // business days
)

// Bonded reports whether a carrier answers within minutes.
func Bonded(carrier string) bool {
	n := 0
	for _, r := range carrier {
		n += int(r)
	}
	return n%3 != 0
}

// Ask answers when its time has come.
func (EmbeddedLosing) Ask(ctx context.Context, q voice.Query, p voice.Port) (voice.Reply, error) {
	if err := ctx.Err(); err != nil {
		return voice.Reply{}, err
	}
	if !q.Sandbox || magic.Has(q.Hint, voice.WordPortSilent) {
		return voice.Reply{State: voice.PortPending, CheckAfter: 24 * time.Hour}, nil
	}
	at := p.Asked.Add(bondedTakes)
	if !Bonded(p.Carrier) {
		at = voice.AddBusinessDays(p.Asked, nonBondedTakes)
	}
	if q.Now.Before(at) {
		return voice.Reply{State: voice.PortPending, CheckAfter: at.Sub(q.Now)}, nil
	}
	if why := against(q, p); why != "" {
		return voice.Reply{State: voice.PortRefusing, Reason: why}, nil
	}
	foc := p.Wanted
	if foc.Before(q.Now) {
		foc = voice.AddBusinessDays(q.Now, 1)
	}
	for !voice.BusinessDay(foc) {
		foc = foc.AddDate(0, 0, 1)
	}
	return voice.Reply{State: voice.PortConcur, FOC: foc}, nil
}

// against is why a carrier does not let numbers go, "" when it does.
func against(q voice.Query, p voice.Port) string {
	switch {
	case strings.HasSuffix(p.LNP.Account, "0001"):
		return "account number mismatch"
	case p.LNP.PIN == "0000":
		return "PIN mismatch"
	case p.Round == 1 && magic.Has(q.Hint, voice.WordPortName):
		return "subscriber name mismatch"
	case p.Round == 1 && magic.Has(q.Hint, voice.WordPortAddress):
		return "service address mismatch"
	}
	return ""
}

// EmbeddedProviders take what they are told.
type EmbeddedProviders struct{}

var _ voice.Providers = EmbeddedProviders{}

// List refuses a person's listing in which there is no name to list.
func (EmbeddedProviders) List(ctx context.Context, _ voice.Query, _ string, _ []voice.Range, s voice.Service) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	letters := func(t string) bool {
		return strings.ContainsFunc(t, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
	}
	if s.Subscriber.Type == voice.Residential && (!letters(s.Listing.First) || !letters(s.Listing.Last)) {
		return &voice.Refusal{Reason: "no name to list"}
	}
	return nil
}

// Locate takes every address.
func (EmbeddedProviders) Locate(ctx context.Context, _ voice.Query, _ string, _ []voice.Range, _ voice.Service) error {
	return ctx.Err()
}

// Name takes every name.
func (EmbeddedProviders) Name(ctx context.Context, _ voice.Query, _ string, _ []voice.Range, _ voice.Service) error {
	return ctx.Err()
}
