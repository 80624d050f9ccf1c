package sandboxhttp_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox/sandboxhttp"
)

const requestsPath = "/sandbox/v1/requests"

// eachLog serves the sandbox's calls with a log that nobody else writes to.
func eachLog(t *testing.T, test func(t *testing.T, e *edge, log *requestlog.Log)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		quiet := slog.New(slog.DiscardHandler)
		log := requestlog.New(d, quiet)
		k := httpkit.New(httpkit.Options{DB: d, Auth: anyone{world}, Log: quiet})
		k.Add(sandboxhttp.Routes(k, nil, sandboxhttp.Options{Requests: log})...)
		s := httptest.NewServer(k)
		t.Cleanup(s.Close)
		test(t, &edge{d, world, s.URL, contract.Client(t, s.Client().Transport)}, log)
	})
}

// made is a request of the calling application's.
func (e *edge) made(app, id string, status int, f *fault.Error) requestlog.Record {
	return requestlog.Record{World: e.world, App: app, ID: id, Method: "POST", Path: "/x", Query: "a=b", Operation: "makeX", Status: status,
		Took: 1234 * time.Microsecond, Keep: true, RequestHeaders: map[string][]string{"Content-Type": {"application/json"}},
		RequestBody: []byte(`{"pin":"1234"}`), ResponseHeaders: map[string][]string{"Content-Type": {"text/plain"}}, ResponseBody: []byte("plain"), ResponseSize: 5, Fault: f}
}

type requestList struct {
	Requests []struct {
		ID, RequestID, Code string
		Status              int
	}
	Gaps []struct{ Requests int64 }
	Next string
}

func (e *edge) requests(t *testing.T, query string) (list requestList, names string) {
	t.Helper()
	status, body, _ := e.call(t, call{method: "GET", path: requestsPath + query})
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	for _, r := range list.Requests {
		names += " " + r.RequestID
	}
	return list, strings.TrimSpace(names)
}

func TestAnOwnerReadsWhatItsApplicationHasAskedFor(t *testing.T) {
	eachLog(t, func(t *testing.T, e *edge, log *requestlog.Log) {
		wrong := httpkit.KeyBusy.Instead([]string{"wait"}, fault.Field("TST-1", "x", "is wrong"), fault.Field("", "", ""))
		log.Add(e.made("app_test", "r-1", 200, nil))
		log.Add(e.made("app_test", "r-2", 409, wrong))
		log.Add(e.made("app_other", "r-3", 200, nil))
		list, names := e.requests(t, "")
		if names != "r-2 r-1" || list.Next != "" || list.Requests[0].Code != "idempotency_in_progress" || list.Requests[1].Code != "" {
			t.Fatalf("the log has %+v", list)
		}
		var at struct{ At string }
		_, first, _ := e.call(t, call{method: "GET", path: requestsPath + "/r-2"})
		if err := json.Unmarshal([]byte(first), &at); err != nil {
			t.Fatal(err)
		}
		want := func(id, requestID, at, status, why string) string {
			return `{"id":"` + id + `","requestId":"` + requestID + `","at":"` + at + `","method":"POST","path":"/x?a=b","operation":"makeX","status":` + status +
				`,"tookUs":1234,` + why + `,"request":{"headers":{"Content-Type":["application/json"]},"body":"{\"pin\":\"…\"}","size":14,"cut":false},` +
				`"response":{"headers":{"Content-Type":["text/plain"]},"body":"","size":5,"cut":false}}`
		}
		failed := want(list.Requests[0].ID, "r-2", at.At, "409", `"code":"idempotency_in_progress","why":{"code":"idempotency_in_progress","message":"`+httpkit.KeyBusy.Text+
			`","errors":[{"field":"x","message":"is wrong","rule":"TST-1"},{"field":"","message":"","rule":""}],"next":["wait"],"doc":"/docs/errors#idempotency_in_progress"}`)
		for _, id := range []string{"r-2", list.Requests[0].ID} {
			e.wants(t, call{method: "GET", path: requestsPath + "/" + id}, failed)
		}
		if _, body, _ := e.call(t, call{method: "GET", path: requestsPath + "/r-1"}); !strings.Contains(body, `"code":"","why":null,`) {
			t.Errorf("what succeeded is %s", body)
		}
		for _, id := range []string{"r-3", "r-4", "17"} {
			e.refused(t, call{method: "GET", path: requestsPath + "/" + id}, "404 request_unknown")
		}
	})
}

func TestTheLogIsReadPageByPageAndTellsOfItsGaps(t *testing.T) {
	eachLog(t, func(t *testing.T, e *edge, log *requestlog.Log) {
		for i := range 3 {
			log.Add(e.made("app_test", fmt.Sprint("r-", i), 200, nil))
		}
		kept := 0
		for log.Wants(e.world, "app_test") {
			kept++
		}
		if err := log.FlushUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, names := e.requests(t, "?pageSize=2")
		if kept < 1000 || len(list.Gaps) != 1 || list.Gaps[0].Requests != 1 || names != "r-2" {
			t.Errorf("after %d the first page is %+v", kept, list)
		}
		list, names = e.requests(t, "?pageSize=2&after="+list.Next)
		if len(list.Gaps) != 0 || names != "r-1 r-0" || list.Next != "" {
			t.Errorf("the second page is %+v", list)
		}
		if _, names = e.requests(t, "?status=ok&operation=makeX&contains=R-1"); names != "r-1" {
			t.Errorf("found was %s", names)
		}
		if list, names = e.requests(t, "?status=failed"); names != "" || len(list.Gaps) != 0 {
			t.Errorf("failed have %+v", list)
		}
	})
}

func TestWhatAFilterHasWrongIsNamed(t *testing.T) {
	eachLog(t, func(t *testing.T, e *edge, _ *requestlog.Log) {
		for query, want := range map[string]string{
			"?pageSize=101": "EDGE-PAGE-01 pageSize", "?status=x": "RLG-STS-01 status", "?status=601": "RLG-STS-01 status",
		} {
			e.refused(t, call{method: "GET", path: requestsPath + query, bad: true}, "400 invalid_request "+want)
		}
		for _, after := range []string{"x", "0", "-1", "99999999999999999999"} {
			e.refused(t, call{method: "GET", path: requestsPath + "?after=" + after}, "400 invalid_request SBX-REQ-01 after")
		}
		for _, path := range []string{requestsPath, requestsPath + "/r-1"} {
			e.refused(t, call{method: "GET", path: path, app: "live"}, "403 sandbox_only")
		}
	})
}
