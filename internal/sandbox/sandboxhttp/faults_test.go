package sandboxhttp_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/trouble"

	"github.com/google/go-cmp/cmp"
)

var ferry = trouble.Declare("test.ferry", "a ferry")

const (
	faultsPath = "/sandbox/v1/faults"
	ferryPath  = faultsPath + "/test.ferry"
)

type aFault struct {
	Target, Mode, Latency string
	Remaining             *int64
	SetAt                 time.Time
}

type faultList struct {
	Faults  []aFault
	Targets []struct{ Target, Description string }
}

// put sets a fault and answers it as it is answered, with its moment apart.
func (e *edge) put(t *testing.T, body string) (aFault, time.Time) {
	t.Helper()
	status, answer, _ := e.call(t, call{method: "POST", path: faultsPath, body: body})
	if status != http.StatusCreated {
		t.Fatalf("%s was answered %d %s", body, status, answer)
	}
	var f aFault
	if err := json.Unmarshal([]byte(answer), &f); err != nil {
		t.Fatal(err)
	}
	at := f.SetAt
	f.SetAt = time.Time{}
	return f, at
}

func (e *edge) faults(t *testing.T) (list faultList) {
	t.Helper()
	status, answer, _ := e.call(t, call{method: "GET", path: faultsPath})
	if err := json.Unmarshal([]byte(answer), &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, answer, err)
	}
	return list
}

// done expects 204 and nothing more.
func (e *edge) done(t *testing.T, c call) {
	t.Helper()
	if status, body, _ := e.call(t, c); status != http.StatusNoContent || body != "" {
		t.Errorf("%s %s answered %d %s", c.method, c.path, status, body)
	}
}

// meets expects the next call to the ferry to go wrong in a way, or not when that is "".
func (e *edge) meets(t *testing.T, want trouble.Mode) {
	t.Helper()
	err := trouble.New(e.d).Spot(ferry, time.Minute, 1).Meet(t.Context(), e.world)
	if got := trouble.ModeOf(err); got != want || (err != nil) != (want != "") {
		t.Errorf("the call met %q (%v), want %q", got, err, want)
	}
}

func TestAnOwnerSetsListsAndClearsFaults(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		first := e.faults(t)
		if len(first.Faults) != 0 || len(first.Targets) != 1 || first.Targets[0].Target != "test.ferry" || first.Targets[0].Description != "a ferry" {
			t.Errorf("at first the list is %+v", first)
		}
		for _, c := range []struct {
			body string
			want aFault
		}{
			{`{"target":"test.ferry","mode":"unavailable","count":2}`, aFault{Target: "test.ferry", Mode: "unavailable", Latency: "PT0S", Remaining: new(int64(2))}},
			{`{"target":"test.ferry","mode":"error","count":0}`, aFault{Target: "test.ferry", Mode: "error", Latency: "PT0S"}},
			{`{"target":"test.ferry","mode":"timeout","count":10000,"latency":"PT1M"}`, aFault{Target: "test.ferry", Mode: "timeout", Latency: "PT1M", Remaining: new(int64(10_000))}},
			{`{"target":"test.ferry","mode":"slow"}`, aFault{Target: "test.ferry", Mode: "slow", Latency: "PT2S"}},
			{`{"target":"test.ferry","mode":"slow","latency":"PT0.001S"}`, aFault{Target: "test.ferry", Mode: "slow", Latency: "PT0.001S"}},
			{`{"target":"test.ferry","mode":"unavailable","count":2}`, aFault{Target: "test.ferry", Mode: "unavailable", Latency: "PT0S", Remaining: new(int64(2))}},
		} {
			got, at := e.put(t, c.body)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.body, diff)
			}
			list := e.faults(t)
			if len(list.Faults) != 1 || !list.Faults[0].SetAt.Equal(at) || list.Faults[0].Mode != c.want.Mode {
				t.Errorf("%s: the list is %+v", c.body, list)
			}
		}
		e.meets(t, trouble.Unavailable)
		if list := e.faults(t); len(list.Faults) != 1 || list.Faults[0].Remaining == nil || *list.Faults[0].Remaining != 1 {
			t.Errorf("after a call the list is %+v", list)
		}
		for range 2 {
			e.done(t, call{method: "DELETE", path: ferryPath})
			e.meets(t, "")
		}
		e.put(t, `{"target":"test.ferry","mode":"error"}`)
		e.meets(t, trouble.Failure)
		for range 2 {
			e.done(t, call{method: "DELETE", path: faultsPath})
			e.meets(t, "")
		}
		if list := e.faults(t); len(list.Faults) != 0 {
			t.Errorf("at last the list is %+v", list)
		}
	})
}

func TestARuleThatAFaultBreaksIsNamedOverHTTP(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		for _, c := range []struct{ why, body, want string }{
			{"TRB-TGT-01 no target", `{"mode":"slow"}`, "TRB-TGT-01 target"},
			{"TRB-MOD-01 no mode", `{"target":"test.ferry"}`, "TRB-MOD-01 mode"},
			{"TRB-MOD-01 another mode", `{"target":"test.ferry","mode":"broken"}`, "TRB-MOD-01 mode"},
			{"TRB-CNT-01 too many", `{"target":"test.ferry","mode":"slow","count":10001}`, "TRB-CNT-01 count"},
			{"TRB-CNT-01 too few", `{"target":"test.ferry","mode":"slow","count":-1}`, "TRB-CNT-01 count"},
			{"TRB-LAT-01 too long", `{"target":"test.ferry","mode":"slow","latency":"PT1M0.000001S"}`, "TRB-LAT-01 latency"},
			{"TRB-LAT-01 no span", `{"target":"test.ferry","mode":"error","latency":"2 s"}`, "TRB-LAT-01 latency"},
			{"TRB-LAT-01 nothing", `{"target":"test.ferry","mode":"error","latency":""}`, "TRB-LAT-01 latency"},
			{"TRB-LAT-02 slow at once", `{"target":"test.ferry","mode":"slow","latency":"PT0S"}`, "TRB-LAT-02 latency"},
			{"everything", `{"count":-1,"latency":"-PT1S"}`, "TRB-TGT-01 target TRB-MOD-01 mode TRB-CNT-01 count TRB-LAT-01 latency"},
		} {
			t.Run(c.why, func(t *testing.T) {
				// Some of these the document itself forbids, others only the rule.
				e.refused(t, call{method: "POST", path: faultsPath, body: c.body, bad: true}, "400 invalid_request "+c.want)
			})
		}
		e.refused(t, call{method: "POST", path: faultsPath, body: `{"target":"test.ferry","mode":"slow","count":1.5}`, bad: true}, "400 malformed_request EDGE-JSON-02 count")
		e.refused(t, call{method: "POST", path: faultsPath, body: `{"target":"test.ferry","mode":"slow","latency":2}`, bad: true}, "400 malformed_request EDGE-JSON-02 latency")
		if list := e.faults(t); len(list.Faults) != 0 {
			t.Errorf("the list is %+v", list)
		}
	})
}

func TestWhatCannotBeMadeToFailIsUnknown(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.refused(t, call{method: "POST", path: faultsPath, body: `{"target":"test.tunnel","mode":"slow"}`}, "404 trouble_unknown_target")
		e.refused(t, call{method: "DELETE", path: faultsPath + "/test.tunnel"}, "404 trouble_unknown_target")
		e.refused(t, call{method: "DELETE", path: faultsPath + "/test%2Fferry"}, "404 trouble_unknown_target")
	})
}

func TestProductionHasNoFaults(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		for _, c := range []call{{method: "GET", path: faultsPath}, {method: "POST", path: faultsPath, body: `{"target":"test.ferry","mode":"slow"}`},
			{method: "DELETE", path: faultsPath}, {method: "DELETE", path: ferryPath}} {
			c.app = "live"
			e.refused(t, c, "403 sandbox_only")
		}
	})
}

func TestAFaultWithAKeyIsSetOnce(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		first := call{method: "POST", path: faultsPath, body: `{"target":"test.ferry","mode":"error","count":1}`, key: "key-1"}
		status, body, replayed := e.call(t, first)
		if status != http.StatusCreated || replayed {
			t.Fatalf("the first answered %d %s, replayed: %v", status, body, replayed)
		}
		e.meets(t, trouble.Failure)
		status, again, replayed := e.call(t, first)
		if status != http.StatusCreated || again != body || !replayed {
			t.Errorf("the second answered %d %s, replayed: %v", status, again, replayed)
		}
		e.meets(t, "")
	})
}

func TestTheTrailNamesTheApplicationThatSetAFault(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.put(t, `{"target":"test.ferry","mode":"error","count":1}`)
		e.done(t, call{method: "DELETE", path: ferryPath})
		var got []string
		err := e.d.View(t.Context(), e.world, func(tx *db.Tx) error {
			list, err := audit.History(tx, "fault/test.ferry")
			for _, v := range list {
				got = append(got, v.Actor+" "+v.Event)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"app_test put", "app_test cleared"}, got); diff != "" {
			t.Error(diff)
		}
	})
}
