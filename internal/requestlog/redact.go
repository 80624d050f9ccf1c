package requestlog

import (
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// hidden stands where something was that is nobody's business.
const hidden = "…"

// What is secret is known by its name. Names are compared without their case and without
// what parts their words, since those who read them do so as well: losingCarrierPin,
// losing_carrier_pin.
var (
	// anywhere in a name
	secretParts = []string{"secret", "password", "passwd", "passphrase", "passcode", "token", "credential", "apikey", "privatekey", "providerkey",
		"resellerkey", "signingkey", "accesskey", "authorization", "cookie", "taxid", "taxpayer", "socialsecurity", "dateofbirth", "birthdate", "birthday",
		"cardnumber", "cvv", "cvc", "losingcarrieraccount", "driverslicense"}
	// at its end, or a word in it
	secretWords = []string{"pin", "ssn", "dob", "pwd"}
	// the whole of it: the clear text of a key that was just made
	secretNames = []string{"clear", "pass"}
)

// secretName reports whether what goes by a name is a secret.
func secretName(name string) bool {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if slices.Contains(secretNames, plain) || slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(plain, part) }) {
		return true
	}
	words := wordsOf(name)
	return slices.ContainsFunc(secretWords, func(word string) bool {
		return strings.HasPrefix(plain, word) && word == "ssn" || strings.HasSuffix(plain, word) || slices.Contains(words, word)
	})
}

// wordsOf is the words of a name in lower case: customerSsn4 has customer, ssn and 4.
func wordsOf(name string) (words []string) {
	start, before := 0, rune(0)
	cut := func(at int) {
		if at > start {
			words = append(words, strings.ToLower(name[start:at]))
		}
		start = at
	}
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			start = i + len(string(r))
		case unicode.IsUpper(r) && !unicode.IsUpper(before), unicode.IsDigit(r) != unicode.IsDigit(before) && i > 0:
			cut(i)
		}
		before = r
	}
	cut(len(name))
	return words
}

// credentials are the headers that are hidden besides those with secret names: Care's
// callers send both halves of their credentials in headers.
var credentials = []string{"clientid", "proxyauthorization"}

func secretHeader(name string) bool {
	return secretName(name) || slices.Contains(credentials, strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)))
}

// personal is what looks like a social security number wherever it stands.
var personal = regexp.MustCompile(`\d{3}[-. ]\d{2}[-. ]\d{4}`)

// redactor takes out of one side of a request what is nobody's business.
type redactor struct {
	private func(string) bool // see Log.Private; may be nil
}

// secretValue reports whether a value is one whatever its name.
func (h *redactor) secretValue(v string) bool {
	return personal.MatchString(v) || h.private != nil && h.private(v)
}

// body is a body as it is kept: "" when it is of no kind in which secrets can be found.
func (h *redactor) body(header map[string][]string, body []byte, cut bool) string {
	if len(body) == 0 {
		return ""
	}
	media := ""
	if values := header["Content-Type"]; len(values) == 1 {
		media, _, _ = mime.ParseMediaType(values[0]) // what cannot be parsed is no kind that we know
	}
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return h.json(body, cut)
	case media == "application/xml", media == "text/xml", strings.HasSuffix(media, "+xml"):
		return h.xml(body)
	case media == "application/x-www-form-urlencoded":
		return h.form(string(body))
	case len(header["Content-Type"]) == 0:
		return h.json(body, cut) // the edge takes a body of no kind for JSON
	}
	return ""
}

// form is a form, or a query, without the values of its secrets.
func (h *redactor) form(form string) string {
	var out strings.Builder
	for i, pair := range strings.Split(form, "&") {
		if i > 0 {
			out.WriteByte('&')
		}
		name, value, valued := strings.Cut(pair, "=")
		plainName, err := url.QueryUnescape(name)
		plain, err2 := url.QueryUnescape(value)
		switch {
		case err != nil || err2 != nil, !valued && h.secretValue(plainName):
			out.WriteString(hidden) // a broken escape may be half of anything
		case !valued:
			out.WriteString(name)
		case secretName(plainName) || h.secretValue(plain):
			out.WriteString(name + "=" + hidden)
		default:
			out.WriteString(pair)
		}
	}
	return out.String()
}
