package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What holds scenarios to their word must itself be held: each check both ways.
func TestLanguageChecksBite(t *testing.T) {
	t.Parallel()
	doc, err := parseJSON([]byte(`{"a":[{"n":"x","v":"1"},{"n":"y","v":2}],"s":"99","z":null,"t":"$0.46","b":true}`))
	if err != nil {
		t.Fatal(err)
	}
	look := func(path string) (any, bool, error) { return find(doc, path) }
	for _, good := range []string{
		"a has 2", "a[0].n == x", "a[-1].v == 2", "a[n=y].v == 2", "a[n=x].v == 1", `s == "99"`, "s == 99", "z == null",
		"t == $0.46", "t != $0.47", "t ~ ^.0[.]46$", "b == true", "q gone", "a[7] gone", "z there", "a[0] == {\"n\":\"x\",\"v\":\"1\"}", "t holds 0.4",
		"t lacks 0.47", "a lacks x", "z lacks x",
	} {
		if err := verify(good, look); err != nil {
			t.Errorf("%q does not hold: %v", good, err)
		}
	}
	for _, bad := range []string{
		"a has 3", "a[0].n == y", "a[-1].v == 3", `a[1].v == "2"`, "a[n=z].v == 2", "q == 1", "q there", "z gone", "t ~ ^46",
		"z == 0", "b == false", "t holds 47", "a holds x", "s != 99", "a[0 == 1", "nothing at all", "", "t lacks 0.4", "q lacks x",
	} {
		if verify(bad, look) == nil {
			t.Errorf("%q holds", bad)
		}
	}
}

// A body is changed where it is said, and nowhere else.
func TestLanguageChangesBodies(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"a[0].n = 5":    `{"a":[{"n":5},{"n":"y"}],"s":"k"}`,
		"a[1] gone":     `{"a":[{"n":"x"}],"s":"k"}`,
		"a[n=y].n gone": `{"a":[{"n":"x"},{}],"s":"k"}`,
		"s = two words": `{"a":[{"n":"x"},{"n":"y"}],"s":"two words"}`,
		`s = "5"`:       `{"a":[{"n":"x"},{"n":"y"}],"s":"5"}`,
		"new = [1]":     `{"a":[{"n":"x"},{"n":"y"}],"new":[1],"s":"k"}`,
		"s gone":        `{"a":[{"n":"x"},{"n":"y"}]}`,
	} {
		doc, err := parseJSON([]byte(`{"a":[{"n":"x"},{"n":"y"}],"s":"k"}`))
		if err != nil {
			t.Fatal(err)
		}
		if doc, err = change(doc, line); err != nil || text(doc) != want {
			t.Errorf("%s makes %s (%v), want %s", line, text(doc), err, want)
		}
	}
	for _, line := range []string{"a[9] = 1", "b.c = 1", "a", "[ = 1"} {
		doc, err := parseJSON([]byte(`{"a":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = change(doc, line); err == nil {
			t.Errorf("%q changes something", line)
		}
	}
}

// A body that is named is held to key by key, in its order, and as it is spelt.
func TestLanguageHoldsABodyToTheLetter(t *testing.T) {
	t.Parallel()
	p := &play{bodies: map[string]string{"it": "{\n  \"a\": 1.00,\n  \"b\": [\"x\", null]\n}"}}
	for body, want := range map[string]bool{
		`{"a":1.00,"b":["x",null]}`: true, `{ "a": 1.00, "b": ["x", null] }`: true, `{"b":["x",null],"a":1.00}`: false, `{"a":1.0,"b":["x",null]}`: false,
		`{"a":1.00,"b":["x",null],"c":1}`: false, `{"a":1.00}`: false, `{"a":1.00,"b":["x"]}`: false, `[]`: false, ``: false,
	} {
		p.last.body = []byte(body)
		if err := p.is("it"); (err == nil) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
	if p.is("that") == nil {
		t.Error("a body that was not named is the answer")
	}
}

// A header that is written replaces what went along by itself, once; written again it
// is sent again.
func TestLanguageSendsHeadersAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	p := &play{vars: map[string]string{"name": "x"}}
	h := http.Header{}
	h.Set("client_id", "own")
	h.Set("Authorization", "Bearer own")
	h.Set("lob", "own")
	if err := p.headers(h, [][2]string{{"client_id", "a"}, {"client_id", "${name}"}, {"authorization", ""}}); err != nil {
		t.Fatal(err)
	}
	if len(h) != 2 || !slices.Equal(h.Values("client_id"), []string{"a", "x"}) || h.Get("lob") != "own" {
		t.Errorf("%v", h)
	}
}

// What a provider is told to do is understood, or else refused.
func TestLanguageKnowsWhatAProviderDoes(t *testing.T) {
	t.Parallel()
	if acts, err := parseActs("500, 429 60, 400 No more desks, gives CO-7, keeps, 201"); err != nil || len(acts) != 6 {
		t.Errorf("%d acts: %v", len(acts), err)
	}
	for _, text := range []string{"", "dances", "gives", "keeps CO-7"} {
		if _, err := parseActs(text); err == nil {
			t.Errorf("a provider can do %q", text)
		}
	}
}

// What cannot be read is said with its line.
func TestLanguageRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"   a == 1\n":                  "line 1",
		"# x\nGET /x\n=> fine\n":       "line 2",
		"GET /x\nnot a header\n":       "neither a header nor a body",
		"GET /x\nAccept: a\n\n=> ok\n": "is no status",
		"check\n\n\n  there\n":         "line 4",
		"GET /x\n\n~> soon\n":          "is no status",
	} {
		if _, err := parseScript(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read (%v), want %q", text, err, want)
		}
	}
}
