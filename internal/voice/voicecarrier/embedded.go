// Package voicecarrier asks the backends of Voice: the number administration, which
// knows whose a telephone number is and whether numbers can be given out; the credit
// system; the carriers that numbers are ported from; and the providers of directory
// listings, E911 and CNAM. The types named Embedded… come with the program; those named
// HTTP… are connectors to real ones. Each satisfies its port in package voice and the
// contract suite of that port in voicetest.
//
// Map: embedded.go and losing.go what comes with the program; http.go, lnp.go and
// providers.go the connectors and their protocols, line.go the way to each (deadlines,
// second tries and the breaker are package backend's); backends.go puts them together,
// with sandboxes kept away from real systems; trouble.go lets sandboxes' owners make
// them fail.
package voicecarrier

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"demarc/internal/magic"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Source is what the embedded backends read of a world.
type Source interface {
	// Ours are those of some numbers that are in a thousands-block of the carrier's stock,
	// and the rate centers that the stock has them in.
	Ours(ctx context.Context, world string, list []nanp.TN) (map[nanp.TN]voice.BlockAt, error)
	// Profile is what the carrier knows of a customer; of one of whom nobody has said
	// anything, that its credit is good.
	Profile(ctx context.Context, world, customer string) (voice.Profile, error)
}

// OwnCarrier is who has the numbers of the carrier itself.
const OwnCarrier = "demarc"

// carriers are who has the others. There are no such companies: who has which code in
// earnest is no open data.
var carriers = [...]string{
	"Example Telephone", "Sample Wireless", "Specimen Cable", "Fictional Fiber", "Placeholder Communications", "Imaginary Exchange",
}

// unportable is how many codes in a hundred belong to a carrier that lets no number of
// them go.
const unportable = 3

// EmbeddedAdministration is the number administration that comes with the program: the
// numbering plan, and over it the carrier's own stock. Who has a code of another
// carrier, and whether its numbers can be ported, follows from the code alone, by a
// hash, so that it is the same on every node and in every version.
type EmbeddedAdministration struct{ Source Source }

var _ voice.Administration = EmbeddedAdministration{}

// Lookup answers what is known of numbers. A number in the stock is where the stock has
// it: a rate center can have been consolidated into another, and the plan does not have
// them all.
func (e EmbeddedAdministration) Lookup(ctx context.Context, q voice.Query, list []nanp.TN) ([]voice.Number, error) {
	if err := ctx.Err(); err != nil || len(list) == 0 {
		return nil, err
	}
	stock, err := e.Source.Ours(ctx, q.World, list)
	if err != nil {
		return nil, err
	}
	found := make([]voice.Number, len(list))
	for i, tn := range list {
		found[i] = voice.Number{TN: tn}
		if at, ours := stock[tn]; ours {
			found[i] = voice.Number{TN: tn, Known: true, State: at.State, Center: at.Center, Carrier: OwnCarrier, Portable: true}
			if plan := nanp.Find(at.State, at.Center); plan != nil {
				found[i].LATA = plan.LATA
			}
		} else if plan := nanp.ByCode(tn.Code()); plan != nil {
			found[i] = planned(tn, plan, q.Sandbox)
		}
	}
	return found, nil
}

// planned is a number of a code in use that is in no block of the stock. In a sandbox
// it may be in one that the carrier has not opened yet.
func planned(tn nanp.TN, plan *nanp.RateCenter, sandbox bool) voice.Number {
	n := voice.Number{TN: tn, Known: true, State: plan.State, Center: plan.Name, LATA: plan.LATA}
	if sandbox && voice.OwnsReference(tn) {
		n.Carrier, n.Portable = OwnCarrier, true
		return n
	}
	sum := sha256.Sum256([]byte("carrier of " + tn.Code().String()))
	n.Carrier = carriers[binary.BigEndian.Uint32(sum[:])%uint32(len(carriers))]
	n.Portable = binary.BigEndian.Uint32(sum[4:])%100 >= unportable
	return n
}

// Ready is that of an inventory that always works.
func (EmbeddedAdministration) Ready(ctx context.Context, _ voice.Query, _, _ string) error {
	return ctx.Err()
}

// EmbeddedCredit is the credit system that comes with the program: what the carrier's
// staff has said of a customer, and in a sandbox the caller's own word.
type EmbeddedCredit struct{ Source Source }

var _ voice.CreditDesk = EmbeddedCredit{}

// Check holds the orders of customers who are on hold.
func (e EmbeddedCredit) Check(ctx context.Context, q voice.Query, _ string) (hold bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if q.Sandbox && magic.Has(q.Hint, voice.WordCreditHold) {
		return true, nil
	}
	p, err := e.Source.Profile(ctx, q.World, q.Customer)
	return err == nil && p.Credit == voice.CreditHold, err
}
