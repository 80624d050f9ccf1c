// Package marketplacecarrier opens accounts with providers: HTTP calls a provider's
// own server, Embedded is the provider that demarc plays in sandboxes, and Switch
// chooses between them by the provider's base URL. All of them are a
// marketplace.Server; the contract that they keep is in marketplacetest.
package marketplacecarrier

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"demarc/internal/guard"
	"demarc/internal/marketplace"
)

// HTTP calls providers' servers:
//
//	POST {base}/{name}-provision-account/   Idempotency-Key: <order>
//	                                        Demarc-Test: true, when no account is wanted
//
// The addresses are the providers' to choose, so package guard makes the calls: with
// its deadline, to no network that is not public, without following redirects.
type HTTP struct{ Guard *guard.Client }

var _ marketplace.Server = HTTP{}

// Headers of a call.
const (
	headerKey  = "Idempotency-Key"
	headerTest = "Demarc-Test"
)

// Provision makes one attempt. On an error the reply has only how long it took.
func (h HTTP) Provision(ctx context.Context, o marketplace.Order) (marketplace.Reply, error) {
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json")
	header.Set(headerKey, o.Key)
	if o.Test {
		header.Set(headerTest, "true")
	}
	a, err := h.Guard.Post(ctx, marketplace.ProvisionURL(o.BaseURL, o.Name), header, o.Body)
	if err == nil && unfinished(a) {
		err = a.Broken
	}
	if err != nil {
		return marketplace.Reply{Took: a.Took}, &silence{h.Guard.Problem(err), err}
	}
	return marketplace.Reply{Status: a.Status, Body: a.Body, RetryAfter: a.RetryAfter, Took: a.Took}, nil
}

// unfinished reports whether an answer broke off before it had said the one thing
// that the call is for. There is an account then, and whoever asks again under the
// same key is told its id; taken for an answer without one, it would be lost. An
// answer that is too long would be too long again.
func unfinished(a guard.Answer) bool {
	return a.Status == http.StatusCreated && a.Broken != nil && !errors.Is(a.Broken, guard.ErrLong) && !json.Valid(a.Body)
}

// silence is that there was no answer. It tells only its text: below it are errors
// that carry addresses, so they can be asked about and not be taken out.
type silence struct {
	text  string
	cause error
}

func (s *silence) Error() string { return s.text }

// Is makes errors.Is see what is below.
func (s *silence) Is(target error) bool { return errors.Is(s.cause, target) }
