// Package guard calls addresses over HTTP that others have chosen: customers'
// webhook endpoints, providers' servers. It guards the network that demarc itself
// stands in.
//
// Every connection is checked when it is dialled, after names were resolved:
// private, loopback, link-local and reserved addresses are refused unless the
// operator allows their range. Proxies are not used and redirects not followed,
// since either would dial something that was not checked; answers are read up to a
// bound, in time and in length.
//
// Where to look:
//
//	guard.go    the client, and what is told of its errors
//	address.go  what an address must be like, before anybody dials it
package guard

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"

	"code.dny.dev/ssrf"
)

// Options tune a Client; the zero value is right for production.
type Options struct {
	Version      string         // of demarc, for the User-Agent
	AllowPrivate []netip.Prefix // ranges that may be called although they are not public
	Timeout      time.Duration  // for one attempt (default 15 s)
	MaxBody      int            // bytes of an answer's body that are read (default 64 KiB)
}

const (
	timeout   = 15 * time.Second
	maxBody   = 64 << 10
	maxHeader = 64 << 10
	idleConns = 100
	maxText   = 1000 // bytes of a problem's wording
)

// Client calls addresses that others have chosen. It is safe for use by many.
type Client struct {
	o     Options
	guard *ssrf.Guardian
	http  *http.Transport
}

// New makes a client.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = timeout
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.MaxBody <= 0 {
		o.MaxBody = maxBody
	}
	var v4, v6 []netip.Prefix
	for _, p := range o.AllowPrivate {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	c := &Client{o: o, guard: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: c.guard.Safe}
	// The transport is used as it is, without http.Client: redirects are answers here,
	// also those that lead nowhere.
	c.http = &http.Transport{
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           idleConns,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
	}
	return c
}

// Close drops the connections that are kept open.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Allowed reports whether somebody may choose this address.
func (c *Client) Allowed(addr netip.Addr) bool { return c.guard.SafeAddr(addr.Unmap()) == nil }

// Bound gives ctx the client's timeout. Post and Send have it of themselves; callers
// whose one attempt takes several of them bound them together.
func (c *Client) Bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.o.Timeout)
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status     int           // 200 to 599, 0 when there was no answer
	Body       []byte        // at most Options.MaxBody bytes
	Broken     error         // why Body is not the whole of it, nil when it is; ErrLong when it is longer
	RetryAfter time.Duration // what was asked for, 0 when nothing was
	Took       time.Duration // the whole attempt, also when there was no answer
}

// Errors of a call; the others come from below. Problem words them all.
var (
	ErrAddress = errors.New("the address cannot be used")                                                // it never could be
	ErrPrivate = errors.New("the address is private, loopback, link-local or reserved, and not allowed") // of a literal address or of what a name resolved to
	ErrStatus  = errors.New("the answer's status is no HTTP status")                                     // below 200 or above 599
	ErrLong    = errors.New("the answer is longer than is read of one")                                  // in Answer.Broken
)

// What errors from below mean.
var (
	errRefused = []error{ssrf.ErrProhibitedIP, ssrf.ErrProhibitedNetwork, ssrf.ErrInvalidHostPort} // by the guard, when it was dialled
	errLate    = []error{context.DeadlineExceeded, os.ErrDeadlineExceeded}
)

// Post makes one POST to an address that somebody else has chosen, with the given
// headers, which it leaves as they are. It is an answer whatever the status says
// and also when its body breaks off: the caller knows which of them matter. On an
// error only Took is set.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	return c.Send(ctx, http.MethodPost, address, header, body)
}

// Send is Post by another method.
func (c *Client) Send(ctx context.Context, method, address string, header http.Header, body []byte) (Answer, error) {
	took := clock.Elapsed()
	ctx, cancel := c.Bound(ctx)
	defer cancel()
	a, err := c.send(ctx, method, address, header, body)
	a.Took = took()
	return a, err
}

func (c *Client) send(ctx context.Context, method, address string, header http.Header, body []byte) (Answer, error) {
	// It was checked when it was registered; the operator may have changed what is
	// allowed, and names that look like addresses must not reach a resolver.
	if wrong := CheckURL(address, c.Allowed); len(wrong) > 0 {
		if wrong[0].Private {
			return Answer{}, ErrPrivate
		}
		return Answer{}, ErrAddress
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, ErrAddress
	}
	if header != nil {
		req.Header = header.Clone()
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "demarc/"+c.o.Version)
	}
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 599 {
		return Answer{}, fmt.Errorf("%w: %d", ErrStatus, resp.StatusCode)
	}
	a := Answer{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), clock.Machine())}
	a.Body, a.Broken = io.ReadAll(io.LimitReader(resp.Body, int64(c.o.MaxBody)+1))
	if len(a.Body) > c.o.MaxBody {
		a.Body, a.Broken = a.Body[:c.o.MaxBody], ErrLong
	}
	return a, nil
}

// Problem words an error of Post or Send, or an Answer's Broken, for the address's owner.
// It tells nothing about our network: not to what address a refused name resolved,
// nor who resolves it, nor from where we call.
func (c *Client) Problem(err error) string {
	var dns *net.DNSError
	switch {
	case err == nil:
		return ""
	case isAny(err, errRefused):
		return ErrPrivate.Error()
	case errors.As(err, &dns):
		return "the host name cannot be resolved"
	case isAny(err, errLate):
		return fmt.Sprintf("no answer within %s", c.o.Timeout)
	case errors.Is(err, context.Canceled):
		return "the attempt was broken off on our side"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the answer was complete"
	}
	// What is left may be wrapped in the address, which may carry secrets, and in the
	// two ends of the connection, of which one is ours.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	for {
		op, ok := errors.AsType[*net.OpError](err)
		if !ok || op.Err == nil {
			return worded(err)
		}
		err = op.Err
	}
}

// worded is an error's own text. What net/http could not read of an answer it
// repeats, mostly in quotation marks, and a server that is none may well echo what it
// was sent; so that is left out. The names of a certificate are no secret.
func worded(err error) string {
	var header textproto.ProtocolError
	var certificate *tls.CertificateVerificationError
	text := err.Error()
	if errors.As(err, &header) || strings.Contains(text, `"`) && !errors.As(err, &certificate) {
		return "what came back is no HTTP answer"
	}
	return Clean(text, maxText)
}

func isAny(err error, targets []error) bool {
	return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
}

// Clean makes the beginning of a foreign text fit for the database and for
// people: valid UTF-8, without NUL, cut between characters. most is in bytes.
func Clean(s string, most int) string {
	if len(s) > most+4 {
		s = s[:most+4] // a character more, so that the cut below is the only one
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xC0 == 0x80 {
		most--
	}
	return s[:most]
}

// retryAfter reads what a server asks for, in seconds or as a date; 0 when it
// asks for nothing that can be understood.
func retryAfter(text string, now time.Time) time.Duration {
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(max(0, min(n, int64(366*24*time.Hour/time.Second)))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
