package identityhttp

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

// Header values that every answer shares; net/http only reads them.
var (
	jsonType  = []string{"application/json"}
	noStore   = []string{"no-store"}
	noCache   = []string{"no-cache"}
	challenge = []string{`Basic realm="demarc"`}
)

// secretAnswer marks an answer that nobody on the way may keep, RFC 6749 5.1.
func secretAnswer(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Cache-Control"] = noStore
	h["Pragma"] = noCache
}

// tokenAnswer answers a new token. Nothing in it needs escaping.
func tokenAnswer(w http.ResponseWriter, t identity.Token) {
	secretAnswer(w)
	var buf [160]byte
	b := append(buf[:0], `{"access_token":"`...)
	b = append(b, t.Clear...)
	b = append(b, `","token_type":"Bearer","expires_in":`...)
	b = strconv.AppendInt(b, int64(t.TTL.Seconds()), 10)
	b = append(b, '}')
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // a caller that has gone needs no error
}

type introspectionAnswer struct {
	Active    bool   `json:"active"`
	ClientID  string `json:"client_id,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
}

func answerJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}

// oauthError is the error object of RFC 6749 5.2.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// oauth renders the errors of a handler as RFC 6749 has them, and leaves those
// that it has no code for to the edge.
func oauth(h httpkit.Handler) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if err == nil {
			return nil
		}
		f := fault.Of(err)
		if f == nil {
			return err
		}
		name, ours := strings.CutPrefix(f.Code.ID, "oauth_")
		if !ours {
			return err
		}
		secretAnswer(w)
		if f.Code.Status == http.StatusUnauthorized {
			w.Header()["Www-Authenticate"] = challenge
		}
		return answerJSON(w, f.Code.Status, oauthError{Error: name, Description: f.Message})
	}
}
