package marketplacecarrier_test

import (
	"context"
	"errors"
	"testing"

	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
)

// named is a server that answers with its name.
type named string

func (n named) Provision(context.Context, marketplace.Order) (marketplace.Reply, error) {
	return marketplace.Reply{Status: 201, Body: []byte(n)}, errNamed
}

var errNamed = errors.New("what the server says is passed on")

func TestTheBaseURLSaysWhoIsAsked(t *testing.T) {
	t.Parallel()
	s := marketplacecarrier.Switch{Embedded: named("embedded"), HTTP: named("http")}
	for _, tc := range []struct {
		url     string
		sandbox bool
		want    string // "" for nobody
	}{
		{marketplace.EmbeddedURL, true, "embedded"},
		{marketplace.EmbeddedURL, false, ""},
		{"https://provider.example.com", false, "http"},
		{"https://provider.example.com", true, "http"}, // a partner tries its own server
		{"", true, "http"},
		{"embedded:x", true, "http"}, // which calls no such address
	} {
		o := marketplace.Order{BaseURL: tc.url, Sandbox: tc.sandbox}
		r, err := s.Provision(t.Context(), o)
		if string(r.Body) != tc.want || err == nil || errors.Is(err, errNamed) != (tc.want != "") {
			t.Errorf("%q in a sandbox %v: %s, %v", tc.url, tc.sandbox, r.Body, err)
		}
	}
}
