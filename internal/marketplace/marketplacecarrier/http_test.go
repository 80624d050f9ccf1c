package marketplacecarrier_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/guard"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacetest"
)

// guardTimeout is what one call may take in production.
const guardTimeout = 15 * time.Second

func TestACallIsAsTheSourceDescribesIt(t *testing.T) {
	t.Parallel()
	p := marketplacetest.NewProvider(t)
	h := p.Connect(t, 0)
	for n, slashes := range []string{"", "/", "//"} {
		o := outsideOrder(p)
		o.BaseURL += slashes
		o.Test = n == 1
		r, err := h.Provision(t.Context(), o)
		if marketplacetest.COID(t, r, err); r.Took <= 0 || r.Took > guardTimeout {
			t.Errorf("it took %v", r.Took)
		}
		c := p.Calls()[n]
		if c.Method != http.MethodPost || c.Path != "/saas/provider-name-provision-account/" || string(c.Body) != string(o.Body) {
			t.Errorf("%s %s %s", c.Method, c.Path, c.Body)
		}
		want := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": o.Key, "Demarc-Test": "",
			"User-Agent": "demarc/test", "Authorization": "", "Cookie": ""}
		if o.Test {
			want["Demarc-Test"] = "true"
		}
		for name, value := range want {
			if got := strings.Join(c.Header.Values(name), ", "); got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
	}
}

func outsideOrder(p *marketplacetest.Provider) marketplace.Order {
	return marketplacetest.Line{BaseURL: p.URL}.Order("w_secret-SUB-100001")
}

func TestWhateverComesBackIsAReply(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	for name, tc := range map[string]struct {
		act    marketplacetest.Act
		status int
		body   string // what it begins with
		length int    // of it, 0: whatever
		after  time.Duration
	}{
		"201":                   {marketplacetest.Opens(), 201, `{"coid":"CO-2001"}`, 18, 0},
		"201 without a coid":    {marketplacetest.Keeps(), 201, `{}`, 2, 0},
		"another's coid":        {marketplacetest.Gives("CO-1001"), 201, `{"coid":"CO-1001"}`, 18, 0},
		"broken JSON":           {marketplacetest.Breaks(), 201, `{"coid":"CO-2001"`, 17, 0},
		"a flood":               {marketplacetest.Floods(), 201, `{"filler":"xx`, most, 0},
		"a flooding refusal":    {marketplacetest.Refuses(strings.Repeat("no ", most)), 400, `{"message":"no no `, most, 0},
		"just enough":           {marketplacetest.Answers(400, strings.Repeat("x", most)), 400, "xxx", most, 0},
		"200":                   {marketplacetest.Answers(200, `{"coid":"CO-1"}`), 200, `{"coid":"CO-1"}`, 15, 0},
		"204":                   {marketplacetest.Answers(204, ""), 204, "", 0, 0},
		"400":                   {marketplacetest.Refuses("no"), 400, `{"message":"no"}`, 16, 0},
		"400 that repeats":      {marketplacetest.Repeats(), 400, `{"message":"Cannot use `, 0, 0},
		"404":                   {marketplacetest.Fails(404), 404, `{"message":"Not Found"}`, 0, 0},
		"429":                   {marketplacetest.Throttles(90), 429, `{"message":"Too many."}`, 0, 90 * time.Second},
		"500":                   {marketplacetest.Fails(500), 500, `{"message":`, 0, 0},
		"500 after its effect":  {marketplacetest.Fails(500).AfterOpening(), 500, `{"message":`, 0, 0},
		"503 without any words": {marketplacetest.Answers(503, ""), 503, "", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := marketplacetest.NewProvider(t)
			p.Next(tc.act)
			r, err := p.Connect(t, 0).Provision(t.Context(), outsideOrder(p))
			if err != nil || r.Status != tc.status || !strings.HasPrefix(string(r.Body), tc.body) || r.RetryAfter != tc.after || r.Took <= 0 {
				t.Errorf("%d %.100q (%d bytes), %v, %v", r.Status, r.Body, len(r.Body), r.RetryAfter, err)
			}
			if len(r.Body) > most || tc.length > 0 && len(r.Body) != tc.length {
				t.Errorf("%d bytes were read, want %d", len(r.Body), tc.length)
			}
			if n := len(p.Calls()); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

func TestWhenNothingComesBackNothingIsKnownAndAskingAgainFindsTheAccount(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		act  marketplacetest.Act
		want string
		open int // accounts, before it is asked again
	}{
		"a cut":                    {marketplacetest.Cuts(), "the connection was closed before the answer was complete", 0},
		"a cut after its effect":   {marketplacetest.Cuts().AfterOpening(), "the connection was closed before the answer was complete", 1},
		"half a coid":              {marketplacetest.Halves(), "the connection was closed before the answer was complete", 1},
		"silence":                  {marketplacetest.Hangs(), "no answer within 300ms", 0},
		"silence after its effect": {marketplacetest.Hangs().AfterOpening(), "no answer within 300ms", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := marketplacetest.NewProvider(t)
			p.Next(tc.act)
			o := outsideOrder(p)
			r, err := p.Connect(t, 300*time.Millisecond).Provision(t.Context(), o)
			if marketplacetest.CheckError(t, o, r, err); err.Error() != tc.want || r.Took <= 0 {
				t.Errorf("%v after %v, want %s", err, r.Took, tc.want)
			}
			if open := p.Accounts(); len(open) != tc.open {
				t.Errorf("open: %+v", open)
			}
			r, err = p.Connect(t, 0).Provision(t.Context(), o)
			coid := marketplacetest.COID(t, r, err)
			if open := p.Accounts(); len(open) != 1 || open[0].COID != coid {
				t.Errorf("%s was answered; open: %+v", coid, open)
			}
		})
	}
}

func TestALateAnswerIsWaitedForWithinTheDeadline(t *testing.T) {
	t.Parallel()
	p := marketplacetest.NewProvider(t)
	p.Next(marketplacetest.Hangs())
	type result struct {
		r   marketplace.Reply
		err error
	}
	results := make(chan result, 1)
	h := p.Connect(t, 0)
	go func() {
		r, err := h.Provision(t.Context(), outsideOrder(p))
		results <- result{r, err}
	}()
	if _, err := p.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	p.Release()
	late := <-results
	if coid := marketplacetest.COID(t, late.r, late.err); coid != "CO-2001" {
		t.Error(coid)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p := marketplacetest.NewProvider(t)
	p.Next(marketplacetest.Hangs())
	ctx, giveUp := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	h, o := p.Connect(t, 0), outsideOrder(p)
	go func() {
		_, err := h.Provision(ctx, o)
		errs <- err
	}()
	if _, err := p.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	giveUp()
	err := <-errs
	if marketplacetest.CheckError(t, o, marketplace.Reply{}, err); !errors.Is(err, context.Canceled) || err.Error() != "the attempt was broken off on our side" {
		t.Error(err)
	}
	if len(p.Accounts()) != 0 {
		t.Errorf("open: %+v", p.Accounts())
	}
}

// raw answers these bytes whatever is asked, and behind them an echo of what was sent.
func raw(t *testing.T, answer string, echo bool) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			sent := make([]byte, 64<<10)
			n := 0
			for !strings.Contains(string(sent[:n]), "}") { // the end of the body
				more, err := conn.Read(sent[n:])
				if n += more; err != nil {
					break
				}
			}
			_, _ = io.WriteString(conn, answer)
			if echo {
				_, _ = conn.Write(sent[:n])
			}
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestAnAnswerThatIsWholeCountsHoweverItsConnectionEnds(t *testing.T) {
	t.Parallel()
	h := marketplacetest.NewProvider(t).Connect(t, 0)
	for answer, want := range map[string]int{
		"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"coid\":\"CO-7\"}":               201, // it said all
		"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"coid\":\"CO-7\"}":   201,
		"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"coid\":\"CO-":                   0,
		"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"coid\":":            0,
		"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n":                                  0,
		"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{\"coid\":\"CO-7\"}":  0,
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{\"mess":                       400, // its status says all
		"HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nSorry ": 500,
	} {
		o := marketplacetest.Line{BaseURL: raw(t, answer, false)}.Order("w_secret-SUB-1")
		r, err := h.Provision(t.Context(), o)
		if want == 0 {
			marketplacetest.CheckError(t, o, r, err)
		}
		if r.Status != want || (err != nil) != (want == 0) {
			t.Errorf("%q is %d %q, %v", answer, r.Status, r.Body, err)
		}
	}
}

// What net/http cannot read it quotes, and a server may echo what it was sent.
func TestAnErrorTellsNothingOfWhatWasSent(t *testing.T) {
	t.Parallel()
	h := marketplacetest.NewProvider(t).Connect(t, 0)
	for _, before := range []string{"", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/9 ", "HTTP/1.1 200 ", "HTTP/1.1 201 Created\r\n",
		"HTTP/1.1 201 Created\r\nContent-Length: ", "HTTP/1.1 201 Created\r\nTransfer-Encoding: ", "HTTP/1.1 201 Created\r\n ", "HTTP/1.1 307 x\r\nLocation: http://%zz/",
		"HTTP/1.1 201 Created\r\nX: \x00", "HTTP/1.1 201 Created\r\nContent-Length: 7\r\nContent-Length: "} {
		o := marketplacetest.Line{BaseURL: raw(t, before, true)}.Order("w_secret-SUB-1")
		r, err := h.Provision(t.Context(), o)
		if err == nil {
			continue // it could be read after all
		}
		marketplacetest.CheckError(t, o, r, err)
		for _, leak := range []string{"Idempotency", "Created", "POST", "%zz"} {
			if strings.Contains(err.Error(), leak) {
				t.Errorf("behind %q: %v", before, err)
			}
		}
	}
	for _, line := range []string{"w_secret-SUB-1 hush-hush", "HTTP/1.1 hush-hush", "HTTP/1.1 201 Created\r\nhush-hush w_secret-SUB-1",
		"HTTP/1.1 201 Created\r\nContent-Length: hush-hush", "HTTP/1.1 201 Created\r\nTransfer-Encoding: hush-hush"} {
		o := marketplacetest.Line{BaseURL: raw(t, line+"\r\n\r\n", false)}.Order("w_secret-SUB-1")
		r, err := h.Provision(t.Context(), o)
		if marketplacetest.CheckError(t, o, r, err); err.Error() != "what came back is no HTTP answer" {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestAnErrorTellsNothingOfWhereItWasSent(t *testing.T) {
	t.Parallel()
	p := marketplacetest.NewProvider(t)
	h, o := p.Connect(t, 0), outsideOrder(p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := h.Provision(t.Context(), o)
	if marketplacetest.CheckError(t, o, r, err); err.Error() != "connect: connection refused" {
		t.Error(err)
	}
	if errors.Unwrap(err) != nil {
		t.Errorf("what tells it can be taken out: %v", errors.Unwrap(err))
	}
	o.BaseURL = "http://provider.invalid"
	r, err = h.Provision(t.Context(), o)
	if marketplacetest.CheckError(t, o, r, err); err.Error() != "the host name cannot be resolved" {
		t.Error(err)
	}
	o.BaseURL = strings.Replace(p.URL, "http:", "https:", 1)
	r, err = h.Provision(t.Context(), o)
	marketplacetest.CheckError(t, o, r, err)
	// A key that no header can carry is no reason to tell it.
	o = outsideOrder(p)
	o.Key = "w_secret\n-SUB-1"
	r, err = h.Provision(t.Context(), o)
	if marketplacetest.CheckError(t, o, r, err); strings.Contains(err.Error(), "w_secret") {
		t.Error(err)
	}
}

func TestNobodyIsCalledThatIsNotPublic(t *testing.T) {
	t.Parallel()
	p := marketplacetest.NewProvider(t)
	g := guard.New(guard.Options{})
	t.Cleanup(g.Close)
	h := marketplacecarrier.HTTP{Guard: g}
	_, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(p.URL, "http://"), "/saas"))
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]error{
		p.URL:                                      guard.ErrPrivate,
		"http://localhost:" + port + "/saas":       guard.ErrPrivate, // seen when it is dialled
		"http://[::ffff:127.0.0.1]:" + port:        guard.ErrPrivate,
		"http://10.0.0.1/":                         guard.ErrPrivate,
		"http://169.254.169.254/latest/meta-data/": guard.ErrPrivate,
		"http://2130706433:" + port:                guard.ErrAddress,
		"http://127.1:" + port:                     guard.ErrAddress,
		"http://me:hush@localhost:" + port:         guard.ErrAddress,
		marketplace.EmbeddedURL:                    guard.ErrAddress,
		"":                                         guard.ErrAddress,
		"file:///etc":                              guard.ErrAddress,
	} {
		o := outsideOrder(p)
		o.BaseURL = base
		r, err := h.Provision(t.Context(), o)
		if marketplacetest.CheckError(t, o, r, err); err.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", base, err, want)
		}
	}
	if calls := p.Calls(); len(calls) != 0 {
		t.Fatalf("it was called: %+v", calls)
	}
}

func TestARedirectIsAReplyAndNobodyGoesThere(t *testing.T) {
	t.Parallel()
	p, elsewhere := marketplacetest.NewProvider(t), marketplacetest.NewProvider(t)
	for _, to := range []string{elsewhere.URL + "/provider-name-provision-account/", "/saas/other-provision-account/", "http://169.254.169.254/", ""} {
		p.Next(marketplacetest.Redirects(to))
		r, err := p.Connect(t, 0).Provision(t.Context(), outsideOrder(p))
		if err != nil || r.Status != http.StatusTemporaryRedirect {
			t.Errorf("to %q: %d, %v", to, r.Status, err)
		}
	}
	if len(p.Calls()) != 4 || len(elsewhere.Calls()) != 0 || len(p.Accounts())+len(elsewhere.Accounts()) != 0 {
		t.Errorf("%d calls, and elsewhere %d", len(p.Calls()), len(elsewhere.Calls()))
	}
}

// The wait of a call is guard's.
func TestACallHasFifteenSeconds(t *testing.T) {
	t.Parallel()
	g := guard.New(guard.Options{})
	t.Cleanup(g.Close)
	ctx, cancel := g.Bound(t.Context())
	defer cancel()
	end, bounded := ctx.Deadline()
	if left := end.Truncate(time.Microsecond).Sub(clock.Machine()); !bounded || left > guardTimeout || left < guardTimeout-5*time.Second {
		t.Errorf("%v are left", left)
	}
}

// secure serves with a certificate that an authority has signed which has the name of
// the one beside it, and is another.
func secure(t *testing.T) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: clock.Machine().Add(-time.Hour), NotAfter: clock.Machine().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	var keys [3]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	leaf := *template
	leaf.Subject.CommonName, leaf.IsCA = "provider.example.com", false
	signed, err := x509.CreateCertificate(rand.Reader, &leaf, template, keys[0].Public(), keys[1])
	if err != nil {
		t.Fatal(err)
	}
	namesake, err := x509.CreateCertificate(rand.Reader, template, template, keys[2].Public(), keys[2])
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{signed, namesake}, PrivateKey: keys[0]}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatIsWrongWithACertificateIsSaid(t *testing.T) {
	t.Parallel()
	o := marketplacetest.Line{BaseURL: secure(t)}.Order("w_secret-SUB-1")
	r, err := marketplacetest.NewProvider(t).Connect(t, 0).Provision(t.Context(), o)
	marketplacetest.CheckError(t, o, r, err)
	for _, want := range []string{"certificate signed by unknown authority", `"Example Authority"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", want, err)
		}
	}
}
