package demo

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func openProvider(t *testing.T) (*Provider, *lines) {
	t.Helper()
	log := &lines{}
	p, err := OpenProvider(t.Context(), "127.0.0.1:0", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, log
}

// provision asks for an account as the marketplace does, with headers on top.
func provision(t *testing.T, url, key, holder string, header http.Header) (int, map[string]string) {
	t.Helper()
	body := `{"name":"` + holder + `","initialPassword":"open-sesame-7"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Idempotency-Key", key)
	maps.Copy(req.Header, header)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]string
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return res.StatusCode, answer
}

func TestTheProviderOpensOneAccountForEachKey(t *testing.T) {
	t.Parallel()
	p, _ := openProvider(t)
	at := p.URL + "/demo-mail-provision-account/"
	status, first := provision(t, at, "k1", "Robin", nil)
	if status != http.StatusCreated || first["coid"] == "" {
		t.Fatalf("%d %v", status, first)
	}
	if status, again := provision(t, at, "k1", "Robin", nil); status != http.StatusCreated || again["coid"] != first["coid"] {
		t.Errorf("the same key once more: %d %v, first it was %v", status, again, first)
	}
	if status, other := provision(t, at, "k2", "Robin", nil); status != http.StatusCreated || other["coid"] == "" || other["coid"] == first["coid"] {
		t.Errorf("another key: %d %v, first it was %v", status, other, first)
	}
	if open := p.Accounts(); len(open) != 2 {
		t.Errorf("open are %v", open)
	}
}

func TestTheProviderKeepsNothingOfATest(t *testing.T) {
	t.Parallel()
	p, _ := openProvider(t)
	status, a := provision(t, p.URL+"/demo-mail-provision-account/", "k1", "Robin", http.Header{"Demarc-Test": {"true"}})
	if status != http.StatusCreated || a["coid"] == "" || len(p.Accounts()) != 0 {
		t.Errorf("%d %v, open are %v", status, a, p.Accounts())
	}
}

func TestTheProviderFailsAsTheAccountHoldersNameSays(t *testing.T) {
	t.Parallel()
	p, _ := openProvider(t)
	at := p.URL + "/demo-mail-provision-account/"
	if status, a := provision(t, at, "once", "Robin [fail-once]", nil); status != http.StatusInternalServerError || a["coid"] != "" {
		t.Errorf("at first: %d %v", status, a)
	}
	if status, a := provision(t, at, "once", "Robin [fail-once]", nil); status != http.StatusCreated || a["coid"] == "" {
		t.Errorf("then: %d %v", status, a)
	}
	if status, a := provision(t, at, "none", "Robin [no-coid]", nil); status != http.StatusCreated || a["coid"] != "" {
		t.Errorf("without a coid: %d %v", status, a)
	}
	if status, a := provision(t, at, "no", "Robin [refuse]", nil); status != http.StatusBadRequest || a["message"] == "" {
		t.Errorf("refused: %d %v", status, a)
	}
	if open := p.Accounts(); len(open) != 1 {
		t.Errorf("open are %v", open)
	}
}

func TestTheProviderRefusesWhatIsNoCall(t *testing.T) {
	t.Parallel()
	p, _ := openProvider(t)
	at := p.URL + "/demo-mail-provision-account/"
	for _, c := range []struct {
		name, url, key, holder string
		header                 http.Header
		want                   int
	}{
		{"another path", p.URL + "/accounts", "k", "Robin", nil, http.StatusNotFound},
		{"no name", p.URL + "/-provision-account/", "k", "Robin", nil, http.StatusNotFound},
		{"no key", at, "", "Robin", nil, http.StatusBadRequest},
		{"a long key", at, strings.Repeat("k", 256), "Robin", nil, http.StatusBadRequest},
		{"no JSON", at, "k", "Robin", http.Header{"Content-Type": {"text/plain"}}, http.StatusUnsupportedMediaType},
		{"broken JSON", at, "k", `Robin"`, nil, http.StatusBadRequest},
		{"too much", at, "k", strings.Repeat("R", mostCall), nil, http.StatusBadRequest},
	} {
		if status, a := provision(t, c.url, c.key, c.holder, c.header); status != c.want || a["message"] == "" {
			t.Errorf("%s: %d %v", c.name, status, a)
		}
	}
	if open := p.Accounts(); len(open) != 0 {
		t.Errorf("open are %v", open)
	}
}

func TestTheProvidersLinesHoldNothingOfTheBuyers(t *testing.T) {
	t.Parallel()
	p, log := openProvider(t)
	at := p.URL + "/demo-mail-provision-account/"
	provision(t, at, "key-of-robin", "Robin Example [fail-once]", nil)
	_, a := provision(t, at, "key-of-robin", "Robin Example [fail-once]", nil)
	provision(t, p.URL+"/robin@example.com", "k", "Robin", nil)
	want := p.URL + "\n" +
		"call /demo-mail-provision-account/: 500, request 1, attempt 1: fails once\n" +
		"call /demo-mail-provision-account/: 201, request 1, attempt 2: the account " + a["coid"] + " is open\n" +
		"call to another path: 404, There is only POST /{name}-provision-account/ here.\n"
	if got := log.String(); got != want {
		t.Errorf("the log is\n%swant\n%s", got, want)
	}
}
