package marketplace

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// bounded is a name that a caller sent, short enough to be repeated.
func bounded(name string) string {
	if runes := []rune(name); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return name
}

// keyPrefix begins every provider key, so that people and scanners know one.
const keyPrefix = "pk_"

// newKey is the text of a new provider key: the world that it opens, and 256 random
// bits.
func newKey(world string) string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return keyPrefix + world + "." + base64.RawURLEncoding.EncodeToString(b[:])
}

// worldOf is the world that a key is of, by its text.
func worldOf(key string) (world string, ok bool) {
	rest, ok := strings.CutPrefix(key, keyPrefix)
	if !ok {
		return "", false
	}
	world, _, ok = strings.Cut(rest, ".")
	return world, ok && world != ""
}

// HashKey is what a provider key is stored and looked up by. Its text has 256 random
// bits, so a plain hash of it cannot be guessed at.
func HashKey(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func idOf(prefix string, n int64) string { return prefix + strconv.FormatInt(firstID+n, 10) }

// firstID keeps a world's own ids clear of those that it holds from the start.
const firstID = 100_000
