package guard

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAPostCarriesTheCallersHeadersAndGivesTheAnswer(t *testing.T) {
	t.Parallel()
	var got http.Header
	var body []byte
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		got.Set("Method", r.Method)
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("\x00\xff"))
	})
	c := client(t, Options{Version: "1.2.3", AllowPrivate: loopback})
	mine := http.Header{"X-Reseller": {"r1"}}
	a, err := c.Post(t.Context(), to, mine, []byte("hello"))
	if err != nil || a.Status != 418 || string(a.Body) != "\x00\xff" || a.Broken != nil || a.RetryAfter != 7*time.Second || a.Took <= 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	if got.Get("Method") != "POST" || got.Get("X-Reseller") != "r1" || got.Get("User-Agent") != "demarc/1.2.3" || string(body) != "hello" {
		t.Errorf("%v with %q", got, body)
	}
	if len(mine) != 1 {
		t.Errorf("the caller's headers were changed: %v", mine)
	}
	if _, err := c.Post(t.Context(), to, http.Header{"User-Agent": {"another"}}, nil); err != nil || got.Get("User-Agent") != "another" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := c.Post(t.Context(), to, nil, nil); err != nil || got.Get("User-Agent") != "demarc/1.2.3" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnotherMethodIsSentAsItIs(t *testing.T) {
	t.Parallel()
	var got string
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + string(body)
	})
	if a, err := client(t, Options{AllowPrivate: loopback}).Send(t.Context(), http.MethodPut, to, nil, []byte("hello")); err != nil || a.Status != 200 || got != "PUT hello" {
		t.Errorf("%+v, %v: %s", a, err, got)
	}
	if a, err := client(t, Options{}).Send(t.Context(), http.MethodPut, to, nil, nil); !errors.Is(err, ErrPrivate) || a.Status != 0 || got != "PUT hello" {
		t.Errorf("an address inside: %+v, %v", a, err)
	}
}

func TestWhatIsNotPublicIsNotReached(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	to := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(to, "http://"))
	c := client(t, Options{})
	for _, tc := range []struct {
		host string
		want string
	}{
		{"127.0.0.1", ErrPrivate.Error()}, {"[::ffff:127.0.0.1]", ErrPrivate.Error()}, {"[::1]", ErrPrivate.Error()},
		{"localhost", ErrPrivate.Error()}, // a name is refused when it is dialled
		{"2130706433", ErrAddress.Error()}, {"127.1", ErrAddress.Error()}, {"me:hush@localhost", ErrAddress.Error()},
	} {
		a, err := c.Post(t.Context(), "http://"+tc.host+":"+port+"/", nil, nil)
		if err == nil || a.Status != 0 || c.Problem(err) != tc.want {
			t.Errorf("%s: %+v, %s", tc.host, a, c.Problem(err))
		}
	}
	for _, address := range []string{"", "ftp://localhost/", "file:///etc/passwd", "//localhost/", "http://"} {
		if _, err := c.Post(t.Context(), address, nil, nil); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Fatalf("reached %d times", n)
	}
	if a, err := client(t, Options{AllowPrivate: loopback}).Post(t.Context(), "http://localhost:"+port, nil, nil); err != nil || a.Status != 200 {
		t.Fatalf("allowed, and yet %+v, %v", a, err)
	}
	if c.Allowed(netip.MustParseAddr("::ffff:10.0.0.1")) || !c.Allowed(netip.MustParseAddr("93.184.216.34")) {
		t.Error("Allowed errs")
	}
}

// An environment that names a proxy would have it dial what nobody checked.
func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("HTTPS_PROXY", proxy)
	if p := client(t, Options{}).http.Proxy; p != nil {
		t.Error("there is a proxy")
	}
	to := serve(t, func(http.ResponseWriter, *http.Request) {})
	if a, err := client(t, Options{AllowPrivate: loopback}).Post(t.Context(), to, nil, nil); err != nil || a.Status != 200 {
		t.Fatalf("%+v, %v", a, err)
	}
}

func TestARedirectIsAnAnswer(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if a, err := client(t, Options{AllowPrivate: loopback}).Post(t.Context(), to, nil, nil); err != nil || a.Status != 307 || hits.Load() != 1 {
		t.Fatalf("%+v, %v after %d hits", a, err, hits.Load())
	}
}

func TestABodyIsReadUpToItsBoundAndSaysSo(t *testing.T) {
	t.Parallel()
	to := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("12345678")) })
	for most, want := range map[int]string{7: "1234567", 8: "12345678", 9: "12345678"} {
		a, err := client(t, Options{AllowPrivate: loopback, MaxBody: most}).Post(t.Context(), to, nil, nil)
		if err != nil || string(a.Body) != want || errors.Is(a.Broken, ErrLong) != (most == 7) || most > 7 && a.Broken != nil {
			t.Errorf("%d: %+v, %v", most, a, err)
		}
	}
}

func TestAnAnswerThatBreaksOffHasItsStatus(t *testing.T) {
	t.Parallel()
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte("taken"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c := client(t, Options{Timeout: 300 * time.Millisecond, AllowPrivate: loopback})
	a, err := c.Post(t.Context(), to, nil, nil)
	if err != nil || a.Status != 200 || string(a.Body) != "taken" || c.Problem(a.Broken) != "no answer within 300ms" {
		t.Fatalf("%+v, %v", a, err)
	}
	to = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	})
	a, err = c.Post(t.Context(), to, nil, nil)
	if err != nil || string(a.Body) != "half" || c.Problem(a.Broken) != "the connection was closed before the answer was complete" {
		t.Fatalf("%+v, %v", a, err)
	}
}

func TestNoAnswerInTimeIsAnError(t *testing.T) {
	t.Parallel()
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does it see that its caller goes
		<-r.Context().Done()
	})
	c := client(t, Options{Timeout: 50 * time.Millisecond, AllowPrivate: loopback})
	a, err := c.Post(t.Context(), to, nil, nil)
	if a.Status != 0 || c.Problem(err) != "no answer within 50ms" || a.Took < 50*time.Millisecond {
		t.Fatalf("%+v, %v", a, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Post(gone, to, nil, nil); c.Problem(err) != "the attempt was broken off on our side" {
		t.Fatal(err)
	}
}

func TestAStatusThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"999", "600", "099"} {
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
			_, _ = conn.Write([]byte("HTTP/1.1 " + status + " Enough\r\nContent-Length: 0\r\n\r\n"))
		}()
		c := client(t, Options{AllowPrivate: loopback})
		a, err := c.Post(t.Context(), "http://"+listener.Addr().String(), nil, nil)
		if !errors.Is(err, ErrStatus) || a.Status != 0 || !strings.Contains(c.Problem(err), strings.TrimPrefix(status, "0")) {
			t.Errorf("%s: %+v, %v", status, a, err)
		}
	}
}

// What the address's owner reads says nothing of where we are, and nothing of the
// address, which may carry secrets.
func TestAProblemTellsNothingOfOurNetwork(t *testing.T) {
	t.Parallel()
	c := client(t, Options{AllowPrivate: loopback})
	s := httptest.NewServer(http.NotFoundHandler())
	to := s.URL
	s.Close()
	_, err := c.Post(t.Context(), to+"/hook?token=hush", nil, nil)
	if p := c.Problem(err); p != "connect: connection refused" {
		t.Errorf("%s", p)
	}
	ours, theirs := &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 4}, &net.TCPAddr{IP: net.IPv4(10, 5, 6, 7), Port: 8}
	reset := &net.OpError{Op: "read", Net: "tcp", Source: ours, Addr: theirs, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for want, err := range map[string]error{
		"read: connection reset by peer":     errors.Join(reset),
		"remote error: broken":               &net.OpError{Op: "local error", Source: ours, Err: errors.New("remote error: broken")},
		"the host name cannot be resolved":   &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x", Server: "10.0.0.53:53"}},
		"http: server gave \uFFFD a reply":   errors.New("http: server gave \x00 a reply"),
		"":                                   nil,
		ErrAddress.Error():                   ErrAddress,
		ErrLong.Error():                      ErrLong,
		ErrPrivate.Error():                   c.guard.SafeAddr(netip.MustParseAddr("10.9.9.9")),
		"no answer within 15s":               os.ErrDeadlineExceeded,
		"operation not permitted on purpose": errors.New("operation not permitted on purpose"),
	} {
		if got := c.Problem(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("abc\x00\xff\xc3", 2)
	f.Add("ääää", 3)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = max(0, min(most, 5000))
		got := Clean(s, most)
		if len(got) > most || !utf8.ValidString(got) || strings.Contains(got, "\x00") {
			t.Fatalf("Clean(%q, %d) = %q", s, most, got)
		}
	})
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, "-5": 0, "soon": 0, "1.5": 0, "99999999999": 366 * 24 * time.Hour,
		"Sat, 21 Nov 2026 10:00:00 GMT": time.Hour, "Sat, 21 Nov 2026 08:00:00 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
