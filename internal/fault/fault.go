// Package fault holds the coded errors that callers see.
//
// A Code is one row of a catalogue: a stable id, an HTTP status, a text, and
// where the docs explain it. Products declare their rows with New, once, in
// their faults.go; the docs' error page is made from the same rows. An Error is
// one occurrence: its code, every broken rule (never only the first), and, about
// a wrong move, the moves that would have been legal.
//
// Anything that is not a fault.Error is our own mistake, and callers see an
// opaque 500 with a request id.
package fault

import (
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"
)

// Code is one row of the catalogue of errors.
type Code struct {
	ID     string // stable, snake_case: quote_expired
	Status int    // HTTP status
	Text   string // what the caller reads
	Family string // which API answers it: platform, ondemand, ...
}

// Violation is one broken rule.
type Violation struct {
	Field   string // JSON path of the input, "quote[0].id"; a header's or query parameter's name
	Message string // what is wrong with it, to follow the field's name
	Rule    string // the rule's id, OND-QTE-03
}

// Error is one occurrence of a code.
type Error struct {
	Code       *Code
	Message    string // the code's text unless the occurrence has its own
	Violations []Violation
	Next       []string      // the legal moves, after a wrong one
	RetryAfter time.Duration // when the caller may come back; zero: not said
}

func (e *Error) Error() string {
	if len(e.Violations) == 0 {
		return e.Code.ID + ": " + e.Message
	}
	v := e.Violations[0]
	return fmt.Sprintf("%s: %s (%s %s)", e.Code.ID, e.Message, v.Field, v.Message)
}

// Is makes errors.Is(err, SomeCode) work.
func (e *Error) Is(target error) bool {
	c, ok := target.(*Code)
	return ok && c == e.Code
}

// Error lets a bare code be returned as an error.
func (c *Code) Error() string { return c.ID + ": " + c.Text }

// Of is the occurrence in an error: nil when it is no fault but a mistake of ours.
func Of(err error) *Error {
	var e *Error
	var c *Code
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &c):
		return c.With()
	}
	return nil
}

// With is an occurrence of the code with its broken rules.
func (c *Code) With(v ...Violation) *Error {
	return &Error{Code: c, Message: c.Text, Violations: v}
}

// Say is an occurrence with a text of its own.
func (c *Code) Say(format string, args ...any) *Error {
	return &Error{Code: c, Message: fmt.Sprintf(format, args...)}
}

// Instead is an occurrence that lists the legal moves.
func (c *Code) Instead(next []string, v ...Violation) *Error {
	return &Error{Code: c, Message: c.Text, Violations: v, Next: next}
}

// Field is a violation of a rule by one input.
func Field(rule, field, message string) Violation {
	return Violation{Field: field, Message: message, Rule: rule}
}

// Invalid is the one answer to a request that breaks rules by itself, whatever the
// state of things: all of them are listed.
var Invalid = New("platform", "invalid_request", 400, "The request breaks one or more rules.")

var catalogue struct {
	sync.Mutex
	rows map[string]*Code
}

// New adds a row to the catalogue. Ids are unique across the program: a second
// row of the same id is a programming error and panics at start.
func New(family, id string, status int, text string) *Code {
	c := &Code{ID: id, Status: status, Text: text, Family: family}
	catalogue.Lock()
	defer catalogue.Unlock()
	if catalogue.rows == nil {
		catalogue.rows = map[string]*Code{}
	}
	if catalogue.rows[id] != nil {
		panic("fault: two rows are called " + id)
	}
	catalogue.rows[id] = c
	return c
}

// Catalogue is every row, by family and id.
func Catalogue() []*Code {
	catalogue.Lock()
	defer catalogue.Unlock()
	rows := make([]*Code, 0, len(catalogue.rows))
	for _, c := range catalogue.rows {
		rows = append(rows, c)
	}
	sort.Slice(rows, func(i, j int) bool {
		if rows[i].Family != rows[j].Family {
			return rows[i].Family < rows[j].Family
		}
		return rows[i].ID < rows[j].ID
	})
	return rows
}

// List gathers the violations of one request, in document order.
type List []Violation

// Add appends a violation.
func (l *List) Add(rule, field, message string) { *l = append(*l, Field(rule, field, message)) }

// Addf appends a violation with a formatted message.
func (l *List) Addf(rule, field, format string, args ...any) {
	l.Add(rule, field, fmt.Sprintf(format, args...))
}

// As is nil when nothing was violated, else an occurrence of the code.
func (l List) As(c *Code) error {
	if len(l) == 0 {
		return nil
	}
	return c.With(l...)
}
