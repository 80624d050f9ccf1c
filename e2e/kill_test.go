package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"demarc/internal/clock"
)

// kills is how often a server is killed in each of these tests.
const kills = 52

// TestKillNineInTheMiddleOfLoadLosesNothing: while clients order, the server is ended
// with -9 and started on the same data, again and again. Afterwards every order that
// was answered is there, once, nothing is allocated twice, and every order comes to
// its end with its notifications, each in its place.
func TestKillNineInTheMiddleOfLoadLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run(onSQLite, func(t *testing.T) {
		t.Parallel()
		n := startNode(t)
		c := newCrowd(t, newWorld(t, n), n)
		c.live(func(int) *node { return n }, kills)
		c.settle()
	})
	t.Run("postgres, two nodes", func(t *testing.T) {
		t.Parallel()
		args := argsFor(t, onPostgres)
		one := startNode(t, args...)
		two := startNode(t, args...)
		c := newCrowd(t, newWorld(t, one), one, two)
		// A clock whose mover dies stands until the others give it up, three quarters of
		// a minute later: so it is moved in some of the rounds only.
		c.moves = kills / 4
		c.live(func(int) *node { return c.nodes[rand.IntN(2)] }, kills)
		c.settle()
	})
}

// live lets the crowd order while servers are killed.
func (c *crowd) live(victim func(round int) *node, rounds int) {
	c.t.Helper()
	took := clock.Elapsed()
	c.start()
	for round := range rounds {
		c.wait(c.acknowledged() + 1 + rand.IntN(25))
		n := victim(round)
		c.hold.Lock() // the nodes' fields change; nobody reads them meanwhile
		n.kill()
		c.killed++
		err := n.start()
		c.hold.Unlock()
		if err != nil {
			c.stop()
			c.t.Fatal(err)
		}
		if round == c.moves {
			c.stopMoving()
		}
		if c.t.Failed() {
			break
		}
	}
	c.wait(c.acknowledged() + clients) // it goes on after the last one
	c.stop()
	c.t.Logf("%d kills and %d orders in %v; %d requests were sent again", c.killed, c.acknowledged(), took(), c.again.Load())
	if c.killed < 50 && !c.t.Failed() {
		c.t.Fatalf("only %d kills", c.killed)
	}
}

// settle lets everything come to its end and holds the outcome against what was
// answered.
func (c *crowd) settle() {
	c.t.Helper()
	took := clock.Elapsed()
	c.advance("PT30M")
	if err := c.actor.check(); err != nil {
		c.t.Error(err)
	}
	c.checkOrders()
	c.checkAddresses()
	pulled := c.checkPulled()
	c.checkPushed(pulled)
	c.t.Logf("settled in %v: notifications about %d orders, in %d webhooks", took(), len(pulled), c.arrivals())
}

// checkOrders: what was answered is there, once, and has ended as it had to.
func (c *crowd) checkOrders() {
	c.t.Helper()
	type order struct {
		ID, ExternalID, State string
		Items                 []struct {
			Product struct {
				List []struct{ Value string } `json:"productCharacteristic"`
			}
		} `json:"productOrderItem"`
	}
	seen := map[string]bool{}
	for page := 1; ; page++ {
		var list struct {
			Orders []order `json:"orderRequest"`
		}
		c.actor.must(http.StatusOK, http.MethodGet, fmt.Sprintf("/Customer/v3/Ordering/orderRequest?pageSize=100&pageNumber=%d", page), "", &list)
		for _, o := range list.Orders {
			switch id, ok := c.acked[o.ExternalID]; {
			case !ok:
				c.t.Errorf("order %s for %s was never answered", o.ID, o.ExternalID)
			case id != o.ID:
				c.t.Errorf("%s was answered as order %s, and there is %s", o.ExternalID, id, o.ID)
			case seen[o.ID]:
				c.t.Errorf("order %s is there twice", o.ID)
			}
			seen[o.ID] = true
			want := "completed"
			if len(o.Items) == 1 && len(o.Items[0].Product.List) > 0 && strings.Contains(o.Items[0].Product.List[0].Value, "fails") {
				want = "failed"
			}
			if o.State != want {
				c.t.Errorf("order %s is %s, want %s", o.ID, o.State, want)
			}
		}
		if len(list.Orders) < 100 {
			break
		}
	}
	for external, id := range c.acked {
		if !seen[id] {
			c.t.Errorf("order %s was answered for %s and is lost", id, external)
		}
	}
}

// checkAddresses: no two services hold the same addresses, or the same VLAN of a
// port. It looks at the rows themselves, beside the audit.
func (c *crowd) checkAddresses() {
	c.t.Helper()
	held, holders := map[string]string{}, 0
	for _, line := range c.actor.rows() {
		if !strings.HasPrefix(line, `{"table":"od_service"`) {
			continue
		}
		var row struct {
			Row struct {
				ID, Site, Port, Prefix string
				VLAN, Holds            int
			}
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			c.t.Fatal(err)
		}
		s := row.Row
		if s.Holds == 0 {
			continue
		}
		holders++
		for _, what := range []string{s.Prefix, fmt.Sprintf("VLAN %d of %s at %s", s.VLAN, s.Port, s.Site)} {
			if other := held[what]; other != "" {
				c.t.Errorf("%s is held by %s and by %s", what, other, s.ID)
			}
			held[what] = s.ID
		}
	}
	if holders < len(c.acked)/2 {
		c.t.Errorf("of %d orders only %d services hold something", len(c.acked), holders)
	}
}

// checkPulled: each order has exactly the notifications of its life, in order. It
// answers their ids by order.
func (c *crowd) checkPulled() map[string][]string {
	c.t.Helper()
	types, ids := map[string][]string{}, map[string][]string{}
	seen := map[string]bool{}
	for after := ""; ; {
		var page struct {
			Notifications []struct{ ID, Type, Subject string }
			Next          string
		}
		c.actor.must(http.StatusOK, http.MethodGet, "/notifications?pageSize=100&after="+after, "", &page)
		for _, n := range page.Notifications {
			if seen[n.ID] {
				c.t.Errorf("notification %s is there twice", n.ID)
			}
			seen[n.ID] = true
			types[n.Subject] = append(types[n.Subject], strings.TrimPrefix(n.Type, "ondemand."))
			ids[n.Subject] = append(ids[n.Subject], n.ID)
		}
		if after = page.Next; len(page.Notifications) == 0 {
			break
		}
	}
	for _, id := range c.acked {
		switch got := strings.Join(types["order/"+id], " "); got {
		case "order.acknowledged order.in_progress order.completed service.active",
			"order.acknowledged order.in_progress order.failed service.disconnected":
		default:
			c.t.Errorf("order %s was told of as %q", id, got)
		}
	}
	if len(types) != len(c.acked) {
		c.t.Errorf("%d subjects were told of, and there are %d orders", len(types), len(c.acked))
	}
	return ids
}

// checkPushed: every notification arrived at the webhook too, those of one order in
// their order; what arrived again is what had arrived before.
func (c *crowd) checkPushed(pulled map[string][]string) {
	c.t.Helper()
	got, _ := c.hooks.all()
	arrived := map[string][]string{}
	seen := map[string]bool{}
	for _, g := range got {
		if g.Problem != "" {
			c.t.Errorf("webhook %s: %s", g.ID, g.Problem)
		}
		if !seen[g.ID] {
			seen[g.ID] = true
			subject := "order/" + orderOf(g.Body)
			arrived[subject] = append(arrived[subject], g.ID)
		}
	}
	for subject, want := range pulled {
		if strings.Join(arrived[subject], " ") != strings.Join(want, " ") {
			c.t.Errorf("of %s arrived %v, want %v", subject, arrived[subject], want)
		}
	}
	if len(arrived) != len(pulled) {
		c.t.Errorf("webhooks arrived about %d subjects, want %d", len(arrived), len(pulled))
	}
}
