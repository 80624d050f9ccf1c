package app

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"demarc/internal/contract"
)

// partner calls a node as the application of its quick start; every answer is held
// against the documents.
type partner struct {
	t     *testing.T
	http  *http.Client
	base  string
	token string
	env   map[string]string // of the quick start
}

func newPartner(t *testing.T) *partner {
	t.Helper()
	return partnerOf(t, open(t))
}

func partnerOf(t *testing.T, a *App) *partner {
	t.Helper()
	s := httptest.NewServer(a.Kit)
	t.Cleanup(s.Close)
	env := map[string]string{}
	f, err := os.Open(filepath.Join(a.cfg.Data, QuickstartFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			env[name] = strings.Trim(value, "'")
		}
	}
	p := &partner{t: t, http: contract.Client(t, s.Client().Transport), base: s.URL, env: env}
	p.authorize(env["DEMARC_CLIENT_ID"], env["DEMARC_CLIENT_SECRET"])
	return p
}

// authorize gets the partner a token.
func (p *partner) authorize(id, secret string) {
	p.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	res, err := p.http.PostForm(p.base+"/oauth/token", form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil || token.AccessToken == "" {
		p.t.Fatalf("no token: %v", err)
	}
	p.token = token.AccessToken
}

func (p *partner) call(method, path, body string, bad bool) (int, map[string]any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("x-customer-number", p.env["DEMARC_CUSTOMER_NUMBER"])
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if bad {
		req = contract.Bad(req)
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer map[string]any
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			p.t.Fatalf("%s: %v", text, err)
		}
	}
	return res.StatusCode, answer
}

// refuses sends a request that breaks one rule and expects to be told so.
func (p *partner) refuses(method, path, body, rule string) {
	p.t.Helper()
	status, answer := p.call(method, path, body, true)
	errs, _ := answer["errors"].([]any)
	if status != 400 || len(errs) == 0 || errs[0].(map[string]any)["rule"] != rule {
		p.t.Errorf("%s %s %s answered %d %v, want rule %s", method, path, body, status, answer, rule)
	}
}

func TestSBX_CLK_01_AClockMoveIsExactlyOneOfASpanAndAMomentWithinTenYears(t *testing.T) {
	p := newPartner(t)
	const path = "/sandbox/v1/clock/advance"
	for _, body := range []string{`{}`, `{"by":"PT1M","to":"2030-01-01T00:00:00Z"}`, `{"by":"1 minute"}`, `{"by":"-PT1M"}`, `{"by":"P1Y"}`,
		`{"by":""}`, `{"to":"tomorrow"}`, `{"to":"9999-01-01T00:00:00Z"}`, `{"by":null}`} {
		p.refuses("POST", path, body, "SBX-CLK-01")
	}
	status, answer := p.call("POST", path, `{"to":"2001-01-01T00:00:00Z"}`, false)
	if status != 400 || answer["reason"] != "clock_backwards" {
		t.Errorf("a move back answered %d %v", status, answer)
	}
	if status, answer = p.call("POST", path, `{"by":"PT15M"}`, false); status != 200 || answer["frozen"] != false {
		t.Errorf("a move answered %d %v", status, answer)
	}
}

func TestSBX_WLD_01_AWorldLivesFromASecondToAWeek(t *testing.T) {
	p := newPartner(t)
	for _, ttl := range []string{"PT0S", "P8D", "x", "PT0.5S"} {
		p.refuses("POST", "/sandbox/v1/worlds", `{"ttl":"`+ttl+`"}`, "SBX-WLD-01")
	}
	if status, answer := p.call("POST", "/sandbox/v1/worlds", `{"ttl":"P7D"}`, false); status != 201 {
		t.Errorf("answered %d %v", status, answer)
	}
}

func TestSBX_WLD_02_ASeedIsANumberThatEveryClientHoldsExactlyAndAForkHasItsWorlds(t *testing.T) {
	p := newPartner(t)
	for _, seed := range []string{"-1", "9007199254740992"} {
		p.refuses("POST", "/sandbox/v1/worlds", `{"seed":`+seed+`}`, "SBX-WLD-02")
	}
	p.refuses("POST", "/sandbox/v1/world/fork", `{"seed":1}`, "SBX-WLD-02")
	if status, answer := p.call("POST", "/sandbox/v1/worlds", `{"seed":42}`, false); status != 201 || answer["seed"] != 42.0 {
		t.Errorf("answered %d %v", status, answer)
	}
}

func TestSBX_WLD_03_AWorldsNameIsShort(t *testing.T) {
	newPartner(t).refuses("POST", "/sandbox/v1/worlds", `{"name":"`+strings.Repeat("n", 101)+`"}`, "SBX-WLD-03")
}

func TestSBX_AUD_01_TheTrailIsFollowedByTheCursorsThatItGave(t *testing.T) {
	p := newPartner(t)
	for _, after := range []string{"x", "-1", "0", "1.5"} {
		p.refuses("GET", "/sandbox/v1/audit?after="+after, "", "SBX-AUD-01")
	}
	seen, next := map[any]bool{}, ""
	for {
		status, page := p.call("GET", "/sandbox/v1/audit?pageSize=2&after="+next, "", false)
		if status != 200 {
			t.Fatalf("answered %d %v", status, page)
		}
		for _, e := range page["events"].([]any) {
			id := e.(map[string]any)["id"]
			if seen[id] {
				t.Fatalf("%v is on two pages", id)
			}
			seen[id] = true
		}
		if next = page["next"].(string); next == "" {
			break
		}
	}
	if len(seen) < 4 {
		t.Errorf("a fresh world's trail has %d entries", len(seen))
	}
}

func TestAFreshWorldKeepsItsInvariants(t *testing.T) {
	if status, answer := newPartner(t).call("GET", "/sandbox/v1/world/check", "", false); status != 200 || answer["ok"] != true {
		t.Errorf("answered %d %v", status, answer)
	}
}
