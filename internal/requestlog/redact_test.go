package requestlog

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

const kind = "Content-Type"

func ofKind(media string) map[string][]string {
	if media == "" {
		return nil
	}
	return map[string][]string{kind: {media}}
}

func TestSecretsAreTakenOutOfBodies(t *testing.T) {
	t.Parallel()
	card := func(v string) bool { return strings.Contains(v, "4111") }
	for _, c := range []struct{ name, media, body, want string }{
		{"a member", "application/json", `{"a": 1, "password" : "x", "b":[true,null]}`, `{"a": 1, "password" : "…", "b":[true,null]}`},
		{"whatever it is spelt like", "application/json", `{"losingCarrierPin":1,"LOSING_CARRIER_PIN":"2","Social Security":"3","pass\u0077ord":"4"}`,
			`{"losingCarrierPin":"…","LOSING_CARRIER_PIN":"…","Social Security":"…","pass\u0077ord":"…"}`},
		{"a whole object", "application/json", `{"credentials":{"user":"u","list":[1,{"x":"y"}]},"z":1}`, `{"credentials":"…","z":1}`},
		{"nested", "application/json; charset=utf-8", `[{"lnp":{"losingCarrierAccountNumber":"ACC-1","loaName":"A"}}]`, `[{"lnp":{"losingCarrierAccountNumber":"…","loaName":"A"}}]`},
		{"a customer's credit data", "application/json", `{"customer":{"ssn":"1","dob":"2"},"salesCode":"SC1"}`, `{"customer":{"ssn":"…","dob":"…"},"salesCode":"SC1"}`},
		{"a number in another's place", "application/json", `{"addOns":["731-42-8596"],"731 42 8596":1}`, `{"addOns":["…"],"…":1}`},
		{"a value that its application knows", "application/json", `{"companyName":"4111 1111","n":4111}`, `{"companyName":"…","n":"…"}`},
		{"a provider's new key", "application/problem+json", `{"key":{"id":"KEY-1","clear":"pk_1.x"}}`, `{"key":{"id":"KEY-1","clear":"…"}}`},
		{"a token", "application/json", `{"access_token":"t","expires_in":1799}`, `{"access_token":"…","expires_in":1799}`},
		{"what is none", "application/json", `{"businessName":"B","address":"A","mapping":"M","code":"C","shipping":1,"spinning":2}`,
			`{"businessName":"B","address":"A","mapping":"M","code":"C","shipping":1,"spinning":2}`},
		{"no kind is taken for JSON", "", `{"pin":1234}`, `{"pin":"…"}`},
		{"it breaks off in a secret", "application/json", `{"a":1,"pin":"12`, `{"a":1,"pin":"…"…`},
		{"it breaks off in a text", "application/json", `{"a":"be`, `{"a":…`},
		{"it breaks off in a number", "application/json", `{"a":12`, `{"a":…`},
		{"a name without its colon", "application/json", `{"addOns":"x":{"ssn":"1"}}`, `{"addOns":"x"…`},
		{"single quotes", "application/json", `{'password':'x'}`, `{…`},
		{"a quote within a name", "application/json", `{"pass"word":"x"}`, `{"pass"…`},
		{"something after it", "application/json", `{"a":1}{"pin":2}`, `{"a":1}…`},
		{"nothing of JSON", "application/json", `password=x`, `…`},
		{"not UTF-8", "application/json", "{\"a\":\"\xff\"}", `{"a":…`},
		{"a form", "application/x-www-form-urlencoded", `grant_type=x&client_secret=s%26s&pass%77ord=p&flag&=e`, `grant_type=x&client_secret=…&pass%77ord=…&flag&=e`},
		{"a form with a broken escape", "application/x-www-form-urlencoded", `a=1&b=%zz&c=731-42-8596`, `a=1&…&c=…`},
		{"XML", "application/xml", `<?xml version="1.0"?><a pin="1" n="2"><!-- c --><password>x<b>y</b></password><t>z &amp; z</t><u>731-42-8596</u></a>`,
			`<a pin="…" n="2"><password>…</password><t>z &amp; z</t><u>…</u></a>`},
		{"XML that breaks off", "text/xml", `<a><pin>12`, `<a><pin>…`},
		{"another kind", "text/plain", `{"password":"x"}`, ``},
		{"rows of JSON", "application/x-ndjson", `{"password":"x"}`, ``},
		{"a kind that cannot be read", "; json", `{"password":"x"}`, ``},
		{"nothing", "application/json", ``, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hide := redactor{private: card}
			if got := hide.body(ofKind(c.media), []byte(c.body), false); got != c.want {
				t.Errorf("%s became\n%s, want\n%s", c.body, got, c.want)
			}
		})
	}
}

func TestABodyThatIsCutIsShownUpToThere(t *testing.T) {
	t.Parallel()
	whole := `{"list":[{"name":"a","pin":"1234"},{"name":"b","token":{"x":1}},{"name":"c"}]}`
	hide := redactor{}
	for n := range len(whole) {
		got := hide.json([]byte(whole[:n]), true)
		if strings.Contains(got, "12") || strings.Contains(got, `"x"`) || len(got) > n+2*len(hidden) {
			t.Errorf("the first %d bytes became %s", n, got)
		}
	}
	if got, want := hide.json([]byte(whole), false), `{"list":[{"name":"a","pin":"…"},{"name":"b","token":"…"},{"name":"c"}]}`; got != want {
		t.Errorf("the whole became %s", got)
	}
}

func TestNestingWithoutEndBreaksOff(t *testing.T) {
	t.Parallel()
	hide := redactor{}
	got := hide.json([]byte(strings.Repeat("[", 100_000)), true)
	if len(got) == 0 || len(got) > deepest+2 {
		t.Errorf("%d bytes were shown", len(got))
	}
	if got := hide.json([]byte(`{"secret":`+strings.Repeat("[", 100_000)), true); got != `{"secret":"…"` {
		t.Errorf("shown was %.100s", got)
	}
}

func TestHeadersAreShownWithoutCredentials(t *testing.T) {
	t.Parallel()
	got := headers(map[string][]string{"Authorization": {"Bearer x"}, "Client_id": {"i"}, "Client_secret": {"s", "t"}, "Cookie": {"c"}, "Set-Cookie": {"d"},
		"Proxy-Authorization": {"p"}, "X-Api-Key": {"k"}, "Idempotency-Key": {"stays"}, "Refvalue": {"7879900001"}})
	want := `{"Authorization":["…"],"Client_id":["…"],"Client_secret":["…"],"Cookie":["…"],"Idempotency-Key":["stays"],"Proxy-Authorization":["…"],` +
		`"Refvalue":["7879900001"],"Set-Cookie":["…"],"X-Api-Key":["…"]}`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// No value of a secret survives, whatever surrounds it and wherever the body is cut.
func FuzzNoSecretSurvives(f *testing.F) {
	const secret = "Qz7!kept-nowhere"
	f.Add("password", `{"a":1,`, `}`, 200)
	f.Add("customer_ssn", `[{"x":"\"",`, `}]`, 200)
	f.Add("PIN", `{"deep":{"er":[`, `]}}`, 30)
	f.Add("accessToken", `{"`, `"`, 200)
	f.Add("client_secret", `a=b&`, `&c`, 200)
	f.Add("pin", `<a><b c="d">`, `</b></a>`, 200)
	f.Fuzz(func(t *testing.T, name, before, after string, cut int) {
		if !secretName(name) || !utf8.ValidString(name) || strings.Contains(before+name+after, secret) {
			return
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		hide := redactor{}
		shown := func(media, body string, valid bool) {
			t.Helper()
			isCut := cut >= 0 && cut < len(body)
			if isCut {
				body = body[:cut]
			}
			got := hide.body(ofKind(media), []byte(body), isCut)
			if valid && strings.Contains(got, secret) {
				t.Errorf("%s %q became %q", media, body, got)
			}
		}
		// What is put in front may end the string it stands in, or make a value of the
		// name: only where the whole is JSON it is known what is whose.
		body := before + string(quoted) + `:"` + secret + `"` + after
		shown("application/json", body, named(body, secret))
		shown("application/x-www-form-urlencoded", strings.TrimRight(before, "&")+"&"+url.QueryEscape(name)+"="+url.QueryEscape(secret)+"&"+after, true)
		if element := strings.Map(letters, name); secretName(element) && element != "" {
			doc := "<a><" + element + ">" + secret + "</" + element + "></a>"
			shown("application/xml", doc, xml.Unmarshal([]byte(doc), &struct{}{}) == nil)
			shown("text/xml", `<a `+element+`="`+secret+`"/>`, true)
		}
	})
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return -1
}

// named reports whether a text is JSON in which a secret is nowhere but under names of
// secrets.
func named(body, secret string) bool {
	in := json.NewDecoder(strings.NewReader(body))
	var v any
	if in.Decode(&v) != nil {
		return false
	}
	var ok func(v any) bool
	ok = func(v any) bool {
		switch v := v.(type) {
		case map[string]any:
			for name, e := range v {
				if strings.Contains(name, secret) || !secretName(name) && !ok(e) {
					return false
				}
			}
		case []any:
			for _, e := range v {
				if !ok(e) {
					return false
				}
			}
		case string:
			return !strings.Contains(v, secret)
		}
		return true
	}
	return ok(v)
}
