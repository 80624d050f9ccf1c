package voice_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// rows is every row of the product in a world.
func rows(w *voicetest.World) (all *voice.Everything) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		all, err = w.Desk.Store.All(tx)
		return err
	})
	return all
}

// refused expects a call to break rules, as "code field", or "rule field" where the
// source has no code, all of them in document order; and to leave no row behind.
func refused(t *testing.T, w *voicetest.World, call func() error, want ...string) {
	t.Helper()
	before := rows(w)
	err := call()
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("got %v, want %v", err, want)
	}
	if diff := cmp.Diff(want, brokenRules(f)); diff != "" {
		t.Errorf("broken rules (-want +got):\n%s", diff)
	}
	if top, first := voice.CodeOf(f.Code), voice.CodeOfRule(f.Violations[0].Rule); first != "" && f.Code != fault.Invalid && top != first {
		t.Errorf("%s is on top of a list that begins with %s", top, first)
	}
	if diff := cmp.Diff(before, rows(w), cmpopts.IgnoreFields(voice.Center{}, "Plan")); diff != "" {
		t.Errorf("a refused request has changed (-before +after):\n%s", diff)
	}
}

// brokenRules are a fault's violations, as refused expects them.
func brokenRules(f *fault.Error) []string {
	list := []string{}
	for _, v := range f.Violations {
		name := voice.CodeOfRule(v.Rule)
		if name == "" {
			name = v.Rule
		}
		list = append(list, name+" "+v.Field)
	}
	return list
}

// from reads a request from its JSON.
func from[T any](t *testing.T, body string) *T {
	t.Helper()
	r := new(T)
	if err := json.Unmarshal([]byte(body), r); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

// unit runs a unit of work that may be refused.
func unit(w *voicetest.World, fn func(tx *db.Tx) error) func() error {
	return func() error { return w.DB.Within(w.T.Context(), w.ID, fn) }
}

// spareBlocks are thousands-blocks of Colorado that a sandbox's carrier does not own.
func spareBlocks(n int) (list []nanp.Block) {
	plan := nanp.Find("CO", "BUENAVISTA")
	owned := voice.ReferenceBlocks(plan)
	for code := range plan.Codes() {
		for x := range 10 {
			if b := code.Block(x); !slices.Contains(owned, b) && len(list) < n {
				list = append(list, b)
			}
		}
	}
	return list
}

// blockRequest adds a block to a rate center of Colorado.
func blockRequest(name string, b nanp.Block) *voice.BlockRequest {
	return &voice.BlockRequest{NPA: lenient.Text(fmt.Sprint(b.Code().NPA())), NXX: lenient.Text(fmt.Sprint(b.Code().NXX())), X: lenient.Text(fmt.Sprint(b.X())),
		RateCenter: lenient.Text(name), State: "CO"}
}

// addOwn makes a rate center that only this carrier knows, with a block.
func addOwn(w *voicetest.World, name string, b nanp.Block) {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		_, _, err := w.Desk.AddBlock(tx, "desk", blockRequest(name, b))
		return err
	})
}

// consolidate makes a rate center of Colorado part of another.
func consolidate(w *voicetest.World, name, into string) {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		_, err := w.Desk.Consolidate(tx, "desk", "CO", name, "CO", into)
		return err
	})
}

// reclaim takes numbers of a rate center of Colorado back.
func reclaim(w *voicetest.World, customer, name string, n int) {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		_, err := w.Desk.Reclaim(tx, "desk", customer, "CO", name, n)
		return err
	})
}
