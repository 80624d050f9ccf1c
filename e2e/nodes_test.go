package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"demarc/internal/clock"
)

// twoNodes are two servers on one database, and one application at each of them.
func twoNodes(t *testing.T) (one, two *node, atOne, atTwo *actor) {
	t.Helper()
	args := argsFor(t, onPostgres)
	one, two = startNode(t, args...), startNode(t, args...)
	atOne = newWorld(t, one)
	other := *atOne
	other.node = two
	return one, two, atOne, &other
}

// eventually asks until ok, within patience; a node learns what another did by
// looking, so there is no other signal.
func eventually(t testing.TB, what string, ok func() bool) time.Duration {
	t.Helper()
	took := clock.Elapsed()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	for !ok() {
		if clock.Sleep(ctx, awaitEvery) != nil {
			t.Fatalf("it did not happen: %s", what)
		}
	}
	return took()
}

// What one node does, the other knows within seconds: tokens that are revoked,
// clocks that are moved, worlds that are deleted.
func TestTwoNodesKnowOfEachOthersChanges(t *testing.T) {
	t.Parallel()
	_, _, atOne, atTwo := twoNodes(t)

	// The token of one is good at the other, which then has it in its cache.
	atTwo.must(http.StatusOK, http.MethodGet, "/Network/v1/provider", "", nil)
	req := atOne.request(http.MethodPost, "/oauth/revoke", "application/x-www-form-urlencoded", "token="+atOne.token)
	if res := atOne.send(req); res.status != http.StatusOK {
		t.Fatalf("revoke answers %v", res)
	}
	atOne.mustStop(t)
	took := eventually(t, "a revoked token stops at the other node", func() bool {
		return atTwo.call(http.MethodGet, "/Network/v1/provider", "").status == http.StatusUnauthorized
	})
	if t.Logf("revoked at one node, refused at the other after %v", took); took > 5*time.Second {
		t.Errorf("a revoked token was good for %v at the other node", took)
	}
	atOne.login()
	atTwo.token = atOne.token

	// A clock that is moved at one node is moved at the other.
	atOne.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/freeze", "", nil)
	atOne.advance(`{"to":"2035-05-05T05:05:05Z"}`)
	atTwo.token = atOne.token
	var at struct{ Now string }
	atTwo.must(http.StatusOK, http.MethodGet, "/sandbox/v1/clock", "", &at)
	if at.Now != "2035-05-05T05:05:05Z" {
		t.Errorf("the other node's clock shows %s", at.Now)
	}
	// And what is written there has that time, as soon as the answer is here.
	order := place(t, atTwo, "NaaS-7888", "at the other node")
	var shown struct{ OrderDate string }
	atOne.must(http.StatusOK, http.MethodGet, "/Customer/v3/Ordering/orderRequest/"+order, "", &shown)
	if shown.OrderDate != "2035-05-05T05:05:05Z" {
		t.Errorf("the order was placed at %s of the world's time", shown.OrderDate)
	}

	// Nobody gets a quote that the other node has used, and a key is one key.
	if res := atOne.call(http.MethodPost, orderPath, addBody("again", "again", "NaaS-7888")); res.status != http.StatusConflict {
		t.Errorf("a used quote answers %v at the other node", res)
	}
	if err := atTwo.check(); err != nil {
		t.Error(err)
	}
	_ = atTwo.advance(`{"by":"PT10M"}`)
	if err := atTwo.check(); err != nil {
		t.Error(err)
	}
}

// mustStop makes sure that the actor's token is refused at its own node at once.
func (a *actor) mustStop(t testing.TB) {
	t.Helper()
	if res := a.call(http.MethodGet, "/Network/v1/provider", ""); res.status != http.StatusUnauthorized {
		t.Fatalf("a revoked token answers %v", res)
	}
}

const orderPath = "/Customer/v3/Ordering/orderRequest"

// place orders a service with a quote.
func place(t testing.TB, a *actor, quote, name string) string {
	t.Helper()
	var order struct{ ID string }
	a.must(http.StatusCreated, http.MethodPost, orderPath, addBody("EXT", name, quote), &order)
	return order.ID
}

// What a killed node had begun or was to begin, the other does: due work at once, and
// what was under way when its lease has run out.
func TestTwoNodesFinishEachOthersWork(t *testing.T) {
	t.Parallel()
	args := argsFor(t, onPostgres)
	one := startNode(t, args...)
	atOne := newWorld(t, one)
	hooks := newReceiver(t)
	release := hooks.holdAll()
	defer release()
	atOne.must(http.StatusCreated, http.MethodPost, "/webhooks/v1/endpoints", fmt.Sprintf(`{"url":%q,"events":["ondemand.order.*"]}`, hooks.URL), nil)

	// The webhook of an order is under way when its node is killed; the other node has
	// come up meanwhile.
	order := place(t, atOne, "NaaS-7888", "left behind")
	waitFor(t, hooks, 1)
	two := startNode(t, args...)
	alive := *atOne
	alive.node = two
	one.kill()
	release()
	took := clock.Elapsed()

	// Ten seconds after it was placed, the order goes on at the other node.
	eventually(t, "the order goes on at the other node", func() bool {
		var o struct{ State string }
		alive.must(http.StatusOK, http.MethodGet, orderPath+"/"+order, "", &o)
		return o.State == "inProgress"
	})
	t.Logf("the order went on after %v", took())

	// The webhook comes again, under the same id, when the lease has run out; the next
	// one of the same order waits for it.
	waitFor(t, hooks, 3)
	t.Logf("the webhook came again after %v", took())
	got, _ := hooks.all()
	if got[0].ID != got[1].ID || got[1].Type != "ondemand.order.acknowledged" || got[2].Type != "ondemand.order.in_progress" {
		t.Errorf("what arrived is %s %s, %s %s, %s %s", got[0].Type, got[0].ID, got[1].Type, got[1].ID, got[2].Type, got[2].ID)
	}
	alive.advance(`{"by":"PT10M"}`)
	waitFor(t, hooks, 4)
	if err := alive.check(); err != nil {
		t.Error(err)
	}
}

// waitFor waits until so many webhooks have arrived.
func waitFor(t testing.TB, r *receiver, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	for {
		got, news := r.all()
		if len(got) >= n {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("only %d webhooks of %d have arrived", len(got), n)
		}
	}
}

// Both nodes take orders for one world at once: each quote is used once, each key
// makes one order, and nothing is allocated twice.
func TestTwoNodesSettleRaces(t *testing.T) {
	t.Parallel()
	_, _, atOne, atTwo := twoNodes(t)
	settleRaces(t, atOne, atTwo)
}

// On one node of either database as well.
func TestRacesAreSettled(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		a := newWorld(t, sharedNode(t, database))
		settleRaces(t, a, a)
	})
}

// racers is how many want the same thing at the same moment.
const racers = 16

func settleRaces(t *testing.T, at ...*actor) {
	t.Helper()
	race := func(send func(a *actor, i int) answer) (answers []answer) {
		answers = make([]answer, racers)
		begin, done := make(chan struct{}), make(chan struct{}, racers)
		for i := range racers {
			go func() {
				defer func() { done <- struct{}{} }()
				me := *at[i%len(at)]
				<-begin
				answers[i] = send(&me, i)
			}()
		}
		close(begin)
		for range racers {
			<-done
		}
		return answers
	}

	// One quote, many orders: one gets it, the others are told so.
	won := 0
	for _, res := range race(func(a *actor, i int) answer {
		return a.call(http.MethodPost, orderPath, addBody(fmt.Sprint("race-", i), "a race", "NaaS-7888"))
	}) {
		if res.status == http.StatusCreated {
			won++
		} else if reasonOf(res) != "quote_used" {
			t.Errorf("a loser is answered %v", res)
		}
	}
	if won != 1 {
		t.Errorf("%d orders were placed with one quote", won)
	}

	// One key, sent many times at once: one order, the same answer for all who get one.
	orders := map[string]bool{}
	for _, res := range race(func(a *actor, _ int) answer {
		req := a.request(http.MethodPost, orderPath, "application/json", addBody("keyed", "one key", "NaaS-7898"))
		req.Header.Set("Idempotency-Key", "the-key")
		return a.send(req)
	}) {
		var order struct{ ID string }
		if res.status == http.StatusCreated && json.Unmarshal(res.body, &order) == nil {
			orders[order.ID] = true
		} else if reasonOf(res) != "idempotency_in_progress" {
			t.Errorf("a second try is answered %v", res)
		}
	}
	if len(orders) != 1 {
		t.Errorf("one key made the orders %v", orders)
	}

	// Many changes of one service: one is under way.
	changes := 0
	for _, res := range race(func(a *actor, i int) answer {
		return a.call(http.MethodPost, orderPath, renameBody(fmt.Sprint("name-", i)))
	}) {
		if res.status == http.StatusCreated {
			changes++
		} else if reasonOf(res) != "service_busy" {
			t.Errorf("a change that comes too late is answered %v", res)
		}
	}
	if changes != 1 {
		t.Errorf("%d changes of one service are under way", changes)
	}

	at[0].advance(`{"by":"PT10M"}`)
	if err := at[0].check(); err != nil {
		t.Error(err)
	}
}

func reasonOf(res answer) string {
	var e struct{ Reason string }
	_ = json.Unmarshal(res.body, &e)
	return e.Reason
}

func renameBody(name string) string {
	return fmt.Sprintf(`{"externalId":%q,"billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},
	"channel":[{"id":"99","name":"NaaS ExternalAPI"}],"productOrderItem":[{"id":"1","quantity":1,"action":"modify",
	"productOffering":{"id":"718","name":"NaaS Internet"},"product":{"id":"77133831778","productSpecification":{"id":"5001","name":"NaaS Internet"},
	"productCharacteristic":[{"name":"Customer Service Name","valueType":"String","value":%q}]}}]}`, name, name)
}
