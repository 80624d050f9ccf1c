package httpkit

import (
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/fault"
)

// Page is which part of a list is asked for. Pages count from 1.
type Page struct{ Number, Size int }

// Offset is how many entries come before the page.
func (p Page) Offset() int64 { return int64(p.Number-1) * int64(p.Size) }

// maxPage bounds page numbers, far beyond any list.
const maxPage = 1_000_000

// PageOf reads pageNumber and pageSize.
func PageOf(r *http.Request, defSize, maxSize int) (Page, error) {
	var wrong fault.List
	q := r.URL.Query()
	p := Page{
		Number: whole(&wrong, q.Get("pageNumber"), "pageNumber", 1, maxPage),
		Size:   whole(&wrong, q.Get("pageSize"), "pageSize", defSize, maxSize),
	}
	return p, wrong.As(Invalid)
}

// ParseWhole reads a whole number from 1 to most in plain decimal digits.
func ParseWhole(s string, most int) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= most
}

func whole(wrong *fault.List, text, name string, def, most int) int {
	if text == "" {
		return def
	}
	n, ok := ParseWhole(text, most)
	if !ok {
		wrong.Addf(rulePage, name, "must be a whole number from 1 to %d", most)
	}
	return n
}

// Bool reads a query parameter that is true or false in any case; nil when it is
// not given (or null, as some clients send it).
func Bool(r *http.Request, name string) (*bool, error) {
	text := r.URL.Query().Get(name)
	var b bool
	switch strings.ToLower(text) {
	case "", "null":
		return nil, nil
	case "true":
		b = true
	case "false":
	default:
		return nil, Invalid.With(fault.Field(ruleQuery, name, "must be true or false"))
	}
	return &b, nil
}
