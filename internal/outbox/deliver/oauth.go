package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/guard"
	"demarc/internal/outbox"
)

// tokens are the OAuth 2 tokens that endpoints gave us, until they expire. A
// token's time runs on the machine's clock, since it runs at the endpoint.
type tokens struct {
	mu sync.Mutex
	by map[tokenKey]*token
}

// tokenKey names an endpoint and the credentials it has now: with others, another
// token is fetched.
type tokenKey struct {
	endpoint string
	auth     outbox.Auth
}

type token struct {
	busy    chan struct{} // holds a value while the token is read or fetched
	value   string
	expires time.Time
}

// maxTokens bounds the cache; past it, it starts afresh.
const maxTokens = 10_000

func (t *tokens) entry(m outbox.Message) *token {
	key := tokenKey{m.Key, m.Auth}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[key]
	if e == nil {
		if t.by == nil || len(t.by) >= maxTokens {
			t.by = map[tokenKey]*token{}
		}
		e = &token{busy: make(chan struct{}, 1)}
		t.by[key] = e
	}
	return e
}

// token gives the endpoint's token, fetching one when there is none or when it is
// the one that was just refused. One fetch serves all who wait for it.
func (c *Client) token(ctx context.Context, m outbox.Message, refused string) (string, error) {
	e := c.tokens.entry(m)
	select {
	case e.busy <- struct{}{}:
		defer func() { <-e.busy }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if e.value != "" && e.value != refused && clock.Machine().Before(e.expires) {
		return e.value, nil
	}
	e.value = ""
	value, lives, err := c.fetch(ctx, m.Auth)
	if err != nil {
		return "", err
	}
	e.value, e.expires = value, clock.Machine().Add(lives)
	return value, nil
}

// tokenError is worded for the endpoint's owner.
type tokenError struct{ text string }

func (e *tokenError) Error() string { return e.text }

const (
	// unsaid is how long a token is used that does not say how long it lives.
	unsaid = 5 * time.Minute
	// longest bounds what is believed about a token's life.
	longest = 24 * time.Hour
)

// fetch asks for a token by client credentials (RFC 6749 4.4), the client
// authenticating by HTTP Basic, which every server must take (2.3.1).
func (c *Client) fetch(ctx context.Context, a outbox.Auth) (value string, lives time.Duration, err error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if a.Scope != "" {
		form.Set("scope", a.Scope)
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	setBasicAuth(h, url.QueryEscape(a.ClientID), url.QueryEscape(a.ClientSecret))
	got, err := c.guard.Post(ctx, a.TokenURL, h, []byte(form.Encode()))
	switch {
	case err != nil:
		return "", 0, err
	case got.Status != http.StatusOK:
		return "", 0, &tokenError{fmt.Sprintf("the token URL answered %d", got.Status)}
	case got.Broken != nil && !errors.Is(got.Broken, guard.ErrLong):
		return "", 0, got.Broken
	}
	var answer struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   seconds `json:"expires_in"`
	}
	if json.Unmarshal(got.Body, &answer) != nil || answer.AccessToken == "" {
		return "", 0, &tokenError{"the token URL did not answer a token"}
	}
	if answer.TokenType != "" && !strings.EqualFold(answer.TokenType, "bearer") {
		return "", 0, &tokenError{"the token is not a bearer token"}
	}
	return answer.AccessToken, answer.ExpiresIn.life(), nil
}

// seconds is a number, or a text that is one, as some servers send it.
type seconds float64

func (s *seconds) UnmarshalJSON(b []byte) error {
	var n float64
	if err := json.Unmarshal([]byte(strings.Trim(string(b), `"`)), &n); err != nil {
		n = 0 // a token is worth having all the same
	}
	*s = seconds(n)
	return nil
}

// life is how long the token is used: a little shorter than it lives, so that it
// does not expire on its way.
func (s seconds) life() time.Duration {
	if s <= 0 || math.IsNaN(float64(s)) {
		return unsaid
	}
	d := time.Duration(min(float64(s), longest.Seconds()) * float64(time.Second))
	return d - min(d/10, 30*time.Second)
}
