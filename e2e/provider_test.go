package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/marketplace/marketplacetest"
)

// TestAProviderThatMisbehavesNeverOpensTwoAccounts: while many subscribe, the
// provider's server fails, stalls, lies and cuts connections, and the servers that
// call it are ended with -9, again and again, in the middle of it; the clock moves, so
// that what is to be tried again falls due. Afterwards everybody who was answered has
// an account of their own or was told why not, and nobody has two.
func TestAProviderThatMisbehavesNeverOpensTwoAccounts(t *testing.T) {
	t.Parallel()
	t.Run(onSQLite, func(t *testing.T) {
		t.Parallel()
		s := newStorm(t, onSQLite)
		s.moves = true
		s.run(16, 10, 15)
		s.settle()
	})
	// On PostgreSQL a clock whose mover dies stands for three quarters of a minute, and
	// what a dead node had begun rests for half of that: so one storm kills and another
	// moves.
	t.Run("postgres, two nodes", func(t *testing.T) {
		t.Parallel()
		s := newStorm(t, onPostgres)
		s.run(16, 10, 15)
		s.settle()
	})
	t.Run("postgres, the clock's mover dies", func(t *testing.T) {
		t.Parallel()
		s := newStorm(t, onPostgres)
		s.moves = true
		s.run(40, 1, 0)
		s.settle()
	})
}

// misdeed is one way in which a provider answers a call.
type misdeed struct {
	name string
	act  func() marketplacetest.Act
	says string // of what it makes of a subscription that it fails
}

// What a provider does with a call of which nobody knows then whether it opened an
// account: it is called again.
var passing = []misdeed{
	{name: "500 before opening", act: func() marketplacetest.Act { return marketplacetest.Fails(http.StatusInternalServerError) }},
	{name: "500 after opening", act: func() marketplacetest.Act {
		return marketplacetest.Fails(http.StatusInternalServerError).AfterOpening()
	}},
	{name: "hangs", act: marketplacetest.Hangs},
	{name: "cuts before opening", act: marketplacetest.Cuts},
	{name: "cuts after opening", act: func() marketplacetest.Act { return marketplacetest.Cuts().AfterOpening() }},
	{name: "429", act: func() marketplacetest.Act { return marketplacetest.Throttles(20) }},
	{name: "half an answer", act: marketplacetest.Halves},
}

// What fails a subscription at once; whoever does it does it again when the answer was
// lost.
var lasting = []misdeed{
	{name: "201 without coid", act: marketplacetest.Keeps, says: "answered 201 without a customer id (coid)."},
	{name: "broken JSON", act: marketplacetest.Breaks, says: "answered 201 without a customer id (coid)."},
	{name: "400", act: func() marketplacetest.Act { return marketplacetest.Refuses("No weather for you.") }, says: "No weather for you."},
	{name: anothers, says: "answered 201 with a customer id (coid) that it has given before."},
}

// anothers is to answer the coid of the storm's first subscription.
const anothers = "another's coid"

// What it does in the end, however often it is called.
var (
	behaves = misdeed{name: "201", act: marketplacetest.Opens}
	lies    = misdeed{name: "another coid with each answer", act: marketplacetest.Lies}
	never   = misdeed{name: "500 for ever", act: passing[0].act, says: "Given up after a day"}
)

// fate is what a provider does with a buyer's calls, one after the other, and with all
// that come after them.
type fate struct {
	first []misdeed
	then  misdeed
}

func (f fate) at(attempt int) misdeed {
	if attempt <= len(f.first) {
		return f.first[attempt-1]
	}
	return f.then
}

// stormSeed makes the fates, and the moments of the kills as counted in calls, the
// same in every run.
const stormSeed = 20170408

// fateOf is a buyer's, by number. The first one's is good.
func fateOf(buyer int) fate {
	if buyer == 0 {
		return fate{then: behaves}
	}
	rng := rand.New(rand.NewPCG(stormSeed, uint64(buyer)))
	f := fate{then: behaves}
	for range rng.IntN(4) {
		f.first = append(f.first, passing[rng.IntN(len(passing))])
	}
	switch n := rng.IntN(20); {
	case n < 4:
		f.then = lies
	case n < 8:
		f.then = lasting[rng.IntN(len(lasting))]
	case n < 9:
		f.then = never
	}
	return f
}

// storm is a provider that misbehaves, buyers who subscribe, and servers that die.
type storm struct {
	t     *testing.T
	f     *fleet
	v     *vendor
	hooks *receiver
	rng   *rand.Rand
	moves bool   // the clock moves meanwhile
	taken string // the first subscription's coid

	called  chan bool // each call of the provider, and whether it hangs
	queue   chan int  // buyers who are to subscribe
	asked   int       // how many of them there are
	working sync.WaitGroup
	mu      sync.Mutex
	acked   map[string]string // buyer -> subscription
}

// Buyers who subscribe at once.
const buyers = 16

func newStorm(t *testing.T, database string) *storm {
	t.Helper()
	f := newFleet(t, database)
	s := &storm{t: t, f: f, v: newVendor(t, f.a), hooks: newReceiver(t), rng: rand.New(rand.NewPCG(stormSeed, 0)),
		called: make(chan bool, 1<<16), queue: make(chan int, 1<<10), acked: map[string]string{}}
	var endpoint struct{ Secret string }
	f.a.must(http.StatusCreated, http.MethodPost, "/webhooks/v1/endpoints", fmt.Sprintf(`{"url":%q,"events":["subscription.*"]}`, s.hooks.URL), &endpoint)
	s.hooks.verify([]string{endpoint.Secret})

	s.buy(*f.a, 0)
	eventually(t, "the first subscription becomes active", func() bool { return s.v.bought(f.a)[0].State == "active" })
	s.taken, s.asked = s.v.Accounts()[0].COID, 1
	s.v.Choose(s.answer)
	return s
}

// answer is what the provider does with a call.
func (s *storm) answer(c marketplacetest.Call) marketplacetest.Act {
	does := fateOf(buyerOf(c)).at(c.Attempt)
	s.called <- does.name == "hangs"
	if does.name == anothers {
		return marketplacetest.Gives(s.taken)
	}
	return does.act()
}

func buyerName(number int) string { return fmt.Sprintf("buyer-%03d", number) }

// buyerOf is who a call wants an account for; -1 when it does not say.
func buyerOf(c marketplacetest.Call) int {
	var sent struct{ Name string }
	var number int
	if json.Unmarshal(c.Body, &sent) != nil {
		return -1
	}
	if _, err := fmt.Sscanf(sent.Name, "buyer-%d", &number); err != nil {
		return -1
	}
	return number
}

// buy subscribes, every eighth time twice at once.
func (s *storm) buy(me actor, number int) {
	buyer, send := buyerName(number), s.f.insist
	if number%8 == 7 {
		send = s.f.twice
	}
	var sub struct{ ID string }
	if err := json.Unmarshal(send(&me, number, "/marketplace/v1/subscriptions", buyer, s.v.wants(buyer)).body, &sub); err != nil {
		s.t.Errorf("%s was answered no subscription: %v", buyer, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked[buyer] = sub.ID
}

// run lets some subscribe in peace, and then in every round some more while servers
// die.
func (s *storm) run(atFirst, rounds, each int) {
	s.t.Helper()
	took := clock.Elapsed()
	for range buyers {
		s.working.Go(func() {
			for number := range s.queue {
				s.buy(*s.f.a, number)
			}
		})
	}
	s.more(atFirst)
	s.watch(atFirst, false)
	for range rounds {
		if s.t.Failed() {
			break
		}
		victims := []int{s.rng.IntN(len(s.f.nodes))}
		if len(s.f.nodes) > 1 && s.rng.IntN(5) == 0 {
			victims = []int{0, 1}
		}
		if s.moves {
			s.working.Go(func() { s.move(victims[0]) })
		}
		s.more(each)
		s.watch(1+s.rng.IntN(12), true)
		s.f.kill(victims...)
		s.v.Release()
	}
	close(s.queue)
	go s.nurse()
	s.working.Wait()
	s.t.Logf("%d kills, %d subscriptions and %d calls of the provider in %v; %d requests were sent again", s.f.killed, len(s.acked),
		len(s.v.Calls()), took(), s.f.again.Load())
}

// more lets so many more subscribe.
func (s *storm) more(n int) {
	for range n {
		s.queue <- s.asked
		s.asked++
	}
}

// watch waits for so many calls of the provider. Those that hang it lets go; or it
// returns while one hangs, for a kill in the middle of a call.
func (s *storm) watch(calls int, dies bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*patience)
	defer cancel()
	for n := range calls {
		select {
		case hangs := <-s.called:
			if hangs && dies && s.rng.IntN(2) == 0 {
				return
			}
			if hangs {
				s.v.Release()
			}
		case <-ctx.Done():
			s.t.Errorf("of %d calls of the provider only %d were made", calls, n)
			return
		}
	}
}

// nurse lets all calls go that hang, to the end of the test.
func (s *storm) nurse() {
	for {
		s.v.Release()
		select {
		case <-s.called:
		case <-s.t.Context().Done():
			return
		}
	}
}

// move moves the clock at a node that is about to die.
func (s *storm) move(at int) {
	me := *s.f.a
	me.node = &node{base: s.f.bases[at]}
	res, err := me.try(me.request(http.MethodPost, "/sandbox/v1/clock/advance", "application/json", `{"by":"PT75S"}`))
	if err == nil && res.status != http.StatusOK && res.status != http.StatusConflict {
		s.t.Errorf("the clock cannot be moved: %v", res)
	}
}

// settle lets every opening come to its end, has the provider tell of its customers to
// their end, and holds the outcome against what was answered and what the provider has.
func (s *storm) settle() {
	s.t.Helper()
	took := clock.Elapsed()
	s.f.advance(`{"by":"PT25H"}`)
	if err := s.f.a.check(); err != nil {
		s.t.Error(err)
	}
	all := s.v.bought(s.f.a)
	s.checkSubscriptions(all)
	s.checkAccounts(all)
	if s.t.Failed() {
		return
	}
	told := s.tell(all)
	s.checkPushed(s.checkPulled(told))
	if err := s.f.a.check(); err != nil {
		s.t.Error(err)
	}
	s.t.Logf("settled in %v", took())
}

// checkSubscriptions: what was answered is there, once, and nothing else is.
func (s *storm) checkSubscriptions(all []bought) {
	s.t.Helper()
	seen := map[string]bool{}
	for _, sub := range all {
		switch id := s.acked[sub.Fields.Buyer]; {
		case id != sub.ID:
			s.t.Errorf("%s was answered the subscription %q, and there is %s", sub.Fields.Buyer, id, sub.ID)
		case seen[sub.ID]:
			s.t.Errorf("subscription %s is there twice", sub.ID)
		}
		seen[sub.ID] = true
	}
	if len(seen) != len(s.acked) || len(seen) != s.asked {
		s.t.Errorf("there are %d subscriptions, %d were answered and %d asked for", len(seen), len(s.acked), s.asked)
	}
}

// dealt is what a provider was asked for a buyer.
type dealt struct {
	keys  []string
	calls int
	lied  int
	did   []misdeed
}

// like reports whether a provider's answer to one of the calls was like that.
func (d *dealt) like(that func(misdeed) bool) bool { return slices.ContainsFunc(d.did, that) }

// dealings are what the provider was asked, by buyer, and how often it did what.
func (s *storm) dealings() (by map[string]*dealt, did map[string]int) {
	by, did = map[string]*dealt{}, map[string]int{}
	for _, c := range s.v.Calls() {
		number := buyerOf(c)
		if number < 0 || c.Key == "" || c.Name != vendorName || c.Test {
			s.t.Errorf("the provider was called with %s %s %q %s", c.Method, c.Path, c.Key, c.Body)
			continue
		}
		d := by[buyerName(number)]
		if d == nil {
			d = &dealt{}
			by[buyerName(number)] = d
		}
		d.calls++
		if !slices.Contains(d.keys, c.Key) {
			d.keys = append(d.keys, c.Key)
		}
		does := fateOf(number).at(c.Attempt)
		d.did = append(d.did, does)
		did[does.name]++
		if does.name == lies.name {
			d.lied++
		}
	}
	return by, did
}

// checkAccounts: each subscription has ended as the provider answered, and the active
// ones each have an account that was opened for them.
func (s *storm) checkAccounts(all []bought) {
	s.t.Helper()
	by, did := s.dealings()
	opened, accounts := map[string]int{}, map[string]marketplacetest.Account{}
	for _, a := range s.v.Accounts() {
		opened[a.Key]++
		accounts[a.COID] = a
	}
	holder, states, lost := map[string]string{}, map[string]int{}, 0
	for _, sub := range all {
		d := by[sub.Fields.Buyer]
		if d == nil || len(d.keys) != 1 {
			s.t.Errorf("for %s (%s) the provider was asked as %+v", sub.ID, sub.State, d)
			continue
		}
		states[sub.State]++
		lost += d.calls - sub.Attempts
		s.checkEnd(sub, d, accounts[sub.COID])
		if sub.COID != "" && holder[sub.COID] != "" {
			s.t.Errorf("account %s is of %s and of %s", sub.COID, sub.ID, holder[sub.COID])
		}
		holder[sub.COID] = sub.ID
		if most := 1 + d.lied; opened[d.keys[0]] > most {
			s.t.Errorf("for %s there are %d accounts, and the provider has lied %d times", sub.ID, opened[d.keys[0]], d.lied)
		}
		if sub.Attempts > d.calls {
			s.t.Errorf("%s says that it was tried %d times, the provider was called %d times", sub.ID, sub.Attempts, d.calls)
		}
	}
	s.t.Logf("%v; the provider did %v; the answers to %d calls were lost", states, did, lost)
	if states["active"] < len(all)/2 || states["failed"] == 0 || lost == 0 {
		s.t.Errorf("the subscriptions have become %v, and the answers to %d calls were lost", states, lost)
	}
	for _, m := range slices.Concat(passing, lasting, []misdeed{behaves, lies, never}) {
		if did[m.name] == 0 && len(all) > 100 {
			s.t.Errorf("the provider never did this: %s", m.name)
		}
	}
}

// checkEnd: a subscription has ended as an answer of the provider said. That need not be
// its last: of two calls for one subscription that cross, either may be the one that
// counts.
func (s *storm) checkEnd(sub bought, d *dealt, account marketplacetest.Account) {
	s.t.Helper()
	opens := func(m misdeed) bool { return slices.Contains([]string{behaves.name, lies.name, "hangs"}, m.name) }
	fails := func(m misdeed) bool { return m.says != "" && strings.Contains(sub.Failure, m.says) }
	switch {
	case sub.State == "active" && sub.Failure == "" && d.like(opens):
		if account.Key != d.keys[0] || account.Fields["name"] != sub.Fields.Buyer {
			s.t.Errorf("%s is active with %q, which the provider opened under %q for %v; it was asked under %q", sub.ID, sub.COID, account.Key,
				account.Fields, d.keys[0])
		}
	case sub.State == "failed" && sub.COID == "" && d.like(fails):
	default:
		s.t.Errorf("%s is %s with the coid %q (%s), and says that it was tried %d times; the provider did %+v", sub.ID, sub.State, sub.COID,
			sub.Failure, sub.Attempts, d.did)
	}
}

// tell has the provider tell of each of its customers until services have ended, after
// the buyer has ended every other one. It answers what each buyer is told of it all.
func (s *storm) tell(all []bought) map[string][]string {
	s.t.Helper()
	told := map[string][]string{}
	for i, sub := range all {
		if sub.State != "active" {
			told[sub.ID] = []string{"failed"}
			continue
		}
		told[sub.ID] = []string{"active", "active", "expired"}
		s.f.insist(s.f.a, 0, updatePath, "use-"+sub.ID, s.v.used(sub.COID, vendorSKUs[0], "1"))
		if i%2 == 0 {
			told[sub.ID] = []string{"active", "active", "ending", "expired"}
			s.f.a.must(http.StatusOK, http.MethodPost, "/marketplace/v1/subscriptions/"+sub.ID+"/end", "", nil)
		}
		s.f.insist(s.f.a, 0, updatePath, "end-"+sub.ID, fmt.Sprintf(`{"coid":%q,"expired":true,"expired-date":%q,"sku":%q,"providerkey":%q}`,
			sub.COID, sub.ActiveAt[:len("2040-06-30")], vendorSKUs[0], s.v.key))
	}
	return told
}

// notified is one notification as it is pulled.
type notified struct {
	ID, Type string
	Data     struct{ SubscriptionID, State string }
}

// pulled is so many notifications and whatever there is beyond. A notification is only
// shown when no older unit of work is under way that could still come before it, of
// whatever world: so it may take a moment.
func (s *storm) pulled(want int) (all []notified) {
	s.t.Helper()
	after := ""
	eventually(s.t, "every notification can be pulled", func() bool {
		for {
			var page struct {
				Notifications []notified
				Next          string
			}
			s.f.a.must(http.StatusOK, http.MethodGet, "/notifications?pageSize=100&after="+after, "", &page)
			all, after = append(all, page.Notifications...), page.Next
			if len(page.Notifications) == 0 {
				return len(all) >= want
			}
		}
	})
	return all
}

// checkPulled: each subscription has exactly the notifications of its life, in order.
// It answers their ids by subscription.
func (s *storm) checkPulled(told map[string][]string) map[string][]string {
	s.t.Helper()
	want := 0
	for _, list := range told {
		want += len(list)
	}
	states, ids := map[string][]string{}, map[string][]string{}
	for _, n := range s.pulled(want) {
		id := n.Data.SubscriptionID
		if first := len(ids[id]) == 0; first != (n.Type == "subscription."+n.Data.State) || !first && n.Type != "subscription.updated" {
			s.t.Errorf("notification %s is %s, with the state %s", n.ID, n.Type, n.Data.State)
		}
		states[id], ids[id] = append(states[id], n.Data.State), append(ids[id], n.ID)
	}
	for id, want := range told {
		if !slices.Equal(states[id], want) {
			s.t.Errorf("of %s was told %v, want %v", id, states[id], want)
		}
	}
	if len(states) != len(told) {
		s.t.Errorf("%d subscriptions were told of, and there are %d", len(states), len(told))
	}
	return ids
}

// checkPushed: every notification arrives at the webhook too, those of one
// subscription in their order; what arrived again is what had arrived before.
func (s *storm) checkPushed(pulled map[string][]string) {
	s.t.Helper()
	want := 0
	for _, ids := range pulled {
		want += len(ids)
	}
	var arrived map[string][]string
	eventually(s.t, "every notification has arrived", func() bool {
		var n int
		arrived, n = s.arrived()
		return n >= want
	})
	for id, ids := range pulled {
		if !slices.Equal(arrived[id], ids) {
			s.t.Errorf("of %s arrived %v, want %v", id, arrived[id], ids)
		}
	}
	if len(arrived) != len(pulled) {
		s.t.Errorf("webhooks arrived about %d subscriptions, want %d", len(arrived), len(pulled))
	}
}

// arrived is the ids of the webhooks that have arrived, by subscription, in the order
// in which each did first.
func (s *storm) arrived() (by map[string][]string, n int) {
	by = map[string][]string{}
	seen := map[string]bool{}
	got, _ := s.hooks.all()
	for _, g := range got {
		if g.Problem != "" {
			s.t.Errorf("webhook %s: %s", g.ID, g.Problem)
		}
		var body struct {
			Data struct{ SubscriptionID string }
		}
		if err := json.Unmarshal(g.Body, &body); err != nil || seen[g.ID] {
			continue
		}
		seen[g.ID] = true
		by[body.Data.SubscriptionID] = append(by[body.Data.SubscriptionID], g.ID)
	}
	return by, len(seen)
}
