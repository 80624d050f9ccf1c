// Package seal keeps secrets that must be readable again: a key that a provider
// asks for, a password that waits for its one delivery. (What must only be
// recognised, such as a caller's own secret, is hashed instead and needs no key.)
// They are sealed with a key that is not in the database, so that who reads the
// database, or a copy of it, does not read them.
//
// A Ring is what a key file holds: its first key seals, all of them open. Every
// sealed value names its key and is bound to a purpose, such as the table, column
// and row that it is kept in: moved to another place it does not open there.
//
// All nodes of a database need the same key file, and Ring.Known holds a node's
// against the database before it serves. A key is changed in steps, so that no node
// ever meets a value that it cannot open:
//
//  1. put the new key behind the old one, in every node's file, and restart them;
//  2. put it in front, in every file, and restart them: new values have it;
//  3. Reseal what the old key has sealed;
//  4. Forget the old key, and take it out of the files. Backups from before need it.
//
// Where to look:
//
//	seal.go   the ring: sealing and opening
//	file.go   the key file
//	known.go  the ring held against the database
//	rotate.go a change of keys
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Errors of Open.
var (
	ErrNoKey  = errors.New("seal: it was sealed with a key that is not in this node's key file")
	ErrBroken = errors.New("seal: it does not open: it was altered, or sealed for another purpose")
)

// Ring is the keys of a key file. Parse and OpenFile make it; it never changes and
// is safe for use by many. Printed, it shows the keys' ids and nothing else.
type Ring struct {
	in *ring // behind a pointer, so that also a printed copy inside something else shows nothing
}

type ring struct{ keys []key }

type key struct {
	id   string
	head []byte // what begins a value that is sealed with it
	aead cipher.AEAD
}

const (
	format  = 1  // the first byte of a sealed value
	keySize = 32 // AES-256
	maxID   = 32
)

// newKey makes a key of keySize bytes.
func newKey(id string, secret []byte) (key, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return key{}, err
	}
	// It draws a nonce for every value: 2^32 of them may be sealed with one key.
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, err
	}
	return key{id, append([]byte{format, byte(len(id))}, id...), aead}, nil
}

func (k key) seal(purpose string, plain []byte) []byte {
	return k.aead.Seal(slices.Clone(k.head), nil, plain, k.bound(purpose))
}

func (k key) open(purpose string, sealed []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, sealed[len(k.head):], k.bound(purpose))
	if err != nil {
		return nil, ErrBroken
	}
	return plain, nil
}

// bound is what a value is bound to. The head tells its own length, so that no two
// heads and purposes make the same.
func (k key) bound(purpose string) []byte { return append(slices.Clone(k.head), purpose...) }

// Seal seals a secret with the first key. The purpose says what it is and where it
// is kept; Open wants the same.
func (r *Ring) Seal(purpose string, plain []byte) []byte {
	return r.in.keys[0].seal(purpose, plain)
}

// Open opens what was sealed for a purpose, with whichever key.
func (r *Ring) Open(purpose string, sealed []byte) ([]byte, error) {
	id, ok := keyOf(sealed)
	if !ok {
		return nil, ErrBroken
	}
	k, ok := r.key(id)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoKey, id)
	}
	return k.open(purpose, sealed)
}

// Stale reports whether a value is not sealed with the first key, so that it is to
// be opened and sealed again.
func (r *Ring) Stale(sealed []byte) bool {
	id, ok := keyOf(sealed)
	return !ok || id != r.in.keys[0].id
}

func (r *Ring) key(id string) (key, bool) {
	for _, k := range r.in.keys {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

// keyOf is the id of the key that a value says it is sealed with.
func keyOf(sealed []byte) (id string, ok bool) {
	if len(sealed) < 2 || sealed[0] != format || len(sealed) < 2+int(sealed[1]) {
		return "", false
	}
	id = string(sealed[2 : 2+int(sealed[1])])
	return id, validID(id)
}

func validID(id string) bool {
	return id != "" && len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}

// String is the ids of the keys, the one that seals first.
func (r Ring) String() string {
	var ids []string
	if r.in != nil {
		for _, k := range r.in.keys {
			ids = append(ids, k.id)
		}
	}
	return "seal.Ring(" + strings.Join(ids, ", ") + ")"
}

// Format is String whatever the verb, so that the keys are not printed.
func (r Ring) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.String()) }

// LogValue is String for log/slog.
func (r Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }
