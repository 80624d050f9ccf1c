package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/clock"
)

// clients is how many order at once.
const clients = 20

// crowd is many clients who order at servers that may die at any moment. Each sends
// a request with an Idempotency-Key until it is answered.
type crowd struct {
	t     testing.TB
	actor *actor // whose keys all of them use
	nodes []*node
	hooks *receiver
	moves int // in which rounds the clock is moved

	hold     sync.RWMutex // of the nodes' fields
	mu       sync.Mutex
	acked    map[string]string // externalId -> order
	news     chan struct{}     // closed, and replaced, with every acknowledged order
	killed   int
	again    atomic.Int64
	stopping context.CancelFunc
	idle     context.CancelFunc // ends the moving of the clock
	working  sync.WaitGroup
}

func newCrowd(t testing.TB, a *actor, nodes ...*node) *crowd {
	c := &crowd{t: t, actor: a, nodes: nodes, hooks: newReceiver(t), moves: kills, acked: map[string]string{}, news: make(chan struct{})}
	var endpoint struct{ Secret string }
	a.must(http.StatusCreated, http.MethodPost, "/webhooks/v1/endpoints", fmt.Sprintf(`{"url":%q,"events":["ondemand.*"]}`, c.hooks.URL), &endpoint)
	c.hooks.verify([]string{endpoint.Secret})
	return c
}

// start sets the clients to work, and one who moves the clock.
func (c *crowd) start() {
	ctx, stop := context.WithCancel(c.t.Context())
	moving, idle := context.WithCancel(ctx)
	c.stopping, c.idle = stop, idle
	for i := range clients {
		c.working.Go(func() { c.client(ctx, i) })
	}
	c.working.Go(func() { c.mover(moving) })
}

func (c *crowd) stopMoving() { c.idle() }

// stop ends the clients once each has its present answer.
func (c *crowd) stop() {
	c.stopping()
	c.working.Wait()
	c.actor.login()
}

func (c *crowd) acknowledged() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.acked)
}

// wait waits until so many orders were acknowledged.
func (c *crowd) wait(n int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		c.mu.Lock()
		have, news := len(c.acked), c.news
		c.mu.Unlock()
		if have >= n || c.t.Failed() {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			c.t.Errorf("after %v only %d orders of %d were acknowledged", patience, have, n)
			return
		}
	}
}

// client orders, one after the other, until it is told to stop. What it has begun it
// brings to its end.
func (c *crowd) client(ctx context.Context, number int) {
	me := *c.actor
	for n := 0; ctx.Err() == nil && !c.t.Failed(); n++ {
		external := fmt.Sprintf("c%02d-%d", number, n)
		name := external
		if n%8 == 7 {
			name += " [demarc:activation-fails]"
		}
		quote := c.insist(&me, number, "/Product/v1/priceRequest", external+"-quote", priceBody, http.StatusOK)
		order := c.insist(&me, number, "/Customer/v3/Ordering/orderRequest", external+"-order", addBody(external, name, quote), http.StatusCreated)
		if order == "" {
			return
		}
		c.mu.Lock()
		c.acked[external] = order
		close(c.news)
		c.news = make(chan struct{})
		c.mu.Unlock()
	}
}

const priceBody = `{"sourceSystem":"NaaS ExternalAPI","customerNumber":"1-ABCDE","currencyCode":"USD","masterSiteId":"PL0001247634",
	"productCode":"718","partnerId":"43558","speed":"10 Mbps"}`

func addBody(external, name, quote string) string {
	return fmt.Sprintf(`{"externalId":%q,"billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},
	"channel":[{"id":"99","name":"NaaS ExternalAPI"}],"quote":[{"id":%q,"name":"q"}],
	"productOrderItem":[{"id":"1","quantity":1,"action":"add","productOffering":{"id":"718","name":"NaaS Internet"},
	"product":{"productSpecification":{"id":"5001","name":"NaaS Internet"},"productCharacteristic":[
	{"name":"Customer Service Name","valueType":"String","value":%q},{"name":"VLAN Assignment","valueType":"String","value":"Auto Assign"},
	{"name":"IPV4 Block Size","valueType":"String","value":"/29"},{"name":"Routing Options","valueType":"String","value":"Static"}]}}],
	"relatedContactInformation":[{"number":"+16155550123","emailAddress":"robin@example.com","role":"Order Contact",
	"organization":"Example Org","name":"Robin Example"}]}`, external, quote, name)
}

// restBetween is how long a client rests when nobody is there, before it asks the
// next node.
const restBetween = 3 * time.Millisecond

// insist sends a request until it is answered as it should be, at one node or
// another, and answers the id in it.
func (c *crowd) insist(me *actor, number int, path, key, body string, status int) string {
	for try := 0; !c.t.Failed(); try++ {
		c.hold.RLock()
		me.node = &node{base: c.nodes[(number+try)%len(c.nodes)].base}
		c.hold.RUnlock()
		req := me.request(http.MethodPost, path, "application/json", body)
		req.Header.Set("Idempotency-Key", key)
		res, err := me.try(req)
		var answer struct{ ID, Reason string }
		switch {
		case err == nil && json.Unmarshal(res.body, &answer) != nil:
			c.t.Errorf("%s answers %v", path, res)
		case err == nil && res.status == status:
			return answer.ID
		case err == nil && res.status == http.StatusUnauthorized:
			c.renew(me)
		case err == nil && answer.Reason != "idempotency_in_progress" && res.status != http.StatusServiceUnavailable:
			c.t.Errorf("%s answers %v", path, res)
		}
		c.again.Add(1)
		_ = clock.Sleep(context.WithoutCancel(c.t.Context()), restBetween)
	}
	return ""
}

// renew gets a client a new token, if there is somebody to give it.
func (c *crowd) renew(me *actor) {
	res, err := me.try(me.request(http.MethodPost, "/oauth/v2/token", "application/x-www-form-urlencoded", "grant_type=client_credentials"))
	var token struct {
		Text string `json:"access_token"`
	}
	if err == nil && res.status == http.StatusOK && json.Unmarshal(res.body, &token) == nil {
		me.token = token.Text
	}
}

// mover moves the clock a little now and then, so that servers are killed while they
// work on what falls due, too.
func (c *crowd) mover(ctx context.Context) {
	me := *c.actor
	for n := 0; clock.Sleep(ctx, 100*time.Millisecond) == nil; n++ {
		c.hold.RLock()
		me.node = &node{base: c.nodes[n%len(c.nodes)].base}
		c.hold.RUnlock()
		res, err := me.try(me.request(http.MethodPost, "/sandbox/v1/clock/advance", "application/json", `{"by":"PT20S"}`))
		if err == nil && res.status == http.StatusUnauthorized {
			c.renew(&me)
		}
	}
}

// advance moves the clock, however long another move takes to be given up.
func (c *crowd) advance(by string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 4*patience)
	defer cancel()
	for {
		res := c.actor.call(http.MethodPost, "/sandbox/v1/clock/advance", `{"by":"`+by+`"}`)
		if res.status == http.StatusOK {
			c.actor.login()
			return
		}
		if res.status != http.StatusConflict || clock.Sleep(ctx, 100*time.Millisecond) != nil {
			c.t.Fatalf("the clock cannot be moved: %v", res)
		}
	}
}

func (c *crowd) arrivals() int {
	got, _ := c.hooks.all()
	return len(got)
}

// orderOf is the order that a webhook is about.
func orderOf(body []byte) string {
	var n struct {
		Data struct{ OrderID string }
	}
	_ = json.Unmarshal(body, &n)
	return n.Data.OrderID
}
