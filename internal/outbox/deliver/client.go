// Package deliver carries messages of the outbox to customers' endpoints over
// HTTP: it signs them as Standard Webhooks say, authenticates as the endpoint
// wants, and guards the network that demarc itself stands in.
//
// The addresses are the customers' to choose, so every connection is checked when
// it is dialled, after names were resolved: private, loopback, link-local and
// reserved addresses are refused unless the operator allows their range. Proxies
// are not used and redirects not followed, since either would dial something that
// was not checked; answers are read up to a bound.
package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/outbox"

	"code.dny.dev/ssrf"
)

// Options tune a Client; the zero value is right for production.
type Options struct {
	Version      string         // of demarc, for the User-Agent
	AllowPrivate []netip.Prefix // ranges that endpoints may be in although they are not public
	Timeout      time.Duration  // for one attempt, with the token it may need (default 15 s)
}

const (
	timeout   = 15 * time.Second
	readMost  = 64 << 10 // of an answer
	keepMost  = 1000     // bytes of it, for the endpoint's owner
	headMost  = 64 << 10 // of an answer's headers
	idleConns = 100
)

// Client is the outbox's Sender over HTTP.
type Client struct {
	o      Options
	guard  *ssrf.Guardian
	http   *http.Client
	tokens tokens
}

var _ outbox.Sender = (*Client)(nil)

// New makes a client.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = timeout
	}
	if o.Version == "" {
		o.Version = "dev"
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
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			MaxIdleConns:           idleConns,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: headMost,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Close drops the connections that are kept open.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Allowed reports whether an endpoint may have this address.
func (c *Client) Allowed(addr netip.Addr) bool { return c.guard.SafeAddr(addr.Unmap()) == nil }

// Send makes one attempt at delivering a message. After a 401 an OAuth 2 endpoint
// is asked once more, with a new token, within the same attempt.
func (c *Client) Send(ctx context.Context, m outbox.Message) outbox.Answer {
	took := clock.Elapsed()
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	a := c.attempt(ctx, m)
	a.Took = took()
	return a
}

func (c *Client) attempt(ctx context.Context, m outbox.Message) outbox.Answer {
	if m.Auth.Type != outbox.AuthOAuth2 {
		return c.post(ctx, m, "")
	}
	token, err := c.token(ctx, m, "")
	if err != nil {
		return outbox.Answer{Problem: "no token: " + c.problem(err)}
	}
	a := c.post(ctx, m, token)
	if a.Status != http.StatusUnauthorized {
		return a
	}
	if token, err = c.token(ctx, m, token); err != nil {
		a.Problem = "the endpoint answered 401, and there is no new token: " + c.problem(err)
		return a
	}
	return c.post(ctx, m, token)
}

// post sends the message once.
func (c *Client) post(ctx context.Context, m outbox.Message, token string) outbox.Answer {
	req, err := c.request(ctx, m.URL, m.Body)
	if err != nil {
		return outbox.Answer{Problem: c.problem(err)}
	}
	h := req.Header
	h.Set("Content-Type", "application/json")
	// The receiver holds the timestamp against its own clock, to refuse what was
	// recorded long ago. So it is the machine's time of this attempt, whatever the
	// world's clock says; the world's time is in the body.
	at := strconv.FormatInt(clock.Machine().Unix(), 10)
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", at)
	signature, err := sign(m.Secrets, m.ID, at, m.Body)
	if err != nil {
		return outbox.Answer{Problem: c.problem(err)}
	}
	h.Set("Webhook-Signature", signature)
	switch m.Auth.Type {
	case outbox.AuthBasic:
		req.SetBasicAuth(m.Auth.Username, m.Auth.Password)
	case outbox.AuthOAuth2:
		h.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return outbox.Answer{Problem: c.problem(err)}
	}
	defer resp.Body.Close()
	// What the endpoint says is for its owner; its status alone decides, also when
	// the body breaks off.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, readMost))
	a := outbox.Answer{Status: resp.StatusCode, Body: clean(string(body), keepMost),
		RetryAfter: retryAfter(resp.Header.Get("Retry-After"), clock.Machine())}
	switch {
	case a.Status < 200 || a.Status > 599:
		a.Problem = fmt.Sprintf("the endpoint answered %d, which is no HTTP status", a.Status)
		a.Status = 0
	case a.Status < 300:
	case a.Status < 400:
		a.Problem = fmt.Sprintf("the endpoint answered %d; redirects are not followed", a.Status)
	default:
		a.Problem = fmt.Sprintf("the endpoint answered %d", a.Status)
	}
	return a
}

// request prepares a POST to an address that a customer has chosen.
func (c *Client) request(ctx context.Context, address string, body []byte) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errAddress
	}
	// It was checked when it was registered; the operator may have changed what is
	// allowed, and names that look like addresses must not reach a resolver.
	if addr, why := outbox.HostOf(u); why != "" {
		return nil, errAddress
	} else if addr.IsValid() && !c.Allowed(addr) {
		return nil, ssrf.ErrProhibitedIP
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errAddress
	}
	req.Header.Set("User-Agent", "demarc/"+c.o.Version)
	return req, nil
}

var errAddress = errors.New("the address cannot be used")

// problem words an error for the endpoint's owner. It tells nothing about our
// network: not to what address a refused name resolved, nor who resolves it.
func (c *Client) problem(err error) string {
	var dns *net.DNSError
	var own *tokenError
	var u *url.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return "the address is private, loopback, link-local or reserved, and not allowed"
	case errors.As(err, &own):
		return own.text
	case errors.As(err, &dns):
		return "the host name cannot be resolved"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("no answer within %s", c.o.Timeout)
	case errors.Is(err, context.Canceled):
		return "the attempt was broken off on our side"
	case errors.As(err, &u):
		err = u.Err // without the address, which may carry secrets
	}
	return clean(err.Error(), keepMost)
}

// clean makes the beginning of a foreign text fit for the database and for
// people: valid UTF-8, without NUL, cut between characters.
func clean(s string, most int) string {
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

// retryAfter reads what an endpoint asks for, in seconds or as a date; 0 when it
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
