package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/outbox"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// inside is a client that may reach this machine, as the quick start allows.
func inside(t *testing.T) *Client {
	t.Helper()
	return client(t, Options{Version: "1.2.3", AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
}

func message(to string) outbox.Message {
	return outbox.Message{ID: "msg_0_1", URL: to, Body: []byte(`{"a":1}`), Secrets: []string{secret}, Auth: outbox.Auth{Type: outbox.AuthNone}, Key: "w|ep"}
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAMessageIsPostedWithItsHeaders(t *testing.T) {
	t.Parallel()
	var got http.Header
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		got.Set("Method", r.Method)
	})
	m := message(to)
	m.Auth = outbox.Auth{Type: outbox.AuthBasic, Username: "me", Password: "hush: hush"}
	if a := inside(t).Send(t.Context(), m); a.Status != 200 || a.Problem != "" || a.Took <= 0 {
		t.Fatalf("%+v", a)
	}
	for name, want := range map[string]string{"Method": "POST", "Content-Type": "application/json", "User-Agent": "demarc/1.2.3",
		"Webhook-Id": "msg_0_1", "Authorization": "Basic bWU6aHVzaDogaHVzaA=="} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	if at := got.Get("webhook-timestamp"); at < fmt.Sprint(clock.Machine().Unix()-60) || len(at) != 10 {
		t.Errorf("timestamp %q", at)
	}
}

// A product's form may want another method and content type; the rest stays.
func TestAMessageGoesOutAsItsFormWants(t *testing.T) {
	t.Parallel()
	var got string
	var head http.Header
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, head = r.Method+" "+r.Header.Get("Content-Type")+" "+string(body), r.Header
		if r.Header.Get("Authorization") != "Bearer t1" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	m := message(to)
	m.Method, m.ContentType, m.Body = http.MethodPut, "application/xml", []byte("<a/>\n")
	m.Auth = outbox.Auth{Type: outbox.AuthOAuth2, ClientID: "a", ClientSecret: "b", TokenURL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			t.Errorf("a token is fetched by %s", r.Method)
		}
		_, _ = io.WriteString(w, `{"access_token":"t1"}`)
	})}
	if a := inside(t).Send(t.Context(), m); a.Status != 200 {
		t.Fatalf("%+v", a)
	}
	if got != "PUT application/xml <a/>\n" {
		t.Errorf("%q", got)
	}
	want, err := outbox.Sign(m.Secrets, m.ID, head.Get("webhook-timestamp"), m.Body)
	if err != nil || head.Get("webhook-signature") != want {
		t.Errorf("signed %s, want %s, %v", head.Get("webhook-signature"), want, err)
	}
}

// The example of the Standard Webhooks specification's libraries.
func TestSignaturesAreThoseOfTheSpecification(t *testing.T) {
	t.Parallel()
	got, err := outbox.Sign([]string{secret, secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if err != nil || got != want+" "+want {
		t.Fatalf("%s, %v", got, err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_not base64!"} {
		if _, err := outbox.Sign([]string{bad}, "a", "b", nil); err == nil {
			t.Errorf("signed with %q", bad)
		}
	}
}

// Nothing that a customer may write as an address reaches this machine or its
// network.
func TestAddressesThatAreNotPublicAreNotReached(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }), ReadHeaderTimeout: time.Second}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	c := client(t, Options{})
	for _, host := range []string{
		"127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
		"localhost", "LOCALHOST", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "017700000001",
	} {
		m := message("http://" + host + ":" + port + "/")
		a := c.Send(t.Context(), m)
		if a.Status != 0 || a.Problem == "" {
			t.Errorf("%s: %+v", host, a)
		}
		if strings.Contains(a.Problem, "127.") || strings.Contains(a.Problem, "::1") {
			t.Errorf("%s: the problem tells an address: %s", host, a.Problem)
		}
		// A token is fetched from such an address no more than a message is sent there.
		m = message("http://93.184.216.34/")
		m.Key = host
		m.Auth = outbox.Auth{Type: outbox.AuthOAuth2, TokenURL: "http://" + host + ":" + port + "/", ClientID: "a", ClientSecret: "b"}
		if a := c.Send(t.Context(), m); a.Status != 0 || !strings.HasPrefix(a.Problem, "no token: the address ") {
			t.Errorf("token URL %s: %+v", host, a)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Fatalf("reached %d times", n)
	}
	// The same client reaches it once its operator allows the range: so it was the
	// guard that held.
	if a := inside(t).Send(t.Context(), message("http://localhost:"+port+"/")); a.Status != 200 {
		t.Fatalf("allowed, and yet %+v", a)
	}
	if c.Allowed(netip.MustParseAddr("::ffff:10.0.0.1")) || !c.Allowed(netip.MustParseAddr("93.184.216.34")) {
		t.Error("Allowed errs")
	}
}

func TestARedirectIsAnAnswerAndNotFollowed(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	if a := inside(t).Send(t.Context(), message(to)); a.Status != 302 || a.Problem == "" || hits.Load() != 1 {
		t.Fatalf("%+v after %d hits", a, hits.Load())
	}
}

func TestAnEndpointThatAnswersLateHasNotAnswered(t *testing.T) {
	t.Parallel()
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does it see that its caller goes
		<-r.Context().Done()
	})
	c := client(t, Options{Timeout: 50 * time.Millisecond, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	a := c.Send(t.Context(), message(to))
	if a.Status != 0 || a.Problem != "no answer within 50ms" || a.Took < 50*time.Millisecond || a.Took > 10*time.Second {
		t.Fatalf("%+v", a)
	}
}

func TestTheStatusCountsAlsoWhenTheBodyDoesNotEnd(t *testing.T) {
	t.Parallel()
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte("taken"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c := client(t, Options{Timeout: 300 * time.Millisecond, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if a := c.Send(t.Context(), message(to)); a.Status != 200 || a.Problem != "" || a.Body != "taken" {
		t.Fatalf("%+v", a)
	}
}

func TestAnswersAreKeptOnlyInPartAndCleaned(t *testing.T) {
	t.Parallel()
	to := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("\x00\xff" + strings.Repeat("ä", 5<<20)))
	})
	a := inside(t).Send(t.Context(), message(to))
	if len(a.Body) > 1000 || len(a.Body) < 990 || !utf8.ValidString(a.Body) || strings.Contains(a.Body, "\x00") {
		t.Fatalf("%d bytes: %.40q", len(a.Body), a.Body)
	}
}

func TestAnAnswerThatIsNoHTTPStatusIsNone(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte("HTTP/1.1 999 Enough\r\nContent-Length: 0\r\n\r\n"))
	}()
	if a := inside(t).Send(t.Context(), message("http://"+listener.Addr().String())); a.Status != 0 || a.Problem == "" {
		t.Fatalf("%+v", a)
	}
}

// issuer is a token endpoint; its tokens are t1, t2, …
type issuer struct {
	url     string
	issued  atomic.Int64
	expires atomic.Value // any JSON
	form    atomic.Value // url.Values
	basic   atomic.Value // string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	i.expires.Store("3600")
	i.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		i.form.Store(r.PostForm)
		user, pass, _ := r.BasicAuth()
		i.basic.Store(user + " " + pass)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":%s}`, i.issued.Add(1), i.expires.Load())
	})
	return i
}

func (i *issuer) message(to string) outbox.Message {
	m := message(to)
	m.Auth = outbox.Auth{Type: outbox.AuthOAuth2, TokenURL: i.url, ClientID: "a client", ClientSecret: "s:e/c", Scope: "hooks write"}
	return m
}

func TestATokenIsFetchedOnceAndKept(t *testing.T) {
	t.Parallel()
	i, got := newIssuer(t), ""
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") })
	c := inside(t)
	for range 3 {
		if a := c.Send(t.Context(), i.message(to)); a.Status != 200 || got != "Bearer t1" {
			t.Fatalf("%+v with %q", a, got)
		}
	}
	if want := (url.Values{"grant_type": {"client_credentials"}, "scope": {"hooks write"}}).Encode(); i.form.Load().(url.Values).Encode() != want {
		t.Errorf("form %v", i.form.Load())
	}
	if i.basic.Load() != "a+client s%3Ae%2Fc" { // form-encoded first, RFC 6749 2.3.1
		t.Errorf("basic %v", i.basic.Load())
	}
	// Other credentials, or another endpoint: another token.
	m := i.message(to)
	m.Auth.ClientSecret = "new"
	c.Send(t.Context(), m)
	m.Key = "w|other"
	c.Send(t.Context(), m)
	if n := i.issued.Load(); n != 3 || got != "Bearer t3" {
		t.Errorf("%d tokens, %s", n, got)
	}
}

func TestATokenThatIsRefusedIsRenewedOnce(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	var good atomic.Value
	good.Store("Bearer t1")
	var hits atomic.Int64
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		if r.Header.Get("Authorization") != good.Load() {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	c := inside(t)
	c.Send(t.Context(), i.message(to))
	good.Store("Bearer t2")
	if a := c.Send(t.Context(), i.message(to)); a.Status != 200 || i.issued.Load() != 2 || hits.Load() != 3 {
		t.Fatalf("%+v, %d tokens, %d hits", a, i.issued.Load(), hits.Load())
	}
	good.Store("nothing")
	if a := c.Send(t.Context(), i.message(to)); a.Status != 401 || i.issued.Load() != 3 || hits.Load() != 5 {
		t.Fatalf("%+v, %d tokens, %d hits", a, i.issued.Load(), hits.Load())
	}
}

func TestAnExpiredTokenIsRenewed(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.expires.Store("0.000001")
	to := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := inside(t)
	c.Send(t.Context(), i.message(to))
	c.Send(t.Context(), i.message(to))
	if n := i.issued.Load(); n != 2 {
		t.Fatalf("%d tokens", n)
	}
}

func TestHowLongATokenIsUsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`1799`: 1769 * time.Second, `"100"`: 90 * time.Second, `null`: unsaid, `0`: unsaid, `-1`: unsaid, `"soon"`: unsaid,
		`1e300`: longest - 30*time.Second, `{}`: unsaid,
	} {
		var s seconds
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got := s.life(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestATokenThatCannotBeHadIsTheAttemptsProblemAndTellsNoSecret(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]http.HandlerFunc{
		"the token URL answered 403": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"error":"hush"}`))
		},
		"the token URL answered 302":           func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) },
		"the token URL did not answer a token": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) },
		"the token is not a bearer token": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"mac"}`))
		},
		"the token URL did not answer a token, 2": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) },
		"the token URL did not answer a token, 64": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat(" ", 1<<20) + `{"access_token":"x"}`))
		},
	} {
		var hits atomic.Int64
		to := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
		m := message(to)
		m.Auth = outbox.Auth{Type: outbox.AuthOAuth2, TokenURL: serve(t, answer), ClientID: "a", ClientSecret: "hush"}
		want, _, _ := strings.Cut(what, ",")
		if a := inside(t).Send(t.Context(), m); a.Status != 0 || a.Problem != "no token: "+want || hits.Load() != 0 {
			t.Errorf("%s: %+v, %d hits", what, a, hits.Load())
		}
	}
}

func TestManyWhoNeedATokenFetchItOnce(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	to := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := inside(t)
	done := make(chan outbox.Answer)
	for range 10 {
		go func() { done <- c.Send(context.WithoutCancel(t.Context()), i.message(to)) }()
	}
	for range 10 {
		if a := <-done; a.Status != 200 {
			t.Errorf("%+v", a)
		}
	}
	if n := i.issued.Load(); n != 1 {
		t.Errorf("%d tokens", n)
	}
}

func TestAConnectionThatFailsIsAProblemWithoutTheAddress(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	to := s.URL + "/hook?token=hush"
	s.Close()
	a := inside(t).Send(t.Context(), message(to))
	if a.Status != 0 || a.Problem == "" || strings.Contains(a.Problem, "hush") {
		t.Fatalf("%+v", a)
	}
}
