// Package deliver carries messages of the outbox to customers' endpoints over
// HTTP: it signs them as Standard Webhooks say and authenticates as the endpoint
// wants. The addresses are the customers' to choose, so package guard makes the
// calls.
package deliver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"

	"demarc/internal/clock"
	"demarc/internal/guard"
	"demarc/internal/outbox"
)

// Options tune a Client; the zero value is right for production. Timeout is for
// one attempt with the token it may need.
type Options = guard.Options

const keepMost = 1000 // bytes of an answer, for the endpoint's owner

// Client is the outbox's Sender over HTTP.
type Client struct {
	guard  *guard.Client
	tokens tokens
}

var _ outbox.Sender = (*Client)(nil)

// New makes a client.
func New(o Options) *Client { return &Client{guard: guard.New(o)} }

// Close drops the connections that are kept open.
func (c *Client) Close() { c.guard.Close() }

// Allowed reports whether an endpoint may have this address.
func (c *Client) Allowed(addr netip.Addr) bool { return c.guard.Allowed(addr) }

// Send makes one attempt at delivering a message. After a 401 an OAuth 2 endpoint
// is asked once more, with a new token, within the same attempt.
func (c *Client) Send(ctx context.Context, m outbox.Message) outbox.Answer {
	took := clock.Elapsed()
	ctx, cancel := c.guard.Bound(ctx)
	defer cancel()
	a := c.attempt(ctx, m)
	a.Took = took()
	return a
}

func (c *Client) attempt(ctx context.Context, m outbox.Message) outbox.Answer {
	if m.Auth.Type != outbox.AuthOAuth2 {
		return c.push(ctx, m, "")
	}
	token, err := c.token(ctx, m, "")
	if err != nil {
		return outbox.Answer{Problem: "no token: " + c.problem(err)}
	}
	a := c.push(ctx, m, token)
	if a.Status != http.StatusUnauthorized {
		return a
	}
	if token, err = c.token(ctx, m, token); err != nil {
		a.Problem = "the endpoint answered 401, and there is no new token: " + c.problem(err)
		return a
	}
	return c.push(ctx, m, token)
}

// push sends the message once.
func (c *Client) push(ctx context.Context, m outbox.Message, token string) outbox.Answer {
	h := http.Header{}
	h.Set("Content-Type", cmp.Or(m.ContentType, "application/json"))
	// The receiver holds the timestamp against its own clock, to refuse what was
	// recorded long ago. So it is the machine's time of this attempt, whatever the
	// world's clock says; the world's time is in the body.
	at := strconv.FormatInt(clock.Machine().Unix(), 10)
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", at)
	signature, err := outbox.Sign(m.Secrets, m.ID, at, m.Body)
	if err != nil {
		return outbox.Answer{Problem: c.problem(err)}
	}
	h.Set("Webhook-Signature", signature)
	switch m.Auth.Type {
	case outbox.AuthBasic:
		setBasicAuth(h, m.Auth.Username, m.Auth.Password)
	case outbox.AuthOAuth2:
		h.Set("Authorization", "Bearer "+token)
	}
	got, err := c.guard.Send(ctx, cmp.Or(m.Method, http.MethodPost), m.URL, h, m.Body)
	if err != nil {
		return outbox.Answer{Problem: c.problem(err)}
	}
	// What the endpoint says is for its owner; its status alone decides, also when
	// the body breaks off.
	a := outbox.Answer{Status: got.Status, Body: guard.Clean(string(got.Body), keepMost), RetryAfter: got.RetryAfter}
	switch {
	case a.Status < 300:
	case a.Status < 400:
		a.Problem = fmt.Sprintf("the endpoint answered %d; redirects are not followed", a.Status)
	default:
		a.Problem = fmt.Sprintf("the endpoint answered %d", a.Status)
	}
	return a
}

func setBasicAuth(h http.Header, user, password string) {
	(&http.Request{Header: h}).SetBasicAuth(user, password)
}

// problem words an error for the endpoint's owner.
func (c *Client) problem(err error) string {
	if own, ok := errors.AsType[*tokenError](err); ok {
		return own.text
	}
	return c.guard.Problem(err)
}
