// Package magic is the small grammar of inputs that force an outcome in a
// sandbox: a word in brackets, [demarc:activation-fails], in a text that the
// caller writes anyway. Products declare their words; GET /sandbox/v1/magic lists
// them. In production the words mean nothing.
package magic

import (
	"sort"
	"strings"
	"sync"
)

// Value is one documented input that forces an outcome.
type Value struct {
	Product string `json:"product"`
	Where   string `json:"where"`  // which input
	Value   string `json:"value"`  // what to put there
	Effect  string `json:"effect"` // what then happens
}

var listed struct {
	sync.Mutex
	values []Value
}

// Word declares a word of the grammar and answers it, for Has.
func Word(product, where, word, effect string) string {
	Example(product, where, "[demarc:"+word+"]", effect)
	return word
}

// Example lists an input that does something special without the grammar, such as
// an id of the published examples, and answers it as it is listed.
func Example(product, where, value, effect string) Value {
	v := Value{Product: product, Where: where, Value: value, Effect: effect}
	listed.Lock()
	defer listed.Unlock()
	listed.values = append(listed.values, v)
	return v
}

// Has reports whether text contains the word, in any case.
func Has(text, word string) bool {
	rest := text
	for {
		i := strings.IndexByte(rest, '[')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		inner, _, closed := strings.Cut(rest, "]")
		if !closed {
			return false
		}
		name, value, ok := strings.Cut(inner, ":")
		if ok && strings.EqualFold(name, "demarc") && strings.EqualFold(value, word) {
			return true
		}
	}
}

// List is every declared value, by product and input.
func List() []Value {
	listed.Lock()
	defer listed.Unlock()
	all := append([]Value{}, listed.values...)
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].Product != all[j].Product {
			return all[i].Product < all[j].Product
		}
		return all[i].Where < all[j].Where
	})
	return all
}
