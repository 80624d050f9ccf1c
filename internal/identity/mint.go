package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"demarc/internal/db"
)

const base32Letters = "abcdefghijklmnopqrstuvwxyz234567"

// newID is prefix and n random base32 letters, five bits each.
func newID(prefix string, n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random) // never fails: the program ends first
	out := make([]byte, 0, len(prefix)+n)
	out = append(out, prefix...)
	for _, b := range random {
		out = append(out, base32Letters[b&31])
	}
	return string(out)
}

const (
	orgPrefix    = "org_"
	appPrefix    = "app_"
	secretPrefix = "sec_"
)

// newSecret is a secret's clear text: its prefix tells people, and scanners of
// repositories, what they have found.
func newSecret(sandbox bool) string {
	prefix := "sk_live_"
	if sandbox {
		prefix = "sk_sandbox_"
	}
	var random [32]byte
	_, _ = rand.Read(random[:])
	return prefix + base64.RawURLEncoding.EncodeToString(random[:])
}

// maxSecret bounds what is hashed on behalf of a stranger.
const maxSecret = 128

func hashSecret(secret string) [32]byte {
	var b [maxSecret]byte // on the stack, where a conversion would not be
	return sha256.Sum256(b[:copy(b[:], secret)])
}

// A token is its prefix and the base64url of eight bytes that find its row and 32
// random ones. The eight come from the machine's clock: rows of tokens issued
// together lie together, which makes their inserts several times cheaper than
// those of a random key. They are not secret, and guard nothing.
const (
	tokenPrefix = "dt_"
	tokenBytes  = 8 + 32
	tokenLen    = len(tokenPrefix) + (tokenBytes*8+5)/6
)

// tokenKey finds a token's row.
type tokenKey struct {
	id   int64
	hash [32]byte
}

func newToken() (token string, key tokenKey) {
	var raw [tokenBytes]byte
	key.id = db.NextID()
	binary.BigEndian.PutUint64(raw[:8], uint64(key.id))
	_, _ = rand.Read(raw[8:])
	var text [tokenLen]byte
	copy(text[:], tokenPrefix)
	base64.RawURLEncoding.Encode(text[len(tokenPrefix):], raw[:])
	key.hash = sha256.Sum256(text[:])
	return string(text[:]), key
}

// keyOf is the key of a token's text; false when no token looks like that.
func keyOf(token string) (key tokenKey, ok bool) {
	if len(token) != tokenLen || token[:len(tokenPrefix)] != tokenPrefix {
		return key, false
	}
	var text [tokenLen]byte
	copy(text[:], token)
	var raw [tokenBytes]byte
	if _, err := base64.RawURLEncoding.Decode(raw[:], text[len(tokenPrefix):]); err != nil {
		return key, false
	}
	key.id = int64(binary.BigEndian.Uint64(raw[:8]))
	key.hash = sha256.Sum256(text[:])
	return key, true
}
