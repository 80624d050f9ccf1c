package marketplacetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"demarc/internal/marketplace"
)

// answer is what came back of a call; err when nothing did, or not all of it.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// ask makes a call by net/http alone, as it should be, over a connection of its own;
// header changes it.
func ask(ctx context.Context, method, url, key, body string, header ...string) answer {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text), err}
}

const good = `{"name":"A Buyer","email":"buyer@example.com"}`

func call(t *testing.T, p *Provider, key string, header ...string) answer {
	t.Helper()
	return ask(t.Context(), http.MethodPost, p.URL+"/acme-provision-account/", key, good, header...)
}

func (p *Provider) open(t *testing.T) string {
	t.Helper()
	var list []string
	for _, a := range p.Accounts() {
		list = append(list, a.Key+" "+a.COID)
	}
	return strings.Join(list, ", ")
}

func TestAProviderLeftAloneOpensOneAccountForEachKey(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	for _, want := range []string{"a CO-2001", "b CO-2002", "a CO-2001"} {
		key, coid, _ := strings.Cut(want, " ")
		if got := call(t, p, key); got.status != 201 || got.body != `{"coid":"`+coid+`"}` || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %+v", key, got)
		}
	}
	accounts, calls := p.Accounts(), p.Calls()
	if len(accounts) != 2 || accounts[0].COID != "CO-2001" || accounts[0].Key != "a" || accounts[0].Name != "acme" || accounts[0].Fields["email"] != "buyer@example.com" {
		t.Errorf("open: %+v", accounts)
	}
	if len(calls) != 3 || calls[2].N != 3 || calls[2].Attempt != 2 || calls[1].Attempt != 1 || calls[2].Key != "a" || string(calls[0].Body) != good ||
		calls[0].Path != "/saas/acme-provision-account/" || calls[0].Header.Get("Content-Type") != "application/json" {
		t.Errorf("calls: %+v", calls)
	}
	// What it hands out is not its own memory.
	accounts[0].Fields["email"] = "x"
	if p.Accounts()[0].Fields["email"] != "buyer@example.com" {
		t.Error("its memory can be changed from outside")
	}
}

func TestACallThatIsNotAsItShouldBeOpensNothingAndIsRemembered(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Next(Fails(503)) // which none of them takes
	const where = "/acme-provision-account/"
	for n, tc := range []struct {
		method, path, key, body string
		header                  []string
		want                    int
	}{
		{"GET", where, "a", "", nil, 404},
		{"POST", "/acme-provision-account", "a", good, nil, 404},
		{"POST", "/acme/", "a", good, nil, 404},
		{"POST", "/acme-provision-account/x", "a", good, nil, 404},
		{"POST", where, "", good, nil, 400},
		{"POST", where, "a", `{"name":7}`, nil, 400},
		{"POST", where, "a", `null`, nil, 400},
		{"POST", where, "a", good + "x", nil, 400},
		{"POST", where, "a", good, []string{"Content-Type", "text/plain"}, 415},
	} {
		if got := ask(t.Context(), tc.method, p.URL+tc.path, tc.key, tc.body, tc.header...); got.status != tc.want {
			t.Errorf("%s %s %q %s is answered %+v", tc.method, tc.path, tc.key, tc.body, got)
		}
		if len(p.Calls()) != n+1 {
			t.Errorf("%d calls are remembered, want %d", len(p.Calls()), n+1)
		}
	}
	if p.open(t) != "" {
		t.Errorf("open: %s", p.open(t))
	}
	if got := call(t, p, "a"); got.status != 503 {
		t.Errorf("the next as it should be: %+v", got)
	}
}

func TestWhatAProviderCanBeTold(t *testing.T) {
	t.Parallel()
	const opened = `{"coid":"CO-2001"}`
	for name, tc := range map[string]struct {
		act    Act
		status int
		body   string // what it begins with
		open   string
	}{
		"nothing":           {Act{}, 201, opened, "k CO-2001"},
		"opens":             {Opens(), 201, opened, "k CO-2001"},
		"lies":              {Lies(), 201, opened, "k CO-2001"},
		"gives":             {Gives("CO-9"), 201, `{"coid":"CO-9"}`, ""},
		"keeps":             {Keeps(), 201, `{}`, "k CO-2001"},
		"answers 200":       {Answers(200, "{}"), 200, "{}", ""},
		"answers 204":       {Answers(204, ""), 204, "", ""},
		"opens and 202":     {Answers(202, "").AfterOpening(), 202, "", "k CO-2001"},
		"refuses":           {Refuses(`no "way"`), 400, `{"message":"no \"way\""}`, ""},
		"fails":             {Fails(502), 502, `{"message":"Bad Gateway"}`, ""},
		"opens and fails":   {Fails(500).AfterOpening(), 500, `{"message":"Internal Server Error"}`, "k CO-2001"},
		"throttles":         {Throttles(7), 429, `{"message":"Too many."}`, ""},
		"redirects":         {Redirects("/elsewhere"), 307, "", ""},
		"breaks":            {Breaks(), 201, `{"coid":"CO-2001"`, "k CO-2001"},
		"floods":            {Floods(), 201, `{"filler":"xxxx`, "k CO-2001"},
		"lies after a call": {Lies().AfterOpening(), 201, opened, "k CO-2001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewProvider(t)
			p.Next(tc.act)
			got := call(t, p, "k")
			if got.err != nil || got.status != tc.status || !strings.HasPrefix(got.body, tc.body) || p.open(t) != tc.open {
				t.Errorf("%d %.100q, %v; open: %s", got.status, got.body, got.err, p.open(t))
			}
			switch name {
			case "throttles":
				if got.header.Get("Retry-After") != "7" {
					t.Error(got.header)
				}
			case "redirects":
				if got.header.Get("Location") != "/elsewhere" {
					t.Error(got.header)
				}
			case "floods":
				if len(got.body) < 4<<20 {
					t.Errorf("%d bytes", len(got.body))
				}
			}
			// It is a provider as it should be again, which remembers the key.
			if again := call(t, p, "k"); again.status != 201 || again.body != opened || p.open(t) != "k CO-2001" {
				t.Errorf("then %+v; open: %s", again, p.open(t))
			}
		})
	}
}

func TestALiarAnswersOneKeyWithTwoAccounts(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Next(Lies(), Lies())
	if one, two := call(t, p, "k"), call(t, p, "k"); one.body != `{"coid":"CO-2001"}` || two.body != `{"coid":"CO-2002"}` || p.open(t) != "k CO-2001, k CO-2002" {
		t.Errorf("%+v, %+v; open: %s", one, two, p.open(t))
	}
}

func TestARepeaterRepeatsAllThatItWasSent(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Next(Repeats())
	got := call(t, p, "the-key")
	for _, want := range []string{"the-key", "A Buyer", "buyer@example.com"} {
		if got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("without %q: %+v", want, got)
		}
	}
}

func TestConnectionsThatEnd(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Next(Cuts(), Cuts().AfterOpening(), Halves())
	if got := call(t, p, "a"); got.err == nil || p.open(t) != "" {
		t.Errorf("%+v; open: %s", got, p.open(t))
	}
	if got := call(t, p, "b"); got.err == nil || p.open(t) != "b CO-2001" {
		t.Errorf("%+v; open: %s", got, p.open(t))
	}
	if got := call(t, p, "c"); got.status != 201 || !errors.Is(got.err, io.ErrUnexpectedEOF) || got.body != `{"coid":"CO-200` || p.open(t) != "b CO-2001, c CO-2002" {
		t.Errorf("%+v; open: %s", got, p.open(t))
	}
}

func TestACallHangsUntilItIsReleasedOrGoes(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Next(Hangs(), Hangs(), Hangs().AfterOpening())
	results := make(chan answer, 3)
	gone, leave := context.WithCancel(t.Context())
	go func() { results <- ask(gone, http.MethodPost, p.URL+"/acme-provision-account/", "a", good) }()
	if _, err := p.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	leave()
	if got := <-results; !errors.Is(got.err, context.Canceled) || p.open(t) != "" {
		t.Fatalf("it went: %+v; open: %s", got, p.open(t))
	}
	for n, key := range []string{"b", "c"} {
		go func() { results <- ask(t.Context(), http.MethodPost, p.URL+"/acme-provision-account/", key, good) }()
		if calls, err := p.Await(t.Context(), n+2); err != nil || calls[n+1].Key != key {
			t.Fatal(calls, err)
		}
	}
	p.Release()
	for range 2 {
		if got := <-results; got.status != 201 {
			t.Errorf("released: %+v", got)
		}
	}
	if n := len(p.Accounts()); n != 2 {
		t.Errorf("%d are open: %s", n, p.open(t))
	}
	if _, err := p.Await(gone, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that does not come is awaited for ever: %v", err)
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	p, err := OpenProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Choose(func(Call) Act { return Hangs() })
	results := make(chan answer, 5)
	for i := range 5 {
		go func() {
			results <- ask(t.Context(), http.MethodPost, p.URL+"/acme-provision-account/", fmt.Sprint(i), good)
		}()
	}
	if _, err := p.Await(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if got := <-results; got.err == nil {
			t.Errorf("%+v", got)
		}
	}
	if got := call(t, p, "k"); got.err == nil || len(p.Accounts()) != 0 {
		t.Errorf("closed: %+v; open: %s", got, p.open(t))
	}
}

func TestWhatIsToldForTheNextCallComesBeforeWhatIsChosen(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Choose(func(c Call) Act {
		if c.Attempt < 3 {
			return Fails(500 + len(p.Accounts()) + c.Attempt) // it may ask the provider
		}
		return Opens()
	})
	p.Next(Refuses("no"))
	for _, want := range []int{400, 502, 201, 201} {
		if got := call(t, p, "k"); got.status != want {
			t.Errorf("%+v, want %d", got, want)
		}
	}
	p.Choose(nil)
	if got := call(t, p, "l"); got.status != 201 {
		t.Errorf("%+v", got)
	}
}

func TestATestOpensNothing(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	for range 2 {
		if got := call(t, p, "k", "Demarc-Test", "true"); got.status != 201 || got.body != `{"coid":"CO-TEST-k"}` || p.open(t) != "" {
			t.Errorf("%+v; open: %s", got, p.open(t))
		}
	}
	p.Next(Fails(500).AfterOpening())
	if got := call(t, p, "k", "Demarc-Test", "true"); got.status != 500 || p.open(t) != "" {
		t.Errorf("%+v; open: %s", got, p.open(t))
	}
}

func TestManyCallsAtOnceOpenOneAccountForEachKey(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	p.Choose(func(c Call) Act {
		if c.N%3 == 0 {
			return Fails(500).AfterOpening()
		}
		return Opens()
	})
	results := make(chan answer, 60)
	for i := range cap(results) {
		go func() {
			results <- ask(t.Context(), http.MethodPost, p.URL+"/acme-provision-account/", fmt.Sprint("k", i%6), good)
		}()
	}
	failed := 0
	for range cap(results) {
		got := <-results
		if got.status == 500 {
			failed++
		} else if got.status != 201 {
			t.Errorf("%+v", got)
		}
	}
	if n := len(p.Accounts()); n != 6 || failed != 20 || len(p.Calls()) != 60 {
		t.Errorf("%d accounts after %d calls, of which %d failed: %s", n, len(p.Calls()), failed, p.open(t))
	}
}

func TestItDoesWhatAMagicWordMakesTheEmbeddedProviderDo(t *testing.T) {
	t.Parallel()
	p := NewProvider(t)
	for word, want := range map[string]string{
		marketplace.WordRefuses: "400 400", marketplace.WordNoCOID: "201 201", marketplace.WordFails: "500 500",
		marketplace.WordFailsOnce: "500 201", "another": "201 201",
	} {
		p.Choose(Word(word))
		if got := fmt.Sprint(call(t, p, word).status, call(t, p, word).status); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}
