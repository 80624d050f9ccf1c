package sandboxhttp_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/sandbox/sandboxhttp"
	"demarc/internal/setting"

	"github.com/google/go-cmp/cmp"
)

var door = setting.Declare(setting.Setting{Name: "test.door", Values: []string{"open", "closed"}, Default: "open", Text: "How the door is."})

const (
	settingsPath = "/sandbox/v1/settings"
	doorPath     = settingsPath + "/test.door"
	open         = `{"name":"test.door","value":"open","default":"open","values":["open","closed"],"description":"How the door is."}`
	closed       = `{"name":"test.door","value":"closed","default":"open","values":["open","closed"],"description":"How the door is."}`
)

// anyone takes the token "live" for an application of production, and every other
// for one of the sandbox, by its name.
type anyone struct{ world string }

func (a anyone) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	return &httpkit.Caller{App: token, World: a.world, Sandbox: token != "live"}, nil
}

// edge serves the sandbox's calls over a world; every answer is held against the
// document.
type edge struct {
	d      *db.DB
	world  string
	url    string
	client *http.Client
}

func eachEdge(t *testing.T, test func(t *testing.T, e *edge)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		k := httpkit.New(httpkit.Options{DB: d, Auth: anyone{world}, Log: slog.New(slog.DiscardHandler)})
		k.Add(sandboxhttp.Routes(k, nil, sandboxhttp.Options{})...)
		s := httptest.NewServer(k)
		t.Cleanup(s.Close)
		test(t, &edge{d, world, s.URL, contract.Client(t, s.Client().Transport)})
	})
}

type call struct {
	method, path, body string
	app                string // "": app_test
	key                string
	bad                bool // breaks the document on purpose
}

// call makes the call, and answers its status, its body, and whether it is a replay.
func (e *edge) call(t *testing.T, c call) (status int, body string, replayed bool) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), c.method, e.url+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.app == "" {
		c.app = "app_test"
	}
	req.Header.Set("Authorization", "Bearer "+c.app)
	if c.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	if c.bad {
		req = contract.Bad(req)
	}
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(answer)), res.Header.Get("Idempotent-Replayed") == "true"
}

func (e *edge) wants(t *testing.T, c call, want string) {
	t.Helper()
	status, body, _ := e.call(t, c)
	if status != http.StatusOK || body != want {
		t.Errorf("%s %s %s answered %d %s, want %s", c.method, c.path, c.body, status, body, want)
	}
}

// refused expects "400 invalid_request SET-VAL-01 value".
func (e *edge) refused(t *testing.T, c call, want string) {
	t.Helper()
	_, body, _ := e.call(t, c)
	var env struct {
		Code   json.Number
		Reason string
		Errors []struct{ Rule, Field string }
	}
	if err := json.Unmarshal([]byte(body), &env); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	got := env.Code.String() + " " + env.Reason
	for _, v := range env.Errors {
		got += " " + v.Rule + " " + v.Field
	}
	if got != want {
		t.Errorf("%s %s %s answered %q, want %q", c.method, c.path, c.body, got, want)
	}
}

// trail is the setting's.
func (e *edge) trail(t *testing.T) (entries []string) {
	t.Helper()
	err := e.d.View(t.Context(), e.world, func(tx *db.Tx) error {
		list, err := audit.History(tx, "setting/test.door")
		for _, v := range list {
			entries = append(entries, v.Actor+" "+v.From+" > "+v.To)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestAnOwnerListsAndPutsTheSettingsOfItsWorld(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.wants(t, call{method: "GET", path: settingsPath}, `{"settings":[`+open+`]}`)
		for range 2 { // putting it again is no change
			e.wants(t, call{method: "PUT", path: doorPath, body: `{"value":"closed"}`}, closed)
		}
		e.wants(t, call{method: "GET", path: settingsPath}, `{"settings":[`+closed+`]}`)
		if diff := cmp.Diff([]string{"app_test open > closed"}, e.trail(t)); diff != "" {
			t.Error(diff)
		}
		err := e.d.View(t.Context(), e.world, func(tx *db.Tx) error {
			got, err := door.Get(tx)
			if got != "closed" {
				t.Errorf("a unit of work reads %q", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSET_VAL_01_AnyOtherValueIsRefusedOverHTTP(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		for _, c := range []call{{body: `{"value":"ajar"}`}, {body: `{}`, bad: true}, {body: `{"value":null}`, bad: true}, {body: `{"value":""}`, bad: true}} {
			c.method, c.path = "PUT", doorPath
			e.refused(t, c, "400 invalid_request SET-VAL-01 value")
		}
		e.refused(t, call{method: "PUT", path: doorPath, body: `{"value":true}`, bad: true}, "400 malformed_request EDGE-JSON-02 value")
		e.wants(t, call{method: "GET", path: settingsPath}, `{"settings":[`+open+`]}`)
	})
}

func TestASettingThatThereIsNotCannotBePut(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.refused(t, call{method: "PUT", path: settingsPath + "/test.window", body: `{"value":"open"}`}, "404 setting_unknown")
		e.refused(t, call{method: "PUT", path: settingsPath + "/test%2Fdoor", body: `{"value":"open"}`}, "404 setting_unknown")
	})
}

func TestSettingsOfProductionAreNotTheApplications(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		e.refused(t, call{method: "GET", path: settingsPath, app: "live"}, "403 sandbox_only")
		e.refused(t, call{method: "PUT", path: doorPath, body: `{"value":"closed"}`, app: "live"}, "403 sandbox_only")
		if got := e.trail(t); got != nil {
			t.Errorf("the trail has %v", got)
		}
	})
}

// The second request with a key is answered as the first was, whatever the setting
// is by then.
func TestAPutWithAKeyIsDoneOnce(t *testing.T) {
	eachEdge(t, func(t *testing.T, e *edge) {
		first := call{method: "PUT", path: doorPath, body: `{"value":"closed"}`, key: "key-1"}
		if status, body, replayed := e.call(t, first); status != http.StatusOK || body != closed || replayed {
			t.Fatalf("the first answered %d %s, replayed: %v", status, body, replayed)
		}
		e.wants(t, call{method: "PUT", path: doorPath, body: `{"value":"open"}`}, open)
		if status, body, replayed := e.call(t, first); status != http.StatusOK || body != closed || !replayed {
			t.Errorf("the second answered %d %s, replayed: %v", status, body, replayed)
		}
		e.wants(t, call{method: "GET", path: settingsPath}, `{"settings":[`+open+`]}`)
		e.refused(t, call{method: "PUT", path: doorPath, body: `{"value":"open"}`, key: "key-1"}, "422 idempotency_key_reused")
	})
}
