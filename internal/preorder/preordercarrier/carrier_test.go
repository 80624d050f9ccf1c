package preordercarrier_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
	"demarc/internal/preorder/preordertest"
	"demarc/internal/trouble"
)

var silent = slog.New(slog.DiscardHandler)

// book is the book of the tests' addresses, on SQLite.
func book(t *testing.T) *postalsql.Book {
	t.Helper()
	d := dbtest.Open(t, dbtest.SQLite(t))
	if err := postalsql.Load(t.Context(), d, slices.Values(append(preordertest.Homes(), preordertest.Units()...))); err != nil {
		t.Fatal(err)
	}
	return postalsql.New(d)
}

func TestTheEmbeddedBackendsKeepTheContracts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		preordertest.Contracts(t, func(*testing.T) preordertest.Bench {
			return preordertest.Bench{Backends: preordercarrier.Embedded(postalsql.New(d)), World: w.ID,
				Force: func(q *preorder.Query, word string) { q.Hint = "[demarc:" + word + "]" }}
		})
	})
}

func TestTheConnectorsKeepTheContracts(t *testing.T) {
	t.Parallel()
	b := preordercarrier.Embedded(book(t))
	preordertest.Contracts(t, func(t *testing.T) preordertest.Bench {
		s := preordertest.NewSystem(t, b)
		return preordertest.Bench{Backends: s.Connect(t), World: "w", Force: func(_ *preorder.Query, word string) { s.Force(word) }}
	})
}

// asks are one question to each backend, for each way of asking.
var asks = map[string]struct {
	backend string
	ask     func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (answer any, err error)
}{
	"find": {preorder.BackendAddress, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		a, err := b.Addresses.Find(ctx, q, preordertest.Home(1))
		return a == nil, err
	}},
	"near": {preorder.BackendAddress, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		near, err := b.Addresses.Near(ctx, q, preordertest.Home(1))
		return near == nil, err
	}},
	"footprint": {preorder.BackendAddress, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		served, err := b.Addresses.Footprint(ctx, q, "80202")
		return !served, err
	}},
	"loop": {preorder.BackendLoopQual, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		l, err := b.LoopQual.Loop(ctx, q, preorder.Address{DetailID: "AD-1", Address: preordertest.Home(1)})
		return l == preorder.Loop{}, err
	}},
	"offerings": {preorder.BackendCatalog, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		list, err := b.Catalog.Offerings(ctx, q)
		return list == nil, err
	}},
	"check": {preorder.BackendCredit, func(ctx context.Context, b preordercarrier.Backends, q preorder.Query) (any, error) {
		r, err := b.Credit.Check(ctx, q, person, preorder.Postpaid)
		return r == preorder.CreditResult{}, err
	}},
}

var (
	query  = preorder.Query{World: "w", Transaction: "PX-TESTTEST"}
	person = preorder.Customer{First: "Avery", Last: "Example", SSN: "219090001", DOB: "1980-02-29"}
)

// failed expects a backend's failure whose text tells nothing of anybody.
func failed(t *testing.T, why, backend, how string, nothing any, err error) {
	t.Helper()
	f, ok := errors.AsType[*preorder.Backend](err)
	switch {
	case !ok || f.Name != backend || f.How != how || f.Err == nil:
		t.Errorf("%s: %+v, %v; want %s %s", why, err, f, backend, how)
	case nothing != true:
		t.Errorf("%s: with the error comes an answer", why)
	}
	for _, secret := range []string{"219090001", "Avery", "1980-02-29", "MAPLE"} {
		if err != nil && strings.Contains(err.Error()+errors.Join(errors.Unwrap(err)).Error(), secret) {
			t.Errorf("%s: the error tells %q: %v", why, secret, err)
		}
	}
}

func TestEveryWayInWhichABackendFails(t *testing.T) {
	t.Parallel()
	b := preordercarrier.Embedded(book(t))
	for path, a := range asks {
		for why, c := range map[string]struct {
			answer http.HandlerFunc
			how    string
		}{
			"503": {preordertest.Status(503), preorder.HowDown}, "500": {preordertest.Status(500), preorder.HowDown},
			"cut off": {preordertest.Cut, preorder.HowDown}, "half": {preordertest.Half, preorder.HowDown},
			"404": {preordertest.Status(404), preorder.HowWrong}, "401": {preordertest.Status(401), preorder.HowWrong},
			"204":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, preorder.HowWrong},
			"a page":  {preordertest.Text("<html>MAPLE 219090001"), preorder.HowWrong},
			"nothing": {preordertest.Text(""), preorder.HowWrong}, "null": {preordertest.Text("null"), preorder.HowWrong},
			"an empty object": {preordertest.Text("{}"), preorder.HowWrong}, "an array": {preordertest.Text("[]"), preorder.HowWrong},
			"a redirect": {preordertest.Redirect("http://127.0.0.1:9/"), preorder.HowWrong},
			"an endless answer": {func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"served":true,"x":"` + strings.Repeat("x", 2<<20) + `"}`))
			}, preorder.HowWrong},
		} {
			s := preordertest.NewSystem(t, b)
			s.Fail(preordertest.Answer{With: c.answer}, preordertest.Answer{With: c.answer})
			nothing, err := a.ask(t.Context(), s.Connect(t), query)
			failed(t, path+" "+why, a.backend, c.how, nothing, err)
			want := map[string]int{preorder.HowDown: 2, preorder.HowWrong: 1}[c.how]
			if n := len(s.Calls()); n != want {
				t.Errorf("%s %s: it was asked %d times, want %d", path, why, n, want)
			}
		}
	}
}

func TestNobodyThereIsUnavailable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	b := preordertest.Connect(t, preordercarrier.URLs{Addresses: server.URL, LoopQual: server.URL, Catalog: server.URL, Credit: server.URL})
	for path, a := range asks {
		nothing, err := a.ask(t.Context(), b, query)
		failed(t, path, a.backend, preorder.HowDown, nothing, err)
	}
}

func TestASecondTryIsAnsweredLikeAFirst(t *testing.T) {
	t.Parallel()
	b := preordercarrier.Embedded(book(t))
	for path, a := range asks {
		for _, after := range []bool{false, true} {
			s := preordertest.NewSystem(t, b)
			s.Fail(preordertest.Answer{After: after, With: preordertest.Cut})
			nothing, err := a.ask(t.Context(), s.Connect(t), query)
			calls := s.Calls()
			if err != nil || nothing == true || len(calls) != 2 || calls[0] != calls[1] {
				t.Errorf("%s: %v, %v; asked %+v", path, nothing, err, calls)
			}
			for transaction, n := range s.Checks() {
				if n != 1 {
					t.Errorf("credit was run %d times for %s", n, transaction)
				}
			}
		}
	}
}

// What a retry guards against must not keep a second Config from being decided: it has
// another bill type, or another customer, in the same transaction.
func TestCreditIsRunOncePerQuestionAndAnewForAnother(t *testing.T) {
	t.Parallel()
	s := preordertest.NewSystem(t, preordercarrier.Embedded(nil))
	credit := s.Connect(t).Credit
	for range 3 {
		if _, err := credit.Check(t.Context(), query, person, preorder.Postpaid); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Checks()[query.Transaction]; n != 1 {
		t.Errorf("run %d times for one question", n)
	}
	other := person
	other.SSN = "219090003"
	r, err := credit.Check(t.Context(), query, other, preorder.Postpaid)
	if n := s.Checks()[query.Transaction]; err != nil || r.Decision.Decision != preorder.DecisionHardStop || n != 2 {
		t.Errorf("another customer: %+v, %v, run %d times", r, err, n)
	}
	for _, c := range s.Calls() {
		if c.Key != query.Transaction || c.Query != "" || strings.Contains(c.Path, "219") {
			t.Errorf("asked %+v", c)
		}
	}
}

func TestAnswersOfNoUse(t *testing.T) {
	t.Parallel()
	wire := func(spoil func(a *preordercarrier.WireAddress)) preordercarrier.WireAddress {
		a := preordercarrier.Wire("AD-1", preordertest.Home(1))
		spoil(&a)
		return a
	}
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	find := func(spoil func(a *preordercarrier.WireAddress)) string {
		return text(map[string]any{"address": wire(spoil)})
	}
	match := strings.TrimSuffix(text(wire(func(*preordercarrier.WireAddress) {})), "}")
	for path, answers := range map[string]map[string]string{
		"find": {
			"another number": find(func(a *preordercarrier.WireAddress) { a.Number = "104" }),
			"another ZIP":    find(func(a *preordercarrier.WireAddress) { a.ZIP = "80203" }),
			"no id":          find(func(a *preordercarrier.WireAddress) { a.DetailID = "" }),
			"an odd id":      find(func(a *preordercarrier.WireAddress) { a.DetailID = "AD 1/../2" }),
			"no street":      find(func(a *preordercarrier.WireAddress) { a.Street = "" }),
			"no city":        find(func(a *preordercarrier.WireAddress) { a.City = "" }),
			"a long city":    find(func(a *preordercarrier.WireAddress) { a.City = strings.Repeat("X", 101) }),
			"a control code": find(func(a *preordercarrier.WireAddress) { a.Unit = "4\x00" }),
			"an odd state":   find(func(a *preordercarrier.WireAddress) { a.State = "Colorado" }),
			"a text":         `{"address":"100 MAPLE ST"}`,
		},
		"near": {
			"twice the same":   `{"matches":[` + match + `,"score":0.9},` + match + `,"score":0.8}]}`,
			"a score of two":   `{"matches":[` + match + `,"score":2}]}`,
			"a score below 0":  `{"matches":[` + match + `,"score":-0.1}]}`,
			"an odd address":   `{"matches":[{"score":0.5}]}`,
			"more than wanted": `{"matches":[` + strings.Repeat(match+`,"score":0.9},`, 10) + match + `,"score":0.9}]}`,
			"no matches":       `{"matches":null}`,
		},
		"footprint": {"a text": `{"served":"yes"}`, "null": `{"served":null}`},
		"loop": {
			"an unknown technology": `{"technology":"TIN CANS","maxDownMbps":1,"maxUpMbps":1}`,
			"a negative speed":      `{"technology":"GPON","maxDownMbps":-1,"maxUpMbps":1}`,
			"a speed of light":      `{"technology":"GPON","maxDownMbps":1000000,"maxUpMbps":1}`,
			"no technology":         `{"maxDownMbps":100,"maxUpMbps":1}`,
			"half a Mbps":           `{"technology":"GPON","maxDownMbps":0.5,"maxUpMbps":1}`,
		},
		"offerings": {"an unknown product": `{"productCodes":["HSI-20-POST","FREE-LUNCH"]}`, "null": `{"productCodes":null}`},
		"check": {
			"no word of who it is":         `{"decision":"APPROVED"}`,
			"an unknown decision":          `{"authenticated":true,"decision":"MAYBE"}`,
			"no decision":                  `{"authenticated":true}`,
			"a deposit of nothing":         `{"authenticated":true,"decision":"DEPOSIT"}`,
			"a deposit of years":           `{"authenticated":true,"decision":"DEPOSIT","depositMonths":13}`,
			"a stop without reason":        `{"authenticated":true,"decision":"HARD_STOP"}`,
			"a stop for an unknown reason": `{"authenticated":true,"decision":"HARD_STOP","reason":"219090001"}`,
			"an approval with a reason":    `{"authenticated":true,"decision":"APPROVED","reason":"CREDIT_ISSUE"}`,
			"an approval with a deposit":   `{"authenticated":true,"decision":"APPROVED","depositMonths":1}`,
		},
	} {
		for why, answer := range answers {
			s := preordertest.NewSystem(t, preordercarrier.Embedded(nil))
			s.Fail(preordertest.Answer{With: preordertest.Text(answer)})
			nothing, err := asks[path].ask(t.Context(), s.Connect(t), query)
			failed(t, path+" "+why, asks[path].backend, preorder.HowWrong, nothing, err)
		}
	}
}

func TestPartOfTheCatalogueMayBeSold(t *testing.T) {
	t.Parallel()
	s := preordertest.NewSystem(t, preordercarrier.Embedded(nil))
	s.Fail(preordertest.Answer{With: preordertest.Text(`{"productCodes":["HSI-20-POST","LOCAL-POST"],"more":1}`)})
	sold, err := s.Connect(t).Catalog.Offerings(t.Context(), query)
	if err != nil || len(sold) != 2 || sold[0].Code != "LOCAL-POST" || sold[1].Code != "HSI-20-POST" || sold[1].Monthly.IsZero() {
		t.Errorf("%+v, %v", sold, err)
	}
}

func TestACallIsGivenUpWithItsCaller(t *testing.T) {
	t.Parallel()
	for path, a := range asks {
		s := preordertest.NewSystem(t, preordercarrier.Embedded(nil))
		ctx, giveUp := context.WithCancel(t.Context())
		s.Fail(preordertest.Answer{With: preordertest.Hang(giveUp)})
		nothing, err := a.ask(ctx, s.Connect(t), query)
		if !errors.Is(err, context.Canceled) || nothing != true || len(s.Calls()) != 1 {
			t.Errorf("%s: %v, %v, asked %d times", path, nothing, err, len(s.Calls()))
		}
	}
}

func TestSandboxesNeverReachRealSystems(t *testing.T) {
	t.Parallel()
	here := book(t)
	s := preordertest.NewSystem(t, preordercarrier.Embedded(here))
	b, err := preordercarrier.Connect(here, s.URLs(), silent)
	if err != nil {
		t.Fatal(err)
	}
	for _, sandbox := range []bool{true, false} {
		q := preorder.Query{World: "w", Transaction: "PX-TESTTEST", Sandbox: sandbox}
		home := preordertest.Home(1)
		at := preorder.Address{DetailID: home.ID(), Address: home}
		_, err1 := b.Addresses.Find(t.Context(), q, home)
		_, err2 := b.Addresses.Near(t.Context(), q, home)
		_, err3 := b.Addresses.Footprint(t.Context(), q, home.ZIP)
		_, err4 := b.LoopQual.Loop(t.Context(), q, at)
		_, err5 := b.Catalog.Offerings(t.Context(), q)
		_, err6 := b.Credit.Check(t.Context(), q, person, preorder.Postpaid)
		if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
			t.Fatal(err)
		}
		if n, want := len(s.Calls()), map[bool]int{true: 0, false: 6}[sandbox]; n != want {
			t.Errorf("sandbox %v: the real systems were asked %d times, want %d", sandbox, n, want)
		}
	}
}

func TestMagicInputsMeanNothingInProduction(t *testing.T) {
	t.Parallel()
	b := preordercarrier.Embedded(book(t))
	q := preorder.Query{World: "w", Hint: "[demarc:" + preorder.WordNoMatch + "][demarc:" + preorder.WordNoOffer + "]"}
	home := preordertest.Home(1)
	if found, err := b.Addresses.Find(t.Context(), q, home); err != nil || found == nil {
		t.Errorf("%v, %v", found, err)
	}
	q.Sandbox = true
	if found, err := b.Addresses.Find(t.Context(), q, home); err != nil || found != nil {
		t.Errorf("in a sandbox: %v, %v", found, err)
	}
	unknown := person
	unknown.DOB = "1901-01-01"
	for sandbox, want := range map[bool]bool{true: false, false: true} {
		q.Sandbox = sandbox
		if r, err := b.Credit.Check(t.Context(), q, unknown, preorder.Postpaid); err != nil || r.Authenticated != want {
			t.Errorf("sandbox %v: %+v, %v", sandbox, r, err)
		}
	}
}

// shares counts outcomes of a sample and holds their shares, in percent, against what
// is documented.
func shares(t *testing.T, sample int, want map[string]int, outcome func(n int) string) {
	t.Helper()
	got := map[string]int{}
	for n := range sample {
		got[outcome(n)]++
	}
	for what, percent := range want {
		if p := 100 * float64(got[what]) / float64(sample); p < float64(percent)-2 || p > float64(percent)+2 {
			t.Errorf("%s: %.1f %%, want %d", what, p, percent)
		}
		delete(got, what)
	}
	if len(got) > 0 {
		t.Errorf("not expected: %v", got)
	}
}

func TestLinesHaveTheirDocumentedShares(t *testing.T) {
	t.Parallel()
	line := func(n int) preorder.Loop {
		a := postal.Synthetic(int64(n))
		l, err := preordercarrier.EmbeddedLoopQual{}.Loop(t.Context(), query, preorder.Address{DetailID: a.ID(), Address: a})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	shares(t, 10_000, map[string]int{preorder.TechFiber: 35, preorder.TechVDSL: 35, preorder.TechADSL: 25, "": 5}, func(n int) string { return line(n).Technology })
	shares(t, 10_000, map[string]int{"tech": 14, "self": 86}, func(n int) string { // 15 % of the 95 % that have a line
		if line(n).TechRequired {
			return "tech"
		}
		return "self"
	})
}

// The hash is a promise: what an address was qualified for once it is qualified for
// again, on every node and in every version.
func TestALineNeverChanges(t *testing.T) {
	t.Parallel()
	var got []preorder.Loop
	for n := range 4 {
		a := preordertest.Home(n + 1)
		l, err := preordercarrier.EmbeddedLoopQual{}.Loop(t.Context(), query, preorder.Address{DetailID: a.ID(), Address: a})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if !slices.Equal(got, fixedLines) {
		t.Errorf("%+v", got)
	}
	one, _ := preordercarrier.EmbeddedLoopQual{}.Loop(t.Context(), query, preorder.Address{Address: preordertest.Unit(1)})
	two, _ := preordercarrier.EmbeddedLoopQual{}.Loop(t.Context(), query, preorder.Address{Address: preordertest.Unit(2)})
	if one != two {
		t.Errorf("two units of a building have the lines %+v and %+v", one, two)
	}
}

var fixedLines = []preorder.Loop{
	{Technology: preorder.TechFiber, MaxDown: 940, MaxUp: 940}, {Technology: preorder.TechADSL, MaxDown: 20, MaxUp: 2},
	{Technology: preorder.TechADSL, MaxDown: 7, MaxUp: 1, TechRequired: true}, {Technology: preorder.TechFiber, MaxDown: 940, MaxUp: 940},
}

func TestCreditHasItsDocumentedShares(t *testing.T) {
	t.Parallel()
	shares(t, 10_000, map[string]int{"APPROVED 0": 60, "DEPOSIT 1": 10, "DEPOSIT 2": 10, "DEPOSIT 3": 10, "HARD_STOP CREDIT_ISSUE0": 5, "HARD_STOP FINAL_BILL_OUTSTANDING0": 5}, func(n int) string {
		c := person
		c.SSN = "2190" + string([]byte{byte('0' + n/10_000%10), byte('0' + n/1000%10), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
		r, err := preordercarrier.EmbeddedCredit{}.Check(t.Context(), query, c, preorder.Postpaid)
		if err != nil {
			t.Fatal(err)
		}
		return r.Decision.Decision + " " + r.Decision.Reason + string(rune('0'+r.Decision.Class))
	})
}

func TestAConnectorNeedsTheURLOfABackend(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"backend", "ftp://host/x", "http://", "https:///x", "://", "host:8080", "http://host/x?y=z", "http://host/x#y", "http://ho st"} {
		for _, urls := range []preordercarrier.URLs{{Addresses: bad}, {LoopQual: bad}, {Catalog: bad}, {Credit: bad}} {
			if _, err := preordercarrier.Connect(nil, urls, silent); err == nil {
				t.Errorf("%+v is taken", urls)
			}
		}
	}
	for _, good := range []string{"http://127.0.0.1:9", "https://backend.example/base/", ""} {
		if _, err := preordercarrier.Connect(nil, preordercarrier.URLs{Addresses: good, Credit: good}, silent); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestASandboxsOwnerMakesBackendsFail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := preordertest.New(t, d)
		b := preordercarrier.Trouble(preordercarrier.Embedded(postalsql.New(d)), trouble.New(d))
		for mode, how := range map[trouble.Mode]string{trouble.Unavailable: preorder.HowDown, trouble.Timeout: preorder.HowLate, trouble.Failure: preorder.HowWrong} {
			for _, name := range []string{preorder.BackendAddress, preorder.BackendLoopQual, preorder.BackendCatalog, preorder.BackendCredit} {
				w.Within(func(tx *db.Tx) error {
					if err := trouble.ClearAll(tx, "test"); err != nil {
						return err
					}
					_, err := trouble.Put(tx, "test", trouble.Trouble{Target: trouble.Target("preorder." + name), Mode: mode})
					return err
				})
				for path, a := range asks {
					in := preorder.Query{World: w.ID, Sandbox: true, Transaction: "PX-TESTTEST"}
					nothing, err := a.ask(t.Context(), b, in)
					if a.backend != name {
						if err != nil {
							t.Errorf("%s of %s: %s: %v", mode, name, path, err)
						}
						continue
					}
					failed(t, string(mode)+" "+path, name, how, nothing, err)
				}
			}
		}
	})
}
