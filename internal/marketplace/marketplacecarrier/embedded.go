package marketplacecarrier

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"demarc/internal/magic"
	"demarc/internal/marketplace"
)

// Embedded is the provider that demarc plays in sandboxes. It keeps no state: an
// account's id is a function of the order's key, so it runs on any number of nodes
// and the same key opens the same account for ever. Magic words in the buyer's texts
// make it misbehave.
type Embedded struct{}

var _ marketplace.Server = Embedded{}

// Provision answers at once, also when it plays dead: a sandbox's engineer waits for
// nothing.
func (Embedded) Provision(ctx context.Context, o marketplace.Order) (marketplace.Reply, error) {
	if err := ctx.Err(); err != nil {
		return marketplace.Reply{}, unheard(err)
	}
	says := func(word string) bool { return magic.Has(o.Hint, word) }
	switch {
	case says(marketplace.WordSilent):
		return marketplace.Reply{}, unheard(context.DeadlineExceeded)
	case says(marketplace.WordFails), says(marketplace.WordFailsOnce) && o.Attempt <= 1:
		return reply(http.StatusInternalServerError, "message", "Something went wrong. Please try again later.")
	}
	if wrong := check(o.Body); wrong != "" {
		return reply(http.StatusBadRequest, "message", wrong)
	}
	switch {
	case says(marketplace.WordRefuses):
		return reply(http.StatusBadRequest, "message", "There is no account for this company at present.")
	case says(marketplace.WordNoCOID):
		return marketplace.Reply{Status: http.StatusCreated, Body: []byte("{}")}, nil
	}
	return reply(http.StatusCreated, "coid", coidOf(o.Key))
}

// unheard is what a call over the network would have come to: the words are those of
// package guard.
func unheard(cause error) error {
	if errors.Is(cause, context.DeadlineExceeded) {
		return &silence{"no answer within 15s", cause}
	}
	return &silence{"the attempt was broken off on our side", cause}
}

func reply(status int, name, text string) (marketplace.Reply, error) {
	body, err := json.Marshal(map[string]string{name: text})
	return marketplace.Reply{Status: status, Body: body}, err
}

// check is what a decent provider says about a body that it cannot use.
func check(body []byte) string {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return "The body must be a JSON object."
	}
	var empty []string
	for name, v := range fields {
		if text, isText := v.(string); v == nil || isText && strings.TrimSpace(text) == "" {
			empty = append(empty, name)
		}
	}
	if len(empty) == 0 {
		return ""
	}
	slices.Sort(empty)
	return "Without a value: " + strings.Join(empty, ", ") + "."
}

// coidLength is that of an account's id, in base32 characters: 50 bits, so that no
// sandbox sees one twice.
const coidLength = 10

func coidOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "CO-" + base32.StdEncoding.EncodeToString(sum[:])[:coidLength]
}
