package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// What a page is asked with is text that somebody could have typed, in fields that a
// page could have. Everything behind this may rely on that: a database that takes no NUL,
// and code that walks into names.
const (
	longestName = 200
	deepestName = 10 // steps of a name: a[0].b has three
)

// readable refuses what no page of ours could have sent.
func readable(r *http.Request) error {
	if !typed(r.URL.Path) || !typedValues(r.URL.Query()) || !typedValues(r.PostForm) {
		return Unreadable
	}
	return nil
}

func typedValues(all url.Values) bool {
	for name, values := range all {
		if len(name) > longestName || strings.Count(name, ".")+strings.Count(name, "[") >= deepestName || !typed(name) {
			return false
		}
		for _, v := range values {
			if !typed(v) {
				return false
			}
		}
	}
	return true
}

// typed reports whether a text is UTF-8 without control characters but for the ends of
// lines and tabs.
func typed(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f })
}
