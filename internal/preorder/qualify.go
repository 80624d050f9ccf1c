package preorder

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"slices"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/postal"
)

// Desk is the product's use cases.
type Desk struct {
	DB        *db.DB
	Store     Store
	Addresses Addresses
	LoopQual  LoopQual
	Catalog   Catalog
	Credit    Credit
	Seal      Sealer
	Counters  *db.Counters
	Wording   Wording
}

// blocksFor is how long an order blocks its address (source, row 1005).
const blocksFor = 30 * 24 * time.Hour

// mostNear is how many near matches are answered.
const mostNear = 10

// Qualified is the answer to a qualification.
type Qualified struct {
	Transaction Transaction
	Offers      []Offering
	Promotions  []Promotion
	Message     *fault.Error // of one without a match
}

// PreparedQualify is a qualification that the backends have answered and that only
// needs to be written.
type PreparedQualify struct {
	Answer Qualified
	second bool
	actor  string
}

// newTxID names a transaction: nobody can guess another partner's.
func newTxID() string {
	var b [10]byte
	_, _ = rand.Read(b[:])
	return "PX-" + base32.StdEncoding.EncodeToString(b[:])
}

// PrepareQualify decides about a qualification and asks the backends. Nothing is
// written before SaveQualify.
func (d *Desk) PrepareQualify(ctx context.Context, p Party, r *QualifyRequest) (*PreparedQualify, error) {
	var f qualifyFacts
	var now time.Time
	err := d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		now = tx.Now()
		if f.partner, err = d.Store.Partner(tx, p.Partner); err != nil || !r.second() {
			return err
		}
		f.tx, err = d.mine(tx, p, r.TransactionID.Trim())
		return err
	})
	if err != nil {
		return nil, err
	}
	id := newTxID()
	if f.tx != nil {
		id = f.tx.ID
		f.today = sameDay(f.tx.CreatedAt, now)
	}
	hint := ""
	if p.Sandbox && r.Address != nil { // the address is what is left without the magic words
		copied := *r
		hint, copied.Address = r.Address.hint()
		r = &copied
	}
	wanted, err := d.checkQualify(r, f, id)
	if err != nil {
		return nil, err
	}
	t := Transaction{ID: id, Partner: p.Partner, SalesCode: r.SalesCode.Trim(), AgentID: r.AgentID.Trim(), App: p.App,
		Segment: r.MarketSegment.Trim(), PartnerOrderID: "", CreatedAt: now}
	q := Query{World: p.World, Sandbox: p.Sandbox, Transaction: id, Hint: hint, Now: now}
	prepared := &PreparedQualify{second: r.second(), actor: p.actor()}
	if prepared.second {
		t.CreatedAt, t.PartnerOrderID = f.tx.CreatedAt, f.tx.PartnerOrderID
		i := slices.IndexFunc(f.tx.Near, func(n NearMatch) bool { return n.DetailID == r.DetailID.Trim() })
		t.Address = &f.tx.Near[i].Address
	} else if err := d.locate(ctx, q, &t, wanted, prepared); err != nil {
		return nil, err
	}
	if t.Address != nil {
		if err := d.offer(ctx, q, &t, prepared); err != nil {
			return nil, err
		}
	}
	prepared.Answer.Transaction = t
	return prepared, nil
}

// mine reads a transaction of the caller's partner; nil for any other.
func (d *Desk) mine(tx *db.Tx, p Party, id string) (*Transaction, error) {
	if !txID.MatchString(id) {
		return nil, nil
	}
	t, err := d.Store.Transaction(tx, id)
	if err != nil || t == nil || t.Partner != p.Partner || p.Partner == "" {
		return nil, err
	}
	return t, nil
}

// locate finds the address, or what may be meant, or says why there is none.
func (d *Desk) locate(ctx context.Context, q Query, t *Transaction, wanted postal.Address, p *PreparedQualify) error {
	found, err := d.Addresses.Find(ctx, q, wanted)
	if err != nil {
		return d.failed(err, t.ID)
	}
	if found != nil {
		t.State, t.Address = TxQualified, found
		return nil
	}
	near, err := d.Addresses.Near(ctx, q, wanted)
	if err != nil {
		return d.failed(err, t.ID)
	}
	if len(near) > 0 {
		t.State, t.Near = TxNear, near[:min(len(near), mostNear)]
		return nil
	}
	served, err := d.Addresses.Footprint(ctx, q, wanted.ZIP)
	if err != nil {
		return d.failed(err, t.ID)
	}
	t.State = TxNoMatch
	code, rule := m2086, "PX-QUAL-2086"
	if served {
		code, rule = m2096, "PX-QUAL-2096"
	}
	p.Answer.Message = fault.Of(d.said(code, rule, "address", t.ID))
	return nil
}

// offer finds what can be sold at the address.
func (d *Desk) offer(ctx context.Context, q Query, t *Transaction, p *PreparedQualify) error {
	var number string
	err := d.DB.View(ctx, q.World, func(tx *db.Tx) (err error) {
		number, err = d.Store.RecentOrder(tx, t.Address.DetailID, q.Now.Add(-blocksFor))
		return err
	})
	if err != nil {
		return err
	}
	if number != "" {
		return d.blocked(number, t.ID)
	}
	if t.Loop, err = d.LoopQual.Loop(ctx, q, *t.Address); err != nil {
		return d.failed(err, t.ID)
	}
	all, err := d.Catalog.Offerings(ctx, q)
	if err != nil {
		return d.failed(err, t.ID)
	}
	p.Answer.Offers = offersFor(all, t.Segment, t.Loop)
	if len(p.Answer.Offers) == 0 {
		return d.said(m6000, "PX-QUAL-6000", "products", t.ID)
	}
	t.State = TxQualified
	for _, o := range p.Answer.Offers {
		t.Offers = append(t.Offers, o.Code)
	}
	p.Answer.Promotions = promosOf(p.Answer.Offers)
	return nil
}

// blocked is the answer about an address with an order of the last thirty days.
func (d *Desk) blocked(number, tx string) error {
	m := messages{d: d, tx: tx}
	m.addWith(d.Wording.phone(), m1005, "PX-QUAL-1005", "address", number)
	return m.err()
}

// phone is the number that customers and partners are told to call.
func (w Wording) phone() string {
	if w.Phone == "" {
		return "800-555-0199"
	}
	return w.Phone
}

// SaveQualify writes a prepared qualification.
func (d *Desk) SaveQualify(tx *db.Tx, p *PreparedQualify) Qualified {
	t := p.Answer.Transaction
	if p.second {
		// Who chose first has qualified it; the other names a transaction that waits no more.
		d.Store.SaveQualified(tx, t, d.said(m2070, "PX-QUAL-2070", "transactionId", t.ID))
	} else {
		d.Store.AddTransaction(tx, t)
	}
	note := t.Segment
	if t.Address != nil {
		note = t.Address.DetailID
	}
	audit.Record(tx, audit.Event{Subject: txSubject(t.ID), Actor: p.actor, Event: "qualified", To: t.State, Note: note})
	return p.Answer
}

// Subjects in the trail and in notifications.
const (
	SubjectTransaction = "transaction/"
	SubjectOrder       = "order/"
)

func txSubject(id string) string        { return SubjectTransaction + id }
func orderSubject(number string) string { return SubjectOrder + number }
