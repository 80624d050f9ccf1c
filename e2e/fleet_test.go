package e2e

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/marketplace/marketplacetest"
)

// fleet is servers on one database, of which any may die at any moment, and callers
// who go to the next one then: one server on SQLite, two on PostgreSQL.
type fleet struct {
	t      testing.TB
	a      *actor
	nodes  []*node
	bases  []string
	gates  []sync.RWMutex // each held while its node is dead
	killed int
	again  atomic.Int64 // how many requests were sent again
}

func newFleet(t testing.TB, database string) *fleet {
	t.Helper()
	args, size := argsFor(t, database), 1
	if database == onPostgres {
		size = 2
	}
	f := &fleet{t: t, gates: make([]sync.RWMutex, size)}
	for range size {
		n := startNode(t, args...)
		f.nodes, f.bases = append(f.nodes, n), append(f.bases, n.base)
	}
	f.a = newWorld(t, f.nodes[0])
	return f
}

// reach is the address of a node that is up, of several the one whose turn it is. When
// all are dead it waits for that one.
func (f *fleet) reach(turn int) string {
	for i := range f.nodes {
		at := (turn + i) % len(f.nodes)
		if f.gates[at].TryRLock() {
			f.gates[at].RUnlock()
			return f.bases[at]
		}
	}
	at := turn % len(f.nodes)
	f.gates[at].RLock()
	defer f.gates[at].RUnlock()
	return f.bases[at]
}

// kill ends nodes with -9 and starts them again; callers go elsewhere meanwhile.
func (f *fleet) kill(victims ...int) {
	f.t.Helper()
	for _, i := range victims {
		f.gates[i].Lock()
		f.nodes[i].kill()
	}
	for _, i := range victims {
		if err := f.nodes[i].start(); err != nil {
			f.t.Error(err)
		}
		f.gates[i].Unlock()
	}
	f.killed += len(victims)
}

// updatePath is where providers tell of their customers.
const updatePath = "/update-subscription/"

// insist posts, under an Idempotency-Key, until some node has answered 201.
func (f *fleet) insist(me *actor, turn int, path, key, body string) answer {
	for ; !f.t.Failed(); turn++ {
		me.node = &node{base: f.reach(turn)}
		req := me.request(http.MethodPost, path, "application/json", body)
		req.Header.Set("Idempotency-Key", key)
		if path == updatePath { // its callers have nothing of an application's
			req.Header.Del("Authorization")
			req.Header.Del("x-customer-number")
		}
		res, err := me.try(req)
		switch {
		case err != nil: // it died, or is dying
		case res.status == http.StatusCreated:
			return res
		case reasonOf(res) != "idempotency_in_progress" && res.status != http.StatusServiceUnavailable:
			f.t.Errorf("%s under %s answers %v", path, key, res)
		}
		f.again.Add(1)
		_ = clock.Sleep(f.t.Context(), restBetween)
	}
	return answer{}
}

// twice is insist by two callers at once, who have to be answered alike.
func (f *fleet) twice(me *actor, turn int, path, key, body string) answer {
	var also sync.WaitGroup
	var second answer
	other := *me
	also.Go(func() { second = f.insist(&other, turn+1, path, key, body) })
	first := f.insist(me, turn, path, key, body)
	also.Wait()
	if !bytes.Equal(first.body, second.body) {
		f.t.Errorf("%s twice under %s answers %v and %v", path, key, first, second)
	}
	return first
}

// advance moves the clock, however long another move takes to be given up.
func (f *fleet) advance(body string) {
	f.t.Helper()
	eventually(f.t, "the clock can be moved", func() bool {
		res := f.a.call(http.MethodPost, "/sandbox/v1/clock/advance", body)
		if res.status != http.StatusOK && res.status != http.StatusConflict {
			f.t.Fatalf("the clock cannot be moved: %v", res)
		}
		return res.status == http.StatusOK
	})
	f.a.login()
}

// vendor is a provider with a server of its own, onboarded in an actor's world with
// one product.
type vendor struct {
	*marketplacetest.Provider
	key, product string
}

const vendorName = "stormy"

// vendorSKUs are what is counted of its product.
var vendorSKUs = []string{"SKU-A", "SKU-B", "SKU-C"}

func newVendor(t testing.TB, a *actor) *vendor {
	t.Helper()
	v := &vendor{Provider: marketplacetest.NewProvider(t)}
	var made struct {
		ID  string
		Key struct{ Clear string }
	}
	a.must(http.StatusCreated, http.MethodPost, "/marketplace/v1/providers", `{"name":"`+vendorName+`","title":"Stormy Software","baseUrl":"`+v.URL+`"}`, &made)
	skus := ""
	for i, sku := range vendorSKUs {
		if i > 0 {
			skus += ","
		}
		skus += `{"sku":"` + sku + `","name":"Use of ` + sku + `","unit":"piece"}`
	}
	var product struct{ ID string }
	a.must(http.StatusCreated, http.MethodPost, "/marketplace/v1/providers/"+made.ID+"/products", `{"name":"Weather","skus":[`+skus+`]}`, &product)
	v.key, v.product = made.Key.Clear, product.ID
	return v
}

// wants is a buyer's form for the vendor's product.
func (v *vendor) wants(buyer string) string {
	return `{"productId":"` + v.product + `","fields":{"accountHolderName":"` + buyer + `","emailAddress":"` + buyer + `@example.com"}}`
}

// bought is a subscription as its buyer sees it.
type bought struct {
	ID, State, ActiveAt string
	COID, Failure       string
	Attempts            int
	Fields              struct {
		Buyer string `json:"accountHolderName"`
	}
	ProductID string
}

// bought is every subscription to the vendor's product.
func (v *vendor) bought(a *actor) (all []bought) {
	a.t.Helper()
	for page := 1; ; page++ {
		var list struct{ Subscriptions []bought }
		a.must(http.StatusOK, http.MethodGet, pageURL("/marketplace/v1/subscriptions", page), "", &list)
		for _, s := range list.Subscriptions {
			if s.ProductID == v.product {
				all = append(all, s)
			}
		}
		if len(list.Subscriptions) < 100 {
			return all
		}
	}
}
