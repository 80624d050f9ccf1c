package identityhttp_test

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Programs written for the real API use this library, or do as it does.
func TestAClientOfXOAuth2GetsTokensInBothStylesAtBothPaths(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "form": oauth2.AuthStyleInParams, "as it finds out": oauth2.AuthStyleAutoDetect} {
			for _, path := range []string{"/oauth/token", "/oauth/v2/token"} {
				c := clientcredentials.Config{ClientID: s.id(), ClientSecret: s.secret(), TokenURL: s.URL + path, AuthStyle: style}
				token, err := c.Token(t.Context())
				if err != nil {
					t.Fatalf("%s at %s: %v", name, path, err)
				}
				life := token.Expiry.Sub(clock.Machine())
				if token.Type() != "Bearer" || life > 1799*time.Second || life < 1700*time.Second {
					t.Errorf("%s: type %q, lives for %v", name, token.Type(), life)
				}
				res, err := c.Client(t.Context()).Get(s.URL + "/whoami")
				if err != nil || res.StatusCode != http.StatusOK {
					t.Fatalf("%s: its client cannot call: %v, %v", name, res, err)
				}
				res.Body.Close()
			}
		}
	})
}

func TestATokenIsAnsweredAsTheRFCShowsIt(t *testing.T) {
	s := sqlite(t)
	a := s.do(t, s.own("/oauth/token", "grant_type", "client_credentials"))
	if a.status != http.StatusOK || !regexp.MustCompile(`^\{"access_token":"dt_[\w-]{54}","token_type":"Bearer","expires_in":1799\}$`).MatchString(a.text) {
		t.Fatalf("%d %s", a.status, a.text)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestTokenRequestsThatAreRefusedSayWhyInTheRFCsWords(t *testing.T) {
	s := sqlite(t)
	const grant = "grant_type=client_credentials"
	form := "client_id=" + s.id() + "&client_secret=" + s.secret()
	basic := [2]string{s.id(), s.secret()}
	header := func(values ...string) http.Header { return http.Header{"Authorization": values} }
	kind := func(v string) http.Header { return http.Header{"Content-Type": {v}} }
	b64 := base64.StdEncoding.EncodeToString
	for name, tc := range map[string]struct {
		request
		status int
		code   string
	}{
		"no grant_type":                     {request{body: "", basic: basic}, 400, "invalid_request"},
		"an empty grant_type":               {request{body: "grant_type=", basic: basic}, 400, "invalid_request"},
		"grant_type twice":                  {request{body: grant + "&" + grant, basic: basic}, 400, "invalid_request"},
		"client_secret twice":               {request{body: grant + "&" + form + "&client_secret=x"}, 400, "invalid_request"},
		"another grant":                     {request{body: "grant_type=password", basic: basic}, 400, "unsupported_grant_type"},
		"a grant in capitals":               {request{body: "grant_type=CLIENT_CREDENTIALS", basic: basic}, 400, "unsupported_grant_type"},
		"a scope":                           {request{body: grant + "&scope=all", basic: basic}, 400, "invalid_scope"},
		"by header and by form":             {request{body: grant + "&" + form, basic: basic}, 400, "invalid_request"},
		"another id in the form":            {request{body: grant + "&client_id=app_x", basic: basic}, 400, "invalid_request"},
		"two headers":                       {request{body: grant, header: header("Basic "+b64([]byte(s.id()+":"+s.secret())), "Basic eDp4")}, 400, "invalid_request"},
		"broken percent-encoding":           {request{body: grant + "&client_id=%zz", basic: basic}, 400, "invalid_request"},
		"JSON":                              {request{body: `{"grant_type":"client_credentials"}`, basic: basic, header: kind("application/json")}, 400, "invalid_request"},
		"a form without its type":           {request{body: grant, basic: basic, header: kind("")}, 400, "invalid_request"},
		"a type that is none":               {request{body: grant, basic: basic, header: kind("a/b/c;;")}, 400, "invalid_request"},
		"too long":                          {request{body: grant + "&x=" + strings.Repeat("x", 9000), basic: basic}, 400, "invalid_request"},
		"the secret in the address":         {request{path: "/oauth/token?" + form, body: grant}, 400, "invalid_request"},
		"the grant in the address":          {request{path: "/oauth/token?" + grant, basic: basic}, 400, "invalid_request"},
		"nobody":                            {request{body: grant}, 401, "invalid_client"},
		"an id without a secret":            {request{body: grant + "&client_id=" + s.id()}, 401, "invalid_client"},
		"a secret without an id":            {request{body: grant + "&client_secret=" + s.secret()}, 401, "invalid_client"},
		"a wrong secret by header":          {request{body: grant, basic: [2]string{s.id(), s.secret() + "x"}}, 401, "invalid_client"},
		"a wrong secret by form":            {request{body: grant + "&client_id=" + s.id() + "&client_secret=x"}, 401, "invalid_client"},
		"an unknown client":                 {request{body: grant, basic: [2]string{"app_nobody", s.secret()}}, 401, "invalid_client"},
		"no secret by header":               {request{body: grant, basic: [2]string{s.id(), ""}}, 401, "invalid_client"},
		"NUL in the id":                     {request{body: grant + "&client_id=a%00b&client_secret=x"}, 401, "invalid_client"},
		"an id that is not UTF-8":           {request{body: grant + "&client_id=%ff%fe&client_secret=x"}, 401, "invalid_client"},
		"a bearer token":                    {request{body: grant, header: header("Bearer x")}, 401, "invalid_client"},
		"Basic that is not base64":          {request{body: grant, header: header("Basic ???")}, 401, "invalid_client"},
		"Basic without a colon":             {request{body: grant, header: header("Basic " + b64([]byte("x")))}, 401, "invalid_client"},
		"Basic without anything":            {request{body: grant, header: header("Basic")}, 401, "invalid_client"},
		"endless Basic":                     {request{body: grant, header: header("Basic " + strings.Repeat("A", 4000))}, 401, "invalid_client"},
		"introspection without a token":     {s.own("/oauth/introspect", "x", "y"), 400, "invalid_request"},
		"revocation without a token":        {s.own("/oauth/revoke", "token", ""), 400, "invalid_request"},
		"introspection by nobody":           {request{path: "/oauth/introspect", body: "token=x"}, 401, "invalid_client"},
		"revocation by nobody":              {request{path: "/oauth/revoke", body: "token=x"}, 401, "invalid_client"},
		"a bearer token at introspection":   {request{path: "/oauth/introspect", body: "token=x", header: header("Bearer x")}, 401, "invalid_client"},
		"introspection of two":              {s.own("/oauth/introspect", "token", "a", "token", "b"), 400, "invalid_request"},
		"a wrong secret at the second path": {request{path: "/oauth/v2/token", body: grant, basic: [2]string{s.id(), "x"}}, 401, "invalid_client"},
	} {
		a := s.do(t, tc.request)
		if a.status != tc.status || a.json["error"] != tc.code {
			t.Errorf("%s: %d %s, want %d %s", name, a.status, a.text, tc.status, tc.code)
			continue
		}
		description, _ := a.json["error_description"].(string)
		if !regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]+$`).MatchString(description) {
			t.Errorf("%s: error_description %q has characters that RFC 6749 5.2 does not allow", name, description)
		}
		if got, want := a.header.Get("WWW-Authenticate"), map[int]string{401: `Basic realm="demarc"`}[tc.status]; got != want {
			t.Errorf("%s: WWW-Authenticate %q, want %q", name, got, want)
		}
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: headers %v", name, a.header)
		}
		if strings.Contains(a.text, s.secret()) {
			t.Errorf("%s: the answer repeats the secret", name)
		}
	}
}

func TestTokenRequestsThatAreUnusualButRightAreServed(t *testing.T) {
	s := sqlite(t)
	const grant = "grant_type=client_credentials"
	raw := func(text string) http.Header {
		return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(text))}}
	}
	encoded := strings.ReplaceAll(strings.ReplaceAll(s.secret(), "_", "%5F"), "-", "%2D")
	for name, q := range map[string]request{
		"percent-encoded as RFC 6749 2.3.1 says": {body: grant, header: raw(strings.ReplaceAll(s.id(), "_", "%5f") + ":" + encoded)},
		"as it is":                               {body: grant, header: raw(s.id() + ":" + s.secret())},
		"basic in lower case":                    {body: grant, header: http.Header{"Authorization": {"basic " + base64.RawStdEncoding.EncodeToString([]byte(s.id()+":"+s.secret()))}}},
		"the id in the form as well":             {body: grant + "&client_id=" + s.id(), basic: [2]string{s.id(), s.secret()}},
		"an empty scope":                         {body: grant + "&scope=", basic: [2]string{s.id(), s.secret()}},
		"parameters that are not known":          {body: "audience=x&" + grant + "&resource=y&resource=z&", basic: [2]string{s.id(), s.secret()}},
		"a character set":                        {body: grant, basic: [2]string{s.id(), s.secret()}, header: http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}}},
		"an encoded form":                        {body: "grant%5Ftype=client%5Fcredentials&client_id=" + s.id() + "&client_secret=" + encoded},
		"an address with its own ballast":        {path: "/oauth/token?trace=1", body: grant, basic: [2]string{s.id(), s.secret()}},
	} {
		if a := s.do(t, q); a.status != http.StatusOK || a.json["expires_in"] != 1799.0 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
}

func TestOtherMethodsAreNotPossible(t *testing.T) {
	s := sqlite(t)
	for _, path := range []string{"/oauth/token", "/oauth/v2/token", "/oauth/revoke", "/oauth/introspect"} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			a := s.do(t, request{method: method, path: path})
			if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost {
				t.Errorf("%s %s: %d, Allow: %q", method, path, a.status, a.header.Get("Allow"))
			}
		}
	}
}

func TestAnApplicationThatIsNotApprovedGetsNoToken(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		token := s.token(t)
		if _, err := s.s.RevokeApp(t.Context(), "usr_staff", s.id()); err != nil {
			t.Fatal(err)
		}
		a := s.do(t, s.own("/oauth/token", "grant_type", "client_credentials"))
		if a.status != http.StatusBadRequest || a.json["error"] != "unauthorized_client" {
			t.Fatalf("%d %s", a.status, a.text)
		}
		a = s.do(t, s.own("/oauth/introspect", "token", token))
		if a.status != http.StatusBadRequest || a.json["error"] != "unauthorized_client" {
			t.Fatalf("%d %s", a.status, a.text)
		}
		status, challenge, reason := s.whoami(t, token)
		if status != http.StatusUnauthorized || !strings.Contains(challenge, `error="invalid_token"`) || reason != "app_revoked" {
			t.Fatalf("%d %s %s", status, challenge, reason)
		}
	})
}

func TestABadTokenIsAnsweredWithItsReasonAndAChallenge(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		token := s.token(t)
		if status, _, _ := s.whoami(t, token); status != http.StatusOK {
			t.Fatalf("a good token: %d", status)
		}
		expect := func(token, want string) {
			t.Helper()
			status, challenge, reason := s.whoami(t, token)
			if status != http.StatusUnauthorized || reason != want || !strings.HasPrefix(challenge, "Bearer ") || !strings.Contains(challenge, `error="invalid_token"`) {
				t.Errorf("%d %s %s, want %s", status, challenge, reason, want)
			}
		}
		expect("dt_x", "token_invalid")
		expect(token[:40]+"AAAAAAAAAAAAAAAAA", "token_invalid")
		world := s.app.World
		err := s.d.Within(t.Context(), world, func(tx *db.Tx) error {
			c, err := tx.Clock().To(tx.Machine(), tx.Now().Add(30*time.Minute))
			if err != nil {
				return err
			}
			tx.After(func() { s.d.KnowClock(world) })
			return tx.SetClock(c, 0)
		}, db.Exclusive())
		if err != nil {
			t.Fatal(err)
		}
		expect(token, "token_expired")
		token = s.token(t)
		if err := s.s.RevokeSecret(t.Context(), "usr_1", s.id(), s.app.Secrets[0].ID); err != nil {
			t.Fatal(err)
		}
		expect(token, "token_secret_revoked")
	})
}

func TestRevocationAnswers200AndTheTokenIsOut(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		token := s.token(t)
		for _, q := range []request{
			s.own("/oauth/revoke", "token", "unknown"),
			s.own("/oauth/revoke", "token", token, "token_type_hint", "refresh_token"),
			s.own("/oauth/revoke", "token", token),
		} {
			if a := s.do(t, q); a.status != http.StatusOK || a.text != "" {
				t.Fatalf("%d %s", a.status, a.text)
			}
		}
		if status, _, reason := s.whoami(t, token); status != http.StatusUnauthorized || reason != "token_invalid" {
			t.Fatalf("%d %s", status, reason)
		}
		other := newServer(t, s.d, dbtest.World(t, s.d))
		token = s.token(t)
		if a := other.do(t, other.own("/oauth/revoke", "token", token)); a.status != http.StatusBadRequest || a.json["error"] != "unauthorized_client" {
			t.Fatalf("another application's revocation: %d %s", a.status, a.text)
		}
		if status, _, _ := s.whoami(t, token); status != http.StatusOK {
			t.Fatal("another application ended the token")
		}
	})
}

func TestIntrospectionSaysWhatATokenIs(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		token := s.token(t)
		a := s.do(t, s.own("/oauth/introspect", "token", token, "token_type_hint", "access_token"))
		exp, _ := a.json["exp"].(float64)
		iat, _ := a.json["iat"].(float64)
		want := map[string]any{"active": true, "client_id": s.id(), "token_type": "Bearer", "exp": iat + 1799, "iat": exp - 1799}
		if diff := cmp.Diff(want, a.json); diff != "" || a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" {
			t.Fatal(a.status, a.header, diff)
		}
		for _, dead := range []string{"unknown", token + "x"} {
			if a := s.do(t, s.own("/oauth/introspect", "token", dead)); a.status != http.StatusOK || a.text != `{"active":false}` {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
	})
}

func TestTheMetadataDocumentNamesEveryEndpointUnderTheAddressThatWasAsked(t *testing.T) {
	s := sqlite(t)
	a := s.do(t, request{method: http.MethodGet, path: "/.well-known/oauth-authorization-server"})
	auth := []any{"client_secret_basic", "client_secret_post"}
	want := map[string]any{
		"issuer": s.URL, "token_endpoint": s.URL + "/oauth/token", "revocation_endpoint": s.URL + "/oauth/revoke",
		"introspection_endpoint": s.URL + "/oauth/introspect", "service_documentation": s.URL + "/docs/",
		"grant_types_supported": []any{"client_credentials"}, "response_types_supported": []any{},
		"token_endpoint_auth_methods_supported": auth, "revocation_endpoint_auth_methods_supported": auth,
		"introspection_endpoint_auth_methods_supported": auth,
	}
	if diff := cmp.Diff(want, a.json); diff != "" || a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		t.Fatal(a.status, a.header, diff)
	}
}

// A database that is away is our failure, not the client's: no OAuth code says so.
func TestAFailureOfOursIsNotBlamedOnTheClient(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	s := newServer(t, d, dbtest.World(t, d))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	s.s.Forget(s.id())
	a := s.do(t, s.own("/oauth/token", "grant_type", "client_credentials"))
	if a.status != http.StatusInternalServerError || a.json["reason"] != "internal_error" {
		t.Fatalf("%d %s", a.status, a.text)
	}
}
