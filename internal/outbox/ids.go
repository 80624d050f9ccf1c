package outbox

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// newID is a fresh id: random, so that nodes need not agree on it.
func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()) }

// secretBytes is how long a signing secret is; Standard Webhooks want 24 to 64.
const secretBytes = 32

// secretPrefix begins every signing secret, as Standard Webhooks say.
const secretPrefix = "whsec_"

// newSecret is a fresh signing secret in the notation of Standard Webhooks.
func newSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(b[:])
}
