package identityhttp

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"demarc/internal/identity"
)

// FuzzRequest holds the form's and the header's readers against the standard
// library's: what they take, they read alike, and nothing else gets through.
func FuzzRequest(f *testing.F) {
	f.Add("grant_type=client_credentials&scope=", "Basic "+base64.StdEncoding.EncodeToString([]byte("app_x:sk_y")))
	f.Add("grant_type=a&grant_type=b", "Basic")
	f.Add("client_id=%zz&&=&token=%41+%2B", "basic YXBwJTVmeDpzJTJk")
	f.Add("token=\x00\xff;a=b", "Bearer x")
	f.Fuzz(func(t *testing.T, body, header string) {
		r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		got, err := readForm(r)
		std, stdErr := url.ParseQuery(body)
		if err != nil {
			if !errors.Is(err, identity.OAuthInvalidRequest) {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if stdErr == nil { // it refuses semicolons, which may be part of a value
			for name, value := range map[string]string{"grant_type": got.grantType, "scope": got.scope, "client_id": got.clientID,
				"client_secret": got.clientSecret, "token": got.token} {
				if len(std[name]) > 1 || std.Get(name) != value {
					t.Fatalf("%q: %s is %q, want %q", body, name, value, std[name])
				}
			}
		}
		if header != "" {
			r.Header["Authorization"] = []string{header}
		}
		id, secret, err := credentials(r, got)
		switch {
		case err == nil, errors.Is(err, identity.OAuthInvalidClient), errors.Is(err, identity.OAuthInvalidRequest):
		default:
			t.Fatal(err)
		}
		if err == nil && header != "" {
			checkBasic(t, r, id, secret)
		}
	})
}

func checkBasic(t *testing.T, r *http.Request, id, secret string) {
	t.Helper()
	rawID, rawSecret, ok := r.BasicAuth()
	if !ok {
		return // unpadded, or with spaces: we are more lenient
	}
	if id != decoded(rawID) || secret != decoded(rawSecret) {
		t.Fatalf("%q: read %q and %q, the standard library %q and %q", r.Header["Authorization"], id, secret, rawID, rawSecret)
	}
}
