package voice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// traffic is random use of a world, the same for a seed.
type traffic struct {
	*voicetest.World
	t         *testing.T
	random    *rand.Rand
	seed      uint64
	steps     []string // what was done
	customers []string
	centers   []string
	spare     []nanp.Block
	granted   []string // exceptions
	done      map[string]int
}

func newTraffic(t *testing.T, d *db.DB, seed uint64) *traffic {
	t.Helper()
	tr := &traffic{World: voicetest.New(t, d), t: t, random: rand.New(rand.NewPCG(seed, 9)), seed: seed,
		customers: []string{voicetest.Customer, voicetest.Other}, spare: spareBlocks(12), done: map[string]int{},
		centers: []string{"CO/ALAMOSA", "CO/LEADVILLE", "CO/SALIDA", "CO/DENVER", "CO/AURORA", "CO/PUEBLO", "CO/OUR OWN", "AK/ANCHORAGE", "CO/VAIL", "CO/ATLANTIS", "CO/ANTONITO"}}
	for i := range 10 {
		tr.customers = append(tr.customers, tr.AddCustomer(fmt.Sprint("1-R", i)))
	}
	addOwn(tr.World, "OUR OWN", tr.spare[0])
	return tr
}

func one[T any](tr *traffic, list ...T) T { return list[tr.random.IntN(len(list))] }

// center is a rate center; the first ones, which are small, more often.
func (tr *traffic) center() (state, name string) {
	n := len(tr.centers)
	at := tr.centers[min(tr.random.IntN(n), tr.random.IntN(n), tr.random.IntN(n))]
	return at[:2], at[3:]
}

// try does something that may be refused, but may not fail.
func (tr *traffic) try(what string, err error) bool {
	tr.t.Helper()
	tr.steps = append(tr.steps, what)
	kind, _, _ := strings.Cut(what, " ")
	switch {
	case err == nil:
		tr.done[kind]++
	case fault.Of(err) == nil:
		tr.broken(fmt.Sprint(err))
	}
	return err == nil
}

func (tr *traffic) broken(what string) {
	tr.t.Helper()
	tr.t.Fatalf("seed %d: %s\nafter\n%s", tr.seed, what, strings.Join(tr.steps, "\n"))
}

// unit tries a unit of work.
func (tr *traffic) unit(what string, fn func(tx *db.Tx) error) bool {
	tr.t.Helper()
	return tr.try(what, unit(tr.World, fn)())
}

func (tr *traffic) reserve() {
	customer := one(tr, tr.customers...)
	r := &voice.ReserveRequest{ProductID: one[lenient.Text](tr, voice.LocalInbound, voice.LocalInbound, voice.EnhancedLocal),
		ExternalID: one[lenient.Text](tr, "", "", "", "PO", "[demarc:short-supply]", "[demarc:credit-hold]")}
	for range 1 + tr.random.IntN(3) {
		state, name := tr.center()
		l := voicetest.Line(state+"/"+name, one(tr, 1, 7, 30, 150, 399))
		if tr.random.IntN(3) == 0 {
			l = voicetest.InSequence(l, one(tr, "Y", "N", "2", "5"))
		}
		if tr.random.IntN(4) == 0 {
			l = voicetest.Without(l, 7+tr.random.IntN(4), tr.random.IntN(10))
		}
		r.RateCenterOrders = append(r.RateCenterOrders, l)
	}
	if len(tr.granted) > 0 && tr.random.IntN(3) == 0 {
		r.Exception = lenient.Text(one(tr, tr.granted...))
		r.RateCenterOrders = append(r.RateCenterOrders, voicetest.Line("CO/ALAMOSA", 900))
	}
	o, err := tr.TryReserve(customer, r)
	tr.try(fmt.Sprintf("reserve %s for %s: %s", o.ID, customer, linesOf(r)), err)
}

// linesOf is a reservation, to be read.
func linesOf(r *voice.ReserveRequest) string {
	text := string(r.ProductID + " " + r.ExternalID + r.Exception)
	for _, l := range r.RateCenterOrders {
		text += string(", " + l.Quantity + " of " + l.RateCenter)
		if l.Sequential != nil {
			text += " in sequence " + string(*l.Sequential)
		}
		if l.PBXIndex != "" {
			text += string(" without " + l.PBXIndex + "=" + l.PBXValue)
		}
	}
	return text
}

// approve answers something that waits, or something at all.
func (tr *traffic) approve() {
	var parts []voice.Part
	all := rows(tr.World).Parts
	for _, p := range all {
		if p.Status == voice.PartApproval || p.Status == voice.PartBackordered {
			parts = append(parts, p)
		}
	}
	if tr.random.IntN(8) == 0 {
		parts = all
	}
	if len(parts) == 0 {
		tr.reserve()
		return
	}
	p := one(tr, parts...)
	action := one(tr, voice.ActReject, voice.ActAvailable, voice.ActBackorder, voice.ActBackorder)
	tr.try(fmt.Sprintf("approve %s of %s with %s", p.Key(), p.Order, action), tr.TryApprove(voice.Order{ID: p.Order, Customer: p.Customer}, p.Key(), action))
}

func (tr *traffic) advance() {
	by := one(tr, 0, time.Second, 3*time.Second, 3*time.Second, 3*time.Second, time.Minute, time.Hour, 4*time.Hour, 24*time.Hour, 31*24*time.Hour, 91*24*time.Hour)
	_, err := tr.TryAdvance(tr.t.Context(), by)
	tr.try(fmt.Sprint("advance by ", by), err)
}

func (tr *traffic) stock() {
	state, name := tr.center()
	if b := tr.spare[0]; tr.random.IntN(4) == 0 && len(tr.spare) > 1 {
		tr.spare = tr.spare[1:]
		tr.unit("block for "+name, func(tx *db.Tx) error {
			_, _, err := tr.Desk.AddBlock(tx, "desk", blockRequest(name, b))
			return err
		})
		return
	}
	n := one(tr, 0, 0, 0, 3, 3, 40, 40, 200, 1500, 100_000)
	tr.unit(fmt.Sprintf("supply %s with %d", name, n), func(tx *db.Tx) error {
		_, _, err := tr.Desk.Withhold(tx, "desk", state, name, n)
		return err
	})
}

func (tr *traffic) reclaim() {
	state, name := tr.center()
	customer, n := one(tr, tr.customers...), one(tr, 1, 5, 80, 1000)
	tr.unit(fmt.Sprintf("reclaim %d of %s in %s", n, customer, name), func(tx *db.Tx) error {
		_, err := tr.Desk.Reclaim(tx, "desk", customer, state, name, n)
		return err
	})
}

// change closes rate centers and opens them, or makes one a part of another.
func (tr *traffic) change() {
	state, name := tr.center()
	if tr.random.IntN(6) == 0 {
		intoState, into := tr.center()
		tr.unit(fmt.Sprintf("consolidate %s into %s", name, into), func(tx *db.Tx) error {
			_, err := tr.Desk.Consolidate(tx, "desk", state, name, intoState, into)
			return err
		})
		return
	}
	yes := tr.random.IntN(2) == 0
	ch := one(tr, voice.CenterChange{Open: &yes}, voice.CenterChange{Native: &yes}, voice.CenterChange{Static911: &yes})
	tr.unit(fmt.Sprintf("change %s to %v", name, yes), func(tx *db.Tx) error {
		if tr.random.IntN(4) == 0 {
			return tr.Desk.PutRegion(tx, "desk", state, yes)
		}
		_, err := tr.Desk.ChangeCenter(tx, "desk", state, name, ch)
		return err
	})
}

func (tr *traffic) credit() {
	all := rows(tr.World)
	for _, o := range all.Orders {
		if o.State == voice.OrderCredit {
			release := tr.random.IntN(3) > 0
			tr.unit(fmt.Sprintf("credit of %s %v", o.ID, release), func(tx *db.Tx) error {
				_, err := tr.Desk.DecideCredit(tx, "desk", o.ID, release)
				return err
			})
			return
		}
	}
	customer, hold := one(tr, tr.customers...), tr.random.IntN(3) == 0
	tr.unit(fmt.Sprintf("profile of %s %v", customer, hold), func(tx *db.Tx) error {
		_, err := tr.Desk.PutProfile(tx, "desk", customer, func(p *voice.Profile) {
			p.Credit, p.CP911 = map[bool]string{true: voice.CreditHold, false: voice.CreditGood}[hold], !hold
		})
		return err
	})
}

func (tr *traffic) exception() {
	r := &voice.ExceptionRequest{ProductID: voice.LocalInbound, RateCenter: "ALAMOSA", State: "CO", Quantity: "1500", Reason: "random"}
	e, err := tr.Desk.PrepareException(tr.t.Context(), tr.Party(one(tr, tr.customers...)), r)
	if err != nil {
		tr.broken(fmt.Sprint(err))
	}
	tr.granted = append(tr.granted, e.ID)
	approve := tr.random.IntN(3) > 0
	tr.unit("exception "+e.ID, func(tx *db.Tx) error {
		tr.Desk.FileException(tx, tr.Party(e.Customer), e)
		_, err := tr.Desk.DecideException(tx, "desk", e.ID, approve, "")
		return err
	})
}

// people has customers merge, be suspended and come back.
func (tr *traffic) people() {
	if len(tr.customers) > 3 && tr.random.IntN(3) == 0 {
		at := tr.random.IntN(len(tr.customers))
		from := tr.customers[at]
		tr.customers = slices.Delete(tr.customers, at, at+1)
		into := one(tr, tr.customers...)
		merge(tr.World, from, into)
		tr.try(fmt.Sprintf("merge %s into %s", from, into), nil)
		return
	}
	customer := one(tr, tr.customers...)
	if tr.random.IntN(4) == 0 {
		tr.Suspend(customer)
		tr.try("suspend "+customer, nil)
	} else {
		tr.AddCustomer(customer)
	}
}

// trouble makes the backends fail some times.
func (tr *traffic) trouble() {
	n := 1 + tr.random.IntN(6)
	question := one(tr, voicetest.Ready, voicetest.Ready, voicetest.Check)
	tr.Fakes.FailTimes(question, voice.HowDown, n)
	tr.try(fmt.Sprintf("trouble %d times at %s", n, question), nil)
}

// check audits the world, and that nobody waits for what there is.
func (tr *traffic) check() {
	problems, err := tr.Problems()
	if err != nil || len(problems) > 0 {
		tr.broken(fmt.Sprintf("%q, %v", problems, err))
	}
	all := rows(tr.World)
	free := map[string]int{}
	for b, o := range all.Blocks {
		free[voice.CenterKey(all.At[b].State, all.At[b].Center)] += o.Taken.Free()
	}
	for _, p := range all.Parts {
		if p.Status == voice.PartBackordered && free[p.Key()] > 0 && !all.Due[voice.TimerFill+" "+p.Key()] {
			tr.broken(fmt.Sprintf("%s waits for %d numbers, and %d are free", p.ID, p.Wish.Quantity-p.Held, free[p.Key()]))
		}
	}
}

// run does so much, and lets everything come to its end.
func (tr *traffic) run(steps int) {
	for i := range steps {
		one(tr, tr.reserve, tr.reserve, tr.reserve, tr.reserve, tr.advance, tr.advance, tr.advance, tr.approve, tr.approve, tr.approve,
			tr.stock, tr.stock, tr.reclaim, tr.change, tr.credit, tr.exception, tr.people, tr.trouble)()
		if i%5 == 4 {
			tr.check()
		}
	}
	q := voice.Query{World: tr.ID, Sandbox: true}
	for tr.Desk.Administration.Ready(tr.t.Context(), q, "CO", "DENVER") != nil {
	}
	for failing := true; failing; { // until the trouble is over
		_, err := tr.Desk.Credit.Check(tr.t.Context(), q, "")
		failing = err != nil
	}
	for range 12 {
		if _, err := tr.TryAdvance(tr.t.Context(), 60*24*time.Hour); err != nil {
			tr.broken(fmt.Sprint(err))
		}
	}
	tr.check()
	for _, o := range rows(tr.World).Orders {
		if !voice.ReserveMachine.Ended(o.State) && o.State != voice.OrderCredit {
			tr.broken(fmt.Sprintf("%s is %s after two years", o.ID, o.State))
		}
	}
}

// runAgain makes every fifth unit of due work run a second time, as after a deadlock.
func runAgain(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.System(t.Context(), func(tx *db.Tx) error {
		tx.Do(`CREATE SEQUENCE done`)
		tx.Do(`CREATE FUNCTION run_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('done') % 5 = 1 THEN RAISE EXCEPTION 'once more' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$`)
		tx.Do(`CREATE CONSTRAINT TRIGGER run_again AFTER DELETE ON timer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
			WHEN (OLD.kind LIKE 'voice.%') EXECUTE FUNCTION run_again()`)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRandomTrafficKeepsTheBooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url         func(t testing.TB) string
		from, seeds uint64
	}{"sqlite": {dbtest.SQLite, 0, 16}, "postgres": {dbtest.Postgres, 100, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, c.url(t))
			if d.Dialect() == db.Postgres {
				runAgain(t, d)
			}
			done, codes := map[string]int{}, map[int]int{}
			for seed := c.from; seed < c.from+c.seeds; seed++ {
				tr := newTraffic(t, d, seed)
				tr.run(120)
				for kind, n := range tr.done {
					done[kind] += n
				}
				for _, told := range rows(tr.World).Told {
					codes[told.Code]++
				}
			}
			t.Logf("done %v, told %v", done, codes)
			for _, kind := range []string{"reserve", "approve", "advance", "supply", "reclaim", "change", "consolidate", "credit", "exception", "merge", "suspend"} {
				if done[kind] == 0 && name == "sqlite" {
					t.Errorf("nothing was done of %s", kind)
				}
			}
			for _, code := range []int{901, 1302, 1303, 1304, 1429, 1648, 1807, 4011, 10001, 10002, 10004, 10005, 10013, 10015, 1921} {
				if codes[code] == 0 && name == "sqlite" {
					t.Errorf("nobody was told %d", code)
				}
			}
		})
	}
}
