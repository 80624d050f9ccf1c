package outbox

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"
)

func public(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }

func good() Endpoint {
	return Endpoint{URL: "https://partner.example.net/hooks?x=1", Form: FormStandard, Events: []string{"ondemand.order.*"}, Auth: Auth{Type: AuthNone}, State: Enabled}
}

// broken is the rules and fields that an endpoint breaks: "HOOK-URL-01 url".
func broken(e Endpoint) []string { return violations(checkEndpoint(&e, nil, nil, public)) }

func violations(err error) (list []string) {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, v := range f.Violations {
			list = append(list, v.Rule+" "+v.Field)
		}
	}
	return list
}

func TestWhatAnEndpointMustBeLike(t *testing.T) {
	t.Parallel()
	with := func(change func(*Endpoint)) Endpoint {
		e := good()
		change(&e)
		return e
	}
	url := func(u string) Endpoint { return with(func(e *Endpoint) { e.URL = u }) }
	events := func(p ...string) Endpoint { return with(func(e *Endpoint) { e.Events = p }) }
	auth := func(a Auth) Endpoint { return with(func(e *Endpoint) { e.Auth = a }) }
	long := strings.Repeat("x", 256)
	for _, tc := range []struct {
		what string
		e    Endpoint
		want string // all that is broken, in order
	}{
		{"nothing broken", good(), ""},
		{"HOOK-FRM-01 a form that nobody declared", with(func(e *Endpoint) { e.Form = "telegram" }), "HOOK-FRM-01 form"},
		{"HOOK-FRM-01 no form", with(func(e *Endpoint) { e.Form = "" }), "HOOK-FRM-01 form"},
		{"HOOK-CUS-01 a customer, where the application may act for nobody", with(func(e *Endpoint) { e.Customer = "1-ABCDE" }), "HOOK-CUS-01 customer"},
		{"HOOK-URL-01 a port", url("http://partner.example.net:8443"), ""},
		{"HOOK-URL-01 a public address", url("http://93.184.216.34/x"), ""},
		{"HOOK-URL-01 an international name", url("https://xn--bcher-kva.example/"), ""},
		{"HOOK-URL-01 no scheme", url("partner.example.net/hooks"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 another scheme", url("ftp://partner.example.net/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a file", url("file:///etc/passwd"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 no host", url("https:///x"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 opaque", url("https:partner.example.net"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 empty", url(""), "HOOK-URL-01 url"},
		{"HOOK-URL-01 userinfo", url("https://me:secret@partner.example.net/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 port 0", url("https://partner.example.net:0/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 port 65536", url("https://partner.example.net:65536/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 an empty port", url("https://partner.example.net:/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 too long", url("https://partner.example.net/" + strings.Repeat("x", 2048)), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a decimal address", url("http://2130706433/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a hexadecimal address", url("http://0x7f000001/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 an octal address", url("http://0177.0.0.1/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a short address", url("http://127.1/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a zone", url("http://[fe80::1%25eth0]/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 a space", url("http://a b.example/"), "HOOK-URL-01 url"},
		{"HOOK-URL-01 an empty label", url("http://a..example/"), "HOOK-URL-01 url"},
		{"HOOK-URL-02 loopback", url("http://127.0.0.1/"), "HOOK-URL-02 url"},
		{"HOOK-URL-02 loopback, IPv6", url("http://[::1]/"), "HOOK-URL-02 url"},
		{"HOOK-URL-02 loopback, IPv4 in IPv6", url("http://[::ffff:127.0.0.1]/"), "HOOK-URL-02 url"},
		{"HOOK-URL-02 private", url("http://10.1.2.3/"), "HOOK-URL-02 url"},
		{"HOOK-URL-02 the cloud's metadata", url("http://169.254.169.254/latest"), "HOOK-URL-02 url"},
		{"HOOK-URL-02 the token URL too", auth(Auth{Type: AuthOAuth2, TokenURL: "http://10.0.0.1/t", ClientID: "a", ClientSecret: "b"}), "HOOK-URL-02 auth.tokenUrl"},
		{"HOOK-EVT-01 none", events(), "HOOK-EVT-01 events"},
		{"HOOK-EVT-01 51", events(strings.Fields(strings.Repeat("a.b ", 51))...), "HOOK-EVT-01 events"},
		{"HOOK-EVT-01 all that are good", events("*", "a", "a.*", "a1.b_2.c.*", "demarc.endpoint.disabled"), ""},
		{"HOOK-EVT-01 all that are not", events("", "A.b", "a..b", "a*", "*.a", "a.*.b", "1.a", "a b", ".*", "**", strings.Repeat("a", 65)),
			"HOOK-EVT-01 events[0] HOOK-EVT-01 events[1] HOOK-EVT-01 events[2] HOOK-EVT-01 events[3] HOOK-EVT-01 events[4] HOOK-EVT-01 events[5] " +
				"HOOK-EVT-01 events[6] HOOK-EVT-01 events[7] HOOK-EVT-01 events[8] HOOK-EVT-01 events[9] HOOK-EVT-01 events[10]"},
		{"HOOK-AUT-01 basic", auth(Auth{Type: AuthBasic, Username: "a", Password: "b"}), ""},
		{"HOOK-AUT-01 basic without a name and a password", auth(Auth{Type: AuthBasic}), "HOOK-AUT-01 auth.username HOOK-AUT-01 auth.password"},
		{"HOOK-AUT-01 basic with a colon in the name", auth(Auth{Type: AuthBasic, Username: "a:b", Password: "c"}), "HOOK-AUT-01 auth.username"},
		{"HOOK-AUT-01 basic too long", auth(Auth{Type: AuthBasic, Username: "a", Password: long}), "HOOK-AUT-01 auth.password"},
		{"HOOK-AUT-01 a header smuggled in", auth(Auth{Type: AuthBasic, Username: "a", Password: "b\r\nX: y"}), "HOOK-AUT-01 auth.password"},
		{"HOOK-AUT-01 oauth2", auth(Auth{Type: AuthOAuth2, TokenURL: "https://a.example/t", ClientID: "a", ClientSecret: "b", Scope: "c d"}), ""},
		{"HOOK-AUT-01 oauth2 without anything", auth(Auth{Type: AuthOAuth2}), "HOOK-URL-01 auth.tokenUrl HOOK-AUT-01 auth.clientId HOOK-AUT-01 auth.clientSecret"},
		{"HOOK-AUT-01 unknown", auth(Auth{Type: "digest"}), "HOOK-AUT-01 auth.type"},
		{"HOOK-AUT-01 not said", auth(Auth{}), "HOOK-AUT-01 auth.type"},
		{"HOOK-DES-01 too long", with(func(e *Endpoint) { e.Description = long }), "HOOK-DES-01 description"},
		{"HOOK-DES-01 characters, not bytes", with(func(e *Endpoint) { e.Description = strings.Repeat("ä", 255) }), ""},
		{"HOOK-STA-01 unknown", with(func(e *Endpoint) { e.State = "paused" }), "HOOK-STA-01 state"},
		{"all at once", Endpoint{URL: "x", Customer: "x", Auth: Auth{Type: "x"}, Description: long},
			"HOOK-URL-01 url HOOK-FRM-01 form HOOK-EVT-01 events HOOK-CUS-01 customer HOOK-AUT-01 auth.type HOOK-DES-01 description HOOK-STA-01 state"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(broken(tc.e), " "); got != tc.want {
				t.Errorf("broken: %s\nwant:   %s", got, tc.want)
			}
		})
	}
}

func TestPatternsMatchTypesAndTheirBeginningsAtTheDot(t *testing.T) {
	t.Parallel()
	for patterns, want := range map[string]bool{
		"*": true, "a.b.c": true, "a.b.*": true, "a.*": true, "x y a.*": true,
		"a.b": false, "a.b.c.*": false, "a.bb.*": false, "b.*": false, "a.b.cc": false,
	} {
		if got := matchesAny(patterns, "a.b.c"); got != want {
			t.Errorf("%q matches a.b.c: %v", patterns, got)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for what, tc := range map[string]struct {
		f    facts
		want verdict
	}{
		"taken":                        {facts{answer: Answer{Status: 299}, tries: 9, failingSince: now.Add(-99 * time.Hour * 24)}, verdict{event: evTake}},
		"gone":                         {facts{answer: Answer{Status: 410}}, verdict{event: evGiveUp, disable: "it answered 410: it wants no more"}},
		"the last attempt":             {facts{answer: Answer{Status: 500}, tries: 9}, verdict{event: evGiveUp}},
		"the last, with Retry-After":   {facts{answer: Answer{Status: 503, RetryAfter: time.Hour}, tries: 9}, verdict{event: evGiveUp}},
		"five days":                    {facts{failingSince: now.Add(-patience)}, verdict{event: evGiveUp, disable: "five days of nothing but failures"}},
		"a moment less than five days": {facts{failingSince: now.Add(-patience + 1), tries: 9}, verdict{event: evGiveUp}},
	} {
		tc.f.now = now
		if got := judge(tc.f); got != tc.want {
			t.Errorf("%s: %+v, want %+v", what, got, tc.want)
		}
	}
}

func TestJitterIsATenthAtMostSpreadAndTheSameForTheSameDraw(t *testing.T) {
	t.Parallel()
	const d = time.Hour
	low, high := d, d
	for i := range 2000 {
		draw := "order/" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()
		got := jittered(d, 42, draw)
		if got != jittered(d, 42, draw) {
			t.Fatal("another jitter for the same draw")
		}
		low, high = min(low, got), max(high, got)
	}
	if low < d*9/10 || high > d*11/10 || low > d*92/100 || high < d*108/100 {
		t.Fatalf("from %v to %v", low, high)
	}
	if jittered(d, 1, "x") == jittered(d, 2, "x") {
		t.Error("the seed does not matter")
	}
}

func TestTheMachinesAreSound(t *testing.T) {
	t.Parallel()
	for _, p := range append(DeliveryMachine.Check(), EndpointMachine.Check()...) {
		t.Error(p)
	}
}

func TestCursorsAreReadAsTheyAreWrittenAndNoOtherWay(t *testing.T) {
	t.Parallel()
	for _, c := range []Cursor{{0, 1}, {7, 1811234567890123456}, {9223372036854775807, 0}} {
		if got, err := ParseCursor(c.String()); err != nil || got != c || len(c.String()) > 64 {
			t.Errorf("%v -> %s -> %v, %v", c, c, got, err)
		}
	}
	if got, err := ParseCursor(""); err != nil || got != (Cursor{}) {
		t.Errorf("the empty cursor: %v, %v", got, err)
	}
	for _, text := range []string{"msg_1", "msg_1_", "msg__1", "1_2", "msg_+1_2", "msg_01_2", "msg_1_2_3", "msg_-1_2", "msg_1_9223372036854775808", "MSG_1_2", "msg_1_2 "} {
		if c, err := ParseCursor(text); !errors.Is(err, CursorInvalid) {
			t.Errorf("%q is %v, %v", text, c, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("msg_0_1")
	f.Add("msg_12_-3")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCursor(text); err == nil && text != "" && c.String() != text {
			t.Fatalf("%q -> %v -> %s", text, c, c)
		}
	})
}

func TestSecretsOfAnAuthenticationAreNotShownOrPrinted(t *testing.T) {
	t.Parallel()
	a := Auth{Type: AuthOAuth2, Username: "u", Password: "hush", TokenURL: "https://t.example", ClientID: "c", ClientSecret: "hush"}
	if s := a.Shown(); s.Password+s.ClientSecret != "" || s.ClientID != "c" {
		t.Errorf("shown: %s", s.ClientSecret)
	}
	if strings.Contains(a.String()+a.LogValue().String(), "hush") {
		t.Error("printed")
	}
	if o := a.only(); o.Password != "" || o.Username != "" || o.ClientSecret != "hush" {
		t.Error("kept what does not belong to the type, or lost what does")
	}
}

// What was right when it was made may have become wrong since; only what changes is
// held against the rules anew.
func TestWhatAChangeMayMakeOfAnEndpoint(t *testing.T) {
	t.Parallel()
	acts := Acts(func(number string) (string, bool) {
		known := map[string]string{"1-ABCDE": "1-ABCDE", "old-number": "1-ABCDE"}[number]
		return known, known != ""
	})
	for _, tc := range []struct {
		what      string
		was, then [2]string // form and customer
		want      string
	}{
		{"HOOK-FRM-01 the same form", [2]string{"standard"}, [2]string{"standard"}, ""},
		{"HOOK-FRM-01 the same form, which this node does not know", [2]string{"telegram"}, [2]string{"telegram"}, ""},
		{"HOOK-FRM-01 another", [2]string{"telegram"}, [2]string{"standard"}, "HOOK-FRM-01 form"},
		{"HOOK-CUS-01 one of its customers", [2]string{"standard"}, [2]string{"standard", "1-ABCDE"}, ""},
		{"HOOK-CUS-01 a stranger", [2]string{"standard"}, [2]string{"standard", "1-OTHER"}, "HOOK-CUS-01 customer"},
		{"HOOK-CUS-01 one that it might act for once", [2]string{"standard", "1-OTHER"}, [2]string{"standard", "1-OTHER"}, ""},
		{"HOOK-CUS-01 all again", [2]string{"standard", "1-OTHER"}, [2]string{"standard"}, ""},
		{"HOOK-CUS-01 from one stranger to another", [2]string{"standard", "1-OTHER"}, [2]string{"standard", "1-THIRD"}, "HOOK-CUS-01 customer"},
		{"both", [2]string{"telegram", ""}, [2]string{"standard", "1-OTHER"}, "HOOK-FRM-01 form HOOK-CUS-01 customer"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			t.Parallel()
			was, e := good(), good()
			was.Form, was.Customer = tc.was[0], tc.was[1]
			e.Form, e.Customer = tc.then[0], acts.goesBy(tc.then[1])
			if got := strings.Join(violations(checkEndpoint(&e, &was, acts, public)), " "); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
	for number, want := range map[string]string{"old-number": "1-ABCDE", "1-OTHER": "1-OTHER", "": ""} {
		if got := acts.goesBy(number); got != want {
			t.Errorf("%s goes by %s, want %s", number, got, want)
		}
	}
}
