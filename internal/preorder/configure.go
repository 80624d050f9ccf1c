package preorder

import (
	"context"
	"encoding/json"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/timer"

	"github.com/govalues/decimal"
)

// Configured is the answer to a configuration.
type Configured struct {
	Transaction Transaction
	Offer       Offering
	Installs    []string
	Modems      []ModemOption
	AddOns      []AddOn
	Charges     []Charge
	Totals      Totals
	Deposit     decimal.Decimal
}

// PreparedConfigure is a configuration that only needs to be written.
type PreparedConfigure struct {
	Answer   Configured
	choice   choice
	customer []byte // sealed; nil for a Reconfig
	actor    string
}

// PrepareConfigure decides about a configuration and, for a Config, has the customer's
// credit run.
func (d *Desk) PrepareConfigure(ctx context.Context, p Party, r *ConfigureRequest) (*PreparedConfigure, error) {
	var f configFacts
	err := d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		f, err = d.configFacts(tx, p, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	c, err := d.checkConfigure(r, f)
	if err != nil {
		return nil, err
	}
	t := *f.tx
	prepared := &PreparedConfigure{choice: c, actor: p.actor()}
	config := &Configuration{ProductCode: c.offer.Code, BillType: c.offer.BillType, PromoCode: c.promo.Code, Install: c.install, Modem: c.modem.Code, AddOns: []string{}}
	for _, a := range c.addOns {
		config.AddOns = append(config.AddOns, a.Code)
	}
	if c.customer == nil { // a Reconfig: what was decided stays, nobody is asked again
		config.keep(f.tx.Config)
	} else if err := d.runCredit(ctx, p, &t, c, config, prepared, f.now); err != nil {
		return nil, err
	}
	t.Config, t.PartnerOrderID = config, r.PartnerOrderID.Trim()
	prepared.Answer = answerOf(t, c)
	return prepared, nil
}

// keep takes over what was decided about the customer.
func (c *Configuration) keep(from *Configuration) {
	c.Credit, c.SSNLast4, c.Stopped = from.Credit, from.SSNLast4, from.Stopped
}

func (d *Desk) configFacts(tx *db.Tx, p Party, r *ConfigureRequest) (f configFacts, err error) {
	f.now = tx.Now()
	if f.partner, err = d.Store.Partner(tx, p.Partner); err != nil {
		return f, err
	}
	if f.tx, err = d.mine(tx, p, r.TransactionID.Trim()); err != nil {
		return f, err
	}
	sales, poid := r.SalesCode.Trim(), r.PartnerOrderID.Trim()
	if sales == "" || poid == "" || len(poid) > 200 {
		return f, nil
	}
	if f.pairTx, err = d.Store.PairOwner(tx, sales, poid); err != nil {
		return f, err
	}
	o, err := d.Store.OrderByPair(tx, sales, poid)
	f.pairOrder = o != nil
	return f, err
}

// runCredit asks the credit system, once for a Config.
//
//   - PX-CFG-1080: a customer who cannot be authenticated has to call.
func (d *Desk) runCredit(ctx context.Context, p Party, t *Transaction, c choice, config *Configuration, prepared *PreparedConfigure, now time.Time) error {
	q := Query{World: p.World, Sandbox: p.Sandbox, Transaction: t.ID, Now: now}
	if p.Sandbox {
		q.Hint = c.customer.First + " " + c.customer.Last
	}
	result, err := d.Credit.Check(ctx, q, *c.customer, c.offer.BillType)
	if err != nil {
		return d.failed(err, t.ID)
	}
	if !result.Authenticated {
		return d.said(m1080, "PX-CFG-1080", "dob", t.ID, d.Wording.phone())
	}
	config.Credit = result.Decision
	if c.offer.BillType == Prepaid {
		config.Credit = CreditDecision{Decision: DecisionApproved}
	}
	config.Stopped = config.Credit.Decision == DecisionHardStop
	if c.customer.SSN != refusedSSN {
		config.SSNLast4 = c.customer.SSN[5:]
	}
	text, err := json.Marshal(c.customer)
	if err != nil {
		return err
	}
	prepared.customer = d.Seal.Seal(sealedFor(t.ID), text)
	return nil
}

func sealedFor(transaction string) string { return "preorder customer of " + transaction }

// answerOf is what a configuration's answer lists.
func answerOf(t Transaction, c choice) Configured {
	a := Configured{Transaction: t, Offer: c.offer, Installs: []string{}, Modems: []ModemOption{}, AddOns: []AddOn{}}
	if c.offer.broadband() {
		if !needsTech(c.offer, t.Loop) {
			a.Installs = append(a.Installs, Self)
		}
		a.Installs = append(a.Installs, Tech)
		for _, m := range modems {
			if !m.Own || c.install != Tech {
				a.Modems = append(a.Modems, m)
			}
		}
	}
	for _, o := range addOns {
		if !o.Broadband || c.offer.broadband() {
			a.AddOns = append(a.AddOns, o)
		}
	}
	a.Charges = c.charges()
	a.Totals = totals(a.Charges)
	a.Deposit = deposit(c.offer, t.Config.Credit)
	return a
}

// SaveConfigure writes a prepared configuration. What is known of the customer is gone
// when the transaction's day is over. Time has passed since it was decided about, and
// others may have been quicker: a Reconfig stands on what is decided now.
func (d *Desk) SaveConfigure(tx *db.Tx, p *PreparedConfigure) (Configured, error) {
	answer, t := p.Answer, p.Answer.Transaction
	fresh, err := d.Store.LockTransaction(tx, t.ID)
	if err != nil {
		return answer, err
	}
	if fresh == nil || !sameDay(fresh.CreatedAt, tx.Now()) {
		return answer, d.said(m2200, "PX-CFG-2200", "transactionId", t.ID)
	}
	if fresh.PartnerOrderID != "" && fresh.PartnerOrderID != t.PartnerOrderID {
		return answer, d.inconstant(t.ID, t.PartnerOrderID)
	}
	placed, err := d.Store.OrderByPair(tx, t.SalesCode, t.PartnerOrderID)
	if err != nil {
		return answer, err
	}
	if placed != nil {
		return answer, d.said(m2130, "PX-CFG-2130", "partnerOrderId", t.ID, t.SalesCode, t.PartnerOrderID)
	}
	if p.customer == nil {
		if changed(fresh.Config.BillType, t.Config.BillType) {
			return answer, d.said(m2181, "PX-CFG-2181", "billType", t.ID)
		}
		config := *t.Config // the unit may run again
		config.keep(fresh.Config)
		t.Config = &config
		answer = answerOf(t, p.choice)
	} else {
		timer.Set(tx, TimerPurge, t.ID, dayEnd(t.CreatedAt), "")
	}
	d.Store.SaveConfig(tx, t, p.customer, d.inconstant(t.ID, t.PartnerOrderID))
	audit.Record(tx, audit.Event{Subject: txSubject(t.ID), Actor: p.actor, Event: "configured", To: t.State,
		Note: t.Config.ProductCode + " " + t.Config.Credit.Decision})
	return answer, nil
}
