package marketplacetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/marketplace"
)

// Line is a server under its contract, and what the contract must be able to do to
// it and to see of it.
type Line struct {
	Server  marketplace.Server
	BaseURL string
	// Force makes the server treat the order as a magic word says.
	Force func(o *marketplace.Order, word string)
	// Provider is what is behind it; nil when that is nobody who remembers.
	Provider *Provider
}

// Order is one that a provider can carry out. Its texts are ones that do not pass
// through careless hands unharmed.
func (l Line) Order(key string) marketplace.Order {
	return marketplace.Order{BaseURL: l.BaseURL, Name: "provider-name", Key: key, Attempt: 1, Sandbox: true,
		Body: []byte(`{"resellerkey":"hush-hush","name":"Zoë <b>&amp; \"Söhne\"</b> \u0041 🎈","email":"buyer@example.com"}`)}
}

// leaks are what an error's text must not have: what was sent, under which key, and
// where to.
func leaks(o marketplace.Order) []string {
	list := []string{o.Key, "provision-account", "hush-hush", "buyer@example.com", "Zoë", "Söhne"}
	if u, err := url.Parse(o.BaseURL); err == nil && u.Host != "" {
		list = append(list, u.Host, u.Hostname())
	}
	return list
}

// CheckError expects an error whose text may be shown to everybody.
func CheckError(t testing.TB, o marketplace.Order, r marketplace.Reply, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("it answers %d %.200q", r.Status, r.Body)
	}
	text := err.Error()
	if text == "" {
		t.Error("the error says nothing")
	}
	if r.Status != 0 || r.Body != nil || r.RetryAfter != 0 {
		t.Errorf("with the error comes %+v", r)
	}
	for _, leak := range leaks(o) {
		if strings.Contains(text, leak) {
			t.Errorf("the error tells %q: %s", leak, text)
		}
	}
}

// COID is the coid of an answer that has opened an account.
func COID(t testing.TB, r marketplace.Reply, err error) string {
	t.Helper()
	var said struct {
		COID string `json:"coid"`
	}
	if err != nil || r.Status != http.StatusCreated || json.Unmarshal(r.Body, &said) != nil || said.COID == "" {
		t.Fatalf("it answers %d %.200q, %v", r.Status, r.Body, err)
	}
	return said.COID
}

// open has the server open an account.
func (l Line) open(t testing.TB, o marketplace.Order) string {
	t.Helper()
	r, err := l.Server.Provision(t.Context(), o)
	return COID(t, r, err)
}

func (l Line) wantAccounts(t testing.TB, want int) {
	t.Helper()
	if l.Provider == nil {
		return
	}
	if got := l.Provider.Accounts(); len(got) != want {
		t.Errorf("%d accounts are open, want %d: %+v", len(got), want, got)
	}
}

// Contract is what every marketplace.Server must do, whatever is behind it. open
// makes one for each part of the contract; it may be asked again and again, and
// nothing that happens in one part may show in another.
func Contract(t *testing.T, open func(t *testing.T) Line) {
	for name, part := range map[string]func(*testing.T, Line){
		"opens one account for a key, however often it is asked": asksAgain,
		"opens another account for another key":                  asksForAnother,
		"answers a test as it would answer in earnest":           tests,
		"carries a body unchanged":                               carries,
		"gives a refusal as an answer":                           refuses,
		"gives a 201 without a coid as an answer":                withoutCOID,
		"gives a failure as an answer":                           fails,
		"opens one account after a failure":                      failsOnce,
		"gives silence as an error":                              isSilent,
		"gives up with its context":                              givesUp,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, open(t))
		})
	}
}

func asksAgain(t *testing.T, l Line) {
	want := l.open(t, l.Order("w-SUB-1"))
	coids := make([]string, 16)
	var callers sync.WaitGroup
	for i := range coids {
		callers.Go(func() {
			o := l.Order("w-SUB-1")
			o.Attempt = i + 1
			r, err := l.Server.Provision(t.Context(), o)
			coids[i] = fmt.Sprintf("%s, %v", r.Body, err)
		})
	}
	callers.Wait()
	for i, got := range coids {
		if !strings.Contains(got, `"`+want+`"`) || got != coids[0] {
			t.Errorf("asked again, %d: %s, before %s", i, got, want)
		}
	}
	l.wantAccounts(t, 1)
}

func asksForAnother(t *testing.T, l Line) {
	seen := map[string]string{}
	for _, key := range []string{"w-SUB-1", "w-SUB-2", "w-SUB-11", "v-SUB-1", "W-SUB-1"} {
		coid := l.open(t, l.Order(key))
		if other, twice := seen[coid]; twice {
			t.Errorf("%s and %s have the account %s", key, other, coid)
		}
		seen[coid] = key
	}
	l.wantAccounts(t, len(seen))
}

func tests(t *testing.T, l Line) {
	o := l.Order("w-PRV-1-test-1")
	o.Test = true
	if first, again := l.open(t, o), l.open(t, o); first != again {
		t.Errorf("%s, and %s when asked again", first, again)
	}
	l.wantAccounts(t, 0)
}

func carries(t *testing.T, l Line) {
	long := l.Order("w-SUB-2")
	long.Body = []byte(`{"name":"` + strings.Repeat("x", 100_000) + `"}`)
	for n, o := range []marketplace.Order{l.Order("w-SUB-1"), long} {
		before := bytes.Clone(o.Body)
		l.open(t, o)
		if !bytes.Equal(o.Body, before) {
			t.Errorf("the order's own body is now %.200q", o.Body)
		}
		if l.Provider == nil {
			continue
		}
		if calls := l.Provider.Calls(); len(calls) != n+1 || !bytes.Equal(calls[n].Body, before) {
			t.Errorf("after %d calls: %.200q arrived, %.200q was sent", len(calls), calls[len(calls)-1].Body, before)
		}
	}
}

func refuses(t *testing.T, l Line) {
	o := l.Order("w-SUB-1")
	l.Force(&o, marketplace.WordRefuses)
	for o.Attempt = 1; o.Attempt <= 3; o.Attempt++ {
		r, err := l.Server.Provision(t.Context(), o)
		var said struct{ Message string }
		if err != nil || r.Status != http.StatusBadRequest || json.Unmarshal(r.Body, &said) != nil || said.Message == "" {
			t.Errorf("it answers %d %q, %v", r.Status, r.Body, err)
		}
	}
	l.wantAccounts(t, 0)
}

func withoutCOID(t *testing.T, l Line) {
	o := l.Order("w-SUB-1")
	l.Force(&o, marketplace.WordNoCOID)
	r, err := l.Server.Provision(t.Context(), o)
	if err != nil || r.Status != http.StatusCreated || string(r.Body) != "{}" {
		t.Errorf("it answers %d %q, %v", r.Status, r.Body, err)
	}
}

func fails(t *testing.T, l Line) {
	o := l.Order("w-SUB-1")
	l.Force(&o, marketplace.WordFails)
	for o.Attempt = 1; o.Attempt <= 3; o.Attempt++ {
		if r, err := l.Server.Provision(t.Context(), o); err != nil || r.Status != http.StatusInternalServerError {
			t.Errorf("attempt %d is answered %d %q, %v", o.Attempt, r.Status, r.Body, err)
		}
	}
	l.wantAccounts(t, 0)
}

func failsOnce(t *testing.T, l Line) {
	o := l.Order("w-SUB-1")
	l.Force(&o, marketplace.WordFailsOnce)
	if r, err := l.Server.Provision(t.Context(), o); err != nil || r.Status != http.StatusInternalServerError {
		t.Errorf("it answers %d %q, %v", r.Status, r.Body, err)
	}
	l.wantAccounts(t, 0)
	o.Attempt = 2
	first := l.open(t, o)
	o.Attempt = 3
	if again := l.open(t, o); again != first {
		t.Errorf("%s, and %s when asked again", first, again)
	}
	l.wantAccounts(t, 1)
}

func isSilent(t *testing.T, l Line) {
	o := l.Order("w-SUB-1")
	l.Force(&o, marketplace.WordSilent)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // for those that would wait in earnest
	defer cancel()
	r, err := l.Server.Provision(ctx, o)
	CheckError(t, o, r, err)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it is not known as one: %v", err)
	}
	l.wantAccounts(t, 0)
}

func givesUp(t *testing.T, l Line) {
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	o := l.Order("w-SUB-1")
	r, err := l.Server.Provision(ctx, o)
	CheckError(t, o, r, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it is not known as one: %v", err)
	}
	l.wantAccounts(t, 0)
}
