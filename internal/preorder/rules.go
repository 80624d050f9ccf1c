package preorder

import (
	"bytes"
	"regexp"
	"slices"

	"demarc/internal/postal"
)

// Forms of what partners send.
var (
	agentID = regexp.MustCompile(`^[A-Za-z0-9]{3,20}$`)
	txID    = regexp.MustCompile(`^PX-[0-9A-Z]{8,20}$`)
	orderID = regexp.MustCompile(`^[A-Za-z0-9 _.-]+$`)
)

// qualifyFacts are what a qualification is decided by beside the request.
type qualifyFacts struct {
	partner *Partner     // the caller's
	tx      *Transaction // that a second qualification names; nil when it is not this partner's
	today   bool         // tx was made on this Central-Time day
}

// second reports whether a request chooses among the near matches of a first.
func (r *QualifyRequest) second() bool {
	return r.TransactionID.Trim() != "" || r.DetailID.Trim() != ""
}

// checkQualify decides about a qualification's request (source, rows Qual).
//
//   - PX-QUAL-2000: a sales code of the partner's.
//   - PX-QUAL-2010: an agent's id.
//   - PX-QUAL-2020: one of the two segments.
//   - PX-QUAL-2030: the application's partner.
//   - PX-QUAL-2040: video is not qualified for.
//   - PX-QUAL-1000, 1010, 1020, 1030: street, city, state, ZIP.
//   - PX-QUAL-2070, 2080, 2220: a second qualification names a transaction of the
//     partner's that waits for it, one of its near matches, on the same day.
func (d *Desk) checkQualify(r *QualifyRequest, f qualifyFacts, tx string) (postal.Address, error) {
	m := &messages{d: d, tx: tx}
	d.checkSeller(m, "PX-QUAL-", r.SalesCode, r.PartnerID, f.partner, func() {
		if !agentID.MatchString(r.AgentID.Trim()) {
			m.add(m2010, "PX-QUAL-2010", "agentId")
		}
		if s := r.MarketSegment.Trim(); s != Consumer && s != SmallBusiness {
			m.add(m2020, "PX-QUAL-2020", "marketSegment")
		}
	})
	if !bytes.Equal(bytes.TrimSpace(r.QualForVideo), []byte("false")) {
		m.add(m2040, "PX-QUAL-2040", "qualForVideo")
	}
	if r.second() {
		checkSecond(m, r, f)
		return postal.Address{}, m.err()
	}
	return checkAddress(m, r.Address), m.err()
}

// checkSeller decides about who sells: the sales code, what stands between it and the
// partner in the source's table, and the partner.
func (d *Desk) checkSeller(m *messages, rules string, sales, partner Text, p *Partner, between func()) {
	if p == nil || !slices.Contains(p.SalesCodes, sales.Trim()) {
		m.add(m2000, rules+"2000", "salesCode")
	}
	between()
	if p == nil || partner.Trim() != p.ID {
		m.add(m2030, rules+"2030", "partnerId")
	}
}

func checkAddress(m *messages, r *AddressRequest) postal.Address {
	if r == nil {
		r = &AddressRequest{}
	}
	a, wrong := postal.Parse(postal.Input{StreetNumber: r.StreetNumber.Trim(), StreetName: r.StreetName.Trim(), StreetAddress: r.StreetAddress.Trim(),
		Unit: r.Unit.Trim(), City: r.City.Trim(), State: r.State.Trim(), ZIP: r.ZIP.Trim()})
	if wrong.Has(postal.BadStreet) {
		m.add(m1000, "PX-QUAL-1000", "streetAddress")
	}
	if wrong.Has(postal.BadCity) {
		m.add(m1010, "PX-QUAL-1010", "city")
	}
	if wrong.Has(postal.BadState) {
		m.add(m1020, "PX-QUAL-1020", "state")
	}
	if wrong.Has(postal.BadZIP) {
		m.add(m1030, "PX-QUAL-1030", "zip")
	}
	return a
}

func checkSecond(m *messages, r *QualifyRequest, f qualifyFacts) {
	switch {
	case f.tx == nil || f.tx.State != TxNear:
		m.add(m2070, "PX-QUAL-2070", "transactionId")
	case !f.today:
		m.add(m2220, "PX-QUAL-2220", "transactionId")
	case !slices.ContainsFunc(f.tx.Near, func(n NearMatch) bool { return n.DetailID == r.DetailID.Trim() }):
		m.add(m2080, "PX-QUAL-2080", "addressDetailId")
	}
}
