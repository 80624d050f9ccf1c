package identityhttp

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"demarc/internal/identity"
)

// maxForm bounds the body of a request: every parameter together is a few hundred
// bytes.
const maxForm = 8 << 10

// form holds the parameters that mean something to us. Others are ignored, as RFC
// 6749 3.2 asks, and an empty one is as good as none.
type form struct {
	grantType, scope       string
	clientID, clientSecret string
	token, tokenTypeHint   string
	seen                   uint8
}

// field finds the place of a parameter, and its bit among those seen.
func (f *form) field(name string) (*string, uint8) {
	switch name {
	case "grant_type":
		return &f.grantType, 1
	case "scope":
		return &f.scope, 2
	case "client_id":
		return &f.clientID, 4
	case "client_secret":
		return &f.clientSecret, 8
	case "token":
		return &f.token, 16
	case "token_type_hint":
		return &f.tokenTypeHint, 32
	}
	return nil, 0
}

// parseForm reads application/x-www-form-urlencoded text.
func parseForm(text string) (f form, err error) {
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := unescape(rawName)
		if err != nil {
			return form{}, err
		}
		value, err := unescape(rawValue)
		if err != nil {
			return form{}, err
		}
		into, bit := f.field(name)
		if into == nil {
			continue
		}
		if f.seen&bit != 0 {
			return form{}, identity.OAuthInvalidRequest.Say("The parameter %s is there twice.", name)
		}
		f.seen |= bit
		*into = value
	}
	return f, nil
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	out, err := url.QueryUnescape(s)
	if err != nil {
		return "", identity.OAuthInvalidRequest.Say("The form is not percent-encoded as it should be.")
	}
	return out, nil
}

var bodies = sync.Pool{New: func() any { return new([maxForm + 1]byte) }}

// readForm reads the request's form. Parameters belong into the body: addresses
// are logged on their way.
func readForm(r *http.Request) (form, error) {
	if media := r.Header.Get("Content-Type"); media != formType {
		got, _, err := mime.ParseMediaType(media)
		if err != nil || got != formType {
			return form{}, identity.OAuthInvalidRequest.Say("Send a form: Content-Type: %s.", formType)
		}
	}
	if r.URL.RawQuery != "" {
		if in, err := parseForm(r.URL.RawQuery); err != nil || in.seen != 0 {
			return form{}, identity.OAuthInvalidRequest.Say("Parameters belong into the body, not into the address.")
		}
	}
	buf, _ := bodies.Get().(*[maxForm + 1]byte)
	defer bodies.Put(buf)
	n, err := io.ReadFull(r.Body, buf[:])
	switch {
	case err == nil:
		return form{}, identity.OAuthInvalidRequest.Say("The form is longer than %d bytes.", maxForm)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return form{}, identity.OAuthInvalidRequest.Say("The form broke off.")
	}
	return parseForm(string(buf[:n]))
}

const formType = "application/x-www-form-urlencoded"

// credentials are who the client says it is, from the Authorization header or
// from the form, but not from both (RFC 6749 2.3). The id alone in the form beside
// the header does no harm when it is the same.
func credentials(r *http.Request, f form) (id, secret string, err error) {
	headers := r.Header["Authorization"]
	if len(headers) > 1 {
		return "", "", identity.OAuthInvalidRequest.Say("There are two Authorization headers.")
	}
	if len(headers) == 0 {
		if f.clientID == "" || f.clientSecret == "" {
			return "", "", identity.OAuthInvalidClient.Say("Send the client id and secret, by HTTP Basic or in the form.")
		}
		return f.clientID, f.clientSecret, nil
	}
	id, secret, ok := parseBasic(headers[0])
	if !ok {
		return "", "", identity.OAuthInvalidClient.Say("The Authorization header is not HTTP Basic.")
	}
	if f.clientSecret != "" {
		return "", "", identity.OAuthInvalidRequest.Say("The client authenticates twice, by header and by form.")
	}
	if f.clientID != "" && f.clientID != id {
		return "", "", identity.OAuthInvalidRequest.Say("The client_id of the form is not that of the header.")
	}
	return id, secret, nil
}

// parseBasic reads an HTTP Basic header. RFC 6749 2.3.1 has both parts
// percent-encoded as in forms, which not every client does: what cannot be
// decoded is taken as it is.
func parseBasic(header string) (id, secret string, ok bool) {
	scheme, encoded, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	encoded = strings.TrimRight(strings.Trim(encoded, " "), "=")
	if len(encoded) > 2048 {
		return "", "", false
	}
	var buf [1536]byte
	n, err := base64.RawStdEncoding.Decode(buf[:], []byte(encoded))
	if err != nil {
		return "", "", false
	}
	id, secret, ok = strings.Cut(string(buf[:n]), ":")
	return decoded(id), decoded(secret), ok
}

func decoded(s string) string {
	if out, err := unescape(s); err == nil {
		return out
	}
	return s
}
