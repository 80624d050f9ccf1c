package marketplace

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func answer(status int, body string) Reply { return Reply{Status: status, Body: []byte(body)} }

func TestAProvidersAnswerIsJudged(t *testing.T) {
	t.Parallel()
	opened := func(coid string) verdict { return verdict{event: evOpened, coid: coid} }
	refused := func(why string) verdict { return verdict{event: evRefused, failure: why} }
	again := func(status int) verdict { return verdict{failure: fmt.Sprintf("Acme answered %d.", status)} }
	const none = "Acme answered 201 without a customer id (coid)."
	const repeated = "Acme answered 201 with a customer id that repeats what it was sent."
	for _, c := range []struct {
		why  string
		r    Reply
		want verdict
	}{
		{"MKT-OUT-01 a coid", answer(201, `{"coid":"CO-1001"}`), opened("CO-1001")},
		{"MKT-OUT-01 a coid as a number, among other fields", answer(201, `{"status":"ok","coid":1001}`), opened("1001")},
		{"MKT-OUT-01 the longest coid", answer(201, `{"coid":"`+strings.Repeat("c", maxCOID)+`"}`), opened(strings.Repeat("c", maxCOID))},
		{"MKT-OUT-01 a coid that looks like a card's number", answer(201, `{"coid":"4111111111111111"}`), opened("4111111111111111")},
		{"MKT-OUT-02 a message", answer(400, `{"message":"That name is taken."}`), refused("That name is taken.")},
		{"MKT-OUT-02 no message", answer(400, ``), refused("Acme answered 400 without saying why.")},
		{"MKT-OUT-02 a blank message", answer(403, `{"message":" \n"}`), refused("Acme answered 403 without saying why.")},
		{"MKT-OUT-02 a coid all the same", answer(409, `{"coid":"CO-1001"}`), refused("Acme answered 409 without saying why.")},
		{"MKT-OUT-02 a Retry-After all the same", Reply{Status: 404, RetryAfter: time.Hour}, refused("Acme answered 404 without saying why.")},
		{"MKT-OUT-02 a message with a secret", answer(422, `{"error":"hunter2 is too short"}`), refused("[redacted] is too short")},
		{"MKT-OUT-02 a message with a card's number", answer(400, `{"error":"no 4111-1111-1111-1111"}`), refused("[redacted]")},
		{"MKT-OUT-02 a message without end", answer(400, strings.Repeat("ü", 5000)), refused(strings.Repeat("ü", mostMessage))},
		{"MKT-OUT-03 a Retry-After", Reply{Status: 503, RetryAfter: time.Minute}, verdict{failure: "Acme answered 503.", after: time.Minute}},
		{"MKT-OUT-03 too many requests", Reply{Status: 429, RetryAfter: time.Hour}, verdict{failure: "Acme answered 429.", after: time.Hour}},
		{"MKT-OUT-03 what a failing server says is not shown", answer(500, `{"message":"panic: hunter2","coid":"CO-1001"}`), again(500)},
		{"MKT-OUT-04 no body", answer(201, ``), refused(none)},
		{"MKT-OUT-04 no object", answer(201, `"CO-1001"`), refused(none)},
		{"MKT-OUT-04 a body cut short", answer(201, `{"coid":"CO-10`), refused(none)},
		{"MKT-OUT-04 no coid", answer(201, `{"id":"CO-1001"}`), refused(none)},
		{"MKT-OUT-04 an empty coid", answer(201, `{"coid":" "}`), refused(none)},
		{"MKT-OUT-04 a coid of null", answer(201, `{"coid":null}`), refused(none)},
		{"MKT-OUT-04 a coid of true", answer(201, `{"coid":true}`), refused(none)},
		{"MKT-OUT-04 a coid as an object", answer(201, `{"coid":{"id":"CO-1001"}}`), refused(none)},
		{"MKT-OUT-04 a coid too long", answer(201, `{"coid":"`+strings.Repeat("c", maxCOID+1)+`"}`), refused(none)},
		{"MKT-OUT-04 a coid of two lines", answer(201, `{"coid":"a\nb"}`), refused(none)},
		{"MKT-OUT-04 a coid that is a secret", answer(201, `{"coid":"hunter2"}`), refused(repeated)},
		{"MKT-OUT-04 a coid with a secret in it", answer(201, `{"coid":"CO-hunter2-1"}`), refused(repeated)},
		{"MKT-OUT-04 a coid that is a short secret", answer(201, `{"coid":7}`), refused(repeated)},
		{"MKT-OUT-01 a coid with a short secret in it by chance", answer(201, `{"coid":"CO-7"}`), verdict{event: evOpened, coid: "CO-7"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			if got := judge("Acme", c.r, []string{" hunter2", "7", ""}); got != c.want {
				t.Errorf("judged %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestEveryStatusHasItsClass(t *testing.T) {
	t.Parallel()
	for status := range 700 {
		v := judge("Acme", answer(status, `{"coid":"CO-1001","message":"No."}`), nil)
		rule, want := "MKT-OUT-04", verdict{event: evRefused, failure: fmt.Sprintf("Acme answered %d, which the v1 API does not have.", status)}
		switch {
		case status == 201:
			rule, want = "MKT-OUT-01", verdict{event: evOpened, coid: "CO-1001"}
		case status == 429, status >= 500:
			rule, want = "MKT-OUT-03", verdict{failure: fmt.Sprintf("Acme answered %d.", status)}
		case status >= 400:
			rule, want = "MKT-OUT-02", verdict{event: evRefused, failure: "No."}
		}
		if v != want {
			t.Errorf("%s: %d is judged %+v, want %+v", rule, status, v, want)
		}
		// The audit wants a reason of every failed subscription, and none of an open one.
		if (v.event == evOpened) != (v.failure == "") || (v.event == evOpened) != (v.coid != "") {
			t.Errorf("%d is judged %+v", status, v)
		}
	}
}

func TestMKT_OUT_01_TheCoidIsFoundHoweverItIsSpelt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"coid":"a"}`: "a", `{"CoID":"a"}`: "a", `{"COID":"a"}`: "a", `{"coId":"a"}`: "a", `{"co_id":"a"}`: "a", `{"co-id":"a"}`: "a", `{"Co ID":"a"}`: "a",
		`{"CO_ID":"a"}`: "a", ` {"coid" : " a " } `: "a", `{"coid":"ü 42"}`: "ü 42", `{"coid":"\u0061"}`: "a",
		"\ufeff" + `{"coid":"a"}`: "a",
		`{"coid":42}`:             "42", `{"coid":"42"}`: "42", `{"coid":0}`: "0", `{"coid":-1}`: "-1", `{"coid":0042}`: "", `{"coid":"0042"}`: "0042",
		`{"coid":900719925474099312345}`: "900719925474099312345", `{"coid":1e3}`: "1e3", `{"coid":1.50}`: "1.50",
		// Of several the plain one, and not an empty one.
		`{"CoID":"b","co_id":"c","coid":"a"}`: "a", `{"coid":"","CoID":"b"}`: "b", `{"coid":null,"co-id":7}`: "7", `{"coid":{},"co-id":7}`: "7",
		`{"co_id":"c","CoID":"b"}`: "b",
		``:                         "", ` `: "", `{}`: "", `null`: "", `[]`: "", `[{"coid":"a"}]`: "", `"a"`: "", `42`: "", `coid=a`: "", `{"coid":"a"}{`: "", `{"id":"a"}`: "",
		`{"data":{"coid":"a"}}`: "", `{"coid":["a"]}`: "", `{"coid":false}`: "", `<coid>a</coid>`: "", `{"cöid":"a"}`: "",
	} {
		for range 20 { // the fields have no order
			if got := coidOf([]byte(body)); got != want {
				t.Errorf("%s: %q, want %q", body, got, want)
				break
			}
		}
	}
	// What was given is what an update may give back.
	for _, coid := range []string{`"CO-1001"`, `" CO-1001 "`, `1001`, `"1001"`, `-5`, `1.50`, `"ü"`} {
		given := coidOf([]byte(`{"coid":` + coid + `}`))
		told, _ := CheckUpdate(update(t, `{"coid":`+coid+`}`))
		if given == "" || told.COID != given {
			t.Errorf("%s is kept as %q and found as %q", coid, given, told.COID)
		}
	}
}

func TestMKT_OUT_02_WhatARefusalSaysIsFound(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"No."}`: "No.", `{"Message":"No."}`: "No.", `{"error":"No."}`: "No.", `{"detail":"No."}`: "No.", `{"description":"No."}`: "No.",
		`{"reason":"No."}`: "No.", `{"title":"No."}`: "No.", `{"ERROR":"No."}`: "No.", "\ufeff" + `{"message":"No."}`: "No.",
		`{"title":"t","reason":"r","description":"i","detail":"d","error":"e","message":"m"}`: "m",
		`{"title":"t","reason":"r","description":"i","detail":"d","error":"e"}`:               "e",
		`{"title":"t","reason":"r","description":"i","detail":"d"}`:                           "d",
		`{"type":"about:blank","title":"Bad","status":400,"detail":"The name is taken."}`:     "The name is taken.",
		`{"message":"","error":"No."}`:                                                        "No.", `{"message":null,"error":"No."}`: "No.", `{"message":" ","error":"No."}`: "No.", `{"error":17,"detail":"No."}`: "No.",
		`{"error":{"code":17,"message":"No."}}`: "No.", `{"errors":[{"code":17},{"message":"No."}]}`: "No.", `{"errors":["","No."]}`: "No.", `{"errors":[]}`: "",
		`{"error":{"error":{"error":{"error":{"error":{"error":"deep"}}}}}}`: "",
		`{"code":17}`: "", `{}`: "", ``: "", `null`: "", `"No."`: "No.", `No.`: "No.", "No.\n": "No.\n", `17`: "17", `<b>No.</b>`: "<b>No.</b>", `{"message":"No.`: `{"message":"No.`,
	} {
		if got := messageOf([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// spellings are the ways in which a server may repeat what it was sent.
func spellings(t interface{ Fatal(...any) }, secret string) map[string]string {
	goText, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	inside := func(text []byte) string { return string(text[1 : len(text)-1]) }
	nested, _ := json.Marshal(inside(goText))
	escaped := func(format string, all bool) string {
		var b strings.Builder
		for _, r := range secret {
			switch {
			case all || r > 0x7e:
				for _, u := range utf16Of(r) {
					fmt.Fprintf(&b, format, u)
				}
			case r == '"' || r == '\\':
				b.WriteString(`\` + string(r))
			default:
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	slashed := strings.ReplaceAll(escaped(`\u%04x`, false), "/", `\/`)
	again, _ := json.Marshal(slashed)
	return map[string]string{
		"as it is":              secret,
		"as Go's JSON":          inside(goText),
		"as our own JSON":       inside(quoted(nil, secret)),
		"as JSON in JSON":       inside(nested),
		"as ASCII JSON":         escaped(`\u%04x`, false),
		"as ASCII JSON, cap.":   escaped(`\u%04X`, false),
		"as PHP's JSON":         slashed,
		"as PHP's JSON in JSON": inside(again),
		"all escaped":           escaped(`\u%04x`, true),
		"as HTML":               html.EscapeString(secret),
		"as a query":            url.QueryEscape(secret),
		"as a path":             url.PathEscape(secret),
		"in spaces":             " " + secret + " ",
		"twice":                 secret + secret,
	}
}

func utf16Of(r rune) []uint16 {
	if r < 0x10000 {
		return []uint16{uint16(r)}
	}
	r -= 0x10000
	return []uint16{uint16(0xd800 + r>>10), uint16(0xdc00 + r&0x3ff)}
}

func TestSecretsThatAProviderRepeatsAreScrubbed(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"hunter2", `quo"te`, `\`, `\\`, `back\slash\`, `\u0041bc`, `sla/sh`, "a<b>&c'd", "pässwörd", "пароль", "密码", "🙂🔑", "with space",
		"50%", "%41", "a+b", "&amp;", "{}", "[redacted]", "(?i)", ".*", "$1", "a\u2028b", "a\u00a0b", "é", "\u202eabc",
	} {
		for why, text := range spellings(t, secret) {
			for _, frame := range []string{"%s", "before %s after", `{"message":"%s","x":1}`, "<b>%s</b>"} {
				got := scrub(strings.Replace(frame, "%s", text, 1), []string{"", "other", secret}, mostAnswer)
				left := strings.NewReplacer("[redacted]", "", "before ", "", " after", "", `{"message":"`, "", `","x":1}`, "", "<b>", "", "</b>", "").Replace(got)
				if !strings.Contains(got, "[redacted]") || strings.TrimSpace(left) != "" {
					t.Errorf("%s %s in %s: %q", secret, why, frame, got)
				}
			}
		}
	}
	for _, c := range []struct {
		why, text, want string
		secrets         []string
	}{
		{"no secrets", "all is said", "all is said", nil},
		{"empty and blank secrets", "all is said", "all is said", []string{"", "  "}},
		{"a secret that is part of another", "it was abcdef", "it was [redacted]", []string{"abc", "abcdef"}},
		{"a secret that is part of what is put in its place", "x, e and d", "[redacted], [redacted] an[redacted] [redacted]", []string{"x", "e", "d"}},
		{"secrets side by side", "abcdef", "[redacted][redacted]", []string{"def", "abc"}},
		{"a secret in spaces, of which one goes", "it was abc", "it was [redacted]", []string{" abc "}},
		{"quotes", `it was \"\"`, "it was [redacted]", []string{`""`}},
		{"spaces that became others", "it was a\nb", "it was [redacted]", []string{"a b"}},
		{"other case is another text", "Hunter2", "Hunter2", []string{"hunter2"}},
	} {
		got := scrub(c.text, c.secrets, mostAnswer)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	// The longest secrets, of the most costly letters, are matched as well.
	var most []string
	for i := range 12 {
		most = append(most, strings.Repeat(string(rune(0x1f600+i)), maxSecret))
	}
	if got := scrub("a"+most[11]+"b"+most[0], most, mostAnswer); got != "a[redacted]b[redacted]" {
		t.Errorf("long secrets: %q", got)
	}
}

func TestWhatAProviderSaysIsMadeFitToBeShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "",
		" \t\n ":                            "",
		"  No.\r\n":                         "No.",
		"a\nb\tc\x00d\x1b[31m":              "a b c d [31m",
		"a\u0085b\x7fc":                     "a b c",
		"a\xff\xfeb":                        "a b",
		"\xff":                              "",
		"a\ufffdb":                          "a b",
		"ü日本🙂":                              "ü日本🙂",
		"\xe6\x97":                          "",
		`{"card":"4111111111111111"}`:       "[redacted]",
		"4111-1111-1111-1111":               "[redacted]",
		"4111\x001111\xff1111 1111":         "[redacted]",
		`\u0034111111111111111`:             "[redacted]",
		strings.Repeat("x", 9):              strings.Repeat("x", 9),
		strings.Repeat("x", 10):             strings.Repeat("x", 10),
		strings.Repeat("x", 11):             strings.Repeat("x", 10),
		strings.Repeat("🙂", 5000):           strings.Repeat("🙂", 10),
		strings.Repeat("x", 9) + "🙂🙂":       strings.Repeat("x", 9) + "🙂",
		strings.Repeat(" ", 5000) + "No.":   "No.",
		"0123456789 and 4111111111111111":   "[redacted]",
		strings.Repeat("x", 12) + "hunter2": strings.Repeat("x", 10),
		"12345678hunter2":                   "12345678[r",
	} {
		most := 10
		if want == "[redacted]" || strings.Contains(want, "[31m") {
			most = mostMessage
		}
		if got := scrub(text, []string{"hunter2"}, most); got != want {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a provider answers, what is kept of it is text in bounds, without the
// secrets that it was sent.
func FuzzScrub(f *testing.F) {
	f.Add(`{"message":"hunter2"}`, "hunter2", 10)
	f.Add("a\xffb\x00", `\`, 3)
	f.Add(`\u00e4%41&#65;`, "äA", 300)
	f.Fuzz(func(t *testing.T, text, secret string, most int) {
		most = max(0, min(most, mostAnswer))
		secret = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == utf8.RuneError {
				return -1
			}
			return r
		}, secret)
		secret = string([]rune(secret)[:min(len([]rune(secret)), maxSecret)])
		core := strings.TrimSpace(secret)
		for _, in := range []string{text, text + secret, text + string(quoted(nil, secret)), text + url.QueryEscape(secret)} {
			got := scrub(in, []string{secret}, most)
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most || strings.ContainsFunc(got, unicode.IsControl) {
				t.Fatalf("%q becomes %q", in, got)
			}
			whole := scrub(in, []string{secret}, len(in)*10+10)
			for left := range strings.SplitSeq(whole, "[redacted]") {
				if core != "" && strings.Contains(left, core) {
					t.Fatalf("%q becomes %q, which holds %q", in, whole, core)
				}
			}
			if HoldsCardNumber(whole) {
				t.Fatalf("%q becomes %q", in, whole)
			}
		}
		v := judge("Acme", Reply{Status: 201, Body: []byte(text)}, []string{secret})
		if v.event == evOpened && (v.coid == "" || len(v.coid) > maxCOID || !utf8.ValidString(v.coid)) {
			t.Fatalf("%q opens %q", text, v.coid)
		}
		if v := judge("Acme", Reply{Status: 400, Body: []byte(text)}, []string{secret}); v.failure == "" || utf8.RuneCountInString(v.failure) > mostMessage {
			t.Fatalf("%q fails with %q", text, v.failure)
		}
	})
}

func TestThePayloadIsThatOfTheForm(t *testing.T) {
	t.Parallel()
	values := map[string]string{FieldUsername: "u", FieldPassword: "hunter2", FieldHolder: "Example Buyer", FieldEmail: "buyer@example.com", FieldReseller: "xxxx", FieldCompany: ""}
	hidden := []Field{{Field: FieldUsername, JSON: "u"}, {Field: FieldHolder, JSON: "h", Shown: true}}
	odd := []Field{{Field: FieldHolder, JSON: "n", Shown: true}}
	for _, c := range []struct {
		why    string
		form   []Field
		values map[string]string
		want   string
	}{
		{"the source's example, in its order", ExampleForm(), values, `{"resellerkey":"xxxx","name":"Example Buyer","email":"buyer@example.com"}`},
		{"without a reseller key", ExampleForm(), map[string]string{FieldHolder: "n", FieldEmail: "e"}, `{"name":"n","email":"e"}`},
		{"all twelve, without those that are empty", fullForm(), values, `{"username":"u","password":"hunter2","name":"Example Buyer","email":"buyer@example.com","resellerkey":"xxxx"}`},
		{"a hidden field does not travel", hidden, values, `{"h":"Example Buyer"}`},
		{"nothing", ExampleForm(), nil, `{}`},
		{"no form", nil, values, `{}`},
		{"quotes and backslashes", odd, map[string]string{FieldHolder: `a"b\c/d`}, `{"n":"a\"b\\c/d"}`},
		{"an attempt to add a field", odd, map[string]string{FieldHolder: `x","admin":"1`}, `{"n":"x\",\"admin\":\"1"}`},
		{"what HTML would escape", odd, map[string]string{FieldHolder: `<a&b>'`}, `{"n":"<a&b>'"}`},
		{"other scripts", odd, map[string]string{FieldHolder: "ü日本🙂"}, `{"n":"ü日本🙂"}`},
		{"line separators", odd, map[string]string{FieldHolder: "a\u2028b"}, `{"n":"a\u2028b"}`},
	} {
		if got := string(payload(c.form, c.values)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestThePayloadIsReadBackAsItWasWrittenAndTheLogHoldsNoValueOfIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := fullForm()
		values, want, want2 := map[string]string{}, map[string]string{}, map[string]string{}
		for _, f := range form {
			v := rapid.OneOf(rapid.Just(""), rapid.StringN(1, 20, -1)).Draw(t, f.Field)
			values[f.Field] = v
			if v == "" {
				continue
			}
			want[f.JSON] = v
			want2[f.JSON] = fmt.Sprintf("[%d characters]", utf8.RuneCountInString(v))
			if f.Field == FieldPassword || f.Field == FieldReseller {
				want2[f.JSON] = "[redacted]"
			}
		}
		var got, logged map[string]string
		if err := json.Unmarshal(payload(form, values), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if err := json.Unmarshal([]byte(redacted(form, values)), &logged); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want2, logged); diff != "" {
			t.Error(diff)
		}
	})
	text := redacted(fullForm(), map[string]string{FieldPassword: "QZX", FieldHolder: "QZXü", FieldReseller: "QZX", "unknown": "QZX"})
	if want := `{"password":"[redacted]","name":"[4 characters]","resellerkey":"[redacted]"}`; text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

func TestMKT_OUT_05_AProviderIsAskedAgainForADayAndNoLonger(t *testing.T) {
	t.Parallel()
	began := time.Date(2040, 2, 28, 13, 0, 0, 0, time.UTC)
	end := began.Add(24 * time.Hour)
	var waits []time.Duration
	now, attempts := began, 1
	for ; ; attempts++ {
		at, ok := nextTry(began, now, attempts, 0)
		if !ok {
			break
		}
		if !at.After(now) || at.After(end) {
			t.Fatalf("after attempt %d at %v the next is at %v", attempts, now, at)
		}
		waits = append(waits, at.Sub(now))
		now = at
	}
	want := []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
		4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 17*time.Minute + 25*time.Second}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	if !now.Equal(end) || attempts != 14 {
		t.Errorf("the last attempt, %d, is at %v, want 14 at %v", attempts, now, end)
	}
	// Each attempt takes its time, and a provider may ask to be left alone.
	for _, c := range []struct {
		why      string
		now      time.Time
		attempts int
		asked    time.Duration
		want     time.Time
	}{
		{"asked for longer", began, 1, time.Hour, began.Add(time.Hour)},
		{"asked for shorter", began, 8, time.Second, began.Add(4 * time.Hour)},
		{"asked for what is past", began, 1, -time.Hour, began.Add(5 * time.Second)},
		{"asked for more than is left", began.Add(20 * time.Hour), 1, 5 * time.Hour, end},
		{"asked for years", began, 1, 1<<63 - 1, end},
		{"a moment before the end", end.Add(-time.Microsecond), 3, 0, end},
		{"at the end", end, 3, 0, time.Time{}},
		{"at the end, asked to wait", end, 3, time.Hour, time.Time{}},
		{"after the end", end.Add(time.Hour), 3, 0, time.Time{}},
		{"after very many attempts", began, 1_000_000, 0, began.Add(4 * time.Hour)},
		{"before the first", began, 0, 0, began.Add(5 * time.Second)},
	} {
		at, ok := nextTry(began, c.now, c.attempts, c.asked)
		if ok == c.want.IsZero() || !at.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.why, at, ok, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		now := began.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "now")))
		at, ok := nextTry(began, now, rapid.IntRange(0, 40).Draw(t, "attempts"), time.Duration(rapid.Int64().Draw(t, "asked")))
		if ok != now.Before(end) || ok && (!at.After(now) || at.After(end)) {
			t.Errorf("at %v: %v, %v", now, at, ok)
		}
	})
}

func TestOneAccountHasOneKey(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for world := range 3 {
		for n := range int64(50) {
			for _, key := range []string{orderKey("w"+strconv.Itoa(world), idOf("SUB-", n)), testKey("w"+strconv.Itoa(world), idOf("PRV-", n), n)} {
				at := fmt.Sprint(world, n, strings.Contains(key, "-test-"))
				if other, twice := seen[key]; twice {
					t.Errorf("%s is the key of %s and of %s", key, other, at)
				}
				seen[key] = at
			}
		}
	}
	if orderKey("w", "SUB-1") != orderKey("w", "SUB-1") {
		t.Error("a second attempt has another key")
	}
}
