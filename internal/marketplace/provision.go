package marketplace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// ProvisionURL is the address at which a provider's server opens accounts (source,
// Provision Account); "" for the provider that demarc plays, which has none.
func ProvisionURL(base, name string) string {
	if base == EmbeddedURL {
		return ""
	}
	return strings.TrimRight(base, "/") + "/" + name + "-provision-account/"
}

// payload is the JSON object that a provider is sent: the fields of the product's
// form in its order, under the names that the provider chose. Fields without a value
// are left out (source, Provision Account).
func payload(form []Field, values map[string]string) []byte {
	return object(form, func(f Field) (string, bool) {
		v, ok := values[f.Field]
		return v, ok && v != ""
	})
}

// redacted is the payload as the call log keeps it: what was sent under which name,
// without any value.
func redacted(form []Field, values map[string]string) string {
	return string(object(form, func(f Field) (string, bool) {
		v := values[f.Field]
		if isSecret(f.Field) {
			return "[redacted]", v != ""
		}
		return fmt.Sprintf("[%d characters]", utf8.RuneCountInString(v)), v != ""
	}))
}

func object(form []Field, value func(Field) (string, bool)) []byte {
	b := []byte{'{'}
	for _, f := range form {
		v, ok := value(f)
		if !ok || !f.travels() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(quoted(b, f.JSON), ':'), quoted(nil, v)...)
	}
	return append(b, '}')
}

func quoted(b []byte, text string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text always encodes
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

// verdict is what an attempt at opening an account comes to.
type verdict struct {
	event   string // evOpened, evRefused; "" to try again
	coid    string
	failure string        // why, for the buyer
	after   time.Duration // what the provider asked to be left alone for
}

// judge decides about a provider's answer (source, Provision Account: 201, 40x, 50x).
//
//   - MKT-OUT-01: 201 with the provider's customer id opens the account.
//   - MKT-OUT-02: 40x is the provider's no: its message is shown, it is not asked again.
//   - MKT-OUT-03: 50x is no answer: it is asked again, as after silence. So is 429,
//     which says nothing about the account.
//   - MKT-OUT-04: 201 without a usable coid, and any other status, is a failure that
//     names the provider: there may be an account that nobody can find. So is a coid
//     that repeats one of the form's secrets: it is stored and shown, and they must not be.
func judge(provider string, r Reply, secrets []string) verdict {
	switch {
	case r.Status == 201:
		coid := coidOf(r.Body)
		if !usableCOID(coid) {
			return verdict{event: evRefused, failure: provider + " answered 201 without a customer id (coid)."}
		}
		if repeats(coid, secrets) {
			return verdict{event: evRefused, failure: provider + " answered 201 with a customer id that repeats what it was sent."}
		}
		return verdict{event: evOpened, coid: coid}
	case r.Status == 429 || r.Status >= 500:
		return verdict{failure: fmt.Sprintf("%s answered %d.", provider, r.Status), after: r.RetryAfter}
	case r.Status >= 400:
		said := scrub(messageOf(r.Body), secrets, mostMessage)
		if said == "" {
			said = fmt.Sprintf("%s answered %d without saying why.", provider, r.Status)
		}
		return verdict{event: evRefused, failure: said}
	default:
		return verdict{event: evRefused, failure: fmt.Sprintf("%s answered %d, which the v1 API does not have.", provider, r.Status)}
	}
}

// mostMessage is how much of a provider's message is shown, and mostAnswer how much of
// its answer the call log keeps, in characters.
const (
	mostMessage = 300
	mostAnswer  = 500
)

// coidOf finds the provider's customer id in its answer, however it spells the name:
// coid, CoID, co_id, co-id; a text or a number. Of several that are not empty the one
// with the plain name counts, so that the same answer always means the same customer.
func coidOf(body []byte) string {
	fields := objectOf(body)
	for _, name := range append([]string{"coid"}, slices.Sorted(maps.Keys(fields))...) {
		if plainName(name) != "coid" {
			continue
		}
		if coid, ok := textOf(fields[name]); ok && coid != "" {
			return coid
		}
	}
	return ""
}

// objectOf is the body's fields, none when it is no JSON object.
func objectOf(body []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // some servers begin every text with it
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	return fields
}

func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// usableCOID reports whether a customer id can be kept and given back.
func usableCOID(coid string) bool {
	return coid != "" && len(coid) <= maxCOID && utf8.ValidString(coid) && !strings.ContainsFunc(coid, unicode.IsControl)
}

// repeats reports whether a customer id is one of the secrets, or has one in it. One
// of a character or two is in many a text by chance.
func repeats(coid string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(s string) bool {
		s = strings.TrimSpace(s)
		return s != "" && (coid == s || len(s) >= shortest && strings.Contains(coid, s))
	})
}

// messageOf is what a provider's refusal says to people: the first of the usual
// fields of an error's object, or of the object or list in it, or the text that it is.
func messageOf(body []byte) string {
	if objectOf(body) != nil {
		return messageIn(body, mostNested)
	}
	var text string
	if json.Unmarshal(body, &text) == nil {
		return text
	}
	return string(body)
}

// mostNested is how deep in an answer a message is looked for.
const mostNested = 4

func messageIn(raw json.RawMessage, depth int) string {
	var text string
	if depth == 0 || json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for _, entry := range list {
			if said := messageIn(entry, depth-1); said != "" {
				return said
			}
		}
		return ""
	}
	fields := objectOf(raw)
	names := slices.Sorted(maps.Keys(fields))
	for _, want := range []string{"message", "error", "errors", "detail", "description", "reason", "title"} {
		for _, name := range names {
			if plainName(name) != want {
				continue
			}
			if said := messageIn(fields[name], depth-1); said != "" {
				return said
			}
		}
	}
	return ""
}

// scrub makes a provider's text fit to be kept and shown: a provider may repeat what
// it was sent, so the secrets in it go, and card numbers; and it is text of a bounded
// length.
func scrub(text string, secrets []string, most int) string {
	text, cut := beginning(text, most)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	if all := spelt(secrets); all != nil {
		text = all.ReplaceAllLiteralString(text, "[redacted]")
	}
	if HoldsCardNumber(text) {
		return "[redacted]"
	}
	kept := []rune(strings.TrimSpace(text))
	if cut {
		kept = kept[:max(0, len(kept)-longestSpelling)]
	}
	return string(kept[:min(len(kept), most)])
}

// longestSpelling is more than one secret takes in the usual spellings: so much of the
// end of a text that was cut may be the beginning of one, and is not shown.
const longestSpelling = 6 * maxSecret

// beginning is enough of a text to find most characters of it to show: matching all of
// a long one takes its time.
func beginning(text string, most int) (string, bool) {
	enough := 4*most + 4*longestSpelling
	return text[:min(len(text), enough)], len(text) > enough
}

// spelt matches any of the secrets in whatever way an answer may spell it; nil when
// there are none. All are matched at once, the longest first: none of them then
// leaves a part of another, or is found in what replaced it.
func spelt(secrets []string) *regexp.Regexp {
	var forms []string
	for _, s := range secrets {
		if s = strings.TrimSpace(s); s != "" {
			forms = append(forms, s)
		}
	}
	if len(forms) == 0 {
		return nil
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	for i, s := range forms {
		var b strings.Builder
		for _, r := range s {
			b.WriteString(speltRune(r))
		}
		forms[i] = b.String()
	}
	return regexp.MustCompile(strings.Join(forms, "|"))
}

// speltRune matches a character as it is, or escaped as JSON (any number of times,
// one over the other), HTML or an address would.
func speltRune(r rune) string {
	var units, octets string
	for _, u := range utf16.Encode([]rune{r}) {
		units += fmt.Sprintf(`\\+u(?i:%04x)`, u)
	}
	for _, o := range []byte(string(r)) {
		octets += fmt.Sprintf(`%%(?i:%02x)`, o)
	}
	ways := []string{units, octets, fmt.Sprintf(`&(?:amp;)?#(?:0*%d|(?i:x0*%x));`, r, r)}
	if e := html.EscapeString(string(r)); e != string(r) {
		ways = append(ways, e)
	}
	switch r {
	case '"':
		ways = append(ways, `\\+"`, "&quot;")
	case '/':
		ways = append(ways, `\\+/`)
	case '\\':
		ways = append(ways, `\\+`)
	case '\'':
		ways = append(ways, `\\+'`, "&apos;")
	case ' ':
		ways = append(ways, `\+`)
	}
	// The longer ways come first, or else their ends would be left over.
	return "(?:" + strings.Join(append(ways, regexp.QuoteMeta(string(r))), "|") + ")"
}

// Retries of a provisioning, on the world's clock (MKT-OUT-05: with backoff, up to a
// day; then it has failed).
var retryAfter = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour}

// GiveUpAfter is how long a provider is asked to open one account.
const GiveUpAfter = 24 * time.Hour

// nextTry is when a provider is asked again after so many attempts; false when the
// day is over.
func nextTry(began, now time.Time, attempts int, asked time.Duration) (time.Time, bool) {
	end := began.Add(GiveUpAfter)
	if !now.Before(end) {
		return time.Time{}, false
	}
	wait := retryAfter[min(max(attempts, 1), len(retryAfter))-1]
	at := now.Add(max(wait, min(asked, GiveUpAfter)))
	if at.After(end) {
		at = end
	}
	return at, true
}

// orderKey is the idempotency key of one account: of one subscription in one world.
func orderKey(world, subscription string) string { return world + "-" + subscription }

// testKey is that of a test call, which is an account of its own.
func testKey(world, provider string, n int64) string {
	return world + "-" + provider + "-test-" + strconv.FormatInt(n, 36)
}
