package marketplace

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// Kinds of due work: the next attempt at opening an account, and the end of the time
// that a provider has after its buyer ended a subscription.
const (
	TimerProvision = "marketplace.provision"
	TimerLapse     = "marketplace.lapse"
)

// Handle registers the product's due work.
func (d *Desk) Handle(r *timer.Runner) {
	r.Handle(TimerProvision, d.provision)
	r.Handle(TimerLapse, d.lapse)
}

// opening is what an attempt at opening an account needs to know.
type opening struct {
	sub     Subscription
	offer   Offer
	owner   Provider
	values  map[string]string // with the secrets
	secrets []string
	sandbox bool
	moving  bool // the world's clock is: then one thing runs after the other
}

// provision makes one attempt at opening an account. The provider is called outside
// any unit of work, under the account's one key, so that calling again after a crash
// asks for the same account; its answer is recorded in one unit with what follows
// from it.
func (d *Desk) provision(ctx context.Context, j timer.Job) error {
	o, err := d.lookUp(ctx, j)
	if err != nil {
		return err
	}
	if o == nil {
		return d.DB.Within(ctx, j.World, func(tx *db.Tx) error { j.Done(tx); return nil })
	}
	leave, err := d.enter(ctx, j.World, o.owner, o.moving)
	if err != nil {
		return err
	}
	took := clock.Elapsed()
	reply, problem := d.ask(ctx, o, Order{World: j.World, BaseURL: o.owner.BaseURL, Name: o.owner.Name, Key: orderKey(j.World, o.sub.ID),
		Body: payload(o.offer.Form, o.values), Attempt: o.sub.Attempts + 1, Hint: o.hint(), Sandbox: o.sandbox})
	leave(took())
	v := verdict{}
	if problem != nil {
		v.failure = fmt.Sprintf("%s did not answer: %s", o.owner.Title, scrub(problem.Error(), o.secrets, mostMessage))
	} else {
		v = judge(o.owner.Title, reply, o.secrets)
	}
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error { return d.settle(tx, j, o, reply, v) })
}

// patience is how long one attempt may take while a world's clock is being moved:
// whoever moves it waits for all that falls due on the way, a day of attempts at a
// server that is silent among it.
const patience = 3 * time.Second

// ask calls the provider's server.
func (d *Desk) ask(ctx context.Context, o *opening, order Order) (Reply, error) {
	if o.moving {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, patience)
		defer done()
	}
	return d.Server.Provision(ctx, order)
}

// lookUp reads what an attempt needs; nil when there is nothing to open any more.
func (d *Desk) lookUp(ctx context.Context, j timer.Job) (*opening, error) {
	var o opening
	var waiting bool
	err := d.DB.View(ctx, j.World, func(tx *db.Tx) error {
		s, err := d.Store.Subscription(tx, j.Key)
		if err != nil || s == nil || s.State != SubProvisioning {
			return err
		}
		o.offer, o.owner, err = d.OfferToBuyer(tx, s.Offer)
		o.sub, waiting = *s, true
		o.sandbox, o.moving = tx.Clock().Sandbox, tx.Clock().Moving
		return err
	})
	if err != nil || !waiting {
		return nil, err
	}
	return &o, d.unseal(&o)
}

// unseal puts the buyer's secrets among the values, and the reseller key, which is
// ours to give when the form does not show it.
func (d *Desk) unseal(o *opening) error {
	o.values = maps.Clone(o.sub.Values)
	var secrets map[string]string
	if o.sub.Secrets != nil {
		text, err := d.Seal.Open(secretsPurpose(o.sub.ID), o.sub.Secrets)
		if err == nil {
			err = json.Unmarshal(text, &secrets)
		}
		if err != nil {
			return err
		}
	}
	maps.Copy(o.values, secrets)
	key, err := d.resellerKey(o.owner)
	if err != nil {
		return err
	}
	if o.values[FieldReseller] == "" {
		o.values[FieldReseller] = key
	}
	o.secrets = slices.Collect(maps.Values(secrets))
	if key != "" {
		o.secrets = append(o.secrets, key)
	}
	return nil
}

// hint is the texts in which a sandbox's buyer may have put a magic word.
func (o *opening) hint() string {
	if !o.sandbox {
		return ""
	}
	return o.sub.Values[FieldHolder] + " " + o.sub.Values[FieldCompany]
}

// shortest is how long a buyer's value has to be to be looked for in an answer: a
// country's two letters are everywhere.
const shortest = 3

// unnamed is what the call log keeps of a provider's words: without what the buyer
// filled in, which a provider may well repeat.
func (o *opening) unnamed(text string) string {
	hidden := slices.Clone(o.secrets)
	for _, v := range o.values {
		if len(v) >= shortest {
			hidden = append(hidden, v)
		}
	}
	return scrub(text, hidden, mostAnswer)
}

// answer is what the call log keeps of a provider's answer.
func (o *opening) answer(r Reply) string { return o.unnamed(string(r.Body)) }

// settle records an attempt and what it came to.
func (d *Desk) settle(tx *db.Tx, j timer.Job, o *opening, r Reply, v verdict) error {
	s, err := d.Store.LockSubscription(tx, o.sub.ID)
	if err != nil {
		return err
	}
	if s == nil || s.State != SubProvisioning || s.Attempts != o.sub.Attempts {
		return timer.ErrTaken
	}
	// MKT-OUT-06: a customer id is one subscription's.
	if v.event == evOpened {
		holder, err := d.Store.COIDHolder(tx, s.Provider, v.coid)
		if err != nil {
			return err
		}
		if holder != "" && holder != s.ID {
			v = verdict{event: evRefused, failure: o.owner.Title + " answered 201 with a customer id (coid) that it has given before."}
		}
	}
	now := tx.Now()
	s.Attempts++
	d.Store.AddCall(tx, Call{N: db.NextID(), Provider: s.Provider, Subscription: s.ID, Direction: CallOut, At: now, Status: r.Status,
		Problem: o.unnamed(v.failure), Request: redacted(o.offer.Form, o.values), Answer: o.answer(r), Took: r.Took})
	if v.event == "" {
		again, ok := nextTry(s.CreatedAt, now, s.Attempts, v.after)
		if ok {
			d.Store.MoveSubscription(tx, SubProvisioning, *s)
			j.Again(tx, again, "")
			return nil
		}
		v.event = evGivenUp
		v.failure = "Given up after a day: " + v.failure
	}
	return d.finish(tx, j, s, v, now)
}

// finish ends the opening of an account, well or not. What was secret goes.
func (d *Desk) finish(tx *db.Tx, j timer.Job, s *Subscription, v verdict, now time.Time) error {
	kind := NoticeFailed
	note := v.failure
	if v.event == evOpened {
		kind, note = NoticeActive, "coid "+v.coid
		s.COID, s.ActiveAt = v.coid, now
	} else {
		s.Failure = v.failure
	}
	s.Secrets = nil
	if err := fire(tx, SubscriptionMachine, SubMove, subSubject(s.ID), providerSubject(s.Provider), &s.State, v.event, note); err != nil {
		return err
	}
	d.Store.MoveSubscription(tx, SubProvisioning, *s)
	j.Done(tx)
	return d.notify(tx, kind, *s, nil)
}

// lapse ends a subscription whose buyer ended it and whose provider has not told of
// its end.
func (d *Desk) lapse(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		s, err := d.Store.LockSubscription(tx, j.Key)
		if err != nil {
			return err
		}
		j.Done(tx)
		if s == nil || s.State != SubEnding {
			return nil
		}
		s.ExpiredAt = s.EndAskedAt
		if err := fire(tx, SubscriptionMachine, SubMove, subSubject(s.ID), "clock", &s.State, evLapsed, ""); err != nil {
			return err
		}
		d.Store.MoveSubscription(tx, SubEnding, *s)
		return d.notify(tx, NoticeUpdated, *s, nil)
	})
}

// Tried is what a test call came to.
type Tried struct {
	Status  int
	COID    string // when the answer would have opened an account
	Problem string // when it would not have
	Request string
	Answer  string
	Took    time.Duration
}

// sampleValues are what a test call sends.
var sampleValues = map[string]string{
	FieldUsername: "demarc-test", FieldPassword: "not-a-password", FieldCompany: "Demarc Test Company", FieldHolder: "Demarc Test",
	FieldEmail: "test@example.com", FieldAddress1: "1 Test Street", FieldAddress2: "Suite 100", FieldCountry: "US", FieldState: "CO",
	FieldPostal: "80021", FieldPhone: "303-555-0100",
}

// TestCall calls a provider's server with sample values in the form of one of its
// products, marked as a test, for its manager to see how it answers.
func (d *Desk) TestCall(ctx context.Context, m Manager, provider, product string) (Tried, error) {
	o := opening{sandbox: m.Sandbox, values: maps.Clone(sampleValues)}
	err := d.DB.View(ctx, m.World, func(tx *db.Tx) (err error) {
		if o.owner, err = d.Provider(tx, m, provider); err != nil {
			return err
		}
		found, err := d.Store.Offer(tx, product)
		o.offer, err = offerOf(provider, found, err)
		return err
	})
	if err != nil {
		return Tried{}, err
	}
	key, err := d.resellerKey(o.owner)
	if err != nil {
		return Tried{}, err
	}
	if key != "" {
		o.values[FieldReseller] = key
		o.secrets = []string{key}
	}
	n := db.NextID()
	leave, err := d.tests.enter(ctx, placeOf(m.World, o.owner))
	if err != nil {
		return Tried{}, err
	}
	took := clock.Elapsed()
	reply, problem := d.Server.Provision(ctx, Order{World: m.World, BaseURL: o.owner.BaseURL, Name: o.owner.Name, Key: testKey(m.World, o.owner.ID, n),
		Body: payload(o.offer.Form, o.values), Test: true, Attempt: 1, Sandbox: m.Sandbox})
	leave(took())
	t := Tried{Status: reply.Status, Request: redacted(o.offer.Form, o.values), Answer: o.answer(reply), Took: reply.Took}
	if problem != nil {
		t.Problem = "There was no answer: " + scrub(problem.Error(), o.secrets, mostMessage)
	} else {
		v := judge(o.owner.Title, reply, o.secrets)
		t.COID, t.Problem = v.coid, v.failure
	}
	return t, d.DB.Within(ctx, m.World, func(tx *db.Tx) error {
		d.Store.AddCall(tx, Call{N: n, Provider: o.owner.ID, Direction: CallTest, At: tx.Now(), Status: t.Status, Problem: t.Problem,
			Request: t.Request, Answer: t.Answer, Took: t.Took})
		return nil
	})
}

// KeepCalls is how long the call log is kept.
const KeepCalls = 30 * 24 * time.Hour

// Sweep deletes a batch of what the call log keeps no longer.
func (d *Desk) Sweep(tx *db.Tx) (more bool, err error) {
	return d.Store.SweepCalls(tx, tx.Now().Add(-KeepCalls))
}

// Refused notes an update of a provider's that was refused: which elements it had,
// which customer and SKU it was about, when that was said well, and no other value.
func (d *Desk) Refused(ctx context.Context, src Source, status int, problem string, r *UpdateRequest) error {
	t, _ := CheckUpdate(r)
	coid, sku := ownWord(t.COID, t.Key), ownWord(t.SKU, t.Key)
	elements := r.Elements()
	for i, name := range elements {
		switch {
		case name == "coid" && coid != "":
			elements[i] = "coid " + coid
		case name == "sku" && sku != "":
			elements[i] = "sku " + sku
		}
	}
	return d.DB.Within(ctx, src.World, func(tx *db.Tx) error {
		about := ""
		if coid != "" {
			var err error
			if about, err = d.Store.COIDHolder(tx, src.Provider, coid); err != nil {
				return err
			}
		}
		d.Store.AddCall(tx, Call{N: db.NextID(), Provider: src.Provider, Subscription: about, Direction: CallIn, At: tx.Now(), Status: status,
			Problem: scrub(problem, nil, mostMessage), Request: strings.Join(elements, ", ")})
		return nil
	})
}

// ownWord is a coid or a SKU that a provider named, fit to be kept: these are its own
// words, unless it has put a provider key, or a card's number, in their place.
func ownWord(text, key string) string {
	if strings.Contains(text, keyPrefix) || key != "" && strings.Contains(text, key) || HoldsCardNumber(text) {
		return ""
	}
	return text
}
