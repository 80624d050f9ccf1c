// Package lenient reads JSON fields that the clients of established APIs send in more
// than one form.
package lenient

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Text is a field that is sent as a text or as a number: "99" and 99 are the same. It
// is written as the text.
type Text string

// UnmarshalJSON reads a text, a number or null.
func (t *Text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case len(b) > 1 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0:
		*t = Text(b[1 : len(b)-1]) // the decoder has seen to it that it is a text
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Text(s)
		return nil
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		*t = Text(b)
		return nil
	}
	kind := map[byte]string{'{': "object", '[': "array"}[b[0]]
	if kind == "" {
		kind = "bool"
	}
	return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[Text]()}
}

// Trim is the text without the spaces around it.
func (t Text) Trim() string { return strings.TrimSpace(string(t)) }
