package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/httpkit"
)

// TestKillNineUnderVoiceTrafficGivesNoNumberTwice: while 64 customers reserve, install,
// change, port, cancel and disconnect, and the clock moves, servers are ended with -9
// and started on the same data. Afterwards every order that was answered is there, and
// the audit of numbers, orders and what is due finds nothing.
//
// It has the machine to itself, so far as this package goes: the other tests that kill
// servers have limits of time.
//
//nolint:tparallel // its two servers may run beside each other, and beside nothing else
func TestKillNineUnderVoiceTrafficGivesNoNumberTwice(t *testing.T) {
	t.Run(onSQLite, func(t *testing.T) {
		t.Parallel()
		n := startNode(t)
		voiceTraffic(newCrowd(t, newWorld(t, n), n), func() *node { return n }, 10)
	})
	t.Run("postgres, two nodes", func(t *testing.T) {
		t.Parallel()
		args := argsFor(t, onPostgres)
		one, two := startNode(t, args...), startNode(t, args...)
		voiceTraffic(newCrowd(t, newWorld(t, one), one, two), func() *node { return []*node{one, two}[rand.IntN(2)] }, 4)
	})
}

// voiceCustomers is how many customers there are, each with a client.
const voiceCustomers = 64

func voiceTraffic(c *crowd, victim func() *node, rounds int) {
	for i := range voiceCustomers {
		c.actor.must(http.StatusOK, http.MethodPut, "/sandbox/v1/customers/"+voiceCustomer(i), `{}`, nil)
		c.actor.must(http.StatusOK, http.MethodPut, "/sandbox/v1/voice/customers/"+voiceCustomer(i)+"/routes/service/R", "", nil)
	}
	ctx, stop := context.WithCancel(c.t.Context())
	moving, idle := context.WithCancel(ctx)
	c.stopping, c.idle = stop, idle
	for i := range voiceCustomers {
		c.working.Go(func() { c.voiceClient(ctx, i) })
	}
	c.working.Go(func() { c.mover(moving) })
	for round := range rounds {
		c.wait(c.acknowledged() + 20 + rand.IntN(60))
		n := victim()
		c.hold.Lock()
		n.kill()
		err := n.start()
		c.hold.Unlock()
		if err != nil {
			c.t.Error(err)
			break
		}
		if round == rounds/2 {
			c.stopMoving() // a clock whose mover dies stands for a while
		}
	}
	c.wait(c.acknowledged() + voiceCustomers)
	c.stop()
	c.advance("P10D")
	if err := c.actor.check(); err != nil {
		c.t.Error(err)
	}
	for id, customer := range c.acked {
		req := c.actor.request(http.MethodGet, "/Voice/v1/orderStatus?voiceOrderId="+id, "", "")
		req.Header.Set("x-customer-number", customer)
		if res := c.actor.send(req); res.status != http.StatusOK {
			c.t.Errorf("%s of %s was answered, and is now %v", id, customer, res)
		}
	}
	c.t.Logf("%d voice orders; %d requests were sent again", len(c.acked), c.again.Load())
}

func voiceCustomer(i int) string { return fmt.Sprintf("1-K%03d", i) }

// voiceClient is a customer that does one thing after the other with its numbers.
func (c *crowd) voiceClient(ctx context.Context, number int) {
	me := *c.actor
	for n := 0; ctx.Err() == nil && !c.t.Failed(); n++ {
		key := fmt.Sprintf("v%02d-%d", number, n)
		center := []string{"DENVER", "PUEBLO", "ALAMOSA", "DURANGO", "GREELEY", "VAIL"}[rand.IntN(6)]
		path, body := "/Voice/v1/Numbers/orderInventory", fmt.Sprintf(`{"productID":"2036","rateCenterOrders":[{"rateCenter":%q,"state":"CO","quantity":%d}]}`,
			center, 1+rand.IntN(399))
		tn := 13033312000 + int64(rand.IntN(60))
		line := func(what string) string {
			return `"subscriberLines":[{` + what + `"serviceAddress":{"streetNumber":"100","streetName":"MAIN","city":"DENVER","state":"CO","zip":"80202"},"tnList":[` + c.someTNs(&me, number, tn) + `]}]`
		}
		const who = `"customerType":"B","businessName":"Example Bakery",`
		switch rand.IntN(6) {
		case 0, 1:
			path, body = "/Voice/v1/Numbers/order", `{"productID":"2036","orderType":"NEW","customerServiceName":"R",`+line(who)+`}`
		case 2:
			path, body = "/Voice/v1/Numbers/order/change", `{`+line(who)+`}`
		case 3:
			path, body = "/Voice/v1/Numbers/order", fmt.Sprintf(`{"productID":"2036","orderType":"LNP","customerServiceName":"R",%s,"lnp":{"loaName":"Example Bakery","loaReceived":"Y",
				"loaDateTime":"2032-01-05T10:00:00Z","workingTelephoneNumber":"13033312000","losingCarrierAccountNumber":"ACC-1234","losingCarrierWireless":"N"}}`, line(who))
		}
		id := c.voiceSends(&me, number, path, key, body)
		if id == "" {
			continue // it could not be
		}
		c.mu.Lock()
		c.acked[id] = voiceCustomer(number)
		close(c.news)
		c.news = make(chan struct{})
		c.mu.Unlock()
		if rand.IntN(4) == 0 {
			c.voiceSends(&me, number, "/Voice/v1/Numbers/order/cancel", key+"-cancel", fmt.Sprintf(`{"voiceOrderId":%q}`, id))
		}
	}
}

// someTNs are numbers of the customer's pool, or others when it has none.
func (c *crowd) someTNs(me *actor, number int, other int64) string {
	c.hold.RLock()
	me.node = &node{base: c.nodes[number%len(c.nodes)].base}
	c.hold.RUnlock()
	req := me.request(http.MethodGet, "/Voice/v1/Numbers/inventory?pageSize=5", "", "")
	req.Header.Set("x-customer-number", voiceCustomer(number))
	res, err := me.try(req)
	var pool struct {
		List []struct {
			Start int64 `json:"startTN"`
			End   int64 `json:"endTN"`
		} `json:"tnList"`
	}
	if err != nil || json.Unmarshal(res.body, &pool) != nil || len(pool.List) == 0 || rand.IntN(3) == 0 {
		return fmt.Sprintf(`{"startTN":%d,"endTN":%d}`, other, other+int64(rand.IntN(3)))
	}
	r := pool.List[rand.IntN(len(pool.List))]
	from := r.Start + rand.Int64N(r.End-r.Start+1)
	return fmt.Sprintf(`{"startTN":%d,"endTN":%d}`, from, min(r.End, from+rand.Int64N(20)))
}

// voiceSends sends a request until somebody has answered it, and answers the order's id
// when it was accepted.
func (c *crowd) voiceSends(me *actor, number int, path, key, body string) string {
	for try := 0; !c.t.Failed(); try++ {
		c.hold.RLock()
		me.node = &node{base: c.nodes[(number+try)%len(c.nodes)].base}
		c.hold.RUnlock()
		req := me.request(http.MethodPost, path, "application/json", body)
		req.Header.Set("Idempotency-Key", key)
		req.Header.Set("x-customer-number", voiceCustomer(number))
		res, err := me.try(req)
		var answer struct {
			ID   string `json:"voiceOrderId"`
			Code string
		}
		switch {
		case err != nil || res.status == http.StatusServiceUnavailable:
		case json.Unmarshal(res.body, &answer) != nil:
			c.t.Errorf("%s answers %v", path, res)
		case res.status == http.StatusConflict && strings.Contains(string(res.body), httpkit.KeyBusy.Text): // it is under way at the other node
		case res.status == http.StatusAccepted, res.status == http.StatusBadRequest, res.status == http.StatusConflict:
			return answer.ID
		case res.status == http.StatusForbidden && (answer.Code == "403006" || answer.Code == "403002"):
			c.renew(me)
		default:
			c.t.Errorf("%s answers %v", path, res)
		}
		c.again.Add(1)
		_ = clock.Sleep(context.WithoutCancel(c.t.Context()), restBetween)
	}
	return ""
}
