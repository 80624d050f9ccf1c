package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// controller is a carrier's network controller, as docs/operations.md describes it.
type controller struct {
	*httptest.Server
	mu      sync.Mutex
	changes map[string]map[string]any // by reference
	asked   map[string]int
	posts   []string // their Idempotency-Keys
}

func newController(t testing.TB) *controller {
	c := &controller{changes: map[string]map[string]any{}, asked: map[string]int{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

// serve takes a change at its second asking (the first is lost, after it took
// effect), is done when it has been asked twice, and refuses the service that is
// called so.
func (c *controller) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ref, ok := strings.CutPrefix(r.URL.Path, "/net/changes/"); ok {
		c.asked[ref]++
		answer := map[string]any{"state": "pending", "checkAfterSeconds": 1}
		if c.asked[ref] > 1 {
			answer = map[string]any{"state": "done"}
		}
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	var change map[string]any
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &change) != nil || r.URL.Path != "/net/changes" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	c.posts = append(c.posts, key)
	ref := "CHG-" + key
	if _, known := c.changes[ref]; !known && change["prefix"] != "" && len(c.changes) == 0 {
		c.changes[ref] = change
		w.WriteHeader(http.StatusBadGateway) // it has taken effect, and nobody is told
		return
	}
	c.changes[ref] = change
	if len(c.changes) > 1 {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(map[string]string{"reason": "no fibre there"})
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]any{"ref": ref, "checkAfterSeconds": 1})
}

// Production's orders go to the carrier's controller, each under its own key however
// often it is asked; what it refuses fails and gives everything back. Sandboxes stay
// with the embedded network, whatever is configured.
func TestProductionOrdersGoToTheNetworksController(t *testing.T) {
	t.Parallel()
	c := newController(t)
	n := startNode(t, "--network-url", c.URL+"/net")
	a := inProduction(t, n)
	n.runs(t, "app", "approve", a.id)
	a.login()
	state := func(order string) (o struct{ State, ServiceID string }) {
		a.must(http.StatusOK, http.MethodGet, orderPath+"/"+order, "", &o)
		return o
	}
	good := a.placeReal(t, "It comes up")
	eventually(t, "the controller's change is done", func() bool { return state(good).State == "completed" })
	bad := a.placeReal(t, "It is refused")

	// Meanwhile a sandbox orders, and its clock is moved.
	box := newWorld(t, n)
	order := place(t, box, "NaaS-7888", "practice")
	box.advance(`{"by":"PT10M"}`)
	var o struct{ State string }
	if box.must(http.StatusOK, http.MethodGet, orderPath+"/"+order, "", &o); o.State != "completed" {
		t.Errorf("the sandbox's order is %s", o.State)
	}
	if err := box.check(); err != nil {
		t.Error(err)
	}

	eventually(t, "the refused order fails", func() bool { return state(bad).State == "failed" })
	c.mu.Lock()
	defer c.mu.Unlock()
	change := c.changes["CHG-"+good]
	if change["action"] != "add" || change["order"] != good || change["mbps"] != float64(10) || change["port"] != "NNI-01" {
		t.Errorf("the controller was asked for %v", change)
	}
	if strings.Join(c.posts, " ") != good+" "+good+" "+bad {
		t.Errorf("the controller was asked with the keys %v; want %s twice and %s once, and no sandbox's", c.posts, good, bad)
	}
}
