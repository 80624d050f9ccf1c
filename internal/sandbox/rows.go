package sandbox

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// splitColumns is the names in ", a, b".
func splitColumns(list string) []string { return strings.Split(list[2:], ", ") }

// scanRow reads a row of any table. Bytes are written as base64.
func scanRow(scan func(...any) error, names []string) (map[string]any, error) {
	values := make([]any, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	if err := scan(into...); err != nil {
		return nil, err
	}
	row := make(map[string]any, len(names))
	for i, name := range names {
		switch v := values[i].(type) {
		case []byte:
			row[name] = base64.StdEncoding.EncodeToString(v)
		case string:
			if !utf8.ValidString(v) {
				v = base64.StdEncoding.EncodeToString([]byte(v))
			}
			row[name] = v
		default:
			row[name] = v
		}
	}
	return row, nil
}
