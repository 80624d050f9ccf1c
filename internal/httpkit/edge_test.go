package httpkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// token names the application that it belongs to.
type anyone struct{ world string }

func (a anyone) Authenticate(_ context.Context, token string) (*httpkit.Caller, error) {
	if token == "wrong" {
		return nil, httpkit.Forbidden
	}
	return &httpkit.Caller{App: token, World: a.world, Sandbox: token != "live", Products: []string{"x"}}, nil
}

var (
	tested  = fault.New("test", "edge_tested", 409, "No.")
	errOops = errors.New("the password is hunter2")
)

type order struct {
	Name  string `json:"customerName"`
	Count int    `json:"count"`
	Items []struct {
		Speed string `json:"speed"`
	} `json:"items"`
}

// edge is a kit with one route of each sort.
func edge(t *testing.T, d *db.DB, o httpkit.Options) (*httptest.Server, string, *atomic.Int64) {
	t.Helper()
	world := dbtest.World(t, d)
	return serveEdge(t, d, world, o), world, effects(world)
}

var counts sync.Map

func effects(world string) *atomic.Int64 {
	n, _ := counts.LoadOrStore(world, new(atomic.Int64))
	return n.(*atomic.Int64)
}

func serveEdge(t *testing.T, d *db.DB, world string, o httpkit.Options) *httptest.Server {
	t.Helper()
	o.DB, o.Auth, o.Log = d, anyone{world}, slog.New(slog.DiscardHandler)
	k := httpkit.New(o)
	did := effects(world)
	k.Add(
		httpkit.Route{Method: "POST", Pattern: "/orders", OperationID: "order", Handle: func(w http.ResponseWriter, r *http.Request) error {
			var in order
			if err := k.Decode(r, &in); err != nil {
				return err
			}
			w.Header().Set("Location", "/orders/1")
			return k.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
				if in.Name == "refuse" {
					return nil, tested.Instead([]string{"wait"}, fault.Field("T-1", "customerName", "is refused"))
				}
				tx.After(func() { did.Add(1) })
				return map[string]any{"name": in.Name, "id": db.NextID()}, nil
			})
		}},
		httpkit.Route{Method: "GET", Pattern: "/orders/{id}", OperationID: "read", Handle: func(w http.ResponseWriter, r *http.Request) error {
			p, err := httpkit.PageOf(r, 10, 100)
			if err != nil {
				return err
			}
			b, err := httpkit.Bool(r, "entitled")
			if err != nil {
				return err
			}
			return httpkit.JSON(w, 200, map[string]any{"id": r.PathValue("id"), "page": p.Number, "size": p.Size, "entitled": b})
		}},
		httpkit.Route{Method: "GET", Pattern: "/oops", OperationID: "oops", Open: true, Handle: func(http.ResponseWriter, *http.Request) error { return errOops }},
		httpkit.Route{Method: "GET", Pattern: "/panic", OperationID: "panic", Open: true, Handle: func(http.ResponseWriter, *http.Request) error { panic(errOops) }},
		httpkit.Route{Method: "GET", Pattern: "/late", OperationID: "late", Handle: func(_ http.ResponseWriter, r *http.Request) error {
			<-r.Context().Done()
			return r.Context().Err()
		}},
		httpkit.Route{Method: "GET", Pattern: "/sandbox", OperationID: "sandbox", Sandbox: true, Handle: ok},
		httpkit.Route{Method: "GET", Pattern: "/product", OperationID: "product", Product: "y", Handle: ok},
	)
	s := httptest.NewServer(k)
	t.Cleanup(s.Close)
	return s
}

func ok(w http.ResponseWriter, _ *http.Request) error { return httpkit.JSON(w, 200, map[string]any{}) }

type reply struct {
	status int
	header http.Header
	body   string
	err    struct {
		Code      int
		Message   string
		Reason    string
		Errors    []struct{ Field, Message, Rule string }
		Next      []string
		RequestID string
	}
}

func call(t *testing.T, s *httptest.Server, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer app")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: res.StatusCode, header: res.Header, body: string(b)}
	if r.status >= 400 {
		if err := json.Unmarshal(b, &r.err); err != nil {
			t.Fatalf("%d %s", r.status, b)
		}
	}
	return r
}

// refused checks an error's status, reason, rule and field.
func refused(t *testing.T, r reply, status int, reason, rule, field string) {
	t.Helper()
	if r.status != status || r.err.Reason != reason || r.err.Code != status || r.err.RequestID == "" {
		t.Fatalf("answered %d %s", r.status, r.body)
	}
	if rule == "" {
		return
	}
	if len(r.err.Errors) != 1 || r.err.Errors[0].Rule != rule || r.err.Errors[0].Field != field {
		t.Fatalf("errors %+v, want %s at %s", r.err.Errors, rule, field)
	}
}

func one(t *testing.T) *db.DB { t.Helper(); return dbtest.Open(t, dbtest.SQLite(t)) }

func TestEDGE_JSON_01_ABodyIsOneJSONObject(t *testing.T) {
	s, _, did := edge(t, one(t), httpkit.Options{})
	for _, body := range []string{"", "   ", "{", `{"count":1,}`, "[]", `"x"`, "null", "12", `{} {}`, `{"count":1} x`, "\xff\xfe", `{"customerName":"a` + "\n" + `b"}`} {
		r := call(t, s, "POST", "/orders", body)
		if r.status != 400 || r.err.Reason != "malformed_request" || len(r.err.Errors) != 1 {
			t.Errorf("%q answered %d %s", body, r.status, r.body)
		}
	}
	if did.Load() != 0 {
		t.Error("a broken body had an effect")
	}
}

func TestEDGE_JSON_02_AWrongTypeIsNamedWithItsPlace(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	refused(t, call(t, s, "POST", "/orders", `{"count":"many"}`), 400, "malformed_request", "EDGE-JSON-02", "count")
	refused(t, call(t, s, "POST", "/orders", `{"items":[{"speed":1}]}`), 400, "malformed_request", "EDGE-JSON-02", "items.speed")
	refused(t, call(t, s, "POST", "/orders", `{"items":{}}`), 400, "malformed_request", "EDGE-JSON-02", "items")
}

func TestEDGE_JSON_03_ASlipOfThePenIsRefusedAndWhatNobodyKnowsIsLetThrough(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	for body, field := range map[string]string{
		`{"custmerName":"x"}`:          "custmerName",
		`{"cusotmerName":"x"}`:         "cusotmerName",
		`{"customerNames":"x"}`:        "customerNames",
		`{"items":[{"spped":"1"}]}`:    "items[0].spped",
		`{"items":[{},{"speeed":""}]}`: "items[1].speeed",
	} {
		refused(t, call(t, s, "POST", "/orders", body), 400, "malformed_request", "EDGE-JSON-03", field)
	}
	for _, body := range []string{`{"href":"x"}`, `{"CUSTOMERNAME":"x"}`, `{"@type":"x","items":[{"other":1}]}`, `{"cat":1}`} {
		if r := call(t, s, "POST", "/orders", body); r.status != 201 {
			t.Errorf("%s answered %d %s", body, r.status, r.body)
		}
	}
}

func TestEDGE_TEXT_01_TextThatNoDatabaseHoldsIsRefused(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	refused(t, call(t, s, "POST", "/orders", `{"customerName":"a\u0000b"}`), 400, "malformed_request", "EDGE-TEXT-01", "body")
	refused(t, call(t, s, "GET", "/orders/1?x=%00", ""), 400, "malformed_request", "EDGE-TEXT-01", "x")
	refused(t, call(t, s, "GET", "/orders/1?x=%ff", ""), 400, "malformed_request", "EDGE-TEXT-01", "x")
	refused(t, call(t, s, "GET", "/orders/a%00b", ""), 400, "malformed_request", "EDGE-TEXT-01", "path")
	refused(t, call(t, s, "GET", "/orders/1?x=%zz", ""), 400, "malformed_request", "EDGE-TEXT-01", "query")
}

func TestEDGE_PAGE_01_PagesAreWholeNumbersInBounds(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	for _, bad := range []string{"0", "-1", "1.5", "x", "1000001", "%2B1", "1e3", "٣", "999999999999999999999"} {
		refused(t, call(t, s, "GET", "/orders/1?pageNumber="+bad, ""), 400, "invalid_request", "EDGE-PAGE-01", "pageNumber")
	}
	refused(t, call(t, s, "GET", "/orders/1?pageSize=101", ""), 400, "invalid_request", "EDGE-PAGE-01", "pageSize")
	if r := call(t, s, "GET", "/orders/1?pageNumber=3&pageSize=100", ""); r.status != 200 || !strings.Contains(r.body, `"page":3,"size":100`) {
		t.Fatalf("%d %s", r.status, r.body)
	}
}

func TestEDGE_QRY_01_TruthIsTrueOrFalseInAnyCase(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	for text, want := range map[string]string{"True": "true", "false": "false", "FALSE": "false", "": "null", "null": "null"} {
		if r := call(t, s, "GET", "/orders/1?entitled="+text, ""); !strings.Contains(r.body, `"entitled":`+want) {
			t.Errorf("%q answered %s", text, r.body)
		}
	}
	refused(t, call(t, s, "GET", "/orders/1?entitled=yes", ""), 400, "invalid_request", "EDGE-QRY-01", "entitled")
}

func TestEDGE_IDEM_01_AKeyIsShortPrintableText(t *testing.T) {
	s, _, did := edge(t, one(t), httpkit.Options{})
	for _, key := range []string{"a b", `a"b`, strings.Repeat("k", 256), "ключ"} {
		refused(t, call(t, s, "POST", "/orders", `{}`, "Idempotency-Key", key), 400, "malformed_request", "EDGE-IDEM-01", "Idempotency-Key")
	}
	if did.Load() != 0 {
		t.Error("a refused key had an effect")
	}
}

func TestTheFirstAnswerOfAKeyIsReplayedByteForByteToTheSameApplicationOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _, did := edge(t, d, httpkit.Options{})
		first := call(t, s, "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k")
		for range 3 {
			again := call(t, s, "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k")
			if again.status != 201 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Location") != "/orders/1" {
				t.Fatalf("replayed %d %s %v, first %s", again.status, again.body, again.header, first.body)
			}
		}
		refused(t, call(t, s, "POST", "/orders", `{"customerName":"b"}`, "Idempotency-Key", "k"), 422, "idempotency_key_reused", "", "")
		if did.Load() != 1 {
			t.Fatalf("%d effects", did.Load())
		}
		if other := call(t, s, "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k", "Authorization", "Bearer other"); other.body == first.body {
			t.Fatal("another application was answered from it")
		}
	})
}

func TestAnAnswerIsReplayedForItsCustomerOnlyAndWhileTheCallerMayActForIt(t *testing.T) {
	t.Parallel()
	d := one(t)
	world := dbtest.World(t, d)
	active := httpkit.Customer{Number: "1-A", State: "active"}
	caller := &httpkit.Caller{App: "app", World: world, Sandbox: true, Products: []string{"x"},
		Customers: map[string]httpkit.Customer{"1-A": active, "1-ALIAS": active, "1-B": {Number: "1-B", State: "active"}}}
	did := 0
	kit := httpkit.New(httpkit.Options{DB: d, Auth: known{caller}, Log: slog.New(slog.DiscardHandler)})
	kit.Add(httpkit.Route{Method: http.MethodPost, Pattern: "/x", OperationID: "postX", Handle: func(w http.ResponseWriter, r *http.Request) error {
		if _, err := httpkit.CustomerOf(r); err != nil {
			return err
		}
		return kit.Commit(w, r, 201, func(*db.Tx) (any, error) { did++; return did, nil })
	}})
	s := httptest.NewServer(kit)
	defer s.Close()
	for _, c := range []struct {
		number, key string
		status      int
		body        string
	}{
		{"1-A", "k", 201, "1"}, {"1-A", "k", 201, "1"}, {"1-ALIAS", "k", 201, "1"}, {"1-B", "k", 422, ""}, {"1-B", "other", 201, "2"}, {"1-NOBODY", "k", 403, ""},
	} {
		r := call(t, s, "POST", "/x", `{}`, "Idempotency-Key", c.key, httpkit.CustomerHeader, c.number)
		if r.status != c.status || c.body != "" && strings.TrimSpace(r.body) != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.number, r.status, r.body, c.status, c.body)
		}
	}
	caller.Customers = map[string]httpkit.Customer{"1-A": {Number: "1-A", State: "suspended"}}
	refused(t, call(t, s, "POST", "/x", `{}`, "Idempotency-Key", "k", httpkit.CustomerHeader, "1-A"), 403, "customer_suspended", "", "")
}

func TestAKeptAnswerCannotBeReadFromTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, world, _ := edge(t, d, httpkit.Options{})
		call(t, s, "POST", "/orders", `{"customerName":"marked-secret"}`, "Idempotency-Key", "marked-key")
		err := d.View(t.Context(), world, func(tx *db.Tx) error {
			var key string
			var body []byte
			if err := tx.Row(`SELECT key, body FROM idempotency WHERE world = $1`).Scan(&key, &body); err != nil {
				return err
			}
			if strings.Contains(key, "marked") || strings.Contains(string(body), "marked") {
				return fmt.Errorf("kept as %s: %s", key, body)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestARequestThatFailedKeepsNothingAndItsKeyMayBeTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _, did := edge(t, d, httpkit.Options{})
		r := call(t, s, "POST", "/orders", `{"customerName":"refuse"}`, "Idempotency-Key", "k")
		refused(t, r, 409, "edge_tested", "T-1", "customerName")
		if len(r.err.Next) != 1 || r.err.Next[0] != "wait" || r.header.Get("Location") != "/orders/1" && r.header.Get("Location") != "" {
			t.Fatalf("next %v", r.err.Next)
		}
		if again := call(t, s, "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k"); again.status != 201 || did.Load() != 1 {
			t.Fatalf("%d %s", again.status, again.body)
		}
	})
}

func TestAKeyIsFreshAfterADayOfTheWorld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, world, did := edge(t, d, httpkit.Options{})
		call(t, s, "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k")
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			c, err := tx.Clock().To(tx.Machine(), tx.Now().Add(httpkit.KeptFor))
			if err != nil {
				return err
			}
			tx.After(func() { d.KnowClock(world) })
			return tx.SetClock(c, 0)
		}, db.Exclusive())
		if err != nil {
			t.Fatal(err)
		}
		if r := call(t, s, "POST", "/orders", `{"customerName":"b"}`, "Idempotency-Key", "k"); r.status != 201 || did.Load() != 2 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	})
}

// Sixty-four callers with one key, through two nodes where there are two: one
// effect, and everybody hears of it or that it is under way.
func TestOneKeyHasOneEffectHoweverManySendIt(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		s, world, did := edge(t, d, httpkit.Options{})
		nodes := []*httptest.Server{s}
		if d.Dialect() == db.Postgres {
			nodes = append(nodes, serveEdge(t, dbtest.Open(t, url), world, httpkit.Options{}))
		}
		var wg sync.WaitGroup
		var bodies sync.Map
		for i := range 64 {
			wg.Go(func() {
				r := call(t, nodes[i%len(nodes)], "POST", "/orders", `{"customerName":"a"}`, "Idempotency-Key", "k")
				switch {
				case r.status == 201:
					bodies.Store(r.body, true)
				case r.err.Reason != "idempotency_in_progress":
					t.Errorf("%d %s", r.status, r.body)
				}
			})
		}
		wg.Wait()
		n := 0
		bodies.Range(func(any, any) bool { n++; return true })
		if did.Load() != 1 || n != 1 {
			t.Fatalf("%d effects, %d different answers", did.Load(), n)
		}
	})
}

func TestOurOwnMistakesAreOpaqueAndNamed(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	for _, path := range []string{"/oops", "/panic"} {
		r := call(t, s, "GET", path, "", "X-Correlation-Id", "abc-1")
		refused(t, r, 500, "internal_error", "", "")
		if strings.Contains(r.body, "hunter2") || r.err.RequestID != "abc-1" || r.header.Get("X-Request-Id") != "abc-1" {
			t.Errorf("%s answered %s", path, r.body)
		}
	}
	if r := call(t, s, "GET", "/oops", "", "X-Request-Id", "has space"); !strings.HasPrefix(r.err.RequestID, "req_") {
		t.Errorf("a malformed request id was taken: %s", r.err.RequestID)
	}
}

func TestUnknownPathsAndMethodsAreToldApart(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	refused(t, call(t, s, "GET", "/nowhere", ""), 404, "not_found", "", "")
	r := call(t, s, "DELETE", "/orders/1", "")
	refused(t, r, 405, "method_not_allowed", "", "")
	if r.header.Get("Allow") != "GET" {
		t.Errorf("Allow: %s", r.header.Get("Allow"))
	}
}

func TestWhoMayCallWhat(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{})
	r := call(t, s, "GET", "/orders/1", "", "Authorization", "")
	refused(t, r, 401, "token_missing", "", "")
	if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer ") {
		t.Errorf("challenge %q", r.header.Get("WWW-Authenticate"))
	}
	refused(t, call(t, s, "GET", "/orders/1", "", "Authorization", "Bearer wrong"), 403, "forbidden", "", "")
	refused(t, call(t, s, "GET", "/sandbox", "", "Authorization", "Bearer live"), 403, "sandbox_only", "", "")
	refused(t, call(t, s, "GET", "/product", ""), 403, "product_not_approved", "", "")
	c := &httpkit.Caller{Customers: map[string]httpkit.Customer{"1-A": {Number: "1-A", State: "active"}, "1-B": {Number: "1-B", State: "suspended"}}}
	if _, err := c.Acting("1-A"); err != nil {
		t.Error(err)
	}
	if _, err := c.Acting("1-B"); !errors.Is(err, httpkit.CustomerSuspended) {
		t.Error(err)
	}
	if _, err := c.Acting("1-C"); !errors.Is(err, httpkit.CustomerForbidden) {
		t.Error(err)
	}
}

func TestBodiesAreBoundedHoweverTheyArrive(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{MaxBody: 100})
	long := `{"customerName":"` + strings.Repeat("x", 100) + `"}`
	refused(t, call(t, s, "POST", "/orders", long), 413, "body_too_large", "", "")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/orders", io.MultiReader(strings.NewReader(long))) // no length: chunked
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer app")
	res, err := s.Client().Do(req)
	if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("%v %v", res, err)
	}
	_ = res.Body.Close()
	refused(t, call(t, s, "POST", "/orders", `{}`, "Content-Type", "text/plain"), 415, "unsupported_media_type", "", "")
	if r := call(t, s, "POST", "/orders", `{}`, "Content-Type", "application/merge-patch+json; charset=utf-8"); r.status != 201 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAnApplicationOverItsRateIsToldWhenToComeBackAndOthersAreNot(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{SandboxRate: 3})
	limited := 0
	for range 10 {
		if r := call(t, s, "GET", "/orders/1", ""); r.status == 429 {
			limited++
			refused(t, r, 429, "rate_limited", "", "")
			if r.header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
			}
		}
	}
	if limited < 5 {
		t.Errorf("%d of 10 were limited", limited)
	}
	if r := call(t, s, "GET", "/orders/1", "", "Authorization", "Bearer other"); r.status != 200 {
		t.Errorf("another application answered %d", r.status)
	}
}

func TestWhatTakesTooLongAndWhatIsTooMuchIsAnswered503(t *testing.T) {
	s, _, _ := edge(t, one(t), httpkit.Options{Deadline: 50 * time.Millisecond})
	r := call(t, s, "GET", "/late", "")
	refused(t, r, 503, "deadline_exceeded", "", "")
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	full, _, _ := edge(t, one(t), httpkit.Options{InFlight: 1, Deadline: 2 * time.Second})
	var wg sync.WaitGroup
	var shed atomic.Int64
	for range 4 {
		wg.Go(func() {
			if call(t, full, "GET", "/late", "").err.Reason == "overloaded" {
				shed.Add(1)
			}
		})
	}
	wg.Wait()
	if shed.Load() != 3 {
		t.Errorf("%d of 4 were shed, one place was free", shed.Load())
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"customerName":"x","count":1}`, `{"items":[{"speed":"1"}]}`, `{"count":1e99}`, `[`, `{"custmerName":1}`, "{\"a\":\"\xff\"}", `{"customerName":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in order
		err := httpkit.DecodeJSON(body, &in)
		if err != nil {
			if fault.Of(err) == nil {
				t.Fatalf("%q is refused with %v, which is no fault", body, err)
			}
			return
		}
		if strings.ContainsRune(in.Name, 0) {
			t.Fatalf("%q let a NUL through", body)
		}
		if _, err := json.Marshal(in); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseWhole(f *testing.F) {
	for _, s := range []string{"1", "0", "-1", "+1", "1000000", "01", " 1", "1e3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := httpkit.ParseWhole(s, 1_000_000); ok && (n < 1 || n > 1_000_000 || fmt.Sprintf("%0*d", len(s), n) != s) {
			t.Fatalf("%q is read as %d", s, n)
		}
	})
}

func BenchmarkTheEdgeBesideABareHandler(b *testing.B) {
	k := httpkit.New(httpkit.Options{Auth: anyone{"w"}, Log: slog.New(slog.DiscardHandler)})
	k.Add(httpkit.Route{Method: "GET", Pattern: "/x", OperationID: "x", Handle: ok})
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = ok(w, r) })
	for name, h := range map[string]http.Handler{"edge": k, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "/x", nil)
				r.Header.Set("Authorization", "Bearer app")
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
