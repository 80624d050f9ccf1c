package db

import "strings"

// Containing is the pattern of texts that have this one in them, for
// lower(column) LIKE $n ESCAPE '\', which both databases read alike.
func Containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text)) + "%"
}
