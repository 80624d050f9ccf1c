package httpkit

import (
	"net/http"
	"strings"

	"demarc/internal/fault"
)

// Family is what an established API does in its own way at the edge: how its callers
// prove who they are, what its errors look like, which header carries its
// correlation id. Every field has a default, the platform's way.
type Family struct {
	// Prefix begins the family's paths, "/bot-ux/". What no route takes below it is
	// answered in the family's way too.
	Prefix string
	// Authenticate finds the caller of a request, or answers a fault; nil: by its
	// bearer token.
	Authenticate func(r *http.Request) (*Caller, error)
	// Challenge is the WWW-Authenticate of a 401 of the family's own: when it
	// authenticates itself, or renders the error. Others are about the bearer token,
	// and say so.
	Challenge string
	// Render is the body of an error's answer. Where it is nil, or answers nil, that
	// is the platform's envelope.
	Render func(r *http.Request, f *fault.Error) any
	// Translate says what an error is in the family's terms, errors of our own too; nil: as
	// it is. Its answer decides about the status and what goes with it: a 401 that is
	// turned into the family's 403 challenges nobody. When the caller may come back stays.
	Translate func(r *http.Request, f *fault.Error) *fault.Error
	// NotAllowed is the error about a method that a path does not take; nil: the
	// platform's.
	NotAllowed func(method, pattern string) error
	// Correlation is the header in which a caller may send an id of its own, and in
	// which it gets it back, in this spelling.
	Correlation string
	// NoStore keeps every answer out of all caches, errors too: what is asked about, and
	// that it was refused, is a person's.
	NoStore bool
}

// translate is Translate, which need not say again when the caller may come back.
func (f *Family) translate(r *http.Request, err *fault.Error) *fault.Error {
	own := f.Translate(r, err)
	if own.RetryAfter == 0 && err.RetryAfter > 0 {
		again := *own
		again.RetryAfter = err.RetryAfter
		return &again
	}
	return own
}

// platformFamily is the platform's way of everything.
var platformFamily = &Family{}

// AddFamily mounts the routes of a family.
func (k *Kit) AddFamily(f *Family, routes ...Route) {
	for _, r := range routes {
		r.Family = f
		k.Add(r)
	}
	if f.Prefix != "" {
		k.mux.Handle(f.Prefix, k.wrap(&Route{OperationID: "unknown", Open: true, Family: f, Handle: k.unknown}))
	}
}

// Missing has people, whose browsers ask for pages, answered by a handler where there is
// nothing; programs are answered with an error as ever.
func (k *Kit) Missing(h http.Handler) { k.missing = h }

// unknown answers what no route takes: 405 when the path exists for another
// method, else 404.
func (k *Kit) unknown(w http.ResponseWriter, r *http.Request) error {
	var allow []string
	var pattern string
	for _, route := range k.routes {
		if matches(route.Pattern, r.URL.Path) {
			pattern = route.Pattern
			allow = append(allow, route.Method)
		}
	}
	if len(allow) == 0 && k.missing != nil && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		k.missing.ServeHTTP(w, r)
		return nil
	}
	if len(allow) == 0 {
		return NotFound.Say("There is nothing at %s.", r.URL.Path)
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	if f := exchangeOf(r.Context()).route.Family; f.NotAllowed != nil {
		return f.NotAllowed(r.Method, pattern)
	}
	return MethodNotAllowed.Say("%s is not possible here; possible: %s.", r.Method, strings.Join(allow, ", "))
}

// matches reports whether a path fits a pattern's segments.
func matches(pattern, path string) bool {
	p, s := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(s) {
		return false
	}
	for i := range p {
		if p[i] != s[i] && !(strings.HasPrefix(p[i], "{") && s[i] != "") {
			return false
		}
	}
	return true
}
