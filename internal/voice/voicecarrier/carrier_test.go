package voicecarrier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/nanp"
	"demarc/internal/trouble"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/voice/voicesql"
	"demarc/internal/voice/voicetest"
)

var silent = slog.New(slog.DiscardHandler)

func TestTheEmbeddedBackendsKeepTheContracts(t *testing.T) {
	t.Parallel()
	voicetest.Contracts(t, func(*testing.T) voicetest.Bench {
		return voicetest.Bench{Backends: voicecarrier.Embedded(voicetest.Memory()), World: "w",
			Force: func(q *voice.Query, word string) { q.Hint = "an order [demarc:" + word + "]" }, At: voicetest.Asking}
	})
}

func TestTheEmbeddedBackendsKeepTheContractsOverTheRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d) // its seed has the block of 303-555
		w.Within(func(tx *db.Tx) error {
			at := voicetest.Memory().Blocks[voicetest.Moved]
			w.Desk.Store.AddBlock(tx, voice.Center{State: at.State, Name: at.Center}, voice.OpenBlock{Block: voicetest.Moved}, errors.New("it is there"))
			w.Desk.Store.PutProfile(tx, voicetest.Held, voice.Profile{Credit: voice.CreditHold})
			return nil
		})
		voicetest.Contracts(t, func(*testing.T) voicetest.Bench {
			return voicetest.Bench{Backends: voicecarrier.Embedded(voicesql.NewSource(d)), World: w.ID,
				Force: func(q *voice.Query, word string) { q.Hint = "[demarc:" + word + "]" }, At: voicetest.Asking}
		})
	})
}

func TestTheConnectorsKeepTheContracts(t *testing.T) {
	t.Parallel()
	voicetest.Contracts(t, func(t *testing.T) voicetest.Bench {
		s := voicetest.NewSystem(t, voicecarrier.Embedded(voicetest.Memory()))
		return voicetest.Bench{Backends: s.Connect(t), World: "w", Force: func(_ *voice.Query, word string) { s.Force(word) },
			At: func(_ *voice.Query, now time.Time) { s.At(now) }}
	})
}

func TestTheFakesKeepTheContracts(t *testing.T) {
	t.Parallel()
	voicetest.Contracts(t, func(*testing.T) voicetest.Bench {
		return voicetest.Bench{Backends: voicetest.NewFakes(voicecarrier.Embedded(voicetest.Memory())).Backends(), World: "w",
			Force: func(q *voice.Query, word string) { q.Hint = "[demarc:" + word + "]" }, At: voicetest.Asking}
	})
}

const example = nanp.TN(303_555_0100)

var query = voice.Query{World: "w", Customer: voicetest.Held}

// asks are one question to each backend, for each way of asking. nothing reports that
// no answer came. Of those that are told something, no more is read than whether they
// take it.
var asks = map[string]struct {
	backend string
	told    bool
	ask     func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (nothing bool, err error)
}{
	voicetest.Lookup: {voice.BackendAdministration, false, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		found, err := b.Administration.Lookup(ctx, q, []nanp.TN{example})
		return found == nil, err
	}},
	voicetest.Ready: {voice.BackendAdministration, false, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		err := b.Administration.Ready(ctx, q, "CO", "DENVER")
		return err != nil, err
	}},
	voicetest.Check: {voice.BackendCredit, false, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		hold, err := b.Credit.Check(ctx, q, "V100000001")
		return !hold, err
	}},
	voicetest.Port: {voice.BackendLosing, false, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		r, err := b.Losing.Ask(ctx, q, voicetest.Ported("V100000001", voicetest.Bonded))
		return r == voice.Reply{}, err
	}},
	voicetest.List: {voice.BackendProviders, true, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		err := b.Providers.List(ctx, q, "V100000001", numbers, voicetest.Resident())
		return err != nil, err
	}},
	voicetest.Locate: {voice.BackendProviders, true, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		err := b.Providers.Locate(ctx, q, "V100000001", numbers, voicetest.Resident())
		return err != nil, err
	}},
	voicetest.Name: {voice.BackendProviders, true, func(ctx context.Context, b voicecarrier.Backends, q voice.Query) (bool, error) {
		err := b.Providers.Name(ctx, q, "V100000001", numbers, voicetest.Resident())
		return err != nil, err
	}},
}

var numbers = []voice.Range{{Start: example, End: example + 4}, voicetest.One(720_555_0100)}

// failed expects a backend's failure, and no answer with it.
func failed(t *testing.T, why, backend, how string, nothing bool, err error) {
	t.Helper()
	f, ok := errors.AsType[*voice.Backend](err)
	switch {
	case !ok || f.Name != backend || f.How != how || f.Err == nil:
		t.Errorf("%s: %+v, %v; want %s %s", why, err, f, backend, how)
	case !nothing:
		t.Errorf("%s: with the error comes an answer", why)
	}
}

func embedded() voicecarrier.Backends { return voicecarrier.Embedded(voicetest.Memory()) }

func TestEveryWayInWhichABackendFails(t *testing.T) {
	t.Parallel()
	for path, a := range asks {
		for why, c := range map[string]struct {
			answer http.HandlerFunc
			how    string
			taken  bool // by who is told something
		}{
			"503": {voicetest.Status(503), voice.HowDown, false}, "500": {voicetest.Status(500), voice.HowDown, false},
			"cut off": {voicetest.Cut, voice.HowDown, false}, "half": {voicetest.Half, voice.HowDown, true},
			"400": {voicetest.Status(400), voice.HowWrong, false}, "401": {voicetest.Status(401), voice.HowWrong, false},
			"422":     {voicetest.Status(422), voice.HowWrong, false},
			"204":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, voice.HowWrong, true},
			"a page":  {voicetest.Text("<html>" + example.String()), voice.HowWrong, true},
			"nothing": {voicetest.Text(""), voice.HowWrong, true}, "null": {voicetest.Text("null"), voice.HowWrong, true},
			"an empty object": {voicetest.Text("{}"), voice.HowWrong, true}, "an array": {voicetest.Text("[]"), voice.HowWrong, true},
			"a redirect": {voicetest.Redirect("http://127.0.0.1:9/"), voice.HowWrong, false},
			"an endless answer": {func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"ready":true,"decision":"hold","state":"reject","x":"` + strings.Repeat("x", 2<<20) + `"}`))
			}, voice.HowWrong, true},
		} {
			s := voicetest.NewSystem(t, embedded())
			s.Fail(voicetest.Answer{With: c.answer}, voicetest.Answer{With: c.answer})
			nothing, err := a.ask(t.Context(), s.Connect(t), query)
			want := map[string]int{voice.HowDown: 2, voice.HowWrong: 1}[c.how]
			if a.told && c.taken {
				if want = 1; err != nil {
					t.Errorf("%s %s: %v", path, why, err)
				}
			} else {
				failed(t, path+" "+why, a.backend, c.how, nothing, err)
			}
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
	b := voicetest.Connect(t, voicecarrier.URLs{Administration: server.URL, Credit: server.URL, Losing: server.URL, Providers: server.URL})
	for path, a := range asks {
		nothing, err := a.ask(t.Context(), b, query)
		failed(t, path, a.backend, voice.HowDown, nothing, err)
	}
}

func TestASecondTryIsAnsweredLikeAFirst(t *testing.T) {
	t.Parallel()
	for path, a := range asks {
		for _, after := range []bool{false, true} {
			s := voicetest.NewSystem(t, embedded())
			s.Fail(voicetest.Answer{After: after, With: voicetest.Cut})
			nothing, err := a.ask(t.Context(), s.Connect(t), query)
			calls := s.Calls()
			if err != nil || nothing || len(calls) != 2 || calls[0] != calls[1] {
				t.Errorf("%s: %v, %v; asked %+v", path, nothing, err, calls)
			}
			for order, n := range s.Checks() {
				if n != 1 {
					t.Errorf("credit was looked at %d times for %s", n, order)
				}
			}
			if n := len(s.Ports()); path == voicetest.Port && n != 1 {
				t.Errorf("%d ports were asked for", n)
			}
		}
	}
}

func TestCreditIsLookedAtOncePerOrder(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	credit := s.Connect(t).Credit
	for _, order := range []string{"V100000001", "V100000002", "V100000001"} {
		if hold, err := credit.Check(t.Context(), query, order); err != nil || !hold {
			t.Fatalf("%s: %v, %v", order, hold, err)
		}
	}
	if n := s.Checks(); n["V100000001"] != 1 || n["V100000002"] != 1 {
		t.Errorf("looked at %v", n)
	}
	want := voicetest.Call{Method: "POST", Path: "/vn/credit/checks", Key: "V100000001", Body: `{"customer":"1-HELD9","order":"V100000001"}`}
	if got := s.Calls()[2]; got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
}

func TestWhatALookupIsOnTheWire(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	b := s.Connect(t).Administration
	if _, err := b.Lookup(t.Context(), query, []nanp.TN{example, example + 1, example}); err != nil {
		t.Fatal(err)
	}
	if err := b.Ready(t.Context(), query, "AK", "BIRD CREEK"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []voicetest.Call{
		{Method: "POST", Path: "/vn/numbers/lookup", Body: `{"telephoneNumbers":["3035550100","3035550101"]}`},
		{Method: "GET", Path: "/vn/numbers/rate-centers/AK/BIRD CREEK"},
	} {
		if got := s.Calls()[i]; got != want {
			t.Errorf("asked %+v, want %+v", got, want)
		}
	}
}

// What customers write where a rate center's name belongs leads to no other question.
func TestNamesThatAreNoneAreNotAskedAbout(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	b := s.Connect(t).Administration
	for _, name := range []string{"", ".", "..", "A\nB", "\xff", strings.Repeat("X", 41)} {
		if err := b.Ready(t.Context(), query, "CO", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if calls := s.Calls(); len(calls) != 0 {
		t.Errorf("asked %+v", calls)
	}
	for _, name := range []string{"A/B", "../../lookup", "A?B#C", "%2e%2e"} {
		if err := b.Ready(t.Context(), query, "CO", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		calls := s.Calls()
		if c := calls[len(calls)-1]; c.Path != "/vn/numbers/rate-centers/CO/"+name || c.Query != "" {
			t.Errorf("%q: asked %+v", name, c)
		}
	}
}

func TestARateCenterThatIsNotReady(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	s.Shut("CO", "DENVER")
	b := s.Connect(t)
	nothing, err := asks[voicetest.Ready].ask(t.Context(), b, query)
	failed(t, "not ready", voice.BackendAdministration, voice.HowWrong, nothing, err)
	if err := b.Administration.Ready(t.Context(), query, "CO", "AURORA"); err != nil {
		t.Errorf("another: %v", err)
	}
}

func TestAnswersOfNoUse(t *testing.T) {
	t.Parallel()
	number := func(fields string) string { return `{"numbers":[{"telephoneNumber":"3035550100"` + fields + `}]}` }
	place := `,"known":true,"state":"CO","rateCenter":"DENVER"`
	for path, answers := range map[string]map[string]string{
		voicetest.Lookup: {
			"no number":         `{"numbers":[]}`,
			"another number":    `{"numbers":[{"telephoneNumber":"3035550101","known":false}]}`,
			"eleven digits":     `{"numbers":[{"telephoneNumber":"13035550100","known":false}]}`,
			"one more":          `{"numbers":[{"telephoneNumber":"3035550100","known":false},{"telephoneNumber":"3035550101","known":false}]}`,
			"twice the same":    `{"numbers":[{"telephoneNumber":"3035550100","known":false},{"telephoneNumber":"3035550100","known":false}]}`,
			"no word of it":     number(""),
			"no word of a port": number(place),
			"no state":          number(`,"known":true,"rateCenter":"DENVER","portable":true`),
			"an odd state":      number(`,"known":true,"state":"Colorado","rateCenter":"DENVER","portable":true`),
			"no rate center":    number(`,"known":true,"state":"CO","portable":true`),
			"small letters":     number(`,"known":true,"state":"CO","rateCenter":"Denver","portable":true`),
			"blanks":            number(`,"known":true,"state":"CO","rateCenter":" DENVER","portable":true`),
			"a long name":       number(`,"known":true,"state":"CO","rateCenter":"` + strings.Repeat("X", 41) + `","portable":true`),
			"a control code":    number(place + `,"carrier":"A\u0000","portable":true`),
			"a long LATA":       number(place + `,"lata":"` + strings.Repeat("6", 11) + `","portable":true`),
			"a long carrier":    number(place + `,"carrier":"` + strings.Repeat("X", 101) + `","portable":true`),
			"a text":            number(place + `,"portable":"yes"`),
			"null":              `{"numbers":null}`,
		},
		voicetest.Ready: {"a text": `{"ready":"yes"}`, "null": `{"ready":null}`},
		voicetest.Check: {"another word": `{"decision":"maybe"}`, "a capital": `{"decision":"Hold"}`, "no decision": `{"decision":""}`, "a number": `{"decision":1}`},
	} {
		for why, answer := range answers {
			s := voicetest.NewSystem(t, embedded())
			s.Fail(voicetest.Answer{With: voicetest.Text(answer)})
			nothing, err := asks[path].ask(t.Context(), s.Connect(t), query)
			failed(t, path+" "+why, asks[path].backend, voice.HowWrong, nothing, err)
		}
	}
}

func TestAnswersThatSayNoMoreThanTheyMust(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	s.Fail(voicetest.Answer{With: voicetest.Text(`{"numbers":[{"telephoneNumber":"3035550100","known":true,"state":"CO","rateCenter":"DENVER","portable":false,"more":1}],"more":{}}`)},
		voicetest.Answer{With: voicetest.Text(`{"numbers":[{"telephoneNumber":"3035550100","known":false,"state":"Colorado","portable":true}]}`)})
	b := s.Connect(t).Administration
	for i, want := range []voice.Number{{TN: example, Known: true, State: "CO", Center: "DENVER"}, {TN: example}} {
		if found, err := b.Lookup(t.Context(), query, []nanp.TN{example}); err != nil || len(found) != 1 || found[0] != want {
			t.Errorf("%d: %+v, %v", i, found, err)
		}
	}
}

func TestACallIsGivenUpWithItsCaller(t *testing.T) {
	t.Parallel()
	for path, a := range asks {
		s := voicetest.NewSystem(t, embedded())
		ctx, giveUp := context.WithCancel(t.Context())
		s.Fail(voicetest.Answer{With: voicetest.Hang(giveUp)})
		nothing, err := a.ask(ctx, s.Connect(t), query)
		if !errors.Is(err, context.Canceled) || !nothing || len(s.Calls()) != 1 {
			t.Errorf("%s: %v, %v, asked %d times", path, nothing, err, len(s.Calls()))
		}
	}
}

func TestSandboxesNeverReachRealSystems(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	b, err := voicecarrier.Connect(embedded(), s.URLs(), silent)
	if err != nil {
		t.Fatal(err)
	}
	for _, sandbox := range []bool{true, false} {
		q := query
		q.Sandbox = sandbox
		for path, a := range asks {
			if nothing, err := a.ask(t.Context(), b, q); err != nil || nothing {
				t.Fatalf("%s: %v, %v", path, nothing, err)
			}
		}
		if n, want := len(s.Calls()), map[bool]int{true: 0, false: len(asks)}[sandbox]; n != want {
			t.Errorf("sandbox %v: the real systems were asked %d times, want %d", sandbox, n, want)
		}
	}
}

func TestWhatHasNoURLIsEmbedded(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	all := s.URLs()
	for _, c := range []struct {
		urls voicecarrier.URLs
		want int // questions that the system is asked
	}{
		{voicecarrier.URLs{Administration: all.Administration}, 2}, {voicecarrier.URLs{Credit: all.Credit}, 1},
		{voicecarrier.URLs{Losing: all.Losing}, 1}, {voicecarrier.URLs{Providers: all.Providers}, 3}, {},
	} {
		b, err := voicecarrier.Connect(embedded(), c.urls, silent)
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.Calls())
		for asked, a := range asks {
			if nothing, err := a.ask(t.Context(), b, query); err != nil || nothing {
				t.Errorf("%s of %+v: %v, %v", asked, c.urls, nothing, err)
			}
		}
		if n := len(s.Calls()) - before; n != c.want {
			t.Errorf("%+v: the system was asked %d times, want %d", c.urls, n, c.want)
		}
	}
}

// In production nobody's word is magic, and the carrier has what it has loaded.
func TestProductionKnowsNothingOfTheReference(t *testing.T) {
	t.Parallel()
	b := embedded()
	owned, free := voicetest.Owned(t), "1-ABCDE"
	for _, sandbox := range []bool{true, false} {
		q := voice.Query{World: "w", Sandbox: sandbox, Customer: free, Hint: "[demarc:" + voice.WordCreditHold + "]"}
		if hold, err := b.Credit.Check(t.Context(), q, "V100000001"); err != nil || hold != sandbox {
			t.Errorf("sandbox %v: on hold %v, %v", sandbox, hold, err)
		}
		found, err := b.Administration.Lookup(t.Context(), q, []nanp.TN{owned, example})
		if err != nil || (found[0].Carrier == voicecarrier.OwnCarrier) != sandbox || found[1].Carrier != voicecarrier.OwnCarrier {
			t.Errorf("sandbox %v: %+v, %v", sandbox, found, err)
		}
	}
}

// The lines 555-01xx belong to no code: they are known where the stock has them.
func TestNumbersForFictionAreKnownWhereTheStockHasThem(t *testing.T) {
	t.Parallel()
	b := voicecarrier.Embedded(voicetest.Source{})
	found, err := b.Administration.Lookup(t.Context(), query, []nanp.TN{example, 720_555_0100})
	if err != nil || found[0] != (voice.Number{TN: example}) || found[1] != (voice.Number{TN: 720_555_0100}) {
		t.Errorf("%+v, %v", found, err)
	}
	stocked := voicecarrier.Embedded(voicetest.Source{Blocks: map[nanp.Block]voice.BlockAt{example.Block(): {State: "CO", Center: "NEW TOWN"}}})
	found, err = stocked.Administration.Lookup(t.Context(), query, []nanp.TN{example, 720_555_0100})
	want := voice.Number{TN: example, Known: true, State: "CO", Center: "NEW TOWN", Carrier: voicecarrier.OwnCarrier, Portable: true}
	if err != nil || found[0] != want || found[1].Known {
		t.Errorf("%+v, %v", found, err)
	}
}

var errSource = errors.New("the database is down")

type brokenSource struct{ voicetest.Source }

func (brokenSource) Ours(context.Context, string, []nanp.TN) (map[nanp.TN]voice.BlockAt, error) {
	return nil, errSource
}

func (brokenSource) Profile(context.Context, string, string) (voice.Profile, error) {
	return voice.Profile{Credit: voice.CreditHold}, errSource
}

func TestTheSourcesErrorsArePassedOn(t *testing.T) {
	t.Parallel()
	b := voicecarrier.Embedded(brokenSource{})
	for _, path := range []string{voicetest.Lookup, voicetest.Check} {
		if nothing, err := asks[path].ask(t.Context(), b, query); !errors.Is(err, errSource) || !nothing {
			t.Errorf("%s: %v, %v", path, nothing, err)
		}
	}
}

// One number of each code of the plan.
func TestCarriersAndPortabilityHaveTheirDocumentedShares(t *testing.T) {
	t.Parallel()
	b := embedded().Administration
	var list []nanp.TN
	for _, rc := range nanp.RateCenters() {
		for code := range rc.Codes() {
			list = append(list, code.Block(5).First()+1)
		}
	}
	found, err := b.Lookup(t.Context(), query, list)
	if err != nil {
		t.Fatal(err)
	}
	stuck, of := 0, map[string]int{}
	for _, n := range found {
		if !n.Portable {
			stuck++
		}
		of[n.Carrier]++
	}
	if p := 100 * float64(stuck) / float64(len(found)); p < 2.8 || p > 3.2 {
		t.Errorf("%.2f %% cannot be ported", p)
	}
	if len(of) != 6 {
		t.Errorf("carriers %v", of)
	}
	for name, n := range of {
		if p := 100 * float64(n) / float64(len(found)); p < 16 || p > 17.4 {
			t.Errorf("%s has %.2f %%", name, p)
		}
	}
}

// The hash is a promise: a number that cannot be ported today cannot be ported tomorrow,
// on whatever node and in whatever version; and all numbers of a code are of one carrier.
func TestACarrierNeverChanges(t *testing.T) {
	t.Parallel()
	b := embedded().Administration
	for _, want := range fixedCarriers {
		code, _, _ := strings.Cut(want, " ")
		var npa, nxx int
		if _, err := fmt.Sscanf(code, "%d-%d", &npa, &nxx); err != nil {
			t.Fatal(err)
		}
		for x := range 10 {
			found, err := b.Lookup(t.Context(), query, []nanp.TN{nanp.CodeOf(npa, nxx).Block(x).First() + 7})
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %s, portable %v", code, found[0].Carrier, found[0].Portable); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

var fixedCarriers = []string{
	"303-240 Example Telephone, portable false", "303-262 Placeholder Communications, portable false", "303-297 Sample Wireless, portable true",
	"720-201 Fictional Fiber, portable true", "907-212 Sample Wireless, portable true",
}

func TestAConnectorNeedsTheURLOfABackend(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"backend", "ftp://host/x", "http://", "https:///x", "://", "host:8080", "http://host/x?y=z", "http://host/x#y", "http://ho st"} {
		for name, urls := range map[string]voicecarrier.URLs{voice.BackendAdministration: {Administration: bad}, voice.BackendCredit: {Credit: bad},
			voice.BackendLosing: {Losing: bad}, voice.BackendProviders: {Providers: bad}} {
			if _, err := voicecarrier.Connect(embedded(), urls, silent); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%+v: %v", urls, err)
			}
		}
	}
	for _, good := range []string{"http://127.0.0.1:9", "https://user:password@backend.example/base/", ""} {
		if _, err := voicecarrier.Connect(embedded(), voicecarrier.URLs{Administration: good, Credit: good, Losing: good, Providers: good}, silent); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// targets are what fails with which question.
var targets = map[trouble.Target][]string{"voice.administration": {voicetest.Lookup}, "voice.inventory": {voicetest.Ready}, "voice.credit": {voicetest.Check},
	"voice.losing-carrier": {voicetest.Port}, "voice.providers": {voicetest.List, voicetest.Locate, voicetest.Name}}

func TestASandboxsOwnerMakesBackendsFail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		b := voicecarrier.Trouble(embedded(), trouble.New(d))
		for mode, how := range map[trouble.Mode]string{trouble.Unavailable: voice.HowDown, trouble.Timeout: voice.HowLate, trouble.Failure: voice.HowWrong} {
			for target, questions := range targets {
				err := d.Within(t.Context(), world, func(tx *db.Tx) error {
					if err := trouble.ClearAll(tx, "test"); err != nil {
						return err
					}
					_, err := trouble.Put(tx, "test", trouble.Trouble{Target: target, Mode: mode})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for path, a := range asks {
					nothing, err := a.ask(t.Context(), b, voice.Query{World: world, Sandbox: true, Customer: voicetest.Held})
					if slices.Contains(questions, path) {
						failed(t, string(mode)+" "+path, a.backend, how, nothing, err)
					} else if err != nil {
						t.Errorf("%s of %s: %s: %v", mode, target, path, err)
					}
					if nothing, err := a.ask(t.Context(), b, voice.Query{World: world, Customer: voicetest.Held}); err != nil || nothing {
						t.Errorf("%s of %s: %s in production: %v", mode, target, path, err)
					}
				}
			}
		}
	})
}

func TestTheFakesFailAndCount(t *testing.T) {
	t.Parallel()
	for path, a := range asks {
		for _, after := range []bool{false, true} {
			f := voicetest.NewFakes(embedded())
			met := 0
			f.FailTimes(path, voice.HowLate, 1)
			f.Fail(path, voicetest.Fault{After: after, Do: func() { met++ }, Err: voicetest.Fails(path, voice.HowDown)}, voicetest.Fault{Do: func() { met++ }})
			for i, how := range []string{voice.HowLate, voice.HowDown, "", ""} {
				nothing, err := a.ask(t.Context(), f.Backends(), query)
				b, _ := errors.AsType[*voice.Backend](err)
				if nothing != (how != "") || (how != "") != (b != nil) || b != nil && (b.How != how || b.Name != a.backend) {
					t.Errorf("%s %d: %v, %v", path, i, nothing, err)
				}
			}
			for asked := range asks {
				if n, want := f.Asked(asked), map[bool]int{true: 4, false: 0}[asked == path]; n != want || len(f.Queries(asked)) != want {
					t.Errorf("%s: %s was asked %d times", path, asked, n)
				}
			}
			want := map[bool]int{true: 3, false: 2}[after]
			if n := f.Checks("V100000001"); path == voicetest.Check && n != want || met != 2 {
				t.Errorf("%s: credit was looked at %d times, met %d", path, n, met)
			}
			if n := len(f.Ports("V100000001")); path == voicetest.Port && n != want {
				t.Errorf("losing carriers were asked for %d ports, want %d", n, want)
			}
			if n := len(f.Told(path)); a.told && n != want || !a.told && n != 0 {
				t.Errorf("%s: the providers were told %d times, want %d", path, n, want)
			}
		}
	}
	f := voicetest.NewFakes(embedded())
	said := voice.Number{TN: example, Known: true, State: "CO", Center: "VAIL", Carrier: "Sample Wireless"}
	f.Know(said)
	if found, err := f.Backends().Administration.Lookup(t.Context(), query, []nanp.TN{example, example + 1}); err != nil || found[0] != said || found[1].Center != "DENVER" {
		t.Errorf("%+v, %v", found, err)
	}
}
